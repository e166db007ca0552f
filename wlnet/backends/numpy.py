"""The NumPy backend: NumPy's names and our kernels under autograd, nothing compiled and nothing to install."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from hashlib import blake2b
from typing import Any

import autograd.numpy.numpy_wrapper as anp  # autograd.numpy itself hides the names with an underscore
import numpy as np

import wlnet.backends.products  # noqa: F401  (enrols the gradients of products and indexing)
from wlnet.backends.called import Call, called
from wlnet.backends.context import Array, Context
from wlnet.backends.gradients import where
from wlnet.backends.numpywords import SLOPES, WORDS, Sizes, elementwise, pairs, slid, word
from wlnet.backends.recurrent import PackedRecurrent
from wlnet.backends.tape import RULES, recorded, traced, untraced, value_and_gradient
from wlnet.kernels import special
from wlnet.kernels.attend import attend
from wlnet.kernels.batch import standardize, statistics
from wlnet.kernels.convolve import convolve
from wlnet.kernels.ctc import ctc
from wlnet.kernels.deconvolve import deconvolve
from wlnet.kernels.gather import gather, rows, sort
from wlnet.kernels.linear import linear
from wlnet.kernels.normalize import normalize
from wlnet.kernels.pool import pool
from wlnet.kernels.ramps import ramp, sigmoid
from wlnet.kernels.recur_basic import basic
from wlnet.kernels.recur_gated import gated
from wlnet.kernels.recur_lstm import lstm
from wlnet.kernels.resize import resize
from wlnet.kernels.sample import sample
from wlnet.kernels.softmax import cross_entropy, log_softmax_cross_entropy, softmax

on_reshape = recorded(anp.reshape)


class NumPyContext(PackedRecurrent, Context):
    """`xp` on the NumPy backend."""

    linear = staticmethod(word(linear))
    convolve = staticmethod(slid(convolve))
    deconvolve = staticmethod(slid(deconvolve))
    attend = staticmethod(word(attend))
    cross_entropy = staticmethod(word(cross_entropy))
    log_softmax_cross_entropy = staticmethod(word(log_softmax_cross_entropy))
    ctc = staticmethod(word(ctc))
    gather = staticmethod(word(gather))
    rows = staticmethod(word(rows))
    sort = staticmethod(word(sort))
    ramp = staticmethod(word(ramp))
    sigmoid = staticmethod(word(sigmoid))
    resize = staticmethod(word(resize))
    sample = staticmethod(word(sample))
    where = staticmethod(where)
    stop_gradient = staticmethod(untraced)

    on_called = staticmethod(word(called))
    on_pool = staticmethod(word(pool))
    on_normalize = staticmethod(word(normalize))
    on_standardize = staticmethod(word(standardize))
    on_softmax = staticmethod(word(softmax))
    on_basic = staticmethod(word(basic))
    on_gated = staticmethod(word(gated))
    on_lstm = staticmethod(word(lstm))

    # The kernels with options: a primitive sees what stands on the tape only among its positional arguments.
    def pool(self, x: Array, function: str, kernel: Sizes, stride: Sizes, padding: Any) -> Array:
        """The maximum, mean or total of every window: see `kernels.pool`."""
        return self.on_pool(x, function, tuple(kernel), tuple(stride), pairs(padding))

    def normalize(
        self, x: Array, scaling: Array | None, biases: Array | None, axes: Sizes, epsilon: float,
        rms: bool = False, unbiased: bool = False, length: Array | None = None,
    ) -> Array:  # fmt: skip
        """Each example standardized over some axes: see `kernels.normalize`."""
        return self.on_normalize(x, scaling, biases, tuple(axes), epsilon, rms, unbiased, length)

    def batch_normalize(
        self,
        x: Array,
        scaling: Array | None,
        biases: Array | None,
        axis: int,
        epsilon: float,
        real: Array | None = None,
    ) -> tuple[Array, Array, Array]:
        """(y, mean, variance): each channel standardized over the batch; see `kernels.batch`."""
        mean, variance = statistics(untraced(x), axis, real)
        return self.on_standardize(x, scaling, biases, mean, variance, axis, epsilon, real), mean, variance

    def called(
        self, x: Array, function: Any, gradient: Any, passes: int, whole: bool, shape: tuple, length: Array | None
    ) -> Array:
        """A function of the user's, with its gradient (None: slope 0): see `called.Call`."""
        call = Call(function, gradient, passes, whole, shape, self.path)
        return self.on_called(untraced(x) if gradient is None else x, call, length)

    def softmax(self, x: Array, axis: int = -1) -> Array:
        """exp(x) / sum(exp(x)) along an axis."""
        return self.on_softmax(x, axis)

    # NumPy's words that need a hand.
    @staticmethod
    def reshape(x: Array, shape: Any) -> Array:
        """NumPy's; an array that has the shape is itself."""
        return x if x.shape == shape else on_reshape(x, shape)

    @staticmethod
    def argsort(x: Array) -> Array:
        """Which element comes where when the last axis is put in ascending order, from 0; equal ones keep theirs."""
        return np.argsort(untraced(x), -1, kind="stable")

    @staticmethod
    def stack(arrays: Sequence[Array], axis: int = 0) -> Array:
        """NumPy's, without autograd's copy of every array."""
        return anp.concatenate([anp.expand_dims(each, axis) for each in arrays], axis)

    @staticmethod
    def einsum(subscripts: str, *operands: Array) -> Array:
        """NumPy's, through BLAS where it can be."""
        return anp.einsum(subscripts, *operands, optimize=len(operands) > 1)

    @staticmethod
    def pad(x: Array, widths: Any, mode: str = "constant", **options: Any) -> Array:
        """NumPy's; autograd wants the mode said."""
        return anp.pad(x, widths, mode, **options)

    def astype(self, x: Array, kind: type) -> Array:
        """x as whole numbers, booleans, or floats of this precision; only floats keep a gradient."""
        if kind is float:
            return anp._astype(x, self.precision) if traced((x,)) else np.asarray(x, self.precision)
        return np.asarray(untraced(x)).astype(np.int64 if kind is int else kind)

    def asarray(self, value: Any, dtype: Any = None) -> Array:
        """An array; floats get this precision, where no type is asked for."""
        if traced((value,)):
            return value
        array = np.asarray(value, dtype)
        return array.astype(self.precision) if dtype is None and array.dtype.kind == "f" else array

    @staticmethod
    def arange(*bounds: int, dtype: Any = None) -> Array:
        """NumPy's."""
        return np.arange(*bounds, dtype=dtype)

    def zeros(self, shape: Any, dtype: Any = None) -> Array:
        """Zeros of this precision, where no type is asked for."""
        return np.zeros(shape, dtype or self.precision)

    def ones(self, shape: Any, dtype: Any = None) -> Array:
        """Ones of this precision, where no type is asked for."""
        return np.ones(shape, dtype or self.precision)

    def full(self, shape: Any, fill: Any, dtype: Any = None) -> Array:
        """One number everywhere, of this precision, where no type is asked for."""
        return np.full(shape, fill, dtype or self.precision)

    # The random stream: Philox, keyed by a hash that is the same in every process.
    def generator(self) -> np.random.Generator:
        """The generator of the next draw of this layer."""
        path = tuple(step if isinstance(step, str) else int(step) for step in self.path)
        turns = tuple(map(int, self.turns))
        key = repr((int(self.seed), path, *([turns] if turns else []), self.next_draw())).encode()
        return np.random.Generator(
            np.random.Philox(key=int.from_bytes(blake2b(key, digest_size=16).digest(), "little"))
        )

    def uniform(self, shape: Sizes) -> Array:
        """Uniform on [0, 1)."""
        return self.generator().random(shape, np.dtype(self.precision))

    def normal(self, shape: Sizes) -> Array:
        """Normal with mean 0 and deviation 1."""
        return self.generator().standard_normal(shape, np.dtype(self.precision))


