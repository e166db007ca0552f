"""Layers that are one operator of ONNX where their `apply` is several, by class: what writes them instead."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.core.layer import Layer
from wlnet.formats.onnx.writing.sizes import is_fixed
from wlnet.formats.onnx.writing.tensor import Tensor
from wlnet.layers.aggregation import AggregationLayer
from wlnet.layers.elementwise import ElementwiseLayer
from wlnet.layers.images import LocalResponseNormalizationLayer
from wlnet.layers.normalization import BatchNormalizationLayer
from wlnet.layers.resizing import ResizeLayer
from wlnet.layers.scaling import ParametricRampLayer
from wlnet.layers.structure import FlattenLayer

HEADS: dict[str, tuple[str, int, dict[str, Any]]] = {
    "SELU": ("Selu", 6, {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805}),
    "ELU": ("Elu", 6, {"alpha": 1.0}),
    "HardSigmoid": ("HardSigmoid", 6, {"alpha": 0.5, "beta": 0.5}),
    "SoftSign": ("Softsign", 1, {}),
    "HardSwish": ("HardSwish", 14, {}),
    "Mish": ("Mish", 18, {}),
    "GELU": ("Gelu", 20, {}),
}
"""Functions of ElementwiseLayer that are one operator from a version on, with its attributes."""


def elementwise(layer: ElementwiseLayer, xp: Any, Input: Tensor) -> Any:
    op, since, attributes = HEADS.get(layer.f, ("", math.inf, {})) if isinstance(layer.f, str) else ("", math.inf, {})
    return layer.apply(xp, Input) if xp.opset < since else xp.one(op, Input, **attributes)


def batch_normalization(
    layer: BatchNormalizationLayer, xp: Any, Input: Tensor, Scaling: Any, Biases: Any, MovingMean: Any,
    MovingVariance: Any, shape: tuple,
) -> Tensor:  # fmt: skip
    last = layer.Interleaving and Input.ndim > 2
    x = xp.moveaxis(Input, -1, 1) if last else Input
    sizes = MovingMean.shape
    arrays = [xp.ones(sizes) if Scaling is None else Scaling, xp.zeros(sizes) if Biases is None else Biases]
    y = xp.node(
        "BatchNormalization", [x, *arrays, MovingMean, MovingVariance], x.shape, np.float32, epsilon=layer.Epsilon
    )
    return xp.moveaxis(y, 1, -1) if last else y


def local_response(layer: LocalResponseNormalizationLayer, xp: Any, Input: Tensor) -> Tensor:
    if layer.Bias == 0:  # where all is 0, 0 / 0 stays 0 with us
        return layer.apply(xp, Input)
    size = 2 * layer.ChannelWindowSize + 1
    numbers = {"alpha": float(layer.Alpha), "beta": float(layer.Beta), "bias": float(layer.Bias)}
    return xp.node("LRN", [Input], Input.shape, np.float32, size=size, **numbers)


def parametric_ramp(layer: ParametricRampLayer, xp: Any, Input: Tensor, Slope: Tensor) -> Tensor:
    sloped = layer.own_levels(Input.ndim - 1)
    wide = tuple(size if level in sloped else 1 for level, size in enumerate(Input.shape[1:], start=1))
    return xp.node("PRelu", [Input, xp.reshape(Slope, wide)], Input.shape, np.float32)


def flatten(layer: FlattenLayer, xp: Any, Input: Tensor) -> Tensor:
    if layer.n != math.inf or Input.ndim < 2:
        return layer.apply(xp, Input)
    total = math.prod(Input.shape[1:])
    return xp.node("Flatten", [Input], (Input.shape[0], total), Input.dtype, axis=1)


def resize(layer: ResizeLayer, xp: Any, Input: Tensor, size: tuple, outsize: tuple) -> Tensor:
    """Resize, for images of fixed size with the channels first."""
    fixed = all(map(is_fixed, (*size, *outsize)))
    if layer.Interleaving or layer.Resampling == "Nearest" or not fixed or len(size) > 2 or xp.opset < 11:
        return layer.apply(xp, Input, size, outsize)
    mode = "half_pixel" if layer.Scheme == "Bin" else "align_corners"
    shape = (*Input.shape[:2], *outsize)
    return xp.node(
        "Resize", [Input, xp.constant(np.zeros(0, np.float32)) if xp.opset < 13 else None,
                   xp.constant(np.zeros(0, np.float32)) if xp.opset < 13 else None, xp.sizes(shape)],
        shape, np.float32, mode="linear", coordinate_transformation_mode=mode,
    )  # fmt: skip


def aggregation(layer: AggregationLayer, xp: Any, Input: Tensor, shape: tuple) -> Tensor:
    """ReduceMean, where all of the elements count."""
    axes = layer.gone(Input.ndim - 1)
    if layer.f != "Mean" or (1 in axes and not isinstance(shape[0], int)):
        return layer.apply(xp, Input, shape)
    return xp.mean(Input, axes)


INSTEAD: dict[type[Layer], Callable[..., Any]] = {
    AggregationLayer: aggregation,
    ElementwiseLayer: elementwise,
    BatchNormalizationLayer: batch_normalization,
    LocalResponseNormalizationLayer: local_response,
    ParametricRampLayer: parametric_ramp,
    FlattenLayer: flatten,
    ResizeLayer: resize,
}
"""What writes the layers of a class in the place of their `apply`."""
