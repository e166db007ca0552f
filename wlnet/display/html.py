"""A net as HTML: what a notebook shows. Everything that comes from the user is escaped."""

from html import escape

from wlnet.core.layer import Layer
from wlnet.core.registry import provides
from wlnet.display.summary import HEADINGS, Row, Summary, summary

LEFT = "text-align:left;white-space:pre-wrap;vertical-align:top"
RIGHT = "text-align:right;vertical-align:top"
RULE = ";border-top:1px solid currentColor"


@provides("html")
def html_table(net: Layer) -> str:
    """A net as an HTML table: ports, layers with output shapes and arrays, edges, the total."""
    said = summary(net)
    parts = [f"<p><b>{escape(said.title)}</b>: {escape(said.facts)}</p>", ports(said), layers(said)]
    if said.edges:
        parts.append("<p>Edges</p><ul>" + "".join(f"<li>{escape(edge)}</li>" for edge in said.edges) + "</ul>")
    return '<div class="wlnet">' + "".join(parts) + "</div>"


def cell(text: str, style: str = LEFT, tag: str = "td") -> str:
    """One cell."""
    return f'<{tag} style="{style}">{escape(text)}</{tag}>'


def ports(said: Summary) -> str:
    """The table of the ports."""
    return "<table>" + "".join(f"<tr>{''.join(map(cell, port))}</tr>" for port in said.ports) + "</table>"


def layers(said: Summary) -> str:
    """The table of the layers, with the total below."""
    head = "".join(cell(each, RIGHT if each == HEADINGS[-1] else LEFT, "th") for each in HEADINGS)
    foot = cell("total", LEFT + RULE) + cell("", LEFT + RULE) * 3 + cell(said.total, RIGHT + RULE)
    body = "".join(map(layer, said.rows))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody><tfoot><tr>{foot}</tr></tfoot></table>"


def layer(row: Row) -> str:
    """The row of a layer; what stands inside another is moved to the right."""
    key = cell(row.key, f"{LEFT};padding-left:{0.5 + 1.5 * row.depth}em")
    rest = [cell(row.definition), cell(row.output), cell(", ".join(row.arrays)), cell(row.elements, RIGHT)]
    return f"<tr>{key}{''.join(rest)}</tr>"
