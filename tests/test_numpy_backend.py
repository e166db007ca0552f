"""The NumPy backend: every word's gradient against differences, single precision kept, the tape, and the streams."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from wlnet.backends import backend
from wlnet.core.errors import NetError

NUMPY = backend()
RANDOM = np.random.default_rng(11)
CHANNELS = np.linspace(-1, 1, 3)


def numbers(*shape, low=-2.0, high=2.0):
    """Uniform numbers of a shape, no two near each other's kinks."""
    return RANDOM.uniform(low, high, shape)


def gradients(function, *arguments, precision="float64"):
    """The gradients of sum(weights * function(xp, *arguments)) for every argument, and the value."""
    xp = NUMPY.context(precision=precision)
    leaves = dict(enumerate(np.asarray(each, precision) for each in arguments))

    def scalar(given):
        y = function(xp, *given.values())
        weights = np.cos(np.arange(1, 1 + np.size(y_value(y)))).reshape(y.shape).astype(precision)
        return xp.sum(y * weights), y

    value, y, found = NUMPY.value_and_gradient(scalar, leaves)
    return value, y, list(found.values())


def y_value(y):
    """The array of a box."""
    return np.empty(y.shape)


def differences(function, arguments, number, step=1e-6):
    """The same gradient by central differences, untraced."""
    xp, x = NUMPY.context(precision="float64"), arguments[number]

    def scalar(changed):
        y = function(xp, *arguments[:number], changed, *arguments[number + 1 :])
        assert not hasattr(y, "_node")
        return np.sum(y * np.cos(np.arange(1, 1 + np.size(y))).reshape(np.shape(y)))

    gradient = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        gradient[place] = (scalar(up) - scalar(down)) / (2 * step)
    return gradient


