"""Parameters that follow from others: Wolfram keeps them in a tree, so we write those that public files show."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from wlnet.core.dims import Unknown
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.core.symbols import Symbol
from wlnet.nets.container import ports_of_kind


@dataclass(frozen=True)
class Facts:
    """What the plan of a net knows of the layer at a path."""

    layer: Layer
    plan: Plan
    path: tuple

    def word(self, name: str) -> Any:
        """The value of a word of the layer, if it is one of numbers alone; else Unknown."""
        value = self.plan.words.get(self.path, {}).get(name, Unknown)
        parts = value if isinstance(value, tuple) else (value,)
        return value if all(type(each) is int for each in parts) else Unknown

    def dims(self, port: str) -> Any:
        """The sizes of a port, if they are all numbers; else Unknown."""
        shape = self.plan.shape(self.path, port)
        return shape if shape is not None and all(type(each) is int for each in shape) else Unknown

    @property
    def rank(self) -> int | None:
        """The number of dimensions of space."""
        kernel = self.plan.words.get(self.path, {}).get("kernel")
        return len(kernel) if isinstance(kernel, tuple) else None


def derived_parameters(kind: str, facts: Facts) -> dict[str, Any]:
    """The derived parameters of a layer by name; a size that is not known is SizeT."""
    return {name: Symbol("SizeT") if value is Unknown else value for name, value in found(kind, facts).items()}


def found(kind: str, facts: Facts) -> Mapping[str, Any]:
    """The same with sizes that are not known."""
    if kind == "Linear":
        inner, outer = facts.dims("Input"), facts.word("n")
        outer_size = outer if outer is Unknown or isinstance(outer, int) else prod(outer)
        size = inner if inner is Unknown else prod(inner)
        return {"$OutputSize": outer_size, "$InputSize": size, "$InputDimensions": inner}
    if kind == "Elementwise":
        return {"$Dimensions": facts.dims("Input")}
    if kind == "BatchNormalization":
        dims = facts.dims("Input")
        channel = -1 if facts.layer.__dict__["Interleaving"] else 0
        if dims is Unknown or not dims:
            return {"Channels": Unknown, "$SpatialDimensions": Unknown}
        space = dims[:-1] if channel else dims[1:]
        return {"Channels": dims[channel], "$SpatialDimensions": space}
    if kind in ("Convolution", "Deconvolution", "Pooling"):
        rank = Unknown if facts.rank is None else facts.rank
        return {"InputChannels": facts.word("channels"), "Dimensionality": rank}
    if kind == "Function":
        names = {side: tuple(ports_of_kind(facts.layer, kind)) for side, kind in (("Input", "in"), ("Output", "out"))}
        return {"Function": None, "$InputNames": names["Input"], "$OutputNames": names["Output"]}
    return {}


__all__ = ["Facts", "derived_parameters"]
