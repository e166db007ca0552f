"""Convolution by windows: any stride, dilation, rank and groups.

The windows of a block of samples (or of output rows, where one sample is large) are viewed without a copy, copied once
as (sample, group, channel · tap, out), and multiplied by the weights, a GEMM a sample and group that writes its answer
where it belongs. One wide GEMM for the whole block was slower by its transposed copies, twofold for a first layer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from wlnet.kernels.crew import crew
from wlnet.kernels.kernel import Array

WORKSPACE = 1 << 19  # values in the windows of one block, 2 MB in single precision


@dataclass(frozen=True, eq=False)
class Geometry:
    """The sizes of one convolution: space dimensions only, and the groups. What follows from them is found once."""

    size: tuple[int, ...]
    kernel: tuple[int, ...]
    out: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    groups: int

    @cached_property
    def padded(self) -> tuple[int, ...]:
        """The sizes with their padding."""
        return tuple(before + n + after for n, (before, after) in zip(self.size, self.padding, strict=True))

    @cached_property
    def pitches(self) -> tuple[int, ...]:
        """How far apart neighbours along each axis of the padded, flat image are."""
        return tuple(prod(self.padded[axis + 1 :]) for axis in range(len(self.padded)))

    @cached_property
    def reach(self) -> int:
        """How far a window reaches in the flat image: where its last tap stands."""
        return self.offset(tuple(k - 1 for k in self.kernel))

    @cached_property
    def before(self) -> tuple[int, ...]:
        """The padding before each axis."""
        return tuple(before for before, _ in self.padding)

    @cached_property
    def bare(self) -> bool:
        """Whether nothing is padded."""
        return not any(before or after for before, after in self.padding)

    def offset(self, at: tuple[int, ...]) -> int:
        """Where a tap of the kernel stands in the flat image."""
        return sum(i * d * pitch for i, d, pitch in zip(at, self.dilation, self.pitches, strict=True))

    def tap(self, at: tuple[int, ...]) -> tuple[Any, ...]:
        """The places that one tap of the kernel has over the outputs."""
        facts = zip(at, self.dilation, self.out, self.stride, strict=True)
        return (..., *[slice(i * d, i * d + (n - 1) * s + 1, s) for i, d, n, s in facts])


def crop(starts: Iterable[int], sizes: Iterable[int]) -> tuple[Any, ...]:
    """The index of a box in an array's last axes.

    >>> crop((1, 0), (2, 3))
    (Ellipsis, slice(1, 3, None), slice(0, 3, None))
    """
    return (..., *[slice(start, start + size) for start, size in zip(starts, sizes, strict=True)])


def spaced(out: Iterable[int], stride: Iterable[int]) -> tuple[Any, ...]:
    """The index of every stride-th place of an array's last axes."""
    return (..., *[slice(None, (n - 1) * s + 1, s) for n, s in zip(out, stride, strict=True)])


