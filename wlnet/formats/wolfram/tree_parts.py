"""The parts of a net's tree: associations by name, edges, sizes that are not known."""

from collections.abc import Mapping
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.refuse import brief
from wlnet.core.symbols import NetPort
from wlnet.formats.wolfram.expressions import Call, is_call, is_symbol, pairs_of
from wlnet.formats.wolfram.source_text import source_text

Place = tuple[Any, ...]
"""Where something stands in a tree: names of nodes, and of parameters that hold nets."""


def no_arrays(slot: Call, place: Place) -> Any:
    """Refuses a reference to an array of a file, where there is none."""
    raise NetError(f"the array {source_text(slot)} is in no file", path=place, hint="import the .wlnet file itself")


def parts_of(node: Any, place: Place, what: str) -> dict[Any, Any]:
    """The parts of an association by name."""
    pairs = pairs_of(node) if is_call(node, "Association") else None
    if pairs is None:
        raise NetError(f"{brief(source_text(node))} is no association of {what}", path=place)
    return dict(each for each in pairs if isinstance(each[0], str))


def named_parts(node: Any, place: Place, what: str) -> dict[str, Any]:
    """The parts of an association by name; none where there is no association."""
    if node is None:
        return {}
    pairs = pairs_of(node)
    if pairs is None or not all(isinstance(name, str) for name, _ in pairs):
        raise NetError(f"its {what} are no association", path=place, got=source_text(node)[:99])
    if len(dict(pairs)) < len(pairs):
        raise NetError(f"its {what} have a name twice", path=place)
    return dict(pairs)


def is_end(value: Any) -> bool:
    """Whether an expression is the end of an edge."""
    texts = is_call(value, "NetPath") and all(isinstance(each, str) for each in value.arguments)
    if not texts:
        return False
    parts = value.arguments
    if len(parts) == 2:
        return parts[0] in ("Inputs", "Outputs")
    return len(parts) == 4 and parts[0] == "Nodes" and parts[2] in ("Inputs", "Outputs", "States")


def port_of(end: Call, keys: Mapping[str, Any], place: Place) -> NetPort:
    """The end of an edge as a user writes it."""
    if len(end.arguments) == 2:
        return NetPort(end.arguments[1])
    _, name, _, port = end.arguments
    if name not in keys:
        raise NetError(f"an edge names the layer {brief(name)}, which is not there", path=place, got=name)
    return NetPort(keys[name], port)


def is_rules(value: tuple) -> bool:
    """Whether a tuple holds rules."""
    return all(isinstance(each, tuple) and len(each) == 2 for each in value)


def is_size_type(expression: Any) -> bool:
    """Whether a parameter holds the type of sizes that are not known, and no size."""
    if is_call(expression, "List"):
        return bool(expression.arguments) and all(is_symbol(each, "SizeT", "NaturalT") for each in expression.arguments)
    return is_call(expression, "SizeT", "NaturalT", "SizeListT", "ListT", "EitherT", "Nullable")


__all__ = ["Place", "is_end", "is_rules", "is_size_type", "named_parts", "no_arrays", "parts_of", "port_of"]
