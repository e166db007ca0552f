"""NetInsertSharedArrays, and where the shared arrays of a net are."""

from typing import Any

from wlnet.core.arrays import with_arrays
from wlnet.core.errors import NetError, place
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.shared import NetArray, known_shared
from wlnet.core.source import source
from wlnet.core.symbols import All, Automatic
from wlnet.verbs.places import Path, arrays


def NetInsertSharedArrays(net: Layer, prefix: str = "", /) -> Layer:
    """The net with each array turned into a shared one, named after its position: `prefix` + "1/Weights".

    Values stay. A net that is then used twice in a larger one is trained as one. What is shared already keeps its
    name; statistics that training moves, such as MovingMean, are not shared.

    >>> layer = NetInsertSharedArrays(LinearLayer(3, Input=3), "step/")
    >>> layer
    LinearLayer(3, Weights=NetArray("step/Weights"), Biases=NetArray("step/Biases"), Input=3)
    >>> Information(NetChain([layer, "Tanh", layer]), "ArraysTotalElementCount")
    12
    """
    if not isinstance(net, Layer):
        raise NetError(f"NetInsertSharedArrays takes a net, got {brief(net)}", got=net)
    if not isinstance(prefix, str):
        raise NetError(f"the prefix of NetInsertSharedArrays is a text, got {brief(prefix)}", got=prefix)
    names = new_names(net, prefix)

    def value(layer: Layer, name: str, path: tuple) -> Any:
        held = layer.arrays.get(name, Automatic)
        new = names.get((*path, name))
        return held if new is None else NetArray.made(new, held, Automatic, Automatic)

    return with_arrays(net, value, keep=False)


def new_names(net: Layer, prefix: str) -> dict[Path, str]:
    """The name of each array that is to be shared, by its place; two arrays may not come to one name."""
    taken = {each.key[-1]: each.path for each in arrays(net) if each.is_shared}
    names: dict[Path, str] = {}
    for each in arrays(net):
        if each.is_shared or each.slot.kind != "learned":
            continue
        name = prefix + "/".join(map(str, each.path))
        if name in taken:
            raise NetError(
                f"NetInsertSharedArrays: {place(each.path)} would be NetArray({source(name)}), which "
                f"{place(taken[name])} is",
                path=each.path[:-1],
                got=name,
                hint="give a prefix that sets the names apart, or rename a layer",
            )
        names[each.path], taken[name] = name, each.path
    return names


def known_places(net: Layer, part: NetArray) -> list[Path]:
    """Where a shared array stands in a net; refuses one that the net has not."""
    if part.name is All:
        raise NetError(
            "NetReplacePart: NetArray(All) is every shared array; a value is for one",
            got=part,
            hint='write {NetArray("name"): value}',
        )
    key = known_shared(net, part).array_key
    return [each.path for each in arrays(net) if each.key == key]


__all__ = ["NetInsertSharedArrays", "known_places"]
