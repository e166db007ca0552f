"""NetTrain: data into normal form, losses attached, shapes inferred, arrays made, a plan resolved; then rounds."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.coders import NetDecoder
from wlnet.core.dims import Length, Unknown
from wlnet.core.errors import NetError, NetWarning
from wlnet.core.layer import Layer
from wlnet.core.multipliers import Multipliers, multipliers
from wlnet.core.ports import PortType
from wlnet.core.symbols import All, Automatic, Inherited, Quantity, Scaled
from wlnet.layers.elementwise import ElementwiseLayer
from wlnet.nets.container import Container, coder_of, ports_of_kind
from wlnet.training.batches import Batches, chosen_size
from wlnet.training.data import columns_of
from wlnet.training.losses import NET, Attached, attach, source_of
from wlnet.training.methods import Method, method_of
from wlnet.training.plan import ArrayPlan, TrainingPlan
from wlnet.training.progress import reporter
from wlnet.training.results import NetTrainResultsObject
from wlnet.training.session import Session
from wlnet.training.step import State, Stepper
from wlnet.training.vector import Layout
from wlnet.verbs.data import compare_shape
from wlnet.verbs.device import chosen_backend, precision_of
from wlnet.verbs.evaluate import leaves, refuse_placeholders, refuse_unknown
from wlnet.verbs.initialize import initialized, with_arrays
from wlnet.verbs.initialize import method_of as filling
from wlnet.verbs.inputs import Inputs, prepare
from wlnet.verbs.rates import Rates, resolved_rates
from wlnet.verbs.seeds import seed_of

AUTOMATIC_SECONDS = 20.0
UNITS = {"Seconds": 1.0, "Minutes": 60.0, "Hours": 3600.0}


def NetTrain(
    net: Layer,
    data: Any,
    prop: Any = "TrainedNet",
    /,
    *,
    BatchSize: Any = Automatic,
    LearningRate: Any = Automatic,
    LearningRateMultipliers: Any = Automatic,
    LossFunction: Any = Automatic,
    MaxTrainingRounds: Any = Automatic,
    Method: Any = Automatic,
    RandomSeeding: Any = Inherited,
    TargetDevice: Any = "CPU",
    TrainingProgressReporting: Any = Automatic,
    ValidationSet: Any = None,
    WorkingPrecision: Any = Automatic,
) -> Any:
    """The net, trained on data.

    `data` is a list of pairs [(x, y), …], a tuple of two columns (X, Y), a dict of columns {port: …}, or a list of
    dicts. Shapes that are open are inferred from the data and missing arrays are made; arrays that the net has are the
    start. Each output gets a loss by the layer that feeds it: SoftmaxLayer cross entropy with class indices,
    LogisticSigmoid binary cross entropy, a loss layer none, any other the mean square.

    Minimised is the mean of the loss over each batch, by ADAM (Kingma & Ba 2015) or by SGD with momentum, at
    LearningRate times each array's multiplier: 0 and None freeze an array, a negative number climbs. With a
    ValidationSet (data, or Scaled(fraction) of the training data) the net with the lowest validation loss comes back,
    however training ended; Ctrl-C ends it, and returns the net so far. The same RandomSeeding gives the same bits.

    `prop` is "TrainedNet", another property, a list of properties, or All for a NetTrainResultsObject.

    >>> net = NetTrain(LinearLayer(1, Input=1), [([1], [2]), ([-2], [-4])], MaxTrainingRounds=200, LearningRate=0.1,
    ...                RandomSeeding=1, TrainingProgressReporting=None)
    >>> net([10]).round().tolist()
    [20.0]
    """
    if not isinstance(net, Layer):
        raise NetError(f"NetTrain takes a net, got {type(net).__name__}", got=net)
    options = Options(
        batch_size(BatchSize), method_of(Method, LearningRate), checked_rules(LearningRateMultipliers), LossFunction,
        *duration(MaxTrainingRounds), seed_of(RandomSeeding), TargetDevice, TrainingProgressReporting, ValidationSet,
        "float32" if WorkingPrecision is Automatic else precision_of(WorkingPrecision),
    )  # fmt: skip
    results = trained(net, data, options)
    if prop is All:
        return results
    return [results[each] for each in prop] if isinstance(prop, list) else results[prop]


@dataclass(frozen=True)
class Options:
    """The options of NetTrain, checked."""

    batch_size: Any
    method: Method
    rules: Any
    loss: Any
    rounds: int | None
    seconds: float | None
    seed: int
    device: Any
    reporting: Any
    validation: Any
    precision: str

    def seeds(self) -> tuple[int, int, int, int]:
        """Independent seeds for initial arrays, the order of examples, random layers, and the validation split."""
        state = np.random.SeedSequence(self.seed).generate_state(4)
        return int(state[0]), int(state[1]), int(state[2]), int(state[3])


def batch_size(setting: Any) -> Any:
    """A whole number, or Automatic."""
    if setting is Automatic:
        return setting
    if isinstance(setting, bool) or not isinstance(setting, (int, np.integer)) or setting < 1:
        raise NetError(f"BatchSize must be a positive whole number or Automatic, got {setting!r}", got=setting)
    return int(setting)


def checked_rules(setting: Any) -> Any:
    """The rules of LearningRateMultipliers."""
    try:
        return multipliers(setting)
    except ValueError as error:
        raise NetError(f"LearningRateMultipliers {error}", got=setting) from None


def duration(setting: Any) -> tuple[int | None, float | None]:
    """Rounds and seconds of a setting of MaxTrainingRounds."""
    if setting is Automatic:
        return None, AUTOMATIC_SECONDS
    if isinstance(setting, Quantity) and setting.number > 0:
        if setting.unit in UNITS:
            return None, float(setting.number) * UNITS[setting.unit]
        if setting.unit == "Rounds":
            setting = setting.number
    if isinstance(setting, (int, np.integer)) and not isinstance(setting, bool) and setting > 0:
        return int(setting), None
    raise NetError(
        f"MaxTrainingRounds must be a positive whole number, a Quantity of rounds or of time, or Automatic, got {setting!r}",
        got=setting,
    )


def trained(net: Layer, data: Any, options: Options) -> NetTrainResultsObject:
    """Everything that NetTrain does, from data to results."""
    refuse_placeholders(net)
    net = with_boolean_decoder(net, data)
    attached = attach(net, options.loss)
    inputs = prepare(attached.net, columns_of(data, attached.ports, attached.pair), batch=True)
    inputs, validation = split(attached, inputs, options)
    refuse_unknown(attached.net, inputs.plan)
    rates = resolved_rates(net, options.rules)
    init_seed, order_seed, step_seed, _ = options.seeds()
    started = initialized(attached.net, inputs.plan, *filling("Kaiming"), init_seed, False)
    stepper, first = make_stepper(started, attached, inputs, rates, options)
    size = chosen_size(options.batch_size, inputs)
    plan = resolved_plan(stepper, rates, inputs, validation, size, options)
    session = Session(
        stepper,
        Batches(inputs, size, order_seed),
        None if validation is None else Batches(validation, size, order_seed),
        plan,
        step_seed,
        first,
        reporter(options.reporting),
    )
    state, record = session.run()
    if record.reason.startswith(("the loss", "an array")):
        warnings.warn(
            NetWarning(f"training stopped early: {record.reason}; the best net so far is returned"), stacklevel=3
        )
    finished = stepper.arrays(state)
    result = with_values(fixed(net, inputs), finished, started)
    return NetTrainResultsObject(result, with_arrays_of(started, finished), plan, record)


def with_boolean_decoder(net: Layer, data: Any) -> Layer:
    """True and False as targets of a LogisticSigmoid number put a Boolean decoder on the output."""
    outputs = ports_of_kind(net, "out")
    if len(outputs) != 1 or coder_of(net, outputs[0]) is not None:
        return net
    port = outputs[0]
    layer, _ = source_of(net, port)
    logistic = isinstance(layer, ElementwiseLayer) and layer.f == "LogisticSigmoid"
    if not logistic or net.plan.shape((), port) not in ((), None) or not targets_are_boolean(data, port):
        return net
    return with_port(net, port, PortType(coder=NetDecoder("Boolean")))


def targets_are_boolean(data: Any, port: str) -> bool:
    """Whether the targets in the data are True and False."""
    if isinstance(data, Mapping):
        targets = data.get(port)
    elif isinstance(data, tuple) and len(data) == 2:
        targets = data[1]
    elif isinstance(data, list) and data and isinstance(data[0], tuple):
        targets = [pair[-1] for pair in data]
    else:
        return False
    if isinstance(targets, np.ndarray):
        return targets.dtype == bool and targets.ndim == 1
    return isinstance(targets, list) and bool(targets) and all(isinstance(each, (bool, np.bool_)) for each in targets)


def with_port(net: Layer, port: str, kind: PortType) -> Layer:
    """The same net with a port type given; its plan is solved anew."""
    return net.with_fields(given={**net.given, port: kind})


def split(attached: Attached, inputs: Inputs, options: Options) -> tuple[Inputs, Inputs | None]:
    """Training and validation inputs, by the setting of ValidationSet."""
    setting = options.validation
    if setting is None:
        return inputs, None
    if isinstance(setting, Scaled):
        return reserved(inputs, setting.factor, options.seeds()[3])
    columns = columns_of(setting, attached.ports, attached.pair, "the validation data")
    validation = prepare(attached.net, columns, batch=True)
    for port, column in validation.columns.items():
        compare_shape(column.array.shape[1:], inputs.plan.shape((), port), f"the validation data: {port}")
    return inputs, Inputs(validation.columns, inputs.plan, False)


def reserved(inputs: Inputs, fraction: Any, seed: int) -> tuple[Inputs, Inputs]:
    """A fraction of the examples, drawn at random, set aside for validation."""
    number = isinstance(fraction, (int, float)) and not isinstance(fraction, bool)
    count = round(inputs.count * fraction) if number and 0 < fraction < 1 else 0
    if not 0 < count < inputs.count:
        raise NetError(
            f"ValidationSet=Scaled({fraction!r}) of {inputs.count} examples leaves {count} for validation and "
            f"{inputs.count - count} for training",
            got=fraction,
            hint="both need at least one: give a fraction between 0 and 1, and enough data",
        )
    order = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed))).permutation(inputs.count)
    parts = [np.sort(order[count:]), np.sort(order[:count])]
    one, other = (
        Inputs({port: column.rows(rows) for port, column in inputs.columns.items()}, inputs.plan, False)
        for rows in parts
    )
    return one, other


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


def fixed(net: Layer, inputs: Inputs) -> Layer:
    """The user's net with the shapes that the data gave to its input ports."""
    given = dict(net.given)
    for port in ports_of_kind(net, "in"):
        shape = net.plan.shape((), port)
        found = inputs.plan.shape((), port)
        if (shape is None or Unknown in shape) and found is not None and coder_of(net, port) is None:
            given[port] = PortType(tuple("Varying" if isinstance(dim, Length) else dim for dim in found))
    return net if given == net.given else net.with_fields(given=given)


def with_values(net: Layer, finished: Mapping[tuple, np.ndarray], started: Layer) -> Layer:
    """The user's net with the arrays that training ended with; what was frozen stays the very same array."""
    first = {key: value for path, layer in leaves(started) for name, value in layer.arrays.items() for key in [layer.key(name, path)]}  # fmt: skip

    def value(layer: Layer, name: str, path: tuple) -> Any:
        key = layer.key(name, (NET, *path))
        return read_only(finished[key]) if key in finished else first.get(key, layer.arrays.get(name, Automatic))

    return with_arrays(net, value)


def with_arrays_of(net: Layer, finished: Mapping[tuple, np.ndarray]) -> Layer:
    """The training net with the arrays that training ended with."""

    def value(layer: Layer, name: str, path: tuple) -> Any:
        key = layer.key(name, path)
        return read_only(finished[key]) if key in finished else layer.arrays.get(name, Automatic)

    return with_arrays(net, value)


def read_only(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
