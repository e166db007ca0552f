"""The solver: shapes found forwards and backwards, errors that say who said what, lengths, and its cost."""

import gc
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import example
from wlnet import (
    Automatic,
    CatenateLayer,
    ConvolutionLayer,
    ElementwiseLayer,
    FlattenLayer,
    LinearLayer,
    MeanSquaredLossLayer,
    NetChain,
    NetError,
    NetGraph,
    NetInitialize,
    NetPort,
    PartLayer,
    Plus,
    PoolingLayer,
    Ramp,
    ReplicateLayer,
    ReshapeLayer,
    SoftmaxLayer,
    Times,
    TransposeLayer,
)
from wlnet.core.types import Integer, Real
from wlnet.layers.deconvolution import DeconvolutionLayer


def ramp(**options):
    return ElementwiseLayer("Ramp", **options)


def text_of(call):
    with pytest.raises(NetError) as e:
        call()
    return str(e.value)


# --- inference ------------------------------------------------------------------------------------------------------


def test_shapes_are_inferred_forwards():
    plan = NetChain([ConvolutionLayer(5, (2, 3)), Ramp, PoolingLayer(2), FlattenLayer(), 7], Input=(3, 8, 11)).plan
    assert plan.shape((1,), "Output") == (5, 7, 9) and plan.shape((3,), "Output") == (5, 6, 8)
    assert plan.shape((5,), "Weights") == (7, 5 * 6 * 8) and plan.shape((), "Output") == (7,)


def test_shapes_are_inferred_backwards():
    plan = NetChain([ramp(), TransposeLayer(), SoftmaxLayer()], Output=(3, 5)).plan
    assert plan.shape((), "Input") == (5, 3)


def test_an_output_that_is_left_open_is_inferred_backwards():
    plan = NetChain([LinearLayer(), Ramp, LinearLayer()], Input=3, Output=5).plan
    assert plan.shape((3,), "Biases") == (5,)
    assert not plan.is_known((1,), "Output") and plan.is_known((3,), "Output")


def test_a_given_array_says_its_shape_forwards_and_backwards():
    net = NetChain([LinearLayer(), Ramp, LinearLayer(2, Weights=example(2, 3))], Input=5)
    assert net.plan.shape((1,), "Weights") == (3, 5)


def test_automatic_dimensions_are_filled():
    net = NetChain([ramp(Input=(3, Automatic)), ramp(Output=(Automatic, 5))])
    assert net.plan.shape((), "Input") == (3, 5)


def test_a_graph_is_inferred_through_both_branches():
    net = NetGraph(
        {"a": LinearLayer(), "b": ramp(), "l": MeanSquaredLossLayer()},
        [("a", NetPort("l", "Input")), ("b", NetPort("l", "Target"))],
        Input=3,
    )
    assert net.plan.shape(("a",), "Weights") == (3, 3) and net.plan.shape((), "Loss") == ()


def test_a_catenation_tells_the_size_of_one_input_from_the_rest():
    edges = [(("a", NetPort("B")), "c")]
    net = NetGraph({"a": LinearLayer(3), "c": CatenateLayer()}, edges, Input=7, B=(Automatic,), Output=8)
    assert net.plan.shape((), "B") == (5,)


def test_element_types_travel_along_edges():
    net = NetGraph({"p": PartLayer(1), "r": ReplicateLayer(2)}, [("p", "r")], Input=(5, "Integer"))
    assert net.plan.types[(), "Output"] == Integer(None)
    assert NetChain([3], Input=5).plan.types[(), "Output"] == Real()


def test_nothing_is_guessed():
    plan = NetChain([ramp(), FlattenLayer()]).plan
    assert plan.shape((), "Input") is None and plan.shape((), "Output") is None


def test_data_fill_what_is_open():
    net = NetChain([ramp(), FlattenLayer()])
    assert net(example(3, 5)).shape == (15,) and net.plan.shape((), "Input") is None


layer_makers = st.sampled_from(
    [
        lambda: ramp(),
        lambda: LinearLayer((3, 5)),
        lambda: LinearLayer((2, 3, 7)),
        lambda: TransposeLayer(),
        lambda: ReplicateLayer(2),
        lambda: ReplicateLayer(3, -1),
        lambda: PartLayer("1;;-2"),
        lambda: PartLayer(1),
        lambda: FlattenLayer(1),
        lambda: ReshapeLayer((5, 3)),
        lambda: SoftmaxLayer(),
        lambda: PoolingLayer(2),
        lambda: ConvolutionLayer(2, 2),
        lambda: CatenateLayer(),
    ]
)


