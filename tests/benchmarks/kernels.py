"""Rows for the kernels: each against the same formula composed of autograd's own operations, and against PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from importlib.util import find_spec
from itertools import product
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.core import make_vjp

from tests.benchmarks import Row
from wlnet.backends import backend

torch: Any = __import__("torch") if find_spec("torch") else None
RANDOM = np.random.default_rng(0)
XP = backend().context()


def single(*shape: int) -> np.ndarray:
    """Normal numbers in single precision."""
    return RANDOM.standard_normal(shape).astype(np.float32)


def there_and_back(function: Callable[..., Any], arrays: list[np.ndarray], g: np.ndarray) -> Callable[[], object]:
    """Forward and backward under autograd, with a given gradient of the output."""

    def call() -> object:
        vjp, _ = make_vjp(lambda leaves: function(*leaves), tuple(arrays))
        return vjp(g)

    return call


def in_torch(function: Callable[..., Any], arrays: list[np.ndarray], g: np.ndarray) -> Callable[[], object]:
    """The same in PyTorch."""
    leaves, seed = [torch.tensor(each, requires_grad=True) for each in arrays], torch.tensor(g)
    return lambda: torch.autograd.grad(function(*leaves), leaves, seed)


def row(name: str, arrays: list[np.ndarray], ours: Callable, composed: Callable, theirs: Callable) -> Row:
    """A row, whose three functions of the arrays are checked against each other first."""
    y = ours(*arrays)
    np.testing.assert_allclose(composed(*arrays), y, atol=2e-3 * np.abs(y).max())
    g = single(*y.shape)
    others = {"autograd": there_and_back(composed, arrays, g)}
    if torch:
        others["PyTorch"] = in_torch(theirs, arrays, g)
    return Row(name, there_and_back(ours, arrays, g), others)


def functional() -> Any:
    """torch.nn.functional."""
    return torch.nn.functional


# --- the formulas, composed


def normalized(x: Any, scaling: Any, biases: Any, axes: tuple[int, ...]) -> Any:
    """Each example standardized over some axes."""
    centred = x - anp.mean(x, axis=axes, keepdims=True)
    return centred / anp.sqrt(anp.mean(centred**2, axis=axes, keepdims=True) + 1e-3) * scaling + biases


def taps(x: Any, kernel: tuple[int, ...], stride: tuple[int, ...], out: tuple[int, ...]) -> Iterator[tuple[tuple, Any]]:
    """Each tap of the kernel, and what it reads."""
    for at in product(*map(range, kernel)):
        yield at, x[(..., *[slice(i, i + (n - 1) * s + 1, s) for i, n, s in zip(at, out, stride, strict=True)])]


def convolved(x: Any, w: Any, b: Any, stride: tuple[int, ...], padding: int) -> Any:
    """A product for every tap."""
    x = anp.pad(x, [(0, 0), (0, 0)] + [(padding, padding)] * (x.ndim - 2), "constant")
    kernel = w.shape[2:]
    out = tuple((n - k) // s + 1 for n, k, s in zip(x.shape[2:], kernel, stride, strict=True))
    letters = "xyz"[: len(kernel)]
    parts = [anp.einsum(f"bc{letters},oc->bo{letters}", seen, w[(..., *at)], optimize=True)
             for at, seen in taps(x, kernel, stride, out)]  # fmt: skip
    return reduce(anp.add, parts) + b.reshape((-1, *(1,) * len(kernel)))


def depthwise(x: Any, w: Any, b: Any) -> Any:
    """3×3 with one pixel of padding, a channel alone."""
    x = anp.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), "constant")
    out = (x.shape[2] - 2, x.shape[3] - 2)
    parts = [seen * w[:, 0, at[0], at[1]].reshape((-1, 1, 1)) for at, seen in taps(x, (3, 3), (1, 1), out)]
    return reduce(anp.add, parts) + b.reshape((-1, 1, 1))


def pooled(x: Any, join: Callable, kernel: int, stride: int) -> Any:
    """The taps of all windows joined."""
    out = tuple((n - kernel) // stride + 1 for n in x.shape[2:])
    return reduce(join, [seen for _, seen in taps(x, (kernel,) * len(out), (stride,) * len(out), out)])


def softmaxed(x: Any) -> Any:
    """Softmax of rows."""
    e = anp.exp(x - anp.max(x, axis=1, keepdims=True))
    return e / anp.sum(e, axis=1, keepdims=True)


def logits_lost(x: Any, index: np.ndarray) -> Any:
    """Cross-entropy of logits."""
    shifted = x - anp.max(x, axis=1, keepdims=True)
    return anp.log(anp.sum(anp.exp(shifted), axis=1)) - shifted[np.arange(len(index)), index]


# --- the rows


def normalizations() -> Iterator[Row]:
    """Instance, layer, group and batch normalization."""
    f = functional() if torch else None
    cases = [
        ("normalize, each channel, 32×32×28×28", (32, 32, 28, 28), (32, 1, 1), (2, 3),
         lambda x, s, b: f.instance_norm(x, weight=s[:, 0, 0], bias=b[:, 0, 0], eps=1e-3)),
        ("normalize, whole sample, 32×32×28×28", (32, 32, 28, 28), (32, 28, 28), (1, 2, 3),
         lambda x, s, b: f.layer_norm(x, s.shape, s, b, 1e-3)),
        ("normalize, layer norm, 32×128×512", (32, 128, 512), (1, 512), (2,),
         lambda x, s, b: f.layer_norm(x, (512,), s[0], b[0], 1e-3)),
        ("normalize, group norm, 16×8×8×28×28", (16, 8, 8, 28, 28), (8, 8, 1, 1), (2, 3, 4),
         lambda x, s, b: f.group_norm(x.flatten(1, 2), 8, s.flatten(), b.flatten(), 1e-3).reshape(x.shape)),
        ("normalize, across channels, 32×32×28×28", (32, 32, 28, 28), (32, 1, 1), (1,),
         lambda x, s, b: f.layer_norm(x.movedim(1, -1), (32,), s.flatten(), b.flatten(), 1e-3).movedim(-1, 1)),
    ]  # fmt: skip
    for name, shape, scale, axes, theirs in cases:
        ours = lambda x, s, b, a=axes: XP.normalize(x, s, b, a, 1e-3)
        composed = lambda x, s, b, a=axes: normalized(x, s, b, a)
        yield row(name, [single(*shape), single(*scale), single(*scale)], ours, composed, theirs)
    wide = lambda s: s.reshape((1, -1, 1, 1))
    yield row(
        "batch-normalize, 32×32×28×28",
        [single(32, 32, 28, 28), single(32), single(32)],
        lambda x, s, b: XP.batch_normalize(x, s, b, 1, 1e-3)[0],
        lambda x, s, b: normalized(x, wide(s), wide(b), (0, 2, 3)),
        lambda x, s, b: f.batch_norm(x, None, None, s, b, True, 0.0, 1e-3),
    )


def convolutions() -> Iterator[Row]:
    """Kernels of several sizes, strides and ranks."""
    cases = [
        ("convolve 5×5, 64×20×12×12 → 50", (64, 20, 12, 12), (50, 20, 5, 5), 1, 0),
        ("convolve 3×3, 32×32×28×28 → 32", (32, 32, 28, 28), (32, 32, 3, 3), 1, 1),
        ("convolve 3×3 stride 2, 16×64×28×28 → 128", (16, 64, 28, 28), (128, 64, 3, 3), 2, 1),
        ("convolve 1×1, 32×64×28×28 → 128", (32, 64, 28, 28), (128, 64, 1, 1), 1, 0),
        ("convolve 5, 32×32×512 → 64", (32, 32, 512), (64, 32, 5), 1, 2),
        ("convolve 3×3×3, 8×16×16×16×16 → 16", (8, 16, 16, 16, 16), (16, 16, 3, 3, 3), 1, 1),
    ]
    for name, shape, kernel, step, side in cases:
        rank = len(shape) - 2
        theirs = (torch.conv1d, torch.conv2d, torch.conv3d)[rank - 1] if torch else None
        yield row(
            name,
            [single(*shape), single(*kernel), single(kernel[0])],
            lambda x, w, b, r=rank, s=step, p=side: XP.convolve(x, w, b, (s,) * r, ((p, p),) * r, (1,) * r, 1),
            lambda x, w, b, r=rank, s=step, p=side: convolved(x, w, b, (s,) * r, p),
            lambda x, w, b, s=step, p=side, conv=theirs: conv(x, w, b, s, p),
        )
    yield row(
        "convolve 3×3, a channel alone, 16×64×28×28",
        [single(16, 64, 28, 28), single(64, 1, 3, 3), single(64)],
        lambda x, w, b: XP.convolve(x, w, b, (1, 1), ((1, 1), (1, 1)), (1, 1), 64),
        depthwise,
        lambda x, w, b: torch.conv2d(x, w, b, 1, 1, 1, 64),
    )


def pools() -> Iterator[Row]:
    """Tiles and overlaps."""
    joins = {"Max": anp.maximum, "Mean": anp.add}
    for function, kernel, stride, shape in [
        ("Max", 2, 2, (32, 64, 28, 28)),
        ("Max", 3, 2, (16, 64, 56, 56)),
        ("Mean", 2, 2, (32, 64, 28, 28)),
    ]:
        share = 1.0 if function == "Max" else 1 / kernel**2
        theirs = getattr(functional(), "max_pool2d" if function == "Max" else "avg_pool2d") if torch else None
        yield row(
            f"pool {function} {kernel}×{kernel} stride {stride}, {'×'.join(map(str, shape))}",
            [single(*shape)],
            lambda x, f=function, k=kernel, s=stride: XP.pool(x, f, (k, k), (s, s), ((0, 0), (0, 0))),
            lambda x, j=joins[function], k=kernel, s=stride, m=share: pooled(x, j, k, s) * m,
            lambda x, pool=theirs, k=kernel, s=stride: pool(x, k, s),
        )


def others() -> Iterator[Row]:
    """Linear, softmax and cross-entropy, the ramps, gather and sort."""
    index, classes = RANDOM.integers(0, 1000, 4096), RANDOM.integers(0, 1000, 1024)
    yield row(
        "linear, 64×784 → 512",
        [single(64, 784), single(512, 784), single(512)],
        XP.linear,
        lambda x, w, b: anp.dot(x, w.T) + b,
        lambda x, w, b: functional().linear(x, w, b),
    )
    yield row("softmax, 1024×1000", [single(1024, 1000)], lambda x: XP.softmax(x, 1), softmaxed,
              lambda x: torch.softmax(x, 1))  # fmt: skip
    yield row(
        "cross-entropy of logits, 1024×1000",
        [single(1024, 1000)],
        lambda x: XP.log_softmax_cross_entropy(x, classes),
        lambda x: logits_lost(x, classes),
        lambda x: functional().cross_entropy(x, torch.tensor(classes), reduction="none"),
    )
    yield row("ramp, 1024×1000", [single(1024, 1000)], XP.ramp, lambda x: anp.maximum(x, 0), lambda x: torch.relu(x))
    yield row("sigmoid, 1024×1000", [single(1024, 1000)], XP.sigmoid, lambda x: 1 / (1 + anp.exp(-x)),
              lambda x: torch.sigmoid(x))  # fmt: skip
    yield row(
        "rows, 4096 of 1000×128",
        [single(1000, 128)],
        lambda x: XP.rows(x, index),
        lambda x: x[index],
        lambda x: functional().embedding(torch.tensor(index), x),
    )


def rows() -> Iterator[Row]:
    """All kernels."""
    yield from normalizations()
    yield from convolutions()
    yield from pools()
    yield from others()
