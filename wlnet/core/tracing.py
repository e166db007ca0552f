"""Python functions as data: a function is called with symbolic values, which only record what is done to them.

A `Symbolic` answers Python's operators and NumPy's protocols, so `lambda x: np.tanh(x) * x` is an expression over the
table of heads. An `Expression` is that record in one canonical form: it evaluates on `xp`, compares, and prints as the
lambda that makes it.
"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.core.dims import Refusal
from wlnet.core.errors import NetError, nearest
from wlnet.core.expressions import Expression, Ref
from wlnet.core.heads import ALIASES, FROM_NUMPY, HEADS, Head


class Symbolic:
    """A value that is not computed but recorded: a head (or a parameter) and what it is applied to."""

    __slots__ = ("head", "inputs")
    __array_priority__ = 1000

    def __init__(self, head: Any, inputs: tuple = ()):
        self.head, self.inputs = head, inputs

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> "Symbolic":
        if method != "__call__" or options:
            raise _cannot(f"np.{ufunc.__name__} with {method if method != '__call__' else ', '.join(options)}")
        return apply_numpy(ufunc.__name__, inputs)

    def __array_function__(self, function: Callable, types: Any, args: tuple, options: dict) -> "Symbolic":
        if function is np.where and len(args) == 3:
            return HEADS["If"](*args)
        if function is np.clip:
            return _clipped(*args, **options)
        return apply_numpy(function.__name__, args if not options else None)

    def __bool__(self) -> bool:
        raise _cannot("a branch on its value", "write np.where(condition, a, b), or If(condition, a, b)")

    def __iter__(self) -> Any:
        raise _cannot("a loop over it", "use NetMapOperator to apply a net to each element")

    def __len__(self) -> int:
        raise _cannot("its length")

    def __float__(self) -> float:
        raise _cannot("a conversion to a number", "use NumPy's functions, or wlnet's heads, in place of math's")

    __int__ = __index__ = __complex__ = __float__

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise _cannot("a conversion to an array", "use it as it is: NumPy's functions take it")

    def __setitem__(self, key: Any, value: Any) -> None:
        raise _cannot("an assignment into it", "write np.where(condition, new, old)")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _cannot(f".{name}")

    def __hash__(self) -> int:
        return id(self)


def _cannot(what: str, remedy: str | None = None) -> NetError:
    return NetError(f"a function that becomes a layer is recorded, not run: {what} cannot be recorded", hint=remedy)


def _clipped(x: Any, low: Any = None, high: Any = None, **options: Any) -> Any:
    """np.clip, whose limits have two names each and may be left out."""
    low = options.pop("a_min", options.pop("min", low))
    high = options.pop("a_max", options.pop("max", high))
    if options or (low is None and high is None):
        raise _cannot(f"np.clip with {', '.join(options) or 'no limits'}")
    if low is None or high is None:
        return HEADS["Max"](x, low) if high is None else HEADS["Min"](x, high)
    return HEADS["Clip"](x, (low, high))


ARITHMETIC: dict[str, Callable] = {"square": lambda x: x**2, "reciprocal": lambda x: 1 / x, "positive": lambda x: x}
"""NumPy's functions that no head is but arithmetic says."""


def apply_numpy(name: str, inputs: tuple | None) -> Any:
    """The symbolic value of a NumPy function of scalars."""
    head = FROM_NUMPY.get(name, ARITHMETIC.get(name))
    if head is None or inputs is None:
        near = nearest(name, [*FROM_NUMPY, *ARITHMETIC], 0.75) if head is None else ""
        known = "functions of single numbers can be, such as np.tanh; FunctionLayer takes functions of whole arrays"
        raise _cannot(f"np.{name}" + " with options" * (head is not None), near if near.startswith("did") else known)
    return head(*inputs)


def record(head: Head, arguments: tuple) -> Symbolic | None:
    """The symbolic value of a head applied to something symbolic; None where nothing is."""
    return Symbolic(head, arguments) if _is_symbolic(arguments) else None


def _is_symbolic(value: Any) -> bool:
    return any(map(_is_symbolic, value)) if isinstance(value, (tuple, list)) else isinstance(value, Symbolic)


def _operator(name: str, swapped: bool = False) -> Callable:
    head = HEADS[name]

    def operate(self: Symbolic, *others: Any) -> Any:
        if any(isinstance(other, (str, list, dict)) or other is None for other in others):
            return NotImplemented
        return Symbolic(head, (*others, self) if swapped else (self, *others))

    return operate


OPERATORS = {
    "add": "Plus",
    "sub": "Subtract",
    "mul": "Times",
    "truediv": "Divide",
    "pow": "Power",
    "mod": "Mod",
    "and": "And",
    "or": "Or",
}
for _word, _name in OPERATORS.items():
    setattr(Symbolic, f"__{_word}__", _operator(_name))
    setattr(Symbolic, f"__r{_word}__", _operator(_name, swapped=True))
for _word, _name in {"gt": "Greater", "ge": "GreaterEqual", "lt": "Less", "le": "LessEqual"}.items():
    setattr(Symbolic, f"__{_word}__", _operator(_name))
for _word, _name in {"eq": "Equal", "ne": "Unequal"}.items():
    setattr(Symbolic, f"__{_word}__", _operator(_name))
for _word, _name in {"neg": "Minus", "abs": "Abs", "invert": "Not", "round": "Round"}.items():
    setattr(Symbolic, f"__{_word}__", _operator(_name))


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

    for value in in_order(result):
        if id(value) not in places:
            if not isinstance(value.head, Head):
                raise NetError(
                    f"{value.head!r} is not elementwise", hint="use FunctionLayer for a function of whole arrays"
                )
            finish(value)
    return Expression(tuple(names), tuple(steps), argument(result))


def _typed(arguments: tuple) -> tuple:
    return tuple((type(each), _typed(each) if isinstance(each, tuple) else each) for each in arguments)


def in_order(result: Any) -> list[Symbolic]:
    """Every symbolic value behind a result, each after what it reads; without recursion, for long chains."""
    order: list[Symbolic] = []
    done: set[int] = set()
    stack: list[tuple[Any, bool]] = [(result, False)]
    while stack:
        value, ready = stack.pop()
        if isinstance(value, (tuple, list)):
            stack.extend((each, False) for each in reversed(value))
        elif isinstance(value, Symbolic) and id(value) not in done:
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
