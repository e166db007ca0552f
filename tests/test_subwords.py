"""SubwordTokens: texts as pieces of words; lists, SentencePiece models, tokenizer.json."""

import pickle
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import BPE, WordPiece
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from wlnet import (
    All,
    EmbeddingLayer,
    EndOfString,
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
    StartOfString,
    UnitVectorLayer,
)
from wlnet.coders.merging import merged
from wlnet.core.types import Integer

TOKENS = ["_", "lo", "low", " low", "er", "l", "o", "w", "e", "r", " "]
ENDS = [StartOfString, EndOfString, *TOKENS]
LEFT = ("BPE", {"WhitespacePadding": "Left"})


def shouted(text):
    return text.replace("!", "")


CODERS = [
    NetEncoder("SubwordTokens", TOKENS),
    NetEncoder("SubwordTokens", ENDS, IncludeTerminalTokens=True, TargetLength=7, Dimensions=2),
    NetEncoder("SubwordTokens", TOKENS, Method="WordPiece", IgnoreCase=True, Vocabulary=[" low", "er"]),
    NetEncoder(
        "SubwordTokens",
        TOKENS,
        Method=("BPE", {"CombineWhitespace": True, "WhitespacePadding": "Right"}),
        TextPreprocessing=shouted,
        UnicodeNormalization="NFKC",
    ),
    NetDecoder("SubwordTokens", TOKENS),
    NetDecoder("SubwordTokens", ENDS, WhitespaceTrimming="Left", IgnoreCase=True, InputDepth=2),
]


def codes(text, tokens=TOKENS, **parameters):
    return NetEncoder("SubwordTokens", tokens, **parameters)(text).tolist()


def refused(act):
    with pytest.raises(NetError) as e:
        act()
    return str(e.value)


def vectors(*places, size):
    return np.eye(size)[np.array(places) - 1] * 0.5 + 0.5 / size


@pytest.mark.parametrize("coder", CODERS, ids=repr)
def test_a_coder_of_subwords_is_a_value_that_prints_as_its_code(coder):
    assert eval(repr(coder)) == coder == pickle.loads(pickle.dumps(coder)) == coder.changed()
    assert hash(eval(repr(coder))) == hash(coder)
    assert sum(coder == other for other in CODERS) == 1


# --- the row of the encoder, and its parameters ----------------------------------------------------------------------


def test_subword_tokens_of_a_list_give_integers_1_to_d():
    encoder = NetEncoder("SubwordTokens", TOKENS)
    assert encoder.port_values() == Integer(11) and encoder.port_shape() == ("Varying",)
    assert encoder("low lower").tolist() == [3, 4, 5] and encoder("low").dtype == np.int64


def test_subword_tokens_starting_a_word_begin_with_a_space():
    assert codes("low low") == [3, 4] and codes(" low") == [4]


def test_subword_tokens_list_must_contain_blank():
    assert refused(lambda: NetEncoder("SubwordTokens", ["a", "b"])) == (
        'NetEncoder("SubwordTokens"): tokens must hold "_", the token of what is not known, got ["a", "b"]'
    )
    assert codes("low?!low") == [3, 1, 3] and codes("l_w") == [6, 1, 8]


def test_subword_tokens_method_bpe_joins_the_first_of_the_list_first():
    assert codes("abc", ["_", "ab", "bc", "a", "b", "c"]) == [2, 6]
    assert codes("abc", ["_", "bc", "ab", "a", "b", "c"]) == [4, 2]
    assert codes("aaa", ["_", "aa", "a"]) == [2, 3]
    assert codes("lower", Method="BPE") == [3, 5] == codes("lower", Method=("BPE",))
    assert codes("abcd", ["_", "cd", "ab", "abcd", "a", "b", "c", "d"]) == [4]


def by_definition(text, ranks):
    """The pieces by the definition: look for the best pair everywhere, join it, and look again."""
    pieces = list(text)
    while True:
        pairs = [(ranks[a + b], k) for k, (a, b) in enumerate(zip(pieces, pieces[1:], strict=False)) if a + b in ranks]
        if not pairs:
            return pieces
        _, k = min(pairs)
        pieces[k : k + 2] = [pieces[k] + pieces[k + 1]]


