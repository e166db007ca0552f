"""Questions about values: IntegerQ, StringQ, ListQ, Head and their kin."""

from collections.abc import Callable
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.arithmetic import is_number
from wlnet.formats.wolfram.evaluate import INERT, Evaluator, provides_function
from wlnet.formats.wolfram.expressions import is_call
from wlnet.formats.wolfram.patterns import head_of

QUESTIONS: dict[str, Callable[[Any], bool]] = {
    "IntegerQ": lambda value: type(value) is int,
    "NumberQ": is_number,
    "NumericQ": is_number,
    "RealQ": is_number,
    "StringQ": lambda value: isinstance(value, str),
    "ListQ": lambda value: is_call(value, "List"),
    "VectorQ": lambda value: is_call(value, "List") and not any(is_call(each, "List") for each in value.arguments),
    "AssociationQ": lambda value: is_call(value, "Association"),
    "BooleanQ": lambda value: isinstance(value, bool),
    "TrueQ": lambda value: value is True,
    "AtomQ": lambda value: head_of(value) in ("Integer", "Real", "String", "Symbol", "Rational"),
    "MissingQ": lambda value: is_call(value, "Missing"),
}
"""Tests of one value."""


def asking(name: str) -> Callable[[Evaluator, list], Any]:
    """A test as a function of the evaluator."""

    def ask(evaluator: Evaluator, arguments: list) -> Any:
        if not arguments:
            raise NetError(f"{name} takes a value, got none", got=0)
        return QUESTIONS[name](arguments[0])

    return ask


Evaluator.functions.update({name: asking(name) for name in QUESTIONS})


@provides_function("Head")
def head(evaluator: Evaluator, arguments: list) -> Any:
    return Symbol(head_of(arguments[0])) if arguments else INERT


@provides_function("NetQ")
def is_net(evaluator: Evaluator, arguments: list) -> Any:
    return bool(arguments) and isinstance(arguments[0], Layer)


@provides_function("Identity")
def identity(evaluator: Evaluator, arguments: list) -> Any:
    return arguments[0] if len(arguments) == 1 else INERT


@provides_function("Evaluate", "Quiet", "ReleaseHold", "Echo")
def itself(evaluator: Evaluator, arguments: list) -> Any:
    return arguments[0] if arguments else INERT
