"""Operators that move blocks, take triangles, and reverse sequences."""

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS
from wlnet.formats.onnx.reading.arrays import in_order, in_shape
from wlnet.formats.onnx.reading.elementwise import met
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.pieces import FAR, catenated, cut
from wlnet.formats.onnx.reading.values import Value, known
from wlnet.nets.indexing import part
from wlnet.nets.rearranging import at_axis


@reads("DepthToSpace")
def depth_to_space(node: Node, x: Value) -> Value:
    """Blocks of channels as blocks of space."""
    block, (n, channels, height, width) = node.whole("blocksize"), x.shape
    depth = channels // (block * block)
    if node.get("mode", "DCR") == "DCR":
        wide = in_order(in_shape(x, [n, block, block, depth, height, width]), [0, 3, 4, 1, 5, 2])
    else:
        wide = in_order(in_shape(x, [n, depth, block, block, height, width]), [0, 1, 4, 2, 5, 3])
    return in_shape(wide, [n, depth, height * block, width * block])


@reads("SpaceToDepth")
def space_to_depth(node: Node, x: Value) -> Value:
    """Blocks of space as blocks of channels."""
    block, (n, channels, height, width) = node.whole("blocksize"), x.shape
    cells = in_shape(x, [n, channels, height // block, block, width // block, block])
    moved = in_order(cells, [0, 3, 5, 1, 2, 4] if node.get("mode", "DCR") == "DCR" else [0, 1, 3, 5, 2, 4])
    return in_shape(moved, [n, channels * block * block, height // block, width // block])


@reads("Trilu")
def triangle(node: Node, x: Value, k: Value | None = None) -> Value:
    """A matrix above, or below, a diagonal; 0 elsewhere."""
    offset = 0 if k is None else int(node.array(k, "the diagonal").reshape(()).item())
    rows, columns = x.shape[-2:]
    if not isinstance(rows, int) or not isinstance(columns, int):
        raise NetError("it takes a triangle of a matrix whose sizes are open", hint="say the sizes: Dimensions={…}")
    place = np.arange(columns)[None] - np.arange(rows)[:, None]
    mask = known((place >= offset) if node.whole("upper", 1) else (place <= offset))
    return met(HEADS["If"], mask, x, known(np.float32(0)), kind=x.kind)


@reads("EyeLike", raw=True)
def eye(node: Node, x: Value) -> Value:
    """A unit matrix of the shape of another."""
    rows, columns = x.shape
    if not isinstance(rows, int) or not isinstance(columns, int) or rows * columns > 2**24:
        raise NetError(f"it makes a matrix of {rows} × {columns}")
    return known(np.eye(rows, columns, node.whole("k", 0), np.float32))


@reads("ReverseSequence")
def reversed_rows(node: Node, x: Value, lengths: Value) -> Value:
    """The first elements of each sequence backwards, as many as are said."""
    time, batch = node.whole("time_axis", 0), node.whole("batch_axis", 1)
    counts = node.numbers(lengths, "the lengths of the sequences")
    x = x.whole()
    rows = []
    for at, count in enumerate(counts):
        row = cut(x, batch, at, at + 1, 1)
        if count < 2:
            rows.append(row)
            continue
        head = row.like(part(row.symbol(), at_axis(time, slice(0, count))))
        head = head.like(part(head.symbol(), at_axis(time, slice(None, None, -1))))
        size = x.shape[time]
        rows.append(head if count == size else catenated([head, cut(row, time, count, FAR, 1)], time))
    return catenated(rows, batch)