@given(st.text("ab c", max_size=30), st.lists(st.text("ab c", min_size=1, max_size=4), max_size=12, unique=True))
def test_subword_tokens_method_bpe_is_its_definition(text, listed):
    ranks = {piece: rank for rank, piece in enumerate(listed)}
    assert merged(text, ranks) == by_definition(text, ranks)


def test_subword_tokens_method_bpe_combine_whitespace():
    assert codes("low  low") == [3, 11, 4]
    assert codes(" low \t\n low ", Method=("BPE", {"CombineWhitespace": True})) == [3, 4]
    assert codes("low  low", Method=("BPE", {"CombineWhitespace": False})) == [3, 11, 4]


def test_subword_tokens_method_bpe_whitespace_padding_none_left_right():
    assert codes("low", Method=("BPE", {"WhitespacePadding": None})) == [3]
    assert codes("low", Method=("BPE", {"WhitespacePadding": "Left"})) == [4]
    assert codes("low", Method=["BPE", {"WhitespacePadding": "Right"}]) == [3, 11]
    assert codes(" low  ", Method=("BPE", {"WhitespacePadding": "Left", "CombineWhitespace": True})) == [4]
    assert codes("", Method=LEFT) == []


def test_subword_tokens_method_word_piece_takes_the_longest_tokens_of_each_word():
    tokens = ["_", " un", "aff", "able", " ,", " a", "a", "ble"]
    assert codes("unaffable, able", tokens, Method="WordPiece") == [2, 3, 4, 5, 6, 8]
    assert codes("un xyz zz un", tokens, Method="WordPiece") == [2, 1, 1, 2]
    assert codes("  un\n,", tokens, Method="WordPiece") == [2, 5]


def test_subword_tokens_ignore_case():
    assert codes("LOW", IgnoreCase=False) == [1]
    assert codes("LOW Lower", IgnoreCase=True) == [3, 4, 5]
    assert codes("low", ["_", "LO", "W", "LOW", "L", "O"], IgnoreCase=True) == [4]


def test_subword_tokens_include_terminal_tokens_needs_start_of_string_and_end_of_string_in_the_list():
    assert codes("low", ENDS) == [5]
    assert codes("low", ENDS, IncludeTerminalTokens=True) == [1, 5, 2]
    assert codes("low", ["StartOfString", *TOKENS, "EndOfString"], IncludeTerminalTokens=True) == [1, 4, 13]
    assert refused(lambda: NetEncoder("SubwordTokens", TOKENS, IncludeTerminalTokens=True)) == (
        'NetEncoder("SubwordTokens"): IncludeTerminalTokens needs StartOfString and EndOfString among the tokens'
    )
    assert refused(lambda: NetEncoder("SubwordTokens", [StartOfString, "_"], IncludeTerminalTokens=True)) == (
        'NetEncoder("SubwordTokens"): IncludeTerminalTokens needs EndOfString among the tokens'
    )


def test_subword_tokens_input_type_is_string():
    assert NetEncoder("SubwordTokens", TOKENS)["InputType"] == "String"
    assert refused(lambda: NetEncoder("SubwordTokens", TOKENS, InputType="List")) == (
        'NetEncoder("SubwordTokens"): InputType must be one of String, got "List"'
    )


def test_subword_tokens_output_properties_is_vocabulary_index():
    assert NetEncoder("SubwordTokens", TOKENS)["OutputProperties"] == "VocabularyIndex"
    assert refused(lambda: NetEncoder("SubwordTokens", TOKENS, OutputProperties="Text")) == (
        'NetEncoder("SubwordTokens"): OutputProperties must be one of VocabularyIndex, got "Text"'
    )


def test_subword_tokens_target_length_all_or_n():
    assert codes("low er", TargetLength=All) == [3, 11, 5]
    assert codes("low er", TargetLength=2) == [3, 11]
    assert codes("low er", TargetLength=5) == [3, 11, 5, 1, 1]
    assert codes("low", ENDS, TargetLength=3) == [5, 2, 2]
    assert NetEncoder("SubwordTokens", TOKENS, TargetLength=5).port_shape() == (5,)


