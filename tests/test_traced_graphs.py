"""NetGraph of a Python function: well-known blocks, the same as built by hand; nets that are called, ports, names."""

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from wlnet import (
    AggregationLayer,
    All,
    AttentionLayer,
    BatchNormalizationLayer,
    CatenateLayer,
    CompiledLayer,
    ConvolutionLayer,
    DotLayer,
    DropoutLayer,
    ElementwiseLayer,
    Exp,
    FunctionLayer,
    GatedRecurrentLayer,
    LinearLayer,
    LongShortTermMemoryLayer,
    MeanSquaredLossLayer,
    NetArray,
    NetArrayLayer,
    NetChain,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetInsertSharedArrays,
    NetMapOperator,
    NetPort,
    NetRename,
    NetTrain,
    NormalDistribution,
    NormalizationLayer,
    PoolingLayer,
    Ramp,
    RandomArrayLayer,
    ResizeLayer,
    Scaled,
    SoftmaxLayer,
    SummationLayer,
    ThreadingLayer,
    TotalLayer,
    TransposeLayer,
)

NAMES = {**vars(wlnet)}


def prints(net):
    """Whether the net is the code that it prints."""
    return eval(repr(net), NAMES) == net


def learns(net, data, **options):
    """Whether training lowers the loss; a net of random numbers is judged by the mean of a few rounds."""
    results = NetTrain(
        net, data, All, MaxTrainingRounds=40, BatchSize=8, RandomSeeding=1, TrainingProgressReporting=None,
        Method=("ADAM", {"LearningRate": 0.01}), **options
    )  # fmt: skip
    losses = results["RoundLossList"]
    return np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])


def taught(net, x):
    """What the same net gives with other arrays: a task that it can learn."""
    return NetInitialize(net, RandomSeeding=5)(x)


# --- four blocks ----------------------------------------------------------------------------------------------------------


def test_a_residual_block_is_the_net_built_by_hand():
    trunk = NetChain(
        [ConvolutionLayer(3, 3, PaddingSize=1), BatchNormalizationLayer(), Ramp, ConvolutionLayer(3, 3, PaddingSize=1)]
    )
    traced = NetGraph(lambda x: Ramp(trunk(x) + x), Input=(3, 7, 5))
    by_hand = NetGraph(
        {"trunk": trunk, "join": ThreadingLayer(lambda x1, x2: Ramp(x1 + x2), 1)},
        [(NetPort("Input"), "trunk"), (("trunk", NetPort("Input")), "join")],
        Input=(3, 7, 5),
    )
    assert traced == NetRename(by_hand, {"trunk": "chain", "join": "threading"})
    assert prints(traced) and traced.shapes["Output"] == (3, 7, 5)
    x = example(16, 3, 7, 5)
    assert learns(traced, (x, taught(traced, x)))


def unet():
    """Two scales, joined again at the finer one."""
    fine, coarse, up, out = (ConvolutionLayer(n, 3, PaddingSize=1) for n in (2, 3, 2, 1))

    def net(x):
        kept = Ramp(fine(x))
        deep = Ramp(coarse(PoolingLayer(2, 2)(kept)))
        wide = ResizeLayer((Scaled(2), Scaled(2)))(deep)
        return out(Ramp(up(np.concatenate([kept, wide]))))

    return net, (fine, coarse, up, out)


def test_a_u_net_is_the_net_built_by_hand():
    function, (fine, coarse, up, out) = unet()
    traced = NetGraph(function, Input=(1, 8, 6))
    by_hand = NetGraph(
        {
            "fine": fine, "kept": Ramp, "down": PoolingLayer(2, 2), "coarse": coarse, "deep": Ramp,
            "wide": ResizeLayer((Scaled(2), Scaled(2))), "join": CatenateLayer(), "up": up, "relu": Ramp, "out": out,
        },
        [("fine", "kept", "down", "coarse", "deep", "wide"), (("kept", "wide"), "join", "up", "relu", "out")],
        Input=(1, 8, 6),
    )  # fmt: skip
    names = {
        "fine": "convolution", "kept": "ramp", "down": "pooling", "coarse": "convolution2", "deep": "ramp2",
        "wide": "resize", "join": "catenate", "up": "convolution3", "relu": "ramp3", "out": "convolution4",
    }  # fmt: skip
    assert traced == NetRename(by_hand, names)
    assert prints(traced) and traced.shapes["Output"] == (1, 8, 6)
    x = example(16, 1, 8, 6)
    assert learns(traced, (x, np.abs(x)))


