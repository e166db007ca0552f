"""What may be written for a measurement: ports, arrays, functions, sub-options, properties; and every refusal."""

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    CrossEntropyLossLayer,
    DropoutLayer,
    Information,
    LinearLayer,
    LongShortTermMemoryLayer,
    Max,
    Mean,
    MeanSquaredLossLayer,
    NetChain,
    NetDecoder,
    NetError,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetMeasurements,
    NetPort,
    Quantity,
    SoftmaxLayer,
)
from wlnet.training.gathering import number_of
from wlnet.training.measurements import ROWS, higher_is_better
from wlnet.verbs.information import PROPERTIES

NET = NetInitialize(
    NetChain({"hidden": LinearLayer(5), "out": LinearLayer(3), "p": SoftmaxLayer()}, Input=2), RandomSeeding=1
)
X = example(23, 2)
CLASSES = np.arange(23) % 3 + 1
DATA = (X, CLASSES)
P = np.asarray(NET(X))
SEQUENCES = NetInitialize(
    NetChain([LongShortTermMemoryLayer(5), NetMapOperator(LinearLayer(2))], Input=("n", 3)), RandomSeeding=2
)
VARYING = ([example(n, 3) for n in (2, 7, 3)], [example(n, 2, seed=1) for n in (2, 7, 3)])


def measure(*measurements, data=DATA, net=NET, **options):
    return NetMeasurements(net, data, *measurements, **options)


# --- ports, arrays, properties ----------------------------------------------------------------------------------------


def test_net_port_of_an_output_is_its_mean():
    assert_close(measure(NetPort("Output"), BatchSize=7), P.mean(0))


def test_net_port_of_training_data_is_its_mean():
    assert_close(measure(NetPort("Input"), BatchSize=7), X.mean(0))
    assert_close(measure(NetPort("Target"), BatchSize=7), CLASSES.mean())


def test_net_port_of_an_interior_activation_is_its_mean():
    expected = np.asarray(NET(X, NetPort("hidden", "Output"))).mean(0)
    for port in (NetPort("hidden", "Output"), NetPort("hidden"), NetPort(1), NetPort(-3, "Output")):
        assert_close(measure(port, BatchSize=7), expected)


def test_net_port_of_a_weight_array_is_the_array():
    assert measure(NetPort("out", "Weights")).tolist() == NET["out", "Weights"].tolist()
    assert measure(NetPort("Biases"), data=(X, X), net=NetInitialize(LinearLayer(2, Input=2))).tolist() == [0.0, 0.0]
    biggest = measure({"Measurement": NetPort("out", "Weights"), "Aggregation": Max})
    assert biggest == NET["out", "Weights"].max()
    assert measure({"Measurement": NetPort("out", "Weights"), "Aggregation": np.shape}) == (3, 5)


def test_net_port_of_a_loss_is_the_mean_loss():
    assert_close(measure(NetPort("Loss"), BatchSize=7), -np.log(P[np.arange(23), CLASSES - 1]).mean())


@pytest.mark.parametrize("name", ["Mean", "Total", "Min", "Max"])
def test_aggregation_of_a_port_by_name(name):
    expected = {"Mean": np.mean, "Total": np.sum, "Min": np.min, "Max": np.max}[name](P, axis=0)
    assert_close(measure({"Measurement": NetPort("Output"), "Aggregation": name}, BatchSize=7), expected, rtol=1e-5)


def test_aggregation_by_a_head_by_none_and_by_a_function():
    port = NetPort("Output")
    assert_close(measure({"Measurement": port, "Aggregation": Mean}), P.mean(0))
    assert_close(measure({"Measurement": port, "Aggregation": None}, BatchSize=7), P)
    assert_close(measure({"Measurement": port, "Aggregation": lambda p: np.median(p, 0)}, BatchSize=7), np.median(P, 0))


def test_values_of_sequences_leave_padding_out():
    outputs = [np.asarray(SEQUENCES(each)) for each in VARYING[0]]
    port = NetPort("Output")
    got = measure([port, {"Measurement": port, "Aggregation": None}], data=VARYING, net=SEQUENCES, BatchSize=2)
    assert_close(got[0], np.concatenate(outputs).mean(0))
    for one, other in zip(got[1], outputs, strict=True):
        assert_close(one, other)


