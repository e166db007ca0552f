"""NetArray: an array with a name of its own. All places of a net that hold one name hold one array."""

import uuid
from collections.abc import Mapping
from typing import Any

import numpy as np

from wlnet.core.dims import Unknown
from wlnet.core.errors import NetError, nearest
from wlnet.core.fields import frozen, frozen_array
from wlnet.core.ports import Shape, shape_text
from wlnet.core.refuse import brief, knows_its_options
from wlnet.core.registry import offer
from wlnet.core.slots import Slot
from wlnet.core.source import same, source
from wlnet.core.symbolic_arrays import RecordsItself
from wlnet.core.symbols import All, Automatic, Symbol

PARTS = ("Name", "Array", "Dimensions")
SHARED = Symbol("NetArray")
"""The first entry of the key of a shared array: no layer is called so, for a path holds texts and positions."""


class NetArray(RecordsItself):
    """An array that is shared by name: `Weights=NetArray("w")` in several layers of a net is one array.

    `NetArray()` has a fresh name. `Array` is its value, or how NetInitialize fills it ("Xavier", ("Random", {…}), a
    distribution); `Dimensions` is its shape, where nothing else says it. NetExtract(net, NetArray("w")) is the value.

    >>> NetArray("w", Dimensions=(3, 2)) == NetArray({"Name": "w", "Dimensions": (3, 2)})
    True
    >>> NetChain([LinearLayer(2, Weights=NetArray("w")), LinearLayer(2, Weights=NetArray("w"))], Input=2)[1, "Weights"]
    Automatic
    """

    __slots__ = ("array", "dims", "method", "name")
    name: Any
    array: Any  # its numbers, or Automatic
    method: Any  # how NetInitialize fills it, or Automatic: as the rest of the net
    dims: Any  # Automatic, or a tuple of sizes, of which some may be Automatic

    @knows_its_options
    def __init__(
        self, spec: Any = Automatic, /, *, Name: Any = Automatic, Array: Any = Automatic, Dimensions: Any = Automatic
    ):
        given = {"Name": Name, "Array": Array, "Dimensions": Dimensions}
        for part, value in parts_of(spec).items():
            if given[part] is not Automatic:
                raise NetError(f"NetArray got {part} twice", got=value, hint=f"give {part} once")
            given[part] = value
        name = name_of(given["Name"])
        array, method = array_and_method(given["Array"], name)
        dims = agreed(dims_of(given["Dimensions"], name), array, name)
        self._hold(name, array, method, dims)

    def _hold(self, *values: Any) -> None:
        for slot, value in zip(("name", "array", "method", "dims"), values, strict=True):
            object.__setattr__(self, slot, value)

    @classmethod
    def made(cls, name: Any, array: Any, method: Any, dims: Any) -> "NetArray":
        """A NetArray of what is known to be right."""
        self = object.__new__(cls)
        self._hold(name, frozen(array) if isinstance(array, np.ndarray) else array, method, dims)
        return self

    @property
    def array_key(self) -> tuple:
        """The key under which it travels, in every place the same; it is no path of a net."""
        return (SHARED, self.name)

    def value(self) -> Any:
        """Its numbers, or Automatic where it has none yet."""
        return self.array

    def with_value(self, array: Any) -> "NetArray":
        """The same array with other numbers, or with none (Automatic)."""
        return self if array is self.array else self.made(self.name, array, self.method, self.dims)

    def named(self) -> "NetArray":
        """Its name alone, as rules and parts of nets take it."""
        return self.made(self.name, Automatic, Automatic, Automatic)

    @property
    def shape(self) -> Shape:
        """What it says of its shape to the solver: None where it says nothing."""
        if self.array is not Automatic:
            return self.array.shape
        return None if self.dims is Automatic else tuple(Unknown if d is Automatic else d for d in self.dims)

    def __repr__(self) -> str:
        setting = self.method if self.array is Automatic else self.array
        parts = [source(self.name)]
        parts += [f"Array={source(setting)}"] if setting is not Automatic else []
        parts += [f"Dimensions={source(self.dims)}"] if self.dims is not Automatic else []
        return f"NetArray({', '.join(parts)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NetArray) and all(same(getattr(self, s), getattr(other, s)) for s in self.__slots__)

    def __hash__(self) -> int:
        return hash(self.array_key)

    def __setattr__(self, name: str, value: Any) -> None:
        raise NetError(f"NetArray is a value: {name} of it cannot be changed", hint="make another")

    def __delattr__(self, name: str) -> None:
        raise NetError(f"NetArray is a value: {name} of it cannot be changed", hint="make another")

    def __copy__(self) -> "NetArray":
        return self

    def __deepcopy__(self, memo: dict) -> "NetArray":
        return self

    def __reduce__(self) -> Any:
        return NetArray.made, (self.name, self.array, self.method, self.dims)


NetSharedArray = NetArray
"""The old name of NetArray."""


