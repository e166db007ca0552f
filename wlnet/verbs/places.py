"""What a net holds at any depth: nets, layers and arrays, each with its place, a path of names and positions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wlnet.core.arrays import value_of
from wlnet.core.layer import Layer
from wlnet.core.slots import Slot
from wlnet.core.symbols import Automatic
from wlnet.nets.container import Container

Path = tuple[Any, ...]


def subnets(net: Layer) -> Mapping[Any, Layer]:
    """The nets that an operator holds, by the names under which they are extracted."""
    return {} if isinstance(net, Container) else net.subnets()


def array_of(net: Layer, name: str) -> Any:
    """The value of an array: an array, None, or Automatic; of a shared array its value."""
    return value_of(net.arrays.get(name, Automatic))


def inner(net: Layer) -> Mapping[Any, Layer]:
    """What stands directly inside a net: the layers of a container, the nets of an operator, nothing in a layer."""
    return net.layers if isinstance(net, Container) else subnets(net)


def nets(net: Layer, path: Path = ()) -> Iterator[tuple[Path, Layer]]:
    """A net and everything in it, each with its place, the outer before the inner."""
    yield path, net
    for key, layer in inner(net).items():
        yield from nets(layer, (*path, key))


def layers(net: Layer, path: Path = ()) -> Iterator[tuple[Path, Layer]]:
    """The elementary layers: those that hold no others, and attention, whose scoring net is a part of it."""
    if net.is_elementary:
        yield path, net
        return
    for key, layer in inner(net).items():
        yield from layers(layer, (*path, key))


@dataclass(frozen=True)
class ArrayPlace:
    """An array of a layer where it stands: the path that ends in its name."""

    path: Path
    layer: Layer

    @property
    def name(self) -> str:
        """Its name in the layer."""
        return self.path[-1]

    @property
    def slot(self) -> Slot:
        """What the layer declares of it."""
        return self.layer.ports()[self.name]

    @property
    def value(self) -> Any:
        """Its numbers, or Automatic where it has none yet."""
        return array_of(self.layer, self.name)

    @property
    def is_shared(self) -> bool:
        """Whether it is a NetArray, which may stand in several places."""
        return hasattr(self.layer.arrays.get(self.name), "array_key")

    @property
    def key(self) -> Path:
        """The key under which it travels: its path, or what all places of a shared array have in common."""
        return self.layer.key(self.name, self.path[:-1])


def arrays_of(layer: Layer, path: Path) -> Iterator[ArrayPlace]:
    """The arrays of one layer; those that are None are not there."""
    for name, slot in layer.present().items():
        if slot.is_array:
            yield ArrayPlace((*path, name), layer)


def arrays(net: Layer, path: Path = ()) -> Iterator[ArrayPlace]:
    """Every array of a net, a shared one in each of its places."""
    return (each for path, layer in nets(net, path) for each in arrays_of(layer, path))


def inner_name(net: Layer, part: Any) -> Any:
    """The name that an operator knows one of its nets by, where users may call it by another."""
    return getattr(net, "other_names", {}).get(part, part)


__all__ = ["ArrayPlace", "array_of", "arrays", "arrays_of", "inner", "inner_name", "layers", "nets", "subnets"]
