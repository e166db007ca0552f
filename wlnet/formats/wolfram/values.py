"""Settings as Wolfram expressions, and back: one language for parameters of layers, of coders, and what wlnet notes.

Lists are tuples, associations dicts, infinity DirectedInfinity[1]; a span, a distribution, a coder are calls of their
names. What is no setting, such as Entity["…", "…"] among class labels, is kept as its Wolfram text.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from wlnet.coders.coder import NetCoder
from wlnet.core.distributions import DISTRIBUTIONS, Distribution, DistributionFunction
from wlnet.core.errors import NetError
from wlnet.core.expressions import Expression
from wlnet.core.heads import Head
from wlnet.core.layer import Layer
from wlnet.core.ports import PortType
from wlnet.core.refuse import brief
from wlnet.core.shared import NetArray
from wlnet.core.symbols import Alternatives, NetPort, Symbol
from wlnet.formats.makers import SETTINGS, VALUES, makers
from wlnet.formats.wolfram.arrays import array_of
from wlnet.formats.wolfram.coders import coder_of, parameters_of
from wlnet.formats.wolfram.expressions import Call, association, call, is_call, listed, pairs_of
from wlnet.formats.wolfram.scalar_functions import function_object, recorded
from wlnet.formats.wolfram.source_text import source_text

CONSTANTS = {"True": True, "False": False, "None": None, "Null": None, "Infinity": math.inf, "Indeterminate": math.nan}
"""Symbols that are Python's own values."""

WRAPPERS = ("ValidatedParameter", "HoldForm", "Hold")
"""Calls that stand for what they hold."""

NATIVE = {name: kind for kind in VALUES for name in (kind.__name__,)} | {
    "NetPort": NetPort,
    "Alternatives": Alternatives,
}
"""The small values of wlnet that are written as calls of their names."""


@dataclass
class ValueWriter:
    """Settings as expressions; `net` gives the expression of a net that is a setting, as of an operator."""

    net: Callable[[Layer, tuple], Any] = field(default=lambda net, place: refuse(net, place))

    def expression(self, value: Any, place: tuple = ()) -> Any:
        """The expression of a setting that stands at a place of the net."""
        if value is None or isinstance(value, (bool, np.bool_)):
            return Symbol(str(None if value is None else bool(value)))
        if isinstance(value, np.generic):
            return self.expression(value.item(), place)
        if isinstance(value, float) and not math.isfinite(value):
            return Symbol("Indeterminate") if math.isnan(value) else call("DirectedInfinity", 1 if value > 0 else -1)
        if isinstance(value, (str, int, float, Symbol, np.ndarray)):
            return value
        if isinstance(value, Head):
            return Symbol(value.name)
        if isinstance(value, (tuple, list)):
            return listed(self.expression(each, (*place, k)) for k, each in enumerate(value, start=1))
        if isinstance(value, Mapping):
            pairs = value.items()
            return association((self.expression(key, place), self.expression(v, (*place, key))) for key, v in pairs)
        if type(value) in SETTINGS:
            return self.expression(SETTINGS[type(value)](value), place)
        if isinstance(value, Layer):
            return self.net(value, place)
        return self.made(value, place)

    def made(self, value: Any, place: tuple) -> Any:
        """The call that makes a value."""
        if isinstance(value, PortType):
            return self.expression(value.spec(), place)
        if isinstance(value, NetCoder):
            return call(value.family, value.kind, self.expression(parameters_of(value), place))
        if isinstance(value, Expression):
            return call("Function", listed(value.parameters), function_object(value))
        if isinstance(value, NetArray):
            return self.called("NetArray", (value.name, value.array, value.method, value.dims), place)
        if isinstance(value, (NetPort, Alternatives)):
            return self.called(type(value).__name__, value.spec if isinstance(value, NetPort) else value.parts, place)
        if isinstance(value, Distribution):
            return self.called(value.family.name, value.parameters, place)
        if isinstance(value, DistributionFunction):
            parts = (value.inputs, value.family.name, value.parameters)
            return self.called("DistributionFunction", parts, place)
        if type(value) in VALUES:
            return self.called(type(value).__name__, [getattr(value, part) for part in VALUES[type(value)]], place)
        raise refuse(value, place)

    def called(self, name: str, parts: Any, place: tuple) -> Call:
        """A call of a name with these settings."""
        return call(name, *(self.expression(each, place) for each in parts))


