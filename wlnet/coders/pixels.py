"""Arrays as images of height × width × channels: numbers from 0 to 1, colour spaces, sizes, and the net's layouts."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.symbols import Automatic

CHANNELS = {"RGB": 3, "Grayscale": 1}
"""The colour spaces, and how many channels each has."""

LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""What red, green and blue weigh in a gray."""

LARGEST = {"b": 1, "u2": 65535}
"""The whitest value of truths and of 16-bit images; that of other whole numbers is 255."""


def pictures() -> Any:
    """The module that reads and resizes images; it is imported when it is first needed, and needs Pillow."""
    try:
        return import_module("wlnet.coders.pictures")
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] != "PIL":
            raise
        raise NetError(
            "files, Pillow images and other sizes need the package pillow", hint="pip install wlnet[image]"
        ) from missing


def is_pillow(value: Any) -> bool:
    """Whether a value is a Pillow image; asked without importing Pillow."""
    return any(base.__module__ == "PIL.Image" and base.__name__ == "Image" for base in type(value).__mro__)


def unit(array: np.ndarray, refuse: Callable[..., Exception]) -> np.ndarray:
    """An image of whole numbers or of numbers from 0 to 1 as height × width × channels of float32 from 0 to 1."""
    if array.dtype.kind == "f":
        low, high = float(array.min()), float(array.max())
        if not (low >= -1e-6 and high <= 1 + 1e-6):
            hint = "divide by 255, or give whole numbers of type uint8" if high > 2 else "scale it to 0..1"
            raise refuse(f"an image of real numbers goes from 0 to 1, but this one from {low:g} to {high:g}", hint=hint)
        pixels = array.astype(np.float32)
    else:
        largest = LARGEST.get(array.dtype.kind, LARGEST.get(array.dtype.str[1:], 255))
        if array.dtype.kind == "i" and (array.min() < 0 or array.max() > largest):
            text = f"an image of whole numbers goes from 0 to 255, but this one from {array.min()} to {array.max()}"
            raise refuse(text, hint="give numbers from 0 to 255, or uint16 up to 65535")
        pixels = array.astype(np.float32) / np.float32(largest)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def colored(pixels: np.ndarray, space: str) -> np.ndarray:
    """An image of 1 or 3 channels, or 2 or 4 with transparency, in a colour space; the transparency is dropped."""
    opaque = pixels[..., : pixels.shape[-1] - 1] if pixels.shape[-1] in (2, 4) else pixels
    if opaque.shape[-1] == CHANNELS[space]:
        return opaque
    if space == "Grayscale":
        return (opaque @ LUMINANCE)[..., None]
    return np.repeat(opaque, 3, -1)


AXES = {2: (1, 0), 3: (2, 0, 1)}
"""Which axes of the pixels are the width and height of an image, the width, depth and height of a volume."""


@dataclass(frozen=True)
class Fitting:
    """How an image is brought to a size: by stretching, by scaling and padding, or by scaling and cropping."""

    method: str = "Stretch"
    resampling: Any = Automatic
    fractions: tuple[float, ...] = (0.5, 0.5)
    padding: Any = "Black"

    def of(self, pixels: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
        """The image at (width, height), or the volume at (width, depth, height)."""
        now = tuple(pixels.shape[axis] for axis in AXES[len(size)])
        if now == size:
            return pixels
        if self.method == "Stretch":
            return self.stretched(pixels, size)
        scales = [wanted / given for wanted, given in zip(size, now, strict=True)]
        scale = min(scales) if self.method == "Fit" else max(scales)
        inner = tuple(max(1, round(given * scale)) for given in now)
        return self.placed(pixels if inner == now else self.stretched(pixels, inner), size)

    def stretched(self, pixels: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
        """The image or volume resampled to a size; a volume slice by slice, then along its depth."""
        if len(size) == 2:
            return pictures().resized(pixels, size, self.resampling)
        width, depth, height = size
        slices = np.stack([pictures().resized(each, (width, height), self.resampling) for each in pixels])
        rows = [pictures().resized(each, (width, depth), self.resampling) for each in np.swapaxes(slices, 0, 1)]
        return np.stack(rows, 1)

    def placed(self, pixels: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
        """The image cropped and padded; `fractions` of what is too much or too little lie to the left and above."""
        for axis, wanted, fraction in zip(AXES[len(size)], size, self.fractions, strict=True):
            spare = wanted - pixels.shape[axis]
            first = int(abs(spare) * fraction)
            if spare < 0:
                pixels = pixels[(slice(None),) * axis + (slice(first, first + wanted),)]
            elif spare > 0:
                pixels = padded(pixels, axis, first, spare - first, self.padding)
        return pixels


def padded(pixels: np.ndarray, axis: int, before: int, after: int, padding: Any) -> np.ndarray:
    """Pixels with a colour, or with their edge, before and behind them along an axis."""
    widths = [(before, after) if each == axis else (0, 0) for each in range(pixels.ndim)]
    if padding == "Fixed":
        return np.pad(pixels, widths, "edge")
    shape = [size + sum(added) for size, added in zip(pixels.shape, widths, strict=True)]
    result = np.empty(shape, dtype=np.float32)
    result[...] = color(padding, pixels.shape[-1])
    inside = slice(before, before + pixels.shape[axis])
    result[(slice(None),) * axis + (inside,)] = pixels
    return result


COLORS: dict[str, Any] = {
    "Black": 0.0,
    "White": 1.0,
    "Gray": 0.5,
    "Red": (1.0, 0.0, 0.0),
    "Green": (0.0, 1.0, 0.0),
    "Blue": (0.0, 0.0, 1.0),
}
"""Colours by name: a gray, or red, green and blue."""


def color(padding: Any, channels: int) -> np.ndarray:
    """A colour as one number a channel."""
    values = np.atleast_1d(np.asarray(COLORS[padding] if isinstance(padding, str) else padding, dtype=np.float32))
    return colored(values[None], "RGB" if channels == 3 else "Grayscale")[0]


def laid_out(pixels: np.ndarray, interleaving: bool, transposed: bool) -> np.ndarray:
    """Images (any levels before height × width × channels) as the net takes them."""
    turned = np.swapaxes(pixels, -3, -2) if transposed else pixels
    return turned if interleaving else np.moveaxis(turned, -1, -3)


def taken_up(arrays: np.ndarray, interleaving: bool, transposed: bool) -> np.ndarray:
    """Images of the net's layout as height × width × channels: what undoes `laid_out`."""
    turned = arrays if interleaving else np.moveaxis(arrays, -3, -1)
    return np.swapaxes(turned, -3, -2) if transposed else turned
