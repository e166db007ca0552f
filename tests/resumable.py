"""A training that may be killed at any moment: run again with the same file, it goes on.

`python -m tests.resumable FILE` trains and writes a sum over the bits of its result to FILE.digest. Without a file it
reads names of files from its input, and for each starts such a training in a process of its own (all that wlnet needs
is imported by then), whose number it prints; it waits for the end of that one before it starts the next.
"""

import hashlib
import os
import sys
from pathlib import Path

import numpy as np

from wlnet import (
    All,
    BatchNormalizationLayer,
    DropoutLayer,
    NetChain,
    NetTrain,
    Quantity,
    Scaled,
    SoftmaxLayer,
)
from wlnet.core.arrays import value_of
from wlnet.verbs.evaluate import leaves

RNG = np.random.default_rng(5)
X = RNG.normal(size=(131, 5)).astype("f4")
Y = ((X[:, 0] > 0).astype(int) + 1 + (X[:, 1] > 0)).tolist()
NET = NetChain([7, BatchNormalizationLayer(), "Tanh", DropoutLayer(0.3), 3, SoftmaxLayer()], Input=5)


def options(**more):
    """The options of the training."""
    standing = {
        "BatchSize": 11,
        "MaxTrainingRounds": 60,
        "RandomSeeding": 3,
        "TrainingProgressReporting": None,
        "ValidationSet": Scaled(0.2),
    }
    return {**standing, **more}


def digest(results):
    """A sum over the bits of the best net, and the losses of all batches and validations."""
    record = [results[name] for name in ("BatchLossList", "RoundLossList", "ValidationLossList", "BestValidationRound")]
    found = hashlib.sha256(repr(record).encode())
    for _, layer in leaves(results["TrainedNet"]):
        for name in sorted(layer.arrays):
            value = value_of(layer.arrays[name])
            found.update(b"" if value is None else np.asarray(value).tobytes())
    return found.hexdigest()


def train(path):
    """Begins the training, or goes on with it, and writes the digest of its result."""
    keeping = ("File", path, {"Interval": Quantity(3, "Batches")})
    begun = Path(path).exists()
    results = NetTrain(path if begun else NET, (X, Y), All, **options(TrainingProgressCheckpointing=keeping))
    Path(f"{path}.digest").write_text(digest(results))


def serve():
    """Starts trainings, one process each."""
    print("ready", flush=True)
    for line in sys.stdin:
        process = os.fork()
        if not process:
            train(line.strip())
            os._exit(0)
        print(process, flush=True)
        os.waitpid(process, 0)


if __name__ == "__main__":
    train(sys.argv[1]) if sys.argv[1:] else serve()
