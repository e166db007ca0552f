"""PoolingLayer: its formula in loops, its forms, its shapes both ways, varying lengths, and what it refuses."""

import inspect

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from tests.windows import (
    assert_backends_agree_on_noise,
    assert_gradients,
    assert_padding_never_shows,
    pooled,
    same_padding,
)
from wlnet import HEADS, Automatic, NetChain, NetError, NetExtract
from wlnet.layers.pooling import PoolingLayer

NAMES = vars(wlnet) | {"PoolingLayer": PoolingLayer}
FUNCTIONS = ("Max", "Mean", "Total")

# --- values ---------------------------------------------------------------------------------------------------------

FORMULAS = {
    "one dimension": ((3, 11), (4,), {}),
    "two dimensions": ((3, 7, 5), (2, 3), {}),
    "three dimensions": ((2, 5, 3, 7), (3, 1, 2), {}),
    "stride": ((3, 7, 11), (2, 3), {"stride": (2, 3)}),
    "stride above kernel": ((3, 11), (2,), {"stride": (5,)}),
    "padding": ((3, 7, 5), (3, 4), {"padding": ((2, 2), (2, 2))}),
    "padding an end": ((3, 7, 5), (3, 4), {"stride": (2, 1), "padding": ((1, 0), (2, 3))}),
}


