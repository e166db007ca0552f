"""Export of nets as ONNX: the model that a net is, and the file."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper

from wlnet.core.errors import NetError
from wlnet.core.fields import as_number
from wlnet.core.layer import Layer
from wlnet.formats.onnx.writing.graph import initializers, renamed
from wlnet.formats.onnx.writing.sizes import Undecided
from wlnet.formats.onnx.writing.tensor import Tensor
from wlnet.formats.onnx.writing.tracing import Trace
from wlnet.nets.container import coder_of, ports_of_kind
from wlnet.verbs.evaluate import refuse_unknown, refuse_unset

DEFAULT = 18
"""The newest operator set that Wolfram reads."""
OLDEST, NEWEST = 9, onnx.defs.onnx_opset_version()
ROOM = 2**31 - 2**24
"""So many bytes of arrays a model holds itself; the format allows 2 GiB in all. Beyond, they go to a file beside it."""


def write(path: Path, net: Layer, *, OperatorSetVersion: Any = DEFAULT, Lengths: Any = False) -> Path:
    """Writes a net in evaluation as an ONNX model.

    OperatorSetVersion is a version from 9 on. Lengths=True gives the model an input for the true lengths of sequences
    of one batch, which are else all as long as the batch.
    """
    model, arrays = model_of(net, opset_of(OperatorSetVersion), flag_of(Lengths))
    if sum(array.nbytes for array in arrays.values()) <= ROOM:
        model.graph.initializer.extend(initializers(arrays))
    else:
        beside(path, model, arrays)
    replace(path, model.SerializeToString())
    return path


def opset_of(value: Any) -> int:
    """The operator set that is asked for."""
    number = as_number(value)
    if not isinstance(number, int) or not OLDEST <= number <= NEWEST:
        raise NetError(
            f"Export: OperatorSetVersion must be a whole number from {OLDEST} to {NEWEST}, got {value!r}",
            got=value,
            hint="a package onnx that is newer knows more" if isinstance(number, int) and number > NEWEST else None,
        )
    return number


def flag_of(value: Any) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise NetError(f"Export: Lengths must be True or False, got {value!r}", got=value)
    return value


def model_of(net: Layer, opset: int = DEFAULT, lengths: bool = False) -> tuple[Any, dict[str, np.ndarray]]:
    """The model of a net, and its arrays by name."""
    refuse_unset(net)
    refuse_unknown(net, net.plan)
    trace = traced(net, opset, lengths)
    inputs, outputs = {**trace.inputs, **trace.said}, named_outputs(trace)
    graph = helper.make_graph(
        trace.words.graphs[0].nodes, type(net).__name__, list(map(trace.words.port, inputs.values())), outputs
    )
    model = helper.make_model(
        graph, producer_name="wlnet", opset_imports=[helper.make_opsetid("", opset)], ir_version=ir_version(opset)
    )
    helper.set_model_props(model, coders(net))
    return model, trace.words.constants


def traced(net: Layer, opset: int, lengths: bool) -> Trace:
    """The run of a net on tensors; where what is computed depends on how long a sequence is, lengths are data."""
    try:
        return Trace(net, opset, lengths, False)
    except Undecided:
        try:
            return Trace(net, opset, lengths, True)
        except Undecided as error:
            hint = "OperatorSetVersion=18 may be able to; or give the ports of the net fixed sizes"
            raise NetError(f"{type(net).__name__} cannot be written as ONNX: {error}", hint=hint) from None


def ir_version(opset: int) -> int:
    """The oldest version of the format that has the operator set, so that most programs read it."""
    return max(4, helper.find_min_ir_version_for([helper.make_opsetid("", opset)]))


def named_outputs(trace: Trace) -> list[Any]:
    """The outputs, each under the name of its port."""
    words, declared, given = trace.words, list[Any](), set[str]()
    nodes = words.graphs[0].nodes
    made = {name for node in nodes for name in node.output}
    for port, tensor in trace.outputs.items():
        name = words.name_of(tensor)
        if name in made - given:
            renamed(nodes, name, port)
            tensor.name = port
        else:  # an input, a constant, or what another port gives too
            nodes.append(helper.make_node("Identity", [name], [port], f"{port}/node"))
        given.add(port)
        declared.append(words.port(Tensor(words, port, tensor.shape, tensor.dtype)))
    return declared


def coders(net: Layer) -> dict[str, str]:
    """What the model says of encoders and decoders, which are no part of it: as wlnet prints them, and the classes."""
    said = {}
    for kind in ("in", "out"):
        for port in ports_of_kind(net, kind):
            coder = coder_of(net, port)
            if coder is not None:
                said[f"{port}.coder"] = repr(coder)
                classes = getattr(coder, "classes", None)
                if isinstance(classes, tuple):
                    said[f"{port}.classes"] = json.dumps(classes, ensure_ascii=False, default=str)
    return said


# --- files ------------------------------------------------------------------------------------------------------------


def replace(path: Path, content: bytes) -> None:
    """Puts a file in the place of another in one step."""
    place = None
    try:
        handle, place = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(place, 0o666 & ~umask())
        os.replace(place, path)
        place = None
    except OSError as error:
        raise NetError(f"{path} cannot be written: {error.strerror or error}", got=str(path)) from None
    finally:
        if place is not None and os.path.exists(place):
            os.unlink(place)


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def beside(path: Path, model: Any, arrays: dict[str, np.ndarray]) -> None:
    """Puts the arrays into a file beside the model, which says where each begins."""
    content, start = [], 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        tensor = onnx.TensorProto(name=name, dims=array.shape, data_type=helper.np_dtype_to_tensor_dtype(array.dtype))
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", f"{path.name}.data"), ("offset", start), ("length", len(data))):
            tensor.external_data.add(key=key, value=str(value))
        model.graph.initializer.append(tensor)
        content.append(data)
        start += len(data)
    replace(path.with_name(f"{path.name}.data"), b"".join(content))


__all__ = ["model_of", "write"]
