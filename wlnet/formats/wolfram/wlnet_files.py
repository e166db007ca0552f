"""Reads `.wlnet` files of every version; nothing but wlnet is needed for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, place
from wlnet.core.layer import Layer
from wlnet.core.shared import NetArray
from wlnet.core.symbols import Automatic
from wlnet.formats.elements import Elements, net_elements
from wlnet.formats.wolfram.compress import LIMIT, expanded
from wlnet.formats.wolfram.expressions import Call, is_call
from wlnet.formats.wolfram.hdf5_reader import Member, members_of
from wlnet.formats.wolfram.source_text import source_text
from wlnet.formats.wolfram.tree import read_tree
from wlnet.formats.wolfram.tree_parts import Place


def elements(path: Path, *, limit: int = LIMIT) -> Elements:
    """What there is in a `.wlnet` file. `limit` is the most bytes that its tree may expand to."""
    return net_elements(lambda: read(path, limit)) | {"WLVersion": lambda: version_of(path)}


def read(path: Path, limit: int = LIMIT) -> Layer:
    """The net of a file of any version."""
    with named(path):
        root = root_of(path)
        metadata = expanded(text_of(root, "Metadata"), limit) if "Metadata" in root.members else None
        tree = expanded(text_of(root, "Network"), limit)
        return read_tree(tree, metadata, Arrays(root, tree).array)


def version_of(path: Path) -> str:
    """The version of Wolfram that wrote a file."""
    with named(path):
        return text_of(root_of(path), "Version")


def root_of(path: Path) -> Member:
    """The root of a file."""
    with open(path, "rb") as file:
        return members_of(file.read())


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Within it, errors name the file."""
    try:
        yield
    except NetError as error:
        text = f"{path}: {place(error.path)}: {error.message}" if error.path else f"{path}: {error.message}"
        raise NetError(text, expected=error.expected, got=error.got, hint=error.hint) from None
    except RecursionError:
        raise NetError(f"{path}: the net is nested too deeply", got=str(path)) from None
    except OSError as error:
        raise NetError(f"{path} cannot be read: {error.strerror}", got=str(path)) from None


def text_of(root: Member, name: str) -> str:
    """A member that is a string."""
    if name not in root.members:
        raise NetError(f"it holds no {name}, and so no net", got=name)
    return root.members[name].string()


class Arrays:
    """The arrays of a file, each read when a slot of the tree asks for it."""

    def __init__(self, root: Member, tree: Any):
        self.members = root.members["Arrays"].members if "Arrays" in root.members else {}
        self.uses = uses_of(tree)
        self.read: dict[int, np.ndarray] = {}

    def array(self, slot: Call, place: Place) -> Any:
        """The array of ExportedArray[k]; one that several trained slots hold is shared."""
        number = slot.arguments[0] if len(slot.arguments) == 1 else None
        if type(number) is not int or str(number) not in self.members:
            raise NetError(f"the file has no array {source_text(number)}", path=place)
        if number not in self.read:
            array = np.array(self.members[str(number)].array(), np.float32, order="C")
            array.setflags(write=False)
            self.read[number] = array
        if self.uses.get(number, 0) > 1 and not str(place[-1]).startswith("Moving") and place[0] != "SharedArrays":
            return NetArray.made(f"Array{number}", self.read[number], Automatic, Automatic)
        return self.read[number]


def uses_of(tree: Any) -> dict[Any, int]:
    """How many slots hold each array of a file."""
    found: dict[Any, int] = {}
    stack = [tree]
    while stack:
        each = stack.pop()
        if is_call(each, "ExportedArray") and len(each.arguments) == 1 and type(each.arguments[0]) is int:
            found[each.arguments[0]] = found.get(each.arguments[0], 0) + 1
        elif isinstance(each, Call):
            stack.extend(each.arguments)
    return found


__all__ = ["elements", "read", "version_of"]
