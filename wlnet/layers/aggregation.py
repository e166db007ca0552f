"""AggregationLayer: one number for all values over some levels."""

import math
from typing import Annotated, Any

from wlnet.core.dims import Refusal, prod
from wlnet.core.fields import Levels, LevelSpec, one_of
from wlnet.core.layer import Layer, dimension
from wlnet.core.ports import gives, takes
from wlnet.core.symbols import All, Span

FUNCTIONS = (
    "Mean", "Min", "Max", "Total", "Times", "Median", "Variance", "StandardDeviation", "MeanDeviation",
    "InterquartileRange",
)  # fmt: skip

EMPTY = {"Min": math.inf, "Max": -math.inf, "Times": 1.0, "Total": 0.0}
"""What padding is replaced by before a reduction: it changes nothing."""


class AggregationLayer(Layer):
    """Output = f of all values over `levels`, which disappear; the default leaves a vector along level 1.

    `f` is Mean, Min, Max, Total, Times, Median, Variance, StandardDeviation (both divide by N - 1), MeanDeviation
    (Mean(|x - Mean(x)|)) or InterquartileRange (third less first quartile, each interpolated as Wolfram's quantile
    parameters ((1/2, 0), (0, 1)) say). Along a varying level only the true elements count.

    >>> AggregationLayer("Max")([[1, 5], [7, 2]]).tolist()
    [5.0, 7.0]
    """

    f: Annotated[str, one_of(*FUNCTIONS)]
    levels: LevelSpec = Levels(Span(2, All))

    Input = takes("*shape")
    Output = gives("*rest")

    @dimension
    def rest(self, shape: tuple) -> tuple:
        gone = self.over(len(shape))
        if self.f in ("Variance", "StandardDeviation"):
            sizes = [shape[level - 1] for level in gone]
            if all(isinstance(size, int) for size in sizes) and prod(sizes) < 2:
                raise Refusal(f"{self.f} of one value is not defined", "aggregate over more values")
        return tuple(dim for level, dim in enumerate(shape, start=1) if level not in gone)

    @dimension("shape")
    def above_scalar(self, shape: tuple) -> None:
        self.over(len(shape))

    def over(self, rank: int) -> tuple[int, ...]:
        """The levels that disappear from an input of that rank."""
        if rank < 2 and self.levels == Levels(Span(2, All)):
            raise Refusal(
                f"levels 2;;All of an array of rank {rank} are none", "aggregate a vector with levels 1, or All"
            )
        return tuple(sorted(self.levels.of(rank)))

    def apply(self, xp: Any, Input: Any, shape: tuple) -> Any:
        gone = self.over(Input.ndim - 1)
        varies = 1 in gone and not isinstance(shape[0], int)
        count = prod(shape[level - 1] for level in gone)
        kept = [level for level in range(1, Input.ndim) if level not in gone]
        if varies and self.f in EMPTY:
            Input = xp.masked(Input, shape[0], EMPTY[self.f])
        within = xp.within(Input, shape[0]) if varies else None
        order = (0, *kept, *gone)
        sizes = tuple(Input.shape[level] for level in kept)
        pooled = xp.reshape(xp.transpose(Input, order), (Input.shape[0], *sizes, -1))
        if within is not None:
            within = xp.where(within, xp.ones_like(Input), 0.0)
            within = xp.reshape(xp.transpose(within, order), pooled.shape)
        return REDUCTIONS[self.f](xp, pooled, xp.fit(count, pooled.ndim - 1), within)


def _total(xp: Any, x: Any, count: Any, within: Any) -> Any:
    return xp.sum(x if within is None else xp.where(within > 0, x, 0.0), -1)


def _mean(xp: Any, x: Any, count: Any, within: Any) -> Any:
    return _total(xp, x, count, within) / count


def _centred(xp: Any, x: Any, count: Any, within: Any) -> Any:
    centred = x - xp.expand_dims(_mean(xp, x, count, within), -1)
    return centred if within is None else xp.where(within > 0, centred, 0.0)


def _variance(xp: Any, x: Any, count: Any, within: Any) -> Any:
    return xp.sum(_centred(xp, x, count, within) ** 2, -1) / (count - 1)


def _deviation(xp: Any, x: Any, count: Any, within: Any) -> Any:
    """The root of the variance, with slope 0 where all values are equal."""
    variance = _variance(xp, x, count, within)
    return xp.where(variance > 0, xp.sqrt(xp.where(variance > 0, variance, 1.0)), 0.0)


def _mean_deviation(xp: Any, x: Any, count: Any, within: Any) -> Any:
    return xp.sum(xp.abs(_centred(xp, x, count, within)), -1) / count


def _sorted(xp: Any, x: Any, within: Any) -> Any:
    return xp.sort(x if within is None else xp.where(within > 0, x, 1e30))


def _at(xp: Any, ordered: Any, place: Any) -> Any:
    """The value at a place from 1 of sorted values, between two of them by interpolation; places are held inside."""
    size = ordered.shape[-1]
    if isinstance(place, (int, float)):
        low = min(max(math.floor(place), 1), size)
        high = min(low + 1, size)
        part = min(max(place - low, 0.0), 1.0)
        return ordered[..., low - 1] * (1 - part) + ordered[..., high - 1] * part
    low = xp.floor(place)
    return _pick(xp, ordered, low) * (1 - (place - low)) + _pick(xp, ordered, low + 1) * (place - low)


def _pick(xp: Any, ordered: Any, place: Any) -> Any:
    """The value at a whole place, one an example, by a sum over the only place that is it."""
    places = xp.astype(xp.arange(ordered.shape[-1]), float) + 1
    here = places == xp.expand_dims(xp.clip(place, 1.0, float(ordered.shape[-1])), -1)
    return xp.sum(xp.where(here, ordered, 0.0), -1)


def _quantile(xp: Any, ordered: Any, q: float, count: Any) -> Any:
    """x at N·q + 1/2, held between 1 and N: quantile parameters ((1/2, 0), (0, 1))."""
    place = count * q + 0.5
    if isinstance(place, (int, float)):
        return _at(xp, ordered, min(max(place, 1.0), float(count)))
    place = xp.where(place < 1, 1.0, xp.where(place > count, count, place))
    return _at(xp, ordered, place)


def _median(xp: Any, x: Any, count: Any, within: Any) -> Any:
    return _quantile(xp, _sorted(xp, x, within), 0.5, count)


def _quartiles(xp: Any, x: Any, count: Any, within: Any) -> Any:
    ordered = _sorted(xp, x, within)
    return _quantile(xp, ordered, 0.75, count) - _quantile(xp, ordered, 0.25, count)


REDUCTIONS = {
    "Mean": _mean,
    "Min": lambda xp, x, count, within: xp.min(x, -1),
    "Max": lambda xp, x, count, within: xp.max(x, -1),
    "Total": _total,
    "Times": lambda xp, x, count, within: xp.prod(x, -1),
    "Median": _median,
    "Variance": _variance,
    "StandardDeviation": _deviation,
    "MeanDeviation": _mean_deviation,
    "InterquartileRange": _quartiles,
}
"""Each function on values pooled along the last axis: (xp, values, how many count, which count or None)."""
