"""The types of the parameters of images: sizes, places, colours, means."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from wlnet.coders.pixels import CHANNELS, COLORS, Fitting, colored, is_pillow, pictures, unit
from wlnet.core.fields import frozen


def _whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) > 0


def _size(value: Any) -> tuple[int, int]:
    if _whole(value):
        return int(value), int(value)
    if isinstance(value, (Sequence, np.ndarray)) and len(value) == 2 and all(map(_whole, value)):
        return int(value[0]), int(value[1])
    raise ValueError("must be a size in pixels, or (width, height)")


SizeField = Annotated[Any, BeforeValidator(_size)]

ACROSS = {"Left": 0.0, "Center": 0.5, "Right": 1.0}
DOWN = {"Top": 0.0, "Center": 0.5, "Bottom": 1.0}


def _alignment(value: Any) -> Any:
    pair = isinstance(value, (tuple, list)) and len(value) == 2
    names = tuple(getattr(each, "name", each) for each in (value if pair else (value,)))
    if all(isinstance(name, str) for name in names):
        if not pair and (names[0] in ACROSS or names[0] in DOWN):
            return names[0]
        if pair and names[0] in ACROSS and names[1] in DOWN:
            return names
    raise ValueError("must be one of Center, Left, Right, Top, Bottom, or a pair such as (Left, Top)")


AlignmentField = Annotated[Any, BeforeValidator(_alignment)]


def fractions(alignment: Any) -> tuple[float, float]:
    """How much of the spare room lies to the left and above: 0, 1/2 or 1."""
    if isinstance(alignment, tuple):
        return ACROSS[alignment[0]], DOWN[alignment[1]]
    return ACROSS.get(alignment, 0.5), DOWN.get(alignment, 0.5)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _padding(value: Any) -> Any:
    name = getattr(value, "name", value)
    if isinstance(name, str) and (name in COLORS or name == "Fixed"):
        return name
    if _number(value) and 0 <= value <= 1:
        return float(value)
    if (
        isinstance(value, (tuple, list, np.ndarray))
        and len(value) == 3
        and all(_number(v) and 0 <= v <= 1 for v in value)
    ):
        return tuple(map(float, value))
    raise ValueError(f"must be one of {', '.join([*COLORS, 'Fixed'])}, a gray from 0 to 1, or (red, green, blue)")


PaddingField = Annotated[Any, BeforeValidator(_padding)]


def _statistic(value: Any) -> Any:
    """None, a number, a tuple of one number a channel, or a read-only image from 0 to 1."""
    if value is None:
        return None
    array = pictures().pixels_of(value) if is_pillow(value) else value
    try:
        array = np.asarray(array)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "fiub" or array.ndim > 3 or not array.size or not np.isfinite(array).all():
        raise ValueError("must be None, a number, a list of one number a channel, or an image (not a file)")
    if array.ndim < 2:
        return tuple(map(float, array)) if array.ndim else float(array)
    if array.ndim == 3 and not 1 <= array.shape[-1] <= 4:
        raise ValueError(f"must be an image of 1 to 4 channels, which come last, not of shape {array.shape}")
    pixels = array.astype(np.float32) if array.dtype.kind == "f" else unit(array, _wrong)
    return frozen(np.ascontiguousarray(pixels if pixels.ndim == 3 else pixels[..., None]))


def _wrong(text: str, **facts: Any) -> ValueError:
    return ValueError(f"must hold pixels ({text})")


StatisticField = Annotated[Any, BeforeValidator(_statistic)]


def refuse_channels(coder: Any) -> None:
    """Refuses means of another number of channels, and variances that are not above 0."""
    for name in ("MeanImage", "VarianceImage"):
        value = getattr(coder, name)
        if isinstance(value, tuple) and len(value) not in (1, CHANNELS[coder.ColorSpace]):
            channels = f"{CHANNELS[coder.ColorSpace]} channels of {coder.ColorSpace}"
            raise ValueError(f"{name} has {len(value)} numbers for the {channels}")
    variance = coder.VarianceImage
    if variance is not None and not np.min(variance) > 0:
        raise ValueError(f"VarianceImage must be above 0, got {np.min(variance):g}")


def statistic(value: Any, space: str, size: tuple[int, int]) -> np.ndarray:
    """A mean or variance as an array that stands beside height × width × channels; an image is brought to the size."""
    if not isinstance(value, np.ndarray):
        return np.asarray(value, dtype=np.float32)
    return Fitting().of(colored(value, space), size)
