"""Evaluated Wolfram values as what wlnet's constructors take: tuples, dicts, spans, ports, functions."""

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.core import symbols
from wlnet.core.distributions import DISTRIBUTIONS
from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS
from wlnet.core.shared import NetArray
from wlnet.core.symbolic import Operand
from wlnet.core.symbols import Alternatives, NetPort, Quantity, Restricted, Scaled, Span, Symbol, TwoWayRule
from wlnet.formats.wolfram.arithmetic import number
from wlnet.formats.wolfram.evaluate import NUMBERS, Closure, Evaluator, Unheld, parameters
from wlnet.formats.wolfram.expressions import Call, is_call
from wlnet.formats.wolfram.patterns import calls_in, unnamed
from wlnet.formats.wolfram.scalar_functions import default_names, slots_of

KNOWN = {name for name, value in vars(symbols).items() if type(value) is Symbol} | {
    "Max", "Min", "Left", "Right", "Center", "Black", "White", "Real", "Integer", "String", "Null",
}  # fmt: skip
"""Symbols that are settings."""

CONSTANTS = {"None": None, "Null": None, "True": True, "False": False}


def python(evaluator: Evaluator, value: Any) -> Any:
    """The setting that a value says; Unheld names the first symbol without a value."""
    if isinstance(value, Symbol):
        return setting(evaluator, value)
    if isinstance(value, Closure) and value.expression.name == "Delayed":
        return python(evaluator, evaluator.evaluate(value.expression.arguments[0], value.scope))
    if isinstance(value, Closure):
        return python_function(evaluator, value)
    if not isinstance(value, Call):
        return number(value)
    if value.name in READERS:
        return READERS[value.name](evaluator, value.arguments)
    if value.name in DISTRIBUTIONS:
        return DISTRIBUTIONS[value.name](*(python(evaluator, each) for each in value.arguments))
    if value.name in ("Composition", "RightComposition"):
        return python_function(evaluator, value)
    raise Unheld(unknown_in(value) or value.name or "Null")


def unknown_in(value: Any) -> str | None:
    """The first symbol in an expression that wlnet does not know."""
    if isinstance(value, Symbol):
        return None if is_known(value) else value.name
    for each in calls_in(value):
        if each.name and each.name not in READERS and each.name not in FAMILIAR:
            return each.name
        unknown = next((part for part in each.arguments if isinstance(part, Symbol) and not is_known(part)), None)
        if unknown is not None:
            return unknown.name
    return None


def is_known(symbol: Symbol) -> bool:
    """Whether a symbol means something without a value: a function, a setting, something that can be called."""
    name = symbol.name
    return name in HEADS or name in KNOWN or name in CONSTANTS or name in FAMILIAR


FAMILIAR = {*Evaluator.functions, *Evaluator.held, *DISTRIBUTIONS, "Composition", "RightComposition", "Missing", "Key"}
"""Calls that say nothing of a symbol without value."""


def setting(evaluator: Evaluator, symbol: Symbol) -> Any:
    """A symbol as a setting: a head, True, Automatic, a function of the text."""
    if symbol.name in evaluator.rules:
        return python_function(evaluator, symbol)
    if symbol.name in CONSTANTS:
        return CONSTANTS[symbol.name]
    if symbol.name in HEADS:
        return HEADS[symbol.name]
    if symbol.name in KNOWN:
        return symbol
    raise Unheld(symbol.name)


def values(evaluator: Evaluator, arguments: tuple) -> tuple:
    """Several settings."""
    return tuple(python(evaluator, each) for each in arguments)


def a_list(evaluator: Evaluator, arguments: tuple) -> Any:
    """A list is a tuple; a list of rules is a dict."""
    if all(type(each) in NUMBERS for each in arguments):
        return arguments
    evaluator.spend(len(arguments))
    if arguments and all(is_call(each, "Rule", "RuleDelayed") for each in arguments):
        return a_dict(evaluator, arguments)
    return values(evaluator, arguments)


def a_dict(evaluator: Evaluator, arguments: tuple) -> dict:
    """Rules as a dict."""
    found = {}
    for each in arguments:
        if not is_call(each, "Rule", "RuleDelayed") or len(each.arguments) != 2:
            raise NetError("an association holds rules, key -> value", got=each)
        key, value = values(evaluator, each.arguments)
        try:
            found[key] = value
        except TypeError:
            raise NetError("a key of an association is a text, a number or a list of these", got=key) from None
    return found


def a_span(evaluator: Evaluator, arguments: tuple) -> Span:
    """first;;last;;step."""
    ends: list[Any] = [symbols.All if each == math.inf else each for each in values(evaluator, arguments)]
    if not 2 <= len(ends) <= 3 or not all(type(each) is int or each is symbols.All for each in ends):
        raise NetError("a span is first;;last, of whole numbers", got=ends)
    return Span(*ends)


