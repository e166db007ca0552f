"""CTC against the definition: the sum over every path, written out; and against differences."""

import itertools
import math
from functools import cache

import numpy as np
import pytest

from tests.examples import assert_close
from wlnet import CTCLossLayer, LinearLayer, NetChain, NetError, NetTrain, Restricted, SoftmaxLayer
from wlnet.backends import backend

SMALLEST = 1.1754943508222875e-38


def probability(p, target):
    """The sum over all paths that spell the target (classes from 0, the last one blank), by enumeration."""
    steps, classes = p.shape
    total = 0.0
    for path in itertools.product(range(classes), repeat=steps):
        merged = [label for label, _ in itertools.groupby(path)]
        if [label for label in merged if label != classes - 1] == list(target):
            total += math.prod(p[t, label] for t, label in enumerate(path))
    return total


def loss_and_gradient(p, target, steps, sizes, weights, engine="NumPy", precision="float64"):
    """The losses of a batch, and the gradient of their weighted sum."""
    run, engine = losses_on(engine, precision), backend(engine)
    given = map(engine.array, (target, steps, sizes, np.asarray(weights, precision)))
    aux, gradients = run({"p": engine.array(np.asarray(p, precision))}, *given)
    return engine.numpy(aux["losses"]), engine.numpy(gradients["p"])


@cache
def losses_on(engine, precision):
    """What computes both on a backend, compiled once for each size of a batch."""
    engine = backend(engine)

    def total(leaves, target, steps, sizes, weights):
        xp = engine.context(precision=precision)
        losses = xp.ctc(leaves["p"], target, steps, sizes)
        return xp.sum(losses * weights), {"losses": losses}

    return engine.compile(lambda leaves, *given: engine.value_and_gradient(total, leaves, *given)[1:])


def batch(seed, examples=3, steps=6, classes=4, length=3):
    """Probabilities, targets from 0, and true lengths of both; among three labels, neighbours are often equal."""
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.ones(classes), (examples, steps))
    target = random.integers(0, classes - 1, (examples, length))
    sizes = random.integers(1, length + 1, examples)
    return p, target, random.integers(2 * length - 1, steps + 1, examples), sizes, random.uniform(0.5, 1.5, examples)


@pytest.mark.parametrize("engine", ["NumPy", "JAX"])
@pytest.mark.parametrize("seed", range(5))
def test_the_loss_is_the_sum_over_all_paths(seed, engine):
    p, target, steps, sizes, weights = batch(seed, classes=3 + seed % 2)
    losses, _ = loss_and_gradient(p, target, steps, sizes, weights, engine)
    for k, loss in enumerate(losses):
        assert loss == pytest.approx(-math.log(probability(p[k, : steps[k]], target[k, : sizes[k]])), rel=1e-12)


@pytest.mark.parametrize("target", [[0, 0], [1, 1, 1], [0, 1, 1], [0, 1, 0], [2], [0, 0, 1]])
def test_repeated_labels_need_a_blank_between(target):
    p = batch(7, steps=7)[0][:1]
    losses, _ = loss_and_gradient(p, np.array([target]), np.array([7]), np.array([len(target)]), [1.0])
    assert losses[0] == pytest.approx(-math.log(probability(p[0], target)), rel=1e-12)


def test_an_empty_target_is_all_blanks():
    p, target, steps, _, weights = batch(11)
    losses, gradient = loss_and_gradient(p, target, steps, np.zeros(3, int), weights)
    for k in range(3):
        blanks = p[k, : steps[k], -1]
        assert losses[k] == pytest.approx(-np.log(blanks).sum(), rel=1e-12)
        np.testing.assert_allclose(gradient[k, : steps[k], -1], -weights[k] / blanks, rtol=1e-12)
        assert not gradient[k, :, :-1].any()


@pytest.mark.parametrize("seed", range(20, 25))
def test_the_gradient_agrees_with_differences(seed):
    p, target, steps, sizes, weights = batch(seed, steps=11, length=5)
    _, gradient = loss_and_gradient(p, target, steps, sizes, weights)
    direction = np.random.default_rng(seed).normal(size=p.shape)
    ends = [loss_and_gradient(p + sign * 1e-6 * direction, target, steps, sizes, weights)[0] for sign in (1, -1)]
    assert np.sum(gradient * direction) == pytest.approx((ends[0] - ends[1]) @ weights / 2e-6, rel=1e-6)


def test_padding_of_input_and_target_has_no_part():
    p, target, steps, sizes, weights = batch(31)
    losses, gradient = loss_and_gradient(p, target, steps, sizes, weights)
    noise, other = p.copy(), target.copy()
    for k in range(3):
        noise[k, steps[k] :], other[k, sizes[k] :] = 0.123, 1
    again, same = loss_and_gradient(noise, other, steps, sizes, weights)
    np.testing.assert_array_equal(losses, again)
    for k in range(3):
        assert not gradient[k, steps[k] :].any()
        np.testing.assert_array_equal(gradient[k, : steps[k]], same[k, : steps[k]])


