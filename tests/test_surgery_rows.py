"""Each bullet and row of the reference on editing nets (sections 9 to 13) has its test here, by the row's words."""

import math

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    All,
    Automatic,
    CatenateLayer,
    ElementwiseLayer,
    GatedRecurrentLayer,
    LinearLayer,
    LongShortTermMemoryLayer,
    NetAppend,
    NetArray,
    NetBidirectionalOperator,
    NetChain,
    NetDecoder,
    NetDelete,
    NetDrop,
    NetEncoder,
    NetError,
    NetExtract,
    NetFlatten,
    NetGraph,
    NetInitialize,
    NetInsert,
    NetJoin,
    NetMapOperator,
    NetPort,
    NetPrepend,
    NetRename,
    NetReplace,
    NetReplacePart,
    NetTake,
    NetWarning,
    Nothing,
    Ramp,
    SequenceRestLayer,
    SoftmaxLayer,
    Span,
)
from wlnet.verbs.rates import resolved_rates

TANH = ElementwiseLayer("Tanh")
ENCODER = NetEncoder("Class", ["x", "y", "z"], "IndicatorVector")
DECODER = NetDecoder("Class", ["p", "q"])
CHAIN = NetInitialize(NetChain({"a": 3, "b": "Tanh", "c": 5}, Input=2))
PLAIN = NetInitialize(NetChain([3, "Tanh", 5], Input=2))
CODED = NetInitialize(NetChain([5, 2, SoftmaxLayer()], Input=ENCODER, Output=DECODER))
NESTED = NetInitialize(
    NetGraph({"x": {"p": 3, "q": "Tanh", "r": 2}, "y": "Tanh", "z": "Plus"}, [("x", "y"), (("x", "y"), "z")], Input=5)
)
DEEP = NetChain({"a": {"a": {"a": Ramp}}, "b": {"a": Ramp}})


def refused(call, text):
    with pytest.raises(NetError) as error:
        call()
    assert str(error.value) == text


def shared(one, other):
    """Whether two arrays are one in memory."""
    return one is other or np.shares_memory(one, other)


# --- section 9: NetReplacePart ------------------------------------------------------------------------------------------


def test_netreplacepart_layer_array_v_sets_an_array_whose_dimensions_must_match():
    layer = NetReplacePart(LinearLayer(2, Input=3), {"Weights": [[1, 2, 3], [4, 5, 7]], "Biases": np.array([1, 2])})
    assert layer([1, 0, 2]).tolist() == [1 + 6 + 1, 4 + 14 + 2]
    refused(
        lambda: NetReplacePart(layer, {"Weights": [[1, 2], [3, 4]]}),
        "NetReplacePart: Weights of LinearLayer has shape 2×3, but the new array 2×2\n"
        "  hint: to change a size, replace the layer",
    )


@pytest.mark.parametrize("given, found", [(7, 7), ((7,), 7), (("Varying", 7), ("Varying", 7)), ("Real", "Real"), (Automatic, Automatic)])  # fmt: skip
def test_netreplacepart_net_port_type_sets_a_port_type_and_automatic_infers(given, found):
    assert NetReplacePart(NetChain([Ramp], Input=3), {"Input": given})["Input"] == found


def test_netreplacepart_in_netencoder_and_out_netdecoder_attach_coders():
    net = NetReplacePart(NetChain([2, SoftmaxLayer()]), {"Input": ENCODER, "Output": DECODER})
    assert net["Input"] is ENCODER and net["Output"] is DECODER
    assert NetReplacePart(NetChain([Ramp]), {"Input": "Boolean"})["Input"] == NetEncoder("Boolean")
    refused(
        lambda: NetReplacePart(net, {"Output": ENCODER}),
        'NetChain: Output is an output port, so it takes a NetDecoder, not NetEncoder("Class", ["x", "y", "z"], '
        '"IndicatorVector")',
    )


def test_netreplacepart_port_none_removes_the_coder_and_keeps_the_shape():
    net = NetReplacePart(CODED, {"Input": None, "Output": None})
    assert (net["Input"], net["Output"]) == (3, 2)
    assert net([0, 1, 0]).shape == (2,) and CODED("y") in ("p", "q")
    assert shared(net[1, "Weights"], CODED[1, "Weights"])


@pytest.mark.parametrize("part", [2, -2, "b", ("b",)])
def test_netreplacepart_net_lspec_layer_replaces_a_layer(part):
    net = NetReplacePart(CHAIN, {part: Ramp})
    assert net["b"] == ElementwiseLayer("Ramp") and net["a"] is CHAIN["a"] and net["c"] is CHAIN["c"]


def test_netreplacepart_netarray_name_v_sets_a_shared_array():
    net = NetChain([LinearLayer(2, Weights=NetArray("w")), LinearLayer(2, Weights=NetArray("w"))], Input=2)
    made = NetReplacePart(net, {NetArray("w"): [[1, 2], [3, 4]]})
    assert made[1, "Weights"].tolist() == made[2, "Weights"].tolist() == [[1, 2], [3, 4]]


def test_netreplacepart_coder_param_v_is_a_new_coder():
    assert NetReplacePart(DECODER, {"Multilabel": True}) == NetDecoder("Class", ["p", "q"], Multilabel=True)
    refused(
        lambda: NetReplacePart(DECODER, {"Multilable": True}),
        'NetDecoder("Class"): "Multilable" is not a parameter\n  hint: did you mean Multilabel?',
    )


