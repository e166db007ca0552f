"""What coders of images and volumes share: one array for all, less their mean, over the root of their variance."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from wlnet.coders.decoder import NetDecoder
from wlnet.coders.encoder import NetEncoder, Refuse
from wlnet.coders.imagefields import refuse_channels, statistic
from wlnet.core.errors import NetError

UNDONE = ("ColorSpace", "DataTransposed", "Interleaving", "MeanImage", "VarianceImage")
"""The parameters that an encoder and the decoder that undoes it have in common."""


class PixelEncoder(NetEncoder):
    """An encoder of pixels: a kind says what a picture is, what is encoded already, and how the net takes it."""

    reads_files: ClassVar[bool] = True

    def check(self) -> None:
        super().check()
        refuse_channels(self)

    def read(self, value: Any) -> Any:
        """Numbers in nested lists are an array."""
        inner = value
        while isinstance(inner, (list, tuple)) and inner:
            inner = inner[0]
        if inner is value or not isinstance(inner, (int, float, np.number)):
            return value
        try:
            return np.asarray(value)
        except ValueError:
            return value

    def pixels(self, item: Any, refuse: Callable[..., NetError]) -> np.ndarray:
        """One picture at the target size, in the colour space, channels last, from 0 to 1."""
        raise TypeError(f"{type(self).__name__} does not read pixels")

    def laid_out(self, pixels: np.ndarray) -> np.ndarray:
        """Pictures as the net takes them."""
        raise TypeError(f"{type(self).__name__} has no layout")

    def is_encoded(self, value: Any) -> bool:
        """Whether a value is encoded already."""
        raise TypeError(f"{type(self).__name__} does not say what is encoded")

    def encode_items(self, items: list, refuse: Refuse) -> np.ndarray:
        result = np.empty((len(items), *self.item_shape()), dtype=np.float32)  # type: ignore[misc]
        known = [self.is_encoded(item) for item in items]
        for place, (item, encoded) in enumerate(zip(items, known, strict=True)):
            if encoded:
                result[place] = item
        fresh = [place for place, encoded in enumerate(known) if not encoded]
        if fresh:
            images = np.stack([self.pixels(items[k], lambda t, k=k, **facts: refuse(k, t, **facts)) for k in fresh])
            result[fresh] = self.laid_out(normalized(images, self, self.__dict__["size"]))
        return result


class PixelDecoder(NetDecoder):
    """A decoder of pixels, which undoes the encoder of the same parameters."""

    size_text: ClassVar[str] = "(width, height)"  # the size that an encoder needs and a decoder does not know

    def check(self) -> None:
        super().check()
        refuse_channels(self)

    def counterpart(self) -> Any:
        hint = f'write NetEncoder("{self.kind}", {self.size_text}, …)'
        raise NetError(f"{self.label} says no size, which an encoder needs", hint=hint)


def undone(coder: Any) -> dict[str, Any]:
    """The parameters of an encoder that its decoder has, or the other way round."""
    return {name: coder.__dict__[name] for name in UNDONE if name in coder.__dict__}


def normalized(images: np.ndarray, coder: Any, size: tuple[int, ...]) -> np.ndarray:
    """Pictures less the MeanImage of a coder, over the root of its VarianceImage."""
    if coder.MeanImage is not None:
        images = images - statistic(coder.MeanImage, coder.ColorSpace, size)
    if coder.VarianceImage is not None:
        images = images / np.sqrt(statistic(coder.VarianceImage, coder.ColorSpace, size))
    return images


def denormalized(images: np.ndarray, coder: Any, size: tuple[int, ...]) -> np.ndarray:
    """What undoes `normalized`."""
    if coder.VarianceImage is not None:
        images = images * np.sqrt(statistic(coder.VarianceImage, coder.ColorSpace, size))
    if coder.MeanImage is not None:
        images = images + statistic(coder.MeanImage, coder.ColorSpace, size)
    return images
