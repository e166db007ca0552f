"""A net as a rich table, for `rich.print(Information(net))`. Imported late: rich takes long."""

from typing import Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from wlnet.core.layer import Layer
from wlnet.display.summary import HEADINGS, Summary, summary
from wlnet.display.text import indented


def rich_table(net: Layer) -> Group:
    """The title, the ports, the layers and the edges of a net, in colours."""
    said = summary(net)
    title = Text.assemble((said.title, "bold"), f": {said.facts}")
    parts: list[Any] = [title, Padding(port_grid(said), (1, 2)), layer_table(said)]
    if said.edges:
        parts.append(Padding(Text("\n".join(["Edges", *(f"  {edge}" for edge in said.edges)])), (1, 2, 0, 2)))
    return Group(*parts)


def port_grid(said: Summary) -> Table:
    """The ports, one a line."""
    grid = Table.grid(padding=(0, 2))
    for way, name, text in said.ports:
        grid.add_row(Text(way, style="dim"), Text(name, style="bold"), Text(text, style="cyan"))
    return grid


def layer_table(said: Summary) -> Table:
    """The layers, one a row, with the total below."""
    drawn = Table(box=None, show_footer=True, header_style="dim", footer_style="bold", padding=(0, 2))
    footers = ("total", "", "", "", said.total)
    styles = ("bold", "", "cyan", "green", "")
    for heading, footer, style in zip(HEADINGS, footers, styles, strict=True):
        drawn.add_column(heading, footer, style=style, justify="right" if heading == HEADINGS[-1] else "left")
    for row in said.rows:
        cells = (indented(row), row.definition, row.output, ", ".join(row.arrays), row.elements)
        drawn.add_row(*(Text(cell) for cell in cells))
    return drawn