def test_netreplacepart_at_depth():
    net = NetReplacePart(NESTED, {("x", "q"): Ramp, ("x", 1, "Biases"): [1, 2, 3]})
    assert net["x", "q"] == ElementwiseLayer("Ramp") and net["x", "p", "Biases"].tolist() == [1, 2, 3]
    assert net["x", "p", "Weights"] is NESTED["x", "p", "Weights"] and net["x", "r"] is NESTED["x", "r"]


def test_netreplacepart_several_at_once_are_simultaneous():
    net = NetChain([3, 5], Output=5)
    assert NetReplacePart(net, {2: 7, "Output": 7}) == NetChain([3, 7], Output=7)
    assert NetReplacePart(net, [(1, Ramp), (2, TANH), ("Output", Automatic)]) == NetChain([Ramp, TANH])
    refused(
        lambda: NetReplacePart(net, {2: 7}),
        "net/2: LinearLayer gives Output of shape 7, but Output is given as 5 (Input is 3 from net/1)",
    )


def test_netreplacepart_takes_all_in_a_path_as_netextract_does():
    net = NetReplacePart(NetChain([3, Ramp, 5]), {(All, "Biases"): None})
    assert net == NetChain([LinearLayer(3, Biases=None), Ramp, LinearLayer(5, Biases=None)])
    refused(
        lambda: NetReplacePart(net, {(All, "Bias"): None}),
        'NetReplacePart: no layer has (All, "Bias")\n  hint: write (All, "Biases")',
    )


def test_netreplacepart_of_a_wrong_port_names_the_right_one():
    refused(lambda: NetReplacePart(PLAIN, {"Inptu": 3}), 'NetChain has no layer "Inptu"\n  hint: did you mean Input?')


# --- section 10: NetReplace ---------------------------------------------------------------------------------------------


def test_netreplace_head_pattern_and_literal_layer():
    net = NetChain([3, Ramp, LinearLayer(3, Biases=None)])
    assert NetReplace(net, {LinearLayer: TANH}) == NetChain([TANH, Ramp, TANH])
    assert NetReplace(net, {Ramp: TANH}) == NetReplace(net, (Ramp, TANH)) == NetChain([3, TANH, net[3]])


def test_netreplace_a_literal_must_match_in_every_given_parameter_but_port_dimensions_are_ignored():
    net = NetChain([LinearLayer(3, Input=2), LinearLayer(3, Biases=None), 5])
    assert NetReplace(net, {LinearLayer(3): Ramp}) == NetChain([Ramp, Ramp, 5])
    assert NetReplace(net, {LinearLayer(3, Biases=None): Ramp}) == NetChain([LinearLayer(3, Input=2), Ramp, 5])
    assert NetReplace(net, {LinearLayer(3, Input=11): Ramp})[1] == ElementwiseLayer("Ramp")


def test_netreplace_works_at_any_depth():
    assert NetReplace(DEEP, {Ramp: TANH}) == NetChain({"a": {"a": {"a": TANH}}, "b": {"a": TANH}})
    assert NetReplace(NetMapOperator(NetChain([3, Ramp])), {Ramp: TANH}) == NetMapOperator(NetChain([3, TANH]))


def test_netreplace_by_nothing_removes_the_layer():
    assert NetReplace(NetChain([3, Ramp, 5]), {Ramp: Nothing}) == NetChain([3, 5])
    graph = NetGraph({"a": 3, "b": Ramp, "c": 5}, [("a", "b", "c")])
    assert NetReplace(graph, {Ramp: Nothing}) == NetGraph({"a": 3, "c": 5}, [("a", "c")])


def test_netreplace_without_a_match_says_so_and_gives_the_original_net():
    with pytest.warns(NetWarning, match="^NetReplace: no layer matches, and the net is as it was$"):
        assert NetReplace(CHAIN, {SoftmaxLayer: Ramp}) is CHAIN


def test_netreplace_of_a_layer_of_a_chain_by_a_netchain_splices_it_into_the_parent_chain():
    assert NetReplace(NetChain([3, Ramp, 5]), {Ramp: NetChain([TANH, 7])}) == NetChain([3, TANH, 7, 5])
    named = NetReplace(NetChain({"a": 3, "b": Ramp, "b/1": 5}), {Ramp: NetChain([TANH, 7])})
    assert list(named.layers) == ["a", "b/12", "b/2", "b/1"]  # "b/1" is taken


def test_netreplace_by_several_rules_takes_the_first_that_fits():
    assert NetReplace(NetChain([3, Ramp]), [{ElementwiseLayer: TANH}, {Ramp: 5}, {LinearLayer(3): 7}]) == NetChain(
        [7, TANH]
    )
    assert NetReplace(NetChain([3, Ramp]), {"_": TANH}) == NetChain([TANH, TANH])


def test_netreplace_refuses_what_is_no_pattern():
    refused(
        lambda: NetReplace(CHAIN, {"_ElementwiseLayer": Ramp}),
        'NetReplace: "_ElementwiseLayer" is not a pattern\n'
        '  hint: a pattern is a class such as ElementwiseLayer, a layer such as LinearLayer(3) or Ramp, or "_"',
    )


