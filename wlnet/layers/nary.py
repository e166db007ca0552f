"""What layers of any number of inputs share: the option InputPorts, and how the number is settled."""

import math
from functools import cached_property
from typing import Self

from wlnet.core.declared import abstract
from wlnet.core.inputs import InputPortsField, input_slots
from wlnet.core.layer import Layer
from wlnet.core.slots import Slot
from wlnet.core.solver import Solver
from wlnet.core.symbols import Automatic


@abstract
class NaryLayer(Layer):
    """A layer of several inputs. Their number is given by InputPorts, or settled when edges or a call arrive."""

    InputPorts: InputPortsField = Automatic

    @property
    def arity(self) -> tuple[int, float]:
        """The least and the greatest number of inputs."""
        return 1, math.inf

    @property
    def own_names(self) -> tuple[str, ...] | None:
        """The names that the layer itself gives its inputs, if it does."""
        return None

    def check(self) -> None:
        least, most = self.arity
        if self.InputPorts is not Automatic and not least <= self.InputPorts.count <= most:
            raise ValueError(f"takes {self.wants}, but InputPorts gives {self.InputPorts.count}")

    @property
    def wants(self) -> str:
        least, most = self.arity
        return f"{least} input{'s' * (least != 1)}" if least == most else f"{least} or more inputs"

    @cached_property
    def inputs(self) -> dict[str, Slot]:
        """The input ports of this instance; none while their number is open."""
        least, most = self.arity
        return input_slots(self.InputPorts, self.own_names, least if least == most else None)

    def ports(self) -> dict[str, Slot]:
        return self.inputs | self.slots

    def with_inputs(self, count: int) -> Self:
        """The same layer with so many inputs, where their number is open."""
        least, most = self.arity
        if not least <= count <= most or (self.inputs and count != len(self.inputs)):
            raise ValueError(f"takes {len(self.inputs) or self.wants}, not {count}")
        return self if self.inputs else self.changed(InputPorts=count)

    def say_given(self, solver: Solver, path: tuple) -> None:
        super().say_given(solver, path)
        for name, given in self.InputPorts.types if self.InputPorts is not Automatic else ():
            solver.say(path, type(self).__name__, name, given.shape(path[:-1], name), given.values())
