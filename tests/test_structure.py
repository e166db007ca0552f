"""FlattenLayer, ReshapeLayer, ReplicateLayer, TransposeLayer: NumPy's definition, shapes both ways, lengths, errors."""

import numpy as np
import pytest

import wlnet
from tests import test_laws as laws
from tests.examples import example
from tests.lawful import Case
from wlnet import (
    All,
    Automatic,
    FlattenLayer,
    Inherited,
    NetChain,
    NetError,
    ReplicateLayer,
    ReshapeLayer,
    TransposeLayer,
    TwoWayRule,
)
from wlnet.backends import backend
from wlnet.core.types import Integer
from wlnet.verbs.data import Column
from wlnet.verbs.lengths import named_lengths

# --- values: the same elements, so equality is exact ------------------------------------------------------------------

X = example(2, 3, 5, 7)
FORMULAS = [
    (FlattenLayer(), X.reshape(-1)),
    (FlattenLayer(1), X.reshape(6, 5, 7)),
    (FlattenLayer(3), X.reshape(-1)),
    (FlattenLayer(-1), X.reshape(2, 3, 35)),
    (FlattenLayer(-2), X.reshape(2, 105)),
    (FlattenLayer([[2, 3]]), X.transpose(1, 2, 0, 3).reshape(15, 2, 7)),
    (FlattenLayer([[4, 1], [3]]), X.transpose(3, 0, 2, 1).reshape(14, 5, 3)),
    (ReshapeLayer((5, 42)), X.reshape(5, 42)),
    (ReshapeLayer((5, Automatic, 3)), X.reshape(5, 14, 3)),
    (ReshapeLayer((Inherited, 7, Automatic)), X.reshape(2, 7, 15)),
    (ReshapeLayer((6, All)), X.reshape(6, 5, 7)),
    (ReshapeLayer(("Inherited", "All")), X),
    (ReplicateLayer(3), np.stack([X] * 3)),
    (ReplicateLayer(3, 2), np.stack([X] * 3, 1)),
    (ReplicateLayer(3, -1), np.stack([X] * 3, -1)),
    (ReplicateLayer((3, 11), 2), np.broadcast_to(X[:, None, None], (2, 3, 11, 3, 5, 7))),
    (TransposeLayer(), X.swapaxes(0, 1)),
    (TransposeLayer("1<->3"), X.swapaxes(0, 2)),
    (TransposeLayer("1<->-1"), X.swapaxes(0, 3)),
    (TransposeLayer(TwoWayRule(2, 4)), X.swapaxes(1, 3)),
    (TransposeLayer(["1<->3", "1<->4"]), X.swapaxes(0, 2).swapaxes(0, 3)),
    (TransposeLayer((3, 1, 2)), X.transpose(1, 2, 0, 3)),  # level 1 becomes level 3, level 2 level 1, level 3 level 2
    (TransposeLayer((4, 1, 2, 3)), X.transpose(1, 2, 3, 0)),
]
BY_LAYER = pytest.mark.parametrize("layer, expected", FORMULAS, ids=lambda value: repr(value)[:60])


@BY_LAYER
def test_the_values_are_numpy_s(layer, expected):
    got = layer(X)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, expected)


@BY_LAYER
def test_it_prints_as_what_makes_it(layer, expected):
    assert eval(repr(layer), vars(wlnet)) == layer


@pytest.mark.parametrize(
    "layer, shape",
    [
        (TransposeLayer("1<->3", Input=(1, 2, 3)), (3, 2, 1)),
        (TransposeLayer(["1<->3", "2<->4"], Input=(3, 4, 5, 6)), (5, 6, 3, 4)),
        (TransposeLayer(["1<->3", "1<->4"], Input=(3, 4, 5, 6)), (6, 4, 3, 5)),
        (FlattenLayer([[2, 3]], Input=(2, 3, 5)), (15, 2)),
    ],
)
def test_the_shapes_of_the_reference(layer, shape):
    assert layer.shapes["Output"] == shape


def test_numbers():
    assert FlattenLayer()(3.0).tolist() == [3.0]
    assert ReplicateLayer((2, 3))(5.0).tolist() == [[5.0] * 3] * 2
    assert ReshapeLayer(())([7.0]).shape == ()


def test_the_shape_of_a_reference():
    layer = ReshapeLayer("ReferenceShape")
    x = example(2, 15)
    np.testing.assert_array_equal(layer({"Input": x, "ReferenceShape": np.zeros((6, 5))}), x.reshape(6, 5))


LAYERS_OF_VALUES = [FlattenLayer(), ReshapeLayer((5, 3)), ReplicateLayer(2), TransposeLayer()]


