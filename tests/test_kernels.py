"""Each kernel against its formula or another library, and its gradient against differences in double precision."""

import itertools

import numpy as np
import pytest

from wlnet.kernels import batch, crew, gather, linear, normalize, pool, ramps, softmax
from wlnet.kernels.choose import choose
from wlnet.kernels.convolve import convolve, geometry, way

RANDOM = np.random.default_rng(20)


def example(*shape, single=False):
    """Normal numbers of a shape."""
    return RANDOM.standard_normal(shape).astype(np.float32 if single else np.float64)


def differences(function, x, step=1e-6):
    """The gradient of a scalar function of an array by central differences."""
    gradient = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[place] += step
        down[place] -= step
        gradient[place] = (function(up) - function(down)) / (2 * step)
    return gradient


def check(kernel, arguments, wanted, tolerance=1e-7):
    """Gradients by differences, alone and together; single precision kept and near; nothing written into."""
    before = [np.copy(each) if isinstance(each, np.ndarray) else each for each in arguments]
    y, kept = kernel.forward(*arguments)
    g = example(*y.shape)
    sent = g.copy()
    found = kernel.backward(g, wanted, y, kept, *arguments)
    for number, gradient in zip(wanted, found, strict=True):
        changed = lambda x, k=number: np.sum(g * kernel.forward(*arguments[:k], x, *arguments[k + 1 :])[0])
        expected = differences(changed, arguments[number])
        assert gradient.shape == arguments[number].shape
        np.testing.assert_allclose(gradient, expected, atol=tolerance * max(1, np.abs(expected).max()), rtol=0)
        (alone,) = kernel.backward(g, (number,), y, kept, *arguments)
        np.testing.assert_allclose(alone, gradient, atol=1e-12 * max(1, np.abs(gradient).max()), rtol=1e-12)
    assert np.array_equal(sent, g)
    for each, was in zip(arguments, before, strict=True):
        assert not isinstance(each, np.ndarray) or np.array_equal(each, was)
    check_single(kernel, arguments, wanted, g, y, found)


def check_single(kernel, arguments, wanted, g, y, found):
    """The same in single precision stays single, and near."""
    narrow = lambda x: x.astype(np.float32) if isinstance(x, np.ndarray) and x.dtype == np.float64 else x
    arguments = [narrow(each) for each in arguments]
    single, kept = kernel.forward(*arguments)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, y, atol=2e-5 * max(1, np.abs(y).max()), rtol=1e-4)
    for gradient, wide in zip(kernel.backward(narrow(g), wanted, single, kept, *arguments), found, strict=True):
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, wide, atol=2e-4 * max(1, np.abs(wide).max()), rtol=0)


# --- linear and the ramps


def test_linear_has_its_gradients():
    check(linear.linear, [example(5, 7), example(3, 7), example(3)], (0, 1, 2))


@pytest.mark.parametrize("kernel", [ramps.ramp, ramps.sigmoid])
def test_ramps_have_their_gradients(kernel):
    check(kernel, [example(5, 7)], (0,))


def test_ramps_at_zero_and_in_the_tails():
    zero = np.zeros(3, np.float32)
    assert not ramps.ramp.backward(np.ones_like(zero), (0,), zero, None, zero)[0].any()
    x = np.array([-80, 80], np.float32)
    y, kept = ramps.sigmoid.forward(x)
    np.testing.assert_allclose(y, [np.exp(-80.0), 1], rtol=1e-6)
    (slope,) = ramps.sigmoid.backward(np.ones_like(x), (0,), y, kept, x)
    np.testing.assert_allclose(slope, [np.exp(-80.0)] * 2, rtol=1e-6)


# --- convolve


