"""NetJoin, NetAppend, NetPrepend, NetInsert, NetDelete, NetDrop, NetTake, NetRename, NetFlatten, Normal, Length."""

import numpy as np
import pytest

from tests.examples import example
from wlnet import (
    CatenateLayer,
    ElementwiseLayer,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetGraph,
    NetInitialize,
    NetPort,
    Ramp,
    SoftmaxLayer,
)
from wlnet.verbs.flatten import NetFlatten
from wlnet.verbs.joining import NetAppend, NetJoin, NetPrepend
from wlnet.verbs.renaming import NetRename
from wlnet.verbs.surgery import Length, NetDelete, NetInsert, Normal
from wlnet.verbs.taking import NetDrop, NetTake

CHAIN = NetInitialize(NetChain({"a": 3, "b": "Tanh", "c": 5, "d": Ramp}, Input=2, Output=5))
PLAIN = NetInitialize(NetChain([3, "Tanh", 5, Ramp], Input=2, Output=5))
GRAPH = NetInitialize(
    NetGraph(
        {"a": 3, "b": "Tanh", "c": "Plus", "d": 2}, [("a", "b"), (("a", "b"), "c", "d", NetPort("Out"))], Input=7, Out=2
    )
)
CLASSES = NetInitialize(
    NetChain(
        [5, 2, SoftmaxLayer()],
        Input=NetEncoder("Class", ["x", "y", "z"], "IndicatorVector"),
        Output=NetDecoder("Class", ["p", "q"]),
    )
)


def refused(call, text):
    with pytest.raises(NetError) as error:
        call()
    assert str(error.value) == text


@pytest.mark.parametrize("net", [CHAIN, PLAIN, CLASSES])
def test_what_is_taken_and_what_is_dropped_join_to_the_net(net):
    for k in range(1, len(net) + 1):
        assert NetJoin(NetTake(net, k), NetDrop(net, k)) == net
    assert NetDrop(net, 0) is net and NetDrop(net, len(net)) == NetChain([])


def test_taken_layers_are_the_same_objects():
    assert NetTake(CHAIN, ("b", -2)).layers["c"] is CHAIN.layers["c"]
    assert NetJoin(PLAIN, NetChain([2])).layers[1].arrays["Weights"] is PLAIN.layers[1].arrays["Weights"]


def test_take_of_a_chain():
    x = example(2)
    first, rest = NetTake(CHAIN, "b"), NetTake(CHAIN, ("c", NetPort("Output")))
    assert list(first.layers) == ["a", "b"] and list(rest.layers) == ["c", "d"]
    assert np.array_equal(rest(first(x)), CHAIN(x))
    assert Length(NetTake(PLAIN, (2, -2))) == 2


def test_take_of_a_graph_computes_end_from_start():
    x = example(7)
    trunk = NetTake(GRAPH, "c")
    hidden = GRAPH(x, NetPort("c"))
    assert list(trunk.layers) == ["a", "b", "c"] and np.array_equal(trunk(x), hidden)
    head = NetTake(GRAPH, ("d", NetPort("Out")))
    assert list(head.layers) == ["d"] and np.array_equal(head(hidden), GRAPH(x))
    both = NetTake(GRAPH, ("a", ["b", NetPort("Out")]))
    assert list(both.ports()) == ["Input", "Output", "Out"]
    assert np.array_equal(both(x)["Output"], GRAPH(x, NetPort("b")))


def test_append_and_prepend_drop_the_coder_between():
    longer = NetAppend(CLASSES, 3)
    assert longer.plan.shape((), "Output") == (3,) and longer.coder("Output") is None
    assert longer.coder("Input") == CLASSES.coder("Input")
    assert longer.layers[1].arrays["Weights"] is CLASSES.layers[1].arrays["Weights"]
    ahead = NetPrepend(CLASSES, Ramp, Input=3)
    assert ahead.coder("Input") is None and ahead.plan.shape((), "Input") == (3,)
    assert NetAppend(CLASSES, "Tanh", Output=NetDecoder("Class", ["r", "s"])).coder("Output") == NetDecoder(
        "Class", ["r", "s"]
    )


