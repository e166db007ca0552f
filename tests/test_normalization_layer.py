"""NormalizationLayer against its formula by hand: levels, groups, scaling, options, shapes, recipes, errors."""

import pickle

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import All, Automatic, NetChain, NetError, NetExtract, NetInitialize, Span
from wlnet.backends import backend
from wlnet.coders.decoder import NetDecoder
from wlnet.coders.encoder import NetEncoder
from wlnet.layers.normalization import NormalizationLayer


def standardized(x, levels, groups=None, epsilon=0.001, unbiased=False, rms=False):
    """The formula, cell by cell: every place of x gets the number of its cell, and each cell its sums."""
    x = np.asarray(x, np.float64)
    cell = np.zeros(x.shape, int)
    for level, (place, size) in enumerate(zip(np.indices(x.shape), x.shape, strict=True), start=1):
        count = size if level not in levels else 1 if groups is None else groups[levels.index(level)]
        cell = cell * count + place * count // size
    total = lambda values: np.bincount(cell.ravel(), values.ravel())[cell]
    n = total(np.ones_like(x))
    if rms:
        return x / np.sqrt(total(x**2) / n + epsilon)
    centred = x - total(x) / n
    return centred / np.sqrt(total(centred**2) / (n - unbiased) + epsilon)


def wide(array, scaled, shape):
    """An array of the sizes of some levels, beside arrays of that shape."""
    return np.reshape(array, [size if level in scaled else 1 for level, size in enumerate(shape, start=1)])


def bare(*arguments, **options):
    """A layer that only standardizes."""
    return NormalizationLayer(*arguments, **{"Scaling": None, "Biases": None} | options)


def with_arrays(layer):
    """The layer with random Scaling and Biases, and these."""
    gamma, beta = (example(*layer.shapes["Scaling"], seed=seed, low=0.5, high=2) for seed in (1, 2))
    return layer.changed(Scaling=gamma, Biases=beta), gamma, beta


def error(*arguments, **options):
    """The text of the error that making a layer raises."""
    with pytest.raises(NetError) as raised:
        NormalizationLayer(*arguments, **options)
    return str(raised.value)


# --- levels and scaling -----------------------------------------------------------------------------------------------

LEVELS = [
    ("2;;All", (2, 3, 4)),
    (Span(2, All), (2, 3, 4)),
    ("2;;", (2, 3, 4)),
    ("3;;All", (3, 4)),
    (";;2", (1, 2)),
    ("1;;3", (1, 2, 3)),
    (Span(2, 3), (2, 3)),
    (";;", (1, 2, 3, 4)),
    ("2;;-2", (2, 3)),
    ("-2;;All", (3, 4)),
    ("-3;;-2", (2, 3)),
    (All, (1, 2, 3, 4)),
    ("All", (1, 2, 3, 4)),
    (1, (1,)),
    (3, (3,)),
    (-1, (4,)),
    (np.int64(2), (2,)),
    ([1, 3], (1, 3)),
    ((4, 2), (4, 2)),
    ((-1, 1), (4, 1)),
]


@pytest.mark.parametrize("setting, levels", LEVELS, ids=lambda value: repr(value))
def test_levels_are_those_of_the_example(setting, levels):
    x = example(3, 2, 5, 7)
    assert_close(bare(setting)(x), standardized(x, levels))
    complement = tuple(level for level in (1, 2, 3, 4) if level not in levels)
    assert NormalizationLayer(setting, Input=x.shape).shapes["Scaling"] == tuple(x.shape[k - 1] for k in complement)
    assert NormalizationLayer(setting, "Same", Input=x.shape).shapes["Biases"] == tuple(
        x.shape[k - 1] for k in sorted(levels)
    )


@pytest.mark.parametrize("levels", ["2;;All", (3, 1), All, 2], ids=repr)
@pytest.mark.parametrize("setting, scaled", [*LEVELS, ((), ())], ids=lambda value: repr(value))
def test_scaling_levels_are_independent_of_the_levels(levels, setting, scaled):
    x = example(3, 5, 2, 7)
    layer, gamma, beta = with_arrays(NormalizationLayer(levels, setting, Input=x.shape))
    assert gamma.shape == tuple(x.shape[level - 1] for level in sorted(scaled))
    unit = standardized(x, layer.levels.of(4))
    assert_close(layer(x), unit * wide(gamma, scaled, x.shape) + wide(beta, scaled, x.shape))


def test_complement_is_the_default_and_same_is_the_levels():
    x = example(3, 5, 2)
    for setting, scaled in {"Complement": (1,), "Same": (2, 3)}.items():
        layer, gamma, beta = with_arrays(NormalizationLayer("2;;All", setting, Input=x.shape))
        expected = standardized(x, (2, 3)) * wide(gamma, scaled, x.shape) + wide(beta, scaled, x.shape)
        assert_close(layer(x), expected)
    assert NormalizationLayer() == NormalizationLayer("2;;All", "Complement")


