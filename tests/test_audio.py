"""The encoders of sounds: what a sound may be, rate, loudness, length, partitions, spectra."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    All,
    GatedRecurrentLayer,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetTrain,
    Quantity,
    SequenceLastLayer,
    SoftmaxLayer,
)
from wlnet.core.symbols import Automatic

fft = pytest.importorskip("scipy.fft")
signal = pytest.importorskip("scipy.signal")
wavfile = pytest.importorskip("scipy.io.wavfile")

ROOT = Path(__file__).parent.parent


def sound(size, seed=0):
    """Samples of no special kind, from -1 to 1."""
    return example(size, seed=seed, low=-1, high=1).astype(float)


def refused(text, act, *arguments, **options):
    with pytest.raises(NetError) as e:
        act(*arguments, **options)
    assert str(e.value) == text


# --- what a sound may be ---------------------------------------------------------------------------------------------


def test_audio_is_n_by_1_samples():
    x = sound(101)
    encoder = NetEncoder("Audio")
    assert encoder.port_shape() == ("Varying", 1)
    assert encoder(x).dtype == np.float32
    assert_close(encoder(x), x[:, None])
    assert encoder(x.tolist()).shape == (101, 1) and encoder.is_one(x.tolist())


def test_a_sound_may_be_a_rate_and_samples_pair():
    x = sound(101)
    encoder = NetEncoder("Audio")
    assert_close(encoder((16000, x)), x[:, None])
    assert_close(encoder([16000, x.tolist()]), x[:, None])
    assert [each.shape for each in encoder([(16000, x), (16000, x[:7])])] == [(101, 1), (7, 1)]
    assert [each.shape for each in encoder([(16000, x), x[:7]])] == [(101, 1), (7, 1)]


def test_channels_are_averaged():
    x = sound(2 * 101).reshape(101, 2)
    encoder = NetEncoder("Audio")
    assert_close(encoder(x)[:, 0], (x[:, 0] + x[:, 1]) / 2)
    assert_close(encoder((16000, x)), encoder(x))
    assert encoder(np.stack([x, x])).shape == (2, 101, 1)


def test_an_array_of_long_rows_is_a_list_of_sounds():
    x = sound(3 * 101).reshape(3, 101)
    assert_close(NetEncoder("Audio")(x), x[..., None])
    assert_close(NetEncoder("Audio")([x[0], x[1]]), x[:2, :, None])
    assert [len(each) for each in NetEncoder("Audio")([[0.5, 0.25], [0.5]])] == [2, 1]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.array([-32768, 16384], dtype=np.int16), [-1, 0.5]),
        (np.array([-(2**31), 2**30], dtype=np.int32), [-1, 0.5]),
        (np.array([0, 128, 192], dtype=np.uint8), [-1, 0, 0.5]),
        (np.array([-128, 64], dtype=np.int8), [-1, 0.5]),
        ([0, 1, -1], [0, 1, -1]),
        (np.array([1.5, -2.0]), [1.5, -2.0]),
    ],
    ids=["int16", "int32", "uint8", "int8", "list", "beyond 1"],
)
def test_whole_numbers_of_sound_files_go_from_minus_1_to_1(given, expected):
    assert NetEncoder("Audio")(given)[:, 0].tolist() == expected


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.uint8, np.float32])
def test_a_path_of_a_wav_file(tmp_path, kind):
    x = sound(211) / 2
    stored = {np.int16: x * 2**15, np.int32: x * 2**31, np.uint8: x * 128 + 128, np.float32: x}[kind].astype(kind)
    path = tmp_path / "sound.wav"
    wavfile.write(path, 16000, stored)
    for given in (path, str(path)):
        assert_close(NetEncoder("Audio")(given)[:, 0], x, atol=1 / 100 if kind is np.uint8 else 1e-4)
    assert NetEncoder("AudioMFCC")([path, path]).shape == (2, 1, 13)


def test_a_wav_file_of_two_channels_at_another_rate(tmp_path):
    x = np.stack([sound(2205), sound(2205, seed=1)], -1)
    wavfile.write(tmp_path / "sound.wav", 22050, x)
    expected = signal.resample_poly(x.mean(1), 320, 441)
    assert_close(NetEncoder("Audio")(tmp_path / "sound.wav")[:, 0], expected)


NOT_A_SOUND = (
    "\n  hint: give a path of a WAV file, (rate, samples), or an array of samples, in which channels come last"
)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("nowhere.wav", "there is no file nowhere.wav"),
        (
            __file__,
            f"{__file__} is not a WAV file that SciPy reads\n"
            "  hint: give a WAV file, or (rate, samples) read by another package",
        ),
        (None, "None is not a sound" + NOT_A_SOUND),
        (["a", [0.5]], "there is no file a (example 1)"),
        ((16000, [[0.5], [0.5, 1.0]]), "[[0.5], [0.5, 1.0]] is not a sound" + NOT_A_SOUND),
        (np.zeros((2, 3, 5, 7)), "an array of shape (3, 5, 7) is not a sound (example 1)" + NOT_A_SOUND),
        (np.array([1j, 2]), "an array of shape (2,) is not a sound" + NOT_A_SOUND),
        ([], "there are no examples"),
        (np.zeros(0), "the sound is empty"),
        (np.array([0.5, np.nan]), "the sound holds samples that are not finite\n  hint: remove or replace them first"),
        (np.array([0.5, -1e300]), "the sound goes up to 1e+300\n  hint: scale it: full loudness is 1"),
        (
            [0, 300],
            "a sound of whole numbers of type int64 goes from -1 to 1, but this one to 300\n"
            "  hint: divide by the largest amplitude, or give int16 or int32",
        ),
        (
            (16000, np.zeros((2, 101))),
            "a sound of shape (2, 101) has 101 channels\n  hint: channels come last: samples × channels",
        ),
        (
            (0, [0.5, 0.25]),
            "the sample rate must be a positive whole number, got 0\n  hint: write (rate, samples)",
        ),
        (
            (22050.5, [0.5, 0.25]),
            "the sample rate must be a positive whole number, got 22050.5\n  hint: write (rate, samples)",
        ),
    ],
    ids=str,
)
def test_what_is_no_sound(given, text):
    refused(f'NetEncoder("Audio"): {text}', NetEncoder("Audio"), given)


def test_a_damaged_wav_file(tmp_path):
    path = tmp_path / "half.wav"
    path.write_bytes(b"RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00")
    refused(
        f'NetEncoder("Audio"): {path} is not a WAV file that SciPy reads\n'
        "  hint: give a WAV file, or (rate, samples) read by another package",
        NetEncoder("Audio"),
        path,
    )
    refused(
        f'NetEncoder("Audio"): {tmp_path} cannot be read: [Errno 21] Is a directory: {str(tmp_path)!r}',
        NetEncoder("Audio"),
        tmp_path,
    )


def test_a_port_names_itself_and_the_example():
    net = NetChain([LinearLayer(2, Weights=np.zeros((2, 3)), Biases=None)], Input=NetEncoder("Audio", TargetLength=3))
    refused("Input: the sound is empty (example 2)", net, [np.ones(3), np.ones(0)])


# --- the general parameters ------------------------------------------------------------------------------------------


def test_sample_rate_16000_is_the_default_and_others_resample():
    assert NetEncoder("Audio") == NetEncoder("Audio", SampleRate=Quantity(16, "Kilohertz"))
    assert NetEncoder("Audio")["SampleRate"] == 16000
    time = np.arange(8000) / 8000
    got = NetEncoder("Audio", SampleRate=16000)((8000, np.sin(2 * np.pi * 440 * time)))[:, 0]
    expected = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got[100:-100], expected[100:-100], atol=2e-3)


def test_a_lower_sample_rate_filters_what_it_cannot_hold():
    time = np.arange(16000) / 16000
    high = NetEncoder("Audio", SampleRate=4000)((16000, np.sin(2 * np.pi * 3000 * time)))
    assert abs(high[100:-100]).max() < 0.01


def test_normalization_none_leaves_the_samples():
    assert NetEncoder("Audio")["Normalization"] is None


@pytest.mark.parametrize(("setting", "largest"), [("Max", 1), (("Max", 0.25), 0.25), (["Max", 2], 2)])
def test_normalization_max(setting, largest):
    x = sound(101) / 3
    got = NetEncoder("Audio", Normalization=setting)(x)[:, 0]
    assert_close(got, x * largest / abs(x).max())


def test_normalization_rms():
    x = sound(101) / 3
    got = NetEncoder("Audio", Normalization=("RMS", 0.125))(x)[:, 0]
    assert math.isclose(math.sqrt(np.mean(got**2)), 0.125, rel_tol=1e-6)
    assert_close(got / got[0], x / x[0])


def test_normalization_leaves_silence():
    assert not NetEncoder("Audio", Normalization="Max", TargetLength=3)([0.0]).any()


def test_target_length_all_keeps_the_length():
    assert NetEncoder("Audio", TargetLength=All) == NetEncoder("Audio")


def test_target_length_time_quantity_pads_and_trims():
    encoder = NetEncoder("Audio", SampleRate=1000, TargetLength=Quantity(5, "Milliseconds"))
    assert encoder.port_shape() == (5, 1)
    assert encoder([0.5, 0.25])[:, 0].tolist() == [0.5, 0.25, 0, 0, 0]
    assert_close(encoder(sound(7))[:, 0], sound(7)[:5])
    assert NetEncoder("AudioSTFT", TargetLength=Quantity(1, "Seconds")).port_shape() == (92, 512, 2)


@pytest.mark.parametrize("kind", ["AudioSTFT", "AudioSpectrogram", "AudioMelSpectrogram", "AudioMFCC"])
def test_target_length_n_partitions_pads_and_trims(kind):
    fixed, free = NetEncoder(kind, TargetLength=7), NetEncoder(kind)
    assert fixed.port_shape()[0] == 7 and free.port_shape()[0] == "Varying"
    short, long = sound(613), sound(4001)
    padded = np.concatenate([short, np.zeros(512 + 6 * 171 - 613)])
    assert_close(fixed(short), free(padded))
    assert_close(fixed(long), free(long)[:7])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"SampleRate": 0}, "SampleRate must be a positive whole number of samples a second, got 0"),
        ({"SampleRate": 0.5}, "SampleRate must be a positive whole number of samples a second, got 0.5"),
        (
            {"TargetLength": 0},
            'TargetLength must be All, a positive whole number of partitions, or a time such as Quantity(0.5, "Seconds"), '
            "got 0",
        ),
        (
            {"TargetLength": Quantity(2, "Rounds")},
            'TargetLength must be All, a positive whole number of partitions, or a time such as Quantity(0.5, "Seconds"), '
            'got Quantity(2, "Rounds")',
        ),
        (
            {"Normalization": "Min"},
            'Normalization must be None, "Max", ("Max", v) or ("RMS", v), with v above 0, got "Min"',
        ),
        (
            {"Normalization": "RMS"},
            'Normalization must be None, "Max", ("Max", v) or ("RMS", v), with v above 0, got "RMS"',
        ),
        (
            {"Normalization": ("Max", 0)},
            'Normalization must be None, "Max", ("Max", v) or ("RMS", v), with v above 0, got ("Max", 0)',
        ),
        ({"Samplerate": 8000}, '"Samplerate" is not a parameter\n  hint: did you mean SampleRate?'),
        ({"Dimensions": 2}, "only the first level may vary, but the shape is 2×Varying×1"),
    ],
    ids=str,
)
def test_audio_refuses_settings(options, text):
    refused(f'NetEncoder("Audio"): {text}', NetEncoder, "Audio", **options)


def test_dimensions_map_over_an_array_of_sounds():
    x = sound(2 * 3 * 11).reshape(2, 3, 11)
    encoder = NetEncoder("Audio", TargetLength=5, Dimensions=3)
    assert encoder.port_shape() == (3, 5, 1)
    assert_close(encoder(x[0])[..., 0], x[0][:, :5])
    assert_close(encoder(x)[..., 0], x[..., :5])


# --- partitions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "size"), [(16000, 512), (8000, 256), (44100, 2048), (20480, 512), (20481, 1024), (7, 1)]
)
def test_window_size_automatic_is_the_power_of_two_that_lasts_25_milliseconds(rate, size):
    encoder = NetEncoder("AudioSTFT", SampleRate=rate)
    assert encoder.size == size and encoder.step == max(1, round(size / 3))


def test_window_size_and_offset_as_numbers_or_times():
    encoder = NetEncoder("AudioSTFT", WindowSize=Quantity(10, "Milliseconds"), Offset=Quantity(0.005, "Seconds"))
    assert (encoder.size, encoder.step) == (160, 80)
    encoder = NetEncoder("AudioSTFT", WindowSize=11, Offset=7)
    assert (encoder.size, encoder.step) == (11, 7) and encoder.port_shape() == ("Varying", 11, 2)


@pytest.mark.parametrize(("count", "partitions"), [(1, 1), (11, 1), (12, 2), (18, 2), (19, 3), (25, 3), (26, 4)])
def test_silence_fills_up_the_last_partition(count, partitions):
    encoder = NetEncoder("AudioSTFT", WindowSize=11, Offset=7, WindowFunction=None)
    assert len(encoder(sound(count))) == partitions == 1 + max(0, math.ceil((count - 11) / 7))


def test_an_offset_beyond_the_window_skips_samples():
    x = sound(13)
    got = NetEncoder("AudioSTFT", WindowSize=3, Offset=5, WindowFunction=None)(x)
    assert_close(got[1, 0, 0], x[5] + x[6] + x[7])
    assert got.shape == (3, 3, 2)


# --- the kinds of spectra --------------------------------------------------------------------------------------------


def scipy_stft(x, size, step, window):
    """SciPy's transform without its scale: partitions × frequencies."""
    _, _, found = signal.stft(
        x, window=window, nperseg=size, noverlap=size - step, boundary=None, padded=True, return_onesided=False
    )
    return found.T * window.sum()


