"""What a chain and a graph share: layers by key, edges between their ports, ports of their own.

A container adds ties between the ports of its layers to the solver, and runs its layers in order. Its keys are names,
or positions from 1 where layers are not named.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from inspect import Parameter, Signature
from typing import Any, ClassVar

import numpy as np

from wlnet.core.declared import abstract
from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.ports import Coder
from wlnet.core.refuse import brief
from wlnet.core.slots import Slot, words_of
from wlnet.core.solver import Solver
from wlnet.core.source import source as text_of
from wlnet.core.symbols import Automatic, show_name

End = tuple[Any, str]
"""One end of an edge: (key of a layer, or None for the container itself; port)."""


@abstract
class Container(Layer):
    """Layers and the edges between them: `layers` by key, `edges` as pairs of ends, `outer` the ports of its own."""

    hidden: ClassVar[tuple[str, ...]] = ("given", "arrays", "layers", "edges", "outer")

    layers: Any = {}
    edges: Any = ()
    outer: Any = {}

    @classmethod
    def has_arrays(cls) -> bool:
        return True

    def build(self, layers: dict[Any, Layer], edges: tuple, outer: dict[str, Slot], options: dict[str, Any]) -> None:
        """What the constructor of a container ends in, with the options that the user gave."""
        for name in options:
            if name in self.hidden:
                raise NetError(f"{type(self).__name__}: {name} is not an option", got=name, hint="options are capital")
        super().__init__(layers=layers, edges=edges, outer=outer, **options)

    @classmethod
    def content(cls) -> list[Parameter]:
        """The positional parameters of the constructor."""
        return []

    @classmethod
    def _signature(cls) -> Signature:
        ports = dict.fromkeys(("Input", "Output"), Automatic)
        named = [Parameter(n, Parameter.KEYWORD_ONLY, default=v) for n, v in (cls.options() | ports).items()]
        return Signature([*cls.content(), *named, Parameter("ports", Parameter.VAR_KEYWORD)])

    @cached_property
    def is_named(self) -> bool:
        """Whether layers have names rather than their positions."""
        return list(self.layers) != list(range(1, len(self.layers) + 1))

    def layers_text(self) -> str:
        """The layers as source text."""
        if self.is_named:
            return "{" + ", ".join(f"{show_name(k)}: {layer!r}" for k, layer in self.layers.items()) + "}"
        return "[" + ", ".join(map(repr, self.layers.values())) + "]"

    def options_given(self) -> dict[str, Any]:
        """The port types and options that are not at their defaults."""
        return self.arguments()[1]

    def written_as(self, *content: str) -> str:
        """The call that makes the net, with the options that are not at their defaults."""
        named = [f"{name}={text_of(value)}" for name, value in self.options_given().items()]
        return f"{type(self).__name__}({', '.join([*content, *named])})"

    # --- what Python asks of a collection of layers -------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.layers)

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers.values())

    def __contains__(self, layer: object) -> bool:
        return layer in self.layers.values()

    def subnets(self) -> dict[Any, Layer]:
        return self.layers

    @property
    def is_elementary(self) -> bool:
        return False

    def with_subnets(self, nets: dict[Any, Layer]) -> Layer:
        return self.with_fields(layers=nets)

    # --- for the solver ---------------------------------------------------------------------------------------------

    def ports(self) -> dict[str, Slot]:
        return self.outer

    def wire(self, solver: Solver, path: tuple) -> None:
        self.say_given(solver, path)
        for key, layer in self.layers.items():
            layer.wire(solver, (*path, key))
        for source, target in self.edges:
            one, other = self.end(path, source), self.end(path, target)
            solver.tie(solver.var(*one), solver.var(*other))

    def say_given(self, solver: Solver, path: tuple) -> None:
        for name, given in self.given.items():
            solver.say(path, type(self).__name__, name, given.shape(path, name), given.values())

    def end(self, path: tuple, end: End) -> tuple[tuple, str]:
        """The solver's key of one end of an edge."""
        key, port = end
        return (path, port) if key is None else ((*path, key), port)

    # --- running ----------------------------------------------------------------------------------------------------

    @cached_property
    def feeds(self) -> dict[Any, dict[str, End]]:
        """For each layer, and for None (the container's outputs): the source of each port that is fed."""
        feeds: dict[Any, dict[str, End]] = {key: {} for key in [*self.layers, None]}
        for source, (key, port) in self.edges:
            feeds[key][port] = source
        return feeds

    @cached_property
    def order(self) -> tuple:
        """The keys of the layers so that each comes after what feeds it."""
        return topological(list(self.layers), self.edges)

    @cached_property
    def steps(self) -> list[tuple[Any, Layer, list[tuple[str, End]]]]:
        """The layers in their order: the key, the layer, and the source of each port that is fed."""
        return [(key, self.layers[key], list(self.feeds[key].items())) for key in self.order]

    @cached_property
    def asked(self) -> dict[Any, frozenset]:
        """For each layer: the outputs that only exist when asked for, and that an edge reads."""
        asked: dict[Any, frozenset] = {}
        for (key, port), _ in self.edges:
            if key is not None and self.layers[key].ports()[port].kind == "aside":
                asked[key] = asked.get(key, frozenset()) | {port}
        return asked

    def run(self, xp: Any, arrays: Mapping[tuple, Any], inputs: Mapping[str, Any], path: tuple) -> tuple[dict, dict]:
        known: dict[End, Any] = {(None, port): value for port, value in inputs.items()}
        following: dict = {}
        for key, layer, feeds in self.steps:
            inside = (*path, key)
            given = {port: known[source] for port, source in feeds if source in known}
            outputs, after = layer.run(self.asking(xp, key, inside) if self.asked else xp, arrays, given, inside)
            if xp.seen is not None:
                outputs = xp.seen(inside, outputs)
            for port, value in outputs.items():
                known[key, port] = value
            if after:
                following.update(after)
                for place, value in after.items():  # a final state leaves by the port by which a first one comes in
                    if place[:-1] == inside:
                        known[key, place[-1]] = value
        return {port: known[source] for port, source in self.feeds[None].items()}, following

    def asking(self, xp: Any, key: Any, path: tuple) -> Any:
        """The context, in which a layer is asked for what the edges read."""
        if key not in self.asked:
            return xp
        return xp.derive(asked=xp.asked | {(path, port) for port in self.asked[key]})

    # --- coders -----------------------------------------------------------------------------------------------------

    def coder(self, port: str) -> Coder | None:
        """The coder of one of its own ports: its own, or that of the layer's port behind it."""
        if port in self.given and (self.given[port].coder is not None):
            return self.given[port].coder
        ends = [(t if s == (None, port) else s) for s, t in self.edges if (None, port) in (s, t)]
        found = [coder_of(self.layers[key], name) for key, name in ends if key is not None]
        return next((coder for coder in found if coder is not None), None)

    def at(self, key: Any) -> Layer:
        """The layer of a key: a name, or a position from 1 (or from -1 backwards)."""
        return self.layers[self.key_of(key)]

    def key_of(self, key: Any) -> Any:
        """The key under which a layer is held, of a name or a position."""
        if isinstance(key, np.integer):
            key = int(key)
        if isinstance(key, (str, int)) and not isinstance(key, bool):
            if key in self.layers:
                return key
            if isinstance(key, int) and 1 <= abs(key) <= len(self.layers):
                return list(self.layers)[key - 1 if key > 0 else key]
        raise self.no_layer(key)

    def no_layer(self, key: Any) -> NetError:
        """There is no such layer."""
        if isinstance(key, int) and not isinstance(key, bool) and self.layers:
            ends = f"1 to {len(self.layers)}, or -1 to -{len(self.layers)} from the end"
            return NetError(f"{type(self).__name__} has no layer {key}", got=key, hint=f"positions count from {ends}")
        hint, port = nearest(key, self.layers), nearest(key, self.outer)
        if isinstance(key, str) and port.startswith("did you mean") and not hint.startswith("did you mean"):
            hint = port
        return NetError(f"{type(self).__name__} has no layer {brief(key)}", got=key, hint=hint)


