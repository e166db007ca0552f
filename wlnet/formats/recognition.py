"""Which format a file is of: the one that is said, the one that its content shows, the one of its extension."""

from pathlib import Path
from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.refuse import brief
from wlnet.formats.files import FORMATS, HEAD, Format
from wlnet.formats.foreign import Foreign, foreign_by_content, foreign_by_extension, foreign_by_name


def is_format_name(value: Any) -> bool:
    """Whether a text names a format, one that wlnet reads or one that it refuses."""
    return isinstance(value, str) and (named(value) is not None or foreign_by_name(value) is not None)


def named(name: str) -> Format | None:
    """The format of a name; Wolfram does not tell capitals in them either."""
    return next((row for row in FORMATS.values() if row.name.lower() == name.lower()), None)


def format_named(name: Any, path: Path | None = None) -> Format:
    """The format that a user says, of a file to read, or without a path of one to write."""
    found = named(name) if isinstance(name, str) else None
    if found is None:
        foreign = foreign_by_name(name) if isinstance(name, str) else None
        if foreign is not None:
            raise not_written(foreign) if path is None else foreign.refusal(path)
        raise NetError(f"{brief(name)} is no format of nets", got=name, hint=nearest(name, FORMATS))
    return found


def format_of_file(path: Path) -> Format:
    """The format of a file that is there. Its content counts before its extension, which somebody may have changed."""
    start, size = beginning(path)
    shown = [row for row in FORMATS.values() if row.recognises(start, size)]
    by_extension, foreign = format_of_extension(path), foreign_by_content(start)
    if by_extension is not None and (by_extension in shown or not (shown or foreign)):
        return by_extension
    if shown:
        return shown[0]
    foreign = foreign or foreign_by_extension(path.suffix.lower())
    if foreign is not None:
        raise foreign.refusal(path)
    raise NetError(
        f"{path}: neither its name nor its content tells a format", got=str(path), hint=choices("Import(path")
    )


def format_to_write(path: Path) -> Format:
    """The format that the extension of a path asks for."""
    found, foreign = format_of_extension(path), foreign_by_extension(path.suffix.lower())
    if found is None and foreign is not None:
        raise not_written(foreign)
    if found is None:
        raise NetError(f"{path}: its extension tells no format", got=str(path), hint=choices("Export(path, net", path))
    return found


def not_written(foreign: Foreign) -> NetError:
    """The error about a refused format that is asked for."""
    return NetError(f"{foreign.name} files are not written", got=foreign.name, hint=f"there are {', '.join(FORMATS)}")


def beginning(path: Path) -> tuple[bytes, int]:
    """The first bytes of a file, and its size."""
    try:
        with open(path, "rb") as file:
            return file.read(HEAD), path.stat().st_size
    except OSError as error:
        raise NetError(f"{path} cannot be read: {error.strerror}", got=str(path)) from None


def format_of_extension(path: Path) -> Format | None:
    """The first format that has the extension of a path."""
    return next((row for row in FORMATS.values() if path.suffix.lower() in row.extensions), None)


def choices(call: str, path: Path | None = None) -> str:
    """A hint where no format is told: the nearest extension of a path, or how to say the format."""
    if path is not None and path.suffix:
        near = nearest(path.suffix, [each for row in FORMATS.values() for each in row.extensions])
        if near.startswith("did you mean"):
            return near
    return f'say it: {call}, Format="{next(iter(FORMATS))}"); there are {", ".join(FORMATS)}'
