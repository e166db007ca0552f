"""What an evaluation returns: ports, decoded values, properties of decoders, inner values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.ports import DECISION
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, NetPort
from wlnet.nets.container import Container, coder_of, ports_of_kind

Place = tuple[tuple, str]


@dataclass(frozen=True)
class Item:
    """One thing to return: where it is computed, and how its decoder reads it (None: raw)."""

    key: Any
    place: Place
    decoder: Any = None
    prop: Any = None


@dataclass(frozen=True)
class Request:
    """Everything to return, and whether it is one bare value or a dict."""

    items: tuple[Item, ...]
    bare: bool

    def places(self, net: Layer) -> list[Place]:
        """The ports to keep the values of."""
        return list(dict.fromkeys(item.place for item in self.items))

    def answer(self, batches: Sequence[Any], single: bool, seed: int) -> Any:
        """The results of all batches, put together and decoded; the seed is for decoders that draw."""
        values = {item.key: read(item, batches, single, seed) for item in self.items}
        return next(iter(values.values())) if self.bare else values


def read(item: Item, batches: Sequence[Any], single: bool, seed: int) -> Any:
    """One item of all batches: an array, a list of arrays where lengths differ, or decoded values."""
    pieces = [batch.rows(item.place, batch.outputs[item.place]) for batch in batches]
    if item.decoder is not None:
        rows = [row for piece in pieces for row in piece]
        decoded = item.decoder.decode_all(rows, item.prop, seed)
        return decoded[0] if single else decoded
    if single:
        return np.asarray(pieces[0][0])
    shapes = {piece.shape[1:] if isinstance(piece, np.ndarray) else None for piece in pieces}
    if len(shapes) == 1 and None not in shapes:
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    return [row for piece in pieces for row in piece]


def requested(net: Layer, what: tuple) -> Request:
    """The request that the second argument of `net(data, what)` makes."""
    outputs = ports_of_kind(net, "out")
    if not what or what[0] is All:
        items = tuple(Item(port, ((), port), coder_of(net, port), DECISION) for port in outputs)
        return Request(items, bare=not what and len(outputs) == 1)
    asked = what[0]
    if asked is None:
        return Request(tuple(Item(port, ((), port)) for port in outputs), bare=len(outputs) == 1)
    if isinstance(asked, list):
        if not asked:
            raise NetError("an empty list asks for nothing", got=asked, hint=f"there are {', '.join(outputs)}")
        return Request(tuple(item for each in asked for item in items_for(net, each, outputs)), bare=False)
    if isinstance(asked, NetPort) and asked.spec == (All,):
        return Request(items_for(net, asked, outputs), bare=False)
    return Request(items_for(net, asked, outputs), bare=True)


def items_for(net: Layer, asked: Any, outputs: list[str]) -> tuple[Item, ...]:
    """The items of one part of the second argument."""
    if isinstance(asked, NetPort):
        if asked.spec == (All,):
            return tuple(Item(NetPort(*path, port), (path, port)) for path, port in inner_outputs(net))
        place = place_of(net, asked.spec)
        return (Item(asked, place),)
    if isinstance(asked, str) and asked in outputs:
        return (Item(asked, ((), asked), coder_of(net, asked), DECISION),)
    if isinstance(asked, tuple) and len(asked) == 2 and isinstance(asked[0], str) and asked[0] in outputs:
        return (Item(asked, ((), asked[0]), decoder_at(net, asked[0], asked[1]), asked[1]),)
    with_decoder = [port for port in outputs if coder_of(net, port) is not None]
    if len(outputs) != 1 or not with_decoder:
        raise NetError(
            f"{brief(asked)} is neither an output port nor a property of a decoder",
            got=asked,
            hint=nearest(asked, outputs) if outputs else None,
        )
    return (Item(_hashable(asked), ((), outputs[0]), decoder_at(net, outputs[0], asked), asked),)


def _hashable(asked: Any) -> Any:
    try:
        hash(asked)
    except TypeError:
        return repr(asked)
    return asked


def decoder_at(net: Layer, port: str, prop: Any) -> Any:
    """The decoder of an output port, which must have that property."""
    decoder: Any = coder_of(net, port)
    if decoder is None:
        if prop is None:
            return None
        raise NetError(f"output port {port} has no decoder, so it has no property {brief(prop)}", got=prop)
    if prop is None:
        return None
    decoder.check_property(prop)
    return decoder


def place_of(net: Layer, spec: tuple) -> Place:
    """Where the value is that a NetPort means: an output port, a layer (its output), or an inner port."""
    if len(spec) == 1 and spec[0] in [name for kind in ("out", "aside", "state") for name in ports_of_kind(net, kind)]:
        return (), spec[0]
    if len(spec) == 1 and spec[0] in ports_of_kind(net, "in"):
        raise NetError(f"NetPort({spec[0]!r}) is an input port; only outputs and layers can be read", got=spec[0])
    path: tuple = ()
    inner = net
    for at, part in enumerate(spec):
        last = at == len(spec) - 1
        if last and at and isinstance(part, str) and part in inner.ports() and not _holds(inner, part):
            slot = inner.ports()[part]
            if slot.kind == "in" or slot.is_array:
                what = "an array" if slot.is_array else "an input port"
                hint = "an array is NetExtract(net, part)" if slot.is_array else None
                raise NetError(
                    f"{part} of {type(inner).__name__} is {what}; only outputs can be read", path=path, hint=hint
                )
            return path, part
        if not isinstance(inner, Container):
            names = [*ports_of_kind(inner, "out"), *ports_of_kind(inner, "aside")]
            raise NetError(f"{type(inner).__name__} has no output {brief(part)}", path=path, hint=nearest(part, names))
        key = inner.key_of(part)
        path, inner = (*path, key), inner.layers[key]
    outputs = ports_of_kind(inner, "out")
    if len(outputs) != 1:
        raise NetError(
            f"{type(inner).__name__} has {len(outputs)} outputs ({', '.join(outputs)})",
            path=path,
            hint=f'name one: NetPort(…, "{outputs[0]}")' if outputs else None,
        )
    return path, outputs[0]


def _holds(net: Layer, key: Any) -> bool:
    return isinstance(net, Container) and key in net.layers


def inner_outputs(net: Layer, path: tuple = ()) -> list[Place]:
    """The output ports of every layer at any depth."""
    if not isinstance(net, Container):
        return [(path, port) for port in ports_of_kind(net, "out")]
    return [place for key, layer in net.layers.items() for place in inner_outputs(layer, (*path, key))]
