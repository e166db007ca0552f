"""A batch as measurements look at it: the values at places of the training net, with the lengths of sequences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.core.dims import Length
from wlnet.core.plan import Plan
from wlnet.training.batches import Drawn
from wlnet.verbs.data import Column
from wlnet.verbs.results import Place


@dataclass(slots=True)  # one is made for every batch that is learned: frozen would take three times as long
class Look:
    """The data of a batch that somebody asked for, and the values that the net computed of them."""

    columns: Mapping[str, Column]
    seen: Mapping[Place, Any]
    lengths: Mapping[Any, np.ndarray]
    count: int
    plan: Plan
    engine: Any

    @staticmethod
    def at(batch: Drawn, seen: Mapping[Place, Any], ports: tuple[str, ...], plan: Plan, engine: Any) -> "Look":
        """A look at a batch; only the data of `ports` are kept."""
        columns = {port: batch.columns[port] for port in ports}
        return Look(columns, seen, batch.lengths, batch.count, plan, engine)

    @property
    def size(self) -> int:
        """The bytes that it keeps."""
        data = sum(column.array.nbytes for column in self.columns.values())
        return data + sum(each.nbytes for each in self.seen.values() if not isinstance(each, list))

    def values(self, place: Place) -> tuple[Any, np.ndarray | None]:
        """The values at a place, and the true lengths of their first level where it varies."""
        if not place[0]:
            column = self.columns[place[1]]
            return column.array, column.lengths
        values = self.engine.numpy(self.seen[place])
        shape = self.plan.shape(*place)
        if not shape or not isinstance(shape[0], Length):
            return values, None
        lengths = shape[0].with_names(lambda name: self.lengths[name])
        return values, np.broadcast_to(lengths, (self.count,))
