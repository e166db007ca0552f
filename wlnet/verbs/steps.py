"""What one step of a layer is: the layer for one element of the sequence that it goes along, with its states as ports.

A table by class says it; a layer that is not there mixes the elements of a sequence, so that no step of it exists.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wlnet.core.dims import Refusal
from wlnet.core.layer import Layer
from wlnet.core.source import source
from wlnet.core.symbols import Automatic, NetPort
from wlnet.layers.attention import AttentionLayer
from wlnet.layers.dense import SoftmaxLayer
from wlnet.layers.dropout import DropoutLayer
from wlnet.layers.elementwise import ElementwiseLayer, ThreadingLayer
from wlnet.layers.embedding import EmbeddingLayer, UnitVectorLayer
from wlnet.layers.joining import CatenateLayer, TotalLayer
from wlnet.layers.normalization import NormalizationLayer
from wlnet.layers.positions import AppendLayer
from wlnet.layers.recurrent import RecurrentLayer
from wlnet.layers.sequence import SequenceLastLayer
from wlnet.layers.structure import ReplicateLayer
from wlnet.nets.container import ports_of_kind
from wlnet.nets.folding import NetFoldOperator
from wlnet.nets.graph import NetGraph
from wlnet.nets.mapping import NetMapOperator, NetMapThreadOperator


@dataclass(frozen=True)
class Step:
    """One step of a layer: a net with the same ports and, for each state, an input and an output besides."""

    net: Layer
    states: tuple[tuple[str, str, str], ...] = ()
    """The name of the state, the input by which it comes, the output by which it leaves."""


@dataclass(frozen=True)
class Place:
    """A layer where it stands: which of its inputs are sequences that are gone along, and the ranks of all ports."""

    layer: Layer
    along: frozenset[str]
    ranks: Mapping[str, int | None]

    @property
    def whole(self) -> list[str]:
        """The inputs that are the same at every step."""
        return [port for port in ports_of_kind(self.layer, "in") if port not in self.along]


def bare(layer: Layer) -> Layer:
    """A layer without the port types that it was given: they are of sequences."""
    return layer.with_fields(given={}) if layer.given else layer


# --- layers that go along a sequence ----------------------------------------------------------------------------------


def recurrent(place: Place) -> Step:
    """The layer on a sequence of one element."""
    states, edges = ports_of_kind(place.layer, "state"), []
    for name in states:
        edges += [(NetPort(name), NetPort("layer", name)), (NetPort("layer", name), NetPort(f"Out{name}"))]
    return Step(of_one_element(place.layer, edges), tuple((name, name, f"Out{name}") for name in states))


def of_one_element(layer: Layer, edges: list) -> NetGraph:
    """A layer for sequences as one for elements: on a sequence of one."""
    layers = {"sequence": ReplicateLayer(1), "layer": bare(layer), "step": SequenceLastLayer()}
    return NetGraph(layers, [("sequence", "layer", "step"), *edges])


def fold(place: Place) -> Step:
    """The net that is folded: what comes back are its states."""
    operator: Any = place.layer
    net, listed = operator.net, operator.listed
    edges: list = [(NetPort(port), NetPort("net", port)) for port in ports_of_kind(net, "in")]
    edges += [(NetPort("net", port), NetPort(port)) for port in listed]
    edges += [(NetPort("net", out), NetPort(f"Out{port}")) for out, port in operator.pairs]
    read = {*listed, *(out for out, _ in operator.pairs)}
    edges += [(NetPort("net", port), None) for port in ports_of_kind(net, "out") if port not in read]
    return Step(NetGraph({"net": net}, edges), tuple((port, port, f"Out{port}") for _, port in operator.pairs))


def attention(place: Place) -> Step | None:
    """The last query under a causal mask: it sees the keys and values so far, its own among them."""
    layer: Any = place.layer
    if layer.Mask is None:
        return Step(bare(layer)) if place.along == {"Query"} else None
    if layer.Mask != "Causal":
        raise Refusal(
            f"Mask={source(layer.Mask)} has no single step", 'Mask="Causal" has one: it lets all keys so far be seen'
        )
    edges: list = [(NetPort("State1"), NetPort("keys", "Input")), (NetPort("Key"), NetPort("keys", "Element"))]
    edges += [(NetPort("State2"), NetPort("values", "Input")), (NetPort("Value"), NetPort("values", "Element"))]
    edges += [("keys", NetPort("attend", "Key")), ("values", NetPort("attend", "Value"))]
    edges += [(NetPort("Query"), NetPort("attend", "Query")), ("attend", NetPort("Output"))]
    edges += [("keys", NetPort("OutState1")), ("values", NetPort("OutState2"))]
    attend = bare(layer).with_fields(Mask=None)
    so_far = ("Varying", *(Automatic,) * (1 + layer.MultiHead))
    layers = {"keys": AppendLayer(), "values": AppendLayer(), "attend": attend}
    net = NetGraph(layers, edges, State1=so_far, State2=so_far)
    return Step(net, (("State", "State1", "OutState1"), ("State", "State2", "OutState2")))


# --- layers that do the same to every element -------------------------------------------------------------------------


def same(place: Place) -> Step:
    """The layer itself."""
    return Step(bare(place.layer))


def together(place: Place) -> Step | None:
    """The layer itself, where all its inputs are gone along: what is constant would be aligned otherwise."""
    return None if place.whole else same(place)


def threaded(place: Place) -> Step | None:
    """Numbers at one place of all inputs: arrays of one rank, and not aligned by levels."""
    layer: Any = place.layer
    ranks = {place.ranks[port] for port in ports_of_kind(layer, "in")}
    is_plain = len(ranks) == 1 and None not in ranks and not isinstance(layer.broadcast, tuple)
    return together(place) if is_plain else None


def softmax(place: Place) -> Step | None:
    """The level is one less, counted from the start."""
    layer, rank = place.layer, place.ranks["Input"]
    level = moved(layer.level, rank)
    return None if level is None else Step(bare(layer).with_fields(level=level))


def normalized(place: Place) -> Step | None:
    """The layer on a sequence of one element, where neither means nor arrays are along the sequence."""
    layer, rank = place.layer, place.ranks["Input"]
    if rank is None or 1 in layer.levels.of(rank) or 1 in layer.scaled_levels(rank):
        return None
    return Step(of_one_element(layer, []))


def catenate(place: Place) -> Step | None:
    """The level is one less, counted from the start; what is constant has no level of the sequence."""
    layer: Any = place.layer
    ranks = [place.ranks[port] for port in ports_of_kind(layer, "in")]
    level = moved(layer.level, None if None in ranks else min(ranks))  # type: ignore[type-var]
    if place.whole or level is None or len(set(ranks)) > 1:
        return None
    return Step(bare(layer).with_fields(level=level))


def moved(level: int, rank: int | None) -> int | None:
    """A level of an array when its first level is gone; None where it is that one, or may be."""
    if level > 0:
        return level - 1 or None
    return level if rank is not None and -level < rank else None


def mapped(place: Place) -> Step | None:
    """The net that is mapped, with the ports of the operator."""
    net = place.layer.net
    (one,), (other,) = ports_of_kind(net, "in"), ports_of_kind(net, "out")
    if (one, other) == ("Input", "Output"):
        return Step(net)
    edges = [(NetPort("Input"), NetPort("net", one)), (NetPort("net", other), NetPort("Output"))]
    return Step(NetGraph({"net": net}, edges))


def threads(place: Place) -> Step | None:
    """The same, mapped over one level less."""
    layer: Any = place.layer
    if any(layer.depths[port] for port in place.whole):
        return None
    depths = {port: depth - 1 for port, depth in layer.depths.items() if depth > 1}
    return Step(NetMapThreadOperator(layer.net, depths) if depths else layer.net)


STEPS: dict[type, Callable[[Place], Step | None]] = {
    RecurrentLayer: recurrent,
    NetFoldOperator: fold,
    AttentionLayer: attention,
    NetMapOperator: mapped,
    NetMapThreadOperator: threads,
    ElementwiseLayer: same,
    DropoutLayer: same,
    EmbeddingLayer: same,
    UnitVectorLayer: same,
    ThreadingLayer: threaded,
    TotalLayer: together,
    SoftmaxLayer: softmax,
    CatenateLayer: catenate,
    NormalizationLayer: normalized,
}
"""One step of a layer by its class; None where there is none."""


def step_of(place: Place) -> Step | None:
    """One step of a layer, None where the layer needs the sequence as a whole."""
    found = next((rule for kind, rule in STEPS.items() if isinstance(place.layer, kind)), None)
    return found(place) if found is not None else None


def goes_along(layer: Layer) -> list[str]:
    """The inputs of a layer that are sequences by what it is, whatever stands around it."""
    if isinstance(layer, (RecurrentLayer, NetMapOperator)):
        return ["Input"]
    if isinstance(layer, NetFoldOperator):
        return layer.mapped
    if isinstance(layer, NetMapThreadOperator):
        return [port for port, depth in layer.depths.items() if depth]
    return ["Key", "Value", "Query"] if isinstance(layer, AttentionLayer) and layer.Mask is not None else []


__all__ = ["Place", "Step", "goes_along", "step_of"]
