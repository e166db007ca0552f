"""The training and the validation set: what ValidationSet means, and what targets tell of the net."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from wlnet.coders import NetDecoder
from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.ports import PortType
from wlnet.core.symbols import Scaled
from wlnet.layers.elementwise import ElementwiseLayer
from wlnet.nets.container import coder_of, ports_of_kind
from wlnet.training.data import columns_of
from wlnet.training.losses import Attached, source_of
from wlnet.training.options import Options
from wlnet.verbs.data import compare_shape
from wlnet.verbs.inputs import Inputs, prepare


def with_boolean_decoder(net: Layer, data: Any) -> Layer:
    """True and False as targets of a LogisticSigmoid number put a Boolean decoder on the output."""
    outputs = ports_of_kind(net, "out")
    if len(outputs) != 1 or coder_of(net, outputs[0]) is not None:
        return net
    port = outputs[0]
    layer, _ = source_of(net, port)
    logistic = isinstance(layer, ElementwiseLayer) and layer.f == "LogisticSigmoid"
    if not logistic or net.plan.shape((), port) not in ((), None) or not targets_are_boolean(data, port):
        return net
    return with_port(net, port, PortType(coder=NetDecoder("Boolean")))


def targets_are_boolean(data: Any, port: str) -> bool:
    """Whether the targets in the data are True and False."""
    if isinstance(data, Mapping):
        targets = data.get(port)
    elif isinstance(data, tuple) and len(data) == 2:
        targets = data[1]
    elif isinstance(data, list) and data and isinstance(data[0], tuple):
        targets = [pair[-1] for pair in data]
    else:
        return False
    if isinstance(targets, np.ndarray):
        return targets.dtype == bool and targets.ndim == 1
    return isinstance(targets, list) and bool(targets) and all(isinstance(each, (bool, np.bool_)) for each in targets)


def with_port(net: Layer, port: str, kind: PortType) -> Layer:
    """The same net with a port type given; its plan is solved anew."""
    return net.with_fields(given={**net.given, port: kind})


def split(attached: Attached, inputs: Inputs, options: Options) -> tuple[Inputs, Inputs | None]:
    """Training and validation inputs, by the setting of ValidationSet."""
    setting = options.validation
    if setting is None:
        return inputs, None
    if isinstance(setting, Scaled):
        return reserved(inputs, setting.factor, options.seeds()[3])
    columns = columns_of(setting, attached.ports, attached.pair, "the validation data")
    validation = prepare(attached.net, columns, batch=True)
    for port, column in validation.columns.items():
        compare_shape(column.array.shape[1:], inputs.plan.shape((), port), f"the validation data: {port}")
    return inputs, Inputs(validation.columns, inputs.plan, False)


def reserved(inputs: Inputs, fraction: Any, seed: int) -> tuple[Inputs, Inputs]:
    """A fraction of the examples, drawn at random, set aside for validation."""
    number = isinstance(fraction, (int, float)) and not isinstance(fraction, bool)
    count = round(inputs.count * fraction) if number and 0 < fraction < 1 else 0
    if not 0 < count < inputs.count:
        raise NetError(
            f"ValidationSet=Scaled({fraction!r}) of {inputs.count} examples leaves {count} for validation and "
            f"{inputs.count - count} for training",
            got=fraction,
            hint="both need at least one: give a fraction between 0 and 1, and enough data",
        )
    order = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed))).permutation(inputs.count)
    parts = [np.sort(order[count:]), np.sort(order[:count])]
    one, other = (
        Inputs({port: column.rows(rows) for port, column in inputs.columns.items()}, inputs.plan, False)
        for rows in parts
    )
    return one, other
