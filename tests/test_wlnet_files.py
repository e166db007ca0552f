"""`.wlnet` files: both styles of Wolfram's, written here by hand with h5py; ours, looked at with h5py; damaged ones."""

import h5py
import numpy as np
import pytest

from tests import mutations
from tests.examples import assert_close, example
from tests.test_laws import CASES
from wlnet import (
    BatchNormalizationLayer,
    CompiledLayer,
    Export,
    Import,
    Information,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetExtract,
    NetInitialize,
    NetTrain,
    SoftmaxLayer,
)
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram import wlnet_files
from wlnet.formats.wolfram.compress import compressed, expanded
from wlnet.formats.wolfram.expressions import association, call, listed, pairs_of, rule
from wlnet.formats.wolfram.hdf5_reader import members_of


def tensor(*dims):
    return call("TensorT", listed(dims), Symbol("RealT"))


def layer(kind, arrays, parameters, inner, outer):
    return association(
        {
            "Type": kind,
            "Arrays": association((name, call("ExportedArray", k)) for name, k in arrays.items()),
            "Parameters": association(parameters.items()),
            "Inputs": association([("Input", inner)]),
            "Outputs": association([("Output", outer)]),
        }.items()
    )


def linear(first, n, m):
    parameters = {"OutputDimensions": listed([n]), "$OutputSize": n, "$InputSize": m, "$InputDimensions": listed([m])}
    return layer("Linear", {"Weights": first, "Biases": first + 1}, parameters, tensor(m), tensor(n))


def chain(nodes, inner, outer):
    names = [str(k) for k in range(1, len(nodes) + 1)]
    ends = [call("NetPath", "Inputs", "Input"), *(call("NetPath", "Nodes", k, "Outputs", "Output") for k in names)]
    targets = [*(call("NetPath", "Nodes", k, "Inputs", "Input") for k in names), call("NetPath", "Outputs", "Output")]
    return association(
        {
            "Type": "Chain",
            "Nodes": association(zip(names, nodes)),
            "Edges": listed(rule(target, source) for target, source in zip(targets, ends)),
            "Inputs": association([("Input", inner)]),
            "Outputs": association([("Output", outer)]),
        }.items()
    )


def scalar(kind, version=()):
    return call("NetDecoder", "Scalar", association(version), kind)


def old_file(path, arrays):
    """As 11.3 writes: strings of fixed length, Gamma and Beta, a validated Ramp."""
    norm = layer(
        "BatchNormalization",
        {"Gamma": 1, "Beta": 2, "MovingMean": 3, "MovingVariance": 4},
        {
            "Momentum": 0.9,
            "Epsilon": 0.001,
            "Interleaving": Symbol("False"),
            "Channels": 3,
            "$SpatialDimensions": listed([]),
        },
        tensor(3),
        tensor(3),
    )
    ramp = layer(
        "Elementwise",
        {},
        {"Function": call("ValidatedParameter", Symbol("Ramp")), "$Dimensions": listed([7])},
        tensor(7),
        tensor(7),
    )
    tree = chain([norm, linear(5, 7, 3), ramp, linear(7, 1, 7)], tensor(3), scalar(tensor(1)))
    texts = {
        "Network": compressed(tree),
        "Metadata": compressed(association([("Version", "11.3.5")])),
        "Version": "11.3.5",
    }
    with h5py.File(path, "w") as file:
        for k, array in enumerate(arrays, start=1):
            file.create_dataset(f"Arrays/{k}", data=array)
        for name, each in texts.items():
            file.create_dataset(name, data=np.bytes_(each + "\0"))


def new_file(path, arrays, track_order=True):
    """As 13 and later write: strings of any length, links in the headers of groups, Tanh as a FunctionLayer."""
    elementwise = layer(
        "Elementwise",
        {},
        {"Function": call("ValidatedParameter", Symbol("Tanh")), "$Dimensions": listed([7])},
        tensor(7),
        tensor(7),
    )
    parameters = {
        "Function": Symbol("Tanh"),
        "Net": elementwise,
        "$InputNames": listed(["Input"]),
        "$OutputNames": listed(["Output"]),
    }
    tanh = layer("Function", {}, parameters, tensor(7), tensor(7))
    first = layer(
        "Linear",
        {"Weights": 1, "Biases": 2},
        {"OutputDimensions": listed([7]), "$OutputSize": 7, "$InputSize": 1, "$InputDimensions": listed([])},
        tensor(),
        tensor(7),
    )
    inner = chain([chain([linear(3, 7, 7), tanh], tensor(7), tensor(7))], tensor(7), tensor(7))
    tree = chain([first, tanh, inner, linear(5, 2, 7)], tensor(), tensor(2))
    metadata = association([("Version", "13.0.3"), ("Unstable", Symbol("False"))])
    with h5py.File(path, "w", track_order=track_order) as file:
        group = file.create_group("Arrays", track_order=track_order)
        for k, array in enumerate(arrays, start=1):
            group.create_dataset(str(k), data=array)
        for name, each in {"Network": compressed(tree), "Metadata": compressed(metadata), "Version": "13.0.3"}.items():
            file.create_dataset(name, data=each, dtype=h5py.string_dtype("utf-8"))
        file.create_dataset("Unstable", data=np.int64(0))


