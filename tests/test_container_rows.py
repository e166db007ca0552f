"""Each bullet and row of the reference on NetChain, NetGraph, NetInitialize and NetExtract (sections 3, 4, 6, 7)."""

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from wlnet import (
    All,
    Automatic,
    BatchNormalizationLayer,
    CatenateLayer,
    ConvolutionLayer,
    DotLayer,
    ElementwiseLayer,
    Inherited,
    LinearLayer,
    LogisticSigmoid,
    LongShortTermMemoryLayer,
    MeanSquaredLossLayer,
    NetArray,
    NetBidirectionalOperator,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetPort,
    NetStateObject,
    NetTrain,
    Normal,
    NormalDistribution,
    Nothing,
    Options,
    Plus,
    Ramp,
    SoftmaxLayer,
    Tanh,
    ThreadingLayer,
    Times,
    TotalLayer,
)

RAMP, TANH = ElementwiseLayer("Ramp"), ElementwiseLayer("Tanh")
HINT = "\n  hint: "


def refused(call, text):
    with pytest.raises(NetError) as error:
        call()
    assert str(error.value) == text


# --- section 3: NetChain ------------------------------------------------------------------------------------------------


def test_netchain_l1_l2_is_an_unnamed_chain_with_layers_addressed_1_to_n():
    net = NetChain([LinearLayer(3), RAMP])
    assert net[1] == LinearLayer(3) and net[2] == net[-1] == RAMP and list(net.layers) == [1, 2]


@pytest.mark.parametrize("spec", [{"a": 3, "b": RAMP}, [("a", 3), ("b", RAMP)]])
def test_netchain_a_l1_b_l2_is_a_named_chain_also_as_a_list_of_rules(spec):
    net = NetChain(spec)
    assert list(net.layers) == ["a", "b"] and net["b"] == net[2] == RAMP


def test_netchain_spec_input_s_output_s_has_overall_port_types():
    net = NetChain([LinearLayer(), SoftmaxLayer()], Input=(2, 3), Output=NetDecoder("Class", ["p", "q", "r"]))
    assert net["Input"] == (2, 3) and net[1, "Output"] == 3


def test_netchain_of_nothing_is_the_identity_chain():
    assert NetChain([])([1, 2, 3]).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "short, layer",
    [(Ramp, RAMP), (Tanh, TANH), (LogisticSigmoid, ElementwiseLayer("LogisticSigmoid")), (7, LinearLayer(7)), ([7, Ramp], NetChain([7, Ramp])), ([[[Tanh]]], NetChain([[[Tanh]]])), ("ReLU", RAMP)],
)  # fmt: skip
def test_layer_shorthands_symbol_integer_and_list(short, layer):
    assert NetChain([short])[1] == layer


def test_nothing_drops_out_of_lists():
    assert NetChain([3, Nothing, [Nothing, Ramp], Nothing]) == NetChain([3, [Ramp]])


def test_a_first_layer_with_several_inputs_or_last_with_several_outputs_passes_those_ports():
    two = NetGraph({"a": Ramp, "b": Tanh}, [("a", NetPort("P")), ("b", NetPort("Q"))])
    assert list(NetChain([CatenateLayer(InputPorts=2), two]).ports()) == ["Input1", "Input2", "P", "Q"]


def test_middle_layers_need_exactly_one_input_and_one_output():
    refused(
        lambda: NetChain([3, CatenateLayer(InputPorts=2), 3]),
        "net/2: CatenateLayer stands behind another layer in a NetChain, and so needs exactly one input port; it has 2 "
        "(Input1, Input2)" + HINT + "connect its ports by name in a NetGraph",
    )


def test_construction_option_learningratemultipliers_default_automatic_and_options_of_a_chain():
    assert Options(NetChain) == {"LearningRateMultipliers": Automatic}
    assert Options(NetChain([3]))["NetEvaluationMode"] == "Test" and "BatchSize" in Options(NetChain([3]))
    assert NetExtract(NetChain([3], LearningRateMultipliers={1: 2}), "LearningRateMultipliers").rules == {1: 2}


