"""SummationLayer and DotLayer: NumPy's sums of products are the oracle."""

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import Automatic, DotLayer, NetChain, NetError, NetGraph, NetPort, SummationLayer


def test_summation_is_the_sum_of_all_elements():
    x = example(2, 3, 5)
    assert_close(SummationLayer()(x), x.sum())
    assert_close(SummationLayer(Input=(3, 5))(x), x.sum((1, 2)))
    assert SummationLayer(Input="Real")(7).item() == 7
    assert SummationLayer(Input="Varying")([[1, 2], [4]]).tolist() == [3, 4]
    assert_close(
        SummationLayer(Input=("Varying", 3))([x[0, :2, :3], x[1, :3, :3]]), [x[0, :2, :3].sum(), x[1, :, :3].sum()]
    )


@pytest.mark.parametrize(
    "shapes, expected",
    [
        ([(3,), (3,)], ()),
        ([(2, 3), (3,)], (2,)),
        ([(3,), (3, 5)], (5,)),
        ([(2, 3), (3, 5)], (2, 5)),
        ([(2, 7, 3), (3, 5)], (2, 7, 5)),
        ([(2, 3), (3, 5, 7)], (2, 5, 7)),
        ([(2, 7, 3), (3, 5, 2)], (2, 7, 5, 2)),
    ],
)
def test_dot_of_two_is_the_sum_over_the_last_and_the_first_level(shapes, expected):
    a, b = example(*shapes[0]), example(*shapes[1], seed=1)
    layer = DotLayer(InputPorts=list(shapes))
    assert layer.shapes["Output"] == expected
    assert_close(layer([a, b]), np.tensordot(a, b, 1))


def test_dot_of_many_goes_from_left_to_right():
    a, b, c = example(7, 3), example(3, 5, seed=1), example(5, 2, seed=2)
    assert_close(DotLayer()([a, b, c]), a @ b @ c, rtol=1e-4)
    v = example(3, seed=3)
    assert_close(DotLayer()([a, v, example(7, 2, seed=4)]), a @ v @ example(7, 2, seed=4), rtol=1e-4)


def test_dot_of_named_inputs_and_of_a_batch():
    a, b = example(2, 3, 5), example(2, 5, seed=1)
    layer = DotLayer(InputPorts={"A": (3, 5), "B": 5})
    assert_close(layer({"A": a, "B": b}), np.einsum("bij,bj->bi", a, b))


@pytest.mark.parametrize(
    "spec, shapes, subscripts",
    [
        ([None, "1<->2"], [(3, 5), (7, 5)], "ab,cb->ac"),
        (["1<->2", None], [(3, 5), (3, 7)], "ab,ac->bc"),
        (["1<->3", ["1<->2", "2<->3"]], [(5, 3, 2), (7, 5, 2)], "abc,dae->cbed"),
        ([(3, 1, 2), None], [(2, 5, 3), (2, 7)], "abc,ad->bcd"),
        ([None, None, (2, 1)], [3, (3, 5), (2, 5)], "a,ab,cb->c"),
        (["-1<->1", None], [(3, 5, 2), (3, 7)], "abc,ad->cbd"),
    ],
)
def test_inputs_are_transposed_first(spec, shapes, subscripts):
    arrays = [example(*np.atleast_1d(shape), seed=k) for k, shape in enumerate(shapes)]
    layer = DotLayer(spec, InputPorts=shapes)
    expected = np.einsum(subscripts, *arrays)
    assert layer.shapes["Output"] == expected.shape
    assert_close(layer(arrays), expected, rtol=1e-4)


def test_sizes_go_both_ways():
    from_right = DotLayer(InputPorts=[(3, Automatic), (5, 7)])
    assert from_right.shapes == {"Input1": (3, 5), "Input2": (5, 7), "Output": (3, 7)}
    from_output = DotLayer(InputPorts=[(3, 5), Automatic], Output=(3, 2, 7))
    assert from_output.shapes["Input2"] == (5, 2, 7)
    transposed = DotLayer([None, "1<->2"], InputPorts=[Automatic, (7, 5)], Output=(3, 7))
    assert transposed.shapes["Input1"] == (3, 5)


