"""TrainingUpdateSchedule: which arrays each step changes, how steps go round, and what stays as it is."""

import re

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    All,
    Alternatives,
    Automatic,
    BatchNormalizationLayer,
    LinearLayer,
    MeanSquaredLossLayer,
    NetArray,
    NetChain,
    NetError,
    NetExtract,
    NetGANOperator,
    NetGraph,
    NetInitialize,
    NetPort,
    NetTrain,
)

X, Y = example(23, 5), example(23, 3, seed=1)
NET = NetInitialize(NetChain({"a": 7, "t": "Tanh", "b": NetChain([2, 3])}, Input=5), RandomSeeding=3)
PLACES = {
    "aW": ("a", "Weights"), "aB": ("a", "Biases"), "1W": ("b", 1, "Weights"), "1B": ("b", 1, "Biases"),
    "2W": ("b", 2, "Weights"), "2B": ("b", 2, "Biases"),
}  # fmt: skip


def quiet(net, data=(X, Y), *prop, **options):
    standing = {"MaxTrainingRounds": 1, "BatchSize": 23, "RandomSeeding": 7, "TrainingProgressReporting": None}
    return NetTrain(net, data, *prop, **{**standing, **options})


def changed(schedule, steps, net=NET, places=PLACES, **options):
    """Which arrays the last of so many steps changed, by short name."""
    before = net if steps == 1 else quiet(net, MaxTrainingRounds=steps - 1, TrainingUpdateSchedule=schedule, **options)
    after = quiet(net, MaxTrainingRounds=steps, TrainingUpdateSchedule=schedule, **options)
    bits = lambda net, place: NetExtract(net, place).tobytes()
    return " ".join(name for name, place in places.items() if bits(before, place) != bits(after, place))


# --- the forms of an entry, by the words of the reference


def test_automatic_updates_all_arrays_each_step():
    assert changed(Automatic, 1) == changed(Automatic, 2) == "aW aB 1W 1B 2W 2B"
    assert quiet(NET, TrainingUpdateSchedule=Automatic) == quiet(NET)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("a", "aW aB"),
        ("b", "1W 1B 2W 2B"),
        (1, "aW aB"),
        (-1, "1W 1B 2W 2B"),
        ("2;;3", "1W 1B 2W 2B"),
        (("b", "Biases"), None),
        (("a", "Weights"), "aW"),
        (("b", "_", "Weights"), "1W 2W"),
        (("b", -1), "2W 2B"),
        ({("b", 1): 1}, "1W 1B"),
        (["a", ("b", 1, "Weights")], "aW aB 1W"),
        ([("a", "Biases"), ["b", 2, "Biases"]], "aB 2B"),
        (Alternatives("a", ("b", 2, "Biases")), "aW aB 2B"),
        ("Biases", "aB"),
        ("_", "aW aB 1W 1B 2W 2B"),
        (All, "aW aB 1W 1B 2W 2B"),
    ],
    ids=repr,
)
def test_a_group_may_be_layer_n_m_to_n_layer_array_path_list_alternatives_or_blank(group, expected):
    if expected is None:
        with pytest.raises(NetError, match="is no part of the net"):
            changed([group], 1)
    else:
        assert changed([group], 1) == expected


def test_step_k_updates_only_group_k_cycling():
    schedule = ["a", ("b", 1, "Biases"), "2;;3"]
    cycle = ["aW aB", "1B", "1W 1B 2W 2B"]
    assert [changed(schedule, k) for k in range(1, 8)] == [*cycle, *cycle, cycle[0]]


@pytest.mark.parametrize("schedule", [[{"a": 3}, ("b", 2)], [{"a": 3, "b": 2}], {"a": 3, "b": 2}], ids=repr)
def test_group_to_s_repeats_for_s_steps(schedule):
    a, b = "aW aB", "1W 1B 2W 2B"
    if schedule == [{"a": 3}, ("b", 2)]:
        with pytest.raises(NetError) as caught:
            changed(schedule, 1)
        assert str(caught.value) == (
            'TrainingUpdateSchedule: ("b", 2) is a path, and a part for 2 steps\n'
            '  hint: write {("b", 2): 1} for the path, {"b": 2} for the steps'
        )
    else:
        assert [changed(schedule, k) for k in range(1, 7)] == [a, a, a, b, b, a]


