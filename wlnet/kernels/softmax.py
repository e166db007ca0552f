"""Softmax and cross-entropy, alone and as one function of logits."""

from __future__ import annotations

import numpy as np

from wlnet.kernels.crew import VALUES, crew, cut
from wlnet.kernels.kernel import Array, Kernel


def softmax_forward(x: Array, axis: int = -1) -> tuple[Array, None]:
    """exp(x) / sum(exp(x)) along an axis, any shape; the maximum is subtracted first.

    >>> softmax_forward(np.array([[0.0, 0.0, np.log(2.0)]]), 1)[0].tolist()
    [[0.25, 0.25, 0.5]]
    """
    last = at_end(x, axis)
    y = np.empty(last.shape, x.dtype)
    ones = np.ones((last.shape[-1], 1), x.dtype)

    def block(part: slice) -> None:
        p = np.subtract(last[part], last[part].max(-1, keepdims=True), out=y[part])
        np.exp(p, out=p)
        p /= p @ ones

    crew.map(block, blocks_of(last))
    return (y if last is x else np.moveaxis(y, -1, axis)), None


def at_end(x: Array, axis: int) -> Array:
    """x with an axis as its last; x itself where it is (moving it there takes longer than a small softmax)."""
    return x if axis in (-1, x.ndim - 1) else np.moveaxis(x, axis, -1)


def softmax_backward(
    g: Array, wanted: tuple[int, ...], y: Array, kept: None, x: Array, axis: int = -1
) -> tuple[Array, ...]:
    """y * (g - sum(g * y)) along the axis."""
    p, g = at_end(y, axis), at_end(g, axis)
    d = np.empty(p.shape, p.dtype)

    def block(part: slice) -> None:
        np.subtract(g[part], np.vecdot(g[part], p[part])[..., None], out=d[part])
        d[part] *= p[part]

    crew.map(block, blocks_of(p))
    return (d if p is y else np.moveaxis(d, -1, axis),)


def blocks_of(x: Array) -> list[slice]:
    """Blocks of the first axis: one where x is small, or a single row."""
    return [slice(None)] if x.size <= VALUES or x.ndim == 1 else cut(len(x), x[:1].size)


def cross_entropy_forward(p: Array, index: Array) -> tuple[Array, Array]:
    """-log(p[index]) of probabilities p (N, C) and classes index (N,) from 0 -> (N,); a probability of 0 counts as the
    smallest normal number, and has slope 0."""
    picked = p[np.arange(len(p)), index]
    return -np.log(np.maximum(picked, np.finfo(p.dtype).tiny)), picked


def cross_entropy_backward(
    g: Array, wanted: tuple[int, ...], y: Array, picked: Array, p: Array, index: Array
) -> tuple[Array, ...]:
    """-g / p at the class, 0 elsewhere."""
    d = np.zeros(p.shape, p.dtype)
    tiny = np.finfo(p.dtype).tiny
    slope = g / np.maximum(picked, tiny)
    d[np.arange(len(p)), index] = -slope * (picked > tiny)
    return (d,)


ROWS = 32  # rows of logits in a block of large ones: their exponentials stay in cache


def logits_forward(x: Array, index: Array) -> tuple[Array, tuple[Array, Array]]:
    """-log(softmax(x)[index]) of logits x (N, C) and classes index (N,) from 0 -> (N,)."""
    y, e, total = np.empty(len(x), x.dtype), np.empty_like(x), np.empty(len(x), x.dtype)
    ones = np.ones(x.shape[1], x.dtype)

    def block(part: slice) -> None:
        shifted = np.subtract(x[part], x[part].max(1, keepdims=True), out=e[part])
        picked = shifted[np.arange(len(shifted)), index[part]]
        np.exp(shifted, out=shifted)
        np.matmul(shifted, ones, out=total[part])
        np.subtract(np.log(total[part]), picked, out=y[part])

    crew.map(block, rows_of(x))
    return y, (e, total)


def logits_backward(
    g: Array, wanted: tuple[int, ...], y: Array, kept: tuple[Array, Array], x: Array, index: Array
) -> tuple[Array, ...]:
    """g * (softmax(x) - one at the class)."""
    e, total = kept
    d = np.empty_like(e)

    def block(part: slice) -> None:
        np.multiply(e[part], (g[part] / total[part])[:, None], out=d[part])

    crew.map(block, rows_of(x))
    d[np.arange(len(e)), index] -= g
    return (d,)


def rows_of(x: Array) -> list[slice]:
    """The blocks of rows: one where x is small."""
    return [slice(0, len(x))] if x.size <= 200_000 else cut(len(x), 1, ROWS)


softmax = Kernel(softmax_forward, softmax_backward)
cross_entropy = Kernel(cross_entropy_forward, cross_entropy_backward)
log_softmax_cross_entropy = Kernel(logits_forward, logits_backward)
