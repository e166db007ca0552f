"""A recorded function cut into vertices: what tracing wrote down becomes the layers and edges of a graph."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.expressions import Expression
from wlnet.core.heads import Head
from wlnet.core.layer import Layer
from wlnet.core.ports import Shape, port_type
from wlnet.core.records import Call, Constant, Result, recording
from wlnet.core.refuse import brief
from wlnet.core.symbolic import Operand, Symbolic, operands
from wlnet.core.symbolic_arrays import SymbolicArray, array
from wlnet.core.symbols import Automatic, NetPort
from wlnet.core.tracing import expression_of, in_order, not_elementwise, parameters_of
from wlnet.layers.aggregation import AggregationLayer
from wlnet.layers.arrays import NetArrayLayer
from wlnet.layers.elementwise import ElementwiseLayer, ThreadingLayer
from wlnet.nets.container import ports_of_kind

LONGEST = 60
"""So many elementwise steps one after the other are one expression at most: Python reads no deeper brackets."""

RESERVED = ("net", "layers", "edges", "outer", "given", "arrays", "Function", "LearningRateMultipliers")
"""What no port can be called, since nets call something else so."""


def is_function(value: Any) -> bool:
    """Whether a setting is a function of arrays rather than a net."""
    return callable(value) and not isinstance(value, (Layer, type))


def recorded_function(function: Callable, options: Mapping[str, Any], label: str) -> tuple[dict, list]:
    """The layers and edges of the net that a Python function is, applied to ports of the types that options give."""
    names = parameters(function)
    ports = ("Input",) if len(names) == 1 else names
    symbols = {port: SymbolicArray(port, shape=shape_given(port, options, label)) for port in ports}
    by_name = dict(zip(names, symbols.values(), strict=True))
    with recording():
        return Cut(outputs(called(function, by_name)), symbols).graph()


def shape_given(port: str, options: Mapping[str, Any], label: str) -> Shape:
    """What an option says of the shape of a port; None where there is none."""
    try:
        return port_type(options.get(port, Automatic), port).shape((), port)
    except NetError as error:
        error.message = f"{label}: {error.message}"
        raise


def parameters(function: Callable) -> tuple[str, ...]:
    """The names of the parameters without a default; those of NumPy's functions and of heads are numbered."""
    if isinstance(function, (Head, np.ufunc)):
        least = function.nin if isinstance(function, np.ufunc) else max(function.least, 2 if function.infix else 1)
        return tuple(f"x{k}" for k in range(1, least + 1))
    names = parameters_of(function)
    for name in names if len(names) > 1 else ():
        if name in RESERVED:
            raise NetError(f"a parameter of a function that becomes a net must be called other than {name}", got=name)
    return names


def called(function: Callable, values: dict[str, SymbolicArray]) -> Any:
    """What a function gives; parameters that only have names get their values by name."""
    if isinstance(function, (Head, np.ufunc)):
        return function(*values.values())
    kinds = inspect.signature(function).parameters
    named = {name: value for name, value in values.items() if kinds[name].kind is inspect.Parameter.KEYWORD_ONLY}
    return function(*(value for name, value in values.items() if name not in named), **named)


def outputs(result: Any) -> dict[str, SymbolicArray]:
    """The output ports of what a function gives: one value, a tuple or list of several, or a dict by port."""
    if isinstance(result, Mapping):
        found = dict(result)
    elif isinstance(result, (tuple, list)) and (len(result) > 1 or operands(result)):
        names = [f"Output{k}" for k in range(1, len(result) + 1)] if len(result) > 1 else ["Output"]
        found = dict(zip(names, result, strict=True))
    else:
        found = {"Output": result}
    for port, value in found.items():
        if not isinstance(port, str) or not port:
            raise NetError(f"the name of an output port is a text, not {brief(port)}", got=port)
        if not isinstance(value, (Operand, np.ndarray, np.number, int, float)) or isinstance(value, bool):
            hint = "return an array, a tuple of arrays, or a dict of arrays by the name of the output port"
            raise NetError(f"the function gives {brief(value)} at {port}, which is no array", got=value, hint=hint)
    if not found:
        raise NetError("the function gives nothing", hint="return an array, a tuple of arrays, or a dict of arrays")
    return {port: array(value) for port, value in found.items()}


