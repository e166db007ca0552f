"""Optimizers: each a rule for one flat vector of all learned arrays.

A method is a row: the sub-options with their defaults, what it remembers, and its update. `rate` below is the learning
rate times each number's multiplier, so a negative multiplier climbs; `unbiased(β)` is 1/(1 - βᵏ) at the k-th update,
what an average that started at 0 is multiplied by. Updates change only what they have made themselves: the vector, the
gradient and the memory that come in stay as they are.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.multipliers import Multipliers
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic
from wlnet.training.restraints import RESTRAINTS, restraint

State = tuple[Any, ...]
Unbiased = Callable[[float], Any]
Update = Callable[[Any, Any, Any, State, Any, Unbiased, Mapping[str, float]], tuple[Any, State]]


def sgd(
    xp: Any, vector: Any, gradient: Any, state: State, rate: Any, unbiased: Unbiased, options: Mapping[str, float]
) -> tuple[Any, State]:
    """v ← momentum·v − rate·g;  w ← w + v (Polyak 1964)."""
    velocity = options["Momentum"] * state[0]
    velocity -= rate * gradient
    return vector + velocity, (velocity,)


def sign_sgd(
    xp: Any, vector: Any, gradient: Any, state: State, rate: Any, unbiased: Unbiased, options: Mapping[str, float]
) -> tuple[Any, State]:
    """v ← momentum·v − rate·sign(g);  w ← w + v, with sign(0) = 0 (Bernstein et al. 2018)."""
    return sgd(xp, vector, xp.sign(gradient), state, rate, unbiased, options)


def rmsprop(
    xp: Any, vector: Any, gradient: Any, state: State, rate: Any, unbiased: Unbiased, options: Mapping[str, float]
) -> tuple[Any, State]:
    """s ← β·s + (1-β)·g²;  v ← momentum·v − rate·g/(√s + ε);  w ← w + v (Tieleman & Hinton 2012)."""
    square = (1 - options["Beta"]) * gradient
    square *= gradient
    square += options["Beta"] * state[0]
    below = xp.sqrt(square)
    below += options["Epsilon"]
    velocity = options["Momentum"] * state[1]
    velocity -= rate * gradient / below
    return vector + velocity, (square, velocity)


def adam(
    xp: Any, vector: Any, gradient: Any, state: State, rate: Any, unbiased: Unbiased, options: Mapping[str, float]
) -> tuple[Any, State]:
    """w ← w − rate·m̂/(√v̂ + ε), with m̂ and v̂ the moments corrected for their start at 0 (Kingma & Ba 2015)."""
    beta1, beta2 = options["Beta1"], options["Beta2"]
    mean = beta1 * state[0]
    mean += (1 - beta1) * gradient
    square = (1 - beta2) * gradient
    square *= gradient
    square += beta2 * state[1]
    below = xp.sqrt(square * unbiased(beta2))
    below += options["Epsilon"]
    move = (rate * unbiased(beta1)) * mean
    move /= below
    return vector - move, (mean, square)


@dataclass(frozen=True)
class Row:
    """One method: its update, how many vectors it remembers, its sub-options, and the automatic learning rate."""

    update: Update
    memories: int
    options: Mapping[str, float]
    rate: float


METHODS = {
    "ADAM": Row(adam, 2, {"Beta1": 0.9, "Beta2": 0.999, "Epsilon": 1e-5}, 0.001),
    "RMSProp": Row(rmsprop, 2, {"Beta": 0.95, "Epsilon": 1e-6, "Momentum": 0.9}, 0.001),
    "SGD": Row(sgd, 1, {"Momentum": 0.93}, 0.01),
    "SignSGD": Row(sign_sgd, 1, {"Momentum": 0.93}, 0.001),
}

FRACTIONS = ("Beta", "Beta1", "Beta2", "Momentum")
"""Shares of the past that are kept: from 0 up to, not including, 1."""


@dataclass(frozen=True)
class Method:
    """A method with every sub-option resolved: numbers, the base learning rate and its schedule, and the restraints
    that are set, each as rules from parts of the net to values."""

    name: str
    options: Mapping[str, float]
    rate: float
    schedule: Callable[[int, int], Any] | None = None
    restraints: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)

    @property
    def row(self) -> Row:
        return METHODS[self.name]

    @property
    def settings(self) -> dict[str, Any]:
        """Every sub-option with the value that it has."""
        rules = {name: self.restraints.get(name) for name in RESTRAINTS}
        return {
            "LearningRate": self.rate,
            "LearningRateSchedule": Automatic if self.schedule is None else self.schedule,
            **{name: given["_"] if given and list(given) == ["_"] else given for name, given in rules.items()},
            **self.options,
        }

    def rate_at(self, batch: int, total: int) -> float:
        """The learning rate of a batch, counted from 1 over the whole run of `total`: base rate × schedule."""
        if self.schedule is None:
            return self.rate
        where = f"LearningRateSchedule({batch}, {total})"
        try:
            share = self.schedule(batch, total)
        except Exception as error:
            raise NetError(f"{where} failed: {type(error).__name__}: {error}", got=error) from error
        try:
            inside = 0 <= share <= 1
            number = float(share) if inside and not isinstance(share, bool) else math.nan
        except (TypeError, ValueError):
            number = math.nan
        if math.isnan(number):
            raise NetError(
                f"{where} must give a number from 0 to 1, the share of the learning rate, but gave {brief(share)}",
                expected="a number from 0 to 1",
                got=share,
                hint=f"it gets the batch, counted from 1, and their number; the base rate is {self.rate:g}",
            )
        return self.rate * number

    def __str__(self) -> str:
        options = ", ".join(f"{name} {value:g}" for name, value in self.options.items())
        facts = [f"{self.name} ({options})", f"learning rate {self.rate:g}"]
        if self.schedule is not None:
            facts[1] += f" times LearningRateSchedule {name_of(self.schedule)}"
        return ", ".join([*facts, *(f"{name} {Multipliers(dict(rules))!r}" for name, rules in self.restraints.items())])


def name_of(function: Callable) -> str:
    """What a message calls a function."""
    name = getattr(function, "__name__", type(function).__name__)
    return "(a lambda)" if name == "<lambda>" else name


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
    own = METHODS[name].options
    known = [*own, "LearningRate", "LearningRateSchedule", *RESTRAINTS]
    for option in given:
        if option not in known:
            raise NetError(
                f"{option!r} is not a sub-option of Method {name!r}", got=option, hint=nearest(option, known)
            )
    numbers = {key: default if given.get(key, Automatic) is Automatic else checked(key, given[key])
               for key, default in own.items()}  # fmt: skip
    chosen = rate if rate is not Automatic else given.get("LearningRate", Automatic)
    base = METHODS[name].rate if chosen is Automatic else checked("LearningRate", chosen)
    rules = {key: restraint(key, given[key]) for key in RESTRAINTS if key in given}
    restraints = {key: each for key, each in rules.items() if each}
    return Method(name, numbers, base, schedule_of(given.get("LearningRateSchedule", Automatic)), restraints)


def schedule_of(setting: Any) -> Callable[[int, int], Any] | None:
    """The function of LearningRateSchedule; None where the rate stays."""
    if setting is Automatic or setting is None:
        return None
    if not callable(setting):
        raise NetError(
            f"LearningRateSchedule must be a function, or Automatic for a rate that stays, got {brief(setting)}",
            got=setting,
            hint="write lambda batch, total: 1 - batch / total",
        )
    return setting


def checked(name: str, value: Any) -> float:
    """A number in the range of its sub-option."""
    number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
    if name in FRACTIONS:
        fits, text = 0 <= number < 1, "a number from 0 up to, not including, 1"
    elif name == "Epsilon":  # a gradient of 0 would be divided by 0
        fits, text = 0 < number < math.inf, "a positive number"
    else:
        fits, text = 0 <= number < math.inf, "a number of 0 or more"
    if not fits:
        raise NetError(f"{name} must be {text}, got {brief(value)}", expected=text, got=value)
    return number
