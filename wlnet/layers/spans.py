"""Parts of a level: a place, a Span or All; what each takes of a level, and what a level must have for it."""

from collections.abc import Sequence
from typing import Any

from wlnet.core.dims import Refusal, Unknown, is_length
from wlnet.core.fields import as_number
from wlnet.core.sizes import at_least
from wlnet.core.symbols import All, Span, span

PARTS = 'a place, a span such as "2;;4", All, or a tuple of these; places count from 1, or from -1 backwards'


def parts(value: Any) -> Any:
    """The parts that a user's setting says: one, or a tuple of one for each level."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        if not value:
            raise ValueError("must name a part of at least one level")
        return tuple(map(_part, value))
    return _part(value)


def _part(value: Any) -> Any:
    if value is All or value == "All":
        return All
    if isinstance(value, str):
        try:
            value = span(value)
        except ValueError as error:
            raise ValueError(f"must be {error}") from None
    if isinstance(value, Span):
        return _checked_span(value)
    number = as_number(value)
    if not isinstance(number, int) or number == 0:
        raise ValueError(f"must be {PARTS}")
    return number


def _checked_span(value: Span) -> Span:
    start, step = as_number(value.start), as_number(value.step)
    stop: Any = All if value.stop is All else as_number(value.stop)
    if not all(isinstance(each, int) and each != 0 for each in (start, step, 1 if stop is All else stop)):
        raise ValueError(f"must be {PARTS}")
    if step < 0 and stop is All:  # backwards, an end that is left out is the other one: ";;;;-1" reverses
        start, stop = (-1 if start == 1 else start), 1
    if stop is not All and (start > 0) == (stop > 0) and (stop - start) * step < 0:
        raise ValueError(f"must be a span that does not end before it starts, not {value}")
    return Span(start, stop, step)


def count(part: Span, size: Any) -> Any:
    """How many places a span takes of a level: the steps from its first to its last, and one.

    >>> count(Span(2, -1, 2), 7), count(Span(-1, 1, -1), 5)
    (3, 5)
    """
    first, last = part.ends(size)
    return ((last - first) if part.step > 0 else (first - last)) // abs(part.step) + 1


def reach(part: Any) -> int:
    """The least size of a level that has the ends of a part."""
    ends = (part.start, part.stop) if isinstance(part, Span) else (part,)
    return max(abs(end) for end in ends if end is not All)


def growth(part: Span) -> int:
    """By how much the last place of a span moves away from its first when the level gets longer by one: 1, 0 or -1."""
    last_moves = part.stop is All or part.stop < 0
    return (last_moves - (part.start < 0)) * (1 if part.step > 0 else -1)


def from_end(part: Any) -> bool:
    """Whether the first place that a part takes is counted from the end."""
    return part is not All and (part if isinstance(part, int) else part.start) < 0


def index(part: Any, size: int) -> Any:
    """A part of a level of that size as Python's index, from 0 and with the end left out."""
    if part is All:
        return slice(None)
    if isinstance(part, int):
        return part - 1 if part > 0 else part
    first, last = part.ends(size)
    if part.step > 0:
        return slice(first - 1, last, part.step)
    return slice(first - 1, last - 2 if last > 1 else None, part.step)


def size_of(part: Any, places: Any) -> Any:
    """The size of a level of which a part takes so many places, where that is forced."""
    if part is All:
        return places
    if abs(part.step) > 1 or growth(part) == 0:
        return Unknown
    fixed = count(part, 0)
    return places - fixed if growth(part) > 0 else fixed - places


def refuse_missing(part: Any, size: Any, level: int) -> None:
    """Refuses places that a level has not, and spans that take nothing."""
    if part is All or size is Unknown:
        return
    if is_length(size):
        if isinstance(part, Span) and growth(part) < 0:
            raise Refusal(
                f"span {part} at level {level} would get shorter as its input gets longer",
                "count both ends of a span of a varying level from the same side, or the later one from the end",
            )
        at_least(size, reach(part), f"the size of level {level}")
        return
    ends = part.ends(size) if isinstance(part, Span) else Span(part, part).ends(size)
    written = (part.start, part.stop) if isinstance(part, Span) else (part,)
    for end, place in zip(written, ends, strict=False):
        if not 1 <= place <= size:
            raise Refusal(f"there is no place {end} at level {level}, whose size is {size}")
    if isinstance(part, Span) and count(part, size) < 1:
        raise Refusal(f"span {part} takes nothing of level {level}, whose size is {size}")