def test_normal_of_a_chain_gives_the_list_or_association_of_layers_as_netextract_all():
    unnamed, named = NetChain([3, Ramp]), NetChain({"a": 3, "b": Ramp})
    assert Normal(unnamed) == NetExtract(unnamed, All) == [LinearLayer(3), RAMP]
    assert Normal(named) == NetExtract(named, All) == {"a": LinearLayer(3), "b": RAMP}


def test_chain_i_chain_name_chain_span_and_length_work():
    net = NetChain({"a": 3, "b": Ramp, "c": 5}, Input=2)
    assert net[2] == net["b"] == RAMP and net["2;;3"] == NetChain({"b": Ramp, "c": 5})
    assert len(net) == wlnet.Length(net) == 3


def test_dimensions_given_as_automatic_are_inferred_forward_and_backward():
    net = NetChain([LinearLayer(Automatic), LinearLayer(5, Input=7), LinearLayer()], Input=3, Output=(2, 11))
    assert net[1, "Weights"] is Automatic and net[1, "Output"] == 7 and net[3, "Output"] == (2, 11)


# --- section 4: NetGraph ------------------------------------------------------------------------------------------------

EDGES = [("a", "b")]


@pytest.mark.parametrize("layers, edges", [([3, Ramp], [(1, 2)]), ({"a": 3, "b": Ramp}, EDGES), ([("a", 3), ("b", Ramp)], EDGES), ({1: 3, 2: Ramp}, [(1, 2)])])  # fmt: skip
def test_netgraph_call_forms_list_association_and_rules(layers, edges):
    net = NetGraph(layers, edges, Input=2)
    assert list(net.layers.values()) == [LinearLayer(3), RAMP] and net["Output"] == 3


def test_netgraph_of_a_layer_or_chain_is_the_minimal_equivalent_graph():
    assert NetGraph(LinearLayer(3)) == NetGraph([3], []) and NetGraph(NetChain([3, Ramp])) == NetGraph(
        [3, Ramp], [(1, 2)]
    )


def test_netgraph_ports_may_be_given_as_port_spec():
    net = NetGraph({"a": MeanSquaredLossLayer()}, [("a", NetPort("Loss"))], Input=3, Loss="Real")
    assert net["Target"] == 3 and net["Loss"] == "Real"


@pytest.mark.parametrize(
    "short, layer",
    [(Ramp, RAMP), (7, LinearLayer(7)), ([7, Ramp], NetChain([7, Ramp])), (NetGraph([Ramp], []), NetGraph([Ramp], []))],
)
def test_vertex_shorthands_and_any_net_as_a_vertex(short, layer):
    assert NetGraph({"v": short}, [])["v"] == layer


@pytest.mark.parametrize("head", [Plus, Times])
def test_vertex_shorthand_plus_times_is_a_threadinglayer(head):
    assert isinstance(NetGraph({"v": head, "a": Ramp}, [(("a", "a"), "v")])["v"], ThreadingLayer)


def connections(edges, layers=("a", "b", "c")):
    """The edges between layers of a graph of Ramps, with a sum for "s", which any number may enter."""
    held = {name: TotalLayer() if name == "s" else RAMP for name in layers}
    return {(one, two) for (one, _), (two, _) in NetGraph(held, edges).edges if one is not None and two is not None}


def test_edge_i_to_j_by_index_or_name():
    assert connections([(1, "b"), ("b", 3)]) == {("a", "b"), ("b", "c")}


def test_edge_a_to_b_to_c_is_a_chain_of_connections():
    assert connections([("a", "b", "c")]) == {("a", "b"), ("b", "c")}


def test_edge_several_to_c_passes_inputs_in_that_order():
    net = NetGraph({"a": 2, "b": 3, "s": CatenateLayer()}, [(("b", "a"), "s")])
    assert [net.feeds["s"][port] for port in ("Input1", "Input2")] == [("b", "Output"), ("a", "Output")]


def test_edge_a_to_several_fans_out_to_each():
    assert connections([("a", ("b", "c"))]) == {("a", "b"), ("a", "c")}


