"""Wolfram expressions as Python values, the one form that all readers give and all writers take.

Texts are str, integers int, reals float, rationals Fraction, packed arrays NumPy's; a symbol is a `Symbol` without its
context, and everything compound is a `Call`, lists, rules and associations too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wlnet.core.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Call:
    """head[arguments…]."""

    head: Any
    arguments: tuple = ()

    @property
    def name(self) -> str:
        """The name of its head, if that is a symbol, and else the empty text."""
        return self.head.name if isinstance(self.head, Symbol) else ""


def call(name: str, *arguments: Any) -> Call:
    """The call of a symbol by name.

    >>> call("Rule", "Input", 4)
    Call(head=Rule, arguments=('Input', 4))
    """
    return Call(Symbol(name), arguments)


def is_call(value: Any, *names: str) -> bool:
    """Whether a value is a call of one of these symbols."""
    return isinstance(value, Call) and value.name in names


def is_symbol(value: Any, *names: str) -> bool:
    """Whether a value is one of these symbols."""
    return isinstance(value, Symbol) and value.name in names


def listed(values: Iterable[Any]) -> Call:
    """The list of these values."""
    return Call(Symbol("List"), tuple(values))


def rule(left: Any, right: Any) -> Call:
    """left -> right."""
    return Call(Symbol("Rule"), (left, right))


def association(pairs: Iterable[tuple[Any, Any]]) -> Call:
    """<|key -> value, …|>."""
    return Call(Symbol("Association"), tuple(rule(key, value) for key, value in pairs))


def pairs_of(value: Any) -> list[tuple[Any, Any]] | None:
    """The keys and values of an association, or of a list of rules; None where a value is neither."""
    if not is_call(value, "Association", "List"):
        return None
    if not all(is_call(each, "Rule", "RuleDelayed") and len(each.arguments) == 2 for each in value.arguments):
        return None
    return [(each.arguments[0], each.arguments[1]) for each in value.arguments]


__all__ = ["Call", "association", "call", "is_call", "is_symbol", "listed", "pairs_of", "rule"]
