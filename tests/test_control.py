"""How long a net trains, by what it is validated, by which seed, in which precision, in which parts."""

import subprocess
import sys

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    All,
    Automatic,
    BatchNormalizationLayer,
    DropoutLayer,
    GatedRecurrentLayer,
    LinearLayer,
    NetChain,
    NetError,
    NetExtract,
    NetInitialize,
    NetTrain,
    NetWarning,
    Quantity,
    Scaled,
    SequenceLastLayer,
)
from wlnet.core.symbols import Inherited
from wlnet.training import duration as lasting
from wlnet.training import parts
from wlnet.training.duration import Duration, duration

X, Y = example(23, 5), example(23, 3, seed=1)
OTHERS = (example(11, 5, seed=8), example(11, 3, seed=9))
NET = NetInitialize(NetChain([7, "Tanh", 3], Input=5), RandomSeeding=1)


def quiet(net=NET, data=(X, Y), *prop, **options):
    """The results of a training without output, of five batches a round."""
    standing = {"MaxTrainingRounds": 3, "BatchSize": 5, "RandomSeeding": 7, "TrainingProgressReporting": None}
    return NetTrain(net, data, *(prop or (All,)), **{**standing, **options})


def refusal(**options):
    """The text with which NetTrain refuses options."""
    with pytest.raises(NetError) as caught:
        quiet(**options)
    return str(caught.value)


def same_arrays(one, other):
    """Whether two nets have the same numbers, bit for bit."""
    places = [(1, "Weights"), (1, "Biases"), (3, "Weights"), (3, "Biases")]
    return all(NetExtract(one, place).tobytes() == NetExtract(other, place).tobytes() for place in places)


# --- MaxTrainingRounds and TimeGoal


@pytest.mark.parametrize(
    ("longest", "goal", "expected"),
    [
        (Automatic, Automatic, Duration(seconds=20, whole_rounds=True)),
        (7, Automatic, Duration(rounds=7)),
        (Quantity(7, "Rounds"), Automatic, Duration(rounds=7)),
        (Quantity(7, "Batches"), Automatic, Duration(batches=7)),
        (Quantity(7, "Seconds"), Automatic, Duration(seconds=7)),
        (Quantity(1.5, "Minutes"), Automatic, Duration(seconds=90)),
        (Quantity(0.5, "Hours"), Automatic, Duration(seconds=1800)),
        (Automatic, 7, Duration(seconds=7)),
        (Automatic, 0.25, Duration(seconds=0.25)),
        (Automatic, Quantity(7, "Seconds"), Duration(seconds=7)),
        (Automatic, Quantity(2, "Minutes"), Duration(seconds=120)),
        (Automatic, Quantity(2, "Hours"), Duration(seconds=7200)),
        (7, 3, Duration(rounds=7, seconds=3)),
        (Quantity(7, "Batches"), 3, Duration(batches=7, seconds=3)),
        (Quantity(2, "Minutes"), 3, Duration(seconds=3)),
        (Quantity(2, "Seconds"), 3, Duration(seconds=2)),
    ],
    ids=str,
)
def test_max_training_rounds_and_time_goal_together(longest, goal, expected):
    assert duration(longest, goal) == expected


@pytest.mark.parametrize(
    ("longest", "goal", "text"),
    [
        (7, Automatic, "7 rounds"),
        (7, 3, "7 rounds, at most 3 s"),
        (Quantity(7, "Batches"), 0.5, "7 batches, at most 0.5 s"),
        (Automatic, 0.5, "0.5 s"),
        (Automatic, Automatic, "as many rounds as fit 20 s"),
    ],
)
def test_the_duration_reads(longest, goal, text):
    assert str(duration(longest, goal)) == text


@pytest.mark.parametrize("setting", [4, Quantity(4, "Rounds"), np.int64(4)], ids=repr)
def test_max_training_rounds_of_n_rounds(setting):
    results = quiet(MaxTrainingRounds=setting)
    assert (results["TotalRounds"], results["TotalBatches"]) == (4, 20)
    assert results["ReasonTrainingStopped"] == "MaxTrainingRounds was reached"


