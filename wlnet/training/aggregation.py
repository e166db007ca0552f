"""How the values of a port over many examples become one: mean, total, least, most, all, or a function."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.training.answers import Array, flat
from wlnet.training.gathering import Gathered, added


@dataclass(frozen=True)
class Aggregation:
    """What is gathered of values with the items along axis 0, how parts are put together, and what comes out."""

    of: Callable[[Array], Gathered]
    join: Callable[[Sequence[Gathered]], Gathered]
    value: Callable[[Gathered], Any]
    whole: Callable[[Array], Any]  # of one array, over all its elements


def _sum(values: Array) -> Gathered:
    return values.sum(0, dtype=np.float64), len(values)


def _extreme(reduce: Callable[..., Array]) -> Aggregation:
    return Aggregation(
        lambda values: (reduce(values, axis=0),),
        lambda parts: (reduce(np.stack([part[0] for part in parts]), axis=0),),
        lambda gathered: gathered[0],
        reduce,
    )


AGGREGATIONS: dict[str, Aggregation] = {
    "Mean": Aggregation(_sum, added, lambda gathered: gathered[0] / gathered[1], lambda a: a.mean(dtype=np.float64)),
    "Total": Aggregation(_sum, added, lambda gathered: gathered[0], lambda a: a.sum(dtype=np.float64)),
    "Min": _extreme(np.min),
    "Max": _extreme(np.max),
}
"""The aggregations by name; those of sequences are over the true places of all examples."""


def kept(values: Any, lengths: Array | None) -> Gathered:
    """All values: one after another, and the length of each example where it varies."""
    true = flat(values, lengths)
    return true, (np.zeros(0, int) if lengths is None else np.asarray(lengths))


def examples(gathered: Gathered) -> Any:
    """All values as an array with the examples along axis 0, or as a list of arrays where their lengths differ."""
    values, lengths = gathered
    if not len(lengths):
        return values
    if (lengths == lengths[0]).all():
        return values.reshape(len(lengths), int(lengths[0]), *values.shape[1:])
    return np.split(values, np.cumsum(lengths)[:-1])
