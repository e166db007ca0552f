"""Section 1 of the reference: the table of port types, row by row."""

import numpy as np
import pytest

from tests.examples import example
from wlnet import (
    CatenateLayer,
    ElementwiseLayer,
    EmbeddingLayer,
    FeatureExtraction,
    LinearLayer,
    NetAppend,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetJoin,
    NetPort,
    NetReplacePart,
    Restricted,
    SequenceLastLayer,
    SoftmaxLayer,
    TotalLayer,
)
from wlnet.core.symbols import Automatic


def port(spec):
    """A chain that leaves its data as they are, with this type of its input."""
    return NetChain([ElementwiseLayer("Ramp")], Input=spec)


OTHER = "\n  hint: give data of that shape, or make the net for this one"


def refused(text, act, *arguments, **options):
    with pytest.raises(NetError) as e:
        act(*arguments, **options)
    assert str(e.value) == text


def test_real_is_one_real_number_of_rank_0():
    net = port("Real")
    assert net["Input"] == "Real" and net(2.5).shape == () and net([2.5, 1, 3]).shape == (3,)


def test_integer_is_one_integer_of_rank_0():
    net = NetInitialize(NetChain([EmbeddingLayer(3, 7)], Input="Integer"))
    assert net(5).shape == (3,) and net([5, 2]).shape == (2, 3)
    refused("Input takes integers, but the data hold 2.5", net, 2.5)


def test_restricted_integer_n_is_an_integer_in_1_to_n():
    net = NetInitialize(NetChain([EmbeddingLayer(3)], Input=Restricted("Integer", 5)))
    assert net[1, "Weights"].shape == (5, 3) and net(5).shape == (3,)
    refused(
        "Input takes integers up to 5, but the data hold 6 (example 1)\n  hint: the largest is 5", net, [6, 1]
    )  # fmt: skip


def test_restricted_integer_m_n_is_an_integer_in_m_to_n():
    net = port(Restricted("Integer", (-2, 5)))
    assert net["Input"] == Restricted("Integer", (-2, 5))
    assert net(-2) == 0 and net(5) == 5
    refused(
        "Input takes integers from -2 to 5, but the data hold -3 (example 1)\n  hint: classes and positions count from -2",
        net,
        -3,
    )


def test_n_is_a_vector_of_length_n():
    assert port(3)["Input"] == 3 and port(3)([1, 2, 3]).shape == (3,)
    refused("Input takes 3, but the data are of shape 2" + OTHER, port(3), [1, 2])


def test_n1_n2_is_an_array_n1_x_n2():
    assert port((3, 5))["Input"] == (3, 5) == port([3, 5])["Input"]
    assert port((3, 5))(example(3, 5)).shape == (3, 5) and port((3, 5))(example(2, 3, 5)).shape == (2, 3, 5)


def test_the_empty_list_is_a_scalar_same_as_real():
    assert port(()) == port("Real")


def test_varying_is_a_vector_of_variable_length():
    net = port("Varying")
    assert net["Input"] == "Varying"
    assert net([1, 2]).shape == (2,) and [len(each) for each in net([[1, 2], [1, 2, 3]])] == [2, 3]


def test_varying_n2_n3_has_a_variable_first_dimension_and_the_rest_fixed():
    net = port(("Varying", 3, 2))
    assert net["Input"] == ("Varying", 3, 2)
    assert net(example(5, 3, 2)).shape == (5, 3, 2)
    refused("Input takes Varying×3×2, but the data are of shape 5×2×3" + OTHER, net, example(5, 2, 3))


def test_n1_restricted_and_varying_restricted_are_integer_valued_arrays():
    fixed = NetInitialize(NetChain([EmbeddingLayer(3)], Input=(4, Restricted("Integer", 5))))
    varying = NetInitialize(NetChain([EmbeddingLayer(3)], Input=("Varying", Restricted("Integer", 5))))
    assert fixed([1, 5, 2, 2]).shape == (4, 3) and varying([1, 5]).shape == (2, 3)
    assert fixed["Input"] == (4, Restricted("Integer", 5))
    for net in (fixed, varying):
        refused(
            "Input takes integers up to 5, but the data hold 9 (example 1)\n  hint: the largest is 5", net, [1, 9, 1, 1]
        )


def test_automatic_whole_or_any_ni_is_inferred_from_context():
    assert port(Automatic) == NetChain([ElementwiseLayer("Ramp")])
    net = NetChain([ElementwiseLayer("Ramp"), LinearLayer(2, Input=(3, 5))], Input=Automatic)
    assert net["Input"] == (3, 5)
    assert NetChain([ElementwiseLayer("Ramp"), LinearLayer(2, Input=(3, 5))], Input=(Automatic, 5))["Input"] == (3, 5)


def test_net_encoder_is_for_input_ports_only():
    encoder = NetEncoder("Boolean")
    assert port(encoder)["Input"] == encoder
    refused(
        'NetChain: Output is an output port, so it takes a NetDecoder, not NetEncoder("Boolean")',
        NetChain,
        [ElementwiseLayer("Ramp")],
        Output=encoder,
    )


def test_net_encoder_dimensions_is_mapped_over_an_array_of_items():
    net = port(NetEncoder("Class", ["a", "b"], Dimensions=(2, 3)))
    assert net([["a", "b", "a"], ["b", "b", "b"]]).tolist() == [[1, 2, 1], [2, 2, 2]]


