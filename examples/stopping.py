"""Early stopping: a net that would learn its few digits by heart stops where it knows others best.

The data are scikit-learn's 1,797 digits of 8×8 pixels: 300 are learned from, 150 say when to stop, the others are held
out. Training ends when the validation loss has not fallen by 1 % for 8 rounds, and the best net comes back.
"""

import numpy as np
from sklearn.datasets import load_digits

from wlnet import All, NetChain, NetDecoder, NetMeasurements, NetTrain, Quantity, Ramp, SoftmaxLayer

digits = load_digits()
order = np.random.default_rng(1).permutation(len(digits.data))
pixels, labels = digits.data[order] / 16, digits.target[order]
seen, judged, tests = ((pixels[rows], labels[rows]) for rows in (slice(300), slice(300, 450), slice(450, None)))

results = NetTrain(
    NetChain([256, Ramp, 256, Ramp, 10, SoftmaxLayer()], Output=NetDecoder("Class", list(range(10)))),
    seen,
    All,
    ValidationSet=judged,
    TrainingStoppingCriterion={"Criterion": "Loss", "Patience": 8, "RelativeChange": Quantity(1, "Percent")},
    MaxTrainingRounds=1000,
    BatchSize=16,
    RandomSeeding=1,
)
print(results["ReasonTrainingStopped"])
for number, losses in enumerate(zip(*results[["RoundLossList", "ValidationLossList"]], strict=True), start=1):
    mark = "  ← best" if number == results["BestValidationRound"] else ""
    print(f"round {number:2}  training loss {losses[0]:.4f}  validation loss {losses[1]:.4f}{mark}")
accuracy = NetMeasurements(results["TrainedNet"], tests, "Accuracy")
print(f"held-out accuracy after {results['TotalRounds']} rounds: {accuracy:.4f} ({len(tests[1])} digits)")
