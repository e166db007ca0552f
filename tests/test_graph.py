"""NetGraph: every row of the edge grammar, its ports, and what it refuses."""

import inspect

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from wlnet import (
    All,
    CatenateLayer,
    Divide,
    DropoutLayer,
    ElementwiseLayer,
    LinearLayer,
    MeanSquaredLossLayer,
    NetChain,
    NetError,
    NetGraph,
    NetInitialize,
    NetPort,
    Plus,
    Ramp,
    ThreadingLayer,
    Times,
    TotalLayer,
)

NAMES = vars(wlnet)
X = example(3)
A = LinearLayer(2, Weights=example(2, 3), Biases=example(2, seed=1))
B = LinearLayer(2, Weights=example(2, 3, seed=2), Biases=None)
SIDE = {"a": A, "b": B}
a, b = A(X), B(X)


def double(x):
    return 2 * x


def round_trip(net):
    bare = NetInitialize(net, None)  # arrays print as their shapes
    again = eval(repr(bare), NAMES)
    assert again == bare, repr(bare)
    return net


# --- forms of the vertices ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layers, edge",
    [
        ([A, "Tanh"], (1, 2)),
        ({"a": A, "t": "Tanh"}, ("a", "t")),
        ([("a", A), ("t", "Tanh")], ("a", "t")),
        ({1: A, 2: "Tanh"}, (1, 2)),
        ({2: A, 7: "Tanh"}, (2, 7)),
        ({"a": A, "t": "Tanh"}, (1, -1)),
    ],
)
def test_vertices_as_a_list_a_dict_and_a_list_of_rules(layers, edge):
    net = round_trip(NetGraph(layers, [edge]))
    assert_close(net(X), np.tanh(a))


@pytest.mark.parametrize(
    "shorthand, layer",
    [
        (Ramp, ElementwiseLayer("Ramp")),
        ("Ramp", ElementwiseLayer("Ramp")),
        (5, LinearLayer(5)),
        ([5, Ramp], NetChain([5, Ramp])),
    ],
)
def test_a_vertex_shorthand_stands_for_a_layer(shorthand, layer):
    assert NetGraph([shorthand], [])[1] == layer


@pytest.mark.parametrize("head, expected", [(Plus, a + b), (Times, a * b), (Divide, a / b), ("Plus", a + b)])
def test_a_function_of_several_numbers_is_a_threading_layer(head, expected):
    net = round_trip(NetGraph(SIDE | {"f": head}, [(("a", "b"), "f")]))
    assert isinstance(net["f"], ThreadingLayer)
    assert_close(net(X), expected)


def test_a_net_may_itself_be_a_vertex():
    inner = NetGraph(SIDE | {"f": Plus}, [(("a", "b"), "f")])
    assert_close(round_trip(NetGraph({"n": inner, "t": "Tanh"}, [("n", "t")]))(X), np.tanh(a + b))


def test_a_chain_as_a_graph_is_the_same_net():
    chain = NetChain({"a": A, "t": "Tanh"}, Input=3, LearningRateMultipliers={"a": 0})
    net = NetGraph(chain)
    assert repr(net["t"]) == 'ElementwiseLayer("Tanh")' and net.LearningRateMultipliers == chain.LearningRateMultipliers
    assert_close(round_trip(net)(X), chain(X))
    assert NetGraph(net) == net


def test_an_empty_chain_as_a_graph_is_the_identity():
    assert NetGraph(NetChain([]))([1, 2, 3]).tolist() == [1, 2, 3]


def test_a_layer_as_a_graph():
    assert_close(NetGraph(A)(X), a)


# --- edges ----------------------------------------------------------------------------------------------------------


def test_a_path_is_a_chain_of_connections():
    path = NetGraph([A, "Tanh", double], [(1, 2, 3)])
    assert path == NetGraph([A, "Tanh", double], [(1, 2), (2, 3)])
    assert_close(path(X), 2 * np.tanh(a))


