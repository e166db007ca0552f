"""What a panel of training says, in a terminal and in a notebook alike."""

from html import escape
from typing import Any

from wlnet.display.curve import curve
from wlnet.training.facts import Facts
from wlnet.training.plots import loss_lines
from wlnet.training.record import Record
from wlnet.training.report import losses, measured_numbers, round_text


def panel_rows(facts: Facts) -> list[tuple[str, str]]:
    """The rows of a panel: where training is, its losses and measurements, its speed, the time gone and left."""
    left = facts["TimeRemaining"]
    speed = facts["MeanExamplesPerSecond"]
    numbers = [(name, f"{value:.4g}") for name, value in (losses(facts) | measured_numbers(facts)).items()]
    return [
        ("round", round_text(facts)),
        ("batch", f"{facts['Batch']} of {facts['BatchesPerRound']}"),
        *numbers,
        ("learning rate", f"{facts['LearningRate'] or facts['InitialLearningRate']:.4g}"),
        ("examples a second", "" if speed is None else f"{speed:,.0f}"),
        ("time", seconds(facts.elapsed) + ("" if left is None else f", {seconds(left)} left")),
    ]


def seconds(number: float) -> str:
    """A time as 3.2 s, 4:05 or 1:04:05.

    >>> seconds(3.21), seconds(245), seconds(3845)
    ('3.2 s', '4:05', '1:04:05')
    """
    if number < 60:
        return f"{number:.1f} s"
    minutes, rest = divmod(round(number), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def html(title: str, rows: list[tuple[str, Any]], record: Record) -> str:
    """Rows and the curve of the losses as HTML, side by side."""
    cells = "".join(
        f'<tr><td style="text-align:left;opacity:0.7">{escape(name)}</td>'
        f'<td style="text-align:left">{escape(str(value))}</td></tr>'
        for name, value in rows
    )
    return (
        f'<div class="wlnet"><p><b>{escape(title)}</b></p><div style="display:flex;flex-wrap:wrap;gap:1.5em">'
        f"<table>{cells}</table>{curve(loss_lines(record))}</div></div>"
    )
