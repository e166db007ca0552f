"""Recur: what the three recurrent kernels share. A kernel runs a whole sequence, forwards and backwards, as one.

At each step the gates see z = input_mask · (w x) + b and q = state_mask · (u s), s the state before. The work is done
features first, (time, features, batch): then every gate is one contiguous block. All inputs of all steps are one
product before the loop, all gradients of the arrays one product each behind it; in the loop stands only what waits for
the step before. A sequence that is over holds its state, so that the last place is the last true step.

Shapes: x (B, T, k), w (G·n, k), u (G·n, n), b (G·n,) or None, states (B, n) or None (zeros), length (B,) or None (all
T), masks or None: input_mask and state_mask (B, G·n), update_mask (B, T, n). No gradient goes to length and masks.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import numpy as np

from wlnet.kernels.crew import crew
from wlnet.kernels.kernel import Array


class Sequence(NamedTuple):
    """A sequence laid out for the loop: inputs (T, k, B), who is over when, and the masks features first."""

    inputs: Array
    over: Array | None
    shortest: int
    input_mask: Array | None
    state_mask: Array | None
    update_mask: Array | None

    def hold(self, states: Array, step: int) -> None:
        """Write the state before the step over that after it, where the sequence is over."""
        if self.over is not None and step >= self.shortest:
            np.copyto(states[step + 1], states[step], where=self.over[step])

    def parts(self, w: Array, b: Array | None, scale: Array | float = 1.0) -> Array:
        """z of all steps, (T, G·n, B), times a scale of each row."""
        with threads(w, self.inputs.shape[2]):
            z = (w * scale) @ self.inputs
        if self.input_mask is not None:
            z *= self.input_mask
        if b is not None:
            z += b[:, None] * scale
        return z

    def only_true(self, *slopes: Array) -> None:
        """Write 0 into slopes (T, features, B) where a sequence is over: there the step changes nothing."""
        if self.over is not None:
            for each in slopes:
                each[self.shortest :] *= ~self.over[self.shortest :, None]

    def kept_through(self, share: Array) -> Array:
        """How much of the state before each step stays in the one after it, (T, n, B): `share`, or all once over."""
        return share if self.over is None else np.where(self.over[:, None], share.dtype.type(1), share)

    def passed(self, like: Array) -> Array | None:
        """1 where a sequence is over, so that the state passes as it is, and else 0, (T, 1, B); None where none is."""
        return None if self.over is None else self.over[:, None].astype(like.dtype)


def laid_out(
    x: Array, length: Array | None, input_mask: Array | None, state_mask: Array | None, update_mask: Array | None
) -> Sequence:
    """The arguments of a kernel as a Sequence."""
    over, shortest = None, x.shape[1]
    if length is not None and np.min(length, initial=shortest) < shortest:
        over, shortest = np.arange(shortest)[:, None] >= length, max(0, int(np.min(length)))
    turned = None if update_mask is None else features_first(update_mask)
    return Sequence(features_first(x), over, shortest, columns(input_mask), columns(state_mask), turned)


# Products of fewer multiplications are done by one thread of BLAS: two are hardly faster there, and where other work is
# on the cores they wait for each other at every step, which made a layer up to sixteen times slower.
SMALL = 2**22


def threads(u: Array, batch: int) -> AbstractContextManager[Any]:
    """What a loop stands in whose steps multiply u with (n, batch)."""
    return crew.one_thread() if u.size * batch < SMALL else nullcontext()


def features_first(x: Array) -> Array:
    """(B, T, n) -> (T, n, B)."""
    return np.ascontiguousarray(x.transpose(1, 2, 0))


def columns(rows: Array | None) -> Array | None:
    """(B, n) -> (n, B)."""
    return None if rows is None else np.ascontiguousarray(rows.T)


def states_from(first: Array | None, count: int, like: Array) -> Array:
    """Room for a state before and after each of `count` steps, (count + 1, n, B), the first one written."""
    states = np.empty((count + 1, *like.shape), like.dtype)
    states[0] = 0 if first is None else first.T
    return states


def halves(gates: int, others: int, n: int, dtype: np.dtype) -> Array:
    """1/2 for the rows of the first gates and 1 for the others: sigmoid(z) is (1 + tanh(z / 2)) / 2."""
    scale = np.ones(((gates + others) * n, 1), dtype)
    scale[: gates * n] = 0.5
    return scale


def ask_states(sequence: Sequence, u: Array, state: Array, q: Array) -> None:
    """Write what the gates get from the state before, state_mask · (u s), into q."""
    np.matmul(u, state, q)
    if sequence.state_mask is not None:
        np.multiply(q, sequence.state_mask, q)


def to_sigmoid(t: Array) -> None:
    """Write (1 + t) / 2 over t = tanh(z / 2)."""
    t *= 0.5
    t += 0.5


def flat(steps: Array) -> Array:
    """(T, features, B) -> (features, T·B)."""
    return steps.transpose(1, 0, 2).reshape(steps.shape[1], -1)


def masked(steps: Array, mask: Array | None) -> Array:
    """Steps times a mask that is the same at all of them."""
    return steps if mask is None else steps * mask


def array_gradients(
    sequence: Sequence, states: Array, w: Array, d_z: Array, d_q: Array, wanted: tuple[int, ...]
) -> dict[int, Callable[[], Array]]:
    """The gradients of x, w, u and b (arguments 0 to 3), each made when called.

    `states` (T + 1, n, B); d_z and d_q (T, G·n, B) are the gradients of z and q, which may be one array.
    """
    _, k, batch = sequence.inputs.shape
    by_z = flat(masked(d_z, sequence.input_mask)) if {0, 1} & set(wanted) else d_z
    same = d_q is d_z and sequence.state_mask is None and sequence.input_mask is None

    def of_u() -> Array:
        by_q = by_z if same and by_z.ndim == 2 else flat(masked(d_q, sequence.state_mask))
        return by_q @ flat(states[:-1]).T

    return {
        0: lambda: np.ascontiguousarray((w.T @ by_z).reshape(k, -1, batch).transpose(2, 1, 0)),
        1: lambda: by_z @ flat(sequence.inputs).T,
        2: of_u,
        3: lambda: np.ones(batch, d_z.dtype) @ d_z.sum(0).T,
    }
