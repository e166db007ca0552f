"""What comes back: the user's net with the arrays that training ended with, and the shapes that the data gave."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from wlnet.core.arrays import value_of, with_arrays
from wlnet.core.dims import Length, Unknown
from wlnet.core.layer import Layer
from wlnet.core.ports import PortType
from wlnet.core.symbols import Automatic
from wlnet.nets.container import coder_of, ports_of_kind
from wlnet.training.losses import NET
from wlnet.verbs.evaluate import leaves
from wlnet.verbs.inputs import Inputs


def fixed(net: Layer, inputs: Inputs) -> Layer:
    """The user's net with the shapes that the data gave to its input ports."""
    given = dict(net.given)
    for port in ports_of_kind(net, "in"):
        shape = net.plan.shape((), port)
        found = inputs.plan.shape((), port)
        if (shape is None or Unknown in shape) and found is not None and coder_of(net, port) is None:
            given[port] = PortType(tuple("Varying" if isinstance(dim, Length) else dim for dim in found))
    return net if given == net.given else net.with_fields(given=given)


def with_values(net: Layer, finished: Mapping[tuple, np.ndarray], started: Layer) -> Layer:
    """The user's net with the arrays that training ended with; what was frozen stays the very same array."""
    first = {
        layer.key(name, path): value_of(held) for path, layer in leaves(started) for name, held in layer.arrays.items()
    }  # fmt: skip

    def value(layer: Layer, name: str, path: tuple) -> Any:
        key = layer.key(name, (NET, *path))
        return read_only(finished[key]) if key in finished else first.get(key, layer.arrays.get(name, Automatic))

    return with_arrays(net, value)


def with_arrays_of(net: Layer, finished: Mapping[tuple, np.ndarray]) -> Layer:
    """The training net with the arrays that training ended with."""

    def value(layer: Layer, name: str, path: tuple) -> Any:
        key = layer.key(name, path)
        return read_only(finished[key]) if key in finished else layer.arrays.get(name, Automatic)

    return with_arrays(net, value)


def read_only(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
