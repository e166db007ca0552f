"""A dimension is an int, Unknown, or a Length; all three answer + - * //, so that a shape rule is written once.

A Length is a whole-number expression of named lengths, kept in one canonical form: const + sum of coefficient * atom,
where an atom is a name or a floor division. So `n - 1 + 1` is `n`, `6n // 2` is `3n`, and a convolution that keeps the
size gives `n` back.
"""

from collections.abc import Callable, Iterable
from functools import reduce
from math import gcd
from typing import Any


class NotYet(Exception):
    """A rule compared a size that is not known: the solver asks again when it is."""


class Refusal(ValueError):
    """A rule found sizes that cannot be: the solver says where."""

    def __init__(self, message: str, hint: str | None = None):
        super().__init__(message)
        self.hint = hint


class UnknownSize:
    """A size that nobody has said yet. All arithmetic with it is unknown; comparing it postpones the rule."""

    __slots__ = ()

    def _same(self, other: Any = None) -> "UnknownSize":
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __floordiv__ = __rfloordiv__ = __neg__ = _same

    def _later(self, other: Any = None) -> Any:
        raise NotYet

    __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __int__ = __index__ = __mod__ = __rmod__ = _later

    def __repr__(self) -> str:
        return "?"

    def __reduce__(self) -> Any:
        return _the_unknown, ()

    def __copy__(self) -> "UnknownSize":
        return self

    def __deepcopy__(self, memo: dict) -> "UnknownSize":
        return self


def _the_unknown() -> "UnknownSize":
    return Unknown


Unknown = UnknownSize()


class Name:
    """The name of a length: the user's own, or a fresh one for each place that said "Varying"."""

    __slots__ = ("scope", "text")

    def __init__(self, text: str, scope: tuple = ()):
        self.text, self.scope = text, scope

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Name) and self.text == other.text and self.scope == other.scope

    def __hash__(self) -> int:
        return hash((self.text, self.scope))

    def __repr__(self) -> str:
        return self.text

    @property
    def order(self) -> tuple:
        """Of two names that must be one the last gives way: a fresh one before the user's, then the innermost."""
        return (self.text == "Varying", len(self.scope), str(self.scope), self.text)


class Floor:
    """The atom floor(inner / by)."""

    __slots__ = ("by", "inner")

    def __init__(self, inner: "Length", by: int):
        self.inner, self.by = inner, by

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Floor) and self.by == other.by and self.inner == other.inner

    def __hash__(self) -> int:
        return hash((self.inner, self.by))

    def __repr__(self) -> str:
        return f"⌊({self.inner})/{self.by}⌋" if len(repr(self.inner)) > 1 else f"⌊{self.inner}/{self.by}⌋"

    @property
    def order(self) -> tuple:
        return (True, 10**6, repr(self), "")


class Length:
    """const + sum of coefficient * atom, with at least one atom.

    >>> n = length("n")
    >>> (n + 2 - 3) // 1 + 1, (6 * n) // 2, -(-n // 2)
    (n, 3·n, -⌊(-n)/2⌋)
    """

    __slots__ = ("const", "terms")

    def __init__(self, const: int, terms: tuple):
        self.const, self.terms = const, terms

    def __add__(self, other: Any) -> Any:
        if isinstance(other, int):
            return Length(self.const + other, self.terms)
        if isinstance(other, Length):
            return _linear(self.const + other.const, [*self.terms, *other.terms])
        return NotImplemented

    __radd__ = __add__

    def __neg__(self) -> Any:
        return self * -1

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, int):
            return _linear(self.const * other, [(c * other, atom) for c, atom in self.terms])
        if isinstance(other, Length):
            raise Refusal(f"the product of two lengths, {self} and {other}, is not a length")
        return NotImplemented

    __rmul__ = __mul__

    def __floordiv__(self, by: int) -> Any:
        if not isinstance(by, int):
            return NotImplemented
        whole = [(c // by, atom) for c, atom in self.terms if c % by == 0]
        rest = tuple((c, atom) for c, atom in self.terms if c % by)
        outside = self.const // by
        if not rest:
            return _linear(outside, whole)
        inner, left = Length(self.const % by, rest), by
        if len(rest) == 1 and rest[0][0] == 1 and isinstance(rest[0][1], Floor):  # ⌊(⌊x/a⌋ + c)/b⌋ = ⌊(x + a·c)/(a·b)⌋
            floor = rest[0][1]
            inner, left = floor.inner + floor.by * inner.const, floor.by * by
            outside, inner = outside + inner.const // left, Length(inner.const % left, inner.terms)
        return _linear(outside, [*whole, (1, Floor(inner, left))])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Length) and self.const == other.const and self.terms == other.terms

    def __hash__(self) -> int:
        return hash((self.const, self.terms))

    def __repr__(self) -> str:
        signed = "".join(
            ("+" if c > 0 else "-") + (f"{abs(c)}·" if abs(c) != 1 else "") + repr(a) for c, a in self.terms
        )
        return signed.removeprefix("+") + (f"{self.const:+d}" if self.const else "")

    def __reduce__(self) -> Any:
        return Length, (self.const, self.terms)

    def names(self) -> set[Name]:
        """Every name that the expression reads."""
        found: set[Name] = set()
        for _, atom in self.terms:
            found |= {atom} if isinstance(atom, Name) else atom.inner.names()
        return found

    def with_names(self, value: Callable[[Name], Any]) -> Any:
        """The expression with a dimension, or an array of lengths, in the place of each name."""
        total: Any = self.const
        for c, atom in self.terms:
            inner = value(atom) if isinstance(atom, Name) else _at(atom.inner, value) // atom.by
            total = total + inner * c
        return total


def _at(dim: Any, value: Callable[[Name], Any]) -> Any:
    return dim.with_names(value) if isinstance(dim, Length) else dim


def _linear(const: int, terms: Iterable[tuple[int, Any]]) -> Any:
    joined: dict[Any, int] = {}
    for c, atom in terms:
        joined[atom] = joined.get(atom, 0) + c
    kept = sorted(((c, a) for a, c in joined.items() if c), key=lambda term: term[1].order)
    return Length(const, tuple(kept)) if kept else const


def length(text: str = "Varying", scope: tuple = ()) -> Length:
    """The length that is one name."""
    return Length(0, ((1, Name(text, scope)),))


def is_length(dim: Any) -> bool:
    """Whether a dimension varies."""
    return isinstance(dim, Length)


def known(dim: Any) -> bool:
    """Whether a dimension is a number: neither unknown nor a length."""
    return isinstance(dim, int)


def solve_equal(a: Any, b: Any) -> tuple[Name, Any] | bool | None:
    """How two lengths become one: the name that gives way and its value; True if they are one already, False if they
    never can be, None if only the data can tell."""
    difference = a - b
    if not isinstance(difference, Length):
        return difference == 0
    common = reduce(gcd, [c for c, _ in difference.terms])
    if difference.const % common:
        return False
    names = [(atom, c) for c, atom in difference.terms if isinstance(atom, Name) and abs(c) == common]
    for name, c in sorted(names, key=lambda pair: pair[0].order, reverse=True):
        rest = _linear(difference.const // common, [(k // common, a) for k, a in difference.terms if a != name])
        if not (isinstance(rest, Length) and name in rest.names()):
            return name, -rest if c > 0 else rest
    return None