A, B, POSITIVE, UNIT = numbers(2, 3, 5), numbers(3, 1), numbers(2, 3, low=0.3), numbers(2, 3, low=-0.9, high=0.9)
WORDS = {
    **{word: ((lambda xp, x, w=word: getattr(xp, w)(x)), [A]) for word in
       ["abs", "cosh", "sinh", "tanh", "exp", "expm1", "sin", "cos", "arctan", "arcsinh", "square", "sigmoid",
        "ramp", "erf", "erfc"]},
    **{word: ((lambda xp, x, w=word: getattr(xp, w)(x)), [POSITIVE]) for word in
       ["log", "log1p", "sqrt", "gamma", "loggamma", "digamma"]},
    **{word: ((lambda xp, x, w=word: getattr(xp, w)(x)), [UNIT]) for word in
       ["arcsin", "arccos", "arctanh", "tan", "erfinv"]},
    "arccosh": (lambda xp, x: xp.arccosh(x + 1), [POSITIVE]),
    "erfcinv": (lambda xp, x: xp.erfcinv(x + 1), [UNIT]),
    **{word: ((lambda xp, x, y, w=word: getattr(xp, w)(x, y)), [A, B]) for word in
       ["arctan2", "logaddexp", "maximum", "minimum"]},
    **{f"{word} of a number": ((lambda xp, x, w=word: getattr(xp, w)(x, 0.3)), [A]) for word in
       ["arctan2", "logaddexp", "maximum", "minimum"]},
    **{f"{word}, {axis}, {keep}": ((lambda xp, x, w=word, a=axis, k=keep: getattr(xp, w)(x, a, keepdims=k)), [A])
       for word in ["sum", "mean", "var", "std", "max", "min", "prod"] for axis in (None, 1, -1, (0, 2))
       for keep in (False, True)},
    "var, ddof": (lambda xp, x: xp.var(x, 1, ddof=1), [A]),
    "std, ddof": (lambda xp, x: xp.std(x, (0, 1), ddof=1), [A]),
    "methods": (lambda xp, x: x.mean(1) * x.max(1) + x.sum((1,)) + x.reshape((2, -1))[:, :5] + x.T.T[:, 0], [A]),
    "+": (lambda xp, x, y: x + y, [A, B]),
    "-": (lambda xp, x, y: x - y, [A, B]),
    "*": (lambda xp, x, y: x * y, [A, B]),
    "/": (lambda xp, x, y: x / y, [A, B]),
    "-x": (lambda xp, x: -x, [A]),
    "1/x": (lambda xp, x: 1 / x, [A]),
    "1-x": (lambda xp, x: 1 - x, [A]),
    "mod": (lambda xp, x: xp.mod(x, 0.7), [A]),
    "x**2": (lambda xp, x: x**2, [A]),
    "x**3": (lambda xp, x: x**3, [A]),
    "x**-1.5": (lambda xp, x: x**-1.5, [POSITIVE]),
    "2**x": (lambda xp, x: 2.0**x, [A]),
    "power": (lambda xp, x, y: xp.power(x, y), [POSITIVE, numbers(3)]),
    "where": (lambda xp, x, y: xp.where(x > 0.1, x, y), [A, B]),
    "where of numbers": (lambda xp, x: xp.where(x > 0.1, x, 0.0) + xp.where(x > 0.1, 1, x), [A]),
    "clip": (lambda xp, x: xp.clip(x, -0.5, 0.7), [A]),
    "clip, one side": (lambda xp, x: xp.clip(x, None, 0.7), [A]),
    "clip, named": (lambda xp, x: xp.clip(x, a_min=-0.5, a_max=None), [A]),
    "concatenate": (lambda xp, x, y: xp.concatenate([x, y, x], -1), [A, numbers(2, 3, 2)]),
    "stack": (lambda xp, x, y: xp.stack([x, y], 1), [A, numbers(2, 3, 5)]),
    "stack, last": (lambda xp, x, y: xp.stack([x, y], -1), [A, numbers(2, 3, 5)]),
    "split": (lambda xp, x: xp.split(x, [1, 3], 2)[1] * 2 + xp.split(x, 5, -1)[0], [A]),
    "cumsum": (lambda xp, x: xp.cumsum(x, 1), [A]),
    "cumsum, last": (lambda xp, x: xp.cumsum(x, -1), [A]),
    "cumsum, first": (lambda xp, x: xp.cumsum(x, 0), [A]),
    "diff": (lambda xp, x: xp.diff(x, 2, -1), [A]),
    "einsum": (lambda xp, x, y: xp.einsum("abc,bd->acd", x, y), [A, numbers(3, 7)]),
    "einsum, sums": (lambda xp, x, y: xp.einsum("abc,bd->a", x, y), [A, numbers(3, 7)]),
    "einsum, one": (lambda xp, x: xp.einsum("abc->ca", x), [A]),
    "einsum, diagonal": (lambda xp, x: xp.einsum("aab->b", x), [numbers(3, 3, 2)]),
    "einsum, dots": (lambda xp, x, y: xp.einsum("...b,...b->...", x, y), [A, numbers(1, 3, 5)]),
    "einsum, three": (lambda xp, x, y, z: xp.einsum("ab,bc,cd->ad", x, y, z),
                      [numbers(2, 3), numbers(3, 5), numbers(5, 7)]),
    "expand_dims": (lambda xp, x: xp.expand_dims(x, 1), [A]),
    "x[None]": (lambda xp, x: x[None, :, None], [A]),
    "squeeze": (lambda xp, x: xp.squeeze(x, 1), [numbers(3, 1, 2)]),
    "moveaxis": (lambda xp, x: xp.moveaxis(x, 0, -1), [A]),
    "swapaxes": (lambda xp, x: xp.swapaxes(x, 0, 2), [A]),
    "transpose": (lambda xp, x: xp.transpose(x, (1, 2, 0)), [A]),
    "reshape": (lambda xp, x: xp.reshape(x, (3, -1)), [A]),
    "broadcast_to": (lambda xp, x: xp.broadcast_to(x, (2, 3, 5)), [B]),
    "repeat": (lambda xp, x: xp.repeat(x, 3, -1), [A]),
    "repeat, flat": (lambda xp, x: xp.repeat(x, 3), [A]),
    "repeat, each": (lambda xp, x: xp.repeat(x, np.array([2, 0, 3]), 1), [A]),
    "tile": (lambda xp, x: xp.tile(x, (2, 1)), [A]),
    "tile, more": (lambda xp, x: xp.tile(x, (3, 2)), [numbers(5)]),
    "tile, one": (lambda xp, x: xp.tile(x, 2), [A]),
    "roll": (lambda xp, x: xp.roll(x, 2, 1), [A]),
    "roll, two": (lambda xp, x: xp.roll(x, (2, -1), (0, 2)), [A]),
    "pad": (lambda xp, x: xp.pad(x, ((0, 0), (1, 2), (0, 3))), [A]),
    "pad, all": (lambda xp, x: xp.pad(x, 1, "constant", constant_values=2.0), [A]),
    "outer": (lambda xp, x, y: xp.outer(x, y), [numbers(3), numbers(5)]),
    "tensordot": (lambda xp, x, y: xp.tensordot(x, y, ((-1, 1), (0, 2))), [A, numbers(5, 7, 3)]),
    "tensordot, 1": (lambda xp, x, y: xp.tensordot(x, y, 1), [A, numbers(5, 7)]),
    "matmul": (lambda xp, x, y: x @ y, [numbers(2, 3), numbers(3, 5)]),
    "matmul, stacked": (lambda xp, x, y: xp.matmul(x, y), [numbers(7, 2, 3), numbers(7, 3, 5)]),
    "matmul, broadcast": (lambda xp, x, y: x @ y, [numbers(7, 1, 2, 3), numbers(5, 3, 2)]),
    "matmul, one matrix": (lambda xp, x, y: x @ y, [A, numbers(5, 7)]),
    "matmul, one matrix first": (lambda xp, x, y: x @ y, [numbers(7, 3), A]),
    "matmul, vector last": (lambda xp, x, y: x @ y, [A, numbers(5)]),
    "matmul, vector first": (lambda xp, x, y: x @ y, [numbers(3), A]),
    "matmul, vectors": (lambda xp, x, y: xp.reshape(x @ y, (1,)), [numbers(3), numbers(3)]),
    "x[i]": (lambda xp, x: x[1], [A]),
    "x[:, ::-1]": (lambda xp, x: x[:, ::-1, 1:4], [A]),
    "x[..., i] twice": (lambda xp, x: x[..., 0] * x[..., 3], [A]),
    "x[rows]": (lambda xp, x: x[np.array([[1, 0, 1], [-1, 1, 1]])], [A]),
    "x[a, b]": (lambda xp, x: x[np.array([1, 0, 1]), np.array([2, 2, 2])], [A]),
    "x[list]": (lambda xp, x: x[:, [2, 0, 2]], [A]),
    "x[mask]": (lambda xp, x: x[A > 0], [A]),
    "gather": (lambda xp, x: xp.gather(x, np.array([[1, 1], [2, 0]])), [A]),
    "rows": (lambda xp, x: xp.rows(x, np.array([[1, 1], [0, 1]])), [A]),
    "sort": (lambda xp, x: xp.sort(x), [A]),
    "linear": (lambda xp, x, w, b: xp.linear(x, w, b), [numbers(7, 3), numbers(5, 3), numbers(5)]),
    "linear, no biases": (lambda xp, x, w: xp.linear(x, w, None), [numbers(7, 3), numbers(5, 3)]),
    "convolve": (lambda xp, x, w, b: xp.convolve(x, w, b, stride=[2], padding=[[1, 0]], dilation=[1], groups=1),
                 [numbers(2, 3, 7), numbers(5, 3, 2), numbers(5)]),
    "pool": (lambda xp, x: xp.pool(x, "Max", kernel=[2], stride=[1], padding=[[1, 0]]), [A]),
    "normalize": (lambda xp, x, s: xp.normalize(x, scaling=s, biases=None, axes=[2], epsilon=0.1, rms=True), [A, B]),
    "batch_normalize": (lambda xp, x, s, b: xp.batch_normalize(x, s, b, 1, 0.1)[0], [A, numbers(3), numbers(3)]),
    "softmax": (lambda xp, x: xp.softmax(x, axis=1), [A]),
    "cross_entropy": (lambda xp, x: xp.cross_entropy(x, np.array([1, 0])), [POSITIVE]),
    "log_softmax_cross_entropy": (lambda xp, x: xp.log_softmax_cross_entropy(x, np.array([1, 0])), [UNIT]),
    "masked": (lambda xp, x: xp.masked(x, np.array([3, 1]), -7), [A]),
    "astype": (lambda xp, x: xp.astype(x, float) * xp.astype(x > 0, float), [A]),
    "fit": (lambda xp, x: x * xp.fit(np.array([3, 1]), 3), [A]),
}  # fmt: skip


