"""Python functions as data: a function is called with symbolic values, which only record what is done to them.

So `lambda x: np.tanh(x) * x` is an expression over the table of heads. An `Expression` is that record in one canonical
form: it evaluates on `xp`, compares, and prints as the lambda that makes it.
"""

import inspect
from collections.abc import Callable, Container
from typing import Any

import numpy as np

from wlnet.core.dims import Refusal
from wlnet.core.errors import NetError, nearest
from wlnet.core.expressions import Expression, Ref
from wlnet.core.heads import ALIASES, HEADS, Head
from wlnet.core.symbolic import Symbolic, record


def parameters_of(function: Callable) -> tuple[str, ...]:
    """The names of a function's parameters; only plain ones can become ports."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise NetError(f"{function!r} does not say its parameters, so it cannot become a layer") from None
    strange = [each.name for each in parameters if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    if strange:
        raise NetError(f"a function that becomes a layer names its parameters; it has *{strange[0]}")
    return tuple(each.name for each in parameters if each.default is each.empty)


def expression(function: Callable, parameters: tuple[str, ...] | None = None) -> Expression:
    """The expression that a Python function is, found by calling it with symbolic parameters."""
    names = parameters_of(function) if parameters is None else parameters
    symbols = [Symbolic(name) for name in names]
    return expression_of(function(*symbols), names, symbols)


def expression_of(result: Any, names: tuple[str, ...], symbols: list[Symbolic]) -> Expression:
    """The canonical form of a recorded value: equal steps are one, in the order in which they are read."""
    places: dict[int, Ref] = {id(symbol): Ref(k) for k, symbol in enumerate(symbols)}
    seen: dict[tuple, Ref] = {}
    steps: list[tuple[str, tuple]] = []

    def finish(value: Symbolic) -> None:
        step = (value.head.name, tuple(map(argument, value.inputs)))
        key = (step[0], _typed(step[1]))
        if key not in seen:
            seen[key] = Ref(len(names) + len(steps))
            steps.append(step)
        places[id(value)] = seen[key]

    def argument(value: Any) -> Any:
        if isinstance(value, Symbolic):
            return places[id(value)]
        if isinstance(value, (tuple, list)):
            return tuple(map(argument, value))
        return constant(value)

    for value in in_order(result, places):
        if not isinstance(value.head, Head):
            raise not_elementwise(value.head)
        finish(value)
    return Expression(tuple(names), tuple(steps), argument(result))


def _typed(arguments: tuple) -> tuple:
    return tuple((type(each), _typed(each) if isinstance(each, tuple) else each) for each in arguments)


def not_elementwise(head: Any) -> NetError:
    """What a function of single numbers must not hold: a layer, or a value of the function around it."""
    if isinstance(head, str):
        hint = "make that value a parameter, and call the layer with it"
        return NetError(f"a function that becomes a layer reads {head!r}, a value of the function around it", hint=hint)
    return NetError(f"{head!r} is not elementwise", hint="use FunctionLayer for a function of whole arrays")


def in_order(result: Any, known: Container[int] = ()) -> list[Symbolic]:
    """Every symbolic value behind a result, each after what it reads; without recursion, for long chains.

    What is behind the known ones, which their ids name, is left out with them.
    """
    order: list[Symbolic] = []
    done: set[int] = set()
    stack: list[tuple[Any, bool]] = [(result, False)]
    while stack:
        value, ready = stack.pop()
        if isinstance(value, (tuple, list)):
            stack.extend((each, False) for each in reversed(value))
        elif isinstance(value, Symbolic) and id(value) not in done and id(value) not in known:
            if ready:
                done.add(id(value))
                order.append(value)
            else:
                stack.append((value, True))
                stack.extend((each, False) for each in reversed(value.inputs))
    return order


def constant(value: Any) -> Any:
    """A number in an expression: Python's own, so that it does not widen an array."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    raise NetError(
        f"a function of scalars holds {type(value).__name__} {value!r}, which is not a number",
        hint="an array that belongs to a function is a NetArray; use FunctionLayer",
    )


def function_named(name: str) -> str:
    """The head that a text names; other names of the same function are one."""
    known = ALIASES.get(name, name)
    if known not in HEADS:
        raise Refusal("must be the name of a function", nearest(name, [*HEADS, *ALIASES]))
    return known


__all__ = ["Symbolic", "expression", "expression_of", "function_named", "in_order", "parameters_of", "record"]
