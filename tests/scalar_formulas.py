"""Every scalar function of Wolfram's list: its formula in NumPy and SciPy, its slope by calculus, where it holds."""

import numpy as np
from numpy import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctanh,
    cos,
    cosh,
    exp,
    log,
    pi,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from scipy.special import digamma, erf, erfc, erfcinv, erfinv, expit, gamma, gammaln, ndtr

LAMBDA, ALPHA = 1.0507009873554805, 1.6732632423543772
ROOT_PI = sqrt(pi)

LINE = (-3.0, 3.0)
OPEN = (-0.95, 0.95)
UNIT = (0.05, 0.95)
ABOVE_0 = (0.05, 5.0)
ABOVE_1 = (1.05, 4.0)
AWAY = (0.2, 3.0)  # positive, away from poles at 0 and pi
BOTH = (*AWAY, "both signs")


def bell(x):
    """The density of the standard normal distribution."""
    return exp(-x * x / 2) / sqrt(2 * pi)


def mish(x):
    soft = np.logaddexp(x, 0)
    return tanh(soft) + x * expit(x) / cosh(soft) ** 2


NAMED = {
    "ReLU": (lambda x: np.maximum(x, 0), lambda x: x > 0, LINE),
    "RectifiedLinearUnit": (lambda x: np.maximum(x, 0), lambda x: x > 0, LINE),
    "ELU": (lambda x: np.where(x >= 0, x, exp(x) - 1), lambda x: np.where(x >= 0, 1, exp(x)), LINE),
    "ExponentialLinearUnit": (
        lambda x: np.where(x >= 0, x, exp(x) - 1),
        lambda x: np.where(x >= 0, 1, exp(x)),
        LINE,
    ),
    "SELU": (
        lambda x: LAMBDA * np.where(x >= 0, x, ALPHA * (exp(x) - 1)),
        lambda x: LAMBDA * np.where(x >= 0, 1, ALPHA * exp(x)),
        LINE,
    ),
    "ScaledExponentialLinearUnit": (
        lambda x: LAMBDA * np.where(x >= 0, x, ALPHA * (exp(x) - 1)),
        lambda x: LAMBDA * np.where(x >= 0, 1, ALPHA * exp(x)),
        LINE,
    ),
    "GELU": (lambda x: x * ndtr(x), lambda x: ndtr(x) + x * bell(x), LINE),
    "GaussianErrorLinearUnit": (lambda x: x * ndtr(x), lambda x: ndtr(x) + x * bell(x), LINE),
    "Swish": (lambda x: x * expit(x), lambda x: expit(x) * (1 + x * expit(-x)), LINE),
    "HardSwish": (
        lambda x: x * np.minimum(np.maximum(x + 3, 0), 6) / 6,
        lambda x: np.where(x < -3, 0, np.where(x > 3, 1, x / 3 + 0.5)),
        (-4.0, 4.0),
    ),
    "Mish": (lambda x: x * tanh(np.logaddexp(x, 0)), mish, LINE),
    "SoftSign": (lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2, LINE),
    "SoftPlus": (lambda x: log(exp(x) + 1), expit, LINE),
    "HardTanh": (lambda x: np.clip(x, -1, 1), lambda x: abs(x) < 1, LINE),
    "HardSigmoid": (lambda x: np.clip((x + 1) / 2, 0, 1), lambda x: (abs(x) < 1) / 2, LINE),
    "Sigmoid": (expit, lambda x: expit(x) * expit(-x), LINE),
}
"""The texts that Wolfram documents for ElementwiseLayer."""

