"""ParametricRampLayer, ConstantTimesLayer and ConstantPlusLayer: each element with a learned number of its own."""

from typing import Any

from wlnet.core.dims import Unknown
from wlnet.core.fields import AnyLevels, Levels
from wlnet.core.layer import Layer, dimension
from wlnet.core.slots import gives, learned, takes


class ParametricRampLayer(Layer):
    """Output = Input where Input ≥ 0, and Slope·Input below: a ramp that leaks, with a learned slope.

    There is a slope for each place along `levels`, by default level 1; `()` has a single one for all. At 0 the slope of
    the output is 1.

    >>> ParametricRampLayer((), Slope=0.25)([-4, 2]).tolist()
    [-1.0, 2.0]
    >>> ParametricRampLayer((3, 1), Input=(2, 3, 5)).shapes["Slope"]
    (2, 5)
    """

    levels: AnyLevels = Levels(1)

    Input = takes("*shape")
    Output = gives("*shape")
    Slope = learned("*sloped", start=0.1, optional=False)

    def own_levels(self, rank: int) -> tuple[int, ...]:
        """The levels that Slope has, ascending."""
        return tuple(sorted(self.levels.of(rank)))

    @dimension
    def sloped(self, shape: tuple) -> tuple:
        return tuple(shape[level - 1] for level in self.own_levels(len(shape)))

    @dimension("shape")
    def of_slope(self, shape: tuple, sloped: tuple) -> tuple:
        """The sizes that a given Slope tells of Input."""
        sizes = dict(zip(self.own_levels(len(shape)), sloped, strict=False))
        return tuple(sizes.get(level, Unknown) for level in range(1, len(shape) + 1))

    def apply(self, xp: Any, Input: Any, Slope: Any) -> Any:
        sloped = self.own_levels(Input.ndim - 1)
        wide = tuple(size if level in sloped else 1 for level, size in enumerate(Input.shape[1:], start=1))
        return xp.where(Input < 0, Input * xp.reshape(Slope, (1, *wide)), Input)


class ConstantTimesLayer(Layer):
    """Output = Scaling·Input, element by element; Scaling has the shape of Input and starts as ones.

    >>> ConstantTimesLayer(Scaling=[2, 3])([5, 7]).tolist()
    [10.0, 21.0]
    """

    Input = takes("*shape")
    Output = gives("*shape")
    Scaling = learned("*shape", start=1.0, optional=False)

    def apply(self, xp: Any, Input: Any, Scaling: Any) -> Any:
        return Input * Scaling


class ConstantPlusLayer(Layer):
    """Output = Input + Biases, element by element; Biases have the shape of Input and start as zeros.

    >>> ConstantPlusLayer(Biases=[2, 3])([5, 7]).tolist()
    [7.0, 10.0]
    """

    Input = takes("*shape")
    Output = gives("*shape")
    Biases = learned("*shape", start=0.0, optional=False)

    def apply(self, xp: Any, Input: Any, Biases: Any) -> Any:
        return Input + Biases