OLD = [abs(example(3, seed=1)), example(3, seed=2), example(3, seed=3), abs(example(3, seed=4)), example(7, 3, seed=5),
       example(7, seed=6), example(1, 7, seed=7), example(1, seed=8)]  # fmt: skip
NEW = [example(7, 1, seed=1), example(7, seed=2), example(7, 7, seed=3), example(7, seed=4), example(2, 7, seed=5), example(2, seed=6)]  # fmt: skip


def same_bits(one, other):
    return list(one) == list(other) and all(one[k].tobytes() == other[k].tobytes() for k in one)


def test_a_file_of_11_3_reads_evaluates_and_survives_writing(tmp_path):
    old_file(tmp_path / "old.wlnet", OLD)
    net = Import(tmp_path / "old.wlnet")
    gamma, beta, mean, variance, w1, b1, w2, b2 = OLD
    x = example(3)
    y = (x - mean) / np.sqrt(variance + np.float32(0.001)) * gamma + beta
    assert_close(net(x), (w2 @ np.maximum(w1 @ y + b1, 0) + b2)[0])
    assert repr(net) == (
        "NetChain([BatchNormalizationLayer(Scaling=Array(3), Biases=Array(3), MovingMean=Array(3), MovingVariance=Array(3)), "
        'LinearLayer(7, Weights=Array(7×3), Biases=Array(7)), ElementwiseLayer("Ramp"), '
        'LinearLayer(1, Weights=Array(1×7), Biases=Array(1))], Input=3, Output=NetDecoder("Scalar"))'
    )
    back = Import(Export(tmp_path / "back.wlnet", net))
    assert back == net
    assert same_bits(
        Import(tmp_path / "old.wlnet", "ArrayAssociation"), Import(tmp_path / "back.wlnet", "ArrayAssociation")
    )
    assert Import(tmp_path / "old.wlnet", ["WLVersion", "Elements"]) == [
        "11.3.5",
        ["ArrayAssociation", "ArrayList", "Net", "Summary", "UninitializedNet", "WLVersion"],
    ]


@pytest.mark.parametrize("track_order", [True, False])
def test_a_file_of_13_reads_evaluates_and_survives_writing(tmp_path, track_order):
    new_file(tmp_path / "new.wlnet", NEW, track_order)
    net = Import(tmp_path / "new.wlnet")
    w1, b1, w2, b2, w3, b3 = NEW
    x = np.float32(0.7)
    assert_close(net(x), w3 @ np.tanh(w2 @ np.tanh(w1[:, 0] * x + b1) + b2) + b3)
    assert repr(net[2]) == 'FunctionLayer(NetGraph([ElementwiseLayer("Tanh")], []))'
    back = Import(Export(tmp_path / "back.wlnet", net))
    assert back == net and Import(tmp_path / "new.wlnet", "WLVersion") == "13.0.3"
    assert same_bits(
        Import(tmp_path / "new.wlnet", "ArrayAssociation"), Import(tmp_path / "back.wlnet", "ArrayAssociation")
    )


def test_the_elements_of_a_file(tmp_path):
    old_file(tmp_path / "old.wlnet", OLD)
    arrays = Import(tmp_path / "old.wlnet", "ArrayList")
    assert [each.shape for each in arrays] == [(3,), (3,), (3,), (3,), (7, 3), (7,), (1, 7), (1,)]
    bare = Import(tmp_path / "old.wlnet", "UninitializedNet")
    assert Information(bare, "ArraysDimensions") == Information(Import(tmp_path / "old.wlnet"), "ArraysDimensions")
    assert Import(tmp_path / "old.wlnet", ("WLNet", "WLVersion")) == "11.3.5"


# --- what we write ------------------------------------------------------------------------------------------------------


