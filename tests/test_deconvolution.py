"""DeconvolutionLayer: its formula in loops, its forms, its shapes both ways, varying lengths, and what it refuses."""

import inspect
import itertools

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from tests.windows import assert_backends_agree_on_noise, assert_gradients, assert_padding_never_shows
from wlnet import (
    Automatic,
    ConvolutionLayer,
    DeconvolutionLayer,
    ElementwiseLayer,
    NetChain,
    NetError,
    NetExtract,
    NetInitialize,
)

NAMES = vars(wlnet)


def deconvolved(x, weights, biases, stride, crop, dilation, groups=1):
    """y[o, p · stride + q · dilation - before] = biases[o] + Σ weights[c, o, q] x[c, p], a place and tap at a time."""
    x, weights = np.asarray(x, float), np.asarray(weights, float)
    kernel, block_in, block_out = weights.shape[2:], len(x) // groups, weights.shape[1]
    facts = zip(x.shape[1:], kernel, stride, dilation, strict=True)
    wide = np.zeros((block_out * groups, *(s * (n - 1) + d * (k - 1) + 1 for n, k, s, d in facts)))
    for place, tap in itertools.product(np.ndindex(*x.shape[1:]), np.ndindex(*kernel)):
        at = tuple(p * s + q * d for p, s, q, d in zip(place, stride, tap, dilation, strict=True))
        for c in range(len(x)):
            first = c // block_in * block_out
            for o in range(block_out):
                wide[(first + o, *at)] += weights[(c, o, *tap)] * x[(c, *place)]
    inside = tuple(slice(b, n - e) for n, (b, e) in zip(wide.shape[1:], crop, strict=True))
    shift = 0.0 if biases is None else np.reshape(biases, (-1, *(1,) * len(kernel)))
    return wide[(slice(None), *inside)] + shift


# --- values ---------------------------------------------------------------------------------------------------------

FORMULAS = {
    "one dimension": ((3, 5, 2), (3, 11), {}),
    "two dimensions": ((3, 5, 2, 3), (3, 7, 5), {}),
    "three dimensions": ((3, 2, 2, 1, 3), (3, 5, 2, 7), {}),
    "one place": ((3, 5, 1, 1), (3, 7, 5), {}),
    "stride": ((3, 5, 2, 3), (3, 5, 7), {"Stride": (2, 3)}),
    "stride beyond the kernel": ((3, 5, 2), (3, 7), {"Stride": 5}),
    "dilation": ((3, 5, 2, 3), (3, 5, 7), {"Dilation": (3, 2)}),
    "one crop": ((3, 5, 2, 3), (3, 7, 5), {"PaddingSize": 2}),
    "a crop a dimension": ((3, 5, 2, 3), (3, 7, 5), {"PaddingSize": (1, 3)}),
    "a crop an end": ((3, 5, 2, 3), (3, 7, 5), {"PaddingSize": ((1, 0), (2, 3))}),
    "all at once": ((3, 5, 3, 2), (3, 5, 7), {"Stride": (2, 3), "Dilation": (2, 1), "PaddingSize": ((1, 2), (0, 1))}),
    "groups": ((6, 3, 2, 3), (6, 5, 7), {"ChannelGroups": 3}),
    "a channel alone": ((5, 2, 3), (5, 11), {"ChannelGroups": 5, "Stride": 2}),
    "no biases": ((3, 5, 2, 3), (3, 7, 5), {"Biases": None}),
}