def test_edge_chains_may_stand_inside_the_list():
    found = connections([((("a", "b"), "c"), "s", "d")], ("a", "b", "c", "s", "d"))
    assert found == {("a", "b"), ("b", "s"), ("c", "s"), ("s", "d")}


def test_edge_netport_in_to_a_and_a_to_netport_out_name_ports_of_the_graph():
    assert list(NetGraph({"a": Ramp}, [(NetPort("in"), "a"), ("a", NetPort("out"))]).ports()) == ["in", "out"]


@pytest.mark.parametrize("port", [NetPort("d", "Input2"), NetPort(("d", "Input2")), NetPort(3, "Input2")])
def test_edge_netport_a_p_is_a_named_port_of_a_vertex(port):
    net = NetGraph({"a": Ramp, "b": Tanh, "d": DotLayer(InputPorts=2)}, [("a", port), ("b", NetPort("d", "Input1"))])
    assert net.feeds["d"] == {"Input1": ("b", "Output"), "Input2": ("a", "Output")}


def test_edge_netport_a_b_p_is_a_port_of_a_nested_vertex():
    net = NetInitialize(
        NetGraph({"x": {"p": 3, "q": 2}, "y": Tanh}, [(NetPort("x", "p", "Output"), "y", NetPort("Y"))], Input=5)
    )
    weights, biases = net["x", "p", "Weights"], net["x", "p", "Biases"]
    assert_close(net(example(5))["Y"], np.tanh(weights @ example(5) + biases))


def test_edge_netport_to_none_mutes_this_output():
    net = NetGraph({"a": Ramp, "b": Tanh}, [(NetPort("b", "Output"), None)])
    assert list(net.ports()) == ["Input", "Output"] and net.feeds[None] == {"Output": ("a", "Output")}


def test_edge_ends_the_chain_at_the_graph_output():
    assert list(NetGraph({"a": Ramp, "b": Tanh}, [("a", "b", NetPort("o"))]).ports()) == ["Input", "o"]


def test_edge_to_and_from_a_recurrent_state():
    net = NetGraph(
        {"one": LongShortTermMemoryLayer(3), "two": LongShortTermMemoryLayer(3)},
        [(NetPort("one", "State"), NetPort("two", "State")), (NetPort("one", "Output"), None)],
        Input=("Varying", 2),
    )
    assert net.feeds["two"]["State"] == ("one", "State")


def test_one_source_may_feed_any_number_of_targets_and_several_graph_outputs():
    net = NetGraph({"a": Ramp, "b": Tanh}, [("a", "b"), ("a", NetPort("P")), ("a", NetPort("Q"))])
    assert {key: value.tolist() for key, value in net([-1.0, 2.0]).items() if key in "PQ"} == {"P": [0, 2], "Q": [0, 2]}


@pytest.mark.parametrize("layer", [CatenateLayer(), ThreadingLayer("Plus"), TotalLayer(), DotLayer()], ids=repr)
def test_layers_with_a_variadic_input_collect_edges_in_the_order_written(layer):
    net = NetGraph({"a": Ramp, "b": Tanh, "v": layer}, [("b", "v"), ("a", "v")])
    assert net.feeds["v"] == {"Input1": ("b", "Output"), "Input2": ("a", "Output")}


def test_several_unconnected_outputs_are_output1_output2_and_a_single_one_stays_output():
    assert list(NetGraph({"a": Ramp, "b": Tanh}, []).ports()) == ["Input", "Output1", "Output2"]
    assert list(NetGraph({"a": Ramp, "b": Tanh}, EDGES).ports()) == ["Input", "Output"]


def test_unconnected_input_ports_of_one_name_are_one_graph_port_and_shapes_must_agree():
    net = NetGraph({"a": Ramp, "b": Tanh}, [])
    assert [target for source, target in net.edges if source == (None, "Input")] == [("a", "Input"), ("b", "Input")]
    with pytest.raises(NetError, match="3"):
        NetGraph({"a": LinearLayer(2, Input=3), "b": LinearLayer(2, Input=5)}, [])
    assert list(NetGraph({"c": CatenateLayer(InputPorts=2)}, []).ports()) == ["Input1", "Input2", "Output"]


