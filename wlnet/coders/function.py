"""Functions of the user's as encoders and decoders."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from wlnet.coders.decoder import NetDecoder
from wlnet.coders.dims import dims_text
from wlnet.coders.encoder import NetEncoder, Refuse, is_list
from wlnet.coders.functionfields import (
    FunctionField,
    InitializationField,
    Named,
    NamesField,
    PatternField,
    ShapeField,
    begin,
    fault,
)
from wlnet.core.errors import NetError
from wlnet.core.fields import AutoWhole, Flag
from wlnet.core.ports import DECISION, PortType
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic
from wlnet.core.types import ElementType


class FunctionEncoder(NetEncoder):
    """Applies a function that gives an array of shape `dims`: sizes, Automatic for open ones, or a port type of arrays.

    >>> from wlnet.coders import NetEncoder
    >>> letters = NetEncoder("Function", lambda word: [len(word), word.count("a")], 2, Pattern=str)
    >>> letters("banana").tolist(), letters(["banana", "fig"]).tolist()
    ([6, 3], [[6, 3], [3, 0]])

    `Pattern` tells one example from a list of them: a type, a tuple of types, or a function that is true of one
    example. Without it, a list is many examples if the function of its first element gives an array of that shape; so
    the function is called once more than needed. With `Batched` the function takes a list of examples and gives a list
    of arrays. `Initialization` is a function that is called once, before the first use. What matches the Pattern is
    never taken for encoded data, and without a Pattern nothing is.
    """

    kind: ClassVar[str] = "Function"

    function: FunctionField
    dims: ShapeField = PortType()
    Batched: Flag = False
    Pattern: PatternField = None
    Initialization: InitializationField = None

    def check(self) -> None:
        super().check()
        if self.Dimensions and self.dims.dims is None:
            raise ValueError("mapping over Dimensions needs dims, the shape of what the function gives")

    def shown(self, name: str) -> Any:
        value = self.__dict__[name]
        return Named(value) if callable(value) and not isinstance(value, type) else value

    def item_shape(self) -> tuple | None:
        return self.dims.dims

    def port_values(self) -> ElementType | None:
        return self.dims.values()

    def is_item(self, value: Any) -> bool:
        if self.Pattern is not None:
            return self.matches(value) or self._is_encoded(value)
        if not is_list(value) or not len(value):
            return True
        return not self._gives_array(next(iter(value))) and self._gives_array(value)

    def matches(self, value: Any) -> bool:
        """Whether a value matches the Pattern."""
        if isinstance(self.Pattern, (type, tuple)):
            return isinstance(value, self.Pattern)
        return bool(self.Pattern(value))

    def _is_encoded(self, value: Any) -> bool:
        is_numbers = isinstance(value, (np.ndarray, np.number)) and np.asarray(value).dtype.kind in "fiub"
        return is_numbers and self.item_shape() is not None and self._fits_shape(np.shape(value))

    def _gives_array(self, value: Any) -> bool:
        try:
            result = np.asarray(self._called([value])[0])
        except Exception:
            return False
        return result.dtype.kind in "fiub" and self._fits_shape(result.shape)

    def _fits_shape(self, got: tuple) -> bool:
        takes = self.item_shape()
        if takes is None:
            return True
        return len(got) == len(takes) and all(d == s for d, s in zip(takes, got, strict=True) if isinstance(d, int))

    def _called(self, items: list) -> Sequence:
        if self.Initialization is not None:
            begin(self.Initialization)
        return self.function(items) if self.Batched else [self.function(item) for item in items]

    def encode_items(self, items: list, refuse: Refuse) -> np.ndarray | list[np.ndarray]:
        encoded = [self.Pattern is not None and not self.matches(item) for item in items]
        for place, (item, passes) in enumerate(zip(items, encoded, strict=True)):
            if passes and not self._is_encoded(item):
                text = f"{brief(item)} does not match the Pattern {brief(self.shown('Pattern'))}"
                raise refuse(place, text, expected=self.Pattern, got=item)
        fresh = iter(self._results([item for item, passes in zip(items, encoded, strict=True) if not passes], refuse))
        return [
            np.asarray(item) if passes else self._array(next(fresh), place, refuse)
            for place, (item, passes) in enumerate(zip(items, encoded, strict=True))
        ]

    def _results(self, items: list, refuse: Refuse) -> Sequence:
        if not items:
            return []
        if not self.Batched:
            return [self._one_result(item, place, refuse) for place, item in enumerate(items)]
        try:
            results = self._called(items)
            count = len(results)
        except Exception as error:
            raise NetError(f"{self.label}: the function failed: {fault(error)}") from error
        if count != len(items):
            text = f"the function gave {count} results for {len(items)} examples"
            raise NetError(f"{self.label}: {text}", expected=len(items), got=count, hint="with Batched, one for each")
        return results

    def _one_result(self, item: Any, place: int, refuse: Refuse) -> Any:
        try:
            return self._called([item])[0]
        except Exception as error:
            raise refuse(place, f"the function of {self.label} failed: {fault(error)}", got=item) from error

    def _array(self, result: Any, place: int, refuse: Refuse) -> np.ndarray:
        try:
            array = np.asarray(result)
        except ValueError:
            array = np.asarray(None)
        if array.dtype.kind not in "fiub":
            text = f"the function of {self.label} must give an array of numbers, but gave {brief(result)}"
            raise refuse(place, text, expected="an array of numbers", got=result)
        if not self._fits_shape(array.shape):
            takes, got = dims_text(self.item_shape() or ()), dims_text(array.shape)
            text = f"the function of {self.label} must give {takes}, but gave {got}"
            raise refuse(place, text, expected=takes, got=got)
        return array


class FunctionDecoder(NetDecoder):
    """Applies a function to the array of an example.

    >>> from wlnet.coders import NetDecoder
    >>> NetDecoder("Function", lambda x: float(x.max()), InputDepth=1)([[1, 3, 2], [5, 4, 0]])
    [3.0, 5.0]
    >>> ends = NetDecoder("Function", lambda x, name: float(getattr(x, name)()), Properties=["max", "min"])
    >>> ends([1, 3, 2]), ends([1, 3, 2], "min")
    (3.0, 1.0)

    With `Properties` the function gets the name of one as its second argument, and the first is the default; a pair
    (name, argument) gets there whole. `InputDepth` is the rank of the array of one example; where it is Automatic, an
    array that is decoded alone is one example. `Initialization` is a function that is called once, before the first
    use.
    """

    kind: ClassVar[str] = "Function"

    function: FunctionField
    InputDepth: AutoWhole = Automatic
    Properties: NamesField = ()
    Initialization: InitializationField = None

    def check(self) -> None:
        """Any InputDepth will do."""

    def shown(self, name: str) -> Any:
        value = self.__dict__[name]
        if name == "Properties":
            return list(value)
        return Named(value) if callable(value) and not isinstance(value, type) else value

    @property
    def properties(self) -> list[str]:
        return list(self.Properties)

    def target_encoder(self, shape: tuple | None) -> None:
        """Targets are arrays: a function cannot be inverted."""

    def item_shape(self) -> tuple | None:
        return None if self.InputDepth is Automatic else (Automatic,) * self.InputDepth

    def argument(self, name: str, given: Any) -> Any:
        return given

    def named(self, prop: Any) -> tuple[str, Any]:
        if prop is DECISION:
            return (self.Properties[0] if self.Properties else ""), Automatic
        return super().named(prop)

    def decode_items(self, items: np.ndarray, name: str, argument: Any, random: np.random.Generator) -> list:
        if self.Initialization is not None:
            begin(self.Initialization)
        asked = (name if argument is Automatic else (name, argument),) if self.Properties else ()
        try:
            return [self.function(item, *asked) for item in items]
        except Exception as error:
            raise NetError(f"{self.label}: the function failed: {fault(error)}") from error
