"""The Function encoder and decoder."""

import numpy as np
import pytest

from wlnet.coders import NetDecoder, NetEncoder
from wlnet.core.errors import NetError
from wlnet.core.ports import port_type
from wlnet.core.symbols import Automatic, Restricted
from wlnet.core.types import Integer, Real
from wlnet.layers.elementwise import ElementwiseLayer
from wlnet.nets.chain import NetChain
from wlnet.verbs.evaluate import evaluate  # noqa: F401 - registers what net(x) does


def pair(text):
    return [len(text), text.count("a")]


def codes(text):
    return [ord(letter) - 96 for letter in text]


class Counted:
    """A function that counts its calls."""

    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, *arguments):
        self.calls += 1
        return self.function(*arguments)


def test_function_of_each_example():
    encoder = NetEncoder("Function", pair, 2)
    assert encoder.port_shape() == (2,) and encoder.port_values() is None
    assert encoder("banana").tolist() == [6, 3] and encoder(["banana", "fig"]).tolist() == [[6, 3], [3, 0]]


def test_dims_are_a_port_type():
    assert NetEncoder("Function", pair).port_shape() is None
    assert NetEncoder("Function", pair, (Automatic, 3)).port_shape() == (Automatic, 3)
    assert NetEncoder("Function", len, "Real").port_shape() == ()
    assert NetEncoder("Function", len, "Real").port_values() == Real()
    varying = NetEncoder("Function", codes, ("Varying", Restricted("Integer", 26)))
    assert varying.port_shape() == ("Varying",) and varying.port_values() == Integer(26)
    assert [each.tolist() for each in varying(["ab", "c"])] == [[1, 2], [3]]
    assert varying(["ab", "cd"]).tolist() == [[1, 2], [3, 4]] and varying("ab").tolist() == [1, 2]
    assert eval(repr(varying)) == varying


def test_the_values_are_those_of_the_function():
    assert NetEncoder("Function", np.asarray)(np.float32([1, 2])).dtype == np.float32
    assert NetEncoder("Function", len, "Integer")("abc").dtype == np.int64


def test_without_a_pattern_the_first_of_a_list_is_tried():
    encoder = NetEncoder("Function", lambda x: np.asarray(x) * 2, 3)
    assert encoder.is_one([1, 2, 3]) and not encoder.is_one([[1, 2, 3], [4, 5, 6]])
    assert encoder([1, 2, 3]).tolist() == [2, 4, 6]
    assert encoder([[1, 2, 3], [4, 5, 6]]).tolist() == [[2, 4, 6], [8, 10, 12]]
    counted = Counted(pair)
    assert NetEncoder("Function", counted, 2)(["a", "b"]).tolist() == [[1, 1], [1, 0]] and counted.calls == 3


def test_without_a_pattern_numbers_are_not_taken_for_encoded():
    encoder = NetEncoder("Function", lambda x: np.asarray(x) * 2, 3)
    assert encoder(encoder([1, 2, 3])).tolist() == [4, 8, 12]


@pytest.mark.parametrize(
    "pattern", [str, (str, bytes), lambda value: isinstance(value, str)], ids=["type", "types", "predicate"]
)
def test_pattern(pattern):
    counted = Counted(lambda text: [len(text), 5])
    encoder = NetEncoder("Function", counted, 2, Pattern=pattern)
    assert encoder.is_one("ab") and not encoder.is_one(["ab", "c"]) and counted.calls == 0
    assert encoder(["ab", "c"]).tolist() == [[2, 5], [1, 5]] and counted.calls == 2
    assert encoder(encoder("ab")).tolist() == [2, 5] and counted.calls == 3
    assert encoder(encoder(["ab", "c"])).tolist() == [[2, 5], [1, 5]]
    assert encoder(["abc", np.array([7, 7])]).tolist() == [[3, 5], [7, 7]]


def test_pattern_of_lists():
    encoder = NetEncoder("Function", sum, "Real", Pattern=lambda value: isinstance(value[0], int))
    assert encoder([1, 2, 3]).item() == 6 and encoder([[1, 2], [3, 4, 5]]).tolist() == [3, 12]


