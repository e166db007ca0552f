"""CatenateLayer and TotalLayer: several arrays become one."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from wlnet.core.dims import Refusal, Unknown
from wlnet.core.fields import Level
from wlnet.core.sizes import agree
from wlnet.core.slots import Slot, gives, words_of
from wlnet.core.types import Same
from wlnet.layers.nary import NaryLayer


class TotalLayer(NaryLayer):
    """Output = Input1 + Input2 + …; all inputs have one shape, and nothing broadcasts.

    >>> TotalLayer()([[1, 2], [10, 20]]).tolist()
    [11.0, 22.0]
    """

    Output = gives("*shape")

    @cached_property
    def slots_here(self) -> dict[str, Slot]:
        return {name: Slot("in", words_of("*shape")) for name in self.inputs} | self.slots

    def ports(self) -> dict[str, Slot]:
        return self.slots_here

    def apply(self, xp: Any, **inputs: Any) -> Any:
        first, *others = inputs.values()
        for other in others:
            first = first + other
        return first


class CatenateLayer(NaryLayer):
    """Output = the inputs joined along `level`, counted in the input of least rank, or from -1 backwards.

    Inputs of smaller rank are first repeated along new outer levels to the largest rank. Along a varying level the
    true elements are joined; where the inputs are joined at another level, their lengths must be equal.

    >>> CatenateLayer()([[1, 2], [3]]).tolist()
    [1.0, 2.0, 3.0]
    >>> CatenateLayer()([[1, 2], [[5, 6, 7], [8, 9, 10]]]).tolist()
    [[1.0, 2.0, 5.0, 6.0, 7.0], [1.0, 2.0, 8.0, 9.0, 10.0]]
    """

    level: Level = 1

    Output = gives("*shape", of=Same())

    @cached_property
    def slots_here(self) -> dict[str, Slot]:
        return {name: Slot("in", words_of(f"*{name}shape"), Same()) for name in self.inputs} | self.slots

    def ports(self) -> dict[str, Slot]:
        return self.slots_here

    def rules(self) -> list[tuple[str, Callable, tuple[str, ...]]]:
        words = tuple(f"{name}shape" for name in self.inputs)
        if not words:
            return []
        back = [(word, self.from_output(k), ("shape", *words)) for k, word in enumerate(words)]
        return [("shape", self.joined, words), *back]

    def place(self, ranks: list[int]) -> int:
        """The level, from 1, of the output along which inputs of these ranks are joined."""
        least, most = min(ranks), max(ranks)
        level = self.level if self.level > 0 else least + 1 + self.level
        if not 1 <= level <= least:
            raise Refusal(
                f"level {self.level} is not a level of an input of rank {least}",
                "levels count in the input of the smallest rank",
            )
        return level + most - least

    def joined(self, *shapes: tuple) -> tuple:
        """The shape of the output: sizes add up at one level and agree at the others."""
        rank = max(map(len, shapes))
        at = self.place([len(shape) for shape in shapes])
        result: list = [Unknown] * rank
        total: Any = 0
        for shape in shapes:
            for level, dim in enumerate(shape, start=rank - len(shape) + 1):
                if level == at:
                    total = total + dim
                else:
                    result[level - 1] = agree(result[level - 1], dim, f"sizes at level {level} of the output")
        result[at - 1] = total
        return tuple(result)

    def from_output(self, k: int) -> Callable:
        """What the output tells of the k-th input: sizes that all share, and what the others leave of the sum."""

        def shape_of(shape: tuple, *inputs: tuple) -> tuple:
            own, at = len(shape) - len(inputs[k]), self.place([len(each) for each in inputs])
            rest = shape[at - 1]
            for other in (*inputs[:k], *inputs[k + 1 :]):
                rest = rest - other[at - 1 - (len(shape) - len(other))]
            return tuple(rest if level == at else dim for level, dim in enumerate(shape[own:], start=own + 1))

        return shape_of

    def apply(self, xp: Any, **inputs: Any) -> Any:
        arrays = list(inputs.values())
        at = self.place([array.ndim - 1 for array in arrays])
        largest = max(arrays, key=lambda array: array.ndim)
        wide = [repeated(xp, array, largest) for array in arrays]
        together = wide[0] if len(wide) == 1 else xp.concatenate(wide, at)
        if at > 1:
            return together
        words = xp.dims[xp.path]
        return closed_up(
            xp, together, [array.shape[1] for array in wide], [words[f"{name}shape"][0] for name in inputs]
        )


def repeated(xp: Any, array: Any, largest: Any) -> Any:
    """An array of smaller rank repeated along the outer levels that it lacks."""
    missing = largest.ndim - array.ndim
    if not missing:
        return array
    wide = xp.reshape(array, (array.shape[0], *(1,) * missing, *array.shape[1:]))
    return xp.broadcast_to(wide, (array.shape[0], *largest.shape[1 : 1 + missing], *array.shape[1:]))


def closed_up(xp: Any, together: Any, padded: list[int], lengths: list) -> Any:
    """Sequences of these padded sizes, joined along axis 1, with the padding between them moved behind the last.

    A place of the result lies as many places further on in what was joined as there is padding before it.
    """
    if all(isinstance(length, int) for length in lengths):
        return together
    places = xp.reshape(xp.arange(together.shape[1]), (1, -1))
    end, index = 0, places
    for size, length in zip(padded[:-1], lengths[:-1], strict=True):
        end = end + length
        index = index + xp.where(places >= column(xp, end), column(xp, size - length), 0)
    index = index + xp.zeros((together.shape[0], 1), int)
    return xp.gather(together, xp.minimum(index, together.shape[1] - 1))


def column(xp: Any, number: Any) -> Any:
    """One number an example as a column; a number for all as it is."""
    return number if isinstance(number, int) else xp.reshape(number, (-1, 1))
