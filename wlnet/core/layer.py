"""Layer: a frozen value that says what it is. Everything else is derived from what its class declares.

A class declares arguments (lower-case fields), options (capital fields), ports and arrays (`Input = takes("channels
*size")`, `Weights = learned("n m")`), rules for dimensions (`@dimension`), and its arithmetic (`apply`).
"""

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from wlnet.core.dims import Refusal
from wlnet.core.errors import NetError, nearest
from wlnet.core.fields import frozen_array
from wlnet.core.multipliers import MultipliersField
from wlnet.core.plan import Plan
from wlnet.core.ports import PortType, Slot, port_type
from wlnet.core.refuse import brief, refusal
from wlnet.core.registry import offer
from wlnet.core.solver import Solver
from wlnet.core.source import call, same
from wlnet.core.symbols import Automatic


class Rule:
    """A rule for one word: its parameters name the dimensions that it reads."""

    def __init__(self, function: Callable, word: str | None = None):
        self.function, self.word = function, word or function.__name__
        self.parameters = tuple(inspect.signature(function).parameters)[1:]

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self if instance is None else self.function.__get__(instance, owner)


def dimension(function: Any) -> Any:
    """Marks a method as the rule for the dimension of its name; `@dimension("word")` names it apart."""
    return (lambda inner: Rule(inner, function)) if isinstance(function, str) else Rule(function)


class LayerType(type(BaseModel)):  # type: ignore[misc]
    """The class of layer classes: it keeps our signature where Pydantic would put its own."""

    @property
    def __signature__(cls) -> inspect.Signature:
        return cls._signature()

    @__signature__.setter
    def __signature__(cls, value: Any) -> None:
        """Pydantic's signature knows neither ports nor arrays."""


