"""NetTrain: data, losses, optimizers, multipliers, validation, and how training ends."""

import re

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from wlnet import (
    All,
    Automatic,
    BatchNormalizationLayer,
    CrossEntropyLossLayer,
    DropoutLayer,
    LinearLayer,
    MeanAbsoluteLossLayer,
    MeanSquaredLossLayer,
    NetChain,
    NetDecoder,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetPort,
    NetTrain,
    NetWarning,
    Quantity,
    Scaled,
    SoftmaxLayer,
)

X = example(23, 5)
Y = example(23, 3, seed=1)
CLASSES = (np.arange(23) % 3 + 1).tolist()


def quiet(net, data, *prop, **options):
    """NetTrain without output, for a few rounds."""
    standing = {"MaxTrainingRounds": 3, "RandomSeeding": 7, "TrainingProgressReporting": None}
    return NetTrain(net, data, *prop, **{**standing, **options})


def linear(**options):
    return NetInitialize(LinearLayer(3, Input=5, **options))


def gradient_of_mean_square(net, x, y):
    """The gradients of the mean squared error of a linear layer, by hand."""
    w, b = NetExtract(net, "Weights").astype(float), NetExtract(net, "Biases").astype(float)
    error = 2 * (x @ w.T + b - y) / y.size
    return error.T @ x, error.sum(0)


# --- the forms of data


def test_pairs_columns_dicts_and_rows_are_one():
    forms = [
        list(zip(X.tolist(), Y.tolist(), strict=True)),
        (X, Y),
        (X.tolist(), Y.tolist()),
        {"Input": X, "Output": Y},
        [{"Input": x, "Output": y} for x, y in zip(X, Y, strict=True)],
    ]
    nets = [quiet(linear(), form) for form in forms]
    assert all(net == nets[0] for net in nets)


def test_shapes_and_arrays_come_from_the_data():
    trained = quiet(NetChain([7, "Tanh", LinearLayer()]), (X, Y))
    assert NetExtract(trained, "Input") == 5
    assert NetExtract(trained, (3, "Weights")).shape == (3, 7)


def test_the_net_itself_is_untouched():
    net = NetChain([7, "Tanh", 3], Input=5)
    quiet(net, (X, Y))
    assert NetExtract(net, (1, "Weights")) is Automatic


def test_sequences_of_unequal_length_train():
    net = NetChain([SoftmaxLayer(1), wlnet.AggregationLayer("Total", 1), 3], Input=("Varying", 5))
    sequences = [example(n, 5, seed=n) for n in (3, 7, 5, 2, 11)]
    results = quiet(net, (sequences, Y[:5]), All, BatchSize=2, MaxTrainingRounds=30, LearningRate=0.05)
    assert results["RoundLossList"][-1] < results["RoundLossList"][0]


def test_a_round_visits_every_example_once():
    results = quiet(linear(), (X, Y), All, BatchSize=5, MaxTrainingRounds=2)
    assert results["BatchesPerRound"] == 5
    assert results["ExamplesProcessed"] == 46
    assert len(results["BatchLossList"]) == 10


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ([], "the data are empty"),
        (([], []), "the data are empty"),
        ((X, Y[:5]), "the data: there are 23 inputs but 5 outputs"),
        ({"Input": X}, "the data lack the port Output"),
        ({"Input": X, "Output": Y[:5]}, "the data: the ports have different numbers of examples: Input has 23, Output has 5"),
        ({"Input": X, "Outptu": Y}, 'the data: the net has no port "Outptu"\n  hint: did you mean Output?'),
        ((X, np.full((23, 3), np.nan)), "Output: the data hold nan (example 1, at (1))"),
        ((np.full((23, 5), np.inf), Y), "Input: the data hold inf (example 1, at (1))"),
        ((np.array([[object()] * 5] * 23), Y), "Input: the data must be real numbers, but are objects (object)"),
        ((X + 1j, Y), "Input: the data must be real numbers, but are complex numbers (complex64)"),
        ((X, [["a"] * 3] * 23), "Output: the data must be real numbers, but are texts (<U1)"),
        ((X, Y[:, :2]), "Output takes 3, but the data are of shape 2"),
        ((X, Y[:, 0]), "Output takes 3, so a batch has rank 2, but the data are of shape 23"),
        ("digits", 'the data: "digits" is not training data'),
        ((X, 3), "the data: 3 is not a column of examples"),
    ],
)  # fmt: skip
def test_bad_data_are_refused(data, text):
    with pytest.raises(NetError) as caught:
        quiet(linear(), data)
    assert str(caught.value).startswith(text)


