"""NetInitialize: the five methods and their variances, what is kept and what is drawn anew, seeds, and refusals."""

import math

import numpy as np
import pytest

from tests.examples import example
from wlnet import (
    All,
    Automatic,
    BatchNormalizationLayer,
    ConvolutionLayer,
    Inherited,
    LinearLayer,
    NetChain,
    NetError,
    NetExtract,
    NetInitialize,
    NormalDistribution,
    Ramp,
    UniformDistribution,
)

WIDE = LinearLayer(101, Input=211)
CONVOLUTION = ConvolutionLayer(53, (3, 5), Input=(31, 7, 11))


def weights(net, **options):
    return np.float64(NetExtract(NetInitialize(net, **options), "Weights"))


# --- methods --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, net, variance",
    [
        ("Kaiming", WIDE, 2 / 211),
        ("Kaiming", CONVOLUTION, 2 / (31 * 15)),
        ("Xavier", WIDE, 2 / (211 + 101)),
        ("Xavier", CONVOLUTION, 2 / ((31 + 53) * 15)),
        (("Kaiming", {"Distribution": "Normal"}), WIDE, 2 / 211),
        ("Random", WIDE, 1),
        (("Random", {"Weights": 0.3}), WIDE, 0.09),
        (("Random", {"Weights": np.float32(0.25)}), WIDE, 0.0625),
        (["Random", {"Weights": NormalDistribution(0, 2)}], WIDE, 4),
    ],
    ids=repr,
)
def test_a_normal_method_has_its_variance(method, net, variance):
    drawn = weights(net, Method=method)
    count = drawn.size
    assert abs(drawn.mean()) < 5 * math.sqrt(variance / count)
    assert drawn.var() == pytest.approx(variance, rel=5 * math.sqrt(2 / count))
    assert np.abs(drawn).max() > 3 * math.sqrt(variance)  # no uniform number is that large


@pytest.mark.parametrize("method, variance", [("Kaiming", 2 / 211), ("Xavier", 2 / 312)])
def test_the_uniform_distribution_has_the_same_variance(method, variance):
    drawn = weights(WIDE, Method=(method, {"Distribution": "Uniform"}))
    assert drawn.var() == pytest.approx(variance, rel=0.03)
    limit = math.sqrt(3 * variance)
    assert 0.99 * limit < np.abs(drawn).max() <= limit * (1 + 1e-6)


@pytest.mark.parametrize(
    "net", [LinearLayer(7, Input=13), LinearLayer(13, Input=7), ConvolutionLayer(5, 3, Input=(2, 7))]
)
def test_orthogonal_rows_or_columns_are_unit_vectors(net):
    matrix = weights(net, Method="Orthogonal")
    matrix = matrix.reshape(len(matrix), -1)
    small = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(small, np.eye(len(small)), atol=1e-6)


def test_identity_is_the_identity_with_noise():
    matrix = weights(LinearLayer(101, Input=103), Method="Identity")
    noise = matrix - np.eye(101, 103)
    assert noise.std() == pytest.approx(0.01, rel=0.05)


def test_identity_without_noise_gives_the_input_back():
    net = NetInitialize(
        ConvolutionLayer(2, (3, 5), PaddingSize="Same", Input=(2, 7, 11)), Method=("Identity", {"Distribution": 0})
    )
    x = example(2, 7, 11)
    np.testing.assert_allclose(net(x), x, atol=1e-6)


def test_random_biases_have_their_own_distribution():
    net = NetInitialize(WIDE, Method=("Random", {"Biases": UniformDistribution(3, 5)}))
    biases = NetExtract(net, "Biases")
    assert biases.min() >= 3 and biases.max() <= 5 and len(set(biases.tolist())) > 90


@pytest.mark.parametrize("method", ["Kaiming", "Xavier", "Orthogonal", "Random", "Identity"])
def test_every_method_zeroes_biases(method):
    net = NetInitialize(LinearLayer(5, Input=3), Method=method)
    assert NetExtract(net, "Biases").tolist() == [0] * 5 and NetExtract(net, "Weights").dtype == np.float32


def test_arrays_that_start_at_a_number_do():
    net = NetInitialize(BatchNormalizationLayer(Input=3))
    starts = {name: NetExtract(net, name).tolist() for name in ("Scaling", "Biases", "MovingMean", "MovingVariance")}
    assert starts == {"Scaling": [1] * 3, "Biases": [0] * 3, "MovingMean": [0] * 3, "MovingVariance": [1] * 3}


# --- what is kept ---------------------------------------------------------------------------------------------------

GIVEN = LinearLayer(2, Weights=example(2, 3), Biases=None)
HALF = NetChain({"given": GIVEN, "r": Ramp, "open": LinearLayer(5)})


