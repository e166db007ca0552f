"""What may stand for a layer: 30, Ramp, "Ramp", Plus, a function, a list."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, place
from wlnet.core.heads import HEADS, Head
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.symbols import Nothing
from wlnet.layers.dense import LinearLayer
from wlnet.layers.elementwise import ElementwiseLayer, ThreadingLayer


def as_layer(spec: Any, chain: Callable[[Any], Layer], where: str, threads: bool = False) -> Layer:
    """The layer that a setting stands for: a size is a LinearLayer, a function of one number an ElementwiseLayer, of
    several (in a graph) a ThreadingLayer, a list a nested NetChain."""
    if isinstance(spec, Layer):
        return spec
    try:
        return from_shorthand(spec, chain, where, threads)
    except NetError as error:
        if error.message.startswith(f"{where}:"):
            raise
        inside = f"{place(error.path)}: " if error.path else ""
        raise NetError(f"{where}: {inside}{error.message}", got=error.got, hint=error.hint) from None


def from_shorthand(spec: Any, chain: Callable[[Any], Layer], where: str, threads: bool) -> Layer:
    """The layer that a size, a function, a list or a dict stands for."""
    if isinstance(spec, (int, np.integer)) and not isinstance(spec, bool):
        return LinearLayer(int(spec))
    if isinstance(spec, str):
        spec = HEADS.get(spec, spec)
    if isinstance(spec, Head):
        return ThreadingLayer(spec) if threads and spec.most > 1 and spec.name not in UNARY else ElementwiseLayer(spec)
    if isinstance(spec, (list, Mapping)):
        return chain(spec)
    if isinstance(spec, str) or (callable(spec) and not isinstance(spec, type)):
        return ElementwiseLayer(spec)
    hint = "write it with brackets, as in SoftmaxLayer()" if isinstance(spec, type) else SHORTHANDS
    raise NetError(f"{where}: {brief(spec)} is not a layer", got=spec, hint=hint)


UNARY = {"ArcTan", "Erf", "Log", "Chop", "Clip", "KroneckerDelta"}
"""Heads that take one number or more: alone in a net they mean the function of one."""

SHORTHANDS = "a layer may be written as a layer, a size, a function such as Ramp, or a list of these (a chain)"


def keyed(spec: Any, where: str) -> dict[Any, Any]:
    """Layers by key: a list counts from 1, a dict or a list of (name, layer) pairs has names; Nothing drops out."""
    if isinstance(spec, Mapping):
        return _named(spec.items(), where)
    if isinstance(spec, (list, tuple)):
        items = [each for each in spec if each is not Nothing]
        pairs = [isinstance(each, tuple) for each in items]
        if pairs and all(pairs):
            return _named(items, where)
        if any(pairs):
            raise NetError(f"{where}: some layers are named and some are not", hint="name all of them, or none")
        return dict(enumerate(items, start=1))
    raise NetError(f"{where}: {brief(spec)} is not a list or a dict of layers", got=spec, hint=SHORTHANDS)


def _named(pairs: Iterable, where: str) -> dict[Any, Any]:
    named: dict[Any, Any] = {}
    for pair in pairs:
        if len(pair) != 2:
            raise NetError(f"{where}: {brief(pair)} is not a pair of a name and a layer", got=pair)
        name, layer = pair
        if isinstance(name, np.integer):
            name = int(name)
        if not isinstance(name, (str, int)) or isinstance(name, bool) or name == "":
            raise NetError(f"{where}: {name!r} is not a name for a layer", got=name, hint="names are texts")
        if name in named:
            raise NetError(f"{where}: two layers are named {name!r}", got=name)
        if layer is not Nothing:
            named[name] = layer
    return named
