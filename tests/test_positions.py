"""AppendLayer, PrependLayer, ExtractLayer and OrderingLayer, by NumPy's indexing and sorting."""

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    AppendLayer,
    Automatic,
    ExtractLayer,
    NetChain,
    NetError,
    NetGraph,
    NetPort,
    OrderingLayer,
    PrependLayer,
    ReplicateLayer,
    Restricted,
)
from wlnet.backends import backend
from wlnet.core.dims import Unknown
from wlnet.core.types import Integer, meet_types


def test_append_and_prepend_put_the_element_at_the_end_and_at_the_start():
    x, e = example(3, 5), example(5, seed=1)
    assert_close(AppendLayer()({"Input": x, "Element": e}), np.vstack([x, e]))
    assert_close(PrependLayer()({"Input": x, "Element": e}), np.vstack([e, x]))
    assert AppendLayer(Input=2)({"Input": [1, 2], "Element": 3}).tolist() == [1, 2, 3]


def test_shapes_go_both_ways():
    expected = {"Input": (3, 5), "Element": (5,), "Output": (4, 5)}
    for layer in (AppendLayer, PrependLayer):
        assert layer(Input=(3, 5)).shapes == expected
        assert layer(Output=(4, 5)).shapes == expected
        assert layer(Element=5).shapes["Output"][1:] == (5,)


@pytest.mark.parametrize("layer, first", [(AppendLayer, False), (PrependLayer, True)])
def test_sequences_grow_by_one_each(layer, first):
    rows, elements = [example(n, 2) for n in (5, 3, 7)], example(3, 2, seed=1)
    got = layer(Input=("Varying", 2))({"Input": rows, "Element": elements})
    for row, element, each in zip(rows, elements, got, strict=True):
        assert_close(each, np.vstack([element, row] if first else [row, element]))


def test_classes_stay_classes():
    net = AppendLayer(Input=(3, Restricted("Integer", 5)))
    got = net({"Input": [1, 5, 2], "Element": 4})
    assert got.dtype == np.int64 and got.tolist() == [1, 5, 2, 4]


X = example(5, 7, 3)


@pytest.mark.parametrize(
    "positions, expected",
    [
        ([[1, 1], [5, 7], [-1, 2], [-5, -7]], X[[0, 4, -1, 0], [0, 6, 1, 0]]),
        ([[1, 1, 1], [-1, -1, -1]], X[[0, 4], [0, 6], [0, 2]]),
        ([[2], [-2]], X[[1, 3]]),
        ([4, -3], X[3, 4]),
        ([[[1, 2], [3, 4], [5, 6]], [[-1, 2], [-3, 4], [-5, 6]]], X[[[0, 2, 4], [4, 2, 0]], [[1, 3, 5], [1, 3, 5]]]),
    ],
)
def test_extract_is_indexing(positions, expected):
    layer = ExtractLayer(Input=(5, 7, 3), Position=np.shape(positions))
    assert layer.shapes["Output"] == expected.shape
    assert_close(layer({"Input": X, "Position": positions}), expected)


@pytest.mark.parametrize("place", [1, 5, -1, -5])
def test_a_single_integer_takes_an_element_of_level_1(place):
    layer = ExtractLayer(Input=(5, 7, 3), Position="Integer")
    assert layer.shapes["Output"] == (7, 3)
    assert_close(layer({"Input": X, "Position": place}), X[place - (place > 0)])


def test_extract_counts_from_the_end_of_each_sequence():
    rows = [example(n, 2) for n in (5, 3, 7)]
    layer = ExtractLayer(Input=("Varying", 2), Position=(2, 1))
    got = layer({"Input": rows, "Position": [[[-1], [2]], [[-3], [3]], [[7], [-7]]]})
    expected = [rows[0][[-1, 1]], rows[1][[0, 2]], rows[2][[6, 0]]]
    assert_close(got, expected)


def test_extract_of_sequences_of_positions():
    layer = ExtractLayer(Input=(5, 7), Position=("Varying", 2))
    x, positions = example(2, 5, 7), [[[1, 1], [-1, -1], [2, 3]], [[5, 7]]]
    first, second = layer({"Input": x, "Position": positions})
    assert_close(first, x[0][[0, 4, 1], [0, 6, 2]])
    assert_close(second, x[1][[4], [6]])


def test_extract_tells_sizes_back():
    layer = ExtractLayer(Position=(3, 2), Output=(3, 7))
    assert layer.shapes["Input"] is not None and layer.shapes["Input"][2:] == (7,)
    assert ExtractLayer(Input=(5, 7), Position=(Automatic, 1), Output=(3, 7)).shapes["Position"] == (3, 1)


def test_the_gradient_adds_up_where_an_element_is_taken_twice():
    layer = ExtractLayer(Input=(3, 2), Position=(4, 1))
    engine = backend("NumPy")
    position = np.array([[[1], [3], [1], [-1]]])

    def total(found):
        xp = engine.context(precision="float64", dims=layer.plan.words)
        outputs, _ = layer.run(xp, {}, {"Input": found["Input"], "Position": position}, ())
        return xp.sum(outputs["Output"] * np.array([[1.0], [10.0], [100.0], [1000.0]])), outputs

    _, _, gradients = engine.value_and_gradient(total, {"Input": np.ones((1, 3, 2))})
    assert gradients["Input"][0].tolist() == [[101, 101], [0, 0], [1010, 1010]]


