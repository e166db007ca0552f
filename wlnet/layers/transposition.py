"""How the levels of an array change places: "m<->n", several of these in sequence, or a permutation."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal
from wlnet.core.fields import as_number
from wlnet.core.source import source
from wlnet.core.symbols import TwoWayRule


class Transposition:
    """A TwoWayRule, a tuple of them, or a permutation (n1, n2, …), by which input level k becomes output level nk.

    >>> Transposition(TwoWayRule(1, 3)).of(4), Transposition((2, 3, 1)).of(3)
    ((3, 2, 1, 4), (3, 1, 2))
    """

    __slots__ = ("spec",)

    def __init__(self, spec: Any):
        self.spec = spec

    def of(self, rank: int) -> tuple[int, ...]:
        """For each level of the output, the level of an input of that rank that it is."""
        return _order(self.spec, rank)

    def __repr__(self) -> str:
        return source(self.spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Transposition) and self.spec == other.spec

    def __hash__(self) -> int:
        return hash(("Transposition", self.spec))


@lru_cache(maxsize=1024)
def _order(spec: Any, rank: int) -> tuple[int, ...]:
    rules = spec if isinstance(spec, tuple) else (spec,)
    if isinstance(rules[0], int):
        return _permuted(rules, rank)
    order = list(range(1, rank + 1))
    for rule in rules:
        left, right = (_place(level, rank, rule) - 1 for level in (rule.left, rule.right))
        order[left], order[right] = order[right], order[left]
    return tuple(order)


def _permuted(levels: tuple[int, ...], rank: int) -> tuple[int, ...]:
    places = [_place(level, rank, levels) for level in levels] + list(range(len(levels) + 1, rank + 1))
    if sorted(places) != list(range(1, rank + 1)):
        raise Refusal(f"{source(levels)} is not a permutation of the levels of an array of rank {rank}")
    return tuple(places.index(level) + 1 for level in range(1, rank + 1))


def _place(level: int, rank: int, spec: Any) -> int:
    place = level if level > 0 else rank + 1 + level
    if not 1 <= place <= rank:
        raise Refusal(f"level {level} of {source(spec)} is not a level of an array of rank {rank}")
    return place


SAID = 'must be "m<->n", a list of these, or a permutation of the levels such as (3, 1, 2)'


def transposition(value: Any) -> Transposition:
    """The Transposition that a user's setting says."""
    if isinstance(value, Transposition):
        return value
    if isinstance(value, (str, TwoWayRule)):
        return Transposition(_rule(value))
    if isinstance(value, Sequence) and len(value):
        numbers = tuple(map(as_number, value))
        if all(isinstance(number, int) for number in numbers):
            return Transposition(_permutation(numbers))
        return Transposition(tuple(map(_rule, value)))
    raise ValueError(SAID)


def _rule(value: Any) -> TwoWayRule:
    if isinstance(value, TwoWayRule):
        ends = (as_number(value.left), as_number(value.right))
    elif isinstance(value, str):
        ends = tuple(_whole(part) for part in value.split("<->"))  # type: ignore[assignment]
    else:
        raise ValueError(SAID)
    if len(ends) != 2 or not all(isinstance(end, int) and end != 0 for end in ends):
        raise ValueError(f"{SAID}; levels are whole numbers from 1, or from -1 backwards")
    return TwoWayRule(*ends)


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _permutation(levels: tuple[int, ...]) -> tuple[int, ...]:
    if 0 in levels or len(set(levels)) < len(levels):
        raise ValueError(f"{SAID}; levels are whole numbers from 1, or from -1 backwards, each once")
    if min(levels) > 0 and max(levels) > len(levels):
        raise ValueError(f"{SAID}; a permutation of {len(levels)} levels names 1 to {len(levels)}")
    return levels


TransposeSpec = Annotated[Any, BeforeValidator(transposition)]
