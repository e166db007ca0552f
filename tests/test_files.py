"""Import and Export: which format a file is of, what is asked of it, what is wrong with it; nets through every format."""

import json
import os
import pathlib
import struct

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests import mutations
from tests.examples import example
from wlnet import (
    Automatic,
    Export,
    Import,
    Information,
    LinearLayer,
    NetChain,
    NetError,
    NetInitialize,
    NetReplacePart,
    SoftmaxLayer,
)
from wlnet.formats.files import FORMATS, Format
from wlnet.formats.foreign import FOREIGN

NET = NetInitialize(NetChain({"enc": LinearLayer(3), "soft": SoftmaxLayer()}, Input=5), RandomSeeding=2)
THERE_ARE = f"there are {', '.join(FORMATS)}"


@pytest.fixture
def file(tmp_path):
    """A native file of NET."""
    return Export(tmp_path / "net.safetensors", NET)


def error_of(call, *arguments, **options):
    """The full text of the NetError that a call raises."""
    with pytest.raises(NetError) as error:
        call(*arguments, **options)
    return str(error.value)


# --- the path


def test_export_returns_the_path_as_it_was_given(tmp_path):
    assert Export(tmp_path / "a.safetensors", NET) == tmp_path / "a.safetensors"
    assert Export(str(tmp_path / "a.safetensors"), NET) == str(tmp_path / "a.safetensors")


@pytest.mark.parametrize("as_path", [str, pathlib.Path])
def test_a_path_is_a_text_or_a_path(file, as_path):
    assert Import(as_path(file)) == NET


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (3, "Import takes a path, got 3\n  hint: give a text or a pathlib.Path"),
        (b"net", "Import takes a path, got b'net'\n  hint: give a text or a pathlib.Path"),
        (None, "Import takes a path, got None\n  hint: give a text or a pathlib.Path"),
        ("", "Import takes a path, got an empty text"),
        ("a\0b", r"Import takes a path, got 'a\x00b', which holds the character 0"),
        ("\ud800", r"Import takes a path, got '\ud800', which no file of this system can be called"),
        ("https://x.org/n.onnx", "https://x.org/n.onnx is an address, not a file\n  hint: download it first"),
        ("/dev/zero", "/dev/zero is no file"),
        ("n" * 300, f"{'n' * 300} cannot be read: File name too long"),
    ],
    ids=str,
)
def test_what_is_no_path(path, text):
    assert error_of(Import, path) == text


def test_a_missing_file_and_its_nearest(file):
    assert error_of(Import, file.with_name("ned.safetensors")) == (
        f"{file.parent}/ned.safetensors is not there\n  hint: did you mean net.safetensors?"
    )
    assert error_of(Import, file.with_name("another.onnx")) == f"{file.parent}/another.onnx is not there"
    assert error_of(Import, file.parent / "no" / "net.onnx") == (
        f"{file.parent}/no/net.onnx is not there\n  hint: there is no directory {file.parent}/no"
    )


def test_a_directory_is_no_file(tmp_path):
    assert error_of(Import, tmp_path) == f"{tmp_path} is a directory, not a file"
    assert error_of(Export, tmp_path, NET, "SafeTensors") == (
        f"{tmp_path} cannot be written: it is a directory\n  hint: name a file in it"
    )


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.safetensors")
    assert error_of(Import, tmp_path / "pipe.safetensors") == f"{tmp_path}/pipe.safetensors is no file"
    assert error_of(Export, tmp_path / "pipe.safetensors", NET) == (
        f"{tmp_path}/pipe.safetensors cannot be written: it is no file"
    )


def test_places_that_cannot_be_written(tmp_path, monkeypatch):
    place = tmp_path / "no" / "net.safetensors"
    assert error_of(Export, place, NET) == (
        f"{place} cannot be written: there is no directory {tmp_path}/no\n  hint: make the directory first"
    )
    long = tmp_path / ("n" * 300 + ".safetensors")
    assert error_of(Export, long, NET) == f"{long} cannot be written: File name too long"
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    assert error_of(Export, tmp_path / "n.safetensors", NET) == (
        f"{tmp_path}/n.safetensors cannot be written: nothing may be written in {tmp_path}\n"
        "  hint: choose another place, or ask for the right"
    )
    assert os.listdir(tmp_path) == []


