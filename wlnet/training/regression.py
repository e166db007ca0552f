"""The measurements of numbers, for nets that MeanSquaredLossLayer or MeanAbsoluteLossLayer judges: a row each."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wlnet.training.answers import Numbers
from wlnet.training.gathering import Gathered, Gathering, Row, added, ratio

Array = np.ndarray


def _errors(numbers: Numbers, _: Any) -> Gathered:
    error = numbers.output.astype(np.float64) - numbers.target
    return np.abs(error).sum(), np.square(error).sum(), error.size


def _spread(numbers: Numbers, _: Any) -> Gathered:
    """Squared errors; and of each component of the target the count, the mean, and Σ(t - mean)²."""
    target = numbers.target.astype(np.float64)
    count, mean = np.full(target.shape[1], len(target)), target.mean(0)
    return np.square(numbers.output - target).sum(), count, mean, np.square(target - mean).sum(0)


def _spread_together(parts: Sequence[Gathered]) -> Gathered:
    """Of the whole (Chan, Golub, LeVeque 1983): sums of squares about means, not differences of large sums."""
    errors, counts, means, squares = (np.stack(each) for each in zip(*parts, strict=True))
    count = counts.sum(0)
    mean = (counts * means).sum(0) / count
    return errors.sum(0), count, mean, (squares + counts * np.square(means - mean)).sum(0)


def _unexplained(spread: Gathered) -> float:
    return float(ratio(spread[0], spread[3].sum()))


def _overlap(numbers: Numbers, _: Any) -> Gathered:
    one, other = (each.astype(np.float64).reshape(-1, 2, 2) for each in (numbers.output, numbers.target))
    size = [np.maximum(box[:, 1] - box[:, 0], 0).prod(1) for box in (one, other)]
    common = np.maximum(np.minimum(one[:, 1], other[:, 1]) - np.maximum(one[:, 0], other[:, 0]), 0).prod(1)
    whole = size[0] + size[1] - common
    return (common / np.where(whole > 0, whole, 1)).sum(), len(common)  # two boxes without an area share nothing


ERRORS = Gathering(_errors, added)
SPREAD = Gathering(_spread, _spread_together)
OVERLAP = Gathering(_overlap, added)


def row(gathering: Gathering, better: str, value: Callable[[Gathered], Any]) -> Row:
    """A row of one number."""
    return Row("Numbers", gathering, lambda gathered, _: float(value(gathered)), better)


ROWS: dict[str, Row] = {
    "FractionVarianceUnexplained": row(SPREAD, "Lower", _unexplained),
    "IntersectionOverUnion": row(OVERLAP, "Higher", lambda g: ratio(g[0], g[1])),
    "MeanDeviation": row(ERRORS, "Lower", lambda g: ratio(g[0], g[2])),
    "MeanSquare": row(ERRORS, "Lower", lambda g: ratio(g[1], g[2])),
    "RSquared": row(SPREAD, "Higher", lambda g: 1 - _unexplained(g)),
    "StandardDeviation": row(ERRORS, "Lower", lambda g: np.sqrt(ratio(g[1], g[2]))),
}
"""Each measurement of numbers."""