def test_append_and_prepend_in_every_form():
    chain = NetChain({"a": 3})
    named = NetChain({"a": 3, "z": "Tanh"})
    assert (
        NetAppend(chain, {"z": "Tanh"}) == NetAppend(chain, ("z", "Tanh")) == NetAppend(chain, [("z", "Tanh")]) == named
    )
    assert NetAppend(LinearLayer(3), [Ramp, 2]) == NetChain([3, Ramp, 2])
    assert NetPrepend(LinearLayer(3), [Ramp, 2]) == NetChain([Ramp, 2, 3])
    assert list(NetAppend(chain, Ramp).layers) == ["a", "2"]
    graph = NetAppend(GRAPH, {"e": Ramp})
    x = example(7)
    assert np.array_equal(graph(x), np.maximum(GRAPH(x), 0))


def test_join_renames_and_makes_a_graph():
    joined = NetJoin(NetChain({"a": 3, "b": Ramp}), NetChain({"a": 5}))
    assert list(joined.layers) == ["a", "b", "a2"]
    assert isinstance(NetJoin(PLAIN, NetChain([7]), GRAPH), NetGraph)


def test_insert():
    assert NetInsert(NetChain([3, 5]), Ramp, 3) == NetInsert(NetChain([3, 5]), Ramp, -1) == NetChain([3, 5, Ramp])
    assert NetInsert(NetChain({"a": 3, "b": 5}), {"n": Ramp}, "b") == NetChain({"a": 3, "n": Ramp, "b": 5})


def test_delete_and_drop():
    x = example(2)
    assert list(NetDelete(CHAIN, ["b", -1]).layers) == ["a", "c"]
    assert NetDrop(CHAIN, -1) == NetDelete(CHAIN, "d") == NetTake(CHAIN, 3)
    assert list(NetDrop(CHAIN, ("b", 2)).layers) == ["a", "c", "d"]
    weights, biases = CHAIN["a", "Weights"], CHAIN["a", "Biases"]
    assert np.allclose(NetTake(NetDelete(CHAIN, "b"), 1)(x), weights @ x + biases, atol=1e-6)
    bypass = NetDelete(GRAPH, "b")
    y = example(7)
    a = GRAPH(y, NetPort("a"))
    assert np.allclose(bypass(y), GRAPH["d", "Weights"] @ (2 * a) + GRAPH["d", "Biases"], atol=1e-6)
    assert NetDelete(GRAPH, "d").plan.shape((), "Out") == (3,)
    two = NetGraph({"a": Ramp, "b": "Tanh"}, [])
    assert list(NetDelete(two, NetPort("Output2")).ports()) == ["Input", "Output1"]


def test_rename():
    deep = NetChain({"a": {"a": Ramp}, "b": "Tanh"})
    assert NetRename(deep, {"a": "x", "b": "a"}) == NetChain({"x": {"a": Ramp}, "a": "Tanh"})
    assert NetRename(deep, ("a", "x"), 2) == NetChain({"x": {"x": Ramp}, "b": "Tanh"})
    assert NetRename(deep, str.upper, [2]) == NetChain({"a": {"A": Ramp}, "b": "Tanh"})
    ports = NetRename(GRAPH, [(NetPort("Input"), NetPort("X"))])
    assert np.array_equal(ports({"X": example(7)}), GRAPH(example(7))) and ports.given["X"] == GRAPH.given["Input"]


@pytest.mark.parametrize(
    "net",
    [
        NetChain([3, [Ramp, [5, "Tanh"]], []], Input=2),
        NetChain({"a": 3, "g": NetInitialize(GRAPH, None).with_fields(given={}), "z": 2}, Input=2),
        NetGraph({"x": [3, Ramp], "y": [[2]], "j": CatenateLayer()}, [(("x", "y"), "j")], Input=2),
        NetGraph({"x": [3, Ramp], "y": [[2]]}, [("x", "y")], Input=2),
    ],
)
def test_flat_net_computes_the_same(net):
    net = NetInitialize(net)
    flat = NetFlatten(net)
    assert not any(hasattr(layer, "edges") for layer in flat)
    assert np.array_equal(flat(example(2)), net(example(2)))
    assert NetFlatten(flat) == flat and NetFlatten(net, 0) is net


