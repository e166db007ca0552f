"""What NetTrain promises: the best net comes back however training ends, the same bits come again, frozen is frozen."""

import re
import signal
import warnings

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from wlnet import (
    All,
    BatchNormalizationLayer,
    DropoutLayer,
    LinearLayer,
    NetChain,
    NetError,
    NetExtract,
    NetInitialize,
    NetTrain,
    NetWarning,
    Scaled,
)

X, Y = example(23, 5), example(23, 3, seed=1)
OTHERS = (example(11, 5, seed=8), example(11, 3, seed=9))
NET = NetInitialize(NetChain([31, "Tanh", 3], Input=5), RandomSeeding=1)
PARTS = NetInitialize(NetChain({"a": 7, "n": BatchNormalizationLayer(), "t": "Tanh", "b": 3}, Input=5), RandomSeeding=1)


def quiet(net=NET, *prop, **options):
    """The results of a training whose validation loss is not lowest at its end."""
    standing = {
        "MaxTrainingRounds": 60, "BatchSize": 23, "LearningRate": 0.05, "RandomSeeding": 7, "ValidationSet": OTHERS,
        "TrainingProgressReporting": None,
    }  # fmt: skip
    return NetTrain(net, (X, Y), *(prop or (All,)), **{**standing, **options})


def loss_of(net, data=OTHERS):
    """The mean squared error of a net."""
    return float(((net(data[0]) - data[1]) ** 2).mean())


def at_round(number, act):
    """A function of progress that acts in a round."""
    return lambda facts: act() if facts["Round"] == number else None


def assert_best(results):
    """The net that comes back is the one with the lowest validation loss, and that is not the last."""
    losses = results["ValidationLossList"]
    assert results["BestValidationRound"] == 1 + int(np.argmin(losses)) < len(losses)
    assert loss_of(results["TrainedNet"]) == pytest.approx(min(losses), rel=1e-4)
    assert loss_of(results["TrainedNet"]) < losses[-1]


# --- the best-validated net


def test_the_best_validated_net_comes_back_after_a_normal_end():
    results = quiet()
    assert results["ReasonTrainingStopped"] == "MaxTrainingRounds was reached"
    assert_best(results)


def test_the_best_validated_net_comes_back_after_an_early_stop():
    results = quiet(TrainingStoppingCriterion={"Criterion": "Loss", "Patience": 3})
    assert results["TotalRounds"] < 60
    assert_best(results)


def test_the_best_validated_net_comes_back_after_stop_training():
    results = quiet(TrainingProgressFunction=at_round(50, lambda: "StopTraining"))
    assert results["TotalRounds"] == 50
    assert_best(results)


def test_the_best_validated_net_comes_back_after_ctrl_c():
    results = quiet(TrainingProgressFunction=at_round(50, lambda: signal.raise_signal(signal.SIGINT)))
    assert results["ReasonTrainingStopped"] == "interrupted"
    assert results["TotalRounds"] == 50
    assert_best(results)


def test_the_best_validated_net_comes_back_after_ctrl_c_at_any_moment(monkeypatch):
    """A true signal, from a timer that knows nothing of batches and rounds."""

    def ring(number, frame):
        raise KeyboardInterrupt

    for delay in (0.05, 0.11, 0.17):
        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, delay)
        try:
            results = quiet(MaxTrainingRounds=10**6)
        except KeyboardInterrupt:
            continue  # before training began
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        assert results["ReasonTrainingStopped"] == "interrupted"
        assert loss_of(results["TrainedNet"]) == pytest.approx(min(results["ValidationLossList"]), rel=1e-4)


def test_the_best_validated_net_comes_back_after_the_time_limit():
    results = quiet(MaxTrainingRounds=10**6, TimeGoal=0.5)
    assert results["ReasonTrainingStopped"] == "0.5 seconds were over"
    assert_best(results)