@pytest.mark.parametrize("name", [name for name in PROPERTIES if "Graphic" not in name and name != "LayersGraph"])
def test_every_property_of_information_is_a_measurement(name):
    assert repr(measure(name)) == repr(Information(NET, name))


# --- functions --------------------------------------------------------------------------------------------------------


def test_a_function_gets_the_values_of_all_examples_by_name():
    assert measure(lambda Output, Target: (Output.argmax(1) + 1 == Target).mean(), BatchSize=7) == measure("Accuracy")
    median = measure({"Measurement": lambda Loss: np.median(Loss)}, BatchSize=7)
    assert_close(median, np.median(-np.log(P[np.arange(23), CLASSES - 1])))


def test_a_function_of_one_dict_gets_all_values():
    assert measure(lambda values: sorted(values)) == ["Input", "Loss", "Output", "Target"]
    assert_close(measure(lambda values: values["Input"].std(), BatchSize=7), X.std())


def test_a_function_with_aggregation_gives_a_value_for_each_example():
    largest = {"Measurement": lambda Output: Output.max(1), "Aggregation": "Mean"}
    assert_close(measure(largest, BatchSize=7), P.max(1).mean())
    assert_close(measure({**largest, "Aggregation": np.median}, BatchSize=7), np.median(P.max(1)))


def test_a_function_of_sequences_gets_a_list_where_lengths_differ():
    lengths = measure(lambda Output: [len(each) for each in Output], data=VARYING, net=SEQUENCES, BatchSize=2)
    assert lengths == [2, 7, 3]


# --- several losses, options ------------------------------------------------------------------------------------------

TWO = NetInitialize(NetGraph(
    {"a": SoftmaxLayer(), "b": LinearLayer(5), "c": SoftmaxLayer(), "d": LinearLayer(2)},
    [("a", NetPort("A")), ("b", "c", NetPort("C")), ("d", NetPort("D"))], Input=3,
), RandomSeeding=3)  # fmt: skip
TWO_DATA = {
    "Input": example(13, 3),
    "A": np.arange(13) % 3 + 1,
    "C": np.arange(13) % 5 + 1,
    "D": example(13, 2, seed=1),
}


def test_port_says_which_of_several_losses():
    got = measure(
        [{"Measurement": "Accuracy", "Port": "C"}, {"Measurement": "Accuracy", "Port": "A"}, "MeanSquare"],
        data=TWO_DATA,
        net=TWO,
    )
    outputs = TWO(TWO_DATA["Input"])
    assert got[0] == (outputs["C"].argmax(1) + 1 == TWO_DATA["C"]).mean()
    assert got[1] == (outputs["A"].argmax(1) + 1 == TWO_DATA["A"]).mean()
    assert_close(got[2], ((outputs["D"] - TWO_DATA["D"]) ** 2).mean())


def test_a_rule_is_a_measurement_with_its_parameter():
    assert measure({"Accuracy": 2}) == measure(("Accuracy", 2)) == measure({"Measurement": ("Accuracy", 2)})


def test_a_list_may_name_a_measurement_twice():
    assert measure(["Accuracy", "Accuracy"]) == [measure("Accuracy")] * 2
    assert measure([]) == []


def test_options_change_how_but_not_what():
    names = ["Accuracy", "Entropy", "ConfusionMatrix"]
    plain = measure(names)
    for options in ({"BatchSize": 5}, {"TargetDevice": ("CPU", "JAX"), "BatchSize": 7}, {"WorkingPrecision": "Real64"}):
        for one, other in zip(measure(names, **options), plain, strict=True):
            assert_close(one, other)
    assert measure(NetPort("Output"), WorkingPrecision="Real64").dtype == np.float64
    squared = measure("MeanSquare", data=(X, P + 1), LossFunction=MeanSquaredLossLayer())
    assert_close(squared, 1.0)


