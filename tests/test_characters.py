"""Characters and UTF8: tables of codes, texts as sequences of codes, and back."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import example
from wlnet import (
    All,
    Automatic,
    DigitCharacter,
    EmbeddingLayer,
    EndOfString,
    GatedRecurrentLayer,
    LetterCharacter,
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
    PunctuationCharacter,
    Restricted,
    SequenceLastLayer,
    SoftmaxLayer,
    Span,
    StartOfString,
    UnitVectorLayer,
    WhitespaceCharacter,
    WordCharacter,
)
from wlnet.core.types import Integer, Real

PRINTABLE = "\t\n" + "".join(map(chr, range(32, 127)))

ENCODERS = [
    NetEncoder("Characters"),
    NetEncoder("Characters", "abc"),
    NetEncoder("Characters", "abc", "UnitVector"),
    NetEncoder(
        "Characters", ["ab", ("xyz", Automatic), ("48;;57", 2), DigitCharacter, StartOfString, EndOfString, "_"]
    ),
    NetEncoder("Characters", ("abc", 1)),
    NetEncoder("Characters", form="UnitVector", TargetLength=5, Dimensions=3),
    NetEncoder("Characters", 'a"\\\n', IgnoreCase=True),
    NetEncoder("UTF8"),
    NetEncoder("UTF8", "UnitVector"),
]
DECODERS = [
    NetDecoder("Characters"),
    NetDecoder("Characters", "abc", InputDepth=1),
    NetDecoder("Characters", [LetterCharacter, Span(48, 57), "_"], IgnoreCase=True),
]


def codes(table, text, **parameters):
    return NetEncoder("Characters", table, **parameters)(text).tolist()


def refused(act):
    with pytest.raises(NetError) as e:
        act()
    return str(e.value)


# --- coders as values ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coder", ENCODERS + DECODERS, ids=repr)
def test_a_coder_of_characters_is_a_value_that_prints_as_its_code(coder):
    assert eval(repr(coder)) == coder == pickle.loads(pickle.dumps(coder)) == coder.changed()
    assert hash(eval(repr(coder))) == hash(coder)


def test_no_two_of_them_are_equal():
    assert len(set(ENCODERS + DECODERS)) == len(ENCODERS + DECODERS)


def test_a_table_prints_as_it_was_written():
    assert repr(NetEncoder("Characters", ["ab", (LetterCharacter, Automatic), Span(48, 57), "_"])) == (
        'NetEncoder("Characters", ["ab", (LetterCharacter, Automatic), "48;;57", "_"])'
    )
    assert repr(NetEncoder("Characters", {"abc": 1, DigitCharacter: 2})) == (
        'NetEncoder("Characters", [("abc", 1), (DigitCharacter, 2)])'
    )


# --- the row of the encoder: forms and parameters --------------------------------------------------------------------


def test_characters_default_table_is_tab_newline_and_codes_32_to_126_in_that_order_97_symbols():
    encoder = NetEncoder("Characters")
    assert encoder(PRINTABLE).tolist() == list(range(1, 98))
    assert encoder.port_values() == Integer(97) and encoder.port_shape() == ("Varying",)


def test_characters_table_is_given():
    assert codes("cab", "abc") == [2, 3, 1]


def test_characters_form_index_is_a_sequence_of_integers_1_to_n():
    encoder = NetEncoder("Characters", "cab", "Index")
    assert encoder == NetEncoder("Characters", "cab")
    assert encoder("ab").dtype == np.int64 and encoder.port_values() == Integer(3)


def test_characters_form_unit_vector_is_l_times_n_one_hot():
    encoder = NetEncoder("Characters", "cab", "UnitVector")
    assert encoder("ba").tolist() == [[0, 0, 1], [0, 1, 0]] and encoder("ba").dtype == np.float32
    assert encoder.port_shape() == ("Varying", 3) and encoder.port_values() == Real()
    assert NetEncoder("Characters", "cab", "IndicatorVector") == encoder


def test_characters_ignore_case():
    assert codes("abc", "aBC", IgnoreCase=True) == [1, 2, 3]
    assert codes("ABC", "aBc", IgnoreCase=True) == [1, 2, 3]
    assert codes("AaBb", "bBaA", IgnoreCase=True) == [2, 2, 1, 1]
    folded = NetEncoder("Characters", IgnoreCase=True)
    assert folded.port_values() == Integer(97 - 26) and folded("Ab").tolist() == folded("aB").tolist()
    assert codes([("65;;90", Automatic)], "aZ", IgnoreCase=True) == [1, 1]


def test_characters_target_length_all_or_n_crops_or_pads():
    assert codes("abc", "bab") == [2, 1, 2] == codes("abc", "bab", TargetLength=All)
    assert codes("abc", "bab", TargetLength=2) == [2, 1]
    assert codes("abc", "bab", TargetLength=5) == [2, 1, 2, 3, 3]
    assert NetEncoder("Characters", "abc", TargetLength=5).port_shape() == (5,)


def test_characters_pad_code_is_that_of_end_of_string_if_present_else_the_last():
    assert codes([EndOfString, "abc"], "ab", TargetLength=5) == [2, 3, 1, 1, 1]
    assert codes(["abc", "_"], "ab", TargetLength=5) == [1, 2, 4, 4, 4]


def test_characters_batch_and_use_alone():
    encoder = NetEncoder("Characters", "abc")
    assert [each.tolist() for each in encoder(["ab", "c", "bca"])] == [[1, 2], [3], [2, 3, 1]]
    assert encoder(("ab", "ca")).tolist() == [[1, 2], [3, 1]]
    assert encoder(np.array(["ab", "ca"])).tolist() == [[1, 2], [3, 1]]
    assert encoder("").tolist() == []


def test_characters_encoded_input_is_passed_through():
    for encoder in (NetEncoder("Characters", "abc"), NetEncoder("Characters", "abc", "UnitVector")):
        once = encoder("bca")
        assert encoder(once).tolist() == once.tolist()
        assert encoder([once, "ab"])[0].tolist() == once.tolist()
    assert NetEncoder("Characters", "abc")([3.0, 1.0]).dtype == np.int64


def test_characters_dimensions_map_over_an_array_of_items():
    encoder = NetEncoder("Characters", "abc", TargetLength=3, Dimensions=2)
    assert encoder.port_shape() == (2, 3)
    assert encoder(["ab", "c"]).tolist() == [[1, 2, 3], [3, 3, 3]]
    assert encoder([["ab", "c"], ["a", "b"]]).shape == (2, 2, 3)


# --- the grammar of tables -------------------------------------------------------------------------------------------


def test_table_text_gives_one_code_per_character():
    assert codes("abc", "cba") == [3, 2, 1]


def test_table_text_to_n_gives_all_the_code_n():
    assert codes([("abc", 2), ("xy", 1)], "axbyc") == [2, 1, 2, 1, 2]
    assert codes({"abc": 2, "xy": 1}, "axbyc") == [2, 1, 2, 1, 2]
    assert codes(("abc", 1), "cab") == [1, 1, 1]


def test_table_text_to_automatic_gives_all_the_next_code():
    assert codes(["ab", ("xyz", Automatic), "c"], "abxyzc") == [1, 2, 3, 3, 3, 4]


def test_table_the_next_code_is_one_more_than_the_largest():
    assert codes([("ab", 5), "c", ("d", 2), "e"], "abcde") == [5, 5, 6, 2, 7]
    assert NetEncoder("Characters", ("ab", 5)).port_values() == Integer(5)


def test_table_span_n_m_is_a_code_point_range():
    assert codes([Span(97, 99), "z"], "cbaz") == [3, 2, 1, 4]
    assert codes([("97;;99", 4), ("48;;57", Automatic)], "ca07") == [4, 4, 5, 5]
    assert codes("97;;99", "cab") == [3, 1, 2]
    assert codes([("1024;;1279", Automatic)], "Жя") == [1, 1]
    assert codes([("0;;127", 1), ("128;;1114111", 2)], "a\0é😀") == [1, 1, 2, 2]


def test_table_list_is_consecutive_specs():
    assert codes(["ab", "cd", ["ef", ["g"]]], "gfedcba") == [7, 6, 5, 4, 3, 2, 1]


def test_table_group_automatic_is_printable_ascii_tab_newline_and_space():
    assert codes(["é", Automatic], "é" + PRINTABLE) == list(range(1, 99))
    assert codes([("Automatic", 1), "_"], PRINTABLE + "é") == [1] * 97 + [2]


@pytest.mark.parametrize(
    ("group", "ascii_members", "others", "outside"),
    [
        (LetterCharacter, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "éЖ中", "0 ._"),
        (DigitCharacter, "0123456789", "", "a .²"),
        (WordCharacter, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "éЖ中", " ._"),
        (PunctuationCharacter, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "«—。", "a0 "),
        (WhitespaceCharacter, "\t\n\v\f\r ", "\u00a0\u2003", "a0."),
    ],
    ids=["LetterCharacter", "DigitCharacter", "WordCharacter", "PunctuationCharacter", "WhitespaceCharacter"],
)
def test_table_group(group, ascii_members, others, outside):
    count = len(ascii_members)
    assert codes([group, "\u0001"], ascii_members + "\u0001") == list(range(1, count + 2))
    for spelled in (group, group.name):
        table = [(spelled, Automatic), "_"]
        assert codes(table, ascii_members + others) == [1] * (count + len(others))
        assert codes(table, outside) == [2] * len(outside)


def test_table_groups_start_of_string_and_end_of_string_are_virtual():
    assert codes(["ab", StartOfString, EndOfString], "ba") == [3, 2, 1, 4]
    assert codes(["StartOfString", "ab"], "ba") == [1, 3, 2]
    assert codes([EndOfString, "ab"], "ba") == [3, 2, 1]
    assert codes([("StartOfString", 1), ("EndOfString", 1), "ab"], "ba") == [1, 3, 2, 1]
    assert codes(["ab", EndOfString], "", TargetLength=2) == [3, 3]


def test_table_blank_is_everything_else():
    assert codes(["ab", "_"], "axbé") == [1, 3, 2, 3]
    assert codes(["ab", ("_", 1)], "axbé") == [1, 1, 2, 1]
    assert codes("_", "axé") == [1, 1, 1]


def test_table_an_underscore_within_a_text_or_a_span_is_that_character():
    assert codes("a_", "_a") == [2, 1]
    assert codes([Span(95, 95), "a"], "_a") == [1, 2]


def test_table_what_a_text_names_no_group_has_and_the_first_of_two_groups_wins():
    assert codes([(LetterCharacter, Automatic), "a", (WordCharacter, Automatic)], "ab7") == [2, 1, 3]
    assert codes([LetterCharacter, (WordCharacter, Automatic)], "AzZ9") == [1, 52, 26, 53]
    assert codes([(LetterCharacter, Automatic), DigitCharacter, WordCharacter], "z09") == [1, 2, 11]


def test_a_character_with_no_code_is_an_error_unless_blank_is_present():
    assert refused(lambda: NetEncoder("Characters", "abc")("axb")) == (
        'NetEncoder("Characters"): the character "x" has no code\n'
        '  hint: put it in the table, or "_", which stands for every other character'
    )
    assert refused(lambda: NetEncoder("Characters")(["a", "é"])) == (
        'NetEncoder("Characters"): the character "é" has no code (example 2)\n'
        '  hint: put it in the table, or "_", which stands for every other character'
    )


MUST = (
    'NetEncoder("Characters"): table must be a text, a span such as "48;;57", a group such as LetterCharacter, a rule '
    'such as ("abc", 3) or ("abc", Automatic), or a list of these, got '
)


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (7, MUST + "7"),
        ("", MUST + '""'),
        (All, MUST + "All"),
        (("a", 1, 2), MUST + '("a", 1, 2)'),
        (["ab", 3], MUST + '["ab", 3]'),
        ([], 'NetEncoder("Characters"): table must name at least one character, got []'),
        ("abca", 'NetEncoder("Characters"): table must name each character once, not "a" twice, got "abca"'),
        (
            [("ab", 1), ("bc", 2)],
            'NetEncoder("Characters"): table must name each character once, not "b" twice, got [("ab", 1), ("bc", 2)]',
        ),
        (["a", "_", "_"], 'NetEncoder("Characters"): table must name _ once, got ["a", "_", "_"]'),
        (
            [StartOfString, StartOfString],
            'NetEncoder("Characters"): table must name StartOfString once, got [StartOfString, StartOfString]',
        ),
        (
            ("abc", 0),
            'NetEncoder("Characters"): table must give codes that are whole numbers from 1 to 1114112, or Automatic, not 0, got '
            '("abc", 0)',
        ),
        (
            [("abc", "x")],
            'NetEncoder("Characters"): table must give codes that are whole numbers from 1 to 1114112, or Automatic, not "x", got '
            '[("abc", "x")]',
        ),
        (
            Span(57, 48),
            'NetEncoder("Characters"): table must hold spans of character codes such as Span(48, 57), not "57;;48", got '
            '"57;;48"',
        ),
        (
            Span(48, All),
            'NetEncoder("Characters"): table must hold spans of character codes such as Span(48, 57), not "48;;All", '
            'got "48;;All"',
        ),
    ],
    ids=repr,
)
def test_table_refuses(table, text):
    assert refused(lambda: NetEncoder("Characters", table)) == text


def test_table_refuses_two_codes_for_one_character_that_ignore_case_makes():
    assert refused(lambda: NetEncoder("Characters", [("ab", 1), ("BC", 2)], IgnoreCase=True)) == (
        'NetEncoder("Characters"): table must give "b" one code, not 1 and 2, got [("ab", 1), ("BC", 2)]'
    )


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (
            lambda: NetEncoder("Characters", "abc", "Vector"),
            'NetEncoder("Characters"): form must be one of Index, UnitVector, got "Vector"\n  hint: did you mean UnitVector?',
        ),
        (
            lambda: NetEncoder("Characters", TargetLength=0),
            'NetEncoder("Characters"): TargetLength must be a positive whole number, or All, got 0',
        ),
        (
            lambda: NetEncoder("Characters", IgnoreCase="yes"),
            'NetEncoder("Characters"): IgnoreCase must be True or False, got "yes"',
        ),
        (
            lambda: NetEncoder("Characters", Dimensions=3),
            'NetEncoder("Characters"): only the first level may vary, but the shape is 3×Varying',
        ),
        (
            lambda: NetEncoder("Characters", Targetlength=3),
            'NetEncoder("Characters"): "Targetlength" is not a parameter\n  hint: did you mean TargetLength?',
        ),
        (lambda: NetEncoder("Characters")(7), 'NetEncoder("Characters"): 7 is not a text'),
        (lambda: NetEncoder("Characters")(["a", None]), 'NetEncoder("Characters"): None is not a text (example 2)'),
        (
            lambda: NetEncoder("Characters")([5, 98]),
            'NetEncoder("Characters"): 98 is not a code from 1 to 97',
        ),
        (
            lambda: NetEncoder("Characters")([5, 1.5]),
            'NetEncoder("Characters"): 1.5 is not a code from 1 to 97',
        ),
        (
            lambda: NetEncoder("Characters", TargetLength=3)([5, 7]),
            'NetEncoder("Characters"): expected a sequence of 3, got 2',
        ),
        (
            lambda: NetEncoder("Characters", "abc", "UnitVector")([[1, 0], [0, 1]]),
            'NetEncoder("Characters"): expected vectors of 3, got 2',
        ),
        (
            lambda: NetDecoder("Characters", "abc", InputDepth=0),
            'NetDecoder("Characters"): InputDepth must be at least 1, got 0',
        ),
        (
            lambda: NetDecoder("Characters", "abc")([0.5, 0.5]),
            'NetDecoder("Characters") takes 3 or ?×3, but the data are of shape 2',
        ),
        (
            lambda: NetDecoder("Characters", "abc")(example(2, 5, 3, 3)),
            'NetDecoder("Characters") takes 3 or ?×3, but the data are of shape 5×3×3\n'
            "  hint: give InputDepth, the rank of the array of one example",
        ),
        (
            lambda: NetDecoder("Characters", "abc", InputDepth=2)(example(5, 2)),
            'NetDecoder("Characters") takes ?×3, but the data are of shape 5×2',
        ),
        (
            lambda: NetDecoder("Characters", "abc")(example(5, 3), "Decision"),
            '"Decision" is not a property of NetDecoder("Characters")\n'
            "  hint: there is only None, which gives the array",
        ),
        (lambda: NetDecoder(NetEncoder("UTF8")), 'NetEncoder("UTF8") has no decoder\n  hint: use NetDecoder("Characters", table)'),
        (lambda: NetEncoder("UTF8")("a\ud800"), 'NetEncoder("UTF8"): the text \'a\\ud800\' cannot be UTF-8'),
        (lambda: NetEncoder("UTF8")([b"\xff"]), "NetEncoder(\"UTF8\"): the bytes b'\\xff' cannot be UTF-8 (example 1)"),
        (lambda: NetEncoder("UTF8")(7), 'NetEncoder("UTF8"): 7 is not a text or bytes'),
        (lambda: NetEncoder("UTF8")([249]), 'NetEncoder("UTF8"): 249 is not a code from 1 to 248'),
    ],
)  # fmt: skip
def test_what_is_refused(act, text):
    assert refused(act) == text


# --- the row of the decoder ------------------------------------------------------------------------------------------


def vectors(*places, size=3):
    return np.eye(size)[np.array(places) - 1] * 0.5 + 0.5 / size


def test_decoder_characters_takes_a_probability_vector_or_a_sequence_of_them_and_returns_a_string():
    decoder = NetDecoder("Characters", "abc")
    assert decoder([0.25, 0.125, 0.625]) == "c"
    assert decoder(vectors(3, 1, 1, 2)) == "caab"
    assert decoder([vectors(3, 1), vectors(2, 2)]) == ["ca", "bb"]
    assert decoder([vectors(3, 1), vectors(2)]) == ["ca", "b"]


def test_decoder_characters_length_is_the_number_of_codes_97_by_default():
    decoder = NetDecoder("Characters")
    assert decoder(vectors(36, 69, 2, size=97)) == "Ab\n"
    assert decoder.port_shape() is None and decoder.last_size() == 97


def test_decoder_characters_property_none_bypasses():
    p = vectors(3, 1)
    assert NetDecoder("Characters", "abc")(p, None).tolist() == p.tolist()
    assert NetDecoder("Characters", "abc")(p, "Properties") == []


def test_decoder_characters_input_depth():
    assert NetDecoder("Characters", "abc", InputDepth=1)(vectors(3, 1)) == ["c", "a"]
    assert NetDecoder("Characters", "abc", InputDepth=1).port_shape() == (3,)
    assert NetDecoder("Characters", "abc", InputDepth=2).port_shape() == (Automatic, 3)
    deep = NetDecoder("Characters", "abc", InputDepth=3)
    assert deep(np.stack([vectors(3, 1), vectors(2, 2)])) == ["ca", "bb"]


def test_decoder_characters_table_of_rules_virtual_and_other_characters():
    decoder = NetDecoder(
        "Characters", [StartOfString, ("xyz", Automatic), (DigitCharacter, Automatic), "_", EndOfString]
    )
    assert decoder(vectors(1, 2, 3, 4, 2, size=5)) == "x0\ufffdx"
    assert decoder(vectors(1, 2, 5, 3, 5, size=5)) == "x"
    assert NetDecoder("Characters", [("a", 1), ("b", 3)])(vectors(1, 2, 3)) == "ab"


def test_decoder_characters_ignore_case():
    assert NetDecoder("Characters", "ABC", IgnoreCase=True)(vectors(1, 3)) == "ac"


@pytest.mark.parametrize(
    ("encoder", "decoder"),
    [
        (NetEncoder("Characters"), NetDecoder("Characters")),
        (NetEncoder("Characters", ["ab", "_"]), NetDecoder("Characters", ["ab", "_"])),
        (NetEncoder("Characters", "ab", IgnoreCase=True), NetDecoder("Characters", "ab", IgnoreCase=True)),
    ],
    ids=repr,
)
def test_encoder_and_decoder_convert(encoder, decoder):
    assert NetDecoder(encoder) == decoder and NetEncoder(decoder) == encoder
    mapped = NetEncoder("Characters", "ab", TargetLength=3, Dimensions=5)
    assert NetDecoder(mapped) == NetDecoder("Characters", "ab", InputDepth=3)


@given(st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), min_size=1))
def test_decoding_undoes_encoding(text):
    encoder = NetEncoder("Characters", form="UnitVector")
    assert NetDecoder(encoder)(encoder(text)) == text


@given(st.text(min_size=1))
def test_utf8_is_the_bytes_plus_1(text):
    try:
        expected = [byte + 1 for byte in text.encode()]
    except UnicodeEncodeError:
        return
    assert NetEncoder("UTF8")(text).tolist() == expected


# --- UTF8 ------------------------------------------------------------------------------------------------------------


def test_utf8_gives_byte_plus_1_several_codes_per_non_ascii_character():
    assert NetEncoder("UTF8")("aé中").tolist() == [98, 196, 170, 229, 185, 174]
    assert NetEncoder("UTF8")("aé".encode()).tolist() == [98, 196, 170]
    assert [len(each) for each in NetEncoder("UTF8")(["a", "é", b"abc"])] == [1, 2, 3]


def test_utf8_stated_range_is_1_to_248():
    assert NetEncoder("UTF8").port_values() == Integer(248) and NetEncoder("UTF8").port_shape() == ("Varying",)
    assert max(NetEncoder("UTF8")("\U0010ffff")) == 0xF4 + 1


def test_utf8_form_unit_vector_has_vectors_of_length_248():
    encoder = NetEncoder("UTF8", "UnitVector")
    assert encoder.port_shape() == ("Varying", 248)
    assert encoder("a").shape == (1, 248) and np.flatnonzero(encoder("a")[0]).tolist() == [97]


# --- on ports --------------------------------------------------------------------------------------------------------


def test_extract_and_replace_a_parameter_of_the_coder():
    encoder = NetEncoder("Characters", "abc")
    assert NetExtract(encoder, "table") == "abc" and NetExtract(encoder, "TargetLength") is All
    assert NetReplacePart(encoder, {"TargetLength": 5, "table": ("xy", 1)}) == NetEncoder(
        "Characters", ("xy", 1), TargetLength=5
    )
    assert NetReplacePart(encoder, {"table": {"xy": 1}}) == NetEncoder("Characters", {"xy": 1})
    assert encoder == NetEncoder("Characters", "abc")


def test_sizes_of_embedding_and_unit_vector_layers_are_inferred():
    net = NetChain([EmbeddingLayer(2)], Input=NetEncoder("Characters", "abcde"))
    assert net.plan.shape((1,), "Weights") == (5, 2)
    units = NetChain([UnitVectorLayer()], Input=NetEncoder("UTF8"))
    assert units("a").shape == (1, 248)


def test_a_bare_name_attaches_detaches_and_replaces():
    net = NetChain([UnitVectorLayer()], Input="Characters", Output="Characters")
    assert NetExtract(net, "Input") == NetEncoder("Characters") and NetExtract(net, "Output") == NetDecoder(
        "Characters"
    )
    assert net("Hi!") == "Hi!" and net(["Hi!", "you"]) == ["Hi!", "you"] and net("Hi", None).shape == (2, 97)
    bare = NetReplacePart(net, {"Input": None, "Output": None})
    assert bare([42, 75]).argmax(-1).tolist() == [41, 74] and bare.plan.types[(), "Input"] == Integer(97)
    other = NetReplacePart(NetChain([UnitVectorLayer()]), {"Input": NetEncoder("Characters", "abc")})
    assert other("b").tolist() == [[0, 1, 0]]


def test_port_type_varying_restricted_integer_is_what_the_encoder_gives():
    net = NetChain([UnitVectorLayer()], Input=("Varying", Restricted("Integer", 3)))
    assert net.plan.types[(), "Input"] == NetEncoder("Characters", "abc").port_values()


def test_an_output_whose_last_size_is_not_the_number_of_codes_is_refused():
    assert refused(lambda: NetChain([LinearLayer(4)], Input=3, Output=NetDecoder("Characters", "xyz")).plan) == (
        'NetDecoder("Characters") takes Output of shape …×3, but net/1 gives 4'
    )


def test_an_empty_text_is_refused_by_a_net():
    net = NetChain([UnitVectorLayer()], Input=NetEncoder("Characters", "abc"))
    assert refused(lambda: net(["ab", ""])) == (
        "Input: a sequence is empty\n  hint: a sequence has at least one element"
    )


# --- trained ---------------------------------------------------------------------------------------------------------


def test_a_net_of_characters_learns_odd_and_even_number_words():
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    parity = [["odd", "even"][k % 2] for k in range(10)]
    net = NetChain(
        [EmbeddingLayer(6), GatedRecurrentLayer(9), SequenceLastLayer(), LinearLayer(), SoftmaxLayer()],
        Input=NetEncoder("Characters", [Span(97, 122)]),
        Output=NetDecoder("Class", ["odd", "even"]),
    )
    trained = NetTrain(
        net, list(zip(words, parity, strict=True)), MaxTrainingRounds=120, LearningRate=0.03, RandomSeeding=1
    )
    assert trained(words) == parity and trained("seven", ("Probability", "odd")) > 0.9


def test_a_net_from_texts_to_texts_learns_the_next_letter():
    letters = "abcdefg"
    turned = lambda text: "".join(letters[(letters.index(char) + 1) % 7] for char in text)
    texts = ["abc", "de", "fg", "gfedcba", "cab", "bead"]
    net = NetChain(
        [EmbeddingLayer(8), NetMapOperator(LinearLayer(7)), SoftmaxLayer()],
        Input=NetEncoder("Characters", letters),
        Output=NetDecoder("Characters", letters),
    )
    trained = NetTrain(
        net, [(each, turned(each)) for each in texts], MaxTrainingRounds=150, LearningRate=0.03, RandomSeeding=1
    )
    assert trained(["gab", "fade"]) == ["abc", "gbef"]


def test_targets_of_a_net_that_gives_one_vector_are_characters():
    net = NetChain(
        [EmbeddingLayer(5), SequenceLastLayer(), LinearLayer(3), SoftmaxLayer()],
        Input=NetEncoder("Characters", "abc"),
        Output=NetDecoder("Characters", ["xy", EndOfString]),
    )
    data = [("a", "x"), ("ca", "x"), ("ab", "y"), ("b", "y"), ("bc", EndOfString)]
    trained = NetTrain(net, data, MaxTrainingRounds=150, LearningRate=0.03, RandomSeeding=1)
    assert trained(["cca", "b", "c"]) == ["x", "y", ""]


def test_initialized_nets_decode_batches_of_unequal_texts():
    net = NetInitialize(
        NetChain(
            [EmbeddingLayer(5), GatedRecurrentLayer(3), SoftmaxLayer()],
            Input=NetEncoder("Characters", "abc"),
            Output=NetDecoder("Characters", "xyz"),
        )
    )
    texts = ["abcab", "c", "ba"]
    assert net(texts) == [net(each) for each in texts] and list(map(len, net(texts))) == [5, 1, 2]
