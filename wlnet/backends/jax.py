"""The JAX backend: the same words compiled, on the CPU or an accelerator. Imported only when it is asked for.

Double precision exists in JAX only where `jax_enable_x64` is on, so importing this module turns it on for the process.
Every array here says its type or takes it from its arguments, and Python's numbers give way to arrays, so that single
precision stays single; what changes for a user's own JAX code is the type of arrays that were made without one.
Whole numbers are 64 bits wide, as on the NumPy backend. Products have JAX's default precision, which on some
accelerators is less than single; `jax.default_matmul_precision` sets it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from hashlib import blake2b
from math import sqrt
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy import special

from wlnet.backends.context import Array
from wlnet.backends.jaxwords import KernelWords, faults
from wlnet.backends.keyed import boxed, unboxed
from wlnet.backends.recurrent import ScannedRecurrent
from wlnet.core.errors import NetError

jax.config.update("jax_enable_x64", True)

# JAX's own: values, slopes and kinks are those of the NumPy backend.
WORDS = """arctan2 concatenate cosh sinh cumsum diff einsum exp expm1 expand_dims log log1p logaddexp matmul max maximum
    mean min minimum moveaxis outer pad prod repeat reshape roll split sqrt squeeze stack sum swapaxes tanh tensordot
    tile transpose var where sin cos tan arcsin arccos arctan arcsinh arccosh arctanh sign floor ceil round trunc mod
    square isnan logical_and logical_or logical_not equal not_equal greater greater_equal less less_equal arange
    zeros_like ones_like broadcast_to ndim shape sort"""


class JAXContext(ScannedRecurrent, KernelWords):
    """`xp` on the JAX backend; it can be made inside a compiled function, with a traced seed and traced dims."""

    stop_gradient = staticmethod(lax.stop_gradient)
    scan = staticmethod(lax.scan)
    ramp = staticmethod(jax.nn.relu)  # its slope at 0 is 0
    sigmoid = staticmethod(jax.nn.sigmoid)
    erf = staticmethod(special.erf)
    erfc = staticmethod(special.erfc)
    erfinv = staticmethod(special.erfinv)
    gamma = staticmethod(special.gamma)
    digamma = staticmethod(special.digamma)

    @staticmethod
    def erfcinv(y: Array) -> Array:
        """By the normal distribution's quantile, which is right for tiny y, where erfinv(1 - y) is not."""
        return special.ndtri(y * 0.5) * -sqrt(0.5)

    @staticmethod
    def loggamma(x: Array) -> Array:
        """log(gamma(x)); nan for x < 0, where Wolfram's LogGamma is complex."""
        return special.gammaln(x) + jnp.where(x < 0, jnp.nan, jnp.zeros_like(x))

    # NumPy's words whose kinks are the contract's.
    @staticmethod
    def abs(x: Array) -> Array:
        """|x|, with slope 0 at 0 (JAX's own has 1)."""
        return x * jnp.sign(x)

    @staticmethod
    def clip(x: Array, low: Any = None, high: Any = None) -> Array:
        """x held between the limits, with slope 0 outside and on the edge (JAX's own has 1/2 there)."""
        free = (True if low is None else x > low) & (True if high is None else x < high)
        return jnp.where(free, x, lax.stop_gradient(jnp.clip(x, low, high)))

    @staticmethod
    def power(x: Any, n: Any) -> Array:
        """x to the n, with slope 0 for both where both are 0 (JAX's own has nan, also in x ** n of an array n)."""
        if isinstance(n, int) or isinstance(x, (int, float)):
            return jnp.power(x, n)
        return jnp.power(jnp.where((x == 0) & (n == 0), 1.0, x), n)

    @staticmethod
    def std(x: Array, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Array:
        """The standard deviation, with slope 0 where all values are equal (JAX's own has nan)."""
        variance = jnp.var(x, axis, ddof=ddof, keepdims=keepdims)
        flat = variance == 0
        return jnp.where(flat, 0.0, jnp.sqrt(jnp.where(flat, 1.0, variance)))

    # Making arrays: of this precision, where no type is asked for.
    def astype(self, x: Any, kind: type) -> Array:
        """x as whole numbers, booleans, or floats of this precision."""
        return jnp.asarray(x).astype({int: "int64", float: self.precision, bool: "bool"}[kind])

    def asarray(self, value: Any, dtype: Any = None) -> Array:
        """An array; floats get this precision, where no type is asked for."""
        array = jnp.asarray(value, dtype)
        return array.astype(self.precision) if dtype is None and jnp.issubdtype(array.dtype, jnp.floating) else array

    def zeros(self, shape: Any, dtype: Any = None) -> Array:
        """Zeros of this precision, where no type is asked for."""
        return jnp.zeros(shape, dtype or self.precision)

    def ones(self, shape: Any, dtype: Any = None) -> Array:
        """Ones of this precision, where no type is asked for."""
        return jnp.ones(shape, dtype or self.precision)

    def full(self, shape: Any, fill: Any, dtype: Any = None) -> Array:
        """One number everywhere, of this precision, where no type is asked for."""
        return jnp.full(shape, fill, dtype or self.precision)

    # The random stream: a key folded with the path's hash, the same in every process, and the number of the draw.
    def key(self) -> Array:
        """The key of the next draw of this layer."""
        seed = np.uint64(self.seed % 2**64) if isinstance(self.seed, int) else jnp.asarray(self.seed).astype("uint64")
        key = jax.random.key(seed)
        path = tuple(step if isinstance(step, str) else int(step) for step in self.path)
        for word in np.frombuffer(blake2b(repr(path).encode(), digest_size=8).digest(), "<u4"):
            key = jax.random.fold_in(key, word)
        for turn in self.turns:
            key = jax.random.fold_in(key, turn)
        return jax.random.fold_in(key, self.next_draw())

    def uniform(self, shape: tuple[int, ...]) -> Array:
        """Uniform on [0, 1)."""
        return jax.random.uniform(self.key(), shape, self.precision)

    def normal(self, shape: tuple[int, ...]) -> Array:
        """Normal with mean 0 and deviation 1."""
        return jax.random.normal(self.key(), shape, self.precision)

    @staticmethod
    def argsort(x: Array) -> Array:
        """Which element comes where when the last axis is put in ascending order, from 0; equal ones keep theirs."""
        return jnp.argsort(lax.stop_gradient(x), -1, stable=True)

    # Our own words.
    def refuse(self, wrong: Any, message: Callable[[tuple[int, ...]], str]) -> None:
        """A NetError where data are wrong, unless the run is being compiled."""
        if not isinstance(wrong, jax.core.Tracer):
            super().refuse(wrong, message)


for name in WORDS.split():
    setattr(JAXContext, name, staticmethod(getattr(jnp, name)))


class JAXBackend:
    """What verbs and training ask of a backend."""

    name = "JAX"
    context = staticmethod(JAXContext)

    def __init__(self, device: Any = None) -> None:
        self.device = device  # where arrays are put; None is JAX's own choice

    def accelerators(self, numbers: Sequence[int] | None) -> list[JAXBackend]:
        """This backend on each of the GPUs of these numbers, from 1, or on all; there is no silent fall back."""
        try:
            found = jax.devices("gpu")
        except RuntimeError:
            found = []
        wanted = max(numbers) if numbers else 1
        if len(found) < wanted:
            raise NetError(
                f'TargetDevice="GPU": JAX finds {len(found)} GPUs here',
                expected=wanted,
                got=len(found),
                hint="install JAX for your GPU (pip install 'jax[cuda12]'), or compute on \"CPU\"",
            )
        chosen = found if numbers is None else [found[number - 1] for number in numbers]
        return [JAXBackend(device) for device in chosen]

    def array(self, value: Any, dtype: Any = None) -> Array:
        """A backend's array of an array, on the backend's device."""
        array = jnp.asarray(value, dtype)
        return array if self.device is None else jax.device_put(array, self.device)

    def numpy(self, tree: Any) -> Any:
        """NumPy arrays of a backend's, in nested dicts, tuples and lists."""
        return unboxed(jax.tree.map(np.asarray, boxed(tree)))

    def compile(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function compiled, once for each structure, shape and type of its arguments; dicts may have any keys."""
        compiled = jax.jit(lambda arguments, named: boxed(function(*unboxed(arguments), **unboxed(named))))

        def run(*arguments: Any, **named: Any) -> Any:
            answer = compiled(boxed(arguments), boxed(named))
            if faults.possible:
                jax.block_until_ready(answer)
                faults.raise_first()
            return unboxed(answer)

        return run

    def value_and_gradient(
        self, function: Callable[..., tuple[Any, Any]], leaves: dict[Hashable, Array], *arguments: Any
    ) -> tuple[Any, Any, dict[Any, Array]]:
        """(value, aux, gradients) of function(leaves, *arguments) -> (scalar, aux).

        The gradients have the leaves' shapes and types, and are zero where the scalar does not depend on a leaf.

        >>> square = lambda leaf: (leaf["x"] ** 2 * 3.0, {})
        >>> value, aux, gradients = backend.value_and_gradient(square, {"x": 5.0})
        >>> float(value), float(gradients["x"])
        (75.0, 30.0)
        """
        given = {key: jnp.asarray(leaf) for key, leaf in leaves.items()}
        floats = [key for key, leaf in given.items() if jnp.issubdtype(leaf.dtype, jnp.floating)]

        def of_floats(values: list[Array]) -> tuple[Array, Any]:
            scalar, aux = function({**given, **dict(zip(floats, values, strict=True))}, *arguments)
            return scalar, boxed(aux)

        (value, aux), slopes = jax.value_and_grad(of_floats, has_aux=True)([given[key] for key in floats])
        gradients = dict(zip(floats, slopes, strict=True))
        return value, unboxed(aux), {key: gradients.get(key, jnp.zeros_like(leaf)) for key, leaf in given.items()}


backend = JAXBackend()
