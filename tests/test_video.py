"""The VideoFrames encoder."""

import sys
from pathlib import Path

import numpy as np
import pytest

from tests.examples import assert_close
from wlnet import FlattenLayer, Inherited, NetChain, NetEncoder, NetError, Quantity
from wlnet.core.symbols import Automatic

Image = pytest.importorskip("PIL.Image")


def clip(*shape, seed=0):
    """Frames of bytes."""
    return np.random.default_rng((seed, *shape)).integers(0, 256, shape, dtype=np.uint8)


def gray(width, height, **options):
    return NetEncoder("VideoFrames", RasterSize=(width, height), ColorSpace="Grayscale", **options)


def shown(encoder, video):
    """Which frames of a video a gray encoder takes, by their first pixel; each frame has one shade of its own."""
    return (encoder(video)[:, 0, 0, 0] * 255).round().astype(int).tolist()


def shades(count):
    """Gray frames of shades 0, 1, …"""
    return np.arange(count, dtype=np.uint8)[:, None, None] * np.ones((1, 5, 7), dtype=np.uint8)


def refused(text, act, *arguments, **options):
    with pytest.raises(NetError) as e:
        act(*arguments, **options)
    assert str(e.value) == text


# --- what a video is -------------------------------------------------------------------------------------------------


def test_video_frames_give_t_c_h_w():
    x = clip(3, 5, 7, 3)
    encoder = NetEncoder("VideoFrames", RasterSize=(7, 5))
    assert encoder.port_shape() == ("Varying", 3, 5, 7)
    got = encoder(x)
    assert got.dtype == np.float32
    assert_close(got, x.transpose(0, 3, 1, 2) / 255)


def test_raster_size_128_is_the_default_and_may_be_one_number():
    assert NetEncoder("VideoFrames").port_shape() == ("Varying", 3, 128, 128)
    assert NetEncoder("VideoFrames", RasterSize=7).port_shape() == ("Varying", 3, 7, 7)


def test_input_is_a_list_of_images(tmp_path):
    x = clip(3, 5, 7)
    paths = [tmp_path / f"{k}.png" for k in range(3)]
    for path, each in zip(paths, x, strict=True):
        Image.fromarray(each).save(path)
    for video in (list(x), paths, list(map(str, paths)), [Image.fromarray(each) for each in x], (x / 255).tolist()):
        assert_close(gray(7, 5)(video if not isinstance(video[0], list) else np.array(video)), x[:, None] / 255)
    colored = [clip(5, 7, 3), clip(5, 7), clip(5, 7, 4)]
    assert NetEncoder("VideoFrames", RasterSize=(7, 5))(colored).shape == (3, 3, 5, 7)


def test_input_is_a_folder_of_images_in_the_order_of_their_numbers(tmp_path):
    for k in (2, 10, 1):
        Image.fromarray(np.full((5, 7), k, dtype=np.uint8)).save(tmp_path / f"frame{k}.png")
    (tmp_path / "notes.txt").write_text("not an image")
    assert shown(gray(7, 5), tmp_path) == [1, 2, 10]
    assert shown(gray(7, 5), (12, tmp_path)) == [1, 1, 2, 2, 10, 10]
    assert [len(each) for each in gray(7, 5)([tmp_path, str(tmp_path)])] == [3, 3]


@pytest.fixture
def animation(tmp_path):
    """A file of four shades that are shown for 0.1, 0.1, 0.3 and 0.1 seconds."""
    first, *rest = [Image.fromarray(each) for each in shades(4) * 60]
    path = tmp_path / "shades.png"
    first.save(path, save_all=True, append_images=rest, duration=[100, 100, 300, 100])
    return path


def test_input_is_an_animated_image_whose_frames_have_durations(animation):
    assert shown(gray(7, 5, FrameRate=10), animation) == [0, 60, 120, 120, 120, 180]
    assert shown(gray(7, 5, FrameRate=5), animation) == [0, 120, 120]
    assert shown(gray(7, 5, FrameRate=Inherited), animation) == [0, 60, 120, 180]
    assert [len(each) for each in gray(7, 5, FrameRate=10)([animation, animation])] == [6, 6]


def test_one_or_many_videos():
    x = clip(2, 3, 5, 7)
    assert gray(7, 5)(x).shape == (2, 3, 1, 5, 7)
    assert gray(7, 5)([x[0], x[1]]).shape == (2, 3, 1, 5, 7)
    assert [len(each) for each in gray(7, 5)([x[0], x[1][:2]])] == [3, 2]
    assert gray(7, 5)([list(x[0]), list(x[1])]).shape == (2, 3, 1, 5, 7)
    assert gray(7, 5, TargetLength=2, Dimensions=2)(x).shape == (2, 2, 1, 5, 7)


