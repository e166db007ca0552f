"""LearningRateMultipliers as a value: rules from parts of a net to numbers, in order."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from wlnet.core.symbols import All, Alternatives, Automatic, Span, span


def multipliers(value: Any) -> Any:
    """The normal form of a setting: Automatic, or a tuple of (part, number or None), first match wins.

    >>> multipliers({"conv": 0, (3, "Biases"): 2, "_": 1})
    {"conv": 0, (3, "Biases"): 2, "_": 1}
    """
    if value is Automatic or isinstance(value, Multipliers):
        return value
    if _is_rate(value):
        return Multipliers({"_": value})
    pairs = value.items() if isinstance(value, Mapping) else _pairs(value)
    rules: dict[Any, Any] = {}
    for part, rate in pairs:
        if not _is_rate(rate) and rate is not Automatic:
            raise ValueError(f"must give each part a number or None, not {rate!r} to {part!r}")
        rules.setdefault(_part(part), 1 if rate is Automatic else rate)
    return Multipliers(rules)


def _is_rate(value: Any) -> bool:
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_))
    return value is None or (number and abs(value) < np.inf)


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    listed = list(value) if isinstance(value, (list, tuple)) else []
    if isinstance(value, tuple) and len(listed) == 2 and not isinstance(listed[0], tuple):
        return [(listed[0], listed[1])]
    if not listed or any(not isinstance(pair, (tuple, list)) or len(pair) != 2 for pair in listed):
        raise ValueError('must be a number, or rules such as {"conv": 0, (3, "Biases"): 2, "_": 1}')
    return [(pair[0], pair[1]) for pair in listed]


def _part(part: Any) -> Any:
    if isinstance(part, list):
        part = tuple(part)
    if isinstance(part, tuple):
        return tuple(_part(each) for each in part)
    if isinstance(part, str) and ";;" in part:
        return span(part)
    if isinstance(part, Alternatives):
        return Alternatives(*map(_part, part.parts))
    if isinstance(part, (int, np.integer)) and not isinstance(part, bool) and part != 0:
        return int(part)
    if isinstance(part, (str, Span)) or part is All:
        return part
    raise ValueError(f"must name layers and arrays; {part!r} is neither a name, a position nor a span")


class Multipliers:
    """Rules from parts of a net to rates, in order; None and 0 freeze."""

    __slots__ = ("rules",)

    def __init__(self, rules: dict[Any, Any]):
        self.rules = rules

    def __repr__(self) -> str:
        if list(self.rules) == ["_"]:
            return repr(self.rules["_"])
        return "{" + ", ".join(f"{_text(part)}: {rate!r}" for part, rate in self.rules.items()) + "}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Multipliers) and list(self.rules.items()) == list(other.rules.items())

    def __hash__(self) -> int:
        return hash(tuple(self.rules.items()))


def _text(part: Any) -> str:
    if isinstance(part, tuple):
        return "(" + ", ".join(map(_text, part)) + (",)" if len(part) == 1 else ")")
    return f'"{part}"' if isinstance(part, str) else repr(part)


MultipliersField = Annotated[Any, BeforeValidator(multipliers)]
