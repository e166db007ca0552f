"""Sounds as samples, and what all encoders of sounds share: rate, loudness, length, and changes at random."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from wlnet.coders.audiofields import LengthField, NormalizationField, RateField, count_of
from wlnet.coders.augmentation import augmentation
from wlnet.coders.decoder import generator
from wlnet.coders.encoder import NetEncoder, Refuse, is_list
from wlnet.coders.samples import Sound, fitted, has_channels, is_pair, loud, samples_of
from wlnet.core.errors import NetError
from wlnet.core.refuse import brief
from wlnet.core.symbols import All, Automatic

CHANGES = ("Convolution", "Noise", "TimeShift", "Volume")


class SoundEncoder(NetEncoder):
    """What the encoders of sounds share. A partition is one row of what they give.

    A sound is a WAV file (its path), a pair (rate, samples), or an array of samples at the SampleRate: one level, or
    samples × channels (at most 8 where no rate is given), whose mean is taken. Other arrays of two levels are lists of
    sounds. Whole numbers of the types of sound files (int16 …) go from -1 to 1.

    In this order a sound is brought to the `SampleRate`, scaled by `Normalization` ("Max", ("Max", v): the largest
    amplitude is v; ("RMS", v): the root mean square is v), lengthened with silence to `TargetLength` (a number of
    partitions, or a time), changed by `Augmentation`, cut to TargetLength. Augmentation takes place in training, where
    each round changes the sounds anew, and with NetEvaluationMode="Train"; the same RandomSeeding changes them alike.
    """

    allowed: ClassVar[tuple[str, ...]] = CHANGES
    reads_files: ClassVar[bool] = True

    Augmentation: Any = None
    Normalization: NormalizationField = None
    SampleRate: RateField = 16000
    TargetLength: LengthField = All

    def check(self) -> None:
        changes = augmentation(self.Augmentation, self.SampleRate, self.allowed, self.label)
        self.__dict__["Augmentation"] = changes  # recorded sounds are brought to the SampleRate once
        super().check()

    # --- what a kind says ---------------------------------------------------------------------------------------------

    def row_shape(self) -> tuple:
        """The shape of one partition."""
        return (1,)

    def partitions(self, count: int) -> int:
        """The number of partitions of so many samples."""
        return count

    def needed(self, partitions: int) -> int:
        """The number of samples that make so many partitions."""
        return partitions

    def rows(self, sound: Sound) -> np.ndarray:
        """The partitions of a sound."""
        return sound.samples[:, None]

    # --- sounds -------------------------------------------------------------------------------------------------------

    @property
    def target(self) -> int | None:
        """The number of samples that TargetLength says."""
        if self.TargetLength is All:
            return None
        if isinstance(self.TargetLength, int):
            return self.needed(self.TargetLength)
        return count_of(self.TargetLength, self.SampleRate)

    def item_shape(self) -> tuple:
        target = self.target
        return ("Varying" if target is None else self.partitions(target), *self.row_shape())

    def read(self, value: Any) -> Any:
        """Numbers in nested lists are an array, unless they say their rate."""
        if not isinstance(value, (list, tuple)) or is_pair(value) or any(map(is_pair, value[:1])):
            return value
        inner = value
        while isinstance(inner, (list, tuple)) and inner:
            inner = inner[0]
        try:
            return np.asarray(value) if isinstance(inner, (int, float, np.number)) else value
        except ValueError:
            return value

    def is_item(self, value: Any) -> bool:
        if is_pair(value) or not is_list(value):
            return True
        return isinstance(value, np.ndarray) and (value.ndim == 1 or self.is_encoded(value) or has_channels(value))

    def is_encoded(self, value: Any) -> bool:
        """Whether a value is an array of real numbers of the port's shape; samples are always taken for a sound."""
        if self.row_shape() == (1,) or not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            return False
        first, *rows = self.item_shape()
        return value.ndim == 1 + len(rows) and value.shape[1:] == tuple(rows) and first in ("Varying", len(value))

    def heard(self, item: Any, refuse: Callable[..., NetError]) -> Sound:
        """An item as a sound at the encoder's rate and loudness, no shorter than TargetLength."""
        samples = loud(samples_of(item, self.SampleRate, refuse), self.Normalization)
        return Sound(fitted(samples, max(len(samples), self.target or 1)))

    def encode_items(self, items: list, refuse: Refuse) -> list[np.ndarray]:
        return [self._row(item, lambda t, k=k, **f: refuse(k, t, **f)) for k, item in enumerate(items)]

    def _row(self, item: Any, refuse: Callable[..., NetError]) -> np.ndarray:
        if self.is_encoded(item):
            return np.asarray(item, dtype=np.float32)
        sound = item if isinstance(item, Sound) else self.heard(item, refuse)
        samples = sound.samples if self.target is None else fitted(sound.samples, self.target)
        return self.rows(Sound(samples, sound.warp)).astype(np.float32)

    # --- changes at random --------------------------------------------------------------------------------------------

    @property
    def varies(self) -> bool:
        return self.Augmentation is not None

    def varied(self, items: list, refuse: Refuse, random: np.random.Generator) -> list:
        if self.Augmentation is None:
            return items
        return [
            item
            if self.is_encoded(item)
            else self.Augmentation.of(
                self.heard(item, lambda t, k=k, **f: refuse(k, t, **f)), self.SampleRate, random
            )
            for k, item in enumerate(items)
        ]  # fmt: skip

    def __call__(self, value: Any, *, NetEvaluationMode: str = "Test", RandomSeeding: Any = Automatic) -> Any:
        """Encodes one sound, or each of a list; with NetEvaluationMode="Train" they are changed by Augmentation."""
        if NetEvaluationMode not in ("Test", "Train"):
            text = f'{self.label}: NetEvaluationMode must be "Test" or "Train", got {brief(NetEvaluationMode)}'
            raise NetError(text, got=NetEvaluationMode)
        random = generator(RandomSeeding) if NetEvaluationMode == "Train" else None
        return self.encode(value, not self.is_one(value), random=random)


class AudioEncoder(SoundEncoder):
    """The samples of a sound, n × 1.

    >>> from wlnet.coders import NetEncoder
    >>> NetEncoder("Audio", TargetLength=5, Normalization="Max")([0.25, -0.5, 0.125]).ravel().tolist()
    [0.5, -1.0, 0.25, 0.0, 0.0]

    What a sound may be, and what becomes of it, says SoundEncoder. WAV files and other rates than the SampleRate need
    SciPy (pip install wlnet[audio]).
    """

    kind: ClassVar[str] = "Audio"
