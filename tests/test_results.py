"""NetTrainResultsObject: every property by its definition; collected properties; plots; the plan before training."""

import sys
import time
import xml.etree.ElementTree

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from wlnet import (
    All,
    Automatic,
    BatchNormalizationLayer,
    CrossEntropyLossLayer,
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
    NetTrainResultsObject,
    NetWarning,
    Quantity,
    Ramp,
    Scaled,
    SoftmaxLayer,
)
from wlnet.training.results import PROPERTIES

X, Y = example(23, 5), example(23, 3, seed=1)
CLASSES = (np.arange(23) % 3 + 1).tolist()
HELD = X[:11], CLASSES[:11]


def quiet(net, data, *prop, **options):
    """NetTrain without output: three rounds of four batches."""
    standing = {"MaxTrainingRounds": 3, "BatchSize": 7, "RandomSeeding": 7, "TrainingProgressReporting": None}
    return NetTrain(net, data, *prop, **{**standing, **options})


def linear():
    return NetInitialize(LinearLayer(3, Input=5))


def classifier():
    return NetInitialize(NetChain([3, SoftmaxLayer()], Input=5))


def classified(**options):
    return quiet(classifier(), (X, CLASSES), All, **{"ValidationSet": HELD, **options})


def error_rate(net, x, y):
    return np.mean(np.argmax(net(x), 1) + 1 != np.array(y))


def halves(batch, total):
    return 0.5 ** (batch - 1)


# --- the rows of the reference


def test_ArraysLearningRateMultipliers():
    net = NetChain({"a": 3, "b": 3}, Input=5)
    results = quiet(net, (X, Y), All, LearningRateMultipliers={("a", "Biases"): 0, "b": -2})
    assert results["ArraysLearningRateMultipliers"] == {
        ("a", "Weights"): 1, ("a", "Biases"): 0, ("b", "Weights"): -2, ("b", "Biases"): -2,
    }  # fmt: skip


def test_BatchesPerRound():
    assert classified()["BatchesPerRound"] == 4


def test_BatchLossList():
    results = quiet(linear(), (X, Y), All, BatchSize=23, Method=("SGD", {"Momentum": 0}), LearningRate=0.1)
    w, b = (NetExtract(linear(), name).astype(float) for name in ("Weights", "Biases"))
    losses = []
    for _ in range(3):
        error = X @ w.T + b - Y
        losses.append(np.mean(error**2))
        w, b = w - 0.2 * error.T @ X / error.size, b - 0.2 * error.sum(0) / error.size
    assert_close(results["BatchLossList"], losses)


def test_BatchMeasurementsLists():
    found = []
    keep = (lambda facts: found.append((facts["BatchData"], facts["Net"])), {"Interval": Quantity(1, "Batches")})
    results = classified(TrainingProgressFunction=keep)
    net, expected = classifier(), []
    for data, after in found:
        expected.append(error_rate(net, data["Input"], data["Output"]))
        net = after
    assert results["BatchMeasurementsLists"] == {"ErrorRate": pytest.approx(expected)}


def test_BatchSize():
    assert classified()["BatchSize"] == 7
    assert classified(BatchSize=Automatic)["BatchSize"] == 23


def test_BestValidationRound():
    results = quiet(linear(), (X, Y), All, ValidationSet=(X, -Y), MaxTrainingRounds=5)
    assert results["BestValidationRound"] == 1 + int(np.argmin(results["ValidationLossList"]))
    assert quiet(linear(), (X, Y), "BestValidationRound") is None


def test_CheckpointingFiles(tmp_path):
    results = classified(TrainingProgressCheckpointing=("Directory", tmp_path))
    assert sorted(results["CheckpointingFiles"]) == sorted(map(str, tmp_path.iterdir()))
    assert len(results["CheckpointingFiles"]) == 3


def test_ExamplesProcessed():
    assert classified()["ExamplesProcessed"] == 69


