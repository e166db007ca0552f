"""LossFunction: every form in which a user may say what training makes small."""

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from wlnet import (
    All,
    Automatic,
    ContrastiveLossLayer,
    CrossEntropyLossLayer,
    CTCLossLayer,
    FunctionLayer,
    LinearLayer,
    MeanAbsoluteLossLayer,
    MeanSquaredLossLayer,
    NetArrayLayer,
    NetChain,
    NetDecoder,
    NetError,
    NetExtract,
    NetGANOperator,
    NetGraph,
    NetInitialize,
    NetPairEmbeddingOperator,
    NetPort,
    NetTrain,
    Scaled,
    SoftmaxLayer,
    ThreadingLayer,
)

X, Y, Z = example(23, 5), example(23, 3, seed=1), example(23, 2, seed=2)
CLASSES = (np.arange(23) % 3 + 1).tolist()


def quiet(net, data, *prop, **options):
    """NetTrain without output, for one round of one batch."""
    standing = {"MaxTrainingRounds": 1, "BatchSize": 23, "RandomSeeding": 7, "TrainingProgressReporting": None}
    return NetTrain(net, data, *prop, **{**standing, **options})


def first_loss(net, data, **options):
    """The loss of the whole data before the first step."""
    return quiet(net, data, All, **options)["BatchLossList"][0]


def refusal(net, data, **options):
    """The text with which NetTrain refuses options."""
    with pytest.raises(NetError) as caught:
        quiet(net, data, **options)
    return str(caught.value)


LINE = NetInitialize(LinearLayer(3, Input=5), RandomSeeding=1)
TWO = NetInitialize(NetGraph({"a": 3, "b": 2}, [], Input=5), RandomSeeding=1)
SQUARE = float(((LINE(X) - Y) ** 2).mean())
ABSOLUTE = float(np.abs(LINE(X) - Y).mean())
ENDING = NetInitialize(
    NetGraph(
        {"line": LinearLayer(3), "square": MeanSquaredLossLayer(), "absolute": MeanAbsoluteLossLayer()},
        [
            ("line", NetPort("square", "Input")),
            ("line", NetPort("absolute", "Input")),
            ("square", NetPort("Square")),
            ("absolute", NetPort("Absolute")),
            ("line", NetPort("Output")),
        ],
        Input=5,
    ),
    RandomSeeding=1,
)
TARGETS = {"Input": X, "Target": Y}
ENDED = [float(each) for each in (((ENDING({"Input": X, "Target": Y})["Output"] - Y) ** 2).mean(),)]
ENDED += [float(np.abs(ENDING({"Input": X, "Target": Y})["Output"] - Y).mean())]


# --- each setting of the table


def test_automatic_attaches_a_loss_to_every_output():
    out = TWO(X)
    expected = ((out["Output1"] - Y) ** 2).mean() + ((out["Output2"] - Z) ** 2).mean()
    data = {"Input": X, "Output1": Y, "Output2": Z}
    assert first_loss(TWO, data, LossFunction=Automatic) == pytest.approx(float(expected), rel=1e-5)


def test_automatic_uses_the_loss_outputs_that_the_net_already_has():
    results = quiet(ENDING, TARGETS, All)
    assert [loss.port for loss in results["TrainingPlan"].losses] == ["Square", "Absolute"]
    assert results["BatchLossList"][0] == pytest.approx(sum(ENDED), rel=1e-5)


@pytest.mark.parametrize(("port", "expected"), [("Square", ENDED[0]), ("Absolute", ENDED[1])])
def test_a_port_is_treated_as_a_loss(port, expected):
    assert first_loss(ENDING, TARGETS, LossFunction=port) == pytest.approx(expected, rel=1e-5)


def test_a_port_that_is_no_loss_layer_is_made_small_itself():
    net = NetInitialize(NetChain([LinearLayer(()), "Tanh"], Input=5))
    assert first_loss(net, {"Input": X}, LossFunction="Output") == pytest.approx(float(net(X).mean()), abs=1e-6)
    trained = quiet(net, X, LossFunction="Output", MaxTrainingRounds=50, LearningRate=0.1)
    assert trained(X).mean() < net(X).mean() - 0.1


