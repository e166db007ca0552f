"""NumPy's elementwise words as ONNX's operators."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from wlnet.formats.onnx.writing.graph import TYPES, Nodes
from wlnet.formats.onnx.writing.sizes import Size
from wlnet.formats.onnx.writing.tensor import Tensor

KINDS = {float: np.float32, int: np.int64, bool: np.bool_}


def folded(word: Callable) -> Callable:
    """A word that of constants is computed now, by NumPy's of the same name."""
    name = word.__name__

    @wraps(word)
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        if not is_constant(arguments) or not is_constant(tuple(options.values())):
            return word(self, *arguments, **options)
        with np.errstate(all="ignore"):
            found = getattr(np, name)(*map(numbers, arguments), **{key: numbers(each) for key, each in options.items()})
        is_double = any(isinstance(each, Tensor) and each.dtype == np.float64 for each in arguments)
        return self.constant(found, np.float64 if is_double and found.dtype == np.float64 else None)

    return call


def is_constant(value: Any) -> bool:
    """Whether all that an argument holds is known now."""
    if isinstance(value, (tuple, list)):
        return all(map(is_constant, value))
    return value.value is not None if isinstance(value, Tensor) else not isinstance(value, Size)


def numbers(value: Any) -> Any:
    """An argument with arrays in the place of constants."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(numbers, value))
    return value.value if isinstance(value, Tensor) else value


def joint(one: tuple, two: tuple) -> tuple:
    """The shape of two that broadcast."""
    rank = max(len(one), len(two))
    pairs = zip((1,) * (rank - len(one)) + one, (1,) * (rank - len(two)) + two, strict=True)
    return tuple(b if a == 1 else a if b == 1 or not isinstance(a, Size) else b for a, b in pairs)


class Arithmetic(Nodes):
    """The words of two operands, comparisons, and types."""

    floor: Callable[..., Tensor]
    reshape: Callable[..., Tensor]

    # --- operands -----------------------------------------------------------------------------------------------------

    def lift(self, value: Any, dtype: Any = None) -> Tensor:
        """A tensor of what may be a number, a size, an array or a tensor."""
        if isinstance(value, Tensor):
            return value
        if isinstance(value, Size):
            return self.reshape(self.size(value), ())
        return self.constant(np.asarray(value, dtype))

    def cast(self, x: Tensor, dtype: Any) -> Tensor:
        """x in another type."""
        if x.dtype == np.dtype(dtype):
            return x
        if x.value is not None:
            return self.constant(x.value.astype(dtype), dtype)
        to = TYPES[str(np.dtype(dtype))]
        return self.node("Cast", [x], x.shape, dtype, to=to)

    def alike(self, *values: Any, least: Any = np.bool_) -> list[Tensor]:
        """Operands of one type; Python's numbers take that of the tensors beside them."""
        order = [np.dtype(each) for each in (np.bool_, np.int32, np.int64, np.float32, np.float64)]
        wide = max([*map(self.kind, values), np.dtype(least)], key=order.index)
        return [
            self.cast(self.lift(each), wide) if isinstance(each, (Tensor, Size)) else self.constant(each, wide)
            for each in values
        ]

    def kind(self, value: Any) -> np.dtype:
        if isinstance(value, Tensor):
            return value.dtype
        found = np.asarray(0 if isinstance(value, Size) else value).dtype
        return np.dtype({"f": np.float32, "i": np.int64, "u": np.int64}.get(found.kind, np.bool_))

    def both(self, op: str, x: Any, y: Any, dtype: Any = None, least: Any = np.int64) -> Tensor:
        """An operator of two that broadcast."""
        one, two = self.alike(x, y, least=least)
        return self.node(op, [one, two], joint(one.shape, two.shape), one.dtype if dtype is None else dtype)

    def one(self, op: str, x: Any, **attributes: Any) -> Tensor:
        """An operator of one tensor of fractions."""
        x = self.lift(x)
        x = x if x.dtype == np.float64 else self.cast(x, np.float32)
        return self.node(op, [x], x.shape, x.dtype, **attributes)

    # --- arithmetic ---------------------------------------------------------------------------------------------------

    @folded
    def add(self, x: Any, y: Any) -> Tensor:
        return self.both("Add", x, y)

    @folded
    def subtract(self, x: Any, y: Any) -> Tensor:
        return self.both("Sub", x, y)

    @folded
    def multiply(self, x: Any, y: Any) -> Tensor:
        return self.both("Mul", x, y)

    @folded
    def divide(self, x: Any, y: Any) -> Tensor:
        return self.both("Div", x, y, least=np.float32)

    @folded
    def negative(self, x: Any) -> Tensor:
        return self.node("Neg", [x], x.shape, x.dtype)

    @folded
    def power(self, x: Any, y: Any) -> Tensor:
        if isinstance(y, int) and y in (1, 2):
            return x if y == 1 else self.multiply(x, x)
        return self.both("Pow", x, y, least=np.float32)

    @folded
    def floor_divide(self, x: Any, y: Any) -> Tensor:
        """Towards minus infinity, where ONNX goes towards zero."""
        x, y = self.alike(x, y, least=np.int64)
        if x.dtype.kind == "f":
            return self.floor(self.divide(x, y))
        toward_zero = self.both("Div", x, y)
        left = self.subtract(x, self.multiply(toward_zero, y))
        below = self.logical_and(self.not_equal(left, 0), self.not_equal(self.less(left, 0), self.less(y, 0)))
        return self.subtract(toward_zero, self.cast(below, np.int64))

    @folded
    def mod(self, x: Any, y: Any) -> Tensor:
        """With the sign of y."""
        return self.subtract(x, self.multiply(self.floor_divide(x, y), y))

    @folded
    def maximum(self, x: Any, y: Any) -> Tensor:
        return self.extreme("Max", x, y)

    @folded
    def minimum(self, x: Any, y: Any) -> Tensor:
        return self.extreme("Min", x, y)

    def extreme(self, op: str, x: Any, y: Any) -> Tensor:
        x, y = self.alike(x, y, least=np.int64)
        if x.dtype.kind != "f" and self.opset < 12:
            return self.where(self.greater(x, y) if op == "Max" else self.less(x, y), x, y)
        return self.node(op, [x, y], joint(x.shape, y.shape), x.dtype)

    def clip(self, x: Any, low: Any = None, high: Any = None) -> Tensor:
        x = x if low is None else self.maximum(x, low)
        return x if high is None else self.minimum(x, high)

    @folded
    def square(self, x: Any) -> Tensor:
        return self.multiply(x, x)

    # --- comparing ----------------------------------------------------------------------------------------------------

    @folded
    def less(self, x: Any, y: Any) -> Tensor:
        return self.both("Less", x, y, np.bool_)

    @folded
    def greater(self, x: Any, y: Any) -> Tensor:
        return self.both("Greater", x, y, np.bool_)

    @folded
    def less_equal(self, x: Any, y: Any) -> Tensor:
        if self.opset < 12:
            return self.logical_or(self.less(x, y), self.equal(x, y))
        return self.both("LessOrEqual", x, y, np.bool_)

    @folded
    def greater_equal(self, x: Any, y: Any) -> Tensor:
        if self.opset < 12:
            return self.logical_or(self.greater(x, y), self.equal(x, y))
        return self.both("GreaterOrEqual", x, y, np.bool_)

    @folded
    def equal(self, x: Any, y: Any) -> Tensor:
        x, y = self.alike(x, y)
        if x.dtype.kind != "f" or self.opset >= 11:
            return self.node("Equal", [x, y], joint(x.shape, y.shape), np.bool_)
        apart = self.logical_or(self.less(x, y), self.greater(x, y))  # Equal was for whole numbers before
        return self.logical_not(self.logical_or(apart, self.logical_or(self.isnan(x), self.isnan(y))))

    @folded
    def not_equal(self, x: Any, y: Any) -> Tensor:
        return self.logical_not(self.equal(x, y))

    def truth(self, x: Any) -> Tensor:
        """Numbers as truth values: all but 0 are true."""
        x = self.lift(x)
        return x if x.dtype == np.bool_ else self.cast(x, np.bool_)

    @folded
    def logical_and(self, x: Any, y: Any) -> Tensor:
        return self.both("And", self.truth(x), self.truth(y), least=np.bool_)

    @folded
    def logical_or(self, x: Any, y: Any) -> Tensor:
        return self.both("Or", self.truth(x), self.truth(y), least=np.bool_)

    @folded
    def logical_not(self, x: Any) -> Tensor:
        x = self.truth(x)
        return self.node("Not", [x], x.shape, np.bool_)

    @folded
    def where(self, condition: Any, x: Any, y: Any) -> Tensor:
        condition = self.truth(condition)
        x, y = self.alike(x, y)
        if x.dtype == np.bool_:
            return self.logical_or(self.logical_and(condition, x), self.logical_and(self.logical_not(condition), y))
        return self.node("Where", [condition, x, y], joint(condition.shape, joint(x.shape, y.shape)), x.dtype)

    @folded
    def isnan(self, x: Any) -> Tensor:
        return self.node("IsNaN", [x], x.shape, np.bool_)

    # --- types --------------------------------------------------------------------------------------------------------

    def stop_gradient(self, x: Any) -> Any:
        return x

    def astype(self, x: Any, kind: Any) -> Tensor:
        return self.cast(self.lift(x), KINDS[kind])

    def asarray(self, value: Any, dtype: Any = None) -> Tensor:
        return self.lift(value, dtype)
