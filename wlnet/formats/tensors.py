"""safetensors files behind Import and Export: wlnet's own, and plain ones of other programs, which hold only arrays."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.formats.elements import Elements, net_elements
from wlnet.formats.native import read, reason_of, refuse_absurd_header, tensor
from wlnet.formats.native import write as write_native


def elements(path: Path) -> Elements:
    """A net's elements where the header says a net, and otherwise those of the arrays by name."""
    refuse_absurd_header(path)
    try:
        with safe_open(str(path), framework="np") as file:
            holds_net = "wlnet" in (file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise NetError(f"{path} is no safetensors file, or damaged: {reason_of(error)}", got=str(path)) from None
    if holds_net:
        return net_elements(lambda: read(path).net)
    arrays = cache(lambda: plain_arrays(path))
    return {
        "ArrayAssociation": arrays,
        "ArrayList": lambda: list(arrays().values()),
        "ArrayNames": lambda: list(arrays()),
        "Summary": lambda: {name: (str(array.dtype), array.shape) for name, array in arrays().items()},
    }


def plain_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a file by name, in the order of the file; bfloat16 becomes float32, which holds it exactly."""
    said = header(path)
    order = sorted((name for name in said if name != "__metadata__"), key=lambda name: said[name]["data_offsets"])
    try:
        with safe_open(str(path), framework="np") as file:
            return {
                name: bfloat16(path, said[name]) if said[name]["dtype"] == "BF16" else tensor(file, name)
                for name in order
            }
    except (SafetensorError, OSError) as error:
        raise NetError(f"{path} is damaged: {reason_of(error)}", got=str(path)) from None
    except NetError as error:
        raise NetError(f"{path}: {error.message}", got=error.got) from None


def header(path: Path) -> dict[str, Any]:
    """The JSON of a safetensors header, which safe_open has let pass."""
    with open(path, "rb") as file:
        return json.loads(file.read(int.from_bytes(file.read(8), "little")))


def bfloat16(path: Path, said: Mapping[str, Any]) -> np.ndarray:
    """The upper halves of single-precision numbers, as these."""
    begin, end = said["data_offsets"]
    with open(path, "rb") as file:
        file.seek(8 + int.from_bytes(file.read(8), "little") + begin)
        halves = np.frombuffer(file.read(end - begin), "<u2")
    found = (halves.astype(np.uint32) << 16).view(np.float32).reshape(said["shape"])
    found.setflags(write=False)
    return found


def write(path: Path, net: Layer) -> Path:
    """Writes a net as wlnet's own file."""
    return write_native(path, net)


__all__ = ["elements", "write"]
