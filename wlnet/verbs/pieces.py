"""Containers out of their pieces: layers, edges and port types that are known to be right in themselves."""

from typing import Any

from wlnet.core.layer import Layer
from wlnet.core.ports import PortType
from wlnet.core.symbols import Automatic
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container
from wlnet.nets.graph import Edge, NetGraph, canonical, outer_ports
from wlnet.verbs.moving import moved_rates

Layers = dict[Any, Layer]
Given = dict[str, PortType]


def chain_of(layers: Layers, given: Given, rates: Any = Automatic) -> NetChain:
    """A chain of layers as they are, not checked."""
    chain = NetChain.of(layers, {}, LearningRateMultipliers=rates)
    return chain.with_fields(given=kept(given, chain))


def graph_of(layers: Layers, edges: list[Edge], given: Given, rates: Any = Automatic) -> NetGraph:
    """A graph of layers and edges as they are, not checked."""
    held = canonical(layers, edges)
    outer = outer_ports(held)
    graph = NetGraph.made(layers=layers, edges=held, outer=outer, given={}, arrays={}, LearningRateMultipliers=rates)
    return graph.with_fields(given=kept(given, graph))


def rekeyed(net: Container, keys: dict) -> Container:
    """A container with other keys of its layers."""
    layers, rates = {keys[key]: layer for key, layer in net.layers.items()}, moved_rates(net, keys)
    if isinstance(net, NetChain):
        return chain_of(layers, net.given, rates)
    names = {**keys, None: None}
    edges = [((names[a], one), (names[b], two)) for (a, one), (b, two) in net.edges]
    return graph_of(layers, edges, net.given, rates)


def kept(given: Given, net: Container) -> Given:
    """The port types of ports that the net has, in its order."""
    return {port: given[port] for port in net.outer if port in given}


def settled(layer: Layer) -> Layer:
    """A layer of open input number has one input, where one layer feeds it."""
    return layer.with_inputs(1) if hasattr(layer, "with_inputs") and not layer.inputs else layer


def free(name: Any, taken: set) -> Any:
    """The name, or with the first number that makes it one that is not taken yet; it is taken then."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}{number}"
    taken.add(found)
    return found
