"""Coders as values and as ports, and the Boolean kind."""

import copy
import inspect
import pickle

import numpy as np
import pytest

from wlnet.coders import NetDecoder, NetEncoder
from wlnet.coders.kinds import DECODERS, ENCODERS
from wlnet.core.errors import NetError
from wlnet.core.ports import Coder, port_type
from wlnet.core.symbols import Automatic
from wlnet.core.types import Boolean, Real
from wlnet.layers.dense import LinearLayer, SoftmaxLayer
from wlnet.layers.elementwise import ElementwiseLayer
from wlnet.nets.chain import NetChain
from wlnet.verbs.evaluate import evaluate  # noqa: F401 - registers what net(x) does
from wlnet.verbs.extract import NetExtract
from wlnet.verbs.initialize import NetInitialize


def doubled(x):
    return np.asarray(x) * 2


CODERS = [
    NetEncoder("Boolean"),
    NetEncoder("Boolean", (3, Automatic), Dimensions="Varying"),
    NetEncoder("Class"),
    NetEncoder("Class", ["a", 2, ("b", 3)]),
    NetEncoder("Class", ["a", "b"], "IndicatorVector", Dimensions=(5, 2)),
    NetEncoder("Class", ["a", "b"], Multilabel=True),
    NetEncoder("Function", doubled, ("Varying", 3), Batched=True, Pattern=(str, int)),
    NetEncoder("Function", doubled, Pattern=doubled, Initialization=print),
    NetEncoder("Image"),
    NetEncoder("Image", (3, 5), ColorSpace="Grayscale", Interleaving=True, DataTransposed=True, Dimensions=2),
    NetEncoder("Image", 7, MeanImage=(0.5, 0.25, 0), VarianceImage=0.04, Method="Fit", Resampling="Cubic"),
    NetEncoder("Image", 7, Alignment=("Left", "Top"), Padding=(1, 0.5, 0)),
    NetDecoder("Boolean"),
    NetDecoder("Boolean", InputDepth=2),
    NetDecoder("Class"),
    NetDecoder("Class", ["a", "b"], InputDepth=3, Multilabel=True),
    NetDecoder("Function", doubled),
    NetDecoder("Function", doubled, InputDepth=2, Properties=["A", "B"], Initialization=print),
    NetDecoder("Image"),
    NetDecoder("Image", "Grayscale", InputDepth=4, Interleaving=True, DataTransposed=True, MeanImage=0.5),
]


@pytest.mark.parametrize("coder", CODERS, ids=repr)
def test_a_coder_prints_as_the_code_that_makes_it(coder):
    assert eval(repr(coder)) == coder
    assert str(coder) == repr(coder)


@pytest.mark.parametrize("coder", CODERS, ids=repr)
def test_a_coder_is_a_value(coder):
    back = pickle.loads(pickle.dumps(coder))
    assert back == coder and back is not coder and hash(back) == hash(coder) and type(back) is type(coder)
    assert copy.copy(coder) is coder and copy.deepcopy(coder) is coder and coder.model_copy() is coder
    assert coder.changed() == coder


def test_no_two_coders_are_equal():
    assert len(set(CODERS)) == len(CODERS) == sum(a == b for a in CODERS for b in CODERS)


def test_coders_print_only_what_is_not_at_its_default():
    assert repr(NetEncoder(("Class", ["a", "b"]))) == 'NetEncoder("Class", ["a", "b"])'
    assert repr(NetEncoder("Image", (128, 128), ColorSpace="RGB")) == 'NetEncoder("Image")'
    assert repr(NetDecoder("Image", ColorSpace="Grayscale")) == 'NetDecoder("Image", "Grayscale")'
    assert repr(NetEncoder("Function", doubled, 3)) == 'NetEncoder("Function", doubled, 3)'


def test_a_function_without_a_name_prints_as_python_prints_it():
    f = lambda x: x
    assert repr(NetDecoder("Function", f)) == f'NetDecoder("Function", {f!r})'


