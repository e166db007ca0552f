"""The inputs of an ONNX graph as ports: which axis is the batch, which size may vary, which sizes the data tell.

What the file leaves open is tried in this order: a batch and a varying level 1, a batch alone, then no batch with a
varying level 1, and no batch with sizes that the data tell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.core.dims import Unknown, length
from wlnet.core.errors import NetError, nearest
from wlnet.core.symbols import Automatic

BATCH = length("the batch")
"""The size of a free batch."""


@dataclass(frozen=True)
class Port:
    """An input: its name, element type, and sizes: a number, the name of a free one, or None for one without a name.

    `batch` is the axis that the port of the net lacks.
    """

    name: str
    kind: np.dtype
    dims: tuple | None
    batch: int | None = None
    varies: bool = False

    @property
    def example(self) -> tuple:
        """The sizes without the batch."""
        return tuple(dim for at, dim in enumerate(self.dims or ()) if at != self.batch)

    @property
    def type(self) -> tuple:
        """The sizes as a user writes them."""
        return tuple(self.said(dim, at) for at, dim in enumerate(self.example))

    def said(self, dim: Any, at: int) -> Any:
        """One size as a user writes it."""
        return dim if isinstance(dim, int) else (dim or "Varying") if at == 0 and self.varies else Automatic

    @property
    def symbolic(self) -> tuple:
        """The sizes for the recording."""
        first = self.type[0] if self.type else None
        varying = length("Varying", (self.name,)) if first == "Varying" else length(str(first))
        return tuple(dim if isinstance(dim, int) else Unknown if dim is Automatic else varying for dim in self.type)


@dataclass(frozen=True)
class Reading:
    """The inputs as ports, in one reading: whether there is a batch, and its size, 1 or free."""

    ports: tuple[Port, ...]
    batched: bool
    count: Any

    @property
    def types(self) -> dict[str, tuple]:
        """The type of each port."""
        return {port.name: port.type for port in self.ports}


def readings(inputs: Iterable[Port], dimensions: Mapping[str, Any], constants: Mapping[str, Any], batch: Any) -> list:
    """The readings of the inputs that are to be tried, in order."""
    every = list(inputs)
    free = {dim for port in every for dim in port.dims or () if isinstance(dim, str)}
    for name in (*dimensions, *constants):
        if name not in free | {port.name for port in every}:
            hint = nearest(name, [*(port.name for port in every), *sorted(free)])
            raise NetError(f"the model has no input or free size {name!r}", got=name, hint=hint)
    ports = [port for port in every if port.name not in constants]
    found = []
    if batch is not False and not any(is_whole(port, dimensions) for port in ports):
        for one in (batched(ports, dimensions, batch, 0), batched(ports, dimensions, batch, 1)):
            if one is not None:
                found += [one] if not any(is_open(port) for port in one.ports) else [varying(one), one]
    if batch is not True and not any(is_example(port, dimensions) for port in ports):
        whole = [with_sizes(port, dimensions) for port in ports]
        plain = Reading(tuple(whole), False, 1)
        found += [plain] if not any(is_open(port) for port in whole) else [varying(plain), plain]
    if not found:
        raise NetError("no input of the model has a batch", hint="leave Batch out, or write Batch=False")
    return found


def is_whole(port: Port, dimensions: Mapping[str, Any]) -> bool:
    """Whether the user says all sizes of a tensor, that of the batch too."""
    said = dimensions.get(port.name)
    return isinstance(said, (tuple, list)) and port.dims is not None and len(said) == len(port.dims)


def is_example(port: Port, dimensions: Mapping[str, Any]) -> bool:
    """Whether the user says the sizes of an example, without the batch."""
    said = dimensions.get(port.name)
    return isinstance(said, (tuple, list)) and port.dims is not None and len(said) == len(port.dims) - 1


def is_open(port: Port) -> bool:
    """Whether the first size of a port is free."""
    return bool(port.example) and not isinstance(port.example[0], int)


def varying(reading: Reading) -> Reading:
    """The same with first sizes that vary where they are free."""
    ports = tuple(Port(p.name, p.kind, p.dims, p.batch, True) for p in reading.ports)
    return Reading(ports, reading.batched, reading.count)


def with_sizes(port: Port, dimensions: Mapping[str, Any]) -> Port:
    """An input with the sizes that the user says."""
    said, dims = dimensions.get(port.name), port.dims
    if said is not None:
        said = tuple(said) if isinstance(said, (tuple, list)) else (said,)
        if not all(isinstance(size, int) and size > 0 for size in said):
            raise NetError(f"Dimensions of {port.name!r} must be positive whole numbers, got {said}", got=said)
        return Port(port.name, port.kind, agreed(port, said, dims), port.batch)
    if dims is None:
        hint = f"say it: Dimensions={{{port.name!r}: (3, 224, 224)}}"
        raise NetError(f"the model does not say the shape of its input {port.name!r}", got=port.name, hint=hint)
    return Port(port.name, port.kind, tuple(dimensions.get(dim, dim) if dim else dim for dim in dims), port.batch)


def agreed(port: Port, said: tuple, dims: tuple | None) -> tuple:
    """The sizes that the user says, refused where the model says others; those of an example leave the batch open."""
    if dims is None:
        return said
    if port.batch is not None and len(said) == len(dims) - 1:
        said = (*said[: port.batch], dims[port.batch], *said[port.batch :])
    if len(said) != len(dims) or any(isinstance(b, int) and a != b for a, b in zip(said, dims, strict=True)):
        raise NetError(
            f"Dimensions of {port.name!r} are {shown(said)}, but the model says {shown(dims)}", expected=dims, got=said
        )
    return said


def shown(dims: tuple) -> str:
    """Sizes as text, the free ones by name."""
    return "×".join(str(dim or "?") for dim in dims)


def batched(ports: list[Port], dimensions: Mapping[str, Any], wanted: Any, place: int) -> Reading | None:
    """The inputs with their batch, axis 0, or where that may be time a free axis 1; None where none has one."""
    names = {dim for port in ports for dim in (port.dims or ())[place : place + 1] if isinstance(dim, str)}
    if place and not names:
        return None
    found = []
    for port in ports:
        dims = port.dims or ((None,) * (len(dimensions[port.name]) + 1) if port.name in dimensions else ())
        at = next((at for at, dim in enumerate(dims) if dim in names), None)
        if at is None and dims and not place and (not isinstance(dims[0], int) or dims[0] == 1 or wanted is True):
            at = 0
        found.append(
            with_sizes(Port(port.name, port.kind, dims if port.dims is None and dims else port.dims, at), dimensions)
        )
    if all(port.batch is None for port in found):
        return None
    fixed = [port.dims[port.batch] for port in found if port.batch is not None and port.dims]
    count = 1 if all(size == 1 for size in fixed) else BATCH
    return Reading(tuple(found), True, count)
