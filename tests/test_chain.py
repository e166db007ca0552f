"""NetChain: every form of its layers, its ports, what Python may ask of it, and what it refuses."""

import inspect

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from wlnet import (
    CatenateLayer,
    DropoutLayer,
    ElementwiseLayer,
    LinearLayer,
    MeanSquaredLossLayer,
    NetChain,
    NetError,
    NetInitialize,
    Nothing,
    Plus,
    Ramp,
    SoftmaxLayer,
    Tanh,
    ThreadingLayer,
    TotalLayer,
)

NAMES = vars(wlnet)
LINEAR = LinearLayer(2, Weights=example(2, 3), Biases=example(2, seed=1))


# --- forms of the layers --------------------------------------------------------------------------------------------


def test_a_list_gives_layers_positions():
    chain = NetChain([LINEAR, SoftmaxLayer()])
    assert list(chain.layers) == [1, 2] and not chain.is_named
    assert chain[1] is LINEAR


def test_a_dict_gives_layers_names_in_order():
    chain = NetChain({"b": LINEAR, "a": SoftmaxLayer()})
    assert list(chain.layers) == ["b", "a"] and chain["b"] is LINEAR
    x = example(3)
    weights, biases = example(2, 3), example(2, seed=1)
    score = np.exp(weights @ x + biases)
    assert_close(chain(x), score / score.sum())


def test_a_list_of_pairs_is_a_dict():
    assert NetChain([("b", LINEAR), ("a", Ramp)]) == NetChain({"b": LINEAR, "a": Ramp})


@pytest.mark.parametrize(
    "shorthand, layer",
    [
        (5, LinearLayer(5)),
        (np.int64(5), LinearLayer(5)),
        (Tanh, ElementwiseLayer("Tanh")),
        ("Tanh", ElementwiseLayer("Tanh")),
        ("SELU", ElementwiseLayer("SELU")),
        (np.tanh, ElementwiseLayer("Tanh")),
        (lambda x: x * x, ElementwiseLayer(lambda x: x * x)),
        ([5, Ramp], NetChain([5, Ramp])),
        ({"a": 5}, NetChain({"a": 5})),
    ],
)
def test_a_shorthand_stands_for_a_layer(shorthand, layer):
    assert NetChain([shorthand])[1] == layer


def test_nested_lists_nest_deeper():
    assert NetChain([3, [5, [7]]])[2, 2, 1] == LinearLayer(7)


@pytest.mark.parametrize("layers", [[Nothing, 3, Nothing], [[Nothing], 3][1:]])
def test_nothing_drops_out_of_a_list(layers):
    assert NetChain(layers) == NetChain([3])


def test_nothing_drops_out_of_a_dict():
    assert NetChain({"a": Nothing, "b": 3}) == NetChain({"b": 3})


@pytest.mark.parametrize("empty", [[], {}, (), [Nothing]])
def test_an_empty_chain_is_the_identity(empty):
    chain = NetChain(empty)
    assert chain([[1, 2, 3]]).tolist() == [[1, 2, 3]]
    assert repr(chain) == "NetChain([])" and chain == NetChain([])


def test_an_empty_chain_gives_a_copy():
    x = example(5)
    before = x.copy()
    NetChain([])(x)[:] = 0
    assert np.array_equal(x, before)


def test_integer_names_that_are_no_positions_stay_names():
    chain = NetChain({2: 5, 1: 3}, Input=7)
    assert chain[2] == LinearLayer(5) and eval(repr(chain), NAMES) == chain
    assert NetChain({1: 5, 2: 3}) == NetChain([5, 3])


# --- ports ----------------------------------------------------------------------------------------------------------


def test_input_and_output_types_reach_the_layers():
    chain = NetChain([5, Ramp, LinearLayer()], Input=3, Output=7)
    assert chain.plan.shape((1,), "Weights") == (5, 3) and chain.plan.shape((3,), "Weights") == (7, 5)


def test_a_first_layer_with_several_inputs_gives_them_to_the_chain():
    chain = NetChain([MeanSquaredLossLayer(), ElementwiseLayer(lambda x: 2 * x)])
    assert list(chain.outer) == ["Input", "Target", "Output"]
    assert chain({"Input": [1, 2, 3], "Target": [1, 4, 3]}) == pytest.approx(8 / 3)


def test_a_last_layer_with_several_outputs_gives_them_to_the_chain():
    chain = NetChain([LINEAR, DropoutLayer(0.5, OutputPorts=["Output", "BinaryMask"])])
    result = chain(example(3))
    assert list(result) == ["Output", "BinaryMask"]
    assert_close(result["Output"], LINEAR(example(3)))


@pytest.mark.parametrize("layer", [CatenateLayer(), ThreadingLayer(Plus), TotalLayer()])
def test_a_layer_of_any_number_of_inputs_has_one_behind_another(layer):
    chain = NetChain([LINEAR, layer])
    assert chain[2].InputPorts.count == 1
    assert_close(chain(example(3)), LINEAR(example(3)))


def test_learning_rate_multipliers_print():
    chain = NetChain([3], LearningRateMultipliers={1: 0})
    assert repr(chain) == "NetChain([LinearLayer(3)], LearningRateMultipliers={1: 0})"


# --- what Python asks -----------------------------------------------------------------------------------------------


def test_length_and_iteration_are_those_of_the_layers():
    chain = NetChain([5, Ramp, 3])
    assert len(chain) == 3 and list(chain) == [LinearLayer(5), ElementwiseLayer("Ramp"), LinearLayer(3)]
    assert LinearLayer(3) in chain and LinearLayer(7) not in chain
    assert bool(NetChain([]))


