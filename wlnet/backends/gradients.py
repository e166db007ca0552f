"""Our gradients for NumPy's words, where autograd's widen to double, do not undo broadcasting, are wrong or slow.

Each is plain NumPy, takes (g, result, *arguments), and holds on our own tapes only (`tape.rule`).
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import autograd.numpy.numpy_wrapper as anp  # autograd.numpy itself hides the names with an underscore
import numpy as np

from wlnet.backends.tape import primitive, rule
from wlnet.kernels.choose import choose, kept

Array = Any


SMALL = 10_000  # values that are quicker written out than laid out as a view


def summed(g: Array, x: Any) -> Array:
    """The gradient of x from that of what x was broadcast to: summed over what repeated, in the type of x."""
    shape = np.shape(x)
    if np.shape(g) != shape:
        lead = np.ndim(g) - len(shape)
        over = tuple(axis + lead for axis, size in enumerate(shape) if size == 1 and g.shape[axis + lead] > 1)
        g = np.sum(g, (*range(lead), *over), keepdims=True).reshape(shape)
    kind = np.result_type(x)
    return g if g.dtype == kind else g.astype(kind)


def repeated(g: Array, x: Array, axis: Any, keepdims: bool) -> Array:
    """The gradient of a reduced x laid out over x again, as a view."""
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, np.shape(x))


def count(x: Array, axis: Any) -> int:
    """How many values a reduction joins."""
    return prod(np.shape(x)) if axis is None else prod(np.shape(x)[each] for each in np.atleast_1d(axis))


def of_one(*functions: Callable[..., Any]) -> Callable[[Callable[..., Array]], Callable[..., Array]]:
    """Make `way(g, y, x, ...)` the gradient of functions of one array."""

    def enrol(way: Callable[..., Array]) -> Callable[..., Array]:
        rule(*functions)(lambda wanted, y, given, named: lambda g: (way(g, y, *given, **named),))
        return way

    return enrol


def elementwise(*functions: Callable[..., Any], ways: tuple[Callable[..., Array], ...]) -> None:
    """Make `ways[k](g, y, *arguments)` the gradient for argument k, summed over what broadcasting repeated."""
    rule(*functions)(
        lambda wanted, y, given, named: lambda g: [summed(ways[k](g, y, *given, **named), given[k]) for k in wanted]
    )


def half_at_ties(g: Array, y: Array, x: Array, other: Array) -> Array:
    """The slope of a maximum or minimum for x: 1 where it was chosen, 1/2 where both were."""
    d = np.equal(x, y).astype(g.dtype)
    d *= g
    tied = np.equal(x, other)
    return np.where(tied, d * 0.5, d) if tied.any() else d


def power_base(g: Array, y: Array, x: Array, n: Any) -> Array:
    """n x^(n-1), and 0 where n is 0."""
    if np.ndim(n) == 0 and n == 2:
        return 2 * g * x
    flat = n == 0
    return np.where(flat, 0, g * n * x ** np.where(flat, 1, n - 1).astype(np.result_type(y)))


def power_exponent(g: Array, y: Array, x: Any, n: Array) -> Array:
    """y log(x), and 0 where the base is 0."""
    return np.where(np.equal(x, 0), 0, g * y * np.log(np.where(np.equal(x, 0), 1, x)))


elementwise(anp.add, ways=(lambda g, y, a, b: g, lambda g, y, a, b: g))
elementwise(anp.subtract, ways=(lambda g, y, a, b: g, lambda g, y, a, b: -g))
elementwise(anp.multiply, ways=(lambda g, y, a, b: g * b, lambda g, y, a, b: g * a))
elementwise(anp.true_divide, anp.divide, ways=(lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b))
elementwise(anp.power, ways=(power_base, power_exponent))
elementwise(
    anp.maximum,
    anp.minimum,
    ways=(lambda g, y, a, b: half_at_ties(g, y, a, b), lambda g, y, a, b: half_at_ties(g, y, b, a)),
)


@primitive
def where(condition: Array, x: Any, y: Any) -> Array:
    """NumPy's; autograd's own gives lists for Python's numbers."""
    return choose(condition, x, y)


elementwise(
    where,
    ways=(
        lambda g, y, c, a, b: np.zeros_like(g),
        lambda g, y, c, a, b: kept(g, np.broadcast_to(c, g.shape)),
        lambda g, y, c, a, b: kept(g, np.logical_not(np.broadcast_to(c, g.shape))),
    ),
)
elementwise(
    anp.arctan2,
    ways=(lambda g, y, a, b: g * b / (a * a + b * b), lambda g, y, a, b: -g * a / (a * a + b * b)),
)


@of_one(anp.tanh)
def tanh(g: Array, y: Array, x: Array) -> Array:
    """1 - y²: finite at any x, and without a cosh."""
    slope = np.asarray(y * y)
    np.subtract(1, slope, out=slope)
    slope *= g
    return slope


of_one(anp.abs, anp.absolute)(lambda g, y, x: g * np.sign(x))
of_one(anp.sqrt)(lambda g, y, x: g * 0.5 / y)


@of_one(anp.clip)
def clip(g: Array, y: Array, x: Array, low: Any = None, high: Any = None, **named: Any) -> Array:
    """1 between the limits, 0 outside and on the edge."""
    low, high = (named.get(*each) for each in (("a_min", low), ("a_max", high)))
    free = np.ones(np.shape(y), bool)
    if low is not None:
        free &= y != low
    if high is not None:
        free &= y != high
    return summed(g * free, x)