def test_members_types_and_strings_are_those_of_the_reference(tmp_path):
    net = NetInitialize(
        NetChain({"enc": LinearLayer(3), "soft": SoftmaxLayer()}, Input=5, Output=NetDecoder("Class", ["a", "b", "c"]))
    )
    with h5py.File(Export(tmp_path / "net.wlnet", net)) as file:
        assert sorted(file) == ["Arrays", "Metadata", "Network", "Unstable", "Version"] and not file.attrs
        assert list(file["Arrays"]) == ["1", "2"]
        for name, shape in {"1": (3, 5), "2": (3,)}.items():
            array = file["Arrays"][name]
            assert (array.dtype, array.shape, array.chunks, array.compression) == (np.dtype("<f4"), shape, None, None)
        for name in ("Network", "Metadata", "Version"):
            kind = file[name].id.get_type()
            assert kind.is_variable_str() and kind.get_cset() == h5py.h5t.CSET_UTF8 and file[name].shape == ()
        assert (file["Unstable"].dtype, file["Unstable"].shape, file["Unstable"][()]) == (np.dtype("<i8"), (), 0)
        assert file["Version"].asstr()[()] == "14.2.1"
        metadata = dict(pairs_of(expanded(file["Metadata"].asstr()[()])))
        assert metadata["Version"] == "14.2.1" and metadata["Unstable"] is Symbol("False")
        assert file["Network"].asstr()[()].startswith("1:")
        tree = dict(pairs_of(expanded(file["Network"].asstr()[()])))
    assert (tmp_path / "net.wlnet").read_bytes()[8] == 0  # superblock version 0
    assert list(tree) == ["Type", "Nodes", "Edges", "Inputs", "Outputs"] and tree["Type"] == "Chain"
    first = dict(pairs_of(dict(pairs_of(tree["Nodes"]))["enc"]))
    assert first["Arrays"] == association([("Weights", call("ExportedArray", 1)), ("Biases", call("ExportedArray", 2))])
    assert dict(pairs_of(first["Parameters"])) == {
        "OutputDimensions": listed([3]),
        "$OutputSize": 3,
        "$InputSize": 5,
        "$InputDimensions": listed([5]),
    }
    assert tree["Edges"].arguments[1] == rule(
        call("NetPath", "Nodes", "soft", "Inputs", "Input"), call("NetPath", "Nodes", "enc", "Outputs", "Output")
    )
    decoder = dict(pairs_of(tree["Outputs"]))["Output"]
    assert decoder.name == "NetDecoder" and decoder.arguments[0] == "Class" and decoder.arguments[2] == tensor(3)


def without_code(net):
    return not (
        isinstance(net, CompiledLayer)
        and "object" not in repr(net)
        and callable(net.function)
        and not hasattr(net.function, "steps")
    )


LAWFUL = [case.net for case in CASES]


@pytest.mark.parametrize("name", ["WLNet", "WXF"])
def test_every_net_of_the_laws_comes_back_equal_or_says_that_it_holds_python_code(tmp_path, name):
    refused = []
    for net in LAWFUL:
        try:
            assert Import(Export(tmp_path / "net", net, name), Format=name) == net, repr(net)
        except NetError as error:
            assert "is a Python object, which Wolfram's formats do not hold" in str(error), f"{net!r}: {error}"
            refused.append(net)
    assert refused == [net for net in LAWFUL if not without_code(net)] and len(refused) == 7


def test_coders_of_every_sort_come_back(tmp_path):
    encoders = [
        NetEncoder("Class", ["a", "b", "c"], "IndicatorVector"),
        NetEncoder("Class", [1, 2.5, "x"], "IndicatorVector"),
    ]
    for encoder in encoders:
        net = NetInitialize(
            NetChain([LinearLayer(2), SoftmaxLayer()], Input=encoder, Output=NetDecoder("Class", ["u", "→"]))
        )
        assert Import(Export(tmp_path / "net.wlnet", net)) == net
    for encoder in (
        NetEncoder("Boolean"),
        NetEncoder("Image", (5, 7), ColorSpace="Grayscale"),
        NetEncoder("Characters", "abc"),
    ):
        net = (
            LinearLayer(2, Input=encoder)
            if encoder.kind != "Characters"
            else SoftmaxLayer(Input=NetEncoder("Characters", "abc", "IndicatorVector"))
        )
        assert Import(Export(tmp_path / "net.wlnet", net)) == net


def test_a_trained_net_comes_back(tmp_path):
    net = NetTrain(
        NetChain([BatchNormalizationLayer(), LinearLayer(2)], Input=3),
        (example(11, 3), example(11, 2)),
        MaxTrainingRounds=2,
    )
    back = Import(Export(tmp_path / "net.wlnet", net))
    assert back == net and NetExtract(back, (1, "MovingMean")).any()


def test_python_code_is_refused_with_its_place(tmp_path):
    def softened(x):
        return x / (1 + np.abs(x).sum())

    with pytest.raises(NetError) as e:
        Export(tmp_path / "net.wlnet", NetChain({"c": CompiledLayer(softened, Input=5, Output=5)}))
    assert str(e.value).startswith("net/c/function: ") and str(e.value).endswith(
        "is a Python object, which Wolfram's formats do not hold\n  hint: write functions with NumPy's and wlnet's names so "
        "that they are recorded, or detach the coder with NetReplacePart(net, {port: None})"
    )
    assert not (tmp_path / "net.wlnet").exists()


