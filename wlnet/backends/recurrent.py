"""The recurrent words of `xp`: on NumPy the kernels' one array cut into outputs, on JAX a scan over the steps.

On both, x (B, T, k), w (G·n, k), u (G·n, n), b (G·n,) or None, states (B, n) or None (zeros). `length` is an int (no
sequence ends early) or (B,): a sequence that is over holds its state, so the last state is that of the last true step.
The masks of dropout, input_mask and state_mask (B, G·n) and update_mask (B, T, n), are None or carry no gradient. The
formulas stand in `kernels.recur_basic`, `recur_gated` (gates i, r, m) and `recur_lstm` (gates i, f, o, m).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.backends.context import Array


def ends(length: Any) -> Array | None:
    """Lengths as the kernels take them: None where all sequences run to the end."""
    return length if np.ndim(length) else None


class PackedRecurrent:
    """The words on a backend whose primitives give one array.

    Whoever takes part offers NumPy's `stack` besides.
    """

    stack: Callable[..., Array]

    def scan(
        self, step: Callable[[Any, tuple], tuple[Any, tuple]], carry: Any, inputs: tuple[Array, ...]
    ) -> tuple[Any, tuple[Array, ...]]:
        """The last `carry`, and all outputs, of `step(carry, elements) -> (carry, outputs)` along axis 0 of inputs.

        It is what `jax.lax.scan` is for tuples of arrays.
        """
        steps = []
        for place in range(len(inputs[0])):
            carry, outputs = step(carry, tuple([each[place] for each in inputs]))
            steps.append(outputs)
        return carry, tuple([self.stack(each) for each in zip(*steps, strict=True)])

    on_basic: Callable[..., Array]
    on_gated: Callable[..., Array]
    on_lstm: Callable[..., Array]

    def basic(
        self, x: Array, w: Array, u: Array, b: Array | None, h: Array | None, length: Any,
        input_mask: Array | None = None, state_mask: Array | None = None, update_mask: Array | None = None,
    ) -> tuple[Array, Array]:  # fmt: skip
        """(states (B, T, n), last state (B, n)) of the basic recurrence."""
        states = self.on_basic(x, w, u, b, h, ends(length), input_mask, state_mask, update_mask)
        return states, states[:, -1]

    def gated(
        self, x: Array, w: Array, u: Array, b: Array | None, h: Array | None, length: Any,
        input_mask: Array | None = None, state_mask: Array | None = None, update_mask: Array | None = None,
    ) -> tuple[Array, Array]:  # fmt: skip
        """(states (B, T, n), last state (B, n)) of the gated recurrence."""
        states = self.on_gated(x, w, u, b, h, ends(length), input_mask, state_mask, update_mask)
        return states, states[:, -1]

    def lstm(
        self, x: Array, w: Array, u: Array, b: Array | None, h: Array | None, c: Array | None, length: Any,
        input_mask: Array | None = None, state_mask: Array | None = None, update_mask: Array | None = None,
    ) -> tuple[Array, Array, Array]:  # fmt: skip
        """(states (B, T, n), last state (B, n), last cell state (B, n)) of long short-term memory."""
        packed = self.on_lstm(x, w, u, b, h, c, ends(length), input_mask, state_mask, update_mask)
        return packed[:, :-1], packed[:, -2], packed[:, -1]


Step = Callable[[tuple[Array, ...], Array, Array, Array | None], tuple[Array, ...]]


class ScannedRecurrent:
    """The words on a backend that has a differentiable loop: `scan(step, carry, inputs) -> (carry, outputs)`.

    Whoever takes part offers NumPy's names besides, and `sigmoid`.
    """

    scan: Callable[..., tuple[Any, Any]]

    def recur(
        self, step: Step, x: Array, w: Array, u: Array, b: Array | None, first: tuple[Array | None, ...], length: Any,
        input_mask: Array | None, state_mask: Array | None, update_mask: Array | None,
    ) -> tuple[Array, ...]:  # fmt: skip
        """Runs `step(states, z, q, update_mask) -> states`; gives the first state of all steps, then the last ones."""
        xp: Any = self
        z = x @ w.T
        z = z if input_mask is None else z * input_mask[:, None]
        z = xp.swapaxes(z if b is None else z + b, 0, 1)
        zeros = xp.zeros_like(z, shape=(x.shape[0], u.shape[1]))
        updates = None if update_mask is None else xp.swapaxes(update_mask, 0, 1)

        def turn(before: tuple[Array, ...], given: tuple) -> tuple[tuple[Array, ...], Array]:
            place, here, update = given
            q = before[0] @ u.T
            after = step(before, here, q if state_mask is None else q * state_mask, update)
            if np.ndim(length):
                true = (place < length)[:, None]
                after = tuple(xp.where(true, new, old) for new, old in zip(after, before, strict=True))
            return after, after[0]

        start = tuple(zeros if state is None else state for state in first)
        last, states = self.scan(turn, start, (xp.arange(x.shape[1]), z, updates))
        return xp.swapaxes(states, 0, 1), *last

    def basic(
        self, x: Array, w: Array, u: Array, b: Array | None, h: Array | None, length: Any,
        input_mask: Array | None = None, state_mask: Array | None = None, update_mask: Array | None = None,
    ) -> tuple[Array, ...]:  # fmt: skip
        """(states (B, T, n), last state (B, n)) of the basic recurrence."""
        xp: Any = self

        def step(states: tuple[Array, ...], z: Array, q: Array, update: Array | None) -> tuple[Array, ...]:
            return (scaled(xp.tanh(z + q), update),)

        return self.recur(step, x, w, u, b, (h,), length, input_mask, state_mask, update_mask)

    def gated(
        self, x: Array, w: Array, u: Array, b: Array | None, h: Array | None, length: Any,
        input_mask: Array | None = None, state_mask: Array | None = None, update_mask: Array | None = None,
    ) -> tuple[Array, ...]:  # fmt: skip
        """(states (B, T, n), last state (B, n)) of the gated recurrence."""
        xp: Any = self
        n = u.shape[1]

        def step(states: tuple[Array, ...], z: Array, q: Array, update: Array | None) -> tuple[Array, ...]:
            i, r = xp.split(xp.sigmoid(z[:, : 2 * n] + q[:, : 2 * n]), 2, 1)
            m = scaled(xp.tanh(z[:, 2 * n :] + r * q[:, 2 * n :]), update)
            return ((1 - i) * m + i * states[0],)

        return self.recur(step, x, w, u, b, (h,), length, input_mask, state_mask, update_mask)

    def lstm(
        self, x: Array, w: Array, u: Array, b: Array | None, h: Array | None, c: Array | None, length: Any,
        input_mask: Array | None = None, state_mask: Array | None = None, update_mask: Array | None = None,
    ) -> tuple[Array, ...]:  # fmt: skip
        """(states (B, T, n), last state (B, n), last cell state (B, n)) of long short-term memory."""
        xp: Any = self
        n = u.shape[1]

        def step(states: tuple[Array, ...], z: Array, q: Array, update: Array | None) -> tuple[Array, ...]:
            i, f, o = xp.split(xp.sigmoid(z[:, : 3 * n] + q[:, : 3 * n]), 3, 1)
            cell = f * states[1] + scaled(i * xp.tanh(z[:, 3 * n :] + q[:, 3 * n :]), update)
            return o * xp.tanh(cell), cell

        return self.recur(step, x, w, u, b, (h, c), length, input_mask, state_mask, update_mask)


def scaled(update: Array, mask: Array | None) -> Array:
    """What is added to a state, thinned out by dropout."""
    return update if mask is None else update * mask
