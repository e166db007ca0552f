"""FlattenLayer, ReshapeLayer, ReplicateLayer, TransposeLayer: the same values in another shape."""

import math
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal, Unknown, is_length
from wlnet.core.fields import AutoSize, Levels, NonZero, as_number, levels
from wlnet.core.layer import Layer, dimension
from wlnet.core.sizes import prod, share
from wlnet.core.slots import gives, takes
from wlnet.core.symbols import Automatic, TwoWayRule
from wlnet.core.types import Same
from wlnet.layers.transposition import TransposeSpec, Transposition


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _merged(value: Any) -> Any:
    number = as_number(value)
    if isinstance(number, int) or value == math.inf:
        return math.inf if number is None or number == math.inf else number
    if _is_list(value) and len(value) and all(map(_is_list, value)):
        groups = tuple(levels(group).spec for group in value)
        levels([level for group in groups for level in group])  # each level once
        return groups
    raise ValueError("must be a whole number, math.inf, or a list of lists of levels such as [[2, 3], [1]]")


class FlattenLayer(Layer):
    """Output = Input with levels merged, row by row: all of them, the first n + 1 (`n`), or the last n + 1 (`-n`).

    A list of lists says which levels each level of the output merges; levels that it does not name follow in order. A
    varying level may be merged with those that follow it: a sequence of n vectors of size 3 is then one of length 3·n.

    >>> FlattenLayer(1, Input=(2, 3, 5)).shapes["Output"], FlattenLayer([[2, 3]], Input=(2, 3, 5)).shapes["Output"]
    ((6, 5), (15, 2))
    """

    n: Annotated[Any, BeforeValidator(_merged)] = math.inf

    Input = takes("*shape", of=Same())
    Output = gives("*flat", of=Same())

    def groups(self, rank: int) -> tuple[tuple[int, ...], ...]:
        """For each level of the output, the levels of an input of that rank that it merges."""
        every = tuple(range(1, rank + 1))
        if self.n == math.inf:
            return (every,)
        if isinstance(self.n, tuple):
            named = iter(Levels(tuple(level for group in self.n for level in group)).of(rank))
            groups = tuple(tuple(next(named) for _ in group) for group in self.n)
            taken = {level for group in groups for level in group}
            return (*groups, *((level,) for level in every if level not in taken))
        if rank <= abs(self.n):
            raise Refusal(
                f"merging {abs(self.n) + 1} levels needs an Input of rank {abs(self.n) + 1} or more, not {rank}",
                "FlattenLayer() takes any rank",
            )
        if self.n >= 0:
            return (every[: self.n + 1], *((level,) for level in every[self.n + 1 :]))
        return (*((level,) for level in every[: self.n - 1]), every[self.n - 1 :])

    @dimension
    def flat(self, shape: tuple) -> tuple:
        groups = self.groups(len(shape))
        if shape and is_length(shape[0]) and any(1 in group[1:] for group in groups):
            raise Refusal("a varying level can only be the first of those that are merged")
        return tuple(prod(shape[level - 1] for level in group) for group in groups)

    @dimension("shape")
    def rank_before(self, flat: tuple) -> tuple | None:
        """So many levels that the merged ones are `flat`; any number where all are merged."""
        if self.n == math.inf:
            return None
        more = sum(len(group) - 1 for group in self.n) if isinstance(self.n, tuple) else abs(self.n)
        return (Unknown,) * (len(flat) + more)

    @dimension("shape")
    def missing_sizes(self, shape: tuple, flat: tuple) -> tuple:
        """The one unknown size among those that are merged."""
        found = list(shape)
        for group, size in zip(self.groups(len(shape)), flat, strict=True):
            unknown = [level for level in group if shape[level - 1] is Unknown]
            if len(unknown) == 1:
                found[unknown[0] - 1] = share(size, prod(shape[level - 1] for level in group if level != unknown[0]))
        return tuple(found)

    def apply(self, xp: Any, Input: Any) -> Any:
        groups = self.groups(Input.ndim - 1)
        order = tuple(level for group in groups for level in group)
        moved = Input if order == tuple(sorted(order)) else xp.transpose(Input, (0, *order))
        return xp.reshape(moved, (Input.shape[0], *(prod(Input.shape[level] for level in group) for group in groups)))


