"""The measurements of classes, for nets that CrossEntropyLossLayer judges: a row each."""

from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.training.answers import Answers
from wlnet.training.curves import area, curve
from wlnet.training.gathering import Gathered, Gathering, Parameter, Row, listed, ratio

Array = np.ndarray


def _each_hit(answers: Any, ends: Array, count: int) -> list[Gathered]:
    hits = answers.hits(count)
    per_item = hits[0].size if len(hits) else 1
    totals = np.add.reduceat(hits.reshape(len(hits), -1).sum(1), np.append(0, ends[:-1]))
    return list(zip(totals.tolist(), (np.diff(ends, prepend=0) * per_item).tolist(), strict=True))


def _hits(answers: Any, count: int) -> Gathered:
    hits = answers.hits(count)
    return np.count_nonzero(hits), hits.size


def _matrix(answers: Answers, _: Any) -> Gathered:
    size = answers.classes
    return (np.bincount(answers.truth * size + answers.predicted, minlength=size * size).reshape(size, size),)


def _surprise(answers: Any, _: Any) -> Gathered:
    surprise = answers.surprise()
    return surprise.sum(), surprise.size


def _one_problem(rated: Gathered) -> Gathered:
    """All classes against the others as one yes-or-no problem."""
    scores, truth = rated
    return scores.reshape(-1, 1), by_class(truth, scores.shape[1]).reshape(-1, 1)


def by_class(truth: Array, classes: int) -> Array:
    """Whether each class is right, by item."""
    return truth if truth.ndim == 2 else truth[:, None] == np.arange(classes)


def _sums(counts: Gathered) -> Gathered:
    return tuple(each.sum(keepdims=True) for each in counts)


HITS = Gathering(_hits, each=_each_hit)
MATRIX = Gathering(_matrix)
SURPRISE = Gathering(_surprise)
COUNTS = Gathering(lambda answers, _: answers.counts(), pooled=_sums)
RATED = Gathering(lambda answers, _: answers.rated, listed, _one_problem)


def _curves(rated: Gathered, _: Any = None) -> list[Array]:
    scores, truth = rated
    classes = range(scores.shape[1])  # one at a time: a table of all would be as large as the scores again
    return [curve(scores[:, k], truth[:, k] if truth.ndim == 2 else truth == k) for k in classes]


def _areas(rated: Gathered, _: Any) -> Array:
    return np.array([area(points) for points in _curves(rated)])


def mean_squared(here: Array, said: Array) -> Array:
    """The share by which Scott's π expects agreement: of two raters who share their habits."""
    return ((here + said) / 2) ** 2


def agreement(by_chance: Callable[[Array, Array], Array]) -> Callable[[Gathered, Any], float]:
    """(observed - expected) / (1 - expected) agreement, with the share by chance of a class from its two shares."""

    def value(counts: Gathered, _: Any) -> float:
        tp, fp, fn, tn = (np.asarray(each, np.float64) for each in counts)
        total = (tp + fp + fn + tn)[0]
        expected = by_chance((tp + fn) / total, (tp + fp) / total).sum()
        return float(ratio(tp.sum() / total - expected, 1 - expected))

    return value


def correlation(tp: Array, fp: Array, fn: Array, tn: Array) -> Array:
    """Matthews' correlation; 0, its limit, where a class or its absence never occurs or is never predicted."""
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return (tp * tn - fp * fn) / np.sqrt(np.where(product > 0, product, 1))


def rate(better: str, value: Callable[[Array, Array, Array, Array], Array]) -> Row:
    """A row of one number a class, from its counts."""

    def of(counts: Gathered, _: Any) -> Array:
        return value(*(np.asarray(each, np.float64) for each in counts))

    return Row("Classes", COUNTS, of, better, per_class=True)


def score(counts: Gathered, beta: float) -> Array:
    tp, fp, fn, _ = (np.asarray(each, np.float64) for each in counts)
    return ratio((1 + beta**2) * tp, (1 + beta**2) * tp + beta**2 * fn + fp)


def counted(better: str, place: int) -> Row:
    """A row of one whole number a class."""
    return Row("Classes", COUNTS, lambda counts, _: counts[place], better, per_class=True)


TOP = Parameter("number of classes", 1, whole=True)
BETA = Parameter("beta", 1, whole=False)

ROWS: dict[str, Row] = {
    "Accuracy": Row("Classes", HITS, lambda g, _: g[0] / g[1], "Higher", parameter=TOP),
    "AreaUnderROCCurve": Row("Classes", RATED, _areas, "Higher", per_class=True),
    "CohenKappa": Row("Classes", COUNTS, agreement(lambda here, said: here * said), "Higher", one_class=True),
    "ConfusionMatrix": Row("Classes", MATRIX, lambda g, _: g[0], one_class=True, table=True),
    "ConfusionMatrixPlot": Row(
        "Classes", MATRIX, lambda g, _: g[0], one_class=True, table=True, plot="ConfusionMatrix"
    ),
    "Entropy": Row("Classes", SURPRISE, lambda g, _: float(ratio(g[0], g[1])), "Lower"),
    "ErrorRate": Row("Classes", HITS, lambda g, _: (g[1] - g[0]) / g[1], "Lower", parameter=TOP),
    "F1Score": Row("Classes", COUNTS, lambda g, _: score(g, 1.0), "Higher", per_class=True),
    "FScore": Row("Classes", COUNTS, score, "Higher", per_class=True, parameter=BETA),
    "FalseDiscoveryRate": rate("Lower", lambda tp, fp, fn, tn: ratio(fp, tp + fp)),
    "FalseNegativeNumber": counted("Lower", 2),
    "FalseNegativeRate": rate("Lower", lambda tp, fp, fn, tn: ratio(fn, tp + fn)),
    "FalseOmissionRate": rate("Lower", lambda tp, fp, fn, tn: ratio(fn, fn + tn)),
    "FalsePositiveNumber": counted("Lower", 1),
    "FalsePositiveRate": rate("Lower", lambda tp, fp, fn, tn: ratio(fp, fp + tn)),
    "Informedness": rate("Higher", lambda tp, fp, fn, tn: ratio(tp, tp + fn) + ratio(tn, fp + tn) - 1),
    "Markedness": rate("Higher", lambda tp, fp, fn, tn: ratio(tp, tp + fp) + ratio(tn, fn + tn) - 1),
    "MatthewsCorrelationCoefficient": rate("Higher", correlation),
    "NegativePredictiveValue": rate("Higher", lambda tp, fp, fn, tn: ratio(tn, fn + tn)),
    "Perplexity": Row("Classes", SURPRISE, lambda g, _: float(np.exp(ratio(g[0], g[1]))), "Lower"),
    "Precision": rate("Higher", lambda tp, fp, fn, tn: ratio(tp, tp + fp)),
    "ROCCurve": Row("Classes", RATED, _curves, per_class=True, table=True),
    "ROCCurvePlot": Row("Classes", RATED, _curves, per_class=True, table=True, plot="ROCCurve"),
    "Recall": rate("Higher", lambda tp, fp, fn, tn: ratio(tp, tp + fn)),
    "ScottPi": Row("Classes", COUNTS, agreement(mean_squared), "Higher", one_class=True),
    "Specificity": rate("Higher", lambda tp, fp, fn, tn: ratio(tn, fp + tn)),
    "TrueNegativeNumber": counted("Higher", 3),
    "TruePositiveNumber": counted("Higher", 0),
}
"""Each measurement of classes. Of counts, tp, fp, fn, tn are those of each class against all others."""
