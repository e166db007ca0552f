"""The resolved plan of a training: every default decided, frozen, and printable before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wlnet.core.ports import shape_text
from wlnet.training.losses import LossPort
from wlnet.training.methods import Method


@dataclass(frozen=True)
class ArrayPlan:
    """What training does with one array: its rate relative to the others, and which rule says so."""

    key: tuple
    shape: tuple
    multiplier: float
    source: str

    @property
    def direction(self) -> str:
        """descends, ascends, or frozen."""
        return "frozen" if self.multiplier == 0 else "ascends" if self.multiplier < 0 else "descends"

    def __str__(self) -> str:
        rate = "" if self.multiplier == 0 else f" at {abs(self.multiplier):g}×"
        return f"{'/'.join(map(str, self.key))} ({shape_text(self.shape)}): {self.direction}{rate}, by {self.source}"


@dataclass(frozen=True)
class TrainingPlan:
    """Which loss judges which port, which array learns, how fast and in which direction, and for how long."""

    losses: tuple[LossPort, ...]
    arrays: tuple[ArrayPlan, ...]
    method: Method
    batch_size: int
    batches_per_round: int
    rounds: int | None
    seconds: float | None
    examples: int
    validation_examples: int
    seed: int
    backend: str
    precision: str

    @property
    def multipliers(self) -> Mapping[tuple, float]:
        """The multiplier of each array by its position."""
        return {array.key: array.multiplier for array in self.arrays}

    def __str__(self) -> str:
        last = f"{self.rounds} rounds" if self.rounds is not None else f"as many rounds as fit {self.seconds:g} s"
        lines = ["losses:", *(f"  {loss}" for loss in self.losses)]
        lines += ["arrays:", *(f"  {array}" for array in self.arrays)]
        lines += [
            f"method: {self.method}",
            f"batches: {self.batch_size} examples, {self.batches_per_round} a round, {last}",
            f"examples: {self.examples} for training, {self.validation_examples} for validation",
            f"computed by {self.backend} in {self.precision}, seed {self.seed}",
        ]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The facts by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
