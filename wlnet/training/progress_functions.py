"""TrainingProgressFunction: the user's own functions, called with what is known, at an interval."""

from collections.abc import Callable
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.refuse import brief
from wlnet.training.ending import Aborted, Stopped
from wlnet.training.facts import Facts
from wlnet.training.intervals import Interval, with_intervals
from wlnet.training.onlooker import Onlooker

OPTION = "TrainingProgressFunction"
STOP, ABORT = "StopTraining", "AbortTraining"


class ProgressFunction(Onlooker):
    """Calls a function with the facts. Where it returns "StopTraining", training ends and the best net so far is its
    result; where it returns "AbortTraining", NetTrain ends with an error; whatever else it returns is ignored."""

    name = OPTION

    def __init__(self, function: Callable[[Facts], Any], interval: Interval):
        super().__init__(interval)
        self.function = function

    def see(self, facts: Facts) -> None:
        """Calls the function, and does what it says."""
        said = self.function(facts)
        if isinstance(said, str) and said == STOP:
            raise Stopped(f"{OPTION} returned {STOP}")
        if isinstance(said, str) and said == ABORT:
            where = f"round {facts['Round']}, batch {facts['Batch']}"
            raise Aborted(
                f"training was aborted in {where}: {OPTION} returned {ABORT}",
                got=ABORT,
                hint=f"{STOP} ends training too, and gives the best net so far",
            )


def progress_functions(setting: Any) -> tuple[ProgressFunction, ...]:
    """The functions that a setting names: None, f, (f, {"Interval": …, "MinimumInterval": …}), or a list of these."""
    found = [each for each in (setting if isinstance(setting, list) else [setting]) if each is not None]
    return tuple(progress_function(each) for each in found)


def progress_function(setting: Any) -> ProgressFunction:
    """One function with its interval, which is a round where none is said."""
    function, often = with_intervals(setting, Interval(1, "Rounds"), OPTION)
    if not callable(function):
        raise NetError(
            f"{OPTION}: {brief(function)} is not a function",
            got=function,
            hint='give a function of the facts, (function, {"Interval": Quantity(10, "Batches")}), or a list of these',
        )
    return ProgressFunction(function, often)
