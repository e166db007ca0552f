"""ResizeLayer and SpatialTransformationLayer: formulas a place at a time, shapes, varying lengths, and refusals."""

import math

import numpy as np
import pytest

from tests.examples import assert_close, example
from tests.windows import assert_backends_agree_on_noise, assert_gradients, assert_padding_never_shows
from wlnet import (
    All,
    ConvolutionLayer,
    DotPlusLayer,
    LinearLayer,
    NetChain,
    NetError,
    ResizeLayer,
    Scaled,
    SpatialTransformationLayer,
    UpsampleLayer,
)
from wlnet.backends import backend
from wlnet.layers.resizing import scaled

# --- resizing: values -----------------------------------------------------------------------------------------------


def place(j, d, n, scheme):
    """Where the j-th of n elements is among d, both counted from 1, by the reference."""
    if scheme == "Point":
        return 1 if n == 1 else 1 + (j - 1) * (d - 1) / (n - 1)
    return min(max((j - 0.5) * d / n + 0.5, 1), d)


def linear(row, n, scheme):
    """A row of numbers resized."""
    row = np.asarray(row, float)
    places = [place(j, len(row), n, scheme) for j in range(1, n + 1)]
    low = [min(math.floor(u), len(row) - 1) if len(row) > 1 else 1 for u in places]
    return np.array(
        [row[k - 1] + (u - k) * (row[min(k, len(row) - 1)] - row[k - 1]) for k, u in zip(low, places, strict=True)]
    )


SIZES = [(7, 5), (5, 13), (5, 10), (7, 1), (1, 3), (2, 3), (3, 2), (5, 5)]


@pytest.mark.parametrize("d, n", SIZES)
@pytest.mark.parametrize("scheme", ["Point", "Bin"])
def test_linear_is_its_formula(d, n, scheme):
    x = example(3, d)
    expected = np.stack([linear(row, n, scheme) for row in x])
    assert_close(ResizeLayer((n,), Scheme=scheme)(x), expected)
    assert_close(ResizeLayer((n,), Scheme=scheme, Interleaving=True)(x.T), expected.T)


@pytest.mark.parametrize("scheme", ["Point", "Bin"])
def test_dimensions_are_resized_one_after_the_other(scheme):
    x = example(2, 3, 5, 7)
    expected = np.apply_along_axis(linear, 2, x, 11, scheme)
    expected = np.apply_along_axis(linear, 3, expected, 4, scheme)
    assert_close(ResizeLayer((11, 4), Scheme=scheme)(x), expected)
    assert_close(ResizeLayer((11, All), Scheme=scheme)(x), np.apply_along_axis(linear, 2, x, 11, scheme))


def test_the_ends_align_by_default():
    x = example(3, 5, 7)
    got = ResizeLayer((11, 2))(x)
    assert_close(got[:, ::10], x[:, ::4, ::6])
    assert (ResizeLayer((11, 2), Resampling="Linear", Scheme="Point")(x) == got).all()


@pytest.mark.parametrize("factor", [1, 2, 3, 5])
def test_nearest_repeats_every_element(factor):
    x = example(3, 5, 7)
    layer = ResizeLayer((Scaled(factor), Scaled(2)), Resampling="Nearest")
    np.testing.assert_array_equal(layer(x), x.repeat(factor, 1).repeat(2, 2))
    assert (layer.changed(Scheme="Bin")(x) == layer(x)).all()


def test_nearest_by_points_takes_the_element_that_is_nearest():
    x = [[10, 20, 30]]  # six places from 1 to 3, two fifths apart: 1, 1.4, 1.8, 2.2, 2.6, 3
    assert ResizeLayer((Scaled(2),), Resampling="Nearest", Scheme="Point")(x).tolist() == [[10, 10, 20, 20, 30, 30]]


def test_a_large_image_is_resized_as_a_small_one():
    x = example(2, 131, 3)
    expected = np.apply_along_axis(linear, 1, x, 307, "Bin")
    assert_close(ResizeLayer((307, All), Scheme="Bin")(x), expected, atol=1e-5)


@pytest.mark.parametrize(
    "layer, size",
    [
        (ResizeLayer((11, 3)), (2, 5, 7)),
        (ResizeLayer((11, 3), Scheme="Bin", Interleaving=True), (5, 7, 2)),
        (ResizeLayer((Scaled(3), Scaled(2)), Resampling="Nearest"), (2, 5, 7)),
        (ResizeLayer((137,)), (1, 71)),
        (ResizeLayer((Scaled(2),), Resampling="Nearest"), (1, 71)),
        (ResizeLayer((67, 2)), (1, 83, 3)),
    ],
)
def test_gradients_are_differences(layer, size):
    assert_gradients(layer.changed(Input=size), example(2, *size), {})


