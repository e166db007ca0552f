"""TrainingProgressMeasurements: of batches, rounds and the validation set, without a second run of the net."""

import numpy as np
import pytest
from sklearn import metrics

from tests.examples import assert_close, example
from wlnet import (
    All,
    Automatic,
    BatchNormalizationLayer,
    CrossEntropyLossLayer,
    DropoutLayer,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetError,
    NetGraph,
    NetMeasurements,
    NetPort,
    NetTrain,
    NetWarning,
    Quantity,
    Scaled,
    SoftmaxLayer,
)
from wlnet.training.measurements import ROWS
from wlnet.training.step import Stepper

X = example(53, 5)
CLASSES = np.random.default_rng(0).integers(1, 4, 53)
NET = NetChain([LinearLayer(7), "Tanh", LinearLayer(3), SoftmaxLayer()], Input=5)
FROZEN = {"LearningRateMultipliers": 0}  # then every batch meets the same net, and what is measured can be known


def record(net=NET, data=(X, CLASSES), **options):
    standing = {"MaxTrainingRounds": 3, "RandomSeeding": 7, "TrainingProgressReporting": None, "BatchSize": 11}
    return NetTrain(net, data, All, **standing | options).record


def test_automatic_is_error_rate_with_a_single_cross_entropy_loss():
    found = record()
    assert [list(each) for each in found.round_measurements] == [["ErrorRate"]] * 3
    assert [list(each) for each in found.batch_measurements] == [["ErrorRate"]] * 15
    assert found.validation_measurements == []


def test_automatic_is_nothing_with_another_loss_or_with_two():
    assert record(NetChain([3], Input=5), (X, example(53, 3))).round_measurements == []
    two = NetGraph(
        {"a": NetChain([2, SoftmaxLayer()]), "b": NetChain([3, SoftmaxLayer()])},
        [("a", NetPort("A")), ("b", NetPort("B"))],
        Input=5,
    )
    assert record(two, {"Input": X, "A": CLASSES % 2 + 1, "B": CLASSES}).round_measurements == []


def test_none_measures_nothing_and_watches_nothing(monkeypatch):
    watched = []
    step = Stepper.step
    monkeypatch.setattr(Stepper, "step", lambda self, *given: watched.append(self.watched) or step(self, *given))
    found = record(TrainingProgressMeasurements=None)
    assert set(watched) == {()} and found.round_measurements == found.batch_measurements == []


def test_no_second_run_of_the_net(monkeypatch):
    runs = []
    run = NetChain.run
    monkeypatch.setattr(NetChain, "run", lambda self, *given: runs.append(self) or run(self, *given))
    record(TrainingProgressMeasurements=["Accuracy", "Precision", NetPort("Output")])
    assert len(runs) == 15


def test_a_round_is_measured_over_all_its_examples_and_not_by_means_of_batches():
    names = ["Accuracy", "F1Score", "ConfusionMatrix", "Perplexity", "AreaUnderROCCurve", "CohenKappa"]
    results = NetTrain(
        NET, (X, CLASSES), All, TrainingProgressMeasurements=names, MaxTrainingRounds=2, RandomSeeding=7, BatchSize=11,
        TrainingProgressReporting=None, **FROZEN,
    )  # fmt: skip
    expected = dict(zip(names, NetMeasurements(results["TrainedNet"], (X, CLASSES), names), strict=True))
    for found in results.record.round_measurements:
        for name in names:
            one, other = found[name], expected[name]
            assert_close(
                list(one.values()) if isinstance(one, dict) else one,
                list(other.values()) if isinstance(other, dict) else other,
            )
    assert list(results.record.batch_measurements[0]) == [
        "Accuracy",
        "F1Score",
        "Perplexity",
        "AreaUnderROCCurve",
        "CohenKappa",
    ]


def test_tables_are_kept_of_batches_where_an_interval_asks_for_batches():
    every = {"Measurement": "ConfusionMatrix", "Interval": Quantity(1, "Batches")}
    found = record(TrainingProgressMeasurements=["Accuracy", every], **FROZEN)
    by_batch = [each["ConfusionMatrix"] for each in found.batch_measurements]
    assert [matrix.sum() for matrix in by_batch] == [11, 11, 11, 11, 9] * 3
    assert sum(by_batch[:5]).tolist() == found.round_measurements[0]["ConfusionMatrix"].tolist()
    assert [each["Accuracy"] for each in found.batch_measurements] == [np.trace(m) / m.sum() for m in by_batch]


