"""FlattenLayer, ReplicateLayer, TransposeLayer against NumPy: every form, shapes both ways, sequences, errors."""

import math

import numpy as np
import pytest

import wlnet
from tests.examples import example
from tests.slopes import slopes
from wlnet import (
    Automatic,
    FlattenLayer,
    NetChain,
    NetError,
    NetGraph,
    NetPort,
    ReplicateLayer,
    ReshapeLayer,
    TotalLayer,
    TransposeLayer,
    TwoWayRule,
)
from wlnet.core.dims import Unknown
from wlnet.core.types import Integer
from wlnet.layers.transposition import Transposition

NAMES = {**vars(wlnet), "math": math}


def message(make):
    """The text of the NetError that it raises."""
    with pytest.raises(NetError) as caught:
        make()
    return str(caught.value)


def moves(layer, x, expected):
    """The layer moves x as expected, its gradient moves weights back, a batch is each alone, and it prints itself."""
    got = layer(x)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, expected)
    other = layer.changed(Input=x.shape)
    np.testing.assert_array_equal(other(np.stack([x, x + 1, x - 2])), np.stack([expected, expected + 1, expected - 2]))
    assert other.shapes["Output"] == expected.shape
    weights = example(*expected.shape, seed=5)
    _, gradients = slopes(other, x, "float32", weights)
    assert gradients["Input"].dtype == np.float32
    places = np.arange(x.size).reshape(x.shape)
    index = slopes(other, places.astype(float))[0]["Output"].astype(int)  # where each value of the output came from
    by_hand = np.zeros(x.size)
    np.add.at(by_hand, index.ravel(), weights.astype(float).ravel())
    np.testing.assert_allclose(gradients["Input"], by_hand.reshape(x.shape), rtol=1e-5, atol=1e-6)
    assert eval(repr(layer), NAMES) == layer and eval(repr(other), NAMES) == other


X = example(2, 3, 5)

FLATTENED = [
    (FlattenLayer(), X.ravel()),
    (FlattenLayer(math.inf), X.ravel()),
    (FlattenLayer(0), X),
    (FlattenLayer(1), X.reshape(6, 5)),
    (FlattenLayer(2), X.ravel()),
    (FlattenLayer(-1), X.reshape(2, 15)),
    (FlattenLayer(-2), X.ravel()),
    (FlattenLayer([[2, 3]]), X.transpose(1, 2, 0).reshape(15, 2)),
    (FlattenLayer([[3, 1], [2]]), X.transpose(2, 0, 1).reshape(10, 3)),
    (FlattenLayer([[-1, 1], [-2]]), X.transpose(2, 0, 1).reshape(10, 3)),
    (FlattenLayer([[2], [3], [1]]), X.transpose(1, 2, 0)),
    (FlattenLayer([[3]]), X.transpose(2, 0, 1)),
]


@pytest.mark.parametrize(
    ("layer", "expected"), FLATTENED, ids=lambda value: repr(value) * isinstance(value, FlattenLayer)
)
def test_flatten(layer, expected):
    moves(layer, X, expected)


def test_flatten_of_a_vector_and_of_a_number():
    np.testing.assert_array_equal(FlattenLayer()(X[0, 0]), X[0, 0])
    assert FlattenLayer(Input="Real")(3.5).tolist() == [3.5]


def test_flatten_tells_shapes_backwards():
    assert FlattenLayer(1, Output=(6, 5)).shapes["Input"] == (Unknown, Unknown, 5)
    assert FlattenLayer(1, Input=(2, Automatic, Automatic), Output=(6, 5)).shapes["Input"] == (2, 3, 5)
    assert FlattenLayer(-1, Input=(Automatic, 3, Automatic), Output=(2, 15)).shapes["Input"] == (2, 3, 5)
    assert FlattenLayer([[3, 1]], Input=(2, Automatic, Automatic), Output=(10, 3)).shapes["Input"] == (2, 3, 5)
    assert FlattenLayer([[3, 1], [2]], Output=(10, 3)).shapes["Input"] == (Unknown, 3, Unknown)
    assert FlattenLayer(Input=(2, Automatic, 5), Output=30).shapes["Input"] == (2, 3, 5)
    assert FlattenLayer(Output=30).shapes["Input"] is None


