"""Rows of the laws for AttentionLayer, SequenceAttentionLayer, EmbeddingLayer and UnitVectorLayer."""

from tests.lawful import case
from wlnet import (
    AttentionLayer,
    EmbeddingLayer,
    LinearLayer,
    NetChain,
    NetGraph,
    NetPort,
    SequenceAttentionLayer,
    TotalLayer,
    UnitVectorLayer,
)

PORTS = {"Key": (7, 3), "Value": (7, 2), "Query": (5, 3)}
VARYING = {"Key": ("n", 3), "Value": ("n", 2), "Query": ("m", 5)}
SAME = {"Key": ("n", 3), "Value": ("n", 2), "Query": ("n", 3)}

ADDITIVE = NetGraph(
    {"key": 5, "query": LinearLayer(5, Biases=None), "sum": TotalLayer(), "tanh": "Tanh", "score": LinearLayer(())},
    [(NetPort("Input"), "key"), (NetPort("Query"), "query"), (("key", "query"), "sum", "tanh", "score")],
)
"""Bahdanau's scoring net: w · tanh(K key + Q query)."""

CASES = [
    case(AttentionLayer("Dot", **PORTS)),
    case(AttentionLayer(Key=(7, 3), Value=(7, 2), Query=(5, 11))),
    case(AttentionLayer("Bilinear", Key=(7, 3), Value=(7, 2), Query=5)),
    case(AttentionLayer(ADDITIVE, **PORTS)),
    case(AttentionLayer("Dot", Key=(2, 3, 5), Value=(2, 3, 7), Query=(3, 2, 5))),
    case(AttentionLayer("Dot", MultiHead=True, Key=(7, 2, 3), Value=(7, 2, 5), Query=(5, 2, 3))),
    case(AttentionLayer(ADDITIVE, MultiHead=True, Key=(2, 3, 2, 3), Value=(2, 3, 2, 5), Query=(2, 3))),
    case(AttentionLayer("Dot", Mask="Causal", Key=(5, 3), Value=(5, 2), Query=(5, 3))),
    case(AttentionLayer(Mask=("Causal", 2), Key=(5, 3), Value=(5, 2), Query=(5, 7))),
    case(AttentionLayer("Dot", ScoreRescaling="DimensionSqrt", **PORTS)),
    case(AttentionLayer(ScoreRescaling="DimensionSqrt", LearningRateMultipliers={"ScoringNet": 0}, **VARYING)),
    case(AttentionLayer("Dot", Dropout=0.3, **PORTS)),
    case(AttentionLayer("Dot", Key=("n", 3), Value=("n", 2), Query=("m", 3))),
    case(AttentionLayer(ADDITIVE, **VARYING)),
    case(AttentionLayer("Dot", Key=("n", 2, 3), Value=("n", 2, 5), Query=("n", 3))),
    case(AttentionLayer("Dot", Key=("n", 3), Value=("n", 2), Query=3)),
    case(AttentionLayer("Dot", Mask="Causal", **SAME)),
    case(AttentionLayer(ADDITIVE, Mask=("Causal", 3), **SAME)),
    case(AttentionLayer("Dot", Mask="Causal", MultiHead=True, Key=("n", 2, 3), Value=("n", 2, 5), Query=("n", 2, 3))),
    case(SequenceAttentionLayer(Input=(7, 3), Query=(5, 2))),
    case(SequenceAttentionLayer("Dot", Input=("n", 3), Query=("m", 3))),
    case(SequenceAttentionLayer(ADDITIVE, Input=("n", 3), Query=5)),
    case(
        NetGraph(
            {"a": AttentionLayer("Dot", **PORTS), "b": "Tanh"},
            [(NetPort("a", "AttentionWeights"), "b", NetPort("Weights"))],
        )
    ),
    case(EmbeddingLayer(3, 5, Input="Integer")),
    case(EmbeddingLayer(3, 5, Input=(2, 7), LearningRateMultipliers=0)),
    case(EmbeddingLayer(3, 5, Input="Varying")),
    case(EmbeddingLayer(n=5, Input=7, Output=(7, 3))),
    case(EmbeddingLayer(Weights=[[1, 2, 3], [4, 5, 7]], Input=("Varying", 5))),
    case(UnitVectorLayer(5, Input="Integer")),
    case(UnitVectorLayer(5, Input=("Varying", 2))),
    case(UnitVectorLayer(Input=7, Output=(7, 3))),
    case(NetChain({"embed": EmbeddingLayer(3, 5), "weigh": LinearLayer(2)}, Input=7)),
]
