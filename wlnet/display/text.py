"""A net as a table of plain text: what `print(Information(net))` shows."""

from importlib import import_module
from typing import Any
from unicodedata import combining, east_asian_width

from wlnet.core.layer import Layer
from wlnet.core.registry import provides
from wlnet.display.summary import HEADINGS, Row, Summary, summary

WIDTH = 100
"""Columns of a terminal that a table fills at most."""

GAP = "  "
DEFINITION, ARRAYS = HEADINGS.index("Definition"), HEADINGS.index("Arrays")

NARROWEST = 16
"""The width to which definitions are cut before anything else is."""


@provides("table")
def table(net: Layer, width: int = WIDTH) -> str:
    """A net as a table: its ports, a row for each layer with output shape and arrays, edges, the total.

    Nets inside nets are indented. Sizes that are not known are ?. Lines are at most `width` columns wide.

    >>> print(table(NetChain([3, "Ramp"], Input=2)))
    NetChain: 2 layers, 2 arrays, 9 elements, 36 bytes, not initialised
    <BLANKLINE>
      in   Input   2
      out  Output  3
    <BLANKLINE>
      Layer  Definition                Output  Arrays                 Elements
      ────────────────────────────────────────────────────────────────────────
      1      LinearLayer(3)            3       Weights 3×2, Biases 3         9
      2      ElementwiseLayer("Ramp")  3
      ────────────────────────────────────────────────────────────────────────
      total                                                                  9
    """
    said = summary(net)
    blocks = [[fit(f"{said.title}: {said.facts}", width)], ports(said, width), body(said, width)]
    if said.edges:
        blocks.append([GAP + "Edges", *(fit(GAP * 2 + edge, width) for edge in said.edges)])
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block)


def ports(said: Summary, width: int) -> list[str]:
    """The lines of the ports."""
    columns = [max((measure(port[at]) for port in said.ports), default=0) for at in (0, 1)]
    return [
        fit(GAP + GAP.join([pad(way, columns[0]), pad(name, columns[1]), text]), width)
        for way, name, text in said.ports
    ]


def body(said: Summary, width: int) -> list[str]:
    """The lines of the layers, under their headings, with the total below."""
    widths = column_widths(said, width)
    rule = GAP + "─" * (sum(widths) + len(GAP) * (len(widths) - 1))
    lines = [line(HEADINGS, widths), rule]
    for row in said.rows:
        wrapped = wrap(row.arrays, widths[ARRAYS])
        lines.append(line((indented(row), row.definition, row.output, wrapped[0], row.elements), widths))
        lines += [line(("", "", "", more, ""), widths) for more in wrapped[1:]]
    return [*lines, rule, line(("total", "", "", "", said.total), widths)]


def indented(row: Row) -> str:
    """The key of a layer under the key of what holds it."""
    return "  " * row.depth + row.key


def column_widths(said: Summary, width: int) -> list[int]:
    """As wide as what stands in each column; where that is too much, arrays take several lines, and texts are cut."""
    cells = [(indented(row), row.definition, row.output, ", ".join(row.arrays), row.elements) for row in said.rows]
    cells += [HEADINGS, ("total", "", "", "", said.total)]
    widths = [max(measure(cell[at]) for cell in cells) for at in range(5)]
    longest = max((measure(each) + 1 for row in said.rows for each in row.arrays), default=0)
    room = width - len(GAP) * 5
    for at, least in ((ARRAYS, longest), (DEFINITION, NARROWEST)):
        widths[at] = max(min(widths[at], least), widths[at] - max(0, sum(widths) - room))
    while sum(widths) > room and max(widths[:4]) > 1:
        widths[widths.index(max(widths[:4]))] -= 1
    return widths


def line(cells: tuple[str, ...], widths: list[int]) -> str:
    """One line of the table, each text cut to its column; numbers stand to the right."""
    padded = [pad(fit(cell, wide), wide) for cell, wide in zip(cells[:-1], widths[:-1], strict=True)]
    return GAP + GAP.join([*padded, " " * (widths[-1] - measure(cells[-1])) + cells[-1]])


def wrap(items: tuple[str, ...], width: int) -> list[str]:
    """Items with commas between them, in lines of at most that width."""
    lines = [""]
    for at, item in enumerate(items):
        item = item + "," * (at < len(items) - 1)
        joined = f"{lines[-1]} {item}" if lines[-1] else item
        if measure(joined) <= width or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(item)
    return lines


def measure(text: str) -> int:
    """The columns that a text takes in a terminal: wide letters take two, combining ones none."""
    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)


def pad(text: str, width: int) -> str:
    """A text filled up to a width."""
    return text + " " * (width - measure(text))


def fit(text: str, width: int) -> str:
    """A text cut to a width, with … where something is missing."""
    if measure(text) <= width:
        return text
    while measure(text) > width - 1:
        text = text[:-1]
    return text + "…"


@provides("rich table")
def rich_table(net: Layer) -> Any:
    """The same in colours, for `rich.print`; rich is slow to import, and so only imported here."""
    return import_module("wlnet.display.colours").rich_table(net)
