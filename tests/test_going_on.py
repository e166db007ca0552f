"""Going on from a checkpoint with measurements, criteria and schedules; and from what is no checkpoint any more."""

import copy
import random
import time
from dataclasses import fields

import numpy as np
import pytest

from tests.examples import example
from tests.resumable import NET, X, Y, digest, options
from wlnet import All, Automatic, DropoutLayer, NetChain, NetError, NetTrain, NetWarning, Quantity, Scaled
from wlnet.formats import native
from wlnet.training.packing import packed, unpacked
from wlnet.training.record import Record

MEASURED = {"TrainingProgressMeasurements": ["Accuracy", "ConfusionMatrix", "F1Score", "Entropy"]}


TARGETS = example(131, 3)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "c.safetensors"


def run(**more):
    return NetTrain(NET, (X, Y), All, **options(**{"MaxTrainingRounds": 4, **more}))


def written(record):
    """All that is written down of a training, but for times and places."""
    return repr([getattr(record, each.name) for each in fields(Record) if each.name not in ("seconds", "checkpoints")])


def test_measurements_of_a_round_that_was_cut_in_two_are_those_of_the_whole(tmp_path):
    whole = written(run(**MEASURED).record)
    every_3 = ("Directory", tmp_path, {"Interval": Quantity(3, "Batches")})
    results = run(**MEASURED, TrainingProgressCheckpointing=every_3)
    assert written(results.record) == whole
    assert len(results["CheckpointingFiles"]) == 14
    for path in results["CheckpointingFiles"]:
        resumed = NetTrain(path, (X, Y), All, TrainingProgressCheckpointing=None)
        assert written(resumed.record) == whole


def test_method_sub_options_that_are_functions_are_given_again(file):
    method = ("SGD", {"LearningRateSchedule": lambda batch, total: 1 / (1 + batch / 7)})
    whole = digest(run(Method=method))
    run(Method=method, TrainingProgressCheckpointing=("File", file), MaxTrainingRounds=2)
    resumed = NetTrain(file, (X, Y), All, MaxTrainingRounds=4, Method=method)
    with pytest.raises(NetError) as error:
        NetTrain(file, (X, Y))
    assert str(error.value) == (
        f"{file} was trained with Method, of which a file holds no functions and no data\n  hint: give Method again"
    )
    assert digest(resumed) == whole


def test_a_training_that_its_criterion_ended_gives_its_net_again(file):
    stopping = {"TrainingStoppingCriterion": {"Criterion": "Loss", "Patience": 2}, "LearningRate": 0.3}
    ended = run(**stopping, TrainingProgressCheckpointing=("File", file), MaxTrainingRounds=40)
    assert ended["TotalRounds"] < 40
    again = NetTrain(file, (X, Y), All)
    assert digest(again) == digest(ended)
    assert again["ReasonTrainingStopped"] == ended["ReasonTrainingStopped"]


def test_a_criterion_that_was_cut_off_ends_as_the_whole_training(file):
    stopping = {"TrainingStoppingCriterion": {"Criterion": "Loss", "Patience": 3}, "LearningRate": 0.3}
    ended = run(**stopping, MaxTrainingRounds=40)
    assert ended["TotalRounds"] > 3
    run(**stopping, TrainingProgressCheckpointing=("File", file), MaxTrainingRounds=ended["TotalRounds"] - 1)
    resumed = NetTrain(file, (X, Y), All, MaxTrainingRounds=40)
    assert digest(resumed) == digest(ended)
    assert resumed["ReasonTrainingStopped"] == ended["ReasonTrainingStopped"]


def generator(facts):
    """A batch that the round and the batch say."""
    x = np.random.default_rng((facts["Round"], facts["AbsoluteBatch"])).normal(size=(facts["BatchSize"], 5))
    return {"Input": x.astype("f4"), "Output": x[:, :3].astype("f4")}


