"""What a session starts from: the stepper with its arrays sorted, and the plan with nothing left open."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from wlnet.core.arrays import value_of
from wlnet.core.layer import Layer
from wlnet.core.multipliers import Multipliers
from wlnet.training.batches import Source, chosen_size
from wlnet.training.losses import Attached, inside
from wlnet.training.measuring import Measuring, with_measurements
from wlnet.training.options import Options
from wlnet.training.parts import chosen_parts
from wlnet.training.plan import ArrayPlan, TrainingPlan
from wlnet.training.resolved import Measured
from wlnet.training.restraints import resolved_restraints
from wlnet.training.sources import Opened
from wlnet.training.step import State, Stepper
from wlnet.training.update_schedule import Turns, UpdateSchedule, resolved_schedule
from wlnet.training.vector import Layout
from wlnet.verbs.device import chosen_backend
from wlnet.verbs.evaluate import leaves, refuse_unknown
from wlnet.verbs.initialize import initialized, method_of
from wlnet.verbs.inputs import Inputs
from wlnet.verbs.rates import Rates


@dataclass(frozen=True)
class Start:
    """The training net with the arrays that it starts from, and what steps and measures from there."""

    net: Layer
    stepper: Stepper
    state: State
    measuring: Measuring | None
    rates: Rates
    size: int  # of a batch


def start_of(given: Opened, inputs: Inputs, options: Options) -> Start:
    """Shapes and rates are settled, missing arrays made, and what the options ask for is put to the stepper."""
    attached = given.attached
    refuse_unknown(attached.net, inputs.plan)
    rates = attached.rates(options.rules)
    schedule, rates = resolved_schedule(given.net, options.update_schedule, rates, attached.net)
    started = initialized(attached.net, inputs.plan, *method_of("Kaiming"), options.seeds()[0], False)
    stepper, state = make_stepper(started, attached, inputs, rates, options, schedule)
    measured = Measured(given.net, attached, inputs.plan, "TrainingProgressMeasurements")
    stepper, measuring = with_measurements(stepper, options.measurements, measured)
    size = chosen_size(options.batch_size, inputs)
    return Start(started, in_parts(stepper, options, size, inputs), state, measuring, rates, size)


def make_stepper(
    net: Layer,
    attached: Attached,
    inputs: Inputs,
    rates: Rates,
    options: Options,
    schedule: UpdateSchedule | None = None,
) -> tuple[Stepper, State]:
    """The stepper of a training net, and the state that it starts from."""
    net = with_frozen_statistics(net, rates)
    held = Held.of(net, rates, options.precision)
    engine = chosen_backend(options.device)
    layout = Layout.of(held.learned)
    xp = engine.context(precision=options.precision)
    multipliers = layout.spread(held.multipliers, options.precision)
    stepper = Stepper(
        net, inputs.plan, attached.losses, options.method, engine, options.precision, layout, tuple(held.moving),
        held.frozen, multipliers,
        restraints=resolved_restraints(attached.user_net, options.method.restraints, layout, multipliers),
        turns=None if schedule is None else Turns.of(schedule, layout),
    )  # fmt: skip
    return stepper, stepper.start(np.asarray(engine.numpy(layout.join(xp, held.learned))), held.moving)


@dataclass(frozen=True)
class Held:
    """The arrays of a training net by key: those that learn, statistics that move, and what stays as it is."""

    learned: dict[tuple, np.ndarray] = field(default_factory=dict)
    moving: dict[tuple, np.ndarray] = field(default_factory=dict)
    frozen: dict[tuple, np.ndarray] = field(default_factory=dict)
    multipliers: dict[tuple, float] = field(default_factory=dict)

    @staticmethod
    def of(net: Layer, rates: Rates, precision: str) -> "Held":
        """The arrays of a net, sorted by their multipliers, in a precision."""
        held = Held()
        for path, layer in leaves(net):
            for name, array in layer.arrays.items():
                value, key = value_of(array), layer.key(name, path)
                if value is None or key in held.multipliers:  # a shared array is there already
                    continue
                held.multipliers[key] = rate = rates.of.get(inside(key), 1.0)
                still = rate == 0 or inside(key) in rates.frozen
                moves = layer.ports()[name].kind == "moving"
                kept = held.frozen if still else held.moving if moves else held.learned
                kept[key] = np.asarray(value, dtype=precision)
        return held


def with_frozen_statistics(net: Layer, rates: Rates, path: tuple = ()) -> Layer:
    """A layer whose moving statistics a rule freezes normalizes by them, and keeps them."""
    held = net.subnets()
    if held:
        nets = {key: with_frozen_statistics(layer, rates, (*path, key)) for key, layer in held.items()}
        return net.with_subnets(nets)
    slots = net.present().items()
    statistics = [inside((*path, name)) for name, slot in slots if slot.kind == "moving" and not slot.is_constant]
    if statistics and all(key in rates.frozen for key in statistics):
        return net.with_fields(LearningRateMultipliers=Multipliers({"_": 0}))
    return net


def in_parts(stepper: Stepper, options: Options, size: int, inputs: Inputs) -> Stepper:
    """The stepper, with batches cut into parts where the options ask for it."""
    each = np.dtype(options.precision).itemsize
    micro = chosen_parts(options.parts, options.goal, size, inputs, bool(stepper.moving), each)
    return replace(stepper, micro=micro)


def resolved_plan(
    stepper: Stepper, rates: Rates, inputs: Inputs, source: Source, validation: Source | None, options: Options
) -> TrainingPlan:
    """The plan of the training with nothing left open."""
    arrays: dict[tuple, ArrayPlan] = {}  # by key: a shared array once
    for path, layer in leaves(stepper.net):
        for name, slot in layer.present().items():
            key = layer.key(name, path)
            place = inside(key)
            if slot.kind == "learned":
                shape, rate = inputs.plan.shape(path, name) or (), rates.of.get(place, 1.0)
                held = stepper.restraints.said.get(key, ())
                arrays.setdefault(key, ArrayPlan(place, shape, rate, rates.source.get(place, "default"), held))
    return TrainingPlan(
        stepper.losses, tuple(arrays.values()), options.method, source.size, source.count, options.duration,
        options.validation_interval, source.examples, 0 if validation is None else validation.examples,
        options.seed, stepper.engine.name,
        options.precision, schedule=None if stepper.turns is None else stepper.turns.schedule,
        stopping=options.stopping, micro=stepper.micro,
        device=device_of(stepper.engine, options.device),
    )  # fmt: skip


def device_of(engine: Any, setting: Any) -> Any:
    """The setting of TargetDevice that says where training really runs: a context or the environment may choose it."""
    if engine.name == "NumPy":
        return "CPU"
    return ("CPU", engine.name) if setting == "CPU" else setting