@pytest.mark.parametrize(("batches", "rounds"), [(7, 1), (10, 2), (3, 0)])
def test_max_training_rounds_as_a_quantity_of_batches(batches, rounds):
    results = quiet(MaxTrainingRounds=Quantity(batches, "Batches"), ValidationSet=OTHERS)
    assert results["TotalBatches"] == batches
    assert results["TotalRounds"] == len(results["ValidationLossList"]) == rounds
    assert results["ReasonTrainingStopped"] == "MaxTrainingRounds was reached"


@pytest.mark.parametrize("unit", ["Seconds", "Minutes", "Hours"])
def test_max_training_rounds_as_a_quantity_of_time(unit):
    seconds = {"Seconds": 1, "Minutes": 60, "Hours": 3600}[unit]
    results = quiet(MaxTrainingRounds=Quantity(0.2 / seconds, unit))
    assert results["ReasonTrainingStopped"] == "0.2 seconds were over"
    assert 0.2 <= results["TotalTrainingTime"] < 1


def test_automatic_rounds_fit_about_so_many_seconds(monkeypatch):
    monkeypatch.setattr(lasting, "AUTOMATIC_SECONDS", 0.3)
    results = quiet(MaxTrainingRounds=Automatic)
    assert results["TotalBatches"] == 5 * results["TotalRounds"] > 5  # whole rounds
    assert 0.1 < results["TotalTrainingTime"] < 1
    assert results["ReasonTrainingStopped"] in (
        "another round would not fit 0.3 seconds", "0.3 seconds were over"
    )  # fmt: skip


def test_automatic_rounds_are_at_least_one(monkeypatch):
    monkeypatch.setattr(lasting, "AUTOMATIC_SECONDS", 1e-9)
    assert quiet(MaxTrainingRounds=Automatic)["TotalBatches"] == 5


def test_automatic_rounds_are_at_most_10000_unless_there_is_a_time_goal(monkeypatch):
    assert lasting.MOST_ROUNDS == 10_000
    monkeypatch.setattr(lasting, "MOST_ROUNDS", 4)
    results = quiet(MaxTrainingRounds=Automatic)
    assert (results["TotalRounds"], results["ReasonTrainingStopped"]) == (4, "4 rounds were over")
    assert quiet(MaxTrainingRounds=Automatic, TimeGoal=0.3)["TotalRounds"] > 4


def test_a_time_goal_stops_within_a_batch_of_the_limit():
    slow = NetInitialize(NetChain([301, "Tanh", 3], Input=5), RandomSeeding=1)
    data = (example(20011, 5), example(20011, 3))
    results = quiet(slow, data, MaxTrainingRounds=Automatic, TimeGoal=0.4, BatchSize=31)
    assert results["TotalBatches"] % 646 != 0 and results["ReasonTrainingStopped"] == "0.4 seconds were over"
    assert 0.4 <= results["TotalTrainingTime"] < 0.4 + 0.3


