"""SubwordTokens: texts as pieces of words, and probabilities of pieces as texts."""

import unicodedata
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from wlnet.coders import sentencepiece
from wlnet.coders.cutting import cutter_of
from wlnet.coders.encoder import Refuse
from wlnet.coders.functionfields import InitializationField, Named, fault
from wlnet.coders.sequences import LengthField, SequenceDecoder, SequenceEncoder
from wlnet.coders.subwordfields import (
    FormField,
    InputTypeField,
    MethodField,
    OutputField,
    TokenizerFile,
    TokenListField,
    TrimmingField,
    VocabularyField,
    Way,
    is_file,
    method,
)
from wlnet.core.errors import NetError, nearest
from wlnet.core.fields import Flag
from wlnet.core.refuse import brief
from wlnet.core.source import same
from wlnet.core.symbols import All
from wlnet.core.trust import may_read_files


def read(coder: Any, arguments: tuple, options: dict[str, Any]) -> tuple[tuple, dict[str, Any]]:
    """Arguments in which a file is what it says: a list of tokens and parameters, or a TokenizerFile."""
    given = arguments[0] if arguments else options.get("tokens")
    if not is_file(given):
        return arguments, options
    path = Path(str(given))
    if not may_read_files():
        raise NetError(f"{coder.label}: a file that is read may not name another, here {brief(given)}", got=given)
    if not path.is_file():
        hint = "give a list of tokens, a SentencePiece model, or a tokenizer.json"
        raise NetError(f"{coder.label}: there is no file {path}", got=given, hint=hint)
    named = {key for each in arguments if isinstance(each, Mapping) for key in each} | set(options)
    said: dict[str, Any] = {}
    if path.suffix == ".json":
        tokens: Any = TokenizerFile(str(given), path.read_text("utf-8"))
    else:
        tokens, said = sentencepiece.of_file(path, coder.label)
    said = {name: value for name, value in said.items() if name in type(coder).model_fields and name not in named}
    options = {name: value for name, value in options.items() if name != "tokens"}
    return (tokens, *arguments[1:]), {**said, **options}


def refuse_settings(coder: Any, names: tuple[str, ...]) -> None:
    """A tokenizer.json says itself what is done to texts."""
    fields = type(coder).model_fields
    given = [name for name in names if not same(coder.__dict__[name], fields[name].default)]
    if isinstance(coder.tokens, TokenizerFile) and given:
        raise ValueError(f"{given[0]} is what {coder.tokens.path} says, so it cannot be given")


