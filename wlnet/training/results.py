"""NetTrainResultsObject: what is known of a training when it has ended."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.symbols import All
from wlnet.training.facts import by_key, by_loss, last
from wlnet.training.panel_rows import html, seconds
from wlnet.training.plan import TrainingPlan
from wlnet.training.plots import Measures, as_numbers, drawn, loss_lines, measurement_lines, plotted
from wlnet.training.record import Record


@dataclass(frozen=True, repr=False)
class NetTrainResultsObject:
    """The result of `NetTrain(net, data, All)`: `results["Property"]`, or several by a list of their names.

    `results["Properties"]` names all of them. The resolved plan of the training is `results["TrainingPlan"]`; it
    prints. "LossPlot" and "FinalPlots" are matplotlib figures with the data behind them as `figure.data`; where
    matplotlib is not installed they are the data: {line: (batches, values)}.
    """

    net: Layer
    training_net: Layer
    plan: TrainingPlan
    record: Record
    measures: Measures = ()  # what was measured
    call: Any = None  # the call that it comes from; its text is code

    def __getitem__(self, name: Any) -> Any:
        if isinstance(name, (list, tuple)):
            return [self[each] for each in name]
        if name is All:
            return self
        if name == "Properties":
            return sorted(PROPERTIES)
        refuse_unknown_properties(name)
        return PROPERTIES[name](self)

    def __repr__(self) -> str:
        facts = [f"{name} {value}" if name else value for name, value in self.summary()]
        return f"NetTrainResultsObject({', '.join(facts)})"

    def _repr_html_(self) -> str:
        return html("NetTrainResultsObject", self.summary(), self.record)

    def summary(self) -> list[tuple[str, str]]:
        """What its text says: how long, the losses, the measurements, and why training ended."""
        record, rounds = self.record, self["TotalRounds"]
        rows = [("", f"{rounds} round{'' if rounds == 1 else 's'}"), ("", seconds(record.seconds))]
        if record.round_losses:
            rows.append(("loss", f"{record.round_losses[-1]:.4g}"))
        if record.validation_losses:
            best = "" if record.best_round is None else f", best in round {record.best_round}"
            rows.append(("validation loss", f"{record.validation_losses[-1]:.4g}{best}"))
        for before, measured in (("", record.round_measurements), ("validation ", record.validation_measurements)):
            numbers = as_numbers(last(measured), self.measures)
            rows += [(before + key, f"{number:.4g}") for key, number in numbers.items()]
        return [*rows, ("", record.reason)]


def refuse_unknown_properties(asked: Any) -> None:
    """Refuses what is no property, before anything is trained for it."""
    for name in asked if isinstance(asked, list) else [asked]:
        if name is not All and (not isinstance(name, str) or name not in [*PROPERTIES, "Properties"]):
            hint = nearest(name, PROPERTIES) if isinstance(name, str) else FORMS
            raise NetError(f"{brief(name)} is not a property of a training", got=name, hint=hint)


FORMS = 'give a name such as "RoundLoss", {"Property": …}, a list of these, or All; "Properties" names all'


Property = Callable[[NetTrainResultsObject], Any]


def _speed(count: Callable[[NetTrainResultsObject], float]) -> Property:
    return lambda results: count(results) / results.record.seconds if results.record.seconds else None


def _partial(name: str) -> Property:
    return lambda results: by_loss(getattr(results.record, name), results.plan.losses)


def loss_plot(results: NetTrainResultsObject) -> Any:
    """The losses over the batches of the training."""
    return plotted(loss_lines(results.record), "loss")


def final_plots(results: NetTrainResultsObject) -> dict[str, Any]:
    """The plots of the losses, of each measurement that is a number, and of each loss where there are several."""
    plots = {"Loss": loss_plot(results)}
    parts = {"Round": results["RoundPartialLossLists"], "Validation": results["ValidationPartialLossLists"]}
    positions = {"Round": results.record.round_positions, "Validation": results.record.validation_positions}
    for loss in parts["Round"]:
        lines = {kind: (positions[kind], found[loss]) for kind, found in parts.items() if loss in found}
        plots[loss] = plotted(lines, loss)
    measured = measurement_lines(results.record, results.measures)
    return plots | {key: plotted(lines, key) for key, lines in measured.items()} | final_figures(results)


def final_figures(results: NetTrainResultsObject) -> dict[str, Any]:
    """The last plot of each measurement that is one, of the validation set if there is one."""
    plots = [each.key for each in results.measures if each.wanted.row is not None and each.wanted.row.plot is not None]
    values = results["ValidationMeasurements"] or results["RoundMeasurements"] or {}
    return {key: values[key] for key in plots if key in values}


PROPERTIES: dict[str, Property] = {
    "ArraysLearningRateMultipliers": lambda r: dict(r.plan.multipliers),
    "BatchesPerRound": lambda r: r.plan.batches_per_round,
    "BatchLossList": lambda r: list(r.record.batch_losses),
    "BatchMeasurementsLists": lambda r: by_key(r.record.batch_measurements),
    "BatchPartialLossLists": _partial("batch_parts"),
    "BatchSize": lambda r: r.plan.batch_size,
    "BestValidationRound": lambda r: r.record.best_round,
    "CheckpointingFiles": lambda r: list(r.record.checkpoints),
    "ExamplesProcessed": lambda r: r.record.examples,
    "FinalLearningRate": lambda r: r.plan.method.rate if r.record.learning_rate is None else r.record.learning_rate,
    "FinalPlots": final_plots,
    "InitialLearningRate": lambda r: r.plan.method.rate,
    "LossEvolutionPlot": loss_plot,  # the old name of LossPlot
    "LossPlot": loss_plot,
    "MeanBatchesPerSecond": _speed(lambda r: len(r.record.batch_losses)),
    "MeanExamplesPerSecond": _speed(lambda r: r.record.examples),
    "NetTrainInputForm": lambda r: str(r.call),
    "OptimizationMethod": lambda r: r.plan.optimization_method,
    "ReasonTrainingStopped": lambda r: r.record.reason,
    "RoundLoss": lambda r: last(r.record.round_losses),
    "RoundLossList": lambda r: list(r.record.round_losses),
    "RoundMeasurements": lambda r: drawn(last(r.record.round_measurements), r.measures),
    "RoundMeasurementsLists": lambda r: by_key(r.record.round_measurements),
    "RoundPartialLossLists": _partial("round_parts"),
    "RoundPositions": lambda r: list(r.record.round_positions),
    "TargetDevice": lambda r: r.plan.device,
    "TotalBatches": lambda r: len(r.record.batch_losses),
    "TotalRounds": lambda r: len(r.record.round_losses),
    "TotalTrainingTime": lambda r: r.record.seconds,
    "TrainedNet": lambda r: r.net,
    "TrainingExamples": lambda r: r.plan.examples,
    "TrainingNet": lambda r: r.training_net,
    "TrainingPlan": lambda r: r.plan,
    "ValidationExamples": lambda r: r.plan.validation_examples,
    "ValidationLoss": lambda r: last(r.record.validation_losses),
    "ValidationLossList": lambda r: list(r.record.validation_losses),
    "ValidationMeasurements": lambda r: drawn(last(r.record.validation_measurements), r.measures),
    "ValidationMeasurementsLists": lambda r: by_key(r.record.validation_measurements),
    "ValidationPartialLossLists": _partial("validation_parts"),
    "ValidationPositions": lambda r: list(r.record.validation_positions),
}
"""Every property, and how it is read."""