def test_the_type_of_an_argument_counts_in_equality():
    assert NetEncoder("Class", [1, 2]) != NetEncoder("Class", [1.0, 2.0])
    assert NetEncoder("Class", [1, 2]) != NetDecoder("Class", [1, 2])


def test_the_tuple_form_and_entries_of_a_dict():
    spelled = NetEncoder("Image", (28, 29), ColorSpace="Grayscale", Interleaving=True)
    assert NetEncoder(("Image", (28, 29), {"ColorSpace": "Grayscale", "Interleaving": True})) == spelled
    assert NetEncoder(["Image", [28, 29], {"ColorSpace": "Grayscale"}, {"Interleaving": True}]) == spelled
    assert NetEncoder("Image", (28, 29), {"ColorSpace": "Grayscale"}, Interleaving=True) == spelled
    assert NetEncoder(("Image", (28, 29)), ColorSpace="Grayscale", Interleaving=True) == spelled
    assert NetEncoder(("Class", ["a", "b"], "IndicatorVector")) == NetEncoder("Class", ["a", "b"], "IndicatorVector")


def test_encoders_and_decoders_are_of_their_classes():
    assert all(isinstance(each, (NetEncoder, NetDecoder)) and isinstance(each, Coder) for each in CODERS)
    assert not isinstance(NetEncoder("Boolean"), NetDecoder)


def test_parameters_are_extracted():
    encoder = NetEncoder("Image", (3, 5), ColorSpace="Grayscale")
    assert encoder["ColorSpace"] == "Grayscale" and encoder["size"] == (3, 5)
    assert encoder.extract(["ColorSpace", "Padding"]) == ["Grayscale", "Black"]
    assert NetExtract(encoder, "ColorSpace") == "Grayscale" and NetExtract(encoder, ("ColorSpace",)) == "Grayscale"
    assert NetDecoder("Class", ["a", "b"])["classes"] == ("a", "b")


def test_changed_is_checked_and_leaves_the_old_one():
    encoder = NetEncoder("Class", ["a", "b"])
    assert encoder.changed(form="IndicatorVector") == NetEncoder("Class", ["a", "b"], "IndicatorVector")
    assert encoder == NetEncoder("Class", ["a", "b"])
    with pytest.raises(NetError) as e:
        encoder.changed(form="Vector")
    assert str(e.value) == 'NetEncoder("Class"): form must be one of Index, IndicatorVector, got "Vector"'


def test_a_coder_cannot_be_written_to():
    with pytest.raises(Exception, match="frozen"):
        NetEncoder("Boolean").dims = (3,)


def test_signatures_show_arguments_and_parameters():
    assert str(inspect.signature(NetEncoder)) == "(kind, /, *arguments, **parameters)"
    assert str(inspect.signature(type(NetDecoder("Class")))) == (
        "(classes=Automatic, *, InputDepth=1, Multilabel=False)"
    )
    assert list(inspect.signature(type(NetDecoder("Image"))).parameters)[:2] == ["ColorSpace", "InputDepth"]


# --- conversion ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoder", "decoder"),
    [
        (NetEncoder("Boolean"), NetDecoder("Boolean")),
        (NetEncoder("Boolean", Automatic), NetDecoder("Boolean", InputDepth=1)),
        (NetEncoder("Class", ["a", "b"]), NetDecoder("Class", ["a", "b"])),
        (NetEncoder("Class"), NetDecoder("Class")),
        (NetEncoder("Class", ["a", "b"], Multilabel=True), NetDecoder("Class", ["a", "b"], Multilabel=True)),
        (NetEncoder("Class", ["a"], Dimensions=(Automatic,) * 2), NetDecoder("Class", ["a"], InputDepth=3)),
    ],
    ids=repr,
)
def test_encoders_and_decoders_convert(encoder, decoder):
    assert NetDecoder(encoder) == decoder
    assert NetEncoder(decoder) == encoder
    assert NetEncoder(encoder) is encoder and NetDecoder(decoder) is decoder


