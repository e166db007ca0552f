"""A session of training as plain values and arrays, and a session that stands where it stood."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from wlnet.core.refuse import refusal
from wlnet.training.intervals import Timer
from wlnet.training.packing import packed, unpacked
from wlnet.training.record import Record
from wlnet.training.session import Session
from wlnet.training.step import State, Stepper

NUMBERS = (bool, int, float, np.number)


def session_stored(session: Session) -> dict[str, Any]:
    """Everything that a session needs to go on as though it had never stopped."""
    session.settle()
    kept = (session.state, session.best, session.last_finite)
    states = {id(state): state for state in kept if state is not None}
    places = [None if state is None else list(states).index(id(state)) for state in kept]
    return {
        "states": [state_stored(session.stepper, state) for state in states.values()],
        **dict(zip(("state", "best", "last_finite"), places, strict=True)),
        "record": record_stored(session.record),
        "criterion": numbers_of(session.criterion),
        "timers": {name: numbers_of(timer) for name, timer in timers_of(session).items()},
        "elapsed": session.elapsed,
    }


def restore(session: Session, stored: Mapping[str, Any]) -> None:
    """Puts a session where a stored one stood; ValueError, TypeError or KeyError where that is not possible."""
    states = [state_read(session.stepper, session.state, each) for each in stored["states"]]
    session.state = states[stored["state"]]
    session.best, session.last_finite = (
        None if stored[name] is None else states[stored[name]] for name in ("best", "last_finite")
    )
    session.record = record_read(stored["record"])
    remember(session.criterion, stored["criterion"])
    for name, timer in timers_of(session).items():
        remember(timer, stored["timers"][name])
    session.before = stored["elapsed"]
    if not isinstance(session.before, float) or not 0 <= session.before < float("inf"):
        raise ValueError("its time is no number of seconds")


def timers_of(session: Session) -> dict[str, Timer]:
    """What counts the time until validation, and until each measurement."""
    measuring = {} if session.measuring is None else session.measuring.timers
    return {"validation": session.validation_timer, **{f"measurement {key}": each for key, each in measuring.items()}}


def state_stored(stepper: Stepper, state: State) -> dict[str, Any]:
    """The parts of a state, as NumPy arrays."""
    return {
        each.name: value if isinstance(value, int) else stepper.engine.numpy(value)
        for each in fields(state)
        for value in (getattr(state, each.name),)
    }


def state_read(stepper: Stepper, first: State, stored: Mapping[str, Any]) -> State:
    """A state of the same shapes as the first one."""

    def read(value: Any, like: Any) -> Any:
        if isinstance(like, int):
            if type(value) is not int or value < 0:
                raise ValueError("a count of steps is no whole number")
            return value
        if isinstance(like, (tuple, list)):
            return type(like)(read(one, other) for one, other in zip(value, like, strict=True))
        if not isinstance(value, np.ndarray) or value.shape != like.shape or value.dtype != like.dtype:
            raise ValueError("an array of its state is not one of this net")
        return stepper.engine.array(value)

    return State(**{each.name: read(stored[each.name], getattr(first, each.name)) for each in fields(State)})


def record_stored(record: Record) -> dict[str, Any]:
    """The record in packed form."""
    return {each.name: packed(getattr(record, each.name)) for each in fields(record)}


def record_read(stored: Mapping[str, Any]) -> Record:
    """The record that was stored."""
    found = {name: unpacked(value) for name, value in stored.items()}
    strange = set(found) - {each.name for each in fields(Record)}
    if strange:
        raise ValueError(f"its record has {min(strange)}")
    try:
        return TypeAdapter(Record).validate_python(found)
    except ValidationError as error:
        raise ValueError(refusal("its record", error).message) from None


def numbers_of(thing: Any) -> dict[str, Any]:
    """What an object (a criterion, a timer) remembers in numbers."""
    plain = {name: value for name, value in vars(thing).items() if isinstance(value, NUMBERS)}
    return {name: value.item() if isinstance(value, np.number) else value for name, value in plain.items()}


def remember(thing: Any, numbers: Mapping[str, Any]) -> None:
    """Gives an object the numbers that one of its kind remembered."""
    for name, value in numbers.items():
        now = vars(thing).get(name)
        if (
            not isinstance(now, NUMBERS)
            or not isinstance(value, NUMBERS)
            or isinstance(now, bool) != isinstance(value, bool)
        ):
            raise ValueError(f"{name} is no number that a {type(thing).__name__} remembers")
        setattr(thing, name, value)
