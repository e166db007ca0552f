"""AggregationLayer: ten functions against NumPy and SciPy over every way to say levels, sequences, slopes, errors."""

import numpy as np
import pytest
import scipy.stats

import wlnet
from tests.examples import assert_close, example
from tests.slopes import slopes
from wlnet import AggregationLayer, All, Automatic, InterquartileRange, Max, Mean, NetChain, NetError, Span, Total
from wlnet.core.dims import Unknown

NAMES = vars(wlnet)


def message(make):
    """The text of the NetError that it raises."""
    with pytest.raises(NetError) as caught:
        make()
    return str(caught.value)


def quartile_range(x, axis):
    """Third less first quartile by Hazen's rule, which Wolfram's parameters ((1/2, 0), (0, 1)) are."""

    def one(values):
        first, third = scipy.stats.mstats.mquantiles(values, [0.25, 0.75], alphap=0.5, betap=0.5)
        return third - first

    return np.apply_along_axis(one, axis, x)


FUNCTIONS = {
    "Mean": np.mean,
    "Min": np.min,
    "Max": np.max,
    "Total": np.sum,
    "Times": np.prod,
    "Median": np.median,
    "Variance": lambda x, axis: np.var(x, axis, ddof=1),
    "StandardDeviation": lambda x, axis: np.std(x, axis, ddof=1),
    "MeanDeviation": lambda x, axis: np.mean(abs(x - np.mean(x, axis, keepdims=True)), axis),
    "InterquartileRange": quartile_range,
}

every = pytest.mark.parametrize("f", FUNCTIONS)
X = example(2, 3, 5).astype(float)


def pooled(x, axes):
    """The array with those axes (from 0) made one, the last."""
    rest = [axis for axis in range(x.ndim) if axis not in axes]
    return x.transpose(*rest, *axes).reshape(*(x.shape[axis] for axis in rest), -1)


LEVELS = [
    (Span(2, All), (1, 2)),
    ("2;;All", (1, 2)),
    (All, (0, 1, 2)),
    (1, (0,)),
    (3, (2,)),
    (-1, (2,)),
    (";;2", (0, 1)),
    ("-2;;-1", (1, 2)),
    ("2;;-1", (1, 2)),
    ((3, 1), (2, 0)),
    ([2], (1,)),
    ((-1, 1), (2, 0)),
]


@every
@pytest.mark.parametrize(("levels", "axes"), LEVELS, ids=repr)
def test_the_values_over_the_levels_become_one(f, levels, axes):
    layer = AggregationLayer(f, levels, Input=(2, 3, 5))
    expected = FUNCTIONS[f](pooled(X, axes), -1)
    assert_close(layer(X, WorkingPrecision="Real64"), expected, rtol=1e-12)
    single = layer(np.stack([X, -X]))
    assert single.dtype == np.float32
    assert_close(single, [expected, FUNCTIONS[f](pooled(-X, axes), -1)], rtol=2e-5)
    assert layer.shapes["Output"] == np.shape(expected)
    assert eval(repr(layer), NAMES) == layer


@every
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, 13])
def test_every_number_of_values(f, size):
    if size == 1 and f in ("Variance", "StandardDeviation"):
        return
    x = example(2, size, seed=size).astype(float)
    assert_close(AggregationLayer(f)(x, WorkingPrecision="Real64"), FUNCTIONS[f](x, 1), rtol=1e-12, atol=1e-12)
    assert_close(AggregationLayer(f, 1, Input=size)(x[0]), FUNCTIONS[f](x[:1], 1)[0], rtol=2e-5, atol=1e-6)


