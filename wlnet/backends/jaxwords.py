"""Our own words of `xp` on JAX: what NumPy has no name for, composed of JAX's operations, which XLA joins."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, log, prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from wlnet.backends.called import Call, Faults
from wlnet.backends.context import Array, Context
from wlnet.kernels.ctc import NEVER, SMALLEST


def kept(x: Array, real: Array | None) -> Array:
    """x with 0 at the places that are not real."""
    return x if real is None else jnp.where(real, x, 0.0)


def total(x: Array, axes: tuple[int, ...]) -> Array:
    """The sum over some axes, which stay as 1."""
    return jnp.sum(x, axes, keepdims=True)


def near(place: Array, size: int) -> tuple[Array, Array]:
    """The neighbour before each place in an image with a border of one, and the way from there: see kernels.sample."""
    held = jnp.where((place <= -1) | (place >= size), lax.stop_gradient(jnp.clip(place, -1, size)), place)
    low = lax.stop_gradient(jnp.minimum(jnp.floor(jnp.where(jnp.isnan(held), -1, held)), size - 1))
    return low.astype(int) + 1, held - low


class KernelWords(Context):
    """The kernels' words; a backend's context takes them in."""

    @staticmethod
    def gather(x: Array, index: Array) -> Array:
        """x (B, L, ...), index (B, K) from 0 -> (B, K, ...)."""
        return x[jnp.arange(x.shape[0])[:, None], index]

    @staticmethod
    def rows(table: Array, index: Array) -> Array:
        """table (n, ...), index of any shape, from 0 -> index.shape + table.shape[1:]."""
        return table[index]

    @staticmethod
    def linear(x: Array, weights: Array, biases: Array | None) -> Array:
        """x (B, m), weights (n, m), biases (n,) or None -> (B, n)."""
        y = x @ weights.T
        return y if biases is None else y + biases

    @staticmethod
    def convolve(
        x: Array, weights: Array, biases: Array | None, stride: Any, padding: Any, dilation: Any, groups: int = 1
    ) -> Array:
        """Cross-correlation, x (B, C, *size), weights (O, C / groups, *kernel), biases (O,) or None -> (B, O, *out)."""
        y = lax.conv_general_dilated(
            x, weights, tuple(stride), tuple(map(tuple, padding)),
            rhs_dilation=tuple(dilation), feature_group_count=groups,
        )  # fmt: skip
        return y if biases is None else y + biases.reshape(-1, *[1] * (x.ndim - 2))

    @staticmethod
    def deconvolve(
        x: Array, weights: Array, biases: Array | None, stride: Any, padding: Any, dilation: Any, groups: int = 1
    ) -> Array:
        """The input gradient of a convolution, x (B, C, *size), weights (C, O / groups, *kernel) -> (B, O, *out).

        It is a convolution of x with zeros between its places, by the kernel turned round, in and out exchanged.
        """
        kernel = weights.shape[2:]
        table = jnp.swapaxes(weights.reshape(groups, -1, *weights.shape[1:]), 1, 2)
        turned = jnp.flip(table.reshape(-1, weights.shape[0] // groups, *kernel), range(2, x.ndim))
        reaches = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        around = [(reach - before, reach - after) for reach, (before, after) in zip(reaches, padding, strict=True)]
        y = lax.conv_general_dilated(
            x, turned, (1,) * len(kernel), around, tuple(stride), tuple(dilation), feature_group_count=groups
        )
        return y if biases is None else y + biases.reshape(-1, *[1] * (x.ndim - 2))

    @staticmethod
    def resize(x: Array, axis: int, low: Array, weight: Array | None = None) -> Array:
        """x between the ascending places low and low + 1 of an axis, by weight; x at low where there is none."""
        y = jnp.take(x, low, axis)
        if weight is None:
            return y
        high = jnp.take(x, jnp.minimum(low + 1, x.shape[axis] - 1), axis)
        return y + (high - y) * weight.reshape(-1, *[1] * (x.ndim - 1 - axis))

    @staticmethod
    def sample(x: Array, row: Array, column: Array) -> Array:
        """x (B, C, H, W) at places row, column (B, h, w) from 0, bilinearly, with zeros around -> (B, C, h, w)."""
        wide = jnp.moveaxis(jnp.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), 1, -1)
        (top, down), (left, right) = near(row, x.shape[2]), near(column, x.shape[3])
        batch, down, right = jnp.arange(x.shape[0])[:, None, None], down[..., None], right[..., None]
        above, below = (
            wide[batch, at, left] * (1 - right) + wide[batch, at, left + 1] * right for at in (top, top + 1)
        )
        return jnp.moveaxis(above * (1 - down) + below * down, -1, 1)

    @staticmethod
    def pool(x: Array, function: str, kernel: Any, stride: Any, padding: Any) -> Array:
        """The maximum, mean or total of every window over the last axes, one for each size of the kernel."""
        lead = x.ndim - len(kernel)
        window, steps = (1,) * lead + tuple(kernel), (1,) * lead + tuple(stride)
        start, join = (-inf, lax.max) if function == "Max" else (0.0, lax.add)
        y = lax.reduce_window(
            x, x.dtype.type(start), join, window, steps, ((0, 0),) * lead + tuple(map(tuple, padding))
        )
        return y * (1 / prod(kernel)) if function == "Mean" else y

    def normalize(
        self, x: Array, scaling: Array | None, biases: Array | None, axes: tuple[int, ...], epsilon: Any,
        rms: bool = False, unbiased: bool = False, length: Any = None,
    ) -> Array:  # fmt: skip
        """Each example standardized over `axes`, then scaled and shifted by arrays that broadcast against x[0].

        `length` (B,) counts only places t < length along axis 1, where axis 1 is one of the axes.
        """
        axes = tuple(axis % x.ndim for axis in axes)
        real = None if length is None or 1 not in axes else self.within(x, length)
        size: Any = prod(x.shape[axis] for axis in axes)
        if real is not None:
            size = self.fit(jnp.maximum(length, 1) * (size // x.shape[1]), x.ndim)
        unit = kept(x, real)
        if not rms:
            unit = kept(unit - total(unit, axes) / size, real)
        spread = size - 1 if unbiased and not rms else size
        y = unit / jnp.sqrt(jnp.divide(total(unit * unit, axes), spread) + epsilon)
        y = y if scaling is None else y * scaling
        return y if biases is None else y + biases

    def batch_normalize(
        self, x: Array, scaling: Array | None, biases: Array | None, axis: int, epsilon: Any, real: Any = None
    ) -> tuple[Array, Array, Array]:
        """(y, mean, variance): each channel standardized over all other axes; mean and variance carry no gradient.

        `real` is None, or true where a place counts, and broadcasts against x.
        """
        axes = tuple(each for each in range(x.ndim) if each != axis % x.ndim)
        wide = tuple(-1 if each == axis % x.ndim else 1 for each in range(x.ndim))
        true = None if real is None else jnp.broadcast_to(jnp.asarray(real) != 0, x.shape)
        size: Any = prod(x.shape[each] for each in axes)
        if true is not None:
            size = jnp.maximum(jnp.sum(true, axes, keepdims=True, dtype=x.dtype), 1)
        mean = total(kept(x, true), axes) / size
        unit = kept(x - mean, true)
        variance = total(unit * unit, axes) / size
        y = unit / jnp.sqrt(variance + epsilon)
        y = y if scaling is None else y * scaling.reshape(wide)
        y = y if biases is None else y + biases.reshape(wide)
        return y, lax.stop_gradient(mean.reshape(-1)), lax.stop_gradient(variance.reshape(-1))

    @staticmethod
    def softmax(x: Array, axis: int = -1) -> Array:
        """exp(x) / sum(exp(x)) along an axis."""
        return jax.nn.softmax(x, axis)

    @staticmethod
    def attend(query: Array, key: Array, value: Array, scale: Any, seen: Any = None, drop: Any = None) -> Array:
        """softmax(scale · query · keyᵀ) · value, by example and head, of the pairs that are seen."""
        scores = (query * scale) @ jnp.swapaxes(key, -1, -2)
        weights = jax.nn.softmax(scores if seen is None else jnp.where(seen, scores, -1e30), -1)
        return (weights if drop is None else weights * drop) @ value

    @staticmethod
    def cross_entropy(p: Array, index: Array) -> Array:
        """-log(p[index]), p (N, C), index (N,) from 0; a p below the smallest normal number counts as it, slope 0."""
        picked, tiny = p[jnp.arange(p.shape[0]), index], jnp.finfo(p.dtype).tiny.item()
        return -jnp.log(jnp.where(picked > tiny, picked, tiny))

    @staticmethod
    def log_softmax_cross_entropy(x: Array, index: Array) -> Array:
        """-log(softmax(x)[index]) of logits x (N, C), index (N,) from 0."""
        shifted = x - lax.stop_gradient(jnp.max(x, 1, keepdims=True))
        return jnp.log(jnp.sum(jnp.exp(shifted), 1)) - shifted[jnp.arange(x.shape[0]), index]

    def called(
        self, x: Array, function: Any, gradient: Any, passes: int, whole: bool, shape: tuple, length: Array | None
    ) -> Array:
        """A function of the user's, with its gradient (None: slope 0); it runs in NumPy form: see `called.Call`."""
        call = Call(function, gradient, passes, whole, shape, self.path)

        @jax.custom_vjp
        def run(x: Array, length: Array | None) -> Array:
            return on_host(call.forward, call.full_shape(x), x, length)

        def forward(x: Array, length: Array | None) -> tuple[Array, tuple]:
            y = run(x, length)
            return y, (x, y, length)

        def backward(kept: tuple, g: Array) -> tuple[Array, None]:
            x, y, length = kept
            return on_host(call.backward, x.shape, x, g, y, length), None

        run.defvjp(forward, backward)
        return run(lax.stop_gradient(x) if gradient is None else x, length)

    @staticmethod
    @jax.jit  # or each of its steps is compiled alone where nothing around it is
    def ctc(p: Array, target: Array, times: Any, sizes: Any) -> Array:
        """-log P(target), p (B, T, C), target (B, L) from 0, lengths one or one an example -> (B,): `kernels.ctc`."""
        times, sizes = (jnp.broadcast_to(jnp.asarray(each), p.shape[:1]) for each in (times, sizes))
        places, rows = jnp.arange(2 * target.shape[1] + 1), jnp.arange(p.shape[0])
        there = places <= 2 * sizes[:, None]
        labels = jnp.pad(jnp.repeat(target, 2, 1), ((0, 0), (0, 1)))
        classes = jnp.where(there & (places % 2 == 1), labels, p.shape[2] - 1)
        skips = there & (places % 2 == 1) & (places > 1) & (classes != jnp.roll(classes, 2, 1))
        logs = jnp.log(jnp.where(p > SMALLEST, p, SMALLEST))[rows[:, None], :, classes]
        logs = jnp.moveaxis(jnp.where(there[:, :, None], logs, NEVER), 2, 0)
        amount, scale = ctc_paths(logs, skips)
        amount = jnp.where(places < 2 * sizes[:, None] - 1, NEVER, amount[times - 1, rows])
        loss = -jax.nn.logsumexp(amount, 1) - jnp.sum(jnp.where(jnp.arange(len(scale))[:, None] < times, scale, 0.0), 0)
        equal = (target[:, 1:] == target[:, :-1]) & (jnp.arange(1, target.shape[1]) < sizes[:, None])
        return jnp.where(sizes + jnp.sum(equal, 1) <= times, loss, times.astype(p.dtype) * -log(SMALLEST))


