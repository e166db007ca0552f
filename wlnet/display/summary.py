"""A net as the words of a table: a title, ports, a row for each layer, edges, a total. Text and HTML draw it."""

from dataclasses import dataclass
from typing import Any

from wlnet.core.layer import Layer
from wlnet.core.ports import shape_text
from wlnet.core.refuse import brief
from wlnet.core.source import call
from wlnet.core.symbols import Automatic, NetPort
from wlnet.core.types import Real
from wlnet.nets.container import Container, coder_of, ports_of_kind
from wlnet.nets.graph import NetGraph
from wlnet.verbs.information import Inventory
from wlnet.verbs.places import ArrayPlace, Path, arrays_of, inner

HEADINGS = ("Layer", "Definition", "Output", "Arrays", "Elements")


@dataclass(frozen=True)
class Row:
    """One layer: how deep it stands, its key, what makes it, its output, its arrays, their number of elements."""

    depth: int
    key: str
    definition: str
    output: str
    arrays: tuple[str, ...]
    elements: str


@dataclass(frozen=True)
class Summary:
    """A net in words: what to draw, not how."""

    title: str
    facts: str
    ports: tuple[tuple[str, str, str], ...]
    rows: tuple[Row, ...]
    edges: tuple[str, ...]
    total: str


def summary(net: Layer) -> Summary:
    """What a table of a net says."""
    held = Inventory(net)
    return Summary(
        type(net).__name__,
        facts(held),
        tuple((kind, key_text(name), port_text(net, name)) for kind, name in own_ports(net)),
        tuple(rows(held)),
        tuple(edges(net, ())),
        number(held.total(held.count)),
    )


def number(count: Any) -> str:
    """A number of elements; ? while it is not known."""
    return "?" if count is Automatic else f"{count:,}"


def facts(held: Inventory) -> str:
    """How many layers, arrays and elements there are, their size, and whether they have values."""
    count = len(held.places)
    said = [] if not isinstance(held.net, Container) else [counted(len(held.layers), "layer")]
    if not count:
        return ", ".join([*said, "no arrays"])
    total, size = held.total(held.count), held.total(held.size)
    said += [counted(count, "array"), f"{number(total)} element{'s' * (total != 1)}"]
    return ", ".join([*said, *([] if size is Automatic else [size_text(size)]), initialised(held)])


def counted(count: int, word: str) -> str:
    """A number with its word."""
    return f"{count:,} {word}{'s' * (count != 1)}"


def initialised(held: Inventory) -> str:
    """Whether the arrays have values."""
    with_values = sum(array.value is not Automatic for array in held.places)
    if with_values == len(held.places):
        return "initialised"
    return f"{with_values} of {len(held.places)} initialised" if with_values else "not initialised"


def size_text(size: float) -> str:
    """Bytes in the unit in which they are a small number."""
    if size < 1000:
        return counted(int(size), "byte")
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5 or unit == "GB":
            break
    return f"{size:,.{0 if size >= 100 else 1}f} {unit}"


# --- ports ----------------------------------------------------------------------------------------------------------


def own_ports(net: Layer) -> list[tuple[str, str]]:
    """The net's own ports with their direction, inputs first."""
    return [(kind, name) for kind in ("in", "out", "state") for name in ports_of_kind(net, kind)]


def port_text(net: Layer, name: str) -> str:
    """The type of a port of the net: its shape, what its values are if not real numbers, its coder."""
    coder = coder_of(net, name)
    said = value_text(net, (), name)
    return said if coder is None else f"{said} · {brief(coder, 60)}"


def value_text(root: Layer, path: Path, name: str) -> str:
    """The shape of a port, and what its values are where they are not real numbers."""
    shape, of = root.plan.shape(path, name), root.plan.types.get((path, name))
    if of is None or isinstance(of, Real):
        return shape_text(shape)
    return str(of) if shape == () else f"{shape_text(shape)} {of}"


# --- rows -----------------------------------------------------------------------------------------------------------


