"""NetUnfold: stepping with the states by hand is the whole sequence, for every net that goes along one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wlnet
from tests.cells import CELLS
from tests.examples import example
from tests.recurrences import arrays_of
from wlnet import (
    All,
    AttentionLayer,
    BasicRecurrentLayer,
    CatenateLayer,
    DropoutLayer,
    ElementwiseLayer,
    EmbeddingLayer,
    FunctionLayer,
    GatedRecurrentLayer,
    Information,
    LinearLayer,
    LongShortTermMemoryLayer,
    NetBidirectionalOperator,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetExtract,
    NetFoldOperator,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetMapThreadOperator,
    NetPort,
    NetUnfold,
    NormalizationLayer,
    Restricted,
    SequenceIndicesLayer,
    SequenceLastLayer,
    SequenceReverseLayer,
    SoftmaxLayer,
    ThreadingLayer,
    TotalLayer,
    UnitVectorLayer,
)
from wlnet.core.dims import Length
from wlnet.core.errors import NetError

SUM = NetFoldOperator(TotalLayer(InputPorts=2), {"Output": "Input2"}, Input1="Varying")


def layer(of=GatedRecurrentLayer, n=3, k=2, seed=0):
    return of(n, **arrays_of(of, n, k, seed))


def first_states(step):
    """Zeros for recurrent states, empty sequences for keys and values."""
    names = [name[3:] for name in Information(step, "OutputPortNames") if name.startswith("Out") and name != "Output"]
    return {name: np.zeros([0 if isinstance(d, Length) else d for d in step.shapes[name]], "f") for name in names}


def stepping(net, data, count):
    """The outputs of all steps, each with the states that the one before it left, and the last states."""
    step = NetUnfold(net)
    states, found = first_states(step), []
    for t in range(count):
        place = {"Index": t + 1} if "Index" in step.shapes else {}
        answer = step({**{port: values[t] for port, values in data.items()}, **place, **states})
        found.append(answer["Output"])
        states = {name: answer[f"Out{name}"] for name in states}
    return np.array(found), states


def attention(masked="Causal", **options):
    """Self-attention, with keys, values and queries of their own."""
    sizes = {"Key": 3, "Value": 5, "Query": 3}
    graph = NetGraph(
        {name: NetMapOperator(size) for name, size in sizes.items()}
        | {"look": AttentionLayer(Mask=masked, **options)},
        [(NetPort("Input"), name, NetPort("look", name)) for name in sizes],
        Input=("Varying", 2),
    )  # fmt: skip
    return NetInitialize(graph)


def multihead():
    """Two heads of self-attention."""
    heads = {name: NetMapOperator(LinearLayer((2, 3))) for name in ("Key", "Value", "Query")}
    look = AttentionLayer("Dot", Mask="Causal", MultiHead=True, ScoreRescaling="DimensionSqrt")
    edges = [(NetPort("Input"), name, NetPort("look", name)) for name in heads]
    return NetInitialize(NetGraph({**heads, "look": look}, edges, Input=("Varying", 2)))


def residual():
    """A block as language models have it, with places, on integers."""
    net = NetGraph(
        {
            "tokens": EmbeddingLayer(4, 7),
            "index": SequenceIndicesLayer(Maximum=11),
            "places": EmbeddingLayer(4),
            "sum": TotalLayer(),
            "key": NetMapOperator(4),
            "norm": NormalizationLayer(2, "Same"),
            "look": AttentionLayer(Mask="Causal"),
            "drop": DropoutLayer(0.5),
            "add": ThreadingLayer("Plus"),
            "out": NetChain([NetMapOperator([9, "Ramp", 7]), SoftmaxLayer()]),
        },
        [
            (NetPort("Input"), "tokens"),
            (NetPort("Input"), "index", "places"),
            (("tokens", "places"), "sum", "norm", "key"),
            (("key", "norm", "norm"), "look", "drop"),
            (("sum", "drop"), "add", "out"),
        ],
        Input=("Varying", Restricted("Integer", 7)),
    )
    return NetInitialize(net)


def joined():
    """Elements joined at their own level, and two sequences threaded."""
    return NetGraph(
        {"a": layer(seed=1), "b": layer(BasicRecurrentLayer, seed=2), "both": CatenateLayer(2),
         "pairs": NetMapThreadOperator(ThreadingLayer("Times", InputPorts=2)), "end": CatenateLayer(-1)},
        [(NetPort("Input"), ("a", "b")), (("a", "b"), "both"), (("a", "b"), "pairs"), (("both", "pairs"), "end")],
        Input=("Varying", 2),
    )  # fmt: skip


def folded(of):
    cell, feedback, outputs = CELLS[of]
    return NetFoldOperator(cell(arrays_of(of, 3, 2)), feedback, (), outputs or All, Input=("Varying", 2))


NETS = {
    "basic": lambda: layer(BasicRecurrentLayer).changed(Input=("Varying", 2)),
    "gated": lambda: layer().changed(Input=("Varying", 2)),
    "lstm": lambda: layer(LongShortTermMemoryLayer).changed(Input=("Varying", 2)),
    "fold": lambda: folded(GatedRecurrentLayer),
    "fold of two states": lambda: folded(LongShortTermMemoryLayer),
    "attention": attention,
    "attention with a scoring net": lambda: attention(net=NetGraph(
        {"join": CatenateLayer(), "score": NetChain([4, "Tanh", LinearLayer(())])},
        [((NetPort("Input"), NetPort("Query")), "join", "score")])),
    "heads": multihead,
    "fixed length": lambda: NetChain([layer(), "Tanh", layer(BasicRecurrentLayer, 5, 3)], Input=(7, 2)),
    "nested": lambda: NetChain({"a": NetChain([layer(), "Tanh"]), "b": NetChain({"c": layer(n=5, k=3)})},
                               Input=("Varying", 2)),
    "mapped": lambda: NetInitialize(NetChain([NetMapOperator([3, "Ramp"]), layer(k=3), SoftmaxLayer(-1)],
                                             Input=("Varying", 2))),
    "joined": joined,
}  # fmt: skip


@pytest.mark.parametrize("name", NETS)
def test_stepping_is_the_whole_sequence(name):
    net, x = NETS[name](), example(7, 2)
    found, _ = stepping(net, {"Input": x}, 7)
    np.testing.assert_allclose(found, net(x), rtol=1e-4, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([name for name in NETS if name != "fixed length"]), st.integers(1, 6), st.integers(0, 99))
def test_stepping_is_the_whole_of_any_sequence(name, length, seed):
    net, x = NETS[name](), example(length, 2, seed=seed)
    found, _ = stepping(net, {"Input": x}, length)
    np.testing.assert_allclose(found, net(x), rtol=1e-3, atol=1e-4)


def test_basicrecurrentlayer_and_gatedrecurrentlayer_have_one_state_vector():
    for of in (BasicRecurrentLayer, GatedRecurrentLayer):
        step = NetUnfold(layer(of))
        assert Information(step, "InputPorts") == {"Input": 2, "State": 3}
        assert Information(step, "OutputPorts") == {"OutState": 3, "Output": 3}


def test_longshorttermmemorylayer_has_two_of_which_one_is_the_cell_state():
    step = NetUnfold(layer(LongShortTermMemoryLayer))
    assert Information(step, "InputPorts") == {"Input": 2, "State": 3, "CellState": 3}
    net = NETS["lstm"]()
    x = example(7, 2)
    states = stepping(net, {"Input": x}, 7)[1]
    for name, value in states.items():
        np.testing.assert_allclose(value, net(x, NetPort(name)), rtol=1e-5, atol=1e-6)


def test_netfoldoperator_with_n_feedbacks_has_n():
    step = NetUnfold(folded(LongShortTermMemoryLayer))
    assert sorted(Information(step, "InputPortNames")) == ["Cell", "Input", "State"]
    assert sorted(Information(step, "OutputPortNames")) == ["OutCell", "OutState", "Output"]


def test_a_constant_of_a_fold_stays_an_input():
    net = NetFoldOperator(
        ThreadingLayer(lambda x, c, s: x * c + s, x="Real", c="Real", s="Real"), {"Output": "s"}, ["c"], x="Varying"
    )
    assert NetUnfold(net)({"x": 3, "c": 10, "s": 5}, "Output") == 35


def test_attentionlayer_with_mask_causal_has_two_sequences_past_keys_and_past_values():
    net = attention()
    step = NetUnfold(net)
    assert {name: step.shapes[name][1:] for name in ("State1", "State2")} == {"State1": (3,), "State2": (5,)}
    x = example(7, 2)
    states = stepping(net, {"Input": x}, 7)[1]
    np.testing.assert_allclose(states["State1"], NetExtract(net, "Key")(x), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(states["State2"], NetExtract(net, "Value")(x), rtol=1e-5, atol=1e-5)


def test_attention_states_start_at_empty_sequences_of_varying_length():
    step = NetUnfold(attention())
    x = example(3, 2)
    alone = step({"Input": x[0], "State1": [], "State2": []})
    keys, values = example(2, 3), example(2, 5)
    more = step({"Input": x[1], "State1": keys, "State2": values})
    batch = {"State1": [np.zeros((0, 3)), keys], "State2": [np.zeros((0, 5)), values]}
    together = step({"Input": x[:2], **batch})
    for k, single in enumerate((alone, more)):
        for port in ("Output", "OutState1", "OutState2"):
            np.testing.assert_allclose(together[port][k], single[port], rtol=1e-5, atol=1e-6)
    both = step({"Input": x[:2], "State1": np.zeros((2, 0, 3)), "State2": np.zeros((2, 0, 5))}, "Output")
    np.testing.assert_allclose(both[0], alone["Output"], rtol=1e-5, atol=1e-6)


def test_recurrent_states_start_at_zeros():
    net, x = NETS["gated"](), example(2, 2)
    first = NetUnfold(net)({"Input": x, "State": np.zeros((2, 3))}, "Output")
    np.testing.assert_allclose(first, net(x[:, None])[:, 0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("tail", [[], [LinearLayer(5), SoftmaxLayer()]])
def test_trailing_sequencelastlayer_is_removed(tail):
    net = NetInitialize(NetChain([layer(), SequenceLastLayer(), *tail], Input=("Varying", 2)))
    step = NetUnfold(net)
    assert SequenceLastLayer not in {type(each) for each in step.layers.values()}
    x = example(7, 2)
    found, _ = stepping(net, {"Input": x}, 7)
    for t in range(7):
        np.testing.assert_allclose(found[t], net(x[: t + 1]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["basic", "gated", "fold"])
def test_it_is_the_inverse_of_netfoldoperator(name):
    net, x = NETS[name](), [example(n, 2, seed=n) for n in (5, 2)]
    again = NetFoldOperator(NetUnfold(net), {"OutState": "State"}, (), "Output", Input=("Varying", 2))
    for ours, theirs in zip(again(x), net(x), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_the_inner_net_of_a_fold_is_the_vertex_of_its_step():
    fold = folded(GatedRecurrentLayer)
    weights = NetExtract(NetUnfold(fold), All)
    assert Information(NetUnfold(fold), "LayerTypeCounts") == Information(fold.net, "LayerTypeCounts")
    assert weights


def test_arrays_are_shared_with_the_net():
    net = NETS["nested"]()
    ours, theirs = (Information(each, "ArraysList") for each in (NetUnfold(net), net))
    assert len(ours) == len(theirs)
    assert all(any(np.shares_memory(one, other) for other in theirs) for one in ours)


def test_states_of_one_name_are_numbered_in_the_order_of_the_layers():
    step = NetUnfold(NetChain([layer(), layer(LongShortTermMemoryLayer, 5, 3), layer(n=4, k=5)], Input=("Varying", 2)))
    assert Information(step, "InputPorts") == {"Input": 2, "State1": 3, "State2": 5, "CellState": 5, "State3": 4}


def test_a_sequenceindiceslayer_becomes_the_input_index():
    net, tokens = residual(), [1, 5, 3, 7, 2]
    found, _ = stepping(net, {"Input": tokens}, 5)
    np.testing.assert_allclose(found, net(tokens), rtol=1e-4, atol=1e-5)
    assert Information(NetUnfold(net), "InputPorts")["Index"] == Restricted("Integer", 11)


def test_encoders_and_decoders_of_sequences_are_taken_off_others_stay():
    net = NetInitialize(NetChain(
        [UnitVectorLayer(), layer(k=3), SequenceLastLayer(), SoftmaxLayer()],
        Input=NetEncoder("Characters", "abc"), Output=NetDecoder("Class", ["x", "y", "z"]),
    ))  # fmt: skip
    step = NetUnfold(net)
    assert Information(step, "InputPorts")["Input"] == Restricted("Integer", 3)
    state = np.zeros(3)
    for t, token in enumerate([2, 1, 3]):
        answer = step({"Input": token, "State": state})
        assert answer["Output"] == net("bac"[: t + 1])
        state = answer["OutState"]


def test_coders_that_are_mapped_over_the_sequence_become_those_of_an_element():
    classes = list("abc")
    net = NetInitialize(NetChain(
        [UnitVectorLayer(), layer(k=3), NetMapOperator([3, SoftmaxLayer()])],
        Input=NetEncoder("Class", classes, Dimensions=("Varying",)), Output=NetDecoder("Class", classes, InputDepth=2),
    ))  # fmt: skip
    step = NetUnfold(net)
    assert step["Input"] == NetEncoder("Class", classes) and step["Output"] == NetDecoder("Class", classes)
    state, text = np.zeros(3), "bacc"
    whole = net(list(text), "Probabilities")
    for t, each in enumerate(text):
        answer = step({"Input": each, "State": state}, [("Output", "Probabilities"), "OutState"])
        for name, probability in answer["Output", "Probabilities"].items():
            assert abs(probability - whole[t][name]) < 1e-5
        state = answer["OutState"]
    assert step({"Input": "a", "State": state}, ("Output", "RandomSample")) in classes


def test_a_functionlayer_is_unfolded_as_the_net_that_it_is():
    def block(x):
        key, value, query = (NetMapOperator(3)(x) for _ in range(3))
        return AttentionLayer("Dot", Mask="Causal")(Key=key, Value=value, Query=query) + x

    net = NetInitialize(
        NetChain([EmbeddingLayer(3, 5), FunctionLayer(block), layer(k=3)], Input=("Varying", "Integer"))
    )
    step, tokens = NetUnfold(net), [2, 5, 1, 1]
    states, whole = first_states(step), net(tokens)
    for t, token in enumerate(tokens):
        answer = step({"Input": token, **states})
        np.testing.assert_allclose(answer.pop("Output"), whole[t], rtol=1e-4, atol=1e-5)
        states = {name[3:]: value for name, value in answer.items()}


def test_a_net_without_arrays_unfolds_and_prints_as_the_code_that_makes_it():
    for net in (GatedRecurrentLayer(3), SUM, NetChain([LongShortTermMemoryLayer(3), SequenceLastLayer(), 5]),
                NetInitialize(attention(), None), NetInitialize(residual(), None)):  # fmt: skip
        step = NetUnfold(net)
        assert eval(repr(step), vars(wlnet)) == step


def test_a_state_that_an_input_of_the_net_sets_is_that_input_of_the_state():
    graph = NetGraph({"r": layer()}, [(NetPort("First"), NetPort("r", "State"))], Input=("Varying", 2))
    step = NetUnfold(graph)
    assert Information(step, "InputPortNames") == ["Input", "State"]
    x, first = example(5, 2), example(3)
    whole = graph({"Input": x, "First": first})
    np.testing.assert_allclose(step({"Input": x[0], "State": first}, "Output"), whole[0], rtol=1e-5, atol=1e-6)


def test_a_last_state_that_is_read_is_the_state_after_the_step():
    graph = NetGraph({"r": layer(), "twice": ElementwiseLayer(lambda x: 2 * x)},
                     [(NetPort("r", "State"), "twice", NetPort("Twice"))], Input=("Varying", 2))  # fmt: skip
    answer = NetUnfold(graph)({"Input": example(2), "State": example(3)})
    np.testing.assert_allclose(answer["Twice"], 2 * answer["OutState"], rtol=1e-6)


# --- what is refused --------------------------------------------------------------------------------------------------

REFUSED = [
    (lambda: NetUnfold(3), "NetUnfold takes a net, got 3"),
    (
        lambda: NetUnfold(LinearLayer(3)),
        "NetUnfold: the net has no layer that goes along a sequence step by step\n"
        "  hint: such are recurrent layers, NetFoldOperator, NetMapOperator and "
        'AttentionLayer(Mask="Causal")',
    ),
    (
        lambda: NetUnfold(NetChain([layer(), SequenceReverseLayer()], Input=("Varying", 2))),
        "net/2: NetUnfold: SequenceReverseLayer needs its sequence as a whole\n"
        "  hint: if it is to do the same to every element, write NetMapOperator(layer)",
    ),
    (
        lambda: NetUnfold(NetBidirectionalOperator(layer())),
        "NetUnfold: the net has no layer that goes along a sequence step by step\n"
        "  hint: such are recurrent layers, NetFoldOperator, NetMapOperator and "
        'AttentionLayer(Mask="Causal")',
    ),
    (
        lambda: NetUnfold(NetChain([NetBidirectionalOperator(layer()), layer(k=6)], Input=("Varying", 2))),
        "net/1: NetUnfold: NetBidirectionalOperator needs its sequence as a whole\n"
        "  hint: if it is to do the same to every element, write NetMapOperator(layer)",
    ),
    (
        lambda: NetUnfold(NetChain([layer(), LinearLayer(5)], Input=(7, 2))),
        "NetUnfold: the net does not take sequences of any length: LinearLayer: Weights would be of "
        "shape 5×3·Varying, but an array of a layer cannot vary (Input is Varying×3 from net/1)",
    ),
    (
        lambda: NetUnfold(NetChain([layer(), SoftmaxLayer(1)], Input=("Varying", 2))),
        "net/2: NetUnfold: SoftmaxLayer needs its sequence as a whole\n"
        "  hint: if it is to do the same to every element, write NetMapOperator(layer)",
    ),
    (
        lambda: NetUnfold(attention(("Causal", 3))),
        'net/look: NetUnfold: AttentionLayer: Mask=("Causal", 3) has no single step\n'
        '  hint: Mask="Causal" has one: it lets all keys so far be seen',
    ),
    (
        lambda: NetUnfold(
            NetGraph(
                {"a": layer(), "b": layer()},
                [(NetPort("X"), "a"), (NetPort("Y"), "b")],
                X=("Varying", 2),
                Y=("Varying", 2),
            )
        ),
        "NetUnfold: the net goes along sequences of different lengths: Input of 'a', Input of 'b'\n"
        "  hint: unfold a part of it that goes along one sequence, with NetTake say",
    ),
    (
        lambda: NetUnfold(
            NetGraph(
                {"a": layer(), "b": layer()},
                [(NetPort("X"), ("a", "b")), (NetPort("a", "State"), NetPort("b", "State"))],
                X=("Varying", 2),
            )
        ),
        "net/b: NetUnfold: 'a' sets the first State, which would be done at every step\n"
        "  hint: take the part that goes along the sequence, with its states as inputs",
    ),
    (
        lambda: NetUnfold(NetChain([layer(), TotalLayer(InputPorts=1), CatenateLayer(InputPorts=1)])),
        "net/3: NetUnfold: CatenateLayer needs its sequence as a whole\n"
        "  hint: if it is to do the same to every element, write NetMapOperator(layer)",
    ),
    (
        lambda: NetUnfold(attention())({"Input": [1, 2], "State1": [], "State2": [[1, 2, 3, 4, 5]]}),
        "State2 must have lengths [0] to go with State1, but has [1]\n  hint: give sequences whose lengths agree",
    ),
    (
        lambda: NetUnfold(attention())({"Input": [1, 2]}),
        "the data lack the input port State1\n  hint: give State1, State2 too",
    ),
    (lambda: NetUnfold(attention())({"Input": [], "State1": [], "State2": []}), "Input: the data are empty (shape 0)"),
]


@pytest.mark.parametrize("make, text", REFUSED, ids=range(len(REFUSED)))
def test_unfolding_refuses(make, text):
    with pytest.raises(NetError) as e:
        make()
    assert str(e.value) == text
