"""Sizes as parameters of coders: (3, 5), Automatic for one that is open, "Varying" first."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from wlnet.core.dims import Unknown
from wlnet.core.ports import shape_text
from wlnet.core.symbols import Automatic


def dims(value: Any) -> tuple:
    """The sizes that a setting says; one size stands for a level of that size.

    >>> dims(3), dims(["Varying", 5]), dims((Automatic, 2))
    ((3,), ('Varying', 5), (Automatic, 2))
    """
    if isinstance(value, np.ndarray):
        value = value.tolist()
    given = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    sizes = tuple(int(dim) if isinstance(dim, np.integer) else dim for dim in given)
    for level, dim in enumerate(sizes):
        is_size = isinstance(dim, int) and not isinstance(dim, bool) and dim > 0
        if not (is_size or dim is Automatic or (isinstance(dim, str) and level == 0)):
            raise ValueError(
                'must be sizes such as (3, 5), with Automatic for one that is open and "Varying" for a first one that '
                "varies"
            )
    return sizes


DimsField = Annotated[Any, BeforeValidator(dims)]


def dims_text(shape: tuple) -> str:
    """Sizes in a message: 3×?×5."""
    return shape_text(
        tuple(Unknown if dim is Automatic else Name(dim) if isinstance(dim, str) else dim for dim in shape)
    )


class Name(str):
    """A name that prints without quotes."""

    __repr__ = str.__str__
