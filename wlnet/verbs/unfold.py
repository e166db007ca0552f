"""NetUnfold: the net that makes one step of a net that goes along a sequence."""

from typing import Any

from wlnet.core.dims import Refusal, Unknown, is_length, length
from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.core.ports import PortType
from wlnet.core.refuse import brief
from wlnet.core.slots import Slot, words_of
from wlnet.core.solver import Solver
from wlnet.core.symbols import Automatic
from wlnet.core.types import Integer, Real
from wlnet.layers.sequence import SequenceIndicesLayer, SequenceLastLayer
from wlnet.nets.bidirectional import ungiven
from wlnet.nets.container import Container, End, coder_of, ports_of_kind
from wlnet.nets.function_layer import FunctionLayer
from wlnet.nets.graph import Edge, NetGraph
from wlnet.nets.states import state_names
from wlnet.verbs.flatten import NetFlatten
from wlnet.verbs.joining import net_of
from wlnet.verbs.pieces import graph_of
from wlnet.verbs.steps import Place, Step, goes_along, step_of

INDEX = "Index"
"""The input that says which element, from 1, the step is for, where a SequenceIndicesLayer stood."""


def NetUnfold(net: Any, /) -> NetGraph:
    """The net that takes one element of the sequence that `net` takes: its states are inputs, and outputs besides.

    States are those of recurrent layers, of NetFoldOperator, and of AttentionLayer with Mask="Causal", where they are
    the keys and values so far. A state has its own name, "State" say, numbered where several have it, and leaves by
    "OutState"; they come in the order of the layers. Recurrent states begin at zeros, keys and values with empty
    sequences. Arrays are those of the net. SequenceLastLayer is left out, for its element is that of the step; a
    SequenceIndicesLayer becomes the input "Index". Coders that are mapped over the sequence become those of
    an element; those of sequences, as of texts, are taken off.

    >>> sums = NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"}, Input1="Varying")
    >>> NetUnfold(sums)({"Input1": 4, "Input2": 6}, "OutInput2").tolist()
    10.0
    >>> NetUnfold(NetChain([GatedRecurrentLayer(3), GatedRecurrentLayer(5)], Input=("Varying", 2))).shapes
    {'Input': (2,), 'State1': (3,), 'State2': (5,), 'OutState1': (3,), 'OutState2': (5,), 'Output': (5,)}
    """
    if not isinstance(net, Layer):
        raise NetError(f"NetUnfold takes a net, got {brief(net)}", got=net)
    flat: Any = NetFlatten(net_of(opened(net), "NetUnfold"))
    return Unfolding(flat).result()


def opened(net: Layer) -> Layer:
    """A net with FunctionLayers as the nets that they are, and no rules of learning rates, which name places."""
    if isinstance(net, FunctionLayer):
        return opened(net.as_graph())
    if not isinstance(net, Container):
        return net
    layers = {key: opened(layer) for key, layer in net.layers.items()}
    return net.with_fields(layers=layers, LearningRateMultipliers=Automatic)


