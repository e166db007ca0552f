"""Diabetes: predict how the illness goes on from ten measures, as well as ridge regression does.

The data are scikit-learn's 442 patients; every fifth is held out. The net is the same line as the ridge regression's,
found step by step instead of by algebra, with the same penalty on large weights.
"""

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV

from wlnet import LinearLayer, NetExtract, NetMeasurements, NetTrain

patients = load_diabetes()
held_out = np.arange(len(patients.data)) % 5 == 0


def standard(values):
    """The values with mean 0 and deviation 1 among those that are learned from."""
    return (values - values[~held_out].mean(0)) / values[~held_out].std(0)


measures, progress = standard(patients.data), standard(patients.target)
seen, tests = ((measures[rows], progress[rows]) for rows in (~held_out, held_out))
ridge = RidgeCV(np.logspace(-2, 3, 21)).fit(*seen)

trained = NetTrain(
    LinearLayer(()),
    seen,
    Method=("ADAM", {"L2Regularization": {"Weights": ridge.alpha_ / len(seen[0])}}),
    LearningRate=0.01,
    MaxTrainingRounds=200,
    RandomSeeding=1,
)
print(f"{'measure':8}  net     ridge regression")
for name, ours, theirs in zip(patients.feature_names, NetExtract(trained, "Weights").ravel(), ridge.coef_, strict=True):
    print(f"{name:8}  {ours:+.3f}  {theirs:+.3f}")
print(f"held-out R² of the ridge regression: {ridge.score(*tests):.4f}")
print(f"held-out R² of the net: {NetMeasurements(trained, tests, 'RSquared'):.4f}")
