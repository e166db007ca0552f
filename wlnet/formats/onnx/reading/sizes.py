"""Sizes as numbers: what exporters write to compute shapes, of which some are open while the net is made.

A size that is open is a Length: it can be added, multiplied and passed on, and is put into the net where a shape is
asked for.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.core.dims import Length, Unknown, length
from wlnet.core.errors import NetError
from wlnet.formats.onnx.reading.fold import folded
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.ports import BATCH
from wlnet.formats.onnx.reading.values import Value, known
from wlnet.formats.onnx.tensors import MOST, count_of
from wlnet.layers.sequence import SequenceIndicesLayer
from wlnet.nets.recording import applied


def sized(sizes: Any) -> np.ndarray:
    """Sizes as an array: of integers, or of objects where some are open."""
    if all(isinstance(size, (int, np.integer)) for size in sizes):
        return np.array(list(sizes), np.int64)
    found = np.empty(len(sizes), object)
    found[:] = list(sizes)
    return found


@reads("Shape", raw=True)
def shape(node: Node, x: Value) -> Value:
    """The sizes of a tensor."""
    start, end = node.whole("start", 0), node.whole("end", None)
    sizes = [told(node, x, at, size) for at, size in enumerate(x.shape)][slice(start, end)]
    return known(sized(sizes), np.int64)


def told(node: Node, x: Value, axis: int, size: Any) -> Any:
    """A size as a number or a Length; one of which nothing is known gets a name."""
    if isinstance(size, int):
        return size
    name = length("open size", (id(x.array), axis)) if size is Unknown else size
    if name is not BATCH:
        node.reader.lengths.setdefault(name, (x, axis))
    return name


@reads("Size", raw=True)
def size(node: Node, x: Value) -> Value:
    """How many elements a tensor has."""
    found = math.prod(told(node, x, at, each) for at, each in enumerate(x.shape))
    array = np.empty((), object)
    array[()] = found
    return known(np.int64(found) if isinstance(found, int) else array, np.int64)


@reads("Constant", raw=True)
def constant(node: Node) -> Value:
    """Numbers that stand in the node."""
    for name, value in node.attributes.items():
        if name == "value" and isinstance(value, np.ndarray):
            return known(value)
        if name in ("value_int", "value_ints"):
            return known(np.array(value, np.int64))
        if name in ("value_float", "value_floats"):
            return known(np.array(value, np.float32))
    raise NetError("its value is no array of numbers")


@reads("ConstantOfShape", raw=True)
def filled(node: Node, sizes: Value) -> Value:
    """One number in a shape; where the batch is free, size 1 stands for it."""
    wanted = node.known(sizes, "the shape")
    value = node.get("value")
    value = np.zeros(1, np.float32) if value is None else value
    if wanted.ndim != 1 or value.size != 1:
        raise NetError("its shape is no list of sizes, or its value no single number")
    dims, batch = list(wanted.tolist()), None
    for at, dim in enumerate(dims):
        if isinstance(dim, Length):
            if dim != BATCH or batch is not None:
                raise NetError("it fills a shape that is open", hint="say the sizes: Dimensions={…}")
            dims[at], batch = 1, at
    if any(dim < 0 for dim in dims) or count_of(dims) > MOST:
        raise NetError(f"its shape is {tuple(dims)}")
    return Value(
        np.full(dims, value.reshape(()).item(), value.dtype), value.dtype, batch, BATCH if batch is not None else 1
    )


@reads("Range", raw=True)
def ranged(node: Node, start: Value, limit: Value, delta: Value) -> Value:
    """The numbers from start, below limit, in steps."""
    ends = [node.known(each, what) for each, what in ((start, "start"), (limit, "limit"), (delta, "delta"))]
    if all(end.dtype != object for end in ends):
        return folded(node, [start, limit, delta])[0]
    first, last, step = (end.reshape(()).item() for end in ends)
    if (first, step) != (0, 1) or last not in node.reader.lengths:
        raise NetError("it counts up to a size that is open", hint="say the sizes: Dimensions={…}")
    source, axis = node.reader.lengths[last]
    if source.own(axis) != 0:
        raise NetError("it counts up to a size that is open", hint="say the sizes: Dimensions={…}")
    return Value(applied(SequenceIndicesLayer(), source.symbol()) - 1, np.dtype(np.int64))


# --- arithmetic of sizes that are open --------------------------------------------------------------------------------


def open_sizes(node: Node, inputs: list[Value | None]) -> Value | list[Value]:
    """What a node makes of known numbers among which are sizes that are open."""
    if node.kind not in OF_SIZES:
        raise NetError("it computes with a size that is not known yet", hint="say the sizes: Dimensions={…}")
    arrays = [None if each is None else whole_numbers(each.array) for each in inputs]
    found = OF_SIZES[node.kind](node, *arrays)
    kind = inputs[0].kind if inputs[0] is not None else np.dtype(np.int64)
    return [settled(each, kind) for each in found] if isinstance(found, list) else settled(found, kind)


def whole_numbers(array: np.ndarray) -> np.ndarray:
    """Numbers as Python's, of which whole ones are integers: a Length meets no other."""
    found = np.empty(array.shape, object)
    flat = [int(each) if isinstance(each, float) and each.is_integer() else each for each in array.ravel().tolist()]
    found.ravel()[:] = flat
    return found


