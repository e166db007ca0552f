"""RandomArrayLayer and its twenty distributions: SciPy's moments and distribution functions are the oracle."""
# ruff: noqa: F405 - written as a user writes

import pickle

import numpy as np
import pytest
from scipy import special, stats

from tests import test_laws
from tests.lawful_arrays import DRAWN
from wlnet import *  # noqa: F403
from wlnet import NetError, RandomArrayLayer
from wlnet.backends import backend
from wlnet.core.distributions import DISTRIBUTIONS

COUNT = 40_009

CONTINUOUS = [
    (NormalDistribution(1, 2), stats.norm(1, 2)),
    (UniformDistribution((-1, 3)), stats.uniform(-1, 4)),
    (GammaDistribution(0.3, 2), stats.gamma(0.3, scale=2)),
    (GammaDistribution(7, 0.5), stats.gamma(7, scale=0.5)),
    (GammaDistribution(2, 3, 1.5, -1), stats.gengamma(2, 1.5, loc=-1, scale=3)),
    (ExponentialDistribution(3), stats.expon(scale=1 / 3)),
    (MaxwellDistribution(2), stats.maxwell(scale=2)),
    (RayleighDistribution(2), stats.rayleigh(scale=2)),
    (ChiDistribution(3), stats.chi(3)),
    (HalfNormalDistribution(2), stats.halfnorm(scale=np.sqrt(np.pi / 2) / 2)),
    (WeibullDistribution(1.5, 2), stats.weibull_min(1.5, scale=2)),
    (WeibullDistribution(3, 2, 5), stats.weibull_min(3, loc=5, scale=2)),
    (NakagamiDistribution(2, 3), stats.nakagami(2, scale=np.sqrt(3))),
    (ChiSquareDistribution(5), stats.chi2(5)),
    (ErlangDistribution(3, 2), stats.erlang(3, scale=0.5)),
    (ExpGammaDistribution(2, 3, 1), stats.loggamma(2, loc=1, scale=3)),
    (InverseGammaDistribution(7, 3), stats.invgamma(7, scale=3)),
]

DISCRETE = [
    (PoissonDistribution(0), stats.poisson(0)),
    (PoissonDistribution(2.5), stats.poisson(2.5)),
    (PoissonDistribution(15.9), stats.poisson(15.9)),
    (PoissonDistribution(17), stats.poisson(17)),
    (PoissonDistribution(300), stats.poisson(300)),
    (BernoulliDistribution(0.3), stats.bernoulli(0.3)),
    (BinomialDistribution(7, 0.3), stats.binom(7, 0.3)),
    (BinomialDistribution(7, 0.9), stats.binom(7, 0.9)),
    (BinomialDistribution(101, 0.25), stats.binom(101, 0.25)),
    (BinomialDistribution(101, 0.75), stats.binom(101, 0.75)),
    (NegativeBinomialDistribution(3, 0.4), stats.nbinom(3, 0.4)),
    (NegativeBinomialDistribution(2.5, 0.05), stats.nbinom(2.5, 0.05)),
    (DiscreteUniformDistribution((-2, 4)), stats.randint(-2, 5)),
]

each_backend = pytest.mark.parametrize("device", ["CPU", ("CPU", "JAX")], ids=["NumPy", "JAX"])


def numbers(distribution, seed=1, device="CPU"):
    values = RandomArrayLayer(distribution, Output=COUNT)(RandomSeeding=seed, TargetDevice=device)
    assert values.dtype == np.float32
    return values.astype(float)


def assert_moments(x, oracle):
    """Mean and variance within five standard errors."""
    mean, variance, kurtosis = (float(each) for each in oracle.stats("mvk"))
    assert abs(x.mean() - mean) <= 5 * np.sqrt(variance / len(x))
    assert abs(x.var() - variance) <= 5 * variance * np.sqrt((kurtosis + 2) / len(x))


