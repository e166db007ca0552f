"""What a recorded function is made of beside scalar functions: constants, calls of nets, and their outputs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.refuse import brief
from wlnet.core.symbolic import Operand


class Constant:
    """Numbers that stand in a function; they are not trained."""

    __slots__ = ("array",)

    def __init__(self, array: np.ndarray):
        self.array = array

    def __repr__(self) -> str:
        return f"an array of shape {self.array.shape}"


class Call:
    """One application of a net: the ports to which it was applied, in the order of the symbolic values."""

    __slots__ = ("net", "plan", "ports")

    def __init__(self, net: Any, ports: tuple[str, ...]):
        self.net, self.ports = net, ports
        self.plan: Any = None  # solved when somebody asks for a shape


class Result:
    """One output of a call: the port, or the path of one inside."""

    __slots__ = ("call", "place")

    def __init__(self, call: Call, place: tuple):
        self.call, self.place = call, place

    def __repr__(self) -> str:
        return type(self.call.net).__name__


def numbers(value: Any) -> np.ndarray:
    """Constant numbers that stand in a function."""
    try:
        found = np.asarray(value)
        if found.dtype.kind not in "biuf":
            raise ValueError
    except ValueError:
        hint = "a function of arrays reads numbers, arrays of numbers, NetArrays and its own parameters"
        raise NetError(f"{brief(value)} is not an array of numbers", got=value, hint=hint) from None
    return found.astype(np.float32)


def given(options: dict) -> dict:
    """The options that say something: not NumPy's own mark of what was left out, and None only of an axis."""
    said = {name: value for name, value in options.items() if value is not np._NoValue}
    return {name: value for name, value in said.items() if value is not None or name == "axis"}


def qualified(function: Callable) -> str:
    """The name of a NumPy function, as it is written after `np.`."""
    module = (getattr(function, "__module__", None) or "numpy").removeprefix("numpy").lstrip(".")
    return f"{module}.{function.__name__}" if module else function.__name__


_RECORDS: ContextVar[bool] = ContextVar("recording a function", default=False)


@contextmanager
def recording() -> Iterator[None]:
    """While it lasts nets that are called are recorded, also those that are called with nothing, or with numbers."""
    token = _RECORDS.set(True)
    try:
        yield
    finally:
        _RECORDS.reset(token)


def is_recorded(data: tuple, options: dict) -> bool:
    """Whether the call of a net is to be recorded rather than computed."""
    if _RECORDS.get():
        return True
    return any(isinstance(each, Operand) for each in data) or any(
        isinstance(each, Operand) for each in options.values()
    )
