"""NetTrain: data into normal form, losses attached, shapes inferred, arrays made, a plan resolved; then rounds."""

from dataclasses import replace
from inspect import signature
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.refuse import knows_its_options
from wlnet.core.source import same
from wlnet.core.symbols import Automatic, Inherited
from wlnet.training.destinations import targets
from wlnet.training.duration import duration
from wlnet.training.ending import warn_of_the_end
from wlnet.training.finish import fixed, with_arrays_of, with_values
from wlnet.training.lossfunction import refuse_loss_as_property
from wlnet.training.measurements import measurements
from wlnet.training.methods import method_of
from wlnet.training.options import Options, batch_size, checked_rules, validation_set, working_precision
from wlnet.training.parts import checked_goal, checked_parts
from wlnet.training.past import Past, goes_on, kept_and_resumed
from wlnet.training.progress import reports
from wlnet.training.progress_functions import progress_functions
from wlnet.training.report import measures_of
from wlnet.training.results import NetTrainResultsObject
from wlnet.training.session import Session
from wlnet.training.sets import split, training_rows
from wlnet.training.setup import resolved_plan, start_of
from wlnet.training.sources import opened, tell_of_net, validation_source
from wlnet.training.stopping import chosen_criterion, rule_of
from wlnet.training.update_schedule import entries_of
from wlnet.training.wanted import Call, Wanted
from wlnet.verbs.evaluate import refuse_placeholders
from wlnet.verbs.seeds import seed_of


@knows_its_options
@goes_on
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
    MicroBatchSize: Any = Automatic,
    PerformanceGoal: Any = Automatic,
    RandomSeeding: Any = Inherited,
    TargetDevice: Any = "CPU",
    TimeGoal: Any = Automatic,
    TrainingProgressCheckpointing: Any = None,
    TrainingProgressFunction: Any = None,
    TrainingProgressMeasurements: Any = Automatic,
    TrainingProgressReporting: Any = Automatic,
    TrainingStoppingCriterion: Any = None,
    TrainingUpdateSchedule: Any = Automatic,
    ValidationSet: Any = None,
    WorkingPrecision: Any = Automatic,
) -> Any:
    """The net, trained on data: what the losses of its outputs say is made small, batch by batch.

    `data` is a list of pairs [(x, y), …], a tuple of two columns (X, Y), a dict of columns {port: …}, a list of dicts,
    a data frame or an array of records with a column a port; or a function f, or (f, {"RoundLength": n}), that returns
    a batch in one of these forms. If it takes an argument, it is told BatchSize, Round, Batch, AbsoluteBatch and Net
    in a mapping; it runs in a thread, one batch ahead, and its first batch tells shapes that are open. Memory maps,
    files (paths on a port whose encoder reads them) and lists that would take more than 1 GB once encoded are read and
    checked batch by batch. Shapes that are open are inferred from the data and missing arrays are made; arrays that the
    net has are the start. `net` may be the path of a checkpoint: training then goes on, to the bits of an unbroken run.

    `prop` is "TrainedNet", another property, a list of properties, or All for a NetTrainResultsObject. A dict
    {"Property": "GradientsRMS", "Form": "Plot", "Interval": Quantity(10, "Batches")} collects any of the facts, or a
    function of them, while training runs: as a "List", a "TransposedList", a "Plot", or what a function makes of the
    list. "TrainingPlan" alone gives the plan with every default resolved, and trains nothing.

    However training ends (rounds, time, a criterion, Ctrl-C, numbers that are no longer finite, a function that fails),
    the best validated net so far comes back, without a ValidationSet the last one. The same seed gives the same bits.

    What is made small
        LossFunction: Automatic takes the losses that the net computes, else each output gets one by the layer that
        feeds it: SoftmaxLayer cross entropy with class indices, LogisticSigmoid binary cross entropy, any other the
        mean square. Or the output that is a loss; a loss layer, a net or function of Input, Target and further data;
        {port: loss}; (loss, Scaled(r)); a list of these, which adds up. Arrays are summed, examples averaged.
    By which steps
        Method: "ADAM", "RMSProp", "SGD", "SignSGD", or one with sub-options: ("SGD", {"Momentum": 0.5,
        "LearningRateSchedule": f, "L2Regularization": 0.01, "GradientClipping": 1, "WeightClipping": {"disc": 0.1}}).
        LearningRate, times LearningRateMultipliers of arrays: 0 and None freeze one, a negative number climbs.
        TrainingUpdateSchedule: ["disc", "gen"] lets steps change one part after the other.
        BatchSize: the examples of a step. MicroBatchSize: those that are computed at once; the gradient of a batch is
        summed over such parts, so that it may be larger than memory. Batch normalization takes statistics of each part,
        and dropout draws for each; any other net takes the same step. PerformanceGoal: "TrainingMemory" chooses parts.
    For how long
        MaxTrainingRounds: rounds, or a Quantity of "Batches" or of time. TimeGoal: seconds. The shorter one wins;
        without either it is as many rounds as fit 20 s.
        TrainingStoppingCriterion: "Loss", a measurement, or {"Criterion": …, "Patience": rounds, "InitialPatience":
        rounds, "AbsoluteChange": number, "RelativeChange": fraction}: ends training that no longer improves, and says
        which net is best. A function of the last losses and measurements ends it with True.
    Judged by
        ValidationSet: data, or Scaled(fraction) of the training data, measured each round, or as often as (data,
        {"Interval": Quantity(100, "Batches")}) says.
        TrainingProgressMeasurements: what is measured beside the loss, as NetMeasurements does: a name, a NetPort, a
        function, or a list. Automatic is the error rate of a single CrossEntropyLossLayer.
    Watched by
        TrainingProgressReporting: "Panel", "Print", "ProgressIndicator", a function of the facts, a file that gets a
        row a round (.csv .tsv .json .wl), or a list of these.
        TrainingProgressFunction: f(facts) is called after each round, by (f, {"Interval": Quantity(10, "Batches")})
        more often; facts["RoundLoss"], facts["Net"] and the like are computed when they are read, and list(facts) names
        all. "StopTraining" from f ends training, "AbortTraining" ends NetTrain with an error.
        TrainingProgressCheckpointing: ("File", path) or ("Directory", path), to which the whole state of the training
        is written each round, or by ("File", path, {"Interval": Quantity(100, "Batches")}).
    Computed by
        TargetDevice, WorkingPrecision ("Real32" or "Real64"), RandomSeeding.

    >>> net = NetTrain(LinearLayer(1, Input=1), [([1], [2]), ([-2], [-4])], MaxTrainingRounds=200, LearningRate=0.1,
    ...                RandomSeeding=1, TrainingProgressReporting=None)
    >>> net([10]).round().tolist()
    [20.0]
    """
    given = {name: value for name, value in locals().items() if name[0].isupper()}
    past, net = (net, net.net) if isinstance(net, Past) else (None, net)
    if not isinstance(net, Layer):
        raise NetError(f"NetTrain takes a net, got {type(net).__name__}", got=net)
    refuse_loss_as_property(prop)
    wanted = Wanted.of(prop)
    watchers = (*wanted.collections, *progress_functions(TrainingProgressFunction), *reports(TrainingProgressReporting))
    options = Options(
        batch_size(BatchSize), method_of(Method, LearningRate), checked_rules(LearningRateMultipliers), LossFunction,
        duration(MaxTrainingRounds, TimeGoal), seed_of(RandomSeeding), TargetDevice, watchers,
        *validation_set(ValidationSet), working_precision(WorkingPrecision),
        targets(TrainingProgressCheckpointing),
        measurements(TrainingProgressMeasurements, "TrainingProgressMeasurements"),
        rule_of(TrainingStoppingCriterion), checked_parts(MicroBatchSize), checked_goal(PerformanceGoal), given,
        update_schedule=entries_of(TrainingUpdateSchedule),
    )  # fmt: skip
    if wanted.is_plan:
        return begun(net, data, options, past)[0].plan
    results = trained(net, data, options, past)
    changed = {name: value for name, value in given.items() if not same(value, DEFAULTS[name])}
    return wanted.value(replace(results, call=Call(net if past is None else past.path, prop, changed)))


