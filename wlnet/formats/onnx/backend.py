"""wlnet as a backend of ONNX: prepare, run_model, run_node and supports_device, as onnx.backend.base says them.

    import wlnet.formats.onnx.backend as backend
    outputs = backend.prepare(model).run([x])

The model becomes a net as Import makes it, of which every axis of the inputs is one of the data. Inputs that a layer
takes as settings or arrays, such as axes, shapes and weights, are known when the model runs: then the net is made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx.backend.base import Backend, BackendRep

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.formats.onnx.reading.model import net_of
from wlnet.formats.onnx.reading.node import Needed
from wlnet.formats.onnx.tensors import KINDS


class Prepared(BackendRep):
    """A model that is ready to run; `bound` are its inputs that are settings of its net."""

    def __init__(self, model: onnx.ModelProto):
        stored = {tensor.name for tensor in model.graph.initializer}
        self.model, self.bound = model, list[str]()
        self.inputs = [each.name for each in model.graph.input if each.name not in stored]
        self.net: Layer | None = None
        try:
            self.net = self.made({})
        except Needed as needed:
            self.bound.append(needed.name)

    def made(self, constants: dict[str, np.ndarray]) -> Layer:
        """The net, with these inputs as constants."""
        return net_of(self.model, None, {}, constants, False, "the model")

    def run(self, inputs: Any, **options: Any) -> tuple[np.ndarray, ...]:
        """The outputs for a list of inputs in order, or a dict of them by name."""
        named = self.named(inputs)
        net = self.net
        while net is None:
            try:
                net = self.made({name: named[name] for name in self.bound})
            except Needed as needed:
                if needed.name in self.bound or needed.name not in named:
                    raise
                self.bound.append(needed.name)
        fed = {name: value for name, value in named.items() if name in net.ports()}
        found = net(fed, WorkingPrecision="Real64") if fed else net(WorkingPrecision="Real64")
        if not isinstance(found, Mapping):
            found = {self.model.graph.output[0].name: found}
        return tuple(typed(found[each.name], each) for each in self.model.graph.output)

    def named(self, inputs: Any) -> dict[str, np.ndarray]:
        """Inputs by name."""
        if isinstance(inputs, Mapping):
            return {name: np.asarray(value) for name, value in inputs.items()}
        given = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        if len(given) > len(self.inputs):
            raise NetError(f"the model has {len(self.inputs)} inputs, got {len(given)}", got=len(given))
        return {name: np.asarray(value) for name, value in zip(self.inputs, given, strict=False)}


def typed(value: Any, of: onnx.ValueInfoProto) -> np.ndarray:
    """An output in the type of elements that the model says."""
    kind = KINDS.get(of.type.tensor_type.elem_type)
    with np.errstate(all="ignore"):
        return np.asarray(value) if kind is None else np.asarray(value).astype(kind)


class WlnetBackend(Backend):
    """The backend, as onnx.backend.test takes it."""

    @classmethod
    def is_compatible(cls, model: onnx.ModelProto, device: str = "CPU", **options: Any) -> bool:
        """Whether every operator of a model is read."""
        try:
            cls.prepare(model, device)
        except NetError:
            return False
        return True

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **options: Any) -> Prepared:
        """A model made ready to run."""
        if not cls.supports_device(device):
            raise NetError(f"wlnet as a backend of ONNX runs on the CPU, not on {device!r}", got=device)
        return Prepared(model)

    @classmethod
    def run_model(cls, model: onnx.ModelProto, inputs: Any, device: str = "CPU", **options: Any) -> tuple:
        """The outputs of a model."""
        return cls.prepare(model, device).run(inputs)

    @classmethod
    def run_node(
        cls, node: onnx.NodeProto, inputs: Sequence, device: str = "CPU", outputs_info: Any = None, **options: Any
    ) -> tuple:
        """The outputs of one node, whose inputs are in order."""
        arrays = [np.asarray(each) for each in inputs]
        names = [name for name in node.input if name]
        ports = [
            onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
            for name, array in zip(names, arrays, strict=True)
        ]
        said = outputs_info or [(arrays[0].dtype if arrays else np.float32, None)] * len(node.output)
        ends = [
            onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(np.dtype(kind)), shape)
            for name, (kind, shape) in zip([name for name in node.output if name], said, strict=False)
        ]
        graph = onnx.helper.make_graph([node], "node", ports, ends)
        version = options.get("opset_version", min(onnx.defs.onnx_opset_version(), 21))
        opsets = [onnx.helper.make_opsetid(node.domain, version)]
        return cls.prepare(onnx.helper.make_model(graph, opset_imports=opsets), device).run(arrays)

    @classmethod
    def supports_device(cls, device: str) -> bool:
        """Whether a device is the CPU."""
        return device.split(":")[0].upper() == "CPU"


is_compatible, prepare, run_model = WlnetBackend.is_compatible, WlnetBackend.prepare, WlnetBackend.run_model
run_node, supports_device = WlnetBackend.run_node, WlnetBackend.supports_device

__all__ = ["Prepared", "WlnetBackend", "is_compatible", "prepare", "run_model", "run_node", "supports_device"]
