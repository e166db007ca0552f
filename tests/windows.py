"""What layers with a window should give, written out: padding, loops over places and taps, in double precision.

Also the law for varying lengths, value and gradient: a batch padded with noise is each example alone.
"""

import itertools
import math

import numpy as np

from tests.examples import example
from wlnet.backends import backend


def same_padding(size, kernel, stride=1, dilation=1):
    """What "Same" pads on a level of that size: ⌈size / stride⌉ places, the odd one of the padding after."""
    total = max(0, (math.ceil(size / stride) - 1) * stride + dilation * (kernel - 1) + 1 - size)
    return total // 2, math.ceil(total / 2)


def padded(x, padding, fill):
    """x (channels, *size) in double precision with `fill` around its dimensions of space."""
    return np.pad(np.asarray(x, float), ((0, 0), *padding), constant_values=fill)


def taps(x, kernel, stride, padding, dilation, fill):
    """(place, values at the taps of the window there): channels first, taps in the order of np.ndindex(kernel)."""
    wide = padded(x, padding, fill)
    facts = zip(wide.shape[1:], kernel, stride, dilation, strict=True)
    out = [math.floor((n - d * (k - 1) - 1) / s) + 1 for n, k, s, d in facts]
    for place in np.ndindex(*out):
        at = [[p * s + q * d for q in range(k)] for p, s, d, k in zip(place, stride, dilation, kernel, strict=True)]
        yield place, np.stack([wide[(slice(None), *tap)] for tap in itertools.product(*at)], 1)


def convolved(x, weights, biases, stride, padding, dilation, groups=1):
    """y[o, p] = biases[o] + Σ over c, q of weights[o, c, q] x[c, p · stride + q · dilation], a group at a time."""
    weights = np.asarray(weights, float)
    found = {}
    block_in, block_out = len(x) // groups, len(weights) // groups
    for place, values in taps(x, weights.shape[2:], stride, padding, dilation, 0.0):
        for o, kernel in enumerate(weights):
            first = o // block_out * block_in
            total = sum(
                kernel[c][tap] * values[first + c, k]
                for c in range(block_in)
                for k, tap in enumerate(np.ndindex(*weights.shape[2:]))
            )
            found[(o, *place)] = total + (0.0 if biases is None else biases[o])
    return as_array(found)


def pooled(x, function, kernel, stride, padding):
    """The maximum, mean or total of every window, each channel alone; Max does not see the padding."""
    found = {}
    for place, values in taps(x, kernel, stride, padding, (1,) * len(kernel), -math.inf if function == "Max" else 0.0):
        for c, row in enumerate(values):
            total = sum(row)
            found[(c, *place)] = {"Max": max(row), "Mean": total / math.prod(kernel), "Total": total}[function]
    return as_array(found)


def as_array(found):
    """The array with these values by place."""
    y = np.zeros([size + 1 for size in max(found)])
    for place, value in found.items():
        y[place] = value
    return y


LENGTHS = (5, 11, 7, 4)
"""True lengths of a batch: odd and even ones, in no order."""


def assert_padding_never_shows(layer):
    """A batch of sequences padded with noise gives each example's own values and gradients, and finite padding."""
    engine = backend("NumPy")
    arrays = given_arrays(layer)
    rest = layer.shapes["Input"][1:]
    alone = [run_alone(layer, arrays, example(length, *rest, seed=length), engine) for length in LENGTHS]
    y, gradients, places = run_noisy(layer, engine)
    assert y.dtype == np.float32
    assert np.isfinite(y).all()
    for k, (own, own_gradients) in enumerate(alone):
        assert places[k] == len(own)
        np.testing.assert_allclose(y[k, : len(own)], own, rtol=2e-5, atol=2e-5)
        assert (y[k, len(own) :] == y[k, len(own) - 1]).all()  # padding repeats the last true element
        np.testing.assert_allclose(gradients["Input"][k, : LENGTHS[k]], own_gradients["Input"], rtol=2e-5, atol=2e-5)
        assert not gradients["Input"][k, LENGTHS[k] :].any()
    for key in arrays:
        assert gradients[key].dtype == np.float32
        total = sum(own_gradients[key] for _, own_gradients in alone)
        np.testing.assert_allclose(gradients[key], total, rtol=1e-4, atol=1e-4)


