"""LearningRateMultipliers of a net whose layers get other keys: the rules go with the layers that they name."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wlnet.core.layer import Layer
from wlnet.core.multipliers import Multipliers
from wlnet.core.symbols import All, Automatic
from wlnet.nets.container import Container
from wlnet.verbs.parts import is_anything, reached
from wlnet.verbs.places import Path

NewKeys = Mapping[Any, Any]
"""The new key of each layer that stays, by its old one; a list of keys where several layers take its place."""


def moved_rates(net: Container, keys: NewKeys, is_part: bool = False) -> Any:
    """The rules of a container for the layers as they are called anew; rules for layers that went are left out.

    A rule for anything, or for an array of every layer, stays as it is; in a net that becomes part of another
    (`is_part`) it becomes one for each layer.

    >>> moved_rates(NetChain([3, 5], LearningRateMultipliers={-1: 0}), {2: 1})
    {1: 0}
    """
    if net.LearningRateMultipliers is Automatic:
        return Automatic
    rules: dict[Any, Any] = {}
    for part, rate in net.LearningRateMultipliers.rules.items():
        if hasattr(part, "array_key") or (not is_part and is_general(part, net)):
            rules.setdefault(part, rate)
            continue
        for path, _ in reached(part, net):
            for old in path[:1] or keys:
                for new in new_keys(keys, old):
                    rules.setdefault((new, *path[1:]) if len(path) > 1 else new, rate)
    return Multipliers(rules) if rules else Automatic


def is_general(part: Any, net: Container) -> bool:
    """Whether a part names no layer: anything, or an array of every layer."""
    return is_anything(part) or (isinstance(part, str) and part not in net.layers)


def new_keys(keys: NewKeys, old: Any) -> list:
    """The keys of what stands for a layer."""
    found = keys.get(old, [])
    return found if isinstance(found, list) else [found]


def carried_rates(nets: Iterable[tuple[Path, Layer]], moved: Callable[[Path], Iterable[Path]]) -> Any:
    """The rules of nets that become one, the outermost first, for places that `moved` leads to their new ones.

    A rule that earlier ones hide is left out; one for anything, or for a shared array, stays as it is.

    >>> inner = NetChain([3, 5], LearningRateMultipliers={-1: 0})
    >>> carried_rates([((), NetChain([2, inner])), ((2,), inner)], lambda path: [(path[0] + path[1] - 1,)])
    {3: 0}
    """
    rules: dict[Any, Any] = {}
    for path, net in nets:
        setting: Any = net.LearningRateMultipliers
        for part, rate in () if setting is Automatic else setting.rules.items():
            if hasattr(part, "array_key") or (is_anything(part) and not path):
                rules.setdefault(part, rate)
                continue
            for place, _ in reached(part, net, path):
                for new in moved(place):
                    if not is_hidden(new, rules):
                        rules[new if len(new) > 1 else new[0]] = rate
    return Multipliers(rules) if rules else Automatic


def with_rates(net: Any, rates: Any) -> Any:
    """A net with other rules of learning rates."""
    return net if rates == net.LearningRateMultipliers else net.with_fields(LearningRateMultipliers=rates)


def is_hidden(path: Path, rules: Mapping[Any, Any]) -> bool:
    """Whether rules reach all of a place already."""
    parts = [path[:at] if at > 1 else path[0] for at in range(1, len(path) + 1)]
    return any(part in rules for part in ["_", All, *parts])


def joined_rates(settings: Iterable[Any]) -> Any:
    """The rules of several nets as one setting; of two for one part the first counts."""
    rules: dict[Any, Any] = {}
    for setting in settings:
        for part, rate in () if setting is Automatic else setting.rules.items():
            rules.setdefault(part, rate)
    return Multipliers(rules) if rules else Automatic