def test_subword_tokens_text_preprocessing_none_or_a_function():
    assert codes("low!low") == [3, 1, 3] and codes("low! low", TextPreprocessing=shouted) == [3, 4]
    assert refused(lambda: codes("low", TextPreprocessing=len)) == (
        'NetEncoder("SubwordTokens"): the TextPreprocessing of NetEncoder("SubwordTokens") must give a text, but gave 3'
    )
    assert refused(lambda: NetEncoder("SubwordTokens", TOKENS, TextPreprocessing=abs)(["low"])) == (
        'NetEncoder("SubwordTokens"): the TextPreprocessing of NetEncoder("SubwordTokens") failed: TypeError: bad '
        "operand type for abs(): 'str' (example 1)"
    )


@pytest.mark.parametrize(
    ("form", "text"),
    [("NFC", "e\u0301"), ("NFD", "é"), ("NFKC", "ﬁ"), ("NFKD", "ﬁ")],
    ids=["NFC", "NFD", "NFKC", "NFKD"],
)
def test_subword_tokens_unicode_normalization(form, text):
    tokens = ["_", "é", "e\u0301", "fi", "e", "f", "i", "\u0301"]
    expected = {"NFC": [2], "NFD": [3], "NFKC": [4], "NFKD": [4]}
    assert codes(text, tokens, UnicodeNormalization=form) == expected[form]
    assert codes("ﬁ", tokens, UnicodeNormalization=None) == [1]


def test_subword_tokens_vocabulary_is_what_may_come_out():
    assert codes("lower low", Vocabulary=["lo", "er"]) == [2, 8, 5, 11, 2, 8]
    assert codes("lower low", Vocabulary=[" low"]) == [2 + 4, 7, 8, 9, 10, 4]
    tokens = ["_", " un", "un", "able", "a", "b", "l", "e", " u", "n"]
    assert codes("unable", tokens, Method="WordPiece") == [2, 4]
    assert codes("unable", tokens, Method="WordPiece", Vocabulary=["able", " u"]) == [9, 10, 4]


def test_subword_tokens_batch_use_alone_and_encoded_input():
    encoder = NetEncoder("SubwordTokens", TOKENS)
    assert [each.tolist() for each in encoder(["low", "lower"])] == [[3], [3, 5]]
    assert encoder(encoder("lower")).tolist() == [3, 5] and encoder([np.array([3, 5]), "low"])[0].tolist() == [3, 5]


def test_subword_tokens_dimensions_map_over_an_array_of_items():
    encoder = NetEncoder("SubwordTokens", TOKENS, TargetLength=2, Dimensions=3)
    assert encoder(["low", "lower", "l"]).tolist() == [[3, 1], [3, 5], [6, 1]] and encoder.port_shape() == (3, 2)


def test_bpe_subword_tokens_is_the_old_name():
    assert NetEncoder("BPESubwordTokens", TOKENS) == NetEncoder("SubwordTokens", TOKENS)
    assert NetDecoder("BPESubwordTokens", TOKENS) == NetDecoder("SubwordTokens", TOKENS)


