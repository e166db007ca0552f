"""Data that a function makes, batch by batch: `f`, or `(f, {"RoundLength": n})`.

The function is called for the first batch before training, which tells the shapes that the net leaves open; that batch
is the first one that training learns from. Training that goes on from a checkpoint calls it for the first batch, and
then for those that are left: where it makes each batch by the numbers that it is told, the bits are those of an
unbroken run; what it remembers by itself is in no checkpoint.
"""

import inspect
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, NetWarning, nearest
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.training.batches import Drawn, compared, size_for, varies
from wlnet.training.data import columns_of
from wlnet.training.deferred import Reader
from wlnet.training.prefetch import until_wanted
from wlnet.verbs.inputs import Inputs

FACTS = ("BatchSize", "Round", "Batch", "AbsoluteBatch", "Net")
"""What a function that makes batches is told; batches and rounds count from 1."""

Numbers = Mapping[str, int]


class NotTold(NetError, KeyError):
    """There is no fact of that name: `get` of a mapping asks for this error."""


class Told(Mapping[str, Any]):
    """What a function is told of the batch that it makes: `told["Round"]`; the net is rebuilt only if it asks."""

    def __init__(self, numbers: Numbers, net: Callable[[], Layer], wait: Callable[[], Any]):
        self.numbers, self.net, self.wait = numbers, net, wait

    def __getitem__(self, name: str) -> Any:
        if name == "Net":
            self.wait()  # until the batches before are learned: the net is the same, however fast batches are made
            return self.net()
        if name not in self.numbers:
            raise NotTold(f"{name!r} is not told of a batch", got=name, hint=nearest(name, FACTS))
        return self.numbers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(FACTS)

    def __len__(self) -> int:
        return len(FACTS)

    def __repr__(self) -> str:
        return f"{{{', '.join(f'{name!r}: {value}' for name, value in self.numbers.items())}, 'Net': …}}"