def test_a_loss_layer_goes_to_the_only_output():
    assert first_loss(LINE, (X, Y), LossFunction=MeanAbsoluteLossLayer()) == pytest.approx(ABSOLUTE, rel=1e-5)


def test_a_loss_layer_with_several_outputs_is_an_error():
    assert refusal(TWO, {"Input": X, "Output1": Y, "Output2": Z}, LossFunction=MeanSquaredLossLayer()) == (
        "LossFunction=MeanSquaredLossLayer() goes with one output port, but the net has Output1, Output2\n"
        '  hint: say which: {"Output1": loss}'
    )


@pytest.mark.parametrize("spec", [{"Output2": MeanAbsoluteLossLayer()}, ("Output2", MeanAbsoluteLossLayer())], ids=str)
def test_a_rule_attaches_a_loss_layer_to_one_output_of_several(spec):
    results = quiet(TWO, {"Input": X, "Output2": Z}, All, LossFunction=spec)
    assert results["BatchLossList"][0] == pytest.approx(float(np.abs(TWO(X)["Output2"] - Z).mean()), rel=1e-5)
    same = NetExtract(results["TrainedNet"], ("a", "Weights"))
    assert np.array_equal(same, NetExtract(TWO, ("a", "Weights")))  # of no loss: its slope is 0


@pytest.mark.parametrize("spec", [{"Output": Automatic}, ("Output", Automatic)], ids=str)
def test_a_rule_to_automatic_chooses_the_loss_for_that_port(spec):
    assert first_loss(LINE, (X, Y), LossFunction=spec) == pytest.approx(SQUARE, rel=1e-5)


@pytest.mark.parametrize(
    "spec",
    [
        [MeanSquaredLossLayer(), MeanAbsoluteLossLayer()],
        {"Output": [MeanSquaredLossLayer(), MeanAbsoluteLossLayer()]},
        [{"Output": Automatic}, ("Output", MeanAbsoluteLossLayer())],
    ],
    ids=str,
)
def test_a_list_is_the_sum(spec):
    results = quiet(LINE, (X, Y), All, LossFunction=spec)
    assert results["BatchLossList"][0] == pytest.approx(SQUARE + ABSOLUTE, rel=1e-5)
    assert [loss.name for loss in results["TrainingPlan"].losses] == ["OutputLoss", "OutputLoss2"]


@pytest.mark.parametrize(
    "spec",
    [
        (MeanSquaredLossLayer(), Scaled(-0.25)),
        [(MeanSquaredLossLayer(), Scaled(-0.25))],
        {"Output": (MeanSquaredLossLayer(), Scaled(-0.25))},
        ("Output", (Automatic, Scaled(-0.25))),
        (("Output", Automatic), Scaled(-0.25)),
        ({"Output": Automatic}, Scaled(-0.25)),
        (Automatic, Scaled(-0.25)),
        ((Automatic, Scaled(0.5)), Scaled(-0.5)),
    ],
    ids=str,
)
def test_scaled_weighs_anywhere_and_a_negative_one_ascends(spec):
    options = {"LossFunction": spec, "Method": ("SGD", {"Momentum": 0}), "LearningRate": 0.1}
    results = quiet(LINE, (X, Y), All, **options)
    assert results["BatchLossList"][0] == pytest.approx(-0.25 * SQUARE, rel=1e-5)
    slope = 2 * (LINE(X) - Y).sum(0) / Y.size
    moved = NetExtract(LINE, "Biases") + 0.1 * 0.25 * slope
    assert_close(NetExtract(results["TrainedNet"], "Biases"), moved, atol=1e-6)


@pytest.mark.parametrize(
    "spec", [[{"Square": Scaled(3)}, "Absolute"], {"Square": Scaled(3), "Absolute": Scaled(1)}], ids=str
)
def test_a_port_to_scaled_weighs_an_existing_loss(spec):
    assert first_loss(ENDING, TARGETS, LossFunction=spec) == pytest.approx(3 * ENDED[0] + ENDED[1], rel=1e-5)


