"""The Plan: what the solver found about a net. Evaluation, training, Information and export read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from wlnet.core.dims import Length, Name, Unknown
from wlnet.core.errors import NetError


@dataclass(frozen=True)
class Plan:
    """The shape and the element type of every port and array by (path, name), the value of every word of every layer
    by path, the pairs of lengths that only the data can compare, and the lengths that must not be too short."""

    shapes: Mapping[tuple, tuple | None]
    types: Mapping[tuple, Any]
    words: Mapping[tuple, Mapping[str, Any]]
    checks: tuple = ()
    least: tuple = ()

    @cached_property
    def is_whole(self) -> bool:
        """Whether it leaves no dimension open."""
        return all(shape is not None and Unknown not in shape for shape in self.shapes.values())

    def shape(self, path: tuple, name: str) -> tuple | None:
        """The partial shape of a port or array; None if its rank is not known."""
        return self.shapes.get((path, name))

    def is_known(self, path: tuple, name: str) -> bool:
        """Whether every dimension is a number or a length."""
        shape = self.shape(path, name)
        return shape is not None and Unknown not in shape

    def at(self, lengths: Mapping[Any, Any]) -> Mapping[tuple, Mapping[str, Any]]:
        """The value of every word when each named length is an int, or an array of one int an example."""
        if not lengths:
            return self.words

        def now(value: Any) -> Any:
            if isinstance(value, tuple):
                return tuple([now(dim) for dim in value])
            return value.with_names(lambda name: lengths.get(name, 1)) if isinstance(value, Length) else value

        return {path: {word: now(value) for word, value in words.items()} for path, words in self.words.items()}

    def compare(self, lengths: Mapping[Any, Any]) -> None:
        """Refuses data whose lengths are not what the net needs: the questions that the solver left open."""
        self.compare_pairs(lengths)
        self.compare_least(lengths)
        self.compare_first_levels(lengths)

    def compare_pairs(self, lengths: Mapping[Any, Any]) -> None:
        """Refuses lengths that differ and must not."""
        for a, b in self.checks:
            one, other = (np.asarray(_at(dim, lengths)) for dim in (a, b))
            if np.any(one != other):
                raise NetError(
                    f"lengths {a} and {b} must be equal, but are {one.tolist()} and {other.tolist()}",
                    expected=one.tolist(),
                    got=other.tolist(),
                    hint="pad or cut the sequences so that the two agree",
                )

    def compare_least(self, lengths: Mapping[Any, Any]) -> None:
        """Refuses lengths that are shorter than a layer needs."""
        for path, label, length, least, what in self.least:
            size = np.asarray(_at(length, lengths))
            if np.any(size < least):
                raise NetError(
                    f"{label}: {what} must be at least {least}, not {size.min()}",
                    path=path,
                    expected=least,
                    got=int(size.min()),
                    hint="give longer sequences",
                )

    def compare_first_levels(self, lengths: Mapping[Any, Any]) -> None:
        """Refuses sequences of which a port inside would have nothing."""
        for (path, name), shape in self.shapes.items():
            if shape and _can_vanish(shape):
                size = np.asarray(_at(shape[0], lengths))
                if np.any(size < 1):
                    raise NetError(
                        f"{name}: a sequence is too short: its length {shape[0]} would be {size.min()}",
                        path=path,
                        got=int(size.min()),
                        hint="give longer sequences",
                    )


def _at(dim: Any, lengths: Mapping[Any, Any]) -> Any:
    return dim.with_names(lambda name: lengths.get(name, 1)) if isinstance(dim, Length) else dim


def _can_vanish(shape: tuple | None) -> bool:
    """Whether the first size may come out below 1: it varies, and is no sum of names, such as n - 1 or ⌊n/2⌋."""
    first = shape[0] if shape else None
    if not isinstance(first, Length):
        return False
    return first.const < 0 or any(count < 0 or not isinstance(atom, Name) for count, atom in first.terms)
