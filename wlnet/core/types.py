"""What the values on a connection are: reals, integers of a range, or booleans."""

from dataclasses import dataclass
from typing import Any

from wlnet.core.dims import Unknown


@dataclass(frozen=True, slots=True)
class Real:
    """Real numbers."""

    def __str__(self) -> str:
        return "real numbers"


@dataclass(frozen=True, slots=True)
class Boolean:
    """0 or 1."""

    def __str__(self) -> str:
        return "booleans"


@dataclass(frozen=True, slots=True)
class Integer:
    """Whole numbers from `low` to `high`; `high` is a dimension, or None for no limit, and then `low` has none either.

    In a layer's declaration `high` may be the name of one of its dimensions: `takes("*shape", of=Integer("n"))`.
    """

    high: Any = None
    low: Any = 1

    def __post_init__(self) -> None:
        if self.high is None:
            object.__setattr__(self, "low", None)

    def __str__(self) -> str:
        if self.high is None or self.high is Unknown:
            return "integers"
        return f"integers up to {self.high}" if self.low == 1 else f"integers from {self.low} to {self.high}"


@dataclass(frozen=True, slots=True)
class Same:
    """The one element type that all ports of a layer that say Same() share."""


ElementType = Real | Boolean | Integer


class TypeClash(Exception):
    """Two element types that no value has both of."""


def meet_types(a: ElementType | None, b: ElementType | None) -> ElementType | None:
    """The element type that is both; None is not known."""
    if a is None or a == b:
        return b
    if b is None:
        return a
    if isinstance(a, Integer) and isinstance(b, Integer):
        if all(each.high is None or each.high is Unknown for each in (a, b)):  # whichever is asked first, the same
            return Integer()
        for one, other in ((a, b), (b, a)):
            if one.high is None or one.high is Unknown:
                return other
        if a.high == b.high and None in (a.low, b.low):
            return a if b.low is None else b
    raise TypeClash
