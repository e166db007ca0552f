"""Import and Export: the formats of files by one table, and how a file is told to be of one.

A row of FORMATS names two modules, imported when a file of the format is read or written. The one that reads has

    elements(path: Path, *, <options>) -> dict[str, Callable[[], Any]]

which gives what there is in a file, by name, the default first (`elements.net_elements` makes those of a net). The one
that writes has

    write(path: Path, net: Layer, *, <options>) -> Any

Both raise NetError and nothing else. Their keyword-only parameters are options of Import and Export.
"""

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


def is_hdf5(start: bytes, size: int) -> bool:
    """The signature of HDF5, in which Wolfram keeps nets."""
    return start.startswith(b"\x89HDF\r\n\x1a\n")


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
            reads="wlnet.formats.wolfram.hdf5",
            writes="wlnet.formats.wolfram.hdf5",
            holds="every net with its coders, as Wolfram's Export writes them; not Python functions that were not recorded",
            extra="wolfram",
        ),
    )
}
"""Every format, by the name that Import and Export take."""
