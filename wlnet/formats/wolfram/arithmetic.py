"""Numbers and texts: exact arithmetic, comparisons, and functions of the table of heads on values of nets."""

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS, Piecewise
from wlnet.core.symbolic import Operand
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.evaluate import INERT, Euler, Evaluator, Unheld, provides_function
from wlnet.formats.wolfram.expressions import is_call, listed
from wlnet.formats.wolfram.patterns import calls_in, same_value

BITS = 20_000
"""The most bits of an exact number."""


def number(value: Any) -> Any:
    """A number as the arithmetic of nets takes it: a fraction as a real."""
    return float(value) if isinstance(value, Fraction) else value


def is_number(value: Any) -> bool:
    """Whether a value is a number."""
    return isinstance(value, (int, float, Fraction)) and not isinstance(value, bool)


def bounded(value: Any) -> Any:
    """An exact number, whole where it is; refuses one that is absurdly long."""
    if isinstance(value, Fraction):
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > BITS:
            raise NetError(f"a number of more than {BITS:,} bits")
        return int(value) if value.denominator == 1 else value
    if isinstance(value, int) and value.bit_length() > BITS:
        raise NetError(f"a number of more than {BITS:,} bits")
    return value


def divided(a: Any, b: Any) -> Any:
    return a / b if isinstance(a, float) or isinstance(b, float) else Fraction(a) / Fraction(b)


def powered(a: Any, b: Any) -> Any:
    """a^b, exact where both are and b is whole."""
    if isinstance(a, float) or isinstance(b, float) or not isinstance(b, int):
        if a < 0 and not float(b).is_integer():
            return INERT
        root = round(float(a) ** float(b)) if not isinstance(a, float) and not isinstance(b, float) else None
        exact = isinstance(b, Fraction) and root is not None and b.numerator == 1 and root**b.denominator == a
        return root if exact else float(a) ** float(b)
    size = max(Fraction(a).numerator.bit_length(), Fraction(a).denominator.bit_length())
    if size * abs(b) > BITS:
        raise NetError(f"a number of more than {BITS:,} bits")
    return Fraction(a) ** b if b < 0 or isinstance(a, Fraction) else a**b


def folded(step: Callable, start: Any) -> Callable:
    """A function of any number of numbers."""

    def fold(*numbers: Any) -> Any:
        value = start
        for each in numbers:
            value = step(value, each)
        return value

    return fold


def rounded(value: Any) -> int:
    """To the nearest whole number, halves to the even one."""
    return round(value)


def logarithm(base: Any, value: Any = None) -> Any:
    """Log[x], or Log[b, x]; exact where x is a power of b."""
    if value is None:
        return math.log(base)
    found = math.log(value) / math.log(base)
    return round(found) if isinstance(value, int) and isinstance(base, int) and base ** round(found) == value else found


EXACT: dict[str, Callable] = {
    "Plus": folded(operator.add, 0), "Times": folded(operator.mul, 1), "Subtract": operator.sub, "Minus": operator.neg,
    "Divide": divided, "Power": powered, "Sqrt": lambda a: powered(a, Fraction(1, 2)),
    "Mod": lambda a, b, d=0: d + (a - d) % b,
    "Quotient": lambda a, b: a // b, "Floor": lambda a, b=1: math.floor(Fraction(a) / b) * b,
    "Ceiling": lambda a, b=1: math.ceil(Fraction(a) / b) * b,
    "Round": rounded, "IntegerPart": math.trunc, "Max": max, "Min": min, "Abs": abs, "Log": logarithm,
    "Log2": lambda a: logarithm(2, a), "Log10": lambda a: logarithm(10, a), "GCD": math.gcd, "LCM": math.lcm,
    "Sign": lambda a: (a > 0) - (a < 0), "N": lambda a, digits=None: float(a),
    "Factorial": lambda a: math.factorial(min(a, 500)),
    "Binomial": lambda a, b: math.comb(min(a, 500), b),
    "EvenQ": lambda a: a % 2 == 0, "OddQ": lambda a: a % 2 == 1, "Positive": lambda a: a > 0,
    "Negative": lambda a: a < 0,
    "NonNegative": lambda a: a >= 0, "NonPositive": lambda a: a <= 0, "Boole": int, "BitXor": operator.xor,
    "PrimeQ": lambda a: 1 < a < 10**9 and all(a % k for k in range(2, math.isqrt(a) + 1)),
    "Divisible": lambda a, b: a % b == 0,
}  # fmt: skip
"""Functions of numbers, exact where their arguments are."""

COMPARED: dict[str, Callable] = {
    "Less": operator.lt, "LessEqual": operator.le, "Greater": operator.gt, "GreaterEqual": operator.ge,
}  # fmt: skip


def numeric(name: str) -> Callable[[Evaluator, list], Any]:
    """A function of numbers, of lists of them element by element, and of values of nets."""

    def function(evaluator: Evaluator, arguments: list) -> Any:
        if any(isinstance(each, Operand) for each in arguments):
            return on_operands(name, arguments)
        if name in ("Max", "Min") and len(arguments) == 1 and is_call(arguments[0], "List"):
            arguments = list(arguments[0].arguments)
        if any(is_call(each, "List") for each in arguments):
            return threaded(evaluator, name, arguments)
        if not arguments or not all(map(is_number, arguments)):
            return INERT
        try:
            found = EXACT[name](*arguments) if name in EXACT else HEADS[name](*map(number, arguments))
        except (ZeroDivisionError, OverflowError, ValueError, TypeError) as error:
            raise NetError(f"{name}: {error}", got=arguments) from None
        return bounded(found.item() if hasattr(found, "item") else found)

    return function


