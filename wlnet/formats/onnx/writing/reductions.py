"""Sums and their like, products of matrices, and order."""

from __future__ import annotations

from typing import Any

import numpy as np

from wlnet.formats.onnx.writing.arithmetic import folded, joint
from wlnet.formats.onnx.writing.indexing import Indexing
from wlnet.formats.onnx.writing.sizes import is_fixed
from wlnet.formats.onnx.writing.tensor import Tensor


class Reductions(Indexing):
    """Words that reduce."""

    def reduced(self, op: str, x: Any, axis: Any, keepdims: bool, since: int) -> Tensor:
        """An operator over some axes, an attribute up to that version, and an input from it on."""
        x = self.lift(x)
        x = self.cast(x, np.int64) if x.dtype == np.bool_ else x
        every = tuple(range(x.ndim))
        axes = every if axis is None else tuple(k % x.ndim for k in (axis if isinstance(axis, tuple) else (axis,)))
        if not axes:
            return x
        kept = [(1 if k in axes else size) for k, size in enumerate(x.shape) if keepdims or k not in axes]
        return self.by_axes(op, x, axes, tuple(kept), since, keepdims=int(keepdims))

    @folded
    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
        return self.reduced("ReduceSum", x, axis, keepdims, 13)

    @folded
    def prod(self, x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
        return self.reduced("ReduceProd", x, axis, keepdims, 18)

    @folded
    def mean(self, x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
        return self.reduced("ReduceMean", self.cast(x, np.float32), axis, keepdims, 18)

    @folded
    def max(self, x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
        return self.reduced("ReduceMax", x, axis, keepdims, 18)

    @folded
    def min(self, x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
        return self.reduced("ReduceMin", x, axis, keepdims, 18)

    @folded
    def matmul(self, x: Tensor, y: Tensor) -> Tensor:
        shape = (*joint(x.shape[:-2], y.shape[:-2]), x.shape[-2], y.shape[-1])
        return self.node("MatMul", [x, y], shape, x.dtype)

    def softmax(self, x: Tensor, axis: int = -1) -> Tensor:
        """Before version 13 Softmax was over all axes from one on, so the axis goes to the end."""
        axis = axis % x.ndim
        if self.opset >= 13:
            return self.node("Softmax", [x], x.shape, np.float32, axis=axis)
        moved = self.moveaxis(x, axis, -1)
        found = self.node("Softmax", [moved], moved.shape, np.float32, axis=x.ndim - 1)
        return self.moveaxis(found, -1, axis)

    # --- order --------------------------------------------------------------------------------------------------------

    def sort(self, x: Tensor) -> Tensor:
        """Ascending along the last axis."""
        return self.ordered(x)[0]

    def argsort(self, x: Tensor) -> Tensor:
        """Which element comes where in ascending order, from 0."""
        return self.ordered(x)[1]

    def ordered(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The values in ascending order, and where they stood; before version 11 there were only descending ones."""
        size, outputs = x.shape[-1], [(x.shape, x.dtype), (x.shape, np.int64)]
        if self.opset >= 11:
            values, places = self.emit("TopK", [x, self.size(size)], outputs, axis=-1, largest=0, sorted=1)
            return values, places
        turned = self.negative(x)
        if self.opset >= 10:
            values, places = self.emit("TopK", [turned, self.size(size)], outputs, axis=-1)
        elif is_fixed(size):
            values, places = self.emit("TopK", [turned], outputs, axis=-1, k=int(size))
        else:
            raise self.needs(10, "the order of sequences of varying length")
        return self.negative(values), places
