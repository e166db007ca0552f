"""AttentionLayer and SequenceAttentionLayer: the formula pair by pair, masks, heads, weights, nets inside, errors."""

import math

import numpy as np
import pytest

import wlnet.kernels.attend as kernel
from tests.examples import assert_close, example
from tests.lawful_attention import ADDITIVE
from wlnet import (
    AttentionLayer,
    Automatic,
    BatchNormalizationLayer,
    ElementwiseLayer,
    Information,
    LinearLayer,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetPort,
    NetTrain,
    SequenceAttentionLayer,
    TotalLayer,
)
from wlnet.backends import backend
from wlnet.layers.scoring import BilinearScore, DotScore, ProductScore
from wlnet.verbs.rates import resolved_rates

KEY, VALUE, QUERY = example(7, 3), example(7, 2, seed=1), example(5, 3, seed=2)
DATA = {"Key": KEY, "Value": VALUE, "Query": QUERY}


def refused(make):
    """The text of the error that `make` ends in."""
    with pytest.raises(NetError) as error:
        make()
    return str(error.value)


def attended(key, value, query, score=np.dot, sees=lambda t, s: True, scale=1.0):
    """The definition: for each query the mean of the values with the softmax of the scores; and the weights."""
    mean, weights = np.zeros((len(query), value.shape[1])), np.zeros((len(key), len(query)))
    for t, one in enumerate(query.astype(float)):
        for s, other in enumerate(key.astype(float)):
            weights[s, t] = math.exp(score(other, one) * scale) if sees(t, s) else 0
        weights[:, t] /= weights[:, t].sum()
        mean[t] = sum(weights[s, t] * value[s] for s in range(len(key)))
    return mean, weights


# --- the formula


def test_dot():
    assert_close(AttentionLayer("Dot")(DATA), attended(KEY, VALUE, QUERY)[0])


def test_bilinear():
    query = example(5, 11, seed=3)
    layer = NetInitialize(AttentionLayer(Key=(7, 3), Value=(7, 2), Query=(5, 11)))
    weights = NetExtract(layer, ("ScoringNet", "Weights"))
    assert weights.shape == (3, 11)
    expected = attended(KEY, VALUE, query, lambda k, q: k @ weights.astype(float) @ q)[0]
    assert_close(layer({**DATA, "Query": query}), expected)


def test_a_net_that_scores():
    layer = NetInitialize(AttentionLayer(ADDITIVE, Key=(7, 3), Value=(7, 2), Query=(5, 3)))
    part = lambda *path: NetExtract(layer, ("ScoringNet", *path)).astype(float)

    def score(k, q):
        inner = part("key", "Weights") @ k + part("key", "Biases") + part("query", "Weights") @ q
        return (part("score", "Weights") @ np.tanh(inner) + part("score", "Biases"))[0]

    assert_close(layer(DATA), attended(KEY, VALUE, QUERY, score)[0])


def test_one_query():
    assert_close(AttentionLayer("Dot", Query=3)({**DATA, "Query": QUERY[0]}), attended(KEY, VALUE, QUERY)[0][0])


def test_arrays_of_keys_share_one_softmax_and_arrays_of_queries_are_apart():
    key, value, query = example(2, 3, 5), example(2, 3, 7, seed=1), example(3, 2, 5, seed=2)
    expected, weights = attended(key.reshape(6, 5), value.reshape(6, 7), query.reshape(6, 5))
    layer = AttentionLayer("Dot", Key=(2, 3, 5), Value=(2, 3, 7), Query=(3, 2, 5))
    data = {"Key": key, "Value": value, "Query": query}
    assert_close(layer(data), expected.reshape(3, 2, 7))
    assert_close(layer(data, NetPort("AttentionWeights")), weights.reshape(2, 3, 3, 2))


def test_heads_are_apart():
    key, value, query = example(7, 2, 3), example(7, 2, 5, seed=1), example(11, 2, 3, seed=2)
    layer = AttentionLayer("Dot", MultiHead=True, Key=key.shape, Value=value.shape, Query=query.shape)
    data = {"Key": key, "Value": value, "Query": query}
    weights = layer(data, NetPort("AttentionWeights"))
    assert weights.shape == (7, 2, 11)
    for head in range(2):
        expected = attended(key[:, head], value[:, head], query[:, head])
        assert_close(layer(data)[:, head], expected[0])
        assert_close(weights[:, head], expected[1])
    assert layer({**data, "Query": query}).shape == (11, 2, 5)
    single = AttentionLayer("Dot", MultiHead=True, Key=key.shape, Value=value.shape, Query=(2, 3))
    assert_close(single({**data, "Query": query[4]}), layer(data)[4])


