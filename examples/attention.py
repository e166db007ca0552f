"""Attention that finds its place: read digits with one star among them, and answer with the digit after the star.

The keys come from a recurrent layer, which knows what stood before; the values are the symbols themselves. One learned
scoring net compares each key with the last state, the query. What it looks at can be asked for.
"""

import numpy as np

from wlnet import (
    AttentionLayer,
    EmbeddingLayer,
    GatedRecurrentLayer,
    LinearLayer,
    NetDecoder,
    NetGraph,
    NetPort,
    NetTrain,
    SequenceLastLayer,
    SoftmaxLayer,
)

DIGITS, STAR = list(range(10)), 11  # a digit d is the symbol d + 1


def made(count: int, seed: int) -> tuple[list[np.ndarray], list[int]]:
    """Sequences of 5 to 12 symbols, each with a star before one of its digits, and that digit."""
    random = np.random.default_rng(seed)
    sequences = [random.integers(1, 11, length) for length in random.integers(5, 13, count)]
    places = [int(random.integers(len(sequence) - 1)) for sequence in sequences]
    for sequence, place in zip(sequences, places, strict=True):
        sequence[place] = STAR
    return sequences, [int(sequence[place + 1]) - 1 for sequence, place in zip(sequences, places, strict=True)]


net = NetGraph(
    {
        "embed": EmbeddingLayer(16, 11),
        "read": GatedRecurrentLayer(32),
        "end": SequenceLastLayer(),
        "attend": AttentionLayer(),
        "decide": LinearLayer(10),
        "probabilities": SoftmaxLayer(),
    },
    [
        ("embed", "read", "end", NetPort("attend", "Query")),
        ("read", NetPort("attend", "Key")),
        ("embed", NetPort("attend", "Value")),
        ("attend", "decide", "probabilities"),
    ],
    Input="Varying",
    Output=NetDecoder("Class", DIGITS),
)

trained = NetTrain(net, made(2000, 1), MaxTrainingRounds=12, BatchSize=50, RandomSeeding=1)

sequences, truth = made(500, 2)
right = np.mean([answer == digit for answer, digit in zip(trained(sequences), truth, strict=True)])
print(f"digits found in sequences not seen in training: {right:.3f}")

weights = trained(sequences[0], NetPort("attend", "AttentionWeights"))
print("\nsymbol  weight")
for symbol, weight in zip(sequences[0], weights, strict=True):
    print(f"{'*' if symbol == STAR else symbol - 1:>6}  {weight:.3f} {'#' * round(40 * float(weight))}")
print(f"answer: {trained(sequences[0])}")
