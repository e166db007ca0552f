"""Rounds and batches: which examples make the k-th batch of a round, and their arrays."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from wlnet.core.dims import Length, Name
from wlnet.core.plan import Plan
from wlnet.verbs.data import Column
from wlnet.verbs.inputs import Inputs
from wlnet.verbs.lengths import named_lengths

GROUP = 50
"""Sequences are sorted by length within this many batches, so that a batch holds near-equal lengths."""


@dataclass(frozen=True)
class Drawn:
    """A batch: its data by port, the named lengths of its examples, and which examples they are where that is known."""

    columns: Mapping[str, Column]
    lengths: Mapping[Name, np.ndarray]
    count: int
    indices: np.ndarray | None = None

    def parts(self, size: int) -> Iterator["Drawn"]:
        """The batch in parts of so many examples."""
        for start in range(0, self.count, size):
            rows = slice(start, start + size)
            columns = {port: column.rows(rows) for port, column in self.columns.items()}
            lengths = {name: values[rows] for name, values in self.lengths.items()}
            indices = None if self.indices is None else self.indices[rows]
            yield Drawn(columns, lengths, min(size, self.count - start), indices)


class Source(Protocol):
    """Where batches come from, round by round."""

    @property
    def size(self) -> int:
        """The number of examples in a batch."""

    @property
    def count(self) -> int:
        """The number of batches in a round."""

    @property
    def examples(self) -> int:
        """The number of examples in a round."""

    def round(self, number: int, skip: int = 0) -> Generator[Drawn, None, None]:
        """The batches of a round, counted from 1, without the first `skip`; the same number gives the same ones."""


@dataclass(frozen=True)
class Batches:
    """Data in memory and how a round goes through them: every example once, in an order that the seed decides.

    The last batch of a round is smaller where the size does not divide the number of examples; round losses weigh by
    examples. Without a seed the examples come in the order in which they stand.
    """

    inputs: Inputs
    size: int
    seed: int | None

    @property
    def count(self) -> int:
        """The number of batches in a round."""
        return -(-self.inputs.count // self.size)

    @property
    def examples(self) -> int:
        """The number of examples."""
        return self.inputs.count

    def round(self, number: int, skip: int = 0) -> Generator[Drawn, None, None]:
        """The batches of a round."""
        for rows in self.order(number)[skip:]:
            yield self.drawn(rows)

    def order(self, number: int) -> list[np.ndarray]:
        """The examples of each batch of a round, counted from 1."""
        if self.seed is None:
            return _cut(np.arange(self.inputs.count), self.size)
        random = np.random.Generator(np.random.Philox(np.random.SeedSequence((self.seed, number))))
        order = random.permutation(self.inputs.count)
        lengths = next((c.lengths for c in self.inputs.columns.values() if c.lengths is not None), None)
        if lengths is None:
            return _cut(order, self.size)
        sorted_order = np.concatenate(
            [part[np.argsort(lengths[part], kind="stable")] for part in _cut(order, GROUP * self.size)]
        )
        batches = _cut(sorted_order, self.size)
        return [batches[k] for k in random.permutation(len(batches))]

    def drawn(self, rows: np.ndarray) -> Drawn:
        """The data of some examples; sequences are cut to the longest of them."""
        columns = {port: column.rows(rows) for port, column in self.inputs.columns.items()}
        lengths = compared(self.inputs.plan, columns) if self.varies else {}
        return Drawn(columns, lengths, len(rows), rows)

    @cached_property
    def varies(self) -> bool:
        """Whether any port of the net has a length that only the data tell."""
        return varies(self.inputs.plan)


def varies(plan: Plan) -> bool:
    """Whether any port of a net has a length that only the data tell."""
    return any(shape and isinstance(shape[0], Length) for shape in plan.shapes.values())


def names_in(plan: Plan) -> set[Name]:
    """Every named length of a plan."""
    found: set[Name] = set()
    for shape in plan.shapes.values():
        if shape and isinstance(shape[0], Length):
            found |= shape[0].names()
    return found


def compared(plan: Plan, columns: Mapping[str, Column]) -> dict[Name, np.ndarray]:
    """The named lengths of some examples, which must be what the net needs."""
    found = named_lengths(plan, columns)
    plan.compare(found)
    return found


def _cut(order: np.ndarray, size: int) -> list[np.ndarray]:
    return [order[start : start + size] for start in range(0, len(order), size)]


def padded_to(column: Column, size: int) -> Column:
    """Sequences repeated from their last place to a size: a compiled backend then meets few sizes."""
    missing = size - column.array.shape[1]
    if missing <= 0:
        return column
    last = np.repeat(column.array[:, -1:], missing, axis=1)
    return Column(np.concatenate([column.array, last], axis=1), column.lengths)


def rounded_up(size: int) -> int:
    """The next power of two."""
    return 1 << (size - 1).bit_length()


def chosen_size(setting: Any, inputs: Inputs) -> int:
    """The batch size of a setting: Automatic is 64, or 16 for sequences, and never more than there are examples."""
    return min(size_for(setting, inputs.plan), inputs.count)


def size_for(setting: Any, plan: Plan) -> int:
    """The batch size that a setting means for a net, where nothing is known of the number of examples."""
    return setting if isinstance(setting, int) else 16 if varies(plan) else 64
