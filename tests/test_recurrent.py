"""The recurrent layers: formulas, states, true lengths, the four ways of dropout, gradients, errors."""

import itertools
from time import thread_time

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from tests.examples import assert_close, example
from tests.recurrences import GATES, LAYERS, arrays_of, by_formula
from wlnet import LinearLayer, NetChain, NetError, NetGraph, NetInitialize, NetPort, SoftmaxLayer
from wlnet.backends import backend
from wlnet.kernels.recur_basic import basic
from wlnet.kernels.recur_gated import gated
from wlnet.kernels.recur_lstm import lstm
from wlnet.layers.recurrent import BasicRecurrentLayer, GatedRecurrentLayer, LongShortTermMemoryLayer

every = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.__name__)
N, K = 5, 3


def states_of(layer):
    return list(layer.states)


def made(layer, **options):
    """A layer of general arrays on sequences, and those arrays."""
    arrays = arrays_of(layer, N, K)
    return layer(N, Input=("Varying", K), **arrays, **options), arrays


# --- values


@every
def test_it_is_its_formula(layer):
    net, arrays = made(layer)
    x = example(2, 7, K)
    assert_close(net(x), np.array([by_formula(layer, arrays, one)[0] for one in x]))
    assert_close(net(x[0]), by_formula(layer, arrays, x[0])[0])


@every
def test_large_numbers_saturate(layer):
    net, arrays = made(layer)
    for factor in (100, 1e30):
        x = example(7, K) * np.float32(factor)
        with np.errstate(all="ignore"):
            assert_close(net(x), by_formula(layer, arrays, x)[0], atol=1e-5)


@every
def test_sequences_of_unequal_lengths_are_each_alone(layer):
    net, arrays = made(layer)
    x = [example(size, K, seed=size) for size in (5, 1, 7)]
    for got, one in zip(net(x), x, strict=True):
        assert_close(got, by_formula(layer, arrays, one)[0])


@every
def test_the_states_are_those_after_the_last_true_step(layer):
    net, arrays = made(layer)
    x = [example(size, K, seed=size) for size in (5, 1, 7)]
    got = net(x, [NetPort(name) for name in states_of(layer)])
    for port, number in zip(states_of(layer), (1, 2), strict=False):
        assert_close(got[NetPort(port)], np.array([by_formula(layer, arrays, one)[number] for one in x]))


@every
def test_states_may_be_given_with_the_data(layer):
    net, arrays = made(layer)
    x, first = [example(size, K, seed=size) for size in (5, 1, 7)], [example(3, N, seed=k) for k in (1, 2)]
    got = net({"Input": x} | dict(zip(states_of(layer), first, strict=False)))
    for k, one in enumerate(x):
        assert_close(got[k], by_formula(layer, arrays, one, first[0][k], first[1][k])[0])


def piecewise(layer, arrays):
    """A graph that runs a sequence in two pieces, the states handed over by edges."""
    edges = [(NetPort("a", name), NetPort("b", name)) for name in states_of(layer)]
    edges += [(NetPort("First"), "a"), (NetPort("Second"), "b"), ("a", NetPort("A")), ("b", NetPort("B"))]
    layers = {key: layer(N, **arrays) for key in ("a", "b")}
    return NetGraph(layers, edges, First=("Varying", K), Second=("Varying", K))


@every
def test_a_run_in_pieces_with_the_states_handed_over_is_the_whole(layer):
    net, arrays = made(layer)
    x = [example(size, K, seed=size) for size in (5, 3, 11)]
    whole = net(x)
    first = [one[:cut] for one, cut in zip(x, (2, 1, 7), strict=True)]
    second = [one[cut:] for one, cut in zip(x, (2, 1, 7), strict=True)]
    parts = piecewise(layer, arrays)({"First": first, "Second": second})
    for k in range(3):
        assert_close(np.concatenate([parts["A"][k], parts["B"][k]]), whole[k])


