"""NetFlatten: nets inside a net put in their places."""

import math
from collections.abc import Iterable
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.ports import PortType
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, Automatic
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, End
from wlnet.nets.graph import Edge
from wlnet.verbs.joining import inner_ends
from wlnet.verbs.moving import carried_rates, with_rates
from wlnet.verbs.pieces import chain_of, free, graph_of
from wlnet.verbs.places import Path
from wlnet.verbs.within import layer_at


def NetFlatten(net: Any, levels: Any = All, /) -> Layer:
    """A net without nets in it: their layers become its own, all levels or the outermost `levels`.

    The result is a chain where nothing branches, else a graph. Where there are names, a layer is named by its path,
    "outer/inner"; inside operators nets are flattened too.

    >>> NetFlatten(NetChain([3, ["Tanh", 5]])), NetFlatten(NetChain({"a": 3, "b": {"c": "Tanh"}}))
    (NetChain([LinearLayer(3), ElementwiseLayer("Tanh"), LinearLayer(5)]),
    NetChain({"a": LinearLayer(3), "b/c": ElementwiseLayer("Tanh")}))
    """
    if not isinstance(net, Layer):
        raise NetError(f"NetFlatten takes a net, got {brief(net)}", got=net)
    depth = math.inf if levels is All else levels
    if not isinstance(depth, (int, float)) or isinstance(levels, (bool, float)) or depth < 0:
        raise NetError(f"NetFlatten: {brief(levels)} is not a number of levels", got=levels, hint="write 2, or All")
    return flattened(net, depth)


def flattened(net: Layer, depth: float) -> Layer:
    """A net with so many levels of nets in it made its own."""
    if not isinstance(net, Container):
        held = net.subnets()
        inner = {key: flattened(each, depth) for key, each in held.items()}
        if all(inner[key] is held[key] for key in held):
            return net
        rates = carried_rates([((), net)], lambda path: moved_places(net, depth, path))
        return with_rates(net.with_subnets(inner), rates)
    return net if depth < 1 else flat_and_keys(net, depth)[0]


def flat_and_keys(net: Container, depth: float, only: Any = None) -> tuple[Container, dict[tuple, Any]]:
    """The net in which nets (`only` some) are its own layers, and the keys that layers have in it, by their paths."""
    layers, edges = inlined(net, depth, only)
    plain = only is None and not net.is_named and all(isinstance(key, int) for path in layers for key in path)
    keys: dict = dict(zip(layers, range(1, len(layers) + 1), strict=True)) if plain else names_for(layers, net.is_named)
    if len(layers) == len(net.layers) and all(layers.get((key,)) is net.layers[key] for key in net.layers):
        chain = None if isinstance(net, NetChain) else linear(net.layers, net.edges, net)
        return (net, {path: path[0] for path in layers}) if chain is None else reordered(net, *chain)
    ends: dict = {**keys, None: None}
    held = {keys[path]: layer for path, layer in layers.items()}
    moved = [((ends[a], one), (ends[b], two)) for (a, one), (b, two) in edges]
    found = linear(held, moved, net) if only is None or isinstance(net, NetChain) else None
    made: Container = graph_of(held, moved, net.given) if found is None else found[0]
    keys = keys if found is None else {path: found[1][key] for path, key in keys.items()}
    below = 0 if only is not None else depth
    gone = sorted({path[:at] for path in keys for at in range(len(path))}, key=len)
    nets = [(path, layer_at(net, path)[1]) for path in gone]
    return with_rates(made, carried_rates(nets, lambda path: moved_in_keys(net, keys, below, path))), keys


def reordered(net: Container, chain: NetChain, keys: dict) -> tuple[NetChain, dict[tuple, Any]]:
    """A graph that is a chain: its layers in the order in which they follow each other."""
    rates = carried_rates([((), net)], lambda path: [(keys[path[0]], *path[1:])])
    return with_rates(chain, rates), {(key,): new for key, new in keys.items()}


def moved_places(net: Layer, depth: float, path: Path) -> list[Path]:
    """Where what stands at a path of a net stands when the net is flat: all of them, where that is a net."""
    if isinstance(net, Container):
        return moved_in_keys(net, flat_and_keys(net, depth)[1], depth, path) if depth >= 1 and path else [path]
    held = net.subnets()
    if not path or path[0] not in held:
        return [path]
    return [(path[0], *rest) for rest in moved_places(held[path[0]], depth, path[1:])]


def moved_in_keys(net: Container, keys: dict[tuple, Any], depth: float, path: Path) -> list[Path]:
    """The same, where it is known which keys the layers have, by their paths."""
    for at in range(1, len(path) + 1):
        if path[:at] in keys:
            rest = moved_places(layer_at(net, path[:at])[1], depth - at + 1, path[at:])
            return [(keys[path[:at]], *each) for each in rest]
    return [(key,) for place, key in keys.items() if place[: len(path)] == path]


