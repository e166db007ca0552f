"""PlaceholderLayer: a layer that is not known, in a net that is kept whole."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.errors import NetError
from wlnet.core.inputs import InputPorts
from wlnet.core.layer import Layer
from wlnet.core.ports import PortType, port_type
from wlnet.core.slots import Slot, gives, takes, words_of
from wlnet.core.solver import Solver
from wlnet.core.source import source
from wlnet.core.symbols import Automatic, show_name


def ports_setting(word: str, kind: str) -> Callable[[Any], Any]:
    """What checks InputPorts or OutputPorts: a number, names, types by name, or types in order."""

    def check(value: Any) -> Any:
        if value is Automatic or isinstance(value, InputPorts):
            return value
        named = by_name(value, word)
        if named is None:
            raise ValueError(
                f"must be a number of {word.lower()}s, a list of names, a dict of types by name, or a list of types"
            )
        spec = dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, Sequence) else value
        return InputPorts(spec, tuple((name, typed(each, name, kind)) for name, each in named.items()))

    return check


def by_name(value: Any, word: str) -> dict[str, Any] | None:
    """The types of ports by name; None where the setting is none."""
    if isinstance(value, Mapping):
        return dict(value) if all(isinstance(name, str) for name in value) else None
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        value = [Automatic] * value
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    if value and all(isinstance(name, str) for name in value):
        return dict.fromkeys(value, Automatic) if len(set(value)) == len(value) else None
    return {f"{word}{k}": spec for k, spec in enumerate(value, start=1)}


def typed(spec: Any, name: str, kind: str) -> PortType:
    """The type of one port."""
    try:
        return port_type(spec, name, kind)
    except NetError as error:
        raise ValueError(f"must hold port types; {error.message}") from None


def _tag(value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise ValueError("must be a text or None")
    return value


def _facts(value: Any) -> Any:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise ValueError("must be a dict whose keys are texts")
    return dict(value)


def _names(value: Any) -> Any:
    if value is None:
        return None
    fits = isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(each, str) for each in value)
    if not fits or len(set(value)) < len(value):
        raise ValueError("must be None, a list of different names, or a dict of arrays by name")
    return tuple(value) or None


class PlaceholderLayer(Layer):
    """Stands for a layer that is not known, such as an operation that an import does not support.

    `tag` and `facts` say what it was. It has any ports and arrays, infers no shape, may stand in nets and be replaced,
    and cannot be evaluated or trained. Arrays is None, names, or arrays by name.

    >>> NetChain([3, PlaceholderLayer("Foo", {"axis": 1}), 2], Input=5)
    NetChain([LinearLayer(3), PlaceholderLayer("Foo", {"axis": 1}), LinearLayer(2)], Input=5)
    """

    tag: Annotated[Any, BeforeValidator(_tag)] = None
    facts: Annotated[Any, BeforeValidator(_facts)] = {}
    Arrays: Annotated[Any, BeforeValidator(_names)] = None
    InputPorts: Annotated[Any, BeforeValidator(ports_setting("Input", "in"))] = Automatic
    OutputPorts: Annotated[Any, BeforeValidator(ports_setting("Output", "out"))] = Automatic

    Input = takes("*in1")
    Output = gives("*out1", of=None)

    def __init__(self, *arguments: Any, **options: Any):
        given = options.get("Arrays")
        if isinstance(given, Mapping) and all(isinstance(name, str) for name in given):
            for name in given:
                if name in options or name in type(self).model_fields:
                    raise NetError(f"PlaceholderLayer: an array cannot be called {name}, which is an option", got=name)
            options = {**options, "Arrays": list(given), **given}
        super().__init__(*arguments, **options)

    @classmethod
    def has_arrays(cls) -> bool:
        return True

    def trainable(self) -> bool:
        return self.Arrays is not None

    def check(self) -> None:
        names = [*self.named_ports("Input"), *self.named_ports("Output"), *(self.Arrays or ())]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two ports or arrays are called {twice}")

    def named_ports(self, word: str) -> dict[str, PortType]:
        """The types of the input or the output ports by name."""
        setting = self.__dict__[f"{word}Ports"]
        return {word: PortType()} if setting is Automatic else dict(setting.types)

    @cached_property
    def own_ports(self) -> dict[str, Slot]:
        inputs, outputs, arrays = self.named_ports("Input"), self.named_ports("Output"), self.Arrays or ()
        return {
            **{name: Slot("in", words_of(f"*in{k}")) for k, name in enumerate(inputs, start=1)},
            **{name: Slot("out", words_of(f"*out{k}")) for k, name in enumerate(outputs, start=1)},
            **{name: Slot("learned", words_of(f"*array{k}")) for k, name in enumerate(arrays, start=1)},
        }

    def ports(self) -> dict[str, Slot]:
        return self.own_ports

    def say_given(self, solver: Solver, path: tuple) -> None:
        super().say_given(solver, path)
        for name, given in [*self.named_ports("Input").items(), *self.named_ports("Output").items()]:
            solver.say(path, type(self).__name__, name, given.shape(path[:-1], name), given.values())

    def refusal(self, path: tuple) -> NetError:
        """What is said to who would run it."""
        what = f" of {show_name(self.tag)}" if self.tag else ""
        part = source(path[0] if len(path) == 1 else path)
        hint = f"put a layer there: NetReplacePart(net, {{{part}: layer}})" if path else "use a layer in its place"
        return NetError(
            f"PlaceholderLayer holds the place{what}: it cannot be evaluated or trained", path=path, hint=hint
        )

    def apply(self, xp: Any, **inputs: Any) -> Any:
        raise self.refusal(xp.path)
