"""Functions of the user's own inside a net. They run in NumPy form on both backends, on one example or on a batch.

The gradient is the user's too, or is taken by the tape: the function then runs once more, on a `Recorded` array.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import autograd.numpy.numpy_wrapper as anp  # autograd.numpy itself hides the names with an underscore
import numpy as np

from wlnet.backends.recorded import Recorded, plain
from wlnet.backends.tape import value_and_gradient
from wlnet.core.errors import NetError
from wlnet.core.ports import shape_text
from wlnet.core.symbols import Automatic
from wlnet.kernels.kernel import Kernel

Array = Any
BY_HAND = "give its gradient, as in CompiledLayer(function, gradient), or None for a layer without one"


@dataclass(frozen=True)
class Call:
    """One use of a function in a net: what gives its gradient, and the shape that it must give.

    `gradient` is Automatic, or takes the first `passes` of (input, output's gradient, output). `whole` functions take a
    batch at once. `shape` is that of one example; a first size of None is the length of the input.
    """

    function: Callable[..., Any]
    gradient: Any
    passes: int
    whole: bool
    shape: tuple
    path: tuple

    def full_shape(self, x: Array) -> tuple:
        """The shape of the result for a batch x."""
        return (x.shape[0], *(x.shape[1] if size is None else size for size in self.shape))

    def forward(self, x: Array, length: Array | None) -> Array:
        """x (B, *in) -> (B, *shape); beyond the true lengths, where there are any, 0."""
        y = np.zeros(self.full_shape(x), x.dtype)
        if self.whole:
            y[...] = self.checked("function", self.tried("function", self.function, fixed(x)), y.shape)
            return y
        for k in range(len(x)):
            target = cut(y, k, length if self.varies else None)
            value = self.tried("function", self.function, fixed(cut(x, k, length)))
            target[...] = self.checked("function", value, target.shape)
        return y

    def backward(self, x: Array, g: Array, y: Array, length: Array | None) -> Array:
        """The gradient of x."""
        d = np.zeros_like(x)
        if self.whole:
            d[...] = self.checked("gradient", self.slope(fixed(x), fixed(g), fixed(y)), d.shape)
            return d
        outer = length if self.varies else None
        for k in range(len(x)):
            target, given = cut(d, k, length), (cut(x, k, length), cut(g, k, outer), cut(y, k, outer))
            target[...] = self.checked("gradient", self.slope(*map(fixed, given)), target.shape)
        return d

    @property
    def varies(self) -> bool:
        """Whether the result is as long as the input."""
        return self.shape[:1] == (None,)

    def slope(self, x: Array, g: Array, y: Array) -> Any:
        """The gradient of x, from one call of the user's or by the tape."""
        if self.gradient is not Automatic:
            return self.tried("gradient", self.gradient, *(x, g, y)[: self.passes])

        def along(leaves: dict[str, Any]) -> tuple[Any, None]:
            return anp.sum(plain(self.function(Recorded(leaves["x"]))) * g), None

        try:
            return value_and_gradient(along, {"x": x})[2]["x"]
        except Exception as error:
            text = f"CompiledLayer: its function cannot be differentiated: {fault(error)}"
            hint = getattr(error, "hint", None)
            raise NetError(text, path=self.path, hint=f"{hint}; or {BY_HAND}" if hint else BY_HAND) from error

    def tried(self, what: str, function: Callable[..., Any], *arguments: Array) -> Any:
        """What one of the user's functions gives."""
        try:
            return function(*arguments)
        except Exception as error:
            raise NetError(f"CompiledLayer: its {what} failed: {fault(error)}", path=self.path) from error

    def checked(self, what: str, value: Any, shape: tuple) -> Array:
        """What came back as an array, if it is one of real numbers and of that shape."""
        try:
            array = np.asarray(value)
        except ValueError:
            array = np.asarray(None)
        if array.dtype.kind not in "fiub":
            text = f"its {what} must give an array of real numbers, but gave {type(value).__name__}"
            raise NetError(f"CompiledLayer: {text}", path=self.path, expected="real numbers", got=value)
        if array.shape != shape:
            text = f"its {what} must give {shape_text(shape)}, but gave {shape_text(array.shape)}"
            of = "the batch" if self.whole else "one example"
            hint = "the gradient has the shape of the input" if what == "gradient" else "Output says the shape"
            raise NetError(
                f"CompiledLayer: {text}", path=self.path, expected=shape, got=array.shape, hint=f"it gets {of}; {hint}"
            )
        return array


class Faults:
    """Errors that cannot pass through compiled code: kept while it runs, and raised behind it."""

    def __init__(self) -> None:
        self.possible = False  # whether any compiled code calls back
        self.kept: deque[NetError] = deque()

    def tried(self, function: Callable[..., Array], shape: tuple, dtype: Any) -> Callable[..., Array]:
        """The same function, which keeps its error and gives nan."""
        self.possible = True

        def call(*arrays: Any) -> Array:
            try:
                return function(*arrays)
            except NetError as error:
                self.kept.append(error)
                return np.full(shape, np.nan, dtype)

        return call

    def raise_first(self) -> None:
        """Raises the first error that was kept."""
        if self.kept:
            first = self.kept[0]
            self.kept.clear()
            raise first


def cut(x: Array, k: int, length: Array | None) -> Array:
    """Example k, as a view, without padding."""
    row = x[k, ...]
    return row if length is None else row[: int(length[k])]


def fixed(x: Array) -> Array:
    """The same array for the user's eyes only: nothing of ours is written into."""
    view = x.view()
    view.flags.writeable = False
    return view


def fault(error: Exception) -> str:
    """An error of the user's function in a message."""
    if isinstance(error, NetError):
        return error.message
    if isinstance(error, NotImplementedError):  # the tape's, which says what has no gradient
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def forward(x: Array, call: Call, length: Array | None) -> tuple[Array, None]:
    """The result of a call for a batch."""
    return call.forward(x, length), None


def backward(
    g: Array, wanted: tuple[int, ...], y: Array, kept: None, x: Array, call: Call, length: Array | None
) -> tuple[Array]:
    """The gradient for the batch."""
    return (call.backward(x, g, y, length),)


called = Kernel(forward, backward)
