"""The validation set measured: its losses, and what else is measured of it, in evaluation mode."""

from collections.abc import Iterable

import numpy as np

from wlnet.training.batches import Drawn
from wlnet.training.measuring import Sweep
from wlnet.training.step import State, Stepper


def mean_losses(
    stepper: Stepper, state: State, batches: Iterable[Drawn], sweep: Sweep | None = None
) -> tuple[float, list[float]]:
    """The mean loss over all examples, in evaluation mode, and that of each part; `sweep` takes note of each batch."""
    total, count, parts = 0.0, 0, np.zeros(len(stepper.losses))
    for batch in batches:
        judged = stepper.judge(state, batch)
        total += judged.total * batch.count
        parts += np.array(judged.parts()) * batch.count
        count += batch.count
        if sweep is not None and sweep.add(batch, judged):
            sweep.settle()
    return total / count, (parts / count).tolist()
