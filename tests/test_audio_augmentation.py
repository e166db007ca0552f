"""Augmentation of sounds: each change by its definition, when it takes place, and that a seed repeats it."""

import math

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    LinearLayer,
    NetChain,
    NetEncoder,
    NetError,
    NetTrain,
    NormalDistribution,
    Quantity,
    Scaled,
    UniformDistribution,
)

signal = pytest.importorskip("scipy.signal")
wavfile = pytest.importorskip("scipy.io.wavfile")


def sound(size, seed=0):
    return example(size, seed=seed, low=-1, high=1).astype(float)


def changed(changes, x, seed=1, **options):
    """The samples of a sound, changed at random."""
    encoder = NetEncoder("Audio", Augmentation=changes, **options)
    return encoder(x, NetEvaluationMode="Train", RandomSeeding=seed)[:, 0]


def test_augmentation_none_is_the_default_and_changes_nothing():
    x = sound(101)
    assert NetEncoder("Audio")["Augmentation"] is None and not NetEncoder("Audio").varies
    assert_close(changed(None, x), x)
    assert NetEncoder("Audio", Augmentation={}) == NetEncoder("Audio")


def test_augmentation_is_for_training_and_not_for_evaluation():
    x = sound(101)
    encoder = NetEncoder("Audio", Augmentation={"Volume": 0.5})
    assert_close(encoder(x)[:, 0], x)
    assert_close(encoder(x, NetEvaluationMode="Train")[:, 0], x / 2)


def test_volume_is_a_factor():
    x = sound(101)
    assert_close(changed({"Volume": 0.25}, x), x / 4)
    factors = [changed({"Volume": (2, 3)}, [1.0, 0.5], seed=seed)[0] for seed in range(200)]
    assert 2 <= min(factors) < 2.1 and 2.9 < max(factors) <= 3 and abs(np.mean(factors) - 2.5) < 0.1


def test_numeric_values_may_be_a_distribution():
    factors = [changed({"Volume": UniformDistribution(2, 3)}, [1.0, 0.5], seed=seed)[0] for seed in range(200)]
    assert 2 <= min(factors) < 2.1 and 2.9 < max(factors) <= 3
    shifts = [
        np.argmax(changed({"TimeShift": NormalDistribution(0, 0.001)}, np.eye(201)[100], seed=s)) for s in range(200)
    ]
    assert 10 < np.std(np.array(shifts)) < 22


@pytest.mark.parametrize("shift", [0, 3, -2, 7, -9])
def test_time_shift_brings_silence_in_and_loses_what_leaves(shift):
    x = sound(5)
    expected = [x[k - shift] if 0 <= k - shift < 5 else 0 for k in range(5)]
    assert_close(changed({"TimeShift": shift / 16000}, x), expected)
    assert_close(changed({"TimeShift": Quantity(shift / 16, "Milliseconds")}, x), expected)


def test_time_shift_within_a_target_length_uses_its_room():
    x = sound(5)
    assert_close(changed({"TimeShift": 3 / 16000}, x, TargetLength=11), [0, 0, 0, *x, 0, 0, 0])
    assert_close(changed({"TimeShift": -3 / 16000}, sound(11), TargetLength=5), sound(11)[3:8])


def test_noise_as_a_number_is_white_with_that_root_mean_square():
    got = changed({"Noise": 0.25}, np.zeros(20011))
    assert abs(got.mean()) < 0.01 and abs(got.std() - 0.25) < 0.01
    spectrum = abs(np.fft.rfft(got)[1:]) ** 2
    assert abs(spectrum[:5000].mean() / spectrum[5000:].mean() - 1) < 0.1


def test_noise_as_a_sound_adds_a_piece_of_it():
    x, noise = sound(11), sound(31, seed=1)
    starts = set()
    for seed in range(60):
        added = changed({"Noise": (16000, noise)}, x, seed=seed) - x
        starts.update(k for k in range(21) if np.allclose(added, noise[k : k + 11], atol=1e-5))
    assert len(starts) > 15
    assert_close(changed({"Noise": noise[:3]}, x) - x, np.resize(noise[:3], 11), atol=1e-5)


def test_convolution_is_with_an_impulse_response():
    x, impulse = sound(101), sound(7, seed=1)
    assert_close(changed({"Convolution": impulse}, x), np.convolve(x, impulse)[:101], atol=1e-5)
    found = {round(float(changed({"Convolution": [[1.0], [0.5]]}, [1.0, 0.0], seed=seed)[0]), 3) for seed in range(30)}
    assert found == {1.0, 0.5}


def test_recorded_sounds_come_from_files_and_at_the_sample_rate(tmp_path):
    impulse = sound(40, seed=1)
    wavfile.write(tmp_path / "room.wav", 8000, impulse)
    encoder = NetEncoder("Audio", Augmentation={"Convolution": tmp_path / "room.wav"})
    assert_close(encoder["Augmentation"]["Convolution"][1], signal.resample_poly(impulse, 2, 1), atol=1e-6)
    again = encoder.changed(SampleRate=8000)
    assert again["Augmentation"]["Convolution"][0] == 8000 and again["Augmentation"]["Convolution"][1].shape == (40,)


