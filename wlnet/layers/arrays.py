"""NetArrayLayer and RandomArrayLayer: arrays that no input gives."""

import math
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal, is_length
from wlnet.core.distributions import Distribution, DistributionFunction, Family, distribution_function
from wlnet.core.layer import Layer, dimension
from wlnet.core.multipliers import Multipliers
from wlnet.core.slots import Slot, gives, learned, words_of


class NetArrayLayer(Layer):
    """Output = Array, which is learned. There is no input; NetInitialize fills the array as it fills weights.

    With LearningRateMultipliers=None it is a constant: no rule trains it, NetInitialize(net, All) keeps it, and it
    prints with its numbers, unless they are many. Arrays of numbers in a function that becomes a net are such layers.

    >>> NetArrayLayer(Array=[[1, 2, 3], [4, 5, 6]])().tolist()
    [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    >>> NetArrayLayer(Array=[0.1, 2], LearningRateMultipliers=None)
    NetArrayLayer(LearningRateMultipliers=None, Array=[0.1, 2.0])
    """

    Output = gives("*shape")
    Array = learned("*shape", optional=False)

    @property
    def is_constant(self) -> bool:
        """Whether its numbers are not trained; a NetArray stays one of those that are, elsewhere at least."""
        frozen = self.LearningRateMultipliers == Multipliers({"_": None})
        return frozen and not hasattr(self.arrays.get("Array"), "array_key")

    def ports(self) -> dict[str, Slot]:
        return CONSTANT if self.is_constant else self.slots

    def _array(self, name: str, value: Any, slot: Slot) -> Any:
        return super()._array(name, value, self.slots[name])

    def arguments(self) -> tuple[list, dict[str, Any]]:
        positional, named = super().arguments()
        if self.is_constant and "Array" in named and is_short(named["Array"]):
            named["Array"] = plain(named["Array"])
        return positional, named

    def apply(self, xp: Any, Array: Any) -> Any:
        return xp.broadcast_to(Array, (xp.count, *Array.shape))


CONSTANT = {"Output": NetArrayLayer.slots["Output"], "Array": Slot("moving", words_of("*shape"), name="Array")}
"""The ports of a NetArrayLayer whose array is not trained."""

PRINTED = 64
"""So many numbers of a constant are printed at most."""


def is_short(numbers: Any) -> bool:
    """Whether an array can be printed with its numbers: few, and all of them finite."""
    return numbers.size <= PRINTED and all(abs(number) < math.inf for number in numbers.ravel())


def plain(numbers: Any) -> Any:
    """Numbers as lists of the shortest that mean the same in single precision."""
    return [plain(each) for each in numbers] if numbers.ndim else float(str(numbers))


ConstantArrayLayer = NetArrayLayer
"""The name by which Wolfram called it before version 12.2."""


def _distribution(value: Any) -> Any:
    if isinstance(value, (Distribution, DistributionFunction)):
        return value
    if isinstance(value, Family):
        raise ValueError(f"must say the parameters, as in {value}{value.__signature__}")
    if not callable(value):
        raise ValueError("must be a distribution such as NormalDistribution(0, 1), or a function that gives one")
    return distribution_function(value)


class RandomArrayLayer(Layer):
    """Output = independent random numbers, drawn anew at each evaluation, in training and in evaluation alike.

    `dist` is a distribution: there is no input, and Output is a number unless its shape is given or inferred. Or it is
    a Python function that gives one: there is an input port for each of its parameters (a single one is Input), all of
    one shape, and each element of Output is drawn with the parameters at that place; NaN where they are impossible.
    The same RandomSeeding gives the same numbers.

    The gradient of a draw follows the parameters of continuous distributions (of those made of gamma numbers to within
    0.2 %); numbers of discrete distributions have none.

    >>> RandomArrayLayer(UniformDistribution(1, 2), Output=(3, 5))(RandomSeeding=1).shape
    (3, 5)
    >>> RandomArrayLayer(lambda m, s: NormalDistribution(m, Exp(s)))
    RandomArrayLayer(lambda m, s: NormalDistribution(m, Exp(s)))
    >>> RandomArrayLayer(lambda p: BernoulliDistribution(p))([0, 1, 1]).tolist()
    [0.0, 1.0, 1.0]
    """

    dist: Annotated[Any, BeforeValidator(_distribution)]

    Output = gives("*shape")

    @cached_property
    def inputs(self) -> dict[str, Slot]:
        """The input ports: the parameters of a function."""
        names = self.dist.inputs if isinstance(self.dist, DistributionFunction) else ()
        return {name: Slot("in", words_of("*shape")) for name in (("Input",) if len(names) == 1 else names)}

    def ports(self) -> dict[str, Slot]:
        return self.inputs | self.slots

    def check(self) -> None:
        taken = [name for name in self.inputs if name in ("dist", "Output")]
        if taken:
            raise ValueError(f"a parameter of the function must be called other than {taken[0]}")

    def fallbacks(self) -> list:
        return [] if self.inputs else [("shape", lambda: (), ())]

    @dimension("shape")
    def fixed(self, shape: tuple) -> None:
        """Refuses an output of which nothing says how long it is."""
        if not self.inputs and any(map(is_length, shape)):
            raise Refusal(
                "an Output that varies needs an input that says its length", "draw by a function of that input"
            )

    def apply(self, xp: Any, **inputs: Any) -> Any:
        if inputs:
            return self.dist.sample(xp, list(inputs.values()))
        return self.dist.sample(xp, (xp.count, *xp.dims[xp.path]["shape"]))
