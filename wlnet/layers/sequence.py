"""SequenceLastLayer, SequenceMostLayer, SequenceRestLayer, SequenceReverseLayer and SequenceIndicesLayer."""

from functools import cached_property
from math import inf
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.declared import abstract
from wlnet.core.fields import as_number
from wlnet.core.layer import Layer, dimension
from wlnet.core.slots import Slot, gives, takes, words_of
from wlnet.core.types import Integer, Same


class SequenceLastLayer(Layer):
    """Output = Input[-1]: the last element of a sequence, of varying length its last true one.

    >>> SequenceLastLayer(Input=("Varying", 2))([[[1, 2], [3, 4]], [[5, 6]]]).tolist()
    [[3.0, 4.0], [5.0, 6.0]]
    """

    Input = takes("length *shape", of=Same())
    Output = gives("*shape", of=Same())

    def apply(self, xp: Any, Input: Any, length: Any) -> Any:
        if isinstance(length, int):
            return Input[:, length - 1]
        return xp.gather(Input, xp.reshape(length - 1, (-1, 1)))[:, 0]


@abstract
class ShorteningLayer(Layer):
    """What the layers share that take an element off a sequence of two or more."""

    Input = takes("length *shape", of=Same())
    Output = gives("outlength *shape", of=Same())

    @dimension
    def outlength(self, length: Any) -> Any:
        return length - 1

    @dimension("length")
    def longer(self, outlength: Any) -> Any:
        return outlength + 1


class SequenceMostLayer(ShorteningLayer):
    """Output = Input[:-1]: a sequence without its last element; it takes two or more.

    >>> SequenceMostLayer()([1, 2, 3]).tolist()
    [1.0, 2.0]
    """

    def apply(self, xp: Any, Input: Any) -> Any:
        return Input[:, :-1]


class SequenceRestLayer(ShorteningLayer):
    """Output = Input[1:]: a sequence without its first element; it takes two or more.

    >>> SequenceRestLayer()([1, 2, 3]).tolist()
    [2.0, 3.0]
    """

    def apply(self, xp: Any, Input: Any) -> Any:
        return Input[:, 1:]


class SequenceReverseLayer(Layer):
    """Output = Input backwards, from the last true element to the first.

    >>> [row.tolist() for row in SequenceReverseLayer(Input="Varying")([[1, 2, 3], [4, 5]])]
    [[3.0, 2.0, 1.0], [5.0, 4.0]]
    """

    Input = takes("length *shape", of=Same())
    Output = gives("length *shape", of=Same())

    def apply(self, xp: Any, Input: Any, length: Any) -> Any:
        if isinstance(length, int):
            return Input[:, ::-1]
        places, last = xp.arange(Input.shape[1])[None], xp.reshape(length - 1, (-1, 1))
        return xp.gather(Input, xp.astype(xp.where(places > last, places, last - places), int))


def _maximum(value: Any) -> Any:
    number = as_number(value)
    if number == inf or (isinstance(number, int) and number > 0):
        return number
    raise ValueError("must be a positive whole number, or math.inf")


class SequenceIndicesLayer(Layer):
    """Output = Min(Maximum, 1), Min(Maximum, 2), … for each element of a sequence: what EmbeddingLayer takes as places.

    >>> SequenceIndicesLayer(Maximum=2)([0.5, 0.5, 0.5]).tolist()
    [1, 2, 2]
    """

    Maximum: Annotated[Any, BeforeValidator(_maximum)] = inf

    Input = takes("length *shape")
    Output = gives("length", of=Integer())

    @cached_property
    def own_ports(self) -> dict[str, Slot]:
        output = Slot("out", words_of("length"), Integer(None if self.Maximum == inf else self.Maximum), name="Output")
        return {"Input": self.slots["Input"], "Output": output}

    def ports(self) -> dict[str, Slot]:
        return self.own_ports

    def apply(self, xp: Any, Input: Any, length: Any) -> Any:
        indices = xp.arange(1, Input.shape[1] + 1)[None] + xp.zeros((Input.shape[0], 1), int)
        if not isinstance(length, int):
            indices = xp.minimum(indices, xp.reshape(length, (-1, 1)))  # in the padding too they stay in range
        return indices if self.Maximum == inf else xp.minimum(indices, self.Maximum)
