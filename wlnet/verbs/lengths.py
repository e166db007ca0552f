"""The lengths of a batch: from the sizes of its data to the value of each named length of the net."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from wlnet.core.dims import Length, Name
from wlnet.core.errors import NetError
from wlnet.core.plan import Plan
from wlnet.verbs.data import Column


def named_lengths(plan: Plan, columns: Mapping[str, Column]) -> dict[Name, np.ndarray]:
    """The value of each name, one int an example; ports that share a length must have equal ones."""
    found: dict[Name, np.ndarray] = {}
    said: dict[Name, str] = {}
    left = []
    for port, column in columns.items():
        shape = plan.shape((), port)
        if column.lengths is None or not shape or not isinstance(shape[0], Length):
            continue
        single = shape[0].terms[0] if len(shape[0].terms) == 1 else None
        if single and isinstance(single[1], Name) and single[1] not in found:
            count, name = single
            value = (column.lengths - shape[0].const) // count
            found[name], said[name] = value, port
        left.append((port, shape[0], column.lengths))
    for port, length, lengths in left:
        expected = length.with_names(lambda name: found.get(name, 0))
        if np.any(expected != lengths):
            others = sorted({said[name] for name in length.names() if name in said} - {port})
            raise NetError(
                f"{port} must have lengths {_text(expected)} to go with {' and '.join(others) or 'the net'}, but has "
                f"{_text(lengths)}",
                expected=np.asarray(expected).tolist(),
                got=lengths.tolist(),
                hint="give sequences whose lengths agree",
            )
    return found


def _text(lengths: Any) -> str:
    listed = np.asarray(lengths).tolist()
    return str(listed if len(listed) <= 6 else [*listed[:6], "…"]).replace("'", "")


def settled(lengths: Mapping[Name, np.ndarray], always_arrays: bool) -> dict[Name, Any]:
    """Lengths that are equal in the whole batch as one int: then no mask is made. A compiled backend gets arrays."""
    if always_arrays:
        return dict(lengths)
    if all((value == value[0]).all() for value in lengths.values()):
        return {name: int(value[0]) for name, value in lengths.items()}
    return dict(lengths)
