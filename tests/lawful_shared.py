"""Rows of the laws: arrays that stand in several places under one name."""
# ruff: noqa: F405 - written as a user writes

from tests.lawful import case
from wlnet import *  # noqa: F403

W = NetArray("w")

SHARED = [
    case(LinearLayer(2, Weights=W, Input=3)),
    case(LinearLayer(2, Weights=NetArray("w", Dimensions=(2, 3)), Biases=NetArray("b"))),
    case(NetArrayLayer(Array=NetArray("w", Array=[[1, 2, 3], [5, 7, 11]]))),
    case(NetChain([LinearLayer(3, Weights=W), "Tanh", LinearLayer(3, Weights=W, Biases=None)], Input=3)),
    case(
        NetGraph(
            {"w": NetArrayLayer(Array=W), "l": LinearLayer(2, Weights=W), "d": DotLayer(InputPorts=2)},
            [(NetPort("Input"), "l"), (("l", "w"), "d")],
            Input=3,
        )
    ),
    case(
        NetChain(
            {
                "a": ConvolutionLayer(3, 2, Weights=W, PaddingSize=1),
                "in": NetChain([ConvolutionLayer(3, 2, Weights=W, Stride=2, LearningRateMultipliers={W: 0})]),
            },
            Input=(3, 7),
            LearningRateMultipliers={W: 2},
        )
    ),
    case(
        NetChain(
            [
                GatedRecurrentLayer(3, InputGateInputWeights=W, ResetGateInputWeights=W),
                GatedRecurrentLayer(3, MemoryGateInputWeights=W, MemoryGateBiases=NetArray("b", Array="Random")),
            ],
            Input=("Varying", 3),
        )
    ),
    case(NetInsertSharedArrays(NetChain([3, BatchNormalizationLayer(), 2], Input=5), "net/")),
    case(
        NetChain([NetMapOperator(LinearLayer(3, Weights=W)), LinearLayer((5, 3), Weights=NetArray("v"))], Input=(5, 3))
    ),
    case(
        NetChain(
            [NetMapOperator(LinearLayer(3, Weights=W)), NetMapOperator([LinearLayer(3, Weights=W), "Tanh"])],
            Input=("Varying", 3),
        )
    ),
]

CASES = [*SHARED]
