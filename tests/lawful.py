"""The table of the laws: one line enrols a layer, in every argument form and with every option off its default."""

from dataclasses import dataclass, field
from typing import Any

import wlnet
from wlnet import *  # noqa: F403 - the table is written as a user writes
from wlnet import Layer


@dataclass(frozen=True)
class Case:
    """A net to hold the laws against, and what data suit it.

    domain: the interval of its real inputs. simplex: ports whose last level sums to 1. rough leaves the case out of
    the law of differences, for the reason that it gives.
    """

    net: Layer
    domain: tuple[float, float] = (-2.0, 2.0)
    simplex: tuple[str, ...] = ()
    domains: dict[str, tuple[float, float]] = field(default_factory=dict)
    rough: str = ""

    def __repr__(self) -> str:
        return repr(self.net)


def case(net: Layer, **facts: Any) -> Case:
    return Case(net, **facts)


LINEAR = [
    case(LinearLayer(4, Input=3)),
    case(LinearLayer((2, 3), Input=(5, 2))),
    case(LinearLayer((), Input=3)),
    case(LinearLayer(Input=3, Output=5)),
    case(LinearLayer(2, Biases=None, Input=(3, 5))),
    case(LinearLayer(2, Weights=[[1, 2, 3], [4, 5, 7]], LearningRateMultipliers={"Biases": 0})),
    case(SoftmaxLayer(Input=5)),
    case(SoftmaxLayer(1, Input=(5, 3))),
    case(SoftmaxLayer(-2, Input=(2, 5, 3))),
    case(SoftmaxLayer(Input="Varying")),
    case(SoftmaxLayer(1, Input=("Varying", 3))),
    case(SoftmaxLayer(2, Input=("n", 3))),
]

UNIT = (0.05, 0.95)
DOMAINS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(["ArcSin", "ArcCos", "ArcTanh", "InverseErf"], (-0.9, 0.9)),
    **dict.fromkeys(["InverseHaversine", "ArcSech"], UNIT),
    "InverseErfc": (0.1, 1.9),
    **dict.fromkeys(["ArcSec", "ArcCsc", "ArcCosh", "ArcCoth"], (1.1, 3.0)),
    **dict.fromkeys(["Log", "Log2", "Log10", "Sqrt", "CubeRoot", "Gamma", "LogGamma"], (0.2, 3.0)),
    **dict.fromkeys(["Tan", "Sec", "InverseGudermannian"], (-1.2, 1.2)),
    **dict.fromkeys(["Cot", "Csc", "Coth", "Csch", "ArcCot", "ArcCsch"], (0.3, 2.0)),
}
UNARY = [
    name
    for name, head in wlnet.core.heads.HEADS.items()
    if head.least == 1 and name not in ("Plus", "Times", "Min", "Max", "And", "Or", "Not")
]

ELEMENTWISE = [
    *[case(ElementwiseLayer(name, Input=(2, 3)), domain=DOMAINS.get(name, (-2.0, 2.0))) for name in UNARY],
    case(ElementwiseLayer(lambda x: x**2 + Tanh(x) / 3, Input=5)),
    case(ElementwiseLayer(lambda x: If(x > 0.5, x, Clip(x, (-1, 0.3))), Input=("Varying", 2))),
    case(ElementwiseLayer("Ramp", Input="Varying")),
    case(ThreadingLayer("Plus", InputPorts=[(3, 5), (3, 5)])),
    case(ThreadingLayer("Times", InputPorts={"A": (3, 1), "B": (1, 5)})),
    case(ThreadingLayer("Divide", 1, InputPorts=[(3, 5), 5]), domains={"Input2": (0.5, 2.0)}),
    case(ThreadingLayer("Subtract", -1, InputPorts=[(3, 5), 3])),
    case(ThreadingLayer("Power", None, InputPorts=[(3, 5), (3, 5)]), domains={"Input1": (0.5, 2.0)}),
    case(ThreadingLayer("Plus", (2, 1, 1), InputPorts=[(2, 5), (2, 3, 5), 5])),
    case(ThreadingLayer("Max", None, InputPorts=3, Output=5)),
    case(ThreadingLayer("ArcTan", InputPorts=[3, 3])),
    case(ThreadingLayer(lambda a, b: a * Exp(-b) + 1, a=3, b=3)),
    case(ThreadingLayer("Plus", InputPorts=[("n", 3), ("n", 3)])),
    case(ThreadingLayer("Times", 1, InputPorts=[("Varying", 3), 3])),
]

