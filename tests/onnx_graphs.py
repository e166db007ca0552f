"""Small ONNX models of our own, for tests: nodes, inputs, outputs and arrays as they are written."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tests.examples import example


def model(nodes, inputs, outputs, arrays=None, opset=17, kinds=None):
    """A model: inputs and outputs are sizes by name, where a text is a free size; arrays are those of the file."""
    kinds = kinds or {}
    graph = helper.make_graph(
        [helper.make_node(kind, reads, gives, **settings) for kind, reads, gives, settings in map(whole, nodes)],
        "graph",
        [value(name, dims, kinds) for name, dims in inputs.items()],
        [value(name, dims, kinds) for name, dims in outputs.items()],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in (arrays or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)


def whole(node):
    """A node (kind, inputs, outputs, settings), of which the last may be left out; names in one text are several, and
    two blanks leave one out."""
    kind, reads, gives, *settings = node
    return kind, reads.split(" ") if reads else [], gives.split(" "), settings[0] if settings else {}


def value(name, dims, kinds):
    return helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), dims)


def image_model():
    """A convolution, shape code, a folded constant, a matrix, softmax."""
    nodes = [
        ("Conv", "x w b", "c", {"pads": [1, 1, 1, 1], "name": "conv"}),
        ("Relu", "c", "r", {"name": "relu"}),
        ("Shape", "r", "s"),
        ("Slice", "s zero one", "n"),
        ("Concat", "n rest", "to", {"axis": 0}),
        ("Reshape", "r to", "f", {"name": "flat"}),
        ("Mul", "half half", "quarter", {"name": "folded"}),
        ("Mul", "f quarter", "h"),
        ("Gemm", "h g gb", "y", {"transB": 1, "name": "gemm"}),
        ("Softmax", "y", "p", {"axis": -1}),
    ]
    arrays = {
        "w": example(3, 2, 3, 3), "b": example(3), "zero": [0], "one": [1], "rest": [-1], "half": np.float32(0.5),
        "g": example(2, 105), "gb": example(2, seed=1),
    }  # fmt: skip
    return model(nodes, {"x": ["N", 2, 5, 7]}, {"p": ["N", 2]}, arrays)


def sequence_model():
    """An LSTM with the time first, a matrix with biases."""
    nodes = [
        ("LSTM", "x w r b", "y yh", {"hidden_size": 3, "name": "lstm"}),
        ("Squeeze", "y one", "q"),
        ("MatMul", "q m", "z", {"name": "matrix"}),
        ("Add", "z a", "o"),
    ]
    arrays = {"w": example(1, 12, 2), "r": example(1, 12, 3, seed=1), "b": example(1, 24, seed=2), "one": [1],
              "m": example(3, 5), "a": example(5)}  # fmt: skip
    return model(nodes, {"x": ["T", "N", 2]}, {"o": ["T", "N", 5]}, arrays)
