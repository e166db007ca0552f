"""Lengths that became one while a net was solved, and those that only the data can compare."""

from typing import Any

from wlnet.core.clashes import Clash
from wlnet.core.dims import Length, Unknown, solve_equal


class EqualLengths:
    """What has been made equal: `same` says of each name that gave way what it is now, `checks` are pairs of lengths
    that may be equal or not, which the data will tell."""

    def __init__(self) -> None:
        self.same: dict[Any, Any] = {}
        self.checks: dict[tuple, None] = {}

    def meet_shapes(self, a: tuple, b: tuple) -> tuple:
        """The shape that both are."""
        if len(a) != len(b):
            raise Clash
        return tuple([x if x == y else self.meet(x, y) for x, y in zip(a, b, strict=True)])

    def meet(self, a: Any, b: Any) -> Any:
        """The dimension that both are; a length may give way to another, or leave a question for the data."""
        if a is Unknown or b is Unknown or a == b:
            return b if a is Unknown else a
        a, b = self.now(a), self.now(b)
        if a == b:
            return a
        answer = False if isinstance(a, int) or isinstance(b, int) else solve_equal(a, b)
        if answer is False:
            raise Clash
        if answer is None:
            if (b, a) not in self.checks:
                self.checks[a, b] = None
        elif answer is not True:
            self.same[answer[0]] = answer[1]
        return self.now(a)

    def now(self, dim: Any) -> Any:
        """A dimension in the names that are still in use."""
        if not self.same or not isinstance(dim, Length) or self.same.keys().isdisjoint(dim.names()):
            return dim
        return dim.with_names(self.value_of)

    def value_of(self, name: Any) -> Any:
        """What a name is now."""
        if name not in self.same:
            return Length(0, ((1, name),))
        value = self.same[name] = self.now(self.same[name])
        return value

    def now_all(self, value: Any) -> Any:
        """The same of a word's value, which is a dimension or a tuple of them."""
        return tuple([self.now(dim) for dim in value]) if isinstance(value, tuple) else self.now(value)

    def renew(self) -> None:
        """Writes the pairs in the names that are still in use."""
        self.checks = {(self.now(a), self.now(b)): None for a, b in self.checks}

    def open_pairs(self) -> tuple:
        """The pairs that the data have to tell of."""
        return tuple(pair for pair in self.checks if pair[0] != pair[1])
