"""Attention, embeddings and unit vectors beside onnxruntime: MatMul and Softmax, Gather, OneHot, MultiHeadAttention."""

import numpy as np
import pytest

from tests.examples import example
from wlnet import AttentionLayer, EmbeddingLayer, NetInitialize, NetPort, SequenceAttentionLayer, UnitVectorLayer
from wlnet.layers.scoring import BilinearScore

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

SETTINGS = 20
every = pytest.mark.parametrize("number", range(SETTINGS))


def computed(nodes, inputs, result):
    """What onnxruntime gives for a graph of (operator, inputs, output, attributes, domain)."""
    helper, types = onnx.helper, onnx.TensorProto
    kinds = {"f": types.FLOAT, "i": types.INT64}
    made = [helper.make_node(name, i, [o], domain=domain, **rest) for name, i, o, rest, domain in nodes]
    given = [helper.make_tensor_value_info(n, kinds[x.dtype.kind], x.shape) for n, x in inputs.items()]
    graph = helper.make_graph(made, "one", given, [helper.make_tensor_value_info(result, types.FLOAT, None)])
    sets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=sets, ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def drawn(number):
    """Random sizes: keys, queries, the key's size, the value's, the query's, heads, a window of the mask."""
    random = np.random.default_rng(number)
    return [int(random.integers(1, high)) for high in (13, 11, 7, 9, 8, 5, 6)]


def composed(key, value, query, scale, hidden, result="y"):
    """softmax(query · keyᵀ · scale + hidden) · value by MatMul and Softmax; heads before positions."""
    inputs = {"k": key, "v": value, "q": query, "scale": np.array(scale, np.float32), "hidden": hidden}
    nodes = [
        ("Transpose", ["k"], "kt", {"perm": [0, 1, 3, 2]}, ""),
        ("MatMul", ["q", "kt"], "products", {}, ""),
        ("Mul", ["products", "scale"], "scaled", {}, ""),
        ("Add", ["scaled", "hidden"], "scores", {}, ""),
        ("Softmax", ["scores"], "weights", {"axis": -1}, ""),
        ("MatMul", ["weights", "v"], "y", {}, ""),
    ]
    return computed(nodes if result == "y" else nodes[:-1], inputs, result)


def heads_last(x):
    """(batch, heads, positions, size) as (batch, positions, heads, size)."""
    return np.swapaxes(x, 1, 2)


@every
def test_heads_masks_and_scales_are_onnxruntimes(number):
    keys, queries, k, v, _, heads, window = drawn(number)
    mask = (None, "Causal", ("Causal", window))[number % 3]
    queries = queries if mask is None else keys
    key, value, query = example(3, heads, keys, k), example(3, heads, keys, v, seed=1), example(3, heads, queries, k)
    back = np.arange(queries)[:, None] - np.arange(keys)
    reach = keys + queries if mask is None else window if mask != "Causal" else keys
    hides = np.zeros_like(back, bool) if mask is None else (back < 0) | (back >= reach)
    rescaled = number % 2 == 1
    hidden = np.where(hides, -1e30, 0).astype(np.float32)
    layer = AttentionLayer(
        "Dot", MultiHead=True, Mask=mask, ScoreRescaling="DimensionSqrt" if rescaled else None,
        Key=(keys, heads, k), Value=(keys, heads, v), Query=(queries, heads, k),
    )  # fmt: skip
    data = {"Key": heads_last(key), "Value": heads_last(value), "Query": heads_last(query)}
    scale = k**-0.5 if rescaled else 1
    expected = composed(key, value, query, scale, hidden)
    np.testing.assert_allclose(layer(data), heads_last(expected), rtol=1e-4, atol=1e-5)
    weights = composed(key, value, query, scale, hidden, "weights")
    found = layer(data, NetPort("AttentionWeights"))
    np.testing.assert_allclose(found, np.transpose(weights, (0, 3, 1, 2)), rtol=1e-4, atol=1e-5)


