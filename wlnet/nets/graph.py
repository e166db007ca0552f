"""NetGraph: layers connected by edges."""

from inspect import Parameter
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.slots import Slot
from wlnet.core.symbols import NetPort, show_name
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, End, port_slot, ports_of_kind, topological
from wlnet.nets.cutting import is_function, recorded_function
from wlnet.nets.edges import EdgeReader
from wlnet.nets.shorthand import as_layer, keyed

Edge = tuple[End, End]


class NetGraph(Container):
    """A net whose layers are connected by edges, without cycles.

    Layers come as in NetChain. An edge is a tuple `("a", "b")`; a longer tuple is a path; a tuple or list inside it is
    a fan. `NetPort("in")` is a port of the graph, `NetPort("a", "port")` one of a layer, and `(NetPort("a", "port"),
    None)` leaves an output out. Ports that no edge reaches are the graph's own: inputs of one name are one port;
    several outputs of one name are numbered.

    `NetGraph(lambda x: head(trunk(x) + x))` records a Python function of arrays, as FunctionLayer does.

    >>> NetGraph({"a": 3, "b": "Tanh", "sum": "Plus"}, [("a", "b"), (("a", "b"), "sum")], Input=2)([0, 0]).shape
    Traceback (most recent call last):
    wlnet.core.errors.NetError: net/a: LinearLayer has no values for Weights and Biases
      hint: NetInitialize(net) gives it initial values
    """

    def __init__(self, *given: Any, **options: Any):
        layers, edges = taken(given)
        if hasattr(type(layers), "as_graph"):  # a FunctionLayer
            layers = layers.as_graph()
        elif is_function(layers):
            layers, recorded = recorded_function(layers, options, "NetGraph")
            edges = [*recorded, *_as_list(edges)]
        if isinstance(layers, NetChain):
            held = dict(layers.layers)
            inner = [edge for edge in layers.edges if (edge[0][0] is None) == (edge[1][0] is None)]
            edges = [*map(_written, inner), *_as_list(edges)]
            options = {**layers.options_given(), **options}
        elif isinstance(layers, NetGraph):
            held, edges = dict(layers.layers), [*map(_written, layers.edges), *_as_list(edges)]
            options = {**layers.options_given(), **options}
        else:
            layers = [layers] if isinstance(layers, Layer) else layers
            held = {
                key: as_layer(spec, NetChain, f"NetGraph: layer {key}", threads=True)
                for key, spec in keyed(layers, "NetGraph").items()
            }
        reader = EdgeReader(held, with_output)
        reader.read(_as_list(edges))
        settled = reader.settled()
        topological(list(reader.layers), settled)
        joined = canonical(reader.layers, complete(reader.layers, settled, reader.muted))
        self.build(reader.layers, joined, outer_ports(joined), options)

    @classmethod
    def positional(cls) -> list[str]:
        return []

    @classmethod
    def content(cls) -> list[Parameter]:
        kind = Parameter.POSITIONAL_ONLY
        return [Parameter("layers", kind), Parameter("edges", kind, default=())]

    def __repr__(self) -> str:
        edges = "[" + ", ".join(self.edge_texts()) + "]"
        return self.written_as(self.layers_text(), edges)

    def edge_texts(self) -> list[str]:
        """The edges as source text: inner ones, and those at the graph's ports that would not come by themselves."""
        inner = [edge for edge in self.edges if edge[0][0] is not None and edge[1][0] is not None]
        outer = [edge for edge in self.edges if edge[0][0] is None or edge[1][0] is None]
        read = {source for source, _ in self.edges}
        muted = [end for end in self.open_outputs() if end not in read]
        if canonical(self.layers, complete(self.layers, inner, set(muted))) == self.edges:
            outer = []
        into: dict[Any, list[str]] = {key: [] for key in [*self.layers, None]}
        for _, (key, port) in [*inner, *outer]:
            into[key].append(port)
        full = {key: into[key] == ports_of_kind(layer, "in") for key, layer in self.layers.items()}
        texts = [
            f"({self.source_text(source)}, {self.target_text(target, full)})" for source, target in [*inner, *outer]
        ]
        return texts + [f"({self.source_text(end, True)}, None)" for end in muted]

    def open_outputs(self) -> list[End]:
        """Every output port of every layer."""
        return [(key, port) for key, layer in self.layers.items() for port in ports_of_kind(layer, "out")]

    def source_text(self, end: End, explicit: bool = False) -> str:
        key, port = end
        if key is not None and not explicit and ports_of_kind(self.layers[key], "out") == [port]:
            return show_name(key)
        return repr(NetPort(port) if key is None else NetPort(key, port))

    def target_text(self, end: End, full: dict[Any, bool]) -> str:
        key, port = end
        if key is not None and full[key] and port in ports_of_kind(self.layers[key], "in"):
            return show_name(key)
        return repr(NetPort(port) if key is None else NetPort(key, port))


