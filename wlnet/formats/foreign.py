"""Files that wlnet does not read: what they are, and what to do instead."""

from collections.abc import Callable
from dataclasses import dataclass

from wlnet.core.errors import NetError

IN_WOLFRAM = 'in Wolfram Language, Export["net.wlnet", net] writes it as WLNet, which wlnet reads'
MXNET = "in Wolfram Language, Import it and Export it as WLNet, or let MXNet write ONNX: wlnet reads both"
TORCH = "torch.onnx.export writes the net as ONNX, safetensors.torch.save_file its arrays: wlnet reads both"
TENSORFLOW = "tf2onnx writes the net as ONNX, which wlnet reads"


@dataclass(frozen=True)
class Foreign:
    """A format that is refused: its name, why, and what to do."""

    name: str
    extensions: tuple[str, ...]
    recognises: Callable[[bytes], bool]
    why: str
    hint: str

    def refusal(self, path: object) -> NetError:
        """The error about a file of this format."""
        return NetError(f"{path}: {self.name} files are not read: {self.why}", got=str(path), hint=self.hint)


def is_mxnet(start: bytes) -> bool:
    """MXNet's list of arrays begins with 0x112; its symbols are JSON with these two keys."""
    if start[:8] == (0x112).to_bytes(8, "little"):
        return True
    return start.lstrip()[:1] == b"{" and b'"nodes"' in start and b'"op"' in start and b'"inputs"' in start


def is_pickle(start: bytes) -> bool:
    """A pickle of protocol 2 or later."""
    return start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05") and len(start) > 2


FOREIGN = (
    Foreign("MXNet", (".params",), is_mxnet, "MXNet is retired", MXNET),
    Foreign("MX", (".mx",), lambda start: b"binary dump file" in start[:120], "the format is closed", IN_WOLFRAM),
    Foreign(
        "PyTorch",
        (".pt", ".pth", ".ckpt"),
        lambda start: start[:4] == b"PK\x03\x04" and b"data.pkl" in start[:200],
        "they hold code, which would run",
        TORCH,
    ),
    Foreign("pickle", (".pkl", ".pickle"), is_pickle, "they hold code, which would run", TORCH),
    Foreign(
        "TensorFlow Lite", (".tflite",), lambda start: start[4:8] == b"TFL3", "they hold compiled nets", TENSORFLOW
    ),
    Foreign("Keras", (".keras", ".h5", ".pb"), lambda start: False, "they hold code in part", TENSORFLOW),
    Foreign(
        "GGUF",
        (".gguf",),
        lambda start: start[:4] == b"GGUF",
        "they hold arrays in packed numbers, and no net",
        "look for the same model as safetensors or ONNX",
    ),
    Foreign(
        "NumPy",
        (".npy", ".npz"),
        lambda start: start[:6] == b"\x93NUMPY",
        "they hold arrays, and no net",
        "numpy.load reads the arrays; NetReplacePart puts them into a net",
    ),
)
"""What is refused, with advice."""


def foreign_by_content(start: bytes) -> Foreign | None:
    """The refused format that the start of a file shows."""
    return next((row for row in FOREIGN if row.recognises(start)), None)


def foreign_by_extension(extension: str) -> Foreign | None:
    """The refused format that has an extension."""
    return next((row for row in FOREIGN if extension in row.extensions), None)


def foreign_by_name(name: str) -> Foreign | None:
    """The refused format of a name."""
    return next((row for row in FOREIGN if row.name.lower() == name.lower()), None)
