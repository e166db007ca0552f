"""The Image encoder and decoder."""

import importlib
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.examples import example
from wlnet.coders import NetDecoder, NetEncoder
from wlnet.core.errors import NetError
from wlnet.core.symbols import Automatic
from wlnet.core.types import Real
from wlnet.layers.elementwise import ElementwiseLayer
from wlnet.nets.chain import NetChain
from wlnet.verbs.evaluate import evaluate  # noqa: F401 - registers what net(x) does

Image = pytest.importorskip("PIL.Image")


def gray(*sizes, **options):
    return NetEncoder("Image", sizes, ColorSpace="Grayscale", **options)


def picture(*shape, seed=0):
    """An image of bytes."""
    return np.random.default_rng((seed, *shape)).integers(0, 256, shape, dtype=np.uint8)


# --- what is an image ------------------------------------------------------------------------------------------------


def test_bytes_become_0_to_1_channels_first():
    x = picture(3, 5, 3)
    got = NetEncoder("Image", (5, 3))(x)
    assert got.shape == (3, 3, 5) and got.dtype == np.float32
    np.testing.assert_allclose(got, np.moveaxis(x, -1, 0) / 255, rtol=1e-6)


def test_the_default_size_is_128():
    assert NetEncoder("Image").port_shape() == (3, 128, 128) and NetEncoder("Image").port_values() == Real()
    assert NetEncoder("Image", 7).port_shape() == (3, 7, 7) and gray(5, 3).port_shape() == (1, 3, 5)


def test_other_numbers():
    by_hand = [[[0, 0.2, 1]]]
    encoder = gray(3, 1)
    for row, kind in [
        ([0, 51, 255], np.int64),
        ([0, 13107, 65535], np.uint16),
        ([0, 0.2, 1], np.float64),
        ([0, 0.2, 1], np.float32),
        ([0, 51, 255], np.uint8),
    ]:
        np.testing.assert_allclose(encoder(np.array([row], dtype=kind)), by_hand, rtol=1e-6)
    assert encoder(np.array([[True, False, True]])).tolist() == [[[1, 0, 1]]]


def test_gray_of_colours_weighs_them():
    x = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], dtype=np.uint8)
    np.testing.assert_allclose(gray(4, 1)(x), [[[0.299, 0.587, 0.114, 1]]], rtol=1e-6)


def test_colours_of_gray_repeat_it():
    got = NetEncoder("Image", (2, 1))(np.array([[0, 51]], dtype=np.uint8))
    np.testing.assert_allclose(got, [[[0, 0.2]]] * 3, rtol=1e-6)


def test_transparency_is_dropped():
    x = picture(2, 3, 4)
    assert (NetEncoder("Image", (3, 2))(x) == NetEncoder("Image", (3, 2))(x[..., :3])).all()
    assert (gray(3, 2)(x[..., :2]) == gray(3, 2)(x[..., 0])).all()


def test_interleaving_and_data_transposed():
    x = picture(2, 5, 3)
    unit = x / 255
    for options, expected in [
        ({}, unit.transpose(2, 0, 1)),
        ({"Interleaving": True}, unit),
        ({"DataTransposed": True}, unit.transpose(2, 1, 0)),
        ({"Interleaving": True, "DataTransposed": True}, unit.transpose(1, 0, 2)),
    ]:
        encoder = NetEncoder("Image", (5, 2), **options)
        assert encoder.port_shape() == expected.shape
        np.testing.assert_allclose(encoder(x), expected, rtol=1e-6)


def test_files(tmp_path):
    x = picture(3, 5, 3)
    path = tmp_path / "x.png"
    Image.fromarray(x).save(path)
    encoder, expected = NetEncoder("Image", (5, 3)), np.moveaxis(x, -1, 0) / 255
    np.testing.assert_allclose(encoder(path), expected, rtol=1e-6)
    np.testing.assert_allclose(encoder(str(path)), expected, rtol=1e-6)
    np.testing.assert_allclose(encoder([path, str(path)]), [expected, expected], rtol=1e-6)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P", "CMYK", "YCbCr", "F", "I", "I;16"])
