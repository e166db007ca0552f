"""What an evaluation returns: ports, decoded values, properties of decoders, inner values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.ports import DECISION
from wlnet.core.refuse import brief
from wlnet.core.source import source
from wlnet.core.symbols import All, NetPort, NetPortGradient
from wlnet.nets.container import Container, coder_of, ports_of_kind
from wlnet.nets.states import free_states
from wlnet.verbs.given_states import ALL_STATES, port_of
from wlnet.verbs.gradients import Leaf, Slope, slopes_for
from wlnet.verbs.places import inner
from wlnet.verbs.within import key_in, layer_at, missing_port, refuse_repeated

Place = tuple[tuple, str]


@dataclass(frozen=True)
class Item:
    """One thing to return: where it is computed, and how its decoder reads it (None: raw)."""

    key: Any
    place: Place
    decoder: Any = None
    prop: Any = None

    def pieces(self, batches: Iterable[Any]) -> list:
        """The values of each batch, without padding."""
        return [batch.rows(self.place, batch.outputs[self.place]) for batch in batches]


@dataclass(frozen=True)
class Group:
    """Several things to return in a dict of their own."""

    key: Any
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Request:
    """Everything to return, and whether it is one bare value or a dict."""

    items: tuple[Item | Slope | Group, ...]
    bare: bool

    @property
    def places(self) -> list[Place]:
        """The ports to keep the values of."""
        single = [each for item in self.items for each in (item.items if isinstance(item, Group) else (item,))]
        return list(dict.fromkeys(item.place for item in single if isinstance(item, Item)))

    @property
    def leaves(self) -> list[Leaf]:
        """The inputs and arrays with respect to which gradients are taken."""
        return list(dict.fromkeys(item.leaf for item in self.items if isinstance(item, Slope)))

    def answer(self, batches: Sequence[Any], single: bool, seed: int) -> Any:
        """The results of all batches, put together and decoded; the seed is for decoders that draw."""
        values = {item.key: read(item, batches, single, seed) for item in self.items}
        return next(iter(values.values())) if self.bare else values


def read(item: Item | Slope | Group, batches: Sequence[Any], single: bool, seed: int) -> Any:
    """One item of all batches: an array, a list of arrays where lengths differ, decoded values, or a dict of items."""
    if isinstance(item, Group):
        return {each.key: read(each, batches, single, seed) for each in item.items}
    pieces = item.pieces(batches)
    if isinstance(item, Slope) and item.is_summed:
        return np.asarray(np.sum(pieces, axis=0))
    if isinstance(item, Item) and item.decoder is not None:
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
    if isinstance(asked, (NetPort, NetPortGradient)) and asked.spec == (All,):
        return Request(items_for(net, asked, outputs), bare=False)
    return Request(items_for(net, asked, outputs), bare=True)


def all_states(net: Layer) -> Group:
    """What NetPort(All, "States") asks for: the last value of every state that goes on."""
    return Group(ALL_STATES, tuple(Item(port_of(place), place) for place in free_states(net)))


def items_for(net: Layer, asked: Any, outputs: list[str]) -> tuple[Item | Slope | Group, ...]:
    """The items of one part of the second argument."""
    if isinstance(asked, NetPortGradient):
        return slopes_for(net, asked)
    if isinstance(asked, NetPort):
        if asked.spec == (All,):
            return tuple(Item(NetPort(*path, port), (path, port)) for path, port in inner_outputs(net))
        if asked == ALL_STATES:
            return (all_states(net),)
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
    path, layer = layer_at(net, spec[:-1])
    name = spec[-1]
    slot = layer.ports().get(name) if isinstance(name, str) else None
    if slot is None or (path and name in inner(layer)):
        if isinstance(name, str) and name not in inner(layer):
            what = "layer or output" if isinstance(layer, Container) else "output"
            raise missing_port(layer, path, name, ("out", "aside", "state"), what)
        path = (*path, key_in(layer, name, path))
        name = only_output(inner(layer)[path[-1]], path)
    elif slot.kind == "in" or slot.is_array:
        what, hint = (
            ("an array", f"write NetExtract(net, {source(spec)})") if slot.is_array else ("an input port", None)
        )
        raise NetError(f"{name} of {type(layer).__name__} is {what}; only outputs can be read", path=path, hint=hint)
    refuse_repeated(net, path)
    return path, name


def only_output(layer: Layer, path: tuple) -> str:
    """The one output port of a layer that stands at a path."""
    outputs = ports_of_kind(layer, "out")
    if len(outputs) != 1:
        raise NetError(
            f"{type(layer).__name__} has {len(outputs)} outputs ({', '.join(outputs)})",
            path=path,
            hint=f"name one: {NetPort(*path, outputs[0])}" if outputs else None,
        )
    return outputs[0]


def inner_outputs(net: Layer, path: tuple = ()) -> list[Place]:
    """The output ports of every layer at any depth."""
    if not isinstance(net, Container):
        return [(path, port) for port in ports_of_kind(net, "out")]
    return [place for key, layer in net.layers.items() for place in inner_outputs(layer, (*path, key))]
