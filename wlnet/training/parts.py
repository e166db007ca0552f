"""Micro-batches: the parts over which the gradient of a batch is summed, so that one larger than memory trains."""

from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.symbols import Automatic
from wlnet.verbs.inputs import Inputs

GOALS = ("TrainingSpeed", "TrainingMemory")
LITTLE = 2**25
"""The bytes that "TrainingMemory" allows the values and gradients of a part, by estimate."""


def checked_parts(setting: Any) -> int | None:
    """The setting of MicroBatchSize; None where it is Automatic."""
    if setting is Automatic:
        return None
    if isinstance(setting, bool) or not isinstance(setting, (int, np.integer)) or setting < 1:
        raise NetError(f"MicroBatchSize must be a positive whole number or Automatic, got {setting!r}", got=setting)
    return int(setting)


def checked_goal(setting: Any) -> str:
    """The setting of PerformanceGoal; Automatic is "TrainingSpeed"."""
    if setting is Automatic:
        return "TrainingSpeed"
    if not isinstance(setting, str) or setting not in GOALS:
        text = f'PerformanceGoal must be Automatic, "TrainingSpeed" or "TrainingMemory", got {setting!r}'
        hint = nearest(setting, GOALS)
        raise NetError(text, got=setting, hint=hint if hint.startswith("did") else None)
    return setting


def chosen_parts(
    setting: int | None, goal: str, size: int, inputs: Inputs, has_statistics: bool, bytes_each: int
) -> int | None:
    """The examples of a part, or None where batches are computed whole.

    Whole ones are fastest. For "TrainingMemory" parts are so small that their values and gradients take some 32 MB by
    estimate; batch normalization would give other results with parts, so that nets with it stay whole.
    """
    if setting is None and goal == "TrainingMemory" and not has_statistics:
        setting = max(1, LITTLE // bytes_of_an_example(inputs, bytes_each))
    return None if setting is None or setting >= size else setting


def bytes_of_an_example(inputs: Inputs, bytes_each: int) -> int:
    """The size of the values of all ports and of their gradients, for one example of the longest there is."""
    lengths = [column.lengths for column in inputs.columns.values() if column.lengths is not None]
    longest = max((int(each.max()) for each in lengths), default=1)
    total = sum(
        int(np.prod([dim if isinstance(dim, int) else longest for dim in shape], dtype=np.int64))
        for shape in inputs.plan.shapes.values()
        if shape is not None
    )
    return 2 * bytes_each * max(total, 1)
