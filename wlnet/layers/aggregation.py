"""AggregationLayer: one number for all values over some levels."""

import math
from collections.abc import Callable
from typing import Annotated, Any

from wlnet.core.dims import Refusal, Unknown
from wlnet.core.fields import Levels, LevelSpec, one_of
from wlnet.core.layer import Layer, dimension
from wlnet.core.sizes import at_least, prod
from wlnet.core.slots import gives, takes
from wlnet.core.symbols import All, Span


def _total(xp: Any, x: Any, axes: tuple, count: Any, length: Any) -> Any:
    return xp.sum(xp.masked(x, length), axes)


def _mean(xp: Any, x: Any, axes: tuple, count: Any, length: Any) -> Any:
    return _total(xp, x, axes, count, length) / xp.fit(count, x.ndim - len(axes))


def _centred(xp: Any, x: Any, axes: tuple, count: Any, length: Any) -> Any:
    """What each value is above the mean; 0 in the padding."""
    mean = xp.sum(xp.masked(x, length), axes, keepdims=True) / xp.fit(count, x.ndim)
    return xp.masked(x - mean, length)


def _variance(xp: Any, x: Any, axes: tuple, count: Any, length: Any) -> Any:
    centred = _centred(xp, x, axes, count, length)
    return xp.sum(centred * centred, axes) / xp.fit(count - 1, x.ndim - len(axes))


def _standard_deviation(xp: Any, x: Any, axes: tuple, count: Any, length: Any) -> Any:
    """The root of the variance, with slope 0 where all values are equal."""
    variance = _variance(xp, x, axes, count, length)
    flat = variance == 0
    return xp.where(flat, 0.0, xp.sqrt(xp.where(flat, 1.0, variance)))


def _mean_deviation(xp: Any, x: Any, axes: tuple, count: Any, length: Any) -> Any:
    centred = _centred(xp, x, axes, count, length)
    return xp.sum(xp.abs(centred), axes) / xp.fit(count, x.ndim - len(axes))


def _extreme(word: str, fill: float) -> Callable:
    """The least or greatest value. A sequence has an element, so what fills the padding is never the answer."""
    return lambda xp, x, axes, count, length: getattr(xp, word)(xp.masked(x, length, fill), axes)


def _ordered(xp: Any, x: Any, axes: tuple, length: Any) -> Any:
    """The values over the axes as one last axis, ascending; padding stands behind them."""
    kept = tuple(axis for axis in range(x.ndim) if axis not in axes)
    together = xp.transpose(xp.masked(x, length, math.inf), (*kept, *axes))
    return xp.sort(xp.reshape(together, (*(x.shape[axis] for axis in kept), -1)))


def _quarter(xp: Any, ordered: Any, count: Any, quarters: int) -> Any:
    """The quantile q = quarters / 4 of ascending values: what stands at N q + 1/2, between two places in proportion.

    That place, counted from 0 and in fourths, is a whole number: quarters·N - 2.
    """
    place = quarters * count - 2
    below, part = place // 4, place % 4 / 4
    low, high = (_value_at(xp, ordered, each, count - 1) for each in (below, below + 1))
    return low + (high - low) * xp.fit(part, ordered.ndim - 1)


def _value_at(xp: Any, ordered: Any, place: Any, last: Any) -> Any:
    """The value at a place from 0, one for all or one an example, held between the first and the last."""
    if isinstance(place, int):
        return ordered[..., min(max(place, 0), last)]
    held = xp.reshape(xp.clip(place, 0, last), (-1, 1))
    return xp.gather(xp.moveaxis(ordered, -1, 1), held)[:, 0]


def _median(xp: Any, x: Any, axes: tuple, count: Any, length: Any) -> Any:
    return _quarter(xp, _ordered(xp, x, axes, length), count, 2)


def _interquartile_range(xp: Any, x: Any, axes: tuple, count: Any, length: Any) -> Any:
    ordered = _ordered(xp, x, axes, length)
    return _quarter(xp, ordered, count, 3) - _quarter(xp, ordered, count, 1)


FUNCTIONS: dict[str, Callable] = {
    "Mean": _mean,
    "Min": _extreme("min", math.inf),
    "Max": _extreme("max", -math.inf),
    "Total": _total,
    "Times": lambda xp, x, axes, count, length: xp.prod(xp.masked(x, length, 1.0), axes),
    "Median": _median,
    "Variance": _variance,
    "StandardDeviation": _standard_deviation,
    "MeanDeviation": _mean_deviation,
    "InterquartileRange": _interquartile_range,
}
"""Each function of (xp, values, axes, how many values an example has there, true length where axis 1 is among them)."""

DEFAULT = Levels(Span(2, All))


class AggregationLayer(Layer):
    """Output = f of all values over `levels`, which disappear; the default leaves a vector along level 1.

    `f` is Mean, Min, Max, Total, Times, Median, Variance, StandardDeviation (both divide by N - 1), MeanDeviation
    (Mean(|x - Mean(x)|)) or InterquartileRange (third less first quartile, each interpolated as Wolfram's quantile
    parameters ((1/2, 0), (0, 1)) say). Along a varying level only the true elements count.

    >>> AggregationLayer("Max")([[1, 5], [7, 2]]).tolist()
    [5.0, 7.0]
    """

    f: Annotated[str, one_of(*FUNCTIONS)]
    levels: LevelSpec = DEFAULT

    Input = takes("*shape")
    Output = gives("*rest")

    @dimension
    def rest(self, shape: tuple) -> tuple:
        gone = self.gone(len(shape))
        if self.f in ("Variance", "StandardDeviation"):
            at_least(prod(shape[level - 1] for level in gone), 2, f"the number of values that {self.f} is of")
        return tuple(dim for level, dim in enumerate(shape, start=1) if level not in gone)

    @dimension("shape")
    def rank_before(self, rest: tuple) -> tuple | None:
        """The output and the levels that disappeared, where their number does not depend on the rank."""
        count = self.levels.count
        return None if count is None else self.around((Unknown,) * (len(rest) + count), rest)

    @dimension("shape")
    def around(self, shape: tuple, rest: tuple) -> tuple:
        """The input's shape with the sizes that the output tells."""
        gone, sizes = self.gone(len(shape)), iter(rest)
        return tuple(dim if level in gone else next(sizes, Unknown) for level, dim in enumerate(shape, start=1))

    def gone(self, rank: int) -> tuple[int, ...]:
        """The levels of an input of that rank that disappear."""
        if self.levels == DEFAULT and rank < 2:
            raise Refusal(
                f"levels {DEFAULT} of an array of rank {rank} are none", "aggregate a vector over level 1, or over All"
            )
        return tuple(sorted(self.levels.of(rank)))

    def apply(self, xp: Any, Input: Any, shape: tuple) -> Any:
        axes = self.gone(Input.ndim - 1)
        count = prod(shape[level - 1] for level in axes)
        return FUNCTIONS[self.f](xp, Input, axes, count, shape[0] if 1 in axes else 0)
