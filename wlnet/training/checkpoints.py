"""Checkpoints: the whole state of a training in a file, at an interval and at its end.

A file is written over each time; in a directory each checkpoint is a file of its own,
startTime_counter_round_batch_loss[_validation].safetensors.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from glob import escape
from pathlib import Path
from typing import Any

from wlnet.core.errors import NetError
from wlnet.training.destinations import EXTENSION, OPTION, Target
from wlnet.training.ending import Failed
from wlnet.training.intervals import Timer
from wlnet.training.session import Session

Save = Callable[[Session, Path, Target], None]


@dataclass
class Checkpoints:
    """Writes one target's checkpoints. `save` writes a session to a path."""

    target: Target
    save: Save
    timer: Timer = field(init=False)
    stem: str = ""  # what the files of this training in a directory begin with
    kept: tuple | None = None  # where training was at the last one
    name: str = OPTION

    def __post_init__(self) -> None:
        self.timer = Timer(self.target.interval)

    @property
    def every_batch(self) -> bool:
        """Whether it has to look at batches."""
        return self.target.interval.every_batch

    def __enter__(self) -> "Checkpoints":
        if self.target.kind == "File":
            sweep(self.target.path)
        else:
            self.stem = f"{datetime.now():%Y-%m-%dT%H-%M-%S}_{next_counter(self.target.path)}"
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def look(self, session: Session, event: str) -> None:
        """Writes a checkpoint, if it is time; at the end of training, if something happened since the last."""
        if self.kept == place_of(session):
            return
        if event == "Batch" and session.record.batch == session.batches.count:
            return  # the round and its validation end next, and then it is still time
        if event != "End" and not self.timer.due(session):
            return
        path = self.target.path if self.target.kind == "File" else self.target.path / self.file_name(session)
        files = session.record.checkpoints
        known = str(path) in files
        if not known:
            files.append(str(path))
        try:
            self.save(session, path, self.target)
        except NetError as error:
            if not known:
                files.remove(str(path))
            raise Failed(f"{OPTION} failed: {error.message}") from error
        self.kept = place_of(session)

    def go_on(self, session: Session) -> None:
        """What was read is written already, and the time until the next one counts on."""
        self.kept = place_of(session)
        self.timer.go_on(session)

    def file_name(self, session: Session) -> str:
        """startTime_counter_round_batch_loss[_validation].safetensors; rounds and batches sort as text."""
        record = session.record
        losses = [*record.round_losses[-1:]] or [record.running_loss or 0.0]
        losses += record.validation_losses[-1:]
        parts = [self.stem, f"{record.round:04d}", f"{session.state.steps:06d}", *(f"{loss:.4g}" for loss in losses)]
        return "_".join(parts) + EXTENSION


def place_of(session: Session) -> tuple:
    """Where training is: steps, rounds, and whether something ended it."""
    return session.state.steps, len(session.record.round_losses), session.record.ended


def sweep(path: Path) -> None:
    """Removes what processes that were killed while they wrote this file have left beside it."""
    for part in path.parent.glob(f".{escape(path.name[:100])}.*.part"):
        part.unlink(missing_ok=True)


def next_counter(directory: Path) -> int:
    """One more than the largest counter in the names of a directory: it rises with each call of NetTrain."""
    counters = [path.name.split("_")[1:2] for path in directory.glob(f"*_*{EXTENSION}")]
    return 1 + max((int(found[0]) for found in counters if found and found[0].isdecimal()), default=0)