for name in WORDS:
    function = getattr(anp, f"_primitive_{name}", getattr(anp, name))
    setattr(NumPyContext, name, staticmethod(recorded(function) if function in RULES else function))
for name, slope in SLOPES.items():
    setattr(NumPyContext, name, staticmethod(elementwise(getattr(special, name), slope)))


class NumPyBackend:
    """What verbs and training ask of a backend."""

    name = "NumPy"
    context = staticmethod(NumPyContext)

    def array(self, value: Any, dtype: Any = None) -> Array:
        """A backend's array of an array."""
        return np.asarray(value, dtype)

    def numpy(self, tree: Any) -> Any:
        """NumPy arrays of a backend's, in nested dicts, tuples and lists."""
        if isinstance(tree, dict):
            return {key: self.numpy(value) for key, value in tree.items()}
        if isinstance(tree, (list, tuple)):
            return type(tree)(self.numpy(value) for value in tree)
        return tree if tree is None else np.asarray(tree)

    def compile(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: nothing is compiled here."""
        return function

    def value_and_gradient(
        self, function: Callable[..., tuple[Any, Any]], leaves: dict[Hashable, Array], *arguments: Any
    ) -> tuple[Any, Any, dict[Any, Array]]:
        """(value, aux, gradients) of function(leaves, *arguments) -> (scalar, aux): see `tape.value_and_gradient`."""
        return value_and_gradient(function, leaves, *arguments)


backend = NumPyBackend()
