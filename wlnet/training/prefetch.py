"""The next batch is prepared while the current one computes: for data read from a disk, or made by a function."""

import threading
from collections.abc import Generator, Iterator
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from wlnet.core.errors import NetError
from wlnet.training.batches import Drawn, Source

PATIENCE = 1.0
"""So many seconds the end of a training waits for a batch that is just being made; nobody reads it any more."""

BLINK = 0.1
"""So many seconds a wait lasts before Python looks whether somebody has pressed Ctrl-C."""


@dataclass(frozen=True)
class Prefetched:
    """The batches of a source, in its order, each prepared in a thread while the one before it computes.

    Never more than one batch is prepared ahead, and none beyond a round. What goes wrong in preparing one is said
    when it is its turn; `what` is what messages begin with.
    """

    source: Source
    what: str = ""

    @property
    def size(self) -> int:
        """Examples in a batch."""
        return self.source.size

    @property
    def count(self) -> int:
        """The number of batches in a round."""
        return self.source.count

    @property
    def examples(self) -> int:
        """The number of examples in a round."""
        return self.source.examples

    def round(self, number: int, skip: int = 0) -> Generator[Drawn, None, None]:
        """The batches of a round."""
        ahead = Ahead(self.source.round(number, skip))
        try:
            for place in range(skip, self.count):
                yield ahead.take(self.named(number, place + 1))
        finally:
            ahead.close()

    def named(self, number: int, batch: int) -> str:
        """A batch in a message; the batches of a validation set are the same in all rounds."""
        return f"{self.what}, batch {batch}" if self.what else f"batch {batch} of round {number}"


class Ahead(threading.Thread):
    """Prepares one batch after the other, each when the one before it has been taken."""

    def __init__(self, batches: Iterator[Drawn]):
        super().__init__(name="wlnet batches", daemon=True)  # so that a function that never returns holds up nothing
        self.batches = batches
        self.context = copy_context()  # of the session: a backend that is chosen there counts for a user's function too
        self.may_begin = threading.Semaphore(1)
        self.wanted = threading.Event()  # set while the session waits for the batch that is being prepared
        self.over = False
        self.done: SimpleQueue[tuple[Drawn | None, BaseException | None]] = SimpleQueue()

    def run(self) -> None:
        """Prepares batches until the round or the training is over."""
        self.context.run(self.prepare)

    def prepare(self) -> None:
        while self.may_begin.acquire() and not self.over:
            try:
                self.done.put((next(self.batches), None))
            except BaseException as error:  # whatever it is, it is for the session to say
                self.done.put((None, error))
                return

    def take(self, name: str) -> Drawn:
        """The next batch, and leave to begin with the one after it."""
        if self.ident is None:
            self.start()
        self.wanted.set()
        batch, error = self.waited_for()
        self.wanted.clear()
        if isinstance(error, NetError):
            raise said_of(name, error) from error
        if error is not None:
            raise error
        self.may_begin.release()
        assert batch is not None
        return batch

    def waited_for(self) -> tuple[Drawn | None, BaseException | None]:
        """What was prepared, once it is."""
        while True:
            try:
                return self.done.get(timeout=BLINK)
            except Empty:  # a Ctrl-C that came just before the wait would not end one without limit
                continue

    def close(self) -> None:
        """Ends the thread; where a batch is being made, after it."""
        self.over = True
        self.wanted.set()
        self.may_begin.release()
        if self.ident is not None:
            self.join(PATIENCE)


def said_of(name: str, error: NetError) -> NetError:
    """The same error, said of a batch."""
    message = f"{name}: {error.message}"
    return NetError(message, path=error.path, expected=error.expected, got=error.got, hint=error.hint)


def until_wanted() -> Any:
    """What waits, in a thread that prepares a batch ahead, until all batches before it have been computed."""
    thread = threading.current_thread()
    return thread.wanted.wait if isinstance(thread, Ahead) else lambda: True
