"""Sizes that are known only when a model runs: the batch, the length of sequences, and what is computed of them.

A Size answers Python's arithmetic as the whole number would that it stands for, so that layers compute shapes with it.
It is a sum of products: `{("batch", "n"): 3, (): 1}` is 3·batch·n + 1; a floor division is a factor of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

Poly = Mapping[tuple, int]
Key = frozenset

SAMPLES = [
    {"": first, "batch": second}
    for first, second in ((1, 1), (2, 1), (3, 2), (4, 3), (5, 2), (7, 5), (8, 1), (11, 3), (16, 4), (31, 2), (97, 7))
]
"""What the names are in the trials that decide a comparison: "" is every other name."""


class Undecided(Exception):
    """A comparison of sizes whose answer depends on what they will be."""


class Floor:
    """The factor floor(inner / by)."""

    __slots__ = ("by", "inner", "key")

    def __init__(self, inner: Poly, by: int):
        self.inner, self.by = dict(inner), by
        self.key = (frozenset(inner.items()), by)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Floor) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"floor(({text(self.inner)})/{self.by})"


class Size(int):
    """A whole number that is not known yet. As a plain int, where C code takes it for one, it is a large prime.

    `writer` makes a tensor of it, where a fraction or a tensor is computed of it.
    """

    poly: Poly
    writer: Any

    @staticmethod
    def of(poly: Poly, writer: Any) -> Any:
        """The size of a sum of products; an int where nothing in it is unknown."""
        kept = {key: count for key, count in poly.items() if count}
        if not set(kept) - {()}:
            return kept.get((), 0)
        size = int.__new__(Size, value(kept, lambda name: 7919 if name == "batch" else 7907))
        size.poly, size.writer = kept, writer
        return size

    @staticmethod
    def named(name: str, writer: Any) -> Size:
        """The size that is one name."""
        return Size.of({(name,): 1}, writer)

    def tensor(self) -> Any:
        """The size as a tensor without axes."""
        return self.writer.lift(self)

    def _with(self, other: Any, sign: int) -> Any:
        if not isinstance(other, int):
            return NotImplemented
        total = dict(self.poly)
        for key, count in poly_of(other).items():
            total[key] = total.get(key, 0) + sign * count
        return Size.of(total, self.writer)

    def __add__(self, other: Any) -> Any:
        return self._with(other, 1)

    __radd__ = __add__

    def __neg__(self) -> Any:
        return Size.of({key: -count for key, count in self.poly.items()}, self.writer)

    def __sub__(self, other: Any) -> Any:
        return self._with(other, -1)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if not isinstance(other, int):
            return self.tensor() * other if isinstance(other, float) else NotImplemented
        total: dict[tuple, int] = {}
        for one, count in self.poly.items():
            for two, times in poly_of(other).items():
                key = tuple(sorted((*one, *two), key=repr))
                total[key] = total.get(key, 0) + count * times
        return Size.of(total, self.writer)

    __rmul__ = __mul__

    def __floordiv__(self, by: Any) -> Any:
        if isinstance(by, Size):
            return share(self, by)
        if not isinstance(by, int):
            return NotImplemented
        whole = {key: count // by for key, count in self.poly.items() if count % by == 0}
        rest = {key: count for key, count in self.poly.items() if count % by}
        if not set(rest) - {()}:
            return Size.of({**whole, (): self.poly.get((), 0) // by}, self.writer)
        return Size.of({(Floor(rest, by),): 1}, self.writer) + Size.of(whole, self.writer)

    def __mod__(self, by: Any) -> Any:
        return self - (self // by) * by if isinstance(by, int) else NotImplemented

    def __truediv__(self, other: Any) -> Any:
        return self.tensor() / other

    def __rtruediv__(self, other: Any) -> Any:
        return other / self.tensor()

    # --- comparing --------------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and self.poly == other.poly

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(frozenset(self.poly.items()))

    def __bool__(self) -> bool:
        return any(value(self.poly, each) for each in trials())

    def _is_above(self, other: Any, if_equal: bool) -> bool:
        """Whether it is the larger one, in every trial in which the two are not equal.

        A size below 1 is none, and is not tried; what is compared with 0 may be a difference, and is.
        """
        signs = set()
        for each in trials():
            mine, its = value(self.poly, each), value(poly_of(other), each)
            if mine >= 1 or its < 1:
                signs |= {(mine > its) - (mine < its)} - {0}
        if len(signs) > 1:
            raise Undecided(f"whether {text(self.poly)} is above {text(poly_of(other))}")
        return signs == {1} if signs else if_equal

    def __gt__(self, other: Any) -> Any:
        return self._is_above(other, False) if isinstance(other, int) else NotImplemented

    def __ge__(self, other: Any) -> Any:
        return self._is_above(other, True) if isinstance(other, int) else NotImplemented

    def __lt__(self, other: Any) -> Any:
        return not self._is_above(other, True) if isinstance(other, int) else NotImplemented

    def __le__(self, other: Any) -> Any:
        return not self._is_above(other, False) if isinstance(other, int) else NotImplemented

    def __repr__(self) -> str:
        return text(self.poly)

    __str__ = __repr__


def trials() -> list[Callable[[str], int]]:
    """What a name is, in each trial."""
    return [partial(tried, each) for each in SAMPLES]


def tried(sample: Mapping[str, int], name: str) -> int:
    """What a name is in one trial."""
    return sample.get(name, sample[""])


def poly_of(number: int) -> Poly:
    """A number or a size as a sum of products."""
    return number.poly if isinstance(number, Size) else {(): int(number)}


def value(poly: Poly, name: Callable[[str], Any]) -> Any:
    """The number that a sum of products is, by what each name is."""
    total: Any = 0
    for key, count in poly.items():
        product: Any = count
        for atom in key:
            product = product * (value(atom.inner, name) // atom.by if isinstance(atom, Floor) else name(atom))
        total = total + product
    return total


def share(whole: int, part: int) -> Any:
    """The size that times `part` makes `whole`; None where it is none that can be said.

    >>> n = Size.named("n", None)
    >>> share(6 * n, 2 * n), share(6 * n, 3), share(n, 4)
    (3, 2*n, None)
    """
    top, bottom = poly_of(whole), poly_of(part)
    if len(bottom) != 1:
        return 1 if top == bottom else None
    ((factors, count),) = bottom.items()
    answer = {}
    for key, times in top.items():
        left = list(key)
        for factor in factors:
            if factor not in left:
                return None
            left.remove(factor)
        if not count or times % count:
            return None
        answer[tuple(left)] = times // count
    sizes = [each for each in (whole, part) if isinstance(each, Size)]
    return Size.of(answer, sizes[0].writer if sizes else None)


def text(poly: Poly) -> str:
    """A size as models name it: letters, digits and arithmetic.

    >>> text({("n",): 2, (): -1})
    '2*n - 1'
    """
    written = ""
    for key, count in poly.items():
        factors = [str(abs(count))] if abs(count) != 1 or not key else []
        written += (" - " if count < 0 else " + ") + "*".join([*factors, *map(str, key)])
    return written.removeprefix(" + ").replace(" - ", "-", 1) if written.startswith(" - ") else written[3:] or "0"


def is_fixed(number: Any) -> bool:
    """Whether a size is a number that is known now."""
    return isinstance(number, int) and not isinstance(number, Size)
