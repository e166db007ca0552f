"""Writes `.wlnet` files: HDF5 with the arrays of a net, its tree as a Compress string, and the version of Wolfram."""

from pathlib import Path

import h5py
import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.formats.native import write_atomically
from wlnet.formats.wolfram.compress import compressed
from wlnet.formats.wolfram.expressions import Call, call
from wlnet.formats.wolfram.tree import VERSION, tree_of


def write(path: Path, net: Layer) -> Path:
    """Writes a net as Wolfram's Export["net.wlnet", net] does."""
    path, arrays = Path(path), Numbered()
    tree, metadata = tree_of(net, arrays.exported)
    strings = {"Network": compressed(tree), "Metadata": compressed(metadata), "Version": VERSION}
    return write_atomically(path, lambda part: write_members(part, arrays.arrays, strings))


class Numbered:
    """The arrays of a file in order; one array is kept once, however often it is met."""

    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []
        self.numbers: dict[int, int] = {}

    def exported(self, array: np.ndarray) -> Call:
        """What stands for an array in the tree."""
        if id(array) not in self.numbers:
            self.arrays.append(array)
            self.numbers[id(array)] = len(self.arrays)
        return call("ExportedArray", self.numbers[id(array)])


def write_members(place: str, arrays: list[np.ndarray], strings: dict[str, str]) -> None:
    """The members of the root, of the types that Wolfram gives them."""
    try:
        with h5py.File(place, "w", libver=("earliest", "v110")) as file:
            group = file.create_group("Arrays")
            for number, array in enumerate(arrays, start=1):
                group.create_dataset(str(number), data=np.asarray(array, "<f4", order="C"))
            for name, text in strings.items():
                file.create_dataset(name, data=text, dtype=h5py.string_dtype("utf-8"))
            file.create_dataset("Unstable", data=np.int64(0))
    except (RuntimeError, ValueError) as error:
        raise NetError(f"it cannot be written as HDF5: {error}") from None


__all__ = ["write"]
