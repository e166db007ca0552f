"""Patterns: whether a value has a form, and what its names stand for."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.source import same
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.evaluate import Definition, Evaluator, Scope
from wlnet.formats.wolfram.expressions import Call, call, is_call, pairs_of

Bound = dict[str, Any]
MANY = {"BlankSequence": 1, "BlankNullSequence": 0, "OptionsPattern": 0, "Repeated": 1, "RepeatedNull": 0}
"""Patterns of several arguments, and of how many at least."""
LONGEST = 1000
"""The most arguments that patterns of several are tried on."""


def head_of(value: Any) -> str:
    """The name of a value's head."""
    if isinstance(value, bool):
        return "Symbol"
    for kind, name in ((int, "Integer"), (float, "Real"), (str, "String"), (Fraction, "Rational"), (Symbol, "Symbol")):
        if isinstance(value, kind):
            return name
    if isinstance(value, np.ndarray):
        return "NumericArray"
    return value.name if isinstance(value, Call) else type(value).__name__


class Matcher:
    """Matches patterns in a scope, which conditions and tests see."""

    def __init__(self, evaluator: Evaluator, scope: Scope):
        self.evaluator, self.scope = evaluator, scope

    def matches(self, pattern: Any, value: Any, bound: Bound) -> Bound | None:
        """What the names of a pattern stand for, beside those bound before; None where it does not match."""
        self.evaluator.spend()
        rule = FORMS.get(pattern.name) if isinstance(pattern, Call) else None
        if rule is not None:
            return rule(self, pattern, value, bound)
        if isinstance(pattern, Call):
            if not isinstance(value, Call) or self.matches(pattern.head, value.head, bound) is None:
                return None
            return next(self.sequences(pattern.arguments, value.arguments, bound), None)
        return bound if same_value(pattern, value) else None

    def sequences(self, patterns: tuple, values: tuple, bound: Bound) -> Iterator[Bound]:
        """Every way in which patterns match values in order."""
        self.evaluator.spend()
        if not patterns:
            if not values:
                yield bound
            return
        first, *rest = patterns
        inner, name = unnamed(first)
        if is_call(inner, "Optional"):
            yield from self.optional(inner, name, tuple(rest), values, bound)
        elif is_call(inner, *MANY):
            for count in range(len(values), MANY[inner.name] - 1, -1):
                after = self.several(inner, name, values[:count], bound)
                if after is not None:
                    yield from self.sequences(tuple(rest), values[count:], after)
        elif values:
            after = self.matches(first, values[0], bound)
            if after is not None:
                yield from self.sequences(tuple(rest), values[1:], after)

    def optional(self, pattern: Call, name: str | None, rest: tuple, values: tuple, bound: Bound) -> Iterator[Bound]:
        """A pattern with a default: with the next value, or without."""
        inner, default = pattern.arguments[0], pattern.arguments[1] if len(pattern.arguments) > 1 else 0
        if values and not is_option(values[0]):
            after = self.matches(inner, values[0], bound)
            if after is not None:
                yield from self.sequences(rest, values[1:], after)
        _, own = unnamed(inner)
        for key in filter(None, (own, name)):
            bound = {**bound, key: self.evaluator.evaluate(default, self.scope)}
        yield from self.sequences(rest, values, bound)

    def several(self, pattern: Call, name: str | None, values: tuple, bound: Bound) -> Bound | None:
        """A pattern of several values."""
        if len(values) > LONGEST:
            return None
        if pattern.name == "OptionsPattern":
            if not all(map(is_option, values)):
                return None
            bound = {**bound, "?": values}
        elif pattern.arguments:
            inner = call("Blank", *pattern.arguments) if pattern.name.startswith("Blank") else pattern.arguments[0]
            if any(self.matches(inner, each, bound) is None for each in values):
                return None
        return bound if name is None else self.bind(name, call("Sequence", *values), bound)

    def bind(self, name: str, value: Any, bound: Bound) -> Bound | None:
        """A name with its value; a name that stands twice must have one value."""
        if name in bound:
            return bound if same_value(bound[name], value) else None
        return {**bound, name: value}

    # --- forms ------------------------------------------------------------------------------------------------------

    def blank(self, pattern: Call, value: Any, bound: Bound) -> Bound | None:
        wanted = [each.name for each in pattern.arguments if isinstance(each, Symbol)]
        return bound if not wanted or wanted[0] == head_of(value) else None

    def named(self, pattern: Call, value: Any, bound: Bound) -> Bound | None:
        after = self.matches(pattern.arguments[1], value, bound) if len(pattern.arguments) == 2 else None
        return None if after is None else self.bind(pattern.arguments[0].name, value, after)

    def tested(self, pattern: Call, value: Any, bound: Bound) -> Bound | None:
        after = self.matches(pattern.arguments[0], value, bound)
        if after is None or len(pattern.arguments) != 2:
            return None
        function = self.evaluator.evaluate(pattern.arguments[1], self.scope)
        return after if self.evaluator.apply(function, [value]) is True else None

    def either(self, pattern: Call, value: Any, bound: Bound) -> Bound | None:
        found = (self.matches(each, value, bound) for each in pattern.arguments)
        return next((after for after in found if after is not None), None)

    def conditional(self, pattern: Call, value: Any, bound: Bound) -> Bound | None:
        after = self.matches(pattern.arguments[0], value, bound)
        return after if after is not None and self.holds(pattern.arguments[1], after) else None

    def within(self, pattern: Call, value: Any, bound: Bound) -> Bound | None:
        return self.matches(pattern.arguments[0], value, bound) if pattern.arguments else None

    def other(self, pattern: Call, value: Any, bound: Bound) -> Bound | None:
        return bound if self.matches(pattern.arguments[0], value, bound) is None else None

    def holds(self, condition: Any, bound: Bound) -> bool:
        """Whether a condition holds of what names stand for."""
        return self.evaluator.evaluate(condition, Scope(bound, self.scope)) is True


