"""BatchNormalizationLayer against its formula by hand: evaluation, training, freezing, padding, gradients, errors."""

import pickle

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import Automatic, NetChain, NetError, NetExtract, NetInitialize
from wlnet.backends import backend
from wlnet.core.symbols import Alternatives
from wlnet.layers.normalization import BatchNormalizationLayer

NAMES = ("Scaling", "Biases", "MovingMean", "MovingVariance")


def arrays_for(channels):
    """Values for the four arrays of a layer."""
    return {name: example(channels, seed=seed, low=0.5, high=2) for seed, name in enumerate(NAMES, start=1)}


def error(**options):
    """The text of the error that making a layer raises."""
    with pytest.raises(NetError) as raised:
        BatchNormalizationLayer(**options)
    return str(raised.value)


def trained_once(layer, x, precision="float32", lengths=None, real=None):
    """Output and next arrays of a step of training, by name."""
    shape = layer.plan.shape((), "Input")
    names = shape[0].names() if lengths is not None else ()
    xp = backend("NumPy").context(True, precision, dims=layer.plan.at(dict.fromkeys(names, lengths)))
    held = {(name,): value.astype(precision) for name, value in layer.arrays.items() if value is not None}
    outputs, following = layer.run(xp.derive(real=real), held, {"Input": x.astype(precision)}, ())
    return outputs["Output"], {name: value for (name,), value in following.items()}


SHAPES = [(3,), (3, 5), (3, 7, 5), (2, 3, 5, 7)]


