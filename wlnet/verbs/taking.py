"""NetTake and NetDrop: a part of a net, from one place to another."""

from typing import Any

import numpy as np

from wlnet.core.dims import Length, Unknown
from wlnet.core.errors import NetError
from wlnet.core.ports import shape_text
from wlnet.core.refuse import brief
from wlnet.core.symbols import All
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, End, ports_of_kind
from wlnet.nets.graph import Edge
from wlnet.verbs.fitting import Origin, agreed, carried_over, verified
from wlnet.verbs.joining import net_of, with_types
from wlnet.verbs.moving import moved_rates
from wlnet.verbs.opening import begins, cuts, opened_to, sources
from wlnet.verbs.pieces import Layers, chain_of, graph_of


def NetDrop(net: Any, part: Any, /, **types: Any) -> Container:
    """A chain without its first n layers, its last n (`-n`), or those from one to another (`(start, end)`).

    Coders at the ends of the chain stay where those ends do; port types set others.

    >>> NetDrop(NetChain([3, "Tanh", 5]), 2), NetDrop(NetChain([3, "Tanh", 5]), (2, 2))
    (NetChain([LinearLayer(5)]), NetChain([LinearLayer(3), LinearLayer(5)]))
    """
    chain = only_chain(net, "NetDrop")
    keys, count = list(chain.layers), len(chain.layers)
    part = int(part) if isinstance(part, np.integer) else part
    if isinstance(part, int) and not isinstance(part, bool):
        if abs(part) > count:
            raise NetError(f"NetDrop: {part} of a chain of {count} layers", got=part, hint=f"drop {count} at most")
        first, last = (0, part) if part >= 0 else (count + part, count)
    elif isinstance(part, (tuple, list)) and len(part) == 2:
        first, last = keys.index(chain.key_of(part[0])), keys.index(chain.key_of(part[1])) + 1
        if first >= last:
            raise NetError(f"NetDrop: layer {brief(part[0])} stands behind layer {brief(part[1])}", got=part)
    else:
        hint = "write a number of layers, or (start, end)"
        raise NetError(f"NetDrop: {brief(part)} is not a part of a chain", got=part, hint=hint)
    made = dropped(chain, first, last, "NetDrop")
    return verified(with_types(made, types, "NetDrop")) if types else made


def only_chain(net: Any, verb: str) -> NetChain:
    """The chain that a verb for chains needs."""
    chain = net_of(net, verb)
    if not isinstance(chain, NetChain):
        raise NetError(f"{verb} takes a NetChain, got a {type(net).__name__}", got=net, hint="use NetTake or NetDelete")
    return chain


def dropped(chain: NetChain, first: int, last: int, verb: str) -> NetChain:
    """A chain without the layers at places `first` up to, not including, `last`, counted from 0."""
    items, count = list(chain.layers.items()), len(chain.layers)
    if first == last:
        return chain
    held = items[:first] + items[last:]
    given = dict(chain.given)
    for kind, is_gone in (("in", first == 0), ("out", last == count)):
        if is_gone:
            given = {port: each for port, each in given.items() if port not in ports_of_kind(chain, kind)}
    layers = numbered(chain, held)
    origin = Origin(chain, dict(zip((key for key, _ in held), layers, strict=True)))
    made = chain_of(layers, given, moved_rates(chain, origin.keys))
    if first > 0 and last < count:
        same_shape(chain, items[first][0], items[last - 1][0], verb)
        return verified(made, origin)
    carried_over(made, [origin])
    return made


def numbered(net: Container, items: list) -> Layers:
    """Layers with the keys that they have, or counted anew where they have no names."""
    return dict(items) if net.is_named else dict(enumerate((layer for _, layer in items), start=1))


def same_shape(net: Container, first: Any, last: Any, verb: str) -> None:
    """Refuses to leave out layers between others where what goes in and what comes out differ in shape."""
    (port,), (other,) = ports_of_kind(net.layers[first], "in"), ports_of_kind(net.layers[last], "out")
    known = agreed(net)
    if known is not None and known.shape((first,), port) == known.shape((last,), other):
        return
    one, two = net.plan.shape((first,), port), net.plan.shape((last,), other)
    if one is None or two is None or Unknown in one or Unknown in two or sizes(one) == sizes(two):
        return
    what = f"layer {first!r}" if first == last else f"layers {first!r} to {last!r}"
    raise NetError(
        f"{verb}: {what} cannot be left out, because the shapes in front and behind differ: {shape_text(one)} and "
        f"{shape_text(two)}",
        expected=one,
        got=two,
        hint="replace what stands between, or leave out layers at an end",
    )


