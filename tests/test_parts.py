"""PartLayer and PaddingLayer against NumPy: every form, shapes both ways, sequences from their true ends, errors."""

import numpy as np
import pytest

import wlnet
from tests.examples import example
from tests.slopes import slopes
from wlnet import All, Automatic, NetChain, NetError, PaddingLayer, PartLayer, Span
from wlnet.core.dims import Unknown
from wlnet.core.types import Integer

NAMES = vars(wlnet)


def message(make):
    """The text of the NetError that it raises."""
    with pytest.raises(NetError) as caught:
        make()
    return str(caught.value)


X = example(5, 7, 3)

PARTS = [
    (2, X[1]),
    (-1, X[4]),
    (-5, X[0]),
    ("2;;4", X[1:4]),
    (Span(2, 4), X[1:4]),
    ("2;;", X[1:]),
    ("2;;All", X[1:]),
    (";;3", X[:3]),
    (";;-2", X[:4]),
    ("-3;;-2", X[2:4]),
    ("-3;;4", X[2:4]),
    ("2;;-2", X[1:4]),
    ("1;;-1;;2", X[::2]),
    (";;;;2", X[::2]),
    ("2;;5;;2", X[1:5:2]),
    ("2;;4;;3", X[1:2]),
    (";;;;-1", X[::-1]),
    ("-1;;1;;-2", X[::-2]),
    ("4;;2;;-1", X[3:0:-1]),
    ("4;;;;-1", X[3::-1]),
    ("-2;;2;;-2", X[3:0:-2]),
    ("3;;3", X[2:3]),
    (All, X),
    ("All", X),
    ((2,), X[1]),
    ((2, 3), X[1, 2]),
    ((2, 3, -1), X[1, 2, 2]),
    ((All, 3), X[:, 2]),
    (("2;;3", "1;;-1;;3", 1), X[1:3, ::3, 0]),
    ([All, "-2;;", All], X[:, 5:]),
    ((-1, Span(6, 2, -2)), X[4, 5:0:-2]),
]


@pytest.mark.parametrize(("part", "expected"), PARTS)
def test_a_part_is_that_of_numpy(part, expected):
    layer, fixed = PartLayer(part), PartLayer(part, Input=(5, 7, 3))
    np.testing.assert_array_equal(layer(X), expected)
    np.testing.assert_array_equal(fixed(np.stack([X, X - 1])), np.stack([expected, expected - 1]))
    assert fixed.shapes["Output"] == expected.shape and fixed(X).dtype == np.float32
    weights = example(*expected.shape, seed=3)
    gradient = slopes(fixed, X, "float32", weights)[1]["Input"]
    index = slopes(fixed, np.arange(X.size, dtype=float).reshape(X.shape))[0]["Output"].astype(int)
    by_hand = np.zeros(X.size, np.float32)
    by_hand[index] = weights
    np.testing.assert_array_equal(gradient, by_hand.reshape(X.shape))
    assert gradient.dtype == np.float32
    assert eval(repr(layer), NAMES) == layer and eval(repr(fixed), NAMES) == fixed


SEQUENCES = [example(5, 2, seed=1), example(3, 2, seed=2), example(7, 2, seed=3)]

OF_SEQUENCES = [
    (2, lambda x: x[1], "(2,)"),
    (-1, lambda x: x[-1], "(2,)"),
    (-3, lambda x: x[-3], "(2,)"),
    ("2;;", lambda x: x[1:], "(n-1, 2)"),
    (";;-2", lambda x: x[:-1], "(n-1, 2)"),
    ("2;;-2", lambda x: x[1:-1], "(n-2, 2)"),
    ("2;;3", lambda x: x[1:3], "(2, 2)"),
    ("-3;;-2", lambda x: x[-3:-1], "(2, 2)"),
    ("-2;;", lambda x: x[-2:], "(2, 2)"),
    (";;;;2", lambda x: x[::2], "(⌊(n+1)/2⌋, 2)"),
    (";;;;-1", lambda x: x[::-1], "(n, 2)"),
    ("-2;;1;;-2", lambda x: x[-2::-2], "(⌊n/2⌋, 2)"),
    ("3;;1;;-2", lambda x: x[2::-2], "(2, 2)"),
    ((All, -1), lambda x: x[:, -1], "(n,)"),
    (("2;;", 1), lambda x: x[1:, 0], "(n-1,)"),
    ((-2, "2;;"), lambda x: x[-2, 1:], "(1,)"),
]


