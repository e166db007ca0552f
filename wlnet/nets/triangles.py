"""NumPy's functions of diagonals and triangles of matrices, and what they give: traces, running sums, determinants."""

from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.core.heads import HEADS
from wlnet.core.symbolic import cannot
from wlnet.core.symbolic_arrays import SymbolicArray, array
from wlnet.nets.axes import level, rank_of, size_at, sizes_of, whole
from wlnet.nets.contractions import matmul
from wlnet.nets.indexing import part
from wlnet.nets.rearranging import at_axis, moveaxis, ravel
from wlnet.nets.reductions import aggregated


def matrix_sizes(a: SymbolicArray, what: str) -> tuple[int, int]:
    """The sizes of a matrix, which a function needs."""
    sizes = sizes_of(a, what)
    if len(sizes) != 2:
        raise cannot(
            f"{what} of an array of rank {len(sizes)}", "that of a matrix can be; NetMapOperator maps over more"
        )
    return sizes[0], sizes[1]


def diagonal(a: SymbolicArray) -> SymbolicArray:
    """The elements on the diagonal of a matrix."""
    rows, columns = matrix_sizes(a, "np.diagonal")
    return aggregated("Total", HEADS["If"](array(np.eye(rows, columns)), a, 0), -1 if rows <= columns else 0, False)


def trace(a: SymbolicArray) -> SymbolicArray:
    """The sum of the diagonal of a matrix."""
    return aggregated("Total", diagonal(a), None, False)


def triangle(half: Callable) -> Callable:
    """A matrix with zeros on the other side of a diagonal."""

    def of(m: SymbolicArray, k: int = 0) -> SymbolicArray:
        mask = half(np.ones(sizes_of(m, "a triangle")[-2:]), whole(k, "the number of the diagonal"))
        return HEADS["If"](array(mask), m, 0)

    return of


def cumsum(a: SymbolicArray, axis: int | None = None) -> SymbolicArray:
    """The sums of the elements up to each, along an axis."""
    if axis is None:
        return cumsum(a if rank_of(a, "np.cumsum") == 1 else ravel(a), 0)
    ones = np.triu(np.ones((size := size_at(a, axis, "np.cumsum"), size)))
    last = level(axis) in (-1, rank_of(a, "np.cumsum"))
    return matmul(a, ones) if last else moveaxis(matmul(moveaxis(a, axis, -1), ones), -1, axis)


def det(a: SymbolicArray) -> SymbolicArray:
    """The determinant of a matrix of at most 4 rows, by expansion."""
    rows, columns = matrix_sizes(a, "np.linalg.det")
    if rows != columns or rows > 4:
        raise cannot(f"np.linalg.det of a {rows}×{columns} matrix", "that of a square one of at most 4 rows can be")
    places = [[part(a, (row, column)) for column in range(rows)] for row in range(rows)]

    def minor(row: int, columns: tuple[int, ...]) -> Any:
        if row == rows - 1:
            return places[row][columns[0]]
        terms = [
            places[row][each] * minor(row + 1, (*columns[:at], *columns[at + 1 :])) * (-1) ** at
            for at, each in enumerate(columns)
        ]
        return sum(terms[1:], start=terms[0])

    return minor(0, tuple(range(rows)))


def cross(a: Any, b: Any) -> SymbolicArray:
    """The vector product of vectors of three numbers, along the last level."""
    x, y = array(a), array(b)
    if {size_at(each, -1, "np.cross") for each in (x, y)} != {3}:
        raise cannot("np.cross of vectors that have not three numbers")
    one, other = ([part(each, at_axis(-1, places)) for places in ([1, 2, 0], [2, 0, 1])] for each in (x, y))
    return one[0] * other[1] - one[1] * other[0]


TRIANGLES: dict[str, Callable] = {
    "linalg.det": det,
    "cross": cross,
    "linalg.cross": cross,
    "trace": trace,
    "linalg.trace": trace,
    "diagonal": diagonal,
    "linalg.diagonal": diagonal,
    "tril": triangle(np.tril),
    "triu": triangle(np.triu),
    "cumsum": cumsum,
    "cumulative_sum": lambda x, *, axis=None: cumsum(x, axis),
}
"""NumPy's names of these functions."""
