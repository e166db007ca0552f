"""ElementwiseLayer and ThreadingLayer: scalar functions applied to each element, of one array or of several."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal, Unknown
from wlnet.core.expressions import Expression, Ref
from wlnet.core.fields import as_number
from wlnet.core.heads import HEADS, Head
from wlnet.core.layer import Layer
from wlnet.core.sizes import agree
from wlnet.core.slots import gives, takes
from wlnet.core.symbols import Automatic
from wlnet.core.tracing import expression, function_named
from wlnet.layers.nary import NaryLayer


def _unary(value: Any) -> Any:
    if isinstance(value, Head):
        value = value.name
    if isinstance(value, str):
        name = function_named(value)
        if HEADS[name].least > 1:
            raise ValueError(f"must be a function of one number; {name} takes more")
        return name
    if isinstance(value, Expression):
        return value.name or value
    if not callable(value):
        raise ValueError("must be a function of one number: a name, a head, or a Python function")
    traced = expression(value)
    if len(traced.parameters) != 1:
        raise ValueError(f"must be a function of one number; this one takes {len(traced.parameters)}")
    return traced.name or traced


class ElementwiseLayer(Layer):
    """Output = f(Input), element by element.

    `f` is the name of a function ("SELU"), a head (`Ramp`), or a Python function of one number, which is recorded:
    NumPy's functions, Python's operators and wlnet's heads may be used in it.

    >>> ElementwiseLayer("Ramp")([-1, 2]).tolist()
    [0.0, 2.0]
    >>> ElementwiseLayer(lambda x: x**2 + 1)([1, 3]).tolist()
    [2.0, 10.0]
    """

    f: Annotated[Any, BeforeValidator(_unary)]

    Input = takes("*shape")
    Output = gives("*shape")

    @property
    def function(self) -> Expression:
        """The function as an expression, whichever way it was given."""
        return _expression(self.f, 1)

    def apply(self, xp: Any, Input: Any) -> Any:
        if isinstance(self.f, str):
            return as_numbers(xp, HEADS[self.f].function(xp, Input), Input.shape)
        return as_numbers(xp, self.f(xp, Input), Input.shape)


def _expression(f: Any, count: int) -> Expression:
    if isinstance(f, Expression):
        return f
    names = ("x",) if count == 1 else tuple(f"x{k}" for k in range(1, count + 1))
    return Expression(names, ((f, tuple(map(Ref, range(count)))),), Ref(count))


def as_numbers(xp: Any, value: Any, shape: tuple) -> Any:
    """What a function gives as numbers of this precision in that shape; truth values are 0 and 1."""
    if getattr(value, "dtype", None) != xp.precision:
        value = xp.astype(value, float)
    return value if tuple(value.shape) == tuple(shape) else xp.broadcast_to(value, shape)


def _function(value: Any) -> Any:
    if isinstance(value, Head):
        return value.name
    if isinstance(value, str):
        return function_named(value)
    if not callable(value):
        raise ValueError("must be a function: a name, a head, or a Python function of several numbers")
    return value if isinstance(value, Expression) else expression(value)


def _alignment(value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(map(_single_alignment, value))
    return _single_alignment(value)


def _single_alignment(value: Any) -> Any:
    number = as_number(value)
    if value is None or value is Automatic or (isinstance(number, int) and number != 0):
        return number if isinstance(number, int) else value
    raise ValueError("must be None, Automatic, a level other than 0, or a tuple of one for each input")


class ThreadingLayer(NaryLayer):
    """Output = f(Input1, Input2, …), element by element, after aligning the inputs by `broadcast`.

    `broadcast` says how inputs of different rank or size meet: None: all shapes are equal; Automatic: ranks are equal,
    and a size of 1 is repeated; n: an input of lower rank gets the missing levels at level n of the output (1 aligns
    as NumPy does); -n: the same from the end (-1 aligns as Wolfram's Plus does); or one of these for each input. The
    ports are Input1, Input2, …, or the parameters of a Python function.

    >>> ThreadingLayer("Times")([[1, 2], [10, 20]]).tolist()
    [10.0, 40.0]
    >>> ThreadingLayer(lambda a, b: a - 2 * b)([[5.0], [1.0]]).tolist()
    [3.0]
    """

    f: Annotated[Any, BeforeValidator(_function)]
    broadcast: Annotated[Any, BeforeValidator(_alignment)] = Automatic

    Output = gives("*shape")

    def check(self) -> None:
        super().check()
        if isinstance(self.broadcast, tuple) and len(self.broadcast) != len(self.inputs):
            raise ValueError(f"broadcast names {len(self.broadcast)} inputs, but there are {len(self.inputs)}")
        refused = HEADS[self.f].refusal(tuple(self.inputs)) if isinstance(self.f, str) and self.inputs else None
        if refused:
            raise ValueError(f"{self.f} takes {refused}")

    @property
    def arity(self) -> tuple[int, float]:
        if isinstance(self.f, str):
            return HEADS[self.f].least, HEADS[self.f].most
        return len(self.f.parameters), len(self.f.parameters)

    @property
    def own_names(self) -> tuple[str, ...] | None:
        return self.f.parameters if isinstance(self.f, Expression) else None

    def rules(self) -> list[tuple[str, Callable, tuple[str, ...]]]:
        words = tuple(f"{name}shape" for name in self.inputs)
        if not words:
            return []
        if self.aligned is None:
            back = [(word, lambda shape: shape, ("shape",)) for word in words]
            return [*back, *(("shape", lambda shape: shape, (word,)) for word in words)]
        back = [(word, self.narrowed, ("shape",)) for word in words] if self.broadcast is Automatic else []
        return [("shape", self.aligned_shape, words), *back]

    def narrowed(self, shape: tuple) -> tuple:
        """What the output tells of an input: the rank, and the sizes that are 1."""
        return tuple(1 if dim == 1 else Unknown for dim in shape)

    @property
    def aligned(self) -> Any:
        """How the inputs meet; a single one meets nothing."""
        return self.broadcast if len(self.inputs) > 1 else None

    def spec(self, k: int) -> Any:
        """How the k-th input, from 0, is aligned."""
        return self.broadcast[k] if isinstance(self.broadcast, tuple) else self.broadcast

    def aligned_shape(self, *shapes: tuple) -> tuple:
        """The shape of the output, by the sizes of all inputs."""
        rank = max(map(len, shapes))
        result: list = [1] * rank
        for k, (name, shape) in enumerate(zip(self.inputs, shapes, strict=True)):
            if len(shape) < rank and not isinstance(self.spec(k), int):
                ranks = ", ".join(f"{n} of rank {len(s)}" for n, s in zip(self.inputs, shapes, strict=True))
                raise Refusal(f"inputs must be of equal rank, not {ranks}", "give a level to align at, such as 1 or -1")
            levels = self.levels(k, len(shape), rank)
            for level, dim in zip(levels, shape, strict=True):
                result[level - 1] = self.common(result[level - 1], dim, name, level)
        return tuple(result)

    def common(self, size: Any, dim: Any, name: str, level: int) -> Any:
        if size == 1 or dim == 1:
            return dim if size == 1 else size
        if size is Unknown or dim is Unknown:
            return size if dim is Unknown else dim
        return agree(size, dim, f"sizes at level {level}, up to {name},")

    def levels(self, k: int, rank: int, full: int) -> tuple[int, ...]:
        """The levels of the output that the levels of an input of that rank meet."""
        spec, missing = self.spec(k), full - rank
        if not missing:
            return tuple(range(1, full + 1))
        first = spec if spec > 0 else rank + 2 + spec
        if not 1 <= first <= rank + 1:
            raise Refusal(f"level {spec} is not a place in an array of rank {rank}")
        return (*range(1, first), *range(first + missing, full + 1))

    def apply(self, xp: Any, **inputs: Any) -> Any:
        arrays = list(inputs.values())
        full = max(array.ndim for array in arrays) - 1
        wide = [self.widened(xp, k, array, full) for k, array in enumerate(arrays)]
        shape = tuple(max(sizes) for sizes in zip(*(array.shape for array in wide), strict=True))
        if isinstance(self.f, str):
            return as_numbers(xp, HEADS[self.f].function(xp, *wide), shape)
        return as_numbers(xp, self.f(xp, *wide), shape)

    def widened(self, xp: Any, k: int, array: Any, full: int) -> Any:
        """An input with levels of size 1 where others have more levels."""
        rank = array.ndim - 1
        if rank == full:
            return array
        shape = [1] * full
        for level, dim in zip(self.levels(k, rank, full), array.shape[1:], strict=True):
            shape[level - 1] = dim
        return xp.reshape(array, (array.shape[0], *shape))
