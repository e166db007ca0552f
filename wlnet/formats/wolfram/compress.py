"""`Compress` strings: a Wolfram expression as text, which is zlib and base64 of a tree of tagged nodes.

"1:" + base64(zlib("!boR" + node)); integers are little-endian int32. `f` count, head, arguments is a call, `s` a symbol
and `S` a text of so many bytes, `C` a text of UTF-16, `i` an integer, `I` and `R` an integer and a real as decimal
text, `r` a double, `e` and `n` packed arrays of doubles and of int32, `l` and `b` of singles and of bytes inside
RawArray["Real32" or "UnsignedInteger8", …].
"""

import base64
import binascii
import math
import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.expressions import Call, call

START, MAGIC = "1:", b"!boR"
LIMIT = 2**28
"""The bytes that a text may expand to, unless the caller allows more: a short text can stand for terabytes."""
DEPTH = 500
"""How deep calls may nest; nets of real use stay below 60."""
MOST = 2_000_000
"""The most nodes of an expression, each of which takes some hundred bytes; arrays are one node each."""

RAW = {"l": ("Real32", "<f4"), "b": ("UnsignedInteger8", "u1"), "e": (None, "<f8"), "n": (None, "<i4")}
"""The tags of arrays: the name of their RawArray, where they stand in one, and the type of their numbers."""


# --- reading ----------------------------------------------------------------------------------------------------------


def expanded(text: str | bytes, limit: int = LIMIT) -> Any:
    """The expression of a Compress string; a NetError says what is wrong with it.

    >>> expanded(compressed(call("Rule", "Input", 4)))
    Call(head=Rule, arguments=('Input', 4))
    """
    content = inflated(text, limit)
    if not content.startswith(MAGIC):
        raise damaged("it does not begin with !boR")
    nodes = Nodes(content, len(MAGIC))
    value = nodes.tree()
    if nodes.at != len(content):
        raise damaged(f"{len(content) - nodes.at} bytes follow the expression")
    return value


def inflated(text: str | bytes, limit: int) -> bytes:
    """The bytes of a Compress string, not more than the limit."""
    plain = text.encode("ascii", "replace") if isinstance(text, str) else text
    plain = plain.strip().rstrip(b"\0")
    if not plain.startswith(START.encode()):
        raise damaged('it does not begin with "1:"')
    try:
        packed = base64.b64decode(b"".join(plain[len(START) :].split()), validate=True)
        engine = zlib.decompressobj()
        content = engine.decompress(packed, limit + 1)
    except (binascii.Error, zlib.error) as error:
        raise damaged(str(error)) from None
    if len(content) > limit:
        raise NetError(
            f"a Compress string stands for more than {limit:,} bytes", got=len(plain), hint="allow more by limit=…"
        )
    if not engine.eof:
        raise damaged("it ends too early")
    if engine.unused_data:
        raise damaged(f"{len(engine.unused_data)} bytes follow its end")
    return content


class Nodes:
    """A reader of nodes. It keeps its own stack, so that no nesting overflows Python's."""

    def __init__(self, content: bytes, at: int):
        self.content, self.at = content, at

    def tree(self) -> Any:
        """The expression that begins here."""
        open_calls: list[tuple[int, list]] = []  # the number of parts that a call has, and those that were read
        count_of_nodes = 0
        while True:
            tag, count_of_nodes = self.take(1).decode("latin-1"), count_of_nodes + 1
            if count_of_nodes > MOST:
                raise NetError(f"a Compress string holds more than {MOST:,} parts", got=len(self.content))
            if tag == "f":
                count = self.integer()
                if not 0 <= count <= len(self.content) - self.at:
                    raise damaged(f"a call of {count} arguments")
                if len(open_calls) >= DEPTH:
                    raise damaged(f"its calls nest deeper than {DEPTH}")
                open_calls.append((count + 1, []))
                continue
            if tag not in READERS:
                raise damaged(f"it holds a node {tag!r}, which is not known")
            value = READERS[tag](self)
            while open_calls:
                count, parts = open_calls[-1]
                parts.append(value)
                if len(parts) < count:
                    break
                open_calls.pop()
                value = made(parts[0], tuple(parts[1:]))
            if not open_calls:
                return value

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if count < 0 or self.at + count > len(self.content):
            raise damaged("it ends too early")
        self.at += count
        return self.content[self.at - count : self.at]

    def integer(self) -> int:
        """An int32."""
        return int(struct.unpack("<i", self.take(4))[0])

    def text(self) -> bytes:
        """A length and so many bytes."""
        return self.take(self.integer())

    def array(self, kind: str) -> np.ndarray:
        """Rank, sizes, numbers; sizes are held against what is there before anything is made."""
        rank = self.integer()
        if not 0 <= rank <= 32:
            raise damaged(f"an array of rank {rank}")
        shape = tuple(self.integer() for _ in range(rank))
        if any(size < 0 for size in shape) or math.prod(max(size, 1) for size in shape) > 2**48:
            raise damaged(f"an array of shape {shape}")
        data = self.take(math.prod(shape) * np.dtype(kind).itemsize)
        return np.frombuffer(data, kind).reshape(shape)


