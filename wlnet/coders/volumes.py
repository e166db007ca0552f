"""Volumes: stacks of slices as arrays of numbers from 0 to 1, and back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from wlnet.coders.encoder import NetEncoder, is_list
from wlnet.coders.imagefields import (
    ColorSpaceField,
    MethodField,
    PaddingField,
    ResamplingField,
    VolumeAlignmentField,
    VolumeSizeField,
    VolumeStatisticField,
    fractions,
)
from wlnet.coders.pixelcoders import PixelDecoder, PixelEncoder, denormalized, undone
from wlnet.coders.pixels import CHANNELS, Fitting, colored, is_pillow, pictures, unit
from wlnet.core.errors import NetError
from wlnet.core.fields import Flag, Whole
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic

FORMS = "give an array: depth × height × width, channels last if there are any, or a list of slices"


class Image3DEncoder(PixelEncoder):
    """Voxels from 0 to 1, channels × height × depth × width, of a volume at `size`, which is (width, depth, height).

    >>> from wlnet.coders import NetEncoder
    >>> volume = np.array([[[0, 255], [51, 0]]], dtype=np.uint8)
    >>> NetEncoder("Image3D", (2, 1, 2), ColorSpace="Grayscale")(volume).round(3).tolist()
    [[[[0.0, 1.0]], [[0.20000000298023224, 0.0]]]]
    >>> NetEncoder("Image3D", 7, Interleaving=True).port_shape()
    (7, 7, 7, 3)

    A volume is an array of depth × height × width, or of depth × height × width × channels (1 to 4), a list of slices
    (images as the Image encoder takes them), or an image file of several frames. All else is as for Image; Interleaving
    gives height × depth × width × channels, and `Alignment` is one of the names of Image, "Front" or "Back", or three:
    (across, through, down).
    """

    kind: ClassVar[str] = "Image3D"

    size: VolumeSizeField = (128, 128, 128)
    ColorSpace: ColorSpaceField = "RGB"
    Interleaving: Flag = False
    MeanImage: VolumeStatisticField = None
    VarianceImage: VolumeStatisticField = None
    Method: MethodField = "Stretch"
    Resampling: ResamplingField = Automatic
    Alignment: VolumeAlignmentField = "Center"
    Padding: PaddingField = "Black"

    def item_shape(self) -> tuple:
        (width, depth, height), channels = self.size, CHANNELS[self.ColorSpace]
        return (height, depth, width, channels) if self.Interleaving else (channels, height, depth, width)

    def is_item(self, value: Any) -> bool:
        if isinstance(value, np.ndarray) and value.dtype != object:
            return self.is_encoded(value) or _is_volume(value)
        return not is_list(value) or not len(value) or is_slice(next(iter(value)))

    def is_encoded(self, value: Any) -> bool:
        """Whether an array is encoded already: of real numbers and the port's shape, and no volume of the size."""
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or value.shape != self.item_shape():
            return False
        width, depth, height = self.size
        may_be_volume = value.shape[:3] == (depth, height, width) and _is_volume(value)
        return not may_be_volume or value.min() < 0 or value.max() > 1

    def pixels(self, item: Any, refuse: Callable[..., NetError]) -> np.ndarray:
        """One volume at the target size, in the colour space, as depth × height × width × channels."""
        voxels = self.voxels(item, refuse)
        fitting = Fitting(self.Method, self.Resampling, fractions(self.Alignment, 3), self.Padding)
        return np.clip(fitting.of(voxels, self.size), 0, 1)

    def voxels(self, item: Any, refuse: Callable[..., NetError]) -> np.ndarray:
        """A volume in the colour space, of its own size."""
        if isinstance(item, np.ndarray) and item.dtype.kind in "fiub" and item.size and _is_volume(item):
            found = unit(item, refuse)
            return colored(found if found.ndim == 4 else found[..., None], self.ColorSpace)
        if isinstance(item, (str, Path)) or (is_list(item) and len(item) and not isinstance(item, np.ndarray)):
            slices = [
                colored(unit(each, refuse), self.ColorSpace)
                for given in ([item] if isinstance(item, (str, Path)) else item)
                for each in slices_of(given, refuse)
            ]
            if len({each.shape for each in slices}) > 1:
                sizes = ", ".join(sorted({f"{each.shape[0]}×{each.shape[1]}" for each in slices}))
                raise refuse(f"the slices of a volume differ in size: {sizes}", hint="bring them to one size first")
            return np.stack(slices)
        got = f"an array of shape {item.shape}" if isinstance(item, np.ndarray) else brief(item)
        raise refuse(f"{got} is not a volume", got=item, hint=FORMS)

    def laid_out(self, pixels: np.ndarray) -> np.ndarray:
        turned = np.swapaxes(pixels, -4, -3)
        return turned if self.Interleaving else np.moveaxis(turned, -1, -4)

    def counterpart(self) -> "Image3DDecoder":
        return Image3DDecoder(InputDepth=4 + len(self.Dimensions), **undone(self))