@pytest.mark.parametrize(
    ("mask", "sees"),
    [
        ("Causal", lambda t, s: s <= t),
        (("Causal", 2), lambda t, s: t - 2 < s <= t),
        ({"Causal": 1}, lambda t, s: s == t),
    ],
)
@pytest.mark.parametrize("net", ["Dot", DotScore(), ADDITIVE], ids=["Dot", "DotScore", "additive"])
def test_masks(mask, sees, net):
    key, value = example(5, 3), example(5, 2, seed=1)
    layer = NetInitialize(AttentionLayer(net, Mask=mask, Key=(5, 3), Value=(5, 2), Query=(5, 3)))
    data = {"Key": key, "Value": value, "Query": QUERY}
    open_layer = AttentionLayer(layer.net)
    scores = lambda k, q: float(open_layer.net({"Input": k, "Query": q}, WorkingPrecision="Real64"))
    expected, weights = attended(key, value, QUERY, scores, sees)
    assert_close(layer(data), expected, rtol=1e-4, atol=1e-5)
    assert_close(layer(data, NetPort("AttentionWeights")), weights, rtol=1e-4, atol=1e-5)


def test_rescaling_is_by_the_size_of_the_query_in_a_head():
    layer = AttentionLayer("Dot", ScoreRescaling="DimensionSqrt")
    assert_close(layer(DATA), attended(KEY, VALUE, QUERY, scale=3**-0.5)[0])
    query = example(5, 11, seed=3)
    bilinear = NetInitialize(AttentionLayer(ScoreRescaling="DimensionSqrt", Key=(7, 3), Value=(7, 2), Query=(5, 11)))
    weights = NetExtract(bilinear, ("ScoringNet", "Weights")).astype(float)
    expected = attended(KEY, VALUE, query, lambda k, q: k @ weights @ q, scale=11**-0.5)[0]
    assert_close(bilinear({**DATA, "Query": query}), expected)


def test_keys_and_queries_have_lengths_of_their_own():
    layer = AttentionLayer("Dot", Key=("n", 3), Value=("n", 2), Query=("m", 3))
    counts = [(5, 2), (3, 7), (2, 2)]
    keys, values = [example(n, 3) for n, _ in counts], [example(n, 2, seed=1) for n, _ in counts]
    queries = [example(m, 3, seed=2) for _, m in counts]
    data = {"Key": keys, "Value": values, "Query": queries}
    found, weights = layer(data), layer(data, NetPort("AttentionWeights"))
    for k, (n, m) in enumerate(counts):
        expected = attended(keys[k], values[k], queries[k])
        assert found[k].shape == (m, 2) and weights[k].shape == (n, m)
        assert_close(found[k], expected[0])
        assert_close(weights[k], expected[1])


def test_large_scores_do_not_overflow():
    far = {**DATA, "Key": KEY * 1e4}
    best = np.argmax(QUERY.astype(float) @ KEY.T.astype(float), 1)
    assert_close(AttentionLayer("Dot")(far), VALUE[best])


def test_sequence_attention_reads_keys_and_values_from_one_input():
    layer = SequenceAttentionLayer("Dot", Input=("Varying", 3), Query=(5, 3))
    assert_close(layer({"Input": KEY, "Query": QUERY}), attended(KEY, KEY, QUERY)[0])
    weights = layer({"Input": KEY, "Query": QUERY}, NetPort("AttentionWeights"))
    assert_close(weights, attended(KEY, KEY, QUERY)[1])
    bilinear = NetInitialize(SequenceAttentionLayer(Input=(7, 3), Query=11))
    assert NetExtract(bilinear, ("ScoringNet", "Weights")).shape == (3, 11)
    assert bilinear.shapes["Output"] == (3,)


# --- Dropout


def test_dropout_is_of_weights_in_training_alone():
    n = 997
    layer = AttentionLayer("Dot", Dropout=0.25)
    data = {"Key": np.zeros((n, 1)), "Value": np.ones((n, 1)), "Query": np.zeros((1, 1))}
    assert_close(layer(data), [[1.0]])
    weights = layer(data, NetPort("AttentionWeights"), NetEvaluationMode="Train", RandomSeeding=3) * n
    kept = weights[weights > 0]
    assert_close(kept, np.full(len(kept), 4 / 3))
    assert abs(len(kept) / n - 0.75) < 0.05
    total = layer(data, NetEvaluationMode="Train", RandomSeeding=3)
    assert_close(total, [[weights.sum() / n]], 1e-4)  # the kernel and the port drop the same
    assert not np.allclose(total, layer(data, NetEvaluationMode="Train", RandomSeeding=4))


