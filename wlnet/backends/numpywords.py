"""How NumPy's names and our kernels become words of `xp`: each is one primitive of autograd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import local
from typing import Any

import numpy as np
from autograd.extend import defvjp_argnums

from wlnet.backends.context import Array
from wlnet.backends.gradients import of_one
from wlnet.backends.tape import primitive, recorded
from wlnet.kernels import special
from wlnet.kernels.kernel import Kernel

# What a forward keeps for its gradient, for the moment between the two: autograd asks for the gradient right after the
# call, on the same thread.
slot = local()

Sizes = Sequence[int]


def word(kernel: Kernel) -> Callable[..., Array]:
    """A kernel as one autograd primitive; on plain arrays it is the forward alone, and keeps nothing."""

    def forward(*arguments: Any) -> Array:
        result, slot.kept = kernel.forward(*arguments)
        return result

    def gradient(wanted: tuple[int, ...], result: Array, arguments: tuple, named: dict) -> Callable[[Array], Any]:
        kept, slot.kept = slot.kept, None
        return lambda g: kernel.backward(g, wanted, result, kept, *arguments)

    on_tape = primitive(forward)
    defvjp_argnums(on_tape, gradient)
    return recorded(on_tape, lambda *arguments: kernel.forward(*arguments)[0])


def slid(kernel: Kernel) -> Callable[..., Array]:
    """A kernel that slides over its input; a primitive sees what stands on the tape only among its positional ones."""
    on_tape = word(kernel)

    def call(
        x: Array,
        weights: Array,
        biases: Array | None,
        stride: Sizes,
        padding: Any,
        dilation: Sizes,
        groups: int = 1,
    ) -> Array:
        return on_tape(x, weights, biases, tuple(stride), pairs(padding), tuple(dilation), groups)

    return call


def pairs(padding: Any) -> tuple[tuple[int, int], ...]:
    """Padding as a tuple of pairs, which can be looked up."""
    return tuple((before, after) for before, after in padding)


WORDS = [
    "abs", "arctan2", "clip", "cosh", "sinh", "concatenate", "cumsum", "diff", "exp", "expm1", "expand_dims",
    "log", "log1p", "logaddexp", "matmul", "max", "maximum", "mean", "min", "minimum", "moveaxis", "outer",
    "prod", "repeat", "roll", "split", "sqrt", "squeeze", "std", "sum", "swapaxes", "tanh",
    "tensordot", "tile", "transpose", "var", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arcsinh",
    "arccosh", "arctanh", "sign", "floor", "ceil", "round", "trunc", "mod", "power", "square", "isnan",
    "logical_and", "logical_or", "logical_not", "equal", "not_equal", "greater", "greater_equal", "less",
    "less_equal", "zeros_like", "ones_like", "broadcast_to", "ndim", "shape",
]  # fmt: skip

SLOPES: dict[str, Callable[[Array, Array], Array]] = {
    "erf": lambda x, y: np.exp(-x * x) * 1.1283791670955126,
    "erfc": lambda x, y: np.exp(-x * x) * -1.1283791670955126,
    "erfinv": lambda x, y: np.exp(y * y) * 0.886226925452758,
    "erfcinv": lambda x, y: np.exp(y * y) * -0.886226925452758,
    "gamma": lambda x, y: y * special.digamma(x),
    "loggamma": lambda x, y: special.digamma(x),
    "digamma": lambda x, y: special.trigamma(x),
}


def elementwise(function: Callable[[Array], Array], slope: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    """A function of one array as a primitive, by its slope at x and y."""
    on_tape = primitive(function)
    of_one(on_tape)(lambda g, y, x: g * slope(x, y))
    return on_tape
