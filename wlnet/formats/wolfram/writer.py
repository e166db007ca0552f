"""Nets as Wolfram Language expressions, layer by layer: constructors with Wolfram's arguments and options."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wlnet.coders.coder import NetCoder
from wlnet.coders.extractors import FeatureExtractorFunction
from wlnet.coders.functionfields import Named
from wlnet.core.distributions import Distribution, DistributionFunction
from wlnet.core.errors import NetError
from wlnet.core.expressions import Expression
from wlnet.core.heads import Head
from wlnet.core.layer import Layer
from wlnet.core.multipliers import Multipliers
from wlnet.core.ports import PortType
from wlnet.core.refuse import brief
from wlnet.core.registry import provides
from wlnet.core.shared import NetArray
from wlnet.core.source import same
from wlnet.core.symbols import Alternatives, Automatic, NetPort, Symbol
from wlnet.formats.makers import SETTINGS, VALUES
from wlnet.formats.wolfram.constructors import CLASSES
from wlnet.formats.wolfram.expressions import Call, association, call, listed, rule
from wlnet.formats.wolfram.pure_functions import distribution_function, function
from wlnet.formats.wolfram.text import text_of
from wlnet.layers.attention import Attention
from wlnet.layers.scoring import SCORES, BilinearScore
from wlnet.nets.chain import NetChain
from wlnet.nets.container import Container, ports_of_kind
from wlnet.nets.function_layer import FunctionLayer
from wlnet.nets.graph import NetGraph
from wlnet.nets.pairing import NetPairEmbeddingOperator, of_member
from wlnet.verbs.replace import NetReplacePart

NAMED = {"ELU", "SELU", "GELU", "Swish", "HardSwish", "Mish", "SoftSign", "SoftPlus", "HardTanh", "HardSigmoid"}
"""Functions that Wolfram knows by a text, not by a symbol."""

SYMBOLS: dict[str, Any] = {
    "ElementwiseLayer": 0, "ThreadingLayer": 0, "AggregationLayer": 0, "NetBidirectionalOperator": 1,
    "PoolingLayer": "Function", "NetPairEmbeddingOperator": "DistanceFunction",
}  # fmt: skip
"""The arguments and options that are functions, which Wolfram takes as symbols."""

Place = tuple


@provides("input form")
def input_form(net: Layer) -> str:
    """A net as Wolfram Language text, which FromWolfram reads back equal; its arrays are in it.

    >>> from wlnet import LinearLayer, NetChain
    >>> input_form(NetChain([LinearLayer(3), "Ramp"], Input=4))
    'NetChain[{LinearLayer[3], ElementwiseLayer[Ramp]}, "Input" -> 4]'
    """
    rules = apart(net)
    if not rules:
        return text_of(written(net))
    bare = written(NetReplacePart(net, dict.fromkeys(rules, Automatic)))
    parts_of = ((expression(part, ()), expression(value, ())) for part, value in rules.items())
    return text_of(call("NetReplacePart", bare, listed(rule(*pair) for pair in parts_of)))


def apart(net: Layer, place: Place = ()) -> dict[Any, np.ndarray]:
    """Arrays that no constructor takes: of the scoring net "Bilinear", of a NetArray that also says its method."""
    found: dict[Any, np.ndarray] = {}
    for name, value in net.arrays.items():
        if isinstance(net, BilinearScore) and isinstance(value, np.ndarray):
            found[(*place, name)] = value
        elif isinstance(value, NetArray) and isinstance(value.array, np.ndarray) and value.method is not Automatic:
            found[value.named()] = value.array
    for key, inner in net.subnets().items():
        found |= apart(inner, (*place, key))
    return found


def written(net: Layer, place: Place = ()) -> Call:
    """The expression that makes a net."""
    if isinstance(net, NetChain):
        return with_options("NetChain", [layers_of(net, place)], net.options_given(), place)
    if isinstance(net, NetGraph):
        return with_options("NetGraph", [layers_of(net, place), listed(edges_of(net))], net.options_given(), place)
    name = type(net).__name__
    if CLASSES.get(name) is not type(net):
        raise NetError(
            f"{name} is not a layer of Wolfram's, so there is no Wolfram text for it",
            path=place,
            got=name,
            hint="write it as a safetensors file, or put a layer of Wolfram's in its place",
        )
    positional, named = net.arguments()
    if isinstance(net, FunctionLayer):
        named.pop("Function", None)
    if isinstance(net, NetPairEmbeddingOperator) and "Input" in named:
        named = {**named, "Input": of_member(named["Input"])}
    if isinstance(net, Attention):
        positional = [score_name(each) for each in positional]
    field = SYMBOLS.get(name)
    positional = [head(each) if isinstance(each, str) and at == field else each for at, each in enumerate(positional)]
    named = {key: head(each) if isinstance(each, str) and key == field else each for key, each in named.items()}
    return with_options(name, [expression(each, place) for each in positional], named, place)


def score_name(net: Any) -> Any:
    """A scoring net, or the text that stands for one."""
    return next((name for name, score in SCORES.items() if same(score, net)), net)


def with_options(name: str, positional: list, named: Mapping[str, Any], place: Place) -> Call:
    """A call with options by name."""
    return call(name, *positional, *(rule(key, expression(value, (*place, key))) for key, value in named.items()))


def layers_of(net: Container, place: Place) -> Call:
    """The layers of a container as a list, or by name."""
    pairs = [(key, written(layer, (*place, key))) for key, layer in net.layers.items()]
    return association(pairs) if net.is_named else listed(each for _, each in pairs)


# --- edges ------------------------------------------------------------------------------------------------------------


def edges_of(net: NetGraph) -> list[Call]:
    """The edges of a graph; those into one layer as a fan where they fill it in order."""
    found: list[Call] = []
    into: dict[Any, list] = {}
    for source, (key, port) in net.edges:
        into.setdefault(key, []).append((source, port))
    for key, ends in into.items():
        fills = key is not None and [port for _, port in ends] == ports_of_kind(net.layers[key], "in")
        if fills and len(ends) > 1:
            found.append(rule(listed(source_of(net, source) for source, _ in ends), key))
            continue
        for source, port in ends:
            target = key if fills else call("NetPort", *([port] if key is None else [listed([key, port])]))
            found.append(rule(source_of(net, source), target))
    read = {source for source, _ in net.edges}
    return found + [rule(call("NetPort", listed(end)), Symbol("None")) for end in net.open_outputs() if end not in read]


def source_of(net: NetGraph, end: tuple) -> Any:
    """One end of an edge that gives values."""
    key, port = end
    if key is None:
        return call("NetPort", port)
    return key if ports_of_kind(net.layers[key], "out") == [port] else call("NetPort", listed([key, port]))


# --- settings ---------------------------------------------------------------------------------------------------------


def expression(value: Any, place: Place) -> Any:
    """The expression of a setting that stands at a place of the net."""
    if value is None or isinstance(value, (bool, np.bool_)):
        return Symbol(str(None if value is None else bool(value)))
    if isinstance(value, np.generic):
        return expression(value.item(), place)
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float, Symbol, np.ndarray)):
        return value
    if isinstance(value, Head):
        return head(value.name)
    if isinstance(value, (tuple, list)):
        return listed(expression(each, (*place, k)) for k, each in enumerate(value, start=1))
    if isinstance(value, Mapping):
        pairs = [(expression(key, place), expression(each, (*place, str(key)))) for key, each in value.items()]
        return association(pairs) if not pairs else listed(rule(*pair) for pair in pairs)
    for kind, write in WRITERS:
        if isinstance(value, kind):
            return write(value, place)
    if type(value) in SETTINGS:
        return expression(SETTINGS[type(value)](value), place)
    if type(value) in VALUES:
        return call(type(value).__name__, *(expression(getattr(value, part), place) for part in VALUES[type(value)]))
    raise refused(value, place)


def refused(value: Any, place: Place) -> NetError:
    """There is no Wolfram text for a value."""
    kind = "is a Python function" if callable(value) or isinstance(value, Named) else f"is a {type(value).__name__}"
    return NetError(
        f"{brief(value)} {kind}, which Wolfram text does not hold",
        path=place,
        got=type(value).__name__,
        hint="write functions with NumPy's and wlnet's names so that they are recorded, or detach the coder with "
        "NetReplacePart(net, {port: None})",
    )


def head(name: str) -> Any:
    """A function by name: a symbol of Wolfram's, or a text where it has none."""
    return name if name in NAMED else Symbol(name)