@every
def test_states_come_and_leave_by_ports_of_a_graph(layer):
    _, arrays = made(layer)
    edges = [(NetPort(f"First{name}"), NetPort("r", name)) for name in states_of(layer)]
    edges += [(NetPort("r", name), NetPort(f"Last{name}")) for name in states_of(layer)]
    net = NetGraph({"r": layer(N, **arrays)}, edges, Input=("Varying", K))
    x, first = example(7, K), [example(N, seed=k) for k in (1, 2)]
    got = net({"Input": x} | {f"First{name}": s for name, s in zip(states_of(layer), first, strict=False)})
    outputs, *last = by_formula(layer, arrays, x, *first)
    assert_close(got["Output"], outputs)
    for name, state in zip(states_of(layer), last, strict=False):
        assert_close(got[f"Last{name}"], state)


@every
def test_the_state_of_an_inner_layer_can_be_read(layer):
    arrays = arrays_of(layer, N, K)
    inner = {"r": layer(N, **arrays), "sum": LinearLayer(2, Weights=np.ones((2, 7 * N)), Biases=None)}
    chain = NetChain({"inner": NetChain(inner), "end": SoftmaxLayer()}, Input=(7, K))
    x = example(2, 7, K)
    assert_close(chain(x, NetPort("inner", "r", "State")), np.array([by_formula(layer, arrays, one)[1] for one in x]))


@every
def test_biases_of_none_are_zeros(layer):
    arrays = arrays_of(layer, N, K)
    x = example(7, K)
    bare = {name: None for name in arrays if name.endswith("Biases")}
    zeros = {name: 0 * arrays[name] for name in bare}
    assert_close(layer(N, **{**arrays, **bare})(x), by_formula(layer, {**arrays, **zeros}, x)[0])
    first = next(iter(bare))
    mixed = {**arrays, first: zeros[first]}
    assert_close(layer(N, **{**arrays, first: None})(x), by_formula(layer, mixed, x)[0])


@every
def test_sizes_are_read_off_arrays_and_ports(layer):
    arrays = arrays_of(layer, N, K)
    assert layer(**arrays, Input=(7, K)).shapes["Output"] == (7, N)
    assert layer(N, Output=(7, N)).shapes["Input"][0] == 7
    assert layer(Input=("Varying", K), Output=("Varying", N)).shapes[GATES[layer][0] + "StateWeights"] == (N, N)


@every
def test_weights_are_drawn_by_the_method_and_biases_are_zero(layer):
    net = NetInitialize(layer(211, Input=(2, 307)))
    for gate in GATES[layer]:
        for kind, inputs in (("InputWeights", 307), ("StateWeights", 211)):
            assert net.part(gate + kind).std() == pytest.approx((2 / inputs) ** 0.5, rel=0.02)
        assert not net.part(gate + "Biases").any()


# --- dropout


def recorded(layer, arrays, x, dropout, engine, training=True):
    """The outputs in training with masks of our own, and the draws that were asked for: (probability, shape)."""
    draws = []

    def bernoulli(probability, shape):
        draws.append((probability, tuple(shape)))
        return backend(engine).array(np.random.default_rng(shape).integers(0, 2, shape).astype(np.float32))

    net = layer(N, Input=x.shape[1:], Dropout=dropout, **arrays)
    xp = backend(engine).context(training=training, dims=net.plan.at({})).derive(bernoulli=bernoulli)
    held = {(name,): backend(engine).array(array) for name, array in net.arrays.items()}
    outputs, _ = net.run(xp, held, {"Input": backend(engine).array(x)}, ())
    return np.asarray(outputs["Output"]), draws


def drawn(*shape):
    """The mask that `recorded` gives for a shape."""
    return np.random.default_rng(shape).integers(0, 2, shape).astype(np.float32)


ENGINES = ["NumPy", pytest.param("JAX", marks=pytest.mark.filterwarnings("ignore::DeprecationWarning"))]


def kernel_order(layer):
    """The gates of a layer in the order in which their masks stand in one draw."""
    return list(layer.gates)


