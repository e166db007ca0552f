"""The measurements there are, and what a user may write for one: a name, a name with a number, a port, a function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic, NetPort, Symbol
from wlnet.training import classification, regression
from wlnet.training.aggregation import AGGREGATIONS
from wlnet.training.gathering import Row
from wlnet.training.intervals import Interval, interval
from wlnet.verbs.information import PROPERTIES

ROWS: dict[str, Row] = {**classification.ROWS, **regression.ROWS}
"""Every built-in measurement."""

SUBOPTIONS = ("Measurement", "Aggregation", "ClassAveraging", "Interval", "Key", "Port")
EVERY_ROUND = Interval(1, "Rounds")
FORMS = 'a name such as "Accuracy", ("Accuracy", n), a NetPort, a function, or {"Measurement": one of these, …}'


@dataclass(frozen=True)
class Measurement:
    """One measurement as a user wants it, in its normal form."""

    what: Any  # the name of a row or of a property of Information, a NetPort, or a function
    key: str
    parameter: Any = None
    averaging: str | None = None
    aggregation: Any = Automatic
    interval: Interval = EVERY_ROUND
    port: str | None = None

    @property
    def row(self) -> Row | None:
        """The row of a built-in measurement."""
        return ROWS.get(self.what) if isinstance(self.what, str) else None


def measurements(setting: Any, what: str) -> tuple[Measurement, ...] | None:
    """The measurements that a setting says; None where the net decides (Automatic). `what` begins the messages."""
    if setting is Automatic:
        return None
    if setting is None:
        return ()
    found = tuple(one_measurement(spec, what) for spec in (setting if isinstance(setting, list) else [setting]))
    keys = [each.key for each in found]
    for key in keys:
        if keys.count(key) > 1:
            raise NetError(
                f'{what}: two measurements have the key "{key}"',
                got=key,
                hint='name one of them: {"Measurement": …, "Key": "another"}',
            )
    return found


def one_measurement(spec: Any, what: str) -> Measurement:
    """The normal form of one spec."""
    if isinstance(spec, Mapping):
        return with_suboptions(spec, what)
    if isinstance(spec, tuple) and len(spec) == 2 and isinstance(spec[0], str):
        return built_in(spec[0], spec[1], what)
    if isinstance(spec, str):
        return built_in(spec, Automatic, what)
    if isinstance(spec, NetPort):
        return Measurement(spec, "/".join(map(str, spec.spec)))
    if callable(spec) and not isinstance(spec, (Symbol, type)):
        name = getattr(spec, "__name__", "<lambda>")
        return Measurement(spec, "Function" if name == "<lambda>" else name)
    raise NetError(f"{what}: {brief(spec)} is not a measurement", got=spec, hint=f"give {FORMS}")


def built_in(name: str, parameter: Any, what: str) -> Measurement:
    """A measurement by name, with the number that it takes; or a property of Information."""
    if name in PROPERTIES and parameter is Automatic:
        return Measurement(name, name)
    if name not in ROWS:
        raise NetError(f"{what}: {name!r} is not a measurement", got=name, hint=nearest(name, [*ROWS, *PROPERTIES]))
    row = ROWS[name]
    if row.parameter is None:
        if parameter is not Automatic:
            taking = [each for each in ROWS if ROWS[each].parameter is not None]
            text = f"{what}: {name} takes no parameter, got {brief(parameter)}"
            raise NetError(text, got=parameter, hint=f"{', '.join(taking)} take one")
        return Measurement(name, name)
    if parameter is Automatic or parameter == row.parameter.default:
        return Measurement(name, name, row.parameter.default)
    value = row.parameter.checked(parameter, name, what)
    return Measurement(name, f"{name} {value:g}", value)


def with_suboptions(spec: Mapping, what: str) -> Measurement:
    """A measurement with sub-options, {"Measurement": …, "Key": …}; or a rule, {"Accuracy": 2}."""
    if "Measurement" not in spec:
        if len(spec) == 1 and isinstance(next(iter(spec)), str) and next(iter(spec)) in ROWS:
            return built_in(*next(iter(spec.items())), what)
        text = f'{what}: a dict of sub-options has the key "Measurement", got {brief(dict(spec))}'
        raise NetError(text, got=spec, hint=f"give {FORMS}")
    for name in spec:
        if name not in SUBOPTIONS:
            raise NetError(f"{what}: {name!r} is not a sub-option", got=name, hint=nearest(name, SUBOPTIONS))
    found = one_measurement(spec["Measurement"], what)
    for name, check in CHECKS.items():
        if name in spec and spec[name] is not Automatic:
            found = replace(found, **check(spec[name], found, what))
    return found


def _averaging(value: Any, found: Measurement, what: str) -> dict[str, Any]:
    if value not in ("Macro", "Micro", None):
        text = f'{what}: "ClassAveraging" must be "Macro", "Micro" or None, got {brief(value)}'
        raise NetError(text, got=value, hint=nearest(value, ("Macro", "Micro")) if isinstance(value, str) else None)
    if value is not None and (found.row is None or not found.row.per_class):
        text = f'{what}: {found.key} has no value for each class, so there is no "ClassAveraging"'
        raise NetError(text, got=value, hint="leave it out")
    if value == "Macro" and found.row is not None and found.row.table:
        text = f'{what}: curves of several classes have no mean, so {found.key} has no "ClassAveraging": "Macro"'
        raise NetError(text, got=value, hint='"Micro" gives one curve of all decisions; AreaUnderROCCurve has a mean')
    return {"averaging": value}


def _aggregation(value: Any, found: Measurement, what: str) -> dict[str, Any]:
    if isinstance(found.what, str):
        text = f'{what}: {found.key} is one value of all examples, so there is no "Aggregation"'
        raise NetError(text, got=value, hint="leave it out")
    name = value.name if hasattr(value, "name") else value  # Mean, Total, Max are symbols and functions too
    if name is None or (isinstance(name, str) and name in AGGREGATIONS):
        return {"aggregation": name}
    if callable(value):
        return {"aggregation": value}
    names = ", ".join(f'"{each}"' for each in AGGREGATIONS)
    raise NetError(
        f'{what}: "Aggregation" must be {names}, None or a function, got {brief(value)}',
        got=value,
        hint=nearest(value, AGGREGATIONS) if isinstance(value, str) else None,
    )


def _interval(value: Any, found: Measurement, what: str) -> dict[str, Any]:
    return {"interval": interval(value, EVERY_ROUND, what, "Rounds")}


def _key(value: Any, found: Measurement, what: str) -> dict[str, Any]:
    if not isinstance(value, str) or not value:
        raise NetError(f'{what}: "Key" must be a text, got {brief(value)}', got=value)
    return {"key": value}


def _port(value: Any, found: Measurement, what: str) -> dict[str, Any]:
    if found.row is None:
        text = f'{what}: {found.key} belongs to no loss, so there is no "Port"'
        raise NetError(text, got=value, hint="leave it out")
    if not isinstance(value, str):
        raise NetError(f'{what}: "Port" must be the name of a loss\'s port, got {brief(value)}', got=value)
    return {"port": value}


CHECKS: dict[str, Callable[[Any, Measurement, str], dict[str, Any]]] = {
    "ClassAveraging": _averaging,
    "Aggregation": _aggregation,
    "Interval": _interval,
    "Key": _key,
    "Port": _port,
}
"""What each sub-option may be, and what it changes."""


def higher_is_better(name: str) -> bool | None:
    """Whether more of a built-in measurement is better; None where there is no telling.

    >>> higher_is_better("Accuracy"), higher_is_better("Entropy"), higher_is_better("ConfusionMatrix")
    (True, False, None)
    """
    row = ROWS.get(name)
    return None if row is None or row.better is None else row.better == "Higher"
