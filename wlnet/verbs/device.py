"""Where a net is computed: TargetDevice, the context `backend`, the environment variable WLNET_BACKEND."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from wlnet.backends import backend as find_backend
from wlnet.core.errors import NetError

_chosen: ContextVar[str | None] = ContextVar("backend", default=None)

DEVICES = '"CPU", ("CPU", "JAX"), "GPU" or ("GPU", n)'


@contextmanager
def backend(name: str) -> Iterator[None]:
    """Computes with a backend inside a `with` block: "numpy" or "jax".

    >>> with backend("numpy"):
    ...     pass
    """
    find_backend(name)
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)


def chosen_backend(device: Any) -> Any:
    """The backend for a setting of TargetDevice."""
    kind, detail = device if isinstance(device, (tuple, list)) and len(device) == 2 else (device, None)
    if kind == "CPU" and detail is None:
        return find_backend(_chosen.get() or os.environ.get("WLNET_BACKEND") or "NumPy")
    if kind == "CPU" and detail in ("JAX", "NumPy"):
        return find_backend(detail)
    if kind in ("GPU", "CUDA"):
        engine = find_backend("JAX")
        engine.require_accelerator(detail)
        return engine
    raise NetError(f"TargetDevice must be {DEVICES}, got {device!r}", got=device)


PRECISIONS = {"Real32": "float32", "Real64": "float64"}


def precision_of(setting: Any) -> str:
    """NumPy's name of a setting of WorkingPrecision."""
    if isinstance(setting, str) and setting in PRECISIONS:
        return PRECISIONS[setting]
    if isinstance(setting, str) and setting == "Mixed":
        raise NetError('WorkingPrecision="Mixed" needs a GPU; on the CPU use "Real32"', got=setting)
    raise NetError(f'WorkingPrecision must be "Real32" or "Real64", got {setting!r}', got=setting)
