"""Training data: from the forms that a user may write to one list of values a port."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.refuse import brief

FORMS = "a list of pairs [(x, y), …], a tuple of columns (X, Y), or a dict of columns {port: …}"


def columns_of(data: Any, ports: Sequence[str], pair: tuple[str, str] | None, what: str = "the data") -> dict[str, Any]:
    """The values of every port that is asked for.

    `pair` names the input and the target port where the net has one of each: then pairs and a tuple of two columns are
    taken. Rows (a list of dicts) become columns.
    """
    if isinstance(data, Mapping):
        return named_columns(data, ports, what)
    if isinstance(data, list) and data and all(isinstance(row, Mapping) for row in data):
        return named_columns(from_rows(data, ports, what), ports, what)
    if isinstance(data, (tuple, list)) and len(data) == 0:
        raise empty(what)
    if isinstance(data, tuple) and len(data) == 2:
        return from_pair(data[0], data[1], pair, ports, what)
    if isinstance(data, list) and all(isinstance(each, (tuple, list)) and len(each) == 2 for each in data):
        return from_pair([x for x, _ in data], [y for _, y in data], pair, ports, what)
    if len(ports) == 1 and isinstance(data, (list, np.ndarray)):
        return {ports[0]: data}
    raise NetError(f"{what}: {brief(data)} is not training data", got=type(data).__name__, hint=f"give {FORMS}")


def from_pair(x: Any, y: Any, pair: tuple[str, str] | None, ports: Sequence[str], what: str) -> dict[str, Any]:
    """Two columns for a net of one input and one target."""
    if pair is None:
        raise NetError(
            f"{what}: pairs go with one input and one output port, but the net asks for {', '.join(ports)}",
            expected=list(ports),
            hint="give a dict: {" + ", ".join(f'"{port}": …' for port in ports) + "}",
        )
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
            odd = sorted(set(row) ^ set(names))
            raise NetError(f"{what}: row {number} has other ports than row 1: {', '.join(map(str, odd))}", got=odd)
    return {name: [row[name] for row in rows] for name in names}


def named_columns(data: Mapping, ports: Sequence[str], what: str) -> dict[str, Any]:
    """Columns by port: no port missing, none unknown, all of one length."""
    for name in data:
        if name not in ports:
            raise NetError(f"{what}: the net has no port {brief(name)}", got=name, hint=nearest(name, ports))
    for port in ports:
        if port not in data:
            given = ", ".join(map(str, data)) or "nothing"
            raise NetError(f"{what} lack the port {port}", expected=list(ports), got=given, hint=f"they give {given}")
    for values in data.values():
        refuse_no_column(values, what)
    counts = {port: len(data[port]) for port in ports}
    if not all(counts.values()):
        raise empty(what)
    if len(set(counts.values())) > 1:
        text = ", ".join(f"{port} has {count}" for port, count in counts.items())
        raise NetError(f"{what}: the ports have different numbers of examples: {text}", got=counts)
    return {port: data[port] for port in ports}


def empty(what: str) -> NetError:
    """There is nothing to learn from."""
    return NetError(f"{what} are empty", expected="at least one example", got=0, hint=f"give {FORMS}")