def test_a_last_softmax_layer_under_a_class_decoder_takes_labels():
    net = NetChain([3, SoftmaxLayer()], Input=5, Output=NetDecoder("Class", ["a", "b", "c"]))
    net = NetInitialize(net, RandomSeeding=1)
    labels = ["abc"[number - 1] for number in CLASSES]
    expected = -np.log(net(X, None)[np.arange(23), np.array(CLASSES) - 1]).mean()
    assert first_loss(net, (X, labels)) == pytest.approx(float(expected), rel=1e-4)
    form = {"LossFunction": CrossEntropyLossLayer("Probabilities")}
    assert first_loss(net, (X, labels), **form) == pytest.approx(float(expected), rel=1e-4)


def test_two_losses_that_take_targets_in_different_forms_are_refused():
    net = NetChain([3, SoftmaxLayer()], Input=5, Output=NetDecoder("Class", ["a", "b", "c"]))
    both = [CrossEntropyLossLayer("Index"), CrossEntropyLossLayer("Probabilities")]
    assert refusal(net, (X, ["a"] * 23), LossFunction=both) == (
        "LossFunction: the losses of Output take its targets in different forms\n"
        "  hint: let one of them be a net whose second input is not called Target"
    )


# --- nets as losses


def test_a_loss_net_with_input_alone_is_fed_by_the_output():
    size = NetGraph({"f": FunctionLayer(lambda Input: (Input**2).sum())}, [])
    results = quiet(LINE, {"Input": X}, All, LossFunction=size)
    assert results["BatchLossList"][0] == pytest.approx(float((LINE(X) ** 2).sum(1).mean()), rel=1e-5)


@pytest.mark.parametrize(
    "loss",
    [
        FunctionLayer(lambda Input, Target: ((Input - Target) ** 4).sum()),
        ThreadingLayer(lambda a, b: (a - b) ** 4),
        NetGraph(lambda Input, Target: ((Input - Target) ** 4).sum()),
        lambda Input, Target: ((Input - Target) ** 4).sum(),
        lambda output, truth: ((output - truth) ** 4).sum(),
        lambda output, truth: (output - truth) ** 4,
    ],
    ids=[
        "FunctionLayer",
        "ThreadingLayer",
        "NetGraph",
        "function",
        "function of other names",
        "function that gives an array",
    ],
)
def test_a_net_or_function_with_input_and_target_is_a_loss(loss):
    expected = float(((LINE(X) - Y) ** 4).sum(1).mean())
    assert first_loss(LINE, (X, Y), LossFunction=loss) == pytest.approx(expected, rel=1e-5)


def test_a_threading_layer_whose_loss_is_an_array_is_summed():
    net = NetGraph(
        {"error": ThreadingLayer("Subtract"), "size": "Abs"},
        [((NetPort("Input"), NetPort("Target")), "error"), ("error", "size")],
    )
    expected = float(np.abs(LINE(X) - Y).sum(1).mean())
    assert first_loss(LINE, (X, Y), LossFunction=net) == pytest.approx(expected, rel=1e-5)


def test_an_array_loss_of_sequences_is_summed_over_true_places_alone():
    net = NetInitialize(wlnet.NetMapOperator(LinearLayer(3), Input=("Varying", 5)), RandomSeeding=1)
    lengths = (2, 7, 3, 5)
    xs = [example(n, 5, seed=n) for n in lengths]
    ys = [example(n, 3, seed=n + 20) for n in lengths]
    loss = NetGraph(
        {"error": ThreadingLayer("Subtract"), "size": "Abs"},
        [((NetPort("Input"), NetPort("Target")), "error"), ("error", "size")],
    )
    found = quiet(net, (xs, ys), All, LossFunction=loss, BatchSize=4)["BatchLossList"][0]
    assert found == pytest.approx(np.mean([np.abs(net(x) - y).sum() for x, y in zip(xs, ys, strict=True)]), rel=1e-5)