def test_every_example_of_a_batch_has_its_own_statistics():
    x = example(7, 3, 5)
    layer, _, _ = with_arrays(NormalizationLayer(Input=(3, 5)))
    assert_close(layer(x), np.stack([layer(each) for each in x]))
    assert_close(layer(x, NetEvaluationMode="Train"), layer(x))


# --- options ----------------------------------------------------------------------------------------------------------

GROUPS = [
    (1, "Complement", (3,), {"GroupNumber": 3}),
    (1, "Same", [2], {"GroupNumber": 2}),
    ((1, 2), "Complement", (3, 5), {"GroupNumber": (3, 5)}),
    ((2, 1), "Same", (5, 2), {"GroupNumber": (5, 2), "Unbiased": True}),
    ((1, 3), 1, (2, 2), {"GroupNumber": 2}),
    ((3, 1), (2, 3), (4, 6), {"GroupNumber": [4, 6], "Epsilon": 0.5}),
    (All, 1, (3, 1, 2), {"GroupNumber": [3, 1, 2]}),
    (All, All, (2, 5, 4), {"GroupNumber": (2, 5, 4), "Method": "RMS"}),
    ("2;;All", (1, 3), (1, 4), {"GroupNumber": (1, 4), "Method": "RMS"}),
    (-1, (), (2,), {"GroupNumber": 2}),
]


@pytest.mark.parametrize("levels, scaling, groups, options", GROUPS, ids=repr)
def test_groups_are_blocks_of_neighbours(levels, scaling, groups, options):
    x = example(6, 5, 4)
    layer, gamma, beta = with_arrays(NormalizationLayer(levels, scaling, Input=x.shape, **options))
    scaled = layer.scaled_levels(3)
    unit = standardized(
        x,
        layer.levels.of(3),
        groups,
        epsilon=options.get("Epsilon", 0.001),
        unbiased=options.get("Unbiased", False),
        rms=options.get("Method") == "RMS",
    )
    assert_close(layer(x), unit * wide(gamma, scaled, x.shape) + wide(beta, scaled, x.shape))


def test_one_group_is_the_whole_level_and_a_group_a_place_is_no_statistic():
    x = example(6, 5)
    assert_close(bare(1, GroupNumber=1)(x), bare(1)(x))
    assert_close(bare((1, 2), GroupNumber=(6, 1))(x), bare(2)(x))
    assert_close(bare(1, GroupNumber=6)(x), np.zeros((6, 5)))


def test_unbiased_means_nothing_to_the_root_mean_square():
    x = example(3, 5)
    assert_close(bare(Method="RMS", Unbiased=True)(x), standardized(x, (2,), rms=True))
    assert_close(bare(Method="RMS", Unbiased=True)(np.array([[2.0]])), [[2 / np.sqrt(4.001)]])


def test_numbers_and_lists_scale_without_levels():
    x = example(3, 5)
    layer = NormalizationLayer(All, Scaling=2, Biases=-1)
    assert_close(layer(x), 2 * standardized(x, (1, 2)) - 1)


def test_constant_data_give_the_biases():
    layer = NormalizationLayer(Scaling=[2, 3], Biases=[5, 7], Input=(2, 3))
    assert_close(layer(np.full((2, 3), 100.0)), [[5, 5, 5], [7, 7, 7]])


# --- the examples of the documentation --------------------------------------------------------------------------------


def test_1_create_a_normalization_layer():
    """1. Create: it builds with unknown input, and has no values yet."""
    layer = NormalizationLayer()
    assert repr(layer) == "NormalizationLayer()"
    assert layer.shapes == {"Input": None, "Output": None, "Scaling": None, "Biases": None}
    assert NetExtract(layer, "Scaling") is Automatic
    with pytest.raises(NetError) as raised:
        NormalizationLayer(Input=(2, 3))(example(2, 3))
    assert str(raised.value) == (
        "NormalizationLayer has no values for Scaling and Biases\n  hint: NetInitialize(net) gives it initial values"
    )


def test_2_an_initialized_layer_of_rank_3():
    """2. Initialised rank-3: one scale and bias a channel; each channel has mean 0 and variance v / (v + eps)."""
    x = example(3, 7, 5, low=10, high=12)
    layer = NetInitialize(NormalizationLayer(Input=x.shape))
    assert NetExtract(layer, "Scaling").tolist() == [1, 1, 1]
    assert NetExtract(layer, "Biases").tolist() == [0, 0, 0]
    output, variance = layer(x), x.astype(np.float64).var((1, 2))
    assert output.shape == x.shape and output.dtype == np.float32
    assert_close(output.mean((1, 2)), np.zeros(3), atol=1e-5)
    assert_close(output.var((1, 2)), variance / (variance + 0.001), rtol=1e-4)


def test_3_image_in_and_image_out():
    """3. Image in / image out: each colour is normalized separately, each image of a list with its own statistics."""
    images = np.random.default_rng(5).integers(0, 256, (2, 5, 7, 3)).astype(np.uint8)
    gamma, beta = (0.2, 0.15, 0.1), (0.5, 0.4, 0.6)
    ports = {"Input": NetEncoder("Image", (7, 5)), "Output": NetDecoder("Image")}
    layer = NormalizationLayer(Scaling=gamma, Biases=beta, **ports)
    answers = layer(list(images))
    for image, answer in zip(images, answers, strict=True):
        values = image.astype(np.float64) / 255
        unit = (values - values.mean((0, 1))) / np.sqrt(values.var((0, 1)) + 0.001)
        expected = np.clip(gamma * unit + beta, 0, 1) * 255
        assert np.abs(np.asarray(answer) - expected).max() <= 0.51
        assert np.array_equal(layer(image), answer)


