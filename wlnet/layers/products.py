"""SummationLayer and DotLayer: sums of elements, and of products of elements."""

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal, Unknown
from wlnet.core.layer import Layer
from wlnet.core.sizes import agree, prod
from wlnet.core.slots import gives, takes
from wlnet.core.symbols import Automatic
from wlnet.layers.nary import NaryLayer
from wlnet.layers.transposition import transposition


class SummationLayer(Layer):
    """Output = the sum of all elements of Input, a number. Along a varying level only the true elements count.

    >>> SummationLayer()([[1, 2], [3, 4]]).item()
    10.0
    """

    Input = takes("*shape")
    Output = gives("")

    def apply(self, xp: Any, Input: Any, shape: tuple) -> Any:
        true = xp.masked(Input, shape[0]) if shape else Input
        return xp.sum(xp.reshape(true, (true.shape[0], -1)), 1)


def _transpositions(value: Any) -> Any:
    if value is Automatic:
        return value
    if isinstance(value, str) or not isinstance(value, Sequence) or not len(value):
        raise ValueError('must be a list with a transposition for each input, such as [None, "1<->2"], or Automatic')
    return tuple(None if each is None else transposition(each) for each in value)


class DotLayer(NaryLayer):
    """Output = Input1 . Input2 . …: the last level of each is summed against the first level of the next.

    `transpositions` is a list: for each input None, or how it is transposed first, as TransposeLayer says it ("1<->2",
    a list of such, or a tuple that says where each level goes). Two vectors give a number.

    >>> DotLayer()([[[1, 2], [3, 4]], [1, 10]]).tolist()
    [21.0, 43.0]
    >>> DotLayer([None, "1<->2"], InputPorts=[(3, 5), (7, 5)]).shapes["Output"]
    (3, 7)
    """

    transpositions: Annotated[Any, BeforeValidator(_transpositions)] = Automatic

    Output = gives("*shape")

    @property
    def arity(self) -> tuple[int, float]:
        if self.transpositions is Automatic:
            return 2, math.inf
        return len(self.transpositions), len(self.transpositions)

    def check(self) -> None:
        if self.transpositions is not Automatic and len(self.transpositions) < 2:
            raise ValueError("transpositions must name two inputs or more")
        super().check()

    def order(self, k: int, rank: int) -> tuple[int, ...]:
        """The levels of the k-th input, from 0, in the order in which they enter the product."""
        spec = None if self.transpositions is Automatic else self.transpositions[k]
        return tuple(range(1, rank + 1)) if spec is None else spec.of(rank)

    def labels(self, ranks: Sequence[int]) -> tuple[list[tuple[int, ...]], list[int]]:
        """A label for each level of each input, equal where two are summed against each other; those of the output."""
        found: list[tuple[int, ...]] = []
        fresh, open_labels = 0, list[int]()
        for k, rank in enumerate(ranks):
            if not rank or (k and not open_labels):
                name = list(self.inputs)[k]
                what = f"{name} is a number" if not rank else f"what comes before {name} is a number already"
                raise Refusal(f"each factor must be a vector or an array of higher rank, but {what}")
            entering = [*open_labels[-1:], *range(fresh, fresh + rank - bool(k))]
            fresh += rank - bool(k)
            open_labels = [*open_labels[:-1], *entering[1:]] if k else entering
            order = self.order(k, rank)
            found.append(tuple(entering[order.index(level)] for level in range(1, rank + 1)))
        return found, open_labels

    def rules(self) -> list[tuple[str, Callable, tuple[str, ...]]]:
        words = tuple(f"{name}shape" for name in self.inputs)
        if not words:
            return []
        back = [(word, self.from_others(k), ("shape", *words[:k], *words[k + 1 :])) for k, word in enumerate(words)]
        return [("shape", self.product, words), *back]

    def product(self, *shapes: tuple) -> tuple:
        """The shape of the output."""
        labels, left = self.labels([len(shape) for shape in shapes])
        sizes: dict[int, Any] = {}
        for name, own, shape in zip(self.inputs, labels, shapes, strict=True):
            for label, size in zip(own, shape, strict=True):
                sizes[label] = agree(sizes.get(label, Unknown), size, f"the sizes summed over, up to {name},")
        return tuple(sizes[label] for label in left)

    def from_others(self, k: int) -> Callable:
        """What the output and the other inputs tell of the k-th: its rank, and every size that they share with it."""

        def shape_of(shape: tuple, *others: tuple) -> tuple:
            missing = len(shape) + 2 * len(others) - sum(map(len, others))
            shapes = [*others[:k], (Unknown,) * missing, *others[k:]]
            labels, left = self.labels([len(each) for each in shapes])
            sizes: dict[int, Any] = {}
            for own, each in [(left, shape), *zip(labels, shapes, strict=True)]:
                for label, size in zip(own, each, strict=True):
                    if sizes.get(label, Unknown) is Unknown:
                        sizes[label] = size
            return tuple(sizes[label] for label in labels[k])

        return shape_of

    def apply(self, xp: Any, **inputs: Any) -> Any:
        words = xp.dims[xp.path]
        labels, left = self.labels([array.ndim - 1 for array in inputs.values()])
        answer: Any = None
        for k, (name, array) in enumerate(inputs.items()):
            if labels[k][0] not in left:
                array = xp.masked(array, words[f"{name}shape"][0])  # padding must not enter the sum
            order = self.order(k, array.ndim - 1)
            factor = array if order == tuple(sorted(order)) else xp.transpose(array, (0, *order))
            answer = factor if answer is None else product(xp, answer, factor)
        return answer


def product(xp: Any, a: Any, b: Any) -> Any:
    """The last axis of a summed against the first level of b, example by example: one matrix product each."""
    before, after = a.shape[1:-1], b.shape[2:]
    rows = xp.reshape(a, (a.shape[0], prod(before), a.shape[-1]))
    columns = xp.reshape(b, (b.shape[0], b.shape[1], prod(after)))
    return xp.reshape(xp.matmul(rows, columns), (a.shape[0], *before, *after))
