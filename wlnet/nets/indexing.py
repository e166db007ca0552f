"""Indices and slices of recorded arrays: Python's, which count from 0 and leave the end out, as PartLayer's."""

from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.heads import Head
from wlnet.core.records import Result
from wlnet.core.refuse import brief
from wlnet.core.registry import provides
from wlnet.core.symbolic import Operand, cannot
from wlnet.core.symbolic_arrays import SymbolicArray
from wlnet.core.symbols import All, Span
from wlnet.layers.joining import CatenateLayer
from wlnet.layers.parts import PartLayer
from wlnet.layers.positions import ExtractLayer, OrderingLayer
from wlnet.layers.structure import ReplicateLayer
from wlnet.nets.axes import level, rank_of
from wlnet.nets.recording import applied, shape_of

CHOICE = "write np.where(condition, x, other), or ExtractLayer()({'Input': x, 'Position': places from 1})"


@provides("record part")
def part(x: SymbolicArray, index: Any) -> SymbolicArray:
    """x[index]: whole numbers, slices, None for a new level, an ellipsis, and one list of places."""
    if isinstance(index, SymbolicArray):
        return ordered(x, index)
    index = index if isinstance(index, tuple) else (index,)
    index = in_full(x, index)
    places = [each for each in index if each is not None and each is not Ellipsis]
    lists = [at for at, each in enumerate(places) if isinstance(each, (list, np.ndarray))]
    if len(lists) > 1:
        raise cannot("an index by several lists", "take one after the other: x[[2, 0]][:, [1, 3]]")
    for at in lists:
        x, places[at] = gathered(x, places[at], at), slice(None)
    shape = shape_of(x)
    sizes = shape if shape is not None else (None,) * len(places)
    if len(places) > len(sizes):
        raise NetError(f"an array of rank {len(sizes)} has no {len(places)} levels to take parts of", got=index)
    spec = [as_part(each, size, at) for at, (each, size) in enumerate(zip(places, sizes, strict=False), start=1)]
    while spec and spec[-1] is All:
        spec.pop()
    if spec:
        x = applied(PartLayer(tuple(spec) if len(spec) > 1 else spec[0]), x)
    return with_new_levels(x, index)


def in_full(x: SymbolicArray, index: tuple) -> tuple:
    """The index with its ellipsis written out; one at the end says nothing, and of new levels behind it only where."""
    dots = [at for at, each in enumerate(index) if each is Ellipsis]
    if len(dots) > 1:
        raise NetError("an index has one ellipsis at most", got=index)
    if not dots or all(each is None for each in index[dots[0] + 1 :]):
        return index[:-1] if index and index[-1] is Ellipsis else index
    used = sum(each is not None for each in index) - 1
    missing = rank_of(x, "an ellipsis in an index") - used
    return (*index[: dots[0]], *(slice(None),) * missing, *index[dots[0] + 1 :])


def with_new_levels(x: SymbolicArray, index: tuple) -> SymbolicArray:
    """New levels of size 1 where the index has None."""
    at = 0
    for number, each in enumerate(index):
        if each is Ellipsis:
            for _ in index[number + 1 :]:
                x = applied(ReplicateLayer(1, -1), x)
            return x
        if each is None:
            x = applied(ReplicateLayer(1, at + 1), x)
        at += not isinstance(each, (int, np.integer))
    return x


def as_part(index: Any, size: Any, at: int) -> Any:
    """One index as PartLayer says it, by the size of the level where that is known."""
    if isinstance(index, slice):
        return as_span(index, size if isinstance(size, int) else None, at)
    if isinstance(index, (int, np.integer)) and not isinstance(index, (bool, np.bool_)):
        if isinstance(size, int) and not -size <= index < size:
            raise NetError(f"index {index} is out of range at level {at}, whose size is {size}", got=index)
        return level(int(index))
    if isinstance(index, Operand):
        raise cannot("an index that is computed", CHOICE)
    hint = "an index is a whole number, a slice, None, an ellipsis or a list of whole numbers, counted from 0"
    raise NetError(f"{brief(index)} is not an index of an array", got=index, hint=hint)


def as_span(index: slice, size: int | None, at: int) -> Any:
    """A slice as a Span: places from 1, with the end among them."""
    try:
        ends = [None if end is None else end.__index__() for end in (index.start, index.stop, index.step)]
    except AttributeError:
        raise NetError(f"{index!r} is not a slice of whole numbers", got=index) from None
    start, stop, step = ends
    step = 1 if step is None else step
    if size is not None:
        taken = range(*index.indices(size))
        if not taken:
            raise NetError(f"{written(index)} takes nothing of level {at}, whose size is {size}", got=index)
        if not -size <= (start or 0) < size or not -size <= (stop or 0) <= size:
            start, stop = taken[0], taken[-1] + (1 if step > 0 else -1)
            stop = None if stop < 0 else stop
    if (start, stop, step) in ((None, None, 1), (0, None, 1)):
        return All
    if step > 0:
        first, last = 0 if start is None else start, All if stop is None else stop if stop > 0 else stop - 1
    else:
        first, last = -1 if start is None else start, 1 if stop is None else stop + 2 if stop >= 0 else stop + 1
    if step == 0 or last == 0 or (stop == 0 and step > 0):
        raise NetError(f"{written(index)} takes nothing", got=index)
    try:
        return PartLayer(Span(level(first), last, step)).spec
    except NetError:
        raise NetError(f"{written(index)} takes nothing", got=index) from None


def written(index: slice) -> str:
    """A slice as it is written."""
    ends = ["" if end is None else str(end) for end in (index.start, index.stop)]
    return ":".join(ends) + ("" if index.step is None else f":{index.step}")


def gathered(x: SymbolicArray, places: Any, axis: int) -> SymbolicArray:
    """x[..., [2, 0, 1], ...]: the elements at these places of an axis, joined."""
    listed = np.asarray(places)
    if listed.ndim != 1 or not len(listed) or listed.dtype.kind not in "iu":
        hint = "an index is a whole number, a slice, None, an ellipsis or a list of whole numbers, counted from 0"
        raise NetError(f"{brief(places)} is not an index of an array", got=places, hint=hint)
    before = (slice(None),) * axis
    runs: list[list[int]] = []
    for place in listed.tolist():
        if runs and place == runs[-1][-1] + 1 and place != 0:
            runs[-1].append(place)
        else:
            runs.append([place])
    pieces = [part(x, (*before, slice(run[0], run[-1] + 1 or None))) for run in runs]
    return pieces[0] if len(pieces) == 1 else applied(CatenateLayer(axis + 1), *pieces)


def ordered(x: SymbolicArray, places: SymbolicArray) -> SymbolicArray:
    """x[np.argsort(y)]: the elements in that order; no other computed places can be recorded."""
    inner = places.inputs[0] if isinstance(places.head, Head) and places.head.name == "Subtract" else None
    head = getattr(inner, "head", None)
    if places.inputs[1:] != (1,) or not isinstance(head, Result) or not isinstance(head.call.net, OrderingLayer):
        raise cannot("an index that is computed", CHOICE)
    return applied(ExtractLayer(), x, applied(ReplicateLayer(1, -1), inner))
