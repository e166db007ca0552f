"""What a report of training is: facts shown at an interval and at the end, as a line of text or by a function."""

from collections.abc import Callable, Mapping
from typing import Any

from wlnet.training.facts import Facts
from wlnet.training.intervals import Interval
from wlnet.training.onlooker import Onlooker
from wlnet.training.plots import Measures, as_numbers
from wlnet.training.session import Session

OPTION = "TrainingProgressReporting"


class Report(Onlooker):
    """What shows facts of a training at an interval, and once more at its end if something happened since."""

    name = OPTION
    shown: tuple[int, int] = (-1, -1)  # the batches and rounds of the last look

    def wants(self, session: Session, event: str) -> bool:
        """Whether it is time."""
        now = (session.state.steps, len(session.record.round_losses))
        if not (self.at_the_end(now) if event == "End" else super().wants(session, event)):
            return False
        self.shown = now
        return True

    def at_the_end(self, now: tuple[int, int]) -> bool:
        """Whether there is something to show when training is over."""
        return now != self.shown


class FunctionReport(Report):
    """A function of the facts. What it returns is ignored: TrainingProgressFunction can end training."""

    def __init__(self, function: Callable[[Facts], Any], interval: Interval):
        super().__init__(interval)
        self.function = function

    def see(self, facts: Facts) -> None:
        self.function(facts)


class Lines(Report):
    """A line of text at an interval, and one at the end."""

    def __init__(self, write: Callable[[str], None], interval: Interval):
        super().__init__(interval)
        self.write = write

    def see(self, facts: Facts) -> None:
        self.write(
            f"round {round_text(facts)}  {numbers_text(losses(facts) | measured_numbers(facts))}  {facts.elapsed:.1f} s"
        )


def round_text(facts: Facts) -> str:
    """3 of 10, or 3."""
    rounds = facts.session.plan.rounds
    return f"{facts['Round']} of {rounds}" if rounds is not None else str(facts["Round"])


def numbers_text(numbers: Mapping[str, float]) -> str:
    """loss 0.1234, validation 0.2345, ErrorRate 0.1."""
    return ", ".join(f"{name} {value:.4g}" for name, value in numbers.items())


def losses(facts: Facts) -> dict[str, float]:
    """The loss of the round so far, or of the last one, and of the last validation."""
    found = {"loss": facts.record.running_loss, "validation": facts["ValidationLoss"]}
    return {name: value for name, value in found.items() if value is not None}


def measured_numbers(facts: Facts) -> dict[str, float]:
    """The last measurements as numbers: the mean over classes and arrays, no curves and tables."""
    measures = measures_of(facts.session)
    validated = as_numbers(facts["ValidationMeasurements"], measures)
    found = as_numbers(facts["RoundMeasurements"], measures)
    return found | {f"validation {key}": value for key, value in validated.items()}


def measures_of(session: Session) -> Measures:
    """What is measured while a session runs."""
    return () if session.measuring is None else session.measuring.measures
