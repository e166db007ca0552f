"""Methods: each equals its formula by hand, for every sub-option off its default, whole or part by part."""

import math
import re
import warnings

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from tests.examples import assert_close, example
from wlnet import (
    All,
    Automatic,
    LinearLayer,
    MeanSquaredLossLayer,
    NetArray,
    NetChain,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetPort,
    NetTrain,
    NetWarning,
    Quantity,
)
from wlnet.training.duration import Duration
from wlnet.training.session import Session

X = example(23, 5).astype(np.float64)
Y = example(23, 3, seed=1).astype(np.float64)
DEFAULTS = {
    "ADAM": {"Beta1": 0.9, "Beta2": 0.999, "Epsilon": 1e-5},
    "RMSProp": {"Beta": 0.95, "Epsilon": 1e-6, "Momentum": 0.9},
    "SGD": {"Momentum": 0.93},
    "SignSGD": {"Momentum": 0.93},
}
RATES = {"ADAM": 0.001, "RMSProp": 0.001, "SGD": 0.01, "SignSGD": 0.001}
METHODS = list(DEFAULTS)


def quiet(net, data=(X, Y), *prop, **options):
    standing = {"MaxTrainingRounds": 7, "BatchSize": 23, "RandomSeeding": 7, "TrainingProgressReporting": None}
    return NetTrain(net, data, *prop, **{**standing, **options})


def linear(**options):
    return NetInitialize(LinearLayer(3, Input=5, **options), RandomSeeding=3)


NAMES = ("Weights", "Biases")


def arrays_of(net):
    return [NetExtract(net, name).astype(np.float64) for name in NAMES]


def gradients(w, b):
    error = 2 * (X @ w.T + b - Y) / Y.size
    return [error.T @ X, error.sum(0)]


def moved(name, g, memory, rate, k, o):
    """The change of one array in the k-th step, and what is remembered: the formulas of the docstrings."""
    if name == "ADAM":
        m = o["Beta1"] * memory[0] + (1 - o["Beta1"]) * g
        v = o["Beta2"] * memory[1] + (1 - o["Beta2"]) * g**2
        unbiased = m / (1 - o["Beta1"] ** k), v / (1 - o["Beta2"] ** k)
        return -rate * unbiased[0] / (np.sqrt(unbiased[1]) + o["Epsilon"]), (m, v)
    if name == "RMSProp":
        s = o["Beta"] * memory[0] + (1 - o["Beta"]) * g**2
        move = o["Momentum"] * memory[1] - rate * g / (np.sqrt(s) + o["Epsilon"])
        return move, (s, move)
    move = o["Momentum"] * memory[0] - rate * (np.sign(g) if name == "SignSGD" else g)
    return move, (move, move)


def by_hand(name, net, steps, options=None, rate=None, share=None, gradient=None, weights=None):
    """Weights and biases of a linear layer after some steps; `share(k)` scales the rate, `gradient(arrays, gradients)`
    and `weights(arrays)` give what takes their place."""
    o, arrays = {**DEFAULTS[name], **(options or {})}, arrays_of(net)
    memory = [(np.zeros_like(a), np.zeros_like(a)) for a in arrays]
    for k in range(1, steps + 1):
        slopes = gradients(*arrays)
        slopes = slopes if gradient is None else gradient(arrays, slopes)
        step = (RATES[name] if rate is None else rate) * (1 if share is None else share(k))
        found = [moved(name, g, m, step, k, o) for g, m in zip(slopes, memory, strict=True)]
        arrays, memory = [a + f[0] for a, f in zip(arrays, found, strict=True)], [f[1] for f in found]
        arrays = arrays if weights is None else weights(arrays)
    return arrays


def assert_is_by_hand(name, settings, *, steps=7, rate=None, net=None, options=None, **by):
    net = linear() if net is None else net
    more = {} if rate is None else {"LearningRate": rate}
    trained = quiet(net, Method=(name, settings), MaxTrainingRounds=steps, **more, **(options or {}))
    own = {key: value for key, value in settings.items() if key in DEFAULTS[name]}
    for got, expected in zip(arrays_of(trained), by_hand(name, net, steps, own, rate, **by), strict=True):
        assert_close(got, expected, 3e-6)


# --- each method and each sub-option


@pytest.mark.parametrize("steps", [1, 7])
@pytest.mark.parametrize("name", METHODS)
def test_a_method_at_its_defaults_is_its_formula(name, steps):
    assert_is_by_hand(name, {}, steps=steps)