def names_for(paths: Iterable[tuple], named: bool) -> dict[tuple, Any]:
    """The names of layers after their paths; one that was not nested keeps its own."""
    own = {path: path[0] if named else str(path[0]) for path in paths if len(path) == 1}
    taken = set(own.values())
    return {path: own[path] if path in own else free("/".join(map(str, path)), taken) for path in paths}


def linear(layers: dict, edges: list[Edge], net: Container) -> tuple[NetChain, dict] | None:
    """The chain with these layers and edges, if it is one, and the new keys of its layers."""
    follow = {a[0]: b[0] for a, b in edges}
    key = next((b[0] for a, b in edges if a[0] is None), None)
    order: list = []
    while key is not None and key not in order:
        order.append(key)
        key = follow.get(key)
    if len(order) != len(layers):
        return None
    names = order if any(isinstance(each, str) for each in order) else range(1, len(order) + 1)
    held = dict(zip(names, (layers[each] for each in order), strict=True))
    keys: dict = dict(zip(order, names, strict=True))
    try:
        chain = chain_of(held, net.given)
    except NetError:  # a layer of several ports stands inside: it is a graph
        return None
    ends = {**keys, None: None}
    same = set(chain.edges) == {((ends[a], one), (ends[b], two)) for (a, one), (b, two) in edges}
    return (chain, keys) if same else None


def unfolded(net: Container, key: Any) -> tuple[Container, dict[tuple, Any]]:
    """A net in which the layers of one net inside are its own, and what they are called, by their paths."""
    return flat_and_keys(net, 1, {key})


def inlined(net: Container, depth: float, only: Any = None) -> tuple[dict[tuple, Layer], list[Edge]]:
    """The layers by path, and the edges between them, of a container in which nets (`only` some) are its own layers."""
    layers: dict[tuple, Layer] = {}
    edges: list[Edge] = []
    leaving: dict[End, End] = {}
    entering: dict[End, list[End]] = {}
    for key, layer in net.layers.items():
        if not isinstance(layer, Container) or depth < 1 or (only is not None and key not in only):
            layers[(key,)] = layer if isinstance(layer, Container) or only is not None else flattened(layer, depth)
            continue
        held, inside = inlined(moved_in(layer, str(key)), depth - 1)
        layers |= {(key, *path): each for path, each in held.items()}
        for (a, one), (b, two) in inside:
            start, end = (None if a is None else (key, *a), one), (None if b is None else (key, *b), two)
            if b is None:
                leaving[key, two] = start if a is not None else (None, one)
            elif a is None:
                entering.setdefault((key, one), []).append(end)
            else:
                edges.append((start, end))
    into = {target: source for source, target in net.edges}

    def source_of(end: End) -> End:
        if end[0] is None or (end[0],) in layers:
            return (end[0] if end[0] is None else (end[0],)), end[1]
        inner = leaving[end]
        return inner if inner[0] is not None else source_of(into[end[0], inner[1]])

    for source, target in net.edges:
        if target[0] is None or (target[0],) in layers:
            edges.append((source_of(source), ((target[0],) if target[0] is not None else None, target[1])))
        else:
            edges += [(source_of(source), end) for end in entering.get(target, [])]
    return layers, edges


def moved_in(net: Container, name: str) -> Container:
    """A net with the types of its ports on its layers, and its lengths named apart from those around."""
    layers = {
        key: with_given(each, {p: apart(t, name) for p, t in each.given.items()}) for key, each in net.layers.items()
    }
    for port, given in net.given.items():
        for key, at in inner_ends(net, port)[:1]:
            types = {**layers[key].given, at: merged(layers[key].given.get(at), apart(given, name))}
            layers[key] = with_given(layers[key], {p: types[p] for p in layers[key].ports() if p in types})
    changed = any(layers[key] is not each for key, each in net.layers.items())
    return net.with_fields(layers=layers) if changed else net


def with_given(net: Layer, given: dict[str, PortType]) -> Layer:
    """A net with these types of its ports; the same object where they are the same."""
    return net if given == net.given else net.with_fields(given=given)


def apart(given: PortType, name: str) -> PortType:
    """A port type whose named lengths are those of one net."""
    own = [dim for dim in given.dims or () if isinstance(dim, str) and dim != "Varying"]
    if not own:
        return given
    dims = tuple(f"{name}/{dim}" if dim in own else dim for dim in given.dims or ())
    return PortType(dims, given.of, given.coder)


def merged(inner: PortType | None, outer: PortType) -> PortType:
    """What both types of one port say."""
    if inner is None or (outer.coder is not None and inner.coder is None):
        return outer
    if inner.coder is not None or outer.dims is None or inner.dims is None or len(inner.dims) != len(outer.dims):
        return inner if inner.coder is not None or inner.dims is not None else outer
    dims = tuple(b if a is Automatic else a for a, b in zip(inner.dims, outer.dims, strict=True))
    return PortType(dims, inner.of if inner.of is not None else outer.of)
