"""The states that recurrent layers begin with, given with the data: {"Input": x, NetPort(All, "States"): {…}}."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, NetPort
from wlnet.nets.container import ports_of_kind
from wlnet.nets.states import Place, free_states
from wlnet.verbs.data import Column, column, is_batch, numbers
from wlnet.verbs.inputs import Inputs
from wlnet.verbs.within import layer_at

ALL_STATES = NetPort(All, "States")
"""All states of a net: as a key in the data their first values, as what to return their last ones, in a dict."""


def port_of(place: Place) -> NetPort:
    """How a user names a state: the key of the dict of states."""
    return NetPort(*place[0], place[1])


def states_apart(data: tuple) -> tuple[Any, tuple]:
    """The states that the data give, None where they give none, and the data without them."""
    if not data or not isinstance(data[0], Mapping) or ALL_STATES not in data[0]:
        return None, data
    left = {key: value for key, value in data[0].items() if key != ALL_STATES}
    return data[0][ALL_STATES], (left, *data[1:])


def with_states(net: Layer, inputs: Inputs, given: Any) -> Inputs:
    """The inputs with the states to begin with; those that are not given are zero."""
    if given is None:
        return inputs
    found: dict[tuple, Column] = {}
    for key, (path, name), value in read_states(net, given):
        if not path and name in inputs.columns:
            raise NetError(f"{name} is given twice, as a port and among the states", got=key, hint="give it once")
        found[*path, name] = state_column(inputs, (path, name), value)
    return replace(inputs, states=found)


def read_states(net: Layer, given: Any) -> list[tuple[Any, Place, Any]]:
    """A dict of states with the place of each: (the user's key, the place, the value)."""
    if not isinstance(given, Mapping):
        hint = "write {" + ", ".join(f"{port_of(place)}: …" for place in free_states(net)[:2]) + "}"
        raise NetError(f"the states of a net are a dict by NetPort, got {brief(given)}", got=given, hint=hint)
    places = [(key, place_of_state(net, key), value) for key, value in given.items()]
    seen: set[Place] = set()
    for key, place, _ in places:
        if place in seen:
            raise NetError(f"the states name {port_of(place)} twice", got=key)
        seen.add(place)
    return places


def place_of_state(net: Layer, key: Any) -> Place:
    """Where the state is that a key means: NetPort("layer", "State"), or the same as a tuple, or the name of a port."""
    free = free_states(net)
    spec = key.spec if isinstance(key, NetPort) else key if isinstance(key, tuple) else (key,)
    known = [str(port_of(place)) for place in free]
    if not free:
        raise NetError(f"{type(net).__name__} has no recurrent states, so {brief(key)} is none of them", got=key)
    if not spec or not all(isinstance(part, (str, int, np.integer)) for part in spec):
        raise NetError(f"{brief(key)} is not a state of the net", got=key, hint=f"there are {', '.join(known)}")
    path, layer = layer_at(net, tuple(spec[:-1]))
    if (path, spec[-1]) in free:
        return path, spec[-1]
    if spec[-1] in ports_of_kind(layer, "state"):
        why = "an edge of the graph sets it" if layer is not net else "it cannot be set"
        raise NetError(f"{port_of((path, spec[-1]))} has no first value to give: {why}", got=key)
    text = str(port_of((path, spec[-1])))
    raise NetError(f"{text} is not a state of the net", got=key, hint=nearest(text, known))


def state_column(inputs: Inputs, place: Place, value: Any) -> Column:
    """A state for every example: one for each, or one that all begin with."""
    name, shape = str(port_of(place)), inputs.plan.shape(*place)
    data = numbers(value, name)
    many = is_batch(data, shape, name)
    if many and inputs.single:
        raise NetError(f"{name} is a batch, but the data are one example", got=name, hint="give one state")
    found = column(data, bool(many), shape, None, name)
    if many and len(found) != inputs.count:
        text = f"{name} has {len(found)} examples, but the data have {inputs.count}"
        raise NetError(text, expected=inputs.count, got=len(found), hint="give one for each example, or one for all")
    return found if many else Column(np.repeat(found.array, inputs.count, 0), found.lengths)


__all__ = ["ALL_STATES", "place_of_state", "port_of", "read_states", "state_column", "states_apart", "with_states"]
