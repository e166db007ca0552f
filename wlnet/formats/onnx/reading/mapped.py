"""Layers that act on one item, applied to tensors whose first axis is the batch, or counts items by itself."""

from collections.abc import Callable
from typing import Any

from wlnet.core.layer import Layer
from wlnet.formats.onnx.reading.values import Value
from wlnet.nets.axes import widened
from wlnet.nets.mapping import NetMapOperator
from wlnet.nets.recording import applied


def each_item(x: Value, layer: Layer) -> Value:
    """A layer applied to each item along axis 0 of a tensor."""
    return by_item(x, lambda item: applied(layer, item), lambda: layer)


def by_item(x: Value, single: Callable[[Any], Any], layer: Callable[[], Layer]) -> Value:
    """What `single` does to an item, for each along axis 0; where there are many, `layer` is mapped over them."""
    if x.batch == 0:
        return x.like(single(x.symbol()))
    x = x.whole()
    if x.shape[0] == 1:
        return x.like(widened(single(x.symbol()[0]), (0,)))
    return x.like(applied(NetMapOperator(layer()), x.symbol()))


def over_leading(layer: Layer, count: int) -> Layer:
    """A layer mapped over so many levels before its own."""
    for _ in range(count):
        layer = NetMapOperator(layer)
    return layer