@pytest.mark.parametrize("size, kernel, options", FORMULAS.values(), ids=FORMULAS)
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("interleaved", [False, True])
def test_pooling_is_its_formula(size, kernel, options, function, interleaved):
    stride, padding = options.get("stride", (1,) * len(kernel)), options.get("padding", ((0, 0),) * len(kernel))
    layer = PoolingLayer(kernel, stride, Function=function, PaddingSize=padding, Interleaving=interleaved)
    x = example(2, *size)
    expected = [pooled(one, function, kernel, stride, padding) for one in x]
    if interleaved:
        x, expected = np.moveaxis(x, 1, -1), np.moveaxis(expected, 1, -1)
    got = layer(x)
    assert got.dtype == np.float32
    assert_close(got, expected)
    assert_close(layer(x[0]), expected[0])


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("kernel, stride", [(2, 1), (5, 1), (2, 3), (3, 2), (4, 3)])
@pytest.mark.parametrize("size", [1, 5, 6, 7])
def test_same_makes_as_many_places_as_size_over_stride(function, kernel, stride, size):
    layer = PoolingLayer(kernel, stride, Function=function, PaddingSize="Same")
    x = example(3, size)
    got = layer(x)
    assert got.shape == (3, -(-size // stride))
    assert_close(got, pooled(x, function, (kernel,), (stride,), [same_padding(size, kernel, stride)]))


def test_a_maximum_does_not_see_the_padding_and_a_mean_counts_it():
    x = [[-4.0, -2.0, -8.0]]
    assert PoolingLayer(2, PaddingSize=1)(x).tolist() == [[-4.0, -2.0, -2.0, -8.0]]
    assert PoolingLayer(2, PaddingSize=1, Function="Mean")(x).tolist() == [[-2.0, -3.0, -5.0, -4.0]]
    assert PoolingLayer(2, PaddingSize=2, Function="Total")(x).tolist() == [[0.0, -4.0, -6.0, -10.0, -8.0, 0.0]]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    "options, size",
    [
        ({"kernel": (3, 2), "stride": (2, 1), "PaddingSize": ((1, 0), (0, 1))}, (3, 5, 7)),
        ({"kernel": 3, "stride": 2, "PaddingSize": "Same", "Interleaving": True}, (7, 5)),
    ],
)
def test_gradients_are_differences(function, options, size):
    assert_gradients(PoolingLayer(**options, Function=function, Input=size), example(2, *size), {})


# --- varying lengths ------------------------------------------------------------------------------------------------

VARYING = {
    "plain": {"kernel": 3},
    "stride": {"kernel": 3, "stride": 2},
    "padding": {"kernel": 3, "PaddingSize": 2},
    "padding an end": {"kernel": 4, "stride": 2, "PaddingSize": ((3, 1),)},
    "same": {"kernel": 4, "PaddingSize": "Same"},
    "same, stride": {"kernel": 3, "stride": 2, "PaddingSize": "Same"},
    "same, stride above kernel": {"kernel": 2, "stride": 5, "PaddingSize": "Same"},
    "same, stride of a long kernel": {"kernel": 7, "stride": 3, "PaddingSize": "Same"},
}


@pytest.mark.parametrize("options", VARYING.values(), ids=VARYING)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_padded_batch_is_each_example_alone(function, options):
    assert_padding_never_shows(PoolingLayer(**options, Function=function, Interleaving=True, Input=("Varying", 3)))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_padded_batch_of_rows_is_each_example_alone(function):
    options = {"stride": (2, 1), "PaddingSize": "Same", "Interleaving": True, "Input": ("Varying", 7, 2)}
    assert_padding_never_shows(PoolingLayer((3, 2), Function=function, **options))


def test_the_backends_agree_on_a_padded_batch():
    pytest.importorskip("jax")
    layer = PoolingLayer(3, 2, PaddingSize="Same", Interleaving=True, Input=("Varying", 3))
    assert_backends_agree_on_noise(layer)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_sequences_of_any_length_are_each_pooled_by_the_formula(function):
    layer = PoolingLayer(4, 2, Function=function, PaddingSize="Same", Interleaving=True, Input=("Varying", 3))
    sequences = [example(length, 3, low=-5, high=-1) for length in (7, 2, 4, 1)]
    for x, y in zip(sequences, layer(sequences), strict=True):
        assert_close(y, pooled(x.T, function, (4,), (2,), [same_padding(len(x), 4, 2)]).T)


def test_a_varying_number_of_channels_is_carried_along():
    layer = PoolingLayer(2, Input=("Varying", 5))
    sequences = [example(length, 5) for length in (3, 7, 2)]
    for x, y in zip(sequences, layer(sequences), strict=True):
        assert_close(y, pooled(x, "Max", (2,), (1,), ((0, 0),)))


# --- shapes and forms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer, expected",
    [
        (PoolingLayer(3, Input=(2, 7)), ((2, 7), (2, 5))),
        (PoolingLayer((3,), 2, Input=(2, 7)), ((2, 7), (2, 3))),
        (PoolingLayer([3, 2], [2, 3], Input=(2, 7, 11)), ((2, 7, 11), (2, 3, 4))),
        (PoolingLayer(3, 2, PaddingSize=1, Input=(64, 112, 113)), ((64, 112, 113), (64, 56, 57))),
        (PoolingLayer(3, Input=(2, 7, 11, 5)), ((2, 7, 11, 5), (2, 5, 9, 3))),
        (PoolingLayer(3, 2, Interleaving=True, Input=(7, 11, 2)), ((7, 11, 2), (3, 5, 2))),
        (PoolingLayer(3, PaddingSize=((1, 0),), Output=(2, 7)), ((2, 8), (2, 7))),
        (PoolingLayer(3, PaddingSize="Same", Output=(2, 7)), ((2, 7), (2, 7))),
    ],
    ids=str,
)
def test_the_shapes_of_each_form(layer, expected):
    assert (layer.shapes["Input"], layer.shapes["Output"]) == expected


def test_only_what_is_forced_is_inferred():
    assert repr(PoolingLayer(3, 2, Output=(2, 7)).shapes["Input"]) == "(2, ?)"
    assert repr(PoolingLayer(3, (1, 1)).shapes["Output"]) == "(?, ?, ?)"
    assert PoolingLayer(3).shapes["Output"] is None


def test_data_tell_the_rank():
    assert PoolingLayer(2)(example(3, 7)).shape == (3, 6)
    assert PoolingLayer(2)(example(3, 7, 5)).shape == (3, 6, 4)
    assert PoolingLayer(2, Dimensionality=1)(example(3, 7, 5)).shape == (3, 7, 4)


def test_the_stride_has_two_names():
    assert PoolingLayer(3, Stride=2) == PoolingLayer(3, 2) == PoolingLayer(3, stride=2)
    layer = PoolingLayer((3, 2), 2, Function="Mean")
    parts = {"KernelSize": (3, 2), "Stride": 2, "Function": "Mean", "PaddingSize": 0}
    assert {name: NetExtract(layer, name) for name in parts} == parts


def test_the_function_may_be_a_head():
    assert PoolingLayer(3, Function=HEADS["Max"]) == PoolingLayer(3)


