"""Rows of the laws: CTCLossLayer, ContrastiveLossLayer, CompiledLayer."""

from typing import Annotated

import numpy as np

from tests.lawful import case
from wlnet import CompiledLayer, ContrastiveLossLayer, CTCLossLayer, Restricted, Tanh


def softened(x):
    """An array function that is not elementwise, of one example."""
    y = np.exp(x - x.max())
    return np.concatenate([y / y.sum(), x[:1] * 2])


def softened_slope(x, g, y):
    p = y[:-1]
    d = p * (g[:-1] - np.sum(g[:-1] * p))
    d[0] += 2 * g[-1]
    return d


def centred(x: Annotated[np.ndarray, 3]):
    """Of a batch of matrices."""
    return x - x.mean(axis=2, keepdims=True)


def centred_slope(x, g):
    return g - g.mean(axis=2, keepdims=True)


def summed(x):
    """Of one sequence, of its own length."""
    return np.cumsum(x, axis=0) / len(x)


def extent(x):
    return np.sum(x * x)


CASES = [
    case(CTCLossLayer(Input=(7, 4), Target=3), simplex=("Input",)),
    case(CTCLossLayer(Input=(11, 4), Target="Varying"), simplex=("Input",)),
    case(CTCLossLayer(Input=("n", 3), Target=("n",)), simplex=("Input",)),
    case(CTCLossLayer(Target=(3, Restricted("Integer", 4)), Input=(7, 5)), simplex=("Input",)),
    case(ContrastiveLossLayer(), domains={"Input": (0.0, 1.0)}),
    case(ContrastiveLossLayer(1.25), domains={"Input": (0.0, 2.0)}),
    case(CompiledLayer(lambda x: x * np.tanh(x) + 1, Input=(2, 3))),
    case(CompiledLayer(Tanh, Input=("Varying", 3))),
    case(CompiledLayer(lambda x: x**3, None, Input=5), rough="gradient None says that the slope is 0"),
    case(CompiledLayer(softened, Input=5, Output=6)),
    case(CompiledLayer(softened, softened_slope, Input=5, Output=6)),
    case(CompiledLayer(softened, None, Input=5, Output=6), rough="gradient None says that the slope is 0"),
    case(CompiledLayer(centred, Input=(3, 5), Output=(3, 5))),
    case(CompiledLayer(centred, centred_slope, Input=(3, 5), Output=(3, 5))),
    case(CompiledLayer(summed, Input=("n", 3), Output=("n", 3))),
    case(CompiledLayer(extent, Input=("Varying", 3), Output="Real")),
]
