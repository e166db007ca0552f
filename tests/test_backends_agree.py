"""The two backends against each other: every word of the contract, values and gradients, in both precisions."""

import re

import numpy as np
import pytest

pytest.importorskip("jax")
import jax

from wlnet.backends import backend

NUMPY, JAX = backend("NumPy"), backend("JAX")

WORDS = """abs arctan2 clip concatenate cosh sinh cumsum diff einsum exp expm1 log1p expand_dims log logaddexp matmul
    max maximum mean min minimum moveaxis outer pad prod repeat reshape roll split sqrt squeeze stack std sum
    swapaxes tanh tensordot tile transpose var where sin cos tan arcsin arccos arctan arcsinh arccosh arctanh
    sign floor ceil round trunc mod power square isnan logical_and logical_or logical_not equal not_equal
    greater greater_equal less less_equal arange zeros ones zeros_like ones_like full broadcast_to ndim shape
    stop_gradient astype asarray masked within fit gather rows sort argsort linear convolve deconvolve resize sample pool normalize
    batch_normalize softmax cross_entropy log_softmax_cross_entropy ctc basic gated lstm erf erfc erfinv
    erfcinv gamma loggamma digamma bernoulli uniform normal attend"""
RANDOM = {"bernoulli", "uniform", "normal"}  # each backend has streams of its own


def example(*shape, low=None, high=None, seed=3):
    """Numbers of that shape: normal, or uniform between two limits."""
    draw = np.random.default_rng([seed, *shape])
    return draw.normal(size=shape) if low is None else draw.uniform(low, high, shape)


def positive(*shape):
    """Numbers between 1/4 and 3."""
    return example(*shape, low=0.25, high=3)


KINKS = np.array([0.0, -0.0, 100.0, -100.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -7.25])
SMALL = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -0.75, 3.0, -2.5])
TIES = np.array([[1.0, 3.0, 3.0], [-2.0, -2.0, -2.0], [0.0, -0.0, -1.0], [5.0, 4.0, 5.0]])
UNIT = np.array([0.0, 0.5, -0.5, 0.1, -0.9, 0.97])
X = example(2, 3, 5)
LENGTHS = np.array([3, 7, 1])
MASK = np.array([[True, False, True], [False, True, True]])

CASES = []


def case(text, *arrays):
    """Enrol a case: `text` computes with `xp` on the arrays a, b, c, d."""
    arrays = tuple(np.asarray(array, np.float64) for array in arrays)
    function = eval(f"lambda xp, a=None, b=None, c=None, d=None: ({text})", globals())
    label = re.sub(r"\s+", "", text).replace("xp.", "")
    CASES.append(pytest.param(text, function, arrays, id=f"{label}{'x'.join(map(str, arrays[0].shape))}"))


# Functions of one number: at ±100, at the kinks, and between.
for word in (
    "abs",
    "tanh",
    "exp",
    "sign",
    "floor",
    "ceil",
    "round",
    "trunc",
    "square",
    "arctan",
    "arcsinh",
    "erf",
    "erfc",
    "sin",
    "cos",
):
    case(f"xp.{word}(a)", KINKS)
case("xp.ramp(a)", KINKS)
case("xp.sigmoid(a)", KINKS)
case("xp.sigmoid(a)", [-80.0, -81.5])  # alone, for their own size to be the measure
for word in ("cosh", "sinh", "expm1", "tan"):
    case(f"xp.{word}(a)", SMALL)
for word in ("arcsin", "arccos", "arctanh", "erfinv"):
    case(f"xp.{word}(a)", UNIT)
