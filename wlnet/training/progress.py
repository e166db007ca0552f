"""How training shows where it is: a bar with losses and time left in a terminal, lines elsewhere."""

import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

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
    if setting is Automatic:
        setting = "ProgressIndicator" if watched() else "Print"
    if setting in ("ProgressIndicator", "Panel"):
        return import_module("wlnet.training.bar").Bar()  # rich is only imported for somebody who looks
    if setting == "Print":
        return Lines(print)
    raise NetError(
        f'TrainingProgressReporting must be Automatic, "Panel", "ProgressIndicator", "Print" or None, got {setting!r}',
        got=setting,
    )


def watched() -> bool:
    """Whether somebody looks at a terminal or a notebook."""
    return sys.stdout.isatty() or "ipykernel" in sys.modules
