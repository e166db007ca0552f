"""NetExtract and `net[...]`: layers, arrays, options and port types out of a net."""

from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.core.dims import Length, Unknown
from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.ports import Coder, shape_text
from wlnet.core.refuse import brief
from wlnet.core.registry import provides
from wlnet.core.shared import NetArray, known_shared, shared_arrays
from wlnet.core.symbols import All, Automatic, Restricted, Span, span
from wlnet.core.types import Boolean, Integer
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, coder_of
from wlnet.verbs.fitting import Origin, verified
from wlnet.verbs.moving import moved_rates
from wlnet.verbs.places import array_of, inner_name, subnets

Settings = dict[str, Callable[[Layer], Any]]


@provides("extract")
def NetExtract(net: Any, part: Any) -> Any:
    """A part of a net: a layer, an array, an option, a port type, or several.

    `part` is a name or position (from 1, or from -1 backwards), a tuple for depth, a span such as "2;;4" of a chain,
    a list of tuples for several parts, or All: for a container its layers, for a layer all its properties. All inside
    a tuple means every layer. NetArray("name") is the value of a shared array, NetArray(All) a dict of all of them.
    Arrays without values are Automatic.

    >>> net = NetChain([LinearLayer(2, Biases=[1, 2], Input=3), "Tanh"])
    >>> NetExtract(net, (1, "Biases")).tolist(), NetExtract(net, (1, "Weights")), net[2]
    ([1.0, 2.0], Automatic, ElementwiseLayer("Tanh"))
    """
    if not isinstance(net, Layer):
        return of_value(net, part)
    if isinstance(part, list):
        if not all(isinstance(each, (tuple, list, NetArray)) for each in part):
            part = tuple(part)
        else:
            return [NetExtract(net, tuple(each) if isinstance(each, list) else each) for each in part]
    return at_path(net, part if isinstance(part, tuple) else (part,), net, ())


def of_value(value: Any, part: Any) -> Any:
    """A parameter of an encoder, a decoder or another value that answers `extract`."""
    if hasattr(value, "extract"):
        return value.extract(part)
    raise NetError(f"NetExtract takes a net or a coder, got {brief(value)}", got=value)


def at_path(net: Layer, parts: tuple, root: Layer, path: tuple) -> Any:
    """The part at a path of names and positions."""
    if not parts:
        return net
    first, rest = as_part(parts[0]), parts[1:]
    if isinstance(first, NetArray):
        return of_shared(net, first, rest, path)
    if first is All:
        return of_all(net, rest, root, path)
    if isinstance(net, Container) and is_layer_part(net, first):
        if isinstance(first, (Span, str)) and (isinstance(first, Span) or ";;" in first) and first not in net.layers:
            return taken(net, first)
        key = net.key_of(first)
        return at_path(net.layers[key], rest, root, (*path, key))
    inner = subnets(net)
    first = inner_name(net, first)
    if first in inner:
        return at_path(inner[first], rest, root, (*path, first))
    value = setting(net, first, root, path)
    if rest and not hasattr(value, "extract"):
        raise NetError(f"{first} of {type(net).__name__} has no part {brief(rest[0])}", path=path, got=rest[0])
    return NetExtract(value, rest if len(rest) > 1 else rest[0]) if rest else value


def of_shared(net: Layer, part: NetArray, rest: tuple, path: tuple) -> Any:
    """The value of a shared array by name; NetArray(All) is a dict of all, by name."""
    if rest:
        raise NetError(f"{part.named()!r} is an array and has no part {brief(rest[0])}", path=path, got=rest[0])
    if part.name is All:
        return {name: array.value() for name, array in shared_arrays(net).items()}
    return known_shared(net, part, path).value()


def as_part(part: Any) -> Any:
    """One part of a path; refuses what can be none, such as a Python slice."""
    if isinstance(part, np.integer):
        return int(part)
    if isinstance(part, slice):
        raise NetError(
            f"{part!r} is not a part of a net", got=part, hint='write a span, such as "2;;4", counted from 1'
        )
    if isinstance(part, (bool, float)) or not is_hashable(part):
        raise NetError(
            f"{brief(part)} is not a part of a net", got=part, hint="a part is a name, a position, a span or All"
        )
    return part


def is_hashable(value: Any) -> bool:
    """Whether a value can be looked up."""
    try:
        hash(value)
    except TypeError:
        return False
    return True


def is_layer_part(net: Container, part: Any) -> bool:
    """Whether a part names a layer of a container rather than a port or an option of it."""
    if part in net.layers or isinstance(part, (int, Span)):
        return True
    return isinstance(part, str) and (";;" in part or (part not in net.ports() and part not in type(net).options()))