HEADS = {
    "Ramp": (lambda x: np.maximum(x, 0), lambda x: x > 0, LINE),
    "LogisticSigmoid": (expit, lambda x: expit(x) * expit(-x), LINE),
    "Sin": (sin, cos, LINE),
    "Cos": (cos, lambda x: -sin(x), LINE),
    "Tan": (tan, lambda x: 1 / cos(x) ** 2, (-1.4, 1.4)),
    "Cot": (lambda x: cos(x) / sin(x), lambda x: -1 / sin(x) ** 2, BOTH),
    "Sec": (lambda x: 1 / cos(x), lambda x: sin(x) / cos(x) ** 2, (-1.4, 1.4)),
    "Csc": (lambda x: 1 / sin(x), lambda x: -cos(x) / sin(x) ** 2, BOTH),
    "ArcSin": (arcsin, lambda x: 1 / sqrt(1 - x * x), OPEN),
    "ArcCos": (arccos, lambda x: -1 / sqrt(1 - x * x), OPEN),
    "ArcTan": (arctan, lambda x: 1 / (1 + x * x), LINE),
    "ArcCot": (lambda x: arctan(1 / x), lambda x: -1 / (1 + x * x), BOTH),
    "ArcSec": (lambda x: arccos(1 / x), lambda x: 1 / (abs(x) * sqrt(x * x - 1)), (*ABOVE_1, "both signs")),
    "ArcCsc": (lambda x: arcsin(1 / x), lambda x: -1 / (abs(x) * sqrt(x * x - 1)), (*ABOVE_1, "both signs")),
    "Sinh": (sinh, cosh, LINE),
    "Cosh": (cosh, sinh, LINE),
    "Tanh": (tanh, lambda x: 1 / cosh(x) ** 2, LINE),
    "Coth": (lambda x: cosh(x) / sinh(x), lambda x: -1 / sinh(x) ** 2, BOTH),
    "Sech": (lambda x: 1 / cosh(x), lambda x: -sinh(x) / cosh(x) ** 2, LINE),
    "Csch": (lambda x: 1 / sinh(x), lambda x: -cosh(x) / sinh(x) ** 2, BOTH),
    "ArcSinh": (arcsinh, lambda x: 1 / sqrt(1 + x * x), LINE),
    "ArcCosh": (arccosh, lambda x: 1 / sqrt(x * x - 1), ABOVE_1),
    "ArcTanh": (arctanh, lambda x: 1 / (1 - x * x), OPEN),
    "ArcCoth": (lambda x: arctanh(1 / x), lambda x: 1 / (1 - x * x), (*ABOVE_1, "both signs")),
    "ArcSech": (lambda x: arccosh(1 / x), lambda x: -1 / (x * sqrt(1 - x * x)), UNIT),
    "ArcCsch": (lambda x: arcsinh(1 / x), lambda x: -1 / (abs(x) * sqrt(1 + x * x)), BOTH),
    "Haversine": (lambda x: (1 - cos(x)) / 2, lambda x: sin(x) / 2, LINE),
    "InverseHaversine": (lambda x: arccos(1 - 2 * x), lambda x: 1 / sqrt(x - x * x), UNIT),
    "Gudermannian": (lambda x: 2 * arctan(exp(x)) - pi / 2, lambda x: 1 / cosh(x), LINE),
    "InverseGudermannian": (lambda x: arcsinh(tan(x)), lambda x: 1 / cos(x), (-1.4, 1.4)),
    "Log": (log, lambda x: 1 / x, ABOVE_0),
    "Log2": (np.log2, lambda x: 1 / (x * log(2)), ABOVE_0),
    "Log10": (np.log10, lambda x: 1 / (x * log(10)), ABOVE_0),
    "Exp": (exp, exp, LINE),
    "Sqrt": (sqrt, lambda x: 0.5 / sqrt(x), ABOVE_0),
    "CubeRoot": (np.cbrt, lambda x: 1 / (3 * np.cbrt(x) ** 2), BOTH),
    "Abs": (abs, sign, BOTH),
    "Gamma": (gamma, lambda x: gamma(x) * digamma(x), AWAY),
    "LogGamma": (gammaln, digamma, AWAY),
    "Erf": (erf, lambda x: 2 / ROOT_PI * exp(-x * x), LINE),
    "Erfc": (erfc, lambda x: -2 / ROOT_PI * exp(-x * x), LINE),
    "InverseErf": (erfinv, lambda x: ROOT_PI / 2 * exp(erfinv(x) ** 2), OPEN),
    "InverseErfc": (erfcinv, lambda x: -ROOT_PI / 2 * exp(erfcinv(x) ** 2), (0.05, 1.95)),
    "Round": (np.rint, np.zeros_like, LINE),
    "Floor": (np.floor, np.zeros_like, LINE),
    "Ceiling": (np.ceil, np.zeros_like, LINE),
    "Sign": (sign, np.zeros_like, LINE),
    "FractionalPart": (lambda x: x - np.trunc(x), np.ones_like, LINE),
    "IntegerPart": (np.trunc, np.zeros_like, LINE),
    "Unitize": (lambda x: x != 0, np.zeros_like, LINE),
    "KroneckerDelta": (lambda x: x == 0, np.zeros_like, LINE),
    "Minus": (lambda x: -x, lambda x: -np.ones_like(x), LINE),
    "Positive": (lambda x: x > 0, np.zeros_like, LINE),
    "Negative": (lambda x: x < 0, np.zeros_like, LINE),
    "NonNegative": (lambda x: x >= 0, np.zeros_like, LINE),
    "NonPositive": (lambda x: x <= 0, np.zeros_like, LINE),
    "PossibleZeroQ": (lambda x: x == 0, np.zeros_like, LINE),
    "Not": (lambda x: x == 0, np.zeros_like, LINE),
    "Chop": (lambda x: np.where(abs(x) < 1e-10, 0, x), np.ones_like, BOTH),
    "Clip": (lambda x: np.clip(x, -1, 1), lambda x: abs(x) < 1, LINE),
}
"""The heads that stand alone as a function of one number."""

