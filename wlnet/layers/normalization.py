"""NormalizationLayer and BatchNormalizationLayer."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal, Unknown, is_length, known
from wlnet.core.fields import SPANS, Flag, Fraction, Levels, LevelSpec, NonNegative, Sizes, levels, one_of
from wlnet.core.layer import Layer, dimension
from wlnet.core.multipliers import Multipliers
from wlnet.core.sizes import prod
from wlnet.core.slots import gives, learned, moving, takes
from wlnet.core.symbols import All, Span

MOST_LEVELS = 63
"""NumPy's arrays have at most 64 axes, and one is the batch."""


def _scaling(value: Any) -> Any:
    if isinstance(value, str) and value in ("Complement", "Same"):
        return value
    if isinstance(value, str) and ";;" not in value and value != "All":
        raise ValueError(f'must be "Complement", "Same", {SPANS}')
    return levels(value, empty=True)


def _groups(value: Any) -> Any:
    if value is None:
        return None
    try:
        return Sizes.__metadata__[0].func(value)
    except ValueError as error:
        raise ValueError(f"{error}, or None") from None


class NormalizationLayer(Layer):
    """Output = Scaling · (Input - Mean) / Sqrt(Variance + Epsilon) + Biases, with the statistics of each example.

    Mean and variance are taken over `levels`, for every place in the other levels. Scaling and Biases have the sizes of
    Input at the `scaling` levels, in ascending order: "Complement" is the levels that are not normalized over, "Same"
    those that are. Method="RMS" is Scaling · Input / Sqrt(Mean(Input²) + Epsilon) + Biases.

    >>> NormalizationLayer("2;;All", Input=(3, 8, 5)).shapes["Scaling"]
    (3,)
    >>> NormalizationLayer(Scaling=None, Biases=None, Epsilon=0)([[1, 3, 5, 7], [2, 2, 4, 4]])[1].tolist()
    [-1.0, -1.0, 1.0, 1.0]

    GroupNumber cuts each of `levels`, in the order given, into that many blocks of neighbours, each with statistics of
    its own; one number is for every level. Unbiased=True divides the squares by N - 1, which for "RMS" has no meaning.
    Along a level of varying length only the true elements count. Training and evaluation are the same.
    """

    levels: LevelSpec = Levels(Span(2, All))
    scaling: Annotated[Any, BeforeValidator(_scaling)] = "Complement"
    Epsilon: NonNegative = 0.001
    GroupNumber: Annotated[Any, BeforeValidator(_groups)] = None
    Unbiased: Flag = False
    Method: Annotated[str, one_of("Standardize", "RMS")] = "Standardize"

    Input = takes("*shape")
    Output = gives("*shape")
    Scaling = learned("*scaled", start=1.0)
    Biases = learned("*scaled", start=0.0)

    def check(self) -> None:
        if self.levels.count is not None:
            self.group_numbers(self.levels.count)

    @dimension("shape")
    def possible(self, shape: tuple) -> None:
        """Refuses what these levels and groups cannot be in an array of that shape."""
        if len(shape) < 2:
            what = f"a vector of size {shape[0]}" if shape else "a number"
            raise Refusal(
                f"Input must be an array of rank 2 or more, not {what}", "give each number a level of its own"
            )
        groups = self.groups(len(shape))
        each = [self.cell(level, shape[level - 1], groups.get(level, 1)) for level in self.levels.of(len(shape))]
        if self.Unbiased and self.Method == "Standardize" and prod(each) == 1:
            raise Refusal(
                f"Unbiased=True divides by N - 1, but levels {self.levels} hold a single value for each mean",
                "normalize over more values, or drop Unbiased",
            )

    @dimension
    def scaled(self, shape: tuple) -> tuple:
        return tuple(shape[level - 1] for level in self.scaled_levels(len(shape)))

    @dimension("shape")
    def of_scaled(self, shape: tuple, scaled: tuple) -> tuple:
        """The sizes that a given array tells of Input."""
        sizes = dict(zip(self.scaled_levels(len(shape)), scaled, strict=True))
        return tuple(sizes.get(level, Unknown) for level in range(1, len(shape) + 1))

    @dimension("shape")
    def ranked(self, scaled: tuple) -> tuple | None:
        """The rank, where the rank of a given array leaves only one."""
        if not self.arrays:
            return None
        reach = sum(each.reach for each in (self.levels, self.scaling) if isinstance(each, Levels))
        ranks = range(2, min(reach + len(scaled) + 3, MOST_LEVELS) + 1)
        fitting = [rank for rank in ranks if self.scaled_rank(rank) == len(scaled)]
        if not fitting:
            raise Refusal(
                f"Scaling and Biases of rank {len(scaled)} do not go with the levels {self.levels} of any array",
                "the argument scaling says which levels they have",
            )
        return (Unknown,) * fitting[0] if len(fitting) == 1 else None

    def scaled_rank(self, rank: int) -> int | None:
        """How many levels are scaled in an array of that rank; None where the levels do not fit it."""
        try:
            self.levels.of(rank)
            return len(self.scaled_levels(rank))
        except Refusal:
            return None

    def scaled_levels(self, rank: int) -> tuple[int, ...]:
        """The levels that Scaling and Biases have, ascending."""
        if isinstance(self.scaling, Levels):
            return tuple(sorted(self.scaling.of(rank)))
        pooled = self.levels.of(rank)
        if self.scaling == "Same":
            return tuple(sorted(pooled))
        return tuple(level for level in range(1, rank + 1) if level not in pooled)

    def groups(self, rank: int) -> dict[int, int]:
        """The number of groups of each level that is cut."""
        pooled = self.levels.of(rank)
        numbers = zip(pooled, self.group_numbers(len(pooled)), strict=True)
        return {level: number for level, number in numbers if number > 1}

    def group_numbers(self, count: int) -> tuple[int, ...]:
        """GroupNumber for each of so many levels, 1 where a level is whole."""
        given = 1 if self.GroupNumber is None else self.GroupNumber
        numbers = given if isinstance(given, tuple) else (given,) * count
        if len(numbers) != count:
            raise Refusal(
                f"GroupNumber must have one number for each of the {count} levels {self.levels}, got {given}",
                "write 1 for a level that is not cut",
            )
        return numbers

    def cell(self, level: int, size: Any, groups: int) -> Any:
        """The size of each of the groups into which a level is cut."""
        if groups > 1 and is_length(size):
            raise Refusal(f"level {level} is of varying length {size} and cannot be cut into {groups} groups")
        if known(size) and size % groups:
            raise Refusal(
                f"level {level} of size {size} does not split into {groups} equal groups",
                f"GroupNumber must divide {size}",
            )
        return size // groups

    def apply(self, xp: Any, Input: Any, Scaling: Any, Biases: Any, shape: tuple) -> Any:
        axes, cut, wide = self.layout(Input.shape[1:])
        x = Input if len(cut) == len(shape) else xp.reshape(Input, (Input.shape[0], *cut))
        scaling, biases = (None if each is None else xp.reshape(each, wide) for each in (Scaling, Biases))
        length = None if isinstance(shape[0], int) else shape[0]
        rms = self.Method == "RMS"
        output = xp.normalize(x, scaling, biases, axes, self.Epsilon, rms, self.Unbiased, length)
        return output if x is Input else xp.reshape(output, Input.shape)

    def layout(self, sizes: tuple) -> tuple[tuple, tuple, tuple]:
        """The axes to normalize over once each level that is cut is two, (groups, size of each); the sizes of Input,
        and those of Scaling and Biases, seen in this way."""
        rank = len(sizes)
        pooled, scaled, groups = self.levels.of(rank), self.scaled_levels(rank), self.groups(rank)
        axes: list[int] = []
        cut: list[int] = []
        wide: list[int] = []
        for level, size in enumerate(sizes, start=1):
            blocks = (groups[level], size // groups[level]) if level in groups else (size,)
            cut += blocks
            wide += blocks if level in scaled else (1,) * len(blocks)
            if level in pooled:
                axes.append(len(cut))
        return tuple(axes), tuple(cut), tuple(wide)


class BatchNormalizationLayer(Layer):
    """Output = Scaling · (Input - Mean) / Sqrt(Variance + Epsilon) + Biases, with one mean and variance a channel.

    In training they are the statistics of the batch, over all levels but the channels', and the moving ones become
    Momentum · moving + (1 - Momentum) · batch (with the variance divided by N). In evaluation they are MovingMean and
    MovingVariance. Channels are the first level, or with Interleaving=True the last.

    >>> moving = {"MovingMean": [1, 1], "MovingVariance": [4, 16]}
    >>> layer = BatchNormalizationLayer(Epsilon=0, Scaling=[1, 2], Biases=[0, 5], Input=2, **moving)
    >>> layer([[3, 5], [1, 9]]).tolist()
    [[1.0, 7.0], [0.0, 9.0]]

    With LearningRateMultipliers=0 or None (or such a rule for MovingMean and MovingVariance) the layer is frozen:
    training too uses the moving statistics, and leaves them as they are. With Momentum=1 it uses the batch's, and
    leaves the moving ones as they are. Elements that only pad a batch of unequal sequences do not count.
    """

    Epsilon: NonNegative = 0.001
    Interleaving: Flag = False
    Momentum: Fraction = 0.9

    Input = takes("*shape")
    Output = gives("*shape")
    Scaling = learned("channels", start=1.0)
    Biases = learned("channels", start=0.0)
    MovingMean = moving("channels", start=0.0)
    MovingVariance = moving("channels", start=1.0)

    def check(self) -> None:
        variance = self.arrays.get("MovingVariance")
        if variance is not None and hasattr(variance, "min") and variance.size and variance.min() < 0:
            raise ValueError("MovingVariance must hold no negative numbers")

    @dimension
    def channels(self, shape: tuple) -> Any:
        if not shape:
            raise Refusal("Input must be an array of rank 1 or more, not a number", "give the channels a level")
        if is_length(shape[self.channel_level]):
            level = "last" if self.Interleaving else "first"
            other = "map the layer over the sequence with NetMapOperator, or give Input a fixed size"
            hint = "with Interleaving=True the channels are the last level" if len(shape) > 1 else other
            raise Refusal(f"the {level} level, of the channels, may not vary", hint)
        return shape[self.channel_level]

    @dimension("shape")
    def of_channels(self, shape: tuple, channels: Any) -> tuple:
        """The size that a given array tells of Input."""
        rest = (Unknown,) * (len(shape) - 1)
        return (*rest, channels) if self.Interleaving else (channels, *rest)

    @property
    def channel_level(self) -> int:
        """Where the channels stand in a shape."""
        return -1 if self.Interleaving else 0

    @property
    def frozen(self) -> bool:
        """Whether the learning rates keep the moving statistics as they are."""
        return _is_off(self.LearningRateMultipliers, "MovingMean", "MovingVariance")

    def apply(
        self, xp: Any, Input: Any, Scaling: Any, Biases: Any, MovingMean: Any, MovingVariance: Any, shape: tuple
    ) -> Any:
        axis = Input.ndim - 1 if self.Interleaving else 1
        if not xp.training or self.frozen:
            wide = (-1, *(1,) * (Input.ndim - 1 - axis))
            rate = 1 / xp.sqrt(MovingVariance + self.Epsilon)
            rate = rate if Scaling is None else rate * Scaling
            output = (Input - xp.reshape(MovingMean, wide)) * xp.reshape(rate, wide)
            return output if Biases is None else output + xp.reshape(Biases, wide)
        real = _real(xp, Input, shape[0])
        output, mean, variance = xp.batch_normalize(Input, Scaling, Biases, axis, self.Epsilon, real)
        kept, new = self.Momentum, 1 - self.Momentum
        return {
            "Output": output,
            "MovingMean": kept * MovingMean + new * mean,
            "MovingVariance": kept * MovingVariance + new * variance,
        }


def _real(xp: Any, x: Any, length: Any) -> Any:
    """Which places of a batch are no padding: by the examples that are real, and the lengths of those that vary."""
    rows = None if xp.real is None else xp.reshape(xp.real, (-1, *(1,) * (x.ndim - 1)))
    if isinstance(length, int):
        return rows
    within = xp.within(x, length)
    return within if rows is None else xp.logical_and(within, rows)


def _is_off(rates: Any, *names: str) -> bool:
    """Whether each of these arrays of a layer has the learning rate 0 or None; the first rule for it counts."""
    if not isinstance(rates, Multipliers):
        return False
    return all(
        next((rate for part, rate in rates.rules.items() if _names(part, name)), 1) in (0, None) for name in names
    )


def _names(part: Any, name: str) -> bool:
    return (
        any(_names(each, name) for each in part.parts) if hasattr(part, "parts") else part in ("_", All, name, (name,))
    )