@each_backend
@pytest.mark.parametrize("distribution, oracle", CONTINUOUS, ids=[repr(d) for d, _ in CONTINUOUS])
def test_continuous_draws_have_scipys_moments_and_distribution_function(distribution, oracle, device):
    x = numbers(distribution, device=device)
    assert_moments(x, oracle)
    assert stats.kstest(x, oracle.cdf).pvalue > 1e-4


@each_backend
@pytest.mark.parametrize("distribution, oracle", DISCRETE, ids=[repr(d) for d, _ in DISCRETE])
def test_discrete_draws_have_scipys_moments_and_chances(distribution, oracle, device):
    x = numbers(distribution, device=device)
    assert (x == np.round(x)).all() and (x >= oracle.support()[0]).all() and (x <= oracle.support()[1]).all()
    if oracle.var():
        assert_moments(x, oracle)
    values = np.unique(x)
    share = np.searchsorted(np.sort(x), values, "right") / COUNT
    assert np.abs(share - oracle.cdf(values)).max() < 2.2 / np.sqrt(COUNT)  # Kolmogorov: exceeded once in 8,000


def test_log_gamma_is_the_exponential_of_a_gamma_number_less_one():
    x = numbers(LogGammaDistribution(2, 0.1, 3))
    assert stats.kstest(x, lambda v: stats.gamma(2, scale=0.1).cdf(np.log1p(v - 3))).pvalue > 1e-4


def test_every_distribution_is_drawn_somewhere_above():
    assert {d.family.name for d, _ in CONTINUOUS + DISCRETE} | {"LogGammaDistribution"} == set(DISTRIBUTIONS)
    assert len(DISTRIBUTIONS) == 20


def test_the_seed_and_the_place_decide_the_numbers():
    layer = RandomArrayLayer(NormalDistribution(), Output=(3, 5))
    assert np.array_equal(layer(RandomSeeding=3), layer(RandomSeeding=3))
    assert not np.array_equal(layer(RandomSeeding=3), layer(RandomSeeding=4))
    assert not np.array_equal(layer(), layer())
    assert np.array_equal(layer(RandomSeeding=3), layer(RandomSeeding=3, NetEvaluationMode="Train"))
    both = NetGraph({"a": layer, "b": layer}, [("a", NetPort("A")), ("b", NetPort("B"))])(RandomSeeding=3)
    assert not np.array_equal(both["A"], both["B"])


def test_examples_of_a_batch_are_drawn_apart():
    net = NetGraph(
        {"r": RandomArrayLayer(NormalDistribution()), "t": TotalLayer()}, [((NetPort("Input"), "r"), "t")], Input=3
    )
    values = net(np.zeros((2, 3)), RandomSeeding=1)
    assert len(set(values.ravel().tolist())) == 6


def test_without_a_shape_it_is_a_number():
    assert RandomArrayLayer(PoissonDistribution(3))().shape == ()
    assert RandomArrayLayer(lambda: NormalDistribution(0, 1)) == RandomArrayLayer(NormalDistribution(0, 1))


def test_a_function_draws_with_the_parameters_of_each_place():
    layer = RandomArrayLayer(lambda low, size: UniformDistribution(low, low + size))
    assert set(layer.ports()) == {"low", "size", "Output"}
    low, size = np.arange(15.0).reshape(3, 5), np.full((3, 5), 1e-3)
    x = layer({"low": low, "size": size})
    assert ((x >= low - 1e-6) & (x <= low + size + 1e-6)).all() and len(np.unique(x - low)) > 10
    assert list(RandomArrayLayer(lambda p: BernoulliDistribution(p)).ports()) == ["Input", "Output"]


def test_impossible_parameters_give_nan():
    layer = RandomArrayLayer(lambda s: NormalDistribution(0, s), Input=3)
    assert np.isnan(layer([1, -1, 0])).tolist() == [False, True, False]
    ends = RandomArrayLayer(lambda a, b: UniformDistribution(a, b), a=2)
    assert np.isnan(ends({"a": [1, 2], "b": [2, 1]})).tolist() == [False, True]


