"""Convolve: cross-correlation with zero padding, over any number of space dimensions, by the way the sizes suit."""

from __future__ import annotations

from functools import lru_cache
from math import prod

import numpy as np

from wlnet.kernels.depthwise import depth_backward
from wlnet.kernels.kernel import Array, Kernel
from wlnet.kernels.points import points_backward, points_forward, points_weights
from wlnet.kernels.rowfold import fold_backward, fold_forward
from wlnet.kernels.windows import Geometry, windows_backward, windows_forward, windows_weights

Sizes = tuple[int, ...]
Padding = tuple[tuple[int, int], ...]


@lru_cache(512)
def geometry(size: Sizes, kernel: Sizes, stride: Sizes, padding: Padding, dilation: Sizes, groups: int) -> Geometry:
    """The sizes of a convolution."""
    facts = zip(size, kernel, stride, padding, dilation, strict=True)
    out = tuple((n + before + after - d * (k - 1) - 1) // s + 1 for n, k, s, (before, after), d in facts)
    return Geometry(size, kernel, out, stride, padding, dilation, groups)


@lru_cache(512)
def way(shape: Geometry, channels: int, outputs: int, backward: bool) -> str:
    """How to convolve: "points" (1×1), "fold", "depth" (the fold's gradient a channel alone), or "windows".

    Measured: the fold wins at stride 1 where its GEMMs are deep enough, and backwards where besides the padded image is
    not much larger than the outputs, since its GEMMs run over the former.
    """
    if prod(shape.kernel) == 1 and shape.bare:
        return "points"
    if any(step > 1 for step in shape.stride):
        return "windows"
    if channels == outputs == 1:
        return "depth" if backward else "fold"
    if not backward:
        return "fold" if shape.kernel[-1] * channels >= 64 or (channels == 1 and shape.groups > 1) else "windows"
    waste = prod(n + (k - 1) * d for n, k, d in zip(shape.out, shape.kernel, shape.dilation, strict=True))
    return "fold" if shape.kernel[-1] * outputs >= 64 and waste < 1.5 * prod(shape.out) else "windows"


def convolve_forward(
    x: Array, weights: Array, biases: Array | None,
    stride: Sizes, padding: Padding, dilation: Sizes, groups: int = 1,
) -> tuple[Array, None]:  # fmt: skip
    """x (B, C, *size), weights (O, C / groups, *kernel), biases (O,) or None -> (B, O, *out).

    >>> x, weights = np.arange(4.0).reshape(1, 1, 4), np.array([[[1.0, 10.0]]])
    >>> convolve_forward(x, weights, None, (2,), ((1, 0),), (1,))[0].tolist()
    [[[0.0, 21.0]]]
    """
    shape = geometry(x.shape[2:], weights.shape[2:], stride, padding, dilation, groups)
    ways = {"points": points_forward, "fold": fold_forward, "windows": windows_forward}
    y = ways[way(shape, weights.shape[1], len(weights) // groups, False)](x, weights, shape)
    if biases is not None:
        y += biases.reshape(-1, *(1,) * len(shape.size))
    return y, None


def convolve_backward(
    g: Array, wanted: Sizes, y: Array, kept: None, x: Array, weights: Array, biases: Array | None,
    stride: Sizes, padding: Padding, dilation: Sizes, groups: int = 1,
) -> tuple[Array, ...]:  # fmt: skip
    """The gradients of x, weights and biases; the two first share one expansion."""
    shape = geometry(x.shape[2:], weights.shape[2:], stride, padding, dilation, groups)
    found = {}
    if 0 in wanted:
        ways = {"points": points_backward, "fold": fold_backward, "depth": depth_backward, "windows": windows_backward}
        rule = ways[way(shape, weights.shape[1], len(weights) // groups, True)]
        found[0], found[1] = rule(g, x, weights, shape, 1 in wanted)
    elif 1 in wanted:
        points = way(shape, weights.shape[1], len(weights) // groups, True) == "points"
        found[1] = points_weights(g, x, weights, shape) if points else windows_weights(g, x, weights, shape)
    if 2 in wanted:
        length = prod(shape.out)
        found[2] = (g.reshape(-1, length) @ np.ones(length, g.dtype)).reshape(g.shape[:2]).sum(0)
    return tuple(found[number] for number in wanted)


convolve = Kernel(convolve_forward, convolve_backward)
