"""Lists of tokens at work: from a text to places in the list, and back."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from wlnet.coders.charactertable import REST, UNKNOWN
from wlnet.coders.merging import longest, merged
from wlnet.coders.subwordfields import TokenizerFile, Way
from wlnet.core.errors import NetError
from wlnet.core.refuse import brief
from wlnet.core.symbols import EndOfString, StartOfString

BPE = Way()


class ListCutter:
    """A list of tokens that cuts texts, by a way and a vocabulary of what may come out.

    >>> cutter = ListCutter(["_", "low", "er", "l", "o", "w", "e", "r", "lo"])
    >>> cutter.codes("lower"), cutter.text([2, 3, 1])
    ([2, 3], 'lower\ufffd')
    """

    def __init__(
        self, tokens: Sequence, ignore_case: bool = False, way: Way = BPE, vocabulary: Sequence[str] | None = None
    ):
        self.tokens, self.folds, self.way = tokens, ignore_case, way
        self.index = self._index()
        self.ranks = {token: place for token, place in self.index.items() if isinstance(token, str) and token != REST}
        self.unknown, self.count = self.index[REST], len(tokens)
        self.pad = self.index.get(EndOfString, self.unknown)
        self.allowed: set[str] | None = None
        if vocabulary is not None:
            self.allowed = {token.lower() if self.folds else token for token in vocabulary}
            self.allowed |= {token for token in self.ranks if len(token) == 1}
        known = self.ranks if self.allowed is None else self.allowed
        self.reach = max(map(len, known), default=0)

    def _index(self) -> dict[Any, int]:
        """The place of each token, from 1."""
        index: dict[Any, int] = {}
        for place, token in enumerate(self.tokens, start=1):
            plain = token.lower() if self.folds and isinstance(token, str) else token
            if index.setdefault(plain, place) != place:
                first = self.tokens[index[plain] - 1]
                raise ValueError(f"with IgnoreCase, {brief(first)} and {brief(token)} are one token")
        return index

    @property
    def lacks_ends(self) -> list:
        """The terminal tokens that are not in the list."""
        return [each for each in (StartOfString, EndOfString) if each not in self.index]

    def codes(self, text: str, ends: bool = False) -> list[int]:
        """The places of the tokens of a text, with the terminal ones at the ends where they are asked for."""
        if self.way.name == "WordPiece":
            words = longest(text, self.ranks if self.allowed is None else self.allowed, self.reach)
            found = [self.unknown if piece is None else self.ranks[piece] for piece in words]
        else:
            pieces = [self.ranks.get(piece, self.unknown) for piece in merged(text, self.ranks, self.allowed)]
            pairs = zip(pieces, [0, *pieces], strict=False)
            found = [code for code, last in pairs if (code, last) != (self.unknown, self.unknown)]
        return [self.index[StartOfString], *found, self.index[EndOfString]] if ends else found

    def text(self, codes: list[int]) -> str:
        """The text of some tokens, up to the end of the string."""
        found = [self.tokens[code - 1] for code in codes]
        found = found[: found.index(EndOfString)] if EndOfString in found else found
        text = "".join(UNKNOWN if token == REST else token for token in found if token is not StartOfString)
        return text.lower() if self.folds else text


def cutter_of(coder: Any, way: Way = BPE, vocabulary: Sequence[str] | None = None) -> Any:
    """What cuts texts for a coder: its list, or the package tokenizers by its file."""
    if not isinstance(coder.tokens, TokenizerFile):
        return ListCutter(coder.tokens, coder.IgnoreCase, way, vocabulary)
    try:
        library = import_module("wlnet.coders.library")
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] != "tokenizers":
            raise
        hint = "pip install wlnet[text]"
        raise NetError(f"{coder.label}: a tokenizer.json needs the package tokenizers", hint=hint) from missing
    return library.cutter(coder.tokens, coder.label)
