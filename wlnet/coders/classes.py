"""Classes: labels of any kind as indices, as indicator vectors, as sets of them, and probabilities as labels."""

from collections.abc import Set
from functools import cached_property
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import BeforeValidator

from wlnet.coders.decoder import NetDecoder
from wlnet.coders.encoder import NetEncoder, Refuse, is_list
from wlnet.coders.labels import LabelsField, hashable, plain
from wlnet.coders.labels import unknown as no_class
from wlnet.coders.likely import PROPERTIES, checked, decoded
from wlnet.core.errors import NetError
from wlnet.core.fields import Flag, Whole
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic
from wlnet.core.types import ElementType, Integer, Real


def _form(value: Any) -> str:
    if value == "UnitVector":
        return "IndicatorVector"
    if value not in ("Index", "IndicatorVector"):
        raise ValueError("must be one of Index, IndicatorVector")
    return value


class ClassEncoder(NetEncoder):
    """The index of a label among `classes`, from 1; or 1 at its index and 0 elsewhere, with form "IndicatorVector".

    >>> from wlnet.coders import NetEncoder
    >>> classes = ["a", "b", "c"]
    >>> NetEncoder("Class", classes)("b").item(), NetEncoder("Class", classes, "IndicatorVector")("b").tolist()
    (2, [0.0, 1.0, 0.0])
    >>> NetEncoder("Class", classes, Multilabel=True)([["c", "a"], []]).tolist()
    [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]

    With `Multilabel` an item is a list or set of labels, and the form is always a vector. Indices pass through where no
    label is a number (a number among numbers is always read as a label), and so do vectors. Without classes, the
    labels are the whole numbers from 1.
    """

    kind: ClassVar[str] = "Class"

    classes: LabelsField = Automatic
    form: Annotated[str, BeforeValidator(_form)] = "Index"
    Multilabel: Flag = False

    def check(self) -> None:
        if self.classes is Automatic and self.is_vector:
            raise ValueError("vectors need the classes to be given")
        super().check()

    def shown(self, name: str) -> Any:
        return list(self.classes) if name == "classes" else super().shown(name)

    @property
    def is_vector(self) -> bool:
        """Whether an item becomes a vector rather than an index."""
        return self.Multilabel or self.form == "IndicatorVector"

    @cached_property
    def index(self) -> dict[Any, int]:
        """The place of each label, from 0."""
        return {} if self.classes is Automatic else {label: k for k, label in enumerate(self.classes)}

    @cached_property
    def has_numbers(self) -> bool:
        """Whether a label is a number, so that numbers are read as labels and never as indices."""
        return any(isinstance(label, (int, float)) for label in self.index)

    def item_shape(self) -> tuple:
        return (len(self.classes),) if self.is_vector else ()

    def port_values(self) -> ElementType:
        if self.is_vector:
            return Real()
        return Integer(None if self.classes is Automatic else len(self.classes))

    def is_class(self, value: Any) -> bool:
        """Whether a value is one of the labels."""
        return hashable(value) and value in self.index

    def is_item(self, value: Any) -> bool:
        if self.is_vector and self._is_vector(value):
            return True
        if self.Multilabel:
            return isinstance(value, Set) or (is_list(value) and not any(self._is_nested(each) for each in value))
        return self.is_class(value) or not is_list(value)

    def _is_nested(self, value: Any) -> bool:
        return (is_list(value) or isinstance(value, Set)) and not self.is_class(value)

    def _is_vector(self, value: Any) -> bool:
        """Whether a value is encoded already: as many numbers as there are classes, 0 to 1, and not labels."""
        if not is_list(value) or len(value) != len(self.classes) or self.is_class(value):
            return False
        if any(is_list(each) or not hashable(each) or each in self.index for each in value):
            return False
        array = np.asarray(value)
        return array.dtype.kind in "fiu" and bool(((array >= 0) & (array <= 1)).all())

    def encode_items(self, items: list, refuse: Refuse) -> np.ndarray:
        if not self.is_vector:
            return self._indices(items, refuse)
        result = np.zeros((len(items), len(self.classes)), dtype=np.float32)
        for place, item in enumerate(items):
            if self._is_vector(item):
                result[place] = item
            elif not self.Multilabel:
                result[place, self._index(item, place, refuse) - 1] = 1
            else:
                for label in self._labels(item, place, refuse):
                    result[place, self._index(label, place, refuse) - 1] = 1
        return result

    def _indices(self, items: list, refuse: Refuse) -> np.ndarray:
        index = self.index
        try:
            return np.array([index[item] for item in items], dtype=np.int64) + 1
        except (KeyError, TypeError):
            return np.array([self._index(item, place, refuse) for place, item in enumerate(items)], dtype=np.int64)

    def _labels(self, item: Any, place: int, refuse: Refuse) -> Any:
        if isinstance(item, Set) or is_list(item):
            return item
        hint = f"with Multilabel an item is a list of classes: [{brief(item)}]"
        raise refuse(place, f"{brief(item)} is not a list of classes", got=item, hint=hint)

    def _index(self, item: Any, place: int, refuse: Refuse) -> int:
        """The index of a label, from 1."""
        item = plain(item)
        found = self.index.get(item) if hashable(item) else None
        if found is not None:
            return found + 1
        whole = isinstance(item, (int, float)) and not isinstance(item, bool) and item == item // 1 and item >= 1
        if self.classes is Automatic:
            if whole:
                return int(item)
            raise refuse(
                place, f"{brief(item)} is not a whole number from 1", got=item, hint=f"give {self.label} classes"
            )
        if whole and not self.has_numbers and not self.is_vector and item <= len(self.classes):
            return int(item)
        raise no_class(self.classes, item, lambda text, **facts: refuse(place, text, **facts))

    def counterpart(self) -> "ClassDecoder":
        return ClassDecoder(self.classes, InputDepth=1 + len(self.Dimensions), Multilabel=self.Multilabel)


