"""Notebooks: the texts of their input cells, from boxes; nets that are stored in boxes as associations."""

import re
from collections.abc import Iterator
from typing import Any

from wlnet.core.errors import NetError
from wlnet.formats.wolfram.expressions import Call, is_call
from wlnet.formats.wolfram.parser import expression
from wlnet.formats.wolfram.text import text_of

STYLES = ("Input", "Code", "Program", "InitializationCell")
"""The styles of cells that hold source text."""

TRANSPARENT = {"StyleBox", "TagBox", "FormBox", "AdjustmentBox", "FrameBox", "PanelBox", "ButtonBox", "TooltipBox",
    "ErrorBox",
               "BoxData", "TextData", "ItemBox", "PaneBox", "HyperlinkBox", "ActionMenuBox"}  # fmt: skip
"""Boxes that stand for what they show."""


def is_notebook(text: str) -> bool:
    """Whether a text is a notebook rather than source."""
    start = re.sub(r"^\s*(?:\(\*(?:[^*]|\*(?!\)))*\*\)\s*)*", "", text[:20_000])
    return start.startswith("Notebook[")


def cell_texts(text: str) -> list[tuple[int, str]]:
    """The number and the source of each input cell; where none holds anything, of stored nets in other cells."""
    notebook = expression(text)
    cells = list(cells_in(notebook))
    inputs = [(number, source_of(cell.arguments[0])) for number, cell in enumerate(cells, 1) if is_input(cell)]
    inputs = [(number, source) for number, source in inputs if source.strip()]
    if inputs:
        return inputs
    stored = [(number, net) for number, cell in enumerate(cells, 1) for net in stored_nets(cell.arguments[0])]
    if not stored:
        raise NetError("the notebook has no input cell")
    return stored


def cells_in(value: Any) -> Iterator[Call]:
    """The cells of a notebook, in order, those of groups too."""
    stack = [value]
    while stack:
        each = stack.pop()
        if is_call(each, "Cell") and each.arguments and not is_call(each.arguments[0], "CellGroupData"):
            yield each
        elif isinstance(each, Call):
            stack.extend(reversed(each.arguments))


def is_input(cell: Call) -> bool:
    """Whether a cell holds source text."""
    return len(cell.arguments) > 1 and cell.arguments[1] in STYLES


def source_of(box: Any) -> str:
    """The source text that boxes show."""
    if isinstance(box, str):
        return box
    if not isinstance(box, Call):
        return text_of(box)
    parts = box.arguments
    if box.name == "InterpretationBox" and len(parts) > 1:
        return text_of(parts[1])
    if box.name in ("RowBox", "List"):
        inner = parts[0].arguments if box.name == "RowBox" and parts and is_call(parts[0], "List") else parts
        mark = "" if box.name == "RowBox" else "\n"
        return mark.join(map(source_of, inner))
    if box.name in TRANSPARENT and parts:
        return source_of(parts[0])
    if box.name in BOXES and len(parts) >= BOXES[box.name].count("{"):
        return BOXES[box.name].format(*map(source_of, parts))
    if box.name == "GridBox" and parts and is_call(parts[0], "List"):
        rows = [", ".join(map(source_of, row.arguments)) for row in parts[0].arguments if isinstance(row, Call)]
        return "{{" + "}, {".join(rows) + "}}"
    return text_of(box)


BOXES = {
    "SuperscriptBox": "({})^({})", "FractionBox": "(({})/({}))", "SqrtBox": "Sqrt[{}]",
    "SubscriptBox": "Subscript[{}, {}]",
    "RadicalBox": "(({})^(1/({})))", "OverscriptBox": "Overscript[{}, {}]", "UnderscriptBox": "Underscript[{}, {}]",
}  # fmt: skip
"""Boxes with two dimensions, as source text."""


def stored_nets(value: Any) -> Iterator[str]:
    """The source of nets that boxes keep beside what they show."""
    stack = [value]
    while stack:
        each = stack.pop()
        if is_call(each, "InterpretationBox") and len(each.arguments) > 1:
            yield text_of(each.arguments[1])
        elif isinstance(each, Call):
            stack.extend(reversed(each.arguments))