@pytest.mark.parametrize("form", ["pairs", "columns", "rows", "memory map", "generator"])
def test_data_in_every_form(form, tmp_path):
    path = tmp_path / "data"
    np.save(path.with_suffix(".npy"), X)

    def batches(facts):
        rows = slice(facts["BatchSize"] * (facts["AbsoluteBatch"] - 1), facts["BatchSize"] * facts["AbsoluteBatch"])
        return {"Input": X[rows], "Output": CLASSES[rows]}

    data = {
        "pairs": list(zip(X, CLASSES, strict=True)),
        "columns": {"Input": X, "Output": CLASSES},
        "rows": [{"Input": x, "Output": y} for x, y in zip(X, CLASSES, strict=True)],
        "memory map": (np.load(path.with_suffix(".npy"), mmap_mode="r"), CLASSES),
        "generator": (batches, {"RoundLength": 21}),
    }[form]
    expected = (X[:21], CLASSES[:21]) if form == "generator" else DATA
    names = ["ConfusionMatrix", "Entropy", NetPort("Input")]
    for one, other in zip(measure(names, data=data, BatchSize=7), measure(names, data=expected), strict=True):
        assert_close(one, other)


def test_evaluation_mode_train_draws_by_the_seed():
    net = NetInitialize(NetChain([LinearLayer(11), DropoutLayer(), LinearLayer(2)], Input=2), RandomSeeding=4)
    values = [
        measure("MeanSquare", data=(X, X), net=net, NetEvaluationMode="Train", RandomSeeding=seed) for seed in (1, 1, 2)
    ]
    assert values[0] == values[1] != values[2]


def test_plots_are_figures_with_their_data():
    figure = measure("ConfusionMatrixPlot")
    assert figure.data.tolist() == measure("ConfusionMatrix").tolist()
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == [str(each) for each in figure.data.ravel()]
    figure = measure("ROCCurvePlot")
    lines = figure.axes[0].get_lines()[:3]
    for line, points in zip(lines, measure("ROCCurve").values(), strict=True):
        assert_close(line.get_xydata(), points)
    assert len(measure({"Measurement": "ROCCurvePlot", "ClassAveraging": "Micro"}).axes[0].get_lines()) == 2


def test_direction_and_number_of_measurements():
    assert {name: higher_is_better(name) for name in ("Accuracy", "RSquared", "ErrorRate", "MeanSquare", "ROCCurve", "Weird")} == {
        "Accuracy": True, "RSquared": True, "ErrorRate": False, "MeanSquare": False, "ROCCurve": None, "Weird": None,
    }  # fmt: skip
    assert all(
        higher_is_better(name) is not None
        for name in ROWS
        if "Plot" not in name and name not in ("ROCCurve", "ConfusionMatrix")
    )
    assert number_of({"a": 1.0, "b": float("nan"), "c": 4.0}) == 2.5
    assert number_of(np.array([1, 2, 6])) == 3.0 and number_of(0.5) == 0.5
    assert number_of({1: np.zeros((3, 2))}) is None and number_of("text") is None
    assert np.isnan(number_of({"a": float("nan")}))


# --- refusals ---------------------------------------------------------------------------------------------------------

FORMS = 'give a name such as "Accuracy", ("Accuracy", n), a NetPort, a function, or {"Measurement": one of these, …}'
LABELS = NetChain(["LogisticSigmoid"], Input=2, Output=NetDecoder("Class", ["a", "b"], Multilabel=True))

