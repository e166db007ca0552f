"""Lists and associations, and functions applied over them."""

from collections.abc import Callable
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.branches import counted
from wlnet.formats.wolfram.evaluate import INERT, Evaluator, Unheld, provides_function, spliced
from wlnet.formats.wolfram.expressions import Call, association, call, is_call, listed, pairs_of
from wlnet.formats.wolfram.patterns import same_value

NOTHING, SPAN_END = Symbol("Nothing"), Symbol("All")


def items(value: Any, where: str) -> list:
    """The elements of a list, the values of an association, the arguments of any call."""
    if is_call(value, "Association"):
        return [each for _, each in pairs_of(value) or []]
    if isinstance(value, Call):
        return list(value.arguments)
    if isinstance(value, Symbol):
        raise Unheld(value.name)
    raise NetError(f"{where} takes a list", got=value)


def rebuilt(value: Any, parts: list) -> Any:
    """What is like a value, with other parts; an association keeps its keys."""
    if is_call(value, "Association"):
        return association(zip([key for key, _ in pairs_of(value) or []], parts, strict=True))
    return Call(value.head, tuple(spliced(each for each in parts if each is not NOTHING)))


@provides_function("List")
def make_list(evaluator: Evaluator, arguments: list) -> Any:
    evaluator.spend(len(arguments))
    return listed(each for each in arguments if each is not NOTHING)


@provides_function("Association")
def make_association(evaluator: Evaluator, arguments: list) -> Any:
    """<|rules|>, of lists of rules and of associations too; a key that comes again replaces the value."""
    found: list[tuple[Any, Any]] = []
    for each in arguments:
        pairs = pairs_of(listed([each])) or pairs_of(each)
        if pairs is None:
            return INERT
        for key, value in pairs:
            places = [at for at, (known, _) in enumerate(found) if same_value(known, key)] if len(found) < 500 else []
            if value is NOTHING:
                continue
            if places:
                found[places[0]] = (key, value)
            else:
                found.append((key, value))
    return association(found)


@provides_function("Range")
def number_range(evaluator: Evaluator, arguments: list) -> Any:
    if not 1 <= len(arguments) <= 3:
        raise NetError(f"Range takes 1 to 3 numbers, got {len(arguments)}", got=len(arguments))
    return listed(counted(evaluator, arguments, "Range"))


@provides_function("ConstantArray")
def constant_array(evaluator: Evaluator, arguments: list) -> Any:
    """ConstantArray[value, n], ConstantArray[value, {n, …}]."""
    if len(arguments) != 2:
        raise NetError(f"ConstantArray takes a value and sizes, got {len(arguments)} arguments", got=len(arguments))
    value, sizes = arguments
    for size in reversed(items(sizes, "ConstantArray") if isinstance(sizes, Call) else [sizes]):
        value = listed([value] * len(counted(evaluator, [size], "ConstantArray")))
    return value


@provides_function("Join", "Catenate")
def join(evaluator: Evaluator, arguments: list) -> Any:
    if (
        len(arguments) == 1
        and is_call(arguments[0], "List")
        and all(is_call(each, "List", "Association") for each in arguments[0].arguments)
    ):
        arguments = list(arguments[0].arguments)
    if not arguments or not all(is_call(each, "List", "Association") for each in arguments):
        symbol = next((each.name for each in arguments if isinstance(each, Symbol)), None)
        if symbol:
            raise Unheld(symbol)
        return INERT
    if is_call(arguments[0], "Association"):
        return make_association(evaluator, arguments)
    evaluator.spend(sum(len(each.arguments) for each in arguments))
    return listed(part for each in arguments for part in each.arguments)


@provides_function("Flatten")
def flatten(evaluator: Evaluator, arguments: list) -> Any:
    """Flatten[list], Flatten[list, levels]."""
    if not arguments or not is_call(arguments[0], "List"):
        return INERT
    levels = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], int) else 1000
    parts = list(arguments[0].arguments)
    while levels > 0 and any(is_call(each, "List") for each in parts):
        parts = [inner for each in parts for inner in (each.arguments if is_call(each, "List") else (each,))]
        evaluator.spend(len(parts))
        levels -= 1
    return listed(parts)


@provides_function("Length")
def length(evaluator: Evaluator, arguments: list) -> Any:
    value: Any = arguments[0] if arguments else 0
    if isinstance(value, Symbol):
        raise Unheld(value.name)
    return len(value.arguments) if isinstance(value, Call) else len(value) if hasattr(value, "layers") else 0


# --- parts ------------------------------------------------------------------------------------------------------------


def place(index: Any, size: int, where: str) -> int:
    """The place, from 0, of a position from 1 or from the end."""
    if not isinstance(index, int) or isinstance(index, bool) or not 1 <= abs(index) <= size:
        raise NetError(f"{where}: there is no part {index!r} of {size}", got=index)
    return index - 1 if index > 0 else size + index


