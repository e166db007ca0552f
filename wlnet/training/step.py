"""One step of training: a pure function of arrays, the same on both backends, compiled on the one that compiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from wlnet.core.dims import Length, Name
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.core.types import Integer
from wlnet.training.batches import Drawn, names_in, padded_to, rounded_up
from wlnet.training.losses import LossPort
from wlnet.training.methods import Method
from wlnet.training.optimizer import Optimizer
from wlnet.training.restraints import Restraints
from wlnet.training.update_schedule import Turns
from wlnet.training.vector import Layout
from wlnet.verbs.data import Column
from wlnet.verbs.lengths import settled
from wlnet.verbs.results import Place


@dataclass(frozen=True)
class State:
    """Everything that a step changes: the learned numbers, the optimizer's memory, moving statistics, the count."""

    vector: Any
    memory: tuple
    moving: tuple
    steps: int = 0


@dataclass(frozen=True)
class Judged:
    """What is known of a batch after it was computed: losses as one number an example, and the values looked at."""

    total: float
    losses: tuple  # of each loss, one number an example
    seen: Mapping[Place, Any]
    gradient: Any = None

    def parts(self) -> list[float]:
        """The mean of each loss over the batch."""
        with np.errstate(all="ignore"):
            return [float(np.mean(loss)) for loss in self.losses]


