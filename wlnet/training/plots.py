"""Lines over the batches of a training as a matplotlib figure; as the data behind it where there is no matplotlib."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from wlnet.core.errors import NetError
from wlnet.training.gathering import number_of
from wlnet.training.measure import shown
from wlnet.training.measured import Measure, Momentary
from wlnet.training.record import Record

Measures = Sequence[Measure | Momentary]

Lines = Mapping[str, tuple[Sequence[float], Sequence[float]]]
"""By what a line is called: the batches at which it has a value, and the values."""


def plotted(lines: Lines, label: str) -> Any:
    """A figure with the lines in it and the data behind it as `figure.data`; the data themselves without matplotlib."""
    try:
        figures = import_module("wlnet.training.line_figures")
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] != "matplotlib":
            raise
        return dict(lines)
    return figures.line_figure(lines, label)


def loss_lines(record: Record) -> dict[str, tuple[Sequence[float], Sequence[float]]]:
    """The losses of a training over its batches: of each batch, of rounds, of the validation set."""
    lines = {
        "BatchLoss": (range(1, len(record.batch_losses) + 1), record.batch_losses),
        "RoundLoss": (record.round_positions, record.round_losses),
        "ValidationLoss": (record.validation_positions, record.validation_losses),
    }
    return {name: (list(at), list(values)) for name, (at, values) in lines.items() if values}


def as_number(measure: Measure | Momentary, value: Any) -> float | None:
    """The value of a measurement as one number, the mean over classes or over an array; curves and tables have none."""
    row = measure.wanted.row
    return None if row is not None and row.table else number_of(value)


def as_numbers(values: Mapping[str, Any] | None, measures: Measures) -> dict[str, float]:
    """The measurements that are numbers, by their keys."""
    of = {measure.key: measure for measure in measures}
    found = {key: as_number(of[key], value) for key, value in (values or {}).items()}
    return {key: number for key, number in found.items() if number is not None}


def drawn(values: Mapping[str, Any] | None, measures: Measures) -> dict[str, Any] | None:
    """Measurements by their keys, plots as figures; without matplotlib the data of plots stay data."""
    of = {measure.key: measure for measure in measures}
    if values is None:
        return None
    try:
        return {key: figure(of[key], value) for key, value in values.items()}
    except NetError:
        return dict(values)


def figure(measure: Measure | Momentary, value: Any) -> Any:
    """The value of a measurement; that of a plot as a figure."""
    return shown(measure, value) if isinstance(measure, Measure) else value


def measurement_lines(record: Record, measures: Measures) -> dict[str, dict[str, tuple[list, list]]]:
    """By the key of each measurement that is a number: its values after rounds, and of the validation set."""
    kinds = {
        "Round": (record.round_positions, record.round_measurements),
        "Validation": (record.validation_positions, record.validation_measurements),
    }
    found: dict[str, dict[str, tuple[list, list]]] = {}
    for kind, (positions, measured) in kinds.items():
        for position, values in zip(positions, measured, strict=False):
            for key, number in as_numbers(values, measures).items():
                at, numbers = found.setdefault(key, {}).setdefault(kind, ([], []))
                at.append(position)
                numbers.append(number)
    return found
