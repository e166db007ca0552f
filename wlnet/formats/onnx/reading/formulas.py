"""Operators that are formulas in one number and their attributes: activations, Clip, PRelu."""

import math
from collections.abc import Callable

import numpy as np

from wlnet.core.heads import HEADS
from wlnet.formats.onnx.reading.elementwise import is_number, met, number
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.values import Value, known
from wlnet.layers.scaling import ParametricRampLayer
from wlnet.nets.recording import applied


def formula(name: str, function: Callable[[Node], Callable], domain: str = "") -> None:
    """Enters an operator that is a formula in one number, and in its attributes."""

    @reads(name, domain=domain)
    def read(node: Node, x: Value, *others: Value) -> Value:
        return met(function(node), x, *others)


def _leaky(node: Node) -> Callable:
    alpha = node.number("alpha", 0.01)
    return lambda x: HEADS["If"](x < 0, alpha * x, x)


def _elu(node: Node) -> Callable:
    alpha = node.number("alpha", 1.0)
    return HEADS["ELU"] if alpha == 1 else lambda x: HEADS["If"](x < 0, alpha * HEADS["ELU"](x), x)


def _celu(node: Node) -> Callable:
    alpha = node.number("alpha", 1.0)
    return lambda x: HEADS["If"](x < 0, alpha * HEADS["ELU"](x / alpha), x)


def _selu(node: Node) -> Callable:
    alpha, gamma = node.number("alpha", 1.67326319217681884765625), node.number("gamma", 1.05070102214813232421875)
    if abs(alpha - 1.6732632) < 1e-6 and abs(gamma - 1.050701) < 1e-6:
        return HEADS["SELU"]
    return lambda x: gamma * HEADS["If"](x > 0, x, alpha * HEADS["ELU"](x))


def _hard_sigmoid(node: Node) -> Callable:
    alpha, beta = node.number("alpha", 0.2), node.number("beta", 0.5)
    return lambda x: HEADS["Clip"](alpha * x + beta, (0, 1))


def _gelu(node: Node) -> Callable:
    if node.get("approximate", "none") == "none":
        return HEADS["GELU"]
    root = math.sqrt(2 / math.pi)
    return lambda x: 0.5 * x * (1 + HEADS["Tanh"](root * (x + 0.044715 * x * x * x)))


def _shrink(node: Node) -> Callable:
    edge, bias = node.number("lambd", 0.5), node.number("bias", 0.0)
    return lambda x: HEADS["If"](x > edge, x - bias, HEADS["If"](x < -edge, x + bias, 0 * x))


def _swish(node: Node) -> Callable:
    alpha = node.number("alpha", 1.0)
    return HEADS["Swish"] if alpha == 1 else lambda x: x * HEADS["LogisticSigmoid"](alpha * x)


formula("LeakyRelu", _leaky)
formula("Elu", _elu)
formula("Celu", _celu)
formula("Selu", _selu)
formula("HardSigmoid", _hard_sigmoid)
formula("Gelu", _gelu)
formula("Shrink", _shrink)
formula("Swish", _swish)
formula("Reciprocal", lambda node: lambda x: 1 / x)
formula("ThresholdedRelu", lambda node: (lambda a: lambda x: HEADS["If"](x > a, x, 0))(node.number("alpha", 1.0)))
formula(
    "Binarizer",
    lambda node: (lambda t: lambda x: HEADS["If"](x > t, 1, 0))(node.number("threshold", 0.0)),
    "ai.onnx.ml",
)


@reads("PRelu")
def leaking(node: Node, x: Value, slope: Value) -> Value:
    """x, and slope · x below 0: ParametricRampLayer where the slope is known."""
    if not slope.is_plain or slope.rank > x.rank or x.is_known:
        return met(lambda a, s: HEADS["If"](a < 0, s * a, a), x, slope)
    wide = (1,) * (x.rank - slope.rank) + slope.array.shape
    if x.batch is not None and wide[x.batch] != 1:
        return met(lambda a, s: HEADS["If"](a < 0, s * a, a), x, slope)
    sizes = [size for at, size in enumerate(wide) if at != x.batch]
    levels = tuple(at for at, size in enumerate(sizes, start=1) if size != 1)
    fitting = slope.array.reshape([size for size in sizes if size != 1])
    return x.like(applied(ParametricRampLayer(levels, Slope=fitting), x.symbol()))


@reads("Clip")
def clipped(node: Node, x: Value, low: Value | None = None, high: Value | None = None) -> Value:
    """x between two ends, of which either may be left out."""
    if node.version < 11:
        ends = node.number("min", -math.inf), node.number("max", math.inf)
        low, high = (known(np.float32(end)) if math.isfinite(end) else None for end in ends)
    if all(end is not None and is_number(end) for end in (low, high)) and number(low) <= number(high):  # type: ignore[arg-type]
        ends = number(low), number(high)  # type: ignore[arg-type]
        return met(lambda a: HEADS["Clip"](a, ends), x) if ends != (0, math.inf) else met(HEADS["Ramp"], x)
    if low is not None:
        x = met(HEADS["Max"], x, low)
    return x if high is None else met(HEADS["Min"], x, high)
