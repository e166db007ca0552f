"""An ONNX graph as a net: its nodes are read one after the other, over arrays that are recorded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import onnx

from wlnet.core.dims import Length, NotYet, Refusal
from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.records import recording
from wlnet.core.symbolic_arrays import SymbolicArray
from wlnet.core.tracing import in_order
from wlnet.formats.onnx.reading import operators
from wlnet.formats.onnx.reading.fold import folded
from wlnet.formats.onnx.reading.node import RAW, Needed, Node
from wlnet.formats.onnx.reading.ports import Port, Reading, readings
from wlnet.formats.onnx.reading.sizes import open_sizes
from wlnet.formats.onnx.reading.values import Value, known
from wlnet.formats.onnx.tensors import KINDS, array_of, attribute_of
from wlnet.layers.elementwise import ElementwiseLayer
from wlnet.nets.cutting import RESERVED, Cut
from wlnet.nets.graph import NetGraph
from wlnet.nets.recording import applied

DOMAINS = {"ai.onnx": ""}
"""Other names of ONNX's own domain."""

SLIPS = (ValueError, TypeError, KeyError, IndexError, ZeroDivisionError, OverflowError, AttributeError, AssertionError)
"""What a node whose attributes or inputs are of the wrong kind may come to."""


SHAPED = ("Expand", "Tile")
"""What takes known numbers to a shape that may be open; the numbers are no sizes."""


def open_among(values: list[Value | None]) -> bool:
    """Whether sizes that are open are among known numbers."""
    return any(each is not None and each.is_known and each.array.dtype == object for each in values)


class Graph:
    """What a file holds: the model, the folder it stands in, and what is asked of the reading."""

    def __init__(self, model: onnx.ModelProto, folder: Any, dimensions: dict, constants: dict, batch: Any):
        self.model, self.folder, self.constants = model, folder, constants
        self.graph = model.graph
        self.opsets = {DOMAINS.get(each.domain, each.domain): each.version for each in model.opset_import}
        self.stored = {tensor.name: tensor for tensor in self.graph.initializer}
        self.arrays: dict[str, Value] = {}
        self.refuse_unreadable()
        self.nodes = [self.node(each) for each in self.graph.node]
        self.readers = Counter(name for node in self.nodes for name in node.inputs)
        self.readings = readings(self.inputs(), dimensions, constants, batch)

    def refuse_unreadable(self) -> None:
        """Refuses operators that no net has, by name, and a graph that is not one."""
        texts = [
            text
            for each in self.graph.node
            for text in (each.name, each.op_type, each.domain, *each.input, *each.output)
        ]
        texts += [each.name for held in (self.graph.input, self.graph.output, self.graph.initializer) for each in held]
        texts += [each.name for node in self.graph.node for each in node.attribute] + list(self.opsets)
        if not all(isinstance(text, str) for text in texts):  # protobuf gives bytes where they are no text
            raise NetError("the model is damaged: a name in it is no text")
        for each in self.graph.node:
            domain = DOMAINS.get(each.domain, each.domain)
            if (domain, each.op_type) not in operators.OPERATORS:
                node = Node(each.op_type, each.name, domain, self.version(domain), {}, [], list(each.output))
                raise operators.refusal(node)
        if self.graph.sparse_initializer:
            raise NetError("the model holds sparse arrays, which are not read")
        names = [name for each in self.graph.node for name in each.output if name]
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise NetError(f"two nodes give {twice[0]!r}", got=twice[0])
        if not self.graph.output:
            raise NetError("the model has no outputs")

    def version(self, domain: str) -> int:
        """The operator set of a domain that the model says."""
        return self.opsets.get(domain, 1)

    def node(self, proto: onnx.NodeProto) -> Node:
        """A node with its attributes."""
        domain = DOMAINS.get(proto.domain, proto.domain)
        found = Node(proto.op_type, proto.name, domain, self.version(domain), {}, list(proto.input), list(proto.output))
        try:
            found.attributes = {each.name: attribute_of(each, self.folder) for each in proto.attribute}
        except NetError as error:
            raise NetError(f"{found.label}: {error.message}") from None
        return found

    def inputs(self) -> Iterator[Port]:
        """The inputs that have no value in the file."""
        for each in self.graph.input:
            if each.name in self.stored:
                continue
            if each.type.WhichOneof("value") != "tensor_type" or each.type.tensor_type.elem_type not in KINDS:
                raise NetError(f"the input {each.name!r} is no array of numbers", got=each.name)
            tensor = each.type.tensor_type
            dims = None
            if tensor.HasField("shape"):
                dims = tuple(dim.dim_value if dim.dim_value > 0 else dim.dim_param or None for dim in tensor.shape.dim)
            yield Port(each.name, np.dtype(KINDS[tensor.elem_type]), dims)

    def shared_name(self, value: Value) -> str:
        """The name of an array of the file that several nodes read; empty for others."""
        return next((name for name, held in self.arrays.items() if held is value and self.readers[name] > 1), "")

    def stored_value(self, name: str) -> Value:
        """An array of the file, read when it is asked for."""
        if name not in self.arrays:
            self.arrays[name] = known(array_of(self.stored[name], self.folder))
        return self.arrays[name]

    def net(self) -> Layer:
        """The net, in the first reading of its inputs in which it is one."""
        first: NetError | None = None
        for reading in self.readings:
            try:
                return Walk(self, reading).net()
            except Needed:
                raise
            except NetError as error:
                first = first or error
        raise first or NetError("the model has no inputs that can be read")


