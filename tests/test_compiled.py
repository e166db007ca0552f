"""CompiledLayer: functions of the user's, their gradients, one example or a batch, on both backends."""

import pickle
from typing import Annotated

import numpy as np
import pytest

from tests.examples import assert_close, example
from tests.lawful_losses import centred, centred_slope, softened, softened_slope, summed
from wlnet import CompiledLayer, NetChain, NetError, NetTrain, Tanh
from wlnet.backends import backend

DEVICES = ["CPU", ("CPU", "JAX")]


def slope_of(layer, x, g, engine="NumPy", compiled=False):
    """The layer's gradient of the input for one of the output, for a batch."""
    engine = backend(engine)

    def total(leaves):
        xp = engine.context(precision="float64", dims=layer.plan.words)
        return xp.sum(layer.run(xp, {}, {"Input": leaves["x"]}, ())[0]["Output"] * xp.asarray(g)), None

    run = (engine.compile if compiled else lambda f: f)(lambda leaves: engine.value_and_gradient(total, leaves)[2])
    return engine.numpy(run({"x": engine.array(x)})["x"])


def test_an_elementwise_function_is_recorded_and_prints():
    layer = CompiledLayer(lambda x: x * np.tanh(x))
    assert repr(layer) == "CompiledLayer(lambda x: x * Tanh(x))"
    assert layer == eval(repr(layer)) and pickle.loads(pickle.dumps(layer)) == layer
    x = example(3, 5)
    assert_close(CompiledLayer(lambda x: x * np.tanh(x), Input=(3, 5))(x), x * np.tanh(x))
    assert repr(CompiledLayer(Tanh, None)) == "CompiledLayer(lambda x: Tanh(x), None)"


def test_a_function_of_arrays_stays_what_it_is():
    layer = CompiledLayer(softened, softened_slope, Input=5, Output=6)
    assert repr(layer) == "CompiledLayer(softened, softened_slope, Input=5, Output=6)"
    assert pickle.loads(pickle.dumps(layer)) == layer
    x = example(5)
    p = np.exp(x) / np.exp(x).sum()
    assert_close(layer(x), [*p, 2 * x[0]])


@pytest.mark.parametrize("device", DEVICES, ids=str)
def test_it_runs_in_numpy_form_on_both_backends(device):
    seen = []

    def sorted_rows(x):
        seen.append(type(x))
        return np.sort(x)

    x = example(3, 5)
    assert_close(CompiledLayer(sorted_rows, Input=5, Output=5)(x, TargetDevice=device), np.sort(x, 1))
    assert seen[-3:] == [np.ndarray] * 3


@pytest.mark.parametrize("engine", ["NumPy", "JAX"])
@pytest.mark.parametrize("compiled", [False, True])
def test_automatic_gradients_are_those_given_by_hand(engine, compiled):
    x, g = example(3, 5).astype(float), example(3, 6, seed=2).astype(float)
    by_hand = np.stack([softened_slope(a, b, softened(a)) for a, b in zip(x, g, strict=True)])
    for gradient in (softened_slope, "Automatic"):
        given = () if gradient == "Automatic" else (gradient,)
        layer = CompiledLayer(softened, *given, Input=5, Output=6)
        np.testing.assert_allclose(slope_of(layer, x, g, engine, compiled), by_hand, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.stack([x[0], x[1:].sum(axis=0)]) @ np.ones((3, 2)),
        lambda x: (x.T @ x)[:2, 1:3],
        lambda x: np.where(x > 0, x, 0.1 * x)[:2, ::2],
        lambda x: np.concatenate([x[:1, :2], np.mean(x, axis=0)[None, 1:]]) ** 2,
        lambda x: sum(row[:2] * k for k, row in enumerate(x, start=1)) * np.ones((2, 1)),
        lambda x: np.linalg.norm(x) * x[:2, :2] if x.shape == (5, 3) else None,
        lambda x: np.sort(x.reshape(-1))[:4].reshape(2, 2) - len(x),
    ],
)
def test_plain_numpy_code_has_a_gradient(function):
    x, g = example(2, 5, 3).astype(float), example(2, 2, 2, seed=2).astype(float)
    layer = CompiledLayer(function, Input=(5, 3), Output=(2, 2))
    direction = example(2, 5, 3, seed=9)
    ends = [sum(np.sum(function(a) * b) for a, b in zip(x + s * 1e-6 * direction, g, strict=True)) for s in (1, -1)]
    assert np.sum(slope_of(layer, x, g) * direction) == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5)


