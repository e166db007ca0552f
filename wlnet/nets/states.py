"""The recurrent states of a net: where they are, which of them go on from run to run, how they are called as ports."""

from wlnet.core.layer import Layer
from wlnet.nets.container import Container, ports_of_kind

Place = tuple[tuple, str]
"""Where a port is: the path of its layer, and its name."""


def states_in(net: Layer, path: tuple = ()) -> list[Place]:
    """Where the states of a net are: of its layers, and of operators those that are ports of theirs.

    What an operator holds it runs in a way of its own, so that nobody sees the states in there.
    """
    own = [(path, name) for name in ports_of_kind(net, "state")]
    inner = net.layers if isinstance(net, Container) else {}
    return own + [place for key, layer in inner.items() for place in states_in(layer, (*path, key))]


def free_states(net: Layer, path: tuple = ()) -> list[Place]:
    """Where the states are whose first value no edge inside the net gives: those that can go on from run to run.

    >>> free_states(NetChain([GatedRecurrentLayer(3), LongShortTermMemoryLayer(2)]))
    [((1,), 'State'), ((2,), 'State'), ((2,), 'CellState')]
    """
    if not isinstance(net, Container):
        return states_in(net, path)
    given = {(*path, key, port) for _, (key, port) in net.edges}
    inner = [place for key, layer in net.layers.items() for place in free_states(layer, (*path, key))]
    return [place for place in inner if (*place[0], place[1]) not in given]


def state_names(places: list[Place]) -> list[str]:
    """A name for each state as a port: its own, numbered where several have it.

    >>> state_names([((1,), "State"), ((2,), "State"), ((2,), "CellState")])
    ['State1', 'State2', 'CellState']
    """
    names = [name for _, name in places]
    return [f"{name}{names[: at + 1].count(name)}" if names.count(name) > 1 else name for at, name in enumerate(names)]


__all__ = ["Place", "free_states", "state_names", "states_in"]
