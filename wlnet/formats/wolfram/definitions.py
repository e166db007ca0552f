"""Definitions of a text as Python functions: f[x_, n_: 3, opts___] := net is f(x, n=3, **options)."""

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.heads import Head
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic, Span, Symbol
from wlnet.formats.wolfram.constructors import MAKERS
from wlnet.formats.wolfram.evaluate import Closure, Definition, Evaluator, Unheld
from wlnet.formats.wolfram.expressions import Call, association, call, is_call, listed
from wlnet.formats.wolfram.netverbs import VERBS
from wlnet.formats.wolfram.patterns import MANY, unnamed
from wlnet.formats.wolfram.settings import names_of, python

LAST = {"Module", "With", "Block", "CompoundExpression", "DynamicModule"}
BRANCHES = {"If": slice(1, 3), "Which": slice(1, None, 2), "Switch": slice(2, None, 2)}
WRAPPED = {"Return": 0, "Condition": 0, "Nest": 1, "Fold": 1, "Last": 0, "First": 0}


def makes_nets(evaluator: Evaluator, value: Any, seen: frozenset[str] = frozenset()) -> bool:
    """Whether what an expression gives is a net, as far as its form tells."""
    if isinstance(value, Symbol):
        return isinstance(evaluator.values.get(value.name), Layer)
    if not isinstance(value, Call) or not value.arguments:
        return isinstance(value, Layer) or (isinstance(value, Call) and makes_by_name(evaluator, value, seen))
    if value.name in LAST:
        inner = value.arguments[-1]
        if inner is Symbol("Null"):
            return False
        return makes_nets(evaluator, named_in(value, inner), seen)
    if value.name in BRANCHES:
        return any(makes_nets(evaluator, each, seen) for each in value.arguments[BRANCHES[value.name]])
    if value.name in WRAPPED:
        at = min(WRAPPED[value.name], len(value.arguments) - 1)
        return makes_nets(evaluator, value.arguments[at], seen)
    return makes_by_name(evaluator, value, seen)


def makes_by_name(evaluator: Evaluator, value: Call, seen: frozenset[str]) -> bool:
    """Whether a call is of a constructor, a verb of nets, or a definition that makes nets."""
    name = value.name
    if name in VERBS or name == "NetInitialize" or (name in MAKERS and name not in ("NetEncoder", "NetDecoder")):
        return name != "NetExtract"
    if name in evaluator.rules and name not in seen:
        return any(makes_nets(evaluator, each.body, seen | {name}) for each in evaluator.rules[name])
    return is_call(value.head, "Function") and makes_nets(evaluator, value.head.arguments[-1], seen)


def named_in(scope: Call, value: Any) -> Any:
    """What a name stands for that a scope sets before it gives it back."""
    if not isinstance(value, Symbol):
        return value
    found: list[Any] = []
    stack: list[Any] = list(scope.arguments)
    while stack:
        each = stack.pop()
        if is_call(each, "Set") and len(each.arguments) == 2 and each.arguments[0] is value:
            found.append(each.arguments[1])
        elif is_call(each, "List", *LAST):
            stack.extend(each.arguments)
    return found[0] if found else value


def function_of(evaluator: Evaluator, name: str) -> Callable[..., Any]:
    """The Python function of the definitions of a name."""
    definitions = evaluator.rules[name]
    signature = signature_of(evaluator, name, definitions)

    def function(*arguments: Any, **options: Any) -> Any:
        try:
            bound = signature.bind(*arguments, **options)
        except TypeError as error:
            raise NetError(f"{name}{signature}: {error}", got=arguments) from None
        given = [wolfram(each) for each in bound.args]
        rules = [call("Rule", key, wolfram(value)) for key, value in flat(bound.kwargs).items()]
        return evaluated(evaluator, name, given, rules)

    function.__name__ = function.__qualname__ = name
    function.__signature__ = signature  # type: ignore[attr-defined]
    function.__doc__ = f"The Wolfram definition of {name}."
    return function


def closure_function(evaluator: Evaluator, name: str, closure: Closure) -> Callable[..., Any]:
    """The Python function of a pure function that makes nets."""
    names, by_name = names_of(evaluator, closure)

    def function(*arguments: Any) -> Any:
        given = [dict(zip(names, arguments, strict=False))] if by_name else [wolfram(each) for each in arguments]
        if len(arguments) != len(names):
            raise NetError(f"{name} takes {len(names)} arguments, got {len(arguments)}", got=len(arguments))
        return guarded(evaluator, name, lambda: python_layers(evaluator, evaluator.apply(closure, given)))

    kind = inspect.Parameter.POSITIONAL_ONLY
    function.__name__ = function.__qualname__ = name
    function.__signature__ = inspect.Signature([inspect.Parameter(each, kind) for each in names])  # type: ignore[attr-defined]
    return function


