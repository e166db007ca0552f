"""Operators that put axes in another order, add and drop axes, and reshape."""

import math
from typing import Any

import numpy as np

from wlnet.core.dims import Length, Unknown
from wlnet.core.errors import NetError
from wlnet.core.symbols import Automatic, Inherited
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.values import Mixes, Value, known, numeric
from wlnet.layers.reshape import ReshapeLayer
from wlnet.layers.structure import FlattenLayer
from wlnet.nets.axes import widened
from wlnet.nets.indexing import part
from wlnet.nets.rearranging import moved
from wlnet.nets.recording import applied


@reads("Transpose")
def transposed(node: Node, x: Value) -> Value:
    """The axes in another order; that of the batch goes with them."""
    order = [x.axis(axis) for axis in node.sizes("perm") or range(x.rank)[::-1]]
    return in_order(x, order)


def in_order(x: Value, order: list[int]) -> Value:
    """Axis k of the result is axis order[k] of a tensor."""
    if sorted(order) != list(range(x.rank)):
        raise NetError(f"its axes {order} are no order of {x.rank} axes")
    if x.is_known:
        batch = None if x.batch is None else order.index(x.batch)
        return x.like(x.array.transpose(order), batch)
    own = tuple(x.own(axis) for axis in order if axis != x.batch)
    return x.like(moved(x.array, own), None if x.batch is None else order.index(x.batch))


@reads("Unsqueeze")
def unsqueezed(node: Node, x: Value, axes: Value | None = None) -> Value:
    """New axes of size 1."""
    return with_ones(x, node.axes(axes) or [])


def with_ones(x: Value, axes: list[int]) -> Value:
    """New axes of size 1 at these places of the result."""
    rank = x.rank + len(axes)
    new = sorted(axis % rank for axis in axes if -rank <= axis < rank)
    if len(set(new)) != len(axes):
        raise NetError(f"axes {axes} are no new axes of a tensor of rank {rank}", got=axes)
    kept = [at for at in range(rank) if at not in new]
    batch = None if x.batch is None else kept[x.batch]
    if x.is_known:
        return x.like(np.expand_dims(x.array, tuple(new)), batch)
    own = [axis - (batch is not None and axis > batch) for axis in new]
    return x.like(widened(x.array, own), batch)


@reads("Squeeze")
def squeezed(node: Node, x: Value, axes: Value | None = None) -> Value:
    """Without axes of size 1."""
    gone = node.axes(axes)
    if gone is None:
        gone = [at for at, size in enumerate(x.shape) if size == 1]
    return without_ones(x, [x.axis(axis) for axis in gone])


def without_ones(x: Value, axes: list[int]) -> Value:
    """Without these axes, which have size 1; without that of a batch of one example it is the example."""
    sizes = x.shape
    for axis in axes:
        if axis == x.batch and not isinstance(x.count, int):
            raise Mixes(f"axis {axis}, of the batch, is left out as if there were one example")
        if isinstance(sizes[axis], int) and sizes[axis] != 1:
            raise NetError(f"it leaves out axes of size 1, but axis {axis} has size {sizes[axis]}")
    left = [at for at in range(x.rank) if at not in axes]
    batch = left.index(x.batch) if x.batch in left else None
    if x.is_known:
        return x.like(x.array.squeeze(tuple(axes)), batch)
    own = [x.own(axis) for axis in axes if axis != x.batch]
    index = tuple(0 if at in own else slice(None) for at in range(len(x.example)))
    return x.like(part(x.array, index) if own else x.array, batch)


@reads("Reshape")
def reshaped(node: Node, x: Value, to: Value | None = None) -> Value:
    """The same elements in another shape."""
    sizes = node.sizes("shape", []) if to is None else node.known(to, "the shape").ravel().tolist()
    if not node.whole("allowzero", 0):
        sizes = [x.shape[at] if size == 0 and at < x.rank else size for at, size in enumerate(sizes)]
    return in_shape(x, sizes)


def in_shape(x: Value, sizes: list) -> Value:
    """A tensor in another shape, of which one size may be -1; the axis of the batch is found again there."""
    if x.batch is None:
        return x.like(fitted(x, x.example, sizes))
    at = place_of_batch(x, sizes)
    if at is None:
        return in_shape(x.whole(), sizes)
    inner = [size for place, size in enumerate(sizes) if place != at]
    return x.like(fitted(x, x.example, inner), at)


def place_of_batch(x: Value, sizes: list) -> int | None:
    """Where the batch stands in a new shape; None where it is no axis of its own there."""
    marked = [at for at, size in enumerate(sizes) if size == x.count and isinstance(size, Length)]
    before = math.prod(size for size in x.shape[: x.batch]) if x.batch else 1
    own = math.prod(x.example) if all(isinstance(size, int) for size in x.example) else None
    if -1 in sizes and not marked:
        at = sizes.index(-1)
        others = [size for place, size in enumerate(sizes) if place != at]
        rest = math.prod(others) if all(isinstance(size, int) for size in others) else None
        if rest is not None and (rest == own or (own is None and at == x.batch == 0)):
            marked = [at]
    if not marked and x.count == 1:
        marked = [at for at, size in enumerate(sizes) if size == 1 and at == x.batch]
    for at in marked:
        if math.prod(sizes[:at]) == before:
            return at
    return None


def fitted(x: Value, shape: tuple, sizes: list) -> Any:
    """The array of the net in a new shape: sizes that are open stay where they are, or are what is left."""
    if x.is_known:
        found = numeric(x.array if x.batch is None else x.array.squeeze(x.batch)).reshape(sizes)
        return found if x.batch is None else known(found).symbol()
    dims = [in_place(size, shape[at] if at < len(shape) else 0, at) for at, size in enumerate(sizes)]
    if varies_alone(dims, shape):
        dims[0] = Inherited
    if dims.count(Automatic) > 1:
        raise NetError("it reshapes to sizes that are open", hint="say the sizes: Dimensions={…}")
    if tuple(dims) == tuple(shape) or (not dims and not shape):
        return x.array
    return applied(ReshapeLayer(tuple(dims)), x.symbol()) if dims else part(x.array, (0,) * len(shape))


def in_place(size: Any, old: Any, at: int) -> Any:
    """One size as ReshapeLayer says it, by the old size at its place."""
    if size is Unknown:  # a size that is copied
        return Inherited
    if isinstance(size, Length):
        return Inherited if old == size or (old is Unknown and at == 0) else Automatic
    return Automatic if size == -1 else int(size)


def varies_alone(dims: list, shape: tuple) -> bool:
    """Whether the first size is what is left, and that is the first size that varies."""
    rest = (*dims[1:], *shape[1:])
    if not dims or dims[0] is not Automatic or not shape or not isinstance(shape[0], Length):
        return False
    return all(isinstance(size, int) for size in rest) and math.prod(dims[1:]) == math.prod(shape[1:])


@reads("Flatten")
def flat(node: Node, x: Value) -> Value:
    """Two axes: all before `axis`, and the others."""
    axis = node.whole("axis", 1)
    axis = axis + x.rank if axis < 0 else axis
    if x.batch == 0 and axis == 1 and not x.is_known:
        return x.like(applied(FlattenLayer(), x.array))
    before, after = math.prod(x.shape[:axis]), x.shape[axis:]
    if x.batch is not None:
        return flat(node, x.whole())
    return in_shape(x, [before, math.prod(after) if all(isinstance(size, int) for size in after) else -1])
