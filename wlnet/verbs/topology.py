"""A number that says what a net is, apart from the values of its arrays: Information's "TopologyHash"."""

import hashlib
import re
from typing import Any

from wlnet.core.layer import Layer
from wlnet.core.ports import shape_text
from wlnet.core.source import source
from wlnet.nets.container import Container
from wlnet.verbs.places import Path, arrays, nets


def topology_hash(net: Layer) -> int:
    """A hash of the layers with their names and settings, the edges, and all shapes and element types.

    It is the same in every process. Values of arrays, LearningRateMultipliers and what coders do beyond the shapes and
    types that they say do not count; an array that is None does, and which arrays are one (not how they are called).

    >>> topology_hash(LinearLayer(2, Biases=[3, 4], Input=1)) == topology_hash(LinearLayer(2, Input=1))
    True
    """
    lines = [line for path, each in nets(net) for line in described(net, each, path)]
    first: dict[Path, Path] = {}
    for array in arrays(net):
        if first.setdefault(array.key, array.path) != array.path:
            lines.append(f"{array.path!r} is {first[array.key]!r}")
    digest = hashlib.sha256("\n".join(lines).encode()).digest()
    return int.from_bytes(digest[:8], "big")


def described(root: Layer, net: Layer, path: Path) -> list[str]:
    """The lines that say what one net is."""
    lines = [f"{path!r} {type(net).__name__}"]
    lines += [f"  {name} = {settled(value)}" for name, value in settings(net).items()]
    for name in net.present():
        lines.append(f"  {name}: {shape_text(root.plan.shape(path, name))} {root.plan.types.get((path, name))}")
    if isinstance(net, Container):
        lines += [f"  {one!r} -> {other!r}" for one, other in net.edges]
    return lines


def settings(net: Layer) -> dict[str, Any]:
    """The arguments and options of a net that make it what it is."""
    left_out = {*type(net).hidden, "LearningRateMultipliers"}
    shown = {name: value for name, value in net.fields().items() if name not in left_out}
    return {name: value for name, value in shown.items() if not isinstance(value, Layer)}  # what it holds has its own


def settled(value: Any) -> str:
    """A setting as text that is the same in every process: without the addresses of functions."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", source(value))