# --- the weights as a port


def test_the_weights_exist_only_when_they_are_asked_for():
    layer = AttentionLayer("Dot", Key=(7, 3), Value=(7, 2), Query=(5, 3))
    assert Information(layer, "OutputPortNames") == ["Output"]
    assert_close(layer(DATA, NetPort("AttentionWeights")), attended(KEY, VALUE, QUERY)[1])
    graph = NetGraph({"a": layer, "b": "Tanh"}, [("a", "b")])
    assert Information(graph, "OutputPortNames") == ["Output"]
    assert_close(graph(DATA, NetPort("a", "AttentionWeights")), attended(KEY, VALUE, QUERY)[1])
    assert_close(graph(DATA, NetPort("a")), layer(DATA))


def test_an_edge_may_read_the_weights():
    graph = NetGraph(
        {"a": AttentionLayer("Dot", Key=(7, 3), Value=(7, 2), Query=(5, 3)), "b": ElementwiseLayer(lambda x: 2 * x)},
        [(NetPort("a", "AttentionWeights"), "b", NetPort("Weights"))],
    )
    result = graph(DATA)
    assert list(result) == ["Output", "Weights"]
    assert_close(result["Weights"], 2 * attended(KEY, VALUE, QUERY)[1])
    assert_close(result["Output"], attended(KEY, VALUE, QUERY)[0])
    outer = NetGraph({"g": graph}, [])
    assert_close(outer(DATA, NetPort("g", "a", "AttentionWeights")), attended(KEY, VALUE, QUERY)[1])


# --- the net inside


def test_the_scoring_net_is_a_part():
    layer = AttentionLayer(Key=(7, 3), Value=(7, 2), Query=(5, 11))
    assert isinstance(NetExtract(layer, "ScoringNet"), BilinearScore)
    assert NetExtract(layer, ("ScoringNet", "Weights")) is Automatic
    set_layer = NetInitialize(layer)
    assert Information(set_layer, "ArraysDimensions") == {("ScoringNet", "Weights"): (3, 11)}
    assert NetInitialize(set_layer, None) == layer
    assert NetInitialize(set_layer) is set_layer
    assert repr(layer) == "AttentionLayer(Key=(7, 3), Value=(7, 2), Query=(5, 11))"
    assert repr(AttentionLayer("Dot", Mask={"Causal": 3})) == 'AttentionLayer("Dot", Mask=("Causal", 3))'
    assert Information(layer, "TopologyHash") == Information(set_layer, "TopologyHash")
    assert Information(layer, "TopologyHash") != Information(AttentionLayer("Dot"), "TopologyHash")


def test_attention_counts_as_one_layer():
    net = NetGraph({"a": AttentionLayer(ADDITIVE, Key=(7, 3), Value=(7, 2), Query=(5, 3)), "b": "Tanh"}, [("a", "b")])
    assert [type(each).__name__ for each in Information(net, "LayersList")] == ["AttentionLayer", "ElementwiseLayer"]
    assert Information(net, "ArraysCount") == 5
    edges = Information(net, "LayersGraph").edges
    assert (("a",), ("b",)) in edges and (NetPort("Key"), ("a",)) in edges


def test_a_score_is_a_net_of_its_own():
    assert_close(DotScore()({"Input": [1, 2], "Query": [3, 5]}), 13)
    assert_close(BilinearScore(Weights=[[1, 0, 2], [0, 1, 0]])({"Input": [2, 3], "Query": [1, 5, 7]}), 2 * 15 + 3 * 5)
    assert repr(BilinearScore()) == '"Bilinear"'
    with pytest.raises(TypeError, match="ProductScore does not say"):
        ProductScore().projected(None, None, None)


def test_multipliers_reach_the_scoring_net():
    ports = {"Key": (7, 3), "Value": (7, 2), "Query": (5, 3)}
    frozen = AttentionLayer(LearningRateMultipliers=0, **ports)
    assert resolved_rates(frozen).of == {("ScoringNet", "Weights"): 0.0}
    net = NetGraph({"a": AttentionLayer(ADDITIVE, **ports)}, [])
    rates = resolved_rates(net, {("a", "ScoringNet", "key"): 3}).of
    assert rates["a", "ScoringNet", "key", "Weights"] == 3.0
    assert rates["a", "ScoringNet", "score", "Weights"] == 1.0


