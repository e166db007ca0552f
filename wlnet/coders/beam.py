"""The most likely sequences of labels of CTC: a search that keeps the best prefixes at each step. Graves 2012, Hannun
et al. 2014.

A prefix is what is left of a path when repetitions are merged and then blanks are deleted. Of each prefix two sums over
its paths are kept: of those that end in a blank, and of those that end in its last label.
"""

from typing import NamedTuple

import numpy as np

NEVER = -np.inf


class Prefixes(NamedTuple):
    """The prefixes of one step, best first: their numbers, last labels (-1 of the empty one), and two logarithms."""

    node: np.ndarray
    last: np.ndarray
    blank: np.ndarray
    label: np.ndarray


class Tree:
    """All prefixes that were ever kept: each is its parent and one label, so equal ones are found again."""

    def __init__(self) -> None:
        self.parent, self.label = [-1], [-1]
        self.children: dict[tuple[int, int], int] = {}

    def child(self, node: int, label: int) -> int:
        """The prefix that goes on from another by a label."""
        found = self.children.get((node, label))
        if found is None:
            found = self.children[node, label] = len(self.parent)
            self.parent.append(node)
            self.label.append(label)
        return found

    def labels(self, node: int) -> tuple[int, ...]:
        """The labels of a prefix, in order."""
        found = []
        while node:
            found.append(self.label[node])
            node = self.parent[node]
        return tuple(reversed(found))


def best_path(logs: np.ndarray) -> list[tuple[tuple[int, ...], float]]:
    """The labels (from 0) of the most likely class of each step, and the -log of that one path."""
    path = np.argmax(logs, -1)
    kept = path[np.append(True, path[1:] != path[:-1])]
    return [(tuple(kept[kept != logs.shape[1] - 1].tolist()), -float(logs.max(-1).sum()) + 0.0)]


def beam_search(p: np.ndarray, size: int) -> list[tuple[tuple[int, ...], float]]:
    """The best sequences of labels (from 0) of probabilities (T, C), blank last, with the -log of each, best first.

    >>> p = np.array([[0.375, 0.625], [0.375, 0.625]])  # blank, blank is the best path, and yet not the best answer
    >>> [(labels, round(float(np.exp(-nll)), 4)) for labels, nll in beam_search(p, 5)]
    [((0,), 0.6094), ((), 0.3906)]
    >>> beam_search(p, 1)[0][0]
    ()
    """
    with np.errstate(divide="ignore"):
        logs = np.log(p.astype(float))
    if size == 1:
        return best_path(logs)
    tree = Tree()
    start = np.zeros(1, int)
    kept = Prefixes(start, start - 1, np.zeros(1), np.full(1, NEVER))
    for step in logs:
        kept = advanced(tree, kept, step, size)
    total = np.logaddexp(kept.blank, kept.label)
    return [(tree.labels(node), -nll + 0.0) for node, nll in zip(kept.node.tolist(), total.tolist(), strict=True)]


def advanced(tree: Tree, kept: Prefixes, step: np.ndarray, size: int) -> Prefixes:
    """The best prefixes after one more step."""
    blank, label, longer = ways(tree, kept, step)
    scores = np.concatenate([np.logaddexp(blank, label), longer.ravel()])
    order = np.argsort(-scores, kind="stable")[:size]
    order = order[: max(1, int((scores[order] > NEVER).sum()))]
    new, stay = order >= len(blank), np.minimum(order, len(blank) - 1)
    parents, ends = np.divmod(np.maximum(order - len(blank), 0), longer.shape[1])
    node = kept.node[stay]
    node[new] = [tree.child(int(kept.node[a]), int(c)) for a, c in zip(parents[new], ends[new], strict=True)]
    return Prefixes(
        node,
        np.where(new, ends, kept.last[stay]),
        np.where(new, NEVER, blank[stay]),
        np.where(new, scores[order], label[stay]),
    )


def ways(tree: Tree, kept: Prefixes, step: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the step makes likely: a prefix that stays, with a blank or with its last label, and one longer by each."""
    rows, labels = np.arange(len(kept.node)), step[:-1]
    total = np.logaddexp(kept.blank, kept.label)
    some = kept.last >= 0
    label = np.where(some, kept.label + step[kept.last], NEVER)
    longer = total[:, None] + labels
    longer[rows[some], kept.last[some]] = kept.blank[some] + labels[kept.last[some]]  # only behind a blank
    place = {node: row for row, node in enumerate(kept.node.tolist())}
    for row, node in enumerate(kept.node.tolist()):  # a prefix is also what a shorter one grows into
        shorter = place.get(tree.parent[node])
        if shorter is not None:
            label[row] = np.logaddexp(label[row], longer[shorter, kept.last[row]])
            longer[shorter, kept.last[row]] = NEVER
    return total + step[-1], label, longer