@settings(max_examples=25, deadline=None)
@given(st.lists(layer_makers, min_size=1, max_size=5), st.sampled_from([(5,), (3, 5), (2, 7, 3)]))
def test_declared_shapes_are_the_computed_ones(makers, size):
    try:
        net = NetChain([make() for make in makers], Input=size)
    except NetError:
        return  # the layers do not fit; that is said in our words
    net = NetInitialize(net)
    result = net(example(2, *size))
    assert result.shape == (2, *net.plan.shape((), "Output"))
    for key in net.layers:
        assert net(example(*size), NetPort(key)).shape == net.plan.shape((key,), "Output")


# --- lengths --------------------------------------------------------------------------------------------------------

MOST, REST = PartLayer("1;;-2"), PartLayer("2;;-1")
TARGET = [(NetPort("Input"), NetPort("l", "Target"))]


def test_a_length_passes_through_layers():
    net = NetChain([ramp(), MOST, SoftmaxLayer()], Input=("n", 3))
    assert repr(net.plan.shape((), "Output")) == "(n-1, 3)"


def test_varying_and_named_lengths_become_one():
    net = NetChain([ramp(Input=("n", 3)), ramp(Input=("Varying", 3))])
    assert repr(net.plan.shape((2,), "Output")) == "(n, 3)"


def test_two_varying_ports_become_one_where_a_layer_needs_it():
    net = NetGraph({"f": Plus}, [((NetPort("A"), NetPort("B")), "f")], A="Varying", B="Varying")
    assert net.plan.shape((), "A") == net.plan.shape((), "B")


def test_two_varying_ports_stay_two_where_none_does():
    net = NetGraph({"a": ramp(), "b": ramp()}, [(NetPort("A"), "a"), (NetPort("B"), "b")], A="Varying", B="Varying")
    assert net.plan.shape((), "A") != net.plan.shape((), "B")
    assert [len(each) for each in net({"A": [1, 2], "B": [1, 2, 3]}).values()] == [2, 3]


def test_most_and_rest_have_one_length():
    net = NetGraph({"m": MOST, "r": REST, "f": Times}, [(("m", "r"), "f")], Input="Varying")
    assert net([2, 3, 5]).tolist() == [6, 15]
    assert [each.tolist() for each in net([[2, 3, 5], [2, 7]])] == [[6, 15], [14]]


def test_n_and_n_less_1_are_an_error_at_construction():
    layers, edges = {"m": MOST, "l": MeanSquaredLossLayer()}, [("m", NetPort("l", "Input"))]
    assert text_of(lambda: NetGraph(layers, edges + TARGET, Input=("n", 3))) == (
        "net/l: MeanSquaredLossLayer takes Target of shape n-1×3, but Input is given as n×3 (Input is n-1×3 from net/m)"
    )


def u_net():
    down, up = PoolingLayer(2, 2, Interleaving=True), DeconvolutionLayer(3, 2, Stride=2, Interleaving=True)
    layers = {"down": down, "up": up, "l": MeanSquaredLossLayer()}
    return NetInitialize(NetGraph(layers, [("down", "up", NetPort("l", "Input")), *TARGET], Input=("n", 3)))


def test_what_the_solver_cannot_decide_is_compared_with_the_data():
    net = u_net()
    assert [tuple(map(repr, pair)) for pair in net.plan.checks] == [("2·⌊n/2⌋", "n")]
    assert net([example(4, 3), example(2, 3)]).shape == (2,)
    assert text_of(lambda: net([example(4, 3), example(5, 3)])) == (
        "lengths 2·⌊n/2⌋ and n must be equal, but are [4, 4] and [4, 5]\n"
        "  hint: pad or cut the sequences so that the two agree"
    )


def test_a_sequence_that_gets_too_short_is_refused():
    net = NetChain([MOST], Input=("n",))
    assert text_of(lambda: net([1])) == (
        "net/1: PartLayer: the size of level 1 must be at least 2, not 1\n  hint: give longer sequences"
    )


@pytest.mark.parametrize("at", [0, 1])
def test_an_int_never_meets_a_length(at):
    types = [(5, 3), ("Varying", 3)]
    assert text_of(lambda: NetChain([ramp(Input=types[at]), ramp(Input=types[1 - at])])).startswith(
        f"net/1: ElementwiseLayer gives Output of shape {['5×3', 'Varying×3'][at]}, "
        f"but Input of net/2 is given as {['Varying×3', '5×3'][at]}"
    )


def test_an_array_that_would_vary_is_refused():
    assert text_of(lambda: NetChain([3], Input=("Varying", 5))) == (
        "net/1: LinearLayer: Weights would be of shape 3×5·Varying, but an array of a layer cannot vary "
        "(Input is Varying×5 from net)\n"
        "  hint: map the layer over the sequence with NetMapOperator, or give Input a fixed size"
    )