AT_KINKS = {
    # name: (value, slope) at 0, at 100 and at -100, by the formula's limits; None where single precision overflows
    "Ramp": ((0, 0), (100, 1), (0, 0)),
    "ELU": ((0, 1), (100, 1), (-1, 0)),
    "SELU": ((0, LAMBDA), (100 * LAMBDA, LAMBDA), (-LAMBDA * ALPHA, 0)),
    "GELU": ((0, 0.5), (100, 1), (0, 0)),
    "Swish": ((0, 0.5), (100, 1), (0, 0)),
    "HardSwish": ((0, 0.5), (100, 1), (0, 0)),
    "Mish": ((0, 0.6), (100, 1), (0, 0)),
    "SoftSign": ((0, 1), (100 / 101, 1 / 101**2), (-100 / 101, 1 / 101**2)),
    "SoftPlus": ((log(2), 0.5), (100, 1), (0, 0)),
    "HardTanh": ((0, 1), (1, 0), (-1, 0)),
    "HardSigmoid": ((0.5, 0.5), (1, 0), (0, 0)),
    "LogisticSigmoid": ((0.5, 0.25), (1, 0), (0, 0)),
    "Tanh": ((0, 1), (1, 0), (-1, 0)),
    "Coth": (None, (1, 0), (-1, 0)),
    "Sech": ((1, 0), (0, 0), (0, 0)),
    "Csch": (None, (0, 0), (0, 0)),
    "ArcTan": ((0, 1), (arctan(100), 1 / 10001), (-arctan(100), 1 / 10001)),
    "ArcCot": ((pi / 2, -1), (arctan(0.01), -1 / 10001), (-arctan(0.01), -1 / 10001)),
    "ArcSinh": ((0, 1), (arcsinh(100), 10001**-0.5), (-arcsinh(100), 10001**-0.5)),
    "Haversine": ((0, 0), (sin(50) ** 2, sin(100) / 2), (sin(50) ** 2, -sin(100) / 2)),
    "Gudermannian": ((0, 1), (pi / 2, 0), (-pi / 2, 0)),
    "Abs": ((0, 0), (100, 1), (100, -1)),
    "CubeRoot": ((0, 0), (100 ** (1 / 3), 100 ** (-2 / 3) / 3), (-(100 ** (1 / 3)), 100 ** (-2 / 3) / 3)),
    "Erf": ((0, 2 / ROOT_PI), (1, 0), (-1, 0)),
    "Erfc": ((1, -2 / ROOT_PI), (0, 0), (2, 0)),
    "Exp": ((1, 1), None, (0, 0)),
    "LogGamma": (None, (gammaln(100), digamma(100)), None),
    "Sign": ((0, 0), (1, 0), (-1, 0)),
    "Round": ((0, 0), (100, 0), (-100, 0)),
    "FractionalPart": ((0, 1), (0, 1), (0, 1)),
    "Unitize": ((0, 0), (1, 0), (1, 0)),
    "KroneckerDelta": ((1, 0), (0, 0), (0, 0)),
    "Clip": ((0, 1), (1, 0), (-1, 0)),
    "Chop": ((0, 0), (100, 1), (-100, 1)),
    "Sin": ((0, 1), (sin(100), cos(100)), (-sin(100), cos(100))),
    "Cos": ((1, 0), (cos(100), -sin(100)), (cos(100), sin(100))),
    "Positive": ((0, 0), (1, 0), (0, 0)),
    "NonNegative": ((1, 0), (1, 0), (0, 0)),
    "Negative": ((0, 0), (0, 0), (1, 0)),
    "NonPositive": ((1, 0), (0, 0), (1, 0)),
    "PossibleZeroQ": ((1, 0), (0, 0), (0, 0)),
}


def points(domain, count=7):
    """Numbers inside a domain, at irregular distances."""
    low, high = domain[:2]
    found = low + (high - low) * (np.arange(1, count + 1) * 0.6180339887 % 1)
    return np.concatenate([found, -found]) if len(domain) > 2 else found