def flat(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Options by name."""
    return {key.rstrip("_") if key.endswith("_") else key: value for key, value in options.items()}


def evaluated(evaluator: Evaluator, name: str, given: list, rules: list) -> Any:
    """What the definitions of a name make of values."""

    def value() -> Any:
        found = evaluator.apply(Symbol(name), [*given, *rules])
        if is_call(found, name):
            shown = ", ".join(map(brief, (python_or_text(evaluator, each) for each in given)))
            raise NetError(f"no definition of {name} takes ({shown})", got=name)
        return python_layers(evaluator, found)

    return guarded(evaluator, name, value)


def guarded(evaluator: Evaluator, name: str, value: Callable[[], Any]) -> Any:
    """What a function of the text gives, or a NetError that says what it lacks."""
    evaluator.steps = evaluator.depth = 0
    try:
        return value()
    except Unheld as unheld:
        what = f"{name} needs a value of {unheld.symbol}, which the text does not give"
        raise NetError(what, got=unheld.symbol) from None
    except (RecursionError, MemoryError) as error:
        raise NetError(f"{name} nests too deeply, or needs too much memory ({type(error).__name__})") from None


def python_or_text(evaluator: Evaluator, value: Any) -> Any:
    """A value for a message."""
    try:
        return python(evaluator, value)
    except (Unheld, NetError):
        return str(value)


def python_layers(evaluator: Evaluator, value: Any) -> Any:
    """A net as it is; a list of them as a list."""
    if is_call(value, "List"):
        return [python_layers(evaluator, each) for each in value.arguments]
    return python(evaluator, value)


def signature_of(evaluator: Evaluator, name: str, definitions: list[Definition]) -> inspect.Signature:
    """The signature of definitions: of the one with most arguments; those that others do without are optional."""
    longest = max(
        definitions, key=lambda each: (len(each.patterns), sum(bool(name_and_kind(p)[1]) for p in each.patterns))
    )
    kinds = inspect.Parameter
    found: list[inspect.Parameter] = []
    least = min(len(each.patterns) for each in definitions)
    options = evaluator.options.get(name, {})
    open_ended = False
    for at, pattern in enumerate(longest.patterns):
        inner, label = name_and_kind(pattern)
        if is_call(inner, *MANY):
            open_ended = True
            continue
        word = usable(label, at, [each.name for each in found])
        default = default_of(evaluator, inner) if is_call(inner, "Optional") else kinds.empty
        if default is kinds.empty and (at >= least or (found and found[-1].default is not kinds.empty)):
            default = Automatic
        found.append(inspect.Parameter(word, kinds.POSITIONAL_OR_KEYWORD, default=default))
    if open_ended:
        found += [
            inspect.Parameter(key, kinds.KEYWORD_ONLY, default=python_or_text(evaluator, value))
            for key, value in options.items()
            if key.isidentifier() and key not in [each.name for each in found]
        ]
        found.append(inspect.Parameter("options", kinds.VAR_KEYWORD))
    return inspect.Signature(found)


def name_and_kind(pattern: Any) -> tuple[Any, str | None]:
    """A pattern without its name, and the name, which an Optional holds inside."""
    inner, label = unnamed(pattern)
    while is_call(inner, "PatternTest", "Condition", "HoldPattern") and inner.arguments:
        inner, own = unnamed(inner.arguments[0])
        label = label or own
    if is_call(inner, "Optional"):
        label = label or name_and_kind(inner.arguments[0])[1]
    return inner, label


def usable(label: str | None, at: int, taken: list[str]) -> str:
    """A name for a parameter that Python takes."""
    word = label if label and label.isidentifier() and label not in taken else f"argument{at + 1}"
    return f"{word}_" if word in ("lambda", "in", "from", "is", "not", "if", "for", "class", "def", "options") else word


def default_of(evaluator: Evaluator, pattern: Call) -> Any:
    """The default of an argument, as Python has it."""
    value = pattern.arguments[1] if len(pattern.arguments) > 1 else 0
    try:
        return python(evaluator, evaluator.evaluate(value, evaluator.top))
    except (Unheld, NetError):
        return Automatic


# --- Python's values as Wolfram's -------------------------------------------------------------------------------------


def wolfram(value: Any) -> Any:
    """A Python argument of a definition as a value of the evaluator."""
    if value is None:
        return Symbol("None")
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, np.generic):
        return wolfram(value.item())
    if isinstance(value, (list, tuple)):
        return listed(map(wolfram, value))
    if isinstance(value, Mapping):
        return association((wolfram(key), wolfram(each)) for key, each in value.items())
    if isinstance(value, Head):
        return Symbol(value.name)
    if isinstance(value, Span):
        return call("Span", *map(wolfram, (value.start, value.stop, value.step)))
    if isinstance(value, float) and math.isinf(value):
        return value
    return value


__all__ = ["closure_function", "function_of", "makes_nets"]
