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
        return LambdaText(self).text(self.result, False)


class LambdaText:
    """The source text of an expression while it is written: how often each value is read, and which have a name."""

    def __init__(self, expression: Expression):
        self.expression, self.count = expression, len(expression.parameters)
        self.reads = [0] * (self.count + len(expression.steps))
        for _, arguments in [*expression.steps, ("", (expression.result,))]:
            for ref in _refs(arguments):
                self.reads[ref.at] += 1
        free = (f"t{k}" for k in range(1, len(self.reads) + 1))
        self.names = [name for name in free if name not in expression.parameters]
        self.named: set[int] = set()

    def text(self, argument: Any, inner: bool = True) -> str:
        """An argument as it stands inside an operation, or alone."""
        if isinstance(argument, tuple):
            return "(" + ", ".join(self.text(each, False) for each in argument) + ")"
        if not isinstance(argument, Ref):
            return _constant_text(argument, inner)
        if argument.at < self.count:
            return self.expression.parameters[argument.at]
        name = self.names[argument.at - self.count]
        if argument.at in self.named:
            return name
        head, arguments = self.expression.steps[argument.at - self.count]
        if self.reads[argument.at] > 1:
            written = self.step(head, arguments, False)
            self.named.add(argument.at)
            return f"({name} := {written})"
        return self.step(head, arguments, inner)

    def step(self, head: str, arguments: tuple, inner: bool) -> str:
        """A head applied to its arguments."""
        infix = HEADS[head].infix
        if infix and len(arguments) == 2:
            written = f"{self.text(arguments[0])} {infix} {self.text(arguments[1])}"
            return f"({written})" if inner else written
        if head == "Minus":
            return f"(-{self.text(arguments[0])})" if inner else f"-{self.text(arguments[0])}"
        return f"{head}({', '.join(self.text(each, False) for each in arguments)})"


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
