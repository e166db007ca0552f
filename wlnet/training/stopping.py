"""By what the best net is known, and when nothing more is to be gained: TrainingStoppingCriterion."""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wlnet.core.errors import NetError, NetWarning, nearest
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic, Quantity
from wlnet.training.ending import Failed, Stopped
from wlnet.training.gathering import number_of

if TYPE_CHECKING:
    from wlnet.training.measuring import Measuring
    from wlnet.training.session import Session

WHAT = "TrainingStoppingCriterion"
SUBOPTIONS = ("Criterion", "Patience", "InitialPatience", "AbsoluteChange", "RelativeChange")
KEYS = ("RoundLoss", "ValidationLoss", "RoundMeasurements", "ValidationMeasurements")


@dataclass(frozen=True)
class Rule:
    """When training ends early: what is looked at, and how much of it, for how long.

    `key` is "Loss", the key of a measurement, or a function of the losses and measurements that says True. Training
    ends in a round by which more than `patience` rounds have passed without improvement; the first `initial` rounds
    are not counted.
    """

    key: Any
    patience: int = 0
    initial: int = 0
    absolute: float = 0.0
    relative: float = 0.0

    def improves(self, value: float, reference: float) -> bool:
        """Whether a value, of which less is better, is so much better that it counts."""
        if not math.isfinite(reference):
            return value < reference
        gain = reference - value
        return gain > 0 and gain >= max(self.absolute, self.relative * abs(reference))

    def __str__(self) -> str:
        facts = [] if callable(self.key) else [f"by {self.key}"]
        facts += [f"{name} {value:g}" for name, value in zip(SUBOPTIONS[1:], self.numbers, strict=True) if value]
        return ", ".join(["a function", *facts] if callable(self.key) else facts)

    @property
    def numbers(self) -> tuple[float, ...]:
        """The sub-options in their order."""
        return self.patience, self.initial, self.absolute, self.relative


@dataclass
class Criterion:
    """Compares nets by the validation loss, or by what a rule says; without either the last net is the one to return.

    Numbers of which more is better are compared by their negative. The best net is the strictly best; patience
    begins anew only where the improvement counts by the rule.
    """

    rule: Rule | None = None
    sign: int = 1
    best: float = math.inf
    reference: float = math.inf
    since: int = 0  # the last round of an improvement that counts
    hits: int = 0  # how often in a row a function said True

    def better(self, session: "Session") -> bool | None:
        """Whether the net of this moment is the best so far; None where nothing is compared."""
        value = self.value(session)
        if value is None:
            return None
        if self.rule is not None and not callable(self.rule.key) and self.rule.improves(value, self.reference):
            self.reference, self.since = value, session.record.round
        if not value < self.best:
            return False
        self.best = value
        return True

    def value(self, session: "Session") -> float | None:
        """What is compared, so that less is better: of the validation set, or of training where there is none."""
        record, validated = session.record, session.validation is not None
        if self.rule is None or callable(self.rule.key):
            return record.validation_losses[-1] if validated else None
        if self.rule.key == "Loss":
            return (record.validation_losses if validated else record.round_losses)[-1]
        measured = (record.validation_measurements if validated else record.round_measurements)[-1]
        if self.rule.key not in measured:
            return None  # it has an interval of its own
        found = number_of(measured[self.rule.key])
        if found is None:
            raise Failed(f"{WHAT}: {self.rule.key} is no number that could be compared")
        return self.sign * found

    def give_up(self, session: "Session") -> None:
        """Ends training where nothing has improved for too long."""
        if self.rule is None:
            return
        number = session.record.round
        if callable(self.rule.key):
            self.ask(session)
        elif self.value(session) is not None and number - max(self.since, self.rule.initial) > self.rule.patience:
            best = self.sign * self.best
            raise Stopped(f"{WHAT}: {self.rule.key} did not improve on {best:.4g} by round {number}")

    def ask(self, session: "Session") -> None:
        """Asks the function of the rule, and ends training where it has said True often enough."""
        assert self.rule is not None
        record = session.record
        if record.round <= self.rule.initial:
            return
        losses: tuple[list, list] = (record.round_losses, record.validation_losses)
        lists: tuple[list, ...] = (*losses, record.round_measurements, record.validation_measurements)
        facts = {key: values[-1] if values else None for key, values in zip(KEYS, lists, strict=True)}
        try:
            said = self.rule.key(facts)
        except Exception as error:
            raise Failed(f"{WHAT} failed: {type(error).__name__}: {error}") from error
        if not isinstance(said, (bool, np.bool_)):
            raise Failed(f"{WHAT} gave {brief(said)}, which is neither True nor False")
        self.hits = self.hits + 1 if said else 0
        if self.hits > self.rule.patience:
            raise Stopped(f"{WHAT}: the function gave True in round {record.round}")


