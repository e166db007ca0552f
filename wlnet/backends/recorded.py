"""Arrays on the tape that plain NumPy code can use: `np.tanh(x)`, `x @ w`, `x.sum()` and `x[1:]` are recorded.

Autograd's own boxes answer operators and methods, but not NumPy's functions; these answer NumPy's two protocols, and do
what autograd's function of the same name does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import autograd.numpy
import autograd.numpy.numpy_wrapper as anp  # autograd.numpy itself hides the names with an underscore
import numpy as np
from autograd.tracer import isbox

from wlnet.backends.gradients import where
from wlnet.core.errors import NetError

ROOMS = {"numpy": anp, "numpy.linalg": autograd.numpy.linalg, "numpy.fft": autograd.numpy.fft}
OURS = {"where": where}


class Recorded(np.lib.mixins.NDArrayOperatorsMixin):
    """An array that stands on the tape."""

    __slots__ = ("value",)

    def __init__(self, value: Any):
        self.value = value

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if "out" in options:
            raise no_record("writing into an array", "write y = y + 1 for y += 1")
        if method != "__call__":
            raise no_record(f"np.{ufunc.__name__}.{method}")
        return recorded(named("numpy", ufunc.__name__)(*plain(inputs), **plain(options)))

    def __array_function__(self, function: Callable, types: Any, inputs: tuple, options: dict) -> Any:
        if "where" in options or options.get("out") is not None:
            raise no_record(f"np.{function.__name__} with {'where' if 'where' in options else 'out'}")
        return recorded(named(function.__module__, function.__name__)(*plain(inputs), **plain(options)))

    def __getattr__(self, name: str) -> Any:
        found = None if name.startswith("__") else getattr(self.value, name, None)
        if found is None:
            raise AttributeError(f"no .{name} of an array can be recorded")
        if callable(found):
            return lambda *inputs, **options: recorded(found(*plain(inputs), **plain(options)))
        return recorded(found)

    def __getitem__(self, index: Any) -> Any:
        return recorded(self.value[index])

    def __setitem__(self, index: Any, value: Any) -> None:
        raise no_record("writing into an array", "build the result with np.where, np.stack or np.concatenate")

    def __iter__(self) -> Iterator:
        return (self[k] for k in range(len(self)))

    def __len__(self) -> int:
        return len(self.value)

    def __array__(self, *options: Any, **named: Any) -> Any:
        raise no_record("making an array of it", "use it as it is, or join arrays with np.stack")

    def __float__(self) -> float:
        raise no_record("making a number of it", "use NumPy's functions in place of math's")

    __int__ = __index__ = __bool__ = __float__


def recorded(value: Any) -> Any:
    """A result for the user's eyes: what stands on the tape answers NumPy."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(recorded, value))
    return Recorded(value) if isbox(value) else value


def plain(value: Any) -> Any:
    """The same for autograd's eyes."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(map(plain, value))
    return value.value if isinstance(value, Recorded) else value


def named(room: str, name: str) -> Callable[..., Any]:
    """Autograd's function for one of NumPy's, or ours where there is one."""
    found = OURS.get(name) or getattr(ROOMS.get(room), name, None)
    if found is None:
        raise no_record(f"{room.replace('numpy', 'np')}.{name}")
    return found


def no_record(what: str, remedy: str | None = None) -> NetError:
    """Something has no gradient."""
    return NetError(f"{what} has no gradient here", hint=remedy)