@pytest.mark.parametrize("engine", ENGINES)
@every
def test_variational_weights_thin_out_the_state_weights(layer, engine):
    pytest.importorskip("jax")
    arrays, x, rows = arrays_of(layer, N, K), example(2, 7, K), LAYERS[layer] * N
    mask = drawn(rows, N) / 0.75
    thin = dict(arrays)
    for gate, part in zip(kernel_order(layer), np.split(mask, LAYERS[layer]), strict=True):
        thin[f"{gate}StateWeights"] = arrays[f"{gate}StateWeights"] * part
    expected = np.array([by_formula(layer, thin, one)[0] for one in x])
    for dropout in (0.25, {"VariationalWeights": 0.25}):
        got, draws = recorded(layer, arrays, x, dropout, engine)
        assert draws == [(0.75, (rows, N))]
        assert_close(got, expected)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("method, place", [("VariationalInput", "from_input"), ("VariationalState", "from_state")])
@every
def test_variational_input_and_state_keep_one_mask_for_all_steps(layer, method, place, engine):
    pytest.importorskip("jax")
    arrays, x, rows = arrays_of(layer, N, K), example(2, 7, K), LAYERS[layer] * N
    got, draws = recorded(layer, arrays, x, {method: 0.25}, engine)
    assert draws == [(0.75, (2, rows))]
    for k, row in enumerate(drawn(2, rows) / 0.75):
        masks = dict(zip(kernel_order(layer), np.split(row, LAYERS[layer]), strict=True))
        assert_close(got[k], by_formula(layer, arrays, x[k], **{place: masks})[0])


@pytest.mark.parametrize("engine", ENGINES)
@every
def test_state_update_has_a_mask_for_each_step(layer, engine):
    pytest.importorskip("jax")
    arrays, x = arrays_of(layer, N, K), example(2, 7, K)
    got, draws = recorded(layer, arrays, x, {"StateUpdate": 0.25}, engine)
    assert draws == [(0.75, (2, 7, N))]
    mask = drawn(2, 7, N) / 0.75
    assert_close(got, np.array([by_formula(layer, arrays, x[k], update=mask[k])[0] for k in range(2)]))


@every
def test_dropout_is_for_training_alone_and_keyed_by_the_seed(layer):
    arrays, x = arrays_of(layer, N, K), example(2, 7, K)
    ways = {"VariationalWeights": 0.5, "VariationalInput": 0.5, "VariationalState": 0.5, "StateUpdate": 0.5}
    plain = layer(N, **arrays)(x)
    for dropout in [*({way: p} for way, p in ways.items()), ways]:
        net = layer(N, Dropout=dropout, **arrays)
        assert np.array_equal(net(x), plain)
        one, again, other = (net(x, NetEvaluationMode="Train", RandomSeeding=seed) for seed in (1, 1, 2))
        assert np.array_equal(one, again) and not np.allclose(one, other) and not np.allclose(one, plain)
    for nothing in (0, {"StateUpdate": 0}, {}, None):
        net = layer(N, Dropout=nothing, **arrays)
        assert np.array_equal(net(x, NetEvaluationMode="Train"), plain)


@every
def test_a_probability_of_1_drops_all(layer):
    arrays, x = arrays_of(layer, N, K), example(7, K)
    in_training = lambda way: layer(N, Dropout={way: 1}, **arrays)(x, NetEvaluationMode="Train")
    blind = {name: array * (not name.endswith("InputWeights")) for name, array in arrays.items()}
    fresh = {name: array * (not name.endswith("StateWeights")) for name, array in arrays.items()}
    assert_close(in_training("VariationalInput"), by_formula(layer, blind, x)[0])
    assert_close(in_training("VariationalState"), by_formula(layer, fresh, x)[0])
    assert_close(in_training("VariationalWeights"), by_formula(layer, fresh, x)[0])
    assert_close(in_training("StateUpdate"), np.zeros((7, N)))


# --- gradients


