"""What a kernel is: a forward and its gradients, side by side, in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Array = Any


class Kernel(NamedTuple):
    """A function of arrays with the gradients of its own.

    `forward(*arguments)` gives the result and what the gradients want to keep of its work (None: nothing).
    `backward(g, wanted, result, kept, *arguments)` gives the gradients for the arguments whose numbers are wanted, in
    that order. Nothing that comes in is written into: not the arguments, not g, not what was kept.
    """

    forward: Callable[..., tuple[Array, Any]]
    backward: Callable[..., tuple[Array, ...]]