def test_4_a_sequence_of_vectors_of_two():
    """4. Sequence of 2-vectors, scale 2 and shift c: {p, q} becomes {c + 2t, c - 2t}; equal entries give {c, c}."""
    c, epsilon = 10, 0.001
    layer = NormalizationLayer(2, "Same", Scaling=[2, 2], Biases=[c, c], Input=("Varying", 2))
    sequence = np.array([[3, 1], [-5, 7], [4, 4]])
    delta = (sequence[:, 0] - sequence[:, 1]) / 2
    t = delta / np.sqrt(delta**2 + epsilon)
    assert_close(layer(sequence), np.stack([c + 2 * t, c - 2 * t], 1))
    assert layer([[8, 8]]).tolist() == [[c, c]]


def test_5_layer_normalization_of_sinusoids():
    """5. Layer norm of sinusoids: every row has mean 0 and variance 1, whatever its amplitude and offset."""
    amplitude, offset = np.array([1.0, 30, 400])[:, None], np.array([-7.0, 5, 1000])[:, None]
    waves = offset + amplitude * np.sin(np.linspace(0, 9, 53))
    output = NetInitialize(NormalizationLayer("2;;All", "Same", Input=(3, 53)))(waves)
    assert_close(output.mean(1), np.zeros(3), atol=1e-5)
    assert_close(output.var(1), np.ones(3), rtol=3e-3)


def test_6_rank_6_over_all_dimensions():
    """6. Rank-6, all dimensions: one mean and variance for the whole array, and Scaling and Biases are numbers."""
    x = example(2, 3, 2, 5, 2, 7)
    layer = NormalizationLayer(All, Input=x.shape)
    assert layer.shapes["Scaling"] == ()
    assert_close(NetInitialize(layer)(x), (x - x.mean()) / np.sqrt(x.astype(np.float64).var() + 0.001))


def test_7_biases():
    """7. Biases given: stored as they are and added after scaling. None: no array, and constant data give 0."""
    given = example(3)
    layer = NormalizationLayer(Biases=given, Scaling=[2, 3, 5], Input=(3, 7))
    assert np.array_equal(NetExtract(layer, "Biases"), given)
    x = example(3, 7)
    assert_close(layer(x), standardized(x, (2,)) * [[2], [3], [5]] + given[:, None])
    without = NetInitialize(NormalizationLayer(Biases=None, Input=(3, 7)))
    assert NetExtract(without, "Biases") is None and "Biases" not in without.shapes
    assert without(np.full((3, 7), 4.0)).tolist() == np.zeros((3, 7)).tolist()


def test_8_epsilon():
    """8. Epsilon given: it can be extracted; a larger one shrinks the output towards the biases."""
    x, biases = example(3, 7), np.array([1, 2, 3])
    assert NetExtract(NormalizationLayer(Epsilon=0.5), "Epsilon") == 0.5
    apart = []
    for epsilon in (0, 0.1, 10, 1e9):
        layer = NormalizationLayer(Epsilon=epsilon, Scaling=None, Biases=biases)
        assert_close(layer(x), standardized(x, (2,), epsilon=epsilon) + biases[:, None])
        apart.append(float(np.abs(layer(x) - biases[:, None]).max()))
    assert apart == sorted(apart, reverse=True) and apart[-1] < 1e-4


def test_9_group_number():
    """9. GroupNumber: each half has mean 0 and variance 1; the same as to reshape, normalize deeper, and reshape."""
    x = example(3, 14, 5)
    whole, halves = bare(2)(x), bare(2, GroupNumber=2)(x)
    assert_close(whole, standardized(x, (2,)))
    for half in (halves[:, :7], halves[:, 7:]):
        assert_close(half.mean(1), np.zeros((3, 5)), atol=1e-5)
        assert_close(half.var(1), np.ones((3, 5)), rtol=1e-2)
    assert_close(halves, bare(3)(x.reshape(3, 2, 7, 5)).reshape(x.shape))


def test_10_scaling():
    """10. Scaling None: no array. Given: it is extracted as it was."""
    without = NetInitialize(NormalizationLayer(Scaling=None, Input=(3, 7)))
    assert NetExtract(without, "Scaling") is None and "Scaling" not in without.shapes
    given = example(3)
    layer = NormalizationLayer(Scaling=given, Biases=None)
    assert np.array_equal(NetExtract(layer, "Scaling"), given)
    x = example(3, 7)
    assert_close(layer(x), standardized(x, (2,)) * given[:, None])


