"""Handwritten digits: train a convolutional net, measure it on digits it has not seen, look at three answers.

The data are scikit-learn's 1,797 digits of 8×8 pixels; every fifth is held out.
"""

import numpy as np
from sklearn.datasets import load_digits

from wlnet import (
    ConvolutionLayer,
    Information,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetTrain,
    NormalizationLayer,
    PoolingLayer,
    Ramp,
    SoftmaxLayer,
)

digits = load_digits()
pixels, labels = digits.images[:, None] / 16, digits.target.tolist()
held_out = np.arange(len(pixels)) % 5 == 0

net = NetChain(
    [
        ConvolutionLayer(16, 3, PaddingSize="Same"),
        NormalizationLayer(),
        Ramp,
        PoolingLayer(2, 2),
        ConvolutionLayer(32, 3, PaddingSize="Same"),
        NormalizationLayer(),
        Ramp,
        PoolingLayer(2, 2),
        LinearLayer(64),
        Ramp,
        LinearLayer(10),
        SoftmaxLayer(),
    ],
    Input=(1, 8, 8),
    Output=NetDecoder("Class", list(range(10))),
)
print(Information(net))

seen = [label for label, out in zip(labels, held_out, strict=True) if not out]
trained = NetTrain(net, (pixels[~held_out], seen), MaxTrainingRounds=15, BatchSize=32, RandomSeeding=1)

answers = trained(pixels[held_out])
truth = [label for label, out in zip(labels, held_out, strict=True) if out]
accuracy = np.mean([answer == label for answer, label in zip(answers, truth, strict=True)])
print(f"\nheld-out accuracy: {accuracy:.4f} ({len(truth)} digits)")

for number in (0, 1, 2):
    image = pixels[held_out][number]
    best = trained(image, ("TopProbabilities", 3))
    print(f"a {truth[number]} is taken for {trained(image)}:", ", ".join(f"{d} {p:.3f}" for d, p in best.items()))
