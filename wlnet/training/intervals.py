"""How often something happens while a net trains: every so many rounds, batches, seconds, or percent of the whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.symbols import Automatic, Quantity

if TYPE_CHECKING:
    from wlnet.training.session import Session

SECONDS = {"Seconds": 1.0, "Minutes": 60.0, "Hours": 3600.0}
"""The units of time, in seconds."""

ROUNDING = 1e-9
"""A share of the training may be smaller than it is by so much."""


@dataclass(frozen=True)
class Interval:
    """Every `number` of a unit ("Rounds", "Batches", "Seconds", "Percent"), and never within `least` seconds."""

    number: float
    unit: str
    least: float = 0.0

    def __str__(self) -> str:
        least = f", at least {self.least:g} s apart" if self.least else ""
        return f"every {self.number:g} {self.unit.lower()}{least}"

    @property
    def every_batch(self) -> bool:
        """Whether batches have to be looked at."""
        return self.unit != "Rounds"

    def position(self, session: "Session") -> float:
        """Where training is, in this unit."""
        if self.unit == "Rounds":
            return len(session.record.round_losses)
        if self.unit == "Batches":
            return session.state.steps
        return session.elapsed if self.unit == "Seconds" else 100 * session.done


@dataclass
class Timer:
    """An interval, and when it was last due."""

    interval: Interval
    last: float = 0.0
    shown: float = float("-inf")  # seconds

    def go_on(self, session: "Session") -> None:
        """Counts from the last time that this was due before a session was broken off."""
        position = self.interval.position(session)
        self.last, self.shown = position - position % self.interval.number, session.elapsed

    def due(self, session: "Session") -> bool:
        """Whether it is time again; if so, the next time counts from now."""
        position, number = self.interval.position(session), self.interval.number
        if position - self.last < number - ROUNDING:
            return False
        if self.interval.least and session.elapsed - self.shown < self.interval.least:
            return False
        # what is counted comes at multiples, or a tenth of the training would come nine times; a time, after the last
        timed = self.interval.unit == "Seconds"
        self.last = position if timed else (position + ROUNDING) // number * number
        self.shown = session.elapsed
        return True


def interval(setting: Any, default: Interval, what: str, unit: str = "Seconds") -> Interval:
    """The interval that a setting says: Automatic, a number of `unit`, or a Quantity of rounds, batches or time."""
    if setting is Automatic:
        return default
    number, name = (setting.number, setting.unit) if isinstance(setting, Quantity) else (setting, unit)
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 < number < float("inf"):
        raise NetError(f'{what}: "Interval" must be a positive number or a Quantity, got {setting!r}', got=setting)
    if isinstance(name, str) and name in SECONDS:
        return Interval(float(number) * SECONDS[name], "Seconds", default.least)
    if name not in ("Rounds", "Batches", "Percent"):
        known = ("Rounds", "Batches", "Percent", *SECONDS)
        raise NetError(f'{what}: an "Interval" is no number of {name}', got=setting, hint=nearest(name, known))
    return Interval(float(number), name, default.least)


def with_intervals(setting: Any, default: Interval, what: str, unit: str = "Seconds") -> tuple[Any, Interval]:
    """A setting `(x, {"Interval": …, "MinimumInterval": …})` as x and its interval; x alone has the default one.

    A plain number is one of `unit`.
    """
    if not (isinstance(setting, tuple) and setting and isinstance(setting[-1], Mapping)):
        return setting, default
    options = setting[-1]
    for name in options:
        if name not in ("Interval", "MinimumInterval"):
            raise NetError(f"{what}: {name!r} is not a sub-option", hint=nearest(name, ["Interval", "MinimumInterval"]))
    least = options.get("MinimumInterval", default.least)
    if isinstance(least, bool) or not isinstance(least, (int, float)) or not 0 <= least < float("inf"):
        raise NetError(f'{what}: "MinimumInterval" must be a number of seconds, got {least!r}', got=least)
    found = interval(options.get("Interval", Automatic), default, what, unit)
    rest = setting[:-1]
    return (rest[0] if len(rest) == 1 else rest), Interval(found.number, found.unit, float(least))
