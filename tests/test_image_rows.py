"""Sections 22 and 23 of the reference, row by row: Image, Function, and what is said of all encoders and decoders."""

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    ElementwiseLayer,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetTrain,
    ReshapeLayer,
    SoftmaxLayer,
)
from wlnet.core.symbols import Automatic

Image = pytest.importorskip("PIL.Image")

ONE_ROUND = {"MaxTrainingRounds": 1, "RandomSeeding": 1, "TrainingProgressReporting": None}


def picture(*shape, seed=0):
    return np.random.default_rng((seed, *shape)).integers(0, 256, shape, dtype=np.uint8)


# --- Image: "Image", {"Image", s}, {"Image", {w, h}} -> {c, h, w} ------------------------------------------------------


def test_image_is_image_128_128_gives_c_h_w():
    assert NetEncoder("Image") == NetEncoder("Image", (128, 128)) == NetEncoder("Image", 128)
    assert NetEncoder("Image", (5, 3)).port_shape() == (3, 3, 5)


def test_image_color_space_sets_channel_count():
    x = picture(3, 5, 3)
    assert NetEncoder("Image")["ColorSpace"] == "RGB"
    assert NetEncoder("Image", (5, 3), ColorSpace="Grayscale")(x).shape == (1, 3, 5)


@pytest.mark.parametrize(
    ("options", "shape", "axes"),
    [
        ({}, (3, 7, 5), (2, 0, 1)),
        ({"Interleaving": True}, (7, 5, 3), (0, 1, 2)),
        ({"DataTransposed": True}, (3, 5, 7), (2, 1, 0)),
        ({"Interleaving": True, "DataTransposed": True}, (5, 7, 3), (1, 0, 2)),
    ],
    ids=["plain c h w", "Interleaving h w c", "DataTransposed c w h", "both w h c"],
)
def test_image_data_transposed_interleaving_shapes(options, shape, axes):
    x = picture(7, 5, 3)
    encoder = NetEncoder("Image", (5, 7), **options)
    assert encoder.port_shape() == shape
    assert_close(encoder(x), x.transpose(axes) / 255)


def test_image_pixels_are_scaled_before_mean_image_subtraction():
    x = picture(3, 5, 3)
    assert_close(NetEncoder("Image", (5, 3), MeanImage=0.25)(x), x.transpose(2, 0, 1) / 255 - 0.25, atol=1e-6)


@pytest.mark.parametrize(
    ("mean", "array"),
    [
        (None, 0),
        (0.25, 0.25),
        ([0.5, 0.25, 0.125], np.array([0.5, 0.25, 0.125])),
        (picture(3, 5, 3, seed=1), picture(3, 5, 3, seed=1) / 255),
        (Image.fromarray(picture(3, 5, 3, seed=1)), picture(3, 5, 3, seed=1) / 255),
    ],
    ids=["None", "number", "list per channel", "image array", "image"],
)
def test_image_mean_image_none_number_list_per_channel_or_image(mean, array):
    x = picture(3, 5, 3)
    assert_close(NetEncoder("Image", (5, 3), MeanImage=mean)(x), (x / 255 - array).transpose(2, 0, 1), atol=1e-6)


@pytest.mark.parametrize(
    ("variance", "array"),
    [(None, 1), (0.04, 0.04), ([0.5, 0.25, 0.125], np.array([0.5, 0.25, 0.125]))],
    ids=["None", "number", "list per channel"],
)
def test_image_variance_image_normalises_by_the_square_root_of_the_variance(variance, array):
    x = picture(3, 5, 3)
    got = NetEncoder("Image", (5, 3), VarianceImage=variance)(x)
    assert_close(got, (x / 255 / np.sqrt(array)).transpose(2, 0, 1), atol=1e-5)


def test_image_method_stretch_changes_the_ratio():
    x = np.zeros((2, 4), dtype=np.uint8)
    x[:, 2:] = 255
    assert NetEncoder("Image")["Method"] == "Stretch"
    assert_close(NetEncoder("Image", (2, 4), ColorSpace="Grayscale", Resampling="Nearest")(x)[0], [[0, 1]] * 4)


def test_image_method_fit_pads_and_keeps_the_ratio():
    x = np.full((2, 4), 255, dtype=np.uint8)
    got = NetEncoder("Image", (4, 4), ColorSpace="Grayscale", Method="Fit")(x)[0]
    assert_close(got, [[0] * 4, [1] * 4, [1] * 4, [0] * 4])