E = 'NetEncoder("SubwordTokens")'


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (
            lambda: NetEncoder("SubwordTokens"),
            f'{E} needs tokens\n  hint: write NetEncoder("SubwordTokens", tokens, …)',
        ),
        (lambda: NetEncoder("SubwordTokens", 7), f"{E}: tokens must be a list of tokens, or a file, got 7"),
        (
            lambda: NetEncoder("SubwordTokens", []),
            f"{E}: tokens must hold texts, StartOfString and EndOfString, got []",
        ),
        (
            lambda: NetEncoder("SubwordTokens", ["_", 7]),
            f'{E}: tokens must hold texts, StartOfString and EndOfString, not 7, got ["_", 7]',
        ),
        (
            lambda: NetEncoder("SubwordTokens", ["_", "a", "a"]),
            f'{E}: tokens must name each token once, not "a" twice, got ["_", "a", "a"]',
        ),
        (
            lambda: NetEncoder("SubwordTokens", ["_", "a", "A"], IgnoreCase=True),
            f'{E}: with IgnoreCase, "a" and "A" are one token',
        ),
        (
            lambda: NetDecoder("SubwordTokens", ["_", "a", "A"], IgnoreCase=True),
            'NetDecoder("SubwordTokens"): with IgnoreCase, "a" and "A" are one token',
        ),
        (
            lambda: NetEncoder("SubwordTokens", TOKENS, Method="Unigram"),
            f'{E}: Method must be one of BPE, WordPiece, got "Unigram"',
        ),
        (
            lambda: NetEncoder("SubwordTokens", TOKENS, Method=("BPE", "Left")),
            f'{E}: Method must be "BPE", ("BPE", {{…}}) or "WordPiece", got ("BPE", "Left")',
        ),
        (
            lambda: NetEncoder("SubwordTokens", TOKENS, Method=("BPE", {"Padding": "Left"})),
            f'{E}: Method BPE has no setting "Padding" (there are CombineWhitespace, WhitespacePadding), '
            'got ("BPE", {"Padding": "Left"})',
        ),
        (
            lambda: NetEncoder("SubwordTokens", TOKENS, Method=("WordPiece", {"WhitespacePadding": "Left"})),
            f'{E}: Method WordPiece has no setting "WhitespacePadding" (there are none), got ("WordPiece", '
            '{"WhitespacePadding": "Left"})',
        ),
        (
            lambda: NetEncoder("SubwordTokens", TOKENS, Method=("BPE", {"WhitespacePadding": "Both"})),
            f"{E}: Method must have a WhitespacePadding that is one of None, Left, Right, got "
            '("BPE", {"WhitespacePadding": "Both"})',
        ),
        (
            lambda: NetEncoder("SubwordTokens", TOKENS, Method=("BPE", {"CombineWhitespace": 1})),
            f'{E}: Method must have a CombineWhitespace that is True or False, got ("BPE", {{"CombineWhitespace": 1}})',
        ),
        (
            lambda: NetEncoder("SubwordTokens", TOKENS, Vocabulary=["lower"]),
            f'{E}: Vocabulary must hold tokens of the list, not "lower" (did you mean low)',
        ),
        (
            lambda: NetEncoder("SubwordTokens", TOKENS, Vocabulary="low"),
            f'{E}: Vocabulary must be None or a list of tokens, got "low"',
        ),
        (
            lambda: NetEncoder("SubwordTokens", TOKENS, UnicodeNormalization="NFX"),
            f'{E}: UnicodeNormalization must be one of None, NFC, NFD, NFKC, NFKD, got "NFX"\n  hint: did you mean NFD?',
        ),
        (
            lambda: NetEncoder("SubwordTokens", TOKENS, TextPreprocessing="lower"),
            f'{E}: TextPreprocessing must be a function, got "lower"',
        ),
        (lambda: NetEncoder("SubwordTokens", TOKENS)(["low", 2.5]), f"{E}: 2.5 is not a text (example 2)"),
        (lambda: NetEncoder("SubwordTokens", TOKENS)([12]), f"{E}: 12 is not a code from 1 to 11"),
        (
            lambda: NetEncoder("SubwordTokens", "English"),
            f"{E}: there is no file English\n  hint: give a list of tokens, a SentencePiece model, or a tokenizer.json",
        ),
        (
            lambda: NetDecoder("SubwordTokens", TOKENS, WhitespaceTrimming="Both"),
            'NetDecoder("SubwordTokens"): WhitespaceTrimming must be one of None, Left, Right, got "Both"',
        ),
        (
            lambda: NetDecoder("SubwordTokens", TOKENS)([0.5, 0.5]),
            'NetDecoder("SubwordTokens") takes 11 or ?×11, but the data are of shape 2',
        ),
    ],
)
def test_what_is_refused(act, text):
    assert refused(act) == text


# --- the row of the decoder ------------------------------------------------------------------------------------------


def test_decoder_subword_tokens_of_an_encoder_joins_the_most_likely_tokens_to_a_string():
    decoder = NetDecoder(NetEncoder("SubwordTokens", TOKENS))
    assert decoder(vectors(3, 4, 5, size=11)) == "low lower"
    assert decoder(vectors(5, size=11)[0]) == "er"
    assert decoder([vectors(3, 5, size=11), vectors(4, size=11)]) == ["lower", " low"]
    assert decoder.last_size() == 11 and decoder(vectors(3, size=11), "Properties") == []


