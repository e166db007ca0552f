"""Deconvolution, resizing, spatial transformation and local response normalization beside onnxruntime's operators."""

import numpy as np
import pytest

from tests.examples import example
from wlnet import (
    DeconvolutionLayer,
    LocalResponseNormalizationLayer,
    ResizeLayer,
    Scaled,
    SpatialTransformationLayer,
)

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

SETTINGS = range(20)


def computed(nodes, inputs, output="y"):
    """What onnxruntime gives for nodes (operator, inputs, outputs, attributes)."""
    helper = onnx.helper
    given = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in inputs.items()
    ]
    made = [helper.make_node(operator, takes, gives, **attributes) for operator, takes, gives, attributes in nodes]
    out = [helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, None)]
    model = helper.make_model(
        helper.make_graph(made, "one", given, out), opset_imports=[helper.make_opsetid("", 20)], ir_version=9
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def drawn(number, rank):
    """Random settings of a deconvolution: sizes of space, kernel, stride, dilation, and what is cropped."""
    random = np.random.default_rng((number, rank))
    pick = lambda *bounds: tuple(int(n) for n in random.integers(*bounds, rank))
    size, kernel, stride, dilation = pick(2, 6), pick(1, 5), pick(1, 4), pick(1, 4)
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    whole = [s * (n - 1) + r for n, s, r in zip(size, stride, reach, strict=True)]
    before = tuple(int(random.integers(0, min(n, 4))) for n in whole)
    after = tuple(int(random.integers(0, min(n - b, 4))) for n, b in zip(whole, before, strict=True))
    return size, kernel, stride, dilation, before, after


@pytest.mark.parametrize("number", SETTINGS)
def test_deconvolution_is_onnxruntimes(number):
    size, kernel, stride, dilation, before, after = drawn(number, number % 3 + 1)
    groups = (1, 1, 2, 3, 6)[number % 5]
    inputs, outputs = (6, 12) if groups > 1 else (5, 7)
    x = example(3, inputs, *size, seed=number)
    weights = example(inputs, outputs // groups, *kernel, seed=number)
    biases = example(outputs, seed=number)
    layer = DeconvolutionLayer(
        Weights=weights, Biases=biases, Stride=stride, Dilation=dilation, ChannelGroups=groups,
        PaddingSize=tuple(zip(before, after, strict=True)),
    )  # fmt: skip
    attributes = {"strides": stride, "dilations": dilation, "pads": before + after, "group": groups}
    given = {"x": x, "weights": weights, "biases": biases}
    expected = computed([("ConvTranspose", list(given), ["y"], attributes)], given)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-4)
    turned = layer.changed(Interleaving=True)
    np.testing.assert_allclose(np.moveaxis(turned(np.moveaxis(x, 1, -1)), -1, 1), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("number", SETTINGS)
def test_same_deconvolution_is_onnxruntimes(number):
    size, kernel, stride, _, _, _ = drawn(number, number % 2 + 1)
    kernel = tuple(k + s for k, s in zip(kernel, stride, strict=True))
    x, weights = example(3, 5, *size, seed=number), example(5, 7, *kernel, seed=number)
    layer = DeconvolutionLayer(Weights=weights, Biases=None, Stride=stride, PaddingSize="Same")
    given = {"x": x, "weights": weights}
    expected = computed([("ConvTranspose", list(given), ["y"], {"strides": stride, "auto_pad": "SAME_UPPER"})], given)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-4)


MODES = {"Point": "align_corners", "Bin": "half_pixel"}


@pytest.mark.parametrize("number", SETTINGS)
@pytest.mark.parametrize("scheme", MODES)
def test_linear_resizing_is_onnxruntimes(number, scheme):
    random = np.random.default_rng(number)
    rank = number % 3 + 1
    size, target = (tuple(int(n) for n in random.integers(2, 14, rank)) for _ in range(2))
    x = example(3, 5, *size, seed=number)
    given = {"x": x, "sizes": np.array((3, 5, *target))}
    attributes = {"mode": "linear", "coordinate_transformation_mode": MODES[scheme]}
    expected = computed([("Resize", ["x", "", "", "sizes"], ["y"], attributes)], given)
    layer = ResizeLayer(target, Scheme=scheme)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-5)
    turned = layer.changed(Interleaving=True)
    np.testing.assert_allclose(np.moveaxis(turned(np.moveaxis(x, 1, -1)), -1, 1), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("number", SETTINGS)
def test_nearest_resizing_is_onnxruntimes(number):
    random = np.random.default_rng(number)
    rank = number % 3 + 1
    size, factors = (tuple(int(n) for n in random.integers(1, high, rank)) for high in (8, 5))
    x = example(3, 5, *size, seed=number)
    given = {"x": x, "scales": np.array((1, 1, *factors), np.float32)}
    attributes = {
        "mode": "nearest", "coordinate_transformation_mode": "half_pixel", "nearest_mode": "round_prefer_floor",
    }  # fmt: skip
    expected = computed([("Resize", ["x", "", "scales"], ["y"], attributes)], given)
    layer = ResizeLayer(tuple(map(Scaled, factors)), Resampling="Nearest")
    np.testing.assert_array_equal(layer(x), expected)


@pytest.mark.parametrize("number", SETTINGS)
def test_spatial_transformation_is_onnxruntimes(number):
    random = np.random.default_rng(number)
    height, width, rows, columns = (int(n) for n in random.integers(2, 12, 4))
    x = example(3, 5, height, width, seed=number)
    parameters = (np.array([1, 0, 0, 0, 1, 0]) + random.normal(0, 0.4, (3, 6))).astype(np.float32)
    given = {"x": x, "theta": parameters.reshape(3, 2, 3), "size": np.array((3, 5, rows, columns))}
    nodes = [
        ("AffineGrid", ["theta", "size"], ["grid"], {"align_corners": 1}),
        ("GridSample", ["x", "grid"], ["y"], {"align_corners": 1, "mode": "linear", "padding_mode": "zeros"}),
    ]
    layer = SpatialTransformationLayer((rows, columns))
    got = layer({"Input": x, "Parameters": parameters})
    np.testing.assert_allclose(got, computed(nodes, given), rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("number", SETTINGS)
def test_local_response_normalization_is_onnxruntimes(number):
    random = np.random.default_rng(number)
    width = int(random.integers(0, 4))
    channels = 2 * width + 1 + int(random.integers(0, 5))
    alpha, beta, bias = (float(n) for n in random.uniform(0.2, 2, 3))
    x = example(3, channels, 2, 7, seed=number)
    attributes = {"size": 2 * width + 1, "alpha": alpha, "beta": beta, "bias": bias}  # onnx divides alpha by its size
    expected = computed([("LRN", ["x"], ["y"], attributes)], {"x": x})
    layer = LocalResponseNormalizationLayer(Alpha=alpha, Beta=beta, Bias=bias, ChannelWindowSize=width)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-6)
