"""ParametricRampLayer, ConstantTimesLayer and ConstantPlusLayer by their formulas."""

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    Automatic,
    ConstantPlusLayer,
    ConstantTimesLayer,
    NetChain,
    NetError,
    NetExtract,
    NetInitialize,
    NetTrain,
    NormalDistribution,
    ParametricRampLayer,
)


def test_each_place_along_level_1_has_its_slope():
    x, slope = example(3, 5), np.array([0.1, -2, 3], np.float32)
    layer = ParametricRampLayer(Slope=slope, Input=(3, 5))
    assert_close(layer(x), np.where(x >= 0, x, slope[:, None] * x))
    assert_close(layer([x, -x]), [layer(x), layer(-x)])


@pytest.mark.parametrize(
    "levels, shape, wide",
    [
        (1, (2,), (2, 1, 1)),
        (-1, (5,), (1, 1, 5)),
        ("2;;3", (3, 5), (1, 3, 5)),
        ((3, 1), (2, 5), (2, 1, 5)),
        ("1;;-1", (2, 3, 5), (2, 3, 5)),
        ((), (), (1, 1, 1)),
        ([], (), (1, 1, 1)),
    ],
)
def test_the_slopes_have_the_sizes_of_the_levels_in_their_order(levels, shape, wide):
    x, slope = example(2, 3, 5), example(*shape, seed=1)
    layer = ParametricRampLayer(levels, Slope=slope, Input=(2, 3, 5))
    assert layer.shapes["Slope"] == shape
    assert_close(layer(x), np.where(x >= 0, x, slope.reshape(wide) * x))


def test_the_slope_starts_at_a_tenth_and_the_kink_belongs_to_the_ramp():
    layer = NetInitialize(ParametricRampLayer(Input=3))
    assert NetExtract(layer, "Slope").tolist() == [np.float32(0.1)] * 3
    assert_close(layer([-1, 0, 1]), [-0.1, 0, 1])


def test_a_given_slope_tells_the_size_of_the_input():
    assert ParametricRampLayer(2, Slope=[1, 2, 3], Input=(5, Automatic)).shapes["Output"] == (5, 3)


def test_a_leak_that_is_fixed_stays():
    layer = ParametricRampLayer((), Slope=0.25, LearningRateMultipliers=0, Input=3)
    net = NetInitialize(NetChain([3, layer, 1], Input=2))
    trained = NetTrain(net, (example(7, 2), example(7, 1, seed=1)), MaxTrainingRounds=2, RandomSeeding=1)
    assert NetExtract(trained, (2, "Slope")).item() == 0.25
    assert not np.array_equal(NetExtract(trained, (1, "Weights")), NetExtract(net, (1, "Weights")))


def test_times_and_plus_are_element_by_element():
    x, array = example(3, 5), example(3, 5, seed=1)
    assert_close(ConstantTimesLayer(Scaling=array)(x), array * x)
    assert_close(ConstantPlusLayer(Biases=array)(x), x + array)
    assert ConstantTimesLayer(Scaling=3)(2).item() == 6
    assert ConstantPlusLayer(Biases=3)([2, 5]).tolist() == [5, 8]


def test_times_starts_as_ones_and_plus_as_zeros():
    assert NetExtract(NetInitialize(ConstantTimesLayer(Input=(2, 3))), "Scaling").tolist() == [[1] * 3] * 2
    assert NetExtract(NetInitialize(ConstantPlusLayer(Input=(2, 3))), "Biases").tolist() == [[0] * 3] * 2
    method = ("Random", {"Biases": NormalDistribution(5, 0)})
    assert NetExtract(NetInitialize(ConstantPlusLayer(Input=3), Method=method), "Biases").tolist() == [5] * 3


def test_the_shape_is_inferred_from_either_side():
    net = NetChain([ConstantTimesLayer(), ConstantPlusLayer(Biases=[1, 2, 3])])
    assert net.plan.shape((1,), "Scaling") == (3,)
    assert ConstantTimesLayer(Output=(3, 5)).shapes["Scaling"] == (3, 5)


ERRORS = [
    (
        lambda: ParametricRampLayer(0),
        'ParametricRampLayer: levels must be a level, a span such as "2;;All", a tuple of levels, or All; '
        "levels are whole numbers from 1, or from -1 backwards, got 0",
    ),
    (
        lambda: ParametricRampLayer(2, Input=3),
        "ParametricRampLayer: levels 2 are not all levels of an array of rank 1 (Input is 3, as given)",
    ),
    (
        lambda: ParametricRampLayer(Input="Varying"),
        "ParametricRampLayer: Slope would be of shape Varying, but an array of a layer cannot vary "
        "(Input is Varying, as given)\n"
        "  hint: map the layer over the sequence with NetMapOperator, or give Input a fixed size",
    ),
    (
        lambda: ConstantTimesLayer(Input=("Varying", 3)),
        "ConstantTimesLayer: Scaling would be of shape Varying×3, but an array of a layer cannot vary "
        "(Input is Varying×3, as given)\n"
        "  hint: map the layer over the sequence with NetMapOperator, or give Input a fixed size",
    ),
    (
        lambda: ParametricRampLayer(Slope=[1, 2], Input=3),
        "ParametricRampLayer has Slope of shape 2, where sloped is 2, but the rest makes sloped 3 "
        "(Input is 3, as given)",
    ),
    (lambda: ParametricRampLayer(Slope=None), "ParametricRampLayer: Slope cannot be None"),
    (lambda: ConstantTimesLayer(Scaling=None), "ConstantTimesLayer: Scaling cannot be None"),
    (lambda: ConstantPlusLayer(Biases=None), "ConstantPlusLayer: Biases cannot be None"),
]


@pytest.mark.parametrize("make, text", ERRORS, ids=[text for _, text in ERRORS])
def test_errors(make, text):
    with pytest.raises(NetError) as e:
        make()
    assert str(e.value) == text
