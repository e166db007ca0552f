"""Rows of the laws: CTCLossLayer, ContrastiveLossLayer, CompiledLayer."""

from tests.lawful import case
from wlnet.core.symbols import Restricted
from wlnet.layers.contrastive import ContrastiveLossLayer
from wlnet.layers.sequence_losses import CTCLossLayer

CASES = [
    case(CTCLossLayer(Input=(7, 4), Target=3), simplex=("Input",)),
    case(CTCLossLayer(Input=(11, 4), Target="Varying"), simplex=("Input",)),
    case(CTCLossLayer(Input=("Varying", 4), Target=2), simplex=("Input",)),
    case(CTCLossLayer(Input=("n", 3), Target=("n",)), simplex=("Input",)),
    case(CTCLossLayer(Target=(3, Restricted("Integer", 4)), Input=(7, 5)), simplex=("Input",)),
    case(ContrastiveLossLayer(), domains={"Input": (0.0, 1.0)}),
    case(ContrastiveLossLayer(1.25), domains={"Input": (0.0, 2.0)}),
]