@pytest.mark.parametrize(
    ("rounds", "goal", "reason"), [(3, 100, "MaxTrainingRounds was reached"), (10**9, 0.2, "0.2 seconds were over")]
)
def test_the_shorter_of_rounds_and_time_wins(rounds, goal, reason):
    assert quiet(MaxTrainingRounds=rounds, TimeGoal=goal)["ReasonTrainingStopped"] == reason


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"MaxTrainingRounds": 0}, "MaxTrainingRounds must be a positive whole number, a Quantity of rounds, batches or "
                                   "time, or Automatic, got 0\n  hint: write MaxTrainingRounds=10"),
        ({"MaxTrainingRounds": 1.5}, "MaxTrainingRounds must be a positive whole number, a Quantity of rounds, batches "
                                     "or time, or Automatic, got 1.5\n  hint: write MaxTrainingRounds=10"),
        ({"MaxTrainingRounds": True}, "MaxTrainingRounds must be a positive whole number, a Quantity of rounds, batches "
                                      "or time, or Automatic, got True\n  hint: write MaxTrainingRounds=10"),
        ({"MaxTrainingRounds": Quantity(-1, "Seconds")},
         "MaxTrainingRounds must be a positive whole number, a Quantity of rounds, batches or time, or Automatic, got "
         'Quantity(-1, "Seconds")\n  hint: write MaxTrainingRounds=10'),
        ({"MaxTrainingRounds": Quantity(3, "Round")},
         "MaxTrainingRounds is no number of Round\n  hint: did you mean Rounds?"),
        ({"TimeGoal": Quantity(3, "Rounds")}, "TimeGoal is no number of Rounds\n  hint: did you mean Seconds?"),
        ({"TimeGoal": 0}, "TimeGoal must be a positive number of seconds, a Quantity of time, or Automatic, got 0\n"
                          '  hint: write TimeGoal=60 or Quantity(1, "Minutes")'),
        ({"TimeGoal": np.inf}, "TimeGoal must be a positive number of seconds, a Quantity of time, or Automatic, got inf\n"
                               '  hint: write TimeGoal=60 or Quantity(1, "Minutes")'),
        ({"TimeGoal": "1 min"}, "TimeGoal must be a positive number of seconds, a Quantity of time, or Automatic, got "
                                "'1 min'\n  hint: write TimeGoal=60 or Quantity(1, \"Minutes\")"),
    ],
    ids=str,
)  # fmt: skip
def test_bad_durations_are_refused(options, text):
    assert refusal(**options) == text


# --- ValidationSet


def test_validation_set_none_judges_by_nothing():
    results = quiet()
    assert results["ValidationLossList"] == [] and results["BestValidationRound"] is None


@pytest.mark.parametrize(
    "form",
    [
        OTHERS,
        {"Input": OTHERS[0], "Output": OTHERS[1]},
        list(zip(*OTHERS, strict=True)),
        [{"Input": x, "Output": y} for x, y in zip(*OTHERS, strict=True)],
    ],
    ids=["columns", "dict", "pairs", "rows"],
)
def test_validation_set_takes_every_form_of_data(form):
    assert quiet(ValidationSet=form)["ValidationLossList"] == quiet(ValidationSet=OTHERS)["ValidationLossList"]


def test_validation_set_scaled_reserves_a_fraction_that_is_not_learned():
    marked = np.arange(23, dtype=np.float32)[:, None] + np.zeros(5, np.float32)
    results = quiet(LinearLayer(1), (marked, marked[:, :1]), ValidationSet=Scaled(0.3))
    assert (results["TrainingExamples"], results["ValidationExamples"]) == (16, 7)
    assert (
        quiet(ValidationSet=Scaled(0.3))["ValidationLossList"] == quiet(ValidationSet=Scaled(0.3))["ValidationLossList"]
    )


@pytest.mark.parametrize("interval", [2, Quantity(2, "Rounds")], ids=str)
def test_validation_set_with_an_interval_of_rounds(interval):
    results = quiet(MaxTrainingRounds=7, ValidationSet=(OTHERS, {"Interval": interval}))
    every = quiet(MaxTrainingRounds=7, ValidationSet=OTHERS)["ValidationLossList"]
    assert results["ValidationLossList"] == every[1::2]
    assert results["ValidationPositions"] == [10, 20, 30]
    assert "11 for validation, every 2 rounds\n" in str(results["TrainingPlan"])


def test_validation_set_with_an_interval_of_batches():
    results = quiet(MaxTrainingRounds=3, ValidationSet=(OTHERS, {"Interval": Quantity(4, "Batches")}))
    assert results["ValidationPositions"] == [4, 8, 12]
    assert results["BestValidationRound"] in (1, 2, 3)
    by_round = quiet(MaxTrainingRounds=3, ValidationSet=(OTHERS, {"Interval": Quantity(5, "Batches")}))
    assert by_round["ValidationLossList"] == quiet(ValidationSet=OTHERS)["ValidationLossList"]