FORMS: dict[str, Callable[[Matcher, Call, Any, Bound], Bound | None]] = {
    "Blank": Matcher.blank,
    "Pattern": Matcher.named,
    "PatternTest": Matcher.tested,
    "Alternatives": Matcher.either,
    "Condition": Matcher.conditional,
    "HoldPattern": Matcher.within,
    "Optional": Matcher.within,
    "Except": Matcher.other,
}
"""How each form of pattern matches one value."""

BLANK = {*FORMS, *MANY} - {"Alternatives", "Condition"}


def unnamed(pattern: Any) -> tuple[Any, str | None]:
    """A pattern without its name, and the name."""
    if is_call(pattern, "Pattern") and len(pattern.arguments) == 2 and isinstance(pattern.arguments[0], Symbol):
        return pattern.arguments[1], pattern.arguments[0].name
    return pattern, None


def is_option(value: Any) -> bool:
    """Whether a value is a rule, or a list of them."""
    return is_call(value, "Rule", "RuleDelayed") or bool(is_call(value, "List") and pairs_of(value))


def calls_in(value: Any) -> Iterator[Call]:
    """Every call in an expression, once: one object may stand in billions of places."""
    seen: set[int] = set()
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, Call) and id(each) not in seen:
            seen.add(id(each))
            yield each
            stack.extend(reversed(each.arguments))
            stack.append(each.head)


def has_pattern(value: Any) -> bool:
    """Whether an expression holds a pattern."""
    return any(each.name in BLANK for each in calls_in(value))


COMPARED = 100_000
"""The most parts that two values are compared by."""


def same_value(one: Any, other: Any, budget: list[int] | None = None) -> bool:
    """Whether two values are one; 1 and 1. are two, and a net is the net that it equals."""
    if one is other:
        return True
    budget = [COMPARED] if budget is None else budget
    budget[0] -= 1
    if budget[0] < 0:
        raise NetError(f"values of more than {COMPARED:,} parts are compared")
    if isinstance(one, Call) and isinstance(other, Call):
        if len(one.arguments) != len(other.arguments) or not same_value(one.head, other.head, budget):
            return False
        return all(same_value(a, b, budget) for a, b in zip(one.arguments, other.arguments, strict=True))
    if isinstance(one, (Call, Symbol)) or isinstance(other, (Call, Symbol)):
        return one is other
    return (
        type(one) is type(other)
        and isinstance(one, (int, float, str, Fraction, np.ndarray, Layer))
        and same(one, other)
    )


def matched(evaluator: Evaluator, name: str, definition: Definition, arguments: list) -> Scope | None:
    """The scope in which a definition is evaluated, if it matches."""
    matcher = Matcher(evaluator, definition.scope)
    for bound in matcher.sequences(definition.patterns, tuple(arguments), {}):
        if definition.condition is None or matcher.holds(definition.condition, bound):
            given = [each for each in arguments if is_option(each)]
            return Scope({**bound, "?": (name, bound.get("?", tuple(given)))}, definition.scope)
    return None


Evaluator.matched = matched  # type: ignore[assignment, method-assign]
