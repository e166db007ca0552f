"""The rows of the reference about encoders and decoders: port types, and the kinds Boolean and Class."""

import numpy as np
import pytest

from wlnet import (
    Automatic,
    CatenateLayer,
    ElementwiseLayer,
    EmbeddingLayer,
    FlattenLayer,
    Information,
    LinearLayer,
    LogisticSigmoid,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetPort,
    NetReplacePart,
    NetTrain,
    Ramp,
    Restricted,
    SoftmaxLayer,
)
from wlnet.core.types import Integer

LABELS = ["a", "b", "c"]
P = [0.25, 0.125, 0.625]


def passes(**ports):
    """A net that gives back what it gets."""
    return NetChain([ElementwiseLayer(lambda x: x + 0)], **ports)


def refused(act):
    with pytest.raises(NetError) as e:
        act()
    return str(e.value)


# --- section 1: port types -------------------------------------------------------------------------------------------


def test_port_real_is_one_real_number_of_rank_0():
    assert passes(Input="Real")(1.5).shape == () and NetExtract(passes(Input="Real"), "Input") == "Real"


def test_port_integer_is_one_integer_of_rank_0():
    net = NetChain([EmbeddingLayer(2, 5)], Input="Integer")
    assert net.plan.shape((), "Input") == () and NetInitialize(net)(3).shape == (2,)


def test_port_restricted_integer_n_is_an_integer_in_1_to_n():
    net = NetInitialize(NetChain([EmbeddingLayer(2)], Input=Restricted("Integer", 5)))
    assert net(5).shape == (2,) and net[1, "Weights"].shape == (5, 2)
    assert refused(lambda: net(6)).startswith("Input takes integers up to 5")


def test_port_restricted_integer_m_n_is_an_integer_in_m_to_n():
    net = passes(Input=Restricted("Integer", (3, 7)))
    assert net.plan.types[(), "Input"] == Integer(7, 3) and net(3) == 3
    assert refused(lambda: net(2)).startswith("Input takes integers from 3 to 7")


def test_port_n_is_a_vector_of_length_n():
    assert passes(Input=3)([1, 2, 3]).shape == (3,) and NetExtract(passes(Input=3), "Input") == 3


def test_port_n1_n2_is_an_array():
    assert passes(Input=(2, 3))(np.ones((2, 3))).shape == (2, 3) and NetExtract(passes(Input=(2, 3)), "Input") == (2, 3)


def test_port_empty_list_is_a_scalar_same_as_real():
    assert passes(Input=())(2.0).shape == () and NetExtract(passes(Input=()), "Input") == "Real"


def test_port_varying_is_a_vector_of_variable_length():
    net = passes(Input="Varying")
    assert [len(each) for each in net([[1, 2], [3, 4, 5]])] == [2, 3]


def test_port_varying_n2_n3_has_its_first_dimension_variable_the_rest_fixed():
    net = passes(Input=("Varying", 3, 2))
    assert [each.shape for each in net([np.ones((5, 3, 2)), np.ones((7, 3, 2))])] == [(5, 3, 2), (7, 3, 2)]


def test_port_n1_restricted_integer_is_an_integer_valued_array():
    net = NetInitialize(NetChain([EmbeddingLayer(2)], Input=(3, Restricted("Integer", 5))))
    assert net([5, 1, 2]).shape == (3, 2)
    varying = NetInitialize(NetChain([EmbeddingLayer(2)], Input=("Varying", Restricted("Integer", 5))))
    assert varying([5, 1]).shape == (2, 2) and varying[1, "Weights"].shape == (5, 2)


def test_port_automatic_whole_or_any_dimension_is_inferred():
    assert NetChain([LinearLayer(3)], Input=Automatic, Output=(Automatic,)).plan.shape((), "Output") == (3,)
    assert NetChain([FlattenLayer()], Input=(2, Automatic), Output=10).plan.shape((), "Input") == (2, 5)