def test_the_signature_shows_arguments_and_options():
    parameters = inspect.signature(PoolingLayer).parameters
    assert [name for name in parameters if name[0].islower()] == ["kernel", "stride"]
    defaults = {"stride": 1, "Function": "Max", "Dimensionality": Automatic, "Interleaving": False, "PaddingSize": 0}
    assert defaults.items() <= {name: parameter.default for name, parameter in parameters.items()}.items()
    assert "LearningRateMultipliers" not in parameters


@pytest.mark.parametrize(
    "text",
    [
        "PoolingLayer(3)",
        "PoolingLayer((2, 3), 2, Input=(3, 7, 5))",
        'PoolingLayer(2, (2,), Function="Mean", PaddingSize="Same")',
        'PoolingLayer(2, Dimensionality=2, Interleaving=True, PaddingSize=((1, 0), (0, 1)), Function="Total")',
    ],
)
def test_a_layer_prints_as_the_code_that_makes_it(text):
    layer = eval(text, NAMES)
    assert eval(repr(layer), NAMES) == layer


# --- what is refused ------------------------------------------------------------------------------------------------

SIZES = "a positive whole number, or a tuple of 1 to 3 of them"
REFUSED = [
    (lambda: PoolingLayer(), "PoolingLayer needs kernel\n  hint: write PoolingLayer(kernel, …)"),
    (lambda: PoolingLayer(Automatic), f"PoolingLayer: kernel must be {SIZES}, got Automatic"),
    (lambda: PoolingLayer(2, Stride=0), f"PoolingLayer: stride must be {SIZES}, got 0"),
    (
        lambda: PoolingLayer(2, 2, Stride=2),
        "PoolingLayer got stride twice\n  hint: give stride by position, or Stride by name",
    ),
    (lambda: PoolingLayer(2, Function="Min"), 'PoolingLayer: Function must be one of Max, Mean, Total, got "Min"'),
    (
        lambda: PoolingLayer(2, stride=(1, 2), PaddingSize=((1, 0),)),
        "PoolingLayer: stride (1, 2) is for 2 dimensions of space, but PaddingSize ((1, 0),) for 1",
    ),
    (
        lambda: PoolingLayer(2, PaddingSize=2),
        "PoolingLayer: PaddingSize 2 must be less than the kernel, 2: a window of padding alone has no maximum",
    ),
    (
        lambda: PoolingLayer((7, 2), PaddingSize=((5, 0), (1, 3))),
        "PoolingLayer: PaddingSize 3 must be less than the kernel, 2: a window of padding alone has no maximum",
    ),
    (
        lambda: PoolingLayer(2)([1, 2, 3]),
        "PoolingLayer: Input has 0 dimensions of space, where there are 1 to 3 (Input is 3, as given)"
        "\n  hint: give Input 2 to 4 levels: the channels and the dimensions of space",
    ),
    (
        lambda: NetChain([PoolingLayer(2), PoolingLayer((2, 2))], Input=(3, 7)),
        "net/2: PoolingLayer: Input has 1 dimension of space, but kernel (2, 2) is for 2 (Input is 3×6 from net/1)"
        "\n  hint: give Input 3 levels: the channels and the dimensions of space",
    ),
    (
        lambda: PoolingLayer(5)(example(2, 3)),
        "PoolingLayer: a window that spans 5 does not fit into level 2 of Input, whose size is 3 "
        "(Input is 2×3, as given)"
        "\n  hint: make Input or PaddingSize larger, or the kernel smaller",
    ),
    (
        lambda: PoolingLayer(2, 2, Interleaving=True, Input=("n", 3))([example(5, 3), example(1, 3)]),
        "Output: a sequence is too short: its length ⌊n/2⌋ would be 0\n  hint: give longer sequences",
    ),
    (
        lambda: PoolingLayer(3, Input=(3, "Integer")),
        "PoolingLayer takes Input of real numbers, but Input is given as integers"
        "\n  hint: integers come from an encoder, from OrderingLayer, or from a port typed Integer",
    ),
]


@pytest.mark.parametrize("make, text", REFUSED, ids=[text.split("\n")[0][:90] for _, text in REFUSED])
def test_what_cannot_be_is_refused_in_words(make, text):
    with pytest.raises(NetError) as error:
        make()
    assert str(error.value) == text
