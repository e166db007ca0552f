"""Types of ports in a net's tree: TensorT[{16, 8, 8}, RealT], RealT, a coder around one of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wlnet.core.dims import Length, Name, Unknown
from wlnet.core.errors import NetError
from wlnet.core.ports import Coder, PortType, port_type
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic, Symbol
from wlnet.core.types import Boolean, ElementType, Integer, Real
from wlnet.formats.wolfram.expressions import Call, call, is_call, is_symbol, listed
from wlnet.formats.wolfram.source_text import source_text

LARGEST = 2**31 - 1
"""The greatest size of one level."""


@dataclass
class TypeWriter:
    """Types as expressions. Lengths that are fresh get numbers, the same for the same length in the whole net."""

    lengths: dict[Any, int] = field(default_factory=dict)

    def expression(self, shape: tuple | None, values: ElementType | None) -> Any:
        """The type of a port of a shape; where not even the rank is known, that is said."""
        element = element_type(values)
        if shape is None:
            return call("TensorT", call("SizeListT"), element)
        return call("TensorT", listed(map(self.dimension, shape)), element)

    def dimension(self, dim: Any) -> Any:
        """One size: a number, SizeT where it is not known, LengthVar[…] where it varies."""
        if dim is Unknown or dim is Automatic:
            return Symbol("SizeT")
        if not isinstance(dim, Length):
            return dim
        name = single_name(dim)
        if name is not None and name.text != "Varying":
            return call("LengthVar", name.text)
        return call("LengthVar", self.lengths.setdefault(dim, len(self.lengths) + 1))


def single_name(length: Length) -> Name | None:
    """The name that a length is, if it is no sum or quotient."""
    if length.const == 0 and len(length.terms) == 1 and length.terms[0][0] == 1:
        atom = length.terms[0][1]
        return atom if isinstance(atom, Name) else None
    return None


def element_type(values: ElementType | None) -> Any:
    """What the values of a port are."""
    if isinstance(values, Integer):
        if values.high is None or values.high is Unknown:
            return Symbol("IntegerT")
        return call("IndexIntegerT", values.high if values.low == 1 else listed([values.low, values.high]))
    if isinstance(values, Boolean):
        return Symbol("BooleanT")
    return Symbol("RealT" if isinstance(values, Real) else "AtomT")


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StoredType:
    """What a tree says of a port: sizes (None where the rank is not known), values, and a coder."""

    dims: tuple | None
    of: ElementType | None = None
    coder: Any = None

    @property
    def setting(self) -> Any:
        """The port type as a user gives it: Automatic where nothing is known."""
        if isinstance(self.coder, Coder):
            return PortType(coder=self.coder)
        if self.dims is None:
            return Automatic
        return PortType(self.dims, self.of if self.dims == () or isinstance(self.of, (Integer, Boolean)) else None)


def stored_type(expression: Any, value: Callable[[Any], Any], place: tuple) -> StoredType:
    """What an expression says of a port; `value` reads settings, as of coders."""
    if is_call(expression, "NetEncoder", "NetDecoder"):
        coder, inner = value(expression), StoredType(None)
        if len(expression.arguments) > 2:
            inner = stored_type(expression.arguments[2], value, place)
        return StoredType(inner.dims, inner.of, coder)
    if is_call(expression, "TensorT") and expression.arguments:
        return tensor(expression, value, place)
    if isinstance(expression, Symbol) or is_call(expression, "IndexIntegerT"):
        return StoredType(() if values_of(expression) is not None else None, values_of(expression))
    if isinstance(expression, (str, int)) or is_call(expression, "List"):
        return StoredType((), None) if expression == "Scalar" else written_type(value(expression), place)
    return StoredType(None)


def written_type(setting: Any, place: tuple) -> StoredType:
    """A type as a user writes it, which the association form may hold."""
    try:
        found = port_type(setting, "a port")
    except NetError as error:
        raise error.inside(place) from None
    return StoredType(found.dims, found.of, found.coder)


def tensor(expression: Call, value: Callable[[Any], Any], place: tuple) -> StoredType:
    """TensorT[sizes, type of an element], which may be a tensor too."""
    sizes = expression.arguments[0]
    inner = expression.arguments[1] if len(expression.arguments) > 1 else Symbol("AtomT")
    element = stored_type(inner, value, place) if is_call(inner, "TensorT") else StoredType((), values_of(inner))
    if not is_call(sizes, "List") or element.dims is None:
        return StoredType(None, element.of)
    dims = tuple(stored_size(each, level, place) for level, each in enumerate(sizes.arguments))
    if len(dims) > 32:
        raise NetError(f"a port has an array of rank {len(dims)}", path=place, got=len(dims))
    return StoredType((*dims, *element.dims), element.of)


def stored_size(expression: Any, level: int, place: tuple) -> Any:
    """A size: a number; a length at the first level; else it is not known."""
    if isinstance(expression, int) and not isinstance(expression, bool):
        if not 0 < expression <= LARGEST:
            raise NetError(f"a port has a level of size {expression}", path=place, got=expression)
        return expression
    if is_call(expression, "LengthVar") or expression == "Varying" or is_symbol(expression, "LengthVar"):
        name = expression.arguments[0] if isinstance(expression, Call) and expression.arguments else "Varying"
        if level > 0:
            return Automatic
        return name if isinstance(name, str) and name else "Varying"
    if isinstance(expression, (Symbol, Call)):
        return Automatic
    raise NetError(f"a port has a level of size {brief(source_text(expression))}", path=place)


def values_of(expression: Any) -> ElementType | None:
    """What the values of a port are, of the type of an element."""
    if is_symbol(expression, "RealT"):
        return Real()
    if is_symbol(expression, "IntegerT"):
        return Integer(None)
    if is_symbol(expression, "BooleanT"):
        return Boolean()
    if is_call(expression, "IndexIntegerT") and len(expression.arguments) == 1:
        limit = expression.arguments[0]
        ends = limit.arguments if is_call(limit, "List") else (1, limit)
        if len(ends) == 2 and all(type(end) is int for end in ends) and ends[0] <= ends[1]:
            return Integer(ends[1], ends[0])
        return Integer(None)
    return None


__all__ = ["StoredType", "TypeWriter", "stored_type"]