def _is_volume(value: np.ndarray) -> bool:
    return value.ndim == 3 or (value.ndim == 4 and 1 <= value.shape[-1] <= 4)


def is_slice(value: Any) -> bool:
    """Whether a value is one image of a stack: a file, a Pillow image, or an array of an image."""
    if isinstance(value, (str, Path)) or is_pillow(value):
        return True
    return isinstance(value, np.ndarray) and (value.ndim == 2 or (value.ndim == 3 and 1 <= value.shape[-1] <= 4))


def slices_of(given: Any, refuse: Callable[..., NetError]) -> list[np.ndarray]:
    """The images that one entry of a stack is: an array, a Pillow image, or all frames of a file."""
    if isinstance(given, (str, Path)):
        return pictures().frames_of(given, refuse)[0]
    if is_pillow(given):
        return [pictures().pixels_of(given)]
    if is_slice(given) and given.size and given.dtype.kind in "fiub":
        return [given]
    got = f"an array of shape {given.shape}" if isinstance(given, np.ndarray) else brief(given)
    raise refuse(f"{got} is not an image", got=given, hint="give paths, Pillow images or arrays of one size")


class Image3DDecoder(PixelDecoder):
    """An array of voxels from 0 to 1 (others are clipped), depth × height × width, and × 3 in colour.

    >>> from wlnet.coders import NetDecoder
    >>> NetDecoder("Image3D", "Grayscale")(np.ones((1, 2, 3, 5))).shape
    (3, 2, 5)

    The variance is multiplied back and the mean added back, so it undoes the encoder of the same parameters, which
    takes the array back. The property None gives the array as the net does.
    """

    kind: ClassVar[str] = "Image3D"
    argument_names: ClassVar[tuple[str, ...]] = ("ColorSpace",)
    size_text: ClassVar[str] = "(width, depth, height)"

    InputDepth: Whole = 4
    ColorSpace: ColorSpaceField = "RGB"
    Interleaving: Flag = False
    MeanImage: VolumeStatisticField = None
    VarianceImage: VolumeStatisticField = None

    def item_shape(self) -> tuple:
        channels = CHANNELS[self.ColorSpace]
        return (*(Automatic,) * 3, channels) if self.Interleaving else (channels, *(Automatic,) * 3)

    def decode_items(self, items: np.ndarray, name: str, argument: Any, random: Any) -> list:
        turned = items.astype(np.float32) if self.Interleaving else np.moveaxis(items.astype(np.float32), -4, -1)
        volumes = np.swapaxes(turned, -4, -3)
        _, depth, height, width, channels = volumes.shape
        restored = np.clip(denormalized(volumes, self, (width, depth, height)), 0, 1)
        return list(restored[..., 0] if channels == 1 else restored)

    def target_encoder(self, shape: tuple | None) -> NetEncoder:
        lead, item = self.sizes(shape)
        height, depth, width = item[:3] if self.Interleaving else item[1:]
        return Image3DEncoder((width, depth, height), Dimensions=lead, **undone(self))
