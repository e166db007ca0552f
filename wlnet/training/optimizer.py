"""The update after a gradient: the method's rule, what restrains it, and whose turn it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from wlnet.training.methods import Method
from wlnet.training.restraints import Restraints, one_for_all
from wlnet.training.update_schedule import Turns
from wlnet.training.vector import Layout


@dataclass(frozen=True)
class Optimizer:
    """How the vector of all learned arrays follows a gradient. `update` is a pure function of arrays."""

    method: Method
    engine: Any
    precision: str
    layout: Layout
    multipliers: np.ndarray
    restraints: Restraints = field(default_factory=Restraints)
    turns: Turns | None = None

    def update(
        self, vector: Any, gradient: Any, memory: Any, constants: Mapping[str, Any], rate: Any, count: Any, turn: Any
    ) -> Any:
        """The vector and the optimizer's memory after a step; `count` is how often the arrays were updated then.

        Where `turn` says which elements this step changes, all others stay, in both.
        """
        xp = self.engine.context(precision=self.precision)

        def unbiased(decay: float) -> Any:
            found = 1 / (1 - decay**count)
            return found if self.counts_together else self.layout.repeated(xp, xp.astype(found, float))

        if turn is not None:
            gradient = xp.where(turn, gradient, xp.zeros_like(gradient))
        if not self.restraints.are_none:
            gradient = self.restraints.gradient(xp, vector, gradient, constants)
        rule, options = self.method.row.update, self.method.options
        following, remembered = rule(xp, vector, gradient, memory, constants["Rates"] * rate, unbiased, options)
        if not self.restraints.are_none:
            following = self.restraints.weights(xp, following, constants)
        if turn is None:
            return following, remembered
        kept = tuple(xp.where(turn, new, old) for new, old in zip(remembered, memory, strict=True))
        return xp.where(turn, following, vector), kept

    @cached_property
    def constants(self) -> dict[str, Any]:
        """What an update multiplies and compares with, element by element."""
        given = {"Rates": one_for_all(self.multipliers), **self.restraints.constants}
        return {name: value if isinstance(value, float) else self.engine.array(value) for name, value in given.items()}

    @cached_property
    def counts_together(self) -> bool:
        """Whether all arrays of a step were updated equally often."""
        return self.turns is None or self.turns.are_apart

    @cached_property
    def masks(self) -> list:
        """The elements that each entry of the schedule changes."""
        return [] if self.turns is None else [self.engine.array(mask) for mask in self.turns.masks]

    def turn_at(self, step: int) -> tuple[Any, Any]:
        """How often the arrays of a step are updated by then, and which elements these are, None for all."""
        if self.turns is None:
            return step, None
        return self.turns.counts_at(step), self.masks[self.turns.entry_at(step)]

    def memory(self, vector: np.ndarray) -> tuple:
        """What the method remembers before the first step."""
        return tuple(self.engine.array(np.zeros_like(vector)) for _ in range(self.method.row.memories))
