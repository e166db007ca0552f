"""Ramp and logistic sigmoid, the two functions of one value that nets are fullest of."""

from __future__ import annotations

import numpy as np

from wlnet.kernels.kernel import Array, Kernel


def ramp_forward(x: Array) -> tuple[Array, None]:
    """max(x, 0).

    >>> ramp_forward(np.array([-2.0, 3.0]))[0].tolist()
    [0.0, 3.0]
    """
    return np.maximum(x, 0), None


def ramp_backward(g: Array, wanted: tuple[int, ...], y: Array, kept: None, x: Array) -> tuple[Array, ...]:
    """1 above 0, and 0 at 0 itself."""
    d = (y > 0).astype(g.dtype)
    d *= g
    return (d,)


def sigmoid_forward(x: Array) -> tuple[Array, Array]:
    """1 / (1 + exp(-x)): exact in both tails, down to the smallest normal number.

    >>> sigmoid_forward(np.array([0.0, -700.0]))[0].tolist()
    [0.5, 9.85967654375977e-305]
    """
    most = 88.0 if x.dtype == np.float32 else 708.0  # the exponential stays finite, and so does its gradient
    large = np.asarray(-x)
    np.minimum(large, most, out=large)
    np.exp(large, out=large)
    y = np.asarray(1 + large)
    return np.divide(1, y, out=y), large


def sigmoid_backward(g: Array, wanted: tuple[int, ...], y: Array, large: Array, x: Array) -> tuple[Array, ...]:
    """exp(-x) y²: y (1 - y) without the cancellation at large x."""
    d = np.asarray(large * y)
    d *= y
    d *= g
    return (d,)


ramp = Kernel(ramp_forward, ramp_backward)
sigmoid = Kernel(sigmoid_forward, sigmoid_backward)
