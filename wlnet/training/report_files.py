"""Reports of training in files, a row at an interval: .csv, .tsv, .json and .wl.

A file is whole after each row, so that it can be read while training runs. A training that goes on from a checkpoint
adds to the rows up to where the checkpoint stood.
"""

import contextlib
import csv
import io
import json
import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wlnet.core.errors import NetError
from wlnet.training.ending import Failed
from wlnet.training.facts import Facts, last
from wlnet.training.intervals import Interval
from wlnet.training.plots import as_numbers
from wlnet.training.report import OPTION, Report, measures_of
from wlnet.training.session import Session

FIRST = ("Round", "AbsoluteBatch", "TimeElapsed", "LearningRate", "BatchLoss", "RoundLoss")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """How a kind of file holds rows: what stands before, between and after them, and a row as a line and back."""

    opening: Callable[[Sequence[str]], str]
    first: str
    between: str
    closing: str
    line: Callable[[Row], str]
    batch: Callable[[str], int]  # the AbsoluteBatch of a line


def separated(by: str) -> Kind:
    """Values between commas or tabs, with the names of the columns in the first line."""

    def line(values: Sequence[Any]) -> str:
        text = io.StringIO()
        csv.writer(text, delimiter=by, lineterminator="").writerow(["" if v is None else v for v in values])
        return text.getvalue()

    return Kind(line, "\n", "\n", "\n", lambda row: line(list(row.values())), lambda text: int(text.split(by)[1]))


def json_line(row: Row) -> str:
    """A row as JSON, which knows no infinity and no nan."""
    plain = {name: None if isinstance(v, float) and not math.isfinite(v) else v for name, v in row.items()}
    return json.dumps(plain, ensure_ascii=False)


def wolfram_line(row: Row) -> str:
    """A row as an association of the Wolfram Language."""
    return "<|" + ", ".join(f"{json.dumps(name)} -> {wolfram_number(value)}" for name, value in row.items()) + "|>"


def wolfram_number(value: Any) -> str:
    """A number as the Wolfram Language writes it."""
    if value is None:
        return "None"
    if isinstance(value, float) and not math.isfinite(value):
        return "Indeterminate" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return repr(value).replace("e", "*^")


def bracketed(opening: str, closing: str, line: Callable[[Row], str], batch: str) -> Kind:
    """Rows with their names between brackets; `batch` stands before their AbsoluteBatch."""
    found = re.compile(re.escape(batch) + r"(\d+)")
    return Kind(lambda names: opening, "\n", ",\n", f"\n{closing}\n", line, lambda text: int(found.findall(text)[0]))


KINDS = {
    ".csv": separated(","),
    ".tsv": separated("\t"),
    ".json": bracketed("[", "]", json_line, '"AbsoluteBatch": '),
    ".wl": bracketed("{", "}", wolfram_line, '"AbsoluteBatch" -> '),
}


