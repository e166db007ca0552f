"""Depthwise convolution backwards: shifts, since a GEMM of one row is none."""

from __future__ import annotations

import numpy as np

from wlnet.kernels.crew import crew, cut
from wlnet.kernels.kernel import Array
from wlnet.kernels.rowfold import flattened, shifted
from wlnet.kernels.windows import Geometry, crop


def depth_backward(g: Array, x: Array, weights: Array, shape: Geometry, both: bool = True) -> tuple[Array, Array]:
    """One channel, one kernel: shifts of the flat padded gradient, since a GEMM of one row is none."""
    length = shape.size[0] * shape.pitches[0]
    flipped = weights.reshape(shape.groups, -1)[:, ::-1]
    dx = np.empty(x.shape, x.dtype)
    inside = crop(shape.before[1:], shape.size[1:])
    starts = [shape.offset(at) for at in np.ndindex(*shape.kernel)]

    def job(part: slice) -> Array:
        wide, flat = shifted(g[part], shape, length)[:, :, 0], flattened(x[part], shape, 0, rows=False)[:, :, 0]
        total, here, along = np.zeros_like(flat), np.empty_like(flat), []
        for tap, start in enumerate(starts):
            seen = wide[..., start : start + length]
            total += np.multiply(seen, flipped[:, tap, None], out=here)
            along.append(np.vecdot(seen, flat).sum(0))
        dx[part] = total.reshape(-1, x.shape[1], shape.size[0], *shape.padded[1:])[inside]
        return np.stack(along[::-1], 1)

    parts = crew.map(job, cut(len(x), x[0].size))
    return dx, sum(parts[1:], start=parts[0]).reshape(weights.shape)
