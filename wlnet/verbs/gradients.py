"""NetPortGradient: with respect to what a gradient is taken, what it is the gradient of, and with what it starts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wlnet.core.dims import Length
from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.core.refuse import brief
from wlnet.core.shared import known_shared
from wlnet.core.symbols import All, NetPort, NetPortGradient
from wlnet.core.types import Boolean, Integer
from wlnet.nets.container import ports_of_kind
from wlnet.verbs.data import Column, column, is_batch, numbers
from wlnet.verbs.inputs import Inputs
from wlnet.verbs.lengths import named_lengths
from wlnet.verbs.places import arrays, inner
from wlnet.verbs.within import key_in, layer_at, missing_port, refuse_repeated

Leaf = tuple
"""With respect to what: ("in", port), ("array", *key), ("state", *path, name), or ("out", path, port), the output of a
layer inside."""


@dataclass(frozen=True)
class Slope:
    """One gradient to return, and the key under which it is returned."""

    key: NetPortGradient
    leaf: Leaf

    def pieces(self, batches: Iterable[Any]) -> list:
        """That of each batch: for an input one for each example, without padding."""
        found = [(batch, batch.gradients[self.leaf]) for batch in batches]
        place = self.leaf[1:] if self.leaf[0] == "out" else (self.leaf[1:-1], self.leaf[-1])
        return [each if self.is_summed else batch.rows(place, each) for batch, each in found]

    @property
    def is_summed(self) -> bool:
        """Whether it is one for all examples: that of an array."""
        return self.leaf[0] == "array"


# --- with respect to what ---------------------------------------------------------------------------------------------


def slopes_for(net: Layer, asked: NetPortGradient) -> tuple[Slope, ...]:
    """The gradients that a NetPortGradient asks for."""
    outputs = ports_of_kind(net, "out")
    if not any(is_real(net.plan, port) for port in outputs):
        kinds = ", ".join(f"{port} is {net.plan.types[(), port]}" for port in outputs)
        raise NetError(f"{type(net).__name__} has no output of real numbers, so nothing has a gradient ({kinds})")
    if asked.spec == (All,):
        return tuple(every_slope(net))
    return (Slope(asked, leaf_of(net, asked)),)


def every_slope(net: Layer) -> Iterator[Slope]:
    """Those of all inputs that are real numbers and of all learned arrays, a shared array once."""
    for port in ports_of_kind(net, "in"):
        if not isinstance(net.plan.types.get(((), port)), Integer):
            yield Slope(NetPortGradient(port), ("in", port))
    found: dict[tuple, tuple] = {}
    for place in arrays(net):
        if place.slot.kind == "learned":
            found.setdefault(place.key, place.path)
    for key, path in found.items():
        yield Slope(NetPortGradient(*path), ("array", *key))


def leaf_of(net: Layer, asked: NetPortGradient) -> Leaf:
    """What a NetPortGradient means: an input port, an array at any depth, or the output of a layer inside."""
    array = next((part for part in asked.spec if hasattr(part, "array_key")), None)
    if array is not None:
        return ("array", *shared_key(net, array, asked))
    name, (path, layer) = asked.spec[-1], layer_at(net, asked.spec[:-1])
    slot = layer.ports().get(name) if isinstance(name, str) else None
    kind = slot.kind if slot is not None and not (path and name in inner(layer)) else None
    of = net.plan.types.get((path, name))
    if isinstance(of, Integer) and kind in ("in", "out"):
        raise NetError(f"{name} takes {of}, which have no gradient", path=path, got=asked, hint=instead(net))
    if kind == "state" or (kind == "in" and not path):
        return (kind, *path, name)
    if kind == "learned" and layer.arrays.get(name, ()) is not None:
        return ("array", *layer.key(name, path))
    if kind == "out" and path:
        refuse_repeated(net, path)
        return ("out", path, name)
    raise no_leaf(layer, path, name, kind)


def shared_key(net: Layer, array: Any, asked: NetPortGradient) -> tuple:
    """The key of the shared array that is asked for, which stands in no layer more than in another."""
    if len(asked.spec) > 1:
        text = f"{array!r} is one array of the whole net, so it stands alone"
        raise NetError(text, got=asked, hint=f"write {NetPortGradient(array)}")
    return known_shared(net, array).array_key


REFUSED = {
    "learned": "{name} of {label} is None, so it has no gradient",
    "moving": "{name} of {label} is a statistic that training follows, so it has no gradient",
    "in": "{name} of {label} is an input port inside the net, so its gradient is that of the output that feeds it",
    "out": "gradients are of {name} of {label}, not with respect to it",
    "aside": "{name} of {label} is an output that nothing else is computed from, so it has no gradient",
}
"""Why a port or array of a kind is refused."""


def no_leaf(layer: Layer, path: tuple, name: Any, kind: str | None) -> NetError:
    """A NetPortGradient names what has no gradient."""
    label = type(layer).__name__
    if kind is not None:
        return NetError(REFUSED[kind].format(name=name, label=label), path=path, got=name, hint=instead(layer, path))
    if isinstance(name, str) and name not in inner(layer):
        kinds = ("learned", "out") if path else ("in", "learned")
        error = missing_port(layer, path, name, kinds, "array or output" if path else "input port or array")
        deeper = any(each.name == name and each.slot.kind == "learned" for each in arrays(layer))
        return error if not deeper else NetError(error.message, path=path, got=name, hint=instead(layer, path, name))
    held = (*path, key_in(layer, name, path))
    found = inner(layer)[held[-1]]
    text = f"{brief(name)} is a {type(found).__name__}, not a port or an array"
    return NetError(text, path=path, got=name, hint=instead(found, held))


def instead(net: Layer, path: tuple = (), name: str | None = None) -> str | None:
    """What to ask for: an array of the net (of that name), or all; nothing where nothing has a gradient."""
    learned = (each for each in arrays(net) if each.slot.kind == "learned" and name in (None, each.name))
    place = next(learned, None)
    if place is None and not path and not any(each.leaf[0] == "in" for each in every_slope(net)):
        return None
    return f"ask for {NetPortGradient(*path, *place.path) if place else NetPortGradient(All)}"


# --- of what ----------------------------------------------------------------------------------------------------------


def is_real(plan: Plan, port: str) -> bool:
    """Whether a port of the net gives real numbers: whole numbers and booleans have no slope."""
    return not isinstance(plan.types.get(((), port)), (Integer, Boolean))


def total(xp: Any, plan: Plan, outputs: Mapping[str, Any], seeds: Mapping[str, Any], lengths: Mapping) -> Any:
    """What the gradient is of: Σ of all outputs; of outputs · seeds, where seeds are given."""
    amount: Any = 0.0
    for port, value in outputs.items():
        if not is_real(plan, port) or (seeds and port not in seeds):
            continue
        value = value * as_long(seeds[port], value) if seeds else value
        shape = plan.shape((), port)
        if shape and isinstance(shape[0], Length):
            value = xp.masked(value, shape[0].with_names(lambda name: lengths[name]))
        amount = amount + xp.sum(value)
    return amount


def as_long(seed: Any, value: Any) -> Any:
    """A seed cut or filled up to the padded length of what it multiplies: padding counts nothing."""
    missing = value.shape[1] - seed.shape[1] if value.ndim > 1 else 0
    if missing <= 0:
        return seed[:, : value.shape[1]] if missing else seed
    return np.pad(np.asarray(seed), [(0, 0), (0, missing), *[(0, 0)] * (seed.ndim - 2)])


# --- with what it starts ----------------------------------------------------------------------------------------------


def seeds_apart(data: tuple) -> tuple[dict[NetPortGradient, Any], tuple]:
    """The entries of the data that are gradients at outputs, and the data without them."""
    if not data or not isinstance(data[0], Mapping):
        return {}, data
    seeds = {key: value for key, value in data[0].items() if isinstance(key, NetPortGradient)}
    left = {key: value for key, value in data[0].items() if not isinstance(key, NetPortGradient)}
    return seeds, (left, *data[1:]) if seeds else data


def with_seeds(net: Layer, inputs: Inputs, given: Mapping[NetPortGradient, Any], leaves: list[Leaf]) -> Inputs:
    """The inputs with the gradients to start with."""
    if given and not leaves:
        first = next(iter(given))
        raise NetError(f"the data hold {first}, but no gradient is asked for", got=first, hint=f"ask: {asking(net)}")
    return replace(inputs, seeds={output_of(net, key): seed(net, inputs, key, value) for key, value in given.items()})


def refuse_missing(inputs: Inputs, leaves: Iterable[Leaf]) -> None:
    """Refuses a gradient with respect to a state that the data do not give."""
    known = {("state", port) for port in inputs.columns} | {("state", *place) for place in inputs.states}
    for leaf in leaves:
        if leaf[0] == "state" and leaf not in known:
            hint = f'give it with the data: {{NetPort(All, "States"): {{{NetPort(*leaf[1:])}: …}}}}'
            text = f"{leaf[-1]} is not given, so it has no gradient"
            raise NetError(text, path=leaf[1:-1], got=leaf[-1], hint=hint)


def asking(net: Layer) -> str:
    """A call that asks for a gradient."""
    return f"net(data, {next((each.key for each in every_slope(net)), NetPortGradient(All))})"


def output_of(net: Layer, key: NetPortGradient) -> str:
    """The output port of the net at which a gradient is put in."""
    name, outputs = key.spec[0], [port for port in ports_of_kind(net, "out") if is_real(net.plan, port)]
    if len(key.spec) != 1 or name not in outputs:
        hint = nearest(name, outputs)
        raise NetError(f"{key} in the data is not an output port of real numbers", got=key, hint=hint)
    return name


def seed(net: Layer, inputs: Inputs, key: NetPortGradient, value: Any) -> Column:
    """The gradient to start with at a port: as many examples as the data, of the shape of the output."""
    name, shape = repr(key), inputs.plan.shape((), key.spec[0])
    data = numbers(value, name)
    many = is_batch(data, shape, name)
    if many is inputs.single:
        said = ("a batch", "one example")
        text = f"{name} is {said[not many]}, but the data are {said[inputs.single]}"
        raise NetError(text, got=key, hint="give one for each example")
    found = column(data, bool(many), shape, None, name)
    if len(found) != inputs.count:
        text = f"{name} is of {len(found)} examples, but the data are of {inputs.count}"
        raise NetError(text, expected=inputs.count, got=len(found), hint="give one for each example")
    if found.lengths is not None:
        lengths = named_lengths(inputs.plan, inputs.columns)
        true = np.broadcast_to(shape[0].with_names(lambda each: lengths[each]), len(found))  # type: ignore[index]
        if np.any(true != found.lengths):
            text = f"{name} has lengths {found.lengths.tolist()}, but the output has {true.tolist()}"
            raise NetError(text, expected=true.tolist(), got=found.lengths.tolist(), hint="give the output's lengths")
    return found