@pytest.mark.parametrize("layer", LAYERS_OF_VALUES, ids=repr)
def test_integers_stay_integers(layer):
    net = layer.changed(Input=(3, 5, "Integer"))
    assert net.plan.types[(), "Output"] == Integer(None)
    x = np.arange(1, 16).reshape(3, 5)
    got = net(x)
    assert got.dtype == np.int64
    np.testing.assert_array_equal(np.sort(got.ravel()), np.sort(np.tile(x.ravel(), got.size // 15)))


# --- shapes, in both directions ---------------------------------------------------------------------------------------

FORCED = [
    (FlattenLayer(1, Input=(2, Automatic, Automatic), Output=(6, 5)), (2, 3, 5), (6, 5)),
    (FlattenLayer(-1, Output=(2, 15), Input=(Automatic, 3, Automatic)), (2, 3, 5), (2, 15)),
    (FlattenLayer([[3, 1]], Output=(10, 3), Input=(2, Automatic, Automatic)), (2, 3, 5), (10, 3)),
    (FlattenLayer(Input=(2, 3, Automatic), Output=30), (2, 3, 5), (30,)),
    (ReshapeLayer((3, Automatic), Input=(Automatic, 6), Output=(3, 10)), (5, 6), (3, 10)),
    (ReshapeLayer((Inherited, 6), Input=(Automatic, 2, 3), Output=(5, 6)), (5, 2, 3), (5, 6)),
    (ReshapeLayer((3, 10), Input=(Automatic, 6)), (5, 6), (3, 10)),
    (ReplicateLayer((3, 2), 2, Output=(5, 3, 2, 7)), (5, 7), (5, 3, 2, 7)),
    (ReplicateLayer((Automatic, 2), Output=(3, 2, 7)), (7,), (3, 2, 7)),
    (TransposeLayer(Output=(5, 3)), (3, 5), (5, 3)),
    (TransposeLayer((3, 1, 2), Output=(3, 5, 2)), (2, 3, 5), (3, 5, 2)),
    (TransposeLayer(["1<->3", "1<->2"], Output=(3, 5, 2)), (2, 3, 5), (3, 5, 2)),
]


@pytest.mark.parametrize("layer, before, after", FORCED, ids=lambda value: repr(value)[:70])
def test_what_is_forced_is_known(layer, before, after):
    assert (layer.shapes["Input"], layer.shapes["Output"]) == (before, after)
    x = example(*before)
    assert layer.changed(Input=before)(x).shape == after


def test_a_rank_is_forced_where_sizes_are_not():
    assert repr(FlattenLayer(2, Output=(7, 5)).shapes["Input"]) == "(?, ?, ?, 5)"
    assert FlattenLayer(Output=7).shapes["Input"] is None


# --- lengths ----------------------------------------------------------------------------------------------------------

LENGTHS = [
    (FlattenLayer(Input=("n", 3)), "(3·n,)"),
    (FlattenLayer(1, Input=("n", 3, 5)), "(3·n, 5)"),
    (FlattenLayer(-1, Input=("n", 3, 5)), "(n, 15)"),
    (ReshapeLayer((Inherited, Automatic, 3), Input=("n", 6)), "(n, 2, 3)"),
    (ReshapeLayer((Inherited, All), Input=("n", 3, 5)), "(n, 3, 5)"),
    (ReplicateLayer((2, 3), 2, Input=("n", 5)), "(n, 2, 3, 5)"),
    (TransposeLayer((1, 3, 2), Input=("n", 3, 5)), "(n, 5, 3)"),
    (TransposeLayer("-1<->-2", Input=("n", 3, 5)), "(n, 5, 3)"),
]
BY_LENGTH = pytest.mark.parametrize("layer, text", LENGTHS, ids=lambda value: repr(value)[:60])


@BY_LENGTH
def test_lengths_are_kept_by_arithmetic(layer, text):
    assert repr(layer.shapes["Output"]) == text


@BY_LENGTH
def test_a_padded_batch_is_each_example_alone(layer, text):
    case = Case(layer)
    laws.test_one_example_and_a_batch_agree(case)
    laws.test_the_declared_shape_is_the_computed_one(case)
    laws.test_single_precision_stays(case, "NumPy")


def test_there_and_back():
    """n×3 to 3·n to n×3, by the shape of a second sequence."""
    assert repr(ReshapeLayer("ReferenceShape", Input=("m",), ReferenceShape=("n", 3)).shapes) == (
        "{'Input': (3·n,), 'ReferenceShape': (n, 3), 'Output': (n, 3)}"
    )
    layer = ReshapeLayer("ReferenceShape", Input=("m",), ReferenceShape=("n", 3))
    got = layer({"Input": [[1, 2, 3], [4, 5, 6, 7, 8, 9]], "ReferenceShape": [np.zeros((1, 3)), np.zeros((2, 3))]})
    assert [rows.tolist() for rows in got] == [[[1, 2, 3]], [[4, 5, 6], [7, 8, 9]]]


@pytest.mark.parametrize("name", ["NumPy", "JAX"])
def test_padding_that_fills_no_row_is_left_out(name):
    """A compiled backend pads 3·n to a power of two, which three does not divide."""
    net = ReshapeLayer("ReferenceShape", Input=("m",), ReferenceShape=("n", 3))
    x = example(2, 8)
    data = {
        "Input": Column(x, np.array([3, 6])),
        "ReferenceShape": Column(np.zeros((2, 2, 3), np.float32), np.array([1, 2])),
    }
    engine = backend(name)
    xp = engine.context(dims=net.plan.at(named_lengths(net.plan, data)))
    outputs, _ = net.run(xp, {}, {port: engine.array(column.array) for port, column in data.items()}, ())
    np.testing.assert_array_equal(engine.numpy(outputs["Output"]), x[:, :6].reshape(2, 2, 3))


# --- errors -----------------------------------------------------------------------------------------------------------

GROUPS = "FlattenLayer: n must be a whole number, math.inf, or a list of lists of levels such as [[2, 3], [1]]"
DIMS = 'ReshapeLayer: dims must be a tuple of sizes, Inherited, Automatic and All, or "ReferenceShape"'
COPIES = "ReplicateLayer: n must be a positive whole number, Automatic, or a tuple of these"
ORDER = 'TransposeLayer: levels must be "m<->n", a list of these, or a permutation of the levels such as (3, 1, 2)'
FROM_ONE = "levels are whole numbers from 1, or from -1 backwards"
FIRST = "\n  hint: give that level a fixed size, or keep the varying level first"

REFUSED = [
    (lambda: FlattenLayer("x"), f'{GROUPS}, got "x"'),
    (lambda: FlattenLayer([2, 3]), f"{GROUPS}, got [2, 3]"),
    (lambda: FlattenLayer(1.5), f"{GROUPS}, got 1.5"),
    (
        lambda: FlattenLayer([[2, 3], [3]]),
        "FlattenLayer: n must name each level once, not (2, 3, 3), got [[2, 3], [3]]",
    ),
    (
        lambda: FlattenLayer(2, Input=(3, 5)),
        "FlattenLayer: merging 3 levels needs an Input of rank 3 or more, not 2 (Input is 3×5, as given)\n"
        "  hint: FlattenLayer() takes any rank",
    ),
    (
        lambda: FlattenLayer(-2, Input=(3, 5)),
        "FlattenLayer: merging 3 levels needs an Input of rank 3 or more, not 2 (Input is 3×5, as given)\n"
        "  hint: FlattenLayer() takes any rank",
    ),
    (
        lambda: FlattenLayer([[4]], Input=(3, 5)),
        "FlattenLayer: levels (4,) are not all levels of an array of rank 2 (Input is 3×5, as given)",
    ),
    (
        lambda: FlattenLayer([[2, 1]], Input=("n", 3)),
        "FlattenLayer: a varying level can only be the first of those that are merged (Input is n×3, as given)",
    ),
    (
        lambda: FlattenLayer([[2, 3]], Input=("n", 3, 5)),
        "FlattenLayer would give Output of shape 15×n, but only the first level of a port may vary (Input is n×3×5, as "
        f"given){FIRST}",
    ),
    (
        lambda: FlattenLayer(1, Input=(2, Automatic, 5), Output=(7, 5)),
        "FlattenLayer: 7 does not split into 2 equal parts (Input is 2×?×5, as given)",
    ),
    (lambda: ReshapeLayer(6), f"{DIMS}, got 6"),
    (lambda: ReshapeLayer("Reference"), f'{DIMS}, got "Reference"'),
    (lambda: ReshapeLayer((0, 2)), f"{DIMS}, got (0, 2)"),
    (lambda: ReshapeLayer((2.5, 2)), f"{DIMS}, got (2.5, 2)"),
    (lambda: ReshapeLayer((True, 2)), f"{DIMS}, got (True, 2)"),
    (
        lambda: ReshapeLayer((All, Automatic)),
        "ReshapeLayer: dims must hold at most one Automatic or one All, got (All, Automatic)",
    ),
    (
        lambda: ReshapeLayer((5, 7), Input=(2, 3)),
        "ReshapeLayer: numbers of elements 6 and 35 must be equal (Input is 2×3, as given)",
    ),
    (
        lambda: ReshapeLayer((5, Automatic), Input=(2, 3)),
        "ReshapeLayer: 6 does not split into 5 equal parts (Input is 2×3, as given)",
    ),
    (
        lambda: ReshapeLayer((Inherited, Inherited, Inherited), Input=(2, 3)),
        "ReshapeLayer: Inherited at place 3 has no size to take from an Input of rank 2 (Input is 2×3, as given)",
    ),
    (
        lambda: ReshapeLayer((4, All), Input=(2, 3, 5)),
        "ReshapeLayer: the sizes 4 before All do not use up leading sizes of 2×3×5 (Input is 2×3×5, as given)",
    ),
    (
        lambda: ReshapeLayer((2, 3), Input=("n", 3)),
        "ReshapeLayer: numbers of elements 3·n and 6 must be equal (Input is n×3, as given)",
    ),
    (
        lambda: ReshapeLayer((Automatic, 3), Input=("n", 6)),
        "ReshapeLayer: Automatic cannot stand for a level that varies (Input is n×6, as given)\n"
        "  hint: write Inherited in the place of that level",
    ),
    (
        lambda: NetChain([FlattenLayer(), ReshapeLayer((Automatic, 3))], Input=("n", 3)),
        "net/2: ReshapeLayer: Automatic cannot stand for a level that varies (Input is 3·n from net/1)\n"
        "  hint: write Inherited in the place of that level",
    ),
    (lambda: ReplicateLayer(0), f"{COPIES}, got 0"),
    (lambda: ReplicateLayer(()), f"{COPIES}, got ()"),
    (lambda: ReplicateLayer((2, -3)), f"{COPIES}, got (2, -3)"),
    (lambda: ReplicateLayer(3, 0), "ReplicateLayer: position must be a whole number other than 0, got 0"),
    (
        lambda: ReplicateLayer(3, 4, Input=5),
        "ReplicateLayer: new levels cannot begin at position 4 for an Input of rank 1 (Input is 5, as given)",
    ),
    (lambda: ReplicateLayer((3, 2), Output=2), "ReplicateLayer: the output has 2 levels or more, not 1"),
    (
        lambda: ReplicateLayer(3, Input=("n", 2)),
        "ReplicateLayer would give Output of shape 3×n×2, but only the first level of a port may vary (Input is n×2, "
        f"as given){FIRST}",
    ),
    (lambda: TransposeLayer("1->3"), f'{ORDER}; {FROM_ONE}, got "1->3"'),
    (lambda: TransposeLayer("0<->1"), f'{ORDER}; {FROM_ONE}, got "0<->1"'),
    (lambda: TransposeLayer([]), f"{ORDER}, got []"),
    (lambda: TransposeLayer(["1<->2", 3]), f'{ORDER}, got ["1<->2", 3]'),
    (lambda: TransposeLayer((1, 1)), f"{ORDER}; {FROM_ONE}, each once, got (1, 1)"),
    (lambda: TransposeLayer((1, 3)), f"{ORDER}; a permutation of 2 levels names 1 to 2, got (1, 3)"),
    (
        lambda: TransposeLayer("1<->4", Input=(2, 3)),
        'TransposeLayer: level 4 of "1<->4" is not a level of an array of rank 2 (Input is 2×3, as given)',
    ),
    (
        lambda: TransposeLayer((-1, 2), Input=(2, 3)),
        "TransposeLayer: (-1, 2) is not a permutation of the levels of an array of rank 2 (Input is 2×3, as given)",
    ),
    (
        lambda: TransposeLayer(Input=("n", 3)),
        "TransposeLayer would give Output of shape 3×n, but only the first level of a port may vary (Input is n×3, as "
        f"given){FIRST}",
    ),
]


@pytest.mark.parametrize("make, text", REFUSED, ids=[str(k) for k in range(len(REFUSED))])
def test_what_cannot_be_is_refused(make, text):
    with pytest.raises(NetError) as error:
        make()
    assert str(error.value) == text


def test_lengths_that_make_no_whole_rows_are_refused():
    layer = ReshapeLayer("ReferenceShape", Input=("m",), ReferenceShape=("n", 3))
    with pytest.raises(NetError) as error:
        layer({"Input": [[1, 2, 3], [1, 2, 3, 4, 5]], "ReferenceShape": [np.zeros((1, 3)), np.zeros((1, 3))]})
    assert str(error.value) == (
        "Input must have lengths [3, 3] to go with the net, but has [3, 5]\n  hint: give sequences whose lengths agree"
    )
