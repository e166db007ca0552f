"""What a call of NetTrain asks for, its third argument: checked before training, found in the results after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wlnet.core.layer import Layer
from wlnet.core.source import source
from wlnet.training.collection import Collection, collection
from wlnet.training.results import NetTrainResultsObject, refuse_unknown_properties

PLAN = "TrainingPlan"


@dataclass(frozen=True)
class Wanted:
    """A property, a dict that says what to collect while training runs, a list of these, or All."""

    prop: Any
    parts: tuple[Any, ...]  # names, and collections

    @staticmethod
    def of(prop: Any) -> "Wanted":
        """What is asked for, if there is such a thing."""
        parts = prop if isinstance(prop, list) else [prop]
        refuse_unknown_properties([each for each in parts if not isinstance(each, Mapping)])
        return Wanted(prop, tuple(collection(each) if isinstance(each, Mapping) else each for each in parts))

    @property
    def collections(self) -> tuple[Collection, ...]:
        """What has to be collected while training runs."""
        return tuple(each for each in self.parts if isinstance(each, Collection))

    @property
    def is_plan(self) -> bool:
        """Whether the resolved plan is all: then nothing has to be trained."""
        return isinstance(self.prop, str) and self.prop == PLAN

    def value(self, results: NetTrainResultsObject) -> Any:
        """What was asked for."""
        found = [each.result() if isinstance(each, Collection) else results[each] for each in self.parts]
        return found if isinstance(self.prop, list) else found[0]


@dataclass(frozen=True)
class Call:
    """A call of NetTrain, whose text is the code that makes it; the data stand in it as `data`."""

    net: Layer | Path
    prop: Any
    options: Mapping[str, Any]  # that are not at their defaults

    def __str__(self) -> str:
        net = source(str(self.net)) if isinstance(self.net, Path) else source(self.net)
        prop = [] if isinstance(self.prop, str) and self.prop == "TrainedNet" else [source(named(self.prop))]
        options = [f"{name}={source(named(value))}" for name, value in self.options.items()]
        return f"NetTrain({', '.join([net, 'data', *prop, *options])})"


@dataclass(frozen=True)
class Name:
    """What stands in a text as its name: a function."""

    name: str

    def __repr__(self) -> str:
        return self.name


def named(value: Any) -> Any:
    """A value in which functions are names."""
    if isinstance(value, dict):
        return {key: named(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([named(each) for each in value])
    is_function = isinstance(value, Callable) and hasattr(value, "__name__") and not isinstance(value, type)  # type: ignore[arg-type]
    return Name(value.__name__) if is_function else value