def a_port(evaluator: Evaluator, arguments: tuple) -> NetPort:
    return NetPort(*values(evaluator, arguments))


def a_net_array(evaluator: Evaluator, arguments: tuple) -> NetArray:
    """NetArray["name"], NetArray["Name" -> …, "Array" -> …, "Dimensions" -> …], NetArray[<|…|>]."""
    found = [a_dict(evaluator, (each,)) if is_call(each, "Rule") else python(evaluator, each) for each in arguments]
    named: dict[str, Any] = {}
    for each in found:
        named |= each if isinstance(each, dict) else {"Name": each}
    return NetArray({str(key): value for key, value in named.items()})


def an_array(evaluator: Evaluator, arguments: tuple) -> np.ndarray:
    """NumericArray[numbers, type]."""
    kinds = {"Real32": np.float32, "Real64": np.float64, "UnsignedInteger8": np.uint8, "Integer64": np.int64}
    found = values(evaluator, arguments)
    kind = found[1] if len(found) == 2 else "Real64"
    try:
        return np.asarray(found[0], kinds.get(str(kind), np.float64))
    except (ValueError, TypeError, OverflowError, IndexError):
        raise NetError("NumericArray takes numbers in rows of equal length, and their type") from None


def small(kind: Callable[..., Any], least: int, most: int) -> Callable[[Evaluator, tuple], Any]:
    """A small value of some parts."""

    def read(evaluator: Evaluator, arguments: tuple) -> Any:
        if not least <= len(arguments) <= most:
            raise NetError(f"{kind.__name__} takes {least} to {most} parts, got {len(arguments)}", got=len(arguments))
        return kind(*values(evaluator, arguments))

    return read


def anything(evaluator: Evaluator, arguments: tuple) -> Any:
    """_ in rules is anything, _LinearLayer a class of layers."""
    return "_" if not arguments else evaluator.apply(Symbol("LayerClass"), [arguments[0]])


READERS: dict[str, Callable[[Evaluator, tuple], Any]] = {
    "List": a_list, "Association": a_dict,
    "Rule": lambda evaluator, parts: a_dict(evaluator, (Call(Symbol("Rule"), parts),)),
    "Span": a_span, "NetPort": a_port, "NetArray": a_net_array, "NetSharedArray": a_net_array, "NumericArray": an_array,
    "RawArray": lambda evaluator, parts: an_array(evaluator, tuple(reversed(parts))),
    "Scaled": small(Scaled, 1, 1), "Restricted": small(Restricted, 2, 2), "Quantity": small(Quantity, 2, 2),
    "TwoWayRule": small(TwoWayRule, 2, 2), "UndirectedEdge": small(TwoWayRule, 2, 2),
    "Alternatives": lambda evaluator, parts: Alternatives(*values(evaluator, parts)), "Blank": anything,
    "DirectedInfinity": lambda evaluator, parts: math.inf if parts != (-1,) else -math.inf,
}  # fmt: skip
"""The calls that are settings."""


# --- functions --------------------------------------------------------------------------------------------------------


def names_of(evaluator: Evaluator, function: Any) -> tuple[tuple[str, ...], bool]:
    """The names of a function's parameters, and whether it takes them by name."""
    if isinstance(function, Symbol):
        patterns = evaluator.rules[function.name][-1].patterns
        named = [unnamed(each.arguments[0] if is_call(each, "Optional") else each)[1] for each in patterns]
        return tuple(name or f"x{k}" for k, name in enumerate(named, start=1)), False
    if not isinstance(function, Closure):
        return ("x",), False
    parts = function.expression.arguments
    if len(parts) > 1 and parts[0] is not Symbol("Null"):
        return tuple(each.name for each in parameters(parts[0])), False
    slots = slots_of(parts[-1] if len(parts) == 1 else parts[1])
    return slots, slots != default_names(len(slots))


def python_function(evaluator: Evaluator, function: Any) -> Callable[..., Any]:
    """A Python function of a function of the text: what layers of functions record."""
    names, by_name = names_of(evaluator, function)
    wrong = next((name for name in names if not name.isidentifier()), None)
    if wrong is not None or len(set(names)) < len(names):
        raise NetError(f"the parameters of a function are names, each once, not {', '.join(names)}", got=names)

    def recorded(*arguments: Any) -> Any:
        given = [dict(zip(names, arguments, strict=True))] if by_name else list(arguments)
        return result_of(evaluator, evaluator.apply(function, given))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    recorded.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])  # type: ignore[attr-defined]
    return recorded


def result_of(evaluator: Evaluator, value: Any) -> Any:
    """What a function gives: a recorded value, a number, several in a list, or by name."""
    if isinstance(value, Operand):
        return value
    if isinstance(value, Call) and value.name not in READERS and value.name not in DISTRIBUTIONS:
        raise Unheld(unknown_in(value) or value.name)
    return python(evaluator, value)


__all__ = ["python", "python_function", "unknown_in"]
