"""CatenateLayer and TotalLayer: several arrays become one."""

from collections.abc import Callable
from typing import Any

from wlnet.core.dims import Refusal, Unknown, agree
from wlnet.core.fields import Level
from wlnet.core.ports import Slot, gives, words_of
from wlnet.core.types import Same
from wlnet.layers.nary import NaryLayer


class TotalLayer(NaryLayer):
    """Output = Input1 + Input2 + …; all inputs have one shape.

    >>> TotalLayer()([[1, 2], [10, 20]]).tolist()
    [11.0, 22.0]
    """

    Output = gives("*shape")

    def ports(self) -> dict[str, Slot]:
        return {name: Slot("in", words_of("*shape")) for name in self.inputs} | self.slots

    def apply(self, xp: Any, **inputs: Any) -> Any:
        first, *others = inputs.values()
        for other in others:
            first = first + other
        return first


class CatenateLayer(NaryLayer):
    """Output = the inputs joined along `level`, counted in the input of least rank.

    Inputs of smaller rank are first repeated along new outer levels to the largest rank. Along a varying level 1 the
    true elements are joined; at another level the varying lengths must be equal.

    >>> CatenateLayer()([[1, 2], [3]]).tolist()
    [1.0, 2.0, 3.0]
    """

    level: Level = 1

    Output = gives("*shape", of=Same())

    def ports(self) -> dict[str, Slot]:
        return {name: Slot("in", words_of(f"*{name}shape"), Same()) for name in self.inputs} | self.slots

    def rules(self) -> list[tuple[str, Callable, tuple[str, ...]]]:
        words = tuple(f"{name}shape" for name in self.inputs)
        if not words:
            return []
        back = [(word, self.from_output(k), ("shape", *words)) for k, word in enumerate(words)]
        return [("shape", self.joined, words), *back]

    def place(self, ranks: list[int]) -> int:
        """The level, from 1, of the output along which the inputs are joined."""
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
            missing = rank - len(shape)
            for level, dim in enumerate(shape, start=missing + 1):
                if level == at:
                    total = total + dim
                else:
                    result[level - 1] = agree(result[level - 1], dim, f"sizes of the inputs at level {level}")
        result[at - 1] = total
        return tuple(result)

    def from_output(self, k: int) -> Callable:
        """What the output tells of the k-th input: sizes that all share, and of the joined ones the total less the
        others."""

        def shape_of(shape: tuple, *inputs: tuple) -> tuple:
            ranks = [len(each) for each in inputs]
            at, missing = self.place(ranks), len(shape) - ranks[k]
            rest = shape[at - 1]
            for other, rank in zip(inputs[:k] + inputs[k + 1 :], ranks[:k] + ranks[k + 1 :], strict=True):
                rest = rest - other[at - 1 - (len(shape) - rank)]
            return tuple(
                rest if level == at else dim for level, dim in enumerate(shape[missing:], start=missing + 1)
            )  # fmt: skip

        return shape_of

    def apply(self, xp: Any, **inputs: Any) -> Any:
        ranks = [array.ndim - 1 for array in inputs.values()]
        rank, at = max(ranks), self.place(ranks)
        words = xp.dims[xp.path]
        sizes = [words[f"{name}shape"][0] if words[f"{name}shape"] else 1 for name in inputs]
        largest = max(inputs.values(), key=lambda array: array.ndim)
        wide = [repeated(xp, array, rank, largest.shape) for array in inputs.values()]
        together = xp.concatenate(wide, at)
        if at != 1 or all(isinstance(size, int) for size in sizes):
            return together
        return self.closed_up(xp, together, wide, sizes)

    def closed_up(self, xp: Any, together: Any, wide: list, sizes: list) -> Any:
        """The true elements next to each other, the padding behind them."""
        places = xp.arange(together.shape[1])
        count = together.shape[0]
        starts, index = 0, xp.zeros((count, 1)) + xp.astype(places, float)
        index = xp.zeros((count, together.shape[1]))
        offset = 0
        for array, size in zip(wide, sizes, strict=True):
            true = xp.astype(size + xp.zeros((count,)), float)
            here = xp.astype(places, float)[None] - xp.reshape(starts + xp.zeros((count,)), (count, 1))
            inside = xp.logical_and(here >= 0, here < xp.reshape(true, (count, 1)))
            index = xp.where(inside, here + offset, index)
            starts, offset = starts + true, offset + array.shape[1]
        beyond = xp.astype(places, float)[None] >= xp.reshape(starts, (count, 1))
        last = xp.reshape(true - 1 + offset - wide[-1].shape[1], (count, 1))
        return xp.gather(together, xp.astype(xp.where(beyond, last, index), int))


def repeated(xp: Any, array: Any, rank: int, shape: tuple) -> Any:
    """An array of smaller rank repeated along the outer levels that it lacks."""
    missing = rank - (array.ndim - 1)
    if not missing:
        return array
    wide = xp.reshape(array, (array.shape[0], *(1,) * missing, *array.shape[1:]))
    return xp.tile(wide, (1, *shape[1 : 1 + missing], *(1,) * (array.ndim - 1)))