def slope(layer, inputs, power, engine="NumPy"):
    """The mean over many draws of d(x^power), or of d(log x) where power is 0, by each input."""
    chosen = backend(engine)
    leaves = {name: chosen.array(np.full((1, COUNT), value)) for name, value in inputs.items()}

    def total(found):
        xp = chosen.context(precision="float64", seed=5, dims=layer.plan.words)
        x = layer.run(xp, {}, found, ())[0]["Output"]
        return xp.sum(xp.log(x) if power == 0 else x**power), x

    gradients = chosen.compile(lambda given: chosen.value_and_gradient(total, given)[2])(leaves)
    return {name: np.asarray(g).ravel() for name, g in gradients.items()}


def assert_mean(values, expected, bias=0.0):
    assert abs(values.mean() - expected) <= 5 * values.std() / np.sqrt(COUNT) + bias * abs(expected)


@pytest.mark.parametrize("engine", ["NumPy", "JAX"])
@pytest.mark.parametrize("a", [0.3, 1.0, 4.0])
def test_the_gradient_of_a_gamma_number_is_that_of_its_means(a, engine):
    """E[x] = a·b and E[log x] = digamma(a) + log(b), differentiated by a and b."""
    layer = RandomArrayLayer(lambda a, b: GammaDistribution(a, b), a=COUNT)
    first, logarithm = slope(layer, {"a": a, "b": 2.0}, 1, engine), slope(layer, {"a": a, "b": 2.0}, 0, engine)
    assert_mean(first["a"], 2.0, bias=0.002)
    assert_mean(first["b"], a)
    assert_mean(logarithm["a"], special.polygamma(1, a), bias=0.002)
    assert logarithm["b"] == pytest.approx(0.5)


def test_gradients_of_location_and_scale_are_reparameterised():
    """x = m + s·z: dx/dm = 1, and dE[x²]/ds = 2·s."""
    layer = RandomArrayLayer(lambda m, s: NormalDistribution(m, s), m=COUNT)
    assert (slope(layer, {"m": 1.0, "s": 2.0}, 1)["m"] == 1).all()
    assert_mean(slope(layer, {"m": 0.0, "s": 2.0}, 2)["s"], 4.0)
    weibull = RandomArrayLayer(lambda a, b: WeibullDistribution(a, b), a=COUNT)
    assert_mean(slope(weibull, {"a": 2.0, "b": 1.0}, 0)["a"], np.euler_gamma / 4)  # E[log x] = log(b) - γ/a


def test_discrete_numbers_have_no_gradient():
    layer = RandomArrayLayer(lambda n, p: NegativeBinomialDistribution(n, p), n=COUNT)
    gradients = slope(layer, {"n": 3.0, "p": 0.5}, 1)
    assert not gradients["n"].any() and not gradients["p"].any()


drawn = pytest.mark.parametrize("case", DRAWN, ids=repr)


@drawn
@pytest.mark.parametrize(
    "law",
    [
        test_laws.test_the_declared_shape_is_the_computed_one,
        test_laws.test_the_gradient_agrees_with_differences,
        test_laws.test_printing_round_trips,
        test_laws.test_pickling_round_trips_and_a_copy_is_the_net_itself,
        test_laws.test_nothing_is_mutated,
    ],
    ids=lambda law: law.__name__,
)
def test_laws_of_layers_that_draw(case, law):
    law(case)


@drawn
@pytest.mark.parametrize("engine", ["NumPy", "JAX"])
def test_single_precision_stays(case, engine):
    test_laws.test_single_precision_stays(case, engine)