# --- section 11: NetAppend, NetPrepend ------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [{"z": TANH}, ("z", TANH), [("z", TANH)], [{"z": TANH}]])
def test_netappend_and_netprepend_name_layer_in_every_form(spec):
    net = NetChain({"a": 3, "b": 5})
    assert NetAppend(net, spec) == NetChain({"a": 3, "b": 5, "z": TANH})
    assert NetPrepend(net, spec) == NetChain({"z": TANH, "a": 3, "b": 5})


def test_netappend_and_netprepend_a_layer_or_a_list_to_a_chain_or_a_layer():
    assert NetAppend(NetChain([3]), TANH) == NetAppend(LinearLayer(3), TANH) == NetChain([3, TANH])
    assert NetAppend(NetChain([3]), [Ramp, 5]) == NetChain([3, Ramp, 5])
    assert NetPrepend(LinearLayer(3), [Ramp, 5]) == NetChain([Ramp, 5, 3])


def test_netappend_and_netprepend_to_a_netgraph_with_one_output_or_input():
    x = example(5)
    assert_close(NetAppend(NESTED, {"end": TANH})(x), np.tanh(NESTED(x)))
    assert_close(NetPrepend(NESTED, {"start": TANH})(x), NESTED(np.tanh(x)))


def test_options_input_and_output_set_the_results_port_types():
    assert NetAppend(NetChain([3]), 5, Input=7, Output=5) == NetChain([3, 5], Input=7, Output=5)
    assert NetPrepend(NetChain([3]), 5, Input=ENCODER)["Input"] is ENCODER
    refused(
        lambda: NetAppend(NetChain([3]), 5, Inptu=7),
        'NetAppend: the net has no port "Inptu"\n  hint: did you mean Input?',
    )


def test_the_decoder_is_dropped_on_append_and_the_encoder_on_prepend_unless_supplied_again():
    longer, ahead = NetAppend(CODED, TANH), NetPrepend(CODED, TANH)
    assert longer["Output"] == 2 and longer["Input"] is ENCODER
    assert ahead["Input"] == 3 and ahead["Output"] is DECODER
    assert NetAppend(CODED, TANH, Output=DECODER)["Output"] is DECODER
    assert shared(longer[1, "Weights"], CODED[1, "Weights"]) and shared(ahead[2, "Weights"], CODED[1, "Weights"])


def test_append_fails_if_shapes_are_incompatible():
    refused(
        lambda: NetAppend(NetInitialize(LinearLayer(5, Input=2)), LinearLayer(3, Input=7)),
        "net/1: LinearLayer gives Output of shape 5, but Input of net/2 is given as 7 (Input is 2, as given; Weights is "
        "5×2, as given; Biases is 5, as given)\n"
        "  hint: Weights and Biases fix that size: give other arrays, or another Output",
    )


def test_append_fails_if_the_added_net_has_several_inputs_and_prepend_if_it_has_several_outputs():
    two = NetGraph({"a": Ramp, "b": TANH}, [])
    hint = "\n  hint: connect its ports by name in a NetGraph"
    refused(
        lambda: NetAppend(CHAIN, {"z": CatenateLayer(InputPorts=2)}),
        "NetAppend: a net behind another needs exactly one input port; this NetChain has 2 (Input1, Input2)" + hint,
    )
    refused(
        lambda: NetPrepend(CHAIN, {"z": two}),
        "NetPrepend: a net in front of another needs exactly one output port; this NetChain has 2 (Output1, Output2)"
        + hint,
    )
    refused(
        lambda: NetAppend(two, TANH),
        "NetAppend: a net in front of another needs exactly one output port; this NetGraph has 2 (Output1, Output2)"
        + hint,
    )


# --- section 12: NetInsert, NetDelete, NetDrop, NetTake -------------------------------------------------------------------


def test_netinsert_puts_the_layer_before_position_i_and_at_the_end_by_n_plus_1_or_minus_1():
    net = NetChain([3, 5])
    assert NetInsert(net, TANH, 1) == NetChain([TANH, 3, 5]) and NetInsert(net, TANH, 2) == NetChain([3, TANH, 5])
    assert NetInsert(net, TANH, 3) == NetInsert(net, TANH, -1) == NetChain([3, 5, TANH])
    assert NetInsert(net, TANH, -2) == NetChain([3, TANH, 5]) and NetInsert(NetChain([]), TANH, 1) == NetChain([TANH])


@pytest.mark.parametrize("position", [2, "b", -3])
def test_netinsert_name_layer_pos_is_required_for_named_chains(position):
    assert NetInsert(CHAIN, {"n": Ramp}, position).layers.keys() == {"a": 0, "n": 0, "b": 0, "c": 0}.keys()
    assert list(NetInsert(CHAIN, ("n", Ramp), position).layers) == ["a", "n", "b", "c"]
    refused(lambda: NetInsert(CHAIN, Ramp, position), 'NetInsert: the new layer needs a name, as in {"name": layer}')
    refused(
        lambda: NetInsert(PLAIN, {"n": Ramp}, 2), "NetInsert: the new layer takes no name: the chain has none"
    )  # fmt: skip


