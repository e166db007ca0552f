"""Benchmarks: `python -m tests.benchmarks` prints how many times as fast wlnet is as other ways to the same numbers.

A claim of speed is a ratio measured within one run: the competitors take turns, and the figure is the median of the
rounds' ratios. Whoever has rows to add writes a module with a function `rows()` that yields `Row`s, and names it in
`tests.benchmarks.__main__.MAKERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import NamedTuple


class Row(NamedTuple):
    """One thing that is measured: our call, and the others' by the name of their column. A call does all its work."""

    name: str
    ours: Callable[[], object]
    others: dict[str, Callable[[], object]]


class Answer(NamedTuple):
    """What a row says: our milliseconds, and for each column how many times as fast we are."""

    name: str
    milliseconds: float
    times: dict[str, float]


def best(call: Callable[[], object], calls: int) -> float:
    """The seconds of the quickest of some calls."""
    seconds = []
    for _ in range(calls):
        start = perf_counter()
        call()
        seconds.append(perf_counter() - start)
    return min(seconds)


def race(row: Row, budget: float = 0.8) -> Answer:
    """Three rounds or more, within about `budget` seconds, in which all take turns with two calls each."""
    runners = {"": row.ours, **row.others}
    once = sum(best(call, 1) for call in runners.values())  # the first calls also warm everything up
    rounds = max(3, min(50, int(budget / (2 * once))))
    times = [{name: best(call, 2) for name, call in runners.items()} for _ in range(rounds)]
    ratios = {name: median(each[name] / each[""] for each in times) for name in row.others}
    return Answer(row.name, 1e3 * median(each[""] for each in times), ratios)
