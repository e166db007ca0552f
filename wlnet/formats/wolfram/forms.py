"""Forms of expressions with a rule of their own: brackets, calls, parts, spans, application, patterns with a colon."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.expressions import Call, call
from wlnet.formats.wolfram.marks import APPLYING, CALLING, SPANNING
from wlnet.formats.wolfram.scanner import Token

if TYPE_CHECKING:
    from wlnet.formats.wolfram.parser import Parser


def in_parentheses(parser: "Parser", opening: Token) -> Any:
    found = parser.within(")", opening)
    if len(found) != 1:
        raise parser.source.error("( ) holds one expression", opening.start)
    return found[0]


def in_braces(parser: "Parser", opening: Token) -> Any:
    return call("List", *parser.within("}", opening))


def in_association(parser: "Parser", opening: Token) -> Any:
    return call("Association", *parser.within("|>", opening))


def span_from_start(parser: "Parser", opening: Token) -> Any:
    parser.at -= 1
    return spanned(parser, 1)


def output(parser: "Parser", opening: Token) -> Any:
    return call("Out")


def got(parser: "Parser", opening: Token) -> Any:
    parser.next()
    return call("Get")


def called(parser: "Parser", left: Any) -> Any:
    opening = parser.next()
    if parser.is_mark("["):
        parser.next()
        arguments = parser.within("]", opening)
        parser.expect("]", opening)
        return call("Part", left, *arguments)
    return Call(left, tuple(parser.within("]", opening)))


def spanned(parser: "Parser", left: Any) -> Any:
    parts = [left]
    while parser.is_mark(";;") and len(parts) < 3:
        parser.next()
        starts = parser.starts_operand() or parser.is_mark("-", "+")
        parts.append(parser.expression(SPANNING + 1) if starts else Symbol("All"))
    return call("Span", *parts)


def applied_after(parser: "Parser", left: Any) -> Any:
    parser.next()
    return Call(parser.expression(71), (left,))


def applied_before(parser: "Parser", left: Any) -> Any:
    parser.next()
    return Call(left, (parser.expression(APPLYING),))


def between(parser: "Parser", left: Any) -> Any:
    opening = parser.next()
    head = parser.expression(631)
    parser.expect("~", opening)
    return Call(head, (left, parser.expression(631)))


def with_colon(parser: "Parser", left: Any) -> Any:
    """name : pattern, or pattern : default."""
    parser.next()
    if isinstance(left, Symbol):
        return call("Pattern", left, parser.expression(151))
    return call("Optional", left, parser.expression(141))


def unset(parser: "Parser", left: Any) -> Any:
    parser.next()
    return call("Unset", left)


BRACKETS: dict[str, Callable[["Parser", Token], Any]] = {
    "(": in_parentheses,
    "{": in_braces,
    "<|": in_association,
    ";;": span_from_start,
    "%": output,
    "<<": got,
}
"""Marks with which an operand begins."""

SPECIAL: dict[str, tuple[int, Callable[["Parser", Any], Any]]] = {
    "[": (CALLING, called),
    ";;": (SPANNING, spanned),
    "//": (70, applied_after),
    "@": (APPLYING, applied_before),
    "~": (630, between),
    ":": (140, with_colon),
    "=.": (40, unset),
}
"""Operators with a rule of their own: precedence and rule."""