case("xp.exp(a)", SMALL)
case("xp.log(a)", positive(2, 3))
case("xp.log(a)", [100.0, 1e-3])
case("xp.log1p(a)", [0.0, 1e-4, -0.5, 100.0])
case("xp.sqrt(a)", [1e-4, 1.0, 100.0])
case("xp.sqrt(xp.sum(a ** 2, -1) + 1e-6)", [[0.0, 0.0, 0.0], [1.0, -2.0, 3.0]])
case("xp.arccosh(a)", [1.5, 2.0, 100.0])
case("xp.erf(a)", example(3, 5, 7))
case("xp.erfc(a)", [2.0, 5.0, 9.0, -5.0])
case("xp.erfcinv(a)", [1.0, 1e-9, 1e-3, 0.3, 1.7, 1.999])
case("xp.gamma(a)", [1.0, 2.0, 0.3, 4.5, 9.25, -0.5, -1.25, -3.7])
case("xp.loggamma(a)", [0.01, 0.3, 1.5, 4.5, 20.0, 100.0])
case("xp.loggamma(a)", [1.0, 2.0, 3.0])
case("xp.digamma(a)", [1.0, 2.0, 0.3, 4.5, 100.0, -0.5, -1.25, -3.7])
case("xp.clip(a, -1.0, 1.0)", KINKS)
case("xp.clip(a, -0.5, None)", KINKS)
case("xp.clip(a, None, 1.5)", KINKS)
case("xp.clip(a, 0.0, 6.0)", X)
case("abs(a)", [100.0, -3.0])
case("0.5 * (xp.tanh(0.5 * a) + 1)", KINKS)
case("-a + 2 * a - a / 3 + 1 / (a * a + 1)", KINKS)

# Functions of two.
case("xp.arctan2(a, b)", example(3, 1, 5), positive(7, 5))
case("xp.arctan2(a, b)", [1.0, -1.0, 0.0], [-2.0, -2.0, 100.0])
case("xp.logaddexp(a, b)", [100.0, -100.0, 0.0, 3.0], [-100.0, 100.0, 0.0, 3.0])
for word in ("maximum", "minimum"):
    case(f"xp.{word}(a, b)", TIES, [3.0, -2.0, -2.0])
    case(f"xp.{word}(a, 0.0)", KINKS)
    case(f"xp.{word}(a, b)", example(3, 1, 5), example(7, 1))
case("xp.mod(a, b)", [7.5, -7.5, 100.25, -0.5], [3.0, 3.0, -7.0, 2.0])
case("xp.mod(a, 3.0)", [7.5, -7.5, 100.25])
case("xp.power(a, b)", positive(3, 5), example(2, 1, 5))
case("xp.power(a, b)", [0.0, 0.0, 0.0, 2.0], [1.0, 2.0, 3.5, -1.5])
case("xp.power(a, b)", [0.0, 0.0, 2.0, -0.0], [0.0, 0.0, 0.0, 3.0])
case("xp.power(a, 2)", KINKS)
case("xp.power(a, 3.0)", KINKS)
case("a ** 2 + a ** 3", KINKS)
case("a ** 1", KINKS)
case("xp.power(a, 0.5) + a ** -1.5", positive(5))
case("xp.power(2.0, a)", KINKS[4:])
case("xp.where(a > 0, a, 0.0)", KINKS)
case("xp.where(a > b, a, b)", example(3, 5), example(5))
case("xp.where(MASK, a, b)", example(2, 3), example(2, 1))
case("xp.where(MASK[:, :, None], a, b)", X, example(1, 1, 5))
case("xp.where(a > 0, xp.log(xp.where(a > 0, a, 1.0)), -1.0)", KINKS)

# Comparisons and booleans: the values alone.
for word in ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal"):
    case(f"xp.{word}(a, b), a * xp.astype(xp.{word}(a, -2), float)", TIES, [3.0, -2.0, -2.0])
case("xp.logical_and(a > 0, a < 2)", KINKS)
case("xp.logical_or(a > 2, a < 0)", KINKS)
case("xp.logical_not(a > 0)", KINKS)
case("xp.isnan(a)", [0.0, np.nan, np.inf])

# Reductions.
for word in ("sum", "mean", "var", "std", "max", "min", "prod"):
    options = ("", ", 1", ", -1", ", (0, 2)", ", (1, 2), keepdims=True", ", axis=0, keepdims=True")
    case(", ".join(f"xp.{word}(a{each})" for each in options), X)
for word in ("max", "min"):
    case(", ".join(f"xp.{word}(a{each})" for each in ("", ", 0", ", 1", ", (0, 1)")), TIES)
