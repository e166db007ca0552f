"""ReshapeLayer against NumPy: every kind of size, the reference port, shapes both ways, sequences, errors."""

import numpy as np
import pytest

import wlnet
from tests.examples import example
from tests.slopes import slopes
from wlnet import (
    All,
    Automatic,
    FlattenLayer,
    Inherited,
    NetChain,
    NetError,
    NetGraph,
    NetPort,
    PartLayer,
    ReshapeLayer,
)
from wlnet.core.dims import Unknown

NAMES = vars(wlnet)


def message(make):
    """The text of the NetError that it raises."""
    with pytest.raises(NetError) as caught:
        make()
    return str(caught.value)


RESHAPED = [
    # dims, shape of the input, shape of the output
    ((5, 6), (2, 3, 5), (5, 6)),
    ((30,), (2, 3, 5), (30,)),
    ([3, 10], (2, 3, 5), (3, 10)),
    ((), (1,), ()),
    ((1, 1), (), (1, 1)),
    ((5, Automatic), (2, 3, 5), (5, 6)),
    ((Automatic,), (2, 3, 5), (30,)),
    ((Automatic, 2, 5), (2, 3, 5), (3, 2, 5)),
    ((Inherited, 15), (2, 3, 5), (2, 15)),
    ((Inherited, Automatic), (2, 3, 5), (2, 15)),
    ((Inherited, Inherited, 3, Automatic), (2, 5, 6), (2, 5, 3, 2)),
    ((10, Inherited), (5, 3, 2), (10, 3)),
    ((2, 3, All), (6, 5, 7), (2, 3, 5, 7)),
    ((All,), (2, 3, 5), (2, 3, 5)),
    ((All, 5, 7), (2, 3, 35), (2, 3, 5, 7)),
    ((6, All), (2, 3, 5), (6, 5)),
    ((All, 15), (2, 3, 5), (2, 15)),
    ((3, 2, All, 7, 5), (6, 11, 35), (3, 2, 11, 7, 5)),
    ((Inherited, 3, 2, All), (5, 6, 7), (5, 3, 2, 7)),
    ((All, 3, 2, Inherited), (5, 6, 7), (5, 3, 2, 7)),
    ((2, 3, All), (6, 1, 5), (2, 3, 1, 5)),
    ((30, All), (2, 3, 5), (30,)),
]


@pytest.mark.parametrize(("dims", "before", "after"), RESHAPED)
def test_the_elements_are_the_same_row_by_row(dims, before, after):
    x = example(*before)
    layer = ReshapeLayer(dims)
    given = ReshapeLayer(dims, Input=before or "Real")
    np.testing.assert_array_equal(layer(x), x.reshape(after))
    np.testing.assert_array_equal(given(np.stack([x, x + 1])), np.stack([x, x + 1]).reshape(2, *after))
    assert given.shapes["Output"] == after and given(x).dtype == np.float32
    weights = example(*after, seed=4)
    gradient = slopes(given, x, "float32", weights)[1]["Input"]
    np.testing.assert_array_equal(gradient, weights.reshape(before))
    assert gradient.dtype == np.float32
    assert eval(repr(layer), NAMES) == layer and eval(repr(given), NAMES) == given


def test_a_reference_gives_its_shape_and_nothing_else():
    layer = ReshapeLayer("ReferenceShape")
    x = example(2, 15)
    got = layer({"Input": x, "ReferenceShape": np.zeros((6, 5))})
    np.testing.assert_array_equal(got, x.reshape(6, 5))
    fixed = ReshapeLayer("ReferenceShape", Input=(2, 15), ReferenceShape=(6, 5))
    batch = {"Input": np.stack([x, -x]), "ReferenceShape": np.ones((2, 6, 5))}
    np.testing.assert_array_equal(fixed(batch), batch["Input"].reshape(2, 6, 5))
    gradients = slopes(fixed, batch)[1]
    assert not gradients["ReferenceShape"].any() and gradients["Input"].all()
    assert list(ReshapeLayer((3, 2)).shapes) == ["Input", "Output"]
    assert ReshapeLayer("ReferenceShape", ReferenceShape=(6, "Integer")).shapes["Output"] == (6,)
    assert eval(repr(fixed), NAMES) == fixed


