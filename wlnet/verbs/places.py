"""What a net holds at any depth: nets, layers and arrays, each with its place, a path of names and positions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wlnet.core.layer import Layer
from wlnet.core.ports import Slot
from wlnet.nets.container import Container
from wlnet.verbs.extract import array_of, subnets

Path = tuple[Any, ...]


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


def arrays(net: Layer) -> Iterator[ArrayPlace]:
    """Every array of a net, a shared one in each of its places."""
    return (each for path, layer in nets(net) for each in arrays_of(layer, path))


__all__ = ["ArrayPlace", "arrays", "arrays_of", "inner", "layers", "nets"]
