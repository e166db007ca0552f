"""PartLayer and PaddingLayer: NumPy's definition, shapes both ways, varying levels, gradients, and what they refuse."""

import math

import numpy as np
import pytest

import wlnet
from tests import test_laws as laws
from tests.examples import example
from tests.lawful import Case
from wlnet import All, Automatic, NetError, PaddingLayer, PartLayer, Span
from wlnet.core.types import Integer

# --- parts ------------------------------------------------------------------------------------------------------------

X = example(5, 3, 7)
PARTS = [
    (2, X[1]),
    (-2, X[3]),
    ("2;;4", X[1:4]),
    (Span(2, 4), X[1:4]),
    ("2;;", X[1:]),
    (";;-2", X[:-1]),
    ("-3;;-2", X[2:4]),
    ("1;;-1;;2", X[::2]),
    (";;;;2", X[::2]),
    ("2;;5;;3", X[1:5:3]),
    ("-1;;1;;-1", X[::-1]),
    (";;;;-1", X[::-1]),
    ("4;;2;;-2", X[3:0:-2]),
    (All, X),
    ((All, -1), X[:, -1]),
    ((2, 3), X[1, 2]),
    (("2;;3", All, "-2;;"), X[1:3, :, -2:]),
    ((-1, "2;;", 4), X[-1, 1:, 3]),
]


@pytest.mark.parametrize("part, expected", PARTS, ids=[repr(part) for part, _ in PARTS])
def test_a_part_is_numpy_s(part, expected):
    layer = PartLayer(part)
    got = layer(X)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, expected)
    assert PartLayer(part, Input=X.shape).shapes["Output"] == expected.shape
    assert eval(repr(layer), vars(wlnet)) == layer


def test_integers_stay_integers():
    for layer in (
        PartLayer("2;;3", Input=(5, "Integer")),
        PaddingLayer([(1, 0)], Padding="Fixed", Input=(5, "Integer")),
    ):
        assert layer.plan.types[(), "Output"] == Integer(None)
    got = PartLayer("2;;3", Input=(5, "Integer"))([3, 1, 4, 1, 5])
    assert got.dtype == np.int64
    assert got.tolist() == [1, 4]
    assert PaddingLayer([(2, 1)], Padding="Fixed", Input=(3, "Integer"))([3, 1, 4]).tolist() == [3, 3, 3, 1, 4, 4]


FORCED = [
    (PartLayer("2;;-2", Output=(3, 7)), "(5, 7)"),
    (PartLayer((All, -1), Output=(3, 7)), "(3, ?, 7)"),
    (PartLayer("-1;;1;;-1", Output=3), "(3,)"),
    (PartLayer("2;;3", Output=(2, 7)), "(?, 7)"),
    (PartLayer("1;;-1;;2", Output=3), "(?,)"),  # of 5 elements, or of 6
]


@pytest.mark.parametrize("layer, shape", FORCED, ids=lambda value: repr(value)[:60])
def test_what_the_output_forces_is_known(layer, shape):
    assert repr(layer.shapes["Input"]) == shape


def test_a_size_that_no_input_changes_is_known_before_it():
    assert PartLayer("2;;4", Input=(Automatic, 3)).shapes["Output"] == (3, 3)
    assert PartLayer("-3;;-2", Input=(Automatic, 3)).shapes["Output"] == (2, 3)


# --- varying levels ---------------------------------------------------------------------------------------------------

SEQUENCES = [example(5, seed=1), example(3, seed=2), example(7, seed=3)]
VARYING = [
    ("2;;", "(n-1,)", lambda x: x[1:]),
    (";;-2", "(n-1,)", lambda x: x[:-1]),
    ("2;;-2", "(n-2,)", lambda x: x[1:-1]),
    ("1;;-1;;2", "(⌊(n+1)/2⌋,)", lambda x: x[::2]),
    ("-1;;1;;-1", "(n,)", lambda x: x[::-1]),
    ("1;;3", "(3,)", lambda x: x[:3]),
    ("3;;1;;-1", "(3,)", lambda x: x[2::-1]),
    ("-3;;", "(3,)", lambda x: x[-3:]),
    ("-3;;-2", "(2,)", lambda x: x[-3:-1]),
    ("-3;;;;2", "(2,)", lambda x: x[-3::2]),
    ("-1;;-3;;-2", "(2,)", lambda x: x[-1:-4:-2]),
    (2, "()", lambda x: x[1]),
    (-3, "()", lambda x: x[-3]),
    (All, "(n,)", lambda x: x),
]
BY_PART = pytest.mark.parametrize("part, shape, expected", VARYING, ids=[repr(row[0]) for row in VARYING])


