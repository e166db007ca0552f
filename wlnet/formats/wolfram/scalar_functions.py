"""Scalar functions in a net's tree: ScalarFunctionObject[…], pure functions, heads, as expressions of wlnet.

ScalarFunctionObject[{ScalarSymbol[1], …}, result, <|ScalarSymbol[k] -> {"Name", arguments…}, …|>] has the form of an
Expression: parameters, steps, a result.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.expressions import Expression, Ref, checked_expression
from wlnet.core.heads import ALIASES, HEADS
from wlnet.core.refuse import brief
from wlnet.core.symbols import Symbol
from wlnet.core.tracing import Symbolic, expression_of
from wlnet.formats.wolfram.expressions import Call, association, call, is_call, is_symbol, listed, pairs_of
from wlnet.formats.wolfram.source_text import source_text

LONG = {
    "ELU": "ExponentialLinearUnit",
    "SELU": "ScaledExponentialLinearUnit",
    "GELU": "GaussianErrorLinearUnit",
}
"""The names by which Wolfram keeps functions that have several."""

NUMBERS = {"Pi": math.pi, "E": math.e, "Infinity": math.inf, "Degree": math.pi / 180, "GoldenRatio": (1 + 5**0.5) / 2,
           "True": True, "False": False, "EulerGamma": 0.5772156649015329, "Indeterminate": math.nan}  # fmt: skip

MOST = 20_000
"""The most steps of one function; more is no function of a net."""


def function_object(function: Expression) -> Call:
    """The ScalarFunctionObject of an expression.

    >>> from wlnet.core.tracing import expression
    >>> from wlnet.formats.wolfram.source_text import source_text
    >>> source_text(function_object(expression(lambda x: x + 1)))
    'ScalarFunctionObject[{ScalarSymbol[1]}, ScalarSymbol[2], <|ScalarSymbol[2] -> {"Plus", ScalarSymbol[1], 1}|>]'
    """
    count = len(function.parameters)
    steps = (
        (symbol(count + k), listed([LONG.get(head, head), *map(argument, arguments)]))
        for k, (head, arguments) in enumerate(function.steps)
    )
    return call(
        "ScalarFunctionObject", listed(map(symbol, range(count))), argument(function.result), association(steps)
    )


def symbol(at: int) -> Call:
    """The value at a place of an expression, which counts from 0."""
    return call("ScalarSymbol", at + 1)


def argument(value: Any) -> Any:
    """An argument of a step."""
    if isinstance(value, Ref):
        return symbol(value.at)
    if isinstance(value, tuple):
        return listed(map(argument, value))
    if isinstance(value, bool):
        return Symbol(str(value))
    if isinstance(value, float) and not math.isfinite(value):
        return Symbol("Indeterminate") if math.isnan(value) else call("DirectedInfinity", 1 if value > 0 else -1)
    return value


def default_names(count: int) -> tuple[str, ...]:
    """What the parameters of a function are called that does not say it."""
    return ("x",) if count == 1 else tuple(f"x{k}" for k in range(1, count + 1))


# --- reading ----------------------------------------------------------------------------------------------------------


def recorded(expression: Any, names: tuple[str, ...] | None = None) -> Any:
    """The function that an expression says: the name of a head, or an Expression; its parameters get these names."""
    if is_call(expression, "ValidatedParameter") and expression.arguments:
        return recorded(expression.arguments[0], names)
    if isinstance(expression, (str, Symbol)):
        return head_named(expression if isinstance(expression, str) else expression.name)
    try:
        if is_call(expression, "ScalarFunctionObject"):
            return from_object(expression, names)
        if is_call(expression, "Function") and expression.arguments:
            return from_function(expression, names)
    except ValueError as error:
        raise NetError(f"a scalar function is damaged: {error}") from None
    raise NetError(f"{brief(source_text(expression))} is no scalar function", got=source_text(expression)[:99])


def head_named(name: str) -> str:
    """The head of a name, by any of its names."""
    known = ALIASES.get(name, name)
    if known not in HEADS:
        raise NetError(f"{brief(name)} is no scalar function that wlnet has", got=name)
    return known


def from_object(expression: Call, names: tuple[str, ...] | None) -> Expression:
    """A ScalarFunctionObject as an expression."""
    if len(expression.arguments) != 3 or not is_call(expression.arguments[0], "List"):
        raise ValueError("a ScalarFunctionObject has symbols, a result and steps")
    symbols, result, steps = expression.arguments
    pairs = pairs_of(steps)
    if pairs is None:
        raise ValueError("its steps are no association")
    order = [*symbols.arguments, *(key for key, _ in pairs)]
    places = {source_text(each): at for at, each in enumerate(order)}
    if len(places) < len(order):
        raise ValueError("it has a symbol twice")

    def value(each: Any) -> Any:
        if is_call(each, "ScalarSymbol"):
            if source_text(each) not in places:
                raise ValueError(f"it reads {source_text(each)}, which it does not have")
            return Ref(places[source_text(each)])
        return tuple(map(value, each.arguments)) if is_call(each, "List") else constant(each)

    made = []
    for _, step in pairs:
        if not is_call(step, "List") or not step.arguments:
            raise ValueError("a step is a function and its arguments")
        name, *arguments = step.arguments
        made.append((head_named(name.name if isinstance(name, Symbol) else str(name)), tuple(map(value, arguments))))
    parameters = names if names is not None else default_names(len(symbols.arguments))
    if len(parameters) != len(symbols.arguments):
        raise ValueError(f"it takes {len(symbols.arguments)} numbers, not {len(parameters)}")
    return checked_expression(tuple(parameters), tuple(made), value(result))


def constant(value: Any) -> Any:
    """A number of a function."""
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Symbol) and value.name in NUMBERS:
        return NUMBERS[value.name]
    if is_call(value, "DirectedInfinity") and value.arguments in ((1,), (-1,)):
        return value.arguments[0] * math.inf
    raise ValueError(f"{source_text(value)[:99]} is no number")


def from_function(expression: Call, names: tuple[str, ...] | None) -> Expression:
    """A pure function: Function[body] of slots, Function[x, body] or Function[{x, …}, body]."""
    body = expression.arguments[-1]
    written: tuple[str, ...] = ()
    if len(expression.arguments) > 1:
        given = expression.arguments[0]
        listing = given.arguments if is_call(given, "List") else (given,)
        if not all(isinstance(each, (str, Symbol)) for each in listing):
            raise ValueError("its parameters are no names")
        written = tuple(each.name if isinstance(each, Symbol) else each for each in listing)
        if is_call(body, "ScalarFunctionObject"):
            return from_object(body, names or written)
    else:
        written = slots_of(body)
    if names is not None and len(names) != len(written):
        raise ValueError(f"it takes {len(written)} numbers, not {len(names)}")
    called = tuple(names or written)
    if not all(name.isidentifier() for name in called) or len(set(called)) < len(called):
        raise ValueError("its parameters are no names")
    symbols = [Symbolic(name) for name in called]
    tape = Reading(dict(zip(written, symbols, strict=True)))
    return expression_of(tape.value(body), called, symbols)


def slots_of(body: Any) -> tuple[str, ...]:
    """The names of the parameters of a pure function: x1, x2, … of #1, #2, …, or the names of named slots."""
    counts, stack = [1], [body]
    named: dict[str, None] = {}
    seen = 0
    while stack:
        each, seen = stack.pop(), seen + 1
        if seen > MOST:
            raise ValueError(f"it has more than {MOST:,} steps")
        if is_call(each, "Slot") and len(each.arguments) == 1:
            slot = each.arguments[0]
            if isinstance(slot, str):
                named[slot] = None
            elif isinstance(slot, int) and 1 <= slot <= 99:
                counts.append(slot)
        elif isinstance(each, Call):
            stack.extend(reversed(each.arguments))
    return tuple(named) or default_names(max(counts))


