"""Truths: True is 1, False is 0, and a probability is a truth where it is 1/2 or more."""

from typing import Any, ClassVar

import numpy as np

from wlnet.coders.decoder import NetDecoder
from wlnet.coders.dims import DimsField
from wlnet.coders.encoder import NetEncoder, Refuse, is_list
from wlnet.coders.probabilities import entropy, temperature, tempered
from wlnet.core.errors import NetError
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic
from wlnet.core.types import Boolean, ElementType


class BooleanEncoder(NetEncoder):
    """True is 1 and False is 0; `dims` are the sizes of an array of them. 1 and 0 pass through.

    >>> from wlnet.coders import NetEncoder
    >>> NetEncoder("Boolean")([True, False]).tolist(), NetEncoder("Boolean", 3)([True, False, True]).tolist()
    ([1, 0], [1, 0, 1])
    """

    kind: ClassVar[str] = "Boolean"

    dims: DimsField = ()

    def levels(self) -> tuple:
        return (*self.Dimensions, *self.dims)

    def port_values(self) -> ElementType:
        return Boolean()

    def is_item(self, value: Any) -> bool:
        return not is_list(value)

    def encode_items(self, items: list, refuse: Refuse) -> np.ndarray:
        for place, item in enumerate(items):
            known = isinstance(item, (bool, np.bool_, int, float, np.number, np.ndarray)) and np.ndim(item) == 0
            if not (known and item in (0, 1)):
                raise refuse(place, f"{brief(item)} is neither True nor False", expected="True or False", got=item)
        return np.array(items, dtype=np.int64)

    def counterpart(self) -> "BooleanDecoder":
        return BooleanDecoder(InputDepth=len(self.levels()))


class BooleanDecoder(NetDecoder):
    """False where the probability is below 1/2, else True.

    >>> from wlnet.coders import NetDecoder
    >>> NetDecoder("Boolean")([0.25, 0.5]), NetDecoder("Boolean")(0.25, "Probability")
    ([False, True], 0.25)

    Its properties are "Decision"; "Probability", which is that of True; "Entropy" (natural logarithm); and
    "RandomSample", True with its probability. `("RandomSample", t)` takes the probabilities p^(1/t), made to sum to 1.
    """

    kind: ClassVar[str] = "Boolean"

    @property
    def properties(self) -> list[str]:
        return ["Decision", "Probability", "Entropy", "RandomSample"]

    def item_shape(self) -> tuple:
        return ()

    def argument(self, name: str, given: Any) -> Any:
        if name != "RandomSample":
            return super().argument(name, given)
        return temperature(1.0 if given is Automatic else given, self.label)

    def decode_items(self, items: np.ndarray, name: str, argument: Any, random: np.random.Generator) -> list:
        if name == "Decision":
            return (~(items < 0.5)).tolist()
        if name == "Probability":
            return items.astype(float).tolist()
        both = np.stack([1 - items.astype(float), items.astype(float)], -1)
        if (both < 0).any() or np.isnan(both).any():
            raise NetError(
                f"{self.label}: {name} needs probabilities, from 0 to 1", hint="end the net in LogisticSigmoid"
            )
        if name == "Entropy":
            return entropy(both).tolist()
        return (random.random(len(items)) < tempered(both, argument)[:, 1]).tolist()

    def counterpart(self) -> BooleanEncoder:
        return BooleanEncoder((Automatic,) * self.InputDepth)
