"""DropoutLayer: the formula on the mask that it shows, the rate and the moments by statistics, ports, errors."""

import pickle

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import Automatic, LinearLayer, NetChain, NetError, NetGraph, NetInitialize, NetPort
from wlnet.backends import backend
from wlnet.layers.dropout import DropoutLayer

BOTH = ("Output", "BinaryMask")
ALPHA = -1.7580993408473766  # Klambauer et al. 2017: minus SELU's scale times its alpha


def in_training(layer, x, seed=3):
    """Both outputs, or the one, in training."""
    return layer(x, NetEvaluationMode="Train", RandomSeeding=seed)


@pytest.mark.parametrize("method", ["Dropout", "AlphaDropout"])
def test_evaluation_is_the_identity_and_the_mask_all_ones(method):
    x = example(2, 3, 5)
    answer = DropoutLayer(0.7, Method=method, OutputPorts=BOTH, Input=(3, 5))(x)
    assert np.array_equal(answer["Output"], x)
    assert np.array_equal(answer["BinaryMask"], np.ones((2, 3, 5)))
    assert np.array_equal(DropoutLayer(0.7, Method=method)(x), x)


@pytest.mark.parametrize("p", [0, 0.25, 0.5, 0.9])
def test_dropout_is_its_formula_on_its_mask(p):
    x = example(2, 3, 5, 7)
    answer = in_training(DropoutLayer(p, OutputPorts=BOTH, Input=(3, 5, 7)), x)
    mask = answer["BinaryMask"]
    assert set(np.unique(mask)) <= {0.0, 1.0}
    assert_close(answer["Output"], x * mask / (1 - p))
    assert np.array_equal(in_training(DropoutLayer(p, Input=(3, 5, 7)), x), answer["Output"])


@pytest.mark.parametrize("p", [0, 0.1, 0.5, 0.9])
def test_alpha_dropout_is_its_formula_on_its_mask(p):
    x = example(2, 3, 5, 7)
    answer = in_training(DropoutLayer(p, Method="AlphaDropout", OutputPorts=BOTH, Input=(3, 5, 7)), x)
    mask, q = answer["BinaryMask"], 1 - p
    a = (q + ALPHA**2 * q * p) ** -0.5
    assert_close(answer["Output"], a * (x * mask + ALPHA * (1 - mask)) - a * ALPHA * p)


def test_a_probability_of_0_changes_nothing():
    x = example(3, 7)
    for method in ("Dropout", "AlphaDropout"):
        assert np.array_equal(in_training(DropoutLayer(0, Method=method), x), x)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_each_element_is_dropped_by_itself(p):
    """10,007 · 13 draws: the share within 5 deviations, and neighbours, channels and examples uncorrelated."""
    mask = in_training(DropoutLayer(p, OutputPorts="BinaryMask", Input=(13,)), np.ones((10007, 13)))
    deviation = np.sqrt(p * (1 - p) / mask.size)
    assert abs(mask.mean() - (1 - p)) < 5 * deviation
    assert np.abs(mask.mean(0) - (1 - p)).max() < 5 * deviation * np.sqrt(13)
    correlations = np.corrcoef(mask.T) - np.eye(13)
    assert np.abs(correlations).max() < 5 / np.sqrt(10007)
    assert abs(np.corrcoef(mask[1:].ravel(), mask[:-1].ravel())[0, 1]) < 5 / np.sqrt(mask.size)


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(3).standard_normal((997, 211)).astype(np.float32)
    y = in_training(DropoutLayer(0.3, Method="AlphaDropout"), x)
    assert abs(y.mean()) < 0.02 and abs(y.var() - 1) < 0.03


def test_dropout_keeps_the_mean():
    assert abs(in_training(DropoutLayer(0.3), np.ones((997, 211))).mean() - 1) < 0.01


def test_the_seed_and_the_place_decide():
    x = np.ones((7, 53))
    layer = DropoutLayer(Input=53)
    assert np.array_equal(in_training(layer, x, 5), in_training(layer, x, 5))
    assert not np.array_equal(in_training(layer, x, 5), in_training(layer, x, 6))
    first = in_training(layer, x, 5) > 0
    twice = in_training(NetChain([layer, layer]), x, 5)
    assert not np.array_equal(twice > 0, first)
    assert 0.15 < (twice > 0).mean() < 0.35  # two masks of their own: a quarter is left
    assert len({row.tobytes() for row in in_training(layer, x, 5)}) == 7


def test_ports():
    assert list(DropoutLayer(Input=3).shapes) == ["Input", "Output"]
    assert list(DropoutLayer(OutputPorts="BinaryMask", Input=3).shapes) == ["Input", "BinaryMask"]
    both = DropoutLayer(OutputPorts=["BinaryMask", "Output"], Input=(3, 5))
    assert both.shapes == {"Input": (3, 5), "BinaryMask": (3, 5), "Output": (3, 5)}
    assert list(both(example(3, 5))) == ["BinaryMask", "Output"]
    assert DropoutLayer(OutputPorts=["Output"]) == DropoutLayer()
    assert DropoutLayer(OutputPorts=BOTH, BinaryMask=(3, 5)).shapes["Input"] == (3, 5)
    assert np.array_equal(DropoutLayer(OutputPorts="BinaryMask")(example(3)), np.ones(3))