def test_targets_of_shape_n_against_outputs_of_shape_n_1_are_refused():
    with pytest.raises(NetError) as caught:
        quiet(LinearLayer(1, Input=5), (X, X[:, 0]))
    assert str(caught.value) == (
        "Output takes 1, so a batch has rank 2, but the data are of shape 23\n"
        "  hint: Output takes 1 for each example; give [[y1], [y2], …], or end the net in a number: LinearLayer(())"
    )


def test_targets_of_2_3_against_outputs_of_2_1_are_refused():
    with pytest.raises(NetError) as caught:
        quiet(LinearLayer(1, Input=5), (X[:2], Y[:2]))
    assert str(caught.value) == (
        "Output takes 1, but the data are of shape 3\n  hint: give data of that shape, or make the net for this one"
    )


# --- losses


@pytest.mark.parametrize(
    ("net", "targets", "loss"),
    [
        (NetChain([3, SoftmaxLayer()], Input=5), CLASSES, CrossEntropyLossLayer("Index")),
        (NetChain([3, "LogisticSigmoid"], Input=5), Y > 0, CrossEntropyLossLayer("Binary")),
        (NetChain([3, "Tanh"], Input=5), Y, MeanSquaredLossLayer()),
    ],
    ids=["SoftmaxLayer", "LogisticSigmoid", "other"],
)
def test_the_loss_follows_the_last_layer(net, targets, loss):
    plan = quiet(net, (X, targets), All)["TrainingPlan"]
    assert [each.layer for each in plan.losses] == [loss]


def test_a_loss_layer_of_the_net_is_used_as_it_is():
    net = NetGraph(
        {"line": LinearLayer(3), "loss": MeanAbsoluteLossLayer()},
        [("line", NetPort("loss", "Input")), (NetPort("Target"), NetPort("loss", "Target"))],
        Input=5,
    )
    results = quiet(net, {"Input": X, "Target": Y}, All)
    assert results["TrainingPlan"].losses[0].layer is None
    assert results["TrainedNet"].layers.keys() == net.layers.keys()


@pytest.mark.parametrize("setting", [MeanAbsoluteLossLayer(), {"Output": MeanAbsoluteLossLayer()}])
def test_loss_function_names_a_layer(setting):
    first = quiet(linear(), (X, Y), All, LossFunction=setting, BatchSize=23)["BatchLossList"][0]
    net = linear()
    assert first == pytest.approx(float(np.abs(net(X) - Y).mean()), rel=1e-5)


def test_scaled_losses_add_up():
    net = NetInitialize(NetGraph({"a": 3, "b": 2}, [], Input=5))
    loss = [{"Output1": Scaled(2)}, {"Output2": (MeanAbsoluteLossLayer(), Scaled(0.5))}]
    loss[0] = {"Output1": (MeanSquaredLossLayer(), Scaled(2))}
    z = example(23, 2, seed=5)
    data = {"Input": X, "Output1": Y, "Output2": z}
    first = quiet(net, data, All, LossFunction=loss, BatchSize=23)["BatchLossList"][0]
    out = net(X)
    expected = 2 * ((out["Output1"] - Y) ** 2).mean() + 0.5 * np.abs(out["Output2"] - z).mean()
    assert first == pytest.approx(float(expected), rel=1e-5)