@pytest.mark.parametrize("case", WORDS)
def test_a_word_has_its_gradient_and_stays_single(case):
    function, arguments = WORDS[case]
    arguments = [np.asarray(each) for each in arguments]
    _, y, found = gradients(function, *arguments)
    untraced = function(NUMPY.context(precision="float64"), *arguments)
    np.testing.assert_array_equal(y, untraced)
    for number, gradient in enumerate(found):
        expected = differences(function, arguments, number)
        np.testing.assert_allclose(gradient, expected, atol=1e-6 * max(1, np.abs(expected).max()))
    single, y, narrow = gradients(function, *arguments, precision="float32")
    assert single.dtype == y.dtype == np.float32
    for gradient, wide in zip(narrow, found, strict=True):
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, wide, atol=1e-4 * max(1, np.abs(wide).max()))


def numbers_of(part):
    """The arrays and types in what a node sends: an array, a list of them, or a part of one still to be added."""
    if isinstance(part, list):
        return part
    return [getattr(part.vs, "dtype", np.float32)] if hasattr(part, "vs") else [part]


@pytest.mark.parametrize("case", WORDS)
def test_no_gradient_widens_on_its_way(case, monkeypatch):
    """The last cast hides what widens in between, so watch what every node sends."""
    from wlnet.backends import tape

    function, arguments = WORDS[case]
    kinds, add = set(), tape.add_outgrads

    def watched(total, part):
        kinds.update(np.result_type(each) for each in numbers_of(part))
        return add(total, part)

    monkeypatch.setattr(tape, "add_outgrads", watched)
    gradients(function, *arguments, precision="float32")
    assert kinds == {np.dtype(np.float32)}


