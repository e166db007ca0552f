"""What a lower room offers but a higher one does: `net(x)`, `net[...]`, HTML, a head applied to numbers.

The higher room registers it when wlnet is imported; `offer` finds it.
"""

from collections.abc import Callable
from typing import Any

_offers: dict[str, Callable[..., Any]] = {}


def provides(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers a function as what `name` does."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _offers[name] = function
        return function

    return register


def offer(name: str) -> Callable[..., Any]:
    """The function that a higher room registered under a name."""
    return _offers[name]
