"""WXF: Wolfram expressions as bytes, read and written by wolframclient; a file holds a net in its association form."""

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from wolframclient.deserializers import WXFConsumerNumpy, binary_deserialize
from wolframclient.exception import WolframLanguageException
from wolframclient.language.expression import WLFunction, WLSymbol
from wolframclient.serializers import export

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.symbols import Symbol
from wlnet.formats.elements import Elements, net_elements
from wlnet.formats.native import write_atomically
from wlnet.formats.wolfram.compress import LIMIT, real_of
from wlnet.formats.wolfram.expressions import Call, is_call, listed, pairs_of, rule
from wlnet.formats.wolfram.tree import read_tree, stored_form

REFUSED = (WolframLanguageException, ValueError, TypeError, EOFError, KeyError, IndexError, AttributeError,
           OverflowError, MemoryError, ArithmeticError, StopIteration, RuntimeError, zlib.error)  # fmt: skip
"""What wolframclient makes of damaged bytes."""


# --- writing ----------------------------------------------------------------------------------------------------------


def write(path: Path, net: Layer) -> Path:
    """Writes a net in its association form, NetChain[<|…|>, <|"Version" -> …|>]."""
    content = bytes(export(client_form(stored_form(net)), target_format="wxf"))
    return write_atomically(Path(path), lambda place: Path(place).write_bytes(content) and None)


def client_form(value: Any) -> Any:
    """An expression as wolframclient has it."""
    if isinstance(value, Symbol):
        return WLSymbol(value.name)
    if isinstance(value, np.ndarray):
        return value if value.ndim else float(value)  # an array of WXF has at least one level
    if is_call(value, "List"):
        return tuple(map(client_form, value.arguments))
    if is_call(value, "Association"):
        return {client_form(key): client_form(each) for key, each in pairs_of(value) or ()}
    if isinstance(value, Call):
        return WLFunction(client_form(value.head), *map(client_form, value.arguments))
    return value


# --- reading ----------------------------------------------------------------------------------------------------------


class Consumer(WXFConsumerNumpy):
    """What wolframclient reads, as expressions of wlnet."""

    def build_function(self, head: Any, arg_list: tuple, **options: Any) -> Any:
        return Call(head, tuple(arg_list))

    def consume_symbol(self, current_token: Any, tokens: Any, **options: Any) -> Symbol:
        return Symbol(str(current_token.data).rsplit("`", 1)[-1])

    def consume_association(self, current_token: Any, tokens: Any, **options: Any) -> Call:
        rules = tuple(self.next_expression(tokens, **options) for _ in range(current_token.length))
        return Call(Symbol("Association"), rules)

    def consume_rule(self, current_token: Any, tokens: Any, **options: Any) -> Call:
        left = self.next_expression(tokens, **options)
        return rule(left, self.next_expression(tokens, **options))

    consume_rule_delayed = consume_rule

    def consume_binary_string(self, current_token: Any, tokens: Any, **options: Any) -> Call:
        return listed(bytes(current_token.data))

    def consume_bigreal(self, current_token: Any, tokens: Any, **options: Any) -> float:
        return real_of(str(current_token.data))


def elements(path: Path, *, limit: int = LIMIT) -> Elements:
    """What there is in a WXF file that holds a net. `limit` is the most bytes that it may expand to."""
    return net_elements(lambda: read(path, limit))


def read(path: Path, limit: int = LIMIT) -> Layer:
    """The net of a file."""
    try:
        return read_tree(expression_of(Path(path).read_bytes(), limit))
    except NetError as error:
        raise NetError(
            f"{path}: {error.message}", path=error.path, expected=error.expected, got=error.got, hint=error.hint
        ) from None
    except RecursionError:
        raise NetError(f"{path}: it is nested too deeply", got=str(path)) from None
    except OSError as error:
        raise NetError(f"{path} cannot be read: {error.strerror}", got=str(path)) from None
    except REFUSED as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise NetError(f"{path} is no WXF, or damaged: {said}", got=str(path)) from None


def expression_of(content: bytes, limit: int) -> Any:
    """The expression of WXF bytes, with zlib (8C:) or without (8:)."""
    if content.startswith(b"8C:"):
        engine = zlib.decompressobj()
        plain = engine.decompress(content[3:], limit + 1)
        if len(plain) > limit:
            raise NetError(f"it stands for more than {limit:,} bytes", got=len(content), hint="allow more by limit=…")
        content = b"8:" + plain
    return binary_deserialize(content, consumer=Consumer())


__all__ = ["elements", "write"]