case("xp.var(a, 1, ddof=1) + xp.std(a, 1, ddof=1)", X)
case("xp.std(a, 1)", [[2.0, 2.0, 2.0], [1.0, 2.0, 4.0]])
case("xp.prod(a, 1)", [[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [1.0, 2.0, 5.0], [0.0, 0.0, 0.0]])
case("xp.prod(a)", [[0.0, 2.0], [-3.0, 5.0]])
case("xp.cumsum(a, 1) + xp.cumsum(a, axis=-1)", X)
case("xp.diff(a) * 2", X)
case("xp.diff(a, axis=1)", X)
case("xp.diff(a, n=2, axis=-1)", X)
case("xp.sum(a > 0, 1)", X)

# Shapes.
case("xp.reshape(a, (2, -1)) + xp.reshape(a, (-1, 15))", X)
case("a.reshape(5, 6)", X)
case("xp.transpose(a)", X)
case("xp.transpose(a, (1, 2, 0))", X)
case("xp.swapaxes(a, 0, -1)", X)
case("xp.moveaxis(a, 1, -1)", X)
case("xp.moveaxis(a, (0, 1), (1, 2))", X)
case("xp.expand_dims(a, 1) + xp.expand_dims(a, -3)", X)
case("xp.squeeze(a) + xp.squeeze(a, 1) + xp.squeeze(a, axis=(1,))", example(2, 1, 5))
case("xp.concatenate((a, b, a), 1)", X, example(2, 7, 5))
case("xp.concatenate([a, b], axis=-1)", X, example(2, 3, 7))
case("xp.stack((a, b), 1)", X, example(2, 3, 5, seed=5))
case("xp.stack([a, b, a], axis=-1)", X, example(2, 3, 5, seed=5))
case("[*xp.split(a, 3, 1)]", X)
case("[*xp.split(a, (1, 4), axis=-1)]", X)
case("xp.split(a, [2], 2)[1] ** 2", X)
case("xp.tile(a, 2)", example(3, 5))
case("xp.tile(a, (3, 1, 2))", example(3, 5))
case("xp.repeat(a, 3, 1)", X)
case("xp.repeat(a, 2, axis=-1)", X)
case("xp.repeat(a, 2)", example(3, 5))
case("xp.roll(a, 2, 1)", X)
case("xp.roll(a, (1, -2), (0, 2))", X)
case("xp.pad(a, ((0, 0), (1, 2), (3, 0)), 'constant')", X)
case("xp.pad(a, ((0, 0), (1, 2), (3, 0)), 'constant', constant_values=-7.0)", X)
case("xp.broadcast_to(a, (7, 2, 3, 5))", example(2, 1, 5))
case("a[0] + a[-1]", X)
case("a[:, ::-1] * a[:, 1:2]", X)
case("a[..., None, :2] ** 2", X)
case("a[np.array([1, 1, 0])]", X)
case("a[np.array([0, 1, 1]), np.array([2, 0, 2])]", X)
case("a * xp.ndim(a) + xp.shape(a)[1]", X)

# Products.
case("xp.outer(a, b)", example(3), example(5))
case("xp.matmul(a, b)", example(2, 3, 5), example(5, 7))
case("xp.matmul(a, b)", example(2, 1, 3, 5), example(7, 5, 2))
case("xp.matmul(a, b) + a @ b", example(3, 5), example(5))
case("xp.matmul(a, b)", example(5), example(2, 5, 3))
case("xp.tensordot(a, b, 1)", X, example(5, 7))
case("xp.tensordot(a, b, ((-1,), (-1,)))", X, example(7, 5))
case("xp.tensordot(a, b, ((1, 2), (0, 1)))", X, example(3, 5, 7))
case("xp.tensordot(a, b, 0)", example(2, 3), example(5))
case("xp.einsum('bij,kj->bki', a, b)", X, example(7, 5))
case("xp.einsum('bij,bij->b', a, b)", X, example(2, 3, 5, seed=5))
case("xp.einsum('bi,ij,bj->b', a, b, c)", example(2, 3), example(3, 5), example(2, 5))
case("xp.einsum('...ij->...i', a)", X)
case("xp.einsum('bii->bi', a)", example(2, 5, 5))

# Making arrays.
case("a * xp.zeros((3, 1)) + xp.ones((1, 5)) + xp.ones(5)", example(3, 5))
case("xp.zeros((2, 3)), xp.ones(5), xp.full((3, 2), 0.1), xp.full((2,), 3)", example(1))
case("xp.zeros((2, 3), int), xp.ones(5, 'float64'), xp.full((3, 2), 7, int)", example(1))
case("a + xp.full((3, 1), -1e30) * 0.0", example(3, 5))
case("xp.zeros_like(a) + xp.ones_like(a) * a", X)
case("xp.arange(7), xp.arange(2, 7), xp.arange(1, 9, 3)", example(1))
case("a * xp.astype(xp.arange(5), float)", X)
case("xp.stop_gradient(a) * a", X)
case("xp.astype(a, int), xp.astype(a, bool)", KINKS)
case("xp.astype(a, float) * 2 + xp.astype(a > 0, float)", KINKS)
case("xp.asarray([0.5, 1.5, 2.5]) * a", example(2, 3))
case("xp.asarray([1, 2, 3]), xp.asarray(np.arange(3.0)), xp.asarray([True]), xp.asarray(a)", example(2))

# Varying lengths.
case("xp.masked(a, LENGTHS)", example(3, 7, 5))
case("xp.masked(a, LENGTHS, -1e30)", example(3, 7))
case("xp.masked(a, 7, 5.0)", example(3, 7))
case("xp.within(a, LENGTHS), xp.within(a, 5)", example(3, 7, 5))
case("a / xp.fit(LENGTHS, 3) + xp.fit(2, 3) * xp.fit(0.5, 3)", example(3, 7, 5))
case("xp.sum(xp.masked(a, LENGTHS), 1) / xp.fit(LENGTHS, 2)", example(3, 7, 5))
case("xp.softmax(xp.masked(a, LENGTHS, -1e30), 1)", example(3, 7))

# Gather.
case("xp.gather(a, np.array([[2, 0, 2], [1, 1, 1]]))", X)
case("xp.gather(a, np.array([[2], [0]]))[:, 0]", example(2, 3))
case("xp.gather(a, xp.reshape(xp.asarray(LENGTHS) - 1, (-1, 1)))", example(3, 7, 2, 5))
case("xp.rows(a, np.array([[0, 6, 6], [6, 2, 0]]))", example(7, 5))
case("xp.rows(a, np.array([3, 1]))", example(7))
case("xp.rows(a, 2)", example(7, 3, 2))
case("xp.sort(a)", X)
case("xp.sort(a)", example(7))
case("xp.sort(a)", example(2, 3, 2, 5))
case("a * xp.astype(xp.argsort(a), float)", TIES)
case("a * xp.astype(xp.argsort(a), float)", X)

# Layers' kernels.
case("xp.linear(a, b, c)", example(2, 5), example(3, 5), example(3))
case("xp.linear(a, b, None)", example(7, 5), example(3, 5))
for size, kernel, stride, padding, dilation, groups, channels, outputs in [
    ((11,), (3,), (1,), ((0, 0),), (1,), 1, 2, 3),
    ((11,), (3,), (2,), ((2, 1),), (2,), 1, 5, 3),
    ((29,), (7,), (3,), ((0, 0),), (1,), 1, 1, 2),
    ((7, 5), (3, 2), (1, 1), ((0, 0), (0, 0)), (1, 1), 1, 3, 5),
    ((7, 5), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), 1, 3, 5),
    ((7, 5), (1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1), 1, 3, 5),
    ((7, 5), (1, 1), (2, 2), ((0, 0), (0, 0)), (1, 1), 1, 3, 5),
    ((11, 7), (3, 2), (2, 3), ((1, 0), (0, 2)), (1, 1), 1, 3, 2),
    ((11, 7), (3, 2), (1, 1), ((1, 2), (0, 1)), (2, 3), 1, 3, 2),
    ((11, 7), (3, 2), (2, 1), ((1, 2), (3, 1)), (2, 3), 2, 6, 4),
    ((7, 5), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), 5, 5, 5),
    ((7, 5), (3, 3), (1, 1), ((0, 0), (0, 0)), (1, 1), 3, 3, 6),
    ((7, 5), (3, 3), (2, 2), ((1, 1), (1, 1)), (1, 1), 3, 3, 3),
    ((17, 13), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), 1, 23, 29),
    ((5, 7, 3), (2, 3, 2), (1, 1, 1), ((1, 0), (0, 1), (1, 1)), (1, 1, 1), 1, 2, 3),
    ((5, 7, 3), (2, 3, 2), (2, 1, 1), ((1, 0), (0, 1), (1, 1)), (1, 2, 1), 1, 2, 3),
    ((3, 5, 2, 3), (2, 3, 1, 2), (1, 2, 1, 1), ((0, 0), (1, 1), (0, 0), (1, 0)), (1, 1, 1, 1), 1, 2, 3),
]:
    case(
        f"xp.convolve(a, b, c, {stride}, {padding}, {dilation}, {groups})",
        example(2, channels, *size), example(outputs, channels // groups, *kernel), example(outputs),
    )  # fmt: skip
case("xp.convolve(a, b, None, (1, 1), ((0, 0), (1, 1)), (1, 1), 1)", example(2, 3, 7, 5), example(5, 3, 3, 2))
for size, kernel, stride, padding, dilation, groups, channels, outputs in [
    ((7,), (3,), (1,), ((0, 0),), (1,), 1, 2, 3),
    ((5,), (3,), (2,), ((2, 1),), (2,), 1, 5, 3),
    ((3, 5), (1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1), 1, 3, 5),
    ((3, 5), (3, 2), (2, 3), ((1, 0), (0, 2)), (1, 1), 1, 3, 2),
    ((5, 3), (3, 2), (2, 1), ((1, 2), (0, 1)), (2, 3), 2, 6, 4),
    ((5, 3), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), 5, 5, 5),
    ((3, 5, 2), (2, 3, 2), (2, 1, 1), ((1, 0), (0, 1), (1, 1)), (1, 2, 1), 1, 2, 3),
]:
    case(
        f"xp.deconvolve(a, b, c, {stride}, {padding}, {dilation}, {groups})",
        example(2, channels, *size), example(channels, outputs // groups, *kernel), example(outputs),
    )  # fmt: skip
case("xp.deconvolve(a, b, None, (1, 1), ((0, 0), (1, 1)), (1, 1), 1)", example(2, 3, 7, 5), example(3, 5, 3, 2))
for axis in (1, 2, 3):
    case(f"xp.resize(a, {axis}, np.array([0, 0, 1, 1, 1, 2]))", example(2, 3, 5, 7))
    case(f"xp.resize(a, {axis}, np.array([0, 0, 1, 2, 2]), xp.asarray([0, 0.25, 0.5, 0.75, 1.0]))", example(2, 3, 5, 7))
case("xp.resize(a, 1, np.arange(131) // 2, xp.asarray(np.arange(131) % 2 * 0.5))", example(2, 67, 3))
case("xp.resize(a, 2, np.array([2, 2, 5, 66]), xp.asarray([0.25, 0.5, 0.75, 0.5]))", example(2, 3, 67))
case("xp.sample(a, b, c)", example(2, 3, 7, 5), example(2, 11, 3, low=-2, high=8), example(2, 11, 3, low=-2, high=6))
case("xp.sample(a, b, c)", example(2, 3, 1, 5), example(2, 1, 3, low=-1, high=1), example(2, 1, 3, low=-2, high=6))
case("xp.sample(a, xp.reshape(b, (1, 1, -1)), xp.reshape(b, (1, 1, -1)))", example(1, 2, 3, 3), [-1.0, 0.0, 2.0, 3.0])
for size, kernel, stride, padding in [
    ((7,), (2,), (2,), ((0, 0),)),
    ((11,), (3,), (2,), ((1, 2),)),
    ((6, 10), (2, 2), (2, 2), ((0, 0), (0, 0))),
    ((7, 5), (3, 2), (1, 1), ((0, 0), (0, 0))),
    ((7, 5), (3, 3), (2, 2), ((1, 1), (0, 1))),
    ((7, 5), (2, 3), (3, 4), ((0, 0), (1, 1))),
    ((5, 7, 3), (2, 3, 2), (1, 2, 1), ((0, 0), (1, 1), (0, 1))),
    ((3, 5), (2, 1), (1, 1), ((3, 0), (0, 1))),
]:
    geometry = f"{kernel}, {stride}, {padding}"
    case(f"xp.maximum(xp.pool(a, 'Max', {geometry}), -99.0)", example(2, 3, *size))  # -inf where all is padding
    case(f"xp.pool(a, 'Mean', {geometry}), xp.pool(a, 'Total', {geometry})", example(2, 3, *size))
case("xp.pool(a, 'Max', (2, 2), (1, 1), ((0, 0), (0, 0)))", np.round(example(2, 3, 7, 5)))
case("xp.pool(a, 'Max', (2, 2), (2, 2), ((0, 0), (0, 0)))", np.zeros((2, 3, 4, 6)))
for axes, options in [
    ((1,), ", unbiased=True"), ((2,), ", rms=True"), ((3,), ", rms=True"), ((2, 3), ", rms=True, unbiased=True"),
    ((1, 2, 3), ", unbiased=True"), ((1, 3), ", rms=False, unbiased=True"),
]:  # fmt: skip
    across = tuple(1 if axis in axes else size for axis, size in enumerate((3, 7, 5), 1))
    along = tuple(size if axis in axes else 1 for axis, size in enumerate((3, 7, 5), 1))
    case(f"xp.normalize(a, b, c, {axes}, 1e-3)", example(2, 3, 7, 5), example(*across), example(*across, seed=5))
    case(f"xp.normalize(a, b, c, {axes}, 1e-3{options})", example(2, 3, 7, 5), example(*along), example(*along, seed=5))
case("xp.normalize(a, b, c, (1, 2, 3), 1e-3)", example(2, 3, 7, 5), example(3, 7, 5), example(3, 7, 5, seed=5))
case("xp.normalize(a, b, c, (1, 3), 1e-5)", example(2, 3, 7, 5), example(3, 7, 1), example(1, 7, 5))
case("xp.normalize(a, None, None, (1,), 0)", example(2, 7))
case("xp.normalize(a, b, None, (1,), 1e-3)", example(2, 7), example(7))
case("xp.normalize(a, None, b, (1,), 1e-3, True)", example(2, 7), example(7))
case("xp.normalize(a, b, c, (1, 2), 1e-3)", np.full((2, 3, 5), 0.25), example(3, 1), example(3, 1, seed=5))
case("xp.normalize(a, b, c, (2, 3), 1e-5)", example(7, 2, 5, 3) + 1, example(2, 1, 1), example(2, 1, 1, seed=5))
for axes, wide, options in [
    ((1,), (1, 5), ""),
    ((1, 2), (1, 1), ""),
    ((1, 2), (1, 5), ", rms=True"),
    ((2,), (1, 5), ""),
]:
    case(
        f"xp.masked(xp.normalize(a, b, c, {axes}, 1e-3, length=LENGTHS{options}), LENGTHS)",
        example(3, 7, 5), example(*wide), example(*wide, seed=5),
    )  # fmt: skip
case(
    "xp.masked(xp.normalize(a, b, c, (1, 2), 1e-3, False, True, LENGTHS), LENGTHS)",
    example(3, 7, 5), example(1, 5), example(1, 5, seed=5),
)  # fmt: skip
case("xp.batch_normalize(a, b, c, 1, 1e-3)", example(2, 3, 7, 5), example(3), example(3, seed=5))
case("xp.batch_normalize(a, b, c, -1, 1e-3)", example(2, 7, 5), example(5), example(5, seed=5))
case("xp.batch_normalize(a, b, c, 1, 1e-5)", example(7, 5) + 3, example(5), example(5, seed=5))
case("xp.batch_normalize(a, None, None, 1, 1e-3)", example(2, 3, 19))
case("xp.batch_normalize(a, b, None, 2, 1e-3)", example(2, 3, 5), example(5))
case("xp.batch_normalize(a, None, b, 1, 1e-3)", np.full((2, 3, 5), 0.25), example(3))
case(
    "xp.batch_normalize(a, b, c, 2, 1e-3, real=xp.within(a, LENGTHS))[1:]",
    example(3, 7, 5),
    example(5),
    example(5, seed=5),
)
case(
    "xp.masked(xp.batch_normalize(a, b, c, 2, 1e-3, xp.within(a, LENGTHS))[0], LENGTHS)",
    example(3, 7, 5), example(5), example(5, seed=5),
)  # fmt: skip
case(
    "xp.batch_normalize(a, b, c, 1, 1e-3, np.array([1, 0, 1.0]).reshape(-1, 1, 1))[0][::2]",
    example(3, 5, 2), example(5), example(5, seed=5),
)  # fmt: skip
for axis in (1, 2, -1):
    case(f"xp.softmax(a, {axis})", X)
case("xp.softmax(a, 1)", [[0.0, 100.0, -100.0], [0.0, 0.0, 0.0], [1000.0, 999.0, 1000.0]])
HEADS = [example(2, 3, 5, 7), example(2, 3, 11, 7, seed=5), example(2, 3, 11, 13, seed=7)]
for seen in ("None", "np.tri(5, 11, dtype=bool)[None, None]", "(np.arange(11) < LENGTHS[:2, None])[:, None, None]"):
    case(f"xp.attend(a, b, c, 0.5, {seen})", *HEADS)
case("xp.attend(a, b, c, 0.5, None, xp.asarray(example(2, 3, 5, 11)))", *HEADS)
case("xp.cross_entropy(a, np.array([2, 0, 2]))", positive(3, 5) / 5)
case("xp.cross_entropy(a, np.array([2, 0, 1]))", [[0.0, 0.5, 0.0], [1.0, 0.0, 0.0], [0.25, 1e-30, 0.75]])
# The recurrent words: x, w, u and, one below the other, biases and the first states. Lengths end early, or do not.
for word, gates in (("basic", 1), ("gated", 3), ("lstm", 4)):
    places = [example(3, 5, 2), example(gates * 7, 2), example(gates * 7, 7), example(7, gates * 7, seed=5)]
    states = "d[1:4, :7], d[4:, :7]" if word == "lstm" else "d[1:4, :7]"
    masks = ", ".join(
        f"xp.asarray(example({shape}, seed=7))" for shape in (f"3, {gates * 7}", f"3, {gates * 7}", "3, 5, 7")
    )
    case(f"xp.{word}(a, b, c, d[0], {states}, np.array([3, 1, 4]), {masks})", *places)
    case(f"xp.{word}(a, b, c, None, {'None, None' if word == 'lstm' else 'None'}, 5)", *places[:3])

case("xp.log_softmax_cross_entropy(a, np.array([2, 0, 2]))", example(3, 5))
case(
    "xp.log_softmax_cross_entropy(a, np.array([1, 2, 0]))",
    [[0.0, 100.0, -100.0], [100.0, 0.0, -100.0], [0.0, 0.0, 0.0]],
)

PATHS = np.exp(example(3, 11, 5))
PATHS = PATHS / PATHS.sum(-1, keepdims=True)
case("xp.ctc(a, np.array([[0, 2, 2], [1, 3, 0], [3, 3, 3]]), np.array([7, 11, 5]), np.array([3, 1, 2]))", PATHS)
case("xp.ctc(a, np.array([[0, 2, 2], [1, 3, 0], [3, 3, 3]]), 11, 3)", PATHS * (example(3, 11, 5) > -1))


def arrays_in(tree):
    """What stands in nested tuples and lists, in order."""
    if isinstance(tree, (tuple, list)):
        return [array for each in tree for array in arrays_in(each)]
    return [tree]


def weights(shape, seed):
    """What the outputs are multiplied by before they are summed, so that no two places have the same gradient."""
    return np.random.default_rng([11, seed, *shape]).uniform(0.5, 1.5, shape)


PRECISIONS = {"float32": 1e-5, "float64": 1e-9}


def values_and_gradients(backend, function, arrays):
    """In each precision the outputs of a case and the gradients of their weighted sum, compiled together for speed."""

    def loss(leaves, precision):
        xp = backend.context(precision=precision)
        outputs = arrays_in(function(xp, *leaves.values()))
        floats = [(number, each) for number, each in enumerate(outputs) if "float" in str(each.dtype)]
        terms = [xp.sum(each * backend.array(weights(each.shape, number), each.dtype)) for number, each in floats]
        return sum(terms, start=xp.zeros(())), {"outputs": tuple(outputs)}

    def both(leaves):
        return {each: backend.value_and_gradient(loss, leaves[each], each)[1:] for each in PRECISIONS}

    leaves = {
        each: {("leaf", number): backend.array(array, each) for number, array in enumerate(arrays)}
        for each in PRECISIONS
    }
    return backend.numpy(backend.compile(both)(leaves))


def assert_agree(ours, theirs, tolerance, what):
    assert ours.shape == theirs.shape, what
    assert ours.dtype == theirs.dtype, f"{what}: {ours.dtype} on NumPy, {theirs.dtype} on JAX"
    if ours.dtype.kind != "f":
        np.testing.assert_array_equal(ours, theirs, what)
        return
    size = np.max(np.abs(theirs), initial=0, where=np.isfinite(theirs))
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * size, err_msg=what)