class FileReport(Report):
    """Writes a row at each look."""

    def __init__(self, path: Path, interval: Interval):
        super().__init__(interval)
        self.path, self.kind = path, kind_of(path)
        self.names: list[str] = []
        self.end = 0  # of the last row, in bytes
        self.rows = 0
        refuse_what_is_not_ours(path, self.kind)

    def see(self, facts: Facts) -> None:
        if not self.names:
            self.begin(facts.session)
        found = self.kind.line(row(facts, self.names))
        self.put((self.kind.between if self.rows else self.kind.first) + found)
        self.rows += 1

    def begin(self, session: Session) -> None:
        """The file without rows."""
        self.names, self.end = names_of(session), 0
        try:
            self.path.write_bytes(b"")
        except OSError as error:
            raise self.failed(error) from error
        self.put(self.kind.opening(self.names))

    def put(self, text: str) -> None:
        """Writes text in place of the closing, and the closing after it; where that fails, the file is as before."""
        added, closing = text.encode(), self.kind.closing.encode()
        try:
            with self.path.open("r+b") as file:
                file.seek(self.end)
                file.write(added + closing)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.truncate(self.path, self.end)
                with self.path.open("ab") as file:
                    file.write(closing)
            raise self.failed(error) from error
        self.end += len(added)

    def failed(self, error: OSError) -> Failed:
        """Nothing can be written."""
        return Failed(f"{OPTION}: {self.path} cannot be written: {error.strerror}")

    def go_on(self, session: Session) -> None:
        """Keeps the rows up to where the session stands."""
        super().go_on(session)
        if not self.path.is_file() or not self.path.stat().st_size:
            return
        names = names_of(session)
        opening = self.kind.opening(names)
        text = self.path.read_text(encoding="utf-8", errors="replace")
        first, *lines = text.split("\n")[:-1] or [""]  # what ends in no new line is a row cut short
        if first != opening:
            raise NetError(
                f"{OPTION}: {self.path} has other columns than this training",
                got=str(self.path),
                hint="name another file",
            )
        kept = self.until(session.state.steps, lines)
        self.names, self.rows = names, len(kept)
        self.end = len((opening + (self.kind.first + self.kind.between.join(kept) if kept else "")).encode())
        os.truncate(self.path, self.end)
        self.put("")

    def until(self, batch: int, lines: list[str]) -> list[str]:
        """The rows of lines, up to a batch."""
        kept: list[str] = []
        for line in lines:
            try:
                if self.kind.batch(line) > batch:
                    break
            except (ValueError, IndexError):  # the closing
                break
            kept.append(line.removesuffix(self.kind.between[:-1]))
        return kept


def kind_of(path: Path) -> Kind:
    """The kind of a file, by the end of its name."""
    if path.suffix not in KINDS:
        text = f"{OPTION}: {path} ends in {path.suffix or 'nothing'}, which is no kind of report"
        raise NetError(text, got=str(path), hint=f"let it end in {', '.join(KINDS)}")
    return KINDS[path.suffix]


def refuse_what_is_not_ours(path: Path, kind: Kind) -> None:
    """Says before training what would be lost or cannot be written: a file that is no report, a missing directory."""
    if path.is_dir():
        raise NetError(f"{OPTION}: {path} is a directory", got=str(path), hint=f"write {path / 'training.csv'}")
    if not path.parent.is_dir():
        raise NetError(f"{OPTION}: there is no directory {path.parent}", got=str(path), hint="make it first")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise NetError(f"{OPTION}: {path} may not be written", got=str(path), hint="name another file")
    if path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            start = file.read(200)
        opening = kind.opening(FIRST[:2]).encode()
        if not start.startswith(opening) or (kind.between != "\n" and b'"Round"' not in start and len(start) > 4):
            text = f"{OPTION}: {path} is there already, and is no report of training"
            raise NetError(text, got=str(path), hint="name another file, or delete this one")


def names_of(session: Session) -> list[str]:
    """The columns: the same in all rows of a training."""
    losses = [loss.name for loss in session.plan.losses] if len(session.plan.losses) > 1 else []
    keys = [each.key for each in measures_of(session) if each.wanted.row is None or not each.wanted.row.table]
    validated = [] if session.validation is None else ["Loss", *losses, *keys]
    return list(dict.fromkeys([*FIRST, *losses, *keys, *(f"Validation{name}" for name in validated)]))


def row(facts: Facts, names: Sequence[str]) -> dict[str, Any]:
    """The values of the columns; None where there is none yet."""
    found: dict[str, Any] = {name: facts[name] for name in FIRST}
    found |= {name: last(values) for name, values in facts["RoundPartialLossLists"].items()}
    found |= as_numbers(facts["RoundMeasurements"], measures_of(facts.session))
    found["ValidationLoss"] = facts["ValidationLoss"]
    found |= {f"Validation{name}": last(values) for name, values in facts["ValidationPartialLossLists"].items()}
    validated = as_numbers(facts["ValidationMeasurements"], measures_of(facts.session))
    found |= {f"Validation{key}": value for key, value in validated.items()}
    return {name: found.get(name) for name in names}
