"""PartLayer and PaddingLayer: some of the elements, and elements around them."""

import math
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal, Unknown, is_length
from wlnet.core.fields import as_number
from wlnet.core.layer import Layer, dimension
from wlnet.core.slots import Slot, gives, takes
from wlnet.core.symbols import All, Span
from wlnet.core.types import Real, Same
from wlnet.layers.spans import count, from_end, index, parts, refuse_missing, size_of


class PartLayer(Layer):
    """Output = Input[[part]]: a place (the level disappears), a span "i;;j" or "i;;j;;k", All, or one of these a level.

    Places count from 1, and from -1 backwards; both ends of a span are taken. In a varying level places from the end
    count from the true end, and a sequence must be long enough to have the part. A span whose two ends count from the
    same side takes a fixed number of places, whatever the length.

    >>> PartLayer("2;;3")([5, 6, 7, 8]).tolist(), PartLayer((All, -1))([[5, 6], [7, 8]]).tolist()
    ([6.0, 7.0], [6.0, 8.0])
    """

    spec: Annotated[Any, BeforeValidator(parts)]

    Input = takes("*shape", of=Same())
    Output = gives("*taken", of=Same())

    @property
    def by_level(self) -> tuple:
        """The parts of the first levels; those that follow are taken whole."""
        return self.spec if isinstance(self.spec, tuple) else (self.spec,)

    @dimension
    def taken(self, shape: tuple) -> tuple:
        named = self.by_level
        if len(named) > len(shape):
            raise Refusal(
                f"a part of {len(named)} levels needs an Input of rank {len(named)} or more, not {len(shape)}"
            )
        for level, (part, size) in enumerate(zip(named, shape, strict=False), start=1):
            refuse_missing(part, size, level)
        sizes = [
            size if part is All else _count(part, size)
            for part, size in zip(named, shape, strict=False)
            if not isinstance(part, int)
        ]
        return (*sizes, *shape[len(named) :])

    @dimension("shape")
    def whole(self, taken: tuple) -> tuple:
        """What the output tells of the input."""
        sizes = list(taken)
        kept = sum(not isinstance(part, int) for part in self.by_level)
        if len(sizes) < kept:
            raise Refusal(f"the part keeps {kept} levels or more, but Output has rank {len(sizes)}")
        return (
            *(Unknown if isinstance(part, int) else size_of(part, sizes.pop(0)) for part in self.by_level),
            *sizes,
        )

    def apply(self, xp: Any, Input: Any, shape: tuple) -> Any:
        named = self.by_level
        if not isinstance(shape[0], int) and from_end(named[0]):
            Input = self.gathered(xp, Input, named[0], shape[0])
            named = (1 if isinstance(named[0], int) else All, *named[1:])
        return Input[(slice(None), *(index(part, size) for part, size in zip(named, Input.shape[1:], strict=False)))]

    def gathered(self, xp: Any, x: Any, part: Any, length: Any) -> Any:
        """The places of level 1 that count from the true end, one row of places an example."""
        first, step = (part.start, part.step) if isinstance(part, Span) else (part, 1)
        most = count(part, x.shape[1]) if isinstance(part, Span) else 1
        places = xp.reshape(length, (-1, 1)) + first + step * xp.reshape(xp.arange(most), (1, -1))
        return xp.gather(x, xp.clip(places, 0, x.shape[1] - 1))


def _count(part: Span, size: Any) -> Any:
    """How many places a span takes; that may be known where the size is not."""
    same_side = part.stop is not All and (part.start > 0) == (part.stop > 0)
    return count(part, 0) if same_side else count(part, size)


def _widths(value: Any) -> Any:
    said = "must be a list of pairs (before, after) of whole numbers, 0 or more, one pair a level"
    if not isinstance(value, Sequence) or isinstance(value, str) or not len(value):
        raise ValueError(said)
    if not all(isinstance(pair, Sequence) and not isinstance(pair, str) and len(pair) == 2 for pair in value):
        raise ValueError(said)
    widths = tuple(tuple(map(as_number, pair)) for pair in value)
    if not all(isinstance(width, int) and width >= 0 for pair in widths for width in pair):
        raise ValueError(said)
    return widths


