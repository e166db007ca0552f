"""Japanese vowels: tell nine speakers apart by how they say "ae", with a gated recurrent net on sequences.

The data (Kudo, Toyama & Shimbo 1999) are 270 utterances to learn from and 370 to test on, each of 7 to 29 steps of 12
numbers. They come as text files inside the package aeon, of which nothing else is needed, so it is installed alone:

    pip install --no-deps aeon
    python examples/vowels.py

Three nets that differ in their seeds are trained; the last line is the median of their test accuracies.
"""

from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np

from wlnet import (
    GatedRecurrentLayer,
    Information,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetTrain,
    SequenceLastLayer,
    SoftmaxLayer,
)


def folder() -> Path:
    """Where the data lie: found without importing aeon, whose own dependencies are not there."""
    package = find_spec("aeon")
    if package is None or package.origin is None:
        raise SystemExit("the data are in the package aeon: pip install --no-deps aeon")
    return Path(package.origin).parent / "datasets" / "data" / "JapaneseVowels"


def utterances(part: str) -> tuple[list[np.ndarray], list[str]]:
    """Sequences (steps × 12) and speakers. A line is 12 series of numbers and the speaker, with colons between them."""
    lines = (folder() / f"JapaneseVowels_{part}.ts").read_text().split("@data\n")[1].splitlines()
    rows = [line.split(":") for line in lines if line]
    series = [np.array([[float(number) for number in each.split(",")] for each in row[:-1]]).T for row in rows]
    return series, [row[-1] for row in rows]


spoken, speakers = utterances("TRAIN")
unheard, truth = utterances("TEST")

net = NetChain(
    [
        GatedRecurrentLayer(48, Dropout={"VariationalInput": 0.2}),
        SequenceLastLayer(),
        LinearLayer(9),
        SoftmaxLayer(),
    ],
    Input=("Varying", 12),
    Output=NetDecoder("Class", sorted(set(speakers))),
)
print(Information(net))

accuracies = []
for seed in (1, 2, 3):
    trained = NetTrain(net, (spoken, speakers), MaxTrainingRounds=40, BatchSize=16, RandomSeeding=seed)
    answers = trained(unheard)
    accuracies.append(float(np.mean([answer == speaker for answer, speaker in zip(answers, truth, strict=True)])))
    print(f"seed {seed}: test accuracy {accuracies[-1]:.4f} ({len(truth)} utterances)")

best = trained(unheard[0], ("TopProbabilities", 3))
print(f"an utterance of speaker {truth[0]}:", ", ".join(f"{name} {p:.3f}" for name, p in best.items()))
print(f"median test accuracy: {median(accuracies):.4f}")
