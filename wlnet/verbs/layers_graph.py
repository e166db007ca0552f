"""How the elementary layers of a net are connected: Information's "LayersGraph"."""

from dataclasses import dataclass
from typing import Any

from wlnet.core.layer import Layer
from wlnet.core.symbols import NetPort
from wlnet.nets.container import Container, ports_of_kind
from wlnet.verbs.places import Path, inner, layers

Feeds = dict[str, list[Any]]
"""The vertices behind each port."""


@dataclass(frozen=True)
class LayersGraph:
    """A directed graph. A vertex is the position of a layer, such as (2,) or ("enc", 1), or a NetPort of the net.

    `vertices` are the input ports, the layers, and the output ports; `edges` are pairs of vertices, each once.
    """

    vertices: tuple[Any, ...]
    edges: tuple[tuple[Any, Any], ...]


def layers_graph(net: Layer) -> LayersGraph:
    """The graph of a net's elementary layers; containers and operators are seen through.

    Into an operator a value goes to every net in it, and out of it comes what every net in it gives.

    >>> layers_graph(NetChain([3, "Ramp"])).edges
    ((NetPort("Input"), (1,)), ((1,), (2,)), ((2,), NetPort("Output")))
    """
    edges: dict[tuple, None] = {}
    inputs = [NetPort(name) for name in ports_of_kind(net, "in")]
    outputs = [NetPort(name) for name in ports_of_kind(net, "out")]
    given = flow(net, (), {port.spec[0]: [port] for port in inputs}, edges)
    edges |= {(source, port): None for port in outputs for source in given[port.spec[0]]}
    return LayersGraph((*inputs, *(path for path, _ in layers(net)), *outputs), tuple(edges))


def flow(net: Layer, path: Path, feeds: Feeds, edges: dict[tuple, None]) -> Feeds:
    """Which vertices give a net's outputs, when `feeds` gives its inputs; adds the edges inside it."""
    if isinstance(net, Container):
        return through_container(net, path, feeds, edges)
    held = inner(net)
    outputs = [*ports_of_kind(net, "out"), *ports_of_kind(net, "state")]
    everything = unique(feeds)
    if net.is_elementary:
        edges |= {(source, path): None for source in everything}
        return {name: [path] for name in outputs}
    given: Feeds = {}
    for key, each in held.items():
        known = flow(each, (*path, key), dict.fromkeys(ports_of_kind(each, "in"), everything), edges)
        given |= {f"{key}/{port}": vertices for port, vertices in known.items()}
    return dict.fromkeys(outputs, unique(given))


def through_container(net: Container, path: Path, feeds: Feeds, edges: dict[tuple, None]) -> Feeds:
    """The same for a container, whose own edges say what feeds what."""
    known = {(None, port): vertices for port, vertices in feeds.items()}
    for key in net.order:
        inside = {port: known.get(source, []) for port, source in net.feeds[key].items()}
        given = flow(net.layers[key], (*path, key), inside, edges)
        known |= {(key, port): vertices for port, vertices in given.items()}
    return {port: known[source] for port, source in net.feeds[None].items()}


def unique(feeds: Feeds) -> list[Any]:
    """All vertices behind all ports, each once."""
    return list(dict.fromkeys(vertex for vertices in feeds.values() for vertex in vertices))
