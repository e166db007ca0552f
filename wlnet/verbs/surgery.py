"""NetInsert, NetDelete, Normal and Length."""

from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, NetPort
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, ports_of_kind
from wlnet.nets.graph import Edge, NetGraph, complete
from wlnet.verbs.exchange import bypassed
from wlnet.verbs.extract import NetExtract
from wlnet.verbs.fitting import Origin, same_places, verified
from wlnet.verbs.joining import added
from wlnet.verbs.moving import moved_rates
from wlnet.verbs.pieces import chain_of, graph_of, rekeyed, settled
from wlnet.verbs.taking import dropped, only_chain, same_shape


def Normal(net: Any) -> Any:
    """The layers of a net: a list, or a dict where they have names.

    >>> Normal(NetChain({"a": "Tanh"})), Normal(NetChain(["Tanh"]))
    ({'a': ElementwiseLayer("Tanh")}, [ElementwiseLayer("Tanh")])
    """
    return NetExtract(container(net, "Normal"), All)


def Length(net: Any) -> int:
    """The number of layers directly inside a net.

    >>> Length(NetChain([3, "Tanh"]))
    2
    """
    return len(container(net, "Length"))


def container(net: Any, verb: str) -> Container:
    """The chain or graph that a verb needs."""
    if not isinstance(net, Container):
        raise NetError(f"{verb} takes a NetChain or a NetGraph, got {brief(net)}", got=net)
    return net


def NetInsert(net: Any, layer: Any, position: Any, /) -> NetChain:
    """A chain with a layer in front of a position or a name; n+1 or -1 puts it at the end of n layers.

    In a chain with names the layer has one too: `{"name": layer}`.

    >>> NetInsert(NetChain([3, 5]), "Tanh", 2)
    NetChain([LinearLayer(3), ElementwiseLayer("Tanh"), LinearLayer(5)])
    """
    chain, new = only_chain(net, "NetInsert"), added(layer, "NetInsert")
    if chain.layers and chain.is_named != new.is_named:
        need = 'needs a name, as in {"name": layer}' if chain.is_named else "takes no name: the chain has none"
        raise NetError(f"NetInsert: the new layer {need}", got=layer)
    twice = next((key for key in new.layers if chain.is_named and key in chain.layers), None)
    if twice is not None:
        raise NetError(f"NetInsert: a layer is named {twice!r} already", got=twice, hint="give another name")
    at, items = place(chain, position), list(chain.layers.items())
    held = [*items[:at], *new.layers.items(), *items[at:]]
    layers = dict(held) if new.is_named else dict(enumerate((each for _, each in held), start=1))
    layers = {key: settled(each) if k else each for k, (key, each) in enumerate(layers.items())}
    keys = dict(zip(chain.layers, [*list(layers)[:at], *list(layers)[at + len(new.layers) :]], strict=True))
    return verified(chain_of(layers, chain.given, moved_rates(chain, keys)), Origin(chain, keys))


def place(chain: NetChain, position: Any) -> int:
    """How many layers stand before a position."""
    count = len(chain.layers)
    if isinstance(position, (int, np.integer)) and not isinstance(position, bool) and position not in chain.layers:
        if 1 <= position <= count + 1 or -count - 1 <= position <= -1:
            return int(position) - 1 if position > 0 else count + 1 + int(position)
        hint = f"positions count from 1 to {count + 1}, or from -1 to -{count + 1} from the end"
        raise NetError(f"NetInsert: {position} is no position in a chain of {count} layers", got=position, hint=hint)
    return list(chain.layers).index(chain.key_of(position))


def NetDelete(net: Any, part: Any, /) -> Container:
    """A net without a layer, or several in a list; of a graph also without output ports: `NetPort("out")`.

    A layer goes if it is at the outer edge of the net, or if what goes in and what comes out have the same shape.

    >>> NetDelete(NetChain({"a": 3, "b": "Tanh", "c": 5}), "b")
    NetChain({"a": LinearLayer(3), "c": LinearLayer(5)})
    """
    made = container(net, "NetDelete")
    parts = list(part) if isinstance(part, (list, tuple)) else [part]
    targets = [each if isinstance(each, NetPort) else made.key_of(each) for each in parts]
    keys = [key for key in made.layers if key in [each for each in targets if not isinstance(each, NetPort)]]
    made = without_layers(made, keys) if isinstance(made, NetChain) else without_vertices(made, keys)
    for port in (each for each in targets if isinstance(each, NetPort)):
        made = without_port(made, port)
    return verified(made, *same_places(net))


def without_layers(chain: NetChain, keys: list) -> NetChain:
    """A chain without some layers; those that stand side by side go together."""
    gone = sorted((list(chain.layers).index(key) for key in keys), reverse=True)
    while gone:  # from the back, so that positions in front stay
        last = gone.pop(0)
        first = last
        while gone and gone[0] == first - 1:
            first = gone.pop(0)
        chain = dropped(chain, first, last + 1, "NetDelete")
    return chain


def without_vertices(net: Container, keys: list) -> Container:
    """A graph without some layers."""
    made = net
    for key in keys:
        made = without_vertex(made, net, key)
    if made is net:
        return net
    new: dict = {old: old if net.is_named else at for at, old in enumerate(made.layers, start=1)}
    return verified(made if net.is_named else rekeyed(made, new), Origin(net, new))


def without_vertex(net: Container, whole: Container, key: Any) -> Container:
    """A graph without one layer, as it stands in the whole graph."""
    edges, layer = net.edges, net.layers[key]
    first = all(source[0] is None for source, target in edges if target[0] == key)
    last = all(target[0] is None for source, target in edges if source[0] == key)
    single = all(len(ports_of_kind(layer, kind)) == 1 for kind in ("in", "out"))
    if single and not (first or last):
        same_shape(whole, key, key, "NetDelete")
        return bypassed(net, key, "NetDelete")
    if single:
        changed = {port for edge in edges for end, port in edge if end is None and any(e[0] == key for e in edge)}
        given = {port: each for port, each in net.given.items() if port not in changed}
        return bypassed(net.with_fields(given=given), key, "NetDelete")
    if not (first or last):
        return bypassed(net, key, "NetDelete")
    left = [edge for edge in edges if key not in (edge[0][0], edge[1][0])]
    layers = {k: v for k, v in net.layers.items() if k != key}
    read = {source for source, _ in edges}
    muted = {(k, p) for k, v in layers.items() for p in ports_of_kind(v, "out") if (k, p) not in read}
    rates = moved_rates(net, {k: k for k in layers})
    return graph_of(layers, complete(layers, left, muted), net.given, rates)


def without_port(net: Container, port: NetPort) -> Container:
    """A graph without an output port, or without the input port of a state."""
    if not isinstance(net, NetGraph):
        raise NetError(f"NetDelete: {port!r} of a NetChain; only a NetGraph has ports to delete", got=port)
    name = port.spec[0]
    if len(port.spec) != 1 or name not in net.outer:
        raise NetError(f"NetDelete: the graph has no port {port!r}", got=port, hint=nearest(name, net.outer))
    gone: list[Edge] = [edge for edge in net.edges if (None, name) in edge]
    kinds = {net.layers[key].ports()[at].kind for _, (key, at) in gone if key is not None}
    if net.outer[name].kind == "in" and kinds != {"state"}:
        raise NetError(f"NetDelete: {port!r} is an input that layers need", got=port, hint="delete the layers")
    edges = [edge for edge in net.edges if edge not in gone]
    return graph_of(net.layers, edges, net.given, net.LearningRateMultipliers)
