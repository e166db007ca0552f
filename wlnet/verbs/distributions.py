"""Distributions as settings: NormalDistribution and UniformDistribution."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.core.errors import NetError


@dataclass(frozen=True)
class NormalDistribution:
    """Normal numbers of mean `mean` and standard deviation `deviation`.

    >>> NormalDistribution(0, 0.01)
    NormalDistribution(0, 0.01)
    """

    mean: float = 0
    deviation: float = 1

    def __post_init__(self) -> None:
        if not self.deviation >= 0:
            raise NetError(f"the deviation of NormalDistribution must be 0 or more, got {self.deviation!r}")

    def __repr__(self) -> str:
        return f"NormalDistribution({self.mean!r}, {self.deviation!r})"

    def draw(self, random: np.random.Generator, shape: tuple) -> np.ndarray:
        """Independent numbers."""
        return random.normal(self.mean, self.deviation, shape)


@dataclass(frozen=True)
class UniformDistribution:
    """Uniform numbers from `low` to `high`: UniformDistribution(-1, 1), or UniformDistribution((-1, 1)).

    >>> UniformDistribution((-1, 1))
    UniformDistribution(-1, 1)
    """

    low: Any = 0
    high: Any = None

    def __post_init__(self) -> None:
        if isinstance(self.low, (tuple, list)) and len(self.low) == 2:
            low, high = self.low
            object.__setattr__(self, "low", low)
            object.__setattr__(self, "high", high)
        if self.high is None:
            object.__setattr__(self, "high", 1)
        if not self.low <= self.high:
            raise NetError(f"UniformDistribution must have its ends in order, got {self.low!r} and {self.high!r}")

    def __repr__(self) -> str:
        return f"UniformDistribution({self.low!r}, {self.high!r})"

    def draw(self, random: np.random.Generator, shape: tuple) -> np.ndarray:
        """Independent numbers."""
        return random.uniform(self.low, self.high, shape)


def distribution(setting: Any) -> NormalDistribution | UniformDistribution:
    """The distribution of a setting; a number s is NormalDistribution(0, s)."""
    if isinstance(setting, (NormalDistribution, UniformDistribution)):
        return setting
    if isinstance(setting, (int, float)) and not isinstance(setting, bool) and setting >= 0:
        return NormalDistribution(0, float(setting))
    raise NetError(
        f"a distribution is NormalDistribution(m, s), UniformDistribution(a, b), or a number s, got {setting!r}",
        got=setting,
    )