def test_ordering_is_stable_and_counts_from_one():
    values = [3, 1, 2, 1, 3]
    assert OrderingLayer()(values).tolist() == [2, 4, 3, 1, 5]
    assert OrderingLayer(2)(values).tolist() == [2, 4]
    assert OrderingLayer(-2)(values).tolist() == [1, 5]
    assert OrderingLayer("All")(values).dtype == np.int64
    x = example(2, 7)
    assert (OrderingLayer(Input=7)(x) == np.argsort(x, kind="stable") + 1).all()


@pytest.mark.parametrize("device", ["CPU", ("CPU", "JAX")])
def test_ordering_of_sequences(device):
    rows = [[3, 1, 2, 5], [7, 4], [2, 1, 1]]
    layer = OrderingLayer(Input="Varying")
    assert [each.tolist() for each in layer(rows, TargetDevice=device)] == [[2, 3, 1, 4], [2, 1], [2, 3, 1]]
    assert OrderingLayer(2, Input="Varying")(rows, TargetDevice=device).tolist() == [[2, 3], [2, 1], [2, 3]]
    assert OrderingLayer(-2, Input="Varying")(rows, TargetDevice=device).tolist() == [[1, 4], [2, 1], [3, 1]]


def test_ordering_and_extract_sort_a_vector_inside_a_graph():
    net = NetGraph(
        {"order": OrderingLayer(), "lists": ReplicateLayer(1, -1), "sorted": ExtractLayer()},
        [("order", "lists"), ((NetPort("Input"), "lists"), "sorted")],
        Input=5,
    )
    x = example(5)
    assert_close(net(x), np.sort(x))


def test_integers_of_any_sign_may_be_positions_wherever_they_come_from():
    """The two declarations of open integers meet in one, whichever is asked first."""
    one, other = Integer(), Integer(Unknown)
    assert meet_types(one, other) == meet_types(other, one) == one
    assert ExtractLayer(Input=(3, 5), Position="Integer").plan.types[(), "Position"].low is None


def test_a_compiled_run_bears_positions_that_are_not_there():
    """It cannot look at the data, so a wrong position takes the first element."""
    engine, layer = backend("JAX"), ExtractLayer(Input=(5, 7), Position="Integer")

    def run(x, place):
        xp = engine.context(dims=layer.plan.words)
        return layer.run(xp, {}, {"Input": x, "Position": place}, ())[0]["Output"]

    x = example(1, 5, 7)
    got = engine.compile(run)(engine.array(x), engine.array(np.array([9])))
    assert_close(engine.numpy(got), x[:, 0])


ERRORS = [
    (
        lambda: ExtractLayer(Input=(5, 7), Position=2)({"Input": example(5, 7), "Position": [3, -8]}),
        "Position holds -8, but there Input has places 1 to 7",
    ),
    (
        lambda: ExtractLayer(Input=(5, 7), Position="Integer")({"Input": example(5, 7), "Position": 0}),
        "Position holds 0, but there Input has places 1 to 5",
    ),
    (
        lambda: ExtractLayer(Input="Varying", Position="Integer")({"Input": [[1, 2], [1]], "Position": [2, 2]}),
        "Position holds 2, but there Input has places 1 to 1",
    ),
    (
        lambda: ExtractLayer(Input=(5, 7), Position=2)({"Input": example(5, 7), "Position": [3, 1.5]}),
        "Position takes integers, but the data hold 1.5",
    ),
    (
        lambda: ExtractLayer(Input=3, Position=(5, 2)),
        "ExtractLayer: a position of 2 integers is not a part of an array of rank 1 "
        "(Input is 3, as given; Position is 5×2, as given)",
    ),
    (
        lambda: ExtractLayer(Input="Real", Position="Integer"),
        "ExtractLayer: a position of 1 integer is not a part of a number "
        "(Input is scalar, as given; Position is scalar, as given)",
    ),
    (
        lambda: ExtractLayer(Input=(3, 5), Position="Varying"),
        "ExtractLayer: the lists in Position are of the varying length Varying "
        "(Input is 3×5, as given; Position is Varying, as given)\n  hint: give them a fixed one",
    ),
    (
        lambda: OrderingLayer(7, Input=5),
        "OrderingLayer: there are no 7 elements to put in order in a vector of size 5 (Input is 5, as given)",
    ),
    (
        lambda: OrderingLayer(-3, Input="Varying")([[1, 2, 3], [1, 2]]),
        "Input has 2 elements, but 3 are to be put in order",
    ),
    (
        lambda: OrderingLayer(3, Input="Varying")([1, 2]),
        "Input has 2 elements, but 3 are to be put in order",
    ),
    (
        lambda: NetChain([OrderingLayer(3)], Input="Varying")([1, 2]),
        "net/1: Input has 2 elements, but 3 are to be put in order",
    ),
    (
        lambda: OrderingLayer(0),
        "OrderingLayer: n must be All, or a whole number: n for the first places, -n for the last, got 0",
    ),
    (
        lambda: AppendLayer(Input=(3, 5), Element=7),
        "AppendLayer takes Element of shape 5, but Element is given as 7 (Input is 3×5, as given)",
    ),
    (
        lambda: PrependLayer(Input="Real"),
        "PrependLayer takes Input of shape ?×…, but Input is given as scalar",
    ),
]


@pytest.mark.parametrize("make, text", ERRORS, ids=[text for _, text in ERRORS])
def test_errors(make, text):
    with pytest.raises(NetError) as e:
        make()
    assert str(e.value) == text