def test_port_net_encoder_on_input_ports_only():
    assert passes(Input=NetEncoder("Boolean"))(True) == 1
    assert refused(lambda: passes(Output=NetEncoder("Boolean"))) == (
        'NetChain: Output is an output port, so it takes a NetDecoder, not NetEncoder("Boolean")'
    )


def test_port_net_encoder_with_dimensions_is_mapped_over_an_array_of_items():
    net = passes(Input=NetEncoder("Class", LABELS, Dimensions=(2, 3)))
    assert net([["a", "b", "c"], ["c", "b", "a"]]).tolist() == [[1, 2, 3], [3, 2, 1]]
    assert NetEncoder(("Class", LABELS, {"Dimensions": (2, 3)})) == NetEncoder("Class", LABELS, Dimensions=(2, 3))


def test_port_net_decoder_on_output_ports_only():
    assert passes(Input=3, Output=NetDecoder("Class", LABELS))(P) == "c"
    assert refused(lambda: passes(Input=NetDecoder("Boolean"))) == (
        'NetChain: Input is an input port, so it takes a NetEncoder, not NetDecoder("Boolean")'
    )


def test_port_net_decoder_with_input_depth_consumes_a_rank_n_array():
    net = passes(Input=(2, 3), Output=NetDecoder(("Class", LABELS, {"InputDepth": 2})))
    assert net([P, P[::-1]]) == ["c", "a"] and net([[P, P], [P, P[::-1]]]) == [["c", "c"], ["c", "a"]]


def test_port_name_creates_an_encoder_on_input_and_a_decoder_on_output():
    net = passes(Input="Boolean", Output="Boolean")
    assert NetExtract(net, "Input") == NetEncoder("Boolean") and NetExtract(net, "Output") == NetDecoder("Boolean")
    assert NetExtract(passes(Input=3, Output="Class"), "Output") == NetDecoder("Class")
    assert passes(Input=3, Output="Class")(P) == 3


def test_port_none_strips_the_coder_and_keeps_the_array_shape():
    net = passes(Input=NetEncoder("Class", LABELS, "IndicatorVector"), Output=NetDecoder("Class", LABELS))
    bare = NetReplacePart(net, {"Input": None, "Output": None})
    assert net("b") == "b" and bare([0, 1, 0]).tolist() == [0, 1, 0]
    assert NetExtract(bare, "Input") == 3 and NetExtract(bare, "Output") == 3


def test_information_reports_a_coder_port_as_the_coder_itself():
    net = passes(Input=NetEncoder("Boolean"), Output=NetDecoder("Boolean"))
    assert Information(net, "InputPorts") == {"Input": NetEncoder("Boolean")}
    assert Information(net, "OutputPorts") == {"Output": NetDecoder("Boolean")}


# --- sections 7 and 9: parts of coders -------------------------------------------------------------------------------


def test_net_extract_of_a_coder_gives_a_parameter():
    assert NetExtract(NetEncoder("Class", LABELS), "form") == "Index"
    assert NetExtract(NetDecoder("Class", LABELS, InputDepth=2), "InputDepth") == 2


def test_net_replace_part_of_a_coder_gives_a_new_coder():
    encoder = NetEncoder("Class", LABELS)
    assert NetReplacePart(encoder, {"Dimensions": 5}) == NetEncoder("Class", LABELS, Dimensions=5)
    assert NetReplacePart(encoder, ("classes", ["x"])) == NetEncoder("Class", ["x"])
    assert encoder == NetEncoder("Class", LABELS)


def test_net_replace_part_attaches_coders():
    net = NetReplacePart(passes(Input=3), {"Output": NetDecoder("Class", LABELS)})
    assert net(P) == "c"
    assert NetReplacePart(passes(), {"Input": NetEncoder("Boolean")})(True) == 1


# --- section 22: NetEncoder ------------------------------------------------------------------------------------------


def test_net_encoder_name_and_name_with_parameters_apply_to_one_and_to_a_list():
    assert NetEncoder("Boolean")(True) == 1 and NetEncoder("Boolean")([True, False]).tolist() == [1, 0]
    assert NetEncoder(("Class", LABELS, "IndicatorVector"))("b").tolist() == [0, 1, 0]


