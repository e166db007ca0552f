"""What LossFunction says: which losses judge which outputs of a net, and with what weight."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wlnet.coders.ctc import CTCBeamSearchDecoder
from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic, Scaled
from wlnet.layers.contrastive import ContrastiveLossLayer
from wlnet.layers.dense import SoftmaxLayer
from wlnet.layers.elementwise import ElementwiseLayer
from wlnet.layers.losses import CrossEntropyLossLayer, MeanAbsoluteLossLayer, MeanSquaredLossLayer
from wlnet.layers.nary import NaryLayer
from wlnet.layers.sequence_losses import CTCLossLayer
from wlnet.nets.container import coder_of, ports_of_kind
from wlnet.nets.cutting import is_function
from wlnet.nets.function_layer import FunctionLayer
from wlnet.nets.operator import Operator, source_of
from wlnet.nets.pairing import NetPairEmbeddingOperator

LOSSES = (CrossEntropyLossLayer, MeanSquaredLossLayer, MeanAbsoluteLossLayer, ContrastiveLossLayer, CTCLossLayer)

FORMS = (
    'give Automatic, an output port, a loss layer, a net or a function, {"port": loss}, (loss, Scaled(r)), '
    "or a list of these"
)


@dataclass(frozen=True)
class LossSpec:
    """One loss that is asked for: the output port that it judges, what computes it, its weight.

    Where `layer` is None the port is the loss. `judged` and `target` are the ports of the layer that take the output
    and its target; all its further input ports take data of their own.
    """

    port: str
    layer: Layer | None = None
    weight: float = 1.0
    judged: str = "Input"
    target: str | None = None

    @property
    def further(self) -> list[str]:
        """The ports of the layer that take data under their own names."""
        known = (self.judged, self.target)
        return [] if self.layer is None else [port for port in ports_of_kind(self.layer, "in") if port not in known]

    def scaled(self, by: Scaled) -> "LossSpec":
        """The same loss times a factor."""
        factor = by.factor
        number = isinstance(factor, (int, float, np.integer, np.floating)) and not isinstance(factor, bool)
        if not number or not math.isfinite(factor):
            raise NetError(f"LossFunction: {by!r} must scale by a finite number", got=by, hint="write Scaled(0.1)")
        return replace(self, weight=self.weight * float(factor))


def specified(net: Layer, setting: Any) -> list[LossSpec]:
    """The losses that a setting of LossFunction says."""
    found = [each for spec in (setting if isinstance(setting, list) else [setting]) for each in read(net, spec)]
    if not found:
        raise NetError("LossFunction names no loss", got=setting, hint=FORMS)
    bare = [spec.port for spec in found if spec.layer is None]
    for port in bare:
        if bare.count(port) > 1:
            raise NetError(f"LossFunction names the loss {port} twice", got=setting)
    return found


def read(net: Layer, spec: Any) -> list[LossSpec]:
    """What one part of LossFunction says: a port, a loss, a rule between them, or one of these with a weight."""
    outputs = ports_of_kind(net, "out")
    if isinstance(spec, tuple) and len(spec) == 2 and isinstance(spec[1], Scaled):
        return [each.scaled(spec[1]) for each in read(net, spec[0])]
    if isinstance(spec, Mapping):
        return [each for port, loss in spec.items() for each in ruled(net, port, loss)]
    if isinstance(spec, tuple) and len(spec) == 2 and isinstance(spec[0], str):
        return ruled(net, spec[0], spec[1])
    if isinstance(spec, str):
        return [LossSpec(known_port(spec, outputs))]
    if spec is Automatic:
        return automatic(net, outputs)
    if len(outputs) != 1 and (isinstance(spec, Layer) or is_function(spec)):
        raise NetError(
            f"LossFunction={brief(spec)} goes with one output port, but the net has {', '.join(outputs)}",
            got=spec,
            hint=f'say which: {{"{outputs[0]}": loss}}',
        )
    return [computed(net, outputs[0], spec)]


def ruled(net: Layer, port: Any, loss: Any) -> list[LossSpec]:
    """A loss, or a weight, for a port."""
    known_port(port, ports_of_kind(net, "out"))
    if isinstance(loss, Scaled):
        return [LossSpec(port).scaled(loss)]
    if isinstance(loss, tuple) and len(loss) == 2 and isinstance(loss[1], Scaled):
        return [each.scaled(loss[1]) for each in ruled(net, port, loss[0])]
    if isinstance(loss, list):
        return [each for one in loss for each in ruled(net, port, one)]
    return [computed(net, port, loss)]


def computed(net: Layer, port: str, loss: Any) -> LossSpec:
    """A loss layer, a net, a function, or what Automatic stands for, at an output."""
    if loss is Automatic:
        loss = automatic_loss(net, port)
        return LossSpec(port) if loss is None else computed(net, port, loss)
    if isinstance(loss, NaryLayer) and loss.InputPorts is Automatic and loss.arity[0] <= 2 <= loss.arity[1]:
        loss = loss.changed(InputPorts=["Input", "Target"])
    if isinstance(loss, type) and issubclass(loss, Layer):
        raise NetError(f"LossFunction: {loss.__name__} is no loss yet", got=loss, hint=f"write {loss.__name__}()")
    if isinstance(loss, Layer):
        target = "Target" if "Target" in ports_of_kind(loss, "in") else None
        return LossSpec(port, loss, 1.0, judged_port(loss), target)
    if is_function(loss):
        layer = FunctionLayer(loss)
        ports = ports_of_kind(layer, "in")
        if "Input" not in ports and len(ports) > 1:  # by its first two parameters, whatever these are called
            return LossSpec(port, layer, 1.0, ports[0], ports[1])
        return LossSpec(port, layer, 1.0, judged_port(layer), "Target" if "Target" in ports else None)
    raise NetError(f"LossFunction: {brief(loss)} is not a loss", got=loss, hint=FORMS)


def automatic(net: Layer, outputs: list[str]) -> list[LossSpec]:
    """The losses that a net computes itself; where it computes none, one for each output."""
    specs = [computed(net, port, Automatic) for port in outputs if is_trained(net, port)]
    return [spec for spec in specs if spec.layer is None] or specs


def automatic_loss(net: Layer, port: str) -> Layer | None:
    """The loss for an output by its decoder (CTC) or the layer that feeds it; None where that is a loss itself."""
    layer, name = source_of(net, port)
    if isinstance(layer, LOSSES) or (isinstance(layer, Operator) and name in layer.losses):
        return None
    if isinstance(layer, NetPairEmbeddingOperator):
        return ContrastiveLossLayer()
    decoder: Any = coder_of(net, port)
    if isinstance(decoder, CTCBeamSearchDecoder):
        return CTCLossLayer()
    if isinstance(layer, SoftmaxLayer):
        multilabel = decoder is not None and getattr(decoder, "Multilabel", False)
        return CrossEntropyLossLayer("Binary" if multilabel else "Index")
    if isinstance(layer, ElementwiseLayer) and layer.f == "LogisticSigmoid":
        return CrossEntropyLossLayer("Binary")
    return MeanSquaredLossLayer()


def is_trained(net: Layer, port: str) -> bool:
    """Whether an output counts in training at all: what an operator gives beside its losses does not."""
    layer, name = source_of(net, port)
    return not isinstance(layer, Operator) or not layer.losses or name in layer.losses


def known_port(port: Any, outputs: list[str]) -> str:
    """An output port of the net, or a NetError with the nearest."""
    if port not in outputs:
        raise NetError(f"LossFunction: the net has no output port {brief(port)}", got=port, hint=nearest(port, outputs))
    return port


def judged_port(layer: Layer) -> str:
    """The port of a loss that takes what it judges."""
    inputs = ports_of_kind(layer, "in")
    if "Input" in inputs or len(inputs) == 1:
        return "Input" if "Input" in inputs else inputs[0]
    names = ", ".join(inputs) or "none"
    hint = "call what it judges Input, and what is right Target"
    raise NetError(f"LossFunction: a loss has a port Input, but {brief(layer)} has {names}", got=inputs, hint=hint)


def refuse_loss_as_property(asked: Any) -> None:
    """The third argument of NetTrain is a property; that it was the loss is long ago."""
    if isinstance(asked, Layer) or (isinstance(asked, type) and issubclass(asked, Layer)):
        text = f"NetTrain: its third argument is a property of the training, not a loss: {brief(asked)}"
        raise NetError(text, got=asked, hint=f"write LossFunction={brief(asked)}")
