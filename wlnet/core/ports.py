"""Port types as a user writes them: sizes, values, and coders as a port sees them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from wlnet.core.dims import Length, Unknown, length
from wlnet.core.errors import NetError, nearest
from wlnet.core.symbols import Automatic, Restricted, Symbol, show_name
from wlnet.core.types import Boolean, ElementType, Integer, Real

Shape = tuple | None
"""A partial shape: None for unknown rank, or a tuple of dimensions."""


DECISION = Symbol("Decision")
"""The default property of a decoder: what it decides."""


class Coder:
    """An encoder or decoder as a port sees it: what shape and what values it gives or takes, and on which side."""

    side: ClassVar[str | None] = None  # "in" for encoders, "out" for decoders

    def port_shape(self) -> Shape:
        """The shape of the array on the net's side: ints, Automatic, "Varying" first; None where it is not known."""
        raise TypeError(f"{type(self).__name__} says no shape")

    def last_size(self) -> int | None:
        """The size of the last level of arrays whose rank is not known; None where that is not known either."""
        return None

    def port_values(self) -> ElementType | None:
        """What the numbers on the net's side are."""
        return Real()

    def over(self, levels: tuple, rank: int | None = None) -> "Coder | None":
        """The coder of arrays of what this one codes, with these levels before its own; None if there is none.

        `rank` is that of the whole array, where it is known.
        """
        return None

    def of_an_item(self) -> "Coder | None":
        """The coder of what lies at one place of the first level that this one maps over; None if it maps over none."""
        return None


@dataclass(frozen=True, slots=True)
class Ending:
    """What a coder says of arrays of unknown rank: the size of their last level."""

    size: int
    label: str


@dataclass(frozen=True, slots=True)
class PortType:
    """A port type as the user gave it: dimensions (ints, Automatic, "Varying", names), values, and a coder."""

    dims: tuple | None = None
    of: ElementType | None = None
    coder: Any = None

    def shape(self, scope: tuple, port: str) -> Any:
        """The partial shape it says; a fresh "Varying" is named after the place. An Ending where only that is known."""
        if self.coder is not None:
            if self.coder.last_size() is not None:
                return Ending(self.coder.last_size(), self.coder.label)
            return _with_names(self.coder.port_shape(), (*scope, port), scope)
        return _with_names(self.dims, (*scope, port), scope)

    def values(self) -> ElementType | None:
        """The element type it says."""
        return self.coder.port_values() if self.coder is not None else self.of

    def spec(self) -> Any:
        """The setting that says it, such as `port_type` reads."""
        if self.coder is not None:
            return self.coder
        if self.dims is None:
            return Automatic
        if isinstance(self.of, Integer):
            limit = self.of.high if self.of.low == 1 else (self.of.low, self.of.high)
            last = "Integer" if self.of == Integer(None) else Restricted("Integer", limit)
            return (*self.dims, last) if self.dims else last
        return self.dims or ("Boolean" if isinstance(self.of, Boolean) else "Real")

    def __repr__(self) -> str:
        if self.coder is not None:
            return repr(self.coder)
        if self.dims is None:
            return "Automatic"
        if self.of is not None and self.of != Real():
            return _typed(self.dims, self.of)
        if self.dims == ():
            return show_name("Real")
        return _dims_text(self.dims)


def _typed(dims: tuple, of: ElementType) -> str:
    if isinstance(of, Boolean):
        return show_name("Boolean")
    assert isinstance(of, Integer)
    limit = of.high if of.low == 1 else (of.low, of.high)
    last = show_name("Integer") if of == Integer(None) else f'Restricted("Integer", {limit!r})'
    return last if dims == () else "(" + ", ".join([*map(_dim_text, dims), last]) + ")"


def _dims_text(dims: tuple) -> str:
    if len(dims) == 1:
        return _dim_text(dims[0]) if dims[0] == "Varying" or isinstance(dims[0], int) else f"({_dim_text(dims[0])},)"
    return "(" + ", ".join(map(_dim_text, dims)) + ")"


def _dim_text(dim: Any) -> str:
    return show_name(dim) if isinstance(dim, str) else repr(dim)


def _with_names(dims: Shape, place: tuple, scope: tuple) -> Shape:
    if dims is None:
        return None
    return tuple(_dimension(dim, place, scope) for dim in dims)


def _dimension(dim: Any, place: tuple, scope: tuple) -> Any:
    if dim is Automatic:
        return Unknown
    if isinstance(dim, str):
        return length("Varying", place) if dim == "Varying" else length(dim, scope)
    return dim