def test_sizes_are_lost_in_a_decoder():
    assert NetDecoder(NetEncoder("Boolean", (2, 3), Dimensions=5)) == NetDecoder("Boolean", InputDepth=3)
    assert NetDecoder(NetEncoder("Class", ["a"], "IndicatorVector", Dimensions=5)) == NetDecoder(
        "Class", ["a"], InputDepth=2
    )
    options = {"ColorSpace": "Grayscale", "Interleaving": True, "DataTransposed": True, "MeanImage": 0.5}
    image = NetEncoder("Image", (3, 5), Method="Fit", VarianceImage=0.25, Dimensions=2, **options)
    assert NetDecoder(image) == NetDecoder("Image", InputDepth=4, VarianceImage=0.25, **options)


def test_converting_takes_parameters():
    assert NetEncoder(NetDecoder("Class", ["a", "b"]), form="IndicatorVector") == NetEncoder(
        "Class", ["a", "b"], "IndicatorVector"
    )


# --- on ports --------------------------------------------------------------------------------------------------------


def test_a_bare_name_makes_the_coder_of_a_port():
    assert port_type("Image", "Input", "in").coder == NetEncoder("Image")
    assert port_type("Image", "Output", "out").coder == NetDecoder("Image")
    net = NetChain([ElementwiseLayer("Ramp")], Input="Boolean", Output="Boolean")
    assert (
        repr(net) == 'NetChain([ElementwiseLayer("Ramp")], Input=NetEncoder("Boolean"), Output=NetDecoder("Boolean"))'
    )
    assert net([True, False]) == [True, False] and net(False) is False


def classifier():
    """The net that gives class k the probability of its k-th logit; the encoder's vector times a matrix by hand."""
    weights = np.log(np.array([[8, 1], [1, 1], [1, 2]], dtype=np.float32))
    linear = LinearLayer(3, Weights=weights, Biases=[0, 0, 0])
    return NetChain(
        [linear, SoftmaxLayer()],
        Input=NetEncoder("Class", ["x", "y"], "IndicatorVector"),
        Output=NetDecoder("Class", ["a", "b", "c"]),
    )


def test_a_net_encodes_and_decodes():
    net = classifier()
    assert net("x") == "a" and net(["x", "y", "x"]) == ["a", "c", "a"]
    np.testing.assert_allclose(net("y", None), [0.25, 0.25, 0.5], rtol=1e-6)
    assert net(["x", "y"], ("TopDecisions", 1)) == [["a"], ["c"]]
    assert net("x", ("Probability", "a")) == pytest.approx(0.8)
    assert [list(each) for each in net(["x", "y"], "Probabilities")] == [["a", "b", "c"]] * 2
    np.testing.assert_allclose(net(np.array([[0, 1], [1, 0]], dtype=np.float32), ("Probability", "c")), [0.5, 0.1])


def test_a_decoder_says_the_size_of_a_layer():
    net = NetInitialize(NetChain([LinearLayer()], Input=2, Output=NetDecoder("Class", ["a", "b", "c"])))
    assert net[1, "Weights"].shape == (3, 2)


def test_a_net_names_the_port_and_the_example():
    with pytest.raises(NetError) as e:
        classifier()(["x", "y", "xx"])
    assert str(e.value) == 'Input: "xx" is not one of the 2 classes (example 3)\n  hint: did you mean x?'


def test_a_net_lists_the_properties_of_its_decoder():
    with pytest.raises(NetError) as e:
        classifier()("x", "Probabilites")
    assert str(e.value) == (
        '"Probabilites" is not a property of NetDecoder("Class")\n  hint: there are Probabilities, Probability, '
        "TopProbabilities, Decision, TopDecisions, Entropy, RandomSample, None"
    )


# --- what all kinds refuse -------------------------------------------------------------------------------------------


