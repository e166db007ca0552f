"""A net made anew with other layers and settings in some places; what is not above a change is the same object."""

from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.multipliers import multipliers
from wlnet.core.ports import PortType, port_type
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, coder_of, ports_of_kind
from wlnet.nets.shorthand import as_layer
from wlnet.verbs.joining import typed, without_coder
from wlnet.verbs.pieces import Layers, chain_of, graph_of, settled
from wlnet.verbs.places import Path


def rebuilt(net: Layer, path: Path, layers: dict, settings: dict, above: set[Path]) -> Layer:
    """The net with new layers and settings; what is not above a change is the same object."""
    held, new = net.subnets(), {}
    for key, layer in held.items():
        place = (*path, key)
        if place in layers:
            threads = not isinstance(net, NetChain)
            new[key] = as_layer(layers[place], NetChain, f"NetReplacePart: layer {key}", threads=threads)
        elif place in above:
            new[key] = rebuilt(layer, place, layers, settings, above)
    if new:
        everything = {**held, **new}
        net = exchanged(net, everything) if isinstance(net, Container) else net.with_subnets(everything)
    own = {place[-1]: value for place, value in settings.items() if place[:-1] == path}
    return with_settings(net, own, path) if own else net


def exchanged(net: Container, layers: Layers) -> Container:
    """A container with other layers in the same places."""
    if isinstance(net, NetChain):
        fitted = {key: settled(layer) if at else layer for at, (key, layer) in enumerate(layers.items())}
        return chain_of(fitted, net.given, net.LearningRateMultipliers)
    fitted, names = {}, {}
    for key, layer in layers.items():
        fitted[key], names[key] = fitting(layer, net.layers[key], key)
    edges = [
        ((a, names[a].get(one, one) if a is not None else one), (b, names[b].get(two, two) if b is not None else two))
        for (a, one), (b, two) in net.edges
    ]
    return graph_of(fitted, edges, net.given, net.LearningRateMultipliers)


def fitting(layer: Layer, old: Layer, key: Any) -> tuple[Layer, dict[str, str]]:
    """A layer in the place of another in a graph, and what the other's ports are called in it."""
    if layer is old:
        return layer, {}
    before = ports_of_kind(old, "in")
    if hasattr(layer, "with_inputs") and not layer.inputs:
        try:
            layer = layer.with_inputs(len(before))
        except ValueError as error:
            raise NetError(f"{type(layer).__name__} {error}", path=(key,), got=len(before)) from None
    names: dict[str, str] = {}
    for kind, what in (("in", "input"), ("out", "output"), ("state", "state")):
        one, two = ports_of_kind(old, kind), ports_of_kind(layer, kind)
        if len(one) != len(two) and kind != "state":
            raise NetError(
                f"a {type(layer).__name__} cannot stand for a {type(old).__name__}: {what} ports {', '.join(one)} and "
                f"{', '.join(two)}",
                path=(key,),
                expected=one,
                got=two,
                hint="build the graph anew with NetGraph",
            )
        names |= {a: a if a in two else b for a, b in zip(one, two, strict=False)}
    return layer, names


def with_settings(net: Layer, settings: dict[str, Any], path: Path) -> Layer:
    """A net with other port types, arrays and options."""
    slots, label = net.ports(), type(net).__name__
    ports = {name: value for name, value in settings.items() if name in slots and not slots[name].is_array}
    rest = {name: value for name, value in settings.items() if name not in ports}
    for name, value in ports.items():
        try:
            net = with_port(net, name, value)
        except NetError as error:
            raise NetError(f"{label}: {error.message}", path=path, got=value, hint=error.hint) from None
    if not rest:
        return net
    if isinstance(net, Container):
        try:
            return net.with_fields(LearningRateMultipliers=multipliers(rest["LearningRateMultipliers"]))
        except ValueError as error:
            raise NetError(f"{label}: LearningRateMultipliers {error}", path=path) from None
    return net.changed(**rest)


def with_port(net: Layer, name: str, value: Any) -> Layer:
    """A net with another type of a port; None takes its coder off and leaves the shape."""
    if net.ports()[name].kind not in ("in", "out"):
        raise NetError(f"the shape of {name} follows from the layer", hint=f"leave {name} out")
    if value is None:
        coder = coder_of(net, name)
        if coder is None:
            return net
        shape = PortType(coder.port_shape(), coder.port_values()) if coder.port_shape() is not None else PortType()
        bare = without_coder(net, name)
        return bare.with_fields(given=typed(bare, name, shape))
    return net.with_fields(given=typed(net, name, port_type(value, name, net.ports()[name].kind)))