def test_a_vertex_may_have_no_connections_at_all_and_edges_may_be_empty():
    assert list(NetGraph({"a": Ramp}, []).ports()) == ["Input", "Output"]
    assert len(NetGraph({"a": Ramp, "b": Tanh, "c": 3}, EDGES)) == 3


def test_option_learningratemultipliers_as_in_netchain():
    assert NetExtract(NetGraph({"a": 3}, [], LearningRateMultipliers={"a": 0}), "LearningRateMultipliers").rules == {
        "a": 0
    }


def test_normal_of_a_graph_is_netextract_all():
    net = NetGraph({"a": 3, "b": Ramp}, EDGES)
    assert Normal(net) == NetExtract(net, All) == {"a": LinearLayer(3), "b": RAMP}


@pytest.mark.parametrize(
    "layers, edges, text",
    [
        ({"a": 3}, [("a", "c")], "NetGraph: an edge names 'c', but there is no such layer" + HINT + "there are a"),
        ({"a": Ramp, "b": Ramp}, [("a", "b", "a")], "the graph has a cycle: a -> b -> a" + HINT + "a net is computed once, from inputs to outputs; for a loop use NetFoldOperator or NetNestOperator"),
        ({"a": 3, "b": Ramp, "c": Ramp}, [("a", "c"), ("b", "c")], "NetGraph: port 'Input' of layer 'c' is driven twice, by 'a' and by 'b'" + HINT + "join them first, with CatenateLayer or ThreadingLayer(Plus) say"),
        ({"a": 3, "b": LinearLayer(2, Input=5)}, [("a", "b")], "net/a: LinearLayer gives Output of shape 3, but Input of net/b is given as 5"),
        ({"a": NetGraph({"p": Ramp, "q": Tanh}, []), "b": Ramp}, [("a", "b")], "NetGraph: layer 'a', a NetGraph, has 2 output ports (Output1, Output2): an edge must say which" + HINT + 'write NetPort("a", "Output1")'),
    ],
    ids=["unknown vertex name", "cycle", "input port driven twice", "incompatible shapes", "ambiguous port"],
)  # fmt: skip
def test_graph_errors(layers, edges, text):
    refused(lambda: NetGraph(layers, edges), text)


# --- section 6: NetInitialize -------------------------------------------------------------------------------------------

LINEAR = LinearLayer(53, Input=47)


def weights(**options):
    return NetExtract(NetInitialize(LINEAR, **options), "Weights")


def test_netinitialize_fills_only_uninitialised_arrays_and_with_all_overwrites_everything():
    half = LinearLayer(2, Weights=example(2, 3))
    filled = NetInitialize(half)
    assert filled.Weights is half.Weights and filled.Biases.tolist() == [0, 0]
    assert not np.array_equal(NetInitialize(half, All).Weights, half.Weights)


def test_netinitialize_none_strips_all_arrays():
    assert NetInitialize(NetInitialize(LINEAR), None) == LINEAR


def test_randomseeding_1234_is_the_default_and_automatic_is_fresh_each_call():
    assert np.array_equal(weights(), weights(RandomSeeding=1234))
    assert not np.array_equal(weights(RandomSeeding=Automatic), weights(RandomSeeding=Automatic))
    assert np.array_equal(weights(RandomSeeding="a text"), weights(RandomSeeding="a text"))
    assert not np.array_equal(weights(RandomSeeding=1), weights(RandomSeeding=2))


def test_randomseeding_of_an_integer_or_a_string_is_a_seed():
    net = NetChain([3], Input=2)
    for seed, other in ((7, 8), ("seven", "eight")):
        assert NetInitialize(net, RandomSeeding=seed) == NetInitialize(net, RandomSeeding=seed)
        assert NetInitialize(net, RandomSeeding=seed) != NetInitialize(net, RandomSeeding=other)


