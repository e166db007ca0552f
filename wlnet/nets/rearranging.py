"""NumPy's functions that move, repeat, join and cut, as layers."""

from collections.abc import Callable
from typing import Any

from wlnet.core.dims import Unknown
from wlnet.core.errors import NetError
from wlnet.core.symbolic import cannot
from wlnet.core.symbolic_arrays import SAY_SHAPE, OpenSize, SymbolicArray
from wlnet.core.symbols import Automatic, Inherited
from wlnet.layers.joining import CatenateLayer
from wlnet.layers.reshape import ReshapeLayer
from wlnet.layers.structure import FlattenLayer, ReplicateLayer, TransposeLayer
from wlnet.nets.axes import (
    axes_of,
    checked,
    from_front,
    level,
    rank_of,
    size_at,
    sizes_of,
    whole,
    widened,
)
from wlnet.nets.indexing import part
from wlnet.nets.recording import applied, shape_of

EVERY = slice(None)


def reshape(a: SymbolicArray, shape: Any, order: str = "C") -> SymbolicArray:
    """The same elements in another shape; one size may be -1, and one that is open stays as it is."""
    if order != "C":
        raise cannot(f"np.reshape with order={order!r}", "transpose first")
    sizes = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if len(sizes) == 1 and not isinstance(sizes[0], OpenSize) and sizes[0] == -1:
        return ravel(a)
    dims = tuple(size_in(a, size, at) for at, size in enumerate(sizes))
    if dims.count(Automatic) > 1:
        raise NetError("np.reshape takes one size of -1 at most", got=sizes)
    return applied(ReshapeLayer(dims), a)


def size_in(a: SymbolicArray, size: Any, at: int) -> Any:
    """One size of a new shape as ReshapeLayer says it."""
    if not isinstance(size, OpenSize):
        number = whole(size, "a size")
        return Automatic if number == -1 else number
    one, other = shape_of(a), shape_of(size.of)
    same = size.of is a or (one is not None and other is not None and one[:1] == other[:1] and at == 0)
    if not same or size.level != at + 1:
        raise cannot("a reshape that puts a size that is not known at another level", SAY_SHAPE)
    return Inherited


def ravel(a: SymbolicArray, order: str = "C") -> SymbolicArray:
    """All elements in a row."""
    if order != "C":
        raise cannot(f"np.ravel with order={order!r}", "transpose first")
    return applied(FlattenLayer(), a)


def transpose(a: SymbolicArray, axes: Any = None) -> SymbolicArray:
    """The axes in another order: reversed, or `axes`. An array of unknown rank is taken for a matrix."""
    if axes is None:
        if shape_of(a) is None:
            return applied(TransposeLayer(Input=(Automatic, Automatic)), a)
        rank = rank_of(a, "np.transpose")
        return moved(a, tuple(reversed(range(rank))))
    order = checked(a, axes_of(axes))
    rank = len(order)
    shape = shape_of(a)
    if shape is not None and len(shape) != rank:
        raise NetError(f"{rank} axes are not an order of the axes of an array of rank {len(shape)}", got=order)
    return moved(a, tuple(from_front(axis, rank) for axis in order))


def moved(a: SymbolicArray, order: tuple[int, ...]) -> SymbolicArray:
    """Axis k of the result is axis order[k]."""
    rank = len(order)
    if order == tuple(range(rank)):
        return a
    given = {} if shape_of(a) is not None else {"Input": (Automatic,) * rank}
    changed = [k for k in range(rank) if order[k] != k]
    if len(changed) == 2:
        return applied(TransposeLayer(f"{changed[0] + 1}<->{changed[1] + 1}", **given), a)
    return applied(TransposeLayer(tuple(order.index(k) + 1 for k in range(rank)), **given), a)


def swapaxes(a: SymbolicArray, axis1: int, axis2: int) -> SymbolicArray:
    """Two axes exchanged."""
    one, other = (axes_of(axis)[0] for axis in (axis1, axis2))
    shape = shape_of(a)
    if one == other or (shape is not None and from_front(one, len(shape)) == from_front(other, len(shape))):
        return a
    return applied(TransposeLayer(f"{level(one)}<->{level(other)}"), a)


def moveaxis(a: SymbolicArray, source: Any, destination: Any) -> SymbolicArray:
    """Axes put at other places; the others stay in order."""
    rank = rank_of(a, "np.moveaxis")
    sources, targets = ([from_front(axis, rank) for axis in axes_of(each)] for each in (source, destination))
    if len(sources) != len(targets):
        raise NetError("np.moveaxis needs as many places as axes", got=(source, destination))
    order = [axis for axis in range(rank) if axis not in sources]
    for target, origin in sorted(zip(targets, sources, strict=True)):
        order.insert(target, origin)
    return moved(a, tuple(order))


