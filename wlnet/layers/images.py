"""ImageAugmentationLayer and LocalResponseNormalizationLayer."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal, is_length
from wlnet.core.fields import Fraction, NonNegative, Number, Whole
from wlnet.core.layer import Layer, dimension
from wlnet.core.slots import gives, takes
from wlnet.core.types import Real, Same
from wlnet.layers.resizing import HeightWidth


def _chances(value: Any) -> Any:
    kind: Any = Fraction
    check = kind.__metadata__[0].func
    try:
        vertical, horizontal = value
        return check(vertical), check(horizontal)
    except (TypeError, ValueError):
        raise ValueError("must be two numbers from 0 to 1, (vertical, horizontal)") from None


class ImageAugmentationLayer(Layer):
    """Output = a part of Input of the given (height, width): in evaluation the middle, in training anywhere.

    In training each example is cut out at a place of its own, and then turned upside down and left to right with the
    ReflectionProbabilities, (vertical, horizontal).

    >>> ImageAugmentationLayer((1, 2))([[[1, 2, 3, 4], [5, 6, 7, 8]]]).tolist()
    [[[2.0, 3.0]]]
    >>> layer = ImageAugmentationLayer((1, 2), ReflectionProbabilities=(0, 1))
    >>> layer([[[1, 2]]], NetEvaluationMode="Train").tolist()
    [[[2.0, 1.0]]]

    Where the middle is between two pixels, the one more is dropped at the end.
    """

    extent: HeightWidth
    ReflectionProbabilities: Annotated[tuple[float, float], BeforeValidator(_chances)] = (0, 0)

    Input = takes("channels height width", of=Same())
    Output = gives("channels rows columns", of=Same())

    def words(self) -> dict[str, Any]:
        return dict(zip(("rows", "columns"), self.extent, strict=True))

    @dimension("height")
    def fits(self, height: Any, width: Any) -> None:
        if self.extent[0] > height or self.extent[1] > width:
            rows, columns = self.extent
            raise Refusal(
                f"an image of height {height} and width {width} has no part of height {rows} and width {columns}",
                "enlarge the image with ResizeLayer or PaddingLayer first, or ask for a smaller part",
            )

    def apply(self, xp: Any, Input: Any) -> Any:
        rows, columns = self.extent
        spare = Input.shape[2] - rows, Input.shape[3] - columns
        if not xp.training:
            top, left = (count // 2 for count in spare)
            return Input[:, :, top : top + rows, left : left + columns]
        draws = xp.uniform((Input.shape[0], 4))
        tall = xp.gather(xp.swapaxes(Input, 1, 2), self.picked(xp, draws, 0, spare[0]))
        wide = xp.gather(xp.swapaxes(tall, 1, 3), self.picked(xp, draws, 1, spare[1]))
        return xp.transpose(wide, (0, 2, 3, 1))

    def picked(self, xp: Any, draws: Any, at: int, spare: int) -> Any:
        """For each example the rows, or the columns, to take: from a random start, in one order or the other."""
        size = self.extent[at]
        start = xp.minimum(xp.floor(draws[:, at : at + 1] * (spare + 1)), spare)
        place = xp.astype(xp.arange(size), float)[None]
        turned = draws[:, 2 + at : 3 + at] < self.ReflectionProbabilities[at]
        return xp.astype(start + xp.where(turned, size - 1 - place, place), int)


class LocalResponseNormalizationLayer(Layer):
    """Output = Input / (Alpha / (2c + 1) · Σ Input² + Bias)^Beta, the sum over up to c channels on either side.

    c is ChannelWindowSize. The factor stays 1 / (2c + 1) at the first and last channels too (Krizhevsky et al. 2012).

    >>> layer = LocalResponseNormalizationLayer(Alpha=3, Beta=1, Bias=2, ChannelWindowSize=1)
    >>> layer([[[1]], [[1]], [[0]]]).flatten().tolist()
    [0.25, 0.25, 0.0]
    """

    Alpha: NonNegative = 1.0
    Beta: Number = 0.5
    Bias: NonNegative = 1.0
    ChannelWindowSize: Whole = 2

    Input = takes("channels height width", of=Real())
    Output = gives("channels height width")

    @dimension("channels")
    def enough(self, channels: Any) -> None:
        if is_length(channels):
            raise Refusal("the channels, level 1 of Input, cannot vary", "give Input a fixed number of channels")
        least = 2 * self.ChannelWindowSize + 1
        if channels < least:
            raise Refusal(
                f"Input must have at least 2 · ChannelWindowSize + 1 = {least} channels, not {channels}",
                f"ChannelWindowSize may be up to {(channels - 1) // 2} for them",
            )

    def apply(self, xp: Any, Input: Any) -> Any:
        width = self.ChannelWindowSize
        flat = xp.reshape(Input * Input, (Input.shape[0], 1, Input.shape[1], -1))
        total = xp.pool(flat, "Total", (2 * width + 1, 1), (1, 1), ((width, width), (0, 0)))
        level = xp.reshape(total, Input.shape) * (self.Alpha / (2 * width + 1)) + self.Bias
        if self.Bias == 0:  # where all of the window is 0, Input is too, and stays
            level = xp.where(level == 0, 1.0, level)
        return Input * xp.power(level, -self.Beta)