REFUSED = [
    ("Acuracy", "NetMeasurements: 'Acuracy' is not a measurement\n  hint: did you mean Accuracy?"),
    (3, f"NetMeasurements: 3 is not a measurement\n  hint: {FORMS}"),
    (None, f"NetMeasurements: None is not a measurement\n  hint: {FORMS}"),
    (("Accuracy", 0), 'NetMeasurements: the number of classes of Accuracy must be a positive whole number, got 0\n  hint: write ("Accuracy", 1)'),
    (("ErrorRate", 1.5), 'NetMeasurements: the number of classes of ErrorRate must be a positive whole number, got 1.5\n  hint: write ("ErrorRate", 1)'),
    (("FScore", -1), 'NetMeasurements: the beta of FScore must be a positive number, got -1\n  hint: write ("FScore", 1)'),
    (("Accuracy", 4), "NetMeasurements: Accuracy 4 looks at more classes than the 3 of Output\n  hint: take at most 3"),
    (("Precision", 2), "NetMeasurements: Precision takes no parameter, got 2\n  hint: Accuracy, ErrorRate, FScore take one"),
    ({"Key": "a"}, f'NetMeasurements: a dict of sub-options has the key "Measurement", got {{"Key": "a"}}\n  hint: {FORMS}'),
    ({"Measurement": "Accuracy", "Bey": 2}, "NetMeasurements: 'Bey' is not a sub-option\n  hint: did you mean Key?"),
    ({"Measurement": "Accuracy", "Key": 2}, 'NetMeasurements: "Key" must be a text, got 2'),
    ({"Measurement": "Recall", "ClassAveraging": "Mikro"}, 'NetMeasurements: "ClassAveraging" must be "Macro", "Micro" or None, got "Mikro"\n  hint: did you mean Micro?'),
    ({"Measurement": "Accuracy", "ClassAveraging": "Macro"}, 'NetMeasurements: Accuracy has no value for each class, so there is no "ClassAveraging"\n  hint: leave it out'),
    ({"Measurement": "ROCCurve", "ClassAveraging": "Macro"}, 'NetMeasurements: curves of several classes have no mean, so ROCCurve has no "ClassAveraging": "Macro"\n  hint: "Micro" gives one curve of all decisions; AreaUnderROCCurve has a mean'),
    ({"Measurement": NetPort("Output"), "Aggregation": "Men"}, 'NetMeasurements: "Aggregation" must be "Mean", "Total", "Min", "Max", None or a function, got "Men"\n  hint: did you mean Mean?'),
    ({"Measurement": "Accuracy", "Aggregation": "Mean"}, 'NetMeasurements: Accuracy is one value of all examples, so there is no "Aggregation"\n  hint: leave it out'),
    ({"Measurement": "Accuracy", "Interval": Quantity(2, "Rounds")}, 'NetMeasurements: Accuracy is measured once, so there is no "Interval"\n  hint: leave it out; TrainingProgressMeasurements takes one'),
    ({"Measurement": "Accuracy", "Port": "Autput"}, "NetMeasurements: Accuracy has no loss at Autput\n  hint: did you mean Output?"),
    ({"Measurement": "Accuracy", "Port": 2}, 'NetMeasurements: "Port" must be the name of a loss\'s port, got 2'),
    ({"Measurement": "ArraysCount", "Port": "Output"}, 'NetMeasurements: ArraysCount belongs to no loss, so there is no "Port"\n  hint: leave it out'),
    ("RSquared", 'NetMeasurements: RSquared goes with MeanSquaredLossLayer or MeanAbsoluteLossLayer, but the net is judged by CrossEntropyLossLayer("Index")\n  hint: LossFunction says by what a net is judged'),
    (NetPort("Outpt"), 'NetMeasurements: there is no port "Outpt"\n  hint: did you mean Output?'),
    (NetPort("out", "Weight"), 'net/out: NetMeasurements: LinearLayer has no output and no array "Weight"\n  hint: did you mean Weights?'),
    (NetPort(9), "NetChain has no layer 9\n  hint: positions count from 1 to 3, or -1 to -3 from the end"),
    (lambda a, b: 1, "NetMeasurements: the function Function has a parameter a\n  hint: its parameters may be Output, Input, Target, Loss; or one that gets a dict of these"),
    (lambda: 1, "NetMeasurements: the function Function takes no parameter\n  hint: its parameters may be Output, Input, Target, Loss; or one that gets a dict of these"),
    (lambda Output: 1 / 0, "the measurement Function failed: ZeroDivisionError: division by zero\n  hint: correct its function"),
    ({"Measurement": lambda Output: Output.sum(), "Key": "sum", "Aggregation": "Mean"}, 'the measurement sum gives one number for 23 examples, but "Aggregation" takes one value for each\n  hint: leave "Aggregation" out: the function then gets all examples at once'),
    ({"Measurement": lambda Output: Output[1:], "Aggregation": "Max"}, 'the measurement Function gives an array of shape 22×3 for 23 examples, but "Aggregation" takes one value for each\n  hint: leave "Aggregation" out: the function then gets all examples at once'),
    ({"Measurement": lambda Output: ["a"] * 23, "Aggregation": len}, 'the measurement Function gives ["a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a"… for 23 examples, but "Aggregation" takes one value for each\n  hint: leave "Aggregation" out: the function then gets all examples at once'),
]  # fmt: skip


