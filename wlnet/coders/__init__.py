"""Encoders and decoders: what stands between a net's arrays and classes, truths, images and whatever else a user has.

A kind is one class for the encoder and one for the decoder, in a file of their own; `kinds.py` is the table of them.
"""

from wlnet.coders.kinds import NetDecoder, NetEncoder

__all__ = ["NetDecoder", "NetEncoder"]
