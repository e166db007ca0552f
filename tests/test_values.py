"""A net is a value: it prints as its code, compares, hashes, pickles, is its own copy, and cannot be changed."""

import copy
import inspect
import pickle

import numpy as np
import pytest

import wlnet
from tests.examples import example
from wlnet import (
    Automatic,
    BatchNormalizationLayer,
    CatenateLayer,
    ConvolutionLayer,
    ElementwiseLayer,
    LinearLayer,
    NetChain,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetPort,
    Plus,
    Ramp,
    SoftmaxLayer,
)

NAMES = vars(wlnet)
WEIGHTS, BIASES = example(2, 3), example(2, seed=1)
BARE = [
    LinearLayer(2),
    LinearLayer((2, 3), Biases=None, Input=(5, Automatic)),
    LinearLayer((), Input=3),
    ConvolutionLayer(5, (2, 3), Stride=(2, 1), Input=(3, 7, 11)),
    BatchNormalizationLayer(Epsilon=1e-5),
    ElementwiseLayer(lambda x: x * x + 1),
    SoftmaxLayer(1, Input=("n", 3)),
    CatenateLayer(InputPorts=["a", "b"]),
    NetChain({"a": 5, "say \"b\"": [Ramp, 7]}, Input=3, Output=7),
    NetGraph({"a": 3, "b": 3, "f": Plus}, [(("a", "b"), "f", NetPort("sum"))], Input=5),
]  # fmt: skip
FULL = [NetInitialize(net, RandomSeeding=3) for net in BARE if net.plan.is_known((), "Input")]


@pytest.mark.parametrize("net", BARE, ids=repr)
def test_a_net_prints_as_the_code_that_makes_it(net):
    again = eval(repr(net), dict(NAMES))
    assert again == net and repr(again) == repr(net) == str(net)


@pytest.mark.parametrize("net", BARE + FULL, ids=repr)
def test_pickling_gives_an_equal_net(net):
    again = pickle.loads(pickle.dumps(net))
    assert again == net and hash(again) == hash(net) and again is not net
    assert again.plan.shapes == net.plan.shapes


def test_pickled_arrays_are_read_only():
    layer = pickle.loads(pickle.dumps(LinearLayer(2, Weights=WEIGHTS)))
    with pytest.raises(ValueError, match="read-only"):
        layer.Weights[0, 0] = 1


@pytest.mark.parametrize("net", [BARE[0], *FULL], ids=repr)
def test_a_copy_is_the_net_itself(net):
    assert copy.copy(net) is net and copy.deepcopy(net) is net and copy.deepcopy([net])[0] is net
    assert net.copy() is net and net.model_copy() is net


def test_equality_compares_specification_and_arrays():
    layer = LinearLayer(2, Weights=WEIGHTS, Biases=BIASES)
    assert layer == LinearLayer(2, Weights=WEIGHTS.tolist(), Biases=BIASES)
    assert layer != LinearLayer(2, Weights=WEIGHTS + 1, Biases=BIASES)
    assert layer != LinearLayer(2) and LinearLayer(2) != LinearLayer(3) and LinearLayer(2) != 2
    assert NetChain([Ramp]) != NetGraph([Ramp], [])


def test_the_order_of_options_does_not_count():
    one, other = LinearLayer(Weights=WEIGHTS, Biases=BIASES), LinearLayer(Biases=BIASES, Weights=WEIGHTS)
    assert one == other and hash(one) == hash(other) and repr(one) == repr(other)
    assert NetChain([3], Input=5, Output=3) == NetChain([3], Output=3, Input=5)


def test_nets_are_keys():
    table = {LinearLayer(3): "three", NetChain([Ramp]): "chain"}
    assert table[LinearLayer(3)] == "three" and table[NetChain([Ramp])] == "chain"


# --- nothing is changed ---------------------------------------------------------------------------------------------


def test_arrays_are_read_only_and_the_users_own_stay_writable():
    mine = WEIGHTS.copy()
    layer = LinearLayer(2, Weights=mine)
    with pytest.raises(ValueError, match="read-only"):
        layer.Weights[0, 0] = 1
    mine[0, 0] = 17
    assert layer.Weights[0, 0] == WEIGHTS[0, 0]


def test_a_read_only_view_of_the_users_array_is_copied():
    mine = WEIGHTS.copy()
    view = mine.view()
    view.setflags(write=False)
    layer = LinearLayer(2, Weights=view)
    mine[0, 0] = 17
    assert layer.Weights[0, 0] == WEIGHTS[0, 0]


def test_a_list_of_layers_that_is_changed_later_changes_no_net():
    layers = [LinearLayer(3), ElementwiseLayer("Ramp")]
    net = NetChain(layers)
    layers.append(LinearLayer(5))
    assert len(net) == 2


