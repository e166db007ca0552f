"""What the header of a native file may say, as Pydantic models: the gate through which every specification comes in.

A number, a text, true, false and null are themselves. Everything else is an object, which its first key names:

    {"tuple": […]}  {"list": […]}  {"dict": [[key, value], …]}  {"float": "inf"}  {"array": "1/Weights"}
    {"symbol": "Automatic"}  {"head": "Ramp"}
    {"make": "LinearLayer", "of": [positional…], "with": {name: value, …}}
    {"make": "NetGraph", "layers": [[key, layer], …], "edges": […], "with": {name: value, …}}

`schema()` is the JSON schema.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    FailFast,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    Tag,
    ValidationError,
)

from wlnet.core.errors import NetError
from wlnet.core.refuse import brief

VERSION = 1
"""The version of the format. A later one may hold what this version of wlnet does not know."""

LARGEST = 32 * 2**20
"""The longest header in bytes that is read: of hundreds of thousands of layers, or of millions of labels."""


def tag_of(node: Any) -> str | None:
    """Which model a node is: one of the kinds, or a plain value."""
    if isinstance(node, dict):
        return next((key for key in node if key in KINDS), None)
    return "plain" if node is None or isinstance(node, (str, bool, int, float)) else None


class Part(BaseModel):
    """A node that is an object: its one key says what it is, and nothing else is in it."""

    model_config = ConfigDict(extra="forbid")


Nodes = Annotated[list["Node"], FailFast()]


class TupleNode(Part):
    """{"tuple": […]}: a tuple."""

    values: Nodes = Field(alias="tuple")


class ListNode(Part):
    """{"list": […]}: a list."""

    values: Nodes = Field(alias="list")


class DictNode(Part):
    """{"dict": [[key, value], …]}: a dict, in its order."""

    pairs: Annotated[list[tuple["Node", "Node"]], FailFast()] = Field(alias="dict")


class FloatNode(Part):
    """{"float": "inf"}: a number that JSON does not have."""

    number: Literal["inf", "-inf", "nan"] = Field(alias="float")


class ArrayNode(Part):
    """{"array": name}: the tensor of that name."""

    name: StrictStr = Field(alias="array")


class SymbolNode(Part):
    """{"symbol": name}: a symbol such as Automatic."""

    name: Annotated[StrictStr, Field(pattern=r"^[A-Za-z]\w{0,63}$")] = Field(alias="symbol")


class HeadNode(Part):
    """{"head": name}: a function such as Ramp."""

    name: StrictStr = Field(alias="head")


class MadeNode(Part):
    """{"make": name, …}: what a constructor makes of positional arguments and options; a container of its layers."""

    name: StrictStr = Field(alias="make")
    positional: Nodes = Field(default=[], alias="of")
    options: Annotated[dict[str, "Node"], Field(max_length=100)] = Field(default={}, alias="with")
    layers: Annotated[list[tuple[StrictInt | StrictStr, "Node"]], FailFast()] = []
    edges: Nodes = []


KINDS = ("tuple", "list", "dict", "float", "array", "symbol", "head", "make")

Node = Annotated[
    Annotated[StrictBool | StrictInt | StrictFloat | StrictStr | None, Tag("plain")]
    | Annotated[TupleNode, Tag("tuple")]
    | Annotated[ListNode, Tag("list")]
    | Annotated[DictNode, Tag("dict")]
    | Annotated[FloatNode, Tag("float")]
    | Annotated[ArrayNode, Tag("array")]
    | Annotated[SymbolNode, Tag("symbol")]
    | Annotated[HeadNode, Tag("head")]
    | Annotated[MadeNode, Tag("make")],
    Discriminator(tag_of),
]


class Header(BaseModel):
    """What the metadata of a file say under "wlnet"."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    format: Literal["wlnet"] = "wlnet"
    version: Annotated[StrictInt, Field(ge=1)] = VERSION
    net: Node
    training: Node = None  # of a checkpoint: everything that a training needs to go on


def schema() -> dict[str, Any]:
    """The JSON schema of the header."""
    return Header.model_json_schema()


def text_of(net: Any, training: Any) -> str:
    """The header's JSON text."""
    content = {"format": "wlnet", "version": VERSION, "net": net, "training": training}
    text = json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > LARGEST:
        raise NetError(f"the specification of the net has {len(text.encode())} bytes, more than {LARGEST}", got=net)
    return text


def content_of(text: str) -> dict[str, Any]:
    """The header that a JSON text is: NetError says what of it is wrong, and where."""
    try:
        content = json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)
    except RecursionError:
        raise damaged("it is nested too deeply") from None
    except ValueError as error:
        raise damaged(f"it is no JSON: {error}") from None
    version = content.get("version") if isinstance(content, dict) else None
    if type(version) is int and version > VERSION:
        message = f"it is of version {version} of the format; this wlnet reads versions up to {VERSION}"
        raise NetError(message, got=version, hint="update wlnet: pip install --upgrade wlnet")
    try:
        Header.model_validate(content)
    except ValidationError as error:
        raise refusal(error) from None
    return content


def refusal(error: ValidationError) -> NetError:
    """What the first complaint of Pydantic means: where in the JSON, and what stands there."""
    first = error.errors(include_url=False, include_context=False)[0]
    place = "/".join(str(part) for part in first["loc"] if part not in _TAGS)
    if first["type"].startswith("recursion"):
        return damaged("it is nested too deeply")
    got = first["input"]
    if first["type"].startswith("union_tag"):
        said = f"{brief(got)} is no part of a specification"
    else:
        said = first["msg"][0].lower() + first["msg"][1:]
    return damaged(f"{said}, at {place[-200:]}" if place else said)


_TAGS = {*KINDS, "plain"}


def damaged(what: str, place: tuple = ()) -> NetError:
    """A specification says something that cannot be."""
    return NetError(f"the specification of the net is damaged, or of a later version: {what}", path=place)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has a key twice")
    return found
