"""The basic recurrent kernel: s = update_mask · tanh(z + q), of the z and q of `kernels.recur`."""

from __future__ import annotations

import numpy as np

from wlnet.kernels.kernel import Array, Kernel
from wlnet.kernels.recur import (
    Sequence,
    array_gradients,
    ask_states,
    columns,
    features_first,
    laid_out,
    masked,
    states_from,
    threads,
)


def basic_forward(
    x: Array, w: Array, u: Array, b: Array | None, h: Array | None, length: Array | None = None,
    input_mask: Array | None = None, state_mask: Array | None = None, update_mask: Array | None = None,
) -> tuple[Array, tuple]:  # fmt: skip
    """The states of all steps, (B, T, n).

    >>> one = np.ones((1, 1))
    >>> basic_forward(np.array([[[0.5], [0.0]]]), one, one, None, None)[0].round(4).tolist()
    [[[0.4621], [0.4318]]]
    """
    sequence = laid_out(x, length, input_mask, state_mask, update_mask)
    tanhs = sequence.parts(w, b)
    states = states_from(h, x.shape[1], tanhs[0])
    q = np.empty_like(states[0])
    with threads(u, len(x)):
        for step, tanh in enumerate(tanhs):
            ask_states(sequence, u, states[step], q)
            np.add(tanh, q, tanh)
            np.tanh(tanh, tanh)
            states[step + 1] = tanh if sequence.update_mask is None else tanh * sequence.update_mask[step]
            sequence.hold(states, step)
    return np.ascontiguousarray(states[1:].transpose(2, 0, 1)), (sequence, tanhs, states)


def basic_backward(
    g: Array, wanted: tuple[int, ...], y: Array, kept: tuple[Sequence, Array, Array],
    x: Array, w: Array, u: Array, b: Array | None, h: Array | None, *settings: Array | None,
) -> tuple[Array, ...]:  # fmt: skip
    """d tanh(v) = (1 - tanh(v)²) dv, from the last step to the first."""
    sequence, tanhs, states = kept
    d = 1 - tanhs * tanhs
    if sequence.update_mask is not None:
        d *= sequence.update_mask
    sequence.only_true(d)
    over = sequence.passed(d)
    along, d_h, back = features_first(g), np.zeros_like(states[0]), columns(u)
    with threads(u, len(x)):
        for step in range(len(d) - 1, -1, -1):
            d_h += along[step]
            d[step] *= d_h
            through = back @ masked(d[step], sequence.state_mask)
            d_h = through if over is None else through + d_h * over[step]
    ways = array_gradients(sequence, states, w, d, d, wanted) | {4: lambda: columns(d_h)}
    return tuple(ways[number]() for number in wanted)


basic = Kernel(basic_forward, basic_backward)
