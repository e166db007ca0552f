"""Functions applied over lists: Map, Apply, MapThread, Fold, Nest, Select and their kin, and replacement by rules."""

from collections.abc import Callable
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.evaluate import INERT, Closure, Evaluator, Scope, Unheld, provides_function, spliced
from wlnet.formats.wolfram.expressions import Call, association, call, is_call, listed, pairs_of
from wlnet.formats.wolfram.lists import items, rebuilt
from wlnet.formats.wolfram.patterns import Matcher

NULL = Symbol("Null")
OPERATOR_FORMS = {"Map", "Apply", "MapApply", "Select", "Append", "Prepend", "MapIndexed", "Scan", "AllTrue", "AnyTrue",
                  "Replace", "ReplaceAll", "MemberQ", "NetAppend", "NetPrepend", "NetReplacePart", "NetTake", "NetDrop",
                  "NetDelete", "NetInsert", "NetRename", "NetReplace"}  # fmt: skip
"""f[a][x] is f[x, a] of these, but of those in FIRST f[a, x]."""
FIRST = {"Map", "Apply", "MapApply", "MapIndexed", "Scan"}


def needs(arguments: list, count: int, name: str) -> None:
    """Refuses a call of another number of arguments."""
    if len(arguments) != count:
        raise NetError(f"{name} takes {count} arguments, got {len(arguments)}", got=len(arguments))


@provides_function("Map")
def over(evaluator: Evaluator, arguments: list) -> Any:
    """f /@ list, at level 1 or at the level that is said."""
    if len(arguments) < 2:
        return INERT
    function, value, *level = arguments
    if not isinstance(value, Call):
        if isinstance(value, Symbol):
            raise Unheld(value.name)
        return value
    depth = level[0].arguments[-1] if level and is_call(level[0], "List") and level[0].arguments else 1
    inner = items(value, "Map")
    if isinstance(depth, int) and depth > 1:
        return rebuilt(value, [over(evaluator, [function, each, listed([depth - 1])]) for each in inner])
    return rebuilt(value, [evaluator.apply(function, [each]) for each in inner])


@provides_function("Scan")
def scan(evaluator: Evaluator, arguments: list) -> Any:
    over(evaluator, arguments)
    return NULL if len(arguments) > 1 else INERT


@provides_function("Apply")
def applied(evaluator: Evaluator, arguments: list) -> Any:
    """f @@ list, and f @@@ lists as Apply[f, lists, {1}]."""
    if len(arguments) < 2:
        return INERT
    if len(arguments) > 2:
        return applied_inside(evaluator, arguments[:2])
    if isinstance(arguments[1], Symbol):
        raise Unheld(arguments[1].name)
    return (
        evaluator.apply(arguments[0], items(arguments[1], "Apply")) if isinstance(arguments[1], Call) else arguments[1]
    )


@provides_function("MapApply")
def applied_inside(evaluator: Evaluator, arguments: list) -> Any:
    if len(arguments) != 2 or not isinstance(arguments[1], Call):
        return INERT
    inner = [
        evaluator.apply(arguments[0], items(each, "Apply")) if isinstance(each, Call) else each
        for each in arguments[1].arguments
    ]
    return Call(arguments[1].head, tuple(spliced(inner)))


@provides_function("MapThread", "Thread")
def over_several(evaluator: Evaluator, arguments: list) -> Any:
    """MapThread[f, {list, …}], Thread[f[list, …]]."""
    if len(arguments) == 1 and isinstance(arguments[0], Call):
        arguments = [arguments[0].head, listed(arguments[0].arguments)]
        size = max((len(each.arguments) for each in arguments[1].arguments if is_call(each, "List")), default=0)
        rows = [list(each.arguments) if is_call(each, "List") else [each] * size for each in arguments[1].arguments]
    else:
        needs(arguments, 2, "MapThread")
        rows = [items(each, "MapThread") for each in items(arguments[1], "MapThread")]
    if len({len(row) for row in rows}) > 1:
        raise NetError("MapThread takes lists of equal length", got=[len(row) for row in rows])
    return listed(spliced(evaluator.apply(arguments[0], list(row)) for row in zip(*rows, strict=True)))


@provides_function("MapIndexed")
def over_places(evaluator: Evaluator, arguments: list) -> Any:
    """MapIndexed[f, list]: f[element, {position}]."""
    if len(arguments) < 2:
        return INERT
    value = arguments[1]
    named = is_call(value, "Association")
    keys = [call("Key", key) for key, _ in pairs_of(value) or []] if named else range(1, len(items(value, "Map")) + 1)
    inner = zip(items(value, "MapIndexed"), keys, strict=True)
    return rebuilt(value, [evaluator.apply(arguments[0], [each, listed([key])]) for each, key in inner])


@provides_function("AssociationMap", "AssociationThread")
def associated(evaluator: Evaluator, arguments: list) -> Any:
    """AssociationMap[f, keys], AssociationThread[keys, values]."""
    needs(arguments, 2, "AssociationMap")
    if is_call(arguments[0], "List"):
        keys, found = items(arguments[0], "AssociationThread"), items(arguments[1], "AssociationThread")
    else:
        keys = items(arguments[1], "AssociationMap")
        found = [evaluator.apply(arguments[0], [key]) for key in keys]
    if len(keys) != len(found):
        raise NetError("AssociationThread takes as many values as keys", got=(len(keys), len(found)))
    return association(zip(keys, found, strict=True))