def test_method_automatic_is_adam():
    assert quiet(linear(), Method=Automatic) == quiet(linear(), Method="ADAM") != quiet(linear(), Method="RMSProp")


@pytest.mark.parametrize("name", METHODS)
def test_learning_rate_of_a_method(name):
    assert_is_by_hand(name, {}, rate=0.017)
    inner, outer = (
        quiet(linear(), Method=(name, {"LearningRate": 0.017})),
        quiet(linear(), Method=name, LearningRate=0.017),
    )
    assert inner == outer == quiet(linear(), Method=(name, {"LearningRate": 0.5}), LearningRate=0.017)


@pytest.mark.parametrize("name", METHODS)
def test_learning_rate_schedule_scales_the_rate(name):
    calls = []

    def falling(batch, total):
        calls.append((batch, total))
        return 1 - 0.9 * batch / total

    settings = {"LearningRateSchedule": falling}
    assert_is_by_hand(name, settings, rate=0.02, share=lambda k: 1 - 0.9 * k / 7)
    assert calls == [(k, 7) for k in range(1, 8)]


OFF = [
    ("ADAM", "Beta1", 0.3),
    ("ADAM", "Beta1", 0.0),
    ("ADAM", "Beta2", 0.6),
    ("ADAM", "Epsilon", 0.1),
    ("RMSProp", "Beta", 0.4),
    ("RMSProp", "Epsilon", 0.1),
    ("RMSProp", "Momentum", 0.2),
    ("SGD", "Momentum", 0.4),
    ("SGD", "Momentum", 0.0),
    ("SignSGD", "Momentum", 0.4),
]


@pytest.mark.parametrize(("name", "option", "value"), OFF)
def test_beta1_beta2_epsilon_beta_momentum_off_their_defaults(name, option, value):
    assert_is_by_hand(name, {option: value}, rate=0.03)
    assert quiet(linear(), Method=(name, {option: value})) != quiet(linear(), Method=name)


def test_momentum_0_is_plain_gradient_descent():
    net = linear()
    expected = [a - 0.1 * g for a, g in zip(arrays_of(net), gradients(*arrays_of(net)), strict=True)]
    trained = quiet(net, Method=("SGD", {"Momentum": 0}), LearningRate=0.1, MaxTrainingRounds=1)
    for got, wanted in zip(arrays_of(trained), expected, strict=True):
        assert_close(got, wanted, 1e-6)


@pytest.mark.parametrize("name", METHODS)
def test_l2_regularization_enters_the_gradient(name):
    assert_is_by_hand(
        name,
        {"L2Regularization": 0.3},
        rate=0.02,
        gradient=lambda arrays, gs: [g + 0.3 * a for a, g in zip(arrays, gs)],
    )


@pytest.mark.parametrize("name", METHODS)
def test_gradient_clipping_is_elementwise(name):
    c = 0.15
    net = linear()
    assert all((np.abs(g) > c).any() and (np.abs(g) < c).any() for g in gradients(*arrays_of(net)))
    assert_is_by_hand(
        name, {"GradientClipping": c}, rate=0.02, gradient=lambda arrays, gs: [np.clip(g, -c, c) for g in gs]
    )


@pytest.mark.parametrize("name", METHODS)
def test_gradient_clipping_by_norm_scales_all_arrays_together(name):
    c = 0.03

    def by_norm(arrays, gs):
        norm = math.sqrt(sum((g**2).sum() for g in gs))
        assert norm > c
        return [g * c / norm for g in gs]

    assert_is_by_hand(name, {"GradientClipping": ("Norm", c)}, rate=0.002, gradient=by_norm)


def test_gradient_clipping_by_norm_leaves_what_is_short_as_it_is():
    assert quiet(linear(), Method=("ADAM", {"GradientClipping": ("Norm", 100)})) == quiet(linear())


@pytest.mark.parametrize("name", METHODS)
def test_weight_clipping_holds_weights_after_an_update(name):
    c = 0.2
    net = linear()
    assert any((np.abs(a) > c).any() for a in arrays_of(net))
    assert_is_by_hand(
        name, {"WeightClipping": c}, rate=0.02, weights=lambda arrays: [np.clip(a, -c, c) for a in arrays]
    )


