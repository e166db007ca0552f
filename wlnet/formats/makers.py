"""What a file may make, by name: layers, coders, and the small values of nets. Nothing else is ever called."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from wlnet.coders import NetDecoder, NetEncoder
from wlnet.coders.extractors import FeatureExtractorFunction
from wlnet.coders.subwordfields import TokenizerFile
from wlnet.core.declared import ABSTRACT
from wlnet.core.distributions import DISTRIBUTIONS, DistributionFunction
from wlnet.core.expressions import Expression, Ref, checked_expression
from wlnet.core.fields import Levels
from wlnet.core.inputs import InputPorts
from wlnet.core.layer import Layer
from wlnet.core.multipliers import Multipliers
from wlnet.core.ports import Coder, PortType, port_type
from wlnet.core.shared import NetArray
from wlnet.core.symbols import Alternatives, NetPort, Quantity, Restricted, Scaled, Span, TwoWayRule
from wlnet.layers.transposition import Transposition

VALUES: dict[type, tuple[str, ...]] = {
    Span: ("start", "stop", "step"),
    Scaled: ("factor",),
    Quantity: ("number", "unit"),
    TwoWayRule: ("left", "right"),
    Restricted: ("kind", "limit"),
    Ref: ("at",),
    Expression: ("parameters", "steps", "result"),
    FeatureExtractorFunction: ("method", "learned"),
    TokenizerFile: ("path", "source"),
}
"""The small values that are made of their parts, and the names of these."""

SETTINGS: dict[type, Callable[[Any], Any]] = {
    Levels: lambda levels: levels.spec,
    Multipliers: lambda multipliers: multipliers.rules,
    InputPorts: lambda ports: ports.spec,
    Transposition: lambda transposition: transposition.spec,
}
"""The normal forms that a constructor makes of a setting, and the setting that says each."""


@cache
def makers() -> Mapping[str, Callable]:
    """The constructors of everything that a file may hold."""
    return {
        **layer_classes(),
        **DISTRIBUTIONS,
        **{kind.__name__: kind for kind in VALUES},
        "NetEncoder": NetEncoder,
        "NetDecoder": NetDecoder,
        "NetPort": NetPort,
        "Alternatives": Alternatives,
        "PortType": given_port,
        "NetArray": shared_array,
        "Expression": checked_expression,
        "DistributionFunction": checked_distribution,
        "TokenizerFile": tokenizer_file,
    }


def layer_classes(base: type[Layer] = Layer) -> dict[str, type[Layer]]:
    """Every class of layers that there is, by name: a layer that is added can be saved without a further line."""
    found: dict[str, type[Layer]] = {}
    for kind in base.__subclasses__():
        if kind.__module__.startswith("wlnet."):
            found |= ({} if kind in ABSTRACT else {kind.__name__: kind}) | layer_classes(kind)
    return found


def given_port(spec: Any) -> PortType:
    """A port type as it was given; which side a coder is for, the port that gets it knows."""
    return PortType(coder=spec) if isinstance(spec, Coder) else port_type(spec, "a port")


def shared_array(name: Any, array: Any, method: Any, dims: Any) -> NetArray:
    """A NetArray of its name, its value, how it is initialized, and its dimensions."""
    return NetArray(name, Array=method, Dimensions=dims).with_value(NetArray(name, Array=array, Dimensions=dims).array)


def checked_distribution(inputs: Any, family: Any, parameters: Any) -> DistributionFunction:
    """A distribution whose parameters are functions; ValueError says what is wrong with it."""
    named = isinstance(inputs, tuple) and all(isinstance(name, str) for name in inputs)
    if not named or family not in DISTRIBUTIONS or not isinstance(parameters, tuple):
        raise ValueError("it has names of inputs, a family and parameters")
    if any(not isinstance(each, Expression) or each.parameters != inputs for each in parameters):
        raise ValueError("its parameters are functions of its inputs")
    found = DISTRIBUTIONS[family]
    if len(parameters) != len(found.parameters):
        raise ValueError(f"{family} has {len(found.parameters)} parameters")
    return DistributionFunction(inputs, found, parameters)


def tokenizer_file(path: Any, source: Any) -> TokenizerFile:
    """What a tokenizer.json said, and the name that it had; nothing is read."""
    if not isinstance(path, str) or not isinstance(source, str):
        raise ValueError("it has a name and a text")
    return TokenizerFile(path, source)
