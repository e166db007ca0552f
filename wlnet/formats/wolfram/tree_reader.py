"""Trees of associations as nets: every version's, with what differs brought to one form."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, NetWarning, nearest
from wlnet.core.expressions import Expression
from wlnet.core.heads import HEADS
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.shared import NetArray
from wlnet.core.source import same
from wlnet.core.symbols import Automatic, NetPort
from wlnet.formats.makers import given_port
from wlnet.formats.wolfram.arrays import array_of, holds_numbers
from wlnet.formats.wolfram.expressions import Call, is_call, is_symbol, pairs_of
from wlnet.formats.wolfram.layer_types import RENAMED, LayerType, layer_types, parameter_of, row_of
from wlnet.formats.wolfram.port_types import StoredType, stored_type
from wlnet.formats.wolfram.scalar_functions import recorded
from wlnet.formats.wolfram.tree_parts import (
    Place,
    is_end,
    is_rules,
    is_size_type,
    named_parts,
    no_arrays,
    parts_of,
    port_of,
)
from wlnet.formats.wolfram.values import ValueReader
from wlnet.layers.nary import NaryLayer
from wlnet.nets.chain import NetChain
from wlnet.nets.container import ports_of_kind
from wlnet.nets.graph import NetGraph

MISTAKES = (TypeError, ValueError, AttributeError, KeyError, IndexError, ArithmeticError)
"""What constructors, written for mistakes of people, may make of a damaged file beside a NetError."""


@dataclass
class TreeReader:
    """Nets from trees.

    notes: what wlnet wrote beside the tree; None where another program wrote it. arrays: what makes an array of a slot
    that is an ExportedArray. shared: the values of shared arrays by name. wanted: where port types of the tree are
    given to the net; what other places say is inferred again. stored: what the tree says of ports, to compare.
    """

    notes: Mapping[Place, Mapping[str, Any]] | None = None
    arrays: Callable[[Call, Place], Any] = no_arrays
    shared: Mapping[str, Any] = field(default_factory=dict)
    wanted: Callable[[Place, str, str], bool] = lambda place, side, port: not place and side == "Inputs"
    stored: dict[tuple[Place, str], StoredType] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = ValueReader(self.net)
        self.types = layer_types()

    def net(self, node: Any, place: Place) -> Layer:
        """The net of a node."""
        parts = parts_of(node, place, "a net")
        kind = parts.get("Type")
        if not isinstance(kind, str):
            raise NetError("a net does not say its type", path=place)
        if kind in ("Chain", "Graph"):
            return self.container(kind, parts, place)
        return self.layer(node, place)

    def noted(self, place: Place) -> dict[str, Any]:
        """What is noted of a place, as settings."""
        found = (self.notes or {}).get(place, {})
        return {name: self.values.value(each, (*place, name)) for name, each in found.items()}

    # --- ports --------------------------------------------------------------------------------------------------------

    def given(self, parts: Mapping[str, Any], place: Place, noted: dict[str, Any]) -> dict[str, Any]:
        """The port types to give: those that were noted, or what the tree says where it counts."""
        if self.notes is not None:
            ports = noted.pop("Ports", {})
            if not isinstance(ports, dict) or not all(isinstance(name, str) for name in ports):
                raise NetError("what is noted of its ports is no association", path=place)
            try:
                return {name: given_port(spec) for name, spec in ports.items()}
            except NetError as error:
                raise error.inside(place) from None
        found = {}
        for side in ("Inputs", "Outputs"):
            for name, each in named_parts(parts.get(side), place, side.lower()).items():
                kind = stored_type(each, lambda value: self.values.value(value, place), place)
                self.stored[place, name] = kind
                if kind.coder is not None or self.wanted(place, side, name):
                    found[name] = kind.setting
        return {name: each for name, each in found.items() if each is not Automatic}

    # --- containers ---------------------------------------------------------------------------------------------------

    def container(self, kind: str, parts: Mapping[str, Any], place: Place) -> Layer:
        """A chain or graph."""
        noted = self.noted(place)
        nodes = named_parts(parts.get("Nodes"), place, "layers")
        layers = {name: self.net(node, (*place, name)) for name, node in nodes.items()}
        keys = self.keys(list(layers), noted, place)
        held: dict[Any, Layer] = dict(zip(keys, layers.values(), strict=True))
        options = self.options(parts, place, noted)
        listing: Any = list(held.values()) if keys == list(range(1, len(keys) + 1)) else held
        named = dict(zip(layers, keys, strict=True))
        if kind == "Chain" and self.is_chain(parts, list(nodes), place):
            return made("NetChain", NetChain, (listing,), options, place)
        return made("NetGraph", NetGraph, (listing, self.edges(parts, named, held, place)), options, place)

    def keys(self, names: list[str], noted: Mapping[str, Any], place: Place) -> list:
        """The keys of layers: their positions, where the names are these."""
        keys = noted.get("Keys")
        if keys is not None:
            if len(keys) != len(names) or len(set(keys)) < len(keys):
                raise NetError("what is noted of its layers does not fit", path=place)
            return list(keys)
        counted = names == [str(k) for k in range(1, len(names) + 1)]
        return list(range(1, len(names) + 1)) if counted else names

    def is_chain(self, parts: Mapping[str, Any], names: list[str], place: Place) -> bool:
        """Whether the edges between layers are those of a chain, as a chain's have to be."""
        inner = [
            (source.arguments[1], target.arguments[1])
            for target, source in self.rules(parts, place)
            if len(source.arguments) == 4 and len(target.arguments) == 4
        ]
        if sorted(inner, key=str) != sorted(zip(names, names[1:], strict=False), key=str):
            raise NetError("the edges of a chain do not lead from each layer to the next", path=place)
        return True

    def rules(self, parts: Mapping[str, Any], place: Place) -> list[tuple[Call, Call]]:
        """The edges as (destination, source)."""
        edges = parts.get("Edges")
        pairs = pairs_of(edges) if is_call(edges, "List") else None
        if pairs is None or not all(is_end(end) for pair in pairs for end in pair):
            raise NetError("its edges are no rules of NetPaths", path=place)
        return pairs

    def edges(self, parts: Mapping[str, Any], keys: Mapping[str, Any], held: Mapping[Any, Layer], place: Place) -> list:
        """The edges as a user writes them; outputs that none reads are left out."""
        found: list = []
        for target, source in self.rules(parts, place):
            found.append((port_of(source, keys, place), port_of(target, keys, place)))
        read = {source.spec for source, _ in found}
        open_ports = [(key, port) for key, layer in held.items() for port in ports_of_kind(layer, "out")]
        return [*found, *((NetPort(*end), None) for end in open_ports if end not in read)]

    # --- layers -------------------------------------------------------------------------------------------------------

    def layer(self, node: Any, place: Place) -> Layer:
        """A layer or operator."""
        parts = parts_of(node, place, "a layer")
        said = str(parts.get("Type"))
        kind = RENAMED.get(said, said).removesuffix("Layer")
        if kind not in self.types:
            hint = nearest(said, self.types, 0.75)
            hint = hint if hint.startswith("did you mean") else "wlnet knows the layers of docs/coverage.md"
            raise NetError(f"it holds a layer of type {brief(said)}, which wlnet does not have", path=place, hint=hint)
        row, noted = row_of(kind), self.noted(place)
        settings = self.parameters(kind, parts, place)
        inputs = list(named_parts(parts.get("Inputs"), place, "inputs"))
        arrays = self.slots(parts, row, noted, place)
        if issubclass(self.types[kind], NaryLayer):
            settings |= input_settings(settings.get("f"), inputs)
        options = self.options(parts, place, noted)
        settings = {name: value for name, value in (settings | noted).items() if name not in arrays}
        arguments = (settings.pop("net"),) if kind == "Function" and "net" in settings else ()
        return made(self.types[kind].__name__, self.types[kind], arguments, settings | arrays | options, place)

    def options(self, parts: Mapping[str, Any], place: Place, noted: dict[str, Any]) -> dict[str, Any]:
        """The port types, and the multipliers of learning rates."""
        found = self.given(parts, place, noted)
        rates = self.values.value(parts.get("LearningRateMultipliers", Automatic), place)
        if rates not in (Automatic, None, ()):
            found["LearningRateMultipliers"] = dict(rates) if isinstance(rates, tuple) and is_rules(rates) else rates
        return found

    def parameters(self, kind: str, parts: Mapping[str, Any], place: Place) -> dict[str, Any]:
        """The settings of a layer by our names."""
        row = row_of(kind)
        ours = {parameter_of(kind, name): name for name in self.types[kind].model_fields}
        found: dict[str, Any] = {}
        for said, each in named_parts(parts.get("Parameters"), place, "parameters").items():
            parameter = row.older.get(said, said)
            if parameter.startswith("$") or parameter in row.derived:
                continue
            name = ours.get(parameter)
            if name is None:
                warn_parameter(kind, said, place)
                continue
            if kind in ("Elementwise", "Threading") and name == "f":
                found[name] = self.function(kind, each, list(named_parts(parts.get("Inputs"), place, "inputs")), place)
                continue
            value = self.values.value(each, (*place, name))
            if is_symbol(value, "SizeT", "NaturalT", "SizeListT") or is_size_type(each):
                continue
            value = row.reads[name](value) if name in row.reads else value
            if not same(value, self.types[kind].model_fields[name].get_default()):
                found[name] = value
        return found

    def function(self, kind: str, expression: Any, inputs: list[str], place: Place) -> Any:
        """The function of an elementwise or threading layer, whose parameters are called as its ports."""
        try:
            found = recorded(expression)
            if isinstance(found, str) or found.name is not None or kind == "Elementwise":
                return found if isinstance(found, str) else found.name or found
            if len(inputs) == len(found.parameters) and all(name.isidentifier() for name in inputs):
                return Expression(tuple(inputs), found.steps, found.result)
            return found
        except NetError as error:
            raise error.inside(place) from None

    def slots(self, parts: Mapping[str, Any], row: LayerType, noted: Mapping[str, Any], place: Place) -> dict[str, Any]:
        """The arrays of a layer by our names."""
        found: dict[str, Any] = {}
        for said, slot in named_parts(parts.get("Arrays"), place, "arrays").items():
            name = row.older.get(said, said)
            array = self.array(slot, (*place, name))
            if isinstance(array, NetArray) and isinstance(noted.get(name), NetArray):
                array = noted[name].with_value(array.array)
            if array is not Automatic:
                found[name] = array
        return found

    def array(self, slot: Any, place: Place) -> Any:
        """What stands in the slot of an array: numbers, None, a shared array, or nothing yet."""
        if is_symbol(slot, "None"):
            return None
        if is_call(slot, "NetSharedArray", "NetArray") and slot.arguments and isinstance(slot.arguments[0], str):
            value = self.shared.get(slot.arguments[0], Automatic)
            return NetArray.made(slot.arguments[0], value, Automatic, Automatic)
        if is_call(slot, "ExportedArray"):
            return self.arrays(slot, place)
        if isinstance(slot, (np.ndarray, NetArray)) or holds_numbers(slot):
            return array_of(slot, place)
        return Automatic