@pytest.mark.parametrize("kernel, size, options", FORMULAS.values(), ids=FORMULAS)
@pytest.mark.parametrize("interleaved", [False, True])
def test_deconvolution_is_its_formula(kernel, size, options, interleaved):
    groups, rank = options.get("ChannelGroups", 1), len(size) - 1
    n = kernel[1] * groups
    weights, biases = example(*kernel), example(n, seed=1)
    given = {"Weights": weights, "Biases": biases, "Interleaving": interleaved} | options
    layer = DeconvolutionLayer(n, kernel[2:], **given)
    each = lambda name, default: np.broadcast_to(options.get(name, default), rank)
    crop = options.get("PaddingSize", 0)
    pairs = [p if isinstance(p, tuple) else (p, p) for p in (crop if isinstance(crop, tuple) else (crop,) * rank)]
    x = example(2, *size, seed=2)
    settings = each("Stride", 1), pairs, each("Dilation", 1), groups
    expected = np.stack([deconvolved(one, weights, given["Biases"], *settings) for one in x])
    if interleaved:
        x, expected = np.moveaxis(x, 1, -1), np.moveaxis(expected, 1, -1)
    got = layer(x)
    assert got.dtype == np.float32
    assert_close(got, expected, atol=1e-5)
    assert_close(layer(x[0]), expected[0], atol=1e-5)
    assert layer.changed(Input=x.shape[1:]).shapes["Output"] == expected.shape[1:]


