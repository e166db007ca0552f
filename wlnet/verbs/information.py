"""Information: what a net holds, as a report or by property."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wlnet.core.dims import Length, Unknown
from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.registry import offer
from wlnet.core.symbols import Automatic, Quantity
from wlnet.nets.container import ports_of_kind
from wlnet.nets.states import states_in
from wlnet.verbs.extract import type_of
from wlnet.verbs.layers_graph import layers_graph
from wlnet.verbs.places import ArrayPlace, Path, arrays, layers
from wlnet.verbs.rates import resolved_rates
from wlnet.verbs.topology import topology_hash

FLOAT32 = 4
"""The bytes of one number of an array that has no values yet."""


class Inventory:
    """What a net holds, with sizes where they are known: Information's properties read it."""

    def __init__(self, net: Layer):
        self.net = net

    @cached_property
    def layers(self) -> dict[Path, Layer]:
        """The elementary layers by position."""
        return dict(layers(self.net))

    @cached_property
    def places(self) -> list[ArrayPlace]:
        """Every array, a shared one once, in the first of its places."""
        first: dict[Path, ArrayPlace] = {}
        for array in arrays(self.net):
            first.setdefault(array.key, array)
        return list(first.values())

    def shape(self, array: ArrayPlace) -> tuple | None:
        """The shape of an array: of its values, or as it was inferred."""
        return self.net.plan.shape(array.path[:-1], array.name) if array.value is Automatic else array.value.shape

    def dimensions(self, array: ArrayPlace) -> Any:
        """The sizes of an array; Automatic in the place of each that is not known."""
        shape = self.shape(array)
        return Automatic if shape is None else tuple(dim if isinstance(dim, int) else Automatic for dim in shape)

    def count(self, array: ArrayPlace) -> Any:
        """The number of elements of an array; Automatic while it is not known."""
        shape, total = self.shape(array), 1
        if shape is None or any(dim is Unknown or isinstance(dim, Length) for dim in shape):
            return Automatic
        for dim in shape:
            total *= dim
        return total

    def size(self, array: ArrayPlace) -> Any:
        """The bytes that the values of an array take, or will take."""
        count = self.count(array)
        width = FLOAT32 if array.value is Automatic else array.value.dtype.itemsize
        return Automatic if count is Automatic else count * width

    def by_position(self, fact: Callable[[ArrayPlace], Any]) -> dict[Path, Any]:
        """A fact of every array by position."""
        return {array.path: fact(array) for array in self.places}

    def total(self, fact: Callable[[ArrayPlace], Any]) -> Any:
        """The sum of a fact over all arrays; Automatic while one is not known."""
        values = [fact(array) for array in self.places]
        return Automatic if Automatic in values else sum(values)

    def ports(self, kind: str) -> dict[str, Any]:
        """The types of the net's own ports of a kind, by name."""
        return {name: type_of(self.net, name, self.net, ()) for name in ports_of_kind(self.net, kind)}

    def counts(self) -> dict[type, int]:
        """How many elementary layers there are of each class."""
        classes = [type(layer) for layer in self.layers.values()]
        return {each: classes.count(each) for each in dict.fromkeys(classes)}

    def states(self) -> list[Path]:
        """Where recurrent states are: the paths that NetPort takes."""
        return [(*path, name) for path, name in states_in(self.net)]

    def rates(self) -> dict[Path, float]:
        """The learning-rate multiplier of every learned array, from the options of containers and layers."""
        rates = resolved_rates(self.net).of
        return {array.path: rates[array.key] for array in self.places if array.key in rates}


def in_bytes(count: Any) -> Any:
    """A number of bytes with its unit."""
    return Automatic if count is Automatic else Quantity(count, "Bytes")


