"""Losses attached: from the net that a user trains to the net that training runs, which ends in losses.

The training net is an ordinary NetGraph: the user's net stands in it under the name "Net", and each attached loss
beside it. Data for a loss's target come in at a port that is called like the net's output, data for its further ports
under the names of these.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from wlnet.coders.characters import CharactersEncoder
from wlnet.coders.classes import ClassEncoder
from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.shared import SHARED
from wlnet.core.symbols import Automatic, NetPort
from wlnet.layers.losses import CrossEntropyLossLayer
from wlnet.layers.sequence_losses import CTCLossLayer
from wlnet.nets.container import coder_of, ports_of_kind
from wlnet.nets.graph import NetGraph
from wlnet.nets.operator import source_of
from wlnet.training.lossfunction import LossSpec, specified
from wlnet.verbs.rates import Rates, resolved_rates

NET = "Net"


@dataclass(frozen=True)
class LossPort:
    """One loss that training makes small: its name, the layer that computes it, the port it judges, its weight."""

    name: str
    port: str
    layer: Layer | None
    weight: float = 1.0

    def __str__(self) -> str:
        layer = brief(self.layer) if self.layer is not None else "a loss that the net computes"
        return f"{self.name}: {layer} on {self.port}" + (f", times {self.weight:g}" if self.weight != 1 else "")


@dataclass(frozen=True)
class Attached:
    """The training net, its losses, and the input and target ports that take pairs."""

    net: Layer
    losses: tuple[LossPort, ...]
    pair: tuple[str, str] | None

    @property
    def user_net(self) -> Layer:
        """The net that the user trains."""
        return self.net.subnets()[NET]

    @property
    def ports(self) -> list[str]:
        """The ports that the data must give."""
        return ports_of_kind(self.net, "in")

    def rates(self, rules: Any) -> Rates:
        """The multiplier of every array: by these rules and those in the net, and in each loss by its own."""
        found = resolved_rates(self.user_net, rules)
        for vertex, layer in self.net.subnets().items():
            if vertex != NET and layer.has_arrays():
                found = together(found, resolved_rates(layer), vertex)
        return found


def together(rates: Rates, others: Rates, vertex: str) -> Rates:
    """The rates of a net, and those of a loss that stands beside it; of a shared array the net's come first."""

    def outer(key: tuple) -> tuple:
        return key if key[0] is SHARED else (vertex, *key)

    of = {outer(key): rate for key, rate in others.of.items()}
    source = {outer(key): said for key, said in others.source.items()}
    frozen = frozenset(outer(key) for key in others.frozen if outer(key) not in rates.of)
    return Rates({**of, **rates.of}, {**source, **rates.source}, rates.frozen | frozen)


def inside(key: tuple) -> tuple:
    """The key of an array of the training net as its user knows it: in the user's net, not around it."""
    return key[1:] if key[:1] == (NET,) else key


@dataclass
class Attaching:
    """The training net while losses are put to it."""

    net: Layer
    vertices: dict[str, Layer] = field(default_factory=dict)
    edges: list[tuple] = field(default_factory=list)
    types: dict[str, Any] = field(default_factory=dict)
    targets: list[str] = field(default_factory=list)
    losses: list[LossPort] = field(default_factory=list)
    ends: dict[str, NetPort] = field(default_factory=dict)  # what comes out under the name of each loss

    def put(self, spec: LossSpec) -> None:
        """One loss beside the net, with the data that it takes."""
        if spec.layer is None:
            self.end(spec, spec.port, NetPort(NET, spec.port))
            return
        vertex = free(f"{spec.port}Loss", self.vertices)
        self.vertices[vertex] = spec.layer
        self.edges.append((NetPort(NET, spec.port), NetPort(vertex, spec.judged)))
        if spec.target is not None:
            self.take_target(spec, vertex)
        for port in spec.further:
            self.edges.append((NetPort(port), NetPort(vertex, port)))
        ends = ports_of_kind(spec.layer, "out")
        for port in ends:
            self.end(spec, vertex if len(ends) == 1 else port, NetPort(vertex, port))

    def end(self, spec: LossSpec, name: str, end: NetPort) -> None:
        """A place in the training net that gives a loss, which is told of under a name of its own."""
        name = free(name, self.ends)
        self.ends[name] = end
        self.losses.append(LossPort(name, spec.port, spec.layer, spec.weight))

    def take_target(self, spec: LossSpec, vertex: str) -> None:
        """The target of a loss comes in under the name of the output, with an encoder of the decoder's kind."""
        layer: Any = spec.layer
        if spec.port not in self.targets:
            self.targets.append(spec.port)
        self.edges.append((NetPort(spec.port), NetPort(vertex, spec.target)))
        encoder = target_encoder(coder_of(self.net, spec.port), layer, self.net.plan.shape((), spec.port))
        if encoder is None or coder_of(layer, str(spec.target)) is not None:
            return
        if self.types.setdefault(spec.port, encoder) != encoder:
            text = f"LossFunction: the losses of {spec.port} take its targets in different forms"
            raise NetError(
                text, got=spec.layer, hint="let one of them be a net whose second input is not called Target"
            )

    def graph(self) -> Layer:
        """The training net."""
        judged = {loss.port for loss in self.losses}
        unused = [(NetPort(NET, port), None) for port in ports_of_kind(self.net, "out") if port not in judged]
        outward = [(self.ends[loss.name], NetPort(loss.name)) for loss in self.losses]
        return NetGraph(self.vertices, [*self.edges, *outward, *unused], **self.types)

    def name_losses(self) -> None:
        """Names that no data port has; a single loss is called Loss."""
        data = {source.spec[0] for source, _ in self.edges if len(source.spec) == 1}
        taken = {*ports_of_kind(self.net, "in"), *data}
        ends, losses, self.ends, self.losses = self.ends, self.losses, {}, []
        for loss in losses:
            name = "Loss" if len(losses) == 1 else loss.name
            name = free(name if name not in taken else f"{loss.name}Loss", {*taken, *self.ends})
            self.ends[name] = ends[loss.name]
            self.losses.append(replace(loss, name=name))


def free(name: str, taken: Any) -> str:
    """The name, or the first of name2, name3, … that nothing has."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}{number}"
    return found


def attach(net: Layer, setting: Any = Automatic) -> Attached:
    """The training net of a net, by a setting of LossFunction."""
    made = Attaching(net, {NET: net})
    for spec in specified(net, setting):
        made.put(spec)
    made.name_losses()
    graph = made.graph()
    inputs, ports = ports_of_kind(net, "in"), ports_of_kind(graph, "in")
    pair = (inputs[0], made.targets[0]) if len(inputs) == len(made.targets) == 1 and len(ports) == 2 else None
    return Attached(graph, tuple(made.losses), pair)


def target_encoder(decoder: Any, layer: Layer, shape: tuple | None) -> Any:
    """The encoder of a target for a decoder on the output: classes as indices or as indicator vectors."""
    if decoder is None:
        return None
    encoder = decoder.target_encoder(shape)
    if isinstance(encoder, (ClassEncoder, CharactersEncoder)) and not getattr(encoder, "Multilabel", False):
        index = isinstance(layer, CTCLossLayer) or (isinstance(layer, CrossEntropyLossLayer) and layer.form == "Index")
        return encoder.changed(form="Index" if index else "UnitVector")
    return encoder


__all__ = ["NET", "Attached", "LossPort", "attach", "source_of"]
