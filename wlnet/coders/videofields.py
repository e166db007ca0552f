"""The types of the parameters of videos: frame rates, times, numbers of frames, the order of levels."""

from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from wlnet.coders.audiofields import SECONDS, in_unit
from wlnet.core.fields import as_number
from wlnet.core.symbols import Automatic, Inherited, Quantity

LEVELS = ("Time", "Channels", "Height", "Width")


def _frame_rate(value: Any) -> Any:
    if value is Inherited or value == "Inherited":
        return Inherited
    number = as_number(value)
    if number is None or not 0 < number < np.inf:
        raise ValueError("must be a number of frames a second above 0, or Inherited")
    return number


def _start(value: Any) -> float:
    number = in_unit(value, SECONDS) if isinstance(value, Quantity) else as_number(value)
    if number is None or not 0 <= number < np.inf:
        raise ValueError('must be a number of seconds, 0 or more, or a time such as Quantity(500, "Milliseconds")')
    return float(number)


def _frames(value: Any) -> Any:
    number, seconds = as_number(value), in_unit(value, SECONDS)
    if value is Automatic or (isinstance(number, int) and number > 0):
        return value if number is None else number
    if seconds is not None and 0 < seconds < np.inf:
        return value
    raise ValueError(
        'must be Automatic, a positive whole number of frames, or a time such as Quantity(2, "Seconds")'
    )  # fmt: skip


def _levels(value: Any) -> Any:
    if value is Automatic:
        return value
    names = tuple(str(getattr(each, "name", each)) for each in value) if isinstance(value, (tuple, list)) else ()
    if sorted(names) != sorted(LEVELS):
        raise ValueError(f"must be Automatic, or the names {', '.join(LEVELS)} in some order")
    return names


FrameRateField = Annotated[Any, BeforeValidator(_frame_rate)]
StartField = Annotated[Any, BeforeValidator(_start)]
FramesField = Annotated[Any, BeforeValidator(_frames)]
LevelsField = Annotated[Any, BeforeValidator(_levels)]


def frame_count(length: Any, rate: Any) -> int | None:
    """The number of frames of a TargetLength; None for Automatic."""
    if length is Automatic:
        return None
    if isinstance(length, int):
        return length
    return max(1, round((in_unit(length, SECONDS) or 0) * rate))
