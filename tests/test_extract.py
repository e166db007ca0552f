"""NetExtract and net[…]: every form of a part, and what is refused."""

import numpy as np
import pytest

import wlnet
from tests.examples import example
from wlnet import (
    All,
    Automatic,
    ConvolutionLayer,
    ElementwiseLayer,
    LinearLayer,
    NetChain,
    NetEncoder,
    NetError,
    NetExtract,
    NetGraph,
    Ramp,
    Restricted,
    Span,
)

NAMES = vars(wlnet)
WEIGHTS, BIASES = example(2, 3), example(2, seed=1)
LINEAR = LinearLayer(2, Weights=WEIGHTS, Biases=BIASES)
NAMED = NetChain({"a": LINEAR, "b": Ramp, "c": 5})
PLAIN = NetChain([LINEAR, Ramp, 5])
DEEP = NetChain({"x": [LINEAR, Ramp], "y": 5})


@pytest.mark.parametrize("part", ["a", 1, -3, np.int64(1), ("a",), (1,)])
def test_a_name_or_a_position_is_a_layer(part):
    assert NetExtract(NAMED, part) is LINEAR and NAMED[part] is LINEAR


def test_a_layers_parameter():
    assert np.array_equal(LINEAR["Weights"], WEIGHTS) and np.array_equal(LINEAR.Weights, WEIGHTS)
    assert NetExtract(LINEAR, "n") == 2
    assert NetExtract(ConvolutionLayer(5, 3, Stride=2), "Stride") == 2


@pytest.mark.parametrize("part", [("x", 1, "Biases"), (1, -2, "Biases"), ["x", 1, "Biases"]])
def test_a_parameter_at_depth(part):
    assert np.array_equal(NetExtract(DEEP, part), BIASES)


def test_net_with_several_parts_in_brackets():
    assert np.array_equal(DEEP["x", 1, "Weights"], WEIGHTS)


def test_a_list_of_parts_gives_a_list():
    parts = NetExtract(NAMED, [("a", "Weights"), ("a", "Biases"), ["b"]])
    assert np.array_equal(parts[0], WEIGHTS) and np.array_equal(parts[1], BIASES)
    assert parts[2] == ElementwiseLayer("Ramp")


def test_all_of_a_container_is_its_layers():
    assert NetExtract(NAMED, All) == {"a": LINEAR, "b": ElementwiseLayer("Ramp"), "c": LinearLayer(5)}
    assert NetExtract(PLAIN, All) == [LINEAR, ElementwiseLayer("Ramp"), LinearLayer(5)]


def test_all_of_a_layer_is_its_properties():
    properties = NetExtract(LinearLayer(5, Input=3, Biases=None), All)
    assert properties == {
        "LearningRateMultipliers": Automatic, "n": 5, "Input": 3, "Output": 5, "Weights": Automatic, "Biases": None
    }  # fmt: skip


def test_all_inside_a_path_is_every_layer_that_has_the_part():
    found = NetExtract(NAMED, (All, "Weights"))
    assert list(found) == ["a", "c"] and np.array_equal(found["a"], WEIGHTS) and found["c"] is Automatic


@pytest.mark.parametrize("part", ["2;;3", Span(2, 3), "2;;", "-2;;-1", "2;;All", Span(2)])
def test_a_span_of_a_chain_is_a_chain(part):
    assert PLAIN[part] == NetChain([Ramp, 5])
    assert NAMED[part] == NetChain({"b": Ramp, "c": 5})


def test_a_span_with_a_step():
    assert PLAIN["1;;-1;;2"] == NetChain([LINEAR, 5])


def test_a_span_keeps_the_port_types_of_the_ends():
    chain = NetChain([5, Ramp, 7], Input=3, Output=7)
    assert chain["1;;2"] == NetChain([5, Ramp], Input=3) and chain["2;;3"] == NetChain([Ramp, 7], Output=7)


