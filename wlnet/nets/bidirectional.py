"""NetBidirectionalOperator: a net applied to a sequence, and one applied to it backwards."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, ValidationInfo

from wlnet.core.dims import Refusal, Unknown, is_length, length
from wlnet.core.errors import NetError
from wlnet.core.fields import one_of
from wlnet.core.layer import Layer, as_reals
from wlnet.core.ports import Shape
from wlnet.core.slots import REAL, Slot, words_of
from wlnet.core.solver import Solver
from wlnet.layers.joining import CatenateLayer
from wlnet.layers.sequence import SequenceReverseLayer
from wlnet.nets.container import ports_of_kind
from wlnet.nets.operator import Operator, held_net
from wlnet.nets.states import Place, free_states, state_names

DIRECTIONS = {"ForwardNet": "Forward", "BackwardNet": "Backward"}
"""The nets inside, and what stands before the names of their states."""


def _nets(value: Any, info: ValidationInfo) -> tuple[Layer, Layer]:
    """The net for each direction: two in a list or tuple, or one for both."""
    two = list(value) if isinstance(value, (list, tuple)) and len(value) == 2 else [value, value]
    forward, backward = (held_net(each, info) for each in two)
    return forward, backward


class NetBidirectionalOperator(Operator):
    """Output = Catenate(forward(x), Reverse(backward(Reverse(x)))) for each element of a sequence x.

    `nets` is one net, for two copies that learn apart, or the list [forward, backward]. Each has one input, the
    sequence, and one output; where that is no sequence, as behind SequenceLastLayer, it is not reversed again.
    `aggregation` is "Catenate", which joins vectors of d to vectors of 2d, "Total" or "Mean". The states of the nets
    are ports, such as "ForwardState" and "BackwardState"; those of one name are numbered.

    >>> NetBidirectionalOperator(GatedRecurrentLayer(3), Input=("Varying", 2)).shapes
    {'Input': (Varying, 2), 'Output': (Varying, 6), 'ForwardState': (3,), 'BackwardState': (3,)}
    >>> sums = NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"})
    >>> NetBidirectionalOperator(NetChain([sums]), "Total", Input="Varying")([1, 2, 3]).tolist()
    [7.0, 8.0, 9.0]
    """

    other_names: ClassVar[Mapping[str, str]] = {"ReverseNet": "BackwardNet"}  # what NetExtract takes besides

    nets: Annotated[Any, BeforeValidator(_nets)]
    aggregation: Annotated[str, one_of("Catenate", "Total", "Mean")] = "Catenate"

    # --- what it holds ------------------------------------------------------------------------------------------------

    def subnets(self) -> dict[Any, Layer]:
        return dict(zip(DIRECTIONS, self.nets, strict=True))

    def with_subnets(self, nets: dict[Any, Layer]) -> Layer:
        return self.with_fields(nets=tuple(nets[key] for key in DIRECTIONS)).checked()

    def arguments(self) -> tuple[list, dict[str, Any]]:
        """Two nets that are equal are written once."""
        (_, *others), named = super().arguments()
        forward, backward = self.nets
        return [forward if forward == backward else [forward, backward], *others], named

    def check(self) -> None:
        for key, net in self.subnets().items():
            for kind in ("in", "out"):
                self.only_port(net, kind, f"the {DIRECTIONS[key].lower()} net")
        forward, backward = (gives_sequence(net) for net in self.nets)
        if forward != backward:
            which = "the forward net" if forward else "the backward net"
            raise Refusal(f"{which} gives a sequence, but the other does not", "end both in SequenceLastLayer, or none")

    @cached_property
    def is_sequence(self) -> bool:
        """Whether the nets give sequences."""
        return gives_sequence(self.nets[0])

    @cached_property
    def states(self) -> dict[str, dict[str, Place]]:
        """For each net inside its states: the port, and the place in the net."""
        found = {key: free_states(net) for key, net in self.subnets().items()}
        names = {key: state_names(places) for key, places in found.items()}
        return {
            key: {f"{DIRECTIONS[key]}{name}": place for name, place in zip(names[key], found[key], strict=True)}
            for key in found
        }

    @cached_property
    def own_ports(self) -> dict[str, Slot]:
        """The input, the output, and the states of both nets."""
        ends = {"Input": Slot("in", words_of("length *element")), "Output": Slot("out", words_of("*shape"), REAL)}
        states = [port for places in self.states.values() for port in places]
        return ends | {port: Slot("state", words_of(f"*{port}"), REAL) for port in states}

    def ports(self) -> dict[str, Slot]:
        return self.own_ports

    # --- for the solver -----------------------------------------------------------------------------------------------

    def relate(self, solver: Solver, path: tuple) -> None:
        slots = self.own_ports
        pairs = [
            ("Input", slots["Input"], ((*path, key), self.only_port(net, "in")), Slot("aside", slots["Input"].words))
            for key, net in self.subnets().items()
        ]
        pairs += [
            (port, slots[port], ((*path, key, *place), name), Slot("aside", slots[port].words))
            for key, places in self.states.items()
            for port, (place, name) in places.items()
        ]
        catenates = self.aggregation == "Catenate"
        rules = [("Input1shape", self.has_features, ("Input1shape",)), *self.joined.rules()] if catenates else []
        words = ["*Input1shape", "*Input2shape"] if catenates else ["*shape", "*shape"]
        node = self.relate_ports(solver, path, pairs, rules)
        solver.link(node, "Output", slots["Output"], solver.var(path, "Output"))
        for (key, net), word in zip(self.subnets().items(), words, strict=True):
            place = ((*path, key), self.only_port(net, "out"))
            solver.link(node, self.inner_name(place), Slot("aside", words_of(word)), solver.var(*place))

    @cached_property
    def joined(self) -> CatenateLayer:
        """What joins the two outputs: the elements of sequences at their first level."""
        return CatenateLayer(2 if self.is_sequence else 1, InputPorts=2)

    def has_features(self, shape: tuple) -> None:
        """Numbers cannot be catenated."""
        if len(shape) < 1 + self.is_sequence:
            what = "a number for each element" if self.is_sequence else "a number"
            raise Refusal(f"the nets give {what}, which cannot be catenated", 'end them in vectors, or write "Total"')

    # --- running ------------------------------------------------------------------------------------------------------

    def run(self, xp: Any, arrays: Mapping[tuple, Any], inputs: Mapping[str, Any], path: tuple) -> tuple[dict, dict]:
        words, reverse = xp.dims[path], SequenceReverseLayer()
        Input, following, results = inputs["Input"], {}, []
        for key, net in self.subnets().items():
            backward = key == "BackwardNet"
            given = reverse.apply(xp, Input, words["length"]) if backward else Input
            held = {**arrays, **self.first_states(arrays, inputs, path, key)}
            outputs, after = net.run(xp, held, {self.only_port(net, "in"): given}, (*path, key))
            result = as_reals(xp, outputs[self.only_port(net, "out")], self.own_ports["Output"])
            results.append(reverse.apply(xp, result, words["shape"][0]) if backward and self.is_sequence else result)
            following.update({place: value for place, value in after.items() if place[len(path) :] in self.statistics})
            for port, (place, name) in self.states[key].items():
                following[(*path, port)] = after[(*path, key, *place, name)]
        return {"Output": self.together(xp, *results)}, following

    def first_states(self, arrays: Mapping[tuple, Any], inputs: Mapping[str, Any], path: tuple, key: str) -> dict:
        """The states that a net inside begins with, from an edge or from outside, under the keys of its own layers."""
        found = {
            (*path, key, *place, name): inputs[port] if port in inputs else arrays.get((*path, port))
            for port, (place, name) in self.states[key].items()
        }
        return {place: value for place, value in found.items() if value is not None}

    def together(self, xp: Any, forward: Any, backward: Any) -> Any:
        """Both outputs as one."""
        if self.aggregation == "Catenate":
            return xp.concatenate([forward, backward], 2 if self.is_sequence else 1)
        total = forward + backward
        return total if self.aggregation == "Total" else total * 0.5


def gives_sequence(net: Layer) -> bool:
    """Whether the output of a net has an element for each of its input: it varies in length if the input does.

    So it is asked of the net without the sizes that it was given, for elements of any rank, and where that does not
    tell for vectors, numbers and matrices. Of a net that takes no sequence of any length the sizes decide.
    """
    (port,), (output,) = ports_of_kind(net, "in"), ports_of_kind(net, "out")
    for element in ("*element", "a", "", "a b"):
        shape = output_for(ungiven(net), port, output, f"length {element}")
        if shape is not None and (not shape or shape[0] is not Unknown):
            return bool(shape) and is_length(shape[0])
    shapes = [net.plan.shape((), name) for name in (port, output)]
    if any(shape is None or Unknown in shape for shape in shapes):
        return shapes[1] is None or len(shapes[1]) > 0
    return len(shapes[1]) > 1 and shapes[0][:1] == shapes[1][:1]  # type: ignore[arg-type, index]


def output_for(net: Layer, port: str, output: str, words: str) -> Shape:
    """The shape of a net's output for an input of these words, of which "length" varies; None where it is not known."""
    solver = Solver()
    try:
        net.wire(solver, ())
        varies = {"length": length("Varying", ("a sequence",))}
        solver.relate((), "a sequence", {port: Slot("aside", words_of(words))}, [], varies)
        return solver.solve().shape((), output)
    except (NetError, Refusal):
        return None


def ungiven(net: Layer) -> Layer:
    """A net without the port types that it and its layers were given."""
    held = net.subnets()
    inner = {key: ungiven(each) for key, each in held.items()}
    net = net.with_subnets(inner) if held else net
    return net.with_fields(given={}) if net.given else net


__all__ = ["NetBidirectionalOperator", "gives_sequence"]
