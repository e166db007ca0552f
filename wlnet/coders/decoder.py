"""NetDecoder: from arrays to what a user reads, one example or many, with properties."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, ClassVar, Self

import numpy as np

from wlnet.coders.coder import NetCoder
from wlnet.coders.dims import dims_text
from wlnet.core.errors import NetError
from wlnet.core.fields import Whole
from wlnet.core.ports import DECISION
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic


class NetDecoder(NetCoder):
    """Turns arrays into classes, truths, images …: `NetDecoder("Class", ["a", "b"])`, alone or on an output port.

    >>> from wlnet.coders import NetDecoder
    >>> decoder = NetDecoder("Class", ["cat", "dog"])
    >>> decoder([0.25, 0.75]), decoder([[0.25, 0.75], [1, 0]], "Probabilities")
    ('dog', [{'cat': 0.25, 'dog': 0.75}, {'cat': 1.0, 'dog': 0.0}])
    >>> decoder.properties[:3]
    ['Decision', 'TopDecisions', 'TopProbabilities']

    `InputDepth` is the rank of the array of one example; levels beyond what one item takes give nested lists. The
    property None gives the array itself.
    """

    family: ClassVar[str] = "NetDecoder"
    side: ClassVar[str | None] = "out"

    InputDepth: Whole = 0

    def check(self) -> None:
        least = len(self.item_shape() or ())
        if self.InputDepth < least:
            raise ValueError(f"InputDepth must be at least {least}, got {self.InputDepth}")

    def over(self, levels: tuple, rank: int | None = None) -> Self | None:
        """The decoder of arrays of what this one decodes; None where it would take the whole array as one item.

        >>> NetDecoder("Class", ["cat", "dog"]).over((3,))
        NetDecoder("Class", ["cat", "dog"], InputDepth=2)
        """
        if self.item_shape() is None:
            return None
        deeper = self.changed(InputDepth=self.InputDepth + len(levels))
        return deeper if deeper.item_shape() == self.item_shape() else None

    def of_an_item(self) -> Self | None:
        """The decoder of arrays of one level less; None where this one takes its first level as a part of one item.

        >>> NetDecoder("Class", ["cat", "dog"], InputDepth=2).of_an_item()
        NetDecoder("Class", ["cat", "dog"])
        """
        item = self.item_shape()
        if item is None or self.InputDepth <= len(item):
            return None
        below = self.changed(InputDepth=self.InputDepth - 1)
        return below if below.item_shape() == item else None

    # --- what a kind says ---------------------------------------------------------------------------------------------

    @property
    def properties(self) -> list[str]:
        """The names of the properties, the default first."""
        return []

    def item_shape(self) -> tuple | None:
        """The shape of one item; None where its rank is not known."""
        return ()

    def decode_items(self, items: np.ndarray, name: str, argument: Any, random: np.random.Generator) -> Sequence:
        """A value for each of the items, which lie along axis 0; `name` is "Decision" or another property."""
        raise TypeError(f"{type(self).__name__} does not decode")

    def argument(self, name: str, given: Any) -> Any:
        """The argument of a property, checked; `given` is Automatic where the property was named without one."""
        if given is not Automatic:
            raise NetError(f"{self.label}: {name} takes no argument, got {brief(given)}", got=given)
        return given

    def target_encoder(self, shape: tuple | None) -> Any:
        """The encoder of what an output of this shape should be, in training; None where targets are arrays."""
        return self.counterpart()

    def sizes(self, shape: tuple | None) -> tuple[tuple, tuple]:
        """The levels of an output over which it maps, and the sizes of one item, which must be known."""
        lead, item = (() if shape is None else shape[: self._lead]), (None,) if shape is None else shape[self._lead :]
        if not all(isinstance(size, int) for size in (*item, *lead[1:])):
            text = f"{self.label}: targets need an output of known size"
            raise NetError(text, hint="give the net's Output its sizes")
        return tuple(size if isinstance(size, int) else "Varying" for size in lead), item

    # --- what evaluation asks -----------------------------------------------------------------------------------------

    def port_shape(self) -> tuple | None:
        """The shape of one example on the net's side."""
        inner = self.item_shape()
        return None if inner is None else (*(Automatic,) * self._lead, *inner)

    def check_property(self, prop: Any) -> None:
        """Refuses what is no property of this decoder."""
        if prop is not None:
            self.named(prop)

    def named(self, prop: Any) -> tuple[str, Any]:
        """A property as its name and its checked argument."""
        if prop is DECISION:
            return "Decision", Automatic
        if isinstance(prop, Mapping) and len(prop) == 1:
            prop = next(iter(prop.items()))
        name, given = prop if isinstance(prop, tuple) and len(prop) == 2 else (prop, Automatic)
        if not isinstance(name, str) or name not in self.properties:
            raise self._no_property(prop)
        return name, self.argument(name, given)

    def _no_property(self, prop: Any) -> NetError:
        wrong = str(prop[0] if isinstance(prop, tuple) and prop else prop).lower()
        alike = {name: SequenceMatcher(None, wrong, name.lower()).ratio() for name in self.properties}
        near = sorted(alike, key=lambda name: -alike[name] if alike[name] > 0.6 else 0)
        hint = f"there are {', '.join([*near, 'None'])}" if near else "there is only None, which gives the array"
        return NetError(f"{brief(prop)} is not a property of {self.label}", expected=near, got=prop, hint=hint)

    def decode_all(self, rows: Sequence, prop: Any = DECISION, random: Any = Automatic) -> list:
        """The value of each row; `random` is a seed or a NumPy generator for properties that draw."""
        arrays = [np.asarray(row) for row in rows]
        if prop is None or not arrays:
            return arrays
        name, argument = self.named(prop)
        for array in arrays:
            self._refuse_shape(array.shape)
        stream = generator(random)
        if len({array.shape[self._lead :] for array in arrays}) > 1:
            return [each for array in arrays for each in self._decoded([array], name, argument, stream)]
        return self._decoded(arrays, name, argument, stream)

    @property
    def _lead(self) -> int:
        """The number of levels of an example over which it maps."""
        inner = self.item_shape()
        return 0 if inner is None else self.InputDepth - len(inner)

    def _decoded(self, arrays: list[np.ndarray], name: str, argument: Any, stream: np.random.Generator) -> list:
        """The value of each of some arrays whose items are of one size."""
        flat = [array.reshape(-1, *array.shape[self._lead :]) for array in arrays]
        values = iter(self.decode_items(np.concatenate(flat), name, argument, stream))
        return [nested(values, array.shape[: self._lead]) for array in arrays]

    def _refuse_shape(self, got: tuple) -> None:
        takes = self.port_shape()
        if takes is None:
            return
        fits = len(got) == len(takes) and all(d == s for d, s in zip(takes, got, strict=True) if isinstance(d, int))
        if not fits or 0 in got:
            raise NetError(
                f"{self.label} takes {dims_text(takes)}, but the data are of shape {dims_text(got)}",
                expected=dims_text(takes),
                got=dims_text(got),
            )

    def is_one(self, data: np.ndarray | list[np.ndarray]) -> bool:
        """Whether data are one example rather than a list of examples."""
        takes = self.port_shape()
        return not isinstance(data, list) and (takes is None or data.ndim != len(takes) + 1)

    def __call__(self, data: Any, prop: Any = DECISION, *, RandomSeeding: Any = Automatic) -> Any:
        """Decodes one example, or each of a list of examples; a list of properties gives a dict of them."""
        if isinstance(prop, str) and prop == "Properties":
            return self.properties
        if isinstance(prop, list):
            seed = generator(RandomSeeding)
            return {_key(each): self(data, each, RandomSeeding=seed) for each in prop}
        data = arrays_of(data, self.label)
        if self.is_one(data):
            return self.decode_all([data], prop, RandomSeeding)[0]
        values = self.decode_all(list(data), prop, RandomSeeding)
        return data if prop is None else values


