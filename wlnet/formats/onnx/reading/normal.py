"""Normalization: by moving statistics, over each example, over channels."""

from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS
from wlnet.formats.onnx.reading.arrays import in_shape, with_ones
from wlnet.formats.onnx.reading.elementwise import met
from wlnet.formats.onnx.reading.mapped import each_item
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.reductions import reduced
from wlnet.formats.onnx.reading.values import Value
from wlnet.layers.images import LocalResponseNormalizationLayer
from wlnet.layers.normalization import BatchNormalizationLayer, NormalizationLayer


@reads("BatchNormalization")
def batch_normalized(node: Node, x: Value, scale: Value, bias: Value, mean: Value, variance: Value) -> Value:
    """The moving statistics of each channel, axis 1, made 0 and 1."""
    if node.whole("training_mode", 0):
        raise NetError("it takes the statistics of the batch (training_mode is set)", hint="export it for evaluation")
    named = {"Scaling": scale, "Biases": bias, "MovingMean": mean, "MovingVariance": variance}
    arrays = {name: node.array(value, name) for name, value in named.items()}
    layer = BatchNormalizationLayer(
        Epsilon=node.number("epsilon", 1e-5), Momentum=node.number("momentum", 0.9), **arrays
    )
    if x.rank == 1 or x.batch == 1:
        raise NetError(f"its channels are axis 1 of a tensor of rank {x.rank}")
    return each_item(x, layer)


@reads("InstanceNormalization")
def instance_normalized(node: Node, x: Value, scale: Value, bias: Value) -> Value:
    """Each channel of each example made to have mean 0 and variance 1."""
    layer = NormalizationLayer(
        "2;;All",
        Epsilon=node.number("epsilon", 1e-5),
        Scaling=node.array(scale, "the scale"),
        Biases=node.array(bias, "the bias"),
    )
    return each_item(x, layer)


@reads("LayerNormalization")
def layer_normalized(node: Node, x: Value, scale: Value, bias: Value | None = None) -> list[Value]:
    """The axes from `axis` on made to have mean 0 and variance 1; beside it the mean, and 1 / deviation."""
    axes = list(range(x.axis(node.whole("axis", -1)), x.rank))
    y, mean, inverse = standardized(x, axes, node.number("epsilon", 1e-5))
    y = met(HEADS["Times"], y, scale)
    return [y if bias is None else met(HEADS["Plus"], y, bias), mean, inverse]


def standardized(x: Value, axes: list[int], epsilon: float) -> tuple[Value, Value, Value]:
    """A tensor with mean 0 and variance 1 over axes; the mean, and 1 / √(variance + epsilon)."""
    mean = reduced("Mean", x, axes, True)
    centred = met(HEADS["Subtract"], x, mean)
    square = reduced("Mean", met(lambda a: a * a, centred), axes, True)
    inverse = met(lambda a: 1 / HEADS["Sqrt"](a + epsilon), square)
    return met(HEADS["Times"], centred, inverse), mean, inverse


@reads("RMSNormalization", "SimplifiedLayerNormalization")
def rms_normalized(node: Node, x: Value, scale: Value) -> Value:
    """The axes from `axis` on made to have mean square 1."""
    axes = list(range(x.axis(node.whole("axis", -1)), x.rank))
    square = reduced("Mean", met(lambda a: a * a, x), axes, True)
    epsilon = node.number("epsilon", 1e-5)
    return met(lambda a, s, c: a / HEADS["Sqrt"](s + epsilon) * c, x, square, scale)


@reads("GroupNormalization")
def group_normalized(node: Node, x: Value, scale: Value, bias: Value) -> Value:
    """Each group of channels of each example made to have mean 0 and variance 1."""
    groups, sizes = node.whole("num_groups"), x.shape
    if not isinstance(groups, int) or groups < 1 or sizes[1] % groups:
        raise NetError(f"num_groups is {groups} for {sizes[1]} channels")
    cut = in_shape(x, [*sizes[:1], groups, sizes[1] // groups, *sizes[2:]])
    y, _, _ = standardized(cut, list(range(2, cut.rank)), node.number("epsilon", 1e-5))
    wide = list(range(1, len(sizes) - 1))
    per_group = scale.shape == (groups,) and node.version < 21 and groups != sizes[1]
    if per_group:
        return in_shape(affine(y, scale, bias, [*wide, len(sizes) - 1]), list(sizes))
    return affine(in_shape(y, list(sizes)), scale, bias, wide)


def affine(y: Value, scale: Value, bias: Value, wide: list[int]) -> Value:
    """scale · y + bias, of vectors that get more axes behind their own."""
    return met(lambda a, b, c: a * b + c, y, with_ones(scale, wide), with_ones(bias, wide))


@reads("MeanVarianceNormalization")
def mean_variance(node: Node, x: Value) -> Value:
    """Mean 0 and variance 1 over axes, of the batch too by default."""
    axes = node.sizes("axes", [0, 2, 3])
    mean = reduced("Mean", x, axes, True)
    centred = met(HEADS["Subtract"], x, mean)
    deviation = met(lambda a: HEADS["Sqrt"](a) + 1e-9, reduced("Mean", met(lambda a: a * a, centred), axes, True))
    return met(HEADS["Divide"], centred, deviation)


@reads("LpNormalization")
def norm_one(node: Node, x: Value) -> Value:
    """Each vector along an axis divided by its norm."""
    axis, p = node.whole("axis", -1), node.whole("p", 2)
    if p == 1:
        return met(safe, x, reduced("Total", met(HEADS["Abs"], x), [axis], True))
    return met(safe, x, met(HEADS["Sqrt"], reduced("Total", met(lambda a: a * a, x), [axis], True)))


def safe(a: Any, b: Any) -> Any:
    """a / b, and 0 where b is 0."""
    none = HEADS["Equal"](b, 0)
    return HEADS["If"](none, 0, a / HEADS["If"](none, 1, b))


@reads("LRN")
def local_response(node: Node, x: Value) -> Value:
    """Each number divided by what its neighbours in the channels amount to."""
    size = node.whole("size")
    if not isinstance(size, int) or size < 1 or size % 2 == 0:
        raise NetError(f"its window of channels has size {size}", hint="odd sizes are read")
    settings = {
        "Alpha": node.number("alpha", 1e-4),
        "Beta": node.number("beta", 0.75),
        "Bias": node.number("bias", 1.0),
    }
    channels = x.shape[1]
    if x.rank == 4 and isinstance(channels, int) and channels >= size:
        return each_item(x, LocalResponseNormalizationLayer(ChannelWindowSize=size // 2, **settings))
    raise NetError(f"it is of {channels} channels, fewer than its window of {size}, or of rank {x.rank}")
