"""The options of an evaluation: what may be set, the defaults, and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.symbols import Automatic
from wlnet.verbs.device import chosen_backend, precision_of
from wlnet.verbs.seeds import seed_of

OPTIONS: dict[str, Any] = {
    "BatchSize": Automatic,
    "NetEvaluationMode": "Test",
    "RandomSeeding": Automatic,
    "TargetDevice": "CPU",
    "WorkingPrecision": "Real32",
}
"""The options of an evaluation, and their defaults."""


@dataclass(frozen=True)
class Settings:
    """The options of one evaluation, checked."""

    size: int | None
    training: bool
    seed: int
    engine: Any
    precision: str

    @staticmethod
    def of(options: Mapping[str, Any]) -> "Settings":
        """The settings that a user's options say."""
        for name in options:
            if name not in OPTIONS:
                from_names = ", ".join(OPTIONS)
                raise NetError(f"{name} is not an option of an evaluation", got=name, hint=f"there are {from_names}")
        chosen = {**OPTIONS, **options}
        mode: Any = chosen["NetEvaluationMode"]
        size: Any = chosen["BatchSize"]
        if not isinstance(mode, str) or mode not in ("Test", "Train"):
            raise NetError(f'NetEvaluationMode must be "Test" or "Train", got {mode!r}', got=mode)
        if size is not Automatic and (isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1):
            raise NetError(f"BatchSize must be a positive whole number or Automatic, got {size!r}", got=size)
        engine, precision = (
            chosen_backend(chosen["TargetDevice"], several=False),
            precision_of(chosen["WorkingPrecision"]),
        )
        size = None if size is Automatic else int(size)  # type: ignore[arg-type]
        return Settings(size, mode == "Train", seed_of(chosen["RandomSeeding"]), engine, precision)
