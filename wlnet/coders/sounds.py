"""WAV files, other sample rates and windows: the one module that imports SciPy for sounds, and only on demand."""

import warnings
from collections.abc import Callable
from math import gcd
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import wavfile
from scipy.signal import get_window, resample_poly

from wlnet.core.errors import NetError

WINDOWS: dict[str, Any] = {
    "HannWindow": "hann",
    "HammingWindow": "hamming",
    "BlackmanWindow": "blackman",
    "BlackmanHarrisWindow": "blackmanharris",
    "BlackmanNuttallWindow": "nuttall",
    "BartlettWindow": "bartlett",
    "DirichletWindow": "boxcar",
    "FlatTopWindow": "flattop",
    "TukeyWindow": ("tukey", 2 / 3),
}
"""Wolfram's windows, and SciPy's names for them; Tukey's is flat over the middle third, as Wolfram's."""


def opened(path: Any, refuse: Callable[..., NetError]) -> tuple[int, np.ndarray]:
    """The sample rate and the samples of a WAV file."""
    name = str(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # chunks that are no samples, such as titles
            rate, samples = wavfile.read(Path(path))
    except FileNotFoundError:
        raise refuse(f"there is no file {name}", got=name) from None
    except (ValueError, EOFError, ArithmeticError, LookupError, UnboundLocalError) as error:
        hint = "give a WAV file, or (rate, samples) read by another package"
        raise refuse(f"{name} is not a WAV file that SciPy reads", got=name, hint=hint) from error
    except OSError as error:
        raise refuse(f"{name} cannot be read: {error}", got=name) from None
    return int(rate), samples


def resampled(samples: np.ndarray, old: int, new: int) -> np.ndarray:
    """The same sound at another rate: a polyphase filter keeps what both rates can hold."""
    shared = gcd(old, new)
    return resample_poly(samples, new // shared, old // shared)


def window(name: str, size: int) -> np.ndarray:
    """A window by its name, periodic: its next value would be its first."""
    return get_window(WINDOWS[name], size, fftbins=True)