def test_decoder_subword_tokens_whitespace_trimming_is_inherited_and_trims_one_space():
    left = NetDecoder(NetEncoder("SubwordTokens", TOKENS, Method=LEFT))
    assert left == NetDecoder("SubwordTokens", TOKENS, WhitespaceTrimming="Left")
    assert left(vectors(11, 4, 11, size=11)) == " low "
    right = NetDecoder(NetEncoder("SubwordTokens", TOKENS, Method=("BPE", {"WhitespacePadding": "Right"})))
    assert right(vectors(4, 11, 11, size=11)) == " low "
    assert NetEncoder(left) == NetEncoder("SubwordTokens", TOKENS, Method=LEFT)


def test_decoder_subword_tokens_is_always_bpe():
    encoder = NetEncoder("SubwordTokens", TOKENS, Method="WordPiece")
    assert NetDecoder(encoder)(vectors(4, 5, 4, size=11)) == "lower low"
    assert NetEncoder(NetDecoder(encoder)).Method == LEFT


def test_decoder_subword_tokens_unknown_and_terminal_tokens():
    decoder = NetDecoder("SubwordTokens", ENDS)
    assert decoder(vectors(1, 5, 3, 2, 5, size=13)) == "low\ufffd"


@given(st.text("lower ", min_size=1))
def test_decoding_undoes_encoding(text):
    encoder = NetEncoder("SubwordTokens", TOKENS, Method=LEFT)
    assert NetDecoder(encoder)(np.eye(11)[encoder(text) - 1]) == text


# --- SentencePiece models, written here by the format's own rules ----------------------------------------------------


def field(number, value):
    """One field of a message of protocol buffers."""
    if isinstance(value, float):
        return bytes([*varint(number << 3 | 5), *struct.pack("<f", value)])
    if isinstance(value, int):
        return bytes([*varint(number << 3), *varint(value)])
    return bytes([*varint(number << 3 | 2), *varint(len(value)), *value])


def varint(value):
    groups = []
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    return [*groups, value]


def message(**fields):
    return b"".join(field(int(number.lstrip("f")), value) for number, value in fields.items())


PIECES = [
    ("<unk>", 2),
    ("<s>", 3),
    ("</s>", 3),
    ("lo", 1),
    ("low", 1),
    ("▁low", 1),
    ("er", 1),
    *((c, 1) for c in "lower▁"),
]
PIECES = list(dict.fromkeys(PIECES))


def model(path, pieces=PIECES, trainer=None, normalizer=None, scores=None):
    scores = scores or [-float(k) for k in range(len(pieces))]
    parts = [
        field(1, message(f1=text.encode(), f2=score, **({} if kind == 1 else {"f3": kind})))
        for (text, kind), score in zip(pieces, scores, strict=True)
    ]
    trained = message(**({"f3": 2} | (trainer or {})))
    normal = message(**({"f1": b"nmt_nfkc"} | (normalizer or {})))
    path.write_bytes(b"".join([*parts, field(2, trained), field(3, normal)]))
    return path


LISTED = ["_", StartOfString, EndOfString, "lo", "low", " low", "er", "l", "o", "w", "e", "r", " "]


def test_subword_tokens_file_sentencepiece_model(tmp_path):
    file = model(tmp_path / "bpe.model")
    method = ("BPE", {"CombineWhitespace": True, "WhitespacePadding": "Left"})
    expected = NetEncoder("SubwordTokens", LISTED, Method=method, UnicodeNormalization="NFKC")
    assert NetEncoder("SubwordTokens", file) == expected == NetEncoder("SubwordTokens", str(file))
    assert NetEncoder("SubwordTokens", tokens=file, TargetLength=3).TargetLength == 3
    assert NetEncoder("SubwordTokens", file)("lower  low ").tolist() == [6, 7, 6]
    assert NetEncoder("SubwordTokens", file, IncludeTerminalTokens=True)("ｌow").tolist() == [2, 6, 3]
    assert NetEncoder("SubwordTokens", file, {"Method": "BPE"}).Method == "BPE"
    assert NetDecoder(expected)(vectors(2, 6, 7, 3, size=13)) == "lower"
    assert NetDecoder("SubwordTokens", file) == NetDecoder("SubwordTokens", LISTED)