@pytest.mark.parametrize(
    "type_given, expected",
    [
        (5, 5),
        ((5,), 5),
        ((5, 3), (5, 3)),
        ((5, Automatic), (5, Automatic)),
        ("Real", "Real"),
        ((), "Real"),
        ("Integer", "Integer"),
        (Restricted("Integer", 7), Restricted("Integer", 7)),
        (Restricted("Integer", (2, 7)), Restricted("Integer", (2, 7))),
        ((5, Restricted("Integer", 7)), (5, Restricted("Integer", 7))),
        ("Varying", "Varying"),
        (("Varying", 3), ("Varying", 3)),
        (("n", 3), ("n", 3)),
        (Automatic, Automatic),
    ],
    ids=repr,
)
def test_a_port_gives_its_type(type_given, expected):
    net = NetChain([Ramp], Input=type_given)
    assert net["Input"] == expected
    again = eval(repr(net), NAMES)
    assert again == net and again["Input"] == expected


def test_an_inferred_port_gives_its_inferred_type():
    assert PLAIN["Input"] == 3 and PLAIN[3, "Output"] == 5 and PLAIN[3, "Input"] == 2


def test_a_port_with_a_coder_gives_the_coder():
    encoder = NetEncoder("Class", ["a", "b"])
    net = NetChain([Ramp], Input=encoder)
    assert net["Input"] == encoder and net[1, "Input"] == Restricted("Integer", 2)


def test_function_of_an_elementwise_layer():
    assert NetExtract(ElementwiseLayer("Tanh"), "Function") == "Tanh"


def test_values_that_are_not_there_are_automatic():
    assert LinearLayer(3)["Weights"] is Automatic and LinearLayer()["Output"] is Automatic


def test_attributes_are_parts():
    graph = NetGraph({"a": LINEAR}, [("a", wlnet.NetPort("out"))])
    assert graph.Input == 3 and graph["out"] == 2
    assert LINEAR.Input == 3 and PLAIN.Output == 5
    assert not hasattr(LINEAR, "Foo") and not hasattr(LINEAR, "foo")


A_PART = "\n  hint: a part is a name, a position, a span or All"
POSITIONS = "\n  hint: positions count from 1 to 3, or -1 to -3 from the end"
REFUSALS = [
    (lambda: PLAIN[0], "NetChain has no layer 0" + POSITIONS),
    (lambda: PLAIN[4], "NetChain has no layer 4" + POSITIONS),
    (lambda: PLAIN[-4], "NetChain has no layer -4" + POSITIONS),
    (lambda: NetChain([])[1], "NetChain has no layer 1\n  hint: there are none"),
    (lambda: NAMED["A"], 'NetChain has no layer "A"\n  hint: did you mean a?'),
    (lambda: NAMED["a", "Wieghts"], 'net/a: LinearLayer has no part "Wieghts"\n  hint: did you mean Weights?'),
    (lambda: DEEP["x", 1, "Weights", 2], "net/x/1: Weights of LinearLayer has no part 2"),
    (lambda: LINEAR.Wieghts, "LinearLayer has no part Wieghts\n  hint: did you mean Weights?"),
    (
        lambda: PLAIN[1:2],
        'slice(1, 2, None) is not a part of a net\n  hint: write a span, such as "2;;4", counted from 1',
    ),
    (lambda: PLAIN[{}], "{} is not a part of a net" + A_PART),
    (lambda: PLAIN[True], "True is not a part of a net" + A_PART),
    (lambda: PLAIN[1.0], "1.0 is not a part of a net" + A_PART),
    (lambda: PLAIN[WEIGHTS], "Array(2×3) is not a part of a net" + A_PART),
    (lambda: PLAIN["3;;2"], "3;;2 is not a part of a chain of 3 layers"),
    (lambda: PLAIN[Span(1, 4)], '"1;;4" is not a part of a chain of 3 layers'),
    (lambda: PLAIN[Span(1, 2, 0)], '"1;;2;;0" is not a span of whole numbers\n  hint: write a span such as "2;;4"'),
    (lambda: NetGraph(NAMED)["1;;2"], "1;;2 of a NetGraph: only a NetChain has parts by span"),
    (lambda: NetExtract(NAMED, (All, "Wts")), 'no layer has a part "Wts"'),
    (lambda: NetExtract(3, 1), "NetExtract takes a net or a coder, got 3"),
]


@pytest.mark.parametrize("call, text", REFUSALS, ids=[text[:60] for _, text in REFUSALS])
def test_extraction_refuses(call, text):
    with pytest.raises(NetError) as e:
        call()
    assert str(e.value) == text
