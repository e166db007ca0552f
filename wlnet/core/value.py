"""What makes a layer a value: it compares by what it holds, prints as the code that makes it, and is its own copy."""

from typing import Any, Self

import numpy as np

from wlnet.core.declared import Declared
from wlnet.core.errors import NetError
from wlnet.core.refuse import brief
from wlnet.core.registry import offer
from wlnet.core.source import call, same


class Value(Declared):
    """A frozen value with fields, arrays and port types."""

    @classmethod
    def made(cls, **fields: Any) -> Self:
        """A value from fields that are known to be right: what surgery and initialization use."""
        return cls.model_construct(**fields)

    def with_fields(self, **changes: Any) -> Self:
        """The same value with other fields, not checked again."""
        return self.made(**{**self.fields(), **changes})

    def changed(self, **options: Any) -> Self:
        """The same value with other settings, checked as if it were written anew."""
        positional, named = self.arguments()
        return type(self)(**{**dict(zip(self.positional(), positional, strict=False)), **named, **options})

    def fields(self) -> dict[str, Any]:
        """Every field by name."""
        return {name: self.__dict__[name] for name in type(self).model_fields}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and same(self.fields(), other.fields())

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

    def __array__(self, *settings: Any, **options: Any) -> Any:
        raise NetError(f"a {type(self).__name__} is a net, not an array of numbers", got=self, hint="evaluate: net(x)")

    def __setattr__(self, name: str, value: Any) -> None:
        raise self._fixed(name)

    def __delattr__(self, name: str) -> None:
        raise self._fixed(name)

    def __setitem__(self, part: Any, value: Any) -> None:
        raise self._fixed(part)

    def _fixed(self, part: Any) -> NetError:
        what = f"{type(self).__name__} is a value: {brief(part)} of it cannot be changed"
        return NetError(what, got=part, hint="make another, or use NetReplacePart(net, {part: value})")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict | None = None) -> Self:
        return self

    def model_copy(self, **options: Any) -> Self:
        """A value is its own copy."""
        return self

    copy = model_copy

    def _repr_html_(self) -> str:
        return offer("html")(self)


def _rebuilt(cls: type[Value], fields: dict[str, Any]) -> Value:
    for value in fields["arrays"].values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return cls.made(**fields)
