"""NetBidirectionalOperator: against its two nets run by hand, forwards and on the reversed sequence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import example
from tests.recurrences import arrays_of
from wlnet import (
    BasicRecurrentLayer,
    Catenate,
    ElementwiseLayer,
    GatedRecurrentLayer,
    Information,
    LinearLayer,
    LongShortTermMemoryLayer,
    Mean,
    NetBidirectionalOperator,
    NetChain,
    NetExtract,
    NetFoldOperator,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetPort,
    NetPortGradient,
    NetTrain,
    SequenceLastLayer,
    SequenceMostLayer,
    Total,
    TotalLayer,
)
from wlnet.core.errors import NetError

LENGTHS = (5, 2, 7)
TOGETHER = {
    "Catenate": lambda f, b: np.concatenate([f, b], -1),
    "Total": lambda f, b: f + b,
    "Mean": lambda f, b: (f + b) / 2,
}
"""What the aggregations are."""


def layer(n=3, k=2, seed=0, of=GatedRecurrentLayer):
    return of(n, **arrays_of(of, n, k, seed))


def sequences(k=2, seed=0):
    return [example(n, k, seed=seed + n) for n in LENGTHS]


@pytest.mark.parametrize("aggregation", TOGETHER)
def test_fnet_bnet_agg_on_the_sequence_and_the_reversed_sequence(aggregation):
    forward, backward = layer(seed=1), layer(seed=2)
    net = NetBidirectionalOperator([forward, backward], aggregation, Input=("Varying", 2))
    x = sequences()
    for ours, each in zip(net(x), x, strict=True):
        expected = TOGETHER[aggregation](forward(each), backward(each[::-1])[::-1])
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-6)


def test_agg_catenate_is_the_default_and_joins_features_to_width_2d_total_and_mean_keep_width_d():
    net = NetBidirectionalOperator(layer(), Input=("Varying", 2))
    assert net == NetBidirectionalOperator(layer(), Catenate, Input=("Varying", 2))
    assert net.shapes["Output"][1] == 6
    for symbol in (Total, Mean):
        assert NetBidirectionalOperator(layer(), symbol, Input=("Varying", 2)).shapes["Output"][1] == 3
    assert NetBidirectionalOperator([layer(3), layer(5)], Input=("Varying", 2)).shapes["Output"][1] == 8


def test_catenate_joins_each_element_at_its_first_level():
    """As Catenate of each pair of elements does; sequences of matrices too."""
    net = NetBidirectionalOperator(NetMapOperator(ElementwiseLayer("Tanh")), Input=("Varying", 3, 2))
    x = example(5, 3, 2)
    np.testing.assert_allclose(net(x), np.concatenate([np.tanh(x)] * 2, 1), rtol=1e-6)


@pytest.mark.parametrize("aggregation", TOGETHER)
def test_the_backward_result_is_not_reversed_again_if_it_is_no_sequence(aggregation):
    chain = NetChain([layer(), SequenceLastLayer()])
    net = NetBidirectionalOperator(chain, aggregation, Input=("Varying", 2))
    x = sequences()
    expected = [TOGETHER[aggregation](chain(each), chain(each[::-1])) for each in x]
    np.testing.assert_allclose(net(x), expected, rtol=1e-5, atol=1e-6)


def test_a_vector_that_is_as_long_as_the_sequence_is_no_sequence():
    chain = NetInitialize(NetChain([GatedRecurrentLayer(3), SequenceLastLayer(), LinearLayer(5)], Input=(5, 2)))
    x = example(5, 2)
    expected = np.concatenate([chain(x), chain(x[::-1])])
    np.testing.assert_allclose(NetBidirectionalOperator(chain)(x), expected, rtol=1e-5, atol=1e-6)


def test_a_sequence_that_gets_shorter_is_reversed_by_its_own_length():
    chain = NetChain([layer(), SequenceMostLayer()])
    net = NetBidirectionalOperator(chain, Input=("Varying", 2))
    x = sequences()
    for ours, each in zip(net(x), x, strict=True):
        expected = np.concatenate([chain(each), chain(each[::-1])[::-1]], 1)
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-6)


def test_net_is_copied_twice_and_trained_independently():
    net = NetBidirectionalOperator(GatedRecurrentLayer(3), Input=("Varying", 2))
    assert net == NetBidirectionalOperator([GatedRecurrentLayer(3), GatedRecurrentLayer(3)], Input=("Varying", 2))
    assert repr(net) == 'NetBidirectionalOperator(GatedRecurrentLayer(3), Input=("Varying", 2))'
    net = NetInitialize(net)
    weights = [NetExtract(net, (key, "MemoryGateInputWeights")) for key in ("ForwardNet", "BackwardNet")]
    assert not np.array_equal(*weights)
    trained = NetTrain(net, (sequences(), [y[:, :1] * np.ones(6, "f") for y in sequences(seed=9)]), MaxTrainingRounds=2)
    after = [NetExtract(trained, (key, "MemoryGateInputWeights")) for key in ("ForwardNet", "BackwardNet")]
    for one, other in zip(weights, after, strict=True):
        assert not np.array_equal(one, other)
    assert Information(net, "ArraysCount") == 18


def test_states_are_exposed_with_prefixes_forward_and_backward():
    lstm = layer(of=LongShortTermMemoryLayer)
    net = NetBidirectionalOperator(lstm, Input=("Varying", 2))
    names = ["ForwardState", "ForwardCellState", "BackwardState", "BackwardCellState"]
    assert [path for (path,) in Information(net, "RecurrentStatesPositionList")] == names
    x = sequences()
    found = net(x, [NetPort(name) for name in names])
    for k, each in enumerate(x):
        for direction, data in (("Forward", each), ("Backward", each[::-1])):
            for state in ("State", "CellState"):
                expected = lstm(data, NetPort(state))
                np.testing.assert_allclose(found[NetPort(direction + state)][k], expected, rtol=1e-5, atol=1e-6)


def test_states_of_one_name_are_numbered():
    net = NetBidirectionalOperator([NetChain([layer(), layer(5, 3)]), layer()], Input=("Varying", 2))
    states = [name for name in net.shapes if name.endswith(("State", "1", "2"))]
    assert states == ["ForwardState1", "ForwardState2", "BackwardState"]


def test_first_states_come_by_edges_and_last_ones_leave_by_them():
    forward, backward = layer(seed=1), layer(seed=2)
    graph = NetGraph(
        {"both": NetBidirectionalOperator([forward, backward])},
        [(NetPort("First"), NetPort("both", "BackwardState")), (NetPort("both", "BackwardState"), NetPort("Last"))],
        Input=("Varying", 2),
    )
    x, first = sequences(), example(3, 3)
    found = graph({"Input": x, "First": first})
    for k, each in enumerate(x):
        back = backward({"Input": each[::-1], "State": first[k]})
        expected = np.concatenate([forward(each), back[::-1]], 1)
        np.testing.assert_allclose(found["Output"][k], expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(found["Last"][k], back[-1], rtol=1e-5, atol=1e-6)


def test_gradients_are_those_of_the_two_nets():
    forward, backward = layer(seed=1), layer(seed=2)
    net = NetBidirectionalOperator([forward, backward], Input=("Varying", 2))
    x = sequences()
    for key, part, data in (("ForwardNet", forward, x), ("BackwardNet", backward, [each[::-1] for each in x])):
        part = part.changed(Input=("Varying", 2))
        for name in ("InputGateStateWeights", "MemoryGateBiases"):
            ours = net(x, NetPortGradient(key, name), WorkingPrecision="Real64")
            theirs = part(data, NetPortGradient(name), WorkingPrecision="Real64")
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_netextract_gives_forwardnet_and_reversenet_or_backwardnet():
    forward, backward = layer(seed=1), layer(seed=2)
    net = NetBidirectionalOperator([forward, backward])
    assert NetExtract(net, "ForwardNet") == forward and NetExtract(net, "BackwardNet") == backward
    assert NetExtract(net, "ReverseNet") == backward
    np.testing.assert_array_equal(NetExtract(net, ("ReverseNet", "MemoryGateBiases")), backward.MemoryGateBiases)
    assert NetExtract(NetChain([net]), (1, "ReverseNet")) == backward


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=4), st.integers(0, 99), st.sampled_from(list(TOGETHER)),
    st.booleans(),
)  # fmt: skip
def test_any_batch_is_its_sequences_alone(lengths, seed, aggregation, last):
    chain = NetChain([layer(seed=seed, of=BasicRecurrentLayer), *([SequenceLastLayer()] if last else [])])
    net = NetBidirectionalOperator(chain, aggregation, Input=("Varying", 2))
    x = [example(n, 2, seed=seed + n) for n in lengths]
    for ours, each in zip(net(x), x, strict=True):
        back = chain(each[::-1])
        expected = TOGETHER[aggregation](chain(each), back if last else back[::-1])
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)


def test_the_argument_takes_chain_shorthands():
    net = NetBidirectionalOperator([GatedRecurrentLayer(3), "Tanh", SequenceLastLayer()], Input=("Varying", 2))
    assert NetExtract(net, ("ForwardNet", 2)) == ElementwiseLayer("Tanh")


SUM = NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"})
REFUSED = [
    (
        lambda: NetBidirectionalOperator(TotalLayer(InputPorts=2)),
        "NetBidirectionalOperator: the forward net must have exactly one input port, but has 2: Input1, Input2",
    ),
    (
        lambda: NetBidirectionalOperator([SequenceLastLayer(), SequenceMostLayer()]),
        "NetBidirectionalOperator: the backward net gives a sequence, but the other does not\n"
        "  hint: end both in SequenceLastLayer, or none",
    ),
    (
        lambda: NetBidirectionalOperator(NetChain([SUM]), Input="Varying"),
        "NetBidirectionalOperator: the nets give a number for each element, which cannot be catenated "
        "(Input is Varying, as given)\n"
        '  hint: end them in vectors, or write "Total"',
    ),
    (
        lambda: NetBidirectionalOperator([layer(3), layer(5)], "Total"),
        "NetBidirectionalOperator has Output of its BackwardNet of shape ?×3, but net/BackwardNet gives ?×5",
    ),
    (
        lambda: NetBidirectionalOperator(layer(), "Plus"),
        'NetBidirectionalOperator: aggregation must be one of Catenate, Total, Mean, got "Plus"',
    ),
    (
        lambda: NetBidirectionalOperator(layer(), Input=(5, 7)),
        "NetBidirectionalOperator has Input of its ForwardNet of shape 5×7, but net/ForwardNet takes ?×2 "
        "(Input is 5×7, as given)",
    ),
    (
        lambda: NetBidirectionalOperator(layer(), ForwardState=3),
        "NetBidirectionalOperator: the shape of ForwardState follows from the layer\n  hint: leave ForwardState out",
    ),
    (
        lambda: NetBidirectionalOperator(3.5),
        "NetBidirectionalOperator: nets: 3.5 is not a layer\n"
        "  hint: a layer may be written as a layer, a size, a function "
        "such as Ramp, or a list of these (a chain)",
    ),
]


@pytest.mark.parametrize("make, text", REFUSED, ids=range(len(REFUSED)))
def test_a_bidirectional_operator_refuses(make, text):
    with pytest.raises(NetError) as e:
        make()
    assert str(e.value) == text
