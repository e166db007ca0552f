"""Native files: every net comes back as it was; nothing of a hostile file is believed."""

import json
import os
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import wlnet
from tests import mutations
from tests.examples import example
from tests.test_laws import CASES
from wlnet import (
    Automatic,
    BatchNormalizationLayer,
    Layer,
    LinearLayer,
    NetArray,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetGraph,
    NetInitialize,
    SoftmaxLayer,
)
from wlnet.formats import schema
from wlnet.formats.makers import makers
from wlnet.formats.native import Content, read, write, write_atomically

FUNCTIONS = re.compile(r"CompiledLayer\((softened|centred|summed|extent)\b")  # of the tests; no net records them
HOLDS_CODE = [case for case in CASES if FUNCTIONS.search(repr(case))]
HOLDS_NONE = [case for case in CASES if case not in HOLDS_CODE]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "n.safetensors"


# --- what is written is read


@pytest.mark.parametrize("case", HOLDS_NONE, ids=repr)
def test_every_net_of_the_laws_comes_back(case, file):
    assert read(write(file, case.net)).net == case.net


@pytest.mark.parametrize("case", HOLDS_CODE, ids=repr)
def test_nets_that_hold_python_functions_are_refused_by_name(case, file):
    with pytest.raises(NetError) as error:
        write(file, NetChain({"inner": case.net}))
    name = FUNCTIONS.search(repr(case)).group(1)
    assert str(error.value) == (
        f"net/inner/1: {name} is a Python object, which a file does not hold\n"
        "  hint: a file holds no code: write functions with NumPy's and wlnet's names so that they are recorded, or "
        "detach the coder with NetReplacePart(net, {port: None}) and attach it again after loading"
    )
    assert not file.exists()


def test_arrays_come_back_bit_by_bit_and_read_only(file):
    values = np.array([[-0.0, np.inf, 1e-45], [3.4e38, -1e-38, 0.1]], np.float32)
    net = LinearLayer(2, Weights=values, Biases=None)
    back = read(write(file, net)).net
    assert back["Weights"].tobytes() == values.tobytes()
    assert not back["Weights"].flags.writeable


def test_other_programs_read_the_arrays_under_their_places(file):
    net = NetInitialize(NetChain({"enc": NetChain([LinearLayer(3)]), "out": LinearLayer(2)}, Input=5))
    write(file, net)
    assert sorted(load_file(file)) == ["enc/1/Biases", "enc/1/Weights", "out/Biases", "out/Weights"]


def test_an_array_in_two_places_is_kept_once(file):
    shared = NetArray("w", Array=example(2, 2))
    net = NetChain([LinearLayer(2, Weights=shared, Biases=None), LinearLayer(2, Weights=shared, Biases=None)])
    assert read(write(file, net)).net == net
    assert sorted(load_file(file)) == ["NetArray/w/2"]


PIECES = ["_", "lo", "low", " low", "er", "l", "o", "w", "e", "r", " "]
CODERS = [
    NetEncoder("Audio"),
    NetEncoder("AudioMelSpectrogram"),
    NetEncoder("AudioMFCC"),
    NetEncoder("AudioSpectrogram"),
    NetEncoder("AudioSTFT"),
    NetEncoder("Boolean"),
    NetEncoder("Characters", ["a", "b", "é"]),
    NetEncoder("Class", ["a", "b", (1, 2), 3.5, None]),
    NetEncoder("Class", ["a", "b"], "UnitVector"),
    NetEncoder("Image", (7, 5), ColorSpace="Grayscale", MeanImage=0.5),
    NetEncoder("Image3D", (3, 5, 7)),
    NetEncoder("SubwordTokens", PIECES, TargetLength=7),
    NetEncoder("Tokens", ["the", "net"]),
    NetEncoder("UTF8"),
    NetEncoder("VideoFrames"),
    NetDecoder("Boolean"),
    NetDecoder("Characters", ["a", "b"]),
    NetDecoder("Class", ["a", "b"]),
    NetDecoder("CTCBeamSearch", ["a", "b"]),
    NetDecoder("Image"),
    NetDecoder("Image3D"),
    NetDecoder("SubwordTokens", PIECES),
    NetDecoder("Tokens", ["the", "net"]),
]


@pytest.mark.parametrize("coder", CODERS, ids=repr)
def test_coders_come_back(coder, file):
    back = read(write(file, LinearLayer(2), coder), training=True).training
    assert back == coder
    assert repr(back) == repr(coder)


def test_nets_with_coders_come_back(file):
    net = NetChain(
        [wlnet.FlattenLayer(), 3, SoftmaxLayer()],
        Input=NetEncoder("Image", (5, 7)),
        Output=NetDecoder("Class", ["a", "b", "c"]),
    )
    assert read(write(file, net)).net == net


