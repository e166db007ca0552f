"""Wolfram's symbols that are settings, parts and wrappers: Automatic, All, Span, NetPort, Scaled and their kin."""

from dataclasses import dataclass
from functools import cache
from numbers import Integral
from typing import Any, ClassVar

from wlnet.core.errors import NetError


class Symbol:
    """A name that stands for itself. There is one object a name, so `is` compares.

    >>> Automatic
    Automatic
    """

    __slots__ = ("name",)
    name: str

    def __new__(cls, name: str) -> "Symbol":
        maker: Any = cls
        return _symbol(maker, name)

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> Any:
        return Symbol, (self.name,)

    def __copy__(self) -> "Symbol":
        return self

    def __deepcopy__(self, memo: dict) -> "Symbol":
        return self


@cache
def _symbol(cls: Any, name: str) -> Symbol:
    self: Any = object.__new__(cls)
    object.__setattr__(self, "name", name)
    return self


Automatic = Symbol("Automatic")
All = Symbol("All")
Inherited = Symbol("Inherited")
Nothing = Symbol("Nothing")


@dataclass(frozen=True, slots=True)
class Span:
    """`Span(i, j)` is Wolfram's `i;;j`, both ends included; `Span(i, j, k)` takes every k-th. Text is taken too.

    >>> Span(2, All)
    "2;;All"
    >>> span("2;;") == Span(2, All)
    True
    """

    start: Any = 1
    stop: Any = All
    step: int = 1

    def __repr__(self) -> str:
        return f'"{self.start};;{self.stop}' + (f';;{self.step}"' if self.step != 1 else '"')

    def ends(self, size: int) -> tuple[int, int]:
        """First and last place, counted from 1, of a sequence of `size`."""
        return _place(self.start, size), _place(self.stop, size)


def _place(end: Any, size: int) -> int:
    if end is All:
        return size
    return end if end > 0 else size + 1 + end


def span(text: str) -> Span:
    """The Span that a text such as "2;;All", ";;3" or "1;;-1;;2" writes."""
    parts = [part.strip() for part in text.split(";;")]
    if not 2 <= len(parts) <= 3:
        raise ValueError(f'a span such as "2;;4", not {text!r}')
    try:
        start = int(parts[0]) if parts[0] else 1
        stop = All if parts[1] in ("", "All") else int(parts[1])
        step = int(parts[2]) if len(parts) == 3 and parts[2] else 1
    except ValueError:
        raise ValueError(f'a span of whole numbers such as "2;;4" or "2;;All", not {text!r}') from None
    if start == 0 or stop == 0 or step == 0:
        raise ValueError(f"a span without 0 (places count from 1, or from -1 backwards), not {text!r}")
    return Span(start, stop, step)


class PlaceName:
    """A place in a net as a user names it: a port, a layer, or names from the outermost net inwards."""

    __slots__ = ("spec",)
    spec: tuple
    example: ClassVar[str] = ""

    def __init__(self, *spec: Any):
        if len(spec) == 1 and isinstance(spec[0], (tuple, list)):
            spec = tuple(spec[0])
        if not spec:
            raise NetError(f"{type(self).__name__} needs a port or a layer", hint=f"write {self.example}")
        object.__setattr__(self, "spec", tuple(map(self.checked, spec)))

    def checked(self, part: Any) -> Any:
        """A name, a position or All."""
        if isinstance(part, (str, Symbol)):
            return part
        if isinstance(part, Integral) and not isinstance(part, bool):
            return int(part)
        text = f"{type(self).__name__} takes names and positions, got a {type(part).__name__}"
        raise NetError(text, got=part, hint=f"write {self.example}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is a value: make another")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(show_name, self.spec))})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.spec == other.spec

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.spec))

    def __reduce__(self) -> Any:
        return type(self), self.spec


class NetPort(PlaceName):
    """A place in a net where a value passes: `NetPort("out")`, `NetPort("layer", "port")`, `NetPort(("a", "b", "p"))`.

    >>> NetPort("r", "State") == NetPort(("r", "State"))
    True
    """

    __slots__ = ()
    example = 'NetPort("Input") or NetPort("layer", "port")'


