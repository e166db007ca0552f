"""Symbolic tensors: what layers compute with while a net is written as a model."""

from __future__ import annotations

from typing import Any

import numpy as np


def _operator(word: str, turned: bool = False) -> Any:
    def operate(self: Tensor, other: Any) -> Tensor:
        one, two = (other, self) if turned else (self, other)
        return getattr(self.writer, word)(one, two)

    return operate


class Tensor:
    """A value in the model: its name there, its shape, its type; of a constant also the numbers.

    It answers NumPy's operators by the words of the writer, which write the nodes.
    """

    __slots__ = ("dtype", "label", "name", "shape", "value", "writer")
    __array_ufunc__ = None  # NumPy's scalars and arrays leave the operators to it

    def __init__(
        self, writer: Any, name: str | None, shape: tuple, dtype: Any, value: np.ndarray | None = None, label: str = ""
    ):
        self.writer, self.name, self.value, self.label = writer, name, value, label
        self.shape, self.dtype = tuple(shape), np.dtype(dtype)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __iter__(self) -> Any:
        raise TypeError("a symbolic tensor has no elements to go through")

    def __bool__(self) -> bool:
        raise TypeError("a symbolic tensor is neither true nor false")

    def __getitem__(self, key: Any) -> Tensor:
        return self.writer.part(self, key)

    def __neg__(self) -> Tensor:
        return self.writer.negative(self)

    def __invert__(self) -> Tensor:
        return self.writer.logical_not(self)

    def __matmul__(self, other: Any) -> Tensor:
        return self.writer.matmul(self, other)

    __add__, __radd__ = _operator("add"), _operator("add", True)
    __sub__, __rsub__ = _operator("subtract"), _operator("subtract", True)
    __mul__, __rmul__ = _operator("multiply"), _operator("multiply", True)
    __truediv__, __rtruediv__ = _operator("divide"), _operator("divide", True)
    __floordiv__, __rfloordiv__ = _operator("floor_divide"), _operator("floor_divide", True)
    __mod__, __rmod__ = _operator("mod"), _operator("mod", True)
    __pow__, __rpow__ = _operator("power"), _operator("power", True)
    __and__, __rand__ = _operator("logical_and"), _operator("logical_and", True)
    __or__, __ror__ = _operator("logical_or"), _operator("logical_or", True)
    __lt__ = _operator("less")
    __le__ = _operator("less_equal")
    __gt__ = _operator("greater")
    __ge__ = _operator("greater_equal")
    __eq__ = _operator("equal")
    __ne__ = _operator("not_equal")
    __hash__ = object.__hash__
