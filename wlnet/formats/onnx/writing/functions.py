"""NumPy's functions of numbers as ONNX's operators, and as small graphs where there is none."""

from __future__ import annotations

from math import pi
from typing import Any

from wlnet.formats.onnx.writing.arithmetic import Arithmetic, folded
from wlnet.formats.onnx.writing.tensor import Tensor


def _function(name: str, op: str) -> Any:
    def word(self: Arithmetic, x: Any) -> Tensor:
        return self.one(op, x)

    word.__name__ = name
    return folded(word)


class Functions(Arithmetic):
    """Words of one number, and of two."""

    exp = _function("exp", "Exp")
    log = _function("log", "Log")
    sqrt = _function("sqrt", "Sqrt")
    tanh = _function("tanh", "Tanh")
    sin = _function("sin", "Sin")
    cos = _function("cos", "Cos")
    tan = _function("tan", "Tan")
    sinh = _function("sinh", "Sinh")
    cosh = _function("cosh", "Cosh")
    arcsin = _function("arcsin", "Asin")
    arccos = _function("arccos", "Acos")
    arctan = _function("arctan", "Atan")
    arcsinh = _function("arcsinh", "Asinh")
    arccosh = _function("arccosh", "Acosh")
    arctanh = _function("arctanh", "Atanh")

    # --- rounding -----------------------------------------------------------------------------------------------------

    @folded
    def floor(self, x: Any) -> Tensor:
        return x if x.dtype.kind in "ib" else self.one("Floor", x)

    @folded
    def ceil(self, x: Any) -> Tensor:
        return x if x.dtype.kind in "ib" else self.one("Ceil", x)

    @folded
    def round(self, x: Any) -> Tensor:
        if x.dtype.kind in "ib" or self.opset >= 11:
            return x if x.dtype.kind in "ib" else self.one("Round", x)
        up = self.floor(x + 0.5)
        odd_tie = self.logical_and(self.equal(up - x, 0.5), self.equal(self.mod(up, 2.0), 1.0))
        return self.where(odd_tie, up - 1.0, up)

    @folded
    def trunc(self, x: Any) -> Tensor:
        return self.multiply(self.sign(x), self.floor(self.abs(x)))

    @folded
    def abs(self, x: Any) -> Tensor:
        return self.node("Abs", [x], x.shape, x.dtype)

    @folded
    def sign(self, x: Any) -> Tensor:
        return self.node("Sign", [x], x.shape, x.dtype)

    # --- functions that have no operator ------------------------------------------------------------------------------

    @folded
    def expm1(self, x: Any) -> Tensor:
        """exp(x) - 1, near 0 as 2·exp(x/2)·sinh(x/2), where the difference would lose its digits."""
        near = self.less(self.abs(x), 1.0)
        half = self.where(near, x, 0.0) * 0.5
        return self.where(near, self.exp(half) * self.sinh(half) * 2.0, self.exp(x) - 1.0)

    @folded
    def log1p(self, x: Any) -> Tensor:
        """log(1 + x), near 0 as 2·arctanh(x / (2 + x))."""
        near = self.less(self.abs(x), 0.5)
        small = self.where(near, x, 0.0)
        return self.where(near, self.arctanh(small / (small + 2.0)) * 2.0, self.log(x + 1.0))

    @folded
    def logaddexp(self, x: Any, y: Any) -> Tensor:
        if isinstance(y, (int, float)) and y == 0:
            return self.one("Softplus", x)
        return self.maximum(x, y) + self.log1p(self.exp(-self.abs(self.subtract(x, y))))

    @folded
    def arctan2(self, y: Any, x: Any) -> Tensor:
        right = self.arctan(self.divide(y, self.where(self.equal(x, 0.0), 1.0, x)))
        left = right + self.where(self.less(y, 0.0), -pi, pi)
        return self.where(self.equal(x, 0.0), self.sign(y) * (pi / 2), self.where(self.less(x, 0.0), left, right))

    def ramp(self, x: Any) -> Tensor:
        return self.one("Relu", x)

    def sigmoid(self, x: Any) -> Tensor:
        return self.one("Sigmoid", x)