REFUSALS = [
    (lambda: NetEncoder(), f"NetEncoder needs a kind\n  hint: there are {', '.join(ENCODERS)}"),
    (lambda: NetEncoder("Clas"), '"Clas" is not a kind of NetEncoder\n  hint: did you mean Class?'),
    (lambda: NetDecoder(7), f"7 is not a kind of NetDecoder\n  hint: there are {', '.join(DECODERS)}"),
    (
        lambda: NetEncoder("Image", ColourSpace="RGB"),
        'NetEncoder("Image"): "ColourSpace" is not a parameter\n  hint: did you mean ColorSpace?',
    ),
    (
        lambda: NetEncoder("Image", 3)["Colour"],
        'NetEncoder("Image"): "Colour" is not a parameter\n  hint: did you mean ColorSpace?',
    ),
    (
        lambda: NetEncoder("Class", ["a"], classes=["b"]),
        'NetEncoder("Class") got classes twice, by position and by name',
    ),
    (
        lambda: NetEncoder("Image", {"ColorSpace": "RGB"}, ColorSpace="Grayscale"),
        'NetEncoder("Image") got ColorSpace twice',
    ),
    (
        lambda: NetEncoder("Image", 28, 28),
        'NetEncoder("Image") takes at most 1 (size) before its parameters, got 2',
    ),
    (lambda: NetDecoder("Boolean", 1), 'NetDecoder("Boolean") takes none before its parameters, got 1'),
    (
        lambda: NetEncoder("Function"),
        'NetEncoder("Function") needs function\n  hint: write NetEncoder("Function", function, …)',
    ),
    (
        lambda: NetEncoder(NetDecoder("Class"), 3),
        "NetEncoder of a coder takes no more arguments, got 3",
    ),
    (
        lambda: NetDecoder(NetEncoder("Function", doubled)),
        'NetEncoder("Function") has no counterpart: its function cannot be inverted\n  hint: make one by hand',
    ),
    (
        lambda: NetEncoder(NetDecoder("Image")),
        'NetDecoder("Image") says no size, which an encoder needs\n'
        '  hint: write NetEncoder("Image", (width, height), …)',
    ),
    (
        lambda: NetEncoder(NetDecoder("Class", Multilabel=True)),
        'NetDecoder("Class") names no classes, which an encoder with Multilabel needs\n  hint: give classes',
    ),
    (
        lambda: NetEncoder("Boolean", (3, 0)),
        'NetEncoder("Boolean"): dims must be sizes such as (3, 5), with Automatic for one that is open and "Varying" '
        "for a first one that varies, got (3, 0)",
    ),
    (
        lambda: NetEncoder("Boolean", "Varying", Dimensions=3),
        'NetEncoder("Boolean"): only the first level may vary, but the shape is 3×Varying',
    ),
    (
        lambda: NetDecoder("Class", InputDepth=0),
        'NetDecoder("Class"): InputDepth must be at least 1, got 0',
    ),
    (
        lambda: NetDecoder("Image", InputDepth="3"),
        'NetDecoder("Image"): InputDepth must be a whole number, 0 or more, got "3"',
    ),
    (
        lambda: NetDecoder("Class", Multilabel=1),
        'NetDecoder("Class"): Multilabel must be True or False, got 1',
    ),
]


@pytest.mark.parametrize(("act", "text"), REFUSALS, ids=[text[:50] for _, text in REFUSALS])
def test_what_is_refused(act, text):
    with pytest.raises(NetError) as e:
        act()
    assert str(e.value) == text


# --- Boolean ---------------------------------------------------------------------------------------------------------


def test_boolean_encoder():
    encoder = NetEncoder("Boolean")
    assert encoder.port_shape() == () and encoder.port_values() == Boolean()
    assert encoder(True).tolist() == 1 and encoder(np.False_).tolist() == 0
    assert encoder([True, False]).tolist() == [1, 0] and encoder(np.array([False, True])).tolist() == [0, 1]
    assert encoder(True).dtype == np.int64 and encoder(True).shape == ()


def test_boolean_encoder_lets_encoded_data_pass():
    encoder = NetEncoder("Boolean", 3)
    assert encoder(encoder([True, False, True])).tolist() == [1, 0, 1]
    assert NetEncoder("Boolean")([0.0, 1]).tolist() == [0, 1]


