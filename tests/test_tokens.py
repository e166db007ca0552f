"""Tokens: texts as words of a list, and back."""

import pickle
import re

import numpy as np
import pytest

from tests.examples import example
from wlnet import (
    All,
    Automatic,
    EmbeddingLayer,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetExtract,
    NetMapOperator,
    NetReplacePart,
    NetTrain,
    SoftmaxLayer,
    UnitVectorLayer,
    WordBoundary,
)
from wlnet.core.types import Integer

CODERS = [
    NetEncoder("Tokens", ["a", "b"]),
    NetEncoder("Tokens", ["a", "B"], IgnoreCase=False, SplitPattern=None, TargetLength=7),
    NetEncoder("Tokens", ["a", "b"], SplitPattern=r"[,;]\s*", TargetLength=3, Dimensions=2),
    NetDecoder("Tokens", ["a", "b"]),
    NetDecoder("Tokens", ["a", "B"], IgnoreCase=False, InputDepth=3),
]


def codes(tokens, text, **parameters):
    return NetEncoder("Tokens", tokens, **parameters)(text).tolist()


def refused(act):
    with pytest.raises(NetError) as e:
        act()
    return str(e.value)


def vectors(*places, size=3):
    return np.eye(size)[np.array(places) - 1] * 0.5 + 0.5 / size


@pytest.mark.parametrize("coder", CODERS, ids=repr)
def test_a_coder_of_tokens_is_a_value_that_prints_as_its_code(coder):
    assert eval(repr(coder)) == coder == pickle.loads(pickle.dumps(coder)) == coder.changed()
    assert hash(eval(repr(coder))) == hash(coder)
    assert sum(coder == other for other in CODERS) == 1


# --- the row of the encoder ------------------------------------------------------------------------------------------


def test_tokens_of_a_list_give_integers_1_to_d_plus_1():
    encoder = NetEncoder("Tokens", ["the", "cat", "sat"])
    assert encoder("the cat sat").tolist() == [1, 2, 3]
    assert encoder.port_values() == Integer(4) and encoder.port_shape() == ("Varying",)
    assert encoder("cat").dtype == np.int64


def test_tokens_d_plus_1_is_unknown_and_padding():
    assert codes(["the", "cat"], "the dog, cat") == [1, 3, 3, 2]
    assert codes(["the", "cat"], "the", TargetLength=3) == [1, 3, 3]


NO_LANGUAGE = '\n  hint: wlnet ships no vocabulary of a language: give a list, as in ("Tokens", ["cat", "dog"])'


@pytest.mark.parametrize("make", [NetEncoder, NetDecoder])
def test_tokens_english_and_a_language_say_to_give_a_list(make):
    label = f'{make.__name__}("Tokens")'
    assert refused(lambda: make("Tokens")) == f"{label} needs tokens{NO_LANGUAGE}"
    assert refused(lambda: make("Tokens", IgnoreCase=False)) == f"{label} needs tokens{NO_LANGUAGE}"
    assert refused(lambda: make("Tokens", "German")) == (
        f'{label}: tokens must be a list of tokens, got "German"{NO_LANGUAGE}'
    )


def test_tokens_as_a_port_type_say_to_give_a_list():
    assert refused(lambda: NetChain([UnitVectorLayer()], Input="Tokens")) == (
        f'NetChain: NetEncoder("Tokens") needs tokens{NO_LANGUAGE}'
    )


def test_tokens_ignore_case_is_true_by_default():
    assert codes(["the", "Cat"], "The CAT cat") == [1, 2, 2]
    assert codes(["the", "Cat"], "The CAT Cat the", IgnoreCase=False) == [3, 3, 2, 1]


def test_tokens_split_pattern_word_boundary_gives_words_and_punctuation_marks_and_drops_white_space():
    listed = ["don", "'", "t", "!", "naïve", "7"]
    assert codes(listed, "Don't\t naïve !!\n 7") == [1, 2, 3, 5, 4, 4, 6]
    assert (
        codes(listed, "Don't", SplitPattern=WordBoundary)
        == [1, 2, 3]
        == codes(listed, "Don't", SplitPattern="WordBoundary")
    )


def test_tokens_split_pattern_none_takes_a_list_of_tokens():
    encoder = NetEncoder("Tokens", ["new york", "rome"], SplitPattern=None)
    assert encoder(["Rome", "New York", "York"]).tolist() == [2, 1, 3]
    assert [each.tolist() for each in encoder([["rome"], ["paris", "rome"]])] == [[2], [3, 2]]
    assert encoder(np.array(["rome", "rome"])).tolist() == [2, 2]