def assert_backends_agree_on_noise(layer):
    """Both backends give the same values and gradients of a batch padded with noise."""
    y, gradients, _ = run_noisy(layer, backend("NumPy"))
    other_y, other_gradients, _ = run_noisy(layer, backend("JAX"))
    assert other_y.dtype == np.float32
    np.testing.assert_allclose(other_y, y, rtol=2e-5, atol=2e-5)
    for key, gradient in gradients.items():
        np.testing.assert_allclose(other_gradients[key], gradient, rtol=1e-4, atol=1e-4)


def given_arrays(layer):
    """The arrays that a layer has values for."""
    return {key: np.asarray(value) for key, value in layer.arrays.items() if value is not None}


def run_noisy(layer, engine, wide=13):
    """The output, gradients and true output lengths of the batch, padded with noise beyond the longest."""
    rest = layer.shapes["Input"][1:]
    noisy = example(len(LENGTHS), wide, *rest, seed=3, low=50, high=90)
    for row, length in zip(noisy, LENGTHS, strict=True):
        row[:length] = example(length, *rest, seed=length)
    (name,) = layer.shapes["Input"][0].names()
    return run(layer, given_arrays(layer), noisy, {name: np.array(LENGTHS)}, engine)


def run_alone(layer, arrays, x, engine):
    """The output and gradients of one example of that length."""
    (name,) = layer.shapes["Input"][0].names()
    y, gradients, _ = run(layer, arrays, x[None], {name: len(x)}, engine)
    return y[0], gradients | {"Input": gradients["Input"][0]}


def run(layer, arrays, x, lengths, engine):
    """The output, the gradients of Σ weight · output over true places, and the true output lengths."""
    first = layer.shapes["Output"][0]
    places = np.broadcast_to(first.with_names(lambda name: lengths[name]), (len(x),))
    xp = engine.context(dims=layer.plan.at(lengths))

    def total(leaves):
        inputs = {"Input": leaves["Input"]}
        y = layer.run(xp, {(name,): leaves[name] for name in arrays}, inputs, ())[0]["Output"]
        counts = np.array([[t < n for t in range(y.shape[1])] for n in places])
        weights = np.sin(np.arange(1, 1 + y[0].size, dtype=np.float32)).reshape(y.shape[1:]) * counts.reshape(
            *counts.shape, *(1,) * (y.ndim - 2)
        )
        return xp.sum(y * weights.astype(np.float32)), y

    leaves = {"Input": engine.array(x), **{name: engine.array(value) for name, value in arrays.items()}}
    y, gradients = engine.compile(lambda given: engine.value_and_gradient(total, given)[1:])(leaves)
    return np.asarray(y), {key: np.asarray(value) for key, value in gradients.items()}, places


def assert_gradients(layer, x, arrays, tolerance=1e-6):
    """The gradients of Σ weight · output by the input and by each array are its differences, in double precision."""
    engine = backend("NumPy")
    xp = engine.context(precision="float64", dims=layer.plan.words)
    leaves = {"Input": x.astype(float), **{name: np.asarray(value, float) for name, value in arrays.items()}}

    def total(leaves):
        y = layer.run(xp, {(name,): leaves[name] for name in arrays}, {"Input": leaves["Input"]}, ())[0]["Output"]
        return xp.sum(y * np.sin(np.arange(1.0, 1 + y.size)).reshape(y.shape)), {}

    _, _, gradients = engine.value_and_gradient(total, leaves)
    for key, leaf in leaves.items():
        for place in itertools.islice(np.ndindex(*leaf.shape), 0, None, max(1, leaf.size // 23)):
            step = np.zeros_like(leaf)
            step[place] = 1e-4
            up, down = (total({**leaves, key: leaf + sign * step})[0] for sign in (1, -1))
            assert abs(gradients[key][place] - (up - down) / 2e-4) < tolerance, (key, place)