def test_image_method_fill_crops_and_keeps_the_ratio():
    x = np.tile(np.array([0, 51, 102, 255], dtype=np.uint8), (2, 1))
    got = NetEncoder("Image", (2, 2), ColorSpace="Grayscale", Method="Fill")(x)[0]
    assert_close(got, [[0.2, 0.4]] * 2)


@pytest.mark.parametrize("resampling", ["Nearest", "Linear", "Cubic", "Lanczos"])
def test_image_resampling_has_effect_and_automatic_is_linear(resampling):
    x = picture(5, 7)
    make = lambda setting: NetEncoder("Image", (11, 13), ColorSpace="Grayscale", Resampling=setting)(x)
    assert np.array_equal(make(resampling), make(Automatic)) == (resampling == "Linear")
    assert np.array_equal(make("Bilinear"), make("Linear")) and np.array_equal(make("Bicubic"), make("Cubic"))


@pytest.mark.parametrize(
    ("alignment", "first"), [("Center", 1), ("Top", 0), ("Bottom", 2), (("Left", "Bottom"), 2), ("Left", 1)]
)
def test_image_alignment_center_and_others(alignment, first):
    x = np.full((2, 4), 255, dtype=np.uint8)
    got = NetEncoder("Image", (4, 4), ColorSpace="Grayscale", Method="Fit", Alignment=alignment)(x)[0]
    assert got[:, 0].nonzero()[0].tolist() == [first, first + 1]


@pytest.mark.parametrize(("padding", "value"), [("Black", 0), ("White", 1), (0.25, 0.25), ("Fixed", 0.6)])
def test_image_padding_black_and_others(padding, value):
    x = np.full((2, 4), 153, dtype=np.uint8)
    got = NetEncoder("Image", (4, 4), ColorSpace="Grayscale", Method="Fit", Padding=padding)(x)[0]
    assert_close(got[[0, 3]], np.full((2, 4), value))
    assert NetEncoder("Image")["Padding"] == "Black" and NetEncoder("Image")["Alignment"] == "Center"


def test_image_inputs_pil_image_file_array(tmp_path):
    x = picture(3, 5, 3)
    Image.fromarray(x).save(tmp_path / "x.png")
    encoder = NetEncoder("Image", (5, 3))
    for given in (x, Image.fromarray(x), tmp_path / "x.png", str(tmp_path / "x.png")):
        assert_close(encoder(given), x.transpose(2, 0, 1) / 255)
    assert encoder([x, Image.fromarray(x), tmp_path / "x.png"]).shape == (3, 3, 3, 5)


# --- Image decoder ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"Interleaving": True}, {"DataTransposed": True}], ids=str)
def test_image_decoder_color_space_data_transposed_interleaving(options):
    for space, x in (("RGB", picture(3, 5, 3)), ("Grayscale", picture(3, 5))):
        encoder = NetEncoder("Image", (5, 3), ColorSpace=space, **options)
        image = NetDecoder("Image", space, **options)(encoder(x))
        assert np.array_equal(np.asarray(image), x)


def test_image_decoder_second_element_is_a_colour_space_not_a_size():
    with pytest.raises(NetError) as e:
        NetDecoder(("Image", (5, 3)))
    assert str(e.value) == 'NetDecoder("Image"): ColorSpace must be one of RGB, Grayscale, got (5, 3)'


def test_image_decoder_mean_image_variance_image_are_undone():
    decoder = NetDecoder("Image", "Grayscale", MeanImage=0.5, VarianceImage=0.04)
    assert np.asarray(decoder(np.array([[[0.0, 1.0, -2.5]]]))).tolist() == [[128, 178, 0]]  # 0.5 and 0.7 of 255


def test_image_decoder_has_the_property_none_only():
    assert NetDecoder("Image")(np.zeros((3, 2, 2)), "Properties") == []
    assert NetDecoder("Image")(np.zeros((3, 2, 2)), None).shape == (3, 2, 2)


# --- Function --------------------------------------------------------------------------------------------------------


def test_function_f_d1_gives_an_array_from_f():
    assert NetEncoder("Function", lambda s: [len(s), 1], 2)("abc").tolist() == [3, 1]
    assert NetEncoder("Function", lambda n: np.eye(3) * n, (3, 3))([2, 5])[1, 2, 2] == 5