PROPERTIES: dict[str, Callable[[Inventory], Any]] = {
    "Arrays": lambda held: held.by_position(lambda array: array.value),
    "ArraysByteCounts": lambda held: held.by_position(held.size),
    "ArraysCount": lambda held: len(held.places),
    "ArraysDimensions": lambda held: held.by_position(held.dimensions),
    "ArraysElementCounts": lambda held: held.by_position(held.count),
    "ArraysLearningRateMultipliers": lambda held: held.rates(),
    "ArraysList": lambda held: [array.value for array in held.places],
    "ArraysPositionList": lambda held: [array.path for array in held.places],
    "ArraysSizes": lambda held: held.by_position(lambda array: in_bytes(held.size(array))),
    "ArraysTotalByteCount": lambda held: held.total(held.size),
    "ArraysTotalElementCount": lambda held: held.total(held.count),
    "ArraysTotalSize": lambda held: in_bytes(held.total(held.size)),
    "FullSummaryGraphic": lambda held: offer("picture")(held.net, True),
    "InputForm": lambda held: offer("input form")(held.net),
    "InputPortNames": lambda held: ports_of_kind(held.net, "in"),
    "InputPorts": lambda held: held.ports("in"),
    "LayerTypeCounts": lambda held: held.counts(),
    "Layers": lambda held: dict(held.layers),
    "LayersCount": lambda held: len(held.layers),
    "LayersGraph": lambda held: layers_graph(held.net),
    "LayersList": lambda held: list(held.layers.values()),
    "OutputPortNames": lambda held: ports_of_kind(held.net, "out"),
    "OutputPorts": lambda held: held.ports("out"),
    "Properties": lambda held: sorted(PROPERTIES),
    "RecurrentStatesCount": lambda held: len(held.states()),
    "RecurrentStatesPositionList": lambda held: held.states(),
    "SharedArraysCount": lambda held: sum(array.is_shared for array in held.places),
    "SummaryGraphic": lambda held: offer("picture")(held.net, False),
    "TopologyHash": lambda held: topology_hash(held.net),
}
"""Every property of a net. What it draws or writes a higher room offers."""

OLD_NAMES = {"WeightsLearningRateMultipliers": "ArraysLearningRateMultipliers"}

ABSENT = {"MXNetNodeGraph": "LayersGraph", "MXNetNodeGraphPlot": "FullSummaryGraphic"}
"""Properties that ask for operations of MXNet, which wlnet does not run on, each with the nearest that there is."""


@dataclass(frozen=True, repr=False)
class Report:
    """What Information says of a net: it prints as a table, and `report["ArraysCount"]` gives a property.

    `rich.print(report)` prints it in colours; a notebook shows it as HTML.
    """

    net: Layer

    def __getitem__(self, name: Any) -> Any:
        name = OLD_NAMES.get(name, name) if isinstance(name, str) else name
        if isinstance(name, str) and name in ABSENT:
            raise NetError(f"{name} is not there: wlnet does not run on MXNet", got=name, hint=f"use {ABSENT[name]}")
        if not isinstance(name, str) or name not in PROPERTIES:
            raise NetError(f"{brief(name)} is not a property of a net", got=name, hint=nearest(name, PROPERTIES))
        return PROPERTIES[name](Inventory(self.net))

    def __repr__(self) -> str:
        return offer("table")(self.net)

    def __rich__(self) -> Any:
        return offer("rich table")(self.net)

    def _repr_html_(self) -> str:
        return offer("html")(self.net)


def Information(net: Any, prop: Any = Automatic, /) -> Any:
    """A report on a net, or with a property its value; of a list of nets a list. "Properties" lists the properties.

    Positions are tuples: ("enc", 2, "Weights"), and ("Weights",) in a bare layer. Layers are those that hold no others,
    also the ones inside operators. Sizes that are not known yet are Automatic.

    >>> Information(NetChain([3, "Ramp"], Input=2), "ArraysDimensions")
    {(1, 'Weights'): (3, 2), (1, 'Biases'): (3,)}
    """
    if isinstance(net, Sequence) and not isinstance(net, str):
        return [Information(each, prop) for each in net]
    if not isinstance(net, Layer):
        raise NetError(f"Information takes a net or a list of nets, got {brief(net)}", got=net)
    return Report(net) if prop is Automatic else Report(net)[prop]


NetInformation = Information
"""The old name of Information."""

__all__ = ["Information", "NetInformation", "Report"]