def test_netinsert_of_an_existing_key_is_an_error_and_neighbours_must_be_compatible():
    refused(
        lambda: NetInsert(CHAIN, {"a": Ramp}, 2), "NetInsert: a layer is named 'a' already\n  hint: give another name"
    )
    with pytest.raises(NetError, match="net/3: LinearLayer has Weights of shape 5×3, where inputs is 3"):
        NetInsert(NetInitialize(NetChain([3, 5], Input=2)), 7, 2)


def test_netinsert_refuses_positions_that_are_not_there():
    for position in (0, 5, -5):
        refused(
            lambda position=position: NetInsert(PLAIN, Ramp, position),
            f"NetInsert: {position} is no position in a chain of 3 layers\n"
            "  hint: positions count from 1 to 4, or from -1 to -4 from the end",
        )


def test_netdelete_by_number_by_name_and_several():
    assert NetDelete(NetChain([3, Ramp, 5]), 2) == NetDelete(NetChain([3, Ramp, 5]), -2) == NetChain([3, 5])
    assert list(NetDelete(CHAIN, "b").layers) == ["a", "c"] and list(NetDelete(CHAIN, ["b", "c"]).layers) == ["a"]
    assert NetDelete(NetChain([3, Ramp, TANH, 5]), [2, 3]) == NetChain([3, 5])


def test_netdelete_of_output_ports_and_of_state_input_ports_of_a_graph():
    graph = NetGraph({"a": Ramp, "b": TANH, "c": "Sin"}, [])
    assert list(NetDelete(graph, [NetPort("Output1"), NetPort("Output3")]).ports()) == ["Input", "Output2"]
    recurrent = NetGraph(
        {"r": LongShortTermMemoryLayer(3)}, [(NetPort("S"), NetPort("r", "State"))], Input=("Varying", 2)
    )
    assert list(NetDelete(recurrent, NetPort("S")).ports()) == ["Input", "Output"]
    refused(
        lambda: NetDelete(graph, NetPort("Input")),
        'NetDelete: NetPort("Input") is an input that layers need\n  hint: delete the layers',
    )
    refused(
        lambda: NetDelete(graph, NetPort("Output4")),
        'NetDelete: the graph has no port NetPort("Output4")\n  hint: did you mean Output3?',
    )
    refused(
        lambda: NetDelete(CHAIN, NetPort("Output")),
        'NetDelete: NetPort("Output") of a NetChain; only a NetGraph has ports to delete',
    )


def test_a_layer_may_be_deleted_only_if_its_shapes_are_the_same_or_it_lies_on_the_outer_edge():
    net = NetChain([3, 7, 5], Input=2)
    assert NetDelete(net, 1) == NetChain([7, 5]) and NetDelete(net, 3) == NetChain([3, 7], Input=2)
    refused(
        lambda: NetDelete(net, 2),
        "NetDelete: layer 2 cannot be left out, because the shapes in front and behind differ: 3 and 7\n"
        "  hint: replace what stands between, or leave out layers at an end",
    )
    assert NetDelete(NetChain([3, 7, 3, 5]), [2, 3]) == NetChain([3, 5])  # together they change nothing
    sequence = NetChain([Ramp, SequenceRestLayer(), Ramp], Input=("Varying", 3))
    assert NetDelete(sequence, 2) == NetChain([Ramp, Ramp], Input=("Varying", 3))  # one length for another
    assert_close(NetDelete(NESTED, "z")(example(5)), NESTED(example(5), NetPort("y")))
    refused(
        lambda: NetDelete(NetAppend(NESTED, {"end": TANH}), "z"),
        "NetDelete: layer 'z' has 2 input and 1 output ports; only a layer of one input and one output can be left out\n"
        "  hint: build the graph anew with NetGraph",
    )
    y = example(5)
    assert_close(NetDelete(NESTED, "y")(y), 2 * NetTake(NESTED, "x")(y))


@pytest.mark.parametrize(
    "part, left",
    [(1, "bcde"), (-1, "abcd"), (2, "cde"), (-2, "abc"), ((2, 3), "ade"), (("b", "d"), "ae"), ((-2, -1), "abc"), ((1, 1), "bcde"), (0, "abcde"), (5, "")],
)  # fmt: skip
def test_netdrop_first_n_last_n_or_a_range_by_index_or_name(part, left):
    net = NetChain({name: ElementwiseLayer("Tanh") for name in "abcde"})
    assert "".join(NetDrop(net, part).layers) == left


def test_an_interior_netdrop_needs_the_input_shape_of_the_first_to_be_the_output_shape_of_the_last():
    assert NetDrop(NetChain([3, 7, 3, 5]), (2, 3)) == NetChain([3, 5])
    refused(
        lambda: NetDrop(NetChain([3, 7, 11, 5]), (2, 3)),
        "NetDrop: layers 2 to 3 cannot be left out, because the shapes in front and behind differ: 3 and 11\n"
        "  hint: replace what stands between, or leave out layers at an end",
    )


def test_netdrop_keeps_coders_at_the_ends_that_stay_and_port_spec_options_override():
    assert NetDrop(CODED, -1)["Input"] is ENCODER and NetDrop(CODED, 1)["Output"] is DECODER
    assert NetDrop(CODED, -1)["Output"] == 2 and NetDrop(CODED, 1)["Input"] == 5
    assert NetDrop(CODED, -1, Output=DECODER)["Output"] is DECODER
    assert shared(NetDrop(CODED, 1)[1, "Weights"], CODED[2, "Weights"])


