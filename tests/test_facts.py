"""What is known while a net trains: every key of TrainingProgressFunction, against what it says by definition."""

import time

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    AggregationLayer,
    BatchNormalizationLayer,
    LinearLayer,
    MeanAbsoluteLossLayer,
    MeanSquaredLossLayer,
    NetChain,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetPort,
    NetTrain,
    Quantity,
    Scaled,
    SoftmaxLayer,
)
from wlnet.training.facts import FACTS, Facts

X, Y = example(23, 5), example(23, 3, seed=1)
CLASSES = (np.arange(23) % 3 + 1).tolist()
START = NetInitialize(LinearLayer(3, Input=5))
SIZE, COUNT = 7, 4  # of the batches, the last one of 2 examples
EVERY_BATCH = {"Interval": Quantity(1, "Batches")}


def collected(read, net=START, data=(X, Y), **options):
    """What a function of the facts gives after each batch, or at another interval; two rounds of plain descent."""
    found = []
    often = options.pop("often", EVERY_BATCH)
    standing = {
        "BatchSize": SIZE,
        "MaxTrainingRounds": 2,
        "RandomSeeding": 3,
        "TrainingProgressReporting": None,
        "Method": ("SGD", {"Momentum": 0}),
        "LearningRate": 0.1,
    }
    NetTrain(
        net, data, TrainingProgressFunction=(lambda facts: found.append(read(facts)), often), **{**standing, **options}
    )
    return found


def of(*names, **options):
    """The values of keys after each batch: of one key, or tuples of several."""
    return collected(
        lambda facts: facts[names[0]] if len(names) == 1 else tuple(facts[name] for name in names), **options
    )


def arrays_of(net):
    return NetExtract(net, "Weights").astype(float), NetExtract(net, "Biases").astype(float)


def test_AbsoluteBatch_counts_over_the_whole_run():
    assert of("AbsoluteBatch") == list(range(1, 9))


def test_Batch_counts_within_the_round():
    assert of("Batch") == [1, 2, 3, 4, 1, 2, 3, 4]


def test_BatchData_are_the_examples_of_BatchIndices():
    for data, indices in of("BatchData", "BatchIndices"):
        assert set(data) == {"Input", "Output"}
        assert_close(data["Input"], X[np.array(indices) - 1])
        assert_close(data["Output"], Y[np.array(indices) - 1])
        with pytest.raises(ValueError, match="read-only"):
            data["Input"][0] = 0


def test_BatchData_of_sequences_are_a_list_without_padding():
    net = NetChain([AggregationLayer("Total", 1), 3], Input=("Varying", 5))
    sequences = [example(n, 5, seed=n) for n in (3, 7, 2)]
    (data, indices) = of("BatchData", "BatchIndices", net=net, data=(sequences, Y[:3]), BatchSize=3)[0]
    for array, index in zip(data["Input"], indices, strict=True):
        assert_close(array, sequences[index - 1])


def test_BatchesPerRound():
    assert set(of("BatchesPerRound")) == {COUNT}


def test_BatchesPerSecond_is_the_speed_since_the_last_look():
    def slow(facts):
        found = facts["BatchesPerSecond"], facts["TimeElapsed"]
        time.sleep(0.01)
        return found

    found = collected(slow)
    for (_, before), (speed, now) in zip(found, found[1:], strict=False):
        assert speed == pytest.approx(1 / (now - before))
        assert speed <= 100


def test_BatchIndices_cover_the_data_once_a_round():
    found = of("BatchIndices")
    for each in (found[:COUNT], found[COUNT:]):
        assert sorted(index for indices in each for index in indices) == list(range(1, 24))
    assert found[:COUNT] != found[COUNT:]


def test_BatchIndices_are_those_of_the_users_data_where_some_are_set_aside():
    for data, indices in of("BatchData", "BatchIndices", ValidationSet=Scaled(0.3)):
        assert_close(data["Input"], X[np.array(indices) - 1])


