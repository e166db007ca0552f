"""Lists of numbers, arrays and dicts as few arrays, and back: a long training writes down much of one kind.

    a list of ints, or of floats      an array
    lists or arrays of one shape      ("lists" or "arrays", one array)
    dicts                             ("dicts", their number, {key: (the places of dicts that have it, its values)})
    an array, a number of NumPy       ("array" or "scalar", an array)
    a tuple                           ("tuple", its parts)

Anything else stays, its parts packed.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def packed(value: Any) -> Any:
    """A value of a record in packed form."""
    if isinstance(value, (np.generic, np.ndarray)):
        return "scalar" if isinstance(value, np.generic) else "array", np.asarray(value)
    if isinstance(value, Mapping):
        return {key: packed(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return "tuple", [packed(each) for each in value]
    if not isinstance(value, list) or not value:
        return value
    kinds = {type(each) for each in value}
    if kinds in ({int}, {float}):
        return np.asarray(value)
    if kinds == {dict}:
        keys = list(dict.fromkeys(key for each in value for key in each))
        places = {key: [place for place, each in enumerate(value) if key in each] for key in keys}
        held = {key: (np.asarray(at), packed([value[place][key] for place in at])) for key, at in places.items()}
        return "dicts", len(value), held
    if kinds == {np.ndarray} and len({(each.shape, each.dtype) for each in value}) == 1:
        return "arrays", np.stack(value)
    if kinds == {list} and {type(one) for each in value for one in each} == {float} and len({*map(len, value)}) == 1:
        return "lists", np.asarray(value)
    return [packed(each) for each in value]


def unpacked(value: Any) -> Any:
    """The value that was packed; TypeError or ValueError where it is none."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: unpacked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [unpacked(each) for each in value]
    if not isinstance(value, tuple):
        return value
    kind, *content = value
    return UNPACK[kind](*content)


def _dicts(count: int, held: Mapping[Any, tuple]) -> list[dict]:
    if type(count) is not int or not 0 <= count <= max((len(at) for at, _ in held.values()), default=0) + MOST_EMPTY:
        raise ValueError("a count of dicts is wrong")
    found: list[dict] = [{} for _ in range(count)]
    for key, (places, values) in held.items():
        for place, each in zip(places.tolist(), unpacked(values), strict=True):
            found[place][key] = each
    return found


MOST_EMPTY = 2**24
"""So many dicts may be empty: a count in a damaged file takes no more memory."""

UNPACK: dict[str, Callable[..., Any]] = {
    "scalar": lambda array: array[()],
    "array": lambda array: array,
    "tuple": lambda values: tuple(unpacked(each) for each in values),
    "dicts": _dicts,
    "arrays": list,
    "lists": lambda array: array.tolist(),
}