def test_weight_clipping_by_norm():
    def by_norm(arrays):
        norm = math.sqrt(sum((a**2).sum() for a in arrays))
        return [a * min(1, 0.5 / norm) for a in arrays]

    assert_is_by_hand("SGD", {"WeightClipping": ("Norm", 0.5)}, rate=0.02, weights=by_norm)


def test_clipping_comes_before_the_penalty():
    settings = {"GradientClipping": 0.05, "L2Regularization": 0.3}
    assert_is_by_hand(
        "SGD", settings, rate=0.02,
        gradient=lambda arrays, gs: [np.clip(g, -0.05, 0.05) + 0.3 * a for a, g in zip(arrays, gs)],
    )  # fmt: skip


# --- rules per part


def test_l2_regularization_by_rules_per_part_the_first_one_wins():
    assert_is_by_hand(
        "SGD", {"L2Regularization": {"Weights": 0.3, "_": None}}, rate=0.02,
        gradient=lambda arrays, gs: [gs[0] + 0.3 * arrays[0], gs[1]],
    )  # fmt: skip
    assert_is_by_hand(
        "SGD", {"L2Regularization": [("Biases", 0.7), ("_", 0.3)]}, rate=0.02,
        gradient=lambda arrays, gs: [gs[0] + 0.3 * arrays[0], gs[1] + 0.7 * arrays[1]],
    )  # fmt: skip


def test_gradient_clipping_by_rules_per_part_may_mix_elements_and_norms():
    def clipped(arrays, gs):
        norm = math.sqrt((gs[1] ** 2).sum())
        return [np.clip(gs[0], -0.04, 0.04), gs[1] * min(1, 0.03 / norm)]

    settings = {"GradientClipping": {"Weights": 0.04, "Biases": ("Norm", 0.03)}}
    assert_is_by_hand("ADAM", settings, rate=0.02, gradient=clipped)


def test_weight_clipping_by_rules_per_part_more_specific_first():
    net = NetInitialize(NetChain({"disc": NetChain([7, "Tanh", 2]), "out": 3}, Input=5), RandomSeeding=1)
    rules = {("disc", 1): 0.3, "disc": 0.1}
    trained = quiet(net, Method=("SGD", {"WeightClipping": rules}), LearningRate=0.1)
    assert np.abs(NetExtract(trained, ("disc", 1, "Weights"))).max() == np.float32(0.3)
    assert np.abs(NetExtract(trained, ("disc", 3, "Weights"))).max() == np.float32(0.1)
    assert np.abs(NetExtract(trained, ("out", "Weights"))).max() > 0.5


def test_norms_of_several_parts_are_each_of_its_own_arrays():
    net = NetInitialize(NetChain({"a": 7, "t": "Tanh", "b": NetChain([2, 3])}, Input=5), RandomSeeding=1)
    rules = {("b", 2): None, "a": ("Norm", 0.5), "_": ("Norm", 0.25)}
    trained = quiet(net, Method=("SGD", {"WeightClipping": rules}), MaxTrainingRounds=1)
    norm = lambda *layers: math.sqrt(sum((NetExtract(trained, (*k, n)) ** 2).sum() for k in layers for n in NAMES))
    assert norm(("a",)) == pytest.approx(0.5, rel=1e-6)
    assert norm(("b", 1)) == pytest.approx(0.25, rel=1e-6)
    assert norm(("b", 2)) > 0.5


def test_a_rule_reaches_a_shared_array_in_all_its_places():
    shared = lambda: LinearLayer(5, Weights=NetArray("W", Array=example(5, 5)), Biases=None)
    net = NetChain({"a": shared(), "t": "Tanh", "b": shared(), "c": 3}, Input=5)
    trained = quiet(NetInitialize(net), Method=("SGD", {"WeightClipping": {"b": 0.125}}))
    assert np.abs(NetExtract(trained, ("a", "Weights"))).max() == 0.125
    assert np.array_equal(NetExtract(trained, ("a", "Weights")), NetExtract(trained, ("b", "Weights")))


def test_an_array_of_an_attached_loss_follows_a_rule_for_anything():
    vertices = {"s": LinearLayer(3, Biases=None), "m": MeanSquaredLossLayer()}
    loss = NetGraph(vertices, [(NetPort("Input"), "s"), ("s", NetPort("m", "Input"))])
    net = linear()
    results = quiet(net, (X, Y), All, LossFunction=loss, Method=("SGD", {"WeightClipping": 0.125}))
    inner = NetExtract(results["TrainingNet"], ("OutputLoss", "s", "Weights"))
    assert np.abs(inner).max() == 0.125
    results = quiet(net, (X, Y), All, LossFunction=loss, Method=("SGD", {"WeightClipping": {"Weights": 0.125}}))
    assert np.abs(NetExtract(results["TrainingNet"], ("OutputLoss", "s", "Weights"))).max() > 0.25