def test_class_labels_train_through_the_decoder():
    labels = ["a", "b", "c"]
    net = NetChain([3, SoftmaxLayer()], Input=5, Output=NetDecoder("Class", labels))
    by_label = quiet(net, (X, [labels[k - 1] for k in CLASSES]))
    by_index = quiet(NetChain([3, SoftmaxLayer()], Input=5), (X, CLASSES))
    np.testing.assert_array_equal(NetExtract(by_label, (1, "Weights")), NetExtract(by_index, (1, "Weights")))
    assert by_label(X[0]) in labels


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("d", 'Output: "d" is not one of the 3 classes (example 23)'),
        (4, "Output takes integers up to 3, but the data hold 4 (example 23)\n  hint: the largest is 3"),
    ],
)
def test_a_label_outside_the_classes_is_refused(label, text):
    decoder = {"Output": NetDecoder("Class", ["a", "b", "c"])} if label == "d" else {}
    labels = (["a"] * 22 if decoder else CLASSES[:22]) + [label]
    with pytest.raises(NetError) as caught:
        quiet(NetChain([3, SoftmaxLayer()], Input=5, **decoder), (X, labels))
    assert str(caught.value).startswith(text)


def test_true_and_false_attach_a_boolean_decoder():
    trained = quiet(NetChain([LinearLayer(()), "LogisticSigmoid"], Input=5), (X, X[:, 0] > 0))
    assert trained(X[0]) in (True, False)
    assert 0 <= trained(X[0], None) <= 1


# --- one step of each method is its formula


def test_one_step_of_sgd_is_its_formula():
    net = linear()
    trained = quiet(net, (X, Y), Method=("SGD", {"Momentum": 0}), LearningRate=0.1, BatchSize=23, MaxTrainingRounds=1)
    slopes = gradient_of_mean_square(net, X, Y)
    for name, slope in zip(("Weights", "Biases"), slopes, strict=True):
        assert_close(NetExtract(trained, name), NetExtract(net, name) - 0.1 * slope, atol=1e-6)


def test_two_steps_of_sgd_with_momentum_are_its_formula():
    net = linear()
    options = {"Method": ("SGD", {"Momentum": 0.8}), "LearningRate": 0.1, "BatchSize": 23}
    trained = quiet(net, (X, Y), MaxTrainingRounds=2, **options)
    w, b = NetExtract(net, "Weights").astype(float), NetExtract(net, "Biases").astype(float)
    speed = [0.0, 0.0]
    for _ in range(2):
        error = 2 * (X @ w.T + b - Y) / Y.size
        speed = [0.8 * speed[0] - 0.1 * error.T @ X, 0.8 * speed[1] - 0.1 * error.sum(0)]
        w, b = w + speed[0], b + speed[1]
    assert_close(NetExtract(trained, "Weights"), w, atol=1e-6)
    assert_close(NetExtract(trained, "Biases"), b, atol=1e-6)


def test_three_steps_of_adam_are_its_formula():
    net = linear()
    options = {"Beta1": 0.8, "Beta2": 0.95, "Epsilon": 1e-3}
    trained = quiet(net, (X, Y), Method=("ADAM", options), LearningRate=0.05, BatchSize=23)
    w, b = NetExtract(net, "Weights").astype(float), NetExtract(net, "Biases").astype(float)
    arrays, mean, square = [w, b], [0.0, 0.0], [0.0, 0.0]
    for step in (1, 2, 3):
        error = 2 * (X @ arrays[0].T + arrays[1] - Y) / Y.size
        for k, slope in enumerate((error.T @ X, error.sum(0))):
            mean[k] = 0.8 * mean[k] + 0.2 * slope
            square[k] = 0.95 * square[k] + 0.05 * slope**2
            move = (mean[k] / (1 - 0.8**step)) / (np.sqrt(square[k] / (1 - 0.95**step)) + 1e-3)
            arrays[k] = arrays[k] - 0.05 * move
    assert_close(NetExtract(trained, "Weights"), arrays[0], atol=1e-5)
    assert_close(NetExtract(trained, "Biases"), arrays[1], atol=1e-5)


