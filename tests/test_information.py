"""Information: every property against what the net was made of, by hand."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.examples import example
from tests.operators import Blend, Shared, Wrapped
from wlnet import (
    Automatic,
    ElementwiseLayer,
    LinearLayer,
    NetChain,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetPort,
    SoftmaxLayer,
    ThreadingLayer,
)
from wlnet.core.symbols import Quantity
from wlnet.verbs.information import PROPERTIES, Information, NetInformation, Report
from wlnet.verbs.layers_graph import LayersGraph

CHAIN = NetChain({"enc": NetChain([LinearLayer(3), "Ramp"]), "dec": LinearLayer(5, Biases=None)}, Input=7)
GRAPH = NetGraph(
    {"a": 2, "b": NetChain([3, "Tanh", 2]), "sum": ThreadingLayer("Plus")}, [("a", "b"), (("a", "b"), "sum")]
)


def test_arrays_are_listed_by_position_before_they_have_values():
    assert Information(CHAIN, "ArraysPositionList") == [("enc", 1, "Weights"), ("enc", 1, "Biases"), ("dec", "Weights")]
    assert Information(CHAIN, "Arrays") == {
        ("enc", 1, "Weights"): Automatic,
        ("enc", 1, "Biases"): Automatic,
        ("dec", "Weights"): Automatic,
    }
    assert Information(CHAIN, "ArraysDimensions") == {
        ("enc", 1, "Weights"): (3, 7),
        ("enc", 1, "Biases"): (3,),
        ("dec", "Weights"): (5, 3),
    }
    assert Information(CHAIN, "ArraysElementCounts") == {
        ("enc", 1, "Weights"): 21,
        ("enc", 1, "Biases"): 3,
        ("dec", "Weights"): 15,
    }
    assert Information(CHAIN, "ArraysByteCounts") == {
        ("enc", 1, "Weights"): 84,
        ("enc", 1, "Biases"): 12,
        ("dec", "Weights"): 60,
    }
    assert Information(CHAIN, "ArraysSizes")["dec", "Weights"] == Quantity(60, "Bytes")
    assert Information(CHAIN, "ArraysCount") == 3
    assert Information(CHAIN, "ArraysTotalElementCount") == 39
    assert Information(CHAIN, "ArraysTotalByteCount") == 156
    assert Information(CHAIN, "ArraysTotalSize") == Quantity(156, "Bytes")


def test_arrays_with_values_are_those_values():
    weights = example(3, 7)
    net = LinearLayer(3, Weights=weights)
    arrays = Information(net, "Arrays")
    assert list(arrays) == [("Weights",), ("Biases",)] and arrays["Biases",] is Automatic
    np.testing.assert_array_equal(arrays["Weights",], weights)
    first, second = Information(net, "ArraysList")
    assert first is NetExtract(net, "Weights") and second is Automatic


def test_sizes_that_are_not_known_are_automatic():
    net = NetChain([LinearLayer(3), LinearLayer()])
    assert Information(net, "ArraysDimensions") == {
        (1, "Weights"): (3, Automatic),
        (1, "Biases"): (3,),
        (2, "Weights"): (Automatic, 3),
        (2, "Biases"): (Automatic,),
    }
    assert Information(net, "ArraysElementCounts") == {
        (1, "Weights"): Automatic,
        (1, "Biases"): 3,
        (2, "Weights"): Automatic,
        (2, "Biases"): Automatic,
    }
    assert Information(net, "ArraysTotalElementCount") is Automatic
    assert Information(net, "ArraysTotalSize") is Automatic
    assert Information(net, "ArraysSizes")[1, "Weights"] is Automatic


def test_layers_are_those_that_hold_no_others():
    linear, ramp, last = LinearLayer(3), ElementwiseLayer("Ramp"), LinearLayer(5, Biases=None)
    assert Information(CHAIN, "Layers") == {("enc", 1): linear, ("enc", 2): ramp, ("dec",): last}
    assert Information(CHAIN, "LayersList") == [linear, ramp, last]
    assert Information(CHAIN, "LayersCount") == 3
    assert Information(CHAIN, "LayerTypeCounts") == {LinearLayer: 2, ElementwiseLayer: 1}
    assert Information(ramp, "Layers") == {(): ramp}
    assert Information(NetChain([]), "Layers") == {}
    assert Information(NetChain([]), "ArraysTotalElementCount") == 0


def test_ports_have_their_types():
    assert Information(CHAIN, "InputPorts") == {"Input": 7}
    assert Information(CHAIN, "OutputPorts") == {"Output": 5}
    plus = ThreadingLayer("Plus", InputPorts={"a": (2, 3), "b": "Real"}, Output=(2, 3), broadcast=1)
    assert Information(plus, "InputPorts") == {"a": (2, 3), "b": "Real"}
    assert Information(plus, "InputPortNames") == ["a", "b"]
    assert Information(plus, "OutputPortNames") == ["Output"]
    assert Information(ElementwiseLayer("Ramp"), "InputPorts") == {"Input": Automatic}


def test_the_graph_of_layers_goes_through_containers():
    source, result = NetPort("Input"), NetPort("Output")
    assert Information(GRAPH, "LayersGraph") == LayersGraph(
        (source, ("a",), ("b", 1), ("b", 2), ("b", 3), ("sum",), result),
        (
            (source, ("a",)),
            (("a",), ("b", 1)),
            (("b", 1), ("b", 2)),
            (("b", 2), ("b", 3)),
            (("a",), ("sum",)),
            (("b", 3), ("sum",)),
            (("sum",), result),
        ),
    )


def test_operators_and_states():
    net = NetChain([Wrapped(NetChain([LinearLayer(3), Blend()])), "Tanh"], Input=2)
    assert Information(net, "ArraysDimensions") == {
        (1, "Net", 1, "Weights"): (3, 2),
        (1, "Net", 1, "Biases"): (3,),
        (1, "Net", 2, "Scaling"): (3,),
        (1, "Net", 2, "Mean"): (3,),
    }
    assert Information(net, "LayerTypeCounts") == {LinearLayer: 1, Blend: 1, ElementwiseLayer: 1}
    assert Information(net, "RecurrentStatesPositionList") == []  # an operator keeps what it holds to itself
    assert Information(net[1, "Net"], "RecurrentStatesPositionList") == [(2, "State")]
    assert Information(net[1, "Net"], "RecurrentStatesCount") == 1
    assert Information(net, "LayersGraph").edges == (
        (NetPort("Input"), (1, "Net", 1)),
        ((1, "Net", 1), (1, "Net", 2)),
        ((1, "Net", 2), (2,)),
        ((2,), NetPort("Output")),
    )
    assert list(Information(net, "ArraysLearningRateMultipliers")) == [
        (1, "Net", 1, "Weights"),
        (1, "Net", 1, "Biases"),
        (1, "Net", 2, "Scaling"),
    ]


def test_a_shared_array_is_listed_once():
    weights = Shared("w", example(3, 3))
    net = NetChain([LinearLayer(3, Weights=weights), LinearLayer(3, Weights=weights, Biases=None)], Input=3)
    assert Information(net, "ArraysPositionList") == [(1, "Weights"), (1, "Biases")]
    assert Information(net, "ArraysTotalElementCount") == 12
    assert Information(net, "SharedArraysCount") == 1
    assert Information(CHAIN, "SharedArraysCount") == 0


def test_multipliers_come_from_containers_and_layers():
    net = NetChain({"a": LinearLayer(3, LearningRateMultipliers=0), "b": 2}, Input=5, LearningRateMultipliers={"b": 4})
    expected = {("a", "Weights"): 0.0, ("a", "Biases"): 0.0, ("b", "Weights"): 4.0, ("b", "Biases"): 4.0}
    assert Information(net, "ArraysLearningRateMultipliers") == expected
    assert Information(net, "WeightsLearningRateMultipliers") == expected


def test_the_hash_is_of_the_structure():
    seeds = [NetInitialize(CHAIN, RandomSeeding=seed) for seed in (1, 2)]
    assert len({Information(net, "TopologyHash") for net in [*seeds, CHAIN]}) == 1
    others = [
        NetChain({"enc": NetChain([3, "Ramp"]), "dec": LinearLayer(5)}, Input=7),
        NetChain({"enc": NetChain([3, "Tanh"]), "dec": LinearLayer(5, Biases=None)}, Input=7),
        NetChain({"enc": NetChain([3, "Ramp"]), "dec": LinearLayer(5, Biases=None)}, Input=2),
        NetChain({"enc": NetChain([3, "Ramp"]), "d": LinearLayer(5, Biases=None)}, Input=7),
        NetGraph({"a": LinearLayer(3), "b": LinearLayer(3)}, [("a", "b")], Input=3),
        NetGraph({"a": LinearLayer(3), "b": LinearLayer(3)}, [("b", "a")], Input=3),
    ]
    assert len({Information(net, "TopologyHash") for net in [CHAIN, *others]}) == len(others) + 1


def test_the_hash_is_the_same_in_every_process():
    code = f"import wlnet; from wlnet.verbs.information import Information; from wlnet import *; {CODE}"
    options = {"capture_output": True, "text": True, "check": True}
    prints = {
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, **options).stdout
        for seed in ("1", "2")
    }
    net = NetGraph({"a": ElementwiseLayer(lambda x: x * 3), "b": LinearLayer(2)}, [("a", "b")])
    assert prints == {f"{Information(net, 'TopologyHash')}\n"}


CODE = (
    'net = NetGraph({"a": ElementwiseLayer(lambda x: x * 3), "b": LinearLayer(2)}, [("a", "b")]); '
    'print(Information(net, "TopologyHash"))'
)


def test_several_nets_give_several_answers():
    assert Information([CHAIN, SoftmaxLayer()], "ArraysCount") == [3, 0]
    assert Information([CHAIN, SoftmaxLayer()]) == [Report(CHAIN), Report(SoftmaxLayer())]
    assert NetInformation(CHAIN, "LayersCount") == 3


def test_a_report_holds_the_numbers():
    assert Information(CHAIN)["ArraysTotalElementCount"] == 39


def test_every_property_answers_for_every_kind_of_net():
    assert Information(CHAIN, "Properties") == sorted(PROPERTIES)
    for net in (CHAIN, GRAPH, LinearLayer(), SoftmaxLayer(), NetChain([]), Wrapped(LinearLayer(3))):
        for name in Information(net, "Properties"):
            if name == "InputForm" and isinstance(net, Wrapped):  # a user's own layer
                with pytest.raises(NetError, match=r"^Wrapped is not a layer of Wolfram's"):
                    Information(net, name)
                continue
            assert Information(net, name) is not None, (net, name)


def test_what_is_not_a_property():
    with pytest.raises(NetError) as e:
        Information(CHAIN, "ArrayCount")
    assert str(e.value) == '"ArrayCount" is not a property of a net\n  hint: did you mean ArraysCount?'
    with pytest.raises(NetError) as e:
        Information(CHAIN, ["Arrays"])
    assert str(e.value).startswith('["Arrays"] is not a property of a net\n  hint: did you mean Arrays?')
    with pytest.raises(NetError) as e:
        Information(3)
    assert str(e.value) == "Information takes a net or a list of nets, got 3"


def test_taking_values_away_keeps_the_arrays_that_are_none():
    net = NetInitialize(NetInitialize(LinearLayer(2, Biases=None, Input=3)), None)
    assert Information(net, "Arrays") == {("Weights",): Automatic}