def sizes(shape: tuple) -> list:
    """A shape in which all lengths are one: whether two can be equal the solver says."""
    return [Length if isinstance(dim, Length) else dim for dim in shape]


def NetTake(net: Any, part: Any, /, **types: Any) -> Container:
    """The part of a net up to a place, or `(start, end)`: what computes `end` from `start`, both included.

    A place is a layer by name or position (negative from the end), `NetPort("port")`, `NetPort("layer", "port")`, All
    (all inputs, or all outputs), or a list of places. Coders stay where the ends of the net do.

    >>> NetTake(NetChain([3, "Tanh", 5], Input=2), 2), NetTake(NetChain([3, "Tanh", 5]), (2, -1))
    (NetChain([LinearLayer(3), ElementwiseLayer("Tanh")], Input=2),
    NetChain([ElementwiseLayer("Tanh"), LinearLayer(5)]))
    """
    whole = net_of(net, "NetTake")
    if isinstance(part, (tuple, list)) and len(part) != 2:
        hint = "write end, or (start, end); several places are a list inside: (start, [end, end])"
        raise NetError(f"NetTake: {brief(part)} is not an end, or (start, end)", got=part, hint=hint)
    start, end = part if isinstance(part, (tuple, list)) else (All, part)
    whole, start, end = opened_to(whole, start, end)
    starts, ends = cuts(whole, start), sources(whole, end)
    layers, edges = between(whole, begins(whole, starts), ends)
    reached = {target for _, target in edges}
    for place, group in starts.items():
        if group and not any(target[0] in layers for target in group & reached):
            asked = part[1] if isinstance(part, (tuple, list)) else part
            raise NetError(f"NetTake: {brief(asked)} is not computed from {brief(place)}", got=part)
    made = shaped(whole, layers, edges)
    carried_over(made, [Origin(whole, dict(zip(layers, made.layers, strict=True)))])
    return verified(with_types(made, types, "NetTake")) if types else made


def shaped(net: Container, layers: Layers, edges: list[Edge]) -> Container:
    """The part as a chain, where the net is one and nothing branches, else as a graph; with the types at kept ends."""
    items = list(layers.items())
    given = {port: each for port, each in net.given.items() if stays(net, port, edges)}
    held = numbered(net, items)
    keys: dict = dict(zip(layers, held, strict=True))
    rates = moved_rates(net, keys)
    keys[None] = None
    moved = [((keys[a], one), (keys[b], other)) for (a, one), (b, other) in edges]
    if isinstance(net, NetChain) and items:
        chain = chain_of(held, given, rates)
        if sorted(map(repr, chain.edges)) == sorted(map(repr, moved)):
            return chain
    return graph_of(held, moved, given, rates)


def stays(net: Container, port: str, edges: list[Edge]) -> bool:
    """Whether an end of the net is an end of the part."""
    return any((None, port) in edge and edge in edges for edge in net.edges)


def between(net: Container, cut: set[End], ends: list[tuple[End, str | None]]) -> tuple[Layers, list[Edge]]:
    """The layers that compute the ends from the cuts, and the edges between them and to the part's own ports."""
    needed, todo, inner = set(), [source[0] for source, _ in ends], []
    while todo:
        key = todo.pop()
        if key is None or key in needed:
            continue
        needed.add(key)
        todo += [source[0] for target, source in feeds(net, key) if target not in cut]
    inner = [(source, target) for source, target in net.edges if target[0] in needed and target[0] is not None]
    layers = {key: layer for key, layer in net.layers.items() if key in needed}
    opened: dict[End, str] = {}
    for source, target in inner:
        if target in cut and source[0] is not None:
            opened.setdefault(source, target[1])
    names = unique(opened, {source[1] for source, _ in inner if source[0] is None})
    edges = [((None, names[s]) if t in cut and s in names else s, t) for s, t in inner]
    outer = unique({source: name or source[1] for source, name in ends}, set())
    return layers, edges + [(source, (None, name)) for source, name in outer.items()]


def feeds(net: Container, key: Any) -> list[tuple[End, End]]:
    """What feeds each port of a layer."""
    return [((key, port), source) for port, source in net.feeds[key].items()]


def unique(names: dict[End, str], taken: set[str]) -> dict[End, str]:
    """Names for ports: those wished, numbered where several wish for one."""
    wished, found, used = list(names.values()), {}, set(taken)
    for end, name in names.items():
        label, number = name, 0
        while label in used or (number == 0 and wished.count(name) > 1):
            number += 1
            label = f"{name}{number}"
        used.add(label)
        found[end] = label
    return found
