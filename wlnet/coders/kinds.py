"""The table of kinds: a new encoder or decoder is a class in a file of its own, and a row here."""

from typing import Any

from wlnet.coders.boolean import BooleanDecoder, BooleanEncoder
from wlnet.coders.classes import ClassDecoder, ClassEncoder
from wlnet.coders.decoder import NetDecoder
from wlnet.coders.encoder import NetEncoder
from wlnet.coders.function import FunctionDecoder, FunctionEncoder
from wlnet.coders.image import ImageDecoder, ImageEncoder
from wlnet.core.ports import register_coders

ENCODERS = {
    "Boolean": BooleanEncoder,
    "Class": ClassEncoder,
    "Function": FunctionEncoder,
    "Image": ImageEncoder,
}

DECODERS = {
    "Boolean": BooleanDecoder,
    "Class": ClassDecoder,
    "Function": FunctionDecoder,
    "Image": ImageDecoder,
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
