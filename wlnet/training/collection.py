"""Properties that are collected while a net trains: {"Property": p, "Form": form, "Interval": n}."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, NetWarning, nearest
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic
from wlnet.training.facts import FACTS, Facts, by_key
from wlnet.training.intervals import Interval, interval
from wlnet.training.onlooker import Onlooker
from wlnet.training.plots import plotted

KEYS = ("Property", "Form", "Interval")
FORMS = ("List", "TransposedList", "Plot")
WHAT = "a collected property"


class Collection(Onlooker):
    """The values of one property at an interval, and the form in which they come back."""

    name = WHAT

    def __init__(self, wanted: Any, form: Any, interval: Interval):
        super().__init__(interval)
        self.wanted, self.form = wanted, form
        self.positions: list[int] = []
        self.values: list = []

    def see(self, facts: Facts) -> None:
        """Keeps the value; one that cannot be plotted ends training now, rather than spoiling its result."""
        value = self.wanted(facts) if callable(self.wanted) else facts[self.wanted]
        if self.form == "Plot" and value is not None:
            numbers(self.label, value)
        self.positions.append(facts["AbsoluteBatch"])
        self.values.append(value)

    def result(self) -> Any:
        """The values in the form that was asked for."""
        if self.form == "List":
            return list(self.values)
        if self.form == "TransposedList":
            return transposed(self.values)
        if self.form == "Plot":
            return plotted(series(self.label, self.positions, self.values), self.label)
        try:
            return self.form(list(self.values))
        except Exception as error:  # the net is trained: nothing of the user's may lose it
            text = f'{WHAT}: the "Form" of {self.label} failed: {type(error).__name__}: {error}; the list comes back'
            warnings.warn(NetWarning(text), stacklevel=7)
            return list(self.values)

    @property
    def label(self) -> str:
        """What its values are called in a plot."""
        return self.wanted if isinstance(self.wanted, str) else getattr(self.wanted, "__name__", "value")


def transposed(values: Sequence) -> Any:
    """A list for each key of dicts, or for each place of lists and arrays; what is neither stays as it is.

    >>> transposed([{"a": 1, "b": 2}, {"a": 3, "b": 4}]), transposed([(1, 2, 3), (4, 5, 6)]), transposed([1, 2])
    ({'a': [1, 3], 'b': [2, 4]}, [[1, 4], [2, 5], [3, 6]], [1, 2])
    """
    if values and all(isinstance(each, Mapping) for each in values):
        return by_key(values)
    rows = [list(each) for each in values if isinstance(each, (list, tuple, np.ndarray)) and np.ndim(each)]
    if len(rows) < len(values) or len({len(row) for row in rows}) != 1:
        return list(values)
    return [list(place) for place in zip(*rows, strict=True)]


def series(label: str, positions: Sequence[int], values: Sequence) -> dict[str, tuple[list, list]]:
    """The numbers among values by what they are called, each with the batches at which they were taken.

    A dict of numbers gives a line for each key, an array one for each element, as far as there are ten.
    """
    lines: dict[str, tuple[list, list]] = {}
    for position, value in zip(positions, values, strict=True):
        for name, number in [] if value is None else numbers(label, value):
            at, found = lines.setdefault(name, ([], []))
            at.append(position)
            found.append(number)
    return lines


def numbers(label: str, value: Any) -> list[tuple[str, float]]:
    """The numbers of one value, with their names."""
    if isinstance(value, Mapping):
        parts = [(f"{label} {key_text(key)}", each) for key, each in value.items()]
        return [one for name, each in parts for one in numbers(name, each)]
    array = np.asarray(value) if isinstance(value, (int, float, list, tuple, np.ndarray, np.number)) else np.array(None)
    if array.dtype.kind not in "fiub" or array.size > 10:
        text = f"{WHAT}: the values of {label} cannot be plotted: {brief(value)}"
        raise NetError(text, got=value, hint='a "Plot" takes numbers, dicts of numbers, or up to ten in an array')
    if array.ndim == 0:
        return [(label, float(array))]
    return [(f"{label} {k}", float(each)) for k, each in enumerate(array.ravel(), start=1)]


def key_text(key: Any) -> str:
    """A key as the name of a line: a position as its path."""
    return "/".join(map(str, key)) if isinstance(key, tuple) else str(key)


def collection(setting: Mapping) -> Collection:
    """The collection that a dict in NetTrain's third argument asks for."""
    for key in setting:
        if key not in KEYS:
            raise NetError(f"{WHAT}: {brief(key)} is not one of its parts", got=key, hint=nearest(key, KEYS))
    if "Property" not in setting:
        raise NetError(f'{WHAT} needs "Property"', got=setting, hint='{"Property": "RoundLoss", "Form": "Plot"}')
    wanted, form = setting["Property"], setting.get("Form", "List")
    if not callable(wanted) and wanted not in FACTS:
        text = f"{WHAT}: {brief(wanted)} is not known while a net trains"
        raise NetError(text, got=wanted, hint=nearest(wanted, FACTS))
    if not callable(form) and form not in FORMS:
        text = f"{WHAT}: {brief(form)} is not a form"
        raise NetError(text, got=form, hint=f"{nearest(form, FORMS)}; or give a function of the list")
    often = interval(setting.get("Interval", Automatic), Interval(1, "Rounds"), WHAT)
    return Collection(wanted, form, often)