def test_audio_stft_is_re_and_im_of_scipy():
    x = sound(1009)
    got = NetEncoder("AudioSTFT", WindowSize=61, Offset=23)(x)
    expected = scipy_stft(x, 61, 23, signal.windows.hann(61, sym=False))
    assert got.shape == (43, 61, 2)
    assert_close(got[..., 0] + 1j * got[..., 1], expected, atol=1e-5)


def test_audio_stft_is_its_sum_by_hand():
    x = sound(5)
    got = NetEncoder("AudioSTFT", WindowSize=5, Offset=5, WindowFunction=[1, 2, 3, 4, 5])(x)
    for k in range(5):
        terms = [(j + 1) * x[j] * np.exp(-2j * np.pi * j * k / 5) for j in range(5)]
        assert_close(complex(*got[0, k]), sum(terms), atol=1e-5)


@pytest.mark.parametrize("size", [61, 64])
def test_audio_spectrogram_is_squared_magnitudes_up_to_half_the_window(size):
    x = sound(1009)
    got = NetEncoder("AudioSpectrogram", WindowSize=size, Offset=23)(x)
    expected = abs(scipy_stft(x, size, 23, signal.windows.hann(size, sym=False))) ** 2
    assert got.shape[1] == size // 2 + 1
    assert_close(got, expected[:, : size // 2 + 1], rtol=1e-4, atol=1e-5)


def test_parseval_holds_between_samples_and_their_stft():
    x = sound(61)
    got = NetEncoder("AudioSTFT", WindowSize=61, WindowFunction=None)(x)
    assert math.isclose((got.astype(float) ** 2).sum() / 61, (x**2).sum(), rel_tol=1e-5)


def filters_by_hand(count, low, high, size, rate):
    """Triangles at mel places, one number at a time."""
    to_mel = lambda f: 2595 * math.log10(1 + f / 700)
    places = [to_mel(low) + k * (to_mel(high) - to_mel(low)) / (count + 1) for k in range(count + 2)]
    edges = [700 * (10 ** (place / 2595) - 1) for place in places]
    rows = []
    for left, middle, right in zip(edges, edges[1:], edges[2:], strict=False):
        row = []
        for k in range(size // 2 + 1):
            f = k * rate / size
            up, down = (f - left) / (middle - left), (right - f) / (right - middle)
            row.append(up if left <= f <= middle else down if middle < f <= right else 0)
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize(
    ("options", "count", "low", "high"),
    [
        ({}, 40, 0, 8000),
        ({"NumberOfFilters": 7, "MinimumFrequency": 300, "MaximumFrequency": 5000}, 7, 300, 5000),
        ({"NumberOfFilters": 1, "MaximumFrequency": Quantity(4, "Kilohertz")}, 1, 0, 4000),
    ],
    ids=["defaults", "given", "one"],
)
def test_audio_mel_spectrogram_maximum_frequency_minimum_frequency_number_of_filters_40(options, count, low, high):
    x = sound(1009)
    power = NetEncoder("AudioSpectrogram")(x).astype(float)
    got = NetEncoder("AudioMelSpectrogram", **options)(x)
    assert got.shape == (4, count)
    assert_close(got, power @ filters_by_hand(count, low, high, 512, 16000).T, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("count", [13, 5, 40])
def test_audio_mfcc_is_the_dct_of_log_mel_frames_number_of_coefficients_13(count):
    x = sound(1009)
    mel = NetEncoder("AudioMelSpectrogram")(x).astype(float)
    got = NetEncoder("AudioMFCC", NumberOfCoefficients=count)(x)
    expected = fft.dct(np.log(np.maximum(mel, 1e-10)), type=2, norm="ortho")[:, :count]
    assert NetEncoder("AudioMFCC")["NumberOfCoefficients"] == 13
    assert_close(got, expected, rtol=1e-4, atol=1e-4)


def test_silence_has_coefficients():
    got = NetEncoder("AudioMFCC", TargetLength=2)(np.zeros(7))
    assert_close(got[:, 0], [math.log(1e-10) * math.sqrt(40)] * 2, rtol=1e-5)
    assert_close(got[:, 1:], np.zeros((2, 12)), atol=1e-4)


# --- windows ---------------------------------------------------------------------------------------------------------


def weights(function, size=12):
    """The weights of a window."""
    return NetEncoder("AudioSTFT", WindowSize=size, WindowFunction=function).weights()


def test_window_function_automatic_is_hann_by_its_formula():
    assert_close(weights(Automatic), 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(12) / 12))
    assert_close(weights("Hann"), weights(Automatic))
    assert_close(weights("HannWindow"), weights(Automatic))


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("HammingWindow", lambda t: 0.54 + 0.46 * np.cos(2 * np.pi * t)),
        ("BlackmanWindow", lambda t: 0.42 + 0.5 * np.cos(2 * np.pi * t) + 0.08 * np.cos(4 * np.pi * t)),
        ("BartlettWindow", lambda t: 1 - abs(2 * t)),
        ("DirichletWindow", lambda t: np.ones_like(t)),
        (
            "BlackmanHarrisWindow",
            lambda t: (
                0.35875
                + 0.48829 * np.cos(2 * np.pi * t)
                + 0.14128 * np.cos(4 * np.pi * t)
                + 0.01168 * np.cos(6 * np.pi * t)
            ),
        ),
        (
            "BlackmanNuttallWindow",
            lambda t: (
                0.3635819
                + 0.4891775 * np.cos(2 * np.pi * t)
                + 0.1365995 * np.cos(4 * np.pi * t)
                + 0.0106411 * np.cos(6 * np.pi * t)
            ),
        ),
        (
            "FlatTopWindow",
            lambda t: (
                0.21557895
                + 0.41663158 * np.cos(2 * np.pi * t)
                + 0.277263158 * np.cos(4 * np.pi * t)
                + 0.083578947 * np.cos(6 * np.pi * t)
                + 0.006947368 * np.cos(8 * np.pi * t)
            ),
        ),
        ("TukeyWindow", lambda t: np.where(abs(t) < 1 / 6, 1, 0.5 + 0.5 * np.cos(3 * np.pi * (abs(t) - 1 / 6)))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_window_function_by_name_is_its_formula(name, formula):
    t = np.arange(12) / 12 - 0.5
    assert_close(weights(name), formula(t), atol=1e-6)
    assert_close(weights(name.removesuffix("Window")), weights(name))


def test_window_function_of_the_users():
    assert_close(weights(lambda t: 1 - t**2), 1 - (np.arange(12) / 12 - 0.5) ** 2)
    assert_close(weights(lambda t: 2), np.full(12, 2.0))
    assert weights(None) is None
    assert weights(list(range(12))).tolist() == list(range(12))


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (
            "Han",
            "WindowFunction must be one of HannWindow, HammingWindow, BlackmanWindow, BlackmanHarrisWindow, "
            'BlackmanNuttallWindow, BartlettWindow, DirichletWindow, FlatTopWindow, TukeyWindow, got "Han"',
        ),
        ([1, 2, 3], "WindowFunction has 3 weights for windows of 12 samples"),
        (
            7,
            "WindowFunction must be Automatic, None, the name of a window, a function of -1/2 … 1/2, or a list of weights, "
            "got 7",
        ),
        (
            [[1], [1, 2]],
            "WindowFunction must be Automatic, None, the name of a window, a function of -1/2 … 1/2, or a list of weights, "
            "got [[1], [1, 2]]",
        ),
    ],
    ids=str,
)
def test_window_function_refuses(function, text):
    refused(f'NetEncoder("AudioSTFT"): {text}', NetEncoder, "AudioSTFT", WindowSize=12, WindowFunction=function)


def test_window_function_of_the_users_that_fails():
    hint = "\n  hint: it takes an array of places from -1/2 up to 1/2, and gives a weight for each"
    failing = NetEncoder("AudioSTFT", WindowFunction=lambda t: 1 / 0)
    refused(
        f'NetEncoder("AudioSTFT"): WindowFunction failed: ZeroDivisionError: division by zero{hint}', failing, [0.5]
    )
    endless = NetEncoder("AudioSTFT", WindowFunction=lambda t: t * math.inf)
    for given in (np.ones(3), "a", [[1], [1, 2]]):
        short = NetEncoder("AudioSTFT", WindowSize=12, WindowFunction=lambda t, given=given: given)
        with pytest.raises(NetError) as e:
            short([0.5])
        said = {3: "gave Array(3) for 12 places", 1: "gave Array(scalar) for 12 places"}
        fails = "failed: ValueError: setting an array element with a sequence. "
        assert str(e.value).startswith('NetEncoder("AudioSTFT"): WindowFunction ' + said.get(len(given), fails))
    with np.errstate(invalid="ignore"):
        refused(f'NetEncoder("AudioSTFT"): WindowFunction gave weights that are not finite{hint}', endless, [0.5])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"MaximumFrequency": 9000},
            "frequencies must go up from MinimumFrequency to MaximumFrequency, at most 8000 (half the SampleRate), "
            "not from 0 to 9000",
        ),
        (
            {"MinimumFrequency": 500, "MaximumFrequency": 400},
            "frequencies must go up from MinimumFrequency to MaximumFrequency, at most 8000 (half the SampleRate), "
            "not from 500 to 400",
        ),
        ({"MinimumFrequency": -1}, "MinimumFrequency must be Automatic, or a number of hertz, 0 or more, got -1"),
        ({"NumberOfFilters": 0}, "NumberOfFilters must be a positive whole number, got 0"),
        ({"NumberOfCoefficients": 41}, "NumberOfCoefficients must be at most NumberOfFilters, 40, not 41"),
        (
            {"WindowSize": 0},
            "WindowSize must be Automatic, a positive whole number of samples, or a time such as "
            'Quantity(0.5, "Seconds"), got 0',
        ),
        (
            {"Offset": Quantity(-1, "Seconds")},
            "Offset must be Automatic, a positive whole number of samples, or a time such as "
            'Quantity(0.5, "Seconds"), got Quantity(-1, "Seconds")',
        ),
    ],
    ids=str,
)
def test_spectra_refuse_settings(options, text):
    refused(f'NetEncoder("AudioMFCC"): {text}', NetEncoder, "AudioMFCC", **options)


