"""NumPy's functions of all values along axes, as layers: sums, means, extremes, norms, places in order."""

import math
from collections.abc import Callable
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS
from wlnet.core.symbolic import cannot
from wlnet.core.symbolic_arrays import SymbolicArray
from wlnet.core.symbols import All
from wlnet.layers.aggregation import AggregationLayer
from wlnet.layers.parts import PartLayer
from wlnet.layers.positions import ExtractLayer, OrderingLayer
from wlnet.layers.products import SummationLayer
from wlnet.layers.structure import FlattenLayer, ReplicateLayer
from wlnet.nets.axes import axes_of, checked, level, rank_of, sizes_of, widened
from wlnet.nets.recording import applied, shape_of


def aggregated(f: str, x: SymbolicArray, axis: Any, keepdims: bool) -> SymbolicArray:
    """AggregationLayer(f) over the axes; None is all of them."""
    if axis is None:
        layer = SummationLayer() if f == "Total" else AggregationLayer(f, All)
        return kept(x, applied(layer, x), keepdims)
    axes = checked(x, axes_of(axis))
    if not axes:
        raise cannot("a function over no axis", "leave it out")
    levels = tuple(map(level, axes))
    answer = applied(AggregationLayer(f, levels if len(levels) > 1 else levels[0]), x)
    return widened(answer, axes) if keepdims else answer


def kept(x: SymbolicArray, answer: SymbolicArray, keepdims: bool) -> SymbolicArray:
    """One number as an array of the rank of x, if that is wanted."""
    rank = rank_of(x, "keepdims") if keepdims else 0
    return applied(ReplicateLayer((1,) * rank), answer) if rank else answer


def reduction(f: str) -> Callable:
    """A NumPy function that is one of AggregationLayer's."""

    def reduce(a: SymbolicArray, axis: Any = None, *, keepdims: bool = False) -> SymbolicArray:
        return aggregated(f, a, axis, keepdims)

    return reduce


def var(
    a: SymbolicArray, axis: Any = None, *, ddof: float = 0, keepdims: bool = False, correction: float | None = None
) -> SymbolicArray:
    """The mean square around the mean; with ddof=1 the sum of squares is divided by the number less 1."""
    ddof = ddof if correction is None else correction
    if ddof == 1:
        return aggregated("Variance", a, axis, keepdims)
    centred = a - aggregated("Mean", a, axis, axis is not None)
    spread = aggregated("Mean", centred**2, axis, keepdims)
    if ddof == 0:
        return spread
    sizes = sizes_of(a, "np.var with ddof")
    count = math.prod(sizes if axis is None else [sizes[each] for each in axes_of(axis)])
    return spread * (count / (count - ddof))


def std(
    a: SymbolicArray, axis: Any = None, *, ddof: float = 0, keepdims: bool = False, correction: float | None = None
) -> SymbolicArray:
    """The root of the variance."""
    if (ddof if correction is None else correction) == 1:
        return aggregated("StandardDeviation", a, axis, keepdims)
    return HEADS["Sqrt"](var(a, axis, ddof=ddof, keepdims=keepdims, correction=correction))


def ptp(a: SymbolicArray, axis: Any = None, *, keepdims: bool = False) -> SymbolicArray:
    """The greatest value less the least."""
    return aggregated("Max", a, axis, keepdims) - aggregated("Min", a, axis, keepdims)


def all_(a: SymbolicArray, axis: Any = None, *, keepdims: bool = False) -> SymbolicArray:
    """1 where no value is 0."""
    return aggregated("Min", HEADS["Unequal"](a, 0), axis, keepdims)


def any_(a: SymbolicArray, axis: Any = None, *, keepdims: bool = False) -> SymbolicArray:
    """1 where a value is not 0."""
    return aggregated("Max", HEADS["Unequal"](a, 0), axis, keepdims)


def count_nonzero(a: SymbolicArray, axis: Any = None, *, keepdims: bool = False) -> SymbolicArray:
    """How many values are not 0."""
    return aggregated("Total", HEADS["Unequal"](a, 0), axis, keepdims)


NORMS: dict[Any, Callable] = {
    2: lambda x, axis, keep: HEADS["Sqrt"](aggregated("Total", x**2, axis, keep)),
    1: lambda x, axis, keep: aggregated("Total", abs(x), axis, keep),
    math.inf: lambda x, axis, keep: aggregated("Max", abs(x), axis, keep),
    -math.inf: lambda x, axis, keep: aggregated("Min", abs(x), axis, keep),
}


def norm(x: SymbolicArray, ord: Any = None, axis: Any = None, keepdims: bool = False) -> SymbolicArray:
    """The root of the sum of squares, or another norm of vectors."""
    if ord in (None, "fro"):
        return NORMS[2](x, axis, keepdims)
    if ord not in NORMS or not (isinstance(axis, int) or (axis is None and rank_of(x, "np.linalg.norm") == 1)):
        raise cannot(f"np.linalg.norm with ord={ord!r}", "norms of vectors are, with ord 2, 1 or np.inf and an axis")
    return NORMS[ord](x, axis, keepdims)


def as_vector(a: SymbolicArray, axis: Any, what: str) -> SymbolicArray:
    """An array of which an order is asked: a vector, or all elements in a row where axis is None."""
    shape = shape_of(a)
    if axis is None:
        return a if shape is not None and len(shape) == 1 else applied(FlattenLayer(), a)
    if shape is not None and len(shape) != 1:
        raise cannot(
            f"{what} of an array of rank {len(shape)}", "vectors can be ordered: NetMapOperator maps over rows"
        )
    if axis not in (0, -1):
        raise NetError(f"axis {axis} is not an axis of a vector", got=axis)
    return a


def argmax(a: SymbolicArray, axis: Any = None, *, keepdims: bool = False) -> SymbolicArray:
    """The place, from 0, of the greatest element."""
    return argmin(-a, axis, keepdims=keepdims)


def argmin(a: SymbolicArray, axis: Any = None, *, keepdims: bool = False) -> SymbolicArray:
    """The place, from 0, of the least element."""
    first = applied(OrderingLayer(1), as_vector(a, axis, "np.argmin"))
    return (first if keepdims and axis is not None else kept(a, applied(PartLayer(1), first), keepdims)) - 1


def argsort(a: SymbolicArray, axis: Any = -1) -> SymbolicArray:
    """The places, from 0, of the elements in ascending order."""
    return applied(OrderingLayer(), as_vector(a, axis, "np.argsort")) - 1


def sort(a: SymbolicArray, axis: Any = -1) -> SymbolicArray:
    """The elements of a vector in ascending order."""
    x = as_vector(a, axis, "np.sort")
    return applied(ExtractLayer(), x, applied(ReplicateLayer(1, -1), applied(OrderingLayer(), x)))


REDUCTIONS: dict[str, Callable] = {
    "sum": reduction("Total"),
    "mean": reduction("Mean"),
    "max": reduction("Max"),
    "amax": reduction("Max"),
    "min": reduction("Min"),
    "amin": reduction("Min"),
    "prod": reduction("Times"),
    "median": reduction("Median"),
    "var": var,
    "std": std,
    "ptp": ptp,
    "all": all_,
    "any": any_,
    "count_nonzero": count_nonzero,
    "average": reduction("Mean"),
    "linalg.norm": norm,
    "linalg.vector_norm": lambda x, *, axis=None, keepdims=False, ord=2: norm(x, ord, axis, keepdims),
    "argmax": argmax,
    "argmin": argmin,
    "argsort": argsort,
    "sort": sort,
}
"""NumPy's names of these functions."""
