"""Rows of the laws: scalings, arrays without input, products, and layers of positions."""
# ruff: noqa: F405 - written as a user writes

from tests.lawful import case
from wlnet import *  # noqa: F403

SCALING = [
    case(ParametricRampLayer(Input=(3, 5))),
    case(ParametricRampLayer(2, Input=(3, 5))),
    case(ParametricRampLayer(-1, Input=("Varying", 3))),
    case(ParametricRampLayer("2;;3", Input=(2, 3, 5))),
    case(ParametricRampLayer((3, 1), LearningRateMultipliers=0, Input=(2, 3, 5))),
    case(ParametricRampLayer((), Slope=0.25, Input="Varying")),
    case(ParametricRampLayer(Slope=[0.1, 0.2, 0.3], Input=(Automatic, 5))),
    case(ConstantTimesLayer(Input=(3, 5))),
    case(ConstantTimesLayer(Scaling=[2, 3, 5], LearningRateMultipliers=2)),
    case(ConstantTimesLayer(Input="Real")),
    case(ConstantPlusLayer(Input=(3, 5))),
    case(ConstantPlusLayer(Biases=[[2, 3, 5]], LearningRateMultipliers=2)),
    case(ConstantPlusLayer(Input="Real")),
]

ARRAYS = [
    case(NetArrayLayer(Output=(3, 5))),
    case(NetArrayLayer(Output="Real", LearningRateMultipliers=0)),
    case(NetArrayLayer(Array=[[1, 2, 3]])),
    case(NetGraph({"a": NetArrayLayer(), "b": TotalLayer()}, [("a", "b"), (NetPort("Input"), "b")], Input=(3, 5))),
]

PRODUCTS = [
    case(SummationLayer(Input=(2, 3, 5))),
    case(SummationLayer(Input="Real")),
    case(SummationLayer(Input=("Varying", 3))),
    case(SummationLayer(Input="Varying")),
    case(DotLayer(InputPorts=[(3, 5), (5, 2)])),
    case(DotLayer(InputPorts=[3, 3])),
    case(DotLayer(InputPorts=[(2, 3, 5), 5])),
    case(DotLayer(InputPorts=[3, (3, 5, 2)])),
    case(DotLayer(InputPorts=[(7, 3), (3, 5), (5, 2), 2])),
    case(DotLayer(InputPorts={"A": (2, 3), "B": 3, "C": (2, 5)})),
    case(DotLayer([None, "1<->2"], InputPorts=[(3, 5), (7, 5)])),
    case(DotLayer(["1<->3", ["1<->2", "2<->3"]], InputPorts=[(5, 3, 2), (7, 5, 2)])),
    case(DotLayer([(3, 1, 2), None], InputPorts=[(2, 5, 3), (2, 7)])),
    case(DotLayer(InputPorts=[("Varying", 5), (5, 2)])),
    case(DotLayer(InputPorts=[("n",), ("n", 3)])),
    case(DotLayer(["1<->2", None], InputPorts=[("n", 2), ("n", 3)])),
]

POSITIONS = [
    case(AppendLayer(Input=(3, 5))),
    case(AppendLayer(Input=3)),
    case(AppendLayer(Element=(2, 5), Input=("Varying", Automatic, 5))),
    case(AppendLayer(Input="Varying")),
    case(PrependLayer(Input=(3, 5))),
    case(PrependLayer(Output=7)),
    case(PrependLayer(Input=("Varying", 3))),
    case(ExtractLayer(Input=(5, 7), Position=(3, 2))),
    case(ExtractLayer(Input=(5, 7, 3), Position=(2, 3, 2))),
    case(ExtractLayer(Input=(5, 7), Position=2)),
    case(ExtractLayer(Input=(5, 3), Position="Integer")),
    case(ExtractLayer(Input=(5, 3), Position=("Varying", 1))),
    case(ExtractLayer(Input=(7, 3), Position=(3, 1), Output=Automatic)),
    case(OrderingLayer(Input=5)),
    case(OrderingLayer(2, Input=5)),
    case(OrderingLayer(-3, Input=5)),
    case(OrderingLayer(Input="Varying")),
    case(OrderingLayer(2, Input="Varying")),
    case(OrderingLayer(-3, Input="Varying")),
]

CASES = [*SCALING, *ARRAYS, *PRODUCTS, *POSITIONS]

DRAWN = [
    case(RandomArrayLayer(NormalDistribution(1, 2))),
    case(RandomArrayLayer(NormalDistribution(), Output=(3, 5))),
    case(RandomArrayLayer(UniformDistribution((-1, 1)), Output=5)),
    case(RandomArrayLayer(GammaDistribution(0.5, 2, 3, -1), Output=5)),
    case(RandomArrayLayer(BinomialDistribution(40, 0.75), Output=5)),
    case(
        RandomArrayLayer(lambda p: BernoulliDistribution(p), Input=5),
        domain=(0.1, 0.9),
        rough="a discrete draw has slope 0",
    ),
    case(
        RandomArrayLayer(lambda mean: PoissonDistribution(5 * mean), Input=5),
        domain=(0.1, 5),
        rough="a discrete draw has slope 0",
    ),
    case(RandomArrayLayer(lambda a, b: NormalDistribution(a, Exp(b)), a=(3, 5))),
    case(RandomArrayLayer(lambda a, b: NormalDistribution(a + 1, b), a=("Varying", 3)), domain=(0.1, 2)),
    case(RandomArrayLayer(lambda low, size: UniformDistribution((low, low + Exp(size))), low=5)),
    case(RandomArrayLayer(lambda b: GammaDistribution(2, b), Input=5), domain=(0.5, 2)),
    case(RandomArrayLayer(lambda a, b: GammaDistribution(a, b), a=5), domain=(0.5, 2)),
    case(RandomArrayLayer(lambda a, b, c, d: GammaDistribution(a, b, c, d), a=5), domain=(0.5, 2)),
    case(RandomArrayLayer(lambda a, b, c, d: InverseGammaDistribution(a, b, c, d), a=5), domain=(0.5, 2)),
    case(RandomArrayLayer(lambda a, b, c: LogGammaDistribution(a, b, c), a=5), domain=(0.5, 2)),
    case(RandomArrayLayer(lambda a, b, c: ExpGammaDistribution(a, b, c), a=5), domain=(0.5, 2)),
    case(RandomArrayLayer(lambda a, b, c: WeibullDistribution(a, b, c), a=5), domain=(0.5, 2)),
    case(RandomArrayLayer(lambda a, b: NakagamiDistribution(a, b), a=5), domain=(0.5, 2)),
    case(RandomArrayLayer(lambda rate: ErlangDistribution(3, rate), Input=5), domain=(0.5, 2)),
    *[
        case(RandomArrayLayer(function, Input=5), domain=(0.5, 2))
        for function in (
            lambda a: ExponentialDistribution(a),
            lambda a: MaxwellDistribution(a),
            lambda a: RayleighDistribution(a),
            lambda a: ChiDistribution(a),
            lambda a: HalfNormalDistribution(a),
            lambda a: ChiSquareDistribution(a),
        )
    ],
]
"""Layers that draw: backends have streams of their own, and an example alone is not the same draw as in a batch."""