def test_a_pair_of_a_group_and_steps_that_is_no_path_is_steps():
    assert [changed([("a", 2), ("b", 3)], k) for k in range(1, 6)] == ["aW aB"] * 2 + ["1W 1B 2W 2B"] * 3
    assert [changed([(("b", "1;;2"), 2), "a"], k) for k in (1, 2, 3)] == ["1W 1B 2W 2B"] * 2 + ["aW aB"]


def test_a_subnet_means_all_inside():
    net = NetInitialize(NetChain({"in": NetChain({"deep": NetChain([2, 3])}), "out": 3}, Input=5))
    places = {"1": ("in", "deep", 1, "Weights"), "2": ("in", "deep", 2, "Biases"), "out": ("out", "Weights")}
    assert changed(["in", "out"], 1, net, places) == "1 2"
    assert changed(["in", "out"], 2, net, places) == "out"


def test_unlisted_arrays_stay_constant():
    held = np.array([-0.0, 3.0, -5.0], np.float32)
    net = NetInitialize(NetChain({"a": 3, "t": "Tanh", "b": LinearLayer(3, Biases=held)}, Input=5))
    settings = {"WeightClipping": 0.25, "L2Regularization": 0.5}
    trained = quiet(net, MaxTrainingRounds=5, TrainingUpdateSchedule=["a", ("b", "Weights")], Method=("ADAM", settings))
    assert NetExtract(trained, ("b", "Biases")).tobytes() == held.tobytes()
    assert np.abs(NetExtract(trained, ("a", "Weights"))).max() <= 0.25


def test_a_shared_array_follows_one_entry_the_first_that_reaches_it():
    shared = lambda: LinearLayer(5, Weights=NetArray("W", Array=example(5, 5)))
    net = NetInitialize(NetChain({"a": shared(), "t": "Tanh", "b": shared(), "c": 3}, Input=5))
    places = {"W": ("a", "Weights"), "aB": ("a", "Biases"), "bB": ("b", "Biases"), "cW": ("c", "Weights")}
    assert [changed(["b", "c", "a"], k, net, places) for k in (1, 2, 3, 4)] == ["W bB", "cW", "aB", "W bB"]
    assert [changed([NetArray("W"), "_"], k, net, places) for k in (1, 2)] == ["W", "aB bB cW"]


# --- arithmetic: memory, counts, restraints, directions


def arrays_of(net):
    return [NetExtract(net, name).astype(np.float64) for name in ("Weights", "Biases")]


def gradients(w, b):
    error = 2 * (X @ w.T + b - Y) / Y.size
    return [error.T @ X, error.sum(0)]


def adam_by_hand(net, members, rate):
    """ADAM in which step k changes the arrays members[k] alone: each has a count and a memory of its own."""
    arrays, counts, memory = arrays_of(net), [0, 0], [(0.0, 0.0), (0.0, 0.0)]
    for who in members:
        slopes = gradients(*arrays)
        for at in who:
            counts[at] += 1
            m, v = (d * old + (1 - d) * s for d, old, s in zip((0.9, 0.999), memory[at], (slopes[at], slopes[at] ** 2)))
            below = np.sqrt(v / (1 - 0.999 ** counts[at])) + 1e-5
            arrays[at] = arrays[at] - rate * m / (1 - 0.9 ** counts[at]) / below
            memory[at] = m, v
    return arrays


JAX = ("CPU", "JAX")


