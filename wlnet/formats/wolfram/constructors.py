"""The constructors that a text may call: layers, containers, operators and coders, by Wolfram's names.

wlnet's constructors take Wolfram's arguments and options letter for letter, so that most layers need no row here.
"""

from collections.abc import Callable
from typing import Any

from wlnet.coders import NetDecoder, NetEncoder
from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.symbols import Symbol
from wlnet.formats.makers import layer_classes
from wlnet.formats.wolfram.evaluate import INERT, Closure, Evaluator, provides_function
from wlnet.formats.wolfram.expressions import Call, is_call, pairs_of
from wlnet.formats.wolfram.patterns import has_pattern
from wlnet.formats.wolfram.settings import python
from wlnet.layers.aliases import DotPlusLayer, InstanceNormalizationLayer, UpsampleLayer
from wlnet.layers.arrays import NetArrayLayer
from wlnet.nets.chain import NetChain
from wlnet.nets.graph import NetGraph

PARTS_OF_OTHERS = ("BilinearScore", "DotScore")
OURS = ("CompiledLayer", "PlaceholderLayer")
"""Layers that Wolfram has not."""

RENAMED = {
    "BatchNormalizationLayer": {"Beta": "Biases", "Gamma": "Scaling"},
    "NormalizationLayer": {"Beta": "Biases", "Gamma": "Scaling"},
}
"""Old names of options."""

Maker = Callable[[Evaluator, str, list], Any]


def options_in(evaluator: Evaluator, arguments: list) -> tuple[list, dict[str, Any]]:
    """Positional arguments as they are, and options as settings by name."""
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for each in arguments:
        rules = [each] if is_call(each, "Rule", "RuleDelayed") else []
        if is_call(each, "List", "Association") and each.arguments and pairs_of(each) and positional:
            rules = list(each.arguments) if all(is_option_name(rule) for rule in each.arguments) else []
        for rule in rules:
            key, value = rule.arguments
            named[option_name(key)] = python(evaluator, value)
        if not rules:
            positional.append(each)
    return positional, named


def is_option_name(rule: Any) -> bool:
    """Whether a rule in a list can be an option: NetChain[layers, {Input -> 3}], but not a rule of edges or ports."""
    return isinstance(rule.arguments[0], Symbol) and rule.arguments[0].name[:1].isupper()


def option_name(key: Any) -> str:
    """The name of an option, a text or a symbol."""
    if isinstance(key, (str, Symbol)):
        return key if isinstance(key, str) else key.name
    raise NetError("the name of an option is a text or a symbol", got=key)


def make_layer(evaluator: Evaluator, name: str, arguments: list) -> Any:
    """A layer of its arguments and options."""
    positional, named = options_in(evaluator, arguments)
    old = RENAMED.get(name, {})
    named = {old.get(key, key): value for key, value in named.items()}
    return CLASSES[name](*(python(evaluator, each) for each in positional), **named)


def make_operator(evaluator: Evaluator, name: str, arguments: list) -> Any:
    """An operator: nets, or what may stand for them, come first."""
    positional, named = options_in(evaluator, arguments)
    first = positional[:1]
    if name in ("NetGANOperator", "NetBidirectionalOperator") and first and is_call(first[0], "List"):
        nets: list = [tuple(vertex(evaluator, each) for each in first[0].arguments)]
    else:
        nets = [vertex(evaluator, each) for each in first]
    return CLASSES[name](*nets, *(python(evaluator, each) for each in positional[1:]), **named)


def make_constant(evaluator: Evaluator, name: str, arguments: list) -> Layer:
    """NetArrayLayer[…], and the old ConstantArrayLayer[sizes]."""
    positional, named = options_in(evaluator, arguments)
    if positional:
        named["Output"] = python(evaluator, positional.pop(0))
    return NetArrayLayer(*(python(evaluator, each) for each in positional), **named)


def make_chain(evaluator: Evaluator, name: str, arguments: list) -> NetChain:
    positional, named = options_in(evaluator, arguments)
    return NetChain(*(vertices(evaluator, each) for each in positional), **named)


def make_graph(evaluator: Evaluator, name: str, arguments: list) -> NetGraph:
    """NetGraph[layers, edges], NetGraph[net]; a list of rules that comes second is edges."""
    edges: list = []
    if len(arguments) > 1 and (is_call(arguments[1], "List") or is_edge(arguments[1])):
        edges = [edge(evaluator, arguments[1])]
        arguments = [arguments[0], *arguments[2:]]
        edges = edges if isinstance(edges[0], tuple) else edges[0]
    positional, named = options_in(evaluator, arguments)
    layers = [vertices(evaluator, each) for each in positional]
    return NetGraph(*layers, *([edges] if len(layers) == 1 else []), **named)