def test_netdrop_refuses_other_parts():
    refused(lambda: NetDrop(PLAIN, 4), "NetDrop: 4 of a chain of 3 layers\n  hint: drop 3 at most")
    refused(lambda: NetDrop(PLAIN, (3, 1)), "NetDrop: layer 3 stands behind layer 1")
    refused(
        lambda: NetDrop(PLAIN, "2;;3"),
        'NetDrop: "2;;3" is not a part of a chain\n  hint: write a number of layers, or (start, end)',
    )


@pytest.mark.parametrize(
    "part, left",
    [(2, "ab"), ("b", "ab"), (-1, "abc"), ((1, -2), "ab"), (("b", "c"), "bc"), ((2, 2), "b"), (All, "abc"), ((All, "a"), "a"), (("b", All), "bc"),
     ((NetPort("b", "Input"), 3), "bc"), ((NetPort("a", "Output"), 3), "bc"), ((NetPort("Input"), NetPort("b", "Output")), "ab"),
     (("b", NetPort("Output")), "bc"), ((["a", "b"], "c"), "abc"), (("a", ["c"]), "abc"), (NetPort("b"), "ab")],
)  # fmt: skip
def test_nettake_end_or_start_end_by_number_layer_netport_all_or_a_list_of_these(part, left):
    made = NetTake(CHAIN, part)
    assert "".join(made.layers) == left and isinstance(made, NetChain)
    assert all(made[key] is CHAIN[key] for key in left)


def test_nettake_of_a_graph_is_the_subgraph_that_computes_end_from_start():
    x, inner = example(5), NESTED(example(5), NetPort("x"))
    assert_close(NetTake(NESTED, "y")(x), NESTED(x, NetPort("y")))
    assert_close(NetTake(NESTED, (NetPort("x", "Output"), NetPort("Output")))(inner), NESTED(x))
    both = NetTake(NESTED, ("x", ["x", "y"]))
    assert list(both.ports()) == ["Input", "Output1", "Output2"]
    assert_close(both(x)["Output1"], inner)
    assert_close(both(x)["Output2"], np.tanh(inner))


def test_nettake_with_netport_at_deeper_paths_opens_the_nets_in_between():
    x = example(5)
    hidden = NESTED(x, NetPort("x", "q"))
    first = NetTake(NESTED, NetPort("x", "q", "Output"))
    rest = NetTake(NESTED, (NetPort("x", "q", "Output"), NetPort("Output")))
    assert list(first.layers) == ["x/p", "x/q"] and list(rest.layers) == ["x/r", "y", "z"]
    assert_close(first(x), hidden)
    assert_close(rest(hidden), NESTED(x))
    assert_close(
        NetTake(NESTED, (NetPort("x", "q", "Input"), "y"))(NESTED(x, NetPort("x", "p"))), NESTED(x, NetPort("y"))
    )
    assert_close(NetTake(NESTED, ("x", [NetPort("x", 2, "Output"), "x"]))(x)["Output1"], hidden)
    chain = NetInitialize(NetChain([[3, [Ramp, 5]], 2], Input=7))
    assert_close(
        NetTake(chain, NetPort(1, 2, 1, "Output"))(example(7)),
        np.maximum(NetTake(chain, NetPort(1, 1, "Output"))(example(7)), 0),
    )
    assert isinstance(NetTake(chain, NetPort(1, 2, 1, "Output")), NetChain)


def test_nettake_port_spec_options_and_coders():
    assert NetTake(CODED, 2)["Input"] is ENCODER and NetTake(CODED, (2, 3))["Output"] is DECODER
    assert NetTake(CODED, 2, Output=DECODER)["Output"] is DECODER and NetTake(PLAIN, 2, Output=3).given[
        "Output"
    ].dims == (3,)


@pytest.mark.parametrize(
    "part, text",
    [
        (("c", "a"), 'NetTake: "a" is not computed from "c"'),
        (NetPort("b", "Input"), 'NetTake: NetPort("b", "Input") is an input; a part ends at an output'),
        (NetPort("b", "Outptu"), "NetTake: layer 'b' has no port \"Outptu\"\n  hint: did you mean Output?"),
        (NetPort("Outptu"), "NetTake: the net has no port 'Outptu'\n  hint: did you mean Output?"),
        ((1, 2, 3), "NetTake: (1, 2, 3) is not an end, or (start, end)\n  hint: write end, or (start, end); several places are a list inside: (start, [end, end])"),
        (NetPort("b", "p", "Output"), "NetTake: NetPort(\"b\", \"p\", \"Output\") is not a port of the net: layer 'b', a ElementwiseLayer, holds no layers of its own"),
        ("z", 'NetChain has no layer "z"\n  hint: there are a, b, c'),
    ],
)  # fmt: skip
def test_nettake_refuses(part, text):
    refused(lambda: NetTake(CHAIN, part), text)


# --- section 13: NetJoin, NetRename, NetFlatten ---------------------------------------------------------------------------


