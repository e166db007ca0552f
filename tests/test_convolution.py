"""ConvolutionLayer: its formula in loops, its forms, its shapes both ways, varying lengths, and what it refuses."""

import inspect

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from tests.windows import (
    assert_backends_agree_on_noise,
    assert_gradients,
    assert_padding_never_shows,
    convolved,
    same_padding,
)
from wlnet import HEADS, Automatic, ElementwiseLayer, NetChain, NetError, NetExtract, NetInitialize
from wlnet.layers.convolution import ConvolutionLayer
from wlnet.layers.windows import Window

NAMES = vars(wlnet) | {"ConvolutionLayer": ConvolutionLayer}


def array(shape, seed=0):
    return example(*shape, seed=seed)


# --- values ---------------------------------------------------------------------------------------------------------

FORMULAS = {
    "one dimension": ((5, 3, 2), (3, 11), {}),
    "two dimensions": ((5, 3, 2, 3), (3, 7, 5), {}),
    "three dimensions": ((2, 3, 2, 1, 3), (3, 5, 2, 7), {}),
    "stride": ((5, 3, 2, 3), (3, 7, 11), {"Stride": (2, 3)}),
    "dilation": ((5, 3, 2, 3), (3, 7, 11), {"Dilation": (3, 2)}),
    "one padding": ((5, 3, 2, 3), (3, 7, 5), {"PaddingSize": 2}),
    "padding a dimension": ((5, 3, 2, 3), (3, 7, 5), {"PaddingSize": (1, 3)}),
    "padding an end": ((5, 3, 2, 3), (3, 7, 5), {"PaddingSize": ((1, 0), (2, 3))}),
    "all at once": ((5, 3, 3, 2), (3, 7, 11), {"Stride": (2, 3), "Dilation": (2, 1), "PaddingSize": ((1, 2), (0, 1))}),
    "groups": ((9, 2, 2, 3), (6, 7, 5), {"ChannelGroups": 3}),
    "a channel alone": ((10, 1, 3), (5, 11), {"ChannelGroups": 5, "Stride": 2}),
    "no biases": ((5, 3, 2, 3), (3, 7, 5), {"Biases": None}),
}


@pytest.mark.parametrize("kernel, size, options", FORMULAS.values(), ids=FORMULAS)
@pytest.mark.parametrize("interleaved", [False, True])
def test_convolution_is_its_formula(kernel, size, options, interleaved):
    weights, biases, rank = array(kernel), array(kernel[:1], 1), len(size) - 1
    given = {"Weights": weights, "Biases": biases, "Interleaving": interleaved} | options
    layer = ConvolutionLayer(kernel[0], kernel[2:], **given)
    each = lambda name, default: np.broadcast_to(options.get(name, default), rank)
    padding = options.get("PaddingSize", 0)
    pairs = [
        p if isinstance(p, tuple) else (p, p) for p in (padding if isinstance(padding, tuple) else (padding,) * rank)
    ]
    x = array((2, *size), 2)
    expected = [
        convolved(
            one, weights, given["Biases"], each("Stride", 1), pairs, each("Dilation", 1), given.get("ChannelGroups", 1)
        )
        for one in x
    ]
    if interleaved:
        x, expected = np.moveaxis(x, 1, -1), np.moveaxis(expected, 1, -1)
    got = layer(x)
    assert got.dtype == np.float32
    assert_close(got, expected, atol=1e-5)
    assert_close(layer(x[0]), expected[0], atol=1e-5)


