"""The long short-term memory kernel, of the z and q of `kernels.recur`, with gates in the order i, f, o, m:

i, f, o = sigmoid(z + q), m = tanh(z_m + q_m), c = f · c_before + update_mask · i · m, s = o · tanh(c).
"""

from __future__ import annotations

import numpy as np

from wlnet.kernels.kernel import Array, Kernel
from wlnet.kernels.recur import (
    Sequence,
    array_gradients,
    ask_states,
    columns,
    features_first,
    halves,
    laid_out,
    masked,
    states_from,
    threads,
    to_sigmoid,
)


def lstm_forward(
    x: Array, w: Array, u: Array, b: Array | None, h: Array | None, c: Array | None, length: Array | None = None,
    input_mask: Array | None = None, state_mask: Array | None = None, update_mask: Array | None = None,
) -> tuple[Array, tuple]:  # fmt: skip
    """The states of all steps and behind them the last cell state, (B, T + 1, n): a primitive gives one array.

    >>> w, u = np.zeros((4, 1)), np.zeros((4, 1))
    >>> lstm_forward(np.zeros((1, 2, 1)), w, u, None, None, np.array([[8.0]]))[0].round(4).tolist()
    [[[0.4997], [0.482], [2.0]]]
    """
    n, count = u.shape[1], x.shape[1]
    scale = halves(3, 1, n, x.dtype)
    sequence = laid_out(x, length, input_mask, state_mask, update_mask)
    gates, u = sequence.parts(w, b, scale), u * scale
    states, cells = (states_from(first, count, gates[0, :n]) for first in (h, c))
    tanhs, q = np.empty_like(cells[1:]), np.empty_like(gates[0])
    with threads(u, len(x)):
        for step, z in enumerate(gates):
            ask_states(sequence, u, states[step], q)
            np.add(z, q, z)
            update = None if sequence.update_mask is None else sequence.update_mask[step]
            take_step(z, cells[step], cells[step + 1], tanhs[step], update)
            np.multiply(z[2 * n : 3 * n], tanhs[step], states[step + 1])
            sequence.hold(states, step)
            sequence.hold(cells, step)
    result = np.empty((len(x), count + 1, n), x.dtype)
    result[:, :count], result[:, count] = states[1:].transpose(2, 0, 1), cells[count].T
    return result, (sequence, gates, tanhs, states, cells)


def take_step(z: Array, before: Array, after: Array, tanh: Array, update_mask: Array | None) -> None:
    """Write the gates over z, the cell state after the step, and its tanh."""
    n = len(after)
    np.tanh(z, z)
    to_sigmoid(z[: 3 * n])
    np.multiply(z[:n], z[3 * n :], tanh)
    if update_mask is not None:
        np.multiply(tanh, update_mask, tanh)
    np.multiply(z[n : 2 * n], before, after)
    np.add(after, tanh, after)
    np.tanh(after, tanh)


def slopes(sequence: Sequence, gates: Array, tanhs: Array, cells: Array) -> tuple[Array, Array]:
    """What z of each step is multiplied with, (T, 4n, B), by the gradient of s for o and of c else; and c by s."""
    n = gates.shape[1] // 4
    i, _, o, m = (gates[:, number * n : (number + 1) * n] for number in range(4))
    d = np.empty_like(gates)
    np.subtract(1, gates[:, : 3 * n], d[:, : 3 * n])
    d[:, : 3 * n] *= gates[:, : 3 * n]
    d_i, d_f, d_o, d_m = (d[:, number * n : (number + 1) * n] for number in range(4))
    np.multiply(m, m, d_m)
    np.subtract(1, d_m, d_m)
    d_i *= m
    d_m *= i
    if sequence.update_mask is not None:
        d_i *= sequence.update_mask
        d_m *= sequence.update_mask
    d_f *= cells[:-1]
    d_o *= tanhs
    of_cell = tanhs * tanhs
    np.subtract(1, of_cell, of_cell)
    of_cell *= o
    sequence.only_true(d, of_cell)
    return d, of_cell


def lstm_backward(
    g: Array, wanted: tuple[int, ...], y: Array, kept: tuple[Sequence, Array, Array, Array, Array],
    x: Array, w: Array, u: Array, b: Array | None, h: Array | None, c: Array | None, *settings: Array | None,
) -> tuple[Array, ...]:  # fmt: skip
    """From the last step to the first: all slopes are there before the loop, which turns them into gradients."""
    sequence, gates, tanhs, states, cells = kept
    n = u.shape[1]
    d, of_cell = slopes(sequence, gates, tanhs, cells)
    held, over = sequence.kept_through(gates[:, n : 2 * n]), sequence.passed(d)
    along, back = features_first(g[:, :-1]), columns(u)
    d_h, d_c, part = np.zeros_like(states[0]), g[:, -1].T.copy(), np.empty_like(states[0])
    with threads(u, len(x)):
        for step in range(len(d) - 1, -1, -1):
            d_h += along[step]
            np.multiply(d_h, of_cell[step], part)
            d_c += part
            d_step = d[step]
            d_step[: 2 * n].reshape(2, n, -1)[...] *= d_c
            d_step[2 * n : 3 * n] *= d_h
            d_step[3 * n :] *= d_c
            d_c *= held[step]
            through = back @ masked(d_step, sequence.state_mask)
            d_h = through if over is None else through + d_h * over[step]
    ways = array_gradients(sequence, states, w, d, d, wanted)
    ways |= {4: lambda: columns(d_h), 5: lambda: columns(d_c)}
    return tuple(ways[number]() for number in wanted)


lstm = Kernel(lstm_forward, lstm_backward)