def test_the_default_is_the_levels_from_the_second():
    assert AggregationLayer("Mean") == AggregationLayer("Mean", "2;;") == AggregationLayer("Mean", Span(2, All))
    assert repr(AggregationLayer("Mean", "2;;All")) == 'AggregationLayer("Mean")'
    assert AggregationLayer(Max) == AggregationLayer("Max") and AggregationLayer(Total, All) == AggregationLayer(
        "Total", "All"
    )
    assert AggregationLayer(InterquartileRange) == AggregationLayer("InterquartileRange")
    assert AggregationLayer(Mean, (3, 1), Input=(2, 3, 5)).shapes["Output"] == (3,)


@every
@pytest.mark.parametrize("levels", [1, All, "1;;2", (1, 2), 2])
def test_of_a_sequence_only_the_true_elements_count(f, levels):
    data = [example(5, 3, seed=1), example(2, 3, seed=2), example(7, 3, seed=3)]
    layer = AggregationLayer(f, levels, Input=("Varying", 3))
    axes = {1: (0,), 2: (1,)}.get(levels if isinstance(levels, int) else 0, (0, 1))
    for got, x in zip(layer(data), data, strict=True):
        assert_close(got, FUNCTIONS[f](pooled(x.astype(float), axes), -1), rtol=2e-5)
    together = slopes(layer, data)[1]["Input"]
    for k, x in enumerate(data):
        np.testing.assert_allclose(together[k, : len(x)], slopes(layer, x)[1]["Input"], rtol=1e-10, atol=1e-13)
        assert levels == 2 or not together[k, len(x) :].any()  # over level 2 the output is a sequence itself


@every
def test_of_one_true_element_and_of_values_beyond_all_bounds(f):
    """Padding never counts, however large or small the values are."""
    data = [[1e35, -1e36, 1e37], [2e36]]
    if f in ("Variance", "StandardDeviation", "Times"):
        data = [[1e6, -1e5, 3e6], [2e6, 4e6]]
    got = AggregationLayer(f, 1, Input="Varying")(data)
    for one, x in zip(got, data, strict=True):
        assert_close(one, FUNCTIONS[f](np.array(x), 0), rtol=2e-5)


@every
@pytest.mark.parametrize("levels", [All, 1, (1, 3)])
def test_slopes_are_those_of_differences(f, levels):
    layer = AggregationLayer(f, levels, Input=(2, 3, 5))
    weights = np.asarray(example(*layer.shapes["Output"], seed=6), float)
    _, gradient = slopes(layer, X, weights=weights)
    step, found = 1e-6, np.zeros_like(X)
    for place in np.ndindex(X.shape):
        ends = []
        for sign in (1, -1):
            moved = X.copy()
            moved[place] += sign * step
            ends.append(np.sum(weights * slopes(layer, moved)[0]["Output"]))
        found[place] = (ends[0] - ends[1]) / (2 * step)
    np.testing.assert_allclose(gradient["Input"], found, rtol=1e-5, atol=1e-8)
    single = slopes(layer, X, "float32", weights)[1]["Input"]
    assert single.dtype == np.float32
    assert_close(single, found, rtol=1e-3, atol=1e-4)


def test_slopes_at_kinks():
    equal = [2.0, 2.0, 2.0]

    def slope(f, x):
        return slopes(AggregationLayer(f, 1, Input=3), x)[1]["Input"].tolist()

    assert slope("StandardDeviation", equal) == slope("MeanDeviation", equal) == [0, 0, 0]
    assert np.allclose(slope("Max", equal), 1 / 3) and np.allclose(slope("Min", equal), 1 / 3)
    assert slope("Times", [0.0, 3.0, 0.0]) == [0, 0, 0]
    assert slope("Times", [0.0, 3.0, 5.0]) == [15, 0, 0]
    assert slope("Median", [3.0, 1.0, 2.0]) == [0, 0, 1]


