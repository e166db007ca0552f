"""The types of the parameters of images: sizes, places, colours, means."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from wlnet.coders.pixels import CHANNELS, COLORS, Fitting, colored, is_pillow, pictures, unit
from wlnet.core.fields import frozen, one_of
from wlnet.core.symbols import Automatic


def _whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) > 0


def _size(value: Any, names: str = "(width, height)") -> tuple[int, ...]:
    count = names.count(",") + 1
    if _whole(value):
        return (int(value),) * count
    if isinstance(value, (Sequence, np.ndarray)) and len(value) == count and all(map(_whole, value)):
        return tuple(map(int, value))
    raise ValueError(f"must be a size in pixels, or {names}")


ColorSpaceField = Annotated[Any, one_of(*CHANNELS)]
ResamplingField = Annotated[Any, one_of(Automatic, "Nearest", "Linear", "Bilinear", "Cubic", "Bicubic", "Lanczos")]
MethodField = Annotated[Any, one_of("Stretch", "Fit", "Fill")]
SizeField = Annotated[Any, BeforeValidator(_size)]
VolumeSizeField = Annotated[Any, BeforeValidator(lambda value: _size(value, "(width, depth, height)"))]

ACROSS = {"Left": 0.0, "Center": 0.5, "Right": 1.0}
DOWN = {"Top": 0.0, "Center": 0.5, "Bottom": 1.0}


THROUGH = {"Front": 0.0, "Center": 0.5, "Back": 1.0}
SIDES = {2: (ACROSS, DOWN), 3: (ACROSS, THROUGH, DOWN)}
"""The names of places along the levels of an image or volume: 0 is all spare room behind, 1 all before."""


def _alignment(value: Any, levels: int = 2) -> Any:
    sides = SIDES[levels]
    several = isinstance(value, (tuple, list)) and len(value) == levels
    names = tuple(getattr(each, "name", each) for each in (value if several else (value,)))
    if all(isinstance(name, str) for name in names):
        if not several and any(names[0] in side for side in sides):
            return names[0]
        if several and all(name in side for name, side in zip(names, sides, strict=True)):
            return names
    single = ["Center", *(name for side in sides for name in side if name != "Center")]
    example = "a pair such as (Left, Top)" if levels == 2 else "three such as (Left, Front, Top)"
    raise ValueError(f"must be one of {', '.join(single)}, or {example}")


AlignmentField = Annotated[Any, BeforeValidator(_alignment)]
VolumeAlignmentField = Annotated[Any, BeforeValidator(lambda value: _alignment(value, 3))]


def fractions(alignment: Any, levels: int = 2) -> tuple[float, ...]:
    """How much of the spare room lies before the image along each level, to the left and above: 0, 1/2 or 1."""
    names = alignment if isinstance(alignment, tuple) else (alignment,) * levels
    return tuple(side.get(name, 0.5) for name, side in zip(names, SIDES[levels], strict=True))


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


def _statistic(value: Any, levels: int = 2) -> Any:
    """None, a number, a tuple of one number a channel, or a read-only image (2 levels) or volume (3) from 0 to 1."""
    if value is None:
        return None
    array = pictures().pixels_of(value) if is_pillow(value) else value
    try:
        array = np.asarray(array)
    except ValueError:
        array = np.asarray(None)
    fits = array.ndim in (0, 1, levels, levels + 1) and array.size
    if array.dtype.kind not in "fiub" or not fits or not np.isfinite(array).all():
        image = "an image (not a file)" if levels == 2 else "an array of depth × height × width"
        raise ValueError(f"must be None, a number, a list of one number a channel, or {image}")
    if array.ndim < 2:
        return tuple(map(float, array)) if array.ndim else float(array)
    if array.ndim == levels + 1 and not 1 <= array.shape[-1] <= 4:
        raise ValueError(f"must be an image of 1 to 4 channels, which come last, not of shape {array.shape}")
    pixels = array.astype(np.float32) if array.dtype.kind == "f" else unit(array, _wrong)
    return frozen(np.ascontiguousarray(pixels if pixels.ndim == levels + 1 else pixels[..., None]))


def _wrong(text: str, **facts: Any) -> ValueError:
    return ValueError(f"must hold pixels ({text})")


StatisticField = Annotated[Any, BeforeValidator(_statistic)]
VolumeStatisticField = Annotated[Any, BeforeValidator(lambda value: _statistic(value, 3))]


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


def statistic(value: Any, space: str, size: tuple[int, ...]) -> np.ndarray:
    """A mean or variance as an array that stands beside height × width × channels; an image is brought to the size."""
    if not isinstance(value, np.ndarray):
        return np.asarray(value, dtype=np.float32)
    return Fitting().of(colored(value, space), size)