def test_a_varying_level_is_summed_over_its_true_elements():
    layer = DotLayer(["1<->2", None], InputPorts=[("n", 2), ("n", 3)])
    rows = [(example(n, 2), example(n, 3, seed=1)) for n in (5, 2, 7)]
    got = layer({"Input1": [a for a, _ in rows], "Input2": [b for _, b in rows]})
    assert_close(got, [a.T @ b for a, b in rows], rtol=1e-4)


def test_the_number_of_inputs_comes_from_the_edges():
    net = NetGraph({"d": DotLayer()}, [((NetPort("A"), NetPort("B"), NetPort("C")), "d")], A=(2, 3), B=(3, 5), C=5)
    assert repr(net["d"]) == "DotLayer(InputPorts=3)"
    assert net.plan.shape((), "Output") == (2,)


ERRORS = [
    (
        lambda: DotLayer(InputPorts=[(2, 3), (5, 7)]),
        "DotLayer: the sizes summed over, up to Input2, 3 and 5 must be equal "
        "(Input1 is 2×3, as given; Input2 is 5×7, as given)",
    ),
    (
        lambda: DotLayer(InputPorts=["Real", (5, 7)]),
        "DotLayer: each factor must be a vector or an array of higher rank, but Input1 is a number "
        "(Input1 is scalar, as given; Input2 is 5×7, as given)",
    ),
    (
        lambda: DotLayer(InputPorts=[3, 3, (5, 7)]),
        "DotLayer: each factor must be a vector or an array of higher rank, but what comes before Input3 is a number "
        "already (Input1 is 3, as given; Input2 is 3, as given; Input3 is 5×7, as given)",
    ),
    (lambda: DotLayer(InputPorts=1), "DotLayer: takes 2 or more inputs, but InputPorts gives 1"),
    (
        lambda: DotLayer([None, None], InputPorts=3),
        "DotLayer: takes 2 inputs, but InputPorts gives 3",
    ),
    (lambda: DotLayer([None]), "DotLayer: transpositions must name two inputs or more"),
    (
        lambda: DotLayer("1<->2"),
        "DotLayer: transpositions must be a list with a transposition for each input, such as "
        '[None, "1<->2"], or Automatic, got "1<->2"',
    ),
    (
        lambda: DotLayer([None, "1<->3"], InputPorts=[(3, 5), (7, 5)]),
        'DotLayer: level 3 of "1<->3" is not a level of an array of rank 2 '
        "(Input1 is 3×5, as given; Input2 is 7×5, as given)",
    ),
    (
        lambda: DotLayer([None, "1<->2"], InputPorts=[(2, 3), ("Varying", 3)]),
        "DotLayer would give Output of shape 2×Varying, but only the first level of a port may vary "
        "(Input1 is 2×3, as given; Input2 is Varying×3, as given)\n"
        "  hint: give that level a fixed size, or keep the varying level first",
    ),
    (
        lambda: DotLayer(["1<->2", None], InputPorts=[("Varying", 3), (2, 5)]),
        "DotLayer: the sizes summed over, up to Input2, Varying and 2 must be equal "
        "(Input1 is Varying×3, as given; Input2 is 2×5, as given)",
    ),
    (
        lambda: SummationLayer(Input=3)([1, "a"]),
        "Input: the data must be real numbers, but are texts (<U21)\n"
        "  hint: give lists of numbers or a numeric array; for texts, classes or images put a NetEncoder on the port",
    ),
]


@pytest.mark.parametrize("make, text", ERRORS, ids=[text for _, text in ERRORS])
def test_errors(make, text):
    with pytest.raises(NetError) as e:
        make()
    assert str(e.value) == text


def test_chained_after_a_layer():
    net = NetChain([SummationLayer()], Input=(2, 3))
    assert net.plan.shape((), "Output") == ()
