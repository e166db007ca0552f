"""PoolingLayer."""

import math
from typing import Annotated, Any

from wlnet.core.errors import NetError
from wlnet.core.fields import one_of
from wlnet.layers.windowed import WindowLayer
from wlnet.layers.windows import WindowSizes, each


class PoolingLayer(WindowLayer):
    """Output = Max, Mean or Total over every window of Input, each channel by itself.

    Along each dimension of space there are ⌊(size + padding - kernel) / stride⌋ + 1 windows, or with
    PaddingSize="Same" ⌈size / stride⌉; what is left over at the end is dropped. Mean and Total count padding as zeros,
    and Mean divides by the whole kernel; Max does not see it.

    >>> PoolingLayer(2, 2)([[1, 4, 3, 2, 9]]).tolist()
    [[4.0, 3.0]]
    >>> PoolingLayer((2, 2), Function="Mean")([[[1, 2], [3, 6]]]).tolist()
    [[[3.0]]]

    The stride is 1 where it is not given, not the kernel. Stride= names it too.
    """

    kernel: WindowSizes
    stride: WindowSizes = 1
    Function: Annotated[str, one_of("Max", "Mean", "Total")] = "Max"

    def __init__(self, *arguments: Any, **options: Any):
        if "Stride" in options:
            if "stride" in options or len(arguments) > 1:
                raise NetError("PoolingLayer got stride twice", hint="give stride by position, or Stride by name")
            options["stride"] = options.pop("Stride")
        super().__init__(*arguments, **options)

    def steps(self) -> dict[str, Any]:
        return {"stride": self.stride}

    def check(self) -> None:
        super().check()
        if self.Function != "Max" or self.PaddingSize == "Same":
            return
        rank = max(self.said().values(), default=1)
        for window in self.windows(each(self.kernel, rank)):
            if max(window.padding) >= window.kernel:
                raise ValueError(
                    f"PaddingSize {max(window.padding)} must be less than the kernel, {window.kernel}: a window of "
                    "padding alone has no maximum"
                )

    def apply(self, xp: Any, Input: Any, size: tuple, kernel: tuple) -> Any:
        windows = self.windows(kernel)
        x, padding = self.framed(xp, Input, size, windows, -math.inf if self.Function == "Max" else 0)
        y = xp.pool(x, self.Function, kernel, tuple(window.stride for window in windows), padding)
        return self.unframed(xp, y, size, windows)