def test_a_number_and_a_sequence():
    assert DropoutLayer(Input="Real")(2.5) == 2.5
    sequences = [example(size, 3, seed=size) for size in (5, 2)]
    answers = DropoutLayer(Input=("Varying", 3), OutputPorts=BOTH)(sequences, NetEvaluationMode="Train")
    for x, y, mask in zip(sequences, answers["Output"], answers["BinaryMask"], strict=True):
        assert_close(y, 2 * x * mask)


def test_the_mask_is_a_port_of_a_graph():
    net = NetGraph(
        {"drop": DropoutLayer(OutputPorts=BOTH), "linear": LinearLayer(2, Weights=np.eye(2), Biases=None)},
        [(NetPort("drop", "Output"), "linear"), (NetPort("drop", "BinaryMask"), NetPort("Mask"))],
    )
    answer = net([3.0, -1.0], NetEvaluationMode="Train", RandomSeeding=2)
    assert_close(answer["Output"], np.array([6.0, -2.0]) * answer["Mask"])


def test_shapes_pass_both_ways():
    chain = NetChain([LinearLayer(), DropoutLayer(), DropoutLayer(Input=(3, 5))], Input=7)
    assert chain.plan.shape((1,), "Weights") == (15, 7)
    assert DropoutLayer().shapes == {"Input": None, "Output": None}
    assert NetInitialize(DropoutLayer()) == DropoutLayer()


@pytest.mark.parametrize("method", ["Dropout", "AlphaDropout"])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_gradient_passes_where_the_mask_is_1(method, precision):
    layer, p = DropoutLayer(0.4, Method=method, OutputPorts=BOTH, Input=(3, 5)), 0.4
    xp = backend("NumPy").context(training=True, precision=precision, seed=11, dims=layer.plan.at({}))
    weights = example(2, 3, 5, seed=4).astype(precision)

    def run(leaves):
        outputs, _ = layer.run(xp, {}, {"Input": leaves["x"]}, ())
        return xp.sum(outputs["Output"] * weights), outputs

    x = example(2, 3, 5).astype(precision)
    _, outputs, slopes = backend("NumPy").value_and_gradient(run, {"x": x})
    rate = 1 / (1 - p) if method == "Dropout" else ((1 - p) + ALPHA**2 * (1 - p) * p) ** -0.5
    assert_close(slopes["x"], weights * outputs["BinaryMask"] * rate)
    assert {each.dtype for each in (*outputs.values(), slopes["x"])} == {np.dtype(precision)}


PRINTED = [
    "DropoutLayer()",
    "DropoutLayer(0.3)",
    'DropoutLayer(0.3, Method="AlphaDropout", OutputPorts=("BinaryMask", "Output"), Input=(Automatic, 3))',
    'DropoutLayer(OutputPorts="BinaryMask", BinaryMask=5)',
]


@pytest.mark.parametrize("text", PRINTED)
def test_it_prints_as_the_code_that_makes_it(text):
    layer = eval(text, {"DropoutLayer": DropoutLayer, "Automatic": Automatic})
    assert repr(layer) == text and pickle.loads(pickle.dumps(layer)) == layer


PROBABILITY = "p must be a probability from 0 up to, not including, 1"
PORTS = 'OutputPorts must be "Output", "BinaryMask", or a tuple of the two'
ERRORS = [
    ((1,), {}, f"{PROBABILITY}, got 1"),
    ((-0.1,), {}, f"{PROBABILITY}, got -0.1"),
    (("half",), {}, f'{PROBABILITY}, got "half"'),
    (
        (),
        {"Method": "AlphaDropuot"},
        'Method must be one of Dropout, AlphaDropout, got "AlphaDropuot"\n  hint: did you mean AlphaDropout?',
    ),
    ((), {"OutputPorts": "Mask"}, f'{PORTS}, got "Mask"'),
    ((), {"OutputPorts": []}, f"{PORTS}, got []"),
    ((), {"OutputPorts": ["Output", "Output"]}, f'{PORTS}, got ["Output", "Output"]'),
    ((), {"OutputPorts": 2}, f"{PORTS}, got 2"),
    ((), {"BinaryMask": 3}, "BinaryMask is not an option\n  hint: there are Method, OutputPorts, Input, Output, p"),
    (
        (),
        {"OutputPorts": "BinaryMask", "Output": 3},
        "Output is not an option\n  hint: did you mean OutputPorts?",
    ),
    (
        (),
        {"LearningRateMultipliers": 0},
        "LearningRateMultipliers is not an option\n  hint: there are Method, OutputPorts, Input, Output, p",
    ),
]


@pytest.mark.parametrize("arguments, options, text", ERRORS, ids=repr)
def test_errors(arguments, options, text):
    with pytest.raises(NetError) as raised:
        DropoutLayer(*arguments, **options)
    assert str(raised.value) == f"DropoutLayer: {text}"
