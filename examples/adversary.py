"""An adversarial pair: a generator learns to draw digits from noise, by a discriminator that tells them from true ones.

What was learned is measured by a classifier that knows true digits alone. Its score of the drawings is high where each
is surely one digit, but all together are all digits: from 1, all alike or all unsure, to 10 (the score of Salimans et
al. 2016, with this classifier). The other numbers compare the pixels of drawings with those of true digits.
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from wlnet import (
    BatchNormalizationLayer,
    LinearLayer,
    LogisticSigmoid,
    NetExtract,
    NetGANOperator,
    NetInitialize,
    NetTrain,
    Ramp,
)

digits = load_digits()
pixels = digits.data / 16
classifier = LogisticRegression(max_iter=500).fit(pixels, digits.target)
random = np.random.default_rng(1)


def noise(count):
    """What drawings are made of: 16 normal numbers each."""
    return random.normal(size=(count, 16))


def score(images):
    """exp of the mean of KL(the classes of one image, the classes of all images)."""
    chances = classifier.predict_proba(images)
    return np.exp(np.mean(np.sum(chances * np.log(chances / chances.mean(0) + 1e-12), axis=1)))


def alike(a, b):
    """How the pixels' means of two sets of images correlate, and their deviations."""
    return [np.corrcoef(of(a, axis=0), of(b, axis=0))[0, 1] for of in (np.mean, np.std)]


hidden = [128, BatchNormalizationLayer(), Ramp]
generator = [*hidden, *hidden, 64, LogisticSigmoid]
discriminator = [128, Ramp, 64, Ramp, LinearLayer(()), LogisticSigmoid]
pair = NetInitialize(NetGANOperator([generator, discriminator], Sample=64, Latent=16), RandomSeeding=1)
trained = NetTrain(
    pair,
    {"Sample": pixels, "Latent": noise(len(pixels))},
    MaxTrainingRounds=50,
    BatchSize=64,
    Method=("ADAM", {"Beta1": 0.5}),
    RandomSeeding=1,
)

print(f"true digits: score {score(pixels):.2f}")
for name, net in (("untrained", pair), ("trained", trained)):
    drawn = NetExtract(net, "Generator")(noise(2000))
    means, deviations = alike(drawn, pixels)
    print(f"{name}: score {score(drawn):.2f}, pixels' means {means:.3f} alike, deviations {deviations:.3f}")
for rows in zip(*np.round(drawn[:6].reshape(6, 8, 8) * 4).astype(int).tolist(), strict=True):
    print("   ".join("".join(" ░▒▓█"[ink] for ink in row for _ in "xx") for row in rows))
print(f"score of the drawings: {score(drawn):.2f} (untrained {score(NetExtract(pair, 'Generator')(noise(2000))):.2f})")
