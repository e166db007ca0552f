"""The edge grammar of NetGraph: what a user may write between layers, read into plain edges between ports.

A tuple is a path; a tuple or list inside a path is a fan; a tuple inside a fan is again a path; lists of edges may be
nested; a dict holds rules. An end is a layer's name or position, or a NetPort.
"""

from collections.abc import Callable, Mapping
from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.symbols import NetPort, show_name
from wlnet.nets.container import Container, End, ports_of_kind


class EdgeReader:
    """Reads edges over layers: `edges` are the connections found, `muted` the outputs that are not to leave.

    `with_output` makes an inner output of a nested net an output of its own.
    """

    def __init__(self, layers: dict[Any, Layer], with_output: Callable[..., Container]):
        self.written = layers
        self.with_output = with_output
        self.layers = dict(layers)
        self.names = list(layers)
        self.edges: list[tuple[End, tuple[Any, str | None]]] = []  # a target port of None is not yet settled
        self.muted: set[End] = set()

    def read(self, written: Any) -> None:
        """Reads a list of edges, nested as it may be."""
        if isinstance(written, Mapping):
            for pair in written.items():
                self.read_path(pair)
        elif isinstance(written, list):
            for each in written:
                self.read(each)
        elif isinstance(written, tuple) and len(written) > 1:
            self.read_path(written)
        else:
            hint = 'an edge is a tuple such as ("a", "b") or (NetPort("Input"), "a", "b")'
            raise NetError(f"NetGraph: {brief(written)} is not an edge", got=written, hint=hint)

    def read_path(self, path: tuple) -> None:
        for left, right in zip(path, path[1:], strict=False):
            sources = self.sources(left)
            if right is None:
                self.mute(sources)
                continue
            for target in self.targets(right):
                for source in sources:
                    self.edges.append((source, target))
        for part in path:
            self.read_inside(part)

    def mute(self, sources: list[End]) -> None:
        for key, port in sources:
            if key is None:
                message = f"NetGraph: NetPort({show_name(port)}) is an input of the graph; only outputs can be left out"
                raise NetError(message, got=port, hint='write (NetPort("layer", "port"), None)')
        self.muted.update(sources)

    def read_inside(self, part: Any) -> None:
        """Paths that stand inside a fan are edges too."""
        if isinstance(part, (tuple, list)):
            for each in part:
                if isinstance(each, tuple):
                    self.read_path(each)

    def sources(self, part: Any) -> list[End]:
        """The ports that a part of a path gives values from."""
        if isinstance(part, (tuple, list)):
            return [end for each in part for end in self.sources(each[-1] if isinstance(each, tuple) else each)]
        if isinstance(part, NetPort) and not is_layer(part):
            *keys, port = named(part)
            return [self.inner_source(keys, port) if keys else (None, port)]
        key = self.key(part.spec[0] if isinstance(part, NetPort) else part)
        ports = ports_of_kind(self.written[key], "out")
        if len(ports) != 1:
            raise self.ambiguous(key, ports, "output")
        return [(key, ports[0])]

    def targets(self, part: Any) -> list[tuple[Any, str | None]]:
        """The ports that a part of a path takes values into; None is the next free port of a layer."""
        if isinstance(part, (tuple, list)):
            return [end for each in part for end in self.targets(each[0] if isinstance(each, tuple) else each)]
        if isinstance(part, NetPort) and not is_layer(part):
            *keys, port = named(part)
            return [self.inner_target(keys, port) if keys else (None, port)]
        return [(self.key(part.spec[0] if isinstance(part, NetPort) else part), None)]

    def key(self, name: Any) -> Any:
        """The key of a layer that a name or position means."""
        if isinstance(name, (str, int)) and not isinstance(name, bool):
            if name in self.layers:
                return name
            if isinstance(name, int) and 1 <= abs(name) <= len(self.names):
                return self.names[name - 1 if name > 0 else name]
        what = repr(name) if isinstance(name, (str, int)) else brief(name)
        hint = nearest(name, self.names)
        raise NetError(f"NetGraph: an edge names {what}, but there is no such layer", got=name, hint=hint)

    def inner_source(self, keys: list, port: str) -> End:
        key = self.key(keys[0])
        if len(keys) > 1:
            self.layers[key], port = exposed(self.layers[key], keys[1:], port, self.with_output)
            return key, port
        self.check_port(key, port, ("out", "aside", "state"))
        return key, port

    def inner_target(self, keys: list, port: str) -> tuple[Any, str | None]:
        key = self.key(keys[0])
        if len(keys) > 1:
            return key, entrance(self.layers[key], keys[1:], port)
        layer = self.layers[key]
        if not (hasattr(layer, "with_inputs") and not layer.inputs):
            self.check_port(key, port, ("in", "state"))
        return key, port

    def check_port(self, key: Any, port: str, kinds: tuple[str, ...]) -> None:
        slots = self.layers[key].ports()
        if port not in slots or slots[port].kind not in kinds:
            what = "output" if "out" in kinds else "input"
            names = [name for name, slot in slots.items() if slot.kind in kinds]
            label = type(self.layers[key]).__name__
            message = f"NetGraph: layer {key!r}, a {label}, has no {what} port {port!r}"
            raise NetError(message, path=(), got=port, hint=nearest(port, names))

    def ambiguous(self, key: Any, ports: list[str], what: str) -> NetError:
        label = type(self.layers[key]).__name__
        if not ports:
            return NetError(f"NetGraph: layer {key!r}, a {label}, has no {what} port")
        return NetError(
            f"NetGraph: layer {key!r}, a {label}, has {len(ports)} {what} ports ({', '.join(ports)}): "
            "an edge must say which",
            got=ports,
            hint=f"write NetPort({show_name(key)}, {show_name(ports[0])})",
        )

    # --- which free port an edge takes --------------------------------------------------------------------------------

    def settled(self) -> list[tuple[End, End]]:
        """The edges with every target port decided, each port driven once."""
        into: dict[Any, list[tuple[End, str | None]]] = {key: [] for key in [*self.layers, None]}
        for source, (key, port) in self.edges:
            into[key].append((source, port))
        self.settle_open_layers(into)
        driven: dict[End, End] = {}
        for key in into:
            self.settle(key, into[key], driven)
        return [(source, target) for target, source in driven.items()]

    def settle_open_layers(self, into: Mapping[Any, list[tuple[End, str | None]]]) -> None:
        for key, layer in self.layers.items():
            if not hasattr(layer, "with_inputs") or layer.inputs:
                continue
            ports = [port for _, port in into[key]]
            count = max([len(ports), *map(input_number, ports)])
            if not count:
                raise NetError(
                    f"NetGraph: no edge leads into layer {key!r}, a {type(layer).__name__}, so its number of inputs "
                    "is not known",
                    hint="connect it, or say InputPorts=2",
                )
            try:
                self.layers[key] = layer.with_inputs(count)
            except ValueError as error:
                raise NetError(f"NetGraph: layer {key!r}, a {type(layer).__name__}, {error}") from None

    def settle(self, key: Any, into: list[tuple[End, str | None]], driven: dict[End, End]) -> None:
        """Gives the edges into one layer their ports: named ones first, then the free inputs in order."""
        ports = {} if key is None else self.layers[key].ports()
        inputs = [name for name, slot in ports.items() if slot.kind == "in"]
        for source, port in into:
            if port is not None:
                if (key, port) in driven:
                    raise self.driven_twice(key, port, driven[key, port], source)
                if port not in ports and key is not None:
                    raise NetError(f"NetGraph: layer {key!r} has no input port {port!r}", hint=nearest(port, inputs))
                driven[key, port] = source
        free = [name for name in inputs if (key, name) not in driven]
        plain = [source for source, port in into if port is None]
        if len(plain) > len(free):
            if not inputs:
                raise NetError(f"NetGraph: layer {key!r}, a {type(self.layers[key]).__name__}, has no input port")
            last = inputs[-1]
            raise self.driven_twice(key, last, driven.get((key, last), plain[0]), plain[-1])
        if plain and len(plain) < len(free):
            raise self.ambiguous(key, free, "input")
        driven.update({(key, port): source for port, source in zip(free, plain, strict=False)})

    def driven_twice(self, key: Any, port: str, one: End, other: End) -> NetError:
        name = f"output port {port!r} of the graph" if key is None else f"port {port!r} of layer {key!r}"
        remedy = (
            "join them first, with CatenateLayer or ThreadingLayer(Plus) say" if key is not None else "name another"
        )
        return NetError(
            f"NetGraph: {name} is driven twice, by {end_text(one)} and by {end_text(other)}", got=port, hint=remedy
        )


