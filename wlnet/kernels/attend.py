"""Attention: for each query the mean of the values, weighted by how its product with each key compares.

Blocks of examples, or of heads where one example is large, keep the scores in cache; threads share the blocks. What the
gradient needs of the weights is kept while it is small, and computed again where it is not.
"""

from __future__ import annotations

import numpy as np

from wlnet.kernels.crew import VALUES, crew, cut
from wlnet.kernels.kernel import Array, Kernel

KEPT = 4_000_000  # weights that are kept for the gradient, 16 MB in single precision; more are computed twice
HIDDEN = -1e30  # the score of a pair that does not count; not -inf, which makes a row of only such pairs nan

Block = tuple[slice, slice]


def blocks_of(count: int, heads: int, work: int) -> list[Block]:
    """Which examples and heads stand together: blocks of about VALUES scores, `work` of them a head.

    >>> blocks_of(2, 3, 100_000)
    [(slice(0, 1, None), slice(0, 2, None)), (slice(0, 1, None), slice(2, 3, None)),
     (slice(1, 2, None), slice(0, 2, None)), (slice(1, 2, None), slice(2, 3, None))]
    """
    if heads * work <= VALUES:
        return [(examples, slice(0, heads)) for examples in cut(count, heads * work)]
    return [(slice(b, b + 1), some) for b in range(count) for some in cut(heads, work)]


def weights_of(query: Array, key: Array, scale: float, seen: Array | None) -> Array:
    """softmax(scale · query · keyᵀ) over the keys, of the pairs that are seen."""
    p = (query * scale) @ key.swapaxes(-1, -2)
    if seen is not None:
        np.copyto(p, HIDDEN, where=~seen)
    p -= p.max(-1, keepdims=True)
    np.exp(p, out=p)
    p /= p @ np.ones((p.shape[-1], 1), p.dtype)
    return p


def at(x: Array | None, shape: tuple[int, ...], block: Block) -> Array | None:
    """The part of an array that broadcasts to `shape`; None of none."""
    return None if x is None else np.broadcast_to(x, shape)[block]


def attend_forward(
    query: Array, key: Array, value: Array, scale: float, seen: Array | None = None, drop: Array | None = None
) -> tuple[Array, Array | None]:
    """query (B, H, Q, d), key (B, H, K, d), value (B, H, K, v) -> (B, H, Q, v): softmax(scale · query · keyᵀ) · value.

    `seen` says which pairs count, booleans that broadcast to (B, H, Q, K); a query that sees no key gives the mean of
    all values. `drop` multiplies the weights after the softmax. None: all pairs, and nothing.

    >>> query, key = np.array([[[[1.0]]]]), np.array([[[[0.0], [np.log(3.0)]]]])
    >>> attend_forward(query, key, np.array([[[[0.0], [4.0]]]]), 1.0)[0].round(6).tolist()
    [[[[3.0]]]]
    """
    shape = (*query.shape[:3], key.shape[2])
    y = np.empty((*query.shape[:3], value.shape[-1]), query.dtype)
    kept = np.empty(shape, query.dtype) if query[..., 0].size * shape[3] <= KEPT else None

    def part(block: Block) -> None:
        p = weights_of(query[block], key[block], scale, at(seen, shape, block))
        if kept is not None:
            kept[block] = p
        if drop is not None:
            p *= np.broadcast_to(drop, shape)[block]
        np.matmul(p, value[block], out=y[block])

    crew.map(part, blocks_of(shape[0], shape[1], shape[2] * shape[3]))
    return y, kept


def attend_backward(
    g: Array,
    wanted: tuple[int, ...],
    y: Array,
    kept: Array | None,
    query: Array,
    key: Array,
    value: Array,
    scale: float,
    seen: Array | None = None,
    drop: Array | None = None,
) -> tuple[Array, ...]:
    """With s the scores and p the weights: ds = p · (dp - Σ g·y), as Σ dp·p over the keys is g·y."""
    shape = (*query.shape[:3], key.shape[2])
    slopes = {number: np.empty_like(each) for number, each in enumerate((query, key, value)) if number in wanted}

    def part(block: Block) -> None:
        q, k, v, own, hides = query[block], key[block], value[block], g[block], at(seen, shape, block)
        p = weights_of(q, k, scale, hides) if kept is None else kept[block]
        keeps = at(drop, shape, block)
        if 2 in slopes:
            slopes[2][block] = (p if keeps is None else p * keeps).swapaxes(-1, -2) @ own
        if not {0, 1} & slopes.keys():
            return
        ds = own @ v.swapaxes(-1, -2)
        if keeps is not None:
            ds *= keeps
        ds -= np.vecdot(own, y[block])[..., None]
        ds *= p
        ds *= scale
        if hides is not None:
            np.copyto(ds, 0, where=~hides)  # of a query that sees nothing, whose weights are not 0
        if 0 in slopes:
            np.matmul(ds, k, out=slopes[0][block])
        if 1 in slopes:
            slopes[1][block] = ds.swapaxes(-1, -2) @ q

    crew.map(part, blocks_of(shape[0], shape[1], shape[2] * shape[3]))
    return tuple(slopes[number] for number in wanted)


attend = Kernel(attend_forward, attend_backward)
