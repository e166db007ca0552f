"""Wolfram Language text as expressions: a parser by the precedence of operators.

Sums, differences and quotients stay what was written: `a - b` is Subtract[a, b], `a + b + c` is two sums of two, as
Python reads them; so functions in nets keep their form.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.expressions import call
from wlnet.formats.wolfram.forms import BRACKETS, SPECIAL
from wlnet.formats.wolfram.marks import (
    COMPARE,
    COMPARING,
    FLAT,
    INFIX,
    ONLY_INFIX,
    RIGHT,
    TIMES,
)
from wlnet.formats.wolfram.scanner import Text, Token, tokens_of

DEPTH = 100
"""How deep expressions may nest; nets of real use stay below 30."""

NULL = Symbol("Null")
OPENS = {"(": ")", "{": "}", "<|": "|>", "[": "]"}
PREFIX = {
    "-": (480, "Minus"),
    "+": (480, "Plus"),
    "!": (230, "Not"),
    "++": (660, "PreIncrement"),
    "--": (660, "PreDecrement"),
}
BLANKS = {1: "Blank", 2: "BlankSequence", 3: "BlankNullSequence"}
POSTFIX = {
    "&": (90, "Function"),
    "..": (170, "Repeated"),
    "...": (170, "RepeatedNull"),
    "++": (660, "Increment"),
    "--": (660, "Decrement"),
    "!": (610, "Factorial"),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One expression of a text: where it begins and ends, and whether `;` takes its value away."""

    value: Any
    start: int
    stop: int
    silent: bool


def statements(source: Text) -> list[Statement]:
    """The expressions of a text, in order.

    >>> [each.value for each in statements(Text("a = 1; 2 b"))]
    [Call(head=Set, arguments=(a, 1)), Call(head=Times, arguments=(2, b))]
    """
    return Parser(source).statements()


def expression(text: str) -> Any:
    """The one expression of a text."""
    found = statements(Text(text))
    if len(found) != 1:
        raise NetError(f"the text holds {len(found)} expressions, not one", got=len(found))
    return found[0].value


