"""Nets and their trees: NetChain[<|"Type" -> "Chain", …|>, <|"Version" -> …|>], as files and notebooks keep them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from wlnet.core.dims import Length
from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.shared import NetArray
from wlnet.core.symbols import Automatic, Symbol
from wlnet.core.trust import untrusted
from wlnet.formats.wolfram.expressions import Call, association, call, is_call, listed, pairs_of
from wlnet.formats.wolfram.source_text import source_text
from wlnet.formats.wolfram.tree_parts import Place, named_parts, no_arrays, parts_of
from wlnet.formats.wolfram.tree_reader import TreeReader
from wlnet.formats.wolfram.tree_writer import TreeWriter
from wlnet.formats.wolfram.values import is_net
from wlnet.nets.container import Container

VERSION = "14.2.1"
"""The version of Wolfram whose trees we write."""

NOTES = "wlnet"
"""What wlnet's notes are called among the metadata."""


def tree_of(net: Layer, keep: Callable[[np.ndarray], Any] = lambda array: array) -> tuple[Call, Call]:
    """The tree of a net, and its metadata; `keep` makes of an array what stands in its slot.

    A NetError says what of the net Wolfram's formats do not hold.
    """
    writer = TreeWriter(net.plan, keep)
    tree = writer.root(net)
    notes = association((listed(place), association(each.items())) for place, each in writer.notes.items())
    metadata = {"Version": VERSION, "Unstable": Symbol("False"), NOTES: notes}
    return tree, association(metadata.items())


def stored_form(net: Layer) -> Call:
    """A net in its association form, with its arrays: NetChain[<|…|>, <|"Version" -> …|>].

    >>> from wlnet import LinearLayer
    >>> read_tree(stored_form(LinearLayer(2, Biases=[1, 2], Input=3)))
    LinearLayer(2, Biases=Array(2), Input=3)
    """
    tree, metadata = tree_of(net)
    return call(type(net).__name__, tree, metadata)


def is_stored_form(expression: Any) -> bool:
    """Whether an expression is a net in its association form, or the association alone."""
    if is_net(expression):
        return True
    return isinstance(expression, Call) and 1 <= len(expression.arguments) <= 2 and is_net(expression.arguments[0])


def read_tree(
    expression: Any, metadata: Any = None, arrays: Callable[[Call, Place], Any] = no_arrays, shared: Any = None
) -> Layer:
    """The net of a stored form, or of a tree with its metadata; `arrays` gives the array of an ExportedArray."""
    if not is_stored_form(expression):
        raise NetError(f"{brief(source_text(expression))} is no net in its stored form")
    if not is_net(expression):
        metadata = expression.arguments[1] if len(expression.arguments) > 1 else None
        expression = expression.arguments[0]
    try:
        with untrusted():
            reader = TreeReader(notes_of(metadata), arrays)
            values = named_parts(parts_of(expression, (), "a net").get("SharedArrays"), (), "shared arrays")
            reader.shared = {name: reader.array(slot, ("SharedArrays", name)) for name, slot in values.items()}
            if any(isinstance(each, NetArray) for each in reader.shared.values()):
                raise NetError("a shared array stands for another")
            net = reader.net(expression, ())
            return net if reader.notes is not None else compared(net, reader, expression)
    except RecursionError:
        raise NetError("the net is nested too deeply") from None


def notes_of(metadata: Any) -> Mapping[Place, Mapping[str, Any]] | None:
    """What wlnet noted beside a tree; None where another program wrote it."""
    pairs = dict(each for each in pairs_of(metadata) or [] if isinstance(each[0], str)) if metadata is not None else {}
    if NOTES not in pairs:
        return None
    found = {}
    for place, notes in pairs_of(pairs[NOTES]) or []:
        if not is_call(place, "List") or not all(isinstance(each, (str, int)) for each in place.arguments):
            raise NetError("the notes of wlnet are damaged: a place is none")
        found[place.arguments] = named_parts(notes, place.arguments, "notes")
    return found


def compared(net: Layer, reader: TreeReader, expression: Any) -> Layer:
    """The net, held against what its tree says of shapes; where it knows less, the tree's types are given to it."""
    missing = set()
    for (place, port), stored in reader.stored.items():
        path = path_of(net, place)
        shape = None if path is None else net.plan.shape(path, port)
        if path is None or stored.dims is None:
            continue
        known = shape is not None and len(shape) == len(stored.dims)
        if not known or not all(agrees(*pair) for pair in zip(shape or (), stored.dims, strict=False)):
            missing.add((place, port))
    if not missing:
        return net
    wanted = reader.wanted
    again = replace(
        reader, stored={}, wanted=lambda place, side, port: (place, port) in missing or wanted(place, side, port)
    )
    return again.net(expression, ())


def agrees(ours: Any, said: Any) -> bool:
    """Whether a size that we infer is what a tree says; what it does not say, or a length, is."""
    if said is Automatic or isinstance(said, str):
        return said is Automatic or isinstance(ours, Length)
    return type(ours) is int and ours == said


def path_of(net: Layer, place: Place) -> tuple | None:
    """The path in a net of a place in its tree; None where no net is there."""
    path: list = []
    rest = list(place)
    while rest:
        name = rest.pop(0)
        keys = {str(key): key for key in net.subnets()}
        if isinstance(net, Container):
            if name not in keys:
                return None
            path.append(keys[name])
            net = net.layers[keys[name]]
            continue
        held: Any = net.__dict__.get(name)  # the setting of an operator, which is a net, or a tuple or dict of nets
        while rest and isinstance(held, (tuple, list)) and type(rest[0]) is int and 0 < rest[0] <= len(held):
            held = held[rest.pop(0) - 1]
        found = [key for key, each in net.subnets().items() if each is held]
        if not found:
            return None
        path.append(found[0])
        net = held
    return tuple(path)


__all__ = ["is_stored_form", "read_tree", "stored_form", "tree_of"]