def test_a_sentencepiece_model_says_what_is_done_to_white_space_case_and_unicode(tmp_path):
    plain = {"f1": b"identity", "f3": 0, "f4": 0}
    read = NetEncoder("SubwordTokens", model(tmp_path / "a.model", normalizer=plain))
    assert read == NetEncoder("SubwordTokens", LISTED)
    folds = {"f1": b"nfkc_cf", "f3": 1, "f4": 1}
    read = NetEncoder("SubwordTokens", model(tmp_path / "b.model", trainer={"f24": 1}, normalizer=folds))
    assert read.Method == ("BPE", {"CombineWhitespace": True, "WhitespacePadding": "Right"})
    assert read.IgnoreCase is True and read.UnicodeNormalization == "NFKC"


def test_a_sentencepiece_model_says_which_pieces_are_unused(tmp_path):
    pieces = [(text, 5 if text == "low" else kind) for text, kind in PIECES]
    read = NetEncoder("SubwordTokens", model(tmp_path / "a.model", pieces))
    assert read.Vocabulary == tuple(token for token in LISTED[3:] if token != "low")
    assert read.changed(Method="BPE")("lower").tolist() == [4, 10, 7]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"trainer": {"f3": 1}}, "holds a model of type Unigram"),
        ({"pieces": [*PIECES, ("<0x0A>", 6)]}, "holds pieces for single bytes"),
        ({"pieces": [*PIECES, ("[MASK]", 4)]}, "holds user-defined pieces"),
        ({"scores": [float(k) for k in range(len(PIECES))]}, "does not list its pieces by their scores"),
        ({"normalizer": {"f1": b"user_defined"}}, 'changes texts by rules of its own ("user_defined")'),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_sentencepiece_models_that_are_refused(tmp_path, parts, text):
    file = model(tmp_path / "a.model", **parts)
    assert refused(lambda: NetEncoder("SubwordTokens", file)) == (
        f'NetEncoder("SubwordTokens"): {file} {text}\n  hint: SubwordTokens takes SentencePiece models of type BPE whose '
        "pieces are texts"
    )


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\x0a\x05ab", bytes(range(256))])
def test_a_file_that_is_no_model_is_refused(tmp_path, content):
    file = tmp_path / "a.model"
    file.write_bytes(content)
    assert refused(lambda: NetDecoder("SubwordTokens", file)) == (
        f'NetDecoder("SubwordTokens"): {file} is not a SentencePiece model\n  hint: SubwordTokens takes SentencePiece '
        "models of type BPE whose pieces are texts"
    )


# --- tokenizer.json --------------------------------------------------------------------------------------------------


@pytest.fixture
def bert(tmp_path):
    vocabulary = {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "[PAD]": 3, "low": 4, "##er": 5, "new": 6, "##est": 7, ",": 8}
    made = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = BertPreTokenizer()
    ends = [("[CLS]", 1), ("[SEP]", 2)]
    made.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    made.add_special_tokens(["[UNK]", "[CLS]", "[SEP]", "[PAD]"])
    path = tmp_path / "tokenizer.json"
    made.save(str(path))
    return path


def test_subword_tokens_file_tokenizer_json_is_run_by_the_library(bert):
    encoder = NetEncoder("SubwordTokens", bert)
    assert encoder.port_values() == Integer(9)
    assert encoder("newest, lower").tolist() == [7, 8, 9, 5, 6] and encoder("slow").tolist() == [1]
    assert NetEncoder("SubwordTokens", bert, IncludeTerminalTokens=True)("low").tolist() == [2, 5, 3]
    assert NetEncoder("SubwordTokens", bert, TargetLength=3)("low").tolist() == [5, 4, 4]
    assert NetEncoder("SubwordTokens", bert, TextPreprocessing=shouted)("low!").tolist() == [5]
    decoder = NetDecoder(encoder)
    assert decoder(vectors(2, 7, 5, 3, size=9)) == "new low" and decoder.last_size() == 9
    assert NetEncoder(decoder) == encoder


