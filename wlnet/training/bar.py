"""The progress bar of training, drawn by rich."""

from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from wlnet.training.progress import Silent, losses_text, round_text


class Bar(Silent):
    """A progress bar: round, losses, time gone and time left."""

    def __init__(self) -> None:
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
        self.progress.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.progress.stop()

    def show(self, done: float, facts: dict[str, Any], last: bool = False) -> None:
        self.progress.update(self.task, completed=done, round=round_text(facts), losses=losses_text(facts))