def test_a_graph_that_ends_in_a_loss_layer_is_a_loss():
    graph = NetGraph({"squash": "Tanh", "far": MeanAbsoluteLossLayer()}, [("squash", NetPort("far", "Input"))])
    expected = float(np.abs(np.tanh(LINE(X)) - Y).mean())
    assert first_loss(LINE, (X, Y), LossFunction=graph) == pytest.approx(expected, rel=1e-5)


def test_a_chain_with_input_alone_is_a_loss():
    chain = NetChain(["Tanh", "Abs"])
    expected = float(np.abs(np.tanh(LINE(X))).sum(1).mean())
    assert first_loss(LINE, {"Input": X}, LossFunction=chain) == pytest.approx(expected, rel=1e-5)


def test_further_ports_of_a_loss_net_are_data_ports():
    weighted = FunctionLayer(lambda Input, Target, Weight: Weight * ((Input - Target) ** 2).mean())
    weights = np.linspace(0, 2, 23, dtype=np.float32)
    data = {"Input": X, "Output": Y, "Weight": weights}
    expected = float((weights * ((LINE(X) - Y) ** 2).mean(1)).mean())
    assert first_loss(LINE, data, LossFunction=weighted) == pytest.approx(expected, rel=1e-5)
    assert refusal(LINE, (X, Y), LossFunction=weighted) == (
        "the data: pairs go with one input and one output port, but the net asks for Input, Output, Weight\n"
        '  hint: give a dict: {"Input": …, "Output": …, "Weight": …}'
    )


def test_a_further_port_called_like_an_input_of_the_net_takes_the_same_data():
    edges = [((NetPort("Input"), NetPort("Shift")), "sum", "line")]
    mean = NetInitialize(NetGraph({"sum": "Plus", "line": 3}, edges, Input=5, Shift=5))
    loss = FunctionLayer(lambda Input, Target, Shift: ((Input - Target) ** 2).mean() + (Shift**2).sum())
    shift = example(23, 5, seed=4)
    out = mean({"Input": X, "Shift": shift})
    expected = float((((out - Y) ** 2).mean(1) + (shift**2).sum(1)).mean())
    data = {"Input": X, "Shift": shift, "Output": Y}
    assert first_loss(mean, data, LossFunction=loss) == pytest.approx(expected, rel=1e-5)


def test_a_loss_net_with_several_outputs_is_their_sum_and_each_is_a_partial_loss():
    loss = FunctionLayer(lambda Input, Target: {"Far": ((Input - Target) ** 2).mean(), "Size": abs(Input).sum()})
    results = quiet(LINE, (X, Y), All, LossFunction=(loss, Scaled(2)), ValidationSet=(X, Y))
    plan = results["TrainingPlan"]
    assert [(each.name, each.port, each.weight) for each in plan.losses] == [
        ("Far", "Output", 2),
        ("Size", "Output", 2),
    ]
    parts = [SQUARE, float(np.abs(LINE(X)).sum(1).mean())]
    assert results["BatchLossList"][0] == pytest.approx(2 * sum(parts), rel=1e-5)
    assert results.record.round_parts[0] == pytest.approx(parts, rel=1e-5)
    out = results["TrainedNet"](X)
    parts = [float(((out - Y) ** 2).mean()), float(np.abs(out).sum(1).mean())]
    assert results.record.validation_parts[0] == pytest.approx(parts, rel=1e-5)


def test_outputs_of_a_loss_net_that_are_called_like_data_get_names_of_their_own():
    loss = FunctionLayer(lambda Input, Target: {"Size": (Input**2).sum(), "Output": ((Input - Target) ** 2).sum()})
    plan = quiet(LINE, (X, Y), All, LossFunction=loss)["TrainingPlan"]
    assert [each.name for each in plan.losses] == ["Size", "OutputLoss"]


