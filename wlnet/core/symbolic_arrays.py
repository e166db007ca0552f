"""Whole arrays that are recorded: what a function that becomes a net is called with.

A `SymbolicArray` is one of five things, which its `head` tells: a parameter (its name), a head of the table applied
element by element, an output of a layer that was called (`Result`), constant numbers (`Constant`), or a NetArray. It
answers what NumPy's arrays do; `nets/` says which layers that is, and cuts what was recorded into vertices.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from wlnet.core.dims import Unknown
from wlnet.core.errors import NoSuchPart, nearest
from wlnet.core.heads import FROM_NUMPY, HEADS, Head
from wlnet.core.records import Constant, given, numbers, qualified
from wlnet.core.registry import offer
from wlnet.core.symbolic import ARITHMETIC, Operand, Symbolic, cannot, clipped

SAY_SHAPE = "say the shape of the port, as in Input=(3, 8)"

METHODS = (
    *(
        "all",
        "any",
        "argmax",
        "argmin",
        "argsort",
        "clip",
        "cumsum",
        "diagonal",
        "dot",
        "flatten",
        "max",
        "mean",
        "min",
    ),
    *("prod", "ptp", "ravel", "repeat", "reshape", "round", "squeeze", "std", "sum", "swapaxes", "take", "trace"),
    *("transpose", "var"),
)
"""The methods of NumPy's arrays that are recorded, as the functions of these names are."""


_NOT_ASKED: Any = object()


