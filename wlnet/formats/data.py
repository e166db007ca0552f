"""Data in files for the command line: .npy, .npz and .json in, the same out; nothing in a file is ever run."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.formats.native import write_atomically
from wlnet.formats.paths import file_to_read, path_of, place_to_write

READ = ".npy, .npz and .json"


def data_of(value: Any) -> Any:
    """The data in a file: an array of .npy, a dict of .npz, the value of .json; the path itself where it is a picture
    or a sound, which an encoder reads.
    """
    path = file_to_read(value, "--input")
    kind = path.suffix.lower()
    if kind not in (".npy", ".npz", ".json"):
        return str(path)
    try:
        if kind == ".json":
            return json.loads(path.read_text(encoding="utf-8"))
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray) == (kind == ".npy"):
            return found if kind == ".npy" else {name: found[name] for name in found.files}
        raise NetError(f"{path} is no {kind} file", got=str(path))
    except RecursionError:
        raise NetError(f"{path} cannot be read as {kind}: it is nested too deeply", got=str(path)) from None
    except MemoryError:
        raise NetError(f"{path} cannot be read: it says it is larger than the memory", got=str(path)) from None
    except (ValueError, OSError, EOFError, SyntaxError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        hint = "an array of objects is not read, since it may hold code" if "allow_pickle" in str(error) else None
        said = "it holds Python objects" if hint else error
        raise NetError(f"{path} cannot be read as {kind}: {said}", got=str(path), hint=hint) from None


def write_data(place: Any, value: Any) -> None:
    """Writes what a net gave, by extension: an array to .npy, arrays by name to .npz, anything of text to .json."""
    path = path_of(place, "--output")
    kind = path.suffix.lower()
    if kind not in (".npy", ".npz", ".json"):
        raise NetError(f"{path} cannot be written: data are written as {READ}", got=str(path))
    place_to_write(path)
    if kind == ".json":
        text = text_of(value)
        write_atomically(path, lambda part: Path(part).write_text(text + "\n", encoding="utf-8"))
        return
    if isinstance(value, Mapping) != (kind == ".npz"):
        hint = "write .npz or .json" if kind == ".npy" else "write .npy or .json"
        said = "several values by name" if kind == ".npy" else "one value without a name"
        raise NetError(f"{path} cannot be written: the net gives {said}", got=str(path), hint=hint)
    arrays = {str(name): array_of(each, path) for name, each in value.items()} if kind == ".npz" else {}
    one = array_of(value, path) if kind == ".npy" else np.empty(0)

    def written(part: str) -> None:
        with open(part, "wb") as file:
            if kind == ".npy":
                np.save(file, one, allow_pickle=False)
                return
            with zipfile.ZipFile(file, "w") as members:  # np.savez does not take an array called "file"
                for name, array in arrays.items():
                    with members.open(f"{name}.npy", "w") as member:
                        np.lib.format.write_array(member, array, allow_pickle=False)

    write_atomically(path, written)


def array_of(value: Any, path: Path) -> np.ndarray:
    """A value as an array of numbers, truth values or texts."""
    try:
        found = np.asarray(value)
    except ValueError:
        found = np.empty(0, object)
    if found.dtype.kind not in "biufU":
        said = "the result is no array of numbers or texts"
        raise NetError(f"{path} cannot be written: {said}", got=value, hint="write .json")
    return found


def text_of(value: Any) -> str:
    """A value as JSON.

    >>> print(text_of({"Output": np.array([0.1, 2], np.float32), "Class": "b"}))
    {"Output": [0.1, 2.0], "Class": "b"}
    """
    return json.dumps(plain(value), ensure_ascii=False)


def plain(value: Any) -> Any:
    """A value as what JSON has; single precision keeps its short digits, and a key that is no text becomes one."""
    if isinstance(value, np.ndarray):
        if value.dtype == np.float32:
            value = np.array([float(str(each)) for each in value.ravel()]).reshape(value.shape)
        return value.tolist()
    if isinstance(value, np.generic):
        return plain(np.asarray(value))
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else text_of(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value if value is None or isinstance(value, (str, bool, int, float)) else repr(value)


__all__ = ["data_of", "text_of", "write_data"]