class Parser:
    """Reads expressions from tokens."""

    def __init__(self, source: Text):
        self.source, self.tokens = source, tokens_of(source)
        self.at = self.inside = self.depth = 0

    # --- tokens -------------------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    def next(self) -> Token:
        """Takes the next token."""
        self.at += 1
        return self.tokens[self.at - 1]

    def is_mark(self, *marks: str) -> bool:
        """Whether the next token is one of these marks."""
        return self.token.kind == "mark" and self.token.value in marks

    def expect(self, mark: str, opening: Token) -> None:
        """Takes the mark that closes what was opened."""
        if not self.is_mark(mark):
            if self.token.kind == "end":
                raise self.source.error(f"this {opening.value} is not closed", opening.start, f"close it with {mark}")
            raise self.source.error(f"expected {mark}, or an operator", self.token.start)
        self.next()

    def ends_here(self) -> bool:
        """Whether a new line ends the expression: outside of brackets, unless it begins with an operator."""
        return self.token.new_line and not self.inside and not self.is_mark(*ONLY_INFIX)

    # --- statements ---------------------------------------------------------------------------------------------------

    def statements(self) -> list[Statement]:
        """All of them."""
        found: list[Statement] = []
        while self.token.kind != "end":
            if self.is_mark(";", ","):
                self.next()
                continue
            start = self.token.start
            value = self.expression(11)
            stop, silent = self.tokens[self.at - 1].stop, self.is_mark(";")
            found.append(Statement(value, start, stop, silent))
            if not silent and self.token.kind != "end" and not self.token.new_line:
                raise self.source.error("expected an operator or a new line", self.token.start)
        return found

    # --- expressions --------------------------------------------------------------------------------------------------

    def expression(self, least: int) -> Any:
        """An expression of operators that bind at least so tightly."""
        self.depth += 1
        if self.depth > DEPTH:
            raise self.source.error(f"expressions nest deeper than {DEPTH}", self.token.start)
        left = self.operand()
        while not self.ends_here():
            follow = self.follow(left, least)
            if follow is None:
                break
            left = follow()
        self.depth -= 1
        return left

    def operand(self) -> Any:
        """A number, string, symbol, pattern, slot, something in brackets, or a prefix operator and its operand."""
        token = self.next()
        if token.kind in ("number", "string"):
            return token.value
        if token.kind == "symbol":
            return Symbol(token.value)
        if token.kind == "pattern":
            return pattern(*token.value)
        if token.kind == "slot":
            return call(*token.value)
        if token.kind == "mark" and token.value in BRACKETS:
            return BRACKETS[token.value](self, token)
        if token.kind == "mark" and token.value in PREFIX:
            precedence, head = PREFIX[token.value]
            return prefixed(head, self.expression(precedence))
        if token.kind == "end":
            raise self.source.error("an expression is missing at the end", token.start)
        raise self.source.error("an expression is missing before this", token.start)

    def starts_operand(self) -> bool:
        """Whether an operand begins here, for implicit multiplication and open spans."""
        token = self.token
        return token.kind in ("number", "string", "symbol", "pattern", "slot") or self.is_mark("(", "{", "<|")

    def follow(self, left: Any, least: int) -> Callable[[], Any] | None:
        """What to do with the operator that follows; None where none does that binds tightly enough."""
        token = self.token
        if token.kind != "mark" or token.value in ("(", "{", "<|", "%", "<<"):
            return (lambda: self.times(left)) if self.starts_operand() and least <= TIMES else None
        mark = token.value
        for table, how in ((INFIX, self.to_left), (RIGHT, self.to_right), (FLAT, self.flat)):
            if mark in table:
                precedence, head = table[mark]
                return (lambda: how(left, mark, precedence, head)) if precedence >= least else None  # noqa: B023
        if mark in COMPARE:
            return (lambda: self.compared(left)) if least <= COMPARING else None
        if mark in POSTFIX:
            precedence, head = POSTFIX[mark]
            return (lambda: self.after(left, head)) if precedence >= least else None
        if mark in SPECIAL:
            precedence, rule = SPECIAL[mark]
            return (lambda: rule(self, left)) if precedence >= least else None
        return None

    def times(self, left: Any) -> Any:
        return call("Times", left, self.expression(TIMES + 1))

    def to_left(self, left: Any, mark: str, precedence: int, head: str) -> Any:
        self.next()
        return call(head, left, self.expression(precedence + 1))

    def to_right(self, left: Any, mark: str, precedence: int, head: str) -> Any:
        """The operands of operators of one precedence; a loop, so that long paths of edges do not nest."""
        operands, heads = [left], []
        while self.token.kind == "mark" and RIGHT.get(self.token.value, (0, ""))[0] == precedence:
            if self.ends_here():
                break
            heads.append(RIGHT[self.next().value][1])
            operands.append(self.expression(precedence + 1) if precedence != 40 else self.expression(41))
        value = operands.pop()
        while operands:
            value = call(heads.pop(), operands.pop(), value)
        return value

    def flat(self, left: Any, mark: str, precedence: int, head: str) -> Any:
        operands = [left]
        while self.is_mark(mark) and not self.ends_here():
            self.next()
            operands.append(self.expression(precedence + 1))
        return call(head, *operands)

    def compared(self, left: Any) -> Any:
        operands, heads = [left], []
        while self.token.kind == "mark" and self.token.value in COMPARE and not self.ends_here():
            heads.append(COMPARE[self.next().value])
            operands.append(self.expression(COMPARING + 1))
        if len(set(heads)) == 1:
            return call(heads[0], *operands)
        pairs = [call(head, a, b) for head, a, b in zip(heads, operands, operands[1:], strict=False)]
        return call("And", *pairs)

    def after(self, left: Any, head: str) -> Any:
        self.next()
        return call(head, left)

    # --- what has a rule of its own -----------------------------------------------------------------------------------

    def within(self, mark: str, opening: Token) -> list[Any]:
        """Expressions between commas, up to a closing mark; those left out are Null."""
        self.inside += 1
        found: list[Any] = []
        while not self.is_mark(mark):
            found.append(NULL if self.is_mark(",") else self.sequence())
            if not self.is_mark(","):
                break
            self.next()
            if self.is_mark(mark):
                raise self.source.error(f"an expression is missing before {mark}", self.token.start)
        self.inside -= 1
        self.expect(mark, opening)
        return found

    def is_alone(self) -> bool:
        """Whether a number stands here between commas: arrays hold thousands of them."""
        after = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        return self.token.kind == "number" and after.kind == "mark" and after.value in (",", "}")

    def sequence(self) -> Any:
        """An expression, or several with `;` between."""
        if self.is_alone():
            return self.next().value
        found = [self.expression(11)]
        while self.is_mark(";"):
            self.next()
            found.append(self.expression(11) if self.starts_operand() or self.is_mark(*PREFIX, ";;") else NULL)
        return found[0] if len(found) == 1 else call("CompoundExpression", *found)


def pattern(name: str | None, marks: int, head: str | None, optional: bool) -> Any:
    """x_, x__Integer, _, x_."""
    value = call(BLANKS[marks], *([Symbol(head)] if head else []))
    if name:
        value = call("Pattern", Symbol(name), value)
    return call("Optional", value) if optional else value


def prefixed(head: str, value: Any) -> Any:
    """A prefix operator applied to its operand; a number takes its sign."""
    if head == "Plus":
        return value
    if head == "Minus" and isinstance(value, (int, float)) and type(value) is not bool:
        return -value
    return call(head, value)
