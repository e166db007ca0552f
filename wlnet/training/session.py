"""A session of training: rounds of steps, validation, the best net so far, and every way in which it can end."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from wlnet.training.batches import Batches
from wlnet.training.plan import TrainingPlan
from wlnet.training.progress import Reporter
from wlnet.training.results import Record
from wlnet.training.step import State, Stepper

GOLDEN = 0x9E3779B9
"""2³² divided by the golden ratio: seeds of successive steps lie far apart."""


class Diverged(Exception):
    """A number is no longer finite."""


@dataclass
class Session:
    """One run of NetTrain. What it changes is here; nets, plans and states are values."""

    stepper: Stepper
    batches: Batches
    validation: Batches | None
    plan: TrainingPlan
    seed: int
    state: State
    reporter: Reporter
    record: Record = field(default_factory=Record)
    best: State | None = None
    last_finite: State | None = None

    def run(self) -> tuple[State, Record]:
        """Trains until the rounds or the time are over, or something stops it; the state to return, and the record."""
        self.last_finite, started = self.state, time.perf_counter()
        reason = "MaxTrainingRounds was reached"
        with self.reporter:
            try:
                for number in self.rounds(started):
                    self.round(number, started)
                if self.plan.rounds is None:
                    reason = f"{self.plan.seconds:g} seconds were over"
            except KeyboardInterrupt:
                reason = "interrupted"
            except Diverged as diverged:
                reason = str(diverged)
                self.state = self.last_finite
        record = replace(self.record, seconds=time.perf_counter() - started, reason=reason)
        return self.best or self.state, record

    def rounds(self, started: float) -> Iterator[int]:
        """The numbers of the rounds to come; where their number is open, as many as fit the time, and at least one."""
        number = 0
        while self.plan.rounds is None or number < self.plan.rounds:
            elapsed = time.perf_counter() - started
            if self.plan.seconds is not None and number and elapsed * (number + 1) / number > self.plan.seconds:
                return
            if self.plan.rounds is None and number >= 10_000:
                return
            number += 1
            yield number

    def round(self, number: int, started: float) -> None:
        """One round: every example once, then validation."""
        total, seen = 0.0, 0
        for k, rows in enumerate(self.batches.order(number), start=1):
            loss = self.step(rows)
            total, seen = total + loss * len(rows), seen + len(rows)
            if k < self.batches.count:
                self.report(number, k / self.batches.count, total / seen, started)
        if not self.stepper.is_finite(self.state):
            raise Diverged("an array is no longer finite: normalize the data, or lower LearningRate")
        self.last_finite = self.state
        self.record.round_losses.append(total / seen)
        if self.validation is not None:
            self.validate(number)
        self.report(number, 1.0, total / seen, started, last=number == self.plan.rounds)

    def step(self, rows: np.ndarray) -> float:
        """Learns from one batch."""
        columns = self.batches.columns(rows)
        seed = (self.seed + GOLDEN * (self.state.steps + 1)) % 2**32
        self.state, loss, _ = self.stepper.step(
            self.state, columns, self.batches.lengths(columns), seed, self.plan.method.rate
        )
        if not np.isfinite(loss):
            raise Diverged(f"the loss became {loss}: normalize the data, or lower LearningRate")
        self.record.batch_losses.append(loss)
        self.record = replace(self.record, examples=self.record.examples + len(rows))
        return loss

    def validate(self, number: int) -> None:
        """Measures the validation set; the first of equally good states is kept."""
        loss = mean_loss(self.stepper, self.state, self.validation)  # type: ignore[arg-type]
        if np.isfinite(loss) and (self.best is None or loss < min(self.record.validation_losses)):
            self.best = self.state
            self.record = replace(self.record, best_round=number)
        self.record.validation_losses.append(loss)
        self.record.validation_positions.append(self.state.steps)

    def report(self, number: int, part: float, loss: float, started: float, last: bool = False) -> None:
        """Tells the reporter where training is."""
        elapsed = time.perf_counter() - started
        if self.plan.rounds is not None:
            done = (number - 1 + part) / self.plan.rounds
        else:
            done = elapsed / (self.plan.seconds or 1)
        validation = self.record.validation_losses[-1] if self.record.validation_losses else None
        facts = {
            "round": number,
            "rounds": self.plan.rounds,
            "loss": loss,
            "validation": validation,
            "elapsed": elapsed,
        }
        self.reporter.show(min(done, 1.0), facts, last)


def mean_loss(stepper: Stepper, state: State, batches: Batches) -> float:
    """The mean loss over all examples, in evaluation mode."""
    total = 0.0
    for start in range(0, batches.inputs.count, batches.size):
        rows = np.arange(start, min(start + batches.size, batches.inputs.count))
        columns = batches.columns(rows)
        loss, _ = stepper.judge(state, columns, batches.lengths(columns))
        total += loss * len(rows)
    return total / batches.inputs.count
