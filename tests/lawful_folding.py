"""The rows of NetFoldOperator and NetBidirectionalOperator in the table of the laws."""

from tests.lawful import Case, case
from wlnet import (
    BasicRecurrentLayer,
    BatchNormalizationLayer,
    CatenateLayer,
    LinearLayer,
    NetBidirectionalOperator,
    NetChain,
    NetFoldOperator,
    NetGraph,
    NetMapOperator,
    NetPort,
    SequenceLastLayer,
    Tanh,
    ThreadingLayer,
    TotalLayer,
)

CELL = NetGraph(
    {"x": LinearLayer(2), "s": LinearLayer(2, Biases=None), "next": ThreadingLayer(lambda a, b: Tanh(a + b))},
    [(NetPort("Input"), "x"), (NetPort("State"), "s"), (("x", "s"), "next")],
)
TWO = NetGraph(
    {"joined": CatenateLayer(), "next": NetChain([2, "Tanh"]), "out": LinearLayer(3)},
    [((NetPort("A"), NetPort("B"), NetPort("Fixed"), NetPort("State")), "joined", ("next", "out"))]
    + [("next", NetPort("Next")), ("out", NetPort("Seen"))],
)
NORMAL = NetGraph(
    {"joined": CatenateLayer(), "normal": BatchNormalizationLayer(), "next": NetChain([2, "Tanh"])},
    [((NetPort("Input"), NetPort("State")), "joined", "normal", "next")],
)

FOLDS = [
    case(NetFoldOperator(CELL, Input=("Varying", 3))),
    case(NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"}, Input1="Varying")),
    case(
        NetFoldOperator(
            TWO, {"Next": "State"}, ["Fixed"], ["Seen"], A=("n", 3), B=("n", 1), Fixed=2, LearningRateMultipliers=0.5
        )
    ),
    case(NetFoldOperator(NORMAL, Input=("Varying", 3))),
    case(
        NetGraph(
            {"fold": NetFoldOperator(CELL)},
            [(NetPort("First"), NetPort("fold", "State")), (NetPort("fold", "State"), NetPort("Last"))],
            Input=("Varying", 3),
        )
    ),
    case(NetMapOperator(NetFoldOperator(CELL), Input=("Varying", 5, 3))),
]
FOLD = NetFoldOperator(CELL)
BIDIRECTIONAL = [
    case(NetBidirectionalOperator([FOLD, BasicRecurrentLayer(3)], Input=(5, 3))),
    case(NetBidirectionalOperator(BasicRecurrentLayer(2), "Total", Input=("Varying", 3))),
    case(NetBidirectionalOperator(NetChain([BasicRecurrentLayer(2), SequenceLastLayer()]), "Mean", Input=("n", 3))),
    case(
        NetGraph(
            {"both": NetBidirectionalOperator(BasicRecurrentLayer(2))},
            [(NetPort("First"), NetPort("both", "BackwardState")), (NetPort("both", "ForwardState"), NetPort("Last"))],
            Input=("Varying", 3),
        )
    ),
]
CASES: list[Case] = [*FOLDS, *BIDIRECTIONAL]
