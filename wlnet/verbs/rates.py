"""At what multiple of the learning rate each array of a net is trained, and which rule says so.

Rules stand in three kinds of places: in NetTrain, in containers, in layers. NetTrain's decide first, then those of the
outermost container that reach the array, and so inwards to the layer's own; where none does, the multiplier is 1.
Levels are never multiplied. Within one setting the first rule that reaches the array decides.
"""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wlnet.core.errors import NetError, NetWarning, place
from wlnet.core.layer import Layer
from wlnet.core.multipliers import Multipliers, multipliers
from wlnet.core.source import source
from wlnet.core.symbols import Automatic
from wlnet.nets.container import Container
from wlnet.verbs.parts import hint_for, reached
from wlnet.verbs.places import ArrayPlace, Path, arrays_of, inner


@dataclass(frozen=True)
class Rates:
    """The multiplier of every learned array by key, which rule said it, and the arrays that stay as they are.

    `of` holds 0.0 for what is frozen and a negative number for what ascends. `frozen` also holds the keys of moving
    statistics: a rule that freezes a layer freezes these with it.
    """

    of: Mapping[Path, float]
    source: Mapping[Path, str]
    frozen: frozenset[Path]


@dataclass(eq=False)
class Level:
    """The rules of one setting, each with the places that it reaches; and which of them were used, which hidden."""

    owner: str
    depth: int
    root: Path
    rules: list[tuple[Any, float | None, frozenset[Path]]]
    used: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)

    def first(self, places: list[Path]) -> int | None:
        """The first rule that reaches one of the places."""
        reaching = [
            at for at, (_, _, paths) in enumerate(self.rules) if any(self.covers(paths, each) for each in places)
        ]
        self.used.update(reaching[:1])
        self.hidden.update(reaching[1:])
        return reaching[0] if reaching else None

    def covers(self, paths: frozenset[Path], array: Path) -> bool:
        """Whether an array is one of the parts that a rule reaches, or stands inside one."""
        start = len(self.root)
        return array[:start] == self.root and any(array[:end] in paths for end in range(start, len(array) + 1))

    def text(self, at: int) -> str:
        """A rule and where it stands."""
        part, rate, _ = self.rules[at]
        return f"{self.owner}: {Multipliers({part: rate})!r}"


def resolved_rates(net: Layer, rules: Any = Automatic) -> Rates:
    """The multiplier of every array of a net, from NetTrain's rules and those of its containers and layers.

    A rule's part is a name (of a layer, a subnet, or an array of the layer), a position n or -n, a span "m;;n", "_" for
    anything, Alternatives, or a tuple of these for a path. On a container a bare name that no layer has, such as
    "Biases", means that array of every layer directly inside. A rule for a subnet reaches everything in it. A rule that
    reaches no part of the net is an error; one that earlier rules wholly hide is warned of. A shared array has one
    multiplier: of the rules that reach it in any of its places, the outermost and first decides.

    >>> net = NetChain({"a": LinearLayer(2, LearningRateMultipliers=0), "b": LinearLayer(3)}, Input=4)
    >>> resolved_rates(net, {("b", "Biases"): 2}).of
    {('a', 'Weights'): 0.0, ('a', 'Biases'): 0.0, ('b', 'Weights'): 1.0, ('b', 'Biases'): 2.0}
    """
    try:
        setting = multipliers(rules)
    except ValueError as error:
        raise NetError(f"NetTrain: LearningRateMultipliers {error}", got=rules) from None
    outer = [] if setting is Automatic else [level("NetTrain", net, (), -1, setting)]
    found: dict[Path, list[tuple[ArrayPlace, list[Level]]]] = {}
    for array, levels in under_levels(net, (), outer):
        found.setdefault(array.key, []).append((array, levels))
    of, source_of, frozen = {}, {}, set()
    for key, places in found.items():
        rate, said = decided(places)
        if rate == 0:
            frozen.add(key)
        if places[0][0].slot.kind == "learned":
            sign = direction(net, [array.path for array, _ in places]) if rate else 1
            of[key], source_of[key] = rate * sign, said + (", against the loss" if sign < 0 else "")
    warn_of_hidden(levels for places in found.values() for _, levels in places)
    return Rates(of, source_of, frozenset(frozen))


def level(
    owner: str, net: Layer, path: Path, depth: int, setting: Multipliers, option: str = "LearningRateMultipliers"
) -> Level:
    """The rules of one setting; a rule that reaches nothing is refused."""
    rules = []
    for part, rate in setting.rules.items():
        places = reached(part, net, path)
        if not places:
            label = "NetTrain" if depth < 0 else type(net).__name__
            raise NetError(
                f"{label}: {option} names {source(part)}, which is no part of the {'net' if inner(net) else 'layer'}",
                path=path,
                got=part,
                hint=hint_for(part, net),
            )
        rules.append((part, rate, frozenset(where for where, _ in places)))
    return Level(owner, depth, path, rules)


def under_levels(net: Layer, path: Path, levels: list[Level]) -> Iterator[tuple[ArrayPlace, list[Level]]]:
    """Every array, with the settings of NetTrain, of the containers around it, and of its layer, outermost first."""
    if net.LearningRateMultipliers is not Automatic:
        owner = f"{place(path)} ({type(net).__name__})"
        levels = [*levels, level(owner, net, path, len(path), net.LearningRateMultipliers)]
    for array in arrays_of(net, path):
        yield array, levels
    for key, layer in inner(net).items():
        yield from under_levels(layer, (*path, key), levels)


def direction(net: Layer, paths: list[Path]) -> int:
    """-1 for an array in a net that its operator leads against the loss, such as a generator; else 1."""
    signs = {path: led(net, path) for path in paths}
    if len(set(signs.values())) == 1:
        return signs[paths[0]]
    with_it, against = (next(place(path) for path in paths if signs[path] == sign) for sign in (1, -1))
    raise NetError(
        f"one array stands at {with_it} and at {against}, but training leads the one with the loss and the other "
        "against it",
        got=paths,
        hint="give the two arrays of their own, or keep the one as it is by a multiplier of 0",
    )


def led(net: Layer, path: Path) -> int:
    """The product of the directions of the operators around a place."""
    sign = 1
    for key in path[:-1]:
        sign *= 1 if isinstance(net, Container) else getattr(net, "directions", {}).get(key, 1)
        net = inner(net)[key]
    return sign


def decided(places: list[tuple[ArrayPlace, list[Level]]]) -> tuple[float, str]:
    """The multiplier of an array that stands in these places, and the rule that says it."""
    paths = [array.path for array, _ in places]
    levels = dict.fromkeys(each for _, own in places for each in own)
    firsts = [(each, each.first(paths)) for each in sorted(levels, key=lambda each: each.depth)]
    for each, at in firsts:
        if at is not None:
            return float(each.rules[at][1] or 0), each.text(at)
    return 1.0, "no rule"


def warn_of_hidden(levels: Iterator[list[Level]]) -> None:
    """Warns of rules that never decide, because earlier ones of the same setting reach all that they reach."""
    for each in dict.fromkeys(level for own in levels for level in own):
        for at in sorted(each.hidden - each.used):
            warnings.warn(
                NetWarning(f"LearningRateMultipliers: {each.text(at)} is never used: earlier rules reach all of it"),
                stacklevel=3,
            )
