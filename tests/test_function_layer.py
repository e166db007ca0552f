"""FunctionLayer: a Python function of arrays is the net that it is, and gives what NumPy gives."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wlnet
from tests.examples import assert_close, example
from tests.numpy_functions import CASES
from tests.slopes import slopes
from wlnet import (
    All,
    Automatic,
    ElementwiseLayer,
    FunctionLayer,
    Information,
    LinearLayer,
    NetArray,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetExtract,
    NetFlatten,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetPort,
    NetPortGradient,
    NetReplacePart,
    NetTrain,
    Options,
    Ramp,
    SoftmaxLayer,
    Tanh,
    ThreadingLayer,
)

NAMES = {**vars(wlnet)}
JAX = ("CPU", "JAX")


def positive(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0.3, 2.0, shape).astype(np.float32)


# --- it acts as f ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", CASES)
def test_function_layer_acts_as_f(what):
    function, shape = CASES[what]
    x = positive(*shape)
    layer = FunctionLayer(function, Input=shape)
    expected = np.asarray(function(x))
    assert layer.plan.shape((), "Output") == expected.shape
    assert layer(x).dtype == np.float32
    assert_close(layer(x), expected, rtol=2e-4, atol=2e-5)
    assert_close(layer([x, 0.9 * x])[1], np.asarray(function(0.9 * x)), rtol=2e-4, atol=2e-5)
    assert eval(repr(layer), NAMES) == layer


@pytest.mark.parametrize("what", CASES)
def test_what_is_known_of_the_shape_only_adds(what):
    """With an open Input the layer is the same function, or says that it wants the sizes."""
    function, shape = CASES[what]
    x = positive(*shape)
    try:
        layer = FunctionLayer(function, Input=(Automatic,) * len(shape))
    except wlnet.NetError as refused:
        assert "not known yet" in str(refused) or "not all known yet" in str(refused)
        return
    if what == "a slice beyond the end":  # whose ends must be there, where the size is open
        with pytest.raises(wlnet.NetError, match="there is no place 100"):
            layer(x)
        return
    assert_close(layer(x), np.asarray(function(x)), rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("what", ["@ of stacks of 1", "np.sort", "np.cumsum", "np.linalg.det", "np.log1p and np.expm1"])
def test_function_layer_acts_as_f_on_jax(what):
    function, shape = CASES[what]
    x = positive(*shape)
    assert_close(FunctionLayer(function, Input=shape)(x, TargetDevice=JAX), function(x), rtol=2e-4, atol=2e-5)


def axis(draw, rank):
    return draw(st.integers(-rank, rank - 1))


def index_of(draw, x):
    part = st.one_of(
        st.integers(-1, 0), st.none(), st.just(slice(None, None, -1)), st.just(slice(None)), st.just(slice(-1, None))
    )
    found = draw(st.lists(part, min_size=1, max_size=4))
    return tuple(each for k, each in enumerate(found) if sum(e is not None for e in found[: k + 1]) <= x.ndim)


def reduction(name):
    def make(draw, x):
        k, keep = axis(draw, x.ndim), draw(st.booleans())
        return lambda y: getattr(y, name)(axis=k, keepdims=keep)

    return make


def permuted(draw, x):
    order = draw(st.permutations(range(x.ndim)))
    return lambda y: y.transpose(order)


def joined(draw, x):
    k = axis(draw, x.ndim)
    return lambda y: np.concatenate([y, y * 2], axis=k)


def stacked(draw, x):
    k = draw(st.integers(-x.ndim - 1, x.ndim))
    return lambda y: np.stack([y, 1 - y], axis=k)


def indexed(draw, x):
    index = index_of(draw, x)
    return lambda y: y[index]


def flipped(draw, x):
    k = axis(draw, x.ndim)
    return lambda y: np.flip(y, k) + np.cumsum(y, k)


STEPS = {
    **{name: reduction(name) for name in ("sum", "mean", "max", "min", "std")},
    "transpose": permuted,
    "concatenate": joined,
    "stack": stacked,
    "index": indexed,
    "flip": flipped,
    "gram": lambda draw, x: (lambda y: y @ np.swapaxes(y, -1, -2)) if x.ndim > 1 else (lambda y: y @ y),
    "scaled": lambda draw, x: lambda y: np.tanh(y) * 0.5 + y / (1 + np.abs(y)),
    "centred": lambda draw, x: lambda y: y - y.mean(0),
    "row": lambda draw, x: lambda y: y + y[-1],
    "ravel": lambda draw, x: lambda y: y.reshape(-1, 1),
}


@given(st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_random_expressions_of_numpy_functions_are_numpy_itself(data):
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    x = np.random.default_rng(len(shape)).uniform(-1, 1, shape)
    steps, value = [], x
    for name in data.draw(st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=6)):
        if value.ndim and value.size < 500:
            steps.append(STEPS[name](data.draw, value))
            value = np.asarray(steps[-1](value))

    def program(y):
        for step in steps:
            y = step(y)
        return y

    layer = FunctionLayer(lambda y: program(y) * 1, Input=shape)
    assert layer.plan.shape((), "Output") == value.shape
    assert_close(layer(x, WorkingPrecision="Real64"), value, rtol=1e-6, atol=1e-6)


# --- ports, options, constants, NetArray ------------------------------------------------------------------------------------


def test_function_layer_one_argument_is_port_input_and_result_output():
    layer = FunctionLayer(lambda x: x + 1)
    assert list(layer.ports()) == ["Input", "Output"]
    assert layer([1, 2]).tolist() == [2, 3]


def test_function_layer_several_arguments_are_ports_of_their_names():
    layer = FunctionLayer(lambda Foo, Bar: Foo + 10 * Bar)
    assert layer({"Bar": [1, 2], "Foo": [3, 4]}).tolist() == [13, 24]


def test_function_layer_result_association_gives_several_output_ports():
    layer = FunctionLayer(lambda x: {"A": x + 1, "B": x.sum(), "C": x, "D": x + 1})
    found = layer([1, 2])
    assert {port: value.tolist() for port, value in found.items()} == {"A": [2, 3], "B": 3, "C": [1, 2], "D": [2, 3]}


def test_function_layer_a_tuple_gives_numbered_outputs():
    found = FunctionLayer(lambda x: (x + 1, x * 2))([1, 2])
    assert {port: value.tolist() for port, value in found.items()} == {"Output1": [2, 3], "Output2": [2, 4]}
    assert FunctionLayer(lambda x: [x + 1])([1, 2]).tolist() == [2, 3]


def test_function_layer_constants_as_results():
    found = FunctionLayer(lambda x: {"A": x, "B": np.array([1.0, 7.0]), "C": 3})([5])
    assert found["B"].tolist() == [1, 7] and found["C"] == 3


def test_function_layer_port_shape_options():
    layer = FunctionLayer(lambda x: x.reshape(3, -1), Input=(2, 6), Output=(3, 4))
    assert layer.shapes == {"Input": (2, 6), "Output": (3, 4)}
    layer = FunctionLayer(lambda a, b: {"Sum": a + b}, a=(2, 3), b=3, Sum=(2, 3))
    assert layer.shapes == {"a": (2, 3), "b": (3,), "Sum": (2, 3)}
    assert list(Options(FunctionLayer)) == ["LearningRateMultipliers", "Input", "Output"]


def test_function_layer_shapes_are_inferred_both_ways():
    W = NetArray("W")
    assert FunctionLayer(lambda x: np.tanh(x) @ W, Input=(5, 3), Output=(5, 2)).plan.shape(("Net", "W"), "Array") == (
        3,
        2,
    )
    assert NetChain([FunctionLayer(lambda x: np.tanh(x).T, Output=(3, 5))]).shapes["Input"] == (5, 3)
    assert NetChain([4, FunctionLayer(lambda x: x[1:] - x[:-1]), 3], Input=2)[3].shapes["Output"] == (3,)


SHIFT = np.array([1.0, 2.0])


def test_function_layer_defaults_are_constants():
    assert FunctionLayer(lambda x, scale=3, shift=SHIFT: x * scale + shift)([1, 1]).tolist() == [4, 5]


def test_function_layer_parameters_by_name_only():
    def function(a, *, b):
        return a - b

    assert FunctionLayer(function)({"a": [5], "b": [3]}).tolist() == [2]


def test_function_layer_of_names_heads_and_numpy_functions():
    x = example(5)
    assert_close(FunctionLayer(np.tanh)(x), np.tanh(x))
    assert FunctionLayer("Tanh") == FunctionLayer(Tanh) == FunctionLayer(np.tanh)
    assert_close(
        FunctionLayer(np.matmul, x1=(2, 5), x2=(5, 3))({"x1": np.ones((2, 5)), "x2": np.ones((5, 3))}),
        np.full((2, 3), 5),
    )
    assert FunctionLayer(wlnet.Subtract)({"x1": [3], "x2": [1]}).tolist() == [2]


def test_function_layer_of_a_net_holds_that_net():
    chain = NetChain([3, "Tanh"], Input=2)
    assert FunctionLayer(chain) == FunctionLayer(NetGraph(chain))


def test_net_array_inside_makes_a_learnable_parameter():
    with pytest.raises(wlnet.NetError):
        FunctionLayer(lambda x: x @ NetArray("W"), Input=3)([1, 2, 3])
    layer = FunctionLayer(lambda x: x @ NetArray("W", Dimensions=(3, 2)) + NetArray("b", Dimensions=2), Input=3)
    net = NetInitialize(layer)
    x, y = example(17, 3), example(17, 3, seed=1) @ np.array([[1.0, 2], [3, 4], [5, 6]])
    start = NetExtract(net, NetArray("W"))
    trained = NetTrain(net, (x, y), MaxTrainingRounds=5, TrainingProgressReporting=None)
    assert np.abs(NetExtract(trained, NetArray("W")) - start).min() > 0
    assert_close(net(x[0]), x[0] @ start + NetExtract(net, NetArray("b")), atol=1e-6)


def test_net_array_is_one_vertex_however_often_it_is_read():
    layer = FunctionLayer(lambda x: x * NetArray("w") + NetArray("w") - NetArray("w").sum() + NetArray("w")[0], Input=3)
    assert sum(type(each).__name__ == "NetArrayLayer" for each in layer.net.layers.values()) == 1
    w = np.array([1.0, 2, 4])
    found = FunctionLayer(lambda x: x * (v := NetArray("w", Array=w)) + v - v.sum() + v[0] + w @ v, Input=3)
    assert_close(found([1, 1, 1]), w + w - 7 + 1 + 21)


@pytest.mark.parametrize("rule", [Automatic, {"_": 1}])
@pytest.mark.parametrize("device", ["CPU", JAX])
def test_arrays_of_numbers_are_not_trained(rule, device):
    net = NetGraph(lambda x: LinearLayer(2)(x * np.array([1.0, 2, 4])), Input=3)
    trained = NetTrain(
        net, [(np.ones(3), np.ones(2))] * 4, MaxTrainingRounds=3, LearningRateMultipliers=rule, TargetDevice=device,
        TrainingProgressReporting=None,
    )  # fmt: skip
    assert NetExtract(trained, ("constant", "Array")).tolist() == [1, 2, 4]
    assert (NetExtract(trained, ("linear", "Weights")) != NetExtract(NetInitialize(net), ("linear", "Weights"))).any()


def test_arrays_of_numbers_stay_and_print():
    net = NetGraph(lambda x: LinearLayer(2)(x * np.array([0.1, 2, 4])), Input=3)
    assert NetExtract(NetInitialize(net, All), ("constant", "Array")).tolist() == np.float32([0.1, 2, 4]).tolist()
    assert NetInitialize(NetInitialize(net), None) == net
    assert repr(net["constant"]) == "NetArrayLayer(LearningRateMultipliers=None, Array=[0.1, 2.0, 4.0])"
    assert (
        repr(NetGraph(lambda x: x * np.ones(65))["constant"])
        == "NetArrayLayer(LearningRateMultipliers=None, Array=Array(65))"
    )
    assert len(NetGraph(lambda x: x * np.eye(3) + np.eye(3)).layers) == 2


# --- it is a net ------------------------------------------------------------------------------------------------------------


def test_function_layer_is_converted_to_a_graph():
    layer = FunctionLayer(lambda x: np.tanh(x).sum(), Input=3)
    graph = NetGraph(layer)
    assert graph == NetGraph({"tanh": Tanh, "summation": wlnet.SummationLayer()}, [("tanh", "summation")], Input=3)
    assert graph([1, 2, 3]) == layer([1, 2, 3])


def test_net_extract_reaches_inside():
    layer = NetInitialize(FunctionLayer(lambda x: LinearLayer(2)(np.tanh(x)), Input=3))
    assert NetExtract(layer, ("Net", "linear", "Weights")).shape == (2, 3)
    assert NetExtract(layer, ("Net", "tanh")) == ElementwiseLayer("Tanh")


def test_the_original_function_can_be_extracted_too():
    function = CASES["np.sum"][0]
    layer = FunctionLayer(function)
    assert NetExtract(layer, "Function") is function
    assert NetExtract(NetInitialize(layer), "Function") is function
    assert NetExtract(pickle.loads(pickle.dumps(layer)), "Function") is None  # a lambda has no name to import it by
    kept = pickle.loads(pickle.dumps(FunctionLayer(squared)))
    assert NetExtract(kept, "Function") is squared


def squared(x):
    return x**2


def test_function_layer_holds_and_prints_the_traced_net():
    assert repr(FunctionLayer(lambda x: np.tanh(x).sum(), Input=3)) == (
        'FunctionLayer(NetGraph({"tanh": ElementwiseLayer("Tanh"), "summation": SummationLayer()}, '
        '[("tanh", "summation")]), Input=3)'
    )


def test_function_layer_is_a_value():
    made = [FunctionLayer(lambda x: np.tanh(x) * 2, Input=3) for _ in range(2)]
    assert made[0] == made[1] and hash(made[0]) == hash(made[1])
    assert pickle.loads(pickle.dumps(made[0])) == made[0]
    assert made[0] != FunctionLayer(lambda x: np.tanh(x) * 3, Input=3)


def test_function_layer_in_nets():
    layer = FunctionLayer(lambda x: x - x.mean(), Input=3)
    chain = NetInitialize(NetChain([layer, 2]))
    x = example(3)
    weights = NetExtract(chain, (2, "Weights"))
    assert_close(chain(x), weights @ (x - x.mean()), atol=1e-6)
    assert_close(NetFlatten(chain)(x), chain(x))
    assert_close(NetMapOperator(layer)(example(5, 3)), example(5, 3) - example(5, 3).mean(1, keepdims=True), atol=1e-6)
    assert NetReplacePart(chain, {(1, "Net", "mean"): wlnet.AggregationLayer("Max", All)})(x).shape == (2,)
    assert Information(chain, "ArraysTotalElementCount") == 8


def test_function_layer_with_an_encoder_and_a_decoder():
    layer = FunctionLayer(
        lambda x: SoftmaxLayer()(x * np.array([1.0, 5, 1])),
        Input=NetEncoder("Class", ["a", "b", "c"], "UnitVector"),
        Output=NetDecoder("Class", ["u", "v", "w"]),
    )
    assert layer("b") == "v" and layer(["a", "b"]) == ["u", "v"]


# --- gradients, lengths ------------------------------------------------------------------------------------------------------


def test_function_layer_gradient_is_that_of_the_formula():
    x = example(3, 5)
    gradient = slopes(FunctionLayer(lambda x: (x**2).sum(0) * x.mean(1)[0], Input=(3, 5)), x)[1]["Input"]
    expected = 2 * x * x[0].mean()
    expected[0] += (x**2).sum() / 5
    assert_close(gradient, expected, rtol=1e-5, atol=1e-5)


VARYING = {
    "mean": lambda x: x - x.mean(0),
    "sum and max": lambda x: x.sum(0) * x.max(),
    "std": lambda x: x.std(0) + x.std(0, ddof=1),
    "last": lambda x: x[-1] - x[0] + x[-2:].sum(0),
    "reverse": lambda x: x[::-1] + np.flip(x, 0),
    "difference": lambda x: np.diff(x, axis=0),
    "twice": lambda x: np.concatenate([x, x * 2]),
    "matrix": lambda x: np.tanh(x) @ np.arange(6.0).reshape(3, 2),
    "reshape": lambda x: x.reshape(x.shape[0], -1, 1),
    "columns": lambda x: x[:, ::-1] * x[:, :1],
    "norm": lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True),
}


@pytest.mark.parametrize("what", VARYING)
def test_function_layer_of_sequences_of_varying_length(what):
    sequences = [example(5, 3), example(7, 3, seed=1), example(4, 3, seed=2)]
    found = FunctionLayer(VARYING[what], Input=("Varying", 3))(sequences)
    for got, x in zip(found, sequences, strict=True):
        assert_close(got, VARYING[what](x), rtol=1e-4, atol=1e-5)


def test_elementwise_and_threading_layers_are_recorded_as_before():
    assert ElementwiseLayer(lambda x: np.log1p(x)).f == ElementwiseLayer(lambda x: np.log1p(x)).f
    x = np.array([1e-6, -1e-6, 0.3, 5.0, -0.4])
    assert_close(ElementwiseLayer(np.expm1)(x), np.expm1(x), rtol=1e-6)
    assert_close(ElementwiseLayer(lambda x: np.log1p(x))(x), np.log1p(x), rtol=1e-6)
    assert_close(ThreadingLayer(np.arctan2)([[1.0], [-2.0]]), np.arctan2([1.0], [-2.0]))
    assert_close(ElementwiseLayer(Ramp)(x), np.maximum(x, 0))


ALLOWED = {
    "arithmetic": lambda x: (x + 1) * x / 3 - x**2,
    "elementary (Exp, Sqrt, Sin)": lambda x: np.exp(-x) + np.sqrt(x) * np.sin(x),
    "numeric (Min, Round, Ramp)": lambda x: np.minimum(x, 1) + np.round(x) + np.maximum(x - 1, 0),
    "construction (Table, ConstantArray)": lambda x: np.stack([x[k] * k for k in range(3)]) + np.full((3, 3), 7.0),
    "array ops (Dot, Det, Tr)": lambda x: x @ x + np.linalg.det(x) * np.trace(x),
    "statistics (Mean, StandardDeviation)": lambda x: x.mean(0) + np.std(x, ddof=1),
    "distances (EuclideanDistance, HammingDistance)": lambda x: (
        np.linalg.norm(x[0] - x[1]) + np.count_nonzero(x[0] != x[2])
    ),
    "loops (Map, NestList, FoldList)": lambda x: np.stack([np.tanh(row).sum() for row in x]) + sum(x),
    "lists (Part, Reverse)": lambda x: x[1:][::-1, 0] * x[-1, -1],
}


@pytest.mark.parametrize("what", ALLOWED)
def test_function_layer_allowed(what):
    x = positive(3, 3)
    assert_close(FunctionLayer(ALLOWED[what], Input=(3, 3))(x), np.asarray(ALLOWED[what](x)), rtol=1e-4, atol=1e-5)


def test_values_inside_a_function_layer_are_read_and_have_gradients_for_it_runs_once():
    net = NetInitialize(NetChain({"f": FunctionLayer(lambda x: np.tanh(LinearLayer(3)(x))), "g": 5}, Input=2))
    x = example(2)
    linear = net["f", "Net", "linear"](x)
    np.testing.assert_allclose(net(x, NetPort("f", "Net", "linear")), linear, rtol=1e-6)
    np.testing.assert_allclose(net(x, NetPort("f", "Net")), np.tanh(linear), rtol=1e-5)
    slope = net["g", "Weights"].sum(0)
    for device in ("CPU", ("CPU", "JAX")):
        whole = net(x, NetPortGradient("f", "Net", "Output"), TargetDevice=device)
        np.testing.assert_allclose(whole, slope, rtol=1e-4)
        inside = net(x, NetPortGradient("f", "Net", "linear", "Output"), TargetDevice=device)
        np.testing.assert_allclose(inside, slope * (1 - np.tanh(linear) ** 2), rtol=1e-4)
    varying = NetChain([FunctionLayer(lambda x: 2 * np.tanh(x).max(0)[None] + x, Input=("Varying", 2))])
    first = next(iter(varying[1, "Net"].layers))
    assert [each.shape for each in varying([x[None], np.stack([x, x])], NetPort(1, "Net", first))] == [(1, 2), (2, 2)]
