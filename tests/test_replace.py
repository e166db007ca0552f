"""NetReplacePart and NetReplace."""

import numpy as np
import pytest

from tests.examples import example
from wlnet import (
    Automatic,
    ElementwiseLayer,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetWarning,
    Nothing,
    Ramp,
    SoftmaxLayer,
)
from wlnet.verbs.exchange import NetReplace
from wlnet.verbs.replace import NetReplacePart

NET = NetInitialize(NetChain({"a": 3, "b": "Tanh", "c": 5}, Input=2))
DEEP = NetInitialize(NetChain({"x": [3, Ramp], "y": 5}, Input=2))


@pytest.mark.parametrize(
    "part", ["a", 2, ("x", 1, "Weights"), ("x", 1, "n"), "Input", ("y", "Output"), ("x", 2), ("x", 2, "Function")]
)
def test_what_netextract_gave_changes_nothing(part):
    net = DEEP if part != "a" else NET
    assert NetReplacePart(net, [(part, NetExtract(net, part))]) == net


def test_arrays_are_replaced_and_the_others_shared():
    biases = example(3, seed=5)
    net = NetReplacePart(DEEP, {("x", 1, "Biases"): biases})
    assert np.array_equal(net["x", 1, "Biases"], biases) and net.plan is DEEP.plan
    assert net.layers["y"] is DEEP.layers["y"]
    assert net.layers["x"].layers[1].arrays["Weights"] is DEEP.layers["x"].layers[1].arrays["Weights"]
    assert NetReplacePart(NET, {("a", "Weights"): Automatic})["a", "Weights"] is Automatic
    assert NetReplacePart(LinearLayer(2), {"Biases": None}).Biases is None


def test_layers_ports_and_coders():
    net = NetReplacePart(NET, {"c": SoftmaxLayer(), "Output": NetDecoder("Class", ["p", "q", "r"])})
    assert net(example(2)) in ("p", "q", "r")
    bare = NetReplacePart(net, {"Output": None})
    assert bare.coder("Output") is None and bare.plan.shape((), "Output") == (3,)
    encoder = NetEncoder("Function", lambda x: [x, x], (2,))
    assert NetReplacePart(NET, {"Input": encoder}).coder("Input") is encoder
    assert NetReplacePart(NetChain([3], Input=2), {"Input": Automatic}) == NetChain([3])
    assert NetReplacePart(NetChain([3], Output=3), {1: 7, "Output": 7}) == NetChain([7], Output=7)
    graph = NetGraph({"a": 3, "j": "Plus"}, [(("a", "a"), "j")])
    assert NetReplacePart(graph, {"j": "Times"}) == NetGraph({"a": 3, "j": "Times"}, [(("a", "a"), "j")])
    coder = NetReplacePart(NetDecoder("Class", ["p", "q"]), {"Multilabel": True})
    assert coder == NetDecoder("Class", ["p", "q"], Multilabel=True)


def test_replace_by_class_and_by_layer():
    assert NetReplace(NetChain([3, "Tanh", [5, "Tanh"]]), {"Tanh": Ramp}) == NetChain([3, Ramp, [5, Ramp]])
    assert NetReplace(NetChain([3, 5]), {LinearLayer(3): 7}) == NetChain([7, 5])
    assert NetReplace(NetChain([LinearLayer(3, Input=2)]), {LinearLayer(3): 7}) == NetChain([7])
    assert NetReplace(NetChain([3, Ramp, 5]), {ElementwiseLayer: Nothing}) == NetChain([3, 5])
    assert NetReplace(NetChain([3, Ramp]), {Ramp: NetChain(["Tanh", 2])}) == NetChain([3, "Tanh", 2])
    named = NetReplace(NetChain({"a": 3, "b": Ramp}), {Ramp: NetChain(["Tanh", 2])})
    assert list(named.layers) == ["a", "b/1", "b/2"]
    assert NetReplace(LinearLayer(3), {LinearLayer: Ramp}) == ElementwiseLayer(Ramp)
    graph = NetGraph({"a": 3, "b": Ramp, "j": "Plus"}, [("a", "b"), (("a", "b"), "j")])
    assert NetReplace(graph, {Ramp: Nothing}) == NetGraph({"a": 3, "j": "Plus"}, [(("a", "a"), "j")])


def test_an_unnamed_graph_counts_anew_where_a_layer_goes():
    graph = NetGraph([3, Ramp, 5], [(1, 2, 3)])
    assert NetReplace(graph, {Ramp: Nothing}) == NetGraph([3, 5], [(1, 2)])


def test_a_layer_of_other_ports_is_refused():
    graph = NetGraph({"a": 3, "b": Ramp, "j": "Plus"}, [(("a", "b"), "j")])
    with pytest.raises(NetError) as error:
        NetReplacePart(graph, {"j": 3})
    assert str(error.value) == (
        "net/j: a LinearLayer cannot stand for a ThreadingLayer: input ports Input1, Input2 and Input\n"
        "  hint: build the graph anew with NetGraph"
    )


def test_no_match_warns_and_gives_the_net():
    with pytest.warns(NetWarning, match="NetReplace: no layer matches, and the net is as it was"):
        assert NetReplace(NET, {SoftmaxLayer: Ramp}) is NET


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        (
            {("a", "Weights"): np.ones((7, 2))},
            "net/a: NetReplacePart: Weights of LinearLayer has shape 3×2, but the new array 7×2\n  hint: to change a size, replace the layer",
        ),
        ({"aa": 3}, 'NetChain has no layer "aa"\n  hint: did you mean a?'),
        ({("a", "Weigts"): 3}, 'net/a: LinearLayer has no part "Weigts"\n  hint: did you mean Weights?'),
        ({"a": 3, 1: 5}, "NetReplacePart: 1 is given twice\n  hint: give each part once"),
        (
            {"a": 3, ("a", "Biases"): 5},
            "NetReplacePart: a/Biases is a part of a, which is replaced too\n  hint: replace one of them, or one after the other",
        ),
        (3, "NetReplacePart takes rules, got 3\n  hint: write {part: value}"),
    ],
)
def test_errors(rules, text):
    with pytest.raises(NetError) as error:
        NetReplacePart(NET, rules)
    assert str(error.value) == text