@every
def test_a_bilinear_score_is_onnxruntimes(number):
    keys, queries, k, v, q, _, _ = drawn(number + 100)
    key, value, query = example(3, keys, k), example(3, keys, v, seed=1), example(3, queries, q, seed=2)
    weights = example(k, q, seed=3)
    nodes = [
        ("Transpose", ["w"], "wt", {"perm": [1, 0]}, ""),
        ("MatMul", ["q", "wt"], "projected", {}, ""),
        ("Transpose", ["k"], "kt", {"perm": [0, 2, 1]}, ""),
        ("MatMul", ["projected", "kt"], "scores", {}, ""),
        ("Softmax", ["scores"], "p", {"axis": -1}, ""),
        ("MatMul", ["p", "v"], "y", {}, ""),
    ]
    expected = computed(nodes, {"k": key, "v": value, "q": query, "w": weights}, "y")
    layer = AttentionLayer(BilinearScore(Weights=weights))
    assert_same = lambda got, wanted: np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)
    ports = {"Key": (keys, k), "Value": (keys, v), "Query": (queries, q)}
    assert_same(layer.changed(**ports)({"Key": key, "Value": value, "Query": query}), expected)
    own = computed(nodes, {"k": key, "v": key, "q": query, "w": weights}, "y")
    single = SequenceAttentionLayer(BilinearScore(Weights=weights), Input=(keys, k), Query=(queries, q))
    assert_same(single({"Input": key, "Query": query}), own)


@every
def test_scaled_products_of_several_heads_are_its_multi_head_attention(number):
    keys, queries, k, _, _, heads, _ = drawn(number + 200)
    k += k % 2  # which wants heads of an even size
    key, value, query = (example(3, n, heads * k, seed=s) for s, n in enumerate((keys, keys, queries)))
    node = ("MultiHeadAttention", ["q", "k", "v"], "y", {"num_heads": heads}, "com.microsoft")
    expected = computed([node], {"q": query, "k": key, "v": value}, "y")
    apart = lambda x: x.reshape(*x.shape[:2], heads, k)
    layer = AttentionLayer(
        "Dot", MultiHead=True, ScoreRescaling="DimensionSqrt",
        Key=(keys, heads, k), Value=(keys, heads, k), Query=(queries, heads, k),
    )  # fmt: skip
    found = layer({"Key": apart(key), "Value": apart(value), "Query": apart(query)})
    np.testing.assert_allclose(found, apart(expected), rtol=1e-4, atol=1e-5)


@every
def test_embeddings_are_its_gather(number):
    random = np.random.default_rng(number)
    n, size = (int(each) for each in random.integers(1, 50, 2))
    shape = tuple(int(each) for each in random.integers(1, 6, number % 4))
    numbers = random.integers(1, n + 1, (3, *shape))
    layer = NetInitialize(
        EmbeddingLayer(size, n, Input=(*shape, "Integer") if shape else "Integer"), RandomSeeding=number
    )
    expected = computed([("Gather", ["w", "i"], "y", {"axis": 0}, "")], {"w": layer.Weights, "i": numbers - 1}, "y")
    np.testing.assert_array_equal(layer(numbers), expected)


@every
def test_unit_vectors_are_its_one_hot(number):
    random = np.random.default_rng(number + 300)
    n, shape = int(random.integers(1, 50)), tuple(int(each) for each in random.integers(1, 6, number % 4))
    numbers = random.integers(1, n + 1, (3, *shape))
    inputs = {"i": numbers - 1, "depth": np.array(n), "values": np.array([0, 1], np.float32)}
    expected = computed([("OneHot", ["i", "depth", "values"], "y", {"axis": -1}, "")], inputs, "y")
    layer = UnitVectorLayer(n, Input=(*shape, "Integer") if shape else "Integer")
    np.testing.assert_array_equal(layer(numbers), expected)