def test_a_fan_passes_inputs_in_its_order():
    forwards = NetGraph(SIDE | {"c": CatenateLayer()}, [(("a", "b"), "c")])
    backwards = NetGraph(SIDE | {"c": CatenateLayer()}, [(["b", "a"], "c")])
    assert_close(round_trip(forwards)(X), np.concatenate([a, b]))
    assert_close(round_trip(backwards)(X), np.concatenate([b, a]))


def test_a_fan_on_the_right_goes_to_each():
    net = NetGraph({"a": A, "s": Ramp, "t": "Tanh", "c": CatenateLayer()}, [("a", ["s", "t"], "c")])
    assert_close(round_trip(net)(X), np.concatenate([np.maximum(a, 0), np.tanh(a)]))


def test_a_path_may_stand_in_a_fan():
    net = NetGraph({"a": A, "u": double, "b": B, "c": CatenateLayer()}, [([("a", "u"), "b"], "c")])
    assert_close(round_trip(net)(X), np.concatenate([2 * a, b]))


def test_variadic_inputs_come_in_the_order_of_the_edges():
    net = NetGraph(SIDE | {"c": CatenateLayer()}, [("b", "c"), ("a", "c")])
    assert_close(net(X), np.concatenate([b, a]))
    assert net["c"] == CatenateLayer(InputPorts=2)


def test_one_source_feeds_many_targets_and_several_outputs():
    net = NetGraph({"a": A, "t": "Tanh"}, [("a", "t"), ("a", NetPort("y")), ("a", NetPort("z"))])
    result = round_trip(net)(X)
    assert list(result) == ["y", "z", "Output"]
    assert_close(result["y"], a)
    assert_close(result["z"], a)
    assert_close(result["Output"], np.tanh(a))


def test_the_same_source_twice_is_two_inputs_of_a_variadic_layer():
    assert_close(round_trip(NetGraph({"a": A, "t": TotalLayer()}, [("a", "t"), ("a", "t")]))(X), 2 * a)


def test_net_port_names_inputs_and_outputs_of_the_graph():
    net = NetGraph({"a": A}, [(NetPort("in"), "a", NetPort("out"))])
    assert list(round_trip(net).outer) == ["in", "out"]
    assert_close(net({"in": X}), a)


def test_a_net_port_ends_a_path_at_the_graphs_output():
    net = round_trip(NetGraph({"a": A, "t": "Tanh"}, [("a", "t", NetPort("o"))]))
    assert list(net.outer) == ["Input", "o"]


@pytest.mark.parametrize(
    "target", [NetPort("m", "Input"), NetPort(("m", "Input")), NetPort(["m", "Input"]), NetPort(2, "Input")]
)
def test_net_port_names_a_port_of_a_layer(target):
    net = NetGraph({"a": A, "m": MeanSquaredLossLayer()}, [("a", target)])
    assert list(round_trip(net).outer) == ["Input", "Target", "Loss"]
    assert_close(net({"Input": X, "Target": [1, 2]}), np.mean((a - [1, 2]) ** 2))


