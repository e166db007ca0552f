"""The special functions against SciPy, against Python's own, and against identities where those are not exact."""

import math

import numpy as np
import pytest
from scipy import special as scipy

from wlnet.kernels import special

NAMES = ["erf", "erfc", "erfinv", "erfcinv", "gamma", "loggamma", "digamma", "trigamma"]
INF, NAN = math.inf, math.nan
draw = np.random.default_rng(7)


def powers(low, high, count=997):
    """10 to powers that are spread evenly."""
    return 10.0 ** draw.uniform(low, high, count)


def each(function):
    """A function of Python's `math`, or another of one number, over an array."""
    return lambda x: np.array([function(float(value)) for value in x])


def loggamma_near_1_and_2(x):
    """Σ (-1)^k ζ(k) (x - 1)^k / k for k >= 2, less γ (x - 1): the Taylor series at 1."""
    k = np.arange(2, 90.0)
    terms = (1 - x[:, None]) ** k * scipy.zeta(k) / k
    return (1 - x) * np.euler_gamma + terms[:, ::-1].sum(1)


RANGES = [
    ("erf", np.r_[draw.uniform(-6, 6, 1999), powers(-300, 0)], each(math.erf), 1e-15),
    ("erfc", np.r_[draw.uniform(-6, 6, 1999), draw.uniform(4, 26.5, 997)], each(math.erfc), 2e-15),
    ("erfinv", np.r_[draw.uniform(-1, 1, 1999), powers(-300, -0.1), 1 - powers(-15, -0.1)], scipy.erfinv, 2e-15),
    ("erfcinv", np.r_[draw.uniform(0, 0.9, 1999), powers(-300, -0.1), 2 - powers(-15, -1)], scipy.erfcinv, 2e-15),
    ("gamma", np.r_[draw.uniform(0, 171.6, 1999), powers(-300, 1)], each(math.gamma), 6e-15),
    ("gamma", -np.r_[draw.uniform(0, 170, 1999), powers(-300, 0)], each(math.gamma), 6e-15),
    ("loggamma", np.r_[powers(-300, 300), draw.uniform(2.5, 19, 1999)], scipy.gammaln, 3e-15),
    ("loggamma", 1 + np.r_[powers(-15, -0.3), -powers(-15, -0.3)], loggamma_near_1_and_2, 3e-15),
    ("digamma", np.r_[powers(-300, 300), draw.uniform(0, 1.3, 499), draw.uniform(1.6, 19, 1999)], scipy.digamma, 1e-14),
    ("trigamma", np.r_[powers(-100, 30), draw.uniform(0, 19, 1999)], lambda x: scipy.polygamma(1, x), 2e-15),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "x", "expected", "error"), RANGES, ids=[f"{row[0]}-{n}" for n, row in enumerate(RANGES)]
)
def test_near_machine_precision_in_double(name, x, expected, error):
    np.testing.assert_allclose(getattr(special, name)(x), expected(x), rtol=error, atol=0)


@pytest.mark.parametrize(
    ("name", "x", "expected", "error"), RANGES, ids=[f"{row[0]}-{n}" for n, row in enumerate(RANGES)]
)
def test_single_stays_single_and_is_right_to_its_last_digits(name, x, expected, error):
    x = x[(np.abs(x) > 1e-30) & (np.abs(x) < 1e30)].astype(np.float32)
    exact = expected(x.astype(np.float64))
    x, exact = x[np.isfinite(exact)], exact[np.isfinite(exact)]
    fits = (np.abs(exact) > np.finfo(np.float32).tiny) & (np.abs(exact) < np.finfo(np.float32).max)
    y = getattr(special, name)(x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y[fits], exact[fits], rtol=3e-7 if name == "erf" else 6.1e-8, atol=0)


POLES = [
    ("erf", [0, -0.0, INF, -INF, NAN, 30], [0, -0.0, 1, -1, NAN, 1]),
    ("erfc", [0, INF, -INF, NAN, 30, -30], [1, 0, 2, NAN, 0, 2]),
    ("erfinv", [0, 1, -1, 1.5, -1.5, NAN, INF], [0, INF, -INF, NAN, NAN, NAN, NAN]),
    ("erfcinv", [1, 0, 2, -0.5, 2.5, NAN, INF], [0, INF, -INF, NAN, NAN, NAN, NAN]),
    ("gamma", [1, 2, 0, -0.0, -1, -7, INF, -INF, NAN, 172, -200.5], [1, 1, INF, -INF, NAN, NAN, INF, NAN, NAN, INF, 0]),
    ("loggamma", [1, 2, 0, -1, -0.5, INF, -INF, NAN], [0, 0, INF, NAN, NAN, INF, NAN, NAN]),
    ("digamma", [0, -0.0, -1, -7, INF, NAN], [-INF, INF, NAN, NAN, INF, NAN]),
    ("trigamma", [0, -1, -7, INF, NAN], [INF, INF, INF, 0, NAN]),
]


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "x", "expected"), POLES, ids=[row[0] for row in POLES])
@pytest.mark.filterwarnings("error")
def test_poles_tails_and_nan_are_answers_without_a_warning(name, x, expected, precision):
    y = getattr(special, name)(np.array(x, precision))
    np.testing.assert_allclose(y, np.array(expected, precision), rtol=1e-6, atol=1e-15)
    assert np.signbit(y[:2]).tolist() == np.signbit(np.array(expected[:2])).tolist() or name in ("loggamma", "erfc")


def test_known_values():
    root = 1.4616321449683623  # of digamma, where its slope is 0.9676722
    assert special.digamma(root) == pytest.approx((root - 1.46163214496836234126) * 0.9676722454476, rel=0, abs=1e-16)
    assert special.gamma(0.5) == pytest.approx(math.sqrt(math.pi), rel=2e-15)
    assert special.gamma(-1.5) == pytest.approx(4 / 3 * math.sqrt(math.pi), rel=2e-15)
    assert special.loggamma(0.5) == pytest.approx(math.log(math.pi) / 2, rel=1e-15)
    assert special.digamma(-0.5) == pytest.approx(2 - np.euler_gamma - 2 * math.log(2), rel=1e-13)
    assert special.trigamma(-0.5) == pytest.approx(math.pi**2 / 2 + 4, rel=2e-15)


def test_negative_digamma_and_trigamma_follow_the_recurrence():
    x = -draw.uniform(0, 29, 997)
    np.testing.assert_allclose(special.digamma(x + 1) - special.digamma(x), 1 / x, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(special.trigamma(x) - special.trigamma(x + 1), x**-2.0, rtol=1e-11, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_shapes_numbers_and_whole_numbers(name):
    function = getattr(special, name)
    x = draw.uniform(0.1, 0.9, (2, 3, 5))
    assert function(x).shape == (2, 3, 5)
    np.testing.assert_array_equal(function(x.T), function(x).T)  # memory out of order
    assert np.ndim(function(0.25)) == 0
    assert function(np.float32(0.25)).dtype == np.float32
    assert function(np.zeros((0, 3), np.float32)).shape == (0, 3)
    assert function(np.array([1])).dtype == np.float64
    kept = x.copy()
    function(x)
    np.testing.assert_array_equal(x, kept)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_a_long_array_is_its_blocks(name, precision):
    x = draw.uniform(0.1, 0.9, 40009).astype(precision)
    whole = getattr(special, name)(x)
    ends = np.r_[0:5, 16381:16387, 32765:32771, 40004:40009]
    np.testing.assert_allclose(
        whole[ends], getattr(special, name)(x[ends]), rtol=3e-7 if precision == np.float32 else 1e-15
    )
