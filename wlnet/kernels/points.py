"""Convolution by points: a kernel of one place is a GEMM a sample, with no copy of the input at stride 1."""

from __future__ import annotations

import numpy as np

from wlnet.kernels.crew import crew, cut
from wlnet.kernels.kernel import Array
from wlnet.kernels.windows import Geometry, spaced


def points(x: Array, shape: Geometry) -> Array:
    """What a 1×1 kernel reads, (B, groups, C / groups, places): x itself at stride 1."""
    seen = x[spaced(shape.out, shape.stride)]
    return seen.reshape(len(x), shape.groups, x.shape[1] // shape.groups, -1)


def points_forward(x: Array, weights: Array, shape: Geometry) -> Array:
    """A GEMM a sample, with no copy of the input."""
    table = weights.reshape(shape.groups, len(weights) // shape.groups, -1)
    seen = points(x, shape)
    y = np.empty((len(x), *table.shape[:2], seen.shape[3]), np.result_type(x, weights))
    crew.map(lambda part: np.matmul(table, seen[part], out=y[part]), cut(len(x), max(seen[0].size, y[0].size)))
    return y.reshape(len(x), len(weights), *shape.out)


def points_weights(g: Array, x: Array, weights: Array, shape: Geometry) -> Array:
    """The gradient of the weights alone."""
    h, seen = g.reshape(len(g), shape.groups, len(weights) // shape.groups, -1), points(x, shape)

    def job(part: slice) -> Array:
        return (h[part] @ seen[part].swapaxes(2, 3)).sum(0)

    parts = crew.map(job, cut(len(x), max(seen[0].size, h[0].size)))
    return sum(parts[1:], start=parts[0]).reshape(weights.shape)


def points_backward(g: Array, x: Array, weights: Array, shape: Geometry, both: bool = True) -> tuple[Array, Array]:
    """The gradients of x and, if both are wanted, of the weights."""
    table = np.ascontiguousarray(weights.reshape(shape.groups, len(weights) // shape.groups, -1).swapaxes(1, 2))
    h = g.reshape(len(g), shape.groups, len(weights) // shape.groups, -1)
    d = np.empty((len(x), *table.shape[:2], h.shape[3]), x.dtype)
    crew.map(lambda part: np.matmul(table, h[part], out=d[part]), cut(len(x), max(d[0].size, h[0].size)))
    d = d.reshape(*x.shape[:2], *shape.out)
    if any(step > 1 for step in shape.stride):
        dx = np.zeros(x.shape, x.dtype)
        dx[spaced(shape.out, shape.stride)] = d
        d = dx
    return d, points_weights(g, x, weights, shape) if both else None
