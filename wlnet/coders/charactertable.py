"""The grammar of character tables: which code each character has, and which character each code gives."""

import string
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator

from wlnet.core.fields import as_number
from wlnet.core.refuse import brief
from wlnet.core.symbols import (
    Automatic,
    DigitCharacter,
    EndOfString,
    LetterCharacter,
    PunctuationCharacter,
    Span,
    StartOfString,
    Symbol,
    WhitespaceCharacter,
    WordCharacter,
)

REST = "_"
"""Wolfram's `_`: every character that nothing else names."""

UNKNOWN = "\ufffd"
"""What stands in a decoded text for a character or token that is not known."""

COUNT = 0x110000
"""How many characters Unicode has room for."""

PRINTABLE = "\t\n" + "".join(map(chr, range(32, 127)))


class Group(NamedTuple):
    """A group of characters: those that it lists where each has a code of its own, and what is true of all of them."""

    listed: str
    holds: Callable[[str], bool]


def _is_punctuation(char: str) -> bool:
    return char in string.punctuation or unicodedata.category(char)[0] == "P"


GROUPS: dict[Symbol, Group] = {
    Automatic: Group(PRINTABLE, PRINTABLE.__contains__),
    LetterCharacter: Group(string.ascii_uppercase + string.ascii_lowercase, str.isalpha),
    DigitCharacter: Group(string.digits, string.digits.__contains__),
    WordCharacter: Group(
        string.digits + string.ascii_uppercase + string.ascii_lowercase,
        lambda char: char.isalpha() or char in string.digits,
    ),
    PunctuationCharacter: Group(string.punctuation, _is_punctuation),
    WhitespaceCharacter: Group("\t\n\v\f\r ", str.isspace),
}
VIRTUAL = (StartOfString, EndOfString)
NAMES = {symbol.name: symbol for symbol in (*GROUPS, *VIRTUAL)}

MUST = (
    'must be a text, a span such as "48;;57", a group such as LetterCharacter, a rule such as ("abc", 3) or '
    '("abc", Automatic), or a list of these'
)


class Rule(NamedTuple):
    """All characters of `key` have one code: a number, or Automatic for the next one."""

    key: Any
    code: Any


class Specs(tuple):
    """Several parts of a table, in order; a list, as the user writes it."""

    __slots__ = ()


def _key(value: Any) -> Any:
    """A text, a span, a group or `_`."""
    if isinstance(value, str) and value:
        if value in NAMES:
            return NAMES[value]
        ends = value.split(";;")
        return _range(Span(*map(int, ends))) if len(ends) == 2 and all(map(str.isdecimal, ends)) else value
    if isinstance(value, Span):
        return _range(value)
    if isinstance(value, Symbol) and value.name in NAMES:
        return value
    raise ValueError(MUST)


def _range(value: Span) -> Span:
    first, last = as_number(value.start), as_number(value.stop)
    if not (isinstance(first, int) and isinstance(last, int) and value.step == 1 and 0 <= first <= last < COUNT):
        raise ValueError(f"must hold spans of character codes such as Span(48, 57), not {value}")
    return Span(first, last)


def specs(value: Any) -> Any:
    """A table as the user gave it, checked: a text, Span, group or Rule, or several of them as Specs."""
    if isinstance(value, Mapping):
        return Specs(_rule(pair) for pair in value.items())
    if isinstance(value, (list, Specs)):
        parts = [specs(each) for each in value]
        return Specs(one for part in parts for one in (part if isinstance(part, Specs) else (part,)))
    return _rule(value) if isinstance(value, tuple) else _key(value)


def _rule(pair: tuple) -> Rule:
    if len(pair) != 2:
        raise ValueError(MUST)
    code = pair[1] if pair[1] is Automatic else as_number(pair[1])
    if code is not Automatic and not (isinstance(code, int) and 0 < code <= COUNT):
        raise ValueError(
            f"must give codes that are whole numbers from 1 to {COUNT}, or Automatic, not {brief(pair[1])}"
        )
    return Rule(_key(pair[0]), code)


def shown(value: Any) -> Any:
    """A checked table as it prints."""
    if isinstance(value, Rule):
        return tuple(value)
    return [shown(each) for each in value] if isinstance(value, Specs) else value


TableField = Annotated[Any, BeforeValidator(specs)]


class Codes(dict):
    """The code of each character that was looked up; groups and `_` are asked for a character the first time."""

    def __init__(self, known: Mapping[str, int], groups: list, rest: int | None, folds: bool):
        super().__init__(known)
        self.groups, self.rest, self.folds = groups, rest, folds

    def __missing__(self, char: str) -> int | None:
        plain = folded(char) if self.folds else char
        if plain != char:
            code = self[plain]
        else:
            code = next((code for holds, code in self.groups if holds(char)), self.rest)
        self[char] = code
        return code


