"""Our gradients for NumPy's products and for indexing: BLAS where it can be, and single precision kept."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_letters
from typing import Any

import autograd.numpy.numpy_wrapper as anp  # autograd.numpy itself hides the names with an underscore
import numpy as np
from autograd.core import SparseObject, vspace
from autograd.numpy.numpy_boxes import ArrayBox

from wlnet.backends.gradients import summed
from wlnet.backends.tape import rule
from wlnet.kernels.gather import scatter

Array = Any


def matmul_left(g: Array, a: Array, b: Array) -> Array:
    """g · bᵀ, with the vectors of `matmul` made matrices."""
    if b.ndim == 1:
        return summed(g[..., None] * b, a)
    wide = g[..., None, :] if a.ndim == 1 else g
    back = wide @ np.swapaxes(b, -1, -2)
    return summed(back[..., 0, :] if a.ndim == 1 else back, a)


def matmul_right(g: Array, a: Array, b: Array) -> Array:
    """aᵀ · g; one GEMM where b is a matrix, however many axes a has."""
    if b.ndim <= 2 and a.ndim > 2:
        a, g = a.reshape(-1, a.shape[-1]), g.reshape(-1, *g.shape[a.ndim - 1 :])
    if a.ndim == 1:
        return summed(a * g if b.ndim == 1 else a[:, None] * g[..., None, :], b)
    back = np.swapaxes(a, -1, -2) @ (g[..., None] if b.ndim == 1 else g)
    return summed(back[..., 0] if b.ndim == 1 else back, b)


@rule(anp.matmul)
def matmul(wanted: tuple[int, ...], y: Array, given: tuple, named: dict) -> Any:
    """The gradients of a · b."""
    return lambda g: [(matmul_left, matmul_right)[number](g, *given) for number in wanted]


@rule(anp.outer)
def outer(wanted: tuple[int, ...], y: Array, given: tuple, named: dict) -> Any:
    """The gradients of a bᵀ, of arrays made flat."""
    a, b = given
    ways = (lambda g: (g @ np.ravel(b)).reshape(np.shape(a)), lambda g: (np.ravel(a) @ g).reshape(np.shape(b)))
    return lambda g: [ways[number](g) for number in wanted]


def einsum_parts(given: tuple) -> tuple[list[str], str, list[Array]]:
    """The letters of each operand, those of the result, and the operands; dots are made letters."""
    inputs, result, operands = anp.parse_einsum_input(*given)
    return inputs.split(","), result, operands


@rule(anp.einsum)
def einsum(wanted: tuple[int, ...], y: Array, given: tuple, named: dict) -> Any:
    """For one operand: the result's gradient and the other operands, contracted to its letters."""
    letters, result, operands = einsum_parts(given)
    first = 1 if isinstance(given[0], str) else 0

    def gradient(g: Array, number: int) -> Array:
        at = number - first
        others = [each for each in range(len(operands)) if each != at]
        return einsum_back(
            g,
            np.asarray(operands[at]),
            letters[at],
            result,
            [letters[k] for k in others],
            [operands[k] for k in others],
        )

    return lambda g: [gradient(g, number) for number in wanted]


def einsum_back(g: Array, x: Array, mine: str, result: str, letters: list[str], operands: list[Array]) -> Array:
    """The gradient of an operand x with the letters `mine`.

    A letter that stands twice in it is a diagonal: the second gets a name of its own and a unit matrix that joins the
    two. A letter that stands nowhere else was summed away: its gradient is the same all along.
    """
    fresh = iter(letter for letter in ascii_letters if letter not in set("".join([mine, result, *letters])))
    full, letters, operands = "", [result, *letters], [g, *operands]
    for letter, size in zip(mine, x.shape, strict=True):
        name = next(fresh) if letter in full else letter
        if name != letter:
            letters.append(letter + name)
            operands.append(np.eye(size, dtype=g.dtype))
        full += name
    known = set("".join(letters))
    found = "".join(letter for letter in full if letter in known)
    back = np.einsum(",".join(letters) + "->" + found, *operands, optimize=len(operands) > 1)
    back = back.reshape([back.shape[found.index(letter)] if letter in known else 1 for letter in full])
    shape = [max(size, n) for size, n in zip(x.shape, back.shape, strict=True)]
    return summed(np.broadcast_to(back, shape), x)


def plain(index: Any) -> bool:
    """Whether an index takes no place twice: numbers, slices, new axes, masks."""
    parts = index if isinstance(index, tuple) else (index,)
    return not any(isinstance(part, list) or (getattr(part, "ndim", 0) and part.dtype != bool) for part in parts)


@rule(ArrayBox.__getitem__)
def getitem(wanted: tuple[int, ...], y: Array, given: tuple, named: dict) -> Callable[[Array], Any]:
    """The gradient added into one array for all parts that were taken of x: a part costs its own size alone."""
    x, index = given

    def adder(g: Array) -> Any:
        def add(total: Array) -> Array:
            if plain(index):
                total[index] += g
            elif isinstance(index, np.ndarray):
                rows = g.reshape(index.size, -1)
                total += scatter(rows, index.ravel() % len(total), len(total)).reshape(total.shape)
            else:
                np.add.at(total, index, g)
            return total

        return SparseObject(vspace(x), add)

    return lambda g: (adder(g),)
