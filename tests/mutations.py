"""Damage to files, the same in every run, and the harness in which a format has to stand it.

    survived = stands(read_it, bytes_of(contents, 10_000), tmp_path)

reads each damaged content: a value or a NetError is well, anything else fails with the content in the message. Memory and
time are bounded, and what is read may not run code, start programs, reach the network, or touch other files.
"""

import gc
import json
import os
import random
import resource
import sys
import time
from contextlib import contextmanager

from wlnet import NetError

SIZES = (0, 1, 7, 127, 128, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**63, 2**64 - 1)
"""Numbers that a count, a length or a dimension should not be."""

ODD_VALUES = (
    None,
    True,
    -1,
    0,
    10**9,
    10**30,
    1e308,
    -0.0,
    "",
    "Input",
    "../x",
    "/etc/passwd",
    [],
    {},
    [[]],
    [None],
    "\0",
    "é" * 50,
)
"""Values that a place of JSON should not have."""

BRACKETS = "()[]{}<>|\"'*&@#_~,;:\\"
ODD_TEXTS = ("((", "))", "[[", "]]", "{{{", "<|", "|>", '"', "(*", "*)", "\\[", "\\", "\0", "\n", "\ufeff", "\ud7ff", "é", "1*^99999",
             "9" * 400, "1e999", "&&", "/.", "//", "->", ":=", "_", "#", "@@@", "$", "%", "`", "~", "^^", "\u2028", "Infinity")  # fmt: skip
DEEP = 5_000


def bytes_of(contents, count, seed=0, most=8):
    """`count` damaged forms of some bytes: bits flipped, bytes changed, parts cut, doubled, moved, joined with others,
    absurd sizes."""
    chance = random.Random(seed)
    contents = [bytes(each) for each in contents]
    for number in range(count):
        found = bytearray(contents[number % len(contents)])
        for _ in range(chance.choice((1, 1, 2, most))):
            if found:
                change_bytes(found, contents, chance)
        yield bytes(found)


def change_bytes(found, contents, chance):
    """One change of some bytes, in place."""
    place, kind = chance.randrange(len(found)), chance.randrange(8)
    if kind == 0:
        found[place] ^= 1 << chance.randrange(8)
    elif kind == 1:
        found[place] = chance.randrange(256)
    elif kind == 2:
        del found[place:]  # cut off
    elif kind == 3:
        del found[place : place + chance.choice((1, 4, 8, 64))]
    elif kind == 4:
        found[place:place] = found[place : place + chance.choice((1, 8, 64))]
    elif kind == 5:
        width = chance.choice((2, 4, 8))
        size = (chance.choice(SIZES) % 2 ** (8 * width)).to_bytes(width, chance.choice(("little", "big")))
        found[place : place + width] = size
    elif kind == 6:
        other = chance.choice(contents)
        start = chance.randrange(len(other) or 1)
        found[place : place + 32] = other[start : start + 32]
    else:
        other = chance.choice(contents)
        found[place:] = other[chance.randrange(len(other) or 1) :]


def json_of(values, count, seed=0, words=(), wrap=None):
    """`count` damaged forms of some JSON values: parts replaced, doubled, left out, renamed, moved, wrapped.

    `words` are names that the format knows, put in the place of others; `wrap(word, part)` makes what holds a part.
    """
    chance = random.Random(seed)
    texts = [json.dumps(value) for value in values]
    for number in range(count):
        found = json.loads(texts[number % len(texts)])
        for _ in range(chance.choice((1, 1, 2, 3))):
            change_json(found, chance, words, wrap)
        yield found


def change_json(value, chance, words=(), wrap=None):
    """One change of a JSON value, in place."""
    places = list(parts_of(value))
    if not places:
        return
    holder, key = places[chance.randrange(len(places))]
    kind = chance.randrange(7)
    if kind == 0:
        holder[key] = chance.choice(ODD_VALUES)
    elif kind == 1 and isinstance(holder, list):
        holder.insert(key, holder[key])
    elif kind == 2:
        del holder[key]
    elif kind == 3 and wrap is not None:
        holder[key] = wrap(chance.choice(words), holder[key])
    elif kind == 4 and words:
        named = [(at, name) for at, name in places if isinstance(at[name], str)]
        holder, key = chance.choice(named or [(holder, key)])
        holder[key] = chance.choice(words)
    elif kind == 5:
        numbers = [(at, name) for at, name in places if type(at[name]) in (int, float)]
        holder, key = chance.choice(numbers or [(holder, key)])
        holder[key] = chance.choice(SIZES) * chance.choice((1, -1))
    else:
        other, name = places[chance.randrange(len(places))]
        holder[key] = json.loads(json.dumps(other[name]))


