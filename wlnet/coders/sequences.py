"""What encoders and decoders of texts share: an item is a sequence of whole numbers from 1, or of vectors as long."""

from typing import Annotated, Any, ClassVar, Self

import numpy as np
from pydantic import BeforeValidator

from wlnet.coders.classes import ClassEncoder
from wlnet.coders.decoder import NetDecoder
from wlnet.coders.dims import dims_text
from wlnet.coders.encoder import NetEncoder, Refuse, is_list
from wlnet.core.errors import NetError
from wlnet.core.fields import AutoWhole, as_number
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, Automatic
from wlnet.core.types import ElementType, Integer, Real


def _length(value: Any) -> Any:
    if value is All or value == "All":
        return All
    number = as_number(value)
    if not isinstance(number, int) or number < 1:
        raise ValueError("must be a positive whole number, or All")
    return number


def _form(value: Any) -> str:
    if value not in ("Index", "UnitVector", "IndicatorVector"):
        raise ValueError("must be one of Index, UnitVector")
    return "Index" if value == "Index" else "UnitVector"


LengthField = Annotated[Any, BeforeValidator(_length)]
FormField = Annotated[str, BeforeValidator(_form)]


class SequenceEncoder(NetEncoder):
    """Turns an item into a sequence of codes from 1 to `count`, or of unit vectors of that size."""

    items_are: ClassVar[str] = "a text"

    # --- what a kind says ---------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """The number of codes."""
        raise TypeError(f"{type(self).__name__} does not say how many codes it has")

    @property
    def pad(self) -> int:
        """The code with which sequences are filled up to their TargetLength."""
        return self.count

    def is_text(self, value: Any) -> bool:
        """Whether a value is one item that is not encoded yet."""
        return isinstance(value, str)

    def codes_of(self, item: Any, place: int, refuse: Refuse) -> list[int]:
        """The codes of an item that is not encoded yet."""
        raise TypeError(f"{type(self).__name__} does not encode")

    # --- what the base asks -------------------------------------------------------------------------------------------

    @property
    def is_vector(self) -> bool:
        """Whether codes become unit vectors."""
        return self.__dict__.get("form") == "UnitVector"

    @property
    def length(self) -> int | None:
        """The length of every sequence; None where each has its own."""
        given = self.__dict__.get("TargetLength", All)
        return None if given is All else given

    def item_shape(self) -> tuple:
        first = ("Varying" if self.length is None else self.length,)
        return (*first, self.count) if self.is_vector else first

    def port_values(self) -> ElementType:
        return Real() if self.is_vector else Integer(self.count)

    def is_item(self, value: Any) -> bool:
        return self.is_text(value) or not is_list(value) or self._numbers(value) is not None

    def _numbers(self, value: Any) -> np.ndarray | None:
        """A value as an array, if it is one of numbers of the rank of an encoded item."""
        if not is_list(value) or not len(value):
            return None
        try:
            array = np.asarray(value)
        except ValueError:
            return None
        right = array.dtype.kind in "fiu" and array.ndim == (2 if self.is_vector else 1)
        return array if right else None

    def encode_items(self, items: list, refuse: Refuse) -> list[np.ndarray]:
        return [self._encode(item, place, refuse) for place, item in enumerate(items)]

    def _encode(self, item: Any, place: int, refuse: Refuse) -> np.ndarray:
        if not self.is_text(item):
            encoded = self._numbers(item)
            if encoded is None:
                raise refuse(place, f"{brief(item)} is not {self.items_are}", expected=self.items_are, got=item)
            return self._passed(encoded, place, refuse)
        codes = self.codes_of(item, place, refuse)
        if self.length is not None:
            codes = [*codes[: self.length], *(self.pad,) * (self.length - len(codes))]
        array = np.array(codes, dtype=np.int64)
        if not self.is_vector:
            return array
        vectors = np.zeros((len(array), self.count), dtype=np.float32)
        vectors[np.arange(len(array)), array - 1] = 1
        return vectors

    def _passed(self, array: np.ndarray, place: int, refuse: Refuse) -> np.ndarray:
        """What is encoded already, checked."""
        if self.length not in (None, len(array)):
            raise refuse(place, f"expected a sequence of {self.length}, got {len(array)}", got=array)
        if self.is_vector:
            if array.shape[1] != self.count:
                raise refuse(place, f"expected vectors of {self.count}, got {array.shape[1]}", got=array)
            return array.astype(np.float32)
        wrong = array[~((array >= 1) & (array <= self.count) & (array == np.floor(array)))]
        if len(wrong):
            text = f"{wrong[0].item()!r} is not a code from 1 to {self.count}"
            raise refuse(place, text, expected=f"1 to {self.count}", got=wrong[0].item())
        return array.astype(np.int64)


