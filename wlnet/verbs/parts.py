"""Which places of a net a rule of LearningRateMultipliers reaches by a name, a position, a span or a path."""

from typing import Any

from wlnet.core.errors import nearest
from wlnet.core.layer import Layer
from wlnet.core.symbols import All, Alternatives, Span
from wlnet.nets.container import Container
from wlnet.verbs.places import Path, arrays, inner, inner_name

Reached = list[tuple[Path, Layer | None]]
"""Places with the net that stands there, None where it is an array."""


def reached(part: Any, net: Layer, path: Path = ()) -> Reached:
    """The places that a part means, counted from `net`, which stands at `path`.

    A bare name that no layer has means that array of every layer directly inside.
    """
    if isinstance(part, Alternatives):
        return [place for each in part.parts for place in reached(each, net, path)]
    if is_anything(part):
        return [(path, net)]
    found = along(part if isinstance(part, tuple) else (part,), net, path)
    if found or not isinstance(part, str):
        return found
    return [((*path, key, part), None) for key, layer in inner(net).items() if part in array_names(layer)]


def shared_places(net: Layer, part: Any, path: Path = ()) -> list[Path]:
    """Where a NetArray stands in a net; NetArray(All) is every one."""
    found = [array for array in arrays(net, path) if array.is_shared]
    return [array.path for array in found if part.name is All or array.key == part.array_key]


def along(parts: tuple, net: Layer | None, path: Path) -> Reached:
    """The places at the end of a path of parts."""
    if not parts:
        return [(path, net)]
    first, rest = parts[0], parts[1:]
    if isinstance(first, Alternatives):
        return [place for each in first.parts for place in along((each, *rest), net, path)]
    if isinstance(first, tuple):
        return along((*first, *rest), net, path)
    if net is None:
        return []
    if hasattr(first, "array_key"):
        return [] if rest else [(place, None) for place in shared_places(net, first, path)]
    held = inner(net)
    return [place for key in keys(first, net) for place in along(rest, held.get(key), (*path, key))]


def is_anything(part: Any) -> bool:
    """Whether a part is Wolfram's blank, or All."""
    return part is All or (isinstance(part, str) and part == "_")


def keys(part: Any, net: Layer) -> list[Any]:
    """The layers or arrays directly inside a net that one part means."""
    held = list(inner(net))
    if is_anything(part):
        return [*held, *array_names(net)]
    part = inner_name(net, part)
    if part in held or (isinstance(part, str) and part in array_names(net)):
        return [part]
    if not isinstance(net, Container):
        return []
    if isinstance(part, Span):
        return spanned(part, held)
    if isinstance(part, int) and 1 <= abs(part) <= len(held):
        return [held[part - 1 if part > 0 else part]]
    return []


def spanned(part: Span, held: list) -> list[Any]:
    """The keys from one position to another; a span that leaves the net means nothing, as in NetExtract."""
    first, last = part.ends(len(held))
    if not (1 <= first <= len(held) and 1 <= last <= len(held)):
        return []
    return [held[at - 1] for at in range(first, last + (1 if part.step > 0 else -1), part.step)]


def array_names(net: Layer) -> list[str]:
    """The arrays that a layer declares, those that are None too: a rule may name them."""
    return [name for name, slot in net.ports().items() if slot.is_array]


def hint_for(part: Any, net: Layer) -> str:
    """What to write for a part that reaches nothing: the nearest name where its path fails, or the positions."""
    if isinstance(part, Alternatives):
        return hint_for(part.parts[0], net) if part.parts else "name at least one part"
    parts = part if isinstance(part, tuple) else (part,)
    good = max(depth for depth in range(len(parts) + 1) if along(parts[:depth], net, ()))
    there = [each for _, each in along(parts[:good], net, ()) if each is not None]
    failing = parts[min(good, len(parts) - 1)]
    if hasattr(failing, "array_key"):
        found = [each.layer.arrays[each.name] for one in there for each in arrays(one) if each.is_shared]
        return nearest(failing, dict.fromkeys(each.named() for each in found))
    counts = [len(inner(each)) for each in there if isinstance(each, Container)]
    if isinstance(failing, (int, Span)) and counts:
        return f"positions count from 1 to {max(counts)}, or from -1 to -{max(counts)} from the end"
    known = [name for each in there for name in [*inner(each), *array_names(each)]]
    if isinstance(part, str):
        known += [name for layer in inner(net).values() for name in array_names(layer)]
    return nearest(failing, dict.fromkeys(known))