def test_shapes_are_told_where_they_are_forced():
    assert ReshapeLayer((3, Automatic)).shapes["Output"] == (3, Unknown)
    assert ReshapeLayer((3, 5), Input=(Automatic, 5)).shapes["Input"] == (3, 5)
    assert ReshapeLayer((Inherited, 5), Output=(3, 5)).shapes["Input"] is None
    assert ReshapeLayer((Inherited, 5), Input=(Automatic, 5), Output=(3, 5)).shapes["Input"] == (3, 5)
    assert ReshapeLayer((Inherited, Automatic), Input=(Automatic, 2, 5), Output=(3, 10)).shapes["Input"] == (3, 2, 5)
    assert ReshapeLayer((Inherited, 2, 5), Input=(3, Automatic)).shapes["Input"] == (3, 10)
    assert ReshapeLayer((2, All), Input=(2, Automatic)).shapes["Output"] == (2, Unknown)
    assert ReshapeLayer((2, All), Input=(Automatic, 5)).shapes["Output"] is None
    assert ReshapeLayer("ReferenceShape", Input=(Automatic, 15), ReferenceShape=(6, 5)).shapes["Input"] == (2, 15)
    chain = NetChain([ReshapeLayer((3, Automatic)), FlattenLayer(), 7], Input=(2, 15))
    assert chain.plan.shape((2,), "Output") == (30,)


def test_a_varying_level_is_carried_by_inherited():
    data = [example(5, 6, seed=1), example(3, 6, seed=2)]
    for dims in [(Inherited, 2, 3), (Inherited, 2, Automatic), (Inherited, Automatic, 3), (All, 2, 3)]:
        layer = ReshapeLayer(dims, Input=("n", 6))
        assert str(layer.shapes["Output"]) == "(n, 2, 3)"
        for got, x in zip(layer(data), data, strict=True):
            np.testing.assert_array_equal(got, x.reshape(-1, 2, 3))
        weights = np.random.default_rng(1).uniform(1, 2, (2, 5, 2, 3))
        weights[1, 3:] = 0
        gradient = slopes(layer, data, weights=weights)[1]["Input"]
        np.testing.assert_allclose(gradient, weights.reshape(2, 5, 6))
    assert str(ReshapeLayer((Inherited, 6), Output=("n", 6), Input=(Automatic, 2, 3)).shapes["Input"]) == "(n, 2, 3)"


def test_lengths_and_references_agree():
    layer = ReshapeLayer("ReferenceShape", Input=("n", 6), ReferenceShape=("m", 3))
    assert str(layer.shapes["ReferenceShape"]) == "(2·n, 3)"
    data = {"Input": [example(1, 6), example(2, 6)], "ReferenceShape": [example(2, 3), example(4, 3)]}
    for got, x in zip(layer(data), data["Input"], strict=True):
        np.testing.assert_array_equal(got, x.reshape(-1, 3))
    data["ReferenceShape"] = [example(2, 3), example(3, 3)]
    assert message(lambda: layer(data)) == (
        "ReferenceShape must have lengths [2, 4] to go with Input, but has [2, 3]\n"
        "  hint: give sequences whose lengths agree"
    )


