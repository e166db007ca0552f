"""One node of an ONNX graph: its attributes and constant inputs, and what is said when it cannot be read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import numpy_helper

from wlnet.core.errors import NetError
from wlnet.core.shared import NetArray
from wlnet.formats.onnx.reading.values import Value, numeric


class Needed(NetError):
    """An input of the graph that a layer takes as a setting: it must be known when the net is made."""

    def __init__(self, message: str, name: str, **said: Any):
        super().__init__(message, **said)
        self.name = name


@dataclass(eq=False)
class Node:
    """An operator at one place of a graph: `version` is that of its operator set, `reader` what reads the graph."""

    kind: str
    name: str
    domain: str
    version: int
    attributes: dict[str, Any]
    inputs: list[str]
    outputs: list[str]
    reader: Any = None
    used: set[str] = field(default_factory=set)

    @property
    def label(self) -> str:
        """What an error calls it."""
        named = f" {self.name!r}" if self.name else f" of {self.outputs[0]!r}" if self.outputs else ""
        domain = f"{self.domain}::" if self.domain else ""
        return f"the node{named} ({domain}{self.kind}, operator set {self.version})"

    def get(self, name: str, default: Any = None) -> Any:
        """An attribute."""
        self.used.add(name)
        return self.attributes.get(name, default)

    def attributes_as_given(self) -> dict[str, Any]:
        """The attributes as ONNX takes them: arrays as tensors."""
        return {
            name: numpy_helper.from_array(np.ascontiguousarray(value)) if isinstance(value, np.ndarray) else value
            for name, value in self.attributes.items()
        }

    def whole(self, name: str, default: Any = None) -> Any:
        """An attribute that is a whole number."""
        value = self.get(name, default)
        if value is not default and (isinstance(value, bool) or not isinstance(value, int)):
            raise NetError(f"{name} must be a whole number, got {value!r}", got=value)
        return value

    def number(self, name: str, default: float) -> float:
        """An attribute that is a number."""
        value = self.get(name, default)
        if not isinstance(value, (int, float)):
            raise NetError(f"{name} must be a number, got {value!r}", got=value)
        return single(value)

    def sizes(self, name: str, default: Any = None) -> Any:
        """An attribute that is a list of whole numbers."""
        value = self.get(name, default)
        if value is not default and not (isinstance(value, list) and all(isinstance(each, int) for each in value)):
            raise NetError(f"{name} must be a list of whole numbers, got {value!r}", got=value)
        return value

    def known(self, value: Value | None, what: str) -> Any:
        """The numbers of an input that a layer takes as a setting; Needed where it is an input of the graph."""
        if value is None:
            return None
        if not value.is_known:
            name = self.reader.input_named(value)
            where = f"the input {name!r} of the graph" if name else "computed from what comes in"
            raise Needed(
                f"{what} must be known when the net is made, but it is {where}",
                name or "",
                hint=f"give it: Constants={{{name!r}: …}}" if name else None,
            )
        return value.array

    def numbers(self, value: Value | None, what: str) -> Any:
        """The same as a list of Python's numbers."""
        found = self.known(value, what)
        return None if found is None else numeric(found).tolist()

    def array(self, value: Value | None, what: str) -> Any:
        """The same as an array of numbers, without a batch."""
        found = self.known(value, what)
        return None if found is None else numeric(found)

    def learned(self, value: Value, array: np.ndarray, form: str = "") -> Any:
        """An array of a layer: where several nodes read it from the file, one that they share."""
        name = self.reader.graph.shared_name(value)
        return NetArray(f"{name}{form}", Array=array) if name else array

    def axes(self, value: Value | None, name: str = "axes") -> list[int] | None:
        """Axes that are an attribute in older operator sets, and an input in newer ones."""
        if value is not None:
            found = self.numbers(value, name)
            return found if isinstance(found, list) else [found]
        given = self.sizes(name)
        return given if given is None or isinstance(given, list) else [given]


def single(value: float) -> float:
    """A number of single precision as the shortest that is the same there: 0.01, not 0.009999999776482582."""
    return float(str(np.float32(value))) if isinstance(value, float) and np.isfinite(value) else value


OPERATORS: dict[tuple[str, str], Callable] = {}
"""What reads each operator, by domain and name: a function of the node and its inputs that gives values."""

RAW: set[tuple[str, str]] = set()
"""The operators that are also computed here where all inputs are known, since sizes that are open may be among them."""


def reads(*names: str, domain: str = "", raw: bool = False) -> Callable:
    """Enters a function for these operators."""

    def enter(function: Callable) -> Callable:
        for name in names:
            OPERATORS[domain, name] = function
            if raw:
                RAW.add((domain, name))
        return function

    return enter
