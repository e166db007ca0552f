"""CompiledLayer: a Python function of arrays as a layer, with the gradient that it is given."""

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import BeforeValidator, model_validator

from wlnet.core.dims import Refusal, is_length
from wlnet.core.expressions import Expression, Ref
from wlnet.core.heads import Head
from wlnet.core.layer import Layer
from wlnet.core.ports import shape_text
from wlnet.core.sizes import agree
from wlnet.core.slots import gives, takes
from wlnet.core.source import call
from wlnet.core.symbols import Automatic
from wlnet.core.tracing import expression
from wlnet.layers.elementwise import as_numbers

ANY = 99
"""More arguments than any function here is given."""


def arguments(function: Callable) -> tuple[int, int] | None:
    """The least and the greatest number of arguments by position; None where the function does not say."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    by_place = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    many = any(each.kind is each.VAR_POSITIONAL for each in parameters)
    return sum(each.default is each.empty for each in by_place), ANY if many else len(by_place)


def takes_count(function: Callable, count: int) -> bool:
    """Whether a function may be called with so many arguments."""
    ends = arguments(function)
    return ends is None or ends[0] <= count <= ends[1]


def _function(value: Any) -> Any:
    if isinstance(value, Expression) and len(value.parameters) == 1:
        return value
    if not callable(value) or isinstance(value, Expression) or not takes_count(value, 1):
        raise ValueError("must be a function of one array")
    return value


def _gradient(value: Any) -> Any:
    if value is Automatic or value is None:
        return value
    if callable(value) and (takes_count(value, 2) or takes_count(value, 3)):
        return value
    raise ValueError(
        "must be Automatic, None, or a function of the input, the output's gradient and, if it wants, the output"
    )


def traced(function: Any) -> Any:
    """The expression of a function that is elementwise, and otherwise the function itself."""
    if isinstance(function, Expression) or not callable(function):
        return function
    try:
        names = tuple(inspect.signature(function).parameters)[:1] if not isinstance(function, Head) else ("x",)
        found = expression(function, names or ("x",))
    except Exception:  # the user's own code meets what is no array: whatever it raises, it is not elementwise
        return function
    return found if found.steps or isinstance(found.result, Ref) else function


def typed_rank(function: Any) -> int | None:
    """The rank that a function says its array has: `Annotated[ndarray, 2]` or `ndarray[tuple[int, int], …]`."""
    try:
        hints = get_type_hints(function, include_extras=True)
    except Exception:  # annotations that cannot be read say nothing
        return None
    hint = next((value for name, value in hints.items() if name != "return"), None)
    for each in getattr(hint, "__metadata__", ()):
        if isinstance(each, int) and not isinstance(each, bool):
            return each
    sizes = get_args(hint)[0] if get_args(hint) else None
    if get_origin(sizes) is tuple and ... not in get_args(sizes):
        return len([each for each in get_args(sizes) if each != ()])
    return None


class CompiledLayer(Layer):
    """Output = function(Input), for a Python function from an array to an array.

    `gradient` is a function of the input, the output's gradient and, if it takes three, the output, that gives the
    input's gradient; None for slope 0 everywhere; or Automatic. Then, and for None, a function that is elementwise is
    recorded and becomes an expression, as in ElementwiseLayer; any other is differentiated when training needs it,
    which may find that it cannot be. Such functions run in NumPy form on both backends.

    A function gets one example. If the rank of its parameter is annotated, `x: Annotated[np.ndarray, 2]` say, and is
    one more than that of Input, it gets a batch, and so does its gradient. The shape of a result is given as Output.

    >>> CompiledLayer(lambda x: x * np.tanh(x))
    CompiledLayer(lambda x: x * Tanh(x))
    >>> CompiledLayer(lambda x: x[::-1] * 2, lambda x, g: g[::-1] * 2, Input=3, Output=3)([1, 2, 5]).tolist()
    [10.0, 4.0, 2.0]
    """

    function: Annotated[Any, BeforeValidator(_function)]
    gradient: Annotated[Any, BeforeValidator(_gradient)] = Automatic

    Input = takes("*shape")
    Output = gives("*outshape")

    @model_validator(mode="before")
    @classmethod
    def recorded(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """An elementwise function is kept as an expression, unless it has a gradient of its own."""
        if fields.get("gradient") in (None, Automatic) and "function" in fields:
            return {**fields, "function": traced(fields["function"])}
        return fields

    def rules(self) -> list[tuple[str, Callable, tuple[str, ...]]]:
        if isinstance(self.function, Expression):
            return [
                ("outshape", lambda shape: shape, ("shape",)),
                ("shape", lambda outshape: outshape, ("outshape",)),
            ]
        return [("shape", self.fits, ("shape",)), ("outshape", self.lasts, ("shape", "outshape"))]

    def fits(self, shape: tuple) -> None:
        """The rank that the function says is that of Input, or one more."""
        rank = self.rank
        if rank is not None and rank not in (len(shape), len(shape) + 1):
            raise Refusal(
                f"its function takes an array of rank {rank}, but Input {shape_text(shape)} is of rank {len(shape)}",
                "it takes one example, whose rank is that of Input, or a batch, whose rank is one more",
            )
        if shape and is_length(shape[0]) and rank == len(shape) + 1:
            raise Refusal(
                "its function takes a batch, but sequences of varying length are no array",
                "write it for one example",
            )

    def lasts(self, shape: tuple, outshape: tuple) -> None:
        """A varying output is as long as the input."""
        if outshape and is_length(outshape[0]):
            if not (shape and is_length(shape[0])):
                raise Refusal("Output varies, but Input does not")
            agree(shape[0], outshape[0], "the lengths of Input and Output")

    @cached_property
    def rank(self) -> int | None:
        """The rank that the function says it takes."""
        return typed_rank(self.function)

    @cached_property
    def passes(self) -> int:
        """How many arguments the gradient gets."""
        return 3 if callable(self.gradient) and arguments(self.gradient) and takes_count(self.gradient, 3) else 2

    def apply(self, xp: Any, Input: Any, shape: tuple, outshape: tuple) -> Any:
        if isinstance(self.function, Expression):
            y = as_numbers(xp, self.function(xp, Input), Input.shape)
            return xp.stop_gradient(y) if self.gradient is None else y
        whole, length = self.rank == Input.ndim, None
        if shape and not isinstance(shape[0], int):
            length = shape[0]
        if outshape and not isinstance(outshape[0], int):
            outshape = (None, *outshape[1:])
        return xp.called(Input, self.function, self.gradient, self.passes, whole, outshape, length)

    def __repr__(self) -> str:
        positional, named = super().arguments()
        return call(type(self).__name__, [Shown(each) for each in positional], named)


class Shown:
    """An argument that prints as its name where it is a function with one."""

    def __init__(self, value: Any):
        name = getattr(value, "__name__", "")
        self.text = name if name.isidentifier() else repr(value)

    def __repr__(self) -> str:
        return self.text
