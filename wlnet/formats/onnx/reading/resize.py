"""Resize and Upsample: ResizeLayer where it reads the same places, else a matrix for each axis."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.core.dims import Length
from wlnet.core.errors import NetError
from wlnet.core.symbols import All, Scaled
from wlnet.formats.onnx.reading.arrays import in_order
from wlnet.formats.onnx.reading.mapped import each_item
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.values import Value, known
from wlnet.layers.resizing import ResizeLayer
from wlnet.nets.contractions import matmul


@reads("Upsample")
def enlarged(node: Node, x: Value, scales: Value | None = None) -> Value:
    """Space resized by factors: what Resize did before it had its name."""
    factors = node.get("scales") if scales is None else node.numbers(scales, "the scales")
    node.attributes = {"mode": node.get("mode", "nearest"), "coordinate_transformation_mode": "asymmetric",
                       "nearest_mode": "floor"}  # fmt: skip
    return resized(node, x, list(range(x.rank)), factors, None)


@reads("Resize")
def resize(
    node: Node, x: Value, roi: Value | None = None, scales: Value | None = None, sizes: Value | None = None
) -> Value:
    """Axes resized by factors, or to sizes."""
    if node.version < 11:  # operator set 10: the scales come second
        node.attributes = {**node.attributes, "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return resized(node, x, list(range(x.rank)), node.numbers(roi, "the scales"), None)
    axes = [x.axis(axis) for axis in node.sizes("axes") or range(x.rank)]
    factors = node.numbers(scales, "the scales") if scales is not None and scales.shape != (0,) else None
    wanted = None if sizes is None or factors else list(node.known(sizes, "the sizes").ravel().tolist())
    if factors is None and wanted is None:
        raise NetError("it says neither scales nor sizes")
    box = (
        node.numbers(roi, "the region") if node.get("coordinate_transformation_mode") == "tf_crop_and_resize" else None
    )
    return resized(node, x, axes, factors, wanted, box)


def resized(node: Node, x: Value, axes: list[int], factors: Any, wanted: Any, box: Any = None) -> Value:
    """A tensor of which axes are resized."""
    given = factors if factors is not None else wanted
    if len(given) != len(axes):
        raise NetError(f"it has {len(given)} scales or sizes for {len(axes)} axes")
    if wanted is not None and node.get("keep_aspect_ratio_policy", "stretch") != "stretch":
        factors, wanted = kept_ratio(node, x, axes, wanted)
    fast = by_layer(node, x, dict(zip(axes, factors or (), strict=False)), dict(zip(axes, wanted or (), strict=False)))
    if fast is not None and box is None:
        return each_item(x, fast)
    for at, axis in enumerate(axes):
        old = x.shape[axis]
        factor = factors[at] if factors is not None else None
        if (factor == 1 and (wanted is None or wanted[at] == old) and box is None) or (
            wanted is not None and wanted[at] == old and box is None
        ):
            continue
        if not isinstance(old, int):
            raise NetError("it resizes an axis whose size is open", hint="say the sizes: Dimensions={…}")
        new = int(wanted[at]) if factor is None or wanted is not None else math.floor(old * factor)
        region = None if box is None else (box[at], box[at + len(axes)])
        x = along(x, axis, matrix(node, old, new, new / old if factor is None else factor, region))
    return x


def kept_ratio(node: Node, x: Value, axes: list[int], wanted: list) -> tuple[list, list]:
    """One factor for all axes, the largest or smallest that fits the wanted sizes, and the sizes that it makes."""
    ratios = [size / x.shape[axis] for size, axis in zip(wanted, axes, strict=True)]
    factor = min(ratios) if node.get("keep_aspect_ratio_policy") == "not_larger" else max(ratios)
    return [factor] * len(axes), [math.floor(factor * x.shape[axis] + 0.5) for axis in axes]


def by_layer(node: Node, x: Value, factors: dict[int, Any], wanted: dict[int, Any]) -> ResizeLayer | None:
    """ResizeLayer where it does the same: linear between centres or corners, or whole repeats."""
    mode, place = node.get("mode", "nearest"), node.get("coordinate_transformation_mode", "half_pixel")
    if x.batch != 0 or not 3 <= x.rank <= 5 or not all(same_size(x, axis, factors, wanted) for axis in (0, 1)):
        return None
    if node.whole("antialias", 0) or node.whole("exclude_outside", 0):
        return None
    target = [target_of(x, axis, factors, wanted) for axis in range(2, x.rank)]
    if mode == "nearest":
        whole = all(to is All or (isinstance(to, Scaled) and to.factor == int(to.factor)) for to in target)
        repeats = (place, node.get("nearest_mode", "round_prefer_floor")) in REPEATS
        target = [Scaled(1) if to is All else to for to in target]
        return ResizeLayer(tuple(target), Resampling="Nearest") if whole and repeats else None
    if (
        mode != "linear"
        or place not in ("half_pixel", "pytorch_half_pixel", "align_corners")
        or any(to is None for to in target)
    ):
        return None
    if place != "align_corners" and any(isinstance(to, Scaled) and to.factor < 1 for to in target):
        return None
    exact = all(not isinstance(to, Scaled) or to.factor == int(to.factor) for to in target)
    return ResizeLayer(tuple(target), Scheme="Point" if place == "align_corners" else "Bin") if exact else None


REPEATS = {("asymmetric", "floor"), ("half_pixel", "round_prefer_floor"), ("half_pixel", "round_prefer_ceil"),
           ("half_pixel_symmetric", "round_prefer_floor")}  # fmt: skip
"""Where a whole factor repeats each element so many times."""


def same_size(x: Value, axis: int, factors: dict[int, Any], wanted: dict[int, Any]) -> bool:
    """Whether an axis stays as it is."""
    return factors.get(axis, 1) == 1 and wanted.get(axis, x.shape[axis]) == x.shape[axis]


def target_of(x: Value, axis: int, factors: dict[int, Any], wanted: dict[int, Any]) -> Any:
    """What ResizeLayer is to do with an axis; None where it cannot say it."""
    size = x.shape[axis]
    if same_size(x, axis, factors, wanted):
        return All
    if axis in factors:
        return Scaled(factors[axis])
    if isinstance(wanted[axis], Length):
        return None
    whole = isinstance(size, int) and wanted[axis] % size == 0
    return Scaled(wanted[axis] // size) if whole else int(wanted[axis])


def along(x: Value, axis: int, weights: np.ndarray) -> Value:
    """Each vector along an axis multiplied by a matrix."""
    if axis == x.batch:
        x = x.whole()
    others = [at for at in range(x.rank) if at != axis]
    last = in_order(x, [*others, axis])
    found = last.like(matmul(last.symbol(), known(weights.T.astype(np.float32)).symbol()))
    return in_order(found, [*range(axis), x.rank - 1, *range(axis, x.rank - 1)])


# --- one axis as a matrix ---------------------------------------------------------------------------------------------


def matrix(node: Node, old: int, new: int, factor: float, region: tuple | None) -> np.ndarray:
    """new × old: how much of each old element each new one is."""
    if not 0 < new * old <= 2**24:
        raise NetError(f"it resizes an axis of size {old} to {new}")
    at = read_at(node, np.arange(new, dtype=float), old, new, factor, region)
    if node.get("mode", "nearest") == "nearest":
        rounded = NEAREST[node.get("nearest_mode", "round_prefer_floor")](at)
        weights = np.zeros((new, old))
        weights[np.arange(new), np.clip(rounded, 0, old - 1).astype(int)] = 1
    else:
        weights = spread(node, at, old, min(factor, 1.0) if node.whole("antialias", 0) else 1.0)
    if region is not None:
        outside = (at < 0) | (at > old - 1)
        if outside.any() and node.number("extrapolation_value", 0.0):
            raise NetError("it fills what is outside with a number other than 0 (extrapolation_value)")
        weights[outside] = 0
    return weights


NEAREST: dict[str, Callable] = {
    "round_prefer_floor": lambda at: np.ceil(at - 0.5),
    "round_prefer_ceil": lambda at: np.floor(at + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}


def read_at(node: Node, place: np.ndarray, old: int, new: int, factor: float, region: tuple | None) -> np.ndarray:
    """Where in the old axis each new place lies."""
    mode = node.get("coordinate_transformation_mode", "half_pixel")
    if mode == "asymmetric":
        return place / factor
    if mode == "align_corners":
        return place * (old - 1) / (new - 1) if new > 1 else place * 0
    if mode == "tf_crop_and_resize" and region is not None:
        start, end = region
        step = (end - start) * (old - 1) / (new - 1) if new > 1 else 0
        return start * (old - 1) + place * step if new > 1 else place * 0 + 0.5 * (start + end) * (old - 1)
    if mode == "pytorch_half_pixel":
        return (place + 0.5) / factor - 0.5 if new > 1 else place * 0
    if mode == "half_pixel":
        return (place + 0.5) / factor - 0.5
    if mode == "half_pixel_symmetric":
        adjusted = new / (factor * old)
        return old / 2 * (1 - adjusted) + (place + 0.5) / factor - 0.5
    if mode == "tf_half_pixel_for_nn":
        return (place + 0.5) / factor
    raise NetError(f"its coordinate_transformation_mode is {mode!r}")


def spread(node: Node, at: np.ndarray, old: int, stretch: float) -> np.ndarray:
    """The weights of old elements around each place: of straight lines, or of cubic curves."""
    mode = node.get("mode")
    if mode not in ("linear", "cubic"):
        raise NetError(f"its mode is {mode!r}")
    reach = math.ceil((1 if mode == "linear" else 2) / stretch)
    taps = np.floor(at)[:, None] + np.arange(-reach, reach + 2)[None]
    away = np.abs(taps - at[:, None]) * stretch
    found = np.maximum(1 - away, 0) if mode == "linear" else cubic(away, node.number("cubic_coeff_a", -0.75))
    if node.whole("exclude_outside", 0):
        found = np.where((taps < 0) | (taps > old - 1), 0, found)
    found /= found.sum(1, keepdims=True)
    weights = np.zeros((len(at), old))
    rows = np.repeat(np.arange(len(at)), taps.shape[1])
    np.add.at(weights, (rows, np.clip(taps, 0, old - 1).astype(int).ravel()), found.ravel())
    return weights


def cubic(away: np.ndarray, a: float) -> np.ndarray:
    """Keys' cubic kernel."""
    near = ((a + 2) * away - (a + 3)) * away**2 + 1
    far = ((a * away - 5 * a) * away + 8 * a) * away - 4 * a
    return np.where(away <= 1, near, np.where(away < 2, far, 0))
