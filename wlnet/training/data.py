"""Training data: from the forms that a user may write to one list of values a port."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief

FORMS = "a list of pairs [(x, y), …], a tuple of columns (X, Y), or a dict of columns {port: …}"
NAMED_SETS = ("MNIST", "FashionMNIST", "CIFAR-10", "CIFAR-100", "MovieReview")


class Lacking(NetError):
    """The data give nothing for a port, which is what `expected` names."""


def columns_of(data: Any, ports: Sequence[str], pair: tuple[str, str] | None, what: str = "the data") -> dict[str, Any]:
    """The values of every port that is asked for.

    `pair` names the input and the target port where the net has one of each: then pairs and a tuple of two columns are
    taken. Rows (a list of dicts) become columns, as do frames (pandas and the like) and arrays of records.
    """
    if isinstance(data, Mapping):
        return named_columns(data, ports, what)
    if is_frame(data):
        return named_columns({name: data[name] for name in frame_names(data)}, ports, what, data)
    if are_rows(data):
        return named_columns(from_rows(data, ports, what), ports, what)
    if isinstance(data, (tuple, list)) and len(data) == 0:
        raise empty(what)
    if isinstance(data, tuple) and len(data) == 2:
        return from_pair(data[0], data[1], pair, ports, what)
    if are_pairs(data, ports):
        return from_pair([x for x, _ in data], [y for _, y in data], pair, ports, what)
    if len(ports) == 1 and isinstance(data, (list, np.ndarray)):
        return named_columns({ports[0]: data}, ports, what)
    raise no_data(data, what)


def are_rows(data: Any) -> bool:
    """Whether this is a list of dicts, one an example."""
    return isinstance(data, list) and bool(data) and all(isinstance(row, Mapping) for row in data)


def are_pairs(data: Any, ports: Sequence[str]) -> bool:
    """Whether this is a list of pairs; lists of two are examples where the net asks for one port alone."""
    kinds: Any = (tuple, list) if len(ports) > 1 else tuple
    return isinstance(data, list) and all(isinstance(each, kinds) and len(each) == 2 for each in data)


def is_frame(data: Any) -> bool:
    """Whether this is a table that gives a column by name: a data frame, or an array of records."""
    if isinstance(data, np.ndarray):
        return data.dtype.names is not None
    return hasattr(data, "columns") and hasattr(data, "__getitem__") and not isinstance(data, (Mapping, Sequence))


def frame_names(frame: Any) -> list:
    """The names of the columns of a table."""
    return list(frame.dtype.names if isinstance(frame, np.ndarray) else frame.columns)


def values_of(column: Any) -> Any:
    """A column as a list or an array: that of a data frame says itself how; objects in it become a list."""
    if isinstance(column, np.ndarray) or not hasattr(column, "to_numpy"):
        return column
    array = np.asarray(column.to_numpy())
    return list(array) if array.dtype.kind not in "fiub" else array


def no_data(data: Any, what: str) -> NetError:
    """The error about what is in none of the forms."""
    if isinstance(data, str) and data in NAMED_SETS:
        return NetError(
            f'{what}: wlnet ships no data sets and fetches none, so there is no "{data}"',
            got=data,
            hint=f"load it (scikit-learn's fetch_openml has many) and give {FORMS}; ValidationSet takes its test part",
        )
    if isinstance(data, Iterator):
        hint = "give list(…) of it, or a function that gives the next batch of BatchSize examples: a round reads anew"
        return NetError(f"{what}: {type(data).__name__} can be read only once", got=type(data).__name__, hint=hint)
    if isinstance(data, Layer):
        return NetError(f"{what}: a net is not training data", got=type(data).__name__, hint=f"give {FORMS}")
    return NetError(f"{what}: {brief(data)} is not training data", got=type(data).__name__, hint=f"give {FORMS}")


def from_pair(x: Any, y: Any, pair: tuple[str, str] | None, ports: Sequence[str], what: str) -> dict[str, Any]:
    """Two columns for a net of one input and one target."""
    if pair is None:
        raise NetError(
            f"{what}: pairs go with one input and one output port, but the net asks for {', '.join(ports)}",
            expected=list(ports),
            hint="give a dict: {" + ", ".join(f'"{port}": …' for port in ports) + "}",
        )
    x, y = values_of(x), values_of(y)
    for values in (x, y):
        refuse_no_column(values, what)
    if not len(x) or not len(y):
        raise empty(what)
    if len(x) != len(y):
        raise NetError(
            f"{what}: there are {len(x)} inputs but {len(y)} outputs",
            expected=len(x),
            got=len(y),
            hint="give every input its output",
        )
    return {pair[0]: x, pair[1]: y}


def refuse_no_column(values: Any, what: str) -> None:
    """A column is a list or an array of examples."""
    if (
        isinstance(values, (str, bytes, Mapping))
        or not hasattr(values, "__len__")
        or not hasattr(values, "__getitem__")
    ):
        raise NetError(f"{what}: {brief(values)} is not a column of examples", got=values, hint=f"give {FORMS}")
    if isinstance(values, np.ndarray) and values.ndim == 0:
        raise NetError(f"{what}: a single number is not a column of examples", got=values, hint=f"give {FORMS}")


def from_rows(rows: list, ports: Sequence[str], what: str) -> dict[str, list]:
    """Rows as columns; every row has the same names."""
    names = list(rows[0])
    for number, row in enumerate(rows, start=1):
        if set(row) != set(names):
            odd = sorted(map(str, set(row) ^ set(names)))
            raise NetError(f"{what}: row {number} has other ports than row 1: {', '.join(odd)}", got=odd)
    return {name: [row[name] for row in rows] for name in names}


def named_columns(data: Mapping, ports: Sequence[str], what: str, frame: Any = None) -> dict[str, Any]:
    """Columns by port: no port missing, none unknown, all of one length."""
    for name in data:
        if name not in ports:
            raise NetError(
                f"{what}: the net has no port {brief(name)}", got=name, hint=hint_for(name, ports, frame is not None)
            )
    for port in ports:
        if port not in data:
            given = ", ".join(map(str, data)) or "nothing"
            raise Lacking(f"{what} lack the port {port}", expected=port, got=given, hint=f"they give {given}")
    columns = {port: values_of(data[port]) for port in ports}  # once: a file of arrays reads a column each time
    for values in columns.values():
        refuse_no_column(values, what)
    counts = {port: len(values) for port, values in columns.items()}
    if not all(counts.values()):
        raise empty(what)
    if len(set(counts.values())) > 1:
        text = ", ".join(f"{port} has {count}" for port, count in counts.items())
        raise NetError(f"{what}: the ports have different numbers of examples: {text}", got=counts)
    return columns


def hint_for(name: Any, ports: Sequence[str], is_frame: bool) -> str:
    """What to do about a name that is no port: the nearest port; or it is no name, or one feature of many."""
    near = nearest(name, ports)
    if near.startswith("did") and isinstance(name, str):
        return near
    if is_frame:
        return "put features together: {" + ", ".join(f'"{port}": frame[[…]].to_numpy()' for port in ports) + "}"
    if not isinstance(name, str):
        return "a dict is columns by port; write rules as pairs: [(x, y), …]"
    return near


def empty(what: str) -> NetError:
    """There is nothing to learn from."""
    return NetError(f"{what} are empty", expected="at least one example", got=0, hint=f"give {FORMS}")
