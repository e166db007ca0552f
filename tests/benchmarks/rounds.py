"""A whole round of NetTrain with a small net, in µs a batch: there what is not arithmetic counts most.

It stands beside the same steps written out in NumPy, which are the arithmetic alone, and beside PyTorch's. All take
turns in one run, each on one thread; the figure of each is the processor time of its quickest turn, to which other
work on the machine only ever adds.
"""

from collections.abc import Callable, Iterator
from time import process_time
from typing import Any

import numpy as np

from tests.benchmarks.training import arrays_of, torch
from wlnet import NetChain, NetExtract, NetInitialize, NetTrain, SoftmaxLayer

NET = NetInitialize(NetChain([32, "Tanh", 3, SoftmaxLayer()], Input=4), RandomSeeding=1)
EXAMPLES, BATCH, TURNS = 40_000, 32, 8
X = np.random.default_rng(0).standard_normal((EXAMPLES, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0) + 1


def trained(x: np.ndarray, y: np.ndarray, size: int, rounds: int = 1) -> Any:
    """NetTrain with the options that a user gets, reports aside: also the error rate is measured."""
    options = {"MaxTrainingRounds": rounds, "RandomSeeding": 1, "TrainingProgressReporting": None}
    return NetTrain(NET, (x, y), BatchSize=size, **options)


def by_hand(x: np.ndarray, y: np.ndarray, size: int, rounds: int = 1) -> list[np.ndarray]:
    """The same in NumPy: gradients of tanh, softmax and cross entropy, and ADAM on one vector."""
    arrays = arrays_of(NET)
    w, random, step = np.concatenate([each.ravel() for each in arrays]), np.random.default_rng(1), 0
    ends = np.cumsum([each.size for each in arrays])[:-1]
    mean, square = np.zeros_like(w), np.zeros_like(w)
    for _ in range(rounds):
        order = random.permutation(len(x))
        for start in range(0, len(x), size):
            rows, step = order[start : start + size], step + 1
            g = gradient(w, ends, [each.shape for each in arrays], x[rows], y[rows] - 1)
            mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g * g
            below = np.sqrt(square * (1 / (1 - 0.999**step))) + 1e-5
            w = w - 0.001 * (1 / (1 - 0.9**step)) * mean / below
    return [each.reshape(like.shape) for each, like in zip(np.split(w, ends), arrays, strict=True)]


def gradient(w: np.ndarray, ends: np.ndarray, shapes: list[tuple], x: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The gradient of the mean cross entropy."""
    w1, b1, w2, b2 = (each.reshape(shape) for each, shape in zip(np.split(w, ends), shapes, strict=True))
    h = np.tanh(x @ w1.T + b1)
    z = h @ w2.T + b2
    e = np.exp(z - z.max(1, keepdims=True))
    p, places = e / e.sum(1, keepdims=True), np.arange(len(x))
    assert np.isfinite(-np.log(p[places, target]).mean())
    p[places, target] -= 1
    p /= len(x)
    d = (p @ w2) * (1 - h * h)
    return np.concatenate([(d.T @ x).ravel(), d.sum(0), (p.T @ h).ravel(), p.sum(0)])


def in_torch() -> Callable[[], object]:
    """A round in PyTorch, as a user would write it."""
    nn = torch.nn
    model = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 3))
    optimizer, loss = torch.optim.Adam(model.parameters(), lr=0.001), nn.CrossEntropyLoss()
    x, y = torch.tensor(X), torch.tensor(Y - 1)

    def turn() -> None:
        order = torch.randperm(EXAMPLES)
        for start in range(0, EXAMPLES, BATCH):
            rows = order[start : start + BATCH]
            optimizer.zero_grad()
            total = loss(model(x[rows]), y[rows])
            total.backward()
            optimizer.step()
            total.item()  # NetTrain keeps the loss of each batch too

    return turn


def check() -> None:
    """What is written out does what NetTrain does."""
    ours, hand = trained(X[:50], Y[:50], 50, 3), by_hand(X[:50], Y[:50], 50, 3)
    for place, expected in zip([(1, "Weights"), (1, "Biases"), (3, "Weights"), (3, "Biases")], hand, strict=True):
        np.testing.assert_allclose(NetExtract(ours, place), expected, atol=1e-6)


def spent(call: Callable[[], object]) -> float:
    """The seconds of processor time of a call."""
    start = process_time()
    call()
    return process_time() - start


def figures(turns: int = TURNS) -> dict[str, float]:
    """The µs a batch of each."""
    check()
    runners = {"wlnet": lambda: trained(X, Y, BATCH), "by hand": lambda: by_hand(X, Y, BATCH)}
    if torch:
        torch.set_num_threads(1)  # for so little work more threads only wait for each other
        runners["PyTorch"] = in_torch()
    seconds = [{name: spent(runner) for name, runner in runners.items()} for _ in range(turns)]
    batches = -(-EXAMPLES // BATCH)
    return {name: 1e6 * min(each[name] for each in seconds) / batches for name in runners}


def lines() -> Iterator[str]:
    """What the figures say."""
    found = figures()
    ours, hand = found["wlnet"], found["by hand"]
    share = f"by hand in NumPy {hand:.0f} µs, so {100 * (1 - hand / ours):.0f} % is not arithmetic"
    yield f"a round of NetTrain, 4-32-3 net, batch {BATCH}: {ours:.0f} µs a batch; {share}"
    if "PyTorch" in found:
        yield f"the same in PyTorch: {found['PyTorch']:.0f} µs a batch; ours is {ours / found['PyTorch']:.2f} of that"
