"""Feature extractors: what turns numbers, truths, names, texts and records of them into vectors, as learned."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from wlnet.coders.encoder import NetEncoder, Refuse, is_list
from wlnet.coders.learning import TFIDF, IndicatorVector, StandardizedVector, is_vector
from wlnet.core.errors import NetError, nearest
from wlnet.core.fields import as_number
from wlnet.core.refuse import brief
from wlnet.core.source import same, source
from wlnet.core.symbols import Automatic

PRETRAINED = (
    "AudioFeatures", "FaceFeatures", "GraphFeatures", "ImageFeatures", "MoleculeExtendedConnectivity", "SentenceVector",
    "SpeakerFeatures", "VideoFeatures", "WordVectors",
)  # fmt: skip
"""Methods of Wolfram's that are models which someone trained on other data."""


class FeatureExtractorFunction:
    """What FeatureExtraction learned: a function from an example, or a list of them, to vectors. It is a value.

    >>> f = FeatureExtraction(["red", "green", "red"], "IndicatorVector")
    >>> f("green").tolist(), f(["red", "green"]).tolist()
    ([0.0, 1.0], [[1.0, 0.0], [0.0, 1.0]])
    >>> f
    FeatureExtractorFunction("IndicatorVector", {"Classes": ("red", "green")})

    `method` names what it does, `learned` is a dict of what it has learned; both together say it all. As a port type it
    is NetEncoder("FeatureExtractor", f).
    """

    def __init__(self, method: str, learned: Mapping[str, Any]):
        if not isinstance(method, str) or method not in LEARNERS:
            raise NetError(f"{brief(method)} is not a method", got=method, hint=nearest(method, LEARNERS))
        names = [each.name for each in fields(LEARNERS[method])]
        if not isinstance(learned, Mapping) or set(learned) != set(names):
            raise NetError(
                f'FeatureExtractorFunction("{method}", …) holds {" and ".join(names)}, got {brief(learned)}',
                expected=names,
                got=learned,
                hint="FeatureExtraction(data, method) learns them",
            )
        vars(self)["method"] = method
        try:
            vars(self)["held"] = LEARNERS[method](**learned)
        except ValueError as error:
            raise NetError(f'FeatureExtractorFunction("{method}", …): {error}', got=learned) from None

    @classmethod
    def holding(cls, held: Any) -> Self:
        """The function of what a method has learned."""
        return cls(type(held).__name__, {each.name: getattr(held, each.name) for each in fields(held)})

    @property
    def learned(self) -> dict[str, Any]:
        """What it has learned, by name."""
        held = vars(self)["held"]
        return {each.name: getattr(held, each.name) for each in fields(held)}

    @property
    def size(self) -> int:
        """The length of its vectors."""
        return vars(self)["held"].size

    def is_example(self, value: Any) -> bool:
        """Whether a value is one example, by its form, rather than a list of them."""
        return vars(self)["held"].is_example(value)

    def is_encoded(self, value: Any) -> bool:
        """Whether a value can only be a vector that it has given."""
        return vars(self)["held"].is_encoded(value)

    def vectors(self, examples: list, refuse: Refuse) -> np.ndarray:
        """The vectors of examples, one a row, in double precision."""
        return vars(self)["held"].vectors(examples, refuse)

    def __call__(self, value: Any) -> Any:
        return NetEncoder("FeatureExtractor", self).encode(
            value, not self.is_example(value) and is_list(value), "FeatureExtractorFunction"
        )

    def as_coder(self) -> NetEncoder:
        """The encoder that it is as a port type."""
        return NetEncoder("FeatureExtractor", self)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("FeatureExtractorFunction is a value: make another")

    def __repr__(self) -> str:
        return f"FeatureExtractorFunction({source(vars(self)['method'])}, {source(self.learned)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FeatureExtractorFunction):
            return NotImplemented
        return same([vars(self)["method"], self.learned], [vars(other)["method"], other.learned])

    def __hash__(self) -> int:
        return hash(repr(self))

    def __reduce__(self) -> Any:
        return FeatureExtractorFunction, (vars(self)["method"], self.learned)


@dataclass(frozen=True, eq=False)
class Columns:
    """The vectors of the parts of a record, one behind the other; parts have Names (in dicts) or places."""

    Names: Any
    Extractors: tuple

    def __post_init__(self) -> None:
        names = None if self.Names is None else tuple(self.Names)
        parts = tuple(self.Extractors) if is_list(self.Extractors) else ()
        if not parts or not all(isinstance(each, FeatureExtractorFunction) for each in parts):
            raise ValueError("Extractors must be a list of a FeatureExtractorFunction for each part")
        if names is not None and len(names) != len(parts):
            raise ValueError("Names must be None, or one for each of the Extractors")
        object.__setattr__(self, "Names", names)
        object.__setattr__(self, "Extractors", parts)

    @classmethod
    def learn(cls, examples: list, method: Any, refuse: Refuse) -> Self:
        names = tuple(examples[0]) if isinstance(examples[0], Mapping) else None
        count = len(examples[0])
        if not count:
            raise refuse(0, "a record is empty", got=examples[0])
        rows = [_parts(each, names, count, place, refuse) for place, each in enumerate(examples)]
        return cls(names, tuple(extractor(list(column), method, refuse) for column in zip(*rows, strict=True)))

    @property
    def size(self) -> int:
        return sum(each.size for each in self.Extractors)

    def is_example(self, value: Any) -> bool:
        if self.Names is not None:
            return isinstance(value, Mapping)
        if not is_list(value) or len(value) != len(self.Extractors):
            return False
        return all(part.is_example(each) for part, each in zip(self.Extractors, value, strict=True))

    def is_encoded(self, value: Any) -> bool:
        return is_vector(value, self.size) and not self.is_example(value)

    def vectors(self, examples: list, refuse: Refuse) -> np.ndarray:
        rows = [_parts(each, self.Names, len(self.Extractors), k, refuse) for k, each in enumerate(examples)]
        columns = zip(*rows, strict=True)
        return np.concatenate(
            [part.vectors(list(column), refuse) for part, column in zip(self.Extractors, columns, strict=True)], 1
        )