def test_a_coder_of_a_users_function_is_refused(file):
    with pytest.raises(NetError) as error:
        write(file, LinearLayer(2, Input=NetEncoder("Function", softened, (3,))))
    assert str(error.value).startswith("net/Input/1/2: softened is a Python object, which a file does not hold\n")


def softened(x):
    """A function of a user's own, of which a file holds nothing."""
    return x


def test_values_of_a_training_come_back(file):
    training = {
        "list": [1, 2.5, None, True, "é"],
        "tuple": ((), ("a", 1)),
        "numbers": [float("inf"), float("-inf"), 1e-300, 0.1 + 0.2, -0.0],
        "by key": {1: "one", ("a", 2): np.arange(3)},
        "double": np.float64(0.1),
        "arrays": {"x": example(2, 3).astype(float), "whole": np.arange(5), "none": np.zeros((0, 3), np.float32)},
        "net": LinearLayer(3, Input=5),
        "symbol": Automatic,
    }
    back = read(write(file, LinearLayer(2), training), training=True).training
    assert repr(back) == repr(training).replace("np.float64(0.1)", "0.1")
    assert back["arrays"]["x"].dtype == np.float64
    assert str(back["numbers"][-1]) == "-0.0"
    assert read(file) == Content(LinearLayer(2), {})


def test_the_schema_is_printed_in_the_documentation():
    text = (Path(__file__).parent.parent / "docs" / "format.md").read_text("utf-8")
    assert f"```json\n{json.dumps(schema.schema(), indent=1)}\n```" in text


# --- writing is all or nothing


def test_writing_fails_without_a_trace(file, monkeypatch):
    write(file, LinearLayer(2))
    before = file.read_bytes()

    def full(place):
        with open(place, "wb") as half:
            half.write(b"half of it")
        raise OSError(28, "No space left on device")

    with pytest.raises(NetError) as error:
        write_atomically(file, full)
    assert str(error.value) == f"{file} cannot be written: No space left on device"
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == [file.name]


def test_a_directory_that_is_not_there(tmp_path):
    with pytest.raises(NetError) as error:
        write(tmp_path / "nowhere" / "n.safetensors", LinearLayer(2))
    assert str(error.value) == f"{tmp_path}/nowhere/n.safetensors cannot be written: No such file or directory"


def test_ctrl_c_while_writing_leaves_no_trace(file):
    def interrupted(place):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(file, interrupted)
    assert os.listdir(file.parent) == []


# --- hostile files


def header(file):
    """The JSON of a file's specification."""
    size = struct.unpack("<Q", file.read_bytes()[:8])[0]
    return json.loads(json.loads(file.read_bytes()[8 : 8 + size])["__metadata__"]["wlnet"])


def forged(file, net, arrays=None, **more):
    """A file whose header says what somebody wants it to say."""
    content = {"format": "wlnet", "version": 1, "net": net, **more}
    text = content if isinstance(net, bytes) else json.dumps(content)
    save_file(arrays or {}, file, {"wlnet": text})
    return file


DAMAGED = "the specification of the net is damaged, or of a later version: "
LINEAR = {"make": "LinearLayer", "of": [3]}