NORMALIZATION = [
    case(NormalizationLayer(Input=(3, 5))),
    case(NormalizationLayer("2;;All", "Same", Epsilon=1e-5, Input=(3, 2, 5))),
    case(NormalizationLayer("2;;", Input=(3, 2, 5))),
    case(NormalizationLayer(";;2", Input=(3, 2, 5))),
    case(NormalizationLayer(1, Input=(5, 3))),
    case(NormalizationLayer(-1, (1, 2), Input=(3, 2, 5))),
    case(NormalizationLayer((3, 1), Input=(3, 2, 5))),
    case(NormalizationLayer(All, Input=(3, 5))),
    case(NormalizationLayer(All, 1, GroupNumber=(2, 1, 1), Input=(6, 2, 5))),
    case(NormalizationLayer("2;;All", GroupNumber=2, Input=(3, 4, 6))),
    case(NormalizationLayer(Unbiased=True, Input=(3, 5))),
    case(NormalizationLayer(Method="RMS", Input=(3, 5))),
    case(NormalizationLayer(2, "Same", Method="RMS", Biases=None, Input=(3, 5))),
    case(NormalizationLayer(Scaling=None, Input=(3, 5))),
    case(NormalizationLayer(Scaling=[1, 2, 3], Biases=[4, 5, 6], Input=(3, 5))),
    case(NormalizationLayer(Epsilon=0, Input=(3, 5))),
    case(NormalizationLayer(LearningRateMultipliers=0, Input=(3, 5))),
    case(NormalizationLayer(2, "Same", Input=("Varying", 3))),
    case(NormalizationLayer(1, 2, Input=("Varying", 3))),
    case(NormalizationLayer(All, 2, Input=("Varying", 3))),
    case(NormalizationLayer(All, 2, Unbiased=True, Method="RMS", Input=("Varying", 3))),
    case(BatchNormalizationLayer(Input=5)),
    case(BatchNormalizationLayer(Input=(3, 2, 5))),
    case(BatchNormalizationLayer(Interleaving=True, Epsilon=0.1, Momentum=0.5, Input=(5, 3))),
    case(BatchNormalizationLayer(Interleaving=True, Input=("Varying", 3))),
    case(BatchNormalizationLayer(Scaling=None, Biases=None, LearningRateMultipliers=0, Input=5)),
    case(DropoutLayer(Input=5)),
    case(DropoutLayer(0.3, Method="AlphaDropout", Input=(3, 5))),
    case(DropoutLayer(0.3, OutputPorts=["Output", "BinaryMask"], Input=("Varying", 3))),
]

CONVOLUTION = [
    case(ConvolutionLayer(2, 3, Input=(3, 7))),
    case(ConvolutionLayer(4, (2, 3), Stride=(2, 1), Input=(3, 7, 5))),
    case(ConvolutionLayer(4, (3, 2), ChannelGroups=2, Dilation=(2, 1), PaddingSize=1, Input=(2, 7, 5))),
    case(ConvolutionLayer(2, 3, PaddingSize="Same", Stride=2, Input=(3, 7, 5))),
    case(ConvolutionLayer(2, (2, 3), PaddingSize=((1, 0), (0, 2)), Biases=None, Input=(3, 4, 5))),
    case(ConvolutionLayer(2, 2, Interleaving=True, Input=(7, 5, 3))),
    case(ConvolutionLayer(2, (2, 2, 3), Input=(2, 3, 4, 5))),
    case(ConvolutionLayer(2, 3, Interleaving=True, PaddingSize=1, Input=("Varying", 3))),
    case(ConvolutionLayer(2, 3, Interleaving=True, Stride=2, PaddingSize="Same", Input=("Varying", 3))),
    case(ConvolutionLayer(2, 2, Dimensionality=1, Interleaving=True, Dilation=2, PaddingSize=1, Input=("Varying", 3))),
    case(PoolingLayer(2, Input=(3, 7, 5))),
    case(PoolingLayer((3, 2), 2, PaddingSize=1, Input=(3, 7, 5))),
    case(PoolingLayer(2, 2, Function="Mean", PaddingSize="Same", Input=(3, 7, 5))),
    case(PoolingLayer((2,), Function="Total", Dimensionality=1, Input=(3, 7))),
    case(PoolingLayer(2, Function="Mean", Interleaving=True, Input=(7, 5, 3))),
    case(PoolingLayer(2, 2, Interleaving=True, PaddingSize=1, Input=("Varying", 3))),
    case(PoolingLayer(3, 2, Function="Mean", Interleaving=True, PaddingSize="Same", Input=("Varying", 3))),
]