def sequences(*shape):
    """Two sequences of unequal lengths with elements of that shape."""
    return [example(5, *shape, seed=1), example(3, *shape, seed=2)]


def each_alone(layer, data, expected):
    """A batch of unequal sequences gives for each what the formula gives for it alone, and gradients only there."""
    got = layer(data)
    _, gradients = slopes(layer, data)
    for k, one in enumerate(data):
        np.testing.assert_allclose(got[k], expected(one), rtol=1e-6)
        alone = slopes(layer, one)[1]["Input"]
        size = len(one)
        weighted = gradients["Input"][k, :size] - alone
        assert gradients["Input"][k].shape[1:] == one.shape[1:] and np.abs(weighted).max() < 1e-12


def test_flatten_of_sequences():
    data = sequences(3)
    got = FlattenLayer(Input=("Varying", 3))(data)
    assert [row.tolist() for row in got] == [one.ravel().tolist() for one in data]
    got = FlattenLayer(-1, Input=("Varying", 2, 3))(sequences(2, 3))
    assert [row.tolist() for row in got] == [one.reshape(len(one), 6).tolist() for one in sequences(2, 3)]
    assert str(FlattenLayer(Input=("n", 3)).shapes["Output"]) == "(3·n,)"
    assert str(FlattenLayer(Input=(Automatic, 3), Output=("n",)).shapes["Input"]) == "(?, 3)"
    assert str(FlattenLayer(Input=("m", 3), Output=("n",)).shapes["Output"]) == "(3·m,)"
    assert FlattenLayer(-1, Input=("m", Automatic, 3), Output=("m", 15)).shapes["Input"][1] == 5
    assert str(FlattenLayer([[1], [3, 2]], Input=("n", 3, 5)).shapes["Output"]) == "(n, 15)"


REPLICATED = [
    (ReplicateLayer(2), np.broadcast_to(X, (2, 2, 3, 5))),
    (ReplicateLayer(7, 2), np.broadcast_to(X[:, None], (2, 7, 3, 5))),
    (ReplicateLayer(7, 4), np.broadcast_to(X[..., None], (2, 3, 5, 7))),
    (ReplicateLayer(7, -1), np.broadcast_to(X[..., None], (2, 3, 5, 7))),
    (ReplicateLayer(7, -2), np.broadcast_to(X[:, :, None], (2, 3, 7, 5))),
    (ReplicateLayer(7, -4), np.broadcast_to(X, (7, 2, 3, 5))),
    (ReplicateLayer((7, 4)), np.broadcast_to(X, (7, 4, 2, 3, 5))),
    (ReplicateLayer((7, 4), 2), np.broadcast_to(X[:, None, None], (2, 7, 4, 3, 5))),
    (ReplicateLayer((7, 4), -2), np.broadcast_to(X[:, :, None, None], (2, 3, 7, 4, 5))),
]


@pytest.mark.parametrize(
    ("layer", "expected"), REPLICATED, ids=lambda value: repr(value) * isinstance(value, ReplicateLayer)
)
def test_replicate(layer, expected):
    moves(layer, X, expected)


def test_replicate_a_number_and_sequences():
    assert ReplicateLayer(3, Input="Real")(2.5).tolist() == [2.5, 2.5, 2.5]
    each_alone(ReplicateLayer(3, 2, Input=("Varying", 2)), sequences(2), lambda x: np.repeat(x[:, None], 3, 1))