def test_function_pattern_tells_one_example_from_a_list():
    calls = []
    f = lambda x: calls.append(x) or [float(sum(x))]
    assert NetEncoder("Function", f, 1, Pattern=tuple)([(1, 2), (3, 4)]).tolist() == [[3], [7]]
    assert calls == [(1, 2), (3, 4)]
    assert NetEncoder("Function", f, 1)["Pattern"] is None


def test_function_without_pattern_may_call_f_once_more_than_needed():
    calls = []
    f = lambda x: calls.append(x) or [float(x)]
    assert NetEncoder("Function", f, 1)([3, 5]).tolist() == [[3], [5]]
    assert calls == [3, 3, 5]


def test_function_batched_false_is_f_per_example_true_is_f_on_the_list():
    assert NetEncoder("Function", len, ())["Batched"] is False
    each = NetEncoder("Function", lambda s: [len(s)], 1, Pattern=str)
    whole = NetEncoder(
        "Function", lambda several: [[len(s), len(several)] for s in several], 2, Batched=True, Pattern=str
    )
    assert each(["ab", "c"]).tolist() == [[2], [1]] and whole(["ab", "c"]).tolist() == [[2, 2], [1, 2]]


def test_function_initialization_none_or_called_once():
    begun = []
    encoder = NetEncoder("Function", lambda x: [x], 1, Initialization=lambda: begun.append(1), Pattern=int)
    encoder(3), encoder([3, 5])
    assert begun == [1]


@pytest.mark.parametrize("name", ["SaveDefinitions", "ExcludedContexts", "IncludedContexts"])
def test_function_settings_of_wolfram_contexts_are_refused(name):
    for make in (lambda **o: NetEncoder("Function", len, 1, **o), lambda **o: NetDecoder("Function", len, **o)):
        with pytest.raises(NetError) as e:
            make(**{name: True})
        assert f'"{name}" is not a parameter\n  hint: ' in str(e.value)


def test_function_decoder_properties_first_is_default():
    decoder = NetDecoder("Function", lambda x, prop: (prop, float(x.sum())), Properties=["A", "B"], InputDepth=1)
    assert decoder([1, 2]) == ("A", 3) and decoder([1, 2], "B") == ("B", 3)
    assert decoder([1, 2], "Properties") == ["A", "B"] and decoder([1, 2], None).tolist() == [1, 2]


# --- what is said of all encoders and decoders -----------------------------------------------------------------------

ENCODED = [
    (NetEncoder("Boolean"), [True, False]),
    (NetEncoder("Boolean", 3), [True, False, True]),
    (NetEncoder("Class", ["a", "b"]), ["b", "a"]),
    (NetEncoder("Class", ["a", "b"], "IndicatorVector"), ["b", "a", "b"]),
    (NetEncoder("Class", ["a", "b", "c"], Multilabel=True), [["b", "a"], []]),
    (NetEncoder("Image", (5, 7), MeanImage=0.5), picture(2, 7, 5)),
    (NetEncoder("Image3D", (5, 2, 7)), picture(3, 2, 7, 5)),
    (NetEncoder("VideoFrames", RasterSize=(5, 7), TargetLength=2), picture(3, 2, 7, 5)),
    (NetEncoder("AudioMFCC", WindowFunction=None), example(2, 613)),
]


@pytest.mark.parametrize(
    ("encoder", "data"), ENCODED, ids=lambda value: repr(value)[:40] if isinstance(value, NetEncoder) else ""
)
def test_already_encoded_input_is_passed_through_so_applying_twice_is_harmless(encoder, data):
    once = encoder(data)
    assert np.array_equal(encoder(once), once)


def test_an_array_in_gives_an_array_out_of_single_precision_or_integers():
    for encoder, data in ENCODED:
        assert encoder(data).dtype in (np.float32, np.int64)


@pytest.mark.parametrize(
    ("decoder", "encoder"),
    [
        (NetDecoder("Class", ["a", "b"]), NetEncoder("Class", ["a", "b"])),
        (NetDecoder("Boolean"), NetEncoder("Boolean")),
    ],
)
def test_net_encoder_of_a_net_decoder_and_net_decoder_of_a_net_encoder_convert(decoder, encoder):
    assert NetEncoder(decoder) == encoder and NetDecoder(encoder) == decoder


