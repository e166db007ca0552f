"""Where a net is computed: TargetDevice, the context `backend`, the environment variable WLNET_BACKEND."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from numbers import Integral
from typing import Any

from wlnet.backends import backend as find_backend
from wlnet.core.errors import NetError
from wlnet.core.symbols import All

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


def chosen_backend(device: Any, several: bool = True) -> Any:
    """The backend for a setting of TargetDevice; `several` says whether more than one device may be named."""
    kind, detail = device if isinstance(device, (tuple, list)) and len(device) == 2 else (device, None)
    if isinstance(kind, str) and isinstance(detail, str | None):
        if kind == "CPU" and detail is None:
            return find_backend(_chosen.get() or os.environ.get("WLNET_BACKEND") or "NumPy")
        if kind == "CPU" and detail in ("JAX", "NumPy"):
            return find_backend(detail)
        if kind in ("CoreML", "DirectML"):
            raise NetError(f"TargetDevice={kind!r} is not there", got=device, hint='"GPU" is CUDA; else take "CPU"')
    if isinstance(kind, str) and kind in ("GPU", "CUDA") and (detail is All or numbers_of(detail)):
        found = find_backend("JAX").accelerators(None if detail is All else numbers_of(detail))
        if len(found) > 1 and not several:
            raise NetError(
                f"TargetDevice={device!r}: several devices can train a net, but one evaluates it",
                got=device,
                hint='name one: "GPU" or ("GPU", n)',
            )
        return found[0]
    raise NetError(f"TargetDevice must be {DEVICES}, got {device!r}", got=device)


def numbers_of(detail: Any) -> list[int]:
    """The numbers of devices, from 1: of None the first, of a number it, of several all; none where it is no such."""
    several = detail if isinstance(detail, (tuple, list)) else [1 if detail is None else detail]
    whole = all(isinstance(each, Integral) and not isinstance(each, bool) and int(each) > 0 for each in several)
    return [int(each) for each in several] if whole else []


PRECISIONS = {"Real32": "float32", "Real64": "float64"}


def precision_of(setting: Any) -> str:
    """NumPy's name of a setting of WorkingPrecision."""
    if isinstance(setting, str) and setting in PRECISIONS:
        return PRECISIONS[setting]
    if isinstance(setting, str) and setting == "Mixed":
        raise NetError('WorkingPrecision="Mixed" needs a GPU; on the CPU use "Real32"', got=setting)
    raise NetError(f'WorkingPrecision must be "Real32" or "Real64", got {setting!r}', got=setting)
