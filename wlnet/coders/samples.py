"""Sounds as samples: what a user may give, one channel in double precision at one rate, and its loudness."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.fields import as_number
from wlnet.core.refuse import brief

MOST_CHANNELS = 32
"""More channels than this are samples that lie across."""

FEW_CHANNELS = 8
"""An array of two levels is one sound if its last level is at most this, and the shorter; else a list of sounds."""

LOUDEST = 1e9
"""Samples beyond this are no sound, and their spectra would exceed single precision."""

FORMS = "give a path of a WAV file, (rate, samples), or an array of samples, in which channels come last"


@dataclass(frozen=True, eq=False)
class Sound:
    """Samples of one channel at the encoder's rate, ready to be encoded; `warp` stretches its frequencies (VTLP)."""

    samples: np.ndarray
    warp: float = 1.0


def sounds() -> Any:
    """The module that reads and resamples sounds; it is imported when it is first needed, and needs SciPy."""
    try:
        return import_module("wlnet.coders.sounds")
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] != "scipy":
            raise
        raise NetError(
            "WAV files, other sample rates and windows need the package scipy", hint="pip install wlnet[audio]"
        ) from missing


def is_pair(value: Any) -> bool:
    """Whether a value is (rate, samples)."""
    if not isinstance(value, (tuple, list)) or len(value) != 2 or as_number(value[0]) is None:
        return False
    return isinstance(value[1], (list, tuple)) or getattr(value[1], "ndim", 0) > 0


def has_channels(value: np.ndarray) -> bool:
    """Whether an array is samples × channels rather than a list of sounds."""
    return value.ndim == 2 and 1 <= value.shape[1] <= min(FEW_CHANNELS, value.shape[0])


def samples_of(item: Any, rate: int, refuse: Callable[..., NetError]) -> np.ndarray:
    """One sound as samples of one channel at a rate; the mean of its channels. Samples alone are at that rate."""
    if isinstance(item, (str, Path)):
        own, given = sounds().opened(item, refuse)
    elif is_pair(item):
        own, given = _rate(item[0], refuse), item[1]
    else:
        own, given = rate, item
    mono = _mono(_amplitudes(given, refuse), refuse)
    return mono if own == rate else sounds().resampled(mono, own, rate)


def _rate(value: Any, refuse: Callable[..., NetError]) -> int:
    number = as_number(value)
    if number is None or number < 1 or number != int(number):
        text = f"the sample rate must be a positive whole number, got {brief(value)}"
        raise refuse(text, got=value, hint="write (rate, samples)")
    return int(number)


def _amplitudes(given: Any, refuse: Callable[..., NetError]) -> np.ndarray:
    """Samples in double precision; whole numbers of a sound file's types go from -1 to 1."""
    try:
        array = np.asarray(given)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "fiu" or array.ndim not in (1, 2):
        got = f"an array of shape {array.shape}" if isinstance(given, np.ndarray) else brief(given)
        raise refuse(f"{got} is not a sound", got=given, hint=FORMS)
    if not array.size:
        raise refuse("the sound is empty", expected="at least one sample", got=array.shape)
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise refuse("the sound holds samples that are not finite", hint="remove or replace them first")
        wide = array.astype(np.float64)
        if abs(wide).max() > LOUDEST:
            raise refuse(f"the sound goes up to {abs(wide).max():g}", hint="scale it: full loudness is 1")
        return wide
    if array.dtype == np.uint8:
        return (array.astype(np.float64) - 128) / 128
    if array.dtype.kind == "i" and array.dtype.itemsize < 8:
        return array / float(-np.iinfo(array.dtype).min)
    if abs(array).max() > 1:
        text = f"a sound of whole numbers of type {array.dtype} goes from -1 to 1, but this one to {abs(array).max()}"
        raise refuse(text, hint="divide by the largest amplitude, or give int16 or int32")
    return array.astype(np.float64)


def _mono(samples: np.ndarray, refuse: Callable[..., NetError]) -> np.ndarray:
    if samples.ndim == 1:
        return samples
    if samples.shape[1] > MOST_CHANNELS:
        text = f"a sound of shape {samples.shape} has {samples.shape[1]} channels"
        raise refuse(text, got=samples.shape, hint="channels come last: samples × channels")
    return samples.mean(1)


def fitted(samples: np.ndarray, size: int) -> np.ndarray:
    """So many samples: silence is added at the end, or the end is cut off."""
    return np.pad(samples, (0, size - len(samples))) if len(samples) < size else samples[:size]


def loud(samples: np.ndarray, setting: Any) -> np.ndarray:
    """The sound scaled so that its largest amplitude, or its root mean square, is a given one; silence stays so.

    >>> loud(np.array([0.5, -0.25]), ("Max", 0.8)).tolist(), loud(np.array([3.0, -4.0]), None).tolist()
    ([0.8, -0.4], [3.0, -4.0])
    """
    if setting is None:
        return samples
    measure, wanted = setting
    now = np.abs(samples).max() if measure == "Max" else np.sqrt(np.mean(samples**2))
    return samples * (wanted / now) if now > 0 else samples