# --- resizing: shapes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.1, 0.25, 1 / 3, 0.5, 0.75, 1.5, 2, 2.5, 7 / 3, 10])
def test_a_scaled_size_is_rounded_to_the_nearest_and_of_two_to_the_even_one(factor):
    sizes = range(1, 61)
    assert [scaled(size, factor) for size in sizes] == [round(size * factor) for size in sizes]
    assert scaled(np.array(sizes), factor).tolist() == [round(size * factor) for size in sizes]


@pytest.mark.parametrize(
    "layer, expected",
    [
        (ResizeLayer((5,), Input=(3, 7)), (3, 5)),
        (ResizeLayer([5, All], Input=(3, 7, 11)), (3, 5, 11)),
        (ResizeLayer((Scaled(1.5), "All", 2), Input=(3, 7, 11, 5)), (3, 10, 11, 2)),
        (ResizeLayer((Scaled(0.01),), Input=(3, 7)), (3, 1)),
        (ResizeLayer((5, Scaled(2)), Interleaving=True, Input=(7, 11, 3)), (5, 22, 3)),
        (ResizeLayer(np.array([5, 2]), Input=(3, 7, 11)), (3, 5, 2)),
    ],
    ids=str,
)
def test_the_shapes_of_each_form(layer, expected):
    assert layer.shapes["Output"] == expected


def test_shapes_are_inferred_as_far_as_they_are_forced():
    assert repr(ResizeLayer((5, All, Scaled(2))).shapes) == "{'Input': (?, ?, ?, ?), 'Output': (?, 5, ?, ?)}"
    assert ResizeLayer((All, Scaled(2)), Output=(3, 7, 10)).shapes["Input"] == (3, 7, 5)
    assert repr(ResizeLayer((5, Scaled(1.5)), Output=(3, 5, 6)).shapes["Input"]) == "(3, ?, ?)"
    chain = NetChain([ResizeLayer((Scaled(2), Scaled(3)))], Input=(2, 5, 7))
    assert chain.shapes["Output"] == (2, 10, 21)


# --- resizing: varying lengths --------------------------------------------------------------------------------------

VARYING = {
    "twice": ResizeLayer((Scaled(2),)),
    "bins": ResizeLayer((Scaled(2.5),), Scheme="Bin"),
    "half": ResizeLayer((Scaled(0.5),)),
    "half the bins": ResizeLayer((Scaled(0.5),), Scheme="Bin"),
    "nearest": ResizeLayer((Scaled(3),), Resampling="Nearest"),
}


@pytest.mark.parametrize("layer", VARYING.values(), ids=VARYING)
def test_a_padded_batch_is_each_example_alone(layer):
    assert_padding_never_shows(layer.changed(Interleaving=True, Input=("Varying", 3)))


def test_the_backends_agree_on_a_padded_batch():
    pytest.importorskip("jax")
    assert_backends_agree_on_noise(ResizeLayer((Scaled(1.5),), Interleaving=True, Input=("Varying", 3)))


@pytest.mark.parametrize("scheme", ["Point", "Bin"])
def test_sequences_are_each_resized_by_the_formula(scheme):
    sequences = [example(length, 3, seed=length) for length in (7, 2, 5, 1)]
    options = {"Scheme": scheme, "Interleaving": True, "Input": ("Varying", 3)}
    for x, y in zip(sequences, ResizeLayer((Scaled(1.5),), **options)(sequences), strict=True):
        assert_close(y, np.apply_along_axis(linear, 0, x, round(1.5 * len(x)), scheme))
    for x, y in zip(sequences, ResizeLayer((11,), **options)(sequences), strict=True):
        assert_close(y, np.apply_along_axis(linear, 0, x, 11, scheme))


def test_a_varying_level_that_stays_is_left_alone():
    layer = ResizeLayer((All, 5), Interleaving=True, Input=("n", 3, 2))
    assert repr(layer.shapes["Output"]) == "(n, 5, 2)"
    sequences = [example(length, 3, 2, seed=length) for length in (7, 2)]
    for x, y in zip(sequences, layer(sequences), strict=True):
        assert_close(y, np.apply_along_axis(linear, 1, x, 5, "Point"))


def test_a_length_is_an_expression_of_the_input_length():
    first = lambda to: repr(ResizeLayer((to,), Interleaving=True, Input=("n", 3)).shapes["Output"][0])
    assert [first(Scaled(2)), first(Scaled(1)), first(Scaled(1 / 3)), first(7)] == ["2·n", "n", "⌊(2·n+3)/6⌋", "7"]


def test_a_sequence_of_channels_may_vary():
    layer = ResizeLayer((5,), Input=("Varying", 3))
    sequences = [example(length, 3, seed=length) for length in (7, 2)]
    for x, y in zip(sequences, layer(sequences), strict=True):
        assert_close(y, np.apply_along_axis(linear, 1, x, 5, "Point"))


