"""NetRename: other names of layers, and of the ports of a graph."""

import math
import sys
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, NetPort
from wlnet.nets.container import Container, End
from wlnet.nets.graph import NetGraph
from wlnet.verbs.fitting import Origin, carried_over
from wlnet.verbs.moving import carried_rates, with_rates
from wlnet.verbs.pieces import graph_of, rekeyed
from wlnet.verbs.places import inner
from wlnet.verbs.replace import rules_of


def NetRename(net: Any, rules: Any, levels: Any = 1, /) -> Container:
    """A net whose layers, or in a graph ports, have other names: `{"old": "new"}`, or a function of the old name.

    `levels` n means levels 1 to n, `[n]` only level n, `(n1, n2)` from one to another; the outermost is level 1.

    >>> NetRename(NetChain({"a": "Tanh"}), {"a": "b"}), NetRename(NetChain({"a": "Tanh"}), str.upper)
    (NetChain({"b": ElementwiseLayer("Tanh")}), NetChain({"A": ElementwiseLayer("Tanh")}))
    """
    if not isinstance(net, Container):
        raise NetError(f"NetRename takes a NetChain or a NetGraph, got {brief(net)}", got=net)
    first, last = level_range(levels)
    pairs: Any = rules if callable(rules) else rules_of(rules, "NetRename")
    for old, new in pairs if isinstance(pairs, list) else ():
        if isinstance(old, NetPort) != isinstance(new, NetPort):
            hint = 'write {NetPort("old"): NetPort("new")}'
            raise NetError(f"NetRename: {brief(old)} and {brief(new)} are not both ports", got=(old, new), hint=hint)
    found: set = set()
    made = renamed(net, pairs, 1, first, last, found)
    for old, _ in pairs if isinstance(pairs, list) else ():
        if repr(old) not in found:
            known: Any = net.layers if not isinstance(old, NetPort) else [NetPort(port) for port in net.outer]
            if old in net.layers:
                at = f"at level {first}" if first == last else f"at levels {first} to {last}"
                raise NetError(f"NetRename: there is no {brief(old)} {at}", got=old, hint="the outermost level is 1")
            raise NetError(f"NetRename: there is no {brief(old)}", got=old, hint=nearest(old, known))
    return made


def level_range(levels: Any) -> tuple[int, int]:
    """The first and the last level."""
    ends = list(levels) if isinstance(levels, (list, tuple)) else [1, levels]
    ends = [sys.maxsize if end is All or end == math.inf else end for end in ends]
    whole = all(isinstance(end, (int, np.integer)) and not isinstance(end, bool) for end in ends)
    if 1 <= len(ends) <= 2 and whole and 1 <= ends[0] <= ends[-1]:
        return int(ends[0]), int(ends[-1])
    raise NetError(
        f"NetRename: {brief(levels)} is not a level",
        got=levels,
        hint="levels count from 1: write n, [n], (n1, n2) or All",
    )


def renamed(net: Any, rules: Any, level: int, first: int, last: int, found: set) -> Any:
    """The net with new names at the levels asked for; what an operator holds is the next level, as in a container."""
    if level > last:
        return net
    held = inner(net)
    new = {key: renamed(each, rules, level + 1 - in_operator(each), first, last, found) for key, each in held.items()}
    if any(new[key] is not each for key, each in held.items()):
        old, made = net, net.with_fields(layers=new) if isinstance(net, Container) else net.with_subnets(new)
        net = with_rates(made, carried_rates([((), old)], lambda path: [same_place(old, made, path)]))
    return with_names(net, rules, level, found) if isinstance(net, Container) and level >= first else net


def in_operator(net: Any) -> bool:
    """Whether a net is no level of its own: an operator, whose nets have their layers one level below it."""
    return not isinstance(net, Container)


def same_place(old: Any, new: Any, path: tuple) -> tuple:
    """The path in the new net of what stands at a path in the old one: in the same order, under other names."""
    held, others = inner(old), inner(new)
    if not path or path[0] not in held:
        return path
    key = list(others)[list(held).index(path[0])]
    return (key, *same_place(held[path[0]], others[key], path[1:]))


def with_names(net: Container, rules: Any, level: int, found: set) -> Container:
    """A container with new names of its own layers, and at the outermost level of its ports."""
    table: list = [] if callable(rules) else rules
    ports = {a.spec[0]: b.spec[0] for a, b in table if isinstance(a, NetPort) and isinstance(b, NetPort)}
    keys = {a: b for a, b in table if not isinstance(a, NetPort)}
    new = {key: named_by(rules, key) if callable(rules) else keys.get(key, key) for key in net.layers}
    found |= {repr(key) for key in keys if key in net.layers}
    found |= {repr(NetPort(port)) for port in ports if port in net.outer and level == 1}
    check_names(list(new.values()))
    if any(a != b for a, b in new.items()):
        old, net = net, rekeyed(net, new)
        carried_over(net, [Origin(old, new)], grew=True)
    return with_ports(net, ports) if level == 1 and any(port in net.outer for port in ports) else net


def named_by(function: Any, key: Any) -> Any:
    """The new name that a function gives for an old one."""
    try:
        return function(key)
    except Exception as error:
        hint = "the function gets the name of a layer, or its position where it has none"
        raise NetError(f"NetRename: the function fails for {brief(key)}: {error}", got=key, hint=hint) from error


def check_names(names: list) -> None:
    """New names are texts or numbers, each once."""
    seen: set = set()
    for name in names:
        if not isinstance(name, (str, int)) or isinstance(name, bool) or name == "":
            raise NetError(f"NetRename: {brief(name)} is not a name for a layer", got=name, hint="names are texts")
        if name in seen:
            raise NetError(f"NetRename: two layers would be named {name!r}", got=name, hint="names must be unique")
        seen.add(name)


def with_ports(net: Container, names: dict) -> Container:
    """A graph whose own ports have other names."""
    if not isinstance(net, NetGraph):
        raise NetError("NetRename: the ports of a NetChain are those of its layers", hint="rename in NetGraph(chain)")
    new = [names.get(port, port) for port in net.outer]
    if len(set(new)) < len(new):
        twice = next(port for port in new if new.count(port) > 1)
        raise NetError(f"NetRename: two ports would be named {twice!r}", got=twice, hint="names must be unique")

    def end(each: End) -> End:
        return (None, names.get(each[1], each[1])) if each[0] is None else each

    edges = [(end(a), end(b)) for a, b in net.edges]
    given = {names.get(port, port): each for port, each in net.given.items()}
    return graph_of(net.layers, edges, given, net.LearningRateMultipliers)