def _parts(record: Any, names: tuple | None, count: int, place: int, refuse: Refuse) -> list:
    """The parts of a record, in order."""
    if names is not None:
        if isinstance(record, Mapping) and set(record) == set(names):
            return [record[name] for name in names]
        raise refuse(place, f"{brief(record)} is not a record of {', '.join(map(str, names))}", got=record)
    if not is_list(record) or len(record) != count:
        raise refuse(place, f"{brief(record)} is not a record of {count} parts", got=record)
    return list(record)


LEARNERS: dict[str, Any] = {each.__name__: each for each in (StandardizedVector, IndicatorVector, TFIDF, Columns)}
METHODS = ("StandardizedVector", "IndicatorVector", "TFIDF")


def method_of(setting: Any) -> Any:
    """A method by its name, or Automatic; those that are pretrained models are not there."""
    name = getattr(setting, "name", setting)
    if name == "Automatic":
        return Automatic
    if isinstance(name, str) and name in METHODS:
        return name
    known = f"there are {', '.join(METHODS)}, and a net is taken as a function that gives vectors"
    if isinstance(name, str) and name in PRETRAINED:
        raise NetError(f"{name} is a pretrained model, which wlnet does not have", got=setting, hint=known)
    near = nearest(name, METHODS)
    raise NetError(f"{brief(setting)} is not a method of feature extraction", got=setting,
                   hint=near if near.startswith("did") else known)  # fmt: skip


def extractor(examples: list, method: Any, refuse: Refuse) -> FeatureExtractorFunction:
    """What a method learns of examples; Automatic goes by what they are."""
    listed = is_list(examples[0]) and (method == "IndicatorVector" or not _are_numbers(examples))
    if listed or isinstance(examples[0], Mapping):
        return FeatureExtractorFunction.holding(Columns.learn(examples, method, refuse))
    learner = LEARNERS[_automatic(examples, refuse) if method is Automatic else method]
    return FeatureExtractorFunction.holding(learner.learn(examples, refuse))


def _are_numbers(examples: list) -> bool:
    try:
        return all(np.asarray(each).dtype.kind in "fiu" for each in examples)
    except ValueError:
        return False


def _automatic(examples: list, refuse: Refuse) -> str:
    """The method for examples that are not records: texts of several words, numbers, and anything else."""
    if all(isinstance(each, str) for each in examples):
        return "TFIDF" if any(len(each.split()) > 1 for each in examples) else "IndicatorVector"
    if _are_numbers(examples):
        return "StandardizedVector"
    numeric = [as_number(each) is not None for each in examples]
    if any(numeric):
        place = numeric.index(False)
        hint = 'fill missing numbers, or say the method: "IndicatorVector" takes each value for a class'
        raise refuse(place, f"{brief(examples[place])} stands among numbers", got=examples[place], hint=hint)
    return "IndicatorVector"


def FeatureExtraction(data: Any, method: Any = Automatic, /) -> FeatureExtractorFunction:
    """A FeatureExtractorFunction that a method has learned from a list of examples.

    "StandardizedVector": numbers less their mean, over their standard deviation (of a sample). "IndicatorVector": 1 for
    the class, 0 for all others. "TFIDF": how often terms come in a text, weighed by how rare they are. An example is a
    number, an array of numbers, a class, a text, or a record of these (a list, or a dict by name), whose vectors come
    one behind the other. Automatic standardizes numbers, indicates truths and single words, and weighs the terms of
    texts.

    >>> FeatureExtraction([1.0, 2.0, 3.0], "StandardizedVector")([1.0, 2.0, 4.0]).tolist()
    [[-1.0], [0.0], [2.0]]
    >>> FeatureExtraction([(1, "x"), (3, "y")])((2, "y")).tolist()
    [0.0, 0.0, 1.0]
    """
    if not is_list(data) or not len(data):
        raise NetError(f"FeatureExtraction takes a list of examples, got {brief(data)}", got=data)

    def refuse(place: int, text: str, **facts: Any) -> NetError:
        return NetError(f"FeatureExtraction: {text} (example {place + 1})", **facts)

    return extractor(list(data), method_of(method), refuse)