def test_the_best_validated_net_comes_back_after_divergence():
    with pytest.warns(NetWarning, match="training stopped early: the loss became"):
        results = quiet(Method=("SGD", {"Momentum": 0}), LearningRate=8.0, MaxTrainingRounds=3000)
    losses = results["ValidationLossList"]
    assert results["ReasonTrainingStopped"].endswith("normalize the data, lower LearningRate, or clip gradients")
    assert results["BestValidationRound"] == 1 + int(np.nanargmin(losses)) < len(losses)
    assert loss_of(results["TrainedNet"]) == pytest.approx(np.nanmin(losses), rel=1e-4)


def test_numbers_that_overflow_in_validation_are_no_warning_of_numpy():
    vast = (OTHERS[0], np.full_like(OTHERS[1], 1e19))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = quiet(ValidationSet=vast, MaxTrainingRounds=2)
    assert results["ValidationLossList"] == [np.inf, np.inf]


def test_what_a_failing_callback_says_is_one_line():
    with pytest.warns(NetWarning) as caught:
        results = quiet(TrainingProgressFunction=lambda facts: facts["Nothing"])
    reason = 'TrainingProgressFunction failed: "Nothing" is not known of a training; list(facts) names all of them'
    assert results["ReasonTrainingStopped"] == reason
    assert [str(each.message) for each in caught] == [
        f"training stopped early: {reason}; the best net so far is returned"
    ]


def test_the_best_validated_net_comes_back_after_a_failing_callback():
    with pytest.warns(
        NetWarning, match=re.escape("training stopped early: TrainingProgressFunction failed: ZeroDivisionErr")
    ):
        results = quiet(TrainingProgressFunction=at_round(50, lambda: 1 / 0))
    assert results["TotalRounds"] == 50
    assert_best(results)


def test_the_first_of_equal_losses_wins():
    results = quiet(LearningRateMultipliers=0, MaxTrainingRounds=4)
    assert len(set(results["ValidationLossList"])) == 1 and results["BestValidationRound"] == 1


# --- without validation


def test_without_validation_the_last_net_comes_back():
    results, longer = quiet(ValidationSet=None), quiet(ValidationSet=None, MaxTrainingRounds=61)
    assert loss_of(results["TrainedNet"], (X, Y)) == pytest.approx(longer["RoundLossList"][-1], rel=1e-4)
    assert results["BestValidationRound"] is None


def test_without_validation_divergence_gives_the_last_net_whose_loss_is_a_number():
    options = {"ValidationSet": None, "Method": ("SGD", {"Momentum": 0}), "LearningRate": 1e4, "BatchSize": 5}
    with pytest.warns(NetWarning, match="the best net so far is returned"):
        results = quiet(LinearLayer(3, Input=5), **options)
    assert results["TotalBatches"] > 3 and results["TotalRounds"] < 60
    weights = NetExtract(results["TrainedNet"], "Weights")
    assert np.isfinite(weights).all() and np.abs(weights).max() > 1e3  # after many steps, not the first net


def test_statistics_that_are_no_longer_finite_end_training():
    net = NetInitialize(NetChain([BatchNormalizationLayer(), 3], Input=5), RandomSeeding=1)
    with pytest.warns(NetWarning, match="an array is no longer finite"):
        results = NetTrain(net, (X * 1e25, Y), All, MaxTrainingRounds=3, TrainingProgressReporting=None)
    assert np.isfinite(NetExtract(results["TrainedNet"], (1, "MovingVariance"))).all()


# --- the same bits


@pytest.mark.parametrize("method", ["ADAM", "RMSProp", "SGD", "SignSGD"])
def test_the_same_seed_gives_bit_equal_nets_for_each_method(method):
    net = NetChain([7, BatchNormalizationLayer(), DropoutLayer(0.3), "Tanh", 3], Input=5)
    options = {"Method": method, "BatchSize": 5, "ValidationSet": Scaled(0.2), "MaxTrainingRounds": 4}
    one, other = (quiet(net, **options) for _ in range(2))
    for place in ((1, "Weights"), (2, "Scaling"), (2, "MovingMean"), (2, "MovingVariance"), (5, "Biases")):
        first, second = (NetExtract(each["TrainedNet"], place) for each in (one, other))
        assert first.tobytes() == second.tobytes()
    assert one["BatchLossList"] == other["BatchLossList"]
    assert quiet(net, **options, RandomSeeding=8)["BatchLossList"] != one["BatchLossList"]


