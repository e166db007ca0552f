"""Options: of classes, functions and nets."""

import pytest

from wlnet import Automatic, ElementwiseLayer, LinearLayer, NetChain, NetError, NetExtract, NetInitialize, SoftmaxLayer
from wlnet.verbs.options import Options


def test_the_options_of_a_layer_class():
    assert Options(LinearLayer) == {
        "LearningRateMultipliers": Automatic,
        "Input": Automatic,
        "Output": Automatic,
        "Weights": Automatic,
        "Biases": Automatic,
    }
    assert Options(SoftmaxLayer) == {"Input": Automatic, "Output": Automatic}
    assert Options(NetChain) == {"LearningRateMultipliers": Automatic}


def test_every_option_of_a_class_can_be_given_as_its_default():
    for made, argument in ((LinearLayer, 3), (ElementwiseLayer, "Ramp"), (NetChain, [2])):
        assert made(argument, **Options(made)) == made(argument)


def test_the_options_of_a_function():
    assert Options(NetInitialize) == {"Method": "Kaiming", "RandomSeeding": 1234}
    assert Options(NetExtract) == {}


def test_the_options_of_a_net_are_those_of_its_evaluation():
    expected = {
        "BatchSize": Automatic,
        "NetEvaluationMode": "Test",
        "RandomSeeding": Automatic,
        "TargetDevice": "CPU",
        "WorkingPrecision": "Real32",
    }
    assert Options(LinearLayer(3)) == Options(NetChain([2])) == expected
    Options(LinearLayer(3))["BatchSize"] = 1
    assert Options(LinearLayer(3)) == expected


@pytest.mark.parametrize("thing, text", [(3, "3"), ("LinearLayer", '"LinearLayer"'), (dict, "dict")])
def test_what_has_no_options(thing, text):
    with pytest.raises(NetError) as e:
        Options(thing)
    assert str(e.value) == (
        f"Options takes a net, a layer class or a function of wlnet, got {text}\n"
        "  hint: write Options(LinearLayer), Options(net) or Options(NetInitialize)"
    )