@pytest.mark.parametrize("interleaving", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_evaluation_uses_the_moving_statistics(shape, interleaving):
    channels = shape[-1] if interleaving else shape[0]
    held = arrays_for(channels)
    layer = BatchNormalizationLayer(Interleaving=interleaving, Epsilon=0.25, Input=shape, **held)
    gamma, beta, mean, variance = (
        held[name] if interleaving else held[name].reshape(-1, *[1] * (len(shape) - 1)) for name in NAMES
    )
    x = example(11, *shape)
    expected = gamma * (x - mean) / np.sqrt(variance + 0.25) + beta
    assert_close(layer(x), expected)
    assert_close(layer(x[2]), expected[2])


@pytest.mark.parametrize("interleaving", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=repr)
def test_training_uses_the_batch_and_moves_the_statistics(shape, interleaving):
    channels = shape[-1] if interleaving else shape[0]
    held = arrays_for(channels)
    layer = BatchNormalizationLayer(Interleaving=interleaving, Momentum=0.75, Input=shape, **held)
    x = example(11, *shape)
    front = np.moveaxis(x, -1 if interleaving else 1, 0).reshape(channels, -1).astype(np.float64)
    mean, variance = front.mean(1), front.var(1)
    back = lambda array: array if interleaving else array.reshape(-1, *[1] * (len(shape) - 1))
    unit = (x - back(mean)) / np.sqrt(back(variance) + 0.001)
    output, following = trained_once(layer, x)
    assert_close(output, back(held["Scaling"]) * unit + back(held["Biases"]))
    assert following.keys() == {"MovingMean", "MovingVariance"}
    assert_close(following["MovingMean"], 0.75 * held["MovingMean"] + 0.25 * mean)
    assert_close(following["MovingVariance"], 0.75 * held["MovingVariance"] + 0.25 * variance)
    assert_close(layer(x, NetEvaluationMode="Train"), output)
    assert np.array_equal(NetExtract(layer, "MovingMean"), held["MovingMean"])


def test_the_start_values():
    layer = NetInitialize(BatchNormalizationLayer(Input=(3, 5)))
    assert [NetExtract(layer, name).tolist() for name in NAMES] == [[1] * 3, [0] * 3, [0] * 3, [1] * 3]
    assert_close(layer(example(3, 5)), example(3, 5) / np.sqrt(1.001))
    assert (layer.Momentum, layer.Epsilon, layer.Interleaving) == (0.9, 0.001, False)


def test_scaling_and_biases_may_be_none():
    x, moving = example(7, 3), {"MovingMean": [1, 2, 3], "MovingVariance": [4, 5, 6]}
    layer = BatchNormalizationLayer(Scaling=None, Biases=None, **moving)
    assert_close(
        BatchNormalizationLayer(Input=3, Scaling=None, Biases=None, **moving)(x),
        (x - [1, 2, 3]) / np.sqrt(np.array([4, 5, 6]) + 0.001),
    )
    assert set(layer.present()) == {"Input", "Output", "MovingMean", "MovingVariance"}
    typed = BatchNormalizationLayer(Input=3, Scaling=None, Biases=None, **moving)
    assert_close(trained_once(typed, x)[0], (x - x.mean(0)) / np.sqrt(x.var(0) + 0.001))
    only = BatchNormalizationLayer(Input=3, Scaling=None, Biases=[1, 2, 3], **moving)
    assert_close(trained_once(only, x)[0], (x - x.mean(0)) / np.sqrt(x.var(0) + 0.001) + [1, 2, 3])


# --- frozen -----------------------------------------------------------------------------------------------------------

MOVING = Alternatives("MovingMean", "MovingVariance")
FROZEN = [
    0,
    None,
    0.0,
    {"_": 0},
    {"Scaling": 2, "_": None},
    {"MovingMean": 0, "MovingVariance": 0},
    {MOVING: 0, "_": 3},
]
FREE = [
    Automatic,
    1,
    0.5,
    {"Scaling": 0, "Biases": 0},
    {"MovingMean": 1, "_": 0},
    {"MovingMean": 0},
    {"_": 2, MOVING: 0},
]


@pytest.mark.parametrize("rates", FROZEN, ids=repr)
def test_a_frozen_layer_is_a_fixed_affine_map(rates):
    layer = BatchNormalizationLayer(LearningRateMultipliers=rates, Input=(3, 5), **arrays_for(3))
    x = example(7, 3, 5)
    output, following = trained_once(layer, x)
    assert layer.frozen and following == {}
    assert np.array_equal(output, layer(x))


@pytest.mark.parametrize("rates", FREE, ids=repr)
def test_other_learning_rates_do_not_freeze_the_statistics(rates):
    layer = BatchNormalizationLayer(LearningRateMultipliers=rates, Input=3, **arrays_for(3))
    x = example(7, 3)
    assert not layer.frozen
    _, following = trained_once(layer, x)
    assert_close(following["MovingMean"], 0.9 * layer["MovingMean"] + 0.1 * x.mean(0))


def test_momentum_1_uses_the_batch_and_keeps_the_statistics():
    layer = BatchNormalizationLayer(Momentum=1, Input=3, **arrays_for(3))
    x = example(7, 3)
    output, following = trained_once(layer, x)
    assert_close(output, layer["Scaling"] * (x - x.mean(0)) / np.sqrt(x.var(0) + 0.001) + layer["Biases"])
    assert all(np.array_equal(value, layer[name]) for name, value in following.items())


def test_momentum_0_takes_the_batch_alone():
    x = example(7, 3)
    _, following = trained_once(BatchNormalizationLayer(Momentum=0, Input=3, **arrays_for(3)), x)
    assert_close(following["MovingMean"], x.mean(0))
    assert_close(following["MovingVariance"], x.var(0))


# --- padding ----------------------------------------------------------------------------------------------------------


def padded(sequences, fill):
    """Sequences as one array with noise behind them, and their lengths."""
    lengths = np.array([len(each) for each in sequences])
    x = fill * example(len(sequences), lengths.max(), *sequences[0].shape[1:], seed=9)
    for row, sequence in zip(x, sequences, strict=True):
        row[: len(sequence)] = sequence
    return x, lengths


@pytest.mark.parametrize("rest", [(3,), (5, 3)], ids=repr)
def test_statistics_of_unequal_sequences_are_of_their_elements(rest):
    held = arrays_for(3)
    layer = BatchNormalizationLayer(Interleaving=True, Input=("Varying", *rest), **held)
    sequences = [example(size, *rest, seed=size) for size in (7, 2, 5)]
    joined = np.concatenate(sequences).reshape(-1, 3).astype(np.float64)
    mean, variance = joined.mean(0), joined.var(0)
    x, lengths = padded(sequences, 1e3)
    output, following = trained_once(layer, x, lengths=lengths)
    for row, sequence in zip(output, sequences, strict=True):
        unit = (sequence - mean) / np.sqrt(variance + 0.001)
        assert_close(row[: len(sequence)], held["Scaling"] * unit + held["Biases"])
    assert_close(following["MovingMean"], 0.9 * held["MovingMean"] + 0.1 * mean)
    assert_close(following["MovingVariance"], 0.9 * held["MovingVariance"] + 0.1 * variance)
    for given, answer in zip(sequences, layer(sequences, NetEvaluationMode="Train"), strict=True):
        assert_close(answer, held["Scaling"] * (given - mean) / np.sqrt(variance + 0.001) + held["Biases"])


def test_examples_that_are_padding_do_not_count():
    layer = BatchNormalizationLayer(Input=(3, 5), **arrays_for(3))
    x, real = example(7, 3, 5), np.array([True, False, True, True, False, True, True])
    noisy = np.where(real[:, None, None], x, 1e3)
    output, following = trained_once(layer, noisy, real=real)
    expected, moved = trained_once(layer, x[real])
    assert_close(output[real], expected)
    assert_close(following["MovingVariance"], moved["MovingVariance"])
    assert_close(following["MovingMean"], 0.9 * layer["MovingMean"] + 0.1 * x[real].mean((0, 2)))


def test_padding_of_both_kinds():
    layer = BatchNormalizationLayer(Interleaving=True, Input=("Varying", 3), **arrays_for(3))
    sequences = [example(size, 3, seed=size) for size in (5, 2, 7)]
    x, lengths = padded(sequences, 1e3)
    _, following = trained_once(layer, x, lengths=lengths, real=np.array([True, False, True]))
    joined = np.concatenate([sequences[0], sequences[2]])
    assert_close(following["MovingMean"], 0.9 * layer["MovingMean"] + 0.1 * joined.mean(0))
    assert_close(following["MovingVariance"], 0.9 * layer["MovingVariance"] + 0.1 * joined.var(0))


# --- gradients and precision ------------------------------------------------------------------------------------------

CASES = [
    (BatchNormalizationLayer(Input=(3, 5)), True, None),
    (BatchNormalizationLayer(Interleaving=True, Epsilon=0.5, Input=(2, 3)), True, None),
    (BatchNormalizationLayer(Biases=None, Input=3), True, None),
    (BatchNormalizationLayer(Interleaving=True, Input=("Varying", 3)), True, np.array([5, 1, 4, 2])),
    (BatchNormalizationLayer(Input=(3, 5)), False, None),
    (BatchNormalizationLayer(LearningRateMultipliers=0, Input=(3, 2)), True, None),
]


def loss_of(layer, training, lengths, weights, precision):
    """The weighted sum of a layer's output, as a function of its input and arrays."""
    shape = layer.plan.shape((), "Input")
    names = shape[0].names() if lengths is not None else ()
    xp = backend("NumPy").context(training, precision, dims=layer.plan.at(dict.fromkeys(names, lengths)))

    def run(leaves):
        outputs, following = layer.run(xp, leaves, {"Input": leaves["x"]}, ())
        return xp.sum(outputs["Output"] * weights), following

    return run


def leaves_of(layer, lengths, precision):
    """Values of the input and of all arrays, and weights for the output that leave padding out."""
    shape = layer.plan.shape((), "Input")
    x = example(4, *(shape if lengths is None else (5, *shape[1:])))
    weights = example(*x.shape, seed=7)
    if lengths is not None:
        weights = weights * (np.arange(5) < lengths[:, None])[..., None]
    arrays = {(name,): value for name, value in arrays_for(3).items() if name in layer.present()}
    leaves = {"x": x, **arrays}
    return {key: value.astype(precision) for key, value in leaves.items()}, weights.astype(precision)


@pytest.mark.parametrize("layer, training, lengths", CASES, ids=repr)
def test_gradients_are_differences(layer, training, lengths):
    leaves, weights = leaves_of(layer, lengths, "float64")
    run = loss_of(layer, training, lengths, weights, "float64")
    _, _, slopes = backend("NumPy").value_and_gradient(run, leaves)
    for key, leaf in leaves.items():
        found = np.empty_like(leaf)
        for place in np.ndindex(leaf.shape):
            step = np.zeros_like(leaf)
            step[place] = 1e-6
            found[place] = (run({**leaves, key: leaf + step})[0] - run({**leaves, key: leaf - step})[0]) / 2e-6
        assert_close(slopes[key], found, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("layer, training, lengths", CASES, ids=repr)
def test_single_precision_stays(layer, training, lengths):
    leaves, weights = leaves_of(layer, lengths, "float32")
    run = loss_of(layer, training, lengths, weights, "float32")
    value, following, slopes = backend("NumPy").value_and_gradient(run, leaves)
    assert {np.asarray(each).dtype for each in (value, *following.values(), *slopes.values())} == {np.dtype("float32")}


# --- shapes and settings ----------------------------------------------------------------------------------------------


def test_shapes_whichever_way_they_come():
    assert BatchNormalizationLayer(Output=(3, 7)).shapes["MovingVariance"] == (3,)
    assert BatchNormalizationLayer(Output=(3, 7), Interleaving=True).shapes["Scaling"] == (7,)
    assert BatchNormalizationLayer(Input=(Automatic, 7), MovingMean=[1, 2, 3]).shapes["Input"] == (3, 7)
    assert BatchNormalizationLayer(Input=(3, Automatic), Scaling=[1, 2], Interleaving=True).shapes["Output"] == (3, 2)
    chain = NetChain([BatchNormalizationLayer(), BatchNormalizationLayer(Interleaving=True, Input=(3, 7))])
    assert chain.plan.shape((1,), "Biases") == (3,) and chain.plan.shape((2,), "Biases") == (7,)


def test_it_prints_as_the_code_that_makes_it():
    settings = "LearningRateMultipliers=0, Epsilon=1e-05, Interleaving=True, Momentum=0.99, Input=(5, 3)"
    text = f"BatchNormalizationLayer({settings})"
    layer = eval(text, {"BatchNormalizationLayer": BatchNormalizationLayer})
    assert repr(layer) == text and pickle.loads(pickle.dumps(layer)) == layer
    assert repr(BatchNormalizationLayer()) == "BatchNormalizationLayer()"


MAP = "map the layer over the sequence with NetMapOperator, or give Input a fixed size"
ERRORS = [
    ({"Momentum": 1.5}, "Momentum must be a number from 0 to 1, got 1.5"),
    ({"Momentum": None}, "Momentum must be a number from 0 to 1, got None"),
    ({"Epsilon": -1}, "Epsilon must be a number, 0 or more, got -1"),
    ({"Interleaving": "Yes"}, 'Interleaving must be True or False, got "Yes"'),
    ({"MovingMean": None}, "MovingMean cannot be None"),
    ({"MovingVariance": [1, -2]}, "MovingVariance must hold no negative numbers"),
    ({"Gamma": [1]}, None),
    (
        {"Input": "Real"},
        "Input must be an array of rank 1 or more, not a number (Input is scalar, as given)\n"
        "  hint: give the channels a level",
    ),
    (
        {"Input": ("Varying", 3)},
        "the first level, of the channels, may not vary (Input is Varying×3, as given)\n"
        "  hint: with Interleaving=True the channels are the last level",
    ),
    (
        {"Input": "Varying", "Interleaving": True},
        f"the last level, of the channels, may not vary (Input is Varying, as given)\n  hint: {MAP}",
    ),
]


@pytest.mark.parametrize("options, text", ERRORS, ids=repr)
def test_errors(options, text):
    if text is None:
        text = (
            "Gamma is not an option\n  hint: there are LearningRateMultipliers, Epsilon, Interleaving, Momentum, "
            "Input, Output, Scaling, Biases, MovingMean, MovingVariance"
        )
    assert error(**options) == f"BatchNormalizationLayer: {text}"


def test_it_takes_no_positional_arguments():
    with pytest.raises(NetError) as raised:
        BatchNormalizationLayer(3)
    assert str(raised.value) == (
        "BatchNormalizationLayer takes no positional arguments, got 1\n  hint: give options by name"
    )


def test_an_array_of_another_size():
    assert error(Scaling=[1, 2], Input=(3, 5)) == (
        "BatchNormalizationLayer has Scaling of shape 2, where channels is 2, but the rest makes channels 3 (Input is "
        "3×5, as given)"
    )
