"""Sounds as spectra: the Fourier transform of partitions, its power, mel filters, and cepstral coefficients."""

from typing import Any, ClassVar

import numpy as np

from wlnet.coders.audio import CHANGES, SoundEncoder
from wlnet.coders.audiofields import FrequencyField, WindowFunctionField, WindowLengthField, count_of
from wlnet.coders.filterbank import coefficients, mel_filters
from wlnet.coders.functionfields import Named, fault
from wlnet.coders.samples import Sound, fitted, sounds
from wlnet.core.errors import NetError
from wlnet.core.fields import Size
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic

AUTOMATIC_SECONDS = 0.025
"""WindowSize Automatic is the least power of two that lasts so long."""


class SpectralEncoder(SoundEncoder):
    """What the encoders of spectra share: partitions of `WindowSize` samples, one every `Offset` samples.

    Both are numbers of samples or times. WindowSize Automatic is the least power of two that lasts 25 milliseconds
    (512 samples at 16 kHz), Offset Automatic a third of it. Silence fills up the last partition, so that every sample
    is in one: n samples give 1 + Ceiling((n - WindowSize)/Offset) partitions. Each is multiplied by `WindowFunction`:
    the name of a window ("HammingWindow"), None, a list of WindowSize weights, or a function of an array of places from
    -1/2 up to 1/2; Automatic is "HannWindow". Windows by name need SciPy (pip install wlnet[audio]).
    """

    Offset: WindowLengthField = Automatic
    WindowFunction: WindowFunctionField = Automatic
    WindowSize: WindowLengthField = Automatic

    def check(self) -> None:
        super().check()
        if isinstance(self.WindowFunction, np.ndarray) and len(self.WindowFunction) != self.size:
            given = len(self.WindowFunction)
            raise ValueError(f"WindowFunction has {given} weights for windows of {self.size} samples")

    def shown(self, name: str) -> Any:
        value = self.__dict__[name]
        return Named(value) if callable(value) else value

    @property
    def size(self) -> int:
        """The number of samples of a window."""
        if self.WindowSize is not Automatic:
            return count_of(self.WindowSize, self.SampleRate)
        return 1 << (int(np.ceil(AUTOMATIC_SECONDS * self.SampleRate)) - 1).bit_length()

    @property
    def step(self) -> int:
        """The number of samples from one window to the next."""
        return max(1, round(self.size / 3)) if self.Offset is Automatic else count_of(self.Offset, self.SampleRate)

    def partitions(self, count: int) -> int:
        return 1 + max(0, -(-(count - self.size) // self.step))

    def needed(self, partitions: int) -> int:
        return self.size + (partitions - 1) * self.step

    def weights(self) -> np.ndarray | None:
        """The window, or None where each sample counts as it is."""
        given = self.WindowFunction
        if given is None or isinstance(given, np.ndarray):
            return given
        if not callable(given):
            return sounds().window("HannWindow" if given is Automatic else given, self.size)
        try:
            found = np.asarray(given(np.arange(self.size) / self.size - 0.5))
        except Exception as error:
            raise self.bad_window(f"failed: {fault(error)}") from error
        if found.shape not in ((), (self.size,)) or found.dtype.kind not in "fiu":
            raise self.bad_window(f"gave {brief(found)} for {self.size} places")
        if not np.isfinite(found).all():
            raise self.bad_window("gave weights that are not finite")
        return np.broadcast_to(found, (self.size,))

    def windows(self, sound: Sound) -> np.ndarray:
        """The partitions of a sound, times the window: n × WindowSize."""
        count = self.partitions(len(sound.samples))
        whole = fitted(sound.samples, self.needed(count))
        parts = np.lib.stride_tricks.sliding_window_view(whole, self.size)[:: self.step][:count]
        weights = self.weights()
        return parts if weights is None else parts * weights

    def power(self, sound: Sound) -> np.ndarray:
        """The squared magnitude of the Fourier transform at frequencies from 0 up to half the rate."""
        return np.abs(np.fft.rfft(self.windows(sound))) ** 2

    def bad_window(self, fault: str) -> NetError:
        """The error about a window function of the user's."""
        return NetError(
            f"{self.label}: WindowFunction {fault}",
            hint="it takes an array of places from -1/2 up to 1/2, and gives a weight for each",
        )


class AudioSTFTEncoder(SpectralEncoder):
    """The discrete Fourier transform of each partition: n × WindowSize × 2, real and imaginary part.

    >>> from wlnet.coders import NetEncoder
    >>> encoder = NetEncoder("AudioSTFT", WindowSize=4, Offset=4, WindowFunction=None)
    >>> encoder([1.0, 0, 0, 0, 0, 1, 0, 0]).tolist()[1]
    [[1.0, 0.0], [0.0, -1.0], [-1.0, 0.0], [0.0, 1.0]]

    Place k + 1 is Total(x[j] Exp(-2πi j k/WindowSize)) over j = 0 … WindowSize - 1.
    """

    kind: ClassVar[str] = "AudioSTFT"

    def row_shape(self) -> tuple:
        return (self.size, 2)

    def rows(self, sound: Sound) -> np.ndarray:
        found = np.fft.fft(self.windows(sound))
        return np.stack([found.real, found.imag], -1)


class AudioSpectrogramEncoder(SpectralEncoder):
    """The power of each partition by frequency: n × (Floor(WindowSize/2) + 1) squared magnitudes.

    >>> from wlnet.coders import NetEncoder
    >>> NetEncoder("AudioSpectrogram", WindowSize=4, Offset=4, WindowFunction=None)([1.0, 0, -1, 0]).tolist()
    [[0.0, 4.0, 0.0]]
    """

    kind: ClassVar[str] = "AudioSpectrogram"

    def row_shape(self) -> tuple:
        return (self.size // 2 + 1,)

    def rows(self, sound: Sound) -> np.ndarray:
        return self.power(sound)


class MelEncoder(SpectralEncoder):
    """What the encoders of mel spectra share: the filters. Augmentation may hold VTLP, which warps them."""

    allowed: ClassVar[tuple[str, ...]] = (*CHANGES, "VTLP")

    MaximumFrequency: FrequencyField = Automatic
    MinimumFrequency: FrequencyField = Automatic
    NumberOfFilters: Size = 40

    def check(self) -> None:
        super().check()
        low, high = self.frequencies
        if not low < high <= self.SampleRate / 2:
            raise ValueError(
                f"frequencies must go up from MinimumFrequency to MaximumFrequency, at most {self.SampleRate / 2:g} "
                f"(half the SampleRate), not from {low:g} to {high:g}"
            )

    @property
    def frequencies(self) -> tuple[float, float]:
        """The ends of the filters in hertz; Automatic is 0 and half the sample rate."""
        low, high = self.MinimumFrequency, self.MaximumFrequency
        return 0.0 if low is Automatic else low, self.SampleRate / 2 if high is Automatic else high

    def row_shape(self) -> tuple:
        return (self.NumberOfFilters,)

    def energies(self, sound: Sound) -> np.ndarray:
        """The power of each partition that each filter lets through: n × NumberOfFilters."""
        filters = mel_filters(self.NumberOfFilters, *self.frequencies, self.size, self.SampleRate, sound.warp)
        return self.power(sound) @ filters.T

    def rows(self, sound: Sound) -> np.ndarray:
        return self.energies(sound)


class AudioMelSpectrogramEncoder(MelEncoder):
    """The power of each partition through mel filters: n × NumberOfFilters.

    >>> from wlnet.coders import NetEncoder
    >>> NetEncoder("AudioMelSpectrogram", NumberOfFilters=5)(np.sin(np.arange(1600) / 3)).shape
    (8, 5)

    The filters are triangles of height 1, evenly spaced from MinimumFrequency (Automatic: 0) to MaximumFrequency
    (Automatic: half the SampleRate) on the scale mel = 2595·Log10(1 + hertz/700).
    """

    kind: ClassVar[str] = "AudioMelSpectrogram"


class AudioMFCCEncoder(MelEncoder):
    """Mel-frequency cepstral coefficients of each partition: n × NumberOfCoefficients.

    >>> from wlnet.coders import NetEncoder
    >>> NetEncoder("AudioMFCC", TargetLength=7)(np.sin(np.arange(1600) / 3)).shape
    (7, 13)

    The first NumberOfCoefficients numbers of the orthonormal cosine transform (DCT-II) of the natural logarithms of
    what AudioMelSpectrogram gives; energies below 1e-10 count as 1e-10.
    """

    kind: ClassVar[str] = "AudioMFCC"

    NumberOfCoefficients: Size = 13

    def check(self) -> None:
        super().check()
        if self.NumberOfCoefficients > self.NumberOfFilters:
            raise ValueError(
                f"NumberOfCoefficients must be at most NumberOfFilters, {self.NumberOfFilters}, not "
                f"{self.NumberOfCoefficients}"
            )

    def row_shape(self) -> tuple:
        return (self.NumberOfCoefficients,)

    def rows(self, sound: Sound) -> np.ndarray:
        return coefficients(self.energies(sound), self.NumberOfCoefficients)
