"""Videos as frames that are read when they are needed, and when each of them is shown."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wlnet.coders.encoder import is_list
from wlnet.coders.pixels import is_pillow, pictures
from wlnet.core.errors import NetError
from wlnet.core.fields import as_number
from wlnet.core.refuse import brief
from wlnet.core.symbols import Inherited

FORMS = "give a list of images, an array: frames × height × width, channels last if there are any, a folder, or a file"


@dataclass(frozen=True)
class Frames:
    """Frames as arrays, Pillow images or paths; when each begins, and when the last one ends, where that is known."""

    pictures: Sequence
    starts: np.ndarray | None = None
    end: float = 0.0

    def chosen(self, rate: Any, start: float, refuse: Callable[..., NetError]) -> list[int]:
        """Which frame is shown at `start`, and at each step of 1/rate after it.

        Frames that do not say when they are shown are taken to be `rate` a second; Inherited takes all as they come.
        """
        if self.starts is None:
            if start and rate is Inherited:
                hint = "give (rate, frames), or FrameRate a number"
                raise refuse("the frames do not say when they are shown, so StartTime says nothing", hint=hint)
            found = list(range(round(start * (0 if rate is Inherited else rate)), len(self.pictures)))
        elif rate is Inherited:
            found = [k for k in range(len(self.pictures)) if k >= self.shown(np.array([start]))[0] and start < self.end]
        else:
            count = max(0, int(np.ceil((self.end - start) * rate - 1e-6)))
            found = self.shown(start + np.arange(count) / rate).tolist()
        if not found:
            raise refuse(f"the video is over before its StartTime of {start:g} s", got=start)
        return found

    def shown(self, times: np.ndarray) -> np.ndarray:
        """The frame that is shown at each time; a millionth of a second is no delay."""
        return np.maximum(np.searchsorted(np.asarray(self.starts), times + 1e-6, "right") - 1, 0)


def is_image(value: Any) -> bool:
    """Whether a value is one frame: a Pillow image, an array of an image, or a file of one image."""
    if isinstance(value, (str, Path)):
        return not Path(value).is_dir() and not pictures().is_animated(value)
    if is_pillow(value):
        return True
    return isinstance(value, np.ndarray) and (value.ndim == 2 or (value.ndim == 3 and 1 <= value.shape[-1] <= 4))


def is_array_of_frames(value: Any) -> bool:
    """Whether a value is an array of frames × height × width, perhaps × channels."""
    return isinstance(value, np.ndarray) and (value.ndim == 3 or (value.ndim == 4 and 1 <= value.shape[-1] <= 4))


def is_timed(value: Any) -> bool:
    """Whether a value is (rate, frames)."""
    return (
        isinstance(value, (tuple, list))
        and len(value) == 2
        and as_number(value[0]) is not None
        and (is_array_of_frames(value[1]) or isinstance(value[1], (list, tuple, str, Path)))
    )


def is_video(value: Any) -> bool:
    """Whether a value is one video rather than a list of them."""
    if not is_list(value) or is_timed(value) or is_array_of_frames(value):
        return True
    return not isinstance(value, np.ndarray) and (not len(value) or is_image(value[0]))


def frames_of(item: Any, refuse: Callable[..., NetError]) -> Frames:
    """The frames of one video."""
    if isinstance(item, (str, Path)):
        return _folder(Path(item), refuse) if Path(item).is_dir() else _file(item, refuse)
    if is_timed(item):
        rate = float(item[0])
        if not 0 < rate < np.inf:
            raise refuse(f"the frame rate must be above 0, got {brief(item[0])}", got=item[0])
        inner = frames_of(item[1], refuse)
        return Frames(inner.pictures, np.arange(len(inner.pictures)) / rate, len(inner.pictures) / rate)
    if is_array_of_frames(item) or (isinstance(item, (list, tuple)) and item and is_image(item[0])):
        if not len(item):
            raise refuse("the video has no frames", got=np.shape(item))
        return Frames(item)
    got = f"an array of shape {item.shape}" if isinstance(item, np.ndarray) else brief(item)
    raise refuse(f"{got} is not a video", got=item, hint=FORMS)


def _file(path: Any, refuse: Callable[..., NetError]) -> Frames:
    found, seconds = pictures().frames_of(path, refuse)
    ends = np.cumsum(seconds)
    return Frames(found, np.concatenate([[0.0], ends[:-1]]), float(ends[-1])) if ends[-1] > 0 else Frames(found)


def _folder(folder: Path, refuse: Callable[..., NetError]) -> Frames:
    """The image files of a folder in the order of their names, in which numbers count as numbers."""
    images = [each for each in folder.iterdir() if each.suffix.lower() in pictures().SUFFIXES]
    if not images:
        raise refuse(f"the folder {folder} holds no images", got=str(folder))
    return Frames(sorted(images, key=_in_order))


def _in_order(path: Path) -> list:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.name)]


def frame(given: Any, refuse: Callable[..., NetError]) -> np.ndarray:
    """The pixels of one frame, of its own size and channels."""
    if isinstance(given, (str, Path)):
        return pictures().opened(given, refuse)
    if is_pillow(given):
        return pictures().pixels_of(given)
    if is_image(given) and given.size and given.dtype.kind in "fiub":
        return given
    got = f"an array of shape {given.shape}" if isinstance(given, np.ndarray) else brief(given)
    raise refuse(f"the frame {got} is not an image", got=given, hint=FORMS)