def test_BatchLoss_is_the_mean_loss_of_the_batch_before_it_was_learned():
    net = START
    for loss, data, after in of("BatchLoss", "BatchData", "Net"):
        assert loss == pytest.approx(np.mean((net(data["Input"]) - data["Output"]) ** 2), rel=1e-5)
        net = after


def test_BatchLossList_is_every_BatchLoss_so_far():
    found = of("BatchLoss", "BatchLossList")
    for k, (_, listed) in enumerate(found, start=1):
        assert listed == [loss for loss, _ in found[:k]]


def classify(*names, **options):
    net = NetInitialize(NetChain([3, SoftmaxLayer()], Input=5))
    return of(*names, net=net, data=(X, CLASSES), **options)


def test_BatchMeasurements_are_those_of_the_last_batch():
    net = NetInitialize(NetChain([3, SoftmaxLayer()], Input=5))
    for measured, data, after in of("BatchMeasurements", "BatchData", "Net", net=net, data=(X, CLASSES)):
        wrong = np.argmax(net(data["Input"]), 1) + 1 != data["Output"]
        assert measured == {"ErrorRate": pytest.approx(np.mean(wrong))}
        net = after


def test_BatchMeasurementsLists_have_a_value_for_each_batch():
    found = classify("BatchMeasurements", "BatchMeasurementsLists")
    assert found[-1][1] == {"ErrorRate": [each["ErrorRate"] for each, _ in found]}


def test_BatchSize_is_the_size_of_the_plan():
    assert set(of("BatchSize")) == {SIZE}


def test_BestValidationRound_is_that_of_the_least_ValidationLoss():
    found = of("BestValidationRound", "ValidationLossList", "Round", ValidationSet=(X, Y), MaxTrainingRounds=5)
    for best, losses, number in found:
        assert best == (int(np.argmin(losses)) + 1 if losses else None)
        assert len(losses) in (number - 1, number)


def test_CheckpointingFiles_are_those_written_so_far(tmp_path):
    path = tmp_path / "training.safetensors"
    found = of("CheckpointingFiles", TrainingProgressCheckpointing=("File", path))
    assert found == [[]] * 4 + [[str(path)]] * 4


def test_Event_says_whether_a_batch_or_a_round_ended():
    assert of("Event") == ["Batch", "Batch", "Batch", "Round"] * 2


def test_ExampleLosses_have_BatchLoss_as_their_mean():
    net = START
    for losses, loss, data, after in of("ExampleLosses", "BatchLoss", "BatchData", "Net"):
        assert_close(losses, np.mean((net(data["Input"]) - data["Output"]) ** 2, 1), rtol=1e-4)
        assert np.mean(losses) == pytest.approx(loss, rel=1e-5)
        net = after


def test_ExamplesPerSecond_is_the_speed_since_the_last_look():
    found = of("ExamplesPerSecond", "ExamplesProcessed", "TimeElapsed")
    for (_, before, then), (speed, examples, now) in zip(found, found[1:], strict=False):
        assert speed == pytest.approx((examples - before) / (now - then))


def test_ExamplesProcessed_are_the_examples_so_far():
    assert of("ExamplesProcessed") == [7, 14, 21, 23, 30, 37, 44, 46]


def test_Gradients_by_position_are_those_of_a_linear_net_by_hand():
    net = START
    for gradients, data, after in of("Gradients", "BatchData", "Net"):
        weights, biases = arrays_of(net)
        error = data["Input"] @ weights.T + biases - data["Output"]
        assert set(gradients) == {("Weights",), ("Biases",)}
        assert_close(gradients["Weights",], 2 * error.T @ data["Input"] / error.size, rtol=1e-4)
        assert_close(gradients["Biases",], 2 * error.sum(0) / error.size, rtol=1e-4, atol=1e-5)
        net = after


def test_Gradients_of_a_net_in_parts_are_the_same():
    whole, parts = (of("Gradients", MicroBatchSize=size) for size in (7, 3))
    for one, other in zip(whole, parts, strict=True):
        assert_close(one["Weights",], other["Weights",], rtol=1e-4)


