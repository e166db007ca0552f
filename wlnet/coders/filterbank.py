"""From power spectra to what ears tell apart: mel filters, and the cosine transform of their logarithms."""

import numpy as np

FLOOR = 1e-10
"""Energies below this count as this, so that silence has a logarithm."""

BEND = 0.6
"""Warping bends at this part of the highest frequency: 4800 Hz at 16 kHz, as in Jaitly & Hinton 2013."""


def mel(frequency: np.ndarray) -> np.ndarray:
    """2595·log10(1 + f/700).

    >>> float(mel(np.array(700.0)).round(4))
    781.1728
    """
    return 2595 * np.log10(1 + frequency / 700)


def hertz(mels: np.ndarray) -> np.ndarray:
    """What undoes `mel`."""
    return 700 * (10 ** (mels / 2595) - 1)


def warped(frequency: np.ndarray, warp: float, highest: float) -> np.ndarray:
    """Frequencies times `warp` up to a bend, then straight to `highest`, which stays.

    >>> warped(np.array([1000.0, 8000.0]), 1.1, 8000.0).round(6).tolist()
    [1100.0, 8000.0]
    """
    bend = BEND * highest * min(warp, 1) / warp
    slope = (highest - warp * bend) / (highest - bend)
    return np.where(frequency <= bend, frequency * warp, highest - slope * (highest - frequency))


def mel_filters(count: int, low: float, high: float, size: int, rate: int, warp: float = 1.0) -> np.ndarray:
    """Triangles of height 1, evenly spaced in mel from `low` to `high` hertz: filters × frequencies of a window.

    Each rises from the centre of the one before it to its own, and falls to that of the next.
    """
    edges = hertz(np.linspace(mel(np.array(low)), mel(np.array(high)), count + 2))
    if warp != 1:
        edges = warped(edges, warp, rate / 2)
    frequencies = np.arange(size // 2 + 1) * (rate / size)
    rising = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling))


def cosines(size: int, count: int) -> np.ndarray:
    """The first `count` rows of the orthonormal discrete cosine transform (DCT-II) of `size` numbers."""
    row, place = np.arange(count)[:, None], np.arange(size) + 0.5
    scale = np.where(row == 0, np.sqrt(1 / size), np.sqrt(2 / size))
    return np.asarray(scale * np.cos(np.pi / size * row * place))


def coefficients(energies: np.ndarray, count: int) -> np.ndarray:
    """The first `count` numbers of the cosine transform of the natural logarithms of energies, along the last axis."""
    return np.log(np.maximum(energies, FLOOR)) @ cosines(energies.shape[-1], count).T
