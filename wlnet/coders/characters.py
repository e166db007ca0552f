"""Characters: texts as sequences of the codes of a table, and probabilities of codes as texts."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from wlnet.coders.charactertable import CharacterTable, TableField, shown
from wlnet.coders.coder import NetCoder
from wlnet.coders.encoder import Refuse
from wlnet.coders.sequences import FormField, LengthField, SequenceDecoder, SequenceEncoder
from wlnet.core.fields import Flag
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, Automatic, EndOfString, StartOfString


def as_list(arguments: tuple, parameters: Any) -> tuple:
    """Positional arguments, in which a dict that is a table (no entry is a parameter) is the list of its rules."""
    return tuple(
        list(each.items()) if isinstance(each, Mapping) and each and not set(each) & set(parameters) else each
        for each in arguments
    )


class OfCharacters(NetCoder):
    """What the encoder and the decoder have in common: how their table is given, works and prints."""

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*as_list(arguments, type(self).model_fields), **options)

    def check(self) -> None:
        super().check()
        self.codes.size  # noqa: B018 - a table that contradicts itself is refused now

    def shown(self, name: str) -> Any:
        return shown(self.__dict__["table"]) if name == "table" else super().shown(name)

    @cached_property
    def codes(self) -> CharacterTable:
        """The table at work."""
        table = self.__dict__["table"]
        try:
            return CharacterTable(table, self.__dict__["IgnoreCase"])
        except ValueError as error:
            raise ValueError(f"table {error}, got {brief(shown(table))}") from None

    @property
    def count(self) -> int:
        return self.codes.size


class CharactersEncoder(OfCharacters, SequenceEncoder):
    """The code of each character of a text, from 1 to n; with form "UnitVector" a vector of size n for each.

    >>> from wlnet.coders import NetEncoder
    >>> NetEncoder("Characters")("Ab\\n").tolist(), NetEncoder("Characters", "abc")(["cab", "b"])
    ([36, 69, 2], [array([3, 1, 2]), array([2])])
    >>> NetEncoder("Characters", ["aeiou", (LetterCharacter, Automatic), "_"])("e-mail").tolist()
    [2, 7, 6, 1, 3, 6]

    The table is Automatic (tab, newline and the codes 32 to 126), or a list of parts; a part alone is taken too. A
    text gives each of its characters the next code, `("abc", n)` gives all the code n, `("abc", Automatic)` all the
    next one. A span of character codes ("48;;57", Span(48, 57)) or a group (Automatic, LetterCharacter,
    DigitCharacter, WordCharacter, PunctuationCharacter, WhitespaceCharacter) may stand for a text: alone it gives each
    character that it lists a code, in a rule it holds all of Unicode's. "_" is every other character; StartOfString
    and EndOfString are put at the ends of each text. With `TargetLength` texts are cut, or filled up with the code of
    EndOfString, or else the last code. With `IgnoreCase` a character and its lower case are one.
    """

    kind: ClassVar[str] = "Characters"

    table: TableField = Automatic
    form: FormField = "Index"
    IgnoreCase: Flag = False
    TargetLength: LengthField = All

    @property
    def pad(self) -> int:
        return self.codes.pad

    def codes_of(self, item: str, place: int, refuse: Refuse) -> list[int]:
        codes, virtual = self.codes.codes, self.codes.virtual
        found = [codes[char] for char in item]
        if None in found:
            char = item[found.index(None)]
            hint = 'put it in the table, or "_", which stands for every other character'
            raise refuse(place, f"the character {brief(char)} has no code", got=char, hint=hint)
        ends = [virtual[each] for each in (StartOfString, EndOfString) if each in virtual]
        if StartOfString in virtual:
            found.insert(0, ends.pop(0))
        return [*found, *ends]

    def counterpart(self) -> "CharactersDecoder":
        return CharactersDecoder(self.table, IgnoreCase=self.IgnoreCase).with_depth(self)


class CharactersDecoder(OfCharacters, SequenceDecoder):
    """The text of the most likely codes of a sequence of probability vectors; of one vector, a text of one character.

    >>> from wlnet.coders import NetDecoder
    >>> NetDecoder("Characters", "abc")([[0.25, 0.125, 0.625], [0.5, 0.25, 0.25]])
    'ca'

    The table is that of the encoder. A code of several characters gives the first of them, "_" gives U+FFFD; virtual
    characters give nothing, and the text ends where EndOfString comes.
    """

    kind: ClassVar[str] = "Characters"
    argument_names: ClassVar[tuple[str, ...]] = ("table",)

    table: TableField = Automatic
    IgnoreCase: Flag = False

    def text(self, codes: list[int]) -> str:
        return self.codes.text(codes)

    def labels(self) -> list:
        special = {code: symbol for symbol, code in self.codes.virtual.items()}
        texts = self.codes.texts
        return [special.get(code, texts.get(code, code)) for code in range(1, self.count + 1)]

    def counterpart(self) -> CharactersEncoder:
        return CharactersEncoder(self.table, IgnoreCase=self.IgnoreCase)
