"""CTCBeamSearch: against the enumeration of all paths, the loss, and the best path."""

import pickle
from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import example
from wlnet import (
    Automatic,
    CTCLossLayer,
    EmbeddingLayer,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetExtract,
    NetInitialize,
    NetMapOperator,
    NetReplacePart,
    NetTrain,
    SoftmaxLayer,
)
from wlnet.coders.beam import beam_search

ALPHABET = ["a", "b"]
CODERS = [
    NetDecoder("CTCBeamSearch", ALPHABET),
    NetDecoder("CTCBeamSearch", ALPHABET, BeamSize=7),
    NetDecoder("CTCBeamSearch", [1, ("x", 2)], InputDepth=3),
]


def refused(act):
    with pytest.raises(NetError) as e:
        act()
    return str(e.value)


def probabilities(steps, classes, seed=0):
    weights = np.random.default_rng(seed).random((steps, classes)) ** 3
    return weights / weights.sum(-1, keepdims=True)


def spelled(path, blank):
    """What a path says: repetitions merged, then blanks deleted."""
    return tuple(label for label, _ in groupby(path) if label != blank)


def by_enumeration(p):
    """The probability of every sequence of labels: the sum over all paths that spell it."""
    totals = {}
    for path in product(range(p.shape[1]), repeat=len(p)):
        labels = spelled(path, p.shape[1] - 1)
        totals[labels] = totals.get(labels, 0) + np.prod(p[np.arange(len(p)), path])
    return totals


@pytest.mark.parametrize("coder", CODERS, ids=repr)
def test_the_decoder_is_a_value_that_prints_as_its_code(coder):
    assert eval(repr(coder)) == coder == pickle.loads(pickle.dumps(coder)) == coder.changed()
    assert hash(eval(repr(coder))) == hash(coder) and sum(coder == other for other in CODERS) == 1


# --- the search ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("steps", "classes"), [(1, 2), (2, 3), (5, 3), (7, 2), (4, 5)])
def test_with_a_wide_beam_it_is_the_enumeration_of_all_paths(steps, classes):
    for seed in range(7):
        p = probabilities(steps, classes, seed)
        expected, found = by_enumeration(p), dict(beam_search(p, 10000))
        assert found.keys() == expected.keys()
        np.testing.assert_allclose([np.exp(-found[k]) for k in expected], list(expected.values()), rtol=1e-9)
        assert list(found.values()) == sorted(found.values())


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 6), st.integers(2, 4), st.integers(2, 11), st.integers(0, 10**6))
def test_a_narrow_beam_never_counts_a_path_that_is_not_there(steps, classes, size, seed):
    p = probabilities(steps, classes, seed)
    expected, found = by_enumeration(p), beam_search(p, size)
    assert 1 <= len(found) <= size and len(dict(found)) == len(found)
    assert all(np.exp(-nll) <= expected[labels] * (1 + 1e-9) for labels, nll in found)
    assert [nll for _, nll in found] == sorted(nll for _, nll in found)


def test_the_search_agrees_with_the_loss():
    p = probabilities(7, 4, 3)
    for labels, nll in beam_search(p, 10000)[:11]:
        if labels:
            loss = CTCLossLayer()({"Input": p, "Target": [label + 1 for label in labels]}, WorkingPrecision="Real64")
            np.testing.assert_allclose(nll, loss, rtol=1e-9)


def test_labels_that_repeat_need_a_blank_between():
    p = np.array([[0.5, 0.5], [0.25, 0.75], [0.5, 0.5]])  # a a in three steps: a, blank, a
    found = {labels: np.exp(-nll) for labels, nll in beam_search(p, 100)}
    np.testing.assert_allclose(found[0, 0], 0.5 * 0.75 * 0.5)
    np.testing.assert_allclose(sum(found.values()), 1)


def test_what_cannot_be_is_not_found():
    certain = np.array([[1.0, 0, 0], [0, 0, 1.0], [1.0, 0, 0]])
    assert beam_search(certain, 5) == [((0, 0), 0.0)]


# --- the row of the decoder ------------------------------------------------------------------------------------------


P = np.array([[0.5, 0.2, 0.3], [0.25, 0.25, 0.5]])  # a, b, blank
BY_HAND = {
    ("a",): 0.5 * 0.25 + 0.5 * 0.5 + 0.3 * 0.25,  # a a, a blank, blank a
    ("b",): 0.2 * 0.25 + 0.2 * 0.5 + 0.3 * 0.25,
    (): 0.3 * 0.5,
    ("a", "b"): 0.5 * 0.25,
    ("b", "a"): 0.2 * 0.25,
}


def test_ctc_beam_search_alphabet_takes_a_sequence_of_vectors_length_n_plus_1_last_is_blank():
    decoder = NetDecoder("CTCBeamSearch", ["x", "y", "z"])
    assert decoder.port_shape() == (Automatic, 4)
    path = np.eye(4)[[3, 2, 2, 3, 2, 0, 3]]
    assert decoder(path) == ["z", "z", "x"]
    assert NetDecoder("CTCBeamSearch", "xyz") == decoder


