"""Training with everything at once: what each room promises holds beside the others, on both backends."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from wlnet import (
    All,
    CrossEntropyLossLayer,
    Information,
    LinearLayer,
    MeanSquaredLossLayer,
    NetChain,
    NetGraph,
    NetMeasurements,
    NetPort,
    NetTrain,
    Quantity,
    Scaled,
    SoftmaxLayer,
)

TWO_HEADED = NetGraph(
    {"trunk": NetChain([11, "Tanh"]), "class": NetChain([3, SoftmaxLayer()]), "place": LinearLayer(2)},
    [
        (NetPort("Input"), "trunk", ("class", "place")),
        ("class", NetPort("Class")),
        ("place", NetPort("Place")),
    ],
    Input=5,
)
LOSS = [{"Class": CrossEntropyLossLayer("Index")}, {"Place": (MeanSquaredLossLayer(), Scaled(0.3))}]


def made(size, *seed):
    """Examples of three classes, and of places."""
    x = np.random.default_rng(seed).normal(size=(size, 5)).astype(np.float32)
    return {"Input": x, "Class": (x[:, 0] > 0).astype(int) + (x[:, 1] > 0) + 1, "Place": 2 * x[:, :2]}


def batch(told):
    return made(told["BatchSize"], told["Round"], told["Batch"])


DATA, OTHERS = (batch, {"RoundLength": 52}), made(97, 0)


def bits(net):
    """A sum over the bits of all arrays."""
    found = hashlib.sha256()
    for _, array in sorted(Information(net, "Arrays").items(), key=str):
        found.update(np.asarray(array).tobytes())
    return found.hexdigest()


def everything(**more):
    """A generator, two losses, micro-batches, a schedule, validation, measurements, a criterion."""
    standing = {
        "BatchSize": 13, "MicroBatchSize": 5, "MaxTrainingRounds": 5, "RandomSeeding": 3, "LossFunction": LOSS,
        "LearningRate": 0.01, "TrainingUpdateSchedule": ["trunk", {"class": 2}, "place"], "ValidationSet": OTHERS,
        "TrainingProgressMeasurements": ["Accuracy", {"Measurement": NetPort("Place"), "Key": "Mean"}],
        "TrainingStoppingCriterion": {"Criterion": "Accuracy", "Patience": 9}, "TrainingProgressReporting": None,
    }  # fmt: skip
    return NetTrain(TWO_HEADED, DATA, All, **{**standing, **more})


@pytest.mark.parametrize("device", ["CPU", ("CPU", "JAX")], ids=str)
def test_everything_at_once_resumes_to_the_same_bits_and_measures_as_NetMeasurements(device, tmp_path):
    seen = []
    keeping = ("Directory", tmp_path, {"Interval": Quantity(7, "Batches")})
    looking = (lambda facts: seen.append(facts["BatchLoss"]), {"Interval": Quantity(1, "Batches")})
    whole = everything(TargetDevice=device, TrainingProgressCheckpointing=keeping, TrainingProgressFunction=looking)
    assert seen == whole["BatchLossList"] and len(seen) == 20
    again = {"ValidationSet": OTHERS, "TrainingProgressReporting": None, "TrainingProgressCheckpointing": None}
    again["TargetDevice"] = device
    resumed = NetTrain(whole["CheckpointingFiles"][1], DATA, All, **again)  # after batch 14, in the fourth round
    assert resumed["RoundLossList"] == whole["RoundLossList"]
    assert resumed["ValidationMeasurementsLists"]["Accuracy"] == whole["ValidationMeasurementsLists"]["Accuracy"]
    assert bits(resumed["TrainedNet"]) == bits(whole["TrainedNet"])
    measured = NetMeasurements(whole["TrainedNet"], OTHERS, ["Accuracy", NetPort("Place")], LossFunction=LOSS)
    lists, at = whole["ValidationMeasurementsLists"], whole["BestValidationRound"] - 1
    assert measured[0] == lists["Accuracy"][at]
    np.testing.assert_allclose(measured[1], lists["Mean"][at], atol=1e-6)


def test_measuring_changes_no_bit_where_everything_is_at_once():
    measured = everything(TrainingStoppingCriterion=None)
    bare = everything(TrainingProgressMeasurements=None, TrainingStoppingCriterion=None)
    assert measured["BatchLossList"] == bare["BatchLossList"]
    assert bits(measured["TrainedNet"]) == bits(bare["TrainedNet"])


def test_the_same_seed_gives_the_same_bits_in_another_process():
    program = "from tests.test_training_together import bits, everything; print(bits(everything()['TrainedNet']))"
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert run.stdout.strip() == bits(everything()["TrainedNet"]), run.stderr
