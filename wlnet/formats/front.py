"""Import and Export: nets from files, and to files, in every format of the table in files.py."""

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic
from wlnet.formats import files
from wlnet.formats.elements import Elements
from wlnet.formats.paths import file_to_read, path_of, place_to_write
from wlnet.formats.recognition import format_named, format_of_file, format_to_write, is_format_name


def Import(path: Any, element: Any = Automatic, Format: Any = Automatic, **options: Any) -> Any:
    """What a file holds: by default its net, with an element that element, with a list of elements a list of them.

    The content tells the format, or else the extension, unless it is said: `Format="ONNX"`, or as Wolfram says it,
    `Import(path, "ONNX")` and `Import(path, ("ONNX", "ArrayAssociation"))`. `Import(path, "Elements")` lists the
    elements of the file, "Rules" gives all of them by name. Nothing in a file is ever run.

    >>> import tempfile, wlnet
    >>> path = tempfile.mkdtemp() + "/net.safetensors"
    >>> wlnet.Import(wlnet.Export(path, wlnet.LinearLayer(3, Input=5)))
    LinearLayer(3, Input=5)
    >>> wlnet.Import(path, "Elements")
    ['ArrayAssociation', 'ArrayList', 'Net', 'Summary', 'UninitializedNet']
    """
    format, element = format_and_element(element, Format)
    file = file_to_read(path, "Import")
    row = format_of_file(file) if format is Automatic else format_named(format, file)
    elements = function_of(row, row.reads, "elements", "written, not read")
    refuse_unknown_options("Import", row, elements, options)
    return chosen(file, elements(file, **options), element)


def format_and_element(element: Any, format: Any) -> tuple[Any, Any]:
    """The format that is said, and what is asked for: Wolfram's second argument may say both."""
    asked = list(element) if isinstance(element, (list, tuple)) else [element]
    if format is Automatic and asked and is_format_name(asked[0]):
        format = asked.pop(0)
        return format, Automatic if not asked else asked[0] if len(asked) == 1 else asked
    return format, asked if isinstance(element, (list, tuple)) else element


def chosen(file: Path, elements: Elements, asked: Any) -> Any:
    """The value of an element, or of each in a list."""
    if isinstance(asked, (list, tuple)):
        return [chosen(file, elements, each) for each in asked]
    if asked is Automatic:
        return next(iter(elements.values()))()
    if isinstance(asked, str) and asked in ("Elements", "Rules"):
        return sorted(elements) if asked == "Elements" else {name: value() for name, value in elements.items()}
    if not isinstance(asked, str) or asked not in elements:
        hint = nearest(asked, [*elements, "Elements", "Rules"])
        raise NetError(f"{file} has no element {brief(asked)}", got=asked, hint=hint)
    return elements[asked]()


def Export(path: Any, net: Any, Format: Any = Automatic, **options: Any) -> Any:
    """Writes a net to a file, by the extension or in the format that is said, and gives the path.

    A file of that name is replaced, in one step: it is the old one or the new one, never half of one.

    >>> import tempfile, wlnet
    >>> wlnet.Export(tempfile.mkdtemp() + "/net", wlnet.LinearLayer(3), "SafeTensors")
    '.../net'
    """
    file = path_of(path, "Export")
    if not isinstance(net, Layer):
        raise NetError(f"Export takes a path and a net, got {brief(net)} as the net", got=net, hint=not_a_net(net))
    row = format_to_write(file) if Format is Automatic else format_named(Format)
    write = function_of(row, row.writes, "write", "read, not written")
    refuse_unknown_options("Export", row, write, options)
    write(place_to_write(file), net, **options)
    return path


def not_a_net(value: Any) -> str | None:
    """What to write in the place of something that is often taken for a net."""
    if type(value).__name__ == "NetTrainResultsObject":
        return 'export the net of the training: results["TrainedNet"]'
    if isinstance(value, (str, Path)):
        return "the path comes first, then the net"
    if isinstance(value, type) and issubclass(value, Layer):
        return f"make one: {value.__name__}(…)"
    return "make a net of it: NetChain(…)" if isinstance(value, (list, tuple, Mapping)) else None


def function_of(row: files.Format, module: str | None, name: str, otherwise: str) -> Callable[..., Any]:
    """The function of a format's module, which is imported now; NetError names an extra that is not installed."""
    if module is None:
        raise NetError(f"{row.name} files are {otherwise}", got=row.name)
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if not row.extra or (error.name or "").split(".")[0] == "wlnet":
            raise
        hint = f"pip install 'wlnet[{row.extra}]'"
        raise NetError(f"{row.name} files need the package {error.name}", got=row.name, hint=hint) from None


def refuse_unknown_options(
    verb: str, row: files.Format, function: Callable[..., Any], options: Mapping[str, Any]
) -> None:
    """The keyword-only parameters of a format's function are its options."""
    known = [name for name, each in inspect.signature(function).parameters.items() if each.kind is each.KEYWORD_ONLY]
    for name in options:
        if name not in known:
            raise NetError(f"{verb}: {name} is not an option of {row.name}", got=name, hint=nearest(name, known))


__all__ = ["Export", "Import"]
