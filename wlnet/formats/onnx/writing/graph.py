"""The nodes, constants and names of a model that is being written, and of the bodies of its loops."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from wlnet.formats.onnx.writing.sizes import Floor, Size
from wlnet.formats.onnx.writing.tensor import Tensor

TYPES: dict[str, int] = {
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "int64": TensorProto.INT64,
    "int32": TensorProto.INT32,
    "bool": TensorProto.BOOL,
}
"""The element types of our tensors, as ONNX numbers them."""


class Graph:
    """The nodes of the model, or of the body of a loop, in order."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.sizes: dict[Any, Tensor] = {}  # tensors of sizes that were made here


class Nodes:
    """What writes nodes: the graphs that are open, the constants, and the names that are taken."""

    floor_divide: Callable[..., Tensor]

    def __init__(self, opset: int):
        self.opset = opset
        self.graphs = [Graph()]
        self.constants: dict[str, np.ndarray] = {}
        self.shared: dict[tuple, str] = {}
        self.names: set[str] = set()
        self.sources: dict[str, tuple[Tensor, int]] = {}  # where each name of a size is read: an axis of a tensor
        self.place: tuple = ()

    # --- names --------------------------------------------------------------------------------------------------------

    def fresh(self, text: str) -> str:
        """A name that nothing has yet, with the place in the net before it."""
        stem = "/".join([*(re.sub(r"[^\w.-]", "_", str(step)) for step in self.place), text])
        name, count = stem, 1
        while name in self.names:
            count += 1
            name = f"{stem}_{count}"
        self.names.add(name)
        return name

    # --- nodes --------------------------------------------------------------------------------------------------------

    def emit(
        self, op: str, inputs: Sequence[Tensor | None], outputs: Sequence[tuple], **attributes: Any
    ) -> list[Tensor]:
        """A node: its inputs, the (shape, type) of each output, and its attributes, without those that are None."""
        names = ["" if each is None else self.name_of(each) for each in inputs]
        while names and not names[-1]:
            names.pop()
        results = [Tensor(self, self.fresh(op), shape, dtype) for shape, dtype in outputs]
        held = {key: value for key, value in attributes.items() if value is not None}
        self.graphs[-1].nodes.append(
            helper.make_node(op, names, [self.name_of(each) for each in results], f"{results[0].name}/node", **held)
        )
        return results

    def node(self, op: str, inputs: Sequence[Tensor | None], shape: tuple, dtype: Any, **attributes: Any) -> Tensor:
        """A node of one output."""
        return self.emit(op, inputs, [(shape, dtype)], **attributes)[0]

    def name_of(self, tensor: Tensor) -> str:
        """The name of a value in the model; a constant gets one when it is first used."""
        if tensor.name is None:
            assert tensor.value is not None
            tensor.name = self.constant_name(tensor.value, tensor.label)
        return tensor.name

    def constant_name(self, value: np.ndarray, label: str) -> str:
        """The name of an array of the model: that of an array of the net, else of all that are equal to it."""
        key = (label, value.dtype.str, value.shape, blake2b(value.tobytes()).digest())
        if key not in self.shared:
            place, self.place = self.place, () if label else ("constant",)
            self.shared[key] = self.fresh(label or str(value.dtype))
            self.place = place
            self.constants[self.shared[key]] = value
        return self.shared[key]

    def constant(self, value: Any, dtype: Any = None, label: str = "") -> Tensor:
        """A constant: of single precision, or of 64 bits where it is of whole numbers, if no type is asked for."""
        array = np.asarray(value, dtype)
        if dtype is None:
            array = array.astype({"f": np.float32, "i": np.int64, "u": np.int64}.get(array.dtype.kind, array.dtype))
        return Tensor(self, None, array.shape, array.dtype, array, label)

    def whole(self, *numbers: int) -> Tensor:
        """A vector of whole numbers, such as axes."""
        return self.constant(np.array(numbers, np.int64))

    # --- bodies of loops ----------------------------------------------------------------------------------------------

    def open_body(self) -> None:
        """What is written from now on is the body of a loop."""
        self.graphs.append(Graph())

    def close_body(self, name: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> Any:
        """The body that was written, with its inputs and outputs."""
        results = [self.node("Identity", [each], each.shape, each.dtype) for each in outputs]
        graph = self.graphs.pop()
        return helper.make_graph(graph.nodes, name, list(map(self.port, inputs)), list(map(self.port, results)))

    def port(self, tensor: Tensor) -> Any:
        """The declaration of an input or output."""
        dims = [str(size) if isinstance(size, Size) else int(size) for size in tensor.shape]
        return helper.make_tensor_value_info(self.name_of(tensor), TYPES[str(tensor.dtype)], dims)

    # --- sizes as tensors ---------------------------------------------------------------------------------------------

    def size(self, number: int) -> Tensor:
        """A size as a vector of one whole number."""
        if not isinstance(number, Size):
            return self.whole(number)
        return self.kept(("size", frozenset(number.poly.items())), lambda: self.sum_of(number.poly))

    def sizes(self, numbers: Sequence[int]) -> Tensor:
        """Several sizes as a vector; neighbours that are known are one constant."""
        pieces: list[Tensor] = []
        known: list[int] = []
        for number in [*numbers, None]:
            if number is not None and not isinstance(number, Size):
                known.append(number)
                continue
            pieces += [self.whole(*known)] if known else []
            pieces += [] if number is None else [self.size(number)]
            known = []
        if len(pieces) == 1:
            return pieces[0]
        return self.node("Concat", pieces, (len(numbers),), np.int64, axis=0) if pieces else self.whole()

    def kept(self, key: Any, make: Any) -> Tensor:
        """A tensor that is made once: what an outer graph made, a body may read, but not the other way."""
        for graph in self.graphs:
            if key in graph.sizes:
                return graph.sizes[key]
        here = self.graphs[-1]
        here.sizes[key] = make()
        return here.sizes[key]

    def sum_of(self, poly: Mapping[tuple, int]) -> Tensor:
        """A sum of products of sizes."""
        total: Tensor | None = None
        for key, count in poly.items():
            factors = [self.factor(each) for each in key]
            if count != 1 or not factors:
                factors.append(self.whole(count))
            product = factors[0]
            for factor in factors[1:]:
                product = self.node("Mul", [product, factor], (1,), np.int64)
            total = product if total is None else self.node("Add", [total, product], (1,), np.int64)
        assert total is not None
        return total

    def factor(self, atom: Any) -> Tensor:
        """A name of a size, or a floor division; what is divided may be below zero."""
        if isinstance(atom, Floor):
            inner = self.kept(("size", frozenset(atom.inner.items())), lambda: self.sum_of(atom.inner))
            return self.floor_divide(inner, self.whole(atom.by))
        tensor, axis = self.sources[atom]
        return self.kept(("name", atom), lambda: self.axis_size(tensor, axis))

    def axis_size(self, tensor: Tensor, axis: int) -> Tensor:
        """The size of an axis as a vector of one number."""
        key = ("shape", self.name_of(tensor))
        shape = self.kept(key, lambda: self.node("Shape", [tensor], (tensor.ndim,), np.int64))
        return self.node("Gather", [shape, self.whole(axis)], (1,), np.int64, axis=0)

    def name_axis(self, tensor: Tensor, axis: int, name: str) -> Any:
        """A new name for the size of an axis."""
        while name in self.sources:
            name += "'"
        self.sources[name] = (tensor, axis)
        return Size.named(name, self)


def initializers(constants: Mapping[str, np.ndarray]) -> list[Any]:
    """The arrays of the model."""
    return [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in constants.items()]


def renamed(nodes: Any, old: str, new: str) -> None:
    """Gives a value another name, in the bodies of loops too."""
    for node in nodes:
        for names in (node.input, node.output):
            for k, name in enumerate(names):
                if name == old:
                    names[k] = new
        for attribute in node.attribute:
            renamed(attribute.g.node, old, new)


def value_attribute(value: np.ndarray) -> Any:
    """An array as the attribute of a node."""
    return numpy_helper.from_array(value)
