"""Measurements of a given net: where each reads, what it gathers of batches, and its value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.ports import shape_text
from wlnet.core.refuse import brief
from wlnet.training.aggregation import AGGREGATIONS, examples, kept
from wlnet.training.answers import flat
from wlnet.training.gathering import Gathered, listed
from wlnet.training.judges import Judge
from wlnet.training.look import Look
from wlnet.training.measurements import Measurement
from wlnet.verbs.information import Information
from wlnet.verbs.results import Place

Items = Callable[[Judge, Sequence[Look]], tuple[Any, list[int]]]
"""What a judge judged in some batches; asked by several measurements, worked out once."""


class Moment(Protocol):
    """A net as it is at a moment of training: its arrays by key, and the net itself where somebody wants it."""

    def array(self, key: tuple) -> np.ndarray: ...

    def net(self) -> Layer: ...


@dataclass(frozen=True)
class Measure:
    """A measurement that looks at batches: at which places, what it gathers, and what comes of it."""

    wanted: Measurement
    places: tuple[Place, ...]

    @property
    def key(self) -> str:
        """The name of its value."""
        return self.wanted.key

    @property
    def better(self) -> bool | None:
        """Whether more is better; None where there is no telling."""
        row = self.wanted.row
        return None if row is None or row.better is None else row.better == "Higher"

    @property
    def by_batch(self) -> bool:
        """Whether the value of every batch is kept: tables, all values and functions of all would be too much, unless
        an interval asks for batches."""
        return self.is_small or self.wanted.interval.unit != "Rounds"

    @property
    def is_small(self) -> bool:
        """Whether its value takes little to make and to keep."""
        return isinstance(self.wanted.aggregation, str)

    def each(self, looks: Sequence[Look], items: Items) -> list[Gathered]:
        """What is gathered of each batch."""
        raise NotImplementedError

    def join(self, parts: Sequence[Gathered]) -> Gathered:
        """What is gathered of batches together."""
        raise NotImplementedError

    def value(self, gathered: Gathered) -> Any:
        """The value of what was gathered."""
        raise NotImplementedError


@dataclass(frozen=True)
class BuiltIn(Measure):
    """A measurement of the table, by one loss layer."""

    judge: Judge

    @property
    def is_small(self) -> bool:
        return not self.row.table

    def each(self, looks: Sequence[Look], items: Items) -> list[Gathered]:
        return self.row.gathering.of_each(*items(self.judge, looks), self.wanted.parameter)

    def join(self, parts: Sequence[Gathered]) -> Gathered:
        return self.row.gathering.join(parts)

    def value(self, gathered: Gathered) -> Any:
        row, wanted = self.row, self.wanted
        if not row.per_class:
            return plain(row.value(gathered, wanted.parameter))
        if wanted.averaging == "Micro" and row.gathering.pooled is not None:
            return plain(row.value(row.gathering.pooled(gathered), wanted.parameter)[0])
        found = row.value(gathered, wanted.parameter)
        if wanted.averaging == "Macro":
            defined = found[~np.isnan(found)]
            return float(defined.mean()) if len(defined) else float("nan")
        return {label: plain(each) for label, each in zip(self.judge.labels, found, strict=True)}

    @cached_property
    def row(self) -> Any:
        """Its row of the table."""
        return self.wanted.row


@dataclass(frozen=True)
class Value(Measure):
    """The value of a port over many examples, as one."""

    @property
    def is_small(self) -> bool:
        return isinstance(self.how, str)

    def each(self, looks: Sequence[Look], items: Items) -> list[Gathered]:
        found = [look.values(self.places[0]) for look in looks]
        named = AGGREGATIONS.get(self.how) if isinstance(self.how, str) else None
        return [kept(*each) if named is None else named.of(flat(*each)) for each in found]

    def join(self, parts: Sequence[Gathered]) -> Gathered:
        return AGGREGATIONS[self.how].join(parts) if isinstance(self.how, str) else listed(parts)

    def value(self, gathered: Gathered) -> Any:
        if isinstance(self.how, str):
            return plain(AGGREGATIONS[self.how].value(gathered))
        return examples(gathered) if self.how is None else plain(said(self.key, self.how, examples(gathered)))

    @property
    def how(self) -> Any:
        """How the values of many examples become one."""
        given = self.wanted.aggregation
        return given if given is None or isinstance(given, str) or callable(given) else "Mean"


@dataclass(frozen=True)
class Custom(Measure):
    """A function of the values of several ports; of all examples together, or example by example and aggregated."""

    names: tuple[str, ...]
    as_dict: bool  # whether it takes one dict rather than parameters of these names

    def each(self, looks: Sequence[Look], items: Items) -> list[Gathered]:
        found = [[kept(*look.values(place)) for place in self.places] for look in looks]
        if self.whole:
            return [tuple(part for pair in each for part in pair) for each in found]
        return [self.gathered(self.called(each), look.count) for each, look in zip(found, looks, strict=True)]

    def gathered(self, found: Any, count: int) -> Gathered:
        """What is gathered of the values of a batch, one an example."""
        values = np.asarray(found)
        if values.dtype.kind not in "fiub" or values.ndim == 0 or len(values) != count:
            number = values.dtype.kind in "fiub"
            got = (
                (f"an array of shape {shape_text(values.shape)}" if values.ndim else "one number")
                if number
                else brief(found)
            )
            raise NetError(
                f'the measurement {self.key} gives {got} for {count} examples, but "Aggregation" takes one value '
                "for each",
                expected=count,
                got=got,
                hint='leave "Aggregation" out: the function then gets all examples at once',
            )
        how = self.wanted.aggregation
        return AGGREGATIONS[how].of(values) if isinstance(how, str) else kept(values, None)

    def join(self, parts: Sequence[Gathered]) -> Gathered:
        how = self.wanted.aggregation
        return listed(parts) if self.whole or not isinstance(how, str) else AGGREGATIONS[how].join(parts)

    def value(self, gathered: Gathered) -> Any:
        how = self.wanted.aggregation
        if self.whole:
            return plain(self.called([gathered[at : at + 2] for at in range(0, len(gathered), 2)]))
        if isinstance(how, str):
            return plain(AGGREGATIONS[how].value(gathered))
        return plain(said(self.key, how, examples(gathered)))

    @property
    def whole(self) -> bool:
        """Whether the function takes all examples at once."""
        how = self.wanted.aggregation
        return how is None or not (isinstance(how, str) or callable(how))

    def called(self, pairs: Sequence[Gathered]) -> Any:
        """What the function says of the values of all its ports."""
        values = dict(zip(self.names, map(examples, pairs), strict=True))
        return said(self.key, self.wanted.what, values) if self.as_dict else said(self.key, self.wanted.what, **values)


@dataclass(frozen=True)
class Momentary:
    """A measurement that looks at no data: an array of the net, or a property of Information."""

    wanted: Measurement
    array: tuple | None = None  # the key of the array

    @property
    def key(self) -> str:
        """The name of its value."""
        return self.wanted.key

    def now(self, moment: Moment) -> Any:
        """Its value at a moment of training."""
        if self.array is None:
            return Information(moment.net(), self.wanted.what)
        values, how = np.array(moment.array(self.array)), self.wanted.aggregation
        if isinstance(how, str):
            return plain(AGGREGATIONS[how].whole(values))
        return plain(said(self.key, how, values)) if callable(how) else values


def said(key: str, function: Callable, *arguments: Any, **named: Any) -> Any:
    """What a user's function says; where it fails, which measurement it is."""
    try:
        return function(*arguments, **named)
    except Exception as error:
        text = f"the measurement {key} failed: {type(error).__name__}: {error}"
        raise NetError(text, got=error, hint="correct its function") from error


def plain(value: Any) -> Any:
    """A number of NumPy as Python's; an array of no levels too."""
    if isinstance(value, (np.generic, np.ndarray)) and np.ndim(value) == 0:
        return value.item()
    return value


def watched(measures: Sequence[Measure | Momentary]) -> tuple[Place, ...]:
    """The places inside the net at which measurements look."""
    places = [place for measure in measures if isinstance(measure, Measure) for place in measure.places]
    return tuple(dict.fromkeys(place for place in places if place[0]))


def data_ports(measures: Sequence[Measure | Momentary]) -> tuple[str, ...]:
    """The data ports at which measurements look."""
    places = [place for measure in measures if isinstance(measure, Measure) for place in measure.places]
    return tuple(dict.fromkeys(port for path, port in places if not path))


__all__ = ["BuiltIn", "Custom", "Measure", "Moment", "Momentary", "Value", "data_ports", "plain", "watched"]
