"""NetEncoder: from what a user has to arrays, one example or many, and mapped over arrays of items."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, ClassVar, Self

import numpy as np

from wlnet.coders.coder import NetCoder
from wlnet.coders.dims import DimsField, dims_text
from wlnet.core.errors import NetError
from wlnet.core.refuse import brief

Refuse = Callable[..., NetError]
"""refuse(k, text, hint=…) is the error that says `text` of the item at place k, counted from 0."""


class NetEncoder(NetCoder):
    """Turns classes, truths, images … into arrays: `NetEncoder("Class", ["a", "b"])`, alone or on an input port.

    >>> from wlnet.coders import NetEncoder, NetDecoder
    >>> NetEncoder("Class", ["cat", "dog"])(["dog", "cat", "dog"]).tolist()
    [2, 1, 2]
    >>> NetEncoder(NetDecoder("Class", ["cat", "dog"]))
    NetEncoder("Class", ["cat", "dog"])

    Parameters are given by name, or as entries of a dict. `Dimensions` maps the encoder over an array of items. Data
    that are encoded already pass through, where they cannot be mistaken for data that are not.
    """

    family: ClassVar[str] = "NetEncoder"
    side: ClassVar[str | None] = "in"
    reads_files: ClassVar[bool] = False  # whether a text is the path of a file, which training reads batch by batch

    Dimensions: DimsField = ()

    def check(self) -> None:
        shape = self.port_shape() or ()
        if any(isinstance(dim, str) for dim in shape[1:]):
            raise ValueError(f"only the first level may vary, but the shape is {dims_text(shape)}")

    # --- what a kind says ---------------------------------------------------------------------------------------------

    def item_shape(self) -> tuple | None:
        """The shape of one encoded item; None where its rank is not known."""
        return ()

    def levels(self) -> tuple:
        """The sizes of the array of items over which it maps."""
        return self.Dimensions

    def is_item(self, value: Any) -> bool:
        """Whether a value is one item, encoded or not, rather than a list of them."""
        raise TypeError(f"{type(self).__name__} does not say what an item is")

    def encode_items(self, items: list, refuse: Refuse) -> np.ndarray | list[np.ndarray]:
        """The items encoded: one array with the items along axis 0, or a list of arrays where they differ in size."""
        raise TypeError(f"{type(self).__name__} does not encode")

    def read(self, value: Any) -> Any:
        """The data as the kind reads them, before they are told apart into one and many."""
        return value

    @property
    def varies(self) -> bool:
        """Whether training sees each item changed at random, anew in each round."""
        return False

    def varied(self, items: list, refuse: Refuse, random: np.random.Generator) -> list:
        """The items, changed at random; they are encoded afterwards."""
        return items

    @property
    def learns(self) -> bool:
        """Whether NetTrain is to learn it from the training data first."""
        return False

    def learned(self, examples: list, port: str) -> Self:
        """The encoder that has learned from examples."""
        return self

    # --- what evaluation asks -----------------------------------------------------------------------------------------

    def port_shape(self) -> tuple | None:
        """The shape of one example on the net's side."""
        inner = self.item_shape()
        return None if inner is None else (*self.levels(), *inner)

    def over(self, levels: tuple, rank: int | None = None) -> Self | None:
        """The encoder mapped over these levels too; None where what it gives varies, which only level 1 of a port may.

        >>> NetEncoder("Class", ["cat", "dog"]).over((3,))
        NetEncoder("Class", ["cat", "dog"], Dimensions=(3,))
        """
        shape = self.port_shape()
        if shape is None or any(isinstance(dim, str) for dim in (*levels[1:], *shape)):
            return None
        return self.changed(Dimensions=(*levels, *self.Dimensions))

    def of_an_item(self) -> Self | None:
        """The encoder mapped over all levels but the first; None where it maps over none.

        >>> NetEncoder("Class", ["cat", "dog"], Dimensions=(3,)).of_an_item()
        NetEncoder("Class", ["cat", "dog"])
        """
        return self.changed(Dimensions=self.Dimensions[1:]) if self.Dimensions else None

    def is_one(self, value: Any) -> bool:
        """Whether data are one example rather than a list of examples."""
        value = self.read(value)
        return self._fits(value, len(self.levels())) or not is_list(value)

    def _fits(self, value: Any, depth: int) -> bool:
        if depth == 0:
            return self.is_item(value)
        return is_list(value) and len(value) > 0 and self._fits(next(iter(value)), depth - 1)

    def encode(
        self, value: Any, many: bool, port: str | None = None, random: np.random.Generator | None = None,
        places: Sequence[int] | np.ndarray | None = None,
    ) -> np.ndarray | list[np.ndarray]:  # fmt: skip
        """One example as an array; many as one array, examples on axis 0, or a list where they differ in size.

        With a generator, items are first changed at random where the kind does so. `places` say which examples of more
        these are, counted from 0: messages name them.
        """
        name = port if port is not None else self.label
        value = self.read(value)
        if many and not is_list(value):
            raise NetError(f"{name}: {brief(value)} is not a list of examples", got=value)
        examples = list(value) if many else [value]
        if not examples:
            raise NetError(f"{name}: there are no examples", expected="at least one example", got=0)

        def refuse(k: int, text: str, **facts: Any) -> NetError:
            return _said(name, many, k if places is None else int(places[k]))(text, **facts)

        if self.levels():
            whole = self._encode_arrays(examples, name, refuse, random)
        else:
            whole = self._encoded(examples, refuse, random)
        return whole if many else np.asarray(whole[0])

    def _encoded(self, items: list, refuse: Refuse, random: np.random.Generator | None) -> np.ndarray | list:
        return _stacked(self.encode_items(items if random is None else self.varied(items, refuse, random), refuse))

    def _encode_arrays(
        self, examples: list, name: str, refuse: Refuse, random: np.random.Generator | None
    ) -> np.ndarray | list[np.ndarray]:
        """Examples that are arrays of items; `refuse` speaks of examples."""
        levels = self.levels()
        spreads = [self._spread(each, levels, partial(refuse, k)) for k, each in enumerate(examples)]
        ends = list(accumulate(len(part) for _, part in spreads))

        def refuse_item(place: int, text: str, **facts: Any) -> NetError:
            return refuse(bisect_right(ends, place), text, **facts)

        arrays = self._encoded([item for _, part in spreads for item in part], refuse_item, random)
        if isinstance(arrays, list):
            raise NetError(f"{name}: items of an array of items must be of one size", hint="leave Dimensions out")
        sizes, inner = [size for size, _ in spreads], arrays.shape[1:]
        if len(set(sizes)) == 1:
            return arrays.reshape(len(sizes), *sizes[0], *inner)
        starts = [0, *ends[:-1]]
        return [arrays[a:b].reshape(*size, *inner) for a, b, size in zip(starts, ends, sizes, strict=True)]

    def _spread(self, value: Any, levels: tuple, said: Callable[..., NetError]) -> tuple[tuple, list]:
        """The sizes of an array of items, and its items in order."""
        if not levels:
            return (), [value]
        if not is_list(value):
            raise said(f"expected a list of items, got {brief(value)}", expected=dims_text(self.levels()), got=value)
        parts = [self._spread(each, levels[1:], said) for each in value]
        sizes = {size for size, _ in parts}
        if isinstance(levels[0], int) and len(parts) != levels[0]:
            raise said(
                f"expected {levels[0]} items, got {len(parts)}",
                expected=levels[0],
                got=len(parts),
                hint=f"Dimensions are {dims_text(self.levels())}",
            )
        if len(sizes) != 1:
            fault = "differ in size" if sizes else "are none"
            raise said(f"the items of a level {fault}", hint=f"Dimensions are {dims_text(self.levels())}")
        return (len(parts), *sizes.pop()), [item for _, part in parts for item in part]

    def __call__(self, value: Any) -> Any:
        """Encodes one example, or each of a list of examples."""
        return self.encode(value, not self.is_one(value))


def is_list(value: Any) -> bool:
    """Whether a value holds others by position: a list, a tuple, an array, a column of a frame; not a text."""
    if isinstance(value, Sequence):
        return not isinstance(value, (str, bytes))
    return getattr(value, "ndim", 0) > 0


def _said(name: str, many: bool, example: int) -> Callable[..., NetError]:
    """Makes errors that name the port, and among many the example by its number."""
    number = f" (example {example + 1})" if many else ""
    return lambda text, **facts: NetError(f"{name}: {text}{number}", **facts)


def _stacked(arrays: np.ndarray | list[np.ndarray]) -> np.ndarray | list[np.ndarray]:
    """Arrays of one size as one array."""
    if isinstance(arrays, list) and len({array.shape for array in arrays}) == 1:
        return np.stack(arrays)
    return arrays