# --- frozen arrays, directions, precision, huge and missing numbers


@pytest.mark.parametrize("name", METHODS)
def test_a_frozen_array_stays_bit_for_bit_whatever_the_restraints(name):
    held = np.array([-0.0, 3.0, -5.0], np.float32)
    net = linear(Biases=held)
    settings = {"WeightClipping": 0.125, "L2Regularization": 0.5, "GradientClipping": ("Norm", 1)}
    for frozen in (0, None):
        trained = quiet(net, Method=(name, settings), LearningRateMultipliers={"Biases": frozen})
        assert NetExtract(trained, "Biases").tobytes() == held.tobytes()
        assert np.abs(NetExtract(trained, "Weights")).max() == 0.125


def test_the_penalty_shrinks_weights_that_ascend_too():
    settings = {"L2Regularization": 0.3, "Momentum": 0}
    net = linear()
    trained = quiet(
        net, Method=("SGD", settings), LearningRate=0.1, MaxTrainingRounds=1, LearningRateMultipliers={"Weights": -1}
    )
    (w, b), (gw, gb) = arrays_of(net), gradients(*arrays_of(net))
    assert_close(NetExtract(trained, "Weights"), w + 0.1 * gw - 0.1 * 0.3 * w, 1e-6)
    assert_close(NetExtract(trained, "Biases"), b - 0.1 * gb - 0.1 * 0.3 * b, 1e-6)


def test_multipliers_scale_the_rate_of_every_method():
    for name in METHODS:
        net = linear()
        trained = quiet(net, Method=name, LearningRateMultipliers={"Weights": -0.5, "Biases": 3}, MaxTrainingRounds=1)
        start, whole = arrays_of(net), by_hand(name, net, 1)
        for got, first, last, factor in zip(arrays_of(trained), start, whole, (-0.5, 3), strict=True):
            assert_close(got, first + factor * (last - first), 1e-6)


def test_a_norm_does_not_overflow_in_single_precision():
    data = (X * 1e18, Y * 1e18)
    trained = quiet(
        linear(), data, Method=("SGD", {"GradientClipping": ("Norm", 1), "Momentum": 0}), MaxTrainingRounds=1
    )
    change = [a - b for a, b in zip(arrays_of(trained), arrays_of(linear()), strict=True)]
    assert math.sqrt(sum((each**2).sum() for each in change)) == pytest.approx(0.01, rel=1e-4)


@pytest.mark.parametrize("none", [None, Automatic, {"_": None}, {"Weights": None}])
@pytest.mark.parametrize("option", ["L2Regularization", "GradientClipping", "WeightClipping"])
def test_none_holds_nothing_back(option, none):
    assert quiet(linear(), Method=("ADAM", {option: none})) == quiet(linear())


def test_no_restraint_by_its_number():
    plain = quiet(linear())
    assert quiet(linear(), Method=("ADAM", {"L2Regularization": 0})) == plain
    for option in ("GradientClipping", "WeightClipping"):
        assert quiet(linear(), Method=("ADAM", {option: math.inf})) == plain
        assert quiet(linear(), Method=("ADAM", {option: 1e300})) == plain


@pytest.mark.parametrize(("name", "device"), [*((name, "CPU") for name in METHODS), ("ADAM", ("CPU", "JAX"))])
def test_the_same_seed_gives_bit_equal_nets_twice(name, device):
    settings = {"GradientClipping": ("Norm", 0.1), "WeightClipping": 0.5}
    options = {"Method": (name, settings), "BatchSize": 5, "TargetDevice": device}
    one, other = (quiet(LinearLayer(3), **options) for _ in range(2))
    assert one == other
    if device == "CPU":
        assert one != quiet(LinearLayer(3), **{**options, "RandomSeeding": 8})


EVERYTHING = {
    "L2Regularization": {(1, "Weights"): 0.1, "_": 0.01},
    "GradientClipping": {1: 0.03, "_": ("Norm", 0.05)},
    "WeightClipping": {3: ("Norm", 1.5), (1, "Weights"): 0.4},
    "LearningRateSchedule": lambda batch, total: 1 - 0.5 * batch / total,
}