def test_11_unbiased():
    """11. Unbiased: the default divides by N; True divides by the deviation with N - 1."""
    x = example(3, 7)
    assert_close(bare(Epsilon=0)(x), (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True))
    unbiased = bare(Epsilon=0, Unbiased=True)(x)
    assert_close(unbiased, (x - x.mean(1, keepdims=True)) / x.std(1, ddof=1, keepdims=True))


def test_12_the_difference_to_standardize():
    """12. Standardize has N - 1 and no epsilon: the default differs, Unbiased with Epsilon=0 is the same."""
    x = example(7, 3)
    standardize = (x - x.mean(0)) / x.std(0, ddof=1)  # Wolfram's, column by column
    assert np.abs(bare(1)(x) - standardize).max() > 0.05
    closer = np.abs(bare(1, Epsilon=0)(x) - standardize * np.sqrt(7 / 6)).max()
    assert closer < 1e-5 < np.abs(bare(1)(x) - standardize * np.sqrt(7 / 6)).max()
    assert_close(bare(1, Epsilon=0, Unbiased=True)(x), standardize)


def test_13_initialization_needs_the_shape():
    """13. Possible issue: initialisation fails while a dimension is unknown."""
    with pytest.raises(NetError) as raised:
        NetInitialize(NormalizationLayer())
    assert str(raised.value) == (
        "NormalizationLayer: the shape of Scaling is not known (?), because the shape of Input is ?\n"
        "  hint: say it, as in Input=(3, 8), on the layer or on the net"
    )
    with pytest.raises(NetError, match=r"^NormalizationLayer: the shape of Scaling is not known \(\?\)"):
        NetInitialize(NormalizationLayer(Input=(Automatic, 5)))


# --- recipes ----------------------------------------------------------------------------------------------------------


def test_instance_normalization():
    x = example(2, 3, 7, 5)
    layer, gamma, beta = with_arrays(NormalizationLayer(Input=(3, 7, 5)))
    mean, variance = x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
    expected = (x - mean) / np.sqrt(variance + 0.001) * gamma[:, None, None] + beta[:, None, None]
    assert_close(layer(x), expected)


def test_layer_normalization():
    x = example(2, 7, 5)
    layer, gamma, beta = with_arrays(NormalizationLayer("2;;All", "Same", Input=(7, Automatic), Output=(Automatic, 5)))
    assert gamma.shape == beta.shape == (5,)
    mean, variance = x.mean(2, keepdims=True), x.var(2, keepdims=True)
    assert_close(layer(x), (x - mean) / np.sqrt(variance + 0.001) * gamma + beta)


def test_group_normalization():
    x, groups = example(2, 6, 5, 7), 3
    setting = {"GroupNumber": (groups, 1, 1), "Epsilon": 1e-5, "Input": (6, 5, 7)}
    layer, gamma, beta = with_arrays(NormalizationLayer(All, 1, **setting))
    assert gamma.shape == beta.shape == (6,)
    for n in range(2):
        for g in range(groups):
            block = x[n, 2 * g : 2 * g + 2].astype(np.float64)
            unit = (block - block.mean()) / np.sqrt(block.var() + 1e-5)
            expected = unit * gamma[2 * g : 2 * g + 2, None, None] + beta[2 * g : 2 * g + 2, None, None]
            assert_close(layer(x)[n, 2 * g : 2 * g + 2], expected)


def test_group_normalization_between_instance_and_layer():
    x = example(2, 6, 5, 7)
    gamma, beta = example(6, seed=1), example(6, seed=2)
    arrays = {"Scaling": gamma, "Biases": beta, "Input": (6, 5, 7)}
    each = NormalizationLayer(All, 1, GroupNumber=(6, 1, 1), **arrays)
    assert_close(each(x), NormalizationLayer(**arrays)(x))
    one = NormalizationLayer(All, 1, GroupNumber=(1, 1, 1), **arrays)
    unit = np.stack([(each - each.mean()) / np.sqrt(each.var() + 0.001) for each in x.astype(np.float64)])
    assert_close(one(x), unit * gamma[:, None, None] + beta[:, None, None])


def test_root_mean_square_normalization():
    x, gamma = example(2, 7, 5), example(5, seed=1)
    layer = NormalizationLayer("2;;All", "Same", Method="RMS", Scaling=gamma, Biases=None, Input=("Varying", 5))
    assert_close(layer(x), gamma * x / np.sqrt((x.astype(np.float64) ** 2).mean(2, keepdims=True) + 0.001))


# --- varying length ---------------------------------------------------------------------------------------------------

VARYING = [
    NormalizationLayer(1, Input=("Varying", 3)),
    NormalizationLayer(2, "Same", Input=("Varying", 3)),
    NormalizationLayer(1, (2, 3), Input=("Varying", 3, 2)),
    NormalizationLayer((3, 1), 2, Method="RMS", Input=("Varying", 3, 2)),
    NormalizationLayer((1, 2), 3, GroupNumber=(1, 3), Unbiased=True, Input=("Varying", 3, 5)),
    NormalizationLayer(All, Unbiased=True, Input=("Varying", 3)),
]