class SequenceDecoder(NetDecoder):
    """Turns a vector of `count` probabilities, or a sequence of them, into a text; the property None bypasses it."""

    InputDepth: AutoWhole = Automatic

    # --- what a kind says ---------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """The number of codes, which is the size of the vectors."""
        raise TypeError(f"{type(self).__name__} does not say how many codes it has")

    def text(self, codes: list[int]) -> str:
        """The text of some codes."""
        raise TypeError(f"{type(self).__name__} does not decode")

    def labels(self) -> list:
        """What each code stands for, where a code is a class of its own."""
        return [self.text([code]) for code in range(1, self.count + 1)]

    # --- what the base asks -------------------------------------------------------------------------------------------

    def target_encoder(self, shape: tuple | None) -> Any:
        """Targets are texts; where the net gives one vector, they are classes."""
        rank = len(shape) if self.InputDepth is Automatic and shape is not None else self.InputDepth
        return ClassEncoder(self.labels()) if rank == 1 else self.sequence_target()

    def sequence_target(self) -> Any:
        """The encoder of targets that are texts."""
        return self.counterpart()

    def check(self) -> None:
        if self.InputDepth is not Automatic and self.InputDepth < 1:
            raise ValueError(f"InputDepth must be at least 1, got {self.InputDepth}")

    def item_shape(self) -> tuple | None:
        if self.InputDepth is Automatic:
            return None
        return (self.count,) if self.InputDepth == 1 else (Automatic, self.count)

    def over(self, levels: tuple, rank: int | None = None) -> Self | None:
        """A sequence of vectors is one text; what has more levels than a sequence are texts.

        >>> NetDecoder("Characters", "abc", InputDepth=1).over((5,))
        NetDecoder("Characters", "abc", InputDepth=2)
        """
        if self.InputDepth is Automatic:
            return self.changed(InputDepth=rank) if rank is not None and rank > 2 else self
        return self.changed(InputDepth=self.InputDepth + len(levels))

    def of_an_item(self) -> Self | None:
        return None if self.InputDepth is Automatic else super().of_an_item()

    def last_size(self) -> int | None:
        """The size of the last level, where the rank is not known."""
        return self.count if self.InputDepth is Automatic else None

    def is_one(self, data: np.ndarray | list[np.ndarray]) -> bool:
        if self.InputDepth is Automatic:
            return not isinstance(data, list) and data.ndim < 3
        return super().is_one(data)

    def _refuse_shape(self, got: tuple) -> None:
        if self.InputDepth is not Automatic:
            super()._refuse_shape(got)
        elif len(got) not in (1, 2) or got[-1] != self.count or 0 in got:
            takes = f"{self.count} or ?×{self.count}"
            text = f"{self.label} takes {takes}, but the data are of shape {dims_text(got)}"
            hint = "give InputDepth, the rank of the array of one example" if len(got) > 2 else None
            raise NetError(text, expected=takes, got=dims_text(got), hint=hint)

    def decode_items(self, items: np.ndarray, name: str, argument: Any, random: np.random.Generator) -> list:
        codes = np.argmax(items, -1) + 1
        return [self.text(each) for each in (codes[:, None] if codes.ndim == 1 else codes).tolist()]

    def with_depth(self, encoder: SequenceEncoder) -> Self:
        """This decoder for the arrays that an encoder maps over."""
        levels = len(encoder.levels())
        return self.changed(InputDepth=levels + 2) if levels else self