def test_FinalLearningRate_and_InitialLearningRate():
    results = classified(Method=("SGD", {"LearningRateSchedule": halves}), LearningRate=0.25)
    assert results["InitialLearningRate"] == 0.25
    assert results["FinalLearningRate"] == 0.25 * 0.5**11


def test_FinalPlots():
    results = classified(TrainingProgressMeasurements=["ErrorRate", "Recall", "ROCCurvePlot", "ConfusionMatrix"])
    plots = results["FinalPlots"]
    assert list(plots) == ["Loss", "ErrorRate", "Recall", "ROCCurvePlot"]
    measured = results["RoundMeasurementsLists"]
    assert plots["ErrorRate"].data == {
        "Round": ([4, 8, 12], measured["ErrorRate"]),
        "Validation": ([4, 8, 12], results["ValidationMeasurementsLists"]["ErrorRate"]),
    }
    means = [np.mean(list(each.values())) for each in measured["Recall"]]
    assert plots["Recall"].data["Round"] == ([4, 8, 12], pytest.approx(means))
    assert set(plots["ROCCurvePlot"].data) == {1, 2, 3}


@pytest.mark.parametrize("name", ["LossPlot", "LossEvolutionPlot"])
def test_LossPlot_old_name_LossEvolutionPlot(name):
    results = classified()
    figure = results[name]
    assert type(figure).__name__ == "Figure"
    expected = {
        "BatchLoss": (list(range(1, 13)), results["BatchLossList"]),
        "RoundLoss": ([4, 8, 12], results["RoundLossList"]),
        "ValidationLoss": ([4, 8, 12], results["ValidationLossList"]),
    }
    assert figure.data == expected
    drawn = {line.get_label(): tuple(map(list, line.get_data())) for line in figure.axes[0].lines}
    assert drawn == expected