@pytest.mark.parametrize("layer", VARYING, ids=repr)
def test_a_padded_batch_is_each_sequence_alone(layer):
    layer, _, _ = with_arrays(layer)
    rest = layer.plan.shape((), "Input")[1:]
    sequences = [example(size, *rest, seed=size) for size in (7, 2, 5)]
    for together, sequence in zip(layer(sequences), sequences, strict=True):
        assert_close(together, layer(sequence))
        groups = layer.GroupNumber
        unit = standardized(
            sequence, layer.levels.of(1 + len(rest)), groups, unbiased=layer.Unbiased, rms=layer.Method == "RMS"
        )
        scaled = layer.scaled_levels(1 + len(rest))
        gamma, beta = (wide(NetExtract(layer, name), scaled, sequence.shape) for name in ("Scaling", "Biases"))
        assert_close(together, unit * gamma + beta)


def context_for(layer, lengths=None):
    """A double-precision context for a single layer; lengths of its varying input, if it has one."""
    shape = layer.plan.shape((), "Input")
    names = shape[0].names() if lengths is not None else ()
    return backend("NumPy").context(precision="float64", dims=layer.plan.at(dict.fromkeys(names, lengths)))


@pytest.mark.parametrize("layer", VARYING, ids=repr)
def test_padding_changes_neither_values_nor_gradients(layer):
    lengths = np.array([7, 2, 5])
    leaves, run = gradient_case(layer, (3, 7, *layer.plan.shape((), "Input")[1:]), lengths)
    x = leaves["Input"]
    true = (np.arange(7) < lengths[:, None]).reshape(3, 7, *[1] * (x.ndim - 2))
    noisy = {**leaves, "Input": np.where(true, x, 1e3 * example(*x.shape, seed=9))}
    (value, _, slopes), (other, _, noised) = (
        backend("NumPy").value_and_gradient(run, each) for each in (leaves, noisy)
    )
    assert_close(other, value, rtol=1e-12)
    for name in leaves:
        assert_close(noised[name], slopes[name], rtol=1e-9, atol=1e-9)
    assert not slopes["Input"][~np.broadcast_to(true, x.shape)].any()


def test_a_sequence_of_one_is_nan_without_bias_only_by_itself():
    layer = bare(1, Unbiased=True, Input=("Varying", 3))
    alone, pair = layer([example(1, 3), example(2, 3)])
    assert np.isnan(alone).all()
    assert_close(pair, standardized(example(2, 3), (1,), unbiased=True))


# --- gradients and precision ------------------------------------------------------------------------------------------


def gradient_case(layer, shape, lengths=None):
    """Leaves in double precision, and a function of them whose gradient has no zeros by symmetry."""
    xp = context_for(layer, lengths)
    leaves = {"Input": example(*shape).astype(np.float64)}
    for seed, (name, slot) in enumerate(layer.present().items(), start=1):
        if slot.is_array:
            leaves[name] = example(*layer.plan.shape((), name), seed=seed).astype(np.float64)
    weights = example(*shape, seed=7).astype(np.float64)
    if lengths is not None:
        weights *= (np.arange(shape[1]) < lengths[:, None]).reshape(*shape[:2], *[1] * (len(shape) - 2))

    def run(values):
        arrays = {layer.key(name, ()): value for name, value in values.items() if name != "Input"}
        outputs, _ = layer.run(xp, arrays, {"Input": values["Input"]}, ())
        return xp.sum(outputs["Output"] * weights), {}

    return leaves, run


GRADIENTS = [
    (NormalizationLayer(Input=(3, 5)), None),
    (NormalizationLayer("2;;All", "Same", Method="RMS", Biases=None, Input=(3, 5)), None),
    (NormalizationLayer(All, 1, GroupNumber=(3, 1, 1), Input=(6, 2, 5)), None),
    (NormalizationLayer((3, 1), (2, 3), GroupNumber=(1, 2), Unbiased=True, Input=(4, 3, 5)), None),
    (NormalizationLayer(All, Scaling=None, Epsilon=0, Input=(3, 5)), None),
    (NormalizationLayer((1, 3), 2, Input=("Varying", 3, 2)), np.array([5, 2])),
]


