"""The error function, the gamma function and their kin, in plain NumPy.

Every function takes a number or an array of any shape. Single precision comes back single, everything else double.
gamma and trigamma stand on Stirling's series after the recurrence, the others on published approximations (`minimax`
has them and their sources). The errors in the docstrings are relative, the largest met against 50 digits on some 10,000
points in double precision; in single precision every result is the double one rounded, but for erf's own way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from wlnet.kernels import minimax
from wlnet.kernels.minimax import polynomial, ratio

Array = Any
Function = Callable[[Any], Any]  # of numbers and arrays
BLOCK = 1 << 17  # bytes that are worked on at once: a handful of such arrays stays in cache


def special(single: Callable[[Array, Array], Any] | None = None) -> Callable[[Callable[[Array], Array]], Function]:
    """Make a function of one flat array of doubles one of numbers and arrays of any shape and precision.

    Single precision takes its own way where there is one, and else double precision and back, block by block.
    """

    def enrol(function: Callable[[Array], Array]) -> Function:
        @wraps(function)
        def everywhere(x: Any) -> Any:
            x = np.asarray(x)
            result = np.empty(x.shape, x.dtype if x.dtype in (np.float32, np.float64) else np.float64)
            values, flat = x.ravel(), result.reshape(-1)
            own = single if x.dtype == np.float32 else None
            step = BLOCK // result.itemsize
            with np.errstate(all="ignore"):  # poles and tails are answers, not accidents
                for start in range(0, x.size, step):
                    part = slice(start, start + step)
                    if own:
                        own(values[part], flat[part])
                    else:
                        flat[part] = function(values[part].astype(np.float64))
            return result[()]

        return everywhere

    return enrol


# --- erf and erfc: near 0 in x², in the middle in x, in the tail in 1/x² (Cody's tables II, III and IV)


def erf_single(x: Array, out: Array) -> None:
    """erf in single precision, in sixteen passes over values that stay in cache."""
    polynomial(x * x, minimax.ERF_SINGLE, out)
    out *= x
    np.tanh(out, out=out)


def erf_near(x: Array) -> Array:
    """erf for |x| <= 0.46875."""
    return x * ratio(x * x, *minimax.ERF_NEAR)


def erfc_far(x: Array) -> Array:
    """erfc for x >= 0.46875. exp(-x²) in two factors, the first exact in x², or its error grows as x² does."""
    x = np.minimum(x, 30.0)  # erfc(30) is 0, and infinity stays out of the arithmetic
    coarse = np.trunc(x * 16) / 16
    bell = np.exp(-coarse * coarse) * np.exp((coarse - x) * (coarse + x))
    return bell * np.piecewise(x, [x > minimax.TAIL_EDGE], [erfc_tail, lambda x: ratio(x, *minimax.ERFC_MIDDLE)])


def erfc_tail(x: Array) -> Array:
    """erfc(x) · exp(x²) for x > 4."""
    inverse = 1 / (x * x)
    return (1 / math.sqrt(math.pi) - inverse * ratio(inverse, *minimax.ERFC_TAIL)) / x


@special(erf_single)
def erf(x: Array) -> Array:
    """2/√π · ∫ exp(-t²) dt from 0 to x. Error 4e-16, in single precision 3e-7.

    >>> erf(np.array([0.0, np.inf])).tolist()
    [0.0, 1.0]
    """
    return np.piecewise(
        x, [np.abs(x) <= minimax.ERF_EDGE, x > minimax.ERF_EDGE, x < -minimax.ERF_EDGE],
        [erf_near, lambda x: 1 - erfc_far(x), lambda x: erfc_far(-x) - 1, np.nan],
    )  # fmt: skip


@special()
def erfc(x: Array) -> Array:
    """1 - erf(x), right in the tail too, down to 1e-308 at 26.5. Error 8e-16.

    >>> erfc(np.array([-np.inf, 0.0])).tolist()
    [2.0, 1.0]
    """
    return np.piecewise(
        x, [np.abs(x) <= minimax.ERF_EDGE, x > minimax.ERF_EDGE, x < -minimax.ERF_EDGE],
        [lambda x: 1 - erf_near(x), erfc_far, lambda x: 2 - erfc_far(-x), np.nan],
    )  # fmt: skip


# --- their inverses: the normal distribution's quantile, near its median and in two parts of its tail (AS 241, PPND16)


def quantile_near(centred: Array) -> Array:
    """Where the normal distribution has the probability 1/2 + centred, for |centred| <= 0.425."""
    return centred * ratio(0.180625 - centred * centred, *minimax.QUANTILE_NEAR)


def quantile_far(tail: Array) -> Array:
    """The same where the probability above it is `tail` < 0.075."""
    root = np.sqrt(-np.log(tail))
    near, far = ratio(root - 1.6, *minimax.QUANTILE_MIDDLE), ratio(np.minimum(root, 30.0) - 5, *minimax.QUANTILE_TAIL)
    return np.where(tail > 0, np.where(root <= 5, near, far), np.inf)


@special()
def erfinv(y: Array) -> Array:
    """The x for which erf(x) = y; ±inf at ±1, nan beyond. Error 6e-16.

    >>> erfinv(np.array([0.0, 1.0, -1.0, 2.0])).tolist()
    [0.0, inf, -inf, nan]
    """
    far = np.abs(y) > 0.85
    x = np.piecewise(
        y, [np.abs(y) > 1, far & (np.abs(y) <= 1), ~far],
        [np.nan, lambda y: np.copysign(quantile_far((1 - np.abs(y)) / 2), y), lambda y: quantile_near(y / 2)],
    )  # fmt: skip
    return x * math.sqrt(0.5)


@special()
def erfcinv(y: Array) -> Array:
    """The x for which erfc(x) = y; inf at 0, -inf at 2, nan beyond. Error 8e-16, for tiny y too.

    >>> erfcinv(np.array([0.0, 1.0, 2.0, 3.0])).tolist()
    [inf, 0.0, -inf, nan]
    """
    near, upper, lower = np.abs(1 - y) <= 0.85, (y >= 0) & (y < 0.15), (y > 1.85) & (y <= 2)
    x = np.piecewise(
        y, [near, upper & ~near, lower & ~near],
        [lambda y: quantile_near((1 - y) / 2), lambda y: quantile_far(y / 2), lambda y: -quantile_far(1 - y / 2),
         np.nan],
    )  # fmt: skip
    return x * math.sqrt(0.5)


# --- gamma, loggamma, digamma and trigamma


def shifted(x: Array) -> tuple[Array, Array]:
    """x >= 0 moved up by whole steps to 8 or more, and the product of what was stepped over."""
    product = np.ones_like(x)
    for _ in range(int(minimax.FAR)):
        product *= np.where(x < minimax.FAR, x, 1.0)
        x = np.where(x < minimax.FAR, x + 1, x)
    return x, product


def series(x: Array) -> Array:
    """Stirling's series: what log(gamma(x)) is above (x - 1/2)·log(x) - x + log(2π)/2, for x >= 8."""
    inverse = 1 / x
    return inverse * polynomial(inverse * inverse, minimax.STIRLING)