def test_netinitialize_is_called_automatically_by_nettrain_for_arrays_without_values():
    net = NetChain([LinearLayer(3, Biases=[1, 2, 3]), 5], Input=2)
    options = {"MaxTrainingRounds": 1, "LearningRate": 0, "TrainingProgressReporting": None}
    trained = NetTrain(net, (example(7, 2), example(7, 5)), **options)
    assert trained[1, "Weights"].shape == (3, 2) and np.std(trained[1, "Weights"]) > 0
    assert trained[1, "Biases"].tolist() == [1, 2, 3]


def test_a_number_where_a_distribution_is_expected_means_the_normaldistribution_of_that_deviation():
    net, normal = NetChain([7, 5], Input=3), NormalDistribution(0, 0.25)
    for method, name in (("Random", "Weights"), ("Random", "Biases"), ("Identity", "Distribution")):
        by_number = NetInitialize(net, Method=(method, {name: 0.25}))
        assert by_number == NetInitialize(net, Method=(method, {name: normal}))
        assert by_number != NetInitialize(net, Method=(method, {name: 0.5}))


def test_randomseeding_inherited_is_the_outer_random_state():
    drawn = []
    for _ in range(2):
        np.random.seed(5)
        drawn.append(weights(RandomSeeding=Inherited))
    assert np.array_equal(*drawn)


@pytest.mark.parametrize(
    "method, deviation",
    [
        ("Kaiming", (2 / 47) ** 0.5),
        (("Kaiming", {"Distribution": "Uniform"}), (2 / 47) ** 0.5),
        ("Xavier", (2 / 100) ** 0.5),
        (("Xavier", {"Distribution": "Uniform"}), (2 / 100) ** 0.5),
        ("Random", 1),
        (("Random", {"Weights": NormalDistribution(0, 3)}), 3),
        (("Random", {"Weights": 0.25}), 0.25),
    ],
    ids=repr,
)
def test_method_kaiming_xavier_and_random_with_their_suboptions(method, deviation):
    assert weights(Method=method).std() == pytest.approx(deviation, rel=0.06)


def test_method_random_biases_default_none_are_zeros_else_their_distribution():
    assert not NetInitialize(LINEAR, Method="Random").Biases.any()
    assert NetInitialize(LINEAR, Method=("Random", {"Biases": 0.5})).Biases.std() == pytest.approx(0.5, rel=0.35)


def test_method_identity_is_noise_added_to_the_identity():
    assert (weights(Method="Identity") - np.eye(53, 47)).std() == pytest.approx(0.01, rel=0.06)
    assert np.array_equal(weights(Method=("Identity", {"Distribution": 0})), np.eye(53, 47))


def test_method_orthogonal_gives_orthogonal_matrices():
    matrix = weights(Method="Orthogonal")
    assert_close(matrix.T @ matrix, np.eye(47))


def test_every_method_zeroes_biases_by_default():
    for method in ("Kaiming", "Xavier", "Orthogonal", "Random", "Identity"):
        assert not NetInitialize(LINEAR, Method=method).Biases.any()


def test_a_net_with_undetermined_dimensions_cannot_be_initialised():
    refused(
        lambda: NetInitialize(NetChain([3])),
        "net/1: LinearLayer: the shape of Weights is not known (3×?), because the shape of Input is ?"
        + HINT + "say it, as in Input=(3, 8), on the layer or on the net",
    )  # fmt: skip


def test_non_random_initial_values_of_batchnormalization_and_lstm_biases():
    layer = NetInitialize(BatchNormalizationLayer(Input=2))
    assert [layer[n].tolist() for n in ("Scaling", "Biases", "MovingMean", "MovingVariance")] == [
        [1, 1],
        [0, 0],
        [0, 0],
        [1, 1],
    ]
    cell = NetInitialize(LongShortTermMemoryLayer(3, Input=("Varying", 2)))
    assert not any(cell[name].any() for name in cell.ports() if name.endswith("Biases"))


# --- section 7: NetExtract ----------------------------------------------------------------------------------------------

