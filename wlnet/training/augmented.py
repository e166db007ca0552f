"""Training data that encoders change at random: encoded anew for each batch, so that no round sees the same twice."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wlnet.core.layer import Layer
from wlnet.nets.container import coder_of
from wlnet.training.batches import Batches, Drawn
from wlnet.training.options import Options
from wlnet.training.sets import training_rows
from wlnet.verbs.data import column, numbers


@dataclass(frozen=True)
class Augmented:
    """Batches whose data of some ports are encoded from `raw` again, changed at random by round and batch."""

    batches: Batches
    net: Layer
    raw: Mapping[str, list]
    seed: int

    @property
    def size(self) -> int:
        """Examples in a batch."""
        return self.batches.size

    @property
    def count(self) -> int:
        """The number of batches in a round."""
        return self.batches.count

    @property
    def examples(self) -> int:
        """The number of examples."""
        return self.batches.examples

    def round(self, number: int, skip: int = 0) -> Generator[Drawn, None, None]:
        """The batches of a round."""
        for place, drawn in enumerate(self.batches.round(number, skip), start=skip):
            random = np.random.default_rng((self.seed, number, place))
            yield replace(drawn, columns={**drawn.columns, **self.changed(drawn, random)})

    def changed(self, drawn: Drawn, random: np.random.Generator) -> dict[str, Any]:
        """The data of the ports whose encoders change them; lengths stay."""
        plan = self.batches.inputs.plan
        found = {}
        for port, examples in self.raw.items():
            encoder: Any = coder_of(self.net, port)
            encoded = encoder.encode([examples[row] for row in drawn.indices], True, port, random)  # type: ignore[union-attr]
            found[port] = column(numbers(encoded, port), True, plan.shape((), port), plan.types.get(((), port)), port)
        return found


def with_augmentation(batches: Batches, net: Layer, columns: Mapping[str, Any], options: Options) -> Any:
    """The batches themselves, or with data that are changed at random where an encoder of the net does so."""
    raw = {}
    for port, values in columns.items():
        encoder: Any = coder_of(net, port)
        if encoder is not None and encoder.varies:
            examples = list(encoder.read(values))
            raw[port] = [examples[row] for row in training_rows(len(examples), options)]
    return Augmented(batches, net, raw, options.seeds()[1]) if raw else batches