def end_text(end: End) -> str:
    """An end of an edge in a message."""
    key, port = end
    return f"NetPort({port!r})" if key is None else f"{key!r}" if port == "Output" else f"NetPort({key!r}, {port!r})"


def is_layer(part: NetPort) -> bool:
    """Whether a NetPort of one part means a layer by its position: NetPort(2)."""
    return len(part.spec) == 1 and isinstance(part.spec[0], int) and not isinstance(part.spec[0], bool)


def named(part: NetPort) -> tuple:
    """The parts of a NetPort that ends in the name of a port."""
    if not isinstance(part.spec[-1], str):
        raise NetError(
            f"NetGraph: {brief(part)} names no port", got=part, hint='write NetPort("in") or NetPort("layer", "port")'
        )
    return part.spec


def input_number(port: str | None) -> int:
    """The number in Input1, Input2, …; 0 of another name."""
    number = (port or "").removeprefix("Input")
    return int(number) if port and port.startswith("Input") and number.isdecimal() else 0


def exposed(net: Layer, keys: list, port: str, with_output: Callable[..., Container]) -> tuple[Layer, str]:
    """A net in which an inner output is an output of its own, and the name under which it is."""
    if not isinstance(net, Container):
        raise NetError(f"NetGraph: {type(net).__name__} holds no layers, so it has no port {'/'.join(map(str, keys))}")
    key = net.key_of(keys[0])
    layers = net.layers
    if len(keys) > 1:
        inner, port = exposed(net.layers[key], keys[1:], port, with_output)
        layers = {**layers, key: inner}
    elif port not in ports_of_kind(net.layers[key], "out"):
        names = ports_of_kind(net.layers[key], "out")
        raise NetError(f"NetGraph: layer {key!r} has no output port {port!r}", hint=nearest(port, names))
    for source, (target, name) in net.edges:
        if source == (key, port) and target is None:
            return net, name
    name = f"{keys[0]}/{port}"
    return with_output(net, layers, (key, port), name), name


def entrance(net: Layer, keys: list, port: str) -> str:
    """The port of a container that feeds an inner input."""
    if isinstance(net, Container):
        key = net.key_of(keys[0])
        inner = entrance(net.layers[key], keys[1:], port) if len(keys) > 1 else port
        for (source, name), target in net.edges:
            if target == (key, inner) and source is None:
                return name
    raise NetError(
        f"NetGraph: port {port!r} of {'/'.join(map(str, keys))} is not open from outside",
        hint="an edge can only enter a nested net where the net has an input port",
    )