@pytest.mark.parametrize("kernel, stride, dilation", [(2, 1, 1), (3, 1, 2), (5, 1, 1), (3, 3, 1), (3, 2, 1), (4, 3, 2)])
@pytest.mark.parametrize("size", [1, 2, 7])
def test_same_makes_size_times_stride_and_crops_the_odd_one_behind(kernel, stride, dilation, size):
    weights = example(3, 2, kernel)
    layer = DeconvolutionLayer(Weights=weights, Biases=None, Stride=stride, Dilation=dilation, PaddingSize="Same")
    x = example(3, size, seed=2)
    got = layer(x)
    assert got.shape == (2, size * stride)
    total = dilation * (kernel - 1) + 1 - stride
    crop = [(total // 2, total - total // 2)]
    assert_close(got, deconvolved(x, weights, None, (stride,), crop, (dilation,)), atol=1e-5)


def test_it_is_the_transpose_of_the_convolution_with_its_weights():
    weights, options = example(5, 3, 2, 3), {"Biases": None, "Stride": (2, 1), "PaddingSize": ((1, 0), (0, 2))}
    forth, back = ConvolutionLayer(Weights=weights, **options), DeconvolutionLayer(Weights=weights, **options)
    x = example(3, 7, 11)
    y = example(*forth(x).shape, seed=1)
    assert back(y).shape == x.shape
    assert np.sum(forth(x) * y) == pytest.approx(np.sum(x * back(y)), rel=1e-5)


@pytest.mark.parametrize(
    "layer, size",
    [
        (DeconvolutionLayer(4, (2, 3), Stride=(2, 1), PaddingSize=((1, 0), (0, 2))), (3, 5, 7)),
        (DeconvolutionLayer(4, 3, ChannelGroups=2, Dilation=2, PaddingSize="Same", Interleaving=True), (7, 6)),
        (DeconvolutionLayer(4, 1), (3, 5, 7)),
        (DeconvolutionLayer(4, (2, 1, 3), Stride=(1, 2, 3)), (3, 2, 3, 2)),
    ],
)
def test_gradients_are_differences(layer, size):
    layer = NetInitialize(layer.changed(Input=size, Biases=example(4)))
    assert_gradients(layer, example(2, *size), layer.arrays)


# --- varying lengths ------------------------------------------------------------------------------------------------

VARYING = {
    "plain": DeconvolutionLayer(2, 3),
    "stride": DeconvolutionLayer(2, 3, Stride=2),
    "stride beyond the kernel": DeconvolutionLayer(2, 2, Stride=5),
    "dilation": DeconvolutionLayer(2, 2, Dilation=3),
    "crop": DeconvolutionLayer(2, 3, PaddingSize=2),
    "a crop an end": DeconvolutionLayer(2, 3, PaddingSize=((3, 1),), Stride=2),
    "same": DeconvolutionLayer(2, 4, PaddingSize="Same"),
    "same, stride and dilation": DeconvolutionLayer(2, 3, PaddingSize="Same", Stride=3, Dilation=3),
}


@pytest.mark.parametrize("layer", VARYING.values(), ids=VARYING)
def test_a_padded_batch_is_each_example_alone(layer):
    options = {"Interleaving": True, "Biases": example(2), "Input": ("Varying", 3)}
    assert_padding_never_shows(NetInitialize(layer.changed(**options)))


def test_the_backends_agree_on_a_padded_batch():
    pytest.importorskip("jax")
    layer = DeconvolutionLayer(2, 3, Stride=2, PaddingSize="Same", Interleaving=True, Input=("Varying", 3))
    assert_backends_agree_on_noise(NetInitialize(layer))


def test_a_length_is_an_expression_of_the_input_length():
    shapes = lambda **options: repr(
        DeconvolutionLayer(2, 3, Interleaving=True, Input=(("n", 5)), **options).shapes["Output"][0]
    )
    assert shapes() == "n+2"
    assert shapes(PaddingSize=1) == "n"
    assert shapes(Stride=2) == "2·n+1"
    assert shapes(Stride=2, PaddingSize="Same") == "2·n"
    assert shapes(Stride=2, PaddingSize=((1, 1),)) == "2·n-1"


def test_a_length_is_inferred_backwards_where_the_stride_divides_it():
    back = lambda **options: repr(
        DeconvolutionLayer(2, 3, Interleaving=True, Output=("n", 2), **options).shapes["Input"][0]
    )
    assert back() == "n-2"
    assert back(Stride=2) == "?"
    assert back(Stride=3, PaddingSize="Same") == "?"


def test_a_convolution_takes_a_deconvolution_back_to_the_length():
    options = {"Stride": 2, "PaddingSize": "Same", "Interleaving": True}
    chain = NetChain([DeconvolutionLayer(2, 3, **options), ConvolutionLayer(5, 3, **options)], Input=("n", 3))
    assert repr(chain.plan.shape((), "Output")) == "(n, 5)"


# --- shapes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer, expected",
    [
        (DeconvolutionLayer(5, 3, Input=(2, 7)), ((2, 7), (5, 9), (2, 5, 3))),
        (DeconvolutionLayer(5, (3,), Input=(2, 7)), ((2, 7), (5, 9), (2, 5, 3))),
        (DeconvolutionLayer(5, [3, 2], Input=(2, 7, 11)), ((2, 7, 11), (5, 9, 12), (2, 5, 3, 2))),
        (DeconvolutionLayer(5, 3, Input=(2, 7, 11)), ((2, 7, 11), (5, 9, 13), (2, 5, 3, 3))),
        (DeconvolutionLayer(5, 3, Input=(2, 7, 11, 3)), ((2, 7, 11, 3), (5, 9, 13, 5), (2, 5, 3, 3, 3))),
        (DeconvolutionLayer(5, 3, Dimensionality=2, Input=(2, 7, 11)), ((2, 7, 11), (5, 9, 13), (2, 5, 3, 3))),
        (DeconvolutionLayer(6, 3, ChannelGroups=2, Input=(4, 7)), ((4, 7), (6, 9), (4, 3, 3))),
        (DeconvolutionLayer(5, 3, Interleaving=True, Input=(7, 11, 2)), ((7, 11, 2), (9, 13, 5), (2, 5, 3, 3))),
    ],
    ids=str,
)
def test_the_shapes_of_each_form(layer, expected):
    assert tuple(layer.shapes[name] for name in ("Input", "Output", "Weights")) == expected
    assert layer.shapes["Biases"] == (layer.n,)


def test_shapes_are_inferred_backwards():
    forced = DeconvolutionLayer(5, (3, 2), Stride=(2, 1), PaddingSize=((1, 0), (0, 0)), Output=(5, 8, 11))
    assert forced.shapes["Input"][1:] == (4, 10)
    assert DeconvolutionLayer(5, 3, Stride=2, PaddingSize="Same", Output=(5, 8, 6)).shapes["Input"][1:] == (4, 3)
    assert DeconvolutionLayer(kernel=3, Output=(5, 7)).shapes["Biases"] == (5,)
    assert DeconvolutionLayer(6, 3, ChannelGroups=2, Weights=example(4, 3, 3)).shapes["Input"][0] == 4


def test_neighbours_tell_the_rank_and_the_channels():
    chain = NetChain(
        [DeconvolutionLayer(4, 3), ElementwiseLayer("Tanh"), DeconvolutionLayer(5, (2, 3))], Input=(3, 7, 11)
    )
    assert chain.plan.shape((1,), "Weights") == (3, 4, 3, 3)
    assert chain.plan.shape((), "Output") == (5, 10, 15)
    backwards = NetChain([DeconvolutionLayer(kernel=3), DeconvolutionLayer(Weights=example(2, 5, 2, 3))])
    assert backwards.plan.shape((1,), "Biases") == (2,)
    assert len(backwards.plan.shape((), "Input")) == 3


# --- forms ----------------------------------------------------------------------------------------------------------


def test_arguments_are_read_off_the_weights():
    weights = example(6, 5, 2, 3)
    layer = DeconvolutionLayer(Weights=weights, Stride=2, ChannelGroups=3)
    assert (layer.n, layer.kernel) == (15, (2, 3))
    assert layer == DeconvolutionLayer(15, (2, 3), Weights=weights, Stride=2, ChannelGroups=3)
    assert repr(layer) == "DeconvolutionLayer(15, (2, 3), ChannelGroups=3, Stride=2, Weights=Array(6×5×2×3))"
    assert NetExtract(layer, "KernelSize") == (2, 3)
    empty = NetInitialize(layer, None)
    assert eval(repr(empty), NAMES) == empty


def test_the_signature_shows_arguments_and_options():
    parameters = inspect.signature(DeconvolutionLayer).parameters
    assert [name for name in parameters if name[0].islower()] == ["n", "kernel"]
    defaults = {"Biases": Automatic, "ChannelGroups": 1, "Dilation": 1, "Dimensionality": Automatic, "Stride": 1}
    defaults |= {"Interleaving": False, "PaddingSize": 0, "Weights": Automatic, "LearningRateMultipliers": Automatic}
    assert defaults.items() <= {name: parameter.default for name, parameter in parameters.items()}.items()


def test_biases_start_at_zero_and_may_be_left_out():
    layer = NetInitialize(DeconvolutionLayer(5, 3, Input=(2, 7)))
    assert NetExtract(layer, "Weights").shape == (2, 5, 3)
    assert NetExtract(layer, "Biases").tolist() == [0.0] * 5
    assert "Biases" not in DeconvolutionLayer(5, 3, Biases=None, Input=(2, 7)).shapes


# --- what is refused ------------------------------------------------------------------------------------------------

SIZES = "a positive whole number, or a tuple of 1 to 3 of them"
PADDING = 'a whole number, 0 or more, a tuple of 1 to 3 of them or of pairs (before, after), or "Same"'
NEEDS = "DeconvolutionLayer needs kernel, or Weights to read it off\n  hint: write DeconvolutionLayer(n, kernel, …)"

REFUSED = [
    (lambda: DeconvolutionLayer(), NEEDS),
    (lambda: DeconvolutionLayer(4), NEEDS),
    (lambda: DeconvolutionLayer(0, 3), "DeconvolutionLayer: n must be a positive whole number, or Automatic, got 0"),
    (lambda: DeconvolutionLayer(4, 0), f"DeconvolutionLayer: kernel must be {SIZES}, or Automatic, got 0"),
    (lambda: DeconvolutionLayer(4, 3, Stride=0), f"DeconvolutionLayer: Stride must be {SIZES}, got 0"),
    (lambda: DeconvolutionLayer(4, 3, Dilation=0), f"DeconvolutionLayer: Dilation must be {SIZES}, got 0"),
    (lambda: DeconvolutionLayer(4, 3, PaddingSize=-1), f"DeconvolutionLayer: PaddingSize must be {PADDING}, got -1"),
    (
        lambda: DeconvolutionLayer(4, 3, Padding=1),
        "DeconvolutionLayer: Padding is not an option\n  hint: did you mean PaddingSize?",
    ),
    (
        lambda: DeconvolutionLayer(4, (3, 2), Stride=(1, 2, 3)),
        "DeconvolutionLayer: kernel (3, 2) is for 2 dimensions of space, but Stride (1, 2, 3) for 3",
    ),
    (
        lambda: DeconvolutionLayer(Weights=example(4, 3)),
        "DeconvolutionLayer: Weights must be of shape channels × n × kernel, with a kernel of 1 to 3 dimensions, "
        "got 4×3",
    ),
    (
        lambda: DeconvolutionLayer(4, (5, 2), Stride=3, PaddingSize="Same"),
        'DeconvolutionLayer: PaddingSize="Same" must have a kernel that spans the Stride, 3, but it spans 2\n'
        "  hint: make the kernel larger, or the Stride smaller",
    ),
    (
        lambda: DeconvolutionLayer(4, 3, PaddingSize=5, Interleaving=True, Input=(8, 2)),
        "DeconvolutionLayer: PaddingSize crops 10 of the 10 elements over which level 1 of Input, whose size is 8, is "
        "spread (Input is 8×2, as given)\n  hint: make Input or the kernel larger, or PaddingSize smaller",
    ),
    (
        lambda: DeconvolutionLayer(4, 3, Stride=2, Output=(4, 8)),
        "DeconvolutionLayer: no size of Input is spread to 8: the sizes of Output are 2 · size + 1\n"
        "  hint: change that size of Output, or PaddingSize",
    ),
    (
        lambda: DeconvolutionLayer(4, 3, Stride=2, PaddingSize=1, Output=(4, 8)),
        "DeconvolutionLayer: no size of Input is spread to 8: the sizes of Output are 2 · size - 1\n"
        "  hint: change that size of Output, or PaddingSize",
    ),
    (
        lambda: DeconvolutionLayer(4, 3, ChannelGroups=2, Input=(3, 7)),
        "DeconvolutionLayer: 3 input channels do not split into 2 equal groups (Input is 3×7, as given)\n"
        "  hint: ChannelGroups must divide the number of input channels",
    ),
    (
        lambda: DeconvolutionLayer(5, 3, ChannelGroups=2),
        "DeconvolutionLayer: 5 output channels do not split into 2 equal groups\n"
        "  hint: ChannelGroups must divide the number of output channels",
    ),
    (
        lambda: DeconvolutionLayer(4, 3, Input=("Varying", 7)),
        "DeconvolutionLayer: the channels, level 1 of Input, cannot vary (Input is Varying×7, as given)\n"
        "  hint: with Interleaving=True the channels come last, so that level 1 may vary",
    ),
    (
        lambda: DeconvolutionLayer(4, (3, 3), Input=(2, 7)),
        "DeconvolutionLayer: Input has 1 dimension of space, but kernel (3, 3) is for 2 (Input is 2×7, as given)\n"
        "  hint: give Input 3 levels: the channels and the dimensions of space",
    ),
    (
        lambda: DeconvolutionLayer(4, 3, Weights=example(2, 4, 3), Input=(3, 7)),
        "DeconvolutionLayer has Weights of shape 3×?×3, but Weights is given as 2×4×3 (Input is 3×7, as given)",
    ),
    (
        lambda: NetInitialize(DeconvolutionLayer(4, 3, PaddingSize=3, Interleaving=True, Input=("Varying", 2)))(
            [example(3, 2), example(5, 2)]
        ),
        "Output: a sequence is too short: its length Varying-4 would be -1\n  hint: give longer sequences",
    ),
]


@pytest.mark.parametrize("refused, text", REFUSED)
def test_what_is_refused(refused, text):
    with pytest.raises(NetError) as e:
        refused()
    assert str(e.value) == text
