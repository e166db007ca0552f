"""wlnet's own files: safetensors, with the net's specification as JSON in the header.

Arrays are tensors, each under its place in the net ("conv1/Weights"); other programs read them with no knowledge of
wlnet. The header's metadata hold "wlnet", a JSON text that formats/schema.py describes. Reading runs no code of the
file and reads no other file; writing is atomic: a file of that name is the old one or the new one, never half of one.
"""

import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.trust import untrusted
from wlnet.formats.schema import LARGEST, content_of, text_of
from wlnet.formats.specification import Reader, Writer

TYPES = ("F64", "F32", "F16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL", "C64")
"""The types of arrays that NumPy has, as safetensors call them."""


@dataclass(frozen=True)
class Content:
    """What a file holds: the net, the arrays that were read, by name, and what a checkpoint says of a training."""

    net: Layer
    arrays: Mapping[str, np.ndarray]
    training: Any = None


def write(path: str | Path, net: Layer, training: Any = None) -> Path:
    """Writes a net, and for a checkpoint the values of a training: whatever a net may hold, in dicts and lists."""
    path, writer = Path(path), Writer()
    try:
        text = text_of(writer.plain(net, ()), writer.plain(training, ("training",)))
    except RecursionError:
        raise NetError(f"{path} cannot be written: the net is nested too deeply", got=net) from None
    arrays = {name: np.asarray(array, order="C") for name, array in writer.arrays.items()}
    return write_atomically(path, lambda place: save_file(arrays, place, {"wlnet": text}))


def write_atomically(path: Path, write: Callable[[str], Any]) -> Path:
    """Lets `write` write a temporary file beside `path`, which then takes its place."""
    place = None
    try:
        handle, place = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".part")
        os.close(handle)
        write(place)
        with open(place, "rb+") as file:
            os.fsync(file.fileno())
        os.chmod(place, 0o666 & ~_umask())
        os.replace(place, path)
        place = None
    except (OSError, SafetensorError) as error:
        raise NetError(f"{path} cannot be written: {reason_of(error)}", got=str(path)) from None
    finally:
        if place is not None and os.path.exists(place):
            os.unlink(place)
    return path


def reason_of(error: Exception) -> str:
    """What the system says, as safetensors or Python pass it on."""
    said = re.search(r"I/O error: (.+) \(os error", str(error))
    return said.group(1) if said else getattr(error, "strerror", None) or str(error)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read(path: str | Path, training: bool = False) -> Content:
    """Reads a net, and with `training` what a checkpoint says of it. Only arrays that are used are read."""
    path = Path(path)
    refuse_absurd_header(path)
    arrays: dict[str, np.ndarray] = {}
    try:
        with safe_open(str(path), framework="np") as file:
            metadata, names = file.metadata() or {}, set(file.keys())
            if "wlnet" not in metadata:
                hint = 'Import(path, "ArrayAssociation") gives the arrays of any safetensors file'
                raise NetError(f"{path} holds arrays, but no net of wlnet", got=str(path), hint=hint)

            def array(name: str) -> np.ndarray:
                if name not in names:
                    raise NetError(f"the net needs the array {name!r}, which is not in the file", got=name)
                if name not in arrays:
                    arrays[name] = tensor(file, name)
                return arrays[name]

            return content(metadata["wlnet"], array, arrays, training)
    except (SafetensorError, OSError) as error:
        raise NetError(f"{path} is no safetensors file, or damaged: {reason_of(error)}", got=str(path)) from None
    except NetError as error:
        text = error.message if error.message.startswith(str(path)) else f"{path}: {error.message}"
        raise NetError(text, path=error.path, expected=error.expected, got=error.got, hint=error.hint) from None


def content(text: str, array: Callable[[str], np.ndarray], arrays: dict[str, np.ndarray], training: bool) -> Content:
    """The values that a header says."""
    header, reader = content_of(text), Reader(array)
    with untrusted():
        net = reader.value(header["net"])
        if not isinstance(net, Layer):
            raise NetError("it holds no net", got=net)
        return Content(net, arrays, reader.value(header.get("training")) if training else None)


def tensor(file: Any, name: str) -> np.ndarray:
    """One array, read-only."""
    kind = file.get_slice(name).get_dtype()
    if kind not in TYPES:
        raise NetError(f"the array {name!r} is of type {kind}, which NumPy does not have", expected=TYPES, got=kind)
    try:
        found = file.get_tensor(name)
    except (TypeError, ValueError, MemoryError) as error:
        raise NetError(f"the array {name!r} cannot be read: {error}", got=name) from None
    found.setflags(write=False)
    return found


def refuse_absurd_header(path: Path) -> None:
    """A safetensors file says in its first eight bytes how long its header is; that has to be a length that can be."""
    try:
        with open(path, "rb") as file:
            if not path.is_file():
                raise NetError(f"{path} is no file", got=str(path))
            said, size = int.from_bytes(file.read(8), "little"), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise NetError(f"{path} cannot be read: {error.strerror}", got=str(path)) from None
    if size < 8 or said > size - 8:
        raise NetError(
            f"{path} is no safetensors file, or cut off: it has {size} bytes, too few for its header",
            got=size,
            hint="copy or download it again",
        )
    if said > 2 * LARGEST:
        raise NetError(f"{path}: its header says it has {said} bytes; at most {2 * LARGEST} are read", got=said)