@pytest.mark.parametrize("length", [None, [3, 1, 4], [5, 2, 5]], ids=repr)
@pytest.mark.parametrize("kernel, gates", [(basic, 1), (gated, 3), (lstm, 4)], ids=["basic", "gated", "lstm"])
def test_the_kernels_gradients_agree_with_differences(kernel, gates, length):
    """Of every array and first state, also through the last states, with every choice of masks, and twice the same."""
    random = np.random.default_rng(7)
    batch, steps, k, n = 3, 5, 2, 7
    shapes = [(batch, steps, k), (gates * n, k), (gates * n, n), (gates * n,), (batch, n), (batch, n)]
    arrays = [random.normal(size=shape) for shape in shapes[: 6 if gates == 4 else 5]]
    sizes = [(batch, gates * n), (batch, gates * n), (batch, steps, n)]
    for used in itertools.product([False, True], repeat=3):
        masks = [random.integers(0, 2, s) * 1.5 if use else None for s, use in zip(sizes, used, strict=True)]
        settings = (None if length is None else np.array(length), *masks)
        y, kept = kernel.forward(*arrays, *settings)
        g = random.normal(size=y.shape)
        wanted = tuple(range(len(arrays)))
        gradients, again = (kernel.backward(g, wanted, y, kept, *arrays, *settings) for _ in range(2))
        for number, array in enumerate(arrays):
            along = random.normal(size=array.shape)
            ends = []
            for step in (1e-6, -1e-6):
                moved = [each + step * along if each is array else each for each in arrays]
                ends.append(np.sum(kernel.forward(*moved, *settings)[0] * g))
            assert np.sum(gradients[number] * along) == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-6)
            assert np.array_equal(gradients[number], again[number])
            assert np.array_equal(kernel.backward(g, (number,), y, kept, *arrays, *settings)[0], gradients[number])


def gradients(layer, steps):
    """A call that computes the gradient of a batch of sequences of that length."""
    net = NetInitialize(layer(64, Input=(steps, 32)))
    engine, x = backend("NumPy"), example(16, steps, 32)
    xp = engine.context(dims=net.plan.at({}))
    leaves = {(name,): array for name, array in net.arrays.items()}

    def total(held):
        outputs, _ = net.run(xp, held, {"Input": x}, ())
        return xp.sum(outputs["Output"]), {}

    return lambda: engine.value_and_gradient(total, leaves)


@every
def test_the_time_of_a_gradient_is_linear_in_the_length(layer):
    """Four times as many steps cost about four times as much; 8 leaves room for a busy machine, and 16 is quadratic."""
    short, long = gradients(layer, 128), gradients(layer, 512)
    with threadpool_limits(1):  # threads wait for each other where other work is on the cores
        times = [(processor_time(short), processor_time(long)) for _ in range(7)]
    assert min(each[1] for each in times) < 8 * min(each[0] for each in times)


def processor_time(call):
    """The seconds that this thread computes, whatever else the machine does."""
    started = thread_time()
    call()
    return thread_time() - started


# --- errors

