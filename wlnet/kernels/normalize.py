"""Normalize: each example standardized over some axes, then scaled and shifted.

y = (x - mean) / sqrt(var + epsilon) * scaling + biases; for the root mean square, y = x / sqrt(mean(x²) + epsilon) *
scaling + biases. The array is viewed as (n, groups, rows, run): the values of a group share mean
and rate, and those of a run share scale and bias. Where every value has a scale of its own (layer normalization) a run
is one value long. Sums are products with ones and dot products, which BLAS does faster than `sum`; we centre first
and then square, because single precision cannot take E[x²] - mean².
"""

from __future__ import annotations

from math import nan, prod
from typing import Any

import numpy as np

from wlnet.kernels.crew import crew, cut
from wlnet.kernels.kernel import Array, Kernel
from wlnet.kernels.view import View, view


def normalize_forward(
    x: Array, scaling: Array | None, biases: Array | None, axes: tuple[int, ...], epsilon: float,
    rms: bool = False, unbiased: bool = False, length: Array | None = None,
) -> tuple[Array, tuple[Array, Array]]:  # fmt: skip
    """Statistics over `axes` (never axis 0) of each example; scaling and biases broadcast against x[0] at x's rank - 1.

    `unbiased` divides the squares by N - 1. `length` (B,) counts only places t < length along axis 1, where axis 1 is
    one of the axes; the places behind get finite values and no gradient passes through them.

    >>> normalize_forward(np.array([[1.0, 3.0]]), None, None, (1,), 0.0)[0].tolist()
    [[-1.0, 1.0]]
    """
    seen = view(x.shape, axes, [scaling, biases])
    scale, bias = seen.lay(scaling), seen.lay(biases)
    real, count = places(x, seen, axes, length)
    n, groups, rows, run = seen.shape
    y = np.empty(x.shape, x.dtype)
    mean, rate = (np.empty((n, groups, 1, 1), x.dtype) for _ in range(2))

    def block(part: slice) -> None:
        unit = seen.room(y[part])
        mean[part] = centre(seen.of(x[part]), unit, rms, of(real, part), of(count, part))
        squares = np.vecdot(unit.reshape(-1, rows * run), unit.reshape(-1, rows * run)).reshape(rate[part].shape)
        rate[part] = 1 / np.sqrt(squares / freedom(of(count, part), rows * run, unbiased and not rms) + epsilon)
        multiply(unit, rate[part], scale)
        if bias is not None:
            unit += bias
        seen.put(unit, y[part])

    crew.map(block, cut(n, groups * rows * run))
    return y, (mean, rate)


def centre(x: Array, unit: Array, rms: bool, real: Array | None, count: Array | None) -> Array | float:
    """Write x less its mean into `unit`, with 0 at the places that do not count, and give the mean."""
    if real is not None:
        x = np.multiply(x, real, out=unit)
    if rms:
        np.copyto(unit, x)
        return 0.0
    size = x.shape[2] * x.shape[3]
    mean = totals(x) / (size if count is None else count)
    np.subtract(x, mean, out=unit)
    if real is not None:
        unit *= real
    return mean


def totals(x: Array) -> Array:
    """(n, groups, rows, run) -> (n, groups, 1, 1)."""
    n, groups, rows, run = x.shape
    return (x.reshape(-1, rows * run) @ np.ones(rows * run, x.dtype)).reshape(n, groups, 1, 1)


def multiply(unit: Array, rate: Array, scale: Array | None) -> None:
    """unit *= rate * scale, joined first where that is the smaller work."""
    if scale is None:
        unit *= rate
    elif unit.shape[3] > 1 or scale.shape[1] == 1:
        unit *= rate * scale
    else:
        unit *= rate
        unit *= scale


def of(array: Array | None, part: slice) -> Array | None:
    """A part of an array that may be missing."""
    return None if array is None else array[part]


def freedom(count: Array | None, size: int, unbiased: bool) -> Array | float:
    """What the squares are divided by: N, or N - 1, which for a single value is nothing at all."""
    if count is None:
        return size - unbiased or nan
    return np.where(count > 1, count - 1, nan).astype(count.dtype) if unbiased else count


