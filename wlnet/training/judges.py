"""Where a training net judges: the loss layers in it, and what comes to their ports."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.layers.losses import CrossEntropyLossLayer, MeanAbsoluteLossLayer, MeanSquaredLossLayer
from wlnet.nets.container import Container, coder_of
from wlnet.training.answers import Numbers, flat, of_binary, of_index, of_labels, of_probabilities, together
from wlnet.training.look import Look
from wlnet.training.losses import NET, Attached
from wlnet.verbs.results import Place

KINDS: dict[str, tuple[type, ...]] = {
    "Classes": (CrossEntropyLossLayer,),
    "Numbers": (MeanSquaredLossLayer, MeanAbsoluteLossLayer),
}
"""The loss layers with which each kind of measurement goes."""

FORMS: dict[str, Callable[[np.ndarray, np.ndarray], Any]] = {
    "Index": of_index,
    "Probabilities": of_probabilities,
    "Binary": of_binary,
}


@dataclass(frozen=True)
class Judge:
    """A loss layer in a training net: what it is called, what it judges, by what, and the labels of its classes."""

    name: str
    layer: Layer
    output: Place
    target: Place
    plan: Plan
    encoder: Any

    @property
    def places(self) -> tuple[Place, Place]:
        """Where its two values are."""
        return self.output, self.target

    @property
    def form(self) -> str | None:
        """The form of a CrossEntropyLossLayer."""
        return getattr(self.layer, "form", None)

    @property
    def has_labels(self) -> bool:
        """Whether each number is about a label of its own, any of which may be right."""
        return self.form == "Binary" and bool(getattr(self.encoder, "Multilabel", False))

    @property
    def classes(self) -> Any:
        """The number of classes; no int where it varies."""
        if self.form == "Binary" and not self.has_labels:
            return 2
        return (self.plan.shape(*self.output) or (None,))[-1]

    @cached_property
    def labels(self) -> list:
        """The classes by name: those of the target's encoder, else False and True, or 1, 2, …."""
        known = getattr(self.encoder, "classes", None)
        if isinstance(known, Sequence) and len(known) == self.classes:
            return list(known)
        return [False, True] if self.form == "Binary" and not self.has_labels else list(range(1, self.classes + 1))

    def items(self, looks: Sequence[Look]) -> tuple[Any, list[int]]:
        """What is judged in some batches, item by item, and the number of items of each batch."""
        outputs, targets = ([flat(*look.values(place)) for look in looks] for place in self.places)
        output, target = together(outputs), together(targets)
        if not isinstance(self.layer, CrossEntropyLossLayer):
            rows = Numbers(output.reshape(len(output), -1), target.reshape(len(target), -1))
            return rows, [len(each) for each in outputs]
        if self.form == "Binary" and not self.has_labels:
            return of_binary(output, target), [each.size for each in outputs]
        count = output.shape[-1]
        p = output.reshape(-1, count)
        make = of_labels if self.has_labels else FORMS[str(self.form)]
        return make(p, target), [each.size // count for each in outputs]


def judges(attached: Attached, plan: Plan) -> list[Judge]:
    """The loss layers of a training net that stand where their values can be seen."""
    found = []
    for path, layer in contained(attached.net):
        if isinstance(layer, (*KINDS["Classes"], *KINDS["Numbers"])):
            output, target = fed_by(attached.net, path, "Input"), fed_by(attached.net, path, "Target")
            encoder = coder_of(attached.net, target[1]) if not target[0] else None
            found.append(Judge(name_of(attached, path), layer, output, target, plan, encoder))
    return found


def name_of(attached: Attached, path: tuple) -> str:
    """What a loss layer is called: the port it was attached to, else its own place in the net."""
    for loss in attached.losses:
        if path == (f"{loss.port}Loss",) and loss.layer is not None:
            return loss.port
    return "/".join(map(str, path[1:] if path[0] == NET and len(path) > 1 else path))


def contained(net: Layer, path: tuple = ()) -> Iterator[tuple[tuple, Layer]]:
    """The layers of containers at any depth; what operators hold may run many times and is left out."""
    if isinstance(net, Container):
        for key, layer in net.layers.items():
            yield from contained(layer, (*path, key))
    else:
        yield path, net


def fed_by(net: Layer, path: tuple, port: str) -> Place:
    """What comes to a port of a layer: the output of another, or a data port of the whole net."""
    around: Any = net
    for key in path[:-1]:
        around = around.layers[key]
    key, name = around.feeds[path[-1]][port]
    if key is not None:
        return (*path[:-1], key), name
    return fed_by(net, path[:-1], name) if len(path) > 1 else ((), name)


def judge_for(kind: str, name: str, port: str | None, found: Sequence[Judge], what: str) -> Judge:
    """The one judge with whose loss a measurement goes."""
    fitting = [judge for judge in found if isinstance(judge.layer, KINDS[kind])]
    if not fitting:
        takes = " or ".join(each.__name__ for each in KINDS[kind])
        losses = ", ".join(repr(judge.layer) for judge in found) or "other losses"
        text = f"{what}: {name} goes with {takes}, but the net is judged by {losses}"
        raise NetError(text, expected=takes, got=name, hint="LossFunction says by what a net is judged")
    if port is not None:
        named = [judge for judge in fitting if judge.name == port]
        if not named:
            known = [judge.name for judge in fitting]
            raise NetError(f"{what}: {name} has no loss at {port}", got=port, hint=nearest(port, known))
        return named[0]
    if len(fitting) > 1:
        names = ", ".join(judge.name for judge in fitting)
        raise NetError(
            f"{what}: {name} may be about {names}",
            got=name,
            hint=f'say which: {{"Measurement": "{name}", "Port": "{fitting[0].name}"}}',
        )
    return fitting[0]
