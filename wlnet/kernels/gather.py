"""Gather: rows of arrays by index, and sort, whose gradient is a gather too."""

from __future__ import annotations

from math import prod

import numpy as np

from wlnet.kernels.kernel import Array, Kernel


def scatter(g: Array, index: Array, count: int) -> Array:
    """Zeros (count, D) with the rows of g (M, D) added at index (M,)."""
    out = np.zeros((count, g.shape[1]), g.dtype)
    if not len(index) or np.bincount(index, minlength=1).max() == 1:
        out[index] = g  # no index comes twice: nothing to add
        return out
    places = (index[:, None] * g.shape[1] + np.arange(g.shape[1])).ravel()
    np.add.at(out.reshape(-1), places, g.ravel())  # one-dimensional: NumPy's only fast path
    return out


def rows_forward(table: Array, index: Array) -> tuple[Array, None]:
    """table (n, ...), index of any shape, from 0 -> index.shape + table.shape[1:].

    >>> rows_forward(np.array([[1, 2], [3, 4]]), np.array([1, 1, 0]))[0].tolist()
    [[3, 4], [3, 4], [1, 2]]
    """
    return table[index], None


def rows_backward(
    g: Array, wanted: tuple[int, ...], y: Array, kept: None, table: Array, index: Array
) -> tuple[Array, ...]:
    """The gradient's rows added where they came from."""
    index = np.asarray(index)
    flat = g.reshape(index.size, prod(table.shape[1:]))
    return (scatter(flat, index.ravel() % len(table), len(table)).reshape(table.shape),)


def gather_forward(x: Array, index: Array) -> tuple[Array, None]:
    """x (B, L, ...), index (B, K) from 0 -> (B, K, ...): y[b, k] = x[b, index[b, k]].

    >>> gather_forward(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[2, 0], [1, 1]]))[0].tolist()
    [[3, 1], [5, 5]]
    """
    return x[np.arange(len(x))[:, None], index], None


def gather_backward(
    g: Array, wanted: tuple[int, ...], y: Array, kept: None, x: Array, index: Array
) -> tuple[Array, ...]:
    """The gradient's rows added where they came from, example by example."""
    count, length = x.shape[:2]
    places = (np.arange(count)[:, None] * length + np.asarray(index) % length).ravel()
    return (scatter(g.reshape(places.size, prod(x.shape[2:])), places, count * length).reshape(x.shape),)


def sort_forward(x: Array) -> tuple[Array, Array]:
    """x ascending along its last axis; what is kept is the permutation."""
    order = np.argsort(x, -1, kind="stable")
    return np.take_along_axis(x, order, -1), order


def sort_backward(g: Array, wanted: tuple[int, ...], y: Array, order: Array, x: Array) -> tuple[Array, ...]:
    """The gradient put back by the permutation."""
    d = np.empty_like(g)
    np.put_along_axis(d, order, g, -1)
    return (d,)


rows = Kernel(rows_forward, rows_backward)
gather = Kernel(gather_forward, gather_backward)
sort = Kernel(sort_forward, sort_backward)