class NetPortGradient(PlaceName):
    """The gradient of a net's outputs with respect to an input port or an array: `net(x, NetPortGradient("Input"))`.

    NetPortGradient("layer", …, "Weights") is that of an array inside, NetPortGradient(NetArray("w")) that of a shared
    one, the sum over all its places, NetPortGradient(All) those of all inputs and arrays.
    Of outputs that are arrays it is the gradient of the sum of all their elements. For a batch, that of an input is one
    for each example, that of an array their sum. As a key in the data, NetPortGradient("port") says the gradient with
    which to start at an output port, instead of ones.

    >>> square = ElementwiseLayer(lambda x: x**2, Input=3)
    >>> square([1, 2, 5], NetPortGradient("Input")).tolist()
    [2.0, 4.0, 10.0]
    >>> square({"Input": [1, 2, 5], NetPortGradient("Output"): [1, 0, -1]}, NetPortGradient("Input")).tolist()
    [2.0, 0.0, -10.0]
    """

    __slots__ = ()
    example = 'NetPortGradient("Input"), NetPortGradient("layer", "Weights") or NetPortGradient(All)'

    def checked(self, part: Any) -> Any:
        """A name, a position, All, or a NetArray, which stands for itself in the whole net."""
        return part.named() if hasattr(part, "array_key") else super().checked(part)


def show_name(name: Any) -> str:
    """A layer or port name as source text, in double quotes."""
    if isinstance(name, str):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"' if escaped.isprintable() else repr(name)
    return repr(name)


@dataclass(frozen=True, slots=True)
class Scaled:
    """A fraction of something, or a factor on it: `Scaled(0.1)`."""

    factor: float

    def __repr__(self) -> str:
        return f"Scaled({self.factor!r})"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit: `Quantity(2, "Rounds")`."""

    number: float
    unit: str

    def __repr__(self) -> str:
        return f"Quantity({self.number!r}, {show_name(self.unit)})"


class Alternatives:
    """Any one of several parts, in rules: `Alternatives("enc", 3)` is Wolfram's `"enc" | 3`."""

    __slots__ = ("parts",)
    parts: tuple

    def __init__(self, *parts: Any):
        self.parts = parts

    def __repr__(self) -> str:
        return f"Alternatives({', '.join(map(show_name, self.parts))})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alternatives) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(("Alternatives", self.parts))


@dataclass(frozen=True, slots=True)
class TwoWayRule:
    """Wolfram's `m <-> n`: two levels that change places. "1<->3" is the same."""

    left: int
    right: int

    def __repr__(self) -> str:
        return f'"{self.left}<->{self.right}"'


@dataclass(frozen=True, slots=True)
class Restricted:
    """`Restricted("Integer", n)`: integers from 1 to n; `Restricted("Integer", (m, n))`: from m to n."""

    kind: str
    limit: Any

    def __repr__(self) -> str:
        return f"Restricted({show_name(self.kind)}, {self.limit!r})"


Mean = Symbol("Mean")
Total = Symbol("Total")
Median = Symbol("Median")
Variance = Symbol("Variance")
StandardDeviation = Symbol("StandardDeviation")
MeanDeviation = Symbol("MeanDeviation")
InterquartileRange = Symbol("InterquartileRange")
Catenate = Symbol("Catenate")
EuclideanDistance = Symbol("EuclideanDistance")
CosineDistance = Symbol("CosineDistance")
"""Functions of whole arrays, as settings: `AggregationLayer(Mean)` is `AggregationLayer("Mean")`."""

StartOfString = Symbol("StartOfString")
EndOfString = Symbol("EndOfString")
WordBoundary = Symbol("WordBoundary")
LetterCharacter = Symbol("LetterCharacter")
DigitCharacter = Symbol("DigitCharacter")
WordCharacter = Symbol("WordCharacter")
PunctuationCharacter = Symbol("PunctuationCharacter")
WhitespaceCharacter = Symbol("WhitespaceCharacter")
"""Parts of texts, in the tables and lists of encoders and decoders; their names as texts are taken too."""
