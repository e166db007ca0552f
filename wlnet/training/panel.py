"""The panel of training in a terminal, drawn by rich: where training is, its losses, and how they fell."""

from rich.live import Live
from rich.panel import Panel as Frame
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from wlnet.training.facts import Facts
from wlnet.training.intervals import Interval
from wlnet.training.panel_rows import panel_rows
from wlnet.training.report import Report
from wlnet.training.terminal import is_drawn

STEPS = "▁▂▃▄▅▆▇█"
WIDTH = 40


class Panel(Report):
    """A frame that is drawn anew in its place."""

    def __init__(self, interval: Interval):
        super().__init__(interval)
        self.live = Live(auto_refresh=False)

    def __enter__(self) -> "Panel":
        self.drawn = is_drawn(self.live)
        return self

    def __exit__(self, *error: object) -> None:
        if self.drawn:
            self.live.stop()

    def see(self, facts: Facts) -> None:
        if self.drawn:
            self.live.update(frame(facts), refresh=True)


def frame(facts: Facts) -> Frame:
    """The facts in a frame."""
    table = Table.grid(padding=(0, 2))
    for name, value in panel_rows(facts):
        table.add_row(Text(name, style="dim"), Text(value))
    losses = facts["RoundLossList"] if len(facts["RoundLossList"]) > 1 else facts["BatchLossList"]
    bar = ProgressBar(total=1.0, completed=facts["ProgressFraction"], width=WIDTH)
    lines = Table.grid()
    for each in (bar, table, Text(sparkline(losses), style="cyan")):
        lines.add_row(each)
    return Frame(lines, title="training", expand=False)


def sparkline(values: list[float]) -> str:
    """Values as a line of small bars, the mean of neighbours where there are more than fit."""
    size = -(-len(values) // WIDTH) if values else 1
    means = [sum(part) / len(part) for part in (values[k : k + size] for k in range(0, len(values), size))]
    low, high = (min(means), max(means)) if means else (0.0, 0.0)
    height = (high - low) or 1.0
    return "".join(STEPS[round((mean - low) / height * (len(STEPS) - 1))] for mean in means)
