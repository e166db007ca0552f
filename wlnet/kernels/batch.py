"""Batch normalization: each channel standardized over the batch and all other axes, then scaled and shifted.

The array is viewed as (before, channels, after), with nothing moved. Where `after` is long, each sample's row has its
own mean and squares, joined by Chan's formula: no cancellation, and no second reading.
"""

from __future__ import annotations

from math import prod

import numpy as np

from wlnet.kernels.crew import crew, cut
from wlnet.kernels.kernel import Array, Kernel


def channels_in_the_middle(x: Array, axis: int) -> Array:
    """x as (before, channels, after)."""
    axis %= x.ndim
    return x.reshape(prod(x.shape[:axis]), x.shape[axis], prod(x.shape[axis + 1 :]))


def sums(x: Array) -> Array:
    """(before, channels, after) -> (channels,)."""
    before, channels, after = x.shape
    rows = (x.reshape(-1, after) @ np.ones(after, x.dtype)).reshape(before, channels) if after > 1 else x[:, :, 0]
    return np.ones(before, x.dtype) @ rows


def products(x: Array, y: Array) -> Array:
    """(before, channels, after) twice -> sums of products (channels,)."""
    if x.shape[2] == 1:
        return np.einsum("bc,bc->c", x[:, :, 0], y[:, :, 0])
    return np.vecdot(x, y).sum(0)


def mask_of(x: Array, axis: int, real: Array | None) -> tuple[Array | None, Array | float]:
    """Which places count, as floats (before, channels or 1, after), and how many in each channel."""
    if real is None:
        return None, float(x.size // x.shape[axis])
    full = np.broadcast_to(np.asarray(real), x.shape)
    mask = channels_in_the_middle(full, axis).astype(x.dtype)
    return mask, np.maximum(sums(mask), 1)


def statistics(x: Array, axis: int, real: Array | None = None) -> tuple[Array, Array]:
    """The mean and the biased variance (channels,) of x over all axes but one, at the places that are real.

    >>> statistics(np.array([[1.0, 2.0], [3.0, 6.0]]), 1)
    (array([2., 4.]), array([1., 4.]))
    """
    mask, count = mask_of(x, axis, real)
    v = channels_in_the_middle(x, axis)
    if mask is None and v.shape[2] >= 16:
        return joined(v)
    mean = sums(v if mask is None else v * mask) / count
    centred = v - mean[:, None]
    if mask is not None:
        centred *= mask
    return mean, products(centred, centred) / count


def joined(v: Array) -> tuple[Array, Array]:
    """Mean and variance from each row's own, by Chan's formula."""
    before, channels, after = v.shape

    def block(part: slice) -> tuple[Array, Array]:
        x = v[part]
        mean = (x.reshape(-1, after) @ np.full(after, 1 / after, x.dtype)).reshape(x.shape[:2])
        centred = x - mean[..., None]
        return mean, np.vecdot(centred, centred)

    parts = crew.map(block, cut(before, channels * after))
    means, squares = (np.concatenate(each) for each in zip(*parts, strict=True))
    mean = means.mean(0)
    apart = means - mean
    return mean, (squares.sum(0) + after * (apart * apart).sum(0)) / (before * after)


def standardize_forward(
    x: Array, scaling: Array | None, biases: Array | None, mean: Array, variance: Array,
    axis: int, epsilon: float, real: Array | None = None,
) -> tuple[Array, None]:  # fmt: skip
    """(x - mean) / sqrt(variance + epsilon) * scaling + biases, each of one number a channel.

    The gradient takes mean and variance for what they are in training: the statistics of x at the real places.
    """
    v = channels_in_the_middle(x, axis)
    rate = factor(scaling, variance, epsilon)[:, None]
    y = np.empty(v.shape, v.dtype)

    def block(part: slice) -> None:
        np.subtract(v[part], mean[:, None], out=y[part])
        y[part] *= rate
        if biases is not None:
            y[part] += biases[:, None]

    crew.map(block, cut(len(v), v[0].size))
    return y.reshape(x.shape), None


def factor(scaling: Array | None, variance: Array, epsilon: float) -> Array:
    """What a centred channel is multiplied by."""
    rate = 1 / np.sqrt(variance + epsilon)
    return rate if scaling is None else rate * scaling


def standardize_backward(
    g: Array, wanted: tuple[int, ...], y: Array, kept: None,
    x: Array, scaling: Array | None, biases: Array | None, mean: Array, variance: Array,
    axis: int, epsilon: float, real: Array | None = None,
) -> tuple[Array, ...]:  # fmt: skip
    """dx = a * (g - (sum(g) + unit * sum(g * unit)) / count) with unit = (x - mean) * rate, a = rate * scaling."""
    mask, count = mask_of(x, axis, real)
    v, h = channels_in_the_middle(x, axis), channels_in_the_middle(g, axis)
    rate = factor(None, variance, epsilon)
    blocks = cut(len(v), v[0].size)

    def total(part: slice) -> tuple[Array, Array]:
        return sums(h[part]), products(h[part], v[part] - mean[:, None])

    parts = crew.map(total, blocks)
    shift, along = (sum(one[1:], start=one[0]) for one in zip(*parts, strict=True))
    ways = (
        lambda: slopes(h, v, mean, factor(scaling, variance, epsilon), shift / count, along * rate * rate / count,
                       mask, blocks).reshape(x.shape),
        lambda: along * rate,
        lambda: shift,
    )  # fmt: skip
    return tuple(ways[number]() for number in wanted)


def slopes(
    g: Array, v: Array, mean: Array, a: Array, shift: Array, along: Array, mask: Array | None, blocks: list[slice]
) -> Array:
    """a * (g - (shift + along * (v - mean)) * mask), with the constants joined first."""
    dx = np.empty_like(v)
    slope, level = (a * along)[:, None], (a * (along * mean - shift))[:, None]

    def block(part: slice) -> None:
        through = v[part] * -slope
        through += level
        if mask is not None:
            through *= mask[part]
        np.multiply(g[part], a[:, None], out=dx[part])
        dx[part] += through

    crew.map(block, blocks)
    return dx


standardize = Kernel(standardize_forward, standardize_backward)