# --- spatial transformation -----------------------------------------------------------------------------------------


def transformed(x, parameters, rows, columns):
    """The image read a pixel at a time, by the reference."""
    channels, h0, w0 = x.shape
    zh, sh, th, sv, zv, tv = parameters
    y = np.zeros((channels, rows, columns))
    for i, j in np.ndindex(rows, columns):
        across = -1 + 2 * j / (columns - 1) if columns > 1 else 0
        down = -1 + 2 * i / (rows - 1) if rows > 1 else 0
        column = (zh * across + sh * down + th + 1) * (w0 - 1) / 2
        row = (sv * across + zv * down + tv + 1) * (h0 - 1) / 2
        for r, c in np.ndindex(h0, w0):
            y[:, i, j] += x[:, r, c] * max(0, 1 - abs(row - r)) * max(0, 1 - abs(column - c))
    return y


@pytest.mark.parametrize("seed, target", [(0, (2, 3)), (1, (11, 7)), (2, (1, 5)), (3, (5, 1)), (4, (1, 1))])
def test_spatial_transformation_is_its_formula(seed, target):
    x = example(2, 3, 7, 5, seed=seed)
    parameters = np.float32([1, 0, 0, 0, 1, 0]) + example(2, 6, seed=seed, low=-0.7, high=0.7)
    layer = SpatialTransformationLayer(target)
    expected = [transformed(image, each, *target) for image, each in zip(x, parameters, strict=True)]
    got = layer({"Input": x, "Parameters": parameters})
    assert got.dtype == np.float32
    assert_close(got, np.stack(expected), atol=2e-5)


def test_the_identity_gives_the_image_and_its_corners_and_a_half_zooms_in():
    x = example(2, 3, 5)
    identity = [1, 0, 0, 0, 1, 0]
    assert_close(SpatialTransformationLayer((3, 5))({"Input": x, "Parameters": identity}), x)
    assert_close(SpatialTransformationLayer((2, 2))({"Input": x, "Parameters": identity}), x[:, ::2, ::4])
    half = SpatialTransformationLayer((1, 3))({"Input": x, "Parameters": [0.5, 0, 0, 0, 0.5, 0]})
    assert_close(half, x[:, 1:2, 1:4])


def test_outside_the_image_is_zero_and_has_no_slope():
    x, layer = np.ones((1, 3, 5)), SpatialTransformationLayer((3, 5))
    assert not layer({"Input": x, "Parameters": [1, 0, 5, 0, 1, 0]}).any()
    assert layer({"Input": x, "Parameters": [1, 0, 0.75, 0, 1, 0]})[0, 0].tolist() == [1, 1, 1, 0.5, 0]


def test_it_takes_one_example_or_a_batch():
    layer = SpatialTransformationLayer((2, 3), Input=(2, 5, 7))
    x, parameters = example(3, 2, 5, 7), example(3, 6)
    together = layer({"Input": x, "Parameters": parameters})
    assert together.shape == (3, 2, 2, 3)
    assert_close(layer({"Input": x[1], "Parameters": parameters[1]}), together[1])


def test_the_gradients_of_a_transformation_are_differences():
    engine = backend("NumPy")
    xp = engine.context(precision="float64")
    leaves = {"Input": example(2, 3, 5, 7).astype(float), "Parameters": example(2, 6, low=0.1, high=0.7).astype(float)}
    layer = SpatialTransformationLayer((3, 2))

    def total(leaves):
        y = layer.run(xp, {}, leaves, ())[0]["Output"]
        return xp.sum(y * np.sin(np.arange(1.0, 1 + y.size)).reshape(y.shape)), {}

    _, _, gradients = engine.value_and_gradient(total, leaves)
    for key, leaf in leaves.items():
        assert gradients[key].any()
        for at in np.ndindex(*leaf.shape):
            step = np.zeros_like(leaf)
            step[at] = 1e-6
            up, down = (total({**leaves, key: leaf + sign * step})[0] for sign in (1, -1))
            assert abs(gradients[key][at] - (up - down) / 2e-6) < 1e-7, (key, at)


def test_the_channels_of_a_transformation_may_vary():
    layer = SpatialTransformationLayer((2, 3), Input=("Varying", 5, 7))
    x, parameters = [example(length, 5, 7, seed=length) for length in (3, 2)], example(2, 6)
    for image, own, y in zip(x, parameters, layer({"Input": x, "Parameters": parameters}), strict=True):
        assert_close(y, transformed(image, own, 2, 3), atol=2e-5)


def test_a_net_learns_where_to_look():
    net = NetChain([ConvolutionLayer(2, 3), LinearLayer(6)], Input=(3, 5, 7))
    assert net.shapes["Output"] == SpatialTransformationLayer((2, 3)).shapes["Parameters"] == (6,)


