"""LinearLayer and SoftmaxLayer."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal, Unknown
from wlnet.core.fields import Level, Size
from wlnet.core.layer import Layer, dimension
from wlnet.core.sizes import prod, share
from wlnet.core.slots import gives, learned, takes
from wlnet.core.symbols import Automatic


def _outputs(value: Any) -> Any:
    if value is Automatic:
        return value
    check = Size.__metadata__[0].func
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(map(check, value))
    try:
        return check(value)
    except ValueError:
        raise ValueError("must be a positive whole number, a tuple of them, or Automatic") from None


class LinearLayer(Layer):
    """Output = Weights · Flatten(Input) + Biases, in the shape `n`.

    `n` is a size, a tuple of sizes, `()` for a number, or Automatic: then it is inferred. Input may be of any fixed
    shape; it is read row by row. Weights are (product of n) × (product of Input's sizes).

    >>> LinearLayer(2, Weights=[[1, 0, 0], [0, 1, 1]], Biases=[0, 10])([1, 2, 3]).tolist()
    [1.0, 15.0]
    """

    n: Annotated[Any, BeforeValidator(_outputs)] = Automatic

    Input = takes("*size")
    Output = gives("*n")
    Weights = learned("outputs inputs")
    Biases = learned("outputs", start=0.0)

    @dimension
    def inputs(self, size: tuple) -> Any:
        return prod(size)

    @dimension
    def outputs(self, n: tuple) -> Any:
        return prod(n)

    @dimension("n")
    def last_of_n(self, n: tuple, outputs: Any) -> tuple | None:
        return filled(n, outputs)

    @dimension("size")
    def last_of_size(self, size: tuple, inputs: Any) -> tuple | None:
        return filled(size, inputs)

    def fallbacks(self) -> list:
        """A given matrix of weights that nothing else tells more of is taken for a map between vectors."""
        if "Weights" not in self.arrays:
            return []
        return [("n", lambda outputs: (outputs,), ("outputs",)), ("size", lambda inputs: (inputs,), ("inputs",))]

    def words(self) -> dict[str, Any]:
        return {} if self.n is Automatic else {"n": self.n if isinstance(self.n, tuple) else (self.n,)}

    def apply(self, xp: Any, Input: Any, Weights: Any, Biases: Any, n: tuple) -> Any:
        flat = Input if Input.ndim == 2 else xp.reshape(Input, (Input.shape[0], -1))
        output = xp.linear(flat, Weights, Biases)
        return output if len(n) == 1 else xp.reshape(output, (Input.shape[0], *n))


def filled(sizes: tuple, total: Any) -> tuple | None:
    """Sizes of which one is not known, from their product."""
    if sum(size is Unknown for size in sizes) != 1:
        return None
    left = share(total, prod(size for size in sizes if size is not Unknown))
    return tuple(left if size is Unknown else size for size in sizes)


class SoftmaxLayer(Layer):
    """Output = Exp(Input) / Total(Exp(Input)) along `level`, the last one by default.

    Along a level of varying length only the true elements count.

    >>> SoftmaxLayer()([0, 0]).tolist()
    [0.5, 0.5]
    """

    level: Level = -1

    Input = takes("*shape")
    Output = gives("*shape")

    @dimension("shape")
    def has_level(self, shape: tuple) -> Any:
        if not (1 <= self.level <= len(shape) or -len(shape) <= self.level <= -1):
            what = "a number" if not shape else f"an array of rank {len(shape)}"
            raise Refusal(f"level {self.level} is not a level of {what}", "give an Input that has that level")
        return None

    def apply(self, xp: Any, Input: Any, shape: tuple) -> Any:
        level = self.level % Input.ndim
        masked = xp.masked(Input, shape[0], -1e30) if level == 1 else Input  # not -inf: a row of padding would be nan
        return xp.softmax(masked, level)
