"""Data that stay where they are until a batch of them is drawn: memory maps, files, lists too large once encoded."""

import mmap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from wlnet.core.layer import Layer
from wlnet.core.ports import Shape
from wlnet.core.types import ElementType
from wlnet.nets.container import coder_of
from wlnet.verbs.data import Column, column, is_batch, numbers
from wlnet.verbs.inputs import Inputs, columns_for, empty, may_be_empty, no_batch, same_count, settled_plan

COMFORTABLE = 2**30
"""Data that would take more bytes when encoded are encoded batch by batch."""

FEW = 8
"""So many examples tell the shapes of data that are not read before training."""

MANY = 1000
"""Of fewer examples than these, whose sizes only encoding tells, none is encoded to learn how large all will be."""


@dataclass(frozen=True)
class Reader:
    """How the data of one port are read: by its encoder, if it has one, into numbers of its shape and type."""

    port: str
    encoder: Any
    shape: Shape
    of: ElementType | None
    least: int  # the length of the shortest sequence that may be given

    @staticmethod
    def of_port(net: Layer, plan: Any, port: str) -> "Reader":
        """The reader of a port of a net, by the plan that the data have settled."""
        shape, of = plan.shape((), port), plan.types.get(((), port))
        return Reader(port, coder_of(net, port), shape, of, 0 if may_be_empty(net, port) else 1)

    def read(self, values: Any, places: Any = None, random: np.random.Generator | None = None) -> Column:
        """Some examples as a column; `places` say which of more they are, and `random` lets encoders change them."""
        if self.encoder is not None:
            random = random if self.encoder.varies else None
            found = numbers(self.encoder.encode(values, True, self.port, random, places), self.port)
        else:
            found = numbers(empty(values, self.shape) if self.least == 0 else values, self.port)
            if is_batch(found, self.shape, self.port) is False:
                raise no_batch(self.port, self.shape, found)
        return column(found, True, self.shape, self.of, self.port, self.least, places)


@dataclass(frozen=True)
class Rows:
    """The examples of one port where they lie, `taken` of them; what is asked for is read then, and checked then."""

    raw: Any
    reader: Reader
    taken: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.raw) if self.taken is None else len(self.taken)

    @property
    def shape(self) -> tuple:
        """The number of examples, and the sizes of one; None where sizes vary."""
        return (len(self), *(dim if isinstance(dim, int) else None for dim in self.reader.shape or ()))

    def __getitem__(self, index: Any) -> np.ndarray:
        if isinstance(index, (int, np.integer)):
            return self.read(np.array([index])).array[0]
        return self.read(index).array

    def read(self, index: Any) -> Column:
        """Some of the examples."""
        places = np.arange(len(self))[index] if self.taken is None else self.taken[index]
        return self.reader.read(picked(self.raw, places), places)


@dataclass(frozen=True)
class Deferred(Column):
    """A column whose `array` are Rows: drawing some of the examples reads them."""

    array: Any

    def rows(self, index: Any) -> Column:
        """Some of the examples, read now."""
        return self.array.read(index)

    def part(self, index: Any) -> Column:
        """Some of the examples as a column of their own, not read yet."""
        rows = self.array
        taken = np.arange(len(rows))[index] if rows.taken is None else rows.taken[index]
        return Deferred(replace(rows, taken=taken))


def picked(raw: Any, places: np.ndarray) -> Any:
    """The examples at some places; from a disk they are read in the order in which they lie there."""
    if isinstance(raw, (list, tuple)):
        return [raw[place] for place in places]
    order = np.argsort(places, kind="stable")
    lying = np.asarray(raw[places[order]])
    found = np.empty_like(lying)
    found[order] = lying
    return found


def inputs_of(net: Layer, columns: Mapping[str, Any]) -> Inputs:
    """The data of every port as training reads them: in memory, or left where they are."""
    later = {port: values for port, values in columns.items() if stays(coder_of(net, port), values, port)}
    few = {port: values[:FEW] for port, values in later.items()}
    found, _ = columns_for(net, {**columns, **few}, True)
    plan = settled_plan(net, found)
    for port, values in later.items():
        found[port] = Deferred(Rows(values, Reader.of_port(net, plan, port)))
    same_count(found)
    return Inputs(found, plan, False)


def stays(encoder: Any, values: Any, port: str) -> bool:
    """Whether data are left where they are: a memory map, files, or what an encoder would make too large."""
    if is_on_disk(values):
        return True
    if encoder is None or not isinstance(values, (list, tuple, np.ndarray)):
        return False
    if isinstance(values, (list, tuple)) and any(names_file(each, encoder.reads_files) for each in values):
        return True
    return bytes_encoded(encoder, values, port) > COMFORTABLE


def is_on_disk(values: Any) -> bool:
    """Whether an array is a memory map, or part of one; or an array of a file (h5py, zarr), which has chunks."""
    while isinstance(values, np.ndarray):
        if getattr(values, "_mmap", None) is not None:  # what was taken out of a map by indices is none
            return True
        values = values.base
    return isinstance(values, mmap.mmap) or all(hasattr(values, name) for name in ("chunks", "shape", "dtype"))


def names_file(item: Any, texts: bool) -> bool:
    """Whether an item is the path of a file, or a list that begins with one; `texts` says that a text is a path."""
    while isinstance(item, (list, tuple)) and item:
        item = item[0]
    return isinstance(item, Path) or (texts and isinstance(item, str))


def bytes_encoded(encoder: Any, values: Any, port: str) -> int:
    """The size of data once they are encoded; where sizes vary, as the first examples let expect."""
    shape = encoder.port_shape()
    if shape is not None and all(isinstance(dim, int) for dim in shape):
        return 4 * len(values) * int(np.prod(shape, dtype=np.int64))
    if len(values) < MANY:
        return 0
    first = numbers(encoder.encode(values[:FEW], True, port), port)
    return len(values) * sum(each.nbytes for each in first) // FEW


def is_deferred(inputs: Inputs) -> bool:
    """Whether any data are read when a batch is drawn."""
    return any(isinstance(column, Deferred) for column in inputs.columns.values())


__all__ = ["COMFORTABLE", "Deferred", "Reader", "inputs_of", "is_deferred"]