@pytest.mark.parametrize(
    ("schedule", "members", "device"),
    [
        (["Weights", "Biases"], [[0], [1], [0], [1], [0], [1], [0]], "CPU"),
        ([{"Biases": 2}, "Weights"], [[1], [1], [0], [1], [1], [0], [1]], "CPU"),
        ([{"Biases": 2}, "Weights"], [[1], [1], [0], [1], [1], [0], [1]], JAX),
        (["Weights", "_"], [[0], [0, 1], [0], [0, 1], [0], [0, 1], [0]], "CPU"),
        (["_", {"Biases": 3}], [[0, 1], [1], [1], [1], [0, 1], [1], [1]], "CPU"),
        (["_", {"Biases": 3}], [[0, 1], [1], [1], [1], [0, 1], [1], [1]], JAX),
        (["Weights"], [[0]] * 7, "CPU"),
    ],
    ids=repr,
)
def test_memory_and_counts_are_those_of_each_array(schedule, members, device):
    net = NetInitialize(LinearLayer(3, Input=5), RandomSeeding=3)
    options = {"LearningRate": 0.03, "MaxTrainingRounds": 7, "TargetDevice": device}
    trained = quiet(net, TrainingUpdateSchedule=schedule, **options)
    for got, expected in zip(arrays_of(trained), adam_by_hand(net, members, 0.03), strict=True):
        assert_close(got, expected, 3e-6)


@pytest.mark.parametrize("name", ["ADAM", "RMSProp", "SGD", "SignSGD"])
def test_an_array_rests_where_its_velocity_would_carry_it(name):
    net = NetInitialize(LinearLayer(3, Input=5), RandomSeeding=3)
    runs = [
        quiet(net, Method=name, MaxTrainingRounds=k, TrainingUpdateSchedule=["Weights", {"Biases": 3}])
        for k in (1, 4, 5)
    ]
    first, rested, again = (NetExtract(run, "Weights") for run in runs)
    assert np.array_equal(first, rested) and not np.array_equal(rested, again)


def test_clipping_by_norm_looks_at_the_arrays_of_the_step_alone():
    net = NetInitialize(LinearLayer(3, Input=5), RandomSeeding=3)
    settings = {"Momentum": 0, "GradientClipping": ("Norm", 1e-3)}
    trained = quiet(net, Method=("SGD", settings), LearningRate=1, TrainingUpdateSchedule=["Biases", "Weights"])
    change = NetExtract(trained, "Biases") - NetExtract(net, "Biases")
    assert np.linalg.norm(change) == pytest.approx(1e-3, rel=1e-3)


def test_a_weight_out_of_bounds_stays_until_its_turn():
    net = NetInitialize(LinearLayer(3, Input=5, Biases=[3.0, -5.0, 7.0]))
    options = {"Method": ("SGD", {"WeightClipping": 0.5}), "TrainingUpdateSchedule": ["Weights", "Biases"]}
    assert NetExtract(quiet(net, MaxTrainingRounds=1, **options), "Biases").tolist() == [3, -5, 7]
    assert np.abs(NetExtract(quiet(net, MaxTrainingRounds=2, **options), "Biases")).max() <= 0.5


def test_steps_are_counted_over_rounds_and_batches():
    schedule = ["a", "b", ("b", 2, "Weights")]
    assert changed(schedule, 2, BatchSize=5) == "aW aB 1W 1B 2W 2B"  # steps 6 to 10 of rounds of 5
    assert changed(schedule, 2, BatchSize=13) == "aW aB 2W"  # steps 3 and 4


@pytest.mark.parametrize("schedule", [[{"a": 2}, "_"], ["a", "b"]], ids=repr)
def test_a_batch_in_parts_goes_round_as_a_whole_one(schedule):
    settings = {"GradientClipping": ("Norm", 0.1), "L2Regularization": 0.1, "WeightClipping": 0.5}
    options = {"TrainingUpdateSchedule": schedule, "Method": ("RMSProp", settings), "MaxTrainingRounds": 3}
    one, other = quiet(NET, **options), quiet(NET, MicroBatchSize=7, **options)
    for place in PLACES.values():
        assert_close(NetExtract(one, place), NetExtract(other, place), 2e-5)


def test_moving_statistics_follow_every_step_unless_their_layer_is_in_no_entry():
    net = NetInitialize(NetChain({"a": 7, "n": BatchNormalizationLayer(), "c": 3}, Input=5))
    places = {"mean": ("n", "MovingMean"), "scaling": ("n", "Scaling"), "cB": ("c", "Biases")}
    assert [changed(["n", "c"], k, net, places) for k in (1, 2)] == ["mean scaling", "mean cB"]
    assert [changed(["a", "c"], k, net, places) for k in (1, 2)] == ["", "cB"]


