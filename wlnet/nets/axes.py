"""Axes of NumPy's functions as levels of layers, while a function is recorded: axis 0 is level 1, axis -1 level -1."""

import operator
from collections.abc import Iterable
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.symbolic import cannot
from wlnet.core.symbolic_arrays import SAY_SHAPE, SymbolicArray
from wlnet.layers.structure import ReplicateLayer
from wlnet.nets.recording import applied, shape_of


def whole(value: Any, what: str) -> int:
    """A whole number that stands in a function."""
    try:
        return operator.index(value)
    except TypeError:
        raise NetError(f"{what} must be a whole number, got {value!r}", got=value) from None


def axes_of(axis: Any) -> tuple[int, ...]:
    """One axis or several as a tuple."""
    return tuple(whole(each, "an axis") for each in (axis if isinstance(axis, (tuple, list)) else (axis,)))


def level(axis: int) -> int:
    """The level of an axis: counted from 1, or from -1 backwards."""
    return axis + 1 if axis >= 0 else axis


def rank_of(x: SymbolicArray, what: str) -> int:
    """The rank of a recorded array, which a function needs."""
    shape = shape_of(x)
    if shape is None:
        raise cannot(f"{what} of an array whose rank is not known yet", SAY_SHAPE)
    return len(shape)


def sizes_of(x: SymbolicArray, what: str) -> tuple[int, ...]:
    """The sizes of a recorded array, which a function needs."""
    shape = shape_of(x)
    if shape is None or not all(isinstance(size, int) for size in shape):
        raise cannot(f"{what} of an array whose sizes are not all known yet", SAY_SHAPE)
    return shape


def size_at(x: SymbolicArray, axis: int, what: str) -> int:
    """The size of one level of a recorded array, which a function needs."""
    shape = shape_of(x)
    size = None if shape is None else shape[from_front(axis, len(shape))]
    if not isinstance(size, int):
        raise cannot(f"{what} along an axis whose size is not known yet", SAY_SHAPE)
    return size


def from_front(axis: int, rank: int) -> int:
    """An axis of an array of that rank, counted from 0."""
    if not -rank <= axis < rank:
        raise NetError(f"axis {axis} is not an axis of an array of rank {rank}", got=axis)
    return axis % rank


def checked(x: SymbolicArray, axes: Iterable[int]) -> tuple[int, ...]:
    """Axes, refused where the rank is known and has them not, or where one comes twice."""
    axes, shape = tuple(axes), shape_of(x)
    found = axes if shape is None else tuple(from_front(axis, len(shape)) for axis in axes)
    if len(set(found)) < len(found):
        raise NetError(f"axis {axes} names an axis twice", got=axes)
    return axes


def widened(x: SymbolicArray, axes: Iterable[int]) -> SymbolicArray:
    """An array with new levels of size 1, at these axes of the result."""
    axes = tuple(axes)
    shape = shape_of(x)
    if shape is not None:
        axes = tuple(from_front(axis, len(shape) + len(axes)) for axis in axes) if _mixed(axes) else axes
    elif _mixed(axes):
        raise cannot("new axes counted from both ends of an array whose rank is not known yet", SAY_SHAPE)
    for axis in sorted(axes, reverse=axes[:1] < (0,)):
        x = applied(ReplicateLayer(1, level(axis)), x)
    return x


def _mixed(axes: tuple[int, ...]) -> bool:
    return len({axis < 0 for axis in axes}) > 1
