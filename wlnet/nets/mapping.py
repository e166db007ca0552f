"""NetMapOperator and NetMapThreadOperator: a net applied to every item of sequences, in one run over all of them."""

from collections.abc import Mapping
from functools import cached_property
from math import prod
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.declared import abstract
from wlnet.core.dims import Length, Refusal, Unknown
from wlnet.core.errors import nearest
from wlnet.core.fields import MOST_LEVELS, as_number
from wlnet.core.ports import Coder
from wlnet.core.refuse import brief
from wlnet.core.slots import Slot
from wlnet.core.solver import Solver
from wlnet.core.symbols import Automatic
from wlnet.nets.container import coder_of, ports_of_kind
from wlnet.nets.operator import NetField, Operator, facing


@abstract
class Mapped(Operator):
    """What maps a net: its rows are the examples of the batch, times the items of each.

    `depths` says over how many levels each input is mapped; 0 is an input that all items share. The outputs have the
    levels of the deepest. Items that only pad a sequence are rows too, but `xp.real` says which they are.
    """

    @property
    def depths(self) -> dict[str, int]:
        """Over how many levels each input is mapped."""
        raise TypeError(f"{type(self).__name__} does not say what it maps over")

    @cached_property
    def deepest(self) -> int:
        """How many levels the outputs have before those of the net."""
        return max(self.depths.values())

    def inner(self, port: str) -> str:
        """What the net calls a port."""
        return port

    # --- for the solver -----------------------------------------------------------------------------------------------

    def relate(self, solver: Solver, path: tuple) -> None:
        slots = {name: slot for name, slot in self.ports().items() if slot.kind in ("in", "out")}
        net = (*path, "Net")
        self.relate_ports(
            solver, path, [(p, slot, (net, self.inner(p)), facing(slot, slot.words[-1:])) for p, slot in slots.items()]
        )

    # --- running ------------------------------------------------------------------------------------------------------

    def run(self, xp: Any, arrays: Mapping[tuple, Any], inputs: Mapping[str, Any], path: tuple) -> tuple[dict, dict]:
        """Every item is an example of one run of the net."""
        port = next(each for each, depth in self.depths.items() if depth == self.deepest)
        batch, *sizes = inputs[port].shape[: 1 + self.deepest]
        times = prod(sizes)
        rows = {self.inner(name): as_rows(xp, value, self.depths[name], sizes) for name, value in inputs.items()}
        within = xp.derive(
            real=real_rows(xp, batch, sizes, xp.dims[path]["level 1"]),
            count=xp.count * times,
            dims=repeated_lengths(xp, (*path, "Net"), times),
        )
        found, following = self.run_net(within, arrays, rows, path)
        outputs = {name: found[self.inner(name)] for name in ports_of_kind(self, "out")}
        return {name: xp.reshape(v, (batch, *sizes, *v.shape[1:])) for name, v in outputs.items()}, following

    # --- ports --------------------------------------------------------------------------------------------------------

    def coder(self, port: str) -> Coder | None:
        """A coder on a port of the net is mapped as the port is."""
        own = super().coder(port)
        inner = coder_of(self.net, self.inner(port)) if own is None else None
        if inner is None:
            return own
        depth = self.depths.get(port, self.deepest)
        shape = self.plan.shape((), port)
        levels = (Unknown,) * depth if shape is None else shape[:depth]
        return inner.over(tuple(map(as_spec, levels)), None if shape is None else len(shape))

    def inner_end(self, port: str) -> tuple[str, str]:
        return "Net", self.inner(port)


def levels(depth: int) -> tuple:
    """The words of the levels that are mapped over."""
    return tuple((False, f"level {level}") for level in range(1, depth + 1))


def as_spec(dim: Any) -> Any:
    """A solved size as a user writes it."""
    return "Varying" if isinstance(dim, Length) else Automatic if dim is Unknown else dim


def as_rows(xp: Any, x: Any, depth: int, sizes: list[int]) -> Any:
    """(batch, *the first sizes, *item) as (batch · all sizes, *item): an item stands for all below it."""
    if depth < len(sizes):
        item = x.shape[1 + depth :]
        x = xp.reshape(x, (*x.shape[: 1 + depth], *(1,) * (len(sizes) - depth), *item))
        x = xp.broadcast_to(x, (x.shape[0], *sizes, *item))
    return xp.reshape(x, (x.shape[0] * prod(sizes), *x.shape[1 + len(sizes) :]))


def real_rows(xp: Any, batch: int, sizes: list[int], length: Any) -> Any:
    """Which rows are no padding; None where all are."""
    varies = not isinstance(length, int)
    if not varies and xp.real is None:
        return None
    wide, below = (batch, *sizes), (1,) * (len(sizes) - 1)
    real = True if xp.real is None else xp.reshape(xp.real, (batch, 1, *below))
    if varies:
        within = xp.reshape(xp.arange(sizes[0]), (1, -1, *below)) < xp.reshape(length, (-1, 1, *below))
        real = within if xp.real is None else xp.logical_and(within, real)
    return xp.reshape(xp.broadcast_to(real, wide), (-1,))


