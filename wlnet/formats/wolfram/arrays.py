"""Arrays in a net's tree: numbers, or a slot that holds none yet."""

from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.refuse import brief
from wlnet.formats.wolfram.expressions import Call, is_call
from wlnet.formats.wolfram.source_text import source_text

KINDS = "fiub"
"""The kinds of numbers that an array of a net may hold, as NumPy calls them."""


def array_of(expression: Any, place: tuple) -> np.ndarray:
    """The numbers of an array: packed, in RawArray or NumericArray, in nested lists, or one number.

    >>> from wlnet.formats.wolfram.expressions import call, listed
    >>> array_of(call("NumericArray", listed([listed([1, 2]), listed([3, 4])]), "Real32"), ()).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    found = numbers(expression)
    try:
        array = np.asarray(found)
    except (ValueError, OverflowError):
        array = np.empty(0, object)
    if array.dtype.kind not in KINDS:
        raise NetError(f"{brief(source_text(expression))} is no array of numbers", path=place)
    return array if isinstance(found, np.ndarray) else array.astype(np.float32)


def numbers(expression: Any) -> Any:
    """Nested lists of numbers, of what may be an array."""
    if is_call(expression, "RawArray", "NumericArray") and expression.arguments:
        inner = [each for each in expression.arguments if not isinstance(each, str)]
        return numbers(inner[0]) if inner else None
    if is_call(expression, "List"):
        return [numbers(each) for each in expression.arguments]
    return (
        expression if isinstance(expression, (int, float, np.ndarray)) else float("nan") if is_nan(expression) else None
    )


def is_nan(expression: Any) -> bool:
    """Whether an expression is a number that is none."""
    return str(expression) == "Indeterminate"


def holds_numbers(expression: Any) -> bool:
    """Whether a slot of a tree holds an array, rather than a symbol, a type, or the placeholder of a notebook."""
    if isinstance(expression, (bool, str)) or (isinstance(expression, Call) and expression.name == "Rule"):
        return False
    return isinstance(expression, (int, float, np.ndarray)) or is_call(expression, "RawArray", "NumericArray", "List")


__all__ = ["array_of", "holds_numbers"]
