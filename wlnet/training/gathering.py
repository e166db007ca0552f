"""What a measurement gathers of examples: tuples of arrays, of which those of parts make those of the whole.

So a measurement is exact over all examples whatever the batches, and what is gathered can be stored and gone on with.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.refuse import brief

Gathered = tuple[Any, ...]


def added(parts: Sequence[Gathered]) -> Gathered:
    """Numbers that are sums: those of the whole are the sums of those of the parts.

    One is added after the other, so that the bits do not tell where a checkpoint made an end of gathering.
    """
    return tuple(np.cumsum(np.stack(each), axis=0)[-1] for each in zip(*parts, strict=True))


def listed(parts: Sequence[Gathered]) -> Gathered:
    """Values of all items: one part after another."""
    return tuple(np.concatenate(each) for each in zip(*parts, strict=True))


@dataclass(frozen=True)
class Gathering:
    """What is gathered of items, how parts are put together, and how classes are pooled into one."""

    of: Callable[[Any, Any], Gathered]  # of the items and the parameter
    join: Callable[[Sequence[Gathered]], Gathered] = added
    pooled: Callable[[Gathered], Gathered] | None = None
    each: Callable[[Any, np.ndarray, Any], list[Gathered]] | None = None  # of all parts at once, where that is faster

    def of_each(self, items: Any, counts: Sequence[int], parameter: Any) -> list[Gathered]:
        """What is gathered of each part of the items, of which there are so many."""
        ends = np.cumsum(counts)
        if self.each is not None:
            return self.each(items, ends, parameter)
        return [self.of(items.part(end - count, end), parameter) for count, end in zip(counts, ends, strict=True)]


@dataclass(frozen=True)
class Parameter:
    """The number after the name of a measurement: what it is called, its default, and what it may be."""

    name: str
    default: Any
    whole: bool

    def checked(self, value: Any, name: str, what: str) -> Any:
        """The number, if it may be one: a whole number from 1, or any positive number."""
        kinds: Any = (int, np.integer) if self.whole else (int, float, np.integer, np.floating)
        if isinstance(value, bool) or not isinstance(value, kinds) or not 0 < value < float("inf"):
            kind = "a positive whole number" if self.whole else "a positive number"
            text = f"{what}: the {self.name} of {name} must be {kind}, got {brief(value)}"
            raise NetError(text, expected=kind, got=value, hint=f'write ("{name}", {self.default})')
        return int(value) if self.whole else float(value)


@dataclass(frozen=True)
class Row:
    """A measurement: what it gathers, its value, whether that is one number a class, and which direction is better."""

    kind: str  # "Classes" or "Numbers"
    gathering: Gathering
    value: Callable[[Gathered, Any], Any]
    better: str | None = None  # "Higher" or "Lower"
    per_class: bool = False
    one_class: bool = False  # whether exactly one class must be right for each item
    table: bool = False  # whether its value, or that of a class, is a table of numbers rather than one
    parameter: Parameter | None = None
    plot: str | None = None


def ratio(part: Any, whole: Any) -> Any:
    """part / whole in double precision; nan where that is 0 / 0."""
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return part / whole


def number_of(value: Any) -> float | None:
    """A value of a measurement as one number: the mean over the classes that have a value, or over an array.

    Curves, tables of classes and plots have none.
    """
    if isinstance(value, dict):
        value = list(value.values())
        if not all(np.ndim(each) == 0 for each in value):
            return None
    array = np.asarray(value) if isinstance(value, (int, float, list, np.ndarray, np.number)) else np.asarray(None)
    if array.dtype.kind not in "fiub" or not array.size:
        return None
    defined = array[~np.isnan(array)] if array.dtype.kind == "f" else array
    return float(defined.mean()) if defined.size else float("nan")