def test_pillow_images(mode):
    x = picture(3, 5, 3)
    image = Image.fromarray(x)
    if mode in ("F", "I", "I;16"):
        levels = example(3, 5, low=0.0, high=1.0) if mode == "F" else picture(3, 5).astype(int) * 257
        image = Image.fromarray(levels.astype({"F": np.float32, "I": np.int32, "I;16": np.uint16}[mode]))
        expected = levels if mode == "F" else levels / 65535
    else:
        image = image.convert(mode)
        expected = np.asarray(image.convert("RGB")) @ [0.299, 0.587, 0.114] / 255
    assert image.mode == mode
    np.testing.assert_allclose(gray(5, 3)(image)[0], expected, rtol=1e-5, atol=1e-6)


def test_mixed_images():
    x = picture(3, 5)
    got = gray(5, 3)([x, Image.fromarray(x), x / 255])
    np.testing.assert_allclose(got, [[x / 255]] * 3, rtol=1e-6)


# --- one or many -----------------------------------------------------------------------------------------------------


def test_one_or_many_arrays():
    encoder = gray(5, 3)
    assert encoder.is_one(picture(3, 5)) and encoder.is_one(picture(3, 5, 3)) and encoder.is_one(picture(7, 11))
    assert not encoder.is_one(picture(7, 3, 5)) and not encoder.is_one(picture(7, 3, 5, 3))
    assert not encoder.is_one([picture(3, 5)]) and not encoder.is_one(["a.png"]) and encoder.is_one("a.png")
    assert encoder(picture(7, 3, 5)).shape == (7, 1, 3, 5) and encoder(picture(2, 3, 5, 3)).shape == (2, 1, 3, 5)


def test_lists_of_numbers_are_arrays():
    x = picture(3, 5)
    assert (gray(5, 3)(x.tolist()) == gray(5, 3)(x)).all()
    assert (gray(5, 3)([x.tolist(), x.tolist()]) == gray(5, 3)([x, x])).all()


@pytest.mark.parametrize("options", [{}, {"Interleaving": True}, {"DataTransposed": True}], ids=str)
def test_encoded_data_pass(options):
    encoder = NetEncoder("Image", (5, 7), **options)
    one, many = encoder(picture(7, 5, 3)), encoder(picture(2, 7, 5, 3))
    assert encoder.is_one(one) and not encoder.is_one(many)
    assert (encoder(one) == one).all() and (encoder(many) == many).all()
    assert (encoder(list(many)) == many).all()


def test_encoded_data_pass_though_they_exceed_0_to_1():
    encoder = NetEncoder("Image", (5, 3), Interleaving=True, MeanImage=0.5, VarianceImage=0.01)
    one = encoder(picture(3, 5, 3))
    assert one.min() < 0 and (encoder(one) == one).all()


def test_an_image_of_the_target_size_is_not_taken_for_encoded():
    encoder = NetEncoder("Image", (5, 3), Interleaving=True, MeanImage=0.25)
    x = example(3, 5, 3, low=0.0, high=1.0)
    np.testing.assert_allclose(encoder(x), x - 0.25, atol=1e-6)


def test_a_batch_of_floats_told_to_be_many():
    x = example(7, 3, 5, low=0.0, high=1.0)
    assert gray(5, 3).encode(x, True, "Input").shape == (7, 1, 3, 5)
    assert gray(5, 3).encode(x[:1], True, "Input").shape == (1, 1, 3, 5)


def test_dimensions():
    encoder = gray(5, 3, Dimensions=2)
    assert encoder.port_shape() == (2, 1, 3, 5)
    x = picture(2, 3, 5)
    np.testing.assert_allclose(encoder(x), x[:, None] / 255, rtol=1e-6)
    assert encoder([x] * 7).shape == (7, 2, 1, 3, 5)


# --- sizes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resampling", "name"),
    [
        (Automatic, "BILINEAR"),
        ("Linear", "BILINEAR"),
        ("Bilinear", "BILINEAR"),
        ("Nearest", "NEAREST"),
        ("Cubic", "BICUBIC"),
        ("Bicubic", "BICUBIC"),
        ("Lanczos", "LANCZOS"),
    ],
    ids=str,
)
def test_resampling_stretches_as_pillow_does(resampling, name):
    x = picture(17, 13, 3)
    got = NetEncoder("Image", (7, 5), Resampling=resampling, Interleaving=True)(x)
    expected = np.asarray(Image.fromarray(x).resize((7, 5), getattr(Image.Resampling, name))) / 255
    np.testing.assert_allclose(got, expected, atol=3 / 255)
    assert got.min() >= 0 and got.max() <= 1


