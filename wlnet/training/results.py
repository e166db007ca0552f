"""NetTrainResultsObject: what is known of a training when it has ended."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.symbols import All
from wlnet.training.plan import TrainingPlan


@dataclass(frozen=True)
class Record:
    """The losses and times that training wrote down, and why it ended."""

    batch_losses: list[float] = field(default_factory=list)
    round_losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    validation_positions: list[int] = field(default_factory=list)
    examples: int = 0
    seconds: float = 0.0
    best_round: int | None = None
    reason: str = ""


@dataclass(frozen=True, repr=False)
class NetTrainResultsObject:
    """The result of `NetTrain(net, data, All)`: `results["Property"]`, `results["Properties"]` lists them.

    The resolved plan of the training is `results["TrainingPlan"]`; it prints.
    """

    net: Layer
    training_net: Layer
    plan: TrainingPlan
    record: Record

    def __getitem__(self, name: str) -> Any:
        if name == "Properties":
            return sorted(PROPERTIES)
        refuse_unknown_properties(name)
        return PROPERTIES[name](self)

    def __repr__(self) -> str:
        facts = [f"{self['TotalRounds']} rounds", f"{self['TotalTrainingTime']:.1f} s"]
        if self.record.round_losses:
            facts.append(f"loss {self.record.round_losses[-1]:.4g}")
        if self.record.validation_losses:
            facts.append(f"validation loss {min(self.record.validation_losses):.4g} in round {self.record.best_round}")
        return f"NetTrainResultsObject({', '.join([*facts, self.record.reason])})"


def refuse_unknown_properties(asked: Any) -> None:
    """Refuses what is no property, before anything is trained for it."""
    for name in asked if isinstance(asked, list) else [asked]:
        if name is not All and (not isinstance(name, str) or name not in [*PROPERTIES, "Properties"]):
            raise NetError(f"{name!r} is not a property of a training", got=name, hint=nearest(name, PROPERTIES))


Property = Callable[[NetTrainResultsObject], Any]


def _last(values: list) -> Any:
    return values[-1] if values else None


def _speed(count: Callable[[NetTrainResultsObject], float]) -> Property:
    return lambda results: count(results) / results.record.seconds if results.record.seconds else None


PROPERTIES: dict[str, Property] = {
    "ArraysLearningRateMultipliers": lambda r: dict(r.plan.multipliers),
    "BatchesPerRound": lambda r: r.plan.batches_per_round,
    "BatchLossList": lambda r: list(r.record.batch_losses),
    "BatchSize": lambda r: r.plan.batch_size,
    "BestValidationRound": lambda r: r.record.best_round,
    "ExamplesProcessed": lambda r: r.record.examples,
    "FinalLearningRate": lambda r: r.plan.method.rate,
    "InitialLearningRate": lambda r: r.plan.method.rate,
    "MeanBatchesPerSecond": _speed(lambda r: len(r.record.batch_losses)),
    "MeanExamplesPerSecond": _speed(lambda r: r.record.examples),
    "OptimizationMethod": lambda r: (r.plan.method.name, dict(r.plan.method.options)),
    "ReasonTrainingStopped": lambda r: r.record.reason,
    "RoundLoss": lambda r: _last(r.record.round_losses),
    "RoundLossList": lambda r: list(r.record.round_losses),
    "RoundPositions": lambda r: [(k + 1) * r.plan.batches_per_round for k in range(len(r.record.round_losses))],
    "TargetDevice": lambda r: "CPU" if r.plan.backend == "NumPy" else r.plan.backend,
    "TotalBatches": lambda r: len(r.record.batch_losses),
    "TotalRounds": lambda r: len(r.record.round_losses),
    "TotalTrainingTime": lambda r: r.record.seconds,
    "TrainedNet": lambda r: r.net,
    "TrainingExamples": lambda r: r.plan.examples,
    "TrainingNet": lambda r: r.training_net,
    "TrainingPlan": lambda r: r.plan,
    "ValidationExamples": lambda r: r.plan.validation_examples,
    "ValidationLoss": lambda r: _last(r.record.validation_losses),
    "ValidationLossList": lambda r: list(r.record.validation_losses),
    "ValidationPositions": lambda r: list(r.record.validation_positions),
}
"""Every property, and how it is read."""
