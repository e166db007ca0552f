"""The learned arrays of a net as one flat vector: an optimizer is then a few operations on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Layout:
    """Which part of the vector is which array: keys, shapes, and where each starts."""

    keys: tuple
    shapes: tuple

    @staticmethod
    def of(arrays: Mapping[tuple, np.ndarray]) -> "Layout":
        """The layout of these arrays, in their order."""
        return Layout(tuple(arrays), tuple(np.shape(array) for array in arrays.values()))

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """The number of elements of each array."""
        return tuple(int(np.prod(shape, dtype=int)) for shape in self.shapes)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each array begins."""
        return tuple(int(start) for start in np.cumsum([0, *self.sizes]))

    @property
    def size(self) -> int:
        """The length of the vector."""
        return self.starts[-1]

    def join(self, xp: Any, arrays: Mapping[tuple, Any]) -> Any:
        """The vector of arrays (of gradients, say)."""
        if not self.keys:
            return xp.zeros((0,))
        return xp.concatenate([arrays[key].reshape(-1) for key in self.keys], 0)

    def split(self, xp: Any, vector: Any) -> dict[tuple, Any]:
        """The arrays of a vector, as views of it on NumPy."""
        parts = zip(self.keys, self.shapes, self.starts, self.sizes, strict=False)
        return {key: vector[start : start + size].reshape(shape) for key, shape, start, size in parts}

    def cut(self, vector: np.ndarray) -> dict[tuple, np.ndarray]:
        """The arrays of a NumPy vector, as views of it."""
        parts = zip(self.keys, self.shapes, self.starts, self.sizes, strict=False)
        return {key: vector[start : start + size].reshape(shape) for key, shape, start, size in parts}

    def repeated(self, xp: Any, values: Any) -> Any:
        """One number an array as one number an element."""
        return xp.concatenate([xp.broadcast_to(values[k], (size,)) for k, size in enumerate(self.sizes)], 0)

    def spread(self, values: Mapping[tuple, float], precision: str) -> np.ndarray:
        """A vector that repeats one number an array."""
        return np.repeat(np.array([values[key] for key in self.keys], dtype=precision), self.sizes)