STRUCTURE = [
    case(FlattenLayer(Input=(2, 3, 5))),
    case(FlattenLayer(1, Input=(2, 3, 5))),
    case(FlattenLayer(-1, Input=("Varying", 3, 5))),
    case(FlattenLayer(Input=("Varying", 3))),
    case(FlattenLayer([[2, 3]], Input=(2, 3, 5))),
    case(ReshapeLayer((5, 6), Input=(2, 3, 5))),
    case(ReshapeLayer((5, Automatic), Input=(2, 3, 5))),
    case(ReshapeLayer((Inherited, 15), Input=(2, 3, 5))),
    case(ReshapeLayer((6, All), Input=(2, 3, 5))),
    case(ReshapeLayer((Inherited, 5, 3), Input=("Varying", 15))),
    case(ReshapeLayer("ReferenceShape", Input=(2, 15), ReferenceShape=(6, 5))),
    case(ReplicateLayer(3, Input=(2, 5))),
    case(ReplicateLayer((3, 2), 2, Input=5)),
    case(ReplicateLayer(3, -1, Input=("Varying", 2))),
    case(TransposeLayer(Input=(2, 3, 5))),
    case(TransposeLayer("1<->3", Input=(2, 3, 5))),
    case(TransposeLayer(["1<->3", "1<->2"], Input=(2, 3, 5))),
    case(TransposeLayer((3, 1, 2), Input=(2, 3, 5))),
    case(TransposeLayer("2<->3", Input=("Varying", 3, 5))),
    case(PartLayer(2, Input=(3, 5))),
    case(PartLayer("2;;3", Input=(5, 2))),
    case(PartLayer("1;;-1;;2", Input=5)),
    case(PartLayer((All, -1), Input=("Varying", 3))),
    case(PartLayer("2;;", Input=("Varying", 3))),
    case(PartLayer(-2, Input=("Varying", 3))),
    case(PaddingLayer([(1, 2), (0, 3)], Input=(3, 5))),
    case(PaddingLayer([(1, 2), (0, 3)], Padding=1.5, Input=(3, 5))),
    case(PaddingLayer([(1, 2), (2, 3)], Padding="Fixed", Input=(3, 5))),
    case(PaddingLayer([(1, 2), (2, 3)], Padding="Reflected", Input=(3, 5))),
    case(PaddingLayer([(0, 0), (2, 1)], Input=("Varying", 3))),
    case(CatenateLayer(InputPorts=[(2, 3), (5, 3)])),
    case(CatenateLayer(2, InputPorts={"A": (2, 3), "B": (2, 5)})),
    case(CatenateLayer(InputPorts=[3, (2, 5)])),
    case(CatenateLayer(InputPorts=[("Varying", 3), ("Varying", 3)])),
    case(CatenateLayer(2, InputPorts=[("n", 3), ("n", 2)])),
    case(TotalLayer(InputPorts=3, Output=(2, 5))),
    case(TotalLayer(InputPorts=[("Varying", 3), Automatic])),
]

AGGREGATED = ["Mean", "Min", "Max", "Total", "Times", "Median", "Variance", "StandardDeviation", "MeanDeviation"]
AGGREGATION = [
    *[case(AggregationLayer(name, Input=(3, 5))) for name in [*AGGREGATED, "InterquartileRange"]],
    *[case(AggregationLayer(name, 1, Input=("Varying", 2))) for name in [*AGGREGATED, "InterquartileRange"]],
    case(AggregationLayer("Total", All, Input=(3, 5))),
    case(AggregationLayer("Mean", (1, 3), Input=(2, 3, 5))),
    case(AggregationLayer("Mean", ";;2", Input=(2, 3, 5))),
    case(AggregationLayer("Max", -1, Input=("Varying", 5))),
]

LOSSES = [
    case(MeanSquaredLossLayer(Input=(3, 5))),
    case(MeanSquaredLossLayer(Input=("Varying", 3))),
    case(MeanAbsoluteLossLayer(Input=(3, 5))),
    case(MeanAbsoluteLossLayer(Input=("Varying", 3))),
    case(CrossEntropyLossLayer("Index", Input=5), simplex=("Input",)),
    case(CrossEntropyLossLayer("Index", Input=(3, 5)), simplex=("Input",)),
    case(CrossEntropyLossLayer("Index", Input=("Varying", 5)), simplex=("Input",)),
    case(CrossEntropyLossLayer("Probabilities", Input=(3, 5)), simplex=("Input", "Target")),
    case(CrossEntropyLossLayer("Probabilities", Input=("Varying", 5)), simplex=("Input", "Target")),
    case(CrossEntropyLossLayer("Binary", Input=(3, 5)), domain=UNIT),
    case(CrossEntropyLossLayer("Binary", Input="Varying"), domain=UNIT),
]

NETS = [
    case(NetChain([4, "Tanh", 3, SoftmaxLayer()], Input=5)),
    case(NetChain({"a": ConvolutionLayer(2, 3), "b": NormalizationLayer(), "c": "Ramp", "d": 3}, Input=(2, 5, 7))),
    case(NetChain([[4, "Tanh"], [3]], Input=5)),
    case(NetGraph({"a": 5, "b": "Tanh", "c": "Plus"}, [("a", "b"), (("a", "b"), "c")], Input=3)),
    case(NetGraph([3, 2, CatenateLayer()], [((1, 2), 3)], Input=5)),
    case(NetGraph({"s": SoftmaxLayer(1), "t": "Times"}, [("s", "t"), (NetPort("Input"), "t")], Input=("Varying", 2))),
    case(NetGraph([2, 3], [], Input=5)),
]

LAWFUL = [
    *LINEAR, *ELEMENTWISE, *NORMALIZATION, *CONVOLUTION, *STRUCTURE, *AGGREGATION, *LOSSES, *NETS,
]  # fmt: skip
"""Every layer, in every argument form and with every option off its default."""
