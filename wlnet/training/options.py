"""The options of NetTrain, checked."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.multipliers import multipliers
from wlnet.core.symbols import Automatic, Quantity
from wlnet.training.methods import Method

AUTOMATIC_SECONDS = 20.0
UNITS = {"Seconds": 1.0, "Minutes": 60.0, "Hours": 3600.0}


@dataclass(frozen=True)
class Options:
    """What the user's options say, every one in its normal form."""

    batch_size: Any
    method: Method
    rules: Any
    loss: Any
    rounds: int | None
    seconds: float | None
    seed: int
    device: Any
    reporting: Any
    validation: Any
    precision: str

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


def duration(setting: Any) -> tuple[int | None, float | None]:
    """Rounds and seconds of a setting of MaxTrainingRounds."""
    if setting is Automatic:
        return None, AUTOMATIC_SECONDS
    if isinstance(setting, Quantity) and setting.number > 0:
        if setting.unit in UNITS:
            return None, float(setting.number) * UNITS[setting.unit]
        if setting.unit == "Rounds":
            setting = setting.number
    if isinstance(setting, (int, np.integer)) and not isinstance(setting, bool) and setting > 0:
        return int(setting), None
    raise NetError(
        "MaxTrainingRounds must be a positive whole number, a Quantity of rounds or of time, or Automatic, got "
        f"{setting!r}",
        got=setting,
    )
