"""NetArrayLayer: the array is the output."""

import pytest

from tests.examples import assert_close, example
from wlnet import (
    ConstantArrayLayer,
    DotLayer,
    NetArrayLayer,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetPort,
    NetTrain,
    TotalLayer,
)


def test_the_output_is_the_array():
    array = example(3, 5)
    layer = NetArrayLayer(Array=array)
    assert layer.shapes == {"Output": (3, 5), "Array": (3, 5)}
    assert_close(layer(), array)
    assert_close(NetExtract(layer, "Array"), array)
    assert_close(layer({}), array)
    assert NetArrayLayer(Array=7)().item() == 7
    assert ConstantArrayLayer(Array=[1, 2])().tolist() == [1, 2]


def test_every_example_of_a_batch_meets_the_array():
    array, x = example(3, 5), example(2, 7, 3)
    net = NetGraph({"a": NetArrayLayer(Array=array), "d": DotLayer()}, [((NetPort("Input"), "a"), "d")], Input=(7, 3))
    assert_close(net(x), x @ array, rtol=1e-4)
    assert_close(net(x, NetPort("a", "Output")), [array, array])


def test_its_shape_is_inferred_and_its_values_are_filled_as_weights():
    net = NetGraph({"a": NetArrayLayer(), "t": TotalLayer()}, [(("a", NetPort("Input")), "t")], Input=(97, 101))
    array = NetExtract(NetInitialize(net), ("a", "Array"))
    assert array.shape == (97, 101)
    assert array.var() == pytest.approx(2 / 101, rel=0.1)  # He: two over the inputs of a unit, the last level
    again = NetExtract(NetInitialize(net, Method=("Random", {"Weights": 3})), ("a", "Array"))
    assert again.std() == pytest.approx(3, rel=0.05)


def test_it_learns():
    net = NetGraph({"a": NetArrayLayer(Output=3), "t": TotalLayer()}, [((NetPort("Input"), "a"), "t")], Input=3)
    x = example(7, 3)
    trained = NetTrain(net, (x, x + [1, 2, 3]), MaxTrainingRounds=400, LearningRate=0.05, RandomSeeding=1)
    assert_close(NetExtract(trained, ("a", "Array")), [1, 2, 3], rtol=0.05)


ERRORS = [
    (
        lambda: NetArrayLayer(Output=3)(),
        "NetArrayLayer has no values for Array\n  hint: NetInitialize(net) gives it initial values",
    ),
    (
        lambda: NetInitialize(NetArrayLayer()),
        "NetArrayLayer: the shape of Array is not known (?), because the shape of Output is ?\n"
        "  hint: say it, as in Output=(3, 8), on the layer or on the net",
    ),
    (lambda: NetArrayLayer(Array=[1])(3), "NetArrayLayer has no input port, but got 3\n  hint: write net()"),
    (
        lambda: NetArrayLayer(Array=["a"]),
        "NetArrayLayer: Array must be an array of real numbers, got <U1 values",
    ),
    (lambda: NetArrayLayer(Array=None), "NetArrayLayer: Array cannot be None"),
    (
        lambda: NetArrayLayer(Output="Varying"),
        "NetArrayLayer: Array would be of shape Varying, but an array of a layer cannot vary\n"
        "  hint: map the layer over the sequence with NetMapOperator, or give Input a fixed size",
    ),
    (
        lambda: NetArrayLayer(Array=[1, 2], Output=3),
        "NetArrayLayer has Array of shape 3, but Array is given as 2",
    ),
]


@pytest.mark.parametrize("make, text", ERRORS, ids=[text for _, text in ERRORS])
def test_errors(make, text):
    with pytest.raises(NetError) as e:
        make()
    assert str(e.value) == text