def test_an_array_of_an_attached_loss_follows_an_entry_for_anything():
    vertices = {"s": LinearLayer(3, Biases=None), "m": MeanSquaredLossLayer()}
    loss = NetGraph(vertices, [(NetPort("Input"), "s"), ("s", NetPort("m", "Input"))])
    inner = lambda results: NetExtract(results["TrainingNet"], ("OutputLoss", "s", "Weights"))
    runs = [
        quiet(NET, (X, Y), All, LossFunction=loss, TrainingUpdateSchedule=each, LearningRate=rate)
        for each, rate in ((["a", "b"], 0.001), (["a", "b"], 0), (["_"], 0.001))
    ]
    assert np.array_equal(inner(runs[0]), inner(runs[1])) and not np.array_equal(inner(runs[0]), inner(runs[2]))
    assert "OutputLoss/s/Weights (3×3): frozen, by TrainingUpdateSchedule, which leaves it out" in str(
        runs[0]["TrainingPlan"]
    )


# --- adversaries


def adversaries():
    generator, discriminator = NetChain([7, "Tanh", 5]), NetChain([11, "Tanh", LinearLayer(())])
    return NetInitialize(NetGANOperator([generator, discriminator], "Wasserstein", Sample=5, Latent=2), RandomSeeding=1)


SAMPLES = {"Sample": X, "Latent": example(23, 2, seed=2)}
GAN_PLACES = {"D": ("Discriminator", 1, "Weights"), "G": ("Generator", 1, "Weights"), "G3": ("Generator", 3, "Biases")}


def test_net_gan_operator_with_discriminator_then_generator():
    schedule = ["Discriminator", "Generator"]
    bits = lambda net: [NetExtract(net, place).tobytes() for place in GAN_PLACES.values()]
    nets = [adversaries()]
    for k in range(1, 5):
        nets.append(quiet(adversaries(), SAMPLES, MaxTrainingRounds=k, TrainingUpdateSchedule=schedule))
    moved = [[one != other for one, other in zip(bits(a), bits(b))] for a, b in zip(nets, nets[1:])]
    assert moved == [[True, False, False], [False, True, True]] * 2


def test_net_gan_operator_each_step_is_that_of_training_one_of_the_two():
    options = {"Method": ("SGD", {"Momentum": 0}), "LearningRate": 0.1}
    schedule = [{"Discriminator": 2}, "Generator"]
    scheduled = quiet(adversaries(), SAMPLES, MaxTrainingRounds=3, TrainingUpdateSchedule=schedule, **options)
    one = quiet(adversaries(), SAMPLES, MaxTrainingRounds=2, LearningRateMultipliers={"Generator": 0}, **options)
    # a rule of NetTrain says the size alone: the operator's direction, against the loss, holds for the generator
    both = quiet(one, SAMPLES, LearningRateMultipliers={"Discriminator": 0}, **options)
    for place in GAN_PLACES.values():
        assert_close(NetExtract(scheduled, place), NetExtract(both, place), 1e-5)
    fake = lambda net: net(SAMPLES)["LossFake"].mean()
    assert fake(both) > fake(one)


def test_a_discriminator_with_clipped_weights_and_more_steps_than_the_generator():
    rules = {("Discriminator", "_", "Weights"): 0.05}
    options = {"Method": ("RMSProp", {"WeightClipping": rules}), "MaxTrainingRounds": 7, "LearningRate": 0.01}
    trained = quiet(adversaries(), SAMPLES, TrainingUpdateSchedule={"Discriminator": 5, "Generator": 1}, **options)
    assert np.abs(NetExtract(trained, ("Discriminator", 1, "Weights"))).max() == np.float32(0.05)
    assert np.abs(NetExtract(trained, ("Generator", 1, "Weights"))).max() > 0.2


# --- what the plan says, and what is refused


