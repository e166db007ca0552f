"""A net as boxes and lines: what a picture of it shows.

A container is its ports, its layers and its edges. In a full picture a net inside is a frame with such a diagram in it.
"""

from collections.abc import Iterable
from typing import Any

from wlnet.core.errors import place
from wlnet.core.layer import Layer
from wlnet.display.arrange import arranged
from wlnet.display.boxes import LETTERS, MOST, Box, Diagram, Line, frame, label_widths, plain_box, title_box
from wlnet.display.families import family
from wlnet.display.lettering import cut
from wlnet.display.summary import counted, definition, key_text, port_text, value_text
from wlnet.nets.container import Container, coder_of, ports_of_kind
from wlnet.verbs.places import Path, inner, layers

End = tuple[Any, str]


class Drawer:
    """Makes the diagram of a net; `full` opens the nets inside it."""

    def __init__(self, root: Layer, full: bool):
        self.root, self.full = root, full

    def outermost(self) -> Diagram:
        """The diagram of the net itself: a bare layer stands between its ports."""
        if isinstance(self.root, Container):
            return self.container(self.root, (), None)
        ins = [*ports_of_kind(self.root, "in"), *ports_of_kind(self.root, "state")]
        edges: list[tuple[End, End]] = [((None, port), (0, port)) for port in ins]
        edges += [((0, port), (None, port)) for port in ports_of_kind(self.root, "out")]
        return self.content(self.root, (), {0: (self.root, ())}, [0], edges, None)

    def container(self, net: Container, path: Path, title: str | None) -> Diagram:
        """The diagram of a chain or a graph: its own edges."""
        held = {key: (layer, (*path, key)) for key, layer in net.layers.items()}
        return self.content(net, path, held, net.order, net.edges, title)

    def operator(self, net: Layer, path: Path, title: str) -> Diagram:
        """The diagram of an operator: what comes in goes to every net in it, and each gives what goes out."""
        held = {key: (each, (*path, key)) for key, each in inner(net).items()}
        edges: list[tuple[End, End]] = []
        states = ports_of_kind(net, "state")
        owners = {port: owner for port in states if (owner := state_owner(port, held)) is not None}
        edges += [((None, port), owner) for port, owner in owners.items()]
        for key, (each, _) in held.items():
            ins, outs = ports_of_kind(each, "in"), ports_of_kind(each, "out")
            for port in [*ports_of_kind(net, "in"), *(port for port in states if port not in owners)]:
                edges += [((None, port), (key, port if port in ins else entry)) for entry in ins[:1]]
            for port in ports_of_kind(net, "out"):
                edges += [((key, port if port in outs else leaves), (None, port)) for leaves in outs[:1]]
        return self.content(net, path, held, list(held), edges, title)

    def content(self, net: Layer, path: Path, held: dict, order: Iterable, edges: Any, title: str | None) -> Diagram:
        """Ports, layers in their order, and the edges between."""
        ins = list(dict.fromkeys(port for (key, port), _ in edges if key is None))
        ins += [port for port in ports_of_kind(net, "in") if port not in ins]
        outs = ports_of_kind(net, "out")
        titles = [] if title is None else [title_box(path, title)]
        at: dict[Any, int] = {(None, "in", port): k for k, port in enumerate(ins, start=len(titles))}
        at |= {key: k for k, key in enumerate(order, start=len(at) + len(titles))}
        at |= {(None, "out", port): k for k, port in enumerate(outs, start=len(at) + len(titles))}
        lines = self.lines(path, held, at, edges)
        labels = label_widths(lines)
        boxes = [*titles, *(self.port(net, path, port, "in", labels.get(at[None, "in", port], {})) for port in ins)]
        into: dict[int, dict[str, float]] = {}
        for line in lines:
            into.setdefault(line.target, {})[line.entry] = 0.0
        for key in order:
            net_and_path: tuple[Layer, Path] = held[key]
            boxes.append(self.layer(*net_and_path, labels.get(at[key], {}), list(into.get(at[key], {}))))
        boxes += [self.port(net, path, port, "out", {}) for port in outs]
        return Diagram(tuple(boxes), lines)

    def lines(self, path: Path, held: dict, at: dict[Any, int], edges: Any) -> tuple[Line, ...]:
        """The edges as lines between boxes, `at` their places in the list."""
        drawn = []
        for (one, a), (two, b) in edges:
            source = at[one if one is not None else (None, "in", a)]
            target = at[two if two is not None else (None, "out", b)]
            shape = value_text(self.root, *self.located((one, a), path, held))
            drawn.append(Line(source, a, target, b, shape, f"{tip_end(one, a)} → {tip_end(two, b)}: {shape}"))
        return tuple(drawn)

    def located(self, end: End, path: Path, held: dict) -> tuple[Path, str]:
        """Where the plan has the shape of an end."""
        return (path if end[0] is None else held[end[0]][1]), end[1]

    # --- boxes --------------------------------------------------------------------------------------------------------

    def port(self, net: Layer, path: Path, name: str, kind: str, labels: dict[str, float]) -> Box:
        """A port: its name, and at the edge of the picture its coder, and the shape of an output."""
        texts, shape = [cut(key_text(name), MOST)], value_text(self.root, path, name)
        if not path and kind == "out":
            texts[0] = cut(f"{texts[0]}: {shape}", MOST)
        coder = coder_of(net, name) if not path else None
        if coder is not None:
            texts.append(cut(getattr(coder, "label", repr(coder)), MOST))
        tip = f"{name}: {port_text(net, name) if not path else shape}"
        return plain_box(kind, (*path, name), texts, "", tip, labels, [name], LETTERS - 1)

    def layer(self, net: Layer, path: Path, labels: dict[str, float], entries: list[str]) -> Box:
        """A layer; in a full picture a frame, if it holds nets."""
        key = key_text(path[-1]) if path else ""
        if self.full and not net.is_elementary:
            title = f"{key}: {type(net).__name__}" if key else type(net).__name__
            make: Any = self.container if isinstance(net, Container) else self.operator
            return frame(net, path, arranged(make(net, path, cut(title, MOST))), labels)
        texts = [cut(text, MOST) for text in ([key] if key else []) + [short(net)]]
        tip = f"{place(path)}: {definition(net)}"
        return plain_box("layer", path, texts, family(net), tip, labels, entries, LETTERS)


def diagram(net: Layer, full: bool) -> Diagram:
    """The boxes and lines of a net."""
    return Drawer(net, full).outermost()


def short(net: Layer) -> str:
    """What a layer is, in a few letters: LinearLayer(3) is Linear 3, a net says how many layers it holds."""
    if not net.is_elementary:
        return f"{type(net).__name__}, {counted(sum(1 for _ in layers(net)), 'layer')}"
    name, _, arguments = definition(net).partition("(")
    return f"{name.removesuffix('Layer')} {arguments.removesuffix(')')}".replace('"', "").strip()


def state_owner(port: str, held: dict) -> End | None:
    """Which net in an operator has a state that is a port of the operator: ForwardState is the State of ForwardNet."""
    for key, (net, _) in held.items():
        for state in ports_of_kind(net, "state"):
            if port in (state, str(key).removesuffix("Net") + state):
                return key, state
    return None


def tip_end(key: Any, port: str) -> str:
    """One end of an edge as text."""
    return port if key is None else f"{key_text(key)}.{port}"