def folded(char: str) -> str:
    """A character in lower case, where that is one character."""
    lower = char.lower()
    return lower if len(lower) == 1 else char


class CharacterTable:
    """A table at work: `codes` of characters, those of the virtual ones, and the text of each code.

    A text or span that stands alone gives each of its characters the next code, a group each of its ASCII characters;
    a rule gives one code to all, and there a group holds all of Unicode's. What a text names, no group and no span
    has; of two groups, the first has a character.

    >>> table = CharacterTable(specs(["ab", ("xyz", Automatic), (DigitCharacter, 2), "_"]))
    >>> [table.codes[char] for char in "abxz7é"], table.size
    ([1, 2, 3, 3, 2, 4], 4)
    """

    def __init__(self, given: Any, ignore_case: bool = False):
        parts = given if isinstance(given, Specs) else (given,)
        self.folds = ignore_case
        self.texts: dict[int, str] = {}
        self.virtual: dict[Any, int] = {}
        self.known: dict[str, int] = {}
        self.groups: list[tuple[Callable[[str], bool], int]] = []
        rules = [part if isinstance(part, Rule) else Rule(part, None) for part in parts]
        self.named = self._named(rule.key for rule in rules)
        self.size = 0
        for rule in rules:
            self._add(*rule)
        if not self.size:
            raise ValueError("must name at least one character")
        self.codes = Codes(self.known, self.groups, self.virtual.get(REST), self.folds)

    def _fold(self, char: str) -> str:
        return folded(char) if self.folds else char

    def _named(self, keys: Iterator) -> set[str]:
        """The characters that texts name, each once."""
        texts = "".join(key for key in keys if isinstance(key, str) and key != REST)
        twice = next((char for char in texts if texts.count(char) > 1), None) if len(set(texts)) < len(texts) else None
        if twice is not None:
            raise ValueError(f"must name each character once, not {brief(twice)} twice")
        return set(map(self._fold, texts))

    def _add(self, key: Any, code: Any) -> None:
        """Takes up one part of the table; a code of None is one for each character."""
        if key in VIRTUAL or key == REST:
            if key in self.virtual:
                raise ValueError(f"must name {key} once")
            self.virtual[key] = self._use(code, UNKNOWN if key == REST else "")
        elif code is None:
            for char in self._listed(key):
                if self._fold(char) not in self.known:
                    self.known[self._fold(char)] = self._use(None, self._fold(char))
        elif isinstance(key, str):
            self._add_text(key, self._use(code, self._fold(key[0])))
        else:
            first = next(iter(self._listed(key)), None)
            if first is not None:
                self.groups.append((self._holds(key), self._use(code, self._fold(first))))

    def _add_text(self, text: str, code: int) -> None:
        for char in map(self._fold, text):
            if self.known.setdefault(char, code) != code:
                raise ValueError(f"must give {brief(char)} one code, not {self.known[char]} and {code}")

    def _use(self, code: Any, text: str) -> int:
        """A code, the next one if none is given, which stands for that text unless it stands for another already."""
        used: int = self.size + 1 if code in (None, Automatic) else code
        self.size = max(self.size, used)
        self.texts.setdefault(used, text)
        return used

    def _listed(self, key: Any) -> list[str]:
        """The characters of a text, or those of a group or span that nothing before has."""
        if isinstance(key, str):
            return list(key)
        listed = map(chr, range(key.start, key.stop + 1)) if isinstance(key, Span) else GROUPS[key].listed
        free = [char for char in listed if self._fold(char) not in self.named and self._fold(char) not in self.known]
        return [char for char in free if not any(holds(self._fold(char)) for holds, _ in self.groups)]

    def _holds(self, key: Any) -> Callable[[str], bool]:
        if isinstance(key, Span):
            return lambda char: (
                key.start <= ord(char) <= key.stop or (self.folds and key.start <= ord(char.upper()[0]) <= key.stop)
            )
        return GROUPS[key].holds

    @property
    def pad(self) -> int:
        """The code with which short sequences are filled up."""
        return self.virtual.get(EndOfString, self.size)

    def text(self, codes: list[int]) -> str:
        """The text of some codes, up to the end of the string."""
        end = self.virtual.get(EndOfString)
        if end in codes:
            codes = codes[: codes.index(end)]
        return "".join(self.texts.get(code, "") for code in codes)