def test_LossPlot_is_its_data_without_matplotlib(monkeypatch):
    results = classified(TrainingProgressMeasurements=["ErrorRate", "ROCCurvePlot"])
    for module in ("wlnet.training.line_figures", "wlnet.training.measurement_figures"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert results["LossPlot"]["RoundLoss"] == ([4, 8, 12], results["RoundLossList"])
    plots = results["FinalPlots"]
    assert plots["ErrorRate"]["Round"] == ([4, 8, 12], results["RoundMeasurementsLists"]["ErrorRate"])
    assert set(plots["ROCCurvePlot"]) == {1, 2, 3}


def test_a_figure_of_values_far_apart_is_in_powers_of_ten():
    results = quiet(LinearLayer(()), (X, X @ np.ones(5)), All, MaxTrainingRounds=300, LearningRate=0.1)
    assert max(results["RoundLossList"]) > 30 * min(results["RoundLossList"])
    assert results["LossPlot"].axes[0].get_yscale() == "log"


def test_MeanBatchesPerSecond_and_MeanExamplesPerSecond():
    results = classified()
    seconds = results["TotalTrainingTime"]
    assert results["MeanBatchesPerSecond"] == pytest.approx(12 / seconds)
    assert results["MeanExamplesPerSecond"] == pytest.approx(69 / seconds)


def test_NetTrainInputForm():
    net = NetChain([3, SoftmaxLayer()], Input=5)
    options = {"ValidationSet": Scaled(0.25), "LearningRateMultipliers": {1: 2}, "TrainingProgressFunction": halved}
    text = quiet(net, (X, CLASSES), "NetTrainInputForm", **options)
    assert text == (
        'NetTrain(NetChain([LinearLayer(3), SoftmaxLayer()], Input=5), data, "NetTrainInputForm", BatchSize=7, '
        "LearningRateMultipliers={1: 2}, MaxTrainingRounds=3, RandomSeeding=7, TrainingProgressFunction=halved, "
        "TrainingProgressReporting=None, ValidationSet=Scaled(0.25))"
    )
    assert eval(text, {**vars(wlnet), "data": (X, CLASSES), "halved": halved}) == text
    assert NetTrain(linear(), (X, Y), All, MaxTrainingRounds=1)["NetTrainInputForm"].endswith(
        "data, All, MaxTrainingRounds=1)"
    )


def halved(facts):
    """A function that a call names."""


def test_OptimizationMethod():
    name, options = classified(Method=("ADAM", {"Beta1": 0.8}), LearningRate=0.01)["OptimizationMethod"]
    assert (name, options["Beta1"], options["Beta2"], options["LearningRate"]) == ("ADAM", 0.8, 0.999, 0.01)
    again = quiet(linear(), (X, Y), Method=(name, options))
    assert again == quiet(linear(), (X, Y), Method=("ADAM", {"Beta1": 0.8}), LearningRate=0.01)


def test_ReasonTrainingStopped():
    assert classified()["ReasonTrainingStopped"] == "MaxTrainingRounds was reached"
    goal = classified(MaxTrainingRounds=Automatic, TimeGoal=0.01, ValidationSet=None)
    assert goal["ReasonTrainingStopped"] == "0.01 seconds were over"


def test_RoundLoss_and_RoundLossList():
    results = classified()
    losses, sizes = np.reshape(results["BatchLossList"], (3, 4)), [7, 7, 7, 2]
    assert results["RoundLossList"] == pytest.approx(np.average(losses, axis=1, weights=sizes))
    assert results["RoundLoss"] == results["RoundLossList"][-1]


def test_RoundMeasurements_and_RoundMeasurementsLists():
    results = classified()
    rates, sizes = np.reshape(results["BatchMeasurementsLists"]["ErrorRate"], (3, 4)), [7, 7, 7, 2]
    expected = np.average(rates, axis=1, weights=sizes)
    assert results["RoundMeasurementsLists"] == {"ErrorRate": pytest.approx(expected)}
    assert results["RoundMeasurements"] == {"ErrorRate": pytest.approx(expected[-1])}


def test_RoundMeasurements_of_plots_are_figures():
    results = classified(TrainingProgressMeasurements="ConfusionMatrixPlot")
    assert type(results["RoundMeasurements"]["ConfusionMatrixPlot"]).__name__ == "Figure"


def test_RoundPositions():
    assert classified()["RoundPositions"] == [4, 8, 12]


def test_TargetDevice():
    assert classified()["TargetDevice"] == "CPU"
    options = {"BatchSize": 23, "MaxTrainingRounds": 1}
    assert quiet(linear(), (X, Y), "TargetDevice", TargetDevice=("CPU", "JAX"), **options) == ("CPU", "JAX")
    with wlnet.backend("jax"):
        assert quiet(linear(), (X, Y), "TargetDevice", **options) == ("CPU", "JAX")


def test_TotalBatches_TotalRounds_and_TotalTrainingTime():
    start = time.perf_counter()
    results = classified()
    assert results["TotalBatches"] == 12
    assert results["TotalRounds"] == 3
    assert 0 < results["TotalTrainingTime"] < time.perf_counter() - start


def test_TrainedNet():
    results = classified()
    assert results["TrainedNet"] == quiet(classifier(), (X, CLASSES), ValidationSet=HELD)


def test_TrainingExamples_and_ValidationExamples():
    results = classified()
    assert (results["TrainingExamples"], results["ValidationExamples"]) == (23, 11)
    results = classified(ValidationSet=Scaled(0.3))
    assert (results["TrainingExamples"], results["ValidationExamples"]) == (16, 7)
    assert classified(ValidationSet=None)["ValidationExamples"] == 0


def test_TrainingNet():
    results = classified()
    net = results["TrainingNet"]
    assert net({"Input": X[0], "Output": 2}) == pytest.approx(-np.log(results["TrainedNet"](X[0])[1]), rel=1e-5)
    assert NetExtract(net, "OutputLoss") == CrossEntropyLossLayer("Index")


def test_ValidationLoss_and_ValidationLossList():
    nets = []
    results = classified(TrainingProgressFunction=lambda facts: nets.append(facts["Net"]))
    rows = np.arange(11), np.array(HELD[1]) - 1
    expected = [np.mean(-np.log(net(HELD[0])[rows])) for net in nets]
    assert results["ValidationLossList"] == pytest.approx(expected, rel=1e-5)
    assert results["ValidationLoss"] == results["ValidationLossList"][-1]


def test_ValidationMeasurements_and_ValidationMeasurementsLists():
    nets = []
    results = classified(TrainingProgressFunction=lambda facts: nets.append(facts["Net"]))
    expected = [error_rate(net, *HELD) for net in nets]
    assert results["ValidationMeasurementsLists"] == {"ErrorRate": pytest.approx(expected)}
    assert results["ValidationMeasurements"] == {"ErrorRate": pytest.approx(expected[-1])}


def test_ValidationPositions():
    assert classified()["ValidationPositions"] == [4, 8, 12]
    often = (HELD, {"Interval": Quantity(2, "Rounds")})
    assert classified(ValidationSet=often)["ValidationPositions"] == [8]


def several(**options):
    edges = [(NetPort("Input"), "a", NetPort("A")), (NetPort("Input"), "b", NetPort("B"))]
    net = NetInitialize(NetGraph({"a": LinearLayer(3), "b": LinearLayer(2)}, edges, Input=5))
    data = {"Input": X, "A": Y, "B": Y[:, :2]}
    losses = [{"A": MeanSquaredLossLayer()}, ({"B": MeanAbsoluteLossLayer()}, Scaled(2))]
    return quiet(net, data, All, LossFunction=losses, ValidationSet=data, **options)


def test_BatchPartialLossLists_RoundPartialLossLists_and_ValidationPartialLossLists():
    results = several()
    for kind in ("Batch", "Round", "Validation"):
        parts = results[f"{kind}PartialLossLists"]
        assert_close(np.array(parts["ALoss"]) + 2 * np.array(parts["BLoss"]), results[f"{kind}LossList"])
        assert classified()[f"{kind}PartialLossLists"] == {}
    assert list(results["FinalPlots"]) == ["Loss", "ALoss", "BLoss"]
    assert results["FinalPlots"]["BLoss"].data["Round"] == ([4, 8, 12], results["RoundPartialLossLists"]["BLoss"])


def test_TrainingPlan():
    plan = classified()["TrainingPlan"]
    assert (plan.batch_size, plan.rounds, plan.seed) == (7, 3, 7)


def test_Properties_names_all():
    results = classified()
    assert results["Properties"] == sorted(PROPERTIES)
    assert len(results[results["Properties"]]) == len(PROPERTIES)


def test_every_property_has_a_test():
    words = {word for test in globals() if test.startswith("test_") for word in test.split("_")}
    assert set(PROPERTIES) - words == set()


# --- asking


def test_a_list_of_properties_gives_a_list():
    results = classified()
    assert results[["TotalRounds", "BatchSize"]] == [3, 7]
    assert quiet(linear(), (X, Y), ["TotalRounds", "BatchSize"]) == [3, 7]


@pytest.mark.parametrize("ask", [lambda name: classified()[name], lambda name: quiet(linear(), (X, Y), [name])])
def test_an_unknown_property_names_the_nearest(ask):
    with pytest.raises(NetError) as caught:
        ask("RoundLos")
    assert str(caught.value) == '"RoundLos" is not a property of a training\n  hint: did you mean RoundLoss?'


@pytest.mark.parametrize("prop", [("TotalRounds", "BatchSize"), None, 3, ["TotalRounds", None]], ids=str)
def test_what_is_no_name_of_a_property_is_refused(prop):
    with pytest.raises(NetError) as caught:
        quiet(linear(), (X, Y), prop)
    assert str(caught.value) == (
        f"{wlnet.core.source.source(prop[-1] if isinstance(prop, list) else prop)} is not a property of a training\n"
        '  hint: give a name such as "RoundLoss", {"Property": …}, a list of these, or All; "Properties" names all'
    )


def test_All_in_a_list_is_the_object():
    rounds, results = quiet(linear(), (X, Y), ["TotalRounds", All])
    assert (rounds, results["TotalRounds"], results[All]) == (3, 3, results)


def test_the_object_prints_what_it_knows():
    results = classified()
    assert isinstance(results, NetTrainResultsObject)
    assert repr(results) == (
        f"NetTrainResultsObject(3 rounds, {results['TotalTrainingTime']:.1f} s, loss {results['RoundLoss']:.4g}, "
        f"validation loss {results['ValidationLoss']:.4g}, best in round {results['BestValidationRound']}, "
        f"ErrorRate {results['RoundMeasurements']['ErrorRate']:.4g}, "
        f"validation ErrorRate {results['ValidationMeasurements']['ErrorRate']:.4g}, MaxTrainingRounds was reached)"
    )


def test_the_object_in_a_notebook_has_a_curve():
    results = classified()
    root = xml.etree.ElementTree.fromstring(results._repr_html_())
    words = [text for each in root.iter() if (text := each.text)]
    assert {"NetTrainResultsObject", "3 rounds", "validation ErrorRate", "ValidationLoss"} <= set(words)
    lines = [each.get("points").split() for each in root.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(points) for points in lines] == [12, 3, 3]


# --- collected properties


def test_Property_Form_List_is_the_default():
    spec = {"Property": "RoundLoss"}
    found, losses = quiet(linear(), (X, Y), [spec, "RoundLossList"])
    assert found == losses
    assert quiet(linear(), (X, Y), {**spec, "Form": "List"}) == losses


def test_Property_Form_TransposedList():
    spec = {"Property": "WeightsRMS", "Form": "TransposedList"}
    found = quiet(linear(), (X, Y), spec)
    assert {key: len(values) for key, values in found.items()} == {("Weights",): 3, ("Biases",): 3}
    rows = quiet(linear(), (X, Y), {"Property": "WeightsRMS"})
    assert found["Biases",] == [row["Biases",] for row in rows]
    pairs = {"Property": lambda facts: (facts["Round"], facts["Batch"]), "Form": "TransposedList"}
    assert quiet(linear(), (X, Y), pairs) == [[1, 2, 3], [4, 4, 4]]


def test_Property_Form_Plot():
    spec = {"Property": "LearningRate", "Form": "Plot", "Interval": Quantity(5, "Batches")}
    figure = quiet(linear(), (X, Y), spec, Method=("SGD", {"LearningRateSchedule": halves}), LearningRate=1)
    assert figure.data == {"LearningRate": ([5, 10], [0.5**4, 0.5**9])}
    figure = quiet(linear(), (X, Y), {"Property": "GradientsRMS", "Form": "Plot"})
    assert list(figure.data) == ["GradientsRMS Weights", "GradientsRMS Biases"]
    figure = quiet(
        linear(),
        (X, Y),
        {"Property": "ValidationLoss", "Form": "Plot", "Interval": Quantity(2, "Batches")},
        ValidationSet=(X, Y),
    )
    assert figure.data["ValidationLoss"][0] == [4, 6, 8, 10, 12]  # there is none at batch 2


def test_Property_Form_function_gets_the_list():
    assert quiet(linear(), (X, Y), {"Property": "AbsoluteBatch", "Form": sum}) == 24


def test_a_Form_that_fails_loses_nothing():
    with pytest.warns(NetWarning) as warned:
        found, net = quiet(linear(), (X, Y), [{"Property": "Round", "Form": lambda values: 1 / 0}, "TrainedNet"])
    assert found == [1, 2, 3] and net == quiet(linear(), (X, Y))
    assert str(warned[0].message) == (
        'a collected property: the "Form" of Round failed: ZeroDivisionError: division by zero; the list comes back'
    )


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (Automatic, [4, 8, 12]),
        (Quantity(2, "Rounds"), [8]),
        (Quantity(5, "Batches"), [5, 10]),
        (Quantity(50, "Percent"), [6, 12]),
        (Quantity(1, "Hours"), []),
    ],
    ids=str,
)
def test_Property_Interval(interval, expected):
    assert quiet(linear(), (X, Y), {"Property": "AbsoluteBatch", "Interval": interval}) == expected


