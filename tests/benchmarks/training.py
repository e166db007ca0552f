"""Rows for training: one whole step of a net, against the same step composed of autograd's operations, and PyTorch."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import value_and_grad

from tests.benchmarks import Row
from tests.benchmarks.kernels import convolved, normalized, single
from wlnet import (
    Automatic,
    ConvolutionLayer,
    LinearLayer,
    NetChain,
    NetInitialize,
    NormalizationLayer,
    PoolingLayer,
    Ramp,
    SoftmaxLayer,
)
from wlnet.core.layer import Layer
from wlnet.training.duration import duration
from wlnet.training.intervals import Interval
from wlnet.training.methods import method_of
from wlnet.training.options import Options
from wlnet.training.train import begun

torch: Any = __import__("torch") if find_spec("torch") else None

DIGITS = NetChain(
    [
        ConvolutionLayer(16, 3, PaddingSize="Same"), NormalizationLayer(), Ramp, PoolingLayer(2, 2),
        ConvolutionLayer(32, 3, PaddingSize="Same"), NormalizationLayer(), Ramp, PoolingLayer(2, 2),
        LinearLayer(64), Ramp, LinearLayer(10), SoftmaxLayer(),
    ],
    Input=(1, 8, 8),
)  # fmt: skip
DENSE = NetChain([512, Ramp, 512, Ramp, 10, SoftmaxLayer()], Input=784)


def our_step(net: Layer, x: np.ndarray, target: np.ndarray) -> Callable[[], object]:
    """A step of NetTrain as NetTrain makes it."""
    options = Options(
        batch_size=len(x), method=method_of("ADAM"), rules=Automatic, loss=Automatic, duration=duration(1, Automatic),
        seed=1, device="CPU", watchers=(), validation=None, validation_interval=Interval(1, "Rounds"),
        precision="float32",
    )  # fmt: skip
    session, _ = begun(net, (x, target), options)
    batch = next(session.batches.round(1))
    return lambda: session.stepper.step(session.state, batch, 1, 0.001)


def composed_step(loss: Callable, arrays: list[np.ndarray], x: np.ndarray, target: np.ndarray) -> Callable[[], object]:
    """The gradient by autograd's own operations, and ADAM written out, array by array."""
    gradient = value_and_grad(loss)
    moments = [(np.zeros_like(a), np.zeros_like(a)) for a in arrays]

    def step() -> object:
        value, slopes = gradient(arrays, x, target)
        updated = []
        for array, g, (m, v) in zip(arrays, slopes, moments, strict=True):
            mean, square = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            updated.append(array - 0.001 * (mean / 0.1) / (np.sqrt(square / 0.001) + 1e-5))
        return value, updated

    return step


def torch_step(model: Any, x: np.ndarray, target: np.ndarray) -> Callable[[], object]:
    """The same in PyTorch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    inputs, classes = torch.tensor(x), torch.tensor(target - 1)

    def step() -> object:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(inputs), classes)
        loss.backward()
        optimizer.step()
        return loss

    return step


def entropy(logits: Any, target: np.ndarray) -> Any:
    """Softmax and cross entropy, as two formulas."""
    shifted = anp.exp(logits - anp.max(logits, 1, keepdims=True))
    p = shifted / anp.sum(shifted, 1, keepdims=True)
    return -anp.mean(anp.log(p[np.arange(len(target)), target - 1]))


def halved(x: Any) -> Any:
    """2×2 maxima."""
    n, c, h, w = x.shape
    return anp.max(anp.reshape(x, (n, c, h // 2, 2, w // 2, 2)), axis=(3, 5))


def digits_loss(arrays: list, x: np.ndarray, target: np.ndarray) -> Any:
    w1, b1, s1, t1, w2, b2, s2, t2, w3, b3, w4, b4 = arrays
    wide = lambda a: anp.reshape(a, (-1, 1, 1))
    y = normalized(convolved(x, w1, b1, (1, 1), 1), wide(s1), wide(t1), (2, 3))
    y = halved(anp.maximum(y, 0))
    y = normalized(convolved(y, w2, b2, (1, 1), 1), wide(s2), wide(t2), (2, 3))
    y = anp.reshape(halved(anp.maximum(y, 0)), (len(x), -1))
    return entropy(anp.maximum(y @ w3.T + b3, 0) @ w4.T + b4, target)


def dense_loss(arrays: list, x: np.ndarray, target: np.ndarray) -> Any:
    w1, b1, w2, b2, w3, b3 = arrays
    y = anp.maximum(x @ w1.T + b1, 0)
    return entropy(anp.maximum(y @ w2.T + b2, 0) @ w3.T + b3, target)


def arrays_of(net: NetChain) -> list[np.ndarray]:
    """Copies of a net's arrays, in order."""
    made = NetInitialize(net)
    return [np.array(value) for layer in made.layers.values() for value in layer.arrays.values()]


def torch_models() -> tuple[Any, Any]:
    """The two nets as a PyTorch user would write them."""
    nn = torch.nn
    digits = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.InstanceNorm2d(16, affine=True), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.InstanceNorm2d(32, affine=True), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip
    dense = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
    return digits, dense


def rows() -> Iterator[Row]:
    """One training step with ADAM of the digits net and of a 784-512-512-10 net, batch 64."""
    target = np.random.default_rng(1).integers(1, 11, 64)
    models = torch_models() if torch else (None, None)
    for name, net, shape, loss, model in (
        ("training step, digits net, batch 64", DIGITS, (1, 8, 8), digits_loss, models[0]),
        ("training step, 784-512-512-10, batch 64", DENSE, (784,), dense_loss, models[1]),
    ):
        x = single(64, *shape)
        others = {"autograd": composed_step(loss, arrays_of(net), x, target)}
        if torch:
            others["PyTorch"] = torch_step(model, x, target)
        yield Row(name, our_step(net, x, target), others)