def port_type(value: PortType, place: Place) -> Any:
    """A port type as a user writes it; a vector is its size alone."""
    spec = value.spec()
    single = isinstance(spec, tuple) and len(spec) == 1 and (isinstance(spec[0], int) or spec == ("Varying",))
    return expression(spec[0] if single else spec, place)


def coder(value: NetCoder, place: Place) -> Call:
    """NetEncoder["Image"], NetEncoder[{"Class", labels, "param" -> value}]."""
    positional, named = value.arguments()
    parts = [expression(each, place) for each in positional]
    options = [rule(key, expression(each, (*place, key))) for key, each in named.items()]
    return call(value.family, listed([value.kind, *parts, *options]) if parts or options else value.kind)


def net_array(value: NetArray, place: Place) -> Call:
    """NetArray["name"], or with its value or method, and its dimensions."""
    content = value.method if value.array is Automatic else value.array
    parts = {"Array": content, "Dimensions": value.dims}
    given = [rule(key, expression(each, place)) for key, each in parts.items() if each is not Automatic]
    return (
        call("NetArray", association_of([rule("Name", value.name), *given])) if given else call("NetArray", value.name)
    )


def association_of(rules: list[Call]) -> Call:
    """<|rules|>."""
    return Call(Symbol("Association"), tuple(rules))


def parts(value: Any, place: Place) -> Call:
    found = value.spec if isinstance(value, NetPort) else value.parts
    return call(type(value).__name__, *(expression(each, place) for each in found))


def multipliers(value: Multipliers, place: Place) -> Call:
    """{part -> number, …}; "_" is any part."""
    pairs = [
        (call("Blank") if isinstance(part, str) and part == "_" else expression(part, place), expression(rate, place))
        for part, rate in value.rules.items()
    ]
    return listed(rule(*pair) for pair in pairs)


def distribution(value: Distribution, place: Place) -> Call:
    return call(value.family.name, *(expression(each, place) for each in value.parameters))


def extractor(value: FeatureExtractorFunction, place: Place) -> Call:
    raise refused(value, place)


WRITERS: list[tuple[type | tuple[type, ...], Callable[[Any, Place], Any]]] = [
    (Layer, written), (PortType, port_type), (NetCoder, coder), (NetArray, net_array), ((NetPort, Alternatives), parts),
    (Multipliers, multipliers), (Distribution, distribution), (DistributionFunction, distribution_function),
    (Expression, function), (FeatureExtractorFunction, extractor),
]  # fmt: skip
"""How each kind of setting is written."""
