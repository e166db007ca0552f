"""Texts as pieces of a list: byte-pair merging (Sennrich et al. 2016), and the longest match (WordPiece).

The lists are Wolfram's: a piece that begins a word begins with a space.
"""

import re
from collections.abc import Collection, Mapping
from heapq import heapify, heappop, heappush

WORDS = re.compile(r"\w+|[^\w\s]")
"""A word, or one punctuation mark; white space is neither."""


def merged(text: str, ranks: Mapping[str, int], allowed: Collection[str] | None = None) -> list[str]:
    """The characters of a text, of which the two neighbours that make the first piece of the list are joined, again
    and again; of equal pairs the leftmost. A piece that is not allowed falls apart again.

    >>> merged("lower low", {"lo": 1, "er": 2, "low": 3, "wer": 4, " low": 5})
    ['low', 'er', ' low']
    """
    pieces, count = list(text), len(text)
    before, after = list(range(-1, count - 1)), list(range(1, count + 1))
    found = [(ranks[text[k : k + 2]], k, text[k : k + 2]) for k in range(count - 1) if text[k : k + 2] in ranks]
    heapify(found)
    halves: dict[str, tuple[str, str]] = {}
    while found:
        _, left, whole = heappop(found)
        right = after[left]
        if not pieces[left] or right == count or pieces[left] + pieces[right] != whole:
            continue  # one of the two was joined to something else since
        halves.setdefault(whole, (pieces[left], pieces[right]))
        pieces[left], pieces[right] = whole, ""
        after[left] = after[right]
        if after[left] < count:
            before[after[left]] = left
        for start in (before[left], left):
            if start >= 0 and after[start] < count:
                pair = pieces[start] + pieces[after[start]]
                if pair in ranks:
                    heappush(found, (ranks[pair], start, pair))
    kept = [piece for piece in pieces if piece]
    return kept if allowed is None else [part for piece in kept for part in apart(piece, halves, allowed)]


def apart(piece: str, halves: Mapping[str, tuple[str, str]], allowed: Collection[str]) -> list[str]:
    """A piece, or the two it was made of, and so on, where it is not allowed."""
    if piece in allowed or piece not in halves:
        return [piece]
    return [part for half in halves[piece] for part in apart(half, halves, allowed)]


def longest(text: str, pieces: Collection[str], reach: int) -> list[str | None]:
    """Each word and punctuation mark as the longest pieces from its start; None for one that is not made of pieces.

    `reach` is the length of the longest piece.

    >>> longest("unaffable, no", [" un", "aff", "able", " ,"], 4)
    [' un', 'aff', 'able', ' ,', None]
    """
    found: list[str | None] = []
    for word in WORDS.findall(text):
        rest, parts = " " + word, []
        while rest:
            size = next((k for k in range(min(reach, len(rest)), 0, -1) if rest[:k] in pieces), 0)
            if not size:
                break
            parts.append(rest[:size])
            rest = rest[size:]
        found += [None] if rest else parts
    return found