def test_changes_are_made_in_their_order_after_normalization():
    x = np.array([0.5, 0, 0])
    assert_close(changed({"Volume": 0.5, "Noise": [1, 1]}, x, Normalization="Max")[0], 0.5 + noise_of(1)[0], rtol=1e-4)
    assert_close(
        changed({"Noise": [1, 1], "Volume": 0.5}, x, Normalization="Max")[0], 0.5 * (1 + noise_of(0)[0]), rtol=1e-4
    )


def noise_of(before):
    """The noise that seed 1 gives three samples, a uniform number for its level drawn first."""
    random = np.random.default_rng(1)
    random.uniform(1, 1)
    return random.standard_normal(3)


def warped(f, warp):
    """Jaitly & Hinton 2013, one frequency at a time: 4800 Hz is where it bends, 8000 Hz the highest."""
    bend = 4800 * min(warp, 1) / warp
    return f * warp if f <= bend else 8000 - (8000 - 4800 * min(warp, 1)) / (8000 - bend) * (8000 - f)


@pytest.mark.parametrize("warp", [0.8, 1.25])
@pytest.mark.parametrize("kind", ["AudioMelSpectrogram", "AudioMFCC"])
def test_vtlp_for_mel_and_mfcc_warps_the_filters(kind, warp):
    x = sound(1009)
    to_mel = lambda f: 2595 * math.log10(1 + f / 700)
    edges = [warped(700 * (10 ** (k * to_mel(8000) / 41 / 2595) - 1), warp) for k in range(42)]
    power = NetEncoder("AudioSpectrogram")(x).astype(float)
    rows = []
    for left, middle, right in zip(edges, edges[1:], edges[2:], strict=False):
        f = np.arange(257) * 16000 / 512
        rows.append(np.clip(np.minimum((f - left) / (middle - left), (right - f) / (right - middle)), 0, None))
    expected = power @ np.array(rows).T
    encoder = NetEncoder(kind, Augmentation={"VTLP": warp})
    got = encoder(x, NetEvaluationMode="Train")
    if kind == "AudioMFCC":
        from_scipy = pytest.importorskip("scipy.fft").dct
        expected = from_scipy(np.log(np.maximum(expected, 1e-10)), norm="ortho")[:, :13]
    assert_close(got, expected, rtol=1e-3, atol=1e-3)
    assert not np.allclose(got, encoder(x), atol=1e-2)


@pytest.mark.parametrize(
    ("kind", "changes", "text"),
    [
        (
            "Audio",
            {"VTLP": 1.1},
            '"VTLP" is not a change of Augmentation here\n  hint: there are Convolution, Noise, TimeShift, Volume',
        ),
        ("AudioMFCC", {"Volum": 1}, '"Volum" is not a change of Augmentation here\n  hint: did you mean Volume?'),
        ("Audio", True, "Augmentation must be None or a dict of changes, got True"),
        ("Audio", {"Volume": -1}, "Augmentation: Volume must be a number, 0 or more, a pair (low, high) or a distribution, got -1"),
        ("Audio", {"Volume": (2, 1)}, "Augmentation: Volume must be a number, 0 or more, a pair (low, high) or a distribution, got (2, 1)"),
        ("Audio", {"TimeShift": "long"}, 'Augmentation: TimeShift must be a number, a pair (low, high) or a distribution of seconds, got "long"'),
        ("AudioMFCC", {"VTLP": 0}, "Augmentation: VTLP must be a number above 0, a pair (low, high) or a distribution, got 0"),
        ("AudioMFCC", {"VTLP": Quantity(1, "Seconds")}, 'Augmentation: VTLP must be a number above 0, a pair (low, high) or a distribution, got Quantity(1, "Seconds")'),
        ("Audio", {"Noise": None}, "Augmentation: Noise must be a number, 0 or more, a pair (low, high), a distribution, or a sound, got None"),
        ("Audio", {"Noise": "nowhere.wav"}, "a sound of Augmentation is no good: there is no file nowhere.wav"),
        ("Audio", {"Convolution": 1}, "a sound of Augmentation is no good: 1 is not a sound"),
        ("Audio", {"Convolution": []}, "a sound of Augmentation is no good: the sound is empty"),
    ],
    ids=str,
)  # fmt: skip
def test_augmentation_refuses(kind, changes, text):
    with pytest.raises(NetError) as e:
        NetEncoder(kind, Augmentation=changes)
    assert str(e.value) == f'NetEncoder("{kind}"): {text}'


