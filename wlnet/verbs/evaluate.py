"""Evaluation: `net(x)`, `net([x1, x2])`, `net({"A": a, "B": b})`, `net(x, what)`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.backends import backend
from wlnet.core.dims import Length, Unknown
from wlnet.core.errors import NetError
from wlnet.core.layer import Layer, unset
from wlnet.core.plan import Plan
from wlnet.core.ports import shape_text
from wlnet.core.registry import provides
from wlnet.core.symbols import Automatic
from wlnet.core.types import Integer
from wlnet.layers.placeholder import PlaceholderLayer
from wlnet.nets.container import Container
from wlnet.verbs.device import chosen_backend, precision_of
from wlnet.verbs.inputs import Inputs, by_port, prepare
from wlnet.verbs.lengths import named_lengths, settled
from wlnet.verbs.results import Request, requested
from wlnet.verbs.seeds import seed_of

OPTIONS: dict[str, Any] = {
    "BatchSize": Automatic,
    "NetEvaluationMode": "Test",
    "RandomSeeding": Automatic,
    "TargetDevice": "CPU",
    "WorkingPrecision": "Real32",
}
"""The options of an evaluation, and their defaults."""


@dataclass(frozen=True)
class Settings:
    """The options of one evaluation, checked."""

    size: int | None
    training: bool
    seed: int
    engine: Any
    precision: str

    @staticmethod
    def of(options: Mapping[str, Any]) -> "Settings":
        """The settings that a user's options say."""
        for name in options:
            if name not in OPTIONS:
                from_names = ", ".join(OPTIONS)
                raise NetError(f"{name} is not an option of an evaluation", got=name, hint=f"there are {from_names}")
        chosen = {**OPTIONS, **options}
        mode: Any = chosen["NetEvaluationMode"]
        size: Any = chosen["BatchSize"]
        if mode not in ("Test", "Train"):
            raise NetError(f'NetEvaluationMode must be "Test" or "Train", got {mode!r}', got=mode)
        if size is not Automatic and (isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1):
            raise NetError(f"BatchSize must be a positive whole number or Automatic, got {size!r}", got=size)
        engine, precision = chosen_backend(chosen["TargetDevice"]), precision_of(chosen["WorkingPrecision"])
        size = None if size is Automatic else int(size)  # type: ignore[arg-type]
        return Settings(size, mode == "Train", seed_of(chosen["RandomSeeding"]), engine, precision)


@provides("evaluate")
def evaluate(net: Layer, *data: Any, **options: Any) -> Any:
    """Evaluates a net on one example or on a batch; the second argument says what to return."""
    if len(data) > 2:
        raise NetError(f"net(data, what) takes two arguments, got {len(data)}", hint="give options by name")
    net, data = with_open_inputs(net, data)
    settings = Settings.of(options)
    request = requested(net, data[1:])
    refuse_unset(net)
    inputs = prepare(net, by_port(net, data))
    refuse_unknown(net, inputs.plan)
    batches = [run_batch(net, part, request, settings, number) for number, part in enumerate(parts(inputs, settings))]
    return request.answer(batches, inputs.single, settings.seed)


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
                f"{type(layer).__name__} has no values for {' and '.join(names)}",
                path=path,
                expected=names,
                hint="NetInitialize(net) gives it initial values",
            )
    net.__dict__["is_set"] = True


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
        for name, value in layer.arrays.items():
            if isinstance(value, np.ndarray):
                found[layer.key(name, place)] = value if value.dtype == precision else value.astype(precision)
    return found


def parts(inputs: Inputs, settings: Settings) -> Iterator[Inputs]:
    """The inputs in pieces of the batch size."""
    size = settings.size or automatic_size(inputs)
    if size >= inputs.count:
        yield inputs
        return
    for start in range(0, inputs.count, size):
        cut = {port: column.rows(slice(start, start + size)) for port, column in inputs.columns.items()}
        yield Inputs(cut, inputs.plan, inputs.single)


