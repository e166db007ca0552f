"""The Image3D encoder and decoder."""

import sys

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import ElementwiseLayer, NetChain, NetDecoder, NetEncoder, NetError, NetTrain
from wlnet.core.symbols import Automatic

Image = pytest.importorskip("PIL.Image")


def voxels(*shape, seed=0):
    """A volume of bytes."""
    return np.random.default_rng((seed, *shape)).integers(0, 256, shape, dtype=np.uint8)


def gray(*sizes, **options):
    return NetEncoder("Image3D", sizes, ColorSpace="Grayscale", **options)


def refused(text, act, *arguments, **options):
    with pytest.raises(NetError) as e:
        act(*arguments, **options)
    assert str(e.value) == text


# --- what a volume is, and where its voxels go -----------------------------------------------------------------------


def test_image3d_s_or_w_depth_h_default_128():
    assert NetEncoder("Image3D").port_shape() == (3, 128, 128, 128)
    assert NetEncoder("Image3D", 7).port_shape() == (3, 7, 7, 7)
    assert NetEncoder("Image3D", (7, 3, 5)).port_shape() == (3, 5, 3, 7)


def test_image3d_gives_c_h_depth_w():
    x = voxels(3, 5, 7, 3)
    got = NetEncoder("Image3D", (7, 3, 5))(x)
    assert got.shape == (3, 5, 3, 7) and got.dtype == np.float32
    for c, h, d, w in [(0, 0, 0, 0), (2, 4, 2, 6), (1, 3, 1, 5)]:
        assert got[c, h, d, w] == np.float32(x[d, h, w, c]) / np.float32(255)


def test_image3d_interleaving_gives_h_depth_w_c():
    x = voxels(3, 5, 7, 3)
    encoder = NetEncoder("Image3D", (7, 3, 5), Interleaving=True)
    assert encoder.port_shape() == (5, 3, 7, 3)
    assert_close(encoder(x), x.transpose(1, 0, 2, 3) / 255)


def test_image3d_has_no_data_transposed():
    refused(
        'NetEncoder("Image3D"): "DataTransposed" is not a parameter\n'
        "  hint: there are Dimensions, ColorSpace, Interleaving, MeanImage, VarianceImage, Method, Resampling, "
        "Alignment, Padding, size",
        NetEncoder,
        "Image3D",
        DataTransposed=True,
    )


def test_image3d_color_space():
    x = voxels(3, 5, 7, 3)
    assert_close(gray(7, 3, 5)(x)[0], (x @ [0.299, 0.587, 0.114]).transpose(1, 0, 2) / 255, atol=1e-5)
    assert_close(NetEncoder("Image3D", (7, 3, 5))(x[..., 0]), np.stack([x[..., 0].transpose(1, 0, 2) / 255] * 3))
    assert_close(NetEncoder("Image3D", (7, 3, 5))(voxels(3, 5, 7, 4)).shape, (3, 5, 3, 7))


def test_a_volume_may_be_a_list_of_slices(tmp_path):
    x = voxels(3, 5, 7)
    paths = []
    for k, each in enumerate(x):
        paths.append(tmp_path / f"{k}.png")
        Image.fromarray(each).save(paths[-1])
    expected = gray(7, 3, 5)(x)
    for slices in (list(x), paths, list(map(str, paths)), [Image.fromarray(each) for each in x]):
        assert_close(gray(7, 3, 5)(slices), expected)
    assert gray(7, 3, 5)([list(x), paths]).shape == (2, 1, 5, 3, 7)


def test_a_volume_may_be_an_image_file_of_several_frames(tmp_path):
    x = voxels(3, 5, 7)
    first, *rest = [Image.fromarray(each) for each in x]
    first.save(tmp_path / "scan.tiff", save_all=True, append_images=rest)
    assert_close(gray(7, 3, 5)(tmp_path / "scan.tiff"), gray(7, 3, 5)(x))
    assert_close(gray(7, 6, 5)([tmp_path / "scan.tiff"] * 2), gray(7, 6, 5)(np.concatenate([x, x])))


def test_one_or_many_volumes():
    x = voxels(2, 3, 5, 7)
    assert gray(7, 3, 5)(x).shape == (2, 1, 5, 3, 7)
    assert gray(7, 3, 5)(x[0]).shape == (1, 5, 3, 7)
    assert gray(7, 3, 5)((x / 255).tolist()).shape == (2, 1, 5, 3, 7)
    mapped = gray(7, 3, 5, Dimensions=2)
    assert mapped.port_shape() == (2, 1, 5, 3, 7) and mapped(x).shape == (2, 1, 5, 3, 7)


@pytest.mark.parametrize("options", [{}, {"Interleaving": True}, {"MeanImage": 0.5}])
def test_encoded_volumes_pass(options):
    encoder = NetEncoder("Image3D", (7, 3, 5), **options)
    once = encoder(voxels(3, 5, 7, 3))
    assert np.array_equal(encoder(once), once)
    assert np.array_equal(encoder(np.stack([once, once])), np.stack([once, once]))