def refuse(value: Any, place: tuple) -> NetError:
    """A Python object has no Wolfram expression."""
    return NetError(
        f"{brief(value)} is a Python object, which Wolfram's formats do not hold",
        path=place,
        got=type(value).__name__,
        hint="write functions with NumPy's and wlnet's names so that they are recorded, or detach the coder with "
        "NetReplacePart(net, {port: None})",
    )


@dataclass
class ValueReader:
    """Settings from expressions; `net` gives the net of an association with a "Type"."""

    net: Callable[[Any, tuple], Any]
    made_by: Mapping[str, Callable] = field(default_factory=makers)

    def value(self, expression: Any, place: tuple = ()) -> Any:
        """The setting that an expression says."""
        if isinstance(expression, Symbol):
            return CONSTANTS.get(expression.name, expression)
        if isinstance(expression, Fraction):
            return float(expression)
        if not isinstance(expression, Call):
            return expression
        name, arguments = expression.name, expression.arguments
        if name in WRAPPERS and len(arguments) >= 1:
            return self.value(arguments[0], place)
        if name == "List":
            return tuple(self.value(each, (*place, k)) for k, each in enumerate(arguments, start=1))
        if name == "Association":
            return self.dict_or_net(expression, place)
        if name in ("Rule", "RuleDelayed") and len(arguments) == 2:
            return (self.value(arguments[0], place), self.value(arguments[1], place))
        if name == "DirectedInfinity" and arguments in ((1,), (-1,)):
            return arguments[0] * math.inf
        if name in ("NetEncoder", "NetDecoder"):
            return coder_of(expression, lambda each: self.value(each, place), place)
        if name in ("RawArray", "NumericArray"):
            return array_of(expression, place)
        if name in ("ScalarFunctionObject", "Function"):
            return recorded(expression)
        return self.made(expression, place)

    def dict_or_net(self, expression: Call, place: tuple) -> Any:
        """An association is a net if it says a type, and otherwise a dict."""
        pairs = pairs_of(expression)
        if pairs is None:
            raise NetError(f"an association holds {brief(source_text(expression))}, which are no rules", path=place)
        if any(key == "Type" for key, _ in pairs):
            return self.net(expression, place)
        found = [(self.value(key, place), each) for key, each in pairs]
        try:
            return {key: self.value(each, (*place, key)) for key, each in found}
        except TypeError:
            raise NetError("a key of an association cannot be looked up", path=place) from None

    def made(self, expression: Call, place: tuple) -> Any:
        """What a call of a name that wlnet knows makes; of another the text."""
        name = expression.name
        known = name in NATIVE or name in DISTRIBUTIONS or name in ("NetArray", "DistributionFunction", "TokenizerFile")
        if not known:
            return source_text(expression)
        arguments = [self.value(each, place) for each in expression.arguments]
        try:
            return self.made_by[name](*arguments)
        except NetError as error:
            raise error.inside(place) from None
        except (TypeError, ValueError, AttributeError, KeyError, IndexError, ArithmeticError) as error:
            raise NetError(f"{name} cannot be made of {brief(source_text(expression))}: {error}", path=place) from None


def is_net(expression: Any) -> bool:
    """Whether an expression is the association of a net or layer."""
    return is_call(expression, "Association") and any(key == "Type" for key, _ in pairs_of(expression) or ())


__all__ = ["ValueReader", "ValueWriter", "is_net"]
