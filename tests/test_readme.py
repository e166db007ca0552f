"""The README's session gives what it shows, and its commands are what they say."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.check import ONE_THREAD

ROOT = Path(__file__).parent.parent


def test_the_session_gives_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    session = "\n".join(re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL))
    session = re.sub(r"\n\n(?!>>>)", "\n<BLANKLINE>\n", session)  # a blank line that is output
    test = doctest.DocTestParser().get_doctest(session, {}, "README", "README.md", 0)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    assert not report, "".join(report)


def test_the_commands_are_one_line_each_and_make_their_own_environment():
    commands = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(commands) == 2
    for command in commands:
        assert command.count("\n") == 1
        assert command.startswith("python3 -m venv ")


@pytest.mark.parametrize(
    ("name", "number", "least"),
    [
        ("digits", r"accuracy: (\d\.\d+)", 0.97),
        ("lenet", r"accuracy: (\d\.\d+)", 0.96),
        ("vowels", r"median test accuracy: (\d\.\d+)", 0.92),
        ("attention", r"in training: (\d\.\d+)", 0.97),
        ("siamese", r"held-out accuracy of the neighbours: (\d\.\d+)", 0.93),
        ("cancer", r"area under the ROC curve: (\d\.\d+)", 0.99),
        ("stopping", r"accuracy after \d+ rounds: (\d\.\d+)", 0.94),
        ("adversary", r"score of the drawings: (\d\.\d+)", 4.0),
    ],
)
def test_the_example_reaches_its_number(name, number, least):
    assert float(re.search(number, output_of(name))[1]) >= least


def test_the_diabetes_net_is_as_good_as_ridge_regression():
    theirs, ours = re.findall(r"held-out R² of the (?:ridge regression|net): (\d\.\d+)", output_of("diabetes"))
    assert abs(float(ours) - float(theirs)) <= 0.02


def test_the_published_model_says_its_phonemes():
    words = dict(
        line.split(maxsplit=1) for line in output_of("phonemes").splitlines() if line.startswith(("net", "ten"))
    )
    assert words["network"].split() == ["N", "EH1", "T", "W", "ER2", "K"]
    assert words["tensor"].split() == ["T", "EH1", "N", "S", "ER0"]


def output_of(name: str) -> str:
    """What an example prints."""
    program, environment = ROOT / "examples" / f"{name}.py", os.environ | ONE_THREAD
    run = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, timeout=600, check=True, env=environment
    )
    return run.stdout


def test_importing_wlnet_imports_no_extra_and_neither_backend():
    code = "import sys, wlnet; print(sorted({name.split('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(eval(run.stdout))
    assert not loaded & {"jax", "scipy", "matplotlib", "PIL", "onnx", "torch", "autograd", "rich"}