def test_net_encoder_of_a_net_decoder_converts():
    assert NetEncoder(NetDecoder("Class", LABELS)) == NetEncoder("Class", LABELS)


def test_already_encoded_input_is_passed_through_so_that_applying_twice_is_harmless():
    for encoder, data in [
        (NetEncoder("Boolean"), True),
        (NetEncoder("Class", LABELS), "b"),
        (NetEncoder("Class", LABELS, "IndicatorVector"), "b"),
        (NetEncoder("Class", LABELS, Multilabel=True), ["a", "c"]),
    ]:
        assert encoder(encoder(data)).tolist() == encoder(data).tolist()


def test_arrays_in_give_arrays_out():
    assert isinstance(NetEncoder("Boolean")(np.array([True, False])), np.ndarray)
    assert isinstance(NetEncoder("Class", LABELS)(np.array(["a", "c"])), np.ndarray)


def test_net_train_creates_an_encoder_of_the_decoders_type_for_the_target():
    net = NetChain([LinearLayer(), SoftmaxLayer()], Input=2, Output=NetDecoder("Class", LABELS))
    trained = NetTrain(net, [([0, 1], "a"), ([1, 0], "c")], MaxTrainingRounds=300, LearningRate=0.1, RandomSeeding=1)
    assert trained([[0, 1], [1, 0]]) == ["a", "c"]
    truths = NetChain([LinearLayer(()), LogisticSigmoid], Input=1, Output="Boolean")
    trained = NetTrain(truths, [([0], False), ([1], True)], MaxTrainingRounds=300, LearningRate=0.1, RandomSeeding=1)
    assert trained([[0], [1]]) == [False, True]


def test_targets_of_a_function_decoder_are_what_the_net_gives():
    net = NetChain([LinearLayer(())], Input=1, Output=NetDecoder("Function", lambda x: round(float(x)), InputDepth=0))
    trained = NetTrain(net, [([0], 1.0), ([1], 3.0)], MaxTrainingRounds=500, LearningRate=0.1, RandomSeeding=1)
    assert trained([[0], [1]]) == [1, 3]


def test_encoder_boolean_0_1_scalar():
    assert NetEncoder("Boolean")(True).tolist() == 1 and NetEncoder("Boolean")(False).tolist() == 0


def test_encoder_boolean_d1_array_of_booleans():
    assert NetEncoder("Boolean", (2, 3))([[True, False, True], [False] * 3]).tolist() == [[1, 0, 1], [0, 0, 0]]
    assert NetEncoder(("Boolean", 3)).port_shape() == (3,)


def test_encoder_class_of_classes_gives_index_1_to_n():
    encoder = NetEncoder("Class", LABELS)
    assert [encoder(label).item() for label in LABELS] == [1, 2, 3] and encoder.port_values() == Integer(3)


def test_encoder_class_form_index_is_the_default():
    assert NetEncoder("Class", LABELS, "Index") == NetEncoder("Class", LABELS)


def test_encoder_class_form_indicator_vector_older_name_unit_vector_is_an_n_vector_one_hot():
    encoder = NetEncoder("Class", LABELS, "IndicatorVector")
    assert encoder("c").tolist() == [0, 0, 1] and NetEncoder("Class", LABELS, "UnitVector") == encoder


def test_encoder_class_dimensions_is_empty_by_default():
    assert NetEncoder("Class", LABELS)["Dimensions"] == ()
    assert NetEncoder("Class", LABELS, Dimensions=2)(["c", "a"]).tolist() == [3, 1]


def test_encoder_class_multilabel_is_false_by_default_else_a_list_of_classes_becomes_multi_hot():
    assert NetEncoder("Class", LABELS)["Multilabel"] is False
    assert NetEncoder("Class", LABELS, Multilabel=True)(["c", "a"]).tolist() == [1, 0, 1]