def test_resampling_that_overshoots_is_clipped():
    x = np.zeros((4, 4), dtype=np.uint8)
    x[:, 2:] = 255
    got = gray(9, 9, Resampling="Lanczos")(x)
    assert got.min() == 0 and got.max() == 1


# A row of 2 white pixels of 2: scaled by 2 to 4×2 in 4 wide, 6 high ("Fit"), or by 3 to 6×3... all white, so that
# what is padded is seen.


@pytest.mark.parametrize(
    ("alignment", "rows"),
    [("Center", (2, 4)), ("Top", (0, 2)), ("Bottom", (4, 6)), (("Left", "Top"), (0, 2)), ("Left", (2, 4))],
    ids=str,
)
def test_fit_pads_below_and_above(alignment, rows):
    got = gray(4, 6, Method="Fit", Alignment=alignment)(np.full((1, 2), 255, dtype=np.uint8))[0]
    expected = np.zeros((6, 4))
    expected[slice(*rows)] = 1
    np.testing.assert_allclose(got, expected)


@pytest.mark.parametrize(
    ("alignment", "columns"),
    [("Center", (1, 4)), ("Left", (0, 3)), ("Right", (3, 6)), (("Right", "Center"), (3, 6)), ("Top", (1, 4))],
    ids=str,
)
def test_fit_pads_left_and_right(alignment, columns):
    got = gray(6, 9, Method="Fit", Alignment=alignment)(np.full((3, 1), 255, dtype=np.uint8))[0]
    expected = np.zeros((9, 6))
    expected[:, slice(*columns)] = 1
    np.testing.assert_allclose(got, expected)


def test_fit_without_scaling_needs_only_padding():
    x = picture(2, 3)
    got = gray(3, 5, Method="Fit", Alignment="Top")(x)[0]
    np.testing.assert_allclose(got[:2], x / 255, rtol=1e-6)
    assert (got[2:] == 0).all()


@pytest.mark.parametrize(
    ("alignment", "columns"),
    [("Center", (2, 5)), ("Left", (0, 3)), ("Right", (4, 7)), (("Left", "Bottom"), (0, 3))],
    ids=str,
)
def test_fill_crops(alignment, columns):
    x = picture(3, 7)
    got = gray(3, 3, Method="Fill", Alignment=alignment)(x)[0]
    np.testing.assert_allclose(got, x[:, slice(*columns)] / 255, rtol=1e-6)


def test_fill_crops_above_and_scales():
    x = np.repeat(picture(5, 1), 2, 1).repeat(1, 0)
    got = gray(4, 4, Method="Fill", Alignment="Bottom", Resampling="Nearest")(x)[0]
    by_hand = np.repeat(np.repeat(x, 2, 0), 2, 1)[-4:] / 255
    np.testing.assert_allclose(got, by_hand, rtol=1e-6)


@pytest.mark.parametrize(
    ("padding", "color"),
    [
        ("Black", (0, 0, 0)),
        ("White", (1, 1, 1)),
        ("Gray", (0.5, 0.5, 0.5)),
        ("Red", (1, 0, 0)),
        ("Green", (0, 1, 0)),
        ("Blue", (0, 0, 1)),
        (0.25, (0.25, 0.25, 0.25)),
        ((0.5, 0.25, 0), (0.5, 0.25, 0)),
        ([1, 0, 1], (1, 0, 1)),
    ],
    ids=str,
)
def test_padding(padding, color):
    x = picture(2, 3, 3)
    got = NetEncoder("Image", (3, 4), Method="Fit", Alignment="Top", Padding=padding, Interleaving=True)(x)
    np.testing.assert_allclose(got[2:], np.broadcast_to(color, (2, 3, 3)), rtol=1e-6)
    by_weight = gray(3, 4, Method="Fit", Alignment="Top", Padding=padding)(x)[0, 2:]
    np.testing.assert_allclose(by_weight, np.full((2, 3), np.dot(color, [0.299, 0.587, 0.114])), rtol=1e-6)