def taken(net: Container, part: Span | str) -> Layer:
    """The chain of some layers of a chain."""
    if not isinstance(net, NetChain):
        raise NetError(f"{part} of a {type(net).__name__}: only a NetChain has parts by span", got=part)
    try:
        spec = span(part) if isinstance(part, str) else part
    except ValueError as error:
        raise NetError(f"the part must be {error}", got=part) from None
    if spec.step == 0 or not all(end is All or isinstance(end, int) for end in (spec.start, spec.stop)):
        raise NetError(f"{part} is not a span of whole numbers", got=part, hint='write a span such as "2;;4"')
    first, last = spec.ends(len(net.layers))
    keys = list(net.layers)[first - 1 : last : spec.step]
    if not 1 <= first <= last <= len(net.layers):
        raise NetError(f"{part} is not a part of a chain of {len(net.layers)} layers", got=part)
    layers = {key if net.is_named else at: net.layers[key] for at, key in enumerate(keys, start=1)}
    ends = [("Input", keys[:1] == list(net.layers)[:1]), ("Output", keys[-1:] == list(net.layers)[-1:])]
    given = {port: net.given[port] for port, kept in ends if kept and port in net.given}
    origin = Origin(net, dict(zip(keys, layers, strict=True)))
    chain = NetChain.of(layers, given, LearningRateMultipliers=moved_rates(net, origin.keys))
    return verified(chain, origin)


def of_all(net: Layer, rest: tuple, root: Layer, path: tuple) -> Any:
    """All layers of a container, or all properties of a layer, by name."""
    if isinstance(net, Container):
        if not rest:
            return dict(net.layers) if net.is_named else list(net.layers.values())
        held = [(key, layer) for key, layer in net.layers.items() if has_part(layer, rest[0])]
        if not held:
            raise NetError(f"no layer has a part {brief(rest[0])}", path=path, got=rest[0])
        return {key: at_path(layer, rest, root, (*path, key)) for key, layer in held}
    if rest:
        return {name: NetExtract(net, (name, *rest)) for name in names_of(net)}
    return {name: setting(net, name, root, path) for name in names_of(net)}


def has_part(net: Layer, part: Any) -> bool:
    """Whether a part of that name is in a net."""
    if isinstance(net, Container):
        try:
            net.key_of(part)
        except NetError:
            return part in net.ports()
        return True
    return part is All or part in names_of(net) or part in subnets(net)


ALIASES: dict[str, str] = {"Function": "f", "KernelSize": "kernel", "OutputChannels": "n"}
"""Wolfram's names of what is a positional argument here."""


def names_of(net: Layer) -> list[str]:
    """What can be extracted from a layer by name."""
    fields = [name for name in type(net).model_fields if name not in type(net).hidden]
    if not net.trainable():
        fields.remove("LearningRateMultipliers")
    return [*fields, *net.ports()]


def setting(net: Layer, name: Any, root: Layer, path: tuple) -> Any:
    """An option, an array or a port type of a layer by name."""
    slots = net.ports()
    if name in slots:
        return array_of(net, name) if slots[name].is_array else type_of(net, name, root, path)
    fields = type(net).model_fields
    for known in (name, ALIASES.get(name), lower(name, net)):
        if isinstance(known, str) and known in fields and known not in type(net).hidden:
            value = getattr(net, known)
            return getattr(value, "spec", value)
    raise NetError(
        f"{type(net).__name__} has no part {brief(name)}", path=path, got=name, hint=nearest(name, names_of(net))
    )


def lower(name: Any, net: Layer) -> str | None:
    """The positional argument that a capitalised name means: "Levels" is levels."""
    return next((each for each in type(net).positional() if isinstance(name, str) and each == name.lower()), None)


def type_of(net: Layer, name: str, root: Layer, path: tuple) -> Any:
    """The type of a port: n, a tuple, "Real", a coder; Automatic where nothing is known."""
    coder: Coder | None = coder_of(net, name)
    if coder is not None:
        return coder
    return as_type(root.plan.shape(path, name), root.plan.types.get((path, name)))


def as_type(shape: tuple | None, of: Any) -> Any:
    """A solved shape and element type as a user writes a port type."""
    if shape is None:
        return Automatic
    dims = tuple(Automatic if d is Unknown else _length_text(d) if isinstance(d, Length) else d for d in shape)
    if isinstance(of, Integer):
        known = isinstance(of.high, int)
        limit = of.high if of.low == 1 else (of.low, of.high)
        last = Restricted("Integer", limit) if known else "Integer"
        return (*dims, last) if dims else last
    if dims == ():
        return "Boolean" if isinstance(of, Boolean) else "Real"
    return dims[0] if len(dims) == 1 and (isinstance(dims[0], int) or dims[0] == "Varying") else dims


def _length_text(dim: Length) -> str:
    text = repr(dim)
    return text if text.isidentifier() else "Varying"


__all__ = ["NetExtract", "array_of", "as_type", "at_path", "shape_text", "type_of"]