def test_none_has_slope_0():
    x, g = example(3, 5).astype(float), np.ones((3, 5))
    for layer in (CompiledLayer(lambda x: x**3, None, Input=5), CompiledLayer(np.sort, None, Input=5, Output=5)):
        for engine in ("NumPy", "JAX"):
            np.testing.assert_array_equal(slope_of(layer, x, g, engine), np.zeros((3, 5)))


def test_the_annotated_rank_says_one_example_or_a_batch():
    shapes = []

    def note(x: Annotated[np.ndarray, 2]):
        shapes.append(x.shape)
        return x.cumsum(1)

    def typed(x: np.ndarray[tuple[int], np.dtype[np.float64]]):
        shapes.append(x.shape)
        return x.cumsum()

    x = example(3, 5)
    assert_close(CompiledLayer(note, Input=5, Output=5)(x), x.cumsum(1))
    assert_close(CompiledLayer(note, Input=(3, 5), Output=(3, 5))(x), x.cumsum(1))
    assert_close(CompiledLayer(typed, Input=5, Output=5)(x), x.cumsum(1))
    assert shapes == [(3, 5), (3, 5), (5,), (5,), (5,)]
    g = example(2, 3, 5).astype(float)
    layer = CompiledLayer(centred, centred_slope, Input=(3, 5), Output=(3, 5))
    np.testing.assert_allclose(slope_of(layer, g, g), g - g.mean(2, keepdims=True))


def test_sequences_are_given_at_their_own_length():
    layer = CompiledLayer(summed, Input=("n", 3), Output=("n", 3))
    sequences = [example(5, 3), example(2, 3), example(7, 3)]
    for sequence, got in zip(sequences, layer(sequences), strict=True):
        assert_close(got, sequence.cumsum(0) / len(sequence))


@pytest.mark.parametrize("device", DEVICES, ids=str)
def test_a_net_learns_through_it(device):
    x = example(23, 5)
    target = x @ example(5, 5, seed=4)
    net = NetChain([5, CompiledLayer(lambda x: x[::-1] * 1.0, lambda x, g: g[::-1], Input=5, Output=5)], Input=5)
    trained = NetTrain(net, (x, target), MaxTrainingRounds=200, LearningRate=0.1, RandomSeeding=1, TargetDevice=device,
                       TrainingProgressReporting=None)  # fmt: skip
    assert np.mean((trained(x) - target) ** 2) < 0.05 * np.mean(target**2)


def fails(x):
    raise ValueError("boom")


def scribbles(x):
    x[0] = 1
    return x


def texts(x):
    return ["a"]


def by_number(x):
    return np.array([float(each) for each in x])


def batched(x: Annotated[np.ndarray, 2]):
    return x.cumsum(1)


def trained(function, *gradient, device="CPU"):
    layer = CompiledLayer(function, *gradient, Input=5, Output=5)
    return NetTrain(NetChain([5, layer], Input=5), (example(7, 5), example(7, 5)), MaxTrainingRounds=1,
                    TargetDevice=device, TrainingProgressReporting=None)  # fmt: skip


