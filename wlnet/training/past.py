"""Going on from a checkpoint: the options and the state of the training that wrote it, and what may be given anew.

A file holds no code and no data. So functions, and the data of ValidationSet, are given again by who goes on; all other
options stand in the file, the seed as the number that was drawn. What only looks on (reports, functions of progress,
checkpoints) belongs to a call, not to the training, and is never read from a file: a file decides about no other file.
"""

import inspect
import warnings
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from wlnet.core.errors import NetError, NetWarning
from wlnet.core.layer import Layer
from wlnet.core.ports import shape_text
from wlnet.core.refuse import brief, refusal
from wlnet.core.symbols import Automatic, Inherited, Quantity, Scaled
from wlnet.formats.native import read, write
from wlnet.formats.specification import Writer
from wlnet.training.checkpoints import Checkpoints
from wlnet.training.destinations import OPTION, Target
from wlnet.training.options import Options
from wlnet.training.session import Session
from wlnet.training.stored import restore, session_stored

LOOKS_ON = ("TrainingProgressReporting", "TrainingProgressFunction", OPTION)
"""Options of a call that change nothing of the net: none of them has to be given again."""

REPORTS = (Automatic, "Panel", "Print", "ProgressIndicator")
"""Reports that a file may ask for: they write no file."""

MAY_CHANGE = ("MaxTrainingRounds", "TimeGoal", "LearningRate", "Method", "TargetDevice", "PerformanceGoal", *LOOKS_ON)
"""What may be given anew to go on with, since it is about the time to come; Method keeps its name."""

PROLONG = ("MaxTrainingRounds", "TimeGoal")
"""With these, a training that something ended early goes on."""


def storable(name: str, value: Any) -> bool:
    """Whether a file can hold the value of an option: no code, no data, no place of another file."""
    spec = value[0] if isinstance(value, tuple) and value else value
    if name == "ValidationSet" and not (spec is None or isinstance(spec, (str, Scaled))):
        return False
    if name == "TrainingProgressReporting" and spec not in (None, *REPORTS):
        return False
    if name in ("TrainingProgressFunction", OPTION):
        return False
    try:
        Writer().plain(value, ())
    except NetError:
        return False
    return True


def same(one: Any, other: Any) -> bool:
    """Whether two values of an option say the same."""
    writers = Writer(), Writer()
    try:
        first, second = (writer.plain(value, ()) for writer, value in zip(writers, (one, other), strict=True))
    except NetError:
        return False
    arrays = [writer.arrays for writer in writers]
    return first == second and all(np.array_equal(arrays[0][name], arrays[1][name]) for name in arrays[0])


def facts_of(session: Session, columns: Mapping[str, Any]) -> dict[str, Any]:
    """By what a training is known again: its method, the sizes and shapes of its data, a sum over some of them."""
    shapes = {port: session.stepper.plan.shape((), port) for port in sorted(columns)}
    return {
        "method": session.plan.method.name,
        "number of training examples": session.plan.examples,
        "number of validation examples": session.plan.validation_examples,
        **{f"shape of {port}": shape_text(shape or ()) for port, shape in shapes.items()},
        "sum": sum_over_some(columns),
    }


def sum_over_some(columns: Mapping[str, Any], most: int = 16) -> int:
    """A checksum of evenly spaced examples of columns: other data have another, with near certainty."""
    total = 0
    for port in sorted(columns):
        array = columns[port].array
        for row in np.linspace(0, len(array) - 1, min(most, len(array))).astype(int):
            total = zlib.crc32(np.ascontiguousarray(array[row]).tobytes(), total)
    return total


