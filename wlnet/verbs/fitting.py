"""Whether a net that surgery made agrees in its shapes, told from the plans of the nets that it was made from.

A layer that stands in the new net as it stood in a solved one may keep the shapes that it had. So only new layers, and
what meets anew, have to be asked; where shapes are open or vary, or arrays are shared, the whole net is solved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wlnet.core.dims import Length, Refusal
from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.core.shared import SHARED
from wlnet.core.solver import Solver
from wlnet.core.types import Same
from wlnet.nets.container import Container, End

Fact = tuple[tuple, Any]
"""A shape of known sizes, and the type of the elements."""

AGREED = "agreed"
"""Under which a net keeps shapes with which all its layers agree, where the plan, what is forced, is not made yet."""


@dataclass(frozen=True)
class Origin:
    """A net that another was made from, and the keys that its layers have there, by their old ones."""

    net: Container
    keys: Mapping[Any, Any]

    @property
    def known(self) -> Plan:
        """Shapes with which the net agrees."""
        known = agreed(self.net)
        if known is None or any(path and path[0] is SHARED for path, _ in known.shapes):
            raise NotKnown
        return known


def agreed(net: Layer) -> Plan | None:
    """Shapes with which all of a net agrees, if any are known yet."""
    held = net.__dict__
    return held["plan"] if "plan" in held else held.get(AGREED)


class NotKnown(Exception):
    """What is known does not suffice."""


def verified(net: Any, *origins: Origin, grew: bool = False) -> Any:
    """The net, once its shapes are known to agree; `grew` says that all that held in the origins still holds."""
    if not carried_over(net, origins, grew):
        net.plan  # noqa: B018 - solved now, kept beside the value; or refused
    return net


def carried_over(net: Any, origins: Iterable[Origin], grew: bool = False) -> bool:
    """Whether the net is known to agree: it then has the shapes with which it does, or, if it only grew, its plan."""
    if agreed(net) is not None:
        return True
    if not isinstance(net, Container) or not origins:
        return False
    try:
        made = Fitting(net, origins).plan()
    except (NotKnown, NetError, Refusal):
        return False  # the solver says whether the net is wrong, and how
    is_plan = grew and all("plan" in origin.net.__dict__ for origin in origins)
    net.__dict__["plan" if is_plan else AGREED] = made
    return True


def same_places(net: Layer) -> list[Origin]:
    """A net as the origin of another in which layers stand in the same places; none if it has no layers."""
    return [Origin(net, {key: key for key in net.layers})] if isinstance(net, Container) else []


class Fitting:
    """A new net, and of each layer that it took over where it comes from."""

    def __init__(self, net: Container, origins: Iterable[Origin]):
        self.net, self.solver = net, Solver()
        self.homes: dict[Any, tuple[Plan, Any]] = {}
        self.before: dict[tuple[End, End], Container] = {}
        self.known: list[tuple[Plan, dict]] = []
        for origin in origins:
            held, layers = origin.net.layers, net.layers
            kept = {old: new for old, new in origin.keys.items() if new in layers and layers[new] is held[old]}
            known = origin.known
            self.homes |= {new: (known, old) for old, new in kept.items()}
            self.known.append((known, kept))
            kept = {**kept, None: None}
            self.before |= {
                ((kept[a], one), (kept[b], two)): origin.net
                for (a, one), (b, two) in origin.net.edges
                if a in kept and b in kept
            }

    def plan(self) -> Plan:
        """Shapes with which the net agrees; raises where that cannot be told."""
        for key, layer in self.net.layers.items():
            if key not in self.homes:
                layer.wire(self.solver, (key,))
        outside: dict[str, list[tuple[End, End]]] = {}
        for edge in self.net.edges:
            (one, a), (two, b) = edge
            if one is None and two is None:
                raise NotKnown
            if one is None or two is None:
                outside.setdefault(a if one is None else b, []).append(edge)
            elif edge not in self.before:
                self.meet(edge)
        for port, edges in outside.items():
            if not self.is_as_before(port, edges):
                self.meet_outside(port, edges)
        fresh = self.solver.solve()
        if self.solver.shared:
            raise NotKnown
        return self.composed(fresh)

    # --- edges --------------------------------------------------------------------------------------------------------

    def is_as_before(self, port: str, edges: list) -> bool:
        """Whether a port of the net is what it was in a net that it was made from, or nothing is said of it."""
        nets = {id(net): net for net in map(self.before.get, edges)}
        given = self.net.given.get(port)
        if len(nets) == 1 and (net := next(iter(nets.values()))) is not None:
            return net.given.get(port) == given
        return len(edges) == 1 and given is None

    def meet(self, edge: tuple[End, End]) -> None:
        """States an edge between two layers to the solver, or sees that it agrees."""
        one, two = ((key in self.homes) for key, _ in edge)
        if one and two:
            if self.fact(edge[0]) != self.fact(edge[1]):
                raise NotKnown
        elif one or two:
            kept, fresh = edge if one else edge[::-1]
            self.solver.say((fresh[0],), "", fresh[1], *self.fact(kept))
        else:
            ends = [self.solver.var((key,), port) for key, port in edge]
            self.solver.tie(*ends)

    def meet_outside(self, port: str, edges: list) -> None:
        """States a port of the net and all that it feeds, or that feeds it."""
        self.net.say_given(self.solver, ())
        for edge in edges:
            for key, name in edge:
                if key is None:
                    continue
                if key in self.homes:
                    self.solver.say((), "", port, *self.fact((key, name)))
                else:
                    self.solver.tie(self.solver.var((), port), self.solver.var((key,), name))

    def fact(self, end: End) -> Fact:
        """What is known of a port of a layer from the net that it comes from."""
        (known, key), layer = self.homes[end[0]], self.net.layers[end[0]]
        shape, of = known.shape((key,), end[1]), known.types.get(((key,), end[1]))
        if shape is None or not all(isinstance(dim, int) for dim in shape):
            raise NotKnown
        if of is None and (isinstance(layer.ports()[end[1]].of, Same) or not layer.is_elementary):
            raise NotKnown  # a type would travel on
        return shape, of

    # --- the shapes of the net ----------------------------------------------------------------------------------------

    def composed(self, fresh: Plan) -> Plan:
        """The shapes of the pieces as one; not where lengths vary, which have their own names in each place."""
        shapes, types, words = dict(fresh.shapes), dict(fresh.types), dict(fresh.words)
        for known, kept in self.known:
            for place, shape in known.shapes.items():
                path, name = place
                if path and path[0] in kept:
                    new = kept[path[0]]
                    there = place if new == path[0] else ((new, *path[1:]), name)
                    shapes[there], types[there] = shape, known.types[place]
            words |= {
                (kept[path[0]], *path[1:]): held for path, held in known.words.items() if path and path[0] in kept
            }
            if known.checks or known.least:
                raise NotKnown
        if any(type(dim) is Length for shape in shapes.values() for dim in shape or ()):
            raise NotKnown
        self.join_ends(shapes, types)
        return Plan(shapes, types, words)

    def join_ends(self, shapes: dict, types: dict) -> None:
        """Makes both ends of an edge, and the net's own ports, say the same."""
        for edge in self.net.edges:
            if edge in self.before and edge[0][0] is not None and edge[1][0] is not None:
                continue
            ends = [((key,) if key is not None else (), port) for key, port in edge]
            known = next((types[end] for end in ends if types.get(end) is not None), None)
            shape = next((shapes[end] for end in ends if shapes.get(end) is not None), None)
            for end in ends:
                shapes[end], types[end] = shape, known