def test_replicate_infers_the_number_of_copies_and_the_input():
    layer = ReplicateLayer(Automatic, Input=3, Output=(7, 3))
    np.testing.assert_array_equal(layer(X[0, :, 0]), np.broadcast_to(X[0, :, 0], (7, 3)))
    assert ReplicateLayer((2, Automatic), -1, Output=(5, 2, 7)).shapes["Input"] == (5,)
    assert ReplicateLayer((2, Automatic), Input=3).shapes["Output"][0] == 2
    graph = NetGraph([ReplicateLayer(Automatic), TotalLayer()], [((1, NetPort("Other")), 2)], Input=3, Other=(7, 3))
    assert graph.plan.shape((1,), "Output") == (7, 3)
    assert eval(repr(graph), NAMES) == graph


TRANSPOSED = [
    (TransposeLayer(), X.swapaxes(0, 1)),
    (TransposeLayer("1<->3"), X.swapaxes(0, 2)),
    (TransposeLayer(" 1 <-> 3 "), X.swapaxes(0, 2)),
    (TransposeLayer(TwoWayRule(-1, 2)), X.swapaxes(2, 1)),
    (TransposeLayer("2<->2"), X),
    (TransposeLayer(["1<->3", "1<->2"]), X.swapaxes(0, 2).swapaxes(0, 1)),
    (TransposeLayer((TwoWayRule(1, 2), "1<->3")), X.swapaxes(0, 1).swapaxes(0, 2)),
    (TransposeLayer((3, 1, 2)), np.moveaxis(X, (0, 1, 2), (2, 0, 1))),
    (TransposeLayer([2, 3, 1]), np.moveaxis(X, (0, 1, 2), (1, 2, 0))),
    (TransposeLayer((2, 1)), X.swapaxes(0, 1)),
    (TransposeLayer((-1, 1, 2)), np.moveaxis(X, (0, 1, 2), (2, 0, 1))),
]


@pytest.mark.parametrize(
    ("layer", "expected"), TRANSPOSED, ids=lambda value: repr(value) * isinstance(value, TransposeLayer)
)
def test_transpose(layer, expected):
    moves(layer, X, expected)


def test_transpose_as_documented():
    for levels, before, after in [
        ("1<->3", (1, 2, 3), (3, 2, 1)),
        (["1<->3", "2<->4"], (3, 4, 5, 6), (5, 6, 3, 4)),
        (["1<->3", "1<->4"], (3, 4, 5, 6), (6, 4, 3, 5)),
    ]:
        assert TransposeLayer(levels, Input=before).shapes["Output"] == after
        assert TransposeLayer(levels, Output=after).shapes["Input"] == before
    assert TransposeLayer((4, 2, 1, 6, 3, 5), Input=(2, 3, 5, 7, 11, 13)).shapes["Output"] == (5, 3, 11, 2, 13, 7)
    assert TransposeLayer((4, 2, 1, 6, 3, 5), Output=(5, 3, 11, 2, 13, 7)).shapes["Input"] == (2, 3, 5, 7, 11, 13)
    assert repr(TransposeLayer(TwoWayRule(1, 2))) == "TransposeLayer()"
    assert repr(TransposeLayer(["1<->3", "2<->4"])) == 'TransposeLayer(("1<->3", "2<->4"))'
    assert {Transposition((2, 1)), Transposition((2, 1))} == {Transposition((2, 1))}


def test_transpose_keeps_a_varying_level_first():
    each_alone(TransposeLayer("2<->3", Input=("Varying", 2, 3)), sequences(2, 3), lambda x: x.swapaxes(1, 2))


def test_integers_stay_integers():
    x = [[1, 2, 3], [4, 5, 6]]
    typed = {"Input": (2, 3, "Integer")}
    for layer, expected in [
        (FlattenLayer(**typed), [1, 2, 3, 4, 5, 6]),
        (ReshapeLayer((3, 2), **typed), [[1, 2], [3, 4], [5, 6]]),
        (ReplicateLayer(1, **typed), [x]),
        (TransposeLayer(**typed), [[1, 4], [2, 5], [3, 6]]),
    ]:
        got = layer(x)
        assert got.dtype == np.int64 and got.tolist() == expected
        assert isinstance(layer.plan.types[(), "Output"], Integer)


