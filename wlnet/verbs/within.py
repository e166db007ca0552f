"""What stands at a place inside a net, for who reads values there or differentiates with respect to it."""

from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.source import source
from wlnet.nets.container import Container, ports_of_kind
from wlnet.verbs.places import Path, inner, inner_name


def layer_at(net: Layer, parts: tuple) -> tuple[Path, Layer]:
    """The net at the end of a path of names and positions, and the path of its keys."""
    path: Path = ()
    for part in parts:
        key = key_in(net, part, path)
        path, net = (*path, key), inner(net)[key]
    return path, net


def key_in(net: Layer, part: Any, path: Path) -> Any:
    """The key of what a name or a position means directly inside a net."""
    try:
        if isinstance(net, Container):
            return net.key_of(part)
    except NetError as error:
        raise error.inside(path) from None
    part = inner_name(net, part)
    if part in inner(net):
        return part
    names = [*inner(net), *(name for name, slot in net.present().items() if slot.is_array or slot.kind == "out")]
    raise NetError(f"{type(net).__name__} has no part {brief(part)}", path=path, got=part, hint=nearest(part, names))


def refuse_repeated(net: Layer, path: Path) -> None:
    """Refuses a place inside an operator: it computes what it holds often, or in an order of its own."""
    for depth in range(len(path)):
        around = layer_at(net, path[:depth])[1]
        if not isinstance(around, Container) and not getattr(around, "runs_once", False):
            held = (*path[:depth], path[depth])
            raise NetError(
                f"{type(around).__name__} may run its {path[depth]} many times for an example, so there is no one "
                f"value inside",
                path=path[:depth],
                got=path,
                hint=f"take it out and run it by itself: NetExtract(net, {source(held)})",
            )


def missing_port(layer: Layer, path: Path, name: Any, kinds: tuple[str, ...], what: str) -> NetError:
    """A net has no port or array of that name."""
    names = [each for kind in kinds for each in ports_of_kind(layer, kind)]
    names += inner(layer) if isinstance(layer, Container) or "learned" in kinds else ()
    return NetError(
        f"{type(layer).__name__} has no {what} {brief(name)}", path=path, got=name, hint=nearest(name, names)
    )
