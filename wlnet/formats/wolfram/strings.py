"""Functions of texts."""

from fractions import Fraction
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.evaluate import INERT, Evaluator, provides_function
from wlnet.formats.wolfram.expressions import is_call, listed

LETTERS = 1_000_000
"""The most letters of a text."""


@provides_function("StringJoin")
def joined(evaluator: Evaluator, arguments: list) -> Any:
    """a <> b, of texts and lists of them."""
    parts: list = []
    for each in arguments:
        parts.extend(each.arguments if is_call(each, "List") else [each])
    if not all(isinstance(each, str) for each in parts):
        return INERT
    if sum(map(len, parts)) > LETTERS:
        raise NetError(f"a text of more than {LETTERS:,} letters")
    evaluator.spend(len(parts))
    return "".join(parts)


@provides_function("ToString", "TextString", "SymbolName")
def as_text(evaluator: Evaluator, arguments: list) -> Any:
    value = arguments[0] if arguments else ""
    if isinstance(value, (str, int, Symbol)):
        return str(value)
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, float):
        return f"{value:.6g}" + ("." if float(f"{value:.6g}").is_integer() and abs(value) < 10**6 else "")
    return INERT


@provides_function("CharacterRange")
def character_range(evaluator: Evaluator, arguments: list) -> Any:
    """CharacterRange["a", "z"]."""
    if len(arguments) != 2 or not all(isinstance(each, str) and len(each) == 1 for each in arguments):
        return INERT
    first, last = map(ord, arguments)
    evaluator.spend(max(0, last - first))
    return listed(chr(code) for code in range(first, last + 1))


@provides_function("Alphabet")
def alphabet(evaluator: Evaluator, arguments: list) -> Any:
    """The English letters."""
    return INERT if arguments else listed("abcdefghijklmnopqrstuvwxyz")


@provides_function("Characters")
def characters(evaluator: Evaluator, arguments: list) -> Any:
    return listed(arguments[0]) if len(arguments) == 1 and isinstance(arguments[0], str) else INERT
