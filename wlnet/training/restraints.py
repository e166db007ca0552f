"""What holds learning back beside the rate: L2Regularization, GradientClipping, WeightClipping.

Each is one value, or rules from parts of the net to values in the syntax of LearningRateMultipliers, of which the first
that reaches an array decides; an array that none reaches is not held back. A step is then, in this order:

    GradientClipping   g ← c or -c where g is beyond; ("Norm", c): g ← g·c/‖g‖ where ‖g‖ > c
    L2Regularization   g ← g + λ·w, the slope of λ/2·‖w‖²; for an array that ascends g ← g - λ·w: weights shrink
    the method         w ← …
    WeightClipping     w ← c or -c where w is beyond; ("Norm", c): w ← w·c/‖w‖ where ‖w‖ > c

‖·‖ is that of all arrays together that one rule reaches: ("Norm", c) for the whole net, {"a": ("Norm", c)} for a part.
"""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, NetWarning
from wlnet.core.layer import Layer
from wlnet.core.multipliers import Multipliers, part_rules
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic
from wlnet.training.losses import inside
from wlnet.training.vector import Layout
from wlnet.verbs.parts import is_anything
from wlnet.verbs.places import arrays
from wlnet.verbs.rates import level

RESTRAINTS = ("L2Regularization", "GradientClipping", "WeightClipping")
PENALTY = RESTRAINTS[0]
NORM = "Norm"

Spans = tuple[tuple[int, int], ...]


def is_number(value: Any) -> bool:
    """Whether a value is a real number, in range or not."""
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def is_norm(value: Any) -> bool:
    """Whether a value is ("Norm", number)."""
    return isinstance(value, (tuple, list)) and len(value) == 2 and value[0] == NORM and is_number(value[1])


def restraint(option: str, setting: Any) -> dict[Any, Any]:
    """The rules of a setting, from parts to a number, ("Norm", number) or None; empty where nothing is held back."""
    norms = option != PENALTY
    try:
        rules = part_rules(
            setting, lambda each: each is None or each is Automatic or is_number(each) or (norms and is_norm(each))
        )
    except ValueError as error:
        raise NetError(f"{option} {error}", got=setting) from None
    found = {part: checked_value(option, value) for part, value in rules.items()}
    return {} if all(value is None for value in found.values()) and list(found) == ["_"] else found


def checked_value(option: str, value: Any) -> Any:
    """A value in its normal form: None for no restraint."""
    if value is None or value is Automatic:
        return None
    number = float(value[1] if is_norm(value) else value)
    if option == PENALTY:
        fits, text = 0 <= number < math.inf, "a number of 0 or more, or None"
    else:
        fits, text = number > 0, 'a positive number, ("Norm", positive number), or None'
    if not fits:
        hint = "LearningRateMultipliers with 0 keeps arrays as they are" if number == 0 else None
        raise NetError(f"{option} must be {text}, got {brief(value)}", expected=text, got=value, hint=hint)
    if number == (0 if option == PENALTY else math.inf):
        return None
    return (NORM, number) if is_norm(value) else number