class Reading:
    """The body of a pure function, applied to symbolic ports."""

    def __init__(self, known: dict[str, Any]):
        self.known, self.steps = known, 0

    def value(self, body: Any) -> Any:
        """What a part of the body is."""
        self.steps += 1
        if self.steps > MOST:
            raise ValueError(f"it has more than {MOST:,} steps")
        if is_call(body, "Slot"):
            return self.slot(body)
        if isinstance(body, Symbol) and body.name in self.known:
            return self.known[body.name]
        if not isinstance(body, Call) or is_call(body, "DirectedInfinity"):
            return constant(body)
        if is_call(body, "List"):
            return tuple(map(self.value, body.arguments))
        if is_call(body, "Piecewise"):
            return self.piecewise(body)
        name = body.head if isinstance(body.head, str) else body.name
        arguments = tuple(map(self.value, body.arguments))
        if name == "Power" and len(arguments) == 2 and is_symbol(body.arguments[0], "E"):
            return HEADS["Exp"](arguments[1])
        head: Callable = HEADS[head_named(name)]
        return head(*arguments)

    def slot(self, body: Call) -> Any:
        """A parameter by number or name."""
        slot = body.arguments[0] if body.arguments else 1
        if isinstance(slot, str) and slot in self.known:
            return self.known[slot]
        if isinstance(slot, int) and 1 <= slot <= len(self.known):
            return list(self.known.values())[slot - 1]
        raise ValueError(f"it has no parameter {slot}")

    def piecewise(self, body: Call) -> Any:
        """Piecewise[{{value, condition}, …}, default] as Which."""
        cases = body.arguments[0].arguments if body.arguments and is_call(body.arguments[0], "List") else ()
        if not cases or not all(is_call(each, "List") and len(each.arguments) == 2 for each in cases):
            raise ValueError("a Piecewise has pairs of a value and a condition")
        pairs = [(self.value(condition), self.value(value)) for value, condition in (c.arguments for c in cases)]
        default = self.value(body.arguments[1]) if len(body.arguments) > 1 else 0
        return HEADS["Which"](*(part for pair in pairs for part in pair), True, default)


__all__ = ["default_names", "function_object", "recorded"]