def test_GradientsRMS_are_root_mean_squares_by_position():
    for found, gradients in of("GradientsRMS", "Gradients"):
        assert found == {key: pytest.approx(np.sqrt(np.mean(g**2)), rel=1e-5) for key, g in gradients.items()}


def test_GradientsVector_is_all_gradients_flattened():
    for vector, gradients in of("GradientsVector", "Gradients"):
        assert_close(vector, np.concatenate([g.ravel() for g in gradients.values()]))


def schedule(batch, total):
    return 1 - batch / (2 * total)


def test_InitialLearningRate_stays():
    assert set(of("InitialLearningRate", Method=("SGD", {"LearningRateSchedule": schedule}))) == {0.1}


def test_LearningRate_is_that_of_the_last_batch():
    found = of("LearningRate", Method=("SGD", {"LearningRateSchedule": schedule}))
    assert found == pytest.approx([0.1 * (1 - k / 16) for k in range(1, 9)])
    assert set(of("LearningRate")) == {0.1}


def test_MeanBatchesPerSecond_is_over_the_whole_run():
    for speed, batches, seconds in of("MeanBatchesPerSecond", "AbsoluteBatch", "TimeElapsed"):
        assert speed == pytest.approx(batches / seconds)


def test_MeanExamplesPerSecond_is_over_the_whole_run():
    for speed, examples, seconds in of("MeanExamplesPerSecond", "ExamplesProcessed", "TimeElapsed"):
        assert speed == pytest.approx(examples / seconds)


def test_Net_is_the_users_net_as_it_is_now():
    for net, weights in of("Net", "Weights"):
        assert type(net) is LinearLayer
        assert np.array_equal(NetExtract(net, "Weights"), weights["Weights",])


def test_OptimizationMethod_is_the_method_with_its_options():
    name, options = of("OptimizationMethod")[0]
    assert name == "SGD"
    assert (options["Momentum"], options["LearningRate"]) == (0, 0.1)


def test_ProgressFraction_goes_from_0_to_1():
    assert of("ProgressFraction") == pytest.approx([k / 8 for k in range(1, 9)])


def test_Round_is_the_round_that_runs():
    assert of("Round") == [1] * 4 + [2] * 4


def test_RoundLoss_is_the_mean_over_the_examples_of_the_last_round():
    found = of("RoundLoss", "BatchLoss", "BatchIndices")
    first = np.average([loss for _, loss, _ in found[:4]], weights=[len(rows) for _, _, rows in found[:4]])
    assert [loss for loss, _, _ in found[:3]] == [None] * 3
    assert [loss for loss, _, _ in found[3:7]] == pytest.approx([first] * 4)


def test_RoundLossList_is_every_RoundLoss_so_far():
    found = of("RoundLossList")
    assert [len(each) for each in found] == [0, 0, 0, 1, 1, 1, 1, 2]
    assert found[-1][0] == found[4][0]


def test_RoundMeasurements_are_those_of_the_last_round():
    found = classify("RoundMeasurements", "BatchMeasurements", "BatchIndices")
    first = np.average([m["ErrorRate"] for _, m, _ in found[:4]], weights=[len(rows) for _, _, rows in found[:4]])
    assert [each for each, _, _ in found[:3]] == [None] * 3
    assert found[3][0] == {"ErrorRate": pytest.approx(first)}


def test_RoundMeasurementsLists_have_a_value_for_each_round():
    found = classify("RoundMeasurements", "RoundMeasurementsLists")
    assert found[0][1] == {}
    assert found[-1][1] == {"ErrorRate": [found[3][0]["ErrorRate"], found[7][0]["ErrorRate"]]}


def test_TargetDevice_is_where_training_runs():
    assert of("TargetDevice") == ["CPU"] * 8
    assert of("TargetDevice", TargetDevice=("CPU", "JAX"), MaxTrainingRounds=1) == [("CPU", "JAX")] * 4