def test_net_decoder_is_for_output_ports_only():
    decoder = NetDecoder("Boolean")
    assert NetChain([ElementwiseLayer("Ramp")], Output=decoder)["Output"] == decoder
    refused('NetChain: Input is an input port, so it takes a NetEncoder, not NetDecoder("Boolean")', port, decoder)


def test_net_decoder_input_depth_n_consumes_a_rank_n_array():
    net = NetChain([SoftmaxLayer()], Output=NetDecoder("Class", ["a", "b"], InputDepth=2))
    assert net([[1, 0], [0, 1], [0, 1]]) == ["a", "b", "b"]
    assert net["Output"].port_shape() == (Automatic, 2)


def test_a_feature_extractor_function_is_a_trained_feature_extractor_as_encoder():
    f = FeatureExtraction(["red", "green", "blue"])
    net = port(f)
    assert net["Input"] == NetEncoder("FeatureExtractor", f) and net("green").tolist() == [0, 1, 0]
    refused(
        'NetChain: Output is an output port, so it takes a NetDecoder, not NetEncoder("FeatureExtractor", '
        'FeatureExtractorFunction("IndicatorVector", {"Classes": ("red", "green", "blue")}))',
        NetChain,
        [ElementwiseLayer("Ramp")],
        Output=f,
    )


@pytest.mark.parametrize(
    "name", ["Image", "Boolean", "Class", "Audio", "AudioMFCC", "Image3D", "VideoFrames", "FeatureExtractor"]
)
def test_a_name_such_as_image_boolean_class_creates_an_encoder_or_a_decoder(name):
    if name == "Boolean":  # an array of truths is also a type of values
        assert NetChain([ElementwiseLayer("Ramp")], Output=name)["Output"] in (NetDecoder(name), "Boolean")
    elif name in ("Image", "Class", "Image3D"):
        assert NetChain([ElementwiseLayer("Ramp")], Output=name)["Output"] == NetDecoder(name)
    if name != "Boolean":
        assert port(name)["Input"] == NetEncoder(name)


def test_none_only_when_replacing_strips_the_coder_and_keeps_the_array_shape():
    net = NetChain([LinearLayer(2)], Input=NetEncoder("Image", (5, 3)), Output=NetDecoder("Class", ["a", "b"]))
    bare = NetReplacePart(net, {"Input": None, "Output": None})
    assert bare["Input"] == (3, 3, 5) and bare["Output"] == 2


def test_port_types_are_given_to_layers_chains_graphs_net_replace_part_net_append_and_net_join():
    encoder = NetEncoder("Boolean")
    assert ElementwiseLayer("Ramp", Input=encoder)["Input"] == encoder
    assert NetGraph([ElementwiseLayer("Ramp")], [(NetPort("Input"), 1)], Input=encoder)["Input"] == encoder
    assert NetReplacePart(port("Real"), {"Input": encoder})["Input"] == encoder
    assert NetAppend(port("Real"), "Tanh", Input=encoder)["Input"] == encoder
    assert NetJoin(port("Real"), port("Real"), Input=encoder)["Input"] == encoder


# --- what is said below the table ------------------------------------------------------------------------------------


def test_only_the_first_dimension_may_be_varying():
    refused(
        'NetChain: Input: level 2 is "Varying", but only the first level of a port may vary\n'
        "  hint: put the varying level first, or give that size",
        port,
        (3, "Varying"),
    )


def test_several_varying_ports_are_independent_unless_layers_need_equal_length():
    free = NetGraph(
        [SequenceLastLayer(), SequenceLastLayer(), CatenateLayer()],
        [(NetPort("A"), 1), (NetPort("B"), 2), ((1, 2), 3)],
        A=("Varying", 3),
        B=("Varying", 5),
    )
    assert free({"A": example(2, 3), "B": example(7, 5)}).shape == (8,)
    tied = NetGraph([TotalLayer()], [((NetPort("A"), NetPort("B")), 1)], A=("Varying", 3), B=("Varying", 3))
    assert tied({"A": example(2, 3), "B": example(2, 3)}).shape == (2, 3)
    refused(
        "B must have lengths [2] to go with A, but has [5]\n  hint: give sequences whose lengths agree",
        tied,
        {"A": example(2, 3), "B": example(5, 3)},
    )


def test_net_extract_reports_a_bare_integer_a_list_or_the_coder():
    assert NetExtract(port(3), "Input") == 3 and NetExtract(port((3, 5)), "Output") == (3, 5)
    encoder = NetEncoder("Image", (5, 3))
    assert NetExtract(port(encoder), "Input") == encoder and NetExtract(port(encoder), "Output") == (3, 3, 5)


def test_a_dimension_mismatch_between_connected_ports_is_an_error_at_construction():
    refused(
        "net/1: LinearLayer gives Output of shape 3, but Input of net/2 is given as 5",
        NetChain,
        [LinearLayer(3), LinearLayer(2, Input=5)],
    )
    refused(
        "NetChain: Input is given as 2×13, but Input of net/1 is given as 7\n"
        "  hint: make NetChain and net/1 agree on 2×13 or 7",
        NetChain,
        [LinearLayer(3, Input=7)],
        Input=NetEncoder("AudioMFCC", TargetLength=2),
    )


def test_encoders_shape_the_layers_behind_them():
    net = NetInitialize(NetChain([LinearLayer(2)], Input=NetEncoder("AudioMFCC", TargetLength=3)))
    assert net[1, "Weights"].shape == (2, 39) and np.isfinite(net(example(613))).all()
