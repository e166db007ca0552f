"""Windows: how many places a window has along a level, the padding around it, and the settings that say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal, Unknown, known
from wlnet.core.fields import Sizes, Whole, as_number, or_automatic
from wlnet.core.symbols import Automatic

MOST = 3
"""The greatest number of dimensions of space."""


def _window_sizes(value: Any) -> Any:
    check: Any = Sizes.__metadata__[0].func
    try:
        found = check(value)
    except ValueError:
        found = ()
    if found == () or (isinstance(found, tuple) and len(found) > MOST):
        raise ValueError(f"must be a positive whole number, or a tuple of 1 to {MOST} of them")
    return found


def _padding(value: Any) -> Any:
    """A padding as the user wrote it, lists as tuples."""
    if isinstance(value, str) and value == "Same":
        return value
    value = value.tolist() if hasattr(value, "tolist") else value
    try:
        if _is_listed(value) and 1 <= len(value) <= MOST:
            if all(_is_listed(item) and len(item) == 2 for item in value):
                return tuple((_whole(before), _whole(after)) for before, after in value)
            return tuple(map(_whole, value))
        return _whole(value)
    except ValueError:
        raise ValueError(
            f'must be a whole number, 0 or more, a tuple of 1 to {MOST} of them or of pairs (before, after), or "Same"'
        ) from None


_whole: Any = Whole.__metadata__[0].func


def _is_listed(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _dimensionality(value: Any) -> Any:
    number = as_number(value)
    if value is not Automatic and number not in range(1, MOST + 1):
        raise ValueError(f"must be a whole number from 1 to {MOST}, or Automatic")
    return value if value is Automatic else int(number)


WindowSizes = Annotated[Any, BeforeValidator(_window_sizes)]
AutoWindowSizes = Annotated[Any, or_automatic(BeforeValidator(_window_sizes))]
PaddingSizes = Annotated[Any, BeforeValidator(_padding)]
Dimensions = Annotated[Any, BeforeValidator(_dimensionality)]


@dataclass(frozen=True, slots=True)
class Window:
    """The window along one level: how many taps it has, how far it steps, how far its taps lie apart, and the padding.

    `padding` is (before, after), or "Same": then it is as much as makes ⌈size / stride⌉ places, half of it before,
    and the odd one after. Sizes may be numbers, unknown, lengths, or arrays of lengths.

    >>> Window(3, stride=2, padding=(1, 0)).places(8), Window(3, stride=2, padding="Same").around(8)
    (4, (0, 1))
    """

    kernel: Any
    stride: int = 1
    dilation: int = 1
    padding: Any = (0, 0)

    @property
    def reach(self) -> Any:
        """How many elements the window spans, from its first tap to its last."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def is_shifting(self) -> bool:
        """Whether the padding depends on the size."""
        return self.padding == "Same" and self.stride > 1

    def places(self, size: Any) -> Any:
        """How many places the window has on a level of that size: ⌊(size + padding - reach) / stride⌋ + 1."""
        if self.padding == "Same":
            return -(-size // self.stride)
        return (size + sum(self.padding) - self.reach) // self.stride + 1

    def size(self, places: Any) -> Any:
        """The size of a level on which the window has so many places; several have, where the window steps further."""
        if self.stride > 1:
            return Unknown
        return places if self.padding == "Same" else places + self.reach - 1 - sum(self.padding)

    def around(self, size: Any, maximum: Any = max) -> tuple[Any, Any]:
        """The padding before and after a level of that size."""
        if self.padding != "Same":
            return self.padding
        total = maximum((self.places(size) - 1) * self.stride + self.reach - size, 0)
        return total // 2, total - total // 2

    def refuse_small(self, size: Any, level: int) -> None:
        """Refuses a level that is too small for the window to have a place."""
        if self.padding == "Same" or not known(size) or not known(self.reach):
            return
        padded = size + sum(self.padding)
        if padded < self.reach:
            with_padding = f" ({padded} with its padding)" if padded > size else ""
            raise Refusal(
                f"a window that spans {self.reach} does not fit into level {level} of Input, whose size is "
                f"{size}{with_padding}",
                "make Input or PaddingSize larger, or the kernel smaller",
            )


def shifted(xp: Any, x: Any, length: Any, window: Window, fill: float) -> Any:
    """x (B, L, ...) padded along axis 1 by what each example's length asks for, with `fill` around the true part."""
    before, _ = window.around(length, xp.maximum)
    width = (window.places(x.shape[1]) - 1) * window.stride + window.reach
    place = xp.reshape(xp.arange(width), (1, -1)) - xp.reshape(before, (-1, 1))
    true = xp.logical_and(place >= 0, place < xp.reshape(length, (-1, 1)))
    moved = xp.gather(x, xp.clip(place, 0, x.shape[1] - 1))
    return xp.where(xp.reshape(true, (*true.shape, *(1,) * (x.ndim - 2))), moved, fill)


def each(value: Any, rank: int) -> tuple:
    """A setting as one value for each dimension of space."""
    return value if isinstance(value, tuple) else (value,) * rank


@lru_cache(512)
def windows_of(kernel: tuple, padding: Any, steps: tuple[tuple[str, Any], ...]) -> tuple[Window, ...]:
    """The window along each dimension of space, by the settings; kept, because every evaluation asks for it."""
    rank = len(kernel)
    pairs = [one if isinstance(one, tuple) or one == "Same" else (one, one) for one in each(padding, rank)]
    named = [(name.lower(), each(value, rank)) for name, value in steps]
    return tuple(
        Window(kernel[k], padding=pairs[k], **{name: values[k] for name, values in named}) for k in range(rank)
    )


def spaces(rank: int) -> str:
    """So many dimensions of space, in words."""
    return f"{rank} dimension{'s' * (rank != 1)} of space"