def is_edge(value: Any) -> bool:
    """Whether a rule is an edge, not an option."""
    return is_call(value, "Rule") and (isinstance(value.arguments[0], int) or is_call(value.arguments[1], "Rule"))


def vertices(evaluator: Evaluator, value: Any) -> Any:
    """The layers of a container: a list, a list of named ones, a dict."""
    if is_call(value, "Association"):
        return {python(evaluator, key): vertex(evaluator, each) for key, each in pairs_of(value) or []}
    if is_call(value, "List"):
        evaluator.spend(len(value.arguments))
        return [named_vertex(evaluator, each) for each in value.arguments]
    return python(evaluator, value)


def named_vertex(evaluator: Evaluator, value: Any) -> Any:
    """A layer of a list, with its name if it has one."""
    if is_call(value, "Rule", "RuleDelayed"):
        return (python(evaluator, value.arguments[0]), vertex(evaluator, value.arguments[1]))
    return vertex(evaluator, value)


def vertex(evaluator: Evaluator, value: Any) -> Any:
    """What stands for a layer; lists are nested chains."""
    return vertices(evaluator, value) if is_call(value, "List", "Association") else python(evaluator, value)


def edge(evaluator: Evaluator, value: Any) -> Any:
    """Edges as NetGraph takes them: a chain of rules is a tuple, a list a list."""
    if is_call(value, "List"):
        return [edge(evaluator, each) for each in value.arguments]
    if is_call(value, "Rule", "RuleDelayed", "DirectedEdge"):
        left, right = value.arguments
        rest = edge(evaluator, right)
        return (edge(evaluator, left), *(rest if isinstance(rest, tuple) and is_call(right, "Rule") else (rest,)))
    return python(evaluator, value)


def make_coder(evaluator: Evaluator, name: str, arguments: list) -> Any:
    """NetEncoder["Image"], NetEncoder[{"Class", labels, "param" -> value}], NetDecoder[encoder]."""
    family: Any = NetEncoder if name == "NetEncoder" else NetDecoder
    parts = [part for each in arguments for part in (each.arguments if is_call(each, "List") else [each])]
    if any(isinstance(each, Closure) for each in parts):
        raise NetError(f"{name}: functions of data are Python's; a text cannot give one", got=name)
    positional, named = options_in(evaluator, list(parts))
    if name == "NetEncoder" and positional[:1] == ["Image"] and len(positional) == 3:
        named.setdefault("ColorSpace", python(evaluator, positional.pop()))
    return family(*(python(evaluator, each) for each in positional), **named)


CLASSES: dict[str, Callable[..., Any]] = {
    **{name: kind for name, kind in layer_classes().items() if name not in (*PARTS_OF_OTHERS, *OURS)},
    "DotPlusLayer": DotPlusLayer, "InstanceNormalizationLayer": InstanceNormalizationLayer,
    "UpsampleLayer": UpsampleLayer,
}  # fmt: skip

MAKERS: dict[str, Maker] = {
    **dict.fromkeys(CLASSES, make_layer),
    **{name: make_operator for name in CLASSES if name.endswith("Operator") or name in ("AttentionLayer",
    "SequenceAttentionLayer")},
    "NetChain": make_chain, "NetGraph": make_graph, "NetEncoder": make_coder, "NetDecoder": make_coder,
    "NetArrayLayer": make_constant, "ConstantArrayLayer": make_constant,
}  # fmt: skip
"""Every constructor, by Wolfram's name."""


def constructing(name: str) -> Callable[[Evaluator, list], Any]:
    """The function of the evaluator that calls a constructor; patterns of nets stay as they are."""

    def construct(evaluator: Evaluator, arguments: list) -> Any:
        if any(has_pattern(each) for each in arguments if not is_call(each, "Rule", "RuleDelayed")):
            return INERT
        return MAKERS[name](evaluator, name, arguments)

    return construct


Evaluator.functions.update({name: constructing(name) for name in MAKERS})


@provides_function("LayerClass")
def layer_class(evaluator: Evaluator, arguments: list) -> Any:
    """The class of layers that _LinearLayer means in rules."""
    name = arguments[0].name if isinstance(arguments[0], Symbol) else ""
    found = CLASSES.get(name)
    if not isinstance(found, type):
        raise NetError(f"_{name} is no class of layers", got=name)
    return found


def is_net_text(value: Any) -> bool:
    """Whether the last thing that an expression does is to make a net."""
    return isinstance(value, Call) and value.name in MAKERS
