"""Where checkpoints go: the settings of TrainingProgressCheckpointing, checked before training.

A setting is None, ("File", path), ("Directory", path), one of these with sub-options
{"Interval": Quantity(n, unit), "MinimumInterval": seconds}, or a list of them.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from wlnet.core.errors import NetError
from wlnet.core.refuse import brief
from wlnet.training.intervals import Interval, with_intervals

OPTION = "TrainingProgressCheckpointing"
EXTENSION = ".safetensors"
FORMS = '("File", path), ("Directory", path), one of these with {"Interval": …}, or a list of them'


@dataclass(frozen=True)
class Target:
    """Where checkpoints go, and how often."""

    kind: Literal["File", "Directory"]
    path: Path
    interval: Interval

    def refuse_where_nothing_can_be_written(self) -> None:
        """Says so before training, where it can be known; a directory that is not there is made."""
        if self.kind == "Directory":
            try:
                self.path.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise unwritable(self, f"it cannot be made: {error.strerror}") from None
        place = self.path if self.kind == "Directory" else self.path.parent
        if self.path.is_dir() != (self.kind == "Directory"):
            raise unwritable(self, "it is a directory", f'write ("Directory", {str(self.path)!r})')
        if not place.is_dir():
            raise unwritable(self, f"there is no directory {place}", "make the directory first")
        if not os.access(place, os.W_OK | os.X_OK):
            raise unwritable(self, f"nothing may be written in {place}", "choose another place, or ask for the right")


def unwritable(target: Target, why: str, hint: str | None = None) -> NetError:
    """A place where no checkpoint can be written."""
    return NetError(f"{OPTION}: {target.path} cannot be written: {why}", got=str(target.path), hint=hint)


def targets(setting: Any) -> tuple[Target, ...]:
    """The places that a setting names, each fit to be written in."""
    found = tuple(target_of(each) for each in (setting if isinstance(setting, list) else [setting]) if each is not None)
    for target in found:
        if sum(other.path.absolute() == target.path.absolute() for other in found) > 1:
            raise NetError(f"{OPTION}: {target.path} is named twice", got=setting)
        target.refuse_where_nothing_can_be_written()
    return found


def target_of(setting: Any) -> Target:
    """The place that one part of a setting names."""
    place, often = with_intervals(setting, Interval(1, "Rounds"), OPTION)
    if not isinstance(place, tuple) or len(place) != 2 or place[0] not in ("File", "Directory"):
        hint = f'write ("File", {setting!r})' if isinstance(setting, (str, Path)) else f"give None, {FORMS}"
        raise NetError(f"{OPTION}: {brief(setting)} says no place of checkpoints", got=setting, hint=hint)
    kind, path = place
    if not isinstance(path, (str, Path)) or not str(path):
        raise NetError(f"{OPTION}: {brief(path)} is no path", got=path, hint="give a text or a pathlib.Path")
    if kind == "File" and Path(path).suffix != EXTENSION:
        raise NetError(
            f"{OPTION}: {path} does not end in {EXTENSION}, the format of checkpoints",
            got=str(path),
            hint=f"write {Path(path).with_suffix(EXTENSION).name}; other formats hold no state of a training: Export "
            "the trained net to them",
        )
    return Target(kind, Path(path), often)
