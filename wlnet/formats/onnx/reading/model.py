"""ONNX files behind Import: the net, its arrays, and what the file says of itself."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.symbols import Automatic
from wlnet.formats.elements import Elements, net_elements
from wlnet.formats.onnx.reading.graph import SLIPS, Graph


def elements(path: Path, *, Dimensions: Any = None, Constants: Any = None, Batch: Any = Automatic) -> Elements:
    """What there is in an ONNX file.

    Dimensions says sizes that the file leaves open: those of a port, {"x": (3, 48, 320)}, or one by its name in the
    file, {"width": 320}. Constants gives inputs that are no ports of the net, {"sr": 16000}. Batch=False takes every
    axis of the inputs for one of the data, Batch=True the first of each for the batch.
    """
    dimensions, constants = mapping(Dimensions, "Dimensions"), mapping(Constants, "Constants")
    if Batch not in (Automatic, True, False):
        raise NetError(f"Batch must be True, False or Automatic, got {Batch!r}", got=Batch)
    model = loaded(path)
    net = net_elements(lambda: net_of(model, path.parent, dimensions, constants, Batch, str(path)))
    own: Elements = {
        "Description": lambda: model.doc_string or model.graph.doc_string,
        "ONNXGraph": lambda: graph_of(model),
        "ModelDomain": lambda: model.domain,
        "ModelVersion": lambda: model.model_version,
        "IRVersion": lambda: model.ir_version,
        "OperatorSetVersion": lambda: operator_sets(model),
        "ProducerName": lambda: model.producer_name,
        "ProducerVersion": lambda: model.producer_version,
        "RawData": cache(path.read_bytes),
    }
    return net | own


def mapping(value: Any, name: str) -> dict[str, Any]:
    """An option that is a dict by name; of a model with one input a tuple is refused with what to write."""
    if value is None or value is Automatic:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        hint = f'write {name}={{"x": …}}, by the name of the input'
        raise NetError(f"{name} must be a dict by the name of an input, got {value!r}", got=value, hint=hint)
    return dict(value)


def loaded(path: Path) -> onnx.ModelProto:
    """The model of a file; its arrays in other files are not read yet."""
    try:
        return parsed(path.read_bytes(), str(path))
    except OSError as error:
        raise NetError(f"{path} cannot be read: {error.strerror}", got=str(path)) from None


def parsed(content: bytes, name: str) -> onnx.ModelProto:
    """The model that the bytes of a file are."""
    try:
        model = onnx.ModelProto.FromString(content)
    except (DecodeError, ValueError):
        raise NetError(f"{name} is no ONNX file, or damaged", got=name) from None
    if not model.HasField("graph") or not model.opset_import:
        raise NetError(f"{name} is no ONNX file, or damaged: it holds no graph of operators", got=name)
    return model


def net_of(
    model: onnx.ModelProto, folder: Path | None, dimensions: dict, constants: dict, batch: Any, name: str
) -> Layer:
    """The net of a model; errors say of which file."""
    try:
        return Graph(model, folder, dimensions, constants, batch).net()
    except NetError as error:
        error.message = f"{name}: {error.message}"
        error.args = (str(error),)
        raise
    except SLIPS:
        raise NetError(f"{name}: the model is damaged: its parts do not go together", got=name) from None


def operator_sets(model: onnx.ModelProto) -> Any:
    """The operator set, or one for each domain where there are several."""
    sets = {each.domain or "ai.onnx": each.version for each in model.opset_import}
    return next(iter(sets.values())) if list(sets) == ["ai.onnx"] else sets


def graph_of(model: onnx.ModelProto) -> list[dict[str, Any]]:
    """The nodes of the graph: name, operator, domain, inputs and outputs of each."""
    return [
        {
            "Name": node.name,
            "Operator": node.op_type,
            "Domain": node.domain,
            "Inputs": list(node.input),
            "Outputs": list(node.output),
        }
        for node in model.graph.node
    ]


__all__ = ["elements", "net_of", "parsed"]
