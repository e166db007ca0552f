"""Operators that repeat a tensor: Expand and Tile."""

from typing import Any

import numpy as np

from wlnet.core.dims import Length
from wlnet.core.errors import NetError
from wlnet.formats.onnx.reading.arrays import with_ones
from wlnet.formats.onnx.reading.elementwise import met
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.ports import BATCH
from wlnet.formats.onnx.reading.values import Value, known
from wlnet.layers.joining import CatenateLayer
from wlnet.nets.indexing import part
from wlnet.nets.rearranging import at_axis, broadcast_to
from wlnet.nets.recording import applied


@reads("Expand")
def expanded(node: Node, x: Value, to: Value) -> Value:
    """A tensor repeated along new axes before its own, and along those of size 1."""
    sizes = node.known(to, "the shape").ravel().tolist()
    rank = max(x.rank, len(sizes))
    sizes = [1] * (rank - len(sizes)) + sizes
    if x.rank < rank:
        x = with_ones(x, list(range(rank - x.rank)))
    marked = [at for at, size in enumerate(sizes) if isinstance(size, Length) and size == BATCH]
    if x.batch is None and len(marked) == 1 and x.shape[marked[0]] == 1:
        x = marked_batch(x, marked[0])
    wanted = [size for at, size in enumerate(sizes) if at != x.batch]
    own = [a if isinstance(b, Length) and a == b else b for a, b in zip(x.example, wanted, strict=True)]
    if x.batch is not None and not (sizes[x.batch] in (1, x.count) or isinstance(sizes[x.batch], Length)):
        return expanded(node, x.whole(), to)
    return x.like(repeated(x, own))


def marked_batch(x: Value, at: int) -> Value:
    """A tensor that is the same for all examples, with its axis of size 1 as that of the batch."""
    if x.is_known:
        return Value(x.array, x.kind, at, BATCH)
    return Value(part(x.array, at_axis(at, 0)), x.kind, at, BATCH)


def repeated(x: Value, sizes: list) -> Any:
    """The array repeated along its axes of size 1."""
    own = list(x.example)
    wanted = [b if a == 1 else a for a, b in zip(own, sizes, strict=True)]
    if any(
        isinstance(b, int) and isinstance(a, int) and b != 1 and a not in (1, b)
        for a, b in zip(own, sizes, strict=True)
    ):
        raise NetError(f"a tensor of shape {x.shape} cannot be repeated to {tuple(sizes)}")
    if x.is_known and x.batch is not None:
        wide = list(wanted)
        wide.insert(x.batch, 1)
        return np.broadcast_to(x.array, wide)
    if wanted == own:
        return x.array
    if not all(isinstance(size, int) for size in wanted):
        if any(a == 1 and not isinstance(b, int) for a, b in zip(own, wanted, strict=True)):
            raise NetError("it repeats to a size that is open", hint="say the sizes: Dimensions={…}")
        if not all(isinstance(size, int) for size in own):
            return met(
                lambda a, b: a * b, x, known(np.ones([b if isinstance(b, int) else 1 for b in wanted], np.float32))
            ).array
    return broadcast_to(x.symbol(), tuple(wanted))


@reads("Tile")
def tiled(node: Node, x: Value, times: Value, axis: Value | None = None) -> Value:
    """The whole tensor several times along each axis."""
    counts = node.numbers(times, "the repeats")
    if axis is not None:  # operator set 1: one number, and its axis
        at = node.numbers(axis, "the axis")
        counts = [counts if k == at else 1 for k in range(x.rank)]
    if len(counts) != x.rank or any(count < 1 for count in counts):
        raise NetError(f"its repeats are {counts} for a tensor of rank {x.rank}")
    if x.batch is not None and counts[x.batch] != 1:
        x = x.whole()
    found = x.symbol()
    for at, count in enumerate(counts):
        if count > 1:
            found = applied(CatenateLayer(x.own(at) + 1), *[found] * count)
    return x.like(found)