def test_encoder_class_unknown_class_is_an_error():
    assert refused(lambda: NetEncoder("Class", LABELS)("x")) == (
        'NetEncoder("Class"): "x" is not one of the 3 classes\n  hint: the classes are ["a", "b", "c"]'
    )


# --- section 23: NetDecoder ------------------------------------------------------------------------------------------


def test_net_decoder_name_and_name_with_parameters_apply_to_an_array_and_to_a_list():
    decoder = NetDecoder(("Class", LABELS))
    assert decoder == NetDecoder("Class", LABELS) and decoder(P) == "c" and decoder([P, P[::-1]]) == ["c", "a"]


def test_net_decoder_property_and_properties():
    decoder = NetDecoder("Class", LABELS)
    assert decoder(P, "Decision") == "c" and decoder(P, "Properties") == [
        "Decision", "TopDecisions", "TopProbabilities", "Probabilities", "Probability", "Entropy", "RandomSample",
    ]  # fmt: skip


def test_net_decoder_of_a_net_encoder_converts_where_possible():
    assert NetDecoder(NetEncoder("Class", LABELS)) == NetDecoder("Class", LABELS)
    assert refused(lambda: NetDecoder(NetEncoder("Function", abs))) == (
        'NetEncoder("Function") has no counterpart: its function cannot be inverted\n  hint: make one by hand'
    )


def test_an_attached_decoder_decodes_and_none_gives_the_raw_output():
    net = passes(Input=3, Output=NetDecoder("Class", LABELS))
    assert net(P) == "c" and net(P, None).tolist() == P and net([P, P], ("Probability", "a")) == [0.25, 0.25]


def test_a_property_of_one_port_among_several():
    layers = [ElementwiseLayer(Ramp), SoftmaxLayer()]
    net = NetGraph(layers, [], Input=3, Output1=NetDecoder("Class", LABELS))
    assert net(P, ("Output1", ("TopDecisions", 2))) == ["c", "a"] and net(P)["Output1"] == "c"


def test_decoder_boolean_scalar_in_0_1_false_if_below_half_else_true():
    decoder = NetDecoder("Boolean")
    assert [decoder(p) for p in (0, 0.49, 0.5, 1)] == [False, False, True, True]


def test_decoder_boolean_input_depth_is_0_by_default():
    assert NetDecoder("Boolean")["InputDepth"] == 0 and NetDecoder("Boolean", InputDepth=1)([0.1, 0.9]) == [False, True]


def test_decoder_boolean_property_decision_is_the_default():
    assert NetDecoder("Boolean")(0.75, "Decision") is True


def test_decoder_boolean_property_probability_is_that_of_true():
    assert NetDecoder("Boolean")(0.75, "Probability") == 0.75


def test_decoder_boolean_property_entropy():
    expected = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert NetDecoder("Boolean")(0.75, "Entropy") == pytest.approx(expected)


def share(decoder, p, prop, value, draws=4000):
    """How often a value is drawn, and how far that may be from its probability."""
    found = decoder([p] * draws, prop, RandomSeeding=3)
    return sum(each == value for each in found) / draws


def test_decoder_boolean_property_random_sample():
    assert share(NetDecoder("Boolean"), 0.75, "RandomSample", True) == pytest.approx(0.75, abs=0.03)


def test_decoder_boolean_property_random_sample_with_temperature_t():
    warm = 0.75**2 / (0.75**2 + 0.25**2)
    assert share(NetDecoder("Boolean"), 0.75, ("RandomSample", 0.5), True) == pytest.approx(warm, abs=0.03)


def test_decoder_boolean_property_none():
    assert NetDecoder("Boolean")([0.25, 0.75], None).tolist() == [0.25, 0.75]


def test_decoder_class_without_classes_has_labels_1_2():
    assert NetDecoder("Class")(P) == 3


def test_decoder_class_takes_a_probability_vector():
    assert NetDecoder("Class", LABELS).port_shape() == (3,)


