"""NetJoin, NetAppend and NetPrepend: nets one behind another, as one net."""

from collections.abc import Mapping
from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.ports import PortType, port_type
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, End, coder_of, ports_of_kind
from wlnet.nets.graph import Edge
from wlnet.nets.operator import Operator
from wlnet.nets.shorthand import as_layer, keyed
from wlnet.verbs.fitting import Origin, agreed, verified
from wlnet.verbs.moving import joined_rates, moved_rates
from wlnet.verbs.pieces import Given, Layers, chain_of, free, graph_of, kept, settled


def NetJoin(*nets: Any, **types: Any) -> Container:
    """The nets one behind another, as one net: a NetChain if all are chains or layers, else a NetGraph.

    Coders where two nets meet are taken off; those at the ends stay, unless a port type says otherwise. A name that
    is there already gets a number; in a net with names, a layer without one is named by its position.

    >>> NetJoin(NetChain([3, "Tanh"], Input=2), NetChain([5]))
    NetChain([LinearLayer(3), ElementwiseLayer("Tanh"), LinearLayer(5)], Input=2)
    """
    if not nets:
        raise NetError("NetJoin needs at least one net", hint="write NetJoin(net, net)")
    return joined([net_of(net, "NetJoin") for net in nets], types, "NetJoin")


def NetAppend(net: Any, layer: Any, /, **types: Any) -> Container:
    """The net with a layer behind it, or several: `{"name": layer}`, a pair, or a list of layers.

    A decoder at the end of the net is taken off; `Input` and `Output` set the port types of the result.

    >>> NetAppend(NetChain([3], Input=2), "Tanh")
    NetChain([LinearLayer(3), ElementwiseLayer("Tanh")], Input=2)
    """
    return joined([net_of(net, "NetAppend"), added(layer, "NetAppend")], types, "NetAppend")


def NetPrepend(net: Any, layer: Any, /, **types: Any) -> Container:
    """The net with a layer in front of it, or several; an encoder at its input is taken off.

    >>> NetPrepend(NetChain({"b": "Tanh"}), {"a": 3})
    NetChain({"a": LinearLayer(3), "b": ElementwiseLayer("Tanh")})
    """
    return joined([added(layer, "NetPrepend"), net_of(net, "NetPrepend")], types, "NetPrepend")


def net_of(net: Any, verb: str) -> Container:
    """A container; a layer alone is a chain of one."""
    if isinstance(net, Container):
        return net
    if not isinstance(net, Layer):
        raise NetError(f"{verb} takes a net, got {brief(net)}", got=net)
    return NetChain.of({1: net}, {})


def added(spec: Any, verb: str) -> Container:
    """The layers to add, as a chain that is not yet checked: a layer, a rule, or a list of these."""
    parts = [spec] if isinstance(spec, (Layer, Mapping, tuple)) or not isinstance(spec, list) else spec
    items: list = []
    for part in parts:
        items += part.items() if isinstance(part, Mapping) else [part]
    held = {key: as_layer(each, NetChain, f"{verb}: layer {key}") for key, each in keyed(items, verb).items()}
    return NetChain.of({key: settled(layer) if at else layer for at, (key, layer) in enumerate(held.items())}, {})


def with_types(net: Container, types: Mapping[str, Any], verb: str) -> Container:
    """The net with other types of its ports; Automatic takes one away."""
    given = dict(net.given)
    for port, spec in types.items():
        if port not in net.outer:
            raise NetError(f"{verb}: the net has no port {brief(port)}", got=port, hint=nearest(port, net.outer))
        given.pop(port, None)
        if spec is not Automatic:
            given[port] = port_type(spec, port, net.outer[port].kind)
    return net.with_fields(given=kept(given, net)) if types else net


# --- where two nets meet ----------------------------------------------------------------------------------------------


def bare(given: PortType) -> PortType:
    """A port type without its coder: the shape alone."""
    return PortType(given.coder.port_shape() or None) if given.coder is not None else given


def inner_ends(net: Container, port: str) -> list[End]:
    """The ports of layers that an outer port of a container stands for."""
    ends = [
        target if source == (None, port) else source for source, target in net.edges if (None, port) in (source, target)
    ]
    return [end for end in ends if end[0] is not None]