def test_a_file_that_may_not_be_read(file, monkeypatch):
    def refused(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("wlnet.formats.recognition.open", refused, raising=False)
    assert error_of(Import, file) == f"{file} cannot be read: Permission denied"


# --- the format


def test_the_format_is_said_as_third_argument_or_by_name(tmp_path):
    for number, said in enumerate([("SafeTensors",), ("safetensors",)]):
        place = Export(tmp_path / f"net{number}", NET, *said)
        assert Import(place, "Net", *said) == Import(place, *said) == Import(place, Format=said[0]) == NET
    assert Import(Export(tmp_path / "other.onnx", NET, Format="SafeTensors"), Format="SafeTensors") == NET


def test_the_second_argument_may_say_format_and_element_as_in_wolfram(file):
    assert Import(file, ("SafeTensors", "Net")) == Import(file, ["SafeTensors"]) == NET
    assert Import(file, ("SafeTensors", ["Net", "UninitializedNet"])) == [NET, NetInitialize(NET, None)]
    assert Import(file, ["Net", "UninitializedNet"]) == [NET, NetInitialize(NET, None)]


def test_an_unknown_format(file, tmp_path):
    assert error_of(Import, file, Format="SaveTensors") == (
        '"SaveTensors" is no format of nets\n  hint: did you mean SafeTensors?'
    )
    assert error_of(Export, tmp_path / "n", NET, 7) == f"7 is no format of nets\n  hint: {THERE_ARE}"
    assert error_of(Export, tmp_path / "n", NET) == (
        f'{tmp_path}/n: its extension tells no format\n  hint: say it: Export(path, net, Format="SafeTensors"); {THERE_ARE}'
    )
    assert error_of(Export, tmp_path / "n.safetensor", NET) == (
        f"{tmp_path}/n.safetensor: its extension tells no format\n  hint: did you mean .safetensors?"
    )
    (tmp_path / "n").write_bytes(b"hello")
    assert error_of(Import, tmp_path / "n") == (
        f"{tmp_path}/n: neither its name nor its content tells a format\n"
        f'  hint: say it: Import(path, Format="SafeTensors"); {THERE_ARE}'
    )


def test_a_damaged_file_is_of_the_format_of_its_extension(tmp_path):
    (tmp_path / "n.safetensors").write_bytes(b"hello")
    assert error_of(Import, tmp_path / "n.safetensors") == (
        f"{tmp_path}/n.safetensors is no safetensors file, or cut off: it has 5 bytes, too few for its header\n"
        "  hint: copy or download it again"
    )


WOLFRAM_OR_ONNX = (
    "\n  hint: in Wolfram Language, Import it and Export it as WLNet, or let MXNet write ONNX: wlnet reads both"
)
SAMPLES = {
    "x-symbol.json": (
        b'{"nodes": [{"op": "null", "name": "data", "inputs": []}], "arg_nodes": [0]}',
        "MXNet files are not read: MXNet is retired" + WOLFRAM_OR_ONNX,
    ),
    "x-0000.params": (struct.pack("<QQ", 0x112, 0), "MXNet files are not read: MXNet is retired" + WOLFRAM_OR_ONNX),
    "unnamed": (struct.pack("<QQ", 0x112, 0), "MXNet files are not read: MXNet is retired" + WOLFRAM_OR_ONNX),
    "net.mx": (
        b"(*This is a Mathematica binary dump file. It can be loaded with Get.*)",
        'MX files are not read: the format is closed\n  hint: in Wolfram Language, Export["net.wlnet", net] writes it as '
        "WLNet, which wlnet reads",
    ),
    "model.pt": (
        b"PK\x03\x04" + b"archive/data.pkl",
        "PyTorch files are not read: they hold code, which would run\n  hint: torch.onnx.export writes the net as ONNX, "
        "safetensors.torch.save_file its arrays: wlnet reads both",
    ),
    "model.pkl": (
        b"\x80\x04\x95",
        "pickle files are not read: they hold code, which would run\n  hint: torch.onnx.export writes the net as ONNX, "
        "safetensors.torch.save_file its arrays: wlnet reads both",
    ),
    "model.tflite": (
        b"\x1c\0\0\0TFL3",
        "TensorFlow Lite files are not read: they hold compiled nets\n"
        "  hint: tf2onnx writes the net as ONNX, which wlnet reads",
    ),
    "model.keras": (
        b"PK\x03\x04",
        "Keras files are not read: they hold code in part\n  hint: tf2onnx writes the net as ONNX, which wlnet reads",
    ),
    "model.gguf": (
        b"GGUF\x03\0\0\0",
        "GGUF files are not read: they hold arrays in packed numbers, and no net\n"
        "  hint: look for the same model as safetensors or ONNX",
    ),
    "x.npy": (
        b"\x93NUMPY\x01\0",
        "NumPy files are not read: they hold arrays, and no net\n"
        "  hint: numpy.load reads the arrays; NetReplacePart puts them into a net",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_mxnet_mx_and_other_formats_are_refused_with_advice(tmp_path, name):
    content, text = SAMPLES[name]
    (tmp_path / name).write_bytes(content)
    assert error_of(Import, tmp_path / name) == f"{tmp_path / name}: {text}"


def test_every_refused_format_has_a_sample():
    assert {text.split(" files")[0] for _, text in SAMPLES.values()} == {row.name for row in FOREIGN}


def test_a_refused_format_that_is_said(file):
    assert error_of(Import, file, "MXNet") == f"{file}: MXNet files are not read: MXNet is retired" + WOLFRAM_OR_ONNX
    assert error_of(Export, file, NET, "mxnet") == "MXNet files are not written\n  hint: " + THERE_ARE
    assert error_of(Export, file.with_suffix(".params"), NET) == "MXNet files are not written\n  hint: " + THERE_ARE


# --- elements


def test_elements_of_a_native_file(file):
    assert Import(file, "Elements") == ["ArrayAssociation", "ArrayList", "Net", "Summary", "UninitializedNet"]
    assert Import(file, "Net") == NET
    assert Import(file, "UninitializedNet")["enc", "Weights"] is Automatic
    assert str(Import(file, "Summary")) == str(Information(NET))
    rules = Import(file, "Rules")
    assert list(rules) == ["Net", "UninitializedNet", "ArrayAssociation", "ArrayList", "Summary"]
    assert rules["Net"] == NET


def test_element_arrayassociation_has_positions_that_netreplacepart_takes(file):
    arrays = Import(file, "ArrayAssociation")
    assert list(arrays) == [("enc", "Weights"), ("enc", "Biases")]
    assert NetReplacePart(NetInitialize(NET, None), arrays) == NET
    assert [array.shape for array in Import(file, "ArrayList")] == [(3, 5), (3,)]


def test_arrays_without_values_are_in_no_list(tmp_path):
    file = Export(tmp_path / "n.safetensors", LinearLayer(3, Biases=[1, 2, 3]))
    assert list(Import(file, "ArrayAssociation")) == [("Biases",)]


def test_an_unknown_element(file):
    assert error_of(Import, file, "ArrayAsociation") == (
        f'{file} has no element "ArrayAsociation"\n  hint: did you mean ArrayAssociation?'
    )
    assert error_of(Import, file, 3) == (
        f"{file} has no element 3\n  hint: there are Net, UninitializedNet, ArrayAssociation, ArrayList, Summary, "
        "Elements, Rules"
    )
    assert error_of(Import, file, ["Net", None]).startswith(f"{file} has no element None\n")


def test_plain_safetensors_give_arrayassociation(tmp_path):
    arrays = {"b": example(3, 5), "a": np.arange(7), "half": example(2).astype(np.float16), "none": np.zeros((0, 3))}
    save_file(arrays, tmp_path / "w.safetensors")
    found = Import(tmp_path / "w.safetensors")
    assert sorted(found) == sorted(arrays)
    assert all(found[name].dtype == arrays[name].dtype and np.array_equal(found[name], arrays[name]) for name in arrays)
    assert Import(tmp_path / "w.safetensors", "Elements") == ["ArrayAssociation", "ArrayList", "ArrayNames", "Summary"]
    assert Import(tmp_path / "w.safetensors", "ArrayNames") == list(found)
    assert Import(tmp_path / "w.safetensors", "Summary")["b"] == ("float32", (3, 5))
    assert len(Import(tmp_path / "w.safetensors", "ArrayList")) == 4
    assert error_of(Import, tmp_path / "w.safetensors", "Net") == (
        f'{tmp_path}/w.safetensors has no element "Net"\n'
        "  hint: there are ArrayAssociation, ArrayList, ArrayNames, Summary, Elements, Rules"
    )


def raw_safetensors(path, dtype, shape, data):
    """A file of one array of any type."""
    text = json.dumps({"w": {"dtype": dtype, "shape": shape, "data_offsets": [0, len(data)]}}).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def test_plain_safetensors_of_bfloat16(tmp_path):
    """0x3FC0 is 1.5, 0xC000 is -2, 0x7F80 is infinity: the upper halves of float32."""
    file = raw_safetensors(tmp_path / "w.safetensors", "BF16", [3], bytes.fromhex("c03f00c0807f"))
    found = Import(file)["w"]
    assert found.dtype == np.float32 and found.tolist() == [1.5, -2.0, np.inf] and not found.flags.writeable


def test_plain_safetensors_of_a_type_that_numpy_has_not(tmp_path):
    file = raw_safetensors(tmp_path / "w.safetensors", "F8_E4M3", [2], b"\0\0")
    assert error_of(Import, file) == (f"{file}: the array 'w' is of type F8_E4M3, which NumPy does not have")


# --- what is exported, options, extras


def test_what_is_no_net(tmp_path):
    place = tmp_path / "n.safetensors"
    assert error_of(Export, place, 3) == "Export takes a path and a net, got 3 as the net"
    assert error_of(Export, NET, place).startswith("Export takes a path, got NetChain(")
    assert error_of(Export, "n.onnx", "m.onnx") == (
        'Export takes a path and a net, got "m.onnx" as the net\n  hint: the path comes first, then the net'
    )
    assert error_of(Export, place, LinearLayer) == (
        "Export takes a path and a net, got LinearLayer as the net\n  hint: make one: LinearLayer(…)"
    )
    assert error_of(Export, place, [LinearLayer(2)]) == (
        "Export takes a path and a net, got [LinearLayer(2)] as the net\n  hint: make a net of it: NetChain(…)"
    )
    assert not place.exists()


def test_the_results_of_a_training_are_no_net(tmp_path):
    class NetTrainResultsObject:
        def __repr__(self):
            return "results"

    assert error_of(Export, tmp_path / "n.safetensors", NetTrainResultsObject()) == (
        "Export takes a path and a net, got results as the net\n"
        '  hint: export the net of the training: results["TrainedNet"]'
    )


def test_unknown_options(file):
    assert (
        error_of(Import, file, Elements="Net")
        == "Import: Elements is not an option of SafeTensors\n  hint: there are none"
    )
    assert error_of(Export, file, NET, Overwrite=True) == (
        "Export: Overwrite is not an option of SafeTensors\n  hint: there are none"
    )


def test_a_format_that_is_only_read_or_written_and_one_that_needs_an_extra(file, tmp_path, monkeypatch):
    row = Format("Odd", (".odd",), lambda start, size: False, None, None, "")
    monkeypatch.setitem(FORMATS, "Odd", row)
    assert error_of(Import, file, Format="Odd") == "Odd files are written, not read"
    assert error_of(Export, tmp_path / "n.odd", NET) == "Odd files are read, not written"
    (tmp_path / "wlnet_needs_more.py").write_text("import wlnet_no_such_package")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(FORMATS, "Odd", Format("Odd", (".odd",), row.recognises, None, "wlnet_needs_more", "", "onnx"))
    assert error_of(Export, tmp_path / "n.odd", NET) == (
        "Odd files need the package wlnet_no_such_package\n  hint: pip install 'wlnet[onnx]'"
    )


def test_damaged_plain_safetensors_give_a_value_or_a_net_error(tmp_path):
    save_file({"b": example(3, 5), "a": np.arange(7)}, tmp_path / "w")
    raw_safetensors(tmp_path / "half", "BF16", [2, 3], bytes(range(12)))
    content = [(tmp_path / "w").read_bytes(), (tmp_path / "half").read_bytes()]

    def attempt(damaged):
        (tmp_path / "file.safetensors").write_bytes(damaged)
        Import(tmp_path / "file.safetensors", "Rules")

    well, tried = mutations.stands(attempt, mutations.bytes_of(content, 3_000), tmp_path, whole=content[0])
    assert 0 < well < tried


def test_the_documentation_lists_every_format_with_its_extensions():
    text = (pathlib.Path(__file__).parent.parent / "docs" / "formats.md").read_text("utf-8")
    for row in FORMATS.values():
        assert f"| {row.name} | {' '.join(row.extensions)} |" in text and row.holds in text
    for row in FOREIGN:
        assert f"| {row.name} | {' '.join(row.extensions)} |" in text