@pytest.mark.parametrize("name", METHODS)
def test_numpy_and_jax_take_the_same_steps_in_single_precision(name, monkeypatch):
    states, run = [], Session.run
    monkeypatch.setattr(Session, "run", lambda self: states.append(run(self)) or states[-1])
    net = NetInitialize(NetChain([7, "Tanh", 3], Input=5), RandomSeeding=1)
    options = {"Method": (name, EVERYTHING), "BatchSize": 5, "MaxTrainingRounds": 2, "LearningRate": 0.01}
    one, other = (quiet(net, TargetDevice=device, **options) for device in ("CPU", ("CPU", "JAX")))
    for place in [(1, "Weights"), (1, "Biases"), (3, "Weights"), (3, "Biases")]:
        assert_close(NetExtract(one, place), NetExtract(other, place), 2e-5)
    assert {str(each.dtype) for state in states for each in (state.vector, *state.memory)} == {"float32"}


@pytest.mark.parametrize("name", METHODS)
def test_double_precision_stays_double(name, monkeypatch):
    states, run = [], Session.run
    monkeypatch.setattr(Session, "run", lambda self: states.append(run(self)) or states[-1])
    quiet(NetChain([7, "Tanh", 3]), Method=(name, EVERYTHING), WorkingPrecision="Real64")
    assert {str(each.dtype) for each in (states[0].vector, *states[0].memory)} == {"float64"}


# --- ONNX's optimizers


def onnx_operator(name, inputs, **attributes):
    """ONNX's reference of a training operator."""
    outputs = [f"{each}_next" for each in inputs if each not in ("R", "T", "G")]
    node = helper.make_node(name, inputs, outputs, domain="ai.onnx.preview.training", **attributes)
    value = lambda each, kind: helper.make_tensor_value_info(each, kind, None)
    takes = [value(each, TensorProto.INT64 if each == "T" else TensorProto.DOUBLE) for each in inputs]
    graph = helper.make_graph([node], "step", takes, [value(each, TensorProto.DOUBLE) for each in outputs])
    domains = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.preview.training", 1)]
    evaluator = ReferenceEvaluator(helper.make_model(graph, opset_imports=domains))
    return lambda *values: evaluator.run(None, dict(zip(inputs, values, strict=True)))


@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_adam_is_the_adam_of_onnx(l2):
    rate, (beta1, beta2, epsilon) = 0.02, (0.8, 0.95, 1e-3)
    net = linear()
    arrays = arrays_of(net)
    memory = [(np.zeros_like(a), np.zeros_like(a)) for a in arrays]
    for k in range(1, 6):
        # ONNX's epsilon stands beside the root before its correction; its first step is number 0, uncorrected
        beside = epsilon * math.sqrt(1 - beta2**k)
        step = onnx_operator("Adam", ["R", "T", "X", "G", "V", "H"], alpha=beta1, beta=beta2, epsilon=beside,
                             norm_coefficient=l2, norm_coefficient_post=0.0)  # fmt: skip
        found = [step(np.array(rate), np.array(k), a, g, *m) for a, g, m in zip(arrays, gradients(*arrays), memory)]
        arrays, memory = [f[0] for f in found], [tuple(f[1:]) for f in found]
    options = {"Beta1": beta1, "Beta2": beta2, "Epsilon": epsilon, "L2Regularization": l2}
    trained = quiet(net, Method=("ADAM", options), LearningRate=rate, MaxTrainingRounds=5)
    for got, expected in zip(arrays_of(trained), arrays, strict=True):
        assert_close(got, expected, 3e-6)


@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_sgd_with_momentum_is_the_momentum_of_onnx(l2):
    rate, momentum = 0.05, 0.8
    net = linear()
    arrays = arrays_of(net)
    memory = [np.zeros_like(a) for a in arrays]
    step = onnx_operator("Momentum", ["R", "T", "X", "G", "V"], alpha=momentum, beta=1.0, mode="standard",
                         norm_coefficient=l2)  # fmt: skip
    for k in range(1, 6):
        found = [step(np.array(rate), np.array(k), a, g, m) for a, g, m in zip(arrays, gradients(*arrays), memory)]
        arrays, memory = [f[0] for f in found], [f[1] for f in found]
    options = {"Momentum": momentum, "L2Regularization": l2}
    trained = quiet(net, Method=("SGD", options), LearningRate=rate, MaxTrainingRounds=5)
    for got, expected in zip(arrays_of(trained), arrays, strict=True):
        assert_close(got, expected, 3e-6)


