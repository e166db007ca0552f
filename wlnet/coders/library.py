"""tokenizer.json files at work: the one module that imports the package tokenizers, and only on demand."""

from functools import lru_cache
from json import loads

from tokenizers import Tokenizer

from wlnet.coders.subwordfields import TokenizerFile
from wlnet.core.errors import NetError

PADS = ("[PAD]", "<pad>", "<|endoftext|>", "</s>")


class LibraryCutter:
    """A tokenizer of the package tokenizers, whose identifiers from 0 are codes from 1."""

    lacks_ends: tuple = ()

    def __init__(self, source: str):
        self.tokenizer = Tokenizer.from_str(source)
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        known = self.tokenizer.get_vocab(with_added_tokens=True)
        self.count = max(known.values(), default=-1) + 1
        said = (loads(source).get("padding") or {}).get("pad_id")
        last = self.count - 1
        self.pad = 1 + (next((known[name] for name in PADS if name in known), last) if said is None else said)

    def codes(self, text: str, ends: bool = False) -> list[int]:
        """The codes of a text, with the tokens that the file puts around it where they are asked for."""
        return [place + 1 for place in self.tokenizer.encode(text, add_special_tokens=ends).ids]

    def text(self, codes: list[int]) -> str:
        """The text of some codes; special tokens give nothing."""
        return self.tokenizer.decode([code - 1 for code in codes], skip_special_tokens=True)


@lru_cache(maxsize=8)
def cutter(file: TokenizerFile, label: str) -> LibraryCutter:
    """The tokenizer of a file, made once."""
    try:
        return LibraryCutter(file.source)
    except Exception as error:  # the package raises Exception itself
        raise NetError(f"{label}: {file.path} is not a tokenizer: {error}", got=file.path) from None
