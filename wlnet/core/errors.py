"""The one error of wlnet, and the nearest right word."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class NetError(Exception):
    """What wlnet says when something is wrong: where, what was expected, what came, and what to do.

    `path` is the place in the net (a tuple of layer names and positions), `expected` and `got` are the two sides of
    the disagreement where there are two, `hint` says what to do. The text holds all of them.

    >>> raise NetError("LinearLayer takes Input of shape 5, but net/1 gives 3", path=(2,), hint="drop Input=5")
    Traceback (most recent call last):
    wlnet.core.errors.NetError: net/2: LinearLayer takes Input of shape 5, but net/1 gives 3
      hint: drop Input=5
    """

    def __init__(
        self, message: str, *, path: tuple = (), expected: Any = None, got: Any = None, hint: str | None = None
    ):
        self.message, self.path, self.expected, self.got, self.hint = message, tuple(path), expected, got, hint
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"{place(self.path)}: " if self.path else ""
        return where + self.message + (f"\n  hint: {self.hint}" if self.hint else "")

    def __reduce__(self) -> Any:
        return _error_from, (self.message, self.path, self.expected, self.got, self.hint)

    def inside(self, path: tuple) -> "NetError":
        """The same error, said of a net that stands at `path` in a larger one."""
        return NetError(self.message, path=(*path, *self.path), expected=self.expected, got=self.got, hint=self.hint)


class NoSuchPart(NetError, AttributeError):
    """There is no attribute of that name: Python's `hasattr` asks for this error."""


def _error_from(message: str, path: tuple, expected: Any, got: Any, hint: str | None) -> NetError:
    return NetError(message, path=path, expected=expected, got=got, hint=hint)


class NetWarning(UserWarning):
    """What wlnet says when it goes on, but the user should know: a hidden rule, a round of one batch."""


def place(path: tuple) -> str:
    """A path as text: ("enc", 2) is net/enc/2, the empty path is the net itself."""
    return "/".join(["net", *map(str, path)])


def nearest(name: Any, names: Iterable[Any], likeness: float = 0.6) -> str:
    """A hint for a wrong name: the nearest right one, or all of them where none is near."""
    known = [str(each) for each in names]
    close = get_close_matches(str(name).lower(), [each.lower() for each in known], n=1, cutoff=likeness)
    if close:
        alike = [each for each in known if each.lower() == close[0]]  # Scaling and scaling may both be there
        return f"did you mean {get_close_matches(str(name), alike, n=1, cutoff=0)[0]}?"
    return f"there are {', '.join(known)}" if known else "there are none"
