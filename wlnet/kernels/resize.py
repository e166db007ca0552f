"""Resize: an axis read at ascending places, between neighbours by weight."""

from __future__ import annotations

from math import prod

import numpy as np

from wlnet.kernels.crew import crew, cut
from wlnet.kernels.kernel import Array, Kernel

DENSE = 64  # up to this size of an axis the gradient is a product with a matrix, which was the faster then


def seen(x: Array, axis: int) -> Array:
    """x as (before, axis, behind)."""
    return x.reshape(prod(x.shape[:axis]), x.shape[axis], prod(x.shape[axis + 1 :]))


def resize_forward(x: Array, axis: int, low: Array, weight: Array | None = None) -> tuple[Array, None]:
    """y[j] = x[low[j]] · (1 - weight[j]) + x[low[j] + 1] · weight[j] along an axis; past the end the last one again.

    `low` are ascending places from 0; without weight y[j] = x[low[j]].

    >>> resize_forward(np.array([1.0, 3.0, 11.0]), 0, np.array([0, 0, 1, 2]), np.array([0, 0.5, 0.25, 0]))[0].tolist()
    [1.0, 2.0, 5.0, 11.0]
    """
    rows, size = seen(x, axis), x.shape[axis]
    y = np.empty((len(rows), len(low), rows.shape[2]), x.dtype)

    def job(part: slice) -> None:
        if weight is None:
            y[part] = rows[part][:, low]
            return
        start = rows[part][:, low]
        step = rows[part][:, np.minimum(low + 1, size - 1)]
        step -= start
        step *= weight.reshape(-1, 1)
        np.add(start, step, out=y[part])

    crew.map(job, cut(len(rows), y[0].size))
    return y.reshape(*x.shape[:axis], len(low), *x.shape[axis + 1 :]), None


def resize_backward(
    g: Array,
    wanted: tuple[int, ...],
    y: Array,
    kept: None,
    x: Array,
    axis: int,
    low: Array,
    weight: Array | None = None,
) -> tuple[Array, ...]:
    """The gradient added where it was read."""
    size, here = x.shape[axis], seen(g, axis)
    if weight is None:
        return (added(here, low, size).reshape(x.shape),)
    high, wide = np.minimum(low + 1, size - 1), weight.reshape(-1, 1)
    return ((added(here * (1 - wide), low, size) + added(here * wide, high, size)).reshape(x.shape),)


def added(g: Array, index: Array, size: int) -> Array:
    """Zeros (before, size, behind) with g (before, n, behind) added at an ascending index (n,)."""
    if size <= DENSE:
        table = np.zeros((size, len(index)), g.dtype)
        table[index, np.arange(len(index))] = 1
        return table @ g
    starts = np.flatnonzero(np.diff(index, prepend=-1))
    counts = np.diff(starts, append=len(index))
    total = np.zeros((len(g), size, g.shape[2]), g.dtype)
    for turn in range(counts.max()):  # within a turn no place comes twice
        rows = starts[counts > turn]
        total[:, index[rows]] += g[:, rows + turn]
    return total


resize = Kernel(resize_forward, resize_backward)