def test_netjoin_chains_nets_and_the_result_is_a_netchain_if_all_are_chains_else_a_netgraph():
    assert NetJoin(NetChain([3]), LinearLayer(5), NetChain([Ramp])) == NetChain([3, 5, Ramp])
    graph = NetJoin(NetChain({"a": 3}, Input=2), NetGraph({"b": Ramp, "c": "Plus"}, [(("b", NetPort("Input")), "c")]))
    net, x = NetInitialize(graph), example(2)
    assert isinstance(net, NetGraph) and list(net.layers) == ["a", "b", "c"]
    hidden = net["a", "Weights"] @ x + net["a", "Biases"]
    assert_close(net(x), np.maximum(hidden, 0) + hidden)


def test_netjoin_all_but_the_first_need_one_input_and_all_but_the_last_one_output():
    several = NetJoin(NetChain([CatenateLayer(InputPorts=2)]), NetGraph({"a": Ramp, "b": TANH}, []))
    assert list(several.ports()) == ["Input1", "Input2", "Output1", "Output2"]
    refused(
        lambda: NetJoin(CHAIN, NetChain([CatenateLayer(InputPorts=2)])),
        "NetJoin: a net behind another needs exactly one input port; this NetChain has 2 (Input1, Input2)\n"
        "  hint: connect its ports by name in a NetGraph",
    )


def test_netjoin_removes_inner_coders_and_keeps_those_on_the_first_and_last_net_unless_overridden():
    last = NetChain([SoftmaxLayer()], Input=NetEncoder("Class", ["u", "v"], "IndicatorVector"), Output=DECODER)
    net = NetJoin(CODED, last)
    assert net["Input"] is ENCODER and net["Output"] is DECODER and len(net) == 4
    assert net[3, "Output"] == 2 and net[4, "Input"] == 2
    assert NetJoin(CODED, last, Input=3)["Input"] == 3


def test_netjoin_renames_duplicate_layer_names():
    net = NetJoin(NetChain({"a": 3, "b": Ramp}), NetChain({"a": 5, "b": 7}), NetChain({"a": 2}))
    assert list(net.layers) == ["a", "b", "a2", "b2", "a3"]
    assert list(NetJoin(NetChain({"a": 3}), NetChain([5])).layers) == ["a", "2"]


def test_netjoin_of_incompatible_shapes_fails():
    with pytest.raises(NetError, match="net/3: LinearLayer gives Output of shape 5, but Input of net/4 is given as 2"):
        NetJoin(PLAIN, PLAIN)
    refused(lambda: NetJoin(), "NetJoin needs at least one net\n  hint: write NetJoin(net, net)")
    refused(lambda: NetJoin(PLAIN, Ramp), "NetJoin takes a net, got Ramp")


@pytest.mark.parametrize(
    "rules", [{"a": "z"}, ("a", "z"), [("a", "z")], [{"a": "z"}], lambda key: "z" if key == "a" else key]
)
def test_netrename_old_new_rules_or_a_function(rules):
    net = NetRename(CHAIN, rules)
    assert list(net.layers) == ["z", "b", "c"] and net["z"] is CHAIN["a"]
    assert np.array_equal(net(example(2)), CHAIN(example(2)))


def test_netrename_netport_old_netport_new():
    net = NetRename(NESTED, {NetPort("Input"): NetPort("X"), NetPort("Output"): NetPort("Y")})
    assert list(net.ports()) == ["X", "Y"] and np.array_equal(net({"X": example(5)}), NESTED(example(5)))


@pytest.mark.parametrize(
    "levels, expected",
    [
        (1, {"z": {"a": {"a": Ramp}}, "b": {"a": Ramp}}),
        (2, {"z": {"z": {"a": Ramp}}, "b": {"z": Ramp}}),
        ([2], {"a": {"z": {"a": Ramp}}, "b": {"z": Ramp}}),
        ([3], {"a": {"a": {"z": Ramp}}, "b": {"a": Ramp}}),
        ((2, 3), {"a": {"z": {"z": Ramp}}, "b": {"z": Ramp}}),
        ([2, 3], {"a": {"z": {"z": Ramp}}, "b": {"z": Ramp}}),
        (All, {"z": {"z": {"z": Ramp}}, "b": {"z": Ramp}}),
        (math.inf, {"z": {"z": {"z": Ramp}}, "b": {"z": Ramp}}),
    ],
)
def test_netrename_levelspec_n_is_levels_1_to_n_and_in_brackets_only_n(levels, expected):
    assert NetRename(DEEP, {"a": "z"}, levels) == NetChain(expected)


def test_netrename_default_is_the_outermost_level_and_new_names_must_be_unique():
    assert NetRename(DEEP, {"a": "z"}) == NetRename(DEEP, {"a": "z"}, 1)
    unique = "\n  hint: names must be unique"
    refused(lambda: NetRename(DEEP, {"a": "b"}), "NetRename: two layers would be named 'b'" + unique)
    refused(
        lambda: NetRename(NESTED, {NetPort("Input"): NetPort("Output")}),
        "NetRename: two ports would be named 'Output'" + unique,
    )


@pytest.mark.parametrize("levels", [0, -1, "x", (3, 1), (1, 2, 3), True, 1.5])
def test_netrename_refuses_what_is_no_level(levels):
    with pytest.raises(
        NetError, match=r"is not a level\n  hint: levels count from 1: write n, \[n\], \(n1, n2\) or All$"
    ):
        NetRename(DEEP, {"a": "z"}, levels)


