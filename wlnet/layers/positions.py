"""AppendLayer, PrependLayer, ExtractLayer and OrderingLayer: elements put at, and taken from, places."""

import math
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator

from wlnet.core.declared import abstract
from wlnet.core.dims import Refusal, Unknown, is_length, known
from wlnet.core.fields import as_number
from wlnet.core.layer import Layer, dimension
from wlnet.core.sizes import prod
from wlnet.core.slots import gives, takes
from wlnet.core.symbols import All
from wlnet.core.types import Integer, Same


@abstract
class LongerLayer(Layer):
    """An array and one more element: the first level grows by one. A sequence may be empty before."""

    bears_empty: ClassVar[tuple[str, ...]] = ("Input",)

    Input = takes("length *rest", of=Same())
    Element = takes("*rest", of=Same())
    Output = gives("longer *rest", of=Same())

    @dimension
    def longer(self, length: Any) -> Any:
        return length + 1

    @dimension
    def length(self, longer: Any) -> Any:
        return longer - 1


class AppendLayer(LongerLayer):
    """Output = Input with Element after its last element: the first level grows by one.

    >>> AppendLayer()({"Input": [[1, 2], [3, 4]], "Element": [5, 6]}).tolist()
    [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    """

    def apply(self, xp: Any, Input: Any, Element: Any, length: Any) -> Any:
        element = xp.expand_dims(Element, 1)
        together = xp.concatenate([Input, element], 1)
        if isinstance(length, int):
            return together
        return xp.where(xp.within(together, length), together, element)


class PrependLayer(LongerLayer):
    """Output = Input with Element before its first element: the first level grows by one.

    >>> PrependLayer()({"Input": [[1, 2], [3, 4]], "Element": [5, 6]}).tolist()
    [[5.0, 6.0], [1.0, 2.0], [3.0, 4.0]]
    """

    def apply(self, xp: Any, Input: Any, Element: Any) -> Any:
        return xp.concatenate([xp.expand_dims(Element, 1), Input], 1)


ANYWHERE = Integer(high=None, low=None)
"""Positions count from 1, and from -1 backwards."""


class ExtractLayer(Layer):
    """Output = the parts of Input at Position: Input[[p1, …, ps]] for each list of s integers in Position.

    Position is an array of integers whose last level is such a list, or a single integer. Positions count from 1, and
    from -1 backwards; a place that Input does not have is an error. Position has no gradient.

    >>> ExtractLayer()({"Input": [[1, 2], [3, 4]], "Position": [[2, 1], [-1, -1]]}).tolist()
    [3.0, 4.0]
    >>> ExtractLayer(Position="Integer")({"Input": [[1, 2], [3, 4]], "Position": -2}).tolist()
    [1.0, 2.0]
    """

    Input = takes("*size", of=Same())
    Position = takes("*position", of=ANYWHERE)
    Output = gives("*parts", of=Same())

    @dimension
    def parts(self, size: tuple, position: tuple) -> tuple:
        depth = position[-1] if position else 1
        if is_length(depth):
            raise Refusal(f"the lists in Position are of the varying length {depth}", "give them a fixed one")
        if depth > len(size):
            what = "a number" if not size else f"an array of rank {len(size)}"
            raise Refusal(f"a position of {depth} integer{'s' * (depth > 1)} is not a part of {what}")
        return (*position[:-1], *size[depth:])

    @dimension("size")
    def size_of_parts(self, position: tuple, parts: tuple) -> tuple | None:
        """What Output tells of Input: the levels behind those that the positions take."""
        depth = position[-1] if position else 1
        return (*(Unknown,) * depth, *parts[max(len(position) - 1, 0) :]) if known(depth) else None

    @dimension("position")
    def positions_of_parts(self, position: tuple, parts: tuple) -> tuple | None:
        """What Output tells of Position: how many lists there are."""
        return (*parts[: len(position) - 1], position[-1]) if position else None

    def apply(self, xp: Any, Input: Any, Position: Any, size: tuple, position: tuple) -> Any:
        lists = xp.astype(Position, int) if position else xp.reshape(xp.astype(Position, int), (-1, 1))
        depth = lists.shape[-1]
        varies = len(position) > 1 and not isinstance(position[0], int)
        flat = 0
        for level in range(depth):
            places = index(xp, lists[..., level], size[level], position[0] if varies else None)
            flat = flat * Input.shape[level + 1] + places
        rest = Input.shape[1 + depth :]
        elements = xp.reshape(Input, (Input.shape[0], prod(Input.shape[1 : 1 + depth]), *rest))
        parts = xp.gather(elements, xp.reshape(flat, (Input.shape[0], -1)))
        return xp.reshape(parts, (*lists.shape[:-1], *rest))


def index(xp: Any, places: Any, size: Any, length: Any) -> Any:
    """Positions from 1, or from -1 backwards, of a sequence of `size`, one an example where it varies, as from 0.

    Beyond `length`, where there is one, stands padding.
    """
    size = size if isinstance(size, int) else xp.reshape(size, (-1,) + (1,) * (places.ndim - 1))
    found = xp.where(places < 0, places + size, places - 1)
    wrong = xp.logical_or(places == 0, xp.logical_or(found < 0, found >= size))
    real = wrong if length is None else xp.logical_and(wrong, xp.within(places, length))
    xp.refuse(real, lambda at: f"Position holds {say(places, at)}, but there Input has places 1 to {say(size, at)}")
    return xp.where(wrong, 0, found)


def say(value: Any, at: tuple) -> int:
    """The number of an array at a place, or the one number that it is for all."""
    if isinstance(value, int):
        return value
    return int(value[tuple(min(k, size - 1) for k, size in zip(at, value.shape, strict=True))])


def _many(value: Any) -> Any:
    number = as_number(value)
    if value is All or value == "All":
        return All
    if not isinstance(number, int) or number == 0:
        raise ValueError("must be All, or a whole number: n for the first places, -n for the last")
    return number


class OrderingLayer(Layer):
    """Output = the positions, from 1, of the elements of a vector in ascending order; of equal ones the first is first.

    `n` is All, or how many: n for those of the smallest elements, -n for those of the largest, still ascending. There
    is no gradient.

    >>> OrderingLayer()([30, 10, 20]).tolist()
    [2, 3, 1]
    >>> OrderingLayer(-2)([30, 10, 20]).tolist()
    [3, 1]
    """

    n: Annotated[Any, BeforeValidator(_many)] = All

    Input = takes("length")
    Output = gives("count", of=Integer())

    @dimension
    def count(self, length: Any) -> Any:
        if self.n is All:
            return length
        if known(length) and length < abs(self.n):
            raise Refusal(f"there are no {abs(self.n)} elements to put in order in a vector of size {length}")
        return abs(self.n)

    @dimension
    def length(self, count: Any) -> Any:
        return count if self.n is All else None

    def apply(self, xp: Any, Input: Any, length: Any) -> Any:
        order = xp.argsort(xp.masked(Input, length, math.inf)) + 1
        if self.n is All:
            return order
        few = f"but {abs(self.n)} are to be put in order"
        xp.refuse(length < abs(self.n), lambda at: f"Input has {say(length, at)} elements, {few}")
        if isinstance(length, int):
            return order[:, : self.n] if self.n > 0 else order[:, self.n :]
        first = length * 0 if self.n > 0 else length + self.n
        return xp.gather(order, xp.reshape(first, (-1, 1)) + xp.arange(abs(self.n)))
