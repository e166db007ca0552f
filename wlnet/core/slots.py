"""Ports and arrays as a layer declares them: `Input = takes("channels *size")`, `Weights = learned("n size")`."""

from dataclasses import dataclass, field
from typing import Any

from wlnet.core.types import Real


@dataclass(frozen=True, slots=True)
class Slot:
    """One port or array of a layer: its kind, its shape in words, what its values are, how it starts.

    kind is "in", "out", "aside" (an output that exists only when it is asked for), "learned" (trained), "moving"
    (statistics) or "state" (of a recurrent layer).
    start is the number an array begins with; None leaves it to the method of NetInitialize.
    """

    kind: str
    words: tuple
    of: Any = None
    start: float | None = None
    optional: bool = False
    name: str = field(default="", compare=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

    def __get__(self, layer: Any, owner: type) -> Any:
        """`layer.Weights` is the array, `layer.Input` the port type; of the class it is the declaration."""
        return self if layer is None else layer.part(self.name)

    @property
    def is_array(self) -> bool:
        """Whether the slot holds an array of the layer's own."""
        return self.kind in ("learned", "moving")

    @property
    def is_constant(self) -> bool:
        """Whether it holds numbers that belong to the net's definition: nothing trains, draws or strips them."""
        return self.kind == "moving" and self.start is None


def words_of(text: str) -> tuple:
    """ "channels *size" as a tuple of (is starred, name or fixed size)."""
    tokens = [(word.startswith("*"), word.lstrip("*")) for word in text.split()]
    if sum(star for star, _ in tokens) > 1:
        raise TypeError(f"{text!r} has two starred words: which would take what?")
    return tuple((star, int(word) if word.isdigit() else word) for star, word in tokens)


def takes(words: str, of: Any = None) -> Any:
    """An input port of that shape."""
    return Slot("in", words_of(words), of)


REAL = Real()


def gives(words: str, of: Any = REAL) -> Any:
    """An output port of that shape."""
    return Slot("out", words_of(words), of)


def aside(words: str) -> Any:
    """An output that exists only when NetPort asks for it; `apply` gives it if `(xp.path, name)` is in `xp.asked`."""
    return Slot("aside", words_of(words), REAL)


def learned(words: str, start: float | None = None, optional: bool = True) -> Any:
    """A trained array of that shape. Optional arrays may be None, which means that there is none."""
    return Slot("learned", words_of(words), None, start, optional)


def moving(words: str, start: float) -> Any:
    """An array that training updates without a gradient, such as a moving average."""
    return Slot("moving", words_of(words), None, start)


def state(words: str) -> Any:
    """A state of a recurrent layer: what goes in by this port comes first, what comes out of it is the last one."""
    return Slot("state", words_of(words), REAL)
