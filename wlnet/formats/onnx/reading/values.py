"""The values of an ONNX graph while it is read: numbers that are known, or arrays of the net, and where the batch is.

An ONNX tensor has the batch as one of its axes, an array of a net has not: `batch` is the axis that the array lacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wlnet.core.dims import Length
from wlnet.core.errors import NetError
from wlnet.core.symbolic_arrays import SymbolicArray
from wlnet.core.symbolic_arrays import array as symbolic
from wlnet.nets.axes import widened
from wlnet.nets.indexing import part
from wlnet.nets.recording import shape_of


class Mixes(NetError):
    """An operator that treats the axis of the batch as one of the data: the net is tried in another reading."""


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor of the graph: an array of the net or known numbers, its element type, and the axis of the batch.

    `count` is the size of the batch's axis: 1, or a Length where it is free. A known array has size 1 there.
    """

    array: Any
    kind: np.dtype
    batch: int | None = None
    count: Any = 1

    @property
    def is_known(self) -> bool:
        """Whether its numbers are known now."""
        return isinstance(self.array, np.ndarray)

    @property
    def is_plain(self) -> bool:
        """Whether it is known numbers without sizes that are still open among them."""
        return isinstance(self.array, np.ndarray) and self.array.dtype != object and self.batch is None

    @property
    def example(self) -> tuple:
        """The sizes of the array of the net, without the batch; Unknown where they are open."""
        if isinstance(self.array, np.ndarray):
            return tuple(size for at, size in enumerate(self.array.shape) if at != self.batch)
        found = shape_of(self.array)
        if found is None:
            raise NetError("the rank of a value is not known", hint="say the shapes of the inputs: Dimensions={…}")
        return found

    @property
    def shape(self) -> tuple:
        """The sizes of the tensor, with the batch's."""
        sizes = list(self.example)
        if self.batch is not None:
            sizes.insert(self.batch, self.count)
        return tuple(sizes)

    @property
    def rank(self) -> int:
        """How many axes the tensor has."""
        return len(self.example) + (self.batch is not None)

    @property
    def is_float(self) -> bool:
        """Whether its elements are real numbers, not integers or truth values."""
        return self.kind.kind == "f"

    def axis(self, axis: int) -> int:
        """An axis of the tensor, counted from 0."""
        if not isinstance(axis, (int, np.integer)) or not -self.rank <= axis < self.rank:
            raise NetError(f"axis {axis} is not an axis of a tensor of rank {self.rank}", got=axis)
        return int(axis) % self.rank

    def own(self, axis: int) -> int:
        """An axis of the tensor as one of the array of the net; Mixes for the batch's."""
        axis = self.axis(axis)
        if self.batch is None:
            return axis
        if axis == self.batch:
            raise Mixes(f"axis {axis}, of the batch, is treated as one of the data")
        return axis - (axis > self.batch)

    def symbol(self) -> SymbolicArray:
        """The array of the net, without the axis of the batch."""
        if not self.is_known:
            return self.array
        found = self.array if self.batch is None else self.array.squeeze(self.batch)
        return symbolic(numeric(found))

    def like(self, array: Any, batch: Any = "same", kind: Any = None) -> "Value":
        """Another array with the same batch and type, as far as nothing else is said."""
        return replace(
            self, array=array, batch=self.batch if batch == "same" else batch, kind=self.kind if kind is None else kind
        )

    def whole(self) -> "Value":
        """The tensor with the axis of the batch as one of its own; only where the batch is one example."""
        if self.batch is None:
            return self
        if not isinstance(self.count, int):
            raise Mixes(f"axis {self.batch}, of the batch, is treated as one of the data")
        if self.is_known:
            return self.like(self.array, None)
        return self.like(widened(self.array, (self.batch,)), None)


def numeric(found: np.ndarray) -> np.ndarray:
    """An array of numbers; NetError where sizes that are not known yet stand in it."""
    if found.dtype == object:
        if any(isinstance(each, Length) for each in found.ravel()):
            raise NetError("a size that is not known yet is used as a number", hint="say it: Dimensions={…}")
        found = found.astype(np.int64)
    return found


def known(array: Any, kind: Any = None) -> Value:
    """Known numbers as a value."""
    found = np.asarray(array)
    return Value(found, np.dtype(kind) if kind is not None else found.dtype)


def together(values: Sequence[Value]) -> tuple[list[Any], int | None, Any]:
    """The arrays of several tensors that meet element by element, aligned at the end; the batch's axis, and its size.

    Where tensors have the batch at different places from the end and it is one example, it is an axis like others.
    """
    places = {value.rank - value.batch for value in values if value.batch is not None and not value.is_known}
    if len(places) > 1:
        values = [value.whole() for value in values]
        places = set()
    places |= {value.rank - value.batch for value in values if value.batch is not None}
    if not places:
        return [value.symbol() for value in values], None, 1
    if len(places) > 1:
        return together([value.whole() for value in values])
    place = places.pop()
    if any(value.batch is None and value.rank >= place and value.shape[-place] != 1 for value in values):
        return together([value.whole() for value in values])
    rank = max(value.rank for value in values)
    count = next(value.count for value in values if value.batch is not None)
    return [without(value, place) for value in values], rank - place, count


def without(value: Value, place: int) -> Any:
    """The array of a tensor without the axis at that place from the end, which is the batch's, or of size 1."""
    if value.batch is not None:
        return value.symbol()
    if value.rank < place:
        return value.symbol()
    if value.is_known:
        return symbolic(numeric(value.array).squeeze(value.rank - place))
    return part(value.array, (*(slice(None),) * (value.rank - place), 0))