def test_batches_are_measured_in_training_mode_before_their_update():
    net = NetChain([LinearLayer(7), DropoutLayer(), LinearLayer(3), SoftmaxLayer()], Input=5)
    loss = NetPort("Loss")
    found = record(net, TrainingProgressMeasurements=[loss, "Entropy"])
    for batch, said in zip(found.batch_measurements, found.batch_losses, strict=True):
        assert_close(batch["Loss"], said)
        assert_close(batch["Entropy"], said)
    assert_close([each["Entropy"] for each in found.round_measurements], found.round_losses)


@pytest.mark.parametrize("device", ["CPU", ("CPU", "JAX")], ids=str)
def test_the_validation_set_is_measured_in_evaluation_mode(device):
    net = NetChain([LinearLayer(7), BatchNormalizationLayer(), DropoutLayer(), LinearLayer(3), SoftmaxLayer()], Input=5)
    validation = (example(29, 5, seed=1), np.arange(29) % 3 + 1)
    names = ["Accuracy", "Recall", "Entropy"]
    results = NetTrain(
        net, (X, CLASSES), All, TrainingProgressMeasurements=names, ValidationSet=validation, BatchSize=11, TargetDevice=device,
        MaxTrainingRounds=3, RandomSeeding=7, TrainingProgressReporting=None,
    )  # fmt: skip
    assert len(results.record.validation_measurements) == 3
    best = results.record.validation_measurements[results["BestValidationRound"] - 1]
    accuracy, recall, entropy = NetMeasurements(results["TrainedNet"], validation, names)
    assert best["Accuracy"] == accuracy
    assert best["Recall"] == pytest.approx(recall)
    assert_close(best["Entropy"], entropy)
    assert_close([each["Entropy"] for each in results.record.validation_measurements], results["ValidationLossList"])


def test_backends_and_parts_of_batches_measure_alike():
    names = ["ErrorRate", "Precision", NetPort("Output"), NetPort(3, "Weights")]
    plain = record(TrainingProgressMeasurements=names)
    other = record(TrainingProgressMeasurements=names, TargetDevice=("CPU", "JAX"))
    for one, two in zip(plain.round_measurements, other.round_measurements, strict=True):
        assert list(one) == list(two) == ["ErrorRate", "Precision", "Output", "3/Weights"]
        assert one["ErrorRate"] == two["ErrorRate"] and one["Precision"] == pytest.approx(two["Precision"])
        assert_close(one["Output"], two["Output"], atol=1e-5)
        assert_close(one["3/Weights"], two["3/Weights"], atol=1e-5)


@pytest.mark.parametrize("size", [3, 7])
def test_micro_batches_measure_the_batch_as_a_whole(size):
    names = ["ErrorRate", "Recall", "AreaUnderROCCurve", NetPort("Output")]
    plain, parts = (
        record(TrainingProgressMeasurements=names, **FROZEN | more) for more in ({}, {"MicroBatchSize": size})
    )
    for one, two in zip(plain.round_measurements, parts.round_measurements, strict=True):
        assert_close(one["Output"], two["Output"])
        assert [two[name] for name in names[:3]] == [pytest.approx(one[name]) for name in names[:3]]
    assert [each["ErrorRate"] for each in plain.batch_measurements] == [
        each["ErrorRate"] for each in parts.batch_measurements
    ]


@pytest.mark.parametrize("batch", [3, 6, 8])
def test_measurements_go_on_from_a_checkpoint(batch, tmp_path):
    names = ["ErrorRate", "ROCCurve", NetPort("Output"), {"Measurement": "Entropy", "Interval": Quantity(2, "Batches")}]
    file = ("File", str(tmp_path / "net.safetensors"), {"Interval": Quantity(batch, "Batches")})
    whole = record(TrainingProgressMeasurements=names, ValidationSet=Scaled(0.2), TrainingProgressCheckpointing=file)

    def stop(facts):
        return "AbortTraining" if facts["AbsoluteBatch"] >= batch + 1 else None

    with pytest.raises(NetError, match="training was aborted"):
        record(
            TrainingProgressMeasurements=names, ValidationSet=Scaled(0.2), TrainingProgressCheckpointing=file,
            TrainingProgressFunction=(stop, {"Interval": Quantity(1, "Batches")}),
        )  # fmt: skip
    found = NetTrain(file[1], (X, CLASSES), All, TrainingProgressReporting=None).record
    for name in ("batch_measurements", "round_measurements", "validation_measurements"):
        assert repr(getattr(found, name)) == repr(getattr(whole, name))


