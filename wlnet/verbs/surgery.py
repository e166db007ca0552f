"""NetInsert, NetDelete, NetRename, Normal and Length."""

from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, NetPort
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, End, ports_of_kind
from wlnet.nets.graph import Edge, NetGraph, complete
from wlnet.verbs.exchange import bypassed
from wlnet.verbs.extract import NetExtract
from wlnet.verbs.joining import added, chain_of, graph_of, rekeyed, settled, verified
from wlnet.verbs.replace import rules_of
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
    return verified(chain_of(layers, chain.given, chain.LearningRateMultipliers))  # type: ignore[return-value]


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
    for key in reversed(keys):  # from the back, so that positions in front stay
        made = without_layer(made, key)
    for port in (each for each in targets if isinstance(each, NetPort)):
        made = without_port(made, port)
    return verified(made)


def without_layer(net: Container, key: Any) -> Container:
    """A chain or graph without one layer."""
    if isinstance(net, NetChain):
        at = list(net.layers).index(key)
        return dropped(net, at, at + 1, "NetDelete")
    edges, layer = net.edges, net.layers[key]
    first = all(source[0] is None for source, target in edges if target[0] == key)
    last = all(target[0] is None for source, target in edges if source[0] == key)
    single = all(len(ports_of_kind(layer, kind)) == 1 for kind in ("in", "out"))
    if single:
        if not (first or last):
            same_shape(net, key, key, "NetDelete")
        changed = {port for edge in edges for end, port in edge if end is None and any(e[0] == key for e in edge)}
        given = {port: each for port, each in net.given.items() if port not in changed}
        made = bypassed(net.with_fields(given=given), key, "NetDelete")
    elif first or last:
        left = [edge for edge in edges if key not in (edge[0][0], edge[1][0])]
        layers = {k: v for k, v in net.layers.items() if k != key}
        read = {source for source, _ in edges}
        muted = {(k, p) for k, v in layers.items() for p in ports_of_kind(v, "out") if (k, p) not in read}
        made = graph_of(layers, complete(layers, left, muted), net.given, net.LearningRateMultipliers)
    else:
        made = bypassed(net, key, "NetDelete")
    if net.is_named:
        return made
    keys: dict = {old: new for new, old in enumerate(made.layers, start=1)}
    return rekeyed(made, keys)


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


# --- NetRename --------------------------------------------------------------------------------------------------------


def NetRename(net: Any, rules: Any, levels: Any = 1, /) -> Container:
    """A net whose layers, or in a graph ports, have other names: `{"old": "new"}`, or a function of the old name.

    `levels` n means levels 1 to n, `[n]` only level n, `(n1, n2)` from one to another; the outermost is level 1.

    >>> NetRename(NetChain({"a": "Tanh"}), {"a": "b"}), NetRename(NetChain({"a": "Tanh"}), str.upper)
    (NetChain({"b": ElementwiseLayer("Tanh")}), NetChain({"A": ElementwiseLayer("Tanh")}))
    """
    container(net, "NetRename")
    first, last = level_range(levels)
    pairs: Any = rules if callable(rules) else rules_of(rules, "NetRename")
    for old, new in pairs if isinstance(pairs, list) else ():
        if isinstance(old, NetPort) != isinstance(new, NetPort):
            hint = 'write {NetPort("old"): NetPort("new")}'
            raise NetError(f"NetRename: {brief(old)} and {brief(new)} are not both ports", got=(old, new), hint=hint)
    found: set = set()
    made = renamed(net, pairs, 1, first, last, found)
    for old, _ in pairs if isinstance(pairs, list) else ():
        if repr(old) not in found:
            known = [*net.layers, *net.outer] if first == 1 else net.layers
            raise NetError(f"NetRename: there is no {brief(old)}", got=old, hint=nearest(old, known))
    return made


def level_range(levels: Any) -> tuple[int, int]:
    """The first and the last level."""
    if isinstance(levels, int) and not isinstance(levels, bool):
        return 1, levels
    if isinstance(levels, (list, tuple)) and 1 <= len(levels) <= 2 and all(isinstance(n, int) for n in levels):
        return levels[0], levels[-1]
    raise NetError(f"NetRename: {brief(levels)} is not a level", got=levels, hint="write n, [n] or (n1, n2)")


def renamed(net: Container, rules: Any, level: int, first: int, last: int, found: set) -> Container:
    """The net with new names at the levels asked for."""
    if level > last:
        return net
    inner = {
        key: renamed(layer, rules, level + 1, first, last, found) if isinstance(layer, Container) else layer
        for key, layer in net.layers.items()
    }
    if any(inner[key] is not layer for key, layer in net.layers.items()):
        net = net.with_fields(layers=inner)
    if level < first:
        return net
    table: list = [] if callable(rules) else rules
    ports = {a.spec[0]: b.spec[0] for a, b in table if isinstance(a, NetPort) and isinstance(b, NetPort)}
    keys = {a: b for a, b in table if not isinstance(a, NetPort)}
    new = {key: rules(key) if callable(rules) else keys.get(key, key) for key in net.layers}
    found |= {repr(key) for key in keys if key in net.layers}
    found |= {repr(NetPort(port)) for port in ports if port in net.outer and level == 1}
    check_names(list(new.values()))
    net = net if all(a == b for a, b in new.items()) else rekeyed(net, new)
    return with_ports(net, ports) if level == 1 and any(port in net.outer for port in ports) else net


def check_names(names: list) -> None:
    """New names are texts or numbers, each once."""
    seen: set = set()
    for name in names:
        if not isinstance(name, (str, int)) or isinstance(name, bool) or name == "":
            raise NetError(f"NetRename: {brief(name)} is not a name for a layer", got=name, hint="names are texts")
        if name in seen:
            raise NetError(f"NetRename: two layers would be named {name!r}", got=name, hint="names must be unique")
        seen.add(name)


def with_ports(net: Container, names: dict) -> Container:
    """A graph whose own ports have other names."""
    if not isinstance(net, NetGraph):
        raise NetError("NetRename: the ports of a NetChain are those of its layers", hint="rename in NetGraph(chain)")
    new = [names.get(port, port) for port in net.outer]
    if len(set(new)) < len(new):
        twice = next(port for port in new if new.count(port) > 1)
        raise NetError(f"NetRename: two ports would be named {twice!r}", got=twice, hint="names must be unique")

    def end(each: End) -> End:
        return (None, names.get(each[1], each[1])) if each[0] is None else each

    edges = [(end(a), end(b)) for a, b in net.edges]
    given = {names.get(port, port): each for port, each in net.given.items()}
    return graph_of(net.layers, edges, given, net.LearningRateMultipliers)


# --- NetFlatten -------------------------------------------------------------------------------------------------------
