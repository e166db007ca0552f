"""Run all rows, or those whose name holds a word: python -m tests.benchmarks [WORD]"""

from __future__ import annotations

import sys
from time import perf_counter

from tests.benchmarks import Answer, kernels, race, recurrent, rounds, training

MAKERS = [kernels.rows, recurrent.rows, training.rows]  # each yields the rows of one subject
REPORTS = {"a round of NetTrain": rounds.lines}  # what is not a row: each yields lines
COLUMNS = ["autograd", "PyTorch"]


def line(answer: Answer) -> str:
    """A row of the table; a dash where there is no such competitor here."""
    times = [f"{answer.times[name]:8.2f} ×" if name in answer.times else f"{'—':>10}" for name in COLUMNS]
    return f"{answer.name:46}{answer.milliseconds:9.2f} ms" + "".join(f"  {each}" for each in times)


def main(word: str = "") -> None:
    """Print the table: our time, forward and backward, and how many times as fast it is as each column's."""
    start = perf_counter()
    print(f"{'forward and backward, single precision':46}{'wlnet':>12}" + "".join(f"  {name:>10}" for name in COLUMNS))
    for rows in MAKERS:
        for row in rows():
            if word in row.name:
                print(line(race(row)), flush=True)
    for name, lines in REPORTS.items():
        if word in name:
            for each in lines():
                print(each, flush=True)
    print(f"{perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:2])
