"""NetReplace: layers that match a pattern exchanged for others, at any depth."""

import warnings
from typing import Any

from wlnet.core.errors import NetError, NetWarning
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.source import same
from wlnet.core.symbols import Automatic, Nothing
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, ports_of_kind
from wlnet.nets.shorthand import as_layer
from wlnet.verbs.fitting import same_places, verified
from wlnet.verbs.moving import moved_rates
from wlnet.verbs.pieces import Layers, chain_of, free, graph_of, rekeyed, settled
from wlnet.verbs.rebuilding import exchanged
from wlnet.verbs.replace import rules_of


def NetReplace(net: Any, rules: Any, /) -> Any:
    """A net in which every layer that matches is another: `{pattern: layer}`, at any depth; the first rule that fits.

    A pattern is a class of layers, or a layer, which matches in all that it says apart from the types of its ports.
    Nothing takes the layer out; a chain in the place of a layer of a chain becomes part of it.

    >>> NetReplace(NetChain([3, "Tanh", [5, "Tanh"]]), {ElementwiseLayer: "Ramp"})
    NetChain([LinearLayer(3), ElementwiseLayer("Ramp"),
    NetChain([LinearLayer(5), ElementwiseLayer("Ramp")])])
    """
    if not isinstance(net, Layer):
        raise NetError(f"NetReplace takes a net, got {brief(net)}", got=net)
    pairs = [(pattern_of(pattern), layer) for pattern, layer in rules_of(rules, "NetReplace")]
    made = replacement(net, pairs) if not isinstance(net, Container) else None
    if made is Nothing:
        raise NetError("NetReplace: Nothing stands for the whole net", got=Nothing)
    made = within(net, pairs) if made is None else as_layer(made, NetChain, "NetReplace")
    if made is net:
        warnings.warn("NetReplace: no layer matches, and the net is as it was", NetWarning, stacklevel=2)
        return net
    return verified(made, *same_places(net))


def pattern_of(pattern: Any) -> Any:
    """A class of layers, or a layer; "_" is any layer."""
    if isinstance(pattern, type) and issubclass(pattern, Layer):
        return pattern
    if isinstance(pattern, str) and pattern == "_":
        return Layer
    try:
        return as_layer(pattern, NetChain, "NetReplace")
    except NetError:
        hint = 'a pattern is a class such as ElementwiseLayer, a layer such as LinearLayer(3) or Ramp, or "_"'
        raise NetError(f"NetReplace: {brief(pattern)} is not a pattern", got=pattern, hint=hint) from None


def replacement(layer: Layer, pairs: list[tuple[Any, Any]]) -> Any:
    """What stands for a layer by the first rule that fits; None if none does."""
    return next((new for pattern, new in pairs if matches(layer, pattern)), None)


def matches(layer: Layer, pattern: Any) -> bool:
    """Whether a layer is of a class, or is like a layer in all that is said of that one."""
    if isinstance(pattern, type):
        return isinstance(layer, pattern)
    if type(layer) is not type(pattern):
        return False
    if isinstance(pattern, Container):
        return layer.with_fields(given={}) == pattern.with_fields(given={})
    said = {n for n, f in type(pattern).model_fields.items() if not same(getattr(pattern, n), f.get_default())}
    said -= {"given", "arrays"}
    agree = all(same(getattr(layer, name), getattr(pattern, name)) for name in said)
    return agree and all(same(layer.arrays.get(name, Automatic), value) for name, value in pattern.arrays.items())


def within(net: Layer, pairs: list[tuple[Any, Any]]) -> Layer:
    """The net with the layers inside replaced; the same object where nothing matches."""
    from_rules: dict[Any, Any] = {key: replacement(layer, pairs) for key, layer in net.subnets().items()}
    new: Layers = {}
    for key, layer in net.subnets().items():
        spec = from_rules[key]
        threads = not isinstance(net, NetChain)
        if spec is None or spec is Nothing:
            new[key] = within(layer, pairs) if spec is None else layer
        else:
            new[key] = as_layer(spec, NetChain, f"NetReplace: layer {key}", threads=threads)
    if all(new[key] is layer for key, layer in net.subnets().items()) and Nothing not in from_rules.values():
        return net
    if not isinstance(net, Container):
        return net.with_subnets(new)
    out = [key for key, spec in from_rules.items() if spec is Nothing]
    if isinstance(net, NetChain):
        return spliced(net, new, {key for key, spec in from_rules.items() if spec is not None}, out)
    made = exchanged(net, new)
    for key in out:
        made = bypassed(made, key, "NetReplace")
    numbers: dict = {key: at for at, key in enumerate(made.layers, start=1)}
    return made if net.is_named or not out else rekeyed(made, numbers)


def spliced(net: NetChain, new: Layers, replaced: set, out: list) -> NetChain:
    """A chain with new layers, in which chains that stand for layers have become part of it."""
    held: Layers = {}
    keys: dict[Any, Any] = {}
    taken = set(new)
    for key, layer in new.items():
        if key in out:
            continue
        is_open = key in replaced and isinstance(layer, NetChain)
        inside = layer.layers if is_open else {key: layer}
        wished = [f"{key}/{name}" if is_open else name for name in inside]
        names = [name if not is_open else free(name, taken) for name in wished] if net.is_named else None
        keys[key] = names or list(range(len(held) + 1, len(held) + 1 + len(inside)))
        held |= dict(zip(keys[key], inside.values(), strict=True))
    fitted = {key: settled(layer) if at else layer for at, (key, layer) in enumerate(held.items())}
    return chain_of(fitted, net.given, moved_rates(net, keys))


def bypassed(net: Container, key: Any, verb: str) -> Container:
    """A graph without a layer of one input and one output: what fed it feeds what it fed."""
    ins, outs = ports_of_kind(net.layers[key], "in"), ports_of_kind(net.layers[key], "out")
    if len(ins) != 1 or len(outs) != 1:
        raise NetError(
            f"{verb}: layer {key!r} has {len(ins)} input and {len(outs)} output ports; only a layer of one input and "
            "one output can be left out",
            got=(len(ins), len(outs)),
            hint="build the graph anew with NetGraph",
        )
    source = next(source for source, target in net.edges if target == (key, ins[0]))
    edges = [(source if a == (key, outs[0]) else a, b) for a, b in net.edges if b[0] != key]
    layers = {k: v for k, v in net.layers.items() if k != key}
    return graph_of(layers, edges, net.given, moved_rates(net, {k: k for k in layers}))
