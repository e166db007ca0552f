"""Reads HDF5 of the kind that Wolfram writes: superblock 0, groups in B-trees, datasets in one piece, strings.

The HDF5 library runs forever on some damaged files, so files that come from anywhere are not read by it. Every address
and count is held against the size of the file here, and nothing is followed twice.
"""

import math
import struct
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from wlnet.core.errors import NetError

SIGNATURE = b"\x89HDF\r\n\x1a\n"
UNDEFINED = 2**64 - 1
"""The address of what is not there."""

MOST = 1_000_000
"""The most members of a group, and the most messages of an object."""

DATASPACE, LINKS, DATATYPE, LINK, EXTERNAL, LAYOUT, FILTERS = 0x01, 0x02, 0x03, 0x06, 0x07, 0x08, 0x0B
CONTINUES, TABLE = 0x10, 0x11
"""The messages that are read, of those that the header of an object holds."""


def damaged(what: str, hint: str | None = None) -> NetError:
    """A file is damaged, or of a kind that is not read."""
    return NetError(f"it is no HDF5 of a net, or damaged: {what}", hint=hint)


class Content:
    """The bytes of a file, by address."""

    def __init__(self, content: bytes):
        self.content = content
        if not content.startswith(SIGNATURE):
            raise damaged("it does not begin as HDF5 does")
        version, sizes = self.take(8, 1)[0], tuple(self.take(13, 2))
        if version > 1 or sizes != (8, 8):
            hint = "Wolfram writes superblock 0; in Wolfram Language, Import the file and Export it as WLNet"
            raise damaged(f"it is of superblock {version}", hint)
        self.root = Member(self, self.number(64 + 4 * version))

    def take(self, at: int, count: int) -> bytes:
        """So many bytes from an address on."""
        if at < 0 or count < 0 or at + count > len(self.content):
            raise damaged("an address is beyond its end")
        return self.content[at : at + count]

    def number(self, at: int, size: int = 8) -> int:
        """A number of so many bytes."""
        return int.from_bytes(self.take(at, size), "little")

    def text(self, at: int) -> str:
        """A text that ends with a zero byte."""
        end = self.content.find(b"\0", at, at + 4096)
        if not 0 <= at <= len(self.content) or end < 0:
            raise damaged("a name has no end")
        return self.content[at:end].decode("utf-8", "replace")


