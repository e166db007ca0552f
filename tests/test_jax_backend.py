"""What the JAX backend promises beside the words: keys of any kind, tracing, the stream, and no array that widens.

That its words compute what they should is `test_backends_agree`.
"""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("jax")
import jax

from tests.test_backends_agree import CASES, arrays_in
from wlnet.backends import backend

JAX = backend("JAX")
MIXED = {(1, "Weights"): 2.0, ("b", 3, "Biases"): 3.0, "State": 5.0, ("NetArray", "w"): 7.0, 4: 11.0}


def leaves_of(mixed):
    return {key: JAX.array([value] * 3, "float32") for key, value in mixed.items()}


def test_the_leaves_may_have_any_keys():
    def product(leaves):
        total = leaves["State"]
        for key in [(1, "Weights"), ("b", 3, "Biases"), 4]:
            total = total * leaves[key]
        return total.sum(), {("seen", 1): {2: leaves["State"], "x": (total, [None, {}])}, "n": total}

    value, aux, gradients = JAX.value_and_gradient(product, leaves_of(MIXED))
    assert float(value) == 3 * 2 * 3 * 5 * 11
    assert list(gradients) == list(MIXED)
    assert {key: np.asarray(each).tolist() for key, each in gradients.items()} == {
        (1, "Weights"): [165.0] * 3, ("b", 3, "Biases"): [110.0] * 3, "State": [66.0] * 3, ("NetArray", "w"): [0.0] * 3,
        4: [30.0] * 3,
    }  # fmt: skip
    assert {each.dtype for each in gradients.values()} == {np.dtype("float32")}
    back = JAX.numpy(aux)
    assert back["seen", 1][2].tolist() == [5.0] * 3
    assert back["seen", 1]["x"][0].tolist() == [330.0] * 3 and back["seen", 1]["x"][1] == [None, {}]
    assert list(aux) == [("seen", 1), "n"]


def test_compiled_functions_take_and_give_dicts_with_any_keys():
    count = []

    @JAX.compile
    def step(arrays, rate, more=None):
        count.append(1)
        return {key: value * rate for key, value in arrays.items()}, more

    arrays, more = step(leaves_of(MIXED), 2.0, more={(1,): {"x": JAX.array([1, 2])}, 1: (None,)})
    assert list(arrays) == list(MIXED)
    assert arrays["State"].tolist() == [10.0] * 3 and arrays["State"].dtype == np.float32
    assert more[(1,)]["x"].tolist() == [1, 2] and more[1] == (None,)
    step(arrays, 3.0, more={(1,): {"x": JAX.array([3, 5])}, 1: (None,)})
    assert len(count) == 1


def test_arguments_pass_beside_the_leaves_and_whole_numbers_have_no_slope():
    leaves = {"x": JAX.array([2.0, 3.0], "float64"), "index": JAX.array([1, 0])}
    value, aux, gradients = JAX.value_and_gradient(
        lambda leaves, k: ((leaves["x"][leaves["index"]] ** k * JAX.array([1.0, 5.0])).sum(), ()), leaves, 2
    )
    assert float(value) == 29 and aux == ()
    assert gradients["x"].tolist() == [20.0, 6.0] and gradients["x"].dtype == np.float64
    assert gradients["index"].tolist() == [0, 0] and gradients["index"].dtype == np.int64


def test_a_constant_has_no_gradient():
    value, _, gradients = JAX.value_and_gradient(lambda leaves: (3.0, None), {"x": np.ones((2, 3), np.float32)})
    assert float(value) == 3
    assert gradients["x"].tolist() == [[0.0] * 3] * 2 and gradients["x"].dtype == np.float32
    assert JAX.value_and_gradient(lambda leaves: (3.0, None), {})[2] == {}


def test_a_gradient_of_a_gradient_and_under_compilation():
    def slope(leaves):
        _, _, inner = JAX.value_and_gradient(lambda inside: ((inside[1] ** 3).sum(), None), {1: leaves["x"]})
        return inner[1].sum(), {"slope": inner[1]}

    _, aux, gradients = JAX.compile(lambda x: JAX.value_and_gradient(slope, {"x": x}))(JAX.array([2.0, 5.0], "float32"))
    assert gradients["x"].tolist() == [12.0, 30.0]
    assert aux["slope"].tolist() == [12.0, 75.0]


def test_arrays_come_back_as_numpy_arrays():
    tree = {"a": [JAX.array(3, "float32"), (JAX.array([1, 2]),)], (1, "b"): None}
    back = JAX.numpy(tree)
    assert type(back["a"][0]) is np.ndarray and back["a"][0].dtype == np.float32
    assert type(back["a"][1]) is tuple and back["a"][1][0].dtype == np.int64
    assert back[1, "b"] is None


SINGLE = [case for case in CASES if "'float64'" not in case.values[0] and "np.arange(3.0)" not in case.values[0]]
"""All that do not ask for double precision themselves."""