def test_arrays_of_a_loss_net_learn_by_its_own_multipliers_and_do_not_come_back():
    scale = lambda **options: NetGraph(
        {"scale": NetArrayLayer(Output=3, Array=[1, 2, 3], **options), "times": "Times", "loss": MeanSquaredLossLayer()},
        [((NetPort("Input"), "scale"), "times"), ("times", NetPort("loss", "Input"))],
    )  # fmt: skip
    free, frozen = (
        quiet(LINE, (X, Y), All, LossFunction=scale(**each)) for each in ({}, {"LearningRateMultipliers": 0})
    )
    place = ("OutputLoss", "scale", "Array")
    assert free["ArraysLearningRateMultipliers"][place] == 1 and frozen["ArraysLearningRateMultipliers"][place] == 0
    assert np.array_equal(NetExtract(frozen["TrainingNet"], place), [1, 2, 3])
    assert not np.array_equal(NetExtract(free["TrainingNet"], place), [1, 2, 3])
    assert type(free["TrainedNet"]) is LinearLayer


# --- losses of special nets


def test_ctc_is_a_loss_for_a_sequence_of_probabilities():
    net = NetInitialize(NetChain([wlnet.NetMapOperator(4), SoftmaxLayer()], Input=("Varying", 5)), RandomSeeding=1)
    xs = [example(n, 5, seed=n) for n in (7, 5, 11)]
    targets = [[1, 2], [3], [2, 2, 1]]
    expected = [CTCLossLayer()({"Input": net(x), "Target": y}).item() for x, y in zip(xs, targets, strict=True)]
    found = quiet(net, (xs, targets), All, LossFunction=CTCLossLayer(), BatchSize=3)["BatchLossList"][0]
    assert found == pytest.approx(np.mean(expected), rel=1e-4)


def test_contrastive_is_a_loss_for_distances():
    net = NetInitialize(NetChain([LinearLayer(()), "Abs"], Input=5), RandomSeeding=1)
    far = np.arange(23) % 2 == 0
    expected = np.where(far, np.maximum(0.5 - net(X), 0), net(X)).mean()
    found = first_loss(net, (X, far.tolist()), LossFunction=ContrastiveLossLayer())
    assert found == pytest.approx(float(expected), rel=1e-4)


def test_a_pair_embedding_operator_gets_a_contrastive_loss():
    net = NetInitialize(NetPairEmbeddingOperator(LinearLayer(2), Input=5), RandomSeeding=1)
    pairs, far = example(23, 2, 5), (np.arange(23) % 2 == 0).tolist()
    results = quiet(net, (pairs, far), All)
    assert [loss.layer for loss in results["TrainingPlan"].losses] == [ContrastiveLossLayer()]


def test_a_gan_operator_sums_its_two_losses():
    net = NetInitialize(NetGANOperator([LinearLayer(3), LinearLayer(())], Sample=3, Latent=2), RandomSeeding=1)
    results = quiet(net, {"Sample": Y, "Latent": Z}, All)
    assert [loss.name for loss in results["TrainingPlan"].losses] == ["LossReal", "LossFake"]
    out = net({"Sample": Y, "Latent": Z})
    expected = float((out["LossReal"] + out["LossFake"]).mean())
    assert results["BatchLossList"][0] == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_example_weights_multiply_the_loss_inside_the_training_graph():
    net = NetInitialize(
        NetGraph(
            {"line": LinearLayer(3), "square": MeanSquaredLossLayer(), "weighted": ThreadingLayer("Times")},
            [("line", NetPort("square", "Input")), (("square", NetPort("Weight")), "weighted", NetPort("Loss"))],
            Input=5,
        )
    )  # fmt: skip
    weights = np.where(np.arange(23) < 11, 0.0, 2.0)
    data = {"Input": X, "Target": Y, "Weight": weights}
    options = {"LossFunction": "Loss", "BatchSize": 23, "MaxTrainingRounds": 5}
    trained = quiet(net, data, **options)
    without = quiet(net, {**data, "Input": np.where(weights[:, None] == 0, -X, X)}, **options)
    assert_close(NetExtract(trained, ("line", "Weights")), NetExtract(without, ("line", "Weights")), atol=1e-6)
    assert refusal(net, data) == (
        "the data lack the port Loss\n"
        '  hint: if Loss is the loss itself, write LossFunction="Loss"; else give its targets'
    )


