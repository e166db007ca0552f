"""The places between which NetTake takes a part of a net.

Where a place lies in a net inside, that net is opened, so that its layers are the net's own.
"""

from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, NetPort
from wlnet.nets.container import Container, End, ports_of_kind
from wlnet.verbs.flatten import unfolded


def places(spec: Any) -> list:
    """The places of a union; one place alone is a list of one."""
    return list(spec) if isinstance(spec, (list, tuple)) else [spec]


def opened_to(net: Container, start: Any, end: Any) -> tuple[Container, Any, Any]:
    """The net in which those nets are open whose inner ports are named, and the two places, or lists of them, in it."""
    while True:
        groups = [[settled(net, each) for each in places(spec)] for spec in (start, end)]
        deep = next((each for group in groups for each in group if is_deep(each)), None)
        if deep is None:
            return net, groups[0], groups[1]
        opened, names = unfolded(held_by(net, deep), deep.spec[0])
        start, end = (
            [new for each in group for new in moved(net, each, kind, deep.spec[0], names)]
            for group, kind in zip(groups, ("in", "out"), strict=True)
        )
        net = opened


def settled(net: Container, place: Any) -> Any:
    """A place by the keys of layers instead of positions; a NetPort of a layer alone is the layer."""
    if place is All:
        return place
    if not isinstance(place, NetPort):
        return net.key_of(place)
    spec = place.spec
    if len(spec) == 1:
        return spec[0] if spec[0] in net.layers and spec[0] not in net.outer else place
    return NetPort(net.key_of(spec[0]), *spec[1:])


def is_deep(place: Any) -> bool:
    """Whether a place lies in a net inside."""
    return isinstance(place, NetPort) and len(place.spec) > 2


def held_by(net: Container, place: NetPort) -> Container:
    """The net, if the place leads into a net inside it."""
    inner = net.layers[place.spec[0]]
    if not isinstance(inner, Container):
        what = f"layer {place.spec[0]!r}, a {type(inner).__name__}, holds no layers of its own"
        raise NetError(f"NetTake: {place!r} is not a port of the net: {what}", got=place)
    return net


def moved(net: Container, place: Any, kind: str, key: Any, names: dict[tuple, Any]) -> list:
    """The same place, or places, where one net inside is open; of that net itself those at its ports of a kind."""
    if place is All or (isinstance(place, NetPort) and len(place.spec) == 1):
        return [place]
    first, *rest = place.spec if isinstance(place, NetPort) else (place,)
    if first != key:
        return [NetPort(names[first,], *rest) if rest else names[first,]]
    inner: Any = net.layers[key]
    if len(rest) > 1:
        return [NetPort(names[key, inner.key_of(rest[0])], *rest[1:])]
    wanted = rest or ports_of_kind(inner, kind)
    if rest and rest[0] not in inner.outer:
        return [place]  # which is refused as it stands
    outer = {(None, port) for port in wanted}
    ends = [two if one in outer else one for one, two in inner.edges if one in outer or two in outer]
    return [NetPort(names[key, at], port) for at, port in ends if at is not None]


def begins(net: Container, starts: dict[Any, set[End]]) -> set[End]:
    """The inputs of layers at which the part begins; a start that lies behind another is in its middle."""
    found = {cut for group in starts.values() for cut in group}
    if len(starts) < 2:
        return found
    follow: dict[Any, list] = {}
    for source, target in net.edges:
        follow.setdefault(source[0], []).append(target[0])
    todo, behind = [key for key, _ in found], {key for key, _ in found}
    while todo:
        for key in follow.get(todo.pop(), []):
            if key is not None and key not in behind:
                behind.add(key)
                todo.append(key)
    return {cut for cut in found if net.feeds[cut[0]][cut[1]][0] not in behind}


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
