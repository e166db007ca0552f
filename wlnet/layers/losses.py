"""Losses: CrossEntropyLossLayer, MeanSquaredLossLayer, MeanAbsoluteLossLayer. One number an example; nothing broadcasts."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from wlnet.core.dims import prod
from wlnet.core.fields import one_of
from wlnet.core.layer import Layer
from wlnet.core.ports import Slot, gives, takes, words_of
from wlnet.core.types import Integer


def mean_over(xp: Any, values: Any, shape: tuple) -> Any:
    """The mean over all elements of each example; along a varying level only the true ones count."""
    true = xp.masked(values, shape[0]) if shape else values
    total = xp.sum(xp.reshape(true, (true.shape[0], -1)), 1)
    return total / prod(shape) if isinstance(prod(shape), int) else total / xp.fit(prod(shape), 1)


class MeanSquaredLossLayer(Layer):
    """Loss = Mean((Input - Target)²) over all elements. Input and Target have one shape.

    >>> MeanSquaredLossLayer()({"Input": [1.0, 2.0], "Target": [1.0, 4.0]}).item()
    2.0
    """

    Input = takes("*shape")
    Target = takes("*shape")
    Loss = gives("")

    def apply(self, xp: Any, Input: Any, Target: Any, shape: tuple) -> Any:
        error = Input - Target
        return mean_over(xp, error * error, shape)


class MeanAbsoluteLossLayer(Layer):
    """Loss = Mean(|Input - Target|) over all elements; the slope where they are equal is 0.

    >>> MeanAbsoluteLossLayer()({"Input": [1.0, 2.0], "Target": [1.0, 4.0]}).item()
    1.0
    """

    Input = takes("*shape")
    Target = takes("*shape")
    Loss = gives("")

    def apply(self, xp: Any, Input: Any, Target: Any, shape: tuple) -> Any:
        return mean_over(xp, xp.abs(Input - Target), shape)


SMALLEST = 1.1754944e-38
"""The smallest normal single-precision number: probabilities are not taken for less, so that losses stay finite."""


class CrossEntropyLossLayer(Layer):
    """Loss = the mean over all items of -log of the probability of what is right (natural logarithm).

    "Index": Input holds probabilities along its last level, Target a class from 1 for each: -log p[target].
    "Probabilities": Target holds probabilities too: -Σ t·log p. "Binary": each number of Input is a probability, Target
    the truth from 0 to 1: -(t·log p + (1 - t)·log(1 - p)). Input is probabilities, not logits; below 1.2e-38 they count
    as 1.2e-38, so that loss and gradient stay finite.

    >>> CrossEntropyLossLayer("Binary")({"Input": 0.2, "Target": 1}).round(5).item()
    1.60944
    >>> CrossEntropyLossLayer("Index", Input=3)({"Input": [0.1, 0.2, 0.7], "Target": 2}).round(5).item()
    1.60944
    """

    form: Annotated[str, one_of("Index", "Probabilities", "Binary")]

    Input = takes("*outer classes")
    Target = takes("*outer classes")
    Loss = gives("")

    def ports(self) -> dict[str, Slot]:
        words = {"Index": "*outer", "Probabilities": "*outer classes", "Binary": "*items"}[self.form]
        of = Integer("classes") if self.form == "Index" else None
        inner = words if self.form == "Binary" else "*outer classes"
        return {
            "Input": Slot("in", words_of(inner)),
            "Target": Slot("in", words_of(words), of),
            "Loss": self.slots["Loss"],
        }

    def apply(self, xp: Any, **inputs: Any) -> Any:
        return self.losses[self.form](self, xp, inputs["Input"], inputs["Target"], xp.dims[xp.path])

    def index(self, xp: Any, p: Any, target: Any, words: Any) -> Any:
        flat = xp.reshape(p, (-1, p.shape[-1]))
        loss = xp.cross_entropy(flat, xp.reshape(xp.astype(target, int), (-1,)) - 1)
        return mean_over(xp, xp.reshape(loss, p.shape[:-1]), words["outer"])

    def probabilities(self, xp: Any, p: Any, target: Any, words: Any) -> Any:
        return mean_over(xp, -xp.sum(target * log(xp, p), -1), words["outer"])

    def binary(self, xp: Any, p: Any, target: Any, words: Any) -> Any:
        return mean_over(xp, -(target * log(xp, p) + (1 - target) * log(xp, 1 - p)), words["items"])

    losses: ClassVar[dict[str, Callable]] = {"Index": index, "Probabilities": probabilities, "Binary": binary}


def log(xp: Any, p: Any) -> Any:
    """log(p), held finite at 0."""
    return xp.log(xp.where(p > SMALLEST, p, SMALLEST))