class Layer(BaseModel, metaclass=LayerType):
    """The base of every layer, container and operator."""

    model_config = ConfigDict(
        frozen=True,
        arbitrary_types_allowed=True,
        ignored_types=(Slot, Rule, cached_property),
        defer_build=True,
        extra="forbid",
    )

    slots: ClassVar[dict[str, Slot]] = {}
    rule_table: ClassVar[dict[str, Rule]] = {}
    wanted: ClassVar[tuple[str, ...] | None] = ()
    hidden: ClassVar[tuple[str, ...]] = ("given", "arrays")

    given: dict[str, PortType] = {}
    arrays: dict[str, Any] = {}
    LearningRateMultipliers: MultipliersField = Automatic

    # --- the class --------------------------------------------------------------------------------------------------

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        parents = [base for base in cls.__mro__[1:] if issubclass(base, Layer)]
        own = {name: value for name, value in vars(cls).items() if isinstance(value, (Slot, Rule))}
        cls.slots = {**parents[0].slots, **{k: v for k, v in own.items() if isinstance(v, Slot)}}
        cls.rule_table = {**parents[0].rule_table, **{k: v for k, v in own.items() if isinstance(v, Rule)}}
        cls.wanted = cls._wanted()

    @classmethod
    def _wanted(cls) -> tuple[str, ...] | None:
        """The names that `apply` asks for; None where it takes whatever ports the instance has."""
        if "apply" not in vars(cls):
            return cls.wanted
        parameters = list(inspect.signature(cls.apply).parameters.values())[2:]  # type: ignore[attr-defined]
        if any(each.kind is each.VAR_KEYWORD for each in parameters):
            return None
        names = tuple(each.name for each in parameters)
        words = {word for slot in cls.slots.values() for _, word in slot.words}
        strange = [name for name in names if name not in cls.slots and name not in words]
        if strange and cls.ports is Layer.ports:
            raise TypeError(f"{cls.__name__}.apply asks for {strange}, which no port, array or dimension is called")
        return names

    @classmethod
    def positional(cls) -> list[str]:
        """The names of the positional arguments: lower-case fields, in order."""
        return [name for name in cls.model_fields if name[0].islower() and name not in cls.hidden]

    @classmethod
    def options(cls) -> dict[str, Any]:
        """The options and their defaults, arrays and ports among them, as `Options` lists them."""
        fields = {n: f.get_default(call_default_factory=True) for n, f in cls.model_fields.items() if n[0].isupper()}
        if not cls.has_arrays():
            fields.pop("LearningRateMultipliers", None)
        return fields | dict.fromkeys(cls.slots, Automatic)

    @classmethod
    def has_arrays(cls) -> bool:
        """Whether layers of this class may have arrays to train."""
        return any(slot.kind == "learned" for slot in cls.slots.values())

    @classmethod
    def _signature(cls) -> inspect.Signature:
        kinds = inspect.Parameter
        positional = []
        for name in cls.positional():
            field = cls.model_fields[name]
            default = kinds.empty if field.is_required() else field.get_default(call_default_factory=True)
            positional.append(kinds(name, kinds.POSITIONAL_OR_KEYWORD, default=default))
        named = [kinds(name, kinds.KEYWORD_ONLY, default=value) for name, value in cls.options().items()]
        return inspect.Signature([*positional, *named])

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
        fields = {n: options.pop(n) for n in list(options) if n in type(self).model_fields and n not in inner}
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
            elif slot.kind == "state":
                raise NetError(f"{label}: the shape of {name} follows from the layer", hint=f"leave {name} out")
            elif value is not Automatic:
                given[name] = self._port_type(name, value, slot)
        self.__dict__["given"], self.__dict__["arrays"] = given, {k: v for k, v in arrays.items() if v is not Automatic}

    def _port_type(self, name: str, value: Any, slot: Slot) -> PortType:
        try:
            return port_type(value, name, slot.kind)
        except NetError as error:
            error.message = f"{type(self).__name__}: {error.message}"
            raise

    def _array(self, name: str, value: Any, slot: Slot) -> Any:
        if value is Automatic or (value is None and slot.optional) or hasattr(value, "array_key"):
            return value
        try:
            if value is None:
                raise ValueError(f"{name} cannot be None")
            return frozen_array(value, name)
        except ValueError as error:
            raise NetError(f"{type(self).__name__}: {error}", got=value) from None

    def _no_option(self, name: str) -> NetError:
        known = [n for n in self.options() if n != "LearningRateMultipliers" or self.trainable()]
        known += [n for n in self.ports() if n not in known]
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

    @classmethod
    def made(cls, **fields: Any) -> Self:
        """A layer from fields that are known to be right: what surgery and initialization use."""
        return cls.model_construct(**fields)

    def with_fields(self, **changes: Any) -> Self:
        """The same layer with other fields, not checked again."""
        return self.made(**{**self.fields(), **changes})

    def changed(self, **options: Any) -> Self:
        """The same layer with other settings, checked as if it were written anew."""
        positional, named = self.arguments()
        return type(self)(**{**dict(zip(self.positional(), positional, strict=False)), **named, **options})

    def fields(self) -> dict[str, Any]:
        """Every field of this value by name."""
        return {name: self.__dict__[name] for name in type(self).model_fields}

    # --- what it is, for the solver -------------------------------------------------------------------------------

    def ports(self) -> dict[str, Slot]:
        """The ports and arrays of this instance; layers whose ports differ per instance override it."""
        return self.slots

    def trainable(self) -> bool:
        """Whether this instance may have arrays to train."""
        return self.has_arrays()

    def present(self) -> dict[str, Slot]:
        """The ports, and the arrays that are not None."""
        return {name: slot for name, slot in self.ports().items() if self.arrays.get(name, Automatic) is not None}

    def rules(self) -> list[tuple[str, Callable, tuple[str, ...]]]:
        """The rules for words: (word, function, the words it reads)."""
        return [(rule.word, rule.function.__get__(self), rule.parameters) for rule in self.rule_table.values()]

    def words(self) -> dict[str, Any]:
        """What the arguments already say of words: a field says the word of its name."""
        names = {word for slot in self.ports().values() for _, word in slot.words}
        return {n: v for n in self.positional() if n in names and (v := self.__dict__[n]) is not Automatic}

    def wire(self, solver: Solver, path: tuple) -> None:
        """States this layer to the solver; containers and operators state what they hold, and edges."""
        label = type(self).__name__
        for name, value in self.arrays.items():
            if isinstance(value, np.ndarray):
                solver.say(path, label, name, value.shape)
        self.say_given(solver, path)
        solver.relate(path, label, self.present(), self.rules(), self.words())

    def say_given(self, solver: Solver, path: tuple) -> None:
        """States the port types that the user gave; named lengths are shared within the net around."""
        for name, given in self.given.items():
            solver.say(path, type(self).__name__, name, given.shape(path[:-1], name), given.values())

    @cached_property
    def plan(self) -> Plan:
        """The solved shapes of this net; made once, never compared, printed or saved."""
        solver = Solver()
        try:
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
        if self.wanted is None:
            named: dict[str, Any] = dict(inputs)
        else:
            words = xp.dims.get(path, {})
            named = {}
            for name in self.wanted:
                slot = slots.get(name)
                if slot is None:
                    named[name] = words[name]
                else:
                    named[name] = inputs.get(name) if slot.kind == "in" else arrays.get(self.key(name, path))
        result = self.apply(xp.at(path), **named)  # type: ignore[attr-defined]
        if not isinstance(result, dict):
            output = next(name for name, slot in slots.items() if slot.kind == "out")
            return {output: result}, {}
        outputs = {name: value for name, value in result.items() if name in slots and slots[name].kind == "out"}
        following = {(*path, n): v for n, v in result.items() if n in slots and slots[n].kind in ("moving", "state")}
        return outputs, following

    def key(self, name: str, path: tuple) -> tuple:
        """Under which key an array travels: its path, or the name of a shared array."""
        return getattr(self.arrays.get(name), "array_key", None) or (*path, name)

    def __call__(self, *data: Any, **options: Any) -> Any:
        """Evaluates the net: `net(x)`, `net([x1, x2])`, `net({"A": x})`, `net(x, what)`, with options by name."""
        return offer("evaluate")(self, *data, **options)

    def __getitem__(self, part: Any) -> Any:
        return offer("extract")(self, part)

    # --- a value --------------------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        arrays = self.__dict__.get("arrays", {})
        if name in arrays:
            return arrays[name]
        if name in self.slots and self.slots[name].is_array:
            return Automatic
        if not name.startswith("_") and name[:1].isupper():
            raise self._no_option(name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and same(self.fields(), other.fields())  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return call(type(self).__name__, *self.arguments())

    def __str__(self) -> str:
        return repr(self)

    def arguments(self) -> tuple[list, dict[str, Any]]:
        """What was given beside the defaults: by position until one is left out, then by name."""
        values, fields = self.__dict__, type(self).model_fields
        standing = [n for n in fields if n not in self.hidden and not same(values[n], fields[n].get_default())]
        names = self.positional()
        first = next((k for k, name in enumerate(names) if name not in standing), len(names))
        named = {n: values[n] for n in [*names[first:], *(n for n in fields if n[0].isupper())] if n in standing}
        return [values[name] for name in names[:first]], named | self.arrays | self.given

    def __reduce__(self) -> Any:
        return _rebuilt, (type(self), self.fields())

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict | None = None) -> Self:
        return self

    def model_copy(self, **options: Any) -> Self:
        """A value is its own copy."""
        return self

    def _repr_html_(self) -> str:
        return offer("html")(self)


def _rebuilt(cls: type[Layer], fields: dict[str, Any]) -> Layer:
    for value in fields["arrays"].values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return cls.made(**fields)


def is_learned(layer: Layer, name: str) -> bool:
    """Whether that array of a layer is trained by gradient."""
    return layer.ports()[name].kind == "learned"


def unset(layer: Layer) -> list[str]:
    """The arrays of a layer that have no value yet."""
    return [n for n, slot in layer.ports().items() if slot.is_array and layer.arrays.get(n, Automatic) is Automatic]


__all__ = ["Layer", "Rule", "brief", "dimension", "is_learned", "unset"]
