"""What a session starts from: the stepper with its arrays sorted, and the plan with nothing left open."""

import numpy as np

from wlnet.core.layer import Layer
from wlnet.core.multipliers import Multipliers
from wlnet.nets.container import Container
from wlnet.training.losses import NET, Attached
from wlnet.training.options import Options
from wlnet.training.plan import ArrayPlan, TrainingPlan
from wlnet.training.step import State, Stepper
from wlnet.training.vector import Layout
from wlnet.verbs.device import chosen_backend
from wlnet.verbs.evaluate import leaves
from wlnet.verbs.inputs import Inputs
from wlnet.verbs.rates import Rates


def make_stepper(
    net: Layer, attached: Attached, inputs: Inputs, rates: Rates, options: Options
) -> tuple[Stepper, State]:
    """The stepper of a training net, and the state that it starts from."""
    net = with_frozen_statistics(net, rates)
    learned: dict[tuple, np.ndarray] = {}
    moving: dict[tuple, np.ndarray] = {}
    frozen: dict[tuple, np.ndarray] = {}
    of: dict[tuple, float] = {}
    for path, layer in leaves(net):
        for name, value in layer.arrays.items():
            if value is None:
                continue
            key = layer.key(name, path)
            of[key] = rates.of.get(key[1:] if key[:1] == (NET,) else key, 1.0)
            kept = moving if layer.ports()[name].kind == "moving" else learned if of[key] else frozen
            kept[key] = np.asarray(value, dtype=options.precision)
    engine = chosen_backend(options.device)
    layout = Layout.of(learned)
    xp = engine.context(precision=options.precision)
    stepper = Stepper(
        net, inputs.plan, attached.losses, options.method, engine, options.precision, layout, tuple(moving), frozen,
        layout.spread(of, options.precision),
    )  # fmt: skip
    return stepper, stepper.start(np.asarray(engine.numpy(layout.join(xp, learned))), moving)


def with_frozen_statistics(net: Layer, rates: Rates, path: tuple = ()) -> Layer:
    """A layer whose moving statistics a rule freezes normalizes by them, and keeps them."""
    if isinstance(net, Container):
        layers = {key: with_frozen_statistics(layer, rates, (*path, key)) for key, layer in net.layers.items()}
        return net.with_fields(layers=layers)
    statistics = [(*path, name)[1:] for name, slot in net.present().items() if slot.kind == "moving"]
    if statistics and all(key in rates.frozen for key in statistics):
        return net.with_fields(LearningRateMultipliers=Multipliers({"_": 0}))
    return net


def resolved_plan(
    stepper: Stepper, rates: Rates, inputs: Inputs, validation: Inputs | None, size: int, options: Options
) -> TrainingPlan:
    """The plan of the training with nothing left open."""
    arrays = []
    for path, layer in leaves(stepper.net):
        for name, slot in layer.present().items():
            key = layer.key(name, path)
            inside = key[1:] if key[:1] == (NET,) else key
            if slot.kind == "learned":
                shape = inputs.plan.shape(path, name) or ()
                arrays.append(ArrayPlan(inside, shape, rates.of.get(inside, 1.0), rates.source.get(inside, "default")))
    return TrainingPlan(
        stepper.losses, tuple(arrays), options.method, size, -(-inputs.count // size), options.rounds, options.seconds,
        inputs.count, 0 if validation is None else validation.count, options.seed, stepper.engine.name,
        options.precision,
    )  # fmt: skip
