"""NetStateObject: a net with the states of its recurrent layers, which go on from one call to the next."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from wlnet.core.dims import Unknown
from wlnet.core.errors import NetError, nearest
from wlnet.core.fields import frozen
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.source import source
from wlnet.core.symbols import Automatic
from wlnet.nets.container import ports_of_kind
from wlnet.nets.states import Place, free_states
from wlnet.verbs.data import Column, column, numbers
from wlnet.verbs.evaluate import evaluation
from wlnet.verbs.given_states import ALL_STATES, port_of, read_states


class NetStateObject:
    """A net whose recurrent states go on: `obj(data)` begins with the states that the call before it ended with.

    `seeds` is a dict of first states by NetPort, as net(data, NetPort(All, "States")) gives it; the others are zero.
    `obj(data, what)` takes what and options as `net(data, what)` does. The examples of a batch come one after another,
    each with the states that the one before it left. NetExtract(obj, "States") is a dict of the states now. The object
    is the one thing in wlnet that changes; a call that fails changes nothing. States that an edge of a graph sets do
    not go on.

    >>> sums = NetStateObject(NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"}, Input1="Varying"))
    >>> sums([1, 2, 3]).tolist(), sums([4, 5]).tolist()
    ([1.0, 3.0, 6.0], [10.0, 15.0])
    >>> NetExtract(sums, "States")
    {NetPort("Input2"): array(15., dtype=float32)}
    """

    def __init__(self, net: Layer, seeds: Mapping[Any, Any] = {}, /):
        if not isinstance(net, Layer):
            raise NetError(f"NetStateObject takes a net, got {brief(net)}", got=net)
        self.places = free_states(net)
        if not self.places:
            raise NetError(
                f"NetStateObject: {type(net).__name__} has no recurrent state that could go on from call to call",
                got=net,
                hint="states are those of recurrent layers and NetFoldOperator, if no edge of a graph sets them",
            )
        self.net = net
        self.states: dict[Place, np.ndarray] = {}
        for _, place, value in read_states(net, seeds):
            self.states[place] = seed(net, place, value)

    def __call__(self, *data: Any, **options: Any) -> Any:
        """Evaluates the net, and keeps the states in which it ends."""
        own = [ALL_STATES, *ports_of_kind(self.net, "state")]
        if data and isinstance(data[0], Mapping) and any(key in own for key in data[0]):
            hint = "to begin with others, make another: NetStateObject(net, states)"
            raise NetError("NetStateObject has the states already: the data may not give them", got=data[0], hint=hint)
        run = evaluation(self.net, data, options)
        states, batches = self.states, []
        for number in range(run.inputs.count):
            columns = {(*path, name): Column(value[None]) for (path, name), value in states.items()}
            given = replace(run.inputs.rows(slice(number, number + 1)), states=columns)
            batch = run.batch(given, number, self.places)
            states = {place: frozen(np.array(batch.outputs[place][0])) for place in self.places}
            batches.append(batch)
        answer = run.answer(batches)
        self.states = states
        return answer

    def extract(self, part: Any) -> Any:
        """What NetExtract gives: "States", a dict by NetPort, or "Net"."""
        if part == "States":
            return {port_of(place): self.state(place) for place in self.places}
        if part == "Net":
            return self.net
        raise NetError(f"NetStateObject has no part {brief(part)}", got=part, hint=nearest(part, ["States", "Net"]))

    def state(self, place: Place) -> Any:
        """One state now: before the first call zero, or Automatic where its size is not known yet."""
        if place in self.states:
            return self.states[place]
        shape = self.net.plan.shape(*place)
        return Automatic if shape is None or Unknown in shape else frozen(np.zeros(shape, np.float32))

    def __repr__(self) -> str:
        given = {port_of(place): value for place, value in self.states.items()}
        return f"NetStateObject({self.net!r}{', ' + source(given) if given else ''})"


def seed(net: Layer, place: Place, value: Any) -> np.ndarray:
    """A first state: an array of the shape that the net says."""
    name = str(port_of(place))
    data = numbers(value, name)
    if isinstance(data, list):
        raise NetError(f"{name}: rows of a state differ in size", got=value)
    found = column(data, False, shape_or_own(net.plan.shape(*place), data), None, name)
    return frozen(np.array(found.array[0], dtype=np.float32))


def shape_or_own(shape: tuple | None, data: np.ndarray) -> tuple:
    """The shape of a state, where it is known; of an unknown rank that of the data."""
    return data.shape if shape is None else shape


__all__ = ["NetStateObject"]