# --- names of earlier versions --------------------------------------------------------------------------------------


def test_upsample_and_dot_plus_are_layers_of_today():
    assert UpsampleLayer(3) == ResizeLayer((Scaled(3), Scaled(3)), Resampling="Nearest")
    assert UpsampleLayer(2, Resampling="Linear", Input=(3, 5, 7)).shapes["Output"] == (3, 10, 14)
    assert DotPlusLayer(4, Biases=None, Input=3) == LinearLayer(4, Biases=None, Input=3)


# --- what is refused ------------------------------------------------------------------------------------------------

TARGET = (
    "ResizeLayer: target must be a tuple: for each dimension of space a positive whole number, Scaled(r) or All, got "
)
NEAREST = 'ResizeLayer: Resampling="Nearest" must have a whole factor for each dimension, got '
NEAREST_HINT = "\n  hint: write Scaled(2), Scaled(3), …, Scaled(1) for a dimension that stays, or use Linear"
EXTENT = "SpatialTransformationLayer: extent must be two positive whole numbers, (height, width), got "

REFUSED = [
    (lambda: ResizeLayer(), "ResizeLayer needs target\n  hint: write ResizeLayer(target, …)"),
    (lambda: ResizeLayer(5), TARGET + "5"),
    (lambda: ResizeLayer(()), TARGET + "()"),
    (lambda: ResizeLayer((0, 2)), TARGET + "(0, 2)"),
    (lambda: ResizeLayer((2.5,)), TARGET + "(2.5,)"),
    (lambda: ResizeLayer((True,)), TARGET + "(True,)"),
    (lambda: ResizeLayer((Scaled(-1),)), TARGET + "(Scaled(-1),)"),
    (lambda: ResizeLayer((Scaled(math.inf),)), TARGET + "(Scaled(inf),)"),
    (lambda: ResizeLayer("All"), TARGET + '"All"'),
    (
        lambda: ResizeLayer((3,), Resampling="Cubic"),
        'ResizeLayer: Resampling must be one of Automatic, Linear, Nearest, got "Cubic"',
    ),
    (
        lambda: ResizeLayer((3,), Scheme="Middle"),
        'ResizeLayer: Scheme must be one of Automatic, Point, Bin, got "Middle"',
    ),
    (lambda: ResizeLayer((3,), Interleaving=1), "ResizeLayer: Interleaving must be True or False, got 1"),
    (lambda: ResizeLayer((3,), Resampling="Nearest"), NEAREST + "(3,)" + NEAREST_HINT),
    (
        lambda: ResizeLayer((Scaled(1.5), All), Resampling="Nearest"),
        NEAREST + "(Scaled(1.5), All)" + NEAREST_HINT,
    ),
    (
        lambda: ResizeLayer((3, 5), Input=(2, 7)),
        "ResizeLayer takes Input of shape ?×?×?, but Input is given as 2×7",
    ),
    (
        lambda: ResizeLayer((Scaled(2),), Output=(3, 7)),
        "ResizeLayer: no size of Input becomes 7 by Scaled(2) (Input is ?×?)\n  hint: give Output a multiple of 2",
    ),
    (
        lambda: ResizeLayer((5,), Output=(3, 7)),
        "ResizeLayer gives Output of shape ?×5, but Output is given as 3×7 (Input is ?×?)",
    ),
    (
        lambda: ResizeLayer((Scaled(0.2),), Interleaving=True, Input=("n", 2))([example(2, 2), example(7, 2)]),
        "Output: a sequence is too short: its length ⌊(2·n+5)/10⌋ would be 0\n  hint: give longer sequences",
    ),
    (lambda: SpatialTransformationLayer(5), EXTENT + "5"),
    (lambda: SpatialTransformationLayer((5, 0)), EXTENT + "(5, 0)"),
    (lambda: SpatialTransformationLayer((5, 2, 3)), EXTENT + "(5, 2, 3)"),
    (
        lambda: SpatialTransformationLayer((5, 2), Input=(3, 7)),
        "SpatialTransformationLayer takes Input of shape ?×?×?, but Input is given as 3×7",
    ),
    (
        lambda: SpatialTransformationLayer((5, 2), Parameters=5),
        "SpatialTransformationLayer takes Parameters of shape 6, but Parameters is given as 5 (Input is ?×?×?)",
    ),
    (lambda: UpsampleLayer(), "UpsampleLayer needs factor\n  hint: write UpsampleLayer(factor, …)"),
    (lambda: UpsampleLayer(1.5), "UpsampleLayer: factor must be a positive whole number, got 1.5"),
]


@pytest.mark.parametrize("refused, text", REFUSED)
def test_what_is_refused(refused, text):
    with pytest.raises(NetError) as e:
        refused()
    assert str(e.value) == text
