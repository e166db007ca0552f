"""Encoders that learn: before training, from the training examples alone."""

from collections.abc import Mapping
from typing import Any

from wlnet.core.layer import Layer
from wlnet.nets.container import coder_of, ports_of_kind
from wlnet.training.options import Options
from wlnet.training.sets import training_rows
from wlnet.verbs.replace import NetReplacePart


def with_learned_encoders(net: Layer, columns: Mapping[str, Any], options: Options) -> Layer:
    """The net whose encoders have learned what they are to learn; the same net where none learns."""
    learned = {}
    for port in ports_of_kind(net, "in"):
        encoder: Any = coder_of(net, port)
        if encoder is not None and encoder.learns:
            examples = list(columns[port])
            rows = training_rows(len(examples), options)
            learned[port] = encoder.learned([examples[row] for row in rows], port)
    return NetReplacePart(net, learned) if learned else net
