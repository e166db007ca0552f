"""The filtering layers beside convolution and pooling, for the table of the laws."""

from tests.lawful import case
from wlnet import (
    All,
    DeconvolutionLayer,
    DotPlusLayer,
    ImageAugmentationLayer,
    InstanceNormalizationLayer,
    LocalResponseNormalizationLayer,
    ResizeLayer,
    Scaled,
    SpatialTransformationLayer,
    UpsampleLayer,
)

VARYING = {"Interleaving": True, "Input": ("Varying", 3)}

CASES = [
    case(DeconvolutionLayer(2, 3, Input=(3, 7))),
    case(DeconvolutionLayer(4, (2, 3), Stride=(2, 1), Input=(3, 7, 5))),
    case(DeconvolutionLayer(4, (3, 2), ChannelGroups=2, Dilation=(2, 1), PaddingSize=1, Input=(2, 7, 5))),
    case(DeconvolutionLayer(2, 3, PaddingSize="Same", Stride=2, Input=(3, 7, 5))),
    case(DeconvolutionLayer(2, (2, 3), PaddingSize=((1, 0), (0, 2)), Biases=None, Input=(3, 4, 5))),
    case(DeconvolutionLayer(2, 2, Interleaving=True, Input=(7, 5, 3))),
    case(DeconvolutionLayer(2, (2, 2, 3), Stride=(1, 2, 1), Input=(2, 3, 4, 5))),
    case(DeconvolutionLayer(Weights=[[[1, 2], [3, 5]], [[7, 11], [13, 17]]], LearningRateMultipliers=0, Input=(2, 5))),
    case(DeconvolutionLayer(2, 3, PaddingSize=1, **VARYING)),
    case(DeconvolutionLayer(2, 3, Stride=2, PaddingSize="Same", **VARYING)),
    case(DeconvolutionLayer(2, 2, Dimensionality=1, Stride=3, Dilation=2, PaddingSize=((1, 0),), **VARYING)),
    case(ResizeLayer((5,), Input=(3, 7))),
    case(ResizeLayer((5, 11), Input=(3, 2, 7))),
    case(ResizeLayer((Scaled(2), All), Scheme="Bin", Input=(3, 5, 7))),
    case(ResizeLayer((3, Scaled(1.5), 2), Resampling="Linear", Scheme="Point", Input=(2, 5, 3, 7))),
    case(ResizeLayer((Scaled(3), Scaled(2)), Resampling="Nearest", Input=(3, 5, 7))),
    case(ResizeLayer((Scaled(3),), Resampling="Nearest", Scheme="Point", Input=(2, 5))),
    case(ResizeLayer((11, 2), Interleaving=True, Input=(5, 7, 3))),
    case(ResizeLayer((1,), Input=(3, 7))),
    case(ResizeLayer((Scaled(2),), **VARYING)),
    case(ResizeLayer((Scaled(0.5),), Scheme="Bin", **VARYING)),
    case(ResizeLayer((Scaled(2),), Resampling="Nearest", **VARYING)),
    case(ResizeLayer((11,), **VARYING)),
    case(ResizeLayer((All, 5), Interleaving=True, Input=("Varying", 3, 2))),
    case(SpatialTransformationLayer((5, 2), Input=(3, 7, 11))),
    case(SpatialTransformationLayer((1, 3), Input=(2, 5, 7))),
    case(ImageAugmentationLayer((3, 2), Input=(3, 5, 7))),
    case(ImageAugmentationLayer((5, 2), ReflectionProbabilities=(0.5, 1), Input=(2, 5, 7))),
    case(LocalResponseNormalizationLayer(Input=(7, 2, 3))),
    case(LocalResponseNormalizationLayer(Alpha=0.5, Beta=0.75, Bias=2, ChannelWindowSize=1, Input=(3, 5, 2))),
    case(InstanceNormalizationLayer(Gamma=[1, 2, 3], Beta=None, Input=(3, 5))),
    case(UpsampleLayer(2, Input=(3, 5, 2))),
    case(DotPlusLayer(4, Input=3)),
]
"""Every form of argument, and every option off its default."""
