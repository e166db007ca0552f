"""The progress bar of training, drawn by rich."""

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from wlnet.training.facts import Facts
from wlnet.training.intervals import Interval
from wlnet.training.report import Report, losses, numbers_text, round_text
from wlnet.training.terminal import is_drawn


class Bar(Report):
    """A progress bar: round, losses, time gone and time left."""

    def __init__(self, interval: Interval):
        super().__init__(interval)
        columns = (
            TextColumn("round {task.fields[round]}"),
            BarColumn(),
            TextColumn("{task.fields[losses]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self.progress = Progress(*columns, refresh_per_second=10)
        self.task = self.progress.add_task("training", total=1.0, round="0", losses="")

    def __enter__(self) -> "Bar":
        self.drawn = is_drawn(self.progress)
        return self

    def __exit__(self, *error: object) -> None:
        if self.drawn:
            self.progress.stop()

    def see(self, facts: Facts) -> None:
        done = facts["ProgressFraction"]
        self.progress.update(self.task, completed=done, round=round_text(facts), losses=numbers_text(losses(facts)))