def generator(seed: Any) -> np.random.Generator:
    """The stream of a seed: a whole number, a NumPy generator, or Automatic for a fresh one."""
    if isinstance(seed, np.random.Generator):
        return seed
    if seed is Automatic:
        return np.random.default_rng()
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool) and seed >= 0:
        return np.random.default_rng(int(seed))
    raise NetError(
        f"RandomSeeding must be a whole number, a NumPy generator or Automatic, got {brief(seed)}",
        got=seed,
        hint="the same seed gives the same choices",
    )


def nested(values: Iterator, sizes: tuple) -> Any:
    """The next values as lists in lists of these sizes."""
    return [nested(values, sizes[1:]) for _ in range(sizes[0])] if sizes else next(values)


def arrays_of(data: Any, label: str) -> np.ndarray | list[np.ndarray]:
    """Numbers as one array, or as a list of arrays where examples differ in size."""
    try:
        array = np.asarray(data)
    except ValueError:
        return [arrays_of(each, label) for each in data]  # type: ignore[misc]
    if array.dtype.kind not in "fiub":
        raise NetError(f"{label} takes an array of numbers, got {brief(data)}", got=data)
    return array


def _key(prop: Any) -> Any:
    try:
        hash(prop)
    except TypeError:
        return repr(prop)
    return prop