def rule_of(setting: Any) -> Rule | None:
    """The rule of a setting of TrainingStoppingCriterion."""
    if setting is None:
        return None
    given = setting if isinstance(setting, Mapping) else {"Criterion": setting}
    for name in given:
        if name not in SUBOPTIONS:
            raise NetError(f"{WHAT}: {name!r} is not a sub-option", got=name, hint=nearest(name, SUBOPTIONS))
    key = given.get("Criterion", Automatic)
    key = "Loss" if key is Automatic else key
    if not isinstance(key, str) and not callable(key):
        kinds = 'None, Automatic, "Loss", the key of a measurement, a function or a dict'
        text = f"{WHAT} must be {kinds}, got {brief(key)}"
        raise NetError(text, got=key, hint='write {"Criterion": "Loss", "Patience": 3}')
    changes = [change(name, given.get(name, 0)) for name in SUBOPTIONS[3:]]
    if callable(key) and any(changes):
        text = f"{WHAT}: a function says itself when to stop: it goes with no AbsoluteChange and no RelativeChange"
        raise NetError(text, got=given)
    return Rule(key, *(rounds(name, given.get(name, 0)) for name in SUBOPTIONS[1:3]), *changes)


def rounds(name: str, value: Any) -> int:
    """A number of rounds."""
    if isinstance(value, Quantity) and value.unit == "Rounds":
        value = value.number
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
        raise NetError(f"{WHAT}: {name} must be a whole number of rounds, 0 or more, got {value!r}", got=value)
    return int(value)


def change(name: str, value: Any) -> float:
    """The smallest change that counts; a relative one may be in percent."""
    number, share = value, name == "RelativeChange"
    if share and isinstance(value, Quantity) and value.unit == "Percent":
        number = value.number / 100
    kinds = (int, float, np.integer, np.floating)
    if isinstance(number, bool) or not isinstance(number, kinds) or not 0 <= number < math.inf:
        kind = 'a fraction or a Quantity in "Percent"' if share else "a number"
        raise NetError(f"{WHAT}: {name} must be {kind}, 0 or more, got {value!r}", got=value)
    return float(number)


def chosen_criterion(rule: Rule | None, measuring: "Measuring | None", validated: bool) -> Criterion:
    """The criterion of a rule; a measurement must be one that training makes, and have a better direction."""
    if rule is not None and not validated:
        text = f"{WHAT} looks at what training measures, since there is no ValidationSet"
        warnings.warn(NetWarning(text), stacklevel=4)
    if rule is None or callable(rule.key) or rule.key == "Loss":
        return Criterion(rule)
    known = [] if measuring is None else measuring.keys
    if rule.key not in known:
        hint = nearest(rule.key, ["Loss", *known], 0.75)
        hint = hint if hint.startswith("did") else f'{hint}; ask for more by TrainingProgressMeasurements="{rule.key}"'
        raise NetError(f"{WHAT}: {rule.key!r} is not measured in this training", got=rule.key, hint=hint)
    higher = None if measuring is None else measuring.better(rule.key)
    if higher is None:
        text = f"{WHAT}: of {rule.key!r} neither more nor less is better"
        raise NetError(text, got=rule.key, hint='give a function: {"Criterion": lambda facts: …}')
    return Criterion(rule, -1 if higher else 1)
