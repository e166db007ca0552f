"""Losses attached: from the net that a user trains to the net that training runs, which ends in losses.

The training net is an ordinary NetGraph: the user's net stands in it under the name "Net", and each attached loss
beside it. Data for a loss's target come in at a port that is called like the net's output.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wlnet.coders import NetEncoder
from wlnet.coders.classes import ClassEncoder
from wlnet.coders.image import ImageDecoder
from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic, NetPort, Scaled
from wlnet.layers.dense import SoftmaxLayer
from wlnet.layers.elementwise import ElementwiseLayer
from wlnet.layers.losses import CrossEntropyLossLayer, MeanAbsoluteLossLayer, MeanSquaredLossLayer
from wlnet.nets.container import Container, coder_of, ports_of_kind
from wlnet.nets.graph import NetGraph

LOSSES = (CrossEntropyLossLayer, MeanSquaredLossLayer, MeanAbsoluteLossLayer)
NET = "Net"


@dataclass(frozen=True)
class LossPort:
    """One loss that training makes small: its name, the layer that computes it, the port it judges, its weight."""

    name: str
    port: str
    layer: Layer | None
    weight: float = 1.0

    def __str__(self) -> str:
        layer = repr(self.layer) if self.layer is not None else "a loss that the net computes"
        return f"{self.name}: {layer} on {self.port}" + (f", times {self.weight:g}" if self.weight != 1 else "")


@dataclass(frozen=True)
class Attached:
    """The training net, its losses, and the input and target ports that take pairs."""

    net: Layer
    losses: tuple[LossPort, ...]
    pair: tuple[str, str] | None

    @property
    def ports(self) -> list[str]:
        """The ports that the data must give."""
        return ports_of_kind(self.net, "in")


def source_of(net: Layer, port: str) -> tuple[Layer, str]:
    """The elementary layer that feeds an output port, and its port."""
    while isinstance(net, Container):
        for source, target in net.edges:
            if target == (None, port):
                key, port = source
                if key is None:
                    return net, port
                net = net.layers[key]
                break
    return net, port


def automatic_loss(net: Layer, port: str) -> Layer | None:
    """The loss for an output by the layer that feeds it; None where that layer is a loss itself."""
    layer, _ = source_of(net, port)
    if isinstance(layer, LOSSES):
        return None
    if isinstance(layer, SoftmaxLayer):
        decoder: Any = coder_of(net, port)
        multilabel = decoder is not None and getattr(decoder, "Multilabel", False)
        return CrossEntropyLossLayer("Binary" if multilabel else "Index")
    if isinstance(layer, ElementwiseLayer) and layer.f == "LogisticSigmoid":
        return CrossEntropyLossLayer("Binary")
    return MeanSquaredLossLayer()


def specified(net: Layer, setting: Any) -> list[tuple[str, Layer | None, float]]:
    """The losses that a setting of LossFunction says: (output port, loss layer or None, weight)."""
    outputs = ports_of_kind(net, "out")
    if setting is Automatic:
        return [(port, automatic_loss(net, port), 1.0) for port in outputs]
    specs = setting if isinstance(setting, list) else [setting]
    found = [each for spec in specs for each in one_spec(net, spec, outputs)]
    names = [port for port, _, _ in found]
    if not found:
        raise NetError("LossFunction names no loss", got=setting)
    for port in names:
        if names.count(port) > 1:
            raise NetError(f"LossFunction names the output port {port} twice", got=setting)
    return found


def one_spec(net: Layer, spec: Any, outputs: list[str]) -> list[tuple[str, Layer | None, float]]:
    """What one part of LossFunction says: a port, a loss, a rule between them, or one of these with a weight."""
    if isinstance(spec, tuple) and len(spec) == 2 and isinstance(spec[1], Scaled):
        weight = float(spec[1].factor)
        return [(port, layer, weight) for port, layer, _ in one_spec(net, spec[0], outputs)]
    if isinstance(spec, Mapping):
        return [one for port, loss in spec.items() for one in ruled(net, port, loss, outputs)]
    if isinstance(spec, tuple) and len(spec) == 2:
        return ruled(net, spec[0], spec[1], outputs)
    if isinstance(spec, str):
        return [(known_port(spec, outputs), None, 1.0)]
    if isinstance(spec, Layer):
        if len(outputs) != 1:
            raise NetError(
                f"LossFunction={brief(spec)} goes with one output port, but the net has {', '.join(outputs)}",
                got=spec,
                hint=f'say which: {{"{outputs[0]}": loss}}' if outputs else None,
            )
        return [(outputs[0], spec, 1.0)]
    if spec is Automatic:
        return [(port, automatic_loss(net, port), 1.0) for port in outputs]
    raise NetError(
        f"LossFunction: {brief(spec)} is not a loss",
        got=spec,
        hint='give Automatic, an output port, a loss layer, {"port": loss}, (loss, Scaled(r)), or a list of these',
    )


def ruled(net: Layer, port: Any, loss: Any, outputs: list[str]) -> list[tuple[str, Layer | None, float]]:
    """A loss, or a weight, for a port."""
    known_port(port, outputs)
    if isinstance(loss, Scaled):
        return [(port, None, float(loss.factor))]
    if isinstance(loss, tuple) and len(loss) == 2 and isinstance(loss[1], Scaled):
        return [(p, layer, float(loss[1].factor)) for p, layer, _ in ruled(net, port, loss[0], outputs)]
    if loss is Automatic:
        return [(port, automatic_loss(net, port), 1.0)]
    if isinstance(loss, Layer):
        return [(port, loss, 1.0)]
    raise NetError(f"LossFunction: {brief(loss)} is not a loss for {port}", got=loss, hint="give a loss layer or a net")


def known_port(port: Any, outputs: list[str]) -> str:
    if port not in outputs:
        raise NetError(f"LossFunction: the net has no output port {brief(port)}", got=port, hint=nearest(port, outputs))
    return port


def attach(net: Layer, setting: Any = Automatic) -> Attached:
    """The training net of a net, by a setting of LossFunction."""
    specs = specified(net, setting)
    vertices: dict[str, Layer] = {NET: net}
    edges: list = []
    losses: list[LossPort] = []
    targets: list[str] = []
    types: dict[str, Any] = {}
    single = len(specs) == 1
    for port, layer, weight in specs:
        if layer is None:
            name = "Loss" if single else port
            edges.append((NetPort(NET, port), NetPort(name)))
        else:
            vertex = f"{port}Loss"
            name = "Loss" if single else vertex
            vertices[vertex] = layer
            edges.append((NetPort(NET, port), NetPort(vertex, judged_port(layer))))
            targets += target_edges(net, layer, vertex, port, edges, types)
            edges.append((NetPort(vertex, loss_port(layer)), NetPort(name)))
        losses.append(LossPort(name, port, layer, weight))
    edges += [(NetPort(NET, port), None) for port in ports_of_kind(net, "out") if port not in [p for p, _, _ in specs]]
    inputs = ports_of_kind(net, "in")
    clash = set(inputs) & set(targets)
    if clash:
        raise NetError(f"the net's input and output are both called {min(clash)}", hint="NetRename one of them")
    pair = (inputs[0], targets[0]) if len(inputs) == len(targets) == 1 else None
    return Attached(NetGraph(vertices, edges, **types), tuple(losses), pair)


def target_edges(net: Layer, layer: Layer, vertex: str, port: str, edges: list, types: dict) -> list[str]:
    """The edge by which the target of a loss comes in, with an encoder of the decoder's kind."""
    if "Target" not in ports_of_kind(layer, "in"):
        return []
    edges.append((NetPort(port), NetPort(vertex, "Target")))
    encoder = target_encoder(coder_of(net, port), layer, net.plan.shape((), port))
    if encoder is not None and coder_of(layer, "Target") is None:
        types[port] = encoder
    return [port]