def test_padding_fixed_repeats_the_edge():
    x = picture(2, 3)
    got = gray(3, 5, Method="Fit", Alignment="Center", Padding="Fixed")(x)[0]
    np.testing.assert_allclose(got, x[[0, 0, 1, 1, 1]] / 255, rtol=1e-6)


# --- means and variances ---------------------------------------------------------------------------------------------


def test_mean_and_variance_numbers():
    x = picture(3, 5, 3)
    got = NetEncoder("Image", (5, 3), MeanImage=0.5, VarianceImage=0.04, Interleaving=True)(x)
    np.testing.assert_allclose(got, (x / 255 - 0.5) / 0.2, atol=1e-5)


def test_mean_and_variance_of_each_channel():
    x = picture(3, 5, 3)
    encoder = NetEncoder("Image", (5, 3), MeanImage=[0.5, 0.25, 0.125], VarianceImage=(0.25, 0.04, 0.01))
    expected = (x / 255 - [0.5, 0.25, 0.125]) / [0.5, 0.2, 0.1]
    np.testing.assert_allclose(encoder(x), np.moveaxis(expected, -1, 0), atol=1e-5)
    assert encoder["MeanImage"] == (0.5, 0.25, 0.125)


def test_mean_and_variance_images():
    x, mean = picture(3, 5), picture(3, 5, seed=1)
    variance = example(3, 5, low=0.1, high=2.0)
    encoder = gray(5, 3, MeanImage=mean, VarianceImage=variance)
    np.testing.assert_allclose(encoder(x)[0], (x / 255 - mean / 255) / np.sqrt(variance), rtol=1e-4, atol=1e-5)
    assert gray(5, 3, MeanImage=Image.fromarray(mean)) == gray(5, 3, MeanImage=mean)
    assert gray(5, 3, MeanImage=mean) != gray(5, 3, MeanImage=x)
    assert not encoder["MeanImage"].flags.writeable
    assert repr(gray(5, 3, MeanImage=mean)) == (
        'NetEncoder("Image", (5, 3), ColorSpace="Grayscale", MeanImage=Array(3×5×1))'
    )


def test_a_mean_image_of_another_size_is_stretched():
    x, mean = picture(3, 5), np.full((7, 11, 3), 51, dtype=np.uint8)
    np.testing.assert_allclose(gray(5, 3, MeanImage=mean)(x)[0], x / 255 - 0.2, atol=1e-6)


def test_a_mean_image_lies_as_the_image_does():
    x, mean = picture(2, 5, 3), example(2, 5, 3, low=0.0, high=1.0)
    encoder = NetEncoder("Image", (5, 2), MeanImage=mean, DataTransposed=True)
    np.testing.assert_allclose(encoder(x), (x / 255 - mean).transpose(2, 1, 0), atol=1e-6)


# --- the decoder -----------------------------------------------------------------------------------------------------


def test_image_decoder_gives_pillow_images():
    x = picture(3, 5, 3)
    decoder = NetDecoder("Image")
    assert decoder.port_shape() == (3, Automatic, Automatic) and decoder.properties == []
    image = decoder(np.moveaxis(x, -1, 0) / 255)
    assert image.mode == "RGB" and (np.asarray(image) == x).all()
    images = decoder([np.moveaxis(x, -1, 0) / 255] * 2)
    assert len(images) == 2 and all((np.asarray(each) == x).all() for each in images)


def test_image_decoder_gray_clips():
    image = NetDecoder("Image", "Grayscale")(np.array([[[-1, 0.2, 2]]]))
    assert image.mode == "L" and np.asarray(image).tolist() == [[0, 51, 255]]
    assert NetDecoder("Image", "Grayscale").port_shape() == (1, Automatic, Automatic)


@pytest.mark.parametrize("interleaving", [False, True])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("space", ["RGB", "Grayscale"])
def test_image_decoder_undoes_its_encoder(interleaving, transposed, space):
    x = picture(3, 5, 3) if space == "RGB" else picture(3, 5)
    mean = picture(3, 5, seed=1)
    encoder = NetEncoder(
        "Image",
        (5, 3),
        ColorSpace=space,
        Interleaving=interleaving,
        DataTransposed=transposed,
        MeanImage=mean,
        VarianceImage=0.04,
    )
    assert (np.asarray(NetDecoder(encoder)(encoder(x))) == x).all()