def test_Property_may_be_a_function_of_the_facts():
    spec = {"Property": lambda facts: NetExtract(facts["Net"], "Biases")}
    found, net = quiet(linear(), (X, Y), [spec, "TrainedNet"])
    assert len(found) == 3
    assert np.array_equal(found[-1], NetExtract(net, "Biases"))


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"Property": "RoundLos"}, 'a collected property: "RoundLos" is not known while a net trains\n'
            "  hint: did you mean RoundLoss?"),
        ({"Form": "List"}, 'a collected property needs "Property"\n  hint: {"Property": "RoundLoss", "Form": "Plot"}'),
        ({"Property": "Round", "From": "List"}, 'a collected property: "From" is not one of its parts\n'
            "  hint: did you mean Form?"),
        ({"Property": "Round", "Form": "Lists"}, 'a collected property: "Lists" is not a form\n'
            "  hint: did you mean List?; or give a function of the list"),
        ({"Property": "Round", "Interval": 0},
            'a collected property: "Interval" must be a positive number or a Quantity, got 0'),
    ],
    ids=str,
)  # fmt: skip
def test_a_bad_collected_property_is_refused_before_training(spec, text):
    with pytest.raises(NetError) as caught:
        quiet(linear(), (X, Y), spec)
    assert str(caught.value) == text