def test_batched():
    counted = Counted(lambda texts: [pair(text) for text in texts])
    encoder = NetEncoder("Function", counted, 2, Batched=True, Pattern=str)
    assert encoder(["banana", "fig", "a"]).tolist() == [[6, 3], [3, 0], [1, 1]] and counted.calls == 1
    assert encoder("fig").tolist() == [3, 0] and counted.calls == 2


def test_batched_without_a_pattern():
    encoder = NetEncoder("Function", lambda rows: np.asarray(rows) * 2, 3, Batched=True)
    assert encoder([1, 2, 3]).tolist() == [2, 4, 6]
    assert encoder([[1, 2, 3]]).tolist() == [[2, 4, 6]]


def test_dimensions():
    encoder = NetEncoder("Function", pair, 2, Pattern=str, Dimensions=3)
    assert encoder.port_shape() == (3, 2)
    assert encoder(["a", "bb", "ca"]).tolist() == [[1, 1], [2, 0], [2, 1]]
    assert encoder([["a", "bb", "ca"]] * 5).shape == (5, 3, 2)


def test_initialization_runs_once_before_the_first_use():
    begun = Counted(lambda: None)
    encoder = NetEncoder("Function", lambda text: [begun.calls, 0], 2, Pattern=str, Initialization=begun)
    assert begun.calls == 0
    assert encoder(["a", "b"]).tolist() == [[1, 0], [1, 0]] and encoder("c").tolist() == [1, 0]
    ended = Counted(lambda: None)
    decoder = NetDecoder("Function", lambda x: ended.calls, Initialization=ended)
    assert ended.calls == 0 and decoder([1]) == 1 and decoder([2]) == 1


def test_on_a_port():
    encoder = NetEncoder("Function", pair, 2, Pattern=str)
    decoder = NetDecoder("Function", lambda x: f"{x.sum():g}")
    net = NetChain([ElementwiseLayer("Ramp")], Input=encoder, Output=decoder)
    assert net("banana") == "9" and net(["banana", "fig"]) == ["9", "3"]
    assert net("fig", None).tolist() == [3, 0]


def fail(text):
    raise RuntimeError("out of paper")


FAILS = 'the function of NetEncoder("Function") '


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (
            lambda: NetEncoder("Function", fail, 2)(["a", "b"]),
            FAILS + "failed: RuntimeError: out of paper (example 1)",
        ),
        (lambda: NetEncoder("Function", fail, 2)("a"), FAILS + "failed: RuntimeError: out of paper"),
        (lambda: NetEncoder("Function", pair, 3)("a"), FAILS + "must give 3, but gave 2"),
        (lambda: NetEncoder("Function", len, 3)(["a"]), FAILS + "must give 3, but gave scalar (example 1)"),
        (
            lambda: NetEncoder("Function", str.upper, Pattern=str)(["a"]),
            FAILS + 'must give an array of numbers, but gave "A" (example 1)',
        ),
        (
            lambda: NetEncoder("Function", lambda text: [[1], [2, 3]])("a"),
            FAILS + "must give an array of numbers, but gave [[1], [2, 3]]",
        ),
        (
            lambda: NetEncoder("Function", pair, 2, Pattern=str)(["a", 5]),
            "5 does not match the Pattern str (example 2)",
        ),
        (
            lambda: NetEncoder("Function", fail, 2, Batched=True)(["a"]),
            "the function failed: RuntimeError: out of paper",
        ),
        (
            lambda: NetEncoder("Function", lambda texts: [[1, 2]], 2, Batched=True, Pattern=str)(["a", "b"]),
            "the function gave 1 results for 2 examples\n  hint: with Batched, one for each",
        ),
        (
            lambda: NetEncoder("Function", codes, "Varying", Pattern=str).encode([], True),
            "there are no examples",
        ),
        (lambda: NetEncoder("Function", 3), "function must be a function, got 3"),
        (
            lambda: NetEncoder("Function", pair, "Image"),
            'dims must be the shape of what the function gives, such as 3, (3, Automatic) or ("Varying", 3), '
            'got "Image"',
        ),
        (
            lambda: NetEncoder("Function", pair, -1),
            'dims must be the shape of what the function gives, such as 3, (3, Automatic) or ("Varying", 3), got -1',
        ),
        (
            lambda: NetEncoder("Function", pair, 2, Pattern="text"),
            'Pattern must be a type, a tuple of types, or a function that is true of one example, got "text"',
        ),
        (
            lambda: NetEncoder("Function", pair, Dimensions=3),
            "mapping over Dimensions needs dims, the shape of what the function gives",
        ),
        (
            lambda: NetEncoder("Function", codes, (Automatic,), Pattern=str, Dimensions=2)(["a", "bc"]),
            "items of an array of items must be of one size\n  hint: leave Dimensions out",
        ),
    ],
)
def test_function_encoder_refuses(act, text):
    with pytest.raises(NetError) as e:
        act()
    assert str(e.value) == 'NetEncoder("Function"): ' + text