DROPOUT = (
    "BasicRecurrentLayer: Dropout must be None, a probability from 0 to 1, or probabilities by method such as "
    '{"VariationalInput": 0.3}'
)
ERRORS = [
    (lambda: BasicRecurrentLayer(0), "BasicRecurrentLayer: n must be a positive whole number, or Automatic, got 0"),
    (
        lambda: GatedRecurrentLayer("two"),
        'GatedRecurrentLayer: n must be a positive whole number, or Automatic, got "two"',
    ),
    (
        lambda: BasicRecurrentLayer(2, 3),
        "BasicRecurrentLayer takes at most 1 (n), got 2\n  hint: give options by name",
    ),
    (lambda: BasicRecurrentLayer(2, Dropout=1.5), f"{DROPOUT}, got 1.5"),
    (lambda: BasicRecurrentLayer(2, Dropout="half"), f'{DROPOUT}, got "half"'),
    (lambda: BasicRecurrentLayer(2, Dropout={"StateUpdate": -1}), f'{DROPOUT}, got {{"StateUpdate": -1}}'),
    (lambda: BasicRecurrentLayer(2, Dropout={"StateUpdate": None}), f'{DROPOUT}, got {{"StateUpdate": None}}'),
    (
        lambda: LongShortTermMemoryLayer(2, Dropout={"Variationalinput": 0.5}),
        "LongShortTermMemoryLayer: Dropout has no method 'Variationalinput'\n  hint: did you mean VariationalInput?",
    ),
    (
        lambda: BasicRecurrentLayer(2, Dropout={3: 0.5}),
        "BasicRecurrentLayer: Dropout has no method 3\n"
        "  hint: there are VariationalWeights, VariationalInput, VariationalState, StateUpdate",
    ),
    (lambda: BasicRecurrentLayer(2, InputWeights=None), "BasicRecurrentLayer: InputWeights cannot be None"),
    (
        lambda: LongShortTermMemoryLayer(2, ForgetGateStateWeights=None),
        "LongShortTermMemoryLayer: ForgetGateStateWeights cannot be None",
    ),
    (
        lambda: LongShortTermMemoryLayer(2, CellState=2),
        "LongShortTermMemoryLayer: the shape of CellState follows from the layer\n  hint: leave CellState out",
    ),
    (
        lambda: BasicRecurrentLayer(2, StateWeights=[[1, 2, 3]]),
        "BasicRecurrentLayer has StateWeights of shape 2×2, but StateWeights is given as 1×3 (Input is ?×?)",
    ),
    (
        lambda: BasicRecurrentLayer(2, Input="Varying"),
        "BasicRecurrentLayer takes Input of shape ?×?, but Input is given as Varying",
    ),
    (
        lambda: GatedRecurrentLayer(2, Input=(5, 3), Output=(5, 7)),
        "GatedRecurrentLayer gives Output of shape 5×2, but Output is given as 5×7 (Input is 5×3, as given)",
    ),
    (
        lambda: GatedRecurrentLayer(2, InputGateBias=None),
        "GatedRecurrentLayer: InputGateBias is not an option\n  hint: did you mean InputGateBiases?",
    ),
    (
        lambda: NetInitialize(BasicRecurrentLayer(2)),
        "BasicRecurrentLayer: the shape of InputWeights is not known (2×?), because the shape of Input is ?×?\n"
        "  hint: say it, as in Input=(3, 8), on the layer or on the net",
    ),
    (
        lambda: BasicRecurrentLayer(2, Input=(5, 3))(example(5, 3)),
        "BasicRecurrentLayer has no values for InputWeights and StateWeights and Biases\n"
        "  hint: NetInitialize(net) gives it initial values",
    ),
    (
        lambda: made(GatedRecurrentLayer)[0]([]),
        "Input takes Varying×3, but the data are of shape 0\n  hint: one example has rank 2, a batch rank 3",
    ),
    (
        lambda: made(GatedRecurrentLayer)[0](np.ones((0, K))),
        "Input: a sequence is empty\n  hint: a sequence has at least one element",
    ),
    (
        lambda: made(GatedRecurrentLayer)[0]([np.ones((0, K)), np.ones((2, K))]),
        "Input: a sequence is empty\n  hint: a sequence has at least one element",
    ),
    (
        lambda: made(GatedRecurrentLayer)[0]({"Input": example(7, K), "State": [1, 2]}),
        "State takes 5, but the data are of shape 2\n  hint: give data of that shape, or make the net for this one",
    ),
    (
        lambda: made(GatedRecurrentLayer)[0]({"Input": example(7, K), "Stat": [1, 2]}),
        'the net has no input port "Stat"\n  hint: did you mean State?',
    ),
    (
        lambda: NetGraph({"a": BasicRecurrentLayer(2), "b": BasicRecurrentLayer(3)},
                         [("a", "b"), (NetPort("a", "State"), NetPort("b", "State"))], Input=("Varying", 7)),
        "net/b: BasicRecurrentLayer has State of shape 3, but net/a has 2 (Input is Varying×2 from net/a)",
    ),
    (
        lambda: NetGraph([GatedRecurrentLayer(2), LongShortTermMemoryLayer(2)],
                         [(NetPort(1, "CellState"), NetPort(2, "CellState"))]),
        "NetGraph: layer 1, a GatedRecurrentLayer, has no output port 'CellState'\n  hint: did you mean State?",
    ),
]  # fmt: skip


@pytest.mark.parametrize("make, text", ERRORS, ids=[text[:60] for _, text in ERRORS])
def test_errors(make, text):
    with pytest.raises(NetError) as raised:
        make()
    assert str(raised.value) == text
