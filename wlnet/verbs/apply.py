"""Heads applied to numbers and arrays: `Tanh(0.5)`."""

from typing import Any

import numpy as np

from wlnet.backends import backend
from wlnet.core.heads import Head
from wlnet.core.registry import provides
from wlnet.core.tracing import record


@provides("apply head")
def apply_head(head: Head, arguments: tuple) -> Any:
    """A head of symbolic values is recorded; of numbers and arrays it is computed, in double precision."""
    recorded = record(head, arguments)
    if recorded is not None:
        return recorded
    xp = backend("NumPy").context(precision="float64")
    plain = all(isinstance(each, (int, float, bool)) for each in arguments)
    values = [np.asarray(each) if isinstance(each, (list, np.ndarray)) else each for each in arguments]
    with np.errstate(all="ignore"):
        result = head.function(
            xp, *(np.float64(each) if plain and not isinstance(each, bool) else each for each in values)
        )
    return np.asarray(result).item() if plain else result
