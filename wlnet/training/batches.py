"""Rounds and batches: which examples make the k-th batch of a round, and their arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.core.dims import Name
from wlnet.verbs.data import Column
from wlnet.verbs.inputs import Inputs
from wlnet.verbs.lengths import named_lengths

GROUP = 50
"""Sequences are sorted by length within this many batches, so that a batch holds near-equal lengths."""


@dataclass(frozen=True)
class Batches:
    """The training data and how a round goes through them: every example once, in an order that the seed decides.

    The last batch of a round is smaller where the size does not divide the number of examples; round losses weigh by
    examples.
    """

    inputs: Inputs
    size: int
    seed: int

    @property
    def count(self) -> int:
        """The number of batches in a round."""
        return -(-self.inputs.count // self.size)

    def order(self, number: int) -> list[np.ndarray]:
        """The examples of each batch of a round, counted from 1."""
        random = np.random.Generator(np.random.Philox(np.random.SeedSequence((self.seed, number))))
        order = random.permutation(self.inputs.count)
        lengths = next((c.lengths for c in self.inputs.columns.values() if c.lengths is not None), None)
        if lengths is None:
            return [order[start : start + self.size] for start in range(0, len(order), self.size)]
        window = GROUP * self.size
        sorted_order = np.concatenate(
            [part[np.argsort(lengths[part], kind="stable")] for part in _cut(order, window)]
        )  # fmt: skip
        batches = _cut(sorted_order, self.size)
        return [batches[k] for k in random.permutation(len(batches))]

    def columns(self, rows: np.ndarray) -> dict[str, Column]:
        """The data of some examples; sequences are cut to the longest of them."""
        return {port: _trimmed(column.rows(rows)) for port, column in self.inputs.columns.items()}

    def lengths(self, columns: Mapping[str, Column]) -> dict[Name, np.ndarray]:
        """The named lengths of some examples."""
        found = named_lengths(self.inputs.plan, columns)
        self.inputs.plan.compare(found)
        return found


def _cut(order: np.ndarray, size: int) -> list[np.ndarray]:
    return [order[start : start + size] for start in range(0, len(order), size)]


def _trimmed(column: Column) -> Column:
    if column.lengths is None:
        return column
    return Column(column.array[:, : int(column.lengths.max())], column.lengths)


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
    varies = any(column.lengths is not None for column in inputs.columns.values())
    size = (16 if varies else 64) if not isinstance(setting, int) else setting
    return min(size, inputs.count)
