"""Measurements as matplotlib figures: the one module of training that draws them, imported on demand.

A figure has the data behind it as `figure.data`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

MOST_NUMBERS = 20
"""A table of more classes is drawn in colours alone."""


def confusion(matrix: np.ndarray, labels: list) -> Figure:
    """A confusion matrix in colours, the right class by row and the decided one by column, with its counts."""
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    picture = axes.imshow(matrix, cmap="Blues")
    axes.set(xlabel="predicted class", ylabel="actual class")
    if len(labels) <= MOST_NUMBERS:
        names = [str(label) for label in labels]
        axes.set_xticks(range(len(labels)), names)
        axes.set_yticks(range(len(labels)), names)
        for (row, column), count in np.ndenumerate(matrix):
            colour = "white" if 2 * count > matrix.max() else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=colour)
    else:
        figure.colorbar(picture, ax=axes, label="items")
    return with_data(figure, matrix)


def roc(curves: Mapping | np.ndarray, labels: list) -> Figure:
    """The receiver operating characteristic of each class, or of all decisions together."""
    figure = Figure(layout="constrained")
    axes = figure.add_subplot()
    named = curves if isinstance(curves, Mapping) else {"all classes": curves}
    for label, points in named.items():
        axes.plot(points[:, 0], points[:, 1], label=str(label))
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey")
    axes.set(xlabel="false positive rate", ylabel="recall", xlim=(0, 1), ylim=(0, 1.02), aspect="equal")
    if len(named) <= MOST_NUMBERS:
        axes.legend(title="class")
    return with_data(figure, curves)


def with_data(figure: Figure, data: Any) -> Figure:
    """The figure, with the data behind it."""
    figure.data = data  # type: ignore[attr-defined]
    return figure


FIGURES: dict[str, Callable[[Any, list], Figure]] = {"ConfusionMatrix": confusion, "ROCCurve": roc}
"""What draws each plot, from its data and the labels of the classes."""
