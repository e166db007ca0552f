"""How random numbers of each kind come from uniform and normal ones, by arithmetic on arrays alone.

Nothing here rejects in an open loop: every draw takes a fixed number of uniform or normal numbers, so that it can be
compiled, and its gradient follows the arithmetic. `shape` is the shape of the result, and parameters are arrays that
broadcast to it.
"""

import math
from collections.abc import Callable
from typing import Any

TRIES = 4
"""Candidates of a gamma number. One is refused with a chance below 0.008, so all four with one below 5e-9."""

RAISE = 4
"""By how much the shape of a gamma number is raised before it is drawn."""

LARGE = 16.0
"""The mean from which Poisson and binomial numbers are rounded from a normal one; their distribution function is right
to 2e-4 there, and to more beyond. Below it they are counted along their probabilities."""

STEPS = 48
"""How far counting goes: a number of mean 16 is greater with a chance below 1e-9."""


def unit(xp: Any, shape: tuple) -> Any:
    """Uniform numbers above 0, up to 1: their logarithm is finite."""
    return 1 - xp.uniform(shape)


def exponential(xp: Any, shape: tuple) -> Any:
    """Exponential numbers of mean 1."""
    return -xp.log(unit(xp, shape))


def log_gamma(xp: Any, shape: tuple, a: Any) -> Any:
    """Logarithms of gamma numbers of shape a and scale 1, which do not vanish where a is small.

    Marsaglia & Tsang 2000: d·(1 + c·z)³ of an accepted normal z, for the shape a + 4, times U^(1/(a + k)), k = 0 … 3,
    which lowers the shape to a. The gradient for a is that of this expression: by raising the shape, what acceptance
    would add to it is below 0.2 % (Naesseth et al. 2017).
    """
    d = a + (RAISE - 1 / 3)
    c = 1 / xp.sqrt(9 * d)
    z = accepted(xp, shape, xp.stop_gradient(c), xp.stop_gradient(d))
    answer = xp.log(d) + 3 * xp.log1p(c * z)
    for k in range(RAISE):
        answer = answer + xp.log(unit(xp, shape)) / (a + k)
    return answer


def accepted(xp: Any, shape: tuple, c: Any, d: Any) -> Any:
    """The first of TRIES normal numbers that Marsaglia and Tsang accept; where all are refused, 0: the mode."""
    candidates, chance = xp.normal((TRIES, *shape)), xp.log(unit(xp, (TRIES, *shape)))
    chosen = xp.zeros(shape)
    for z, logarithm in zip(reversed(list(candidates)), reversed(list(chance)), strict=True):
        v = 1 + c * z
        above = xp.where(v > 0, v, 1.0)
        fits = xp.logical_and(v > 0, logarithm < 0.5 * z * z + d * (1 - above**3 + 3 * xp.log(above)))
        chosen = xp.where(fits, z, chosen)
    return chosen


def counted(xp: Any, shape: tuple, first: Any, ratio: Callable[[int], Any], mean: Any) -> Any:
    """Whole numbers of which 0 has the probability `first`, and k + 1 has ratio(k) times that of k: by inversion.

    Where probabilities get too small to add up, counting ends: else the rounding of their sum would be a far outlier.
    """
    place, probability, below = xp.uniform(shape), first, first
    number = xp.zeros(shape)
    for k in range(STEPS):
        counts = xp.logical_or(mean > k, probability > 1e-8)
        number = number + xp.astype(xp.logical_and(place >= below, counts), float)
        probability = probability * ratio(k)
        below = below + probability
    return number


def rounded(xp: Any, shape: tuple, mean: Any, variance: Any, third: Any, fourth: Any) -> Any:
    """Whole numbers of that mean and variance; `third` and `fourth` are these cumulants over the variance.

    By the expansion of Cornish and Fisher with the correction for rounding: of Poisson numbers that of Giles 2016.
    """
    w, deviation = xp.normal(shape), xp.sqrt(variance)
    bend = fourth / 24 * (w**3 - 3 * w) - third * third / 36 * (2 * w**3 - 5 * w) - w / 24
    return xp.floor(mean + 0.5 + deviation * w + third / 6 * (w * w - 1) + bend / deviation)


def poisson(xp: Any, shape: tuple, mean: Any) -> Any:
    """Poisson numbers."""
    small = mean < LARGE
    low, high = xp.where(small, mean, 1.0), xp.where(small, LARGE, mean)
    few = counted(xp, shape, xp.exp(-low), lambda k: low / (k + 1), low)
    return xp.where(small, few, xp.maximum(rounded(xp, shape, high, high, 1.0, 1.0), 0.0))


def binomial(xp: Any, shape: tuple, n: Any, p: Any) -> Any:
    """How many of n trials succeed: counted in what is rarer, success or failure."""
    rare = xp.minimum(p, 1 - p)
    small = n * rare < LARGE
    trials, chance = xp.where(small, n, 1.0), xp.where(small, rare, 0.5)
    odds = chance / (1 - chance)
    none = xp.exp(trials * xp.log1p(-chance))
    few = counted(xp, shape, none, lambda k: xp.maximum(trials - k, 0.0) / (k + 1) * odds, trials * chance)
    trials, chance = xp.where(small, 4 * LARGE, n), xp.where(small, 0.5, rare)
    spread = chance * (1 - chance)
    many = rounded(xp, shape, trials * chance, trials * spread, 1 - 2 * chance, 1 - 6 * spread)
    number = xp.where(small, few, xp.minimum(xp.maximum(many, 0.0), trials))
    return xp.where(p > 0.5, n - number, number)


def negative_binomial(xp: Any, shape: tuple, n: Any, p: Any) -> Any:
    """How many trials fail before the n-th success: Poisson numbers whose mean is a gamma number."""
    return poisson(xp, shape, xp.exp(log_gamma(xp, shape, n)) * ((1 - p) / p))


def whole(xp: Any, shape: tuple, low: Any, high: Any) -> Any:
    """Whole numbers from low to high, all alike; rounding does not lead beyond high."""
    return xp.minimum(low + xp.floor(xp.uniform(shape) * (high - low + 1)), high)


def maxwell(xp: Any, shape: tuple) -> Any:
    """Lengths of normal vectors of three numbers."""
    z = xp.normal((3, *shape))
    return xp.sqrt(xp.sum(z * z, 0))


HALF = math.sqrt(math.pi / 2)
ROOT = math.sqrt(2)
