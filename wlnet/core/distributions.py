"""The twenty distributions of random numbers, as values: NormalDistribution(0, 1) and their kin.

A `Family` is a public name with its parameters and how it is drawn, one row a family, parameters as Wolfram counts
them. `NormalDistribution(0, 2)` is a `Distribution`; a Python function that gives one of what it is applied to is a
`DistributionFunction`.

>>> GammaDistribution(2, 0.5)
GammaDistribution(2, 0.5)
>>> UniformDistribution((-1, 1)) == UniformDistribution(-1, 1)
True
"""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wlnet.core import draws
from wlnet.core.errors import NetError
from wlnet.core.expressions import Expression
from wlnet.core.registry import offer
from wlnet.core.tracing import Symbolic, expression_of, parameters_of


@dataclass(frozen=True)
class Domain:
    """Which numbers a parameter may be; `holds` works on numbers and arrays."""

    words: str
    holds: Callable[[Any], Any]


ANY = Domain("a number", lambda x: x == x)
SOME = Domain("0 or more", lambda x: x >= 0)
ABOVE = Domain("above 0", lambda x: x > 0)
SHARE = Domain("from 0 to 1", lambda x: (x >= 0) & (x <= 1))
CHANCE = Domain("above 0, up to 1", lambda x: (x > 0) & (x <= 1))
INTEGER = Domain("a whole number", lambda x: x % 1 == 0)
COUNT = Domain("a whole number, 0 or more", lambda x: (x >= 0) & (x % 1 == 0))
SIZE = Domain("a positive whole number", lambda x: (x > 0) & (x % 1 == 0))

NEEDED = inspect.Parameter.empty


@dataclass(frozen=True, eq=False)
class Family:
    """A public name such as NormalDistribution. `parameters` are (name, domain, default) each.

    `draw(xp, shape, *parameters)` gives independent numbers. Numbers of a discrete family have no gradient. The two
    parameters of an interval may be given as a pair, and are in order.
    """

    name: str
    parameters: tuple[tuple[str, Domain, Any], ...]
    draw: Callable
    discrete: bool = False
    interval: bool = False

    def __call__(self, *arguments: Any, **named: Any) -> "Distribution":
        if self.interval and len(arguments) == 1 and isinstance(arguments[0], (tuple, list)):
            arguments = tuple(arguments[0])
        try:
            bound = self.__signature__.bind(*arguments, **named)
        except TypeError:
            takes = f"{self.name}{self.__signature__}"
            raise NetError(f"the parameters of a {self.name} are those of {takes}", got=(arguments, named)) from None
        bound.apply_defaults()
        values = tuple(map(self.checked, self.parameters, bound.arguments.values()))
        if self.interval and not any(isinstance(value, Symbolic) for value in values) and values[0] > values[1]:
            raise NetError(f"{self.name} must have its ends in order, got {values[0]!r} and {values[1]!r}", got=values)
        return Distribution(self, values)

    def checked(self, parameter: tuple[str, Domain, Any], value: Any) -> Any:
        """A parameter's value: a number of its domain, or what a function records."""
        if isinstance(value, Symbolic):
            return value
        name, domain, _ = parameter
        number = value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value
        plain = isinstance(number, (int, float)) and not isinstance(number, bool) and math.isfinite(number)
        if not plain or not domain.holds(number):
            raise NetError(f"the {name} of {self.name} must be {domain.words}, got {value!r}", got=value)
        return number

    def sample(self, xp: Any, shape: tuple, parameters: list) -> Any:
        """Independent numbers of that shape."""
        if self.discrete:
            return xp.stop_gradient(self.draw(xp, shape, *map(xp.stop_gradient, parameters)))
        return self.draw(xp, shape, *parameters)

    @property
    def __signature__(self) -> inspect.Signature:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind, default=value) for name, _, value in self.parameters])

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> Any:
        return _family_named, (self.name,)


def _family_named(name: str) -> Family:
    return DISTRIBUTIONS[name]


@dataclass(frozen=True)
class Distribution:
    """A family with its parameters: numbers, or what is recorded of a function's."""

    family: Family
    parameters: tuple

    def __repr__(self) -> str:
        shown = list(self.parameters)
        defaults = [default for _, _, default in self.family.parameters]
        if not self.family.interval:  # the low end alone would read like a length
            while shown and not isinstance(shown[-1], Symbolic) and shown[-1] == defaults[len(shown) - 1]:
                shown.pop()
        return f"{self.family}({', '.join(map(repr, shown))})"

    def sample(self, xp: Any, shape: tuple) -> Any:
        """Independent numbers of that shape."""
        return self.family.sample(xp, shape, [xp.asarray(float(value)) for value in self.parameters])

    def draw(self, random: Any, shape: tuple) -> Any:
        """Independent numbers from a generator of NumPy, in double precision."""
        return offer("draw")(self, random, shape)


@dataclass(frozen=True)
class DistributionFunction:
    """A family whose parameters are expressions of named inputs; it prints as the lambda that makes it."""

    inputs: tuple[str, ...]
    family: Family
    parameters: tuple[Expression, ...]

    def __repr__(self) -> str:
        return f"lambda {', '.join(self.inputs)}: {self.family}({', '.join(each.body() for each in self.parameters)})"

    def sample(self, xp: Any, arrays: list) -> Any:
        """A number for each element of the inputs, independent; NaN where a parameter is outside its domain."""
        values = [in_numbers(xp, each(xp, *arrays)) for each in self.parameters]
        right: Any = True
        for (_, domain, _), value in zip(self.family.parameters, values, strict=True):
            right = xp.logical_and(right, domain.holds(xp.stop_gradient(value)))
        if self.family.interval:
            right = xp.logical_and(right, xp.stop_gradient(values[0]) <= xp.stop_gradient(values[1]))
        return xp.where(right, self.family.sample(xp, arrays[0].shape, values), math.nan)