@dataclass
class Batchmaker:
    """A function that makes batches, and how many examples of it are a round; None: one batch."""

    function: Callable
    length: int | None
    what: str
    net: Callable[[], Layer] = field(init=False)  # the net as it is now
    size: int = 0

    def __post_init__(self) -> None:
        self.is_told = takes_an_argument(self.function, self.what)

    @property
    def count(self) -> int:
        """The number of batches in a round."""
        return 1 if self.length is None else -(-self.length // self.size)

    def begin(self, setting: Any, plan: Any, net: Callable[[], Layer]) -> Any:
        """The first batch, and with it the size of all where BatchSize is Automatic."""
        self.net = net
        expected = size_for(setting, plan)
        self.size = expected if self.length is None else min(expected, self.length)
        return self.made(1, 1)

    def settle(self, setting: Any, got: int) -> None:
        """Where BatchSize is Automatic, all batches are as large as the first one."""
        if isinstance(setting, int):
            refuse_size(got, self.size, self.what)
        self.size = got

    def made(self, number: int, batch: int) -> Any:
        """What the function gives for a batch of a round."""
        place = {"Round": number, "Batch": batch, "AbsoluteBatch": (number - 1) * self.count + batch}
        told = Told({"BatchSize": self.size, **place}, self.net, until_wanted())
        try:
            given = self.function(told) if self.is_told else self.function()
        except Exception as error:
            raise failure(error, self.what) from error
        if isinstance(given, Iterator):
            text = f"{self.what}: the function must return a batch, but it gave {type(given).__name__}"
            raise NetError(text, got=type(given).__name__, hint="return the examples, and do not yield them")
        return given

    def warn_of_single_batches(self) -> None:
        """Says that a round is no more than a batch, where nobody has said how long one is."""
        if self.length is None:
            text = (
                f"{self.what}: the function is called once a round, so that a round is a single batch; "
                f'(f, {{"RoundLength": n}}) makes rounds of n examples'
            )
            warnings.warn(NetWarning(text), stacklevel=8)


@dataclass
class Generated:
    """Batches that a function makes. The one that told the shapes is given once, as the first."""

    maker: Batchmaker
    net: Layer
    ports: Sequence[str]
    pair: tuple[str, str] | None
    inputs: Inputs  # of the first batch
    seed: int  # of encoders that change data at random
    first: Any  # until it was given

    @property
    def size(self) -> int:
        """Examples in a batch."""
        return self.maker.size

    @property
    def count(self) -> int:
        """The number of batches in a round."""
        return self.maker.count

    @property
    def examples(self) -> int:
        """The number of examples in a round."""
        return self.size * self.count

    def round(self, number: int, skip: int = 0) -> Generator[Drawn, None, None]:
        """The batches of a round; the function is told their numbers, also where training goes on amid a round."""
        for batch in range(skip + 1, self.count + 1):
            made, self.first = self.first, None
            if made is None or (number, batch) != (1, 1):
                made = self.maker.made(number, batch)
            yield self.drawn(made, np.random.default_rng((self.seed, number, batch)))

    def settle(self, setting: Any) -> None:
        """Reads the first batch, which may decide how large all are; it is given later."""
        columns = columns_of(self.first, self.ports, self.pair, self.maker.what)
        self.maker.settle(setting, len(next(iter(columns.values()))))
        self.drawn(self.first, np.random.default_rng(self.seed))

    def drawn(self, made: Any, random: np.random.Generator) -> Drawn:
        """A batch as the net takes it."""
        columns = columns_of(made, self.ports, self.pair, self.maker.what)
        refuse_size(len(next(iter(columns.values()))), self.size, self.maker.what)
        plan = self.inputs.plan
        read = {
            port: Reader.of_port(self.net, plan, port).read(values, None, random) for port, values in columns.items()
        }
        return Drawn(read, compared(plan, read) if varies(plan) else {}, self.size)


def failure(error: Exception, what: str) -> NetError:
    """The error about a function that failed."""
    if isinstance(error, StopIteration):
        return NetError(f"{what}: the function has no more batches (StopIteration)", got="StopIteration")
    said, hint = (error.message, error.hint) if isinstance(error, NetError) else (str(error), None)
    text = f"{what}: the function failed: {type(error).__name__}" + (f": {said}" if said else "")
    return NetError(text, got=type(error).__name__, hint=hint)


def refuse_size(got: int, expected: int, what: str) -> None:
    """Refuses batches of other sizes than the one that was asked for."""
    if got != expected:
        raise NetError(
            f"{what}: the function gave {got} examples instead of {expected}",
            expected=expected,
            got=got,
            hint='give as many as facts["BatchSize"] says, where facts is its argument; BatchSize sets it',
        )


def batchmaker(data: Any, what: str = "the data") -> Batchmaker | None:
    """What makes the batches, where data are given as a function; else None."""
    if is_function(data):
        return Batchmaker(data, None, what)
    if not (isinstance(data, tuple) and len(data) == 2 and is_function(data[0]) and isinstance(data[1], Mapping)):
        return None
    for name in data[1]:
        if name != "RoundLength":
            text = f"{what}: {brief(name)} is not a sub-option of a function that makes batches"
            raise NetError(text, got=name, hint=nearest(name, ["RoundLength"]))
    length = data[1].get("RoundLength")
    if length is not None and (isinstance(length, bool) or not isinstance(length, (int, np.integer)) or length < 1):
        text = f'{what}: "RoundLength" must be a positive whole number, got {length!r}'
        raise NetError(text, got=length, hint="it is the number of examples in a round")
    return Batchmaker(data[0], None if length is None else int(length), what)


def is_function(value: Any) -> bool:
    """Whether a value is a function of the user's; nets and classes, which can be called too, are none."""
    return callable(value) and not isinstance(value, (Layer, type, Mapping)) and not hasattr(value, "__array__")


def takes_an_argument(function: Callable, what: str) -> bool:
    """Whether a function asks for an argument; parameters that have a default are its own business."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function written in C, which tells nothing of itself
        return True
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [each for each in parameters if each.default is each.empty and each.kind is not each.VAR_KEYWORD]
    wanted = [each for each in needed if each.kind in (*places, inspect.Parameter.VAR_POSITIONAL)]
    required = [each for each in wanted if each.kind in places]
    if len(required) > 1 or len(needed) > len(wanted):
        text = f"{what}: the function must take one argument or none, but it takes {', '.join(e.name for e in needed)}"
        raise NetError(text, got=function, hint=f"its argument tells {', '.join(FACTS)}")
    return bool(wanted)
