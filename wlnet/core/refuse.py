"""Pydantic's complaints in our words."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from pydantic import ValidationError

from wlnet.core.errors import NetError, nearest
from wlnet.core.source import source


def refusal(label: str, error: ValidationError) -> NetError:
    """The NetError that says what a validation error means: which option, what it must be, what came."""
    first = error.errors()[0]
    option = str(first["loc"][0]) if first["loc"] else ""
    value = first["input"]
    if first["type"] == "missing":
        return NetError(f"{label} needs {option}", expected=option, hint=f"write {label}({option}, …)")
    cause: Any = first.get("ctx", {}).get("error")
    if isinstance(cause, NetError):
        return cause
    said = str(cause) if cause is not None else first["msg"].replace("Input should be", "must be")
    text = f"{label}: {option} {said}, got {brief(value)}" if option else f"{label}: {said}"
    hint = getattr(cause, "hint", None)
    if isinstance(value, str) and "must be one of " in said:
        names = said.split("must be one of ", 1)[1].split(", ")
        near = nearest(value, names)
        hint = near if near.startswith("did") else None
    return NetError(text, expected=said.removeprefix("must be "), got=value, hint=hint)


def knows_its_options(function: Callable) -> Callable:
    """The same function, which answers an option that it has not with a NetError and the nearest one.

    Missing arguments, and more than it takes, are answered with those that it has.
    """
    signature = inspect.signature(function)
    known = [name for name, each in signature.parameters.items() if each.kind is each.KEYWORD_ONLY]
    label = function.__qualname__.removesuffix(".__init__")

    @wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        for name in options:
            if name not in known:
                raise NetError(f"{label}: {name} is not an option", got=name, hint=nearest(name, known))
        try:
            signature.bind(*arguments, **options)
        except TypeError as error:
            takes = [name for name in signature.parameters if name not in known and name != "self"]
            raise NetError(f"{label}: {error}", hint=f"before its options it takes {', '.join(takes)}") from None
        return function(*arguments, **options)

    return call


def brief(value: Any, limit: int = 80) -> str:
    """A value in a message, cut short where it is long."""
    text = getattr(value, "__name__", None) or source(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
