"""ImageAugmentationLayer, LocalResponseNormalizationLayer and InstanceNormalizationLayer: formulas and refusals."""

import numpy as np
import pytest

from tests.examples import assert_close, example
from tests.windows import assert_gradients
from wlnet import (
    ImageAugmentationLayer,
    InstanceNormalizationLayer,
    LocalResponseNormalizationLayer,
    NetError,
    NetExtract,
    NormalizationLayer,
)
from wlnet.backends import backend

TRAIN = {"NetEvaluationMode": "Train"}

# --- augmentation ---------------------------------------------------------------------------------------------------


def cut_out(y, x):
    """(top, left, upside down, left to right) of the part y of an image x of distinct values."""
    found = []
    rows, columns = y.shape[1:]
    for top, left in np.ndindex(x.shape[1] - rows + 1, x.shape[2] - columns + 1):
        part = x[:, top : top + rows, left : left + columns]
        for down, across in np.ndindex(2, 2):
            if (part[:, :: 1 - 2 * down, :: 1 - 2 * across] == y).all():
                found.append((top, left, down, across))
    assert len(found) == 1, found
    return found[0]


def places(layer, x, count=400, **options):
    """Where the parts of many copies of an image come from, in training."""
    y = layer(np.stack([x] * count), RandomSeeding=1, **TRAIN, **options)
    return [cut_out(one, x) for one in y]


def test_evaluation_takes_the_middle():
    x = example(2, 3, 7, 11)
    layer = ImageAugmentationLayer((5, 3), ReflectionProbabilities=(1, 1))
    assert (layer(x) == x[:, :, 1:6, 4:7]).all()
    assert (ImageAugmentationLayer((2, 2))(x) == x[:, :, 2:4, 4:6]).all()  # ⌊5/2⌋ and ⌊9/2⌋ are dropped first
    assert (ImageAugmentationLayer((7, 11))(x) == x).all()


def test_training_takes_every_place_equally_often_and_never_turns_it_unasked():
    x = example(2, 5, 3)
    found = np.array(places(ImageAugmentationLayer((3, 2)), x, 600))
    assert not found[:, 2:].any()
    counts = np.bincount(found[:, 0] * 2 + found[:, 1], minlength=6)
    assert counts.sum() == 600
    assert np.sum((counts - 100) ** 2 / 100) < 20.5  # the 0.1 % point of chi-squared with 5 degrees of freedom
    assert len(set(map(tuple, found))) == 6


@pytest.mark.parametrize("chances", [(0.25, 0.75), (1, 0), (0, 1), (0.5, 0)])
def test_images_are_turned_upside_down_and_left_to_right_with_their_probabilities(chances):
    x = example(2, 5, 3)
    found = np.array(places(ImageAugmentationLayer((3, 2), ReflectionProbabilities=chances), x, 800))
    for share, chance in zip(found[:, 2:].mean(0), chances, strict=True):
        assert abs(share - chance) <= 4 * (chance * (1 - chance) / 800) ** 0.5
    if min(chances) > 0:
        both = np.mean(found[:, 2] * found[:, 3])
        assert both == pytest.approx(chances[0] * chances[1], abs=4 * (0.25 * 0.75 / 800) ** 0.5)


def test_reflection_probabilities_are_vertical_first():
    x = np.array([[[1, 2], [3, 5]]])
    turned = lambda *chances: ImageAugmentationLayer((2, 2), ReflectionProbabilities=chances)(x, **TRAIN).tolist()
    assert turned(1, 0) == [[[3, 5], [1, 2]]]
    assert turned(0, 1) == [[[2, 1], [5, 3]]]
    assert turned(1, 1) == [[[5, 3], [2, 1]]]


