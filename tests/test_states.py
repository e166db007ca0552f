"""NetStateObject, NetPort(All, "States"), and states given with the data: pieces of a sequence are the whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cells import CELLS
from tests.examples import example
from tests.recurrences import arrays_of
from wlnet import (
    All,
    BasicRecurrentLayer,
    GatedRecurrentLayer,
    Information,
    LinearLayer,
    LongShortTermMemoryLayer,
    NetBidirectionalOperator,
    NetChain,
    NetEncoder,
    NetExtract,
    NetFoldOperator,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetPort,
    NetStateObject,
    SequenceLastLayer,
    TotalLayer,
    UnitVectorLayer,
)
from wlnet.core.errors import NetError

STATES = NetPort(All, "States")
SUM = NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"}, Input1="Varying")


def layer(of=GatedRecurrentLayer, n=3, k=2, seed=0):
    return of(n, **arrays_of(of, n, k, seed))


def folded(of, n=3, k=2):
    cell, feedback, outputs = CELLS[of]
    return NetFoldOperator(cell(arrays_of(of, n, k)), feedback, (), outputs or All)


NETS = {
    "basic": lambda: NetChain([layer(BasicRecurrentLayer)], Input=("Varying", 2)),
    "gated": lambda: layer().changed(Input=("Varying", 2)),
    "lstm": lambda: layer(LongShortTermMemoryLayer).changed(Input=("Varying", 2)),
    "two in a chain in a chain": lambda: NetChain(
        {"a": NetChain([layer(), "Tanh"]), "b": layer(LongShortTermMemoryLayer, 5, 3)}, Input=("Varying", 2)
    ),
    "fold": lambda: folded(GatedRecurrentLayer).changed(Input=("Varying", 2)),
    "fold of two states": lambda: NetChain([folded(LongShortTermMemoryLayer)], Input=("Varying", 2)),
}


# --- NetPort(All, "States") -------------------------------------------------------------------------------------------


def test_netport_all_states_is_an_association_of_final_recurrent_states():
    net = NETS["two in a chain in a chain"]()
    x = example(7, 2)
    found = net(x, STATES)
    places = [("a", 1, "State"), ("b", "State"), ("b", "CellState")]
    assert list(found) == [NetPort(*place) for place in places]
    assert Information(net, "RecurrentStatesPositionList") == places
    assert Information(net, "RecurrentStatesCount") == 3
    for key, value in found.items():
        np.testing.assert_array_equal(value, net(x, key))
    np.testing.assert_array_equal(found[NetPort("b", "State")], net(x)[-1])


def test_of_a_batch_there_is_one_state_for_each_example():
    net = NETS["gated"]()
    x = [example(n, 2, seed=n) for n in (5, 2, 7)]
    found = net(x, STATES)[NetPort("State")]
    np.testing.assert_allclose(found, [net(each)[-1] for each in x], rtol=1e-5, atol=1e-6)


def test_states_may_be_asked_for_among_others_and_a_net_without_has_none():
    net = NETS["gated"]()
    x = example(5, 2)
    found = net(x, ["Output", STATES])
    assert list(found) == ["Output", STATES] and list(found[STATES]) == [NetPort("State")]
    assert LinearLayer(1, Weights=[[1]], Biases=None)([2], STATES) == {}


def test_extra_key_netport_all_states_gives_initial_recurrent_states():
    net = NETS["two in a chain in a chain"]()
    x = example(7, 2)
    states = net(x[:3], STATES)
    for given_ in (states, {key.spec: value for key, value in states.items()}):
        found = net({"Input": x[3:], STATES: given_}, ["Output", STATES])
        np.testing.assert_allclose(found["Output"], net(x)[3:], rtol=1e-5, atol=1e-6)
        for key, value in net(x, STATES).items():
            np.testing.assert_allclose(found[STATES][key], value, rtol=1e-5, atol=1e-6)


def test_states_that_are_not_given_are_zero_and_one_serves_a_batch():
    net = NETS["lstm"]()
    x = [example(n, 2, seed=n) for n in (5, 2)]
    s = example(3)
    found = net({"Input": x, STATES: {"State": s}})
    for ours, each in zip(found, x, strict=True):
        zeros = {"State": s, "CellState": np.zeros(3)}
        np.testing.assert_allclose(ours, net({"Input": each, STATES: zeros}), rtol=1e-5, atol=1e-6)
    two = example(2, 3)
    found = net({"Input": x, STATES: {"State": two}})
    np.testing.assert_allclose(found[1], net({"Input": x[1], STATES: {"State": two[1]}}), rtol=1e-5, atol=1e-6)


def test_states_are_cut_with_the_batch():
    net = NETS["gated"]()
    x, s = [example(4, 2, seed=n) for n in range(5)], example(5, 3)
    one = net({"Input": x, STATES: {"State": s}}, BatchSize=2)
    np.testing.assert_allclose(one, net({"Input": x, STATES: {"State": s}}), rtol=1e-5, atol=1e-6)
    jax = net({"Input": x, STATES: {"State": s}}, STATES, TargetDevice=("CPU", "JAX"))
    np.testing.assert_allclose(jax[NetPort("State")], np.array(one)[:, -1], rtol=1e-5, atol=1e-5)


def seq2seq():
    """Two layers, of which the second begins with the last state of the first."""
    return NetGraph(
        {"a": layer(), "b": layer(LongShortTermMemoryLayer, seed=5), "last": SequenceLastLayer()},
        [(NetPort("X"), "a", "last"), (NetPort("a", "State"), NetPort("b", "State")), (NetPort("Y"), "b")],
        X=("Varying", 2), Y=("Varying", 2),
    )  # fmt: skip


def test_a_state_that_an_edge_sets_does_not_go_on():
    net = seq2seq()
    data = {"X": example(5, 2), "Y": example(3, 2)}
    assert list(net(data, STATES)) == [NetPort("a", "State"), NetPort("b", "CellState")]
    assert len(Information(net, "RecurrentStatesPositionList")) == 3
    np.testing.assert_array_equal(net(data, NetPort("b", "State")), net(data, NetPort("b"))[-1])


# --- NetStateObject ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NETS)
def test_obj_of_data_runs_the_net_and_updates_the_stored_states(name):
    net = NETS[name]()
    x = example(7, 2)
    obj = NetStateObject(net)
    found = np.concatenate([obj(x[:2]), obj(x[2:3]), obj(x[3:])])
    np.testing.assert_allclose(found, net(x), rtol=1e-5, atol=1e-6)
    for key, value in net(x, STATES).items():
        np.testing.assert_allclose(NetExtract(obj, "States")[key], value, rtol=1e-5, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(list(NETS)), st.lists(st.integers(1, 4), min_size=1, max_size=5), st.integers(0, 99))
def test_pieces_of_a_sequence_are_the_whole_sequence(name, lengths, seed):
    net = NETS[name]()
    x = example(sum(lengths), 2, seed=seed)
    obj, ends = NetStateObject(net), np.cumsum([0, *lengths])
    found = [obj(x[start:stop]) for start, stop in zip(ends, ends[1:], strict=False)]
    np.testing.assert_allclose(np.concatenate(found), net(x), rtol=1e-4, atol=1e-5)


def test_equal_inputs_may_give_different_outputs():
    obj = NetStateObject(SUM)
    assert obj([1, 2]).tolist() == [1, 3] and obj([1, 2]).tolist() == [4, 6]


def test_it_is_equivalent_to_passing_netport_all_states_by_hand():
    net = NETS["two in a chain in a chain"]()
    obj, states = NetStateObject(net), {}
    for seed in range(3):
        x = example(4, 2, seed=seed)
        by_hand = net({"Input": x, STATES: states}, ["Output", STATES])
        np.testing.assert_array_equal(obj(x), by_hand["Output"])
        states = by_hand[STATES]
        for key, value in NetExtract(obj, "States").items():
            np.testing.assert_array_equal(value, states[key])


def test_default_start_is_zero_arrays():
    states = NetExtract(NetStateObject(NETS["lstm"]()), "States")
    for name in ("State", "CellState"):
        np.testing.assert_array_equal(states[NetPort(name)], np.zeros(3))
        assert states[NetPort(name)].dtype == np.float32
    assert repr(NetExtract(NetStateObject(NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"})), "States")
                ) == '{NetPort("Input2"): Automatic}'  # fmt: skip


def test_net_seedassoc_begins_with_these_states():
    net = NETS["lstm"]()
    x = example(7, 2)
    obj = NetStateObject(net, net(x[:3], STATES))
    np.testing.assert_allclose(obj(x[3:]), net(x)[3:], rtol=1e-5, atol=1e-6)
    other = NetStateObject(net, {"State": [1, 2, 3]})
    assert NetExtract(other, "States")[NetPort("State")].tolist() == [1, 2, 3]
    assert NetExtract(other, "States")[NetPort("CellState")].tolist() == [0, 0, 0]


def test_a_batch_is_its_examples_one_after_another():
    x = [example(n, 2, seed=n) for n in (5, 2, 7)]
    together, single = (NetStateObject(NETS["gated"]()) for _ in range(2))
    for ours, each in zip(together(x), x, strict=True):
        np.testing.assert_array_equal(ours, single(each))
    assert [row.tolist() for row in NetStateObject(SUM)([[1, 1], [1, 1, 1]])] == [[1, 2], [3, 4, 5]]
    assert NetStateObject(SUM)([[1, 1], [1, 1]]).tolist() == [[1, 2], [3, 4]]


def test_current_values_are_netextract_states():
    obj = NetStateObject(SUM)
    obj([1, 2])
    assert NetExtract(obj, "States")[NetPort("Input2")] == 3 and NetExtract(obj, "Net") is SUM
    with pytest.raises(ValueError, match="read-only"):
        NetExtract(obj, "States")[NetPort("Input2")][...] = 7


def test_state_keys_are_netport_positions():
    assert list(NetExtract(NetStateObject(seq2seq()), "States")) == [NetPort("a", "State"), NetPort("b", "CellState")]


def test_states_initialised_by_another_layer_are_not_tracked():
    net = seq2seq()
    obj = NetStateObject(net)
    data = {"X": example(5, 2), "Y": example(3, 2)}
    states = {}
    for _ in range(2):
        found = net({**data, STATES: states}, ["Output1", "Output2", STATES])
        both = obj(data)
        np.testing.assert_array_equal(both["Output2"], found["Output2"])
        states = found[STATES]


def test_what_and_options_are_those_of_an_evaluation():
    net = NETS["gated"]()
    x = example(7, 2)
    obj = NetStateObject(net)
    assert list(obj(x[:3], ["Output", STATES])) == ["Output", STATES]
    found = obj(x[3:], TargetDevice=("CPU", "JAX"))
    np.testing.assert_allclose(found, net(x)[3:], rtol=1e-5, atol=1e-5)
    double = NetStateObject(net)
    np.testing.assert_allclose(
        np.concatenate([double(part, WorkingPrecision="Real64") for part in (x[:3], x[3:])]),
        net(x, WorkingPrecision="Real64"), rtol=1e-12,
    )  # fmt: skip


def test_encoders_work_as_in_the_net():
    net = NetInitialize(NetChain([UnitVectorLayer(), GatedRecurrentLayer(3)], Input=NetEncoder("Characters", "ab")))
    obj = NetStateObject(net)
    found = np.concatenate([obj("ab"), obj("ba")])
    np.testing.assert_allclose(found, net("abba"), rtol=1e-5, atol=1e-6)


def test_a_call_that_fails_changes_nothing():
    obj = NetStateObject(SUM)
    obj([1, 2])
    with pytest.raises(NetError):
        obj([[1], ["a"]])
    assert NetExtract(obj, "States")[NetPort("Input2")] == 3


def test_it_prints():
    text = 'NetStateObject(NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"}, Input1="Varying")'
    obj = NetStateObject(SUM)
    assert repr(obj) == text + ")"
    obj([1])
    assert repr(obj) == text + ', {NetPort("Input2"): Array(scalar)})'


def test_a_bidirectional_net_keeps_the_states_of_its_ports():
    forward, backward = layer(seed=1), layer(seed=2)
    obj = NetStateObject(NetBidirectionalOperator([forward, backward], Input=("Varying", 2)))
    x = example(5, 2)
    obj(x)
    states = NetExtract(obj, "States")
    np.testing.assert_allclose(states[NetPort("ForwardState")], forward(x)[-1], rtol=1e-5)
    np.testing.assert_allclose(states[NetPort("BackwardState")], backward(x[::-1])[-1], rtol=1e-5)


# --- what is refused --------------------------------------------------------------------------------------------------

GATED = NETS["gated"]()
X = np.zeros((5, 2))
REFUSED = [
    (
        lambda: NetStateObject(LinearLayer(3)),
        "NetStateObject: LinearLayer has no recurrent state that could go on from call to call\n"
        "  hint: states are those of recurrent layers and NetFoldOperator, if no edge of a graph sets them",
    ),
    (
        lambda: NetStateObject(NetMapOperator(GatedRecurrentLayer(3))),
        "NetStateObject: NetMapOperator has no recurrent state that could go on from call to call\n"
        "  hint: states are those of recurrent layers and NetFoldOperator, if no edge of a graph sets them",
    ),
    (lambda: NetStateObject(3), "NetStateObject takes a net, got 3"),
    (
        lambda: NetStateObject(GATED, {"CellState": [1, 2, 3]}),
        'NetPort("CellState") is not a state of the net\n  hint: did you mean NetPort("State")?',
    ),
    (
        lambda: NetStateObject(GATED, {"State": [1, 2]}),
        'NetPort("State") takes 3, but the data are of shape 2\n'
        "  hint: give data of that shape, or make the net for this one",
    ),
    (
        lambda: NetStateObject(GATED, {"State": [[1, 2, 3]]}),
        'NetPort("State") takes 3, but the data are of shape 1×3\n'
        "  hint: give data of that shape, or make the net for this one",
    ),
    (
        lambda: NetStateObject(GATED, [1, 2, 3]),
        'the states of a net are a dict by NetPort, got [1, 2, 3]\n  hint: write {NetPort("State"): …}',
    ),
    (
        lambda: NetStateObject(GATED)({"Input": X, STATES: {}}),
        "NetStateObject has the states already: the data may not give them\n"
        "  hint: to begin with others, make another: NetStateObject(net, states)",
    ),
    (
        lambda: NetStateObject(GATED)({"Input": X, "State": [1, 2, 3]}),
        "NetStateObject has the states already: the data may not give them\n"
        "  hint: to begin with others, make another: NetStateObject(net, states)",
    ),
    (
        lambda: LinearLayer(1, Weights=[[1]], Biases=[0])({"Input": [2], STATES: {"State": 3}}),
        'LinearLayer has no recurrent states, so "State" is none of them',
    ),
    (
        lambda: NetStateObject(seq2seq(), {("b", "State"): [1, 2, 3]}),
        'NetPort("b", "State") has no first value to give: an edge of the graph sets it',
    ),
    (
        lambda: NetExtract(NetStateObject(GATED), "State"),
        'NetStateObject has no part "State"\n  hint: did you mean States?',
    ),
    (
        lambda: NetStateObject(GATED)(X, "Outputs"),
        '"Outputs" is neither an output port nor a property of a decoder\n  hint: did you mean Output?',
    ),
    (
        lambda: GATED({"Input": X, STATES: {"State": np.zeros((2, 3))}}),
        'NetPort("State") is a batch, but the data are one example\n  hint: give one state',
    ),
    (
        lambda: GATED({"Input": [X, X], STATES: {"State": np.zeros((3, 3))}}),
        'NetPort("State") has 3 examples, but the data have 2\n  hint: give one for each example, or one for all',
    ),
    (
        lambda: GATED({"Input": X, STATES: {"State": [np.nan, 0, 0]}}),
        'NetPort("State"): the data hold nan (example 1, at (1))\n  hint: remove or replace it first',
    ),
    (
        lambda: GATED({"Input": X, "State": [1, 2, 3], STATES: {"State": [1, 2, 3]}}),
        "State is given twice, as a port and among the states\n  hint: give it once",
    ),
    (
        lambda: GATED({"Input": X, STATES: {NetPort("State"): [1, 2, 3], "State": [1, 2, 3]}}),
        'the states name NetPort("State") twice',
    ),
    (
        lambda: GATED({"Input": X, STATES: {3.5: [1, 2, 3]}}),
        '3.5 is not a state of the net\n  hint: there are NetPort("State")',
    ),
    (
        lambda: GATED({"Input": X, STATES: 3}),
        'the states of a net are a dict by NetPort, got 3\n  hint: write {NetPort("State"): …}',
    ),
    (lambda: GATED({STATES: {}}), "the data lack the input port Input\n  hint: give Input too"),
    (
        lambda: NetChain([GATED])({"Input": X, STATES: {NetPort(1, "Stat"): [1, 2, 3]}}),
        'NetPort(1, "Stat") is not a state of the net\n  hint: did you mean NetPort(1, "State")?',
    ),
    (
        lambda: NetChain([GATED])({"Input": X, STATES: {NetPort(2, "State"): [1, 2, 3]}}),
        "NetChain has no layer 2\n  hint: positions count from 1 to 1, or -1 to -1 from the end",
    ),
]


@pytest.mark.parametrize("make, text", REFUSED, ids=range(len(REFUSED)))
def test_states_refuse(make, text):
    with pytest.raises(NetError) as e:
        make()
    assert str(e.value) == text


def test_unconnected_states_of_a_fold_are_carried_by_netstateobject():
    obj = NetStateObject(SUM)
    assert obj([1, 2]).tolist() == [1, 3] and obj([3]).tolist() == [6]
    assert NetExtract(obj, "States") == {NetPort("Input2"): 6}
