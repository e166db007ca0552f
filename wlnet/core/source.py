"""Values as the Python that makes them: a net prints as the code that builds it."""

from typing import Any

import numpy as np

from wlnet.core.ports import shape_text
from wlnet.core.symbols import show_name


def source(value: Any) -> str:
    """The source text of a value; arrays print as Array(4×3).

    >>> source({"a": ("Ramp", None, 0.5)}), source(np.zeros((4, 3)))
    ('{"a": ("Ramp", None, 0.5)}', 'Array(4×3)')
    """
    if isinstance(value, str):
        return show_name(value)
    if isinstance(value, np.ndarray):
        return f"Array({shape_text(value.shape)})"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(source, value)) + (",)" if len(value) == 1 else ")")
    if isinstance(value, list):
        return "[" + ", ".join(map(source, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{source(k)}: {source(v)}" for k, v in value.items()) + "}"
    if isinstance(value, type):
        return value.__name__
    return repr(value)


def call(name: str, positional: list[Any], named: dict[str, Any]) -> str:
    """The source text of a call."""
    return f"{name}({', '.join([*map(source, positional), *(f'{key}={source(v)}' for key, v in named.items())])})"


def same(a: Any, b: Any) -> bool:
    """Equality of values that may hold arrays; the type counts, so that 1, 1.0 and True are three."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return bool(a == b)