def automatic_size(inputs: Inputs) -> int:
    """So many examples at once that the largest value of the net takes about 64 MB; 16 where lengths vary."""
    if any(column.lengths is not None for column in inputs.columns.values()):
        return 16
    largest = max((_elements(shape) for shape in inputs.plan.shapes.values()), default=1)
    return max(1, min(1024, 2**24 // max(1, largest)))


def _elements(shape: tuple | None) -> int:
    return int(np.prod([dim if isinstance(dim, int) else 1 for dim in shape or ()], dtype=float))


@dataclass(frozen=True)
class Batch:
    """The outputs of one batch: arrays by place, the lengths of the net's names, the number of examples."""

    outputs: dict[Any, np.ndarray]
    lengths: Mapping[Any, Any]
    plan: Plan
    count: int

    def rows(self, place: tuple[tuple, str], values: np.ndarray) -> list[np.ndarray] | np.ndarray:
        """A port's values with padding cut off: an array, or a list where lengths differ."""
        shape = self.plan.shape(*place) or ()
        if not any(isinstance(dim, Length) for dim in shape):
            return values
        sizes = np.stack([np.broadcast_to(self.size(dim), (self.count,)) for dim in shape], axis=1)
        cuts = [tuple(map(slice, row)) for row in sizes]
        if (sizes == sizes[0]).all():
            return values[(slice(None), *cuts[0])]
        return [row[cut] for row, cut in zip(values, cuts, strict=True)]

    def size(self, dim: Any) -> Any:
        """A dimension as an int, or as one int an example."""
        return dim.with_names(lambda name: self.lengths[name]) if isinstance(dim, Length) else dim


def run_batch(net: Layer, inputs: Inputs, request: Request, settings: Settings, number: int) -> Batch:
    """Runs one batch on the backend."""
    engine = settings.engine
    lengths = named_lengths(inputs.plan, inputs.columns)
    inputs.plan.compare(lengths)
    dims = inputs.plan.at(settled(lengths, engine.name == "JAX"))
    xp = engine.context(
        training=settings.training, precision=settings.precision, seed=settings.seed + number, dims=dims
    ).derive(count=inputs.count)
    places = request.places(net)
    xp = xp.derive(asked=frozenset(places))
    seen: dict[tuple, Any] = {}
    inner = [place for place in places if place[0]]
    if inner:
        wanted = {path for path, _ in inner}
        xp = xp.derive(
            seen=lambda path, outputs: (
                seen.update({(path, p): v for p, v in outputs.items()}) if path in wanted else None
            )
        )
    given = {
        port: engine.array(in_precision(column.array, inputs.plan.types.get(((), port)), settings.precision, port))
        for port, column in inputs.columns.items()
    }
    arrays = {key: engine.array(value) for key, value in collect_arrays(net, settings.precision).items()}
    with np.errstate(all="ignore"):
        outputs, states = net.run(xp, arrays, given, ())
    seen.update({((), port): value for port, value in outputs.items()})
    seen.update({(key[:-1], key[-1]): value for key, value in states.items()})
    found = engine.numpy({place: seen[place] for place in places})
    found = {place: owned(values, inputs) for place, values in found.items()}
    return Batch(found, lengths, inputs.plan, inputs.count)


def in_precision(array: np.ndarray, of: Any, precision: str, port: str = "the data") -> np.ndarray:
    """Data in the working precision; what a port takes as integers stays so."""
    if isinstance(of, Integer) or array.dtype == precision:
        return array
    with np.errstate(over="ignore"):
        narrow = array.astype(precision)
    if array.dtype.kind == "f" and not np.isfinite(narrow).all():
        value = float(array[~np.isfinite(narrow)][0])
        hint = 'scale the data, or evaluate with WorkingPrecision="Real64"'
        raise NetError(f"{port}: {value} is too large for single precision", got=value, hint=hint)
    return narrow


def owned(values: np.ndarray, inputs: Inputs) -> np.ndarray:
    """A result that the user may change: it shares no memory with the data or with the arrays of the net."""
    shared = any(np.may_share_memory(values, column.array) for column in inputs.columns.values())
    return values.copy() if shared or not values.flags.writeable else values


__all__ = ["OPTIONS", "backend", "collect_arrays", "evaluate", "leaves"]