# --- sizes -----------------------------------------------------------------------------------------------------------


def test_image3d_method_stretch_resamples_each_level():
    """Linear weights at places (k + 1/2)·n/m - 1/2, along each level on its own."""
    x = voxels(3, 5, 7) / 255

    def along(values, axis, m):
        n = values.shape[axis]
        places = np.clip((np.arange(m) + 0.5) * n / m - 0.5, 0, n - 1)
        return np.apply_along_axis(lambda line: np.interp(places, np.arange(n), line), axis, values)

    expected = along(along(along(x, 0, 6), 1, 11), 2, 13)
    assert_close(gray(13, 6, 11)(x)[0], expected.transpose(1, 0, 2), atol=1e-5)


def test_image3d_resampling_nearest():
    x = voxels(3, 5, 7)
    assert_close(
        gray(14, 6, 10, Resampling="Nearest")(x)[0], x.repeat(2, 0).repeat(2, 1).repeat(2, 2).transpose(1, 0, 2) / 255
    )


@pytest.mark.parametrize(
    ("size", "alignment", "first"),
    [
        ((7, 5, 11), "Center", (1, 3, 0)),
        ((7, 5, 11), "Front", (0, 3, 0)),
        ((7, 5, 11), "Back", (2, 3, 0)),
        ((7, 5, 11), "Top", (1, 0, 0)),
        ((7, 5, 11), ("Left", "Back", "Bottom"), (2, 6, 0)),
        ((11, 3, 7), "Left", (0, 1, 0)),
        ((11, 3, 7), ("Right", "Center", "Top"), (0, 0, 4)),
    ],
)
def test_image3d_method_fit_pads_and_alignment(size, alignment, first):
    x = voxels(3, 5, 7)
    got = gray(*size, Method="Fit", Alignment=alignment, Padding="White")(x)[0].transpose(1, 0, 2)
    expected = np.ones((size[1], size[2], size[0]))
    d, h, w = first
    expected[d : d + 3, h : h + 5, w : w + 7] = x / 255
    assert_close(got, expected)


@pytest.mark.parametrize(
    ("alignment", "d", "w"), [("Center", 0, 1), ("Right", 0, 2), (("Left", "Center", "Top"), 0, 0)]
)
def test_image3d_method_fill_crops_and_alignment(alignment, d, w):
    x = voxels(3, 5, 7)
    got = gray(5, 3, 5, Method="Fill", Alignment=alignment)(x)[0].transpose(1, 0, 2)
    assert_close(got, x[d : d + 3, :, w : w + 5] / 255)


def test_image3d_padding_fixed_repeats_the_edge():
    x = voxels(3, 5, 7)
    got = gray(7, 5, 5, Method="Fit", Padding="Fixed")(x)[0].transpose(1, 0, 2)
    assert_close(got, np.pad(x, [(1, 1), (0, 0), (0, 0)], "edge") / 255)


def test_image3d_mean_image_and_variance_image():
    x, mean = voxels(3, 5, 7), voxels(3, 5, 7, seed=1)
    variance = example(3, 5, 7, low=0.1, high=2)
    got = gray(7, 3, 5, MeanImage=mean, VarianceImage=variance)(x)[0].transpose(1, 0, 2)
    assert_close(got, (x / 255 - mean / 255) / np.sqrt(variance), rtol=1e-4, atol=1e-5)
    colors = NetEncoder("Image3D", (7, 3, 5), MeanImage=(0.5, 0.25, 0), VarianceImage=0.04)(voxels(3, 5, 7, 3))
    assert_close(colors[1], (voxels(3, 5, 7, 3)[..., 1].transpose(1, 0, 2) / 255 - 0.25) / 0.2, rtol=1e-4, atol=1e-5)


# --- the decoder -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interleaving", [False, True])
@pytest.mark.parametrize("space", ["RGB", "Grayscale"])
def test_image3d_decoder_undoes_its_encoder(interleaving, space):
    x = voxels(3, 5, 7, 3) if space == "RGB" else voxels(3, 5, 7)
    encoder = NetEncoder("Image3D", (7, 3, 5), ColorSpace=space, Interleaving=interleaving, MeanImage=voxels(3, 5, 7, seed=1), VarianceImage=0.04)  # fmt: skip
    decoder = NetDecoder(encoder)
    got = decoder(encoder(x))
    assert got.dtype == np.float32 and got.shape == x.shape
    assert_close(got, x / 255, atol=1e-6)
    assert len(decoder(encoder(np.stack([x, x]))) if space == "RGB" else decoder(encoder([x, x]))) == 2


