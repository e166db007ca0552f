"""NetFoldOperator: against the recurrent layers, whose cells are written by hand, and against its formula."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cells import CELLS
from tests.examples import example
from tests.recurrences import GATES, arrays_of
from wlnet import (
    All,
    AttentionLayer,
    BasicRecurrentLayer,
    BatchNormalizationLayer,
    CatenateLayer,
    DropoutLayer,
    ElementwiseLayer,
    EmbeddingLayer,
    GatedRecurrentLayer,
    Information,
    LinearLayer,
    NetChain,
    NetEncoder,
    NetExtract,
    NetFoldOperator,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetPort,
    NetPortGradient,
    NetTrain,
    Tanh,
    ThreadingLayer,
    TotalLayer,
)
from wlnet.core.errors import NetError

LAYERS = list(CELLS)
SUM = NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"}, Input1="Varying")
"""Every number of a sequence, and all before it."""
LENGTHS = (5, 2, 7)


def pair(layer, n=3, k=2, seed=0):
    """A recurrent layer, and the fold of its cell, with the same arrays."""
    arrays = arrays_of(layer, n, k, seed)
    cell, feedback, outputs = CELLS[layer]
    listed = {"outputs": outputs} if outputs else {}
    fold = NetFoldOperator(cell(arrays), feedback, **listed, Input=("Varying", k))
    return layer(n, Input=("Varying", k), **arrays), fold


def sequences(k=2, lengths=LENGTHS, seed=0):
    return [example(n, k, seed=seed + n) for n in lengths]


def place_in_fold(name):
    """Where an array of a layer is in its cell."""
    for gate in ("InputGate", "OutputGate", "ForgetGate", "ResetGate", "MemoryGate", ""):
        if name.startswith(gate):
            vertex = gate + ("s" if name.endswith("StateWeights") else "x")
            return "Net", vertex, "Biases" if name.endswith("Biases") else "Weights"
    raise KeyError(name)


# --- the recurrent layers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_a_fold_of_a_cell_is_the_recurrent_layer(layer):
    whole, fold = pair(layer)
    x = sequences()
    for ours, theirs in zip(fold(x), whole(x), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layer", LAYERS)
def test_final_states_are_those_after_the_last_true_step(layer):
    whole, fold = pair(layer)
    x = sequences()
    for state, ours in zip(whole.states, ("State", "Cell"), strict=False):
        together = fold(x, NetPort(ours))
        np.testing.assert_allclose(together, whole(x, NetPort(state)), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(together[1], fold(x[1], NetPort(ours)), rtol=1e-6)


@pytest.mark.parametrize("layer", LAYERS)
def test_gradients_are_those_of_the_recurrent_layer(layer):
    whole, fold = pair(layer)
    x = sequences()
    for name in arrays_of(layer, 3, 2):
        ours = fold(x, NetPortGradient(*place_in_fold(name)), WorkingPrecision="Real64")
        theirs = whole(x, NetPortGradient(name), WorkingPrecision="Real64")
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12, err_msg=name)
    ours, theirs = (net(x, NetPortGradient("Input"), WorkingPrecision="Real64") for net in (fold, whole))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@settings(max_examples=12, deadline=None)
@given(
    layer=st.sampled_from(LAYERS), n=st.integers(1, 4), k=st.integers(1, 3), seed=st.integers(0, 99),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4),
)  # fmt: skip
def test_any_fold_of_a_cell_is_the_recurrent_layer(layer, n, k, seed, lengths):
    whole, fold = pair(layer, n, k, seed)
    x = sequences(k, lengths, seed)
    for ours, theirs in zip(fold(x), whole(x), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_a_step_of_training_is_that_of_the_recurrent_layer():
    whole, fold = pair(GatedRecurrentLayer)
    x, y = sequences(), sequences(3, seed=20)
    settings_ = {"MaxTrainingRounds": 1, "BatchSize": 3, "Method": "SGD", "LearningRate": 0.1}
    trained = [NetTrain(net, (x, y), **settings_) for net in (whole, fold)]
    for gate in GATES[GatedRecurrentLayer]:
        for kind in ("InputWeights", "StateWeights", "Biases"):
            ours = NetExtract(trained[1], place_in_fold(gate + kind))
            np.testing.assert_allclose(ours, trained[0][gate + kind], rtol=1e-5, atol=1e-6)
            assert not np.allclose(ours, whole[gate + kind], atol=1e-7)


# --- what the forms mean ----------------------------------------------------------------------------------------------


def test_the_default_feedback_is_output_to_state():
    cell = NetGraph({"sum": "Plus"}, [((NetPort("Input"), NetPort("State")), "sum")], Input="Real", State="Real")
    fold = NetFoldOperator(cell)
    assert fold.feedback == {"Output": "State"} and fold == NetFoldOperator(cell, {"Output": "State"})
    np.testing.assert_array_equal(fold([1, 2, 4]), [1, 3, 7])


def test_typical_net_s_i_is_net_of_x_i_and_s_i_minus_1_with_s_0_zeros():
    half = NetFoldOperator(ThreadingLayer(lambda x, s: x + s / 2, x="Real", s="Real"), {"Output": "s"}, x="Varying")
    np.testing.assert_array_equal(half([8, 4, 2]), [8, 4 + 4, 2 + 4])
    assert half([8, 4, 2], NetPort("s")) == 6


def test_feedback_rules_name_outputs_and_inputs():
    """Fibonacci: a and b come back crosswise, c counts the steps."""
    net = NetGraph(
        {"sum": TotalLayer(InputPorts=3), "same": "Plus"},
        [
            ((NetPort("Input"), NetPort("A"), NetPort("B")), "sum", NetPort("Next")),
            (NetPort("A"), "same", NetPort("Old")),
        ],
        Input="Real",
    )
    fold = NetFoldOperator(net, {"Next": "A", "Old": "B"})
    found = fold([1, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(found["Next"], [1, 1, 2, 3, 5, 8])
    np.testing.assert_array_equal(found["Old"], [0, 1, 1, 2, 3, 5])
    assert NetFoldOperator(net, [("Next", "A"), ("Old", "B")]) == fold


def test_one_output_may_come_back_by_several_inputs():
    fold = NetFoldOperator(TotalLayer(InputPorts=3), [("Output", "Input2"), ("Output", "Input3")], Input1="Varying")
    np.testing.assert_array_equal(fold([1, 1, 1]), [1, 3, 7])
    assert "Input2" in fold.shapes and "Input3" in fold.shapes
    assert eval(repr(fold)) == fold


def test_constants_are_the_same_at_every_step():
    net = ThreadingLayer(lambda x, c, s: x * c + s, x="Real", c="Real", s="Real")
    fold = NetFoldOperator(net, {"Output": "s"}, ["c"], x="Varying")
    np.testing.assert_array_equal(fold({"x": [1, 2, 3], "c": 10}), [10, 30, 60])
    both = fold({"x": [[1], [1, 2]], "c": [10, 100]})
    assert [row.tolist() for row in both] == [[10], [100, 300]]
    assert fold == NetFoldOperator(net, {"Output": "s"}, "c", x="Varying")


def test_a_constant_may_be_a_sequence_of_its_own_length():
    """A net that looks at another sequence at every step: attention with the state as query."""
    net = NetGraph(
        {"look": AttentionLayer("Dot"), "sum": TotalLayer()},
        [
            ((NetPort("Memory"), NetPort("Memory"), NetPort("State")), "look"),
            ((NetPort("Input"), "look"), "sum"),
        ],
        Input=2,
    )
    fold = NetFoldOperator(net, {"Output": "State"}, ["Memory"], Input=("Varying", 2), Memory=("Varying", 2))
    x, memory = sequences(2, (3, 5)), sequences(2, (4, 2), seed=9)

    def by_hand(x, memory):
        s, found = np.zeros(2), []
        for element in x:
            weights = np.exp(memory @ s)
            s = element + weights @ memory / weights.sum()
            found.append(s)
        return np.array(found)

    for ours, *given_ in zip(fold({"Input": x, "Memory": memory}), x, memory, strict=True):
        np.testing.assert_allclose(ours, by_hand(*given_), rtol=1e-4)


def test_inputs_that_are_neither_fed_back_nor_constant_are_mapped_over_equal_lengths():
    net = ThreadingLayer(lambda a, b, s: a * b + s, a="Real", b="Real", s="Real")
    fold = NetFoldOperator(net, {"Output": "s"}, a="Varying", b="Varying")
    np.testing.assert_array_equal(fold({"a": [1, 2, 3], "b": [10, 20, 30]}), [10, 50, 140])
    with pytest.raises(NetError) as e:
        fold({"a": [1, 2, 3], "b": [10, 20]})
    assert "b must have lengths [3] to go with a, but has [2]" in str(e.value)


def test_the_fourth_argument_picks_which_outputs_are_returned_as_sequences():
    net = NetGraph({"sum": "Plus", "twice": ElementwiseLayer(lambda x: 2 * x)},
                   [((NetPort("Input"), NetPort("State")), "sum", "twice"), ("sum", NetPort("Next")),
                    ("twice", NetPort("Seen"))], Input="Real", State="Real")  # fmt: skip
    for outputs, names in ((["Seen"], ["Seen"]), ("Seen", ["Seen"]), (All, ["Next", "Seen"])):
        fold = NetFoldOperator(net, {"Next": "State"}, [], outputs)
        assert Information(fold, "OutputPortNames") == names
    np.testing.assert_array_equal(NetFoldOperator(net, {"Next": "State"}, (), "Seen")([1, 2, 3]), [2, 6, 12])


def test_recurrent_inputs_are_state_ports_initial_value_by_an_edge_and_final_by_an_edge():
    graph = NetGraph(
        {"sum": SUM},
        [(NetPort("First"), NetPort("sum", "Input2")), (NetPort("sum", "Input2"), NetPort("Last"))],
    )
    found = graph({"Input1": [[1, 2], [3, 4, 5]], "First": [10, 20]})
    assert [row.tolist() for row in found["Output"]] == [[11, 13], [23, 27, 32]]
    np.testing.assert_array_equal(found["Last"], [13, 32])
    assert Information(SUM, "RecurrentStatesPositionList") == [("Input2",)]
    assert Information(SUM, "RecurrentStatesCount") == 1


def test_states_go_from_one_fold_to_another():
    graph = NetGraph(
        {"a": SUM, "b": NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"})},
        [(NetPort("X"), "a"), (NetPort("a", "Input2"), NetPort("b", "Input2")), (NetPort("Y"), "b")],
        X="Varying", Y="Varying",
    )  # fmt: skip
    found = graph({"X": [[1, 2], [1, 2, 3]], "Y": [[1], [1, 1]]}, "Output2")
    assert [row.tolist() for row in found] == [[4], [7, 8]]


@pytest.mark.parametrize(
    "given_, shape",
    [("Varying", ()), (("Varying", 3), (3,)), ((5, 3), (3,)), (5, ()), (("n", 2, 3), (2, 3))],
)
def test_input_shape_d_d1_varying(given_, shape):
    fold = NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"}, Input1=given_)
    assert fold.shapes["Input2"] == shape
    x = example(5, *shape)
    np.testing.assert_allclose(fold(x), np.cumsum(x, 0), rtol=1e-5)


def test_input_incl_encoder():
    cell = NetGraph({"e": EmbeddingLayer(3), "s": LinearLayer(3), "sum": TotalLayer()},
                    [(NetPort("Input"), "e"), (NetPort("State"), "s"), (("e", "s"), "sum")])  # fmt: skip
    fold = NetInitialize(NetFoldOperator(cell, Input=NetEncoder("Class", list("abcd"), Dimensions=(4,))))
    assert NetExtract(fold, ("Net", "e", "Weights")).shape == (4, 3)
    assert fold(["a", "d", "a", "b"]).shape == (4, 3)


def test_inner_net_through_netextract_net():
    cell = pair(BasicRecurrentLayer)[1].net
    fold = NetFoldOperator(cell)
    assert NetExtract(fold, "Net") is cell and fold["Net", "x", "Weights"] is cell["x", "Weights"]


def test_option_learning_rate_multipliers():
    fold = NetFoldOperator(pair(BasicRecurrentLayer)[1].net, LearningRateMultipliers={("Net", "x"): 0})
    rates = Information(fold, "ArraysLearningRateMultipliers")
    assert rates[("Net", "x", "Weights")] == 0 and rates[("Net", "s", "Weights")] == 1


# --- draws, statistics, precision -------------------------------------------------------------------------------------


def test_draws_differ_per_step_and_are_the_same_for_a_seed():
    net = NetGraph(
        {"drop": DropoutLayer(0.5), "out": ThreadingLayer(lambda x, s: x + 0 * s)},
        [(NetPort("Input"), "drop"), (("drop", NetPort("State")), "out")], Input=50, State=50,
    )  # fmt: skip
    fold = NetFoldOperator(net)
    for device in ("CPU", ("CPU", "JAX")):
        run = {"NetEvaluationMode": "Train", "RandomSeeding": 5, "TargetDevice": device}
        found = fold(np.ones((3, 50)), **run)
        assert set(np.unique(found)) == {0, 2}
        assert not np.array_equal(found[0], found[1]) and not np.array_equal(found[1], found[2])
        np.testing.assert_array_equal(found, fold(np.ones((3, 50)), **run))


def test_batch_statistics_leave_out_padded_rows_and_move_at_every_step():
    """The mean of each step is over the sequences that are not over; the moving mean follows step by step."""
    net = NetGraph({"normal": BatchNormalizationLayer(Momentum=0.5, Epsilon=0.01), "out": TotalLayer()},
                   [(NetPort("Input"), "normal"), (("normal", NetPort("State")), "out")], Input=1)  # fmt: skip
    net = NetInitialize(NetFoldOperator(net, Input=("Varying", 1)))
    x = [np.array([[1.0], [5.0]]), np.array([[3.0]]), np.array([[8.0], [7.0], [2.0]])]
    moving, states = 0.0, np.zeros(3)
    for t in range(3):
        alive = [k for k in range(3) if len(x[k]) > t]
        values = np.array([x[k][t, 0] for k in alive])
        states[alive] += (values - values.mean()) / np.sqrt(values.var() + 0.01)
        moving = 0.5 * moving + 0.5 * values.mean()
    found = net(x, [NetPort("State")], NetEvaluationMode="Train")[NetPort("State")]
    np.testing.assert_allclose(found[:, 0], states, rtol=1e-5)
    from wlnet.backends import backend
    from wlnet.verbs.evaluate import collect_arrays

    padded = np.stack([np.concatenate([each, np.full((5 - len(each), 1), 99.0)]) for each in x]).astype(np.float32)
    lengths = {name: np.array([2, 1, 3]) for name in net.plan.shape((), "Input")[0].names()}
    xp = backend("NumPy").context(training=True, dims=net.plan.at(lengths)).derive(count=3)
    following = net.run(xp, collect_arrays(net, "float32"), {"Input": padded}, ())[1]
    np.testing.assert_allclose(following[("Net", "normal", "MovingMean")], [moving], rtol=1e-5)


def test_a_recurrent_layer_inside_begins_at_zero_at_every_step():
    rnn = BasicRecurrentLayer(2, **arrays_of(BasicRecurrentLayer, 2, 3))
    net = NetGraph({"r": rnn, "out": TotalLayer()}, [(NetPort("Input"), "r"), (("r", NetPort("State")), "out")])
    x = example(4, 5, 3)
    fold = NetFoldOperator(net, Input=(4, 5, 3))
    np.testing.assert_allclose(fold(x), np.cumsum([rnn(each) for each in x], 0), rtol=1e-5)
    assert Information(fold, "RecurrentStatesPositionList") == [("State",)]


def test_a_fold_in_a_map_and_a_fold_of_a_fold():
    x = example(3, 5)
    np.testing.assert_allclose(NetMapOperator(SUM.changed(Input1=5))(x), np.cumsum(x, 1), rtol=1e-5)
    rows = NetGraph({"inner": SUM.changed(Input1=5), "out": TotalLayer()},
                    [(NetPort("Input"), "inner"), (("inner", NetPort("State")), "out")])  # fmt: skip
    np.testing.assert_allclose(NetFoldOperator(rows)(x), np.cumsum(np.cumsum(x, 1), 0), rtol=1e-5)


def test_single_precision_stays_and_nothing_is_mutated():
    fold = pair(GatedRecurrentLayer)[1]
    x = example(5, 2)
    before = x.copy()
    assert fold(x).dtype == np.float32 and fold(x, NetPort("State")).dtype == np.float32
    assert fold(x, WorkingPrecision="Real64").dtype == np.float64
    np.testing.assert_array_equal(x, before)


def test_time_is_linear_in_the_length():
    """400 steps take about 4 times what 100 take, with the gradient; squares would take 16."""
    net = NetInitialize(NetFoldOperator(NetGraph(
        {"x": LinearLayer(2), "s": LinearLayer(2), "next": ThreadingLayer(lambda a, b: Tanh(a + b))},
        [(NetPort("Input"), "x"), (NetPort("State"), "s"), (("x", "s"), "next")],
    ), Input=("Varying", 3)))  # fmt: skip

    def seconds(length):
        x, found = example(length, 3), []
        for _ in range(3):
            start = time.perf_counter()
            net(x, NetPortGradient("Net", "s", "Weights"))
            found.append(time.perf_counter() - start)
        return min(found)

    seconds(50)
    assert seconds(800) < 12 * seconds(100) + 0.05


def test_it_prints_as_the_code_that_makes_it():
    fold = NetFoldOperator(TotalLayer(InputPorts=4), {"Output": "Input2"}, ["Input3"], ["Output"], Input1="Varying")
    text = 'NetFoldOperator(TotalLayer(InputPorts=4), {"Output": "Input2"}, ("Input3",), ("Output",), Input1="Varying")'
    assert repr(fold) == text and eval(text) == fold
    assert repr(NetFoldOperator(CatenateLayer(InputPorts=["Input", "State"]))) == (
        'NetFoldOperator(CatenateLayer(InputPorts=["Input", "State"]))'
    )
    assert "NetFoldOperator" in str(Information(fold))


# --- what is refused --------------------------------------------------------------------------------------------------

TWO = ThreadingLayer("Plus", InputPorts=["Input", "State"])
REFUSED = [
    (
        lambda: NetFoldOperator(LinearLayer(3)),
        'NetFoldOperator: feedback names "State", which is no input port of net\n  hint: there are Input',
    ),
    (
        lambda: NetFoldOperator(TWO, {"Out": "State"}),
        'NetFoldOperator: feedback names "Out", which is no output port of net\n  hint: did you mean Output?',
    ),
    (
        lambda: NetFoldOperator(TWO, {"Output": "Stat"}),
        'NetFoldOperator: feedback names "Stat", which is no input port of net\n  hint: did you mean State?',
    ),
    (
        lambda: NetFoldOperator(ThreadingLayer("Plus"), {"Output": "Input2"}),
        'NetFoldOperator: feedback names "Input2", which is no input port of net\n'
        "  hint: say how many inputs there are, as in InputPorts=2",
    ),
    (
        lambda: NetFoldOperator(TWO, [("Output", "State"), ("Output", "State")]),
        'NetFoldOperator: feedback names the input "State" twice',
    ),
    (
        lambda: NetFoldOperator(TWO, {"Output": "State"}, ["Context"]),
        'NetFoldOperator: constants names "Context", which is no input port of net\n  hint: there are Input, State',
    ),
    (
        lambda: NetFoldOperator(TWO, {"Output": "State"}, ["State"]),
        'NetFoldOperator: the input "State" is both a state and a constant\n  hint: name it once',
    ),
    (
        lambda: NetFoldOperator(TWO, {"Output": "State"}, ["Input"]),
        "NetFoldOperator: net must have an input that is neither a state nor a constant: the elements of the sequence",
    ),
    (
        lambda: NetFoldOperator(TWO, {"Output": "State"}, [], ["Outputs"]),
        'NetFoldOperator: outputs names "Outputs", which is no output port of net\n  hint: did you mean Output?',
    ),
    (
        lambda: NetFoldOperator(TWO, {"Output": "State"}, [], ["Output", "Output"]),
        "NetFoldOperator: outputs names a port twice",
    ),
    (
        lambda: NetFoldOperator(TWO, {"Output": "State"}, [], []),
        "NetFoldOperator: outputs must name at least one output, or be Automatic for all, got []",
    ),
    (
        lambda: NetFoldOperator(TWO, "State"),
        'NetFoldOperator: feedback must be rules from outputs to inputs such as {"Output": "State"}, got "State"',
    ),
    (
        lambda: NetFoldOperator(TWO, {"Output": "State"}, 3),
        'NetFoldOperator: constants must be a list of ports such as ["Context"], got 3',
    ),
    (
        lambda: NetFoldOperator(TWO, State=3),
        "NetFoldOperator: the shape of State follows from the layer\n  hint: leave State out",
    ),
    (
        lambda: NetGraph({"f": SUM}, [(NetPort("S"), NetPort("f", "Input2"))], S=("Varying", 3)),
        "net/f: NetFoldOperator: a state that varies in length has no first value (Input1 is Varying, as given)\n"
        "  hint: make it an array of fixed size",
    ),
    (
        lambda: NetGraph({"f": SUM.changed(Input1=("Varying", 5))}, [(NetPort("S"), NetPort("f", "Input2"))], S=3),
        "net/f/Net: TotalLayer takes Input2 of shape 5, but net/f gives 3 (Input1 is 5 from net/f)",
    ),
    (
        lambda: NetFoldOperator(NetChain([3]), {"Output": "Input"}),
        "NetFoldOperator: net must have an input that is neither a state nor a constant: the elements of the sequence",
    ),
    (
        lambda: NetFoldOperator(CatenateLayer(InputPorts=["Input", "State"]), Input=(5, 3))(example(5, 3)),
        "net/Net: the shape of State is not known (?)\n"
        "  hint: give it when the layer is made, as in Input=(3, 8), or give data that say it",
    ),
    (
        lambda: NetFoldOperator(TWO, Input="Varying")(3.0),
        "Input takes Varying, but the data are of shape scalar\n  hint: one example has rank 1, a batch rank 2",
    ),
]


@pytest.mark.parametrize("make, text", REFUSED, ids=[text.split("\n")[0][17:60] for _, text in REFUSED])
def test_a_fold_refuses(make, text):
    with pytest.raises(NetError) as e:
        make()
    assert str(e.value) == text
