"""What a feature extractor learns from examples, one class a method: means and deviations, classes, terms."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from wlnet.coders.encoder import Refuse, is_list
from wlnet.coders.labels import hashable, labels, plain, unknown
from wlnet.core.fields import frozen
from wlnet.core.refuse import brief

LARGEST = 1e100
"""Numbers whose squares still add up in double precision."""

TERM = re.compile(r"\w\w+")
"""A term of a text: two or more letters, digits or underscores."""


def _rank(value: Any) -> int:
    try:
        return np.ndim(value)
    except ValueError:
        return -1


def _array(value: Any, place: int, refuse: Refuse) -> np.ndarray:
    """An example as an array of finite numbers, in double precision."""
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "fiu" or not array.size:
        raise refuse(place, f"{brief(value)} is not an array of numbers", got=value, hint="give numbers")
    if not np.isfinite(array).all():
        raise refuse(place, "the numbers are not all finite", got=value, hint="remove or replace missing ones first")
    wide = array.astype(np.float64)
    if abs(wide).max() > LARGEST:
        raise refuse(place, f"{abs(wide).max():g} is too large to be standardized", got=value, hint="scale the data")
    return wide


def kept(value: Any) -> np.ndarray:
    """Numbers as a read-only array in double precision."""
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"it must hold numbers, got {brief(value)}") from None
    return frozen(array)


@dataclass(frozen=True, eq=False)
class StandardizedVector:
    """(x - Mean)/StandardDeviation of each number of an array; one that never varies is only centred."""

    Mean: np.ndarray
    StandardDeviation: np.ndarray

    def __post_init__(self) -> None:
        for name in ("Mean", "StandardDeviation"):
            object.__setattr__(self, name, kept(getattr(self, name)))
        if self.Mean.shape != self.StandardDeviation.shape:
            raise ValueError("Mean and StandardDeviation must be of one shape")

    @classmethod
    def learn(cls, examples: list, refuse: Refuse) -> Self:
        arrays = [_array(each, place, refuse) for place, each in enumerate(examples)]
        place = next((k for k, each in enumerate(arrays) if each.shape != arrays[0].shape), None)
        if place is not None:
            text = f"numbers of shape {arrays[place].shape} do not go with those of shape {arrays[0].shape}"
            raise refuse(place, text, got=examples[place])
        whole = np.stack(arrays)
        spread = whole.std(0, ddof=1) if len(whole) > 1 else np.zeros(arrays[0].shape)
        return cls(whole.mean(0), spread)

    @property
    def size(self) -> int:
        return int(self.Mean.size)

    def is_example(self, value: Any) -> bool:
        return _rank(value) == self.Mean.ndim

    def is_encoded(self, value: Any) -> bool:
        """Never: vectors cannot be told from numbers that are not standardized."""
        return False

    def vectors(self, examples: list, refuse: Refuse) -> np.ndarray:
        result = np.empty((len(examples), self.size))
        scale = np.where(self.StandardDeviation > 0, self.StandardDeviation, 1.0)
        for place, example in enumerate(examples):
            array = _array(example, place, refuse)
            if array.shape != self.Mean.shape:
                text = f"the extractor takes numbers of shape {self.Mean.shape}, but got shape {array.shape}"
                raise refuse(place, text, expected=self.Mean.shape, got=array.shape)
            result[place] = ((array - self.Mean) / scale).ravel()
        return result


@dataclass(frozen=True, eq=False)
class IndicatorVector:
    """1 at the place of a value among Classes, 0 elsewhere; the classes stand in the order in which they came."""

    Classes: tuple

    def __post_init__(self) -> None:
        object.__setattr__(self, "Classes", labels(self.Classes))

    @classmethod
    def learn(cls, examples: list, refuse: Refuse) -> Self:
        found = [plain(each) for each in examples]
        place = next((k for k, each in enumerate(found) if not hashable(each)), None)
        if place is not None:
            raise refuse(place, f"{brief(examples[place])} is not a class: a text, a number or a tuple of them")
        return cls(tuple(dict.fromkeys(found)))

    @property
    def size(self) -> int:
        return len(self.Classes)

    def is_example(self, value: Any) -> bool:
        return not is_list(value) or (hashable(value) and value in self.Classes)

    def is_encoded(self, value: Any) -> bool:
        return is_vector(value, self.size)

    def vectors(self, examples: list, refuse: Refuse) -> np.ndarray:
        index = {label: k for k, label in enumerate(self.Classes)}
        result = np.zeros((len(examples), self.size))
        for place, example in enumerate(map(plain, examples)):
            if not hashable(example) or example not in index:
                raise unknown(self.Classes, example, lambda text, place=place, **f: refuse(place, text, **f))
            result[place, index[example]] = 1
        return result


@dataclass(frozen=True, eq=False)
class TFIDF:
    """How often each of Terms comes in a text, times its weight Log((1 + n)/(1 + d)) + 1, made of length 1.

    n texts were there to learn from, and d of them have the term. A term is a word of two or more letters, digits or
    underscores, in lower case; terms stand in alphabetic order, and unknown ones do not count (as in scikit-learn).
    """

    Terms: tuple
    Weights: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "Terms", tuple(self.Terms))
        object.__setattr__(self, "Weights", kept(self.Weights))
        if self.Weights.shape != (len(self.Terms),) or not all(isinstance(term, str) for term in self.Terms):
            raise ValueError("Terms must be texts, and Weights a number for each")

    @classmethod
    def learn(cls, examples: list, refuse: Refuse) -> Self:
        counts = [_terms(text, place, refuse) for place, text in enumerate(examples)]
        have = Counter(term for each in counts for term in each)
        if not have:
            raise refuse(0, "the texts hold no term, a word of two or more letters or digits", got=examples[0])
        terms = sorted(have)
        found = np.array([have[term] for term in terms])
        return cls(tuple(terms), np.log((1 + len(examples)) / (1 + found)) + 1)

    @property
    def size(self) -> int:
        return len(self.Terms)

    def is_example(self, value: Any) -> bool:
        return not is_list(value)

    def is_encoded(self, value: Any) -> bool:
        return is_vector(value, self.size)

    def vectors(self, examples: list, refuse: Refuse) -> np.ndarray:
        index = {term: k for k, term in enumerate(self.Terms)}
        result = np.zeros((len(examples), self.size))
        for place, text in enumerate(examples):
            for term, count in _terms(text, place, refuse).items():
                if term in index:
                    result[place, index[term]] = count * self.Weights[index[term]]
        length = np.sqrt(np.sum(result**2, 1, keepdims=True))
        return result / np.where(length > 0, length, 1.0)


def _terms(text: Any, place: int, refuse: Refuse) -> Counter:
    if not isinstance(text, str):
        raise refuse(place, f"{brief(text)} is not a text", expected="a text", got=text)
    return Counter(TERM.findall(text.lower()))


def is_vector(value: Any, size: int) -> bool:
    """Whether a value is an array of so many real numbers: data that are encoded already."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.shape == (size,)
