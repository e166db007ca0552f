"""NetInitialize: values for the arrays that have none."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wlnet.core.arrays import value_of, with_arrays
from wlnet.core.dims import Unknown
from wlnet.core.errors import NetError, nearest
from wlnet.core.fields import frozen
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.core.ports import shape_text
from wlnet.core.refuse import knows_its_options
from wlnet.core.registry import provides
from wlnet.core.symbols import All, Automatic
from wlnet.core.types import Integer
from wlnet.verbs.distributions import NormalDistribution, distribution
from wlnet.verbs.seeds import seed_of

Generator = np.random.Generator
Fill = Callable[[Generator, tuple], np.ndarray]


def fans(shape: tuple) -> tuple[int, int]:
    """Inputs and outputs of one unit: all levels but the first; the first times the kernel behind the second."""
    if len(shape) < 2:
        return max(1, int(np.prod(shape, dtype=int))), 1
    kernel = int(np.prod(shape[2:], dtype=int))
    return shape[1] * kernel, shape[0] * kernel


def scaled(variance: Callable[[int, int], float]) -> Callable[[Any], Fill]:
    """A method that draws with a variance that depends on the fans: He's or Glorot's."""

    def method(options: Any) -> Fill:
        uniform = options["Distribution"] == "Uniform"

        def fill(random: Generator, shape: tuple) -> np.ndarray:
            deviation = variance(*fans(shape)) ** 0.5
            if uniform:
                return random.uniform(-(3**0.5) * deviation, 3**0.5 * deviation, shape)
            return random.normal(0, deviation, shape)

        return fill

    return method


def orthogonal(options: Any) -> Fill:
    """Rows (or columns, where there are fewer) that are orthogonal unit vectors; Saxe et al. 2014."""

    def fill(random: Generator, shape: tuple) -> np.ndarray:
        if len(shape) < 2:
            return random.normal(0, 1, shape)
        rows, columns = shape[0], int(np.prod(shape[1:], dtype=int))
        tall = random.normal(0, 1, (max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(tall)
        q = q * np.sign(np.diag(r))
        return (q if rows >= columns else q.T).reshape(shape)

    return fill


def drawn(options: Any) -> Fill:
    """Independent numbers of the distribution "Weights"."""
    return options["Weights"].draw


def identity(options: Any) -> Fill:
    """1 where output and input units meet at the middle of the kernel, plus noise that breaks the symmetry."""

    def fill(random: Generator, shape: tuple) -> np.ndarray:
        noise = options["Distribution"].draw(random, shape)
        if len(shape) < 2:
            return noise
        middle = tuple(size // 2 for size in shape[2:])
        for unit in range(min(shape[:2])):
            noise[(unit, unit, *middle)] += 1
        return noise

    return fill


SHAPES = {"Distribution": ("Normal", ("Normal", "Uniform"))}
METHODS: dict[str, tuple[Callable[[Any], Fill], dict[str, Any]]] = {
    "Kaiming": (scaled(lambda before, after: 2 / before), {"Distribution": "Normal"}),
    "Xavier": (scaled(lambda before, after: 2 / (before + after)), {"Distribution": "Normal"}),
    "Orthogonal": (orthogonal, {}),
    "Random": (drawn, {"Weights": NormalDistribution(0, 1), "Biases": None}),
    "Identity": (identity, {"Distribution": NormalDistribution(0, 0.01)}),
}
"""Each method: how it fills an array of weights, and its sub-options with their defaults."""


def method_of(setting: Any) -> tuple[Fill, Any]:
    """How weights are filled, and the distribution of biases (None is zeros)."""
    name, given = setting if isinstance(setting, (tuple, list)) and len(setting) == 2 else (setting, {})
    if not isinstance(name, str) or name not in METHODS:
        raise NetError(f"Method must be one of {', '.join(METHODS)}, got {name!r}", hint=nearest(name, METHODS))
    make, defaults = METHODS[name]
    if not isinstance(given, Mapping):
        raise NetError(f'the sub-options of Method "{name}" must be a dict, got {given!r}', got=given)
    for option in given:
        if option not in defaults:
            raise NetError(f'"{option}" is not a sub-option of Method "{name}"', hint=nearest(option, defaults))
    options = {**defaults, **given}
    if name in ("Kaiming", "Xavier"):
        if options["Distribution"] not in ("Normal", "Uniform"):
            raise NetError(f'"Distribution" must be "Normal" or "Uniform", got {options["Distribution"]!r}')
    else:
        options = {
            key: None if value is None and key == "Biases" else distribution(value) for key, value in options.items()
        }
    return make(options), options.get("Biases")


provides("initialization")(method_of)  # which NetArray asks


@knows_its_options
def NetInitialize(
    net: Layer, which: Any = Automatic, /, *, Method: Any = "Kaiming", RandomSeeding: Any = 1234
) -> Layer:
    """A net whose arrays all have values; those that it has are kept, or with `All` drawn anew.

    Weights are drawn by `Method`: "Kaiming" (He et al. 2015: variance 2/inputs), "Xavier" (Glorot & Bengio 2010:
    2/(inputs + outputs)), "Orthogonal", "Random" or "Identity", or ("name", {sub-option: value}); biases are zeros,
    scalings ones. The same seed gives the same arrays, each by its place in the net. `None` takes all values away.

    >>> net = NetInitialize(LinearLayer(2, Input=3))
    >>> NetExtract(net, "Biases").tolist()
    [0.0, 0.0]
    """
    if not isinstance(net, Layer):
        raise NetError(f"NetInitialize takes a net, got {type(net).__name__}", got=net)
    if which is None:
        return with_arrays(net, without_value)
    if which is not Automatic and which is not All:
        raise NetError(f"NetInitialize(net, All) or NetInitialize(net, None), got {which!r}", got=which)
    weights, biases = method_of(Method)
    return initialized(net, net.plan, weights, biases, seed_of(RandomSeeding), which is All)


def without_value(layer: Layer, name: str, path: tuple) -> Any:
    """What is left of an array whose value is taken away: None where there is none, and constants."""
    if name not in layer.present():
        return None
    return layer.arrays.get(name, Automatic) if layer.ports()[name].is_constant else Automatic


def initialized(net: Layer, plan: Plan, weights: Fill, biases: Any, seed: int, anew: bool) -> Layer:
    """A net with values of the shapes of a plan."""

    made: dict[tuple, np.ndarray] = {}  # by key: a shared array is drawn once, as its first place has it

    def value(layer: Layer, name: str, path: tuple) -> Any:
        held, key = layer.arrays.get(name, Automatic), layer.key(name, path)
        if value_of(held) is None or (value_of(held) is not Automatic and not anew):
            return held
        if value_of(held) is not Automatic and layer.ports()[name].is_constant:
            return held
        if key not in made:
            shape = plan.shape(path, name)
            if shape is None or Unknown in shape:
                raise unknown_shape(layer, plan, path, name)
            method = getattr(held, "method", Automatic)  # of a NetArray
            own = (weights, biases) if method is Automatic else own_method(method)
            start = layer.ports()[name].start if method is Automatic else None
            made[key] = frozen(drawn_array(name, path, shape, start, *own, seed))
        return made[key]

    return with_arrays(net, value)


def drawn_array(
    name: str, path: tuple, shape: tuple, start: float | None, weights: Fill, biases: Any, seed: int
) -> np.ndarray:
    """The first value of one array, by its place in the net."""
    if start is not None and not (biases is not None and name.endswith("Biases")):
        return np.full(shape, start, np.float32)
    key = (seed, zlib.crc32("/".join(map(str, (*path, name))).encode()))
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence(key)))
    fill = biases.draw if name.endswith("Biases") and biases is not None else weights
    return np.asarray(fill(random, shape), dtype=np.float32, order="C")


def own_method(setting: Any) -> tuple[Fill, Any]:
    """How a NetArray says that it is filled: a method, or a distribution. It counts for weights and biases alike."""
    weights = setting.draw if hasattr(setting, "draw") else method_of(setting)[0]
    return weights, None


def unknown_shape(layer: Layer, plan: Plan, path: tuple, name: str) -> NetError:
    """An array cannot be made because its shape is not known: the range of an input is open, or a port."""
    ranges = {slot.of.high for slot in layer.ports().values() if isinstance(slot.of, Integer)}
    words = [word for _, word in layer.ports()[name].words if word in ranges]
    opens = [word for word in words if plan.words[path].get(word, Unknown) is Unknown]
    if opens:
        return NetError(
            f"{type(layer).__name__}: the shape of {name} is not known ({shape_text(plan.shape(path, name))}), because "
            f"{' and '.join(opens)} can be inferred from nothing",
            path=path,
            hint=f"give it, as in {type(layer).__name__}({opens[0]}=3)",
        )
    ports = [port for kind in ("in", "out") for port, slot in layer.ports().items() if slot.kind == kind]
    port = next((port for port in ports if not plan.is_known(path, port)), ports[0])
    shared: Any = layer.arrays.get(name)
    own = f", or as {shared.made(shared.name, Automatic, Automatic, (3, 8))!r}" if hasattr(shared, "array_key") else ""
    return NetError(
        f"{type(layer).__name__}: the shape of {name} is not known ({shape_text(plan.shape(path, name))}), because the "
        f"shape of {port} is {shape_text(plan.shape(path, port))}",
        path=path,
        hint=f"say it, as in {port}=(3, 8), on the layer or on the net{own}",
    )


__all__ = ["METHODS", "NetInitialize", "initialized", "method_of", "with_arrays"]
