"""The command line: what it prints, where, with which exit code."""

import json
import os
import re
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import wlnet
from tests.examples import assert_close, example
from wlnet import (
    Export,
    Import,
    Information,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetGraph,
    NetInitialize,
    NetPort,
    SoftmaxLayer,
    ThreadingLayer,
)
from wlnet.cli import main, parser

NET = NetInitialize(NetChain([LinearLayer(3), SoftmaxLayer()], Input=5), RandomSeeding=2)
LABELLED = NetChain([NET], Output=NetDecoder("Class", ["a", "b", "c"]))
TWO = NetGraph({"t": ThreadingLayer("Subtract")}, [(NetPort("A"), "t"), (NetPort("B"), "t")])
SAFE = "net.safetensors"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A directory of its own, and in it the files of nets and data."""
    monkeypatch.chdir(tmp_path)
    Export(SAFE, NET)
    Export("labelled.safetensors", LABELLED)
    Export("two.safetensors", TWO)
    np.save("x.npy", example(7, 5))
    np.save("one.npy", example(5))
    return tmp_path


@pytest.fixture
def says(capfd):
    """Runs a command line: exit code, standard output, standard error."""

    def run(*words):
        try:
            code = main([str(word) for word in words])
        except SystemExit as exit:
            code = exit.code
        return code, *capfd.readouterr()

    return run


# --- info


def test_info_prints_the_report(says):
    assert says("info", SAFE) == (0, f"{Information(NET)}\n", "")


def test_info_prints_an_element(says):
    names = '["ArrayAssociation", "ArrayList", "Net", "Summary", "UninitializedNet"]\n'
    assert says("info", SAFE, "--element", "Elements") == (0, names, "")
    assert says("info", SAFE, "--element", "UninitializedNet")[1] == f"{NetInitialize(NET, None)!r}\n"
    assert json.loads(says("info", SAFE, "--element", "ArrayAssociation")[1])['[1, "Biases"]'] == [0, 0, 0]
    assert says("info", SAFE, "--element", "Nett")[0] == 1


def test_info_of_plain_arrays(says):
    save_file({"w": example(3, 5)}, "w.safetensors")
    assert says("info", "w.safetensors") == (0, "w  float32  3×5\n", "")


def several(path, *arguments, **options):
    """What Import gives of a source text with two nets, a function and a complaint."""
    warnings.warn("line 3: Plot is skipped", wlnet.NetWarning, stacklevel=1)
    return {"small": NET, "other": TWO, "f": len}


def test_a_file_of_several_nets(says, monkeypatch):
    monkeypatch.setattr("wlnet.cli.Import", several)
    shown = f"small\n\n{Information(NET)}\n\nother\n\n{Information(TWO)}\n\nf: {len!r}\n\n"
    assert says("info", "model.wl") == (0, shown, "wlnet: line 3: Plot is skipped\n")
    assert says("info", "model.wl", "--net", "small")[1] == f"{Information(NET)}\n"
    assert says("convert", "model.wl", "n.safetensors") == (
        1,
        "",
        "wlnet: line 3: Plot is skipped\nwlnet: model.wl holds 2 nets\n  hint: say which: --net small, --net other\n",
    )
    assert says("convert", "model.wl", "n.safetensors", "--net", "other")[0] == 0
    assert Import("n.safetensors") == TWO
    assert says("convert", "model.wl", "n.safetensors", "--net", "smal")[2].endswith(
        "wlnet: model.wl has no net smal\n  hint: did you mean small?\n"
    )


def test_a_file_without_a_net(says):
    save_file({"w": example(3, 5)}, "w.safetensors")
    said = "wlnet: w.safetensors holds no net\n  hint: wlnet info w.safetensors says what it holds\n"
    assert says("convert", "w.safetensors", "n.safetensors") == (1, "", said)
    assert says("info", SAFE, "--net", "a") == (1, "", f"wlnet: {SAFE} has no net a\n  hint: there are none\n")


# --- convert


def test_convert_writes_the_net_and_says_nothing(says):
    assert says("convert", SAFE, "copy.safetensors") == (0, "", "")
    assert Import("copy.safetensors") == NET


def test_convert_with_formats_that_are_said(says):
    assert says("convert", SAFE, "copy.data", "--to", "SafeTensors", "--format", "SafeTensors") == (0, "", "")
    assert Import("copy.data") == NET


def test_convert_passes_options(says, monkeypatch):
    heard = {}
    monkeypatch.setattr("wlnet.cli.Export", lambda path, net, format, **options: heard.update(options))
    assert says("convert", SAFE, "n.onnx", "--option", "OperatorSetVersion=13", "--option", "Name=a net")[0] == 0
    assert heard == {"OperatorSetVersion": 13, "Name": "a net"}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["convert", "missing.onnx", "n.onnx"], "wlnet: missing.onnx is not there\n"),
        (["convert", SAFE, "n.safetensors", "--option", "A=1"], "wlnet: Export: A is not an option of SafeTensors\n  hint: there are none\n"),
        (["convert", SAFE, "n.safetensors", "--to", "SaveTensors"], 'wlnet: "SaveTensors" is no format of nets\n  hint: did you mean SafeTensors?\n'),
        (["convert", SAFE, "no/n.safetensors"], "wlnet: no/n.safetensors cannot be written: there is no directory no\n  hint: make the directory first\n"),
        (["draw", SAFE, "n.png"], "wlnet: a picture is saved as SVG, not as 'n.png'\n  hint: write save(\"net.svg\")\n"),
        (["run", SAFE, "--input", "missing.npz"], "wlnet: missing.npz is not there\n"),
        (["run", SAFE, "--input", "Inptu=x.npy"], 'wlnet: the net has no input port "Inptu"\n  hint: did you mean Input?\n'),
        (["run", "two.safetensors", "--input", "x.npy"], "wlnet: the net has 2 input ports; say for which the data are\n  hint: write --input A=x.npy\n"),
        (["run", SAFE, "--input", "x.npy", "--input", "x.npy"], "wlnet: --input gives data for the port Input twice\n"),
        (["run", SAFE, "--input", "x.npy", "--output", "y.txt"], "wlnet: y.txt cannot be written: data are written as .npy, .npz and .json\n"),
        (["run", SAFE, "--input", "x.npy", "--output", "y.npz"], "wlnet: y.npz cannot be written: the net gives one value without a name\n  hint: write .npy or .json\n"),
        (["run", SAFE, "--input", "x.npy", "--output", "no/y.npy"], "wlnet: no/y.npy cannot be written: there is no directory no\n  hint: make the directory first\n"),
        (["run", "labelled.safetensors", "--input", "one.npy", "--property", "Probabilities", "--output", "y.npy"],
         "wlnet: y.npy cannot be written: the net gives several values by name\n  hint: write .npz or .json\n"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_on_standard_error_with_exit_code_1(says, words, text, place):
    before = sorted(os.listdir(place))
    code, out, error = says(*words)
    assert (code, out) == (1, "")
    assert error == text
    assert sorted(os.listdir(place)) == before


# --- draw


def test_draw_writes_the_picture(says):
    assert says("draw", SAFE, "net.svg") == (0, "", "")
    assert Path("net.svg").read_text("utf-8") == str(Information(NET, "FullSummaryGraphic"))
    assert says("draw", SAFE, "net.svg", "--summary")[0] == 0
    assert Path("net.svg").read_text("utf-8") == str(Information(NET, "SummaryGraphic"))


# --- run


def test_run_prints_json_of_short_digits(says):
    code, out, error = says("run", SAFE, "--input", "one.npy")
    assert (code, error) == (0, "")
    assert_close(np.array(json.loads(out), np.float32), NET(example(5)))
    assert re.fullmatch(r"\[(0\.\d{1,10}(, )?){3}\]\n", out)
    assert says("run", "labelled.safetensors", "--input", "x.npy")[1] == json.dumps(LABELLED(example(7, 5))) + "\n"


def test_run_with_several_ports(says):
    np.savez("both.npz", A=example(3, 2), B=example(3, 2, seed=1))
    np.save("a=b.npy", example(3, 2))
    np.save("b.npy", example(3, 2, seed=1))
    expected = example(3, 2) - example(3, 2, seed=1)
    for words in (["--input", "both.npz"], ["--input", "A=a=b.npy", "--input", "B=b.npy"]):
        assert_close(np.array(json.loads(says("run", "two.safetensors", *words)[1])), expected)
    assert says("run", SAFE, "--input", "a=b.npy")[0] == 1  # the file of that name: its arrays have a wrong size


def test_run_writes_npy_npz_and_json(says):
    says("run", SAFE, "--input", "x.npy", "--output", "y.npy")
    assert_close(np.load("y.npy"), NET(example(7, 5)))
    says("run", "labelled.safetensors", "--input", "x.npy", "--output", "labels.npy")
    assert np.load("labels.npy").tolist() == LABELLED(example(7, 5))
    says("run", "labelled.safetensors", "--input", "one.npy", "--property", "Probabilities", "--output", "y.npz")
    assert {key: float(value) for key, value in np.load("y.npz").items()} == pytest.approx(
        LABELLED(example(5), "Probabilities")
    )
    says("run", SAFE, "--input", "x.npy", "--output", "y.json")
    assert_close(np.array(json.loads(Path("y.json").read_text("utf-8"))), NET(example(7, 5)))


def test_run_writes_npz_whatever_the_names_are(says):
    named = NetChain([NET], Output=NetDecoder("Class", ["file", "a/b", "allow_pickle"]))
    Export("named.safetensors", named)
    says("run", "named.safetensors", "--input", "one.npy", "--property", "Probabilities", "--output", "y.npz")
    found = {key: float(value) for key, value in np.load("y.npz").items()}
    assert found == pytest.approx(named(example(5), "Probabilities"))


def test_run_of_a_net_without_inputs(says):
    Export("constant.safetensors", wlnet.NetArrayLayer(Array=[1, 2]))
    assert says("run", "constant.safetensors") == (0, "[1.0, 2.0]\n", "")


def test_run_with_a_property_and_without_a_decoder(says):
    words = ["run", "labelled.safetensors", "--input", "one.npy", "--property"]
    assert json.loads(says(*words, "Probabilities")[1]) == pytest.approx(LABELLED(example(5), "Probabilities"))
    assert_close(np.array(json.loads(says(*words, "None")[1])), NET(example(5)))


def test_run_reads_json_and_pictures(says):
    image = pytest.importorskip("PIL.Image")
    Path("x.json").write_text(json.dumps(example(5).tolist()), "utf-8")
    assert says("run", SAFE, "--input", "x.json") == says("run", SAFE, "--input", "one.npy")
    image.new("RGB", (7, 5), (255, 0, 0)).save("red.png")
    Export("seen.safetensors", NetChain([wlnet.ElementwiseLayer("Ramp")], Input=NetEncoder("Image", (7, 5))))
    assert np.array(json.loads(says("run", "seen.safetensors", "--input", "red.png")[1]))[:, 0, 0].tolist() == [1, 0, 0]


class Exploding:
    """What a pickle would run."""

    def __reduce__(self):
        return os.mkdir, ("exploded",)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("x.npy", b"", "x.npy cannot be read as .npy: "),
        ("x.npy", b"hello", "x.npy cannot be read as .npy: "),
        ("x.npy", None, "x.npy cannot be read as .npy: it holds Python objects\n  hint: an array of objects is not read, since it may hold code\n"),
        ("x.npy", b"PK\x05\x06" + bytes(18), "x.npy is no .npy file\n"),
        ("x.npz", b"PK\x03\x04", "x.npz cannot be read as .npz: "),
        ("x.json", b"{", "x.json cannot be read as .json: "),
        ("x.json", b"\xff", "x.json cannot be read as .json: "),
        ("x.json", b"[" * 100_000, "x.json cannot be read as .json: it is nested too deeply\n"),
    ],
    ids=str,
)  # fmt: skip
def test_data_that_are_damaged_or_hold_code(says, name, content, text):
    if content is None:
        np.save(name, np.array([Exploding()], object), allow_pickle=True)
    else:
        Path(name).write_bytes(content)
    code, out, error = says("run", SAFE, "--input", name)
    assert (code, out) == (1, "") and error.startswith("wlnet: " + text)
    assert not os.path.exists("exploded")


def test_data_that_say_they_are_larger_than_memory(says):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776, 1024)}\n"
    Path("x.npy").write_bytes(b"\x93NUMPY\x01\0" + len(header).to_bytes(2, "little") + header)
    code, _, error = says("run", SAFE, "--input", "x.npy")
    assert code == 1 and error.startswith("wlnet: x.npy cannot be read")


# --- the command itself


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["inform"],
        ["info"],
        ["convert", SAFE],
        ["run", SAFE, "--inputs", "x.npy"],
        ["convert", SAFE, "b", "--option", "A"],
    ],
)
def test_a_wrong_command_has_exit_code_2(says, words):
    code, out, error = says(*words)
    assert (code, out) == (2, "")
    assert error.startswith("usage: wlnet") and "error: " in error


def test_help_and_version(says):
    code, out, _ = says("--help")
    assert code == 0
    assert all(word in out for word in ("info", "convert", "draw", "run", "SafeTensors", "exit codes"))
    code, out, _ = says("--version")
    assert code == 0 and re.fullmatch(r"wlnet \d+\.\d+\.\d+.*\n", out)
    assert says("run", "--help")[0] == 0


def test_an_interrupted_command_has_exit_code_130(says, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("wlnet.cli.Import", interrupted)
    assert says("info", SAFE) == (130, "", "")


def test_python_m_wlnet_is_the_command_and_a_closed_pipe_is_no_error(place):
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-m", "wlnet"]
    ended = subprocess.run([*command, "info", "no.onnx"], capture_output=True, text=True, env=environment, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "wlnet: no.onnx is not there\n")
    reading, writing = os.pipe()
    os.close(reading)
    closed = subprocess.run(
        [*command, "info", SAFE], stdout=writing, stderr=subprocess.PIPE, env=environment, check=False
    )
    os.close(writing)
    assert (closed.returncode, closed.stderr) == (0, b"")
    with open("/dev/full", "wb") as full:
        ended = subprocess.run([*command, "info", SAFE], stdout=full, stderr=-1, env=environment, check=False)
    said = b"wlnet: the output cannot be written: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (1, said)


def test_a_terminal_of_ascii_shows_what_it_can(place):
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "wlnet", "info", SAFE]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (ended.returncode, ended.stderr) == (0, "") and "Weights 3?5" in ended.stdout


def test_the_readme_says_commands_that_there_are():
    text = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    commands = re.findall(r"^\$ wlnet (.+)$", text, re.MULTILINE)
    assert [line.split()[0] for line in commands] == ["info", "convert", "draw", "run"]
    for line in commands:
        assert parser().parse_args(line.split()).file


def test_the_package_installs_the_command():
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"wlnet": "wlnet.cli:main"}