def test_what_looks_on_changes_no_bit():
    plain = quiet(MaxTrainingRounds=5)
    watched = quiet(
        MaxTrainingRounds=5,
        TrainingProgressFunction=lambda facts: facts["Net"],
        TrainingStoppingCriterion={"Patience": 50},
        TrainingProgressMeasurements=["MeanSquare", "RSquared"],
        TimeGoal=1000,
    )
    assert plain["TrainedNet"] == watched["TrainedNet"]


# --- freezing


@pytest.mark.parametrize("method", ["ADAM", ("SGD", {"WeightClipping": 0.01, "L2Regularization": 1})], ids=str)
@pytest.mark.parametrize("frozen", [0, None, 0.0])
def test_a_multiplier_0_or_none_leaves_an_array_bit_identical(frozen, method):
    zeros = np.full(3, -0.0, np.float32)  # the sign of a zero is a bit too
    net = wlnet.NetReplacePart(PARTS, {("b", "Biases"): zeros})
    trained = quiet(
        net,
        "TrainedNet",
        MaxTrainingRounds=3,
        Method=method,
        LearningRateMultipliers={"a": frozen, ("b", "Biases"): frozen},
    )
    for place in (("a", "Weights"), ("a", "Biases"), ("b", "Biases")):
        assert NetExtract(trained, place).tobytes() == NetExtract(net, place).tobytes()
    assert not np.array_equal(NetExtract(trained, ("b", "Weights")), NetExtract(net, ("b", "Weights")))


def test_moving_statistics_of_a_frozen_batch_normalization_are_bit_identical():
    trained = quiet(PARTS, "TrainedNet", MaxTrainingRounds=3, LearningRateMultipliers={"n": None})
    for name in ("Scaling", "Biases", "MovingMean", "MovingVariance"):
        assert NetExtract(trained, ("n", name)).tobytes() == NetExtract(PARTS, ("n", name)).tobytes()
    free = quiet(PARTS, "TrainedNet", MaxTrainingRounds=3)
    assert not np.array_equal(NetExtract(free, ("n", "MovingMean")), NetExtract(PARTS, ("n", "MovingMean")))


@pytest.mark.parametrize("device", ["CPU", ("CPU", "JAX")], ids=str)
@pytest.mark.parametrize("name, other", [("MovingMean", "MovingVariance"), ("MovingVariance", "MovingMean")])
def test_one_moving_statistic_that_is_frozen_alone_is_bit_identical(name, other, device):
    trained = quiet(PARTS, "TrainedNet", LearningRateMultipliers={("n", name): 0}, TargetDevice=device)
    assert NetExtract(trained, ("n", name)).tobytes() == NetExtract(PARTS, ("n", name)).tobytes()
    assert (NetExtract(trained, ("n", other)) != NetExtract(PARTS, ("n", other))).all()


def test_a_negative_multiplier_ascends():
    net = NetInitialize(LinearLayer(3, Input=5), RandomSeeding=1)
    plain = {"Method": ("SGD", {"Momentum": 0}), "MaxTrainingRounds": 1, "ValidationSet": None}
    up, down = (quiet(net, "TrainedNet", LearningRateMultipliers=rate, **plain) for rate in (-1, 1))
    start = NetExtract(net, "Weights")
    assert_close(NetExtract(up, "Weights") - start, start - NetExtract(down, "Weights"), atol=1e-6)
    assert loss_of(down, (X, Y)) < loss_of(net, (X, Y)) < loss_of(up, (X, Y))


@pytest.mark.parametrize(
    ("rules", "frozen"),
    [({"b": 1, "_": None}, "an"), ({"_": None, "b": 1}, "anb"), ({("b", "Weights"): 1, "b": 0}, "")],
)
@pytest.mark.filterwarnings("ignore::wlnet.NetWarning")
def test_the_first_rule_that_matches_wins(rules, frozen):
    trained = quiet(PARTS, "TrainedNet", MaxTrainingRounds=2, LearningRateMultipliers=rules)
    places = [("a", "Weights"), ("n", "Scaling"), ("b", "Weights")]
    same = "".join(p[0] for p in places if np.array_equal(NetExtract(trained, p), NetExtract(PARTS, p)))
    assert same == frozen


