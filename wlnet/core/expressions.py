"""Expressions: a scalar function as data, in one canonical form that evaluates, compares, and prints as a lambda."""

import math
from dataclasses import dataclass
from typing import Any

from wlnet.core.heads import HEADS


@dataclass(frozen=True, slots=True)
class Ref:
    """The k-th value of an expression: its parameters come first, then its steps."""

    at: int


@dataclass(frozen=True, slots=True)
class Expression:
    """A scalar function of named parameters: steps, each a head applied to earlier values and numbers.

    >>> from wlnet.core.tracing import expression
    >>> expression(lambda x: x * np.tanh(np.log(1 + np.exp(x))))
    lambda x: x * Tanh(Log(1 + Exp(x)))
    """

    parameters: tuple[str, ...]
    steps: tuple[tuple[str, tuple], ...]
    result: Any

    def __call__(self, xp: Any, *values: Any) -> Any:
        """The value on arrays."""
        known = list(values)

        def value(argument: Any) -> Any:
            if isinstance(argument, tuple):
                return tuple(map(value, argument))
            return known[argument.at] if isinstance(argument, Ref) else argument

        for head, arguments in self.steps:
            known.append(HEADS[head].function(xp, *map(value, arguments)))
        return value(self.result)

    @property
    def name(self) -> str | None:
        """The head that this expression is, if it is a head applied to the parameters in order."""
        if len(self.steps) == 1 and self.result == Ref(len(self.parameters)):
            head, arguments = self.steps[0]
            if arguments == tuple(map(Ref, range(len(self.parameters)))):
                return head
        return None

    def __repr__(self) -> str:
        return f"lambda {', '.join(self.parameters)}: {self.body()}".replace("lambda :", "lambda:")

    def body(self) -> str:
        """The source text; a value that is read more than once is named where it is first read."""
        count = len(self.parameters)
        reads = [0] * (count + len(self.steps))
        for _, arguments in [*self.steps, ("", (self.result,))]:
            for ref in _refs(arguments):
                reads[ref.at] += 1
        named: set[int] = set()
        free = (f"t{k}" for k in range(1, len(reads) + 1))
        names = [name for name in free if name not in self.parameters]

        def text(argument: Any, inner: bool = True) -> str:
            if isinstance(argument, tuple):
                return "(" + ", ".join(text(each, False) for each in argument) + ")"
            if not isinstance(argument, Ref):
                return _constant_text(argument, inner)
            if argument.at < count:
                return self.parameters[argument.at]
            name = names[argument.at - count]
            if argument.at in named:
                return name
            head, arguments = self.steps[argument.at - count]
            if reads[argument.at] > 1:
                written = step(head, arguments, False)
                named.add(argument.at)
                return f"({name} := {written})"
            return step(head, arguments, inner)

        def step(head: str, arguments: tuple, inner: bool) -> str:
            infix = HEADS[head].infix
            if infix and len(arguments) == 2:
                written = f"{text(arguments[0])} {infix} {text(arguments[1])}"
                return f"({written})" if inner else written
            if head == "Minus":
                return f"(-{text(arguments[0])})" if inner else f"-{text(arguments[0])}"
            return f"{head}({', '.join(text(each, False) for each in arguments)})"

        return text(self.result, False)


def checked_expression(parameters: Any, steps: Any, result: Any) -> Expression:
    """The expression of what a file says, which may be anything; ValueError says what is wrong with it."""
    if not isinstance(parameters, tuple) or not all(isinstance(n, str) and n.isidentifier() for n in parameters):
        raise ValueError("the parameters of a function are names")
    if not isinstance(steps, tuple) or any(not isinstance(step, tuple) or len(step) != 2 for step in steps):
        raise ValueError("the steps of a function are pairs")

    def check(argument: Any, known: int) -> None:
        if isinstance(argument, tuple):
            for each in argument:
                check(each, known)
        elif isinstance(argument, Ref):
            if type(argument.at) is not int or not 0 <= argument.at < known:
                raise ValueError(f"a function reads its value {argument.at!r}, which it does not have")
        elif not isinstance(argument, (bool, int, float)):
            raise ValueError(f"a function holds {argument!r}, which is no number")

    for at, (head, arguments) in enumerate(steps, start=len(parameters)):
        if not isinstance(head, str) or head not in HEADS or not isinstance(arguments, tuple):
            raise ValueError(f"there is no function {head!r}")
        check(arguments, at)
        wrong = HEADS[head].refusal(arguments)
        if wrong:
            raise ValueError(f"{head} takes {wrong}")
    check(result, len(parameters) + len(steps))
    return Expression(parameters, steps, result)


def _constant_text(value: Any, inner: bool) -> str:
    """A number as source text; infinity and nan are written so that they can be read back anywhere."""
    text = repr(value) if abs(value) < math.inf else f'float("{value}")'
    return f"({text})" if inner and value < 0 else text


def _refs(arguments: tuple) -> list[Ref]:
    found: list[Ref] = []
    for each in arguments:
        if isinstance(each, tuple):
            found += _refs(each)
        elif isinstance(each, Ref):
            found.append(each)
    return found