def test_validation_set_with_an_interval_of_time():
    interval = (OTHERS, {"Interval": Quantity(0.1, "Seconds")})
    results = quiet(MaxTrainingRounds=Quantity(0.55, "Seconds"), ValidationSet=interval)
    assert 2 <= len(results["ValidationLossList"]) <= 5


def test_a_validation_set_that_is_never_used_is_said():
    with pytest.warns(NetWarning, match="training ended before the first validation: the net is that of the last step"):
        results = quiet(ValidationSet=(OTHERS, {"Interval": 10}))
    assert results["ValidationLossList"] == [] and same_arrays(results["TrainedNet"], quiet()["TrainedNet"])


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ((OTHERS, {"Intervall": 2}), "ValidationSet: 'Intervall' is not a sub-option\n  hint: did you mean Interval?"),
        ((OTHERS, {"Interval": 0}), 'ValidationSet: "Interval" must be a positive number or a Quantity, got 0'),
        ((OTHERS[0], OTHERS[1][:5]), "the validation data: there are 11 inputs but 5 outputs\n  hint: give every input its "
                                     "output"),
        (([], []), "the validation data are empty\n  hint: give a list of pairs [(x, y), …], a tuple of columns (X, Y), "
                   "or a dict of columns {port: …}"),
    ],
    ids=str,
)  # fmt: skip
def test_bad_validation_sets_are_refused(setting, text):
    assert refusal(ValidationSet=setting) == text


def test_a_named_validation_set_is_refused_with_what_to_pass():
    text = refusal(ValidationSet="MNIST")
    assert text.startswith("the validation data") and "MNIST" in text and "hint" in text


# --- RandomSeeding


@pytest.mark.parametrize("seed", [0, 1234, "a text", np.int64(5)], ids=repr)
def test_random_seeding_of_an_integer_or_a_text_repeats(seed):
    net = NetChain([7, DropoutLayer(), 3], Input=5)
    one, other = (quiet(net, (X, Y), "TrainedNet", RandomSeeding=seed) for _ in range(2))
    assert same_arrays(one, other)


def test_random_seeding_automatic_is_new_each_time_and_told_in_the_plan():
    net = NetChain([7, "Tanh", 3], Input=5)
    one, other = (quiet(net, RandomSeeding=Automatic) for _ in range(2))
    assert not same_arrays(one["TrainedNet"], other["TrainedNet"])
    again = quiet(net, RandomSeeding=one["TrainingPlan"].seed)
    assert same_arrays(one["TrainedNet"], again["TrainedNet"])


def test_random_seeding_inherited_follows_numpy():
    net, nets = NetChain([7, "Tanh", 3], Input=5), []
    for _ in range(2):
        np.random.seed(3)
        nets.append(quiet(net, RandomSeeding=Inherited)["TrainedNet"])
    assert same_arrays(*nets)
    assert not same_arrays(nets[0], quiet(net, RandomSeeding=Inherited)["TrainedNet"])


# --- WorkingPrecision and TargetDevice


