"""Nets as ONNX: every layer runs in onnxruntime as in our own evaluation; what cannot be written says so."""

import json
from collections import Counter

import numpy as np
import onnx
import pytest

from tests import known_nets
from tests.examples import assert_close, example
from tests.laws import columns
from tests.onnx_runs import batch, error, initialized, model, ours, session, theirs, varies
from tests.test_laws import CASES
from wlnet import (
    AggregationLayer,
    BasicRecurrentLayer,
    BatchNormalizationLayer,
    CompiledLayer,
    ConvolutionLayer,
    DeconvolutionLayer,
    DropoutLayer,
    ElementwiseLayer,
    EmbeddingLayer,
    Export,
    FlattenLayer,
    FunctionLayer,
    GatedRecurrentLayer,
    Import,
    LinearLayer,
    LocalResponseNormalizationLayer,
    LongShortTermMemoryLayer,
    NetArray,
    NetBidirectionalOperator,
    NetChain,
    NetDecoder,
    NetFoldOperator,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetNestOperator,
    NetPort,
    NetReplacePart,
    NormalDistribution,
    NormalizationLayer,
    OrderingLayer,
    ParametricRampLayer,
    PoolingLayer,
    RandomArrayLayer,
    ResizeLayer,
    SequenceRestLayer,
    SoftmaxLayer,
    SpatialTransformationLayer,
    Tanh,
    TotalLayer,
    TransposeLayer,
)
from wlnet.core.dims import Length
from wlnet.core.errors import NetError
from wlnet.core.expressions import Expression
from wlnet.core.types import Integer
from wlnet.formats.onnx.writing import model as writing
from wlnet.formats.onnx.writing.sizes import Size, Undecided, share
from wlnet.nets.container import ports_of_kind
from wlnet.verbs.data import Column


def holds_python(case) -> bool:
    """Whether the net is a layer with a Python function that was not recorded."""
    return isinstance(case.net, CompiledLayer) and not isinstance(case.net.function, Expression)


PYTHON = [case for case in CASES if holds_python(case)]
WRITTEN = [case for case in CASES if case not in PYTHON]
NEWEST = onnx.defs.onnx_opset_version()
CLOSE = 1e-5


def test_all_rows_of_the_laws_are_exported_but_those_with_a_python_function():
    assert len(WRITTEN) > 500 and 0 < len(PYTHON) < 15


# --- every layer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", WRITTEN, ids=repr)
def test_exports_of_every_layer_run_in_onnxruntime(case):
    """In batches of three, one and two, and of sequences of several lengths, by one and the same model."""
    net = initialized(case)
    ready = session(model(net))
    for count, length in ((3, 6), (1, 5), (2, 7), (3, 4)):
        data = batch(case, net, count, length)
        found = theirs(ready, data)
        for port, expected in ours(net, data)[0].items():
            assert error(found[port], expected) < CLOSE


@pytest.mark.parametrize("case", [case for case in WRITTEN if varies(case.net)], ids=repr)
def test_varying_length_included_batches_of_unequal_sequences(case):
    """With Lengths=True the padding, which is noise, does not reach the true elements."""
    net, data = initialized(case), columns(case)
    found = theirs(session(model(net, lengths=True)), data)
    expected, lengths = ours(net, data)
    for port, values in expected.items():
        shape = net.plan.shape((), port)
        if not shape or not isinstance(shape[0], Length):
            assert error(found[port], values) < CLOSE
            continue
        sizes = np.broadcast_to(shape[0].with_names(lambda name: lengths[name]), (3,))
        assert found[f"{port}Lengths"].tolist() == sizes.tolist()
        for k, size in enumerate(sizes):
            assert error(found[port][k, :size], values[k, :size]) < CLOSE


REPRESENTATIVE = [case for k, case in enumerate(WRITTEN) if k % 4 == 0 or "Varying" in repr(case)]


@pytest.mark.parametrize("opset", [9, 13, NEWEST])
def test_operator_sets_from_9_to_the_newest(opset):
    refused, ran = Counter(), 0
    for case in REPRESENTATIVE:
        net = initialized(case)
        try:
            made = model(net, opset)
        except NetError as refusal:
            refused[refusal.message] += 1
            continue
        data = batch(case, net, 2, 5)
        found = theirs(session(made), data)
        for port, expected in ours(net, data)[0].items():
            assert error(found[port], expected) < CLOSE, case
        ran += 1
    assert ran > 150
    needs = "the order of sequences of varying length needs operator set 10 of ONNX, not 9"
    assert set(refused) <= ({needs} if opset == 9 else set())