def repeated_lengths(xp: Any, inside: tuple, times: int) -> Mapping[tuple, Mapping[str, Any]]:
    """`xp.dims`, with the lengths of what stands inside once a row: only inputs that all items share have any."""

    def once_a_row(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple([once_a_row(each) for each in value])
        return xp.repeat(value, times, 0) if getattr(value, "ndim", 0) else value

    start = len(inside)
    own = {path: words for path, words in xp.dims.items() if path[:start] == inside}
    return {**xp.dims, **{path: {w: once_a_row(v) for w, v in words.items()} for path, words in own.items()}}


class NetMapOperator(Mapped):
    """Output = (net(x1), net(x2), …) of the sequence Input = (x1, x2, …); one net serves all places.

    `net` has one input and one output. The items are rows of one run: batch normalization inside takes its statistics
    over all that are no padding, and a recurrent layer inside starts from zero at each.

    >>> NetMapOperator(LinearLayer(2, Weights=[[1, 0], [1, 1]], Biases=None))([[1, 2], [3, 4], [5, 6]]).tolist()
    [[1.0, 3.0], [3.0, 7.0], [5.0, 11.0]]
    >>> NetMapOperator([64, "Ramp", 32], Input=("Varying", 3)).shapes
    {'Input': (Varying, 3), 'Output': (Varying, 32)}
    """

    net: NetField

    Input = Slot("in", (*levels(1), (True, "item")))
    Output = Slot("out", (*levels(1), (True, "value")))

    def check(self) -> None:
        self.only_port(self.net, "in")
        self.only_port(self.net, "out")

    @property
    def depths(self) -> dict[str, int]:
        return {"Input": 1}

    def inner(self, port: str) -> str:
        return ports_of_kind(self.net, "in" if port == "Input" else "out")[0]


def _depths(value: Any) -> Any:
    """A depth, or one for each of some inputs."""
    named = value if isinstance(value, Mapping) else {"": value}
    numbers = {name: as_number(depth) for name, depth in named.items()}
    if not numbers or any(not isinstance(number, int) or number < 1 for number in numbers.values()):
        raise ValueError('must be a positive whole number, or one for each input that is mapped, such as {"A": 1}')
    if max(numbers.values()) > MOST_LEVELS:
        raise ValueError(f"must be at most {MOST_LEVELS}, since an array has no more levels")
    return dict(numbers) if isinstance(value, Mapping) else numbers[""]


class NetMapThreadOperator(Mapped):
    """Output = (net(a1, b1), net(a2, b2), …) of inputs A = (a1, a2, …), B = (b1, b2, …), of any number and any names.

    `depth` is over how many levels all inputs are mapped, 1 at first; or {"A": 1} says it for some, and the others are
    the same for all items. Where depths differ, an input of less depth is the same for all that lies below it. The
    ports are called like those of the net; each output has the levels of the deepest before its own.

    >>> NetMapThreadOperator(ThreadingLayer("Plus", InputPorts=["A", "B"]))({"A": [1, 2], "B": [10, 20]}).tolist()
    [11.0, 22.0]
    >>> add = ThreadingLayer("Plus", InputPorts={"A": 2, "B": 2})
    >>> NetMapThreadOperator(add, {"A": 1})({"A": [[1, 2], [3, 4], [5, 6]], "B": [10, 20]}).tolist()
    [[11.0, 22.0], [13.0, 24.0], [15.0, 26.0]]
    """

    net: NetField
    depth: Annotated[Any, BeforeValidator(_depths)] = 1

    def check(self) -> None:
        names = ports_of_kind(self.net, "in")
        if not names:
            raise Refusal("net must have an input port to map over", self.open_hint())
        if not ports_of_kind(self.net, "out"):
            raise ValueError("net must have an output port")
        for name in self.depth if isinstance(self.depth, dict) else ():
            if name not in names:
                raise Refusal(f"depth names {brief(name)}, which is no input port of net", nearest(name, names))

    def open_hint(self) -> str | None:
        """What to do about a layer whose number of inputs is open."""
        return "say how many inputs there are, as in InputPorts=2" if hasattr(self.net, "with_inputs") else None

    @cached_property
    def depths(self) -> dict[str, int]:
        names = ports_of_kind(self.net, "in")
        return {name: self.depth.get(name, 0) if isinstance(self.depth, dict) else self.depth for name in names}

    @cached_property
    def own_ports(self) -> dict[str, Slot]:
        """The ports of the net with the levels before them that are mapped over."""
        inputs = {name: Slot("in", (*levels(depth), (True, name))) for name, depth in self.depths.items()}
        deepest = max(self.depths.values(), default=1)
        outs = ports_of_kind(self.net, "out")
        return inputs | {name: Slot("out", (*levels(deepest), (True, name))) for name in outs}

    def ports(self) -> dict[str, Slot]:
        return self.own_ports