def sine(x: Array) -> Array:
    """sin(πx), exactly 0 at whole numbers."""
    whole = np.round(x)
    return np.sin(np.pi * (x - whole)) * np.where(whole % 2 == 0, 1.0, -1.0)


@special()
def gamma(x: Array) -> Array:
    """∫ t^(x-1) exp(-t) dt from 0 to ∞; nan at -1, -2, …; by reflection for other negative x. Error 3e-15.

    >>> gamma(np.array([5.0, 0.0, -1.0])).round(9).tolist()
    [24.0, inf, nan]
    """
    far, product = shifted(np.minimum(np.abs(x), 300.0))  # where gamma has long been infinite
    half = far ** (far / 2 - 0.25)  # the whole power would be infinite before gamma is
    rest = half * np.exp(-far) * (math.sqrt(2 * math.pi) * np.exp(series(far)))
    turn = np.where(x == np.round(x), np.nan, sine(x))
    value = np.where(x < 0, -math.pi * (product / x) / turn / half / rest, half * rest / product)
    return np.where(x == 0, np.copysign(np.inf, x), np.where(np.isneginf(x), np.nan, value))


@special()
def loggamma(x: Array) -> Array:
    """log(gamma(x)) for x >= 0; nan for x < 0, where Wolfram's LogGamma is complex. Error 2e-15, beside 1 and 2 too.

    >>> loggamma(np.array([2.0, 0.0, -0.5])).tolist()
    [0.0, inf, nan]
    """
    return np.piecewise(
        x, [(x >= 0) & (x < 0.5), (x >= 0.5) & (x < 0.6796875), (x >= 0.6796875) & (x < 1.5),
            (x >= 1.5) & (x < 4), (x >= 4) & (x < minimax.FAR), x >= minimax.FAR],
        [lambda x: after_1(x) - np.log(x), lambda x: after_2(x - 1) - np.log(x), lambda x: after_1(x - 1),
         lambda x: after_2(x - 2), lambda x: np.log(gamma(x)), loggamma_far, np.nan],
    )  # fmt: skip


