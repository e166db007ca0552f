"""What does not evaluate all of its arguments: definitions, scopes, loops, branches, pure functions."""

from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.evaluate import Closure, Definition, Evaluator, Scope, provides_held
from wlnet.formats.wolfram.expressions import Call, call, is_call, listed, pairs_of
from wlnet.formats.wolfram.patterns import has_pattern, same_value

NULL = Symbol("Null")

# --- definitions ------------------------------------------------------------------------------------------------------


@provides_held("Set")
def assign(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    """name = value, f[x_] = value, {a, b} = values, Options[f] = rules, list[[i]] = value."""
    left, right = two(parts, "Set")
    value = evaluator.evaluate(right, scope)
    if is_call(left, "List") and is_call(value, "List") and len(left.arguments) == len(value.arguments):
        for name, each in zip(left.arguments, value.arguments, strict=True):
            store(evaluator, name, each, scope)
    else:
        store(evaluator, left, value, scope)
    return value


@provides_held("SetDelayed")
def assign_delayed(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    """name := value, f[x_, …] := value, f[x_] := value /; condition."""
    left, right = two(parts, "SetDelayed")
    if isinstance(left, Symbol):
        right = Closure(call("Delayed", right), scope)
    store(evaluator, left, right, scope)
    return NULL


def store(evaluator: Evaluator, left: Any, value: Any, scope: Scope) -> None:
    """Gives what is on the left of = a value or a definition."""
    if isinstance(left, Symbol):
        if left.name in evaluator.held or left.name in ("True", "False", "None", "Null", "All", "Automatic"):
            raise NetError(f"{left.name} is Wolfram's own and cannot be set", got=left.name)
        holder = scope.holder(left.name)
        (evaluator.values if holder is None else holder.names)[left.name] = value
    elif is_call(left, "Options") and len(left.arguments) == 1 and isinstance(left.arguments[0], Symbol):
        evaluator.options[left.arguments[0].name] = options_of(value)
    elif is_call(left, "Part") and len(left.arguments) == 2:
        name, place = left.arguments
        old = evaluator.evaluate(name, scope)
        store(
            evaluator,
            name,
            evaluator.apply(Symbol("ReplacePart"), [old, call("Rule", evaluator.evaluate(place, scope), value)]),
            scope,
        )
    elif not is_call(left, "MessageName", "Attributes", "Format"):
        add_rule(evaluator, left, value, scope)


def add_rule(evaluator: Evaluator, left: Any, body: Any, scope: Scope) -> None:
    """A definition of a function; the same left side again replaces it, exact ones come before patterns."""
    condition = None
    if is_call(body, "Condition") and len(body.arguments) == 2:
        body, condition = body.arguments
    source = left
    if is_call(left, "Condition") and len(left.arguments) == 2:
        left, condition = left.arguments
    if is_call(left, "HoldPattern") and left.arguments:
        left = left.arguments[0]
    if not isinstance(left, Call) or not left.name:
        raise NetError("the left side of this definition is neither a name nor name[…]", got=left)
    if left.name in evaluator.held:
        raise NetError(f"{left.name} is Wolfram's own and cannot be defined", got=left.name)
    known = evaluator.rules.setdefault(left.name, [])
    rule = Definition(left.arguments, condition, body, scope, source)
    known[:] = [each for each in known if not same_value(each.source, source)]
    exact = [each for each in known if not any(map(has_pattern, each.patterns))]
    known.insert(len(known) if any(map(has_pattern, left.arguments)) else len(exact), rule)


def options_of(value: Any) -> dict[str, Any]:
    """Options by name, from rules in lists as they may be nested."""
    if is_call(value, "Rule", "RuleDelayed") and len(value.arguments) == 2:
        key = value.arguments[0]
        return {key.name if isinstance(key, Symbol) else str(key): value.arguments[1]}
    found: dict[str, Any] = {}
    if is_call(value, "List", "Sequence", "Association"):
        for each in value.arguments:
            found |= options_of(each)
    return found


def two(parts: tuple, head: str) -> tuple[Any, Any]:
    """The two parts of a call that has two."""
    if len(parts) != 2:
        raise NetError(f"{head} takes 2 arguments, got {len(parts)}", got=len(parts))
    return parts[0], parts[1]


@provides_held("Unset", "Clear", "ClearAll", "Remove")
def clear(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    for each in parts:
        if isinstance(each, Symbol):
            evaluator.values.pop(each.name, None)
            evaluator.rules.pop(each.name, None)
    return NULL


CHANGES = {
    "AppendTo": "Append",
    "PrependTo": "Prepend",
    "AddTo": "Plus",
    "SubtractFrom": "Subtract",
    "TimesBy": "Times",
    "DivideBy": "Divide",
}


def changing(head: str) -> Any:
    """name op= value."""

    def change(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
        name, right = two(parts, head)
        value = evaluator.apply(Symbol(head), evaluator.arguments((name, right), scope))
        store(evaluator, name, value, scope)
        return value

    return change


Evaluator.held.update({name: changing(head) for name, head in CHANGES.items()})


def stepping(step: int, before: bool) -> Any:
    """i++, i--, ++i, --i."""

    def change(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
        old = evaluator.evaluate(parts[0], scope)
        new = evaluator.apply(Symbol("Plus"), [old, step])
        store(evaluator, parts[0], new, scope)
        return new if before else old

    return change


Evaluator.held.update(
    Increment=stepping(1, False), Decrement=stepping(-1, False), PreIncrement=stepping(1, True),
    PreDecrement=stepping(-1, True)
)  # fmt: skip


# --- scopes -----------------------------------------------------------------------------------------------------------


@provides_held("Module", "With", "DynamicModule")
def module(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    inner = Scope({}, scope)
    for name, value in locals_of(parts, "Module"):
        inner.names[name.name] = name if value is None else evaluator.evaluate(value, scope)
    return evaluator.evaluate(parts[-1], inner)


@provides_held("Block")
def block(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    """The same for values that are seen by all that is called."""
    names = [(name.name, value) for name, value in locals_of(parts, "Block")]
    found = {name: evaluator.evaluate(value, scope) for name, value in names if value is not None}
    before = dict(evaluator.values)
    evaluator.values.update(found)
    try:
        return evaluator.evaluate(parts[-1], scope)
    finally:
        for name, _ in names:
            evaluator.values.pop(name, None)
            if name in before:
                evaluator.values[name] = before[name]


def locals_of(parts: tuple, head: str) -> list[tuple[Symbol, Any]]:
    """The local names of a scope, with their expressions or None."""
    if len(parts) < 2 or not all(is_call(each, "List") for each in parts[:-1]):
        raise NetError(f"{head} takes a list of names and an expression", got=parts)
    found = []
    for each in [name for names in parts[:-1] for name in names.arguments]:
        name, value = (
            each.arguments if is_call(each, "Set", "SetDelayed") and len(each.arguments) == 2 else (each, None)
        )
        if not isinstance(name, Symbol):
            raise NetError(f"the names of {head} are symbols", got=name)
        found.append((name, value))
    return found


@provides_held("Function")
def function(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    if not 1 <= len(parts) <= 3:
        raise NetError(f"Function takes 1 to 3 arguments, got {len(parts)}", got=len(parts))
    return Closure(Call(Symbol("Function"), parts), scope)


@provides_held("RuleDelayed")
def rule_delayed(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    left, right = two(parts, "RuleDelayed")
    return call("RuleDelayed", evaluator.evaluate(left, scope), Closure(call("Delayed", right), scope))


@provides_held("Slot")
def one_slot(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    """#, #2, #name."""
    holder, key = scope.holder("#"), parts[0] if parts else 1
    if holder is None:
        return Call(Symbol("Slot"), parts)
    given = holder.names["#"]
    if isinstance(key, str):
        by_name = given[0] if given else None
        found = dict(pairs_of(by_name) or []) if is_call(by_name, "Association") else by_name
        if not isinstance(found, dict) or key not in found:
            raise NetError(f"a function that reads #{key} is given no {key}", got=key)
        return found[key]
    if not isinstance(key, int) or not 1 <= key <= len(given):
        raise NetError(f"a function that reads #{key} is given {len(given)} arguments", got=key)
    return given[key - 1]


@provides_held("SlotSequence")
def many_slots(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    """##, ##2."""
    holder, first = scope.holder("#"), parts[0] if parts else 1
    return call("SlotSequence", *parts) if holder is None else call("Sequence", *holder.names["#"][first - 1 :])


@provides_held("OptionValue")
def option_value(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    """OptionValue[name], OptionValue[f, name], OptionValue[f, rules, name]."""
    holder = scope.holder("?")
    function, given = holder.names["?"] if holder is not None else ("", ())
    values = evaluator.arguments(parts, scope)
    if len(values) > 1 and isinstance(values[0], Symbol):
        function = values[0].name
    if len(values) > 2:
        given = (values[1],)
    name = values[-1].name if isinstance(values[-1], Symbol) else values[-1]
    known = {**evaluator.options.get(function, {}), **options_of(listed(given))}
    if name not in known:
        raise NetError(f"OptionValue: {function or 'the function'} has no option {name}", got=name)
    found = known[name]
    held = isinstance(found, Closure) and found.expression.name == "Delayed"
    return evaluator.evaluate(found.expression.arguments[0], found.scope) if held else found


@provides_held("CompoundExpression")
def compound(evaluator: Evaluator, parts: tuple, scope: Scope) -> Any:
    value: Any = NULL
    for each in parts:
        value = evaluator.evaluate(each, scope)
    return value