def test_the_same_layer_may_stand_in_two_places():
    ramp = ElementwiseLayer("Ramp")
    chain = NetChain([ramp, 3, ramp])
    assert chain.key_of(-1) == 3 and chain.key_of(1) == 1


def test_signature_shows_layers_options_and_ports():
    text = str(inspect.signature(NetChain))
    assert text == "(layers, /, *, LearningRateMultipliers=Automatic, Input=Automatic, Output=Automatic, **ports)"


@pytest.mark.parametrize(
    "chain",
    [
        NetChain([30, "Ramp", 3, SoftmaxLayer()], Input=4),
        NetChain({"a": Tanh, "b b": [Ramp, {"c": Tanh}]}, Input=("n", 7)),
        NetChain([MeanSquaredLossLayer()], Input=3, Target=3),
        NetChain([]),
    ],
    ids=repr,
)
def test_a_chain_prints_as_the_code_that_makes_it(chain):
    again = eval(repr(chain), NAMES)
    assert again == chain and hash(again) == hash(chain)


# --- refusals -------------------------------------------------------------------------------------------------------

SHORTHANDS = (
    "\n  hint: a layer may be written as a layer, a size, a function such as Ramp, or a list of these (a chain)"
)
PORT_TYPES = (
    '\n  hint: a port type is a size such as 4, sizes such as (3, Automatic), "Real", "Integer", "Varying", '
    '("Varying", 3), Restricted("Integer", 5) or a coder'
)
REFUSALS = [
    (
        lambda: NetChain(),
        "NetChain takes one list of layers, got none\n  hint: write NetChain([layer, layer])",
    ),
    (
        lambda: NetChain(LINEAR, Ramp),
        "NetChain takes one list of layers, got 2 arguments\n  hint: write NetChain([layer, layer])",
    ),
    (
        lambda: NetChain(LinearLayer(3)),
        "NetChain takes a list of layers, got LinearLayer(3)\n  hint: write NetChain([layer])",
    ),
    (lambda: NetChain(3), "NetChain: 3 is not a list or a dict of layers" + SHORTHANDS),
    (lambda: NetChain([3, None]), "NetChain: layer 2: None is not a layer" + SHORTHANDS),
    (lambda: NetChain([True]), "NetChain: layer 1: True is not a layer" + SHORTHANDS),
    (lambda: NetChain([1.5]), "NetChain: layer 1: 1.5 is not a layer" + SHORTHANDS),
    (
        lambda: NetChain({"a": SoftmaxLayer}),
        "NetChain: layer a: SoftmaxLayer is not a layer\n  hint: write it with brackets, as in SoftmaxLayer()",
    ),
    (
        lambda: NetChain([3, "Rampp"]),
        'NetChain: layer 2: ElementwiseLayer: f must be the name of a function, got "Rampp"\n'
        "  hint: did you mean Ramp?",
    ),
    (
        lambda: NetChain([3, 0]),
        "NetChain: layer 2: LinearLayer: n must be a positive whole number, a tuple of them, or Automatic, got 0",
    ),
    (
        lambda: NetChain([3, [5, LinearLayer(7, Input=2)]]),
        "NetChain: layer 2: net/1: LinearLayer gives Output of shape 5, but Input of net/2 is given as 2",
    ),
    (
        lambda: NetChain([("a", 3), 5]),
        "NetChain: some layers are named and some are not\n  hint: name all of them, or none",
    ),
    (lambda: NetChain([("a", 3, 5)]), 'NetChain: ("a", 3, 5) is not a pair of a name and a layer'),
    (lambda: NetChain([("a", 3), ("a", 5)]), "NetChain: two layers are named 'a'"),
    (lambda: NetChain({1.5: 3}), "NetChain: 1.5 is not a name for a layer\n  hint: names are texts"),
    (lambda: NetChain([3], layers=[5]), "NetChain: layers is not an option\n  hint: options are capital"),
    (lambda: NetChain([3], Inptu=5), "NetChain: Inptu is not an option\n  hint: did you mean Input?"),
    (lambda: NetChain([3], Input="Vary"), 'NetChain: Input="Vary" is not a port type\n  hint: did you mean Varying?'),
    (lambda: NetChain([3], Input=None), "NetChain: Input=None is not a port type" + PORT_TYPES),
    (lambda: NetChain([3], Input=0), "NetChain: Input=0 is not a port type" + PORT_TYPES),
    (
        lambda: NetChain([3], Input=(3, "Varying")),
        'NetChain: Input: level 2 is "Varying", but only the first level of a port may vary\n'
        "  hint: put the varying level first, or give that size",
    ),
    (
        lambda: NetChain([3, MeanSquaredLossLayer()]),
        "net/2: MeanSquaredLossLayer stands behind another layer in a NetChain, and so needs exactly one input port; "
        "it has 2 (Input, Target)\n  hint: connect its ports by name in a NetGraph",
    ),
    (
        lambda: NetChain({"drop": DropoutLayer(OutputPorts=["Output", "BinaryMask"]), "b": 3}),
        "net/drop: DropoutLayer stands in front of another layer in a NetChain, and so needs exactly one output port; "
        "it has 2 (Output, BinaryMask)\n  hint: connect its ports by name in a NetGraph",
    ),
    (
        lambda: NetInitialize(NetChain([3, 5])),
        "net/1: LinearLayer: the shape of Weights is not known (3×?), because the shape of Input is ?\n"
        "  hint: say it, as in Input=(3, 8), on the layer or on the net",
    ),
]


@pytest.mark.parametrize("call, text", REFUSALS, ids=[text[:50] for _, text in REFUSALS])
def test_a_chain_refuses(call, text):
    with pytest.raises(NetError) as e:
        call()
    assert str(e.value) == text
