"""Arrays for tests: distinct values of no special kind, the same each time."""

import numpy as np


def example(*shape: int, seed: int = 0, low: float = -2.0, high: float = 2.0) -> np.ndarray:
    """A float32 array of that shape, uniform between low and high."""
    return np.random.default_rng((seed, *shape)).uniform(low, high, shape).astype(np.float32)


def assert_close(got, expected, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """Equal shapes, and values within float32's reach."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape, (got.shape, expected.shape)
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol)