def test_a_length_below_the_first_level_is_refused():
    assert text_of(lambda: NetChain([TransposeLayer()], Input=("n", 3))) == (
        "net/1: TransposeLayer would give Output of shape 3×n, but only the first level of a port may vary "
        "(Input is n×3 from net)\n"
        "  hint: give that level a fixed size, or keep the varying level first"
    )


# --- who said what --------------------------------------------------------------------------------------------------

PROVENANCE = [
    (
        lambda: NetChain([LinearLayer(3, Input=5), LinearLayer(2, Input=7)]),
        "net/1: LinearLayer gives Output of shape 3, but Input of net/2 is given as 7 (Input is 5, as given)",
    ),
    (
        lambda: NetChain([3, Ramp], Input=5, Output=7),
        "net/2: ElementwiseLayer gives Output of shape 3, but Output is given as 7 (Input is 3 from net/1)",
    ),
    (
        lambda: NetChain({"e": [5, Ramp], "d": LinearLayer(2, Weights=example(2, 3), Biases=None)}, Input=11),
        "net/d: LinearLayer has Weights of shape 2×3, where inputs is 3, but the rest makes inputs 5 "
        "(Input is 5 from net/e/2)",
    ),
    (
        lambda: NetGraph({"a": 3, "l": MeanSquaredLossLayer()}, [("a", NetPort("l", "Input"))], Input=5, Target=7),
        "net/l: MeanSquaredLossLayer takes Target of shape 3, but Target is given as 7 (Input is 3 from net/a)",
    ),
    (
        lambda: NetChain([PartLayer("2;;-1"), PartLayer("2;;-1")], Input=2),
        "net/2: PartLayer: there is no place 2 at level 1, whose size is 1 (Input is 1 from net/1)",
    ),
]


@pytest.mark.parametrize("call, text", PROVENANCE, ids=[text[:50] for _, text in PROVENANCE])
def test_an_error_names_the_layer_both_shapes_and_where_each_came_from(call, text):
    assert text_of(call) == text


def test_an_error_can_be_read_by_a_program():
    with pytest.raises(NetError) as e:
        NetChain([3, {"x": LinearLayer(2, Input=7)}])
    assert (e.value.path, e.value.expected, e.value.got) == ((1,), "3", "7")


# --- cost -----------------------------------------------------------------------------------------------------------


def seconds(*makes):
    """The least processor time of five runs of each, taken in turns, so that a busy machine slows all alike."""
    best = [math.inf] * len(makes)
    gc.disable()
    try:
        for _ in range(5):
            for place, make in enumerate(makes):
                started = time.process_time()
                make()
                best[place] = min(best[place], time.process_time() - started)
    finally:
        gc.enable()
    return best


@pytest.mark.parametrize("direction", ["Input", "Output"])
def test_a_thousand_layers_are_solved_within_half_a_second(direction):
    layers = [ramp() for _ in range(1000)]
    assert seconds(lambda: NetChain(layers, **{direction: 3}))[0] < 0.5


def chain(count):
    layers = [LinearLayer(3) for _ in range(count)]
    return lambda: NetChain(layers, Input=3)


def renamed(count):
    layers = [ramp(Input=("Varying", 3)) for _ in range(count)]
    return lambda: NetChain(layers)


def graph(count):
    names = [f"n{k}" for k in range(count)]
    layers = {name: ramp() for name in names}
    return lambda: NetGraph(layers, list(zip(names, names[1:], strict=False)), Input=3)


def printed(count):
    net = graph(count)()
    return lambda: repr(net)


@pytest.mark.parametrize("make, times", [(chain, 6), (renamed, 10), (graph, 10), (printed, 10)])
def test_cost_is_linear_in_the_net(make, times):
    few, many = seconds(make(1000), make(4000))
    assert many <= times * few  # what is quadratic takes 16 times as long


def test_a_long_net_runs():
    net = NetChain([ramp() for _ in range(1500)], Input=3)
    assert np.array_equal(net([1, 2, 3]), [1, 2, 3])


def test_what_weights_alone_suggest_is_taken_back_where_it_cannot_be():
    """4×35 weights suggest an input of 35, until the net around says 5×7; a net inside is made before that is known."""
    layers = {"linear": LinearLayer((2, 2), Weights=np.ones((4, 35))), "pool": PoolingLayer(2)}
    inner = NetGraph(layers, [])
    assert inner.plan.shape((), "Input") is None
    outer = NetChain([inner], Input=(5, 7))
    assert outer.plan.shape((1, "linear"), "Input") == (5, 7)
    assert LinearLayer((2, 2), Weights=np.ones((4, 35))).shapes["Input"] == (35,)
