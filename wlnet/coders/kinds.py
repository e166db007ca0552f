"""The table of kinds: a new encoder or decoder is a class in a file of its own, and a row here."""

from typing import Any

from wlnet.coders.audio import AudioEncoder
from wlnet.coders.boolean import BooleanDecoder, BooleanEncoder
from wlnet.coders.characters import CharactersDecoder, CharactersEncoder
from wlnet.coders.classes import ClassDecoder, ClassEncoder
from wlnet.coders.ctc import CTCBeamSearchDecoder
from wlnet.coders.decoder import NetDecoder
from wlnet.coders.encoder import NetEncoder
from wlnet.coders.features import FeatureExtractorEncoder
from wlnet.coders.function import FunctionDecoder, FunctionEncoder
from wlnet.coders.image import ImageDecoder, ImageEncoder
from wlnet.coders.scalar import ScalarDecoder, ScalarEncoder
from wlnet.coders.spectra import (
    AudioMelSpectrogramEncoder,
    AudioMFCCEncoder,
    AudioSpectrogramEncoder,
    AudioSTFTEncoder,
)
from wlnet.coders.subwords import SubwordTokensDecoder, SubwordTokensEncoder
from wlnet.coders.tokens import TokensDecoder, TokensEncoder
from wlnet.coders.utf8 import UTF8Encoder
from wlnet.coders.video import VideoFramesEncoder
from wlnet.coders.volumes import Image3DDecoder, Image3DEncoder
from wlnet.core.ports import register_coders

ENCODERS = {
    "Audio": AudioEncoder,
    "AudioMelSpectrogram": AudioMelSpectrogramEncoder,
    "AudioMFCC": AudioMFCCEncoder,
    "AudioSpectrogram": AudioSpectrogramEncoder,
    "AudioSTFT": AudioSTFTEncoder,
    "Boolean": BooleanEncoder,
    "Characters": CharactersEncoder,
    "Class": ClassEncoder,
    "FeatureExtractor": FeatureExtractorEncoder,
    "Function": FunctionEncoder,
    "Image": ImageEncoder,
    "Image3D": Image3DEncoder,
    "Scalar": ScalarEncoder,
    "SubwordTokens": SubwordTokensEncoder,
    "Tokens": TokensEncoder,
    "UTF8": UTF8Encoder,
    "VideoFrames": VideoFramesEncoder,
}

DECODERS = {
    "Boolean": BooleanDecoder,
    "Characters": CharactersDecoder,
    "Class": ClassDecoder,
    "CTCBeamSearch": CTCBeamSearchDecoder,
    "Function": FunctionDecoder,
    "Image": ImageDecoder,
    "Image3D": Image3DDecoder,
    "Scalar": ScalarDecoder,
    "SubwordTokens": SubwordTokensDecoder,
    "Tokens": TokensDecoder,
}

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