def places(x: Array, seen: View, axes: tuple[int, ...], length: Array | None) -> tuple[Array | None, Array | None]:
    """Which places count, and how many in each group; None where all do."""
    if length is None or 1 not in [axis % x.ndim for axis in axes]:
        return None, None
    true = np.arange(x.shape[1]) < np.asarray(length)[:, None]
    real = np.broadcast_to(true.reshape(true.shape + (1,) * (x.ndim - 2)), x.shape)
    each = prod(seen.within) // x.shape[1]
    return seen.of(real), np.maximum(np.asarray(length) * each, 1).astype(x.dtype).reshape(-1, 1, 1, 1)


def normalize_backward(
    g: Array, wanted: tuple[int, ...], y: Array, kept: tuple[Array, Array],
    x: Array, scaling: Array | None, biases: Array | None, axes: tuple[int, ...], epsilon: float,
    rms: bool = False, unbiased: bool = False, length: Array | None = None,
) -> tuple[Array, ...]:  # fmt: skip
    """With unit = x - mean and d = g * scaling: dx = rate * (d - mean(d) - unit * rate² * sum(d * unit) / N)."""
    seen = view(x.shape, axes, [scaling, biases])
    scale = seen.lay(scaling)
    real, count = places(x, seen, axes, length)
    mean, rate = kept
    n, groups, rows, run = seen.shape
    dx = np.empty(x.shape, x.dtype) if 0 in wanted else None
    unbiased = unbiased and not rms
    rule = values_back if run == 1 and rows > 1 else rows_back

    def block(part: slice) -> tuple[Array, Array]:
        here, unit = seen.of(g[part]), seen.of(x[part]) - mean[part]
        if real is not None:
            here, unit = here * real[part], unit * real[part]
        size = rows * run if count is None else count[part]
        spread = freedom(of(count, part), rows * run, unbiased)
        room: Any = None if dx is None else seen.room(dx[part])
        along, total = rule(here, unit, rate[part], scale, spread, None if rms else size, room)
        if dx is not None:
            if real is not None:
                room *= real[part]
            seen.put(room, dx[part])
        return along.sum(0), total.sum(0)

    parts = crew.map(block, cut(n, groups * rows * run))
    along, total = (sum(one[1:], start=one[0]) for one in zip(*parts, strict=True))
    ways = (lambda: dx, lambda: seen.gather(along, scaling), lambda: seen.gather(total, biases))
    return tuple(ways[number]() for number in wanted)


def rows_back(
    g: Array, unit: Array, rate: Array, scale: Array | None, spread: Array | float, size: Array | None, dx: Array | None
) -> tuple[Array, Array]:
    """Runs of values that share a scale. Writes dx, and into unit; gives sum(g * unit) * rate and sum(g) of the runs.

    A size of None says that no mean was taken off.
    """
    n, groups, rows, run = g.shape
    along = np.vecdot(g, unit) * rate[..., 0]
    total = (g.reshape(-1, run) @ np.ones(run, g.dtype)).reshape(n, groups, rows)
    if dx is not None:
        weights = np.ones((1, 1), g.dtype) if scale is None else scale[..., 0]
        np.multiply(g, rate if scale is None else rate * scale, out=dx)
        unit *= rate * rate * (along * weights).sum(-1)[..., None, None] / spread
        dx -= unit
        if size is not None:
            dx -= rate * (total * weights).sum(-1)[..., None, None] / size
    return along, total


def values_back(
    g: Array, unit: Array, rate: Array, scale: Array | None, spread: Array | float, size: Array | None, dx: Array | None
) -> tuple[Array, Array]:
    """The same where every value of a group has a scale of its own: (n, groups, rows, 1)."""
    unit *= rate
    along = g * unit
    if dx is not None:
        if scale is None:
            np.copyto(dx, g)
        else:
            np.multiply(g, scale, out=dx)
        together = np.vecdot(dx[..., 0], unit[..., 0])[..., None, None]
        mean = None if size is None else totals(dx) * rate / size
        unit *= together * rate / spread
        dx *= rate
        dx -= unit
        if mean is not None:
            dx -= mean
    return along[..., 0], g[..., 0]


normalize = Kernel(normalize_forward, normalize_backward)
