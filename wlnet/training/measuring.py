"""Measuring while a net trains: of each batch what the step has computed anyway, gathered now and then, not at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.training.batches import Drawn
from wlnet.training.gathering import Gathered
from wlnet.training.intervals import Timer
from wlnet.training.judges import Judge
from wlnet.training.look import Look
from wlnet.training.measured import Measure, Momentary, data_ports, watched
from wlnet.training.measurements import Measurement
from wlnet.training.resolved import Measured
from wlnet.training.step import Judged, Stepper

if TYPE_CHECKING:
    from wlnet.training.session import Session

KEPT = 2**24
"""So many bytes of values wait until they are looked at: many small batches at once cost little more than one."""


@dataclass
class Sweep:
    """What is gathered of batch after batch. `gathered` is plain data, from which it can go on."""

    measures: Sequence[Measure]
    plan: Plan
    engine: Any
    gathered: dict[str, Gathered] = field(default_factory=dict)
    waiting: list[Look] = field(default_factory=list)
    due: list[frozenset[str] | None] = field(default_factory=list)  # the keys for each; None where it is all
    size: int = 0  # bytes of one

    def __post_init__(self) -> None:
        self.ports = data_ports(self.measures)

    def add(self, batch: Drawn, judged: Judged, due: frozenset[str] | None = None) -> bool:
        """One more batch; says whether enough of them wait."""
        look = Look.at(batch, judged.seen, self.ports, self.plan, self.engine)
        if not len(self.waiting) % 16:  # batches are of one size, more or less
            self.size = look.size
        self.waiting.append(look)
        self.due.append(due)
        return self.size * len(self.waiting) > KEPT

    def settle(self, by_batch: bool = False) -> list[dict[str, Any]]:
        """Gathers what waits; gives the values of each batch where they are wanted."""
        waiting, dues = self.waiting, self.due
        self.waiting, self.due = [], []
        values: list[dict[str, Any]] = [{} for _ in waiting]
        known: dict[tuple, tuple] = {}

        def items(judge: Judge, looks: Sequence[Look]) -> tuple[Any, list[int]]:
            key = (judge.name, *map(id, looks))
            if key not in known:
                known[key] = judge.items(looks)
            return known[key]

        for measure in self.measures:
            at = [k for k, due in enumerate(dues) if due is None or measure.key in due]
            if not at:
                continue
            parts = measure.each([waiting[k] for k in at], items)
            before = [self.gathered[measure.key]] if measure.key in self.gathered else []
            self.gathered[measure.key] = measure.join([*before, *parts])
            if by_batch and measure.by_batch:
                for k, part in zip(at, parts, strict=True):
                    values[k][measure.key] = measure.value(part)
        return values

    def values(self) -> dict[str, Any]:
        """The values of all that was gathered."""
        self.settle()
        return {
            measure.key: measure.value(self.gathered[measure.key])
            for measure in self.measures
            if measure.key in self.gathered
        }


@dataclass
class TrainingMoment:
    """The net of a session as it is now."""

    session: "Session"

    def array(self, key: tuple) -> np.ndarray:
        """The values of an array."""
        stepper = self.session.stepper
        found = stepper.arrays(self.session.state)
        return found[key] if key in found else np.asarray(stepper.frozen[key])

    def net(self) -> Layer:
        """The user's net."""
        return self.session.net_of(self.session.state)


@dataclass
class Measuring:
    """The measurements of a session: of its batches and rounds, and of the validation set."""

    measures: Sequence[Measure | Momentary]
    plan: Plan
    engine: Any
    sweep: Sweep | None = None
    timers: dict[str, Timer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.looking = [each for each in self.measures if isinstance(each, Measure)]
        self.momentary = [each for each in self.measures if isinstance(each, Momentary)]
        self.always = all(
            each.wanted.interval.number == 1 and each.wanted.interval.unit == "Rounds" for each in self.measures
        )
        self.timers = {each.key: Timer(each.wanted.interval) for each in self.measures}

    def better(self, key: str) -> bool | None:
        """Whether more of the measurement of that key is better; None where there is no telling, or no such key."""
        return next((each.better for each in self.looking if each.key == key), None)

    @property
    def keys(self) -> list[str]:
        """The keys of all measurements."""
        return [each.key for each in self.measures]

    def due(self, session: "Session", measure: Measure | Momentary, number: int) -> bool:
        """Whether a batch of the round of that number is measured."""
        often = measure.wanted.interval
        if often.unit == "Rounds":
            return number % often.number < 1
        if often.unit == "Batches":
            return session.state.steps % often.number < 1
        return self.timers[measure.key].due(session)

    def batch(self, session: "Session", batch: Drawn, judged: Judged) -> None:
        """Takes note of a batch that was learned."""
        if not self.looking:
            return
        if self.sweep is None:
            self.sweep = Sweep(self.looking, self.plan, self.engine, session.record.measured)
        due = None
        if not self.always:
            due = frozenset(each.key for each in self.looking if self.due(session, each, session.record.round))
        if self.sweep.add(batch, judged, due):
            self.settle(session)

    def settle(self, session: "Session") -> None:
        """Writes down the measurements of all batches so far."""
        if self.sweep is not None and self.sweep.waiting:
            session.record.batch_measurements += self.sweep.settle(by_batch=True)

    def end_round(self, session: "Session") -> None:
        """Writes down the measurements of the round."""
        self.settle(session)
        values = {} if self.sweep is None else self.sweep.values()
        values |= self.now(session)
        session.record.round_measurements.append({key: values[key] for key in self.keys if key in values})
        session.record.measured, self.sweep = {}, None

    def now(self, session: "Session") -> dict[str, Any]:
        """The values of what looks at no data."""
        moment = TrainingMoment(session)
        due = [each for each in self.momentary if self.due(session, each, session.record.round)]
        return {each.key: each.now(moment) for each in due}

    def begin_validation(self) -> Sweep:
        """What gathers the measurements of the validation set."""
        return Sweep(self.looking, self.plan, self.engine)

    def end_validation(self, session: "Session", sweep: Sweep) -> None:
        """Writes down the measurements of the validation set."""
        values = sweep.values() | self.now(session)
        session.record.validation_measurements.append({key: values[key] for key in self.keys if key in values})


def with_measurements(
    stepper: Stepper, wanted: Sequence[Measurement] | None, measured: Measured
) -> tuple[Stepper, Measuring | None]:
    """The stepper, which looks where the measurements need it, and what measures; None where nothing is measured."""
    measures = measured.measures(wanted)
    if not measures:
        return stepper, None
    return replace(stepper, watched=watched(measures)), Measuring(measures, measured.plan, stepper.engine)
