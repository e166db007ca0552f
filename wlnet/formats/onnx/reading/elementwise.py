"""Operators that work element by element: heads of the table of scalar functions, and formulas."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.core.heads import HEADS
from wlnet.formats.onnx.reading.node import Node, reads, single
from wlnet.formats.onnx.reading.values import Value, together
from wlnet.formats.onnx.table import BOOLEAN, HEAD_OF

TRUTH = np.dtype(bool)


def met(function: Callable, *values: Value, kind: Any = None) -> Value:
    """A function of the elements of several tensors that meet as NumPy's arrays do."""
    rank = max((value.rank for value in values if not value.is_plain), default=0)
    loose = [value for value in values if not (is_number(value) and value.rank <= rank)]
    arrays, batch, count = together(loose)
    found = iter(arrays)
    arguments = [next(found) if any(value is each for each in loose) else number(value) for value in values]
    return Value(function(*arguments), values[0].kind if kind is None else np.dtype(kind), batch, count)


def is_number(value: Value) -> bool:
    """Whether a tensor is one known number, which an expression can hold."""
    return value.is_plain and value.array.size == 1


def number(value: Value) -> Any:
    """One known number as Python's own, shortest where it is of single precision."""
    found = value.array.reshape(()).item()
    return found if isinstance(found, bool) or value.array.dtype != np.float32 else single(found)


def counted(value: Value) -> Any:
    """Truth values as the numbers 0 and 1: NumPy's own do not add up."""
    return value.like(HEADS["If"](value.symbol(), 1, 0)) if value.kind == TRUTH and not value.is_known else value


def entered(name: str, head: str) -> None:
    @reads(name)
    def read(node: Node, *values: Value) -> Value:
        kind = TRUTH if name in BOOLEAN else None
        if name == "Equal" and values[0].kind == TRUTH:
            values = tuple(map(counted, values))
        if len(values) == 1 and HEADS[head].least == 1 and head in ("Max", "Min", "Plus"):
            return values[0]
        return met(HEADS[head], *values, kind=kind)


for _name, _head in HEAD_OF.items():
    entered(_name, _head)


# --- arithmetic of integers and of truth values ----------------------------------------------------------------------


@reads("Div")
def divided(node: Node, a: Value, b: Value) -> Value:
    """a / b, of integers without the fraction."""
    quotient = met(HEADS["Divide"], a, b)
    return quotient if a.is_float else quotient.like(HEADS["IntegerPart"](quotient.symbol()))


@reads("Mod")
def remainder(node: Node, a: Value, b: Value) -> Value:
    """What is left of a after whole b; with the sign of a if fmod is set, else of b."""
    if node.whole("fmod", 0):
        return met(lambda x, y: x - y * HEADS["IntegerPart"](x / y), a, b)
    return met(lambda x, y: x - y * HEADS["Floor"](x / y), a, b)


@reads("Pow")
def power(node: Node, a: Value, b: Value) -> Value:
    """a to the power b; of integers without the fraction."""
    found = met(HEADS["Power"], a, b)
    return found if a.is_float or b.is_float is False else found.like(HEADS["IntegerPart"](found.symbol()))


@reads("BitShift")
def shifted(node: Node, a: Value, b: Value) -> Value:
    """a · 2^b without what leaves the type, or the whole part of a / 2^b; a negative b is as a large one."""
    if b.kind.kind == "i":
        b = met(lambda n: HEADS["If"](n < 0, 64, n), b)
    if node.get("direction") == "RIGHT":
        return met(lambda x, n: HEADS["Floor"](x / HEADS["Power"](2.0, n)), a, b)
    size = 2.0 ** (8 * a.kind.itemsize)
    low = -size / 2 if a.kind.kind == "i" else 0
    return met(lambda x, n: HEADS["Mod"](x * HEADS["Power"](2.0, n), size, low), a, b)


@reads("Xor")
def either(node: Node, a: Value, b: Value) -> Value:
    """Whether one of two holds, and not both."""
    return met(
        lambda x, y: HEADS["Unequal"](HEADS["Unitize"](x), HEADS["Unitize"](y)), counted(a), counted(b), kind=TRUTH
    )


@reads("IsNaN")
def is_nan(node: Node, a: Value) -> Value:
    """Whether it is no number."""
    return met(lambda x: HEADS["Unequal"](x, x), a, kind=TRUTH)


@reads("IsInf")
def is_infinite(node: Node, a: Value) -> Value:
    """Whether it is infinite, of the signs that count."""
    positive, negative = node.whole("detect_positive", 1), node.whole("detect_negative", 1)
    if positive and negative:
        return met(lambda x: HEADS["Equal"](HEADS["Abs"](x), math.inf), a, kind=TRUTH)
    end = math.inf if positive else -math.inf
    return met(lambda x: HEADS["Equal"](x, end if positive or negative else math.nan), a, kind=TRUTH)


@reads("Where")
def chosen(node: Node, condition: Value, x: Value, y: Value) -> Value:
    """x where the condition holds, else y."""
    return met(HEADS["If"], condition, x, y, kind=x.kind)


@reads("Mean")
def mean(node: Node, *values: Value) -> Value:
    """The mean of tensors, element by element."""
    return met(lambda *arrays: sum(arrays[1:], start=arrays[0]) / len(arrays), *values)
