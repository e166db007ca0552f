"""TrainingUpdateSchedule: which arrays each step of training changes.

A setting is Automatic (every step changes all), or a list of entries through which the steps go round. An entry is a
part of the net in the syntax of LearningRateMultipliers: "layer", n, "m;;n", ("layer", "array"), Alternatives(a, b),
"_", or a list of such; {part: s} keeps to an entry for s steps. A part means all that is inside it.

Arrays of no entry are frozen, as by a multiplier of 0, and moving statistics of layers of no entry with them; other
moving statistics follow every step, since every step runs the whole net. What an optimizer remembers of an array stays
as it is while other arrays have their turn, and bias corrections count the updates of the array itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.multipliers import part_of
from wlnet.core.refuse import brief
from wlnet.core.source import source
from wlnet.core.symbols import Alternatives, Automatic
from wlnet.training.losses import inside
from wlnet.training.vector import Layout
from wlnet.verbs.parts import hint_for, is_anything, reached
from wlnet.verbs.places import arrays
from wlnet.verbs.rates import Rates

OPTION = "TrainingUpdateSchedule"
FORMS = '["Discriminator", "Generator"] or [{"Discriminator": 5}, "Generator"]'
LEFT_OUT = f"{OPTION}, which leaves it out"


@dataclass(frozen=True)
class Entry:
    """One entry of a schedule: a part, the steps that keep to it, and how it reads."""

    part: Any
    steps: int
    text: str
    is_pair: bool = False  # whether it was written as (part, steps), which may be a path too

    def __str__(self) -> str:
        return f"{self.text} for {self.steps} steps" if self.steps > 1 else self.text


def entries_of(setting: Any) -> tuple[Entry, ...]:
    """The entries of a setting; none for Automatic."""
    if setting is Automatic:
        return ()
    if not isinstance(setting, (list, Mapping)) or not setting:
        raise NetError(
            f"{OPTION} must be Automatic or a list of parts of the net, got {brief(setting)}",
            got=setting,
            hint=f"write {FORMS}",
        )
    listed = [setting] if isinstance(setting, Mapping) else setting
    return tuple(entry for each in listed for entry in entries_in(each))


def entries_in(written: Any) -> list[Entry]:
    """The entries that one element of a setting says: a part, rules from parts to steps, or (part, steps)."""
    if isinstance(written, Mapping):
        return [entry(part, steps) for part, steps in written.items()]
    if isinstance(written, tuple) and len(written) == 2 and is_count(written[1]) and written[1] > 0:
        return [replace(entry(written[0], written[1]), is_pair=True)]
    return [entry(written, 1)]


def is_count(value: Any) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def entry(written: Any, steps: Any) -> Entry:
    """A part, and the steps that keep to it."""
    if not is_count(steps) or steps < 1:
        raise NetError(
            f"{OPTION}: {source(written)} must have a positive whole number of steps, got {brief(steps)}",
            expected="a positive whole number",
            got=steps,
        )
    parts = written if isinstance(written, list) else [written]
    try:
        found = [part_of(tuple(part) if isinstance(part, list) else part) for part in parts]
    except ValueError as error:
        raise NetError(f"{OPTION} {error}", got=written, hint=f"write {FORMS}") from None
    if not found:
        raise NetError(f"{OPTION}: an entry names no part of the net", got=written, hint=f"write {FORMS}")
    return Entry(found[0] if len(found) == 1 else Alternatives(*found), int(steps), source(written))


@dataclass(frozen=True)
class UpdateSchedule:
    """The entries of a schedule in order, each with the keys of the learned arrays that it changes."""

    entries: tuple[tuple[Entry, frozenset], ...]

    def __str__(self) -> str:
        each = [f"{entry} ({len(keys)} array{'s' * (len(keys) != 1)})" for entry, keys in self.entries]
        return ", then ".join(each) + (", and again" if len(each) > 1 else "")


def resolved_schedule(
    net: Layer, entries: Sequence[Entry], rates: Rates, training_net: Layer
) -> tuple[UpdateSchedule | None, Rates]:
    """The schedule of a net, and the multipliers with 0 for every array that no entry reaches.

    An array of a loss that is attached, beside `net` in the training net, is reached by an entry for anything.
    """
    if not entries:
        return None, rates
    every = {inside(array.key): array.slot.kind for array in arrays(training_net)}
    beside = every.keys() - {array.key for array in arrays(net)}
    found = []
    taken: set[tuple] = set()
    reached_by_any: set[tuple] = set()
    for each in entries:
        keys, shared = keys_of(net, each)
        keys |= beside if is_anything(each.part) else set()
        reached_by_any |= keys
        own = frozenset(key for key in keys if rates.of.get(key)) - (taken & shared)
        if not own:
            raise nothing_to_change(net, each, keys, rates, taken)
        taken |= own
        found.append((each, own))
    statistics = {key for key, kind in every.items() if kind == "moving"}
    return UpdateSchedule(tuple(found)), without(rates, (rates.of.keys() | statistics) - reached_by_any)


def without(rates: Rates, left_out: set[tuple]) -> Rates:
    """The multipliers with 0 for some arrays; what else is left out, moving statistics, is frozen too."""
    learned = [key for key in rates.of if key in left_out]
    of, source_of = dict.fromkeys(learned, 0.0), dict.fromkeys(learned, LEFT_OUT)
    return Rates({**rates.of, **of}, {**rates.source, **source_of}, rates.frozen | left_out)


def keys_of(net: Layer, each: Entry) -> tuple[set[tuple], set[tuple]]:
    """The keys of all arrays that an entry reaches, and which arrays of the net stand in several places."""
    places = {where for where, _ in reached(each.part, net)}
    path = (each.part, each.steps)
    if each.is_pair and reached(path, net):
        raise NetError(
            f"{OPTION}: ({each.text}, {each.steps}) is a path, and a part for {each.steps} steps",
            got=path,
            hint=f"write {{({each.text}, {each.steps}): 1}} for the path, {{{each.text}: {each.steps}}} for the steps",
        )
    if not places:
        text = f"{OPTION} names {each.text}, which is no part of the net"
        raise NetError(text, got=each.part, hint=hint_for(each.part, net))
    keys, standing = set(), []
    for array in arrays(net):
        standing.append(array.key)
        if any(array.path[:end] in places for end in range(len(array.path) + 1)):
            keys.add(array.key)
    return keys, {key for key in standing if standing.count(key) > 1}


def nothing_to_change(net: Layer, each: Entry, keys: set, rates: Rates, taken: set) -> NetError:
    """The error of an entry with no array to change."""
    learned = [key for key in keys if key in rates.of]
    if not learned:
        why, hint = "holds no array that learns", "name parts with weights"
    elif any(key in taken for key in learned):
        why, hint = "holds only shared arrays that an earlier entry changes", "a shared array follows its first entry"
    else:
        why, hint = "holds only arrays that LearningRateMultipliers freeze", "leave the entry out"
    return NetError(f"{OPTION}: {each.text} {why}", got=each.part, hint=hint)


@dataclass(frozen=True)
class Turns:
    """A schedule over the vector of a training. `members[e, a]` says whether entry e changes array a."""

    schedule: UpdateSchedule
    members: np.ndarray
    lengths: np.ndarray
    layout: Layout

    @staticmethod
    def of(schedule: UpdateSchedule, layout: Layout) -> "Turns":
        """The turns of a schedule over a vector of the training net."""
        members = np.array([[inside(key) in keys for key in layout.keys] for _, keys in schedule.entries], dtype=bool)
        return Turns(schedule, members, np.array([each.steps for each, _ in schedule.entries]), layout)

    @cached_property
    def ends(self) -> np.ndarray:
        """After how many steps of a cycle each entry is over."""
        return np.cumsum(self.lengths)

    @cached_property
    def masks(self) -> list[np.ndarray]:
        """Of each entry, which elements of the vector it changes."""
        return [np.repeat(row, self.layout.sizes) for row in self.members]

    @cached_property
    def are_apart(self) -> bool:
        """Whether each array is in one entry only, so that those of one entry were always updated together."""
        return bool((self.members.sum(0) <= 1).all())

    def entry_at(self, step: int) -> int:
        """Which entry a step, counted from 1, belongs to."""
        return int(np.searchsorted(self.ends, (step - 1) % self.ends[-1], side="right"))

    def counts_at(self, step: int) -> Any:
        """How often the arrays of a step were updated, this step included: one number, or one for each array."""
        cycles, offset = divmod(step - 1, int(self.ends[-1]))
        done = np.clip(offset + 1 - (self.ends - self.lengths), 0, self.lengths) + cycles * self.lengths
        if self.are_apart:
            return int(done[self.entry_at(step)])
        return np.maximum(done @ self.members, 1)