def test_training_learns_the_scoring_net():
    random = np.random.default_rng(5)
    key, query = random.normal(size=(211, 5, 2)), random.normal(size=(211, 2))
    value = random.normal(size=(211, 5, 1))
    exact = np.exp(np.einsum("bki,ij,bj->bk", key, [[0, 2], [-1, 0]], query))
    target = np.einsum("bk,bkv->bv", exact / exact.sum(1, keepdims=True), value)
    net = NetGraph({"a": AttentionLayer()}, [], Key=(5, 2), Value=(5, 1), Query=2)
    data = {"Key": key, "Value": value, "Query": query, "Output": target}
    trained = NetTrain(net, data, MaxTrainingRounds=150, Method=("ADAM", {"LearningRate": 0.02}), RandomSeeding=1)
    assert_close(NetExtract(trained, ("a", "ScoringNet", "Weights")), [[0, 2], [-1, 0]], atol=0.05)


def test_padded_pairs_do_not_enter_the_statistics_of_a_scoring_net():
    score = NetGraph(
        {"k": 2, "q": 2, "sum": TotalLayer(), "norm": BatchNormalizationLayer(), "s": LinearLayer(())},
        [(NetPort("Input"), "k"), (NetPort("Query"), "q"), (("k", "q"), "sum", "norm", "s")],
    )
    layer = NetInitialize(AttentionLayer(score, Key=("n", 3), Value=("n", 2), Query=("m", 3)))
    keys, queries = [example(5, 3), example(2, 3)], [example(3, 3, seed=1), example(7, 3, seed=1)]
    part = lambda *path: NetExtract(layer, ("ScoringNet", *path)).astype(float)
    rows = [
        part("k", "Weights") @ k + part("q", "Weights") @ q
        for one, other in zip(keys, queries, strict=True) for k in one for q in other
    ]  # fmt: skip
    rows = np.array(rows)
    deviation = (rows.var(0) + 0.001) ** 0.5

    def scored(k, q):
        unit = (part("k", "Weights") @ k + part("q", "Weights") @ q - rows.mean(0)) / deviation
        return (part("s", "Weights") @ unit)[0]

    values = [example(5, 2, seed=2), example(2, 2, seed=2)]
    data = {"Key": keys, "Value": values, "Query": queries}
    found = layer(data, NetEvaluationMode="Train")
    for k in range(2):
        assert_close(found[k], attended(keys[k], values[k], queries[k], scored)[0], 1e-4, 1e-5)


# --- the kernel


def halves(shape, seed):
    return example(*shape, seed=seed).astype(float)


@pytest.mark.parametrize("blocks", ["one", "examples", "heads"])
@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize("masked", ["nothing", "keys", "pairs"])
def test_the_kernel_has_its_gradients(monkeypatch, blocks, is_kept, masked):
    monkeypatch.setattr(kernel, "KEPT", 10**6 if is_kept else 0)
    monkeypatch.setattr(kernel, "VALUES", {"one": 10**6, "examples": 400, "heads": 80}[blocks])
    if blocks != "one":
        monkeypatch.setattr(kernel, "cut", lambda count, work: [slice(k, k + 1) for k in range(count)])
    query, key, value = halves((2, 3, 5, 2), 1), halves((2, 3, 7, 2), 2), halves((2, 3, 7, 11), 3)
    seen = {"nothing": None, "keys": np.arange(7)[None, None, None] < np.array([5, 7])[:, None, None, None],
            "pairs": np.tril(np.ones((5, 7), bool))[None, None]}[masked]  # fmt: skip
    drop = None if masked == "keys" else example(2, 3, 5, 7, seed=4).astype(float)
    g = halves((2, 3, 5, 11), 5)
    given = [query, key, value]
    y, kept = kernel.attend.forward(*given, 0.7, seen, drop)
    found = kernel.attend.backward(g, (0, 1, 2), y, kept, *given, 0.7, seen, drop)
    for number in range(3):
        direction = halves(given[number].shape, 7)
        ends = []
        for step in (1e-6, -1e-6):
            moved = [each + step * direction if k == number else each for k, each in enumerate(given)]
            ends.append(np.sum(g * kernel.attend.forward(*moved, 0.7, seen, drop)[0]))
        assert np.sum(found[number] * direction) == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6, abs=1e-7)
        (alone,) = kernel.attend.backward(g, (number,), y, kept, *given, 0.7, seen, drop)
        assert_close(alone, found[number], 1e-12, 1e-12)


