"""The kernels' words as ONNX's operators: products, windows, normalization, attention."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from wlnet.formats.onnx.writing.arithmetic import is_constant
from wlnet.formats.onnx.writing.reductions import Reductions
from wlnet.formats.onnx.writing.sizes import is_fixed
from wlnet.formats.onnx.writing.tensor import Tensor

TINY = float(np.finfo(np.float32).tiny)
HIDDEN = -1e30


class Kernels(Reductions):
    """Words of kernels."""

    within: Callable[..., Tensor]
    fit: Callable[..., Any]

    def linear(self, x: Tensor, weights: Tensor, biases: Tensor | None) -> Tensor:
        """x (B, m), weights (n, m), biases (n,) or None."""
        shape = (x.shape[0], weights.shape[0])
        if biases is None and self.opset < 11:
            return self.matmul(x, self.transpose(weights, (1, 0)))
        return self.node("Gemm", [x, weights, biases], shape, np.float32, transB=1)

    # --- windows ------------------------------------------------------------------------------------------------------

    def framed(self, x: Tensor, padding: Any, fill: float = 0.0) -> tuple[Tensor, list[int]]:
        """x and the padding as an attribute; one that the data say is put around x before."""
        pairs = [tuple(pair) for pair in padding]
        if not is_constant(tuple(pairs)):
            lead = x.ndim - len(pairs)
            x = self.pad(x, [(0, 0)] * lead + pairs, constant_values=fill)
            pairs = [(0, 0)] * len(pairs)
        return x, [pair[k] for k in (0, 1) for pair in pairs]

    def convolve(
        self, x: Tensor, weights: Tensor, biases: Tensor | None, stride: Any, padding: Any, dilation: Any,
        groups: int = 1,
    ) -> Tensor:  # fmt: skip
        """Cross-correlation, x (B, C, *size), weights (O, C / groups, *kernel)."""
        kernel = weights.shape[2:]
        x, pads = self.framed(x, padding)
        out = places(x.shape[2:], kernel, stride, pads, dilation)
        return self.node(
            "Conv", [x, weights, biases], (x.shape[0], weights.shape[0], *out), np.float32, kernel_shape=list(kernel),
            strides=list(stride), pads=pads, dilations=list(dilation), group=groups,
        )  # fmt: skip

    def deconvolve(
        self, x: Tensor, weights: Tensor, biases: Tensor | None, stride: Any, padding: Any, dilation: Any,
        groups: int = 1,
    ) -> Tensor:  # fmt: skip
        """The transpose of a convolution, x (B, C, *size), weights (C, O / groups, *kernel)."""
        kernel, pads = weights.shape[2:], [pair[k] for k in (0, 1) for pair in padding]
        rank = len(kernel)
        out = [
            (x.shape[2 + k] - 1) * stride[k] + dilation[k] * (kernel[k] - 1) + 1 - pads[k] - pads[rank + k]
            for k in range(rank)
        ]
        return self.node(
            "ConvTranspose", [x, weights, biases], (x.shape[0], weights.shape[1] * groups, *out), np.float32,
            kernel_shape=list(kernel), strides=list(stride), pads=pads, dilations=list(dilation), group=groups,
        )  # fmt: skip

    def pool(self, x: Tensor, function: str, kernel: Any, stride: Any, padding: Any) -> Tensor:
        """The maximum, mean or total of every window; a window of padding alone is put around x before."""
        kernel, rank = tuple(kernel), len(kernel)
        fill = -np.inf if function == "Max" else 0.0
        x, pads = self.framed(x, padding, fill)
        if any(pads[k] >= kernel[k % rank] for k in range(2 * rank)):
            x = self.pad(x, [(0, 0)] * (x.ndim - rank) + [(pads[k], pads[rank + k]) for k in range(rank)],
                         constant_values=fill)  # fmt: skip
            pads = [0] * (2 * rank)
        out = places(x.shape[x.ndim - rank :], kernel, stride, pads, (1,) * rank)
        attributes = {"kernel_shape": list(kernel), "strides": list(stride), "pads": pads}
        shape = (*x.shape[: x.ndim - rank], *out)
        if function == "Max":
            return self.node("MaxPool", [x], shape, np.float32, **attributes)
        mean = self.node("AveragePool", [x], shape, np.float32, count_include_pad=1, **attributes)
        return mean if function == "Mean" else mean * float(prod(kernel))

    # --- statistics ---------------------------------------------------------------------------------------------------

    def normalize(
        self, x: Tensor, scaling: Tensor | None, biases: Tensor | None, axes: Any, epsilon: float,
        rms: bool = False, unbiased: bool = False, length: Any = None,
    ) -> Tensor:  # fmt: skip
        """Each example standardized over some axes: by an operator where one does just that."""
        axes = tuple(sorted(axis % x.ndim for axis in axes))
        true = length if length is not None and 1 in axes else None
        named = None if rms or unbiased or true is not None else self.named_norm(x, scaling, biases, axes, epsilon)
        return self.norm(x, scaling, biases, axes, epsilon, rms, unbiased, true) if named is None else named

    def named_norm(
        self, x: Tensor, scaling: Tensor | None, biases: Tensor | None, axes: tuple, epsilon: float
    ) -> Tensor | None:
        """InstanceNormalization or LayerNormalization, where the axes, and the shape of the arrays, are theirs."""
        inner, shapes = x.shape[axes[0] :], [each.shape for each in (scaling, biases) if each is not None]
        if axes == tuple(range(2, x.ndim)) and is_fixed(x.shape[1]) and all(
            cut_ones(shape, x.ndim - 1) == (x.shape[1], *(1,) * (x.ndim - 2)) for shape in shapes
        ):  # fmt: skip
            channels = (x.shape[1],)
            flat = [self.full(channels, 1.0) if scaling is None else self.reshape(scaling, channels),
                    self.full(channels, 0.0) if biases is None else self.reshape(biases, channels)]  # fmt: skip
            return self.node("InstanceNormalization", [x, *flat], x.shape, np.float32, epsilon=float(epsilon))
        trailing = axes == tuple(range(axes[0], x.ndim)) and is_constant(inner)
        if self.opset >= 17 and trailing and all(cut_ones(shape, len(inner)) == inner for shape in shapes):
            arrays = [self.ones(inner) if scaling is None else self.reshape(scaling, inner),
                      None if biases is None else self.reshape(biases, inner)]  # fmt: skip
            options = {"axis": axes[0], "epsilon": float(epsilon)}
            return self.node("LayerNormalization", [x, *arrays], x.shape, np.float32, **options)
        return None

    def norm(
        self, x: Tensor, scaling: Tensor | None, biases: Tensor | None, axes: tuple, epsilon: float, rms: bool,
        unbiased: bool, length: Any,
    ) -> Tensor:  # fmt: skip
        """The formula, over the true places."""
        size: Any = prod(x.shape[axis] for axis in axes)
        real = None if length is None else self.within(x, length)
        if real is not None:
            size = self.fit(self.maximum(length, 1) * (size // x.shape[1]), x.ndim)
        unit = x if real is None else self.where(real, x, 0.0)
        if not rms:
            centred = unit - self.sum(unit, axes, keepdims=True) / size
            unit = centred if real is None else self.where(real, centred, 0.0)
        spread = size - 1 if unbiased and not rms else size
        y = unit / self.sqrt(self.sum(unit * unit, axes, keepdims=True) / spread + epsilon)
        y = y if scaling is None else y * scaling
        return y if biases is None else y + biases

    # --- attention and losses -----------------------------------------------------------------------------------------

    def attend(
        self, query: Tensor, key: Tensor, value: Tensor, scale: Any, seen: Any = None, drop: Any = None
    ) -> Tensor:
        """softmax(scale · query · keyᵀ) · value, of the pairs that are seen."""
        scores = self.matmul(query if scale == 1.0 else query * scale, self.swapaxes(key, -1, -2))
        return self.matmul(self.softmax(scores if seen is None else self.where(seen, scores, HIDDEN), -1), value)

    def cross_entropy(self, p: Tensor, index: Tensor) -> Tensor:
        """-log(p[index]), p (N, C), index (N,) from 0."""
        picked = self.part(self.gather(p, self.expand_dims(index, 1)), (slice(None), 0))
        return -self.log(self.maximum(picked, TINY))

    # --- images -------------------------------------------------------------------------------------------------------

    def resize(self, x: Tensor, axis: int, low: Tensor, weight: Tensor | None = None) -> Tensor:
        """x between the places low and low + 1 of an axis, by weight; x at low where there is none."""
        shape = (*x.shape[:axis], low.shape[0], *x.shape[axis + 1 :])
        y = self.node("Gather", [x, low], shape, x.dtype, axis=axis)
        if weight is None:
            return y
        high = self.node("Gather", [x, self.minimum(low + 1, x.shape[axis] - 1)], shape, x.dtype, axis=axis)
        return y + (high - y) * self.reshape(weight, (-1, *[1] * (x.ndim - 1 - axis)))

    def sample(self, x: Tensor, row: Tensor, column: Tensor) -> Tensor:
        """x (B, C, H, W) at places row, column (B, h, w) from 0, bilinearly, with zeros around."""
        height, width = x.shape[2:]
        if self.opset >= 16 and is_constant((height, width)) and min(height, width) > 1:
            across, down = column * (2 / (width - 1)) - 1.0, row * (2 / (height - 1)) - 1.0
            shape = (x.shape[0], x.shape[1], *across.shape[1:])
            options = {
                "mode": "linear" if self.opset >= 20 else "bilinear",
                "padding_mode": "zeros",
                "align_corners": 1,
            }
            return self.node("GridSample", [x, self.stack([across, down], -1)], shape, np.float32, **options)
        wide = self.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        flat = self.swapaxes(self.reshape(wide, (x.shape[0], x.shape[1], (height + 2) * (width + 2))), 1, 2)
        (top, down), (left, right) = self.near(row, height), self.near(column, width)

        def corner(one: int, other: int) -> Tensor:
            place = (top + one) * (width + 2) + (left + other)
            return self.gather(flat, self.reshape(place, (row.shape[0], prod(row.shape[1:]))))

        down, right = (self.reshape(each, (row.shape[0], prod(row.shape[1:]), 1)) for each in (down, right))
        above, below = (corner(k, 0) * (1.0 - right) + corner(k, 1) * right for k in (0, 1))
        mixed = above * (1.0 - down) + below * down
        return self.reshape(self.swapaxes(mixed, 1, 2), (x.shape[0], x.shape[1], *row.shape[1:]))

    def near(self, place: Tensor, size: Any) -> tuple[Tensor, Tensor]:
        """The neighbour before each place in an image with a border of one, and the way from there."""
        held = self.clip(place, -1.0, float(size))
        low = self.minimum(self.floor(held), float(size) - 1.0)
        return self.cast(low, np.int64) + 1, held - low


def cut_ones(shape: tuple, rank: int) -> tuple:
    """A shape of that rank, without sizes of 1 that stand before, or with more of them."""
    more = len(shape) - rank
    if more <= 0:
        return (1,) * -more + shape
    return shape[more:] if shape[:more] == (1,) * more else shape


def places(sizes: Any, kernel: Any, stride: Any, pads: list[int], dilation: Any) -> list[Any]:
    """How many places a window has along each dimension of space."""
    rank = len(kernel)
    return [
        (sizes[k] + pads[k] + pads[rank + k] - dilation[k] * (kernel[k] - 1) - 1) // stride[k] + 1 for k in range(rank)
    ]
