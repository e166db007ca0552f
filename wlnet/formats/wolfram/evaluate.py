"""The evaluator of Wolfram Language text that makes nets: symbols with values, definitions, scopes, pure functions.

Values are expressions (`expressions.py`) and wlnet's own: nets, ports, arrays. What has no rule stays as it is written.
Nothing of Python can be reached from a text, and steps, depth and sizes are limited, so that any text ends.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.expressions import Call

STEPS = 300_000
"""The steps that the evaluation of a text may take; a published net takes some thousands."""
DEPTH = 200
"""How deep calls may nest."""


class Euler(float):
    """The number E, of which a power is Exp."""


CONSTANTS: dict[str, Any] = {
    "True": True, "False": False, "Infinity": math.inf, "Indeterminate": math.nan, "Pi": math.pi, "E": Euler(math.e),
    "Degree": math.pi / 180, "GoldenRatio": (1 + 5**0.5) / 2,
}  # fmt: skip
"""Symbols that are values of Python."""

NUMBERS = (int, float)

WRONG = (TypeError, ValueError, IndexError, KeyError, AttributeError, ArithmeticError, AssertionError)
"""What Python raises where arguments are of another number or kind than a function takes."""

INERT = object()
"""What a function gives that has no rule for its arguments: the call stays as it is."""


class Unheld(Exception):
    """A net needs the value of a symbol that the text does not give."""

    def __init__(self, symbol: str):
        super().__init__(symbol)
        self.symbol = symbol


class Leave(Exception):
    """Return[value]: leaves the definition."""

    def __init__(self, value: Any):
        super().__init__()
        self.value = value


@dataclass(eq=False)
class Scope:
    """Names with values, and the scope around; "#" are the arguments of a pure function, "?" the options given."""

    names: dict[str, Any] = field(default_factory=dict)
    around: "Scope | None" = None

    def holder(self, name: str) -> "Scope | None":
        """The innermost scope that has a name."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.around
        return scope


@dataclass(frozen=True, eq=False)
class Closure:
    """A pure function, or a held expression, with the scope in which it stands."""

    expression: Call
    scope: Scope


@dataclass
class Definition:
    """lhs := rhs, or lhs = rhs: patterns of the arguments, a condition, what they give, and the scope."""

    patterns: tuple
    condition: Any
    body: Any
    scope: Scope
    source: Call

    @property
    def is_global(self) -> bool:
        """Whether it stands at the top of the text, not in a Module."""
        return not self.scope.names and self.scope.around is None