def coder_of(net: Layer, port: str) -> Coder | None:
    """The coder that stands on a port of a net, if one does."""
    if hasattr(type(net), "coder"):  # containers and operators
        return net.coder(port)
    return net.given[port].coder if port in net.given else None


def topological(keys: list, edges: Iterable[tuple[End, End]]) -> tuple:
    """The keys so that sources come first, otherwise as they stand; a NetError names a cycle."""
    waits: dict[Any, set] = {key: set() for key in keys}
    feeds: dict[Any, list] = {key: [] for key in keys}
    for (source, _), (target, _) in edges:
        if source is not None and target is not None and source not in waits[target]:
            waits[target].add(source)
            feeds[source].append(target)
    ready, order = [key for key in reversed(keys) if not waits[key]], []
    while ready:
        key = ready.pop()
        order.append(key)
        for target in reversed(feeds[key]):
            waits[target].discard(key)
            if not waits[target]:
                ready.append(target)
    if len(order) < len(keys):
        cycle = _cycle({key: waits[key] for key in keys if waits[key]})
        raise NetError(
            f"the graph has a cycle: {' -> '.join(map(str, cycle))}",
            got=cycle,
            hint="a net is computed once, from inputs to outputs; for a loop use NetFoldOperator or NetNestOperator",
        )
    return tuple(order)


def _cycle(waits: dict[Any, set]) -> list:
    key, seen = next(iter(waits)), []
    while key not in seen:
        seen.append(key)
        key = next(each for each in waits if each in waits[key])
    loop = seen[seen.index(key) :]
    return [key, *reversed(loop)]


def port_slot(kind: str, name: str) -> Slot:
    """A port of a container, of whatever shape flows through it."""
    return Slot(kind, words_of(f"*{name}"))


def ports_of_kind(layer: Layer, kind: str) -> list[str]:
    """The names of a layer's ports of a kind ("in", "out", "state")."""
    return [name for name, slot in layer.ports().items() if slot.kind == kind]


__all__ = ["Automatic", "Container", "coder_of", "port_slot", "ports_of_kind", "topological"]
