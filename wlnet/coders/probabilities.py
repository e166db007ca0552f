"""What is read off rows of probabilities, in double precision: entropy, temperature, the most likely, choices."""

from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.refuse import brief


def entropy(p: np.ndarray) -> np.ndarray:
    """-Total(p Log(p)) along the last axis; 0 counts as 0.

    >>> entropy(np.array([[0.5, 0.5], [1, 0]])).round(4).tolist()
    [0.6931, 0.0]
    """
    p = np.asarray(p, dtype=float)
    return -np.sum(p * np.log(np.where(p > 0, p, 1.0)), -1) + 0.0


def tempered(p: np.ndarray, temperature: float) -> np.ndarray:
    """p^(1/temperature), made to sum to 1 along the last axis; temperature 0 leaves the first of the largest.

    >>> tempered(np.array([[0.8, 0.2]]), 0.5).round(4).tolist()
    [[0.9412, 0.0588]]
    """
    p = np.asarray(p, dtype=float)
    if temperature == 0:
        return np.eye(p.shape[-1])[np.argmax(p, -1)]
    with np.errstate(divide="ignore"):
        logs = np.log(p)
    weights = np.exp((logs - np.max(logs, -1, keepdims=True)) / temperature)
    return weights / np.sum(weights, -1, keepdims=True)


def descending(p: np.ndarray) -> np.ndarray:
    """The places of the last axis from the largest value down; of equal ones the first comes first."""
    return np.argsort(-np.asarray(p, dtype=float), -1, kind="stable")


def cut(p: np.ndarray, top: Any = None, total: Any = None) -> np.ndarray:
    """Keeps the `top` largest, and of them the fewest that reach `total`; the others are 0, and all sum to 1 again.

    >>> cut(np.array([[0.5, 0.3, 0.2]]), total=0.7).round(4).tolist()
    [[0.625, 0.375, 0.0]]
    """
    order = descending(p)
    ranked = np.take_along_axis(p, order, -1)
    kept = np.ones_like(ranked)
    if top is not None:
        kept[:, top:] = 0
    ranked = ranked * kept
    ranked = ranked / ranked.sum(-1, keepdims=True)
    if total is not None:
        before = np.cumsum(ranked, -1) - ranked
        kept = np.where(before < total, 1.0, 0.0)
        kept[:, 0] = 1
        ranked = ranked * kept
    result = np.empty_like(ranked)
    np.put_along_axis(result, order, ranked, -1)
    return result / result.sum(-1, keepdims=True)


def drawn(p: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A place of each row, chosen with its probability."""
    ends = np.cumsum(p, -1)
    point = random.random((len(p), 1)) * ends[:, -1:]
    return np.argmax(ends > point, -1)


def temperature(given: Any, label: str) -> float:
    """A temperature, checked."""
    number = isinstance(given, (int, float, np.number)) and not isinstance(given, bool)
    if not number or not 0 <= given < np.inf:
        raise NetError(
            f"{label}: the temperature of RandomSample must be a number, 0 or more, got {brief(given)}", got=given
        )
    return float(given)