def test_working_precision_real64_computes_in_double():
    options = {"Method": ("SGD", {"Momentum": 0}), "LearningRate": 0.1, "BatchSize": 23, "MaxTrainingRounds": 50}
    net = NetInitialize(LinearLayer(3, Input=5), RandomSeeding=1)
    w, b = NetExtract(net, "Weights").astype(float), NetExtract(net, "Biases").astype(float)
    for _ in range(50):
        error = 2 * (X @ w.T + b - Y) / Y.size
        w, b = w - 0.1 * error.T @ X, b - 0.1 * error.sum(0)
    trained = quiet(net, WorkingPrecision="Real64", **options)["TrainedNet"]
    assert np.array_equal(NetExtract(trained, "Weights"), w.astype(np.float32))
    single = quiet(net, WorkingPrecision="Real32", **options)["TrainedNet"]
    assert np.array_equal(NetExtract(single, "Weights"), NetExtract(quiet(net, **options)["TrainedNet"], "Weights"))
    assert_close(NetExtract(single, "Weights"), w, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"WorkingPrecision": "Mixed"}, 'NetTrain: WorkingPrecision="Mixed" is not there: all that training computes is '
                                        'of one precision\n  hint: "Real32" is the fastest, on every device'),
        ({"WorkingPrecision": "Real16"}, "WorkingPrecision must be \"Real32\" or \"Real64\", got 'Real16'"),
        ({"TargetDevice": "TPU"}, 'TargetDevice must be "CPU", ("CPU", "JAX"), "GPU" or ("GPU", n), got \'TPU\''),
        ({"PerformanceGoal": "Speed"}, "PerformanceGoal must be Automatic, \"TrainingSpeed\" or \"TrainingMemory\", got "
                                       "'Speed'"),
        ({"PerformanceGoal": "TrainingMem"}, "PerformanceGoal must be Automatic, \"TrainingSpeed\" or "
                                             "\"TrainingMemory\", got 'TrainingMem'\n  hint: did you mean TrainingMemory?"),
        ({"MicroBatchSize": 0}, "MicroBatchSize must be a positive whole number or Automatic, got 0"),
        ({"MicroBatchSize": "4"}, "MicroBatchSize must be a positive whole number or Automatic, got '4'"),
    ],
    ids=str,
)  # fmt: skip
def test_bad_settings_of_control_are_refused(options, text):
    assert refusal(**options) == text


@pytest.mark.parametrize("device", ["CPU", ("CPU", "NumPy"), ("CPU", "JAX")], ids=str)
def test_target_device_in_training(device):
    results = quiet(TargetDevice=device)
    assert results["TrainingPlan"].backend == ("JAX" if "JAX" in device else "NumPy")
    assert_close(
        NetExtract(results["TrainedNet"], (1, "Weights")), NetExtract(quiet()["TrainedNet"], (1, "Weights")), atol=1e-5
    )


# --- micro-batches


@pytest.mark.parametrize(("micro", "device"), [(1, "CPU"), (4, "CPU"), (7, "CPU"), (22, "CPU"), (7, ("CPU", "JAX"))])
def test_a_batch_in_micro_batches_is_the_step_of_the_whole_one(micro, device):
    options = {"BatchSize": 23, "MaxTrainingRounds": 2, "TargetDevice": device, "ValidationSet": OTHERS}
    whole, cut = quiet(**options), quiet(MicroBatchSize=micro, **options)
    assert cut["TrainingPlan"].micro == micro
    assert cut["TotalBatches"] == 2 and cut["BatchSize"] == 23
    assert cut["BatchLossList"] == pytest.approx(whole["BatchLossList"], rel=1e-5)
    assert cut["ValidationLossList"] == pytest.approx(whole["ValidationLossList"], rel=1e-5)
    for place in ((1, "Weights"), (3, "Biases")):
        assert_close(NetExtract(cut["TrainedNet"], place), NetExtract(whole["TrainedNet"], place), atol=1e-5)


def test_sequences_in_micro_batches_are_the_step_of_the_whole_batch():
    net = NetInitialize(
        NetChain([GatedRecurrentLayer(4), SequenceLastLayer(), 3], Input=("Varying", 5)), RandomSeeding=1
    )
    data = ([example(n, 5, seed=n) for n in (3, 7, 5, 2, 11)], Y[:5])
    whole, cut = quiet(net, data), quiet(net, data, MicroBatchSize=2)
    assert cut["BatchLossList"] == pytest.approx(whole["BatchLossList"], rel=1e-5)
    for name in ("ResetGateInputWeights", "ResetGateStateWeights"):
        assert_close(NetExtract(cut["TrainedNet"], (1, name)), NetExtract(whole["TrainedNet"], (1, name)), atol=1e-5)


