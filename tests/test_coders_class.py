"""The Class encoder and decoder."""

import enum

import numpy as np
import pytest

from wlnet.coders import NetDecoder, NetEncoder
from wlnet.core.errors import NetError
from wlnet.core.symbols import Automatic
from wlnet.core.types import Integer, Real

ABC = ["a", "b", "c"]


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


# --- the encoder -----------------------------------------------------------------------------------------------------


def test_index_form():
    encoder = NetEncoder("Class", ABC)
    assert encoder.port_shape() == () and encoder.port_values() == Integer(3)
    assert encoder("b").shape == () and encoder("b").dtype == np.int64 and encoder("b") == 2
    assert encoder(["c", "a"]).tolist() == [3, 1]
    assert encoder(np.array(["c", "b", "b", "a", "c"])).tolist() == [3, 2, 2, 1, 3]
    assert encoder(("c", "b")).tolist() == [3, 2]


def test_indicator_vector_form():
    encoder = NetEncoder("Class", ABC, "IndicatorVector")
    assert encoder.port_shape() == (3,) and encoder.port_values() == Real()
    assert encoder("b").tolist() == [0, 1, 0] and encoder("b").dtype == np.float32
    assert encoder(["c", "a"]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert NetEncoder("Class", ABC, "UnitVector") == encoder


def test_labels_of_any_kind():
    labels = [7, "7", 2.5, (1, 2), None, Colour.BLUE, frozenset({3})]
    encoder = NetEncoder("Class", labels)
    assert [int(encoder(label)) for label in labels] == [1, 2, 3, 4, 5, 6, 7]
    assert encoder(labels).tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert encoder((1, 2)).shape == () and encoder([(1, 2)]).tolist() == [4]


def test_classes_as_an_array_or_a_range():
    assert NetEncoder("Class", np.array(["a", "b"])) == NetEncoder("Class", ["a", "b"])
    assert NetEncoder("Class", np.arange(3)) == NetEncoder("Class", range(3)) == NetEncoder("Class", [0, 1, 2])
    assert [type(label) for label in NetEncoder("Class", np.arange(3))["classes"]] == [int] * 3
    assert NetEncoder("Class", range(3))(np.array([2, 0])).tolist() == [3, 1]
    assert NetEncoder("Class", range(3))(np.float32(2)).item() == 3


def test_indices_pass_where_no_label_is_a_number():
    encoder = NetEncoder("Class", ABC)
    assert encoder(encoder(["c", "b"])).tolist() == [3, 2] and encoder(2).item() == 2
    assert encoder(["a", 3, 2.0]).tolist() == [1, 3, 2]


def test_numbers_among_numbers_are_labels():
    encoder = NetEncoder("Class", [3, 1, 5])
    assert encoder([1, 3, 5]).tolist() == [2, 1, 3]
    with pytest.raises(NetError) as e:
        encoder(2)
    assert str(e.value) == ('NetEncoder("Class"): 2 is not one of the 3 classes\n  hint: the classes are [3, 1, 5]')


def test_indicator_vectors_pass():
    encoder = NetEncoder("Class", ABC, "IndicatorVector")
    assert encoder(encoder(["c", "b"])).tolist() == [[0, 0, 1], [0, 1, 0]]
    assert encoder([0.25, 0.5, 0.25]).tolist() == [0.25, 0.5, 0.25]
    assert encoder(["a", [0, 0, 1]]).tolist() == [[1, 0, 0], [0, 0, 1]]


def test_without_classes_labels_are_whole_numbers():
    encoder = NetEncoder("Class")
    assert encoder.port_values() == Integer(None) and encoder.port_shape() == ()
    assert encoder([3, 1, 7]).tolist() == [3, 1, 7]


def test_dimensions():
    encoder = NetEncoder("Class", ABC, Dimensions=(2, 3))
    one = [["a", "b", "c"], ["c", "b", "b"]]
    assert encoder.port_shape() == (2, 3) and encoder.port_values() == Integer(3)
    assert encoder.is_one(one) and not encoder.is_one([one, one])
    assert encoder(one).tolist() == [[1, 2, 3], [3, 2, 2]]
    assert encoder([one] * 5).shape == (5, 2, 3)
    assert encoder(encoder([one] * 5)).shape == (5, 2, 3)
    vectors = NetEncoder("Class", ABC, "IndicatorVector", Dimensions=2)
    assert vectors.port_shape() == (2, 3)
    assert vectors(["c", "a"]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert vectors([["c", "a"]]).tolist() == [[[0, 0, 1], [1, 0, 0]]]
    assert vectors(vectors([["c", "a"]])).tolist() == [[[0, 0, 1], [1, 0, 0]]]


def test_varying_dimensions():
    encoder = NetEncoder("Class", ABC, Dimensions=["Varying"])
    assert encoder.port_shape() == ("Varying",)
    assert [each.tolist() for each in encoder([["a"], ["c", "b"]])] == [[1], [3, 2]]
    assert NetEncoder("Class", ABC, Dimensions=("n", 2)).port_shape() == ("n", 2)


def test_multilabel():
    encoder = NetEncoder("Class", ABC, Multilabel=True)
    assert encoder.port_shape() == (3,) and encoder.port_values() == Real()
    assert encoder(["c", "a"]).tolist() == [1, 0, 1] and encoder([]).tolist() == [0, 0, 0]
    assert encoder({"b"}).tolist() == [0, 1, 0]
    assert encoder([["c", "a"], [], {"b"}]).tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert encoder(encoder([["c", "a"], []])).tolist() == [[1, 0, 1], [0, 0, 0]]
    pairs = NetEncoder("Class", [(1, 2), (3, 4)], Multilabel=True)
    assert pairs([(3, 4)]).tolist() == [0, 1] and pairs([[(3, 4)]]).tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: NetEncoder("Class", "abc"), 'NetEncoder("Class"): classes must be a list of classes, got "abc"'),
        (lambda: NetEncoder("Class", []), 'NetEncoder("Class"): classes must be a list of classes, got []'),
        (
            lambda: NetEncoder("Class", ["a", "b", "a"]),
            'NetEncoder("Class"): classes must name each class once, not "a" twice, got ["a", "b", "a"]',
        ),
        (
            lambda: NetEncoder("Class", [["a"]]),
            'NetEncoder("Class"): classes must hold values that can be looked up (texts, numbers, tuples), not ["a"], '
            'got [["a"]]',
        ),
        (
            lambda: NetEncoder("Class", ABC, "Vector"),
            'NetEncoder("Class"): form must be one of Index, IndicatorVector, got "Vector"',
        ),
        (
            lambda: NetEncoder("Class", form="IndicatorVector"),
            'NetEncoder("Class"): vectors need the classes to be given',
        ),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_class_encoder_refuses_to_be_made(make, text):
    with pytest.raises(NetError) as e:
        make()
    assert str(e.value) == text


@pytest.mark.parametrize(
    ("encoder", "data", "text"),
    [
        (
            NetEncoder("Class", ["cat", "dog"]),
            "dgo",
            '"dgo" is not one of the 2 classes\n  hint: did you mean dog?',
        ),
        (
            NetEncoder("Class", ["cat", "dog"]),
            ["cat", "fish"],
            '"fish" is not one of the 2 classes (example 2)\n  hint: the classes are ["cat", "dog"]',
        ),
        (
            NetEncoder("Class", ABC, Dimensions=2),
            [["a", "b"], ["b", "d"]],
            '"d" is not one of the 3 classes (example 2)\n  hint: the classes are ["a", "b", "c"]',
        ),
        (NetEncoder("Class", ABC), 4, '4 is not one of the 3 classes\n  hint: the classes are ["a", "b", "c"]'),
        (NetEncoder("Class", ABC), 0, '0 is not one of the 3 classes\n  hint: the classes are ["a", "b", "c"]'),
        (
            NetEncoder("Class", ABC),
            [["a"]],
            '["a"] is not one of the 3 classes (example 1)\n  hint: the classes are ["a", "b", "c"]',
        ),
        (
            NetEncoder("Class", ABC, "IndicatorVector"),
            2,
            '2 is not one of the 3 classes\n  hint: the classes are ["a", "b", "c"]',
        ),
        (
            NetEncoder("Class", ABC, Multilabel=True),
            "a",
            '"a" is not a list of classes\n  hint: with Multilabel an item is a list of classes: ["a"]',
        ),
        (
            NetEncoder("Class", ABC, Multilabel=True),
            [["a"], ["b", "x"]],
            '"x" is not one of the 3 classes (example 2)\n  hint: the classes are ["a", "b", "c"]',
        ),
        (
            NetEncoder("Class"),
            [1, "a"],
            '"a" is not a whole number from 1 (example 2)\n  hint: give NetEncoder("Class") classes',
        ),
        (
            NetEncoder("Class"),
            1.5,
            '1.5 is not a whole number from 1\n  hint: give NetEncoder("Class") classes',
        ),
        (NetEncoder("Class", ABC), [], "there are no examples"),
    ],
    ids=str,
)
def test_class_encoder_refuses(encoder, data, text):
    with pytest.raises(NetError) as e:
        encoder(data)
    assert str(e.value) == 'NetEncoder("Class"): ' + text


# --- the decoder -----------------------------------------------------------------------------------------------------

ONE = [0.25, 0.125, 0.625]
TWO = [0.5, 0.5, 0.0]


def test_decision():
    decoder = NetDecoder("Class", ABC)
    assert decoder.port_shape() == (3,) and decoder.port_values() == Real()
    assert decoder(ONE) == "c" and decoder([ONE, TWO]) == ["c", "a"]
    assert decoder(np.array([ONE, TWO]), "Decision") == ["c", "a"]
    assert decoder([-1.0, 3.0, 2.0]) == "b"


def test_decisions_are_the_labels_as_given():
    labels = [(1, 2), Colour.RED, None]
    assert NetDecoder("Class", labels)(np.eye(3)) == labels
    assert type(NetDecoder("Class", np.arange(3))(ONE)) is int


def test_without_labels_they_count_from_1():
    decoder = NetDecoder("Class")
    assert decoder.port_shape() == (Automatic,)
    assert decoder(ONE) == 3 and decoder([[0.5, 0.1, 0.1, 0.1, 0.2]]) == [1]
    assert decoder(ONE, "Probabilities") == {1: 0.25, 2: 0.125, 3: 0.625}


def test_top_decisions():
    decoder = NetDecoder("Class", ABC)
    assert decoder(ONE, ("TopDecisions", 2)) == ["c", "a"]
    assert decoder([ONE, TWO], ("TopDecisions", 3)) == [["c", "a", "b"], ["a", "b", "c"]]
    assert decoder(ONE, {"TopDecisions": 1}) == ["c"]


def test_top_probabilities():
    decoder = NetDecoder("Class", ["a", "b", "c", "d"])
    p = [0.05, 0.25, 0.6875, 0.0125]
    assert list(decoder(p, "TopProbabilities").items()) == [("c", 0.6875), ("b", 0.25), ("a", 0.05)]
    assert list(decoder(p, ("TopProbabilities", 2)).items()) == [("c", 0.6875), ("b", 0.25)]
    assert decoder([p, p], ("TopProbabilities", 1)) == [{"c": 0.6875}] * 2


def test_top_probabilities_of_many_small_ones_has_the_first_largest():
    assert NetDecoder("Class")(np.full(64, 1 / 64), "TopProbabilities") == {1: 1 / 64}


def test_probabilities_are_in_the_order_of_the_classes():
    decoder = NetDecoder("Class", ABC)
    assert list(decoder(ONE, "Probabilities").items()) == [("a", 0.25), ("b", 0.125), ("c", 0.625)]
    assert decoder([ONE, TWO], "Probabilities")[1] == {"a": 0.5, "b": 0.5, "c": 0.0}
    assert type(decoder(np.float32(ONE), "Probabilities")["a"]) is float


def test_probability():
    decoder = NetDecoder("Class", ABC)
    assert decoder(ONE, ("Probability", "b")) == 0.125 and decoder([ONE, TWO], ("Probability", "b")) == [0.125, 0.5]
    assert NetDecoder("Class", [(1, 2), 3])([0.25, 0.75], ("Probability", (1, 2))) == 0.25


def test_entropy():
    decoder = NetDecoder("Class", ABC)
    by_hand = -(0.25 * np.log(0.25) + 0.125 * np.log(0.125) + 0.625 * np.log(0.625))
    assert decoder(ONE, "Entropy") == pytest.approx(by_hand)
    assert decoder([TWO, [0, 0, 1]], "Entropy") == pytest.approx([np.log(2), 0])


def test_none_gives_the_array():
    decoder = NetDecoder("Class", ABC)
    assert decoder([ONE, TWO], None).tolist() == [ONE, TWO] and decoder(ONE, None).tolist() == ONE


def shares(decoder, p, prop, count=6000):
    """How often each label comes, of many draws."""
    drawn = decoder(np.tile(np.array(p), (count, 1)), prop, RandomSeeding=11)
    return np.array([drawn.count(label) / count for label in ABC])


@pytest.mark.parametrize(
    ("prop", "expected"),
    [
        ("RandomSample", ONE),
        (("RandomSample", 1), ONE),
        # squares 4, 1, 25 of 2, 1, 5 eighths
        (("RandomSample", 0.5), [4 / 30, 1 / 30, 25 / 30]),
        (("RandomSample", {"Temperature": 0.5}), [4 / 30, 1 / 30, 25 / 30]),
        (("RandomSample", 0), [0, 0, 1]),
        (("RandomSample", {"TopProbabilities": 2}), [2 / 7, 0, 5 / 7]),
        (("RandomSample", {"TotalProbabilityCutoff": 0.625}), [0, 0, 1]),
        (("RandomSample", {"TotalProbabilityCutoff": 0.63}), [2 / 7, 0, 5 / 7]),
        (("RandomSample", {"TotalProbabilityCutoff": 1}), ONE),
        # of the two kept, 5/7 reaches 0.7
        (("RandomSample", {"TopProbabilities": 2, "TotalProbabilityCutoff": 0.7}), [0, 0, 1]),
        (("RandomSample", {"Temperature": 0.5, "TopProbabilities": 2}), [4 / 29, 0, 25 / 29]),
    ],
    ids=str,
)
def test_random_sample(prop, expected):
    expected = np.array(expected)
    got = shares(NetDecoder("Class", ABC), ONE, prop)
    np.testing.assert_allclose(got, expected, atol=4 * np.sqrt(0.25 / 6000))
    assert ((got > 0) == (expected > 0)).all()


def test_random_sample_never_draws_what_has_no_probability():
    decoder = NetDecoder("Class", ABC)
    assert set(decoder(np.tile([0.0, 1.0, 0.0], (100, 1)), ("RandomSample", 3.0))) == {"b"}


def test_random_sample_is_its_seed():
    decoder, p = NetDecoder("Class", ABC), np.tile(ONE, (50, 1))
    assert decoder(p, "RandomSample", RandomSeeding=3) == decoder(p, "RandomSample", RandomSeeding=3)
    assert decoder(p, "RandomSample", RandomSeeding=3) != decoder(p, "RandomSample", RandomSeeding=4)
    assert decoder.decode_all(list(p), "RandomSample", np.random.default_rng(3)) == decoder(
        p, "RandomSample", RandomSeeding=3
    )


def test_input_depth():
    decoder = NetDecoder("Class", ABC, InputDepth=2)
    assert decoder.port_shape() == (Automatic, 3)
    assert decoder([ONE, TWO]) == ["c", "a"] and decoder([[ONE, TWO], [TWO, TWO]]) == [["c", "a"], ["a", "a"]]
    assert decoder([[ONE], [TWO, ONE]]) == [["c"], ["a", "c"]]
    assert decoder([ONE, TWO], ("Probability", "c")) == [0.625, 0.0]
    assert decoder([[ONE, TWO]], ("TopDecisions", 1)) == [[["c"], ["a"]]]
    deep = NetDecoder("Class", ABC, InputDepth=3)
    assert deep([[ONE, TWO], [ONE, ONE], [TWO, TWO]]) == [["c", "a"], ["c", "c"], ["a", "a"]]


def test_multilabel_decoder():
    decoder = NetDecoder("Class", ABC, Multilabel=True)
    p = [0.75, 0.5, 0.875]
    assert decoder(p) == ["a", "c"] and decoder([p, [0, 0, 0]]) == [["a", "c"], []]
    assert decoder(p, "Probabilities") == {"a": 0.75, "b": 0.5, "c": 0.875}
    assert decoder(p, ("TopDecisions", 2)) == ["c", "a"] and decoder(p, ("Probability", "b")) == 0.5
    entropies = [-(q * np.log(q) + (1 - q) * np.log(1 - q)) for q in p]
    assert decoder(p, "Entropy") == pytest.approx(sum(entropies))


def test_multilabel_random_sample_draws_each_label_on_its_own():
    decoder, p = NetDecoder("Class", ABC, Multilabel=True), [0.75, 0.0, 0.5]
    drawn = decoder(np.tile(p, (4000, 1)), "RandomSample", RandomSeeding=2)
    both = sum(each == ["a", "c"] for each in drawn) / 4000
    assert abs(both - 0.375) < 4 * np.sqrt(0.375 * 0.625 / 4000)
    assert not any("b" in each for each in drawn)
    assert decoder([0.75, 0.25, 1.0], ("RandomSample", 0)) == ["a", "c"]
    cool = sum("a" in each for each in decoder(np.tile(p, (4000, 1)), ("RandomSample", 0.5), RandomSeeding=2)) / 4000
    assert abs(cool - 0.9) < 4 * np.sqrt(0.09 / 4000)


def test_class_decoder_properties():
    names = ["Decision", "TopDecisions", "TopProbabilities", "Probabilities", "Probability", "Entropy", "RandomSample"]
    decoder = NetDecoder("Class", ABC)
    assert decoder.properties == names == decoder(None, "Properties")
    for prop in [*names[3:4], "Decision", "Entropy", "RandomSample", None, ("TopDecisions", 3)]:
        decoder.check_property(prop)


def test_several_properties_draw_from_one_stream():
    decoder = NetDecoder("Class", ABC)
    got = decoder(ONE, ["Decision", ("Probability", "a"), None], RandomSeeding=1)
    assert got["Decision"] == "c" and got[("Probability", "a")] == 0.25 and got[None].tolist() == ONE


DECODER = NetDecoder("Class", ABC)
MANY = NetDecoder("Class", ABC, Multilabel=True)


@pytest.mark.parametrize(
    ("decoder", "prop", "text"),
    [
        (DECODER, "TopDecisions", 'TopDecisions needs a number of classes\n  hint: write ("TopDecisions", 2)'),
        (DECODER, ("TopDecisions", 0), "TopDecisions needs a positive whole number, got 0"),
        (DECODER, ("TopProbabilities", 2.0), "TopProbabilities needs a positive whole number, got 2.0"),
        (DECODER, "Probability", 'Probability needs a class\n  hint: write ("Probability", class)'),
        (
            DECODER,
            ("Probability", "d"),
            '"d" is not one of the 3 classes\n  hint: the classes are ["a", "b", "c"]',
        ),
        (NetDecoder("Class"), ("Probability", 4), "4 is not one of the 3 classes\n  hint: the classes are [1, 2, 3]"),
        (DECODER, ("Probabilities", 2), "Probabilities takes no argument, got 2"),
        (
            DECODER,
            ("RandomSample", "hot"),
            'the temperature of RandomSample must be a number, 0 or more, got "hot"',
        ),
        (
            DECODER,
            ("RandomSample", {"Temprature": 1}),
            'RandomSample has no setting "Temprature"\n  hint: did you mean Temperature?',
        ),
        (
            DECODER,
            ("RandomSample", {"TotalProbabilityCutoff": 0}),
            "TotalProbabilityCutoff must be a number above 0, up to 1, got 0",
        ),
        (
            DECODER,
            ("RandomSample", {"TopProbabilities": 0}),
            "TopProbabilities needs a positive whole number, got 0",
        ),
        (
            MANY,
            ("RandomSample", {"TopProbabilities": 1}),
            "with Multilabel, RandomSample takes only Temperature, got TopProbabilities",
        ),
    ],
    ids=str,
)
def test_class_decoder_refuses_properties(decoder, prop, text):
    with pytest.raises(NetError) as e:
        decoder(ONE, prop)
    assert str(e.value) == 'NetDecoder("Class"): ' + text


@pytest.mark.parametrize(
    ("data", "prop", "text"),
    [
        ([0.5, 0.5], "Decision", "takes 3, but the data are of shape 2"),
        ([[[0.5]]], "Decision", "takes 3, but the data are of shape 1×1×1"),
        (ONE, ("TopDecisions", 4), "has 3 classes, so there are no top 4"),
        (ONE, ("RandomSample", {"TopProbabilities": 4}), "has 3 classes, so there are no top 4"),
    ],
    ids=str,
)
def test_class_decoder_refuses_sizes(data, prop, text):
    with pytest.raises(NetError) as e:
        DECODER(data, prop)
    assert str(e.value) == 'NetDecoder("Class") ' + text


def test_top_of_more_classes_than_the_data_have():
    for prop in [("TopDecisions", 4), ("TopProbabilities", 4), ("RandomSample", {"TopProbabilities": 4})]:
        with pytest.raises(NetError) as e:
            NetDecoder("Class")(ONE, prop)
        assert str(e.value) == 'NetDecoder("Class") has 3 classes, so there are no top 4'


@pytest.mark.parametrize("prop", ["Entropy", "RandomSample"])
def test_what_needs_probabilities(prop):
    for wrong in ([0.5, 0.5, 0.5], [1.5, -0.5, 0.0], [np.nan, 1, 0]):
        with pytest.raises(NetError) as e:
            DECODER(wrong, prop)
        assert str(e.value) == (
            f'NetDecoder("Class"): {prop} needs probabilities, from 0 to 1 with sum 1\n'
            "  hint: end the net in SoftmaxLayer()"
        )
    with pytest.raises(NetError) as e:
        MANY([0.5, 1.5, 0.5], prop)
    assert str(e.value) == (
        f'NetDecoder("Class"): {prop} needs probabilities, from 0 to 1\n  hint: end the net in LogisticSigmoid'
    )
