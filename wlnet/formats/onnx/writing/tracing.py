"""A net run once on symbolic tensors: the inputs of the model, their lengths, and its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from wlnet.core.dims import Length, Name
from wlnet.core.layer import Layer
from wlnet.core.types import Boolean, Integer
from wlnet.formats.onnx.writing.context import Words, Writer
from wlnet.formats.onnx.writing.sizes import Size
from wlnet.formats.onnx.writing.tensor import Tensor
from wlnet.nets.container import ports_of_kind
from wlnet.verbs.evaluate import collect_arrays


class Trace:
    """The inputs and outputs of a model, once the nodes are written.

    Every input has the batch as its first axis. A port that varies has an axis of any size, the same for all examples
    of a batch; with `lengths` the model has an input besides that says how much of each example is true, (batch,), and
    an output that says so of each output that varies.
    """

    def __init__(self, net: Layer, opset: int, lengths: bool, masked: bool):
        self.net, self.words, self.lengths, self.masked = net, Words(opset), lengths, masked
        self.words.names |= set(net.ports())
        self.names: dict[Name, Any] = {}
        self.inputs = {port: self.input(port) for port in ports_of_kind(net, "in")}
        self.ends: dict[Name, Tensor] = {}
        self.said: dict[str, Tensor] = {}
        for port in self.inputs:
            self.say_lengths(port)
        self.outputs = self.run()
        if lengths:
            self.outputs |= self.output_lengths()

    # --- inputs -------------------------------------------------------------------------------------------------------

    def input(self, port: str) -> Tensor:
        """The tensor of an input port."""
        shape, of = self.net.plan.shape((), port) or (), self.net.plan.types.get(((), port))
        dtype = np.int64 if isinstance(of, Integer) else np.bool_ if isinstance(of, Boolean) else np.float32
        tensor = Tensor(self.words, port, (), dtype)
        batch = Size.named("batch", self.words)
        if "batch" not in self.words.sources:
            self.words.sources["batch"] = (tensor, 0)
        tensor.shape = (batch, *(self.axis(tensor, port, axis, dim) for axis, dim in enumerate(shape, start=1)))
        return tensor

    def axis(self, tensor: Tensor, port: str, axis: int, dim: Any) -> Any:
        """The size of an axis: a number, or a name that ports of one length share."""
        if not isinstance(dim, Length):
            return dim
        found = self.known(dim)
        if found is not None:
            return found
        name = size_name(dim, port)
        while name in self.words.sources:
            name += "'"
        self.words.sources[name] = (tensor, axis)
        size = Size.named(name, self.words)
        if is_single(dim):
            self.names[dim.terms[0][1]] = (size - dim.const) // dim.terms[0][0]
        return size

    def known(self, dim: Length) -> Any:
        """A length whose names have been read before."""
        if not dim.names() <= set(self.names):
            return None
        return dim.with_names(lambda name: self.names[name])

    def say_lengths(self, port: str) -> None:
        """The input that says how long the examples are, for a port that is the first of a length of its own."""
        shape = self.net.plan.shape((), port) or ()
        if not self.lengths or not shape or not isinstance(shape[0], Length) or not is_single(shape[0]):
            return
        count, name = shape[0].terms[0]
        if name not in self.ends:
            batch = self.inputs[port].shape[0]
            title = self.words.fresh(f"{port}Lengths")
            self.ends[name] = Tensor(self.words, title, (batch,), np.int64)
            self.said[title] = self.ends[name]
            if (count, shape[0].const) != (1, 0):
                self.ends[name] = (self.ends[name] - shape[0].const) // count

    # --- the run ------------------------------------------------------------------------------------------------------

    def run(self) -> dict[str, Tensor]:
        """What the net gives at each output port."""
        words = self.words
        count = next((tensor.shape[0] for tensor in self.inputs.values()), 1)
        arrays = {
            key: words.constant(value, label="/".join(map(str, key)))
            for key, value in collect_arrays(self.net, "float32").items()
        }
        xp = Writer(words, self.net.plan.at(self.true_lengths(count)), count)
        outputs, _ = self.net.run(xp, arrays, dict(self.inputs), ())
        words.place = ()
        return {port: words.lift(outputs[port]) for port in ports_of_kind(self.net, "out")}

    def true_lengths(self, count: Any) -> Mapping[Name, Any]:
        """The value of every name: the size of an axis, or one number an example."""
        if self.lengths:
            return self.ends
        if not self.masked:
            return self.names
        return {
            name: self.words.broadcast_to(self.words.reshape(self.words.size(size), (1,)), (count,))
            for name, size in self.names.items()
        }

    def output_lengths(self) -> dict[str, Tensor]:
        """How much of each example is true, for each output port that varies."""
        found = {}
        for port in ports_of_kind(self.net, "out"):
            shape = self.net.plan.shape((), port) or ()
            if shape and isinstance(shape[0], Length):
                found[self.words.fresh(f"{port}Lengths")] = shape[0].with_names(lambda name: self.ends[name])
        return found


def is_single(dim: Length) -> bool:
    """Whether a length says its one name."""
    return len(dim.terms) == 1 and isinstance(dim.terms[0][1], Name)


def size_name(dim: Length, port: str) -> str:
    """What the model calls an axis: the user's own name of the length, or one after the port."""
    single = is_single(dim) and dim.terms[0][0] == 1 and dim.const == 0
    text = dim.terms[0][1].text if single else "Varying"
    return f"{port}_length" if text in ("Varying", "batch") else text
