"""What encoders and decoders share: they are frozen values that print as the code that makes them."""

import inspect
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from wlnet.core.declared import LayerType
from wlnet.core.errors import NetError, nearest
from wlnet.core.ports import Coder
from wlnet.core.refuse import brief, refusal
from wlnet.core.source import call, same

OLD_NAMES = {"BPESubwordTokens": "SubwordTokens"}
"""Kinds that Wolfram has renamed, and what they are now."""


class CoderType(LayerType):
    """The class of coder classes: `NetEncoder("Class", …)` makes one of the class that the table has for "Class"."""

    def __call__(cls: Any, *arguments: Any, **options: Any) -> Any:
        if cls.kind is None:
            return cls.of_spec(*arguments, **options)
        return super().__call__(*arguments, **options)


class NetCoder(BaseModel, Coder, metaclass=CoderType):
    """The base of NetEncoder and NetDecoder: arguments are lower-case fields, parameters are capital ones."""

    model_config = ConfigDict(
        frozen=True,
        arbitrary_types_allowed=True,
        ignored_types=(cached_property,),
        defer_build=True,
        extra="forbid",
    )

    family: ClassVar[str] = ""
    kind: ClassVar[str | None] = None
    kinds: ClassVar[Mapping[str, type]] = {}
    argument_names: ClassVar[tuple[str, ...] | None] = None

    # --- making one ---------------------------------------------------------------------------------------------------

    @classmethod
    def has_kinds(cls, table: Mapping[str, type]) -> None:
        """The table of kinds says which classes there are."""
        cls.kinds = table

    @classmethod
    def of_spec(cls, *spec: Any, **options: Any) -> Any:
        """The coder that `NetEncoder("Class", ["a", "b"])`, the same in a tuple, or `NetEncoder(decoder)` means."""
        if not spec:
            raise NetError(f"{cls.__name__} needs a kind", hint=f"there are {', '.join(cls.kinds)}")
        first, *rest = spec
        if isinstance(first, (tuple, list)) and first:
            return cls.of_spec(*first, *rest, **options)
        if isinstance(first, NetCoder):
            return cls._converted(first, rest, options)
        first = OLD_NAMES.get(first, first) if isinstance(first, str) else first
        if not isinstance(first, str) or first not in cls.kinds:
            raise NetError(f"{brief(first)} is not a kind of {cls.__name__}", got=first, hint=nearest(first, cls.kinds))
        return cls.kinds[first](*rest, **options)

    @classmethod
    def _converted(cls, coder: "NetCoder", rest: list, options: dict[str, Any]) -> Any:
        if rest:
            raise NetError(f"{cls.__name__} of a coder takes no more arguments, got {brief(rest[0])}", got=rest[0])
        other = coder if isinstance(coder, cls) else coder.counterpart()
        return other.changed(**options) if options else other

    def counterpart(self) -> Any:
        """The decoder of this encoder, or the encoder of this decoder."""
        raise NetError(f"{self.label} has no counterpart: its function cannot be inverted", hint="make one by hand")

    def __init__(self, *arguments: Any, **options: Any):
        names = self.positional()
        options = self._with_entries(arguments, options)
        positional = [each for each in arguments if not isinstance(each, Mapping)]
        if len(positional) > len(names):
            takes = f"at most {len(names)} ({', '.join(names)})" if names else "none"
            raise NetError(f"{self.label} takes {takes} before its parameters, got {len(positional)}", got=positional)
        for name, value in zip(names, positional, strict=False):
            if name in options:
                raise NetError(f"{self.label} got {name} twice, by position and by name")
            options[name] = value
        self._refuse_strange(options)
        try:
            super().__init__(**options)
            self.check()
        except ValidationError as error:
            raise refusal(self.label, error) from None
        except ValueError as error:
            raise NetError(f"{self.label}: {error}") from None

    def _with_entries(self, arguments: tuple, options: dict[str, Any]) -> dict[str, Any]:
        """The parameters: those given by name, and those given as entries of a dict."""
        for entries in arguments:
            if isinstance(entries, Mapping):
                twice = next((name for name in entries if name in options), None)
                if twice is not None:
                    raise NetError(f"{self.label} got {twice} twice")
                options = {**options, **entries}
        return options

    def _refuse_strange(self, options: Mapping[str, Any]) -> None:
        fields = type(self).model_fields
        for name in options:
            if name not in fields:
                raise self._no_parameter(name)
        for name in self.positional():
            if fields[name].is_required() and name not in options:
                kind = f'{self.family}("{self.kind}", {name}, …)'
                raise NetError(f"{self.label} needs {name}", expected=name, hint=f"write {kind}")

    def _no_parameter(self, name: Any) -> NetError:
        known = sorted(type(self).model_fields, key=lambda each: each[0].islower())
        return NetError(f"{self.label}: {brief(name)} is not a parameter", got=name, hint=nearest(name, known))

    def check(self) -> None:
        """What a kind refuses beyond the types of its parameters; it raises ValueError with a sentence."""

    def changed(self, **parameters: Any) -> Self:
        """The same coder with other parameters, checked as if it were written anew."""
        return type(self)(**{**self.fields(), **parameters})

    # --- what it holds ------------------------------------------------------------------------------------------------

    @classmethod
    def positional(cls) -> list[str]:
        """The names of the arguments that go by position, in order."""
        return list(cls.argument_names or [name for name in cls.model_fields if name[0].islower()])

    @property
    def label(self) -> str:
        """The coder in messages: NetEncoder("Class")."""
        return f'{self.family}("{self.kind}")'

    def fields(self) -> dict[str, Any]:
        """Every argument and parameter of this value by name."""
        return {name: self.__dict__[name] for name in type(self).model_fields}

    def extract(self, part: Any) -> Any:
        """A parameter by name, or several: what NetExtract and `coder["ColorSpace"]` give."""
        if isinstance(part, (list, tuple)):
            if isinstance(part, tuple) and len(part) == 1:
                return self.extract(part[0])
            return [self.extract(each) for each in part]
        if not isinstance(part, str) or part not in type(self).model_fields:
            raise self._no_parameter(part)
        return self.__dict__[part]

    def __getitem__(self, part: Any) -> Any:
        return self.extract(part)

    # --- a value ------------------------------------------------------------------------------------------------------

    @classmethod
    def _signature(cls) -> inspect.Signature:
        kinds = inspect.Parameter
        if cls.kind is None:
            spec = [kinds("kind", kinds.POSITIONAL_ONLY), kinds("arguments", kinds.VAR_POSITIONAL)]
            return inspect.Signature([*spec, kinds("parameters", kinds.VAR_KEYWORD)])
        names = cls.positional()
        ordered = [*names, *(name for name in cls.model_fields if name not in names)]
        return inspect.Signature([_parameter(cls, name, name in names) for name in ordered])

    def arguments(self) -> tuple[list, dict[str, Any]]:
        """What was given beside the defaults: by position until one is left out, then by name."""
        fields = type(self).model_fields
        standing = [n for n in fields if not same(self.__dict__[n], fields[n].get_default(call_default_factory=True))]
        names = self.positional()
        first = next((k for k, name in enumerate(names) if name not in standing), len(names))
        named = {name: self.shown(name) for name in [*names[first:], *fields] if name in standing}
        return [named.pop(name) for name in names[:first]], named

    def shown(self, name: str) -> Any:
        """The value of a parameter as it prints."""
        return self.__dict__[name]

    def __repr__(self) -> str:
        positional, named = self.arguments()
        return call(self.family, [self.kind, *positional], named)

    def __str__(self) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and same(self.fields(), other.fields())

    def __hash__(self) -> int:
        return hash(repr(self))

    def __reduce__(self) -> Any:
        return _rebuilt, (type(self), self.fields())

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict | None = None) -> Self:
        return self

    def model_copy(self, **options: Any) -> Self:
        """A value is its own copy."""
        return self


def _parameter(cls: type[NetCoder], name: str, positional: bool) -> inspect.Parameter:
    field, kinds = cls.model_fields[name], inspect.Parameter
    default = kinds.empty if field.is_required() else field.get_default(call_default_factory=True)
    return kinds(name, kinds.POSITIONAL_OR_KEYWORD if positional else kinds.KEYWORD_ONLY, default=default)


def _rebuilt(cls: type[NetCoder], fields: dict[str, Any]) -> NetCoder:
    """A coder again, from what pickling wrote; arrays become read-only again."""
    return cls(**fields)