class Unfolding:
    """A net without nets in it, and the length of the sequence along which it goes."""

    def __init__(self, net: Container):
        self.net = net
        self.ends: list[End] = [(key, port) for key, layer in net.layers.items() for port in goes_along(layer)]
        if not self.ends:
            raise NetError(
                "NetUnfold: the net has no layer that goes along a sequence step by step",
                hint='such are recurrent layers, NetFoldOperator, NetMapOperator and AttentionLayer(Mask="Causal")',
            )
        self.plan, self.length = self.one_length()

    def one_length(self) -> tuple[Plan, Any]:
        """A plan in which the sequence is of varying length, and that length.

        It is the net's own, or that of the net without the sizes that it was given, for elements of any rank, or of 1.
        """
        for plan in (lambda: self.net.plan, lambda: self.varying("*element"), lambda: self.varying("size")):
            found = plan()
            shapes = [self.shape(found, end) for end in self.ends]
            if all(shape and is_length(shape[0]) for shape in shapes):
                lengths = list(dict.fromkeys(shape[0] for shape in shapes))
                if len(lengths) > 1:
                    ends = [f"{port} of {key!r}" for key, port in (self.ends[shapes.index(s)] for s in set(shapes))]
                    raise NetError(
                        f"NetUnfold: the net goes along sequences of different lengths: {', '.join(sorted(ends))}",
                        got=lengths,
                        hint="unfold a part of it that goes along one sequence, with NetTake say",
                    )
                return found, lengths[0]
        raise NetError("NetUnfold: the rank of the sequence is not known", hint='give it, as in Input=("Varying", 3)')

    def varying(self, element: str) -> Plan:
        """The plan of the net without the sizes that it was given, for a sequence of any length."""
        solver, words = Solver(), {"length": length("Varying", ("the sequence",))}
        try:
            ungiven(self.net).wire(solver, ())
            for number, (key, port) in enumerate(self.ends):
                node = solver.relate(("NetUnfold", number), "NetUnfold", {}, [], dict(words))
                solver.link(node, port, Slot("aside", words_of(f"length {element}")), solver.var((key,), port))
            return solver.solve()
        except (NetError, Refusal) as error:
            why = getattr(error, "message", error)
            raise NetError(f"NetUnfold: the net does not take sequences of any length: {why}") from None

    def shape(self, plan: Plan, end: End) -> Any:
        """The shape at one end of an edge."""
        return plan.shape(() if end[0] is None else (end[0],), end[1])

    def is_along(self, end: End) -> bool:
        """Whether what passes there is a sequence that the net goes along."""
        shape = self.shape(self.plan, end)
        return bool(shape) and shape[0] == self.length

    # --- layers -------------------------------------------------------------------------------------------------------

    def steps(self) -> dict[Any, Step]:
        """One step of each layer; a layer with no sequence at its inputs is itself, and some are not there."""
        found = {}
        for key, layer in self.net.layers.items():
            along = frozenset(port for port in ports_of_kind(layer, "in") if self.is_along((key, port)))
            if not along:
                found[key] = Step(layer)
            elif not isinstance(layer, (SequenceLastLayer, SequenceIndicesLayer)):
                shapes = {port: self.shape(self.plan, (key, port)) for port in layer.ports()}
                ranks = {port: None if shape is None else len(shape) for port, shape in shapes.items()}
                found[key] = self.step(key, Place(layer, along, ranks))
        return found

    def step(self, key: Any, place: Place) -> Step:
        """One step of a layer at whose inputs there are sequences."""
        label = type(place.layer).__name__
        try:
            step = step_of(place)
        except Refusal as refusal:
            raise NetError(f"NetUnfold: {label}: {refusal}", path=(key,), hint=refusal.hint) from None
        if step is None:
            hint = "if it is to do the same to every element, write NetMapOperator(layer)"
            raise NetError(f"NetUnfold: {label} needs its sequence as a whole", path=(key,), hint=hint)
        return step

    # --- edges --------------------------------------------------------------------------------------------------------

    def source(self, end: End, into: dict[End, End]) -> End:
        """Where the value of a step comes from: past what is not there, and a state from where it leaves."""
        key, port = end
        layer = None if key is None else self.net.layers[key]
        if layer is None or not any(self.is_along((key, name)) for name in ports_of_kind(layer, "in")):
            return end
        if isinstance(layer, SequenceLastLayer):
            return self.source(into[key, "Input"], into)
        if isinstance(layer, SequenceIndicesLayer):
            return None, INDEX
        return (key, f"Out{port}") if layer.ports()[port].kind == "state" else end

    def result(self) -> NetGraph:
        """The net of one step."""
        steps = self.steps()
        into = {target: source for source, target in self.net.edges}
        states = [(key, *state) for key, step in steps.items() for state in step.states]
        edges: list[Edge] = []
        for source, target in self.net.edges:
            if target[0] is not None and target[0] not in steps:
                continue
            if (target[0], target[1]) in {(key, port) for key, _, port, _ in states}:
                self.refuse_set(source, target)
                continue
            edges.append((self.source(source, into), target))
        names, types = state_names([((key,), name) for key, name, _, _ in states]), self.types()
        outer = {port for source, target in edges for key, port in (source, target) if key is None}
        for name, (key, own, entry, leaving) in zip(names, states, strict=True):
            name = fresh(name, outer)
            shape = self.net.plan.shape((key,), own)
            if shape is not None and Unknown not in shape:
                types[name] = element_type(shape, None)
            edges += [((None, name), (key, entry)), ((key, leaving), (None, f"Out{name}"))]
            outer |= {name, f"Out{name}"}
        graph = graph_of({key: step.net for key, step in steps.items()}, edges, types)
        graph.plan  # noqa: B018 - solved now, so that what does not fit is said here
        return graph

    def refuse_set(self, source: End, target: End) -> None:
        """Only an input of the net may set a first state: that input is then the input of the state."""
        if source[0] is not None:
            raise NetError(
                f"NetUnfold: {source[0]!r} sets the first {target[1]}, which would be done at every step",
                path=(target[0],),
                hint="take the part that goes along the sequence, with its states as inputs",
            )

    def types(self) -> dict[str, PortType]:
        """The types of the ports: of an element where there was a sequence."""
        found = {}
        for port in self.net.ports():
            coder = coder_of(self.net, port) if self.is_along((None, port)) else None
            if coder is not None and coder.of_an_item() is not None:
                found[port] = PortType(coder=coder.of_an_item())
            elif self.is_along((None, port)):
                shape = self.shape(self.plan, (None, port))[1:]
                known = self.shape(self.net.plan, (None, port))
                sizes = shape if known is None else known[1:]
                found[port] = element_type(sizes, self.plan.types.get(((), port)))
            elif port in self.net.given:
                found[port] = self.net.given[port]
        indices = [layer for layer in self.net.layers.values() if isinstance(layer, SequenceIndicesLayer)]
        limits = [layer.Maximum for layer in indices if isinstance(layer.Maximum, int)]
        return found | ({INDEX: PortType((), Integer(min(limits, default=None)))} if indices else {})


def fresh(name: str, taken: set[str]) -> str:
    """A name for a port that is not there yet."""
    number, found = 1, name
    while found in taken or f"Out{found}" in taken:
        number += 1
        found = f"{name}{number}"
    return found


def element_type(shape: tuple, of: Any) -> PortType:
    """The type of one element of a sequence."""
    dims = tuple(Automatic if dim is Unknown else dim for dim in shape)
    if isinstance(of, Integer) and (of.high is None or isinstance(of.high, int)):
        return PortType(dims, of)
    return PortType(dims, None if dims else Real())


__all__ = ["NetUnfold"]
