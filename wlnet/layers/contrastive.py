"""ContrastiveLossLayer: the loss of pairs that should be near, or far apart."""

from typing import Any

from wlnet.core.fields import NonNegative
from wlnet.core.layer import Layer
from wlnet.core.slots import gives, takes
from wlnet.core.types import Boolean


class ContrastiveLossLayer(Layer):
    """Loss = Max(margin - Input, 0) where Target is True, and Input where it is False.

    Input is the distance of a pair, Target whether the two should be far apart. At the margin the slope is 0.

    >>> ContrastiveLossLayer()({"Input": [0.125, 0.75, 0.25], "Target": [True, True, False]}).tolist()
    [0.375, 0.0, 0.25]
    """

    margin: NonNegative = 0.5

    Input = takes("")
    Target = takes("", of=Boolean())
    Loss = gives("")

    def apply(self, xp: Any, Input: Any, Target: Any) -> Any:
        far = xp.astype(Target, float)
        return far * xp.ramp(self.margin - Input) + (1 - far) * Input