def test_netrename_refuses_names_that_are_not_there():
    refused(
        lambda: NetRename(DEEP, {"a": "z"}, [9]),
        'NetRename: there is no "a" at level 9\n  hint: the outermost level is 1',
    )
    refused(
        lambda: NetRename(NESTED, {NetPort("Inptu"): NetPort("X")}),
        'NetRename: there is no NetPort("Inptu")\n  hint: did you mean NetPort("Input")?',
    )
    refused(
        lambda: NetRename(PLAIN, lambda key: key.upper()),
        "NetRename: the function fails for 1: 'int' object has no attribute 'upper'\n"
        "  hint: the function gets the name of a layer, or its position where it has none",
    )


def test_netflatten_all_levels_or_n_levels():
    net = NetChain([3, [Ramp, [5, [7]]]])
    assert NetFlatten(net) == NetFlatten(net, All) == NetFlatten(net, 9) == NetChain([3, Ramp, 5, 7])
    assert NetFlatten(net, 1) == NetChain([3, Ramp, [5, [7]]]) and NetFlatten(net, 2) == NetChain([3, Ramp, 5, [7]])
    assert NetFlatten(net, 0) is net


def test_netflatten_flattens_inside_operators_too():
    assert NetFlatten(NetChain([NetMapOperator(NetChain([[3, [Ramp]]]))])) == NetChain(
        [NetMapOperator(NetChain([3, Ramp]))]
    )


def test_a_graph_that_turns_out_linear_becomes_a_netchain_and_a_chain_containing_graphs_becomes_a_netgraph():
    assert NetFlatten(NetGraph({"a": Ramp, "b": [3]}, [("a", "b")])) == NetChain({"a": Ramp, "b/1": 3})
    graph = NetFlatten(NetChain([3, NetGraph({"s": "Plus"}, [((NetPort("Input"), NetPort("Input")), "s")])]))
    assert isinstance(graph, NetGraph) and list(graph.layers) == ["1", "2/s"]


def test_new_names_for_flattened_vertices_combine_the_path():
    assert list(NetFlatten(DEEP).layers) == ["a/a/a", "b/a"]
    assert list(NetFlatten(NetChain({"a/b": Ramp, "a": {"b": TANH}})).layers) == ["a/b", "a/b2"]


# --- what goes with the layers ------------------------------------------------------------------------------------------


def test_learning_rate_multipliers_go_with_the_layers_that_they_name():
    net = NetChain({"a": 3, "b": Ramp, "c": 5}, Input=2, LearningRateMultipliers={"a": 0, -1: 2, "_": 3})
    rates = lambda made: NetExtract(made, "LearningRateMultipliers").rules
    assert rates(NetRename(net, {"a": "z"})) == {"z": 0, "c": 2, "_": 3}
    assert rates(NetAppend(net, {"d": 7})) == {"a": 0, "c": 2, "_": 3}
    assert rates(NetDelete(net, "a")) == {"c": 2, "_": 3} and rates(NetTake(net, 2)) == {"a": 0, "_": 3}
    plain = NetChain([3, Ramp, 5], LearningRateMultipliers={1: 0, (3, "Biases"): 2})
    assert rates(NetInsert(plain, Ramp, 2)) == {1: 0, (4, "Biases"): 2}
    assert rates(NetDrop(plain, 1)) == {(2, "Biases"): 2}
    assert rates(NetReplace(plain, {Ramp: [TANH, TANH]})) == {1: 0, (4, "Biases"): 2}
    two = NetJoin(NetChain([3], LearningRateMultipliers=0), NetChain([5, 7], LearningRateMultipliers={2: 4}))
    assert rates(two) == {1: 0, 3: 4}


RATES = "LearningRateMultipliers"


def test_netflatten_carries_the_rules_of_the_nets_that_it_opens_the_outer_ones_first():
    inner = NetChain([4, [5, 6]], LearningRateMultipliers={-1: 7})
    net = NetChain([NetChain([3, TANH], LearningRateMultipliers={1: 0}), inner], Input=2,
                   LearningRateMultipliers={1: 2, (2, 2, 1): 3})  # fmt: skip
    flat = NetFlatten(net)
    assert repr(flat[RATES]) == "{1: 2, 2: 2, 4: 3, 5: 7}"
    assert list(resolved_rates(flat).of.values()) == list(resolved_rates(net).of.values()) == [2, 2, 1, 1, 3, 3, 7, 7]
    once = NetFlatten(net, 1)
    assert repr(once[RATES]) == "{1: 2, 2: 2, (4, 1): 3, 4: 7}"
    assert list(resolved_rates(once).of.values()) == list(resolved_rates(net).of.values())


def test_netflatten_carries_rules_into_operators_and_into_chains_of_another_order():
    held = NetChain({"a": 3, "c": [4, 5]})
    mapped = NetChain({"m": NetMapOperator(held)}, LearningRateMultipliers={("m", "Net", "c", 2): 0, "_": 9})
    assert repr(NetFlatten(mapped)[RATES]) == '{("m", "Net", "c/2"): 0, "_": 9}'
    bare = NetMapOperator(held, LearningRateMultipliers={("Net", "c", 2): 0})
    assert repr(NetFlatten(bare)[RATES]) == '{("Net", "c/2"): 0}'
    turned = NetGraph([3, 4], [(2, 1)], LearningRateMultipliers={1: 2, 2: 5})
    assert NetFlatten(turned) == NetChain([4, 3], LearningRateMultipliers={2: 2, 1: 5})


