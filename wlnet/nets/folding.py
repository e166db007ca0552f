"""NetFoldOperator: a net applied along a sequence, with outputs that come back as inputs of the next step."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal, is_length
from wlnet.core.errors import nearest
from wlnet.core.layer import Layer, as_reals
from wlnet.core.refuse import brief
from wlnet.core.slots import REAL, Slot
from wlnet.core.solver import Solver
from wlnet.core.symbols import All, Automatic
from wlnet.nets.container import ports_of_kind
from wlnet.nets.operator import NetField, Operator

Pairs = list[tuple[str, str]]


def _feedback(value: Any) -> Any:
    """Rules from outputs to inputs: a dict, or a tuple of pairs where one output comes back by several inputs."""
    single = isinstance(value, tuple) and len(value) == 2 and all(isinstance(each, str) for each in value)
    given = value.items() if isinstance(value, Mapping) else [value] if single else value
    pairs = list(given) if isinstance(given, Sequence) or isinstance(value, Mapping) else []
    if not pairs or not all(_is_rule(pair) for pair in pairs):
        raise ValueError('must be rules from outputs to inputs such as {"Output": "State"}')
    pairs = [tuple(pair) for pair in pairs]
    return dict(pairs) if len(dict(pairs)) == len(pairs) else tuple(pairs)


def _is_rule(pair: Any) -> bool:
    return isinstance(pair, (tuple, list)) and len(pair) == 2 and all(isinstance(port, str) for port in pair)


def _ports(value: Any) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else value
    if isinstance(names, (tuple, list)) and all(isinstance(each, str) for each in names):
        return tuple(names)
    raise ValueError('must be a list of ports such as ["Context"]')


def _outputs(value: Any) -> Any:
    if value is Automatic or value is All:
        return Automatic
    names = _ports(value)
    if not names:
        raise ValueError("must name at least one output, or be Automatic for all")
    return names


class NetFoldOperator(Operator):
    """s(t) = net(x(t), s(t - 1)) for every element x(t) of a sequence: the outputs of all steps, as sequences.

    `net` has an input for the elements, by default "Input", and one for the state, by default "State", which gets what
    the output "Output" gave a step before: `feedback`, {"Output": "State"}, or a list of pairs. Inputs in `constants`
    are the same at every step; all others are mapped over, and are sequences of equal length. `outputs` says which
    outputs are returned. s(0) is zero, or comes by the port that is called as the input, which also gives the state
    after the last true step. Where the size of the state does not follow, as in x + s, Output says it.

    >>> NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"})([1, 2, 3, 4]).tolist()
    [1.0, 3.0, 6.0, 10.0]
    >>> cell = NetGraph({"x": LinearLayer(3), "s": LinearLayer(3), "sum": "Plus", "f": "Tanh"},
    ...     [(NetPort("Input"), "x"), (NetPort("State"), "s"), (("x", "s"), "sum", "f")])
    >>> NetFoldOperator(cell, Input=("Varying", 2)).shapes
    {'Input': (Varying, 2), 'Output': (Varying, 3), 'State': (3,)}
    """

    net: NetField
    feedback: Annotated[Any, BeforeValidator(_feedback)] = {"Output": "State"}
    constants: Annotated[Any, BeforeValidator(_ports)] = ()
    outputs: Annotated[Any, BeforeValidator(_outputs)] = Automatic

    # --- what is what -------------------------------------------------------------------------------------------------

    @cached_property
    def pairs(self) -> Pairs:
        """The rules of the feedback: (output, input)."""
        return list(self.feedback.items() if isinstance(self.feedback, dict) else self.feedback)

    @cached_property
    def mapped(self) -> list[str]:
        """The inputs that take one element a step: those that are neither states nor constants."""
        others = {port for _, port in self.pairs}.union(self.constants)
        return [port for port in ports_of_kind(self.net, "in") if port not in others]

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """The outputs that are returned."""
        return tuple(ports_of_kind(self.net, "out")) if self.outputs is Automatic else self.outputs

    def check(self) -> None:
        inputs, outputs = ports_of_kind(self.net, "in"), ports_of_kind(self.net, "out")
        states = [port for _, port in self.pairs]
        for what, kind, names, known in (
            ("feedback", "output", [port for port, _ in self.pairs], outputs),
            ("feedback", "input", states, inputs),
            ("constants", "input", self.constants, inputs),
            ("outputs", "output", self.listed, outputs),
        ):
            for at, name in enumerate(names):
                if name not in known:
                    raise Refusal(
                        f"{what} names {brief(name)}, which is no {kind} port of net", self.advice(name, known)
                    )
                if kind == "input" and name in names[:at]:
                    raise Refusal(f"{what} names the input {brief(name)} twice")
        for name in self.constants:
            if name in states:
                raise Refusal(f"the input {brief(name)} is both a state and a constant", "name it once")
        if len(set(self.listed)) < len(self.listed):
            raise Refusal("outputs names a port twice")
        if not self.mapped:
            raise Refusal("net must have an input that is neither a state nor a constant: the elements of the sequence")

    def advice(self, name: str, known: list[str]) -> str:
        """What to do about a port that the net has not."""
        if hasattr(self.net, "with_inputs") and not self.net.inputs:
            return "say how many inputs there are, as in InputPorts=2"
        return nearest(name, known)

    # --- ports --------------------------------------------------------------------------------------------------------

    def word(self, port: str, kind: str) -> str:
        """The word of what flows through a port of the net: an output and the state that it becomes have one."""
        if kind == "in":
            return next((f"out {out}" for out, into in self.pairs if into == port), f"in {port}")
        return f"out {port}"

    @cached_property
    def own_ports(self) -> dict[str, Slot]:
        """The ports of the net: sequences, constants, and states."""
        each = (False, "length")
        mapped = {port: Slot("in", (each, (True, self.word(port, "in")))) for port in self.mapped}
        fixed = {port: Slot("in", ((True, self.word(port, "in")),)) for port in self.constants}
        outputs = {port: Slot("out", (each, (True, self.word(port, "out")))) for port in self.listed}
        states = {port: Slot("state", ((True, self.word(port, "in")),), REAL) for _, port in self.pairs}
        return mapped | fixed | outputs | states

    def ports(self) -> dict[str, Slot]:
        return self.own_ports

    def behind(self, port: str) -> tuple[Layer, str]:
        return self.net, port

    # --- for the solver -----------------------------------------------------------------------------------------------

    def relate(self, solver: Solver, path: tuple) -> None:
        slots, inside = self.own_ports, (*path, "Net")
        ends = [(port, port, "in") for port in (*self.mapped, *self.constants)]
        ends += [(port, port, "out") for port in self.listed]
        for out, port in self.pairs:
            ends += [(port, port, "in"), (port, out, "out")]
        pairs = [(own, slots[own], (inside, port), self.inside(port, kind)) for own, port, kind in ends]
        states = list(dict.fromkeys(self.word(port, "in") for _, port in self.pairs))
        self.relate_ports(solver, path, pairs, [(word, refuse_varying, (word,)) for word in states])

    def inside(self, port: str, kind: str) -> Slot:
        """A port of the net as the fold sees it."""
        return Slot("aside", ((True, self.word(port, kind)),))

    # --- running ------------------------------------------------------------------------------------------------------

    def run(self, xp: Any, arrays: Mapping[tuple, Any], inputs: Mapping[str, Any], path: tuple) -> tuple[dict, dict]:
        """The net at every step, each with draws of its own; a sequence that is over keeps its states."""
        length, fixed = xp.dims[path]["length"], {port: inputs[port] for port in self.constants}
        kept = [key for place in self.statistics if (key := (*path, *place)) in arrays]
        steps = [xp.moveaxis(inputs[port], 1, 0) for port in self.mapped]
        most, rows = steps[0].shape[:2]

        def step(before: tuple, given: tuple) -> tuple[tuple, tuple]:
            (states, moving), (time, *elements) = before, given
            real = real_at(xp, time, length)
            here = xp.derive(turns=(*xp.turns, time), real=real, seen=None)
            held = {**arrays, **dict(zip(kept, moving, strict=True))} if kept else arrays
            outputs, following = self.run_net(here, held, fixed | self.taken(elements, states), path)
            after = [outputs[out] for out, _ in self.pairs]
            after = [frozen_where(xp, real, *each) for each in zip(after, states, strict=True)]
            moved = [following.get(key, held[key]) for key in kept]
            moved = [moved_where(xp, real, *each) for each in zip(moved, moving, strict=True)]
            return (after, moved), tuple([outputs[port] for port in self.listed])

        first = [self.first(xp, arrays, inputs, path, port, rows) for _, port in self.pairs]
        start = (first, [arrays[key] for key in kept])
        (states, moving), found = xp.scan(step, start, (xp.arange(most), *steps))
        outputs = {port: xp.moveaxis(each, 0, 1) for port, each in zip(self.listed, found, strict=True)}
        last = {(*path, port): value for (_, port), value in zip(self.pairs, states, strict=True)}
        return outputs, last | dict(zip(kept, moving, strict=True))

    def taken(self, elements: Sequence, states: Sequence) -> dict[str, Any]:
        """What the net takes at a step beside the constants."""
        back = {port: value for (_, port), value in zip(self.pairs, states, strict=True)}
        return dict(zip(self.mapped, elements, strict=True)) | back

    def first(self, xp: Any, arrays: Any, inputs: Any, path: tuple, port: str, rows: int) -> Any:
        """A state before the first step: from an edge, else from outside, else zero."""
        value = inputs[port] if port in inputs else arrays.get((*path, port))
        if value is None:
            return xp.zeros((rows, *xp.dims[path][self.word(port, "in")]))
        return as_reals(xp, value, self.own_ports[port])


def refuse_varying(shape: tuple) -> None:
    """A state has a size of its own: that of a sequence would be known at no step."""
    if any(map(is_length, shape)):
        raise Refusal("a state that varies in length has no first value", "make it an array of fixed size")


def real_at(xp: Any, time: Any, length: Any) -> Any:
    """Which examples are no padding at a step; None where all are."""
    if isinstance(length, int):
        return xp.real
    here = time < length
    return here if xp.real is None else xp.logical_and(here, xp.real)


def frozen_where(xp: Any, real: Any, after: Any, before: Any) -> Any:
    """A state after a step: of an example that is over, the state before."""
    return after if real is None else xp.where(xp.reshape(real, (-1,) + (1,) * (after.ndim - 1)), after, before)


def moved_where(xp: Any, real: Any, after: Any, before: Any) -> Any:
    """A statistic after a step: the one before where all examples are over."""
    return after if real is None else xp.where(xp.max(xp.astype(real, float)) > 0, after, before)


__all__ = ["NetFoldOperator"]
