"""NetReplacePart: other layers, arrays, options and port types in a net."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from wlnet.coders.coder import NetCoder
from wlnet.core.arrays import placed, value_of, with_arrays
from wlnet.core.dims import Unknown
from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.ports import shape_text
from wlnet.core.refuse import brief
from wlnet.core.shared import NetArray
from wlnet.core.source import same
from wlnet.core.symbols import All, Automatic, Symbol
from wlnet.nets.container import Container, coder_of
from wlnet.verbs.extract import (
    ALIASES,
    NetExtract,
    array_of,
    as_part,
    has_part,
    is_layer_part,
    lower,
    names_of,
    type_of,
)
from wlnet.verbs.fitting import same_places, verified
from wlnet.verbs.places import inner_name, subnets
from wlnet.verbs.rebuilding import rebuilt
from wlnet.verbs.sharing import known_places

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
        if all(only_a_value(net, place, each) for place, each in arrays.items()):
            return with_arrays(net, lambda layer, name, path: arrays.get((*path, name), value_in(layer, name)))
    made = rebuilt(net, (), layers, settings, {place[:k] for place in [*layers, *settings] for k in range(len(place))})
    return verified(made, *same_places(net))


def sorted_rules(net: Layer, pairs: list) -> tuple[dict[Path, Any], dict[Path, Any]]:
    """The new layers by path, and the new settings by path and name."""
    layers: dict[Path, Any] = {}
    settings: dict[Path, Any] = {}
    every = [(each, value) for part, value in pairs for each in parts_of(net, part)]
    for part, value in every:
        for place, is_layer, setting in spelled(net, part, value):
            if place in layers or place in settings:
                raise NetError(f"NetReplacePart: {brief(part)} is given twice", got=part, hint="give each part once")
            (layers if is_layer else settings)[place] = setting
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


def parts_of(net: Layer, part: Any) -> list[Any]:
    """The parts that a part means: All in a path is every layer that has what follows."""
    parts = tuple(part) if isinstance(part, (tuple, list)) else ()
    if All not in [each for each in parts if isinstance(each, Symbol)]:
        return [part]
    at = parts.index(All)
    outer = NetExtract(net, parts[:at]) if at else net
    held = outer.layers if isinstance(outer, Container) else {}
    keys = [key for key, layer in held.items() if at + 1 < len(parts) and has_part(layer, parts[at + 1])]
    if not keys:
        raise NetError(f"NetReplacePart: no layer has {brief(part)}", got=part, hint='write (All, "Biases")')
    return [each for key in keys for each in parts_of(net, (*parts[:at], key, *parts[at + 1 :]))]


def spelled(net: Layer, part: Any, value: Any) -> list[tuple[Path, bool, Any]]:
    """The places of a part with what each is to be: a value of a shared array goes to all of its places."""
    if isinstance(part, NetArray):
        places = known_places(net, part)
    else:
        place, is_layer = located(net, part)
        held = None if is_layer or not is_array(net, place) else value_in(owner(net, place), place[-1])
        if not isinstance(held, NetArray) or value is None or isinstance(value, NetArray):
            return [(place, is_layer, value)]
        places = known_places(net, held)
    layer, name = owner(net, places[0]), places[0][-1]
    shared = placed(layer._array(name, value, layer.ports()[name]), value_in(layer, name))
    return [(place, False, shared) for place in places]


def located(net: Layer, part: Any) -> tuple[Path, bool]:
    """The path of a part, and whether it is a layer rather than a setting of one."""
    parts = tuple(part) if isinstance(part, (tuple, list)) else (part,)
    path: Path = ()
    for at, each in enumerate(map(as_part, parts)):
        if isinstance(net, Container) and is_layer_part(net, each):
            key = net.key_of(each)
        elif inner_name(net, each) in subnets(net):
            key = inner_name(net, each)
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
        return same(value_in(layer, name) if isinstance(value, NetArray) else array_of(layer, name), value)
    if name in layer.ports():
        if value is None or value is Automatic:
            return name not in layer.given and (value is Automatic or coder_of(layer, name) is None)
        return same(type_of(layer, name, net, place[:-1]), value)
    held = getattr(layer, name)
    return same(getattr(held, "spec", held), value)


def is_known(net: Layer, place: Path) -> bool:
    return net.plan.is_known(place[:-1], place[-1]) and array_of(owner(net, place), place[-1]) is not None


def only_a_value(net: Layer, place: Path, array: Any) -> bool:
    """Whether an array is numbers for what is there already, of a shape that is known."""
    held = value_in(owner(net, place), place[-1])
    one_key = getattr(array, "array_key", None) == getattr(held, "array_key", None)
    return one_key and isinstance(value_of(array), np.ndarray) and is_known(net, place)


def value_in(layer: Layer, name: str) -> Any:
    return layer.arrays.get(name, Automatic)


def checked_array(net: Layer, place: Path, value: Any) -> Any:
    """An array as a layer holds it; its shape is the one that the net says."""
    layer, name = owner(net, place), place[-1]
    array = layer._array(name, value, layer.ports()[name])
    shape, values = net.plan.shape(place[:-1], name), value_of(array)
    if isinstance(values, np.ndarray) and shape is not None and not fits(values.shape, shape):
        raise NetError(
            f"NetReplacePart: {name} of {type(layer).__name__} has shape {shape_text(shape)}, but the new array "
            f"{shape_text(values.shape)}",
            path=place[:-1],
            expected=shape,
            got=values.shape,
            hint="to change a size, replace the layer",
        )
    return array


def fits(got: tuple, shape: tuple) -> bool:
    """Whether a shape is one that a partial shape allows."""
    return len(got) == len(shape) and all(b is Unknown or a == b for a, b in zip(got, shape, strict=True))