def test_image3d_decoder_clips_and_has_the_property_none_only():
    decoder = NetDecoder("Image3D", "Grayscale")
    assert decoder.port_shape() == (1, Automatic, Automatic, Automatic) and decoder.properties == []
    assert decoder(np.array([[[[-1.0, 0.5, 2.0]]]])).tolist() == [[[0, 0.5, 1]]]
    assert decoder(np.array([[[[-1.0, 0.5, 2.0]]]]), None).tolist() == [[[[-1, 0.5, 2]]]]
    assert NetDecoder("Image3D", "Grayscale", InputDepth=5)(np.zeros((2, 1, 3, 5, 7)))[1].shape == (5, 3, 7)
    refused(
        '"Decision" is not a property of NetDecoder("Image3D")\n  hint: there is only None, which gives the array',
        decoder,
        np.zeros((1, 3, 5, 7)),
        "Decision",
    )


def test_on_ports():
    net = NetChain([ElementwiseLayer("Ramp")], Input=gray(7, 3, 5), Output=NetDecoder("Image3D", "Grayscale"))
    x = voxels(3, 5, 7)
    assert_close(net(x), x / 255)
    assert NetChain([ElementwiseLayer("Ramp")], Input="Image3D")["Input"] == NetEncoder("Image3D")


def test_net_train_encodes_targets_by_an_image3d_decoder():
    net = NetChain([ElementwiseLayer(lambda x: 2 * x)], Input=gray(7, 3, 5), Output=NetDecoder("Image3D", "Grayscale"))
    x = voxels(3, 5, 7) // 2
    losses = NetTrain(
        net, ([x, x], [2 * x, 2 * x]), "RoundLossList", MaxTrainingRounds=1, TrainingProgressReporting=None
    )
    assert max(losses) < 1e-9


# --- refusals --------------------------------------------------------------------------------------------------------

HINT = "\n  hint: give an array: depth × height × width, channels last if there are any, or a list of slices"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("nowhere.tiff", "there is no file nowhere.tiff"),
        (7, "7 is not a volume" + HINT),
        ([voxels(3, 5, 7), None], "None is not a volume (example 2)" + HINT),
        (np.zeros((2, 3)), "an array of shape (3,) is not a volume (example 1)" + HINT),
        (np.zeros((0, 3, 5)), "an array of shape (0, 3, 5) is not a volume" + HINT),
        (
            [voxels(3, 5), voxels(5, 3)],
            "the slices of a volume differ in size: 3×5, 5×3\n  hint: bring them to one size first",
        ),
        (
            [voxels(3, 5), 7],
            "7 is not an image\n  hint: give paths, Pillow images or arrays of one size",
        ),
        (
            np.full((2, 3, 5), 7.0),
            "an image of real numbers goes from 0 to 1, but this one from 7 to 7\n"
            "  hint: divide by 255, or give whole numbers of type uint8",
        ),
    ],
    ids=lambda value: value[:50] if isinstance(value, str) else "",
)
def test_image3d_refuses(data, text):
    refused('NetEncoder("Image3D"): ' + text, gray(7, 3, 5), data)


def test_a_file_that_is_no_image():
    refused(
        f'NetEncoder("Image3D"): {__file__} is not an image that Pillow reads\n'
        "  hint: give its frames as a list of images or an array, read by another package",
        gray(7, 3, 5),
        __file__,
    )


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"size": (3, 5)}, "size must be a size in pixels, or (width, depth, height), got (3, 5)"),
        (
            {"Alignment": ("Left", "Top", "Front")},
            "Alignment must be one of Center, Left, Right, Front, Back, Top, Bottom, or three such as (Left, Front, Top), "
            'got ("Left", "Top", "Front")',
        ),
        (
            {"MeanImage": np.zeros((3, 5))},
            "MeanImage must be None, a number, a list of one number a channel, or an array of depth × height × width, "
            "got Array(3×5)",
        ),
        ({"MeanImage": (0.5, 0.5)}, "MeanImage has 2 numbers for the 3 channels of RGB"),
        ({"VarianceImage": 0}, "VarianceImage must be above 0, got 0"),
        ({"Dimensions": 2, "Method": "Crop"}, 'Method must be one of Stretch, Fit, Fill, got "Crop"'),
    ],
    ids=str,
)
def test_image3d_refuses_to_be_made(options, text):
    refused('NetEncoder("Image3D"): ' + text, NetEncoder, "Image3D", **options)


def test_a_decoder_says_no_size():
    refused(
        'NetDecoder("Image3D") says no size, which an encoder needs\n'
        '  hint: write NetEncoder("Image3D", (width, depth, height), …)',
        NetEncoder,
        NetDecoder("Image3D"),
    )
    refused(
        'NetDecoder("Image3D"): InputDepth must be at least 4, got 3', NetDecoder, "Image3D", InputDepth=3
    )  # fmt: skip


def test_volumes_of_the_target_size_need_no_pillow(monkeypatch):
    monkeypatch.delitem(sys.modules, "wlnet.coders.pictures", raising=False)
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert gray(7, 3, 5)(voxels(3, 5, 7)).shape == (1, 5, 3, 7)
    refused(
        "files, Pillow images and other sizes need the package pillow\n  hint: pip install wlnet[image]",
        gray(7, 3, 5),
        voxels(3, 5, 11),
    )