def test_flattened_names_and_kinds():
    assert NetFlatten(NetGraph({"x": [3, Ramp], "y": [[2]]}, [("x", "y")])) == NetChain(
        {"x/1": 3, "x/2": Ramp, "y/1/1": 2}
    )
    assert list(NetFlatten(NetChain([NetGraph({"a": Ramp}), Ramp])).layers) == ["1/a", "2"]
    assert NetFlatten(NetChain([[[3]], Ramp]), 1) == NetChain([[3], Ramp])
    assert isinstance(NetFlatten(NetChain([NetGraph({"a": Ramp, "b": "Plus"}, [(("a", "a"), "b")])])), NetGraph)
    assert NetFlatten(NetChain([NetChain([Ramp], Input=("n", 2))])) == NetChain(
        [ElementwiseLayer(Ramp, Input=("1/n", 2))]
    )


def test_normal_and_length():
    assert Normal(CHAIN) == dict(CHAIN.layers) and Normal(PLAIN) == list(PLAIN) and Length(GRAPH) == 4


def test_errors():
    refused(
        lambda: NetAppend(GRAPH, {"a": Ramp}),
        "NetAppend: two layers are named 'a'\n  hint: give the new layer another name",
    )
    refused(
        lambda: NetAppend(NetGraph({"a": Ramp, "b": "Tanh"}, []), Ramp),
        "NetAppend: a net in front of another needs exactly one output port; this NetGraph has 2 (Output1, Output2)\n  hint: connect its ports by name in a NetGraph",
    )
    refused(
        lambda: NetPrepend(NetChain([CatenateLayer(InputPorts=2)]), Ramp),
        "NetPrepend: a net behind another needs exactly one input port; this NetChain has 2 (Input1, Input2)\n  hint: connect its ports by name in a NetGraph",
    )
    refused(
        lambda: NetDelete(CHAIN, "c"),
        "NetDelete: layer 'c' cannot be left out, because the shapes in front and behind differ: 3 and 5\n  hint: replace what stands between, or leave out layers at an end",
    )
    refused(lambda: NetDrop(PLAIN, 7), "NetDrop: 7 of a chain of 4 layers\n  hint: drop 4 at most")
    refused(lambda: NetDrop(GRAPH, 1), "NetDrop takes a NetChain, got a NetGraph\n  hint: use NetTake or NetDelete")
    refused(lambda: NetTake(CHAIN, "e"), 'NetChain has no layer "e"\n  hint: there are a, b, c, d')
    refused(lambda: NetTake(CHAIN, ("c", "a")), 'NetTake: "a" is not computed from "c"')
    refused(lambda: NetInsert(CHAIN, Ramp, 1), 'NetInsert: the new layer needs a name, as in {"name": layer}')
    refused(
        lambda: NetInsert(CHAIN, {"a": Ramp}, 1), "NetInsert: a layer is named 'a' already\n  hint: give another name"
    )
    refused(
        lambda: NetInsert(PLAIN, Ramp, 6),
        "NetInsert: 6 is no position in a chain of 4 layers\n  hint: positions count from 1 to 5, or from -1 to -5 from the end",
    )
    refused(
        lambda: NetRename(CHAIN, {"a": "b"}), "NetRename: two layers would be named 'b'\n  hint: names must be unique"
    )
    refused(lambda: NetRename(CHAIN, {"e": "f"}), 'NetRename: there is no "e"\n  hint: there are a, b, c, d')
    refused(
        lambda: NetRename(GRAPH, {NetPort("Input"): "x"}),
        'NetRename: NetPort("Input") and "x" are not both ports\n  hint: write {NetPort("old"): NetPort("new")}',
    )
    refused(lambda: Length(LinearLayer(3)), "Length takes a NetChain or a NetGraph, got LinearLayer(3)")
    refused(lambda: NetFlatten(CHAIN, -1), "NetFlatten: -1 is not a number of levels\n  hint: write 2, or All")


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(NetError, match="5"):
        NetAppend(CHAIN, LinearLayer(2, Input=3))
    with pytest.raises(NetError, match="5"):
        NetJoin(CHAIN, CHAIN)