def places(spec: Any, size: int, where: str) -> list[int]:
    """The places that a span or a list of positions means."""
    if spec is SPAN_END:
        return list(range(size))
    if is_call(spec, "List"):
        return [place(each, size, where) for each in spec.arguments]
    first, last, step = (*spec.arguments, 1)[:3]
    last = size if last is SPAN_END else last
    ends = [each + size + 1 if isinstance(each, int) and each < 0 else each for each in (first, last)]
    if not all(isinstance(each, int) for each in (*ends, step)) or not step:
        raise NetError(f"{where}: a span of whole numbers", got=spec)
    return [k - 1 for k in range(ends[0], ends[1] + (1 if step > 0 else -1), step) if 1 <= k <= size]


@provides_function("Part")
def part(evaluator: Evaluator, arguments: list) -> Any:
    """list[[i]], list[[i;;j]], list[[{i, j}]], association[["key"]], and one of these a level."""
    value, *specs = arguments
    for at, spec in enumerate(specs):
        if not isinstance(value, Call):
            return evaluator.apply_value(Symbol("Part"), [value, *specs[at:]])
        if is_call(value, "Association") and isinstance(spec, str):
            value = look_up(evaluator, [value, spec])
            continue
        inner = items(value, "Part")
        if spec is SPAN_END or is_call(spec, "Span", "List"):
            chosen = [inner[k] for k in places(spec, len(inner), "Part")]
            rest = specs[at + 1 :]
            return Call(
                value.head if not is_call(value, "Association") else Symbol("List"),
                tuple(part(evaluator, [each, *rest]) for each in chosen),
            )
        value = inner[place(spec, len(inner), "Part")]
    return value


@provides_function("Lookup")
def look_up(evaluator: Evaluator, arguments: list) -> Any:
    """association[key], Lookup[association, key, default]."""
    pairs = pairs_of(arguments[0]) or []
    found = next((value for key, value in pairs if same_value(key, arguments[1])), None)
    return (
        found
        if found is not None
        else arguments[2]
        if len(arguments) > 2
        else call("Missing", "KeyAbsent", arguments[1])
    )


def picking(choose: Callable[[list], Any], whole: bool) -> Callable[[Evaluator, list], Any]:
    """First, Rest and their kin."""

    def function(evaluator: Evaluator, arguments: list) -> Any:
        value = arguments[0] if arguments else None
        inner = items(value, "First and Rest")
        if not inner:
            raise NetError("First, Last, Rest and Most take a list that is not empty", got=value)
        return Call(value.head, tuple(choose(inner))) if whole and isinstance(value, Call) else choose(inner)

    return function


Evaluator.functions.update(
    First=picking(lambda inner: inner[0], False), Last=picking(lambda inner: inner[-1], False),
    Rest=picking(lambda inner: inner[1:], True), Most=picking(lambda inner: inner[:-1], True),
    Reverse=picking(lambda inner: inner[::-1], True),
)  # fmt: skip


def taking(keeps: bool) -> Callable[[Evaluator, list], Any]:
    """Take[list, n], Take[list, {m, n}], and what Drop leaves."""

    def function(evaluator: Evaluator, arguments: list) -> Any:
        value: Any = arguments[0] if arguments else None
        spec: Any = arguments[1] if len(arguments) == 2 else None
        inner = items(value, "Take")
        size = len(inner)
        if isinstance(spec, int):
            spec = call("Span", 1, spec) if spec >= 0 else call("Span", size + 1 + spec, size)
        elif is_call(spec, "List") and 1 <= len(spec.arguments) <= 2:
            spec = call("Span", spec.arguments[0], spec.arguments[-1])
        elif not is_call(spec, "Span") and spec is not SPAN_END:
            raise NetError("Take and Drop take a list and a number, or {first, last}", got=spec)
        chosen = set(places(spec, size, "Take"))
        return Call(value.head, tuple(each for k, each in enumerate(inner) if (k in chosen) is keeps))

    return function


Evaluator.functions.update(Take=taking(True), Drop=taking(False))


def adding(build: Callable[[list, Any], list]) -> Callable[[Evaluator, list], Any]:
    """Append, Prepend."""

    def function(evaluator: Evaluator, arguments: list) -> Any:
        if len(arguments) != 2 or not isinstance(arguments[0], Call):
            return INERT
        evaluator.spend(len(arguments[0].arguments))
        return evaluator.apply(arguments[0].head, build(list(arguments[0].arguments), arguments[1]))

    return function


Evaluator.functions.update(
    Append=adding(lambda inner, each: [*inner, each]), Prepend=adding(lambda inner, each: [each, *inner])
)


@provides_function("Keys")
def keys(evaluator: Evaluator, arguments: list) -> Any:
    return listed(key for key, _ in pairs_of(arguments[0]) or []) if arguments else INERT


@provides_function("Values")
def values(evaluator: Evaluator, arguments: list) -> Any:
    return listed(value for _, value in pairs_of(arguments[0]) or []) if arguments else INERT