def test_blocks_give_what_the_whole_gives():
    query, key, value = example(2, 3, 307, 5), example(2, 3, 401, 5, seed=1), example(2, 3, 401, 2, seed=2)
    assert len(kernel.blocks_of(2, 3, 307 * 401)) > 1
    y, kept = kernel.attend.forward(query, key, value, 0.5)
    p = np.exp(np.einsum("bhqd,bhkd->bhqk", query.astype(float), key) * 0.5)
    assert_close(y, ((p / p.sum(-1, keepdims=True)) @ value).astype(np.float32), 1e-4, 1e-5)
    assert y.dtype == np.float32 and kept.dtype == np.float32


@pytest.mark.parametrize("engine", ["NumPy", "JAX"])
def test_a_query_that_sees_nothing_is_the_mean_and_tells_no_key(engine):
    if engine == "JAX":
        pytest.importorskip("jax")
    engine = backend(engine)
    leaves = {"q": example(1, 1, 2, 3), "k": example(1, 1, 5, 3, seed=1), "v": example(1, 1, 5, 2, seed=2)}
    seen = engine.array(np.array([[True] * 5, [False] * 5])[None, None])

    def total(leaf):
        y = engine.context().attend(leaf["q"], leaf["k"], leaf["v"], 1.0, seen)
        return y[0, 0, 1].sum(), {"y": y}

    computed = engine.compile(lambda given: engine.value_and_gradient(total, given)[1:])
    aux, gradients = computed({k: engine.array(v) for k, v in leaves.items()})
    assert_close(engine.numpy(aux)["y"][0, 0, 1], leaves["v"][0, 0].mean(0))
    assert not engine.numpy(gradients["q"]).any() and not engine.numpy(gradients["k"]).any()
    assert_close(engine.numpy(gradients["v"]), np.full((1, 1, 5, 2), 0.2, np.float32))


# --- errors

