"""NumPy's functions that join arrays, cut them, and put elements around them, as layers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.symbolic import cannot
from wlnet.core.symbolic_arrays import SymbolicArray, array
from wlnet.layers.joining import CatenateLayer
from wlnet.layers.parts import PaddingLayer
from wlnet.nets.axes import level, rank_of, size_at, whole, widened
from wlnet.nets.indexing import part
from wlnet.nets.rearranging import at_axis, ravel
from wlnet.nets.recording import applied, shape_of


def concatenate(arrays: Sequence, axis: int | None = 0) -> SymbolicArray:
    """Arrays joined along an axis, or as vectors where axis is None."""
    pieces = [array(each) for each in arrays]
    if axis is None:
        return concatenate([ravel(each) for each in pieces])
    if len(pieces) == 1:
        return pieces[0]
    ranks = {len(shape) for each in pieces if (shape := shape_of(each)) is not None}
    if len(ranks) > 1:
        raise NetError(f"np.concatenate joins arrays of one rank, not of {' and '.join(map(str, sorted(ranks)))}")
    return applied(CatenateLayer(level(whole(axis, "an axis"))), *pieces)


def stack(arrays: Sequence, axis: int = 0) -> SymbolicArray:
    """Arrays of one shape along a new axis."""
    return concatenate([widened(array(each), (axis,)) for each in arrays], axis)


def vstack(tup: Sequence) -> SymbolicArray:
    """Vectors as rows, or matrices one below the other."""
    return concatenate([at_least(array(each), 2) for each in tup])


def hstack(tup: Sequence) -> SymbolicArray:
    """Arrays joined along their second axis; vectors end to end."""
    pieces = [at_least(array(each), 1) for each in tup]
    return concatenate(pieces, 0 if rank_of(pieces[0], "np.hstack") == 1 else 1)


def column_stack(tup: Sequence) -> SymbolicArray:
    """Vectors as columns beside each other."""
    pieces = [array(each) for each in tup]
    return concatenate([widened(each, (1,)) if rank_of(each, "np.column_stack") == 1 else each for each in pieces], 1)


def at_least(a: SymbolicArray, rank: int) -> SymbolicArray:
    """An array with as many axes before its own as it lacks."""
    return widened(a, range(max(0, rank - rank_of(a, "the shape"))))


def split(ary: SymbolicArray, indices_or_sections: Any, axis: int = 0) -> list[SymbolicArray]:
    """An array cut along an axis: into so many equal pieces, or at these places."""
    places = indices_or_sections
    if not isinstance(places, (list, tuple, np.ndarray)):
        count, size = whole(places, "the number of pieces"), size_at(ary, axis, "np.split")
        if count < 1 or size % count:
            raise NetError(f"size {size} does not split into {count} equal pieces", got=count)
        places = range(size // count, size, size // count)
    ends = [0, *places, None]
    return [part(ary, at_axis(axis, slice(a, b))) for a, b in zip(ends, ends[1:], strict=False)]


def pad(array: SymbolicArray, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> SymbolicArray:
    """Elements put around an array."""
    kinds = {"constant": constant_values, "edge": "Fixed", "reflect": "Reflected"}
    if mode not in kinds or np.ndim(constant_values):
        raise cannot(f"np.pad with mode={mode!r}", "the modes are constant, edge and reflect, with one number")
    widths = np.asarray(pad_width)
    if widths.ndim < 2 or len(widths) == 1:
        widths = np.broadcast_to(widths, (rank_of(array, "np.pad with one width for all axes"), 2))
    return applied(PaddingLayer([tuple(pair) for pair in widths.tolist()], Padding=kinds[mode]), array)


def diff(a: SymbolicArray, n: int = 1, axis: int = -1) -> SymbolicArray:
    """Each element less the one before it, n times."""
    for _ in range(whole(n, "the number of differences")):
        a = part(a, at_axis(axis, slice(1, None))) - part(a, at_axis(axis, slice(None, -1)))
    return a


def take(a: SymbolicArray, indices: Any, axis: int | None = None) -> SymbolicArray:
    """The elements at places of an axis."""
    if axis is None:
        return take(ravel(a), indices, 0)
    return part(a, at_axis(axis, list(indices) if isinstance(indices, (list, tuple, np.ndarray)) else indices))


PIECES: dict[str, Callable] = {
    "concatenate": concatenate,
    "stack": stack,
    "vstack": vstack,
    "hstack": hstack,
    "column_stack": column_stack,
    "atleast_1d": lambda x: at_least(x, 1),
    "atleast_2d": lambda x: at_least(x, 2),
    "split": split,
    "hsplit": lambda ary, indices_or_sections: split(ary, indices_or_sections, 0 if ary.ndim == 1 else 1),
    "vsplit": lambda ary, indices_or_sections: split(ary, indices_or_sections, 0),
    "pad": pad,
    "diff": diff,
    "take": take,
}
"""NumPy's names of these functions."""
