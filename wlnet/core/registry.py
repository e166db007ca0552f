"""What a lower room offers but a higher one does: `net(x)`, `net[...]`, HTML, a head applied to numbers.

The higher room registers it when wlnet is imported; `offer` finds it.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

_offers: dict[str, Callable[..., Any]] = {}
_later: dict[str, str] = {}


def provides(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers a function as what `name` does."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _offers[name] = function
        return function

    return register


def provided_later(name: str, module: str) -> None:
    """Says which module registers what `name` does: it is imported when somebody first asks for it."""
    _later[name] = module


def offer(name: str) -> Callable[..., Any]:
    """The function that a higher room registered under a name."""
    if name not in _offers and name in _later:
        import_module(_later[name])
    return _offers[name]
