"""Class labels: any values that can be told apart."""

from collections.abc import Callable, Hashable, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from wlnet.core.errors import NetError, nearest
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic


def plain(value: Any) -> Any:
    """A NumPy scalar as Python's own value, any other value as it is."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return value.item()
    return value


def hashable(value: Any) -> bool:
    """Whether a value can be looked up in a dict."""
    try:
        hash(value)
    except TypeError:
        return False
    return isinstance(value, Hashable)


def labels(value: Any) -> Any:
    """The labels that a setting lists, in order; each once."""
    if value is Automatic:
        return value
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value.tolist()
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)) or not len(value):
        raise ValueError("must be a list of classes")
    listed = tuple(plain(each) for each in value)
    seen: set = set()
    for label in listed:
        if not hashable(label):
            raise ValueError(f"must hold values that can be looked up (texts, numbers, tuples), not {brief(label)}")
        if label in seen:
            raise ValueError(f"must name each class once, not {brief(label)} twice")
        seen.add(label)
    return listed


LabelsField = Annotated[Any, BeforeValidator(labels)]


def unknown(classes: Sequence, label: Any, error: Callable[..., NetError]) -> NetError:
    """The error that says that a value is none of the classes, and which is nearest."""
    near = nearest(label, classes)
    hint = near if near.startswith("did") else f"the classes are {brief(list(classes))}"
    return error(f"{brief(label)} is not one of the {len(classes)} classes", expected=classes, got=label, hint=hint)