def test_shapes_are_told_backwards():
    assert AggregationLayer("Mean", 1, Output=(3, 5)).shapes["Input"] == (Unknown, 3, 5)
    assert AggregationLayer("Mean", -1, Output=(3, 5)).shapes["Input"] == (3, 5, Unknown)
    assert AggregationLayer("Mean", (1, 3), Output=(3,)).shapes["Input"] == (Unknown, 3, Unknown)
    assert AggregationLayer("Mean", ";;2", Output=(5,)).shapes["Input"] == (Unknown, Unknown, 5)
    assert AggregationLayer("Mean", Output=3).shapes["Input"] is None
    assert AggregationLayer("Mean", Input=(Automatic, 2, 5), Output=3).shapes["Input"] == (3, 2, 5)
    assert AggregationLayer("Mean", All, Output="Real").shapes["Input"] is None
    assert repr(AggregationLayer("Mean", -1, Output=("n",)).shapes["Input"]) == "(n, ?)"


NAMED = "Mean, Min, Max, Total, Times, Median, Variance, StandardDeviation, MeanDeviation, InterquartileRange"
ERRORS = {
    "a name": (
        lambda: AggregationLayer("Averge"),
        f'AggregationLayer: f must be one of {NAMED}, got "Averge"',
    ),
    "a near name": (
        lambda: AggregationLayer("Meen"),
        f'AggregationLayer: f must be one of {NAMED}, got "Meen"\n  hint: did you mean Mean?',
    ),
    "a number": (lambda: AggregationLayer(3), f"AggregationLayer: f must be one of {NAMED}, got 3"),
    "no function": (lambda: AggregationLayer(), "AggregationLayer needs f\n  hint: write AggregationLayer(f, …)"),
    "level 0": (
        lambda: AggregationLayer("Mean", 0),
        'AggregationLayer: levels must be a level, a span such as "2;;All", a tuple of levels, or All; levels are '
        "whole numbers from 1, or from -1 backwards, got 0",
    ),
    "a level twice": (
        lambda: AggregationLayer("Mean", (1, 1)),
        "AggregationLayer: levels must name each level once, not (1, 1), got (1, 1)",
    ),
    "a level twice at that rank": (
        lambda: AggregationLayer("Mean", (1, -1), Input=5),
        "AggregationLayer: levels (1, -1) of an array of rank 1 name one level twice (Input is 5, as given)",
    ),
    "no levels": (
        lambda: AggregationLayer("Mean", ()),
        "AggregationLayer: levels must name at least one level, got ()",
    ),
    "a vector": (
        lambda: AggregationLayer("Mean", Input=5),
        'AggregationLayer: levels "2;;All" of an array of rank 1 are none (Input is 5, as given)\n'
        "  hint: aggregate a vector over level 1, or over All",
    ),
    "no such level": (
        lambda: AggregationLayer("Mean", 3, Input=(2, 5)),
        "AggregationLayer: levels 3 are not all levels of an array of rank 2 (Input is 2×5, as given)",
    ),
    "the variance of one value": (
        lambda: AggregationLayer("Variance", Input=(3, 1)),
        "AggregationLayer: the number of values that Variance is of must be at least 2, not 1 (Input is 3×1, as given)",
    ),
    "the deviation of one element": (
        lambda: AggregationLayer("StandardDeviation", 1, Input="Varying")([[1.0, 2.0], [3.0]]),
        "AggregationLayer: the number of values that StandardDeviation is of must be at least 2, not 1\n"
        "  hint: give longer sequences",
    ),
    "another output": (
        lambda: AggregationLayer("Mean", Input=(2, 3, 5), Output=3),
        "AggregationLayer gives Output of shape 3, where rest is 3, but the rest makes rest 2 "
        "(Input is 2×3×5, as given)",
    ),
    "in a chain": (
        lambda: NetChain([AggregationLayer("Mean", All), AggregationLayer("Mean", 1)], Input=(2, 3)),
        "net/2: AggregationLayer: levels 1 are not all levels of an array of rank 0 (Input is scalar from net/1)",
    ),
}


@pytest.mark.parametrize("what", ERRORS)
def test_errors(what):
    make, text = ERRORS[what]
    assert message(make) == text