@pytest.mark.parametrize(
    "options", [{}, {"MeanImage": 0.5}, {"Levels": ("Time", "Height", "Width", "Channels"), "MeanImage": 0.5}]
)
def test_encoded_videos_pass(options):
    encoder = NetEncoder("VideoFrames", RasterSize=(7, 5), **options)
    once = encoder(clip(3, 5, 7, 3))
    assert np.array_equal(encoder(once), once)
    assert np.array_equal(encoder(np.stack([once, once])), np.stack([once, once]))


# --- time ------------------------------------------------------------------------------------------------------------


def test_frame_rate_24_is_the_default_and_samples_what_has_a_rate():
    assert NetEncoder("VideoFrames")["FrameRate"] == 24
    assert shown(gray(7, 5), (24, shades(5))) == [0, 1, 2, 3, 4]
    assert shown(gray(7, 5), (12, shades(3))) == [0, 0, 1, 1, 2, 2]
    assert shown(gray(7, 5), (48, shades(5))) == [0, 2, 4]
    assert shown(gray(7, 5, FrameRate=10), (25, shades(8))) == [0, 2, 5, 7]  # at 0, 0.1, 0.2 and 0.3 of 0.32 seconds


def test_frame_rate_inherited_takes_all_frames():
    assert shown(gray(7, 5, FrameRate=Inherited), (12, shades(5))) == [0, 1, 2, 3, 4]
    assert shown(gray(7, 5, FrameRate="Inherited"), shades(3)) == [0, 1, 2]


def test_frames_without_a_rate_are_frame_rate_a_second():
    assert shown(gray(7, 5, FrameRate=10, StartTime=0.2), shades(5)) == [2, 3, 4]


def test_start_time(animation):
    assert NetEncoder("VideoFrames")["StartTime"] == 0
    assert shown(gray(7, 5, StartTime=Quantity(250, "Milliseconds")), (8, shades(3)))[:4] == [2, 2, 2]
    assert shown(gray(7, 5, FrameRate=Inherited, StartTime=0.15), animation) == [60, 120, 180]
    assert shown(gray(7, 5, FrameRate=10, StartTime=0.2), animation) == [120, 120, 120, 180]


def test_target_length_as_frames_or_time_trims_and_pads():
    assert NetEncoder("VideoFrames")["TargetLength"] is Automatic
    assert gray(7, 5, TargetLength=3).port_shape() == (3, 1, 5, 7)
    assert gray(7, 5, TargetLength=Quantity(0.5, "Seconds")).port_shape() == (12, 1, 5, 7)
    assert shown(gray(7, 5, TargetLength=2), shades(5)) == [0, 1]
    assert shown(gray(7, 5, TargetLength=5), shades(3)) == [0, 1, 2, 0, 0]
    assert shown(gray(7, 5, TargetLength=5, Padding="White"), shades(3)) == [0, 1, 2, 255, 255]
    assert shown(gray(7, 5, TargetLength=5, Padding="Fixed"), shades(3)) == [0, 1, 2, 2, 2]


def test_some_parameters_per_call():
    encoder = gray(7, 5, FrameRate=10)
    assert shown(encoder, [shades(5), {"StartTime": 0.3}]) == [3, 4]
    assert shown(encoder, [(20, shades(6)), {"FrameRate": 5, "TargetLength": 1}]) == [0]
    assert shown(encoder, (shades(5), {"TargetLength": 2})) == [0, 1]
    assert [len(each) for each in encoder([[shades(5), {"StartTime": 0.3}], shades(5)])] == [2, 5]
    assert encoder["StartTime"] == 0


# --- space -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "order",
    [
        ("Time", "Channels", "Height", "Width"),
        ("Time", "Height", "Width", "Channels"),
        ("Channels", "Time", "Width", "Height"),
    ],
)
def test_levels(order):
    x = clip(3, 5, 7, 3)
    encoder = NetEncoder("VideoFrames", RasterSize=(7, 5), TargetLength=2, Levels=order)
    places = [("Time", "Height", "Width", "Channels").index(name) for name in order]
    expected = x[:2].transpose(places) / 255
    assert encoder.port_shape() == expected.shape
    assert_close(encoder(x), expected)


def test_levels_automatic_is_time_channels_height_width():
    assert NetEncoder("VideoFrames")["Levels"] is Automatic
    explicit = NetEncoder("VideoFrames", Levels=("Time", "Channels", "Height", "Width"))
    assert explicit.port_shape() == NetEncoder("VideoFrames").port_shape()


