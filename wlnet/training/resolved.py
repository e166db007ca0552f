"""From measurements as a user wants them to those of a given training net: each finds its loss, ports or array."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.core.ports import shape_text
from wlnet.core.refuse import brief
from wlnet.core.symbols import NetPort
from wlnet.layers.losses import CrossEntropyLossLayer
from wlnet.nets.container import ports_of_kind
from wlnet.training.judges import Judge, fed_by, judge_for, judges
from wlnet.training.losses import NET, Attached
from wlnet.training.measured import BuiltIn, Custom, Measure, Momentary, Value
from wlnet.training.measurements import Measurement
from wlnet.verbs.places import inner
from wlnet.verbs.results import Place, place_of
from wlnet.verbs.within import layer_at


@dataclass(frozen=True)
class Measured:
    """The net that is measured: the user's, the training net around it, and its plan for the data."""

    net: Layer
    attached: Attached
    plan: Plan
    what: str  # what messages begin with

    @cached_property
    def judges(self) -> list[Judge]:
        """The loss layers that can be seen."""
        return judges(self.attached, self.plan)

    @cached_property
    def names(self) -> dict[str, Place]:
        """The values that have names: the outputs of the net, the data, the targets of attached losses, the losses."""
        graph: Any = self.attached.net
        found: dict[str, Place] = {port: ((NET,), port) for port in ports_of_kind(self.net, "out")}
        found |= {port: ((), port) for port in ports_of_kind(graph, "in") if port not in found}
        targets = {
            loss.port: fed_by(graph, (f"{loss.port}Loss",), "Target")
            for loss in self.attached.losses
            if loss.layer is not None and "Target" in ports_of_kind(loss.layer, "in")
        }
        for port, place in targets.items():
            found.setdefault("Target" if len(targets) == 1 else f"{port}Target", place)
        for loss in self.attached.losses:
            key, port = graph.feeds[None][loss.name]
            found.setdefault(loss.name, ((key,), port))
        return found

    def measures(self, wanted: Sequence[Measurement] | None) -> tuple[Measure | Momentary, ...]:
        """The measurements, each with where it looks; Automatic is ErrorRate with a single CrossEntropyLossLayer."""
        if wanted is None:
            classifiers = [judge for judge in self.judges if isinstance(judge.layer, CrossEntropyLossLayer)]
            single = len(classifiers) == 1 and isinstance(classifiers[0].classes, int)
            wanted = (Measurement("ErrorRate", "ErrorRate", 1),) if single else ()
        return tuple(self.measure(each) for each in wanted)

    def measure(self, wanted: Measurement) -> Measure | Momentary:
        """One measurement, with where it looks."""
        if wanted.row is not None:
            return self.built_in(wanted, wanted.row)
        if isinstance(wanted.what, str):
            return Momentary(wanted)
        return self.at_port(wanted) if isinstance(wanted.what, NetPort) else self.custom(wanted)

    def built_in(self, wanted: Measurement, row: Any) -> Measure:
        """A measurement of the table, and the loss layer whose input and target it reads."""
        name = wanted.what
        judge = judge_for(row.kind, name, wanted.port, self.judges, self.what)
        if row.kind == "Classes":
            self.refuse_classes(wanted, row, judge)
        elif name == "IntersectionOverUnion" and not is_box(self.plan.shape(*judge.output)):
            raise NetError(
                f"{self.what}: {name} takes boxes, of shape 4 or 2×2, but {judge.name} is of shape "
                f"{shape_text(self.plan.shape(*judge.output))}",
                got=name,
                hint="a box is (x1, y1, x2, y2)",
            )
        return BuiltIn(wanted, judge.places, judge)

    def refuse_classes(self, wanted: Measurement, row: Any, judge: Judge) -> None:
        """Refuses classes whose number varies, more classes than there are, and what needs one right class."""
        name, count = wanted.what, judge.classes
        if not isinstance(count, int):
            text = f"{self.what}: {name} needs a fixed number of classes, but that of {judge.name} varies"
            raise NetError(text, got=name, hint='Entropy is then the loss itself: NetPort("Loss")')
        if judge.has_labels and (row.one_class or (wanted.parameter not in (None, 1) and row.parameter.whole)):
            text = f"{self.what}: {wanted.key} goes with one right class, but {judge.name} has any number of labels"
            raise NetError(text, got=name, hint="Precision, Recall and F1Score take labels one by one")
        if row.parameter is not None and row.parameter.whole and wanted.parameter > count:
            text = f"{self.what}: {wanted.key} looks at more classes than the {count} of {judge.name}"
            raise NetError(text, expected=count, got=wanted.parameter, hint=f"take at most {count}")

    def at_port(self, wanted: Measurement) -> Measure | Momentary:
        """The value of a port, of data, or of an array."""
        spec = wanted.what.spec
        if len(spec) == 1 and spec[0] in self.names:
            return Value(wanted, (self.names[spec[0]],))
        path, layer = layer_at(self.net, spec[:-1])
        name = spec[-1]
        slot = layer.ports().get(name) if isinstance(name, str) else None
        if slot is None and isinstance(name, str) and name not in inner(layer):
            raise self.no_port(layer, path, name)
        if slot is not None and slot.is_array:
            if name not in layer.present():
                raise NetError(f"{self.what}: {name} of {type(layer).__name__} is None", path=path, got=wanted.what)
            return Momentary(wanted, layer.key(name, (NET, *path)))
        if slot is not None and slot.kind in ("state", "aside"):
            text = f"{self.what}: {name} of {type(layer).__name__} is not measured"
            raise NetError(text, path=path, got=wanted.what, hint="outputs, data and arrays are")
        path, port = place_of(self.net, spec)
        return Value(wanted, (((NET, *path), port),))

    def no_port(self, layer: Layer, path: tuple, name: str) -> NetError:
        """The net, or a layer in it, has neither a port nor an array of that name."""
        slots = layer.ports().items()
        own = [port for port, slot in slots if slot.is_array or slot.kind == "out"]
        known = dict.fromkeys([*(self.names if not path else ()), *inner(layer), *own])
        text = f"{type(layer).__name__} has no output and no array" if path else "there is no port"
        return NetError(f"{self.what}: {text} {brief(name)}", path=path, got=name, hint=nearest(name, known))

    def custom(self, wanted: Measurement) -> Measure:
        """A function: its parameters name values, or its one parameter takes all of them in a dict."""
        parameters = self.parameters(wanted)
        if parameters and all(name in self.names for name in parameters):
            return Custom(wanted, tuple(self.names[name] for name in parameters), tuple(parameters), False)
        if len(parameters) == 1:
            return Custom(wanted, tuple(self.names.values()), tuple(self.names), True)
        strange = [name for name in parameters if name not in self.names]
        text = f"{self.what}: the function {wanted.key} has a parameter {strange[0]}" if strange else (
            f"{self.what}: the function {wanted.key} takes no parameter"
        )  # fmt: skip
        names = ", ".join(self.names)
        raise NetError(text, got=wanted.what, hint=f"its parameters may be {names}; or one that gets a dict of these")

    def parameters(self, wanted: Measurement) -> list[str]:
        """The parameters that a function must be given."""
        try:
            known: Mapping[str, inspect.Parameter] = inspect.signature(wanted.what).parameters
        except (TypeError, ValueError):  # one of NumPy's, which tells no signature
            return ["values"]
        needed = [each for each in known.values() if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
        return [each.name for each in needed if each.default is each.empty]


def is_box(shape: tuple | None) -> bool:
    """Whether a value is boxes: four numbers, or two corners of two, along its last levels."""
    return shape is not None and (shape[-1:] == (4,) or shape[-2:] == (2, 2))
