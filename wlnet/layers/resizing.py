"""ResizeLayer and SpatialTransformationLayer."""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal, Unknown, known
from wlnet.core.fields import Flag, Size, as_number, one_of
from wlnet.core.layer import Layer, dimension
from wlnet.core.slots import Slot, gives, takes
from wlnet.core.symbols import All, Automatic, Scaled
from wlnet.core.types import Real


def _target(value: Any) -> Any:
    value = value.tolist() if hasattr(value, "tolist") else value
    found = tuple(map(_entry, value)) if isinstance(value, Sequence) and not isinstance(value, str) else ()
    if not found or None in found:
        raise ValueError("must be a tuple: for each dimension of space a positive whole number, Scaled(r) or All")
    return found


def _entry(value: Any) -> Any:
    """What one dimension is resized to; None where that is nothing."""
    if value is All or value == "All":
        return All
    number = as_number(value.factor if isinstance(value, Scaled) else value)
    if number is None or not 0 < number < math.inf:
        return None
    if isinstance(value, Scaled):
        return Scaled(number)
    return number if isinstance(number, int) else None


def scaled(size: Any, factor: float) -> Any:
    """factor · size to the nearest whole number, of two the even one; also of a length, in the arithmetic it has.

    >>> [scaled(size, 0.5) for size in (4, 5, 6, 7)]
    [2, 2, 3, 4]
    """
    exact = Fraction(factor).limit_denominator(10**6)
    p, q = exact.numerator, exact.denominator
    if q % 2:
        return (2 * p * size + q) // (2 * q)
    half = q // 2
    tie = (p * size - half) // (2 * q) - (p * size - half - 1) // (2 * q)  # 1 where half goes up to an odd number
    return (p * size + half) // q - tie


