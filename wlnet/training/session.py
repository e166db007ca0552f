"""A session of training: rounds of steps, validation, the best net so far, and every way in which it can end.

What looks on (`watchers.py`) is told of each batch, round and validation, and reads from the session what it wants.
"""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.training.batches import Drawn, Source
from wlnet.training.ending import Diverged, Failed, Stopped
from wlnet.training.intervals import Timer
from wlnet.training.measuring import Measuring
from wlnet.training.plan import TrainingPlan
from wlnet.training.record import Record
from wlnet.training.step import Judged, State, Stepper
from wlnet.training.stopping import Criterion
from wlnet.training.validation import mean_losses
from wlnet.training.watchers import Watcher, tell

GOLDEN = 0x9E3779B9
"""2³² divided by the golden ratio: seeds of successive steps lie far apart."""

INTERRUPTED = "interrupted"

REMEDY = "normalize the data, lower LearningRate, or clip gradients"
"""What helps against numbers that are no longer finite."""


@dataclass
class Session:
    """One run of NetTrain. What it changes is here; nets, plans and states are values."""

    stepper: Stepper
    batches: Source
    validation: Source | None
    plan: TrainingPlan
    seed: int
    state: State
    watchers: Sequence[Watcher] = ()
    criterion: Criterion = field(default_factory=Criterion)
    record: Record = field(default_factory=Record)
    validation_timer: Timer = field(init=False)
    best: State | None = None
    last_finite: State | None = None
    batch: Drawn | None = None  # the last one, and what is known of it
    judged: Judged | None = None
    measuring: Measuring | None = None
    net_of: Callable[[State], Layer] = field(kw_only=True)  # the user's net with the arrays of a state
    places: np.ndarray | None = None  # of the training examples in the user's data, where some are set aside
    keepers: Sequence[Watcher] = ()  # write the session down, at moments when nothing of it is half done
    before: float = 0.0  # seconds of the sessions that this one goes on from
    started: float | None = None  # not yet

    def __post_init__(self) -> None:
        self.validation_timer = Timer(self.plan.validation_interval)

    @property
    def elapsed(self) -> float:
        """The seconds of training so far, those before an interruption included."""
        return self.before + (0.0 if self.started is None else time.perf_counter() - self.started)

    @property
    def done(self) -> float:
        """The share of the training that is over, from 0 to 1, by rounds or by time, whichever is further."""
        rounds = len(self.record.round_losses) + self.record.batch / self.batches.count
        return self.plan.duration.share(rounds, self.state.steps, self.elapsed)

    def run(self) -> State:
        """Trains until the rounds or the time are over, or something stops it; gives the state to return."""
        self.last_finite, self.started = self.last_finite or self.state, time.perf_counter()
        with ExitStack() as stack:
            for watcher in self.watchers:
                stack.enter_context(watcher)
            for keeper in self.keepers:
                stack.enter_context(keeper)
            self.record.reason = self.record.reason if self.record.ended else self.stretch()
            self.record.seconds = self.elapsed
            self.settle_at_the_end()
            self.tell_the_end()
            self.keep_the_end()
        return self.best or self.state

    def tell_the_end(self) -> None:
        """Tells all that looks on that training is over, however it ended."""
        for watcher in self.watchers:
            try:
                self.told("End", [watcher])
            except Failed as failed:
                self.record.fail(str(failed))

    def keep_the_end(self) -> None:
        """Writes down how training ended, unless it broke off: then the last checkpoint is the one to go on from."""
        if self.record.failed or self.record.reason == INTERRUPTED:
            return
        try:
            self.told("End", self.keepers)
        except Failed as failed:
            self.record.fail(str(failed))

    def stretch(self) -> str:
        """Round after round; the reason why they end."""
        try:
            for number in self.rounds():
                self.round(number)
        except KeyboardInterrupt:
            return INTERRUPTED
        except Stopped as stopped:
            self.record.failed, self.record.ended = isinstance(stopped, Failed), not isinstance(stopped, Failed)
            if isinstance(stopped, Diverged):
                self.state = self.last_finite or self.state
            return str(stopped)
        return self.plan.duration.ending(len(self.record.round_losses), self.state.steps, self.elapsed)

    def rounds(self) -> Iterator[int]:
        """The numbers of the rounds to come."""
        while self.plan.duration.begins_round(len(self.record.round_losses), self.state.steps, self.elapsed):
            if not self.record.batch:  # else a round that a checkpoint cut in two goes on
                self.record.begin_round()
            yield self.record.round

    def round(self, number: int) -> None:
        """One round: every example once, then validation; a limit in batches or in time may cut it short."""
        listeners, keepers = ([each for each in all if each.every_batch] for all in (self.watchers, self.keepers))
        validates = self.validation is not None and self.validation_timer.interval.every_batch
        with closing(self.drawn(self.batches, number, self.record.batch)) as batches:
            for batch in batches:
                self.step(batch)
                if listeners:
                    self.told("Batch", listeners)
                if validates and self.record.batch < self.batches.count and self.validation_timer.due(self):
                    self.validate()
                    self.judge_progress(["Validation"])
                if keepers:
                    self.told("Batch", keepers)
                cut = self.plan.duration.cuts_round(self.state.steps, self.elapsed)
                if cut is not None and self.record.batch < self.batches.count:
                    raise Stopped(cut)
        self.end_round()

    def end_round(self) -> None:
        """What follows the last batch of a round: validation, and the judgement whether the net is the best so far."""
        if not self.stepper.is_finite(self.state):
            raise Diverged(f"an array is no longer finite: {REMEDY}")
        self.last_finite = self.state
        self.record.end_round(self.state.steps)
        if self.measuring is not None:
            self.guarded(self.measuring.end_round, self)
        if self.validation is None:
            self.judge_progress(["Round"])
        elif self.validation_timer.due(self):
            self.validate()
            self.judge_progress(["Validation", "Round"])
        else:
            self.told("Round")
        self.told("Settled", self.keepers)

    def drawn(self, source: Source, number: int, skip: int = 0) -> Generator[Drawn, None, None]:
        """The batches of a round; where one later than the first cannot be had, what was learned so far is kept."""
        with closing(source.round(number, skip)) as batches:
            try:
                yield from batches
            except NetError as error:
                if not self.state.steps:
                    raise
                raise Failed(error.message) from error

    def step(self, batch: Drawn) -> None:
        """Learns from one batch."""
        seed = (self.seed + GOLDEN * (self.state.steps + 1)) % 2**32
        self.record.learning_rate = rate = self.rate()
        following, judged = self.stepper.step(self.state, batch, seed, rate)
        if not isfinite(judged.total):
            raise Diverged(f"the loss became {judged.total}: {REMEDY}")
        self.last_finite = self.state  # its loss is a number
        self.state, self.batch, self.judged = following, batch, judged
        self.record.add_batch(judged.total, batch.count)
        if len(judged.losses) > 1:
            self.record.add_parts(judged.parts(), batch.count)
        if self.measuring is not None:
            self.guarded(self.measuring.batch, self, batch, judged)

    def rate(self) -> float:
        """The learning rate of the next step; a schedule that fails later than at once leaves the net so far."""
        if self.plan.method.schedule is None:
            return self.plan.method.rate
        try:
            return self.plan.rate_at(self.state.steps + 1, self.elapsed)
        except NetError as error:
            if self.batch is None:
                raise
            raise Failed(error.message) from error

    def settle(self) -> None:
        """Writes down what was measured so far: it is gathered for many batches at once."""
        if self.measuring is not None:
            self.guarded(self.measuring.settle, self)

    def settle_at_the_end(self) -> None:
        """The same, however training ended."""
        try:
            self.settle()
        except Failed as failed:
            self.record.fail(str(failed))

    def guarded(self, measure: Callable, *arguments: Any) -> None:
        """Has something measured; where that goes wrong, training ends and what it learned is kept."""
        try:
            measure(*arguments)
        except NetError as error:
            raise Failed(error.message) from error

    def validate(self) -> None:
        """Measures the validation set."""
        self.guarded(self.measure_validation_set)

    def measure_validation_set(self) -> None:
        """Its loss, and what else is to be measured of it."""
        sweep = None if self.measuring is None else self.measuring.begin_validation()
        with closing(self.drawn(self.validation, 1)) as batches:  # type: ignore[arg-type]
            loss, parts = mean_losses(self.stepper, self.state, batches, sweep)
        self.record.add_validation(loss, self.state.steps, parts)
        if self.measuring is not None and sweep is not None:
            self.measuring.end_validation(self, sweep)

    def judge_progress(self, events: Sequence[str]) -> None:
        """Keeps the best state by the criterion, tells of it, and ends where nothing has improved for too long."""
        better = self.criterion.better(self)
        if better:
            self.best, self.record.best_round = self.state, self.record.round
        for event in events:
            self.told(event)
        self.criterion.give_up(self)

    def told(self, event: str, watchers: Sequence[Watcher] | None = None) -> None:
        """Tells watchers, all of them by default."""
        tell(self.watchers if watchers is None else watchers, self, event)
