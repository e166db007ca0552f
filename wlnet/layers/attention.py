"""AttentionLayer and SequenceAttentionLayer."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import prod, sqrt
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator

from wlnet.core.declared import abstract
from wlnet.core.dims import Refusal
from wlnet.core.fields import Flag, Probability, as_number, one_of
from wlnet.core.layer import Layer, as_reals, dimension
from wlnet.core.relations import find
from wlnet.core.sizes import agree
from wlnet.core.slots import Slot, aside, gives, takes, words_of
from wlnet.core.solver import Solver
from wlnet.layers.scoring import BilinearScore, DotScore, ProductScore, ScoringField

HIDDEN = -1e30
"""The score of a pair that does not count: not -inf, which would make a row of only such pairs nan."""


def _mask(value: Any) -> Any:
    if isinstance(value, Mapping) and len(value) == 1:
        value = next(iter(value.items()))
    if value is None or value == "Causal":
        return value
    if isinstance(value, Sequence) and len(value) == 2 and value[0] == "Causal":
        window = as_number(value[1])
        if isinstance(window, int) and window > 0:
            return "Causal", window
    raise ValueError('must be None, "Causal", or ("Causal", n) with a positive whole number n')


@abstract
class Attention(Layer):
    """What the two attention layers share: pairs that count, scores, weights, and the mean of the values."""

    net: ScoringField = BilinearScore()

    @classmethod
    def has_arrays(cls) -> bool:
        return True

    def subnets(self) -> dict[Any, Layer]:
        return {"ScoringNet": self.net}

    @property
    def is_elementary(self) -> bool:
        return True

    def with_subnets(self, nets: dict[Any, Layer]) -> Layer:
        return self.with_fields(net=nets["ScoringNet"])

    # --- for the solver -----------------------------------------------------------------------------------------------

    def wire(self, solver: Solver, path: tuple) -> None:
        label, inside = type(self).__name__, (*path, "ScoringNet")
        self.say_given(solver, path)
        self.net.wire(solver, inside)
        node = solver.relate(path, label, self.ports(), self.rules(), {})
        for port, word in (("Input", "k"), ("Query", "q")):
            solver.link(node, f"the scoring net's {port}", Slot("out", words_of(word)), solver.var(inside, port))
        solver.learn_shape(find(solver.var(inside, self.score_port)), (), (path, label, "a score", "takes"))

    @property
    def key_port(self) -> str:
        """The port of the keys, which is the first."""
        return next(iter(self.ports()))

    @property
    def score_port(self) -> str:
        """The one output of the scoring net."""
        return next(name for name, slot in self.net.ports().items() if slot.kind == "out")

    @dimension("keys")
    def has_positions(self, keys: tuple) -> None:
        if not keys:
            levels = "a level of positions and one of heads" if self.MultiHead else "a level of positions"
            raise Refusal(f"{self.key_port} must have {levels} before the last level, which is the vector")

    @dimension("q")
    def of_a_dot(self, k: Any, q: Any) -> None:
        if isinstance(self.net, DotScore):
            agree(k, q, '"Dot" multiplies keys with queries, so their sizes')

    @dimension
    def weights(self, keys: tuple, heads: Any, queries: tuple) -> tuple:
        """The levels of AttentionWeights; under a mask keys and queries are of one length."""
        if self.Mask is not None:
            if len(keys) != 1 or len(queries) != 1:
                raise Refusal(f"Mask is for sequences: {self.key_port} and Query must have one level of positions each")
            agree(keys[0], queries[0], "Mask takes as many queries as keys, so the lengths")
        return (*keys, heads, *queries) if self.MultiHead else (*keys, *queries)

    @dimension("queries")
    def queries_of_a_mask(self, keys: tuple) -> Any:
        return None if self.Mask is None else keys

    @dimension("keys")
    def keys_of_a_mask(self, queries: tuple) -> Any:
        return None if self.Mask is None else queries

    # --- running ------------------------------------------------------------------------------------------------------

    def run(self, xp: Any, arrays: Mapping[tuple, Any], inputs: Mapping[str, Any], path: tuple) -> tuple[dict, dict]:
        """The scores of a product go through one kernel; those of another net, or asked for, are made one by one."""
        slots, words = self.ports(), xp.dims[path]
        Key, Value, Query = self.roles({name: as_reals(xp, value, slots[name]) for name, value in inputs.items()})
        key, value, query = (self.by_head(xp, each) for each in (Key, Value, Query))
        true = (true_places(xp, Key, words["keys"]), true_places(xp, Query, words["queries"]))
        pairs = (*query.shape[:3], key.shape[2])
        seen, drop = self.seen(xp, pairs, true[0]), self.drop(xp.at(path), pairs)
        scale = 1 / sqrt(query.shape[3]) if self.ScoreRescaling else 1.0
        if isinstance(self.net, ProductScore):
            query = self.net.projected(xp, query, arrays.get(self.net.key("Weights", (*path, "ScoringNet"))))
        if isinstance(self.net, ProductScore) and (path, "AttentionWeights") not in xp.asked:
            return {"Output": self.as_output(xp, xp.attend(query, key, value, scale, seen, drop), Query)}, {}
        scores, following = self.scores(xp, arrays, query, key, true, path)
        weights = xp.softmax(scores * scale if seen is None else xp.where(seen, scores * scale, HIDDEN), -1)
        weights = weights if drop is None else weights * drop
        outputs = {"Output": self.as_output(xp, xp.matmul(weights, value), Query)}
        if (path, "AttentionWeights") in xp.asked:
            outputs["AttentionWeights"] = self.as_port(xp, weights, Key, Query)
        return outputs, following

    def roles(self, given: dict[str, Any]) -> tuple[Any, Any, Any]:
        """Keys, values and queries."""
        return given["Key"], given["Value"], given["Query"]

    def by_head(self, xp: Any, x: Any) -> Any:
        """(batch, *positions, [heads], size) as (batch, heads, positions, size)."""
        heads = x.shape[-2] if self.MultiHead else 1
        return xp.swapaxes(xp.reshape(x, (x.shape[0], -1, heads, x.shape[-1])), 1, 2)

    def positions(self, x: Any) -> tuple:
        """The sizes of the levels of positions of a batch."""
        return x.shape[1:-2] if self.MultiHead else x.shape[1:-1]

    def as_output(self, xp: Any, mean: Any, Query: Any) -> Any:
        """(batch, heads, queries, size) as (batch, *queries, [heads], size)."""
        return xp.reshape(xp.swapaxes(mean, 1, 2), (*Query.shape[:-1], mean.shape[-1]))

    def as_port(self, xp: Any, weights: Any, Key: Any, Query: Any) -> Any:
        """(batch, heads, queries, keys) as (batch, *keys, [heads], *queries)."""
        heads = Query.shape[-2:-1] if self.MultiHead else ()
        shape = (Key.shape[0], *self.positions(Key), *heads, *self.positions(Query))
        return xp.reshape(xp.transpose(weights, (0, 3, 1, 2)), shape)

    def seen(self, xp: Any, pairs: tuple, true: Any) -> Any:
        """Which pairs count, to broadcast to (batch, heads, queries, keys): no padding, and what the mask leaves."""
        seen = None if true is None else true[:, None, None, :]
        if self.Mask is None:
            return seen
        back = xp.arange(pairs[2])[:, None] - xp.arange(pairs[3])[None]  # how far the key lies before the query
        causal = back >= 0
        if self.Mask != "Causal":
            causal = xp.logical_and(causal, back < self.Mask[1])
        return causal[None, None] if seen is None else xp.logical_and(causal[None, None], seen)

    def drop(self, xp: Any, pairs: tuple) -> Any:
        """What multiplies the weights in training: 0 with the probability Dropout, and else what keeps the mean."""
        if not xp.training or not self.Dropout:
            return None
        return xp.bernoulli(1 - self.Dropout, pairs) * (1 / (1 - self.Dropout))

    def scores(self, xp: Any, arrays: Any, query: Any, key: Any, true: tuple, path: tuple) -> tuple[Any, dict]:
        """(batch, heads, queries, keys), and the next values of the net's arrays; the net has a row for every pair."""
        if isinstance(self.net, ProductScore):
            return xp.matmul(query, xp.swapaxes(key, -1, -2)), {}
        pairs = (*query.shape[:3], key.shape[2])

        def rows(x: Any) -> Any:
            return xp.reshape(xp.broadcast_to(x, (*pairs, x.shape[-1])), (-1, x.shape[-1]))

        inside = xp.derive(real=real_pairs(xp, pairs, *true), count=prod(pairs))
        given = {"Input": rows(key[:, :, None]), "Query": rows(query[:, :, :, None])}
        outputs, following = self.net.run(inside, arrays, given, (*path, "ScoringNet"))
        return xp.reshape(outputs[self.score_port], pairs), following