def on_operands(name: str, arguments: list) -> Any:
    """A function of values of nets, recorded."""
    if name not in HEADS:
        return INERT
    unknown = next((each.name for each in arguments if isinstance(each, Symbol)), None)
    if unknown is not None:
        raise Unheld(unknown)
    if name == "Power" and isinstance(arguments[0], Euler):
        return HEADS["Exp"](arguments[1])
    found = [tuple(map(number, each.arguments)) if is_call(each, "List") else number(each) for each in arguments]
    return HEADS[name](*found)


def threaded(evaluator: Evaluator, name: str, arguments: list) -> Any:
    """A function of lists, element by element."""
    sizes = {len(each.arguments) for each in arguments if is_call(each, "List")}
    if len(sizes) != 1:
        raise NetError(f"{name} is given lists of different lengths", got=sorted(sizes))
    rows = [[each.arguments[k] if is_call(each, "List") else each for each in arguments] for k in range(sizes.pop())]
    return listed(evaluator.apply(Symbol(name), row) for row in rows)


COMPARISONS = {"Equal", "Unequal", "And", "Or", "Not", "If", "Which", "Clip", *COMPARED}
Evaluator.functions.update({name: numeric(name) for name in [*EXACT, *HEADS] if name not in COMPARISONS})


def comparing(name: str) -> Callable[[Evaluator, list], Any]:
    """Less, Greater and their kin, of two values or more in a row."""

    def function(evaluator: Evaluator, arguments: list) -> Any:
        if any(isinstance(each, Operand) for each in arguments):
            return HEADS[name](*map(number, arguments))
        if not all(map(is_number, arguments)):
            return INERT
        return all(COMPARED[name](a, b) for a, b in pairwise(arguments))

    return function


Evaluator.functions.update({name: comparing(name) for name in COMPARED})


def is_settled(value: Any) -> bool:
    """Whether a value cannot change: no symbol that has none yet."""
    if isinstance(value, Symbol):
        return value.name in ("None", "Null", "All", "Automatic", "Infinity", "Inherited") or value.name in HEADS
    parts = (part for each in calls_in(value) for part in each.arguments if isinstance(part, Symbol))
    return all(map(is_settled, parts))


@provides_function("Equal")
def equal(evaluator: Evaluator, arguments: list) -> Any:
    if any(isinstance(each, Operand) for each in arguments):
        return HEADS["Equal"](*map(number, arguments))
    if all(map(is_number, arguments)):
        return all(a == b for a, b in pairwise(arguments))
    if all(same_value(a, b) for a, b in pairwise(arguments)):
        return True
    return False if all(map(is_settled, arguments)) else INERT


@provides_function("Unequal")
def unequal(evaluator: Evaluator, arguments: list) -> Any:
    if any(isinstance(each, Operand) for each in arguments):
        return HEADS["Unequal"](*map(number, arguments))
    found = equal(evaluator, arguments)
    return found if found is INERT else not found


@provides_function("SameQ")
def is_same(evaluator: Evaluator, arguments: list) -> Any:
    return all(same_value(a, b) for a, b in pairwise(arguments))


@provides_function("UnsameQ")
def is_not_same(evaluator: Evaluator, arguments: list) -> Any:
    return not is_same(evaluator, arguments)


@provides_function("Not")
def negated(evaluator: Evaluator, arguments: list) -> Any:
    if len(arguments) != 1:
        raise NetError(f"Not takes 1 argument, got {len(arguments)}", got=len(arguments))
    if isinstance(arguments[0], Operand):
        return HEADS["Not"](arguments[0])
    return not arguments[0] if isinstance(arguments[0], bool) else INERT


@provides_function("Piecewise")
def piecewise(evaluator: Evaluator, arguments: list) -> Any:
    """Piecewise[{{value, condition}, …}, default]."""
    cases = arguments[0].arguments if arguments and is_call(arguments[0], "List") else ()
    if not cases or any(not is_call(each, "List") or len(each.arguments) != 2 for each in cases):
        raise NetError("Piecewise takes pairs {value, condition}", got=arguments)
    default = arguments[1] if len(arguments) > 1 else 0
    return Piecewise([tuple(map(number, each.arguments)) for each in cases], number(default))


@provides_function("Clip")
def clipped(evaluator: Evaluator, arguments: list) -> Any:
    """Clip[x], Clip[x, {low, high}]."""
    if not arguments or not (is_number(arguments[0]) or isinstance(arguments[0], Operand)):
        return INERT
    rest = [tuple(map(number, each.arguments)) if is_call(each, "List") else each for each in arguments[1:]]
    return HEADS["Clip"](number(arguments[0]), *rest)


@provides_function("UnitStep")
def step_of(evaluator: Evaluator, arguments: list) -> Any:
    if len(arguments) != 1 or not (is_number(arguments[0]) or isinstance(arguments[0], Operand)):
        return INERT
    if isinstance(arguments[0], Operand):
        return HEADS["If"](arguments[0] >= 0, 1, 0)
    return int(arguments[0] >= 0)