@pytest.mark.parametrize(
    "net, target",
    [(NET, CLASSES), (NetChain([LinearLayer(3)], Input=5), example(53, 3, seed=2))],
    ids=["classes", "numbers"],
)
def test_what_is_gathered_at_once_and_batch_by_batch_is_the_same(net, target, monkeypatch):
    classes = net is NET
    fitting = [
        name
        for name, row in ROWS.items()
        if (row.kind == "Classes") == classes and row.plot is None and name != "IntersectionOverUnion"
    ]
    ports = [
        NetPort("Output"),
        *({"Measurement": NetPort("Loss"), "Aggregation": how, "Key": how} for how in ("Min", "Max", "Total")),
    ]
    options = {"TrainingProgressMeasurements": [*fitting, *ports], "ValidationSet": Scaled(0.2)}
    whole = record(net, (X, target), **options)
    monkeypatch.setattr("wlnet.training.measuring.KEPT", 0)
    parts = record(net, (X, target), **options)
    for one, two in (
        (whole.round_measurements, parts.round_measurements),
        (whole.validation_measurements, parts.validation_measurements),
    ):
        for before, after in zip(one, two, strict=True):
            assert list(before) == list(after) and len(before) == len(options["TrainingProgressMeasurements"])
            for key, value in before.items():
                for a, b in (
                    zip(value.values(), after[key].values(), strict=True)
                    if isinstance(value, dict)
                    else [(value, after[key])]
                ):
                    assert_close(b, a)
    assert len(whole.batch_measurements) == len(parts.batch_measurements) == 12


def test_sequences_in_parts_of_batches_are_measured_without_padding():
    chain = NetChain([SoftmaxLayer()], Input=("Varying", 3), Output=NetDecoder("Class", ["a", "b", "c"], InputDepth=2))
    x = [example(length, 3, seed=length) for length in (2, 7, 3, 5, 11)]
    y = [["abc"[k % 3] for k in range(len(each))] for each in x]
    found = record(
        chain, (x, y), TrainingProgressMeasurements=["Accuracy", NetPort("Output")], BatchSize=3, MaxTrainingRounds=1
    )
    accuracy, output = NetMeasurements(chain, (x, y), ["Accuracy", NetPort("Output")])
    assert found.round_measurements[0]["Accuracy"] == accuracy
    assert_close(found.round_measurements[0]["Output"], output)


def test_arrays_and_properties_are_measured_as_they_are_at_the_end_of_a_round():
    results = NetTrain(
        NET, (X, CLASSES), All, TrainingProgressMeasurements=[NetPort(3, "Weights"), "ArraysTotalElementCount", "Arrays"],
        MaxTrainingRounds=2, RandomSeeding=7, TrainingProgressReporting=None,
    )  # fmt: skip
    first, last = results.record.round_measurements
    assert last["3/Weights"].tolist() == results["TrainedNet"][3, "Weights"].tolist() != first["3/Weights"].tolist()
    assert last["Arrays"][3, "Weights"].tolist() == last["3/Weights"].tolist()
    assert last["ArraysTotalElementCount"] == 7 * 5 + 7 + 3 * 7 + 3
    assert results.record.batch_measurements == []


def test_interval_in_rounds_and_in_batches():
    found = record(TrainingProgressMeasurements=[
        {"Measurement": "Accuracy", "Interval": 2},
        {"Measurement": "Entropy", "Interval": Quantity(4, "Batches")},
        {"Measurement": NetPort(1, "Biases"), "Interval": 3},
    ], **FROZEN)  # fmt: skip
    assert [list(each) for each in found.round_measurements] == [
        ["Entropy"],
        ["Accuracy", "Entropy"],
        ["Entropy", "1/Biases"],
    ]
    assert [k for k, each in enumerate(found.batch_measurements, 1) if "Entropy" in each] == [4, 8, 12]
    assert [k for k, each in enumerate(found.batch_measurements, 1) if "Accuracy" in each] == [6, 7, 8, 9, 10]
    assert found.round_measurements[0]["Entropy"] == found.batch_measurements[3]["Entropy"]


def test_a_function_of_all_examples_of_a_round():
    def median(Loss):
        return float(np.median(Loss))

    counted = {"Measurement": lambda Output: len(Output), "Key": "count"}
    found = record(TrainingProgressMeasurements=[median, counted], ValidationSet=Scaled(0.2))
    assert [each["count"] for each in found.round_measurements] == [42] * 3
    assert [each["count"] for each in found.validation_measurements] == [11] * 3
    assert [each for each in found.batch_measurements if each] == []  # once a round is enough
    assert all(isinstance(each["median"], float) for each in found.round_measurements)


