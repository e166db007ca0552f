"""What the solver relates: a variable for each connection, and a relation for each layer."""

from typing import Any

from wlnet.core.dims import Unknown
from wlnet.core.ports import Shape
from wlnet.core.slots import Slot


class Var:
    """What is known of one connection: its shape, its values, who said so, and which relations read it."""

    __slots__ = ("by", "into", "key", "shape", "type", "type_by", "users")

    def __init__(self, key: tuple):
        self.key = key
        self.shape: Shape = None
        self.type: Any = None
        self.by: tuple | None = None  # (path, label, port, verb) of who said the shape, and the type
        self.type_by: tuple | None = None
        self.users: list[Node] = []
        self.into: Var | None = None


class Node:
    """One relation: the ports of a layer in words, the rules for the words, and what is known of the words."""

    __slots__ = (
        "asked",
        "fallbacks",
        "label",
        "path",
        "ports",
        "queued",
        "rules",
        "said",
        "stars",
        "types",
        "version",
        "words",
    )

    def __init__(self, path: tuple, label: str, rules: list, words: dict, fallbacks: list):
        self.path, self.label, self.rules, self.words, self.fallbacks = path, label, rules, words, fallbacks
        self.ports: list[tuple[str, Slot, Var]] = []
        self.said: dict[str, str] = dict.fromkeys(words, "")  # which port or rule said a word first
        self.types: Any = None  # the element type that Same() ports share
        self.asked: dict[int, tuple] = {}
        self.stars: set[str] = set()
        self.version = 0  # counts what was learned of the words
        self.queued = True

    def learned(self, word: str, value: Any, by: str) -> None:
        """Writes down a word's value and who said it."""
        self.words[word] = value
        self.said.setdefault(word, by)
        self.version += 1

    def can_ask(self, parameters: tuple) -> bool:
        """Whether the rank of every starred word that a rule reads is known."""
        return all(name in self.words or name not in self.stars for name in parameters)

    def shape_of(self, slot: Slot) -> Shape:
        """The shape of a port as far as the words are known."""
        shape: list = []
        for star, word in slot.words:
            if star:
                rest = self.words.get(word)
                if rest is None:
                    return None
                shape.extend(rest)
            else:
                shape.append(word if isinstance(word, int) else self.words.get(word, Unknown))
        return tuple(shape)

    def text_of(self, slot: Slot) -> str:
        """The same for a message, with … where a starred word is not known."""
        parts = [
            "×".join(map(repr, self.words[word])) if star and word in self.words
            else "…" if star
            else repr(word if isinstance(word, int) else self.words.get(word, Unknown))
            for star, word in slot.words
        ]  # fmt: skip
        return "×".join(filter(None, parts)) or "scalar"


def find(var: Var) -> Var:
    """The variable that stands for all ends of an edge."""
    while var.into is not None:
        if var.into.into is not None:
            var.into = var.into.into
        var = var.into
    return var