def test_jax_takes_the_same_steps():
    net = NetInitialize(NetChain([7, "Tanh", 3, SoftmaxLayer()], Input=5))
    ours = quiet(net, (X, CLASSES), BatchSize=5)
    theirs = quiet(net, (X, CLASSES), BatchSize=5, TargetDevice=("CPU", "JAX"))
    for place in ((1, "Weights"), (3, "Biases")):
        assert_close(NetExtract(theirs, place), NetExtract(ours, place), rtol=1e-4, atol=1e-5)


# --- multipliers


def test_a_multiplier_of_0_or_none_leaves_an_array_bit_identical():
    net = NetInitialize(NetChain({"a": 7, "t": "Tanh", "b": 3}, Input=5))
    for frozen in (0, None):
        trained = quiet(net, (X, Y), LearningRateMultipliers={"a": frozen, ("b", "Biases"): frozen})
        for place in (("a", "Weights"), ("a", "Biases"), ("b", "Biases")):
            assert NetExtract(trained, place) is NetExtract(net, place)
        assert not np.array_equal(NetExtract(trained, ("b", "Weights")), NetExtract(net, ("b", "Weights")))


def test_a_negative_multiplier_ascends():
    net = linear()
    options = {"Method": ("SGD", {"Momentum": 0}), "LearningRate": 0.1, "BatchSize": 23, "MaxTrainingRounds": 1}
    trained = quiet(net, (X, Y), LearningRateMultipliers={"Weights": -2, "_": 1}, **options)
    slope = gradient_of_mean_square(net, X, Y)[0]
    assert_close(NetExtract(trained, "Weights"), NetExtract(net, "Weights") + 0.2 * slope, atol=1e-6)


@pytest.mark.parametrize(
    ("rules", "frozen"),
    [
        ({"a": 0}, {("a", "Weights"), ("a", "Biases")}),
        ({1: 0}, {("a", "Weights"), ("a", "Biases")}),
        ({-1: 0}, {("b", "Weights"), ("b", "Biases")}),
        ({"1;;2": 0}, {("a", "Weights"), ("a", "Biases")}),
        ({("a", "Biases"): 0}, {("a", "Biases")}),
        ({(3, "Biases"): None}, {("b", "Biases")}),
        ({wlnet.Alternatives("a", "b"): 0}, {(k, n) for k in "ab" for n in ("Weights", "Biases")}),
        ({"_": 0}, {(k, n) for k in "ab" for n in ("Weights", "Biases")}),
        (0, {(k, n) for k in "ab" for n in ("Weights", "Biases")}),
        ({-1: 1, "_": None}, {("a", "Weights"), ("a", "Biases")}),
        ({("a", "Weights"): 1, "a": 0}, {("a", "Biases")}),
    ],
    ids=lambda value: "" if isinstance(value, set) else str(value),
)
def test_the_first_rule_that_matches_wins(rules, frozen):
    net = NetInitialize(NetChain({"a": 7, "t": "Tanh", "b": 3}, Input=5))
    trained = quiet(net, (X, Y), LearningRateMultipliers=rules)
    places = [(k, n) for k in "ab" for n in ("Weights", "Biases")]
    same = {p for p in places if np.array_equal(NetExtract(trained, p), NetExtract(net, p))}
    assert same == frozen


def test_a_rule_that_names_nothing_is_an_error():
    with pytest.raises(NetError) as caught:
        quiet(NetChain({"conv": 3}, Input=5), (X, Y), LearningRateMultipliers={"cnv": 0})
    assert str(caught.value) == (
        'NetTrain: LearningRateMultipliers names "cnv", which is no part of the net\n  hint: did you mean conv?'
    )


