"""Evaluation: `net(x)`, `net([x1, x2])`, `net({"A": a, "B": b})`, `net(x, what)`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.core.arrays import value_of
from wlnet.core.dims import Unknown
from wlnet.core.errors import NetError
from wlnet.core.layer import Layer, unset
from wlnet.core.plan import Plan
from wlnet.core.ports import shape_text
from wlnet.core.registry import provides
from wlnet.layers.placeholder import PlaceholderLayer
from wlnet.nets.container import Container
from wlnet.verbs.batch import Batch, run_batch
from wlnet.verbs.given_states import states_apart, with_states
from wlnet.verbs.gradients import refuse_missing, seeds_apart, with_seeds
from wlnet.verbs.inputs import Inputs, by_port, prepare
from wlnet.verbs.results import Request, requested
from wlnet.verbs.settings import OPTIONS, Settings


@provides("evaluate")
def evaluate(net: Layer, *data: Any, **options: Any) -> Any:
    """Evaluates a net on one example or on a batch; the second argument says what to return."""
    run = evaluation(net, data, options)
    pieces = parts(run.inputs, run.settings, bool(run.request.leaves))
    return run.answer([run.batch(part, number) for number, part in enumerate(pieces)])


@dataclass(frozen=True)
class Evaluation:
    """A net, what is asked of it, the data and the settings, all checked and ready to run."""

    net: Layer
    request: Request
    inputs: Inputs
    settings: Settings
    arrays: Mapping[tuple, Any]

    def batch(self, inputs: Inputs, number: int, places: Sequence = ()) -> Batch:
        """Runs some of the examples; `places` are other values to keep than those that are asked for."""
        kept = list(dict.fromkeys([*self.request.places, *places]))
        return run_batch(self.net, self.arrays, inputs, kept, self.request.leaves, self.settings, number)

    def answer(self, batches: list[Batch]) -> Any:
        """What was asked for, of all batches together."""
        return self.request.answer(batches, self.inputs.single, self.settings.seed)


def evaluation(net: Layer, data: tuple, options: Mapping[str, Any]) -> Evaluation:
    """What `net(data, what)` with options comes to."""
    if len(data) > 2:
        raise NetError(f"net(data, what) takes two arguments, got {len(data)}", hint="give options by name")
    seeds, data = seeds_apart(data)
    states, data = states_apart(data)
    net, data = with_open_inputs(net, data)
    settings = Settings.of(options)
    request = requested(net, data[1:])
    refuse_unset(net)
    inputs = prepare(net, by_port(net, data), seed=settings.seed if settings.training else None)
    refuse_unknown(net, inputs.plan)
    inputs = with_states(net, with_seeds(net, inputs, seeds, request.leaves), states)
    refuse_missing(inputs, request.leaves)
    arrays = {key: settings.engine.array(value) for key, value in collect_arrays(net, settings.precision).items()}
    return Evaluation(net, request, inputs, settings, arrays)


def with_open_inputs(net: Layer, data: tuple) -> tuple[Layer, tuple]:
    """A layer of open input number gets as many inputs as the call gives: a list of arrays, or a dict of ports."""
    if hasattr(net, "with_inputs") and not net.inputs and data:
        if isinstance(data[0], Mapping):
            return net.changed(InputPorts=list(data[0])), data
        if isinstance(data[0], (list, tuple, np.ndarray)) and len(data[0]):
            try:
                settled = net.with_inputs(len(data[0]))
            except ValueError as error:
                raise NetError(f"{type(net).__name__} {error}", got=len(data[0])) from None
            return settled, (dict(zip(settled.inputs, data[0], strict=True)), *data[1:])
        raise NetError(f"{type(net).__name__} takes a list of arrays, or a dict of them by port", got=data[0])
    return net, data


def leaves(net: Layer, path: tuple = ()) -> Iterator[tuple[tuple, Layer]]:
    """Every layer and operator, with its path: all that may have arrays of their own."""
    if not isinstance(net, Container):
        yield path, net
    for key, layer in net.subnets().items():
        yield from leaves(layer, (*path, key))


def refuse_placeholders(net: Layer) -> None:
    """Refuses to run or train a net in which a layer is missing."""
    for path, layer in leaves(net):
        if isinstance(layer, PlaceholderLayer):
            raise layer.refusal(path)


def refuse_unset(net: Layer) -> None:
    """Refuses to run a net whose arrays have no values."""
    if net.__dict__.get("is_set"):
        return
    refuse_placeholders(net)
    for path, layer in leaves(net):
        names = unset(layer)
        if names:
            raise NetError(
                f"{type(layer).__name__} has no values for {' and '.join(told(layer, name) for name in names)}",
                path=path,
                expected=names,
                hint="NetInitialize(net) gives it initial values",
            )
    net.__dict__["is_set"] = True


def told(layer: Layer, name: str) -> str:
    """The name of an array, and of a shared one also what is shared."""
    held: Any = layer.arrays.get(name)
    return f"{name} ({held.named()!r})" if hasattr(held, "array_key") else name


def refuse_unknown(net: Layer, plan: Plan) -> None:
    """Refuses to run where a shape is still open."""
    for (path, name), shape in plan.shapes.items():
        if shape is None or Unknown in shape:
            raise NetError(
                f"the shape of {name} is not known ({shape_text(shape)})",
                path=path,
                hint="give it when the layer is made, as in Input=(3, 8), or give data that say it",
            )


def collect_arrays(net: Layer, precision: str, path: tuple = ()) -> dict[tuple, np.ndarray]:
    """Every array of a net by key, in the working precision."""
    found: dict[tuple, np.ndarray] = {}
    for place, layer in leaves(net, path):
        for name, held in layer.arrays.items():
            value, key = value_of(held), layer.key(name, place)
            if isinstance(value, np.ndarray) and key not in found:
                found[key] = value if value.dtype == precision else value.astype(precision)
    return found


def parts(inputs: Inputs, settings: Settings, all_kept: bool = False) -> Iterator[Inputs]:
    """The inputs in pieces of the batch size."""
    size = settings.size or automatic_size(inputs, all_kept)
    if size >= inputs.count:
        yield inputs
        return
    for start in range(0, inputs.count, size):
        yield inputs.rows(slice(start, start + size))


def automatic_size(inputs: Inputs, all_kept: bool = False) -> int:
    """So many examples at once that the largest value of the net takes about 64 MB; 16 where lengths vary.

    A gradient keeps all values, so then it is their sum.
    """
    if any(column.lengths is not None for column in inputs.columns.values()):
        return 16
    sizes = [_elements(shape) for shape in inputs.plan.shapes.values()]
    taken = sum(sizes) if all_kept else max(sizes, default=1)
    return max(1, min(1024, 2**24 // max(1, taken)))


def _elements(shape: tuple | None) -> int:
    return int(np.prod([dim if isinstance(dim, int) else 1 for dim in shape or ()], dtype=float))


__all__ = ["OPTIONS", "collect_arrays", "evaluate", "leaves"]