def attention(d):
    """Scaled dot-product attention with learned projections, a residual connection and a normalization."""

    def net(x):
        q, k, v = (x @ NetArray(name, Dimensions=(d, d)) for name in ("Q", "K", "V"))
        weights = SoftmaxLayer()(q @ k.T / np.sqrt(d))
        return NormalizationLayer()(x + weights @ v)

    return net


def test_an_attention_block_is_the_net_built_by_hand():
    traced = NetGraph(attention(4), Input=(5, 4))
    arrays = {name: NetArrayLayer(Array=NetArray(name, Dimensions=(4, 4))) for name in ("Q", "K", "V")}
    x = NetPort("Input")
    by_hand = NetGraph(
        {
            "Q": arrays["Q"], "q": DotLayer(), "K": arrays["K"], "k": DotLayer(), "turn": TransposeLayer(),
            "scores": DotLayer(), "scale": ElementwiseLayer(lambda x: x / 2.0), "softmax": SoftmaxLayer(),
            "V": arrays["V"], "v": DotLayer(), "mix": DotLayer(), "residual": ThreadingLayer("Plus", 1),
            "norm": NormalizationLayer(),
        },
        [
            ((x, "Q"), "q"), ((x, "K"), "k", "turn"), (("q", "turn"), "scores", "scale", "softmax"), ((x, "V"), "v"),
            (("softmax", "v"), "mix"), ((x, "mix"), "residual", "norm"),
        ],
        Input=(5, 4),
    )  # fmt: skip
    names = {
        "q": "dot", "k": "dot2", "turn": "transpose", "scores": "dot3", "scale": "elementwise", "v": "dot4",
        "mix": "dot5", "residual": "plus", "norm": "normalization",
    }  # fmt: skip
    assert traced == NetRename(by_hand, names)
    assert prints(traced)
    x = example(16, 5, 4)
    assert learns(traced, (x, taught(traced, x)))


def test_an_attention_block_computes_attention():
    net = NetInitialize(NetGraph(attention(4), Input=(5, 4)))
    x = example(5, 4)
    q, k, v = (x @ NetExtract(net, NetArray(name)) for name in ("Q", "K", "V"))
    w = np.exp(q @ k.T / 2)
    y = x + (w / w.sum(-1, keepdims=True)) @ v
    centred = y - y.mean(1, keepdims=True)
    assert_close(net(x), centred / np.sqrt((centred**2).mean(1, keepdims=True) + 0.001), rtol=1e-4, atol=1e-5)


def autoencoder():
    """A variational auto-encoder: what it gives, and the loss of it."""
    encoder, mean, spread, decoder = NetChain([7, "Tanh"]), LinearLayer(2), LinearLayer(2), NetChain([7, "Tanh", 5])

    def net(x):
        code = encoder(x)
        m, s = mean(code), spread(code)
        sample = m + np.exp(s) * RandomArrayLayer(NormalDistribution(0, 1), Output=2)()
        result = decoder(sample)
        divergence = (np.exp(2 * s) + m**2 - 1 - 2 * s).sum()
        return {"Output": result, "Loss": MeanSquaredLossLayer()(result, x) + 0.001 * divergence}

    return net, (encoder, mean, spread, decoder)


