"""Branches and loops."""

from collections.abc import Iterator
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS
from wlnet.core.symbolic import Operand
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.arithmetic import number
from wlnet.formats.wolfram.control import two
from wlnet.formats.wolfram.evaluate import Evaluator, Leave, Scope, Unheld, provides_held
from wlnet.formats.wolfram.expressions import Call, call, is_call, listed
from wlnet.formats.wolfram.patterns import Matcher, calls_in

NULL = Symbol("Null")
LOOPS = 100_000
"""The most turns of a loop."""


@provides_held("If")
def choose(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    """If[condition, then, else]; of a value of a net, both are computed."""
    if not 2 <= len(parts) <= 4:
        raise NetError(f"If takes 2 to 4 arguments, got {len(parts)}", got=len(parts))
    condition = evaluator.evaluate(parts[0], scope)
    if isinstance(condition, Operand) and len(parts) == 3:
        return HEADS["If"](condition, *(number(each) for each in evaluator.arguments(parts[1:], scope)))
    if condition is True or condition is Symbol("True"):
        return evaluator.evaluate(parts[1], scope)
    if condition is False or condition is Symbol("False"):
        return evaluator.evaluate(parts[2], scope) if len(parts) > 2 else NULL
    if len(parts) == 4:
        return evaluator.evaluate(parts[3], scope)
    raise undecided(condition, "If")


def undecided(condition: Any, head: str) -> Exception:
    """A condition that is neither true nor false: for want of a value, or for good."""
    symbol = first_symbol(condition)
    if symbol is not None:
        return Unheld(symbol)
    return NetError(f"{head}: a condition is neither True nor False", got=condition)


def first_symbol(value: Any) -> str | None:
    """The first symbol in an expression that is no head of a call."""
    if isinstance(value, Symbol):
        return value.name
    calls = list(calls_in(value))
    named = (part.name for each in calls for part in each.arguments if isinstance(part, Symbol))
    return next(named, calls[0].name or None if calls else None)


@provides_held("Which")
def which(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    if len(parts) % 2:
        raise NetError(f"Which takes pairs of a condition and a value, got {len(parts)} arguments", got=len(parts))
    for at in range(0, len(parts), 2):
        condition = evaluator.evaluate(parts[at], scope)
        if isinstance(condition, Operand):
            return HEADS["Which"](condition, *(number(each) for each in evaluator.arguments(parts[at + 1 :], scope)))
        if condition is True:
            return evaluator.evaluate(parts[at + 1], scope)
        if condition is not False:
            raise undecided(condition, "Which")
    return NULL


@provides_held("Switch")
def switch(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    if not len(parts) % 2:
        raise NetError(f"Switch takes a value and pairs of a pattern and a value, got {len(parts)} arguments")
    value, matcher = evaluator.evaluate(parts[0], scope), Matcher(evaluator, scope)
    for pattern, then in zip(parts[1::2], parts[2::2], strict=True):
        bound = matcher.matches(evaluated_pattern(evaluator, pattern, scope), value, {})
        if bound is not None:
            return evaluator.evaluate(then, Scope(bound, scope))
    symbol = first_symbol(value)
    if symbol is not None:
        raise Unheld(symbol)
    raise NetError("Switch: no pattern matches the value", got=value, hint="end it with _, value")


def evaluated_pattern(evaluator: Evaluator, pattern: Any, scope: Scope) -> Any:
    """A pattern, in which symbols have their values."""
    return evaluator.evaluate(pattern, scope) if isinstance(pattern, (Symbol, Call)) else pattern


STAYING = (
    "Pattern",
    "Optional",
    "PatternTest",
    "Condition",
    "HoldPattern",
    "Hold",
    "HoldForm",
    "Repeated",
    "RepeatedNull",
    "MessageName",
)
"""Forms that stay as they are written."""


def staying(head: str) -> Any:
    """A form that stays as it is."""
    return lambda evaluator, parts, scope: Call(Symbol(head), parts)


Evaluator.held.update({name: staying(name) for name in STAYING})


@provides_held("And")
def both(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    return logical(evaluator, parts, scope, "And", False)


@provides_held("Or")
def either(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    return logical(evaluator, parts, scope, "Or", True)


def logical(evaluator: Evaluator, parts: tuple, scope: Scope, head: str, ends: bool) -> Any:
    """And, Or: up to the first that decides; of values of a net, all."""
    left = []
    for each in parts:
        value = evaluator.evaluate(each, scope)
        if value is ends:
            return ends
        if value is not (not ends):
            left.append(value)
    if any(isinstance(each, Operand) for each in left):
        return HEADS[head](*left)
    return Call(Symbol(head), tuple(left)) if left else not ends


@provides_held("Return")
def leave(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    raise Leave(evaluator.evaluate(parts[0], scope) if parts else NULL)


# --- loops ------------------------------------------------------------------------------------------------------------


@provides_held("Table")
def table(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    if len(parts) < 2:
        raise NetError(f"Table takes an expression and iterators, got {len(parts)} arguments", got=len(parts))
    found: list[Any] = []
    for inner in turns(evaluator, parts[1], scope):
        value = (
            table(evaluator, (parts[0], *parts[2:]), inner) if len(parts) > 2 else evaluator.evaluate(parts[0], inner)
        )
        found.extend(value.arguments if is_call(value, "Sequence") else [value])
    return listed(each for each in found if each is not Symbol("Nothing"))


@provides_held("Do")
def do(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    if len(parts) < 2:
        raise NetError(f"Do takes an expression and iterators, got {len(parts)} arguments", got=len(parts))
    for inner in turns(evaluator, parts[1], scope):
        if len(parts) > 2:
            do(evaluator, (parts[0], *parts[2:]), inner)
        else:
            evaluator.evaluate(parts[0], inner)
    return NULL


@provides_held("While")
def repeat(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    condition, body = (*parts, NULL)[:2] if len(parts) == 1 else two(parts, "While")
    while evaluator.evaluate(condition, scope) is True:
        evaluator.spend()
        evaluator.evaluate(body, scope)
    return NULL


@provides_held("For")
def count_up(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    if len(parts) != 4:
        raise NetError(f"For takes 4 arguments, got {len(parts)}", got=len(parts))
    evaluator.evaluate(parts[0], scope)
    return repeat(evaluator, (parts[1], call("CompoundExpression", parts[3], parts[2])), scope)


def turns(evaluator: Evaluator, iterator: Any, scope: Scope) -> Iterator[Scope]:
    """The scopes of the turns of a loop: n, {n}, {i, n}, {i, first, last, step}, {i, list}."""
    parts = iterator.arguments if is_call(iterator, "List") else (iterator,)
    named = len(parts) > 1
    if not parts or (named and not isinstance(parts[0], Symbol)):
        raise NetError("an iterator is {name, last}, {name, first, last, step} or {name, list}", got=iterator)
    bounds = evaluator.arguments(parts[1:] if named else parts, scope)
    if named and len(bounds) == 1 and is_call(bounds[0], "List"):
        values = list(bounds[0].arguments)
    else:
        values = counted(evaluator, bounds, "an iterator")
    for value in values:
        yield Scope({parts[0].name: value} if named else {}, scope)


def counted(evaluator: Evaluator, bounds: list, where: str) -> list:
    """The numbers from first to last by a step."""
    for each in bounds:
        if isinstance(each, bool) or not hasattr(each, "__round__"):
            symbol = first_symbol(each)
            raise Unheld(symbol) if symbol else NetError(f"{where} takes numbers", got=each)
    first, last, step = (1, *bounds, 1) if len(bounds) == 1 else (*bounds, 1) if len(bounds) == 2 else bounds
    if not step:
        raise NetError(f"{where} has a step of 0", got=step)
    size = (last - first) / step
    if not size < LOOPS:
        raise NetError(f"{where} takes more than {LOOPS:,} turns", got=last)
    count = max(0, int(size // 1) + 1)
    evaluator.spend(count)
    return [first + k * step for k in range(count)]
