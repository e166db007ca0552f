"""Breast cancer: tell malignant from benign tumours by 30 measures of their cells, and say how surely.

The data are scikit-learn's 569 tumours; a fifth is held out. A fifth of the others says when to stop.
"""

from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from wlnet import All, DropoutLayer, LinearLayer, LogisticSigmoid, NetChain, NetMeasurements, NetTrain, Ramp, Scaled

tumours = load_breast_cancer()
seen, held_out, benign, truth = train_test_split(
    tumours.data, tumours.target == 1, test_size=0.2, stratify=tumours.target, random_state=1
)
mean, deviation = seen.mean(0), seen.std(0)

net = NetChain([16, Ramp, DropoutLayer(), LinearLayer(()), LogisticSigmoid])
results = NetTrain(
    net,
    ((seen - mean) / deviation, benign),
    All,
    ValidationSet=Scaled(0.2),
    TrainingStoppingCriterion={"Criterion": "Loss", "Patience": 20},
    LearningRate=0.005,
    MaxTrainingRounds=500,
    RandomSeeding=1,
)
print(results)

trained = results["TrainedNet"]  # True and False as targets: its answers are True and False too
tests = (held_out - mean) / deviation, truth
print(f"the first tumour held out: {trained(tests[0][0])}, with a chance of {trained(tests[0][0], None):.3f}")
print(NetMeasurements(trained, tests, "ConfusionMatrix"))
print(f"held-out accuracy: {NetMeasurements(trained, tests, 'Accuracy'):.4f} ({len(truth)} tumours)")
print(f"held-out area under the ROC curve: {roc_auc_score(truth, trained(tests[0], None)):.4f}")