def test_TimeElapsed_rises_from_the_start_of_training():
    start = time.perf_counter()
    found = of("TimeElapsed")
    assert found == sorted(found)
    assert 0 < found[0] < found[-1] < time.perf_counter() - start


def test_TimeRemaining_is_the_time_so_far_by_what_is_left():
    for left, seconds, done in of("TimeRemaining", "TimeElapsed", "ProgressFraction"):
        assert left == pytest.approx(seconds * (1 - done) / done, abs=1e-9)


def test_TotalBatches_are_those_of_the_whole_run():
    assert set(of("TotalBatches")) == {8}
    assert set(of("TotalBatches", MaxTrainingRounds=Quantity(6, "Batches"))) == {6}


def test_TotalBatches_are_estimated_where_time_limits_the_run():
    for total, batches, seconds in of(
        "TotalBatches", "AbsoluteBatch", "TimeElapsed", MaxTrainingRounds=Quantity(0.05, "Seconds")
    ):
        assert total >= batches
        assert total == max(batches, int((batches - 1) * 0.05 / seconds) or COUNT)


def test_TotalRounds_are_those_of_the_whole_run():
    assert set(of("TotalRounds")) == {2}
    assert set(of("TotalRounds", MaxTrainingRounds=Quantity(6, "Batches"))) == {2}


def test_ValidationLoss_is_that_of_the_last_validation():
    held = X[:11], Y[:11]
    found = of("ValidationLoss", "Net", ValidationSet=held, often={"Interval": Quantity(1, "Rounds")})
    for loss, net in found:
        assert loss == pytest.approx(np.mean((net(held[0]) - held[1]) ** 2), rel=1e-5)


def test_ValidationLossList_is_every_ValidationLoss_so_far():
    found = of("ValidationLoss", "ValidationLossList", ValidationSet=(X, Y))
    assert found[0] == (None, [])
    assert found[-1][1] == [found[3][0], found[7][0]]


def test_ValidationMeasurements_are_those_of_the_last_validation():
    often = {"Interval": Quantity(1, "Rounds")}
    for measured, net in classify("ValidationMeasurements", "Net", ValidationSet=(X[:11], CLASSES[:11]), often=often):
        wrong = np.argmax(net(X[:11]), 1) + 1 != np.array(CLASSES[:11])
        assert measured == {"ErrorRate": pytest.approx(np.mean(wrong))}


def test_ValidationMeasurementsLists_have_a_value_for_each_validation():
    found = classify("ValidationMeasurements", "ValidationMeasurementsLists", ValidationSet=(X, CLASSES))
    assert found[-1][1] == {"ErrorRate": [found[3][0]["ErrorRate"], found[7][0]["ErrorRate"]]}


def test_Weights_by_position_follow_the_gradients():
    before = dict(zip((("Weights",), ("Biases",)), arrays_of(START), strict=True))
    for weights, gradients in of("Weights", "Gradients"):
        for key, array in weights.items():
            assert_close(array, before[key] - 0.1 * gradients[key])
        before = weights


def test_WeightsRMS_are_root_mean_squares_by_position():
    for found, weights in of("WeightsRMS", "Weights"):
        assert found == {key: pytest.approx(np.sqrt(np.mean(w**2)), rel=1e-5) for key, w in weights.items()}


def test_WeightsVector_is_all_weights_flattened():
    for vector, weights in of("WeightsVector", "Weights"):
        assert_close(vector, np.concatenate([w.ravel() for w in weights.values()]))
        with pytest.raises(ValueError, match="read-only"):
            vector[0] = 0


def test_Weights_and_Gradients_are_those_that_learn():
    net = NetInitialize(NetChain({"a": 2, "b": BatchNormalizationLayer(), "c": 3}, Input=5))
    weights, gradients = of("Weights", "Gradients", net=net, LearningRateMultipliers={("a", "Biases"): 0})[0]
    learned = {("a", "Weights"), ("b", "Scaling"), ("b", "Biases"), ("c", "Weights"), ("c", "Biases")}
    assert set(weights) == set(gradients) == learned


