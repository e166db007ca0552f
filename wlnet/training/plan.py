"""The resolved plan of a training: every default decided, frozen, and printable before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wlnet.core.ports import shape_text
from wlnet.core.shared import SHARED, NetArray
from wlnet.training.duration import Duration
from wlnet.training.intervals import Interval
from wlnet.training.losses import LossPort
from wlnet.training.methods import Method
from wlnet.training.stopping import Rule
from wlnet.training.update_schedule import UpdateSchedule


@dataclass(frozen=True)
class ArrayPlan:
    """What training does with one array: its rate relative to the others, and which rule says so."""

    key: tuple
    shape: tuple
    multiplier: float
    source: str
    restraints: tuple[str, ...] = ()  # what holds its gradient or its weights back

    @property
    def direction(self) -> str:
        """descends, ascends, or frozen."""
        return "frozen" if self.multiplier == 0 else "ascends" if self.multiplier < 0 else "descends"

    @property
    def name(self) -> str:
        """The place of the array, or the NetArray that it is."""
        return repr(NetArray(self.key[1])) if self.key[0] is SHARED else "/".join(map(str, self.key))

    def __str__(self) -> str:
        rate = "" if self.multiplier == 0 else f" at {abs(self.multiplier):g}×"
        held = "".join(f", {each}" for each in self.restraints if self.multiplier)
        return f"{self.name} ({shape_text(self.shape)}): {self.direction}{rate}, by {self.source}{held}"


@dataclass(frozen=True)
class TrainingPlan:
    """Which loss judges which port, which array learns, how fast and in which direction, and for how long."""

    losses: tuple[LossPort, ...]
    arrays: tuple[ArrayPlan, ...]
    method: Method
    batch_size: int
    batches_per_round: int
    duration: Duration
    validation_interval: Interval
    examples: int
    validation_examples: int
    seed: int
    backend: str
    precision: str
    stopping: Rule | None = None
    micro: int | None = None  # the examples of a part, where the gradient of a batch is summed over parts
    schedule: UpdateSchedule | None = None  # which arrays each step changes, where not all
    device: Any = "CPU"  # as the option TargetDevice takes it

    @property
    def rounds(self) -> int | None:
        """The rounds after which training ends at the latest."""
        return self.duration.rounds

    @property
    def seconds(self) -> float | None:
        """The seconds after which training ends at the latest."""
        return self.duration.seconds

    def rate_at(self, step: int, elapsed: float = 0.0) -> float:
        """The learning rate of a step, counted from 1 over the whole run, after so many seconds of training."""
        if self.method.schedule is None:
            return self.method.rate
        total = self.duration.total_batches(self.batches_per_round, step - 1, elapsed)
        return self.method.rate_at(step, total)

    @property
    def optimization_method(self) -> tuple[str, dict[str, Any]]:
        """The method with all its sub-options, as the option Method takes it."""
        return self.method.name, dict(self.method.settings)

    @property
    def multipliers(self) -> Mapping[tuple, float]:
        """The multiplier of each array by its position."""
        return {array.key: array.multiplier for array in self.arrays}

    def __str__(self) -> str:
        parts = "" if self.micro is None else f" in parts of {self.micro}"
        often = self.validation_interval if self.validation_examples else None
        checked = "" if often in (None, Interval(1, "Rounds")) else f", {often}"
        lines = ["losses:", *(f"  {loss}" for loss in self.losses)]
        lines += ["arrays:", *(f"  {array}" for array in self.arrays)]
        lines += [
            f"method: {self.method}",
            *([] if self.schedule is None else [f"updates: {self.schedule}"]),
            f"batches: {self.batch_size} examples{parts}, {self.batches_per_round} a round, {self.duration}",
            f"examples: {self.examples} for training, {self.validation_examples} for validation{checked}",
            *([] if self.stopping is None else [f"stops early: {self.stopping}"]),
            f"computed by {self.backend} in {self.precision}, seed {self.seed}",
        ]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The facts by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
