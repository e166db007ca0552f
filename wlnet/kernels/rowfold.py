"""Convolution at stride 1 by folding: nothing is gathered, because a tap of a flat image is a contiguous run.

Each padded image is kept flat. The kernel's last axes are expanded, by one long copy a tap; each tap of the other axes
is a GEMM on a view at an offset. Outputs that cross the end of a row are junk, and are sliced off. Backwards one
expansion of the output's gradient serves both gradients. Groups are one more leading axis of the products.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from wlnet.kernels.crew import crew
from wlnet.kernels.kernel import Array
from wlnet.kernels.windows import Geometry, blocks, crop

DEPTH = 64  # rows that a GEMM's inner side should have at least


def expanded(channels: int, kernel: tuple[int, ...]) -> int:
    """How many of the kernel's last axes are expanded: as many as make the GEMM deep enough, one at least."""
    count = 1
    while count < len(kernel) and channels * prod(kernel[-count:]) < DEPTH:
        count += 1
    return count


def spreads(flat: Array, count: int, need: int, shape: Geometry) -> Array:
    """Flat images (b, groups, c, P) -> (b, groups, taps · c, need): one long copy for each expanded tap."""
    b, g, c, one = flat.strides
    steps = [d * pitch * one for d, pitch in zip(shape.dilation, shape.pitches, strict=True)][-count:]
    seen = as_strided(
        flat,
        (*flat.shape[:2], *shape.kernel[-count:], flat.shape[2], need),
        (b, g, *steps, c, one),
        writeable=False,
    )
    return seen.reshape(*flat.shape[:2], -1, need)


@lru_cache(512)
def leading(count: int, shape: Geometry) -> list[int]:
    """The offsets of the taps of the axes that are not expanded."""
    outer = len(shape.kernel) - count
    return [shape.offset((*at, *(0,) * count)) for at in np.ndindex(*shape.kernel[:outer])]


def flattened(x: Array, shape: Geometry, tail: int, rows: bool) -> Array:
    """x (b, C, *size) padded and flat, (b, groups, C / groups, P + tail); without `rows`, axis 1 is not padded."""
    b, channels = x.shape[:2]
    sizes = (shape.padded[0] if rows else shape.size[0], *shape.padded[1:])
    wide = np.zeros((b, shape.groups, channels // shape.groups, prod(sizes) + tail), x.dtype)
    starts = (shape.before[0] if rows else 0, *shape.before[1:])
    image = wide[..., : prod(sizes)].reshape(b, channels, *sizes)
    image[crop(starts, shape.size)] = x
    return wide


def fold_forward(x: Array, weights: Array, shape: Geometry) -> Array:
    """x (B, C, *size), weights (O, C / groups, *kernel) -> (B, O, *out)."""
    channels = weights.shape[1]
    count = expanded(channels, shape.kernel)
    outer, inner = prod(shape.kernel[: len(shape.kernel) - count]), prod(shape.kernel[-count:])
    table = weights.reshape(shape.groups, -1, channels, outer, inner).transpose(3, 0, 1, 4, 2)
    table = np.ascontiguousarray(table).reshape(outer, shape.groups, -1, inner * channels)
    length = shape.out[0] * shape.pitches[0]
    places, reach = leading(count, shape), shape.reach
    y = np.empty((len(x), len(weights), *shape.out), np.result_type(x, weights))
    last = places[-1]

    def job(block: tuple[slice, slice]) -> None:
        samples, _ = block
        flat = flattened(x[samples], shape, max(length + reach - prod(shape.padded), 0), rows=True)
        wide = spreads(flat, count, last + length, shape)
        total = table[0] @ wide[..., :length]
        for row, start in zip(table[1:], places[1:], strict=True):
            total += row @ wide[..., start : start + length]
        image = total.reshape(-1, len(weights), shape.out[0], *shape.padded[1:])
        y[samples] = image[crop((0,) * len(shape.out), shape.out)]

    crew.map(job, blocks(len(x), x.shape[1] * inner * (last + length), 1))
    return y


def fold_backward(g: Array, x: Array, weights: Array, shape: Geometry, both: bool = True) -> tuple[Array, Array]:
    """The gradients of x and, if both are wanted, of the weights."""
    outputs, channels = len(weights) // shape.groups, weights.shape[1]
    count = expanded(outputs, shape.kernel)
    outer, inner = prod(shape.kernel[: len(shape.kernel) - count]), prod(shape.kernel[-count:])
    flipped = weights.reshape(shape.groups, outputs, channels, -1)[..., ::-1].reshape(
        shape.groups, outputs, channels, outer, inner
    )
    table = np.ascontiguousarray(flipped.transpose(3, 0, 2, 4, 1)).reshape(outer, shape.groups, channels, -1)
    length, places = shape.size[0] * shape.pitches[0], leading(count, shape)
    need = places[-1] + length
    dx = np.empty(x.shape, x.dtype)
    columns = crop(shape.before[1:], shape.size[1:])

    def job(block: tuple[slice, slice]) -> Array | None:
        samples, _ = block
        wide = spreads(shifted(g[samples], shape, length), count, need, shape)
        total = table[0] @ wide[..., :length]
        for row, start in zip(table[1:], places[1:], strict=True):
            total += row @ wide[..., start : start + length]
        dx[samples] = total.reshape(-1, x.shape[1], shape.size[0], *shape.padded[1:])[columns]
        if not both:
            return None
        flat = flattened(x[samples], shape, 0, rows=False).swapaxes(2, 3)
        return np.stack([(wide[..., start : start + length] @ flat).sum(0) for start in places])

    parts = crew.map(job, blocks(len(x), len(weights) * inner * need, 1))
    if not both:
        return dx, None
    total = sum(parts[1:], start=parts[0]).reshape(outer, shape.groups, inner, outputs, channels)
    back = total.transpose(1, 3, 4, 0, 2).reshape(shape.groups, outputs, channels, -1)[..., ::-1]
    return dx, np.ascontiguousarray(back).reshape(weights.shape)


def shifted(g: Array, shape: Geometry, length: int) -> Array:
    """The output's gradient in zeros, so that correlating it with the flipped kernel gives the input's rows.

    It stands at the offset of the last tap, less the rows of padding before the input's first row.
    """
    b, outputs = g.shape[:2]
    pitch, reach = shape.pitches[0], shape.reach
    skip = shape.padding[0][0] * pitch
    end = skip + length + reach
    wide = np.zeros((b, shape.groups, outputs // shape.groups, max(end, reach + shape.out[0] * pitch)), g.dtype)
    image = wide[..., reach : reach + shape.out[0] * pitch].reshape(b, outputs, shape.out[0], *shape.padded[1:])
    image[crop((0,) * len(shape.out), shape.out)] = g
    return wide[..., skip:end]
