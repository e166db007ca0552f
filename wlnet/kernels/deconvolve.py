"""Deconvolve: the input gradient of a convolution, as a forward with gradients of its own."""

from __future__ import annotations

import numpy as np

from wlnet.kernels.convolve import Padding, Sizes, convolve_backward, convolve_forward
from wlnet.kernels.kernel import Array, Kernel


def spread(size: Sizes, kernel: Sizes, stride: Sizes, padding: Padding, dilation: Sizes) -> Sizes:
    """The sizes whose convolution has `size` places: stride · (size - 1) + dilation · (kernel - 1) + 1, less the crop.

    >>> spread((4,), (3,), (2,), ((1, 0),), (1,))
    (8,)
    """
    facts = zip(size, kernel, stride, padding, dilation, strict=True)
    return tuple(s * (n - 1) + d * (k - 1) + 1 - before - after for n, k, s, (before, after), d in facts)


def deconvolve_forward(
    x: Array, weights: Array, biases: Array | None,
    stride: Sizes, padding: Padding, dilation: Sizes, groups: int = 1,
) -> tuple[Array, None]:  # fmt: skip
    """x (B, C, *size), weights (C, O / groups, *kernel), biases (O,) or None -> (B, O, *out); padding is cropped.

    >>> x, weights = np.array([[[1.0, 2.0]]]), np.array([[[1.0, 10.0, 100.0]]])
    >>> deconvolve_forward(x, weights, None, (2,), ((0, 1),), (1,))[0].tolist()
    [[[1.0, 10.0, 102.0, 20.0]]]
    """
    out = spread(x.shape[2:], weights.shape[2:], stride, padding, dilation)
    image = np.empty((len(x), weights.shape[1] * groups, *out), np.result_type(x, weights))  # its shape alone is read
    (y,) = convolve_backward(x, (0,), x, None, image, weights, None, stride, padding, dilation, groups)
    if biases is not None:
        y = y + biases.reshape(-1, *(1,) * len(out))
    return y, None


def deconvolve_backward(
    g: Array, wanted: Sizes, y: Array, kept: None, x: Array, weights: Array, biases: Array | None,
    stride: Sizes, padding: Padding, dilation: Sizes, groups: int = 1,
) -> tuple[Array, ...]:  # fmt: skip
    """The gradients of x, weights and biases: the convolution of g, and what its weights would learn from x."""
    settings = stride, padding, dilation, groups
    found = {}
    if 0 in wanted:
        found[0] = convolve_forward(g, weights, None, *settings)[0]
    if 1 in wanted:
        (found[1],) = convolve_backward(x, (1,), x, None, g, weights, None, *settings)
    if 2 in wanted:
        length = g[0, 0].size
        found[2] = (g.reshape(-1, length) @ np.ones(length, g.dtype)).reshape(g.shape[:2]).sum(0)
    return tuple(found[number] for number in wanted)


deconvolve = Kernel(deconvolve_forward, deconvolve_backward)