def settled(found: Any, kind: np.dtype) -> Value:
    """An array of sizes as a value, of integers where none is open any more."""
    found = np.asarray(found, object)
    if not any(isinstance(each, Length) for each in found.ravel()):
        found = found.astype(bool if kind.kind == "b" else np.int64 if kind.kind in "iu" else kind)
    return known(found, kind)


def equal(a: Any, b: Any) -> bool:
    """Whether two sizes are equal; an open one is none below 1."""
    if isinstance(a, Length) != isinstance(b, Length):
        fixed = b if isinstance(a, Length) else a
        if fixed < 1:
            return False
        raise NetError(f"whether a size that is open is {fixed} decides", hint="say the sizes: Dimensions={…}")
    return a == b


def each(function: Callable) -> Callable:
    """A function of single sizes for arrays of them."""
    apply = np.frompyfunc(function, 2, 1)
    return lambda node, a, b: np.asarray(apply(a, b), object)


def quotient(a: Any, b: Any) -> Any:
    """A whole quotient; sizes are not negative."""
    return a // b if isinstance(a, Length) else int(a / b)


def cut(node: Node, x: Any, starts: Any = None, ends: Any = None, axes: Any = None, steps: Any = None) -> Any:
    """Some of a list of sizes."""
    if starts is None:
        starts, ends, axes = (np.array(node.sizes(name, [0])) for name in ("starts", "ends", "axes"))
    step = 1 if steps is None else int(steps.ravel()[0])
    if x.ndim != 1 or (axes is not None and int(axes.ravel()[0]) not in (0, -1)):
        raise NetError("it cuts an array of open sizes that is no list")
    return x[slice(int(starts.ravel()[0]), int(ends.ravel()[0]), step)]


def taken(node: Node, x: Any, indices: Any) -> Any:
    """Sizes at places of a list."""
    return np.take(x, indices.astype(np.int64), axis=node.whole("axis", 0))


def squeezed(node: Node, x: Any, axes: Any = None) -> Any:
    """Without axes of size 1."""
    listed = node.sizes("axes") if axes is None else axes.astype(int).ravel().tolist()
    return x.squeeze(tuple(listed) if listed is not None else None)


def unsqueezed(node: Node, x: Any, axes: Any = None) -> Any:
    """With new axes of size 1."""
    return np.expand_dims(x, tuple(node.sizes("axes") if axes is None else axes.astype(int).ravel().tolist()))


OF_SIZES: dict[str, Callable] = {
    "Add": each(lambda a, b: a + b),
    "Sub": each(lambda a, b: a - b),
    "Mul": each(lambda a, b: a * b),
    "Div": each(quotient),
    "Equal": each(equal),
    "Where": lambda node, c, x, y: np.where(c.astype(bool), x, y),
    "Cast": lambda node, x: x,
    "Identity": lambda node, x: x,
    "Floor": lambda node, x: x,
    "Ceil": lambda node, x: x,
    "Neg": lambda node, x: -x,
    "Concat": lambda node, *arrays: np.concatenate(arrays, axis=node.whole("axis", 0)),
    "Gather": taken,
    "Slice": cut,
    "Squeeze": squeezed,
    "Unsqueeze": unsqueezed,
    "Reshape": lambda node, x, to: x.reshape(to.astype(int).tolist()),
    "Flatten": lambda node, x: x.reshape(1, -1),
    "ReduceProd": lambda node, x, axes=None: np.array([math.prod(x.ravel())][0 : x.ndim], object)[
        0 if not node.whole("keepdims", 1) else slice(None)
    ],
    "Expand": lambda node, x, to: np.broadcast_to(x, to.astype(int).tolist()),
    "Split": lambda node, x, sizes=None: np.split(x, len(node.outputs)),
}
"""What operators do to arrays of sizes."""