# --- the schedule of the learning rate


def test_learning_rate_schedule_gets_the_batch_and_the_total_of_the_whole_run():
    calls = []
    results = quiet(
        linear(), (X, Y), All, BatchSize=5, MaxTrainingRounds=3, LearningRate=0.5,
        Method=("ADAM", {"LearningRateSchedule": lambda *call: calls.append(call) or np.float32(0.25)}),
    )  # fmt: skip
    assert calls == [(k, 15) for k in range(1, 16)]
    assert results["InitialLearningRate"] == 0.5 and results["FinalLearningRate"] == 0.125
    name, options = results["OptimizationMethod"]
    assert name == "ADAM" and options["LearningRate"] == 0.5 and options["Beta1"] == 0.9
    assert options["WeightClipping"] is None and callable(options["LearningRateSchedule"])


def test_learning_rate_schedule_ends_with_a_number_of_batches():
    calls = []
    settings = {"LearningRateSchedule": lambda *call: calls.append(call) or 1}
    quiet(linear(), BatchSize=5, MaxTrainingRounds=Quantity(7, "Batches"), Method=("ADAM", settings))
    assert calls == [(k, 7) for k in range(1, 8)]


def test_learning_rate_schedule_of_a_run_that_time_limits_is_told_an_estimate():
    calls = []
    settings = {"LearningRateSchedule": lambda *call: calls.append(call) or 1}
    results = quiet(
        linear(), (X, Y), All, BatchSize=5, MaxTrainingRounds=Quantity(0.3, "Seconds"), Method=("SGD", settings)
    )
    assert [batch for batch, _ in calls] == list(range(1, results["TotalBatches"] + 1))
    assert all(total >= batch for batch, total in calls) and calls[0] == (1, 5)
    assert 0.5 < calls[-1][1] / results["TotalBatches"] < 2


@pytest.mark.parametrize(
    ("whole", "done", "elapsed", "total"),
    [(False, 0, 0.0, 7), (False, 10, 1.0, 100), (False, 200, 9.9, 202), (True, 10, 1.0, 98), (True, 98, 9.9, 105), (True, 0, 0.0, 7)],
)  # fmt: skip
def test_the_total_of_a_run_of_ten_seconds_and_rounds_of_seven_batches(whole, done, elapsed, total):
    assert Duration(seconds=10.0, whole_rounds=whole).total_batches(7, done, elapsed) == total


def test_the_shorter_of_rounds_and_time_is_the_total():
    assert Duration(rounds=3, seconds=10.0).total_batches(7, 10, 1.0) == 21
    assert Duration(rounds=300, seconds=10.0).total_batches(7, 10, 1.0) == 100


AT_MOST_HALF = "LearningRateSchedule(1, 7) must give a number from 0 to 1, the share of the learning rate, but gave "
ITS_HINT = "\n  hint: it gets the batch, counted from 1, and their number; the base rate is 0.001"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.5, AT_MOST_HALF + "1.5" + ITS_HINT),
        (-0.1, AT_MOST_HALF + "-0.1" + ITS_HINT),
        (math.nan, AT_MOST_HALF + "nan" + ITS_HINT),
        (None, AT_MOST_HALF + "None" + ITS_HINT),
        (True, AT_MOST_HALF + "True" + ITS_HINT),
        ("1", AT_MOST_HALF + '"1"' + ITS_HINT),
        (np.ones(2), AT_MOST_HALF + "Array(2)" + ITS_HINT),
    ],
)
def test_a_schedule_that_gives_no_share_is_refused(share, text):
    with pytest.raises(NetError) as caught:
        quiet(linear(), Method=("ADAM", {"LearningRateSchedule": lambda batch, total: share}))
    assert str(caught.value) == text


def test_a_schedule_that_fails_is_refused():
    with pytest.raises(NetError) as caught:
        quiet(linear(), Method=("ADAM", {"LearningRateSchedule": lambda batch, total: 1 / (batch - 1)}))
    assert str(caught.value) == "LearningRateSchedule(1, 7) failed: ZeroDivisionError: division by zero"


