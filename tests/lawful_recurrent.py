"""The rows of the recurrent and the sequence layers in the table of the laws."""

from tests.lawful import Case, case
from wlnet import Automatic, NetChain, NetGraph, NetPort
from wlnet.layers.recurrent import BasicRecurrentLayer, GatedRecurrentLayer, LongShortTermMemoryLayer
from wlnet.layers.sequence import (
    SequenceIndicesLayer,
    SequenceLastLayer,
    SequenceMostLayer,
    SequenceRestLayer,
    SequenceReverseLayer,
)

RECURRENT = [
    case(layer(*arguments, Input=shape, **options))
    for layer in (BasicRecurrentLayer, GatedRecurrentLayer, LongShortTermMemoryLayer)
    for arguments, shape, options in [
        ((3,), (5, 2), {}),
        ((2,), ("Varying", 3), {}),
        ((), ("n", 3), {"Output": (Automatic, 2)}),
        ((2,), ("Varying", 3), {"Dropout": {"VariationalInput": 0, "StateUpdate": 0.0}}),
    ]
]
OPTIONS = [
    case(BasicRecurrentLayer(2, Biases=None, Input=("Varying", 3))),
    case(GatedRecurrentLayer(2, InputGateBiases=None, ResetGateBiases=[1, 2], Input=("Varying", 3))),
    case(LongShortTermMemoryLayer(2, ForgetGateBiases=None, LearningRateMultipliers={"_": 0.5}, Input=(5, 3))),
    case(BasicRecurrentLayer(StateWeights=[[0.5, -0.25], [0.75, 1]], Input=("Varying", 3))),
]


def with_states(layer: type, *states: str) -> NetGraph:
    """A layer whose states come by ports of the graph and leave by others."""
    edges = [((NetPort(f"First{name}")), NetPort("r", name)) for name in states]
    edges += [(NetPort("r", name), NetPort(f"Last{name}")) for name in states]
    return NetGraph({"r": layer(2)}, edges, Input=("Varying", 3))


STATES = [
    case(with_states(BasicRecurrentLayer, "State")),
    case(with_states(GatedRecurrentLayer, "State")),
    case(with_states(LongShortTermMemoryLayer, "State", "CellState")),
    case(
        NetGraph(
            {"a": LongShortTermMemoryLayer(2), "b": LongShortTermMemoryLayer(2), "last": SequenceLastLayer()},
            [
                (NetPort("Source"), "a"),
                ("a", "last"),
                (NetPort("a", "CellState"), NetPort("b", "CellState")),
                (NetPort("a", "State"), NetPort("b", "State")),
                (NetPort("Target"), "b"),
            ],
            Source=("Varying", 3),
            Target=("Varying", 3),
        )
    ),
]
SEQUENCE = [
    case(layer(Input=shape))
    for layer in (SequenceLastLayer, SequenceMostLayer, SequenceRestLayer, SequenceReverseLayer, SequenceIndicesLayer)
    for shape in (5, "Varying", (5, 3, 2), ("Varying", 3), ("n", 2, 3))
]
FORMS = [
    case(SequenceIndicesLayer(Maximum=3, Input=("Varying", 2))),
    case(SequenceMostLayer(Output=("Varying", 3))),
    case(NetChain([SequenceMostLayer(), SequenceReverseLayer(), GatedRecurrentLayer(2)], Input=("Varying", 3))),
    case(NetChain([GatedRecurrentLayer(2), SequenceReverseLayer(), SequenceRestLayer(), SequenceLastLayer()],
                  Input=("Varying", 3))),
]  # fmt: skip

CASES: list[Case] = [*RECURRENT, *OPTIONS, *STATES, *SEQUENCE, *FORMS]