def test_a_variational_auto_encoder_is_the_net_built_by_hand():
    function, (encoder, mean, spread, decoder) = autoencoder()
    traced = NetGraph(function, Input=5)
    by_hand = NetGraph(
        {
            "encoder": encoder, "mean": mean, "spread": spread,
            "noise": RandomArrayLayer(NormalDistribution(0, 1), Output=2),
            "sample": ThreadingLayer(lambda x1, x2, x3: x1 + Exp(x2) * x3, 1), "decoder": decoder,
            "error": MeanSquaredLossLayer(),
            "terms": ThreadingLayer(lambda x1, x2: Exp(2 * x1) + x2**2 - 1 - 2 * x1, 1), "sum": SummationLayer(),
            "loss": ThreadingLayer(lambda x1, x2: x1 + 0.001 * x2, 1),
        },
        [
            ("encoder", ["mean", "spread"]), (("mean", "spread", "noise"), "sample", "decoder", NetPort("Output")),
            ("decoder", NetPort("error", "Input")), (NetPort("Input"), NetPort("error", "Target")),
            (("spread", "mean"), "terms", "sum"), (("error", "sum"), "loss", NetPort("Loss")),
        ],
        Input=5,
    )  # fmt: skip
    names = {
        "encoder": "chain", "mean": "linear", "spread": "linear2", "noise": "randomarray", "sample": "threading",
        "decoder": "chain2", "error": "meansquaredloss", "terms": "threading2", "sum": "summation",
        "loss": "threading3",
    }  # fmt: skip
    assert traced == NetRename(by_hand, names)
    assert prints(traced)
    x = example(32, 2) @ example(2, 5, seed=1)
    assert learns(traced, {"Input": x}, LossFunction="Loss")


# --- cutting ----------------------------------------------------------------------------------------------------------------


def test_elementwise_values_read_once_are_one_expression():
    net = NetGraph(lambda x: np.tanh(np.exp(-x) * 2 + 1))
    assert net == NetGraph({"elementwise": ElementwiseLayer(lambda x: np.tanh(np.exp(-x) * 2 + 1))}, [])
    assert list(NetGraph(lambda x: np.tanh(x) * np.tanh(x)).layers) == ["elementwise"]
    twice = NetGraph(lambda x: (t := np.tanh(x)) * (1 - t))
    assert twice == NetGraph(
        {"tanh": "Tanh", "elementwise": ElementwiseLayer(lambda x: x * (1 - x))}, [("tanh", "elementwise")]
    )


def test_thirty_steps_that_read_twice_are_thirty_vertices():
    def steps(x):
        for _ in range(30):
            x = np.tanh(x) * 0.5 + x * x
        return x

    net = NetGraph(steps)
    assert len(net.layers) == 30 and prints(net)
    x = example(3) / 4
    assert_close(net(x), steps(x), rtol=1e-4)


def test_a_long_elementwise_function_prints_and_reads_back():
    def steps(x):
        for k in range(500):
            x = np.tanh(x + k)
        return x

    net = NetGraph(steps)
    assert prints(net) and len(net.layers) < 30
    assert_close(net([0.5]), steps(np.array([0.5])))


def test_functions_of_several_arrays_are_aligned_as_numpy_does():
    net = NetGraph(lambda a, b, c: np.where(a > b, a * c, b))
    assert list(net.layers.values()) == [ThreadingLayer(lambda x1, x2, x3: wlnet.If(x1 > x2, x1 * x3, x2), 1)]
    a, b, c = example(2, 3, 5), example(3, 1), example(5)
    assert_close(net({"a": a, "b": b, "c": c}), np.where(a > b, a * c, b))


def test_names_of_vertices_are_what_they_are():
    net = NetGraph(
        lambda x: LinearLayer(2)(np.tanh(x).mean(0)) * NetArray("gain") + LinearLayer(2)(x.max(0)) + np.ones(2)
    )
    assert list(net.layers) == ["tanh", "mean", "linear", "gain", "max", "linear2", "constant", "threading"]


def test_a_function_of_nothing():
    assert NetGraph(lambda: NetArray("w", Array=[1, 2]) * 3)().tolist() == [3, 6]


def test_a_function_that_gives_what_it_gets():
    assert NetGraph(lambda x: x)([1, 2]).tolist() == [1, 2]
    assert prints(NetGraph(lambda x: x, Input=3))


