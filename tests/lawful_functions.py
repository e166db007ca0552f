"""The laws' rows for functions of arrays that are recorded as nets, and for constants."""

import numpy as np

from tests.lawful import case
from tests.numpy_functions import CASES as FUNCTIONS
from wlnet import FunctionLayer, LinearLayer, NetArray, NetArrayLayer, NetGraph, SoftmaxLayer

POSITIVE = (0.3, 2.0)
CHOSEN = [
    ".var with ddof=2",
    "np.sort",
    "a list of places",
    "a slice backwards",
    "@ of stacks of 1",
    "np.trace",
    "np.cumsum",
    "np.log1p and np.expm1",
]

W = NetArray("W", Dimensions=(3, 2))
linear = LinearLayer(2)

CASES = [
    *[case(FunctionLayer(FUNCTIONS[name][0], Input=FUNCTIONS[name][1]), domain=POSITIVE) for name in CHOSEN],
    case(FunctionLayer(lambda x: np.tanh(x) @ W + NetArray("b", Dimensions=2), Input=(5, 3), Output=(5, 2))),
    case(FunctionLayer(lambda x: {"A": linear(x) * 2, "B": SoftmaxLayer()(x)}, Input=3)),
    case(FunctionLayer(lambda a, b: (a - b.mean(0), b[-1] * a), a=3, b=("Varying", 3))),
    case(FunctionLayer(lambda x: x[::-1] - x.std(0) + np.concatenate([x, x])[-1], Input=("Varying", 3))),
    case(FunctionLayer(lambda x: np.diff(x * np.array([1.0, 2, 5]), axis=0) @ W, Input=("Varying", 3))),
    case(NetGraph(lambda x, y: {"P": (x * y).sum(), "Q": np.stack([x, y])}, x=3, y=3)),
    case(NetArrayLayer(Array=[[1.5, 2, 3], [4, 5, 7]], LearningRateMultipliers=None)),
]