def expand_dims(a: SymbolicArray, axis: Any) -> SymbolicArray:
    """New axes of size 1."""
    return widened(a, axes_of(axis))


def squeeze(a: SymbolicArray, axis: Any = None) -> SymbolicArray:
    """Axes of size 1 left out."""
    shape = shape_of(a)
    if shape is None:
        raise cannot("np.squeeze of an array whose rank is not known yet", SAY_SHAPE)
    if axis is None:
        gone = [at for at, size in enumerate(sizes_of(a, "np.squeeze")) if size == 1]
    else:
        gone = [from_front(each, len(shape)) for each in axes_of(axis)]
    for at in gone:
        if shape[at] is Unknown:
            raise cannot(f"np.squeeze of axis {at}, whose size is not known yet,", SAY_SHAPE)
        if shape[at] != 1:
            raise NetError(f"np.squeeze leaves out axes of size 1, but axis {at} has size {shape[at]}", got=axis)
    return part(a, tuple(0 if at in gone else EVERY for at in range(len(shape)))) if gone else a


def at_axis(axis: int, index: Any) -> tuple:
    """An index of one axis, counted from either end."""
    return (*(EVERY,) * axis, index) if axis >= 0 else (Ellipsis, index, *(EVERY,) * (-1 - axis))


def flip(m: SymbolicArray, axis: Any = None) -> SymbolicArray:
    """The elements along axes, or along all, in reverse order."""
    for each in range(rank_of(m, "np.flip")) if axis is None else checked(m, axes_of(axis)):
        m = part(m, at_axis(each, slice(None, None, -1)))
    return m


def roll(a: SymbolicArray, shift: int, axis: int | None = None) -> SymbolicArray:
    """The elements moved along an axis; those that leave at one end come in at the other."""
    if axis is None:
        return reshape(roll(ravel(a), shift, 0), sizes_of(a, "np.roll without an axis"))
    shift = whole(shift, "the shift of np.roll") % size_at(a, axis, "np.roll")
    if not shift:
        return a
    pieces = (part(a, at_axis(axis, piece)) for piece in (slice(-shift, None), slice(None, -shift)))
    return applied(CatenateLayer(level(axis)), *pieces)


def repeat(a: SymbolicArray, repeats: int, axis: int | None = None) -> SymbolicArray:
    """Each element several times, one after the other."""
    times = whole(repeats, "the number of repeats")
    if axis is None:
        return repeat(ravel(a), times, 0)
    if axis < 0:
        axis = from_front(axis, rank_of(a, "np.repeat along an axis counted from the end"))
    groups = [[k + 1] for k in range(axis)] + [[axis + 1, axis + 2]]
    return applied(FlattenLayer(groups), applied(ReplicateLayer(times, axis + 2), a))


def tile(A: SymbolicArray, reps: Any) -> SymbolicArray:
    """The whole array several times along each axis."""
    times = axes_of(reps)
    missing = len(times) - rank_of(A, "np.tile")
    if missing > 0:
        A = widened(A, range(missing))
    for axis, count in zip(range(-len(times), 0), times, strict=True):
        if count != 1:
            A = applied(CatenateLayer(level(axis)), *[A] * whole(count, "the number of copies"))
    return A


def broadcast_to(array: SymbolicArray, shape: Any) -> SymbolicArray:
    """The array repeated along new leading axes, and along those of size 1."""
    sizes, own = axes_of(shape), sizes_of(array, "np.broadcast_to")
    missing = len(sizes) - len(own)
    if missing < 0 or any(a not in (1, b) for a, b in zip(own, sizes[missing:], strict=True)):
        raise NetError(f"an array of shape {own} cannot be repeated to shape {sizes}", got=sizes)
    for at, (one, size) in enumerate(zip(own, sizes[missing:], strict=True)):
        if one != size:
            array = applied(ReplicateLayer(size, at + 1), part(array, at_axis(at, 0)))
    return applied(ReplicateLayer(sizes[:missing] if missing > 1 else sizes[0]), array) if missing else array


REARRANGED: dict[str, Callable] = {
    "reshape": reshape,
    "ravel": ravel,
    "flatten": ravel,
    "transpose": transpose,
    "matrix_transpose": lambda x: swapaxes(x, -1, -2),
    "linalg.matrix_transpose": lambda x: swapaxes(x, -1, -2),
    "swapaxes": swapaxes,
    "moveaxis": moveaxis,
    "expand_dims": expand_dims,
    "squeeze": squeeze,
    "flip": flip,
    "fliplr": lambda m: flip(m, 1),
    "flipud": lambda m: flip(m, 0),
    "roll": roll,
    "repeat": repeat,
    "tile": tile,
    "broadcast_to": broadcast_to,
}
"""NumPy's names of these functions."""
