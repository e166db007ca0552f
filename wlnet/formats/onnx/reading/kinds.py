"""Operators that change the type of elements, or nothing: Cast, Identity, Dropout."""

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS
from wlnet.formats.onnx.reading.elementwise import TRUTH, met
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.values import Value
from wlnet.formats.onnx.tensors import KINDS


def converted(x: Value, kind: np.dtype) -> Value:
    """The elements as those of another type: truth values as 0 and 1, integers without the fraction."""
    if x.is_known:
        return x.like(x.array if x.array.dtype == object else x.array.astype(kind), kind=kind)
    if kind == TRUTH and x.kind != TRUTH:
        return x.like(HEADS["Unequal"](x.symbol(), 0), kind=kind)
    if x.kind == TRUTH and kind != TRUTH:
        return x.like(HEADS["If"](x.symbol(), 1, 0), kind=kind)
    if x.is_float and kind.kind in "iu":
        return x.like(HEADS["IntegerPart"](x.symbol()), kind=kind)
    return x.like(x.array, kind=kind)


@reads("Cast")
def cast(node: Node, x: Value) -> Value:
    """The elements as those of another type."""
    to = node.whole("to")
    if to not in KINDS:
        raise NetError(f"its elements become of type {to}, which are no numbers that a net has")
    return converted(x, np.dtype(KINDS[to]))


@reads("CastLike")
def cast_like(node: Node, x: Value, other: Value) -> Value:
    """The elements as those of the type of another tensor."""
    return converted(x, other.kind)


@reads("Identity")
def same(node: Node, x: Value) -> Value:
    """The same."""
    return x


@reads("Dropout")
def dropout(node: Node, x: Value, ratio: Value | None = None, training: Value | None = None) -> list[Value | None]:
    """The same: nothing is dropped in evaluation."""
    if training is not None and node.numbers(training, "training_mode"):
        raise NetError("it drops numbers at random also in evaluation (training_mode is set)")
    if len(node.outputs) < 2:
        return [x]
    return [x, met(lambda a: HEADS["GreaterEqual"](a * a, -1), x, kind=TRUTH)]