def test_binary_labels_of_true_and_false():
    net = NetChain([LinearLayer(()), "LogisticSigmoid"], Input=5)
    truth = (CLASSES == 1).tolist()
    results = NetTrain(
        net, (X, truth), All, TrainingProgressMeasurements=["AreaUnderROCCurve"], MaxTrainingRounds=1, RandomSeeding=7,
        TrainingProgressReporting=None, BatchSize=11, **FROZEN,
    )  # fmt: skip
    p = results["TrainedNet"](X, None)
    assert_close(
        list(results.record.round_measurements[0]["AreaUnderROCCurve"].values()), [metrics.roc_auc_score(truth, p)] * 2
    )
    assert list(results.record.round_measurements[0]["AreaUnderROCCurve"]) == [False, True]


def test_measuring_does_not_change_what_is_learned():
    nets = [
        NetTrain(
            NET,
            (X, CLASSES),
            MaxTrainingRounds=2,
            RandomSeeding=7,
            TrainingProgressReporting=None,
            TrainingProgressMeasurements=m,
        )
        for m in (None, Automatic, ["ROCCurve", NetPort(1), lambda values: 0])
    ]
    assert nets[0] == nets[1] == nets[2]


def test_a_function_that_fails_ends_training_and_what_was_learned_comes_back():
    calls = []

    def fragile(Output):
        calls.append(len(Output))
        return 1 / 0

    with pytest.warns(NetWarning, match="the measurement fragile failed: ZeroDivisionError: division by zero"):
        results = NetTrain(
            NET, (X, CLASSES), All, TrainingProgressMeasurements=[{"Measurement": fragile, "Interval": 2}],
            MaxTrainingRounds=5, RandomSeeding=7, TrainingProgressReporting=None,
        )  # fmt: skip
    assert len(calls) == 1 and results["TotalRounds"] == 2
    assert isinstance(results["TrainedNet"][1, "Weights"], np.ndarray)


REFUSED = [
    (["Accuracy", "Accuracy"], 'TrainingProgressMeasurements: two measurements have the key "Accuracy"\n  hint: name one of them: {"Measurement": …, "Key": "another"}'),
    ([lambda Output: 1, lambda Target: 2], 'TrainingProgressMeasurements: two measurements have the key "Function"\n  hint: name one of them: {"Measurement": …, "Key": "another"}'),
    ("Presicion", "TrainingProgressMeasurements: 'Presicion' is not a measurement\n  hint: did you mean Precision?"),
    ("MeanSquare", 'TrainingProgressMeasurements: MeanSquare goes with MeanSquaredLossLayer or MeanAbsoluteLossLayer, but the net is judged by CrossEntropyLossLayer("Index")\n  hint: LossFunction says by what a net is judged'),
    ({"Measurement": "Accuracy", "Interval": -1}, 'TrainingProgressMeasurements: "Interval" must be a positive number or a Quantity, got -1'),
    ({"Measurement": "Accuracy", "Interval": Quantity(1, "Epochs")}, 'TrainingProgressMeasurements: an "Interval" is no number of Epochs\n  hint: there are Rounds, Batches, Percent, Seconds, Minutes, Hours'),
]  # fmt: skip


@pytest.mark.parametrize("measurements, text", REFUSED, ids=range(len(REFUSED)))
def test_refusal_before_training_in_full(measurements, text, monkeypatch):
    monkeypatch.setattr(Stepper, "step", lambda *given: pytest.fail("it trained"))
    with pytest.raises(NetError) as e:
        record(TrainingProgressMeasurements=measurements)
    assert str(e.value) == text


def test_losses_that_the_user_wired_in_are_measured():
    net = NetGraph(
        {"p": NetChain([LinearLayer(3), SoftmaxLayer()]), "loss": CrossEntropyLossLayer("Index")},
        [("p", NetPort("loss", "Input")), (NetPort("Class"), NetPort("loss", "Target")), ("loss", NetPort("Loss"))], Input=5,
    )  # fmt: skip
    data = {"Input": X, "Class": CLASSES}
    results = NetTrain(net, data, All, MaxTrainingRounds=1, RandomSeeding=7, TrainingProgressReporting=None, **FROZEN)
    assert results.record.round_measurements == [
        {"ErrorRate": NetMeasurements(results["TrainedNet"], data, "ErrorRate")}
    ]
