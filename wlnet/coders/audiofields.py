"""The types of the parameters of sounds: rates, lengths, windows, loudness, frequencies."""

from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from wlnet.core.fields import as_number, frozen
from wlnet.core.symbols import All, Automatic, Quantity

SECONDS = {"Seconds": 1.0, "Milliseconds": 1e-3, "Minutes": 60.0}
HERTZ = {"Hertz": 1.0, "Kilohertz": 1e3}

WINDOW_NAMES = (
    "HannWindow", "HammingWindow", "BlackmanWindow", "BlackmanHarrisWindow", "BlackmanNuttallWindow", "BartlettWindow",
    "DirichletWindow", "FlatTopWindow", "TukeyWindow",
)  # fmt: skip


def in_unit(value: Any, units: dict[str, float]) -> float | None:
    """A Quantity as a number of the first unit; None where it is no such quantity.

    >>> in_unit(Quantity(25, "Milliseconds"), SECONDS)
    0.025
    """
    if not isinstance(value, Quantity) or value.unit not in units or as_number(value.number) is None:
        return None
    return float(value.number) * units[value.unit]


def _rate(value: Any) -> int:
    number = in_unit(value, HERTZ) if isinstance(value, Quantity) else as_number(value)
    if number is None or not 1 <= number < 1e9 or number != int(number):
        raise ValueError("must be a positive whole number of samples a second")
    return int(number)


RateField = Annotated[Any, BeforeValidator(_rate)]


def _length(value: Any, words: str) -> Any:
    """A positive whole number, or a quantity of time above 0."""
    number, seconds = as_number(value), in_unit(value, SECONDS)
    if isinstance(number, int) and number > 0:
        return number
    if seconds is not None and 0 < seconds < np.inf:
        return value
    raise ValueError(f'must be {words}, or a time such as Quantity(0.5, "Seconds")')


def _target(value: Any) -> Any:
    if value is All or value == "All":
        return All
    return _length(value, "All, a positive whole number of partitions")


def _window_length(value: Any) -> Any:
    return value if value is Automatic else _length(value, "Automatic, a positive whole number of samples")


LengthField = Annotated[Any, BeforeValidator(_target)]
WindowLengthField = Annotated[Any, BeforeValidator(_window_length)]


def count_of(length: Any, rate: int) -> int:
    """The number of samples of a length, at least 1."""
    seconds = in_unit(length, SECONDS)
    return length if seconds is None else max(1, round(seconds * rate))


def _normalization(value: Any) -> Any:
    if value is None:
        return None
    pair = value if isinstance(value, (tuple, list)) and len(value) == 2 else (value, 1.0)
    name = getattr(pair[0], "name", pair[0])
    number = as_number(pair[1])
    known = name == "Max" or (name == "RMS" and pair is value)
    if not known or number is None or not 0 < number < np.inf:
        raise ValueError('must be None, "Max", ("Max", v) or ("RMS", v), with v above 0')
    return (name, float(number))


NormalizationField = Annotated[Any, BeforeValidator(_normalization)]


def _window_function(value: Any) -> Any:
    name = getattr(value, "name", value)
    if value is None or value is Automatic:
        return value
    if isinstance(name, str):
        full = name if name.endswith("Window") else f"{name}Window"
        if full in WINDOW_NAMES:
            return full
        raise ValueError(f"must be one of {', '.join(WINDOW_NAMES)}")
    if callable(value):
        return value
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind in "fi" and array.ndim == 1 and array.size and np.isfinite(array).all():
        return frozen(np.array(array, dtype=np.float64))
    raise ValueError("must be Automatic, None, the name of a window, a function of -1/2 … 1/2, or a list of weights")


WindowFunctionField = Annotated[Any, BeforeValidator(_window_function)]


def _frequency(value: Any) -> Any:
    if value is Automatic:
        return value
    number = in_unit(value, HERTZ) if isinstance(value, Quantity) else as_number(value)
    if number is None or not 0 <= number < np.inf:
        raise ValueError("must be Automatic, or a number of hertz, 0 or more")
    return float(number)


FrequencyField = Annotated[Any, BeforeValidator(_frequency)]