def test_targets_of_n_against_outputs_of_n_1_never_broadcast():
    column = {"LossFunction": MeanAbsoluteLossLayer()}
    assert refusal(LinearLayer(1, Input=5), (X, X[:, 0]), **column) == (
        "Output takes 1, so a batch has rank 2, but the data are of shape 23\n"
        "  hint: Output takes 1 for each example; give [[y1], [y2], …], or end the net in a number: LinearLayer(())"
    )
    net = NetInitialize(LinearLayer(1, Input=5), RandomSeeding=1)
    expected = float(((net(X)[:, 0] - X[:, 0]) ** 2).mean())  # of each example with itself, not of all with all
    found = first_loss(net, (X, X[:, 0]), LossFunction=lambda y, t: ((y - t) ** 2).mean())
    assert found == pytest.approx(expected, rel=1e-4)


# --- what is refused


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("Loss", 'LossFunction: the net has no output port "Loss"\n  hint: there are Output'),
        ({"Outptu": Automatic}, 'LossFunction: the net has no output port "Outptu"\n  hint: did you mean Output?'),
        ([], "LossFunction names no loss\n  hint: give Automatic, an output port, a loss layer, a net or a function, "
             '{"port": loss}, (loss, Scaled(r)), or a list of these'),
        (["Output", "Output"], "LossFunction names the loss Output twice"),
        (3, "LossFunction: 3 is not a loss\n  hint: give Automatic, an output port, a loss layer, a net or a function, "
            '{"port": loss}, (loss, Scaled(r)), or a list of these'),
        (None, "LossFunction: None is not a loss\n  hint: give Automatic, an output port, a loss layer, a net or a "
               'function, {"port": loss}, (loss, Scaled(r)), or a list of these'),
        ((MeanSquaredLossLayer(), MeanAbsoluteLossLayer()),
         "LossFunction: (MeanSquaredLossLayer(), MeanAbsoluteLossLayer()) is not a loss\n  hint: give Automatic, an "
         'output port, a loss layer, a net or a function, {"port": loss}, (loss, Scaled(r)), or a list of these'),
        (MeanSquaredLossLayer, "LossFunction: MeanSquaredLossLayer is no loss yet\n  hint: write MeanSquaredLossLayer()"),
        ((Automatic, Scaled("2")), "LossFunction: Scaled('2') must scale by a finite number\n  hint: write Scaled(0.1)"),
        ({"Output": Scaled(np.inf)}, "LossFunction: Scaled(inf) must scale by a finite number\n  hint: write Scaled(0.1)"),
        (ThreadingLayer("Plus", InputPorts=["a", "b"]),
         'LossFunction: a loss has a port Input, but ThreadingLayer("Plus", InputPorts=["a", "b"]) has a, b\n'
         "  hint: call what it judges Input, and what is right Target"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_loss_is_refused(setting, text):
    assert refusal(LINE, (X, Y), LossFunction=setting) == text


def test_the_old_third_argument_says_loss_function():
    with pytest.raises(NetError) as caught:
        quiet(LINE, (X, Y), MeanSquaredLossLayer())
    assert str(caught.value) == (
        "NetTrain: its third argument is a property of the training, not a loss: MeanSquaredLossLayer()\n"
        "  hint: write LossFunction=MeanSquaredLossLayer()"
    )


@pytest.mark.parametrize("device", ["CPU", ("CPU", "JAX")], ids=str)
def test_a_function_is_the_same_loss_on_both_backends(device):
    loss = lambda y, t: {"Square": ((y - t) ** 2).mean(), "Size": 0.1 * abs(y).sum()}
    trained = quiet(LINE, (X, Y), LossFunction=loss, TargetDevice=device, MaxTrainingRounds=3)
    expected = quiet(LINE, (X, Y), LossFunction=loss, MaxTrainingRounds=3)
    assert_close(NetExtract(trained, "Weights"), NetExtract(expected, "Weights"), atol=1e-5)
