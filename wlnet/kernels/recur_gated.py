"""The gated recurrent kernel, of the z and q of `kernels.recur`, with gates in the order i, r, m:

i = sigmoid(z_i + q_i), r = sigmoid(z_r + q_r), m = tanh(z_m + r · q_m), s = (1 - i) · update_mask · m + i · s_before.
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


def gated_forward(
    x: Array, w: Array, u: Array, b: Array | None, h: Array | None, length: Array | None = None,
    input_mask: Array | None = None, state_mask: Array | None = None, update_mask: Array | None = None,
) -> tuple[Array, tuple]:  # fmt: skip
    """The states of all steps, (B, T, n).

    >>> w, u = np.zeros((3, 1)), np.zeros((3, 1))
    >>> gated_forward(np.zeros((1, 2, 1)), w, u, None, np.array([[8.0]]))[0].tolist()
    [[[4.0], [2.0]]]
    """
    n = u.shape[1]
    scale = halves(2, 1, n, x.dtype)
    sequence = laid_out(x, length, input_mask, state_mask, update_mask)
    gates, u = sequence.parts(w, b, scale), u * scale
    states = states_from(h, x.shape[1], gates[0, :n])
    memories, q = np.empty_like(states[1:]), np.empty_like(gates[0])
    with threads(u, len(x)):
        for step, z in enumerate(gates):
            ask_states(sequence, u, states[step], q)
            memories[step] = q[2 * n :]
            update = None if sequence.update_mask is None else sequence.update_mask[step]
            take_step(z, q, states[step], states[step + 1], update)
            sequence.hold(states, step)
    return np.ascontiguousarray(states[1:].transpose(2, 0, 1)), (sequence, gates, memories, states)


def take_step(z: Array, q: Array, before: Array, after: Array, update_mask: Array | None) -> None:
    """Write the gates over z, and the state after the step."""
    n = len(after)
    i, r, m, sigmoids = z[:n], z[n : 2 * n], z[2 * n :], z[: 2 * n]
    np.add(sigmoids, q[: 2 * n], sigmoids)
    np.tanh(sigmoids, sigmoids)
    to_sigmoid(sigmoids)
    np.multiply(r, q[2 * n :], after)
    np.add(m, after, m)
    np.tanh(m, m)
    update = m if update_mask is None else m * update_mask
    np.subtract(before, update, after)
    np.multiply(after, i, after)
    np.add(after, update, after)


def slopes(sequence: Sequence, gates: Array, memories: Array, states: Array) -> Array:
    """What the gradient of the state of each step is multiplied with, (T, 4n, B): for q_m, z_i, z_r and z_m."""
    count, rows, batch = gates.shape
    n = rows // 3
    i, r, m = gates[:, :n], gates[:, n : 2 * n], gates[:, 2 * n :]
    d = np.empty((count, 4 * n, batch), gates.dtype)
    d_q, d_i, d_r, d_m = (d[:, number * n : (number + 1) * n] for number in range(4))
    update = m if sequence.update_mask is None else m * sequence.update_mask
    np.subtract(states[:-1], update, d_i)
    d_i *= i
    np.subtract(1, i, d_m)
    d_i *= d_m
    if sequence.update_mask is not None:
        d_m *= sequence.update_mask
    d_m *= 1 - m * m
    np.multiply(d_m, r, d_q)
    np.subtract(1, r, d_r)
    d_r *= d_q
    d_r *= memories
    sequence.only_true(d)
    return d


def gated_backward(
    g: Array, wanted: tuple[int, ...], y: Array, kept: tuple[Sequence, Array, Array, Array],
    x: Array, w: Array, u: Array, b: Array | None, h: Array | None, *settings: Array | None,
) -> tuple[Array, ...]:  # fmt: skip
    """From the last step to the first. Within this function u has its gates in the order m, i, r."""
    sequence, gates, _, states = kept
    n = u.shape[1]
    d, held = slopes(*kept), sequence.kept_through(gates[:, :n])
    mask = None if sequence.state_mask is None else np.roll(sequence.state_mask, n, 0)
    along, d_h, back = features_first(g), np.zeros_like(states[0]), columns(np.roll(u, n, 0))
    by_gate = d.reshape(len(d), 4, n, -1)
    with threads(u, len(x)):
        for step in range(len(d) - 1, -1, -1):
            d_h += along[step]
            by_gate[step] *= d_h
            d_h *= held[step]
            d_h += back @ masked(d[step, : 3 * n], mask)
    rolled = sequence._replace(state_mask=mask)
    ways = array_gradients(rolled, states, w, d[:, n:], d[:, : 3 * n], wanted)
    of_u = ways[2]
    ways |= {2: lambda: np.roll(of_u(), -n, 0), 4: lambda: columns(d_h)}
    return tuple(ways[number]() for number in wanted)


gated = Kernel(gated_forward, gated_backward)
