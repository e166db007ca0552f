"""Pool: the maximum, mean or total of every window, one axis at a time (the sum of the kernel's sizes in passes)."""

from __future__ import annotations

from math import inf, prod

import numpy as np

from wlnet.kernels.crew import crew, cut
from wlnet.kernels.kernel import Array, Kernel

Sizes = tuple[int, ...]
Padding = tuple[tuple[int, int], ...]


def steps(out: int, kernel: int, stride: int) -> list[slice]:
    """For each tap of a window, the places it has over all windows.

    >>> steps(2, 3, 2)
    [slice(0, 3, 2), slice(1, 4, 2), slice(2, 5, 2)]
    """
    return [slice(tap, tap + (out - 1) * stride + 1, stride) for tap in range(kernel)]


def along(axis: int, places: slice) -> tuple:
    """The index that takes these places of an axis counted from the end, axis = -1, -2, ..."""
    return (..., places, *[slice(None)] * (-axis - 1))


def padded(x: Array, padding: Padding, fill: float) -> Array:
    """x with `fill` around its last axes; x itself where there is no padding."""
    if not any(before or after for before, after in padding):
        return x
    lead = x.ndim - len(padding)
    shape = x.shape[:lead] + tuple(b + n + a for n, (b, a) in zip(x.shape[lead:], padding, strict=True))
    wide = np.full(shape, fill, x.dtype)
    wide[inside(x.shape[lead:], padding)] = x
    return wide


def inside(size: Sizes, padding: Padding) -> tuple:
    """The index of the true places in a padded array."""
    return (..., *[slice(before, before + n) for n, (before, _) in zip(size, padding, strict=True)])


def outsize(size: Sizes, kernel: Sizes, stride: Sizes, padding: Padding) -> Sizes:
    """The number of windows along each axis."""
    facts = zip(size, kernel, stride, padding, strict=True)
    return tuple((n + before + after - k) // s + 1 for n, k, s, (before, after) in facts)


def fold(x: Array, join: np.ufunc, out: Sizes, kernel: Sizes, stride: Sizes) -> Array:
    """The taps of every window joined, along the last axis first."""
    for axis in range(-1, -len(out) - 1, -1):
        first, *rest = [x[along(axis, tap)] for tap in steps(out[axis], kernel[axis], stride[axis])]
        x = join(first, rest[0]) if rest else first
        for tap in rest[1:]:
            join(x, tap, out=x)
    return x


def pool_forward(x: Array, function: str, kernel: Sizes, stride: Sizes, padding: Padding) -> tuple[Array, None]:
    """x (B, ..., *size) with one kernel size for each of the last axes -> (B, ..., *out).

    Max pads with -infinity, the others with 0; Mean divides by the whole volume of the kernel.

    >>> pool_forward(np.array([[[1.0, 5.0, 2.0, 4.0]]]), "Mean", (2,), (2,), ((0, 0),))[0].tolist()
    [[[3.0, 3.0]]]
    """
    out = outsize(x.shape[x.ndim - len(kernel) :], kernel, stride, padding)
    y = np.empty(x.shape[: x.ndim - len(kernel)] + out, x.dtype)
    join, fill = (np.maximum, -inf) if function == "Max" else (np.add, 0.0)

    def block(part: slice) -> None:
        y[part] = fold(padded(x[part], padding, fill), join, out, kernel, stride)
        if function == "Mean":
            y[part] *= 1 / prod(kernel)

    crew.map(block, cut(len(x), x[:1].size))
    return y, None


def pool_backward(
    g: Array, wanted: Sizes, y: Array, kept: None,
    x: Array, function: str, kernel: Sizes, stride: Sizes, padding: Padding,
) -> tuple[Array, ...]:  # fmt: skip
    """Max: to the first maximum of every window; Mean and Total: to every place of it alike."""
    size = x.shape[x.ndim - len(kernel) :]
    out = y.shape[y.ndim - len(kernel) :]
    dx = np.empty_like(x)

    def block(part: slice) -> None:
        if function == "Max":
            wide = choose(g[part], padded(x[part], padding, -inf), y[part], out, kernel, stride)
        else:
            scaled = g[part] * (1 / prod(kernel)) if function == "Mean" else g[part]
            wide = spread(scaled, [n + before + after for n, (before, after) in zip(size, padding, strict=True)],
                          out, kernel, stride)  # fmt: skip
        dx[part] = wide[inside(size, padding)]

    crew.map(block, cut(len(x), x[:1].size))
    return (dx,)


def choose(g: Array, x: Array, y: Array, out: Sizes, kernel: Sizes, stride: Sizes) -> Array:
    """The gradient of a maximum: each window's goes to the first place that equals it, and ties count once.

    Which windows still wait is kept in booleans, a quarter of the memory of what they wait with.
    """
    tiled = all(k <= s for k, s in zip(kernel, stride, strict=True))
    dx, waiting = np.zeros_like(x), np.ones(y.shape, bool)
    taps = np.ndindex(*kernel)
    ways = [steps(n, k, s) for n, k, s in zip(out, kernel, stride, strict=True)]
    for tap in taps:
        place = (..., *[way[at] for way, at in zip(ways, tap, strict=True)])
        here = x[place] == y
        here &= waiting
        waiting ^= here
        if tiled:
            np.multiply(g, here, out=dx[place])  # no two windows share a place
        else:
            dx[place] += g * here
    return dx


def spread(g: Array, size: list[int], out: Sizes, kernel: Sizes, stride: Sizes) -> Array:
    """The gradient of a total: every window's to all of its places, one axis at a time."""
    for axis in range(-len(out), 0):
        n, k, s = out[axis], kernel[axis], stride[axis]
        if k == s and n * k == size[axis]:
            g = np.repeat(g, k, axis)
            continue
        shape = list(g.shape)
        shape[axis] = size[axis]
        wide = np.zeros(shape, g.dtype)
        for tap in steps(n, k, s):
            wide[along(axis, tap)] += g
        g = wide
    return g


pool = Kernel(pool_forward, pool_backward)