def parts_of(value):
    """Every place of a JSON value, as its holder and its key."""
    for key, part in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(part, (dict, list)):
            yield from parts_of(part)


def text_of(texts, count, seed=0, words=()):
    """`count` damaged forms of some texts: brackets lost, parts cut, doubled or moved, odd characters, deep nesting."""
    chance = random.Random(seed)
    for number in range(count):
        found = texts[number % len(texts)]
        for _ in range(chance.choice((1, 1, 2, 5))):
            found = changed_text(found, texts, chance, words)
        yield found


def changed_text(text, texts, chance, words=()):
    """A text with one change."""
    place, end = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
    end = min(end, place + chance.choice((1, 3, 20, 200)))
    kind = chance.randrange(8)
    if kind == 0:
        return text[:place]
    if kind == 1:
        return text[:place] + text[end:]
    if kind == 2:
        return text[:end] + text[place:end] + text[end:]
    if kind == 3:
        return text[:place] + chance.choice(ODD_TEXTS) + text[place:]
    if kind == 4:
        marks = [at for at, each in enumerate(text) if each in BRACKETS]
        at = chance.choice(marks or [0])
        return text[:at] + chance.choice(("", *BRACKETS)) + text[at + 1 :]
    if kind == 5 and words:
        return text[:place] + chance.choice(words) + text[end:]
    if kind == 6 and not chance.randrange(20):
        return text[:place] + chance.choice("([{-!#") * DEEP + text[place:]
    other = chance.choice(texts)
    start = chance.randrange(len(other) + 1)
    return text[:place] + other[start : start + 60] + text[end:]


def stands(attempt, contents, directory, seconds=2.0, memory=2**29, whole=None):
    """Tries every content, and gives how many were read well, and how many there were; fails at the first crash.

    `attempt(content)` reads one. `whole`, an undamaged content, is tried first, so that what is imported on demand is.
    """
    if whole is not None:
        attempt(whole)
    well = tried = 0
    with bounded(memory), watched(directory) as deeds:
        for tried, content in enumerate(contents, start=1):
            before = time.perf_counter()
            try:
                attempt(content)
                well += 1
            except NetError as error:
                assert str(error)
            except BaseException as error:
                raise AssertionError(f"content {tried} raised {error!r}: {content!r:.2000}") from error
            assert not deeds, f"content {tried} did {deeds}: {content!r:.2000}"
            taken = time.perf_counter() - before
            assert taken < seconds, f"content {tried} took {taken:.1f} s: {content!r:.2000}"
    return well, tried


@contextmanager
def bounded(memory):
    """Within it, the process may take that many bytes more than it has, and no more."""
    gc.collect()
    old = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + memory, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, old)


FORBIDDEN = ("os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "subprocess.Popen", "socket.", "ftplib.",
             "urllib.Request", "pickle.find_class", "marshal.load", "ctypes.dlopen", "os.chmod", "os.symlink", "shutil.")  # fmt: skip
"""Python's audit events that reading a file has no business to raise."""

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIBRARIES = (sys.prefix, sys.base_prefix, ROOT, "/proc/self", "/sys/", "/dev/null", "/usr/lib", "/usr/share")
_watch = {"directory": None, "deeds": []}


def _hear(event, arguments):
    if _watch["directory"] is None:
        return
    if event.startswith(FORBIDDEN):
        _watch["deeds"].append((event, str(arguments)[:200]))
    elif event == "exec":
        code = arguments[0]
        name = getattr(code, "co_filename", "<text>")
        if not os.path.isfile(name) and not name.startswith("<frozen"):
            _watch["deeds"].append((event, name))
    elif event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
        path, mode = os.path.abspath(os.fsdecode(arguments[0])), str(arguments[1])
        mine = path.startswith(str(_watch["directory"]))
        reads = not set(mode) & set("wax+") and path.startswith(LIBRARIES)
        if not mine and not reads:
            _watch["deeds"].append((event, path, mode))


sys.addaudithook(_hear)


@contextmanager
def watched(directory):
    """Within it, gives the list of forbidden deeds: code run, programs started, files touched outside a directory."""
    _watch.update(directory=os.path.abspath(directory), deeds=[])
    try:
        yield _watch["deeds"]
    finally:
        _watch["directory"] = None