def test_tokens_split_pattern_regular_expression_is_what_stands_between():
    assert codes(["a b", "c"], "a b, c,,c", SplitPattern=", *") == [1, 2, 2]
    assert codes(["a", "b"], "aXbxa", SplitPattern=re.compile("x", re.I)) == [1, 2, 1]
    assert codes(["a", "b"], "ab", SplitPattern="") == [1, 2]
    assert codes(["a", "+"], "a+a,a", SplitPattern=r"(\+)|,") == [1, 2, 1, 1]
    assert NetEncoder("Tokens", ["a"], SplitPattern=re.compile("x", re.I))["SplitPattern"] == "(?i)x"
    assert NetEncoder("Tokens", ["a"], SplitPattern=re.compile("x"))["SplitPattern"] == "x"


def test_tokens_target_length_all_or_n():
    assert codes(["a", "b"], "a b a", TargetLength=All) == [1, 2, 1]
    assert codes(["a", "b"], "a b a", TargetLength=2) == [1, 2]
    assert codes(["a", "b"], "a b a", TargetLength=5) == [1, 2, 1, 3, 3]
    assert NetEncoder("Tokens", ["a", "b"], TargetLength=5).port_shape() == (5,)


def test_tokens_encoded_input_is_passed_through():
    encoder = NetEncoder("Tokens", ["a", "b"])
    once = encoder("b c a")
    assert encoder(once).tolist() == once.tolist() == [2, 3, 1]
    assert [each.tolist() for each in encoder([once, "a"])] == [[2, 3, 1], [1]]


def test_tokens_dimensions_map_over_an_array_of_items():
    encoder = NetEncoder("Tokens", ["a", "b"], TargetLength=2, Dimensions=3)
    assert encoder(["a b", "b", "a a a"]).tolist() == [[1, 2], [2, 3], [1, 1]]
    assert encoder.port_shape() == (3, 2)


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (
            lambda: NetEncoder("Tokens", ["a", "a"]),
            'NetEncoder("Tokens"): tokens must be a list of texts, each once and none empty, got ["a", "a"]',
        ),
        (
            lambda: NetEncoder("Tokens", ["a", 7]),
            'NetEncoder("Tokens"): tokens must be a list of texts, each once and none empty, got ["a", 7]',
        ),
        (
            lambda: NetEncoder("Tokens", []),
            'NetEncoder("Tokens"): tokens must be a list of texts, each once and none empty, got []',
        ),
        (
            lambda: NetDecoder("Tokens", ["", "a"]),
            'NetDecoder("Tokens"): tokens must be a list of texts, each once and none empty, got ["", "a"]',
        ),
        (
            lambda: NetEncoder("Tokens", Automatic),
            'NetEncoder("Tokens"): tokens must be a list of texts, each once and none empty, got Automatic',
        ),
        (
            lambda: NetEncoder("Tokens", ["Cat", "cat"]),
            'NetEncoder("Tokens"): with IgnoreCase, "Cat" and "cat" are one token',
        ),
        (
            lambda: NetDecoder("Tokens", ["Cat", "cat"]),
            'NetDecoder("Tokens"): with IgnoreCase, "Cat" and "cat" are one token',
        ),
        (
            lambda: NetEncoder("Tokens", ["a"], SplitPattern="("),
            'NetEncoder("Tokens"): SplitPattern must be a regular expression, but Python says: missing ), unterminated '
            'subpattern at position 0, got "("',
        ),
        (
            lambda: NetEncoder("Tokens", ["a"], SplitPattern=7),
            'NetEncoder("Tokens"): SplitPattern must be WordBoundary, None or a regular expression, got 7',
        ),
        (
            lambda: NetEncoder("Tokens", ["a"], TargetLength=-1),
            'NetEncoder("Tokens"): TargetLength must be a positive whole number, or All, got -1',
        ),
        (lambda: NetEncoder("Tokens", ["a"])(["a", 2.5]), 'NetEncoder("Tokens"): 2.5 is not a text (example 2)'),
        (
            lambda: NetEncoder("Tokens", ["a"], SplitPattern=None)("a b"),
            'NetEncoder("Tokens"): "a b" is not a list of tokens',
        ),
        (lambda: NetEncoder("Tokens", ["a"])([1, 3]), 'NetEncoder("Tokens"): 3 is not a code from 1 to 2'),
        (
            lambda: NetDecoder("Tokens", ["a", "b"])(example(5, 3)),
            'NetDecoder("Tokens") takes 2 or ?×2, but the data are of shape 5×3',
        ),
        (
            lambda: NetDecoder("Tokens", ["a", "b"])(example(5, 2), "Probabilities"),
            '"Probabilities" is not a property of NetDecoder("Tokens")\n'
            "  hint: there is only None, which gives the array",
        ),
    ],
)
def test_what_is_refused(act, text):
    assert refused(act) == text


