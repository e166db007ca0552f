"""What operators share: layers that hold nets and run them in a way of their own, over a sequence, again, in pairs."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, ValidationInfo

from wlnet.core.declared import abstract
from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.ports import Coder
from wlnet.core.relations import Node
from wlnet.core.slots import Slot, words_of
from wlnet.core.solver import Solver
from wlnet.core.types import Same
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, ports_of_kind
from wlnet.nets.shorthand import as_layer


def held_net(value: Any, info: ValidationInfo) -> Layer:
    """The net that an argument of an operator stands for: a net, or what may stand for a layer in a chain."""
    label = (info.config or {}).get("title") or "the operator"
    return as_layer(value, NetChain, f"{label}: {info.field_name}")


NetField = Annotated[Any, BeforeValidator(held_net)]
"""The type of an argument that is a net: NetMapOperator([64, Ramp, 32]) is taken as NetMapOperator(NetChain(…))."""


@abstract
class Operator(Layer):
    """A layer that holds nets, by the names under which NetExtract, rules and paths know them.

    `held` says which argument is which: {"net": "Net"}. An operator states in `relate` how its ports go with those of
    its nets, and runs them in `run`, by `run_net`. States of layers inside begin at zero at each application, and
    nobody sees them; statistics that training moves go on.
    """

    held: ClassVar[Mapping[str, str]] = {"net": "Net"}
    directions: ClassVar[Mapping[str, int]] = {}  # -1 for a net that training leads up where the others go down
    runs_once: ClassVar[bool] = False  # whether each net runs once for an example, so that values inside can be read
    losses: ClassVar[tuple[str, ...]] = ()  # outputs that are losses; its other outputs are then not trained

    @classmethod
    def has_arrays(cls) -> bool:
        return True

    def subnets(self) -> dict[Any, Layer]:
        return {key: self.__dict__[field] for field, key in self.held.items()}

    def with_subnets(self, nets: dict[Any, Layer]) -> Layer:
        return self.with_fields(**{field: nets[key] for field, key in self.held.items()}).checked()

    def checked(self) -> "Operator":
        """The same, of which `check` has nothing to say: what surgery puts in is what the constructor takes."""
        try:
            self.check()
        except ValueError as error:
            hint = getattr(error, "hint", None)
            raise NetError(f"{type(self).__name__}: {error}", hint=hint) from None
        return self

    # --- for the solver -----------------------------------------------------------------------------------------------

    def wire(self, solver: Solver, path: tuple) -> None:
        self.say_given(solver, path)
        for key, net in self.subnets().items():
            net.wire(solver, (*path, key))
        self.relate(solver, path)

    def relate(self, solver: Solver, path: tuple) -> None:
        """States how the ports go with those of the nets inside."""
        raise TypeError(f"{type(self).__name__} does not say how its ports go with those of its nets")

    def relate_ports(
        self, solver: Solver, path: tuple, pairs: list[tuple[str, Slot, tuple, Slot]], rules: list | None = None
    ) -> Node:
        """Relates ports with ports of nets inside: (own port, its words, (path, port) inside, its words).

        Words are shared by all; values are the same on both sides of each pair.
        """
        label = type(self).__name__
        for port, slot, place, _ in pairs:  # before the shapes: of the relations of one path the plan keeps the last
            both = solver.relate(path, label, {port: Slot(slot.kind, words_of("*own"), Same())}, [], {})
            solver.link(both, self.inner_name(place), Slot("aside", words_of("*inner"), Same()), solver.var(*place))
        node = solver.relate(path, label, {port: slot for port, slot, _, _ in pairs}, rules or [], {})
        for _, _, place, inside in pairs:
            solver.link(node, self.inner_name(place), inside, solver.var(*place))
        return node

    def inner_name(self, place: tuple) -> str:
        """What messages call a port of a net inside."""
        return f"{place[1]} of its {place[0][-1]}"

    # --- running ------------------------------------------------------------------------------------------------------

    def run_net(
        self, xp: Any, arrays: Mapping[tuple, Any], inputs: Mapping[str, Any], path: tuple, key: str = "Net"
    ) -> tuple[dict, dict]:
        """The outputs of a net inside, and the next values of its statistics."""
        outputs, following = self.subnets()[key].run(xp, arrays, inputs, (*path, key))
        start = len(path)
        return outputs, {place: value for place, value in following.items() if place[start:] in self.statistics}

    @cached_property
    def statistics(self) -> frozenset[tuple]:
        """Where the arrays inside are that training moves, as paths from the operator."""
        return frozenset(
            place for key, net in self.subnets().items() for place in arrays_of_kind(net, "moving", (key,))
        )

    # --- ports --------------------------------------------------------------------------------------------------------

    def coder(self, port: str) -> Coder | None:
        """The coder of one of its ports: its own, or what `inner_coder` makes of one that stands inside."""
        if port in self.given and self.given[port].coder is not None:
            return self.given[port].coder
        return None

    def inner_end(self, port: str) -> tuple[str, str] | None:
        """The port inside that one of its own goes with: (key of a net, its port); None where there is none."""
        return None

    def behind(self, port: str) -> tuple[Layer, str] | None:
        """The net inside whose output this output port is, for those who ask what layer comes last."""
        end = None if self.losses else self.inner_end(port)
        return None if end is None else (self.subnets()[end[0]], end[1])

    def only_port(self, net: Layer, kind: str, what: str = "net") -> str:
        """The one input or output port of a net inside; `check` asks for it first."""
        names = ports_of_kind(net, kind)
        if len(names) != 1:
            side = {"in": "input", "out": "output"}[kind]
            listed = f"{len(names)}: {', '.join(names)}" if names else "none"
            raise ValueError(f"{what} must have exactly one {side} port, but has {listed}")
        return names[0]


def facing(slot: Slot, words: tuple | None = None) -> Slot:
    """A port of a net inside as the operator sees it: it gives what the net takes."""
    return Slot("out" if slot.kind == "in" else "in", slot.words if words is None else words)


def source_of(net: Layer, port: str) -> tuple[Layer, str]:
    """The layer that comes last before an output port, and its port: of what an operator maps or nests, the last."""
    while True:
        if isinstance(net, Container):
            source = next((source for source, target in net.edges if target == (None, port)), (None, port))
            if source[0] is None:
                return net, port
            net, port = net.layers[source[0]], source[1]
        elif isinstance(net, Operator) and net.behind(port) is not None:
            net, port = net.behind(port)  # type: ignore[misc]
        else:
            return net, port


def arrays_of_kind(net: Layer, kind: str, path: tuple = ()) -> Iterator[tuple]:
    """Where the arrays or states of a kind are in a net."""
    yield from ((*path, name) for name in ports_of_kind(net, kind))
    for key, inner in net.subnets().items():
        yield from arrays_of_kind(inner, kind, (*path, key))


__all__ = ["NetField", "Operator", "arrays_of_kind", "facing", "source_of"]
