"""The harness of hostile files itself: what it lets pass, and what it catches."""

import json
import os
import subprocess
import time

import numpy as np
import pytest

from tests import mutations
from wlnet import NetError


def test_the_same_damage_each_time_and_much_of_it():
    content = bytes(range(200))
    made = list(mutations.bytes_of([content, b"other"], 500))
    assert made == list(mutations.bytes_of([content, b"other"], 500))
    assert made != list(mutations.bytes_of([content, b"other"], 500, seed=1))
    assert len(set(made)) > 400 and min(map(len, made)) < 50 and max(map(len, made)) > 200


def test_damaged_json_is_json_and_the_original_stays():
    value = {"a": [1, 2.5, {"b": "text"}], "c": None}
    kept = json.dumps(value)
    made = [json.dumps(each) for each in mutations.json_of([value], 500, words=("w",), wrap=lambda w, part: {w: part})]
    assert json.dumps(value) == kept and len(set(made)) > 150
    assert any('{"w": ' in each for each in made) and any('"w"]' in each or '"w"}' in each for each in made)


def test_damaged_text_loses_brackets_and_nests_deeply():
    made = list(mutations.text_of(['NetChain[{3, "a" -> Ramp}]', "f[x_] := x"], 2_000, words=("NetGraph",)))
    assert any(each.count("(") > mutations.DEEP / 2 for each in made)
    assert any("NetGraph" in each for each in made) and any(each.count("[") != each.count("]") for each in made)


def refuse(content):
    raise NetError("no")


def test_what_stands(tmp_path):
    def reads(content):
        (tmp_path / "file").write_bytes(content)
        if (tmp_path / "file").read_bytes() != b"good":
            refuse(content)

    assert mutations.stands(reads, [b"good", b"bad", b"good"], tmp_path, whole=b"good") == (2, 3)


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (lambda content: content.decode("ascii"), "content 1 raised UnicodeDecodeError"),
        (lambda content: exec(content[1:]), "content 1 did [('exec', '<string>')]"),
        (lambda content: os.system("true"), "content 1 did [('os.system'"),
        (lambda content: subprocess.run(["true"], check=False), "content 1 did [('subprocess.Popen'"),
        (lambda content: open("/etc/hostname").close(), "content 1 did [('open', '/etc/hostname', 'r')]"),
        (lambda content: open(os.path.join(mutations.ROOT, "x"), "ab").close(), "content 1 did [('open', "),
        (lambda content: np.ones(2**28), "content 1 raised"),
        (lambda content: time.sleep(0.3), "content 1 took 0.3 s"),
    ],
)
def test_what_does_not_stand(deed, said, tmp_path):
    try:
        with pytest.raises(AssertionError) as error:
            mutations.stands(deed, [b"\xff1"[:2] if "raised U" in said else b"\xff1 + 1"], tmp_path, seconds=0.2)
    finally:
        if os.path.exists(os.path.join(mutations.ROOT, "x")):
            os.unlink(os.path.join(mutations.ROOT, "x"))
    assert str(error.value).startswith(said)


def test_the_bound_of_memory_is_taken_away_again(tmp_path):
    mutations.stands(refuse, [b"a"], tmp_path)
    assert np.ones(2**28, np.uint8).nbytes == 2**28
    open("/etc/hostname").close()