def test_net_train_creates_an_encoder_of_the_class_decoders_type_for_the_target():
    net = NetChain([LinearLayer(2), SoftmaxLayer()], Input=3, Output=NetDecoder("Class", ["no", "yes"]))
    x = example(4, 3)
    results = NetTrain(net, (x, ["no", "yes", "no", "yes"]), ["TrainedNet"], **ONE_ROUND)
    assert results[0](x[0]) in ("no", "yes")
    with pytest.raises(NetError) as e:
        NetTrain(net, (x, ["no", "yes", "no", "maybe"]), **ONE_ROUND)
    assert (
        str(e.value) == 'Output: "maybe" is not one of the 2 classes (example 4)\n  hint: the classes are ["no", "yes"]'
    )


@pytest.mark.parametrize("options", [{}, {"Interleaving": True}, {"DataTransposed": True, "MeanImage": 0.25}], ids=str)
def test_net_train_creates_an_encoder_of_the_image_decoders_type_for_the_target(options):
    """The loss of a net that gives its images back is 0 only if targets are encoded as it encodes."""
    encoder = NetEncoder("Image", (5, 3), ColorSpace="Grayscale", **options)
    net = NetChain([ElementwiseLayer(lambda x: 1 * x)], Input=encoder, Output=NetDecoder(encoder))
    x = picture(2, 3, 5)
    assert max(NetTrain(net, (x, x), "RoundLossList", **ONE_ROUND)) < 1e-12
    assert max(NetTrain(net, (x, 255 - x), "RoundLossList", **ONE_ROUND)) > 0.01


def test_net_train_takes_arrays_as_targets_of_a_function_decoder():
    net = NetChain([LinearLayer(2)], Input=3, Output=NetDecoder("Function", lambda x: float(x.sum())))
    trained = NetTrain(net, (example(4, 3), example(4, 2)), **ONE_ROUND)
    assert isinstance(trained(example(3)), float)


def test_images_as_targets_need_a_known_size():
    net = NetChain([ElementwiseLayer("Ramp")], Output=NetDecoder("Image", "Grayscale"))
    with pytest.raises(NetError) as e:
        NetTrain(net, (example(2, 1, 3, 5), picture(2, 3, 5)), **ONE_ROUND)
    assert str(e.value) == (
        'NetDecoder("Image"): targets need an output of known size\n  hint: give the net\'s Output its sizes'
    )


def test_arrays_of_images_are_targets_of_a_decoder_with_input_depth():
    net = NetChain([ReshapeLayer((2, 1, 3, 5))], Input=30, Output=NetDecoder("Image", "Grayscale", InputDepth=4))
    x = picture(7, 2, 3, 5)
    data = x.reshape(7, 30).astype(float) / 255
    assert max(NetTrain(net, (data, x), "RoundLossList", **ONE_ROUND)) < 1e-12


@pytest.mark.parametrize(
    ("kind", "item", "shape"),
    [
        (NetEncoder("Class", ["a", "b"], Dimensions=(2, 3)), [["a"] * 3] * 2, ()),
        (NetEncoder("Boolean", Dimensions=(2, 3)), [[True] * 3] * 2, ()),
        (NetEncoder("Image", (5, 7), Dimensions=(2, 3)), [[picture(7, 5)] * 3] * 2, (3, 7, 5)),
        (NetEncoder("Image3D", (5, 2, 7), Dimensions=(2, 3)), [[picture(2, 7, 5)] * 3] * 2, (3, 7, 2, 5)),
        (NetEncoder("Audio", TargetLength=11, Dimensions=(2, 3)), example(2, 3, 11), (11, 1)),
        (NetEncoder("Function", lambda x: [x, x], 2, Dimensions=(2, 3)), [[5] * 3] * 2, (2,)),
    ],
    ids=lambda value: value.kind if isinstance(value, NetEncoder) else "",
)
def test_dimensions_maps_any_type_over_an_array_of_items(kind, item, shape):
    assert kind.port_shape() == (2, 3, *shape) == kind(item).shape
    assert kind([item, item]).shape == (2, 2, 3, *shape)


def test_decoders_play_no_part_in_training():
    x, y = example(5, 3), example(5, 2)
    bare = NetChain([LinearLayer(2)], Input=3)
    with_decoder = NetChain([LinearLayer(2)], Input=3, Output=NetDecoder("Function", lambda x: "label"))
    one, other = (NetTrain(net, (x, y), **ONE_ROUND) for net in (bare, with_decoder))
    assert np.array_equal(one[1, "Weights"], other[1, "Weights"])
    assert other(x[0]) == "label" and np.array_equal(other(x[0], None), one(x[0]))
