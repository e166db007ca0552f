"""Pictures of nets as SVG: what Information gives for "SummaryGraphic" and "FullSummaryGraphic"."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.registry import provides
from wlnet.display.arrange import Arrangement, Point, arranged
from wlnet.display.boxes import LETTERS, LINE, MOST, SMALL, Box, Diagram
from wlnet.display.diagram import diagram
from wlnet.display.families import COLOURS
from wlnet.display.lettering import cut

INK, GREY = "#1b1f24", "#7c838c"
"""Letters in a box, which is light; and what stands on the page, which may be light or dark."""

FONT = "'Helvetica Neue',Helvetica,Arial,'DejaVu Sans',sans-serif"


@dataclass(frozen=True, repr=False)
class Picture:
    """A net drawn from top to bottom, a box a layer, a line an edge, with the shapes that flow.

    A notebook shows it; `str(picture)` is the SVG; `picture.save("net.svg")` writes it to a file.
    """

    net: Layer
    full: bool = False

    @cached_property
    def svg(self) -> str:
        """The picture as SVG."""
        return svg(arranged(diagram(self.net, self.full)), type(self.net).__name__)

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"Picture({brief(self.net)}{', full=True' if self.full else ''})"

    def save(self, path: Any) -> Path:
        """Writes the picture to a file whose name ends in .svg, and gives the file's path."""
        file = Path(path)
        if file.suffix.lower() != ".svg":
            raise NetError(f"a picture is saved as SVG, not as {file.name!r}", got=path, hint='write save("net.svg")')
        whole = file.with_name(f".{file.name}.{os.getpid()}")  # never half a file under the name asked for
        try:
            whole.write_text(self.svg, encoding="utf-8")
            whole.replace(file)
        except OSError as error:
            reason = error.strerror or "the file cannot be written"
            raise NetError(f"{file} cannot be saved: {reason}", got=path, hint="name a folder that exists") from None
        return file


@provides("picture")
def picture(net: Layer, full: bool) -> Picture:
    """A picture of a net; a full one opens the nets inside it.

    >>> picture(NetChain([3, "Ramp"], Input=2), False).svg[:4]
    '<svg'
    """
    return Picture(net, full)


# --- writing SVG ------------------------------------------------------------------------------------------------------


def svg(drawn: Arrangement, title: str) -> str:
    """An arrangement as the text of an SVG file."""
    width, height = number(drawn.width), number(drawn.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{FONT}" role="img"><title>{text(title)}</title>'
        f'<defs><marker id="wlnet-arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{GREY}"/></marker></defs>{"".join(content(drawn, 0, 0))}</svg>'
    )


def content(drawn: Arrangement, x: float, y: float) -> Iterator[str]:
    """Frames, lines above them, boxes above these, then what is in the frames; `x`, `y` is the corner."""
    placed = [(box, x + left, y + top) for box, (left, top) in zip(drawn.diagram.boxes, drawn.places, strict=True)]
    for box, left, top in placed:
        if box.kind == "frame":
            yield frame_text(box, left, top)
    yield from lines(drawn.diagram, [[(x + a, y + b) for a, b in route] for route in drawn.routes])
    for box, left, top in placed:
        if box.kind != "frame":
            yield box_text(box, left, top)
    for box, left, top in placed:
        if box.kind == "frame":
            yield from content(box.inside, left, top)


def lines(diagram: Diagram, routes: list[list[Point]]) -> Iterator[str]:
    """The lines, and beside the first from each port the shape that flows."""
    told: set[tuple[int, str]] = set()
    for line, route in zip(diagram.lines, routes, strict=True):
        yield (
            f'<path class="edge" d="{curve(route)}" fill="none" stroke="{GREY}" stroke-width="1.3" '
            f'marker-end="url(#wlnet-arrow)"><title>{text(line.tip)}</title></path>'
        )
        if (line.source, line.exit) not in told:
            told.add((line.source, line.exit))
            (x, _), (_, y) = route[:2]
            shape = text(cut(line.text, MOST))
            yield f'<text class="shape" x="{number(x + 5)}" y="{number(y - 4)}" font-size="{SMALL}" fill="{GREY}">'
            yield f"{shape}</text>"


def curve(route: list[Point]) -> str:
    """A path that runs upright through every second stretch, and bends smoothly in the others."""
    (x, y), last = route[0], len(route) - 1
    drawn, here = f"M{number(x)} {number(y)}", (x, y)
    for at, (x, y) in enumerate(route[1:], start=1):
        if (x, y) == here:
            continue
        if at % 2 == 0 and x != here[0]:
            middle = number((here[1] + y) / 2)
            drawn += f"C{number(here[0])} {middle} {number(x)} {middle} {number(x)} {number(y)}"
        elif at == last or route[at + 1][0] != x or here[0] != x:
            drawn += f"L{number(x)} {number(y)}"
        else:
            continue
        here = (x, y)
    return drawn


def frame_text(box: Box, x: float, y: float) -> str:
    """The frame of a net inside."""
    fill, edge = COLOURS["net"]
    return rectangle("frame", box, x, y, f'fill="{fill}" fill-opacity="0.13" stroke="{edge}" stroke-dasharray="5 3"', 9)


def box_text(box: Box, x: float, y: float) -> str:
    """A box with its lines of text; a title is text alone."""
    if box.kind == "title":
        place = f'x="{number(x)}" y="{number(y + LINE - 4)}"'
        return f'<text class="title" {place} font-size="{LETTERS}" fill="{GREY}">{text(box.texts[0])}</text>'
    is_layer = box.kind == "layer"
    fill, edge = COLOURS[box.family] if is_layer else ("#ffffff", GREY)
    drawn = rectangle(box.kind, box, x, y, f'fill="{fill}" stroke="{edge}"', 6 if is_layer else 3)
    for at, said in enumerate(box.texts):
        middle, base = number(x + box.width / 2), number(y + (5 if is_layer else 3) + LINE * at + 11)
        weight = ' font-weight="bold"' if is_layer and at == 0 and len(box.texts) > 1 else ""
        size = LETTERS if is_layer else LETTERS - 1
        drawn += f'<text class="name" x="{middle}" y="{base}" text-anchor="middle" font-size="{size}" fill="{INK}"'
        drawn += f"{weight}>{text(said)}</text>"
    return drawn


def rectangle(kind: str, box: Box, x: float, y: float, style: str, round_by: int) -> str:
    """The outline of a box, with what it is as a tip."""
    size = f'width="{number(box.width)}" height="{number(box.height)}" rx="{round_by}"'
    tip = f"<title>{text(box.tip)}</title>"
    return f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" {size} {style}>{tip}</rect>'


def number(value: float) -> str:
    """A coordinate, short."""
    return f"{value:.1f}".removesuffix(".0")


def text(said: str) -> str:
    """Text as XML holds it: escaped, and without characters that XML forbids."""
    return escape("".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in said))