@pytest.mark.parametrize("layer, lengths", GRADIENTS, ids=repr)
def test_gradients_are_differences(layer, lengths):
    sizes = layer.plan.shape((), "Input")
    leaves, run = gradient_case(layer, (2, *(sizes if lengths is None else (5, *sizes[1:]))), lengths)
    _, _, slopes = backend("NumPy").value_and_gradient(run, leaves)
    for name, leaf in leaves.items():
        found = np.empty_like(leaf)
        for place in np.ndindex(leaf.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = leaf.copy()
                moved[place] += step
                ends.append(run({**leaves, name: moved})[0])
            found[place] = (ends[0] - ends[1]) / 2e-6
        assert_close(slopes[name], found, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("layer", [each for each, _ in GRADIENTS], ids=repr)
def test_single_precision_stays(layer):
    sizes = tuple(5 if not isinstance(size, int) else size for size in layer.plan.shape((), "Input"))
    xp = backend("NumPy").context(dims=layer.plan.at(dict.fromkeys(_names(layer), 5)))
    leaves = {(): example(2, *sizes)}
    leaves |= {(name,): example(*layer.plan.shape((), name)) for name, slot in layer.present().items() if slot.is_array}

    def run(values):
        outputs, _ = layer.run(xp, values, {"Input": values[()]}, ())
        return xp.sum(outputs["Output"] ** 2), outputs

    _, outputs, slopes = backend("NumPy").value_and_gradient(run, leaves)
    assert {each.dtype for each in [outputs["Output"], *slopes.values()]} == {np.dtype(np.float32)}


def _names(layer):
    return [name for size in layer.plan.shape((), "Input") if not isinstance(size, int) for name in size.names()]


def test_double_precision_is_double():
    x = example(3, 5).astype(np.float64) + 1e-9
    assert_close(bare()(x, WorkingPrecision="Real64"), standardized(x, (2,)), rtol=1e-12, atol=1e-12)


def test_integers_are_numbers():
    x = np.arange(1, 16).reshape(3, 5)
    assert_close(bare(Input=(3, 5, "Integer"))(x), standardized(x, (2,)))


# --- shapes, whichever way they come ----------------------------------------------------------------------------------


def test_shapes_from_the_output():
    assert NormalizationLayer(Output=(3, 7)).shapes == {
        "Input": (3, 7),
        "Output": (3, 7),
        "Scaling": (3,),
        "Biases": (3,),
    }


def test_shapes_from_a_neighbour():
    chain = NetChain([NormalizationLayer("2;;All", "Same"), bare(Input=(3, 7))])
    assert chain.plan.shape((1,), "Scaling") == (7,)
    assert chain.plan.shape((), "Input") == (3, 7)
    forward = NetChain([bare(Output=(3, 7)), NormalizationLayer(), NormalizationLayer(2, 2)])
    assert (forward.plan.shape((2,), "Biases"), forward.plan.shape((3,), "Scaling")) == ((3,), (7,))


def test_shapes_from_an_array():
    layer = NormalizationLayer(Scaling=[1, 2, 3], Input=(Automatic, 7))
    assert layer.shapes["Input"] == layer.shapes["Output"] == (3, 7)
    assert layer.shapes["Biases"] == (3,)
    chain = NetChain([bare(), NormalizationLayer(2, (3, 1), Biases=example(5, 7))], Input=(Automatic, 2, Automatic))
    assert chain.plan.shape((), "Input") == (5, 2, 7)


def test_the_rank_from_an_array_where_only_one_fits():
    """All but the first level have a scale, so an array of rank 2 says that Input has rank 3."""
    layer = NormalizationLayer("2;;All", "Same", Scaling=example(3, 5), Biases=None)
    assert [repr(size) for size in layer.shapes["Input"]] == ["?", "3", "5"]
    x = example(2, 7, 3, 5)
    assert_close(layer(x)[1], standardized(x[1], (2, 3)) * example(3, 5))
    assert NormalizationLayer(1, Scaling=example(3, 5)).shapes["Output"][1:] == (3, 5)
    assert NormalizationLayer(Scaling=[1, 2, 3]).shapes["Input"] is None


def test_a_layer_needs_no_initialization_where_its_arrays_are_given_or_none():
    x = example(3, 7)
    assert_close(bare()(x), standardized(x, (2,)))
    given = {"Scaling": [1, 2, 3], "Biases": [4, 5, 6]}
    expected = standardized(x, (2,)) * [[1], [2], [3]] + [[4], [5], [6]]
    assert_close(NormalizationLayer(**given)(x), expected)
    assert_close(NormalizationLayer(**given, Input=(3, 7))(x), expected)


def test_a_varying_level_may_be_scaled_where_there_are_no_arrays():
    layer = bare(2, Input=("Varying", 5))
    x = example(3, 5)
    assert_close(layer(x), standardized(x, (2,)))


# --- a value ----------------------------------------------------------------------------------------------------------

PRINTED = [
    'NormalizationLayer("3;;All", "Same", Epsilon=1e-05, Input=(3, 8, 8))',
    'NormalizationLayer("1;;2", GroupNumber=(2, 1), Unbiased=True)',
    'NormalizationLayer(scaling="Same")',
    'NormalizationLayer((3, 1), "2;;-1", Method="RMS", Scaling=None, Biases=None)',
    'NormalizationLayer(All, -1, LearningRateMultipliers=0, GroupNumber=(1, 2), Input=("Varying", 4))',
    "NormalizationLayer(-1, (), Output=(Automatic, 5))",
]


@pytest.mark.parametrize("text", PRINTED)
def test_it_prints_as_the_code_that_makes_it(text):
    layer = eval(text, {"NormalizationLayer": NormalizationLayer, "All": All, "Automatic": Automatic})
    assert repr(layer) == text
    assert pickle.loads(pickle.dumps(layer)) == layer


def test_what_stands_at_its_default_is_not_printed():
    layer = NormalizationLayer("2;;All", Epsilon=1e-5, Input=(3, 8, 8))
    assert repr(layer) == "NormalizationLayer(Epsilon=1e-05, Input=(3, 8, 8))"
    assert eval(repr(layer), {"NormalizationLayer": NormalizationLayer}) == layer
    assert NormalizationLayer(Span(2, All)) == NormalizationLayer("2;;") == NormalizationLayer()


def test_settings_can_be_extracted():
    layer = NormalizationLayer((3, 1), "Same", GroupNumber=[2, 4], Method="RMS", Unbiased=True, Input=(4, 3, 6))
    settings = {"Levels": (3, 1), "Scaling": Automatic, "Epsilon": 0.001, "GroupNumber": (2, 4), "Method": "RMS"}
    assert {name: NetExtract(layer, name) for name in settings} == settings
    assert NetExtract(layer, "Unbiased") is True and NetExtract(layer, "Input") == (4, 3, 6)


# --- errors -----------------------------------------------------------------------------------------------------------

SPANS = 'a level, a span such as "2;;All", a tuple of levels, or All'
WHOLE = "levels are whole numbers from 1, or from -1 backwards"

AT_ANY_RANK = [
    ((0,), {}, f"levels must be {SPANS}; {WHOLE}, got 0"),
    (((2, 0),), {}, f"levels must be {SPANS}; {WHOLE}, got (2, 0)"),
    ((1.5,), {}, f"levels must be {SPANS}, got 1.5"),
    (([1, 2.5],), {}, f"levels must be {SPANS}; {WHOLE}, got [1, 2.5]"),
    ((True,), {}, f"levels must be {SPANS}, got True"),
    ((None,), {}, f"levels must be {SPANS}, got None"),
    (((1, 1),), {}, "levels must name each level once, not (1, 1), got (1, 1)"),
    (((),), {}, "levels must name at least one level, got ()"),
    (("3;;2",), {}, 'levels must be a span that does not end before it starts, not "3;;2", got "3;;2"'),
    (("-1;;-2",), {}, 'levels must be a span that does not end before it starts, not "-1;;-2", got "-1;;-2"'),
    (("1;;4;;2",), {}, 'levels must be a span without a step, not "1;;4;;2", got "1;;4;;2"'),
    ((Span(0, 2),), {}, f'levels must be {SPANS}; {WHOLE}, got "0;;2"'),
    (
        ("0;;2",),
        {},
        "levels must be a span without 0 (places count from 1, or from -1 backwards), not '0;;2', got \"0;;2\"",
    ),
    (("two",), {}, 'levels must be a span such as "2;;4", not \'two\', got "two"'),
    ((1, "Sane"), {}, f'scaling must be "Complement", "Same", {SPANS}, got "Sane"'),
    ((1, (2, 2)), {}, "scaling must name each level once, not (2, 2), got (2, 2)"),
    ((1, 0), {}, f"scaling must be {SPANS}; {WHOLE}, got 0"),
    ((), {"Epsilon": -0.1}, "Epsilon must be a number, 0 or more, got -0.1"),
    ((), {"Epsilon": "small"}, 'Epsilon must be a number, 0 or more, got "small"'),
    ((), {"Epsilon": float("nan")}, "Epsilon must be a number, 0 or more, got nan"),
    ((), {"Unbiased": 1}, "Unbiased must be True or False, got 1"),
    ((), {"Method": "Rms"}, 'Method must be one of Standardize, RMS, got "Rms"\n  hint: did you mean RMS?'),
    ((), {"Method": "Whiten"}, 'Method must be one of Standardize, RMS, got "Whiten"'),
    ((), {"GroupNumber": 0}, "GroupNumber must be a positive whole number, or a tuple of them, or None, got 0"),
    ((), {"GroupNumber": []}, "GroupNumber must be a positive whole number, or a tuple of them, or None, got []"),
    ((), {"GroupNumber": 2.0}, "GroupNumber must be a positive whole number, or a tuple of them, or None, got 2.0"),
    (
        ((1, 2),),
        {"GroupNumber": (2, -1)},
        "GroupNumber must be a positive whole number, or a tuple of them, or None, got (2, -1)",
    ),
    (
        ((1, 2),),
        {"GroupNumber": (2,)},
        "GroupNumber must have one number for each of the 2 levels (1, 2), got (2,)\n"
        "  hint: write 1 for a level that is not cut",
    ),
    (
        ("-2;;All",),
        {"GroupNumber": (2, 1, 1)},
        'GroupNumber must have one number for each of the 2 levels "-2;;All", got (2, 1, 1)\n'
        "  hint: write 1 for a level that is not cut",
    ),
    ((), {"Scaling": [["a"]]}, "Scaling must be an array of real numbers, got <U1 values"),
    ((), {"Biases": [[1], [2, 3]]}, "Biases must be an array of numbers with rows of equal size"),
    ((), {"Scalling": None}, "Scalling is not an option\n  hint: did you mean Scaling?"),
    ((), {"Momentum": 0.5}, None),
    (
        (),
        {"Scaling": np.ones((3, 5))},
        'Scaling and Biases of rank 2 do not go with the levels "2;;All" of any array (Scaling is 3×5, as given)'
        "\n  hint: the argument scaling says which levels they have",
    ),
]


@pytest.mark.parametrize("arguments, options, text", AT_ANY_RANK, ids=repr)
def test_what_is_wrong_at_any_rank_is_refused_at_construction(arguments, options, text):
    if text is None:
        text = (
            "Momentum is not an option\n  hint: there are LearningRateMultipliers, Epsilon, GroupNumber, Unbiased, "
            "Method, Input, Output, Scaling, Biases, levels, scaling"
        )
    assert error(*arguments, **options) == f"NormalizationLayer: {text}"


def test_too_many_arguments():
    assert error(1, 2, 3) == (
        "NormalizationLayer takes at most 2 (levels, scaling), got 3\n  hint: give options by name"
    )


SIZE_7 = "(Input is 7, as given)"
BY_RANK = [
    ((4,), {"Input": (3, 5, 7)}, "levels 4 are not all levels of an array of rank 3 (Input is 3×5×7, as given)"),
    ((-3,), {"Input": (3, 5)}, "levels -3 are not all levels of an array of rank 2 (Input is 3×5, as given)"),
    (("2;;3",), {"Input": (3, 5)}, 'levels "2;;3" are not all levels of an array of rank 2 (Input is 3×5, as given)'),
    (("3;;",), {"Input": (3, 5)}, 'levels "3;;All" of an array of rank 2 are none (Input is 3×5, as given)'),
    (
        ((1, -2),),
        {"Input": (3, 5)},
        "levels (1, -2) of an array of rank 2 name one level twice (Input is 3×5, as given)",
    ),
    ((1, 3), {"Input": (3, 5)}, "levels 3 are not all levels of an array of rank 2 (Input is 3×5, as given)"),
    (
        (),
        {"Input": 7},
        f"Input must be an array of rank 2 or more, not a vector of size 7 {SIZE_7}\n"
        "  hint: give each number a level of its own",
    ),
    (
        (),
        {"Input": "Real"},
        "Input must be an array of rank 2 or more, not a number (Input is scalar, as given)\n"
        "  hint: give each number a level of its own",
    ),
    (
        ("2;;",),
        {"Input": (3, 5, 7), "GroupNumber": (5,)},
        'GroupNumber must have one number for each of the 2 levels "2;;All", got (5,) (Input is 3×5×7, as given)\n'
        "  hint: write 1 for a level that is not cut",
    ),
    (
        (1,),
        {"Input": (7, 5), "GroupNumber": 3},
        "level 1 of size 7 does not split into 3 equal groups (Input is 7×5, as given)\n"
        "  hint: GroupNumber must divide 7",
    ),
    (
        (1,),
        {"Input": ("Varying", 5), "GroupNumber": 3},
        "level 1 is of varying length Varying and cannot be cut into 3 groups (Input is Varying×5, as given)",
    ),
    (
        (2,),
        {"Input": (5, 1), "Unbiased": True},
        "Unbiased=True divides by N - 1, but levels 2 hold a single value for each mean (Input is 5×1, as given)\n"
        "  hint: normalize over more values, or drop Unbiased",
    ),
    (
        (2,),
        {"Input": (5, 3), "Unbiased": True, "GroupNumber": 3},
        "Unbiased=True divides by N - 1, but levels 2 hold a single value for each mean (Input is 5×3, as given)\n"
        "  hint: normalize over more values, or drop Unbiased",
    ),
    (
        (2,),
        {"Input": ("Varying", 5)},
        "Scaling would be of shape Varying, but an array of a layer cannot vary (Input is Varying×5, as given)\n"
        "  hint: map the layer over the sequence with NetMapOperator, or give Input a fixed size",
    ),
    (
        (2,),
        {"Input": ("Varying", 5), "Scaling": None},
        "Biases would be of shape Varying, but an array of a layer cannot vary (Input is Varying×5, as given)\n"
        "  hint: map the layer over the sequence with NetMapOperator, or give Input a fixed size",
    ),
]


@pytest.mark.parametrize("arguments, options, text", BY_RANK, ids=repr)
def test_what_depends_on_the_rank_is_refused_when_it_is_known(arguments, options, text):
    assert error(*arguments, **options) == f"NormalizationLayer: {text}"


def test_a_vector_as_data():
    with pytest.raises(NetError) as raised:
        bare()([1, 2, 3])
    assert str(raised.value) == (
        "NormalizationLayer: Input must be an array of rank 2 or more, not a vector of size 3 (Input is 3, as given)\n"
        "  hint: give each number a level of its own"
    )


def test_an_array_of_another_size():
    assert error(Scaling=[1, 2, 3], Input=(5, 7)) == (
        "NormalizationLayer has Scaling of shape 3, where scaled is 3, but the rest makes scaled 5 (Input is 5×7, as "
        "given)"
    )


def test_a_layer_that_refuses_what_its_neighbour_gives():
    with pytest.raises(NetError) as raised:
        NetChain([bare(Output=(3, 5)), NormalizationLayer(1, GroupNumber=2)])
    assert str(raised.value) == (
        "net/2: NormalizationLayer: level 1 of size 3 does not split into 2 equal groups (Input is 3×5 from net/1)\n"
        "  hint: GroupNumber must divide 3"
    )