class SubwordTokensEncoder(SequenceEncoder):
    """The places, from 1, of the tokens of a list that a text is cut into; what none of them holds is "_".

    >>> from wlnet.coders import NetEncoder
    >>> tokens = ["_", "lo", "low", " low", "er", "l", "o", "w", "e", "r", " "]
    >>> NetEncoder("SubwordTokens", tokens)("low lower?").tolist()
    [3, 4, 5, 1]

    A token that begins a word begins with a space. Method "BPE" joins characters, then pieces, the two neighbours that
    make the first token of the list at first; what is unknown in a row is one "_". Its settings, as in
    `("BPE", {"WhitespacePadding": "Left"})`: `CombineWhitespace` makes runs of white space one space, at the ends none;
    `WhitespacePadding` then puts one space before ("Left") or behind ("Right") the text. Method "WordPiece" takes the
    longest tokens from the start of each word and punctuation mark, each with a space before it.

    Before that come, in this order, `TextPreprocessing`, a function of the text; `UnicodeNormalization` ("NFC", "NFD",
    "NFKC", "NFKD"); `IgnoreCase`. Tokens that are not in `Vocabulary` fall apart into what they were joined of; single
    characters stay. `IncludeTerminalTokens` puts StartOfString and EndOfString, which must be in the list, at the ends.
    `TargetLength` cuts, or fills up with EndOfString where it is in the list, else with "_".

    Instead of a list, a file of SentencePiece with a BPE model may be given, and the coder holds what the file says; or
    a tokenizer.json, which the package tokenizers then runs (pip install wlnet[text]).
    """

    kind: ClassVar[str] = "SubwordTokens"
    argument_names: ClassVar[tuple[str, ...]] = ("tokens",)

    tokens: TokenListField
    IgnoreCase: Flag = False
    IncludeTerminalTokens: Flag = False
    InputType: InputTypeField = "String"
    Method: MethodField = "BPE"
    OutputProperties: OutputField = "VocabularyIndex"
    TargetLength: LengthField = All
    TextPreprocessing: InitializationField = None
    UnicodeNormalization: FormField = None
    Vocabulary: VocabularyField = None

    def __init__(self, *arguments: Any, **options: Any):
        arguments, options = read(self, arguments, options)
        super().__init__(*arguments, **options)

    def check(self) -> None:
        super().check()
        refuse_settings(self, ("IgnoreCase", "Method", "UnicodeNormalization", "Vocabulary"))
        self.cutter  # noqa: B018 - tokens that are one with IgnoreCase, and a file that is none, are refused now
        if self.IncludeTerminalTokens and self.cutter.lacks_ends:
            missing = " and ".join(map(repr, self.cutter.lacks_ends))
            raise ValueError(f"IncludeTerminalTokens needs {missing} among the tokens")
        for token in self.Vocabulary or ():
            if token not in self.tokens:
                near = nearest(token, [each for each in self.tokens if isinstance(each, str)])
                said = f" ({near.removesuffix('?')})" if near.startswith("did") else ""
                raise ValueError(f"Vocabulary must hold tokens of the list, not {brief(token)}{said}")

    def shown(self, name: str) -> Any:
        value = self.__dict__[name]
        if name in ("tokens", "Vocabulary"):
            return listed(value)
        return Named(value) if name == "TextPreprocessing" and value is not None else value

    @cached_property
    def way(self) -> Way:
        """The method and its settings."""
        return method(self.Method)

    @cached_property
    def cutter(self) -> Any:
        """The tokens at work."""
        return cutter_of(self, self.way, self.Vocabulary)

    @property
    def count(self) -> int:
        return self.cutter.count

    @property
    def pad(self) -> int:
        return self.cutter.pad

    def codes_of(self, item: str, place: int, refuse: Refuse) -> list[int]:
        return self.cutter.codes(self.prepared(item, place, refuse), self.IncludeTerminalTokens)

    def prepared(self, text: str, place: int, refuse: Refuse) -> str:
        """The text as it is cut."""
        if self.TextPreprocessing is not None:
            try:
                text = self.TextPreprocessing(text)
            except Exception as error:
                raise refuse(place, f"the TextPreprocessing of {self.label} failed: {fault(error)}") from error
            if not isinstance(text, str):
                raise refuse(place, f"the TextPreprocessing of {self.label} must give a text, but gave {brief(text)}")
        if self.UnicodeNormalization is not None:
            text = unicodedata.normalize(self.UnicodeNormalization, text)
        text = text.lower() if self.IgnoreCase else text
        text = " ".join(text.split()) if self.way.combines else text
        if not text or self.way.padding is None:
            return text
        return " " + text if self.way.padding == "Left" else text + " "

    def counterpart(self) -> "SubwordTokensDecoder":
        side = "Left" if self.way.name == "WordPiece" else self.way.padding
        shared = {"IgnoreCase": self.IgnoreCase, "WhitespaceTrimming": side}
        return SubwordTokensDecoder(self.tokens, **shared).with_depth(self)


class SubwordTokensDecoder(SequenceDecoder):
    """The most likely tokens of a sequence of probability vectors, joined; of one vector, its token.

    >>> from wlnet.coders import NetDecoder, NetEncoder
    >>> encoder = NetEncoder("SubwordTokens", ["_", " low", "er"], Method=("BPE", {"WhitespacePadding": "Left"}))
    >>> NetDecoder(encoder)([[0, 1, 0], [0, 0, 1], [0, 1, 0]])
    'lower low'

    `WhitespaceTrimming` takes one space off the "Left" or "Right" end, where the encoder put one. "_" gives U+FFFD;
    StartOfString gives nothing, and the text ends where EndOfString comes.
    """

    kind: ClassVar[str] = "SubwordTokens"
    argument_names: ClassVar[tuple[str, ...]] = ("tokens",)

    tokens: TokenListField
    IgnoreCase: Flag = False
    WhitespaceTrimming: TrimmingField = None

    def __init__(self, *arguments: Any, **options: Any):
        arguments, options = read(self, arguments, options)
        super().__init__(*arguments, **options)

    def check(self) -> None:
        super().check()
        refuse_settings(self, ("IgnoreCase", "WhitespaceTrimming"))
        self.cutter  # noqa: B018 - as in the encoder

    def shown(self, name: str) -> Any:
        return listed(self.tokens) if name == "tokens" else super().shown(name)

    @cached_property
    def cutter(self) -> Any:
        """The tokens at work."""
        return cutter_of(self)

    @property
    def count(self) -> int:
        return self.cutter.count

    def text(self, codes: list[int]) -> str:
        text = self.cutter.text(codes)
        if self.WhitespaceTrimming == "Left":
            return text.removeprefix(" ")
        return text.removesuffix(" ") if self.WhitespaceTrimming == "Right" else text

    def labels(self) -> list:
        return list(self.tokens) if isinstance(self.tokens, tuple) else list(range(1, self.count + 1))

    def counterpart(self) -> SubwordTokensEncoder:
        way = ("BPE", {"WhitespacePadding": self.WhitespaceTrimming}) if self.WhitespaceTrimming else "BPE"
        return SubwordTokensEncoder(self.tokens, IgnoreCase=self.IgnoreCase, Method=way)


def listed(value: Any) -> Any:
    """A tuple as the list that the user wrote."""
    return list(value) if isinstance(value, tuple) else value
