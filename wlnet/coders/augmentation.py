"""Sounds changed at random, so that a net learns what does not matter: shifted, noisy, echoing, warped."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from wlnet.coders.audiofields import SECONDS, in_unit
from wlnet.coders.samples import Sound, is_pair, samples_of
from wlnet.core.distributions import Distribution
from wlnet.core.errors import NetError, nearest
from wlnet.core.fields import as_number, frozen
from wlnet.core.refuse import brief
from wlnet.core.source import same, source
from wlnet.core.symbols import Quantity


class Augmentation(Mapping):
    """How sounds are changed: a dict of changes, made in its order. It is a value.

    >>> Augmentation({"Volume": (0.5, 2), "TimeShift": 0.1})
    {"Volume": (0.5, 2), "TimeShift": 0.1}
    """

    __slots__ = ("changes",)

    def __init__(self, changes: Mapping[str, Any]):
        self.changes = dict(changes)

    def __getitem__(self, name: str) -> Any:
        return self.changes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def __repr__(self) -> str:
        return source(self.changes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Augmentation) and same(self.changes, other.changes)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __reduce__(self) -> Any:
        return Augmentation, (self.changes,)

    def of(self, sound: Sound, rate: int, random: np.random.Generator) -> Sound:
        """A sound, changed."""
        for name, setting in self.changes.items():
            sound = CHANGES[name](sound, setting, rate, random)
        return sound


def drawn(setting: Any, random: np.random.Generator) -> float:
    """A number of a setting: itself, one between two, or one of a distribution."""
    if isinstance(setting, tuple):
        return float(random.uniform(*setting))
    return float(np.asarray(setting.draw(random, ()))) if isinstance(setting, Distribution) else float(setting)


def _shifted(sound: Sound, setting: Any, rate: int, random: np.random.Generator) -> Sound:
    """Later by so many seconds, or earlier: silence comes in, and what leaves is lost."""
    shift, size = round(drawn(setting, random) * rate), len(sound.samples)
    result = np.zeros(size)
    if 0 <= shift < size:
        result[shift:] = sound.samples[: size - shift]
    elif -size < shift < 0:
        result[:shift] = sound.samples[-shift:]
    return Sound(result, sound.warp)


def _louder(sound: Sound, setting: Any, rate: int, random: np.random.Generator) -> Sound:
    return Sound(sound.samples * drawn(setting, random), sound.warp)


def _noisy(sound: Sound, setting: Any, rate: int, random: np.random.Generator) -> Sound:
    """White noise of a root mean square, or a piece of a recorded noise, is added."""
    size = len(sound.samples)
    if not is_pair(setting):
        return Sound(sound.samples + drawn(setting, random) * random.standard_normal(size), sound.warp)
    noise = setting[1]
    first = int(random.integers(max(1, len(noise) - size + 1)))
    return Sound(sound.samples + np.resize(noise[first:], size), sound.warp)


def _echoing(sound: Sound, setting: Any, rate: int, random: np.random.Generator) -> Sound:
    """Convolved with an impulse response, one of several drawn by chance; the length stays."""
    impulses = setting if isinstance(setting, list) else [setting]
    _, chosen = impulses[int(random.integers(len(impulses)))]
    size = len(sound.samples) + len(chosen) - 1
    product = np.fft.rfft(sound.samples, size) * np.fft.rfft(chosen, size)
    return Sound(np.fft.irfft(product, size)[: len(sound.samples)], sound.warp)


def _warped(sound: Sound, setting: Any, rate: int, random: np.random.Generator) -> Sound:
    warp = drawn(setting, random)
    if not warp > 0:
        raise NetError(f"Augmentation: VTLP must draw numbers above 0, but drew {warp:g}", got=warp)
    return Sound(sound.samples, sound.warp * warp)


CHANGES: dict[str, Callable[..., Sound]] = {
    "Convolution": _echoing,
    "Noise": _noisy,
    "TimeShift": _shifted,
    "Volume": _louder,
    "VTLP": _warped,
}
"""The changes by name; VTLP is vocal tract length perturbation (Jaitly & Hinton 2013)."""

NUMBERS = "a number, a pair (low, high) or a distribution"
WORDS = {
    "Noise": "a number, 0 or more, a pair (low, high), a distribution, or a sound",
    "TimeShift": f"{NUMBERS} of seconds",
    "Volume": "a number, 0 or more, a pair (low, high) or a distribution",
    "VTLP": "a number above 0, a pair (low, high) or a distribution",
}
"""What the settings of changes may be; that of Convolution is a sound or a list of sounds."""

LEAST = {"Noise": 0.0, "Volume": 0.0, "VTLP": 1e-3}
"""The smallest numbers of settings."""


def _numbers(value: Any, least: float) -> Any:
    """A number, a pair in order, or a distribution; seconds may be a Quantity. None where it is none of these."""
    if isinstance(value, Distribution):
        return value
    if isinstance(value, (tuple, list)) and len(value) == 2:
        pair = tuple(_numbers(each, least) for each in value)
        return pair if all(isinstance(each, (int, float)) for each in pair) and pair[0] <= pair[1] else None
    number = in_unit(value, SECONDS) if isinstance(value, Quantity) else as_number(value)
    return number if number is not None and least <= number < np.inf else None


def _is_sound(value: Any) -> bool:
    return isinstance(value, (str, Path, np.ndarray)) or is_pair(value)


def _recorded(value: Any, rate: int) -> tuple[int, np.ndarray]:
    """A recorded sound as (rate, samples) at the encoder's rate, read-only."""

    def refuse(text: str, **facts: Any) -> Any:
        return ValueError(f"a sound of Augmentation is no good: {text}")

    return rate, frozen(np.array(samples_of(value, rate, refuse)))


def _setting(name: str, value: Any, rate: int) -> Any:
    """The setting of one change in its normal form; None where it is not one."""
    if name == "Convolution":
        several = isinstance(value, list) and value and as_number(value[0]) is None
        return [_recorded(each, rate) for each in value] if several else _recorded(value, rate)
    if name == "Noise" and _is_sound(value):
        return _recorded(value, rate)
    return None if isinstance(value, Quantity) and name != "TimeShift" else _numbers(value, LEAST.get(name, -np.inf))


def augmentation(value: Any, rate: int, allowed: tuple[str, ...], label: str) -> Augmentation | None:
    """The changes that a user's setting says, for sounds of a rate."""
    if isinstance(value, (list, tuple)) and all(isinstance(each, tuple) and len(each) == 2 for each in value):
        value = dict(value)
    if value is not None and not isinstance(value, Mapping):
        raise ValueError(f"Augmentation must be None or a dict of changes, got {brief(value)}")
    found = {}
    for name, setting in (value or {}).items():
        if name not in allowed:
            raise NetError(
                f"{label}: {brief(name)} is not a change of Augmentation here", got=name, hint=nearest(name, allowed)
            )
        found[name] = _setting(name, setting, rate)
        if found[name] is None:
            raise ValueError(f"Augmentation: {name} must be {WORDS[name]}, got {brief(setting)}")
    return Augmentation(found) if found else None
