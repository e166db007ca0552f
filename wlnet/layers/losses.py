"""CrossEntropyLossLayer, MeanSquaredLossLayer, MeanAbsoluteLossLayer: one number an example; nothing broadcasts."""

from typing import Annotated, Any

from wlnet.core.dims import Refusal, is_length
from wlnet.core.fields import one_of
from wlnet.core.layer import Layer, dimension
from wlnet.core.sizes import prod
from wlnet.core.slots import Slot, gives, takes
from wlnet.core.types import Integer


def mean_over(xp: Any, values: Any, shape: tuple, items: tuple) -> Any:
    """The sum of values of that shape over the number of items, example by example; padding does not count."""
    if not shape:
        return values
    true = xp.masked(values, shape[0])
    return xp.sum(true, tuple(range(1, values.ndim))) / xp.fit(prod(items), 1)


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
        return mean_over(xp, error * error, shape, shape)


class MeanAbsoluteLossLayer(Layer):
    """Loss = Mean(|Input - Target|) over all elements; the slope where they are equal is 0.

    >>> MeanAbsoluteLossLayer()({"Input": [1.0, 2.0], "Target": [1.0, 4.0]}).item()
    1.0
    """

    Input = takes("*shape")
    Target = takes("*shape")
    Loss = gives("")

    def apply(self, xp: Any, Input: Any, Target: Any, shape: tuple) -> Any:
        return mean_over(xp, xp.abs(Input - Target), shape, shape)


SMALLEST = 1.1754944e-38
"""The smallest normal single-precision number: probabilities are not taken for less, so that losses stay finite."""


def log(xp: Any, p: Any) -> Any:
    """log(p), held finite at 0 and with slope 0 there."""
    return xp.log(xp.where(p > SMALLEST, p, SMALLEST))


class CrossEntropyLossLayer(Layer):
    """Loss = the mean over all items of -log of the probability of what is right (natural logarithm).

    "Index": Input holds probabilities along its last level, Target a class from 1 for each: -log p[target].
    "Probabilities": Target holds probabilities too: -Σ t·log p. "Binary": each number of Input is a probability, Target
    the truth from 0 to 1: -(t·log p + (1 - t)·log(1 - p)). Input is probabilities, not logits; below 1.2e-38 they count
    as 1.2e-38 and have slope 0, so that loss and gradient stay finite.

    >>> CrossEntropyLossLayer("Binary")({"Input": 0.2, "Target": 1}).item()
    1.60943...
    >>> CrossEntropyLossLayer("Index", Input=3)({"Input": [0.1, 0.2, 0.7], "Target": 2}).item()
    1.60943...
    """

    form: Annotated[str, one_of("Index", "Probabilities", "Binary")]

    Input = takes("*outer classes")
    Target = takes("*outer classes")
    Loss = gives("")

    def ports(self) -> dict[str, Slot]:
        return self.slots | PORTS[self.form]

    @dimension("classes")
    def fixed_classes(self, classes: Any) -> None:
        if self.form == "Index" and is_length(classes):
            raise Refusal("the number of classes cannot vary", 'form "Probabilities" takes any number of them')

    def apply(self, xp: Any, **inputs: Any) -> Any:
        words = xp.dims[xp.path]
        return FORMS[self.form](xp, inputs["Input"], inputs["Target"], words.get("outer"), words.get("classes"))


def _index(xp: Any, p: Any, target: Any, outer: tuple, classes: int) -> Any:
    index = xp.astype(target, int) - 1  # classes count from 1
    if not outer:
        return xp.cross_entropy(p, index)
    losses = xp.cross_entropy(xp.reshape(p, (-1, p.shape[-1])), xp.reshape(index, (-1,)))
    return mean_over(xp, xp.reshape(losses, p.shape[:-1]), outer, outer)


def _probabilities(xp: Any, p: Any, target: Any, outer: tuple, classes: Any) -> Any:
    return mean_over(xp, -target * log(xp, p), (*outer, classes), outer)


def _binary(xp: Any, p: Any, target: Any, outer: tuple, classes: None) -> Any:
    return mean_over(xp, -(target * log(xp, p) + (1 - target) * log(xp, 1 - p)), outer, outer)


FORMS = {"Index": _index, "Probabilities": _probabilities, "Binary": _binary}
PORTS = {
    "Index": {"Target": takes("*outer", of=Integer("classes"))},
    "Probabilities": {},
    "Binary": {"Input": takes("*outer"), "Target": takes("*outer")},
}
"""The ports of each form that are not those of "Probabilities"."""
