"""The words that take parts: x[key], and places that the data say."""

from __future__ import annotations

from typing import Any

import numpy as np

from wlnet.formats.onnx.writing.arithmetic import is_constant
from wlnet.formats.onnx.writing.shapes import Shapes
from wlnet.formats.onnx.writing.sizes import Size, is_fixed
from wlnet.formats.onnx.writing.tensor import Tensor

LAST = 2**31 - 1
"""An end behind every axis."""


class Indexing(Shapes):
    """Words of parts."""

    def part(self, x: Tensor, key: Any) -> Tensor:
        """x[key], of places, slices, None and an ellipsis."""
        keys = list(key) if isinstance(key, tuple) else [key]
        if Ellipsis in [each for each in keys if each is Ellipsis]:
            at = next(k for k, each in enumerate(keys) if each is Ellipsis)
            missing = x.ndim - sum(each is not None and each is not Ellipsis for each in keys)
            keys[at : at + 1] = [slice(None)] * missing
        if (
            x.value is not None
            and is_constant(tuple(e for e in keys if not isinstance(e, slice)))
            and all(is_constant((e.start, e.stop, e.step)) for e in keys if isinstance(e, slice))
        ):
            return self.constant(x.value[tuple(keys)])
        spans = [slice(k, k + 1 if not (is_fixed(k) and k == -1) else None) if isinstance(k, int) else k
                 for k in keys if k is not None]  # fmt: skip
        x = self.sliced(x, spans)
        drop = tuple(axis for axis, each in enumerate(k for k in keys if k is not None) if isinstance(each, int))
        x = self.squeezed(x, drop)
        kept = [each for each in keys if not isinstance(each, int)]
        return self.unsqueezed(x, tuple(place for place, each in enumerate(kept) if each is None))

    def sliced(self, x: Tensor, spans: list[slice]) -> Tensor:
        """x[spans]: ends that the data say must lie within the axis."""
        cuts = [(axis, *bounds(span, x.shape[axis])) for axis, span in enumerate(spans) if span != slice(None)]
        if not cuts:
            return x
        shape = list(x.shape)
        for axis, start, stop, step in cuts:
            shape[axis] = (stop - start + step - 1) // step if step > 0 else (start - stop - step - 1) // -step
        if self.opset < 10:
            return self.sliced_before_10(x, cuts, shape)
        axes = [axis for axis, *_ in cuts]
        starts = [self.start_of(start, x.shape[axis]) for axis, start, *_ in cuts]
        stops = [self.stop_of(stop, step, x.shape[axis]) for axis, _, stop, step in cuts]
        inputs = [x, self.sizes(starts), self.sizes(stops), self.whole(*axes)]
        steps = [] if all(cut[3] == 1 for cut in cuts) else [self.whole(*[cut[3] for cut in cuts])]
        return self.node("Slice", [*inputs, *steps], tuple(shape), x.dtype)

    @staticmethod
    def start_of(start: Any, size: Any) -> Any:
        """Where a slice begins, counted from the end where that needs no size."""
        return start - size if isinstance(start, Size) and is_fixed(start - size) else start

    @staticmethod
    def stop_of(stop: Any, step: int, size: Any) -> Any:
        """Where a slice ends; behind the axis, or before it, a number that is never reached."""
        if isinstance(stop, Size) and is_fixed(stop - size):
            return LAST if stop - size == 0 else stop - size
        return -LAST if step < 0 and is_fixed(stop) and stop == -1 else stop

    def sliced_before_10(self, x: Tensor, cuts: list, shape: list) -> Tensor:
        """Slice had attributes and no steps: one cut after the other, those with steps by their places."""
        for axis, start, stop, step in cuts:
            size, now = x.shape[axis], (*x.shape[:axis], shape[axis], *x.shape[axis + 1 :])
            first, end = self.start_of(start, size), self.stop_of(stop, step, size)
            if step == 1 and is_constant((first, end)):
                x = self.node("Slice", [x], now, x.dtype, axes=[axis], starts=[first], ends=[end])
            else:
                places = self.add(self.multiply(self.arange(shape[axis]), step), self.lift(start))
                x = self.node("Gather", [x, places], now, x.dtype, axis=axis)
        return x

    def gather(self, x: Tensor, index: Any) -> Tensor:
        """x (B, L, ...), index (B, K) from 0 -> (B, K, ...)."""
        index = self.cast(self.lift(index), np.int64)
        if is_fixed(index.shape[0]) and index.shape[0] == 1 and x.shape[0] != 1:  # the same places of every example
            row = self.reshape(index, (index.shape[1],))
            return self.node("Gather", [x, row], (x.shape[0], index.shape[1], *x.shape[2:]), x.dtype, axis=1)
        shape = (x.shape[0], index.shape[1], *x.shape[2:])
        if self.opset >= 12:
            return self.node("GatherND", [x, self.expand_dims(index, 2)], shape, x.dtype, batch_dims=1)
        flat = self.reshape(x, (x.shape[0] * x.shape[1], *x.shape[2:]))
        rows = self.expand_dims(self.arange(x.shape[0]), 1) * self.lift(x.shape[1])
        return self.node("Gather", [flat, index + rows], shape, x.dtype, axis=0)

    def rows(self, table: Tensor, index: Any) -> Tensor:
        """table (n, ...), index of any shape, from 0."""
        index = self.cast(self.lift(index), np.int64)
        return self.node("Gather", [table, index], (*index.shape, *table.shape[1:]), table.dtype, axis=0)


def bounds(span: slice, size: Any) -> tuple[Any, Any, int]:
    """Where a slice of an axis begins, where it ends, and its step; an end of -1 is before the first place."""
    step = 1 if span.step is None else span.step
    if is_constant((span.start, span.stop, size)):
        return (*span.indices(size)[:2], step)
    start = (0 if step > 0 else size - 1) if span.start is None else from_front(span.start, size)
    stop = (size if step > 0 else -1) if span.stop is None else from_front(span.stop, size)
    return start, stop, step


def from_front(place: Any, size: Any) -> Any:
    """A place of an axis counted from its first."""
    return place + size if is_fixed(place) and place < 0 else place
