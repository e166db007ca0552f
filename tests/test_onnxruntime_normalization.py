"""NormalizationLayer, BatchNormalizationLayer and SoftmaxLayer against onnxruntime, which knows nothing of us.

Each test draws its settings from a fixed seed and compares 20 of them, sizes being different primes where they may be.
"""

import numpy as np
import pytest

from tests.examples import assert_close
from wlnet import All, SoftmaxLayer
from wlnet.layers.normalization import BatchNormalizationLayer, NormalizationLayer

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

SETTINGS = range(20)
PRIMES = [2, 3, 5, 7, 11, 13]


def computed(operator, inputs, opset, **attributes):
    """What onnxruntime makes of one operator on these arrays."""
    names = [f"x{k}" for k in range(len(inputs))]
    node = onnx.helper.make_node(operator, names, ["y"], **attributes)
    kind = onnx.TensorProto.FLOAT
    given = [onnx.helper.make_tensor_value_info(n, kind, array.shape) for n, array in zip(names, inputs, strict=True)]
    graph = onnx.helper.make_graph([node], "one", given, [onnx.helper.make_tensor_value_info("y", kind, None)])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(names, inputs, strict=True)))[0]


class Draw:
    """The numbers of one setting, by its number."""

    def __init__(self, number):
        self.random = np.random.default_rng((17, number))

    def sizes(self, least, most):
        """Different primes, as many as drawn."""
        count = int(self.random.integers(least, most + 1))
        return tuple(int(size) for size in self.random.permutation(PRIMES)[:count])

    def data(self, *shape):
        """Numbers whose mean and spread are drawn too."""
        spread, centre = self.random.uniform(0.3, 3), self.random.uniform(-2, 2)
        return (centre + spread * self.random.standard_normal(shape)).astype(np.float32)

    def affine(self, *shape):
        """A scale and a bias of that shape."""
        return self.random.uniform(0.5, 2, shape).astype(np.float32), self.random.normal(size=shape).astype(np.float32)

    def epsilon(self):
        """From 1e-6 to 1."""
        return float(10 ** self.random.uniform(-6, 0))


def batch(draw, sizes):
    """Data of a small batch of these sizes."""
    return draw.data(int(draw.random.integers(1, 4)), *sizes)


@pytest.mark.parametrize("number", SETTINGS)
def test_instance_normalization(number):
    """Channels first, statistics over all space dimensions: NormalizationLayer()."""
    draw = Draw(number)
    sizes = draw.sizes(2, 4)
    x, (gamma, beta), epsilon = batch(draw, sizes), draw.affine(sizes[0]), draw.epsilon()
    layer = NormalizationLayer(Epsilon=epsilon, Scaling=gamma, Biases=beta, Input=sizes)
    expected = computed("InstanceNormalization", [x, gamma, beta], 21, epsilon=epsilon)
    assert_close(layer(x), expected, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("number", SETTINGS)
def test_layer_normalization(number):
    """Statistics over the last levels, from a drawn one on, each place with a scale of its own."""
    draw = Draw(number)
    sizes = draw.sizes(2, 4)
    first = int(draw.random.integers(1, len(sizes) + 1))
    x, (gamma, beta), epsilon = batch(draw, sizes), draw.affine(*sizes[first - 1 :]), draw.epsilon()
    layer = NormalizationLayer(f"{first};;All", "Same", Epsilon=epsilon, Scaling=gamma, Biases=beta, Input=sizes)
    expected = computed("LayerNormalization", [x, gamma, beta], 17, axis=first, epsilon=epsilon)
    assert_close(layer(x), expected, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("number", SETTINGS)
def test_root_mean_square_normalization(number):
    """The same with Method="RMS" and no biases."""
    draw = Draw(number)
    sizes = draw.sizes(2, 4)
    first = int(draw.random.integers(1, len(sizes) + 1))
    x, (gamma, _), epsilon = batch(draw, sizes), draw.affine(*sizes[first - 1 :]), draw.epsilon()
    layer = NormalizationLayer(
        f"{first};;All", "Same", Method="RMS", Epsilon=epsilon, Scaling=gamma, Biases=None, Input=sizes
    )
    expected = computed("RMSNormalization", [x, gamma], 23, axis=first, epsilon=epsilon)
    assert_close(layer(x), expected, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("number", SETTINGS)
def test_group_normalization(number):
    """Groups of channels that share statistics, each channel with a scale of its own."""
    draw = Draw(number)
    groups, members, *space = draw.sizes(3, 5)
    sizes = (groups * members, *space)
    x, (gamma, beta), epsilon = batch(draw, sizes), draw.affine(sizes[0]), draw.epsilon()
    number_of_groups = (groups, *(1 for _ in space))
    layer = NormalizationLayer(
        All, 1, GroupNumber=number_of_groups, Epsilon=epsilon, Scaling=gamma, Biases=beta, Input=sizes
    )
    expected = computed("GroupNormalization", [x, gamma, beta], 21, num_groups=groups, epsilon=epsilon)
    assert_close(layer(x), expected, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("number", SETTINGS)
def test_batch_normalization(number):
    """Evaluation by the moving statistics, channels first or, with Interleaving, last."""
    draw = Draw(number)
    sizes = draw.sizes(1, 4)
    (gamma, beta), (variance, mean), epsilon = draw.affine(sizes[0]), draw.affine(sizes[0]), draw.epsilon()
    x = batch(draw, sizes)
    expected = computed("BatchNormalization", [x, gamma, beta, mean, variance], 15, epsilon=epsilon)
    arrays = {"Scaling": gamma, "Biases": beta, "MovingMean": mean, "MovingVariance": variance}
    layer = BatchNormalizationLayer(Epsilon=epsilon, Input=sizes, **arrays)
    assert_close(layer(x), expected, rtol=1e-4, atol=2e-5)
    last = BatchNormalizationLayer(Epsilon=epsilon, Interleaving=True, Input=(*sizes[1:], sizes[0]), **arrays)
    assert_close(last(np.moveaxis(x, 1, -1)), np.moveaxis(expected, 1, -1), rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("number", SETTINGS)
def test_softmax(number):
    """Along any level, counted from either end, with values far apart."""
    draw = Draw(number)
    sizes = draw.sizes(1, 4)
    level = int(draw.random.integers(1, len(sizes) + 1))
    x = batch(draw, sizes) * np.float32(10 ** draw.random.uniform(-2, 1.5))
    expected = computed("Softmax", [x], 13, axis=level)
    for setting in (level, level - len(sizes) - 1):
        assert_close(SoftmaxLayer(setting, Input=sizes)(x), expected)