def test_the_error_of_the_function_is_kept_as_the_cause():
    with pytest.raises(NetError) as e:
        NetEncoder("Function", fail, 2)("a")
    assert isinstance(e.value.__cause__, RuntimeError)


# --- the decoder -----------------------------------------------------------------------------------------------------


def test_function_decoder():
    decoder = NetDecoder("Function", lambda x: x.tolist())
    assert decoder.port_shape() is None and decoder.properties == []
    assert decoder([[1, 2], [3, 4]]) == [[1, 2], [3, 4]]
    assert decoder.decode_all([np.array([1, 2]), np.array([3])]) == [[1, 2], [3]]
    assert decoder([1, 2], None).tolist() == [1, 2]


def test_input_depth():
    decoder = NetDecoder("Function", lambda x: float(x.max()), InputDepth=1)
    assert decoder.port_shape() == (Automatic,) and port_type(decoder, "Output", "out").coder is decoder
    assert decoder([1, 5, 2]) == 5.0 and decoder([[1, 5, 2], [7, 3, 4]]) == [5.0, 7.0]
    assert decoder([[1, 5, 2], [7, 3]]) == [5.0, 7.0]
    scalars = NetDecoder("Function", lambda x: x.item() + 1, InputDepth=0)
    assert scalars(2) == 3 and scalars([2, 5]) == [3, 6]


def test_properties():
    decoder = NetDecoder("Function", lambda x, name: (name, x.tolist()), InputDepth=1, Properties=["First", "Second"])
    assert decoder.properties == ["First", "Second"] == decoder(None, "Properties")
    assert decoder([1, 2]) == ("First", [1, 2]) and decoder([[1], [2]], "Second") == [("Second", [1]), ("Second", [2])]
    assert decoder([1], ("Second", 7)) == (("Second", 7), [1])
    decoder.check_property("First")


@pytest.mark.parametrize(
    ("decoder", "data", "prop", "text"),
    [
        (
            NetDecoder("Function", np.max),
            [1],
            "Max",
            '"Max" is not a property of NetDecoder("Function")\n  hint: there is only None, which gives the array',
        ),
        (
            NetDecoder("Function", max, Properties=["Largest", "Smallest"]),
            [1],
            "Smalest",
            '"Smalest" is not a property of NetDecoder("Function")\n  hint: there are Smallest, Largest, None',
        ),
    ],
    ids=["none", "nearest"],
)
def test_function_decoder_refuses_properties(decoder, data, prop, text):
    with pytest.raises(NetError) as e:
        decoder(data, prop)
    assert str(e.value) == text


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda: NetDecoder("Function", fail)([1]), ": the function failed: RuntimeError: out of paper"),
        (
            lambda: NetDecoder("Function", np.max, InputDepth=1)([[[1]]]),
            " takes ?, but the data are of shape 1×1×1",
        ),
        (lambda: NetDecoder("Function", "f"), ': function must be a function, got "f"'),
        (
            lambda: NetDecoder("Function", np.max, Properties="Largest"),
            ': Properties must be a list of texts, got "Largest"',
        ),
        (
            lambda: NetDecoder("Function", np.max, InputDepth=-1),
            ": InputDepth must be a whole number, 0 or more, or Automatic, got -1",
        ),
    ],
)
def test_function_decoder_refuses(act, text):
    with pytest.raises(NetError) as e:
        act()
    assert str(e.value) == 'NetDecoder("Function")' + text
