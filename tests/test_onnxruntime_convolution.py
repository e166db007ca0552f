"""ConvolutionLayer and PoolingLayer beside onnxruntime's Conv, MaxPool and AveragePool, on random settings."""

import math

import numpy as np
import pytest

from tests.examples import example
from wlnet.layers.convolution import ConvolutionLayer
from wlnet.layers.pooling import PoolingLayer

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

SETTINGS = 24


def computed(operator, inputs, **attributes):
    """What onnxruntime gives for one operator."""
    helper, real = onnx.helper, onnx.TensorProto.FLOAT
    node = helper.make_node(operator, list(inputs), ["y"], **attributes)
    given = [helper.make_tensor_value_info(name, real, value.shape) for name, value in inputs.items()]
    graph = helper.make_graph([node], "one", given, [helper.make_tensor_value_info("y", real, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def drawn(number, dilates):
    """Random sizes of a window that fits: (our options, onnx's attributes, sizes of space)."""
    random = np.random.default_rng((number, dilates))
    rank = number % 3 + 1
    pick = lambda *bounds: tuple(int(n) for n in random.integers(*bounds, rank))
    kernel, stride = pick(1, 5), pick(1, 4)
    same = number % 4 == 3
    dilation = pick(1, 4) if dilates and not same else (1,) * rank  # onnxruntime has no "Same" with dilation
    before, after = (tuple(int(random.integers(k)) for k in kernel) for _ in range(2))
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    size = tuple(r + int(random.integers(1, 9)) for r in reach)
    ours = {"PaddingSize": tuple(zip(before, after, strict=True))}
    theirs = {"kernel_shape": kernel, "strides": stride, "pads": before + after}
    if same:
        ours = {"PaddingSize": "Same"}
        theirs = {"kernel_shape": kernel, "strides": stride, "auto_pad": "SAME_UPPER"}
    return ours, theirs | ({"dilations": dilation} if dilates else {}), size


@pytest.mark.parametrize("number", range(SETTINGS))
def test_convolution_is_onnxruntimes(number):
    options, attributes, size = drawn(number, True)
    groups = (1, 1, 2, 3, 6)[number % 5]
    inputs, outputs = (6, 12) if groups > 1 else (5, 7)
    x = example(3, inputs, *size, seed=number)
    weights = example(outputs, inputs // groups, *attributes["kernel_shape"], seed=number)
    biases = example(outputs, seed=number)
    layer = ConvolutionLayer(
        Weights=weights, Biases=biases, Stride=attributes["strides"], Dilation=attributes["dilations"],
        ChannelGroups=groups, **options,
    )  # fmt: skip
    expected = computed("Conv", {"x": x, "weights": weights, "biases": biases}, group=groups, **attributes)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-4)
    turned = layer.changed(Interleaving=True)
    np.testing.assert_allclose(np.moveaxis(turned(np.moveaxis(x, 1, -1)), -1, 1), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("number", range(SETTINGS))
@pytest.mark.parametrize("function", ["Max", "Mean", "Total"])
def test_pooling_is_onnxruntimes(number, function):
    options, attributes, size = drawn(number, False)
    kernel = attributes["kernel_shape"]
    x = example(3, 5, *size, seed=number)
    layer = PoolingLayer(kernel, attributes["strides"], Function=function, **options)
    if function == "Max":
        expected = computed("MaxPool", {"x": x}, **attributes)
    else:
        expected = computed("AveragePool", {"x": x}, count_include_pad=1, **attributes)
        expected = expected * math.prod(kernel) if function == "Total" else expected
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-4)