@pytest.fixture(autouse=True, scope="module")
def compiled_in_a_hurry():
    """Nearly all the time here goes into compiling, and none of it is needed."""
    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", before)


@pytest.mark.parametrize(("text", "function", "arrays"), CASES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_values_and_gradients_agree(text, function, arrays):
    ours, theirs = (values_and_gradients(each, function, arrays) for each in (NUMPY, JAX))
    for precision, tolerance in PRECISIONS.items():
        (our_aux, our_gradients), (their_aux, their_gradients) = ours[precision], theirs[precision]
        pairs = list(zip(our_aux["outputs"], their_aux["outputs"], strict=True))
        assert pairs
        for number, (one, other) in enumerate(pairs):
            assert one.dtype.kind != "f" or one.dtype == precision or "'float64'" in text
            assert_agree(one, other, tolerance, f"output {number} in {precision}")
        for key, array in zip(our_gradients, arrays, strict=True):
            assert our_gradients[key].dtype == precision
            assert our_gradients[key].shape == array.shape
            assert_agree(our_gradients[key], their_gradients[key], tolerance, f"gradient of {key} in {precision}")


def test_scan_goes_on_from_step_to_step_on_both():
    """Running sums, and the last: autograd's loop and JAX's give the same values and gradients."""
    x, weights = example(7, 3, seed=1), example(7, 3, seed=2)

    def total(xp, leaves):
        last, (sums,) = xp.scan(lambda s, each: (xp.tanh(s + each[0]), (s * each[1],)), leaves["s"], (leaves["x"], x))
        return xp.sum(sums * weights) + xp.sum(last), {"sums": sums, "last": last}

    found = []
    for engine in (NUMPY, JAX):
        leaves = {"x": engine.array(x), "s": engine.array(x[0])}
        xp = engine.context(precision="float64")
        value, aux, gradients = engine.value_and_gradient(lambda held, xp=xp: total(xp, held), leaves)
        found.append((float(value), engine.numpy(aux), engine.numpy(gradients)))
    (one, ones, slopes), (other, others, theirs) = found
    assert one == pytest.approx(other, rel=1e-12)
    for mine, yours in ((ones, others), (slopes, theirs)):
        for key in mine:
            np.testing.assert_allclose(mine[key], yours[key], rtol=1e-10, atol=1e-12)
    s, sums = x[0], []
    for each in x:
        sums.append(s * each)
        s = np.tanh(s + each)
    np.testing.assert_allclose(ones["sums"], sums, rtol=1e-12)
    np.testing.assert_allclose(ones["last"], s, rtol=1e-12)


def test_every_word_of_the_contract_is_in_the_table():
    used = {word for each in CASES for word in re.findall(r"xp\.(\w+)", each.values[0])}
    assert used >= set(WORDS.split()) - RANDOM
    for name in WORDS.split():
        assert callable(getattr(NUMPY.context(), name))
        assert callable(getattr(JAX.context(), name))