def test_edges_can_be_added_to_a_recorded_function():
    net = NetGraph(lambda x: np.tanh(x) + 1, [(NetPort("elementwise", "Output"), NetPort("Second"))])
    assert sorted(net([0.0])) == ["Output", "Second"]


def test_a_thousand_layers_are_recorded_in_proportion():
    def deep(x):
        for _ in range(1000):
            x = np.tanh(x.reshape(3, 2)).ravel()
        return x

    net = NetGraph(deep, Input=6)
    assert len(net.layers) == 3000 and net.shapes["Output"] == (6,)


# --- nets that are called ----------------------------------------------------------------------------------------------------


def test_layers_take_values_by_position_by_name_or_by_port():
    q, k, v = example(2, 3), example(5, 3), example(5, 7)
    shapes = {"q": (2, 3), "k": (5, 3), "v": (5, 7)}
    layer = AttentionLayer("Dot")
    nets = [
        NetGraph(lambda k, v, q: layer(k, v, q), **shapes),
        NetGraph(lambda k, v, q: layer({"Query": q, "Key": k, "Value": v}), **shapes),
        NetGraph(lambda k, v, q: layer(Value=v, Query=q, Key=k), **shapes),
        NetGraph(lambda k, v, q: layer(k, v, Query=q), **shapes),
    ]
    w = np.exp(q @ k.T)
    for net in nets:
        assert_close(net({"q": q, "k": k, "v": v}), (w / w.sum(-1, keepdims=True)) @ v, rtol=1e-4)


def test_layers_of_any_number_of_inputs():
    a, b = [1.0, 2.0], [10.0, 20.0]
    for function in [
        lambda a, b: TotalLayer()(a, b),
        lambda a, b: TotalLayer()([a, b]),
        lambda a, b: TotalLayer()({"one": a, "other": b}),
        lambda a, b: TotalLayer()(one=a, other=b),
    ]:
        assert NetGraph(function)({"a": a, "b": b}).tolist() == [11, 22]
    assert NetGraph(lambda x: CatenateLayer()(x, [7.0, 8.0], x))([1]).tolist() == [1, 7, 8, 1]


def test_one_of_several_outputs_is_picked():
    inner = NetGraph(lambda x: {"A": x + 1, "B": x * 2, "C": x - 1})
    assert NetGraph(lambda x: inner(x)["A"] * inner(x, "B"))([3]).tolist() == [24]
    assert NetGraph(lambda x: inner(x, NetPort("C")))([3]).tolist() == [2]
    assert NetGraph(lambda x: sum(inner(x, ["A", "B"]).values()))([3]).tolist() == [10]
    assert NetGraph(lambda x: sum(inner(x, All).values()))([3]).tolist() == [12]
    assert list(NetGraph(lambda x: inner(x)["A"]).ports()) == ["Input", "Output"]


def test_an_inner_value_of_a_net_is_picked():
    chain = NetInitialize(NetChain({"a": LinearLayer(2), "b": "Tanh", "c": LinearLayer(3)}, Input=2))
    net = NetGraph(lambda x: chain(x, NetPort("b")) + 0, Input=2)
    x = example(2)
    assert_close(net(x), chain(x, NetPort("b")))


def test_states_of_recurrent_layers_are_ports():
    layer = NetInitialize(LongShortTermMemoryLayer(2, Input=("Varying", 3)))

    def function(x, s, c):
        found = layer({"Input": x, "State": s, "CellState": c}, ["Output", NetPort("CellState")])
        return {"Output": found["Output"][-1], "Cell": found[NetPort("CellState")]}

    net = NetGraph(function, x=("Varying", 3), s=2, c=2)
    x, s, c = example(5, 3), example(2), example(2, seed=1)
    got = net({"x": x, "s": s, "c": c})
    expected = layer(
        {"Input": x, "State": s, "CellState": c}, [NetPort("Output"), NetPort("CellState")]
    )  # fmt: skip
    assert_close(got["Output"], expected[NetPort("Output")][-1])
    assert_close(got["Cell"], expected[NetPort("CellState")])
    assert prints(NetGraph(lambda x: GatedRecurrentLayer(2)(x, "State"), Input=("Varying", 3)))


