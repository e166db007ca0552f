"""NetTrain: data into normal form, losses attached, shapes inferred, arrays made, a plan resolved; then rounds."""

import warnings
from typing import Any

from wlnet.core.errors import NetError, NetWarning
from wlnet.core.layer import Layer
from wlnet.core.refuse import knows_its_options
from wlnet.core.symbols import All, Automatic, Inherited
from wlnet.training.batches import Batches, chosen_size
from wlnet.training.data import columns_of
from wlnet.training.finish import fixed, with_arrays_of, with_values
from wlnet.training.losses import attach
from wlnet.training.methods import method_of
from wlnet.training.options import Options, batch_size, checked_rules, duration
from wlnet.training.progress import reporter
from wlnet.training.results import NetTrainResultsObject, refuse_unknown_properties
from wlnet.training.session import Session
from wlnet.training.sets import split, with_boolean_decoder
from wlnet.training.setup import make_stepper, resolved_plan
from wlnet.verbs.device import precision_of
from wlnet.verbs.evaluate import refuse_placeholders, refuse_unknown
from wlnet.verbs.initialize import initialized
from wlnet.verbs.initialize import method_of as filling
from wlnet.verbs.inputs import prepare
from wlnet.verbs.rates import resolved_rates
from wlnet.verbs.seeds import seed_of


@knows_its_options
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
    refuse_unknown_properties(prop)
    options = Options(
        batch_size(BatchSize), method_of(Method, LearningRate), checked_rules(LearningRateMultipliers), LossFunction,
        *duration(MaxTrainingRounds), seed_of(RandomSeeding), TargetDevice, TrainingProgressReporting, ValidationSet,
        "float32" if WorkingPrecision is Automatic else precision_of(WorkingPrecision),
    )  # fmt: skip
    results = trained(net, data, options)
    if prop is All:
        return results
    return [results[each] for each in prop] if isinstance(prop, list) else results[prop]


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
