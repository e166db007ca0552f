"""What the solver says when sizes cannot be: the layer, both shapes, and where each came from."""

from typing import Any

from wlnet.core.dims import Length
from wlnet.core.errors import NetError, place
from wlnet.core.ports import shape_text
from wlnet.core.relations import Node, Var, find
from wlnet.core.shared import SHARED, NetArray
from wlnet.core.slots import Slot
from wlnet.core.types import Boolean, Real


class Clash(Exception):
    """Two sizes that cannot be equal."""


def disagreement(node: Node, name: str, slot: Slot, var: Var, expected: str) -> NetError:
    """A port's shape is not what the layer's words make it."""
    verb = {"in": "takes", "out": "gives"}.get(slot.kind, "has")
    got = shape_text(var.shape)
    same_place = var.by is None or (var.by[0] == node.path and var.by[2] == name)
    other = f"but {name} is given as {got}" if same_place else f"but {said_by(var.by)} {got}"
    if slot.is_array and not same_place:
        said = place((*var.by[0], var.by[2]))  # type: ignore[index]
        other = f"but it is {NetArray(var.key[1])!r}, which is {got} in {said}"
    return NetError(
        f"{node.label} {verb} {name} of shape {expected}, {other}{sources(node, name)}",
        path=node.path,
        expected=expected,
        got=got,
        hint=remedy(node, name),
    )


def remedy(node: Node, name: str) -> str | None:
    """What to do when given arrays fix a size."""
    if any(port == name and is_shared(find(var)) for port, _, var in node.ports):
        return "an array that is shared has one shape: use two names, or make the sizes one"
    given = [port for port, slot, var in node.ports if slot.is_array and port != name and is_given(find(var))]
    return f"{' and '.join(given)} fix that size: give other arrays, or another {name}" if given else None


def is_shared(var: Var) -> bool:
    """Whether a variable is that of a NetArray."""
    return var.key[0] == (SHARED,)


def is_given(var: Var) -> bool:
    return var.by is not None and var.by[3] == "is given"


def rule_clash(node: Node, word: str, value: Any) -> NetError:
    """A rule of a layer gives a size that is not the one known."""
    slots = {name: (slot, find(var)) for name, slot, var in node.ports}
    source = node.said.get(word, "")
    old = node.words[word]
    text, new = shape_text(as_shape(old)), shape_text(as_shape(value))
    if source in slots:
        slot, var = slots[source]
        verb = {"in": "takes", "out": "gives"}.get(slot.kind, "has")
        origin = "" if var.by is None or var.by[0] == node.path else f" ({said_by(var.by)} that)"
        if origin and slot.is_array:
            origin = f" ({NetArray(var.key[1])!r}, as in {place((*var.by[0], var.by[2]))})"  # type: ignore[index]
        said = f"{verb} {source} of shape {shape_text(var.shape)}{origin}, where {word} is {text}"
    else:
        said = f"has {word} = {text}"
    return NetError(
        f"{node.label} {said}, but the rest makes {word} {new}{sources(node, source)}",
        path=node.path,
        expected=new,
        got=text,
        hint=remedy(node, source),
    )


def sources(node: Node, but: str = "") -> str:
    """In brackets: the other ports whose shapes are known, and who said them."""
    parts = []
    for name, slot, var in node.ports:
        root = find(var)
        own_array = slot.is_array and not is_given(root)
        if name == but or root.shape is None or root.by is None or slot.kind not in ("in", "learned") or own_array:
            continue
        path, _, port, verb = root.by
        own = path == node.path and port == name
        who = ", as given" if verb == "is given" and own else "" if own else f" from {place(path)}"
        parts.append(f"{name} is {shape_text(root.shape)}{who}")
    return f" ({'; '.join(parts)})" if parts else ""