def without_coder(net: Any, port: str) -> Any:
    """The net without the coder of a port, at any depth; the shape that it says stays."""
    if port in net.given and net.given[port].coder is not None:
        net = net.with_fields(given=typed(net, port, bare(net.given[port])))
    for key, name in inner_ends(net, port) if isinstance(net, Container) else ():
        inner: Layer = without_coder(net.layers[key], name)
        if inner is not net.layers[key]:
            net = net.with_fields(layers={**net.layers, key: inner})
    end = net.inner_end(port) if isinstance(net, Operator) else None
    if end is not None and coder_of(net.subnets()[end[0]], end[1]) is not None:
        net = net.with_subnets({**net.subnets(), end[0]: without_coder(net.subnets()[end[0]], end[1])})
    return net


def typed(net: Layer, port: str, given: PortType) -> Given:
    """The port types of a net with another one, in the order of its ports."""
    types = {**net.given, port: given}
    if given == PortType():
        del types[port]
    return {name: types[name] for name in net.ports() if name in types}


def opened(net: Container, kind: str, verb: str) -> tuple[Container, str]:
    """A net as it stands beside another, and the one port by which it is joined; the type it had moves to a layer."""
    ports = ports_of_kind(net, kind)
    if len(ports) != 1:
        what, have = ("input", "in") if kind == "in" else ("output", "out")
        place = "behind" if have == "in" else "in front of"
        count = f"{len(ports)} ({', '.join(ports)})" if ports else "none"
        raise NetError(
            f"{verb}: a net {place} another needs exactly one {what} port; this {type(net).__name__} has {count}",
            expected=1,
            got=len(ports),
            hint="connect its ports by name in a NetGraph",
        )
    port = ports[0]
    net = without_coder(net, port)
    if port not in net.given:
        return net, port
    given, layers = net.given[port], net.layers
    for key, name in inner_ends(net, port)[:1]:
        if name not in layers[key].given:
            layers = {**layers, key: layers[key].with_fields(given=typed(layers[key], name, given))}
    rest = {name: each for name, each in net.given.items() if name != port}
    return net.with_fields(layers=layers, given=rest), port


def joined(nets: list[Container], types: Mapping[str, Any], verb: str) -> Container:
    """The nets one behind another, checked."""
    nets = [net for net in nets if net.layers or net.given] or nets[:1]
    whole = list(zip(nets, new_keys(nets, verb), strict=True))
    origins = [Origin(net, keys) for net, keys in whole if agreed(net) is not None]
    grew = not types and not any(net.coder(port) for net in nets for port in net.outer)
    layers: Layers = {}
    edges: list[Edge] = []
    given: Given = {}
    carried: End | None = None
    for at, (net, keys) in enumerate(whole):
        is_last, leaves = at == len(nets) - 1, None
        if at:
            net, _ = opened(with_one_input(net), "in", verb)
        if not is_last:
            net, leaves = opened(net, "out", verb)
        layers |= {keys[key]: layer for key, layer in net.layers.items()}
        given |= net.given
        following = carried
        for (source, one), (target, other) in net.edges:
            start: Any = (keys[source], one) if source is not None else carried if at else (None, one)
            if target is None and not is_last:
                following = start if other == leaves else following
            else:
                edges.append((start, (None if target is None else keys[target], other)))
        carried = following
    rates = joined_rates([moved_rates(net, keys, verb == "NetJoin" and len(nets) > 1) for net, keys in whole])
    if all(isinstance(net, NetChain) for net in nets):
        made: Container = chain_of(
            {key: layer if not at else settled(layer) for at, (key, layer) in enumerate(layers.items())}, given, rates
        )
    else:
        made = graph_of(layers, edges, given, rates)
    return verified(with_types(made, types, verb), *origins, grew=grew)


def with_one_input(net: Container) -> Container:
    """A chain whose first layer takes any number of inputs takes one here."""
    first = next(iter(net.layers), None)
    if not isinstance(net, NetChain) or first is None or settled(net.layers[first]) is net.layers[first]:
        return net
    return NetChain.of({**net.layers, first: settled(net.layers[first])}, net.given)


def new_keys(nets: list[Container], verb: str) -> list[dict]:
    """The key of each layer of each net in the net that holds all."""
    taken: set = set()
    position, renamed = 0, []
    is_named = any(net.is_named for net in nets)
    for net in nets:
        keys: dict = {}
        for key in net.layers:
            position += 1
            name: Any = position if not is_named else key if net.is_named else str(position)
            if name in taken and verb != "NetJoin" and net.is_named:
                raise NetError(
                    f"{verb}: two layers are named {name!r}", got=name, hint="give the new layer another name"
                )
            keys[key] = free(name, taken)
        renamed.append(keys)
    return renamed
