"""Optimizers: each a rule for one flat vector of all learned arrays.

A method is a row: the sub-options with their defaults, what it remembers, and its update. `rate` below is the learning
rate times each number's multiplier, so a negative multiplier climbs.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.symbols import Automatic

State = tuple[Any, ...]
Update = Callable[[Any, Any, Any, State, Any, Any, Mapping[str, float]], tuple[Any, State]]


def sgd(xp: Any, vector: Any, gradient: Any, state: State, rate: Any, step: Any, options: Mapping[str, float]) -> Any:
    """v ← momentum·v − rate·g;  w ← w + v (Polyak 1964)."""
    velocity = options["Momentum"] * state[0] - rate * gradient
    return vector + velocity, (velocity,)


def adam(xp: Any, vector: Any, gradient: Any, state: State, rate: Any, step: Any, options: Mapping[str, float]) -> Any:
    """w ← w − rate·m̂/(√v̂ + ε), with m̂ and v̂ the moments corrected for their start at 0 (Kingma & Ba 2015)."""
    beta1, beta2 = options["Beta1"], options["Beta2"]
    mean = beta1 * state[0] + (1 - beta1) * gradient
    square = beta2 * state[1] + (1 - beta2) * gradient * gradient
    first, second = 1 / (1 - beta1**step), 1 / (1 - beta2**step)
    return vector - rate * (mean * first) / (xp.sqrt(square * second) + options["Epsilon"]), (mean, square)


@dataclass(frozen=True)
class Row:
    """One method: its update, how many vectors it remembers, its sub-options, and the automatic learning rate."""

    update: Update
    memories: int
    options: Mapping[str, float]
    rate: float


METHODS = {
    "ADAM": Row(adam, 2, {"Beta1": 0.9, "Beta2": 0.999, "Epsilon": 1e-5}, 0.001),
    "SGD": Row(sgd, 1, {"Momentum": 0.93}, 0.01),
}

LIMITS = {"Beta1": (0, 1), "Beta2": (0, 1), "Momentum": (0, 1), "Epsilon": (0, math.inf)}


@dataclass(frozen=True)
class Method:
    """A method with every sub-option resolved, and the base learning rate."""

    name: str
    options: Mapping[str, float]
    rate: float

    @property
    def row(self) -> Row:
        return METHODS[self.name]

    def __str__(self) -> str:
        options = ", ".join(f"{name} {value:g}" for name, value in self.options.items())
        return f"{self.name} ({options}), learning rate {self.rate:g}"


def method_of(setting: Any, rate: Any = Automatic) -> Method:
    """The method of a setting: a name, or (name, {sub-option: value}); the option LearningRate wins over the
    sub-option of that name."""
    name, given = setting if isinstance(setting, (tuple, list)) and len(setting) == 2 else (setting, {})
    name = "ADAM" if name is Automatic else name
    if not isinstance(name, str) or name not in METHODS:
        raise NetError(
            f"Method must be one of {', '.join(METHODS)}, got {name!r}", got=name, hint=nearest(name, METHODS)
        )
    if not isinstance(given, Mapping):
        raise NetError(f"the sub-options of Method {name!r} must be a dict, got {given!r}", got=given)
    known = {**METHODS[name].options, "LearningRate": Automatic}
    for option in given:
        if option not in known:
            raise NetError(
                f"{option!r} is not a sub-option of Method {name!r}", got=option, hint=nearest(option, known)
            )
    options = {**known, **given}
    inner = options.pop("LearningRate")
    options = {key: checked(key, value) for key, value in options.items()}
    chosen = rate if rate is not Automatic else inner
    base = METHODS[name].rate if chosen is Automatic else checked("LearningRate", chosen)
    return Method(name, options, base)


def checked(name: str, value: Any) -> float:
    """A number in the range of its sub-option."""
    low, high = LIMITS.get(name, (0, math.inf))
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not low <= value < high:
        text = f"from {low} up to, not including, {high}" if high < math.inf else f"of {low} or more"
        raise NetError(f"{name} must be a number {text}, got {value!r}", got=value)
    return float(value)
