"""The table of kinds: a new encoder or decoder is a class in a file of its own, and a row here.

The class of kind "Class" is ClassEncoder or ClassDecoder. Its file is imported when the kind is first asked for: most
programs use one or two kinds, and `import wlnet` waits for none.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from wlnet.coders.decoder import NetDecoder
from wlnet.coders.encoder import NetEncoder
from wlnet.core.ports import register_coders


class Kinds(Mapping[str, type]):
    """The classes of a family, by kind."""

    def __init__(self, side: str, files: Mapping[str, str]):
        self.side, self.files = side, files

    def __getitem__(self, kind: str) -> type:
        found: type = getattr(import_module(f"wlnet.coders.{self.files[kind]}"), f"{kind}{self.side}")
        return found

    def __contains__(self, kind: object) -> bool:
        return kind in self.files

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


ENCODERS = Kinds(
    "Encoder",
    {
        "Audio": "audio",
        "AudioMelSpectrogram": "spectra",
        "AudioMFCC": "spectra",
        "AudioSpectrogram": "spectra",
        "AudioSTFT": "spectra",
        "Boolean": "boolean",
        "Characters": "characters",
        "Class": "classes",
        "FeatureExtractor": "features",
        "Function": "function",
        "Image": "image",
        "Image3D": "volumes",
        "Scalar": "scalar",
        "SubwordTokens": "subwords",
        "Tokens": "tokens",
        "UTF8": "utf8",
        "VideoFrames": "video",
    },
)

DECODERS = Kinds(
    "Decoder",
    {
        "Boolean": "boolean",
        "Characters": "characters",
        "Class": "classes",
        "CTCBeamSearch": "ctc",
        "Function": "function",
        "Image": "image",
        "Image3D": "volumes",
        "Scalar": "scalar",
        "SubwordTokens": "subwords",
        "Tokens": "tokens",
    },
)

NetEncoder.has_kinds(ENCODERS)
NetDecoder.has_kinds(DECODERS)


def coder_of_port(name: str, kind: str) -> Any:
    """The coder that a port type such as "Image" means: an encoder on an input, a decoder on an output.

    >>> coder_of_port("Boolean", "in"), coder_of_port("Boolean", "out"), coder_of_port("Colour", "in")
    (NetEncoder("Boolean"), NetDecoder("Boolean"), None)
    """
    table, make = (ENCODERS, NetEncoder) if kind == "in" else (DECODERS, NetDecoder)
    return make(name) if name in table else None


register_coders(coder_of_port)

__all__ = ["DECODERS", "ENCODERS", "NetDecoder", "NetEncoder"]