SLOPES_AT_KINKS = {
    "abs": (lambda xp, x: xp.abs(x), 0.0, 0.0),
    "ramp": (lambda xp, x: xp.ramp(x), 0.0, 0.0),
    "maximum": (lambda xp, x: xp.maximum(x, 0), 0.0, 0.5),
    "minimum": (lambda xp, x: xp.minimum(0.0, x), 0.0, 0.5),
    "clip below": (lambda xp, x: xp.clip(x, -1, 1), -1.0, 0.0),
    "clip above": (lambda xp, x: xp.clip(x, -1, 1), 1.0, 0.0),
    "clip outside": (lambda xp, x: xp.clip(x, -1, 1), 3.0, 0.0),
    "0 ** 2": (lambda xp, x: x**2, 0.0, 0.0),
    "0 ** 1": (lambda xp, x: x**1, 0.0, 1.0),
    "0 ** 0": (lambda xp, x: x**0, 0.0, 0.0),
    "0 ** [2, 1, 0]": (lambda xp, x: xp.sum(x ** np.array([2.0, 1.0, 0.0])), 0.0, 1.0),
    "0 to the exponent": (lambda xp, n: xp.power(np.array([0.0, 2.0]), n)[0], 3.0, 0.0),
    "tanh far": (lambda xp, x: xp.tanh(x), 100.0, 0.0),
    "sigmoid far": (lambda xp, x: xp.sigmoid(x), -100.0, np.exp(-100.0)),
    "where": (lambda xp, x: xp.where(x > 0, 3 * x, 7 * x), 0.0, 7.0),
    "sign": (lambda xp, x: xp.sign(x) * x, 2.0, 1.0),
    "round": (lambda xp, x: xp.round(x) + xp.floor(x) + xp.ceil(x) + xp.trunc(x) + x, 0.4, 1.0),
    "int": (lambda xp, x: xp.astype(x, int) * x, 2.5, 2.0),
    "stop_gradient": (lambda xp, x: xp.stop_gradient(x) * x, 2.5, 2.5),
    "std of equal values": (lambda xp, x: xp.std(xp.stack([x, x, x])), 2.0, 0.0),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", SLOPES_AT_KINKS)
def test_the_slope_at_a_kink(case):
    function, at, expected = SLOPES_AT_KINKS[case]
    xp = NUMPY.context(precision="float64")
    _, _, found = NUMPY.value_and_gradient(lambda leaf: (function(xp, leaf["x"]), None), {"x": np.array(at)})
    np.testing.assert_allclose(found["x"], expected, rtol=1e-12)


def test_a_product_with_zeros_has_the_product_of_the_others():
    x = np.array([[0, 2, 3, 5], [0, 0, 7, 2], [1, 2, 3, 5]], np.float32)
    _, _, (gradient,) = gradients(lambda xp, x: xp.prod(x, 1) * 0 + xp.prod(x, 1), x, precision="float32")
    weights = np.cos([1, 2, 3])[:, None]
    expected = weights * [[30, 0, 0, 0], [0, 0, 0, 0], [30, 15, 10, 6]]
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


def test_equal_maxima_share_the_gradient():
    x = np.array([[3.0, 3.0, 1.0], [0.0, 2.0, 1.0]])
    _, _, (gradient,) = gradients(lambda xp, x: xp.max(x, 1), x)
    np.testing.assert_allclose(gradient, np.cos([[1], [2]]) * [[0.5, 0.5, 0], [0, 1, 0]])


# --- the tape


def test_values_aux_and_gradients():
    leaves = {("a", 1): np.array([1, 2, 3], np.float32), "b": np.array(2.0), "none": np.ones((2, 5), np.float32)}

    def function(given):
        y = given["a", 1] * given["b"]
        return (y**2).sum(), {"y": (y, [given["b"], "text", None])}

    value, aux, found = NUMPY.value_and_gradient(function, leaves)
    assert value == 56
    np.testing.assert_array_equal(aux["y"][0], [2, 4, 6])
    assert type(aux["y"][0]) is np.ndarray and type(aux["y"][1][0]) is np.ndarray
    assert aux["y"][1][1:] == ["text", None]
    assert {key: (each.shape, each.dtype) for key, each in found.items()} == {
        key: (each.shape, each.dtype) for key, each in leaves.items()
    }
    np.testing.assert_allclose(found["a", 1], [8, 16, 24])
    np.testing.assert_allclose(found["b"], 56)
    assert not found["none"].any()


def test_a_constant_has_no_gradient():
    value, aux, found = NUMPY.value_and_gradient(lambda given: (3.0, given), {"x": np.ones(3)})
    assert value == 3 and not found["x"].any()
    assert type(aux["x"]) is np.ndarray


def test_only_a_number_has_a_gradient():
    with pytest.raises(ValueError, match="only a single number"):
        NUMPY.value_and_gradient(lambda given: (given["x"], None), {"x": np.ones(3)})


def test_a_leaf_that_is_the_scalar_itself():
    value, _, found = NUMPY.value_and_gradient(lambda given: (given["x"], None), {"x": np.array(3.0)})
    assert (value, found["x"]) == (3, 1)


def test_arguments_pass_beside_the_leaves():
    value, _, found = NUMPY.value_and_gradient(lambda given, k: (given["x"] * k, None), {"x": np.array(3.0)}, 5)
    assert (value, found["x"]) == (15, 5)


def test_tapes_nest():
    def inner(given):
        _, _, found = NUMPY.value_and_gradient(lambda leaf: (leaf["z"] * leaf["z"], None), {"z": np.array(4.0)})
        return given["x"] * given["x"] * found["z"], None

    value, _, found = NUMPY.value_and_gradient(inner, {"x": np.array(3.0)})
    assert (value, found["x"]) == (72, 48)


def test_an_error_leaves_the_tape_as_it_was():
    with pytest.raises(ZeroDivisionError):
        NUMPY.value_and_gradient(lambda given: (given["x"] * (1 // 0), None), {"x": np.array(3.0)})
    test_values_aux_and_gradients()


def test_threads_have_tapes_of_their_own():
    x = {k: numbers(7, 11) for k in range(8)}

    def work(k):
        xp = NUMPY.context(precision="float64")
        function = lambda given: (xp.sum(xp.softmax(given["x"], 1) ** 2) * (k + 1), None)
        return NUMPY.value_and_gradient(function, {"x": x[k]})[2]["x"]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(work, range(8), timeout=60))
    for k in range(8):
        np.testing.assert_array_equal(together[k], work(k))


def test_autograd_stays_as_it_is_for_others():
    from autograd import grad

    assert grad(lambda x: abs(x) ** 3.0)(-2.0) == -12


def test_what_no_tape_records_keeps_nothing():
    from wlnet.backends.numpywords import slot

    slot.kept = None
    NUMPY.context().softmax(np.ones((2, 3), np.float32), 1)
    NUMPY.context().log_softmax_cross_entropy(np.ones((2, 3), np.float32), np.array([0, 1]))
    assert slot.kept is None


def test_a_gradient_may_be_asked_for_while_a_kernel_is_shared():
    """One kernel called twice on one tape: what each call keeps is its own."""
    x, y = numbers(2, 3), numbers(2, 3)
    index = np.array([1, 2])
    both = lambda xp, x, y: xp.log_softmax_cross_entropy(x, index) + xp.log_softmax_cross_entropy(y, index)
    one = lambda xp, x: xp.log_softmax_cross_entropy(x, index)
    _, _, (first, second) = gradients(both, x, y)
    np.testing.assert_allclose(first, gradients(one, x)[2][0])
    np.testing.assert_allclose(second, gradients(one, y)[2][0])


def test_batch_statistics_carry_no_gradient():
    xp = NUMPY.context(precision="float64")
    x = numbers(5, 3, 2)

    def function(given):
        y, mean, variance = xp.batch_normalize(given["x"], None, None, 1, 0.1)
        return xp.sum(y * 0) + xp.sum(mean) + xp.sum(variance), (mean, variance)

    _, (mean, variance), found = NUMPY.value_and_gradient(function, {"x": x})
    np.testing.assert_allclose(mean, x.mean((0, 2)))
    np.testing.assert_allclose(variance, x.var((0, 2)))
    assert not found["x"].any()


# --- the context


def test_the_stream_is_keyed_by_seed_path_and_draw():
    xp = NUMPY.context(seed=5)
    first = xp.at((1, "a")).uniform((3, 5))
    np.testing.assert_array_equal(first, NUMPY.context(seed=np.int64(5)).at((np.int64(1), "a")).uniform((3, 5)))
    here = xp.at((1, "a"))
    draws = [here.uniform((3, 5)), here.uniform((3, 5)), xp.at((1, "b")).uniform((3, 5)), xp.at((1,)).uniform((3, 5)),
             NUMPY.context(seed=6).at((1, "a")).uniform((3, 5)), xp.at(("1", "a")).uniform((3, 5))]  # fmt: skip
    np.testing.assert_array_equal(draws[0], first)
    assert len({each.tobytes() for each in draws}) == len(draws)


def test_the_stream_is_the_same_in_every_process():
    code = "from wlnet.backends import backend; print(backend().context(seed=5).at((1, 'a')).uniform((3,)).tolist())"
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert said.stdout.strip() == str(NUMPY.context(seed=5).at((1, "a")).uniform((3,)).tolist())


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_draws_have_their_law_and_precision(precision):
    xp = NUMPY.context(seed=1, precision=precision).at((2,))
    n = 40_009
    uniform, normal, coins = xp.uniform((n,)), xp.normal((n,)), xp.bernoulli(0.3, (n,))
    assert {each.dtype for each in (uniform, normal, coins)} == {np.dtype(precision)}
    assert uniform.min() >= 0 and uniform.max() < 1
    assert abs(uniform.mean() - 0.5) < 0.01 and abs(uniform.var() - 1 / 12) < 0.002
    assert abs(normal.mean()) < 0.03 and abs(normal.var() - 1) < 0.05
    assert set(np.unique(coins)) == {0, 1} and abs(coins.mean() - 0.3) < 0.015


def test_places_within_a_length():
    xp, x = NUMPY.context(), numbers(2, 5, 3).astype(np.float32)
    length = np.array([3, 5])
    assert xp.masked(x, 5) is x
    assert xp.masked(x, np.int64(5)) is x
    expected = x.copy()
    expected[0, 3:] = -1e30
    filled = xp.masked(x, length, -1e30)
    assert filled.dtype == np.float32
    np.testing.assert_array_equal(filled, expected)
    assert xp.within(x, length).shape == (2, 5, 1)
    assert xp.within(x, length)[:, :, 0].sum(1).tolist() == [3, 5]
    assert xp.within(x, 2)[:, :, 0].tolist() == [[True, True, False, False, False]]


def test_a_number_fits_beside_arrays():
    xp = NUMPY.context()
    assert xp.fit(7, 3) == 7 and type(xp.fit(np.int64(7), 3)) is int
    fitted = xp.fit(np.array([3, 5]), 3)
    assert (fitted.shape, fitted.dtype) == ((2, 1, 1), np.float32)


def test_new_arrays_have_the_precision():
    xp = NUMPY.context()
    assert {xp.zeros((2,)).dtype, xp.ones((2,)).dtype, xp.full((2,), 3).dtype, xp.asarray([0.5]).dtype} == {
        np.dtype("float32")
    }
    assert xp.arange(3).dtype == xp.asarray([1]).dtype == np.int64
    assert xp.astype(np.array([1.7]), int).tolist() == [1]
    assert xp.astype(np.array([0.0, 2.0]), bool).tolist() == [False, True]


def test_a_context_changes_by_copy():
    xp = NUMPY.context(training=True, dims={(): {"n": 3}})
    other = xp.derive(seen=print)
    assert xp.seen is None and other.seen is print and other.training and other.dims == xp.dims
    assert xp.at((3,)).path == (3,) and xp.path == ()


def test_arrays_come_back_as_arrays():
    tree = {"a": [np.float32(3), (np.ones(2),)], "none": None}
    back = NUMPY.numpy(tree)
    assert back["a"][0].dtype == np.float32 and back["a"][1][0].tolist() == [1, 1] and back["none"] is None
    assert NUMPY.array([1, 2], "float32").dtype == np.float32
    assert NUMPY.compile(len) is len


def test_there_are_two_backends():
    assert backend("numpy") is backend("NumPy") is backend()
    with pytest.raises(NetError) as said:
        backend("Torch")
    assert str(said.value) == "'Torch' is not a backend\n  hint: use 'NumPy' or 'JAX'"


def test_a_missing_jax_is_said():
    code = """
import sys
sys.modules["jax"] = None
from wlnet.backends import backend
from wlnet.core.errors import NetError
try:
    backend("JAX")
except NetError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "the JAX backend needs the package jax\n  hint: pip install wlnet[jax]\n"
