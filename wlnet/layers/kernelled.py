"""KernelLayer: what layers share whose window has a trained kernel."""

from typing import Any, ClassVar

from wlnet.core.declared import abstract
from wlnet.core.dims import Refusal, is_length, known
from wlnet.core.errors import NetError
from wlnet.core.fields import AutoSize, Size
from wlnet.core.layer import dimension
from wlnet.core.ports import shape_text
from wlnet.core.slots import gives, learned
from wlnet.core.symbols import Automatic
from wlnet.layers.windowed import WindowLayer
from wlnet.layers.windows import MOST, AutoWindowSizes, WindowSizes


@abstract
class KernelLayer(WindowLayer):
    """The base of layers with Weights over a window: n output channels, and channels in groups that do not mix.

    Where Weights is given, n and kernel need not be. A subclass says the shape of Weights, and what it says of n.
    """

    n: AutoSize = Automatic
    kernel: AutoWindowSizes = Automatic
    ChannelGroups: Size = 1
    Dilation: WindowSizes = 1
    Stride: WindowSizes = 1

    Output = gives("n *outsize")
    Weights = learned("n depth *kernel", optional=False)
    Biases = learned("n", start=0.0)

    layout: ClassVar[str] = "n × channels × kernel"
    """The shape of Weights in words."""

    def outputs_of(self, weights: tuple[int, ...]) -> int:
        """The number of output channels that Weights of that shape make."""
        return weights[0]

    def steps(self) -> dict[str, Any]:
        return {"Stride": self.Stride, "Dilation": self.Dilation}

    def said(self) -> dict[str, int]:
        shape = said_shape(self.arrays.get("Weights"))
        if shape is None:
            return super().said()
        return super().said() | {f"Weights of shape {shape_text(shape)}": len(shape) - 2}

    def _take_named(self, options: dict[str, Any]) -> None:
        super()._take_named(options)
        shape = said_shape(self.arrays.get("Weights"))
        if shape is not None:
            self._read_off(shape)
        elif self.kernel is Automatic:
            label = type(self).__name__
            raise NetError(
                f"{label} needs kernel, or Weights to read it off",
                expected="kernel",
                hint=f"write {label}(n, kernel, …)",
            )

    def _read_off(self, shape: tuple[int, ...]) -> None:
        """Fills in n and kernel, where they are left out, from the shape of Weights."""
        if not 3 <= len(shape) <= MOST + 2:
            raise NetError(
                f"{type(self).__name__}: Weights must be of shape {self.layout}, with a kernel of 1 to {MOST} "
                f"dimensions, got {shape_text(shape)}",
                got=shape,
            )
        filled = {"n": self.outputs_of(shape), "kernel": shape[2:]}
        self.__dict__.update({name: value for name, value in filled.items() if self.__dict__[name] is Automatic})

    def words(self) -> dict[str, Any]:
        return super().words() | ({} if self.n is Automatic else {"n": self.n})

    @dimension("channels")
    def fixed_channels(self, channels: Any) -> None:
        if is_length(channels):
            raise Refusal(
                "the channels, level 1 of Input, cannot vary",
                "with Interleaving=True the channels come last, so that level 1 may vary",
            )
        self.refuse_uneven(channels, "input")

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


def said_shape(array: Any) -> tuple | None:
    """The shape of an array of a layer, where its values or a NetArray say the whole of it."""
    shape = getattr(array, "shape", None)
    return shape if shape is not None and all(map(known, shape)) else None
