"""The arrays of a net put in anew, and the rule of shared ones: every place of a name holds the same NetArray."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, place
from wlnet.core.source import same, source
from wlnet.core.symbols import Automatic

Places = list[tuple[tuple, Any]]
"""Where a shared array stands, as paths that end in the array's name, and what stands there."""


def with_arrays(net: Any, value: Callable[[Any, str, tuple], Any], path: tuple = (), keep: bool = True) -> Any:
    """The same net with each array replaced; layers of which nothing changes are shared.

    Numbers for a shared array, or Automatic, go into its NetArray. `keep` says that no shape changes.
    """
    held = net.subnets()
    nets = {key: with_arrays(inner, value, (*path, key), keep) for key, inner in held.items()}
    if any(nets[key] is not held[key] for key in held):
        net = keeping_plan(net, net.with_subnets(nets), keep)
    arrays = {}
    for name, slot in net.ports().items():
        if slot.is_array:
            found = placed(value(net, name, path), net.arrays.get(name))
            if found is not Automatic:
                arrays[name] = found
    unchanged = arrays.keys() == net.arrays.keys() and all(arrays[n] is net.arrays[n] for n in arrays)
    return net if unchanged else keeping_plan(net, net.with_fields(arrays=arrays), keep)


def placed(found: Any, held: Any) -> Any:
    """What a layer holds for a value: where its array is shared, the NetArray with that value."""
    is_value = found is Automatic or isinstance(found, np.ndarray)
    return held.with_value(found) if is_value and hasattr(held, "array_key") else found


def keeping_plan(net: Any, made: Any, keep: bool = True) -> Any:
    """A net made from another by changes that leave its shapes as they are: it has the same plan, unless arrays may
    tell what that one leaves open."""
    if keep and "plan" in net.__dict__ and net.plan.is_whole:
        made.__dict__["plan"] = net.__dict__["plan"]
    return made


# --- one name, one array ----------------------------------------------------------------------------------------------


def value_of(array: Any) -> Any:
    """The value of an array of a layer: an array, None, or Automatic; of a shared array its value."""
    return array.value() if hasattr(array, "array_key") else array


def as_one(net: Any, shared: Mapping[str, Places]) -> Any:
    """The net in which all places of a name hold the same NetArray, with the value that one of them has."""
    found = {name: joined(name, places) for name, places in shared.items() if differ(places)}
    if not found:
        return net

    def value(layer: Any, name: str, path: tuple) -> Any:
        array = layer.arrays.get(name, Automatic)
        return found.get(array.name, array) if hasattr(array, "array_key") else array

    return with_arrays(net, value, keep=False)


def differ(places: Places) -> bool:
    """Whether places of one name do not hold the very same."""
    first = places[0][1]
    return any(
        array is not first
        and (array.array is not first.array or not same((array.method, array.dims), (first.method, first.dims)))
        for _, array in places[1:]
    )


def joined(name: str, places: Places) -> Any:
    """The one NetArray that all places of a name come to; two values, or two ways to fill it, are refused."""
    array = only(name, [(path, each.array) for path, each in places], "values")
    method = only(name, [(path, each.method) for path, each in places], "ways to be filled")
    dims: Any = Automatic
    for _, each in places:  # the solver has made sure that they agree
        if dims is Automatic or each.dims is Automatic:
            dims = each.dims if dims is Automatic else dims
        else:
            dims = tuple(b if a is Automatic else a for a, b in zip(dims, each.dims, strict=True))
    return places[0][1].made(name, array, method, dims)


def only(name: str, said: Places, what: str) -> Any:
    """What the places say of an array, where they say no two things."""
    first, *others = [(path, each) for path, each in said if each is not Automatic] or [((), Automatic)]
    for path, each in others:
        if not same(each, first[1]):
            texts = ["" if isinstance(one, np.ndarray) else f"{source(one)} " for one in (first[1], each)]
            raise NetError(
                f"NetArray({source(name)}) has two {what}: {texts[0]}in {place(first[0])} and {texts[1]}in "
                f"{place(path)}",
                expected=first[1],
                got=each,
                hint="what is shared is one array: say it in one place, or use another name in one of them",
            )
    return first[1]
