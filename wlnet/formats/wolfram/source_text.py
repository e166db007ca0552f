"""The text of an expression, for messages and for labels that are no texts or numbers."""

from typing import Any

import numpy as np

from wlnet.formats.wolfram.expressions import Call

BRACKETS = {"List": ("{", "}"), "Association": ("<|", "|>")}


def source_text(value: Any) -> str:
    """An expression as Wolfram's InputForm writes it, without operators but rules.

    >>> from wlnet.formats.wolfram.expressions import call, listed, rule
    >>> source_text(call("Entity", "City", listed(["Ulm", 2, rule("a", 1.5)])))
    'Entity["City", {"Ulm", 2, "a" -> 1.5}]'
    """
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, float):
        return repr(value).replace("e", "*^")
    if isinstance(value, np.ndarray):
        return f"NumericArray[<{'×'.join(map(str, value.shape))}>]"
    if not isinstance(value, Call):
        return repr(value) if isinstance(value, int) else str(value)
    parts = [source_text(each) for each in value.arguments]
    if value.name in ("Rule", "RuleDelayed") and len(parts) == 2:
        return (" -> " if value.name == "Rule" else " :> ").join(parts)
    start, end = BRACKETS.get(value.name, (f"{source_text(value.head)}[", "]"))
    return start + ", ".join(parts) + end


__all__ = ["source_text"]
