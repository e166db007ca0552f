"""How attention scores a key for a query: by their product, by a bilinear form, or by any net."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.declared import abstract
from wlnet.core.layer import Layer
from wlnet.core.slots import gives, learned, takes
from wlnet.core.source import call


@abstract
class ProductScore(Layer):
    """A score that is the product of the key, Input, with what `projected` makes of the query."""

    def __repr__(self) -> str:
        """The name that attention knows it by; with what it has beyond it, where it has."""
        positional, named = self.arguments()
        name = type(self).__name__
        return call(name, positional, named) if positional or named else f'"{name.removesuffix("Score")}"'

    def projected(self, xp: Any, query: Any, Weights: Any) -> Any:
        """What the key is multiplied with, of queries (…, q)."""
        raise TypeError(f"{type(self).__name__} does not say what it multiplies the key with")

    def scored(self, xp: Any, Input: Any, Query: Any, Weights: Any = None) -> Any:
        """The score of each key for its query."""
        return xp.sum(Input * self.projected(xp, Query, Weights), -1)


class DotScore(ProductScore):
    """Output = Input · Query, the scoring net "Dot"."""

    Input = takes("k")
    Query = takes("k")
    Output = gives("")

    def projected(self, xp: Any, query: Any, Weights: Any = None) -> Any:
        return query

    def apply(self, xp: Any, Input: Any, Query: Any) -> Any:
        return self.scored(xp, Input, Query)


class BilinearScore(ProductScore):
    """Output = Input · Weights · Query, the scoring net "Bilinear"."""

    Input = takes("k")
    Query = takes("q")
    Output = gives("")
    Weights = learned("k q", optional=False)

    def projected(self, xp: Any, query: Any, Weights: Any) -> Any:
        flat = xp.linear(xp.reshape(query, (-1, query.shape[-1])), Weights, None)
        return xp.reshape(flat, (*query.shape[:-1], Weights.shape[0]))

    def apply(self, xp: Any, Input: Any, Query: Any, Weights: Any) -> Any:
        return self.scored(xp, Input, Query, Weights)


SCORES = {"Dot": DotScore(), "Bilinear": BilinearScore()}
"""The scoring nets that have names."""


def scoring_net(value: Any) -> Layer:
    """The scoring net that a setting says."""
    if isinstance(value, str) and value in SCORES:
        return SCORES[value]
    if not isinstance(value, Layer):
        raise ValueError('must be "Dot", "Bilinear" or a net with the inputs Input and Query and one output')
    ports = {kind: [name for name, slot in value.ports().items() if slot.kind == kind] for kind in ("in", "out")}
    if sorted(ports["in"]) != ["Input", "Query"] or len(ports["out"]) != 1:
        found = f"{', '.join(ports['in']) or 'no inputs'} -> {', '.join(ports['out']) or 'no outputs'}"
        raise ValueError(f"must have the inputs Input and Query and one output, but has the ports {found}")
    return value


ScoringField = Annotated[Any, BeforeValidator(scoring_net)]

__all__ = ["BilinearScore", "DotScore", "ProductScore", "ScoringField"]
