"""NetMeasurements: every measurement against scikit-learn on random predictions, per class and averaged."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from sklearn import metrics

from tests.examples import assert_close, example
from wlnet import (
    CrossEntropyLossLayer,
    ElementwiseLayer,
    MeanAbsoluteLossLayer,
    MeanSquaredLossLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetGraph,
    NetMeasurements,
    NetPort,
    SoftmaxLayer,
)
from wlnet.training.classification import ROWS as OF_CLASSES
from wlnet.training.regression import ROWS as OF_NUMBERS

nan = float("nan")
SIZES = [(41, 3), (67, 5), (97, 7)]


def predictions(items, classes, seed):
    """A net, its data, and its probabilities; the second class never occurs, the last one is never predicted."""
    net = NetChain([SoftmaxLayer()], Input=classes)
    x = example(items, classes, seed=seed)
    x[:, -1] -= 9
    truth = np.random.default_rng(seed).choice([k for k in range(1, classes + 1) if k != 2], items)
    p = np.asarray(net(x), np.float64)
    return net, x, truth, p / p.sum(1, keepdims=True)


def counts(truth, said, k):
    """TP, FP, FN, TN of a class, item by item."""
    pairs = list(zip(np.asarray(truth) == k, np.asarray(said) == k, strict=True))
    return tuple(pairs.count(pair) for pair in [(True, True), (False, True), (True, False), (False, False)])


def binary(measure, **options):
    """A score of scikit-learn for each class against the others."""

    def of(truth, said, p):
        classes = range(1, p.shape[1] + 1)
        return [measure(truth == k, said == k, **options) for k in classes]

    return of


def over(part, *whole):
    """A ratio of counts for each class; 0/0 is nan."""

    def of(truth, said, p):
        found = [
            dict(zip(("tp", "fp", "fn", "tn"), counts(truth, said, k), strict=True)) for k in range(1, p.shape[1] + 1)
        ]
        return [each[part] / sum(each[w] for w in whole) if sum(each[w] for w in whole) else nan for each in found]

    return of


def scott(truth, said):
    """Scott's pi with exact fractions: agreement beyond that of one rater drawn twice from both raters' answers."""
    both, total = [*truth, *said], len(truth)
    chance = sum(Fraction(both.count(k), 2 * total) ** 2 for k in set(both))
    share = Fraction(int(np.sum(np.asarray(truth) == said)), total)
    return float((share - chance) / (1 - chance))


def area(truth, said, p):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [metrics.roc_auc_score(truth == k + 1, p[:, k]) for k in range(p.shape[1])]


UNDEFINED = {"zero_division": nan}
EXPECTED = {
    "Accuracy": lambda t, s, p: metrics.accuracy_score(t, s),
    "AreaUnderROCCurve": area,
    "CohenKappa": lambda t, s, p: metrics.cohen_kappa_score(t, s),
    "ConfusionMatrix": lambda t, s, p: metrics.confusion_matrix(t, s, labels=range(1, p.shape[1] + 1)),
    "Entropy": lambda t, s, p: metrics.log_loss(t, p, labels=range(1, p.shape[1] + 1)),
    "ErrorRate": lambda t, s, p: metrics.zero_one_loss(t, s),
    "F1Score": binary(metrics.f1_score, **UNDEFINED),
    "FalseDiscoveryRate": over("fp", "tp", "fp"),
    "FalseNegativeNumber": lambda t, s, p: [counts(t, s, k)[2] for k in range(1, p.shape[1] + 1)],
    "FalseNegativeRate": over("fn", "tp", "fn"),
    "FalseOmissionRate": over("fn", "fn", "tn"),
    "FalsePositiveNumber": lambda t, s, p: [counts(t, s, k)[1] for k in range(1, p.shape[1] + 1)],
    "FalsePositiveRate": over("fp", "fp", "tn"),
    "FScore": binary(metrics.f1_score, **UNDEFINED),
    "Informedness": lambda t, s, p: [
        metrics.recall_score(t == k, s == k, **UNDEFINED) + metrics.recall_score(t != k, s != k, **UNDEFINED) - 1
        for k in range(1, p.shape[1] + 1)
    ],
    "Markedness": lambda t, s, p: [
        metrics.precision_score(t == k, s == k, **UNDEFINED) + metrics.precision_score(t != k, s != k, **UNDEFINED) - 1
        for k in range(1, p.shape[1] + 1)
    ],
    "MatthewsCorrelationCoefficient": binary(metrics.matthews_corrcoef),
    "NegativePredictiveValue": over("tn", "fn", "tn"),
    "Perplexity": lambda t, s, p: np.exp(metrics.log_loss(t, p, labels=range(1, p.shape[1] + 1))),
    "Precision": binary(metrics.precision_score, **UNDEFINED),
    "Recall": binary(metrics.recall_score, **UNDEFINED),
    "ScottPi": lambda t, s, p: scott(t.tolist(), s.tolist()),
    "Specificity": over("tn", "fp", "tn"),
    "TrueNegativeNumber": lambda t, s, p: [counts(t, s, k)[3] for k in range(1, p.shape[1] + 1)],
    "TruePositiveNumber": lambda t, s, p: [counts(t, s, k)[0] for k in range(1, p.shape[1] + 1)],
}  # fmt: skip


def test_every_measurement_of_classes_is_compared():
    assert set(EXPECTED) | {"ROCCurve", "ROCCurvePlot", "ConfusionMatrixPlot"} == set(OF_CLASSES)


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("seed", range(3))
def test_measurement_of_classes_is_scikit_learns(name, seed):
    items, classes = SIZES[seed]
    net, x, truth, p = predictions(items, classes, seed)
    got = NetMeasurements(net, (x, truth), name, BatchSize=11)
    expected = EXPECTED[name](truth, p.argmax(1) + 1, p)
    if isinstance(expected, list):
        assert list(got) == list(range(1, classes + 1))
        got = list(got.values())
        assert 0 < np.isnan(expected).sum() < classes or not np.isnan(expected).any()
    assert_close(got, expected, rtol=2e-6)


@pytest.mark.parametrize("name", [name for name, row in OF_CLASSES.items() if row.per_class and not row.table])
def test_class_averaging_macro_and_micro(name):
    net, x, truth, p = predictions(67, 5, 4)
    each = np.array(list(NetMeasurements(net, (x, truth), name).values()), float)
    macro, micro = (
        NetMeasurements(net, (x, truth), {"Measurement": name, "ClassAveraging": how}) for how in ("Macro", "Micro")
    )
    assert_close(macro, np.nanmean(each))
    if "Number" in name:
        assert micro == each.sum()
        return
    said = p.argmax(1) + 1
    flat = [np.concatenate([np.asarray(values) == k for k in range(1, 6)]) for values in (truth, said)]
    if name == "AreaUnderROCCurve":
        assert_close(micro, metrics.roc_auc_score(flat[0], p.T.reshape(-1)))
        return
    two = np.stack([np.zeros(5 * 67), np.ones(5 * 67)], 1)  # the pooled yes-or-no problem, of which class 2 is "yes"
    assert_close(micro, EXPECTED[name](flat[0] + 1, flat[1] + 1, two)[1])


@pytest.mark.parametrize("name", ["Accuracy", "ErrorRate"])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_accuracy_and_error_rate_with_the_right_class_in_the_top_n(name, count):
    net, x, truth, p = predictions(67, 5, 5)
    top = metrics.top_k_accuracy_score(truth, p, k=count, labels=range(1, 6)) if count < 5 else 1.0
    assert_close(NetMeasurements(net, (x, truth), (name, count)), top if name == "Accuracy" else 1 - top)


@pytest.mark.parametrize("beta", [0.5, 2, 3.0])
def test_fscore_with_beta(beta):
    net, x, truth, p = predictions(67, 5, 6)
    got = NetMeasurements(net, (x, truth), ("FScore", beta))
    expected = metrics.fbeta_score(truth, p.argmax(1) + 1, beta=beta, average=None, labels=range(1, 6), **UNDEFINED)
    assert_close(list(got.values()), expected)
    for how in ("macro", "micro"):
        got = NetMeasurements(net, (x, truth), {"Measurement": ("FScore", beta), "ClassAveraging": how.capitalize()})
        assert_close(
            got, metrics.fbeta_score(truth, p.argmax(1) + 1, beta=beta, average=how, labels=range(1, 6), **UNDEFINED)
        )


def test_roc_curve_is_scikit_learns_and_nan_where_a_class_never_occurs():
    net, x, truth, p = predictions(97, 5, 7)
    x[10:20] = x[:10]  # ties
    p = np.asarray(net(x), np.float64)
    got = NetMeasurements(net, (x, truth), "ROCCurve", BatchSize=13)
    for k in (1, 3, 4, 5):
        fpr, tpr, _ = metrics.roc_curve(truth == k, p[:, k - 1], drop_intermediate=False)
        assert_close(got[k], np.stack([fpr, tpr], 1))
    assert np.isnan(got[2][:, 1]).all() and not np.isnan(got[2][:, 0]).any()
    micro = NetMeasurements(net, (x, truth), {"Measurement": "ROCCurve", "ClassAveraging": "Micro"})
    fpr, tpr, _ = metrics.roc_curve((truth[:, None] == np.arange(1, 6)).ravel(), p.ravel(), drop_intermediate=False)
    assert_close(micro, np.stack([fpr, tpr], 1))


def test_of_equal_probabilities_the_first_class_is_decided_for():
    net = NetChain([SoftmaxLayer()], Input=3)
    data = ([[1, 1, 0], [1, 1, 0], [0, 2, 2], [0, 2, 2]], [1, 2, 3, 2])
    assert NetMeasurements(net, data, ["Accuracy", ("Accuracy", 2)]) == [0.5, 1.0]
    assert NetMeasurements(net, data, "ConfusionMatrix").tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 0]]
    assert NetMeasurements(net, ([[5, 5, 5]] * 3, [1, 2, 3]), [("Accuracy", 2), "AreaUnderROCCurve"]) == [
        2 / 3, {1: 0.5, 2: 0.5, 3: 0.5},
    ]  # fmt: skip


def test_one_class_alone_has_a_rate_of_its_own_and_none_of_the_others():
    net = NetChain([SoftmaxLayer()], Input=2)
    data = ([[3, 0], [2, 0], [0, 1]], [1, 1, 1])
    precision, kappa, matthews, area_under = NetMeasurements(
        net, data, ["Precision", "CohenKappa", "MatthewsCorrelationCoefficient", "AreaUnderROCCurve"]
    )
    assert precision == {1: 1.0, 2: 0.0} and kappa == 0.0 and matthews == {1: 0.0, 2: 0.0}
    assert all(np.isnan(each) for each in area_under.values())
    assert np.isnan(NetMeasurements(net, ([[3, 0], [2, 0]], [1, 1]), "CohenKappa"))  # all agree, by chance too


# --- forms of CrossEntropyLossLayer ---------------------------------------------------------------------------------


def test_probabilities_as_targets():
    net, x, _, p = predictions(41, 3, 8)
    shares = np.random.default_rng(8).dirichlet([1, 1, 1], 41).astype(np.float32)
    options = {"LossFunction": CrossEntropyLossLayer("Probabilities"), "BatchSize": 5}
    got = NetMeasurements(net, (x, shares), ["Accuracy", "Entropy", "ConfusionMatrix", NetPort("Loss")], **options)
    truth, said = shares.argmax(1), p.argmax(1)
    assert_close(got[0], metrics.accuracy_score(truth, said))
    assert_close(got[1], -(shares * np.log(p)).sum(1).mean())
    assert_close(got[2], metrics.confusion_matrix(truth, said))
    assert_close(got[3], got[1])


@pytest.mark.parametrize("boolean", [False, True])
def test_binary_has_the_classes_false_and_true(boolean):
    net = NetChain(["LogisticSigmoid"], Input=())
    x, truth = example(53), np.random.default_rng(9).random(53) < 0.3
    p = np.asarray(net(x), np.float64)
    data = (x, truth.tolist() if boolean else truth.astype(int))
    names = ["Accuracy", "ConfusionMatrix", "F1Score", "AreaUnderROCCurve", "Entropy", "CohenKappa", ("Accuracy", 2)]
    accuracy, matrix, score, under, entropy, kappa, top = NetMeasurements(net, data, names, BatchSize=17)
    assert_close(accuracy, metrics.accuracy_score(truth, p >= 0.5))
    assert_close(matrix, metrics.confusion_matrix(truth, p >= 0.5))
    assert list(score) == [False, True]
    assert_close(list(score.values()), metrics.f1_score(truth, p >= 0.5, average=None))
    assert_close(list(under.values()), [metrics.roc_auc_score(truth, p)] * 2)
    assert_close(entropy, metrics.log_loss(truth, p))
    assert_close(kappa, metrics.cohen_kappa_score(truth, p >= 0.5))
    assert top == 1.0


def test_binary_one_half_is_true_as_the_decoder_says():
    net = NetChain(["LogisticSigmoid"], Input=())
    assert NetMeasurements(net, ([0, 0, 1], [True, False, True]), "ConfusionMatrix").tolist() == [[0, 1], [0, 2]]


def test_binary_numbers_of_an_array_are_items_of_their_own():
    net = NetChain(["LogisticSigmoid"], Input=(3, 2))
    x, truth = example(7, 3, 2), np.random.default_rng(10).random((7, 3, 2)) < 0.4
    p = np.asarray(net(x))
    got = NetMeasurements(net, (x, truth.astype(int)), ["Accuracy", "ConfusionMatrix"], BatchSize=3)
    assert_close(got[0], metrics.accuracy_score(truth.ravel(), p.ravel() >= 0.5))
    assert_close(got[1], metrics.confusion_matrix(truth.ravel(), p.ravel() >= 0.5))


def test_several_labels_at_once_are_measured_label_by_label():
    labels = ["red", "green", "blue"]
    net = NetChain(["LogisticSigmoid"], Input=3, Output=NetDecoder("Class", labels, Multilabel=True))
    x, truth = example(41, 3), np.random.default_rng(11).random((41, 3)) < 0.4
    p = np.asarray(net(x, None), np.float64)
    data = (x, [[label for label, true in zip(labels, row, strict=True) if true] for row in truth])
    names = ["Precision", "Recall", "AreaUnderROCCurve", "Accuracy", "Entropy"]
    precision, recall, under, accuracy, entropy = NetMeasurements(net, data, names, BatchSize=13)
    assert list(precision) == labels
    assert_close(list(precision.values()), metrics.precision_score(truth, p > 0.5, average=None))
    assert_close(list(recall.values()), metrics.recall_score(truth, p > 0.5, average=None))
    assert_close(list(under.values()), metrics.roc_auc_score(truth, p, average=None))
    assert_close(accuracy, 1 - metrics.hamming_loss(truth, p > 0.5))
    assert_close(entropy, np.mean([metrics.log_loss(truth[:, k], p[:, k]) for k in range(3)]))
    micro = NetMeasurements(net, data, {"Measurement": "AreaUnderROCCurve", "ClassAveraging": "Micro"})
    assert_close(micro, metrics.roc_auc_score(truth, p, average="micro"))


def test_sequences_of_classes_count_their_true_places_alone():
    decoder = NetDecoder("Class", ["a", "b", "c"], InputDepth=2)
    net = NetChain([SoftmaxLayer()], Input=("Varying", 3), Output=decoder)
    random = np.random.default_rng(12)
    x = [example(length, 3, seed=length) for length in (2, 7, 3, 5, 11, 1, 13)]
    truth = [random.choice(["a", "c"], len(each)).tolist() for each in x]
    p = np.concatenate([np.asarray(net(each, None), np.float64) for each in x])
    flat, said = [label for each in truth for label in each], np.array(["a", "b", "c"])[p.argmax(1)]
    got = NetMeasurements(net, (x, truth), ["Accuracy", "Recall", "Entropy", "ConfusionMatrix"], BatchSize=3)
    assert_close(got[0], metrics.accuracy_score(flat, said))
    expected = metrics.recall_score(flat, said, labels=["a", "b", "c"], average=None, zero_division=nan)
    assert list(got[1]) == ["a", "b", "c"]
    assert_close(list(got[1].values()), expected)
    assert_close(got[2], metrics.log_loss(flat, p / p.sum(1, keepdims=True), labels=["a", "b", "c"]))
    assert_close(got[3], metrics.confusion_matrix(flat, said, labels=["a", "b", "c"]))


def test_a_net_that_ends_in_its_own_loss_is_measured_where_the_loss_reads():
    target = NetEncoder("Class", ["x", "y", "z"])
    net = NetGraph(
        {"p": SoftmaxLayer(), "loss": CrossEntropyLossLayer("Index")},
        [("p", NetPort("loss", "Input")), (NetPort("Class"), NetPort("loss", "Target")), ("loss", NetPort("Loss"))],
        Input=3, Class=target,
    )  # fmt: skip
    x, truth = example(29, 3), np.random.default_rng(13).choice(["x", "y", "z"], 29).tolist()
    said = np.array(["x", "y", "z"])[np.asarray(NetChain([SoftmaxLayer()], Input=3)(x)).argmax(1)]
    recall, value = NetMeasurements(net, {"Input": x, "Class": truth}, ["Recall", NetPort("Loss")])
    assert_close(list(recall.values()), metrics.recall_score(truth, said, average=None))
    assert list(recall) == ["x", "y", "z"]
    assert_close(value, np.mean(net({"Input": x, "Class": truth})))


# --- regression -------------------------------------------------------------------------------------------------------

NUMBERS = {
    "FractionVarianceUnexplained": lambda t, y: 1 - metrics.r2_score(t, y, multioutput="variance_weighted"),
    "MeanDeviation": metrics.mean_absolute_error,
    "MeanSquare": metrics.mean_squared_error,
    "RSquared": lambda t, y: metrics.r2_score(t, y, multioutput="variance_weighted"),
    "StandardDeviation": lambda t, y: np.sqrt(metrics.mean_squared_error(t, y)),
}


def identity(*shape):
    return NetChain([ElementwiseLayer(lambda x: x * 1)], Input=shape)


def test_every_measurement_of_numbers_is_compared():
    assert set(NUMBERS) | {"IntersectionOverUnion"} == set(OF_NUMBERS)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("loss", [MeanSquaredLossLayer(), MeanAbsoluteLossLayer()], ids=repr)
@pytest.mark.parametrize("shape", [(), (3,), (2, 5)], ids=str)
def test_measurement_of_numbers_is_scikit_learns(name, loss, shape):
    y, t = example(43, *shape), example(43, *shape, seed=1) + 1000  # a mean far from 0: no difference of large sums
    y = t + 0.3 * y
    got = NetMeasurements(identity(*shape), (y, t), name, LossFunction=loss, BatchSize=7)
    assert_close(got, NUMBERS[name](t.reshape(43, -1).astype(float), y.reshape(43, -1).astype(float)), rtol=1e-6)


def test_measurements_of_numbers_of_sequences_leave_padding_out():
    y, t = ([example(length, 2, seed=length + k) for length in (3, 7, 2, 5)] for k in (0, 100))
    got = NetMeasurements(identity("Varying", 2), (y, t), list(NUMBERS), BatchSize=2)
    one, other = np.concatenate(t).astype(float), np.concatenate(y).astype(float)
    assert_close(got, [NUMBERS[name](one, other) for name in NUMBERS])


def test_a_constant_target_has_no_variance_to_explain():
    got = NetMeasurements(identity(), ([1.0, 2.0], [5.0, 5.0]), ["FractionVarianceUnexplained", "RSquared"])
    assert got == [float("inf"), float("-inf")]
    assert np.isnan(NetMeasurements(identity(), ([5.0, 5.0], [5.0, 5.0]), "RSquared"))


@pytest.mark.parametrize("shape", [(4,), (2, 2), (3, 4)], ids=str)
def test_intersection_over_union_of_boxes_is_counted_in_unit_squares(shape):
    random = np.random.default_rng(14)
    boxes = [
        np.concatenate([corner := random.integers(0, 5, (59, 2)), corner + random.integers(0, 7, (59, 2))], 1)
        for _ in "ab"
    ]
    count = 59 if shape != (3, 4) else 19
    boxes = [each[: 59 // 3 * 3] if shape == (3, 4) else each for each in boxes]
    grid = np.arange(12)

    def squares(box):
        inside = [(grid >= box[k]) & (grid < box[k + 2]) for k in (0, 1)]
        return inside[0][:, None] & inside[1][None]

    pairs = [(squares(a), squares(b)) for a, b in zip(*boxes, strict=True)]
    expected = np.mean([(a & b).sum() / max((a | b).sum(), 1) for a, b in pairs])
    data = tuple(each.reshape(count, *shape).astype(np.float32) for each in boxes)
    assert_close(NetMeasurements(identity(*shape), data, "IntersectionOverUnion", BatchSize=13), expected)