def test_outputs_that_exist_when_they_are_asked_for():
    layer = AttentionLayer("Dot")
    net = NetGraph(lambda x: layer({"Key": x, "Value": x, "Query": x}, "AttentionWeights"), Input=(5, 3))
    x = example(5, 3)
    w = np.exp(x @ x.T)
    assert_close(net(x), (w / w.sum(-1, keepdims=True)).T, rtol=1e-4, atol=1e-6)  # keys first


def test_operators_and_function_layers_are_called():
    halves = FunctionLayer(lambda a, b: (a - b) / 2)
    net = NetGraph(lambda x: halves(a=x, b=NetMapOperator(ElementwiseLayer("Tanh"))(x)), Input=(3, 2))
    x = example(3, 2)
    assert_close(net(x), (x - np.tanh(x)) / 2)
    other = NetGraph(lambda x: CompiledLayer(lambda x: x[::-1], Input=3, Output=3)(x) * 2, Input=3)
    assert other([1, 2, 3]).tolist() == [6, 4, 2]


def test_nets_without_inputs_are_recorded_each_time_they_are_called():
    def two(x):
        noise = RandomArrayLayer(NormalDistribution(0, 1), Output=3)
        return x + noise() - noise()

    net = NetGraph(two, Input=3)
    assert list(net.layers) == ["randomarray", "randomarray2", "threading"]
    assert (net(np.zeros(3), RandomSeeding=1) != 0).all()


def test_layers_called_with_numbers_are_recorded():
    linear = NetInitialize(LinearLayer(2, Input=3))
    net = NetGraph(lambda x: x + linear(np.array([1.0, 2, 3])), Input=2)
    assert_close(net([0, 0]), linear([1, 2, 3]))
    assert "linear" in net.layers


def test_a_recorded_call_does_not_outlive_the_function():
    with pytest.raises(ZeroDivisionError):
        NetGraph(lambda x: x / (1 // 0))
    assert wlnet.SummationLayer()([1, 2]).tolist() == 3


def test_nets_made_inside_a_recorded_function_are_their_own():
    net = NetGraph(lambda x: FunctionLayer(lambda y: y * 2)(x) + NetChain([NetGraph(lambda z: z + 1)])(x))
    assert net([1, 2]).tolist() == [4, 7]


def test_layers_without_arrays_and_layers_with_shared_arrays_are_called_twice():
    tanh = ElementwiseLayer("Tanh")
    assert NetGraph(lambda x: tanh(x) + tanh(2 * x))([0.0]).tolist() == [0]
    shared = NetInsertSharedArrays(LinearLayer(2, Input=3), "head/")
    net = NetInitialize(NetGraph(lambda a, b: shared(a) + shared(b)))
    a, b = example(3), example(3, seed=1)
    weights, biases = (NetExtract(net, NetArray(f"head/{name}")) for name in ("Weights", "Biases"))
    assert_close(net({"a": a, "b": b}), weights @ a + weights @ b + 2 * biases, atol=1e-6)
    constant = FunctionLayer(lambda x: x * np.array([1.0, 2]))
    assert NetGraph(lambda x: constant(constant(x)))([1, 1]).tolist() == [1, 4]


def test_dropout_in_a_recorded_function_follows_the_mode():
    net = NetGraph(lambda x: DropoutLayer(0.5)(x) * 2, Input=50)
    assert (net(np.ones(50)) == 2).all()
    assert (net(np.ones(50), NetEvaluationMode="Train", RandomSeeding=1) == 0).any()


def test_an_exception_of_the_users_own_code_passes_through():
    def broken(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        NetGraph(broken)
    with pytest.raises(NetError):
        NetGraph(lambda x: AggregationLayer("Mean", 3)(x), Input=2)
