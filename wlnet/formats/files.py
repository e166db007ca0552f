"""Import and Export: the formats of files by one table, and how a file is told to be of one.

A row of FORMATS names two modules, imported when a file of the format is read or written. The one that reads has

    elements(path: Path, *, <options>) -> dict[str, Callable[[], Any]]

which gives what there is in a file, by name, the default first (`elements.net_elements` makes those of a net). The one
that writes has

    write(path: Path, net: Layer, *, <options>) -> Any

Both raise NetError and nothing else. Their keyword-only parameters are options of Import and Export.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A format of files: its name as Wolfram says it, its extensions, how it begins, and the modules that know it."""

    name: str
    extensions: tuple[str, ...]  # in lower case; Export by extension takes the first format that has it
    recognises: Callable[[bytes, int], bool]  # from the first HEAD bytes of a file and its size; never by chance
    reads: str | None  # the module whose `elements` reads it
    writes: str | None  # the module whose `write` writes it
    holds: str  # what it can hold and what not, for docs/formats.md
    extra: str = ""  # the extra of wlnet that these modules need
    exact: bool = True  # a net comes back equal; else one that gives the same values


HEAD = 4096
"""The bytes at the start of a file that tell its format."""


def is_onnx(start: bytes, size: int) -> bool:
    """A protobuf message that begins with ONNX's version and then has only fields of a model, as far as it goes."""
    at, fields = 0, 0
    while at < len(start):
        tag = start[at]
        wire = MODEL_FIELDS.get(tag >> 3) if tag < 0x80 else None
        if wire is None or tag & 7 != wire or (at == 0 and (tag != 0x08 or not 1 <= start[1:2][0] <= 64)):
            return fields > 1 and tag >= 0x80
        number, at = varint(start, at + 1)
        fields += 1
        at += number if wire == 2 else 0
        if at > size:
            return False
    return fields > 1


MODEL_FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2}
"""The fields of an ONNX model, and how each is written: 0 a number, 2 so many bytes."""


def varint(start: bytes, at: int) -> tuple[int, int]:
    """A number as protobuf writes it, seven bits a byte, and the place behind it."""
    found = 0
    for shift in range(0, 70, 7):
        byte = start[at : at + 1]
        if not byte:
            return found, at
        found |= (byte[0] & 127) << shift
        at += 1
        if byte[0] < 128:
            break
    return found, at


def is_hdf5(start: bytes, size: int) -> bool:
    """The signature of HDF5, in which Wolfram keeps nets."""
    return start.startswith(b"\x89HDF\r\n\x1a\n")


def is_wxf(start: bytes, size: int) -> bool:
    """The header of WXF, and the call of a symbol, as a net is one; with zlib only that it is so."""
    packed = start.startswith((b"8C:x\x9c", b"8C:x\xda", b"8C:x\x01"))
    return packed or (start.startswith(b"8:f") and start[4:5] == b"s")


SOURCE = re.compile(
    rb"\s*(?:\(\*(?:[^*]|\*(?!\)))*\*\)\s*)*(?:[A-Za-z]\w*\s*=\s*)?(?:NetChain|NetGraph|NetInitialize|\w+Layer)\["
)
NOTEBOOK = re.compile(rb"\s*(?:\(\*(?:[^*]|\*(?!\)))*\*\)\s*)*Notebook\[")
"""How source text with a net begins, and a notebook, after comments."""


def is_source(start: bytes, size: int) -> bool:
    """Source text whose first statement makes a net, or a package as Wolfram's editor marks it."""
    return start.startswith((b"(* ::Package", b"(* ::Input")) or SOURCE.match(start) is not None


def is_notebook(start: bytes, size: int) -> bool:
    """The expression of a notebook, or the comment that Wolfram writes before it."""
    return start.startswith(b"(* Content-type: application/vnd.wolfram") or NOTEBOOK.match(start) is not None


def is_safetensors(start: bytes, size: int) -> bool:
    """Eight bytes that say how long the header is, then the header, which is JSON."""
    return size >= 10 and start[8:9] == b"{" and 2 <= int.from_bytes(start[:8], "little") <= size - 8


FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format(
            "SafeTensors",
            (".safetensors",),
            is_safetensors,
            reads="wlnet.formats.tensors",
            writes="wlnet.formats.tensors",
            holds="every net with its coders, and the state of a training; not Python functions that were not recorded",
        ),
        Format(
            "WLNet",
            (".wlnet",),
            is_hdf5,
            reads="wlnet.formats.wolfram.wlnet_files",
            writes="wlnet.formats.wolfram.hdf5",
            holds="every net with its coders, as Wolfram's Export writes them; not Python functions that were not "
            "recorded",
            extra="wolfram",
        ),
        Format(
            "WXF",
            (".wxf",),
            is_wxf,
            reads="wlnet.formats.wolfram.wxf",
            writes="wlnet.formats.wolfram.wxf",
            holds="what WLNet holds, as one expression in Wolfram's association form",
            extra="wolfram",
        ),
        Format(
            "Package",
            (".wl", ".m", ".wls"),
            is_source,
            reads="wlnet.formats.wolfram.source",
            writes="wlnet.formats.wolfram.source",
            holds="every net that Wolfram has layers for, with its arrays and coders, as source text: NetChain[{…}]; "
            "nets by name and functions that make nets where a text defines several; not Python functions that were "
            "not recorded",
        ),
        Format(
            "NB",
            (".nb",),
            is_notebook,
            reads="wlnet.formats.wolfram.source",
            writes=None,
            holds="what the input cells of a notebook define, as in a Package",
        ),
        Format(
            "ONNX",
            (".onnx",),
            is_onnx,
            reads="wlnet.formats.onnx.reading.model",
            writes="wlnet.formats.onnx.writing.model",
            holds="what every net computes in evaluation, without coders and Python functions; of other graphs the "
            "operators that are layers or small graphs of layers, no branches, loops and quantized numbers",
            extra="onnx",
            exact=False,
        ),
    )
}
"""Every format, by the name that Import and Export take."""