class ResizeLayer(Layer):
    """Output = Input with each dimension of space resized: to a size, by a factor Scaled(r), or not, All.

    With the Scheme "Point" the first and last elements stay where they are; with "Bin" each element is a bin of equal
    width, and the new bins fill the same width. Between elements Resampling="Linear" goes straight, one dimension
    after the other; "Nearest" repeats elements, and is for Scaled(m) of whole m only.

    >>> ResizeLayer((5,))([[1, 2, 4]]).tolist()
    [[1.0, 1.5, 2.0, 3.0, 4.0]]
    >>> ResizeLayer((Scaled(2),), Scheme="Bin")([[1, 2, 4]]).tolist()
    [[1.0, 1.25, 1.75, 2.5, 3.5, 4.0]]
    >>> ResizeLayer((Scaled(2),), Resampling="Nearest")([[1, 2, 4]]).tolist()
    [[1.0, 1.0, 2.0, 2.0, 4.0, 4.0]]

    Channels are level 1, or with Interleaving=True the last level; then level 1 is of space, and may vary. Automatic
    is "Linear", and "Point" for it, "Bin" for "Nearest". Shrinking does not smooth.
    """

    target: Annotated[tuple, BeforeValidator(_target)]
    Interleaving: Flag = False
    Resampling: Annotated[Any, one_of(Automatic, "Linear", "Nearest")] = Automatic
    Scheme: Annotated[Any, one_of(Automatic, "Point", "Bin")] = Automatic

    Input = takes("channels *size", of=Real())
    Output = gives("channels *outsize")

    def check(self) -> None:
        if self.Resampling == "Nearest" and not all(map(is_whole_factor, self.target)):
            raise Refusal(
                f'Resampling="Nearest" must have a whole factor for each dimension, got {self.target}',
                "write Scaled(2), Scaled(3), …, Scaled(1) for a dimension that stays, or use Linear",
            )

    # --- ports and rules --------------------------------------------------------------------------------------------

    def ports(self) -> dict[str, Slot]:
        return self.placed_ports

    @cached_property
    def placed_ports(self) -> dict[str, Slot]:
        """The ports with the channels where Interleaving puts them."""
        if not self.Interleaving:
            return self.slots
        return {name: replace(slot, words=slot.words[1:] + slot.words[:1]) for name, slot in self.slots.items()}

    def words(self) -> dict[str, Any]:
        fixed = tuple(to if isinstance(to, int) else Unknown for to in self.target)
        return {"size": (Unknown,) * len(self.target), "outsize": fixed}

    @dimension
    def outsize(self, size: tuple) -> tuple:
        return tuple(resized(dim, to) for dim, to in zip(size, self.target, strict=True))

    @dimension
    def size(self, outsize: tuple) -> tuple:
        return tuple(source(dim, to) for dim, to in zip(outsize, self.target, strict=True))

    # --- running ----------------------------------------------------------------------------------------------------

    def apply(self, xp: Any, Input: Any, size: tuple, outsize: tuple) -> Any:
        y, first = Input, 1 if self.Interleaving else 2
        for k, (old, new, to) in reversed([*enumerate(zip(size, outsize, self.target, strict=True))]):
            if to is All or is_same(old, new):
                continue
            if isinstance(old, int):
                y = xp.resize(y, first + k, *self.read(xp, xp.arange(new), old, new))
            else:
                y = self.each_resized(xp, y, old, new, new if isinstance(new, int) else resized(y.shape[1], to))
        return y

    def each_resized(self, xp: Any, x: Any, old: Any, new: Any, count: int) -> Any:
        """x resized along axis 1 from and to the sizes that each example has; padding repeats the last element."""
        old, new = (xp.reshape(each, (-1, 1)) if not isinstance(each, int) else each for each in (old, new))
        low, weight = self.read(xp, xp.minimum(xp.arange(count)[None], new - 1), old, new)
        y = xp.gather(x, low)
        if weight is None:
            return y
        step = xp.gather(x, xp.minimum(low + 1, old - 1)) - y
        return y + step * xp.reshape(weight, (*weight.shape, *(1,) * (x.ndim - 2)))

    def read(self, xp: Any, place: Any, old: Any, new: Any) -> tuple[Any, Any]:
        """(where an element of the new size is read in the old one, how far towards the next): all places from 0.

        It is counted in fractions of an element, so that nothing is rounded before the weight.
        """
        nearest = self.Resampling == "Nearest"
        if (self.Scheme == "Bin") if self.Scheme is not Automatic else nearest:
            fractions = 2 * new
            at = xp.minimum(xp.maximum((2 * place + 1) * old - new, 0), (old - 1) * fractions)
        else:
            fractions = xp.maximum(new - 1, 1)
            at = place * (old - 1)
        if nearest:
            return -((fractions - 2 * at) // (2 * fractions)), None
        low = at // fractions
        return low, xp.astype(at - low * fractions, float) / xp.astype(xp.asarray(fractions), float)


def is_whole_factor(to: Any) -> bool:
    """Whether a target is Scaled by a whole number."""
    return isinstance(to, Scaled) and to.factor == int(to.factor)


def resized(dim: Any, to: Any) -> Any:
    """The size that a target makes of a size; at least 1."""
    if not isinstance(to, Scaled):
        return dim if to is All else to
    size = scaled(dim, to.factor)
    return max(size, 1) if known(size) else size


def source(dim: Any, to: Any) -> Any:
    """The size of which a target makes that size, where there is one only."""
    if to is All:
        return dim
    if not is_whole_factor(to) or not known(dim):
        return Unknown
    factor = int(to.factor)
    if dim % factor:
        raise Refusal(f"no size of Input becomes {dim} by {to}", f"give Output a multiple of {factor}")
    return dim // factor


def is_same(old: Any, new: Any) -> bool:
    """Whether a dimension keeps its size in every example."""
    return isinstance(old, int) and isinstance(new, int) and old == new


def _pair(value: Any) -> Any:
    check = Size.__metadata__[0].func
    try:
        height, width = value
        return check(height), check(width)
    except (TypeError, ValueError):
        raise ValueError("must be two positive whole numbers, (height, width)") from None


HeightWidth = Annotated[tuple[int, int], BeforeValidator(_pair)]


class SpatialTransformationLayer(Layer):
    """Output(i, j) = Input at the point zh·X + sh·Y + th across, sv·X + zv·Y + tv down, for Parameters = (zh, sh, th,
    sv, zv, tv): zoom, skew and translation.

    X and Y are the place (i, j) in the new image and the point is one in the old image, where -1 and 1 are the centres
    of the first and last pixels. Between pixels Input is read bilinearly, and outside it is 0 (Jaderberg et al. 2015).

    >>> image = [[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]
    >>> SpatialTransformationLayer((2, 2))({"Input": image, "Parameters": [1, 0, 0, 0, 1, 0]}).tolist()
    [[[1.0, 3.0], [7.0, 9.0]]]
    >>> SpatialTransformationLayer((1, 2))({"Input": image, "Parameters": [0, 0, 1, 0.5, 0, 0.5]}).tolist()
    [[[6.0, 9.0]]]

    (height, width) is the new size; where it is 1, the place is the middle, 0.
    """

    extent: HeightWidth

    Input = takes("channels height width", of=Real())
    Parameters = takes("6", of=Real())
    Output = gives("channels rows columns")

    def words(self) -> dict[str, Any]:
        return dict(zip(("rows", "columns"), self.extent, strict=True))

    def apply(self, xp: Any, Input: Any, Parameters: Any) -> Any:
        height, width = Input.shape[2:]
        down, across = (span(xp, size) for size in self.extent)
        down, across = xp.reshape(down, (1, -1, 1)), xp.reshape(across, (1, 1, -1))
        zh, sh, th, sv, zv, tv = (xp.reshape(Parameters[:, k], (-1, 1, 1)) for k in range(6))
        row, column = sv * across + zv * down + tv, zh * across + sh * down + th
        return xp.sample(Input, (row + 1) * ((height - 1) / 2), (column + 1) * ((width - 1) / 2))


def span(xp: Any, size: int) -> Any:
    """So many points from -1 to 1, or 0 if there is one."""
    places = xp.astype(xp.arange(size), float)
    return places * (2 / (size - 1)) - 1 if size > 1 else places
