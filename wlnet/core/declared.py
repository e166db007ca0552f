"""What a layer's class says: arguments, options, ports, arrays, rules; and what Python can ask of it."""

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from wlnet.core.multipliers import MultipliersField
from wlnet.core.ports import PortType
from wlnet.core.slots import Slot
from wlnet.core.symbols import Automatic

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)  # which Pydantic does not offer by name


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


class LayerType(ModelMetaclass):
    """The class of layer classes: it keeps our signature where Pydantic would put its own."""

    @property
    def __signature__(cls) -> inspect.Signature:
        return cls._signature()  # type: ignore[attr-defined]

    @__signature__.setter
    def __signature__(cls, value: Any) -> None:
        """Pydantic's signature knows neither ports nor arrays."""


Kind = TypeVar("Kind", bound=type)
ABSTRACT: set[type] = set()
"""The classes that only say what others share."""


def abstract(kind: Kind) -> Kind:
    """Marks a class as what several layers share and no layer by itself: no file can make one."""
    ABSTRACT.add(kind)
    return kind


class Declared(BaseModel, metaclass=LayerType):
    """The class side of a layer: fields, slots and rules, collected once a class."""

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

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        parents = [base for base in cls.__mro__[1:] if issubclass(base, Declared)]
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
        if strange and cls.ports is Declared.ports:
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
        return fields | {name: Automatic for name, slot in cls.slots.items() if slot.kind not in ("state", "aside")}

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

    def ports(self) -> dict[str, Slot]:
        """The ports and arrays of this instance; layers whose ports differ per instance override it."""
        return self.slots
