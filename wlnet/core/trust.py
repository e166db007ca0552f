"""Whether what is made may read files: a user may name one, a file that is being read may not."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_trusted: ContextVar[bool] = ContextVar("trusted", default=True)


def may_read_files() -> bool:
    """Whether the arguments of a constructor may be names of files to read."""
    return _trusted.get()


@contextmanager
def untrusted() -> Iterator[None]:
    """Within it, what is made comes from a file, and reads no other.

    >>> with untrusted():
    ...     may_read_files()
    False
    >>> may_read_files()
    True
    """
    token = _trusted.set(False)
    try:
        yield
    finally:
        _trusted.reset(token)