@pytest.mark.parametrize(
    "options",
    [
        {"Method": "Stretch"},
        {"Method": "Fit", "Padding": "Red"},
        {"Method": "Fill", "Alignment": "Left"},
        {"Resampling": "Nearest"},
        {"MeanImage": (0.5, 0.25, 0.125), "VarianceImage": 0.04},
        {"ColorSpace": "Grayscale"},
    ],
    ids=lambda options: " ".join(options),
)
def test_method_resampling_alignment_padding_mean_image_variance_image_and_color_space_are_those_of_image(options):
    x = clip(3, 5, 7, 3)
    frames = NetEncoder("VideoFrames", RasterSize=(11, 13), **options)(x)
    for got, each in zip(frames, x, strict=True):
        assert_close(got, NetEncoder("Image", (11, 13), **options)(each))


def test_on_a_port():
    net = NetChain([FlattenLayer()], Input=gray(7, 2, TargetLength=2))
    assert net(clip(5, 2, 7)).shape == (28,) and net([clip(5, 2, 7), clip(2, 2, 7)]).shape == (2, 28)


# --- refusals --------------------------------------------------------------------------------------------------------

HINT = "\n  hint: give a list of images, an array: frames × height × width, channels last if there are any, a folder, or a file"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("nowhere.gif", "there is no file nowhere.gif"),
        (
            __file__,
            f"{__file__} is not an image that Pillow reads\n"
            "  hint: give its frames as a list of images or an array, read by another package",
        ),
        (7, "7 is not a video" + HINT),
        ([shades(3), None], "None is not a video (example 2)" + HINT),
        (np.zeros((2, 3)), "an array of shape (3,) is not a video (example 1)" + HINT),
        (np.zeros((0, 3, 5)), "the video has no frames"),
        ([shades(3)[0], 7], "the frame 7 is not an image" + HINT),
        ((0, shades(3)), "the frame rate must be above 0, got 0"),
        (
            np.full((2, 3, 5), 7.0),
            "an image of real numbers goes from 0 to 1, but this one from 7 to 7\n"
            "  hint: divide by 255, or give whole numbers of type uint8",
        ),
        ([shades(3), {"StartTime": 1}], "the video is over before its StartTime of 1 s"),
        ([(24, shades(3)), {"StartTime": 1}], "the video is over before its StartTime of 1 s"),
        (
            [shades(3), {"StartTime": 1, "FrameRate": Inherited}],
            "the frames do not say when they are shown, so StartTime says nothing\n"
            "  hint: give (rate, frames), or FrameRate a number",
        ),
        (
            [shades(3), {"RasterSize": 3}],
            '{"RasterSize": 3} gives another shape than that of the port, ("Varying", 1, 5, 7)',
        ),
        ([shades(3), {"Start": 3}], '"Start" is not a parameter\n  hint: did you mean StartTime?'),
    ],
    ids=lambda value: value[:50].replace("/", ".") if isinstance(value, str) else "",
)
def test_video_frames_refuse(data, text):
    refused('NetEncoder("VideoFrames"): ' + text, gray(7, 5), data)


def test_a_folder_without_images(tmp_path):
    refused(f'NetEncoder("VideoFrames"): the folder {tmp_path} holds no images', gray(7, 5), tmp_path)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"FrameRate": 0}, "FrameRate must be a number of frames a second above 0, or Inherited, got 0"),
        (
            {"StartTime": -1},
            'StartTime must be a number of seconds, 0 or more, or a time such as Quantity(500, "Milliseconds"), got -1',
        ),
        (
            {"TargetLength": 0},
            'TargetLength must be Automatic, a positive whole number of frames, or a time such as Quantity(2, "Seconds"), '
            "got 0",
        ),
        (
            {"TargetLength": Quantity(1, "Seconds"), "FrameRate": Inherited},
            "TargetLength as a time needs a number as FrameRate, not Inherited",
        ),
        (
            {"Levels": ("Time", "Width")},
            'Levels must be Automatic, or the names Time, Channels, Height, Width in some order, got ("Time", "Width")',
        ),
        (
            {"Levels": ("Height", "Width", "Channels", "Time")},
            "only the first level may vary, but the shape is 128×128×3×Varying",
        ),
        ({"RasterSize": 0}, "RasterSize must be a size in pixels, or (width, height), got 0"),
        ({"MeanImage": (0.5, 0.5)}, "MeanImage has 2 numbers for the 3 channels of RGB"),
        ({"Rastersize": 3}, '"Rastersize" is not a parameter\n  hint: did you mean RasterSize?'),
    ],
    ids=str,
)
def test_video_frames_refuse_to_be_made(options, text):
    refused('NetEncoder("VideoFrames"): ' + text, NetEncoder, "VideoFrames", **options)


def test_arrays_of_the_raster_size_need_no_pillow(monkeypatch):
    monkeypatch.delitem(sys.modules, "wlnet.coders.pictures", raising=False)
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert gray(7, 5)(shades(3)).shape == (3, 1, 5, 7)
    for video in (Path("shades.gif"), clip(3, 11, 13)):
        refused(
            "files, Pillow images and other sizes need the package pillow\n  hint: pip install wlnet[image]",
            gray(7, 5),
            video,
        )
