"""The table of scalar functions: Wolfram's head, its arithmetic on `xp`, NumPy's names, how it is written.

Every head is a public function of numbers, arrays and symbolic ports: `Tanh(0.5)`, and `Tanh(x)` inside a traced
function. Adding a function is adding a row.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.registry import offer


@dataclass(frozen=True)
class Head:
    """A scalar function. Applied to numbers it gives a number, applied to a symbolic port a symbolic port."""

    name: str
    function: Callable
    least: int = 1
    most: float = 1
    numpy: tuple[str, ...] = ()
    infix: str | None = None
    wants: Callable[[tuple], str | None] | None = None  # what it takes, of arguments that are not so

    def __call__(self, *arguments: Any) -> Any:
        refused = self.refusal(arguments)
        if refused:
            raise NetError(f"{self.name} takes {refused}")
        return offer("apply head")(self, arguments)

    def refusal(self, arguments: tuple) -> str | None:
        """What it takes and what came, where these are not arguments that it takes."""
        if not self.least <= len(arguments) <= self.most:
            count = f"{self.least}"
            if self.least != self.most:
                count += " or more" if self.most == math.inf else f" to {self.most}"
            return f"{count} argument{'s' * (count != '1')}, got {len(arguments)}"
        return self.wants(arguments) if self.wants else None

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> Any:
        return _head_named, (self.name,)

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Head) and self.name == other.name


HEADS: dict[str, Head] = {}
FROM_NUMPY: dict[str, Head] = {}


def _head_named(name: str) -> Head:
    return HEADS[name]


def _row(
    name: str,
    function: Callable,
    numpy: str = "",
    arity: tuple[int, float] = (1, 1),
    infix: str = "",
    wants: Callable[[tuple], str | None] | None = None,
) -> None:
    head = Head(name, function, *arity, tuple(numpy.split()), infix or None, wants)
    HEADS[name] = head
    FROM_NUMPY.update(dict.fromkeys(head.numpy, head))


def _root(xp: Any, x: Any, n: Any) -> Any:
    """The real n-th root, with slope 0 at 0 where the formula has none; nan where there is none."""
    size = xp.where(x == 0, 1.0, xp.abs(x))
    sign = xp.where(x < 0, xp.where(xp.equal(xp.mod(n, 2), 1), -1.0, math.nan), xp.sign(x))
    return sign * xp.power(size, 1 / n)


def _number(xp: Any, value: Any) -> Any:
    """A Python number as one of this precision: two of them in a `where` would be double."""
    return xp.full((), value) if isinstance(value, (int, float)) else value


def _if(xp: Any, condition: Any, x: Any, y: Any) -> Any:
    return xp.where(condition, _number(xp, x), y)


def _clip(xp: Any, x: Any, ends: tuple = (-1, 1), values: tuple | None = None) -> Any:
    low, high = ends
    below, above = values if values is not None else ends
    return xp.where(x < low, below, xp.where(x > high, above, x))


def _fold(word: str) -> Callable:
    def folded(xp: Any, first: Any, *others: Any) -> Any:
        for other in others:
            first = getattr(xp, word)(first, other)
        return first

    return folded


def _which(xp: Any, *pairs: Any) -> Any:
    answer: Any = math.nan
    for condition, value in reversed(list(zip(pairs[::2], pairs[1::2], strict=True))):
        answer = value if condition is True else _if(xp, condition, value, answer)
    return answer


def _wants_pairs(arguments: tuple) -> str | None:
    return "pairs of a condition and a value, got an odd number of arguments" if len(arguments) % 2 else None


def _wants_limits(arguments: tuple) -> str | None:
    limits = arguments[1:]
    if all(isinstance(each, (tuple, list)) and len(each) == 2 for each in limits):
        return None
    return "its limits as a pair: Clip(x, (low, high)), or Clip(x, (low, high), (below, above))"


def _arc_cot(xp: Any, x: Any) -> Any:
    """arctan(1/x), with its true slope at 0, where 1/x has none."""
    side = xp.where(x < 0, -1.0, 1.0) * xp.ones_like(x)
    return side * xp.arctan2(xp.ones_like(x), side * x)


def _csch(xp: Any, x: Any) -> Any:
    """1/sinh(x) = 2 e / (1 - e²) with e = exp(-|x|), which does not overflow."""
    size = xp.abs(x)
    return -2 * xp.where(x < 0, -1.0, 1.0) * xp.exp(-size) / xp.expm1(-2 * size)


def _sech(xp: Any, x: Any) -> Any:
    """1/cosh(x) = 2 e / (1 + e²) with e = exp(-|x|), which does not overflow."""
    e = xp.exp(-xp.abs(x))
    return 2 * e / (1 + e * e)


def _sum(xp: Any, *terms: Any) -> Any:
    return sum(terms[1:], start=terms[0])


def _product(xp: Any, *factors: Any) -> Any:
    return math.prod(factors[1:], start=factors[0])


def _gelu(xp: Any, x: Any) -> Any:
    return 0.5 * x * (1 + xp.erf(x * math.sqrt(0.5)))


def _chain(test: Callable) -> Callable:
    def compare(xp: Any, *values: Any) -> Any:
        answer = test(xp, values[0], values[1])
        for a, b in zip(values[1:], values[2:], strict=False):
            answer = xp.logical_and(answer, test(xp, a, b))
        return answer

    return compare


MANY = (1, math.inf)
PAIRS = (2, math.inf)

_row("Plus", _sum, "add", MANY, "+")
_row("Subtract", lambda xp, x, y: x - y, "subtract", (2, 2), "-")
_row("Times", _product, "multiply", MANY, "*")
_row("Divide", lambda xp, x, y: x / y, "divide true_divide", (2, 2), "/")
_row("Power", lambda xp, x, y: xp.power(x, y), "power float_power", (2, 2), "**")
_row("Minus", lambda xp, x: -x, "negative")
_row("Surd", _root, "", (2, 2))
_row("Min", _fold("minimum"), "minimum fmin", MANY)
_row("Max", _fold("maximum"), "maximum fmax", MANY)
_row("Clip", _clip, "", (1, 3), wants=_wants_limits)
_row("Mod", lambda xp, x, m, d=0: x - m * xp.floor((x - d) / m), "mod remainder", (2, 3))
_row("Threshold", lambda xp, x, t: xp.where(xp.abs(x) > t, x, 0.0), "", (2, 2))
_row("Chop", lambda xp, x, t=1e-10: xp.where(xp.abs(x) < t, 0.0, x), "", (1, 2))

_row("Ramp", lambda xp, x: xp.ramp(x))
_row("LogisticSigmoid", lambda xp, x: xp.sigmoid(x))
_row("ELU", lambda xp, x: xp.where(x >= 0, x, xp.expm1(xp.where(x >= 0, 0.0, x))))
_row(
    "SELU",
    lambda xp, x: xp.where(
        x >= 0, 1.0507009873554805 * x, 1.758099340847161 * xp.expm1(xp.where(x >= 0, 0.0, x))
    ),
)  # fmt: skip
_row("GELU", _gelu)
_row("Swish", lambda xp, x: x * xp.sigmoid(x))
_row("HardSwish", lambda xp, x: x * _clip(xp, x + 3, (0, 6)) / 6)
_row("Mish", lambda xp, x: x * xp.tanh(xp.logaddexp(x, 0.0)))
_row("SoftSign", lambda xp, x: x / (1 + xp.abs(x)))
_row("SoftPlus", lambda xp, x: xp.logaddexp(x, 0.0))
_row("HardTanh", lambda xp, x: _clip(xp, x))
_row("HardSigmoid", lambda xp, x: _clip(xp, (x + 1) / 2, (0, 1)))

_row("Sin", lambda xp, x: xp.sin(x), "sin")
_row("Cos", lambda xp, x: xp.cos(x), "cos")
_row("Tan", lambda xp, x: xp.tan(x), "tan")
_row("Cot", lambda xp, x: 1 / xp.tan(x))
_row("Sec", lambda xp, x: 1 / xp.cos(x))
_row("Csc", lambda xp, x: 1 / xp.sin(x))
_row("ArcSin", lambda xp, x: xp.arcsin(x), "arcsin asin")
_row("ArcCos", lambda xp, x: xp.arccos(x), "arccos acos")
_row("ArcTan", lambda xp, x, y=None: xp.arctan(x) if y is None else xp.arctan2(y, x), "arctan atan", (1, 2))
_row("ArcCot", _arc_cot)
_row("ArcSec", lambda xp, x: xp.arccos(1 / x))
_row("ArcCsc", lambda xp, x: xp.arcsin(1 / x))
_row("Sinh", lambda xp, x: xp.sinh(x), "sinh")
_row("Cosh", lambda xp, x: xp.cosh(x), "cosh")
_row("Tanh", lambda xp, x: xp.tanh(x), "tanh")
_row("Coth", lambda xp, x: 1 / xp.tanh(x))
_row("Sech", _sech)
_row("Csch", _csch)
_row("ArcSinh", lambda xp, x: xp.arcsinh(x), "arcsinh asinh")
_row("ArcCosh", lambda xp, x: xp.arccosh(x), "arccosh acosh")
_row("ArcTanh", lambda xp, x: xp.arctanh(x), "arctanh atanh")
_row("ArcCoth", lambda xp, x: xp.arctanh(1 / x))
_row("ArcSech", lambda xp, x: xp.arccosh(1 / x))
_row("ArcCsch", lambda xp, x: xp.arcsinh(1 / x))
_row("Haversine", lambda xp, x: xp.sin(0.5 * x) ** 2)
_row("InverseHaversine", lambda xp, x: 2 * xp.arcsin(xp.sqrt(x)))
_row("Gudermannian", lambda xp, x: 2 * xp.arctan(xp.tanh(0.5 * x)))
_row("InverseGudermannian", lambda xp, x: 2 * xp.arctanh(xp.tan(0.5 * x)))
_row("Log", lambda xp, x, y=None: xp.log(x) if y is None else xp.log(y) / xp.log(x), "log", (1, 2))
_row("Log2", lambda xp, x: xp.log(x) / math.log(2), "log2")
_row("Log10", lambda xp, x: xp.log(x) / math.log(10), "log10")
_row("Exp", lambda xp, x: xp.exp(x), "exp")
_row("Sqrt", lambda xp, x: xp.sqrt(x), "sqrt")
_row("CubeRoot", lambda xp, x: _root(xp, x, 3), "cbrt")
_row("Abs", lambda xp, x: xp.abs(x), "absolute abs fabs")
_row("Gamma", lambda xp, x: xp.gamma(x))
_row("LogGamma", lambda xp, x: xp.loggamma(x))
_row("Erf", lambda xp, x, y=None: xp.erf(x) if y is None else xp.erf(y) - xp.erf(x), "", (1, 2))
_row("Erfc", lambda xp, x: xp.erfc(x))
_row("InverseErf", lambda xp, x: xp.erfinv(x))
_row("InverseErfc", lambda xp, x: xp.erfcinv(x))

_row("Round", lambda xp, x: xp.round(x), "rint round around")
_row("Floor", lambda xp, x: xp.floor(x), "floor")
_row("Ceiling", lambda xp, x: xp.ceil(x), "ceil")
_row("Sign", lambda xp, x: xp.sign(x), "sign")
_row("IntegerPart", lambda xp, x: xp.trunc(x), "trunc fix")
_row("FractionalPart", lambda xp, x: x - xp.trunc(x))
_row("Unitize", lambda xp, x: xp.where(x == 0, 0.0, xp.ones_like(x)))
_row("KroneckerDelta", lambda xp, x, y=0: _if(xp, xp.equal(x, y), 1.0, 0.0), "", (1, 2))

_row("If", _if, "", (3, 3))
_row("Which", _which, "", PAIRS, wants=_wants_pairs)
_row("And", _fold("logical_and"), "logical_and", MANY, "&")
_row("Or", _fold("logical_or"), "logical_or", MANY, "|")
_row("Not", lambda xp, x: xp.logical_not(x), "logical_not")
_row("Equal", _chain(lambda xp, x, y: xp.equal(x, y)), "equal", PAIRS, "==")
_row("Unequal", lambda xp, x, y: xp.not_equal(x, y), "not_equal", (2, 2), "!=")
_row("Greater", _chain(lambda xp, x, y: x > y), "greater", PAIRS, ">")
_row("GreaterEqual", _chain(lambda xp, x, y: x >= y), "greater_equal", PAIRS, ">=")
_row("Less", _chain(lambda xp, x, y: x < y), "less", PAIRS, "<")
_row("LessEqual", _chain(lambda xp, x, y: x <= y), "less_equal", PAIRS, "<=")
_row("Positive", lambda xp, x: x > 0)
_row("Negative", lambda xp, x: x < 0)
_row("NonNegative", lambda xp, x: x >= 0)
_row("NonPositive", lambda xp, x: x <= 0)
_row("PossibleZeroQ", lambda xp, x: xp.equal(x, 0))

ALIASES = {
    "RectifiedLinearUnit": "Ramp",
    "ReLU": "Ramp",
    "ExponentialLinearUnit": "ELU",
    "ScaledExponentialLinearUnit": "SELU",
    "GaussianErrorLinearUnit": "GELU",
    "Sigmoid": "LogisticSigmoid",
}
"""The other names under which ElementwiseLayer takes a function; the net holds the one on the right."""


def Piecewise(cases: Any, default: Any = 0) -> Any:
    """The value of the first (value, condition) whose condition holds, else `default`.

    >>> Piecewise([(1, False), (2, True)])
    2
    """
    answer = default
    for value, condition in reversed(list(cases)):
        answer = value if condition is True else answer if condition is False else HEADS["If"](condition, value, answer)
    return answer
