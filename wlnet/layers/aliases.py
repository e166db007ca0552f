"""Names of earlier versions, each a function that gives the layer of today."""

from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.fields import as_number
from wlnet.core.layer import Layer
from wlnet.core.symbols import Automatic, Scaled
from wlnet.layers.dense import LinearLayer
from wlnet.layers.normalization import NormalizationLayer
from wlnet.layers.resizing import ResizeLayer

RENAMED = {"Gamma": "Scaling", "Beta": "Biases"}
"""What arrays of NormalizationLayer were called in InstanceNormalizationLayer."""


def InstanceNormalizationLayer(*arguments: Any, **options: Any) -> Layer:
    """NormalizationLayer(): each channel of each example standardized. Gamma is Scaling, and Beta is Biases.

    >>> InstanceNormalizationLayer(Beta=None, Input=(3, 7, 5))
    NormalizationLayer(Biases=None, Input=(3, 7, 5))
    """
    if arguments:
        raise NetError(
            f"InstanceNormalizationLayer takes no positional arguments, got {len(arguments)}",
            hint="NormalizationLayer takes levels",
        )
    for old, new in RENAMED.items():
        if old in options and new in options:
            raise NetError(f"InstanceNormalizationLayer got {new} twice, as {old} too", hint=f"leave {old} out")
    return NormalizationLayer(**{RENAMED.get(name, name): value for name, value in options.items()})


def DotPlusLayer(*arguments: Any, **options: Any) -> Layer:
    """LinearLayer of the same arguments.

    >>> DotPlusLayer(4, Input=3)
    LinearLayer(4, Input=3)
    """
    return LinearLayer(*arguments, **options)


def UpsampleLayer(factor: Any = Automatic, **options: Any) -> Layer:
    """ResizeLayer of images: each pixel is repeated `factor` times across and down, unless Resampling="Linear".

    >>> UpsampleLayer(2, Input=(3, 7, 5))
    ResizeLayer((Scaled(2), Scaled(2)), Resampling="Nearest", Input=(3, 7, 5))
    """
    if factor is Automatic:
        raise NetError("UpsampleLayer needs factor", hint="write UpsampleLayer(factor, …)")
    number = as_number(factor)
    if not isinstance(number, int) or number < 1:
        raise NetError(f"UpsampleLayer: factor must be a positive whole number, got {factor!r}", got=factor)
    return ResizeLayer((Scaled(number), Scaled(number)), **{"Resampling": "Nearest", **options})