@pytest.mark.parametrize("layer, op", [
    (ConvolutionLayer(2, 3, Input=(3, 7)), "Conv"),
    (DeconvolutionLayer(2, 3, Input=(3, 7)), "ConvTranspose"),
    (PoolingLayer(2, Input=(3, 7)), "MaxPool"),
    (PoolingLayer(2, Function="Mean", Input=(3, 7)), "AveragePool"),
    (LinearLayer(2, Input=3), "Gemm"),
    (BatchNormalizationLayer(Input=(3, 7)), "BatchNormalization"),
    (NormalizationLayer(Input=(3, 7)), "InstanceNormalization"),
    (NormalizationLayer("2;;All", "Same", Input=(3, 7)), "LayerNormalization"),
    (LocalResponseNormalizationLayer(ChannelWindowSize=1, Input=(3, 7, 5)), "LRN"),
    (ElementwiseLayer("SELU", Input=3), "Selu"),
    (ElementwiseLayer("Tanh", Input=3), "Tanh"),
    (ParametricRampLayer(Input=3), "PRelu"),
    (FlattenLayer(Input=(3, 7)), "Flatten"),
    (SoftmaxLayer(Input=3), "Softmax"),
    (AggregationLayer("Mean", Input=(3, 7)), "ReduceMean"),
    (AggregationLayer("Max", Input=(3, 7)), "ReduceMax"),
    (ResizeLayer((5, 11), Input=(3, 7, 5)), "Resize"),
    (TransposeLayer("1<->2", Input=(3, 7)), "Transpose"),
    (BasicRecurrentLayer(2, Input=("Varying", 3)), "RNN"),
    (GatedRecurrentLayer(2, Input=("Varying", 3)), "GRU"),
    (LongShortTermMemoryLayer(2, Input=("Varying", 3)), "LSTM"),
    (EmbeddingLayer(3, 5, Input="Varying"), "Gather"),
    (SpatialTransformationLayer((5, 2), Input=(3, 7, 11)), "GridSample"),
    (NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"}, Input1="Varying"), "Scan"),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_layers_are_the_operators_of_their_name(layer, op):
    assert op in {node.op_type for node in model(NetInitialize(layer)).graph.node}


def test_functions_that_came_later_are_written_out_in_primitives():
    net = ElementwiseLayer("GELU", Input=3)
    assert [node.op_type for node in model(net, 20).graph.node] == ["Gelu"]
    assert "Gelu" not in [node.op_type for node in model(net, 18).graph.node]


def test_scaling_of_one_level_is_not_taken_for_that_of_another_of_equal_size():
    net = NetInitialize(NormalizationLayer("2;;All", Input=(5, 5)))
    net = NetReplacePart(net, {"Scaling": np.arange(1, 6), "Biases": np.arange(5, 0, -1)})
    row = NormalizationLayer(-1, (1,), Input=(5, 5), Scaling=np.arange(1, 6), Biases=np.arange(5))
    for each in (net, row):
        x = example(2, 5, 5)
        assert_close(session(model(each)).run(None, {"Input": x})[0], each(x), 1e-5)


# --- nets -------------------------------------------------------------------------------------------------------------


def known_data(net):
    """One example of a known net's input: classes, or a picture; sequences of eleven."""
    shape, of = net.plan.shape((), "Input"), net.plan.types[(), "Input"]
    sizes = [11 if isinstance(dim, Length) else dim for dim in shape]
    random = np.random.default_rng(3)
    x = (
        random.integers(1, of.high + 1, (1, *sizes))
        if isinstance(of, Integer)
        else random.random((1, *sizes), np.float32)
    )
    return {"Input": Column(x, np.array([11]) if isinstance(shape[0], Length) else None)}


KNOWN = ["lenet", "squeezenet", "resnet50", "gated_classifier", "transformer_block"]


@pytest.mark.parametrize("name", KNOWN)
def test_known_nets_run_in_onnxruntime_on_small_inputs(name, monkeypatch):
    monkeypatch.setattr(known_nets, "PICTURE", (3, 64, 64))
    net = NetInitialize(getattr(known_nets, name)(), RandomSeeding=1)
    data = known_data(net)
    found, (expected, _) = theirs(session(model(net)), data), ours(net, data)
    for port, values in expected.items():
        scale = max(1, np.abs(values).max())
        assert error(found[port] / scale, values / scale) < CLOSE


def test_the_batch_is_a_free_axis_and_ports_keep_their_names():
    net = NetInitialize(NetGraph({"a": LinearLayer(2), "b": LinearLayer(2), "sum": TotalLayer()},
                                 [(NetPort("Left"), "a"), (NetPort("Right"), "b"), (("a", "b"), "sum", NetPort("Both")),
                                  ("a", NetPort("First"))], Left=3, Right=5))  # fmt: skip
    graph = model(net).graph
    shapes = {
        each.name: [dim.dim_param or dim.dim_value for dim in each.type.tensor_type.shape.dim]
        for each in [*graph.input, *graph.output]
    }
    assert shapes == {"Left": ["batch", 3], "Right": ["batch", 5], "Both": ["batch", 2], "First": ["batch", 2]}
    left, right = example(7, 3), example(7, 5, seed=1)
    found = session(model(net)).run(["Both", "First"], {"Left": left, "Right": right})
    expected = net({"Left": left, "Right": right})
    assert_close(found[0], expected["Both"], CLOSE)
    assert_close(found[1], expected["First"], CLOSE)


def test_a_varying_length_is_a_free_axis_of_its_name():
    net = NetChain([SequenceRestLayer()], Input=("frames", 3))
    dims = [each.type.tensor_type.shape.dim for each in (*model(net).graph.input, *model(net).graph.output)]
    assert [[dim.dim_param or dim.dim_value for dim in each] for each in dims] == [
        ["batch", "frames", 3],
        ["batch", "frames - 1", 3],
    ]


def test_inputs_of_integer_type_are_int64():
    net = NetInitialize(EmbeddingLayer(2, 5, Input=3))
    (port,) = model(net).graph.input
    assert port.type.tensor_type.elem_type == onnx.TensorProto.INT64
    classes = np.array([[1, 5, 2], [3, 3, 4]])
    assert_close(session(model(net)).run(None, {"Input": classes})[0], net(classes), 0)


def test_training_layers_are_written_in_evaluation_mode():
    net = NetInitialize(NetChain([BatchNormalizationLayer(), DropoutLayer(0.5)], Input=3))
    assert [node.op_type for node in model(net).graph.node] == ["BatchNormalization"]


def test_shared_arrays_are_written_once():
    shared = NetArray("w", Array=example(3, 3))
    net = NetChain([LinearLayer(3, Weights=shared, Biases=None), LinearLayer(3, Weights=shared, Biases=None)], Input=3)
    assert [list(each.dims) for each in model(net).graph.initializer] == [[3, 3]]
    states = NetNestOperator(NetInitialize(GatedRecurrentLayer(2, Input=(5, 2))), 3)
    large = [list(each.dims) for each in model(states).graph.initializer if len(each.dims) > 1]
    assert sorted(large) == [[1, 6, 2], [1, 6, 2], [1, 12]]


def test_nested_containers_are_flattened():
    net = NetInitialize(NetChain([NetChain({"in": LinearLayer(2)}), NetGraph({"out": Tanh}, [])], Input=3))
    assert [node.op_type for node in model(net).graph.node] == ["Gemm", "Tanh"]
    assert {each.name for each in model(net).graph.initializer} == {"1/in/Weights", "1/in/Biases"}


def test_operators_are_unrolled_folded_into_the_batch_or_a_scan():
    ops = lambda net: Counter(node.op_type for node in model(NetInitialize(net)).graph.node)
    assert ops(NetNestOperator(LinearLayer(3), 5, Input=3))["Gemm"] == 5
    assert ops(NetMapOperator(LinearLayer(2), Input=("Varying", 3)))["Gemm"] == 1
    assert ops(NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"}, Input1="Varying"))["Scan"] == 1
    assert ops(NetBidirectionalOperator(GatedRecurrentLayer(2), Input=("Varying", 3)))["GRU"] == 2


def test_expressions_are_written_operator_by_operator():
    net = ElementwiseLayer(lambda x: np.tanh(x) * 2 + x**2, Input=3)
    assert Counter(node.op_type for node in model(net).graph.node) == {"Tanh": 1, "Mul": 2, "Add": 1}


def test_function_layers_are_written_by_their_net():
    net = FunctionLayer(lambda a, b: (a @ b.T).max(-1), a=(2, 3), b=(5, 3))
    data = {"a": Column(example(7, 2, 3)), "b": Column(example(7, 5, 3, seed=1))}
    assert error(theirs(session(model(net)), data)["Output"], ours(net, data)[0]["Output"]) < CLOSE


def test_coders_are_said_in_the_metadata():
    net = NetInitialize(NetChain([LinearLayer(2), SoftmaxLayer()], Input=3, Output=NetDecoder("Class", ["ä", 5])))
    said = {each.key: each.value for each in model(net).metadata_props}
    assert said == {"Output.coder": 'NetDecoder("Class", ["ä", 5])', "Output.classes": '["ä", 5]'}
    assert json.loads(said["Output.classes"]) == ["ä", 5]


def test_an_output_that_is_an_input_or_another_output_too():
    net = NetGraph({"a": ElementwiseLayer("Tanh")}, [(NetPort("Input"), "a"), ("a", NetPort("One")),
                   ("a", NetPort("Two"))], Input=3)  # fmt: skip
    x = example(2, 3)
    one, two = session(model(net)).run(None, {"Input": x})
    assert_close(one, np.tanh(x), CLOSE)
    assert_close(two, np.tanh(x), CLOSE)
    assert_close(session(model(NetChain([DropoutLayer()], Input=3))).run(None, {"Input": x})[0], x, 0)


def test_what_depends_on_the_length_is_written_with_lengths_as_data():
    net = NetInitialize(ConvolutionLayer(2, 2, Interleaving=True, PaddingSize="Same", Stride=3, Input=("Varying", 3)))
    ready = session(model(net))
    for size in (1, 2, 3, 7, 8, 9):
        x = example(2, size, 3)
        assert_close(ready.run(None, {"Input": x})[0], net(x), CLOSE)


# --- there and back ---------------------------------------------------------------------------------------------------

IN_DOUBLE = ('"Gamma"', '"LogGamma"')
"""What is written in double precision, and read back in single."""
FIXED = [case for case in WRITTEN if not varies(case.net) and ports_of_kind(case.net, "in")]
LEFT_OUT = {
    "GatherND": "places that the data say",
    "GridSample": "places in images that the data say",
    "Scan": "loops",
}
"""Operators that are written and that Import does not read."""


def test_net_to_onnx_to_net_evaluates_equal(tmp_path):
    """Of the rows without varying lengths: Import reads the others where their operators say no length."""
    equal = 0
    for case in FIXED:
        net = initialized(case)
        try:
            back = Import(Export(tmp_path / "net.onnx", net))
        except NetError as refusal:
            assert any(f"({op}, operator set 18) is not read" in refusal.message for op in LEFT_OUT), case
            continue
        read = ports_of_kind(back, "in")
        if not read:
            continue  # a net whose output does not depend on its inputs
        data = {port: column.array for port, column in columns(case).items()}
        found, expected = back({port: data[port] for port in read}), net(data)
        for port in expected if isinstance(expected, dict) else [None]:
            one, two = (each if port is None else each[port] for each in (found, expected))
            assert error(one, two) < (CLOSE if any(name in repr(case) for name in IN_DOUBLE) else 1e-6), case
        equal += 1
    assert equal > 300


# --- files ------------------------------------------------------------------------------------------------------------


def test_export_writes_a_file_that_import_reads(tmp_path):
    net = NetInitialize(NetChain({"enc": LinearLayer(3), "soft": SoftmaxLayer()}, Input=5), RandomSeeding=2)
    path = tmp_path / "net.onnx"
    assert Export(path, net) == path
    assert onnx.load(path).opset_import[0].version == 18
    Export(path, net, OperatorSetVersion=9)
    assert (onnx.load(path).opset_import[0].version, onnx.load(path).producer_name) == (9, "wlnet")
    assert_close(session(str(path)).run(None, {"Input": example(7, 5)})[0], net(example(7, 5)), CLOSE)
    assert_close(Import(path)(example(5)), net(example(5)), 1e-6)
    assert [each.name for each in tmp_path.iterdir()] == ["net.onnx"]


def test_arrays_that_a_model_has_no_room_for_are_put_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "ROOM", 10)
    net = NetInitialize(NetChain([LinearLayer(3)], Input=5))
    path = tmp_path / "net.onnx"
    Export(path, net)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["net.onnx", "net.onnx.data"]
    assert (tmp_path / "net.onnx.data").stat().st_size == 4 * (15 + 3)
    onnx.checker.check_model(str(path), full_check=True)
    assert_close(session(str(path)).run(None, {"Input": example(7, 5)})[0], net(example(7, 5)), CLOSE)
    assert_close(Import(path)(example(5)), net(example(5)), 1e-6)


# --- refusals ---------------------------------------------------------------------------------------------------------

ROW = NetInitialize(LinearLayer(2, Input=3))
REFUSALS = [
    (ROW, {"OperatorSetVersion": 8},
     f"Export: OperatorSetVersion must be a whole number from 9 to {NEWEST}, got 8"),
    (ROW, {"OperatorSetVersion": "18"},
     f"Export: OperatorSetVersion must be a whole number from 9 to {NEWEST}, got '18'"),
    (ROW, {"OperatorSetVersion": 99},
     f"Export: OperatorSetVersion must be a whole number from 9 to {NEWEST}, got 99\n"
     "  hint: a package onnx that is newer knows more"),
    (ROW, {"Lengths": 3}, "Export: Lengths must be True or False, got 3"),
    (ROW, {"Opset": 3}, "Export: Opset is not an option of ONNX\n  hint: there are OperatorSetVersion, Lengths"),
    (LinearLayer(2, Input=3), {},
     "LinearLayer has no values for Weights and Biases\n  hint: NetInitialize(net) gives it initial values"),
    (ElementwiseLayer("Tanh"), {},
     "the shape of Input is not known (?)\n"
     "  hint: give it when the layer is made, as in Input=(3, 8), or give data that say it"),
    (NetChain([RandomArrayLayer(lambda m: NormalDistribution(m, 1))], Input=3), {},
     "net/1: random numbers cannot be written as ONNX\n  hint: give the random numbers by an input port of the net"),
    (NetChain({"own": CompiledLayer(np.sort, Output=3)}, Input=3), {},
     "net/own: CompiledLayer: a Python function cannot be written as ONNX\n"
     "  hint: write the function with what wlnet records, such as FunctionLayer(f) with NumPy's functions"),
    (NetChain({"order": OrderingLayer()}, Input="Varying"), {"OperatorSetVersion": 9},
     "net/order: the order of sequences of varying length needs operator set 10 of ONNX, not 9\n"
     "  hint: Export(path, net, OperatorSetVersion=10)"),
]  # fmt: skip


@pytest.mark.parametrize("net, options, text", REFUSALS, ids=lambda value: value if isinstance(value, str) else "")
def test_what_cannot_be_exported_says_where_and_what_to_do(tmp_path, net, options, text):
    with pytest.raises(NetError) as e:
        Export(tmp_path / "net.onnx", net, **options)
    assert str(e.value) == text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("case", PYTHON, ids=repr)
def test_layers_of_python_functions_are_refused(case):
    with pytest.raises(NetError, match="a Python function cannot be written as ONNX"):
        model(initialized(case))


def test_a_file_that_cannot_be_written(tmp_path):
    (tmp_path / "net.onnx").mkdir()
    with pytest.raises(NetError) as e:
        Export(tmp_path / "net.onnx", ROW)
    assert str(e.value) == f"{tmp_path / 'net.onnx'} cannot be written: it is a directory\n  hint: name a file in it"


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_sizes_answer_arithmetic_as_the_numbers_they_stand_for():
    n, batch_size = Size.named("n", None), Size.named("batch", None)
    assert (2 * n + 4) // 2 == n + 2 and (n + 1) - n == 1 and (n * 3) % 3 == 0
    assert share(batch_size * n * 3, batch_size) == 3 * n and share(n, batch_size) is None
    assert max(n, 1) == n and max(1, n) == n and n + 1 > n and not n < 1 and n >= 1 and n <= n
    assert str((n + 1) // 2 + 3 * n) == "floor((n + 1)/2) + 3*n"
    with pytest.raises(Undecided):
        max(n - 3, 0)