def test_image_decoder_of_several_sizes():
    sizes = [each.size for each in NetDecoder("Image")([np.zeros((3, 5, 2)), np.zeros((3, 7, 11))])]
    assert sizes == [(2, 5), (11, 7)]


def test_image_decoder_input_depth():
    decoder = NetDecoder("Image", "Grayscale", InputDepth=4)
    assert decoder.port_shape() == (Automatic, 1, Automatic, Automatic)
    images = decoder(np.zeros((2, 1, 3, 5)))
    assert [image.size for image in images] == [(5, 3), (5, 3)]


def test_on_ports():
    net = NetChain([ElementwiseLayer("Ramp")], Input=gray(5, 3), Output=NetDecoder("Image", "Grayscale"))
    x = picture(3, 5)
    assert (np.asarray(net(x)) == x).all() and len(net([x, Image.fromarray(x)])) == 2
    np.testing.assert_allclose(net(x, None), x[None] / 255, rtol=1e-6)


# --- refusals --------------------------------------------------------------------------------------------------------

SHAPES = "\n  hint: give a path, a Pillow image, or an array: height × width, or height × width × channels (1 to 4)"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("nowhere.png", "there is no file nowhere.png"),
        ([Path("nowhere.png")], "there is no file nowhere.png (example 1)"),
        (__file__, f"{__file__} is not an image that Pillow reads"),
        (7, "7 is not an image" + SHAPES),
        ([picture(3, 5), None], "None is not an image (example 2)" + SHAPES),
        (np.zeros((2, 3, 5, 7, 11)), "an array of shape (3, 5, 7, 11) is not an image (example 1)" + SHAPES),
        ([[0.5, 1.0], [0.5]], "[0.5, 1.0] is not an image (example 1)" + SHAPES),
        (np.zeros((0, 3)), "an array of shape (0, 3) is not an image" + SHAPES),
        (
            np.array([[0.0, 255.0]]),
            "an image of real numbers goes from 0 to 1, but this one from 0 to 255\n"
            "  hint: divide by 255, or give whole numbers of type uint8",
        ),
        (
            np.array([[-0.5, 1.0]]),
            "an image of real numbers goes from 0 to 1, but this one from -0.5 to 1\n  hint: scale it to 0..1",
        ),
        (
            np.array([[np.nan, 1.0]]),
            "an image of real numbers goes from 0 to 1, but this one from nan to nan\n  hint: scale it to 0..1",
        ),
        (
            np.array([[-1, 300]]),
            "an image of whole numbers goes from 0 to 255, but this one from -1 to 300\n"
            "  hint: give numbers from 0 to 255, or uint16 up to 65535",
        ),
    ],
    ids=lambda value: value[:50].replace("/", ".") if isinstance(value, str) else "",
)
def test_image_encoder_refuses(data, text):
    with pytest.raises(NetError) as e:
        gray(5, 3)(data)
    assert str(e.value) == 'NetEncoder("Image"): ' + text


def test_a_folder_is_not_an_image(tmp_path):
    with pytest.raises(NetError) as e:
        gray(5, 3)(tmp_path)
    assert (
        str(e.value) == f'NetEncoder("Image"): {tmp_path} cannot be read: [Errno 21] Is a directory: {str(tmp_path)!r}'
    )


