"""Layer: a frozen value that says what it is. Everything else is derived from what its class declares.

A class declares arguments (lower-case fields), options (capital fields), ports and arrays (`Input = takes("channels
*size")`, `Weights = learned("n m")`), rules for dimensions (`@dimension`), and its arithmetic (`apply`).
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from pydantic import ValidationError

from wlnet.core.arrays import as_one, value_of
from wlnet.core.declared import Rule, dimension
from wlnet.core.dims import Refusal
from wlnet.core.errors import NetError, NoSuchPart, nearest
from wlnet.core.fields import frozen_array
from wlnet.core.plan import Plan
from wlnet.core.ports import PortType, port_type
from wlnet.core.records import is_recorded
from wlnet.core.refuse import refusal
from wlnet.core.registry import offer
from wlnet.core.shared import sharable
from wlnet.core.slots import Slot
from wlnet.core.solver import Solver, uncollected
from wlnet.core.symbols import Automatic
from wlnet.core.types import Real
from wlnet.core.value import Value


class Layer(Value):
    """The base of every layer, container and operator."""

    # --- making one ---------------------------------------------------------------------------------------------------

    def __init__(self, *arguments: Any, **options: Any):
        label, names = type(self).__name__, self.positional()
        if len(arguments) > len(names):
            takes = f"at most {len(names)} ({', '.join(names)})" if names else "no positional arguments"
            raise NetError(f"{label} takes {takes}, got {len(arguments)}", hint="give options by name")
        for name, value in zip(names, arguments, strict=False):
            if name in options:
                raise NetError(f"{label} got {name} twice, by position and by name")
            options[name] = value
        inner = ("given", "arrays")
        fields = {n: listed(options.pop(n)) for n in list(options) if n in type(self).model_fields and n not in inner}
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise refusal(label, error) from None
        self._take_named(options)
        self._verify()

    def _take_named(self, options: dict[str, Any]) -> None:
        """Sorts what is no field into arrays and port types."""
        label, slots = type(self).__name__, self.ports()
        given, arrays = {}, {}
        if self.LearningRateMultipliers is not Automatic and not self.trainable():
            raise self._no_option("LearningRateMultipliers")
        for name, value in options.items():
            slot = slots.get(name)
            if slot is None:
                raise self._no_option(name)
            if slot.is_array:
                arrays[name] = self._array(name, value, slot)
            elif slot.kind in ("state", "aside"):
                raise NetError(f"{label}: the shape of {name} follows from the layer", hint=f"leave {name} out")
            elif value is not Automatic:
                given[name] = self._port_type(name, value, slot)
        self.__dict__["given"] = {name: given[name] for name in slots if name in given}  # in one order: nets compare
        self.__dict__["arrays"] = {name: arrays[name] for name in slots if arrays.get(name, Automatic) is not Automatic}

    def _port_type(self, name: str, value: Any, slot: Slot) -> PortType:
        try:
            return port_type(value, name, slot.kind)
        except NetError as error:
            error.message = f"{type(self).__name__}: {error.message}"
            raise

    def _array(self, name: str, value: Any, slot: Slot) -> Any:
        if value is Automatic or (value is None and slot.optional):
            return value
        if hasattr(value, "array_key"):
            return sharable(value, type(self).__name__, name, slot)
        try:
            if value is None:
                raise ValueError(f"{name} cannot be None")
            return frozen_array(value, name)
        except ValueError as error:
            raise NetError(f"{type(self).__name__}: {error}", got=value) from None

    def _no_option(self, name: str) -> NetError:
        known = [n for n in type(self).model_fields if n[0].isupper()]
        known = [n for n in known if n != "LearningRateMultipliers" or self.trainable()]
        known += [port for port, slot in self.ports().items() if slot.kind not in ("state", "aside")]
        label = type(self).__name__
        return NetError(f"{label}: {name} is not an option", got=name, hint=nearest(name, known + self.positional()))

    def _verify(self) -> None:
        """Refuses at construction what can be known then: settings that do not go together, sizes that clash."""
        try:
            self.check()
        except ValueError as error:
            hint = getattr(error, "hint", None)
            raise NetError(f"{type(self).__name__}: {error}", hint=hint) from None
        self.plan  # noqa: B018 - solved now, kept beside the value

    def check(self) -> None:
        """What a layer refuses beyond the types of its options; it raises ValueError with a sentence."""

    # --- what it holds ----------------------------------------------------------------------------------------------

    def subnets(self) -> dict[Any, "Layer"]:
        """The nets that stand directly inside, by key: the layers of a container, the nets of an operator."""
        return {}

    @property
    def is_elementary(self) -> bool:
        """Whether it counts as one layer: it holds no others, or what it holds is part of it."""
        return not self.subnets()

    def with_subnets(self, nets: dict[Any, "Layer"]) -> "Layer":
        """The same with other nets inside, of the same keys."""
        return self

    # --- what it is, for the solver -------------------------------------------------------------------------------

    def trainable(self) -> bool:
        """Whether this instance may have arrays to train."""
        return self.has_arrays()

    def present(self) -> dict[str, Slot]:
        """The ports, and the arrays that are not None."""
        return {name: slot for name, slot in self.ports().items() if self.arrays.get(name, Automatic) is not None}

    def rules(self) -> list[tuple[str, Callable, tuple[str, ...]]]:
        """The rules for words: (word, function, the words it reads)."""
        return [(rule.word, rule.function.__get__(self), rule.parameters) for rule in self.rule_table.values()]

    def fallbacks(self) -> list[tuple[str, Callable, tuple[str, ...]]]:
        """Rules for words that nothing forces: asked when all else is settled, and only if a word is still open."""
        return []

    def words(self) -> dict[str, Any]:
        """What the arguments already say of words: a field says the word of its name."""
        names = {word for slot in self.ports().values() for _, word in slot.words}
        return {n: v for n in self.positional() if n in names and (v := self.__dict__[n]) is not Automatic}

    def wire(self, solver: Solver, path: tuple) -> None:
        """States this layer to the solver; containers and operators state what they hold, and edges."""
        label = type(self).__name__
        for name, value in self.arrays.items():
            if hasattr(value, "array_key"):
                solver.share(path, label, name, value)
            elif isinstance(value, np.ndarray):
                solver.say(path, label, name, value.shape)
        self.say_given(solver, path)
        node = solver.relate(path, label, self.present(), self.rules(), self.words(), self.fallbacks())
        for slot in self.ports().values():  # a word of an array that is None is still of unknown rank
            node.stars.update([word for star, word in slot.words if star])

    def say_given(self, solver: Solver, path: tuple) -> None:
        """States the port types that the user gave; named lengths are shared within the net around."""
        for name, given in self.given.items():
            solver.say(path, type(self).__name__, name, given.shape(path[:-1], name), given.values())

    @cached_property
    def plan(self) -> Plan:
        """The solved shapes of this net; made once, never compared, printed or saved."""
        solver = Solver()
        try:
            plan = self.solved(solver)
        except NetError:
            if not solver.fell_back:
                raise
            solver = Solver(falls_back=False)  # as part of a larger net it will be told what was guessed wrongly here
            plan = self.solved(solver)
        if solver.shared:  # part of the making: a net is nowhere seen before its plan is made
            self.__dict__.update(as_one(self, solver.shared).fields())
        return plan

    def solved(self, solver: Solver) -> Plan:
        """What a solver makes of what this net states."""
        try:
            with uncollected():
                self.wire(solver, ())
                return solver.solve()
        except Refusal as refused:
            raise NetError(f"{type(self).__name__}: {refused}", hint=refused.hint) from None

    @property
    def shapes(self) -> dict[str, tuple | None]:
        """The partial shape of each port and array of this layer."""
        return {name: self.plan.shape((), name) for name in self.present()}

    # --- running --------------------------------------------------------------------------------------------------

    def run(self, xp: Any, arrays: Mapping[tuple, Any], inputs: Mapping[str, Any], path: tuple) -> tuple[dict, dict]:
        """Computes outputs by port, and the next values of arrays that are state, by key."""
        slots = self.ports()
        named: dict[str, Any] = {}
        if self.wanted is None:
            named = {name: as_reals(xp, value, slots[name]) for name, value in inputs.items()}
        for name, slot, shared in self.apply_takes:
            if slot is None:
                named[name] = xp.dims[path][name]
            elif slot.kind == "in":
                named[name] = as_reals(xp, inputs[name], slot) if name in inputs else None
            elif slot.kind == "state":  # from an edge, else from outside; a state that nobody gives is None: zero
                named[name] = inputs[name] if name in inputs else arrays.get((*path, name))
            else:
                named[name] = arrays.get(shared or (*path, name))
        other = xp.instead.get(type(self)) if xp.instead else None
        result = other(self, xp.at(path), **named) if other else self.apply(xp.at(path), **named)
        if not isinstance(result, dict):
            return {self.first_output: result}, {}
        outputs = {name: v for name, v in result.items() if name in slots and slots[name].kind in ("out", "aside")}
        following = {(*path, n): v for n, v in result.items() if n in slots and slots[n].kind in ("moving", "state")}
        return outputs, following

    @cached_property
    def apply_takes(self) -> list[tuple[str, Slot | None, tuple | None]]:
        """What `apply` takes: each name, its slot (a word has none), and its key where it is a shared array."""
        slots = self.ports()
        return [(name, slots.get(name), self.shared_key(name)) for name in self.wanted or ()]

    @cached_property
    def first_output(self) -> str:
        """The port of what `apply` gives, where it gives one array."""
        return next(name for name, slot in self.ports().items() if slot.kind == "out")

    def key(self, name: str, path: tuple) -> tuple:
        """Under which key an array travels: its path, or the name of a shared array."""
        return self.shared_key(name) or (*path, name)

    def shared_key(self, name: str) -> tuple | None:
        """The key of an array where it is shared."""
        return getattr(self.arrays.get(name), "array_key", None)

    def __call__(self, *data: Any, **options: Any) -> Any:
        """Evaluates the net: `net(x)`, `net([x1, x2])`, `net({"A": x})`, `net(x, what)`, with options by name.

        In a function that becomes a net the call is recorded: `net(a, b)`, `net(A=a)` by ports.
        """
        if is_recorded(data, options):
            return offer("record call")(self, data, options)
        return offer("evaluate")(self, *data, **options)

    def __getitem__(self, part: Any) -> Any:
        return offer("extract")(self, part)

    def __getattr__(self, name: str) -> Any:
        if name[:1].isupper():
            if name in self.ports():
                return self.part(name)
            hint = nearest(name, [each for each in [*type(self).model_fields, *self.ports()] if each[0].isupper()])
            raise NoSuchPart(f"{type(self).__name__} has no part {name}", got=name, hint=hint)
        raise AttributeError(f"{type(self).__name__} has no attribute {name}")

    def part(self, name: str) -> Any:
        """The array of that name (Automatic where it has no value), or the type of the port."""
        return offer("extract")(self, name)


def listed(value: Any) -> Any:
    """A setting; one that comes as a NumPy array is the tuple of its elements."""
    return tuple(map(listed, value)) if isinstance(value, np.ndarray) and value.ndim else value


def as_reals(xp: Any, value: Any, slot: Slot) -> Any:
    """Integers as reals of the working precision, where a port takes reals; else single precision would widen."""
    if value.dtype.kind in "iub" and (slot.of is None or isinstance(slot.of, Real)):
        return xp.astype(value, float)
    return value


def unset(layer: Layer) -> list[str]:
    """The arrays of a layer that have no value yet."""
    arrays = [name for name, slot in layer.ports().items() if slot.is_array]
    return [name for name in arrays if value_of(layer.arrays.get(name, Automatic)) is Automatic]


__all__ = ["Layer", "Rule", "dimension", "unset"]
