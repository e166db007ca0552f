"""DropoutLayer."""

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.fields import Probability, one_of
from wlnet.core.layer import Layer
from wlnet.core.slots import Slot, gives, takes

PORTS = ("Output", "BinaryMask")
FLOOR = -1.7580993408473766
"""What SELU tends to for large negative numbers: the value of a dropped element under AlphaDropout."""


def _output_ports(value: Any) -> Any:
    names = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Sequence) else ()
    if not names or any(name not in PORTS for name in names) or len(set(names)) < len(names):
        raise ValueError('must be "Output", "BinaryMask", or a tuple of the two')
    return names if len(names) > 1 else names[0]


class DropoutLayer(Layer):
    """In training Output = Input · BinaryMask / (1 - p), where each element of the mask is 0 with probability `p`.

    In evaluation Output = Input, and BinaryMask is 1 everywhere. Method="AlphaDropout" puts a fixed negative value in
    the place of what it drops, and keeps a mean of 0 and a variance of 1 as they are, which suits "SELU" (Klambauer et
    al. 2017). OutputPorts says which of "Output" and "BinaryMask" the layer has.

    >>> DropoutLayer(0.5)([1.0, 2.0]).tolist()
    [1.0, 2.0]
    >>> sorted(set(DropoutLayer(0.75)([1.0] * 1000, NetEvaluationMode="Train", RandomSeeding=1).tolist()))
    [0.0, 4.0]
    """

    p: Probability = 0.5
    Method: Annotated[str, one_of("Dropout", "AlphaDropout")] = "Dropout"
    OutputPorts: Annotated[Any, BeforeValidator(_output_ports)] = "Output"

    Input = takes("*shape")
    Output = gives("*shape")
    BinaryMask = gives("*shape")

    @cached_property
    def own_ports(self) -> dict[str, Slot]:
        names = self.OutputPorts if isinstance(self.OutputPorts, tuple) else (self.OutputPorts,)
        return {name: self.slots[name] for name in ("Input", *names)}

    def ports(self) -> dict[str, Slot]:
        return self.own_ports

    def apply(self, xp: Any, Input: Any) -> Any:
        if not xp.training:
            mask = {"BinaryMask": xp.ones(Input.shape)} if "BinaryMask" in self.own_ports else {}
            return {"Output": Input} | mask
        mask = xp.bernoulli(1 - self.p, Input.shape)
        return {"Output": self.dropped(Input, mask), "BinaryMask": mask}

    def dropped(self, x: Any, mask: Any) -> Any:
        """x where the mask is 1, scaled so that the mean stays, and under AlphaDropout the variance too."""
        keep = 1 - self.p
        if self.Method == "Dropout":
            return x * (mask * (1 / keep))
        rate = (keep + FLOOR**2 * keep * self.p) ** -0.5
        return x * (mask * rate) + (keep - mask) * (rate * FLOOR)
