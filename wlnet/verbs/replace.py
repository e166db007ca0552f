"""NetReplacePart: other layers, arrays, options and port types in a net."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from wlnet.coders.coder import NetCoder
from wlnet.core.dims import Unknown
from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.multipliers import multipliers
from wlnet.core.ports import PortType, port_type, shape_text
from wlnet.core.refuse import brief
from wlnet.core.source import same
from wlnet.core.symbols import Automatic
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, coder_of, ports_of_kind
from wlnet.nets.shorthand import as_layer
from wlnet.verbs.extract import ALIASES, array_of, as_part, is_layer_part, lower, names_of, type_of
from wlnet.verbs.initialize import with_arrays
from wlnet.verbs.joining import Layers, chain_of, graph_of, settled, typed, without_coder

Path = tuple[Any, ...]


def rules_of(spec: Any, verb: str) -> list[tuple[Any, Any]]:
    """The rules of a dict, of one pair, or of a list of these."""
    if isinstance(spec, Mapping):
        return list(spec.items())
    if isinstance(spec, tuple) and len(spec) == 2:
        return [spec]
    if isinstance(spec, list):
        return [rule for each in spec for rule in rules_of(each, verb)]
    raise NetError(f"{verb} takes rules, got {brief(spec)}", got=spec, hint="write {part: value}")


def NetReplacePart(net: Any, rules: Any, /) -> Any:
    """A net with other parts: `{part: value}`, several at once; parts are named as in NetExtract.

    The value is a layer for a layer, an array of the same shape for an array, a port type or a coder for a port (None
    takes the coder off and leaves its shape, Automatic leaves the type to inference), a setting for an option. What
    does not change is shared with the original.

    >>> net = NetReplacePart(NetChain([3, "Tanh"], Input=2), {2: "Ramp", (1, "Biases"): [1, 2, 3]})
    >>> net[2], net[1, "Biases"].tolist()
    (ElementwiseLayer("Ramp"), [1.0, 2.0, 3.0])
    """
    pairs = rules_of(rules, "NetReplacePart")
    if isinstance(net, NetCoder):
        for name, _ in pairs:
            net.extract(name if isinstance(name, str) else (name,))  # refuses what is no parameter
        return net.changed(**dict(pairs)) if pairs else net
    if not isinstance(net, Layer):
        raise NetError(f"NetReplacePart takes a net or a coder, got {brief(net)}", got=net)
    layers, settings = sorted_rules(net, pairs)
    if not layers:
        settings = {place: value for place, value in settings.items() if not is_same(net, place, value)}
    if not layers and not settings:
        return net
    if not layers and all(is_array(net, place) for place in settings):
        arrays = {place: checked_array(net, place, value) for place, value in settings.items()}
        if all(isinstance(each, np.ndarray) and is_known(net, place) for place, each in arrays.items()):
            return with_arrays(net, lambda layer, name, path: arrays.get((*path, name), value_in(layer, name)))
    made = rebuilt(net, (), layers, settings, {place[:k] for place in [*layers, *settings] for k in range(len(place))})
    made.plan  # noqa: B018 - solved now: the parts must agree
    return made


def sorted_rules(net: Layer, pairs: list) -> tuple[dict[Path, Any], dict[Path, Any]]:
    """The new layers by path, and the new settings by path and name."""
    layers: dict[Path, Any] = {}
    settings: dict[Path, Any] = {}
    for part, value in pairs:
        place, is_layer = located(net, part)
        if place in layers or place in settings:
            raise NetError(f"NetReplacePart: {brief(part)} is given twice", got=part, hint="give each part once")
        (layers if is_layer else settings)[place] = value
    for place in [*layers, *settings]:
        outer = next((place[:k] for k in range(1, len(place)) if place[:k] in layers), None)
        if outer is not None:
            raise NetError(
                f"NetReplacePart: {'/'.join(map(str, place))} is a part of {'/'.join(map(str, outer))}, which is "
                "replaced too",
                got=place,
                hint="replace one of them, or one after the other",
            )
    return layers, settings


def located(net: Layer, part: Any) -> tuple[Path, bool]:
    """The path of a part, and whether it is a layer rather than a setting of one."""
    parts = tuple(part) if isinstance(part, (tuple, list)) else (part,)
    path: Path = ()
    for at, each in enumerate(map(as_part, parts)):
        if isinstance(net, Container) and is_layer_part(net, each):
            key = net.key_of(each)
        elif each in net.subnets() and not isinstance(net, Container):
            key = each
        else:
            if at + 1 < len(parts):
                raise NetError(f"{brief(each)} of {type(net).__name__} has no parts", path=path, got=part)
            return (*path, setting_name(net, each, path)), False
        net, path = net.subnets()[key], (*path, key)
    if not path:
        raise NetError("NetReplacePart needs a part", got=part, hint="write {part: value}")
    return path, True


def setting_name(net: Layer, name: Any, path: Path) -> str:
    """The name of a port, an array or an option of a layer."""
    fields = [each for each in type(net).model_fields if each not in type(net).hidden]
    for known in (name, ALIASES.get(name), lower(name, net)):
        if isinstance(known, str) and (known in net.ports() or known in fields):
            return known
    hint = nearest(name, names_of(net))
    raise NetError(f"{type(net).__name__} has no part {brief(name)}", path=path, got=name, hint=hint)


def owner(net: Layer, place: Path) -> Layer:
    """The layer that a setting belongs to."""
    for key in place[:-1]:
        net = net.subnets()[key]
    return net


def is_array(net: Layer, place: Path) -> bool:
    slots = owner(net, place).ports()
    return place[-1] in slots and slots[place[-1]].is_array


def is_same(net: Layer, place: Path, value: Any) -> bool:
    """Whether a setting is already what it is to be."""
    layer, name = owner(net, place), place[-1]
    if is_array(net, place):
        return same(array_of(layer, name), value)
    if name in layer.ports():
        if value is None or value is Automatic:
            return name not in layer.given and (value is Automatic or coder_of(layer, name) is None)
        return same(type_of(layer, name, net, place[:-1]), value)
    held = getattr(layer, name)
    return same(getattr(held, "spec", held), value)


def is_known(net: Layer, place: Path) -> bool:
    return net.plan.is_known(place[:-1], place[-1]) and array_of(owner(net, place), place[-1]) is not None


def value_in(layer: Layer, name: str) -> Any:
    return layer.arrays.get(name, Automatic)


def checked_array(net: Layer, place: Path, value: Any) -> Any:
    """An array as a layer holds it; its shape is the one that the net says."""
    layer, name = owner(net, place), place[-1]
    array = layer._array(name, value, layer.ports()[name])
    shape = net.plan.shape(place[:-1], name)
    if isinstance(array, np.ndarray) and shape is not None and not fits(array.shape, shape):
        raise NetError(
            f"NetReplacePart: {name} of {type(layer).__name__} has shape {shape_text(shape)}, but the new array "
            f"{shape_text(array.shape)}",
            path=place[:-1],
            expected=shape,
            got=array.shape,
            hint="to change a size, replace the layer",
        )
    return array


def fits(got: tuple, shape: tuple) -> bool:
    """Whether a shape is one that a partial shape allows."""
    return len(got) == len(shape) and all(b is Unknown or a == b for a, b in zip(got, shape, strict=True))


# --- making the net anew ----------------------------------------------------------------------------------------------


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


# --- NetReplace -------------------------------------------------------------------------------------------------------