@pytest.mark.parametrize(
    ("data", "more"),
    [
        ((generator, {"RoundLength": 80}), {}),
        ((X, TARGETS), {"TrainingUpdateSchedule": [1, 4]}),
        ((X, TARGETS), {"MicroBatchSize": 7}),
        ((X, TARGETS), {"Method": ("RMSProp", {"L2Regularization": 0.1, "GradientClipping": 1})}),
        ((X, TARGETS), {"ValidationSet": (Scaled(0.2), {"Interval": Quantity(3, "Batches")})}),
    ],
    ids=["generator", "update schedule", "micro-batches", "method", "validation within rounds"],
)
def test_every_second_batch_goes_on_as_the_whole(data, more, tmp_path):
    net = NetChain([7, "Tanh", DropoutLayer(0.3), 3], Input=5)
    more = {"BatchSize": 20, "MaxTrainingRounds": 3, "RandomSeeding": 3, "TrainingProgressReporting": None, **more}
    whole = digest(NetTrain(net, data, All, **more))
    every_2 = ("Directory", tmp_path, {"Interval": Quantity(2, "Batches")})
    files = NetTrain(net, data, All, TrainingProgressCheckpointing=every_2, **more)["CheckpointingFiles"]
    assert len(files) > 5
    for path in files:
        assert digest(NetTrain(path, data, All, TrainingProgressCheckpointing=None)) == whole


# --- packing


@pytest.mark.parametrize(
    "value",
    [
        [],
        [1.5, float("nan"), -0.0],
        [1, 2**60],
        [True, False],
        [1, 2.0],
        ["a", "b"],
        [[1.0, 2.0], [3.0, 4.0]],
        [[1.0], [2.0, 3.0]],
        [[], []],
        [np.eye(2), np.ones((2, 2))],
        [np.eye(2), np.eye(3)],
        [{"a": 0.5}, {}, {"a": 0.25, "b": 3}, {"b": 1}],
        [{"f": {1: 0.5, 2: 0.1}}, {"f": {1: 0.0, 2: 1.0}}],
        {"k": (np.float32(0.1), np.arange(3), 7, 0.5)},
        np.arange(5.0),
        None,
        "text",
    ],
    ids=repr,
)
def test_what_is_packed_is_unpacked(value):
    assert repr(unpacked(packed(value))) == repr(value)


def test_a_million_losses_are_one_array():
    losses = [0.5] * 10**6
    assert packed(losses).nbytes == 8 * 10**6
    assert unpacked(packed(losses)) == losses
    _, count, held = packed([{"ErrorRate": 0.5}] * 10**5)
    assert (count, held["ErrorRate"][1].nbytes) == (10**5, 8 * 10**5)


# --- what somebody changed

ODD = [None, True, -1, 10**9, 1e308, np.nan, "", "File", [], {}, (), np.zeros(3), np.arange(3), Automatic, 2.5,
       Quantity(1, "Rounds"), ("dicts", 10**12, {}), ("scalar",), [1, 2], {"a": 1}]  # fmt: skip


def walk(node):
    """Every place of dicts and lists, as the holder and the key."""
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, (dict, list)):
            yield from walk(value)


@pytest.mark.filterwarnings("ignore::wlnet.core.errors.NetWarning")
def test_two_hundred_mutations_of_a_training_give_a_net_or_a_net_error(file):
    run(**MEASURED, MaxTrainingRounds=2, BatchSize=53, TrainingProgressCheckpointing=("File", file))
    content, chance, good, slowest = native.read(file, training=True), random.Random(3), 0, 0.0
    for _ in range(200):
        training = copy.deepcopy(content.training)
        places = list(walk(training))
        holder, key = places[chance.randrange(len(places))]
        if chance.random() < 0.15:
            del holder[key]
        else:
            holder[key] = chance.choice(ODD)
        native.write(file, content.net, training)
        before = time.perf_counter()
        try:
            NetTrain(file, (X, Y), TrainingProgressCheckpointing=None, MaxTrainingRounds=3)
            good += 1
        except NetError as error:
            assert str(error)
        slowest = max(slowest, time.perf_counter() - before)
    assert 0 < good < 200
    assert slowest < 3


def test_a_validation_set_by_fraction_is_the_same_part(file):
    run(TrainingProgressCheckpointing=("File", file), ValidationSet=Scaled(0.3), MaxTrainingRounds=2)
    resumed = NetTrain(file, (X, Y), All, MaxTrainingRounds=4)
    assert digest(resumed) == digest(run(ValidationSet=Scaled(0.3)))


def test_other_data_warn_and_go_on(file):
    run(TrainingProgressCheckpointing=("File", file), MaxTrainingRounds=2)
    with pytest.warns(NetWarning, match="the data are not those"):
        assert NetTrain(file, (X[::-1].copy(), Y), All, MaxTrainingRounds=4)["TotalRounds"] == 4
