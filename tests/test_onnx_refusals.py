"""What ONNX import refuses, in full text; damaged files."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tests import mutations, onnx_models
from tests.examples import example
from tests.onnx_graphs import image_model, model, sequence_model
from wlnet import Import, NetError
from wlnet.core.heads import HEADS
from wlnet.formats.onnx.reading.model import net_of, parsed
from wlnet.formats.onnx.reading.node import OPERATORS
from wlnet.formats.onnx.table import BOOLEAN, HEAD_OF
from wlnet.formats.onnx.writing.named import HEADS as WRITTEN

X, Y = {"x": ["N", 3]}, {"y": ["N", 3]}


def refused(tmp_path, proto, **options):
    """The text of the error that importing a model gives, without the path."""
    path = tmp_path / "net.onnx"
    path.write_bytes(proto.SerializeToString())
    with pytest.raises(NetError) as error:
        Import(path, **options)
    return str(error.value).replace(f"{path}: ", "").replace(str(path), "net.onnx")


def test_if_nodes_are_refused_by_name():
    path = onnx_models.REFUSED.path
    with pytest.raises(NetError) as error:
        Import(path)
    assert str(error.value) == (
        f"{path}: the node 'If_0' (If, operator set 16) is not read\n"
        "  hint: export the model for one case: a net has no branches"
    )


REFUSED = {
    "an unknown operator": (
        model([("Roi", "x", "y", {"name": "crop"})], X, Y),
        "the node 'crop' (Roi, operator set 17) is not read"),
    "a quantized operator": (
        model([("DequantizeLinear", "x s", "y")], X, Y, {"s": np.float32(1)}),
        "the node of 'y' (DequantizeLinear, operator set 17) is not read\n"
        "  hint: export the model in single precision: quantized numbers are not read"),
    "nothing gives": (
        model([("Relu", "z", "y", {"name": "r"})], X, Y),
        "the node 'r' (Relu, operator set 17) reads 'z', which nothing gives"),
    "a circle": (
        model([("Add", "x b", "a", {"name": "one"}), ("Relu", "a", "b"), ("Relu", "b", "y")], X, Y),
        "the node 'one' (Add, operator set 17) reads 'b', which a later node gives: the nodes are not in order, or go in a "
        "circle"),
    "given twice": (model([("Relu", "x", "y"), ("Abs", "x", "y")], X, Y), "two nodes give 'y'"),
    "an output of nothing": (model([("Relu", "x", "z")], X, Y), "the model reads 'y', which nothing gives"),
    "no outputs": (model([("Relu", "x", "y")], X, {}), "the model has no outputs"),
    "texts": (
        model([("Relu", "x", "y")], X, Y, kinds={"x": TensorProto.STRING}), "the input 'x' is no array of numbers"),
    "weights that come in": (
        model([("Conv", "x w", "y", {"name": "conv"})], {"x": ["N", 2, 5, 7], "w": [3, 2, 3, 3]}, {"y": ["N", 3, 3, 5]}),
        "the node 'conv' (Conv, operator set 17): the weights must be known when the net is made, but it is the input 'w' "
        "of the graph\n  hint: give it: Constants={'w': …}"),
    "statistics of the batch": (
        model([("BatchNormalization", "x a a a a", "y", {"training_mode": 1})], X, Y, {"a": example(3)}),
        "the node of 'y' (BatchNormalization, operator set 17): it takes the statistics of the batch (training_mode is "
        "set)\n  hint: export it for evaluation"),
    "a reset before the product": (
        model([("GRU", "x w r", "y", {"hidden_size": 3})], {"x": [5, "N", 2]}, {"y": [5, 1, "N", 3]},
              {"w": example(1, 9, 2), "r": example(1, 9, 3)}),
        "the node of 'y' (GRU, operator set 17): its reset gate stands before the product (linear_before_reset is 0), "
        "which no layer has"),
    "wrong attributes": (
        model([("Transpose", "x", "y", {"perm": [0, 0], "name": "t"})], {"x": [2, 3]}, {"y": [2, 3]}),
        "the node 't' (Transpose, operator set 17): its axes [0, 0] are no order of 2 axes"),
}  # fmt: skip


@pytest.mark.parametrize("said", REFUSED)
def test_what_no_net_is_is_refused_with_the_node(tmp_path, said):
    proto, text = REFUSED[said]
    assert refused(tmp_path, proto) == text


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"Batch": "first"}, "Batch must be True, False or Automatic, got 'first'"),
        ({"Dimensions": (3,)}, "Dimensions must be a dict by the name of an input, got (3,)\n"
                               '  hint: write Dimensions={"x": …}, by the name of the input'),
        ({"Dimensions": {"X": (3,)}}, "the model has no input or free size 'X'\n  hint: did you mean x?"),
        ({"Dimensions": {"x": (5,)}}, "Dimensions of 'x' are N×5, but the model says N×3"),
        ({"Dimensions": {"x": (0,)}}, "Dimensions of 'x' must be positive whole numbers, got (0,)"),
        ({"Batchsize": 3}, "Import: Batchsize is not an option of ONNX\n  hint: did you mean Batch?"),
    ],
)  # fmt: skip
def test_options_that_do_not_fit_are_refused(tmp_path, options, text):
    assert refused(tmp_path, model([("Relu", "x", "y")], X, Y), **options) == text


def test_an_input_of_no_shape_needs_Dimensions(tmp_path):
    proto = model([("Relu", "x", "y")], {"x": None}, {"y": None})
    text = "the model does not say the shape of its input 'x'\n  hint: say it: Dimensions={'x': (3, 224, 224)}"
    assert refused(tmp_path, proto) == text
    assert Import(tmp_path / "net.onnx", Dimensions={"x": (3, 5)}).shapes["y"] == (3, 5)


def test_files_that_are_no_models_are_refused(tmp_path):
    path = tmp_path / "net.onnx"
    for content, text in ((b"\xff" * 50, "damaged"), (b"", "damaged: it holds no graph of operators")):
        path.write_bytes(content)
        with pytest.raises(NetError) as error:
            Import(path)
        assert str(error.value) == f"{path} is no ONNX file, or {text}"


@pytest.mark.parametrize("location", ["../arrays.bin", "/etc/passwd", ""])
def test_arrays_that_are_not_beside_the_model_are_not_read(tmp_path, location):
    proto = model([("Add", "x a", "y")], X, Y, {"a": example(3)})
    onnx.external_data_helper.set_external_data(proto.graph.initializer[0], location)
    proto.graph.initializer[0].ClearField("raw_data")
    proto.graph.initializer[0].data_location = TensorProto.EXTERNAL
    text = f"the array a stands in {location!r}, which is not a file beside the model"
    assert refused(tmp_path, proto) == text


def test_arrays_whose_file_is_missing_or_short_are_refused(tmp_path):
    proto = model([("Add", "x a", "y")], X, Y, {"a": example(3)})
    onnx.external_data_helper.set_external_data(proto.graph.initializer[0], "arrays.bin", offset=4, length=12)
    proto.graph.initializer[0].ClearField("raw_data")
    beside = tmp_path / "arrays.bin"
    assert refused(tmp_path, proto) == f"the array a stands in {beside}, which is not there"
    beside.write_bytes(b"\0" * 12)
    assert refused(tmp_path, proto) == f"the array a stands in {beside}, which is too short for it"


def test_absurd_sizes_are_refused_before_they_are_made(tmp_path):
    proto = model([("ConstantOfShape", "s", "y", {"name": "c"})], {}, {"y": [None, None]}, {"s": [2**31, 2**31]})
    assert refused(tmp_path, proto) == f"the node 'c' (ConstantOfShape, operator set 17): its shape is {(2**31, 2**31)}"
    proto = model(
        [("Expand", "a s", "y", {"name": "e"})], {}, {"y": [None, None]}, {"s": [2**20, 2**20], "a": example(1, 1)}
    )
    assert refused(tmp_path, proto) == "the node 'e' (Expand, operator set 17): it makes more numbers than are read"
    proto = model([("Add", "x a", "y")], X, Y, {"a": example(3)})
    proto.graph.initializer[0].dims[:] = [2**40, 2**40]
    assert refused(tmp_path, proto) == f"the array a is damaged: its shape is {(2**40, 2**40)}"


def test_a_node_with_a_graph_inside_is_no_secret(tmp_path):
    inner = helper.make_graph([], "inner", [], [])
    proto = model([("Relu", "x", "y")], X, Y)
    proto.graph.node.append(helper.make_node("Loop", ["", "", "x"], ["z"], body=inner, name="again"))
    assert refused(tmp_path, proto) == (
        "the node 'again' (Loop, operator set 17) is not read\n"
        "  hint: export the model with the loop unrolled: a net has no loops"
    )


def test_ten_thousand_damaged_models_give_a_net_or_a_net_error(tmp_path):
    contents = [image_model().SerializeToString(), sequence_model().SerializeToString()]

    def attempt(content):
        net_of(parsed(content, "the model"), tmp_path, {}, {}, None, "the model")

    attempt(contents[1])
    well, tried = mutations.stands(attempt, mutations.bytes_of(contents, 10_000), tmp_path, whole=contents[0])
    assert tried == 10_000
    assert 0 < well < tried


def test_the_table_names_operators_that_are_read_and_heads_that_are():
    assert all(("", name) in OPERATORS and head in HEADS for name, head in HEAD_OF.items())
    assert set(HEAD_OF) >= BOOLEAN
    assert all(onnx.defs.has(name) for name in HEAD_OF)
    assert all(onnx.defs.has(name, domain) for domain, name in OPERATORS if domain == "" and "Simplified" not in name)


def test_functions_that_are_written_by_name_are_read_as_the_same_head():
    for head, (operator, _, _) in WRITTEN.items():
        assert ("", operator) in OPERATORS
        assert HEAD_OF.get(operator, head) == head