def input_settings(function: Any, inputs: list[str]) -> dict[str, Any]:
    """The option InputPorts of an n-ary layer, by the names of its inputs."""
    if not inputs or isinstance(function, Expression):
        return {}
    if inputs != [f"Input{k}" for k in range(1, len(inputs) + 1)]:
        return {"InputPorts": inputs}
    fixed = isinstance(function, str) and HEADS[function].least == HEADS[function].most
    return {} if fixed else {"InputPorts": len(inputs)}


def warn_parameter(kind: str, name: str, place: Place) -> None:
    """A parameter that is left out, since nobody knows what it means."""
    text = f"{'/'.join(['net', *map(str, place)])}: the parameter {brief(name)} of {kind} is not known and left out"
    warnings.warn(text, NetWarning, stacklevel=2)


def made(name: str, maker: Callable, arguments: tuple, options: dict[str, Any], place: Place) -> Layer:
    """What a constructor makes, or a NetError that says where it cannot."""
    typed = {key: value for key, value in options.items() if isinstance(key, str)}
    try:
        return maker(*arguments, **typed)
    except NetError as error:
        raise error.inside(place) from None
    except MISTAKES as error:
        said = f"a {name} cannot be made of what it holds ({type(error).__name__}: {error})"
        raise NetError(said, path=place) from None


__all__ = ["TreeReader"]
