"""From what a user passes to a port to one array with the examples along its first axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wlnet.core.dims import Length, Unknown
from wlnet.core.errors import NetError
from wlnet.core.ports import Shape, shape_text
from wlnet.core.types import Boolean, ElementType, Integer


@dataclass(frozen=True)
class Column:
    """The data of one port: an array with the examples along axis 0, and their true lengths where level 1 varies."""

    array: np.ndarray
    lengths: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.array)

    def rows(self, index: Any) -> "Column":
        """Some of the examples, cut to the longest: where lengths are equal, no layer masks what is beyond them."""
        if self.lengths is None:
            return Column(self.array[index])
        lengths = self.lengths[index]
        return Column(self.array[index][:, : lengths.max()], lengths)

    def part(self, index: Any) -> "Column":
        """Some of the examples as a column of their own."""
        return self.rows(index)


def numbers(value: Any, port: str) -> np.ndarray | list[np.ndarray]:
    """The data as one array of numbers, or as a list of arrays where the examples differ in size."""
    if getattr(value, "mask", None) is not None and np.any(value.mask):
        raise NetError(f"{port}: the data hold masked values", got=value, hint="fill them first, as in data.filled(0)")
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return np.asarray(value)
    if isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.ndim:
        value = list(value)  # so that an array of arrays is what a list of them is
    try:
        array = np.asarray(value)
    except ValueError:
        return ragged(value, port)
    if array.dtype == object and isinstance(value, Sequence) and all(map(_is_array_like, value)):
        return ragged(value, port)
    if array.dtype.kind not in "fiub":
        raise not_numbers(array, value, port)
    return array


def _is_array_like(value: Any) -> bool:
    return isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, (str, bytes))


def not_numbers(array: np.ndarray, value: Any, port: str) -> NetError:
    """The data are texts, objects, dates or complex numbers."""
    if array.dtype.kind == "O" and all(isinstance(each, (int, float)) for each in array.ravel()):
        raise NetError(f"{port}: the data hold an integer beyond 64 bits", got=value, hint="scale the data")
    what = {"O": "objects", "U": "texts", "S": "bytes", "c": "complex numbers", "M": "dates", "m": "durations"}
    first = next((each for each in array.ravel() if not isinstance(each, (int, float))), value)
    kind = type(first).__name__ if array.dtype.kind == "O" else str(array.dtype)
    return NetError(
        f"{port}: the data must be real numbers, but are {what.get(array.dtype.kind, 'no numbers')} ({kind})",
        expected="real numbers",
        got=kind,
        hint="give lists of numbers or a numeric array; for texts, classes or images put a NetEncoder on the port",
    )


def ragged(value: Any, port: str) -> list[np.ndarray]:
    """Examples of different lengths, one array each."""
    arrays = [numbers(each, port) for each in value]
    if any(isinstance(each, list) for each in arrays) or len({each.ndim for each in arrays}) > 1:  # type: ignore[union-attr]
        raise NetError(f"{port}: the data are not arrays: rows of one example differ in size", hint="make rows equal")
    if len({each.shape[1:] for each in arrays}) > 1 or arrays[0].ndim == 0:  # type: ignore[union-attr]
        shapes = sorted({shape_text(each.shape) for each in arrays})  # type: ignore[union-attr]
        raise NetError(
            f"{port}: examples differ in shape ({', '.join(shapes[:4])}), but only the first level may vary",
            got=shapes,
            hint="make all examples one shape, or let only their length differ",
        )
    return arrays  # type: ignore[return-value]


def rank_of(data: np.ndarray | list[np.ndarray]) -> int:
    """The number of levels of the data, a list of examples counting as one more."""
    return data.ndim if isinstance(data, np.ndarray) else data[0].ndim + 1


def is_batch(data: np.ndarray | list[np.ndarray], shape: Shape, port: str) -> bool | None:
    """Whether the data are a batch (True) or one example (False) of a port; None where its rank is not known."""
    if shape is None:
        return True if isinstance(data, list) else None
    rank = rank_of(data)
    if rank == len(shape) and not isinstance(data, list):
        return False
    if rank == len(shape) + 1:
        return True
    got = shape_text(data.shape) if isinstance(data, np.ndarray) else f"{len(data)} sequences of rank {data[0].ndim}"
    raise NetError(
        f"{port} takes {shape_text(shape)}, but the data are of shape {got}",
        expected=shape_text(shape),
        got=got,
        hint=f"one example has rank {len(shape)}, a batch rank {len(shape) + 1}",
    )


def column(
    data: np.ndarray | list[np.ndarray], batch: bool, shape: Shape, of: ElementType | None, port: str, least: int = 1,
    places: np.ndarray | None = None,
) -> Column:  # fmt: skip
    """The data of a port with the examples along axis 0, compared with what the port takes; `least` is the least length
    of a sequence, and `places` say which examples of more these are."""
    varies = bool(shape) and isinstance(shape[0], Length)  # type: ignore[index]
    if isinstance(data, list):
        if shape is not None and not varies:
            raise different_lengths(data, shape, port)
        lengths: np.ndarray | None
        array, lengths = padded(data, port, least)
    else:
        array = data if batch else data[None]
        lengths = np.full(len(array), array.shape[1]) if varies else None
    if batch and not len(array):
        raise NetError(f"{port}: there are no examples", expected="at least one example", got=0)
    if lengths is None and array.size == 0:
        raise NetError(f"{port}: the data are empty (shape {shape_text(array.shape[1:])})", got=array.shape)
    if lengths is not None and lengths.min() < least:
        raise NetError(f"{port}: a sequence is empty", got=0, hint="a sequence has at least one element")
    compare_shape(array.shape[1:], shape, port)
    if isinstance(of, Integer) and lengths is not None and not lengths.all():
        array = with_something(array, lengths, of)
    return Column(checked_values(array, of, port, places), lengths)


def different_lengths(data: list[np.ndarray], shape: Shape, port: str) -> NetError:
    """The examples of a port of one size differ in length."""
    sizes = sorted({len(each) for each in data})
    return NetError(
        f"{port} takes {shape_text(shape)}, but the examples are of different lengths ({_some(sizes)})",
        expected=shape_text(shape),
        got=sizes,
        hint='give the port a varying first level: "Varying", or ("Varying", n)',
    )


def _some(values: list) -> str:
    return ", ".join(map(str, values[:4])) + (", …" if len(values) > 4 else "")


def padded(examples: list[np.ndarray], port: str, least: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Sequences as one array, each repeated from its last element to the longest length, and the true lengths.

    The last element and not zeros: what follows meets only values that it meets anyway, so Log and Divide make no NaN.
    """
    lengths = np.array([len(each) for each in examples])
    if lengths.min() < least:
        raise NetError(f"{port}: a sequence is empty", got=0, hint="a sequence has at least one element")
    longest = lengths.max()
    examples = [each if len(each) else np.zeros((1, *each.shape[1:]), each.dtype) for each in examples]
    return np.stack([each[np.minimum(np.arange(longest), len(each) - 1)] for each in examples]), lengths  # of 0: zeros


