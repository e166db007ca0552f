"""ReshapeLayer: the same values in the same order, in another shape."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import NotYet, Refusal, Unknown, is_length
from wlnet.core.fields import as_number
from wlnet.core.layer import Layer, dimension
from wlnet.core.ports import shape_text
from wlnet.core.sizes import agree, exact, prod, share
from wlnet.core.slots import Slot, gives, takes
from wlnet.core.symbols import All, Automatic, Inherited
from wlnet.core.types import Same

REFERENCE = "ReferenceShape"
SYMBOLS = {"Automatic": Automatic, "Inherited": Inherited, "All": All}


def _dims(value: Any) -> Any:
    if value == REFERENCE:
        return value
    said = 'must be a tuple of sizes, Inherited, Automatic and All, or "ReferenceShape"'
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(said)
    named = [SYMBOLS.get(dim, dim) if isinstance(dim, str) else dim for dim in value]
    dims = tuple(dim if dim in SYMBOLS.values() else as_number(dim) for dim in named)
    if not all(dim in SYMBOLS.values() or (isinstance(dim, int) and dim > 0) for dim in dims):
        raise ValueError(said)
    if dims.count(Automatic) + dims.count(All) > 1:
        raise ValueError("must hold at most one Automatic or one All")
    return dims


class ReshapeLayer(Layer):
    """Output = the elements of Input, row by row, in the shape `dims`.

    A size may be Inherited (Input's size at that place), Automatic (what is left of the number of elements), or All:
    the sizes before it use up leading sizes of Input, those behind it trailing ones, and All stands for the rest.
    `"ReferenceShape"` gives the layer a port of that name, an array whose shape is taken. A level that varies is
    carried by Inherited.

    >>> ReshapeLayer((3, Automatic), Input=(2, 6)).shapes["Output"]
    (3, 4)
    >>> ReshapeLayer((2, 3, All), Input=(6, 5)).shapes["Output"]
    (2, 3, 5)
    """

    dims: Annotated[Any, BeforeValidator(_dims)]

    Input = takes("*shape", of=Same())
    ReferenceShape = takes("*target")
    Output = gives("*target", of=Same())

    def ports(self) -> dict[str, Slot]:
        return {name: slot for name, slot in self.slots.items() if name != REFERENCE or self.dims == REFERENCE}

    def words(self) -> dict[str, Any]:
        """The sizes that the output has whatever comes in."""
        if self.dims == REFERENCE or All in self.dims:
            return {}
        return {"target": tuple(dim if isinstance(dim, int) else Unknown for dim in self.dims)}

    @property
    def inherited(self) -> tuple[int, ...]:
        """The places, from 0, where Input's size is taken as it is; with All they count from All, see `around`."""
        if self.dims == REFERENCE or All in self.dims:
            return ()
        return tuple(place for place, dim in enumerate(self.dims) if dim is Inherited)

    @dimension
    def target(self, shape: tuple) -> tuple | None:
        if self.dims == REFERENCE:
            return None
        if All in self.dims:
            return self.around(shape)
        sizes = [self.size(place, dim, shape) for place, dim in enumerate(self.dims)]
        if Automatic in self.dims:
            rest = prod(dim for place, dim in enumerate(shape) if place not in self.inherited)
            if is_length(rest):
                raise Refusal(
                    "Automatic cannot stand for a level that varies", "write Inherited in the place of that level"
                )
            at = self.dims.index(Automatic)
            others = [size for place, size in enumerate(sizes) if place != at and place not in self.inherited]
            sizes[at] = exact(rest, prod(others))
        return tuple(sizes)

    def size(self, place: int, dim: Any, shape: tuple) -> Any:
        """One size of the output; `place` counts from 0, or from -1 backwards."""
        if dim is not Inherited:
            return dim
        if not -len(shape) <= place < len(shape):
            counted = place + 1 if place >= 0 else place
            raise Refusal(f"Inherited at place {counted} has no size to take from an Input of rank {len(shape)}")
        return shape[place]

    def around(self, shape: tuple) -> tuple:
        """The sizes where All is one of them."""
        at = self.dims.index(All)
        before = [self.size(place, dim, shape) for place, dim in enumerate(self.dims[:at])]
        after = [self.size(place - len(self.dims), self.dims[place], shape) for place in range(at + 1, len(self.dims))]
        first = used(before, shape, "before", "leading")
        last = used(after[::-1], shape[::-1], "behind", "trailing")
        if first + last > len(shape):
            raise Refusal(f"the sizes around All use up more than the sizes of {shape_text(shape)}")
        return (*before, *shape[first : len(shape) - last], *after)

    @dimension("shape")
    def told_back(self, shape: tuple, target: tuple) -> tuple:
        """Sizes that are inherited, and the one unknown size among the others; the numbers of elements agree."""
        found, kept = list(shape), self.inherited
        for place in kept:
            found[place] = target[place] if shape[place] is Unknown else shape[place]
        count = prod(dim for place, dim in enumerate(target) if place not in kept)
        unknown = [place for place, dim in enumerate(shape) if dim is Unknown and place not in kept]
        rest = prod(dim for place, dim in enumerate(shape) if place not in kept and place not in unknown)
        if not unknown:
            agree(rest, count, "numbers of elements")
        elif len(unknown) == 1:
            found[unknown[0]] = share(count, rest)
        return tuple(found)

    def apply(self, xp: Any, Input: Any, target: tuple) -> Any:
        if all(isinstance(dim, int) for dim in target):
            return xp.reshape(Input, (Input.shape[0], *target))
        row, elements = prod(target[1:]), prod(Input.shape[1:])
        if elements % row:  # padding that fills no whole row of the result
            Input = xp.reshape(Input, (Input.shape[0], elements))[:, : elements // row * row]
        return xp.reshape(Input, (Input.shape[0], elements // row, *target[1:]))


def used(sizes: list, shape: tuple, side: str, end: str) -> int:
    """How many sizes of `shape`, from its first, hold as many elements as `sizes`."""
    wanted, product = prod(sizes), 1
    for count in range(len(shape) + 1):
        if product == wanted:
            return count
        if count == len(shape) or is_above(product, wanted):
            break
        if shape[count] is Unknown or wanted is Unknown:
            raise NotYet
        product = product * shape[count]
    ahead = 1 if end == "leading" else -1
    text = shape_text(tuple(sizes)[::ahead]), shape_text(shape[::ahead])
    raise Refusal(f"the sizes {text[0]} {side} All do not use up {end} sizes of {text[1]}")


def is_above(product: object, wanted: object) -> bool:
    return isinstance(product, int) and isinstance(wanted, int) and product > wanted
