"""Compress strings: every tag by hand, both ways, and what hostile ones may not do."""

import base64
import struct
import zlib
from fractions import Fraction

import numpy as np
import pytest

from tests import mutations
from wlnet import NetError
from wlnet.core.source import same
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram import compress
from wlnet.formats.wolfram.compress import compressed, expanded
from wlnet.formats.wolfram.expressions import Call, association, call, listed, rule


def packed(node, level=6):
    """A Compress string made by hand of the bytes of a node."""
    return "1:" + base64.b64encode(zlib.compress(b"!boR" + node, level)).decode()


def number(value):
    return struct.pack("<i", value)


def text(tag, value):
    return tag + number(len(value)) + value


BY_HAND = {
    "f, a call": (b"f" + number(2) + text(b"s", b"Rule") + text(b"S", b"a") + b"i" + number(5), rule("a", 5)),
    "s, a symbol with its context": (text(b"s", b"NeuralNetworks`NetPath"), Symbol("NetPath")),
    "S, an 8-bit string": (text(b"S", b"caf\xe9"), "café"),
    "i, an integer": (b"i" + number(-7), -7),
    "I, a big integer": (text(b"I", b"-123456789012345678901234567890"), -123456789012345678901234567890),
    "r, a machine real": (b"r" + struct.pack("<d", 0.1), 0.1),
    "R, an arbitrary-precision real": (text(b"R", b"1.5`20.*^3"), 1500.0),
    "C, a wide string": (b"C" + number(3) + "a→b".encode("utf-16-le"), "a→b"),
    "e, packed reals": (
        b"e" + number(2) + number(1) + number(2) + struct.pack("<2d", 0.5, -2.0),
        np.array([[0.5, -2.0]]),
    ),
    "n, packed integers": (b"n" + number(1) + number(3) + struct.pack("<3i", 2, 3, -5), np.array([2, 3, -5], np.int32)),
    "l, Real32 data in RawArray": (
        b"f" + number(2) + text(b"s", b"RawArray") + text(b"S", b"Real32") + b"l" + number(1) + number(2)
        + struct.pack("<2f", 0.25, 3.0),
        np.array([0.25, 3.0], np.float32),
    ),
    "b, byte data in RawArray": (
        b"f" + number(2) + text(b"s", b"RawArray") + text(b"S", b"UnsignedInteger8") + b"b" + number(1) + number(3)
        + b"\x01\x02\xff",
        np.array([1, 2, 255], np.uint8),
    ),
    "a rational": (
        b"f" + number(2) + text(b"s", b"Rational") + b"i" + number(2) + b"i" + number(7),
        Fraction(2, 7),
    ),
    "a head that is a call": (
        b"f" + number(1) + b"f" + number(0) + text(b"s", b"g") + b"i" + number(1),
        Call(Call(Symbol("g"), ()), (1,)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("said", BY_HAND)
def test_every_tag_is_read_and_written(said):
    node, value = BY_HAND[said]
    assert same(expanded(packed(node)), value)
    assert same(expanded(compressed(value)), value)


def test_what_is_written_is_byte_for_byte_what_the_reference_says():
    value = listed(["Input", 4, 0.5, Symbol("Automatic")])
    node = b"f" + number(4) + text(b"s", b"List") + text(b"S", b"Input") + b"i" + number(4)
    node += b"r" + struct.pack("<d", 0.5) + text(b"s", b"Automatic")
    assert compressed(value) == packed(node)


def test_truth_values_and_nothing_are_symbols():
    assert expanded(compressed(listed([True, False, None]))) == listed(map(Symbol, ("True", "False", "Null")))


def test_line_breaks_and_zeros_around_a_string_do_not_matter():
    whole = compressed("x" * 500)
    broken = "\n".join(whole[k : k + 60] for k in range(0, len(whole), 60))
    assert expanded(broken) == expanded(whole.encode() + b"\0\0") == "x" * 500


def test_an_empty_association_and_deep_lists_come_back():
    value = association([])
    for _ in range(400):
        value = listed([value])
    back = expanded(compressed(value))
    for _ in range(400):
        (back,) = back.arguments
    assert back == association([])


START = "a Compress string is damaged: "
REFUSALS = {
    "no start": ("2:abc", START + 'it does not begin with "1:"'),
    "no base64": ("1:ab*c", START + "Only base64 data is allowed"),
    "no zlib": ("1:" + base64.b64encode(b"hello").decode(), START + "Error -3 while decompressing data: incorrect header check"),
    "no magic": ("1:" + base64.b64encode(zlib.compress(b"rob!i....")).decode(), START + "it does not begin with !boR"),
    "cut off zlib": (packed(text(b"S", bytes(range(200))))[:-40], START + "it ends too early"),
    "a tail behind zlib": ("1:" + base64.b64encode(zlib.compress(b"!boRi\1\0\0\0") + b"xyz").decode(), START + "3 bytes follow its end"),
    "a tail behind the expression": (packed(b"i" + number(1) + b"zz"), START + "2 bytes follow the expression"),
    "an unknown tag": (packed(b"q"), START + "it holds a node 'q', which is not known"),
    "an absurd count": (packed(b"f" + number(2**31 - 1)), START + "a call of 2147483647 arguments"),
    "a negative count": (packed(b"f" + number(-1)), START + "a call of -1 arguments"),
    "an absurd length": (packed(b"S" + number(2**31 - 1) + b"a"), START + "it ends too early"),
    "a negative length": (packed(b"S" + number(-4) + b"abcd"), START + "it ends too early"),
    "an absurd rank": (packed(b"e" + number(99)), START + "an array of rank 99"),
    "a negative size": (packed(b"e" + number(1) + number(-3)), START + "an array of shape (-3,)"),
    "sizes beyond the data": (packed(b"e" + number(2) + number(2**20) * 2), START + "it ends too early"),
    "no elements of huge sizes": (packed(b"l" + number(3) + number(0) + number(2**31 - 1) * 2), START + "an array of shape (0, 2147483647, 2147483647)"),
    "an integer that is none": (packed(text(b"I", b"--5")), START + "an integer is no number"),
    "a long integer": (packed(text(b"I", b"9" * 5000)), START + "an integer is no number"),
    "a real that is none": (packed(text(b"R", b"1.2.3")), START + "a real is no number"),
    "too deep": (packed(b"f" + number(0) + (b"f" + number(0)) * 600 + b"i" + number(1)), START + "its calls nest deeper than 500"),
}  # fmt: skip


@pytest.mark.parametrize("said", REFUSALS)
def test_damage_is_named(said):
    damage, message = REFUSALS[said]
    with pytest.raises(NetError) as e:
        expanded(damage)
    assert str(e.value) == message


def test_a_zip_bomb_is_refused_at_the_limit_and_the_limit_can_be_raised(tmp_path):
    bomb = packed(text(b"S", b"\0" * 3_000_000))
    assert len(bomb) < 5_000
    with pytest.raises(NetError) as e:
        expanded(bomb, limit=1_000_000)
    assert str(e.value) == "a Compress string stands for more than 1,000,000 bytes\n  hint: allow more by limit=…"
    assert expanded(bomb, limit=3_000_009) == "\0" * 3_000_000
    with pytest.raises(NetError):
        expanded(bomb, limit=3_000_008)


def test_a_bomb_of_parts_is_refused(monkeypatch):
    monkeypatch.setattr(compress, "MOST", 1000)
    assert len(expanded(compressed(listed(range(998)))).arguments) == 998
    with pytest.raises(NetError) as e:
        expanded(compressed(listed(range(999))))
    assert str(e.value) == "a Compress string holds more than 1,000 parts"


def test_what_has_no_node_is_refused():
    with pytest.raises(NetError) as e:
        compressed(listed([object]))
    assert str(e.value) == "a Compress string cannot hold a type"
    with pytest.raises(NetError) as e:
        compressed(np.zeros(3, complex))
    assert str(e.value) == "a Compress string holds no array of type complex128"


def test_six_thousand_damaged_strings_give_a_value_or_a_net_error(tmp_path):
    value = association([("Type", "Linear"), ("Arrays", call("RawArray", np.ones((2, 3), np.float32))), ("x", listed([1, 2.5, "s→", 10**30]))])  # fmt: skip
    whole = compressed(value)
    inside = zlib.decompress(base64.b64decode(whole[2:]))
    well, tried = mutations.stands(expanded, mutations.bytes_of([whole.encode()], 1000), tmp_path, whole=whole.encode())
    assert tried == 1000
    again = (packed(each[4:], 1) for each in mutations.bytes_of([inside], 5000))
    well, tried = mutations.stands(expanded, again, tmp_path, whole=whole)
    assert 0 < well < tried == 5000
