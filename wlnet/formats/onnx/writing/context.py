"""The `xp` that layers see while a net is written: each word writes the operators that it is."""

from __future__ import annotations

from typing import Any, NoReturn, Self

from wlnet.backends.context import Context
from wlnet.core.errors import NetError
from wlnet.formats.onnx.writing.loops import Loops
from wlnet.formats.onnx.writing.named import INSTEAD
from wlnet.formats.onnx.writing.special import Special


class Words(Loops, Special):
    """Every word, over one model."""

    within = Context.within
    fit = Context.fit


class Writer(Context):
    """A context of one run, in evaluation; the model it writes is that of its words."""

    instead = INSTEAD

    def __init__(self, words: Words, dims: Any, count: Any):
        super().__init__(dims=dims)
        self.words, self.count = words, count

    def __getattr__(self, name: str) -> Any:
        if name == "words":
            raise AttributeError(name)
        return getattr(self.words, name)

    def at(self, path: tuple) -> Self:
        self.words.place = tuple(path)
        return super().at(path)

    def refuse(self, wrong: Any, message: Any) -> None:
        """What only the data can tell is not looked at, as in a compiled run."""

    def uniform(self, *shape: Any) -> NoReturn:
        hint = "give the random numbers by an input port of the net"
        raise NetError("random numbers cannot be written as ONNX", path=self.path, hint=hint)

    normal = generator = uniform

    def called(self, *arguments: Any) -> NoReturn:
        hint = "write the function with what wlnet records, such as FunctionLayer(f) with NumPy's functions"
        raise NetError("CompiledLayer: a Python function cannot be written as ONNX", path=self.path, hint=hint)