@pytest.mark.parametrize(("text", "function", "arrays"), SINGLE)
def test_single_precision_has_no_double_array_on_its_way(text, function, arrays):
    """Scalars may be double (Python's numbers are, and give way); an array made of them would carry it on."""

    def loss(*arrays):
        xp = JAX.context(precision="float32")
        floats = [each for each in arrays_in(function(xp, *arrays)) if "float" in str(each.dtype)]
        return sum([xp.sum(each * 2.0) for each in floats], start=xp.zeros(()))

    slopes = jax.grad(loss, argnums=tuple(range(len(arrays))))
    made = str(jax.make_jaxpr(slopes)(*[JAX.array(array, "float32") for array in arrays]))
    body = re.sub(r"\{ lambda [^;]*;", "", made)  # what goes in may be a constant of the user's
    assert "f32" in made
    assert not re.search(r":f64\[\d", body)


# --- the context


def test_a_context_can_be_made_inside_a_compiled_function():
    x = np.arange(30, dtype=np.float32).reshape(2, 3, 5)

    @JAX.compile
    def run(x, lengths, seed):
        xp = JAX.context(training=True, seed=seed, dims={(1,): {"length": lengths}}).at((1,))
        length = xp.dims[(1,)]["length"]
        mean = xp.sum(xp.masked(x, length), 1) / xp.fit(length, 2)
        return {"mean": mean, "drop": xp.bernoulli(0.5, x.shape), "training": xp.training}

    out = JAX.numpy(run(x, np.array([2, 3]), 7))
    np.testing.assert_allclose(out["mean"], [x[0, :2].mean(0), x[1].mean(0)], rtol=1e-6)
    assert out["mean"].dtype == out["drop"].dtype == np.float32
    outside = JAX.context(seed=7).at((1,))
    np.testing.assert_array_equal(out["drop"], outside.bernoulli(0.5, x.shape))
    assert (out["drop"] != JAX.numpy(run(x, np.array([2, 3]), 8))["drop"]).any()


def test_the_stream_is_keyed_by_seed_path_and_draw():
    xp = JAX.context(seed=5)
    first = JAX.numpy(xp.at((1, "a")).uniform((3, 5)))
    same = [
        JAX.context(seed=each) for each in (np.int64(5), np.int32(5), JAX.array(5), JAX.array(5, "uint32"), 5 + 2**64)
    ]
    for each in same:
        np.testing.assert_array_equal(each.at((np.int64(1), "a")).uniform((3, 5)), first)
    here = xp.at((1, "a"))
    others = [JAX.context(seed=each).at((1, "a")) for each in (6, -5, 5 + 2**40)]
    draws = [each.uniform((3, 5)) for each in (here, here, xp.at((1, "b")), xp.at((1,)), xp.at(("1", "a")), *others)]
    np.testing.assert_array_equal(draws[0], first)
    assert len({np.asarray(each).tobytes() for each in draws}) == len(draws)