def test_net_port_names_an_output_of_a_layer_with_several():
    drop = DropoutLayer(0.5, OutputPorts=["Output", "BinaryMask"])
    edges = [(NetPort("d", "BinaryMask"), NetPort("mask")), (NetPort("d", "Output"), "t")]
    net = round_trip(NetGraph({"d": drop, "t": "Tanh"}, edges))
    assert_close(net(X)["Output"], np.tanh(X))
    assert net(X)["mask"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("edge", [(NetPort(1), NetPort(2)), (NetPort((1,)), 2)])
def test_a_position_in_net_port_is_the_layer(edge):
    assert NetGraph([A, "Tanh"], [edge]) == NetGraph([A, "Tanh"], [(1, 2)])


NESTED = NetChain({"x": A, "y": "Tanh"})


def test_net_port_reads_an_output_of_a_nested_net():
    net = round_trip(NetGraph({"n": NESTED, "t": double}, [(NetPort("n", "x", "Output"), "t")]))
    result = net(X)
    assert list(result) == ["Output1", "Output2"]
    assert_close(result["Output1"], np.tanh(a))
    assert_close(result["Output2"], 2 * a)


def test_a_nested_net_read_inside_still_has_its_own_output():
    edges = [(NetPort("n", "x", "Output"), "f"), ("n", "f"), (NetPort("n", "x", "Output"), NetPort("o"))]
    net = round_trip(NetGraph({"n": NESTED, "f": Plus}, edges))
    assert_close(net(X)["Output"], a + np.tanh(a))
    assert_close(net(X)["o"], a)


def test_net_port_reads_at_any_depth():
    deep = NetChain({"out": {"x": [A, double], "y": "Tanh"}, "z": double})
    net = round_trip(NetGraph({"n": deep, "t": "Tanh"}, [(NetPort("n", "out", "x", 1, "Output"), "t")]))
    assert_close(net(X, "Output1"), 2 * np.tanh(2 * a))
    assert_close(net(X, "Output2"), np.tanh(a))


def test_net_port_of_a_nested_nets_own_output_is_that_output():
    net = NetGraph({"n": NESTED, "t": double}, [(NetPort("n", "y", "Output"), "t")])
    assert net == NetGraph({"n": NESTED, "t": double}, [("n", "t")])


def test_net_port_feeds_an_input_of_a_nested_net():
    net = round_trip(NetGraph({"d": double, "n": NESTED}, [("d", NetPort("n", "x", "Input"))]))
    assert_close(net(X / 2), np.tanh(a))


def test_none_mutes_an_output():
    net = round_trip(NetGraph(SIDE, [(NetPort("b", "Output"), None)]))
    assert list(net.outer) == ["Input", "Output"]
    assert_close(net(X), a)


def test_a_muted_output_may_still_feed_a_layer():
    net = NetGraph({"a": A, "t": "Tanh"}, [("a", "t"), ("a", None)])
    assert net == NetGraph({"a": A, "t": "Tanh"}, [("a", "t")])


@pytest.mark.parametrize(
    "edges",
    [
        {"a": "t"},
        {NetPort("Input"): "a", "a": "t", "t": NetPort("Output")},
        [{"a": "t"}],
        [[("a", "t")], [[]]],
        (("a", "t"),),
    ],
)
def test_rules_as_a_dict_and_nested_lists_of_edges(edges):
    assert NetGraph({"a": A, "t": "Tanh"}, edges) == NetGraph({"a": A, "t": "Tanh"}, [("a", "t")])


# --- ports of the graph ---------------------------------------------------------------------------------------------


def test_open_outputs_of_one_name_are_numbered():
    net = round_trip(NetGraph(SIDE | {"m": MeanSquaredLossLayer()}, [(NetPort("p"), NetPort("m", "Input"))], Target=5))
    assert list(net.outer) == ["Input", "p", "Target", "Output1", "Output2", "Loss"]
    assert_close(net({"p": np.zeros(5), "Input": X, "Target": np.zeros(5)}, "Output2"), b)


def test_a_name_that_is_taken_gives_the_open_output_a_number():
    net = round_trip(NetGraph(SIDE, [("a", NetPort("Output"))]))
    assert_close(net(X)["Output"], a)
    assert_close(net(X)["Output1"], b)


def test_open_inputs_of_one_name_are_one_port():
    net = NetGraph(SIDE | {"f": Plus}, [(("a", "b"), "f")])
    assert list(net.outer) == ["Input", "Output"]


def test_open_inputs_of_a_variadic_layer_keep_their_names():
    net = round_trip(NetGraph([TotalLayer(InputPorts=2)], []))
    assert list(net.outer) == ["Input1", "Input2", "Output"]
    assert net({"Input1": [1, 2], "Input2": [10, 20]}).tolist() == [11, 22]


def test_no_edges_at_all():
    assert list(NetGraph(SIDE)(X)) == ["Output1", "Output2"]
    assert list(NetGraph(SIDE, []).outer) == ["Input", "Output1", "Output2"]


def test_port_types_name_outputs_too():
    net = NetGraph(
        {"a": LinearLayer(), "m": MeanSquaredLossLayer()}, [("a", NetPort("m", "Input"))], Target=5, Loss="Real"
    )
    assert net.plan.shape(("a",), "Output") == (5,)


def test_an_input_may_lead_to_an_output():
    net = round_trip(NetGraph({"a": A}, [(NetPort("i"), NetPort("o")), (NetPort("i"), "a")]))
    assert_close(net({"i": X})["o"], X)


def test_signature_shows_layers_edges_options_and_ports():
    assert str(inspect.signature(NetGraph)) == (
        "(layers, edges=(), /, *, LearningRateMultipliers=Automatic, Input=Automatic, Output=Automatic, **ports)"
    )


# --- refusals -------------------------------------------------------------------------------------------------------

AB = {"a": 3, "b": "Ramp"}
LOOP = "\n  hint: a net is computed once, from inputs to outputs; for a loop use NetFoldOperator or NetNestOperator"
JOIN = "\n  hint: join them first, with CatenateLayer or ThreadingLayer(Plus) say"
EDGE = '\n  hint: an edge is a tuple such as ("a", "b") or (NetPort("Input"), "a", "b")'
REFUSALS = [
    (
        lambda: NetGraph(),
        'NetGraph needs layers, and edges\n  hint: write NetGraph({"a": layer, "b": layer}, [("a", "b")])',
    ),
    (
        lambda: NetGraph([3], [], 5),
        "NetGraph takes layers and edges, got 3 arguments\n"
        '  hint: write NetGraph({"a": layer, "b": layer}, [("a", "b")])',
    ),
    (lambda: NetGraph(AB, [("a", "b"), ("b", "a")]), "the graph has a cycle: a -> b -> a" + LOOP),
    (lambda: NetGraph(AB, [("a", "a")]), "the graph has a cycle: a -> a" + LOOP),
    (
        lambda: NetGraph({"p": Ramp, "q": Ramp, "r": Plus, "s": Ramp}, [("p", "r", "q", "s", "r")]),
        "the graph has a cycle: q -> s -> r -> q" + LOOP,
    ),
    (
        lambda: NetGraph({**AB, "c": 3}, [("a", "c"), ("b", "c")]),
        "NetGraph: port 'Input' of layer 'c' is driven twice, by 'a' and by 'b'" + JOIN,
    ),
    (
        lambda: NetGraph({"a": 3}, [(NetPort("i"), "a"), (NetPort("j"), NetPort("a", "Input"))]),
        "NetGraph: port 'Input' of layer 'a' is driven twice, by NetPort('j') and by NetPort('i')" + JOIN,
    ),
    (
        lambda: NetGraph(AB, [("a", NetPort("o")), ("b", NetPort("o"))]),
        "NetGraph: output port 'o' of the graph is driven twice, by 'a' and by 'b'\n  hint: name another",
    ),
    (
        lambda: NetGraph(AB, [("a", "c")]),
        "NetGraph: an edge names 'c', but there is no such layer\n  hint: there are a, b",
    ),
    (
        lambda: NetGraph({"encoder": 3, "b": 5}, [("encodr", "b")]),
        "NetGraph: an edge names 'encodr', but there is no such layer\n  hint: did you mean encoder?",
    ),
    (lambda: NetGraph(AB, [("a", 3)]), "NetGraph: an edge names 3, but there is no such layer\n  hint: there are a, b"),
    (
        lambda: NetGraph(AB, [("a", True)]),
        "NetGraph: an edge names True, but there is no such layer\n  hint: there are a, b",
    ),
    (
        lambda: NetGraph(AB, [(NetPort("a", "Outptu"), "b")]),
        "NetGraph: layer 'a', a LinearLayer, has no output port 'Outptu'\n  hint: did you mean Output?",
    ),
    (
        lambda: NetGraph(AB, [("b", NetPort("a", "Inptu"))]),
        "NetGraph: layer 'a', a LinearLayer, has no input port 'Inptu'\n  hint: did you mean Input?",
    ),
    (
        lambda: NetGraph({"a": 3, "m": MeanSquaredLossLayer()}, [("a", "m")]),
        "NetGraph: layer 'm', a MeanSquaredLossLayer, has 2 input ports (Input, Target): an edge must say which\n"
        '  hint: write NetPort("m", "Input")',
    ),
    (
        lambda: NetGraph({"d": DropoutLayer(OutputPorts=["Output", "BinaryMask"]), "a": 3}, [("d", "a")]),
        "NetGraph: layer 'd', a DropoutLayer, has 2 output ports (Output, BinaryMask): an edge must say which\n"
        '  hint: write NetPort("d", "Output")',
    ),
    (
        lambda: NetGraph({"a": 3}, [(NetPort("i"), "a", NetPort("i"))]),
        "NetGraph: 'i' is both an input and an output port of the graph\n  hint: rename one",
    ),
    (lambda: NetGraph([("a", 3), ("a", 5)], []), "NetGraph: two layers are named 'a'"),
    (
        lambda: NetGraph({"a": LinearLayer(5, Input=3), "b": LinearLayer(7, Input=2)}, [("a", "b")]),
        "net/a: LinearLayer gives Output of shape 5, but Input of net/b is given as 2 (Input is 3, as given)",
    ),
    (
        lambda: NetGraph({"a": LinearLayer(5, Input=3), "b": LinearLayer(7, Input=2)}, []),
        "net/b: LinearLayer: Input is given as 2, but Input of net/a is given as 3\n"
        "  hint: make net/b and net/a agree on 2 or 3",
    ),
    (
        lambda: NetGraph({"f": Plus, "a": 3, "b": 5}, [(("a", "b"), "f")], Input=2),
        "net/f: ThreadingLayer: sizes at level 1, up to Input2, 3 and 5 must be equal "
        "(Input1 is 3 from net/a; Input2 is 5 from net/b)",
    ),
    (
        lambda: NetGraph({"t": TotalLayer()}, []),
        "NetGraph: no edge leads into layer 't', a TotalLayer, so its number of inputs is not known\n"
        "  hint: connect it, or say InputPorts=2",
    ),
    (lambda: NetGraph(AB, ["a"]), 'NetGraph: "a" is not an edge' + EDGE),
    (lambda: NetGraph(AB, [("a",)]), 'NetGraph: ("a",) is not an edge' + EDGE),
    (lambda: NetGraph(AB, "ab"), 'NetGraph: "ab" is not a list of edges\n  hint: write [("a", "b"), ("b", "c")]'),
    (
        lambda: NetGraph(AB, [(NetPort("i"), None)]),
        'NetGraph: NetPort("i") is an input of the graph; only outputs can be left out\n'
        '  hint: write (NetPort("layer", "port"), None)',
    ),
    (
        lambda: NetGraph(AB, [(NetPort(All), "a")]),
        'NetGraph: NetPort(All) names no port\n  hint: write NetPort("in") or NetPort("layer", "port")',
    ),
    (
        lambda: NetGraph({"n": [3, Ramp], "a": 5}, [("a", NetPort("n", 2, "Input"))]),
        "NetGraph: port 'Input' of 2 is not open from outside\n"
        "  hint: an edge can only enter a nested net where the net has an input port",
    ),
    (
        lambda: NetGraph({"n": [3, Ramp], "a": 5}, [(NetPort("n", 3, "Output"), "a")]),
        "NetChain has no layer 3\n  hint: positions count from 1 to 2, or -1 to -2 from the end",
    ),
    (
        lambda: NetGraph(AB, [(NetPort("a", "x", "Output"), "b")]),
        "NetGraph: LinearLayer holds no layers, so it has no port x",
    ),
    (lambda: NetGraph({"a": 3}, [], edges=5), "NetGraph: edges is not an option\n  hint: options are capital"),
    (
        lambda: NetGraph({"a": 3}, [], Foo=5),
        "NetGraph: Foo is not an option\n  hint: there are LearningRateMultipliers, Input, Output",
    ),
]


@pytest.mark.parametrize("call, text", REFUSALS, ids=[text[:60] for _, text in REFUSALS])
def test_a_graph_refuses(call, text):
    with pytest.raises(NetError) as e:
        call()
    assert str(e.value) == text