class Evaluator:
    """What a text has defined so far, and the evaluation of expressions."""

    functions: dict[str, Callable[["Evaluator", list], Any]] = {}
    held: dict[str, Callable[["Evaluator", tuple, Scope], Any]] = {}
    is_stored: Callable[[Any], bool]
    stored: Callable[[Any], Any]

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.rules: dict[str, list[Definition]] = {}
        self.options: dict[str, dict[str, Any]] = {}
        self.steps, self.depth = 0, 0
        self.top = Scope()

    def spend(self, count: int = 1) -> None:
        """Counts steps, or elements that are made; a NetError where these are too many."""
        self.steps += count
        if self.steps > STEPS:
            raise NetError(f"the evaluation takes more than {STEPS:,} steps")

    # --- evaluation -------------------------------------------------------------------------------------------------

    def evaluate(self, value: Any, scope: Scope) -> Any:
        """The value of an expression in a scope."""
        self.spend()
        if type(value) is Symbol:
            return self.symbol(value, scope)
        if type(value) is not Call:
            return value
        if value.name == "List" and all(type(each) in NUMBERS for each in value.arguments):
            return value
        if value.arguments and self.is_stored(value):
            return self.stored(value)
        self.depth += 1
        if self.depth > DEPTH:
            raise NetError(f"the evaluation nests deeper than {DEPTH}")
        try:
            head = self.evaluate(value.head, scope)
            if type(head) is Symbol and head.name in self.held and head.name not in self.rules:
                return self.guarded(head.name, self.held[head.name], value.arguments, scope)
            return self.apply(head, self.arguments(value.arguments, scope))
        finally:
            self.depth -= 1

    def symbol(self, symbol: Symbol, scope: Scope) -> Any:
        """The value of a symbol, or itself."""
        holder = scope.holder(symbol.name)
        if holder is None:
            found = self.values.get(symbol.name, CONSTANTS.get(symbol.name, symbol))
        else:
            found = holder.names[symbol.name]
        if isinstance(found, Closure) and found.expression.name == "Delayed":
            return self.evaluate(found.expression.arguments[0], found.scope)
        return found

    def arguments(self, values: Iterable[Any], scope: Scope) -> list:
        """The values of arguments; sequences are spliced."""
        return spliced(self.evaluate(each, scope) for each in values)

    def apply(self, head: Any, arguments: list) -> Any:
        """The value of a head applied to values."""
        self.spend()
        if type(head) is Symbol:
            if head.name in self.rules:
                found = self.by_definition(head.name, arguments)
                if found is not INERT:
                    return found
            function = self.functions.get(head.name)
            found = INERT if function is None else self.guarded(head.name, function, arguments)
            return Call(head, tuple(arguments)) if found is INERT else found
        if isinstance(head, Closure):
            return self.call(head, arguments)
        return self.guarded("a value", lambda evaluator, given: evaluator.apply_value(head, given), arguments)

    def guarded(self, name: str, function: Callable, *arguments: Any) -> Any:
        """What a function gives; functions are written for texts of people, and a damaged one may do anything."""
        try:
            return function(self, *arguments)
        except NetError:
            raise
        except WRONG as error:
            raise NetError(f"{name} cannot be made of its arguments ({type(error).__name__}: {error})") from None

    def call(self, function: Closure, arguments: list) -> Any:
        """The value of a pure function applied to values."""
        parts = function.expression.arguments
        if len(parts) == 1 or parts[0] == Symbol("Null"):
            return self.evaluate(parts[-1 if len(parts) == 1 else 1], Scope({"#": arguments}, function.scope))
        names = [each.name for each in parameters(parts[0])]
        if len(arguments) < len(names):
            raise NetError(f"a function of {', '.join(names)} is given {len(arguments)} arguments", got=len(arguments))
        return self.evaluate(parts[1], Scope(dict(zip(names, arguments, strict=False)), function.scope))

    def by_definition(self, name: str, arguments: list) -> Any:
        """What the first definition gives that matches; INERT where none does."""
        for definition in self.rules[name]:
            bound = self.matched(name, definition, arguments)
            if bound is not None:
                self.depth += 1
                try:
                    return self.evaluate(definition.body, bound)
                except Leave as leave:
                    return leave.value
                finally:
                    self.depth -= 1
        return INERT

    def apply_value(self, head: Any, arguments: list) -> Any:
        """The value of a head that is no symbol and no function, applied to values."""
        raise TypeError("netverbs.py says what values do that are applied")

    def matched(self, name: str, definition: Definition, arguments: list) -> Scope | None:
        """The scope in which a definition is evaluated, if it matches."""
        raise TypeError("patterns.py says how definitions match")


def spliced(values: Iterable[Any]) -> list:
    """Values, of which sequences are replaced by their parts; Nothing stays for lists to drop."""
    found: list = []
    for value in values:
        if isinstance(value, Call) and value.name == "Sequence":
            found.extend(value.arguments)
        else:
            found.append(value)
    return found


def parameters(value: Any) -> list[Symbol]:
    """The parameters of Function[x, …] or Function[{x, y}, …]."""
    names = list(value.arguments) if isinstance(value, Call) and value.name == "List" else [value]
    names = [each.arguments[0] if isinstance(each, Call) and each.arguments else each for each in names]
    if not all(isinstance(each, Symbol) for each in names):
        raise NetError("the parameters of a function are symbols", got=value)
    return names


def provides_function(*names: str) -> Callable[[Callable], Callable]:
    """Registers a function of evaluated arguments under Wolfram's names."""

    def register(function: Callable) -> Callable:
        Evaluator.functions.update(dict.fromkeys(names, function))
        return function

    return register


def provides_held(*names: str) -> Callable[[Callable], Callable]:
    """Registers a function of arguments that are not evaluated before."""

    def register(function: Callable) -> Callable:
        Evaluator.held.update(dict.fromkeys(names, function))
        return function

    return register