def test_batch_normalization_in_micro_batches_takes_statistics_of_each_part():
    net = NetInitialize(NetChain([BatchNormalizationLayer(Momentum=0.5), 3], Input=5), RandomSeeding=1)
    options = {"BatchSize": 23, "MaxTrainingRounds": 1, "ValidationSet": None}
    trained = quiet(net, MicroBatchSize=12, **options)["TrainedNet"]
    whole = quiet(net, **options)["TrainedNet"]
    assert not np.array_equal(NetExtract(trained, (1, "MovingMean")), NetExtract(whole, (1, "MovingMean")))
    drawn = []
    keep = lambda facts: drawn.append(np.array(facts["BatchIndices"]) - 1)
    quiet(net, MicroBatchSize=12, TrainingProgressFunction=keep, **options)
    first, last = X[drawn[0][:12]], X[drawn[0][12:]]
    expected = 0.5 * (0.5 * first.mean(0)) + 0.5 * last.mean(0)
    assert_close(NetExtract(trained, (1, "MovingMean")), expected, atol=1e-6)


def test_performance_goal_training_memory_chooses_parts_by_their_size(monkeypatch):
    # of an example: Input 5 and Output 3 at the training net, at the net, 7 + 7 between its layers, …: some 90 numbers
    monkeypatch.setattr(parts, "LITTLE", 4000)
    options = {"BatchSize": 23}
    cut, whole = quiet(PerformanceGoal="TrainingMemory", **options), quiet(PerformanceGoal="TrainingSpeed", **options)
    assert whole["TrainingPlan"].micro is None
    assert 1 < cut["TrainingPlan"].micro < 23
    assert cut["RoundLossList"] == pytest.approx(whole["RoundLossList"], rel=1e-5)
    assert f"batches: 23 examples in parts of {cut['TrainingPlan'].micro}, 1 a round" in str(cut["TrainingPlan"])
    explicit = quiet(PerformanceGoal="TrainingMemory", MicroBatchSize=3, **options)
    assert explicit["TrainingPlan"].micro == 3


def test_performance_goal_leaves_batch_normalization_and_small_nets_whole(monkeypatch):
    assert quiet(PerformanceGoal="TrainingMemory")["TrainingPlan"].micro is None
    monkeypatch.setattr(parts, "LITTLE", 1)
    assert quiet(PerformanceGoal="TrainingMemory")["TrainingPlan"].micro == 1
    net = NetChain([BatchNormalizationLayer(), 3], Input=5)
    assert quiet(net, PerformanceGoal="TrainingMemory")["TrainingPlan"].micro is None


LARGE = """
import re, resource
from pathlib import Path
import numpy as np
from wlnet import LinearLayer, NetChain, NetInitialize, NetTrain

net = NetInitialize(NetChain([7001, "Tanh", 3], Input=5), RandomSeeding=1)
X = np.ones((1009, 5), "f4")
options = {"BatchSize": 1009, "MaxTrainingRounds": 1, "RandomSeeding": 1, "TrainingProgressReporting": None}
NetTrain(LinearLayer(3, Input=5), (X, X[:, :3]), **options)  # so that everything is imported
used = int(re.search(r"VmData:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
resource.setrlimit(resource.RLIMIT_DATA, (used + 2**26, resource.RLIM_INFINITY))
try:
    print(NetTrain(net, (X, X[:, :3]), "TotalBatches", **options))
except MemoryError:
    print("too large")
print(NetTrain(net, (X, X[:, :3]), "TotalBatches", MicroBatchSize=101, **options))
print(NetTrain(net, (X, X[:, :3]), "TotalBatches", PerformanceGoal="TrainingMemory", **options))
"""


def test_a_batch_larger_than_memory_trains_in_micro_batches():
    """With 64 MB to spare: one value of the inner layer alone takes 28 MB for the whole batch, and there are several."""
    run = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, timeout=300)
    assert run.stdout.split("\n")[:3] == ["too large", "1", "1"], run.stderr
