"""The words of shape rules: `prod` and `exact` make sizes of sizes, `agree` and `at_least` demand something of them."""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import reduce
from operator import mul
from typing import Any

from wlnet.core.dims import Length, Refusal, Unknown


def prod(dims: Iterable[Any]) -> Any:
    """The product of sizes, 1 of none. Works on unknown sizes, lengths, and arrays of lengths."""
    return reduce(mul, dims, 1)


def exact(a: Any, b: Any) -> Any:
    """a / b where b divides a; otherwise the layer says that it does not."""
    if isinstance(a, Length):
        if a.const % b or any(c % b for c, _ in a.terms):
            raise Refusal(f"a varying size {a} does not split into blocks of {b}")
        return a // b
    if isinstance(a, int) and isinstance(b, int) and (b == 0 or a % b):
        raise Refusal(f"{a} does not split into {b} equal parts")
    return a // b


def share(whole: Any, part: Any) -> Any:
    """The size that times `part` makes `whole`, of lengths too; Unknown where lengths leave it open.

    >>> from wlnet.core.dims import length
    >>> n = length("n")
    >>> share(12, 4), share(6 * n, 3), share(6 * n, 2 * n), share(n, 3)
    (3, 2·n, 3, ?)
    """
    if isinstance(part, Length):
        if not isinstance(whole, Length) or whole * part.terms[0][0] != part * whole.terms[0][0]:
            return Unknown
        return exact(whole.terms[0][0], part.terms[0][0])
    if isinstance(whole, Length) and (whole.const % part or any(c % part for c, _ in whole.terms)):
        return Unknown
    return exact(whole, part)


_demands: ContextVar[list | None] = ContextVar("demands", default=None)


def agree(a: Any, b: Any, what: str = "sizes") -> Any:
    """Demands that two sizes be equal, and gives the one that is known. Two different lengths are made one."""
    if a is Unknown or b is Unknown or a == b:
        return b if a is Unknown else a
    if isinstance(a, int) or isinstance(b, int):
        raise Refusal(f"{what} {a} and {b} must be equal")
    demands = _demands.get()
    if demands is not None:
        demands.append((a, b, what))
    return a


def at_least(size: Any, least: int, what: str = "the size") -> None:
    """Demands that a size be no smaller; of a length, the data will tell."""
    if isinstance(size, int) and size < least:
        raise Refusal(f"{what} must be at least {least}, not {size}")
    demands = _demands.get()
    if isinstance(size, Length) and demands is not None:
        demands.append((size, least, what))


def demanded(rule: Callable, values: tuple) -> tuple[Any, list]:
    """What a rule says, and what it demands: lengths that are equal, or no smaller than a number, and their names."""
    demands: list = []
    token = _demands.set(demands)
    try:
        return rule(*values), demands
    finally:
        _demands.reset(token)