# --- encoded data, nets ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Audio", "AudioSTFT", "AudioSpectrogram", "AudioMelSpectrogram", "AudioMFCC"])
def test_encoded_data_pass_through(kind):
    encoder = NetEncoder(kind, WindowSize=59) if kind != "Audio" else NetEncoder(kind, Normalization="Max")
    once = encoder(sound(613))
    assert_close(encoder(once), once)
    assert_close(encoder(np.stack([once, once])), np.stack([once, once]))
    several = encoder([sound(613), sound(101)])
    assert all(np.array_equal(a, b) for a, b in zip(encoder(several), several, strict=True))


def test_audio_mfcc_and_a_recurrent_layer_learn_tones():
    random = np.random.default_rng(3)

    def tone(frequency):
        time = np.arange(random.integers(2000, 3000)) / 16000
        return np.sin(2 * np.pi * frequency * time + 6 * random.random()) + 0.1 * random.normal(size=len(time))

    sounds = [tone(frequency) for frequency in (440, 1320) for _ in range(12)]
    labels = ["low"] * 12 + ["high"] * 12
    net = NetChain(
        [GatedRecurrentLayer(5), SequenceLastLayer(), LinearLayer(2), SoftmaxLayer()],
        Input=NetEncoder("AudioMFCC", Normalization="Max", WindowSize=1024),
        Output=NetDecoder("Class", ["low", "high"]),
    )
    trained = NetTrain(
        net, (sounds, labels), MaxTrainingRounds=25, LearningRate=0.03, RandomSeeding=1, TrainingProgressReporting=None
    )
    fresh = [tone(frequency) for frequency in (430, 450, 1300, 1350)]
    assert trained(fresh) == ["low", "low", "high", "high"]
    assert trained((8000, fresh[3][::2])) == "high"


# --- without SciPy ---------------------------------------------------------------------------------------------------


@pytest.fixture
def no_scipy(monkeypatch):
    """As if SciPy were not installed."""
    monkeypatch.delitem(sys.modules, "wlnet.coders.sounds", raising=False)
    for name in [each for each in sys.modules if each == "scipy" or each.startswith("scipy.")]:
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize("what", ["file", "rate", "window"])
def test_what_needs_scipy_says_so(no_scipy, what):
    acts = {
        "file": lambda: NetEncoder("Audio")("x.wav"),
        "rate": lambda: NetEncoder("Audio")((8000, [0.5, 0.25])),
        "window": lambda: NetEncoder("AudioMFCC")([0.5, 0.25]),
    }
    text = "WAV files, other sample rates and windows need the package scipy\n  hint: pip install wlnet[audio]"
    refused(text, acts[what])


def test_samples_at_their_rate_need_no_scipy(no_scipy):
    assert NetEncoder("AudioMFCC", WindowFunction=None)(sound(613)).shape == (2, 13)


def test_importing_wlnet_imports_no_scipy():
    code = "import sys, wlnet; sys.exit('scipy' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