def in_numbers(xp: Any, value: Any) -> Any:
    """A parameter as an array of the working precision."""
    if isinstance(value, (bool, int, float)):
        return xp.asarray(float(value))
    return xp.astype(value, float) if value.dtype == bool else value


def distribution_function(function: Callable) -> Distribution | DistributionFunction:
    """What a Python function of inputs gives, recorded; a function of nothing gives a distribution."""
    names = parameters_of(function)
    symbols = [Symbolic(name) for name in names]
    result = function(*symbols)
    if not isinstance(result, Distribution):
        given = "an expression" if isinstance(result, Symbolic) else repr(result)
        raise NetError(
            f"a function for RandomArrayLayer must give a distribution, such as NormalDistribution(a, b), not {given}",
            got=result,
        )
    if not names:
        return result
    recorded = tuple(expression_of(value, names, symbols) for value in result.parameters)
    return DistributionFunction(names, result.family, recorded)


DISTRIBUTIONS: dict[str, Family] = {}


def _row(name: str, parameters: dict, draw: Callable, discrete: bool = False, interval: bool = False) -> Family:
    listed = tuple((word, *(each if isinstance(each, tuple) else (each, NEEDED))) for word, each in parameters.items())
    DISTRIBUTIONS[name] = Family(name, listed, draw, discrete, interval)
    return DISTRIBUTIONS[name]


def _power_of_gamma(sign: int) -> Callable:
    """location + scale·G^(±1/power) of gamma numbers G of shape a."""
    return lambda xp, s, a, b, power, location: location + b * xp.exp(sign * draws.log_gamma(xp, s, a) / power)


GENERAL = {"shape": ABOVE, "scale": ABOVE, "power": (ABOVE, 1), "location": (ANY, 0)}
NormalDistribution = _row(
    "NormalDistribution", {"mean": (ANY, 0), "deviation": (SOME, 1)}, lambda xp, s, m, d: m + d * xp.normal(s)
)
UniformDistribution = _row(
    "UniformDistribution", {"low": (ANY, 0), "high": (ANY, 1)},
    lambda xp, s, a, b: a + (b - a) * xp.uniform(s), interval=True,
)  # fmt: skip
GammaDistribution = _row("GammaDistribution", GENERAL, _power_of_gamma(1))
ExponentialDistribution = _row(
    "ExponentialDistribution", {"rate": ABOVE}, lambda xp, s, rate: draws.exponential(xp, s) / rate
)
PoissonDistribution = _row("PoissonDistribution", {"mean": SOME}, draws.poisson, discrete=True)
MaxwellDistribution = _row("MaxwellDistribution", {"scale": ABOVE}, lambda xp, s, b: b * draws.maxwell(xp, s))
RayleighDistribution = _row(
    "RayleighDistribution", {"scale": ABOVE}, lambda xp, s, b: b * xp.sqrt(2 * draws.exponential(xp, s))
)
ChiDistribution = _row(
    "ChiDistribution", {"degrees": ABOVE}, lambda xp, s, n: draws.ROOT * xp.exp(0.5 * draws.log_gamma(xp, s, n / 2))
)
HalfNormalDistribution = _row(
    "HalfNormalDistribution", {"rate": ABOVE}, lambda xp, s, rate: draws.HALF * xp.abs(xp.normal(s)) / rate
)
WeibullDistribution = _row(
    "WeibullDistribution", {"shape": ABOVE, "scale": ABOVE, "location": (ANY, 0)},
    lambda xp, s, a, b, m: m + b * xp.power(draws.exponential(xp, s), 1 / a),
)  # fmt: skip
NakagamiDistribution = _row(
    "NakagamiDistribution", {"shape": ABOVE, "spread": ABOVE},
    lambda xp, s, a, b: xp.exp(0.5 * draws.log_gamma(xp, s, a)) * xp.sqrt(b / a),
)  # fmt: skip
ChiSquareDistribution = _row(
    "ChiSquareDistribution", {"degrees": ABOVE}, lambda xp, s, n: 2 * xp.exp(draws.log_gamma(xp, s, n / 2))
)
ErlangDistribution = _row(
    "ErlangDistribution",
    {"shape": SIZE, "rate": ABOVE},
    lambda xp, s, k, rate: xp.exp(draws.log_gamma(xp, s, k)) / rate,
)
LogGammaDistribution = _row(
    "LogGammaDistribution", {"shape": ABOVE, "scale": ABOVE, "location": ANY},
    lambda xp, s, a, b, m: m + xp.expm1(b * xp.exp(draws.log_gamma(xp, s, a))),
)  # fmt: skip
ExpGammaDistribution = _row(
    "ExpGammaDistribution", {"shape": ABOVE, "scale": ABOVE, "location": ANY},
    lambda xp, s, a, b, m: m + b * draws.log_gamma(xp, s, a),
)  # fmt: skip
InverseGammaDistribution = _row("InverseGammaDistribution", GENERAL, _power_of_gamma(-1))
BernoulliDistribution = _row("BernoulliDistribution", {"p": SHARE}, lambda xp, s, p: xp.bernoulli(p, s), discrete=True)
BinomialDistribution = _row("BinomialDistribution", {"n": COUNT, "p": SHARE}, draws.binomial, discrete=True)
NegativeBinomialDistribution = _row(
    "NegativeBinomialDistribution", {"n": ABOVE, "p": CHANCE}, draws.negative_binomial, discrete=True
)
DiscreteUniformDistribution = _row(
    "DiscreteUniformDistribution", {"low": INTEGER, "high": INTEGER}, draws.whole, discrete=True, interval=True
)
