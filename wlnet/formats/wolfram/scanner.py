"""Wolfram Language text as tokens; what cannot be one is a NetError with its line, its column and a caret."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from wlnet.core.errors import NetError
from wlnet.formats.wolfram.marks import CHARACTERS, IN_STRINGS, MARKS, NAMED

NAME = r"[^\W\d_]|\$"
SYMBOL = rf"`?(?:{NAME})(?:[^\W_]|\$)*(?:`(?:{NAME})(?:[^\W_]|\$)*)*"
PATTERN = re.compile(rf"({SYMBOL})?(_{{1,3}})({SYMBOL})?(\.(?![\d.]))?")
WORD = re.compile(SYMBOL)
BASED = re.compile(r"(\d+)\^\^([0-9A-Za-z]+)")
NUMBER = re.compile(r"(\d+\.?(?!\.)\d*|\.\d+|\d+)(``?[-+]?[\d.]*)?(?:\*\^([-+]?\d+))?")
SLOT = re.compile(r'(##?)(\d+|(?:[^\W\d_]|\$)(?:[^\W_]|\$)*|(?="))?')
SPACE = re.compile(r"[^\S\n]+|\\\n[^\S\n]*")
MARK = re.compile("|".join(map(re.escape, MARKS)))
NAMED_CHARACTER = re.compile(r"\\\[([A-Za-z0-9]{1,40})\]")
ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "\\": "\\",
    "\n": "",
    "<": "",
    ">": "",
    " ": " ",
}
DIGITS, EXPONENT = 2000, 1000
"""The most digits of a number, and the greatest exponent: what is larger is damage, or meant to exhaust memory."""


@dataclass(frozen=True, slots=True)
class Token:
    """A number, string, symbol, pattern, slot, mark or the end; where it is, and whether a new line comes before."""

    kind: str
    value: Any
    start: int
    stop: int
    new_line: bool = False


class Text:
    """Wolfram text, which knows its lines."""

    def __init__(self, text: str):
        self.text = text

    def place(self, at: int) -> tuple[int, int]:
        """Line and column, from 1."""
        before = self.text[:at]
        return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1

    def error(self, what: str, at: int, hint: str | None = None) -> NetError:
        """An error about a place, with a caret under it."""
        line, column = self.place(at)
        start = at - column + 1
        stop = self.text.find("\n", start)
        whole = self.text[start : stop if stop >= 0 else len(self.text)]
        cut = max(0, column - 60)
        shown = "".join(each if each.isprintable() else " " for each in whole[cut : cut + 110])
        text = f"line {line}, column {column}: {what}\n    {shown}\n    {' ' * (column - 1 - cut)}^"
        return NetError(text, got=(line, column), hint=hint)


def tokens_of(source: Text) -> list[Token]:
    """The tokens of a text, and the end."""
    scanner = Scanner(source)
    return scanner.tokens()


class Scanner:
    """Goes through a text once."""

    def __init__(self, source: Text):
        self.source, self.text, self.at = source, source.text, 0
        self.found: list[Token] = []
        self.new_line = False

    def tokens(self) -> list[Token]:
        """All of them."""
        while self.at < len(self.text):
            self.step()
        self.add("end", None, self.at)
        return self.found

    def add(self, kind: str, value: Any, stop: int) -> None:
        """One more token, up to a place."""
        self.found.append(Token(kind, value, self.at, stop, self.new_line))
        self.at, self.new_line = stop, False

    def step(self) -> None:
        """The next token, or what stands between tokens."""
        text, at = self.text, self.at
        first = text[at]
        if first == "\n":
            self.new_line, self.at = True, at + 1
        elif text.startswith("(*", at):
            self.comment()
        elif space := SPACE.match(text, at):
            self.at = space.end()
        elif first == '"':
            value, stop = self.string(at)
            self.add("string", value, stop)
        elif first.isdecimal() or (first == "." and text[at + 1 : at + 2].isdecimal()):
            self.number()
        elif first == "#":
            self.slot()
        elif named := NAMED_CHARACTER.match(text, at):
            self.named(named)
        elif first in CHARACTERS:
            self.stand_in(CHARACTERS[first], at + 1)
        elif first == "_" or first.isalpha() or first in "$`":
            self.word()
        else:
            self.mark()

    def comment(self) -> None:
        """A comment, which may hold others."""
        depth, place = 0, self.at
        for each in re.compile(r"\(\*|\*\)").finditer(self.text, self.at):
            depth += 1 if each.group() == "(*" else -1
            if not depth:
                self.new_line = self.new_line or "\n" in self.text[place : each.end()]
                self.at = each.end()
                return
        raise self.source.error("this comment does not end", place, "close it with *)")

    def word(self) -> None:
        """A symbol, or a pattern such as x_Integer."""
        if pattern := PATTERN.match(self.text, self.at):
            name, marks, head, dot = pattern.groups()
            self.add("pattern", (plain(name), len(marks), plain(head), bool(dot)), pattern.end())
        elif word := WORD.match(self.text, self.at):
            self.add("symbol", plain(word.group()), word.end())
        else:
            raise self.source.error("this is no expression", self.at)

    def slot(self) -> None:
        """#, #2, #name, ##, ##2."""
        found = SLOT.match(self.text, self.at)
        assert found is not None
        mark, what, stop = found[1], found[2], found.end()
        if what == "":
            what, stop = self.string(stop)
        value: Any = what or 1
        if isinstance(value, str) and value.isdecimal():
            value = int(value[:9])
        if mark == "##" and isinstance(value, str):
            value, stop = 1, self.at + 2
        self.add("slot", ("SlotSequence" if mark == "##" else "Slot", value), stop)

    def number(self) -> None:
        """An integer, an exact number with an exponent, or a real."""
        based = BASED.match(self.text, self.at)
        found = based or NUMBER.match(self.text, self.at)
        assert found is not None
        if len(found.group()) > DIGITS:
            raise self.source.error("this number has too many digits", self.at)
        try:
            value = int(found[2], int(found[1])) if based else number_of(found[1], found[2], found[3])
        except (ValueError, OverflowError):
            raise self.source.error("this is no number", self.at) from None
        self.add("number", value, found.end())

    def string(self, at: int) -> tuple[str, int]:
        """A string that begins at a place, and where it ends."""
        parts, place = [], at + 1
        while place < len(self.text):
            stop = min([found for mark in '"\\' if (found := self.text.find(mark, place)) >= 0], default=-1)
            if stop < 0:
                break
            parts.append(self.text[place:stop])
            if self.text[stop] == '"':
                return "".join(parts), stop + 1
            part, place = self.escape(stop)
            parts.append(part)
        raise self.source.error("this string does not end", at, 'close it with "')

    def escape(self, at: int) -> tuple[str, int]:
        """What a backslash in a string stands for, and where that ends."""
        if named := NAMED_CHARACTER.match(self.text, at):
            return IN_STRINGS.get(named[1], NAMED.get(named[1], named[0])), named.end()
        if coded := re.compile(r"\\(?::([0-9a-fA-F]{4})|\.([0-9a-fA-F]{2})|([0-7]{3}))").match(self.text, at):
            code = int(coded[1] or coded[2], 16) if not coded[3] else int(coded[3], 8)
            return chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd", coded.end()
        mark = self.text[at + 1 : at + 2]
        if mark in ESCAPES and mark:
            return ESCAPES[mark], at + 2
        return self.text[at : at + 2], at + 2

    def named(self, found: re.Match) -> None:
        r"""A named character: a mark, a letter, or one that is not known."""
        if found[1] not in NAMED:
            raise self.source.error(f"the character {found[0]} is not known", self.at)
        self.stand_in(NAMED[found[1]], found.end())

    def stand_in(self, value: str, stop: int) -> None:
        """A character that stands for a mark, a symbol or white space."""
        if value == "\n":
            self.new_line, self.at = True, stop
        elif value.isspace():
            self.at = stop
        elif value in ("[[", "]]"):
            self.found.append(Token("mark", value[0], self.at, self.at, self.new_line))
            self.add("mark", value[0], stop)
        elif value.isalpha():
            rest = WORD.match(value + self.text[stop : stop + 200])
            name = rest.group() if rest else value
            self.add("symbol", name, stop + len(name) - len(value))
        elif value in MARKS:
            self.add("mark", value, stop)
        else:
            raise self.source.error("this is no expression", self.at)

    def mark(self) -> None:
        """An operator or bracket."""
        if found := MARK.match(self.text, self.at):
            self.add("mark", found.group(), found.end())
            return
        raise self.source.error(f"{self.text[self.at]!r} means nothing here", self.at)


def plain(name: str | None) -> str | None:
    """A symbol's name without its context."""
    return name if name is None else name.rsplit("`", 1)[-1]


def number_of(digits: str, precision: str | None, exponent: str | None) -> Any:
    """The number of its parts; exact where they are whole."""
    power = int(exponent or 0)
    if abs(power) > EXPONENT:
        raise ValueError
    if "." in digits or precision:
        return float(f"{digits}e{power}")
    value = int(digits) * Fraction(10) ** power
    return int(value) if value.denominator == 1 else value