@pytest.mark.parametrize(("part", "expected", "shape"), OF_SEQUENCES)
def test_a_part_of_a_sequence_counts_from_its_true_end(part, expected, shape):
    layer = PartLayer(part, Input=("n", 2))
    got = layer(SEQUENCES)
    assert repr(layer.shapes["Output"]) == shape
    gradients = slopes(layer, SEQUENCES)[1]["Input"]
    for k, x in enumerate(SEQUENCES):
        np.testing.assert_array_equal(got[k], expected(x))
        np.testing.assert_array_equal(layer(x), expected(x))
    if "n" not in shape:  # a fixed number of places: what each takes has slope 1, whatever the padding
        for k, x in enumerate(SEQUENCES):
            index = expected(np.arange(x.size).reshape(x.shape)).ravel()
            by_hand = np.zeros(gradients[k].size)
            by_hand[index] = 1
            np.testing.assert_array_equal(gradients[k].ravel(), by_hand)


def test_parts_tell_shapes_backwards():
    assert PartLayer(2, Output=(7, 3)).shapes["Input"] == (Unknown, 7, 3)
    assert PartLayer((All, 2), Output=(5,)).shapes["Input"] == (5, Unknown)
    assert PartLayer("3;;", Output=(5, 2)).shapes["Input"] == (7, 2)
    assert PartLayer("2;;-3", Output=(2,)).shapes["Input"] == (5,)
    assert PartLayer(";;;;-1", Output=(5,)).shapes["Input"] == (5,)
    assert PartLayer("-5;;4", Output=(3,)).shapes["Input"] == (6,)
    assert PartLayer(";;;;2", Output=(3,)).shapes["Input"] == (Unknown,)
    assert PartLayer("2;;4", Input=(Automatic, 3)).shapes["Output"] == (3, 3)
    assert PartLayer("2;;", Input=(Automatic, 3)).shapes["Output"] == (Unknown, 3)
    assert PartLayer(";;;;2", Input=(Automatic,))([1, 2, 3, 4, 5]).tolist() == [1, 3, 5]
    assert repr(PartLayer("2;;", Output=("n", 2)).shapes["Input"]) == "(n+1, 2)"


def test_parts_of_integers_are_integers():
    layer = PartLayer("2;;", Input=(3, "Integer"))
    assert layer([7, 8, 9]).dtype == np.int64 and layer([7, 8, 9]).tolist() == [8, 9]
    assert isinstance(layer.plan.types[(), "Output"], Integer)
    fixed = PaddingLayer([(1, 1)], Padding="Fixed", Input=(2, "Integer"))
    assert fixed([7, 8]).dtype == np.int64 and fixed([7, 8]).tolist() == [7, 7, 8, 8]


PADDED = [
    ([(1, 2)], {}, (3,), {"mode": "constant"}),
    ([(1, 2), (0, 3)], {}, (3, 5), {"mode": "constant"}),
    ([(0, 0), (2, 0), (0, 1)], {"Padding": 1.5}, (2, 3, 5), {"mode": "constant", "constant_values": 1.5}),
    (((1, 2), (3, 0)), {"Padding": -2}, (3, 5), {"mode": "constant", "constant_values": -2}),
    ([(1, 2), (3, 4)], {"Padding": "Fixed"}, (3, 5), {"mode": "edge"}),
    ([(1, 2), (0, 0), (0, 4)], {"Padding": "Fixed"}, (2, 3, 1), {"mode": "edge"}),
    ([(1, 2), (3, 4)], {"Padding": "Reflected"}, (3, 5), {"mode": "reflect"}),
    ([(0, 2), (4, 0)], {"Padding": "Reflected"}, (3, 5), {"mode": "reflect"}),
    ([(1, 1), (0, 0), (2, 1)], {"Padding": "Reflected"}, (2, 1, 3), {"mode": "reflect"}),
    ([(0, 0)], {"Padding": "Reflected"}, (3,), {"mode": "reflect"}),
]


