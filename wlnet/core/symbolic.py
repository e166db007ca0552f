"""Values that are recorded, not computed: they answer Python's operators and NumPy's protocols.

A `Symbolic` is a head of the table, or a parameter, and what it is applied to: what functions of single numbers are
called with. `symbolic_arrays.py` has those of whole arrays.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, NoSuchPart, nearest
from wlnet.core.heads import FROM_NUMPY, HEADS, Head


def _operator(name: str, swapped: bool = False) -> Callable[..., Any]:
    def operate(self: Any, *others: Any) -> Any:
        return recorded(name, *others, self) if swapped else recorded(name, self, *others)

    return operate


class Operand:
    """What records the operators and functions that are applied to it: `symbol()` is the value that they see."""

    __slots__ = ()
    __array_priority__ = 1000

    def symbol(self) -> "Symbolic":
        """What is recorded of it."""
        raise TypeError(f"{type(self).__name__} does not say what is recorded of it")

    __add__, __radd__ = _operator("Plus"), _operator("Plus", swapped=True)
    __sub__, __rsub__ = _operator("Subtract"), _operator("Subtract", swapped=True)
    __mul__, __rmul__ = _operator("Times"), _operator("Times", swapped=True)
    __truediv__, __rtruediv__ = _operator("Divide"), _operator("Divide", swapped=True)
    __pow__, __rpow__ = _operator("Power"), _operator("Power", swapped=True)
    __mod__, __rmod__ = _operator("Mod"), _operator("Mod", swapped=True)
    __and__, __rand__ = _operator("And"), _operator("And", swapped=True)
    __or__, __ror__ = _operator("Or"), _operator("Or", swapped=True)
    __gt__ = _operator("Greater")
    __ge__ = _operator("GreaterEqual")
    __lt__ = _operator("Less")
    __le__ = _operator("LessEqual")
    __neg__ = _operator("Minus")
    __abs__ = _operator("Abs")
    __invert__ = _operator("Not")
    __round__ = _operator("Round")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return leader(inputs).apply_ufunc(ufunc.__name__, method, inputs, options)

    def __pos__(self) -> Any:
        return self.symbol()

    def __floordiv__(self, other: Any) -> Any:
        return HEADS["Floor"](self / other)

    def __rfloordiv__(self, other: Any) -> Any:
        return HEADS["Floor"](other / self)

    def __array_function__(self, function: Callable, types: Any, args: tuple, options: dict) -> Any:
        return leader((*args, *options.values())).apply_function(function, args, options)


def leader(values: Any) -> "Symbolic":
    """Of symbolic values the one that says how the others are recorded: a whole array, if there is one."""
    found = [each.symbol() for each in operands(values)]
    return max(found, key=lambda symbol: symbol.level)


def operands(value: Any) -> list[Operand]:
    """The symbolic values among arguments, nested as they may be."""
    if isinstance(value, Operand):
        return [value]
    if isinstance(value, (tuple, list)):
        return [found for each in value for found in operands(each)]
    return []


class Symbolic(Operand):
    """A value that is not computed but recorded: a head (or a parameter) and what it is applied to."""

    __slots__ = ("head", "inputs")
    level = 0  # in what holds several kinds of symbolic values, the highest decides

    def __init__(self, head: Any, inputs: tuple = ()):
        self.head, self.inputs = head, inputs

    def symbol(self) -> "Symbolic":
        return self

    def applied(self, head: Head, arguments: tuple) -> "Symbolic":
        """The value of a head applied to arguments of which this is one."""
        return Symbolic(head, arguments)

    def apply_ufunc(self, name: str, method: str, inputs: tuple, options: dict) -> Any:
        """The value of one of NumPy's universal functions."""
        if method != "__call__" or options:
            hint = "write x[:, None] * y, with a new level where the two shall not meet" if method == "outer" else None
            raise cannot(f"np.{name} with {method if method != '__call__' else ', '.join(options)}", hint)
        return apply_numpy(name, inputs)

    def apply_function(self, function: Callable, args: tuple, options: dict) -> Any:
        """The value of one of NumPy's other functions."""
        if function is np.where and len(args) == 3:
            return HEADS["If"](*args)
        if function is np.clip:
            return clipped(*args, **options)
        return apply_numpy(function.__name__, args if not options else None)

    def __bool__(self) -> bool:
        raise cannot("a branch on its value", "write np.where(condition, a, b), or If(condition, a, b)")

    def __iter__(self) -> Any:
        raise cannot("a loop over it", "use NetMapOperator to apply a net to each element")

    def __len__(self) -> int:
        raise cannot("its length")

    def __float__(self) -> float:
        raise cannot("a conversion to a number", "use NumPy's functions, or wlnet's heads, in place of math's")

    __int__ = __index__ = __complex__ = __float__

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise cannot("a conversion to an array", "use it as it is: NumPy's functions take it")

    def __setitem__(self, key: Any, value: Any) -> None:
        raise cannot("an assignment into it", "write np.where(condition, new, old)")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise cannot(f".{name}", kind=NoSuchPart)

    def __eq__(self, other: object) -> Any:
        return recorded("Equal", self, other)

    def __ne__(self, other: object) -> Any:
        return recorded("Unequal", self, other)

    def __hash__(self) -> int:
        return id(self)


