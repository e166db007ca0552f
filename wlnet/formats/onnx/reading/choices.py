"""Operators that take elements by index: Gather and its kin, OneHot, TopK, and losses of classes."""

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS
from wlnet.formats.onnx.reading.arrays import in_order, in_shape, with_ones
from wlnet.formats.onnx.reading.elementwise import met
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.products import matrix_product
from wlnet.formats.onnx.reading.reductions import logarithm_of_softmax, reduced
from wlnet.formats.onnx.reading.values import Value, known
from wlnet.layers.positions import ExtractLayer, OrderingLayer
from wlnet.layers.structure import ReplicateLayer
from wlnet.nets.indexing import part
from wlnet.nets.mapping import NetMapOperator, NetMapThreadOperator
from wlnet.nets.rearranging import at_axis
from wlnet.nets.recording import applied


@reads("Gather")
def gathered(node: Node, x: Value, indices: Value) -> Value:
    """The elements at places along an axis."""
    axis = x.axis(node.whole("axis", 0))
    if not indices.is_plain:
        return by_unit_vectors(x, indices, axis)
    if axis == x.batch:
        x = x.whole()
    own, places = x.own(axis), indices.array
    if not places.ndim:
        batch = None if x.batch is None else x.batch - (axis < x.batch)
        return x.like(part(x.symbol(), at_axis(own, int(places))), batch)
    size = x.shape[axis]
    listed = places.ravel()
    if isinstance(size, int):
        if ((listed < -size) | (listed >= size)).any():
            raise NetError(f"it takes places of an axis of size {size} that there are not")
        listed = listed % size
    found = x.like(part(x.symbol(), at_axis(own, listed.tolist())))
    if places.ndim == 1:
        return found
    sizes = list(found.shape)
    batch = x.batch
    wide = in_shape(found, [*sizes[:axis], *places.shape, *sizes[axis + 1 :]])
    return wide if batch is None or wide.batch is not None else found


def unit_vectors(indices: Value, size: int, axis: int) -> Value:
    """1 at the place that an index says along a new axis, 0 elsewhere; places count from the end where negative."""
    wide = with_ones(indices, [axis])
    rank = wide.rank
    at = axis % rank
    counts = known(np.arange(size, dtype=np.float32).reshape([size if k == at else 1 for k in range(rank)]))
    return met(
        lambda i, c: HEADS["If"](HEADS["Or"](HEADS["Equal"](i, c), HEADS["Equal"](i + size, c)), 1, 0),
        wide, counts, kind=np.float32,
    )  # fmt: skip


def by_unit_vectors(x: Value, indices: Value, axis: int) -> Value:
    """The elements at places that come in: unit vectors times the tensor."""
    size = x.shape[axis]
    if not isinstance(size, int):
        raise NetError("it takes places along an axis whose size is open", hint="say the sizes: Dimensions={…}")
    if x.batch is not None:
        x, indices = x.whole(), indices.whole()
    others = [at for at in range(x.rank) if at != axis]
    rest = [x.shape[at] for at in others]
    rows = in_shape(in_order(x, [axis, *others]), [size, -1]) if len(rest) != 1 else in_order(x, [axis, *others])
    found = matrix_product(unit_vectors(indices, size, -1), rows)
    if found.rank != indices.rank + 1:
        raise NetError("its places are of a rank that is not read")
    wide = in_shape(found, [*indices.shape, *rest]) if len(rest) != 1 else found
    behind = list(range(indices.rank + axis, indices.rank + len(rest)))
    order = [*range(indices.rank, indices.rank + axis), *range(indices.rank), *behind]
    return Value(in_order(wide, order).array, x.kind, in_order(wide, order).batch, wide.count)


@reads("GatherElements")
def gathered_elements(node: Node, x: Value, indices: Value) -> Value:
    """For each place of the indices the element of x that stands there, but along one axis where the index says."""
    axis, x, indices = x.axis(node.whole("axis", 0)), x.whole(), indices.whole()
    size, sizes = x.shape[axis], indices.shape
    if not all(isinstance(each, int) for each in (*x.shape, *sizes)):
        raise NetError("it takes places of tensors whose sizes are open", hint="say the sizes: Dimensions={…}")
    for at, (a, b) in enumerate(zip(x.shape, sizes, strict=True)):
        if at != axis and a != b:
            x = x.like(part(x.symbol(), at_axis(at, slice(0, b))))
    found = met(HEADS["Times"], with_ones(x, [axis]), unit_vectors(indices, size, axis + 1))
    return reduced("Total", found, [axis + 1], False)