@pytest.mark.parametrize("engine", ["NumPy", "JAX"])
def test_a_thousand_steps_with_probabilities_down_to_0_stay_finite_and_exact(engine):
    random = np.random.default_rng(3)
    p = random.dirichlet(np.full(7, 0.1), (2, 1000)).astype("float32")
    p[:, ::3, 0] = 0  # and most others are small
    target, steps, sizes = random.integers(0, 6, (2, 31)), np.array([1000, 997]), np.array([31, 29])
    losses, gradient = loss_and_gradient(p, target, steps, sizes, [1.0, 1.0], engine, "float32")
    exact, slopes = loss_and_gradient(p, target, steps, sizes, [1.0, 1.0])
    assert losses.dtype == gradient.dtype == np.float32
    assert np.isfinite(gradient).all()
    np.testing.assert_allclose(losses, exact, rtol=1e-5)
    np.testing.assert_allclose(gradient * p, slopes * p, atol=2e-3)  # shares of paths, from 0 to 1


@pytest.mark.parametrize("engine", ["NumPy", "JAX"])
def test_an_impossible_target_costs_87_a_step_and_has_slope_0(engine):
    p = batch(5)[0][:2, :3]
    losses, gradient = loss_and_gradient(
        p, np.array([[1, 1], [1, 0]]), np.array([2, 2]), np.array([2, 2]), [1, 1], engine
    )
    assert losses[0] == pytest.approx(-2 * math.log(SMALLEST))
    assert losses[1] == pytest.approx(-math.log(p[1, 0, 1] * p[1, 1, 0]))
    assert not gradient[0].any()
    assert gradient[1, 0, 1] == pytest.approx(-1 / p[1, 0, 1])


@pytest.mark.parametrize("engine", ["NumPy", "JAX"])
def test_a_path_of_probability_0_is_finite(engine):
    p = np.array([[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.5, 0.5]]])
    losses, gradient = loss_and_gradient(p, np.array([[0], [0]]), np.array([1, 2]), np.array([1, 1]), [1, 1], engine)
    np.testing.assert_allclose(losses, [0, math.log(2)], atol=1e-12)
    assert np.isfinite(gradient).all()
    backwards, all_steps = p[:, :, ::-1], np.array([2, 2])
    never, slopes = loss_and_gradient(backwards, np.array([[0], [0]]), all_steps, np.array([1, 1]), [1, 1], engine)
    assert never[0] == pytest.approx(-math.log(2 * SMALLEST))  # label and blank, in either order; label twice is less
    assert np.isfinite(slopes).all()


def test_the_layer_takes_classes_from_1_and_sequences_of_any_length():
    p, target, steps, sizes, _ = batch(41)
    layer = CTCLossLayer(Input=("Varying", 4), Target="Varying")
    inputs = [p[k, : steps[k]] for k in range(3)]
    targets = [target[k, : sizes[k]] + 1 for k in range(3)]
    expected = [-math.log(probability(x, y - 1)) for x, y in zip(inputs, targets, strict=True)]
    assert_close(layer({"Input": inputs, "Target": targets}), expected)
    assert_close(layer({"Input": inputs[1], "Target": targets[1]}), expected[1])


def test_classes_are_one_more_than_labels():
    labels = Restricted("Integer", 5)
    assert CTCLossLayer(Target=(3, labels)).shapes["Input"][1] == 6
    assert str(CTCLossLayer(Input=(7, 6), Target=3).plan.types[(), "Target"]) == "integers up to 5"


def test_a_net_learns_a_sequence():
    x = np.eye(5, dtype="float32")[None]
    net = NetTrain(
        NetChain([LinearLayer((5, 3)), SoftmaxLayer()], Input=(5, 5)),
        {"Input": x, "Output": [[1, 2, 2]]},
        LossFunction=CTCLossLayer(),
        MaxTrainingRounds=200,
        LearningRate=0.05,
        RandomSeeding=3,
        TrainingProgressReporting=None,
    )
    path = [label for label, _ in itertools.groupby(net(x[0]).argmax(1) + 1)]
    assert [label for label in path if label != 3] == [1, 2, 2]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: CTCLossLayer(Input=(3, 4), Target=5),
            "CTCLossLayer: the length of Input less that of Target must be at least 0, not -2 "
            "(Input is 3×4, as given; Target is 5, as given)",
        ),
        (
            lambda: CTCLossLayer(Input=("Varying", 2), Target="Varying")(
                {"Input": [[[0.5, 0.5]] * 2] * 2, "Target": [[1], [1, 1, 1]]}
            ),
            "CTCLossLayer: the length of Input less that of Target must be at least 0, not -1\n"
            "  hint: give longer sequences",
        ),
        (
            lambda: CTCLossLayer(Input=(3, 1)),
            "CTCLossLayer: Input has one class, which is the blank (Input is 3×1, as given; Target is ?)\n"
            "  hint: give a class more than the target has",
        ),
        (lambda: CTCLossLayer(Input=3), "CTCLossLayer takes Input of shape ?×?, but Input is given as 3"),
        (
            lambda: CTCLossLayer(Input=(7, 4), Target=(3, Restricted("Integer", 4))),
            "CTCLossLayer takes Target of shape 3, where labels is 4, but the rest makes labels 3 "
            "(Input is 7×4, as given)",
        ),
        (
            lambda: CTCLossLayer()({"Input": [[0.2, 0.3, 0.5]] * 2, "Target": [3]}),
            "Target takes integers up to 2, but the data hold 3 (example 1)\n  hint: the largest is 2",
        ),
        (
            lambda: CTCLossLayer()({"Input": [[0.2, 0.3, 0.5]] * 2, "Target": [1.5]}),
            "Target takes integers, but the data hold 1.5",
        ),
    ],
)
def test_errors(make, text):
    with pytest.raises(NetError) as error:
        make()
    assert str(error.value) == text
