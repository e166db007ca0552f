"""How wide a text will be drawn, and a text cut to a width; widths are rather too large, so that boxes hold."""

from unicodedata import combining, east_asian_width

NARROW = frozenset("ijlIf.,:;'|!()[]{}t/ r-`\"")
WIDE = frozenset("mwMWO@%&—")


def text_width(text: str, size: float) -> float:
    """The width of a line of text in letters of a size, rather too large than too small.

    >>> text_width("mm", 10) > text_width("nn", 10) > text_width("ii", 10) > 0
    True
    """
    return sum(map(letter_width, text)) * size


def letter_width(letter: str) -> float:
    """The width of one letter, where its size is 1."""
    if combining(letter):
        return 0.0
    if east_asian_width(letter) in "WF":
        return 1.1
    if letter in NARROW:
        return 0.45
    return 1.0 if letter in WIDE or letter > "\u2fff" else 0.8 if letter.isupper() or letter > "\u00ff" else 0.66


def cut(text: str, most: int) -> str:
    """A text of at most so many letters on one line, without control characters.

    >>> cut("a long name", 7)
    'a long…'
    """
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"