BY_HAND = "give its gradient, as in CompiledLayer(function, gradient), or None for a layer without one"
GRADIENT = (
    "CompiledLayer: gradient must be Automatic, None, or a function of the input, the output's gradient and, if it "
    "wants, the output, got "
)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: CompiledLayer(), "CompiledLayer needs function\n  hint: write CompiledLayer(function, …)"),
        (lambda: CompiledLayer("Tanh"), 'CompiledLayer: function must be a function of one array, got "Tanh"'),
        (lambda: CompiledLayer(softened, 3), f"{GRADIENT}3"),
        (
            lambda: CompiledLayer(softened, Input=3)([1, 2, 3]),
            "the shape of Output is not known (?)\n"
            "  hint: give it when the layer is made, as in Input=(3, 8), or give data that say it",
        ),
        (
            lambda: CompiledLayer(softened, Input=3, Output=3)([1, 2, 3]),
            "CompiledLayer: its function must give 3, but gave 4\n  hint: it gets one example; Output says the shape",
        ),
        (
            lambda: CompiledLayer(batched, Input=3, Output=2)([1, 2, 3]),
            "CompiledLayer: its function must give 1×2, but gave 1×3\n  hint: it gets the batch; Output says the shape",
        ),
        (
            lambda: CompiledLayer(texts, Input=3, Output=1)([1, 2, 3]),
            "CompiledLayer: its function must give an array of real numbers, but gave list",
        ),
        (
            lambda: CompiledLayer(fails, Input=3, Output=1)([1, 2, 3]),
            "CompiledLayer: its function failed: ValueError: boom",
        ),
        (
            lambda: CompiledLayer(scribbles, Input=3, Output=3)([1, 2, 3]),
            "CompiledLayer: its function failed: ValueError: assignment destination is read-only",
        ),
        (
            lambda: CompiledLayer(batched, Input=(2, 3, 5)),
            "CompiledLayer: its function takes an array of rank 2, but Input 2×3×5 is of rank 3 "
            "(Input is 2×3×5, as given)\n"
            "  hint: it takes one example, whose rank is that of Input, or a batch, whose rank is one more",
        ),
        (
            lambda: CompiledLayer(batched, Input="Varying"),
            "CompiledLayer: its function takes a batch, but sequences of varying length are no array "
            "(Input is Varying, as given)\n  hint: write it for one example",
        ),
        (
            lambda: CompiledLayer(np.sort, Input=3, Output="Varying"),
            "CompiledLayer: Output varies, but Input does not (Input is 3, as given)",
        ),
        (
            lambda: trained(by_number),
            "net/Net/2: CompiledLayer: its function cannot be differentiated: making a number of it has no gradient "
            f"here\n  hint: use NumPy's functions in place of math's; or {BY_HAND}",
        ),
        (
            lambda: trained(by_number, device=("CPU", "JAX")),
            "net/Net/2: CompiledLayer: its function cannot be differentiated: making a number of it has no gradient "
            f"here\n  hint: use NumPy's functions in place of math's; or {BY_HAND}",
        ),
        (
            lambda: trained(np.cumsum, lambda x, g: g[:2]),
            "net/Net/2: CompiledLayer: its gradient must give 5, but gave 2\n"
            "  hint: it gets one example; the gradient has the shape of the input",
        ),
        (
            lambda: trained(fails, lambda x, g: g, device=("CPU", "JAX")),
            "net/Net/2: CompiledLayer: its function failed: ValueError: boom",
        ),
        (
            lambda: trained(np.cumsum, fails_too),
            "net/Net/2: CompiledLayer: its gradient failed: KeyError: 'boom'",
        ),
    ],
)
def test_errors(make, text):
    with pytest.raises(NetError) as error:
        make()
    assert str(error.value) == text


def fails_too(x, g):
    raise KeyError("boom")


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: np.array(list(x)), "making an array of it has no gradient here"),
        (lambda x: np.cbrt(x), "cbrt has no gradient on the NumPy backend"),
        (lambda x: np.add.reduce(x) + x, "np.add.reduce has no gradient here"),
    ],
)
def test_what_has_no_gradient_says_so(function, reason):
    layer = CompiledLayer(lambda x: function(x[:]), Input=5, Output=5)
    with pytest.raises(NetError) as error:
        slope_of(layer, example(2, 5), np.ones((2, 5)))
    assert f"CompiledLayer: its function cannot be differentiated: {reason}" in str(error.value)


def test_writing_into_an_array_has_no_gradient():
    def piecewise(x):
        y = x * 2
        y += 1
        return y

    def filled(x):
        y = x * 2
        y[0] = 1
        return y

    for function in (piecewise, filled):
        layer = CompiledLayer(lambda x, function=function: function(x[:]), Input=5, Output=5)
        assert layer(np.ones(5)).shape == (5,)
        with pytest.raises(NetError, match="writing into an array has no gradient here"):
            slope_of(layer, example(2, 5), np.ones((2, 5)))
