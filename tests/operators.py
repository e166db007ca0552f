"""Small layers and operators that tests of other rooms need: states, statistics, nets inside layers, shared arrays."""

from typing import Any

import numpy as np

from wlnet.core.layer import Layer
from wlnet.core.shared import NetArray
from wlnet.core.slots import Slot, gives, learned, moving, takes, words_of
from wlnet.core.symbols import Automatic


class Blend(Layer):
    """A layer with an array to train, a statistic that training moves, and a state."""

    Input = takes("size")
    Output = gives("size")
    Scaling = learned("size", start=1.0)
    Mean = moving("size", start=0.0)
    State = Slot("state", words_of("size"))

    def apply(self, xp: Any, Input: Any, Scaling: Any, Mean: Any) -> Any:
        return Input * Scaling + Mean


class Wrapped(Layer):
    """An operator: it applies the net that it holds."""

    net: Any

    Input = takes("*x")
    Output = gives("*y")

    def subnets(self) -> dict[str, Layer]:
        return {"Net": self.net}

    @classmethod
    def has_arrays(cls) -> bool:
        return True

    def wire(self, solver: Any, path: tuple) -> None:
        self.say_given(solver, path)
        self.net.wire(solver, (*path, "Net"))
        for port in ("Input", "Output"):
            solver.tie(solver.var(path, port), solver.var((*path, "Net"), port))


def Shared(name: str, array: np.ndarray | None = None) -> NetArray:
    """An array that stands in several places under one name."""
    return NetArray(name, Array=Automatic if array is None else array)
