"""Receiver operating characteristics: how the share of what is found grows with the share of false alarms."""

import numpy as np

Array = np.ndarray


def curve(scores: Array, truth: Array) -> Array:
    """The points (false positive rate, true positive rate) for each threshold from above all scores down to the least.

    A class that never or always occurs has no rates of one kind: these are nan.

    >>> curve(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, True, False, True])).tolist()
    [[0.0, 0.0], [0.0, 0.5], [0.5, 1.0], [1.0, 1.0]]
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)  # of equal scores the last
    found = np.append(0, np.cumsum(truth[order])[last]).astype(np.float64)
    alarms = np.append(0, last + 1) - found
    with np.errstate(invalid="ignore"):
        return np.stack([alarms / alarms[-1], found / found[-1]], 1)


def area(points: Array) -> float:
    """The area under a curve, by trapezoids: the chance that what is true is rated above what is false, ties half."""
    return float(np.trapezoid(points[:, 1], points[:, 0]))