@reads("OneHot")
def one_hot(node: Node, indices: Value, depth: Value, values: Value) -> Value:
    """The second of two values at the place that an index says along a new axis, the first elsewhere."""
    size = int(node.array(depth, "the depth").reshape(()).item())
    off, on = node.numbers(values, "the values")
    axis = node.whole("axis", -1)
    rank = indices.rank + 1
    found = unit_vectors(indices, size, axis % rank)
    return met(lambda a: HEADS["If"](a, on, off), found, kind=values.kind)


@reads("TopK")
def largest(node: Node, x: Value, count: Value | None = None) -> list[Value]:
    """The k greatest, or least, numbers along an axis in order, and their places."""
    axis = x.axis(node.whole("axis", -1))
    k = node.whole("k") if count is None else int(node.array(count, "k").reshape(()).item())
    size = x.shape[axis]
    if not isinstance(size, int) or not 0 < k <= size:
        raise NetError(f"it takes {k} numbers of {size}")
    if axis == x.batch:
        x = x.whole()
    others = [at for at in range(x.rank) if at != axis]
    last = in_order(x, [*others, axis])
    depth = len(last.example) - 1
    rows = last.symbol()
    order = applied(over(OrderingLayer(k), depth), -rows if node.whole("largest", 1) else rows)
    picked = ExtractLayer()
    lists = applied(ReplicateLayer(1, -1), order)
    found = applied(NetMapThreadOperator(picked, depth) if depth else picked, rows, lists)
    back = [*range(axis), x.rank - 1, *range(axis, x.rank - 1)]
    return [in_order(last.like(found), back), in_order(last.like(order - 1, kind=np.dtype(np.int64)), back)]


def over(layer: OrderingLayer, depth: int) -> OrderingLayer | NetMapOperator:
    """A layer mapped over so many levels."""
    found: OrderingLayer | NetMapOperator = layer
    for _ in range(depth):
        found = NetMapOperator(found)
    return found


# --- losses of classes ------------------------------------------------------------------------------------------------


@reads("NegativeLogLikelihoodLoss")
def likelihood_loss(node: Node, x: Value, target: Value, weights: Value | None = None) -> Value:
    """-x at the class that the target says, axis 1, weighted; all of them, their sum or their mean."""
    return loss_of(node, x, target, weights)


@reads("SoftmaxCrossEntropyLoss")
def entropy_loss(node: Node, x: Value, target: Value, weights: Value | None = None) -> list[Value]:
    """The same of the logarithm of softmax along axis 1, which is the second output."""
    logs = logarithm_of_softmax(x, [1])
    return [loss_of(node, logs, target, weights), logs]


def loss_of(node: Node, x: Value, target: Value, weights: Value | None) -> Value:
    """The loss of logarithms of probabilities."""
    classes, ignored = x.shape[1], node.whole("ignore_index", None)
    if not isinstance(classes, int):
        raise NetError("the number of classes is open")
    marks = unit_vectors(met(lambda i: i, target, kind=np.float32), classes, 1)
    if ignored is not None:
        marks = met(lambda m, t: HEADS["If"](HEADS["Equal"](t, ignored), 0, m), marks, with_ones(target, [1]))
    if weights is not None:
        marks = met(HEADS["Times"], marks, with_ones(weights, list(range(1, x.rank - 1))))
    lost = reduced("Total", met(lambda a, m: -(a * m), x, marks), [1], False)
    reduction = node.get("reduction", "mean")
    if reduction == "none":
        return lost
    every = list(range(lost.rank))
    total = reduced("Total", lost, every, False)
    if reduction == "sum":
        return total
    return met(HEADS["Divide"], total, reduced("Total", marks, list(range(marks.rank)), False))