@pytest.mark.parametrize("kernel, stride, dilation", [(2, 1, 1), (3, 1, 2), (5, 1, 1), (2, 3, 1), (3, 2, 1), (4, 3, 2)])
@pytest.mark.parametrize("size", [1, 5, 6, 7])
def test_same_makes_as_many_places_as_size_over_stride(kernel, stride, dilation, size):
    weights = array((2, 3, kernel))
    layer = ConvolutionLayer(Weights=weights, Biases=None, Stride=stride, Dilation=dilation, PaddingSize="Same")
    x = array((3, size), 2)
    got = layer(x)
    assert got.shape == (2, -(-size // stride))
    padding = [same_padding(size, kernel, stride, dilation)]
    assert_close(got, convolved(x, weights, None, (stride,), padding, (dilation,)), atol=1e-5)


def test_a_window_counts_its_places_on_any_size():
    window = Window(4, stride=3, dilation=2, padding=(1, 5))
    sizes = np.arange(1, 23)
    expected = [len(range(0, n + 6 - 7 + 1, 3)) for n in sizes]
    assert window.places(sizes).tolist() == expected == [window.places(int(n)) for n in sizes]


@pytest.mark.parametrize(
    "layer, size",
    [
        (ConvolutionLayer(4, (2, 3), Stride=(2, 1), PaddingSize=((1, 0), (0, 2))), (3, 5, 7)),
        (ConvolutionLayer(4, 3, ChannelGroups=2, Dilation=2, PaddingSize="Same", Interleaving=True), (7, 6)),
    ],
)
def test_gradients_are_differences(layer, size):
    layer = NetInitialize(layer.changed(Input=size, Biases=array((4,))))
    assert_gradients(layer, array((2, *size)), layer.arrays)


# --- varying lengths ------------------------------------------------------------------------------------------------

VARYING = {
    "plain": ConvolutionLayer(2, 3),
    "stride": ConvolutionLayer(2, 3, Stride=2),
    "dilation": ConvolutionLayer(2, 2, Dilation=3),
    "padding": ConvolutionLayer(2, 3, PaddingSize=2),
    "padding an end": ConvolutionLayer(2, 3, PaddingSize=((3, 1),), Stride=2),
    "more padding than kernel": ConvolutionLayer(2, 2, PaddingSize=((0, 5),)),
    "same": ConvolutionLayer(2, 4, PaddingSize="Same"),
    "same, stride": ConvolutionLayer(2, 3, PaddingSize="Same", Stride=2),
    "same, stride and dilation": ConvolutionLayer(2, 2, PaddingSize="Same", Stride=3, Dilation=3),
    "same, stride above kernel": ConvolutionLayer(2, 2, PaddingSize="Same", Stride=5),
}


@pytest.mark.parametrize("layer", VARYING.values(), ids=VARYING)
def test_a_padded_batch_is_each_example_alone(layer):
    options = {"Interleaving": True, "Biases": array((2,)), "Input": ("Varying", 3)}
    assert_padding_never_shows(NetInitialize(layer.changed(**options)))


def test_a_padded_batch_of_rows_is_each_example_alone():
    layer = ConvolutionLayer(
        4, (3, 2), Stride=(2, 1), PaddingSize="Same", ChannelGroups=2, Interleaving=True, Input=("Varying", 3, 6)
    )
    assert_padding_never_shows(NetInitialize(layer.changed(Biases=None)))


def test_the_backends_agree_on_a_padded_batch():
    pytest.importorskip("jax")
    layer = ConvolutionLayer(2, 3, Stride=2, PaddingSize="Same", Interleaving=True, Input=("Varying", 3))
    assert_backends_agree_on_noise(NetInitialize(layer))


def test_sequences_of_any_length_are_each_convolved_by_the_formula():
    weights = array((5, 3, 4))
    layer = ConvolutionLayer(
        Weights=weights, Biases=None, Stride=2, PaddingSize="Same", Interleaving=True, Input=("Varying", 3)
    )
    sequences = [array((length, 3), length) for length in (7, 2, 4, 1)]
    for x, y in zip(sequences, layer(sequences), strict=True):
        assert_close(y, convolved(x.T, weights, None, (2,), [same_padding(len(x), 4, 2)], (1,)).T, atol=1e-5)


def test_small_batches_of_unequal_sequences_are_one_large_one():
    layer = NetInitialize(ConvolutionLayer(2, 3, PaddingSize=1, Interleaving=True, Input=("Varying", 3)))
    sequences = [array((length, 3), k) for k, length in enumerate((5, 5, 7, 3, 7))]
    for small, large in zip(layer(sequences, BatchSize=2), layer(sequences), strict=True):
        assert_close(small, large)


def test_a_length_is_an_expression_of_the_input_length():
    shapes = lambda **options: repr(
        ConvolutionLayer(2, 3, Interleaving=True, Input=(("n", 5)), **options).shapes["Output"][0]
    )
    assert shapes() == "n-2"
    assert shapes(PaddingSize=1) == "n"
    assert shapes(PaddingSize="Same") == "n"
    assert shapes(Stride=2) == "⌊(n+1)/2⌋-1"
    assert shapes(Stride=2, PaddingSize="Same") == "-⌊(-n)/2⌋"


# --- shapes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer, expected",
    [
        (ConvolutionLayer(5, 3, Input=(2, 7)), ((2, 7), (5, 5), (5, 2, 3))),
        (ConvolutionLayer(5, (3,), Input=(2, 7)), ((2, 7), (5, 5), (5, 2, 3))),
        (ConvolutionLayer(5, [3, 2], Input=(2, 7, 11)), ((2, 7, 11), (5, 5, 10), (5, 2, 3, 2))),
        (ConvolutionLayer(5, 3, Input=(2, 7, 11)), ((2, 7, 11), (5, 5, 9), (5, 2, 3, 3))),
        (ConvolutionLayer(5, 3, Input=(2, 7, 11, 3)), ((2, 7, 11, 3), (5, 5, 9, 1), (5, 2, 3, 3, 3))),
        (ConvolutionLayer(5, 3, Dimensionality=2, Input=(2, 7, 11)), ((2, 7, 11), (5, 5, 9), (5, 2, 3, 3))),
        (ConvolutionLayer(6, 3, ChannelGroups=2, Input=(4, 7)), ((4, 7), (6, 5), (6, 2, 3))),
        (ConvolutionLayer(5, 3, Interleaving=True, Input=(7, 11, 2)), ((7, 11, 2), (5, 9, 5), (5, 2, 3, 3))),
    ],
    ids=str,
)
def test_the_shapes_of_each_form(layer, expected):
    assert tuple(layer.shapes[name] for name in ("Input", "Output", "Weights")) == expected


def test_the_rank_comes_from_any_setting_that_is_listed():
    for options in ({"Stride": (1, 1)}, {"Dilation": (1, 1)}, {"PaddingSize": (0, 0)}, {"Dimensionality": 2}):
        shapes = ConvolutionLayer(5, 3, **options).shapes
        assert len(shapes["Input"]) == len(shapes["Output"]) == 3
        assert shapes["Weights"][2:] == (3, 3)
    assert ConvolutionLayer(5, 3).shapes["Input"] is None


def test_shapes_are_inferred_backwards_as_far_as_they_are_forced():
    forced = ConvolutionLayer(5, (3, 2), PaddingSize=((1, 0), (0, 0)), Output=(5, 7, 11), Weights=array((5, 2, 3, 2)))
    assert forced.shapes["Input"] == (2, 8, 12)
    assert ConvolutionLayer(5, 3, PaddingSize="Same", Output=(5, 7, 11)).shapes["Input"][1:] == (7, 11)
    assert repr(ConvolutionLayer(5, 3, Stride=(1, 2), Output=(5, 7, 11)).shapes["Input"]) == "(?, 9, ?)"
    assert ConvolutionLayer(kernel=3, Output=(5, 7)).shapes["Weights"][0] == 5
    assert ConvolutionLayer(6, 3, ChannelGroups=2, Weights=array((6, 2, 3))).shapes["Input"][0] == 4


def test_neighbours_tell_the_rank_and_the_channels():
    chain = NetChain([ConvolutionLayer(4, 3), ElementwiseLayer("Tanh"), ConvolutionLayer(5, (2, 3))], Input=(3, 7, 11))
    assert chain.plan.shape((1,), "Weights") == (4, 3, 3, 3)
    assert chain.plan.shape((), "Output") == (5, 4, 7)
    backwards = NetChain([ConvolutionLayer(kernel=3), ConvolutionLayer(Weights=array((5, 2, 3, 2)))])
    assert backwards.plan.shape((1,), "Weights")[0] == 2
    assert len(backwards.plan.shape((), "Input")) == 3


def test_data_tell_the_rank():
    layer = ConvolutionLayer(2, 3, Weights=array((2, 3, 3, 3)), Biases=None)
    assert layer(array((3, 7, 5))).shape == (2, 5, 3)
    assert layer(array((2, 3, 7, 5))).shape == (2, 2, 5, 3)


# --- forms ----------------------------------------------------------------------------------------------------------


def test_arguments_are_read_off_the_weights():
    weights = array((5, 3, 2, 3))
    layer = ConvolutionLayer(Weights=weights, Stride=2)
    assert (layer.n, layer.kernel) == (5, (2, 3))
    assert layer == ConvolutionLayer(5, (2, 3), Weights=weights, Stride=2)
    assert repr(layer) == "ConvolutionLayer(5, (2, 3), Stride=2, Weights=Array(5×3×2×3))"
    assert NetExtract(layer, "KernelSize") == (2, 3)
    empty = NetInitialize(layer, None)
    assert eval(repr(empty), NAMES) == empty
    assert NetExtract(ConvolutionLayer(5, 3, Weights=array((5, 2, 3, 3))), "KernelSize") == 3


def test_the_signature_shows_arguments_and_options():
    parameters = inspect.signature(ConvolutionLayer).parameters
    assert [name for name in parameters if name[0].islower()] == ["n", "kernel"]
    defaults = {"Biases": Automatic, "ChannelGroups": 1, "Dilation": 1, "Dimensionality": Automatic, "Stride": 1}
    defaults |= {"Interleaving": False, "PaddingSize": 0, "Weights": Automatic, "LearningRateMultipliers": Automatic}
    assert defaults.items() <= {name: parameter.default for name, parameter in parameters.items()}.items()


@pytest.mark.parametrize(
    "text",
    [
        "ConvolutionLayer(4, 3)",
        "ConvolutionLayer(4, (2, 3), Stride=(2, 1), Input=(3, 7, 5))",
        "ConvolutionLayer(kernel=3, Biases=None)",
        'ConvolutionLayer(4, 3, Interleaving=True, PaddingSize="Same", Input=("Varying", 3))',
        "ConvolutionLayer(4, (3,), PaddingSize=((1, 2),), ChannelGroups=2, Dilation=2)",
        "ConvolutionLayer(4, 3, Dimensionality=2, LearningRateMultipliers={'Weights': 0})",
    ],
)
def test_a_layer_prints_as_the_code_that_makes_it(text):
    layer = eval(text, NAMES)
    assert eval(repr(layer), NAMES) == layer
    assert hash(eval(repr(layer), NAMES)) == hash(layer)


def test_numpy_settings_are_taken():
    layer = ConvolutionLayer(
        np.int64(4), np.array([2, 3]), Stride=np.array([1, 2]), PaddingSize=np.array([[1, 0], [0, 2]]),
        Dimensionality=np.int32(2),
    )  # fmt: skip
    assert layer == ConvolutionLayer(4, (2, 3), Stride=(1, 2), PaddingSize=((1, 0), (0, 2)), Dimensionality=2)


def test_weights_start_by_their_fan_in_and_biases_at_zero():
    layer = NetInitialize(ConvolutionLayer(97, 5, Input=(13, 31, 29)))
    weights = NetExtract(layer, "Weights")
    assert weights.shape == (97, 13, 5, 5)
    assert weights.std() == pytest.approx((2 / (13 * 25)) ** 0.5, rel=0.02)
    assert NetExtract(layer, "Biases").tolist() == [0.0] * 97


# --- what is refused ------------------------------------------------------------------------------------------------

WINDOW_HINT = "\n  hint: make Input or PaddingSize larger, or the kernel smaller"
SIZES = "a positive whole number, or a tuple of 1 to 3 of them"
PADDING = 'a whole number, 0 or more, a tuple of 1 to 3 of them or of pairs (before, after), or "Same"'
NEEDS = "ConvolutionLayer needs kernel, or Weights to read it off\n  hint: write ConvolutionLayer(n, kernel, …)"

REFUSED = [
    (lambda: ConvolutionLayer(), NEEDS),
    (lambda: ConvolutionLayer(4), NEEDS),
    (lambda: ConvolutionLayer(4, Weights=Automatic), NEEDS),
    (lambda: ConvolutionLayer(0, 3), "ConvolutionLayer: n must be a positive whole number, or Automatic, got 0"),
    (lambda: ConvolutionLayer(4, ()), f"ConvolutionLayer: kernel must be {SIZES}, or Automatic, got ()"),
    (
        lambda: ConvolutionLayer(4, (1, 2, 3, 4)),
        f"ConvolutionLayer: kernel must be {SIZES}, or Automatic, got (1, 2, 3, 4)",
    ),
    (lambda: ConvolutionLayer(4, 1.5), f"ConvolutionLayer: kernel must be {SIZES}, or Automatic, got 1.5"),
    (lambda: ConvolutionLayer(4, 3, Stride=0), f"ConvolutionLayer: Stride must be {SIZES}, got 0"),
    (lambda: ConvolutionLayer(4, 3, Dilation=True), f"ConvolutionLayer: Dilation must be {SIZES}, got True"),
    (
        lambda: ConvolutionLayer(4, 3, PaddingSize="Valid"),
        f'ConvolutionLayer: PaddingSize must be {PADDING}, got "Valid"',
    ),
    (lambda: ConvolutionLayer(4, 3, PaddingSize=-1), f"ConvolutionLayer: PaddingSize must be {PADDING}, got -1"),
    (
        lambda: ConvolutionLayer(4, 3, PaddingSize=((1, 2), 3)),
        f"ConvolutionLayer: PaddingSize must be {PADDING}, got ((1, 2), 3)",
    ),
    (
        lambda: ConvolutionLayer(4, 3, Dimensionality=4),
        "ConvolutionLayer: Dimensionality must be a whole number from 1 to 3, or Automatic, got 4",
    ),
    (lambda: ConvolutionLayer(4, 3, Interleaving=1), "ConvolutionLayer: Interleaving must be True or False, got 1"),
    (
        lambda: ConvolutionLayer(4, 3, ChannelGroups=0),
        "ConvolutionLayer: ChannelGroups must be a positive whole number, got 0",
    ),
    (
        lambda: ConvolutionLayer(4, 3, Padding=1),
        "ConvolutionLayer: Padding is not an option\n  hint: did you mean PaddingSize?",
    ),
    (
        lambda: ConvolutionLayer(4, (3, 2), Stride=(1, 2, 3)),
        "ConvolutionLayer: kernel (3, 2) is for 2 dimensions of space, but Stride (1, 2, 3) for 3",
    ),
    (
        lambda: ConvolutionLayer(4, (3,), Dimensionality=2),
        "ConvolutionLayer: kernel (3,) is for 1 dimension of space, but Dimensionality 2 for 2",
    ),
    (
        lambda: ConvolutionLayer(4, 3, PaddingSize=(1, 2), Dilation=(2, 2, 2)),
        "ConvolutionLayer: Dilation (2, 2, 2) is for 3 dimensions of space, but PaddingSize (1, 2) for 2",
    ),
    (
        lambda: ConvolutionLayer(Weights=array((4, 3, 2)), Stride=(1, 2)),
        "ConvolutionLayer: kernel (2,) is for 1 dimension of space, but Stride (1, 2) for 2",
    ),
    (
        lambda: ConvolutionLayer(4, 3, Weights=array((4, 2, 3, 3)), Stride=(1, 2, 1)),
        "ConvolutionLayer: Stride (1, 2, 1) is for 3 dimensions of space, but Weights of shape 4×2×3×3 for 2",
    ),
    (
        lambda: ConvolutionLayer(Weights=array((4, 3))),
        "ConvolutionLayer: Weights must be of shape n × channels × kernel, with a kernel of 1 to 3 dimensions, got 4×3",
    ),
    (
        lambda: ConvolutionLayer(4, 3, Weights=array((5, 2, 3, 3))),
        "ConvolutionLayer has Weights of shape 4×?×3×3, but Weights is given as 5×2×3×3",
    ),
    (
        lambda: ConvolutionLayer(4, 5, Weights=array((4, 2, 3, 3))),
        "ConvolutionLayer has Weights of shape 4×?×5×5, but Weights is given as 4×2×3×3",
    ),
    (lambda: ConvolutionLayer(4, 3, Weights=None), "ConvolutionLayer: Weights cannot be None"),
    (
        lambda: ConvolutionLayer(4, 3, Biases=array((3,))),
        "ConvolutionLayer has Biases of shape 4, but Biases is given as 3",
    ),
    (
        lambda: ConvolutionLayer(4, 3, Weights=array((4, 3, 3)), Biases=None, Input=(5, 7)),
        "ConvolutionLayer has Weights of shape 4×3×3, where depth is 3, but the rest makes depth 5 "
        "(Input is 5×7, as given)",
    ),
    (
        lambda: ConvolutionLayer(4, 3, Biases=None, ChannelGroups=3),
        "ConvolutionLayer: 4 output channels do not split into 3 equal groups"
        "\n  hint: ChannelGroups must divide the number of output channels",
    ),
    (
        lambda: ConvolutionLayer(kernel=3, Biases=None, ChannelGroups=2, Output=(5, 7)),
        "ConvolutionLayer: 5 output channels do not split into 2 equal groups"
        "\n  hint: ChannelGroups must divide the number of output channels",
    ),
    (
        lambda: ConvolutionLayer(4, 3, Biases=None, ChannelGroups=2, Input=(3, 7)),
        "ConvolutionLayer: 3 input channels do not split into 2 equal groups (Input is 3×7, as given)"
        "\n  hint: ChannelGroups must divide the number of input channels",
    ),
    (
        lambda: ConvolutionLayer(4, 3, Biases=None, Input=3),
        "ConvolutionLayer: Input has 0 dimensions of space, where there are 1 to 3 (Input is 3, as given)"
        "\n  hint: give Input 2 to 4 levels: the channels and the dimensions of space",
    ),
    (
        lambda: ConvolutionLayer(4, 3, Biases=None, Input=(2, 3, 5, 7, 11)),
        "ConvolutionLayer: Input has 4 dimensions of space, where there are 1 to 3 (Input is 2×3×5×7×11, as given)"
        "\n  hint: give Input 2 to 4 levels: the channels and the dimensions of space",
    ),
    (
        lambda: ConvolutionLayer(4, (3, 2), Biases=None, Input=(3, 7)),
        "ConvolutionLayer: Input has 1 dimension of space, but kernel (3, 2) is for 2 (Input is 3×7, as given)"
        "\n  hint: give Input 3 levels: the channels and the dimensions of space",
    ),
    (
        lambda: ConvolutionLayer(4, 3, Biases=None, Dimensionality=2, Output=(4, 7)),
        "ConvolutionLayer: Output has 1 dimension of space, but Dimensionality 2 is for 2"
        "\n  hint: give Output 3 levels: the channels and the dimensions of space",
    ),
    (
        lambda: ConvolutionLayer(4, (5, 2), Biases=None, Input=(2, 3, 7)),
        "ConvolutionLayer: a window that spans 5 does not fit into level 2 of Input, whose size is 3 (Input is 2×3×7, "
        "as given)" + WINDOW_HINT,
    ),
    (
        lambda: ConvolutionLayer(4, (2, 5), Biases=None, Dilation=2, PaddingSize=1, Interleaving=True, Input=(7, 5, 3)),
        "ConvolutionLayer: a window that spans 9 does not fit into level 2 of Input, whose size is 5 (7 with its "
        "padding) (Input is 7×5×3, as given)" + WINDOW_HINT,
    ),
    (
        lambda: NetChain([ConvolutionLayer(4, 3, Biases=None), ConvolutionLayer(5, 7, Biases=None)], Input=(3, 7)),
        "net/2: ConvolutionLayer: a window that spans 7 does not fit into level 2 of Input, whose size is 5 "
        "(Input is 4×5 from net/1)" + WINDOW_HINT,
    ),
    (
        lambda: ConvolutionLayer(4, 3, Biases=None, Input=("Varying", 3)),
        "ConvolutionLayer: the channels, level 1 of Input, cannot vary (Input is Varying×3, as given)"
        "\n  hint: with Interleaving=True the channels come last, so that level 1 may vary",
    ),
    (
        lambda: ConvolutionLayer(4, 3, Biases=None, Input=(3, 7), Output=(4, 6)),
        "ConvolutionLayer gives Output of shape 4×6, where outsize is 6, but the rest makes outsize 5 "
        "(Input is 3×7, as given)",
    ),
    (
        lambda: ConvolutionLayer(4, 3, Biases=None, Output=(5, 7)),
        "ConvolutionLayer gives Output of shape 4×…, but Output is given as 5×7",
    ),
    (
        lambda: NetInitialize(ConvolutionLayer(4, 3)),
        "ConvolutionLayer: the shape of Weights is not known (?), because the shape of Input is ?"
        "\n  hint: say it, as in Input=(3, 8), on the layer or on the net",
    ),
    (
        lambda: NetInitialize(ConvolutionLayer(kernel=3, Input=(3, 7))),
        "ConvolutionLayer: the shape of Weights is not known (?×3×3), because the shape of Output is ?×5"
        "\n  hint: say it, as in Output=(3, 8), on the layer or on the net",
    ),
    (
        lambda: ConvolutionLayer(4, 3)(array((3, 7))),
        "ConvolutionLayer has no values for Weights and Biases\n  hint: NetInitialize(net) gives it initial values",
    ),
    (
        lambda: ConvolutionLayer(Weights=array((4, 3, 3)), Biases=None)(array((5, 7))),
        "Input takes 3×?, but the data are of shape 5×7\n  hint: give data of that shape, or make the net for this one",
    ),
    (
        lambda: ConvolutionLayer(Weights=array((4, 3, 3)), Biases=None, Interleaving=True, Input=("n", 3))(
            array((2, 3))
        ),
        "Output: a sequence is too short: its length n-2 would be 0\n  hint: give longer sequences",
    ),
]


@pytest.mark.parametrize("make, text", REFUSED, ids=[text.split("\n")[0][:90] for _, text in REFUSED])
def test_what_cannot_be_is_refused_in_words(make, text):
    with pytest.raises(NetError) as error:
        make()
    assert str(error.value) == text


def test_a_head_is_no_padding():
    with pytest.raises(NetError) as error:
        ConvolutionLayer(4, 3, PaddingSize=HEADS["Tanh"])
    assert str(error.value) == f"ConvolutionLayer: PaddingSize must be {PADDING}, got Tanh"
