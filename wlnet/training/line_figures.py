"""Lines over batches as matplotlib figures: imported on demand. A figure has the data behind it as `figure.data`."""

from typing import Any

from matplotlib.figure import Figure

from wlnet.display.curve import is_wide
from wlnet.training.plots import Lines


def line_figure(lines: Lines, label: str) -> Figure:
    """Each line over the batches of the training; in powers of ten where the values are far apart."""
    figure: Any = Figure(layout="constrained")
    axes = figure.add_subplot()
    for name, (at, values) in lines.items():
        faint = {"alpha": 0.3, "linewidth": 0.8} if name == "BatchLoss" and len(lines) > 1 else {}
        axes.plot(at, values, label=name, marker="o" if len(values) == 1 else None, **faint)
    axes.set(xlabel="batch", ylabel=label)
    if is_wide([values for _, values in lines.values()]):
        axes.set_yscale("log")
    if len(lines) > 1:
        axes.legend()
    figure.data = dict(lines)
    return figure