def test_boolean_encoder_of_arrays():
    encoder = NetEncoder("Boolean", (2, 3))
    one = [[True, False, False], [True, True, False]]
    assert encoder.port_shape() == (2, 3)
    assert encoder.is_one(one) and not encoder.is_one([one])
    assert encoder(one).tolist() == [[1, 0, 0], [1, 1, 0]]
    assert encoder([one, one, one]).shape == (3, 2, 3)


def test_boolean_encoder_dimensions():
    encoder = NetEncoder("Boolean", 2, Dimensions="Varying")
    assert encoder.port_shape() == ("Varying", 2)
    assert NetEncoder("Boolean", Dimensions=np.array([2, 3])).port_shape() == (2, 3)
    assert encoder([[True, False], [False, False], [True, True]]).tolist() == [[1, 0], [0, 0], [1, 1]]
    ragged = encoder([[[True, False]], [[False, True], [True, True]]])
    assert [each.tolist() for each in ragged] == [[[1, 0]], [[0, 1], [1, 1]]]


@pytest.mark.parametrize(
    ("encoder", "data", "text"),
    [
        (NetEncoder("Boolean"), "yes", 'NetEncoder("Boolean"): "yes" is neither True nor False'),
        (NetEncoder("Boolean"), [True, 2], 'NetEncoder("Boolean"): 2 is neither True nor False (example 2)'),
        (NetEncoder("Boolean"), [True, None], 'NetEncoder("Boolean"): None is neither True nor False (example 2)'),
        (NetEncoder("Boolean"), [], 'NetEncoder("Boolean"): there are no examples'),
        (
            NetEncoder("Boolean", 3),
            [[True, True, True], [True, False]],
            'NetEncoder("Boolean"): expected 3 items, got 2 (example 2)\n  hint: Dimensions are 3',
        ),
        (
            NetEncoder("Boolean", (Automatic, Automatic)),
            [[True, True], [True]],
            'NetEncoder("Boolean"): the items of a level differ in size\n  hint: Dimensions are ?×?',
        ),
        (
            NetEncoder("Boolean", 3),
            True,
            'NetEncoder("Boolean"): expected a list of items, got True',
        ),
        (
            NetEncoder("Boolean", (Automatic, Automatic)),
            [[[True], [True, False]]],
            'NetEncoder("Boolean"): the items of a level differ in size (example 1)\n  hint: Dimensions are ?×?',
        ),
        (
            NetEncoder("Boolean", Automatic),
            [[True], []],
            'NetEncoder("Boolean"): the items of a level are none (example 2)\n  hint: Dimensions are ?',
        ),
    ],
    ids=str,
)
def test_boolean_encoder_refuses(encoder, data, text):
    with pytest.raises(NetError) as e:
        encoder(data)
    assert str(e.value) == text


def test_an_encoder_told_that_there_are_many_wants_a_list():
    with pytest.raises(NetError) as e:
        NetEncoder("Boolean").encode(True, True, "Target")
    assert str(e.value) == "Target: True is not a list of examples"


def test_boolean_decoder_decision():
    decoder = NetDecoder("Boolean")
    assert decoder.port_shape() == () and decoder.port_values() == Real()
    assert decoder(0.49) is False and decoder(0.5) is True and decoder(1) is True
    assert decoder([0.2, 0.7, 0.5]) == [False, True, True]
    assert decoder([0.2, 0.7], "Decision") == [False, True]


def test_boolean_decoder_probability_and_none():
    decoder = NetDecoder("Boolean")
    assert decoder(0.25, "Probability") == 0.25 and type(decoder(0.25, "Probability")) is float
    assert decoder([0.25, 0.5], "Probability") == [0.25, 0.5]
    assert decoder([0.25, 0.5], None).tolist() == [0.25, 0.5] and decoder(0.25, None).shape == ()


def test_boolean_decoder_entropy():
    decoder = NetDecoder("Boolean")
    assert decoder([0.5, 0, 1], "Entropy") == pytest.approx([0.6931471805599453, 0, 0])
    assert decoder(0.25, "Entropy") == pytest.approx(0.5623351446188083)


