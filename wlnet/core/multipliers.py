"""LearningRateMultipliers as a value: rules from parts of a net to numbers, in order."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from wlnet.core.symbols import All, Alternatives, Automatic, Span, span

LARGEST = float(np.finfo(np.float32).max)
"""Training computes in single precision."""


def multipliers(value: Any) -> Any:
    """The normal form of a setting: Automatic, or a tuple of (part, number or None), first match wins.

    >>> multipliers({"conv": 0, (3, "Biases"): 2, "_": 1})
    {"conv": 0, (3, "Biases"): 2, "_": 1}
    """
    if value is Automatic or isinstance(value, Multipliers):
        return value
    rules = part_rules(value, lambda rate: rate is Automatic or _is_rate(rate))
    return Multipliers({part: 1 if rate is Automatic else rate for part, rate in rules.items()})


def part_rules(value: Any, is_value: Callable[[Any], bool]) -> dict[Any, Any]:
    """Rules from parts of a net to values, in order; one value alone is the rule for anything.

    >>> part_rules({"2;;3": 5, ("a", "Biases"): 7}, lambda value: isinstance(value, int))
    {"2;;3": 5, ('a', 'Biases'): 7}
    """
    if is_value(value):
        return {"_": value}
    rules: dict[Any, Any] = {}
    for part, each in value.items() if isinstance(value, Mapping) else _pairs(value):
        if not is_value(each):
            raise ValueError(f"must give each part a number or None, not {each!r} to {part!r}")
        rules.setdefault(part_of(part), each)
    return rules


def _is_rate(value: Any) -> bool:
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_))
    return value is None or (number and abs(value) <= LARGEST)


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    listed = list(value) if isinstance(value, (list, tuple)) else []
    if isinstance(value, tuple) and len(listed) == 2 and not isinstance(listed[0], tuple):
        return [(listed[0], listed[1])]
    if not listed or any(not isinstance(pair, (tuple, list)) or len(pair) != 2 for pair in listed):
        raise ValueError('must be a number, or rules such as {"conv": 0, (3, "Biases"): 2, "_": 1}')
    return [(pair[0], pair[1]) for pair in listed]


def part_of(part: Any) -> Any:
    """The normal form of a part: a name, a position, a span, a path of these, Alternatives, or a NetArray."""
    if isinstance(part, list):
        part = tuple(part)
    if isinstance(part, tuple):
        return tuple(part_of(each) for each in part)
    if isinstance(part, str) and ";;" in part:
        return span(part)
    if isinstance(part, Alternatives):
        return Alternatives(*map(part_of, part.parts))
    if isinstance(part, (int, np.integer)) and not isinstance(part, bool) and part != 0:
        return int(part)
    if isinstance(part, (str, Span)) or part is All:
        return part
    if hasattr(part, "array_key"):  # a NetArray, of which only the name counts
        return part.named()
    raise ValueError(f"must name layers and arrays; {part!r} is neither a name, a position, a span nor a NetArray")


class Multipliers:
    """Rules from parts of a net to rates, in order; None and 0 freeze."""

    __slots__ = ("rules",)

    def __init__(self, rules: dict[Any, Any]):
        self.rules = rules

    def __repr__(self) -> str:
        if list(self.rules) == ["_"]:
            return _text(self.rules["_"])
        return "{" + ", ".join(f"{_text(part)}: {_text(rate)}" for part, rate in self.rules.items()) + "}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Multipliers) and list(self.rules.items()) == list(other.rules.items())

    def __hash__(self) -> int:
        return hash(tuple(self.rules.items()))


def _text(part: Any) -> str:
    if isinstance(part, tuple):
        return "(" + ", ".join(map(_text, part)) + (",)" if len(part) == 1 else ")")
    return f'"{part}"' if isinstance(part, str) else repr(part)


MultipliersField = Annotated[Any, BeforeValidator(multipliers)]