def folding(all_values: bool) -> Callable[[Evaluator, list], Any]:
    """Fold[f, x, list], Fold[f, list], and all values on the way."""

    def function(evaluator: Evaluator, arguments: list) -> Any:
        if not 2 <= len(arguments) <= 3:
            raise NetError(f"Fold takes 2 or 3 arguments, got {len(arguments)}", got=len(arguments))
        inner = items(arguments[-1], "Fold")
        values = [arguments[1] if len(arguments) == 3 else inner.pop(0)] if len(arguments) == 3 or inner else []
        for each in inner:
            values.append(evaluator.apply(arguments[0], [values[-1], each]))
        return listed(values) if all_values else values[-1] if values else listed([])

    return function


def nesting(all_values: bool) -> Callable[[Evaluator, list], Any]:
    """Nest[f, x, n], and all values on the way."""

    def function(evaluator: Evaluator, arguments: list) -> Any:
        needs(arguments, 3, "Nest")
        if not isinstance(arguments[2], int):
            raise Unheld(arguments[2].name) if isinstance(arguments[2], Symbol) else NetError("Nest takes a number")
        values = [arguments[1]]
        for _ in range(arguments[2]):
            values.append(evaluator.apply(arguments[0], [values[-1]]))
        return listed(values) if all_values else values[-1]

    return function


Evaluator.functions.update(Fold=folding(False), FoldList=folding(True), Nest=nesting(False), NestList=nesting(True))


@provides_function("Select")
def select(evaluator: Evaluator, arguments: list) -> Any:
    """Select[list, test]."""
    if len(arguments) != 2:
        return INERT
    inner = items(arguments[0], "Select")
    return Call(arguments[0].head, tuple(each for each in inner if evaluator.apply(arguments[1], [each]) is True))


def sorting(keeps: bool) -> Callable[[Evaluator, list], Any]:
    """Cases[list, pattern], DeleteCases[list, pattern]."""

    def function(evaluator: Evaluator, arguments: list) -> Any:
        if len(arguments) != 2:
            return INERT
        matcher, inner = Matcher(evaluator, evaluator.top), items(arguments[0], "Cases")
        chosen = [each for each in inner if (matcher.matches(arguments[1], each, {}) is not None) is keeps]
        return Call(arguments[0].head, tuple(chosen))

    return function


Evaluator.functions.update(Cases=sorting(True), DeleteCases=sorting(False))


@provides_function("MemberQ")
def has_member(evaluator: Evaluator, arguments: list) -> Any:
    if len(arguments) != 2:
        return INERT
    matcher = Matcher(evaluator, evaluator.top)
    return any(matcher.matches(arguments[1], each, {}) is not None for each in items(arguments[0], "MemberQ"))


@provides_function("MatchQ")
def does_match(evaluator: Evaluator, arguments: list) -> Any:
    needs(arguments, 2, "MatchQ")
    return Matcher(evaluator, evaluator.top).matches(arguments[1], arguments[0], {}) is not None


# --- replacement ------------------------------------------------------------------------------------------------------


@provides_function("ReplaceAll")
def replace_all(evaluator: Evaluator, arguments: list) -> Any:
    """expression /. rules: each part by the first rule that matches it, outermost first."""
    if len(arguments) != 2:
        return INERT
    rules = pairs_of(listed([arguments[1]])) or pairs_of(arguments[1])
    if rules is None:
        return INERT
    return evaluator.evaluate(replaced(evaluator, arguments[0], rules, 0), evaluator.top)


def replaced(evaluator: Evaluator, value: Any, rules: list, depth: int) -> Any:
    """A value with its parts replaced."""
    evaluator.spend()
    for pattern, right in rules:
        bound = Matcher(evaluator, evaluator.top).matches(pattern, value, {})
        if bound is not None:
            held = isinstance(right, Closure) and right.expression.name == "Delayed"
            return evaluator.evaluate(right.expression.arguments[0], Scope(bound, right.scope)) if held else right
    if not isinstance(value, Call) or depth > 60:
        return value
    head = replaced(evaluator, value.head, rules, depth + 1)
    return Call(head, tuple(spliced(replaced(evaluator, each, rules, depth + 1) for each in value.arguments)))


@provides_function("ReplacePart")
def replace_part(evaluator: Evaluator, arguments: list) -> Any:
    """ReplacePart[list, i -> value]."""
    needs(arguments, 2, "ReplacePart")
    inner = items(arguments[0], "ReplacePart")
    for spot, value in pairs_of(listed([arguments[1]])) or pairs_of(arguments[1]) or []:
        if not isinstance(spot, int) or not 1 <= abs(spot) <= len(inner):
            raise NetError(f"ReplacePart: there is no part {spot!r} of {len(inner)}", got=spot)
        inner[spot - 1 if spot > 0 else spot] = value
    return rebuilt(arguments[0], inner)


@provides_function("FilterRules")
def filter_rules(evaluator: Evaluator, arguments: list) -> Any:
    """FilterRules[rules, names]: those of these names."""
    needs(arguments, 2, "FilterRules")
    wanted = arguments[1].arguments if is_call(arguments[1], "List") else (arguments[1],)
    names = {str(each.arguments[0] if is_call(each, "Rule") else each) for each in wanted}
    flat = [
        each
        for one in items(arguments[0], "FilterRules")
        for each in (one.arguments if is_call(one, "List") else (one,))
    ]
    return listed(each for each in flat if is_call(each, "Rule", "RuleDelayed") and str(each.arguments[0]) in names)
