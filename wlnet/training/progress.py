"""How training shows where it is: a bar with losses and time left in a terminal, lines elsewhere."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from wlnet.core.errors import NetError
from wlnet.core.symbols import Automatic


class Reporter(Protocol):
    """What is told of every batch and every round."""

    def __enter__(self) -> "Reporter": ...

    def __exit__(self, *error: Any) -> None: ...

    def show(self, done: float, facts: dict[str, Any], last: bool = False) -> None: ...


class Silent:
    """Shows nothing."""

    def __enter__(self) -> "Silent":
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def show(self, done: float, facts: dict[str, Any], last: bool = False) -> None:
        """Nothing."""


class Bar(Silent):
    """A progress bar: round, losses, time gone and time left."""

    def __init__(self, console: Console):
        columns = (
            TextColumn("round {task.fields[round]}"),
            BarColumn(),
            TextColumn("{task.fields[losses]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self.progress = Progress(*columns, console=console, refresh_per_second=10)
        self.task = self.progress.add_task("training", total=1.0, round="0", losses="")

    def __enter__(self) -> "Bar":
        self.progress.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.progress.stop()

    def show(self, done: float, facts: dict[str, Any], last: bool = False) -> None:
        self.progress.update(self.task, completed=done, round=round_text(facts), losses=losses_text(facts))


class Lines(Silent):
    """A line of text at most every two seconds, and one at the end."""

    def __init__(self, write: Callable[[str], None], interval: float = 2.0):
        self.write, self.interval, self.last = write, interval, time.monotonic()

    def show(self, done: float, facts: dict[str, Any], last: bool = False) -> None:
        if last or time.monotonic() - self.last >= self.interval:
            self.last = time.monotonic()
            self.write(f"round {round_text(facts)}  {losses_text(facts)}  {facts['elapsed']:.1f} s")


def round_text(facts: dict[str, Any]) -> str:
    """3 of 10, or 3."""
    return f"{facts['round']} of {facts['rounds']}" if facts["rounds"] else str(facts["round"])


def losses_text(facts: dict[str, Any]) -> str:
    """loss 0.1234, validation 0.2345."""
    parts = [f"loss {facts['loss']:.4g}"] if facts.get("loss") is not None else []
    if facts.get("validation") is not None:
        parts.append(f"validation {facts['validation']:.4g}")
    return ", ".join(parts)


def reporter(setting: Any) -> Reporter:
    """The reporter of a setting of TrainingProgressReporting."""
    if setting is None:
        return Silent()
    console = Console()
    if setting is Automatic:
        setting = "ProgressIndicator" if console.is_terminal or console.is_jupyter else "Print"
    if setting in ("ProgressIndicator", "Panel"):
        return Bar(console)
    if setting == "Print":
        return Lines(print)
    raise NetError(
        f'TrainingProgressReporting must be Automatic, "Panel", "ProgressIndicator", "Print" or None, got {setting!r}',
        got=setting,
    )
