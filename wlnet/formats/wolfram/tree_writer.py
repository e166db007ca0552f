"""Nets as trees of associations: what Wolfram keeps of a net in its files.

What a tree of Wolfram's does not say (which port types the user gave, how he wrote a setting) stands beside it, in
notes by place, so that a net comes back equal; a reader that does not know them reads
the same net with shapes inferred.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.expressions import Expression, Ref
from wlnet.core.heads import HEADS
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.core.shared import NetArray, shared_arrays
from wlnet.core.source import same
from wlnet.core.symbols import Automatic, Symbol
from wlnet.formats.wolfram.derived import Facts, derived_parameters
from wlnet.formats.wolfram.expressions import Call, association, call, listed, rule
from wlnet.formats.wolfram.layer_types import parameter_of, row_of, type_name
from wlnet.formats.wolfram.port_types import TypeWriter
from wlnet.formats.wolfram.scalar_functions import default_names, function_object
from wlnet.formats.wolfram.tree_parts import Place
from wlnet.formats.wolfram.tree_reader import TreeReader
from wlnet.formats.wolfram.values import ValueWriter
from wlnet.layers.elementwise import ElementwiseLayer, ThreadingLayer
from wlnet.layers.nary import NaryLayer
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, coder_of
from wlnet.nets.graph import NetGraph

SIDES = {"in": "Inputs", "out": "Outputs", "aside": "Outputs", "state": "States"}
"""Where a kind of port stands in a tree."""

APART = ("given", "arrays", "layers", "edges", "outer", "LearningRateMultipliers", "Function")
"""Fields that are no parameters of layers."""


@dataclass
class TreeWriter:
    """Nets as trees. `keep` makes of an array what stands in its slot; `notes` is what a tree does not say."""

    plan: Plan
    keep: Callable[[np.ndarray], Any] = lambda array: array
    notes: dict[Place, dict[str, Any]] = field(default_factory=dict)
    types: TypeWriter = field(default_factory=TypeWriter)

    def root(self, net: Layer) -> Call:
        """The tree of a whole net, with the values of its shared arrays."""
        tree = self.node(net, (), ())
        shared = shared_arrays(net)
        if not shared:
            return tree
        slots = ((name, self.slot(array.value(), name)) for name, array in shared.items())
        return Call(tree.head, (*tree.arguments, rule("SharedArrays", association(slots))))

    def node(self, net: Layer, path: tuple, place: Place) -> Call:
        """The tree of a net that stands at a path of the plan and at a place of the tree."""
        if type(net) in (NetChain, NetGraph):
            parts = self.container(net, path, place)  # type: ignore[arg-type]
        else:
            parts = self.layer(net, path, place)
        parts |= {side: association(self.ports(net, path, place, side)) for side in ("Inputs", "Outputs")}
        if net.LearningRateMultipliers is not Automatic:
            value = self.values(net, path).expression(net.LearningRateMultipliers, place)
            parts["LearningRateMultipliers"] = value
        if net.given:
            self.note(place, "Ports", self.values(net, path).expression(net.given, place))
        tree = association(parts.items())
        if type(net) not in (NetChain, NetGraph):
            self.note_settings(net, tree, path, place)
        return tree

    def note(self, place: Place, name: str, value: Any) -> None:
        """Keeps what a tree does not say of a place."""
        self.notes.setdefault(place, {})[name] = value

    # --- ports --------------------------------------------------------------------------------------------------------

    def ports(self, net: Layer, path: tuple, place: Place, side: str) -> list[tuple[str, Any]]:
        """The types of the ports of one side."""
        kinds = ("in",) if side == "Inputs" else ("out",)
        found = []
        for name, slot in net.ports().items():
            if slot.kind in kinds:
                kind = self.types.expression(self.plan.shape(path, name), self.plan.types.get((path, name)))
                coder = coder_of(net, name)
                if coder is not None:
                    head = self.values(net, path).expression(coder, (*place, name))
                    kind = Call(head.head, (*head.arguments, kind))
                found.append((name, kind))
        return found

    # --- containers ---------------------------------------------------------------------------------------------------

    def container(self, net: Container, path: tuple, place: Place) -> dict[str, Any]:
        """A chain or graph."""
        keys = list(net.layers)
        names = [str(key) for key in keys]
        if len(set(names)) < len(names):
            names = [str(k) for k in range(1, len(keys) + 1)]
        plain = keys == list(range(1, len(keys) + 1))
        counted = names == [str(k) for k in range(1, len(keys) + 1)]
        if (not plain) if counted else any(not isinstance(key, str) for key in keys):
            self.note(place, "Keys", listed(keys))
        nodes = [
            (name, self.node(net.layers[key], (*path, key), (*place, name)))
            for key, name in zip(keys, names, strict=True)
        ]
        named = dict(zip(keys, names, strict=True))
        edges = listed(
            rule(self.end(net, named, target, 1), self.end(net, named, source, 0)) for source, target in net.edges
        )
        kind = "Chain" if isinstance(net, NetChain) else "Graph"
        return {"Type": kind, "Nodes": association(nodes), "Edges": edges}

    def end(self, net: Container, names: dict[Any, str], end: tuple[Any, str], target: int) -> Call:
        """One end of an edge: NetPath["Nodes", "2", "Inputs", "Input"], or NetPath["Inputs", "Input"]."""
        key, port = end
        if key is None:
            return call("NetPath", "Outputs" if target else "Inputs", port)
        return call("NetPath", "Nodes", names[key], SIDES[net.layers[key].ports()[port].kind], port)

    # --- layers -------------------------------------------------------------------------------------------------------

    def layer(self, net: Layer, path: tuple, place: Place) -> dict[str, Any]:
        """A layer or operator: its arrays and parameters."""
        kind = type_name(net)
        arrays = [
            (name, self.slot(net.arrays.get(name, Automatic), name))
            for name, slot in net.ports().items()
            if slot.is_array
        ]
        return {"Type": kind, "Arrays": association(arrays), "Parameters": self.parameters(net, kind, path, place)}

    def slot(self, value: Any, name: str) -> Any:
        """What stands in the slot of an array."""
        if isinstance(value, NetArray):
            return call("NetSharedArray", value.name)
        if value is None:
            return Symbol("None")
        return value if value is Automatic else self.keep(value)

    def parameters(self, net: Layer, kind: str, path: tuple, place: Place) -> Call:
        """The parameters by Wolfram's names; what the plan knows of an open one is written."""
        facts, values, row = Facts(net, self.plan, path), self.values(net, path), row_of(kind)
        found: dict[str, Any] = {}
        for name in parameters_of(net):
            value = net.__dict__[name]
            parameter = parameter_of(kind, name)
            if parameter in row.derived:
                continue
            word = facts.word(name) if name.islower() else Automatic
            value = word if type(word) in (int, tuple) else value
            if name in row.writes:
                value = row.writes[name](value, facts.rank)
            if name == "f" and isinstance(net, (ElementwiseLayer, ThreadingLayer)):
                found[parameter] = scalar_function(net)
            else:
                found[parameter] = values.expression(value, (*place, name))
        for name, value in derived_parameters(kind, facts).items():
            found[name] = values.expression(value, place)
        return association(found.items())

    def values(self, net: Layer, path: tuple) -> ValueWriter:
        """The writer of the settings of a net, which may hold nets."""

        def inner(held: Layer, place: Place) -> Call:
            keys = [key for key, each in net.subnets().items() if each is held]
            return self.node(held, (*path, *keys[:1]), place)

        return ValueWriter(inner)

    def note_settings(self, net: Layer, tree: Call, path: tuple, place: Place) -> None:
        """Notes every setting that would come back otherwise."""
        values, notes = self.values(net, path), dict(self.notes)
        try:
            back: Any = TreeReader(notes, arrays=lambda slot, place: slot).layer(tree, place)
        except NetError:
            back = None
        for name in parameters_of(net, True):
            value = net.__dict__[name]
            if back is None or not same(value, back.__dict__[name]):
                self.note(place, name, values.expression(value, (*place, name)))
        for name, array in net.arrays.items():
            if isinstance(array, NetArray) and (array.method is not Automatic or array.dims is not Automatic):
                said = NetArray.made(array.name, Automatic, array.method, array.dims)
                self.note(place, name, values.expression(said, place))


def parameters_of(net: Layer, inputs: bool = False) -> list[str]:
    """The fields of a layer that are its parameters; of an n-ary layer the tree says the inputs by its ports."""
    apart: tuple[str, ...] = (*APART, "InputPorts") if isinstance(net, NaryLayer) and not inputs else APART
    if type_name(net) == "Pooling":
        apart = tuple(name for name in apart if name != "Function")
    return [name for name in type(net).model_fields if name not in apart]


def scalar_function(net: Any) -> Any:
    """The function of an elementwise or threading layer; a head whose number of inputs is open is its symbol."""
    if isinstance(net.f, Expression):
        return function_object(net.f)
    count = 1 if isinstance(net, ElementwiseLayer) else len(net.inputs)
    if not HEADS[net.f].least <= count <= HEADS[net.f].most:
        return call("ValidatedParameter", Symbol(net.f))
    refs = tuple(map(Ref, range(count)))
    return function_object(Expression(default_names(count), ((net.f, refs),), Ref(count)))


__all__ = ["TreeWriter"]
