"""Nodes of which all inputs are known are computed when the net is read, by ONNX's own reference."""

from typing import Any

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

from wlnet.core.errors import NetError
from wlnet.formats.onnx.reading.node import Node
from wlnet.formats.onnx.reading.values import Value, known
from wlnet.formats.onnx.tensors import MOST

GROWING = ("Tile", "Expand", "Pad", "Resize", "Upsample", "OneHot", "EyeLike", "Range", "Einsum", "MatMul", "Gemm")
"""What may make much more numbers than it reads."""


def folded(node: Node, inputs: list[Value | None]) -> list[Value]:
    """The outputs of a node whose inputs are known."""
    read = sum(each.array.size for each in inputs if each is not None)
    if read > MOST or (node.kind in GROWING and grown(node, inputs) > MOST):
        raise NetError("it makes more numbers than are read")
    names = [f"x{at}" if each is not None else "" for at, each in enumerate(inputs)]
    outputs = [name or f"unread{at}" for at, name in enumerate(node.outputs)]
    try:
        proto = onnx.helper.make_node(node.kind, names, outputs, domain=node.domain, **node.attributes_as_given())
        feeds = {name: each.array for name, each in zip(names, inputs, strict=True) if each is not None}
        results = ReferenceEvaluator(proto, opsets={node.domain: node.version}).run(None, feeds)
    except MemoryError:
        raise
    except Exception:  # whatever the reference says of inputs that are wrong
        raise NetError("it cannot be computed from the values that the file gives") from None
    return [known(each) if isinstance(each, (np.ndarray, np.generic)) else refuse(each) for each in results]


def refuse(value: Any) -> Value:
    """Refuses what is no array of numbers."""
    raise NetError(f"it gives {type(value).__name__}, which is no array of numbers")


def grown(node: Node, inputs: list[Value | None]) -> float:
    """At most so many numbers a node makes of what it reads."""
    given = [each.array for each in inputs if each is not None]
    if node.kind in ("Tile", "Expand") and len(given) > 1:
        return float(np.prod(np.abs(given[1].astype(float)))) * (given[0].size if node.kind == "Tile" else 1)
    if node.kind == "Range" and len(given) == 3:
        return float(abs(given[1] - given[0]) / max(abs(float(given[2])), 1e-30))
    if node.kind in ("MatMul", "Gemm", "Einsum"):
        return float(np.prod([max(each.size, 1) for each in given], dtype=float)) / 64
    largest = max((float(np.max(np.abs(each), initial=0)) for each in given[1:] if each.dtype.kind in "iuf"), default=0)
    return given[0].size * max(1.0, largest) if given else 0