def test_what_cannot_be_plotted_ends_training_at_once():
    with pytest.warns(NetWarning) as warned:
        figure, reason = quiet(linear(), (X, Y), [{"Property": "Weights", "Form": "Plot"}, "ReasonTrainingStopped"])
    assert figure.data == {}
    assert reason == (
        "a collected property failed: a collected property: the values of Weights Weights cannot be plotted: "
        'Array(3×5); a "Plot" takes numbers, dicts of numbers, or up to ten in an array'
    )
    assert str(warned[0].message).startswith("training stopped early: a collected property failed")


# --- the plan before training


def test_the_TrainingPlan_alone_trains_nothing(monkeypatch):
    monkeypatch.setattr(wlnet.training.session.Session, "run", None)
    net = NetChain({"a": 3, "b": BatchNormalizationLayer(), "c": Ramp}, Input=5)
    options = {"ValidationSet": Scaled(0.3), "LearningRateMultipliers": {("a", "Biases"): 0, "b": -2}}
    plan = quiet(net, (X, Y), "TrainingPlan", **options)
    text = str(plan)
    for line in (
        "Loss: MeanSquaredLossLayer() on Output",
        "a/Weights (3×5): descends at 1×",
        'a/Biases (3): frozen, by NetTrain: {("a", "Biases"): 0}',
        'b/Scaling (3): ascends at 2×, by NetTrain: {"b": -2}',
        "method: ADAM",
        "batches: 7 examples, 3 a round, 3 rounds",
        "examples: 16 for training, 7 for validation",
        "seed 7",
    ):
        assert line in text


def test_the_plan_before_training_is_the_plan_after_it():
    before = quiet(classifier(), (X, CLASSES), "TrainingPlan", ValidationSet=HELD)
    assert str(before) == str(classified()["TrainingPlan"])
    drawn = quiet(linear(), (X, Y), "TrainingPlan", RandomSeeding=Automatic)
    again = quiet(linear(), (X, Y), ["TrainingPlan", "TrainedNet"], RandomSeeding=drawn.seed)
    assert str(again[0]) == str(drawn)
