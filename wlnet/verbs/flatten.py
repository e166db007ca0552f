"""NetFlatten: nets inside a net put in their places."""

import math
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.ports import PortType
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, Automatic
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, End
from wlnet.nets.graph import Edge
from wlnet.verbs.joining import chain_of, graph_of, inner_ends


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
        return net.with_subnets(inner) if any(inner[key] is not held[key] for key in held) else net
    if depth < 1:
        return net
    layers, edges = inlined(net, depth)
    same_layers = len(layers) == len(net.layers) and all(layers.get((key,)) is net.layers[key] for key in net.layers)
    plain = all(isinstance(key, int) for path in layers for key in path) and not net.is_named
    keys: dict = {path: at if plain else joined_name(path, net.is_named) for at, path in enumerate(layers, start=1)}
    keys[None] = None
    held = {keys[path]: layer for path, layer in layers.items()}
    moved = [((keys[a], one), (keys[b], two)) for (a, one), (b, two) in edges]
    chain = linear(held, moved, net)
    if chain is not None:
        return net if same_layers and isinstance(net, NetChain) else chain
    return net if same_layers else graph_of(held, moved, net.given, net.LearningRateMultipliers)


def joined_name(path: tuple, named: bool) -> Any:
    """The name of a layer after its path; one that was not nested keeps its own."""
    return path[0] if len(path) == 1 and named else "/".join(map(str, path))


def linear(layers: dict, edges: list[Edge], net: Container) -> NetChain | None:
    """The chain with these layers and edges, if it is one."""
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
    moved = dict(zip(order, names, strict=True)) | {None: None}
    try:
        chain = chain_of(held, net.given, net.LearningRateMultipliers)
    except NetError:  # a layer of several ports stands inside: it is a graph
        return None
    return chain if set(chain.edges) == {((moved[a], one), (moved[b], two)) for (a, one), (b, two) in edges} else None


def inlined(net: Container, depth: float) -> tuple[dict[tuple, Layer], list[Edge]]:
    """The layers by path, and the edges between them, of a container in which nets are its own layers."""
    layers: dict[tuple, Layer] = {}
    edges: list[Edge] = []
    leaving: dict[End, End] = {}
    entering: dict[End, list[End]] = {}
    for key, layer in net.layers.items():
        if not isinstance(layer, Container) or depth < 1:
            layers[(key,)] = layer if isinstance(layer, Container) else flattened(layer, depth)
            continue
        for each in (net, layer):
            refuse_rates(each)
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


def refuse_rates(net: Container) -> None:
    """Rules of learning rates name layers by their places, which flattening changes."""
    if net.LearningRateMultipliers is not Automatic:
        raise NetError(
            "NetFlatten: LearningRateMultipliers name layers by their places, which would change",
            got=net.LearningRateMultipliers,
            hint="take them off with NetReplacePart, or give them to NetTrain",
        )


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