def taken(given: tuple) -> tuple[Any, Any]:
    """The layers and the edges of a call."""
    if not 1 <= len(given) <= 2:
        what = "needs layers, and edges" if not given else f"takes layers and edges, got {len(given)} arguments"
        raise NetError(
            f"NetGraph {what}", got=len(given), hint='write NetGraph({"a": layer, "b": layer}, [("a", "b")])'
        )
    return given[0], given[1] if len(given) == 2 else ()


def with_output(net: Container, layers: dict[Any, Layer], end: End, name: str) -> Container:
    """The graph that is the same net, with these layers, and with one more output; only a graph can have it."""
    graph = net if isinstance(net, NetGraph) else NetGraph(net)
    edges = canonical(layers, [*graph.edges, (end, (None, name))])
    return graph.with_fields(layers=layers, edges=edges, outer=outer_ports(edges))


def _as_list(edges: Any) -> list:
    if isinstance(edges, dict):
        return [edges]
    if isinstance(edges, (list, tuple)):
        return list(edges)
    raise NetError(f"NetGraph: {brief(edges)} is not a list of edges", hint='write [("a", "b"), ("b", "c")]')


def _written(edge: Edge) -> tuple[NetPort, NetPort]:
    one, other = (NetPort(port) if key is None else NetPort(key, port) for key, port in edge)
    return one, other


def written_edges(graph: NetGraph) -> list[tuple[NetPort, NetPort | None]]:
    """Every edge of a graph as a user could write it, with the outputs that are left out."""
    read = {source for source, _ in graph.edges}
    muted = [(NetPort(*end), None) for end in graph.open_outputs() if end not in read]
    return [*map(_written, graph.edges), *muted]


def complete(layers: dict[Any, Layer], edges: list[Edge], muted: set[End]) -> list[Edge]:
    """The edges with those to the graph's own ports that nobody wrote: open inputs by name, open outputs numbered."""
    targets, sources = {target for _, target in edges}, {source for source, _ in edges}
    added: list[Edge] = []
    leaving: dict[str, list[End]] = {}
    for key, layer in layers.items():
        for port in ports_of_kind(layer, "in"):
            if (key, port) not in targets:
                added.append(((None, port), (key, port)))
        for port in ports_of_kind(layer, "out"):
            if (key, port) not in sources and (key, port) not in muted:
                leaving.setdefault(port, []).append((key, port))
    taken = {port for _, (key, port) in edges if key is None}
    for name, ends in leaving.items():
        single = len(ends) == 1 and name not in taken
        number = 0
        for end in ends:
            label = name
            while not single and (label == name or label in taken):
                number += 1
                label = f"{name}{number}"
            taken.add(label)
            added.append((end, (None, label)))
    return [*edges, *added]


def canonical(layers: dict[Any, Layer], edges: list[Edge]) -> tuple[Edge, ...]:
    """The edges in one order: by target layer and port, then the graph's outputs by source layer and port."""
    places: dict[Any, int] = {key: at for at, key in enumerate(layers)}
    ports = {(key, port): at for key, layer in layers.items() for at, port in enumerate(layer.ports())}

    def place(edge: Edge) -> tuple:
        source, target = edge
        if target[0] is not None:
            return (0, places[target[0]], ports[target], "")
        at = (-1, 0) if source[0] is None else (places[source[0]], ports[source])
        return (1, *at, target[1])

    return tuple(sorted(edges, key=place))


def outer_ports(edges: tuple[Edge, ...]) -> dict[str, Slot]:
    """The graph's own ports, in the order of its edges."""
    inputs = {port: port_slot("in", port) for (key, port), _ in edges if key is None}
    outputs = {port: port_slot("out", port) for _, (key, port) in edges if key is None}
    both = inputs.keys() & outputs.keys()
    if both:
        name = min(both)
        raise NetError(f"NetGraph: {name!r} is both an input and an output port of the graph", hint="rename one")
    return inputs | outputs