@dataclass(frozen=True)
class Restraints:
    """The restraints of a training on its vector. `constants` holds, by option, one number an element, or one for all;
    `norms`, by option, the spans of the vector whose norm together is held, and how large it may be; `said`, by array,
    what a plan says of it."""

    constants: Mapping[str, Any] = field(default_factory=dict)
    norms: Mapping[str, Sequence[tuple[Spans, float]]] = field(default_factory=dict)
    said: Mapping[tuple, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def are_none(self) -> bool:
        """Whether nothing is held back."""
        return not self.constants and not self.norms

    def gradient(self, xp: Any, vector: Any, gradient: Any, constants: Mapping[str, Any]) -> Any:
        """The gradient that a method gets."""
        gradient = self.clipped(xp, gradient, "GradientClipping", constants)
        return gradient + constants[PENALTY] * vector if PENALTY in constants else gradient

    def weights(self, xp: Any, vector: Any, constants: Mapping[str, Any]) -> Any:
        """The weights after an update."""
        return self.clipped(xp, vector, "WeightClipping", constants)

    def clipped(self, xp: Any, vector: Any, option: str, constants: Mapping[str, Any]) -> Any:
        """A vector with its elements, and the norms of its parts, within their limits."""
        if option in constants:
            vector = xp.clip(vector, -constants[option], constants[option])
        for spans, limit in self.norms.get(option, ()):
            vector = with_norm(xp, vector, spans, limit)
        return vector


def with_norm(xp: Any, vector: Any, spans: Spans, limit: float) -> Any:
    """A vector whose norm over some spans is at most `limit`; the squares of huge numbers do not overflow."""
    parts = [vector[start:stop] for start, stop in spans]
    part = parts[0] if len(parts) == 1 else xp.concatenate(parts, 0)
    largest = xp.max(xp.abs(part))
    unit = part / xp.where(largest > 0, largest, xp.ones_like(largest))
    length = xp.sqrt(xp.sum(unit * unit))  # from 1 to √n
    held = xp.where(length * largest > limit, unit * (limit / xp.maximum(length, xp.ones_like(length))), part)
    pieces, at, before = [], 0, 0
    for start, stop in spans:
        pieces += [vector[at:start], held[before : before + stop - start]]
        at, before = stop, before + stop - start
    return xp.concatenate([*pieces, vector[at:]], 0)


def resolved_restraints(
    net: Layer, rules: Mapping[str, Mapping[Any, Any]], layout: Layout, multipliers: np.ndarray
) -> Restraints:
    """The restraints of a training of `net`."""
    constants, norms = {}, {}
    said: dict[tuple, tuple[str, ...]] = dict.fromkeys(layout.keys, ())
    for option, setting in rules.items():
        values = list(setting.values())
        deciding = rule_of(net, option, setting, layout.keys)
        bound: dict[tuple, Any] = {key: None if at is None else values[at] for key, at in deciding.items()}
        said = {key: said[key] + phrase(option, bound[key]) for key in layout.keys}
        groups = [
            [key for key in layout.keys if deciding[key] == at] for at in range(len(values)) if is_norm(values[at])
        ]
        norms[option] = [(spans_of(layout, keys), bound[keys[0]][1]) for keys in groups if keys]
        none = 0.0 if option == PENALTY else math.inf
        elementwise = {key: none if value is None or is_norm(value) else value for key, value in bound.items()}
        if any(value != none for value in elementwise.values()):
            with np.errstate(over="ignore"):  # a limit beyond single precision is none
                spread = layout.spread(elementwise, multipliers.dtype.name)
            constants[option] = one_for_all(spread * np.sign(multipliers) if option == PENALTY else spread)
    return Restraints(constants, {option: groups for option, groups in norms.items() if groups}, said)


def one_for_all(vector: np.ndarray) -> Any:
    """A vector that repeats one number as that number alone, which every element is multiplied by at no cost."""
    return float(vector[0]) if vector.size and (vector == vector[0]).all() else vector


def phrase(option: str, value: Any) -> tuple[str, ...]:
    """What a plan says of a restraint on an array."""
    if value is None:
        return ()
    if option == PENALTY:
        return (f"L2 {value:g}",)
    what = "gradient" if option == "GradientClipping" else "weights"
    return (f"{what} of norm {value[1]:g} at most" if is_norm(value) else f"{what} within ±{value:g}",)


def spans_of(layout: Layout, keys: Sequence[tuple]) -> Spans:
    """Where some arrays stand in the vector, neighbours as one span."""
    spans: list[tuple[int, int]] = []
    wanted = set(keys)
    for key, start, size in zip(layout.keys, layout.starts, layout.sizes, strict=False):
        if key in wanted and spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], start + size)
        elif key in wanted:
            spans.append((start, start + size))
    return tuple(spans)


def rule_of(net: Layer, option: str, rules: Mapping[Any, Any], keys: Sequence[tuple]) -> dict[tuple, int | None]:
    """Which rule decides about each learned array, by their numbers; a rule that none is left for is warned of."""
    found = level("NetTrain", net, (), -1, Multipliers(dict(rules)), option)
    places: dict[tuple, list[tuple]] = {}
    for array in arrays(net):
        if array.slot.kind == "learned":
            places.setdefault(array.key, []).append(array.path)
    deciding = {key: found.first(paths) for key, paths in places.items()}
    for at in sorted(found.hidden - found.used):
        text = f"{option}: {found.text(at)} is never used: earlier rules reach all of it"
        warnings.warn(NetWarning(text), stacklevel=5)
    # An array of a loss that training attaches stands beside the net: only a rule for anything reaches it.
    anything = next((at for at, part in enumerate(rules) if is_anything(part)), None)
    return {key: deciding.get(inside(key), anything) for key in keys}