def test_nettake_and_a_span_of_a_chain_carry_the_rules_of_the_layers_that_stay():
    net = NetChain([3, TANH, 4, Ramp, 5], LearningRateMultipliers={1: 0, 3: 2, "_": 0.5})
    assert net["2;;4"] == NetTake(net, (2, 4)) == NetExtract(net, Span(2, 4))
    assert repr(net["2;;4"][RATES]) == '{2: 2, "_": 0.5}'
    deep = NetGraph({"a": NetChain({"b": 3, "c": 4}, LearningRateMultipliers={"b": 0}), "d": 5}, [("a", "d")])
    assert repr(NetTake(deep, NetPort("a", "b", "Output"))[RATES]) == '{"a/b": 0}'


def test_netrename_goes_into_operators_as_into_containers_and_takes_rules_along():
    net = NetChain({"m": NetMapOperator(NetChain({"a": 3, "c": {"d": Ramp}}))},
                   LearningRateMultipliers={("m", "Net", "a"): 0})  # fmt: skip
    assert NetRename(net, str.upper, 2) == NetChain(
        {"M": NetMapOperator(NetChain({"A": 3, "C": {"d": Ramp}}))}, LearningRateMultipliers={("M", "Net", "A"): 0}
    )
    assert NetRename(net, {"d": "z"}, [3])["m", "Net", "c"] == NetChain({"z": Ramp})
    nested = NetChain({"a": {"b": 3}}, LearningRateMultipliers={("a", "b"): 0})
    assert repr(NetRename(nested, {"b": "c"}, 2)[RATES]) == '{("a", "c"): 0}'


def test_netreplacepart_takes_reversenet_for_the_backwardnet_at_any_depth():
    net = NetInitialize(NetBidirectionalOperator(NetChain({"r": GatedRecurrentLayer(3)}), Input=("Varying", 2)))
    place = ("r", "InputGateBiases")
    ones = NetReplacePart(net, {("ReverseNet", *place): [1, 1, 1]})
    assert ones["BackwardNet", *place].tolist() == [1, 1, 1] and ones["ForwardNet", *place] is net["ForwardNet", *place]
    other = NetReplacePart(net, {"ReverseNet": GatedRecurrentLayer(3)})
    assert other["BackwardNet"] == GatedRecurrentLayer(3)


def test_netreplacepart_takes_array_values_as_lists_or_arrays():
    net = NetInitialize(NetChain([LinearLayer(3)], Input=2))
    for value in ([1, 2, 3], (1, 2, 3), np.array([1.0, 2, 3]), np.array([1, 2, 3])):
        assert NetReplacePart(net, {(1, "Biases"): value})[1, "Biases"].tolist() == [1, 2, 3]


def test_netreplacepart_of_inconsistent_dimensions_fails_so_layer_and_output_are_replaced_in_one_call():
    net = NetInitialize(NetChain({"a": 3, "b": 4}, Input=2, Output=4))
    refused(
        lambda: NetReplacePart(net, {"b": LinearLayer(5)}),
        "net/b: LinearLayer gives Output of shape 5, but Output is given as 4 (Input is 3 from net/a)",
    )
    assert NetReplacePart(net, {"b": LinearLayer(5), "Output": 5}).shapes == {"Input": (2,), "Output": (5,)}


def test_netjoin_of_a_named_with_an_unnamed_chain_names_layers_by_their_position():
    assert NetJoin(NetChain({"a": 3}), NetChain([TANH, 4])) == NetChain({"a": 3, "2": TANH, "3": 4})
    assert NetJoin(NetChain([TANH, 4]), NetChain({"a": 3})) == NetChain({"1": TANH, "2": 4, "a": 3})


def test_nets_with_shared_arrays_and_varying_lengths_are_solved_whole():
    shared_net = NetInitialize(NetChain([LinearLayer(3, Weights=NetArray("w")), Ramp], Input=3))
    longer = NetAppend(shared_net, LinearLayer(3, Weights=NetArray("w"), Biases=None))
    assert longer[3, "Weights"] is shared_net[1, "Weights"]
    with pytest.raises(NetError, match=r'NetArray\("w"\), as in net/1/Weights'):
        NetAppend(shared_net, LinearLayer(5, Weights=NetArray("w")))
    varying = NetChain([SequenceRestLayer(), Ramp], Input=("Varying", 3))
    assert NetAppend(varying, SequenceRestLayer())(np.ones((5, 3))).shape == (3, 3)
    with pytest.raises(NetError, match="an array of a layer cannot vary"):
        NetAppend(varying, 3)


def test_a_part_without_its_surroundings_fits_where_other_sizes_flow():
    rest = NetDrop(NetChain([3, Ramp, Ramp], Input=2), 1)  # two Ramps of which no size is known any more
    assert NetPrepend(rest, LinearLayer(9))["Output"] == 9 and rest["Output"] is Automatic
