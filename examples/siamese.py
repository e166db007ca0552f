"""A Siamese pair: learn from pairs alone, same digit or not, where to put digits among eight numbers.

The pair is one net applied to both members, and the distance between what it gives. Which digit an image shows is
never told in training; that the neighbours of a held-out digit are its equals is what was learned.
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier

from wlnet import LinearLayer, NetChain, NetExtract, NetInitialize, NetPairEmbeddingOperator, NetTrain, Ramp

digits = load_digits()
pixels, labels = digits.data / 16, digits.target
held_out = np.arange(len(pixels)) % 5 == 0
random = np.random.default_rng(1)


def pairs_of(images, shown, count):
    """Pairs of images, half of them of the same digit, and whether they are of different ones."""
    first = random.integers(len(images), size=count)
    second = random.integers(len(images), size=count)
    for place in range(0, count, 2):
        second[place] = random.choice(np.flatnonzero(shown == shown[first[place]]))
    return np.stack([images[first], images[second]], axis=1), shown[first] != shown[second]


def measures(pair):
    """How well the distance tells pairs of held-out digits apart, and their nearest neighbours among the others."""
    embed = NetExtract(pair, "Net")
    neighbours = KNeighborsClassifier(5).fit(embed(pixels[~held_out]), labels[~held_out])
    tests, different = pairs_of(pixels[held_out], labels[held_out], 2000)
    return roc_auc_score(different, pair(tests)), neighbours.score(embed(pixels[held_out]), labels[held_out])


pair = NetInitialize(NetPairEmbeddingOperator(NetChain([128, Ramp, LinearLayer(8)]), Input=64), RandomSeeding=1)
pairs, different = pairs_of(pixels[~held_out], labels[~held_out], 12000)
trained = NetTrain(pair, (pairs, different), MaxTrainingRounds=30, BatchSize=128, RandomSeeding=1)

for name, net in (("untrained", pair), ("trained", trained)):
    told, near = measures(net)
    print(f"{name}: area under the ROC curve {told:.4f}, nearest neighbours {near:.4f}")
print(f"held-out accuracy of the neighbours: {near:.4f} ({held_out.sum()} digits)")