def test_a_rule_that_is_hidden_warns_and_training_goes_on():
    with pytest.warns(NetWarning, match=re.escape('{"Biases": 0} is never used')):
        trained = quiet(linear(), (X, Y), LearningRateMultipliers={"_": 1, "Biases": 0})
    assert np.any(NetExtract(trained, "Biases"))


def test_settings_of_layer_container_and_nettrain_rank_from_inside_out():
    layer = LinearLayer(3, LearningRateMultipliers=2)
    rates = lambda net, **options: quiet(net, (X, Y), "ArraysLearningRateMultipliers", **options)[1, "Weights"]
    assert rates(NetChain([layer], Input=5)) == 2
    assert rates(NetChain([layer], Input=5, LearningRateMultipliers={1: 3})) == 3
    assert rates(NetChain([layer], Input=5, LearningRateMultipliers={1: 3}), LearningRateMultipliers={1: 5}) == 5


def test_a_frozen_batch_normalization_keeps_its_statistics():
    net = NetInitialize(NetChain({"n": BatchNormalizationLayer(), "b": 3}, Input=5))
    free, frozen = quiet(net, (X, Y)), quiet(net, (X, Y), LearningRateMultipliers={"n": 0})
    for name in ("Scaling", "Biases", "MovingMean", "MovingVariance"):
        assert NetExtract(frozen, ("n", name)).tobytes() == NetExtract(net, ("n", name)).tobytes()
        assert not np.array_equal(NetExtract(free, ("n", name)), NetExtract(net, ("n", name)))


def test_moving_statistics_follow_the_batches():
    net = NetInitialize(NetChain([BatchNormalizationLayer(Momentum=0.5), 3], Input=5))
    trained = quiet(net, (X, Y), MaxTrainingRounds=1, BatchSize=23)
    assert_close(NetExtract(trained, (1, "MovingMean")), 0.5 * X.mean(0), atol=1e-6)
    assert_close(NetExtract(trained, (1, "MovingVariance")), 0.5 + 0.5 * X.var(0), atol=1e-6)


# --- validation, the best net, and the end


def noisy():
    """A net that over-fits: its validation loss is not lowest at the end."""
    return NetInitialize(NetChain([31, "Tanh", 3], Input=5))


def test_the_best_validated_net_comes_back():
    validation = (example(11, 5, seed=8), example(11, 3, seed=9))
    options = {"ValidationSet": validation, "MaxTrainingRounds": 60, "LearningRate": 0.05}
    results = quiet(noisy(), (X, Y), All, **options)
    losses, best = results["ValidationLossList"], results["BestValidationRound"]
    assert len(losses) == 60
    assert best == 1 + int(np.argmin(losses)) < 60
    error = results["TrainedNet"](validation[0]) - validation[1]
    assert float((error**2).mean()) == pytest.approx(min(losses), rel=1e-4)


def test_scaled_reserves_a_fraction_drawn_at_random():
    results = quiet(linear(), (X, Y), All, ValidationSet=Scaled(0.3))
    assert (results["TrainingExamples"], results["ValidationExamples"]) == (16, 7)


def test_a_fraction_that_leaves_nothing_is_refused():
    with pytest.raises(NetError) as caught:
        quiet(linear(), (X, Y), ValidationSet=Scaled(0.001))
    assert str(caught.value) == (
        "ValidationSet=Scaled(0.001) of 23 examples leaves 0 for validation and 23 for training\n"
        "  hint: both need at least one: give a fraction between 0 and 1, and enough data"
    )


@pytest.mark.parametrize("fraction", [0, 1.0, 1.5, -0.1, float("nan"), "0.2", True])
def test_what_is_no_fraction_is_refused(fraction):
    with pytest.raises(NetError) as caught:
        quiet(linear(), (X, Y), ValidationSet=Scaled(fraction))
    assert str(caught.value) == (
        f"ValidationSet=Scaled({fraction!r}) must set aside a fraction of the examples, between 0 and 1\n"
        "  hint: write ValidationSet=Scaled(0.2)"
    )