@pytest.mark.parametrize(
    ("net", "text"),
    [
        (3, "it holds no net"),
        ({"make": "os.system", "of": ["true"]}, DAMAGED + 'it holds a "os.system", which this version of wlnet does not know'),
        ({"make": "Layer"}, DAMAGED + 'it holds a "Layer", which this version of wlnet does not know'),
        ({"head": "Ramp", "symbol": "All"}, DAMAGED + "extra inputs are not permitted, at net"),
        ({"symbol": "__import__('os')"}, DAMAGED + "string should match pattern '^[A-Za-z]\\w{0,63}$', at net"),
        ({"pickle": "gASV"}, DAMAGED + '{"pickle": "gASV"} is no part of a specification, at net'),
        ([LINEAR], DAMAGED + '[{"make": "LinearLayer", "of": [3]}] is no part of a specification, at net'),
        ({**LINEAR, "with": {"x": 1}}, "LinearLayer: x is not an option"),
        ({**LINEAR, "with": {"Weights": {"array": "w"}}}, "the net needs the array 'w', which is not in the file"),
        ({**LINEAR, "layers": []}, DAMAGED + "a LinearLayer has no layers and edges"),
        (
            {"make": "NetChain", "layers": [["a", {"make": "NetChain", "layers": [[1, 3]]}]]},
            ("net/a: ", DAMAGED + "layer 1 of a NetChain is no layer, or is there twice"),
        ),
        (
            {"make": "NetChain", "layers": [["a", LINEAR], ["a", LINEAR]]},
            DAMAGED + 'layer "a" of a NetChain is no layer, or is there twice',
        ),
        (
            {"make": "NetChain", "layers": [["a", LINEAR], ["b", {"make": "LinearLayer", "of": [-3]}]]},
            ("net/b: ", "LinearLayer: n must be"),
        ),
        (
            {"make": "NetEncoder", "of": ["SubwordTokens", "/etc/passwd"]},
            'NetEncoder("SubwordTokens"): a file that is read may not name another, here "/etc/passwd"',
        ),
        (
            {"make": "NetEncoder", "of": [{"tuple": ["SubwordTokens"]}, "/etc/passwd"]},
            'NetEncoder("SubwordTokens"): a file that is read may not name another, here "/etc/passwd"',
        ),
        (
            {"make": "NormalizationLayer", "of": [{"make": "Span", "of": [1, 10**12, 1]}], "with": {"Input": 5}},
            "NormalizationLayer: levels must name levels up to 64: an array has no more, got \"1;;1000000000000\"",
        ),
        (
            {"make": "NetMapThreadOperator", "of": [{"make": "ThreadingLayer", "of": ["Plus", 2]}, 10**12]},
            "NetMapThreadOperator: depth must be at most 64, since an array has no more levels, got 1000000000000",
        ),
    ],
)  # fmt: skip
def test_what_a_file_may_not_say(net, text, file):
    where, text = text if isinstance(text, tuple) else ("", text)
    with pytest.raises(NetError) as error:
        read(forged(file, net))
    assert str(error.value).startswith(f"{where}{file}: {text}")


def test_deep_nesting_is_refused(file):
    net = "1"
    for depth in (300, 100_000):
        text = '{"net": ' + '{"list": [' * depth + net + "]}" * depth + "}"
        save_file({}, file, {"wlnet": text})
        with pytest.raises(NetError) as error:
            read(file)
        assert str(error.value) == f"{file}: {DAMAGED}it is nested too deeply"


def test_a_net_that_is_nested_too_deeply_is_not_written(file):
    net = LinearLayer(2)
    for _ in range(30):
        net = NetChain([net])
    assert read(write(file, net)).net == net


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is no JSON: Expecting value: line 1 column 1 (char 0)"),
        ('{"net": NaN}', "it is no JSON: NaN is no number of JSON"),
        ('{"net": 1, "net": 2}', "it is no JSON: an object has a key twice"),
        ('{"version": 1}', "field required, at net"),
        ("[]", "input should be a valid dictionary or instance of Header"),
        ('{"net": ' + "1" * 5000 + "}", "it is no JSON: Exceeds the limit (4300 digits) for integer string conversion"),
    ],
)
def test_a_header_that_is_no_header(text, said, file):
    save_file({}, file, {"wlnet": text})
    with pytest.raises(NetError) as error:
        read(file)
    assert str(error.value).startswith(f"{file}: {DAMAGED}{said}")


def test_a_later_version_says_what_to_do(file):
    with pytest.raises(NetError) as error:
        read(forged(file, LINEAR, version=2))
    assert str(error.value) == (
        f"{file}: it is of version 2 of the format; this wlnet reads versions up to 1\n"
        "  hint: update wlnet: pip install --upgrade wlnet"
    )


def test_a_safetensors_file_of_another_program(file):
    save_file({"x": example(3)}, file)
    with pytest.raises(NetError) as error:
        read(file)
    assert str(error.value) == (
        f"{file} holds arrays, but no net of wlnet\n"
        '  hint: Import(path, "ArrayAssociation") gives the arrays of any safetensors file'
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", " is no safetensors file, or cut off: it has 0 bytes, too few for its header\n  hint: copy or download it again"),
        (b"\xff" * 100, " is no safetensors file, or cut off: it has 100 bytes, too few for its header\n  hint: copy or download it again"),
        (struct.pack("<Q", 10) + b"not a json", " is no safetensors file, or damaged: "),
        (struct.pack("<Q", 2) + b"{}", " holds arrays, but no net of wlnet\n"),
    ],
)  # fmt: skip
def test_files_that_are_none(content, said, file):
    file.write_bytes(content)
    with pytest.raises(NetError) as error:
        read(file)
    assert str(error.value).startswith(f"{file}{said}")


def test_an_absurd_header_is_not_read(file):
    with open(file, "wb") as sparse:
        sparse.write(struct.pack("<Q", 2**40))
        sparse.truncate(2**40 + 8)
    with pytest.raises(NetError) as error:
        read(file)
    assert str(error.value) == f"{file}: its header says it has 1099511627776 bytes; at most 67108864 are read"