def test_the_plan_prints_the_schedule():
    plan = str(quiet(NET, (X, Y), "TrainingPlan", TrainingUpdateSchedule=[{"a": 2}, ("b", "_", "Weights")]))
    assert re.search(r"^updates: .*$", plan, re.M)[0] == (
        'updates: "a" for 2 steps (2 arrays), then ("b", "_", "Weights") (2 arrays), and again'
    )
    assert "  b/1/Biases (2): frozen, by TrainingUpdateSchedule, which leaves it out" in plan.splitlines()
    assert "updates" not in str(quiet(NET, (X, Y), "TrainingPlan"))
    alone = str(quiet(NET, (X, Y), "TrainingPlan", TrainingUpdateSchedule=[("a", "Biases")]))
    assert 'updates: ("a", "Biases") (1 array)' in alone.splitlines()


WRITE = '\n  hint: write ["Discriminator", "Generator"] or [{"Discriminator": 5}, "Generator"]'
A_LIST = "TrainingUpdateSchedule must be Automatic or a list of parts of the net, got "
STEPS = 'TrainingUpdateSchedule: "a" must have a positive whole number of steps, got '


@pytest.mark.parametrize(
    ("schedule", "text"),
    [
        ("a", A_LIST + '"a"' + WRITE),
        (("a", "b"), A_LIST + '("a", "b")' + WRITE),
        (None, A_LIST + "None" + WRITE),
        ([], A_LIST + "[]" + WRITE),
        ({}, A_LIST + "{}" + WRITE),
        ([[]], "TrainingUpdateSchedule: an entry names no part of the net" + WRITE),
        ([None], "TrainingUpdateSchedule must name layers and arrays; None is neither a name, a position, a span nor a "
         "NetArray" + WRITE),
        (["1;;x"], "TrainingUpdateSchedule a span of whole numbers such as \"2;;4\" or \"2;;All\", not '1;;x'" + WRITE),
        ([{"a": 0}], STEPS + "0"),
        ([{"a": 1.5}], STEPS + "1.5"),
        ([{"a": True}], STEPS + "True"),
        ([{"a": "b"}], STEPS + '"b"'),
        (["_a"], 'TrainingUpdateSchedule names "_a", which is no part of the net\n  hint: did you mean a?'),
        ([("a", "Wieghts")], 'TrainingUpdateSchedule names ("a", "Wieghts"), which is no part of the net\n  hint: did you mean Weights?'),
        ([("c", 2)], 'TrainingUpdateSchedule names "c", which is no part of the net\n  hint: there are a, t, b, Weights, Biases'),
        ([4], "TrainingUpdateSchedule names 4, which is no part of the net\n  hint: positions count from 1 to 3, or from -1 to -3 from the end"),
        (["a", "t"], 'TrainingUpdateSchedule: "t" holds no array that learns\n  hint: name parts with weights'),
    ],
    ids=repr,
)  # fmt: skip
def test_a_bad_schedule_is_refused(schedule, text):
    with pytest.raises(NetError) as caught:
        quiet(NET, TrainingUpdateSchedule=schedule)
    assert str(caught.value) == text


def test_an_entry_of_frozen_arrays_alone_is_refused():
    with pytest.raises(NetError) as caught:
        quiet(NET, TrainingUpdateSchedule=["a", "b"], LearningRateMultipliers={"b": 0})
    assert str(caught.value) == (
        'TrainingUpdateSchedule: "b" holds only arrays that LearningRateMultipliers freeze\n  hint: leave the entry out'
    )


def test_an_entry_of_a_shared_array_that_an_earlier_one_changes_is_refused():
    shared = lambda: LinearLayer(5, Weights=NetArray("W", Array=example(5, 5)), Biases=None)
    net = NetChain({"a": shared(), "t": "Tanh", "b": shared(), "c": 3}, Input=5)
    with pytest.raises(NetError) as caught:
        quiet(net, TrainingUpdateSchedule=["a", "b", "c"])
    assert str(caught.value) == (
        'TrainingUpdateSchedule: "b" holds only shared arrays that an earlier entry changes\n'
        "  hint: a shared array follows its first entry"
    )