def test_vtlp_must_draw_numbers_above_0():
    encoder = NetEncoder("AudioMFCC", Augmentation={"VTLP": NormalDistribution(-9, 1)})
    with pytest.raises(NetError) as e:
        encoder(sound(613), NetEvaluationMode="Train", RandomSeeding=1)
    assert str(e.value).startswith("Augmentation: VTLP must draw numbers above 0, but drew -")


def test_the_mode_of_an_encoder_is_test_or_train():
    with pytest.raises(NetError) as e:
        NetEncoder("Audio")([0.5], NetEvaluationMode="Training")
    assert str(e.value) == 'NetEncoder("Audio"): NetEvaluationMode must be "Test" or "Train", got "Training"'


# --- in nets ---------------------------------------------------------------------------------------------------------


def noisy_net():
    weights = np.array([[1.0, 0, 0, 0, 0]])
    encoder = NetEncoder("Audio", Augmentation={"Noise": 1}, TargetLength=5)
    return NetChain([LinearLayer(1, Weights=weights, Biases=[0])], Input=encoder)


def test_a_net_augments_with_net_evaluation_mode_train_and_random_seeding_repeats_it():
    net, x = noisy_net(), np.zeros((3, 5))
    assert not net(x).any()
    one, two = (net(x, NetEvaluationMode="Train", RandomSeeding=seed) for seed in (1, 2))
    assert len(set(one[:, 0].tolist())) == 3 and not np.allclose(one, two)
    assert np.array_equal(one, net(x, NetEvaluationMode="Train", RandomSeeding=1))


def test_net_train_augments_anew_in_each_round_and_random_seeding_repeats_it():
    """With a rate of 0 the loss of each round is that of its noise: the mean of squares of weights times noise."""
    options = {"LearningRate": 1e-12, "MaxTrainingRounds": 5, "TrainingProgressReporting": None, "Method": "SGD"}
    data = (np.zeros((101, 5)), np.zeros((101, 1)))
    losses = NetTrain(noisy_net(), data, "RoundLossList", RandomSeeding=1, **options)
    again = NetTrain(noisy_net(), data, "RoundLossList", RandomSeeding=1, **options)
    other = NetTrain(noisy_net(), data, "RoundLossList", RandomSeeding=2, **options)
    assert len(set(map(float, losses))) == 5 and 0.5 < np.mean(losses) < 1.5
    assert np.array_equal(losses, again) and not np.array_equal(losses, other)


def test_validation_is_not_augmented():
    options = {"LearningRate": 1e-12, "MaxTrainingRounds": 2, "TrainingProgressReporting": None, "RandomSeeding": 1}
    x = np.arange(37.0)[:, None] / 37 * np.ones(5)
    for validation in (Scaled(0.25), (x[:7], x[:7, :1])):
        results = NetTrain(
            noisy_net(), (x, x[:, :1]), ["RoundLossList", "ValidationLossList"], ValidationSet=validation, **options
        )
        rounds, losses = results
        assert min(rounds) > 0.1 and max(losses) < 1e-6


def test_training_rows_and_labels_stay_together():
    """The noise is small: a net that is right has no loss to speak of, though the rows are reserved and shuffled."""
    encoder = NetEncoder("Audio", Augmentation={"Noise": 1e-4}, TargetLength=5)
    net = NetChain([LinearLayer(1, Weights=[[1.0, 0, 0, 0, 0]], Biases=[0])], Input=encoder)
    x = np.arange(53.0)[:, None] / 53 * np.ones(5)
    losses = NetTrain(net, (x, x[:, :1]), "RoundLossList", ValidationSet=Scaled(0.25), BatchSize=7, LearningRate=1e-12,
                      MaxTrainingRounds=2, RandomSeeding=1, TrainingProgressReporting=None)  # fmt: skip
    assert max(losses) < 1e-6


def test_augmentation_of_ragged_sounds_keeps_their_lengths():
    encoder = NetEncoder("AudioMFCC", Augmentation={"TimeShift": (-0.01, 0.01), "VTLP": (0.9, 1.1)})
    sounds = [sound(1009), sound(2003)]
    assert [len(each) for each in encoder(sounds, NetEvaluationMode="Train")] == [len(each) for each in encoder(sounds)]


def test_an_augmentation_is_a_value():
    encoder = NetEncoder("Audio", Augmentation=[("Volume", (1, 2)), ("Noise", 0.5)])
    held = encoder["Augmentation"]
    assert dict(held) == {"Volume": (1, 2), "Noise": 0.5} and list(held) == ["Volume", "Noise"] and len(held) == 2
    assert repr(encoder) == 'NetEncoder("Audio", Augmentation={"Volume": (1, 2), "Noise": 0.5})'
    assert hash(held) == hash(NetEncoder("Audio", Augmentation=dict(held))["Augmentation"])
    assert held != NetEncoder("Audio", Augmentation={"Noise": 0.5, "Volume": (1, 2)})["Augmentation"]
    with pytest.raises(TypeError):
        held["Noise"] = 1
