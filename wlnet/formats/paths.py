"""What Import and Export take as a path, and what is wrong with one, said before anything is opened."""

import os
import stat
from pathlib import Path
from typing import Any

from wlnet.core.errors import NetError, nearest
from wlnet.core.refuse import brief


def path_of(value: Any, verb: str) -> Path:
    """A text or path as a path."""
    if not isinstance(value, (str, os.PathLike)) or not isinstance(os.fspath(value), str):
        raise NetError(f"{verb} takes a path, got {brief(value)}", got=value, hint="give a text or a pathlib.Path")
    text = os.fspath(value)
    if not text:
        raise NetError(f"{verb} takes a path, got an empty text", got=value)
    if "\0" in text:
        raise NetError(f"{verb} takes a path, got {brief(text)}, which holds the character 0", got=value)
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        said = f"{verb} takes a path, got {text!a}, which no file of this system can be called"
        raise NetError(said, got=value) from None
    if "://" in text:
        raise NetError(f"{text} is an address, not a file", got=value, hint="download it first")
    return Path(value)


def file_to_read(value: Any, verb: str) -> Path:
    """The path of a file that is there; a device or a pipe is none, and reading it might never end."""
    path = path_of(value, verb)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        raise NetError(f"{path} is not there", got=str(path), hint=neighbour(path)) from None
    except OSError as error:
        raise NetError(f"{path} cannot be read: {error.strerror}", got=str(path)) from None
    if stat.S_ISDIR(mode):
        raise NetError(f"{path} is a directory, not a file", got=str(path))
    if not stat.S_ISREG(mode):
        raise NetError(f"{path} is no file", got=str(path))
    return path


def neighbour(path: Path) -> str | None:
    """A hint for a path that leads nowhere: the directory that is missing, or the file beside it that is nearest."""
    if not path.parent.is_dir():
        return f"there is no directory {path.parent}"
    try:
        hint = nearest(path.name, os.listdir(path.parent))
    except OSError:
        return None
    return hint if hint.startswith("did you mean") else None


def place_to_write(path: Path) -> Path:
    """A path at which a file can be written, as far as it can be known before."""
    said = f"{path} cannot be written"
    try:
        if path.is_dir():
            raise NetError(f"{said}: it is a directory", got=str(path), hint="name a file in it")
        if path.exists() and not path.is_file():
            raise NetError(f"{said}: it is no file", got=str(path))
        if not path.parent.is_dir():
            raise NetError(
                f"{said}: there is no directory {path.parent}", got=str(path), hint="make the directory first"
            )
    except OSError as error:
        raise NetError(f"{said}: {error.strerror}", got=str(path)) from None
    if not os.access(path.parent, os.W_OK | os.X_OK):
        hint = "choose another place, or ask for the right"
        raise NetError(f"{said}: nothing may be written in {path.parent}", got=str(path), hint=hint)
    return path