class Walk:
    """One reading of a graph: the value of each name, as node after node is read."""

    def __init__(self, graph: Graph, reading: Reading):
        self.graph, self.reading = graph, reading
        self.values: dict[str, Value] = {}
        self.ports: dict[str, SymbolicArray] = {}
        self.merged: set[str] = set()
        self.lengths: dict[Length, tuple[Value, int]] = {}
        for port in reading.ports:
            symbol = SymbolicArray(port.name, shape=port.symbolic)
            self.ports[port.name] = symbol
            self.values[port.name] = Value(symbol, port.kind, port.batch, reading.count)
        for name, array in graph.constants.items():
            self.values[name] = known(array)

    def input_named(self, value: Value) -> str:
        """The input of the graph that a value is; empty where it is computed."""
        return next((name for name, symbol in self.ports.items() if symbol is value.array), "")

    def value(self, name: str, reader: str) -> Value | None:
        """The value of a name; None for an optional input that is left out."""
        if not name:
            return None
        if name in self.values:
            return self.values[name]
        if name in self.graph.stored:
            return self.graph.stored_value(name)
        later = any(name in each.outputs for each in self.graph.nodes)
        what = "a later node gives: the nodes are not in order, or go in a circle" if later else "nothing gives"
        raise NetError(f"{reader} reads {name!r}, which {what}", got=name)

    def read(self) -> None:
        """Reads every node."""
        for node in self.graph.nodes:
            if not (node.outputs and node.outputs[0] in self.merged):
                self.values.update(self.outputs(node))

    def outputs(self, node: Node) -> dict[str, Value]:
        """The values that a node gives, by name; errors say which node it is."""
        node.reader = self
        inputs = [self.value(name, node.label) for name in node.inputs]
        try:
            found = self.computed(node, inputs)
        except Needed as error:
            raise Needed(f"{node.label}: {error.message}", error.name, hint=error.hint) from None
        except NetError as error:
            raise type(error)(f"{node.label}: {error.message}", got=error.got, hint=error.hint) from None
        except Refusal as error:
            raise NetError(f"{node.label}: {error}", hint=error.hint) from None
        except NotYet:
            raise NetError(f"{node.label} needs a size that is open", hint="say the sizes: Dimensions={…}") from None
        except (MemoryError, RecursionError):
            raise NetError(f"{node.label} is too large to be read") from None
        except SLIPS:
            raise NetError(f"{node.label} has inputs or attributes that do not go together") from None
        return dict(zip([name for name in node.outputs if name], kept(found, node), strict=True))

    def computed(self, node: Node, inputs: list[Value | None]) -> Any:
        """What a node gives: known numbers where all it reads is known."""
        key = (node.domain, node.kind)
        if key not in RAW and inputs and all(each is None or each.is_known for each in inputs):
            if all(each is None or each.is_plain for each in inputs):
                return folded(node, inputs)
            if open_among(inputs[:1] if node.kind in SHAPED else inputs):
                return open_sizes(node, inputs)
        return operators.OPERATORS[key](node, *inputs)

    # --- the net ------------------------------------------------------------------------------------------------------

    def net(self) -> Layer:
        """The net of all outputs."""
        with recording(), np.errstate(all="ignore"):
            self.read()
            results = {each.name: self.result(each.name) for each in self.graph.graph.output}
            read = {id(value) for value in in_order(tuple(results.values()))}
            ports = {port_named(name): symbol for name, symbol in self.ports.items() if id(symbol) in read}
            types = {port_named(name): of for name, of in self.reading.types.items()}
            try:
                layers, edges = Cut(results, ports).graph()
                return NetGraph(layers, edges, **{name: types[name] for name in ports})
            except Refusal as error:
                raise NetError(str(error), hint=error.hint) from None

    def result(self, name: str) -> SymbolicArray:
        """What an output of the net is; one that is an input is copied."""
        value = self.value(name, "the model") or known(0.0)
        if value.batch is None and self.reading.batched and value.shape[:1] == (1,):
            value = replace(value, batch=0) if value.is_known else dropped(value)
        symbol = value.symbol()
        return applied(ElementwiseLayer("Plus"), symbol) if isinstance(symbol.head, str) else symbol


def port_named(name: str) -> str:
    """The port of an input; what nets call something else gets a mark behind."""
    return f"{name}_" if name in (*RESERVED, "self") else name


def dropped(value: Value) -> Value:
    """A tensor of one example as the example."""
    return value.like(value.array[0], 0)


def kept(found: Any, node: Node) -> list[Value]:
    """The values for the outputs that have names."""
    values = list(found) if isinstance(found, (tuple, list)) else [found]
    wanted = [at for at, name in enumerate(node.outputs) if name]
    if wanted and wanted[-1] >= len(values):
        raise NetError(f"its output {wanted[-1] + 1} is not read")
    if any(values[at] is None for at in wanted):
        missing = next(at for at in wanted if values[at] is None)
        raise NetError(f"its output {missing + 1}, {node.outputs[missing]!r}, is not read")
    return [values[at] for at in wanted]