@BY_PART
def test_parts_of_a_varying_level_count_from_the_true_end(part, shape, expected):
    layer = PartLayer(part, Input=("n",))
    assert repr(layer.shapes["Output"]) == shape
    for got, x in zip(layer(SEQUENCES), SEQUENCES, strict=True):
        np.testing.assert_array_equal(got, expected(x))


@BY_PART
def test_a_padded_batch_is_each_example_alone(part, shape, expected):
    case = Case(PartLayer((part, "2;;"), Input=("n", 3)))
    laws.test_one_example_and_a_batch_agree(case)
    laws.test_the_declared_shape_is_the_computed_one(case)
    laws.test_the_gradient_agrees_with_differences(case)
    laws.test_single_precision_stays(case, "NumPy")


@pytest.mark.parametrize("part", [3, -3, "1;;3", "-3;;", "3;;"])
def test_a_sequence_must_be_long_enough(part):
    layer = PartLayer(part, Input="Varying")
    assert len(layer([[1, 2, 3], [4, 5, 6, 7]])) == 2
    with pytest.raises(NetError) as error:
        layer([[1, 2, 3], [1, 2]])
    assert str(error.value) == "PartLayer: the size of level 1 must be at least 3, not 2\n  hint: give longer sequences"


def test_a_part_that_a_long_enough_sequence_leaves_empty_is_refused():
    with pytest.raises(NetError) as error:
        PartLayer("2;;-2", Input=("n",))([[1, 2, 3], [1, 2]])
    assert (
        str(error.value) == "Output: a sequence is too short: its length n-2 would be 0\n  hint: give longer sequences"
    )


# --- padding ----------------------------------------------------------------------------------------------------------

PADDED = [
    ([(1, 2), (0, 3), (2, 0)], 0, {"mode": "constant"}),
    ([(1, 2), (0, 3), (2, 0)], -1.5, {"mode": "constant", "constant_values": -1.5}),
    ([(7, 1), (0, 4), (2, 11)], "Fixed", {"mode": "edge"}),
    ([(4, 2), (0, 2), (6, 1)], "Reflected", {"mode": "reflect"}),
    ([(0, 0), (0, 0), (0, 0)], "Reflected", {"mode": "reflect"}),
]
BY_PADDING = pytest.mark.parametrize(
    "widths, padding, mode", PADDED, ids=[repr(row[1]) for row in PADDED[:-1]] + ["none"]
)


@BY_PADDING
def test_padding_is_numpy_s(widths, padding, mode):
    layer = PaddingLayer(widths, Padding=padding)
    got, expected = layer(X), np.pad(X, widths, **mode)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, expected)
    assert PaddingLayer(widths, Padding=padding, Input=X.shape).shapes["Output"] == expected.shape
    assert PaddingLayer(widths, Padding=padding, Output=expected.shape).shapes["Input"] == X.shape
    assert eval(repr(layer), vars(wlnet)) == layer


@BY_PADDING
def test_padding_has_the_gradient_of_its_differences(widths, padding, mode):
    case = Case(PaddingLayer(widths, Padding=padding, Input=X.shape))
    laws.test_the_gradient_agrees_with_differences(case)
    laws.test_single_precision_stays(case, "NumPy")


def test_mirroring_leaves_the_border_out():
    assert PaddingLayer([(2, 2)], Padding="Reflected")([1, 2, 3]).tolist() == [3, 2, 1, 2, 3, 2, 1]


@pytest.mark.parametrize("padding", [0.5, "Fixed", "Reflected"])
def test_a_varying_level_is_kept(padding):
    layer = PaddingLayer([(0, 0), (2, 1)], Padding=padding, Input=("n", 3))
    assert repr(layer.shapes["Output"]) == "(n, 6)"
    laws.test_one_example_and_a_batch_agree(Case(layer))


# --- errors -----------------------------------------------------------------------------------------------------------

PART = (
    'PartLayer: spec must be a place, a span such as "2;;4", All, or a tuple of these; places count from 1, or from -1 '
    "backwards"
)
WIDTHS = "PaddingLayer: widths must be a list of pairs (before, after) of whole numbers, 0 or more, one pair a level"
FILLING = 'PaddingLayer: Padding must be a number, "Fixed" or "Reflected"'

