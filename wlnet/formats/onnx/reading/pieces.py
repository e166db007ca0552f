"""Operators that join tensors, cut them, and put elements around them."""

from typing import Any

import numpy as np

from wlnet.core.dims import Length
from wlnet.core.errors import NetError
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.values import Mixes, Value
from wlnet.layers.joining import CatenateLayer
from wlnet.layers.parts import PaddingLayer
from wlnet.nets.indexing import part
from wlnet.nets.rearranging import at_axis
from wlnet.nets.recording import applied

FAR = 10**9
"""From here on an end of a slice means as far as there is, as exporters write it."""


@reads("Concat")
def joined(node: Node, *values: Value) -> Value:
    """Tensors one after the other along an axis."""
    return catenated(list(values), node.whole("axis", 1))


def catenated(values: list[Value], axis: int) -> Value:
    """Tensors one after the other along an axis; empty ones are left out."""
    values = [value for value in values if 0 not in value.example]
    if len(values) == 1:
        return values[0]
    places = {value.batch for value in values if not (value.is_known and value.batch is None)}
    if len(places) > 1 or values[0].axis(axis) in places:
        values, places = [value.whole() for value in values], {None}
    batch = next(iter(places), None)
    arrays = []
    for value in values:
        if batch is not None and value.batch is None:
            if value.shape[batch] != 1 or not isinstance(values[0].count, int):
                return catenated([each.whole() for each in values], axis)
            value = value.like(value.array, batch)
        arrays.append(value.symbol())
    lead = next((value for value in values if value.batch is not None), values[0])
    return lead.like(applied(CatenateLayer(lead.own(axis) + 1), *arrays))


@reads("Split")
def split(node: Node, x: Value, sizes: Value | None = None) -> list[Value]:
    """A tensor cut along an axis: in parts of these sizes, or in equal ones of which the last may be smaller."""
    axis = x.axis(node.whole("axis", 0))
    given = node.numbers(sizes, "the sizes of the parts") if sizes is not None else node.sizes("split")
    if given is None:
        count, whole = node.whole("num_outputs", len(node.outputs)), x.shape[axis]
        if not isinstance(whole, int) or not 0 < count <= whole:
            raise NetError(f"it cuts an axis of size {whole} into {count} parts")
        step = -(-whole // count)
        given = [min(step, whole - start) for start in range(0, whole, step)]
    if axis == x.batch:
        x = x.whole()
    ends = np.cumsum([0, *given]).tolist()
    return [x.like(part(x.symbol(), at_axis(x.own(axis), slice(a, b)))) for a, b in zip(ends, ends[1:], strict=False)]


@reads("Slice")
def sliced(
    node: Node, x: Value, starts: Value | None = None, ends: Value | None = None, axes: Value | None = None,
    steps: Value | None = None,
) -> Value:  # fmt: skip
    """Some of the places along axes."""
    if starts is None:
        first, last, at, step = node.sizes("starts"), node.sizes("ends"), node.sizes("axes"), None
    else:
        first, last = (list(node.known(each, "the start and end").ravel().tolist()) for each in (starts, ends))
        at, step = node.numbers(axes, "the axes"), node.numbers(steps, "the steps")
    at = list(range(len(first))) if at is None else at
    step = [1] * len(first) if step is None else step
    for axis, start, stop, by in zip(at, first, last, step, strict=True):
        x = cut(x, x.axis(axis), start, stop, by)
    return x


def cut(x: Value, axis: int, start: Any, stop: Any, by: int) -> Value:
    """The places of one axis from a start, below an end."""
    size = x.shape[axis]
    start, stop = (end_of(end, size) for end in (start, stop))
    if isinstance(start, int) and start == 0 and stop is None and by == 1:
        return x
    if axis == x.batch:
        if not isinstance(size, int):
            raise Mixes(f"axis {axis}, of the batch, is cut")
        x = x.whole()
    if isinstance(start, int) and start < -FAR + 1:
        start = None if by > 0 else start
    if isinstance(stop, int) and stop <= -FAR + 1:
        stop = None if by < 0 else stop
    if isinstance(size, int):
        taken = range(*slice(start, stop, by).indices(size))
        if not len(taken):
            raise NetError(f"it takes nothing of axis {axis}, whose size is {size}")
        if len(taken) == size and by == 1:
            return x
    return x.like(part(x.symbol(), at_axis(x.own(axis), slice(start, stop, by))))


def end_of(end: Any, size: Any) -> Any:
    """An end of a slice as Python takes it: None as far as there is, and one by an open size from the end."""
    if isinstance(end, Length):
        below = end - size if isinstance(size, Length) else None
        if not isinstance(below, int) or below > 0:
            raise NetError("it cuts at a size that is open", hint="say the sizes: Dimensions={…}")
        return below or None
    return None if end >= FAR else end


@reads("Pad")
def padded(
    node: Node, x: Value, pads: Value | None = None, fill: Value | None = None, axes: Value | None = None
) -> Value:
    """Elements put around; a negative width cuts."""
    widths = node.sizes("pads", node.sizes("paddings")) if pads is None else node.numbers(pads, "the widths")
    number = node.number("value", 0.0) if fill is None else node.numbers(fill, "the number to fill in")
    number = number[0] if isinstance(number, list) else number
    at = [x.axis(axis) for axis in node.numbers(axes, "the axes") or range(x.rank)]
    half = len(at)
    if len(widths) != 2 * half:
        raise NetError(f"it has {len(widths)} widths for {half} axes")
    by_axis = {axis: (widths[k], widths[k + half]) for k, axis in enumerate(at)}
    return framed(x, by_axis, node.get("mode", "constant"), number)


def framed(x: Value, widths: dict[int, tuple[int, int]], mode: str, number: Any) -> Value:
    """Elements put around along axes: a number, the border again, what it mirrors, or the other end."""
    if x.batch is not None and widths.get(x.batch, (0, 0)) != (0, 0):
        x = x.whole()
    for axis, (before, after) in widths.items():
        if min(before, after) < 0:
            x = (
                cut(x, axis, max(0, -before), None if after >= 0 else after, 1)
                if after < 0
                else cut(x, axis, -before, FAR, 1)
            )
    pairs = [(0, 0)] * len(x.example)
    for axis, pair in widths.items():
        if axis != x.batch:
            pairs[x.own(axis)] = tuple(max(0, width) for width in pair)  # type: ignore[assignment]
    if not any(map(any, pairs)):
        return x
    if mode == "wrap":
        return wrapped(x, pairs)
    kinds = {"constant": number, "edge": "Fixed", "reflect": "Reflected"}
    if mode not in kinds:
        raise NetError(f"its mode is {mode!r}", hint="constant, edge, reflect and wrap are read")
    return x.like(applied(PaddingLayer(pairs, Padding=kinds[mode]), x.symbol()))


def wrapped(x: Value, pairs: list[tuple[int, int]]) -> Value:
    """What stands at the other end put around."""
    found = x.symbol()
    for axis, (before, after) in enumerate(pairs):
        pieces = [part(found, at_axis(axis, slice(-before, None)))] if before else []
        pieces.append(found)
        pieces += [part(found, at_axis(axis, slice(0, after)))] if after else []
        found = applied(CatenateLayer(axis + 1), *pieces) if len(pieces) > 1 else found
    return x.like(found)