def after_1(x: Array) -> Array:
    """loggamma(1 + x) for -0.32 <= x <= 0.5."""
    return x * (x * ratio(x, *minimax.LOGGAMMA_AT_1) - minimax.EULER)


def after_2(x: Array) -> Array:
    """loggamma(2 + x) for -0.5 <= x <= 2."""
    return x * (x * ratio(x, *minimax.LOGGAMMA_AT_2) + (1 - minimax.EULER))


def loggamma_far(x: Array) -> Array:
    """loggamma for x >= 8. No term cancels another, and none is infinite before the sum is."""
    return (x - 0.5) * (np.log(x) - 1) + (0.5 * math.log(2 * math.pi) - 0.5 + series(x))


@special()
def digamma(x: Array) -> Array:
    """gamma'(x) / gamma(x); nan at -1, -2, …. Error 1e-15; for x < 0 that of the reflection's largest term.

    >>> digamma(np.array([1.0, 0.0, -1.0])).round(4).tolist()
    [-0.5772, -inf, nan]
    """
    size = np.abs(x)
    value = np.piecewise(
        size, [size < 0.5, (size >= 0.5) & (size <= 3), size > 3],
        [lambda x: digamma_near(x + 1) - 1 / x, digamma_near, digamma_far, np.nan],
    )  # fmt: skip
    step = x - np.round(x)
    turned = np.where(step == 0, np.nan, value - 1 / x - np.pi / np.tan(np.pi * step))
    return np.where(x == 0, np.copysign(np.inf, -x), np.where(x < 0, turned, value))


def digamma_near(x: Array) -> Array:
    """digamma for 0.5 <= x <= 3, right beside its root too."""
    whole, small, rest = minimax.DIGAMMA_ROOT
    return (x - whole - small - rest) * ratio(x, *minimax.DIGAMMA_NEAR)


def digamma_far(x: Array) -> Array:
    """digamma for x > 3: the slope of Stirling's series, after five steps up."""
    steps = sum(1 / (x + k) for k in range(5))
    x = x + 5
    inverse = 1 / (x * x)
    return np.log(x) - 0.5 / x - inverse * polynomial(inverse, minimax.DIGAMMA_FAR) - steps


@special()
def trigamma(x: Array) -> Array:
    """The slope of digamma; inf at 0, -1, -2, …. Error 1e-15.

    >>> bool(np.isclose(trigamma(1.0), np.pi**2 / 6, rtol=1e-15))
    True
    """
    size, far, steps = np.abs(x), np.abs(x), np.zeros_like(x)
    for _ in range(int(minimax.FAR)):
        steps = steps + np.where(far < minimax.FAR, 1 / (far * far), 0.0)
        far = np.where(far < minimax.FAR, far + 1, far)
    inverse = 1 / far
    value = steps + inverse * (1 + inverse * (0.5 + inverse * polynomial(inverse * inverse, minimax.BERNOULLI[::-1])))
    turned = (np.pi / sine(x)) ** 2 - value + 1 / (size * size)
    return np.where(x < 0, np.where(x == np.round(x), np.inf, turned), value)