def test_boolean_decoder_random_sample():
    decoder, p = NetDecoder("Boolean"), np.full(4000, 0.3)
    share = np.mean(decoder(p, "RandomSample", RandomSeeding=5))
    assert abs(share - 0.3) < 4 * np.sqrt(0.3 * 0.7 / 4000)
    squared = 0.3**2 / (0.3**2 + 0.7**2)
    cool = np.mean(decoder(p, ("RandomSample", 0.5), RandomSeeding=5))
    assert abs(cool - squared) < 4 * np.sqrt(squared * (1 - squared) / 4000)
    assert decoder([0.3, 0.7], ("RandomSample", 0)) == [False, True]
    assert decoder([0.0, 1.0] * 20, "RandomSample") == [False, True] * 20


def test_random_seeding():
    decoder, p = NetDecoder("Boolean"), np.full(40, 0.5)
    first = decoder(p, "RandomSample", RandomSeeding=5)
    assert decoder(p, "RandomSample", RandomSeeding=5) == first
    assert decoder(p, "RandomSample", RandomSeeding=np.random.default_rng(5)) == first
    assert decoder(p, "RandomSample", RandomSeeding=6) != first
    assert decoder(p, "RandomSample") != decoder(p, "RandomSample")
    assert decoder.decode_all(list(p), "RandomSample", 5) == first


def test_boolean_decoder_input_depth():
    decoder = NetDecoder("Boolean", InputDepth=2)
    assert decoder.port_shape() == (Automatic, Automatic)
    assert decoder([[0.1, 0.9, 0.2], [0.6, 0.4, 0.3]]) == [[False, True, False], [True, False, False]]
    assert decoder([[[0.1, 0.9]], [[0.5, 0.4]]]) == [[[False, True]], [[True, False]]]
    assert decoder([[[0.1, 0.9]], [[0.5], [0.4]]]) == [[[False, True]], [[True], [False]]]


def test_several_properties_and_their_list():
    decoder = NetDecoder("Boolean")
    assert decoder(0.75, ["Decision", "Probability"]) == {"Decision": True, "Probability": 0.75}
    assert decoder(0.75, [{"RandomSample": 0}]) == {"{'RandomSample': 0}": True}
    names = ["Decision", "Probability", "Entropy", "RandomSample"]
    assert decoder(None, "Properties") == names == decoder.properties


@pytest.mark.parametrize(
    ("data", "prop", "text"),
    [
        (
            0.5,
            "Probabilities",
            '"Probabilities" is not a property of NetDecoder("Boolean")\n'
            "  hint: there are Probability, Decision, Entropy, RandomSample, None",
        ),
        (0.5, ("Entropy", 2), 'NetDecoder("Boolean"): Entropy takes no argument, got 2'),
        (
            0.5,
            ("RandomSample", -1),
            'NetDecoder("Boolean"): the temperature of RandomSample must be a number, 0 or more, got -1',
        ),
        (
            1.5,
            "RandomSample",
            'NetDecoder("Boolean"): RandomSample needs probabilities, from 0 to 1\n'
            "  hint: end the net in LogisticSigmoid",
        ),
        ([[0.5, 0.5]], "Decision", 'NetDecoder("Boolean") takes scalar, but the data are of shape 1×2'),
        ("a", "Decision", 'NetDecoder("Boolean") takes an array of numbers, got "a"'),
    ],
    ids=str,
)
def test_boolean_decoder_refuses(data, prop, text):
    with pytest.raises(NetError) as e:
        NetDecoder("Boolean")(data, prop)
    assert str(e.value) == text


def test_random_seeding_refuses():
    with pytest.raises(NetError) as e:
        NetDecoder("Boolean")(0.5, "RandomSample", RandomSeeding="a")
    assert str(e.value) == (
        'RandomSeeding must be a whole number, a NumPy generator or Automatic, got "a"\n'
        "  hint: the same seed gives the same choices"
    )