def test_a_seed_decides_and_examples_differ():
    x = np.stack([example(2, 11, 13)] * 7)
    layer = ImageAugmentationLayer((3, 5), ReflectionProbabilities=(0.5, 0.5))
    first, again, other = (layer(x, RandomSeeding=seed, **TRAIN) for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any()
    assert len({cut_out(y, x[0]) for y in first}) > 1


def test_integers_stay_integers():
    layer = ImageAugmentationLayer((1, 2), Input=(1, 2, 3, "Integer"))
    assert layer([[[1, 2, 3], [5, 7, 11]]]).tolist() == [[[1, 2]]]
    assert layer([[[1, 2, 3], [5, 7, 11]]]).dtype.kind == "i"
    assert layer([[[1, 2, 3], [5, 7, 11]]], **TRAIN).dtype.kind == "i"


def test_the_channels_may_vary():
    layer = ImageAugmentationLayer((3, 2), Input=("Varying", 5, 7))
    x = [example(length, 5, 7, seed=length) for length in (3, 2)]
    for image, y in zip(x, layer(x), strict=True):
        assert (y == image[:, 1:4, 2:4]).all()


def test_the_gradient_goes_to_what_was_taken():
    engine = backend("NumPy")
    xp = engine.context(training=True, precision="float64", seed=1)
    x, layer = example(3, 2, 5, 7).astype(float), ImageAugmentationLayer((3, 2), ReflectionProbabilities=(0.5, 0.5))

    def total(leaves):
        y = layer.run(xp, {}, leaves, ())[0]["Output"]
        return xp.sum(y * y) * 0.5, y

    _, y, gradients = engine.value_and_gradient(total, {"Input": x})
    for g, image, part in zip(gradients["Input"], x, y, strict=True):
        assert sorted(g[g != 0]) == sorted(part.ravel())  # of Σ y² / 2 each pixel that was taken has its own value
        assert (g[g != 0] == image[g != 0]).all()


# --- local response normalization -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "channels, options, settings",
    [
        (5, {}, (1, 0.5, 1, 2)),
        (7, {"Alpha": 0.3, "Beta": 0.75, "Bias": 2, "ChannelWindowSize": 3}, (0.3, 0.75, 2, 3)),
        (11, {"Alpha": 2, "ChannelWindowSize": 1}, (2, 0.5, 1, 1)),
        (3, {"ChannelWindowSize": 0}, (1, 0.5, 1, 0)),
        (5, {"Bias": 0}, (1, 0.5, 0, 2)),
    ],
)
def test_local_response_normalization_is_its_formula(channels, options, settings):
    alpha, beta, bias, c = settings
    x = example(2, channels, 3, 7)
    expected = np.zeros(x.shape)
    for i in range(1, channels + 1):
        window = x[:, max(1, i - c) - 1 : min(channels, i + c)].astype(float)
        expected[:, i - 1] = x[:, i - 1] / (alpha / (2 * c + 1) * (window**2).sum(1) + bias) ** beta
    layer = LocalResponseNormalizationLayer(**options)
    got = layer(x)
    assert got.dtype == np.float32
    assert_close(got, expected)
    assert (layer(x, **TRAIN) == got).all()


def test_without_a_bias_zero_stays_zero():
    assert not LocalResponseNormalizationLayer(Bias=0)(np.zeros((5, 2, 3))).any()


def test_the_gradient_of_local_response_normalization_is_its_differences():
    layer = LocalResponseNormalizationLayer(Alpha=0.7, Beta=0.75, ChannelWindowSize=1, Input=(5, 2, 3))
    assert_gradients(layer, example(2, 5, 2, 3), {})


# --- instance normalization -----------------------------------------------------------------------------------------


def test_instance_normalization_is_a_normalization_layer():
    assert InstanceNormalizationLayer() == NormalizationLayer()
    layer = InstanceNormalizationLayer(Gamma=[1, 2, 3], Beta=[5, 7, 11], Epsilon=0.1, Input=(3, 5, 7))
    assert layer == NormalizationLayer(Scaling=[1, 2, 3], Biases=[5, 7, 11], Epsilon=0.1, Input=(3, 5, 7))
    assert NetExtract(layer, "Scaling").tolist() == [1, 2, 3]
    assert InstanceNormalizationLayer(Scaling=None, Beta=None) == NormalizationLayer(Scaling=None, Biases=None)