def test_decoder_class_input_depth_1_by_default_last_dimension_is_classes():
    assert NetDecoder("Class", LABELS)["InputDepth"] == 1
    assert NetDecoder("Class", LABELS, InputDepth=2).port_shape() == (Automatic, 3)


def test_decoder_class_input_depth_2_decides_a_list_of_classes():
    assert NetDecoder("Class", LABELS, InputDepth=2)([P, P[::-1]]) == ["c", "a"]


def test_decoder_class_multilabel_keeps_independent_values_above_half():
    assert NetDecoder("Class", LABELS)["Multilabel"] is False
    assert NetDecoder("Class", LABELS, Multilabel=True)([0.75, 0.5, 0.625]) == ["a", "c"]


def test_decoder_class_property_decision_is_the_default():
    assert NetDecoder("Class", LABELS)(P, "Decision") == "c" == NetDecoder("Class", LABELS)(P)


def test_decoder_class_property_top_decisions_n():
    assert NetDecoder("Class", LABELS)(P, ("TopDecisions", 2)) == ["c", "a"]
    assert NetDecoder("Class", LABELS)(P, {"TopDecisions": 3}) == ["c", "a", "b"]


def test_decoder_class_property_top_probabilities_most_likely_ones_descending():
    decoder = NetDecoder("Class", [*LABELS, "d"])
    found = decoder([0.25, 0.0625, 0.65, 0.0375], "TopProbabilities")
    assert list(found.items()) == [("c", 0.65), ("a", 0.25), ("b", 0.0625)]


def test_decoder_class_property_top_probabilities_n():
    found = NetDecoder("Class", LABELS)(P, ("TopProbabilities", 2))
    assert list(found.items()) == [("c", 0.625), ("a", 0.25)]


def test_decoder_class_property_probabilities_in_class_order():
    assert list(NetDecoder("Class", LABELS)(P, "Probabilities").items()) == list(zip(LABELS, P, strict=True))


def test_decoder_class_property_probability_c():
    assert NetDecoder("Class", LABELS)(P, ("Probability", "b")) == 0.125


def test_decoder_class_property_entropy_natural_log():
    assert NetDecoder("Class", LABELS)(P, "Entropy") == pytest.approx(-sum(p * np.log(p) for p in P))


def test_decoder_class_property_random_sample():
    assert share(NetDecoder("Class", LABELS), P, "RandomSample", "c") == pytest.approx(0.625, abs=0.03)


def test_decoder_class_property_random_sample_temperature_t_samples_from_p_to_the_1_over_t_renormalised():
    warm = np.sqrt(P) / np.sqrt(P).sum()
    for prop in (("RandomSample", 2), ("RandomSample", {"Temperature": 2})):
        assert share(NetDecoder("Class", LABELS), P, prop, "b") == pytest.approx(warm[1], abs=0.03)


def test_decoder_class_property_random_sample_total_probability_cutoff_nucleus():
    prop = ("RandomSample", {"TotalProbabilityCutoff": 0.8})  # c and a reach 0.875
    decoder = NetDecoder("Class", LABELS)
    assert share(decoder, P, prop, "c") == pytest.approx(0.625 / 0.875, abs=0.03) and share(decoder, P, prop, "b") == 0


def test_decoder_class_property_random_sample_top_probabilities_k():
    decoder = NetDecoder("Class", LABELS)
    assert share(decoder, P, ("RandomSample", {"TopProbabilities": 1}), "c") == 1
    prop = ("RandomSample", {"Temperature": 0.5, "TopProbabilities": 2, "TotalProbabilityCutoff": 1})
    expected = 0.25**2 / (0.25**2 + 0.625**2)
    assert share(decoder, P, prop, "a") == pytest.approx(expected, abs=0.03)


def test_decoder_class_property_none():
    assert NetDecoder("Class", LABELS)(P, None).tolist() == P


def test_decoder_class_batch_of_probabilities_is_a_list_of_associations():
    net = passes(Input=3, Output=NetDecoder("Class", LABELS))
    assert net([P, P[::-1]], "Probabilities") == [dict(zip(LABELS, p, strict=True)) for p in (P, P[::-1])]


