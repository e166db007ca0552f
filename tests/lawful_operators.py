"""Rows of the laws for the operators that map, nest, compare and oppose nets."""

from tests.lawful import case
from wlnet import (
    AggregationLayer,
    AttentionLayer,
    BasicRecurrentLayer,
    BatchNormalizationLayer,
    CatenateLayer,
    EmbeddingLayer,
    LinearLayer,
    NetChain,
    NetGANOperator,
    NetGraph,
    NetMapOperator,
    NetMapThreadOperator,
    NetNestOperator,
    NetPairEmbeddingOperator,
    NetPort,
    NormalizationLayer,
    SoftmaxLayer,
    ThreadingLayer,
)

ADD = ThreadingLayer("Plus", InputPorts={"A": 3, "B": 3})
JOIN = NetChain([CatenateLayer(InputPorts=["A", "B"]), LinearLayer(2), "Tanh"])
TWO = NetGraph({"a": 2, "b": [5, "Tanh"]}, [("a", NetPort("X")), ("b", NetPort("Y"))])
LOOK = AttentionLayer("Dot", Key=("n", 3), Value=("n", 2), Query=3)
"""A net of which two inputs vary, where operators keep them the same for all items."""
SUMS = NetGraph(
    {"sum": AggregationLayer("Total", 1), "plus": ThreadingLayer("Plus", InputPorts=["S", "X"])},
    [(NetPort("Items"), "sum", NetPort("plus", "S")), (NetPort("X"), NetPort("plus", "X"))],
    Items=("n", 3),
    X=3,
)
JUDGE = [5, "Tanh", LinearLayer(()), "LogisticSigmoid"]

MAPPING = [
    case(NetMapOperator(LinearLayer(2), Input=(5, 3))),
    case(NetMapOperator([5, "Tanh", 2], Input=("Varying", 3))),
    case(NetMapOperator([5, "Tanh", LinearLayer(())], Input=("n", 3), LearningRateMultipliers={("Net", 1): 0})),
    case(NetMapOperator("Tanh", Input="Varying")),
    case(NetMapOperator(EmbeddingLayer(3, 5), Input="Varying")),
    case(NetMapOperator(NormalizationLayer(), Input=("Varying", 3, 5))),
    case(NetMapOperator([BatchNormalizationLayer(), 2], Input=("Varying", 3))),
    case(NetMapOperator(BasicRecurrentLayer(2), Input=("Varying", 5, 3))),
    case(NetMapOperator(NetMapOperator(SoftmaxLayer()), Input=("Varying", 5, 3))),
    case(NetMapThreadOperator(ADD, A=(5, 3))),
    case(NetMapThreadOperator(ADD, A=("n", 3), B=("n", 3))),
    case(NetMapThreadOperator(ADD, 2, A=("n", 2, 3))),
    case(NetMapThreadOperator(ADD, {"B": 1}, B=("n", 3))),
    case(NetMapThreadOperator(ADD, {"A": 2, "B": 1}, A=("n", 5, 3))),
    case(NetMapThreadOperator(JOIN, A=("n", 3), B=("n", 2), LearningRateMultipliers=2)),
    case(NetMapThreadOperator(TWO, Input=("Varying", 3))),
    case(NetMapThreadOperator(LOOK, {"Query": 1}, Key=("k", 3), Query=("q", 3))),
    case(NetMapThreadOperator(SUMS, {"X": 1}, Items=("k", 3), X=(5, 3))),
    case(NetMapThreadOperator(NetMapThreadOperator(LOOK, {"Query": 1}), {"Query": 1}, Query=("q", 5, 3))),
]
NESTING = [
    case(NetNestOperator([LinearLayer(), "Tanh"], 3, Input=2)),
    case(NetNestOperator(BasicRecurrentLayer(3), 2, Input=("Varying", 3), LearningRateMultipliers=0.5)),
    case(NetNestOperator([BatchNormalizationLayer(), LinearLayer(3)], 2, Input=3)),
    case(NetNestOperator(NetNestOperator([LinearLayer(3), "Tanh"], 2), 2)),
]
PAIRS = [
    case(NetPairEmbeddingOperator(LinearLayer(2), Input=3)),
    case(NetPairEmbeddingOperator([5, "Tanh", LinearLayer((2, 3))], Input=(3, 2), LearningRateMultipliers=0)),
    case(NetPairEmbeddingOperator([5, "Tanh", 2], DistanceFunction="CosineDistance", Input=3)),
    case(NetPairEmbeddingOperator([BatchNormalizationLayer(), 2], Input=3)),
]
ADVERSARIES = [
    case(NetGANOperator([[5, "Tanh", 3], JUDGE], Latent=2)),
    case(NetGANOperator([3, [5, "Tanh", LinearLayer(())]], Latent=2, Sample=3)),
    case(NetGANOperator([LinearLayer((3, 2)), JUDGE], "Wasserstein", Latent=5)),
    case(
        NetGANOperator({"Generator": 3, "Discriminator": JUDGE}, "JensenShannon", Latent=2, LearningRateMultipliers=2)
    ),
    case(NetGANOperator([3, [BatchNormalizationLayer(), *JUDGE]], Latent=2)),
]

CASES = [*MAPPING, *NESTING, *PAIRS, *ADVERSARIES]
