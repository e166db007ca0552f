"""Functions as parameters of coders: their types, and what is said of them."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.errors import NetError
from wlnet.core.ports import PortType, port_type


def _callable(value: Any) -> Any:
    if not callable(value):
        raise ValueError("must be a function")
    return value


def _optional_callable(value: Any) -> Any:
    return value if value is None else _callable(value)


def array_type(value: Any) -> PortType:
    """The shape of what the function gives, as a port type."""
    try:
        found: PortType | None = port_type(value, "dims")
    except NetError:
        found = None
    if found is None or found.coder is not None:
        raise ValueError('must be the shape of what the function gives, such as 3, (3, Automatic) or ("Varying", 3)')
    return found


def pattern(value: Any) -> Any:
    """What tells one example, checked."""
    kinds = value if isinstance(value, tuple) else (value,)
    if value is None or callable(value) or (kinds and all(isinstance(kind, type) for kind in kinds)):
        return tuple(value) if isinstance(value, tuple) else value
    raise ValueError("must be a type, a tuple of types, or a function that is true of one example")


def names(value: Any) -> tuple[str, ...]:
    """Names of properties, checked."""
    if isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise ValueError("must be a list of texts")


FunctionField = Annotated[Any, BeforeValidator(_callable)]
InitializationField = Annotated[Any, BeforeValidator(_optional_callable)]
ShapeField = Annotated[Any, BeforeValidator(array_type)]
PatternField = Annotated[Any, BeforeValidator(pattern)]
NamesField = Annotated[tuple, BeforeValidator(names)]


class Named:
    """A function that prints as its name, which is the code that means it where it is in scope."""

    def __init__(self, function: Any):
        name = getattr(function, "__name__", "<")
        self.text = repr(function) if "<" in name else name

    def __repr__(self) -> str:
        return self.text


@cache
def begin(initialization: Callable[[], Any]) -> None:
    """Calls a function the first time only."""
    initialization()


def fault(error: Exception) -> str:
    """An error of the user's function in a message."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
