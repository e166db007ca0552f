"""TrainingProgressReporting: how training shows where it is, in each form and at its interval.

A setting is None, Automatic, "Panel", "Print", "ProgressIndicator", a function of the facts, a file (.csv .tsv .json
.wl), one of these with {"Interval": …, "MinimumInterval": …}, or a list of them.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic
from wlnet.training.intervals import Interval, with_intervals
from wlnet.training.report import OPTION, FunctionReport, Lines, Report
from wlnet.training.report_files import FileReport

NAMED = {"Panel": 0.33, "Print": 2.0, "ProgressIndicator": 0.1}
"""The forms that have names, and after how many seconds each shows something new."""


def reports(setting: Any) -> tuple[Report, ...]:
    """The reports of a setting."""
    found = [report(each) for each in (setting if isinstance(setting, list) else [setting]) if each is not None]
    files = [each.path.absolute() for each in found if isinstance(each, FileReport)]
    for path in files:
        if files.count(path) > 1:
            raise NetError(f"{OPTION}: {path.name} is named twice", got=setting, hint="name another file")
    return tuple(found)


def report(setting: Any) -> Report:
    """One report with its interval."""
    form, _ = with_intervals(setting, Interval(1, "Rounds"), OPTION)
    if form is Automatic:
        form = "Panel" if in_notebook() else "ProgressIndicator" if sys.stdout.isatty() else "Print"
    if isinstance(form, tuple) and len(form) == 2 and form[0] == "File" and isinstance(form[1], (str, Path)):
        form = Path(form[1])
    if isinstance(form, Path) or (isinstance(form, str) and form not in NAMED and Path(form).suffix):
        return FileReport(Path(form), with_intervals(setting, Interval(1, "Rounds"), OPTION)[1])
    if callable(form):
        return FunctionReport(form, with_intervals(setting, Interval(1, "Rounds", 0.05), OPTION)[1])
    if not isinstance(form, str) or form not in NAMED:
        hint = nearest(form, NAMED) if isinstance(form, str) else ""
        forms = f"Automatic, {', '.join(map(repr, NAMED))}, a function, a file (.csv .tsv .json .wl), or a list of them"
        text = f"{OPTION}: {brief(form)} is not a form of report"
        raise NetError(text, got=form, hint=hint if hint.startswith("did") else f"give None, {forms}".replace("'", '"'))
    return named(form, with_intervals(setting, Interval(NAMED[form], "Seconds"), OPTION)[1])


def named(form: str, interval: Interval) -> Report:
    """A report of a form that has a name; rich and IPython are only imported for somebody who looks."""
    if form == "Print":
        return Lines(print, interval)
    if form == "ProgressIndicator":
        return import_module("wlnet.training.bar").Bar(interval)
    return import_module(f"wlnet.training.{'notebook_panel' if in_notebook() else 'panel'}").Panel(interval)


def in_notebook() -> bool:
    """Whether this runs in a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None