def test_tokenizer_json_is_a_value(bert):
    encoder = NetEncoder("SubwordTokens", bert, TargetLength=7)
    assert repr(encoder) == f'NetEncoder("SubwordTokens", "{bert}", TargetLength=7)'
    assert eval(repr(encoder)) == encoder == pickle.loads(pickle.dumps(encoder))
    kept = pickle.dumps(encoder)
    bert.unlink()
    assert pickle.loads(kept)("newest").tolist() == [7, 8, 4, 4, 4, 4, 4]


def test_tokenizer_json_agrees_with_the_list(tmp_path):
    """The same pieces, by the library's merges and by our list, whose order is that of the merges."""
    merges = [("l", "o"), ("lo", "w"), ("e", "r"), ("w", "er"), (" ", "low")]
    pieces = [*"lower ", *("".join(pair) for pair in merges)]
    vocabulary = {piece: k for k, piece in enumerate(dict.fromkeys(["_", *pieces]))}
    made = Tokenizer(BPE(vocabulary, merges, unk_token="_", fuse_unk=True))
    path = tmp_path / "tokenizer.json"
    made.save(str(path))
    library, listed = NetEncoder("SubwordTokens", path), NetEncoder("SubwordTokens", list(vocabulary))
    texts = ["lower low", "wer we row", "low?? lower", "  low", "erlower"]
    assert [each.tolist() for each in library(texts)] == [each.tolist() for each in listed(texts)]


def test_tokenizer_json_refuses(bert, tmp_path):
    assert refused(lambda: NetEncoder("SubwordTokens", bert, IgnoreCase=True)) == (
        f'NetEncoder("SubwordTokens"): IgnoreCase is what {bert} says, so it cannot be given'
    )
    assert refused(lambda: NetDecoder("SubwordTokens", bert, WhitespaceTrimming="Left")) == (
        f'NetDecoder("SubwordTokens"): WhitespaceTrimming is what {bert} says, so it cannot be given'
    )
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    assert refused(lambda: NetEncoder("SubwordTokens", bad)).startswith(
        f'NetEncoder("SubwordTokens"): {bad} is not a tokenizer'
    )


def test_without_the_package_a_tokenizer_json_says_what_to_install(bert):
    code = f"""
import sys
sys.modules["tokenizers"] = None
from wlnet import NetEncoder, NetError
try:
    NetEncoder("SubwordTokens", {str(bert)!r})
except NetError as error:
    print(error)
"""
    root = Path(__file__).parent.parent
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True).stdout
    assert said == (
        'NetEncoder("SubwordTokens"): a tokenizer.json needs the package tokenizers\n  hint: pip install wlnet[text]\n'
    )


# --- on ports --------------------------------------------------------------------------------------------------------


def test_attach_detach_extract_and_replace():
    encoder = NetEncoder("SubwordTokens", TOKENS)
    net = NetChain([UnitVectorLayer()], Input=encoder, Output=NetDecoder(encoder))
    assert net(["lower", "low low"]) == ["lower", "low low"] and net("low", None).shape == (1, 11)
    assert NetExtract(net, "Output") == NetDecoder(encoder) and NetExtract(encoder, "Method") == "BPE"
    assert NetReplacePart(encoder, {"Method": LEFT})("low").tolist() == [4]
    assert NetReplacePart(net, {"Input": None, "Output": None})([3]).shape == (1, 11)


def test_a_net_from_subwords_to_subwords_is_trained_on_texts():
    encoder = NetEncoder("SubwordTokens", TOKENS)
    net = NetChain(
        [EmbeddingLayer(7), NetMapOperator(LinearLayer(11)), SoftmaxLayer()], Input=encoder, Output=NetDecoder(encoder)
    )
    data = [(text, text) for text in ("low er", "er low", "lower")]
    trained = NetTrain(net, data, MaxTrainingRounds=150, LearningRate=0.03, RandomSeeding=1)
    assert trained("lower low") == "lower low"