def test_a_mapped_net_of_classes():
    net = NetInitialize(
        NetMapOperator(NetChain([LinearLayer(), SoftmaxLayer()], Input=2, Output=NetDecoder("Class", LABELS)))
    )
    found = net([[1, 2], [3, 4], [5, 6], [7, 8]])
    assert len(found) == 4 and set(found) <= set(LABELS)


# --- Scalar, of early versions -------------------------------------------------------------------------------------------


def test_scalar_is_read_as_port_type_real():
    net = NetChain([ElementwiseLayer("Tanh")], Input="Scalar", Output="Scalar")
    assert repr(net) == 'NetChain([ElementwiseLayer("Tanh")], Input="Real", Output="Real")'


def test_scalar_as_encoder_or_decoder_is_the_identity_on_a_number_or_a_length_1_vector():
    encoder, decoder = NetEncoder("Scalar"), NetDecoder("Scalar")
    assert (
        encoder(2.5).tolist() == 2.5 and encoder([[3], [5]]).tolist() == [3, 5] and encoder([3, 5]).tolist() == [3, 5]
    )
    assert decoder(2.5) == decoder([2.5]) == 2.5 and decoder([[3], [5]]) == [3, 5] and decoder([3, 5]) == [3, 5]
    assert NetDecoder(encoder) == decoder and NetEncoder(decoder) == encoder
    assert NetDecoder("Scalar", InputDepth=1)([3, 5]) == [3, 5]
    assert NetEncoder("Scalar", Dimensions=(2,))([3, 5]).tolist() == [3, 5]
    for layer in (LinearLayer(1, Weights=[[2]], Biases=[1]), LinearLayer((), Weights=[[2]], Biases=[1])):
        net = NetChain([layer], Input=encoder, Output=decoder)
        assert net(3) == 7 and net([3, 5]) == [7, 11]
    options = {"MaxTrainingRounds": 1, "LearningRate": 0, "TrainingProgressReporting": None}
    assert NetTrain(net, [(3, 7), (5, 11)], **options)(3) == 7


def test_scalar_refuses():
    net = NetInitialize(NetChain([LinearLayer(2)], Input=3, Output=NetDecoder("Scalar")))
    for call, text in (
        (lambda: NetEncoder("Scalar")("a"), 'NetEncoder("Scalar"): "a" is not a number'),
        (lambda: NetEncoder("Scalar")([[1, 2]]), 'NetEncoder("Scalar"): [1, 2] is not a number (example 1)'),
        (
            lambda: net([1, 2, 3]),
            'NetDecoder("Scalar") takes a number or a vector of length 1, but the data are of 2 numbers\n'
            "  hint: give InputDepth, the rank of an array of numbers",
        ),
    ):
        with pytest.raises(NetError) as error:
            call()
        assert str(error.value) == text


def test_booleans_and_real_numbers_are_not_joined_until_they_are_made_numbers():
    both = lambda numbers: NetGraph({"not": ElementwiseLayer(lambda x: 1 - x), "is": numbers, "both": CatenateLayer()},
                                    [("not", "both"), ("is", "both")], Input=NetEncoder("Boolean", 2))  # fmt: skip
    same = NetChain([ElementwiseLayer(lambda x: 1 * x)])
    assert both(same)([True, False]).tolist() == [0, 1, 1, 0]
    with pytest.raises(NetError) as error:
        NetGraph({"not": ElementwiseLayer(lambda x: 1 - x), "both": CatenateLayer()},
                 [("not", "both"), (NetPort("Input"), "both")], Input=NetEncoder("Boolean", 2))  # fmt: skip
    assert str(error.value) == (
        "net/both: CatenateLayer takes Input2 of real numbers, but Input is given as booleans\n"
        "  hint: ElementwiseLayer(lambda x: 1 * x) makes the numbers 0 and 1 of booleans"
    )