def cannot(what: str, remedy: str | None = None, kind: type[NetError] = NetError) -> NetError:
    """What a user hears who does in a recorded function what only numbers can do."""
    return kind(f"a function that becomes a layer is recorded, not run: {what} cannot be recorded", hint=remedy)


def clipped(x: Any, low: Any = None, high: Any = None, **options: Any) -> Any:
    """np.clip, whose limits have two names each and may be left out."""
    low = options.pop("a_min", options.pop("min", low))
    high = options.pop("a_max", options.pop("max", high))
    if options or (low is None and high is None):
        raise cannot(f"np.clip with {', '.join(options) or 'no limits'}")
    if low is None or high is None:
        return HEADS["Max"](x, low) if high is None else HEADS["Min"](x, high)
    return HEADS["Clip"](x, (low, high))


def _log1p(x: Any) -> Any:
    """log(1 + x), which near 0 is 2 artanh(x / (2 + x)): 1 + x alone loses the digits of a small x."""
    small = HEADS["Less"](HEADS["Abs"](x), 0.5)
    near, far = HEADS["If"](small, x, 0), HEADS["If"](small, 0, x)
    return 2 * HEADS["ArcTanh"](near / (2 + near)) + HEADS["Log"](1 + far)


ARITHMETIC: dict[str, Callable] = {
    "square": lambda x: x**2,
    "reciprocal": lambda x: 1 / x,
    "positive": lambda x: x,
    "exp2": lambda x: HEADS["Power"](2, x),
    "expm1": lambda x: 2 * HEADS["Exp"](x / 2) * HEADS["Sinh"](x / 2),  # which keeps the digits of a small x
    "log1p": _log1p,
    "logaddexp": lambda x, y: HEADS["Max"](x, y) + HEADS["SoftPlus"](-HEADS["Abs"](x - y)),
    "arctan2": lambda y, x: HEADS["ArcTan"](x, y),
    "hypot": lambda x, y: HEADS["Sqrt"](x**2 + y**2),
    "floor_divide": lambda x, y: HEADS["Floor"](x / y),
    "fmod": lambda x, y: x - y * HEADS["IntegerPart"](x / y),
    "radians": lambda x: x * (math.pi / 180),
    "deg2rad": lambda x: x * (math.pi / 180),
    "degrees": lambda x: x * (180 / math.pi),
    "rad2deg": lambda x: x * (180 / math.pi),
    "heaviside": lambda x, middle: HEADS["If"](x > 0, 1, HEADS["If"](HEADS["Equal"](x, 0), middle, 0)),
    "isnan": lambda x: HEADS["Unequal"](x, x),
    "logical_xor": lambda x, y: HEADS["Unequal"](HEADS["Unitize"](x), HEADS["Unitize"](y)),
}
"""NumPy's functions that no head is but arithmetic says."""


def apply_numpy(name: str, inputs: tuple | None) -> Any:
    """The symbolic value of a NumPy function of scalars."""
    head = FROM_NUMPY.get(name, ARITHMETIC.get(name))
    if head is None or inputs is None:
        near = nearest(name, [*FROM_NUMPY, *ARITHMETIC], 0.75) if head is None else ""
        known = "functions of single numbers can be, such as np.tanh; FunctionLayer takes functions of whole arrays"
        raise cannot(f"np.{name}" + " with options" * (head is not None), near if near.startswith("did") else known)
    return head(*inputs)


def record(head: Head, arguments: tuple) -> Symbolic | None:
    """The symbolic value of a head applied to something symbolic; None where nothing is."""
    return leader(arguments).applied(head, arguments) if operands(arguments) else None


def recorded(name: str, *arguments: Any) -> Any:
    """The value of an infix operator; NotImplemented for what no array is."""
    if any(isinstance(each, (str, dict)) or each is None for each in arguments):
        return NotImplemented
    first = leader(arguments)
    if not first.level and any(isinstance(each, list) for each in arguments):
        return NotImplemented
    return first.applied(HEADS[name], arguments)