def test_a_damaged_file_is_refused(tmp_path):
    stream = io.BytesIO()
    Image.fromarray(picture(31, 37, 3)).save(stream, "PNG")
    path = tmp_path / "half.png"
    path.write_bytes(stream.getvalue()[:900])
    with pytest.raises(NetError) as e:
        gray(5, 3)(path)
    assert str(e.value).startswith(f'NetEncoder("Image"): {path} cannot be read: ')


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"ColorSpace": "HSB"}, 'ColorSpace must be one of RGB, Grayscale, got "HSB"'),
        ({"size": 0}, "size must be a size in pixels, or (width, height), got 0"),
        ({"size": (3, 5, 7)}, "size must be a size in pixels, or (width, height), got (3, 5, 7)"),
        ({"Method": "Crop"}, 'Method must be one of Stretch, Fit, Fill, got "Crop"'),
        (
            {"Resampling": "Linea"},
            "Resampling must be one of Automatic, Nearest, Linear, Bilinear, Cubic, Bicubic, Lanczos, "
            'got "Linea"\n  hint: did you mean Linear?',
        ),
        (
            {"Alignment": ("Top", "Left")},
            "Alignment must be one of Center, Left, Right, Top, Bottom, or a pair such as (Left, Top), "
            'got ("Top", "Left")',
        ),
        (
            {"Padding": 2},
            "Padding must be one of Black, White, Gray, Red, Green, Blue, Fixed, a gray from 0 to 1, or "
            "(red, green, blue), got 2",
        ),
        ({"MeanImage": (0.5, 0.5)}, "MeanImage has 2 numbers for the 3 channels of RGB"),
        (
            {"MeanImage": "mean.png"},
            "MeanImage must be None, a number, a list of one number a channel, or an image (not a file), "
            'got "mean.png"',
        ),
        (
            {"MeanImage": np.zeros((3, 5, 7))},
            "MeanImage must be an image of 1 to 4 channels, which come last, not of shape (3, 5, 7), got Array(3×5×7)",
        ),
        (
            {"MeanImage": [[0.5], [0.5, 0.5]]},
            "MeanImage must be None, a number, a list of one number a channel, or an image (not a file), "
            "got [[0.5], [0.5, 0.5]]",
        ),
        (
            {"MeanImage": np.array([[-1, 0]])},
            "MeanImage must hold pixels (an image of whole numbers goes from 0 to 255, but this one from -1 to 0), "
            "got Array(1×2)",
        ),
        ({"VarianceImage": 0}, "VarianceImage must be above 0, got 0"),
        ({"VarianceImage": [1, 0.5, -1]}, "VarianceImage must be above 0, got -1"),
        ({"Interleaving": 1}, "Interleaving must be True or False, got 1"),
    ],
    ids=str,
)
def test_image_encoder_refuses_to_be_made(options, text):
    with pytest.raises(NetError) as e:
        NetEncoder("Image", **options)
    assert str(e.value) == 'NetEncoder("Image"): ' + text


def test_image_decoder_refuses():
    with pytest.raises(NetError) as e:
        NetDecoder("Image")(np.zeros((1, 3, 5)))
    assert str(e.value) == 'NetDecoder("Image") takes 3×?×?, but the data are of shape 1×3×5'
    with pytest.raises(NetError) as e:
        NetDecoder("Image")(np.zeros((3, 3, 5)), "Decision")
    assert str(e.value) == (
        '"Decision" is not a property of NetDecoder("Image")\n  hint: there is only None, which gives the array'
    )


# --- without Pillow --------------------------------------------------------------------------------------------------


@pytest.fixture
def no_pillow(monkeypatch):
    """As if Pillow were not installed."""
    monkeypatch.delitem(sys.modules, "wlnet.coders.pictures", raising=False)
    for name in [each for each in sys.modules if each == "PIL" or each.startswith("PIL.")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "PIL", None)


@pytest.mark.parametrize("what", ["file", "size", "decoder"])
def test_what_needs_pillow_says_so(no_pillow, what):
    acts = {
        "file": lambda: gray(5, 3)("x.png"),
        "size": lambda: gray(5, 3)(picture(7, 11)),
        "decoder": lambda: NetDecoder("Image")(np.zeros((3, 5, 7))),
    }
    with pytest.raises(NetError) as e:
        acts[what]()
    assert str(e.value) == (
        "files, Pillow images and other sizes need the package pillow\n  hint: pip install wlnet[image]"
    )


def test_arrays_of_the_target_size_need_no_pillow(no_pillow):
    assert gray(5, 3)(picture(3, 5)).shape == (1, 3, 5)
    assert gray(3, 3, Method="Fill")(picture(3, 7)).shape == (1, 3, 3)
    assert NetDecoder("Image")(np.zeros((3, 5, 7)), None).shape == (3, 5, 7)


def test_importing_the_coders_imports_no_pillow():
    code = "import sys, wlnet.coders; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1]).returncode == 0
    assert importlib.util.find_spec("PIL")