class Cut:
    """The vertices of a recorded function.

    An elementwise value that is read once, by another elementwise value, is part of that expression; every other value
    is a vertex. One net with arrays of its own is called once.
    """

    def __init__(self, results: dict[str, SymbolicArray], ports: dict[str, SymbolicArray]):
        self.results, self.ports = results, ports
        self.sources: dict[int, Any] = {id(symbol): NetPort(port) for port, symbol in ports.items()}
        self.layers: dict[str, Layer] = {}
        self.edges: list[tuple] = []
        self.numbers: dict[str, int] = {}  # how often a name is taken
        self.keys: dict[Any, str] = {}  # of calls, constants and NetArrays, which have one vertex each
        self.read: set[tuple] = set()  # the outputs of calls that somebody reads
        self.owners: dict[int, Call] = {}  # the nets with arrays of their own, and their one call

    def graph(self) -> tuple[dict[str, Layer], list[tuple]]:
        """The layers by name, and the edges between them."""
        order = in_order(tuple(self.results.values()))
        inside = joined(order, self.results)
        for value in order:
            if id(value) not in self.sources and id(value) not in inside:
                self.sources[id(value)] = self.vertex(value, inside)
        self.edges += [(self.sources[id(value)], NetPort(port)) for port, value in self.results.items()]
        self.mute()
        self.refuse_unused(order)
        return self.layers, self.edges

    def vertex(self, value: Symbolic, inside: set[int]) -> Any:
        """The vertex of a value, as the source of edges."""
        if isinstance(value.head, Head):
            return self.elementwise(value, inside)
        if isinstance(value.head, Result):
            return self.output(value)
        if isinstance(value.head, (str, type(None))) or not isinstance(value, SymbolicArray):
            raise not_elementwise(value.head)
        return self.array(value.head)

    def elementwise(self, value: Symbolic, inside: set[int]) -> Any:
        """An expression of the values that it reads."""
        known = {id(each): each for each in ends(value, inside)}
        names = ("x",) if len(known) == 1 else tuple(f"x{k}" for k in range(1, len(known) + 1))
        f = expression_of(value, names, list(known.values()))
        layer = ElementwiseLayer(f) if len(names) == 1 else threading(f, len(names))
        key = self.add(layer, label_of(f, "elementwise" if len(names) == 1 else "threading"))
        self.edges += [
            (self.sources[at], NetPort(key, port)) for at, port in zip(known, ports_of_kind(layer, "in"), strict=True)
        ]
        return NetPort(key, "Output")

    def output(self, value: Symbolic) -> Any:
        """An output of a net that was called; the call is one vertex, however many of its outputs are read."""
        call, place = value.head.call, value.head.place
        if call not in self.keys:
            self.refuse_second_call(call)
            self.keys[call] = key = self.add(call.net, label_of(call.net))
            for port, each in zip(call.ports, value.inputs, strict=True):
                self.edges.append((self.sources[id(each)], NetPort(key, port)))
        self.read.add((self.keys[call], *place))
        return NetPort(self.keys[call], *place)

    def array(self, held: Any) -> Any:
        """A vertex for a NetArray, or for constant numbers, which are not trained; equal ones are one."""
        if isinstance(held, Constant):
            name: Any = (held.array.shape, held.array.tobytes())
            layer = NetArrayLayer(Array=held.array, LearningRateMultipliers=None)
        else:
            name, layer = held, NetArrayLayer(Array=held)
        if name not in self.keys:
            self.keys[name] = self.add(layer, "constant" if isinstance(held, Constant) else held.name)
        return NetPort(self.keys[name], "Output")

    def add(self, layer: Layer, name: str) -> str:
        """Adds a vertex, under a number too where the name is taken."""
        number = self.numbers.get(name, 0) + 1
        key = name if number == 1 else f"{name}{number}"
        while key in self.layers:
            number += 1
            key = f"{name}{number}"
        self.numbers[name] = number
        self.layers[key] = layer
        return key

    def mute(self) -> None:
        """Leaves out the outputs of calls that nobody reads: else they were outputs of the graph."""
        for call, key in self.keys.items():
            for port in ports_of_kind(call.net, "out") if isinstance(call, Call) else ():
                if (key, port) not in self.read:
                    self.edges.append((NetPort(key, port), None))

    def refuse_second_call(self, call: Call) -> None:
        """One net with arrays of its own at two places would be two nets, whose arrays begin and train apart."""
        if self.owners.setdefault(id(call.net), call) is not call and has_own_arrays(call.net):
            raise NetError(
                f"{brief(call.net)} is called twice: do both places share its arrays?",
                got=call.net,
                hint="for one set of arrays call NetInsertSharedArrays(net) instead; for two, make two nets",
            )

    def refuse_unused(self, order: list[Symbolic]) -> None:
        """Refuses parameters that nothing reads."""
        seen = {id(value) for value in order}
        for port, symbol in self.ports.items():
            if id(symbol) not in seen:
                parameter = "its parameter" if len(self.ports) == 1 else f"its parameter {port}"
                hint = "leave it out, or give it a default to make it a constant"
                raise NetError(f"the function does not use {parameter}", got=port, hint=hint)