class ReplicateLayer(Layer):
    """Output = Input repeated `n` times along a new level, or along one for each of the sizes `n`.

    The new levels begin at `position` of the output; -1 puts them innermost. A size that is Automatic is inferred.

    >>> ReplicateLayer(2)([3, 5]).tolist()
    [[3.0, 5.0], [3.0, 5.0]]
    >>> ReplicateLayer(2, -1)([3, 5]).tolist()
    [[3.0, 3.0], [5.0, 5.0]]
    """

    n: Annotated[Any, BeforeValidator(lambda value: _copies(value))]
    position: NonZero = 1

    Input = takes("*shape", of=Same())
    Output = gives("*full", of=Same())

    @property
    def copies(self) -> tuple:
        """The sizes of the new levels, Unknown where they are inferred."""
        listed = self.n if isinstance(self.n, tuple) else (self.n,)
        return tuple(Unknown if size is Automatic else size for size in listed)

    def before(self, rank: int) -> int:
        """How many levels of an input of that rank stand before the new ones."""
        before = self.position - 1 if self.position > 0 else rank + 1 + self.position
        if not 0 <= before <= rank:
            raise Refusal(f"new levels cannot begin at position {self.position} for an Input of rank {rank}")
        return before

    @dimension
    def full(self, shape: tuple) -> tuple:
        at = self.before(len(shape))
        return (*shape[:at], *self.copies, *shape[at:])

    @dimension("shape")
    def without_copies(self, full: tuple) -> tuple:
        if len(full) < len(self.copies):
            raise Refusal(f"the output has {len(self.copies)} levels or more, not {len(full)}")
        at = self.before(len(full) - len(self.copies))
        end = at + len(self.copies)
        if any(map(is_length, full[at:end])):
            raise Refusal("the number of copies cannot vary")
        return (*full[:at], *full[end:])

    def apply(self, xp: Any, Input: Any, full: tuple) -> Any:
        at = self.before(Input.ndim - 1) + 1
        count = len(self.copies)
        outer, inner = Input.shape[:at], Input.shape[at:]
        wide = xp.reshape(Input, (*outer, *(1,) * count, *inner))
        return xp.broadcast_to(wide, (*outer, *full[at - 1 : at - 1 + count], *inner))


def _copies(value: Any) -> Any:
    check: Any = AutoSize.__metadata__[0].func
    try:
        if _is_list(value) and len(value):
            return tuple(map(check, value))
        return check(value)
    except ValueError:
        raise ValueError("must be a positive whole number, Automatic, or a tuple of these") from None


class TransposeLayer(Layer):
    """Output = Input with levels that changed places: "m<->n", a list of these in sequence, or a permutation.

    The permutation (n1, n2, …) makes input level k output level nk; levels that it does not reach stay.

    >>> TransposeLayer("1<->3", Input=(1, 2, 3)).shapes["Output"]
    (3, 2, 1)
    >>> TransposeLayer(["1<->3", "1<->4"], Input=(3, 4, 5, 6)).shapes["Output"]
    (6, 4, 3, 5)
    """

    levels: TransposeSpec = Transposition(TwoWayRule(1, 2))

    Input = takes("*shape", of=Same())
    Output = gives("*moved", of=Same())

    @dimension
    def moved(self, shape: tuple) -> tuple:
        return tuple(shape[level - 1] for level in self.levels.of(len(shape)))

    @dimension("shape")
    def moved_back(self, moved: tuple) -> tuple:
        return tuple(dim for _, dim in sorted(zip(self.levels.of(len(moved)), moved, strict=True), key=lambda p: p[0]))

    def apply(self, xp: Any, Input: Any) -> Any:
        return xp.transpose(Input, (0, *self.levels.of(Input.ndim - 1)))
