"""NetTake and NetDrop: a part of a net, from one place to another."""

from typing import Any

import numpy as np

from wlnet.core.dims import Unknown
from wlnet.core.errors import NetError, nearest
from wlnet.core.ports import shape_text
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, NetPort
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, End, ports_of_kind
from wlnet.nets.graph import Edge
from wlnet.verbs.joining import Layers, chain_of, graph_of, net_of, verified, with_types


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
    made = chain_of(numbered(chain, held), given, chain.LearningRateMultipliers)
    if first > 0 and last < count:
        same_shape(chain, items[first][0], items[last - 1][0], verb)
        verified(made)
    return made


def numbered(net: Container, items: list) -> Layers:
    """Layers with the keys that they have, or counted anew where they have no names."""
    return dict(items) if net.is_named else dict(enumerate((layer for _, layer in items), start=1))


def same_shape(net: Container, first: Any, last: Any, verb: str) -> None:
    """Refuses to leave out layers between others where what goes in and what comes out differ in shape."""
    (port,), (other,) = ports_of_kind(net.layers[first], "in"), ports_of_kind(net.layers[last], "out")
    one, two = net.plan.shape((first,), port), net.plan.shape((last,), other)
    if one is None or two is None or Unknown in one or Unknown in two or one == two:
        return
    what = f"layer {first!r}" if first == last else f"layers {first!r} to {last!r}"
    raise NetError(
        f"{verb}: {what} cannot be left out, because the shapes in front and behind differ: {shape_text(one)} and "
        f"{shape_text(two)}",
        expected=one,
        got=two,
        hint="replace what stands between, or leave out layers at an end",
    )


def NetTake(net: Any, part: Any, /, **types: Any) -> Container:
    """The part of a net up to a place, or `(start, end)`: what computes `end` from `start`, both included.

    A place is a layer by name or position (negative from the end), `NetPort("port")`, `NetPort("layer", "port")`, All
    (all inputs, or all outputs), or a list of places. Coders stay where the ends of the net do.

    >>> NetTake(NetChain([3, "Tanh", 5], Input=2), 2), NetTake(NetChain([3, "Tanh", 5]), (2, -1))
    (NetChain([LinearLayer(3), ElementwiseLayer("Tanh")], Input=2),
    NetChain([ElementwiseLayer("Tanh"), LinearLayer(5)]))
    """
    whole = net_of(net, "NetTake")
    start, end = (All, part) if not isinstance(part, (tuple, list)) else part if len(part) == 2 else (None, None)
    if start is None:
        raise NetError(f"NetTake: {brief(part)} is not an end, or (start, end)", got=part)
    starts, ends = cuts(whole, start), sources(whole, end)
    layers, edges = between(whole, {cut for group in starts.values() for cut in group}, ends)
    reached = {target for _, target in edges}
    for place, group in starts.items():
        if group and not group & reached:
            raise NetError(f"NetTake: {brief(end)} is not computed from {brief(place)}", got=part)
    made = shaped(whole, layers, edges)
    return verified(with_types(made, types, "NetTake")) if types else made


def shaped(net: Container, layers: Layers, edges: list[Edge]) -> Container:
    """The part as a chain, where the net is one and nothing branches, else as a graph; with the types at kept ends."""
    items, rates = list(layers.items()), net.LearningRateMultipliers
    given = {port: each for port, each in net.given.items() if stays(net, port, edges)}
    held = numbered(net, items)
    keys: dict = dict(zip(layers, held, strict=True)) | {None: None}
    moved = [((keys[a], one), (keys[b], other)) for (a, one), (b, other) in edges]
    if isinstance(net, NetChain) and items:
        chain = chain_of(held, given, rates)
        if sorted(map(repr, chain.edges)) == sorted(map(repr, moved)):
            return chain
    return graph_of(held, moved, given, rates)


def stays(net: Container, port: str, edges: list[Edge]) -> bool:
    """Whether an end of the net is an end of the part."""
    return any((None, port) in edge and edge in edges for edge in net.edges)


def places(spec: Any) -> list:
    """The places of a union; one place alone is a list of one."""
    return list(spec) if isinstance(spec, (list, tuple)) else [spec]


def port_end(net: Container, place: NetPort) -> End:
    """The end that a NetPort names: a port of the net, or of a layer directly inside."""
    spec = place.spec
    if len(spec) == 1 and spec[0] in net.outer:
        return None, spec[0]
    if len(spec) == 1 and isinstance(spec[0], str):
        raise NetError(f"NetTake: the net has no port {spec[0]!r}", got=place, hint=nearest(spec[0], net.outer))
    if len(spec) != 2:
        raise NetError(f"NetTake: {place!r} is not a port of the net or of a layer of it", got=place)
    key = net.key_of(spec[0])
    if spec[1] not in net.layers[key].ports():
        names = ports_of_kind(net.layers[key], "in") + ports_of_kind(net.layers[key], "out")
        raise NetError(f"NetTake: layer {key!r} has no port {brief(spec[1])}", got=place, hint=nearest(spec[1], names))
    return key, spec[1]


def cuts(net: Container, start: Any) -> dict[Any, set[End]]:
    """For each start: the inputs of layers at which the part begins; none where it begins with the net."""
    found: dict[Any, set[End]] = {}
    for place in places(start):
        if place is All:
            continue
        if not isinstance(place, NetPort):
            key = net.key_of(place)
            found[place] = {target for _, target in net.edges if target[0] == key}
            continue
        end = port_end(net, place)
        found[place] = {target for source, target in net.edges if end in (source, target) and target[0] is not None}
    return found


def sources(net: Container, end: Any) -> list[tuple[End, str | None]]:
    """The outputs at which the part ends, each with the name that it has as a port of the net, if it is one."""
    leaving = {target[1]: source for source, target in net.edges if target[0] is None}
    found: list[tuple[End, str | None]] = []
    for place in places(end):
        if place is All:
            found += [(source, port) for port, source in leaving.items()]
            continue
        if isinstance(place, NetPort):
            at = port_end(net, place)
            if at[0] is None and at[1] in leaving:
                found.append((leaving[at[1]], at[1]))
                continue
            ends = [at]
        else:
            key = net.key_of(place)
            ends = [(key, port) for port in ports_of_kind(net.layers[key], "out")]
        for each in ends:
            if each[0] is None or each[1] in ports_of_kind(net.layers[each[0]], "in"):
                raise NetError(f"NetTake: {place!r} is an input; a part ends at an output", got=place)
            found.append((each, next((port for port, source in leaving.items() if source == each), None)))
    return list(dict.fromkeys(found))


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
