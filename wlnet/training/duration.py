"""How long a net trains: what MaxTrainingRounds and TimeGoal say together."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.symbols import Automatic, Quantity
from wlnet.training.intervals import SECONDS

AUTOMATIC_SECONDS = 20.0
MOST_ROUNDS = 10_000
"""Where neither option says how long: about so many seconds in whole rounds, and at most so many rounds."""

LONGEST = "MaxTrainingRounds must be a positive whole number, a Quantity of rounds, batches or time, or Automatic"
GOAL = "TimeGoal must be a positive number of seconds, a Quantity of time, or Automatic"


@dataclass(frozen=True)
class Duration:
    """Training ends with the first of these that is reached; None limits nothing.

    With `whole_rounds` a round that has begun is finished, and one that would not fit the time is not begun; else
    training ends with the batch in which the time is over.
    """

    rounds: int | None = None
    batches: int | None = None
    seconds: float | None = None
    whole_rounds: bool = False

    def __str__(self) -> str:
        if self.whole_rounds:
            return f"as many rounds as fit {self.seconds:g} s"
        limits = [f"{number} {name}" for number, name in ((self.rounds, "rounds"), (self.batches, "batches")) if number]
        return ", at most ".join(limits + ([f"{self.seconds:g} s"] if self.seconds is not None else []))

    @property
    def most_rounds(self) -> int | None:
        """The rounds that are too many."""
        return MOST_ROUNDS if self.whole_rounds else self.rounds

    def begins_round(self, done: int, batches: int, elapsed: float) -> bool:
        """Whether another round begins after so many rounds, batches and seconds."""
        if self.reason(done, batches, elapsed) is not None:
            return False
        return not self.whole_rounds or not done or elapsed * (done + 1) / done <= (self.seconds or math.inf)

    def cuts_round(self, batches: int, elapsed: float) -> str | None:
        """Why a round ends with this batch, if it does."""
        return None if self.whole_rounds else self.reason(0, batches, elapsed)

    def reason(self, done: int, batches: int, elapsed: float) -> str | None:
        """Which limit is reached, if any."""
        if self.most_rounds is not None and done >= self.most_rounds:
            return f"{MOST_ROUNDS} rounds were over" if self.whole_rounds else "MaxTrainingRounds was reached"
        if self.batches is not None and batches >= self.batches:
            return "MaxTrainingRounds was reached"
        if self.seconds is not None and elapsed >= self.seconds and (done or not self.whole_rounds):
            return f"{self.seconds:g} seconds were over"
        return None

    def share(self, rounds: float, batches: int, elapsed: float) -> float:
        """The share of the training that is over, from 0 to 1, by the limit that is nearest."""
        limits = ((rounds, self.rounds), (batches, self.batches), (elapsed, self.seconds))
        return min(1.0, max([0.0, *(now / limit for now, limit in limits if limit)]))

    def total_batches(self, each: int, done: int, elapsed: float) -> int:
        """The batches of a training with `each` in a round, after `done`: where time limits it, an estimate.

        As many as fit the time if all take as long as those so far, in whole rounds where rounds are finished; before
        the first batch those of one round; never fewer than have begun.
        """
        totals = [self.batches or math.inf, each * (self.most_rounds or math.inf)]
        if self.seconds is not None:
            fitting = done * self.seconds / elapsed if done and elapsed > 0 else each
            totals.append(fitting // each * each if self.whole_rounds else fitting)
        begun = -(-(done + 1) // each) * each if self.whole_rounds else done + 1
        return max(begun, int(min(totals)))

    def ending(self, done: int, batches: int, elapsed: float) -> str:
        """Why no round follows."""
        return self.reason(done, batches, elapsed) or f"another round would not fit {self.seconds:g} seconds"


def duration(longest: Any, goal: Any) -> Duration:
    """The duration that settings of MaxTrainingRounds and TimeGoal say: the shorter one, where both do."""
    seconds = None if goal is Automatic else time_goal(goal)
    if longest is Automatic:
        return Duration(seconds=seconds) if seconds else Duration(None, None, AUTOMATIC_SECONDS, True)
    number, unit = (longest.number, longest.unit) if isinstance(longest, Quantity) else (longest, "Rounds")
    unit = unit if isinstance(unit, str) else repr(unit)
    if unit in SECONDS and is_positive(number):
        return Duration(seconds=min(float(number) * SECONDS[unit], seconds or math.inf))
    if unit not in ("Rounds", "Batches", *SECONDS):
        hint = nearest(unit, ["Rounds", "Batches", *SECONDS])
        raise NetError(f"MaxTrainingRounds is no number of {unit}", got=longest, hint=hint)
    if not is_positive(number) or not float(number).is_integer():
        raise NetError(f"{LONGEST}, got {longest!r}", got=longest, hint="write MaxTrainingRounds=10")
    whole = int(number)
    return Duration(batches=whole, seconds=seconds) if unit == "Batches" else Duration(rounds=whole, seconds=seconds)


def time_goal(setting: Any) -> float:
    """The seconds of a setting of TimeGoal."""
    number, unit = (setting.number, setting.unit) if isinstance(setting, Quantity) else (setting, "Seconds")
    if not isinstance(unit, str) or unit not in SECONDS:
        raise NetError(f"TimeGoal is no number of {unit}", got=setting, hint=nearest(unit, SECONDS))
    if not is_positive(number):
        raise NetError(f"{GOAL}, got {setting!r}", got=setting, hint='write TimeGoal=60 or Quantity(1, "Minutes")')
    return float(number) * SECONDS[unit]


def is_positive(number: Any) -> bool:
    """Whether this is a finite number above 0."""
    kinds = (int, float, np.integer, np.floating)
    return isinstance(number, kinds) and not isinstance(number, bool) and bool(0 < number < math.inf)