NET_SAID = 'must be "Dot", "Bilinear" or a net with the inputs Input and Query and one output, got'
MASK_SAID = 'AttentionLayer: Mask must be None, "Causal", or ("Causal", n) with a positive whole number n, got'
SIZES = {"Key": (7, 3), "Value": (7, 2), "Query": (5, 3)}
VECTORS = NetGraph(
    {"a": LinearLayer(3), "q": LinearLayer(3), "b": TotalLayer()},
    [(NetPort("Input"), "a"), (NetPort("Query"), "q"), (("a", "q"), "b")],
)


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (["Cosine"], {}, f'AttentionLayer: net {NET_SAID} "Cosine"'),
        ([3], {}, f"AttentionLayer: net {NET_SAID} 3"),
        ([LinearLayer(3)], {}, "AttentionLayer: net must have the inputs Input and Query and one output, but has the "
                               "ports Input -> Output, got LinearLayer(3)"),
        ([VECTORS], SIZES, "net/ScoringNet/b: TotalLayer gives Output of shape 3, but AttentionLayer takes scalar "
                           "(Input1 is 3 from net/ScoringNet/a; Input2 is 3 from net/ScoringNet/q)"),
        (["Dot"], {**SIZES, "Query": (5, 2)},
         'AttentionLayer: "Dot" multiplies keys with queries, so their sizes 3 and 2 must be equal (Key is 7×3, as '
         "given; Value is 7×2, as given; Query is 5×2, as given)"),
        (["Dot"], {**SIZES, "Value": (5, 2)},
         "AttentionLayer takes Value of shape 7×?, but Value is given as 5×2 (Key is 7×3, as given; Query is 5×3, as "
         "given)"),
        (["Dot"], {"Query": "Real"}, "AttentionLayer takes Query of shape …×?, but Query is given as scalar"),
        (["Dot"], {"Key": 3},
         "AttentionLayer: Key must have a level of positions before the last level, which is the vector (Key is 3, as "
         "given; Value is ?)"),
        (["Dot"], {"MultiHead": True, "Key": (2, 3)},
         "AttentionLayer: Key must have a level of positions and one of heads before the last level, which is the "
         "vector (Key is 2×3, as given; Value is 2×?)"),
        (["Dot"], {"MultiHead": True, "Key": (7, 2, 3), "Query": (5, 3, 3)},
         "AttentionLayer takes Query of shape …×2×?, but Query is given as 5×3×3 (Key is 7×2×3, as given; "
         "Value is 7×2×?)"),
        (["Dot"], {"MultiHead": 1}, "AttentionLayer: MultiHead must be True or False, got 1"),
        (["Dot"], {"Mask": "Full"}, f'{MASK_SAID} "Full"'),
        (["Dot"], {"Mask": ("Causal", 0)}, f'{MASK_SAID} ("Causal", 0)'),
        (["Dot"], {"Mask": {"Causal": 1.5}}, f'{MASK_SAID} {{"Causal": 1.5}}'),
        (["Dot"], {"Mask": "Causal", **SIZES},
         "AttentionLayer: Mask takes as many queries as keys, so the lengths 7 and 5 must be equal (Key is 7×3, as "
         "given; Value is 7×2, as given; Query is 5×3, as given)"),
        (["Dot"], {"Mask": "Causal", "Key": ("n", 3), "Value": ("n", 2), "Query": (7, 3)},
         "AttentionLayer: Mask takes as many queries as keys, so the lengths n and 7 must be equal (Key is n×3, as "
         "given; Value is n×2, as given; Query is 7×3, as given)"),
        (["Dot"], {"Mask": "Causal", "Key": (7, 2, 3), "Query": (7, 2, 3)},
         "AttentionLayer: Mask is for sequences: Key and Query must have one level of positions each (Key is 7×2×3, as "
         "given; Value is 7×2×?; Query is 7×2×3, as given)"),
        (["Dot"], {"Dropout": 1},
         "AttentionLayer: Dropout must be a probability from 0 up to, not including, 1, got 1"),
        (["Dot"], {"ScoreRescaling": "Sqrt"},
         'AttentionLayer: ScoreRescaling must be one of None, DimensionSqrt, got "Sqrt"'),
        (["Dot"], {"AttentionWeights": (7, 5)},
         "AttentionLayer: the shape of AttentionWeights follows from the layer\n  hint: leave AttentionWeights out"),
        (["Dot"], {"Weights": [[1]]},
         "AttentionLayer: Weights is not an option\n  hint: there are LearningRateMultipliers, Dropout, Mask, "
         "MultiHead, ScoreRescaling, Key, Value, Query, Output, net"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_construction(arguments, options, said):
    assert refused(lambda: AttentionLayer(*arguments, **options)) == said


def test_sequence_attention_refuses_in_its_own_words():
    assert refused(lambda: SequenceAttentionLayer("Dot", Mask="Causal")) == (
        "SequenceAttentionLayer: Mask is not an option\n"
        "  hint: there are LearningRateMultipliers, Input, Query, Output, net"
    )
    assert refused(lambda: SequenceAttentionLayer("Dot", Input=3)) == (
        "SequenceAttentionLayer: Input must have a level of positions before the last level, which is the vector "
        "(Input is 3, as given)"
    )


def test_what_is_not_known_or_not_set_is_said():
    assert refused(lambda: NetInitialize(AttentionLayer())) == (
        "net/ScoringNet: BilinearScore: the shape of Weights is not known (?×?), because the shape of Input is ?\n"
        "  hint: say it, as in Input=(3, 8), on the layer or on the net"
    )
    assert refused(lambda: AttentionLayer()({"Key": KEY, "Value": VALUE, "Query": QUERY})) == (
        "net/ScoringNet: BilinearScore has no values for Weights\n  hint: NetInitialize(net) gives it initial values"
    )


def test_lengths_must_go_together():
    layer = AttentionLayer("Dot", Key=("n", 3), Value=("m", 2), Query=3)
    ones = lambda *shape: np.ones(shape)
    data = {"Key": [ones(3, 3), ones(2, 3)], "Value": [ones(2, 2), ones(2, 2)], "Query": ones(2, 3)}
    assert refused(lambda: layer(data)) == (
        "Value must have lengths [3, 2] to go with Key, but has [2, 2]\n  hint: give sequences whose lengths agree"
    )


def test_ports_that_are_not_there_are_refused():
    layer = AttentionLayer("Dot")
    assert refused(lambda: layer(DATA, NetPort("Weights"))) == (
        'AttentionLayer has no output "Weights"\n  hint: did you mean AttentionWeights?'
    )
    varying = AttentionLayer("Dot", Key=("n", 3), Value=("n", 2), Query=("m", 3))
    edges = [(NetPort("a", "AttentionWeights"), "b")]
    assert refused(lambda: NetGraph({"a": varying, "b": "Tanh"}, edges)) == (
        "net/b: ElementwiseLayer would take Input of shape n×m, but only the first level of a port may vary\n"
        "  hint: give that level a fixed size, or keep the varying level first"
    )
