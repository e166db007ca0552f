"""DeconvolutionLayer."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from wlnet.core.dims import Length, Refusal, Unknown, is_length, known
from wlnet.core.layer import dimension
from wlnet.core.slots import learned
from wlnet.layers.kernelled import KernelLayer
from wlnet.layers.windows import Window


@dataclass(frozen=True, slots=True)
class Spread(Window):
    """A window the other way: each place is spread over its taps, and what would be padding is cropped.

    Its size is that of the level that is spread, its places are the elements that this makes.

    >>> Spread(3, stride=2, padding=(1, 0)).places(4), Spread(3, stride=2, padding="Same").around(4)
    (8, (0, 1))
    """

    @property
    def is_shifting(self) -> bool:
        return False

    @property
    def more(self) -> Any:
        """How many elements there are beside stride · size."""
        return 0 if self.padding == "Same" else self.reach - self.stride - sum(self.padding)

    def places(self, size: Any) -> Any:
        return self.stride * size + self.more

    def size(self, places: Any) -> Any:
        left = places - self.more
        if known(left) and left % self.stride:
            raise Refusal(
                f"no size of Input is spread to {places}: the sizes of Output are {self.stride} · size {self.signed}",
                "change that size of Output, or PaddingSize",
            )
        if is_length(left) and not divides(self.stride, left):
            return Unknown
        return left // self.stride

    @property
    def signed(self) -> str:
        """What there is beside stride · size, in a formula."""
        return f"{'-' if self.more < 0 else '+'} {abs(self.more)}"

    def around(self, size: Any, maximum: Any = max) -> tuple[Any, Any]:
        """What is cropped before and after."""
        if self.padding != "Same":
            return self.padding
        total = self.reach - self.stride
        return total // 2, total - total // 2

    def refuse_small(self, size: Any, level: int) -> None:
        if not known(self.reach):
            return
        if self.padding == "Same" and self.reach < self.stride:
            raise Refusal(
                f'PaddingSize="Same" must have a kernel that spans the Stride, {self.stride}, but it spans '
                f"{self.reach}",
                "make the kernel larger, or the Stride smaller",
            )
        if known(size) and self.places(size) < 1:
            raise Refusal(
                f"PaddingSize crops {sum(self.padding)} of the {self.places(size) + sum(self.padding)} elements over "
                f"which level {level} of Input, whose size is {size}, is spread",
                "make Input or the kernel larger, or PaddingSize smaller",
            )


def divides(by: int, length: Length) -> bool:
    """Whether a length is a multiple of a number whatever its names stand for, as far as one can see."""
    return not (length.const % by or any(count % by for count, _ in length.terms))


@lru_cache(512)
def spreads(windows: tuple[Window, ...]) -> tuple[Spread, ...]:
    """The same windows the other way."""
    return tuple(Spread(each.kernel, each.stride, each.dilation, each.padding) for each in windows)


class DeconvolutionLayer(KernelLayer):
    """Output(o, p · Stride + q · Dilation) = Biases(o) + Σ over c, p, q of Weights(c, o, q) · Input(c, p), from 0.

    It is the transpose of a convolution: `n` is the number of output channels, `kernel` the size of the window over
    which each element is spread. PaddingSize is what is cropped from the ends of Output; "Same" crops it to size ·
    Stride. Weights are channels × (n / ChannelGroups) × kernel, those of the convolution that this turns round.

    >>> DeconvolutionLayer(1, 2, Weights=[[[1, 10]]], Biases=None, Stride=2)([[1, 2, 3]]).tolist()
    [[1.0, 10.0, 2.0, 20.0, 3.0, 30.0]]
    >>> DeconvolutionLayer(4, (2, 3), Stride=(2, 1), Input=(3, 7, 5)).shapes["Output"]
    (4, 14, 7)

    Where Weights is given, n and kernel need not be. With Interleaving=True the channels are the last level, and the
    first one, then of space, may vary: `Input=("Varying", 3)`.
    """

    Weights = learned("channels depth *kernel", optional=False)

    layout: ClassVar[str] = "channels × n × kernel"

    def outputs_of(self, weights: tuple[int, ...]) -> int:
        return weights[1] * self.ChannelGroups

    def check(self) -> None:
        super().check()
        rank = next(iter(self.said().values()), 1)
        for window in self.windows(self.kernel_of(rank)):
            window.refuse_small(Unknown, 0)

    def windows(self, kernel: tuple) -> tuple[Window, ...]:
        return spreads(super().windows(kernel))

    @dimension
    def depth(self, n: Any) -> Any:
        self.refuse_uneven(n, "output")
        return n // self.ChannelGroups

    @dimension("n")
    def outputs(self, depth: Any) -> Any:
        return depth * self.ChannelGroups

    def apply(self, xp: Any, Input: Any, Weights: Any, Biases: Any, size: tuple, kernel: tuple) -> Any:
        windows = self.windows(kernel)
        x, crop = self.framed(xp, Input, size, windows, 0)
        stride, dilation = (tuple(getattr(w, name) for w in windows) for name in ("stride", "dilation"))
        y = xp.deconvolve(x, Weights, Biases, stride, crop, dilation, self.ChannelGroups)
        return self.unframed(xp, y, size, windows)