@pytest.mark.parametrize(
    "value, text",
    [
        (NormalDistribution(), "NormalDistribution()"),
        (NormalDistribution(2), "NormalDistribution(2)"),
        (NormalDistribution(0, 0.01), "NormalDistribution(0, 0.01)"),
        (NormalDistribution(deviation=np.float64(3)), "NormalDistribution(0, 3.0)"),
        (UniformDistribution((0, 1)), "UniformDistribution(0, 1)"),
        (GammaDistribution(2, 3), "GammaDistribution(2, 3)"),
        (GammaDistribution(2, 3, 1, 5), "GammaDistribution(2, 3, 1, 5)"),
        (DiscreteUniformDistribution([1, 6]), "DiscreteUniformDistribution(1, 6)"),
    ],
)
def test_a_distribution_is_a_value_that_prints_as_its_code(value, text):
    assert repr(value) == text
    assert eval(text) == value
    assert pickle.loads(pickle.dumps(value)) == value


def test_net_initialize_draws_from_any_distribution():
    net = LinearLayer(101, Input=97)
    weights = NetExtract(NetInitialize(net, Method=("Random", {"Weights": GammaDistribution(2, 3)})), "Weights")
    assert stats.kstest(weights.ravel(), stats.gamma(2, scale=3).cdf).pvalue > 1e-4
    normal = NetExtract(NetInitialize(net, Method=("Random", {"Weights": NormalDistribution(1, 2)})), "Weights")
    assert stats.kstest(normal.ravel(), stats.norm(1, 2).cdf).pvalue > 1e-4


ERRORS = [
    (lambda: NormalDistribution(0, -1), "the deviation of NormalDistribution must be 0 or more, got -1"),
    (lambda: GammaDistribution(0, 1), "the shape of GammaDistribution must be above 0, got 0"),
    (lambda: ErlangDistribution(1.5, 1), "the shape of ErlangDistribution must be a positive whole number, got 1.5"),
    (lambda: BernoulliDistribution(1.5), "the p of BernoulliDistribution must be from 0 to 1, got 1.5"),
    (lambda: BinomialDistribution(-1, 0.5), "the n of BinomialDistribution must be a whole number, 0 or more, got -1"),
    (
        lambda: NegativeBinomialDistribution(2, 0),
        "the p of NegativeBinomialDistribution must be above 0, up to 1, got 0",
    ),
    (
        lambda: DiscreteUniformDistribution(1.5, 2),
        "the low of DiscreteUniformDistribution must be a whole number, got 1.5",
    ),
    (lambda: NormalDistribution("a"), "the mean of NormalDistribution must be a number, got 'a'"),
    (lambda: NormalDistribution(np.inf), "the mean of NormalDistribution must be a number, got inf"),
    (lambda: UniformDistribution(3, 1), "UniformDistribution must have its ends in order, got 3 and 1"),
    (
        lambda: GammaDistribution(1),
        "the parameters of a GammaDistribution are those of GammaDistribution(shape, scale, power=1, location=0)",
    ),
    (
        lambda: RandomArrayLayer(3),
        "RandomArrayLayer: dist must be a distribution such as NormalDistribution(0, 1), or a function that gives one, "
        "got 3",
    ),
    (
        lambda: RandomArrayLayer(NormalDistribution),
        "RandomArrayLayer: dist must say the parameters, as in NormalDistribution(mean=0, deviation=1), "
        "got NormalDistribution",
    ),
    (
        lambda: RandomArrayLayer(lambda a: a + 1),
        "a function for RandomArrayLayer must give a distribution, such as NormalDistribution(a, b), not an expression",
    ),
    (
        lambda: RandomArrayLayer(lambda a, Output: NormalDistribution(a, Output)),
        "RandomArrayLayer: a parameter of the function must be called other than Output",
    ),
    (
        lambda: RandomArrayLayer(NormalDistribution(), Output="Varying"),
        "RandomArrayLayer: an Output that varies needs an input that says its length\n"
        "  hint: draw by a function of that input",
    ),
    (
        lambda: RandomArrayLayer(lambda a, b: NormalDistribution(a, b), a=3, b=5),
        "RandomArrayLayer takes b of shape 3, but b is given as 5 (a is 3, as given)",
    ),
]


@pytest.mark.parametrize("make, text", ERRORS, ids=[text for _, text in ERRORS])
def test_errors(make, text):
    with pytest.raises(NetError) as e:
        make()
    assert str(e.value) == text