def test_a_rule_that_names_no_layer_or_array_is_an_error_with_the_nearest():
    with pytest.raises(NetError) as caught:
        quiet(PARTS, LearningRateMultipliers={("a", "Wieghts"): 0})
    assert str(caught.value) == (
        'NetTrain: LearningRateMultipliers names ("a", "Wieghts"), which is no part of the net\n'
        "  hint: did you mean Weights?"
    )


def test_a_rule_that_is_wholly_hidden_warns_and_training_goes_on():
    with pytest.warns(NetWarning, match=re.escape('{("a", "Biases"): 0} is never used: earlier rules reach all of it')):
        trained = quiet(PARTS, "TrainedNet", MaxTrainingRounds=2, LearningRateMultipliers={"a": 1, ("a", "Biases"): 0})
    assert not np.array_equal(NetExtract(trained, ("a", "Biases")), NetExtract(PARTS, ("a", "Biases")))


# --- shapes of targets


@pytest.mark.parametrize("validation", [False, True])
def test_targets_of_n_against_outputs_of_n_1_never_broadcast(validation):
    column, row = (X, X[:, :1]), (X, X[:, 0])
    net = LinearLayer(1, Input=5)
    data, setting = (column, row) if validation else (row, None)
    with pytest.raises(NetError) as caught:
        NetTrain(net, data, ValidationSet=setting, MaxTrainingRounds=1, TrainingProgressReporting=None)
    what = "the validation data: " if validation else ""
    assert str(caught.value) == (
        f"{what}Output takes 1, so a batch has rank 2, but the data are of shape 23\n"
        "  hint: Output takes 1 for each example; give [[y1], [y2], …], or end the net in a number: LinearLayer(())"
    )


def test_outputs_of_n_against_targets_of_n_1_never_broadcast():
    with pytest.raises(NetError) as caught:
        NetTrain(LinearLayer((), Input=5), (X, X[:, :1]), MaxTrainingRounds=1, TrainingProgressReporting=None)
    assert str(caught.value) == (
        "Output takes scalar, but the data are of shape 23×1\n  hint: one example has rank 0, a batch rank 1"
    )


# --- a training that was cut goes on


@pytest.mark.parametrize("cut", [7, 10, 12])
def test_a_training_cut_after_batches_goes_on_to_the_bits_of_a_longer_one(cut, tmp_path):
    options = {"BatchSize": 5, "TrainingStoppingCriterion": {"Criterion": "Loss", "Patience": 30}}
    whole = quiet(PARTS, **options, MaxTrainingRounds=wlnet.Quantity(19, "Batches"))
    path = tmp_path / "cut.safetensors"
    limit = wlnet.Quantity(cut, "Batches")
    quiet(PARTS, **options, MaxTrainingRounds=limit, TrainingProgressCheckpointing=("File", path))
    again = {"ValidationSet": OTHERS, "TrainingProgressReporting": None}
    results = NetTrain(path, (X, Y), All, MaxTrainingRounds=wlnet.Quantity(19, "Batches"), **again)
    assert results["TotalBatches"] == 19 and results["BatchLossList"] == whole["BatchLossList"]
    assert results["TrainedNet"] == whole["TrainedNet"]


def test_patience_goes_on_where_it_was(tmp_path):
    options = {"TrainingStoppingCriterion": {"Criterion": "Loss", "Patience": 9}}
    whole, path = quiet(**options), tmp_path / "cut.safetensors"
    assert 20 < whole["TotalRounds"] < 60
    rounds = whole["TotalRounds"] - 4  # in the middle of its patience
    quiet(**options, MaxTrainingRounds=rounds, TrainingProgressCheckpointing=("File", path))
    again = {"ValidationSet": OTHERS, "TrainingProgressReporting": None, "MaxTrainingRounds": 60}
    results = NetTrain(path, (X, Y), All, **again)
    assert results["TotalRounds"] == whole["TotalRounds"]
    assert results["ReasonTrainingStopped"] == whole["ReasonTrainingStopped"]
    assert results["TrainedNet"] == whole["TrainedNet"]