_coders_by_name: list[Callable[[str, str], Any]] = []


def register_coders(make: Callable[[str, str], Any]) -> None:
    """The coders room says how a bare name, "Image" say, becomes a coder of a port of a kind ("in" or "out")."""
    _coders_by_name.append(make)


WORDS = {
    "Real": PortType((), Real()),
    "Integer": PortType((), Integer(None)),
    "Varying": PortType(("Varying",)),
    "Scalar": PortType((), Real()),
}


def port_type(spec: Any, port: str, kind: str = "in") -> PortType:
    """The port type that a user's setting says.

    >>> port_type((3, Automatic), "Input"), port_type("Varying", "Input"), port_type(4, "Input")
    ((3, Automatic), "Varying", 4)
    """
    if isinstance(spec, PortType):
        return spec if spec.coder is None else port_type(spec.coder, port, kind)
    spec = spec.as_coder() if hasattr(spec, "as_coder") else spec  # a FeatureExtractorFunction
    if isinstance(spec, Coder):
        if spec.side not in (None, kind):
            side, other = ("input", "NetEncoder") if kind == "in" else ("output", "NetDecoder")
            raise NetError(f"{port} is an {side} port, so it takes a {other}, not {spec!r}", got=spec)
        return PortType(coder=spec)
    if spec is Automatic:
        return PortType()
    if isinstance(spec, str):
        return WORDS[spec] if spec in WORDS else _coder_named(spec, port, kind)
    if isinstance(spec, Restricted):
        return PortType((), _restricted(spec, port))
    if _is_size(spec):
        return PortType((int(spec),))
    if isinstance(spec, Sequence):
        return _array_type(tuple(spec), port, kind)
    raise _bad_port(spec, port)


def _coder_named(name: str, port: str, kind: str) -> PortType:
    for make in _coders_by_name:
        coder = make(name, kind)
        if coder is not None:
            return PortType(coder=coder)
    names = [*WORDS, "Boolean", "Class", "Image", "Characters"]
    raise NetError(f"{port}={show_name(name)} is not a port type", got=name, hint=nearest(name, names))


def _array_type(dims: tuple, port: str, kind: str) -> PortType:
    of: ElementType | None = None
    if dims and isinstance(dims[-1], Restricted):
        dims, of = dims[:-1], _restricted(dims[-1], port)
    elif dims and dims[-1] in ("Integer", "Real"):
        dims, of = dims[:-1], (Integer(None) if dims[-1] == "Integer" else Real())
    for level, dim in enumerate(dims, start=1):
        if isinstance(dim, str) and level > 1:
            raise NetError(
                f"{port}: level {level} is {show_name(dim)}, but only the first level of a port may vary",
                hint="put the varying level first, or give that size",
            )
        if not (dim is Automatic or isinstance(dim, str) or _is_size(dim)):
            raise _bad_port(dims, port)
    return PortType(tuple(int(d) if _is_size(d) else d for d in dims), of if dims or of else Real())


def _is_size(dim: Any) -> bool:
    return isinstance(dim, (int, np.integer)) and not isinstance(dim, bool) and bool(dim > 0)


def _restricted(spec: Restricted, port: str) -> Integer:
    ends = spec.limit if isinstance(spec.limit, tuple) else (1, spec.limit)
    whole = all(isinstance(end, (int, np.integer)) and not isinstance(end, bool) for end in ends)
    if spec.kind != "Integer" or len(ends) != 2 or not whole or ends[0] > ends[1]:
        raise _bad_port(spec, port)
    return Integer(int(ends[1]), int(ends[0]))


def _bad_port(spec: Any, port: str) -> NetError:
    return NetError(
        f"{port}={spec!r} is not a port type",
        got=spec,
        hint='a port type is a size such as 4, sizes such as (3, Automatic), "Real", "Integer", "Varying", '
        '("Varying", 3), Restricted("Integer", 5) or a coder',
    )


def shape_text(shape: Shape) -> str:
    """A shape in messages and tables: 3×8×8, 5, unknown sizes as ?, a scalar as a word."""
    if shape is None:
        return "?"
    return "×".join(map(_size_text, shape)) if shape else "scalar"


def _size_text(dim: Any) -> str:
    return repr(dim) if not isinstance(dim, Length) or len(dim.terms) == 1 else f"({dim!r})"
