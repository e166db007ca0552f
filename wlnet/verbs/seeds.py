"""Seeds: what RandomSeeding means."""

import hashlib
import secrets
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.symbols import Automatic, Inherited


def seed_of(setting: Any) -> int:
    """A seed below 2³²: Automatic is a fresh one, Inherited is drawn from NumPy's global stream, an integer or a text
    says it.

    >>> seed_of(1234), seed_of("abc") == seed_of("abc")
    (1234, True)
    """
    if setting is Automatic:
        return secrets.randbits(32)
    if setting is Inherited:
        return int(np.random.randint(0, 2**32, dtype=np.uint32))
    if isinstance(setting, str):
        return int.from_bytes(hashlib.blake2b(setting.encode(), digest_size=4).digest(), "little")
    if isinstance(setting, (int, np.integer)) and not isinstance(setting, bool):
        return int(setting) % 2**32
    raise NetError(
        f"RandomSeeding must be an integer, a text, Automatic or Inherited, got {setting!r}",
        got=setting,
        hint="the same seed gives the same numbers",
    )