def test_functions_of_nets_leave_them_as_they_are():
    net = NetChain([LinearLayer(2), Ramp], Input=3)
    text, before = repr(net), hash(net)
    filled = NetInitialize(net)
    filled(example(5, 3))
    filled(example(3), NetEvaluationMode="Train")
    NetExtract(net, 1)
    assert repr(net) == text and hash(net) == before and NetExtract(net, (1, "Weights")) is Automatic


CHANGE = "\n  hint: make another, or use NetReplacePart(net, {part: value})"


def set_item(net):
    net[1] = LinearLayer(5)


REFUSALS = [
    (lambda: setattr(LinearLayer(2), "n", 3), 'LinearLayer is a value: "n" of it cannot be changed'),
    (lambda: setattr(LinearLayer(2), "Weights", 3), 'LinearLayer is a value: "Weights" of it cannot be changed'),
    (lambda: setattr(NetChain([2]), "anything", 3), 'NetChain is a value: "anything" of it cannot be changed'),
    (lambda: delattr(LinearLayer(2), "n"), 'LinearLayer is a value: "n" of it cannot be changed'),
    (lambda: set_item(NetChain([2])), "NetChain is a value: 1 of it cannot be changed"),
]


@pytest.mark.parametrize("call, text", REFUSALS, ids=[text for _, text in REFUSALS])
def test_a_value_cannot_be_changed(call, text):
    with pytest.raises(NetError) as e:
        call()
    assert str(e.value) == text + CHANGE


def test_an_array_of_nets_is_no_array():
    with pytest.raises(NetError) as e:
        np.asarray([NetChain([3])])
    assert str(e.value) == "a NetChain is a net, not an array of numbers\n  hint: evaluate: net(x)"


# --- arguments ------------------------------------------------------------------------------------------------------


def test_signatures_show_arguments_options_and_defaults():
    linear = inspect.signature(LinearLayer).parameters
    assert list(linear) == ["n", "LearningRateMultipliers", "Input", "Output", "Weights", "Biases"]
    convolution = inspect.signature(ConvolutionLayer).parameters
    assert list(convolution)[:2] == ["n", "kernel"] and convolution["Stride"].default == 1
    assert {p.kind for p in list(convolution.values())[2:]} == {inspect.Parameter.KEYWORD_ONLY}


def test_settings_may_be_numpy_arrays():
    assert ConvolutionLayer(5, np.array([2, 3])) == ConvolutionLayer(5, (2, 3))
    assert LinearLayer(np.array([2, 3])) == LinearLayer((2, 3)) and LinearLayer(np.int64(2)) == LinearLayer(2)


ARGUMENTS = [
    (lambda: LinearLayer(1, 2), "LinearLayer takes at most 1 (n), got 2\n  hint: give options by name"),
    (lambda: LinearLayer(1, n=2), "LinearLayer got n twice, by position and by name"),
    (lambda: LinearLayer(Baises=None), "LinearLayer: Baises is not an option\n  hint: did you mean Biases?"),
    (
        lambda: LinearLayer(given=3),
        "LinearLayer: given is not an option\n"
        "  hint: there are LearningRateMultipliers, Input, Output, Weights, Biases, n",
    ),
    (
        lambda: LinearLayer(1.5),
        "LinearLayer: n must be a positive whole number, a tuple of them, or Automatic, got 1.5",
    ),
    (lambda: ElementwiseLayer(), "ElementwiseLayer needs f\n  hint: write ElementwiseLayer(f, …)"),
    (
        lambda: LinearLayer(2, Weights=[[1, 2], [3]]),
        "LinearLayer: Weights must be an array of numbers with rows of equal size",
    ),
    (lambda: LinearLayer(2, Weights="a"), "LinearLayer: Weights must be an array of real numbers, got <U1 values"),
    (
        lambda: LinearLayer(2, Weights=[[1e300, 2]]),
        "LinearLayer: Weights must be an array of numbers of single precision, got larger ones",
    ),
    (
        lambda: LinearLayer(2, Weights=WEIGHTS, Biases=[1, 2, 3]),
        "LinearLayer has Biases of shape 2, but Biases is given as 3 (Weights is 2×3, as given)\n"
        "  hint: Weights fix that size: give other arrays, or another Biases",
    ),
    (
        lambda: LinearLayer(2, Weights=WEIGHTS, Input=5),
        "LinearLayer has Weights of shape 2×3, where inputs is 3, but the rest makes inputs 5 (Input is 5, as given)",
    ),
]


@pytest.mark.parametrize("call, text", ARGUMENTS, ids=[text[:60] for _, text in ARGUMENTS])
def test_arguments_are_refused(call, text):
    with pytest.raises(NetError) as e:
        call()
    assert str(e.value) == text


def test_an_error_pickles():
    with pytest.raises(NetError) as e:
        NetChain([LinearLayer(3, Input=5), LinearLayer(2, Input=7)])
    again = pickle.loads(pickle.dumps(e.value))
    assert str(again) == str(e.value) and (again.path, again.expected, again.got) == ((1,), "3", "7")