REFUSED = [
    (lambda: PartLayer(0), f"{PART}, got 0"),
    (lambda: PartLayer(1.5), f"{PART}, got 1.5"),
    (lambda: PartLayer(True), f"{PART}, got True"),
    (lambda: PartLayer((1, (2, 3))), f"{PART}, got (1, (2, 3))"),
    (lambda: PartLayer(Span(1, 0)), f'{PART}, got "1;;0"'),
    (lambda: PartLayer(()), "PartLayer: spec must name a part of at least one level, got ()"),
    (lambda: PartLayer("a"), 'PartLayer: spec must be a span such as "2;;4", not \'a\', got "a"'),
    (
        lambda: PartLayer("2;;0"),
        "PartLayer: spec must be a span without 0 (places count from 1, or from -1 backwards), not '2;;0', got "
        '"2;;0"',
    ),
    (
        lambda: PartLayer("3;;2"),
        'PartLayer: spec must be a span that does not end before it starts, not "3;;2", got "3;;2"',
    ),
    (
        lambda: PartLayer("-1;;-2"),
        'PartLayer: spec must be a span that does not end before it starts, not "-1;;-2", got "-1;;-2"',
    ),
    (
        lambda: PartLayer(4, Input=3),
        "PartLayer: there is no place 4 at level 1, whose size is 3 (Input is 3, as given)",
    ),
    (
        lambda: PartLayer((1, -4), Input=(5, 3)),
        "PartLayer: there is no place -4 at level 2, whose size is 3 (Input is 5×3, as given)",
    ),
    (
        lambda: PartLayer("2;;9", Input=5),
        "PartLayer: there is no place 9 at level 1, whose size is 5 (Input is 5, as given)",
    ),
    (
        lambda: PartLayer("4;;-3", Input=5),
        'PartLayer: span "4;;-3" takes nothing of level 1, whose size is 5 (Input is 5, as given)',
    ),
    (
        lambda: PartLayer((1, 2, 3), Input=(5, 2)),
        "PartLayer: a part of 3 levels needs an Input of rank 3 or more, not 2 (Input is 5×2, as given)",
    ),
    (
        lambda: PartLayer(("2;;", All), Output=3),
        "PartLayer: the part keeps 2 levels or more, but Output has rank 1",
    ),
    (
        lambda: PartLayer("-3;;2", Input="Varying"),
        'PartLayer: span "-3;;2" at level 1 would get shorter as its input gets longer (Input is Varying, as given)\n'
        "  hint: count both ends of a span of a varying level from the same side, or the later one from the end",
    ),
    (lambda: PaddingLayer(()), f"{WIDTHS}, got ()"),
    (lambda: PaddingLayer((1, 2)), f"{WIDTHS}, got (1, 2)"),
    (lambda: PaddingLayer([(1,)]), f"{WIDTHS}, got [(1,)]"),
    (lambda: PaddingLayer([(1, -1)]), f"{WIDTHS}, got [(1, -1)]"),
    (lambda: PaddingLayer([(1.5, 1)]), f"{WIDTHS}, got [(1.5, 1)]"),
    (lambda: PaddingLayer("x"), f'{WIDTHS}, got "x"'),
    (lambda: PaddingLayer([(1, 1)], Padding="Reversed"), f'{FILLING}, got "Reversed"'),
    (lambda: PaddingLayer([(1, 1)], Padding=None), f"{FILLING}, got None"),
    (lambda: PaddingLayer([(1, 1)], Padding=math.nan), f"{FILLING}, got nan"),
    (
        lambda: PaddingLayer([(1, 1)], Input=(3, 5)),
        "PaddingLayer takes Input of shape ?, but Input is given as 3×5",
    ),
    (
        lambda: PaddingLayer([(1, 1)], Input="Varying"),
        "PaddingLayer: level 1 varies, so its widths must be (0, 0), not (1, 1) (Input is Varying, as given)",
    ),
    (
        lambda: PaddingLayer([(3, 1)], Padding="Reflected", Input=3),
        "PaddingLayer: level 1 has size 3, so it can be mirrored by 2 at most, not 3 (Input is 3, as given)\n"
        '  hint: Padding="Fixed" repeats the border any number of times',
    ),
    (
        lambda: PaddingLayer([(2, 1)], Output=3),
        "PaddingLayer would take Input of shape 0, but a dimension is at least 1\n"
        "  hint: make its input larger, or its window or part smaller",
    ),
    (
        lambda: PaddingLayer([(1, 1)], Input=(3, "Integer")),
        "PaddingLayer takes Input of real numbers, but Input is given as integers\n"
        "  hint: integers come from an encoder, from OrderingLayer, or from a port typed Integer",
    ),
]


@pytest.mark.parametrize("make, text", REFUSED, ids=[str(k) for k in range(len(REFUSED))])
def test_what_cannot_be_is_refused(make, text):
    with pytest.raises(NetError) as error:
        make()
    assert str(error.value) == text