def made(head: Any, arguments: tuple) -> Any:
    """A call; numbers of several parts, and arrays in a wrapper, are Python's own."""
    if isinstance(head, Symbol):
        if head.name == "RawArray" and len(arguments) == 2 and isinstance(arguments[1], np.ndarray):
            return arguments[1]
        whole = all(type(each) is int for each in arguments)
        if head.name == "Rational" and len(arguments) == 2 and whole and arguments[1]:
            return Fraction(*arguments)
    return Call(head, arguments)


def _symbol(nodes: Nodes) -> Symbol:
    return Symbol(nodes.text().decode("latin-1").rsplit("`", 1)[-1])


def _wide(nodes: Nodes) -> str:
    return nodes.take(2 * nodes.integer()).decode("utf-16-le", "replace")


def _whole(nodes: Nodes) -> int:
    digits = nodes.text().decode("latin-1")
    if len(digits) > 4000 or not digits.removeprefix("-").isdigit() or not digits.isascii():
        raise damaged("an integer is no number")
    return int(digits)


def _real(nodes: Nodes) -> float:
    try:
        return real_of(nodes.text().decode("latin-1"))
    except ValueError:
        raise damaged("a real is no number") from None


def real_of(digits: str) -> float:
    """The number that Wolfram writes with a precision and an exponent.

    >>> real_of("1.5`20.*^3"), real_of("2.5*^-1")
    (1500.0, 0.25)
    """
    mantissa, _, exponent = digits.partition("*^")
    return float(f"{mantissa.split('`')[0]}e{exponent or 0}")


READERS: dict[str, Callable[[Nodes], Any]] = {
    "s": _symbol,
    "S": lambda nodes: nodes.text().decode("latin-1"),
    "C": _wide,
    "i": Nodes.integer,
    "I": _whole,
    "r": lambda nodes: float(struct.unpack("<d", nodes.take(8))[0]),
    "R": _real,
    **{tag: partial(Nodes.array, kind=kind) for tag, (_, kind) in RAW.items()},
}
"""How each kind of node but a call is read."""


def damaged(what: str) -> NetError:
    """A Compress string is damaged."""
    return NetError(f"a Compress string is damaged: {what}")


# --- writing ----------------------------------------------------------------------------------------------------------


def compressed(value: Any) -> str:
    """The Compress string of an expression."""
    parts: list[bytes] = [MAGIC]
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, np.ndarray) and each.dtype not in (np.float64, np.int32):
            each = in_raw_array(each)
        if isinstance(each, Fraction):
            each = call("Rational", each.numerator, each.denominator)
        if isinstance(each, (Call, Raw)):
            arguments = each.arguments
            parts.append(b"f" + struct.pack("<i", len(arguments)))
            stack.extend([*reversed(arguments), each.head])
        else:
            parts.append(node(each))
    packed = zlib.compress(b"".join(parts), 6)
    return START + base64.b64encode(packed).decode("ascii")


class Raw:
    """An array in its wrapper, on its way out."""

    head = Symbol("RawArray")

    def __init__(self, name: str, tag: str, array: np.ndarray):
        self.arguments = (name, (tag, array))


def in_raw_array(array: np.ndarray) -> Raw:
    """A RawArray of an array."""
    for tag, (name, kind) in RAW.items():
        if name is not None and array.dtype == np.dtype(kind):
            return Raw(name, tag, array)
    raise NetError(f"a Compress string holds no array of type {array.dtype}", got=str(array.dtype))


def node(value: Any) -> bytes:
    """The node of a value that is no call."""
    if isinstance(value, bool) or value is None:
        value = Symbol("Null" if value is None else str(value))
    if isinstance(value, Symbol):
        return _with_length(b"s", value.name.encode("latin-1", "replace"))
    if isinstance(value, str):
        if all(ord(each) < 256 for each in value):
            return _with_length(b"S", value.encode("latin-1"))
        wide = value.encode("utf-16-le", "surrogatepass")
        return b"C" + struct.pack("<i", len(wide) // 2) + wide
    if isinstance(value, int):
        if -(2**31) <= value < 2**31:
            return b"i" + struct.pack("<i", value)
        return _with_length(b"I", str(value).encode())
    if isinstance(value, float):
        return b"r" + struct.pack("<d", value)
    if isinstance(value, np.ndarray):
        return _packed("e" if value.dtype == np.float64 else "n", value)
    if isinstance(value, tuple):
        return _packed(*value)
    raise NetError(f"a Compress string cannot hold a {type(value).__name__}", got=value)


def _with_length(tag: bytes, content: bytes) -> bytes:
    return tag + struct.pack("<i", len(content)) + content


def _packed(tag: str, array: np.ndarray) -> bytes:
    sizes = struct.pack(f"<{array.ndim + 1}i", array.ndim, *array.shape)
    return tag.encode() + sizes + np.asarray(array, RAW[tag][1], order="C").tobytes()


__all__ = ["compressed", "expanded", "real_of"]