faults = Faults()


def on_host(function: Callable[..., Any], shape: tuple, x: Array, *others: Any) -> Array:
    """A NumPy function of arrays; inside a compiled function it is called back, and gives an array of that shape."""

    def call(*arrays: Any) -> np.ndarray:
        return function(*(each if each is None else np.asarray(each) for each in arrays))

    if any(isinstance(each, jax.core.Tracer) for each in (x, *others)):
        result = jax.ShapeDtypeStruct(shape, x.dtype)
        return jax.pure_callback(faults.tried(call, shape, x.dtype), result, x, *others)
    return jnp.asarray(call(x, *others))


def ctc_paths(logs: Array, skips: Array) -> tuple[Array, Array]:
    """The logarithms of all ways to each state at each step (T, B, S), less what was taken off: the sums of (T, B)."""
    first = jnp.where(jnp.arange(logs.shape[2]) < 2, logs[0], NEVER)

    def step(state: Array, here: Array) -> tuple[Array, tuple[Array, Array]]:
        scale = lax.stop_gradient(jnp.max(state, 1))
        state = state - scale[:, None]
        one, two = (jnp.pad(state, ((0, 0), (k, 0)), constant_values=NEVER)[:, :-k] for k in (1, 2))
        ways = jnp.stack([state, one, jnp.where(skips, two, NEVER)[:, : state.shape[1]]])
        state = jax.nn.logsumexp(ways, 0) + here
        return state, (state, scale)

    _, (states, scales) = lax.scan(step, first, logs[1:])
    return jnp.concatenate([first[None], states]), jnp.concatenate([jnp.zeros_like(scales[:1]), scales])
