"""What a classifier answered, and what is right, item by item: what measurements of classes are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from wlnet.layers.losses import SMALLEST

Array = np.ndarray


@dataclass(frozen=True)
class Answers:
    """Probabilities of classes by item, and the right class, counted from 0; `shares` where several are so in part."""

    scores: Array  # (items, classes)
    truth: Array  # (items,)
    decided: Array | None = None  # the classes decided for, where that is not the first of the largest probabilities
    shares: Array | None = None  # (items, classes)

    @cached_property
    def predicted(self) -> Array:
        """The class decided for: the most probable one, the first of equal ones."""
        return self.scores.argmax(1) if self.decided is None else self.decided

    @property
    def classes(self) -> int:
        """The number of classes."""
        return self.scores.shape[1]

    def part(self, start: int, end: int) -> "Answers":
        """Some of the items."""
        rows = slice(start, end)
        shares = None if self.shares is None else self.shares[rows]
        return Answers(self.scores[rows], self.truth[rows], self.predicted[rows], shares)

    def hits(self, count: int) -> Array:
        """Whether the right class is among the `count` most probable; of equal ones the first come first."""
        if count == 1:
            return self.predicted == self.truth
        right = np.take_along_axis(self.scores, self.truth[:, None], 1)
        earlier = np.arange(self.classes) < self.truth[:, None]
        return ((self.scores > right) | ((self.scores == right) & earlier)).sum(1) < count

    def counts(self) -> tuple[Array, Array, Array, Array]:
        """True positives, false positives, false negatives, true negatives of each class against the others."""
        here = np.bincount(self.truth, minlength=self.classes)
        said = np.bincount(self.predicted, minlength=self.classes)
        right = np.bincount(self.truth[self.predicted == self.truth], minlength=self.classes)
        return right, said - right, here - right, len(self.truth) - here - said + right

    def surprise(self) -> Array:
        """-log of the probability of what is right, by item, in nats."""
        if self.shares is not None:
            logs = np.log(np.maximum(self.scores, SMALLEST, dtype=np.float64))
            return -(self.shares * logs).sum(1)
        right = np.take_along_axis(self.scores, self.truth[:, None], 1)[:, 0]
        return -np.log(np.maximum(right, SMALLEST, dtype=np.float64))

    @property
    def rated(self) -> tuple[Array, Array]:
        """The probabilities, and the right class of each item."""
        return self.scores, self.truth


@dataclass(frozen=True)
class Labels:
    """Probabilities of labels by item, any number of which may be right."""

    scores: Array  # (items, labels)
    shares: Array  # the truth of each, from 0 to 1

    @cached_property
    def truth(self) -> Array:
        """Which labels are right."""
        return self.shares >= 0.5

    @cached_property
    def predicted(self) -> Array:
        """Which labels are decided for: as the decoder does, those of more than 1/2."""
        return self.scores > 0.5

    def part(self, start: int, end: int) -> "Labels":
        """Some of the items."""
        return Labels(self.scores[start:end], self.shares[start:end])

    def hits(self, count: int) -> Array:
        """Whether each decision is right."""
        return self.predicted == self.truth

    def counts(self) -> tuple[Array, Array, Array, Array]:
        """True positives, false positives, false negatives, true negatives of each label."""
        said, right = self.predicted, self.truth
        pairs = ((said, right), (said, ~right), (~said, right), (~said, ~right))
        one, two, three, four = (np.count_nonzero(a & b, axis=0) for a, b in pairs)
        return one, two, three, four

    def surprise(self) -> Array:
        """-log of the probability of what is right, of each decision, in nats."""
        return surprise_of_two(self.scores, self.shares)

    @property
    def rated(self) -> tuple[Array, Array]:
        """The probabilities, and which labels are right."""
        return self.scores, self.truth


def surprise_of_two(p: Array, share: Array) -> Array:
    """-(t·log p + (1 - t)·log(1 - p)) in nats."""
    yes, no = (np.log(np.maximum(each, SMALLEST, dtype=np.float64)) for each in (p, 1 - p))
    return -(share * yes + (1 - share) * no)


def of_index(p: Array, target: Array) -> Answers:
    """The answers of form "Index": classes count from 1."""
    return Answers(p, target.reshape(-1).astype(np.int64) - 1)


def of_probabilities(p: Array, target: Array) -> Answers:
    """The answers of form "Probabilities": right is the first of the most probable classes of the target."""
    shares = target.reshape(-1, p.shape[1]).astype(np.float64)
    return Answers(p, shares.argmax(1), None, shares)


def of_binary(p: Array, target: Array) -> Answers:
    """The answers of form "Binary", each number of which is one item of the classes False and True.

    As the Boolean decoder does, 1/2 is decided as True.
    """
    p, share = p.reshape(-1), target.reshape(-1).astype(np.float64)
    both = np.stack([1 - p, p], 1)
    return Answers(
        both, (share >= 0.5).astype(np.int64), (~(p < 0.5)).astype(np.int64), np.stack([1 - share, share], 1)
    )


def of_labels(p: Array, target: Array) -> Labels:
    """The answers of form "Binary" where each number is about a label of its own."""
    return Labels(p, target.reshape(p.shape).astype(np.float64))


@dataclass(frozen=True)
class Numbers:
    """What a regression gave, and what was asked for: rows of numbers."""

    output: Array  # (items, components)
    target: Array

    def part(self, start: int, end: int) -> "Numbers":
        """Some of the items."""
        return replace(self, output=self.output[start:end], target=self.target[start:end])


def flat(values: Any, lengths: Array | None) -> Array:
    """Values with the examples along axis 0; those of sequences with the true places of all examples along it."""
    if lengths is None:
        return np.asarray(values)
    if isinstance(values, list):
        return np.concatenate([each[:length] for each, length in zip(values, lengths, strict=True)])
    return np.asarray(values)[np.arange(values.shape[1]) < lengths[:, None]]


def together(parts: Sequence[Array]) -> Array:
    """Parts of values as one array."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
