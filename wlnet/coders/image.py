"""Images: files, arrays and Pillow images as arrays of numbers from 0 to 1, and back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from wlnet.coders.encoder import NetEncoder, is_list
from wlnet.coders.imagefields import (
    AlignmentField,
    ColorSpaceField,
    MethodField,
    PaddingField,
    ResamplingField,
    SizeField,
    StatisticField,
    fractions,
)
from wlnet.coders.pixelcoders import PixelDecoder, PixelEncoder, denormalized, undone
from wlnet.coders.pixels import CHANNELS, Fitting, colored, is_pillow, laid_out, pictures, taken_up, unit
from wlnet.core.errors import NetError
from wlnet.core.fields import Flag, Whole
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic


class ImageEncoder(PixelEncoder):
    """Pixels from 0 to 1, channels × height × width, of an image brought to `size`, which is (width, height).

    >>> from wlnet.coders import NetEncoder
    >>> NetEncoder("Image", (2, 1), ColorSpace="Grayscale")(np.array([[0, 255]], dtype=np.uint8)).tolist()
    [[[0.0, 1.0]]]
    >>> NetEncoder(("Image", 28, {"Interleaving": True})).port_shape()
    (28, 28, 3)

    An image is a file (its path), a Pillow image, or an array: height × width, or height × width × channels (1 or 3,
    and one more for transparency, which is dropped), of whole numbers up to 255 (uint16: 65535) or of real numbers
    from 0 to 1. An array of height × width images is a batch. An array of real numbers that has just the port's shape
    and cannot be an image of that size passes through as encoded: give a batch of one gray image in a list.

    `Method` "Stretch" changes the proportions, "Fit" keeps them and pads, "Fill" keeps them and crops. `Alignment` is
    "Left", "Right", "Top", "Bottom", "Center", or a pair of them; `Padding` a colour (a name, a gray, red-green-blue)
    or "Fixed", which repeats the edge. `Resampling` Automatic is "Linear". `MeanImage` is subtracted, then the root of
    `VarianceImage` divided by: numbers from 0 to 1, a list of one a channel, or an image. Arrays of the target size
    need no Pillow; all else does (pip install wlnet[image]).
    """

    kind: ClassVar[str] = "Image"

    size: SizeField = (128, 128)
    ColorSpace: ColorSpaceField = "RGB"
    DataTransposed: Flag = False
    Interleaving: Flag = False
    MeanImage: StatisticField = None
    VarianceImage: StatisticField = None
    Method: MethodField = "Stretch"
    Resampling: ResamplingField = Automatic
    Alignment: AlignmentField = "Center"
    Padding: PaddingField = "Black"

    @property
    def fitting(self) -> Fitting:
        """How images are brought to the size."""
        return Fitting(self.Method, self.Resampling, fractions(self.Alignment), self.Padding)

    def item_shape(self) -> tuple:
        sides, channels = self.size if self.DataTransposed else self.size[::-1], CHANNELS[self.ColorSpace]
        return (*sides, channels) if self.Interleaving else (channels, *sides)

    def is_item(self, value: Any) -> bool:
        if not is_list(value):
            return True
        return isinstance(value, np.ndarray) and (self.is_encoded(value) or _is_image(value))

    def is_encoded(self, value: Any) -> bool:
        """Whether an array is encoded already: of real numbers and the port's shape, and no image of the size."""
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or value.shape != self.item_shape():
            return False
        may_be_image = value.shape[:2] == self.size[::-1] and _is_image(value)
        return not may_be_image or value.min() < 0 or value.max() > 1

    def pixels(self, item: Any, refuse: Callable[..., NetError]) -> np.ndarray:
        """One image at the target size, in the colour space, as height × width × channels."""
        if isinstance(item, (str, Path)):
            array = pictures().opened(item, refuse)
        elif is_pillow(item):
            array = pictures().pixels_of(item)
        elif isinstance(item, np.ndarray) and item.dtype.kind in "fiub" and item.size and _is_image(item):
            array = item
        else:
            got = f"an array of shape {item.shape}" if isinstance(item, np.ndarray) else brief(item)
            hint = "give a path, a Pillow image, or an array: height × width, or height × width × channels (1 to 4)"
            raise refuse(f"{got} is not an image", got=item, hint=hint)
        return np.clip(self.fitting.of(colored(unit(array, refuse), self.ColorSpace), self.size), 0, 1)

    def laid_out(self, pixels: np.ndarray) -> np.ndarray:
        return laid_out(pixels, self.Interleaving, self.DataTransposed)

    def counterpart(self) -> "ImageDecoder":
        return ImageDecoder(InputDepth=3 + len(self.Dimensions), **undone(self))


class ImageDecoder(PixelDecoder):
    """A Pillow image of pixels from 0 to 1 (others are clipped); the property None gives the array.

    >>> from wlnet.coders import NetDecoder
    >>> NetDecoder("Image", "Grayscale")([[[0, 1, 0.2]]]).getpixel((2, 0))
    51

    The variance is multiplied back and the mean added back, so it undoes the encoder of the same parameters. It needs
    Pillow (pip install wlnet[image]).
    """

    kind: ClassVar[str] = "Image"
    argument_names: ClassVar[tuple[str, ...]] = ("ColorSpace",)

    InputDepth: Whole = 3
    ColorSpace: ColorSpaceField = "RGB"
    DataTransposed: Flag = False
    Interleaving: Flag = False
    MeanImage: StatisticField = None
    VarianceImage: StatisticField = None

    def item_shape(self) -> tuple:
        channels = CHANNELS[self.ColorSpace]
        return (Automatic, Automatic, channels) if self.Interleaving else (channels, Automatic, Automatic)

    def decode_items(self, items: np.ndarray, name: str, argument: Any, random: Any) -> list:
        images = taken_up(items.astype(np.float32), self.Interleaving, self.DataTransposed)
        restored = denormalized(images, self, (images.shape[2], images.shape[1]))
        return [pictures().picture(image) for image in restored]

    def target_encoder(self, shape: tuple | None) -> NetEncoder:
        lead, item = self.sizes(shape)
        sides = item[:2] if self.Interleaving else item[1:]
        return ImageEncoder(sides if self.DataTransposed else sides[::-1], Dimensions=lead, **undone(self))


def _is_image(value: np.ndarray) -> bool:
    return value.ndim == 2 or (value.ndim == 3 and 1 <= value.shape[-1] <= 4)


__all__ = ["ImageDecoder", "ImageEncoder"]
