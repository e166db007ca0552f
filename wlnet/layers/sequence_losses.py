"""Losses of sequences: CTCLossLayer."""

from typing import Any, ClassVar

from wlnet.core.dims import Refusal
from wlnet.core.layer import Layer, dimension
from wlnet.core.sizes import at_least
from wlnet.core.slots import gives, takes
from wlnet.core.types import Integer


class CTCLossLayer(Layer):
    """Loss = -log of the sum, over all paths that spell Target, of their probabilities; Graves et al. 2006.

    Input is a sequence of probabilities of c + 1 classes, the last of which is the blank; Target is a sequence of
    classes from 1 to c, no longer than Input, and may be empty: blanks alone spell that. A path takes one class a step;
    it spells what is left when repetitions are merged and then blanks are deleted. Nothing is divided by a length.
    Probabilities below 1.2e-38 count as 1.2e-38. A target that no path spells, as equal neighbours need a blank between
    them, costs 87.3 a step, as if each step had that smallest probability, and has slope 0: so training goes on.

    >>> loss = CTCLossLayer()({"Input": [[0.25, 0.75], [0.5, 0.5]], "Target": [1]})
    >>> round(np.exp(-loss).item(), 4)  # all paths but blank, blank: 1 - 0.75 * 0.5
    0.625
    """

    bears_empty: ClassVar[tuple[str, ...]] = ("Target",)

    Input = takes("steps classes")
    Target = takes("length", of=Integer("labels"))
    Loss = gives("")

    @dimension
    def labels(self, classes: Any) -> Any:
        if isinstance(classes, int) and classes < 2:
            raise Refusal("Input has one class, which is the blank", "give a class more than the target has")
        return classes - 1

    @dimension
    def classes(self, labels: Any) -> Any:
        return labels + 1

    @dimension("length")
    def fits(self, length: Any, steps: Any) -> None:
        at_least(steps - length, 0, "the length of Input less that of Target")

    def apply(self, xp: Any, Input: Any, Target: Any, steps: Any, length: Any) -> Any:
        return xp.ctc(Input, xp.astype(Target, int) - 1, steps, length)
