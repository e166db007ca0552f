"""Image files, Pillow images, and other sizes: the one module that imports Pillow, and only on demand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageSequence, UnidentifiedImageError

from wlnet.core.errors import NetError
from wlnet.core.symbols import Automatic

SUFFIXES = set(Image.registered_extensions())
"""The endings of the names of image files."""

FILTERS = {
    Automatic: Image.Resampling.BILINEAR,
    "Nearest": Image.Resampling.NEAREST,
    "Linear": Image.Resampling.BILINEAR,
    "Bilinear": Image.Resampling.BILINEAR,
    "Cubic": Image.Resampling.BICUBIC,
    "Bicubic": Image.Resampling.BICUBIC,
    "Lanczos": Image.Resampling.LANCZOS,
}


def opened(path: Any, refuse: Callable[..., NetError]) -> np.ndarray:
    """The pixels of an image file."""
    name = str(path)
    try:
        with Image.open(Path(path)) as image:
            return pixels_of(image)
    except FileNotFoundError:
        raise refuse(f"there is no file {name}", got=name) from None
    except UnidentifiedImageError:
        raise refuse(f"{name} is not an image that Pillow reads", got=name) from None
    except OSError as error:
        raise refuse(f"{name} cannot be read: {error}", got=name) from None


def frames_of(path: Any, refuse: Callable[..., NetError]) -> tuple[list[np.ndarray], list[float]]:
    """The pixels of every frame of an image file, and how many seconds each is shown: 0 where the file is silent."""
    name = str(path)
    try:
        with Image.open(Path(path)) as image:
            read = ImageSequence.Iterator(image)
            frames = [(pixels_of(each.copy()), each.info.get("duration", 0) / 1000) for each in read]
    except FileNotFoundError:
        raise refuse(f"there is no file {name}", got=name) from None
    except UnidentifiedImageError:
        hint = "give its frames as a list of images or an array, read by another package"
        raise refuse(f"{name} is not an image that Pillow reads", got=name, hint=hint) from None
    except OSError as error:
        raise refuse(f"{name} cannot be read: {error}", got=name) from None
    return [pixels for pixels, _ in frames], [seconds for _, seconds in frames]


def is_animated(path: Any) -> bool:
    """Whether a file is an image of several frames."""
    try:
        with Image.open(Path(path)) as image:
            return getattr(image, "n_frames", 1) > 1
    except OSError:
        return False


def pixels_of(image: Any) -> np.ndarray:
    """The pixels of a Pillow image, as whole numbers or as numbers from 0 to 1, with its own channels."""
    if image.mode in ("1", "L", "LA", "RGB", "RGBA", "F") or image.mode.startswith("I;16"):
        return np.asarray(image)
    if image.mode == "I":
        return np.clip(np.asarray(image), 0, 65535).astype(np.uint16)
    return np.asarray(image.convert("RGB"))


def resized(pixels: np.ndarray, size: tuple[int, int], resampling: Any) -> np.ndarray:
    """Pixels from 0 to 1 at (width, height), channel by channel in single precision."""
    planes = [Image.fromarray(np.ascontiguousarray(pixels[..., k])) for k in range(pixels.shape[-1])]
    scaled = [np.asarray(plane.resize(size, FILTERS[resampling])) for plane in planes]
    return np.stack(scaled, -1)


def picture(pixels: np.ndarray) -> Any:
    """Pixels from 0 to 1 as a Pillow image of mode L or RGB."""
    whole = np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(whole[..., 0] if whole.shape[-1] == 1 else whole)
