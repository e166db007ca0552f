"""The options of NetTrain, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.multipliers import multipliers
from wlnet.core.symbols import Automatic
from wlnet.training.destinations import Target
from wlnet.training.duration import Duration
from wlnet.training.intervals import Interval, with_intervals
from wlnet.training.measurements import Measurement
from wlnet.training.methods import Method
from wlnet.training.onlooker import Onlooker
from wlnet.training.stopping import Rule
from wlnet.training.update_schedule import Entry
from wlnet.verbs.device import precision_of


@dataclass(frozen=True)
class Options:
    """What the user's options say, every one in its normal form."""

    batch_size: Any
    method: Method
    rules: Any
    loss: Any
    duration: Duration
    seed: int
    device: Any
    watchers: tuple[Onlooker, ...]
    validation: Any
    validation_interval: Interval
    precision: str
    checkpoints: tuple[Target, ...] = ()
    measurements: tuple[Measurement, ...] | None = None  # None: the net decides
    stopping: Rule | None = None
    parts: int | None = None  # the examples of a micro-batch; None: the goal decides
    goal: str = "TrainingSpeed"
    given: Mapping[str, Any] = field(default_factory=dict)  # the options of the call, as they were written
    update_schedule: tuple[Entry, ...] = ()

    def seeds(self) -> tuple[int, int, int, int]:
        """Independent seeds for initial arrays, the order of examples, random layers, and the validation split."""
        state = np.random.SeedSequence(self.seed).generate_state(4)
        return int(state[0]), int(state[1]), int(state[2]), int(state[3])


def batch_size(setting: Any) -> Any:
    """A whole number, or Automatic."""
    if setting is Automatic:
        return setting
    if isinstance(setting, bool) or not isinstance(setting, (int, np.integer)) or setting < 1:
        raise NetError(f"BatchSize must be a positive whole number or Automatic, got {setting!r}", got=setting)
    return int(setting)


def checked_rules(setting: Any) -> Any:
    """The rules of LearningRateMultipliers."""
    try:
        return multipliers(setting)
    except ValueError as error:
        raise NetError(f"LearningRateMultipliers {error}", got=setting) from None


def validation_set(setting: Any) -> tuple[Any, Interval]:
    """The data of a setting of ValidationSet, and how often they are measured: each round by default.

    The sub-options of a function that makes the data may stand beside these.
    """
    if isinstance(setting, tuple) and len(setting) == 2 and callable(setting[0]) and isinstance(setting[1], Mapping):
        own = {name: value for name, value in setting[1].items() if name not in ("Interval", "MinimumInterval")}
        often = {name: value for name, value in setting[1].items() if name not in own}
        setting = ((setting[0], own) if own else setting[0], often)
    return with_intervals(setting, Interval(1, "Rounds"), "ValidationSet", "Rounds")


def working_precision(setting: Any) -> str:
    """NumPy's name of the precision in which training computes."""
    if isinstance(setting, str) and setting == "Mixed":
        text = 'NetTrain: WorkingPrecision="Mixed" is not there: all that training computes is of one precision'
        raise NetError(text, got=setting, hint='"Real32" is the fastest, on every device')
    return "float32" if setting is Automatic else precision_of(setting)