@pytest.mark.parametrize(("widths", "options", "shape", "numpy"), PADDED)
def test_padding_is_that_of_numpy(widths, options, shape, numpy):
    x = example(*shape)
    expected = np.pad(x, widths, **numpy)
    layer, fixed = PaddingLayer(widths, **options), PaddingLayer(widths, **options, Input=shape)
    np.testing.assert_array_equal(layer(x), expected)
    np.testing.assert_array_equal(fixed(np.stack([x, -x, x])), np.stack([expected, fixed(-x), expected]))
    assert layer(x).dtype == np.float32 and fixed.shapes["Output"] == expected.shape
    assert PaddingLayer(widths, **options, Output=expected.shape).shapes["Input"] == shape
    weights = example(*expected.shape, seed=3)
    gradient = slopes(fixed, x, "float32", weights)[1]["Input"]
    marks = np.pad(np.arange(1, x.size + 1).reshape(shape), widths, mode=numpy["mode"])  # 0 where a number is put
    by_hand = np.zeros(x.size + 1)
    np.add.at(by_hand, marks.ravel(), weights.astype(float).ravel())
    np.testing.assert_allclose(gradient, by_hand[1:].reshape(shape), rtol=1e-5, atol=1e-6)
    assert gradient.dtype == np.float32
    assert eval(repr(layer), NAMES) == layer and eval(repr(fixed), NAMES) == fixed


def test_reflected_does_not_repeat_the_border():
    assert PaddingLayer([(2, 2)], Padding="Reflected")([1, 2, 3]).tolist() == [3, 2, 1, 2, 3, 2, 1]


def test_padding_of_sequences_leaves_their_level_alone():
    layer = PaddingLayer([(0, 0), (2, 1)], Input=("Varying", 2))
    for got, x in zip(layer(SEQUENCES), SEQUENCES, strict=True):
        np.testing.assert_array_equal(got, np.pad(x, [(0, 0), (2, 1)]))


