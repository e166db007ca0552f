"""What a picture of a net is made of: boxes with text, lines between their ports, and how large they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wlnet.core.errors import place
from wlnet.core.layer import Layer
from wlnet.display.lettering import cut, text_width
from wlnet.verbs.places import Path

LETTERS, SMALL = 12, 10.5
"""Sizes of letters: in a box, and beside a line."""

LINE = 15
"""The height of a line of text."""

MOST = 34
"""Letters of a line of text in a box, at most."""

SIDE, NARROWEST, LABEL_GAP = 10, 72, 12
"""Empty space beside the text of a box, the least width of a layer, and what stands beside the label of a line."""


@dataclass(frozen=True)
class Line:
    """An edge: from one box (its place in the list) to another, by their ports; `text` is the shape that flows."""

    source: int
    exit: str
    target: int
    entry: str
    text: str
    tip: str


@dataclass(frozen=True)
class Box:
    """A port ("in", "out"), a "layer", a "frame" with a picture inside, or the "title" of the frame around.

    `entries` and `exits` say where lines meet it, counted from its left side; `room` is its width with labels below.
    """

    kind: str
    path: Path
    texts: tuple[str, ...]
    family: str
    tip: str
    width: float
    height: float
    room: float
    entries: dict[str, float]
    exits: dict[str, float]
    inside: Any = None


@dataclass(frozen=True)
class Diagram:
    """The boxes, so that sources come first, and the lines between them."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def label_widths(lines: Iterable[Line]) -> dict[int, dict[str, float]]:
    """For each box and each port that a line leaves by: how wide the label of the shape is."""
    widths: dict[int, dict[str, float]] = {}
    for line in lines:
        widths.setdefault(line.source, {})[line.exit] = text_width(cut(line.text, MOST), SMALL)
    return widths


def spread(names: Iterable[str], width: float) -> dict[str, float]:
    """Places for ports along a side, at equal distances."""
    ports = list(names)
    return {port: width * (at + 1) / (len(ports) + 1) for at, port in enumerate(ports)}


def plain_box(
    kind: str, path: Path, texts: list, of: str, tip: str, labels: dict, entries: Iterable[str], size: float
) -> Box:
    """A box with lines of text, wide enough for them and for the labels below."""
    label = max(labels.values(), default=0.0) + LABEL_GAP
    width = max(max(text_width(text, size) for text in texts) + 2 * SIDE, NARROWEST if kind == "layer" else 0.0)
    if len(labels) > 1:
        width = max(width, label * (len(labels) + 1))
    room = max(width, 2 * label) if labels else width
    height = LINE * len(texts) + (10 if kind == "layer" else 6)
    return Box(kind, path, tuple(texts), of, tip, width, height, room, spread(entries, width), spread(labels, width))


def title_box(path: Path, title: str) -> Box:
    """The title of a frame, which stands beside its input ports."""
    width = text_width(title, LETTERS)
    return Box("title", path, (title,), "", title, width, LINE, width, {}, {})


def frame(net: Layer, path: Path, inside: Any, labels: dict[str, float]) -> Box:
    """A net with its picture inside; lines meet it at its ports."""
    ends: dict[str, dict[str, float]] = {"in": {}, "out": {}}
    for box, (x, _) in zip(inside.diagram.boxes, inside.places, strict=True):
        if box.kind in ends:
            ends[box.kind][box.path[-1]] = x + box.width / 2
    room = max(inside.width, 2 * (max(labels.values(), default=0.0) + LABEL_GAP))
    tip = f"{place(path)}: {type(net).__name__}"
    size = (inside.width, inside.height, room)
    return Box("frame", path, (), "net", tip, *size, ends["in"], ends["out"], inside)