@pytest.mark.parametrize("validated", [False, True])
def test_ctrl_c_returns_the_net_so_far(validated, monkeypatch):
    steps = []
    plain = wlnet.training.session.Session.step

    def step(self, rows):
        steps.append(rows)
        if len(steps) == 8:
            raise KeyboardInterrupt
        return plain(self, rows)

    monkeypatch.setattr(wlnet.training.session.Session, "step", step)
    options = {"ValidationSet": (X, Y)} if validated else {}
    results = quiet(linear(), (X, Y), All, BatchSize=5, MaxTrainingRounds=100, **options)
    assert results["ReasonTrainingStopped"] == "interrupted"
    assert results["TotalBatches"] == 7
    assert results["BestValidationRound"] == (1 if validated else None)
    assert not np.array_equal(NetExtract(results["TrainedNet"], "Weights"), NetExtract(linear(), "Weights"))


def test_divergence_warns_and_gives_the_last_finite_net():
    with pytest.warns(NetWarning, match="training stopped early"):
        results = quiet(linear(), (X * 1e6, Y), All, Method="SGD", LearningRate=1e6, MaxTrainingRounds=50)
    assert np.isfinite(NetExtract(results["TrainedNet"], "Weights")).all()


def test_the_same_seed_gives_the_same_bits_for_each_method():
    net = NetChain([7, DropoutLayer(0.3), "Tanh", 3], Input=5)
    for method in ("ADAM", "SGD"):
        one, other = (quiet(net, (X, Y), Method=method, BatchSize=5, ValidationSet=Scaled(0.2)) for _ in range(2))
        assert one == other
        assert quiet(net, (X, Y), Method=method, BatchSize=5, RandomSeeding=8) != one


def test_time_can_be_the_measure():
    results = quiet(linear(), (X, Y), All, MaxTrainingRounds=Quantity(0.2, "Seconds"))
    assert results["TotalRounds"] >= 1
    assert results["TotalTrainingTime"] < 2
    assert results["ReasonTrainingStopped"] == "0.2 seconds were over"


# --- options, results, the plan


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"BatchSize": 0}, "BatchSize must be a positive whole number or Automatic, got 0"),
        ({"Method": "ADMA"}, "Method must be one of ADAM, RMSProp, SGD, SignSGD, got 'ADMA'\n  hint: did you mean ADAM?"),
        ({"Method": ("SGD", {"Momentm": 1})}, "'Momentm' is not a sub-option of Method 'SGD'\n  hint: did you mean Momentum?"),
        ({"Method": ("ADAM", {"Beta1": 2})}, "Beta1 must be a number from 0 up to, not including, 1, got 2"),
        ({"LearningRate": "fast"}, "LearningRate must be a number of 0 or more, got \"fast\""),
        ({"RandomSeeding": 1.5}, "RandomSeeding must be an integer, a text, Automatic or Inherited, got 1.5"),
        ({"WorkingPrecision": "Real16"}, "WorkingPrecision must be \"Real32\" or \"Real64\", got 'Real16'"),
        ({"LossFunction": {"Outptu": MeanSquaredLossLayer()}}, 'LossFunction: the net has no output port "Outptu"'),
        ({"LearningRateMultipliers": {"Weights": "x"}}, "LearningRateMultipliers must give each part a number or None"),
    ],
    ids=str,
)  # fmt: skip
def test_bad_options_are_refused(options, text):
    with pytest.raises(NetError) as caught:
        quiet(linear(), (X, Y), **options)
    assert str(caught.value).startswith(text)


def test_a_wrong_option_names_the_nearest():
    with pytest.raises(NetError) as caught:
        quiet(linear(), (X, Y), MaxTrainngRounds=3)
    assert str(caught.value) == ("NetTrain: MaxTrainngRounds is not an option\n  hint: did you mean MaxTrainingRounds?")
    with pytest.raises(NetError) as caught:
        NetInitialize(LinearLayer(3, Input=5), Metod="Xavier")
    assert str(caught.value) == "NetInitialize: Metod is not an option\n  hint: did you mean Method?"