def test_arrays_that_have_values_are_kept():
    net = NetInitialize(HALF)
    assert NetExtract(net, "given") is GIVEN and NetExtract(net, ("open", "Weights")).shape == (5, 2)
    assert NetExtract(HALF, ("open", "Weights")) is Automatic


def test_all_draws_anew_but_none_stays_none():
    net = NetInitialize(HALF, All)
    assert not np.array_equal(NetExtract(net, ("given", "Weights")), GIVEN.Weights)
    assert NetExtract(net, ("given", "Biases")) is None


def test_none_takes_all_values_away():
    bare = NetInitialize(NetInitialize(HALF), None)
    assert NetExtract(bare, ("given", "Weights")) is Automatic and NetExtract(bare, ("given", "Biases")) is None
    assert bare == NetChain({"given": LinearLayer(2, Biases=None), "r": Ramp, "open": LinearLayer(5)})


def test_a_net_that_has_all_values_is_itself():
    net = NetInitialize(HALF)
    assert NetInitialize(net) is net


# --- seeds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1234, 7, -7, "seven", np.int64(7)])
def test_the_same_seed_gives_the_same_bits(seed):
    one, other = (weights(WIDE, RandomSeeding=seed) for _ in range(2))
    assert np.array_equal(one, other)
    assert np.array_equal(one, weights(WIDE)) == (seed == 1234)


def test_automatic_is_fresh_each_time():
    assert not np.array_equal(weights(WIDE, RandomSeeding=Automatic), weights(WIDE, RandomSeeding=Automatic))


def test_inherited_follows_numpys_global_stream():
    drawn = []
    for _ in range(2):
        np.random.seed(3)
        drawn.append(weights(WIDE, RandomSeeding=Inherited))
    assert np.array_equal(*drawn)


def test_layers_of_one_shape_get_different_values():
    net = NetInitialize(NetChain([3, 3], Input=3))
    assert not np.array_equal(NetExtract(net, (1, "Weights")), NetExtract(net, (2, "Weights")))


# --- refusals -------------------------------------------------------------------------------------------------------

METHODS = "Method must be one of Kaiming, Xavier, Orthogonal, Random, Identity, got "
A_DISTRIBUTION = "a distribution is NormalDistribution(m, s), UniformDistribution(a, b), or a number s, got "
NET = LinearLayer(3, Input=2)
REFUSALS = [
    (
        lambda: NetInitialize(NetChain({"a": [5, LinearLayer(3)]})),
        "net/a/1: LinearLayer: the shape of Weights is not known (5×?), because the shape of Input is ?\n"
        "  hint: say it, as in Input=(3, 8), on the layer or on the net",
    ),
    (lambda: NetInitialize(3), "NetInitialize takes a net, got int"),
    (lambda: NetInitialize(NET, 3), "NetInitialize(net, All) or NetInitialize(net, None), got 3"),
    (lambda: NetInitialize(NET, Method="Kaimign"), METHODS + "'Kaimign'\n  hint: did you mean Kaiming?"),
    (
        lambda: NetInitialize(NET, Method=None),
        METHODS + "None\n  hint: there are Kaiming, Xavier, Orthogonal, Random, Identity",
    ),
    (
        lambda: NetInitialize(NET, Method=("Kaiming", {"Distrib": "Normal"})),
        '"Distrib" is not a sub-option of Method "Kaiming"\n  hint: did you mean Distribution?',
    ),
    (
        lambda: NetInitialize(NET, Method=("Xavier", {"Distribution": "Gauss"})),
        '"Distribution" must be "Normal" or "Uniform", got \'Gauss\'',
    ),
    (lambda: NetInitialize(NET, Method=("Kaiming", 3)), 'the sub-options of Method "Kaiming" must be a dict, got 3'),
    (lambda: NetInitialize(NET, Method=("Random", {"Weights": None})), A_DISTRIBUTION + "None"),
    (lambda: NetInitialize(NET, Method=("Random", {"Weights": -1})), A_DISTRIBUTION + "-1"),
    (lambda: NetInitialize(NET, Method=("Identity", {"Distribution": "a"})), A_DISTRIBUTION + "'a'"),
    (
        lambda: NetInitialize(NET, RandomSeeding=1.5),
        "RandomSeeding must be an integer, a text, Automatic or Inherited, got 1.5\n"
        "  hint: the same seed gives the same numbers",
    ),
]


@pytest.mark.parametrize("call, text", REFUSALS, ids=[text[:60] for _, text in REFUSALS])
def test_initialization_refuses(call, text):
    with pytest.raises(NetError) as e:
        call()
    assert str(e.value) == text
