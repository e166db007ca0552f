"""CTC: how probable a sequence of labels is, over all ways to spread it over the steps. Graves et al. 2006.

A state is a place in the target with blanks around every label: blank, label 1, blank, label 2, …, blank. A path stays,
goes on by one state, or by two where that leaves out a blank between two different labels. Everything is in logarithms,
and after every step the greatest is taken off and added up apart, so that long inputs lose nothing in single precision.
"""

from __future__ import annotations

import numpy as np

from wlnet.kernels.kernel import Array, Kernel

NEVER = -1e30  # the logarithm of 0: finite, so that no difference of two of them is nan
SMALLEST = float(np.finfo(np.float32).tiny)  # probabilities are not taken for less, and have slope 0 there


def states(target: Array, sizes: Array, blank: int) -> tuple[Array, Array, Array]:
    """Classes (B, S) of the states, S = 2 L + 1; which states there are; which may be reached from two states before.

    >>> [each.tolist() for each in states(np.array([[4, 4]]), np.array([2]), 7)]
    [[[7, 4, 7, 4, 7]], [[True, True, True, True, True]], [[False, False, False, False, False]]]
    """
    count = 2 * target.shape[1] + 1
    there = np.arange(count) <= 2 * sizes[:, None]
    classes = np.full((len(target), count), blank)
    classes[:, 1::2] = np.where(there[:, 1::2], target, blank)
    skips = np.zeros(classes.shape, bool)
    skips[:, 3::2] = classes[:, 3::2] != classes[:, 1:-2:2]
    return classes, there, skips & there


def feasible(target: Array, times: Array, sizes: Array) -> Array:
    """Whether a path exists: a step for each label, and one for the blank between two equal ones."""
    inner = np.arange(1, target.shape[1]) < sizes[:, None]
    return sizes + ((target[:, 1:] == target[:, :-1]) & inner).sum(1) <= times


def joined(stay: Array, skips: Array, back: bool) -> Array:
    """log(exp(stay) + exp(the neighbour) + exp(the one beyond, where `skips` lets it)), along the states."""
    ways = np.full((3, *stay.shape), NEVER, stay.dtype)
    ways[0] = stay
    if back:
        ways[1, :, :-1], ways[2, :, :-2] = stay[:, 1:], np.where(skips[:, 2:], stay[:, 2:], NEVER)
    else:
        ways[1, :, 1:], ways[2, :, 2:] = stay[:, :-1], np.where(skips[:, 2:], stay[:, :-2], NEVER)
    top = ways.max(0)
    ways -= top
    return top + np.log(np.exp(ways, out=ways).sum(0))


def ends(sizes: Array, like: Array) -> Array:
    """0 for the states in which a path may end, the last label and the blank behind it; NEVER for the others."""
    place = np.arange(like.shape[-1])
    last = (place == 2 * sizes[:, None]) | (place == 2 * sizes[:, None] - 1)
    return np.where(last, 0, NEVER).astype(like.dtype)


def total(x: Array) -> Array:
    """log(sum(exp(x))) along the last axis."""
    top = x.max(-1)
    return top + np.log(np.exp(x - top[..., None]).sum(-1))


def forward(p: Array, target: Array, times: Array, sizes: Array) -> tuple[Array, tuple]:
    """-log P(target), p (B, T, C) probabilities, blank the last class, target (B, L) from 0, true lengths -> (B,).

    An impossible target costs as much as a path whose every step has the smallest probability: finite, with slope 0.

    >>> forward(np.array([[[0.25, 0.75], [0.5, 0.5]]]), np.array([[0]]), 2, 1)[0].round(4).tolist()  # 1 - 0.75 * 0.5
    [0.47]
    """
    times, sizes = (np.broadcast_to(np.asarray(each), (len(p),)) for each in (times, sizes))
    target, rows = np.asarray(target), np.arange(len(p))
    classes, there, skips = states(target, sizes, p.shape[2] - 1)
    logs = np.log(np.maximum(p, SMALLEST)).swapaxes(0, 1)
    logs = np.where(there, logs[:, rows[:, None], classes], NEVER).astype(p.dtype)
    before = np.empty_like(logs)  # of each state at each step: all ways to come there, without the step itself
    scale = np.zeros(logs.shape[:2], p.dtype)
    before[0] = np.where(np.arange(logs.shape[2]) < 2, 0, NEVER)
    for t in range(1, len(logs)):
        state = before[t - 1] + logs[t - 1]
        scale[t] = state.max(1)
        before[t] = joined(state - scale[t, :, None], skips, False)
    amount = total(before[times - 1, rows] + logs[times - 1, rows] + ends(sizes, logs[0]))
    amount += np.where(np.arange(len(logs))[:, None] < times, scale, 0).sum(0)
    possible = feasible(target, times, sizes)
    loss = np.where(possible, -amount, times * -np.log(SMALLEST)).astype(p.dtype)
    return loss, (classes, skips, logs, before, times, sizes, possible)


def backward(g: Array, wanted: tuple[int, ...], loss: Array, kept: tuple, p: Array, *others: Array) -> tuple[Array]:
    """-P(a path takes the class at the step) / p; 0 for what cannot be, and beyond the true length."""
    classes, skips, logs, before, times, sizes, possible = kept
    after = end = ends(sizes, logs[0])  # of each state: all ways to go on from there to the end
    slopes = np.empty_like(before)
    for t in reversed(range(len(logs))):
        if t + 1 < len(logs):
            after = joined(after + logs[t + 1], skips, True)
            after -= after.max(1, keepdims=True)
        after = np.where((t >= times - 1)[:, None], end, after)
        ways = before[t] + after
        share = ways - total(ways + logs[t])[:, None]
        slopes[t] = -np.exp(np.where((possible & (t < times))[:, None], share, NEVER))
    d = scattered(slopes, classes, p.shape)
    d *= g[:, None, None]
    return (np.where(p > SMALLEST, d, 0).astype(p.dtype),)


def scattered(slopes: Array, classes: Array, shape: tuple[int, int, int]) -> Array:
    """Zeros (B, T, C) with the slopes (T, B, S) added at the classes (B, S) of their states."""
    d = np.zeros(shape, slopes.dtype)
    rows, steps = np.arange(shape[0])[:, None], np.arange(shape[1])[:, None, None]
    places = (rows * shape[1] + steps) * shape[2] + classes
    np.add.at(d.reshape(-1), places.ravel(), slopes.ravel())  # one-dimensional: NumPy's only fast path
    return d


ctc = Kernel(forward, backward)
