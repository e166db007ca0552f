"""The words that move values: shapes, joining, indexing."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.formats.onnx.writing.arithmetic import folded, is_constant, numbers
from wlnet.formats.onnx.writing.functions import Functions
from wlnet.formats.onnx.writing.graph import value_attribute
from wlnet.formats.onnx.writing.sizes import Size, Undecided, is_fixed, share
from wlnet.formats.onnx.writing.tensor import Tensor


class Shapes(Functions):
    """Words of shapes."""

    # --- making -------------------------------------------------------------------------------------------------------

    def arange(self, *bounds: Any, dtype: Any = None) -> Tensor:
        start, stop, step = (0, *bounds, 1) if len(bounds) == 1 else (*bounds, 1)[:3]
        if is_constant(bounds):
            return self.constant(np.arange(start, stop, step), dtype)
        assert step == 1
        count = stop - start
        if self.opset >= 11:
            zero, one = self.constant(0), self.constant(1)
            places = self.node("Range", [zero, self.lift(count), one], (count,), np.int64)
        else:  # the places of so many ones that are not 0
            ones = self.filled((count,), np.array([1], np.int64))
            places = self.reshape(self.node("NonZero", [ones], (1, count), np.int64), (count,))
        return places if is_fixed(start) and start == 0 else places + start

    def filled(self, shape: tuple, value: np.ndarray) -> Tensor:
        """One number everywhere, as an array of one element says it."""
        if is_constant(tuple(shape)):
            return self.constant(np.full(shape, value[0], value.dtype))
        attribute = value_attribute(value)
        return self.node("ConstantOfShape", [self.sizes(shape)], shape, value.dtype, value=attribute)

    def full(self, shape: Any, fill: Any, dtype: Any = None) -> Tensor:
        shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
        kind = np.dtype("float32" if dtype is None else dtype)
        return self.filled(shape, np.array([fill], np.int64 if kind.kind == "i" else kind))

    def zeros(self, shape: Any, dtype: Any = None) -> Tensor:
        return self.full(shape, 0, dtype)

    def ones(self, shape: Any, dtype: Any = None) -> Tensor:
        return self.full(shape, 1, dtype)

    def zeros_like(self, x: Tensor) -> Tensor:
        return self.full(x.shape, 0, x.dtype)

    def ones_like(self, x: Tensor) -> Tensor:
        return self.full(x.shape, 1, x.dtype)

    # --- shapes -------------------------------------------------------------------------------------------------------

    def reshape(self, x: Any, shape: Any) -> Tensor:
        """NumPy's: one of the sizes may be -1."""
        x, shape = self.lift(x), tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
        if x.value is not None and is_constant(shape):
            return self.constant(x.value.reshape(shape))
        final = self.solved(x, shape)
        if final == x.shape:
            return x
        wanted = list(shape) if None in final else list(final)
        open_places = [k for k, size in enumerate(wanted) if isinstance(size, Size)]
        for k in open_places:  # 0 takes the size of the input at that place
            if k < x.ndim and x.shape[k] == wanted[k]:
                wanted[k] = 0
        open_places = [k for k, size in enumerate(wanted) if isinstance(size, Size)]
        if len(open_places) == 1 and -1 not in [size for size in wanted if is_fixed(size)]:
            wanted[open_places[0]] = -1
        result = self.node("Reshape", [x, self.sizes(wanted)], tuple(final), x.dtype)
        if None in final:
            at = final.index(None)
            result.shape = (*final[:at], self.name_axis(result, at, f"{result.name}_size"), *final[at + 1 :])
        return result

    def solved(self, x: Tensor, shape: tuple) -> tuple:
        """A shape with the size that -1 stands for; None where it can be read only when the model runs."""
        at = next((k for k, size in enumerate(shape) if is_fixed(size) and size == -1), None)
        if at is None:
            return shape
        rest = prod(size for k, size in enumerate(shape) if k != at)
        total = prod(x.shape)
        found = total // rest if is_fixed(total) and is_fixed(rest) else share(total, rest)
        return (*shape[:at], found, *shape[at + 1 :])

    def broadcast_to(self, x: Any, shape: Any) -> Tensor:
        x, shape = self.lift(x), tuple(shape)
        if x.shape == shape:
            return x
        if x.value is not None and is_constant(shape):
            return self.constant(np.broadcast_to(x.value, shape))
        old = (1,) * (len(shape) - x.ndim) + x.shape
        wanted = [1 if before == after else after for before, after in zip(old, shape, strict=True)]
        return self.node("Expand", [x, self.sizes(wanted)], shape, x.dtype)

    @folded
    def transpose(self, x: Tensor, order: Sequence[int]) -> Tensor:
        order = [axis % x.ndim for axis in order]
        if order == list(range(x.ndim)):
            return x
        return self.node("Transpose", [x], tuple(x.shape[axis] for axis in order), x.dtype, perm=order)

    def swapaxes(self, x: Tensor, one: int, two: int) -> Tensor:
        order = list(range(x.ndim))
        order[one], order[two] = order[two], order[one]
        return self.transpose(x, order)

    def moveaxis(self, x: Tensor, source: int, target: int) -> Tensor:
        order = [axis for axis in range(x.ndim) if axis != source % x.ndim]
        order.insert(target % x.ndim, source % x.ndim)
        return self.transpose(x, order)

    def expand_dims(self, x: Tensor, axis: int) -> Tensor:
        return self.unsqueezed(x, (axis % (x.ndim + 1),))

    def unsqueezed(self, x: Tensor, axes: tuple[int, ...]) -> Tensor:
        """x with axes of size 1 at these places of the result."""
        if not axes:
            return x
        if x.value is not None:
            return self.constant(np.expand_dims(x.value, axes))
        shape = list(x.shape)
        for axis in sorted(axes):
            shape.insert(axis, 1)
        return self.by_axes("Unsqueeze", x, axes, tuple(shape), 13)

    def squeezed(self, x: Tensor, axes: tuple[int, ...]) -> Tensor:
        """x without axes of size 1."""
        if not axes:
            return x
        shape = tuple(size for axis, size in enumerate(x.shape) if axis not in axes)
        return self.by_axes("Squeeze", x, axes, shape, 13)

    def squeeze(self, x: Tensor, axis: int) -> Tensor:
        return self.squeezed(x, (axis % x.ndim,))

    def by_axes(self, op: str, x: Tensor, axes: tuple, shape: tuple, since: int, **attributes: Any) -> Tensor:
        """An operator whose axes were an attribute, and an input since that version."""
        if self.opset >= since:
            return self.node(op, [x, self.whole(*axes)], shape, x.dtype, **attributes)
        return self.node(op, [x], shape, x.dtype, axes=list(axes), **attributes)

    # --- joining ------------------------------------------------------------------------------------------------------

    def concatenate(self, arrays: Sequence[Any], axis: int = 0) -> Tensor:
        arrays = self.alike(*arrays)
        if len(arrays) == 1:
            return arrays[0]
        if is_constant(tuple(arrays)):
            return self.constant(np.concatenate(numbers(tuple(arrays)), axis))
        at = axis % arrays[0].ndim
        shape = list(arrays[0].shape)
        for k in range(len(shape)):  # of sizes that are equal at run time, one that is known now
            shape[k] = next((each.shape[k] for each in arrays if is_fixed(each.shape[k])), shape[k])
        shape[at] = sum(each.shape[at] for each in arrays)
        return self.node("Concat", arrays, tuple(shape), arrays[0].dtype, axis=at)

    def stack(self, arrays: Sequence[Any], axis: int = 0) -> Tensor:
        return self.concatenate([self.expand_dims(self.lift(each), axis) for each in arrays], axis)

    def split(self, x: Tensor, count: int, axis: int) -> list[Tensor]:
        size = x.shape[axis] // count
        before = (slice(None),) * (axis % x.ndim)
        return [x[(*before, slice(k * size, (k + 1) * size))] for k in range(count)]

    def repeat(self, x: Any, count: int, axis: int) -> Tensor:
        """Every element so many times, one behind the other."""
        x = self.lift(x)
        wide = self.unsqueezed(x, (axis + 1,))
        shape = (*x.shape[: axis + 1], count, *x.shape[axis + 1 :])
        return self.reshape(
            self.broadcast_to(wide, shape), (*x.shape[:axis], x.shape[axis] * count, *x.shape[axis + 1 :])
        )

    def pad(self, x: Tensor, widths: Any, mode: str = "constant", constant_values: Any = 0) -> Tensor:
        before, after = ([pair[k] for pair in widths] for k in (0, 1))
        shape = tuple(size + one + two for size, one, two in zip(x.shape, before, after, strict=True))
        if self.opset >= 11:
            fill = self.constant(np.asarray(constant_values, x.dtype))
            return self.node("Pad", [x, self.sizes([*before, *after]), fill], shape, x.dtype, mode="constant")
        if not is_constant((before, after)):
            raise Undecided("padding that depends on the size of the data")
        return self.node(
            "Pad", [x], shape, x.dtype, mode="constant", pads=[*before, *after], value=float(constant_values)
        )

    def needs(self, opset: int, what: str) -> NetError:
        """An operator set is too old for this."""
        hint = f"Export(path, net, OperatorSetVersion={opset})"
        return NetError(f"{what} needs operator set {opset} of ONNX, not {self.opset}", path=self.place, hint=hint)