def with_something(array: np.ndarray, lengths: np.ndarray, of: Integer) -> np.ndarray:
    """Sequences of integers with one in the place of each empty sequence: it is never read, but is of the range."""
    array = np.array(array) if array.shape[1] else np.zeros((len(array), 1, *array.shape[2:]), np.int64)
    array[lengths == 0] = of.low or 0
    return array


def compare_shape(got: tuple, shape: Shape, port: str) -> None:
    """Refuses data whose sizes are not those of the port."""
    expected = shape or ()
    if any(isinstance(dim, int) and dim != size for dim, size in zip(expected, got, strict=False)):
        raise NetError(
            f"{port} takes {shape_text(shape)}, but the data are of shape {shape_text(got)}",
            expected=shape_text(shape),
            got=shape_text(got),
            hint="give data of that shape, or make the net for this one",
        )


def checked_values(
    array: np.ndarray, of: ElementType | None, port: str, places: np.ndarray | None = None
) -> np.ndarray:
    """The same array; refuses values that are not finite, or not integers of the port's range."""
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        bad = np.argwhere(~np.isfinite(array))[0]
        value = array[tuple(bad)]
        place = f"example {number_of(bad[0], places)}" + (f", at {shape_at(bad[1:])}" if len(bad) > 1 else "")
        raise NetError(f"{port}: the data hold {value} ({place})", got=float(value), hint="remove or replace it first")
    if isinstance(of, Integer):
        return _integers(array, of, port, places)
    if isinstance(of, Boolean) and not np.isin(array, (0, 1)).all():
        raise NetError(f"{port} takes True and False, or 1 and 0, but the data hold others", expected="0 or 1")
    return array


def number_of(row: int, places: np.ndarray | None) -> int:
    """The number of an example, counted from 1, that stands in this row."""
    return int(row if places is None else places[row]) + 1


def shape_at(index: Any) -> str:
    """An index counted from 1, for a message."""
    return "(" + ", ".join(str(int(i) + 1) for i in index) + ")"


def _integers(array: np.ndarray, of: Integer, port: str, places: np.ndarray | None) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # what does not fit differs from what it becomes
        whole = array.astype(np.int64)
    if array.dtype.kind in "fu" and not (whole == array).all():
        value = array[whole != array][0]
        raise NetError(f"{port} takes integers, but the data hold {value}", expected="integers", got=float(value))
    for end, wrong in ((of.low, whole < of.low if of.low is not None else None), (of.high, _above(whole, of.high))):
        if wrong is not None and wrong.any():
            value, example = int(whole[wrong][0]), number_of(np.argwhere(wrong)[0][0], places)
            raise NetError(
                f"{port} takes {of}, but the data hold {value} (example {example})",
                expected=str(of),
                got=value,
                hint=f"classes and positions count from {of.low}" if end == of.low else f"the largest is {of.high}",
            )
    return whole


def _above(whole: np.ndarray, high: Any) -> Any:
    return whole > high if isinstance(high, int) else None


def data_shape(column: Column, shape: Shape) -> tuple:
    """The shape that the data add to what the net knows: lengths stay lengths."""
    sizes = column.array.shape[1:]
    if column.lengths is None:
        return tuple(map(int, sizes))
    first = shape[0] if shape else Unknown
    return (first, *map(int, sizes[1:]))
