"""Videos: frames in time as arrays of numbers from 0 to 1."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from wlnet.coders.encoder import NetEncoder, Refuse, is_list
from wlnet.coders.frames import frame, frames_of, is_array_of_frames, is_video
from wlnet.coders.imagefields import (
    AlignmentField,
    ColorSpaceField,
    MethodField,
    PaddingField,
    ResamplingField,
    SizeField,
    StatisticField,
    fractions,
    refuse_channels,
)
from wlnet.coders.pixelcoders import normalized
from wlnet.coders.pixels import CHANNELS, Fitting, colored, padded, unit
from wlnet.coders.videofields import LEVELS, FrameRateField, FramesField, LevelsField, StartField, frame_count
from wlnet.core.errors import NetError
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic, Inherited


class VideoFramesEncoder(NetEncoder):
    """The frames of a video: time × channels × height × width, pixels from 0 to 1.

    >>> from wlnet.coders import NetEncoder
    >>> encoder = NetEncoder("VideoFrames", RasterSize=(2, 1), ColorSpace="Grayscale", TargetLength=2)
    >>> encoder(np.array([[[0, 255]], [[255, 0]], [[0, 0]]], dtype=np.uint8)).tolist()
    [[[[0.0, 1.0]]], [[[1.0, 0.0]]]]

    A video is a list of images (arrays, Pillow images, files), an array of frames × height × width or of frames ×
    height × width × channels (1 to 4), a folder of image files in the order of their names, an animated image file, or
    (rate, frames). Of those that say when frames are shown (animated images, and with a rate), those are taken that are
    shown at StartTime and every 1/FrameRate seconds from there; others are taken to be FrameRate a second. With
    FrameRate Inherited all frames from StartTime on are taken as they come.

    `TargetLength` is a number of frames, or a time; what is missing at the end is filled with the colour `Padding`, or
    with the last frame if that is "Fixed". `Levels` is the order of "Time", "Channels", "Height" and "Width". All else
    is as for Image. A list of a video and a dict changes parameters for that video: [video, {"StartTime": 2}].
    """

    kind: ClassVar[str] = "VideoFrames"
    reads_files: ClassVar[bool] = True

    Alignment: AlignmentField = "Center"
    ColorSpace: ColorSpaceField = "RGB"
    FrameRate: FrameRateField = 24
    Levels: LevelsField = Automatic
    MeanImage: StatisticField = None
    Method: MethodField = "Stretch"
    Padding: PaddingField = "Black"
    RasterSize: SizeField = (128, 128)
    Resampling: ResamplingField = Automatic
    StartTime: StartField = 0.0
    TargetLength: FramesField = Automatic
    VarianceImage: StatisticField = None

    def check(self) -> None:
        refuse_channels(self)
        is_time = self.TargetLength is not Automatic and not isinstance(self.TargetLength, int)
        if is_time and self.FrameRate is Inherited:
            raise ValueError("TargetLength as a time needs a number as FrameRate, not Inherited")
        super().check()

    @property
    def order(self) -> tuple[str, ...]:
        """The names of the levels in the order of the port."""
        return LEVELS if self.Levels is Automatic else self.Levels

    def item_shape(self) -> tuple:
        count = frame_count(self.TargetLength, self.FrameRate)
        width, height = self.RasterSize
        sizes = {
            "Time": "Varying" if count is None else count,
            "Channels": CHANNELS[self.ColorSpace],
            "Height": height,
            "Width": width,
        }
        return tuple(sizes[name] for name in self.order)

    def is_item(self, value: Any) -> bool:
        return _with_parameters(value) or self.is_encoded(value) or is_video(value)

    def is_encoded(self, value: Any) -> bool:
        """Whether an array is encoded already: of real numbers and the port's shape, and no video of that size."""
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or not value.size:
            return False
        if not _goes_into(value.shape, self.item_shape()):
            return False
        may_be_video = value.shape[1:3] == self.RasterSize[::-1] and is_array_of_frames(value)
        return not may_be_video or value.min() < 0 or value.max() > 1

    def encode_items(self, items: list, refuse: Refuse) -> list[np.ndarray]:
        return [self._item(item, lambda t, k=k, **f: refuse(k, t, **f)) for k, item in enumerate(items)]

    def _item(self, item: Any, refuse: Callable[..., NetError]) -> np.ndarray:
        if self.is_encoded(item):
            return np.asarray(item, dtype=np.float32)
        if _with_parameters(item):
            return self._changed_for(item[1], refuse)._item(item[0], refuse)
        frames = self._padded(self._frames(item, refuse))
        whole = normalized(frames, self, self.RasterSize).astype(np.float32)
        places = {"Time": 0, "Height": 1, "Width": 2, "Channels": 3}
        return np.ascontiguousarray(whole.transpose([places[name] for name in self.order]))

    def _changed_for(self, parameters: Mapping, refuse: Callable[..., NetError]) -> "VideoFramesEncoder":
        """The encoder with the parameters of one video; the port's shape stays."""
        try:
            other = self.changed(**parameters)
        except NetError as error:
            raise refuse(error.message.removeprefix(f"{self.label}: "), hint=error.hint) from None
        shape, own = other.item_shape(), self.item_shape()
        if other.Dimensions != self.Dimensions or not _goes_into(shape, own):
            text = f"{brief(dict(parameters))} gives another shape than that of the port, {brief(own)}"
            raise refuse(text, expected=own, got=shape)
        return other

    def _frames(self, item: Any, refuse: Callable[..., NetError]) -> np.ndarray:
        """The frames of a video that are taken, at the target size: frames × height × width × channels."""
        found = frames_of(item, refuse)
        chosen = found.chosen(self.FrameRate, self.StartTime, refuse)[: frame_count(self.TargetLength, self.FrameRate)]
        fitting = Fitting(self.Method, self.Resampling, fractions(self.Alignment), self.Padding)
        read = {
            k: fitting.of(colored(unit(frame(found.pictures[k], refuse), refuse), self.ColorSpace), self.RasterSize)
            for k in sorted(set(chosen))
        }
        return np.clip(np.stack([read[k] for k in chosen]), 0, 1)

    def _padded(self, frames: np.ndarray) -> np.ndarray:
        count = frame_count(self.TargetLength, self.FrameRate)
        return frames if count is None or count <= len(frames) else padded(
            frames, 0, 0, count - len(frames), self.Padding
        )  # fmt: skip


def _with_parameters(value: Any) -> bool:
    """Whether a value is [video, {parameter: value}]."""
    return is_list(value) and len(value) == 2 and isinstance(value[1], Mapping)


def _goes_into(shape: tuple, port: tuple) -> bool:
    """Whether data of a shape go into a port."""
    return len(shape) == len(port) and all(p in ("Varying", s) for s, p in zip(shape, port, strict=True))
