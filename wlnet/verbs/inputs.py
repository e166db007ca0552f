"""The inputs of an evaluation or of training: encoded, told apart into one example or a batch, as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from wlnet.core.dims import Unknown, known, length
from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.core.ports import Shape, shape_text
from wlnet.core.refuse import brief
from wlnet.core.solver import Solver
from wlnet.nets.container import Container, coder_of, ports_of_kind
from wlnet.verbs.data import Column, checked_values, column, data_shape, is_batch, numbers


@dataclass(frozen=True)
class Inputs:
    """Encoded data by port, the net's plan for data of these shapes, whether the data were one example, the gradients
    that are put in at outputs, and the first states of recurrent layers, by the path that ends in their names."""

    columns: dict[str, Column]
    plan: Plan
    single: bool
    seeds: Mapping[str, Column] = field(default_factory=dict)
    states: Mapping[tuple, Column] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """The number of examples."""
        return len(next(iter(self.columns.values()))) if self.columns else 1

    def rows(self, index: Any) -> "Inputs":
        """Some of the examples."""
        parts = ("columns", "seeds", "states")
        cut: dict = {part: {key: each.rows(index) for key, each in getattr(self, part).items()} for part in parts}
        return replace(self, **cut)


def by_port(net: Layer, data: tuple) -> dict[str, Any]:
    """What the user passed, by input port; every port is there and no other."""
    ports = ports_of_kind(net, "in")
    if not ports:
        if data and not (isinstance(data[0], Mapping) and not data[0]):
            raise NetError(f"{type(net).__name__} has no input port, but got {brief(data[0])}", hint="write net()")
        return {}
    if not data:
        raise NetError(f"{type(net).__name__} needs data for {', '.join(ports)}")
    value = data[0]
    states = [name for name, slot in net.ports().items() if slot.kind == "state"]
    if isinstance(value, Mapping) and (len(ports) > 1 or is_by_name(net, ports[0], value)):
        return _named(value, ports, states)
    if len(ports) == 1:
        return {ports[0]: value}
    if isinstance(value, (Sequence, np.ndarray)) and hasattr(net, "with_inputs") and len(value) == len(ports):
        return dict(zip(ports, value, strict=True))
    raise NetError(
        f"{type(net).__name__} has {len(ports)} input ports ({', '.join(ports)}), but got {brief(value)}",
        expected=ports,
        hint="give a dict: {" + ", ".join(f'"{port}": …' for port in ports) + "}",
    )


def is_by_name(net: Layer, port: str, value: Mapping) -> bool:
    """Whether a dict for a net of one input is data by port: always, unless an encoder takes dicts."""
    names = all(isinstance(key, str) and key[:1].isupper() for key in value)
    return coder_of(net, port) is None or port in value or names


def _named(value: Mapping, ports: list[str], states: list[str]) -> dict[str, Any]:
    for name in value:
        if name not in ports and name not in states:
            raise NetError(f"the net has no input port {brief(name)}", got=name, hint=nearest(name, [*ports, *states]))
    missing = [port for port in ports if port not in value]
    if missing:
        raise NetError(
            f"the data lack the input port {missing[0]}",
            expected=ports,
            got=list(value),
            hint=f"give {', '.join(missing)} too",
        )
    return {port: value[port] for port in [*ports, *states] if port in value}


def prepare(net: Layer, data: Mapping[str, Any], batch: bool | None = None, seed: int | None = None) -> Inputs:
    """Encodes the data of each port, decides one or many, and makes columns; `batch` says it where it is known.

    With a seed, encoders that augment their data do so.
    """
    columns, single = columns_for(net, data, batch, seed)
    same_count(columns)
    return Inputs(columns, settled_plan(net, columns), single)


def columns_for(
    net: Layer, data: Mapping[str, Any], batch: bool | None = None, seed: int | None = None
) -> tuple[dict[str, Column], bool]:
    """The column of each port by what the net knows of it, and whether the data were one example."""
    plan, encoded, votes = net.plan, {}, {}
    for port, value in data.items():
        coder: Any = coder_of(net, port)
        if coder is None:
            encoded[port] = numbers(empty(value, plan.shape((), port)) if may_be_empty(net, port) else value, port)
            votes[port] = is_batch(encoded[port], plan.shape((), port), port)
        else:
            many = not coder.is_one(value) if batch is None else batch
            random = (np.random.default_rng((seed, len(encoded))),) if seed is not None and coder.varies else ()
            encoded[port], votes[port] = numbers(coder.encode(value, many, port, *random), port), many
    many = agreed(votes) if batch is None else batch
    columns = {}
    for port, value in encoded.items():
        shape, of = plan.shape((), port), plan.types.get(((), port))
        if many and votes[port] is False:
            raise no_batch(port, shape, value)
        if isinstance(value, list) and (shape is None or shape[:1] == (Unknown,)):
            shape = (length("Varying", (port,)), *(shape or (Unknown,) * value[0].ndim)[1:])  # ragged data say so
        least = 0 if may_be_empty(net, port) else 1
        if least == 0 and getattr(value, "size", 1) == 0 and shape and shape[0] is Unknown:  # so do empty ones
            shape = (length("Varying", (port,)), *shape[1:])
        columns[port] = column(value, many, shape, of, port, least)
    return columns, not many


def settled_plan(net: Layer, columns: Mapping[str, Column]) -> Plan:
    """The plan of a net for data of these shapes; values are compared with what only it has told."""
    found = plan_for(net, columns)
    for port, each in columns.items():  # a range of integers that only the shapes of the data have told
        if found.types.get(((), port)) != net.plan.types.get(((), port)):
            checked_values(each.array, found.types.get(((), port)), port)
    return found


def may_be_empty(net: Layer, port: str) -> bool:
    """Whether a sequence of no elements may be given: all layers that read the port bear it, as AppendLayer does."""
    if not isinstance(net, Container):
        return port in getattr(net, "bears_empty", ())
    ends = [target for source, target in net.edges if source == (None, port)]
    return bool(ends) and all(key is not None and may_be_empty(net.layers[key], name) for key, name in ends)


def empty(value: Any, shape: Shape) -> Any:
    """An empty list as the sequence of no elements that it stands for, where their sizes are known."""
    if not isinstance(value, (list, tuple)) or len(value) or not shape or not all(known(dim) for dim in shape[1:]):
        return value
    return np.zeros((0, *shape[1:]), np.float32)


def no_batch(port: str, shape: Any, value: Any) -> NetError:
    """A batch is asked for, but the data have one level too few: (n,) never stands for (n, 1)."""
    got = shape_text(np.shape(value))
    hint = f"{port} takes {shape_text(shape)} for each example"
    if shape == (1,):
        hint += "; give [[y1], [y2], …], or end the net in a number: LinearLayer(())"
    return NetError(
        f"{port} takes {shape_text(shape)}, so a batch has rank {len(shape) + 1}, but the data are of shape {got}",
        expected=f"n×{shape_text(shape)}" if shape else "n",
        got=got,
        hint=hint,
    )


def agreed(votes: Mapping[str, bool | None]) -> bool:
    """Whether the data are a batch. Ports of unknown rank follow the others; if none can say, it is one example."""
    known = {port: vote for port, vote in votes.items() if vote is not None}
    if len(set(known.values())) > 1:
        one = next(port for port, vote in known.items() if not vote)
        many = next(port for port, vote in known.items() if vote)
        raise NetError(f"{one} is one example, but {many} is a batch", hint="give every port one example, or a batch")
    return next(iter(known.values()), False)


def same_count(columns: Mapping[str, Column]) -> None:
    """Refuses columns of unequal numbers of examples."""
    counts = {port: len(each) for port, each in columns.items()}
    if len(set(counts.values())) > 1:
        text = ", ".join(f"{port} has {count}" for port, count in counts.items())
        raise NetError(f"the ports have different numbers of examples: {text}", got=counts, hint="make them equal")


def plan_for(net: Layer, columns: Mapping[str, Column]) -> Plan:
    """The plan of a net for data of these shapes; the net's own where it leaves nothing open."""
    shapes = {}
    for port, each in columns.items():
        shape = net.plan.shape((), port)
        if shape is None or Unknown in shape:
            if each.lengths is not None and (shape is None or shape[0] is Unknown):
                shape = (length("Varying", (port,)),)
            shapes[port] = data_shape(each, shape)
    if not shapes:
        return net.plan
    plans = net.__dict__.setdefault("plans", {})
    key = tuple(shapes.items())
    if key not in plans:
        if len(plans) > 32:
            plans.clear()
        plans[key] = solved_with(net, shapes)
    return plans[key]


def solved_with(net: Layer, shapes: Mapping[str, tuple]) -> Plan:
    """The plan of a net whose ports have these shapes besides what it says itself."""
    solver = Solver()
    net.wire(solver, ())
    for port, shape in shapes.items():
        solver.say((), "the data", port, shape)
    return solver.solve()