@of_one(anp.sum)
def sum_(g: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """1 everywhere."""
    return repeated(g, x, axis, keepdims)


@of_one(getattr(anp, "_primitive_mean", anp.mean))
def mean(g: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """1/n everywhere."""
    if axis is None and x.size < SMALL:
        return np.full(x.shape, g / x.size, x.dtype)
    return repeated(g / count(x, axis), x, axis, keepdims)


@of_one(getattr(anp, "_primitive_var", anp.var))
def var(g: Array, y: Array, x: Array, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Array:
    """2 (x - mean) / (n - ddof)."""
    centred = x - np.mean(x, axis, keepdims=True)
    centred *= repeated(g * 2 / (count(x, axis) - ddof), x, axis, keepdims)
    return centred


@of_one(getattr(anp, "_primitive_std", anp.std))
def std(g: Array, y: Array, x: Array, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Array:
    """(x - mean) / ((n - ddof) y), and 0 where all values are equal."""
    safe = np.where(y == 0, 1, y)
    return var(np.where(y == 0, 0, g / safe * 0.5), y, x, axis, ddof, keepdims)


@of_one(anp.max, anp.amax, anp.min, anp.amin)
def extreme(g: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """1 at the extreme value, shared alike where several are equal."""
    chosen = x == repeated(y, x, axis, keepdims)
    share = g / np.sum(chosen, axis, keepdims=keepdims, dtype=x.dtype)
    return chosen * repeated(share, x, axis, keepdims)


@of_one(anp.prod)
def product(g: Array, y: Array, x: Array, axis: Any = None, keepdims: bool = False) -> Array:
    """The product of all the others: of those before and those after, so that zeros do no harm."""
    axes = tuple(range(x.ndim)) if axis is None else tuple(int(each) % x.ndim for each in np.atleast_1d(axis))
    order = [each for each in range(x.ndim) if each not in axes] + list(axes)
    flat = x.transpose(order).reshape(*[x.shape[each] for each in order[: x.ndim - len(axes)]], -1)
    before, after = np.ones_like(flat), np.ones_like(flat)
    np.cumprod(flat[..., :-1], -1, out=before[..., 1:])
    np.cumprod(flat[..., :0:-1], -1, out=after[..., -2::-1])
    others = (before * after).reshape([x.shape[each] for each in order]).transpose(np.argsort(order))
    return others * repeated(g, x, axis, keepdims)


@of_one(anp.repeat)
def repeat(g: Array, y: Array, x: Array, repeats: Any, axis: int | None = None) -> Array:
    """The sum over each value's copies; one number of copies for all, or one for each."""
    if axis is None:
        return repeat(g, y, np.reshape(x, -1), repeats, 0).reshape(np.shape(x))
    axis %= x.ndim
    if np.ndim(repeats) == 0:
        return g.reshape(*x.shape[: axis + 1], int(repeats), *x.shape[axis + 1 :]).sum(axis + 1)
    total = np.zeros_like(np.moveaxis(x, axis, 0))
    np.add.at(total, np.repeat(np.arange(len(total)), repeats), np.moveaxis(g, axis, 0))
    return np.moveaxis(total, 0, axis)


@of_one(anp.tile)
def tile(g: Array, y: Array, x: Array, reps: Any) -> Array:
    """The sum over the copies."""
    reps = tuple(int(each) for each in np.atleast_1d(reps))
    rank = max(len(reps), x.ndim)
    sizes = (1,) * (rank - x.ndim) + x.shape
    reps = (1,) * (rank - len(reps)) + reps
    pairs = [number for pair in zip(reps, sizes, strict=True) for number in pair]
    return g.reshape(pairs).sum(tuple(range(0, 2 * rank, 2))).reshape(x.shape)


@of_one(anp.roll)
def roll(g: Array, y: Array, x: Array, shift: Any, axis: Any = None) -> Array:
    """The same, back."""
    return np.roll(g, tuple(-each for each in shift) if np.ndim(shift) else -shift, axis)


@rule(anp.concatenate_args)
def concatenate(wanted: tuple[int, ...], y: Array, given: tuple, named: dict) -> Callable[[Array], list[Array]]:
    """The part of each array; autograd's own takes time with the square of their number."""
    axis, *arrays = given
    ends = np.cumsum([np.shape(each)[axis] for each in arrays])[:-1]

    def back(g: Array) -> list[Array]:
        parts = np.split(g, ends, axis)
        return [parts[number - 1].astype(np.result_type(arrays[number - 1]), copy=False) for number in wanted]

    return back


of_one(anp.reshape)(lambda g, y, x, *shape, **named: np.reshape(g, np.shape(x)))
of_one(anp.broadcast_to)(lambda g, y, x, shape: summed(g, x))


@of_one(anp.pad)
def pad(g: Array, y: Array, x: Array, widths: Any, mode: str = "constant", **named: Any) -> Array:
    """The gradient of the true places."""
    if mode != "constant":
        raise NotImplementedError("pad has a gradient in the mode 'constant' alone")
    return g[tuple(slice(before, before + n) for (before, _), n in zip(np.broadcast_to(widths, (x.ndim, 2)), x.shape))]
