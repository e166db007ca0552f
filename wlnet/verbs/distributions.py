"""Distributions for NetInitialize: what a setting means, and numbers from NumPy's generators."""

from typing import Any

import numpy as np

from wlnet.backends import backend
from wlnet.core.distributions import Distribution, NormalDistribution
from wlnet.core.errors import NetError
from wlnet.core.fields import as_number
from wlnet.core.registry import provides


@provides("draw")
def draw(given: Distribution, random: np.random.Generator, shape: tuple) -> np.ndarray:
    """Independent numbers from a generator, in double precision."""
    xp = backend("NumPy").context(precision="float64").derive(generator=lambda: random)
    with np.errstate(all="ignore"):  # branches that are not taken may overflow
        return given.sample(xp, shape)


def distribution(setting: Any) -> Distribution:
    """The distribution of a setting; a number s is NormalDistribution(0, s)."""
    if isinstance(setting, Distribution):
        return setting
    number = as_number(setting)
    if number is not None and 0 <= number < np.inf:
        return NormalDistribution(0, float(number))
    raise NetError(
        f"a distribution is NormalDistribution(m, s), UniformDistribution(a, b), or a number s, got {setting!r}",
        got=setting,
    )