def test_a_schedule_that_fails_later_leaves_the_net_so_far():
    settings = {"LearningRateSchedule": lambda batch, total: 1 if batch < 4 else 2}
    with pytest.warns(NetWarning) as caught:
        results = quiet(linear(), (X, Y), All, Method=("SGD", settings))
    reason = "LearningRateSchedule(4, 7) must give a number from 0 to 1, the share of the learning rate, but gave 2"
    assert str(caught[0].message) == f"training stopped early: {reason}; the best net so far is returned"
    assert results["ReasonTrainingStopped"] == reason and results["TotalBatches"] == 3
    assert results["TrainedNet"] == quiet(linear(), Method="SGD", MaxTrainingRounds=3)


@pytest.mark.parametrize("name", METHODS)
def test_a_resumed_run_with_schedule_clipping_and_turns_is_the_unbroken_one(name, tmp_path):
    def falling(batch, total):
        if batch == 8 and not broken:
            broken.append(batch)
            raise KeyboardInterrupt
        return 1 - 0.9 * batch / total

    file, broken = tmp_path / "run.safetensors", [0]
    settings = {**EVERYTHING, "LearningRateSchedule": falling}
    net = NetInitialize(NetChain([7, "Tanh", 3], Input=5), RandomSeeding=1)
    options = {
        "Method": (name, settings),
        "BatchSize": 5,
        "MaxTrainingRounds": 3,
        "TrainingUpdateSchedule": [{1: 2}, "_"],
    }
    whole = quiet(net, (X, Y), All, **options)
    broken.clear()
    often = ("File", file, {"Interval": Quantity(1, "Batches")})
    results = quiet(net, (X, Y), All, TrainingProgressCheckpointing=often, **options)
    assert results["ReasonTrainingStopped"] == "interrupted" and results["TotalBatches"] == 7
    resumed = NetTrain(file, (X, Y), All, Method=options["Method"])
    assert resumed["TrainedNet"] == whole["TrainedNet"]
    assert resumed["BatchLossList"] == whole["BatchLossList"]


# --- what is refused


NUMBER = 'must be a number, or rules such as {"conv": 0, (3, "Biases"): 2, "_": 1}'
LIMIT = 'must be a positive number, ("Norm", positive number), or None, got '


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("ADMA", "Method must be one of ADAM, RMSProp, SGD, SignSGD, got 'ADMA'\n  hint: did you mean ADAM?"),
        (3, "Method must be one of ADAM, RMSProp, SGD, SignSGD, got 3\n  hint: there are ADAM, RMSProp, SGD, SignSGD"),
        (("SGD", 3), "the sub-options of Method 'SGD' must be a dict, got 3"),
        (("SGD", {"Beta1": 0.9}), "'Beta1' is not a sub-option of Method 'SGD'\n  hint: there are Momentum, LearningRate, "
         "LearningRateSchedule, L2Regularization, GradientClipping, WeightClipping"),
        (("SignSGD", {"Momentm": 0.9}), "'Momentm' is not a sub-option of Method 'SignSGD'\n  hint: did you mean Momentum?"),
        (("ADAM", {"Beta1": 1}), "Beta1 must be a number from 0 up to, not including, 1, got 1"),
        (("ADAM", {"Beta2": -0.1}), "Beta2 must be a number from 0 up to, not including, 1, got -0.1"),
        (("RMSProp", {"Beta": "x"}), 'Beta must be a number from 0 up to, not including, 1, got "x"'),
        (("SGD", {"Momentum": True}), "Momentum must be a number from 0 up to, not including, 1, got True"),
        (("SGD", {"Momentum": None}), "Momentum must be a number from 0 up to, not including, 1, got None"),
        (("RMSProp", {"Epsilon": 0}), "Epsilon must be a positive number, got 0"),
        (("ADAM", {"Epsilon": math.inf}), "Epsilon must be a positive number, got inf"),
        (("ADAM", {"LearningRate": -1}), "LearningRate must be a number of 0 or more, got -1"),
        (("ADAM", {"LearningRate": math.nan}), "LearningRate must be a number of 0 or more, got nan"),
        (("ADAM", {"LearningRateSchedule": 0.5}), "LearningRateSchedule must be a function, or Automatic for a rate that "
         "stays, got 0.5\n  hint: write lambda batch, total: 1 - batch / total"),
        (("ADAM", {"L2Regularization": -1}), "L2Regularization must be a number of 0 or more, or None, got -1"),
        (("ADAM", {"L2Regularization": math.inf}), "L2Regularization must be a number of 0 or more, or None, got inf"),
        (("ADAM", {"L2Regularization": "x"}), f"L2Regularization {NUMBER}"),
        (("ADAM", {"GradientClipping": 0}), f"GradientClipping {LIMIT}0\n  hint: LearningRateMultipliers with 0 keeps arrays as they are"),
        (("ADAM", {"GradientClipping": -2}), f"GradientClipping {LIMIT}-2"),
        (("ADAM", {"GradientClipping": math.nan}), f"GradientClipping {LIMIT}nan"),
        (("ADAM", {"GradientClipping": ("Norm", -2)}), f'GradientClipping {LIMIT}("Norm", -2)'),
        (("ADAM", {"GradientClipping": ("Nrm", 2)}), 'NetTrain: GradientClipping names "Nrm", which is no part of the layer\n'
         "  hint: there are Weights, Biases"),
        (("ADAM", {"WeightClipping": True}), f"WeightClipping {NUMBER}"),
        (("ADAM", {"WeightClipping": {"Weights": "x"}}), "WeightClipping must give each part a number or None, not 'x' to 'Weights'"),
        (("ADAM", {"WeightClipping": {"Wieghts": 1}}), 'NetTrain: WeightClipping names "Wieghts", which is no part of the layer\n'
         "  hint: did you mean Weights?"),
        (("ADAM", {"WeightClipping": {1.5: 1}}), "WeightClipping must name layers and arrays; 1.5 is neither a name, a "
         "position, a span nor a NetArray"),
    ],
    ids=repr,
)  # fmt: skip
def test_a_bad_method_is_refused(method, text):
    with pytest.raises(NetError) as caught:
        quiet(linear(), Method=method)
    assert str(caught.value) == text


