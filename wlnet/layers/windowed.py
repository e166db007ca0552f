"""WindowLayer: what layers share that move a window along the dimensions of space, such as convolution and pooling."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from wlnet.core.declared import abstract
from wlnet.core.dims import NotYet, Refusal, Unknown
from wlnet.core.fields import Flag
from wlnet.core.layer import Layer, dimension
from wlnet.core.slots import Slot, gives, takes
from wlnet.core.symbols import Automatic
from wlnet.core.types import Real
from wlnet.layers.windows import MOST, Dimensions, PaddingSizes, Window, each, shifted, spaces, windows_of


@abstract
class WindowLayer(Layer):
    """The base of layers with a window: kernel and stride are one number for all dimensions of space, or one for each.

    How many dimensions of space there are is said by any setting that is a tuple, by Dimensionality, or by a port.
    Channels are level 1, or with Interleaving=True the last level; then level 1 is of space, and may vary.
    """

    Dimensionality: Dimensions = Automatic
    Interleaving: Flag = False
    PaddingSize: PaddingSizes = 0

    Input = takes("channels *size", of=Real())
    Output = gives("channels *outsize")

    # --- settings ---------------------------------------------------------------------------------------------------

    def steps(self) -> dict[str, Any]:
        """The settings of the window beside its kernel and padding, by their names."""
        raise NotImplementedError

    def said(self) -> dict[str, int]:
        """The number of dimensions of space that each setting says, by what it is."""
        listed = {"kernel": self.kernel, **self.steps(), "PaddingSize": self.PaddingSize}
        ranks = {f"{name} {value}": len(value) for name, value in listed.items() if isinstance(value, tuple)}
        if self.Dimensionality is not Automatic:
            ranks[f"Dimensionality {self.Dimensionality}"] = self.Dimensionality
        return ranks

    def check(self) -> None:
        ranks = list(self.said().items())
        for what, rank in ranks[1:]:
            if rank != ranks[0][1]:
                raise ValueError(f"{ranks[0][0]} is for {spaces(ranks[0][1])}, but {what} for {rank}")

    def words(self) -> dict[str, Any]:
        ranks = self.said()
        return {"kernel": self.kernel_of(next(iter(ranks.values())))} if ranks else {}

    def kernel_of(self, rank: int) -> tuple:
        """The sizes of the window in so many dimensions of space."""
        return (Unknown,) * rank if self.kernel is Automatic else each(self.kernel, rank)

    def windows(self, kernel: tuple) -> tuple[Window, ...]:
        """The window along each dimension of space."""
        if kernel is Unknown:
            raise NotYet  # where no array has the word, the solver cannot tell that its rank is not known
        return windows_of(kernel, self.PaddingSize, tuple(self.steps().items()))

    # --- ports and rules --------------------------------------------------------------------------------------------

    def ports(self) -> dict[str, Slot]:
        return self.placed_ports

    @cached_property
    def placed_ports(self) -> dict[str, Slot]:
        """The ports with the channels where Interleaving puts them."""
        if not self.Interleaving:
            return self.slots
        return {
            name: replace(slot, words=slot.words[1:] + slot.words[:1]) if slot.kind in ("in", "out") else slot
            for name, slot in self.slots.items()
        }

    @dimension("kernel")
    def kernel_by_input(self, size: tuple) -> tuple:
        return self.kernel_by_rank(len(size), "Input")

    @dimension("kernel")
    def kernel_by_output(self, outsize: tuple) -> tuple:
        return self.kernel_by_rank(len(outsize), "Output")

    def kernel_by_rank(self, rank: int, port: str) -> tuple:
        """The sizes of the window where a port has so many dimensions of space."""
        for what, other in self.said().items():
            if other != rank:
                hint = f"give {port} {other + 1} levels: the channels and the dimensions of space"
                raise Refusal(f"{port} has {spaces(rank)}, but {what} is for {other}", hint)
        if not 1 <= rank <= MOST:
            hint = f"give {port} 2 to {MOST + 1} levels: the channels and the dimensions of space"
            raise Refusal(f"{port} has {spaces(rank)}, where there are 1 to {MOST}", hint)
        return self.kernel_of(rank)

    @dimension
    def outsize(self, size: tuple, kernel: tuple) -> tuple:
        windows = self.windows(kernel)
        for k, (window, dim) in enumerate(zip(windows, size, strict=True)):
            window.refuse_small(dim, k + 1 + (not self.Interleaving))
        return tuple(window.places(dim) for window, dim in zip(windows, size, strict=True))

    @dimension
    def size(self, outsize: tuple, kernel: tuple) -> tuple:
        return tuple(window.size(dim) for window, dim in zip(self.windows(kernel), outsize, strict=True))

    @dimension("size")
    def rank_of_size(self, kernel: tuple) -> tuple:
        return (Unknown,) * len(self.windows(kernel))

    # --- running ----------------------------------------------------------------------------------------------------

    def framed(self, xp: Any, x: Any, size: tuple, windows: Sequence[Window], fill: float) -> tuple[Any, tuple]:
        """(x with the channels on axis 1, the padding that is left to do for each dimension of space).

        Where level 1 varies, everything beyond the true end of an example counts as padding, `fill`.
        """
        first, length = windows[0], size[0]
        sizes = x.shape[1:-1] if self.Interleaving else x.shape[2:]
        shifts = first.is_shifting and not isinstance(length, int)
        around = [(0, 0)] * shifts + [w.around(dim) for w, dim in list(zip(windows, sizes, strict=True))[shifts:]]
        x = shifted(xp, x, length, first, fill) if shifts else xp.masked(x, length, fill)
        return (xp.moveaxis(x, -1, 1) if self.Interleaving else x), tuple(around)

    def unframed(self, xp: Any, y: Any, size: tuple, windows: Sequence[Window]) -> Any:
        """y with the channels where they belong; the padding of a varying level repeats the last true element."""
        if not self.Interleaving:
            return y
        y, length = xp.moveaxis(y, 1, -1), size[0]
        if isinstance(length, int):
            return y
        places = windows[0].places(length)
        return xp.masked(y, places, xp.gather(y, xp.reshape(places, (-1, 1)) - 1))