MERGED = "FlattenLayer: n must be a whole number, math.inf, or a list of lists of levels such as [[2, 3], [1]], got "
COPIES = "ReplicateLayer: n must be a positive whole number, Automatic, or a tuple of these, got "
RULE = 'TransposeLayer: levels must be "m<->n", a list of these, or a permutation of the levels such as (3, 1, 2)'
COUNTED = "; levels are whole numbers from 1, or from -1 backwards"
VARY = ", but only the first level of a port may vary"
KEEP = "\n  hint: give that level a fixed size, or keep the varying level first"
LENGTH = " (Input is n×3, as given)"
ERRORS = {
    "flatten: a text": (lambda: FlattenLayer("all"), MERGED + '"all"'),
    "flatten: a fraction": (lambda: FlattenLayer(1.5), MERGED + "1.5"),
    "flatten: one list": (lambda: FlattenLayer([1, 2]), MERGED + "[1, 2]"),
    "flatten: no list": (lambda: FlattenLayer([]), MERGED + "[]"),
    "flatten: a level twice": (
        lambda: FlattenLayer([[1, 2], [2]]),
        "FlattenLayer: n must name each level once, not (1, 2, 2), got [[1, 2], [2]]",
    ),
    "flatten: a group of none": (
        lambda: FlattenLayer([[]]),
        "FlattenLayer: n must name at least one level, got [[]]",
    ),
    "flatten: too many levels": (
        lambda: FlattenLayer(2, Input=(2, 3)),
        "FlattenLayer: merging 3 levels needs an Input of rank 3 or more, not 2 (Input is 2×3, as given)\n"
        "  hint: FlattenLayer() takes any rank",
    ),
    "flatten: too many levels, from the end": (
        lambda: FlattenLayer(-1, Input=2),
        "FlattenLayer: merging 2 levels needs an Input of rank 2 or more, not 1 (Input is 2, as given)\n"
        "  hint: FlattenLayer() takes any rank",
    ),
    "flatten: a level that is not there": (
        lambda: FlattenLayer([[1, 4]], Input=(2, 3, 5)),
        "FlattenLayer: levels (1, 4) are not all levels of an array of rank 3 (Input is 2×3×5, as given)",
    ),
    "flatten: another size": (
        lambda: FlattenLayer(Input=(2, 3), Output=5),
        "FlattenLayer gives Output of shape 5, where flat is 5, but the rest makes flat 6 (Input is 2×3, as given)",
    ),
    "flatten: no such size": (
        lambda: FlattenLayer(Input=(2, Automatic), Output=5),
        "FlattenLayer: 5 does not split into 2 equal parts (Input is 2×?, as given)",
    ),
    "flatten: a length into the middle": (
        lambda: FlattenLayer([[2, 1]], Input=("n", 3)),
        "FlattenLayer: a varying level can only be the first of those that are merged (Input is n×3, as given)",
    ),
    "flatten: a length behind": (
        lambda: FlattenLayer([[2], [1]], Input=("n", 3)),
        "FlattenLayer would give Output of shape 3×n" + VARY + LENGTH + KEEP,
    ),
    "replicate: 0": (lambda: ReplicateLayer(0), COPIES + "0"),
    "replicate: nothing": (lambda: ReplicateLayer(()), COPIES + "()"),
    "replicate: a text": (lambda: ReplicateLayer("2"), COPIES + '"2"'),
    "replicate: a wrong size": (lambda: ReplicateLayer((2, -1)), COPIES + "(2, -1)"),
    "replicate: position 0": (
        lambda: ReplicateLayer(2, 0),
        "ReplicateLayer: position must be a whole number other than 0, got 0",
    ),
    "replicate: too far": (
        lambda: ReplicateLayer(2, 4, Input=(2, 3)),
        "ReplicateLayer: new levels cannot begin at position 4 for an Input of rank 2 (Input is 2×3, as given)",
    ),
    "replicate: too far from the end": (
        lambda: ReplicateLayer(2, -4, Input=(2, 3)),
        "ReplicateLayer: new levels cannot begin at position -4 for an Input of rank 2 (Input is 2×3, as given)",
    ),
    "replicate: an output too small": (
        lambda: ReplicateLayer((2, 3), Output=2),
        "ReplicateLayer: the output has 2 levels or more, not 1",
    ),
    "replicate: other sizes": (
        lambda: ReplicateLayer(2, Input=3, Output=(2, 5)),
        "ReplicateLayer gives Output of shape 2×5, where full is 2×5, but the rest makes full 2×3 "
        "(Input is 3, as given)",
    ),
    "replicate: a varying number": (
        lambda: ReplicateLayer(Automatic, Output=("n", 3)),
        "ReplicateLayer: the number of copies cannot vary",
    ),
    "replicate: in front of a length": (
        lambda: ReplicateLayer(2, Input=("n", 3)),
        "ReplicateLayer would give Output of shape 2×n×3" + VARY + LENGTH + KEEP,
    ),
    "transpose: a text": (lambda: TransposeLayer("1,2"), RULE + COUNTED + ', got "1,2"'),
    "transpose: level 0": (lambda: TransposeLayer("0<->2"), RULE + COUNTED + ', got "0<->2"'),
    "transpose: a number": (lambda: TransposeLayer(2), RULE + ", got 2"),
    "transpose: a rule of texts": (lambda: TransposeLayer([TwoWayRule("a", 2)]), RULE + COUNTED + ', got ["a<->2"]'),
    "transpose: a list of anything": (lambda: TransposeLayer(["1<->2", None]), RULE + ', got ["1<->2", None]'),
    "transpose: a level twice": (lambda: TransposeLayer((1, 1)), RULE + COUNTED + ", each once, got (1, 1)"),
    "transpose: a level left out": (
        lambda: TransposeLayer((1, 3)),
        RULE + "; a permutation of 2 levels names 1 to 2, got (1, 3)",
    ),
    "transpose: no such level": (
        lambda: TransposeLayer("1<->3", Input=(2, 3)),
        'TransposeLayer: level 3 of "1<->3" is not a level of an array of rank 2 (Input is 2×3, as given)',
    ),
    "transpose: no permutation": (
        lambda: TransposeLayer((-1, 2), Input=(2, 3)),
        "TransposeLayer: (-1, 2) is not a permutation of the levels of an array of rank 2 (Input is 2×3, as given)",
    ),
    "transpose: too long": (
        lambda: TransposeLayer((2, 3, 1), Input=(2, 3)),
        "TransposeLayer: level 3 of (2, 3, 1) is not a level of an array of rank 2 (Input is 2×3, as given)",
    ),
    "transpose: a length": (
        lambda: TransposeLayer(Input=("n", 3)),
        "TransposeLayer would give Output of shape 3×n" + VARY + LENGTH + KEEP,
    ),
    "transpose: other sizes": (
        lambda: TransposeLayer(Input=(2, 3), Output=(2, 3)),
        "TransposeLayer gives Output of shape 2×3, where moved is 2×3, but the rest makes moved 3×2 (Input is 2×3, as "
        "given)",
    ),
    "in a chain": (
        lambda: NetChain([FlattenLayer(1), TransposeLayer("1<->3")], Input=(2, 3, 5)),
        'net/2: TransposeLayer: level 3 of "1<->3" is not a level of an array of rank 2 (Input is 6×5 from net/1)',
    ),
}


@pytest.mark.parametrize("what", ERRORS)
def test_errors(what):
    make, text = ERRORS[what]
    assert message(make) == text
