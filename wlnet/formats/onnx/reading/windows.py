"""Convolutions and pooling: windows that move along the axes of space, which are those behind batch and channels."""

from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS
from wlnet.formats.onnx.reading.elementwise import met
from wlnet.formats.onnx.reading.mapped import each_item
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.pieces import framed
from wlnet.formats.onnx.reading.values import Value, known
from wlnet.layers.convolution import ConvolutionLayer
from wlnet.layers.deconvolution import DeconvolutionLayer
from wlnet.layers.pooling import PoolingLayer
from wlnet.nets.reductions import aggregated

Pairs = list[tuple[int, int]]

SAME = "Same"
"""A padding that follows from sizes that are open: as much as makes ⌈size / stride⌉ places, the odd one at the end."""


def steps(node: Node, name: str, rank: int) -> tuple[int, ...]:
    """A setting for each axis of space, 1 where it is not said."""
    found = tuple(node.sizes(name) or (1,) * rank)
    if len(found) != rank or min(found) < 1:
        raise NetError(f"{name} is {list(found)} for {rank} axes of space")
    return found


def padding(node: Node, sizes: tuple, kernel: tuple, stride: tuple, dilation: tuple) -> Any:
    """What is put around each axis of space, before and after; or SAME."""
    rank, said = len(kernel), node.get("auto_pad", "NOTSET")
    if said == "SAME_UPPER" and not all(isinstance(size, int) for size in sizes) and max(stride) > 1:
        return SAME
    if said in ("SAME_UPPER", "SAME_LOWER"):
        pairs = []
        for size, k, s, d in zip(sizes, kernel, stride, dilation, strict=True):
            reach = d * (k - 1) + 1
            if not isinstance(size, int) and s > 1:
                raise NetError(
                    f"its padding ({said}) follows from a size that is open", hint="say the sizes: Dimensions={…}"
                )
            total = reach - 1 if s == 1 else max((-(-size // s) - 1) * s + reach - size, 0)
            less = total // 2
            pairs.append((less, total - less) if said == "SAME_UPPER" else (total - less, less))
        return pairs
    pads = (node.sizes("pads") if said == "NOTSET" else None) or [0] * (2 * rank)
    if len(pads) != 2 * rank:
        raise NetError(f"pads are {pads} for {rank} axes of space")
    return list(zip(pads[:rank], pads[rank:], strict=True))


@reads("Conv")
def convolved(node: Node, x: Value, weights: Value, biases: Value | None = None) -> Value:
    """A convolution with known weights."""
    w = node.array(weights, "the weights")
    b = node.array(biases, "the biases")
    kernel = w.shape[2:]
    if not 1 <= len(kernel) <= 3 or x.rank != w.ndim:
        raise NetError(f"it convolves a tensor of rank {x.rank} with weights of shape {w.shape}")
    stride, dilation = steps(node, "strides", len(kernel)), steps(node, "dilations", len(kernel))
    pairs = padding(node, x.shape[2:], kernel, stride, dilation)
    if pairs != SAME and min(map(min, pairs)) < 0:
        x, pairs = framed(x, {at + 2: pair for at, pair in enumerate(pairs)}, "constant", 0), [(0, 0)] * len(kernel)
    layer = ConvolutionLayer(
        w.shape[0], kernel, Weights=node.learned(weights, w), Biases=b, Stride=stride, Dilation=dilation,
        PaddingSize=pairs, ChannelGroups=node.whole("group", 1),
    )  # fmt: skip
    return each_item(x, layer)


@reads("ConvTranspose")
def deconvolved(node: Node, x: Value, weights: Value, biases: Value | None = None) -> Value:
    """The transpose of a convolution with known weights."""
    w, b = node.array(weights, "the weights"), node.array(biases, "the biases")
    kernel = w.shape[2:]
    if not 1 <= len(kernel) <= 3 or x.rank != w.ndim:
        raise NetError(f"it spreads a tensor of rank {x.rank} by weights of shape {w.shape}")
    rank = len(kernel)
    stride, dilation = steps(node, "strides", rank), steps(node, "dilations", rank)
    more = node.sizes("output_padding") or [0] * rank
    pairs = cropping(node, x.shape[2:], kernel, stride, dilation, more)
    pairs = [(before, after - extra) for (before, after), extra in zip(pairs, more, strict=True)]
    crop = [(max(before, 0), max(after, 0)) for before, after in pairs]
    beyond = [(max(-before, 0), max(-after, 0)) for before, after in pairs]
    late = any(map(any, beyond))  # what stands beyond the last tap is the bias alone
    layer = DeconvolutionLayer(
        w.shape[1] * node.whole("group", 1), kernel, Weights=w, Biases=None if late else b, Stride=stride,
        Dilation=dilation, PaddingSize=crop, ChannelGroups=node.whole("group", 1),
    )  # fmt: skip
    y = each_item(x, layer)
    if not late:
        return y
    y = framed(y, {at + 2: pair for at, pair in enumerate(beyond)}, "constant", 0)
    wide = None if b is None else known(b.reshape(-1, *(1,) * rank))
    return y if wide is None else met(HEADS["Plus"], y, wide)


def cropping(node: Node, sizes: tuple, kernel: tuple, stride: tuple, dilation: tuple, more: list[int]) -> Any:
    """What is cropped from each axis of space, before and after."""
    wanted, said = node.sizes("output_shape"), node.get("auto_pad", "NOTSET")
    if wanted is None and said not in ("SAME_UPPER", "SAME_LOWER"):
        return padding(node, sizes, kernel, stride, dilation)
    pairs = []
    for at, (size, k, s, d) in enumerate(zip(sizes, kernel, stride, dilation, strict=True)):
        if wanted is not None and not isinstance(size, int):
            raise NetError("its output_shape is fixed, but not its input's", hint="say the sizes: Dimensions={…}")
        reach = d * (k - 1) + 1
        total = reach - s if wanted is None else s * (size - 1) + more[at] + reach - wanted[-len(kernel) :][at]
        total += more[at] if wanted is None else 0
        half = total // 2
        last = said == "SAME_UPPER" or (wanted is None and said != "SAME_LOWER")
        pairs.append((0, total) if total < 0 else (half, total - half) if last else (total - half, half))
    return pairs


# --- pooling ----------------------------------------------------------------------------------------------------------


def pooled_frame(node: Node, x: Value) -> tuple[tuple, tuple, Any, Any]:
    """(kernel, stride, padding, padding with what ceil_mode adds at the end) of a pooling node."""
    kernel = tuple(node.sizes("kernel_shape") or ())
    if len(kernel) != x.rank - 2 or not kernel:
        raise NetError(f"kernel_shape is {list(kernel)} for a tensor of rank {x.rank}")
    stride, dilation = steps(node, "strides", len(kernel)), steps(node, "dilations", len(kernel))
    if max(dilation) > 1:
        raise NetError("it pools places that lie apart (dilations)")
    pairs = padding(node, x.shape[2:], kernel, stride, dilation)
    ends = pairs
    if node.whole("ceil_mode", 0) and pairs != SAME:
        ends = [ceiled(*each) for each in zip(x.shape[2:], kernel, stride, pairs, strict=True)]
    return kernel, stride, pairs, ends


def ceiled(size: Any, kernel: int, stride: int, pair: tuple[int, int]) -> tuple[int, int]:
    """A padding with as much more at the end as one more window needs that begins before it."""
    before, after = pair
    if not isinstance(size, int):
        if stride > kernel:
            raise NetError("its last window (ceil_mode) follows from a size that is open")
        return before, after + stride - 1
    places = -(-(size + before + after - kernel) // stride) + 1
    if (places - 1) * stride >= size + before:
        places -= 1
    return before, max((places - 1) * stride + kernel - size - before, 0)


@reads("MaxPool")
def maximum(node: Node, x: Value) -> Value:
    """The greatest number in each window."""
    kernel, stride, _, ends = pooled_frame(node, x)
    if ends != SAME and any(max(pair) >= size for pair, size in zip(ends, kernel, strict=True)):
        x = framed(x, {at + 2: pair for at, pair in enumerate(ends)}, "constant", -3.0e38)
        ends = [(0, 0)] * len(kernel)
    return each_item(x, PoolingLayer(kernel, stride, PaddingSize=ends))


@reads("AveragePool")
def average(node: Node, x: Value) -> Value:
    """The mean of each window, without what pads it unless count_include_pad says so."""
    kernel, stride, pairs, ends = pooled_frame(node, x)
    if (ends != SAME and not any(map(any, ends))) or (node.whole("count_include_pad", 0) and ends == pairs):
        return each_item(x, PoolingLayer(kernel, stride, Function="Mean", PaddingSize=ends))
    total = each_item(x, PoolingLayer(kernel, stride, Function="Total", PaddingSize=ends))
    sizes = x.shape[2:]
    if not all(isinstance(size, int) for size in sizes):
        raise NetError("it counts the places of windows on sizes that are open", hint="say the sizes: Dimensions={…}")
    include = node.whole("count_include_pad", 0)
    counts = np.ones(())
    for size, k, s, pair, end in zip(sizes, kernel, stride, pairs, ends, strict=True):
        counts = counts[..., None] * window_counts(size, k, s, pair, end, include)
    return met(HEADS["Divide"], total, known(counts.astype(np.float32)))


def window_counts(size: int, kernel: int, stride: int, pair: tuple, end: tuple, include: int) -> np.ndarray:
    """How many places of each window along an axis count."""
    first, last = (-pair[0], size + pair[1]) if include else (0, size)
    places = (size + sum(end) - kernel) // stride + 1
    starts = np.arange(places) * stride - end[0]
    return np.maximum(np.minimum(starts + kernel, last) - np.maximum(starts, first), 1)


@reads("LpPool")
def norm_pool(node: Node, x: Value) -> Value:
    """The p-norm of each window."""
    kernel, stride, _, ends = pooled_frame(node, x)
    p = node.whole("p", 2)
    powers = met(lambda a: HEADS["Abs"](a) ** p, x)
    total = each_item(powers, PoolingLayer(kernel, stride, Function="Total", PaddingSize=ends))
    return met(lambda a: a ** (1 / p), total)


def space_of(x: Value) -> tuple[int, ...]:
    """The axes of space."""
    if x.rank < 3:
        raise NetError(f"it pools the axes of space of a tensor of rank {x.rank}")
    return tuple(x.own(axis) for axis in range(2, x.rank))


def over_space(name: str, f: str) -> None:
    @reads(name)
    def read(node: Node, x: Value) -> Value:
        return x.like(aggregated(f, x.symbol(), space_of(x), True))


over_space("GlobalAveragePool", "Mean")
over_space("GlobalMaxPool", "Max")


@reads("GlobalLpPool")
def global_norm(node: Node, x: Value) -> Value:
    """The p-norm over all axes of space."""
    p = node.whole("p", 2)
    total = aggregated("Total", HEADS["Abs"](x.symbol()) ** p, space_of(x), True)
    return x.like(total ** (1 / p))