def blocks(samples: int, values: int, rows: int) -> list[tuple[slice, slice]]:
    """Samples, or output rows of each sample, whose windows have `values` values a sample, by the workspace."""
    each = WORKSPACE // values
    if each >= 1 or rows == 1:
        each = max(each, 1)
        pieces = -(-samples // each)
        pieces += pieces % 2 if 1 < pieces < samples else 0  # an even number, so that two threads end together
        each = -(-samples // pieces)
        return [(slice(start, min(start + each, samples)), slice(0, rows)) for start in range(0, samples, each)]
    each = max(rows * WORKSPACE // values, 1)
    return [
        (slice(sample, sample + 1), slice(start, min(start + each, rows)))
        for sample in range(samples)
        for start in range(0, rows, each)
    ]


def piece(x: Array, samples: slice, rows: slice, shape: Geometry) -> Array:
    """The padded part of x that these outputs read, (sample, channel, *space)."""
    part = x[samples]
    before, n = shape.before[0], shape.size[0]
    first = rows.start * shape.stride[0]
    last = (rows.stop - 1) * shape.stride[0] + (shape.kernel[0] - 1) * shape.dilation[0] + 1
    if shape.bare:
        return part[:, :, first:last]
    wide = np.zeros((*part.shape[:2], last - first, *shape.padded[1:]), x.dtype)
    start, stop = max(first - before, 0), min(last - before, n)
    if stop > start:
        box = crop((start + before - first, *shape.before[1:]), (stop - start, *shape.size[1:]))
        wide[box] = part[:, :, start:stop]
    return wide


def columns(x: Array, samples: slice, rows: slice, shape: Geometry) -> Array:
    """The windows of these outputs as (sample, group, channel · tap, out): viewed without a copy, then copied once."""
    wide = piece(x, samples, rows, shape)
    b, c, *space = wide.strides
    taps = [step * d for step, d in zip(space, shape.dilation, strict=True)]
    steps = [step * s for step, s in zip(space, shape.stride, strict=True)]
    out = (rows.stop - rows.start, *shape.out[1:])
    seen = as_strided(wide, (*wide.shape[:2], *shape.kernel, *out), (b, c, *taps, *steps), writeable=False)
    return seen.reshape(len(wide), shape.groups, wide.shape[1] // shape.groups * prod(shape.kernel), prod(out))


def in_groups(y: Array, samples: slice, rows: slice, shape: Geometry) -> Array:
    """The part of an output, or of its gradient, as (sample, group, channel, out): a view."""
    part = y[samples, :, rows]
    return part.reshape(len(part), shape.groups, part.shape[1] // shape.groups, -1)


def windows_forward(x: Array, weights: Array, shape: Geometry) -> Array:
    """x (B, C, *size), weights (O, C / groups, *kernel) -> (B, O, *out)."""
    y = np.empty((len(x), len(weights), *shape.out), np.result_type(x, weights))
    table = weights.reshape(shape.groups, len(weights) // shape.groups, -1)

    def job(block: tuple[slice, slice]) -> None:
        np.matmul(table, columns(x, *block, shape), out=in_groups(y, *block, shape))

    crew.map(job, blocks(len(x), x.shape[1] * prod(shape.kernel) * prod(shape.out), shape.out[0]))
    return y


def windows_weights(g: Array, x: Array, weights: Array, shape: Geometry) -> Array:
    """The gradient of the weights alone."""

    def job(block: tuple[slice, slice]) -> Array:
        return (in_groups(g, *block, shape) @ columns(x, *block, shape).swapaxes(2, 3)).sum(0)

    parts = crew.map(job, blocks(len(x), x.shape[1] * prod(shape.kernel) * prod(shape.out), shape.out[0]))
    return sum(parts[1:], start=parts[0]).reshape(weights.shape)


def windows_backward(g: Array, x: Array, weights: Array, shape: Geometry, both: bool = True) -> tuple[Array, Array]:
    """The gradients of x and, if both are wanted, of the weights. Blocks are whole samples: rows of windows overlap."""
    dx = np.empty(x.shape, x.dtype)
    table = np.ascontiguousarray(weights.reshape(shape.groups, len(weights) // shape.groups, -1).swapaxes(1, 2))
    inside = crop(shape.before, shape.size)

    def job(block: tuple[slice, slice]) -> Array | None:
        here = in_groups(g, *block, shape)
        dx[block[0]] = scattered(table @ here, x.shape[1], shape)[inside]
        return (here @ columns(x, *block, shape).swapaxes(2, 3)).sum(0) if both else None

    whole = [(samples, slice(0, shape.out[0])) for samples, _ in blocks(len(x), dx[0].size * prod(shape.kernel), 1)]
    parts = crew.map(job, whole)
    return dx, sum(parts[1:], start=parts[0]).reshape(weights.shape) if both else None


def scattered(columns: Array, channels: int, shape: Geometry) -> Array:
    """Windows added where they were read: (sample, group, channel · tap, out) -> (sample, channel, *padded)."""
    seen = columns.reshape(len(columns), channels, *shape.kernel, *shape.out)
    wide = np.zeros((len(columns), channels, *shape.padded), columns.dtype)
    for at in np.ndindex(*shape.kernel):
        part = wide[shape.tap(at)]
        part += seen[(slice(None), slice(None), *at)]
    return wide
