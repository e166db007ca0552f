"""The types of the parameters of SubwordTokens: lists of tokens, methods, files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import BeforeValidator

from wlnet.coders.charactertable import REST
from wlnet.core.errors import nearest
from wlnet.core.fields import one_of
from wlnet.core.refuse import brief
from wlnet.core.symbols import EndOfString, StartOfString, show_name

SYMBOLS = {each.name: each for each in (StartOfString, EndOfString)}
METHOD = ("CombineWhitespace", "WhitespacePadding")


class Way(NamedTuple):
    """How a text is cut into tokens, and what is done to its white space before."""

    name: str = "BPE"
    combines: bool = False
    padding: str | None = None


@dataclass(frozen=True)
class TokenizerFile:
    """A tokenizer.json: what it says, and where it was read. It prints as the file's name."""

    path: str
    source: str

    def __repr__(self) -> str:
        return show_name(self.path)


def is_file(value: Any) -> bool:
    """Whether tokens are given by the name of a file."""
    return isinstance(value, (str, Path))


def subword_tokens(value: Any) -> Any:
    """A list of tokens, each once, with `_` among them; StartOfString and EndOfString may be. Or a tokenizer's file."""
    if isinstance(value, TokenizerFile):
        return value
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value.tolist()
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        raise ValueError("must be a list of tokens, or a file")
    listed = tuple(SYMBOLS[str(getattr(each, "name", each))] if _known(each) else each for each in value)
    wrong = next((each for each in listed if not (isinstance(each, str) and each) and each not in SYMBOLS.values()), "")
    if wrong != "" or not listed:
        raise ValueError(f"must hold texts, StartOfString and EndOfString{f', not {brief(wrong)}' if listed else ''}")
    seen: set = set()
    for token in listed:
        if token in seen:
            raise ValueError(f"must name each token once, not {brief(token)} twice")
        seen.add(token)
    if REST not in seen:
        raise ValueError('must hold "_", the token of what is not known')
    return listed


def _known(value: Any) -> bool:
    name = getattr(value, "name", value)
    return isinstance(name, str) and name in SYMBOLS


def _method(value: Any) -> Any:
    name, settings = value, {}
    if isinstance(value, (tuple, list)) and value:
        name, *rest = value
        if not all(isinstance(each, Mapping) for each in rest):
            raise ValueError('must be "BPE", ("BPE", {…}) or "WordPiece"')
        settings = {key: setting for each in rest for key, setting in each.items()}
    if name not in ("BPE", "WordPiece"):
        raise ValueError("must be one of BPE, WordPiece")
    names = METHOD if name == "BPE" else ()
    for key in settings:
        if key not in names:
            raise ValueError(f"{name} has no setting {brief(key)} ({nearest(key, names).removesuffix('?')})")
    combines, padding = settings.get(METHOD[0], False), settings.get(METHOD[1])
    padding = getattr(padding, "name", padding)
    if not isinstance(combines, bool):
        raise ValueError("must have a CombineWhitespace that is True or False")
    if padding not in (None, "Left", "Right"):
        raise ValueError("must have a WhitespacePadding that is one of None, Left, Right")
    given = {key: setting for key, setting in zip(METHOD, (combines, padding), strict=True) if setting}
    return (name, given) if given else name


def method(value: Any) -> Way:
    """A checked method at work."""
    if isinstance(value, str):
        return Way(value)
    return Way(value[0], *(value[1].get(key, default) for key, default in zip(METHOD, (False, None), strict=True)))


def _vocabulary(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, str) and len(value):
        listed = tuple(str(each) if isinstance(each, np.str_) else each for each in value)
        if all(isinstance(each, str) for each in listed):
            return listed
    raise ValueError("must be None or a list of tokens")


TokenListField = Annotated[Any, BeforeValidator(subword_tokens)]
MethodField = Annotated[Any, BeforeValidator(_method)]
VocabularyField = Annotated[Any, BeforeValidator(_vocabulary)]
InputTypeField = Annotated[Any, one_of("String")]
OutputField = Annotated[Any, one_of("VocabularyIndex")]
FormField = Annotated[Any, one_of(None, "NFC", "NFD", "NFKC", "NFKD")]
TrimmingField = Annotated[Any, one_of(None, "Left", "Right")]