# --- other files ----------------------------------------------------------------------------------------------------------


def test_groups_with_many_arrays_are_read_as_later_versions_keep_them(tmp_path):
    for count in (9, 100, 700):
        with h5py.File(tmp_path / "many", "w", track_order=True) as file:
            group = file.create_group("Arrays", track_order=True)
            for k in range(count):
                group.create_dataset(str(k), data=np.full((2, 3), k, np.float64 if k % 2 else ">i2"))
        members = members_of((tmp_path / "many").read_bytes()).members["Arrays"].members
        assert len(members) == count and all(
            np.array_equal(members[str(k)].array(), np.full((2, 3), k)) for k in range(count)
        )


def test_links_to_elsewhere_are_not_followed(tmp_path):
    (tmp_path / "secret").write_bytes(b"1:secret")
    with h5py.File(tmp_path / "net.wlnet", "w") as file:
        file["Network"] = h5py.ExternalLink(str(tmp_path / "secret"), "/Network")
        file["Version"] = h5py.SoftLink("/Network")
    for name, what in (("Net", "Network"), ("WLVersion", "Version")):
        with pytest.raises(NetError) as e:
            Import(tmp_path / "net.wlnet", name)
        assert str(e.value) == f"{tmp_path / 'net.wlnet'}: it holds no {what}, and so no net"


def refusal(path):
    with pytest.raises(NetError) as e:
        Import(path, Format="WLNet")
    return str(e.value).replace(str(path), "FILE")


def test_files_that_are_no_nets_are_named(tmp_path):
    path, kept = tmp_path / "net.wlnet", "FILE: it is no HDF5 of a net, or damaged: "
    path.write_bytes(b"hello")
    assert refusal(path) == kept + "it does not begin as HDF5 does"
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    assert refusal(path) == kept + "an address is beyond its end"
    with h5py.File(path, "w", libver="latest"):
        pass
    assert refusal(path).startswith(kept + "it is of superblock 3\n  hint: Wolfram writes superblock 0")
    with h5py.File(path, "w") as file:
        file["Network"] = np.arange(3)
    assert refusal(path) == kept + "a member is no string"
    with h5py.File(path, "w") as file:
        file.create_group("Network")
    assert refusal(path) == kept + "a member is no dataset"
    with h5py.File(path, "w") as file:
        file["Network"] = compressed(
            association([("Type", "Linear"), ("Arrays", association([("Weights", call("ExportedArray", 4))]))])
        )
    assert refusal(path) == "FILE: net/Weights: the file has no array 4"
    with h5py.File(path, "w") as file:
        file["Network"] = compressed(
            association([("Type", "Linear"), ("Arrays", association([("Weights", call("ExportedArray", 4))]))])
        )
        file.create_dataset("Arrays/4", data=np.ones((3, 5)), compression="gzip")
    assert (
        refusal(path) == kept + "a dataset is compressed, or elsewhere\n  hint: h5repack -l CONTI -f NONE rewrites it"
    )


def test_the_limit_of_a_tree_can_be_raised(tmp_path):
    net = NetInitialize(NetChain([LinearLayer(3)], Input=5))
    Export(tmp_path / "net.wlnet", net)
    with pytest.raises(NetError) as e:
        Import(tmp_path / "net.wlnet", limit=100)
    assert str(e.value).endswith("a Compress string stands for more than 100 bytes\n  hint: allow more by limit=…")
    assert Import(tmp_path / "net.wlnet", limit=10**6) == net


def test_four_thousand_damaged_files_give_a_net_or_a_net_error(tmp_path):
    Export(tmp_path / "one", LinearLayer(2, Weights=example(2, 3), Biases=None), "WLNet")
    with h5py.File(tmp_path / "two", "w", track_order=True) as file:
        tree = layer("Linear", {"Weights": 1}, {"OutputDimensions": listed([2])}, tensor(3), tensor(2))
        file["Network"] = compressed(tree)
        group = file.create_group("Arrays", track_order=True)
        for k in range(1, 10):
            group.create_dataset(str(k), data=example(2, 3))
    contents = [(tmp_path / name).read_bytes() for name in ("one", "two")]

    def attempt(content):
        (tmp_path / "file").write_bytes(content)
        wlnet_files.read(tmp_path / "file")

    well, tried = mutations.stands(attempt, mutations.bytes_of(contents, 4000), tmp_path, whole=contents[0])
    assert 0 < well < tried == 4000
