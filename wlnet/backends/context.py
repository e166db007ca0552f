"""The context `xp` that layers compute with: what both backends share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np

from wlnet.core.errors import NetError

Array = Any  # a backend's array, or its tracer
Path = tuple[int | str, ...]


class Context:
    """One run's arithmetic: the mode, the place in the net, the random stream, and (in a backend) NumPy's names.

    A backend adds the words, among them the five this class uses itself: `where`, `arange`, `reshape`, `astype`, and
    `uniform`. A stream of random numbers is keyed by (seed, path, turns, draw): the same key always gives the same
    numbers.
    """

    where: Callable[..., Array]
    arange: Callable[..., Array]
    reshape: Callable[..., Array]
    astype: Callable[..., Array]
    uniform: Callable[..., Array]
    real: Array | None = None  # which examples of the batch are no padding, booleans (batch,); None where all are
    count: int = 1  # the number of examples of this run: what a layer without inputs repeats its output for
    turns: tuple = ()  # for each net around that runs more than once, which time this is: draws differ by it
    asked: frozenset[tuple[Path, str]] = frozenset()  # the outputs that exist only when they are asked for, and are
    seen: Callable[[Path, Mapping[str, Array]], Any] | None = None  # sees each inner layer's outputs, says what goes on
    instead: Mapping[type, Callable[..., Any]] = {}  # what computes layers of a class in the place of their `apply`

    def __init__(
        self,
        training: bool = False,
        precision: str = "float32",
        seed: Any = 0,
        dims: Mapping[Path, Mapping[str, Any]] | None = None,
    ) -> None:
        self.training = training
        self.precision = precision
        self.seed = seed
        self.dims: Mapping[Path, Mapping[str, Any]] = {} if dims is None else dims
        self.path: Path = ()
        self.draws = 0

    def derive(self, **facts: Any) -> Self:
        """The same context with some facts changed; a subclass needs nothing to take part."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.__dict__.update(facts)
        return other

    def at(self, path: Path) -> Self:
        """The same context for the layer at `path`, whose first draw is number 0."""
        return self.derive(path=tuple(path), draws=0)

    def next_draw(self) -> int:
        """The number of this draw; the next one gets the next number."""
        self.draws += 1
        return self.draws - 1

    def bernoulli(self, probability: Any, shape: tuple[int, ...]) -> Array:
        """1 with the given probability and else 0, as floats of this precision."""
        return self.astype(self.uniform(shape) < probability, float)

    def within(self, x: Array, length: Any) -> Array:
        """True where t < length along axis 1: shape (batch, x.shape[1], 1, ...), or (1, ...) for one length."""
        rank = np.ndim(length)
        places = self.reshape(self.arange(x.shape[1]), (1, -1) + (1,) * (x.ndim - 2))
        return places < (self.reshape(length, (-1,) + (1,) * (x.ndim - 1)) if rank else length)

    def masked(self, x: Array, length: Any, fill: Any = 0) -> Array:
        """x with `fill` at the places t >= length along axis 1; x itself where the length is an int."""
        if isinstance(length, (int, np.integer)):
            return x
        return self.where(self.within(x, length), x, fill)

    def refuse(self, wrong: Any, message: Callable[[tuple[int, ...]], str]) -> None:
        """A NetError where what only the data can tell is wrong anywhere; `message` is told the first such place.

        A compiled run cannot look, and goes on: what follows must bear wrong values too.
        """
        if np.any(wrong):
            raise NetError(message(tuple(map(int, np.argwhere(wrong)[0]))), path=self.path)

    def fit(self, number: Any, ndim: int) -> Any:
        """A number as it is; one number an example, shape (batch,), as floats that broadcast against rank `ndim`."""
        if isinstance(number, np.generic):
            return number.item()  # a NumPy scalar would widen single precision
        if np.ndim(number) == 0:
            return number
        return self.astype(self.reshape(number, (-1,) + (1,) * (ndim - 1)), float)
