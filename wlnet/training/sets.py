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
from wlnet.training.data import are_rows, columns_of, frame_names, is_frame, values_of
from wlnet.training.deferred import inputs_of
from wlnet.training.generators import batchmaker
from wlnet.training.losses import Attached, source_of
from wlnet.training.options import Options
from wlnet.verbs.data import compare_shape
from wlnet.verbs.inputs import Inputs


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
    elif is_frame(data):
        targets = data[port] if port in frame_names(data) else None
    elif are_rows(data):
        targets = [row.get(port) for row in data]
    elif isinstance(data, tuple) and len(data) == 2:
        targets = data[1]
    elif isinstance(data, list) and data and isinstance(data[0], tuple):
        targets = [pair[-1] for pair in data]
    else:
        return False
    targets = values_of(targets)
    if isinstance(targets, np.ndarray):
        return targets.dtype == bool and targets.ndim == 1
    return isinstance(targets, list) and bool(targets) and all(isinstance(each, (bool, np.bool_)) for each in targets)


def with_port(net: Layer, port: str, kind: PortType) -> Layer:
    """The same net with a port type given; its plan is solved anew."""
    return net.with_fields(given={**net.given, port: kind})


def split(attached: Attached, inputs: Inputs, options: Options, made: bool = False) -> tuple[Inputs, Inputs | None]:
    """Training and validation inputs, by the setting of ValidationSet; `made` says that a function makes the former."""
    setting = options.validation
    if setting is None:
        return inputs, None
    if batchmaker(setting, "the validation data") is not None:
        return inputs, None
    if isinstance(setting, Scaled):
        if made:
            raise NetError(
                f"ValidationSet=Scaled({setting.factor!r}) sets training examples aside, but a function makes them",
                got=setting,
                hint='give ValidationSet data of its own, or a function: (f, {"RoundLength": n})',
            )
        return reserved(inputs, setting.factor, options.seeds()[3])
    columns = columns_of(setting, attached.ports, attached.pair, "the validation data")
    try:
        validation = inputs_of(attached.net, columns)
    except NetError as error:
        text = f"the validation data: {error.message}"
        raise NetError(text, path=error.path, expected=error.expected, got=error.got, hint=error.hint) from None
    for port, column in validation.columns.items():
        compare_shape(column.array.shape[1:], inputs.plan.shape((), port), f"the validation data: {port}")
    return inputs, Inputs(validation.columns, inputs.plan, False)


def reserved(inputs: Inputs, fraction: Any, seed: int) -> tuple[Inputs, Inputs]:
    """A fraction of the examples, drawn at random, set aside for validation."""
    one, other = (
        Inputs({port: column.part(rows) for port, column in inputs.columns.items()}, inputs.plan, False)
        for rows in parted(inputs.count, fraction, seed)
    )
    return one, other


def parted(total: int, fraction: Any, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The places of the examples for training, and of those set aside."""
    number = isinstance(fraction, (int, float)) and not isinstance(fraction, bool)
    if not number or not 0 < fraction < 1:
        text = f"ValidationSet=Scaled({fraction!r}) must set aside a fraction of the examples, between 0 and 1"
        raise NetError(text, got=fraction, hint="write ValidationSet=Scaled(0.2)")
    count = round(total * fraction)
    if not 0 < count < total:
        raise NetError(
            f"ValidationSet=Scaled({fraction!r}) of {total} examples leaves {count} for validation and "
            f"{total - count} for training",
            got=fraction,
            hint="both need at least one: give a fraction between 0 and 1, and enough data",
        )
    order = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed))).permutation(total)
    return np.sort(order[count:]), np.sort(order[:count])


def training_rows(total: int, options: Options) -> np.ndarray:
    """The places of the examples that training learns from."""
    if not isinstance(options.validation, Scaled):
        return np.arange(total)
    return parted(total, options.validation.factor, options.seeds()[3])[0]