class Member:
    """A group or a dataset."""

    def __init__(self, file: Content, at: int):
        self.file, self.at = file, at

    @cached_property
    def messages(self) -> dict[int, list[int]]:
        """Where the messages of each kind begin, by kind."""
        newer = self.file.take(self.at, 4) == b"OHDR"
        if not newer and self.file.number(self.at, 1) != 1:
            raise damaged("the header of an object is of an unknown version")
        first, gap = self.newer_block() if newer else ((self.at + 16, self.file.number(self.at + 8, 4)), 8)
        blocks, found = [first], dict[int, list[int]]()
        seen: set[int] = set()
        while blocks:
            at, left = blocks.pop(0)
            if at in seen or len(seen) > MOST:
                raise damaged("the header of an object goes round in a circle")
            seen.add(at)
            while left >= gap:
                kind = self.file.number(at, 1 if newer else 2)
                length = self.file.number(at + (1 if newer else 2), 2)
                if kind == CONTINUES:  # a newer block stands between four letters and a checksum
                    start, size = self.file.number(at + gap), self.file.number(at + gap + 8)
                    blocks.append((start + 4, size - 8) if newer else (start, size))
                found.setdefault(kind, []).append(at + gap)
                at, left = at + gap + length, left - gap - length
        return found

    def newer_block(self) -> tuple[tuple[int, int], int]:
        """Where the messages of a newer header begin and how long they are, and the bytes before each message."""
        flags = self.file.number(self.at + 5, 1)
        start = self.at + 6 + 16 * bool(flags & 32) + 4 * bool(flags & 16)
        width = 1 << (flags & 3)
        return (start + width, self.file.number(start, width)), 6 if flags & 4 else 4

    # --- groups -------------------------------------------------------------------------------------------------------

    @cached_property
    def members(self) -> dict[str, "Member"]:
        """The members of a group by name; none of what is no group."""
        if TABLE not in self.messages:
            return self.linked()
        tree, heap = (self.file.number(self.messages[TABLE][0] + k) for k in (0, 8))
        if self.file.take(heap, 4) != b"HEAP":
            raise damaged("the names of a group are not there")
        names = self.file.number(heap + 24)
        found: dict[str, Member] = {}
        for node in self.leaves(tree):
            count = self.file.number(node + 6, 2)
            for entry in range(node + 8, node + 8 + 40 * count, 40):
                name, at = self.file.number(entry), self.file.number(entry + 8)
                if self.file.number(entry + 16, 4) != 2:  # 2 is a link to elsewhere, which is not followed
                    found[self.file.text(names + name)] = Member(self.file, at)
            if len(found) > MOST:
                raise damaged("a group has too many members")
        return found

    def linked(self) -> dict[str, "Member"]:
        """The members of a group of later versions of HDF5: in the header, or, where there are many, in a heap."""
        places = self.messages.get(LINK, [])
        found = dict(link for at in places for link in [self.link(at)[:2]] if link[1] is not None)
        if LINKS in self.messages:
            at = self.messages[LINKS][0]
            heap = self.file.number(at + (10 if self.file.number(at + 1, 1) & 1 else 2))
            if heap != UNDEFINED:
                found |= self.heaped(heap)
        return found  # type: ignore[return-value]

    def link(self, at: int) -> tuple[str, "Member | None", int]:
        """A name, what has it (None: it is elsewhere, and is not followed), and where the link ends."""
        flags = self.file.number(at + 1, 1)
        kind = self.file.number(at + 2, 1) if flags & 8 else 0
        start, width = at + 2 + bool(flags & 8) + 8 * bool(flags & 4) + bool(flags & 16), 1 << (flags & 3)
        end = start + width + self.file.number(start, width)
        name = self.file.take(start + width, end - start - width).decode("utf-8", "replace")
        if kind:
            return name, None, end + 2 + self.file.number(end, 2)
        return name, Member(self.file, self.file.number(end)), end + 8

    def heaped(self, heap: int) -> dict[str, "Member"]:
        """The members of a group whose links lie one after another in the blocks of a heap."""
        if self.file.take(heap, 4) != b"FRHP" or self.file.number(heap + 7, 2):
            raise damaged("the heap of a group is not there")
        bits, count = self.file.number(heap + 128, 2), self.file.number(heap + 70)
        skipped = 13 + -(-bits // 8)
        first = skipped + 4 * bool(self.file.number(heap + 9, 1) & 2)
        found: dict[str, Member] = {}
        number = 0
        for block, size in self.blocks(heap, skipped):
            if self.file.take(block, 4) != b"FHDB":
                raise damaged("a block of a heap is not there")
            at = block + first
            while number < count and at < block + size and self.file.number(at, 1) == 1:
                name, member, at = self.link(at)
                number += 1
                if member is not None:
                    found[name] = member
        if number != count:
            raise damaged("members of a group are not there")
        return found

    def blocks(self, heap: int, skipped: int) -> Iterator[tuple[int, int]]:
        """The blocks of a heap and their sizes: one, or a table of rows, whose sizes double from the second on."""
        width, size = self.file.number(heap + 110, 2), self.file.number(heap + 112)
        largest, root, rows = (
            self.file.number(heap + 120),
            self.file.number(heap + 132),
            self.file.number(heap + 140, 2),
        )
        if rows == 0:
            yield root, size
            return
        if self.file.take(root, 4) != b"FHIB" or rows > 64:
            raise damaged("the table of a heap is not there")
        for row in range(rows):
            if row > 1:
                size *= 2
            if size > largest:
                break
            for column in range(width):
                block = self.file.number(root + skipped + 8 * (row * width + column))
                if block != UNDEFINED:
                    yield block, size

    def leaves(self, tree: int) -> Iterator[int]:
        """The addresses of the tables of a group, of the B-tree at an address."""
        waiting, seen = [tree], set()
        while waiting:
            at = waiting.pop()
            if at in seen:
                raise damaged("a group goes round in a circle")
            seen.add(at)
            kind = self.file.take(at, 4)
            if kind == b"SNOD":
                yield at
            elif kind == b"TREE":
                count = self.file.number(at + 6, 2)
                waiting.extend(self.file.number(at + 32 + 16 * k) for k in range(count))
            else:
                raise damaged("a group has no table of its members")

    # --- datasets -----------------------------------------------------------------------------------------------------

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The sizes of a dataset."""
        at = self.message(DATASPACE)
        version, rank = self.file.take(at, 2)
        if version not in (1, 2) or rank > 32:
            raise damaged("the sizes of a dataset are of an unknown version")
        start = at + (8 if version == 1 else 4)
        return tuple(self.file.number(start + 8 * k) for k in range(rank))

    def message(self, kind: int) -> int:
        """Where the message of a kind is."""
        if kind not in self.messages:
            raise damaged("a member is no dataset")
        return self.messages[kind][0]

    @cached_property
    def kind(self) -> tuple[int, int, int]:
        """The class of the numbers of a dataset, its bits, and the bytes of each."""
        at = self.message(DATATYPE)
        return self.file.number(at, 1) & 15, self.file.number(at + 1, 3), self.file.number(at + 4, 4)

    def data(self) -> bytes:
        """The bytes of a dataset."""
        if FILTERS in self.messages or EXTERNAL in self.messages:
            raise damaged("a dataset is compressed, or elsewhere", "h5repack -l CONTI -f NONE rewrites it")
        at, count = self.message(LAYOUT), math.prod(self.shape) * self.kind[2]
        version, layout = self.file.number(at, 1), self.file.number(at + 1, 1)
        if version < 3:
            layout, place = self.file.number(at + 2, 1), self.file.number(at + 8)
        else:
            place = at + 4 if layout == 0 else self.file.number(at + 2)
        if layout != 1 and (layout != 0 or version < 3):
            raise damaged("a dataset is in pieces", "h5repack -l CONTI -f NONE rewrites it")
        return self.file.take(place, count)

    def array(self) -> np.ndarray:
        """The numbers of a dataset."""
        group, bits, size = self.kind
        letter = {0: "i" if bits & 8 else "u", 1: "f"}.get(group)
        sizes = (1, 2, 4, 8) if group == 0 else (2, 4, 8)
        if letter is None or size not in sizes or math.prod(max(each, 1) for each in self.shape) > 2**48:
            raise damaged("an array is of a type that is not read")
        return np.frombuffer(self.data(), f"{'>' if bits & 1 else '<'}{letter}{size}").reshape(self.shape)

    def string(self) -> str:
        """The one string of a dataset, of fixed length or not."""
        group, bits, size = self.kind
        if math.prod(self.shape) != 1 or group not in (3, 9) or (group == 9 and (bits & 15, size) != (1, 16)):
            raise damaged("a member is no string")
        data = self.data()
        return (data if group == 3 else self.kept(data)).split(b"\0", 1)[0].decode("utf-8", "replace")

    def kept(self, data: bytes) -> bytes:
        """A string of any length, which lies in a heap."""
        length, heap, number = struct.unpack("<IQI", data)
        if self.file.take(heap, 4) != b"GCOL":
            raise damaged("a string is not there")
        at, end = heap + 16, heap + self.file.number(heap + 8)
        while at + 16 <= end:
            index, size = self.file.number(at, 2), self.file.number(at + 8)
            if index == number:
                return self.file.take(at + 16, min(length, size))
            if index == 0:
                break
            at += 16 + -(-size // 8) * 8
        raise damaged("a string is not there")


def members_of(content: bytes) -> Any:
    """The root group of the bytes of a file."""
    return Content(content).root


__all__ = ["Member", "members_of"]