def test_a_rule_that_names_no_layer_says_the_nearest():
    net = NetChain({"enc": 7, "t": "Tanh", "dec": 3}, Input=5)
    with pytest.raises(NetError) as caught:
        quiet(net, Method=("ADAM", {"L2Regularization": {("enc", "Weigths"): 1}}))
    assert str(caught.value) == (
        'NetTrain: L2Regularization names ("enc", "Weigths"), which is no part of the net\n  hint: did you mean Weights?'
    )
    with pytest.raises(NetError) as caught:
        quiet(net, Method=("ADAM", {"GradientClipping": {4: 1}}))
    assert str(caught.value) == (
        "NetTrain: GradientClipping names 4, which is no part of the net\n"
        "  hint: positions count from 1 to 3, or from -1 to -3 from the end"
    )


def test_a_rule_that_earlier_ones_hide_is_warned_of():
    with pytest.warns(NetWarning) as caught:
        quiet(linear(), Method=("ADAM", {"GradientClipping": {"_": 1, "Biases": 3}}))
    assert [str(each.message) for each in caught] == [
        'GradientClipping: NetTrain: {"Biases": 3.0} is never used: earlier rules reach all of it'
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quiet(linear(), Method=("ADAM", {"GradientClipping": {"Biases": 3, "_": 1}}))


# --- what the plan says


def test_the_plan_prints_the_method_with_its_sub_options_schedule_and_clipping():
    def warm_up(batch, total):
        return min(1, batch / 10)

    settings = {
        "Momentum": 0.5, "LearningRateSchedule": warm_up, "L2Regularization": 0.01,
        "GradientClipping": ("Norm", 2), "WeightClipping": {"Weights": 0.5},
    }  # fmt: skip
    plan = str(quiet(linear(), (X, Y), "TrainingPlan", Method=("SGD", settings), LearningRateMultipliers={"Biases": 0}))
    assert re.search(r"^method: .*$", plan, re.M)[0] == (
        "method: SGD (Momentum 0.5), learning rate 0.01 times LearningRateSchedule warm_up, L2Regularization 0.01, "
        'GradientClipping ("Norm", 2.0), WeightClipping {"Weights": 0.5}'
    )
    weights, biases = re.findall(r"^  (?:Weights|Biases) .*$", plan, re.M)
    assert weights == (
        "  Weights (3×5): descends at 1×, by no rule, L2 0.01, gradient of norm 2 at most, weights within ±0.5"
    )
    assert biases == '  Biases (3): frozen, by NetTrain: {"Biases": 0}'
