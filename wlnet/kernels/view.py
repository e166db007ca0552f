"""How an array is seen for normalization: groups of values that share a mean, within them rows that share a scale."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np

from wlnet.kernels.kernel import Array


class View(NamedTuple):
    """How an array is seen as (n, groups, rows, run), and how an array of scales is seen beside it."""

    order: tuple[int, ...] | None  # the axes of x, those that vary within a group last; None: they stand so already
    shape: tuple[int, int, int, int]
    kept: tuple[int, ...]  # the sizes of the groups' axes
    within: tuple[int, ...]  # the sizes of the axes within a group
    rows: int  # how many of the axes within a group the scales differ along

    def of(self, x: Array) -> Array:
        """x, or some examples of it, as (n, groups, rows, run), contiguous."""
        ordered = x if self.order is None else x.transpose(self.order)
        return np.ascontiguousarray(ordered).reshape(len(x), *self.shape[1:])

    def room(self, y: Array) -> Array:
        """Where to write what is to stand in y: y itself seen as (n, groups, rows, run), or a new array."""
        shape = (len(y), *self.shape[1:])
        return y.reshape(shape) if self.order is None else np.empty(shape, y.dtype)

    def put(self, room: Array, y: Array) -> None:
        """Bring what was written in a new array to y."""
        if self.order is not None:
            ordered = y.transpose(self.order)
            ordered[...] = room.reshape(ordered.shape)

    def lay(self, scale: Array | None) -> Array | None:
        """A scale as (groups or 1, rows or 1, 1): what it repeats over is left to broadcasting."""
        if scale is None:
            return None
        if self.order is not None:
            scale = scale.transpose([axis - 1 for axis in self.order[1:]])
        cut_at = len(self.kept)
        kept = self.kept if prod(scale.shape[:cut_at]) > 1 else (1,) * cut_at
        rows = self.within[: self.rows] if prod(scale.shape[cut_at:]) > 1 else (1,) * self.rows
        rest = (1,) * (len(self.within) - self.rows)
        return np.broadcast_to(scale, kept + rows + rest).reshape(prod(kept), prod(rows), 1)

    def gather(self, total: Array, scale: Array) -> Array:
        """The gradient of a scale from totals (groups, rows): summed over what the scale repeats over."""
        order = self.order or tuple(range(1 + len(self.kept) + len(self.within)))
        full = total.reshape(self.kept + self.within[: self.rows] + (1,) * (len(self.within) - self.rows))
        target = [scale.shape[axis - 1] for axis in order[1:]]
        over = tuple(axis for axis, size in enumerate(target) if size == 1 and full.shape[axis] > 1)
        full = full.sum(over, keepdims=True)
        return full.transpose(np.argsort([axis - 1 for axis in order[1:]]))


def view(shape: tuple[int, ...], axes: tuple[int, ...], scales: list[Array | None]) -> View:
    """How an array of this shape is normalized over these axes, beside these scales."""
    rank = len(shape)
    axes = tuple(sorted(axis % rank for axis in axes))
    order = (*[axis for axis in range(rank) if axis not in axes], *axes)
    kept = tuple(shape[axis] for axis in order[1 : rank - len(axes)])
    within = tuple(shape[axis] for axis in axes)
    varies = [any(s is not None and s.shape[axis - 1] > 1 for s in scales) for axis in axes]
    rows = max((place + 1 for place, does in enumerate(varies) if does), default=0)
    shape4 = (shape[0], prod(kept), prod(within[:rows]), prod(within[rows:]))
    return View(None if order == tuple(range(rank)) else order, shape4, kept, within, rows)
