"""The arrays of ONNX files: numbers within the file, or in a file beside it, which is mapped and not read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from wlnet.core.errors import NetError

KINDS: dict[int, type] = {
    TensorProto.FLOAT: np.float32,
    TensorProto.DOUBLE: np.float64,
    TensorProto.FLOAT16: np.float16,
    TensorProto.INT8: np.int8,
    TensorProto.INT16: np.int16,
    TensorProto.INT32: np.int32,
    TensorProto.INT64: np.int64,
    TensorProto.UINT8: np.uint8,
    TensorProto.UINT16: np.uint16,
    TensorProto.UINT32: np.uint32,
    TensorProto.UINT64: np.uint64,
    TensorProto.BOOL: np.bool_,
}
"""The types of elements that are numbers of a net, as NumPy's."""

MOST = 2**28
"""An array of more numbers than this is refused before it is made."""


def type_name(kind: int) -> str:
    """What ONNX calls a type of elements."""
    try:
        return TensorProto.DataType.Name(kind).lower()
    except ValueError:
        return f"type {kind}"


def array_of(tensor: TensorProto, folder: Path | None) -> np.ndarray:
    """The array that a tensor of the file is; NetError where its bytes are not what it says."""
    name = tensor.name or "without a name"
    sizes = tuple(tensor.dims)
    if any(size < 0 for size in sizes) or count_of(sizes) > MOST:
        raise NetError(f"the array {name} is damaged: its shape is {sizes}", got=sizes)
    kind = KINDS.get(tensor.data_type)
    if kind is None and tensor.data_type != TensorProto.BFLOAT16:
        raise NetError(f"the array {name} holds {type_name(tensor.data_type)}, not numbers that a net has", got=name)
    try:
        if tensor.data_location == TensorProto.EXTERNAL:
            return mapped(tensor, kind, sizes, folder)
        if tensor.HasField("raw_data") and kind is not None:
            found = np.frombuffer(tensor.raw_data, np.dtype(kind).newbyteorder("<"))
            return found.reshape(sizes).astype(kind, copy=False)
        found = numpy_helper.to_array(tensor)
        return found.astype(np.float32) if kind is None else found.reshape(sizes)
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError) as error:
        raise NetError(f"the array {name} is damaged: {first_line(error)}", got=sizes) from None


def mapped(tensor: TensorProto, kind: type | None, sizes: tuple, folder: Path | None) -> np.ndarray:
    """An array that stands in a file beside the model; one that is not beside it is refused."""
    said = {entry.key: entry.value for entry in tensor.external_data}
    location = said.get("location", "")
    if folder is None or kind is None or not location or Path(location).is_absolute() or ".." in Path(location).parts:
        raise NetError(f"the array {tensor.name} stands in {location!r}, which is not a file beside the model")
    path, offset, length = folder / location, int(said.get("offset", 0)), count_of(sizes)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise NetError(f"the array {tensor.name} stands in {location!r}, which is not a file beside the model")
    size = length * np.dtype(kind).itemsize
    if not path.is_file() or offset < 0 or path.stat().st_size < offset + size:
        what = "is not there" if not path.is_file() else "is too short for it"
        raise NetError(f"the array {tensor.name} stands in {path}, which {what}", got=str(path))
    if not length:
        return np.zeros(sizes, kind)
    return np.memmap(path, np.dtype(kind).newbyteorder("<"), "r", offset, sizes)


def count_of(sizes: Sequence[int]) -> int:
    """How many numbers there are in an array of that shape."""
    count = 1
    for size in sizes:
        count *= int(size)
    return count


def first_line(error: BaseException) -> str:
    """What another library says, in one line."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def attribute_of(attribute: onnx.AttributeProto, folder: Path | None) -> Any:
    """The value of an attribute: a number, a text, an array, or a list of these; a graph as it is."""
    kind = attribute.type
    if kind == onnx.AttributeProto.TENSOR:
        return array_of(attribute.t, folder)
    if kind == onnx.AttributeProto.STRING:
        return attribute.s.decode("utf-8", "replace")
    if kind == onnx.AttributeProto.STRINGS:
        return [each.decode("utf-8", "replace") for each in attribute.strings]
    try:
        value = onnx.helper.get_attribute_value(attribute)
    except ValueError as error:
        raise NetError(f"the attribute {attribute.name} is damaged: {first_line(error)}") from None
    return list(value) if kind in (onnx.AttributeProto.INTS, onnx.AttributeProto.FLOATS) else value