def test_ctc_beam_search_beam_size_is_100():
    assert NetDecoder("CTCBeamSearch", ALPHABET)["BeamSize"] == 100
    p = probabilities(7, 4)
    assert len(NetDecoder("CTCBeamSearch", "abc")(p, "Decodings")) == 100 < len(by_enumeration(p))
    assert len(NetDecoder("CTCBeamSearch", "abc", BeamSize=5)(p, "Decodings")) == 5


def test_ctc_beam_search_beam_size_1_is_greedy():
    for seed in range(20):
        p = probabilities(11, 4, seed)
        best = p.argmax(-1)
        decoder = NetDecoder("CTCBeamSearch", ["a", "b", "c"], BeamSize=1)
        assert decoder(p) == ["abc"[label] for label in spelled(best, 3)]
        (nll,) = decoder(p, "NegativeLogLikelihoods").values()
        assert nll == pytest.approx(-np.log(p.max(-1)).sum())
        assert decoder(p, "Decodings") == [decoder(p)]


def test_ctc_beam_search_property_decoding_is_the_default():
    decoder = NetDecoder("CTCBeamSearch", ALPHABET)
    assert decoder(P) == ["a"] == decoder(P, "Decoding")
    assert decoder([P, P[::-1]]) == [["a"], ["a"]]
    assert decoder([P, P[:1]]) == [["a"], ["a"]]
    assert decoder([[0.1, 0.2, 0.7]]) == []


def test_ctc_beam_search_property_decodings():
    assert NetDecoder("CTCBeamSearch", ALPHABET)(P, "Decodings") == [["a"], ["b"], [], ["a", "b"], ["b", "a"]]


def test_ctc_beam_search_property_top_decodings_n():
    assert NetDecoder("CTCBeamSearch", ALPHABET)(P, ("TopDecodings", 2)) == [["a"], ["b"]]
    assert len(NetDecoder("CTCBeamSearch", ALPHABET)(P, ("TopDecodings", 50))) == 5


def test_ctc_beam_search_property_negative_log_likelihoods():
    found = NetDecoder("CTCBeamSearch", ALPHABET)(P, "NegativeLogLikelihoods")
    assert list(found) == list(BY_HAND)
    np.testing.assert_allclose(list(found.values()), -np.log(list(BY_HAND.values())), rtol=1e-12)


def test_ctc_beam_search_property_top_negative_log_likelihoods_n():
    found = NetDecoder("CTCBeamSearch", ALPHABET)(P, ("TopNegativeLogLikelihoods", 3))
    assert list(found) == [("a",), ("b",), ()]
    np.testing.assert_allclose(list(found.values()), -np.log(list(BY_HAND.values())[:3]), rtol=1e-12)


def test_ctc_beam_search_property_none():
    assert NetDecoder("CTCBeamSearch", ALPHABET)(P, None).tolist() == P.tolist()


def test_ctc_beam_search_properties_and_several_at_once():
    decoder = NetDecoder("CTCBeamSearch", ALPHABET)
    assert decoder(P, "Properties") == [
        "Decoding", "Decodings", "TopDecodings", "NegativeLogLikelihoods", "TopNegativeLogLikelihoods",
    ]  # fmt: skip
    assert decoder(P, ["Decoding", ("TopDecodings", 1)]) == {"Decoding": ["a"], ("TopDecodings", 1): [["a"]]}


def test_ctc_beam_search_input_depth_maps():
    decoder = NetDecoder("CTCBeamSearch", ALPHABET, InputDepth=3)
    assert decoder([P, P[::-1]]) == [["a"], ["a"]]