@dataclass(frozen=True)
class Stepper:
    """A training net on a backend: `step` learns from a batch, `judge` only measures it.

    `watched` are the ports whose values come back with each batch. A batch of more than `micro` examples is computed
    in parts of so many, whose gradients add up.
    """

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
    watched: tuple[Place, ...] = ()
    micro: int | None = None
    restraints: Restraints = field(default_factory=Restraints)
    turns: Turns | None = None

    # --- what the backend compiles ------------------------------------------------------------------------------------

    def outputs(self, leaves: Any, moving: Any, frozen: Any, inputs: Any, lengths: Any, seed: Any, mode: bool) -> Any:
        """The loss to make small; and each loss by example, the next moving statistics, the values looked at."""
        named = dict(zip(self.names, lengths, strict=True))
        seen: dict[Place, Any] = {}
        xp = self.engine.context(training=mode, precision=self.precision, seed=seed, dims=self.plan.at(named))
        xp = xp.derive(count=next(iter(inputs.values())).shape[0], seen=self.seer(seen))
        held = zip((*self.frozen, *self.moving), (*frozen, *moving), strict=True)
        arrays = {**dict(held), **leaves}
        found, following = self.net.run(xp, arrays, inputs, ())
        losses = [self.per_example(xp, loss.name, found[loss.name], named) for loss in self.losses]
        total = None
        for loss, port in zip(losses, self.losses, strict=True):
            part = loss if port.weight == 1 else loss * port.weight
            total = part if total is None else total + part
        return xp.mean(total), (losses, [following.get(key, arrays[key]) for key in self.moving], seen)

    @cached_property
    def by_path(self) -> Mapping[tuple, list[str]]:
        """The watched ports of each layer."""
        return {path: [port for other, port in self.watched if other == path] for path, _ in self.watched}

    def seer(self, seen: dict[Place, Any]) -> Any:
        """What is told the outputs of inner layers; None where nobody looks at any."""
        if not self.watched:
            return None
        watched = self.by_path

        def see(path: tuple, outputs: Mapping[str, Any]) -> Mapping[str, Any]:
            if path in watched:
                seen.update({(path, port): outputs[port] for port in watched[path]})
            return outputs

        return see

    def per_example(self, xp: Any, port: str, values: Any, lengths: Mapping[Name, Any]) -> Any:
        """A loss as one number an example; a loss that is an array is summed over its true elements."""
        if values.ndim == 1:
            return values
        shape = self.plan.shape((), port)
        if shape and isinstance(shape[0], Length):
            values = xp.masked(values, shape[0].with_names(lambda name: lengths[name]))
        return xp.sum(xp.reshape(values, (values.shape[0], -1)), 1)

    def slope(self, vector: Any, moving: Any, frozen: Any, inputs: Any, lengths: Any, seed: Any) -> Any:
        """The loss of a batch, its gradient as a vector, and what else is known of the batch."""
        xp = self.engine.context(precision=self.precision)

        def loss(leaves: Any) -> Any:
            return self.outputs(leaves, moving, frozen, inputs, lengths, seed, True)

        total, aux, gradients = self.engine.value_and_gradient(loss, self.layout.split(xp, vector))
        return total, self.layout.join(xp, gradients), aux

    def advance(
        self, vector: Any, memory: Any, moving: Any, frozen: Any, constants: Any, inputs: Any, lengths: Any,
        seed: Any, rate: Any, count: Any, turn: Any,
    ) -> Any:  # fmt: skip
        """The state after one batch, and what is known of the batch before it."""
        total, gradient, aux = self.slope(vector, moving, frozen, inputs, lengths, seed)
        following = self.optimizer.update(vector, gradient, memory, constants, rate, count, turn)
        return following, total, gradient, aux

    def measure(self, vector: Any, moving: Any, frozen: Any, inputs: Any, lengths: Any) -> Any:
        """The losses of a batch in evaluation mode."""
        leaves = self.layout.split(self.engine.context(precision=self.precision), vector)
        return self.outputs(leaves, moving, frozen, inputs, lengths, 0, False)

    @cached_property
    def compiled(self) -> Mapping[str, Any]:
        """The functions above as the backend runs them."""
        functions = (self.advance, self.slope, self.measure, self.optimizer.update)
        return {function.__name__: self.engine.compile(function) for function in functions}

    @cached_property
    def optimizer(self) -> Optimizer:
        """What follows the gradient."""
        return Optimizer(
            self.method, self.engine, self.precision, self.layout, self.multipliers, self.restraints, self.turns
        )

    @cached_property
    def names(self) -> list[Name]:
        """The named lengths of the net, in one order."""
        return sorted(names_in(self.plan), key=lambda name: name.order)

    # --- what training calls ------------------------------------------------------------------------------------------

    def start(self, vector: np.ndarray, moving: Mapping[tuple, np.ndarray]) -> State:
        """The state before the first step."""
        memory = self.optimizer.memory(vector)
        return State(self.engine.array(vector), memory, tuple(self.engine.array(moving[key]) for key in self.moving))

    def step(self, state: State, batch: Drawn, seed: int, rate: float) -> tuple[State, Judged]:
        """The next state, and what is known of the batch before it."""
        if self.micro is not None and batch.count > self.micro:
            return self.step_in_parts(state, batch, seed, rate)
        inputs, given = self.given(batch.columns, batch.lengths)
        with np.errstate(all="ignore"):
            (vector, memory), total, gradient, (losses, moving, seen) = self.compiled["advance"](
                state.vector, state.memory, state.moving, self.frozen_arrays, self.optimizer.constants, inputs, given,
                seed, rate, *self.optimizer.turn_at(state.steps + 1),
            )  # fmt: skip
        following = State(vector, tuple(memory), tuple(moving), state.steps + 1)
        return following, Judged(float(total), tuple(losses), seen, gradient)

    def step_in_parts(self, state: State, batch: Drawn, seed: int, rate: float) -> tuple[State, Judged]:
        """The same, with the gradient of the batch summed over its parts: memory for one part at a time is enough."""
        moving, gradient, judged = state.moving, None, []
        for number, part in enumerate(batch.parts(self.micro or batch.count)):
            inputs, given = self.given(part.columns, part.lengths)
            with np.errstate(all="ignore"):
                total, slope, (losses, moving, seen) = self.compiled["slope"](
                    state.vector, moving, self.frozen_arrays, inputs, given, (seed + number) % 2**32
                )
            share = part.count / batch.count
            gradient = slope * share if gradient is None else gradient + slope * share
            judged.append((share * float(total), losses, seen))
        with np.errstate(all="ignore"):
            turn = self.optimizer.turn_at(state.steps + 1)
            vector, memory = self.compiled["update"](
                state.vector, gradient, state.memory, self.optimizer.constants, rate, *turn
            )
        following = State(vector, tuple(memory), tuple(moving), state.steps + 1)
        return following, self.joined(judged, gradient)

    def joined(self, judged: Sequence[tuple], gradient: Any) -> Judged:
        """What is known of the parts of a batch as what is known of the batch."""
        numpy = self.engine.numpy
        losses = tuple(
            np.concatenate(numpy(list(each))) for each in zip(*(losses for _, losses, _ in judged), strict=True)
        )
        seen = {place: [numpy(part[place]) for _, _, part in judged] for place in judged[0][2]}
        together = {
            place: np.concatenate(values) if len({value.shape[1:] for value in values}) == 1 else
            [row for value in values for row in value]
            for place, values in seen.items()
        }  # fmt: skip
        return Judged(sum(total for total, _, _ in judged), losses, together, gradient)

    def judge(self, state: State, batch: Drawn) -> Judged:
        """What is known of a batch in evaluation mode."""
        inputs, given = self.given(batch.columns, batch.lengths)
        with np.errstate(all="ignore"):
            total, (losses, _, seen) = self.compiled["measure"](
                state.vector, state.moving, self.frozen_arrays, inputs, given
            )
        return Judged(float(total), tuple(losses), seen)

    @cached_property
    def frozen_arrays(self) -> list:
        return [self.engine.array(value) for value in self.frozen.values()]

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
        return inputs, [self.engine.array(values[n]) if compiles else values[n] for n in self.names]

    def arrays(self, state: State) -> dict[tuple, np.ndarray]:
        """Every array that training changes, as single-precision copies."""
        vector = np.asarray(self.engine.numpy(state.vector))
        learned = self.layout.cut(vector)
        moving = dict(zip(self.moving, (self.engine.numpy(value) for value in state.moving), strict=True))
        return {key: np.array(value, dtype=np.float32) for key, value in {**learned, **moving}.items()}

    def is_finite(self, state: State) -> bool:
        """Whether every learned number, and every moving statistic, still is a number."""
        numpy = self.engine.numpy
        return all(bool(np.isfinite(numpy(each)).all()) for each in (state.vector, *state.moving))
