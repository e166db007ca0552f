"""NetMapOperator, NetMapThreadOperator and NetNestOperator, against evaluating the net inside by itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import assert_close, example
from wlnet import (
    All,
    AttentionLayer,
    Automatic,
    BasicRecurrentLayer,
    BatchNormalizationLayer,
    CatenateLayer,
    DropoutLayer,
    ElementwiseLayer,
    EmbeddingLayer,
    GatedRecurrentLayer,
    Information,
    LinearLayer,
    LongShortTermMemoryLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetMapThreadOperator,
    NetNestOperator,
    NetPort,
    NetPortGradient,
    NetReplacePart,
    NetTrain,
    Options,
    Ramp,
    SoftmaxLayer,
    ThreadingLayer,
    UnitVectorLayer,
)

ADD = ThreadingLayer("Plus", InputPorts={"A": 3, "B": 3})
SEQUENCES = [example(5, 3), example(2, 3, seed=1), example(7, 3, seed=2)]


def net_of(spec, **ports):
    return NetInitialize(NetChain(spec, **ports), RandomSeeding=3)


def refused(make, text):
    with pytest.raises(NetError) as error:
        make()
    assert str(error.value) == text


# --- NetMapOperator ---------------------------------------------------------------------------------------------------


def test_map_gives_net_of_each_item_at_a_sequence_of_equal_length():
    net = net_of([5, "Tanh", 2], Input=3)
    mapped = NetMapOperator(net)
    x = SEQUENCES[0]
    assert mapped(x).shape == (5, 2)
    assert_close(mapped(x), np.stack([net(row) for row in x]))


def test_map_has_the_ports_input_and_output_whatever_the_net_calls_them():
    net = NetGraph([3], [(NetPort("X"), 1), (1, NetPort("Y"))], X=2)
    assert list(NetMapOperator(net).ports()) == ["Input", "Output"]
    assert NetMapOperator(net, Input=(7, 2)).shapes == {"Input": (7, 2), "Output": (7, 3)}


def test_map_shares_the_weights_between_steps():
    mapped = NetInitialize(NetMapOperator([LinearLayer(2)], Input=(7, 3)))
    assert Information(mapped, "ArraysElementCounts") == {("Net", 1, "Weights"): 6, ("Net", 1, "Biases"): 2}


@pytest.mark.parametrize(
    ("given", "length", "item"),
    [(7, 7, ()), ((7, 3), 7, (3,)), (("Varying", 3, 5), "Varying", (3, 5)), ("Varying", "Varying", ())],
)
def test_map_input_given_as_d_or_d1_or_varying_d2(given, length, item):
    shapes = NetMapOperator(ElementwiseLayer("Tanh"), Input=given)
    assert repr(shapes.shapes["Input"][0]) == str(length)
    assert shapes.shapes["Input"][1:] == item
    assert shapes.shapes["Output"] == shapes.shapes["Input"]


def test_map_batches_may_hold_sequences_of_different_lengths():
    net = net_of([5, "Tanh", 2], Input=3)
    mapped = NetMapOperator(net, Input=("Varying", 3))
    for got, x in zip(mapped(SEQUENCES), SEQUENCES, strict=True):
        assert_close(got, np.stack([net(row) for row in x]))


def test_map_takes_chain_shorthands_a_list_and_a_size():
    assert NetMapOperator([64, Ramp, 32]) == NetMapOperator(NetChain([64, Ramp, 32]))
    assert NetMapOperator(60) == NetMapOperator(LinearLayer(60))
    assert NetMapOperator("Ramp") == NetMapOperator(ElementwiseLayer("Ramp"))
    assert NetMapOperator(net={"a": 3}) == NetMapOperator(NetChain({"a": 3}))


def test_map_prints_as_the_code_that_makes_it():
    text = 'NetMapOperator(LinearLayer(60), Input=("Varying", 3), LearningRateMultipliers={"Net": 0})'
    mapped = NetMapOperator(60, Input=("Varying", 3), LearningRateMultipliers={"Net": 0})
    assert repr(mapped) == 'NetMapOperator(LinearLayer(60), LearningRateMultipliers={"Net": 0}, Input=("Varying", 3))'
    assert eval(text) == mapped


def test_map_shapes_flow_out_of_the_net_and_into_it():
    outward = NetMapOperator(LinearLayer(2, Input=(3, 5)))
    assert repr(outward.shapes) == "{'Input': (?, 3, 5), 'Output': (?, 2)}"
    inward = NetMapOperator(LinearLayer(), Input=(7, 3), Output=(Automatic, 2))
    assert inward.shapes == {"Input": (7, 3), "Output": (7, 2)}
    assert inward.plan.shape(("Net",), "Weights") == (2, 3)
    inside = NetChain(
        [NetMapOperator(LinearLayer()), NetMapOperator(LinearLayer(2, Weights=example(2, 3)))], Input=(7, 5)
    )
    assert inside.plan.shape((1, "Net"), "Weights") == (3, 5)


def test_map_keeps_the_name_of_the_length():
    chain = NetChain([NetMapOperator(5), NetMapOperator("Tanh"), GatedRecurrentLayer(2)], Input=("n", 3))
    assert repr(chain.shapes["Output"]) == "(n, 2)"


def test_map_of_an_embedding_takes_the_integers_of_an_encoder():
    classes = NetEncoder("Class", ["a", "b", "c"], Dimensions=("Varying",))
    mapped = NetInitialize(NetMapOperator(EmbeddingLayer(2), Input=classes))
    table = NetExtract(mapped, ("Net", "Weights"))
    got = mapped([["a", "c"], ["b"]])
    assert_close(got[0], table[[0, 2]])
    assert_close(got[1], table[[1]])


def test_map_maps_the_coders_of_the_net():
    net = net_of(
        [UnitVectorLayer(3), 5, "Tanh", 2, SoftmaxLayer()],
        Input=NetEncoder("Class", ["a", "b", "c"]),
        Output=NetDecoder("Class", ["no", "yes"]),
    )
    mapped = NetMapOperator(net, Input="Varying")
    assert repr(NetExtract(mapped, "Input")) == 'NetEncoder("Class", ["a", "b", "c"], Dimensions=("Varying",))'
    assert repr(NetExtract(mapped, "Output")) == 'NetDecoder("Class", ["no", "yes"], InputDepth=2)'
    assert mapped([["a", "c"], ["b", "b", "a"]]) == [[net("a"), net("c")], [net("b"), net("b"), net("a")]]
    assert NetChain([mapped])(["c", "a"]) == [net("c"), net("a")]


def test_map_cannot_map_coders_that_vary_or_take_everything():
    varying = NetEncoder("Boolean", Dimensions=("Varying",))
    assert varying.over((3,)) is None
    assert NetDecoder("Function", len).over((3,)) is None
    assert NetDecoder("Function", len, InputDepth=1).over((3,)) is None
    assert repr(NetDecoder("Boolean").over((3, 5))) == 'NetDecoder("Boolean", InputDepth=2)'
    whole = NetMapOperator(NetChain(["Tanh"], Output=NetDecoder("Function", len, InputDepth=1)), Input=(5, 3))
    assert whole(example(5, 3)).shape == (5, 3)


def test_map_gives_its_coder_up_when_the_port_is_replaced_by_none():
    net = NetChain([EmbeddingLayer(2)], Input=NetEncoder("Class", ["a", "b", "c"]))
    bare = NetReplacePart(NetMapOperator(net), {"Input": None})
    assert "NetEncoder" not in repr(bare)
    assert repr(NetExtract(bare, "Input")) == '(Automatic, Restricted("Integer", 3))'
    table = NetExtract(NetInitialize(bare), ("Net", 1, "Weights"))
    assert_close(NetInitialize(bare)([3, 1]), table[[2, 0]])


def test_map_batch_statistics_leave_the_padding_out_and_move_on():
    """The statistics are those of all items of all sequences, so that one long batch of items has the same."""
    layer = NetInitialize(BatchNormalizationLayer(Input=3, Momentum=0.75))
    mapped = NetMapOperator(layer, Input=("Varying", 3))
    got = mapped(SEQUENCES, NetEvaluationMode="Train")
    together = layer(np.concatenate(SEQUENCES), NetEvaluationMode="Train")
    assert_close(np.concatenate(got), together, rtol=1e-4)
    trained = NetTrain(
        mapped, (SEQUENCES, SEQUENCES), MaxTrainingRounds=1, BatchSize=3, LearningRate=0, TrainingProgressReporting=None
    )
    mean = np.concatenate(SEQUENCES).mean(0)
    assert_close(NetExtract(trained, ("Net", "MovingMean")), 0.25 * mean, rtol=1e-4)


def test_map_runs_the_net_once_for_all_rows(monkeypatch):
    calls = []
    run = LinearLayer.run

    def counted(self, xp, arrays, inputs, path):
        calls.append((inputs["Input"].shape, xp.count))
        return run(self, xp, arrays, inputs, path)

    mapped = NetInitialize(NetMapOperator(LinearLayer(2), Input=(5, 3)))
    monkeypatch.setattr(LinearLayer, "run", counted)
    mapped(example(7, 5, 3))
    assert calls == [((35, 3), 35)]


def test_map_draws_for_each_item_by_itself():
    mapped = NetMapOperator(DropoutLayer(0.5), Input=(40, 5))
    got = mapped(np.ones((40, 5)), NetEvaluationMode="Train", RandomSeeding=3)
    assert set(np.unique(got)) == {0.0, 2.0}
    assert len({tuple(row) for row in got.tolist()}) > 10


def test_map_starts_a_recurrent_layer_inside_from_zero_and_shows_no_state():
    inside = NetInitialize(BasicRecurrentLayer(2, Input=(5, 3)))
    mapped = NetMapOperator(inside)
    x = example(7, 5, 3)
    assert_close(mapped(x), np.stack([inside(row) for row in x]))
    assert [name for name, slot in mapped.ports().items() if slot.kind == "state"] == []


def test_map_of_a_map_maps_two_levels():
    net = net_of([5, "Tanh"], Input=3)
    twice = NetMapOperator(NetMapOperator(net), Input=("Varying", 2, 3))
    x = example(7, 2, 3)
    assert_close(twice(x), net(x.reshape(14, 3)).reshape(7, 2, 5))


def test_map_trains_as_the_net_trains_on_the_items():
    """Mean squares over sequences of one length are mean squares over the items."""
    net = net_of([5, "Tanh", 2], Input=3)
    x, y = example(4, 7, 3), example(4, 7, 2, seed=1)
    options = {"MaxTrainingRounds": 3, "Method": "SGD", "LearningRate": 0.1, "TrainingProgressReporting": None}
    mapped = NetTrain(NetMapOperator(net), (x, y), BatchSize=4, RandomSeeding=1, **options)
    alone = NetTrain(net, (x.reshape(28, 3), y.reshape(28, 2)), BatchSize=28, RandomSeeding=1, **options)
    for layer in (1, 3):
        assert_close(NetExtract(mapped, ("Net", layer, "Weights")), NetExtract(alone, (layer, "Weights")), rtol=1e-4)


def test_map_ending_in_softmax_gets_the_loss_of_classes_from_nettrain():
    mapped = NetMapOperator([5, "Tanh", 3, SoftmaxLayer()], Input=(7, 2))
    x, y = example(8, 7, 2), np.arange(56).reshape(8, 7) % 3 + 1
    results = NetTrain(mapped, (x, y), All, MaxTrainingRounds=1, TrainingProgressReporting=None)
    assert 'CrossEntropyLossLayer("Index")' in repr(results["TrainingNet"])


@settings(max_examples=20, deadline=None)
@given(
    widths=st.lists(st.sampled_from([1, 2, 3, 5]), min_size=1, max_size=3),
    head=st.sampled_from(["Tanh", "Ramp", "Sin", "SoftPlus"]),
    lengths=st.lists(st.integers(1, 7), min_size=1, max_size=4),
    seed=st.integers(0, 99),
)
def test_map_of_a_random_net_is_evaluating_each(widths, head, lengths, seed):
    layers = [each for width in widths for each in (LinearLayer(width), head)]
    net = NetInitialize(NetChain(layers, Input=3), RandomSeeding=seed)
    sequences = [example(length, 3, seed=k) for k, length in enumerate(lengths)]
    for got, x in zip(NetMapOperator(net, Input=("Varying", 3))(sequences), sequences, strict=True):
        assert_close(got, np.stack([net(row) for row in x]), rtol=1e-4, atol=1e-5)


# --- NetMapThreadOperator ---------------------------------------------------------------------------------------------


def test_map_thread_maps_over_the_first_level_of_all_inputs_at_once():
    a, b = example(7, 3), example(7, 3, seed=1)
    assert_close(NetMapThreadOperator(ADD)({"A": a, "B": b}), a + b)


def test_map_thread_of_n_maps_over_level_n_and_of_1_is_the_default():
    a, b = example(7, 2, 3), example(7, 2, 3, seed=1)
    join = NetInitialize(NetChain([CatenateLayer(InputPorts={"A": 3, "B": 3}), LinearLayer(5)]))
    expected = [[join({"A": a[i, j], "B": b[i, j]}) for j in range(2)] for i in range(7)]
    assert_close(NetMapThreadOperator(join, 2)({"A": a, "B": b}), expected)
    assert NetMapThreadOperator(join) == NetMapThreadOperator(join, 1)


def test_map_thread_requires_equal_lengths():
    refused(
        lambda: NetMapThreadOperator(ADD, A=(7, 3), B=(5, 3)),
        "NetMapThreadOperator takes B of shape 7×…, but B is given as 5×3 (A is 7×3, as given; Output of its Net is 3 "
        "from net/Net)",
    )
    varying = NetMapThreadOperator(ADD, A=("Varying", 3), B=("Varying", 3))
    refused(
        lambda: varying({"A": example(5, 3), "B": example(2, 3)}),
        "B must have lengths [5] to go with A, but has [2]\n  hint: give sequences whose lengths agree",
    )


def test_map_thread_gives_every_output_n_leading_dimensions():
    net = NetGraph({"a": 2, "b": LinearLayer((5, 3))}, [("a", NetPort("X")), ("b", NetPort("Y"))], Input=3)
    assert NetMapThreadOperator(net, 2, Input=(7, 11, 3)).shapes == {
        "Input": (7, 11, 3),
        "X": (7, 11, 2),
        "Y": (7, 11, 5, 3),
    }


def test_map_thread_association_maps_named_inputs_and_holds_all_others_constant():
    a, b = example(7, 3), example(3, seed=1)
    assert_close(NetMapThreadOperator(ADD, {"A": 1})({"A": a, "B": b}), a + b)
    deep = NetMapThreadOperator(ADD, {"B": 2}, B=(5, 2, 3))
    assert_close(deep({"A": b, "B": example(5, 2, 3)}), b + example(5, 2, 3))


def test_map_thread_inputs_of_less_depth_are_the_same_for_all_below():
    a, b = example(7, 2, 3), example(7, 3, seed=1)
    mapped = NetMapThreadOperator(ADD, {"A": 2, "B": 1})
    assert_close(mapped({"A": a, "B": b}), a + b[:, None])


def test_map_thread_takes_any_number_of_inputs_and_outputs_of_the_same_port_names_as_net():
    net = NetGraph(
        {"a": ThreadingLayer("Plus", InputPorts=3), "b": "Tanh"},
        [((NetPort("X"), NetPort("Y"), NetPort("Z")), "a", NetPort("Sum")), ("a", "b", NetPort("Tanh"))],
        X=(),
    )
    x = {name: example(5, seed=k) for k, name in enumerate("XYZ")}
    found = NetMapThreadOperator(net)(x)
    assert list(found) == ["Sum", "Tanh"]
    assert_close(found["Tanh"], np.tanh(sum(x.values())))


def test_map_thread_constant_inputs_may_vary_and_keep_their_own_lengths():
    """Each query of each example looks at the keys of its example, however long they are."""
    attend = AttentionLayer("Dot", Key=("n", 3), Value=("n", 2), Query=3)
    mapped = NetMapThreadOperator(attend, {"Query": 1}, Query=("m", 3))
    lengths, queries = (5, 2, 7), (3, 6, 1)
    data = {
        "Key": [example(n, 3, seed=n) for n in lengths],
        "Value": [example(n, 2, seed=n) for n in lengths],
        "Query": [example(n, 3, seed=9) for n in queries],
    }
    for k, got in enumerate(mapped(data)):
        one = {"Key": data["Key"][k], "Value": data["Value"][k]}
        assert_close(got, np.stack([attend({**one, "Query": row}) for row in data["Query"][k]]))


def test_map_thread_gradient_of_a_constant_input_is_the_sum_over_the_items():
    mapped = NetMapThreadOperator(ADD, {"A": 1})
    data = {"A": example(7, 3), "B": example(3, seed=1)}
    assert_close(mapped(data, NetPortGradient("B")), np.full(3, 7.0))


# --- NetNestOperator --------------------------------------------------------------------------------------------------


def test_nest_applies_net_n_times():
    assert NetNestOperator(ElementwiseLayer(lambda x: 2 * x + 1), 3)([1, 2]).tolist() == [15.0, 23.0]


def test_nest_has_one_input_and_one_output_of_equal_dimensions():
    assert NetNestOperator(LinearLayer(), 2, Input=3).shapes == {"Input": (3,), "Output": (3,)}
    refused(
        lambda: NetNestOperator(LinearLayer(2), 3, Input=5),
        "NetNestOperator takes Output of its Net of shape 5, but net/Net gives 2 (Input is 5, as given)",
    )


def test_nest_without_trainable_arrays_equals_a_chain_of_n_copies():
    net = NetChain([ElementwiseLayer(lambda x: x**2 - 1), "Sin"])
    x = example(3, 5)
    assert_close(NetNestOperator(net, 4)(x), NetChain([net] * 4)(x))


def test_nest_shares_parameters_whose_gradients_add():
    net = NetInitialize(LinearLayer(2, Biases=None, Input=2))
    weights, x = NetExtract(net, "Weights").astype(float), example(2).astype(float)
    got = NetNestOperator(net, 2)(x, NetPortGradient("Net", "Weights"), WorkingPrecision="Real64")
    above = weights.T @ np.ones(2)  # d(1 · W W x)/dW = 1 ⊗ W x + Wᵀ1 ⊗ x
    assert_close(got, np.outer(np.ones(2), weights @ x) + np.outer(above, x))
    assert Information(NetNestOperator(net, 2), "ArraysCount") == 1


@settings(max_examples=20, deadline=None)
@given(times=st.integers(1, 5), head=st.sampled_from(["Tanh", "Ramp", "Sin"]), seed=st.integers(0, 99))
def test_nest_of_a_random_net_is_a_chain_of_n_copies(times, head, seed):
    net = NetInitialize(NetChain([5, head, 3], Input=3), RandomSeeding=seed)
    x = example(7, 3, seed=seed)
    assert_close(NetNestOperator(net, times)(x), NetChain([net] * times)(x), rtol=1e-4)


@pytest.mark.parametrize("device", ["CPU", ("CPU", "JAX")], ids=str)
def test_nest_draws_differ_at_each_application(device):
    x = np.ones(1000)
    nest = NetNestOperator(DropoutLayer(0.5), 2)
    options = {"NetEvaluationMode": "Train", "RandomSeeding": 5, "TargetDevice": device}
    got = nest(x, **options)
    assert set(np.unique(got)) == {0.0, 4.0}
    assert 200 < np.count_nonzero(got) < 300  # a quarter is kept; one mask for both times would keep half
    deeper = NetNestOperator(NetNestOperator(DropoutLayer(0.5), 2), 2)(x, **options)
    assert 30 < np.count_nonzero(deeper) < 100
    assert np.array_equal(got, nest(x, **options))


def test_nest_statistics_go_on_from_one_application_to_the_next():
    """Means m and then that of the second input, 0 because the first output is normalized: 0.25 m · 0.75."""
    layer = BatchNormalizationLayer(Input=3, Momentum=0.75)
    x = example(5, 3)
    trained = NetTrain(
        NetInitialize(NetNestOperator(layer, 2)),
        (x, x),
        MaxTrainingRounds=1,
        BatchSize=5,
        LearningRate=0,
        TrainingProgressReporting=None,
    )
    assert_close(NetExtract(trained, ("Net", "MovingMean")), 0.25 * 0.75 * x.mean(0), rtol=1e-4)


def test_nest_starts_a_recurrent_layer_inside_from_zero_each_time():
    inside = NetInitialize(LongShortTermMemoryLayer(3, Input=("Varying", 3)))
    x = example(5, 3)
    assert_close(NetNestOperator(inside, 2)(x), inside(inside(x)))


# --- common to all ----------------------------------------------------------------------------------------------------


def test_common_the_inner_net_comes_through_netextract_net():
    mapped = NetMapOperator([5, Ramp, 2])
    assert NetExtract(mapped, "Net") == NetChain([5, Ramp, 2])
    assert NetExtract(mapped, ("Net", 1)) == LinearLayer(5)
    assert NetExtract(NetNestOperator(5, 2), "Net") == LinearLayer(5)
    assert NetExtract(NetMapThreadOperator(ADD), "Net") == ADD


def test_common_the_inner_net_and_its_parts_are_replaced():
    mapped = NetMapOperator([5, Ramp, 2], Input=(7, 3))
    assert NetReplacePart(mapped, {"Net": 11}) == NetMapOperator(11, Input=(7, 3))
    assert NetReplacePart(mapped, {("Net", 1): 11}) == NetMapOperator([11, Ramp, 2], Input=(7, 3))
    refused(
        lambda: NetReplacePart(mapped, {"Net": ADD}),
        "NetMapOperator: net must have exactly one input port, but has 2: A, B",
    )


def test_common_option_learningratemultipliers_reaches_the_inner_net():
    assert Options(NetMapOperator)["LearningRateMultipliers"] is Automatic
    net = NetChain({"map": NetMapOperator(5), "last": NetMapOperator(2)}, Input=(7, 3))
    frozen = NetReplacePart(net, {("map", "LearningRateMultipliers"): 0})
    rates = Information(frozen, "ArraysLearningRateMultipliers")
    assert rates[("map", "Net", "Weights")] == 0.0
    assert rates[("last", "Net", "Weights")] == 1.0
    by_name = NetMapOperator([5, Ramp], LearningRateMultipliers={("Net", 1, "Biases"): 2}, Input=(7, 3))
    assert Information(by_name, "ArraysLearningRateMultipliers") == {
        ("Net", 1, "Weights"): 1.0,
        ("Net", 1, "Biases"): 2.0,
    }


def test_common_a_frozen_batch_normalization_inside_keeps_its_statistics():
    x = example(5, 7, 3)
    options = {"MaxTrainingRounds": 2, "TrainingProgressReporting": None}
    mapped = NetInitialize(NetMapOperator(BatchNormalizationLayer(), Input=(7, 3)))
    trained = NetTrain(mapped, (x, x + 1), LearningRateMultipliers={("Net", "_"): 0}, **options)
    assert NetExtract(trained, ("Net", "MovingMean")).tolist() == [0.0] * 3


def test_common_information_is_as_for_any_net():
    mapped = NetMapOperator([5, "Tanh"], Input=("Varying", 3))
    assert Information(mapped, "LayersCount") == 2
    assert Information(mapped, "ArraysTotalElementCount") == 20
    assert Information(mapped, "InputPorts") == {"Input": ("Varying", 3)}


# --- what is refused --------------------------------------------------------------------------------------------------


def test_refused_a_net_of_several_inputs_or_outputs():
    refused(lambda: NetMapOperator(ADD), "NetMapOperator: net must have exactly one input port, but has 2: A, B")
    two = NetGraph({"a": 2, "b": 3}, [("a", NetPort("X")), ("b", NetPort("Y"))])
    refused(lambda: NetNestOperator(two, 3), "NetNestOperator: net must have exactly one output port, but has 2: X, Y")
    refused(
        lambda: NetMapOperator(CatenateLayer()), "NetMapOperator: net must have exactly one input port, but has none"
    )


def test_refused_what_is_no_net():
    refused(
        lambda: NetMapOperator(2.5),
        "NetMapOperator: net: 2.5 is not a layer\n  hint: a layer may be written as a layer, a size, a function such "
        "as Ramp, or a list of these (a chain)",
    )
    refused(lambda: NetMapOperator(), "NetMapOperator needs net\n  hint: write NetMapOperator(net, …)")


def test_refused_depths_that_are_none():
    message = (
        "NetMapThreadOperator: depth must be a positive whole number, or one for each input that is mapped, such as "
        '{"A": 1}, got '
    )
    for depth, text in [(0, "0"), ({}, "{}"), ({"A": 0}, '{"A": 0}'), ("A", '"A"'), (True, "True")]:
        refused(lambda depth=depth: NetMapThreadOperator(ADD, depth), message + text)
    refused(
        lambda: NetMapThreadOperator(ADD, {"C": 1}),
        'NetMapThreadOperator: depth names "C", which is no input port of net\n  hint: there are A, B',
    )


def test_refused_a_net_without_inputs_to_map_over():
    refused(
        lambda: NetMapThreadOperator(CatenateLayer()),
        "NetMapThreadOperator: net must have an input port to map over\n  hint: say how many inputs there are, as in "
        "InputPorts=2",
    )


def test_refused_a_number_of_times_below_one():
    refused(lambda: NetNestOperator(5, 0), "NetNestOperator: n must be a positive whole number, got 0")
    refused(lambda: NetNestOperator(5), "NetNestOperator needs n\n  hint: write NetNestOperator(n, …)")


def test_refused_items_that_vary():
    refused(
        lambda: NetMapOperator(GatedRecurrentLayer(2, Input=("Varying", 3))),
        "NetMapOperator would take Input of shape ?×Varying×3, but only the first level of a port may vary\n  hint: "
        "give that level a fixed size, or keep the varying level first",
    )


def test_refused_shapes_that_clash_inside():
    refused(
        lambda: NetMapOperator(LinearLayer(2, Input=5), Input=(7, 3)),
        "NetMapOperator gives Input of its Net of shape 3, but Input of net/Net is given as 5 (Input is 7×3, as given; "
        "Output of its Net is 2 from net/Net)",
    )
    refused(
        lambda: NetMapOperator(LinearLayer(2), Output=(7, 3)),
        "NetMapOperator takes Output of its Net of shape 3, but net/Net gives 2",
    )
    refused(
        lambda: NetMapOperator(LinearLayer(2), Input=()),
        "NetMapOperator takes Input of shape ?×…, but Input is given as scalar (Output of its Net is 2 from net/Net)",
    )


def test_refused_kinds_of_values_that_clash_inside():
    refused(
        lambda: NetNestOperator(EmbeddingLayer(3, 5), 2),
        "NetNestOperator takes Output of its Net of integers up to 5, but net/Net gives real numbers\n  hint: integers "
        "come from an encoder, from OrderingLayer, or from a port typed Integer",
    )


def test_refused_values_inside_an_operator_since_there_are_many():
    mapped = NetInitialize(NetMapOperator([3], Input=(2, 3)))
    refused(
        lambda: mapped(example(2, 3), NetPort("Net", 1)),
        "NetMapOperator may run its Net many times for an example, so there is no one value inside\n  hint: take it "
        'out and run it by itself: NetExtract(net, ("Net",))',
    )


def test_map_of_a_decoder_of_vectors_decodes_the_sequence_as_one_text_and_is_trained_on_texts():
    net = NetChain(
        [LinearLayer(3, Weights=np.eye(3), Biases=None), SoftmaxLayer()], Output=NetDecoder("Characters", "abc")
    )
    mapped = NetMapOperator(net)
    assert mapped(np.eye(3)[[1, 0, 2, 1]]) == "bacb" and mapped([np.eye(3)[[1]], np.eye(3)[[2, 0]]]) == ["b", "ca"]
    assert mapped["Output"] == NetDecoder("Characters", "abc")
    options = {"MaxTrainingRounds": 1, "LearningRate": 0, "TrainingProgressReporting": None}
    assert NetTrain(mapped, [(np.eye(3)[[1, 0]], "ba"), (np.eye(3), "abc")], **options)(np.eye(3)) == "abc"
    one = NetMapOperator(NetReplacePart(net, {"Output": NetDecoder("Tokens", ["x", "y", "z"], InputDepth=1)}))
    assert one["Output"] == NetDecoder("Tokens", ["x", "y", "z"], InputDepth=2) and one(np.eye(3)[[1, 0]]) == "y x"


def test_map_of_a_decoder_of_sequences_gives_a_list_of_texts():
    inner = NetChain([NetMapOperator([LinearLayer(2, Weights=np.eye(2), Biases=None), SoftmaxLayer()])],
                     Input=(3, 2), Output=NetDecoder("Characters", "ab"))  # fmt: skip
    mapped = NetMapOperator(inner)
    assert mapped["Output"] == NetDecoder("Characters", "ab", InputDepth=3)
    assert mapped(np.eye(2)[[[0, 1, 1], [1, 0, 0]]]) == ["abb", "baa"]
