"""What is known while a net trains: the keys that a TrainingProgressFunction, a report or a collected property reads.

Each key is computed when it is asked for, and not before: `Net`, `Gradients`, `Weights` and `BatchData` cost time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.refuse import brief
from wlnet.training.restraints import inside
from wlnet.training.session import Session

Since = tuple[float, int, int]
"""When somebody looked last: the seconds, batches and examples until then."""


class NoSuchFact(NetError, KeyError):
    """There is no fact of that name: `get` of a mapping asks for this error."""


def fact_hint(name: Any) -> str:
    """The nearest fact; there are too many to name them all in a message."""
    near = nearest(name, FACTS)
    return near if near.startswith("did") else "list(facts) names all of them"


class Facts(Mapping[str, Any]):
    """What is known of a training at one moment, by name: `facts["RoundLoss"]`; `list(facts)` names all of them.

    The moment stays: who keeps the facts reads the same later. Arrays among them are read-only, or copies.
    """

    def __init__(self, session: Session, event: str, since: Since = (0.0, 0, 0)):
        record = session.record
        self.session, self.event, self.since = session, event, since
        self.state, self.batch, self.judged = session.state, session.batch, session.judged
        self.elapsed, self.done = session.elapsed, session.done
        self.record = copy(record)  # its numbers; its lists grow on, so that only their beginnings are of this moment
        self.lengths = {name: len(value) for name, value in vars(record).items() if isinstance(value, list)}
        self.known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.known:
            if name not in FACTS:
                raise NoSuchFact(f"{brief(name)} is not known of a training", got=name, hint=fact_hint(name))
            self.known[name] = FACTS[name](self)
        return self.known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(FACTS)

    def __len__(self) -> int:
        return len(FACTS)

    def __contains__(self, name: object) -> bool:
        return name in FACTS

    def __repr__(self) -> str:
        return f"Facts(round {self['Round']}, batch {self['Batch']})"

    # --- what the table below reads -----------------------------------------------------------------------------------

    @property
    def steps(self) -> int:
        """The batches so far, over the whole run."""
        return self.state.steps

    @property
    def now(self) -> Since:
        """This moment, for the next look."""
        return self.elapsed, self.steps, self.record.examples

    def listed(self, name: str) -> list:
        """A list of the record, as far as it goes at this moment."""
        return getattr(self.record, name)[: self.lengths[name]]

    def measured(self, name: str) -> list[dict]:
        """The same of measurements; those of batches are written down now."""
        if name == "batch_measurements":
            self.session.settle()
            return self.session.record.batch_measurements[: self.lengths["batch_losses"]]
        return self.listed(name)

    def total_batches(self) -> int:
        """The batches of the whole run; an estimate where time limits it."""
        if self.event == "End":
            return self.steps
        count = self.session.batches.count
        return self.session.plan.duration.total_batches(count, max(self.steps - 1, 0), self.elapsed)

    def array(self, values: Any) -> np.ndarray:
        """Values as a NumPy array that nobody else writes to."""
        return read_only(np.array(self.session.stepper.engine.numpy(values)))

    def by_position(self, vector: Any) -> dict[tuple, np.ndarray]:
        """A vector of all arrays that learn, as arrays by their positions in the net."""
        arrays = self.session.stepper.layout.cut(self.array(vector))
        return {inside(key): array for key, array in arrays.items()}


def read_only(array: np.ndarray) -> np.ndarray:
    """A view of an array that cannot be written to."""
    view = array.view()
    view.setflags(write=False)
    return view


def by_key(values: Sequence[Mapping[str, Any]]) -> dict[str, list]:
    """Measurements one after another, as a list for each key; None where one was not due."""
    keys = dict.fromkeys(key for each in values for key in each)
    return {key: [each.get(key) for each in values] for key in keys}


def last(values: Sequence) -> Any:
    """The last of values; None where there is none yet."""
    return values[-1] if values else None


def batch_number(facts: Facts) -> int:
    """The batches of the round that runs, or ran last."""
    over = facts.record.batch == 0 and bool(facts.listed("round_losses"))
    return facts.session.batches.count if over else facts.record.batch


def batch_data(facts: Facts) -> dict[str, Any] | None:
    """The data of the last batch as numbers, by port; sequences of unequal lengths as a list."""
    if facts.batch is None:
        return None
    return {
        port: read_only(column.array) if column.lengths is None else
        [read_only(row[:length]) for row, length in zip(column.array, column.lengths, strict=True)]
        for port, column in facts.batch.columns.items()
    }  # fmt: skip


def batch_indices(facts: Facts) -> list[int] | None:
    """Which examples the last batch held, counted from 1 in the data that the user gave."""
    if facts.batch is None or facts.batch.indices is None:
        return None
    rows, places = facts.batch.indices, facts.session.places
    return ((rows if places is None else places[rows]) + 1).tolist()


def example_losses(facts: Facts) -> np.ndarray | None:
    """The loss of each example of the last batch, before it was learned; their mean is BatchLoss."""
    if facts.judged is None:
        return None
    weights = [loss.weight for loss in facts.session.stepper.losses]
    return sum(weight * facts.array(loss) for weight, loss in zip(weights, facts.judged.losses, strict=True))  # type: ignore[return-value]


def gradient(facts: Facts) -> Any:
    """The gradient of the last batch loss, as it came out of the net: before clipping, penalties and multipliers."""
    return None if facts.judged is None else facts.judged.gradient


def roots(arrays: Mapping[tuple, np.ndarray]) -> dict[tuple, float]:
    """The root mean square of each array."""
    return {key: float(np.sqrt(np.mean(np.square(array, dtype=np.float64)))) for key, array in arrays.items()}


def speed(facts: Facts, counted: int) -> float | None:
    """Batches or examples a second since somebody looked last."""
    seconds = facts.elapsed - facts.since[0]
    return (facts.now[counted] - facts.since[counted]) / seconds if seconds > 0 else None


def mean_speed(facts: Facts, count: int) -> float | None:
    """Batches or examples a second, over the whole run."""
    return count / facts.elapsed if facts.elapsed > 0 else None


def remaining(facts: Facts) -> float | None:
    """The seconds that are left, if training goes on as before; None before there is anything to judge from."""
    if facts.event == "End":
        return 0.0
    return facts.elapsed * (1 - facts.done) / facts.done if facts.done else None


def total_rounds(facts: Facts) -> int:
    """The rounds of the whole run, the last one perhaps in part; an estimate where time limits it."""
    return -(-facts.total_batches() // facts.session.batches.count)


def partial(name: str) -> Callable[[Facts], dict[str, list]]:
    """The several losses of a net by name, as lists; nothing where there is one loss."""
    return lambda facts: by_loss(facts.listed(name), facts.session.plan.losses)


def by_loss(values: Sequence[Sequence[float]], losses: Sequence[Any]) -> dict[str, list[float]]:
    """Losses one after another, as a list for each name."""
    return {loss.name: list(found) for loss, found in zip(losses, zip(*values, strict=True), strict=False)}


FACTS: dict[str, Callable[[Facts], Any]] = {
    "AbsoluteBatch": lambda f: f.steps,
    "Batch": batch_number,
    "BatchData": batch_data,
    "BatchesPerRound": lambda f: f.session.batches.count,
    "BatchesPerSecond": lambda f: speed(f, 1),
    "BatchIndices": batch_indices,
    "BatchLoss": lambda f: last(f.listed("batch_losses")),
    "BatchLossList": lambda f: f.listed("batch_losses"),
    "BatchMeasurements": lambda f: last(f.measured("batch_measurements")),
    "BatchMeasurementsLists": lambda f: by_key(f.measured("batch_measurements")),
    "BatchPartialLossLists": partial("batch_parts"),
    "BatchSize": lambda f: f.session.plan.batch_size,
    "BestValidationRound": lambda f: f.record.best_round,
    "CheckpointingFiles": lambda f: f.listed("checkpoints"),
    "Event": lambda f: f.event,
    "ExampleLosses": example_losses,
    "ExamplesPerSecond": lambda f: speed(f, 2),
    "ExamplesProcessed": lambda f: f.record.examples,
    "Gradients": lambda f: None if gradient(f) is None else f.by_position(gradient(f)),
    "GradientsRMS": lambda f: None if f["Gradients"] is None else roots(f["Gradients"]),
    "GradientsVector": lambda f: None if gradient(f) is None else f.array(gradient(f)),
    "InitialLearningRate": lambda f: f.session.plan.method.rate,
    "LearningRate": lambda f: f.record.learning_rate,
    "MeanBatchesPerSecond": lambda f: mean_speed(f, f.steps),
    "MeanExamplesPerSecond": lambda f: mean_speed(f, f.record.examples),
    "Net": lambda f: f.session.net_of(f.state),
    "OptimizationMethod": lambda f: f.session.plan.optimization_method,
    "ProgressFraction": lambda f: f.done,
    "Round": lambda f: f.record.round,
    "RoundLoss": lambda f: last(f.listed("round_losses")),
    "RoundLossList": lambda f: f.listed("round_losses"),
    "RoundMeasurements": lambda f: last(f.listed("round_measurements")),
    "RoundMeasurementsLists": lambda f: by_key(f.listed("round_measurements")),
    "RoundPartialLossLists": partial("round_parts"),
    "TargetDevice": lambda f: f.session.plan.device,
    "TimeElapsed": lambda f: f.elapsed,
    "TimeRemaining": remaining,
    "TotalBatches": lambda f: f.total_batches(),
    "TotalRounds": total_rounds,
    "ValidationLoss": lambda f: last(f.listed("validation_losses")),
    "ValidationLossList": lambda f: f.listed("validation_losses"),
    "ValidationMeasurements": lambda f: last(f.listed("validation_measurements")),
    "ValidationMeasurementsLists": lambda f: by_key(f.listed("validation_measurements")),
    "ValidationPartialLossLists": partial("validation_parts"),
    "Weights": lambda f: f.by_position(f.state.vector),
    "WeightsRMS": lambda f: roots(f["Weights"]),
    "WeightsVector": lambda f: f.array(f.state.vector),
}
"""Every key, and how it is read."""
