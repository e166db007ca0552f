"""The inputs of layers that take any number of them: Threading, Total, Catenate, Dot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.errors import NetError
from wlnet.core.fields import as_number
from wlnet.core.ports import PortType, port_type
from wlnet.core.slots import Slot, words_of
from wlnet.core.source import source
from wlnet.core.symbols import Automatic


@dataclass(frozen=True, slots=True)
class InputPorts:
    """The setting as the user wrote it, and the ports that it means: their names, and their types."""

    spec: Any
    types: tuple[tuple[str, PortType], ...]

    @property
    def count(self) -> int:
        return len(self.types)

    def __repr__(self) -> str:
        return source(self.spec)


MOST = 9999
"""The greatest number of inputs; a larger one is a slip."""


def input_ports(value: Any) -> Any:
    """The normal form of the option InputPorts: a number, names, types by name, or types in order."""
    if value is Automatic or isinstance(value, InputPorts):
        return value
    count = as_number(value)
    if isinstance(count, int) and 0 < count <= MOST:
        return InputPorts(count, tuple((f"Input{k}", PortType()) for k in range(1, count + 1)))
    if isinstance(value, Mapping) and value and all(isinstance(name, str) for name in value):
        return InputPorts(dict(value), tuple((name, _type(spec, name)) for name, spec in value.items()))
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value):
        if all(isinstance(name, str) for name in value):
            if len(set(value)) < len(value):
                raise ValueError("must name each input once")
            return InputPorts(list(value), tuple((name, PortType()) for name in value))
        named = [(f"Input{k}", spec) for k, spec in enumerate(value, start=1)]
        return InputPorts(list(value), tuple((name, _type(spec, name)) for name, spec in named))
    raise ValueError("must be a number of inputs, a list of names, a dict of types by name, or a list of types")


def _type(spec: Any, name: str) -> PortType:
    try:
        return port_type(spec, name)
    except NetError as error:
        raise ValueError(f"must hold port types; {error.message}") from None


InputPortsField = Annotated[Any, BeforeValidator(input_ports)]


def input_slots(ports: Any, names: tuple[str, ...] | None, count: int | None) -> dict[str, Slot]:
    """One input slot a port, each of a shape of its own; none while their number is open."""
    if ports is not Automatic:
        names = tuple(name for name, _ in ports.types)
    elif names is None:
        names = tuple(f"Input{k}" for k in range(1, (count or 0) + 1))
    return {name: Slot("in", words_of(f"*{name}shape")) for name in names}
