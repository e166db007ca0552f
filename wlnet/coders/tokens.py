"""Tokens: texts as words of a list, and probabilities of words as texts."""

import re
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator

from wlnet.coders.encoder import Refuse, is_list
from wlnet.coders.labels import labels
from wlnet.coders.merging import WORDS
from wlnet.coders.sequences import LengthField, SequenceDecoder, SequenceEncoder
from wlnet.core.errors import NetError, nearest
from wlnet.core.fields import Flag
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, WordBoundary


class NoLanguage(ValueError):
    """A vocabulary was asked for by the name of its language."""

    hint = 'wlnet ships no vocabulary of a language: give a list, as in ("Tokens", ["cat", "dog"])'


def tokens(value: Any) -> tuple[str, ...]:
    """A list of words, each once."""
    if isinstance(value, str):
        raise NoLanguage("must be a list of tokens")
    try:
        listed = labels(value)
    except ValueError:
        listed = None
    if not isinstance(listed, tuple) or not all(isinstance(each, str) and each for each in listed):
        raise ValueError("must be a list of texts, each once and none empty")
    return listed


def _pattern(value: Any) -> Any:
    if value is None or value is WordBoundary or value == "WordBoundary":
        return value if value is None else WordBoundary
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        flags = "".join(letter for letter in "aimsx" if value.flags & getattr(re, letter.upper()))
        value = f"(?{flags}){value.pattern}" if flags else value.pattern
    if not isinstance(value, str):
        raise ValueError("must be WordBoundary, None or a regular expression")
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"must be a regular expression, but Python says: {error}") from None
    return value


TokensField = Annotated[Any, BeforeValidator(tokens)]
PatternField = Annotated[Any, BeforeValidator(_pattern)]


def index_of(coder: Any) -> dict[str, int]:
    """The place of each token, from 1; with IgnoreCase in lower case."""
    index: dict[str, int] = {}
    for place, token in enumerate(coder.tokens, start=1):
        token = token.lower() if coder.IgnoreCase else token
        if index.setdefault(token, place) != place:
            first = coder.tokens[index[token] - 1]
            raise ValueError(f"with IgnoreCase, {brief(first)} and {brief(coder.tokens[place - 1])} are one token")
    return index


class TokensEncoder(SequenceEncoder):
    """The place in a list of d tokens of each word of a text, from 1; what is not in the list is d + 1.

    >>> from wlnet.coders import NetEncoder
    >>> NetEncoder("Tokens", ["the", "cat", "!"])("The cat sat!").tolist()
    [1, 2, 4, 3]
    >>> NetEncoder("Tokens", ["a", "b"], SplitPattern=", *", TargetLength=4)("b,a, b").tolist()
    [2, 1, 2, 3]

    `SplitPattern` WordBoundary takes words and punctuation marks, one by one, and drops white space. A regular
    expression is what stands between tokens (what it holds in a group is a token too); with None an item is a list of
    tokens. With `TargetLength` the sequences are cut, or filled up with d + 1.
    """

    kind: ClassVar[str] = "Tokens"
    argument_names: ClassVar[tuple[str, ...]] = ("tokens",)

    tokens: TokensField
    IgnoreCase: Flag = True
    SplitPattern: PatternField = WordBoundary
    TargetLength: LengthField = All

    def _refuse_strange(self, options: Any) -> None:
        refuse_no_tokens(self, options)
        super()._refuse_strange(options)

    def check(self) -> None:
        super().check()
        self.index  # noqa: B018 - tokens that are one with IgnoreCase are refused now

    def shown(self, name: str) -> Any:
        return list(self.tokens) if name == "tokens" else super().shown(name)

    @cached_property
    def index(self) -> dict[str, int]:
        """The place of each token, from 1."""
        return index_of(self)

    @property
    def count(self) -> int:
        return len(self.tokens) + 1

    @property
    def items_are(self) -> str:
        return "a text" if self.SplitPattern is not None else "a list of tokens"

    def is_text(self, value: Any) -> bool:
        if self.SplitPattern is not None:
            return isinstance(value, str)
        return is_list(value) and all(isinstance(each, str) for each in value)

    def codes_of(self, item: Any, place: int, refuse: Refuse) -> list[int]:
        return [self.code(token, place, refuse) for token in self.split(item)]

    def code(self, token: str, place: int, refuse: Refuse) -> int:
        """The place of a token, from 1."""
        return self.index.get(token.lower() if self.IgnoreCase else token, self.count)

    def split(self, item: Any) -> list[str]:
        """The tokens of a text, known or not."""
        if self.SplitPattern is None:
            return list(item)
        if self.SplitPattern is WordBoundary:
            return WORDS.findall(item)
        pieces: list = re.compile(self.SplitPattern).split(item)
        return [piece for piece in pieces if piece]

    def counterpart(self) -> "TokensDecoder":
        return TokensDecoder(list(self.tokens), IgnoreCase=self.IgnoreCase).with_depth(self)


class KnownTokensEncoder(TokensEncoder):
    """The encoder of targets in training: the net has no d + 1, so unknown tokens are refused."""

    @property
    def count(self) -> int:
        return len(self.tokens)

    def code(self, token: str, place: int, refuse: Refuse) -> int:
        found = self.index.get(token.lower() if self.IgnoreCase else token)
        if found is None:
            near = nearest(token, self.tokens)
            text = f"{brief(token)} is not one of the {len(self.tokens)} tokens"
            raise refuse(place, text, got=token, hint=near if near.startswith("did") else None)
        return found


class TokensDecoder(SequenceDecoder):
    """The most likely tokens of a sequence of probability vectors, joined by spaces; of one vector, its token.

    >>> from wlnet.coders import NetDecoder
    >>> NetDecoder("Tokens", ["the", "Cat"])([[0.75, 0.25], [0.25, 0.75]])
    'the cat'

    The vectors have the size of the list. With `IgnoreCase` the tokens come in lower case.
    """

    kind: ClassVar[str] = "Tokens"
    argument_names: ClassVar[tuple[str, ...]] = ("tokens",)

    tokens: TokensField
    IgnoreCase: Flag = True

    def _refuse_strange(self, options: Any) -> None:
        refuse_no_tokens(self, options)
        super()._refuse_strange(options)

    def check(self) -> None:
        super().check()
        index_of(self)

    def shown(self, name: str) -> Any:
        return list(self.tokens) if name == "tokens" else super().shown(name)

    @property
    def count(self) -> int:
        return len(self.tokens)

    def text(self, codes: list[int]) -> str:
        text = " ".join(self.tokens[code - 1] for code in codes)
        return text.lower() if self.IgnoreCase else text

    def counterpart(self) -> TokensEncoder:
        return TokensEncoder(list(self.tokens), IgnoreCase=self.IgnoreCase)

    def sequence_target(self) -> TokensEncoder:
        return KnownTokensEncoder(list(self.tokens), IgnoreCase=self.IgnoreCase)


def refuse_no_tokens(coder: Any, options: Any) -> None:
    """The list of tokens is what Wolfram's dictionary of English would be."""
    if "tokens" not in options:
        raise NetError(f"{coder.label} needs tokens", expected="tokens", hint=NoLanguage.hint)