def true_places(xp: Any, x: Any, positions: tuple) -> Any:
    """Which positions are no padding, (batch, positions), of an array whose first level varies; None where all are."""
    if not positions or isinstance(positions[0], int):
        return None
    levels = x.shape[: 1 + len(positions)]
    within = xp.reshape(xp.within(x, positions[0]), (*levels[:2], *(1,) * (len(positions) - 1)))
    return xp.reshape(xp.broadcast_to(within, levels), (levels[0], -1))


def real_pairs(xp: Any, pairs: tuple, keys: Any, queries: Any) -> Any:
    """Which rows of the scoring net are no padding; None where all are."""
    facts = [(keys, (-1, 1, 1, pairs[3])), (queries, (-1, 1, pairs[2], 1)), (xp.real, (-1, 1, 1, 1))]
    real = None
    for fact, shape in facts:
        if fact is not None:
            wide = xp.broadcast_to(xp.reshape(fact, shape), pairs)
            real = wide if real is None else xp.logical_and(real, wide)
    return None if real is None else xp.reshape(real, (-1,))


class AttentionLayer(Attention):
    """Output = Σ w · Value over the keys, with w = softmax of the scores f(key, query) / scale, for every query.

    The scoring net f is "Bilinear" (key · W · query, the default), "Dot" (key · query), or a net with the inputs Input
    (the key) and Query and a number as output. Keys, values and queries are vectors at the last level; keys and values
    have the same levels of positions before it, queries their own, or none: a single query. Under MultiHead the
    next-to-last level is the head, and heads do not mix; one scoring net serves all. Mask="Causal" lets query t see the
    keys up to t, ("Causal", n) the last n of them, t included. ScoreRescaling="DimensionSqrt" divides the scores by the
    root of the query's size. Dropout is of the weights, in training. NetPort("AttentionWeights") gives the weights, of
    the shape keys × [heads] × queries.

    >>> layer = AttentionLayer("Dot")
    >>> layer({"Key": [[1, 0], [0, 1]], "Value": [[10], [20]], "Query": [[0, 0], [50, 0]]}).tolist()
    [[15.0], [10.0]]
    """

    Dropout: Probability = 0.0
    Mask: Annotated[Any, BeforeValidator(_mask)] = None
    MultiHead: Flag = False
    ScoreRescaling: Annotated[Any, one_of(None, "DimensionSqrt")] = None

    Key = takes("*keys k")
    Value = takes("*keys v")
    Query = takes("*queries q")
    Output = gives("*queries v")
    AttentionWeights = aside("*weights")

    @cached_property
    def own_ports(self) -> dict[str, Slot]:
        """With MultiHead the next-to-last level of each port is the head."""
        if not self.MultiHead:
            return self.slots
        head = (False, "heads")
        several = {n: Slot(s.kind, (s.words[0], head, *s.words[1:]), s.of) for n, s in self.slots.items()}
        return several | {"AttentionWeights": self.slots["AttentionWeights"]}

    def ports(self) -> dict[str, Slot]:
        return self.own_ports


class SequenceAttentionLayer(Attention):
    """AttentionLayer whose keys are its values too: one Input in the place of Key and Value. Obsolete.

    >>> SequenceAttentionLayer("Dot")({"Input": [[4, 0], [0, 2]], "Query": [[0, 0]]}).tolist()
    [[2.0, 1.0]]
    """

    Dropout: ClassVar[float] = 0.0
    Mask: ClassVar[Any] = None
    MultiHead: ClassVar[bool] = False
    ScoreRescaling: ClassVar[Any] = None

    Input = takes("*keys k")
    Query = takes("*queries q")
    Output = gives("*queries k")
    AttentionWeights = aside("*weights")

    def roles(self, given: dict[str, Any]) -> tuple[Any, Any, Any]:
        return given["Input"], given["Input"], given["Query"]
