"""Expressions as Wolfram Language text, which the parser reads back equal."""

import math
import re
from fractions import Fraction
from typing import Any

import numpy as np

from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.compress import compressed
from wlnet.formats.wolfram.expressions import Call
from wlnet.formats.wolfram.marks import FLAT, INFIX, RIGHT

DIGITS = 256
"""Arrays of so many numbers are written as digits; larger ones as Uncompress["…"], which holds the same bits."""

KINDS = {"float32": "Real32", "float64": "Real64", "uint8": "UnsignedInteger8", "int64": "Integer64"}
BRACKETS = {"List": ("{", "}"), "Association": ("<|", "|>")}
WRITTEN = ("Plus", "Subtract", "Times", "Divide", "Power", "Rule", "RuleDelayed", "TwoWayRule", "Alternatives", "Set")
"""Calls of two arguments that are written as operators."""
COMPACT = ("Power", "Times", "Divide")


def text_of(value: Any, least: int = 0) -> str:
    """The text of an expression, in parentheses where an operator around it binds more tightly than `least`.

    >>> from wlnet.formats.wolfram.expressions import call
    >>> text_of(call("f", call("Times", call("Plus", Symbol("x"), 1), 0.5), "a\\nb", Symbol("None")))
    'f[(x + 1)*0.5, "a\\\\nb", None]'
    """
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, (int, float)):
        return in_parentheses(real(value) if isinstance(value, float) else str(value), value < 0 and least > 0)
    if isinstance(value, np.ndarray):
        return array(value)
    if isinstance(value, Fraction):
        return f"({value.numerator}/{value.denominator})"
    return compound(value, least) if isinstance(value, Call) else str(value)


def compound(value: Call, least: int) -> str:
    """The text of a call: brackets, an operator, or head[…]."""
    parts = value.arguments
    if value.name in BRACKETS:
        start, end = BRACKETS[value.name]
        return start + ", ".join(text_of(each) for each in parts) + end
    if value.name in WRITTEN and len(parts) == 2:
        return operation(value, least)
    if value.name == "Span" and len(parts) >= 2:
        return in_parentheses(";;".join(text_of(each, 306) for each in parts), least > 305)
    if value.name == "Minus" and len(parts) == 1:
        return in_parentheses("-" + text_of(parts[0], 481), least > 0)
    if value.name == "Blank":
        return "_" + (text_of(parts[0]) if parts else "")
    if value.name == "Function" and len(parts) == 1:
        return in_parentheses(text_of(parts[0], 91) + " &", least > 90)
    if value.name == "Slot" and parts and isinstance(parts[0], int):
        return "#" if parts[0] == 1 else f"#{parts[0]}"
    head = text_of(value.head, 700) if not isinstance(value.head, Symbol) else value.head.name
    return f"{head}[{', '.join(text_of(each) for each in parts)}]"


MARKS = {
    head: (mark, precedence, "right" if mark in RIGHT else "left")
    for table in (INFIX, RIGHT, FLAT)
    for mark, (precedence, head) in table.items()
}
"""For each head its operator, the precedence, and how it groups."""


def operation(value: Call, least: int) -> str:
    """The text of an operator between two operands."""
    mark, precedence, side = MARKS[value.name]
    left = text_of(value.arguments[0], precedence + (side == "right"))
    right = text_of(value.arguments[1], precedence + 1)
    if side == "right" and value.name == "Rule":
        right = text_of(value.arguments[1], precedence)
    joined = f"{left}{mark}{right}" if value.name in COMPACT else f"{left} {mark} {right}"
    return in_parentheses(joined, precedence < least)


def in_parentheses(text: str, needed: bool) -> str:
    """A text, in parentheses if it needs them."""
    return f"({text})" if needed else text


def string(value: str) -> str:
    """A text in double quotes."""
    escaped = (
        value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    )
    return '"' + re.sub(r"[\x00-\x1f\x7f\ue000-\uf8ff]", lambda found: f"\\:{ord(found[0]):04x}", escaped) + '"'


def real(value: float) -> str:
    """A real, with a point, as the shortest digits that mean it."""
    if not math.isfinite(value):
        return "Indeterminate" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return with_point(repr(value))


def with_point(digits: str) -> str:
    """Python's digits as Wolfram's.

    >>> with_point("1e-05"), with_point("1.0"), with_point("2.5e+20")
    ('1.*^-5', '1.', '2.5*^20')
    """
    mantissa, _, exponent = digits.partition("e")
    mantissa = mantissa.removesuffix("0") if mantissa.endswith(".0") else mantissa
    mantissa = mantissa if "." in mantissa else mantissa + "."
    return mantissa + (f"*^{int(exponent)}" if exponent else "")


def array(value: np.ndarray) -> str:
    """An array: NumericArray[digits, type], or bits in a Compress string."""
    kind = KINDS.get(str(value.dtype), "Real32")
    if not value.ndim:
        return real(float(value)) if value.dtype.kind == "f" else str(int(value))
    plain = value if str(value.dtype) in KINDS else value.astype(np.float32)
    finite = plain.dtype.kind in "iu" or bool(np.all(np.isfinite(plain)))
    if (0 < plain.size <= DIGITS and finite) or plain.dtype == np.int64:
        return f'NumericArray[{rows(plain)}, "{kind}"]'
    return f'Uncompress["{compressed(plain)}"]'


def rows(value: np.ndarray) -> str:
    """The numbers of an array as nested lists."""
    if value.ndim:
        return "{" + ", ".join(map(rows, value)) + "}"
    if value.dtype.kind in "iu":
        return str(int(value))
    digits = str(value) if value.dtype == np.float32 else repr(float(value))
    exact = value.dtype != np.float32 or np.float32(float(digits)) == value
    return with_point(digits if exact else repr(float(value)))