def rows(held: Inventory) -> list[Row]:
    """A row for everything in a net, each thing under what holds it; a bare layer is its own row."""
    net = held.net
    first_places = {array.path for array in held.places}
    if not inner(net) and not isinstance(net, Container):
        return [row(held, net, (), first_places)]
    return [each for key, layer in inner(net).items() for each in nested(held, layer, (key,), first_places)]


def nested(held: Inventory, net: Layer, path: Path, first_places: set[Path]) -> list[Row]:
    """The rows of a layer and of everything inside it."""
    below = [each for key, layer in inner(net).items() for each in nested(held, layer, (*path, key), first_places)]
    return [row(held, net, path, first_places), *below]


def row(held: Inventory, net: Layer, path: Path, first_places: set[Path]) -> Row:
    """The row of one layer; the elements of a shared array count in its first place."""
    own = list(arrays_of(net, path))
    outputs = ports_of_kind(net, "out")
    texts = [value_text(held.net, path, name) for name in outputs]
    output = texts[0] if len(outputs) == 1 else ", ".join(map(" ".join, zip(outputs, texts, strict=True)))
    counts = [held.count(array) for array in own if array.path in first_places]
    elements = "" if not counts else number(Automatic if Automatic in counts else sum(counts))
    arrays = tuple(array_text(held, array) for array in own)
    return Row(max(0, len(path) - 1), key_text(path[-1]) if path else "", definition(net), output, arrays, elements)


def array_text(held: Inventory, array: ArrayPlace) -> str:
    """The name of an array and its shape, and of a shared one the name that its places have in common."""
    shared = f" shared as {shortened(array.key[-1])}" if array.is_shared else ""
    return f"{array.name} {shape_text(held.shape(array))}{shared}"


def shortened(name: str, most: int = 24) -> str:
    """A name in a table; a long one, such as NetArray() makes, by its start."""
    return key_text(name if len(name) <= most else f"{name[:8]}…")


def key_text(key: Any) -> str:
    """A layer's name or position; a name that cannot be printed as it stands is written as source."""
    return str(key) if str(key).isprintable() else repr(key)


def definition(net: Layer) -> str:
    """A layer with its arguments, without its options; of what holds nets not these, since their rows follow."""
    label = type(net).__name__
    if isinstance(net, Container):
        return label
    first, named = net.arguments()
    arguments = {name: value for name, value in named.items() if name in net.positional()}
    return call(label, [value for value in first if not isinstance(value, Layer)], arguments)


# --- edges ----------------------------------------------------------------------------------------------------------


def edges(net: Layer, path: Path) -> list[str]:
    """The edges of every graph in a net, those into one layer on one line: "a, b → sum"."""
    found = []
    if isinstance(net, NetGraph):
        within = "".join(f"{key_text(key)}: " for key in path)
        found = [within + text for text in graph_edges(net)]
    return found + [text for key, layer in inner(net).items() for text in edges(layer, (*path, key))]


def graph_edges(net: NetGraph) -> list[str]:
    """The edges of one graph: into each layer, its inputs in order; into a state; out of the graph."""
    lines = []
    for key in net.order:
        feeds, slots = net.feeds[key], net.layers[key].ports()
        inputs = [end_text(net, feeds[port]) for port in ports_of_kind(net.layers[key], "in") if port in feeds]
        if inputs:
            lines.append(f"{', '.join(inputs)} → {key_text(key)}")
        states = [(port, source) for port, source in feeds.items() if slots[port].kind == "state"]
        lines += [f"{end_text(net, source)} → {key_text(key)}.{port}" for port, source in states]
    return lines + [
        f"{end_text(net, source)} → {end_text(net, (None, port))}" for port, source in net.feeds[None].items()
    ]


def end_text(net: NetGraph, end: tuple[Any, str]) -> str:
    """One end of an edge: a port of the graph, a layer, or a layer's port where it has several."""
    key, port = end
    if key is None:
        return repr(NetPort(port)) if port in net.layers else key_text(port)
    single = ports_of_kind(net.layers[key], "out") == [port]
    return key_text(key) if single else f"{key_text(key)}.{key_text(port)}"
