"""One batch of an evaluation: run on the backend, with a gradient where one is asked for, and cut to true lengths."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wlnet.core.dims import Length
from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.core.symbols import NetPortGradient
from wlnet.core.types import Integer
from wlnet.verbs.data import Column
from wlnet.verbs.gradients import Leaf, total
from wlnet.verbs.inputs import Inputs
from wlnet.verbs.lengths import named_lengths, settled
from wlnet.verbs.settings import Settings


@dataclass(frozen=True)
class Batch:
    """The outputs of one batch: arrays by place, the lengths of the net's names, the number of examples; gradients."""

    outputs: dict[Any, np.ndarray]
    lengths: Mapping[Any, Any]
    plan: Plan
    count: int
    gradients: dict[Leaf, np.ndarray] = field(default_factory=dict)

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


def run_batch(
    net: Layer, arrays: Mapping[tuple, Any], inputs: Inputs, places: list, leaves: Iterable[Leaf], settings: Settings,
    number: int,
) -> Batch:  # fmt: skip
    """Runs one batch: the values at the places, and the gradients with respect to the leaves."""
    engine = settings.engine
    lengths = named_lengths(inputs.plan, inputs.columns)
    inputs.plan.compare(lengths)
    now = settled(lengths, engine.name == "JAX")
    mode = {"training": settings.training, "precision": settings.precision, "seed": settings.seed + number}
    xp = engine.context(**mode, dims=inputs.plan.at(now)).derive(count=inputs.count, asked=frozenset(places))
    fixed = {("array", *key): value for key, value in arrays.items()} | given(net, inputs, settings)
    free = {leaf: fixed.pop(leaf) for leaf in leaves if leaf in fixed}
    free |= inside(net, xp, fixed | free, [leaf for leaf in leaves if leaf[0] == "out"])
    seeds = {port: as_given(each, None, str(NetPortGradient(port)), settings) for port, each in inputs.seeds.items()}

    def forward(found: Mapping[Leaf, Any]) -> tuple[Any, dict]:
        outputs, seen = observed(net, xp, {**fixed, **found}, places)
        return total(xp, inputs.plan, outputs, seeds, now) if found else None, seen

    with np.errstate(all="ignore"):
        seen, gradients = engine.value_and_gradient(forward, free)[1:] if free else (forward({})[1], {})
    found = {place: owned(values, inputs) for place, values in engine.numpy(seen).items()}
    slopes = {leaf: np.array(values) for leaf, values in engine.numpy(gradients).items()}  # of two leaves it may be one
    return Batch(found, lengths, inputs.plan, inputs.count, slopes)


def given(net: Layer, inputs: Inputs, settings: Settings) -> dict[Leaf, Any]:
    """The data and the first states of a batch as the backend takes them."""
    slots, types = net.ports(), inputs.plan.types
    data = {
        ("state" if slots[port].kind == "state" else "in", port): as_given(
            column, types.get(((), port)), port, settings
        )
        for port, column in inputs.columns.items()
    }
    return data | {("state", *k): as_given(column, None, k[-1], settings) for k, column in inputs.states.items()}


def as_given(column: Column, of: Any, port: str, settings: Settings) -> Any:
    """The data of one port as the backend takes them."""
    return settings.engine.array(in_precision(column.array, of, settings.precision, port))


def inside(net: Layer, xp: Any, held: Mapping[Leaf, Any], leaves: list[Leaf]) -> dict[Leaf, Any]:
    """Zeros to add to the outputs of layers inside: the gradient for what is added is that for the output."""
    if not leaves:
        return {}
    with np.errstate(all="ignore"):
        seen = observed(net, xp, held, [leaf[1:] for leaf in leaves])[1]
    return {leaf: xp.zeros(seen[leaf[1:]].shape) for leaf in leaves}


def observed(net: Layer, xp: Any, held: Mapping[Leaf, Any], places: list) -> tuple[dict, dict]:
    """The outputs of a net, and the values at places inside it."""
    seen: dict[tuple, Any] = {}
    added = {leaf[1:]: value for leaf, value in held.items() if leaf[0] == "out"}
    wanted = {path for path, _ in [*places, *added] if path}

    def look(path: tuple, outputs: Mapping[str, Any]) -> Mapping[str, Any]:
        if path in wanted:
            outputs = {port: v + added[path, port] if (path, port) in added else v for port, v in outputs.items()}
            seen.update({(path, port): value for port, value in outputs.items()})
        return outputs

    xp = xp.derive(seen=look) if wanted else xp
    arrays = {leaf[1:]: value for leaf, value in held.items() if leaf[0] in ("array", "state")}
    outputs, states = net.run(xp, arrays, {leaf[1]: value for leaf, value in held.items() if leaf[0] == "in"}, ())
    seen.update({((), port): value for port, value in outputs.items()})
    seen.update({(key[:-1], key[-1]): value for key, value in states.items()})
    return outputs, {place: seen[place] for place in places}


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
