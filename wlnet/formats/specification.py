"""A net as plain JSON and arrays beside it, and back; `schema` says what the JSON looks like.

Nothing of what is read is ever run: only wlnet's own values are made, by their constructors, which refuse what is
wrong.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wlnet.coders.coder import NetCoder
from wlnet.core.distributions import Distribution, DistributionFunction
from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS, Head
from wlnet.core.layer import Layer
from wlnet.core.ports import PortType
from wlnet.core.refuse import brief
from wlnet.core.shared import NetArray
from wlnet.core.symbols import Alternatives, NetPort, Symbol
from wlnet.formats.makers import SETTINGS, VALUES, makers
from wlnet.formats.schema import damaged
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container
from wlnet.nets.graph import NetGraph, written_edges

CONTAINERS: dict[str, type[Container]] = {"NetChain": NetChain, "NetGraph": NetGraph}


@dataclass
class Writer:
    """Values as JSON; arrays go into `arrays`, each once, under the place where it was first met."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)  # by id: `arrays` keeps each of them alive

    def plain(self, value: Any, place: tuple) -> Any:
        """The JSON of a value that stands at a place of the net."""
        if value is None or isinstance(value, (str, bool)) or type(value) is int:
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, np.generic):
            return self.plain(value.item(), place)
        if type(value) in (tuple, list):
            return {type(value).__name__: [self.plain(each, (*place, k)) for k, each in enumerate(value, start=1)]}
        if isinstance(value, Mapping):
            return {"dict": [[self.plain(k, place), self.plain(v, (*place, str(k)))] for k, v in value.items()]}
        if isinstance(value, np.ndarray):
            return {"array": self.array(value, place)}
        if isinstance(value, (Symbol, Head)):
            return {type(value).__name__.lower(): value.name}
        if type(value) in SETTINGS:
            return self.plain(SETTINGS[type(value)](value), place)
        if isinstance(value, Container):
            return self.container(value, place)
        if isinstance(value, NetArray):
            place = ("NetArray", value.name)
        return self.call(*parts_of(value, place), place)

    def call(self, name: str, positional: list, named: dict[str, Any], place: tuple) -> dict:
        """The JSON of a call that makes a value."""
        made: dict[str, Any] = {"make": name}
        if positional:
            made["of"] = [self.plain(each, (*place, k)) for k, each in enumerate(positional, start=1)]
        if named:
            made["with"] = {key: self.plain(each, (*place, key)) for key, each in named.items()}
        return made

    def container(self, net: Container, place: tuple) -> dict:
        """The JSON of a chain or graph: layers by key, and for a graph its edges as a user writes them."""
        made: dict[str, Any] = {"make": type(net).__name__}
        made["layers"] = [[key, self.plain(layer, (*place, key))] for key, layer in net.layers.items()]
        if isinstance(net, NetGraph):
            made["edges"] = [self.plain(edge, place) for edge in written_edges(net)]
        options = net.options_given()
        if options:
            made["with"] = {name: self.plain(value, (*place, name)) for name, value in options.items()}
        return made

    def array(self, value: np.ndarray, place: tuple) -> str:
        """The name under which an array is kept; one array is kept once, however often it is met."""
        if id(value) not in self.names:
            name, number = "/".join(map(str, place)), 1
            while name in self.arrays:
                number += 1
                name = "/".join(map(str, place)) + f"#{number}"
            self.names[id(value)], self.arrays[name] = name, value
        return self.names[id(value)]


def parts_of(value: Any, place: tuple) -> tuple[str, list, dict[str, Any]]:
    """A value as the call that makes it: the maker's name, positional arguments and options."""
    if isinstance(value, Layer):
        return type(value).__name__, *value.arguments()
    if isinstance(value, NetCoder):
        positional, named = value.arguments()
        return value.family, [value.kind, *positional], named
    if isinstance(value, NetArray):
        return "NetArray", [value.name, value.array, value.method, value.dims], {}
    if isinstance(value, PortType):
        return "PortType", [value.spec()], {}
    if isinstance(value, (NetPort, Alternatives)):
        return type(value).__name__, list(value.spec if isinstance(value, NetPort) else value.parts), {}
    if isinstance(value, Distribution):
        return value.family.name, list(value.parameters), {}
    if isinstance(value, DistributionFunction):
        return "DistributionFunction", [value.inputs, value.family.name, value.parameters], {}
    if type(value) in VALUES:
        return type(value).__name__, [getattr(value, part) for part in VALUES[type(value)]], {}
    raise NetError(
        f"{brief(value)} is a Python object, which a file does not hold",
        path=place,
        got=type(value).__name__,
        hint="a file holds no code: write functions with NumPy's and wlnet's names so that they are recorded, or "
        "detach the coder with NetReplacePart(net, {port: None}) and attach it again after loading",
    )