PLACES = 'a place, a span such as "2;;4", All, or a tuple of these; places count from 1, or from -1 backwards'
PAIRS = (
    "PaddingLayer: widths must be a list of pairs (before, after) of whole numbers, 0 or more, one pair a level, got "
)
FIVE = " (Input is 5×7×3, as given)"
ERRORS = {
    "part 0": (lambda: PartLayer(0), f"PartLayer: spec must be {PLACES}, got 0"),
    "a fraction": (lambda: PartLayer(1.5), f"PartLayer: spec must be {PLACES}, got 1.5"),
    "none": (lambda: PartLayer(None), f"PartLayer: spec must be {PLACES}, got None"),
    "no parts": (lambda: PartLayer(()), "PartLayer: spec must name a part of at least one level, got ()"),
    "one wrong part": (lambda: PartLayer((1, 0)), f"PartLayer: spec must be {PLACES}, got (1, 0)"),
    "a text": (lambda: PartLayer("two"), 'PartLayer: spec must be a span such as "2;;4", not \'two\', got "two"'),
    "a span of words": (
        lambda: PartLayer("a;;b"),
        'PartLayer: spec must be a span of whole numbers such as "2;;4" or "2;;All", not \'a;;b\', got "a;;b"',
    ),
    "a span from 0": (
        lambda: PartLayer("0;;2"),
        "PartLayer: spec must be a span without 0 (places count from 1, or from -1 backwards), not '0;;2', got "
        '"0;;2"',
    ),
    "a Span of fractions": (lambda: PartLayer(Span(1, 2.5)), f'PartLayer: spec must be {PLACES}, got "1;;2.5"'),
    "an empty span": (
        lambda: PartLayer("4;;2"),
        'PartLayer: spec must be a span that does not end before it starts, not "4;;2", got "4;;2"',
    ),
    "an empty span backwards": (
        lambda: PartLayer("2;;4;;-1"),
        'PartLayer: spec must be a span that does not end before it starts, not "2;;4;;-1", got "2;;4;;-1"',
    ),
    "an empty span at that size": (
        lambda: PartLayer("4;;-3", Input=(5, 7, 3)),
        'PartLayer: span "4;;-3" takes nothing of level 1, whose size is 5' + FIVE,
    ),
    "no such place": (
        lambda: PartLayer((All, 8), Input=(5, 7, 3)),
        "PartLayer: there is no place 8 at level 2, whose size is 7" + FIVE,
    ),
    "no such place from the end": (
        lambda: PartLayer(-6, Input=(5, 7, 3)),
        "PartLayer: there is no place -6 at level 1, whose size is 5" + FIVE,
    ),
    "a span too far": (
        lambda: PartLayer("2;;6", Input=(5, 7, 3)),
        "PartLayer: there is no place 6 at level 1, whose size is 5" + FIVE,
    ),
    "too many levels": (
        lambda: PartLayer((1, 1, 1, 1), Input=(5, 7, 3)),
        "PartLayer: a part of 4 levels needs an Input of rank 4 or more, not 3" + FIVE,
    ),
    "an output too small": (
        lambda: PartLayer(("1;;2", "1;;2"), Output=2),
        "PartLayer: the part keeps 2 levels or more, but Output has rank 1",
    ),
    "another output": (
        lambda: PartLayer("2;;4", Input=5, Output=2),
        "PartLayer gives Output of shape 2, where taken is 2, but the rest makes taken 3 (Input is 5, as given)",
    ),
    "a span that shrinks": (
        lambda: PartLayer("-4;;3", Input=("n", 2)),
        'PartLayer: span "-4;;3" at level 1 would get shorter as its input gets longer (Input is n×2, as given)\n  '
        "hint: count both ends of a span of a varying level from the same side, or the later one from the end",
    ),
    "a sequence too short for a place": (
        lambda: PartLayer(5, Input=("n", 2))(SEQUENCES),
        "PartLayer: the size of level 1 must be at least 5, not 3\n  hint: give longer sequences",
    ),
    "a sequence too short for a span": (
        lambda: PartLayer("-4;;-3", Input=("n", 2))(SEQUENCES[1]),
        "PartLayer: the size of level 1 must be at least 4, not 3\n  hint: give longer sequences",
    ),
    "a sequence of which nothing is left": (
        lambda: PartLayer("3;;-2", Input=("n", 2))(SEQUENCES[1]),
        "Output: a sequence is too short: its length n-3 would be 0\n  hint: give longer sequences",
    ),
    "too short inside a chain": (
        lambda: NetChain([PartLayer("2;;"), PartLayer(3)], Input=("n", 2))(SEQUENCES[1]),
        "net/2: PartLayer: the size of level 1 must be at least 3, not 2\n  hint: give longer sequences",
    ),
    "widths: a number": (lambda: PaddingLayer(2), PAIRS + "2"),
    "widths: one pair": (lambda: PaddingLayer((1, 2)), PAIRS + "(1, 2)"),
    "widths: none": (lambda: PaddingLayer([]), PAIRS + "[]"),
    "widths: three of them": (lambda: PaddingLayer([(1, 2, 3)]), PAIRS + "[(1, 2, 3)]"),
    "widths: negative": (lambda: PaddingLayer([(1, -2)]), PAIRS + "[(1, -2)]"),
    "widths: fractions": (lambda: PaddingLayer([(1, 0.5)]), PAIRS + "[(1, 0.5)]"),
    "Padding": (
        lambda: PaddingLayer([(1, 2)], Padding="Reversed"),
        'PaddingLayer: Padding must be a number, "Fixed" or "Reflected", got "Reversed"',
    ),
    "Padding of infinity": (
        lambda: PaddingLayer([(1, 2)], Padding=float("inf")),
        'PaddingLayer: Padding must be a number, "Fixed" or "Reflected", got inf',
    ),
    "too few pairs": (
        lambda: PaddingLayer([(1, 2)], Input=(3, 5)),
        "PaddingLayer takes Input of shape ?, but Input is given as 3×5",
    ),
    "too few pairs for the data": (
        lambda: PaddingLayer([(1, 2)])([[[1.0, 2.0]]]),
        "Input takes ?, but the data are of shape 1×1×2\n  hint: one example has rank 1, a batch rank 2",
    ),
    "mirrored too far": (
        lambda: PaddingLayer([(0, 3)], Padding="Reflected", Input=3),
        "PaddingLayer: level 1 has size 3, so it can be mirrored by 2 at most, not 3 (Input is 3, as given)\n"
        '  hint: Padding="Fixed" repeats the border any number of times',
    ),
    "a varying level": (
        lambda: PaddingLayer([(0, 1), (0, 0)], Input=("n", 2)),
        "PaddingLayer: level 1 varies, so its widths must be (0, 0), not (0, 1) (Input is n×2, as given)",
    ),
    "classes padded with a number": (
        lambda: PaddingLayer([(1, 1)], Input=(2, "Integer")),
        "PaddingLayer takes Input of real numbers, but Input is given as integers\n"
        "  hint: integers come from an encoder, from OrderingLayer, or from a port typed Integer",
    ),
    "an output too small to be padded": (
        lambda: PaddingLayer([(1, 2)], Output=3),
        "PaddingLayer would take Input of shape 0, but a dimension is at least 1\n"
        "  hint: make its input larger, or its window or part smaller",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ERRORS)
def test_errors(what):
    make, text = ERRORS[what]
    assert message(make) == text