KINDS = 'ReshapeLayer: dims must be a tuple of sizes, Inherited, Automatic and All, or "ReferenceShape", got '
ONE = "ReshapeLayer: dims must hold at most one Automatic or one All, got "
ERRORS = {
    "a number": (lambda: ReshapeLayer(6), KINDS + "6"),
    "a text": (lambda: ReshapeLayer("Reference"), KINDS + '"Reference"'),
    "a size of 0": (lambda: ReshapeLayer((0, 2)), KINDS + "(0, 2)"),
    "a fraction": (lambda: ReshapeLayer((1.5,)), KINDS + "(1.5,)"),
    "a name": (lambda: ReshapeLayer(("Varying", 2)), KINDS + '("Varying", 2)'),
    "two Automatic": (lambda: ReshapeLayer((Automatic, 2, Automatic)), ONE + "(Automatic, 2, Automatic)"),
    "Automatic and All": (lambda: ReshapeLayer((Automatic, All)), ONE + "(Automatic, All)"),
    "another number of elements": (
        lambda: ReshapeLayer((4, 7), Input=(2, 3, 5)),
        "ReshapeLayer: numbers of elements 30 and 28 must be equal (Input is 2×3×5, as given)",
    ),
    "no whole size": (
        lambda: ReshapeLayer((4, Automatic), Input=(2, 3, 5)),
        "ReshapeLayer: 30 does not split into 4 equal parts (Input is 2×3×5, as given)",
    ),
    "no whole size backwards": (
        lambda: ReshapeLayer((4, 7), Input=(5, Automatic)),
        "ReshapeLayer: 28 does not split into 5 equal parts (Input is 5×?, as given)",
    ),
    "nothing to inherit": (
        lambda: ReshapeLayer((2, 15, Inherited), Input=(2, 15)),
        "ReshapeLayer: Inherited at place 3 has no size to take from an Input of rank 2 (Input is 2×15, as given)",
    ),
    "nothing to inherit behind All": (
        lambda: ReshapeLayer((All, Inherited, 5, 3), Input=(15,)),
        "ReshapeLayer: Inherited at place -3 has no size to take from an Input of rank 1 (Input is 15, as given)",
    ),
    "before All": (
        lambda: ReshapeLayer((4, All), Input=(2, 3, 5)),
        "ReshapeLayer: the sizes 4 before All do not use up leading sizes of 2×3×5 (Input is 2×3×5, as given)",
    ),
    "behind All": (
        lambda: ReshapeLayer((All, 2, 5), Input=(2, 3, 5)),
        "ReshapeLayer: the sizes 2×5 behind All do not use up trailing sizes of 2×3×5 (Input is 2×3×5, as given)",
    ),
    "on both sides of All": (
        lambda: ReshapeLayer((6, All, 15), Input=(2, 3, 5)),
        "ReshapeLayer: the sizes around All use up more than the sizes of 2×3×5 (Input is 2×3×5, as given)",
    ),
    "Automatic in the place of a length": (
        lambda: ReshapeLayer((Automatic, 3), Input=("n", 6)),
        "ReshapeLayer: Automatic cannot stand for a level that varies (Input is n×6, as given)\n"
        "  hint: write Inherited in the place of that level",
    ),
    "a fixed size for a length": (
        lambda: ReshapeLayer((5, 6), Input=("n", 3)),
        "ReshapeLayer: numbers of elements 3·n and 30 must be equal (Input is n×3, as given)",
    ),
    "a length behind": (
        lambda: ReshapeLayer((6, All), Input=("n", 6)),
        "ReshapeLayer: the sizes 6 before All do not use up leading sizes of n×6 (Input is n×6, as given)",
    ),
    "an output of another rank": (
        lambda: ReshapeLayer((5, 6), Output=30),
        "ReshapeLayer gives Output of shape 5×6, but Output is given as 30",
    ),
    "lengths that never agree": (
        lambda: NetGraph(
            {"p": PartLayer("2;;"), "r": ReshapeLayer("ReferenceShape")},
            [(NetPort("Input"), "p", NetPort("r", "ReferenceShape")), (NetPort("Input"), NetPort("r", "Input"))],
            Input=("n", 2),
        ),
        "net/r: ReshapeLayer: numbers of elements 2·n and 2·n-2 must be equal (Input is n×2 from net; ReferenceShape "
        "is "
        "n-1×2 from net/p)",
    ),
    "a reference that is not there": (
        lambda: ReshapeLayer((5, 6), ReferenceShape=5),
        "ReshapeLayer: ReferenceShape is not an option\n  hint: there are Input, Output, dims",
    ),
    "data of another size": (
        lambda: ReshapeLayer("ReferenceShape")({"Input": np.zeros(6), "ReferenceShape": np.zeros((2, 5))}),
        "ReshapeLayer: numbers of elements 6 and 10 must be equal (Input is 6, as given; "
        "ReferenceShape is 2×5, as given)",
    ),
}


@pytest.mark.parametrize("what", ERRORS)
def test_errors(what):
    make, text = ERRORS[what]
    assert message(make) == text
