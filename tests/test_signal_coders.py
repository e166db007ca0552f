"""Coders of sounds, volumes, videos and features as values and as ports."""

import copy
import pickle

import numpy as np
import pytest

from tests.examples import example
from wlnet import (
    All,
    FeatureExtraction,
    FeatureExtractorFunction,  # noqa: F401 - printed text is evaluated
    Inherited,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetExtract,
    NetReplacePart,
    Quantity,
    UniformDistribution,
)
from wlnet.core.symbols import Automatic


def squared(x):
    return [x, x * x]


def bell(t):
    return np.exp(-8 * t * t)


CODERS = [
    NetEncoder("Audio"),
    NetEncoder("Audio", Normalization=("RMS", 0.1), SampleRate=8000, TargetLength=Quantity(1, "Seconds")),
    NetEncoder("Audio", Augmentation={"Volume": (0.5, 2), "TimeShift": UniformDistribution(-0.1, 0.1)}),
    NetEncoder("AudioSTFT", WindowSize=64, Offset=Quantity(2, "Milliseconds"), WindowFunction="Hamming"),
    NetEncoder("AudioSpectrogram", WindowFunction=bell, TargetLength=7),
    NetEncoder("AudioMelSpectrogram", NumberOfFilters=20, MinimumFrequency=100, MaximumFrequency=4000),
    NetEncoder("AudioMFCC", NumberOfCoefficients=20, WindowFunction=None, TargetLength=7, Dimensions=2),
    NetEncoder("Image3D"),
    NetEncoder("Image3D", (3, 5, 7), ColorSpace="Grayscale", Interleaving=True, Alignment=("Left", "Front", "Top")),
    NetEncoder("VideoFrames"),
    NetEncoder("VideoFrames", RasterSize=7, FrameRate=Inherited, TargetLength=5, Levels=["Time", "Height", "Width", "Channels"]),
    NetEncoder("FeatureExtractor"),
    NetEncoder("FeatureExtractor", "TFIDF", Dimensions=3),
    NetEncoder("FeatureExtractor", squared),
    NetEncoder("FeatureExtractor", FeatureExtraction(["red", "green"])),
    NetDecoder("Image3D"),
    NetDecoder("Image3D", "Grayscale", InputDepth=5, Interleaving=True, MeanImage=0.5),
]  # fmt: skip

WITH_ARRAYS = [
    NetEncoder("AudioSTFT", WindowSize=5, WindowFunction=[1, 2, 3, 2, 1]),
    NetEncoder("Audio", Augmentation={"Convolution": [np.ones(3), np.zeros(2)]}),
    NetEncoder("Image3D", (3, 5, 7), MeanImage=example(5, 7, 3, low=0, high=1)),
    NetEncoder("FeatureExtractor", FeatureExtraction([(1.0, "one cat"), (2.0, "dog")])),
]


@pytest.mark.parametrize("coder", CODERS, ids=repr)
def test_a_coder_prints_as_the_code_that_makes_it(coder):
    assert eval(repr(coder)) == coder and hash(eval(repr(coder))) == hash(coder)


@pytest.mark.parametrize("coder", CODERS + WITH_ARRAYS, ids=repr)
def test_a_coder_is_a_value(coder):
    back = pickle.loads(pickle.dumps(coder))
    assert back == coder and back is not coder and hash(back) == hash(coder) and type(back) is type(coder)
    assert copy.copy(coder) is coder and copy.deepcopy(coder) is coder and coder.changed() == coder


def test_no_two_coders_are_equal():
    every = CODERS + WITH_ARRAYS
    assert len(set(every)) == len(every) == sum(a == b for a in every for b in every)


def test_arrays_of_a_coder_are_read_only_and_count_in_equality():
    window = WITH_ARRAYS[0]["WindowFunction"]
    assert not window.flags.writeable
    assert WITH_ARRAYS[0] != NetEncoder("AudioSTFT", WindowSize=5, WindowFunction=[1, 2, 3, 2, 2])
    assert not WITH_ARRAYS[1]["Augmentation"]["Convolution"][0][1].flags.writeable
    given = np.array([1.0, 2, 3, 2, 1])
    encoder = NetEncoder("AudioSTFT", WindowSize=5, WindowFunction=given)
    given[0] = 7
    assert encoder == WITH_ARRAYS[0]


@pytest.mark.parametrize("coder", CODERS + WITH_ARRAYS, ids=repr)
def test_parameters_are_extracted_and_replaced(coder):
    fields = coder.fields()
    for name, value in fields.items():
        assert NetExtract(coder, name) is value
        assert NetReplacePart(coder, {name: value}) == coder
    for name, value in {"SampleRate": 44100, "ColorSpace": "Grayscale", "Dimensions": ()}.items():
        if name in fields and name != "Dimensions" and fields.get("MeanImage") is None:
            assert NetReplacePart(coder, {name: value})[name] == value
    assert NetReplacePart(CODERS[0], {"TargetLength": 5, "SampleRate": 8000}) == NetEncoder(
        "Audio", TargetLength=5, SampleRate=8000
    )


@pytest.mark.parametrize(
    "kind",
    ["Audio", "AudioSTFT", "AudioSpectrogram", "AudioMelSpectrogram", "AudioMFCC", "Image3D", "VideoFrames", "FeatureExtractor"],
)  # fmt: skip
def test_a_bare_name_makes_the_encoder_of_a_port(kind):
    assert NetChain(["Ramp"], Input=kind)["Input"] == NetEncoder(kind) == NetEncoder((kind,))


def test_the_tuple_form_and_entries_of_a_dict():
    spelled = NetEncoder("AudioMFCC", SampleRate=8000, TargetLength=7)
    assert NetEncoder(("AudioMFCC", {"SampleRate": 8000, "TargetLength": 7})) == spelled
    assert NetEncoder(("Image3D", (3, 5, 7), {"Method": "Fit"})) == NetEncoder("Image3D", (3, 5, 7), Method="Fit")
    assert NetEncoder(("FeatureExtractor", "TFIDF")) == NetEncoder("FeatureExtractor", "TFIDF")


def test_defaults_are_those_of_the_reference():
    general = {"Augmentation": None, "Normalization": None, "SampleRate": 16000, "TargetLength": All, "Dimensions": ()}
    parting = {"WindowSize": Automatic, "Offset": Automatic, "WindowFunction": Automatic}
    mel = {"MaximumFrequency": Automatic, "MinimumFrequency": Automatic, "NumberOfFilters": 40}
    assert NetEncoder("Audio").fields() == general
    assert NetEncoder("AudioSTFT").fields() == NetEncoder("AudioSpectrogram").fields() == general | parting
    assert NetEncoder("AudioMelSpectrogram").fields() == general | parting | mel
    assert NetEncoder("AudioMFCC").fields() == general | parting | mel | {"NumberOfCoefficients": 13}
    assert NetEncoder("VideoFrames").fields() == {
        "ColorSpace": "RGB", "FrameRate": 24, "Levels": Automatic, "MeanImage": None, "RasterSize": (128, 128),
        "StartTime": 0, "TargetLength": Automatic, "VarianceImage": None, "Method": "Stretch", "Resampling": Automatic,
        "Alignment": "Center", "Padding": "Black", "Dimensions": (),
    }  # fmt: skip
