"""NetMeasurements: how well a net does on data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief, knows_its_options
from wlnet.core.symbols import Automatic
from wlnet.training.batches import Drawn, Source
from wlnet.training.losses import Attached, attach
from wlnet.training.measured import BuiltIn, Measure, Momentary, watched
from wlnet.training.measurements import EVERY_ROUND, FORMS, Measurement, measurements
from wlnet.training.measuring import Sweep
from wlnet.training.methods import method_of
from wlnet.training.resolved import Measured
from wlnet.training.sets import with_boolean_decoder
from wlnet.training.sources import in_order
from wlnet.training.step import Judged, Stepper
from wlnet.training.vector import Layout
from wlnet.verbs.evaluate import collect_arrays, refuse_placeholders, refuse_unknown, refuse_unset
from wlnet.verbs.inputs import Inputs
from wlnet.verbs.settings import Settings

WHAT = "NetMeasurements"


@knows_its_options
def NetMeasurements(
    net: Layer,
    data: Any,
    measurement: Any,
    /,
    *,
    BatchSize: Any = Automatic,
    LossFunction: Any = Automatic,
    NetEvaluationMode: Any = "Test",
    RandomSeeding: Any = Automatic,
    TargetDevice: Any = "CPU",
    WorkingPrecision: Any = Automatic,
) -> Any:
    """How well a net does on data: one measurement, or a list of them, over all examples at once.

    `data` is what NetTrain takes, the targets included; LossFunction says how the net is judged, as for NetTrain. With
    CrossEntropyLossLayer, TP, FP, FN, TN are counts of true and false positives and negatives of a class; a value for
    each class (marked *) comes as a dict by label, or averaged with {"Measurement": m, "ClassAveraging": "Macro"} (the
    mean over the classes that have one) or "Micro" (of all decisions together). What is 0/0 is nan.

    - Decisions: Accuracy, the share of right ones; ("Accuracy", n), where right is among the n most probable classes;
      ErrorRate = 1 - Accuracy and ("ErrorRate", n); CohenKappa = (a - e)/(1 - e) of the accuracy a and, over classes,
      e = Σ p·q of the shares p that are right and q that are said; ScottPi, with e = Σ ((p + q)/2)².
    - Counts: ConfusionMatrix, c_ij items of class i said to be j; TruePositiveNumber* TP, FalsePositiveNumber* FP,
      FalseNegativeNumber* FN, TrueNegativeNumber* TN.
    - Rates: Precision* TP/(TP + FP), Recall* TP/(TP + FN), Specificity* TN/(TN + FP), NegativePredictiveValue*
      TN/(TN + FN); FalseDiscoveryRate* FP/(TP + FP), FalseNegativeRate* FN/(TP + FN), FalsePositiveRate* FP/(TN + FP),
      FalseOmissionRate* FN/(TN + FN).
    - Scores: F1Score* 2 TP/(2 TP + FP + FN); ("FScore", β)* (1 + β²) TP/((1 + β²) TP + β² FN + FP); Informedness*
      Recall + Specificity - 1; Markedness* Precision + NegativePredictiveValue - 1; MatthewsCorrelationCoefficient*
      (TP·TN - FP·FN)/√((TP + FP)(TP + FN)(TN + FP)(TN + FN)), and 0 where that is 0/0.
    - Probabilities: Entropy, the mean of -log p of what is right, in nats; Perplexity exp(Entropy); ROCCurve*, an array
      of points (false positive rate, recall), one a threshold; AreaUnderROCCurve*.
    - Plots: ConfusionMatrixPlot and ROCCurvePlot, matplotlib figures with the data behind them as `figure.data`.

    With MeanSquaredLossLayer and MeanAbsoluteLossLayer, over all numbers y of the output and t of the target:

    - MeanDeviation mean |y - t|; MeanSquare mean (y - t)²; StandardDeviation √MeanSquare; FractionVarianceUnexplained
      Σ(y - t)²/Σ(t - mean t)², the mean of each component its own; RSquared 1 - FractionVarianceUnexplained.
    - IntersectionOverUnion, of boxes (x1, y1, x2, y2): the mean of the area of both over the area of either.

    A NetPort is the mean over all examples of an output, of data, of a loss, or of an inner output; of an array it is
    the array. A property of Information is that of the net. A function of values by name, as in
    `lambda Output, Target: …`, or of one dict of all, gets those of all examples. Sub-options: {"Measurement": m,
    "Key": name, "ClassAveraging": …, "Aggregation": "Mean", "Total", "Min", "Max", None (all values) or a function,
    "Port": the output meant, where several have losses}.

    >>> net = NetChain([SoftmaxLayer()], Input=2, Output=NetDecoder("Class", ["cat", "dog"]))
    >>> data = [([2, 0], "cat"), ([1, 0], "dog"), ([0, 1], "dog"), ([0, 3], "dog")]
    >>> NetMeasurements(net, data, ["Accuracy", "Recall"])
    [0.75, {'cat': 1.0, 'dog': 0.6666666666666666}]
    """
    if not isinstance(net, Layer):
        raise NetError(f"{WHAT} takes a net, got {brief(net)}", got=net)
    wanted = unlike(measurement)
    settings = Settings.of({
        "BatchSize": BatchSize,
        "NetEvaluationMode": NetEvaluationMode,
        "RandomSeeding": RandomSeeding,
        "TargetDevice": TargetDevice,
        "WorkingPrecision": "Real32" if WorkingPrecision is Automatic else WorkingPrecision,
    })  # fmt: skip
    values = measured_values(net, data, wanted, LossFunction, settings)
    return values if isinstance(measurement, list) else values[0]


def unlike(setting: Any) -> tuple[Measurement, ...]:
    """The measurements asked for, with keys that differ: the result is a list, where nobody reads them."""
    if setting is Automatic or setting is None:
        raise NetError(f"{WHAT}: {brief(setting)} is not a measurement", got=setting, hint=f"give {FORMS}")
    found: list[Measurement] = []
    for spec in setting if isinstance(setting, list) else [setting]:
        (one,) = measurements([spec], WHAT) or ()
        if one.interval != EVERY_ROUND:
            text = f'{WHAT}: {one.key} is measured once, so there is no "Interval"'
            raise NetError(text, got=spec, hint="leave it out; TrainingProgressMeasurements takes one")
        taken = [each.key for each in found]
        found.append(one if one.key not in taken else replace(one, key=f"{one.key} (number {len(found) + 1})"))
    return tuple(found)


@dataclass(frozen=True)
class Still:
    """A net that nobody trains, as measurements of arrays and properties look at it."""

    user: Layer
    arrays: Mapping[tuple, np.ndarray]

    def array(self, key: tuple) -> np.ndarray:
        """The values of an array."""
        return self.arrays[key]

    def net(self) -> Layer:
        """The net."""
        return self.user


def measured_values(net: Layer, data: Any, wanted: tuple[Measurement, ...], loss: Any, settings: Settings) -> list[Any]:
    """The value of each measurement."""
    refuse_placeholders(net)
    if all(isinstance(each.what, str) and each.row is None for each in wanted):  # properties need no data
        return [Momentary(each).now(Still(net, {})) for each in wanted]
    net = with_boolean_decoder(net, data)
    refuse_unset(net)
    attached = attach(net, loss)
    refuse_unset(attached.net)  # a loss may be a net with arrays too
    inputs, source = in_order(net, attached, data, settings)
    refuse_unknown(attached.net, inputs.plan)
    measures = Measured(net, attached, inputs.plan, WHAT).measures(wanted)
    looking = [each for each in measures if isinstance(each, Measure)]
    arrays = collect_arrays(attached.net, settings.precision)
    sweep = Sweep(looking, inputs.plan, settings.engine)
    if looking:
        for batch, judged in batches_of(attached, inputs, source, arrays, looking, settings):
            if sweep.add(batch, judged):
                sweep.settle()
    values = sweep.values()
    still = Still(net, arrays)
    return [each.now(still) if isinstance(each, Momentary) else shown(each, values[each.key]) for each in measures]


def batches_of(
    attached: Attached, inputs: Inputs, source: Source, arrays: Mapping[tuple, np.ndarray], looking: list[Measure],
    settings: Settings,
) -> Iterator[tuple[Drawn, Judged]]:  # fmt: skip
    """Each batch of the data, and what the net computes of it."""
    engine, none = settings.engine, Layout.of({})
    stepper = Stepper(
        attached.net, inputs.plan, attached.losses, method_of(Automatic, Automatic), engine, settings.precision, none,
        (), arrays, np.zeros(0, settings.precision), watched(looking),
    )  # fmt: skip

    def run(frozen: Any, data: Any, lengths: Any, seed: Any) -> Any:
        return stepper.outputs({}, (), frozen, data, lengths, seed, settings.training)

    compiled = engine.compile(run)
    for number, batch in enumerate(source.round(1)):
        data, lengths = stepper.given(batch.columns, batch.lengths)
        with np.errstate(all="ignore"):
            total, (losses, _, seen) = compiled(stepper.frozen_arrays, data, lengths, (settings.seed + number) % 2**32)
        yield batch, Judged(float(total), tuple(losses), seen)


def shown(measure: Measure, value: Any) -> Any:
    """The value of a measurement; that of a plot as a figure."""
    row = measure.wanted.row
    if row is None or row.plot is None or not isinstance(measure, BuiltIn):
        return value
    return figures().FIGURES[row.plot](value, measure.judge.labels)


def figures() -> Any:
    """The module that draws measurements; it is imported when it is first needed, and needs matplotlib."""
    try:
        return import_module("wlnet.training.measurement_figures")
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] != "matplotlib":
            raise
        raise NetError(
            "plots of measurements need the package matplotlib",
            hint='pip install wlnet[plot]; "ConfusionMatrix" and "ROCCurve" give the data without it',
        ) from missing
