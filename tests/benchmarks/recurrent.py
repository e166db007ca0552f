"""Rows for the recurrent kernels: against the same steps composed of autograd's operations, and against PyTorch's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import autograd.numpy as anp
import numpy as np

from tests.benchmarks import Row
from tests.benchmarks.kernels import XP, row, single, torch


def sigmoid(z: Any) -> Any:
    """1 / (1 + exp(-z))."""
    return 0.5 * (anp.tanh(0.5 * z) + 1)


def composed(step: Callable[..., tuple], states: int) -> Callable[..., Any]:
    """The states of all steps, of `step(z, q, *states) -> states`."""

    def run(x: Any, w: Any, u: Any, b: Any) -> Any:
        z = anp.matmul(x, w.T) + b
        now = tuple(anp.zeros((x.shape[0], u.shape[1]), "float32") for _ in range(states))
        steps = []
        for place in range(x.shape[1]):
            now = step(z[:, place], anp.dot(now[0], u.T), *now)
            steps.append(now[0])
        return anp.concatenate([each[:, None] for each in steps], 1)

    return run


def basic_step(z: Any, q: Any, s: Any) -> tuple:
    """One step of the basic recurrence."""
    return (anp.tanh(z + q),)


def gated_step(z: Any, q: Any, s: Any) -> tuple:
    """One step of the gated recurrence, gates i, r, m."""
    n = s.shape[1]
    gates = sigmoid(z[:, : 2 * n] + q[:, : 2 * n])
    i, r = gates[:, :n], gates[:, n:]
    return ((1 - i) * anp.tanh(z[:, 2 * n :] + r * q[:, 2 * n :]) + i * s,)


def lstm_step(z: Any, q: Any, s: Any, c: Any) -> tuple:
    """One step of long short-term memory, gates i, f, o, m."""
    n, v = s.shape[1], z + q
    gates = sigmoid(v[:, : 3 * n])
    c = gates[:, n : 2 * n] * c + gates[:, :n] * anp.tanh(v[:, 3 * n :])
    return gates[:, 2 * n :] * anp.tanh(c), c


def theirs(name: str, states: int) -> Callable[..., Any]:
    """PyTorch's recurrence of that name, with as many arrays as its layer has; the order of gates costs nothing."""

    def run(x: Any, w: Any, u: Any, b: Any) -> Any:
        zeros = [torch.zeros(1, len(x), u.shape[1]) for _ in range(states)]
        first = zeros[0] if states == 1 else zeros
        return getattr(torch._VF, name)(x, first, [w, u, b, torch.zeros_like(b)], True, 1, 0.0, True, False, True)[0]

    return run


WORDS = {
    "lstm": (4, 2, lambda *arrays: XP.lstm(*arrays, None, None, 0)[0], lstm_step, "lstm"),
    "gated": (3, 1, lambda *arrays: XP.gated(*arrays, None, 0)[0], gated_step, "gru"),
    "basic": (1, 1, lambda *arrays: XP.basic(*arrays, None, 0)[0], basic_step, "rnn_tanh"),
}
"""For each word: gates, states, our call, a step of it, and PyTorch's name."""
SIZES = [(32, 50, 64, 128), (16, 128, 32, 64), (16, 512, 32, 64)]
"""Examples, steps, inputs, states."""


def rows() -> Iterator[Row]:
    """Each layer at three sizes."""
    for word, (gates, states, ours, step, name) in WORDS.items():
        for batch, steps, k, n in SIZES:
            shapes = [(batch, steps, k), (gates * n, k), (gates * n, n), (gates * n,)]
            arrays = [single(*shape) * np.float32(size) for shape, size in zip(shapes, (1, 0.1, 0.1, 0.1), strict=True)]
            label = f"{word}, {batch}×{steps}×{k} → {n}"
            yield row(label, arrays, ours, composed(step, states), theirs(name, states))
