"""EmbeddingLayer and UnitVectorLayer: integers from 1 as vectors."""

from typing import Any

from wlnet.core.fields import AutoSize
from wlnet.core.layer import Layer
from wlnet.core.slots import gives, learned, takes
from wlnet.core.symbols import Automatic
from wlnet.core.types import Integer


class EmbeddingLayer(Layer):
    """Output = Weights[Input]: an integer from 1 to `n` becomes that row of the weights, a vector of `size`.

    Input is an integer or an array of integers; the vectors stand at a new last level. `n` is inferred from an encoder
    or from given Weights, `size` from Weights or from Output.

    >>> EmbeddingLayer(2, Weights=[[1, 2], [3, 4], [5, 6]])([3, 1]).tolist()
    [[5.0, 6.0], [1.0, 2.0]]
    """

    size: AutoSize = Automatic
    n: AutoSize = Automatic

    Input = takes("*shape", of=Integer("n"))
    Output = gives("*shape size")
    Weights = learned("n size", optional=False)

    def apply(self, xp: Any, Input: Any, Weights: Any) -> Any:
        return xp.rows(Weights, xp.astype(Input, int) - 1)  # classes count from 1


class UnitVectorLayer(Layer):
    """Output is 1 at place Input and 0 elsewhere: an integer from 1 to `n` becomes the unit vector of that number.

    Input is an integer or an array of integers; the vectors stand at a new last level. `n` is inferred from an encoder
    or from Output.

    >>> UnitVectorLayer(3)([2, 1]).tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """

    n: AutoSize = Automatic

    Input = takes("*shape", of=Integer("n"))
    Output = gives("*shape n")

    def apply(self, xp: Any, Input: Any, n: int) -> Any:
        places = xp.expand_dims(xp.astype(Input, int), -1)
        return xp.astype(xp.equal(places, xp.arange(1, n + 1)), float)
