"""Texts as the bytes of UTF-8."""

from typing import Any, ClassVar

from wlnet.coders.encoder import Refuse
from wlnet.coders.sequences import FormField, SequenceEncoder
from wlnet.core.errors import NetError
from wlnet.core.refuse import brief

HIGHEST = 248
"""The highest code, of a byte of 247: beyond what UTF-8 begins a character with, whatever its length."""


class UTF8Encoder(SequenceEncoder):
    """Each byte of a text in UTF-8, plus 1: codes from 1 to 248, or vectors of size 248 with form "UnitVector".

    >>> from wlnet.coders import NetEncoder
    >>> NetEncoder("UTF8")("aé").tolist()
    [98, 196, 170]

    An item is a text, or `bytes` of UTF-8.
    """

    kind: ClassVar[str] = "UTF8"
    items_are: ClassVar[str] = "a text or bytes"

    form: FormField = "Index"

    @property
    def count(self) -> int:
        return HIGHEST

    def is_text(self, value: Any) -> bool:
        return isinstance(value, (str, bytes))

    def codes_of(self, item: str | bytes, place: int, refuse: Refuse) -> list[int]:
        try:
            data = item.encode() if isinstance(item, str) else item.decode().encode()
        except UnicodeError:
            kind = "text" if isinstance(item, str) else "bytes"
            raise refuse(place, f"the {kind} {brief(item)} cannot be UTF-8", got=item) from None
        return [byte + 1 for byte in data]

    def counterpart(self) -> Any:
        raise NetError(f"{self.label} has no decoder", hint='use NetDecoder("Characters", table)')