def two_losses():
    edges = [(NetPort("Input"), "a", NetPort("A")), (NetPort("Input"), "b", NetPort("B"))]
    return NetInitialize(NetGraph({"a": LinearLayer(3), "b": LinearLayer(2)}, edges, Input=5))


DATA = {"Input": X, "A": Y, "B": Y[:, :2]}
LOSSES = [{"A": MeanSquaredLossLayer()}, ({"B": MeanAbsoluteLossLayer()}, Scaled(2))]


def test_BatchPartialLossLists_add_up_to_the_batch_losses():
    options = {"net": two_losses(), "data": DATA, "LossFunction": LOSSES}
    parts, total = of("BatchPartialLossLists", "BatchLossList", **options)[-1]
    assert set(parts) == {"ALoss", "BLoss"}
    assert_close(np.array(parts["ALoss"]) + 2 * np.array(parts["BLoss"]), total)
    assert of("BatchPartialLossLists")[-1] == {}


def test_RoundPartialLossLists_add_up_to_the_round_losses():
    options = {"net": two_losses(), "data": DATA, "LossFunction": LOSSES}
    parts, total = of("RoundPartialLossLists", "RoundLossList", **options)[-1]
    assert_close(np.array(parts["ALoss"]) + 2 * np.array(parts["BLoss"]), total)


def test_ValidationPartialLossLists_are_each_loss_of_the_validation_set():
    options = {"net": two_losses(), "data": DATA, "LossFunction": LOSSES, "ValidationSet": DATA}
    parts, net = of("ValidationPartialLossLists", "Net", often={"Interval": Quantity(1, "Rounds")}, **options)[-1]
    assert len(parts["ALoss"]) == 2
    assert parts["ALoss"][-1] == pytest.approx(np.mean((net(X)["A"] - Y) ** 2), rel=1e-5)
    assert parts["BLoss"][-1] == pytest.approx(np.mean(np.abs(net(X)["B"] - Y[:, :2])), rel=1e-5)


# --- the mapping


def test_every_key_has_a_test():
    assert {name for name in FACTS if not any(name in test.split("_") for test in globals())} == set()


def test_an_unknown_key_names_the_nearest():
    (error,) = collected(asked_wrongly, MaxTrainingRounds=1, BatchSize=23)
    assert isinstance(error, NetError) and isinstance(error, KeyError)
    assert str(error) == '"RoundLos" is not known of a training\n  hint: did you mean RoundLoss?'


def asked_wrongly(facts):
    assert "RoundLos" not in facts and facts.get("RoundLos", 7) == 7
    try:
        facts["RoundLos"]
    except NetError as error:
        return error


def test_facts_are_a_mapping_that_names_all_keys():
    (found,) = collected(lambda facts: (list(facts), len(facts), repr(facts)), MaxTrainingRounds=1, BatchSize=23)
    assert found == (list(FACTS), len(FACTS), "Facts(round 1, batch 1)")


def test_kept_facts_stay_those_of_their_moment():
    kept = collected(lambda facts: facts)
    first = kept[0]
    assert isinstance(first, Facts)
    assert (first["AbsoluteBatch"], first["RoundLoss"], first["BatchLossList"]) == (
        1,
        None,
        kept[-1]["BatchLossList"][:1],
    )
    assert_close(first["WeightsVector"], np.concatenate([a.ravel() for a in arrays_of(first["Net"])]))


def test_expensive_keys_are_computed_only_when_asked_for(monkeypatch):
    asked = []
    for name in ("Net", "Gradients", "Weights", "BatchData"):
        monkeypatch.setitem(FACTS, name, lambda facts, name=name: asked.append(name))
    of("RoundLoss")
    assert asked == []
    collected(lambda facts: (facts["Net"], facts["Net"]), MaxTrainingRounds=1, BatchSize=23)
    assert asked == ["Net"]