# --- what is refused ------------------------------------------------------------------------------------------------

PART = (
    "ImageAugmentationLayer: an image of height {} and width {} has no part of height 5 and width 2 (Input is {}, as "
    "given)\n  hint: enlarge the image with ResizeLayer or PaddingLayer first, or ask for a smaller part"
)
CHANCES = (
    "ImageAugmentationLayer: ReflectionProbabilities must be two numbers from 0 to 1, (vertical, horizontal), got "
)

REFUSED = [
    (
        lambda: ImageAugmentationLayer(),
        "ImageAugmentationLayer needs extent\n  hint: write ImageAugmentationLayer(extent, …)",
    ),
    (
        lambda: ImageAugmentationLayer((5,)),
        "ImageAugmentationLayer: extent must be two positive whole numbers, (height, width), got (5,)",
    ),
    (lambda: ImageAugmentationLayer((5, 2), ReflectionProbabilities=0.5), CHANCES + "0.5"),
    (lambda: ImageAugmentationLayer((5, 2), ReflectionProbabilities=(0.5, 1.5)), CHANCES + "(0.5, 1.5)"),
    (lambda: ImageAugmentationLayer((5, 2), Input=(3, 7, 1)), PART.format(7, 1, "3×7×1")),
    (lambda: ImageAugmentationLayer((5, 2))(np.ones((3, 2, 7))), PART.format(2, 7, "3×2×7")),
    (
        lambda: LocalResponseNormalizationLayer(Input=(3, 7, 5)),
        "LocalResponseNormalizationLayer: Input must have at least 2 · ChannelWindowSize + 1 = 5 channels, not 3 "
        "(Input is 3×7×5, as given)\n  hint: ChannelWindowSize may be up to 1 for them",
    ),
    (
        lambda: LocalResponseNormalizationLayer(Input=("Varying", 7, 5)),
        "LocalResponseNormalizationLayer: the channels, level 1 of Input, cannot vary (Input is Varying×7×5, as given)"
        "\n  hint: give Input a fixed number of channels",
    ),
    (
        lambda: LocalResponseNormalizationLayer(Input=(7, 5)),
        "LocalResponseNormalizationLayer takes Input of shape ?×?×?, but Input is given as 7×5",
    ),
    (
        lambda: LocalResponseNormalizationLayer(Alpha=-1),
        "LocalResponseNormalizationLayer: Alpha must be a number, 0 or more, got -1",
    ),
    (
        lambda: LocalResponseNormalizationLayer(Beta="a"),
        'LocalResponseNormalizationLayer: Beta must be a number, got "a"',
    ),
    (
        lambda: LocalResponseNormalizationLayer(Bias=-0.5),
        "LocalResponseNormalizationLayer: Bias must be a number, 0 or more, got -0.5",
    ),
    (
        lambda: LocalResponseNormalizationLayer(ChannelWindowSize=1.5),
        "LocalResponseNormalizationLayer: ChannelWindowSize must be a whole number, 0 or more, got 1.5",
    ),
    (
        lambda: InstanceNormalizationLayer(Gamma=None, Scaling=None),
        "InstanceNormalizationLayer got Scaling twice, as Gamma too\n  hint: leave Gamma out",
    ),
    (
        lambda: InstanceNormalizationLayer(3),
        "InstanceNormalizationLayer takes no positional arguments, got 1\n  hint: NormalizationLayer takes levels",
    ),
]


@pytest.mark.parametrize("refused, text", REFUSED)
def test_what_is_refused(refused, text):
    with pytest.raises(NetError) as e:
        refused()
    assert str(e.value) == text