def image_encoder(decoder: Any, shape: tuple | None) -> Any:
    """The encoder of images of the size that a net gives."""
    if shape is None or any(not isinstance(size, int) for size in shape):
        raise NetError("images as targets need an output of known size", hint="give the net's Output its sizes")
    channels = 2 if decoder.Interleaving else 0
    sides = [size for at, size in enumerate(shape) if at != channels]
    width_height = tuple(sides) if decoder.DataTransposed else tuple(reversed(sides))
    settings = {name: getattr(decoder, name) for name in type(decoder).model_fields if name[0].isupper()}
    settings.pop("InputDepth", None)
    return NetEncoder("Image", width_height, **settings)


def target_encoder(decoder: Any, layer: Layer, shape: tuple | None) -> Any:
    """The encoder of a target for a decoder on the output: classes as indices or as indicator vectors."""
    if decoder is None:
        return None
    if isinstance(decoder, ImageDecoder):
        return image_encoder(decoder, shape)
    encoder = NetEncoder(decoder)
    if isinstance(encoder, ClassEncoder) and not encoder.Multilabel:
        index = isinstance(layer, CrossEntropyLossLayer) and layer.form == "Index"
        return encoder.changed(form="Index" if index else "IndicatorVector")
    return encoder


def judged_port(layer: Layer) -> str:
    inputs = ports_of_kind(layer, "in")
    if "Input" in inputs:
        return "Input"
    if len(inputs) == 1:
        return inputs[0]
    names = ", ".join(inputs)
    raise NetError(f"a loss has a port Input, but {brief(layer)} has {names or 'none'}", got=inputs)


def loss_port(layer: Layer) -> str:
    outputs = ports_of_kind(layer, "out")
    if len(outputs) == 1:
        return outputs[0]
    raise NetError(f"a loss has one output port, but {brief(layer)} has {', '.join(outputs) or 'none'}", got=outputs)
