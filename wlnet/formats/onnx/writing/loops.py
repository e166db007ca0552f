"""Sequences: the recurrent operators, and loops over steps as Scan."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np

from wlnet.formats.onnx.writing.kernels import Kernels
from wlnet.formats.onnx.writing.tensor import Tensor

NEVER = -1e30
SMALLEST = 1.1754944e-38


class Loops(Kernels):
    """Words of sequences."""

    # --- recurrent layers ---------------------------------------------------------------------------------------------

    def recurrent(
        self, op: str, gates: tuple[int, ...], x: Tensor, w: Tensor, u: Tensor, b: Tensor | None,
        states: tuple[Tensor | None, ...], length: Any, **attributes: Any,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        """An operator over time, with its gates in ONNX's order: x (B, T, k) -> (B, T, n), and the last states (B, n).

        ONNX has the time first, one axis for the direction, and biases of the input and of the state apart.
        """
        batch, count, n, rows = x.shape[0], x.shape[1], u.shape[1], u.shape[0]
        w, u = (self.expand_dims(self.by_gate(each, gates, n), 0) for each in (w, u))
        if b is not None:
            b = self.expand_dims(self.concatenate([self.by_gate(b, gates, n), self.zeros((rows,))]), 0)
        first = [None if each is None else self.expand_dims(each, 0) for each in states]
        ends = self.cast(length, np.int32) if isinstance(length, Tensor) else None
        outputs = [((count, 1, batch, n), np.float32), *[((1, batch, n), np.float32)] * len(states)]
        inputs = [self.swapaxes(x, 0, 1), w, u, b, ends, *first]
        sequence, *last = self.emit(op, inputs, outputs, hidden_size=n, **attributes)
        return (self.swapaxes(self.squeezed(sequence, (1,)), 0, 1), *[self.squeezed(each, (0,)) for each in last])

    def by_gate(self, array: Tensor, gates: tuple[int, ...], n: int) -> Tensor:
        """An array whose first axis holds the gates, in another order."""
        if gates == tuple(sorted(gates)):
            return array
        return self.concatenate([array[k * n : (k + 1) * n] for k in gates])

    def basic(self, x: Any, w: Any, u: Any, b: Any, h: Any, length: Any, *masks: Any) -> tuple[Tensor, ...]:
        """(states, last state) of the basic recurrence."""
        return self.recurrent("RNN", (0,), x, w, u, b, (h,), length)

    def gated(self, x: Any, w: Any, u: Any, b: Any, h: Any, length: Any, *masks: Any) -> tuple[Tensor, ...]:
        """(states, last state): the gates i, r, m are ONNX's z, r, h, with the reset behind the product."""
        return self.recurrent("GRU", (0, 1, 2), x, w, u, b, (h,), length, linear_before_reset=1)

    def lstm(self, x: Any, w: Any, u: Any, b: Any, h: Any, c: Any, length: Any, *masks: Any) -> tuple[Tensor, ...]:
        """(states, last state, last cell state): the gates i, f, o, m in ONNX's order i, o, f, c."""
        return self.recurrent("LSTM", (0, 2, 1, 3), x, w, u, b, (h, c), length)

    # --- loops --------------------------------------------------------------------------------------------------------

    def scan(self, step: Callable[[Any, tuple], tuple[Any, tuple]], carry: Any, inputs: tuple[Tensor, ...]) -> tuple:
        """The last `carry`, and all outputs, of `step(carry, elements) -> (carry, outputs)` along axis 0 of inputs."""
        first = flat(carry)
        count = inputs[0].shape[0]
        self.open_body()
        held = [Tensor(self, self.fresh("state"), each.shape, each.dtype) for each in first]
        elements = [Tensor(self, self.fresh("element"), each.shape[1:], each.dtype) for each in inputs]
        after, outputs = step(like(carry, iter(held)), tuple(elements))
        last = [self.broadcast_to(self.cast(self.lift(new), old.dtype), old.shape)
                for new, old in zip(flat(after), held, strict=True)]  # fmt: skip
        given = [self.lift(each) for each in outputs]
        body = self.close_body(self.fresh("step"), [*held, *elements], [*last, *given])
        declared = [(each.shape, each.dtype) for each in first]
        declared += [((count, *each.shape), each.dtype) for each in given]
        found = self.emit("Scan", [*first, *inputs], declared, num_scan_inputs=len(inputs), body=body)
        return like(carry, iter(found[: len(first)])), tuple(found[len(first) :])

    # --- connectionist temporal classification ------------------------------------------------------------------------

    def ctc(self, p: Tensor, target: Tensor, times: Any, sizes: Any) -> Tensor:
        """-log P(target), p (B, T, C), target (B, L) from 0, lengths one or one an example -> (B,).

        The sum over all ways through target with blanks between, step by step, in logarithms: see `kernels.ctc`.
        """
        batch, most, width = p.shape[0], p.shape[1], 2 * target.shape[1] + 1
        zeros = self.zeros((batch,), np.int64)
        times, sizes = (self.expand_dims(zeros + each, 1) for each in (times, sizes))
        places = self.expand_dims(self.arange(width), 0)
        inside = self.less_equal(places, sizes * 2)
        labels = self.concatenate([self.repeat(target, 2, 1), self.expand_dims(zeros, 1)], 1)
        is_label = self.logical_and(inside, self.equal(self.mod(places, 2), 1))
        classes = self.where(is_label, labels, p.shape[2] - 1)
        before = self.concatenate([classes[:, :2], classes[:, : width - 2]], 1)
        skips = self.logical_and(self.logical_and(is_label, places > 1), self.not_equal(classes, before))
        logs = self.gather(self.swapaxes(p, 1, 2), self.where(inside, classes, 0))  # (B, S, T)
        logs = self.where(self.expand_dims(inside, 2), self.log(self.maximum(logs, SMALLEST)), NEVER)
        last = self.last_of_paths(self.transpose(logs, (2, 0, 1)), skips, places, times, most)
        ends = self.where(self.less(places, sizes * 2 - 1), NEVER, self.where(inside, last, NEVER))
        same = self.logical_and(self.equal(target[:, 1:], target[:, :-1]), self.arange(1, target.shape[1]) < sizes)
        short = self.greater(sizes[:, 0] + self.sum(self.cast(same, np.int64), 1), times[:, 0])
        never = self.cast(times[:, 0], np.float32) * -log(SMALLEST)
        return self.where(short, never, -self.log_sum(ends))

    def last_of_paths(self, logs: Tensor, skips: Tensor, places: Tensor, times: Tensor, most: Any) -> Tensor:
        """The logarithms (B, S) of all ways to each state, at the last true step of each example."""
        start = self.where(self.less(places, 2), logs[0], NEVER)
        column = self.full((skips.shape[0], 2), NEVER)

        def step(state: Tensor, given: tuple) -> tuple[Tensor, tuple]:
            time, here = given
            wide = self.concatenate([column, state], 1)
            one, two = wide[:, 1 : 1 + state.shape[1]], wide[:, : state.shape[1]]
            ways = self.stack([state, one, self.where(skips, two, NEVER)], 2)
            after = self.maximum(self.log_sum(ways) + here, NEVER)
            return self.where(self.less(time, times), after, state), ()

        return self.scan(step, start, (self.arange(1, most), logs[1:]))[0]

    def log_sum(self, x: Tensor) -> Tensor:
        """log(sum(exp(x))) along the last axis."""
        top = self.max(x, -1, keepdims=True)
        return self.log(self.sum(self.exp(x - top), -1)) + self.squeeze(top, -1)


def flat(tree: Any) -> list:
    """The leaves of nested lists and tuples."""
    return [leaf for each in tree for leaf in flat(each)] if isinstance(tree, (list, tuple)) else [tree]


def like(tree: Any, leaves: Any) -> Any:
    """The same nesting with other leaves."""
    return type(tree)([like(each, leaves) for each in tree]) if isinstance(tree, (list, tuple)) else next(leaves)