@pytest.mark.parametrize("measurement, text", REFUSED, ids=range(len(REFUSED)))
def test_refusal_in_full(measurement, text):
    with pytest.raises(NetError) as e:
        measure(measurement)
    assert str(e.value) == text


def refused(text, *arguments, **options):
    with pytest.raises(NetError) as e:
        measure(*arguments, **options)
    assert str(e.value) == text


def test_refusals_that_depend_on_the_net_in_full():
    refused("NetMeasurements takes a net, got 5", "Accuracy", net=5)
    refused(
        'NetMeasurements: Accuracy may be about A, C\n  hint: say which: {"Measurement": "Accuracy", "Port": "A"}',
        "Accuracy", data=TWO_DATA, net=TWO,
    )  # fmt: skip
    refused(
        "NetMeasurements: ConfusionMatrix goes with one right class, but Output has any number of labels\n"
        "  hint: Precision, Recall and F1Score take labels one by one",
        "ConfusionMatrix", data=([[1, 2]], [["a"]]), net=LABELS,
    )  # fmt: skip
    refused(
        "NetMeasurements: Accuracy 2 goes with one right class, but Output has any number of labels\n"
        "  hint: Precision, Recall and F1Score take labels one by one",
        ("Accuracy", 2), data=([[1, 2]], [["a"]]), net=LABELS,
    )  # fmt: skip
    refused(
        "NetMeasurements: IntersectionOverUnion takes boxes, of shape 4 or 2×2, but Output is of shape 2\n"
        "  hint: a box is (x1, y1, x2, y2)",
        "IntersectionOverUnion", data=(X, X), net=NetInitialize(LinearLayer(2, Input=2)),
    )  # fmt: skip
    refused(
        "NetMeasurements: Biases of LinearLayer is None",
        NetPort("Biases"), data=(X, X), net=NetInitialize(LinearLayer(2, Biases=None, Input=2)),
    )  # fmt: skip
    refused(
        "net/1: NetMeasurements: State of LongShortTermMemoryLayer is not measured\n  hint: outputs, data and arrays are",
        NetPort(1, "State"), data=VARYING, net=SEQUENCES,
    )  # fmt: skip
    refused(
        "LinearLayer has no values for Weights and Biases\n  hint: NetInitialize(net) gives it initial values",
        "MeanSquare", data=(X, X), net=LinearLayer(2, Input=2),
    )  # fmt: skip


def test_classes_whose_number_varies_have_no_measurements():
    net = NetChain([SoftmaxLayer()], Input=("n",))
    refused(
        "NetMeasurements: Accuracy needs a fixed number of classes, but that of Output varies\n"
        '  hint: Entropy is then the loss itself: NetPort("Loss")',
        "Accuracy", data=([[1, 2], [1, 2, 3]], [[0.5, 0.5], [1, 0, 0]]), net=net, LossFunction=CrossEntropyLossLayer("Probabilities"),
    )  # fmt: skip


def test_without_matplotlib_a_plot_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    monkeypatch.delitem(__import__("sys").modules, "wlnet.training.measurement_figures", raising=False)
    refused(
        "plots of measurements need the package matplotlib\n"
        '  hint: pip install wlnet[plot]; "ConfusionMatrix" and "ROCCurve" give the data without it',
        "ROCCurvePlot",
    )


def test_the_docstring_tells_of_every_measurement():
    assert [name for name in ROWS if name not in NetMeasurements.__doc__] == []