def test_a_wrong_property_is_refused_before_training(monkeypatch):
    monkeypatch.setattr(wlnet.training.train, "trained", None)
    with pytest.raises(NetError) as caught:
        quiet(linear(), (X, Y), "RoundLos")
    assert str(caught.value) == '"RoundLos" is not a property of a training\n  hint: did you mean RoundLoss?'


def test_ragged_data_make_an_open_port_vary():
    net = NetChain([wlnet.GatedRecurrentLayer(4), wlnet.SequenceLastLayer(), 3])
    sequences = [example(n, 5, seed=n) for n in (3, 7, 5, 2, 11)]
    trained = quiet(net, (sequences, Y[:5]))
    assert NetExtract(trained, "Input") == ("Varying", 5)
    assert trained(sequences).shape == (5, 3)


def test_properties_of_a_training():
    results = quiet(linear(), (X, Y), All, BatchSize=5)
    assert results["BatchSize"] == 5
    assert results["RoundPositions"] == [5, 10, 15]
    weights = [min(5, 23 - k) for k in range(0, 23, 5)]
    first = np.average(results["BatchLossList"][:5], weights=weights)
    assert results["RoundLossList"][0] == pytest.approx(first)
    assert quiet(linear(), (X, Y), ["TotalRounds", "BatchSize"]) == [3, 23]
    with pytest.raises(NetError, match="did you mean RoundLoss"):
        results["RoundLos"]


def test_the_plan_prints():
    net = NetInitialize(NetChain({"a": 3}, Input=5))
    plan = quiet(net, (X, Y), All, LearningRateMultipliers={("a", "Biases"): 0, "a": -2}, BatchSize=5)["TrainingPlan"]
    assert str(plan) == "\n".join(
        [
            "losses:",
            "  Loss: MeanSquaredLossLayer() on Output",
            "arrays:",
            '  a/Weights (3×5): ascends at 2×, by NetTrain: {"a": -2}',
            '  a/Biases (3): frozen, by NetTrain: {("a", "Biases"): 0}',
            "method: ADAM (Beta1 0.9, Beta2 0.999, Epsilon 1e-05), learning rate 0.001",
            "batches: 5 examples, 5 a round, 3 rounds",
            "examples: 23 for training, 0 for validation",
            "computed by NumPy in float32, seed 7",
        ]
    )


def test_progress_is_printed_where_nobody_watches(capsys):
    quiet(linear(), (X, Y), TrainingProgressReporting="Print", ValidationSet=(X, Y))
    assert re.fullmatch(r"round 3 of 3  loss \S+, validation \S+  \d\.\d s\n", capsys.readouterr().out)


def test_the_progress_bar_shows_losses_and_time_left(capsys):
    quiet(linear(), (X, Y), TrainingProgressReporting="ProgressIndicator")
    shown = capsys.readouterr().out
    assert "round 3 of 3" in shown and "loss" in shown and "left" in shown


def test_a_net_learns_a_line():
    slope = np.array([[1.0, -2.0, 0.5, 3.0, 0.0]])
    trained = quiet(LinearLayer(1), (X, X @ slope.T + 1), MaxTrainingRounds=800, LearningRate=0.05)
    assert_close(NetExtract(trained, "Weights"), slope, atol=1e-2)


def test_arguments_that_are_missing_or_too_many_are_refused():
    for call, text in (
        (lambda: NetTrain(linear()), "NetTrain: missing a required argument: 'data'"),
        (lambda: NetTrain(linear(), (X, Y), "RoundLoss", 3), "NetTrain: too many positional arguments"),
    ):
        with pytest.raises(NetError) as error:
            call()
        assert str(error.value) == text + "\n  hint: before its options it takes net, data, prop"
