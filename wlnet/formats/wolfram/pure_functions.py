"""Scalar functions as Wolfram's pure functions: Function[x, body]."""

import re
from typing import Any

from wlnet.core.distributions import DistributionFunction
from wlnet.core.errors import NetError
from wlnet.core.expressions import Expression, Ref
from wlnet.core.heads import HEADS
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.expressions import Call, call, listed

Place = tuple


def function(value: Expression, place: Place) -> Call:
    """Function[x, body], Function[{x, y}, body]."""
    names = list(map(Symbol, checked_names(value.parameters, place)))
    return call("Function", names[0] if len(names) == 1 else listed(names), body_of(value, place))


def checked_names(names: tuple[str, ...], place: Place) -> tuple[str, ...]:
    """The parameters of a function, if Wolfram can name its own so."""
    for name in names:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name) or name in HEADS or name in ("E", "Pi", "N", "I"):
            raise NetError(f"{name} is no name of a parameter in Wolfram text", path=place, got=name, hint="rename it")
    return names


def body_of(value: Expression, place: Place) -> Any:
    """The body of a function; a value that is read more than once gets a name by With."""
    count, reads = len(value.parameters), [0] * (len(value.parameters) + len(value.steps))
    for _, arguments in [*value.steps, ("", (value.result,))]:
        for each in refs(arguments):
            reads[each.at] += 1
    known: list[Any] = list(map(Symbol, value.parameters))
    free = (f"t{k}" for k in range(1, len(reads) + 2))
    fresh = (name for name in free if name not in value.parameters)
    shared: list[tuple[Symbol, Any]] = []
    for at, (name, arguments) in enumerate(value.steps, start=count):
        known.append(call(name, *(operand(each, known) for each in arguments)))
        if reads[at] > 1:
            symbol = Symbol(next(fresh))
            shared.append((symbol, known[at]))
            known[at] = symbol
    body = operand(value.result, known)
    for symbol, step in reversed(shared):
        body = call("With", listed([call("Set", symbol, step)]), body)
    return body


def operand(value: Any, known: list) -> Any:
    """An argument of a step of a function."""
    if isinstance(value, Ref):
        return known[value.at]
    return listed(operand(each, known) for each in value) if isinstance(value, tuple) else constant(value)


def refs(arguments: tuple) -> list[Ref]:
    """The values that a step reads."""
    found: list[Ref] = []
    for each in arguments:
        found += refs(each) if isinstance(each, tuple) else [each] if isinstance(each, Ref) else []
    return found


def constant(value: Any) -> Any:
    """A number in a function, or a truth value."""
    return Symbol(str(value)) if isinstance(value, bool) else value


def distribution_function(value: DistributionFunction, place: Place) -> Call:
    """Function[{inputs}, Family[parameters]]."""
    bodies = [body_of(each, place) for each in value.parameters]
    return call("Function", listed(map(Symbol, checked_names(value.inputs, place))), call(value.family.name, *bodies))


__all__ = ["distribution_function", "function"]
