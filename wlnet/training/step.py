"""One step of training: a pure function of arrays, the same on both backends, compiled on the one that compiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from wlnet.core.dims import Length, Name
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.core.types import Integer
from wlnet.training.batches import padded_to, rounded_up
from wlnet.training.losses import LossPort
from wlnet.training.methods import Method
from wlnet.training.vector import Layout
from wlnet.verbs.data import Column
from wlnet.verbs.lengths import settled


@dataclass(frozen=True)
class State:
    """Everything that a step changes: the learned numbers, the optimizer's memory, moving statistics, the count."""

    vector: Any
    memory: tuple
    moving: tuple
    steps: int = 0


@dataclass(frozen=True)
class Stepper:
    """A training net on a backend: `step` learns from a batch, `judge` only measures it."""

    net: Layer
    plan: Plan
    losses: tuple[LossPort, ...]
    method: Method
    engine: Any
    precision: str
    layout: Layout
    moving: tuple
    frozen: Mapping[tuple, Any]
    multipliers: np.ndarray

    # --- what the backend compiles ------------------------------------------------------------------------------------

    def outputs(self, leaves: Any, moving: Any, frozen: Any, inputs: Any, lengths: Any, seed: Any, mode: bool) -> Any:
        """The loss to make small, the mean of each loss over the batch, and the next moving statistics."""
        named = dict(zip(self.names(), lengths, strict=True))
        xp = self.engine.context(training=mode, precision=self.precision, seed=seed, dims=self.plan.at(named))
        xp = xp.derive(count=next(iter(inputs.values())).shape[0])
        arrays = {
            **dict(zip(self.frozen, frozen, strict=True)),
            **dict(zip(self.moving, moving, strict=True)),
            **leaves,
        }
        found, following = self.net.run(xp, arrays, inputs, ())
        parts = [xp.mean(self.per_example(xp, loss.name, found[loss.name], named)) for loss in self.losses]
        total = sum(part * loss.weight for part, loss in zip(parts, self.losses, strict=True))
        return total, (parts, [following.get(key, arrays[key]) for key in self.moving])

    def per_example(self, xp: Any, port: str, values: Any, lengths: Mapping[Name, Any]) -> Any:
        """A loss as one number an example; a loss that is an array is summed over its true elements."""
        if values.ndim == 1:
            return values
        shape = self.plan.shape((), port)
        if shape and isinstance(shape[0], Length):
            values = xp.masked(values, shape[0].with_names(lambda name: lengths[name]))
        return xp.sum(xp.reshape(values, (values.shape[0], -1)), 1)

    def advance(
        self, vector: Any, memory: Any, moving: Any, frozen: Any, multipliers: Any, inputs: Any, lengths: Any,
        seed: Any, rate: Any, number: Any,
    ) -> Any:  # fmt: skip
        """The state after one batch, and the losses before it."""
        xp = self.engine.context(precision=self.precision)

        def loss(leaves: Any) -> Any:
            return self.outputs(leaves, moving, frozen, inputs, lengths, seed, True)

        leaves = self.layout.split(xp, vector)
        total, (parts, following), gradients = self.engine.value_and_gradient(loss, leaves)
        gradient = self.layout.join(xp, gradients)
        vector, memory = self.method.row.update(
            xp, vector, gradient, memory, multipliers * rate, number, self.method.options
        )
        return vector, memory, following, total, parts

    def measure(self, vector: Any, moving: Any, frozen: Any, inputs: Any, lengths: Any) -> Any:
        """The losses of a batch in evaluation mode."""
        leaves = self.layout.split(self.engine.context(precision=self.precision), vector)
        total, (parts, _) = self.outputs(leaves, moving, frozen, inputs, lengths, 0, False)
        return total, parts

    @cached_property
    def compiled(self) -> tuple[Any, Any]:
        """`advance` and `measure` as the backend runs them."""
        return self.engine.compile(self.advance), self.engine.compile(self.measure)

    def names(self) -> list[Name]:
        """The named lengths of the net, in one order."""
        return self.__dict__.setdefault("_names", sorted(names_in(self.plan), key=lambda name: name.order))

    # --- what training calls ------------------------------------------------------------------------------------------

    def start(self, vector: np.ndarray, moving: Mapping[tuple, np.ndarray]) -> State:
        """The state before the first step."""
        memory = tuple(self.engine.array(np.zeros_like(vector)) for _ in range(self.method.row.memories))
        return State(self.engine.array(vector), memory, tuple(self.engine.array(moving[key]) for key in self.moving))

    def step(
        self, state: State, columns: Mapping[str, Column], lengths: Mapping[Name, Any], seed: int, rate: float
    ) -> tuple[State, float, list[float]]:
        """The next state, the loss that was made small, and each loss."""
        inputs, given = self.given(columns, lengths)
        with np.errstate(all="ignore"):
            vector, memory, moving, total, parts = self.compiled[0](
                state.vector, state.memory, state.moving, self.frozen_arrays, self.rates, inputs, given, seed, rate,
                state.steps + 1,
            )  # fmt: skip
        following = replace(state, vector=vector, memory=tuple(memory), moving=tuple(moving), steps=state.steps + 1)
        return following, float(total), [float(part) for part in parts]

    def judge(self, state: State, columns: Mapping[str, Column], lengths: Mapping[Name, Any]) -> tuple[float, list]:
        """The losses of a batch in evaluation mode."""
        inputs, given = self.given(columns, lengths)
        with np.errstate(all="ignore"):
            total, parts = self.compiled[1](state.vector, state.moving, self.frozen_arrays, inputs, given)
        return float(total), [float(part) for part in parts]

    @cached_property
    def frozen_arrays(self) -> list:
        return [self.engine.array(value) for value in self.frozen.values()]

    @cached_property
    def rates(self) -> Any:
        return self.engine.array(self.multipliers)

    def given(self, columns: Mapping[str, Column], lengths: Mapping[Name, Any]) -> tuple[dict[str, Any], Sequence]:
        """Data and lengths as the backend takes them."""
        compiles = self.engine.name == "JAX"
        inputs = {}
        for port, column in columns.items():
            if compiles and column.lengths is not None:
                column = padded_to(column, rounded_up(column.array.shape[1]))
            whole = isinstance(self.plan.types.get(((), port)), Integer)
            inputs[port] = self.engine.array(column.array if whole else column.array.astype(self.precision, copy=False))
        values = settled(lengths, compiles)
        return inputs, [self.engine.array(values[n]) if compiles else values[n] for n in self.names()]

    def arrays(self, state: State) -> dict[tuple, np.ndarray]:
        """Every array that training changes, as single-precision copies."""
        vector = np.asarray(self.engine.numpy(state.vector))
        learned = {
            key: vector[start : start + size].reshape(shape)
            for key, shape, start, size in zip(
                self.layout.keys, self.layout.shapes, self.layout.starts, self.layout.sizes, strict=False
            )
        }
        moving = dict(zip(self.moving, (self.engine.numpy(value) for value in state.moving), strict=True))
        return {key: np.array(value, dtype=np.float32) for key, value in {**learned, **moving}.items()}

    def is_finite(self, state: State) -> bool:
        """Whether every learned number still is a number."""
        return bool(np.isfinite(self.engine.numpy(state.vector)).all())


def names_in(plan: Plan) -> set[Name]:
    """Every named length of a plan."""
    found: set[Name] = set()
    for shape in plan.shapes.values():
        if shape and isinstance(shape[0], Length):
            found |= shape[0].names()
    return found
