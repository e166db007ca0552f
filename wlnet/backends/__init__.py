"""Backends: NumPy with autograd, and JAX where it is installed. Each module names its object `backend`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from wlnet.core.errors import NetError

MODULES = {"numpy": "wlnet.backends.numpy", "jax": "wlnet.backends.jax"}


def backend(name: str = "NumPy") -> Any:
    """The backend of that name; its module is imported when it is first asked for.

    >>> backend("NumPy").name
    'NumPy'
    """
    module = MODULES.get(str(name).lower())
    if module is None:
        raise NetError(f"{name!r} is not a backend", hint="use 'NumPy' or 'JAX'")
    try:
        return import_module(module).backend
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] not in ("jax", "jaxlib"):
            raise
        raise NetError("the JAX backend needs the package jax", hint="pip install wlnet[jax]") from missing
