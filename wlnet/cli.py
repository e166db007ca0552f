"""The command `wlnet`: info, convert, draw and run, on nets in any file that Import reads.

It answers 0 when all went well, 1 where a file, a net or data are wrong, with what NetError says, and 2 where the
command itself is. What is asked for goes to standard output, all else to standard error.
"""

import argparse
import json
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.layer import Layer
from wlnet.core.symbols import Automatic
from wlnet.formats.data import data_of, text_of, write_data
from wlnet.formats.files import FORMATS
from wlnet.formats.front import Export, Import
from wlnet.verbs.information import Information

ENDING = """\
formats: {formats}
exit codes: 0 all went well, 1 a file, a net or data are wrong, 2 the command is wrong
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line, and gives its exit code."""
    said = parser().parse_args(arguments)
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal of ASCII shows × as ?
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = lambda message, *rest: print(f"wlnet: {message}", file=sys.stderr)
            said.does(said)
            sys.stdout.flush()
    except NetError as error:
        print(f"wlnet: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to write has no place
        if not isinstance(error, BrokenPipeError):  # of that nobody need hear: head, or a pager that was left
            print(f"wlnet: the output cannot be written: {error.strerror}", file=sys.stderr)
            return 1
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """What can be said."""
    ending = ENDING.format(formats=", ".join(FORMATS))
    made = argparse.ArgumentParser("wlnet", description="Nets in files: what they are, in other formats, at work.")
    made.epilog, made.formatter_class = ending, argparse.RawDescriptionHelpFormatter
    made.add_argument("--version", action="version", version=f"wlnet {own_version()}")
    commands = made.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, does: Any, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.add_argument("file", metavar="FILE", help="a file that holds a net")
        added.add_argument("--format", metavar="NAME", default=Automatic, help="the format of FILE, if it is not plain")
        added.add_argument("--net", metavar="NAME", help="which net, where FILE holds several")
        added.set_defaults(does=does)
        return added

    info = command("info", information, "prints what a file holds")
    info.add_argument("--element", metavar="NAME", help='an element in its place, such as "Elements", which lists them')
    convert = command("convert", conversion, "writes the net of a file in another format")
    convert.add_argument("out", metavar="OUT", help="the file to write; its extension tells the format")
    convert.add_argument("--to", metavar="NAME", default=Automatic, help="the format of OUT, if it is not plain")
    option_help = "an option of the format that is written; may be repeated"
    convert.add_argument("--option", metavar="NAME=VALUE", action="append", default=[], type=option, help=option_help)
    draw = command("draw", drawing, "draws the net of a file as SVG")
    draw.add_argument("out", metavar="OUT.svg", help="the picture to write")
    draw.add_argument("--summary", action="store_true", help="nets inside the net as one box each")
    run = command("run", evaluation, "gives data to the net of a file, and prints what it gives as JSON")
    data = (
        "data for a port, or for the one port there is: .npy, .npz (all ports), .json; a picture for an image encoder"
    )
    run.add_argument("--input", metavar="[PORT=]DATA", action="append", default=[], help=data)
    run.add_argument("--output", metavar="OUT", help="a file for the result: .npy, .npz or .json")
    run.add_argument("--property", metavar="NAME", help='what of it, such as "Probabilities"; "None" without a decoder')
    return made


def own_version() -> str:
    """The version of wlnet that is installed."""
    try:
        return version("wlnet")
    except PackageNotFoundError:
        return "(not installed)"


def option(text: str) -> tuple[str, Any]:
    """NAME=VALUE, where the value is JSON, or else a text.

    >>> option("OperatorSetVersion=13"), option("Name=a net")
    (('OperatorSetVersion', 13), ('Name', 'a net'))
    """
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value


def net_of(said: argparse.Namespace) -> Layer:
    """The net of the file, or the one of its nets that is named."""
    held = Import(said.file, Format=said.format)
    if isinstance(held, Layer) and said.net is None:
        return held
    nets = {name: each for name, each in held.items() if isinstance(each, Layer)} if isinstance(held, Mapping) else {}
    if said.net in nets:
        return nets[said.net]
    if said.net is not None:
        raise NetError(f"{said.file} has no net {said.net}", got=said.net, hint=nearest(said.net, nets))
    hint = f"say which: --net {', --net '.join(nets)}" if nets else f"wlnet info {said.file} says what it holds"
    raise NetError(f"{said.file} holds {f'{len(nets)} nets' if nets else 'no net'}", got=said.file, hint=hint)


def information(said: argparse.Namespace) -> None:
    """wlnet info."""
    if said.element is not None:
        value = Import(said.file, said.element, Format=said.format)
        print(text_of(value) if isinstance(value, (str, int, float, list, dict, np.ndarray)) else value)
        return
    held = net_of(said) if said.net is not None else Import(said.file, Format=said.format)
    if isinstance(held, Layer):
        print(Information(held))
    elif all(isinstance(each, np.ndarray) for each in held.values()):
        print("\n".join(f"{name}  {each.dtype}  {'×'.join(map(str, each.shape))}" for name, each in held.items()))
    else:
        for name, each in held.items():
            print(f"{name}\n\n{Information(each)}\n" if isinstance(each, Layer) else f"{name}: {each!r}\n")


def conversion(said: argparse.Namespace) -> None:
    """wlnet convert."""
    Export(said.out, net_of(said), said.to, **dict(said.option))


def drawing(said: argparse.Namespace) -> None:
    """wlnet draw."""
    Information(net_of(said), "SummaryGraphic" if said.summary else "FullSummaryGraphic").save(said.out)


def evaluation(said: argparse.Namespace) -> None:
    """wlnet run."""
    net = net_of(said)
    data: dict[str, Any] = {}
    for text in said.input:
        for port, value in given(text, Information(net, "InputPortNames")).items():
            if port in data:
                raise NetError(f"--input gives data for the port {port} twice", got=text)
            data[port] = value
    asked = () if said.property is None else (None if said.property == "None" else said.property,)
    result = net(data, *asked)
    if said.output is None:
        print(text_of(result))
    else:
        write_data(said.output, result)


def given(text: str, ports: Sequence[str]) -> dict[str, Any]:
    """The data of one --input by port: a port is said before the sign =, or it is the only one, or an .npz says it."""
    port, equals, file = text.partition("=")
    if equals and (port in ports or not Path(text).exists()):
        return {port: data_of(file)}
    value = data_of(text)
    if isinstance(value, dict) and text.lower().endswith(".npz"):
        return value
    if len(ports) != 1:
        hint = f"write --input {ports[0] if ports else 'PORT'}={text}"
        raise NetError(f"the net has {len(ports)} input ports; say for which the data are", got=text, hint=hint)
    return {ports[0]: value}
