"""NetChain: layers one after another."""

from inspect import Parameter
from typing import Any, Self

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.slots import Slot
from wlnet.nets.container import Container, port_slot, ports_of_kind
from wlnet.nets.shorthand import as_layer, keyed


class NetChain(Container):
    """A net that applies its layers one after another.

    Layers come as a list, or with names as a dict or a list of (name, layer) pairs. Shorthands: a size is a
    LinearLayer, a function such as Ramp an ElementwiseLayer, a list a nested chain. The first layer's inputs and the
    last layer's outputs are the chain's own; shapes are inferred both ways.

    Appending to a chain in a loop makes a new chain each time: for a long one, build the list first.

    >>> NetChain([30, "Ramp", 3, "Tanh"], Input=4)
    NetChain([LinearLayer(30), ElementwiseLayer("Ramp"), LinearLayer(3), ElementwiseLayer("Tanh")], Input=4)
    """

    def __init__(self, *given: Any, **options: Any):
        if len(given) != 1:
            got = f"{len(given)} arguments" if given else "none"
            raise NetError(f"NetChain takes one list of layers, got {got}", hint="write NetChain([layer, layer])")
        layers = given[0]
        if isinstance(layers, Layer):
            raise NetError(f"NetChain takes a list of layers, got {brief(layers)}", hint="write NetChain([layer])")
        held = {
            key: as_layer(spec, NetChain, f"NetChain: layer {key}") for key, spec in keyed(layers, "NetChain").items()
        }
        held = _settled(held)
        self.build(held, _chained(held), _outer(held), options)

    @classmethod
    def of(cls, layers: dict[Any, Layer], given: dict, **fields: Any) -> Self:
        """A chain of layers that are known to fit."""
        return cls.made(**fields, layers=layers, edges=_chained(layers), outer=_outer(layers), given=given, arrays={})

    @classmethod
    def positional(cls) -> list[str]:
        return []

    @classmethod
    def content(cls) -> list[Parameter]:
        return [Parameter("layers", Parameter.POSITIONAL_ONLY)]

    def __repr__(self) -> str:
        return self.written_as(self.layers_text())


def _settled(layers: dict[Any, Layer]) -> dict[Any, Layer]:
    """Layers of open input number get one input, unless they come first."""
    return {
        key: layer.with_inputs(1) if at and hasattr(layer, "with_inputs") and not layer.inputs else layer
        for at, (key, layer) in enumerate(layers.items())
    }


def _chained(layers: dict[Any, Layer]) -> tuple:
    """The edges of a chain: its inputs, each layer to the next, its outputs."""
    keys = list(layers)
    if not keys:
        return (((None, "Input"), (None, "Output")),)
    first, last = layers[keys[0]], layers[keys[-1]]
    edges = [((None, port), (keys[0], port)) for port in ports_of_kind(first, "in")]
    for source_key, target_key in zip(keys, keys[1:], strict=False):
        edges.append((_only(layers, source_key, "out"), _only(layers, target_key, "in")))
    return (*edges, *(((keys[-1], port), (None, port)) for port in ports_of_kind(last, "out")))


def _only(layers: dict[Any, Layer], key: Any, kind: str) -> tuple[Any, str]:
    ports = ports_of_kind(layers[key], kind)
    if len(ports) != 1:
        what = "output" if kind == "out" else "input"
        place = "in front of another layer" if kind == "out" else "behind another layer"
        have = f"{len(ports)} ({', '.join(ports)})" if ports else "none"
        raise NetError(
            f"{type(layers[key]).__name__} stands {place} in a NetChain, and so needs exactly one {what} port; it has "
            f"{have}",
            path=(key,),
            expected=1,
            got=len(ports),
            hint="connect its ports by name in a NetGraph",
        )
    return key, ports[0]


def _outer(layers: dict[Any, Layer]) -> dict[str, Slot]:
    if not layers:
        return {"Input": port_slot("in", "Input"), "Output": port_slot("out", "Output")}
    keys = list(layers)
    inputs = {port: port_slot("in", port) for port in ports_of_kind(layers[keys[0]], "in")}
    return inputs | {port: port_slot("out", port) for port in ports_of_kind(layers[keys[-1]], "out")}