def refuse_impossible(nodes: list[Node]) -> None:
    """A dimension below 1, a length below level 1, an array that would vary."""
    for node in nodes:
        for name, slot, var in node.ports:
            for level, dim in enumerate(find(var).shape or ()):
                if isinstance(dim, int):
                    if dim < 1:
                        raise below_one(node, name, slot, find(var).shape)
                elif isinstance(dim, Length):
                    if slot.is_array:
                        raise varying_array(node, name, find(var).shape)
                    if level and slot.kind != "aside":  # which only evaluation reads
                        raise varying_below(node, name, slot, find(var).shape)


def below_one(node: Node, name: str, slot: Slot, shape: Any) -> NetError:
    """A dimension came out below 1."""
    verb = {"in": "take", "out": "give"}.get(slot.kind, "have")
    return NetError(
        f"{node.label} would {verb} {name} of shape {shape_text(shape)}, but a dimension is at least 1"
        f"{sources(node, name)}",
        path=node.path,
        got=shape_text(shape),
        hint="make its input larger, or its window or part smaller",
    )


def varying_array(node: Node, name: str, shape: Any) -> NetError:
    """An array of a layer would have a length in its shape."""
    return NetError(
        f"{node.label}: {name} would be of shape {shape_text(shape)}, but an array of a layer cannot vary"
        f"{sources(node, name)}",
        path=node.path,
        got=shape_text(shape),
        hint="map the layer over the sequence with NetMapOperator, or give Input a fixed size",
    )


def varying_below(node: Node, name: str, slot: Slot, shape: Any) -> NetError:
    """A length would stand below the first level."""
    return NetError(
        f"{node.label} would {'take' if slot.kind == 'in' else 'give'} {name} of shape {shape_text(shape)}, but only "
        f"the first level of a port may vary{sources(node, name)}",
        path=node.path,
        got=shape_text(shape),
        hint="give that level a fixed size, or keep the varying level first",
    )


def type_clash(a: Any, a_by: Any, b: Any, b_by: Any) -> NetError:
    """An edge would carry two kinds of values."""
    if a_by[3] == "takes" and b_by[3] != "takes":
        a, a_by, b, b_by = b, b_by, a, a_by
    path, label, port, verb = b_by
    integers = "integers come from an encoder, from OrderingLayer, or from a port typed Integer"
    booleans = "ElementwiseLayer(lambda x: 1 * x) makes the numbers 0 and 1 of booleans"
    return NetError(
        f"{label} {verb} {port} of {b}, but {said_by(a_by)} {a}",
        path=path,
        expected=str(b),
        got=str(a),
        hint=booleans if Boolean() in (a, b) else integers if Real() in (a, b) else "make the two ranges one",
    )


def class_clash(node: Node, name: str, old: Any, var: Var) -> NetError:
    """A layer made for so many classes gets another number of them."""
    return NetError(
        f"{node.label} has {name} of integers up to {old}, but gets {var.type}"
        + (f" from {place(var.type_by[0])}" if var.type_by and var.type_by[0] else ""),
        path=node.path,
        expected=old,
        got=var.type.high,
        hint=f"make {old} and {var.type.high} one number",
    )


def as_shape(value: Any) -> tuple:
    return value if isinstance(value, tuple) else (value,)


def said_by(by: Any) -> str:
    """net/2 takes, net/1 gives, Input is given as."""
    path, label, port, verb = by
    if verb == "is given":
        return f"{port} of {place(path)} is given as" if path else f"{port} is given as"
    return f"{place(path) if path else label} {verb}"


def clash_of(a_by: Any, a: Any, b_by: Any, b: Any) -> NetError:
    """Two ends of an edge that say different shapes, told from the side that takes."""
    if a_by[3] == "takes" and b_by[3] != "takes":
        a_by, a, b_by, b = b_by, b, a_by, a
    path, label, port, verb = b_by
    own = f"{label} {verb} {port} of shape" if verb != "is given" else f"{label}: {port} is given as"
    return NetError(
        f"{own} {shape_text(b)}, but {said_by(a_by)} {shape_text(a)}",
        path=path,
        expected=shape_text(b),
        got=shape_text(a),
        hint=f"make {place(path) if path else label} and {place(a_by[0])} agree on {shape_text(b)} or {shape_text(a)}",
    )