def threading(f: Expression, count: int) -> Layer:
    """A function of several arrays, aligned as NumPy aligns them."""
    return ThreadingLayer(f.name, 1, InputPorts=count) if f.name else ThreadingLayer(f, 1)


def joined(order: list[Symbolic], results: Mapping[str, Symbolic]) -> set[int]:
    """The elementwise values that are part of an expression: read once, by another elementwise value."""
    readers: dict[int, list[Any]] = {id(value): [None] for value in results.values()}
    for value in order:
        for each in operands(value.inputs):
            readers.setdefault(id(each), []).append(value)
    depth: dict[int, int] = {}
    inside: set[int] = set()
    for value in order:
        if isinstance(value.head, Head):
            parts = [depth.get(id(each), 0) for each in operands(value.inputs) if id(each) in inside]
            depth[id(value)] = 1 + max(parts, default=0)
            read_by = readers[id(value)]
            single = len(read_by) == 1 and read_by[0] is not None and isinstance(read_by[0].head, Head)
            if single and depth[id(value)] < LONGEST:
                inside.add(id(value))
    return inside


def ends(value: Symbolic, inside: set[int]) -> list[Symbolic]:
    """What an expression reads, in the order in which it does."""
    found: dict[int, Symbolic] = {}
    stack = list(reversed(operands(value.inputs)))
    while stack:
        each = stack.pop()
        if id(each) in inside:
            stack.extend(reversed(operands(each.inputs)))  # type: ignore[attr-defined]
        else:
            found[id(each)] = each  # type: ignore[assignment]
    return list(found.values())


def label_of(vertex: Any, otherwise: str = "") -> str:
    """The name of a vertex after what it is: tanh, mean, linear, chain."""
    name = getattr(vertex, "name", None) if isinstance(vertex, Expression) else getattr(vertex, "f", None)
    if isinstance(vertex, (Expression, ElementwiseLayer, ThreadingLayer, AggregationLayer)) and isinstance(name, str):
        return name.lower()
    return otherwise or type(vertex).__name__.removeprefix("Net").removesuffix("Layer").removesuffix("Operator").lower()


def has_own_arrays(net: Layer) -> bool:
    """Whether a net has arrays to train that are not shared by name."""
    own = [name for name, slot in net.ports().items() if slot.kind == "learned"]
    held = [net.arrays.get(name, Automatic) for name in own]
    if any(each is not None and not hasattr(each, "array_key") for each in held):
        return True
    return any(map(has_own_arrays, net.subnets().values()))