LABEL = 'NetDecoder("CTCBeamSearch")'


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (
            lambda: NetDecoder("CTCBeamSearch"),
            f'{LABEL} needs alphabet\n  hint: write NetDecoder("CTCBeamSearch", alphabet, …)',
        ),
        (lambda: NetDecoder("CTCBeamSearch", Automatic), f"{LABEL}: alphabet must be a list of classes, got Automatic"),
        (lambda: NetDecoder("CTCBeamSearch", []), f"{LABEL}: alphabet must be a list of classes, got []"),
        (
            lambda: NetDecoder("CTCBeamSearch", "aba"),
            f'{LABEL}: alphabet must name each class once, not "a" twice, got ["a", "b", "a"]',
        ),
        (
            lambda: NetDecoder("CTCBeamSearch", ALPHABET, BeamSize=0),
            f"{LABEL}: BeamSize must be a positive whole number, got 0",
        ),
        (
            lambda: NetDecoder("CTCBeamSearch", ALPHABET, InputDepth=1),
            f"{LABEL}: InputDepth must be at least 2, got 1",
        ),
        (
            lambda: NetDecoder("CTCBeamSearch", ALPHABET)(P[:, :2]),
            f"{LABEL} takes ?×3, but the data are of shape 2×2",
        ),
        (
            lambda: NetDecoder("CTCBeamSearch", ALPHABET)(P * 2),
            f"{LABEL} needs probabilities, from 0 to 1 with sum 1\n  hint: end the net in SoftmaxLayer()",
        ),
        (
            lambda: NetDecoder("CTCBeamSearch", ALPHABET)([[-0.5, 0.5, 1]]),
            f"{LABEL} needs probabilities, from 0 to 1 with sum 1\n  hint: end the net in SoftmaxLayer()",
        ),
        (
            lambda: NetDecoder("CTCBeamSearch", ALPHABET)([[np.nan, 0.5, 1]]),
            f"{LABEL} needs probabilities, from 0 to 1 with sum 1\n  hint: end the net in SoftmaxLayer()",
        ),
        (
            lambda: NetDecoder("CTCBeamSearch", ALPHABET)(P, "TopDecodings"),
            f'{LABEL}: TopDecodings needs a number of decodings\n  hint: write ("TopDecodings", 2)',
        ),
        (
            lambda: NetDecoder("CTCBeamSearch", ALPHABET)(P, ("TopNegativeLogLikelihoods", 0.5)),
            f"{LABEL}: TopNegativeLogLikelihoods needs a positive whole number, got 0.5",
        ),
        (
            lambda: NetDecoder("CTCBeamSearch", ALPHABET, BeamSize=3)(P, ("TopDecodings", 5)),
            f"{LABEL}: BeamSize is 3, so there are no top 5\n  hint: make BeamSize 5 or more",
        ),
        (
            lambda: NetDecoder("CTCBeamSearch", ALPHABET)(P, ("Decoding", 2)),
            f"{LABEL}: Decoding takes no argument, got 2",
        ),
        (
            lambda: NetDecoder("CTCBeamSearch", ALPHABET)(P, "Decision"),
            f'"Decision" is not a property of {LABEL}\n  hint: there are Decoding, Decodings, TopDecodings, '
            "NegativeLogLikelihoods, TopNegativeLogLikelihoods, None",
        ),
    ],
)
def test_what_is_refused(act, text):
    assert refused(act) == text


# --- on ports --------------------------------------------------------------------------------------------------------


def test_it_converts_to_an_encoder_of_sequences_of_classes():
    encoder = NetEncoder(NetDecoder("CTCBeamSearch", ALPHABET))
    assert encoder == NetEncoder("Class", ALPHABET, Dimensions="Varying")
    assert encoder(["b", "a", "b"]).tolist() == [2, 1, 2]


def test_it_says_the_size_of_a_net_and_is_extracted_and_replaced():
    decoder = NetDecoder("CTCBeamSearch", ALPHABET)
    net = NetInitialize(NetChain([LinearLayer((5, 3)), SoftmaxLayer()], Input=2, Output=decoder))
    assert NetExtract(net, "Output") == decoder and isinstance(net([1, 2]), list)
    wide = NetReplacePart(net, {"Output": NetReplacePart(decoder, {"BeamSize": 5})})
    assert NetExtract(NetExtract(wide, "Output"), "BeamSize") == 5
    assert NetReplacePart(net, {"Output": None})([1, 2]).shape == (5, 3)
    assert refused(lambda: NetChain([LinearLayer((5, 4))], Input=2, Output=decoder).plan) == (
        "net/1: LinearLayer gives Output of shape 5×4, but Output is given as ?×3 (Input is 2 from net)"
    )


def test_a_net_trained_with_ctc_spells_what_it_heard():
    sounds = NetEncoder("Characters", "abcABC", TargetLength=7)  # a capital is a longer sound: two steps of it
    net = NetChain(
        [EmbeddingLayer(8), NetMapOperator(LinearLayer(4)), SoftmaxLayer()],
        Input=sounds,
        Output=NetDecoder("CTCBeamSearch", "abc"),
    )
    heard = {"aaCbbbC": "acbc", "bbbaaCC": "bac", "CCCCCaa": "ca", "abCCCba": "abcba", "baCaCba": "bacacba"}
    data = [(sound, list(said)) for sound, said in heard.items()]
    trained = NetTrain(
        net, data, LossFunction=CTCLossLayer(), MaxTrainingRounds=300, LearningRate=0.03, RandomSeeding=1
    )
    assert ["".join(each) for each in trained(list(heard))] == list(heard.values())


def test_nettrain_judges_the_output_of_this_decoder_by_ctc_without_being_told():
    net = NetChain(
        [NetMapOperator([3, SoftmaxLayer()])], Input=("Varying", 2), Output=NetDecoder("CTCBeamSearch", "ab")
    )
    data = [(example(4, 2), ["a"]), (example(5, 2, seed=1), ["a", "b"])]
    options = {"MaxTrainingRounds": 1, "LearningRate": 0, "TrainingProgressReporting": None, "RandomSeeding": 3}
    own = NetTrain(net, data, "RoundLoss", **options)
    assert own == NetTrain(net, data, "RoundLoss", LossFunction=CTCLossLayer(), **options)
