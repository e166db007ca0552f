"""What a text may do with nets beside making them: NetInitialize, surgery, parts, calls that are recorded."""

from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.shared import NetArray
from wlnet.core.symbolic import Operand
from wlnet.core.symbols import All, Automatic, Symbol
from wlnet.formats.wolfram.compress import expanded
from wlnet.formats.wolfram.constructors import options_in, vertex
from wlnet.formats.wolfram.evaluate import INERT, Evaluator, provides_function
from wlnet.formats.wolfram.expressions import Call, is_call, listed, pairs_of
from wlnet.formats.wolfram.lists import look_up
from wlnet.formats.wolfram.mapping import FIRST, OPERATOR_FORMS
from wlnet.formats.wolfram.patterns import has_pattern
from wlnet.formats.wolfram.settings import python
from wlnet.formats.wolfram.tree import is_stored_form, read_tree
from wlnet.verbs.exchange import NetReplace
from wlnet.verbs.extract import NetExtract
from wlnet.verbs.flatten import NetFlatten
from wlnet.verbs.information import Information
from wlnet.verbs.initialize import NetInitialize
from wlnet.verbs.joining import NetAppend, NetJoin, NetPrepend
from wlnet.verbs.renaming import NetRename
from wlnet.verbs.replace import NetReplacePart
from wlnet.verbs.sharing import NetInsertSharedArrays
from wlnet.verbs.surgery import NetDelete, NetInsert, Normal
from wlnet.verbs.taking import NetDrop, NetTake
from wlnet.verbs.unfold import NetUnfold

MOST = 2**28
"""The most numbers that NetInitialize in a text makes."""

VERBS: dict[str, Callable[..., Any]] = {
    "NetReplacePart": NetReplacePart, "NetReplace": NetReplace, "NetAppend": NetAppend, "NetPrepend": NetPrepend,
    "NetJoin": NetJoin,
    "NetTake": NetTake, "NetDrop": NetDrop, "NetDelete": NetDelete, "NetInsert": NetInsert, "NetRename": NetRename,
    "NetFlatten": NetFlatten, "NetExtract": NetExtract, "NetUnfold": NetUnfold,
    "NetInsertSharedArrays": NetInsertSharedArrays,
}  # fmt: skip
"""Verbs of nets, which take their arguments as wlnet's do."""

OPTIONED = {"NetAppend", "NetPrepend", "NetJoin", "NetTake", "NetDrop"}
ADDING = {"NetAppend", "NetPrepend", "NetInsert"}
"""Verbs whose second argument is layers."""


def verb(name: str) -> Callable[[Evaluator, list], Any]:
    """A verb of nets as a function of the evaluator."""

    def function(evaluator: Evaluator, arguments: list) -> Any:
        if not arguments or (len(arguments) == 1 and not isinstance(arguments[0], Layer) and name in OPERATOR_FORMS):
            return INERT
        named: dict[str, Any] = {}
        if name in OPTIONED:
            first, rest = arguments[:2], arguments[2:]
            rest, named = options_in(evaluator, rest)
            arguments = [*first, *rest]
        given = [python(evaluator, arguments[0])]
        for at, each in enumerate(arguments[1:]):
            given.append(
                rules(evaluator, each)
                if name == "NetReplace"
                else added(evaluator, each)
                if name in ADDING and not at
                else python(evaluator, each)
            )
        return VERBS[name](*given, **named)

    return function


def added(evaluator: Evaluator, value: Any) -> Any:
    """What NetAppend adds: a layer, several, or named ones as a dict."""
    pairs = pairs_of(listed([value])) or pairs_of(value)
    if pairs:
        return {python(evaluator, key): vertex(evaluator, each) for key, each in pairs}
    return vertex(evaluator, value)


def rules(evaluator: Evaluator, value: Any) -> Any:
    """The rules of NetReplace: from layers and classes of layers to what stands for a layer."""
    pairs = pairs_of(listed([value])) or pairs_of(value) or []
    return [(python(evaluator, key), vertex(evaluator, each)) for key, each in pairs]


Evaluator.functions.update({name: verb(name) for name in VERBS})


@provides_function("NetInitialize")
def initialize(evaluator: Evaluator, arguments: list) -> Any:
    """NetInitialize[net], with the sizes that a text may ask for."""
    positional, named = options_in(evaluator, arguments)
    given = [python(evaluator, each) for each in positional]
    if given and isinstance(given[0], Layer):
        count = Information(given[0], "ArraysTotalElementCount")
        if count is not Automatic and count > MOST:
            raise NetError(f"NetInitialize in a text makes at most {MOST:,} numbers, not {count:,}", got=count)
    return NetInitialize(*given, **named)


@provides_function("Normal")
def normal(evaluator: Evaluator, arguments: list) -> Any:
    """The layers of a net as a list or association; an association as rules."""
    value: Any = arguments[0] if arguments else None
    if is_call(value, "Association"):
        return listed(value.arguments)
    if not isinstance(value, Layer):
        return value if len(arguments) == 1 else INERT
    found = Normal(value)
    if isinstance(found, dict):
        return Call(Symbol("Association"), tuple(Call(Symbol("Rule"), pair) for pair in found.items()))
    return listed(found)


