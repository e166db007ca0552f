"""PlaceholderLayer: any ports and arrays, a place in nets, and no evaluation."""

import pickle

import numpy as np
import pytest

from wlnet import (
    Automatic,
    NetChain,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetPort,
    NetTrain,
    PlaceholderLayer,
)

CHAIN = NetChain({"a": 3, "b": PlaceholderLayer("Foo", {"axis": 1}), "c": 2}, Input=5)


def test_it_has_an_input_and_an_output_of_any_shape():
    assert PlaceholderLayer().shapes == {"Input": None, "Output": None}
    assert PlaceholderLayer(Input=3, Output=(2, 5)).shapes == {"Input": (3,), "Output": (2, 5)}


def test_it_has_any_ports_and_arrays():
    layer = PlaceholderLayer(
        "Loop",
        {"body": [1, 2]},
        Arrays={"W": [[1, 2, 3]], "B": Automatic},
        InputPorts={"x": 3, "y": (2, 5)},
        OutputPorts=2,
    )
    shapes = {"x": (3,), "y": (2, 5), "Output1": None, "Output2": None, "W": (1, 3), "B": None}
    assert layer.shapes == shapes
    assert NetExtract(layer, "W").tolist() == [[1, 2, 3]]
    assert NetExtract(layer, "B") is Automatic
    assert layer.tag == "Loop" and layer.facts == {"body": [1, 2]}
    assert list(PlaceholderLayer(InputPorts=["u", "v"], OutputPorts=[7]).shapes.items()) == [
        ("u", None), ("v", None), ("Output1", (7,)),
    ]  # fmt: skip
    assert PlaceholderLayer(InputPorts=[]).shapes == {"Output": None}


@pytest.mark.parametrize(
    "text",
    [
        "PlaceholderLayer()",
        'PlaceholderLayer("Foo", {"axis": 1}, Input=3)',
        'PlaceholderLayer(Arrays=("W",), InputPorts=["x"], OutputPorts={"y": ("Varying", 3)})',
    ],
)
def test_it_prints_as_the_code_that_makes_it(text):
    layer = eval(text)
    assert repr(layer) == text
    assert pickle.loads(pickle.dumps(layer)) == layer


def test_it_stops_no_shape_and_tells_none():
    assert CHAIN.plan.shape(("b",), "Input") == (3,)
    assert CHAIN.plan.shape(("c",), "Input") is None
    net = NetGraph(
        {"p": PlaceholderLayer(InputPorts=2), "t": "Tanh"}, [("p", "t"), (NetPort("x"), NetPort("p", "Input2"))]
    )
    assert {port for path, port in net.plan.shapes if not path} == {"Input1", "x", "Output"}


def test_what_is_given_is_not_changed():
    facts = {"axis": 1}
    layer = PlaceholderLayer("Foo", facts)
    facts["axis"] = 2
    assert layer.facts == {"axis": 1}


MISSING = (
    'net/b: PlaceholderLayer holds the place of "Foo": it cannot be evaluated or trained\n'
    '  hint: put a layer there: NetReplacePart(net, {"b": layer})'
)
ALONE = "PlaceholderLayer holds the place: it cannot be evaluated or trained\n  hint: use a layer in its place"
PORTS = "must be a number of {}, a list of names, a dict of types by name, or a list of types, got "
NAMES = "Arrays must be None, a list of different names, or a dict of arrays by name, got "


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: CHAIN(np.ones(5)), MISSING),
        (lambda: CHAIN({"Input": np.ones((2, 5))}, NetEvaluationMode="Train"), MISSING),
        (lambda: NetTrain(CHAIN, (np.ones((2, 5)), np.ones((2, 2)))), MISSING),
        (lambda: PlaceholderLayer()([1]), ALONE),
        (lambda: PlaceholderLayer(Input=3, Output=3)([1, 2, 3]), ALONE),
        (lambda: PlaceholderLayer(InputPorts=[])(), ALONE),
        (
            lambda: NetInitialize(CHAIN),
            "net/c: LinearLayer: the shape of Weights is not known (2×?), because the shape of Input is ?\n"
            "  hint: say it, as in Input=(3, 8), on the layer or on the net",
        ),
        (lambda: PlaceholderLayer(3), "PlaceholderLayer: tag must be a text or None, got 3"),
        (lambda: PlaceholderLayer("a", 3), "PlaceholderLayer: facts must be a dict whose keys are texts, got 3"),
        (lambda: PlaceholderLayer(Arrays="W"), f'PlaceholderLayer: {NAMES}"W"'),
        (lambda: PlaceholderLayer(Arrays=["W", "W"]), f'PlaceholderLayer: {NAMES}["W", "W"]'),
        (lambda: PlaceholderLayer(Arrays=["Input"]), "PlaceholderLayer: two ports or arrays are called Input"),
        (
            lambda: PlaceholderLayer(Arrays={"InputPorts": [1]}),
            "PlaceholderLayer: an array cannot be called InputPorts, which is an option",
        ),
        (
            lambda: PlaceholderLayer(Arrays={"W": "a"}),
            "PlaceholderLayer: W must be an array of real numbers, got <U1 values",
        ),
        (lambda: PlaceholderLayer(InputPorts=0), f"PlaceholderLayer: InputPorts {PORTS.format('inputs')}0"),
        (
            lambda: PlaceholderLayer(OutputPorts=["a", "a"]),
            f'PlaceholderLayer: OutputPorts {PORTS.format("outputs")}["a", "a"]',
        ),
        (
            lambda: PlaceholderLayer(OutputPorts={"a": "Nonsense"}),
            'PlaceholderLayer: OutputPorts must hold port types; a="Nonsense" is not a port type, '
            'got {"a": "Nonsense"}',
        ),
        (
            lambda: PlaceholderLayer(InputPorts=["x"], Input=3),
            "PlaceholderLayer: Input is not an option\n  hint: did you mean InputPorts?",
        ),
    ],
)
def test_errors(make, text):
    with pytest.raises(NetError) as error:
        make()
    assert str(error.value) == text
