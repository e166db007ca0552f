"""The crew: threads that share the blocks of a large array, with BLAS held to one thread meanwhile.

The rules come from measurements: a NumPy call must last 50 µs or more for two threads to help each other, so blocks
are large (`VALUES`), and what fits one block stays on the caller's thread with BLAS as it is. Blocks depend on shapes
alone and results come in block order, so the answer does not depend on who did what.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController

VALUES = 250_000  # values in a block of elementwise work, about 1 MB in single precision


def cut(count: int, work: int, block: int = VALUES) -> list[slice]:
    """Slices of range(count), whose items have `work` values each, into blocks of about `block` values.

    >>> cut(32, 25_088)
    [slice(0, 8, None), slice(8, 16, None), slice(16, 24, None), slice(24, 32, None)]
    """
    pieces = min(count, -(-count * work // block))
    if pieces <= 1:
        return [slice(0, count)]
    pieces += pieces % 2  # an even number, so that two threads end together
    each = -(-count // pieces)
    return [slice(start, min(start + each, count)) for start in range(0, count, each)]


class Crew:
    """A pool of threads, made when it is first needed and once a process."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.pool: ThreadPoolExecutor | None = None
        self.blas: list[Any] = []

    def map(self, job: Callable[..., Any], blocks: Sequence[Any]) -> list[Any]:
        """`job(block)` of every block, in order. A job must not come back here, and must not touch a tape."""
        if len(blocks) == 1:
            return [job(blocks[0])]
        with self.one_thread() as pool:
            return list(pool.map(job, blocks))

    @contextmanager
    def one_thread(self) -> Iterator[ThreadPoolExecutor]:
        """BLAS held to one thread: for the crew's own, and for many small products one after the other."""
        with self.lock:  # the thread count of BLAS belongs to the whole process
            pool = self.pool or self.gather()
            before = [library.num_threads for library in self.blas]
            try:
                for library in self.blas:
                    library.set_num_threads(1)
                yield pool
            finally:
                for library, count in zip(self.blas, before, strict=True):
                    library.set_num_threads(count)

    def gather(self) -> ThreadPoolExecutor:
        """Make the pool, and find the BLAS libraries that are loaded."""
        size = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self.blas = [library for library in ThreadpoolController().lib_controllers if library.user_api == "blas"]
        self.pool = ThreadPoolExecutor(size, thread_name_prefix="wlnet")
        return self.pool


crew = Crew()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=crew.__init__)  # type: ignore[misc]  # a child has none of the threads