def _padding(value: Any) -> Any:
    number = as_number(value)
    if value in ("Fixed", "Reflected"):
        return value
    if number is None or not math.isfinite(number):
        raise ValueError('must be a number, "Fixed" or "Reflected"')
    return number


class PaddingLayer(Layer):
    """Output = Input with elements put around it: `widths` has (before, after) for each level.

    Padding is the number that is put there; "Fixed" repeats the border; "Reflected" mirrors what stands behind the
    border, which itself is not repeated. A varying level takes (0, 0) alone.

    >>> PaddingLayer([(1, 2)])([5, 6, 7]).tolist()
    [0.0, 5.0, 6.0, 7.0, 0.0, 0.0]
    >>> PaddingLayer([(2, 2)], Padding="Reflected")([5, 6, 7]).tolist()
    [7.0, 6.0, 5.0, 6.0, 7.0, 6.0, 5.0]
    """

    widths: Annotated[Any, BeforeValidator(_widths)]
    Padding: Annotated[Any, BeforeValidator(_padding)] = 0

    Input = takes("*shape", of=Same())
    Output = gives("*padded", of=Same())

    def ports(self) -> dict[str, Slot]:
        return self.slots if isinstance(self.Padding, str) else WITH_NUMBERS

    def words(self) -> dict[str, Any]:
        rank = (Unknown,) * len(self.widths)
        return {"shape": rank, "padded": rank}

    @dimension
    def padded(self, shape: tuple) -> tuple:
        for level, (size, widths) in enumerate(zip(shape, self.widths, strict=True), start=1):
            self.refuse(level, size, widths)
        return tuple(size + before + after for size, (before, after) in zip(shape, self.widths, strict=True))

    @dimension("shape")
    def inner(self, padded: tuple) -> tuple:
        return tuple(size - before - after for size, (before, after) in zip(padded, self.widths, strict=True))

    def refuse(self, level: int, size: Any, widths: tuple[int, int]) -> None:
        """Refuses to pad what varies, and to mirror more than there is."""
        if is_length(size) and max(widths):
            raise Refusal(f"level {level} varies, so its widths must be (0, 0), not {widths}")
        if self.Padding == "Reflected" and isinstance(size, int) and max(widths) >= size:
            raise Refusal(
                f"level {level} has size {size}, so it can be mirrored by {size - 1} at most, not {max(widths)}",
                'Padding="Fixed" repeats the border any number of times',
            )

    def apply(self, xp: Any, Input: Any) -> Any:
        if not isinstance(self.Padding, str):
            return xp.pad(Input, ((0, 0), *self.widths), "constant", constant_values=self.Padding)
        for level, (before, after) in enumerate(self.widths, start=1):
            borders = self.border(xp, Input, level, before, True), self.border(xp, Input, level, after, False)
            if before or after:
                Input = xp.concatenate([*borders[0], Input, *borders[1]], level)
        return Input

    def border(self, xp: Any, x: Any, level: int, width: int, first: bool) -> list:
        """What stands before, or behind, a level; nothing where the width is 0."""
        if not width:
            return []
        size = x.shape[level]
        if self.Padding == "Fixed":
            edge = x[_at(level, slice(0, 1) if first else slice(size - 1, size))]
            return [xp.repeat(edge, width, level)]
        end = size - 2 - width
        return [x[_at(level, slice(width, 0, -1) if first else slice(size - 2, end if end >= 0 else None, -1))]]


def _at(level: int, places: slice) -> tuple:
    return (*(slice(None),) * level, places)


WITH_NUMBERS = {"Input": takes("*shape", of=Real()), "Output": gives("*padded")}
"""The ports where numbers are put in: what comes in must be real numbers, since a class could not be 0."""