def test_the_stream_is_the_same_in_every_process():
    code = (
        "from wlnet.backends import backend; print(backend('JAX').context(seed=5).at((1, 'a')).uniform((3,)).tolist())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert said.stdout.strip() == str(JAX.context(seed=5).at((1, "a")).uniform((3,)).tolist())


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_draws_have_their_law_and_precision(precision):
    xp = JAX.context(seed=1, precision=precision).at((2,))
    n = 40_009
    uniform, normal, coins = (np.asarray(each) for each in (xp.uniform((n,)), xp.normal((n,)), xp.bernoulli(0.3, (n,))))
    assert {each.dtype for each in (uniform, normal, coins)} == {np.dtype(precision)}
    assert uniform.min() >= 0 and uniform.max() < 1
    assert abs(uniform.mean() - 0.5) < 0.01 and abs(uniform.var() - 1 / 12) < 0.002
    assert abs(normal.mean()) < 0.03 and abs(normal.var() - 1) < 0.05
    assert set(np.unique(coins)) == {0, 1} and abs(coins.mean() - 0.3) < 0.015


# --- kinks and padding, by hand

SLOPES = {
    "abs at 0": (lambda xp, x: xp.abs(x), 0.0, 0.0),
    "abs at -0": (lambda xp, x: xp.abs(x), -0.0, 0.0),
    "abs far": (lambda xp, x: xp.abs(x), -100.0, -1.0),
    "clip below": (lambda xp, x: xp.clip(x, -1, 1), -1.0, 0.0),
    "clip above": (lambda xp, x: xp.clip(x, -1, 1), 1.0, 0.0),
    "clip outside": (lambda xp, x: xp.clip(x, None, 1), 100.0, 0.0),
    "clip inside": (lambda xp, x: xp.clip(x, -1, None), 100.0, 1.0),
    "maximum": (lambda xp, x: xp.maximum(x, 0.0), 0.0, 0.5),
    "ramp": (lambda xp, x: xp.ramp(x), 0.0, 0.0),
    "0 ** 1": (lambda xp, x: x**1, 0.0, 1.0),
    "0 ** [2, 1, 0]": (lambda xp, x: xp.sum(xp.power(x, np.array([2.0, 1.0, 0.0]))), 0.0, 1.0),
    "0 ** 0": (lambda xp, x: x**0, 0.0, 0.0),
    "0 to the 0.0": (lambda xp, x: xp.power(x, 0.0), 0.0, 0.0),
    "0 to the exponent 0": (lambda xp, n: xp.power(0.0, n), 0.0, 0.0),
    "0 to the exponent": (lambda xp, n: xp.power(np.array([0.0, 2.0]), n)[0], 3.0, 0.0),
    "tanh far": (lambda xp, x: xp.tanh(x), 100.0, 0.0),
    "std of equal values": (lambda xp, x: xp.std(xp.stack([x, x, x])), 2.0, 0.0),
    "round": (lambda xp, x: xp.round(x) + xp.floor(x) + xp.ceil(x) + xp.trunc(x) + xp.sign(x), 0.4, 0.0),
    "largest of equals": (lambda xp, x: xp.max(xp.stack([x, 2.0, 1.0])), 2.0, 0.5),
    "softmax far": (lambda xp, x: xp.softmax(xp.stack([x, 0.0])[None], 1)[0, 0], 100.0, np.exp(-100.0)),
}


@pytest.mark.parametrize("case", SLOPES)
def test_the_slope_at_a_kink(case):
    function, at, expected = SLOPES[case]
    xp = JAX.context(precision="float64")
    _, _, found = JAX.value_and_gradient(lambda leaf: (function(xp, leaf["x"]), None), {"x": np.array(at)})
    np.testing.assert_allclose(found["x"], expected, rtol=1e-12, atol=1e-40)


def test_a_window_of_padding_sends_no_gradient():
    xp = JAX.context(precision="float64")
    x = np.array([[[3.0, 7.0, 5.0]]])
    pooled = lambda leaf: xp.pool(leaf["x"], "Max", (2,), (1,), ((3, 0),))
    _, aux, found = JAX.value_and_gradient(
        lambda leaf: (xp.sum(xp.maximum(pooled(leaf), -9.0) * np.arange(1.0, 6.0)), pooled(leaf)), {"x": x}
    )
    assert aux.tolist() == [[[-np.inf, -np.inf, 3.0, 7.0, 7.0]]]
    assert found["x"].tolist() == [[[3.0, 9.0, 0.0]]]


@pytest.mark.parametrize("noise", [np.nan, np.inf, 1e30])
def test_padding_reaches_neither_values_nor_gradients(noise):
    xp = JAX.context()
    true = np.random.default_rng(3).normal(size=(2, 7, 3)).astype(np.float32)
    lengths = np.array([5, 7])
    padded = true.copy()
    padded[0, 5:] = noise
    scaling = np.array([[2.0, 3.0, 5.0]], np.float32)

    def loss(leaves):
        y = xp.normalize(leaves["x"], leaves["s"], None, (1,), 1e-3, length=lengths)
        z, mean, _ = xp.batch_normalize(leaves["x"], None, None, 2, 1e-3, xp.within(leaves["x"], lengths))
        y, z = xp.masked(y, lengths), xp.masked(z, lengths)
        return xp.sum(y**3) + xp.sum(z**3), {"y": y, "z": z, "mean": mean}

    _, aux, found = JAX.numpy(JAX.value_and_gradient(loss, {"x": padded, "s": scaling}))
    _, expected, slopes = JAX.numpy(JAX.value_and_gradient(loss, {"x": true, "s": scaling}))
    for name in aux:
        np.testing.assert_array_equal(aux[name], expected[name])
    one = true[0, :5].astype(np.float64)
    by_hand = (one - one.mean(0)) / np.sqrt(one.var(0) + 1e-3) * scaling
    np.testing.assert_allclose(aux["y"][0, :5], by_hand, rtol=2e-5)
    np.testing.assert_allclose(aux["mean"], np.r_[true[0, :5], true[1]].mean(0), rtol=1e-5)
    np.testing.assert_array_equal(found["s"], slopes["s"])
    np.testing.assert_array_equal(found["x"], slopes["x"])
    assert not found["x"][0, 5:].any()


def test_batch_statistics_carry_no_gradient():
    xp = JAX.context(precision="float64")
    x = np.random.default_rng(5).normal(size=(5, 3, 2))

    def function(leaves):
        _, mean, variance = xp.batch_normalize(leaves["x"], None, None, 1, 0.1)
        return xp.sum(mean) + xp.sum(variance), (mean, variance)

    _, (mean, variance), found = JAX.value_and_gradient(function, {"x": x})
    np.testing.assert_allclose(mean, x.mean((0, 2)))
    np.testing.assert_allclose(variance, x.var((0, 2)))
    assert not np.any(found["x"])


def test_a_users_single_precision_stays_single():
    """Double precision is on for the process; what has a type keeps it."""
    assert jax.numpy.asarray(np.ones(3, np.float32)).dtype == np.float32
    assert (jax.numpy.ones(3, "float32") * 2.5 + 1).dtype == np.float32
    assert JAX.array(np.ones(3)).dtype == np.float64