@pytest.mark.parametrize("place", ["", "/dev/zero", "/nowhere"])
def test_what_is_no_file(place, tmp_path):
    with pytest.raises(NetError) as error:
        read(place or tmp_path)
    reasons = {"": f"{tmp_path} cannot be read: Is a directory", "/dev/zero": "/dev/zero is no file"}
    assert str(error.value) == reasons.get(place, "/nowhere cannot be read: No such file or directory")


def test_wrong_types_and_sizes_of_arrays(file):
    net = {**LINEAR, "with": {"Weights": {"array": "w"}, "Input": 5}}
    for array in (example(3, 7), example(3, 5, 2), example(5)):
        with pytest.raises(NetError):
            read(forged(file, net, {"w": array}))
    raw = {"w": {"dtype": "BF16", "shape": [3, 5], "data_offsets": [0, 30]}, "__metadata__": {}}
    raw["__metadata__"]["wlnet"] = json.dumps({"format": "wlnet", "version": 1, "net": net})
    text = json.dumps(raw).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + bytes(30))
    with pytest.raises(NetError) as error:
        read(file)
    assert str(error.value) == f"{file}: the array 'w' is of type BF16, which NumPy does not have"


def test_names_of_arrays_are_no_paths(file):
    net = {**LINEAR, "with": {"Biases": {"array": "../../etc/passwd"}}}
    biases = example(3)
    assert np.array_equal(read(forged(file, net, {"../../etc/passwd": biases})).net["Biases"], biases)


# --- 10,000 mutations


def victims(file):
    """Files of many kinds of content: their bytes, and their specification with the arrays beside it."""
    image = NetEncoder("Image", (5, 7))
    recorded = wlnet.FunctionLayer(lambda x: wlnet.Tanh(x) * 3 + x[1])
    nets = [
        NetInitialize(NetChain([LinearLayer(3), BatchNormalizationLayer(), "Tanh", SoftmaxLayer()], Input=4)),
        NetGraph({"a": LinearLayer(2), "b": wlnet.ThreadingLayer("Plus")}, [(("a", "a"), "b")], Input=3),
        NetChain([wlnet.ConvolutionLayer(2, 3, Stride=2), wlnet.FlattenLayer()], Input=image),
        NetChain([LinearLayer(2), SoftmaxLayer()], Output=NetDecoder("Class", ["a", "b"])),
        wlnet.NetMapOperator(LinearLayer(2, Weights=NetArray("w", Array=example(2, 3)))),
        recorded,
    ]
    for net in nets:
        write(file, net, {"options": {"Method": ("ADAM", {"Beta1": 0.5})}, "arrays": [np.arange(3.0)]})
        yield file.read_bytes(), header(file), load_file(file)


def test_a_file_makes_layers_that_users_make_and_no_class_that_only_says_what_layers_share():
    made = {name for name, kind in makers().items() if isinstance(kind, type) and issubclass(kind, Layer)}
    assert made - set(wlnet.__all__) == {"DotScore", "BilinearScore"}  # which AttentionLayer makes of texts


@pytest.mark.parametrize("name", ["Container", "Operator", "WindowLayer", "Attention", "ProductScore"])
def test_a_class_that_only_says_what_layers_share_is_refused(file, name):
    write(file, NetChain([2], Input=3))
    said = header(file)
    said["net"] = {"make": name}
    save_file(load_file(file), file, {"wlnet": json.dumps(said)})
    with pytest.raises(NetError) as error:
        read(file)
    assert str(error.value) == (
        f'{file}: the specification of the net is damaged, or of a later version: it holds a "{name}", which this version '
        "of wlnet does not know"
    )


def test_ten_thousand_mutations_give_a_net_or_a_net_error(file, tmp_path):
    kept = list(victims(file))
    names = sorted(makers())

    def attempt(content):
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            number, said = content
            save_file(kept[number][2], file, {"wlnet": json.dumps(said)})
        assert isinstance(read(file, training=True), Content)

    said = mutations.json_of(
        [each[1] for each in kept], 5_000, words=names, wrap=lambda word, part: {"make": word, "of": [part]}
    )
    for contents in (
        mutations.bytes_of([each[0] for each in kept], 5_000),
        ((number % len(kept), content) for number, content in enumerate(said)),
    ):
        well, tried = mutations.stands(attempt, contents, tmp_path, whole=kept[0][0])
        assert 0 < well < tried == 5_000
    assert os.listdir(tmp_path) == [file.name]
