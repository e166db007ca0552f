"""SentencePiece's .model files: the pieces and what is done to a text before, read from the file's own format.

A file is a message of protocol buffers: fields one after another, each a number with its kind, and a value.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from struct import unpack
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.symbols import EndOfString, StartOfString

NORMAL, UNKNOWN, CONTROL, UNUSED = 1, 2, 3, 5
KINDS = {4: "user-defined pieces", 6: "pieces for single bytes"}
MODELS = {1: "Unigram", 2: "BPE", 3: "Word", 4: "Char"}
FORMS = {"identity": (None, False), "nfkc": ("NFKC", False), "nfkc_cf": ("NFKC", True)}
SPACE = "\u2581"
"""The mark that stands for a space in these files."""


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a message: a number, and a whole number, a real number or bytes."""
    at = 0
    value: Any
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
        elif key & 7 in (1, 5):
            size = 8 if key & 7 == 1 else 4
            value, at = unpack("<d" if size == 8 else "<f", data[at : at + size])[0], at + size
        else:
            raise ValueError("no message of protocol buffers")
        if at > len(data):
            raise ValueError("a message that ends too early")
        yield key >> 3, value


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A whole number in groups of seven bits, and the place behind it."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def of_file(path: Path, label: str) -> tuple[list, dict[str, Any]]:
    """The tokens of a .model file, and the parameters of SubwordTokens that do what it says."""

    def refuse(text: str) -> NetError:
        hint = "SubwordTokens takes SentencePiece models of type BPE whose pieces are texts"
        return NetError(f"{label}: {path} {text}", got=str(path), hint=hint)

    try:
        whole = list(fields(path.read_bytes()))
        pieces = [dict(fields(value)) for number, value in whole if number == 1]
        trainer = {k: v for number, value in whole if number == 2 for k, v in fields(value)}
        normalizer = {k: v for number, value in whole if number == 3 for k, v in fields(value)}
        texts = [piece[1].decode() for piece in pieces]
    except (ValueError, IndexError, KeyError, AttributeError, TypeError):
        texts = []
    if not texts:
        raise refuse("is not a SentencePiece model")
    kind = trainer.get(3, 1)
    if kind != 2:
        raise refuse(f"holds a model of type {MODELS.get(kind, kind)}")
    return tokens(pieces, texts, trainer, refuse), parameters(pieces, texts, trainer, normalizer, refuse)


def tokens(pieces: list[dict], texts: list[str], trainer: dict, refuse: Callable[[str], NetError]) -> list:
    """The pieces as Wolfram writes them: a space for the mark, `_`, StartOfString and EndOfString."""
    strange = next((KINDS[piece[3]] for piece in pieces if piece.get(3) in KINDS), None)
    if strange is not None:
        raise refuse(f"holds {strange}")
    normal = [k for k, piece in enumerate(pieces) if piece.get(3, NORMAL) in (NORMAL, UNUSED) and len(texts[k]) > 1]
    scores = [pieces[k].get(2, 0.0) for k in normal]
    if scores != sorted(scores, reverse=True):
        raise refuse("does not list its pieces by their scores")
    marks = {trainer.get(46, b"<s>").decode(): StartOfString, trainer.get(47, b"</s>").decode(): EndOfString}
    listed: list = []
    for piece, text in zip(pieces, texts, strict=True):
        if piece.get(3) == UNKNOWN:
            listed.append("_")
        else:
            listed.append(marks.get(text, text) if piece.get(3) == CONTROL else text.replace(SPACE, " "))
    return listed


def parameters(
    pieces: list[dict], texts: list[str], trainer: dict, normalizer: dict, refuse: Callable[[str], NetError]
) -> dict[str, Any]:
    """What is done to a text before it is cut into pieces."""
    name = normalizer.get(1, b"identity").decode()
    if name.removeprefix("nmt_") not in FORMS:
        raise refuse(f'changes texts by rules of its own ("{name}")')
    form, folds = FORMS[name.removeprefix("nmt_")]
    side = "Right" if trainer.get(24, 0) else "Left"
    method = {
        "CombineWhitespace": bool(normalizer.get(4, 1)),
        "WhitespacePadding": side if normalizer.get(3, 1) else None,
    }
    found: dict[str, Any] = {"Method": ("BPE", method), "UnicodeNormalization": form, "IgnoreCase": folds}
    if any(piece.get(3) == UNUSED for piece in pieces):
        kept = [text for piece, text in zip(pieces, texts, strict=True) if piece.get(3, NORMAL) == NORMAL]
        found["Vocabulary"] = [text.replace(SPACE, " ") for text in kept]
    return found
