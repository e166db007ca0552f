"""Every operator that is read: the modules that enter them, and what is said of others."""

from wlnet.core.errors import NetError, nearest
from wlnet.formats.onnx.reading import (  # noqa: F401 - each enters its operators
    arrays,
    blocks,
    choices,
    elementwise,
    formulas,
    kinds,
    normal,
    pieces,
    products,
    recurrent,
    reductions,
    repeats,
    resize,
    sizes,
    windows,
)
from wlnet.formats.onnx.reading.node import OPERATORS, Node

REMEDIES = {
    "If": "export the model for one case: a net has no branches",
    "Loop": "export the model with the loop unrolled: a net has no loops",
    "Scan": "export the model with the loop unrolled: a net has no loops",
}
QUANTIZED = "export the model in single precision: quantized numbers are not read"


def refusal(node: Node) -> NetError:
    """What is said of an operator that is not read."""
    remedy = REMEDIES.get(node.kind)
    if remedy is None and (
        "quantize" in node.kind.lower() or node.kind.startswith("QLinear") or node.kind.endswith("Integer")
    ):
        remedy = QUANTIZED
    if remedy is None:
        known = [name for domain, name in OPERATORS if domain == node.domain]
        near = nearest(node.kind, known, 0.9) if known else ""
        remedy = near if near.startswith("did") else None
    return NetError(f"{node.label} is not read", got=node.kind, hint=remedy)


__all__ = ["OPERATORS", "refusal"]