DEFAULTS = {name: each.default for name, each in signature(NetTrain).parameters.items()}


def trained(net: Layer, data: Any, options: Options, past: Past | None = None) -> NetTrainResultsObject:
    """Everything that NetTrain does, from data to results."""
    session, started = begun(net, data, options, past)
    state = session.run()
    warn_of_the_end(session.record, session.validation is not None)
    training_net = with_arrays_of(started, session.stepper.arrays(state))
    results = session.net_of(state), training_net, session.plan, session.record, measures_of(session)
    return NetTrainResultsObject(*results)


def begun(net: Layer, data: Any, options: Options, past: Past | None = None) -> tuple[Session, Layer]:
    """A session that is ready to run, and the training net with the arrays that it starts from."""
    refuse_placeholders(net)
    given = opened(net, data, options)
    inputs, held = split(given.attached, given.inputs, options, given.maker is not None)
    start = start_of(given, inputs, options)
    stepper = start.stepper
    source = given.source(inputs, start.size, options)
    validation = validation_source(given, inputs, held, stepper.micro or start.size, options)
    session = Session(
        stepper, source, validation,
        resolved_plan(stepper, start.rates, inputs, source, validation, options),
        options.seeds()[2], start.state, options.watchers,
        criterion=chosen_criterion(options.stopping, start.measuring, validation is not None),
        measuring=start.measuring,
        places=None if inputs is given.inputs else training_rows(given.inputs.count, options),
        net_of=lambda now: with_values(fixed(given.net, inputs), stepper.arrays(now), start.net),
    )  # fmt: skip
    tell_of_net(session)
    kept_and_resumed(session, options, inputs.columns, past)
    return session, start.net