class SymbolicArray(Symbolic):
    """A recorded array: an operand of NumPy's functions, and what nets are called with while a function is recorded."""

    __slots__ = ("found",)
    level = 1

    def __init__(self, head: Any, inputs: tuple = (), shape: Any = _NOT_ASKED):
        super().__init__(head, inputs)
        self.found = shape

    def applied(self, head: Head, arguments: tuple) -> "SymbolicArray":
        return SymbolicArray(head, tuple(map(element, arguments)))

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise cannot("a conversion to an array", "use it as it is: NumPy's functions take it; np.stack joins several")

    def __repr__(self) -> str:
        return f"a recorded array ({self.head!r})"

    # --- NumPy's protocols --------------------------------------------------------------------------------------------

    def apply_ufunc(self, name: str, method: str, inputs: tuple, options: dict) -> Any:
        options = given(options)
        if method == "reduce" and name in REDUCTIONS:
            return offer("record function")(REDUCTIONS[name], inputs, {"axis": 0, **options})
        if method == "__call__" and name in ("matmul", "vecdot"):
            return offer("record function")(name, inputs, options)
        return super().apply_ufunc(name, method, tuple(map(element, inputs)), options)

    def apply_function(self, function: Callable, args: tuple, options: dict) -> Any:
        options, name = given(options), qualified(function)
        if function is np.where and len(args) == 3 and not options:
            return HEADS["If"](*map(element, args))
        if function is np.clip:
            return clipped(*map(element, args), **options)
        if (name in ARITHMETIC or (name in FROM_NUMPY and len(args) <= FROM_NUMPY[name].most)) and not options:
            return super().apply_function(function, tuple(map(element, args)), options)
        return offer("record function")(name, args, options)

    def __matmul__(self, other: Any) -> Any:
        return offer("record function")("matmul", (self, other), {})

    def __rmatmul__(self, other: Any) -> Any:
        return offer("record function")("matmul", (other, self), {})

    def __getitem__(self, part: Any) -> "SymbolicArray":
        return offer("record part")(self, part)

    # --- what is known of it ------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple:
        """Its sizes: ints where they are known while the function is recorded, else an `OpenSize` each."""
        shape = self.known_shape("its shape")
        return tuple(d if isinstance(d, int) else OpenSize(self, level) for level, d in enumerate(shape, start=1))

    @property
    def ndim(self) -> int:
        """How many levels it has."""
        return len(self.known_shape("its rank"))

    @property
    def size(self) -> int:
        """How many elements it has."""
        count = 1
        for dim in self.shape:
            count = int(dim) * count
        return count

    def known_shape(self, what: str) -> tuple:
        """Its partial shape; refuses where not even the rank is known."""
        shape = offer("recorded shape")(self)
        if shape is None:
            raise cannot(f"{what}, which is not known yet,", SAY_SHAPE)
        return shape

    def __len__(self) -> int:
        shape = self.known_shape("its length")
        if not shape:
            raise cannot("the length of a single number")
        if not isinstance(shape[0], int):
            raise cannot("its length, which is not known yet,", f"{SAY_SHAPE}; a varying length has none")
        return shape[0]

    def __iter__(self) -> Iterator["SymbolicArray"]:
        shape = offer("recorded shape")(self)
        if not shape or not isinstance(shape[0], int):
            hint = f"{SAY_SHAPE}, or use NetMapOperator to apply a net to each element"
            raise cannot("a loop over it, as its length is not known yet,", hint)
        return (self[k] for k in range(shape[0]))

    # --- methods ------------------------------------------------------------------------------------------------------

    @property
    def T(self) -> "SymbolicArray":
        """The levels in reverse order."""
        return offer("record function")("transpose", (self,), {})

    @property
    def mT(self) -> "SymbolicArray":
        """The last two levels exchanged."""
        return offer("record function")("matrix_transpose", (self,), {})

    def transpose(self, *axes: Any) -> "SymbolicArray":
        """The levels in another order: transpose(1, 0), transpose((1, 0))."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return offer("record function")("transpose", (self, order), {})

    def reshape(self, *sizes: Any, **options: Any) -> "SymbolicArray":
        """The same elements in another shape: reshape(3, -1), reshape((3, -1))."""
        shape = sizes[0] if len(sizes) == 1 else sizes
        return offer("record function")("reshape", (self, shape), given(options))

    def copy(self) -> "SymbolicArray":
        """Itself: nothing changes it."""
        return self

    def astype(self, kind: Any) -> "SymbolicArray":
        """Itself as real numbers, which all values of a net are."""
        if np.dtype(kind).kind != "f":
            raise cannot(f"a conversion to {np.dtype(kind).name}", "np.trunc(x) and x != 0 give such numbers as reals")
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "clip":
            return lambda *limits, **options: clipped(self, *limits, **options)
        if name not in METHODS:
            near = nearest(name, [*METHODS, "shape", "ndim", "size", "T"], 0.75)
            raise cannot(f".{name}", near if near.startswith("did") else INSTEAD.get(name), NoSuchPart)
        return lambda *arguments, **options: offer("record function")(name, (self, *arguments), given(options))


INSTEAD = {
    "sort": "np.sort gives a new array",
    "fill": "np.full_like gives a new array",
    "item": "its numbers are not known; use it as it is",
    "tolist": "its numbers are not known; use it as it is",
}
"""What to write for a method that changes an array, or asks for its numbers."""

REDUCTIONS = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}
"""What np.add.reduce and its kin are called."""


class RecordsItself(Operand):
    """What is an array in a recorded function, although it is none by itself: a NetArray."""

    __slots__ = ()

    def symbol(self) -> SymbolicArray:
        return SymbolicArray(self)

    def __getitem__(self, part: Any) -> SymbolicArray:
        return self.symbol()[part]

    def __iter__(self) -> Iterator[SymbolicArray]:
        return iter(self.symbol())

    def __matmul__(self, other: Any) -> Any:
        return self.symbol() @ other

    def __rmatmul__(self, other: Any) -> Any:
        return other @ self.symbol()

    def __getattr__(self, name: str) -> Any:
        if name not in METHODS and name not in ("T", "mT", "ndim", "size"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name}")
        return getattr(self.symbol(), name)


class OpenSize:
    """A size that is not known while the function is recorded; reshape takes it where the level stays as it is."""

    __slots__ = ("level", "of")

    def __init__(self, of: SymbolicArray, level: int):
        self.of, self.level = of, level

    def __repr__(self) -> str:
        return str(Unknown)

    def refuse(self, *others: Any) -> Any:
        """What every calculation with it comes to."""
        hint = f"{SAY_SHAPE}; a mean does not need the length of what varies, and reshape takes the size as it is"
        raise cannot(f"a calculation with the size of level {self.level}, which is not known yet,", hint)

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, OpenSize) and other.of is self.of and other.level == self.level
        return same or self.refuse()

    def __hash__(self) -> int:
        return hash((id(self.of), self.level))

    __index__ = __int__ = __float__ = __bool__ = __neg__ = __len__ = refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = refuse
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = refuse
    __lt__ = __le__ = __gt__ = __ge__ = __array_ufunc__ = refuse


def element(value: Any) -> Any:
    """An argument of a scalar function: a number, a symbolic value, limits of these; other arrays are constants."""
    if isinstance(value, Operand):
        return value.symbol()
    if isinstance(value, OpenSize):
        return value.refuse()
    if isinstance(value, np.ndarray) and value.ndim:
        return SymbolicArray(Constant(numbers(value)), shape=value.shape)
    if isinstance(value, list):
        return array(value)
    return tuple(map(element, value)) if isinstance(value, tuple) else value


def array(value: Any) -> SymbolicArray:
    """An argument that is an array: a symbolic one as it is, numbers as constants."""
    if isinstance(value, Operand):
        found = value.symbol()
        if not isinstance(found, SymbolicArray):
            raise cannot("a net that is applied to a single number of a scalar function", "use FunctionLayer instead")
        return found
    if isinstance(value, (list, tuple)) and any(isinstance(each, Operand) for each in value):
        raise cannot("a list of values as one array", "write np.stack([a, b])")
    return SymbolicArray(Constant(constant := numbers(value)), shape=constant.shape)