# --- the row of the decoder ------------------------------------------------------------------------------------------


def test_decoder_tokens_takes_a_vector_or_a_sequence_of_vectors_of_the_vocabulary_size():
    decoder = NetDecoder("Tokens", ["the", "cat", "sat"])
    assert decoder(vectors(2)[0]) == "cat"
    assert decoder(vectors(1, 2, 3)) == "the cat sat"
    assert decoder([vectors(1, 2), vectors(3)]) == ["the cat", "sat"]
    assert decoder.last_size() == 3 and NetDecoder("Tokens", ["the", "cat"], InputDepth=2).port_shape() == (
        Automatic,
        2,
    )


def test_decoder_tokens_ignore_case_is_true_by_default_lower_cased():
    assert NetDecoder("Tokens", ["The", "CAT", "a"])(vectors(1, 2)) == "the cat"
    assert NetDecoder("Tokens", ["The", "CAT", "a"], IgnoreCase=False)(vectors(1, 2)) == "The CAT"


def test_decoder_tokens_property_none_only():
    decoder, p = NetDecoder("Tokens", ["a", "b", "c"]), vectors(2, 1)
    assert decoder(p, None).tolist() == p.tolist() and decoder(p, "Properties") == []


def test_encoder_and_decoder_convert():
    encoder, decoder = (
        NetEncoder("Tokens", ["a", "B"], IgnoreCase=False),
        NetDecoder("Tokens", ["a", "B"], IgnoreCase=False),
    )
    assert NetDecoder(encoder) == decoder and NetEncoder(decoder) == encoder
    mapped = NetEncoder("Tokens", ["a"], TargetLength=3, Dimensions=5)
    assert NetDecoder(mapped) == NetDecoder("Tokens", ["a"], InputDepth=3)


# --- on ports --------------------------------------------------------------------------------------------------------


def test_attach_detach_extract_and_replace():
    encoder = NetEncoder("Tokens", ["a", "b"])
    net = NetChain([UnitVectorLayer()], Input=encoder)
    assert net("b c").tolist() == [[0, 1, 0], [0, 0, 1]] and NetExtract(net, "Input") == encoder
    assert [len(each) for each in net(["a", "b a a"])] == [1, 3]
    assert NetReplacePart(net, {"Input": None})([3, 1]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert NetExtract(encoder, "tokens") == ("a", "b")
    assert NetReplacePart(encoder, {"tokens": ["x"], "TargetLength": 2}) == NetEncoder("Tokens", ["x"], TargetLength=2)


def test_embedding_has_a_row_for_the_unknown_token():
    net = NetChain([EmbeddingLayer(2)], Input=NetEncoder("Tokens", ["a", "b", "c"]))
    assert net.plan.shape((1,), "Weights") == (4, 2)


def translator(words):
    return NetChain(
        [EmbeddingLayer(5), NetMapOperator(LinearLayer(len(words))), SoftmaxLayer()],
        Input=NetEncoder("Tokens", ["un", "deux", "trois"]),
        Output=NetDecoder("Tokens", words),
    )


def test_a_net_from_tokens_to_tokens_is_trained_on_texts():
    data = [("un deux", "one two"), ("trois un un", "three one one"), ("deux trois", "two three")]
    net = NetTrain(translator(["one", "two", "three"]), data, MaxTrainingRounds=150, LearningRate=0.03, RandomSeeding=1)
    assert net("Trois deux un") == "three two one"


def test_a_target_that_is_no_token_is_refused_in_training():
    data = [("un deux", "one two"), ("trois un", "three ones")]
    assert refused(lambda: NetTrain(translator(["one", "two", "three"]), data, MaxTrainingRounds=1)) == (
        'Output: "ones" is not one of the 3 tokens (example 2)\n  hint: did you mean one?'
    )