class ClassDecoder(NetDecoder):
    """The label of the largest probability; with `Multilabel` the labels of those above 1/2.

    >>> from wlnet.coders import NetDecoder
    >>> decoder = NetDecoder("Class", ["a", "b", "c"])
    >>> decoder([0.25, 0.125, 0.625]), decoder([0.25, 0.125, 0.625], ("TopProbabilities", 2))
    ('c', {'c': 0.625, 'a': 0.25})
    >>> NetDecoder("Class", Multilabel=True)([0.75, 0.25, 0.875])
    [1, 3]

    Without classes the labels are 1, 2, …. Its properties:

    - "Decision"; ("TopDecisions", n): the n most likely labels.
    - "Probabilities": a dict in the order of the classes; ("Probability", label).
    - ("TopProbabilities", n): a dict from the most likely down; "TopProbabilities" has those of at least 0.05, and
      always the most likely one.
    - "Entropy", with the natural logarithm; of Multilabel the sum of the entropies of the labels.
    - "RandomSample": a label drawn by its probability; ("RandomSample", t) by p^(1/t), made to sum to 1;
      ("RandomSample", {"Temperature": t, "TopProbabilities": k, "TotalProbabilityCutoff": p}) then keeps the k largest,
      and of these the fewest that reach p. Temperature 0 takes the largest. With Multilabel every label is drawn on
      its own, and there is only the temperature.
    """

    kind: ClassVar[str] = "Class"

    classes: LabelsField = Automatic
    InputDepth: Whole = 1
    Multilabel: Flag = False

    def shown(self, name: str) -> Any:
        return list(self.classes) if name == "classes" else super().shown(name)

    @property
    def properties(self) -> list[str]:
        return list(PROPERTIES)

    def item_shape(self) -> tuple:
        return (Automatic if self.classes is Automatic else len(self.classes),)

    def argument(self, name: str, given: Any) -> Any:
        return checked(self, name, given)

    def decode_items(self, items: np.ndarray, name: str, argument: Any, random: np.random.Generator) -> list:
        labels = list(range(1, items.shape[-1] + 1)) if self.classes is Automatic else list(self.classes)
        return decoded(self, items, labels, name, argument, random)

    def counterpart(self) -> ClassEncoder:
        if self.Multilabel and self.classes is Automatic:
            raise NetError(
                f"{self.label} names no classes, which an encoder with Multilabel needs", hint="give classes"
            )
        lead = (Automatic,) * (self.InputDepth - 1)
        return ClassEncoder(self.classes, Multilabel=self.Multilabel, Dimensions=lead)