NET = NetInitialize(NetChain({"a": [3, Ramp], "b": LinearLayer(2, Biases=None)}, Input=5))


def test_netextract_layer_param_is_an_array_or_option_value():
    assert (
        NetExtract(ConvolutionLayer(5, 3, Stride=2), "Stride") == 2
        and NetExtract(NET["b"], "Weights").dtype == np.float32
    )


def test_netextract_net_n_or_name_is_the_inner_layer_negative_n_from_the_end():
    assert NetExtract(NET, 2) is NetExtract(NET, "b") is NetExtract(NET, -1) is NET.layers["b"]


def test_netextract_lspec_param_is_a_parameter_at_depth():
    assert NetExtract(NET, ("a", 1, "Weights")).shape == (3, 5) and NetExtract(NET, ["a", 2, "Function"]) == "Ramp"


def test_netextract_of_several_specs_in_lists_is_a_list_of_parts_and_otherwise_net_s1_s2():
    assert NetExtract(NET, [("a", 1, "n"), ("b", "n")]) == [3, 2] == NetExtract(NET, [["a", 1, "n"], ["b", "n"]])
    assert NetExtract(NET, ["a", 2]) == NET["a", 2] == RAMP


def test_netextract_net_all_is_an_association_of_all_layers_or_all_properties():
    assert NetExtract(NET, All) == dict(NET.layers) == Normal(NET)
    assert NetExtract(RAMP, All) == {"f": "Ramp", "Input": Automatic, "Output": Automatic}


def test_netextract_all_weights_is_that_parameter_from_all_layers():
    found = NetExtract(NetChain([3, Ramp, 5]), (All, "Biases"))
    assert found == {1: Automatic, 3: Automatic}


def test_netextract_netarray_name_and_all_are_shared_arrays():
    net = NetInitialize(
        NetChain([LinearLayer(3, Weights=NetArray("w")), LinearLayer(3, Weights=NetArray("w"))], Input=3)
    )
    shared = NetExtract(net, NetArray("w"))
    assert shared is NetExtract(net, (2, "Weights")) and list(NetExtract(net, NetArray(All))) == ["w"]


def test_netextract_coder_param_is_an_encoder_or_decoder_parameter():
    encoder = NetEncoder("Class", ["x", "y"])
    assert (
        NetExtract(encoder, "classes")
        == ("x", "y")
        == NetExtract(NetChain([Ramp], Input=encoder), ("Input", "classes"))
    )


def test_netextract_op_net_and_forwardnet_reversenet_or_backwardnet_of_an_operator():
    assert NetExtract(NetMapOperator(LinearLayer(3)), "Net") == LinearLayer(3)
    both = NetBidirectionalOperator([LongShortTermMemoryLayer(3), LongShortTermMemoryLayer(5)])
    assert NetExtract(both, "ForwardNet") == LongShortTermMemoryLayer(3)
    assert NetExtract(both, "ReverseNet") == NetExtract(both, "BackwardNet") == LongShortTermMemoryLayer(5)


def test_netextract_netstateobject_states_are_current_states():
    held = NetStateObject(NetInitialize(NetChain([LongShortTermMemoryLayer(3)], Input=("Varying", 2))))
    held(example(5, 2))
    states = NetExtract(held, "States")
    assert [value.shape for value in states.values()] == [(3,), (3,)] and all(value.any() for value in states.values())


def test_netextract_uninitialised_values_give_automatic_and_ports_their_types():
    net = NetChain([3, SoftmaxLayer()], Input=(5, 7), Output=NetDecoder("Class", ["p", "q", "r"]))
    assert NetExtract(net, (1, "Weights")) is Automatic and NetExtract(LinearLayer(), "Output") is Automatic
    assert NetExtract(net, "Input") == (5, 7) and NetExtract(net, (1, "Output")) == 3
    assert NetExtract(net, "Output") == NetDecoder("Class", ["p", "q", "r"])


def test_netextract_elementwiselayer_function():
    assert NetExtract(RAMP, "Function") == "Ramp"
