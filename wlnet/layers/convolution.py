"""ConvolutionLayer."""

from typing import Any

from wlnet.core.layer import dimension
from wlnet.layers.kernelled import KernelLayer


class ConvolutionLayer(KernelLayer):
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

    @dimension
    def depth(self, channels: Any) -> Any:
        self.fixed_channels(channels)
        return channels // self.ChannelGroups

    @dimension
    def channels(self, depth: Any) -> Any:
        return depth * self.ChannelGroups

    def apply(self, xp: Any, Input: Any, Weights: Any, Biases: Any, size: tuple, kernel: tuple) -> Any:
        windows = self.windows(kernel)
        x, padding = self.framed(xp, Input, size, windows, 0)
        stride, dilation = (tuple(getattr(w, name) for w in windows) for name in ("stride", "dilation"))
        y = xp.convolve(x, Weights, Biases, stride, padding, dilation, self.ChannelGroups)
        return self.unframed(xp, y, size, windows)