def sharable(array: Any, label: str, name: str, slot: Slot) -> Any:
    """The NetArray that a layer is given for an array; refuses statistics, and what is not one array."""
    if array is NetArray or array.name is All:
        text = f"{label}: {name} is one array, not {brief(array)}"
        raise NetError(text, got=array, hint=f'write {name}=NetArray("name")')
    if slot.kind == "moving":
        hint = f"leave {name} out: NetArray is for arrays that are trained"
        raise NetError(f"{label}: {name} is a statistic of this layer and cannot be shared", got=array, hint=hint)
    return array


def shared_arrays(net: Any) -> dict[str, NetArray]:
    """The shared arrays of a net by name, in the order of their first places."""
    own = [array for array in net.arrays.values() if isinstance(array, NetArray)]
    inner = [array for held in net.subnets().values() for array in shared_arrays(held).values()]
    return {array.name: array for array in [*own, *inner]}


def known_shared(net: Any, part: NetArray, path: tuple = ()) -> NetArray:
    """The shared array of a net that a part names; refuses one that the net, which stands at `path`, has not."""
    known = shared_arrays(net)
    if part.name not in known:
        hint = nearest(part.name, known) if known else "NetInsertSharedArrays(net) makes its arrays shared ones"
        raise NetError(f"the net has no {part.named()!r}", path=path, got=part, hint=hint)
    return known[part.name]


def parts_of(spec: Any) -> dict[str, Any]:
    """What the first argument says: a name, or a dict of Name, Array and Dimensions."""
    if not isinstance(spec, Mapping):
        return {} if spec is Automatic else {"Name": spec}
    for part in spec:
        if part not in PARTS:
            raise NetError(f"NetArray has no part {brief(part)}", got=part, hint=nearest(part, PARTS))
    return dict(spec)


def name_of(name: Any) -> Any:
    """A name: the user's, or a fresh one. All stands for every shared array, in NetExtract."""
    if name is Automatic:
        return str(uuid.uuid4())
    if name is All or (isinstance(name, str) and name):
        return name
    raise NetError(f"the name of a NetArray is a text, not {brief(name)}", got=name, hint='write NetArray("weights")')


def array_and_method(setting: Any, name: Any) -> tuple[Any, Any]:
    """What "Array" says: numbers, or how NetInitialize makes them."""
    if setting is Automatic:
        return Automatic, Automatic
    if isinstance(setting, str) or (isinstance(setting, tuple) and setting and isinstance(setting[0], str)):
        try:
            offer("initialization")(setting)  # which refuses what is no method
        except NetError as error:
            text = f"NetArray {brief(name)}: Array must be numbers, or a method of NetInitialize: {error.message}"
            raise NetError(text, got=setting, hint=error.hint) from None
        return Automatic, setting
    if hasattr(setting, "draw"):  # a distribution
        return Automatic, setting
    try:
        if setting is None:
            raise ValueError("Array cannot be None")
        return frozen_array(setting, "Array"), Automatic
    except ValueError as error:
        raise NetError(f"NetArray {brief(name)}: {error}", got=setting) from None


def dims_of(setting: Any, name: Any) -> Any:
    """What "Dimensions" says: a size, or several, of which some may be Automatic; "Real" and () are a single number."""
    if setting is Automatic:
        return Automatic
    dims = () if isinstance(setting, str) and setting == "Real" else setting
    dims = tuple(dims) if isinstance(dims, (list, tuple, np.ndarray)) else (dims,)
    if not all(dim is Automatic or is_size(dim) for dim in dims):
        raise NetError(
            f"NetArray {brief(name)}: Dimensions must be sizes such as 4 or (3, Automatic), got {brief(setting)}",
            got=setting,
            hint="an array of a net has a fixed shape, of whole numbers from 1 on",
        )
    return tuple(dim if dim is Automatic else int(dim) for dim in dims)


def is_size(dim: Any) -> bool:
    """Whether a value can be the size of one level."""
    return isinstance(dim, (int, np.integer)) and not isinstance(dim, (bool, np.bool_)) and bool(dim > 0)


def agreed(dims: Any, array: Any, name: Any) -> Any:
    """The dimensions to keep: those of numbers need not be said, but must agree with what is said."""
    if array is Automatic or dims is Automatic:
        return dims
    if len(dims) != array.ndim or any(d not in (Automatic, size) for d, size in zip(dims, array.shape, strict=True)):
        said = "×".join("?" if dim is Automatic else str(dim) for dim in dims) or "scalar"
        raise NetError(
            f"NetArray {brief(name)}: Dimensions are {said}, but Array is of shape {shape_text(array.shape)}",
            expected=dims,
            got=array.shape,
            hint="leave Dimensions out: the numbers say them",
        )
    return dims


__all__ = ["NetArray", "NetSharedArray", "known_shared", "sharable", "shared_arrays"]