class Training(BaseModel):
    """What a checkpoint says beside its net."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, strict=True)

    options: dict[str, Any]  # of the call of NetTrain
    again: list[str]  # the names of those that a file does not hold
    facts: dict[str, int | str]
    session: dict[str, Any]
    checkpoints: tuple[Literal["File", "Directory"], Quantity, float]


def damaged(path: Any, why: Any) -> NetError:
    """The state of a training cannot be read."""
    return NetError(f"{path}: the state of the training is damaged, or of a later version: {why}", got=str(path))


def write_checkpoint(
    session: Session, path: Path, target: Target, net: Layer, given: Mapping[str, Any], facts: Mapping[str, Any]
) -> None:
    """Writes a checkpoint: the net as it is now, and everything that is needed to go on."""
    stored = {name: value for name, value in given.items() if storable(name, value)}
    again = [name for name in given if name not in stored and name not in LOOKS_ON]
    often = target.interval
    training = Training(
        options=stored | {"RandomSeeding": session.plan.seed},
        again=again,
        facts=dict(facts),
        session=session_stored(session),
        checkpoints=(target.kind, Quantity(often.number, often.unit), often.least),
    )
    write(path, net, dict(training))


@dataclass(frozen=True)
class Past:
    """What a checkpoint tells: the net and its training."""

    path: Path
    net: Layer
    training: Training

    @staticmethod
    def of(path: str | Path) -> "Past":
        """The past that a file holds."""
        content = read(path, training=True)
        if content.training is None:
            raise NetError(
                f"{path} holds a net, but no training to go on with",
                got=str(path),
                hint='checkpoints of NetTrain do: TrainingProgressCheckpointing=("File", path)',
            )
        try:
            return Past(Path(path), content.net, Training.model_validate(content.training))
        except ValidationError as error:
            raise damaged(path, refusal("training", error).message) from None

    def options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The options to go on with: those of the file, and those that may be given anew."""
        stored = {name: value for name, value in self.training.options.items() if storable(name, value)}
        for name in self.training.again:
            if name not in given:
                text = f"{self.path} was trained with {name}, of which a file holds no functions and no data"
                raise NetError(text, expected=name, hint=f"give {name} again")
        for name, value in given.items():
            if name in stored and name not in MAY_CHANGE and not self.says_the_same(name, value):
                raise NetError(
                    f"{self.path} was trained with {name}={brief(stored[name])}, and cannot go on with {brief(value)}",
                    expected=stored[name],
                    got=value,
                    hint=f"leave {name} out, or begin a new training with the net of the file",
                )
        return {**stored, OPTION: self.checkpointing(), **given}

    def says_the_same(self, name: str, value: Any) -> bool:
        """Whether an option given again is the one of the file; any seed was drawn for Automatic and Inherited."""
        if name == "RandomSeeding" and value in (Automatic, Inherited):
            return True
        return same(value, self.training.options[name])

    def checkpointing(self) -> Any:
        """Checkpoints go on in the file that was read, or in its directory."""
        kind, number, least = self.training.checkpoints
        path = self.path if kind == "File" else self.path.parent
        return kind, path, {"Interval": number, "MinimumInterval": least}

    def resume(self, session: Session, given: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """Puts a session where the stored one stood, if it is one of the same training."""
        self.refuse_others(facts)
        try:
            restore(session, self.training.session)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise damaged(self.path, error) from None
        for watcher in session.watchers:
            watcher.go_on(session)
        if any(not same(given[name], self.training.options.get(name)) for name in PROLONG if name in given):
            session.record.ended = False

    def refuse_others(self, facts: Mapping[str, Any]) -> None:
        """Data of other sizes are refused; the same sizes with other contents are said."""
        past = self.training.facts
        for name, value in facts.items():
            if name != "sum" and past.get(name) != value:
                raise NetError(
                    f"{self.path}: the {name} was {past.get(name)}, and is {value} now",
                    expected=past.get(name),
                    got=value,
                    hint="a training goes on with the method and the data that it began with; begin a new one with "
                    "the net of the file",
                )
        if past.get("sum") != facts["sum"]:
            text = f"the data are not those that {self.path} was trained with"
            text += ": the result is not what an unbroken run gives"
            warnings.warn(NetWarning(text), stacklevel=5)


def goes_on(function: Callable) -> Callable:
    """The same function of a net, which takes the path of a checkpoint in its place."""

    known = inspect.signature(function).parameters

    @wraps(function)
    def call(net: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(net, (str, Path)):
            return function(net, *arguments, **options)
        past = Past.of(net)
        unknown = next((name for name in past.training.options if name not in known), None)
        if unknown is not None:
            raise damaged(net, f"it has an option {brief(unknown)}")
        return function(past, *arguments, **past.options(options))

    return call


def kept_and_resumed(
    session: Session,
    options: Options,
    columns: Mapping[str, Any],
    past: Past | None,
) -> None:
    """Lets a session write the checkpoints that the options ask for, and puts it where a past one stood."""
    if past is None and not options.checkpoints:
        return
    facts = facts_of(session, columns)

    def save(now: Session, path: Path, target: Target) -> None:
        write_checkpoint(now, path, target, now.net_of(now.state), options.given, facts)

    session.keepers = keepers = [Checkpoints(target, save) for target in options.checkpoints]
    if past is not None:
        past.resume(session, options.given, facts)
        for keeper in keepers:
            keeper.go_on(session)
