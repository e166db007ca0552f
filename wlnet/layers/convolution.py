"""ConvolutionLayer."""

from typing import Any

from wlnet.core.dims import Refusal, is_length, known
from wlnet.core.errors import NetError
from wlnet.core.fields import AutoSize, Size
from wlnet.core.layer import dimension
from wlnet.core.ports import gives, learned, shape_text
from wlnet.core.symbols import Automatic
from wlnet.layers.windowed import WindowLayer
from wlnet.layers.windows import MOST, AutoWindowSizes, WindowSizes


class ConvolutionLayer(WindowLayer):
    """Output(o, p) = Biases(o) + Σ over c, q of Weights(o, c, q) · Input(c, p · Stride + q · Dilation), places from 0.

    `n` is the number of output channels, `kernel` the size of the window in each dimension of space; the kernel is not
    turned round. Input is padded with zeros, "Same" makes ⌈size / Stride⌉ places. Weights are n × (channels /
    ChannelGroups) × kernel: with groups, each block of input channels goes only to its own block of output channels.

    >>> ConvolutionLayer(1, 2, Weights=[[[1, 10]]], Biases=[0.5])([[1, 2, 3]]).tolist()
    [[21.5, 32.5]]
    >>> ConvolutionLayer(4, (2, 3), Stride=(2, 1), Input=(3, 7, 5)).shapes["Output"]
    (4, 3, 3)

    Where Weights is given, n and kernel need not be. With Interleaving=True the channels are the last level, and the
    first one, then of space, may vary: `Input=("Varying", 3)`.
    """

    n: AutoSize = Automatic
    kernel: AutoWindowSizes = Automatic
    ChannelGroups: Size = 1
    Dilation: WindowSizes = 1
    Stride: WindowSizes = 1

    Output = gives("n *outsize")
    Weights = learned("n depth *kernel", optional=False)
    Biases = learned("n", start=0.0)

    def steps(self) -> dict[str, Any]:
        return {"Stride": self.Stride, "Dilation": self.Dilation}

    def said(self) -> dict[str, int]:
        weights: Any = self.arrays.get("Weights")
        if not is_array(weights):
            return super().said()
        return super().said() | {f"Weights of shape {shape_text(weights.shape)}": weights.ndim - 2}

    def _take_named(self, options: dict[str, Any]) -> None:
        super()._take_named(options)
        weights = self.arrays.get("Weights", Automatic)
        if is_array(weights):
            self._read_off(weights.shape)
        elif weights is Automatic and self.kernel is Automatic:
            raise NetError(
                "ConvolutionLayer needs kernel, or Weights to read it off",
                expected="kernel",
                hint="write ConvolutionLayer(n, kernel, …)",
            )

    def _read_off(self, shape: tuple[int, ...]) -> None:
        """Fills in n and kernel, where they are left out, from the shape of Weights."""
        if not 3 <= len(shape) <= MOST + 2:
            raise NetError(
                f"ConvolutionLayer: Weights must be of shape n × channels × kernel, with a kernel of 1 to {MOST} "
                f"dimensions, got {shape_text(shape)}",
                got=shape,
            )
        filled = {"n": shape[0], "kernel": shape[2:]}
        self.__dict__.update({name: value for name, value in filled.items() if self.__dict__[name] is Automatic})

    def words(self) -> dict[str, Any]:
        return super().words() | ({} if self.n is Automatic else {"n": self.n})

    @dimension
    def depth(self, channels: Any) -> Any:
        if is_length(channels):
            raise Refusal(
                "the channels, level 1 of Input, cannot vary",
                "with Interleaving=True the channels come last, so that level 1 may vary",
            )
        self.refuse_uneven(channels, "input")
        return channels // self.ChannelGroups

    @dimension
    def channels(self, depth: Any) -> Any:
        return depth * self.ChannelGroups

    @dimension("n")
    def even_outputs(self, n: Any) -> None:
        self.refuse_uneven(n, "output")

    def refuse_uneven(self, channels: Any, which: str) -> None:
        """Refuses channels that the groups do not divide."""
        if known(channels) and channels % self.ChannelGroups:
            raise Refusal(
                f"{channels} {which} channels do not split into {self.ChannelGroups} equal groups",
                f"ChannelGroups must divide the number of {which} channels",
            )

    def apply(self, xp: Any, Input: Any, Weights: Any, Biases: Any, size: tuple, kernel: tuple) -> Any:
        windows = self.windows(kernel)
        x, padding = self.framed(xp, Input, size, windows, 0)
        stride, dilation = (tuple(getattr(w, name) for w in windows) for name in ("stride", "dilation"))
        y = xp.convolve(x, Weights, Biases, stride, padding, dilation, self.ChannelGroups)
        return self.unframed(xp, y, size, windows)


def is_array(value: Any) -> bool:
    """Whether an array of a layer has values of its own: it may have none yet, or be shared."""
    return hasattr(value, "shape") and not hasattr(value, "array_key")