@provides_function("Uncompress")
def uncompress(evaluator: Evaluator, arguments: list) -> Any:
    """What a Compress string holds; arrays, as Export writes them."""
    if len(arguments) != 1 or not isinstance(arguments[0], str):
        return INERT
    found = expanded(arguments[0])
    return found if isinstance(found, np.ndarray) else evaluator.evaluate(found, evaluator.top)


# --- values that are applied ------------------------------------------------------------------------------------------


def apply_value(evaluator: Evaluator, head: Any, arguments: list) -> Any:
    """A value applied to others: an association, an operator form, a net in a function that is recorded."""
    if head is Symbol("Part"):
        return part_of(evaluator, arguments[0], arguments[1:])
    if isinstance(head, Layer):
        if any(isinstance(each, Operand) for each in arguments):
            return head(*arguments)
        raise NetError("a net is applied to data, which a text that is read does not do", got=head)
    if isinstance(head, Call):
        if head.name == "Association" and len(arguments) == 1:
            return look_up(evaluator, [head, arguments[0]])
        if head.name in ("Composition", "RightComposition"):
            return composed(evaluator, head, arguments)
        if head.name in OPERATOR_FORMS and len(head.arguments) == 1 and len(arguments) == 1:
            pair = [head.arguments[0], arguments[0]]
            return evaluator.apply(head.head, pair if head.name in FIRST else pair[::-1])
    return Call(head, tuple(arguments))


Evaluator.apply_value = apply_value  # type: ignore[assignment, method-assign]
Evaluator.is_stored = staticmethod(is_stored_form)
Evaluator.stored = staticmethod(read_tree)


def composed(evaluator: Evaluator, head: Call, arguments: list) -> Any:
    """(f @* g)[x] is f[g[x]]."""
    functions = list(head.arguments if head.name == "RightComposition" else head.arguments[::-1])
    for function in functions:
        arguments = [evaluator.apply(function, arguments)]
    return arguments[0] if len(arguments) == 1 else INERT


def part_of(evaluator: Evaluator, value: Any, parts: list) -> Any:
    """net[[part]], and the part of an array in a function that is recorded."""
    if isinstance(value, Layer):
        return NetExtract(value, tuple(python(evaluator, each) for each in parts))
    if isinstance(value, Operand):
        return value[tuple(index(each) for each in parts)]  # type: ignore[index]
    if isinstance(value, Symbol) or has_pattern(value):
        return Call(Symbol("Part"), (value, *parts))
    raise NetError("a part is taken of a list, an association or a net", got=value)


def index(part: Any) -> Any:
    """A place from 1 or a span as Python's index."""
    if part is All:
        return slice(None)
    if is_call(part, "Span"):
        first, last, step = (*part.arguments, 1)[:3]
        start = first - 1 if first > 0 else first
        stop = None if last in (All, -1) else last if last > 0 else last + 1
        return slice(start, stop, step)
    if not isinstance(part, int) or not part:
        raise NetError("a part is a whole number, a span or All", got=part)
    return part - 1 if part > 0 else part


# --- functions of whole arrays, recorded ------------------------------------------------------------------------------


ARRAY_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Dot": lambda first, *others: dotted(first, others),
    "Total": lambda x: x.sum(0),
    "Mean": lambda x: x.mean(0),
    "Transpose": lambda x: np.swapaxes(x, 0, 1),
    "Flatten": lambda x: x.reshape(-1),
    "Reverse": lambda x: x[::-1],
    "First": lambda x: x[0],
    "Last": lambda x: x[-1],
    "Join": lambda *arrays: np.concatenate(arrays),
}
"""Functions of whole arrays in FunctionLayer, where they have one meaning."""


def dotted(first: Any, others: tuple) -> Any:
    """first . second . …"""
    for each in others:
        first = first @ each
    return first


def on_arrays(name: str, otherwise: Callable[[Evaluator, list], Any] | None) -> Callable[[Evaluator, list], Any]:
    """A function of recorded arrays, and of other values what it is of them."""

    def function(evaluator: Evaluator, arguments: list) -> Any:
        if any(isinstance(each, (Operand, NetArray)) for each in arguments):
            return ARRAY_FUNCTIONS[name](*arguments)
        if name == "Total" and arguments and is_call(arguments[0], "List"):
            return evaluator.apply(Symbol("Plus"), list(arguments[0].arguments))
        if name == "Mean" and arguments and is_call(arguments[0], "List") and arguments[0].arguments:
            total = evaluator.apply(Symbol("Plus"), list(arguments[0].arguments))
            return evaluator.apply(Symbol("Divide"), [total, len(arguments[0].arguments)])
        return INERT if otherwise is None else otherwise(evaluator, arguments)

    return function


Evaluator.functions.update({name: on_arrays(name, Evaluator.functions.get(name)) for name in ARRAY_FUNCTIONS})
