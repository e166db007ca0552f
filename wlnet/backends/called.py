"""Functions of the user's own inside a net. They run in NumPy form on both backends, one example or a batch at a time.

The gradient is the user's too, or is taken by the tape: the function then runs once more on a `Recorded` array, which
answers NumPy's protocols, Python's operators and an array's methods, so that plain NumPy code has a gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import autograd.numpy.numpy_wrapper as anp
import numpy as np
from autograd.tracer import isbox

from wlnet.backends.gradients import where
from wlnet.backends.tape import value_and_gradient
from wlnet.core.errors import NetError
from wlnet.core.ports import shape_text
from wlnet.core.symbols import Automatic
from wlnet.kernels.kernel import Kernel

Array = Any
REMEDY = "give its gradient, as in CompiledLayer(function, gradient), or None for a layer without one"


@dataclass(frozen=True)
class Call:
    """One use of a function: what gives its gradient, whether it takes the batch whole, and the shape it must give.

    `shape` is that of one example; where its first size is None the output is as long as the input. `passes` is the
    number of arguments that the gradient takes: (x, g), or (x, g, y).
    """

    function: Callable[..., Any]
    gradient: Any
    passes: int
    whole: bool
    shape: tuple
    path: tuple

    def full_shape(self, x: Array) -> tuple:
        """The shape of the result of a batch."""
        return (x.shape[0], *(x.shape[1] if size is None else size for size in self.shape))

    def forward(self, x: Array, length: Array | None) -> Array:
        """x (B, *in) -> (B, *shape); beyond the true lengths, where there are any, 0."""
        if self.whole:
            return self.checked(self.tried("function", self.function, fixed(x)), self.full_shape(x), "function", x)
        y = np.zeros(self.full_shape(x), x.dtype)
        for row, target in self.pairs(x, y, length):
            target[...] = self.checked(self.tried("function", self.function, row), target.shape, "function", x)
        return y

    def backward(self, x: Array, g: Array, y: Array, length: Array | None) -> Array:
        """The gradient of x."""
        if self.whole:
            return self.checked(self.slope(fixed(x), fixed(g), fixed(y)), x.shape, "gradient", x)
        d = np.zeros_like(x)
        for (row, target), (up, out) in zip(self.pairs(x, d, length), self.pairs(g, y, length), strict=True):
            target[...] = self.checked(self.slope(row, up, fixed(out)), target.shape, "gradient", x)
        return d

    def pairs(self, one: Array, other: Array, length: Array | None) -> list[tuple[Array, Array]]:
        """The examples of two arrays, cut to their true lengths where the first size of their shape varies."""
        cut = [slice(None) if length is None else slice(int(size)) for size in range(len(one))] if length is None else [
            slice(int(size)) for size in np.broadcast_to(length, (len(one),))
        ]
        return [
            (fixed(one[k : k + 1][0] if one.ndim == 1 else one[k, each]), other[k, ...]) for k, each in enumerate(cut)
        ]

    def slope(self, x: Array, g: Array, y: Array) -> Any:
        """The gradient of one call."""
        if self.gradient is Automatic:
            return self.differentiated(x, g)
        return self.tried("gradient", self.gradient, *(x, g, y)[: self.passes])
