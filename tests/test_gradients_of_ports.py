"""NetPortGradient: section 19 of the reference, by formulas and differences; seeds, sequences, precision, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import assert_close, example
from wlnet import (
    All,
    AttentionLayer,
    BatchNormalizationLayer,
    CatenateLayer,
    DropoutLayer,
    ElementwiseLayer,
    EmbeddingLayer,
    GatedRecurrentLayer,
    Information,
    LinearLayer,
    LongShortTermMemoryLayer,
    MeanSquaredLossLayer,
    NetArray,
    NetArrayLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetPort,
    NetPortGradient,
    NetReplacePart,
    OrderingLayer,
    Plus,
    Ramp,
    SequenceLastLayer,
    SequenceMostLayer,
    SoftmaxLayer,
    SummationLayer,
)

WEIGHTS, BIASES = example(2, 3), example(2, seed=1)
LINEAR = LinearLayer(2, Weights=WEIGHTS, Biases=BIASES)
SQUARE = ElementwiseLayer(lambda x: x**2)
NESTED = NetChain({"x": [LINEAR, SQUARE], "y": SummationLayer()})
X, SEED = example(5, 3), example(5, 2, seed=2)
HIDDEN = X @ WEIGHTS.T + BIASES
SLOPE = 2 * HIDDEN
"""Of the sum of the squares of HIDDEN with respect to HIDDEN."""
devices = pytest.mark.parametrize("device", ["CPU", ("CPU", "JAX")], ids=str)


# --- the forms ------------------------------------------------------------------------------------------------------


@devices
def test_the_port_form_is_the_gradient_for_an_input(device):
    result = NESTED(X[0], NetPortGradient("Input"), TargetDevice=device)
    assert result.dtype == np.float32
    assert_close(result, SLOPE[0] @ WEIGHTS)


@devices
def test_the_param_form_is_the_gradient_for_an_array_of_a_layer(device):
    assert_close(LINEAR(X[0], NetPortGradient("Weights"), TargetDevice=device), [X[0], X[0]])
    assert_close(LINEAR(X[0], NetPortGradient("Biases"), TargetDevice=device), [1, 1])


@pytest.mark.parametrize("spec", [("x", 1, "Weights"), (1, -2, "Weights"), ("x", np.int64(1), "Weights")])
def test_the_list_form_is_the_gradient_for_an_array_inside(spec):
    expected = np.outer(SLOPE[0], X[0])
    assert_close(NESTED(X[0], NetPortGradient(spec)), expected)
    assert_close(NESTED(X[0], NetPortGradient(*spec)), expected)


@devices
def test_all_is_a_dict_of_all_inputs_and_arrays(device):
    result = NESTED(X, NetPortGradient(All), TargetDevice=device)
    names = [("Input",), ("x", 1, "Weights"), ("x", 1, "Biases")]
    assert list(result) == [NetPortGradient(*name) for name in names]
    assert_close(result[NetPortGradient("Input")], SLOPE @ WEIGHTS)
    assert_close(result[NetPortGradient("x", 1, "Weights")], SLOPE.T @ X)
    assert_close(result[NetPortGradient("x", 1, "Biases")], SLOPE.sum(0))


def test_all_leaves_out_integers_statistics_and_arrays_that_are_none():
    layers = [EmbeddingLayer(3, 7), LinearLayer(2, Biases=None), BatchNormalizationLayer(Scaling=None)]
    net = NetInitialize(NetChain([*layers[:1], SequenceLastLayer(), *layers[1:]], Input="Varying"))
    names = [(1, "Weights"), (3, "Weights"), (4, "Biases")]
    assert list(net([1, 5, 2], NetPortGradient(All))) == [NetPortGradient(*name) for name in names]


def test_a_list_gives_a_dict_by_request_from_one_run():
    what = [NetPortGradient("x", 1, "Biases"), NetPort("x", 1), "Output", NetPortGradient("Input")]
    result = NESTED(X, what)
    assert list(result) == what
    assert_close(result[what[1]], HIDDEN)
    assert_close(result["Output"], (HIDDEN**2).sum(1))
    assert_close(result[what[0]], SLOPE.sum(0))


def test_a_list_may_hold_all():
    result = LINEAR(X, ["Output", NetPortGradient(All)])
    assert list(result) == ["Output", *(NetPortGradient(n) for n in ("Input", "Weights", "Biases"))]


def test_two_gradients_that_are_equal_are_two_arrays():
    net = NetGraph({"f": Plus}, [((NetPort("A"), NetPort("B")), "f")], A=3, B=3)
    result = net({"A": X[0], "B": X[1]}, NetPortGradient(All))
    result[NetPortGradient("A")][:] = 7
    assert result[NetPortGradient("B")].tolist() == [1, 1, 1]


# --- of what --------------------------------------------------------------------------------------------------------


def test_of_a_scalar_output_the_gradient_has_the_shape_of_the_target():
    for name, value in {("Input",): X[0], ("x", 1, "Weights"): WEIGHTS, ("x", 1, "Biases"): BIASES}.items():
        assert NESTED(X[0], NetPortGradient(name)).shape == value.shape
    scalar = NetChain([SQUARE], Input="Real")
    result = scalar(3.0, NetPortGradient("Input"))
    assert result.shape == () and result == 6 and scalar([3, 5], NetPortGradient("Input")).tolist() == [6, 10]


def test_of_an_array_output_it_is_the_gradient_of_the_sum():
    assert_close(LINEAR(X[0], NetPortGradient("Input")), WEIGHTS.sum(0))


def test_of_several_outputs_it_is_the_gradient_of_the_sum_of_all():
    net = NetGraph({"a": LINEAR, "b": SQUARE}, [], Input=3)
    assert_close(net(X[0], NetPortGradient("Input")), WEIGHTS.sum(0) + 2 * X[0])


def test_an_output_of_integers_counts_nothing():
    net = NetGraph({"o": OrderingLayer(), "s": SQUARE}, [], Input=3)
    assert_close(net(X[0], NetPortGradient("Input")), 2 * X[0])


def test_a_decoder_is_passed_by():
    net = NetChain([LINEAR, SQUARE], Output=NetDecoder("Class", ["a", "b"]))
    assert_close(net(X[0], NetPortGradient("Input")), SLOPE[0] @ WEIGHTS)
    result = net(X[0], [NetPortGradient("Input"), "Output"])
    assert result["Output"] == "ab"[np.argmax(HIDDEN[0] ** 2)]


def test_with_an_encoder_it_is_the_gradient_for_what_the_encoder_gives():
    encoder = NetEncoder("Function", lambda word: [len(word), 2, 5], 3)
    net = NetChain([LINEAR, SQUARE], Input=encoder)
    hidden = np.array([[7, 2, 5], [3, 2, 5]]) @ WEIGHTS.T + BIASES
    assert_close(net(["wolfram", "net"], NetPortGradient("Input")), 2 * hidden @ WEIGHTS)


def test_loss_layers_below_the_target_have_a_negative_gradient_and_at_it_none():
    loss = MeanSquaredLossLayer(Input=3)
    result = loss({"Input": [1, 2, 7], "Target": [2, 2, 2]}, NetPortGradient("Input"))
    assert_close(result, np.array([-2, 0, 10]) / 3)


def test_ramp_has_slope_0_at_negative_inputs():
    assert NetChain([Ramp], Input=3)([-2, -0.5, 3], NetPortGradient("Input")).tolist() == [0, 0, 1]


# --- seed gradients -------------------------------------------------------------------------------------------------


@devices
def test_a_seed_gradient_gives_the_gradient_of_the_dot_product(device):
    data = {"Input": X, NetPortGradient("Output"): SEED}
    assert_close(LINEAR(data, NetPortGradient("Input"), TargetDevice=device), SEED @ WEIGHTS)
    assert_close(LINEAR(data, NetPortGradient("Weights"), TargetDevice=device), SEED.T @ X)


def test_a_seed_gradient_of_one_example():
    data = {NetPortGradient("Output"): [3, -1], "Input": X[0]}
    assert_close(LINEAR(data, NetPortGradient("Input")), 3 * WEIGHTS[0] - WEIGHTS[1])
    scalar = {"Input": X[0], NetPortGradient("Output"): 5}
    assert_close(NESTED(scalar, NetPortGradient("Input")), 5 * SLOPE[0] @ WEIGHTS)


def test_outputs_without_a_seed_count_nothing_where_another_has_one():
    net = NetGraph({"a": LINEAR, "b": SQUARE}, [], Input=3)
    data = {"Input": X[0], NetPortGradient("Output2"): [1, 0, 2]}
    assert_close(net(data, NetPortGradient("Input")), 2 * X[0] * [1, 0, 2])
    assert_close(net(data, NetPortGradient("a", "Weights")), np.zeros((2, 3)))


def test_a_seed_does_not_change_the_outputs():
    result = LINEAR({"Input": X, NetPortGradient("Output"): SEED}, ["Output", NetPortGradient("Input")])
    assert_close(result["Output"], HIDDEN)


def test_a_seed_at_a_net_without_inputs():
    net = NetArrayLayer(Array=X)
    assert_close(net({NetPortGradient("Output"): 2 * X}, NetPortGradient("Array")), 2 * X)
    assert_close(net({}, NetPortGradient("Array")), np.ones((5, 3)))


# --- a batch --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 5])
def test_parameter_gradients_are_summed_over_the_batch_and_input_gradients_stay_per_example(size):
    data = {"Input": X, NetPortGradient("Output"): SEED[:, 0]}
    result = NESTED(data, NetPortGradient(All), BatchSize=size)
    alone = [NESTED({"Input": x, NetPortGradient("Output"): g}, NetPortGradient(All)) for x, g in zip(X, SEED[:, 0])]
    for key, value in result.items():
        rows = [each[key] for each in alone]
        assert_close(value, rows if key == NetPortGradient("Input") else np.sum(rows, axis=0), atol=1e-5)


def test_the_arrays_of_a_batch_of_one_keep_their_shape():
    assert LINEAR(X[:1], NetPortGradient("Input")).shape == (1, 3)
    assert LINEAR(X[:1], NetPortGradient("Weights")).shape == (2, 3)


# --- sequences ------------------------------------------------------------------------------------------------------

ROWS = [example(n, 3, seed=n) for n in (4, 2, 7)]


@pytest.mark.parametrize("device, size", [("CPU", 2), ("CPU", 3), (("CPU", "JAX"), 3)], ids=str)
def test_the_gradients_for_sequences_are_ragged_and_those_of_each_alone(device, size):
    net = NetChain([ElementwiseLayer("Tanh"), SequenceMostLayer()], Input=("Varying", 3))
    seeds = [example(len(row) - 1, 3, seed=5) for row in ROWS]
    data = {"Input": ROWS, NetPortGradient("Output"): seeds}
    result = net(data, NetPortGradient("Input"), TargetDevice=device, BatchSize=size)
    assert isinstance(result, list)
    for got, row, seed in zip(result, ROWS, seeds, strict=True):
        assert_close(got, np.vstack([seed / np.cosh(row[:-1]) ** 2, np.zeros((1, 3))]))


def test_the_gradients_for_a_batch_of_recurrent_runs_are_those_of_each_alone():
    net = NetInitialize(NetChain([LongShortTermMemoryLayer(5, Input=("Varying", 3))]))
    together = net(ROWS, NetPortGradient(All), WorkingPrecision="Real64")
    alone = [net(row, NetPortGradient(All), WorkingPrecision="Real64") for row in ROWS]
    for key, value in together.items():
        rows = [each[key] for each in alone]
        if key == NetPortGradient("Input"):
            for got, expected in zip(value, rows, strict=True):
                np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-14)
        else:
            np.testing.assert_allclose(value, np.sum(rows, axis=0), rtol=1e-12, atol=1e-13)


STATES = NetPort(All, "States")
GRU = GatedRecurrentLayer(2, Input=("Varying", 3))
FIRST = np.array([[0.25, -0.5], [0.75, 0.125], [-0.375, 0.5]])


def slope_of_states(net, state_of):
    """Differences for the first states, an example a row."""
    found = np.empty(FIRST.shape)
    for place in np.ndindex(FIRST.shape):
        step = np.zeros(FIRST.shape)
        step[place] = 2.0**-12
        ends = [sum(map(np.sum, net({"Input": ROWS, **state_of(FIRST + s * step)}, WorkingPrecision="Real64")))
                for s in (1, -1)]  # fmt: skip
        found[place] = (ends[0] - ends[1]) / 2.0**-11
    return found


@pytest.mark.parametrize("state_of", [lambda s: {"State": s}, lambda s: {STATES: {NetPort("State"): s}}])
def test_a_state_that_is_given_has_a_gradient_per_example(state_of):
    net = NetInitialize(GRU, RandomSeeding=3)
    data = {"Input": ROWS, **state_of(FIRST)}
    got = net(data, NetPortGradient("State"), WorkingPrecision="Real64", BatchSize=2)
    np.testing.assert_allclose(got, slope_of_states(net, state_of), rtol=1e-6)
    alone = net({"Input": ROWS[0], **state_of(FIRST[0])}, NetPortGradient("State"), WorkingPrecision="Real64")
    np.testing.assert_allclose(got[0], alone, rtol=1e-12)


def test_a_state_inside_that_is_given_has_a_gradient():
    net = NetInitialize(NetChain({"g": GRU, "t": "Tanh"}), RandomSeeding=3)
    state_of = lambda s: {STATES: {NetPort("g", "State"): s}}
    got = net({"Input": ROWS, **state_of(FIRST)}, NetPortGradient("g", "State"), WorkingPrecision="Real64")
    np.testing.assert_allclose(got, slope_of_states(net, state_of), rtol=1e-6)


# --- arrays of every kind -------------------------------------------------------------------------------------------


def test_a_frozen_array_has_its_gradient_all_the_same():
    frozen = LinearLayer(2, Weights=WEIGHTS, Biases=BIASES, LearningRateMultipliers={"Weights": None, "Biases": 0})
    assert_close(frozen(X, NetPortGradient("Weights")), LINEAR(X, NetPortGradient("Weights")))
    assert_close(frozen(X, NetPortGradient("Biases")), [5, 5])


def test_an_array_inside_the_scoring_net_of_attention():
    scoring = NetGraph(
        {"both": CatenateLayer(), "mix": LinearLayer(2), "tanh": "Tanh", "sum": SummationLayer()},
        [((NetPort("Input"), NetPort("Query")), "both"), ("both", "mix", "tanh", "sum")],
    )
    net = on_grid(NetInitialize(AttentionLayer(scoring, Key=(4, 2), Value=(4, 3), Query=(5, 2)), RandomSeeding=1))
    data = {"Key": example(4, 2), "Value": example(4, 3), "Query": example(5, 2)}
    spec = ("ScoringNet", "mix", "Weights")
    got = net(data, NetPortGradient(spec), WorkingPrecision="Real64")
    np.testing.assert_allclose(got, slope_of_array(net, data, spec), rtol=1e-5, atol=1e-7)


def test_an_array_of_a_bilinear_scoring_net():
    net = on_grid(NetInitialize(NetGraph({"att": AttentionLayer(Key=(4, 2), Value=(4, 3), Query=(5, 2))}, [])))
    data = {"Key": example(4, 2), "Value": example(4, 3), "Query": example(5, 2)}
    got = net(data, NetPortGradient("att", "ScoringNet", "Weights"), WorkingPrecision="Real64")
    np.testing.assert_allclose(got, slope_of_array(net, data, ("att", "ScoringNet", "Weights")), rtol=1e-5, atol=1e-7)


def test_a_shared_array_is_there_once_with_the_sum_of_its_places():
    shared = NetArray({"Name": "w", "Array": WEIGHTS[:, :2]})
    net = NetChain([LinearLayer(2, Weights=shared, Biases=None), LinearLayer(2, Weights=shared, Biases=None)], Input=2)
    w, x = WEIGHTS[:, :2], X[0, :2]
    ones = np.ones(2)
    expected = np.outer(ones, w @ x) + np.outer(w.T @ ones, x)
    result = net(x, NetPortGradient(All))
    assert list(result) == [NetPortGradient("Input"), NetPortGradient(1, "Weights")]
    assert_close(result[NetPortGradient(1, "Weights")], expected)
    assert_close(net(x, NetPortGradient(2, "Weights")), expected)


@devices
def test_an_array_inside_an_operator(device):
    net = NetChain({"m": NetMapOperator(LINEAR), "t": "Tanh"}, Input=("Varying", 3))
    result = net(ROWS, NetPortGradient(All), TargetDevice=device)
    slopes = [1 / np.cosh(row @ WEIGHTS.T + BIASES) ** 2 for row in ROWS]
    expected = sum(slope.T @ row for slope, row in zip(slopes, ROWS, strict=True))
    assert_close(result[NetPortGradient("m", "Net", "Weights")], expected, atol=1e-5)
    for got, slope in zip(result[NetPortGradient("Input")], slopes, strict=True):
        assert_close(got, slope @ WEIGHTS)


# --- the output of a layer inside -----------------------------------------------------------------------------------


@devices
def test_the_output_of_a_layer_inside_has_a_gradient_per_example(device):
    result = NESTED(X, [NetPortGradient("x", 1, "Output"), NetPortGradient("x", "Output")], TargetDevice=device)
    assert_close(result[NetPortGradient("x", 1, "Output")], SLOPE)
    assert_close(result[NetPortGradient("x", "Output")], np.ones((5, 2)))


def test_the_output_inside_that_feeds_two_layers_has_the_sum_of_both():
    net = NetGraph({"a": LINEAR, "b": SQUARE, "c": "Tanh"}, [("a", ("b", "c"))])
    got = net(X[0], NetPortGradient("a", "Output"))
    assert_close(got, SLOPE[0] + 1 / np.cosh(HIDDEN[0]) ** 2)


def test_the_output_inside_of_sequences_is_ragged():
    net = NetChain({"a": "Tanh", "b": SQUARE}, Input=("Varying", 3))
    for got, row in zip(net(ROWS, NetPortGradient("a", "Output")), ROWS, strict=True):
        assert_close(got, 2 * np.tanh(row))


# --- options --------------------------------------------------------------------------------------------------------


@devices
@pytest.mark.parametrize("precision, dtype", [("Real32", np.float32), ("Real64", np.float64)])
def test_the_working_precision_is_that_of_the_gradients(device, precision, dtype):
    data = {"Input": X.astype(np.float64), NetPortGradient("Output"): SEED.astype(np.float64)}
    result = LINEAR(data, NetPortGradient(All), WorkingPrecision=precision, TargetDevice=device)
    assert {value.dtype for value in result.values()} == {np.dtype(dtype)}
    assert NESTED(X[0], NetPortGradient("x", 1, "Output"), WorkingPrecision=precision).dtype == dtype


def test_train_mode_with_a_seed_is_reproducible_and_goes_with_the_outputs():
    net = NetChain([DropoutLayer(0.5)], Input=211)
    ones, options = np.ones(211), {"NetEvaluationMode": "Train", "RandomSeeding": 3}
    one, other = (net(ones, ["Output", NetPortGradient("Input")], **options) for _ in range(2))
    assert np.array_equal(one[NetPortGradient("Input")], other[NetPortGradient("Input")])
    assert np.array_equal(one["Output"], one[NetPortGradient("Input")])
    assert set(np.unique(one["Output"])) == {0, 2}
    assert np.array_equal(net(ones, NetPortGradient("Input")), ones)


def test_train_mode_goes_through_the_statistics_of_the_batch():
    net = NetInitialize(BatchNormalizationLayer(Input=3))
    seed = {"Input": X, NetPortGradient("Output"): example(5, 3, seed=4)}
    train = net(seed, NetPortGradient("Input"), NetEvaluationMode="Train")
    assert np.abs(train.sum(0)).max() < 1e-4  # a shift of all examples changes nothing
    assert_close(net(seed, NetPortGradient("Input")), seed[NetPortGradient("Output")] / np.sqrt(1.001))


# --- differences, on random nets ------------------------------------------------------------------------------------

STEP = 2.0**-10
"""With arrays that are multiples of it, sums and differences of an array and the step are exact in single precision."""


def rounded(array):
    return np.round(np.asarray(array, np.float64) / STEP) * STEP


def on_grid(net):
    """The net with every array rounded to multiples of the step."""
    places = Information(net, "ArraysPositionList")
    return NetReplacePart(net, {place: rounded(NetExtract(net, place)) for place in places}) if places else net


def total(net, data, seeds):
    outputs = net(data, None, WorkingPrecision="Real64")
    return float(np.sum(outputs * seeds)) if not isinstance(outputs, dict) else sum(map(np.sum, outputs.values()))


def slope_of_array(net, data, spec, seeds=1.0):
    """Differences in double precision of the sum of outputs · seeds."""
    array = rounded(NetExtract(net, spec))
    found = np.empty_like(array)
    for place in np.ndindex(array.shape):
        ends = []
        for step in (STEP, -STEP):
            moved = array.copy()
            moved[place] += step
            ends.append(total(NetReplacePart(net, {spec: moved}), data, seeds))
        found[place] = (ends[0] - ends[1]) / (2 * STEP)
    return found


def slope_of_input(net, x, seeds):
    """Differences for every element of a batch."""
    found = np.empty(x.shape)
    for place in np.ndindex(x.shape):
        moved = np.stack([x, x])
        moved[(0, *place)] += STEP
        moved[(1, *place)] -= STEP
        found[place] = (total(net, moved[0], seeds) - total(net, moved[1], seeds)) / (2 * STEP)
    return found


layers = st.one_of(
    st.integers(2, 5).map(LinearLayer),
    st.sampled_from(["Tanh", "LogisticSigmoid", "SoftPlus"]).map(ElementwiseLayer),
    st.just(SoftmaxLayer()),
    st.integers(2, 3).map(lambda n: NetChain([LinearLayer(n), "Tanh"])),
)


@st.composite
def random_nets(draw):
    """A chain of smooth layers, alone or beside another that reads the same input and is added up with it."""
    one = NetChain(draw(st.lists(layers, min_size=1, max_size=3)), Input=3)
    if draw(st.booleans()):
        one = NetGraph({"a": NetChain([one, LinearLayer(2)]), "b": LinearLayer(2), "c": Plus}, [(("a", "b"), "c")])
    net = NetInitialize(one, RandomSeeding=draw(st.integers(0, 99)))
    return on_grid(net)


@settings(max_examples=15, deadline=None)
@given(random_nets(), st.integers(0, 99), st.integers(1, 3))
def test_net_port_gradient_is_the_central_difference_and_sums_over_the_batch(net, seed, size):
    x = rounded(example(2, 3, seed=seed))
    seeds = example(*net(x).shape, seed=seed + 1).astype(np.float64)
    data = {"Input": x, NetPortGradient("Output"): seeds}
    got = net(data, NetPortGradient(All), WorkingPrecision="Real64", BatchSize=size)
    for key, value in got.items():
        if key == NetPortGradient("Input"):
            expected = slope_of_input(net, x, seeds)
        else:
            expected = slope_of_array(net, x, key.spec, seeds)
        np.testing.assert_allclose(value, expected, rtol=2e-5, atol=2e-5)


# --- refusals -------------------------------------------------------------------------------------------------------

BATCHED = NetInitialize(NetChain({"e": EmbeddingLayer(2, 7), "b": BatchNormalizationLayer()}, Input=4))
BARE = LinearLayer(2, Weights=WEIGHTS, Biases=None)
ORDER = NetChain([OrderingLayer()], Input=3)
SEQUENCE = NetChain([SQUARE], Input=("Varying", 3))
ATTEND = NetGraph({"att": AttentionLayer("Dot", Key=(4, 2), Value=(4, 3), Query=(5, 2))}, [])
SCORED = NetGraph({"att": AttentionLayer(NetGraph({"p": Plus, "s": SummationLayer()}, [
    ((NetPort("Input"), NetPort("Query")), "p"), ("p", "s")]), Key=(4, 2), Value=(4, 3), Query=(5, 2))}, [])  # fmt: skip
KEYS = {"Key": example(4, 2), "Value": example(4, 3), "Query": example(5, 2)}
G = NetPortGradient
ALONE = {"Input": X[0], G("Output"): [1, 2]}
REFUSALS = [
    (lambda: G(), 'NetPortGradient needs a port or a layer\n  hint: write NetPortGradient("Input"), '
     'NetPortGradient("layer", "Weights") or NetPortGradient(All)'),
    (lambda: G({}), 'NetPortGradient takes names and positions, got a dict\n  hint: write NetPortGradient("Input"), '
     'NetPortGradient("layer", "Weights") or NetPortGradient(All)'),
    (lambda: NESTED(X, G(NetArray("w"))), 'the net has no NetArray("w")\n'
     "  hint: NetInsertSharedArrays(net) makes its arrays shared ones"),
    (lambda: NESTED(X, G("x", NetArray("w"))), 'NetArray("w") is one array of the whole net, so it stands alone\n'
     '  hint: write NetPortGradient(NetArray("w"))'),
    (lambda: NESTED(X, NetPort(NetArray("w"))), "NetPort takes names and positions, got a NetArray\n"
     '  hint: write NetPort("Input") or NetPort("layer", "port")'),
    (lambda: NESTED(X, G("Inptu")), 'NetChain has no input port or array "Inptu"\n  hint: did you mean Input?'),
    (lambda: NESTED(X, G("Biases")), 'NetChain has no input port or array "Biases"\n'
     '  hint: ask for NetPortGradient("x", 1, "Biases")'),
    (lambda: NESTED(X, G("x", 1, "Wieghts")),
     'net/x/1: LinearLayer has no array or output "Wieghts"\n  hint: did you mean Weights?'),
    (lambda: NESTED(X, G("z", "Weights")), 'NetChain has no layer "z"\n  hint: there are x, y'),
    (lambda: NESTED(X, G("x", 3, "Weights")), "net/x: NetChain has no layer 3\n"
     "  hint: positions count from 1 to 2, or -1 to -2 from the end"),
    (lambda: NESTED(X, G("y", "z", "Weights")), 'net/y: SummationLayer has no part "z"\n  hint: there are Output'),
    (lambda: NESTED(X, G("x", 1)), "net/x: 1 is a LinearLayer, not a port or an array\n"
     '  hint: ask for NetPortGradient("x", 1, "Weights")'),
    (lambda: NESTED(X, G("Output")), "gradients are of Output of NetChain, not with respect to it\n"
     '  hint: ask for NetPortGradient("x", 1, "Weights")'),
    (lambda: NESTED(X, G("x", 2, "Input")), "net/x/2: Input of ElementwiseLayer is an input port inside the net, so "
     "its gradient is that of the output that feeds it\n  hint: ask for NetPortGradient(All)"),
    (lambda: BARE(X, G("Biases")), "Biases of LinearLayer is None, so it has no gradient\n"
     '  hint: ask for NetPortGradient("Weights")'),
    (lambda: BATCHED([1, 2, 3, 4], G("Input")), "Input takes integers up to 7, which have no gradient\n"
     '  hint: ask for NetPortGradient("e", "Weights")'),
    (lambda: BATCHED([1, 2, 3, 4], G("b", "MovingMean")), "net/b: MovingMean of BatchNormalizationLayer is a statistic "
     'that training follows, so it has no gradient\n  hint: ask for NetPortGradient("b", "Scaling")'),
    (lambda: ORDER(X[0], G("Input")), "NetChain has no output of real numbers, so nothing has a gradient "
     "(Output is integers)"),
    (lambda: ATTEND(KEYS, G("att", "AttentionWeights")), "net/att: AttentionWeights of AttentionLayer is an output "
     "that nothing else is computed from, so it has no gradient\n  hint: ask for NetPortGradient(All)"),
    (lambda: SCORED(KEYS, G("att", "ScoringNet", "p", "Output")), "net/att: AttentionLayer may run its ScoringNet many "
     "times for an example, so there is no one value inside\n  hint: take it out and run it by itself: "
     'NetExtract(net, ("att", "ScoringNet"))'),
    (lambda: NetInitialize(GRU)(example(4, 3), G("State")), "State is not given, so it has no gradient\n"
     '  hint: give it with the data: {NetPort(All, "States"): {NetPort("State"): …}}'),
    (lambda: NetInitialize(NetChain({"g": GRU}))(example(4, 3), G("g", "State")),
     "net/g: State is not given, so it has no gradient\n"
     '  hint: give it with the data: {NetPort(All, "States"): {NetPort("g", "State"): …}}'),
    (lambda: NetChain(["Tanh"], Input="Integer")(3, G("Input")), "Input takes integers, which have no gradient"),
    (lambda: LINEAR(ALONE), 'the data hold NetPortGradient("Output"), but no gradient is asked for\n'
     '  hint: ask: net(data, NetPortGradient("Input"))'),
    (lambda: LINEAR({**ALONE, G("Outptu"): [1, 2]}, G("Input")),
     'NetPortGradient("Outptu") in the data is not an output port of real numbers\n  hint: did you mean Output?'),
    (lambda: NESTED({"Input": X[0], G("x", "Output"): [1, 2]}, G("Input")),
     'NetPortGradient("x", "Output") in the data is not an output port of real numbers\n  hint: there are Output'),
    (lambda: LINEAR({"Input": X[0], G("Output"): [1, 2, 3]}, G("Input")),
     'NetPortGradient("Output") takes 2, but the data are of shape 3\n'
     "  hint: give data of that shape, or make the net for this one"),
    (lambda: LINEAR({"Input": X[0], G("Output"): SEED}, G("Input")),
     'NetPortGradient("Output") is a batch, but the data are one example\n  hint: give one for each example'),
    (lambda: LINEAR({"Input": X, G("Output"): SEED[0]}, G("Input")),
     'NetPortGradient("Output") is one example, but the data are a batch\n  hint: give one for each example'),
    (lambda: LINEAR({"Input": X, G("Output"): SEED[:2]}, G("Input")),
     'NetPortGradient("Output") is of 2 examples, but the data are of 5\n  hint: give one for each example'),
    (lambda: LINEAR({"Input": X[0], G("Output"): [1, np.nan]}, G("Input")),
     'NetPortGradient("Output"): the data hold nan (example 1, at (2))\n  hint: remove or replace it first'),
    (lambda: LINEAR({"Input": X[0], G("Output"): [1, 1e300]}, G("Input")),
     'NetPortGradient("Output"): 1e+300 is too large for single precision\n'
     '  hint: scale the data, or evaluate with WorkingPrecision="Real64"'),
    (lambda: SEQUENCE({"Input": ROWS, G("Output"): ROWS[::-1]}, G("Input")),
     'NetPortGradient("Output") has lengths [7, 2, 4], but the output has [4, 2, 7]\n'
     "  hint: give the output's lengths"),
    (lambda: LINEAR({G("Output"): [1, 2]}, G("Input")), "the data lack the input port Input\n  hint: give Input too"),
]  # fmt: skip


@pytest.mark.parametrize("call, text", REFUSALS, ids=[text[:60] for _, text in REFUSALS])
def test_a_gradient_refuses(call, text):
    with pytest.raises(NetError) as e:
        call()
    assert str(e.value) == text


def test_the_netarray_form_is_the_gradient_for_a_shared_array_summed_over_its_places():
    net = NetInitialize(NetChain([LinearLayer(3, Weights=NetArray("w")), "Tanh", LinearLayer(3, Weights=NetArray("w"))],
                                 Input=3))  # fmt: skip
    x = example(3)
    shared = net(x, NetPortGradient(NetArray("w")))
    np.testing.assert_allclose(shared, net(x, NetPortGradient(1, "Weights")), rtol=1e-6)
    untied = NetChain([LinearLayer(3, Weights=net[1, "Weights"], Biases=net[1, "Biases"]), "Tanh",
                       LinearLayer(3, Weights=net[1, "Weights"], Biases=net[3, "Biases"])])  # fmt: skip
    places = [untied(x, NetPortGradient(k, "Weights")) for k in (1, 3)]
    np.testing.assert_allclose(shared, sum(places), rtol=1e-5, atol=1e-6)
    both = net(x, [NetPortGradient("Input"), NetPortGradient(NetArray("w"))])
    assert list(both) == [NetPortGradient("Input"), NetPortGradient(NetArray("w"))]
    np.testing.assert_allclose(net(x, NetPortGradient(NetArray("w")), TargetDevice=("CPU", "JAX")), shared, rtol=1e-5)
    assert repr(NetPortGradient(NetArray("w", Dimensions=(3, 3)))) == 'NetPortGradient(NetArray("w"))'