def convolved(x, w, b, stride, padding, dilation, groups):
    """The definition: for every output and tap, the sum over the group's channels."""
    x = np.pad(x, [(0, 0), (0, 0), *padding])
    kernel, channels = w.shape[2:], w.shape[1]
    out = [(n - d * (k - 1) - 1) // s + 1 for n, d, k, s in zip(x.shape[2:], dilation, kernel, stride, strict=True)]
    y = np.zeros((len(x), len(w), *out))
    for o, place, tap in itertools.product(range(len(w)), np.ndindex(*out), np.ndindex(*kernel)):
        at = [p * s + t * d for p, s, t, d in zip(place, stride, tap, dilation, strict=True)]
        first = o // (len(w) // groups) * channels
        y[(slice(None), o, *place)] += x[(slice(None), slice(first, first + channels), *at)] @ w[(o, slice(None), *tap)]
    return y + b.reshape(-1, *(1,) * len(out))


CONVOLUTIONS = {
    "plain": ((2, 3, 7, 5), (5, 3, 3, 2), (1, 1), ((0, 0), (0, 0)), (1, 1), 1),
    "stride": ((2, 3, 11, 7), (5, 3, 3, 2), (3, 2), ((1, 0), (0, 2)), (1, 1), 1),
    "dilation": ((2, 3, 11, 7), (5, 3, 3, 2), (1, 1), ((2, 1), (0, 3)), (2, 3), 1),
    "stride and dilation": ((2, 3, 13, 11), (5, 3, 3, 2), (2, 3), ((2, 1), (0, 3)), (2, 3), 1),
    "groups": ((2, 6, 7, 5), (15, 2, 3, 2), (2, 1), ((1, 1), (0, 1)), (1, 1), 3),
    "depthwise": ((2, 3, 7, 5), (3, 1, 3, 2), (1, 1), ((2, 0), (0, 1)), (1, 1), 3),
    "depthwise, dilation": ((2, 3, 7, 11), (3, 1, 3, 2), (1, 1), ((2, 0), (0, 1)), (2, 3), 3),
    "depthwise, two each": ((2, 3, 7, 5), (6, 1, 3, 2), (1, 1), ((2, 0), (0, 1)), (1, 1), 3),
    "points": ((3, 5, 7, 2), (2, 5, 1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1), 1),
    "points, stride": ((3, 4, 7, 5), (6, 2, 1, 1), (3, 2), ((0, 0), (0, 0)), (1, 1), 2),
    "points, padded": ((3, 2, 5, 3), (2, 2, 1, 1), (1, 1), ((1, 2), (0, 1)), (1, 1), 1),
    "line": ((3, 2, 17), (5, 2, 7), (1,), ((3, 1),), (1,), 1),
    "line, long kernel": ((3, 1, 53), (2, 1, 23), (5,), ((3, 11),), (1,), 1),
    "line, fold": ((2, 23, 13), (29, 23, 3), (1,), ((2, 1),), (1,), 1),
    "line, fold, padding beyond the kernel": ((2, 23, 7), (29, 23, 3), (1,), ((5, 7),), (2,), 1),
    "fold": ((2, 23, 11, 13), (29, 23, 3, 3), (1, 1), ((1, 0), (0, 2)), (1, 1), 1),
    "fold, dilation": ((1, 23, 17, 19), (29, 23, 2, 3), (1, 1), ((1, 0), (2, 0)), (2, 1), 1),
    "fold, groups": ((1, 46, 11, 13), (58, 23, 2, 3), (1, 1), ((0, 1), (1, 1)), (1, 1), 2),
    "fold, padding beyond the kernel": ((1, 23, 7, 5), (29, 23, 2, 3), (1, 1), ((3, 2), (5, 4)), (1, 1), 1),
    "space": ((2, 2, 5, 7, 3), (3, 2, 3, 2, 2), (1, 2, 1), ((1, 0), (0, 0), (0, 1)), (1, 1, 1), 1),
    "space, fold": ((1, 23, 5, 7, 11), (2, 23, 2, 2, 3), (1, 1, 1), ((1, 0), (0, 1), (1, 1)), (1, 1, 1), 1),
    "space, fold, dilation": ((1, 23, 5, 7, 11), (2, 23, 2, 2, 3), (1, 1, 1), ((1, 0), (2, 1), (1, 1)), (2, 2, 2), 1),
    "four axes": ((2, 2, 3, 2, 5, 3), (3, 2, 2, 1, 2, 2), (1, 1, 2, 1), ((0, 0),) * 4, (1, 1, 1, 1), 1),
}


@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_convolve_is_its_definition(case):
    shape, kernel, *options = CONVOLUTIONS[case]
    x, w, b = example(*shape), example(*kernel), example(kernel[0])
    np.testing.assert_allclose(convolve.forward(x, w, b, *options)[0], convolved(x, w, b, *options), atol=1e-10)


def adjoint(kernel, g, arguments, number):
    """The gradient of a function that is linear in an argument, by the definition on unit arrays of some places."""
    zeros = np.zeros_like(arguments[number])
    places = [np.unravel_index(place, zeros.shape) for place in RANDOM.choice(zeros.size, min(zeros.size, 97), False)]
    for place in places:
        unit = zeros.copy()
        unit[place] = 1
        yield place, np.sum(g * kernel(*arguments[:number], unit, *arguments[number + 1 :]))


@pytest.mark.parametrize("case", CONVOLUTIONS)
@pytest.mark.parametrize("wanted", [(0, 1, 2), (0,), (1,)], ids=["all", "input", "weights"])
def test_convolve_has_its_gradients(case, wanted):
    shape, kernel, *options = CONVOLUTIONS[case]
    given = [example(*shape), example(*kernel), np.zeros(kernel[0]), *options]
    y, kept = convolve.forward(*given)
    g = example(*y.shape)
    found = dict(zip(wanted, convolve.backward(g, wanted, y, kept, *given), strict=True))
    forward = lambda *arguments: convolve.forward(*arguments)[0]
    for number in set(wanted) - {2}:
        assert found[number].shape == given[number].shape
        for place, expected in adjoint(forward, g, given, number):
            np.testing.assert_allclose(found[number][place], expected, atol=1e-10)
    if 2 in wanted:
        np.testing.assert_allclose(found[2], g.sum((0, *range(2, g.ndim))))


@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_convolve_stays_single(case):
    shape, kernel, *options = CONVOLUTIONS[case]
    given = [example(*shape), example(*kernel), example(kernel[0]), *options]
    y, kept = convolve.forward(*given)
    g = example(*y.shape)
    check_single(convolve, given, (0, 1, 2), g, y, convolve.backward(g, (0, 1, 2), y, kept, *given))


def test_the_cases_take_every_way():
    taken = {
        (backward, way(geometry(shape[2:], kernel[2:], *options), kernel[1], kernel[0] // options[-1], backward))
        for shape, kernel, *options in CONVOLUTIONS.values()
        for backward in (False, True)
    }
    forwards, backwards = {"points", "fold", "windows"}, {"points", "fold", "windows", "depth"}
    assert taken == {(False, each) for each in forwards} | {(True, each) for each in backwards}


@pytest.mark.parametrize("blocks", [1, 1 << 9, 1 << 11])
def test_convolve_in_blocks_is_convolve_in_one(blocks, monkeypatch):
    shape, kernel, *options = (7, 3, 13, 11), (5, 3, 3, 2), (2, 1), ((1, 2), (0, 2)), (1, 1), 1
    given = [example(*shape), example(*kernel), example(kernel[0]), *options]
    y, kept = convolve.forward(*given)
    g = example(*y.shape)
    whole = [y, *convolve.backward(g, (0, 1, 2), y, kept, *given), *convolve.backward(g, (1,), y, kept, *given)]
    monkeypatch.setattr("wlnet.kernels.windows.WORKSPACE", blocks)
    y, kept = convolve.forward(*given)
    parts = [y, *convolve.backward(g, (0, 1, 2), y, kept, *given), *convolve.backward(g, (1,), y, kept, *given)]
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


# --- pool

POOLS = {
    "tiles": ((2, 3, 6, 10), (3, 2), (3, 2), ((0, 0), (0, 0))),
    "overlap": ((2, 3, 7, 11), (3, 2), (2, 1), ((0, 0), (0, 0))),
    "one-sided padding": ((2, 3, 7, 5), (3, 2), (2, 1), ((2, 0), (0, 1))),
    "gaps": ((2, 3, 11, 7), (2, 1), (5, 3), ((1, 0), (0, 0))),
    "padding alone": ((2, 3, 5), (2,), (2,), ((3, 2),)),
    "line": ((2, 3, 13), (5,), (2,), ((1, 3),)),
    "space": ((2, 2, 5, 3, 7), (2, 2, 3), (1, 1, 2), ((1, 0), (0, 1), (0, 0))),
    "one axis of two": ((2, 3, 5, 7), (3,), (2,), ((0, 1),)),
}


@pytest.mark.parametrize("function", ["Max", "Mean", "Total"])
@pytest.mark.parametrize("case", POOLS)
def test_pool_is_its_definition_and_has_its_gradient(case, function):
    shape, kernel, stride, padding = POOLS[case]
    x = example(*shape)
    y, _ = pool.pool.forward(x, function, kernel, stride, padding)
    lead = x.ndim - len(kernel)
    wide = np.pad(x, [(0, 0)] * lead + list(padding), constant_values=-np.inf if function == "Max" else 0)
    over = tuple(range(-len(kernel), 0))
    for place in np.ndindex(*y.shape[lead:]):
        at = tuple(slice(p * s, p * s + k) for p, s, k in zip(place, stride, kernel, strict=True))
        window = wide[(..., *at)]
        expected = {"Max": np.max, "Mean": np.mean, "Total": np.sum}[function](window, over)
        np.testing.assert_allclose(y[(..., *place)], expected, atol=1e-12)
    if np.isfinite(y).all():
        check(pool.pool, [x, function, kernel, stride, padding], (0,))


def test_a_window_of_padding_alone_sends_nothing():
    x = example(2, 3, 5)
    options = "Max", (2,), (2,), ((3, 2),)
    y, kept = pool.pool.forward(x, *options)
    assert (y[..., 0] == -np.inf).all()
    (dx,) = pool.pool.backward(np.ones_like(y), (0,), y, kept, x, *options)
    assert dx.sum() == np.isfinite(y).sum()


def test_ties_of_a_maximum_count_once():
    x = np.zeros((1, 1, 5, 3))
    options = "Max", (2, 2), (1, 1), ((0, 0), (0, 0))
    y, kept = pool.pool.forward(x, *options)
    (dx,) = pool.pool.backward(np.ones_like(y), (0,), y, kept, x, *options)
    expected = np.zeros_like(x)
    expected[..., :4, :2] = 1  # the first place of every window
    np.testing.assert_array_equal(dx, expected)


# --- normalize

RANK_3 = [axes for size in (1, 2, 3) for axes in itertools.combinations((1, 2, 3), size)]


def normalized(x, scaling, biases, axes, epsilon, rms=False, unbiased=False, length=None):
    """The formula, an example at a time."""
    y = np.zeros_like(x)
    for n, whole in enumerate(x):
        true = whole[: length[n]] if length is not None and 1 in axes else whole
        over = tuple(axis - 1 for axis in axes)
        mean = 0 if rms else true.mean(over, keepdims=True)
        spread = ((true - mean) ** 2).mean(over, keepdims=True) if rms else true.var(over, ddof=unbiased, keepdims=True)
        y[n] = (whole - mean) / np.sqrt(spread + epsilon)
    return y * (1 if scaling is None else scaling) + (0 if biases is None else biases)


@pytest.mark.parametrize("axes", RANK_3)
@pytest.mark.parametrize("rms,unbiased", [(False, False), (True, False), (False, True)])
def test_normalize_over_any_axes_with_any_scales(axes, rms, unbiased):
    shape = (2, 3, 5, 2)
    for bits in itertools.product((0, 1), repeat=3):
        scale = tuple(n if bit else 1 for n, bit in zip(shape[1:], bits, strict=True))
        given = [example(*shape), example(*scale), example(*scale), axes, 0.1, rms, unbiased, None]
        np.testing.assert_allclose(normalize.normalize.forward(*given)[0], normalized(*given), atol=1e-12)
        check(normalize.normalize, given, (0, 1, 2), 1e-6)


def test_normalize_with_scales_that_differ_or_are_missing():
    x, one, other = example(2, 3, 5, 7), example(3, 1, 7), example(1, 5, 1)
    for scaling, biases in [(one, other), (other, one), (None, one), (one, None), (None, None)]:
        given = [x, scaling, biases, (2, 3), 0.01]
        np.testing.assert_allclose(normalize.normalize.forward(*given)[0], normalized(*given), atol=1e-12)
        wanted = tuple(k for k in range(3) if given[k] is not None)
        check(normalize.normalize, given, wanted, 1e-6)


@pytest.mark.parametrize("axes", RANK_3)
@pytest.mark.parametrize("rms,unbiased", [(False, False), (True, False), (False, True)])
def test_normalize_counts_true_places_alone(axes, rms, unbiased):
    shape, length = (3, 5, 3, 2), np.array([5, 2, 3])
    real = (np.arange(5) < length[:, None]).reshape(3, 5, 1, 1)
    scale = (5 if 1 not in axes else 1, 3, 1)
    options = axes, 0.1, rms, unbiased
    given = [example(*shape), example(*scale), example(*scale)]
    noisy = [np.where(real, given[0], 1e3 * example(*shape)), *given[1:]]
    y, kept = normalize.normalize.forward(*noisy, *options, length)
    expected = normalized(*given, *options, length)
    np.testing.assert_allclose(y * real, expected * real, atol=1e-12)
    assert np.isfinite(y).all()
    g = example(*shape) * real
    found = normalize.normalize.backward(g, (0, 1, 2), y, kept, *noisy, *options, length)
    for number in range(3):
        changed = lambda x, k=number: np.sum(g * normalized(*given[:k], x, *given[k + 1 :], *options, length))
        gradient = found[number] * real if number == 0 else found[number]
        np.testing.assert_allclose(gradient, differences(changed, given[number]), atol=1e-6)
    if 1 in axes:
        assert not (found[0] * ~real).any()
        check_single(normalize.normalize, [*given, *options, length], (0, 1, 2), g,
                     *[normalize.normalize.forward(*given, *options, length)[0], found])  # fmt: skip


def test_a_constant_input_is_the_biases():
    x, biases = np.full((2, 3, 5), 7.0), example(3, 1)
    given = [x, example(3, 1), biases, (2,), 1e-5]
    y, kept = normalize.normalize.forward(*given)
    np.testing.assert_allclose(y, np.broadcast_to(biases, y.shape), atol=1e-10)
    (dx,) = normalize.normalize.backward(example(2, 3, 5), (0,), y, kept, *given)
    assert np.isfinite(dx).all()


def test_normalize_is_good_far_from_zero():
    x = (1e4 + example(2, 3, 101)).astype(np.float32)
    y, _ = normalize.normalize.forward(x, None, None, (2,), 1e-5)
    np.testing.assert_allclose(y, normalized(x.astype(np.float64), None, None, (2,), 1e-5), atol=5e-3)


# --- batch normalization


def standardized(x, scaling, biases, axis, epsilon, real):
    """The formula at the real places."""
    real = np.broadcast_to(True if real is None else real != 0, x.shape)
    y = np.zeros_like(x)
    for channel in range(x.shape[axis]):
        at = (*[slice(None)] * axis, channel)
        values = x[at][real[at]]
        unit = (x[at] - values.mean()) / np.sqrt(values.var() + epsilon)
        y[at] = unit * scaling[channel] + biases[channel]
    return y


BATCHES = {
    "channels first": ((2, 3, 5, 7), 1, None),
    "long rows": ((3, 2, 5, 13), 1, None),
    "channels last": ((5, 7, 3), -1, None),
    "vectors": ((7, 3), 1, None),
    "real rows": ((5, 3, 7), 1, np.array([1, 1, 0, 1, 0]).reshape(5, 1, 1)),
    "real places": ((3, 5, 2), 2, (np.arange(5) < np.array([[5], [2], [3]]))[:, :, None]),
    "real places, long rows": ((3, 2, 19), 1, (np.arange(19) < np.array([[5], [19], [3]]))[:, None]),
}


@pytest.mark.parametrize("case", BATCHES)
def test_batch_normalization_is_its_formula_and_has_its_gradients(case):
    shape, axis, real = BATCHES[case]
    channels = shape[axis]
    given = [example(*shape) + 3, example(channels), example(channels)]
    forward = lambda x, s, b: batch.standardize.forward(x, s, b, *batch.statistics(x, axis, real), axis, 0.1, real)[0]
    y = forward(*given)
    expected = standardized(*given, axis % len(shape), 0.1, real)
    np.testing.assert_allclose(y, expected, atol=1e-12)
    g, facts = example(*shape), batch.statistics(given[0], axis, real)
    found = batch.standardize.backward(g, (0, 1, 2), y, None, *given, *facts, axis, 0.1, real)
    for number in range(3):
        changed = lambda x, k=number: np.sum(g * forward(*given[:k], x, *given[k + 1 :]))
        np.testing.assert_allclose(found[number], differences(changed, given[number]), atol=1e-7)
    single = [each.astype(np.float32) for each in given]
    facts = batch.statistics(single[0], axis, real)
    answers = batch.standardize.backward(g.astype(np.float32), (0, 1, 2), None, None, *single, *facts, axis, 0.1, real)
    for one, other in zip((forward(*single), *answers), (y, *found), strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, atol=1e-4)


# --- softmax, cross-entropy, gather, sort


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_softmax_has_its_gradient(axis):
    x = example(2, 3, 5)
    y, _ = softmax.softmax.forward(x, axis)
    np.testing.assert_allclose(y, np.exp(x) / np.exp(x).sum(axis, keepdims=True))
    check(softmax.softmax, [x, axis], (0,))


def test_softmax_does_not_overflow():
    y, _ = softmax.softmax.forward(np.array([[1e4, -1e4, 1e4]], np.float32), 1)
    assert y.tolist() == [[0.5, 0, 0.5]]


@pytest.mark.parametrize("kernel", [softmax.cross_entropy, softmax.log_softmax_cross_entropy])
def test_cross_entropies_have_their_gradients(kernel):
    p = softmax.softmax.forward(example(7, 5), 1)[0]
    index = np.array([0, 4, 2, 1, 1, 3, 0])
    y, _ = kernel.forward(p, index)
    logs = np.log(p if kernel is softmax.cross_entropy else np.exp(p) / np.exp(p).sum(1, keepdims=True))
    np.testing.assert_allclose(y, [-row[k] for row, k in zip(logs, index, strict=True)])
    check(kernel, [p, index], (0,), 1e-6)


def test_cross_entropy_of_a_probability_of_nothing_is_finite():
    p, index = np.array([[0, 1]], np.float32), np.array([0])
    y, kept = softmax.cross_entropy.forward(p, index)
    np.testing.assert_allclose(y, -np.log(np.finfo(np.float32).tiny), rtol=1e-6)
    assert not softmax.cross_entropy.backward(np.ones(1, np.float32), (0,), y, kept, p, index)[0].any()


def test_many_rows_of_logits_are_as_few():
    x, index = example(1100, 199), RANDOM.integers(0, 199, 1100)
    whole, kept = softmax.log_softmax_cross_entropy.forward(x, index)
    g = example(1100)
    (dx,) = softmax.log_softmax_cross_entropy.backward(g, (0,), whole, kept, x, index)
    few, kept = softmax.log_softmax_cross_entropy.forward(x[:7], index[:7])
    np.testing.assert_allclose(whole[:7], few)
    np.testing.assert_allclose(
        dx[:7], softmax.log_softmax_cross_entropy.backward(g[:7], (0,), few, kept, x[:7], index[:7])[0]
    )


@pytest.mark.parametrize("index", [[[1, 1, 4], [0, 2, 0]], [[4, 2, 0], [1, 3, 2]]], ids=["repeated", "different"])
def test_gather_has_its_gradient(index):
    check(gather.gather, [example(2, 5, 3), np.array(index)], (0,))
    check(gather.rows, [example(5, 2, 3), np.array(index)], (0,))
    check(gather.gather, [example(2, 5), np.array(index)], (0,))


def test_sort_has_its_gradient():
    x = example(2, 3, 7)
    np.testing.assert_array_equal(gather.sort.forward(x)[0], np.sort(x, -1))
    check(gather.sort, [x], (0,))


# --- choosing by bits


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(
    "shapes", [((53, 59), (53, 59)), ((53, 59), (59,)), ((53, 1), (53, 59)), ((), ()), ((53, 59), ())]
)
def test_choosing_is_where_bit_for_bit(kind, shapes):
    condition = RANDOM.random((53, 59)) < 0.5
    x, y = (example(*shape).astype(kind) if shape else 1.5 for shape in shapes)
    if shapes[0] == (53, 59):
        x[0, :6] = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, np.finfo(kind).tiny / 4])
    for one, other in [(x, y), (y, x), (x, 0), (-0.0, x)]:
        expected, found = np.where(condition, one, other), choose(condition, one, other)
        assert found.dtype == expected.dtype and found.tobytes() == expected.tobytes()
    assert choose(condition, 1, 0).dtype == np.int64


# --- the crew


def test_the_crew_answers_in_order_and_puts_blas_back():
    crew.crew.gather()
    before = [library.num_threads for library in crew.crew.blas]
    assert crew.crew.map(lambda part: part.start, crew.cut(1000, 10_000)) == list(range(0, 1000, 25))
    with pytest.raises(ZeroDivisionError):
        crew.crew.map(lambda part: 1 // part.start, crew.cut(1000, 10_000))
    assert [library.num_threads for library in crew.crew.blas] == before
    assert before


@pytest.mark.parametrize("count,work", [(1, 10**9), (7, 10), (7, 10**6), (32, 25_088), (1000, 1)])
def test_blocks_cover_everything_once(count, work):
    parts = crew.cut(count, work)
    assert [place for part in parts for place in range(count)[part]] == list(range(count))
