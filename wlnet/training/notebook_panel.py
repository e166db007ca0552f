"""The panel of training in a notebook: a table and a curve of the losses, drawn anew in their place."""

from importlib import import_module
from typing import Any

from wlnet.training.facts import Facts
from wlnet.training.intervals import Interval
from wlnet.training.panel_rows import html, panel_rows
from wlnet.training.report import Report


class Panel(Report):
    """A piece of output that changes while training runs. IPython, which shows it, is there where a notebook is."""

    def __init__(self, interval: Interval):
        super().__init__(interval)
        self.display = import_module("IPython.display")
        self.place: Any = None

    def __enter__(self) -> "Panel":
        self.place = self.display.display(self.display.HTML(""), display_id=True)
        return self

    def see(self, facts: Facts) -> None:
        self.place.update(self.display.HTML(html("training", panel_rows(facts), facts.session.record)))
