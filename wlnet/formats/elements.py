"""What Import gives of a file that holds a net, by element, each made when it is asked for."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from wlnet.core.layer import Layer
from wlnet.core.symbols import Automatic
from wlnet.verbs.information import Information
from wlnet.verbs.initialize import NetInitialize

Elements = dict[str, Callable[[], Any]]
"""The elements of one file by name, the one that Import gives by default first."""


def net_elements(net: Callable[[], Layer]) -> Elements:
    """The elements that every format of nets has; `net` reads the net, and is called at most once.

    >>> from wlnet import LinearLayer
    >>> net_elements(lambda: LinearLayer(2, Biases=[1, 2], Input=3))["ArrayAssociation"]()
    {('Biases',): array([1., 2.], dtype=float32)}
    """
    net = cache(net)
    return {
        "Net": net,
        "UninitializedNet": lambda: NetInitialize(net(), None),
        "ArrayAssociation": lambda: arrays_of(net()),
        "ArrayList": lambda: list(arrays_of(net()).values()),
        "Summary": lambda: Information(net()),
    }


def arrays_of(net: Layer) -> dict[tuple, np.ndarray]:
    """The arrays of a net that have values, by position: NetReplacePart takes them so."""
    return {place: value for place, value in Information(net, "Arrays").items() if value is not Automatic}


__all__ = ["Elements", "arrays_of", "net_elements"]