@dataclass
class Reader:
    """Values from JSON that the schema has let in; `array` gives the array of a name."""

    array: Callable[[str], np.ndarray]
    makers: Mapping[str, Callable] = field(default_factory=makers)

    def value(self, node: Any, place: tuple = ()) -> Any:
        """The value of a JSON node of the net at a place."""
        if not isinstance(node, dict):
            return node
        if "make" in node:
            return self.made(node, place)
        ((kind, content),) = node.items()
        return READERS[kind](self, content, place)

    def values(self, nodes: list, place: tuple) -> list:
        """The values of a JSON list."""
        return [self.value(node, place) for node in nodes]

    def dict_of(self, pairs: list, place: tuple) -> dict:
        """The dict of a list of pairs."""
        found = [tuple(self.values(pair, place)) for pair in pairs]
        try:
            made = dict(found)
        except TypeError:
            raise damaged("a key of a dict cannot be looked up", place) from None
        if len(made) != len(found):
            raise damaged("a dict has a key twice", place)
        return made

    def made(self, node: Mapping[str, Any], place: tuple) -> Any:
        """What a call makes."""
        name = node["make"]
        if name not in self.makers:
            raise damaged(f"it holds a {brief(name)}, which this version of wlnet does not know", place)
        if name not in CONTAINERS and ("layers" in node or "edges" in node):
            raise damaged(f"a {name} has no layers and edges", place)
        options = {key: self.value(each, place) for key, each in node.get("with", {}).items()}
        if name in CONTAINERS:
            return self.container(name, node, options, place)
        return self.called(name, self.makers[name], self.values(node.get("of", []), place), options, place)

    def called(self, name: str, maker: Callable, arguments: list, options: dict[str, Any], place: tuple) -> Any:
        """What a constructor makes of its arguments, or a NetError that says where it cannot."""
        try:
            return maker(*arguments, **options)
        except NetError as error:
            raise error.inside(place) from None
        except RecursionError:
            raise damaged("it is nested too deeply", place) from None
        except Exception as error:  # constructors are written for mistakes of people; a damaged file makes any other
            raise damaged(
                f"a {name} cannot be made of what it holds ({type(error).__name__}: {error})", place
            ) from None

    def container(self, name: str, node: Mapping[str, Any], options: dict[str, Any], place: tuple) -> Any:
        """A chain or graph."""
        layers = [(key, self.value(each, (*place, key))) for key, each in node.get("layers", [])]
        keys = [key for key, _ in layers]
        wrong = next((key for key, layer in layers if not isinstance(layer, Layer) or keys.count(key) > 1), None)
        if wrong is not None:
            raise damaged(f"layer {brief(wrong)} of a {name} is no layer, or is there twice", place)
        plain = keys == list(range(1, len(layers) + 1))
        held = [layer for _, layer in layers] if plain else dict(layers)
        arguments = [held] if name == "NetChain" else [held, self.values(node.get("edges", []), place)]
        return self.called(name, CONTAINERS[name], arguments, options, place)


def _head(reader: Reader, name: str, place: tuple) -> Any:
    if name not in HEADS:
        raise damaged(f"it holds the function {brief(name)}, which this version of wlnet does not know", place)
    return HEADS[name]


READERS: dict[str, Callable[[Reader, Any, tuple], Any]] = {
    "tuple": lambda reader, content, place: tuple(reader.values(content, place)),
    "list": lambda reader, content, place: reader.values(content, place),
    "dict": lambda reader, content, place: reader.dict_of(content, place),
    "float": lambda reader, content, place: float(content),
    "array": lambda reader, content, place: reader.array(content),
    "symbol": lambda reader, content, place: Symbol(content),
    "head": _head,
}
"""How each kind of node is read."""
